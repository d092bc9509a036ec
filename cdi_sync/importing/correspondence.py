"""Which column of a list is which column of the registry: proposed from titles and values, shown, then a person's to change.

Rows and columns count from 1. A `Target` names a column of the registry as "tab.key", "" for none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from cdi_sync.cells import Unreadable, is_blank, read_cell, read_partial, shown
from cdi_sync.importing.vocabulary import COUNCIL, COUNTRY, FORM, PARTNER, SIGNED, Vocabulary, plain
from cdi_sync.model import Grid, Raw
from cdi_sync.reference.countries import find_country
from cdi_sync.tables import letters

HEADER_SEARCH = 20  # rows from the top in which the titles may stand: lists have letterheads
_NEAR_TITLE = 0.82
_ENOUGH = 0.8  # share of a column's values that must be of a kind for the kind to be believed
_EXACT, _NEAR, _VALUES = "titre connu", "titre proche", "d'après les valeurs"


@dataclass(frozen=True)
class Target:
    """One column of the list. `to`: "tab.key" or "". `how`: why it is proposed, for people."""

    column: int
    header: str
    to: str = ""
    how: str = ""


@dataclass(frozen=True)
class SheetPlan:
    """How a sheet is read. header_row: None when it holds no table. constants: column → text that holds for all its rows."""

    title: str
    header_row: int | None
    targets: tuple[Target, ...] = ()
    constants: Mapping[str, str] = field(default_factory=dict)

    def to(self, name: str) -> Target | None:
        """The column of the list that fills that column of the registry."""
        return next((target for target in self.targets if target.to == name), None)


@dataclass(frozen=True)
class Correspondence:
    """The plan of every sheet of a list."""

    sheets: tuple[SheetPlan, ...]


def propose(grids: Sequence[Grid], words: Vocabulary, *, council: str = "") -> Correspondence:
    """A plan for each sheet. council: the number of the only council that the registry holds, "" when there are several."""
    return Correspondence(tuple(_sheet(grid, words, council) for grid in grids))


def with_council(plan: Correspondence, council: str) -> Correspondence:
    """The same plan, where rows that name no council are that council's."""
    return Correspondence(
        tuple(replace(sheet, constants={**sheet.constants, COUNCIL: council}) for sheet in plan.sheets)
    )


def contradiction(plan: Correspondence, grids: Sequence[Grid]) -> str:
    """Why a plan made earlier doesn't fit the list (French), "" when it does: a sheet or a title isn't where it says."""
    by_title = {grid.title: grid for grid in grids}
    for sheet in plan.sheets:
        if sheet.title not in by_title:
            return f"la liste n'a pas de feuille « {sheet.title} »"
        rows = by_title[sheet.title].rows
        headers = rows[sheet.header_row - 1] if sheet.header_row and sheet.header_row <= len(rows) else ()
        for target in sheet.targets:
            found = headers[target.column - 1] if target.column <= len(headers) else None
            if sheet.header_row and plain("" if is_blank(found) else shown(found)) != plain(target.header):
                place = f"feuille « {sheet.title} », ligne {sheet.header_row}, colonne {letters(target.column)}"
                return f"{place} : « {'' if is_blank(found) else shown(found)} » au lieu de « {target.header} »"
    return ""


def _sheet(grid: Grid, words: Vocabulary, council: str) -> SheetPlan:
    header_row = _header_row(grid, words)
    if header_row is None:
        return SheetPlan(grid.title, None)
    targets = _targets(grid, header_row, words)
    taken = {target.to for target in targets}
    constants = {}
    if council and COUNCIL not in taken:
        constants[COUNCIL] = council
    if FORM not in taken and (form := _form_of_title(grid, header_row, words)):
        constants[FORM] = form
    return SheetPlan(grid.title, header_row, targets, constants)


def _header_row(grid: Grid, words: Vocabulary) -> int | None:
    """The first of the top rows that carries the most known titles, two at least."""
    best, most = None, 1
    for number, row in enumerate(grid.rows[:HEADER_SEARCH], start=1):
        texts = [raw for raw in row if isinstance(raw, str) and not is_blank(raw)]
        count = len({name for text in texts if (name := _by_header(text, words)[0])})
        if count > most:
            best, most = number, count
    return best


