"""What is told to who filled in a form: received, corrected, accepted, refused, awaited. Pure.

A letter's key says what it told: kind | address | answer | s<rank>-<what was typed>-<state>-<reason>. So what the sender
knows is read in the ledger, and a letter is written when that isn't what is true any more. One that still waits and would
say something older is given up. A form can give anybody's address: what is quoted is cut, letters a day are counted, and
nothing is sent to an address of ours, of a machine, or of those who are never written to.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from enum import StrEnum
from typing import Any

from cdi_sync.forms.declaration import SENDER, Declared, Question
from cdi_sync.forms.submission import Fault, Proposal, State
from cdi_sync.forms.words import NO, YES, choice_told
from cdi_sync.mail.incoming import is_machine
from cdi_sync.mail.language import FRENCH, Language
from cdi_sync.mail.outbox import REQUEST, LetterState, Parcel
from cdi_sync.model import Row, Value
from cdi_sync.reference.countries import countries
from cdi_sync.text import ascii_address, tidy

FACTS, CORRECTIONS, CHOICES = 40, 20, 12  # shown at most; how many are left out is told
_WAITING = (LetterState.QUEUED, LetterState.HELD)
_REPORTING = (State.TO_CORRECT, State.PROPOSED)  # follow from the answer, not from a decision
_SHORT_NUMBER = 10_000  # below it digits aren't grouped: a year isn't « 2 026 »

Naming = Callable[[str], str]  # identifier of a row → the name people call it by, "" for none


@dataclass(frozen=True)
class Practice:
    """Our own numbers (`parametre`). study_days: calendar days announced for an answer. a_day: letters to one address.

    in_all: letters a day that answer what people send, to all addresses together. quoted, reason: characters kept of an answer,
    and of what staff wrote.
    """

    study_days: int
    a_day: int
    in_all: int
    quoted: int
    reason: int


def parse_practice(data: Mapping[str, Any]) -> Practice:
    """The numbers of `config/accuses.toml`. Raises KeyError, ValueError: in French, what doesn't fit."""
    names = ("delai_etude_jours", "par_jour", "par_jour_en_tout", "longueur_citee", "longueur_motif")
    for name in names:
        if not isinstance(data[name], int) or isinstance(data[name], bool) or data[name] < 1:
            raise ValueError(f"{name} : un nombre entier, 1 ou plus")
    return Practice(*(data[name] for name in names))


@dataclass(frozen=True)
class Request:
    """A row of « Demandes reçues », what is understood of its answer, and where it stands."""

    row: Row
    proposal: Proposal
    state: State


class News(StrEnum):
    """What a letter is for."""

    RECEIVED = "recue"
    EDITED = "corrigee"  # the sender changed the answer
    COMPLETE = "complete"  # what couldn't be understood now is, the registry having changed
    INCOMPLETE = "incomplete"  # the contrary
    REOPENED = "rouverte"  # a decision was taken back
    ACCEPTED = "acceptee"
    REFUSED = "refusee"
    WAITING = "en_attente"


_DECIDED = {State.WAITING: News.WAITING, State.REFUSED: News.REFUSED, State.ACCEPTED: News.ACCEPTED}


# ----------------------------------------------------------------------------------------- who is to be told what


@dataclass(frozen=True)
class Due:
    """A letter to write. first: nothing has left about that request yet. hold: may have been told, by a ledger that is lost."""

    request: Request
    parcel: Parcel
    news: News
    first: bool
    hold: bool = False


@dataclass(frozen=True)
class Plan:
    """What to write. obsolete: keys of waiting letters to give up. deferred: for another day. kept: number → why nothing is
    told, in French."""

    due: tuple[Due, ...] = ()
    obsolete: tuple[str, ...] = ()
    deferred: int = 0
    kept: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Past:
    """A letter of the ledger about a request."""

    key: str
    answer: str
    rank: int
    typed: str
    state: str
    reason: str
    stands: LetterState

    @classmethod
    def read(cls, key: str, stands: LetterState) -> "_Past":
        *_, answer, said = key.split("|")
        rank, typed, state, reason = said.split("-")
        return cls(key, answer, int(rank[1:]), typed, state, reason, stands)

    @property
    def said(self) -> tuple[str, str, str]:
        return self.typed, self.state, self.reason


