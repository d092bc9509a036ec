"""What people answered to reminders, and for how long a reminder is silent after it. Pure.

An answer speaks of one reminder of one row, under the anchor that it had. For everybody: seen, it is silent for as long as
after « Rappel vu le »; put off, until that day; done, for a few worked days, the time for staff to type the day.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import TypeAlias

from cdi_sync.calendar import WorkCalendar
from cdi_sync.law import EVERY_TIER, Law
from cdi_sync.model import Answer

DONE, PUT_OFF, SEEN = "fait", "reporter", "vu"


Waiting: TypeAlias = tuple[str, str, date]  # reminder, row, anchor
Answers: TypeAlias = Mapping[Waiting, Mapping[str, Answer]]  # then verb → the last answer that says it


def by_waiting(answers: Iterable[Answer]) -> Answers:
    """The last answer of each kind, the oldest given first."""
    found: dict[Waiting, dict[str, Answer]] = {}
    for answer in answers:
        found.setdefault((answer.reminder, answer.subject, answer.anchor), {})[answer.verb] = answer
    return found


def back_on(answers: Mapping[str, Answer], law: Law, calendar: WorkCalendar) -> date | None:
    """The day on which a reminder speaks again after those answers; None when nobody answered."""
    return max((_back(answer, law, calendar) for answer in answers.values()), default=None)


def _back(answer: Answer, law: Law, calendar: WorkCalendar) -> date:
    if answer.verb == PUT_OFF:
        return answer.day
    pause = law.in_force("reponse_fait_pause" if answer.verb == DONE else "rappel_vu_pause", answer.on, EVERY_TIER)
    days = int(pause.number) if pause else 0
    return calendar.add_worked_days(answer.on, days) if answer.verb == DONE else answer.on + timedelta(days=days)
