"""Worked days, holidays, council sessions and last days, against dates worked out by hand."""

import json
import tomllib
from collections.abc import Iterable
from copy import deepcopy
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdi_sync.calendar import (
    Holiday,
    HolidayChange,
    OrdinarySession,
    WorkCalendar,
    build_calendar,
    minutes_last_day,
    next_usable_session,
    ordinary_sessions,
    tacit_visa_day,
    visa_day,
    visa_last_day,
)
from cdi_sync.law import Law
from tests.registries import law_under

ROOT = Path(__file__).parents[1]
LAW = Law.parse(tomllib.loads((ROOT / "config" / "law.toml").read_text(encoding="utf-8")))
CONFIG = tomllib.loads((ROOT / "config" / "calendar.toml").read_text(encoding="utf-8"))
FACTS = json.loads((ROOT / "tests" / "data" / "sessions_2027_2028.json").read_text(encoding="utf-8"))


def calendar_with(*changes: HolidayChange, years: Iterable[int] = ()) -> WorkCalendar:
    return build_calendar(years, changes, CONFIG)


def line(
    day: date,
    *,
    nature: str = "RELIGIEUX",
    status: str = "CONFIRME",
    label: str = "Aïd al-Adha",
    moved_from: date | None = None,
) -> HolidayChange:
    return HolidayChange(day=day, label=label, nature=nature, status=status, moved_from=moved_from)


def may(day: int) -> date:
    return date(2027, 5, day)


def known(calendar: WorkCalendar, day: date) -> Holiday:
    found = calendar.holiday(day)
    assert found is not None, f"{day} is no holiday"
    return found


def days_off(calendar: WorkCalendar, first: date, last: date) -> list[int]:
    days = [first + timedelta(days=rank) for rank in range((last - first).days + 1)]
    return [day.day for day in days if calendar.holiday(day)]


CALENDAR = calendar_with()


# ------------------------------------------------------------------------------------------------ worked days


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2027, 1, 8), True),  # Friday
        (date(2027, 1, 9), False),  # Saturday
        (date(2027, 1, 10), False),  # Sunday
        (date(2027, 1, 11), False),  # Monday, independence manifesto
        (date(2027, 1, 12), True),  # Tuesday
    ],
)
def test_offices_work_from_monday_to_friday_outside_holidays(day: date, worked: bool) -> None:
    assert CALENDAR.is_worked(day) is worked


@pytest.mark.parametrize(
    ("start", "n", "reached"),
    [
        (date(2027, 1, 8), 0, date(2027, 1, 8)),
        (date(2027, 1, 9), 0, date(2027, 1, 9)),  # a Saturday stays where it is
        (date(2027, 1, 8), 1, date(2027, 1, 12)),  # over Saturday, Sunday, and Monday 11, a holiday
        (date(2027, 1, 9), 1, date(2027, 1, 12)),
        (date(2027, 1, 8), 2, date(2027, 1, 13)),
        (date(2027, 1, 8), 3, date(2027, 1, 15)),  # over Thursday 14, Amazigh New Year
        (date(2027, 1, 12), -1, date(2027, 1, 8)),
        (date(2027, 1, 11), -1, date(2027, 1, 8)),
        (date(2026, 12, 31), 1, date(2027, 1, 4)),  # over Friday 1 January and the week-end
    ],
)
def test_the_nth_worked_day_leaves_out_the_day_it_starts_from(start: date, n: int, reached: date) -> None:
    assert CALENDAR.add_worked_days(start, n) == reached


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        (date(2027, 1, 8), date(2027, 1, 8), 0),
        (date(2027, 1, 8), date(2027, 1, 11), 0),
        (date(2027, 1, 8), date(2027, 1, 12), 1),
        (date(2027, 1, 7), date(2027, 1, 12), 2),
        (date(2027, 1, 12), date(2027, 1, 8), -1),
        (date(2027, 1, 12), date(2027, 1, 9), 0),
    ],
)
def test_worked_days_between_count_the_last_day_and_not_the_first(start: date, end: date, count: int) -> None:
    assert CALENDAR.worked_days_between(start, end) == count