def plan(
    requests: Sequence[Request],
    letters: Mapping[str, LetterState],
    practice: Practice,
    *,
    made: Mapping[str, int],
    never: Collection[str],
    before: date | None = None,
) -> Plan:
    """What senders are owed. letters: all those about requests, by key. made: address → letters that it had today.

    never: addresses that nothing is sent to, in lower case. before: answers given before that day may have been told of by a
    ledger that is lost. Decisions come first, when an address has had enough for a day. They are a person's, and always leave;
    whoever fills in a thousand forms in the name of a thousand people has no thousand letters sent.
    """
    past: dict[str, list[_Past]] = defaultdict(list)
    for key, stands in letters.items():
        past[_Past.read(key, stands).answer].append(_Past.read(key, stands))
    kept, wanted, obsolete = {}, list[tuple[Due, Sequence[str]]](), list[str]()
    for request in requests:
        if why := _why_kept(request, never):
            kept[request.row.id] = why
            continue
        about = sorted(past[request.proposal.submission.key], key=lambda one: one.rank)
        due, old = _about(request, about, before)
        if due:
            wanted.append((due, old))
        else:
            obsolete += old
    wanted.sort(key=lambda one: (one[0].request.state in _REPORTING, one[0].request.row.id))
    had = Counter[str]()
    for address, count in made.items():
        had[_mailbox(address)] += count
    leaving, in_all = list[Due](), had.total()
    for due, old in wanted:
        if due.request.state in _REPORTING and in_all >= practice.in_all:
            continue
        had[_mailbox(due.parcel.to)] += 1
        if had[_mailbox(due.parcel.to)] <= practice.a_day:
            in_all += 1
            leaving.append(due)
            obsolete += old
    return Plan(tuple(leaving), tuple(obsolete), len(wanted) - len(leaving), kept)


def _why_kept(request: Request, never: Collection[str]) -> str:
    """Why nothing is told of a request, in French; "" when something may be."""
    sender, row = request.proposal.sender, request.row
    if not row.id or row.quarantined:
        return "son numéro manque, ou deux lignes le portent"
    if why := unreachable(sender):
        return why
    if _mailbox(sender) in {_mailbox(address) for address in never}:
        return "rien n'est envoyé de soi-même à l'adresse donnée"
    if request.state in (State.REFUSED, State.WAITING) and not row.text("motif"):
        return "le motif est à écrire avant que le demandeur soit prévenu"
    if request.state in (State.ACCEPTED, State.BY_HAND) and not row.text("devenue"):
        return "la ligne qu'elle devient n'est pas encore dans le classeur"
    return ""


def unreachable(address: str) -> str:
    """Why nothing can be sent to an address, in French; "" when something may be."""
    if not address or ascii_address(address) is None:
        return "aucune adresse utilisable dans la réponse"
    return "l'adresse donnée est celle d'un automate" if is_machine(address) else ""


def _mailbox(address: str) -> str:
    """An address without its case, and without what follows a "+": the same person reads it."""
    name, at, domain = address.casefold().rpartition("@")
    return f"{name.partition('+')[0]}{at}{domain}"


def _about(request: Request, past: Sequence[_Past], before: date | None) -> tuple[Due | None, Sequence[str]]:
    """The letter that one request calls for, if any, and the keys of those that wait and say something older."""
    said, rank = _said(request), max((one.rank for one in past), default=0) + 1
    past = [one for one in past if one.stands is not LetterState.EXPIRED]
    if past and past[-1].said == said:
        return None, [one.key for one in past[:-1] if one.stands in _WAITING]
    left = [one for one in past if one.stands not in _WAITING]
    waiting = [one.key for one in past if one.stands in _WAITING]
    if left and _is_known(said, left):
        return None, waiting
    answer = request.proposal.submission
    # the domain as mail servers take it; checked before
    to = ascii_address(request.proposal.sender) or ""
    parcel = Parcel(REQUEST, to, f"{REQUEST}|{to}|{answer.key}|s{rank}-{'-'.join(said)}")
    hold = before is not None and not past and answer.edited.date() < before
    return Due(request, parcel, _news(said, left), not left, hold), waiting


