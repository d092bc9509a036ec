"""What of a registry goes into another one, of either kind: the cells of the staff, identifiers, the journal. Pure.

A registry to carry has one form whatever it comes from: the declared columns in their order, then those that the staff
added; rows keep their distance from the headers. The system's columns are left out, since each run fills them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from cdi_sync.cells import is_blank
from cdi_sync.edges.hints import LISTS
from cdi_sync.edges.workbook_google.columns import CALC
from cdi_sync.model import Assessment, CellError, Column, Finding, Grid, Layout, Raw, Tab
from cdi_sync.publish import SYSTEM_TABS
from cdi_sync.shown import JOURNAL
from cdi_sync.tables import find_columns, find_header, letters
from cdi_sync.text import fold

OURS = frozenset(map(fold, (*SYSTEM_TABS, LISTS, CALC)))
COPY = "_reprise"  # what the titles of tabs begin with that an import makes for a moment
_EPOCH = date(1899, 12, 30)
_BETWEEN_EPOCHS = (date(1904, 1, 1) - _EPOCH).days
_A_SECOND = 1 / 86_400

Rows = Sequence[Sequence[Raw]]


def is_ours(title: str) -> bool:
    """True for a tab that the software makes, whatever it holds."""
    return fold(title) in OURS or title.startswith(COPY)


@dataclass(frozen=True)
class CarriedTab:
    """A declared tab. added: headers of the columns that the staff added, as they stand.

    rows: those below the headers, in their order, each of as many cells as there are columns, declared then added.
    """

    tab: Tab
    added: Sequence[Raw]
    rows: Rows

    def column(self, at: int) -> Column | None:
        """What declares the column at an index from 0; None for one that the staff added."""
        return self.tab.columns[at] if at < len(self.tab.columns) else None

    def place(self, row: int, at: int) -> str:
        """A cell in words, by indexes from 0."""
        column = self.column(at)
        title = column.title if column else str(self.added[at - len(self.tab.columns)] or "sans titre")
        return f"{self.tab.title}, {self.rows[row][0] or f'ligne {row + 2}'}, « {title} »"


@dataclass(frozen=True)
class Carried:
    """A registry to carry. tabs: by name. own: title of a tab that the staff added → its rows. journal: from its title."""

    tabs: Mapping[str, CarriedTab]
    own: Mapping[str, Rows]
    journal: Rows

    def each(self, change: Callable[[Raw, Column | None], Raw]) -> "Carried":
        """The same with every cell changed, but identifiers. change: (cell, its declaration if any) → cell."""
        return Carried(
            {
                name: replace(
                    one, rows=[[row[0], *(change(cell, one.column(at)) for at, cell in enumerate(row[1:], 1))]
                               for row in one.rows],
                )
                for name, one in self.tabs.items()
            },
            {title: [[change(cell, None) for cell in row] for row in rows] for title, rows in self.own.items()},
            self.journal,
        )  # fmt: skip

    @property
    def cells(self) -> Iterator[tuple[str, Raw, Column | None]]:
        """Every cell that isn't blank: (its place in words, what it holds, its declaration if any)."""
        for one in self.tabs.values():
            for number, row in enumerate(one.rows):
                for at, cell in enumerate(row):
                    if not is_blank(cell):
                        yield one.place(number, at), cell, one.column(at)
        for title, rows in self.own.items():
            for place, cell in _filled(title, rows):
                yield place, cell, None


def carried(grids: Mapping[str, Grid], tabs: Sequence[Tab]) -> Carried:
    """What is carried of a workbook that `tables.read_registry` accepts. grids: title of a sheet → its raw cells."""
    by_name = {fold(title): grid for title, grid in grids.items()}
    names = {fold(name): tab for tab in tabs for name in (tab.title, *tab.aliases)}
    found = {names[name].name: grid for name, grid in by_name.items() if name in names}
    own = {grid.title: _trimmed(grid.rows) for name, grid in by_name.items() if name not in names and not is_ours(name)}
    journal = next((grid.rows for name, grid in by_name.items() if name == fold(JOURNAL)), ())
    return Carried(
        {tab.name: _tab(tab, found[tab.name]) for tab in tabs},
        {title: rows for title, rows in own.items() if rows},
        _trimmed(journal),
    )


