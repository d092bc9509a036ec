"""Hands over the letters that wait: into the folder of `.eml` files, or to the mail server.

Steps: letters caught in the middle of a conversation become `unknown` → letters of earlier days that were held
expire → each letter in order: kept back, or handed over, and what became of it recorded at once. Run under the
installation's lock, so that nobody else is handing anything over.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cdi_sync.console import finish
from cdi_sync.edges import clock
from cdi_sync.edges.installation import Installation
from cdi_sync.edges.store import StoredLetter
from cdi_sync.edges.workbook_xlsx import write_atomically
from cdi_sync.outbox import LetterState

LOST = "la réponse du serveur n'est pas connue : une personne doit vérifier si le courriel est arrivé"


@dataclass(frozen=True)
class Delivered:
    """How many letters were handed over, couldn't be, were left in doubt, and were kept back (and why)."""

    sent: int = 0
    failed: int = 0
    unknown: int = 0
    held: int = 0
    why: tuple[str, ...] = ()  # each reason once, in French


def recover(installation: Installation, today: date) -> None:
    """What the last run left: conversations cut short are in doubt, and letters held until another day are void."""
    store, now = installation.store, clock.now()
    for letter in store.letters(LetterState.DATA):
        store.settle(letter.key, LetterState.UNKNOWN, at=now, detail=LOST)
    store.expire_held(today, at=now)


def deliver(installation: Installation) -> Delivered:
    """Hands over every letter that waits. A letter in doubt is never handed over again."""
    if installation.settings.mail.transport == "none":
        return Delivered()
    waiting = installation.store.letters(LetterState.QUEUED, LetterState.FAILED)
    states = [_put(installation, letter) for letter in waiting]
    return Delivered(sent=states.count(LetterState.SENT), failed=states.count(LetterState.FAILED))


def _put(installation: Installation, letter: StoredLetter) -> LetterState:
    state, detail = LetterState.SENT, ""
    try:
        installation.letters_folder.mkdir(parents=True, exist_ok=True)
        write_atomically(installation.letters_folder / letter.eml, letter.content)
    except OSError as error:
        state, detail = LetterState.FAILED, str(error.strerror or error)
    installation.store.settle(letter.key, state, at=clock.now(), detail=detail)
    return state


def main() -> None:
    """The job alone, on the installation of the current folder."""
    installation = Installation.at(Path("settings.toml"))
    with installation.alone():
        recover(installation, clock.today())
        report = deliver(installation)
    print(f"{report.sent} courriel(s) remis, {report.failed} en échec, {report.held} retenus.")


if __name__ == "__main__":
    finish(main)
