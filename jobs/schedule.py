"""What runs when. Hours are Morocco's; worked days are the registry's (config/calendar.toml and its holiday tab).

`jobs.due` does what is due; `cdi serve` asks it every minute.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time

from cdi_sync.edges.installation import Installation
from cdi_sync.errors import BusyError
from cdi_sync.slots import EachMinutes, EachWorkedDay, FirstWorkedDayOfWeek, When
from jobs.collect import collect
from jobs.deliver import Written, deliver
from jobs.intake import intake, tell
from jobs.remind import remind
from jobs.report import report
from jobs.sync import sync


@dataclass(frozen=True)
class Job:
    """A line of the timetable. name: as in `jobs/NAME.py` and in the ledger; title: for people, in French.

    do: does the work of a day and says in French, without names or addresses, what was done. Doing it twice is
    harmless. Raises CdiError when it is to be tried again.
    """

    name: str
    when: When
    do: Callable[[Installation, date], str]
    title: str
    is_wanted: Callable[[Installation], bool] = lambda _installation: True  # whether that installation has it done


def _collect(installation: Installation, _today: date) -> str:
    """What came back; a letter that the witness didn't find leaves again at once."""
    done = collect(installation)
    told = [done.in_words, *done.for_person]
    if done.free:
        told.append(f"{deliver(installation).sent} remis")
    return " ; ".join(told)


def _has_mailbox(installation: Installation) -> bool:
    return bool(installation.settings.mail.imap.serveur)


def _intake(installation: Installation, today: date) -> str:
    """Answers to forms, and what staff decided: senders are told, and what changed shows in the workbook at once."""
    done = intake(installation, today)
    failed = [f"{name} : en échec" for name, _ in done.troubles]
    if not installation.submissions():  # nobody ever filled in a form
        return " ; ".join([done.in_words, *failed])
    reading = installation.read(today)
    told = tell(installation, reading, hand_over=True)
    if done.busy:
        raise BusyError(done.busy)
    if done.is_news:
        sync(installation, reading, letters_new=told.new)
    return " ; ".join([done.in_words, _letters(told), *failed])


def _has_forms(installation: Installation) -> bool:
    return installation.has_forms


def _sync(installation: Installation, today: date) -> str:
    reading = installation.read(today)
    done = sync(installation, reading)
    return " ; ".join([f"{done.cells} cellule(s) mises à jour", *reading.snapshot.warnings])


def _remind(installation: Installation, today: date) -> str:
    return _letters(remind(installation, installation.read(today)))


def _report(installation: Installation, today: date) -> str:
    return _letters(report(installation, installation.read(today)))


def _letters(done: Written) -> str:
    """What became of letters. Those that were put off are tried again by the service, as `jobs.retry` tells; those that
    couldn't be made would fail again: they wait for the next slot."""
    delivered = done.delivered
    counts = (
        (done.new, "préparés"), (delivered.sent, "remis"), (delivered.failed, "à réessayer ou refusés"),
        (len(done.refused), "impossibles"), (delivered.held, "retenus"), (delivered.unknown, "d'issue inconnue"),
        (delivered.expired, "périmés"),
    )  # fmt: skip
    told = [f"{count} {what}" for count, what in counts if count]
    return f"courriel(s) : {', '.join(told) or 'aucun'}"


SCHEDULE = (
    Job("collect", EachMinutes(15), _collect, "relève de la boîte aux lettres", _has_mailbox),
    Job("intake", EachMinutes(15), _intake, "réponses aux formulaires", _has_forms),
    Job("sync", EachWorkedDay((time(7), time(12, 30), time(18))), _sync, "contrôle et écriture du classeur"),
    Job("remind", EachWorkedDay((time(8, 30),)), _remind, "rappels"),
    Job("report", FirstWorkedDayOfWeek(time(8)), _report, "rapport hebdomadaire aux présidents"),
)
