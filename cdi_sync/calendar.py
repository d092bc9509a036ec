"""The council's calendar: worked days, holidays, ordinary sessions, and the last days the law allows.

Pure. Worked days are Monday to Friday outside holidays. Three layers say what a holiday is, the later
winning: the `holidays` library, config/calendar.toml, the registry's holiday tab. A religious day that the
library marks as estimated stays so until one of the other two speaks of it. A `last day` is included: acting
on it is in time. The law that applies to a session is the one in force on the first day of its month.
Levels are the plain strings of the registry (REGION, PREFECTURE, PROVINCE, COMMUNE, GROUPEMENT).
"""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from importlib.util import find_spec, module_from_spec
from typing import TYPE_CHECKING

from cdi_sync.law import EVERY_TIER, InForce, Law, Unit

if TYPE_CHECKING:
    from holidays import HolidayBase

NATURES = ("NATIONAL", "RELIGIEUX", "EXCEPTIONNEL")
STATUSES = ("ESTIME", "CONFIRME", "SUPPRIME")

_DAY = timedelta(days=1)
_SATURDAY = 5
_WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_ESTIMATED = " (estimé)"
_LIBRARY_SOURCE = "Bibliothèque « holidays » (Maroc)"
_TAB_SOURCE = "Onglet des jours fériés du registre"
_CONFIG_KEYS = ("jours_de_repos", "fetes_religieuses", "libelles", "corrections")
_CORRECTION_KEYS = ("jour", "libelle", "nature", "deplace_du", "source")


# --------------------------------------------------------------------------------------------------- holidays


@dataclass(frozen=True)
class Holiday:
    """A day off. nature: NATIONAL, RELIGIEUX or EXCEPTIONNEL; estimated: its date isn't announced yet."""

    day: date
    label: str
    nature: str
    estimated: bool
    source: str


@dataclass(frozen=True)
class HolidayChange:
    """What a line of the holiday tab says of one day; raises ValueError for an unknown nature or status.

    SUPPRIME cancels the holiday known on `day`. Otherwise `day` is a holiday; with `moved_from`, it's the one
    known on that other day, which goes back to work. The next days of the same feast follow the first, unless
    another line speaks of them.
    """

    day: date
    label: str
    nature: str
    status: str
    moved_from: date | None = None
    source: str = _TAB_SOURCE

    def __post_init__(self) -> None:
        _check_choice(self.nature, NATURES, f"jour férié du {self.day}, nature")
        _check_choice(self.status, STATUSES, f"jour férié du {self.day}, statut")

    @property
    def known_day(self) -> date:
        """The day on which the layer below knows this holiday."""
        return self.moved_from or self.day


@dataclass(frozen=True)
class _Library:
    """The holidays of the library, under the names we show; `religious` holds names we show."""

    labels: Mapping[str, str]
    religious: frozenset[str]

    def on(self, day: date) -> tuple[Holiday, ...]:
        """The library's holidays of that day; raises ValueError for a year it doesn't cover."""
        return tuple(self._holiday(day, name) for name in _library_names(day.year).get(day, ()))

    def _holiday(self, day: date, name: str) -> Holiday:
        plain = name.removesuffix(_ESTIMATED)
        label = self.labels.get(plain, plain)
        return Holiday(
            day=day,
            label=label,
            nature="RELIGIEUX" if label in self.religious else "NATIONAL",
            estimated=plain != name,
            source=_LIBRARY_SOURCE,
        )


@cache
def _morocco() -> "HolidayBase":
    from holidays import country_holidays  # slow to load

    # The package of its 250 countries would load them all; not run, it gives the one that is asked of it.
    package = find_spec("holidays.countries")
    if package and package.name not in sys.modules:
        sys.modules[package.name] = module_from_spec(package)
    return country_holidays("MA", language="fr")


def load_holidays() -> None:
    """Loads the library now, which takes a tenth of a second, rather than at the first question."""
    _morocco()


@cache
def _library_names(year: int) -> Mapping[date, tuple[str, ...]]:
    known = _morocco()
    if not known.start_year <= year <= known.end_year:
        raise ValueError(
            f"Les jours fériés de {year} sont inconnus : le calendrier va de {known.start_year} à "
            f"{known.end_year}. Vérifiez l'année de la date."
        )
    known.get(date(year, 1, 1))  # it makes the days of a year that is asked for
    return {day: tuple(known.get_list(day)) for day in known if day.year == year}


# ------------------------------------------------------------------------------------------------ worked days


@dataclass(frozen=True)
class _Move:
    """One day that a line settles: the holiday known on `known` is to be on `to`."""

    change: HolidayChange
    known: date
    to: date


