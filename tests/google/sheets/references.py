"""References to cells in the text of a formula, rewritten when a block of cells changes place."""

import re
from collections.abc import Callable
from typing import NamedTuple

from tests.google.sheets.areas import column_of, letters, quoted
from tests.google.sheets.spreadsheet import Formula, Spreadsheet


class Box(NamedTuple):
    """A rectangle of a sheet, ends excluded; None is an open side."""

    sheet: int
    top: int | None = None
    left: int | None = None
    bottom: int | None = None
    right: int | None = None


_CORNER = r"(\$?)([A-Za-z]{1,3})(\$?)([1-9]\d*)"
_PARTS = re.compile(
    r'"(?:[^"]|"")*"'  # a text, left alone
    r"|(?P<title>'(?:[^']|'')+'!|[A-Za-z_]\w*!)?"
    rf"(?<![\w.$])(?P<start>{_CORNER})(?P<end>:{_CORNER})?(?![\w(.])"
)


def rewritten(formula: Formula, book: Spreadsheet, sheet: int, after: Callable[[Box], Box | None]) -> Formula:
    """A formula of a cell of that sheet, each reference to cells replaced by where they are after a change.

    after: where a rectangle is afterwards, None when it is no more ("#REF!"). References to whole rows or columns stay.
    """

    def replace(found: re.Match[str]) -> str:
        if not found["start"]:
            return found[0]
        box = _box(found, book, sheet)
        if box is None:
            return found[0]
        moved = after(box)
        return found[0] if moved == box else "#REF!" if moved is None else _written(found, book, sheet, box, moved)

    return Formula(_PARTS.sub(replace, formula.text))


def qualified(formula: Formula, title: str) -> Formula:
    """A formula whose references without a sheet name that one."""

    def replace(found: re.Match[str]) -> str:
        return found[0] if not found["start"] or found["title"] else f"{quoted(title)}!{found[0]}"

    return Formula(_PARTS.sub(replace, formula.text))


def _box(found: re.Match[str], book: Spreadsheet, sheet: int) -> Box | None:
    if found["title"]:
        title = found["title"][:-1]
        named = book.titled(title[1:-1].replace("''", "'") if title.startswith("'") else title)
        if named is None:
            return None
        sheet = named.id
    row, column = int(found[6]) - 1, column_of(found[4])
    other_row, other_column = (int(found[11]) - 1, column_of(found[9])) if found["end"] else (row, column)
    top, bottom, left, right = *sorted((row, other_row)), *sorted((column, other_column))
    return Box(sheet, top, left, bottom + 1, right + 1)


def _written(found: re.Match[str], book: Spreadsheet, sheet: int, before: Box, box: Box) -> str:
    assert box.top is not None and box.left is not None and box.bottom is not None and box.right is not None
    title = found["title"] or ""
    if box.sheet != before.sheet:
        there = book.sheet(box.sheet)
        title = f"{quoted(there.title)}!" if there and there.id != sheet else ""
    start = f"{found[3]}{letters(box.left)}{found[5]}{box.top + 1}"
    return title + start + (f":{found[8]}{letters(box.right - 1)}{found[10]}{box.bottom}" if found["end"] else "")
