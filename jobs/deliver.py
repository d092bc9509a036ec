"""Freezes letters, then hands over those that wait: into the folder of `.eml` files, or to the mail server.

A letter's bytes are frozen and recorded before anything leaves. Handing over, steps: letters caught in the middle of
a conversation become `unknown` → letters of earlier days that were held expire → each letter in order: kept back, or
handed over, and what became of it recorded at once. Run under the installation's lock, so that nobody else is handing
anything over.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from cdi_sync.console import finish
from cdi_sync.edges import clock
from cdi_sync.edges.files import write_atomically
from cdi_sync.edges.installation import Installation
from cdi_sync.edges.smtp import LOST, Relay
from cdi_sync.edges.store import StoredLetter
from cdi_sync.errors import CdiError, ExitCode
from cdi_sync.letters import Letter
from cdi_sync.message import to_bytes
from cdi_sync.outbox import Gate, LetterState, Outcome, Parcel

LANG = "fr"


@dataclass(frozen=True)
class Delivered:
    """How many letters were handed over, couldn't be, were left in doubt, and were kept back (and why)."""

    sent: int = 0
    failed: int = 0  # refused, or not handed over in this run
    unknown: int = 0
    held: int = 0
    why: tuple[str, ...] = ()  # why letters were kept back, each reason once, in French
    trouble: str = ""  # why the mail server took nothing more, in French

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
    """A letter to be written: to whom, and how."""

    parcel: Parcel
    to_name: str
    write: Callable[[], Letter]


def freeze(drafts: Iterable[Draft], installation: Installation, day: date, *, first_rank: int = 0) -> tuple[str, ...]:
    """Writes, freezes and records each letter of that day; one that can't be made doesn't stop the others.

    first_rank: place of the first among the day's letters. What was refused, in words.
    """
    refused = []
    for rank, draft in enumerate(drafts, start=first_rank):
        try:
            _freeze(draft, installation, day, rank)
        except CdiError as error:
            refused.append(f"{draft.parcel.to} : {error.what} {error.fix}")
    return tuple(refused)


def _freeze(draft: Draft, installation: Installation, day: date, rank: int) -> None:
    mail, parcel = installation.settings.mail, draft.parcel
    message_id = parcel.message_id(mail.expediteur.rpartition("@")[2])
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
    )
    installation.store.record(parcel, content, message_id=message_id, lang=LANG, day=day, rank=rank, at=clock.now())


def recover(installation: Installation, today: date) -> int:
    """What the last run left: conversations cut short are in doubt (how many), letters held until another day are void."""
    store, now = installation.store, clock.now()
    cut_short = store.letters(LetterState.DATA)
    for letter in cut_short:
        store.settle(letter.key, LetterState.UNKNOWN, at=now, detail=LOST)
    store.expire_held(today, at=now)
    return len(cut_short)


def deliver(installation: Installation, *, in_doubt: int = 0) -> Delivered:
    """Hands over every letter that waits. A letter in doubt is never handed over again.

    in_doubt: those that `recover` found, told with the others.
    """
    transport = installation.settings.mail.transport
    if transport == "folder":
        return _told(_to_folder(installation), in_doubt=in_doubt)
    if transport == "smtp":
        return _to_server(installation, in_doubt=in_doubt)
    return Delivered(unknown=in_doubt)


def _told(outcomes: Iterable[Outcome], *, in_doubt: int, trouble: str = "") -> Delivered:
    done = list(outcomes)
    states = [outcome.state for outcome in done]
    return Delivered(
        sent=states.count(LetterState.SENT),
        failed=states.count(LetterState.FAILED) + states.count(LetterState.QUEUED),
        unknown=states.count(LetterState.UNKNOWN) + in_doubt,
        held=states.count(LetterState.HELD),
        why=tuple(dict.fromkeys(outcome.detail for outcome in done if outcome.state is LetterState.HELD)),
        trouble=trouble,
    )


def _record(installation: Installation, letter: StoredLetter, outcome: Outcome) -> Outcome:
    installation.store.settle(letter.key, outcome.state, at=clock.now(), detail=outcome.detail)
    return outcome


# -------------------------------------------------------------------------------------------------- the folder


def _to_folder(installation: Installation) -> Iterator[Outcome]:
    """A file that couldn't be written is tried again; nothing is kept back, since nothing leaves."""
    for letter in installation.store.letters(LetterState.QUEUED, LetterState.HELD, LetterState.FAILED):
        yield _record(installation, letter, _put(installation, letter))


def _put(installation: Installation, letter: StoredLetter) -> Outcome:
    try:
        installation.letters_folder.mkdir(parents=True, exist_ok=True)
        write_atomically(installation.letters_folder / letter.eml, letter.content)
    except OSError as error:
        return Outcome(LetterState.FAILED, str(error.strerror or error))
    return Outcome(LetterState.SENT)


# --------------------------------------------------------------------------------------------- the mail server


def _to_server(installation: Installation, *, in_doubt: int) -> Delivered:
    mail = installation.settings.mail
    with Relay(mail.smtp, sender=mail.expediteur, folder=installation.folder) as relay:
        outcomes = list(_through(relay, installation))
    return _told(outcomes, in_doubt=in_doubt, trouble=relay.trouble)


def _through(relay: Relay, installation: Installation) -> Iterator[Outcome]:
    """Each letter through the gate, then to the server. Those refused for good aren't tried again."""
    mail = installation.settings.mail
    gate = Gate(mail.live, mail.environnement == "production", mail.destinataires_autorises, room=mail.plafond)
    for letter in installation.store.letters(LetterState.QUEUED, LetterState.HELD):
        why = gate.why_held(letter.to)
        outcome = Outcome(LetterState.HELD, why) if why else _send(relay, installation, letter)
        gate = gate.after(outcome)
        yield _record(installation, letter, outcome)


def _send(relay: Relay, installation: Installation, letter: StoredLetter) -> Outcome:
    def before_data() -> None:
        """From this commit on, only the server's answer may say that the letter can be sent again."""
        installation.store.settle(letter.key, LetterState.DATA, at=clock.now())

    return relay.send(letter.content, letter.to, before_data)


def main() -> None:
    """The job alone, on the installation of the current folder."""
    installation = Installation.at(Path("settings.toml"))
    with installation.alone():
        report = deliver(installation, in_doubt=recover(installation, clock.today()))
    print(
        f"{report.sent} courriel(s) remis, {report.failed} en échec, {report.held} retenu(s), "
        f"{report.unknown} d'issue inconnue. {report.trouble}".rstrip()
    )
    if report.went_wrong:
        raise SystemExit(ExitCode.MAIL)


if __name__ == "__main__":
    finish(main)