def _is_known(said: tuple[str, str, str], left: Sequence[_Past]) -> bool:
    """True when the sender knows it: told last, or told of that same answer before, as far as no decision came since.

    An answer that is complete one day and not the next, because rows of the registry come and go, is told once of each.
    """
    if left[-1].said == said:
        return True
    if not {said[1], left[-1].state} <= set(map(_short, _REPORTING)):
        return False
    same = list[_Past]()
    for one in reversed(left):
        if one.typed != said[0]:
            break
        same.append(one)
    return said in [one.said for one in same]


def _said(request: Request) -> tuple[str, str, str]:
    """What a letter would tell: digits of what was typed, the state, digits of its reason."""
    answer, state = request.proposal.submission, request.state
    typed = [f"{key}={answer.values[key]!r}" for key in sorted(answer.values)]
    typed += [f"{title}={answer.unknown[title]!r}" for title in sorted(answer.unknown)]
    reason = {
        State.REFUSED: request.row.text("motif"), State.WAITING: request.row.text("motif"),
        State.ACCEPTED: request.row.text("devenue"), State.BY_HAND: request.row.text("devenue"),
    }.get(state, "")  # fmt: skip
    return _digits("\n".join(typed)), _short(state), _digits(reason) if reason else "0"


def _short(state: State) -> str:
    """The state as a key has it: what staff have left to do by hand is no news to the sender."""
    return (State.ACCEPTED if state is State.BY_HAND else state).value


