"""Meetings and the bodies that hold them: what is well prepared, what was held, what is due next. Pure.

Shared by the rules (MEET, EVAL) and by whatever reminds of them. Rows are those of the tabs `reunions`, `organes` and
`evaluations`; days are calendar days, and `today` is always given. A cancelled meeting is never counted.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from cdi_sync.law import Law
from cdi_sync.model import Case, Row
from cdi_sync.phrases import Phrase, Town


def is_planned(meeting: Row) -> bool:
    """True when it has a date and wasn't cancelled, be it held already or still to come."""
    return meeting.day("date") is not None and meeting.says("annulee") is not True


def was_held(meeting: Row, today: date) -> bool:
    """True once the day of a planned meeting is over."""
    day = meeting.day("date")
    return is_planned(meeting) and day is not None and day < today


# ------------------------------------------------------------------------------------ preparation (MEET 02-06)


@dataclass(frozen=True)
class Gap:
    """What one point of the preparation lacks: the cell to look at, and why.

    why: "" (it is empty), "mode" (nobody said how the meeting is held), "horaire" (it ends before it begins),
    "fuseau" (no time zone has that name), "tard" (done on the day of the meeting or after it: no longer curable).
    """

    column: str
    why: str = ""


def preparation_gaps(meeting: Row) -> Mapping[str, Gap]:
    """Point of PREPARATION → what it lacks, in the guide's order; empty for a meeting with a date that is well prepared.

    The preparation score of MEET-01 is len(PREPARATION) - len(preparation_gaps(meeting)).
    """
    return {point: gap for point, look in PREPARATION.items() if (gap := look(meeting))}


def _place(meeting: Row) -> Gap | None:
    if meeting["mode"] is None:
        return Gap("mode", "mode")
    return None if meeting["mode"] == "A_DISTANCE" else _empty(meeting, "lieu")


def _platform(meeting: Row) -> Gap | None:
    if meeting["mode"] is None:
        return Gap("mode", "mode")
    return None if meeting["mode"] == "PRESENTIEL" else _empty(meeting, "plateforme", "lien")


def _hours(meeting: Row) -> Gap | None:
    zones = () if meeting["mode"] == "PRESENTIEL" else ("fuseau_ct", "fuseau_partenaire")
    if gap := _empty(meeting, "heure_debut", "heure_fin", *zones):
        return gap
    if stranger := next((key for key in zones if not is_zone(meeting.text(key))), ""):
        return Gap(stranger, "fuseau")
    return None if str(meeting["heure_debut"]) < str(meeting["heure_fin"]) else Gap("heure_fin", "horaire")


def _agenda(meeting: Row) -> Gap | None:
    return _empty(meeting, "ordre_du_jour", "date_partage_odj") or _too_late(meeting, "date_partage_odj")


def _people(meeting: Row) -> Gap | None:
    named = ("moderateur", "rapporteur", "date_designation")
    return _empty(meeting, *named) or _too_late(meeting, "date_designation")


def _empty(meeting: Row, *columns: str) -> Gap | None:
    return next((Gap(column) for column in columns if meeting[column] is None), None)


def _too_late(meeting: Row, column: str) -> Gap | None:
    done, held = meeting.day(column), meeting.day("date")
    return Gap(column, "tard") if done and held and done >= held else None


PREPARATION: Mapping[str, Callable[[Row], Gap | None]] = {
    "lieu": _place,  # MEET-02
    "plateforme": _platform,  # MEET-03
    "heures": _hours,  # MEET-04
    "ordre_du_jour": _agenda,  # MEET-05
    "animateurs": _people,  # MEET-06
}


# ------------------------------------------------------------------------------------ hours, in both places

HOME = "Africa/Casablanca"  # hours are typed in Morocco's time
_PLACES = {HOME: Phrase("Rabat")}  # zones better known by another town


def hours_in_words(meeting: Row, partner: Row | None) -> str:
    """When a meeting begins, with the offset from UTC in both places: "10:00 à Rabat (UTC+0) / 11:00 à Paris (UTC+1)".

    The second place is left out on site, or when nobody gave its zone; a day that isn't the same there is told. A zone
    that no one knows is told as such, with the nearest name. "" without a day and an hour.
    """
    hours = hours_of(meeting, partner)
    return str(hours) if hours else ""


