"""Freezes letters, then hands over those that wait: into the folder of `.eml` files, or to the mail server.

A letter's bytes are frozen and recorded before anything leaves. Handing over, steps: letters caught in the middle of
a conversation become `unknown` → letters of earlier days that were held expire, and those that waited too long → each
letter in order: kept back, or handed over, and what became of it recorded at once. Run under the installation's lock,
so that nobody else on this machine is handing anything over. A server that takes nothing is left alone for a while
(`cdi_sync.mail.breakers`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

from cdi_sync.console import finish
from cdi_sync.edges import clock
from cdi_sync.edges.files import write_atomically
from cdi_sync.edges.installation import Installation
from cdi_sync.edges.ledger.beside import is_older, remember
from cdi_sync.edges.ledger.outbox import StoredLetter
from cdi_sync.edges.mail.smtp import LOST, Relay
from cdi_sync.errors import CdiError, ConfigError, ExitCode
from cdi_sync.mail.breakers import FEW, RELAY, Pause, Refusals, flood, pause_after
from cdi_sync.mail.language import FRENCH
from cdi_sync.mail.letters import Letter
from cdi_sync.mail.message import thread_of, to_bytes
from cdi_sync.mail.outbox import Gate, LetterState, Outcome, Parcel, next_try
from cdi_sync.mail.witness import with_copy

CLAIM = timedelta(minutes=15)  # longer than the ten minutes that a server may take to accept a letter
SETTLED_AFTER = timedelta(minutes=15)  # after it a server has closed the connection of a copy that sleeps
_OLDER = (
    "le registre des courriers est plus ancien que les derniers envois ; « cdi run » met de côté ce qui a pu partir"
)


@dataclass(frozen=True)
class Delivered:
    """How many letters were handed over, couldn't be, were left in doubt, and were kept back (and why)."""

    sent: int = 0
    failed: int = 0  # refused, or not handed over in this run
    unknown: int = 0
    held: int = 0  # kept back in this run, and those that wait for a person
    why: tuple[str, ...] = ()  # why letters were kept back, each reason once, in French
    trouble: str = ""  # why the mail server took nothing more, in French
    expired: int = 0  # waited too long, or had become pointless: their notices are told afresh

    @property
    def went_wrong(self) -> bool:
        """True when a person has to look: some letter failed, or nobody knows what became of it."""
        return bool(self.failed or self.unknown)


@dataclass(frozen=True)
class Written:
    """What a job that writes letters did: how many it made, what became of those that waited.

    parcels: those that were wanted. refused: letters that couldn't be made, and why, in French.
    """

    new: int = 0
    delivered: Delivered = field(default_factory=Delivered)
    parcels: tuple[Parcel, ...] = ()
    refused: tuple[str, ...] = ()

    @property
    def failed(self) -> int:
        """Letters that couldn't be made or handed over."""
        return self.delivered.failed + len(self.refused)

    @property
    def went_wrong(self) -> bool:
        """True when a person has to look: some letter failed, or nobody knows what became of it."""
        return bool(self.failed or self.delivered.unknown)


@dataclass(frozen=True)
class Draft:
    """A letter to be written: to whom, how, in which language.

    hold: why it waits for a person, in French; last_day: after it the letter is pointless. reply_to: where its answers
    go, "" for the usual address. calendar: an iCalendar object that goes with it, whose METHOD
    is `method`.
    """

    parcel: Parcel
    to_name: str
    write: Callable[[], Letter]
    lang: str = FRENCH
    hold: str = ""
    last_day: date | None = None
    reply_to: str = ""
    calendar: bytes | None = None
    method: str = ""


@dataclass(frozen=True)
class Frozen:
    """How many letters were recorded; those that couldn't be made, and why, in French; those that another copy made.

    overtaken: another copy, on a ledger that both share, has made that letter or told one of its notices.
    """

    made: int = 0
    refused: tuple[str, ...] = ()
    overtaken: int = 0


