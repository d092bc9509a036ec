"""Rows of a list → new rows of the registry, and a fate for each row and cell: placed, doubled, or left with a reason.

A partner is linked to the one row of its name and country, else added. An agreement that the registry or the list holds
already (same council, partner and form, near date) isn't added. Rows of the list keep the order of the file.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from cdi_sync.cells import is_blank, shown
from cdi_sync.importing.correspondence import Correspondence, SheetPlan, Target
from cdi_sync.importing.parties import Councils, Partners
from cdi_sync.importing.twins import Agreement, Agreements
from cdi_sync.importing.values import Understood, Written, form_of, understand
from cdi_sync.importing.vocabulary import (
    ACTS,
    COUNCIL,
    COUNTRY,
    FORM,
    JOINED,
    MONTH,
    PARTNER,
    PARTNERS,
    SIGNED,
    YEAR,
    Vocabulary,
)
from cdi_sync.model import Form, Grid, Raw, Registry
from cdi_sync.tables import letters, make_id
from cdi_sync.text import tidy

MOTIVE = "repris de la liste existante"


class Fate(StrEnum):
    """What becomes of a row of the list."""

    PLACED = "place"  # it gives a new row
    DOUBLED = "double"  # the registry, or an earlier row, holds it already
    LEFT = "ecarte"  # nothing is made of it: `why` says why


@dataclass(frozen=True)
class CellFate:
    """One cell that holds something. place: "ACT-00042.objet" where it stands, "" when left; why: then, the reason."""

    column: int
    header: str
    text: str
    place: str = ""
    why: str = ""


@dataclass(frozen=True)
class RowFate:
    """One row of the list, by the sheet and number that a person sees. ids: the rows of the registry it became or is."""

    sheet: str
    row: int
    fate: Fate
    cells: tuple[CellFate, ...]
    ids: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True)
class Addition:
    """A new row: its number in the sheet, its identifier, and what its cells hold by column key."""

    row: int
    id: str
    cells: Mapping[str, Written]


@dataclass(frozen=True)
class Options:
    """historical: agreements signed before `today` are marked as old ones."""

    today: date
    historical: bool = False


@dataclass(frozen=True)
class Import:
    """What importing a list does: the rows to add, by tab, and the fate of every row of the list."""

    additions: Mapping[str, tuple[Addition, ...]]
    rows: tuple[RowFate, ...]
    correspondence: Correspondence

    def count(self, fate: Fate) -> int:
        """How many rows have that fate."""
        return sum(row.fate is fate for row in self.rows)


def place(
    grids: Sequence[Grid], plan: Correspondence, registry: Registry, words: Vocabulary, options: Options
) -> Import:
    """Decides everything; writes nothing."""
    desk = _Desk(registry, words, options)
    by_title = {sheet.title: sheet for sheet in plan.sheets}
    rows = [fate for grid in grids for fate in desk.read(grid, by_title.get(grid.title, SheetPlan(grid.title, None)))]
    return Import(desk.additions(), tuple(rows), plan)


class _Reserve:
    """The next free numbered rows of a tab, then new numbers below."""

    def __init__(self, name: str, registry: Registry, words: Vocabulary) -> None:
        tab, layout = words.tabs[name], registry.layouts[name]
        used = [row.number for row in registry[name]]
        spare = registry.spare.get(name, {})
        last = max(used, default=layout.header_row)
        self._tab = tab
        self._free = [(number, id_) for number, id_ in sorted(spare.items()) if number > last]
        self._next_row = max([last, *spare]) + 1
        ids = [*spare.values(), *(row.id for row in registry[name])]
        self._highest = max((int(id_.rpartition("-")[2]) for id_ in ids if id_.rpartition("-")[2].isdigit()), default=0)
        self.new: list[tuple[int, str]] = []

    def take(self) -> str:
        """The identifier of the next row."""
        at = len(self.new)
        if at >= len(self._free):
            self._highest += 1
            self._free.append((self._next_row, make_id(self._tab, self._highest)))
            self._next_row += 1
        self.new.append(self._free[at])
        return self._free[at][1]


class _Desk:
    """Reads the list row by row, remembering what it has placed."""

    def __init__(self, registry: Registry, words: Vocabulary, options: Options) -> None:
        self._words, self._options = words, options
        self._councils = Councils(registry)
        self._partners = Partners(registry)
        self._agreements = Agreements(registry)
        self._reserves = {name: _Reserve(name, registry, words) for name in (ACTS, PARTNERS)}
        self._cells: dict[str, dict[str, Written]] = {}  # identifier of a new row → its cells by key

    def additions(self) -> Mapping[str, tuple[Addition, ...]]:
        return {
            name: tuple(Addition(row, id_, self._cells[id_]) for row, id_ in reserve.new)
            for name, reserve in self._reserves.items()
        }

    # ------------------------------------------------------------------------------------------------- rows

    def read(self, grid: Grid, plan: SheetPlan) -> Iterator[RowFate]:
        """The fate of every row of a sheet that holds something."""
        for number, raws in enumerate(grid.rows, start=1):
            if all(map(is_blank, raws)):
                continue
            if plan.header_row is None:
                yield _left(plan, number, raws, "cet onglet ne contient pas de tableau dont les titres soient connus")
            elif number < plan.header_row:
                yield _left(plan, number, raws, "ligne placée au-dessus des titres")
            elif number == plan.header_row:
                yield _left(plan, number, raws, "ligne des titres")
            elif why := self._not_an_agreement(grid, plan, raws):
                yield _left(plan, number, raws, why)
            else:
                yield self._row(grid, plan, number, raws)

    def _not_an_agreement(self, grid: Grid, plan: SheetPlan, raws: Sequence[Raw]) -> str:
        texts = [shown(raw) for raw in raws if not is_blank(raw)]
        if self._words.is_total(texts[0]):
            return "ligne de total"
        if texts == [shown(raw) for raw in grid.rows[(plan.header_row or 1) - 1] if not is_blank(raw)]:
            return "titres répétés"
        partner = plan.to(PARTNER)
        if partner is None:
            return "aucune colonne ne donne le partenaire"
        return "" if _cell(raws, partner) is not None else "aucun partenaire sur cette ligne"

    def _row(self, grid: Grid, plan: SheetPlan, number: int, raws: Sequence[Raw]) -> RowFate:
        understood = self._understood(grid, plan, raws)
        partner, country = shown_whole(_cell(raws, _known(plan, PARTNER))), _written(understood, COUNTRY)
        is_agreement = any(t.to.startswith(f"{ACTS}.") for t in plan.targets) or FORM in plan.constants
        council = self._council(plan, raws) if is_agreement else ("", "")
        known = self._partners.find(partner, country)
        if council[1] or known.why:
            return _left(plan, number, raws, council[1] or known.why)
        values = self._values(plan, understood)
        if is_agreement:
            agreement = self._agreement(values, council[0], known.id or f"nouveau {known.key}")
            if twin := self._agreements.twin(agreement):
                return _left(plan, number, raws, twin.why, fate=Fate.DOUBLED, ids=(twin.id,))
        elif known.id:
            return _left(plan, number, raws, f"ce partenaire est déjà {known.id}", fate=Fate.DOUBLED, ids=(known.id,))
        partner_id = known.id or self._add_partner(partner, country)
        self._complete(partner_id, values)
        ids: tuple[str, ...] = (partner_id,)
        if is_agreement:
            agreement_id = self._add_agreement(
                values, agreement.with_partner(partner_id), f"même acte que ligne {number}"
            )
            ids = (agreement_id, partner_id)
        return RowFate(plan.title, number, Fate.PLACED, tuple(self._fates(plan, raws, understood, ids)), ids)

    def _understood(self, grid: Grid, plan: SheetPlan, raws: Sequence[Raw]) -> Mapping[int, Understood]:
        """What each mapped cell says, by column of the list."""
        form = plan.to(FORM)
        said = understand(_cell(raws, form), FORM, "", self._words) if form and _cell(raws, form) is not None else None
        label = said.cells.get(FORM) if said else plan.constants.get(FORM)
        joined = form_of(label, self._words) is Form.ADHESION_OING
        return {
            target.column: understand(raw, target.to, target.header, self._words, date1904=grid.date1904, joined=joined)
            for target in plan.targets
            if target.to and target.to not in (COUNCIL, PARTNER) and (raw := _cell(raws, target)) is not None
        }

    def _council(self, plan: SheetPlan, raws: Sequence[Raw]) -> tuple[str, str]:
        """(identifier, "") of the row's council, or ("", why)."""
        column = plan.to(COUNCIL)
        raw = _cell(raws, column) if column else None
        text = shown(raw) if raw is not None else plan.constants.get(COUNCIL, "")
        return self._councils.find(text)

    def _values(self, plan: SheetPlan, understood: Mapping[int, Understood]) -> dict[str, Written]:
        """What the row says, by column of the registry: its cells, then what holds for the whole sheet."""
        values: dict[str, Written] = {}
        for said in understood.values():
            for name, value in said.cells.items():
                values.setdefault(name, value)
        for name, text in plan.constants.items():
            if name != COUNCIL and name not in values:
                values |= understand(text, name, "", self._words).cells
        return values

    def _agreement(self, values: Mapping[str, Written], council: str, partner: str) -> Agreement:
        day = values.get(SIGNED) or values.get(JOINED)
        return Agreement(
            council, partner, form_of(values.get(FORM), self._words), day if isinstance(day, date) else None,
            _whole(values.get(YEAR)), _whole(values.get(MONTH)),
            str(values.get(f"{ACTS}.objet") or values.get(f"{ACTS}.intitule") or ""),
        )  # fmt: skip

    # ---------------------------------------------------------------------------------------------- new rows

    def _add_partner(self, name: str, country: str) -> str:
        id_ = self._reserves[PARTNERS].take()
        self._cells[id_] = {"nom": name}
        self._partners.add(id_, name, country)
        return id_

    def _complete(self, partner: str, values: Mapping[str, Written]) -> None:
        """What the row says of a partner that this import adds; one that the registry holds is left as it is."""
        for name, value in values.items():
            tab, _, key = name.partition(".")
            if tab == PARTNERS and partner in self._cells:
                self._cells[partner].setdefault(key, value)

    def _add_agreement(self, values: Mapping[str, Written], agreement: Agreement, place: str) -> str:
        id_ = self._reserves[ACTS].take()
        cells = {name.partition(".")[2]: value for name, value in values.items() if name.startswith(f"{ACTS}.")}
        cells |= {"collectivite": agreement.council, "partenaire": agreement.partner}
        if self._options.historical and agreement.is_before(self._options.today):
            cells |= {"historique": "Oui", "historique_motif": MOTIVE}
        self._cells[id_] = cells
        self._agreements.add(id_, agreement, place)
        return id_

    # ------------------------------------------------------------------------------------------------- fates

    def _fates(
        self, plan: SheetPlan, raws: Sequence[Raw], understood: Mapping[int, Understood], ids: Sequence[str]
    ) -> Iterator[CellFate]:
        by_column = {target.column: target for target in plan.targets}
        for column, raw in enumerate(raws, start=1):
            if is_blank(raw):
                continue
            target = by_column.get(column, Target(column, ""))
            place, why = self._where(target, understood.get(column), ids)
            yield CellFate(column, target.header, shown_whole(raw), place, why)

    def _where(self, target: Target, said: Understood | None, ids: Sequence[str]) -> tuple[str, str]:
        """(place, "") of a cell of a placed row, or ("", why)."""
        if not target.to:
            return "", f"colonne {letters(target.column)} sans correspondance"
        if target.to == COUNCIL:
            return f"{ids[0]}.collectivite", ""
        if target.to == PARTNER:
            return f"{ids[-1]}.nom", ""
        if said is None or said.why:
            return "", said.why if said else "cellule vide"
        for name, value in said.cells.items():
            tab, _, key = name.partition(".")
            id_ = ids[-1] if tab == PARTNERS else ids[0]
            held = self._cells[id_].get(key) if id_ in self._cells else self._held(id_, name)
            if held != value:
                return "", self._contradicted(id_, name, held)
            place = f"{id_}.{key}"
        return place, ""

    def _held(self, id_: str, name: str) -> object:
        """What a partner of the registry holds in a column, as an import would write it."""
        value, column = self._partners.held(id_, name.partition(".")[2]), self._words.targets[name]
        if isinstance(value, tuple):
            return " ; ".join(value)
        return next((category.label for category in column.categories if category.value == value), value)

    def _contradicted(self, id_: str, name: str, held: object) -> str:
        title = self._words.targets[name].title
        if id_ in self._cells:
            return f"une autre cellule de la liste donne déjà « {title} » de {id_}"
        found = f"porte « {shown(str(held))} »" if held is not None else "est vide"
        return f"{id_} était déjà dans le registre, où « {title} » {found} : laissé tel quel"