def _tab(tab: Tab, grid: Grid) -> CarriedTab:
    layout, _ = find_columns(grid, tab)
    headers, body = grid.rows[layout.header_row - 1], grid.rows[layout.header_row :]
    added = [at for at in added_columns(grid, layout) if any(not is_blank(_at(row, at)) for row in (headers, *body))]
    places = [
        0 if column.is_system and number else layout.positions[column.key] for number, column in enumerate(tab.columns)
    ]
    rows = [[*(_since_1900(_at(row, at), column, grid) for at, column in zip(places, tab.columns, strict=True)),
             *(_at(row, at) for at in added)] for row in body]  # fmt: skip
    return CarriedTab(tab, [_at(headers, at) for at in added], _trimmed(rows))


def added_columns(grid: Grid, layout: Layout) -> Sequence[int]:
    """Positions, from 1, of a declared tab's columns that nothing declares, empty ones included."""
    declared = set(layout.positions.values())
    return [at for at in range(1, max(map(len, grid.rows), default=0) + 1) if at not in declared]


def _since_1900(cell: Raw, column: Column, grid: Grid) -> Raw:
    """A number of days of a workbook that counts them from 1904, as any other counts them."""
    is_days = column.type == "date" and isinstance(cell, int | float) and not isinstance(cell, bool)
    return cell + _BETWEEN_EPOCHS if grid.date1904 and is_days and not _is_year(cell) else cell  # type: ignore[operator]  # is_days


def _is_year(cell: Raw) -> bool:
    return isinstance(cell, int | float) and 1900 <= cell <= 2100 and cell == int(cell)


def is_lone_year(cell: Raw, column: Column | None) -> bool:
    """True for a number that a column of days holds and that says a year, "2009", rather than a day."""
    return column is not None and column.type == "date" and not isinstance(cell, bool) and _is_year(cell)


# ----------------------------------------------------------------------------------------- what is in the way


def occupied(grids: Mapping[str, Grid], tabs: Sequence[Tab]) -> Sequence[str]:
    """Where staff filled anything in a workbook, that may be no registry yet, in words; [] for one that is free."""
    names = {fold(name): tab for tab in tabs for name in (tab.title, *tab.aliases)}
    found = []
    for title, grid in grids.items():
        if is_ours(title):
            continue
        tab = names.get(fold(title))
        count = len(list(_typed_in(grid, tab) if tab else _filled(title, grid.rows)))
        if count:
            found.append(f"{title} ({count} cellule(s))")
    return found


def _typed_in(grid: Grid, tab: Tab) -> Iterator[tuple[str, Raw]]:
    header = find_header(grid, tab)
    if header is None:
        return _filled(grid.title, grid.rows)
    ours = {fold(name) for column in tab.columns if column.is_system for name in (column.title, *column.aliases)}
    known = {fold(name) for column in tab.columns for name in (column.title, *column.aliases)}
    titles = [fold(title) if isinstance(title, str) else "" for title in grid.rows[header - 1]]
    system = {at for at, title in enumerate(titles) if title in ours}
    kept = [[None if at in system else cell for at, cell in enumerate(row)] for row in grid.rows[header:]]
    strangers = [[None if title in known else title for title in titles]]
    return _filled(grid.title, [*grid.rows[: header - 1], *strangers, *kept])


# ----------------------------------------------------------------------------------------------- what differs


def differences(meant: Carried, found: Carried) -> Iterator[str]:
    """What a registry holds otherwise than it was meant to, in words."""
    for name, one in meant.tabs.items():
        other = found.tabs[name]
        if list(map(str, one.added)) != list(map(str, other.added)):
            yield f"{one.tab.title} : colonnes ajoutées {list(other.added)} au lieu de {list(one.added)}"
        for number in range(max(len(one.rows), len(other.rows))):
            for at in range(max(_width(one), _width(other))):
                a, b = _cell(one.rows, number, at), _cell(other.rows, number, at)
                if not is_same(a, b):
                    place = one.place(number, at) if number < len(one.rows) else f"{one.tab.title}, ligne {number + 2}"
                    yield f"{place} : {_told(b)} au lieu de {_told(a)}"
    for title, rows, others in (
        *((title, rows, found.own.get(title, ())) for title, rows in meant.own.items()),
        *((title, (), rows) for title, rows in found.own.items() if title not in meant.own),
        (JOURNAL, meant.journal, found.journal),
    ):
        for number in range(max(len(rows), len(others))):
            for at in range(max(map(len, (*rows[number : number + 1], *others[number : number + 1])), default=0)):
                a, b = _cell(rows, number, at), _cell(others, number, at)
                if not is_same(a, b):
                    yield f"{title} {letters(at + 1)}{number + 1} : {_told(b)} au lieu de {_told(a)}"