def freeze(drafts: Iterable[Draft], installation: Installation, day: date, *, first_rank: int = 0) -> Frozen:
    """Writes, freezes and records each letter of that day; one that can't be made doesn't stop the others.

    first_rank: place of the first among the day's letters. More letters than usual all wait for a person, when they
    would leave through a mail server.
    """
    wanted = list(drafts)
    too_many = _too_many([draft.parcel for draft in wanted if not draft.hold], installation, day)
    made, refused = 0, list[str]()
    for rank, draft in enumerate(wanted, start=first_rank):
        try:
            made += _freeze(replace(draft, hold=draft.hold or too_many), installation, day, rank)
        except CdiError as error:
            refused.append(" ".join(filter(None, [f"{draft.parcel.to} :", error.what, *_why(error), error.fix])))
    return Frozen(made, tuple(refused), len(wanted) - made - len(refused))


def _why(error: CdiError) -> Iterator[str]:
    """Where and why, for a template: an address or a name is told already."""
    if isinstance(error, ConfigError):
        yield f"{error.where} : {error.why}."


def _too_many(parcels: Sequence[Parcel], installation: Installation, day: date) -> str:
    """Why these letters of a run wait for a person, in French; "" when they don't. The ledger isn't asked for a few."""
    if len(parcels) <= FEW or installation.settings.mail.transport != "smtp":
        return ""
    return flood(len(parcels), {parcel.kind for parcel in parcels}, installation.store.outbox.made(), day)


def _freeze(draft: Draft, installation: Installation, day: date, rank: int) -> bool:
    mail, parcel = installation.settings.mail, draft.parcel
    domain = mail.expediteur.rpartition("@")[2]
    message_id = parcel.message_id(domain)
    content = to_bytes(
        draft.write(),
        sender=mail.expediteur,
        sender_name=mail.service,
        to=parcel.to,
        to_name=draft.to_name,
        message_id=message_id,
        sent=clock.morning_of(day),
        key=parcel.key,
        mailing=parcel.kind,
        trial=mail.is_trial,
        lang=draft.lang,
        reply_to=draft.reply_to or mail.reponses,
        thread=thread_of(parcel.case, domain) if parcel.case else "",
        calendar=draft.calendar,
        method=draft.method,
    )
    return installation.store.outbox.record(
        parcel, content, message_id=message_id, lang=draft.lang, day=day, rank=rank, at=clock.now(),
        last_day=draft.last_day, hold=draft.hold,
    )  # fmt: skip


def recover(installation: Installation, today: date) -> int:
    """What former runs left: conversations cut short are in doubt (how many), letters past their day are void.

    On a ledger of this machine alone nobody else is at work: what was begun will never end. On a shared one another
    machine may still be at it, as long as its claim or its connection can live.
    """
    outbox, now = installation.store.outbox, clock.now()
    patience = SETTLED_AFTER if installation.store.is_shared else timedelta(0)
    cut_short = [
        letter
        for letter in outbox.cut_short(now - patience)
        if outbox.leave(letter.key, LetterState.UNKNOWN, of=(LetterState.DATA,), at=now, detail=LOST)
    ]
    if not installation.store.is_shared:
        for letter in outbox.letters(LetterState.CLAIMED):
            outbox.leave(letter.key, LetterState.QUEUED, of=(LetterState.CLAIMED,), at=now, detail="")
    outbox.expire(today, at=now)
    return len(cut_short)


def lapse(installation: Installation, today: date) -> int:
    """Letters that have waited for too long, or have become pointless, never leave: how many. Done before new ones are
    made, so that their notices are told afresh by these."""
    if installation.settings.mail.transport == "none":
        return 0
    return installation.store.outbox.expire_late(today, at=clock.now())