@dataclass(frozen=True, eq=False)
class WorkCalendar:
    """Worked days and holidays of any year that the library covers; raises ValueError for another year."""

    weekend: frozenset[int]
    _library: _Library
    _changed: Mapping[date, tuple[Holiday, ...]] = field(default_factory=dict)

    def is_worked(self, day: date) -> bool:
        """Whether offices work on that day."""
        return day.weekday() not in self.weekend and not self._on(day)

    def holiday(self, day: date) -> Holiday | None:
        """The holiday of that day, a certain one before an estimated one when two fall together."""
        return min(self._on(day), key=lambda holiday: holiday.estimated, default=None)

    def add_worked_days(self, day: date, n: int) -> date:
        """The n-th worked day after `day`, not counted; before it when n is negative; `day` itself for 0."""
        step = _DAY if n > 0 else -_DAY
        for _ in range(abs(n)):
            day = self._walk(day + step, step)
        return day

    def worked_days_between(self, start: date, end: date) -> int:
        """Worked days after `start`, up to and including `end`; negative when `end` comes first.

        The inverse of `add_worked_days`: counting backwards, `start` is left out and `end` included too.
        """
        if end < start:
            return -sum(map(self.is_worked, _days(end, start - _DAY)))
        return sum(map(self.is_worked, _days(start + _DAY, end)))

    def next_worked(self, day: date) -> date:
        """`day` if it is worked, otherwise the first worked day after it."""
        return self._walk(day, _DAY)

    def previous_worked(self, day: date) -> date:
        """`day` if it is worked, otherwise the last worked day before it."""
        return self._walk(day, -_DAY)

    def estimated_between(self, start: date, end: date) -> tuple[Holiday, ...]:
        """Holidays from `start` to `end`, both included, whose date isn't confirmed yet; in order of date."""
        return tuple(holiday for day in _days(start, end) for holiday in self._on(day) if holiday.estimated)

    def changed_by(self, changes: Sequence[HolidayChange]) -> "WorkCalendar":
        """The same calendar once these lines, read together, have been applied over it."""
        moves = [move for change in changes for move in self._moves(change, changes)]
        changed = dict(self._changed)
        for move in moves:  # 1. every day spoken of loses what was known there
            gone = _spoken_of(self._on(move.known), move.change)
            kept = changed.get(move.known, self._on(move.known))
            changed[move.known] = tuple(holiday for holiday in kept if holiday not in gone)
        for move in moves:  # 2. then each holiday goes where its line puts it
            if move.change.status != "SUPPRIME":
                holiday = _holiday_of(move, self._on(move.known))
                there = changed.get(move.to, self._on(move.to))
                changed[move.to] = (*(h for h in there if h.nature != holiday.nature), holiday)
        return WorkCalendar(self.weekend, self._library, changed)

    def _moves(self, change: HolidayChange, changes: Sequence[HolidayChange]) -> Iterator[_Move]:
        """The line's own day, then the days of the same feast that follow it."""
        elsewhere = {other.known_day for other in changes}
        labels = {holiday.label for holiday in _spoken_of(self._on(change.known_day), change)}
        move = _Move(change, known=change.known_day, to=change.day)
        yield move
        while change.status != "SUPPRIME" and move.known + _DAY not in elsewhere:
            move = _Move(change, known=move.known + _DAY, to=move.to + _DAY)
            if labels.isdisjoint(h.label for h in _spoken_of(self._on(move.known), change)):
                return
            yield move

    def _walk(self, day: date, step: timedelta) -> date:
        while not self.is_worked(day):
            day += step
        return day

    def _on(self, day: date) -> tuple[Holiday, ...]:
        changed = self._changed.get(day)
        return self._library.on(day) if changed is None else changed


def build_calendar(
    years: Iterable[int], changes: Sequence[HolidayChange], config: Mapping[str, object]
) -> WorkCalendar:
    """The calendar of Morocco, corrected by `config` (parsed calendar.toml), then by `changes` (the tab).

    `years` are made ready now, any other year when it is asked for. Raises ValueError when the configuration
    is wrong (names the key; the caller adds the file) or when a year lies outside the library's.
    """
    _check_keys(config, _CONFIG_KEYS, required=_CONFIG_KEYS, where="calendrier")
    for year in years:
        _library_names(year)
    library = _Library(_labels(config["libelles"]), _religious(config["fetes_religieuses"]))
    bare = WorkCalendar(_weekend(config["jours_de_repos"]), library)
    return bare.changed_by(_corrections(config["corrections"])).changed_by(changes)


def _spoken_of(known: tuple[Holiday, ...], change: HolidayChange) -> tuple[Holiday, ...]:
    same_nature = tuple(holiday for holiday in known if holiday.nature == change.nature)
    if same_nature or (change.status != "SUPPRIME" and change.moved_from is None):
        return same_nature
    return known  # a line that moves or cancels means that day's holiday, even under another nature


