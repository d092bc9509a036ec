"""Texts of cells found and replaced, trimmed, split into columns."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from tests.google.sheets.areas import Closed
from tests.google.sheets.entering import typed
from tests.google.sheets.rendering import formatted
from tests.google.sheets.requests.editing import Editing, Kind
from tests.google.sheets.requests.ranges import filled, grid_of, grow
from tests.google.sheets.spreadsheet import LONGEST_TEXT, Cell, Entered, Formula, Json
from tests.google.wire import bad

_SCOPES = ("range", "sheetId", "allSheets")
_Replace: TypeAlias = Callable[[str], tuple[str, int]]  # a text → (the text replaced, how many times)


def find_replace(editing: Editing, request: Json) -> Json:
    """Replaces a text wherever it is found; what a cell becomes is taken as if it were typed. Tells how many changed."""
    replace, with_formulas = _replacement(editing, request), bool(request.get("includeFormulas"))
    counts = {"valuesChanged": 0, "formulasChanged": 0, "rowsChanged": 0, "sheetsChanged": 0, "occurrencesChanged": 0}
    for area in _scope(editing, request):
        changed_rows = set()
        for row, column, cell in list(filled(area)):
            is_formula = isinstance(cell.entered, Formula)
            if is_formula and not with_formulas:
                continue
            text, occurrences = replace(shown(editing, cell))
            if not occurrences:
                continue
            if len(text) > LONGEST_TEXT:
                raise editing.refuse(
                    f"Your input contains more than the maximum of {LONGEST_TEXT} characters in a single cell."
                )
            area.sheet.put(row, column, [typed_into(editing, cell, text)])
            counts["formulasChanged" if is_formula else "valuesChanged"] += 1
            counts["occurrencesChanged"] += occurrences
            changed_rows.add(row)
        counts["rowsChanged"] += len(changed_rows)
        counts["sheetsChanged"] += bool(changed_rows)
    return {name: count for name, count in counts.items() if count}


def trim_whitespace(editing: Editing, request: Json) -> Json:
    """Takes away the white space around texts, and makes one space of what is left of it between words."""
    area, changed = editing.area(request.get("range")), 0
    for row, column, cell in list(filled(area)):
        if isinstance(cell.entered, str):
            # by name: a non-breaking space is no white space here
            trimmed = re.sub(r"[ \t\n\r\f\v]+", " ", cell.entered).strip(" ")
            if trimmed != cell.entered:
                area.sheet.put(row, column, [cell._replace(entered=trimmed or None, runs=())])
                changed += 1
    return {"cellsChangedCount": changed} if changed else {}


def text_to_columns(editing: Editing, request: Json) -> None:
    """Splits the texts of a column at a delimiter, over the columns to its right."""
    area = editing.area(request.get("source"))
    if len(area.columns) != 1:
        raise editing.refuse("source must span exactly one column.")
    cells = [(row, cell) for row, _, cell in filled(area) if not isinstance(cell.entered, Formula)]
    delimiter = _delimiter(editing, request, [shown(editing, cell) for _, cell in cells])
    for row, cell in cells:
        parts = shown(editing, cell).split(delimiter)
        if len(parts) > 1:
            grow(editing, area.sheet, 0, area.left + len(parts))
            there = [area.sheet.cell(row, area.left + at) for at in range(len(parts))]
            put = [typed_into(editing, old, part) for old, part in zip(there, parts, strict=True)]
            area.sheet.put(row, area.left, put)


def shown(editing: Editing, cell: Cell) -> str:
    """The text that is searched in a cell: its formula, or what it shows."""
    if isinstance(cell.entered, Formula):
        return cell.entered.text
    return formatted(cell.entered, (cell.format or {}).get("numberFormat"), editing.book.locale)


def typed_into(editing: Editing, cell: Cell, text: str) -> Cell:
    """A cell once a text is typed into it. A text of formula is in the language of en_US, as formulas are kept."""
    entered: Entered
    if text.startswith("=") and isinstance(cell.entered, Formula):
        entered, number_format = Formula(text), None
    else:
        entered, number_format = typed(text, editing.book.locale, (cell.format or {}).get("numberFormat"))
    cell = cell._replace(entered=None if entered == "" else entered, runs=())
    if number_format is None:
        return cell
    return cell._replace(format={**(cell.format or {}), "numberFormat": number_format})


def _scope(editing: Editing, request: Json) -> Iterator[Closed]:
    given = [name for name in request if name in _SCOPES]
    if not given:
        raise editing.refuse("Must specify a scope: range, sheetId or allSheets.")
    if len(given) > 1:
        where = f"requests[{editing.at}].find_replace"
        raise bad(f"Invalid value at '{where}' (oneof), oneof field 'scope' is already set. Cannot set '{given[1]}'")
    if given == ["range"]:
        yield editing.area(request["range"])
        return
    sheets = editing.book.sheets if given == ["allSheets"] else [grid_of(editing, request["sheetId"])]
    for sheet in sheets:
        if "gridProperties" in sheet.properties:
            yield Closed(sheet, 0, 0, sheet.row_count, sheet.column_count)


def _replacement(editing: Editing, request: Json) -> _Replace:
    find, replacement = str(request.get("find") or ""), str(request.get("replacement") or "")
    if not find:
        raise editing.refuse("find must not be empty.")
    is_regex, is_whole = bool(request.get("searchByRegex")), bool(request.get("matchEntireCell"))
    try:
        flags = 0 if request.get("matchCase") else re.IGNORECASE
        source = re.sub(r"\(\?<(?![=!])", "(?P<", find) if is_regex else re.escape(find)  # Java's names of groups
        pattern = re.compile(source, flags)
        fill = _template(replacement, pattern.groups) if is_regex else lambda found: replacement
    except (re.error, IndexError) as error:
        raise editing.refuse(f"Invalid regular expression: {error}") from None

    def replace(text: str) -> tuple[str, int]:
        if not is_whole:
            return pattern.subn(fill, text)
        found = pattern.fullmatch(text)
        return (fill(found), 1) if found else (text, 0)

    return replace


def _template(text: str, groups: int) -> Callable[[re.Match[str]], str]:
    """A replacement as Java writes it: "$1" is a group, and the longest number that is one; a backslash quotes."""
    parts: list[str | int] = []
    for quoted, number, other in re.findall(r"\\(.)|\$(\d+)|([^\\$]+|.)", text, re.DOTALL):
        if not number:
            parts.append(quoted or other)
            continue
        size = next((n for n in range(len(number), 0, -1) if int(number[:n]) <= groups), 0)
        if not size:
            raise IndexError(f"No group {number[0]}")
        parts += [int(number[:size]), number[size:]]
    return lambda found: "".join(part if isinstance(part, str) else found[part] or "" for part in parts)


_DELIMITERS = {"COMMA": ",", "SEMICOLON": ";", "PERIOD": ".", "SPACE": " "}


def _delimiter(editing: Editing, request: Json, texts: list[str]) -> str:
    kind = str(request.get("delimiterType") or "")
    if kind == "CUSTOM":
        if not request.get("delimiter"):
            raise editing.refuse("delimiter must be specified if delimiterType is CUSTOM.")
        return str(request["delimiter"])
    if kind == "AUTODETECT":  # the one that is in the most cells
        return max(_DELIMITERS.values(), key=lambda delimiter: sum(delimiter in text for text in texts))
    if kind not in _DELIMITERS:
        raise editing.refuse("delimiterType must be specified.")
    return _DELIMITERS[kind]


KINDS: Mapping[str, Kind] = {
    "findReplace": find_replace,
    "trimWhitespace": trim_whitespace,
    "textToColumns": text_to_columns,
}
