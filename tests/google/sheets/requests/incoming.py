"""Data pasted from outside: text with a delimiter, or a page of HTML."""

import csv
from collections.abc import Mapping
from html.parser import HTMLParser

from tests.google.sheets.requests.editing import Editing, Kind
from tests.google.sheets.requests.pasting import paste
from tests.google.sheets.requests.ranges import corner_of, grow
from tests.google.sheets.requests.replacing import typed_into
from tests.google.sheets.spreadsheet import EMPTY, Cell, Formula, Json


def paste_data(editing: Editing, request: Json) -> None:
    """Puts data in cells from a place on, each value taken as if it were typed; the grid grows to hold them."""
    sheet, top, left = corner_of(editing, request.get("coordinate"))
    text, kind = str(request.get("data") or ""), request.get("type", "PASTE_NORMAL")
    if request.get("html"):
        rows = _html_rows(text)
    elif request.get("delimiter"):
        rows = _delimited_rows(text, str(request["delimiter"]))
    else:
        raise editing.refuse("Must specify a kind of data: delimiter or html.")
    grow(editing, sheet, top + len(rows), left + max(map(len, rows), default=0))
    for at, values in enumerate(rows, top):
        cells = [sheet.cell(at, column) for column in range(left, left + len(values))]
        sheet.put(at, left, [_pasted(editing, kind, old, value) for old, value in zip(cells, values, strict=True)])


def _pasted(editing: Editing, kind: str, old: Cell, text: str) -> Cell:
    new = typed_into(editing, EMPTY._replace(format=old.format), text)
    value = None if isinstance(new.entered, Formula) else new.entered
    return paste(kind, old, new._replace(validation=old.validation, note=old.note), value, 0, 0)


def _delimited_rows(text: str, delimiter: str) -> list[list[str]]:
    if len(delimiter) == 1:
        return list(csv.reader(text.splitlines(keepends=True), delimiter=delimiter))
    return [line.split(delimiter) for line in text.splitlines()]


def _html_rows(text: str) -> list[list[str]]:
    reader = _TableReader()
    reader.feed(text)
    reader.close()
    return reader.rows


class _TableReader(HTMLParser):
    """The cells of the tables of a page; what stands outside of them is a row a block."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._text: list[str] = []
        self._in_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("td", "th"):
            self._end_cell()
            self._in_cell = True
        elif tag == "tr":
            self._end_block()
            self.rows.append([])
        elif tag == "br" and self._in_cell:
            self._text.append("\n")
        elif not self._in_cell:
            self._start_block(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr", "table"):
            self._end_cell()
        elif not self._in_cell:
            self._start_block(tag)

    def handle_data(self, data: str) -> None:
        self._text.append(" ".join(data.split()) if data.strip() else " " * bool(self._text))

    def close(self) -> None:
        super().close()
        self._end_block()

    def _start_block(self, tag: str) -> None:
        if tag in ("p", "div", "br", "li", "h1", "h2", "h3", "h4", "h5", "h6", "table"):
            self._end_block()

    def _end_cell(self) -> None:
        if self._in_cell:
            self.rows = self.rows or [[]]
            self.rows[-1].append("".join(self._text).strip(" "))
            self._text, self._in_cell = [], False

    def _end_block(self) -> None:
        self._end_cell()
        if text := "".join(self._text).strip():
            self.rows.append([text])
        self._text = []


KINDS: Mapping[str, Kind] = {"pasteData": paste_data}