def deliver(installation: Installation, *, in_doubt: int = 0, expired: int = 0, again: bool = False) -> Delivered:
    """Hands over every letter that waits. A letter in doubt is never handed over again.

    in_doubt, expired: those that `recover` and `lapse` found, told with the others. again: between two runs, without the letters that are
    kept back until another run.
    """
    transport, now = installation.settings.mail.transport, clock.now()
    if transport == "none":
        return Delivered(unknown=in_doubt, expired=expired)
    if transport == "smtp" and is_older(installation.folder, installation.store):
        return Delivered(unknown=in_doubt, expired=expired, trouble=_OLDER)
    ready = installation.store.outbox.ready(now, again=again)
    if transport == "folder":
        went, trouble = list(_to_folder(ready, installation)), ""
    else:
        went, trouble = _to_server(ready, installation)
        remember(installation.folder, installation.store, now.date())
    return replace(_told(went, installation.store.outbox.for_a_person(), trouble=trouble, in_doubt=in_doubt),
                   expired=expired)  # fmt: skip


def _told(outcomes: Sequence[Outcome], waiting: Mapping[str, int], *, in_doubt: int, trouble: str) -> Delivered:
    """waiting: why letters wait for a person → how many."""
    states = [outcome.state for outcome in outcomes]
    held = [outcome.detail for outcome in outcomes if outcome.state is LetterState.HELD]
    return Delivered(
        sent=states.count(LetterState.SENT),
        failed=states.count(LetterState.FAILED) + states.count(LetterState.QUEUED),
        unknown=states.count(LetterState.UNKNOWN) + in_doubt,
        held=len(held) + sum(waiting.values()),
        why=tuple(dict.fromkeys([*held, *waiting])),
        trouble=trouble,
    )


# -------------------------------------------------------------------------------------------------- the folder


def _to_folder(ready: Sequence[StoredLetter], installation: Installation) -> Iterator[Outcome]:
    """A file that couldn't be written is tried again at the next run; nothing is kept back, since nothing leaves."""
    handing = _Handing(installation)
    for letter in ready:
        if handing.claim(letter):
            yield handing.settle(letter, _put(installation, letter))


def _put(installation: Installation, letter: StoredLetter) -> Outcome:
    try:
        installation.letters_folder.mkdir(parents=True, exist_ok=True)
        write_atomically(installation.letters_folder / letter.eml, letter.content)
    except OSError as error:
        return Outcome(LetterState.QUEUED, str(error.strerror or error))
    return Outcome(LetterState.SENT)


# --------------------------------------------------------------------------------------------- the mail server


def pause_of(installation: Installation) -> Pause | None:
    """How long the mail server is left alone; None when it isn't, or took the last letters."""
    return Pause.of(installation.store.mark(RELAY))


def try_at_once(installation: Installation) -> None:
    """The mail server is tried again without waiting for the end of its pause."""
    if pause := pause_of(installation):
        installation.store.set_mark(RELAY, replace(pause, until=clock.now()).as_mark())


def _to_server(ready: Sequence[StoredLetter], installation: Installation) -> tuple[list[Outcome], str]:
    """What became of each letter, and why the server took nothing more, "" when it did. A pause begins or ends."""
    if not ready:
        return [], ""
    mail, pause = installation.settings.mail, pause_of(installation)
    with Relay(mail.smtp, sender=mail.expediteur, folder=installation.folder, witness=mail.temoin) as relay:
        sending = _Sending(relay, installation, pause)
        outcomes = [outcome for letter in ready if (outcome := sending.hand_over(letter))]
    if sending.rests:
        assert pause is not None
        return outcomes, pause.told if any(outcome.state is LetterState.QUEUED for outcome in outcomes) else ""
    if sending.trouble:
        pause = pause_after(pause, sending.trouble, clock.now(), refuses=sending.refuses)
        installation.store.set_mark(RELAY, pause.as_mark())
        return outcomes, pause.told
    if pause and sending.was_heard:
        installation.store.set_mark(RELAY, None)
    return outcomes, ""