def _holiday_of(move: _Move, known: tuple[Holiday, ...]) -> Holiday:
    change = move.change
    labels = [change.label, *(holiday.label for holiday in _spoken_of(known, change))]
    return Holiday(
        day=move.to,
        label=next(filter(None, labels), "Jour férié"),
        nature=change.nature,
        estimated=change.status == "ESTIME",
        source=change.source,
    )


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=rank) for rank in range((last - first).days + 1))


# ---------------------------------------------------------------------------------------------- configuration


def _weekend(raw: object) -> frozenset[int]:
    if not isinstance(raw, list) or not set(raw) <= set(_WEEKDAYS) or len(set(raw)) == len(_WEEKDAYS):
        raise ValueError(
            f"jours_de_repos : {raw!r} n'est pas une liste de jours de la semaine ({', '.join(_WEEKDAYS)}), "
            "dont l'un au moins est ouvrable."
        )
    return frozenset(_WEEKDAYS.index(name) for name in raw)


def _labels(raw: object) -> Mapping[str, str]:
    if not isinstance(raw, Mapping) or not all(isinstance(label, str) for label in raw.values()):
        raise ValueError("libelles : une table « nom de la bibliothèque » = « nom montré » est attendue.")
    return raw


def _religious(raw: object) -> frozenset[str]:
    if not isinstance(raw, list) or not all(isinstance(label, str) for label in raw):
        raise ValueError("fetes_religieuses : une liste de noms de fêtes est attendue.")
    return frozenset(raw)


def _corrections(raw: object) -> tuple[HolidayChange, ...]:
    if not isinstance(raw, list):
        raise ValueError("corrections : des blocs [[corrections]] sont attendus.")
    return tuple(_correction(item, f"corrections n° {rank}") for rank, item in enumerate(raw, start=1))


def _correction(raw: object, where: str) -> HolidayChange:
    if not isinstance(raw, Mapping):
        raise ValueError(f"{where} : un bloc [[corrections]] est attendu, pas {raw!r}.")
    _check_keys(raw, _CORRECTION_KEYS, required=("jour", "libelle", "nature", "source"), where=where)
    _check_choice(raw["nature"], NATURES, f"{where}.nature")
    moved_from = raw.get("deplace_du")
    return HolidayChange(
        day=_checked_day(raw["jour"], f"{where}.jour"),
        label=str(raw["libelle"]),
        nature=raw["nature"],
        status="CONFIRME",
        moved_from=None if moved_from is None else _checked_day(moved_from, f"{where}.deplace_du"),
        source=str(raw["source"]),
    )


def _checked_day(raw: object, where: str) -> date:
    if isinstance(raw, date) and not isinstance(raw, datetime):
        return raw
    raise ValueError(f"{where} : une date sans guillemets ni heure est attendue (2023-04-22), pas {raw!r}.")


def _check_keys(table: Mapping[str, object], allowed: Sequence[str], *, required: Sequence[str], where: str) -> None:
    for name in required:
        if name not in table:
            raise ValueError(f"{where} : la clé « {name} » manque.")
    for name in table:
        if name not in allowed:
            raise ValueError(f"{where} : clé « {name} » inconnue ; clés admises : {', '.join(allowed)}.")


def _check_choice(value: object, allowed: Sequence[str], where: str) -> None:
    if value not in allowed:
        raise ValueError(f"{where} : {value!r} n'est pas admis ; valeurs admises : {', '.join(allowed)}.")


# ------------------------------------------------------------------------------------------------------ weeks


def iso_week(day: date) -> str:
    """The ISO week of a day: "2026-S53" for the 1st of January 2027."""
    year, week, _ = day.isocalendar()
    return f"{year}-S{week:02d}"


def week_before(day: date) -> str:
    """The ISO week that precedes the one of a day."""
    return iso_week(day - timedelta(days=7))


# ------------------------------------------------------------------------------------------- council sessions


@dataclass(frozen=True)
class OrdinarySession:
    """An ordinary session and its last days, all included.

    theoretical: the Monday of the law, or the first day of the commune's window; window_last: the last day of that
    window, worked or not (D-15), the Monday itself for others.
    opening: the first day it may open; opening_latest: the last (the same, save for a commune).
    moved_because: name of the holiday on which the Monday falls; None when the session isn't moved.
    agenda_last_day, notice_last_day, closing_latest: counted from `opening`, without extension.
    """

    tier: str
    year: int
    month: int
    theoretical: date
    window_last: date
    opening: date
    opening_latest: date
    moved_because: str | None
    agenda_last_day: date
    notice_last_day: date
    closing_latest: date


