"""« Demandes reçues »: where each request stands, and what its row shows. Pure.

The rows and the answers of the ledger are put together by `reponse`. The row says what staff decided and what it became; the
ledger says what was answered, last and when it was accepted. Either may lack what the other has: it is told, never guessed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from cdi_sync.forms.accepting import BECAME, told
from cdi_sync.forms.declaration import Declared
from cdi_sync.forms.designation import Designations
from cdi_sync.forms.held import Asked, Held
from cdi_sync.forms.lookalikes import REQUESTS, Lookalikes
from cdi_sync.forms.submission import Change, Proposal, State, Submission
from cdi_sync.forms.telling import unreachable
from cdi_sync.forms.understanding import understand, understood
from cdi_sync.model import Registry, RequestTold, Row, Tab
from cdi_sync.text import tidy

ACCEPT, REFUSE, WAIT = "ACCEPTER", "REFUSER", "ATTENDRE"
_NON_CHARACTERS = dict.fromkeys([0xFFFE, 0xFFFF])  # which no workbook can hold
_LINE, _ALL = 300, 8_000  # characters of an answer, and of all, as a row shows them: staff read them at a glance


@dataclass(frozen=True)
class Request:
    """A row of « Demandes reçues ». proposal: what is understood of its answer, None when nobody knows it.

    by_hand: what was accepted and waits for staff to type, in French. edited: what was changed after the acceptance, in
    French. original: number of the row that this one was copied from, "" for none. became: number of the row that it is now,
    as its cell says or, the cell being empty, as the ledger does. is_gone: that row isn't in the registry any more. version: of
    its answer, from 1.
    """

    row: Row
    state: State
    proposal: Proposal | None = None
    form: Declared | None = None
    by_hand: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    original: str = ""
    became: str = ""
    is_gone: bool = False
    version: int = 1

    @property
    def is_acceptable(self) -> bool:
        """True when staff accept it, and nothing stands in the way."""
        return self.state is State.PROPOSED and self.row["decision"] == ACCEPT


def requests_of(
    registry: Registry, held: Sequence[Held], asked: Asked, tabs: Mapping[str, Tab], *, alike: bool = False
) -> tuple[Request, ...]:
    """Every row of « Demandes reçues », in order of its number. alike: with what they resemble, which takes longer."""
    reading = _Reading(registry, held, asked, tabs)
    return reading.with_lookalikes(reading.all()) if alike else reading.all()


def to_write(registry: Registry, held: Sequence[Held], asked: Asked, tabs: Mapping[str, Tab]) -> tuple[Request, ...]:
    """Those that a run may write: accepted and not yet a row, or whose row lost its number. The others aren't understood."""
    known = {one.submission.key for one in held if one.became}
    return _Reading(registry, held, asked, tabs).all(
        lambda row: not row[BECAME] and (row["decision"] == ACCEPT or row.text("reponse") in known)
    )