class _Sending:
    """Letters on their way to the mail server. rests: it is left alone for now; was_heard: it answered for a letter."""

    def __init__(self, relay: Relay, installation: Installation, pause: Pause | None) -> None:
        mail = installation.settings.mail
        self._relay, self._handing = relay, _Handing(installation)
        self._gate = Gate(
            mail.live, mail.environnement == "production", mail.destinataires_autorises, room=mail.plafond,
            refused=installation.store.mailbox.bad_addresses() if mail.imap.serveur else (),
        )  # fmt: skip
        self._refusals, self._pause, self._lost = Refusals.since(pause), pause, ""
        self.rests, self.was_heard = pause is not None and clock.now() < pause.until, False

    @property
    def trouble(self) -> str:
        """Why the server takes nothing more, in French; "" as long as it does."""
        return self._relay.trouble or self._lost or self._refusals.trouble

    @property
    def refuses(self) -> bool:
        """True when the trouble is that it refuses every letter."""
        return bool(self._refusals.trouble) and not (self._relay.trouble or self._lost)

    def hand_over(self, letter: StoredLetter) -> Outcome | None:
        """Through the gate, then to the server; None when another copy has it. One refused for good isn't tried again."""
        if why := self._gate.why_held(letter.to):
            return self._handing.keep(letter, Outcome(LetterState.HELD, why))
        if why := self._pause.why if self._pause and self.rests else self.trouble:
            return self._handing.keep(letter, Outcome(LetterState.QUEUED, why))
        if not self._handing.claim(letter):
            return None
        outcome = _send(self._relay, self._handing, letter)
        self._gate, self._refusals = self._gate.after(outcome), self._refusals.after(outcome)
        self.was_heard |= outcome.state is LetterState.SENT or self._refusals.in_a_row > 0
        if self._pause and outcome.state is LetterState.UNKNOWN:  # after a pause, one letter in doubt is enough
            self._lost = outcome.detail
        refused = outcome.state is LetterState.QUEUED and not self._relay.trouble
        return self._handing.settle(letter, outcome, refused=refused)


def _send(relay: Relay, handing: "_Handing", letter: StoredLetter) -> Outcome:
    try:
        return relay.send(letter.content, letter.to, lambda: handing.begin_data(letter))
    except ClaimLostError:
        relay.forget()  # the conversation was opened for a letter that isn't ours any more
        return Outcome(LetterState.QUEUED, "une autre copie s'en est chargée")


class ClaimLostError(Exception):
    """The claim ran out before the text left: another copy may have taken the letter."""


class _Handing:
    """This copy of the program at work on the letters of an installation."""

    def __init__(self, installation: Installation) -> None:
        self._outbox = installation.store.outbox
        self._owner = uuid4().hex
        self._witness = installation.settings.mail.temoin

    def claim(self, letter: StoredLetter) -> bool:
        now = clock.now()
        return self._outbox.claim(letter.key, self._owner, at=now, until=now + CLAIM)

    def begin_data(self, letter: StoredLetter) -> None:
        """From this commit on, only the server's answer may say that the letter can be sent again."""
        if not self._outbox.begin_data(letter.key, self._owner, at=clock.now(), detail=with_copy(self._witness)):
            raise ClaimLostError(letter.key)

    def settle(self, letter: StoredLetter, outcome: Outcome, *, refused: bool = False) -> Outcome:
        """refused: the server doesn't want that letter for now; it waits before it is tried again."""
        now = clock.now()
        again = next_try(letter.key, letter.attempts + 1, now) if refused else None
        self._outbox.settle(letter.key, self._owner, outcome, at=now, retry_at=again)
        return outcome

    def keep(self, letter: StoredLetter, outcome: Outcome) -> Outcome:
        """A letter that isn't handed over now: said once, not at each run."""
        if (letter.state, letter.detail) != (outcome.state, outcome.detail):
            of = (LetterState.QUEUED, LetterState.HELD)
            self._outbox.leave(letter.key, outcome.state, of=of, at=clock.now(), detail=outcome.detail)
        return outcome


def main() -> None:
    """The job alone, on the installation of the current folder."""
    installation = Installation.at(Path("settings.toml"))
    with installation.alone():
        today = clock.today()
        report = deliver(installation, in_doubt=recover(installation, today), expired=lapse(installation, today))
    print(
        f"{report.sent} courriel(s) remis, {report.failed} en échec, {report.held} retenu(s), "
        f"{report.unknown} d'issue inconnue. {report.trouble}".rstrip()
    )
    if report.went_wrong:
        raise SystemExit(ExitCode.MAIL)


if __name__ == "__main__":
    finish(main)
