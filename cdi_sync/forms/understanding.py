"""What is understood of an answer: each value typed by its column, each reference looked for, and what is to correct. Pure.

Nothing is guessed, and nothing that people type raises: what can't be read, or designates several rows or none, is a Fault
with what to do about it. Labels of choices are taken in any of the languages of the form.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, TypeAlias

from cdi_sync.cells import Unreadable, is_blank, read_cell, shown
from cdi_sync.forms.declaration import SENDER, Declared, Question
from cdi_sync.forms.designation import Designated, Designations
from cdi_sync.forms.references import tab_designated
from cdi_sync.forms.submission import Fault, Proposal, Submission, Typed, Why
from cdi_sync.forms.words import values_of
from cdi_sync.mail.language import Language
from cdi_sync.model import Column, Raw, Registry, Tab, Value
from cdi_sync.text import fold

CELL = 32_767  # characters that a cell holds: Excel's limit, the smaller of the two kinds of registry
_SHORT = 500  # parametre: characters of a date, a number, an address, a choice or a name; more is something else
_NON_CHARACTERS = dict.fromkeys([0xFFFE, 0xFFFF])  # which no workbook can hold
Labels: TypeAlias = Mapping[str, Mapping[str, str]]  # key of a question → folded label, in any language → value


def labels_of(form: Declared, languages: Iterable[Language]) -> Labels:
    """What the choices of a form are called in these languages; codes and French labels are known by the columns themselves."""
    spoken = tuple(languages)
    told = {key: [values_of(question, one) for one in spoken] for key, question in form.questions.items()}
    return {
        key: _unmistakable((fold(label), value) for one in found for label, value in one.items())
        for key, found in told.items()
    }


def _unmistakable(labels: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Those that say one thing only, whatever the language."""
    meant: dict[str, set[str]] = {}
    for label, value in labels:
        meant.setdefault(label, set()).add(value)
    return {label: values.pop() for label, values in meant.items() if len(values) == 1}


class _Read(NamedTuple):
    value: Value | None = None
    fault: Fault | None = None


def understand(
    submission: Submission,
    form: Declared,
    registry: Registry,
    tabs: Mapping[str, Tab],
    labels: Labels,
    *,
    known: Designations | None = None,
) -> Proposal:
    """What that answer says. known: what was looked for already in that registry, when many answers are read."""
    desk = _Desk(form, tabs, labels, known or Designations(registry, tabs))
    values: dict[str, Value] = {}
    faults: list[Fault] = []
    for question in form.questions.values():
        read = desk.read(question, submission.values.get(question.key), values, faults)
        if read.fault:
            faults.append(read.fault)
        if read.value is not None:
            values[question.key] = read.value
    return Proposal(submission, values, tuple(_in_order([*faults, *desk.links(values, faults)], form)))


def _in_order(faults: Iterable[Fault], form: Declared) -> Iterable[Fault]:
    order = {key: at for at, key in enumerate(form.questions)}
    return sorted(faults, key=lambda fault: order[fault.question])


class _Desk:
    """Reads the answers to one form."""

    def __init__(self, form: Declared, tabs: Mapping[str, Tab], labels: Labels, known: Designations) -> None:
        self._form, self._tabs, self._labels, self._known = form, tabs, labels, known

    def read(
        self, question: Question, typed: Typed | None, values: Mapping[str, Value], faults: Iterable[Fault]
    ) -> _Read:
        """values, faults: of the questions before."""
        is_asked = _is_asked(question, values, faults)
        if typed is None or _holds_nothing(typed):
            return _Read(fault=_absent(question)) if question.required and is_asked else _Read()
        if is_asked is False:
            return _Read(fault=_unasked(question, typed))
        read = self._typed(question, typed)
        if read == _Read() and question.required and is_asked:  # « néant » isn't an answer to a date
            return _Read(fault=_absent(question))
        return read

    def _typed(self, question: Question, typed: Typed) -> _Read:
        column = question.column
        longest = CELL if column.type in ("string", "list") and not (column.categories or column.format) else _SHORT
        if _length(typed) > longest:
            return _Read(fault=_too_long(question, typed, longest))
        items = [self._one(question, item) for item in _items(typed)]
        if fault := next((item.fault for item in items if item.fault), None):
            return _Read(fault=fault)
        found = [item.value for item in items if item.value is not None]
        if column.type == "list":
            return _Read(tuple(dict.fromkeys(part for value in found if isinstance(value, tuple) for part in value)))
        if len(found) > 1:
            return _Read(
                fault=_fault(question, Why.UNREADABLE, typed, "porte plusieurs réponses", "en garder une seule")
            )
        return _Read(found[0] if found else None)

    def _one(self, question: Question, raw: Raw) -> _Read:
        raw, column = _usable(raw), question.column
        if isinstance(raw, str):
            raw = self._labels.get(question.key, {}).get(fold(raw), raw)
        if tab_designated(question, self._form):
            return self._reference(question, raw)
        value = read_cell(raw, column)
        if not isinstance(value, Unreadable):
            return _Read(value)
        why = Why.NOT_LISTED if column.categories else Why.UNREADABLE
        return _Read(fault=_fault(question, why, raw, f"ne peut pas être lu : {value.why}", value.fix))

    def _reference(self, question: Question, raw: Raw) -> _Read:
        if is_blank(raw):
            return _Read()
        tab = self._tabs[tab_designated(question, self._form)]
        found = self._known.find(tab.name, shown(raw))
        return _Read(found.id) if found.id else _Read(fault=_undesignated(question, raw, tab, found))

    def links(self, values: Mapping[str, Value], faults: Iterable[Fault]) -> Iterator[Fault]:
        """What forbids knowing which row a linked one is: its name is that of several, or a number that nobody bears."""
        for tab_name in self._form.links.values():
            for question in named_in(self._form, self._tabs[tab_name]):
                if question.key not in values or any(fault.question == question.key for fault in faults):
                    continue
                found = linked_row(self._form, tab_name, values, self._tabs, self._known)
                if not found.id and (found.among or found.is_number):
                    yield _undesignated(question, values[question.key], self._tabs[tab_name], found)