@given(
    start=st.dates(date(1956, 1, 1), date(2060, 12, 31)),
    n=st.integers(-60, 60),
)
def test_counting_worked_days_undoes_adding_them(start: date, n: int) -> None:
    assert CALENDAR.worked_days_between(start, CALENDAR.add_worked_days(start, n)) == n


def test_the_nearest_worked_day_is_the_day_itself_when_it_is_worked() -> None:
    friday, holiday, tuesday = date(2027, 1, 8), date(2027, 1, 11), date(2027, 1, 12)
    assert (CALENDAR.next_worked(friday), CALENDAR.previous_worked(friday)) == (friday, friday)
    assert (CALENDAR.next_worked(holiday), CALENDAR.previous_worked(holiday)) == (tuesday, friday)


# --------------------------------------------------------------------------------------------------- holidays


@pytest.mark.parametrize(
    ("day", "label"),
    [
        (date(2027, 1, 1), "Nouvel an"),
        (date(2027, 1, 11), "Manifeste de l'indépendance"),
        (date(2027, 1, 14), "Nouvel an amazigh"),
        (date(2027, 5, 1), "Fête du Travail"),
        (date(2027, 7, 30), "Fête du Trône"),
        (date(2027, 8, 14), "Allégeance Oued Eddahab"),
        (date(2027, 8, 20), "Révolution du Roi et du peuple"),
        (date(2027, 8, 21), "Fête de la Jeunesse"),
        (date(2027, 10, 31), "Fête de l'Unité"),
        (date(2027, 11, 6), "Marche verte"),
        (date(2027, 11, 18), "Fête de l'indépendance"),
    ],
)
def test_a_national_holiday_is_certain_and_bears_its_usual_name(day: date, label: str) -> None:
    found = known(CALENDAR, day)
    assert (found.label, found.nature, found.estimated) == (label, "NATIONAL", False)


def test_a_holiday_begins_with_the_year_that_created_it() -> None:
    assert CALENDAR.holiday(date(2023, 1, 14)) is None
    assert known(CALENDAR, date(2024, 1, 14)).label == "Nouvel an amazigh"
    assert CALENDAR.holiday(date(2025, 10, 31)) is None
    assert known(CALENDAR, date(2026, 10, 31)).label == "Fête de l'Unité"


@pytest.mark.parametrize(
    ("day", "label"),
    [
        (date(2027, 3, 9), "Aïd al-Fitr"),
        (date(2027, 5, 16), "Aïd al-Adha"),
        (date(2027, 5, 17), "Aïd al-Adha"),
        (date(2027, 6, 6), "Nouvel an de l'hégire"),
        (date(2027, 8, 15), "Aïd al-Mawlid"),
    ],
)
def test_a_religious_holiday_is_estimated_until_someone_confirms_it(day: date, label: str) -> None:
    found = known(CALENDAR, day)
    assert (found.label, found.nature, found.estimated) == (label, "RELIGIEUX", True)


def test_estimated_holidays_are_listed_with_both_end_days() -> None:
    assert [h.day for h in CALENDAR.estimated_between(may(16), may(17))] == [may(16), may(17)]
    assert CALENDAR.estimated_between(may(18), date(2027, 6, 5)) == ()
    assert [h.label for h in CALENDAR.estimated_between(may(18), date(2027, 6, 6))] == ["Nouvel an de l'hégire"]


def test_two_holidays_on_one_day_show_the_certain_one_and_keep_the_estimate() -> None:
    day = date(2027, 8, 14)  # Oued Eddahab, and the first day of the Mawlid
    assert known(CALENDAR, day).label == "Allégeance Oued Eddahab"
    assert [h.label for h in CALENDAR.estimated_between(day, day)] == ["Aïd al-Mawlid"]