class _Reading:
    def __init__(self, registry: Registry, held: Sequence[Held], asked: Asked, tabs: Mapping[str, Tab]) -> None:
        self._registry, self._asked, self._tabs = registry, asked, tabs
        self._held = {one.submission.key: one for one in held}
        self._latest: dict[tuple[str, str, str], int] = {}  # cell → rank of the last acceptance that changes it
        for one in held:
            for change in one.changes:
                place = (change.tab, change.id, change.column)
                self._latest[place] = max(one.rank, self._latest.get(place, 0))
        self._last: dict[str, int] = {}  # number of a new row → rank of the last acceptance that it was given to
        for one in held:
            if one.became and self._is_new(one):
                self._last[one.became] = max(one.rank, self._last.get(one.became, 0))
        self.known = Designations(registry, tabs)

    def _is_new(self, held: Held) -> bool:
        form = self._asked.forms.get(held.submission.form)
        return form is not None and form.is_new

    def all(self, is_wanted: Callable[[Row], bool] = lambda _: True) -> tuple[Request, ...]:
        """Those whose rows are wanted."""
        first: dict[str, str] = {}
        found = []
        for row in sorted(self._registry[REQUESTS], key=lambda row: (row.id, row.number)):
            key = row.text("reponse")
            original = first.setdefault(key, row.id) if key else row.id
            if is_wanted(row):
                found.append(self._request(row, "" if original == row.id and not row.quarantined else original))
        return tuple(found)

    def _request(self, row: Row, original: str) -> Request:
        held = self._held.get(row.text("reponse"))
        form = self._asked.forms.get(held.submission.form) if held else None
        if held is None or form is None or original:
            became = row.text(BECAME)
            return Request(row, _state(row, None, (), became), original=original, became=became,
                           is_gone=bool(became) and not self._is_there(became))  # fmt: skip
        proposal = self._understand(held.submission, form)
        became = row.text(BECAME) or (held.became if self._is_written(held, form) else "")
        is_last = self._last.get(held.became, held.rank) == held.rank
        is_gone = bool(became) and not (self._is_there(became) and (is_last or became != held.became))
        is_ours = bool(became) and became == held.became and not is_gone
        by_hand = tuple(self._left_to_staff(held)) if is_ours else ()
        edited = tuple(self._edited(held, proposal, form)) if is_ours else ()
        state = _state(row, proposal, by_hand, became)
        return Request(
            row, state, proposal, form, by_hand, edited, became=became, is_gone=is_gone, version=held.version
        )

    def _is_there(self, became: str) -> bool:
        tab = next((tab.name for tab in self._tabs.values() if became.startswith(f"{tab.prefix}-")), "")
        return bool(tab) and self.known.row(tab, became) is not None

    def _is_written(self, held: Held, form: Declared) -> bool:
        """True when the new row that the ledger says it became is there, by what it holds.

        Its number was noted just before the writing: stopped in between, the row was never written, and may be another's
        since. Staff may have changed some of it: half of what was answered is enough.
        """
        row = self.known.row(form.tab, held.became) if held.became and held.accepted and form.is_new else None
        if row is None or held.accepted is None or self._last.get(held.became) != held.rank:
            return False
        values = self._understand(held.accepted, form).values
        answered = {
            q.column.key: values[key] for key, q in form.questions.items() if q.tab == form.tab and key in values
        }
        same = sum(row[column] == value for column, value in answered.items())
        return same > 0 and 2 * same >= len(answered)

    def _understand(self, submission: Submission, form: Declared) -> Proposal:
        labels = self._asked.labels.get(form.name, {})
        return understand(submission, form, self._registry, self._tabs, labels, known=self.known)

    def _left_to_staff(self, held: Held) -> Iterator[str]:
        """The changes that no cell shows yet, and that no later request changes again."""
        for change in held.changes:
            row = self.known.row(change.tab, change.id)
            is_last = self._latest[change.tab, change.id, change.column] == held.rank
            if row is not None and is_last and row[change.column] != change.value:
                yield told(change, row, self._tabs[change.tab], self._registry)

    def _edited(self, held: Held, now: Proposal, form: Declared) -> Iterator[str]:
        if held.accepted is None or held.accepted == held.submission:
            return
        before = dict(understood(self._understand(held.accepted, form), form, self.known))
        after = dict(understood(now, form, self.known))
        for title in dict.fromkeys([*before, *after]):
            if before.get(title) != after.get(title):
                yield f"« {title} » : {_cut(after.get(title, 'effacé'))}"

    def with_lookalikes(self, found: Sequence[Request]) -> tuple[Request, ...]:
        open_ = [r for r in found if r.proposal and r.form and not r.became and r.state is not State.REFUSED]
        alike = Lookalikes(self._registry, self._tabs, self.known)
        for one in open_:
            assert one.proposal and one.form
            alike.wait(one.row, one.proposal, one.form)
        pointed = {
            one.row.number: replace(
                one, proposal=replace(one.proposal, lookalikes=alike.of(one.row, one.proposal, one.form))
            )
            for one in open_
            if one.proposal and one.form
        }
        return tuple(pointed.get(one.row.number, one) for one in found)


def _state(row: Row, proposal: Proposal | None, by_hand: Sequence[str], became: str) -> State:
    if became:
        return State.BY_HAND if by_hand else State.ACCEPTED
    if row["motif"] and row["decision"] in (REFUSE, WAIT):
        return State.REFUSED if row["decision"] == REFUSE else State.WAITING
    return State.PROPOSED if proposal and not proposal.faults else State.TO_CORRECT


def to_settle(registry: Registry, held: Sequence[Held]) -> Iterator[tuple[str, tuple[Change, ...]]]:
    """(answer, what is still left to staff) of those of which staff have typed something since."""
    rows = {(row.tab, row.id): row for rows in registry.rows.values() for row in rows}
    for one in held:
        left = tuple(c for c in one.changes if (c.tab, c.id) in rows and rows[c.tab, c.id][c.column] != c.value)
        if left != one.changes:
            yield one.submission.key, left


# ------------------------------------------------------------------------------------------------- what is shown


def shown_of(requests: Sequence[Request], registry: Registry, tabs: Mapping[str, Tab]) -> Mapping[str, RequestTold]:
    """Number of a request → what its row shows. A number that two rows bear is left out."""
    known = Designations(registry, tabs)
    return {
        one.row.id: RequestTold(_understood(one, known), _to_complete(one), _resembles(one), _where(one))
        for one in requests
        if not one.row.quarantined
    }