def linked_row(
    form: Declared, tab: str, values: Mapping[str, Value], tabs: Mapping[str, Tab], known: Designations
) -> Designated:
    """The row of a linked tab that an answer speaks of: by number, or by its name and country. None: it is a new one."""
    name = next((str(values[q.key]) for q in named_in(form, tabs[tab]) if q.key in values), "")
    return known.linked(tab, name, str(values.get(f"{tab}.pays", "")))


def named_in(form: Declared, tab: Tab) -> Iterator[Question]:
    """The questions that ask how a row of a linked tab is called."""
    return (q for q in form.questions.values() if q.tab == tab.name and q.column.key in tab.names and not q.piece)


# ------------------------------------------------------------------------------------------------ raw answers


def _items(typed: Typed | None) -> tuple[Raw, ...]:
    return typed if isinstance(typed, tuple) else (typed,)


def _holds_nothing(typed: Typed) -> bool:
    return all(is_blank(_usable(item)) for item in _items(typed))


def _usable(raw: Raw) -> Raw:
    """The same without halves of characters and what no workbook can hold."""
    return raw.encode("utf-8", "ignore").decode().translate(_NON_CHARACTERS) if isinstance(raw, str) else raw


def _length(typed: Typed) -> int:
    """Characters as Excel counts them: one beyond the first plane is two."""
    texts = [item for item in _items(typed) if isinstance(item, str)]
    return sum(len(text.encode("utf-16-le", "surrogatepass")) // 2 for text in texts) + 3 * max(0, len(texts) - 1)


def _is_asked(question: Question, values: Mapping[str, Value], faults: Iterable[Fault]) -> bool | None:
    """Whether its condition is met; None when nobody can tell, the answer that it hangs on being one to correct."""
    if question.when is None:
        return True
    if any(fault.question == question.when.question for fault in faults):
        return None
    return values.get(question.when.question) in question.when.values


# ----------------------------------------------------------------------------------------------------- faults


def read_of(typed: Typed | None) -> str:
    """What was typed, as shown in a message."""
    return " ; ".join(shown(_usable(item)) for item in _items(typed) if not is_blank(item))[:120]


def _fault(question: Question, why: Why, typed: Typed, told: str, fix: str) -> Fault:
    return Fault(question.key, why, read_of(typed), f"« {question.title} » {told}.", f"{fix[:1].upper()}{fix[1:]}.")


def _absent(question: Question) -> Fault:
    return _fault(question, Why.ABSENT, None, "n'est pas rempli", f"répondre à « {question.title} »")


def _unasked(question: Question, typed: Typed) -> Fault:
    return _fault(question, Why.UNASKED, typed, "n'est pas demandé avec les autres réponses données",
                  "effacer cette réponse, ou corriger celle dont elle dépend")  # fmt: skip


def _too_long(question: Question, typed: Typed, longest: int) -> Fault:
    return _fault(question, Why.TOO_LONG, typed, f"a {_length(typed)} signes, pour {longest} au plus",
                  "l'abréger, ou donner un lien vers un document")  # fmt: skip


def _undesignated(question: Question, typed: Typed, tab: Tab, found: Designated) -> Fault:
    near = f" ; vouliez-vous dire {' ou '.join(f'« {one} »' for one in found.near)} ?" if found.near else ""
    if found.among:
        return _fault(question, Why.SEVERAL, typed, f"désigne plusieurs lignes de l'onglet « {tab.title} »{near}",
                      f"donner le numéro de la bonne ligne, comme {found.among[0]}")  # fmt: skip
    return _fault(question, Why.NOBODY, typed, f"ne désigne aucune ligne de l'onglet « {tab.title} »{near}",
                  f"donner son numéro, comme {tab.prefix}-00001, ou son nom exact")  # fmt: skip


# ------------------------------------------------------------------------------------------------------ words


def in_words(column: Column, value: Value) -> str | int | float:
    """A value as staff would have typed it in a cell of that column, days apart."""
    if isinstance(value, bool):
        return "Oui" if value else "Non"
    if isinstance(value, tuple):
        return " ; ".join(value)
    if isinstance(value, int | float):
        return int(value) if value == int(value) else value
    if column.type == "time":
        return f"{value:%H:%M}"
    if column.type == "date":
        return f"{value:%d/%m/%Y}"
    return next((c.label for c in column.categories if c.value == value), str(value))


def in_a_sentence(column: Column, value: Value) -> str:
    """The same, as it is told in French."""
    told = in_words(column, value)
    return told if isinstance(told, str) else str(told).replace(".", ",")


def understood(proposal: Proposal, form: Declared, known: Designations) -> Iterator[tuple[str, str]]:
    """(title of a question, its answer in words) of all that is understood, the sender apart."""
    for key, question in form.questions.items():
        if key in proposal.values and question.tab != SENDER:
            value = proposal.values[key]
            tab = tab_designated(question, form)
            yield question.title, known.title(tab, str(value)) if tab else in_a_sentence(question.column, value)
