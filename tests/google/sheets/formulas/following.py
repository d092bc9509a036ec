"""References that follow edits: formulas rewritten, with all that isn't concerned kept as it was typed."""

import math
from collections.abc import Callable
from typing import NamedTuple

from tests.google.sheets.areas import quoted
from tests.google.sheets.formulas.results import Edit
from tests.google.sheets.formulas.syntax import Corner, Reference, read_reference, title_of
from tests.google.sheets.formulas.tokens import Token, tokens
from tests.google.sheets.spreadsheet import MOST_COLUMNS, Formula, Spreadsheet

_GONE = "#REF!"


def moved(formula: Formula, book: Spreadsheet, sheet: int, edit: Edit) -> Formula:
    """A formula of a cell of that sheet, its references following an edit; "#REF!" for what was taken away."""

    def follow(reference: Reference) -> Reference | None:
        if reference.title is None:
            concerned = sheet == edit.sheet
        else:
            named = book.titled(reference.title)
            concerned = named is not None and named.id == edit.sheet
        return _edited(reference, edit) if concerned else reference

    return _rewritten(formula, follow)


def shifted(formula: Formula, rows: int, columns: int) -> Formula:
    """A formula copied so many rows and columns further: relative references move, absolute ones stay."""

    def shift(corner: Corner) -> Corner:
        row, column, row_fixed, column_fixed = corner
        if row is not None and not row_fixed:
            row += rows
        if column is not None and not column_fixed:
            column += columns
        return corner._replace(row=row, column=column)

    def follow(reference: Reference) -> Reference | None:
        start, end = shift(reference.start), reference.end and shift(reference.end)
        if not all(_exists(corner) for corner in (start, end) if corner):
            return None
        return reference._replace(start=start, end=end)

    return _rewritten(formula, follow)


def renamed(formula: Formula, old: str, new: str) -> Formula:
    """A formula once the sheet `old` is called `new`."""

    def rename(token: Token) -> str:
        prefix = token.text[: token.text.rfind("!") + 1] if token.kind == "reference" else ""
        if prefix and title_of(prefix).casefold() == old.casefold():
            return f"{quoted(new)}!{token.text[len(prefix) :]}"
        return token.text

    return _each_token(formula, rename)


def _rewritten(formula: Formula, follow: Callable[[Reference], Reference | None]) -> Formula:
    def rewrite(token: Token) -> str:
        if token.kind != "reference":
            return token.text
        reference = read_reference(token.text)
        following = follow(reference)
        return token.text if following == reference else _GONE if following is None else str(following)

    return _each_token(formula, rewrite)


def _each_token(formula: Formula, rewrite: Callable[[Token], str]) -> Formula:
    try:
        return Formula("=" + "".join(rewrite(token) for token in tokens(formula.text[1:])))
    except ValueError:  # what can't be read has no references
        return formula


def _exists(corner: Corner) -> bool:
    row, column = corner.row, corner.column
    return (row is None or row >= 0) and (column is None or 0 <= column < MOST_COLUMNS)


# ------------------------------------------------------------------------------------------- lines of the grid


class _Lines(NamedTuple):
    """Lines of a reference, the last excluded; None where it is open."""

    start: int | None
    end: int | None


def _edited(reference: Reference, edit: Edit) -> Reference | None:
    side = "row" if edit.dimension == "ROWS" else "column"
    first, second = reference.start, reference.end or reference.start
    one, other = getattr(first, side), getattr(second, side)
    is_backward = one is None or (other is not None and other < one)  # "B5:B2", or "A:A2", open at its end all the same
    if is_backward:
        one, other = other, one
    after = _after(_Lines(one, None if other is None else other + 1), edit)
    if after is None:
        return None
    one, other = after.start, None if after.end is None else after.end - 1
    if is_backward:
        one, other = other, one
    return reference._replace(start=_with(first, side, one), end=reference.end and _with(second, side, other))


def _with(corner: Corner, side: str, line: int | None) -> Corner:
    return corner._replace(row=line) if side == "row" else corner._replace(column=line)


def _after(lines: _Lines, edit: Edit) -> _Lines | None:
    """The lines after an edit; None when all of them were taken away."""
    if edit.what == "insert":
        return _inserted(lines, edit.start, edit.end - edit.start)
    if edit.what == "delete":
        return _deleted(lines, edit.start, edit.end)
    first, last = lines.start or 0, math.inf if lines.end is None else lines.end
    if first <= edit.start and edit.end <= last and first <= edit.to <= last and edit.end - edit.start < last - first:
        return lines  # the lines change places within
    size = edit.end - edit.start
    before = edit.to if edit.to <= edit.start else edit.to - size  # where they go once they are out of the grid
    kept = _deleted(lines, edit.start, edit.end)
    if kept is None:  # all of them move
        return _Lines(*(None if side is None else side - edit.start + before for side in lines))
    return _inserted(kept, before, size)


def _inserted(lines: _Lines, at: int, count: int) -> _Lines:
    start, end = lines
    return _Lines(
        start + count if start is not None and start >= at else start,
        end + count if end is not None and end > at else end,
    )


def _deleted(lines: _Lines, first: int, last: int) -> _Lines | None:
    start, end = (None if side is None else side - max(0, min(side, last) - first) for side in lines)
    return None if start is not None and start == end else _Lines(start, end)