def test_a_year_not_prepared_has_its_holidays_all_the_same() -> None:
    calendar = calendar_with(years=[2027])
    assert not calendar.is_worked(date(2031, 1, 11))
    assert known(calendar, date(1956, 11, 18)).label == "Fête du Trône"


def test_a_year_beyond_the_library_is_refused_instead_of_having_no_holiday() -> None:
    assert known(CALENDAR, date(2100, 1, 1)).label == "Nouvel an"
    with pytest.raises(ValueError, match="Les jours fériés de 2101 sont inconnus : le calendrier va de 1901 à 2100"):
        CALENDAR.is_worked(date(2101, 1, 3))


@pytest.mark.parametrize(
    ("first", "last", "off"),
    [
        (
            date(2023, 4, 20),
            date(2023, 4, 25),
            [22, 23, 24],
        ),  # feast of two days, then the exceptional Monday
        (date(2023, 6, 27), date(2023, 7, 1), [29, 30]),
        (date(2024, 4, 9), date(2024, 4, 12), [10, 11]),
        (date(2025, 6, 5), date(2025, 6, 10), [7, 8, 9]),
    ],
)
def test_past_feasts_fall_on_their_official_days(first: date, last: date, off: list[int]) -> None:
    assert days_off(CALENDAR, first, last) == off
    assert CALENDAR.estimated_between(first, last) == ()


def test_a_correction_says_where_it_was_announced() -> None:
    assert known(CALENDAR, date(2025, 6, 9)).nature == "EXCEPTIONNEL"
    assert known(CALENDAR, date(2025, 6, 9)).source.startswith("https://www.lebrief.ma/")


# --------------------------------------------------------------------------------------- the holiday tab wins


def test_a_line_moves_the_whole_feast_and_confirms_it() -> None:
    calendar = calendar_with(line(may(17), moved_from=may(16)))
    assert days_off(calendar, may(14), may(20)) == [17, 18]
    assert calendar.estimated_between(may(14), may(20)) == ()
    assert calendar.is_worked(may(18)) is False


def test_a_line_can_bring_a_feast_forward() -> None:
    calendar = calendar_with(line(may(15), moved_from=may(16)))
    assert days_off(calendar, may(13), may(20)) == [15, 16]


def test_a_feast_moved_day_by_day_ends_up_where_both_lines_say() -> None:
    calendar = calendar_with(line(may(17), moved_from=may(16)), line(may(19), moved_from=may(17)))
    assert days_off(calendar, may(14), may(21)) == [17, 19]


def test_the_second_day_moves_alone() -> None:
    calendar = calendar_with(line(may(18), moved_from=may(17)))
    assert days_off(calendar, may(14), may(20)) == [16, 18]


def test_confirming_the_first_day_confirms_the_feast() -> None:
    calendar = calendar_with(line(may(16)))
    assert days_off(calendar, may(14), may(20)) == [16, 17]
    assert calendar.estimated_between(may(14), may(20)) == ()
    assert known(calendar, may(16)).source == "Onglet des jours fériés du registre"


def test_a_second_day_with_its_own_line_keeps_its_own_status() -> None:
    calendar = calendar_with(line(may(16)), line(may(17), status="ESTIME"))
    assert [h.day for h in calendar.estimated_between(may(14), may(20))] == [may(17)]


def test_an_estimated_line_stays_estimated() -> None:
    calendar = calendar_with(line(may(17), status="ESTIME", moved_from=may(16)))
    assert [h.day for h in calendar.estimated_between(may(14), may(20))] == [may(17), may(18)]


def test_a_cancelled_holiday_is_worked_again_and_that_day_only() -> None:
    calendar = calendar_with(line(may(17), status="SUPPRIME"))
    assert (CALENDAR.is_worked(may(17)), calendar.is_worked(may(17))) == (False, True)
    assert known(calendar, may(16)).label == "Aïd al-Adha"
    assert days_off(calendar_with(line(may(16), status="SUPPRIME")), may(14), may(20)) == [17]


def test_cancelling_under_another_nature_cancels_all_the_same() -> None:
    calendar = calendar_with(line(may(17), status="SUPPRIME", nature="NATIONAL"))
    assert calendar.is_worked(may(17))