def is_same(one: Raw, other: Raw) -> bool:
    """True when two cells hold the same content, a day and its number of days being one."""
    if is_blank(one) or is_blank(other):
        return is_blank(one) and is_blank(other)
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    numbers = serial(one), serial(other)
    if None not in numbers:
        a, b = (n for n in numbers if n is not None)
        return abs(a - b) <= max(1e-12 * abs(a), _A_SECOND / 2 if _is_moment(one) or _is_moment(other) else 0)
    return _line_ends(one) == _line_ends(other)


def serial(cell: Raw) -> float | None:
    """The number that a workbook keeps for a number, a day or an hour; None for anything else."""
    if isinstance(cell, bool):
        return None
    if isinstance(cell, int | float):
        return float(cell)
    if isinstance(cell, datetime):
        return (cell.date() - _EPOCH).days + _of_day(cell.time())
    if isinstance(cell, date):
        return float((cell - _EPOCH).days)
    return _of_day(cell) if isinstance(cell, time) else None


def _of_day(value: time) -> float:
    return (value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1e6) / 86_400


def _is_moment(cell: Raw) -> bool:
    return isinstance(cell, datetime | time)


def _line_ends(cell: Raw) -> Raw:
    return cell.replace("\r\n", "\n").replace("\r", "\n") if isinstance(cell, str) else cell


def _told(cell: Raw) -> str:
    return "rien" if is_blank(cell) else f"« {cell.shown if isinstance(cell, CellError) else cell} »"


def unlike(before: Assessment, after: Assessment) -> Iterator[str]:
    """What two assessments of a registry, before and after it was carried, say otherwise, in words.

    Rows are told from the headers, which may stand lower in one of them; texts that quote rows are then not compared.
    """
    heads = [
        {name: layout.header_row for name, layout in each.registry.layouts.items()} for each in (before, after)
    ]  # fmt: skip
    moved = heads[0] != heads[1]
    told = [
        {_without_texts(f, f.row - at[f.tab]) if moved else f for f in each.findings}
        for each, at in zip((before, after), heads, strict=True)
    ]
    for finding in sorted(told[0] ^ told[1], key=lambda f: (f.tab, f.row, f.rule)):
        verb = "manque" if finding in told[0] else "est nouveau"
        yield f"constat {finding.rule}, {finding.tab} {finding.id}, « {finding.column} » {verb} : {finding.message}"
    for id_ in sorted(before.standings.keys() | after.standings.keys()):
        if before.standings.get(id_) != after.standings.get(id_) and not moved:
            yield f"situation de {id_}"


def _without_texts(finding: Finding, row: int) -> Finding:
    return replace(finding, row=row, message="", fix="", read="")


# ------------------------------------------------------------------------------------------------------ cells


def _trimmed(rows: Rows) -> Rows:
    """Without the blank rows at the end."""
    last = max((number for number, row in enumerate(rows, 1) if any(not is_blank(cell) for cell in row)), default=0)
    return rows[:last]


def _filled(title: str, rows: Rows) -> Iterator[tuple[str, Raw]]:
    for number, row in enumerate(rows, 1):
        for at, cell in enumerate(row, 1):
            if not is_blank(cell):
                yield f"{title} {letters(at)}{number}", cell


def _at(row: Sequence[Raw], position: int) -> Raw:
    return row[position - 1] if 0 < position <= len(row) else None


def _cell(rows: Rows, number: int, at: int) -> Raw:
    return rows[number][at] if number < len(rows) and at < len(rows[number]) else None


def _width(one: CarriedTab) -> int:
    return len(one.tab.columns) + len(one.added)
