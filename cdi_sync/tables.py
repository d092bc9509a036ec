"""Raw grids → typed rows: finds the columns, types each cell, resolves references, reports what can't be read.

A registry that can't be trusted as a whole (tab or header missing or doubled) raises `RegistryError`; everything
else becomes a `CellProblem` that names tab, row, column, what was read, what was expected and how to mend it.
Row and column numbers are the sheet's own, from 1.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from enum import Enum
from functools import cached_property
from typing import NamedTuple, TypeAlias

from cdi_sync.cells import Unreadable, is_blank, read_cell, shown
from cdi_sync.errors import RegistryError
from cdi_sync.model import CellProblem, Column, Grid, Layout, Raw, Registry, Row, Tab, Value
from cdi_sync.names import nearest
from cdi_sync.text import clean, fold

HEADER_SEARCH = 10  # rows from the top in which a header may stand
IDENTITY, UNREADABLE = "DATA-01", "DATA-02"  # rules that carry the problems of identity and of reading


def read_registry(grids: Mapping[str, Grid], tabs: Sequence[Tab]) -> Registry:
    """Types every declared tab. grids: by the sheet's title. Raises RegistryError, listing every cause at once."""
    found, causes = _find_grids(grids, tabs)
    layouts: dict[str, Layout] = {}
    for tab in tabs:
        if tab.name in found:
            layout, faults = find_columns(found[tab.name], tab)
            causes += faults
            layouts[tab.name] = layout
    if causes:
        raise _unusable(causes)
    readings = {tab.name: _TabReading(tab, found[tab.name], layouts[tab.name]) for tab in tabs}
    return _resolve(readings, layouts)


class _Cause(NamedTuple):
    """Why a workbook can't be read. `is_lack`: something declared isn't there, and `cdi schema apply` would add it."""

    text: str
    is_lack: bool = False


def _unusable(causes: Sequence[_Cause]) -> RegistryError:
    fix = "corriger les titres indiqués, puis relancer ; les colonnes peuvent être déplacées, pas supprimées."
    if all(cause.is_lack for cause in causes):
        fix = (
            "si un titre a été changé ou supprimé par mégarde, le rétablir ; si c'est le logiciel qui vient d'être mis à "
            "jour, lancer « cdi schema diff », qui dit ce qui manque, puis « cdi schema apply », qui l'ajoute."
        )
    return RegistryError(
        "Le classeur ne peut pas être lu comme un registre.", why="\n".join(cause.text for cause in causes), fix=fix
    )


# ------------------------------------------------------------------------------------------ tabs and headers


def _find_grids(grids: Mapping[str, Grid], tabs: Sequence[Tab]) -> tuple[dict[str, Grid], list[_Cause]]:
    by_name: dict[str, list[Grid]] = {}
    for title, grid in grids.items():
        by_name.setdefault(fold(title), []).append(grid)
    found, causes = {}, list[_Cause]()
    for tab in tabs:
        candidates = [g for name in (tab.title, *tab.aliases) for g in by_name.get(fold(name), [])]
        if len(candidates) == 1:
            found[tab.name] = candidates[0]
        elif candidates:
            titles = _quoted(g.title for g in candidates)
            causes.append(_Cause(f"Onglet « {tab.title} » : il y en a {len(candidates)} ({titles})."))
        else:
            near = get_close_matches(fold(tab.title), list(by_name), n=1, cutoff=0.7)
            hint = f" ; « {by_name[near[0]][0].title} » en est proche" if near else ""
            causes.append(_Cause(f"Onglet « {tab.title} » : introuvable{hint}.", is_lack=True))
    return found, causes


def _quoted(texts: object) -> str:
    return ", ".join(f"« {text} »" for text in texts)  # type: ignore[attr-defined]  # any iterable of str


