"""When a meeting is held, on the clocks of both partners, in the words of a language. Pure.

Hours are typed in the council's time. The partner's zone is the one typed on the meeting's row, else on the partner's;
else its country's, when all the clocks of that country show the same hour at that moment. Otherwise it isn't known, and
the hour is told in universal time: nobody chooses a town for the reader.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.core import get_global
from babel.dates import format_date, get_timezone_location

from cdi_sync.mail.language import Language
from cdi_sync.meetings import HOME, is_zone
from cdi_sync.model import Row
from cdi_sync.reference.countries import countries, find_country

_MOROCCO = "MA"
UNIVERSAL = "UTC"


@dataclass(frozen=True)
class Clock:
    """What one clock shows. hours: "10:00 – 11:30", or "10:00" when the end isn't known.

    where: « Maroc », « États-Unis, New York », or "" for universal time. day: in words, when it isn't the day of the
    council, else "".
    """

    hours: str
    where: str
    offset: str
    day: str = ""


def home_zone(meeting: Row) -> str | None:
    """The council's zone: the one typed, else Morocco's. None when what is typed is no zone."""
    typed = meeting.text("fuseau_ct") or HOME
    return typed if is_zone(typed) else None


def partner_zone(meeting: Row, partner: Row | None, moment: datetime) -> str:
    """The partner's zone at that moment; UNIVERSAL when it isn't known."""
    typed = (meeting.text("fuseau_partenaire"), partner.text("fuseau_horaire") if partner else "")
    return next((zone for zone in typed if is_zone(zone)), _zone_of(partner.text("pays") if partner else "", moment))


def _zone_of(country: str, moment: datetime) -> str:
    zones = [zone for zone in zones_of(_code(country)) if is_zone(zone)]
    shown = {moment.astimezone(ZoneInfo(zone)).utcoffset() for zone in zones}
    return zones[0] if len(shown) == 1 else UNIVERSAL


def zones_of(territory: str) -> tuple[str, ...]:
    """The zones of a territory, by its ISO 3166 code, in order of name."""
    return tuple(sorted(get_global("territory_zones").get(territory, ())))


def _code(country: str) -> str:
    return _codes().get(find_country(country) or "", "")


@lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    return {country.fr: country.code for country in countries()}


def at(day: date, hour: time, zone: str) -> datetime:
    """That hour of that day in that zone, in universal time."""
    return datetime.combine(day, hour, ZoneInfo(zone)).astimezone(UTC)


def clocks(begins: datetime, ends: datetime | None, here: str, there: str, language: Language) -> tuple[Clock, ...]:
    """What the council's clock shows, then the partner's when it shows anything else. begins, ends: in universal time."""
    shown = [_clock(begins, ends, here, _MOROCCO, begins.astimezone(ZoneInfo(here)).date(), language)]
    if there != here:
        day = begins.astimezone(ZoneInfo(here)).date()
        shown.append(_clock(begins, ends, there, get_global("zone_territories").get(there, ""), day, language))
    return tuple(shown)


def _clock(
    begins: datetime, ends: datetime | None, zone: str, territory: str, home_day: date, language: Language
) -> Clock:
    local = begins.astimezone(ZoneInfo(zone))
    hours = [local, *([ends.astimezone(ZoneInfo(zone))] if ends else [])]
    return Clock(
        hours=" – ".join(f"{moment:%H:%M}" for moment in hours),
        where=", ".join(_where(zone, territory, language)),
        offset=_offset(local),
        day="" if local.date() == home_day else full_day(local.date(), language),
    )


def _where(zone: str, territory: str, language: Language) -> Iterator[str]:
    """The country, then the town where the country has several clocks."""
    if not territory or territory == "001":
        return
    yield language.locale.territories.get(territory, territory)
    # Morocco is one place, whichever of its zones was typed.
    if territory != _MOROCCO and len(zones_of(territory)) > 1:
        yield get_timezone_location(zone, locale=language.locale, return_city=True)


def _offset(moment: datetime) -> str:
    """ "UTC+1"."""
    minutes = int((moment.utcoffset() or timedelta()).total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")


def full_day(day: date, language: Language) -> str:
    """« jeudi 3 décembre 2026 »."""
    return f"{format_date(day, 'EEEE', locale=language.locale)} {language.long_day(day)}"