@lru_cache(maxsize=1024)  # a run asks again for each case of a council
def ordinary_sessions(tier: str, year: int, law: Law, calendar: WorkCalendar) -> tuple[OrdinarySession, ...]:
    """The ordinary sessions of a year, in order (LEX-01); none before the law, nor for a grouping.

    Raises ValueError when the law gives the months of a level's sessions but not its other limits.
    """
    return tuple(
        _session(tier, first, law, calendar)
        for first in (date(year, month, 1) for month in range(1, 13))
        if (months := law.in_force("sessions_mois", first, tier)) and first.month in months.numbers
    )


def next_usable_session(tier: str, today: date, law: Law, calendar: WorkCalendar) -> OrdinarySession | None:
    """The first ordinary session whose agenda can still be sent on `today`; None when there is none."""
    for year in (today.year, today.year + 1):
        for session in ordinary_sessions(tier, year, law, calendar):
            if session.agenda_last_day >= today:
                return session
    return None


def _session(tier: str, first: date, law: Law, calendar: WorkCalendar) -> OrdinarySession:
    theoretical, latest = _opening_window(tier, first, law)
    opening = calendar.next_worked(theoretical)
    holiday = calendar.holiday(theoretical) if theoretical == latest else None
    return OrdinarySession(
        tier=tier,
        year=first.year,
        month=first.month,
        theoretical=theoretical,
        window_last=latest,
        opening=opening,
        opening_latest=max(opening, calendar.previous_worked(latest)),
        moved_because=None if holiday is None else holiday.label,
        agenda_last_day=opening - _span(law, "odj_avant_ouverture", first, tier),
        notice_last_day=opening - _span(law, "convocation_membres", first, tier),
        closing_latest=opening + _span(law, "session_duree", first, tier) - _DAY,
    )


def _opening_window(tier: str, first: date, law: Law) -> tuple[date, date]:
    monday = law.in_force("sessions_lundi", first, tier)
    if monday is None:
        if law.reads("D-15", "semaine"):
            return first, first + timedelta(days=(_SATURDAY - first.weekday()) % 7 + 1)  # the Sunday that follows
        return first, first + _span(law, "sessions_fenetre", first, tier) - _DAY
    theoretical = first + timedelta(days=-first.weekday() % 7, weeks=monday.number - 1)
    return theoretical, theoretical


# ---------------------------------------------------------------------------------------------- minutes, visa


def minutes_last_day(tier: str, closing: date, law: Law, calendar: WorkCalendar) -> date | None:
    """The last day to send the minutes of a session closed on `closing` (LEX-08); None without a text."""
    limit = law.in_force("transmission_pv", closing, tier)
    return None if limit is None else calendar.add_worked_days(closing, _counted(limit, Unit.WORKED_DAYS))


def visa_last_day(received: date, law: Law, tier: str = EVERY_TIER) -> date | None:
    """The last day of the visa period of an act received on `received` (GEN-12); None without a text."""
    limit = law.in_force("delai_visa", received, tier)
    if limit is None:
        return None
    return received + timedelta(days=_counted(limit, Unit.CALENDAR_DAYS) - _rank_of_reception(law))


def tacit_visa_day(received: date, law: Law, tier: str = EVERY_TIER) -> date | None:
    """The first day on which silence may be recorded as a visa (LEX-11); None without a text."""
    last = visa_last_day(received, law, tier)
    return None if last is None else last + _DAY


def visa_day(received: date, today: date, law: Law) -> int:
    """Which day of the visa period `today` is: 0 on the day of reception, 1 on the day after (1 and 2: see D-14)."""
    return (today - received).days + _rank_of_reception(law)


def visa_day_zero(received: date, law: Law) -> date:
    """The day from which the days of the visa period are numbered: that of reception, or the day before (D-14)."""
    return received - timedelta(days=_rank_of_reception(law))


def counts_reception(law: Law) -> bool:
    """D-14: whether the day of reception is the first of the twenty; otherwise it isn't counted."""
    return law.reads("D-14", "jour_meme")


def _rank_of_reception(law: Law) -> int:
    return 1 if counts_reception(law) else 0


def _span(law: Law, key: str, day: date, tier: str) -> timedelta:
    limit = law.in_force(key, day, tier)
    if limit is None:
        raise ValueError(f"« {key} » : aucune valeur pour {tier} au {day}, ses sessions étant fixées.")
    return timedelta(days=_counted(limit, Unit.CALENDAR_DAYS))


def _counted(limit: InForce, unit: Unit) -> int:
    if limit.unit is not unit:
        raise ValueError(f"« {limit.key} » est en {limit.unit}, alors que le calcul se fait en {unit}.")
    return limit.number