def test_moving_under_another_nature_moves_all_the_same() -> None:
    calendar = calendar_with(line(may(19), moved_from=may(17), nature="EXCEPTIONNEL", label="Pont"))
    assert (calendar.is_worked(may(17)), calendar.is_worked(may(19))) == (True, False)


def test_moving_one_of_two_holidays_leaves_the_other_in_place() -> None:
    mawlid = line(date(2027, 8, 16), label="Aïd al-Mawlid", moved_from=date(2027, 8, 14))
    calendar = calendar_with(mawlid)
    assert known(calendar, date(2027, 8, 14)).label == "Allégeance Oued Eddahab"
    assert days_off(calendar, date(2027, 8, 13), date(2027, 8, 19)) == [14, 16, 17]


def test_two_holidays_of_one_day_are_cancelled_by_two_lines() -> None:
    day = date(2027, 8, 14)  # Oued Eddahab, and the first day of the Mawlid
    national, mawlid = (line(day, status="SUPPRIME", nature=nature) for nature in ("NATIONAL", "RELIGIEUX"))
    assert known(calendar_with(national), day).label == "Aïd al-Mawlid"
    assert known(calendar_with(mawlid), day).label == "Allégeance Oued Eddahab"
    assert calendar_with(national, mawlid).holiday(day) is None


def test_cancelling_one_of_two_holidays_and_confirming_the_other_keeps_the_confirmed_one() -> None:
    day = date(2027, 8, 14)
    calendar = calendar_with(line(day, status="SUPPRIME", nature="NATIONAL"), line(day, label="Aïd al-Mawlid"))
    assert known(calendar, day).label == "Aïd al-Mawlid"


def test_of_two_lines_on_one_day_the_last_wins() -> None:
    calendar = calendar_with(line(may(16), status="ESTIME"), line(may(16)))
    assert calendar.estimated_between(may(16), may(16)) == ()


def test_an_exceptional_day_is_added_beside_the_others() -> None:
    calendar = calendar_with(line(may(18), nature="EXCEPTIONNEL", label="Pont accordé"))
    assert days_off(calendar, may(14), may(20)) == [16, 17, 18]
    assert known(calendar, may(18)).label == "Pont accordé"


def test_an_exceptional_line_on_an_estimated_feast_does_not_confirm_it() -> None:
    calendar = calendar_with(line(may(17), nature="EXCEPTIONNEL"))
    assert [h.day for h in calendar.estimated_between(may(14), may(20))] == [may(16), may(17)]


def test_a_line_without_name_keeps_the_name_already_known() -> None:
    assert known(calendar_with(line(may(16), label="")), may(17)).label == "Aïd al-Adha"
    assert known(calendar_with(line(may(25), label="")), may(25)).label == "Jour férié"


def test_the_tab_wins_over_a_correction_of_the_configuration() -> None:
    june = [date(2025, 6, day) for day in range(5, 12)]
    calendar = calendar_with(line(june[0], moved_from=date(2025, 6, 7)))
    assert days_off(calendar, june[0], june[-1]) == [5, 6, 9]  # the exceptional Monday stays


def test_a_line_repeating_a_known_correction_changes_nothing() -> None:
    calendar = calendar_with(line(date(2025, 6, 7), moved_from=date(2025, 6, 6)))
    assert days_off(calendar, date(2025, 6, 5), date(2025, 6, 10)) == [7, 8, 9]


def test_a_feast_moves_over_the_new_year() -> None:
    first, second = date(2027, 12, 31), date(2028, 1, 1)
    calendar = calendar_with(line(second, nature="EXCEPTIONNEL", moved_from=first))
    assert calendar.holiday(first) is None
    assert known(calendar, second).label == "Nouvel an"