def _by_header(header: str, words: Vocabulary) -> tuple[str, str]:
    """(column, why) that a title stands for; ("", "") when it says nothing."""
    known, typed = words.by_title, plain(header)
    if typed in known:
        return known[typed], _EXACT
    without_unit = plain(header.partition("(")[0])
    if without_unit in known:
        return known[without_unit], _EXACT
    near = get_close_matches(typed, known, n=1, cutoff=_NEAR_TITLE) if len(typed) > 3 else []
    return (known[near[0]], _NEAR) if near else ("", "")


def _targets(grid: Grid, header_row: int, words: Vocabulary) -> tuple[Target, ...]:
    headers = [shown(raw) if not is_blank(raw) else "" for raw in grid.rows[header_row - 1]]
    width = max((len(row) for row in grid.rows[header_row - 1 :]), default=0)
    headers += [""] * (width - len(headers))
    values = [
        [row[at] for row in grid.rows[header_row:] if at < len(row) and not is_blank(row[at])] for at in range(width)
    ]
    found = [_proposed(header, cells, words) for header, cells in zip(headers, values, strict=True)]
    taken: dict[str, int] = {}
    for rank in (_EXACT, _NEAR, _VALUES):  # of two columns for one place, the surest
        for at, (name, how) in enumerate(found):
            if how == rank:
                taken.setdefault(name, at)
    return tuple(
        Target(at + 1, header, *(found[at] if taken.get(found[at][0]) == at else ("", "")))
        for at, header in enumerate(headers)
        if header or values[at]
    )


def _proposed(header: str, values: Sequence[Raw], words: Vocabulary) -> tuple[str, str]:
    by_header, by_values = _by_header(header, words) if header else ("", ""), _by_values(values, words)
    if not by_header[0]:
        # any column may hold dates: they alone don't say which
        return (by_values, _VALUES) if by_values and (by_values != SIGNED or "date" in plain(header)) else ("", "")
    # a title such as « Type » or « Partenaire » may cover something else: the values decide when they are clear
    if by_values in (FORM, COUNTRY) and by_values != by_header[0] and not _fit(by_header[0], values, words):
        return by_values, _VALUES
    return by_header


def _by_values(values: Sequence[Raw], words: Vocabulary) -> str:
    """The column that the values alone speak for, "" when they don't."""
    if len(values) < 3:
        return ""
    enough = _ENOUGH * len(values)
    texts = [shown(value) for value in values]
    if sum(words.form(text) is not None for text in texts) >= enough:
        return FORM
    if sum(len(text) > 2 and find_country(text) is not None for text in texts) >= enough:
        return COUNTRY
    dates = sum(not isinstance(value, int | float) and _is_read(SIGNED, value, words) for value in values)
    return SIGNED if dates >= enough else ""


def _fit(name: str, values: Sequence[Raw], words: Vocabulary) -> bool:
    """True when half of the values at least can be read under that column. Names of partners can't be told by reading."""
    return name != PARTNER and 2 * sum(_is_read(name, value, words) for value in values) >= len(values)


def _is_read(name: str, value: Raw, words: Vocabulary) -> bool:
    in_part = name == SIGNED and read_partial(value) is not None
    return in_part or not isinstance(read_cell(value, words.targets[name]), Unreadable)


def _form_of_title(grid: Grid, header_row: int, words: Vocabulary) -> str:
    """The label of the one form that the sheet's title, or a line above its table, names; "" for none or several."""
    above = [shown(raw) for row in grid.rows[: header_row - 1] for raw in row if isinstance(raw, str) and raw]
    named = {
        form
        for text in (grid.title, *above)
        for said, (form, _) in words.forms.items()
        if f" {said} " in f" {plain(text)} "
    }
    labels = {category.value: category.label for category in words.targets[FORM].categories}
    return labels[named.pop()] if len(named) == 1 else ""
