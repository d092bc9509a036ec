"""The only place that knows what time it is: Morocco's time, from the time-zone data that we depend on.

Morocco has been on UTC+0 all year since 20 September 2026. Many systems carry older data and Python reads the
system's first, so it is put aside; data that still ignores the change is refused.
"""

import zoneinfo
from datetime import date, datetime, time, timedelta

from cdi_sync.errors import CdiError

zoneinfo.reset_tzpath(to=())
zoneinfo.ZoneInfo.clear_cache()  # a library may have loaded a zone before
MOROCCO = zoneinfo.ZoneInfo("Africa/Casablanca")
MORNING = time(8, 30)  # letters carry this hour of the day they are made for


def now() -> datetime:
    """The present moment in Morocco. Raises CdiError when the time-zone data is stale."""
    if datetime(2026, 12, 1, tzinfo=MOROCCO).utcoffset() != timedelta(0):
        raise CdiError(
            "Les fuseaux horaires installés sont trop anciens.",
            why="ils ignorent le passage du Maroc à UTC+0 du 20 septembre 2026",
            fix="Mettre à jour le paquet tzdata (2026.3 ou plus récent).",
        )
    return datetime.now(MOROCCO)


def today() -> date:
    """The present day in Morocco."""
    return now().date()


def morning_of(day: date) -> datetime:
    """08:30 in Morocco on that day."""
    return datetime.combine(day, MORNING, MOROCCO)
