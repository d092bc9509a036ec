"""What runs when. Hours are Morocco's; worked days are the registry's (config/calendar.toml and its holiday tab).

`jobs.due` does what is due; `cdi serve` asks it every minute.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time

from cdi_sync.edges.installation import Installation
from cdi_sync.errors import CdiError
from cdi_sync.slots import EachWorkedDay, FirstWorkedDayOfWeek, When
from jobs.deliver import Written
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


def _sync(installation: Installation, today: date) -> str:
    reading = installation.read(today)
    done = sync(installation, reading)
    return " ; ".join([f"{done.cells} cellule(s) mises à jour", *reading.snapshot.warnings])


def _remind(installation: Installation, today: date) -> str:
    return _letters(remind(installation, installation.read(today)))


def _report(installation: Installation, today: date) -> str:
    return _letters(report(installation, installation.read(today)))


def _letters(done: Written) -> str:
    """What became of letters. Those that couldn't be made would fail again: they wait for the next slot."""
    delivered = done.delivered
    if delivered.failed:
        raise CdiError(f"{delivered.failed} courriel(s) n'ont pas pu être remis.")
    counts = (
        (done.new, "préparés"), (delivered.sent, "remis"), (len(done.refused), "impossibles"),
        (delivered.held, "retenus"), (delivered.unknown, "d'issue inconnue"),
    )  # fmt: skip
    told = [f"{count} {what}" for count, what in counts if count]
    return f"courriel(s) : {', '.join(told) or 'aucun'}"


SCHEDULE = (
    Job("sync", EachWorkedDay((time(7), time(12, 30), time(18))), _sync, "contrôle et écriture du classeur"),
    Job("remind", EachWorkedDay((time(8, 30),)), _remind, "rappels"),
    Job("report", FirstWorkedDayOfWeek(time(8)), _report, "rapport hebdomadaire aux présidents"),
)