@pytest.mark.parametrize(
    ("nature", "status", "refused"), [("LOCAL", "CONFIRME", "LOCAL"), ("NATIONAL", "PROBABLE", "PROBABLE")]
)
def test_a_line_of_unknown_nature_or_status_is_refused(nature: str, status: str, refused: str) -> None:
    with pytest.raises(ValueError, match=rf"jour férié du 2027-05-17, \w+ : '{refused}' n'est pas admis"):
        line(may(17), nature=nature, status=status)


# ---------------------------------------------------------------------------------------------- configuration


CORRECTION = {"jour": may(17), "libelle": "x", "nature": "NATIONAL", "source": "https://exemple.ma"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"jours_de_repos": ["saturday"]}, "jours_de_repos : .* n'est pas une liste de jours de la semaine"),
        (
            {"jours_de_repos": CONFIG["jours_de_repos"] + ["lundi", "mardi", "mercredi", "jeudi", "vendredi"]},
            "l'un au moins est ouvrable",
        ),
        ({"jours_de_repos": "samedi"}, "jours_de_repos : 'samedi'"),
        ({"libelles": {"Nouvel an": 1}}, "libelles : une table"),
        ({"fetes_religieuses": "Aïd"}, "fetes_religieuses : une liste de noms"),
        ({"corrections": {}}, "corrections : des blocs"),
        ({"corrections": [3]}, "corrections n° 1 : un bloc"),
        ({"corrections": [{**CORRECTION, "jour": "2027-05-17"}]}, "corrections n° 1.jour : une date sans"),
        (
            {"corrections": [{**CORRECTION, "deplace_du": "hier"}]},
            "corrections n° 1.deplace_du : une date sans",
        ),
        ({"corrections": [{**CORRECTION, "nature": "LOCAL"}]}, "corrections n° 1.nature : 'LOCAL' n'est pas"),
        ({"corrections": [{"jour": may(17)}]}, "corrections n° 1 : la clé « libelle » manque"),
        ({"corrections": [{**CORRECTION, "motif": "x"}]}, "corrections n° 1 : clé « motif » inconnue"),
        ({"pays": "MA"}, "calendrier : clé « pays » inconnue"),
    ],
)
def test_a_mistake_in_the_configuration_is_refused_by_its_key(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build_calendar([], [], {**deepcopy(CONFIG), **change})


def test_the_configuration_says_which_feasts_are_religious() -> None:
    calendar = build_calendar([], [], {**CONFIG, "fetes_religieuses": ["Fête du Trône"]})
    assert known(calendar, date(2027, 7, 30)).nature == "RELIGIEUX"
    assert known(calendar, may(17)).nature == "NATIONAL"


def test_the_days_of_rest_are_those_of_the_configuration() -> None:
    calendar = build_calendar([], [], {**CONFIG, "jours_de_repos": ["vendredi"]})
    assert (calendar.is_worked(date(2027, 1, 8)), calendar.is_worked(date(2027, 1, 9))) == (False, True)


# ------------------------------------------------------------------------------------------- council sessions


TIERS_OF = {"region": ["REGION"], "prefecture_province": ["PREFECTURE", "PROVINCE"], "commune": ["COMMUNE"]}
CASES = [(tier, fact) for fact in FACTS for tier in TIERS_OF[fact["niveau"]]]


def found_session(tier: str, fact: dict[str, Any]) -> OrdinarySession:
    sessions = ordinary_sessions(tier, fact["annee"], law_under(()), CALENDAR)
    return next(session for session in sessions if session.month == fact["mois"])


@pytest.mark.parametrize(("tier", "fact"), [case for case in CASES if case[0] != "COMMUNE"])
def test_a_session_opening_on_a_monday_has_the_published_dates(tier: str, fact: dict[str, Any]) -> None:
    session = found_session(tier, fact)
    assert session.theoretical.isoformat() == fact["date_theorique"]
    assert session.opening.isoformat() == session.opening_latest.isoformat() == fact["date_ouverture"]
    assert session.moved_because == fact["motif"]
    assert (session.moved_because is not None) == fact["decalee_pour_ferie"]
    assert session.agenda_last_day.isoformat() == fact["odj_au_wali_gouverneur_au_plus_tard"]
    assert session.notice_last_day.isoformat() == fact["convocation_membres_au_plus_tard"]
    assert session.closing_latest.isoformat() == fact["cloture_max_sans_prolongation"]


@pytest.mark.parametrize(("tier", "fact"), [case for case in CASES if case[0] == "COMMUNE"])
def test_a_commune_opens_within_the_published_week(tier: str, fact: dict[str, Any]) -> None:
    session = found_session(tier, fact)
    assert session.theoretical.isoformat() == fact["fenetre"][0]
    assert session.opening.isoformat() == fact["date_ouverture_au_plus_tot"] == fact["jours_ouvrables_fenetre"][0]
    assert session.opening_latest.isoformat() == fact["jours_ouvrables_fenetre"][-1]
    assert session.agenda_last_day.isoformat() == fact["odj_au_gouverneur_au_plus_tard"]
    assert session.notice_last_day.isoformat() == fact["convocation_membres_au_plus_tard"]
    assert session.closing_latest == session.opening + timedelta(days=14)  # 15 days, the first one counted
    assert session.moved_because is None


@pytest.mark.parametrize(
    ("tier", "months"),
    [("REGION", [3, 7, 10]), ("PREFECTURE", [1, 6, 9]), ("PROVINCE", [1, 6, 9]), ("COMMUNE", [2, 5, 10])],
)
def test_each_level_has_three_sessions_in_order_and_no_other(tier: str, months: list[int]) -> None:
    assert [session.month for session in ordinary_sessions(tier, 2027, LAW, CALENDAR)] == months


def test_the_facts_cover_three_sessions_of_three_kinds_over_two_years() -> None:
    assert len(FACTS) == 3 * 3 * 2


def test_a_grouping_has_no_session() -> None:
    assert ordinary_sessions("GROUPEMENT", 2027, LAW, CALENDAR) == ()
    assert next_usable_session("GROUPEMENT", date(2027, 1, 1), LAW, CALENDAR) is None


def test_sessions_begin_with_the_law() -> None:
    assert ordinary_sessions("REGION", 2014, LAW, CALENDAR) == ()
    assert [s.month for s in ordinary_sessions("REGION", 2015, LAW, CALENDAR)] == [10]
    assert next_usable_session("REGION", date(1986, 1, 1), LAW, CALENDAR) is None


def test_the_january_session_on_a_holiday_moves_to_the_tuesday() -> None:
    # second Monday of January 2027: the 11th, a holiday; 12 January - 20 days = 23 December
    session = ordinary_sessions("PROVINCE", 2027, LAW, CALENDAR)[0]
    assert session.opening == date(2027, 1, 12)
    assert session.agenda_last_day == date(2026, 12, 23)
    assert session.moved_because == "Manifeste de l'indépendance"


def test_a_line_of_the_holiday_tab_moves_a_session() -> None:
    calendar = calendar_with(line(date(2027, 3, 1), nature="EXCEPTIONNEL", label="Deuil national"))
    session = ordinary_sessions("REGION", 2027, LAW, calendar)[0]
    assert (session.theoretical, session.opening) == (date(2027, 3, 1), date(2027, 3, 2))
    assert session.moved_because == "Deuil national"


def test_a_commune_without_a_worked_day_in_its_week_opens_on_the_next_one() -> None:
    week = [line(date(2027, 2, day), nature="EXCEPTIONNEL", label="Fermeture") for day in range(1, 6)]
    session = ordinary_sessions("COMMUNE", 2027, LAW, calendar_with(*week))[0]
    assert (session.opening, session.opening_latest) == (date(2027, 2, 8), date(2027, 2, 8))


@pytest.mark.parametrize(
    ("tier", "today", "opening"),
    [
        ("PROVINCE", date(2026, 12, 23), date(2027, 1, 12)),  # the last day of the agenda is in time
        ("PROVINCE", date(2026, 12, 24), date(2027, 6, 14)),  # one day later, it is the June session
        ("COMMUNE", date(2027, 1, 12), date(2027, 2, 1)),
        ("COMMUNE", date(2027, 1, 13), date(2027, 5, 3)),
        ("REGION", date(2027, 9, 14), date(2027, 10, 4)),
        ("REGION", date(2027, 9, 15), date(2028, 3, 6)),
    ],
)
def test_the_next_usable_session_is_the_one_whose_agenda_is_still_open(tier: str, today: date, opening: date) -> None:
    session = next_usable_session(tier, today, LAW, CALENDAR)
    assert session is not None
    assert session.opening == opening


def test_sessions_without_their_other_limits_are_refused() -> None:
    law = Law({**LAW.limits, "session_duree": LAW.limits["sessions_fenetre"]})
    with pytest.raises(ValueError, match="« session_duree » : aucune valeur pour REGION au 2027-03-01"):
        ordinary_sessions("REGION", 2027, law, CALENDAR)


# ------------------------------------------------------------------------------------------- minutes and visa


@pytest.mark.parametrize(
    ("tier", "last_day"),
    [
        # closed on Wednesday 12 May: 13, 14 (2); 18 to 21 (6), Monday 17 being the feast; 24 to 28 (11)
        ("REGION", date(2027, 5, 27)),
        ("PREFECTURE", date(2027, 5, 27)),
        ("PROVINCE", date(2027, 5, 27)),
        ("COMMUNE", date(2027, 6, 3)),  # then 31 May, 1, 2 and 3 June (15)
    ],
)
def test_minutes_are_due_after_ten_worked_days_fifteen_for_a_commune(tier: str, last_day: date) -> None:
    assert minutes_last_day(tier, may(12), LAW, CALENDAR) == last_day


def test_correcting_the_feast_changes_the_last_day_of_the_minutes() -> None:
    # feast on Monday 17 and Tuesday 18: one worked day less, so one more at the end
    later = calendar_with(line(may(17), moved_from=may(16)))
    assert minutes_last_day("COMMUNE", may(12), LAW, later) == date(2027, 6, 4)
    # feast on Saturday 15 and Sunday 16: one worked day more
    earlier = calendar_with(line(may(15), moved_from=may(16)))
    assert minutes_last_day("COMMUNE", may(12), LAW, earlier) == date(2027, 6, 2)


def test_minutes_have_no_last_day_without_a_text() -> None:
    assert minutes_last_day("GROUPEMENT", may(12), LAW, CALENDAR) is None
    assert minutes_last_day("COMMUNE", date(2015, 7, 22), LAW, CALENDAR) is None


def test_the_visa_period_ends_on_a_sunday_and_silence_is_recorded_on_the_monday() -> None:
    received = may(3)
    assert visa_last_day(received, LAW) == may(23)
    assert visa_last_day(received, LAW, "COMMUNE") == may(23)
    assert tacit_visa_day(received, LAW) == may(24)


def test_an_act_received_before_the_law_has_no_visa_period() -> None:
    assert visa_last_day(date(2015, 7, 22), LAW) is None
    assert tacit_visa_day(date(2015, 7, 22), LAW) is None
    assert visa_last_day(date(2015, 7, 23), LAW) == date(2015, 8, 12)


@pytest.mark.parametrize(("today", "nth"), [(may(3), 0), (may(4), 1), (may(23), 20), (may(24), 21)])
def test_the_day_of_reception_is_day_zero_of_the_visa(today: date, nth: int) -> None:
    assert visa_day(may(3), today, LAW) == nth
    assert visa_day(may(3), today, LAW.read_with({"D-14": "jour_meme"})) == nth + 1


def test_a_period_in_another_unit_is_refused_instead_of_miscounted() -> None:
    law = Law({**LAW.limits, "delai_visa": LAW.limits["transmission_pv"]})
    with pytest.raises(ValueError, match="est en jours_ouvrables, alors que le calcul se fait en jours_calendaires"):
        visa_last_day(may(3), law, "COMMUNE")