def _understood(one: Request, known: Designations) -> str:
    if one.proposal is None or one.form is None:
        return ""
    lines = [f"{title} : {_cut(answer)}" for title, answer in understood(one.proposal, one.form, known)]
    lines += [
        f"Non demandé, « {_cut(title)} » : {_cut(text)}" for title, text in one.proposal.submission.unknown.items()
    ]
    return _lines(lines)


def _to_complete(one: Request) -> str:
    faults = one.proposal.faults if one.proposal else ()
    return _lines([f"{_cut(fault.why_told)} {_cut(fault.fix_told)}" for fault in faults])


def _resembles(one: Request) -> str:
    alike = one.proposal.lookalikes if one.proposal else ()
    return _lines([f"{other.id} {_cut(other.title)}".rstrip() + f" : {', '.join(other.reasons)}" for other in alike])


def _where(one: Request) -> str:
    if one.original:
        return f"Sans effet : la réponse est déjà celle de {one.original}. Vider cette ligne."
    if one.proposal is None and not one.became:
        return ("Réponse inconnue : la colonne « Réponse » a peut-être été modifiée, le formulaire retiré ou le fichier de suivi "
                "remplacé. Rien ne sera inscrit à partir de cette ligne ; remettre « Réponse », ou faire déposer de nouveau le "
                "fichier reçu (formulaires/recus).")  # fmt: skip
    return " ".join(
        [
            _told(one),
            *_unheeded(one),
            *_became_nothing(one),
            *_changed_since(one),
            *_corrected(one),
            *_written_to(one),
            *_not_told(one),
        ]
    )


def _told(one: Request) -> str:
    if one.state is State.PROPOSED and one.row["decision"] == ACCEPT:
        return "Acceptée : sera inscrite au prochain passage."
    if one.state in (State.ACCEPTED, State.BY_HAND):
        left = " ; ".join(map(_cut, one.by_hand))
        todo = f" À reporter à la main, ces cellules étant déjà remplies : {left}." if left else ""
        return f"Acceptée : {_cut(one.became)}.{todo}"
    return _IN_WORDS[one.state]


_IN_WORDS = {
    State.TO_CORRECT: "À corriger par le demandeur, avant toute inscription.",
    State.PROPOSED: "À décider.",
    State.WAITING: "En attente du demandeur.",
    State.REFUSED: "Refusée.",
}


def _unheeded(one: Request) -> Iterator[str]:
    """What is lacking for a decision to count."""
    decision = one.row["decision"]
    if decision in (REFUSE, WAIT) and not one.row["motif"] and not one.became:
        yield "Remplir « Motif » pour que la décision compte."
    if decision == ACCEPT and one.state is State.TO_CORRECT:
        yield "La décision d'accepter comptera quand la réponse sera corrigée."
    if decision in (REFUSE, WAIT) and one.became and not one.is_gone:
        yield "Changer la décision ne défait rien : c'est cette ligne qu'il faut corriger, arrêter ou effacer."


def _became_nothing(one: Request) -> Iterator[str]:
    if one.is_gone:
        yield "Cette ligne n'est plus dans le registre, ou son numéro est celui d'une autre."


def _changed_since(one: Request) -> Iterator[str]:
    if one.edited and one.proposal:
        yield (f"Réponse modifiée depuis l'acceptation ({one.proposal.submission.edited:%d/%m/%Y}), rien n'a été changé : "
               + " ; ".join(one.edited) + ".")  # fmt: skip


def _corrected(one: Request) -> Iterator[str]:
    if one.proposal and one.version > 1 and one.state is State.PROPOSED:
        yield f"Réponse corrigée le {one.proposal.submission.edited:%d/%m/%Y} : la relire."


def _written_to(one: Request) -> Iterator[str]:
    """The cell « Demandeur » keeps the address that was given first."""
    sender = one.proposal.sender if one.proposal else ""
    if sender and one.row["demandeur"] and sender.casefold() not in one.row.text("demandeur").casefold():
        yield f"Ses courriels partent à {_cut(sender)}, l'adresse que donne sa dernière réponse."


def _not_told(one: Request) -> Iterator[str]:
    if one.proposal and (why := unreachable(one.proposal.sender)):
        yield f"Le demandeur n'est pas prévenu ({why}) : le faire autrement."


def _cut(text: str) -> str:
    """What people typed, on one line, so that none passes for another, and as any workbook gives it back."""
    text = tidy(text[: 4 * _ALL].translate(_NON_CHARACTERS))
    return text if len(text) <= _LINE else text[: _LINE - 1] + "…"


def _lines(lines: Sequence[str]) -> str:
    text = "\n".join(lines)
    return text if len(text) <= _ALL else text[: _ALL - 1] + "…"
