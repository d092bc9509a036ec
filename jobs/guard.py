"""What is looked at before letters are made or anything is written: has the registry shrunk, does the ledger know all
that it should. The decisions are `cdi_sync.mail.breakers`; what is found is left in the ledger for the next run.
"""

import re
from dataclasses import replace
from datetime import date, datetime

from cdi_sync.edges import clock
from cdi_sync.edges.installation import Installation, Reading
from cdi_sync.edges.ledger.beside import is_older, remember
from cdi_sync.errors import RegistryError
from cdi_sync.mail.breakers import Start, shrunk, start_of
from cdi_sync.mail.outbox import LetterState
from cdi_sync.shown import JOURNAL

ROWS, START = "lignes", "depart"  # marks: rows filled in, by tab; what is known of the ledger's beginning
_LETTERS = re.compile(r", ([1-9]\d*) courriel\(s\), ")  # in a line of the workbook's journal, as jobs.sync writes it


def refuse_shrunk(installation: Installation, reading: Reading, *, dry_run: bool = False, anyway: bool = False) -> None:
    """Raises RegistryError when rows have vanished since the last run. anyway: a person has looked, and goes on."""
    store, registry = installation.ledger(dry_run=dry_run), reading.assessment.registry
    before, now = store.mark(ROWS) or {}, {tab: len(rows) for tab, rows in registry.rows.items()}
    titles = {tab: layout.title for tab, layout in registry.layouts.items()}
    if not anyway and (why := shrunk(before, now, titles)):
        raise RegistryError(
            "Le classeur a perdu beaucoup de lignes : aucun courriel n'est fait, rien n'est écrit.",
            where=installation.book.name, why=why,
            fix="Si c'est une erreur, remettre le classeur (sauvegardes/, ou l'historique des versions). Si c'est voulu : "
            "« cdi run --malgre-tout », une fois.",
        )  # fmt: skip
    if now != before and not dry_run:
        store.set_mark(ROWS, now)


def starting(installation: Installation, reading: Reading) -> Start | None:
    """What is known of the ledger's beginning; None for one that knows all that it should, or sends nothing.

    When it turns out to be older than what was sent, the letters that wait in it may have left: from then on they wait
    for a person.
    """
    if installation.settings.mail.transport != "smtp":
        return None
    store = installation.store
    known, sent_on = Start.of(store.mark(START)), _sent_on(installation, reading)
    if known is not None and (sent_on is None or (known.is_lost and sent_on < known.before)):
        return known
    found = start_of(reading.assessment.as_of, knows_letters=store.journal.head()[0] > 0, sent_on=sent_on)
    if found is None:
        return None
    store.set_mark(START, found.as_mark())
    if found.is_lost:
        for letter in store.outbox.letters(LetterState.QUEUED, LetterState.HELD):
            if not letter.hold:
                store.outbox.hold(letter.key, found.why, at=clock.now())
        remember(installation.folder, store, clock.today())
    return found


def started(installation: Installation, start: Start | None) -> None:
    """All that was due at the beginning has been gone through: what comes from now on leaves."""
    if start is not None and not start.is_over:
        installation.store.set_mark(START, replace(start, is_over=True).as_mark())


def _sent_on(installation: Installation, reading: Reading) -> date | None:
    """The last day on which others remember letters that the ledger doesn't know; None when they don't.

    They are the file beside it, and the journal of the workbook.
    """
    older = is_older(installation.folder, installation.store)
    told = _last_told(reading)
    days = [older.day] if older else []
    if told is not None and told > max((day for _, _, day in installation.store.outbox.made()), default=date.min):
        days.append(told)
    return max(days, default=None)


def _last_told(reading: Reading) -> date | None:
    """The last day on which the workbook's journal, whose latest line comes first, tells of letters."""
    grid = reading.snapshot.grids.get(JOURNAL)
    for row in grid.rows[2:] if grid else ():
        day, what = row[0] if row else None, str(row[2]) if len(row) > 2 else ""
        if isinstance(day, date) and _LETTERS.search(what):
            return day.date() if isinstance(day, datetime) else day
    return None
