"""An accepted request → what it writes: new rows, or empty cells of the row that it completes. Pure.

A cell that staff have filled is never among them: what the answer would change there is told, and left to them. Whoever
accepts several at once keeps one desk, so that the second finds the partner and the cells of the first.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from cdi_sync.forms.declaration import PIECES, Declared
from cdi_sync.forms.designation import Designations
from cdi_sync.forms.submission import Acceptance, Change, Fills, Proposal
from cdi_sync.forms.understanding import in_a_sentence, in_words, linked_row
from cdi_sync.model import Column, Registry, Row, Tab, Value
from cdi_sync.tables import with_rows

BECAME = "devenue"
_Cells = dict[str, dict[int, dict[str, str | int | float | date]]]


def accept(
    proposal: Proposal, row: Row, form: Declared, registry: Registry, tabs: Mapping[str, Tab]
) -> Acceptance:  # fmt: skip
    """What accepting that request writes. row: its own, of « Demandes reçues »; registry: as read, with nothing added.

    Raises ValueError for a proposal that has faults, or speaks of several rows: it can't be accepted.
    """
    return Accepting(registry, tabs).accept(proposal, row, form)


@dataclass
class Accepting:
    """Accepts requests one after the other, each on top of what the others write."""

    registry: Registry
    tabs: Mapping[str, Tab]
    _known: Designations = field(init=False)
    _lines: dict[tuple[str, str, str], list[Row]] = field(init=False)

    def __post_init__(self) -> None:
        self._known = Designations(self.registry, self.tabs)
        self._lines = defaultdict(list)
        for line in self.registry[PIECES]:
            self._lines[line.text("id_acte"), line.text("id_evaluation"), line.text("piece")].append(line)

    def accept(self, proposal: Proposal, row: Row, form: Declared) -> Acceptance:
        """What accepting that request writes. Raises ValueError as `accept` does; nothing is remembered of it then."""
        if proposal.faults:
            raise ValueError("a proposal with faults can't be accepted")
        for tab in form.links.values():
            self.linked(form, tab, proposal.values)
        done = _Writing(self, proposal, form)
        became = done.new_row() if form.is_new else done.row_that_is_there()
        done.pieces(became)
        done.fill(row, BECAME, became.id)
        return Acceptance(done.fills, became.id, tuple(done.told), tuple(done.changes))

    # ------------------------------------------------------------------------------- what is known meanwhile

    def add(self, tab: str, values: Mapping[str, Value]) -> Row:
        """A row more, on the first free line."""
        self.registry = with_rows(self.registry, self.tabs[tab], [values])
        row = self.registry.added[tab][-1]
        if tab == PIECES:
            self._lines[row.text("id_acte"), row.text("id_evaluation"), row.text("piece")].append(row)
        else:
            self._known.add(row)
        return row

    def change(self, row: Row, column: str, value: Value) -> Row:
        """That row with one cell more."""
        changed = replace(row, values={**row.values, column: value})
        rows = tuple(changed if r.number == row.number else r for r in self.registry[row.tab])
        self.registry = replace(self.registry, rows={**self.registry.rows, row.tab: rows})
        if row.tab == PIECES:
            key = row.text("id_acte"), row.text("id_evaluation"), row.text("piece")
            self._lines[key] = [changed if r.number == row.number else r for r in self._lines[key]]
        else:
            self._known.add(changed)
        return changed

    def lines(self, act: str, evaluation: str, piece: str) -> list[Row]:
        """The lines of a checklist that the tab holds for that item."""
        return self._lines[act, evaluation, piece]

    def linked(self, form: Declared, tab: str, values: Mapping[str, Value]) -> Row | None:
        """The row of a linked tab that an answer speaks of; None for a new one.

        Raises ValueError when there are several, as what was accepted just before may have made them.
        """
        found = linked_row(form, tab, values, self.tabs, self._known)
        if found.among:
            raise ValueError(f"several rows of {tab} have that name")
        return self._known.row(tab, found.id) if found.id else None

    def row(self, tab: str, id_: str) -> Row:
        """The row of that number. KeyError when there is none: the proposal is of another registry."""
        found = self._known.row(tab, id_)
        if found is None:
            raise KeyError(id_)
        return found


class _Writing:
    """What one request writes."""

    def __init__(self, desk: Accepting, proposal: Proposal, form: Declared) -> None:
        self._desk, self._values, self._form = desk, proposal.values, form
        self._cells: _Cells = defaultdict(lambda: defaultdict(dict))
        self.told: list[str] = []
        self.changes: list[Change] = []

    @property
    def fills(self) -> Fills:
        return {tab: {number: dict(cells) for number, cells in rows.items()} for tab, rows in self._cells.items()}

    def new_row(self) -> Row:
        values: dict[str, Value] = {**self._form.fixed, **self._answers(self._form.tab)}
        for column, tab in self._form.links.items():
            if answers := self._answers(tab):
                values[column] = self._link(tab, answers).id
        return self._add(self._form.tab, values)

    def row_that_is_there(self) -> Row:
        row = self._desk.row(self._form.tab, str(self._values["id"]))
        for column, value in self._answers(self._form.tab).items():
            if column != "id":
                row = self._complete(row, column, value)
        return row

    def pieces(self, of: Row) -> None:
        """The lines of checklists that the answer speaks of: those that are there are completed, the others added."""
        owner = _owner(of)
        for piece, answers in self._by_piece().items():
            lines = self._desk.lines(owner.get("id_acte", ""), owner.get("id_evaluation", ""), piece)
            if not lines:
                self._add(PIECES, {**owner, "piece": piece, **answers})
                continue
            line = lines[0]
            for column, value in answers.items():
                line = self._complete(line, column, value)

    def fill(self, row: Row, column: str, value: Value) -> None:
        """An empty cell of a row."""
        cells = self._cells[row.tab][row.number]
        cells[self._tab(row.tab).columns[0].key] = row.id
        cells[column] = _written(self._tab(row.tab).column(column), value)

    # ------------------------------------------------------------------------------------------------ answers

    def _answers(self, tab: str) -> Mapping[str, Value]:
        """Column → answer, of the questions about a row of that tab."""
        questions = self._form.questions.items()
        return {q.column.key: self._values[key] for key, q in questions if q.tab == tab and key in self._values}

    def _by_piece(self) -> Mapping[str, Mapping[str, Value]]:
        found: dict[str, dict[str, Value]] = defaultdict(dict)
        for key, question in self._form.questions.items():
            if question.piece and key in self._values:
                found[question.piece][question.column.key] = self._values[key]
        return found

    def _link(self, tab: str, answers: Mapping[str, Value]) -> Row:
        """The row that is there, with its empty cells filled, or a new one."""
        row = self._desk.linked(self._form, tab, self._values)
        if row is None:
            return self._add(tab, answers)
        for column, value in answers.items():
            if column not in self._tab(tab).names:  # by which it was found: another spelling isn't a change
                row = self._complete(row, column, value)
        return row

    # ------------------------------------------------------------------------------------------------- cells

    def _add(self, tab: str, values: Mapping[str, Value]) -> Row:
        row = self._desk.add(tab, values)
        for column, value in values.items():
            self.fill(row, column, value)
        return row

    def _complete(self, row: Row, column: str, value: Value) -> Row:
        if row[column] == value:
            return row
        if row[column] is None and column not in row.unreadable:
            self.fill(row, column, value)
            return self._desk.change(row, column, value)
        change = Change(row.tab, row.id, column, value)
        self.changes.append(change)
        self.told.append(told(change, row, self._tab(row.tab), self._desk.registry))
        return row

    def _tab(self, name: str) -> Tab:
        return self._desk.tabs[name]


def told(change: Change, row: Row, tab: Tab, registry: Registry) -> str:
    """What is left to staff: « Avancement (%) » de ACN-00003 (ligne 4) : 30 → 60."""
    column = tab.column(change.column)
    held = row[change.column]
    before = (
        in_a_sentence(column, held) if held is not None else "illisible" if column.key in row.unreadable else "vide"
    )
    where = f"{row.id}, {registry.layouts[tab.name].title}, ligne {row.number}"
    return f"« {column.title} » ({where}) : {before} → {in_a_sentence(column, change.value)}"


def _owner(row: Row) -> Mapping[str, str]:
    """The columns by which a line of a checklist names what it belongs to."""
    if row.tab == "actes":
        return {"id_acte": row.id}
    act = {"id_acte": row.text("id_acte")} if row["id_acte"] else {}
    return {**act, "id_evaluation": row.id} if row.tab == "evaluations" else act


def _written(column: Column, value: Value) -> str | int | float | date:
    return value if column.type == "date" and isinstance(value, date) else in_words(column, value)


def merged(acceptances: Iterator[Acceptance]) -> Fills:
    """What several write, as one."""
    cells: _Cells = defaultdict(lambda: defaultdict(dict))
    for one in acceptances:
        for tab, rows in one.fills.items():
            for number, values in rows.items():
                cells[tab][number] |= values
    return {tab: dict(rows) for tab, rows in cells.items()}