def _known(plan: SheetPlan, name: str) -> Target:
    found = plan.to(name)
    assert found is not None, "looked at before"
    return found


def _cell(raws: Sequence[Raw], target: Target) -> Raw:
    """What a row holds in a column of the list, None when it is blank."""
    raw = raws[target.column - 1] if target.column <= len(raws) else None
    return None if is_blank(raw) else raw


def _written(understood: Mapping[int, Understood], name: str) -> str:
    return next((str(said.cells[name]) for said in understood.values() if name in said.cells), "")


def _whole(value: Written | None) -> int | None:
    return int(value) if isinstance(value, int | float) else None


def shown_whole(raw: Raw) -> str:
    """What a person sees in a cell, uncut: nothing of what is left out may be lost."""
    return tidy(raw) if isinstance(raw, str) else shown(raw)


def _left(
    plan: SheetPlan,
    number: int,
    raws: Sequence[Raw],
    why: str,
    *,
    fate: Fate = Fate.LEFT,
    ids: tuple[str, ...] = (),
) -> RowFate:
    headers = {target.column: target.header for target in plan.targets}
    cells = tuple(
        CellFate(column, headers.get(column, ""), shown_whole(raw), why=why)
        for column, raw in enumerate(raws, start=1)
        if not is_blank(raw)
    )
    return RowFate(plan.title, number, fate, cells, ids, why)