def _digits(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _news(said: tuple[str, str, str], left: Sequence[_Past]) -> News:
    """What is new for who knows what the letters that left have told."""
    typed, state, _ = said
    latest = left[-1] if left else None
    reporting = set(map(_short, _REPORTING))
    if latest and latest.typed != typed and (state in reporting or latest.state == state):
        return News.EDITED
    if state not in reporting:
        return _DECIDED[State(state)]
    if latest is None:
        return News.RECEIVED
    if latest.state not in reporting:
        return News.REOPENED
    return News.COMPLETE if state == State.PROPOSED else News.INCOMPLETE


# --------------------------------------------------------------------------------------------------- what it says


@dataclass(frozen=True)
class Fact:
    """One answer, as it was understood."""

    title: str
    value: str


@dataclass(frozen=True)
class Correction:
    """One thing to correct. kind: type of the column, or « pays ». why_told, fix_told: whole sentences, "" to tell by `why`
    and `kind`. choices: those of the question; more: how many aren't shown."""

    title: str
    words: str
    why: str
    kind: str
    why_told: str = ""
    fix_told: str = ""
    choices: tuple[str, ...] = ()
    more: int = 0


@dataclass(frozen=True)
class NextStep:
    """Where the row that it became stands, in the sender's language. todo, actor: "" when unknown; due: None for no day."""

    stage: str
    todo: str
    actor: str
    due: date | None


@dataclass(frozen=True)
class Announcement:
    """What one sender is told of one request.

    form: its title. state: as in the registry. facts: what was understood; none when it was told before. unused: titles of what
    no question asks. hidden, hidden_faults: how many aren't shown. reason: what staff wrote. became: the number of its row.
    answer_by: the day announced for an answer; days: that many from now. source: how the answer came.
    """

    number: str
    name: str
    service: str
    form: str
    news: str
    state: str
    source: str
    facts: tuple[Fact, ...] = ()
    hidden: int = 0
    faults: tuple[Correction, ...] = ()
    hidden_faults: int = 0
    unused: tuple[str, ...] = ()
    reason: str = ""
    became: str = ""
    by_hand: bool = False
    step: NextStep | None = None
    answer_by: date | None = None
    days: int = 0
    lang: str = FRENCH


def announcement(
    due: Due,
    form: Declared,
    practice: Practice,
    language: Language,
    *,
    service: str,
    today: date,
    naming: Naming,
    step: NextStep | None = None,
) -> Announcement:
    """What a letter says, in that language. step: where the row that it became stands, if known."""
    request, say = due.request, language.gettext
    proposal, answer, state = request.proposal, request.proposal.submission, request.state
    tells_answer = due.first or due.news not in _DECIDED.values()
    facts = list(_facts(proposal, form, practice, language, naming)) if tells_answer else []
    faults = [_correction(fault, form, practice, language) for fault in proposal.faults] if tells_answer else []
    is_decided = state not in _REPORTING
    return Announcement(
        number=request.row.id,
        name=shortened(str(proposal.values.get(f"{SENDER}.nom", "")), 90),
        service=service,
        form=say(form.title),
        news=due.news,
        state=_short(state),
        source=answer.source,
        facts=tuple(facts[:FACTS]),
        hidden=max(len(facts) - FACTS, 0),
        faults=tuple(faults[:CORRECTIONS]),
        hidden_faults=max(len(faults) - CORRECTIONS, 0),
        unused=tuple(shortened(title, 90) for title in list(answer.unknown)[:CHOICES]) if tells_answer else (),
        reason=shortened(request.row.text("motif"), practice.reason) if state in (State.REFUSED, State.WAITING) else "",
        became=request.row.text("devenue") if is_decided else "",
        by_hand=state is State.BY_HAND,
        step=step,
        answer_by=today + timedelta(days=practice.study_days),
        days=practice.study_days,
        lang=language.code,
    )


def _facts(
    proposal: Proposal, form: Declared, practice: Practice, language: Language, naming: Naming
) -> Iterator[Fact]:
    """What was understood, in the order of the form; who answers knows their own name and address."""
    for key, question in form.questions.items():
        if question.tab != SENDER and key in proposal.values:
            value = in_words(proposal.values[key], question, language, naming)
            yield Fact(language.gettext(question.title), shortened(value, practice.quoted))


def in_words(value: Value, question: Question, language: Language, naming: Naming) -> str:
    """A value as who answered reads it, in that language."""
    if isinstance(value, tuple):
        return language.between.join(in_words(one, question, language, naming) for one in value)
    if isinstance(value, bool):
        return choice_told(YES if value else NO, language)
    if labels := [one.label for one in question.column.categories if one.value == value]:
        return choice_told(labels[0], language)
    if isinstance(value, date):
        return language.long_day(value)
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, int | float):
        whole = int(value) if value == int(value) else value
        return str(whole) if abs(whole) < _SHORT_NUMBER and isinstance(whole, int) else language.number(whole)
    if question.column.format == "country" and language.code != FRENCH:
        return next((getattr(one, language.code, value) for one in countries() if one.fr == value), value)
    name = naming(value) if question.column.reference or question.column.key == "id" else ""
    return f"{name} ({value})" if name else value


def _correction(fault: Fault, form: Declared, practice: Practice, language: Language) -> Correction:
    question = form.questions.get(fault.question)
    title = language.gettext(question.title) if question else fault.question
    labels = [choice_told(one.label, language) for one in question.column.categories] if question else []
    is_french = language.code == FRENCH
    return Correction(
        title=title,
        words=shortened(fault.read, practice.quoted),
        why=fault.why,
        kind=_kind(question),
        why_told=shortened(fault.why_told, practice.quoted) if is_french else "",
        fix_told=shortened(fault.fix_told, practice.quoted) if is_french else "",
        choices=tuple(labels[:CHOICES]),
        more=max(len(labels) - CHOICES, 0),
    )


def _kind(question: Question | None) -> str:
    if question is None:
        return "string"
    return "pays" if question.column.format == "country" else question.column.type


def shortened(text: str, length: int) -> str:
    """What people typed, on one line, harmless, at most so many characters."""
    from cdi_sync.mail.letters import cut  # Jinja: not for a mere plan

    return cut(tidy(text[: 4 * length + 1_000]), length)
