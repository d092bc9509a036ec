"""What the values of a spreadsheet don't tell: days in columns that the staff added, formulas, notes, charts.

One request, for whoever moves a registry; everyday readings do without.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import gspread

from cdi_sync.edges.carrying import is_ours
from cdi_sync.edges.workbook_google.reading import GoogleSnapshot, as_date
from cdi_sync.model import Grid, Layout, Raw, Tab
from cdi_sync.shown import quoted
from cdi_sync.tables import find_columns, letters
from cdi_sync.text import fold

_FIELDS = (
    "sheets(properties(title,sheetType),charts(chartId),data(rowData(values("
    "note,userEnteredValue(formulaValue),effectiveFormat(numberFormat(type))))))"
)


def detailed(
    http: gspread.HTTPClient, spreadsheet: str, snapshot: GoogleSnapshot, tabs: Mapping[str, Tab]
) -> tuple[Mapping[str, Grid], Sequence[str]]:
    """The cells to carry, days typed as such everywhere, and what can't be carried, in words. Raises RegistryError."""
    titles = [title for title in snapshot.grids if not is_ours(title)]
    asked: Any = {"fields": _FIELDS, "ranges": [_used(snapshot.grids[title]) for title in titles]}
    told = {sheet["properties"]["title"]: sheet
            for sheet in http.fetch_sheet_metadata(spreadsheet, params=asked).get("sheets", ())}  # fmt: skip
    names = {fold(name): tab for tab in tabs.values() for name in (tab.title, *tab.aliases)}
    grids, left = dict(snapshot.grids), ["les commentaires de Google, que le robot ne lit pas, ne sont pas repris"]
    for title in titles:
        sheet, grid = told.get(title, {}), snapshot.grids[title]
        tab = names.get(fold(title))
        layout = find_columns(grid, tab)[0] if tab else None
        cells = _Cells(sheet)
        declared = set(layout.positions.values()) if layout else set()
        grids[title] = Grid(title, [
            [cell if at in declared else _typed(cell, cells.kind(row, at)) for at, cell in enumerate(line, 1)]
            for row, line in enumerate(grid.rows, 1)
        ])  # fmt: skip
        left += _left(title, grid, cells, tab, layout)
        if sheet.get("charts"):
            left.append(f"{title} : {len(sheet['charts'])} graphique(s) ne sont pas repris")
    return grids, left


def _used(grid: Grid) -> str:
    """The cells that hold anything; a note on an empty cell beyond them isn't looked for."""
    return f"{quoted(grid.title)}!A1:{letters(max([1, *map(len, grid.rows)]))}{max(1, len(grid.rows))}"


class _Cells:
    """What Google tells of the cells of a sheet, by row and column from 1."""

    def __init__(self, sheet: Mapping[str, Any]) -> None:
        data = sheet.get("data") or [{}]
        self._rows = [row.get("values", ()) for row in data[0].get("rowData", ())]

    def kind(self, row: int, at: int) -> str:
        """DATE, DATE_TIME, TIME, NUMBER…; "" when no format is set."""
        return str(self._at(row, at).get("effectiveFormat", {}).get("numberFormat", {}).get("type", ""))

    def formulas(self) -> Iterator[tuple[int, int]]:
        return self._that(lambda cell: "formulaValue" in cell.get("userEnteredValue", {}))

    def notes(self) -> Iterator[tuple[int, int]]:
        return self._that(lambda cell: bool(cell.get("note")))

    def _that(self, is_so: Any) -> Iterator[tuple[int, int]]:
        for row, cells in enumerate(self._rows, 1):
            for at, cell in enumerate(cells, 1):
                if is_so(cell):
                    yield row, at

    def _at(self, row: int, at: int) -> Mapping[str, Any]:
        cells = self._rows[row - 1] if row <= len(self._rows) else ()
        return cells[at - 1] if at <= len(cells) else {}


def _typed(cell: Raw, kind: str) -> Raw:
    if not isinstance(cell, float) or isinstance(cell, bool):
        return cell
    if kind in ("DATE", "DATE_TIME"):
        return as_date(cell)
    if kind == "TIME" and 0 <= cell < 1:
        return (datetime.min + timedelta(seconds=min(round(cell * 86_400), 86_399))).time()
    return cell


def _left(title: str, grid: Grid, cells: _Cells, tab: Tab | None, layout: Layout | None) -> Iterator[str]:
    head = layout.header_row if layout else 0
    declared = set(layout.positions.values()) if layout else set()
    system = {at for key, at in layout.positions.items() if tab.column(key).is_system} if tab and layout else set()
    higher = [str(cell) for row in grid.rows[: max(head - 1, 0)] for cell in row if cell is not None]
    yield from (f"{title} : « {text} », au-dessus des titres, n'est pas repris" for text in higher)
    formulas = [f"{letters(at)}{row}" for row, at in cells.formulas() if at not in system]
    if formulas:
        yield f"{title} : {len(formulas)} formule(s), dont la valeur seule est reprise ({', '.join(formulas)})"
    for row, at in cells.notes():
        if not (row == head and at in declared):  # those are ours
            yield f"{title} {letters(at)}{row} : la note n'est pas reprise"
    if tab is None:
        yield f"{title} : l'onglet est repris sans sa mise en forme"