def find_columns(grid: Grid, tab: Tab) -> tuple[Layout, list[_Cause]]:
    """Where the declared columns stand, by title or alias, whatever their order; and what prevents using them."""
    names = {fold(name): column.key for column in tab.columns for name in (column.title, *column.aliases)}
    header_row = _header_row(grid, names)
    if header_row is None:
        text = (
            f"Onglet « {tab.title} » : aucune ligne de titres dans les {HEADER_SEARCH} premières lignes "
            f"(titres attendus : {_quoted(c.title for c in tab.columns[:4])}…)."
        )
        return Layout(1, {}), [_Cause(text, is_lack=find_header(grid, tab) is not None)]
    positions: dict[str, int] = {}
    faults: list[_Cause] = []
    headers = grid.rows[header_row - 1]
    for index, raw in enumerate(headers, start=1):
        key = names.get(fold(str(raw))) if isinstance(raw, str) else None
        if key is None:
            continue
        if key in positions:
            faults.append(_doubled(tab, key, headers, positions[key], index))
        positions.setdefault(key, index)
    strangers = [clean(raw) for raw in headers if isinstance(raw, str) and fold(raw) and fold(raw) not in names]
    faults += [_missing(tab, column, strangers) for column in tab.columns if column.key not in positions]
    return Layout(header_row, positions, len(grid.rows), grid.title), faults


