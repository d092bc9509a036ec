"""Who should hear about what today: what waits, the ladder of each reminder, the people of each step. Pure.

`ladder` says when a step is due, `triggers` what waits, `notices` who hears of it. The ledger decides what was said
already (`outbox`).
"""

from cdi_sync.reminders.ladder import Reminder, parse_reminder
from cdi_sync.reminders.notices import Cite, due_notices

__all__ = ["Cite", "Reminder", "due_notices", "parse_reminder"]
