"""Between the daily jobs: hands over the letters whose next try has come. Reads no workbook, makes no notice.

The mail server is left alone as long as its pause lasts; letters kept back (cap, sending not switched on) wait for the
next job.
"""

from datetime import date, datetime
from pathlib import Path

from cdi_sync.console import finish
from cdi_sync.edges import clock
from cdi_sync.edges.installation import Installation
from cdi_sync.edges.ledger.beside import is_older
from cdi_sync.errors import CdiError, ExitCode
from jobs.deliver import Delivered, deliver, lapse, pause_of, recover

RETRY = "courriels"  # its name in the log, beside those of the jobs


def is_time(installation: Installation, now: datetime) -> bool:
    """True when a letter waits whose time has come, and nothing keeps the mail server from being asked."""
    transport, store = installation.settings.mail.transport, installation.store
    if transport == "none" or not store.outbox.is_waiting(now):
        return False
    if transport == "folder":
        return True
    pause = pause_of(installation)
    return (pause is None or pause.until <= now) and not is_older(installation.folder, store)


def retry(installation: Installation, today: date) -> str:
    """Hands them over, and says in French, without addresses, what became of them.

    Raises CdiError when the folder can't be written: it is tried again a little later.
    """
    done = hand_over(installation, today)
    if done.failed and installation.settings.mail.transport == "folder":
        raise CdiError(f"{done.failed} courriel(s) n'ont pas pu être déposés.")
    return in_words(done)


def hand_over(installation: Installation, today: date) -> Delivered:
    """What became of the letters whose time has come."""
    in_doubt, expired = recover(installation, today), lapse(installation, today)
    return deliver(installation, in_doubt=in_doubt, expired=expired, again=True)


def in_words(done: Delivered) -> str:
    """What became of letters, in a line without addresses."""
    counts = (
        (done.sent, "remis"), (done.failed, "à réessayer ou refusés"), (done.held, "retenus"),
        (done.unknown, "d'issue inconnue"), (done.expired, "périmés, leurs rappels seront redits"),
    )  # fmt: skip
    told = ", ".join(f"{count} {what}" for count, what in counts if count) or "aucun"
    return f"courriel(s) : {told}" + (" ; le serveur de courrier ne prend plus rien" if done.trouble else "")


def main() -> None:
    """The job alone, on the installation of the current folder."""
    installation = Installation.at(Path("settings.toml"))
    with installation.alone():
        done = hand_over(installation, clock.today())
    print(f"{in_words(done)}. {done.trouble}".rstrip())
    if done.went_wrong:
        raise SystemExit(ExitCode.MAIL)


if __name__ == "__main__":
    finish(main)