def _header_row(grid: Grid, names: Mapping[str, str]) -> int | None:
    """The first of the top rows that carries the most declared titles, and at least a third of them."""
    best, most = None, max(1, len(set(names.values())) // 3)
    for number, row in enumerate(grid.rows[:HEADER_SEARCH], start=1):
        count = len({names[fold(raw)] for raw in row if isinstance(raw, str) and fold(raw) in names})
        if count > most or (best is None and count == most):
            best, most = number, count
    return best


def find_header(grid: Grid, tab: Tab) -> int | None:
    """The row of titles of a sheet that may lack most of what is declared, for whoever would add it.

    The first of the top rows with the most declared titles: a third of them, or some with the identifier's.
    """
    names = {fold(name): column.key for column in tab.columns for name in (column.title, *column.aliases)}
    best, most = None, 0
    for number, row in enumerate(grid.rows[:HEADER_SEARCH], start=1):
        keys = {names[fold(raw)] for raw in row if isinstance(raw, str) and fold(raw) in names}
        enough = len(keys) * 3 >= len(tab.columns) or tab.columns[0].key in keys
        if enough and len(keys) > most:
            best, most = number, len(keys)
    return best


def _doubled(tab: Tab, key: str, headers: Sequence[Raw], first: int, second: int) -> _Cause:
    return _Cause(
        f"Onglet « {tab.title} » : la colonne « {tab.column(key).title} » est en double "
        f"({letters(first)} « {shown(headers[first - 1])} » et {letters(second)} « {shown(headers[second - 1])} »)."
    )


def _missing(tab: Tab, column: Column, strangers: Sequence[str]) -> _Cause:
    near = get_close_matches(fold(column.title), [fold(s) for s in strangers], n=1, cutoff=0.6)
    hint = f" ; « {next(s for s in strangers if fold(s) == near[0])} » l'a-t-elle remplacée ?" if near else ""
    return _Cause(f"Onglet « {tab.title} » : la colonne « {column.title} » manque{hint or '.'}", is_lack=True)


def letters(index: int) -> str:
    """Column letters of an index from 1: 5 → "E", 28 → "AB"."""
    name = ""
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name


# ------------------------------------------------------------------------------------------------------ rows


def make_id(tab: Tab, number: int) -> str:
    """The identifier of that number: ACT-00042."""
    return f"{tab.prefix}-{number:05d}"


class _Blank(Enum):
    """A cell that holds nothing: no value, where « néant » is a value that says so."""

    BLANK = ""


_BLANK = _Blank.BLANK
_Cell: TypeAlias = tuple[Column, Raw, Value | Unreadable | None]
_REPEATED = (str, float)  # what may be told by its content alone: True, 1 and 1.0 are one key


class _Reader(dict[Raw, "Value | Unreadable | _Blank | None"]):
    """Reads the cells of a column; the same content is read once, since most columns repeat few values."""

    def __init__(self, column: Column, date1904: bool) -> None:
        self._column, self._date1904 = column, date1904

    def __missing__(self, raw: Raw) -> "Value | Unreadable | _Blank | None":
        value = self[raw] = self.read(raw)
        return value

    def read(self, raw: Raw) -> "Value | Unreadable | _Blank | None":
        """The typed value, why it can't be read, or BLANK."""
        return _BLANK if is_blank(raw) else read_cell(raw, self._column, date1904=self._date1904)


class _TabReading:
    """The rows of one tab, typed but for their references, with the problems met."""

    def __init__(self, tab: Tab, grid: Grid, layout: Layout) -> None:
        self.tab, self.grid, self.layout = tab, grid, layout
        self.problems: list[CellProblem] = []
        self.spare: dict[int, str] = {}
        self.newly_numbered: dict[int, str] = {}
        self.last_noted = 0
        self.rows: list[Row] = []
        self._places = [
            (column, layout.positions[column.key] - 1, _Reader(column, grid.date1904))
            for column in tab.columns
            if not column.is_system
        ]
        self._required = [column for column in tab.columns if column.required]
        self._id_place = layout.positions[tab.columns[0].key] - 1
        self._ours = {layout.positions[column.key] - 1 for column in tab.columns}
        self._last_number = self._highest_number()
        for number, raws in enumerate(grid.rows[layout.header_row :], start=layout.header_row + 1):
            self._read_row(number, raws)
        self._quarantine_doubles()

    def _highest_number(self) -> int:
        number = re.compile(rf"{self.tab.prefix}-(\d+)")
        cells = (row[self._id_place] for row in self.grid.rows if len(row) > self._id_place)
        found = (number.fullmatch(clean(cell)) for cell in cells if isinstance(cell, str))
        return max((int(match[1]) for match in found if match), default=0)

    def _next_id(self) -> str:
        self._last_number += 1
        return make_id(self.tab, self._last_number)

    def _read_row(self, number: int, raws: Sequence[Raw]) -> None:
        id_ = shown(raws[self._id_place]) if len(raws) > self._id_place and not is_blank(raws[self._id_place]) else ""
        used = self._used_cells(raws)
        if not used:
            if any(not is_blank(raw) for at, raw in enumerate(raws) if at not in self._ours):
                self.last_noted = number
            if id_:
                self.spare[number] = id_
            return
        if not id_:
            id_ = self.newly_numbered[number] = self._next_id()
        self._add_row(number, id_, used)

    def _used_cells(self, raws: Sequence[Raw]) -> Sequence[_Cell]:
        width, used = len(raws), []
        for column, at, reader in self._places:
            if at < width and (raw := raws[at]) is not None:
                value = reader[raw] if raw.__class__ in _REPEATED else reader.read(raw)
                if value is not _BLANK:
                    used.append((column, raw, value))
        return used

    def _add_row(self, number: int, id_: str, used: Sequence[_Cell]) -> None:
        values: dict[str, Value] = {}
        unreadable: set[str] = set()
        for column, raw, value in used:
            if isinstance(value, Unreadable):
                unreadable.add(column.key)
                self.problems.append(self._unreadable(number, id_, column, raw, value))
            elif value is not None:
                values[column.key] = value
        for column in self._required:
            if column.key not in values and column.key not in unreadable:
                self.problems.append(self._empty(number, id_, column))
                unreadable.add(column.key)
        self.rows.append(Row(self.tab.name, id_, number, values, frozenset(unreadable)))

    def _unreadable(self, number: int, id_: str, column: Column, raw: Raw, why: Unreadable) -> CellProblem:
        return CellProblem(
            rule=UNREADABLE, tab=self.tab.name, id=id_, row=number, column=column.key, read=shown(raw),
            expected=why.expected, message=f"« {column.title} » illisible : {_ended(why.why)}", fix=_sentence(why.fix),
            severity=why.severity,
        )  # fmt: skip

    def _empty(self, number: int, id_: str, column: Column) -> CellProblem:
        return CellProblem(
            rule=UNREADABLE, tab=self.tab.name, id=id_, row=number, column=column.key, read="",
            expected="une valeur", message=f"« {column.title} » est vide : la ligne ne peut pas être suivie sans elle.",
            fix=f"Remplir « {column.title} ».",
        )  # fmt: skip

    @cached_property
    def called(self) -> Mapping[str, Sequence[Row]]:
        """The rows that may be referred to, by each name that people call them."""
        found: dict[str, list[Row]] = {}
        for row in self.rows:
            for name in {row.text(key) for key in self.tab.names} - {""}:
                if not row.quarantined:
                    found.setdefault(name, []).append(row)
        return found

    def _quarantine_doubles(self) -> None:
        count = Counter([row.id for row in self.rows if row.id] + list(self.spare.values()))
        doubled = {id_ for id_, times in count.items() if times > 1}
        for at, row in enumerate(self.rows):
            if row.id in doubled:
                others = [r.number for r in self.rows if r.id == row.id and r is not row]
                others += [number for number, id_ in self.spare.items() if id_ == row.id]
                self.problems.append(self._doubled(row, others))
                self.rows[at] = replace(row, quarantined=True)
        # doubled among empty rows alone, a number stays to the first, and the others can be given another; one that a used
        # row bears is reported, and stays
        free = doubled - {row.id for row in self.rows}
        first = {id_: number for number, id_ in reversed(self.spare.items())}
        self.spare = {number: id_ for number, id_ in self.spare.items() if id_ not in free or first[id_] == number}

    def _doubled(self, row: Row, others: Sequence[int]) -> CellProblem:
        column = self.tab.columns[0]
        return CellProblem(
            rule=IDENTITY, tab=self.tab.name, id=row.id, row=row.number, column=column.key, read=row.id,
            expected="un numéro qui ne sert qu'une fois",
            message=f"Le numéro {row.id} sert aussi ligne {', '.join(map(str, others))} : aucune des deux lignes "
            "n'est suivie.",
            fix="Effacer le numéro de la ligne copiée (la colonne A seulement) : elle en recevra un nouveau.",
        )  # fmt: skip


def _sentence(text: str) -> str:
    return _ended(text[:1].upper() + text[1:])


def _ended(text: str) -> str:
    return text if text.endswith((".", "?")) else f"{text}."


# ------------------------------------------------------------------------------------------------ rows to add


def number_of_id(id_: str) -> int:
    """42 for ACT-00042; 0 when it doesn't end on a number."""
    digits = id_.rpartition("-")[2]
    return int(digits) if digits.isdigit() else 0


def with_rows(registry: Registry, tab: Tab, added: Sequence[Mapping[str, Value]]) -> Registry:
    """The registry with rows added below the last used one of a tab, each with the identifier of the row it takes."""
    rows, spare = registry[tab.name], dict(registry.spare.get(tab.name, {}))
    numbered = dict(registry.newly_numbered.get(tab.name, {}))
    at = max((row.number for row in rows), default=registry.layouts[tab.name].header_row)
    at = max(at, registry.last_noted.get(tab.name, 0))
    highest = max(map(number_of_id, [*spare.values(), *(row.id for row in rows)]), default=0)
    new: list[Row] = []
    for values in added:
        at += 1
        id_ = spare.pop(at, "")
        if not id_:
            highest += 1
            id_ = numbered[at] = make_id(tab, highest)
        new.append(Row(tab.name, id_, at, values))
    return replace(
        registry,
        rows={**registry.rows, tab.name: (*rows, *new)},
        spare={**registry.spare, tab.name: spare},
        newly_numbered={**registry.newly_numbered, tab.name: numbered},
        added={**registry.added, tab.name: (*registry.added.get(tab.name, ()), *new)},
    )


# ------------------------------------------------------------------------------------------------ references


def _resolve(readings: Mapping[str, _TabReading], layouts: Mapping[str, Layout]) -> Registry:
    indexes = {name: _index(reading) for name, reading in readings.items()}
    proposals: dict[tuple[str, str], str] = {}  # a name typed a thousand times is looked for once
    rows: dict[str, tuple[Row, ...]] = {}
    problems: list[CellProblem] = []
    for name, reading in readings.items():
        problems += reading.problems
        references = [column for column in reading.tab.columns if column.type == "reference"]
        resolved = []
        for row in reading.rows:
            found: dict[str, str] = {}
            lost: list[str] = []
            for column in references:
                if column.key in row.values:
                    target = readings[column.reference]
                    id_, problem = _resolve_one(row, column, reading.tab, target, indexes[column.reference], proposals)
                    if id_:
                        found[column.key] = id_
                    else:
                        lost.append(column.key)
                    problems += [problem] if problem else []
            resolved.append(_with_references(row, found, lost))
        rows[name] = tuple(sorted(resolved, key=lambda row: row.id))  # sorting a sheet changes nothing of what is said
    return Registry(
        rows=rows,
        layouts=layouts,
        problems=tuple(problems),
        spare={name: reading.spare for name, reading in readings.items()},
        newly_numbered={name: reading.newly_numbered for name, reading in readings.items()},
        last_noted={name: reading.last_noted for name, reading in readings.items()},
    )


def _index(reading: _TabReading) -> dict[str, str | None]:
    """What designates a row (identifier or key, folded) → its identifier.

    None when an official code designates several rows; "" for a doubled identifier, reported on its own rows.
    """
    index: dict[str, str | None] = {}
    for row in reading.rows:
        for name in {fold(row.text(key)) for key in reading.tab.keys} - {""}:
            index[name] = None if name in index else row.id
        index[fold(row.id)] = "" if row.quarantined else row.id
    return index


def _with_references(row: Row, found: Mapping[str, str], lost: Sequence[str]) -> Row:
    """The row with what its references designate; one that designates nothing is unknown."""
    if lost:
        values = {key: value for key, value in row.values.items() if key not in lost}
        return replace(row, values={**values, **found}, unreadable=row.unreadable | set(lost))
    changed = any(row.values[key] != id_ for key, id_ in found.items())
    return replace(row, values={**row.values, **found}) if changed else row


def _resolve_one(
    row: Row,
    column: Column,
    tab: Tab,
    reading: _TabReading,
    index: Mapping[str, str | None],
    proposals: dict[tuple[str, str], str],
) -> tuple[str, CellProblem | None]:
    """The identifier that a reference designates, or "" and why not; a doubled one is reported on its own rows."""
    target = reading.tab
    typed = row.text(column.key)
    if index.get(typed.casefold()) == typed:  # nearly every reference is the number itself
        return typed, None
    name = fold(typed)
    id_ = index.get(name, index.get(name.split(" ")[0]))
    if id_:
        return id_, None
    if id_ == "":
        return "", None
    why = f"désigne plusieurs lignes de l'onglet « {target.title} »" if name in index else (
        f"ne désigne aucune ligne remplie de l'onglet « {target.title} »")  # fmt: skip
    if (target.name, name) not in proposals:
        proposals[target.name, name] = _proposal(typed, reading, index)
    problem = CellProblem(
        rule=IDENTITY, tab=tab.name, id=row.id, row=row.number, column=column.key, read=typed,
        expected=f"un numéro de l'onglet « {target.title} », comme {target.prefix}-00001",
        message=f"« {column.title} » : « {typed} » {why}{proposals[target.name, name]}",
        fix=f"Choisir le bon numéro dans la liste, ou remplir d'abord la ligne de l'onglet « {target.title} ».",
    )  # fmt: skip
    return "", problem


def _proposal(typed: str, reading: _TabReading, index: Mapping[str, str | None]) -> str:
    """The end of the message: the rows that the text may stand for, by number or by name. Never one of them chosen."""
    prefix = reading.tab.prefix
    digits = re.fullmatch(rf"(?:{prefix})?[ \-]*0*(\d{{1,5}})", clean(typed).upper())
    if digits and index.get(fold(make_id(reading.tab, int(digits[1])))):
        return f" ; vouliez-vous dire {make_id(reading.tab, int(digits[1]))} ?"
    # in order of names and numbers: equally near ones would come as their rows do
    ids = {name: sorted({row.id for row in rows}) for name, rows in reading.called.items()}
    told = [f"« {id_} {name} »" for name in nearest(typed, sorted(ids)) for id_ in ids[name]][:3]
    return f" ; vouliez-vous dire {' ou '.join(told)} ?" if told else "."