def hours_of(meeting: Row, partner: Row | None) -> Phrase | None:
    """What `hours_in_words` tells, as words that another language can tell; None without a day and an hour."""
    day, start = meeting.day("date"), meeting["heure_debut"]
    if day is None or not isinstance(start, time):
        return None
    home = meeting.text("fuseau_ct") or HOME
    if not is_zone(home):
        return _both("{here}, {there}", f"{start:%H:%M}", _stranger(home))
    begins = datetime.combine(day, start, ZoneInfo(home))
    words = _at(begins, home)
    there = meeting.text("fuseau_partenaire") or (partner.text("fuseau_horaire") if partner else "")
    if meeting["mode"] == "PRESENTIEL" or not there:
        return words
    return _both("{here} / {there}", words, _there(begins, there) if is_zone(there) else _stranger(there))


def _both(text: str, here: str | Phrase, there: Phrase) -> Phrase:
    return Phrase(text, (("here", here), ("there", there)))


def is_zone(name: str) -> bool:
    """True for the international name of a time zone, such as Europe/Paris."""
    return name in _zones()


def unknown_zone(name: str) -> str:
    """What to say of a zone that doesn't exist, with the nearest name there is."""
    return str(_stranger(name))


def _stranger(name: str) -> Phrase:
    near = get_close_matches(name, [zone for zone in _zones() if "/" in zone], n=1, cutoff=0.7)
    if near:
        return Phrase("fuseau « {name} » inconnu (peut-être {near} ?)", (("name", name), ("near", near[0])))
    return Phrase("fuseau « {name} » inconnu", (("name", name),))


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


_SHIFTED = {-1: "{hours}, la veille", 1: "{hours}, le lendemain"}


def _there(begins: datetime, zone: str) -> Phrase:
    local = begins.astimezone(UTC).astimezone(ZoneInfo(zone))
    words, shifted = _at(local, zone), _SHIFTED.get((local.date() - begins.date()).days)
    return Phrase(shifted, (("hours", words),)) if shifted else words


def _at(moment: datetime, zone: str) -> Phrase:
    """ "10:00 à Rabat (UTC+0)"."""
    town = _PLACES.get(zone) or Town(zone, zone.rpartition("/")[2].replace("_", " "))
    minutes = int((moment.utcoffset() or timedelta()).total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    offset = f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")
    return Phrase("{hour} à {town} ({offset})", (("hour", f"{moment:%H:%M}"), ("town", town), ("offset", offset)))


# ---------------------------------------------------------------------------------------- bodies (MEET-12)


def is_dissolved(body: Row, today: date) -> bool:
    """True from the day of its dissolution on: it is asked to meet no more."""
    ended = body.day("date_fin")
    return ended is not None and ended <= today


def last_meeting_of(case: Case, body: Row, today: date) -> Row | None:
    """The latest meeting of that body that was held before today; None if it has held none yet."""
    held = [row for row in case.meetings if row["id_organe"] == body.id and was_held(row, today)]
    return max(held, key=lambda row: str(row["date"]), default=None)


def frequency_days(body: Row, law: Law, today: date) -> int | None:
    """How many days the agreement allows between two meetings of that body; None when nobody said.

    « Autre » takes the number typed in `frequence_jours`; the others are limits of law.toml (frequence_mensuelle…).
    """
    frequency = body["frequence_reunions"]
    if frequency is None:
        return None
    if frequency == "AUTRE":
        typed = body.number_of("frequence_jours")
        return None if typed is None else int(typed)
    limit = law.in_force(f"frequence_{str(frequency).lower()}", today, "")
    return limit.number if limit else None


def counted_from(case: Case, body: Row, today: date) -> date | None:
    """The day from which a body's frequency counts: its last meeting held, else the day it was set up."""
    last = last_meeting_of(case, body, today)
    return last.day("date") if last else body.day("date_mise_en_place")


def next_meeting_due(case: Case, body: Row, law: Law, today: date) -> date | None:
    """The day by which a body should meet again, tolerance aside; None when dissolved, or when it can't be told."""
    since, days = counted_from(case, body, today), frequency_days(body, law, today)
    if is_dissolved(body, today) or since is None or days is None:
        return None
    return since + timedelta(days=days)


# ------------------------------------------------------------------------------------- evaluations (EVAL 08-10)


def evaluation_meetings(case: Case, evaluation: Row, kind: str, own: str, today: date) -> tuple[date, ...]:
    """The days, in order, on which meetings of that kind (CADRAGE, RESTITUTION) served an evaluation, until today.

    They are those of the case dated from the terms of reference to the validation of the report, as far as these
    days are known, and the one typed in the evaluation's own column `own`.
    """
    first = evaluation.day("p1_preparatoire_tdr") or date.min
    last = min(evaluation.day("date_validation_copil") or today, today)
    held = {row.day("date") for row in case.meetings if row["type"] == kind and is_planned(row)}
    days = {day for day in held if day and first <= day <= last}
    typed = evaluation.day(own)
    return tuple(sorted(days | ({typed} if typed and typed <= today else set())))
