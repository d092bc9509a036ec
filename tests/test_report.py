"""What a council's week says: four figures, decisions, delays by function, the days ahead. The day is Monday
23 November 2026, in week 48; the thirtieth day ahead is 23 December.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from cdi_sync.assessment import assess
from cdi_sync.calendar import iso_week, week_before
from cdi_sync.model import Assessment, Finding, Outcome, Pending, Severity, Told
from cdi_sync.report import Figure, Share, WeeklyReport, figures, shares, weekly_report
from tests.registries import DECLARED, Rows, knowledge, registry

TODAY = date(2026, 11, 23)
LAST_WEEK = {"en_cours": 1, "en_retard": 0, "decisions": 0, "anomalies": 0}


def thing(days_left: int | None = 9, **changed: Any) -> Pending:
    """A visa of the first agreement, due in that many days."""
    values: dict[str, Any] = {
        "reminder": "REM-VIS-02",
        "case": "ACT-00001",
        "council": "COL-00001",
        "subject": "VIS-00001",
        "anchor": date(2026, 11, 1),
        "due": None if days_left is None else TODAY + timedelta(days=days_left),
        "title": "Visa en cours",
        "action": "Suivre la demande de visa.",
        "actor": "REFERENT_CDI",
        "decision": False,
        "source": "LO 113-14, art. 118",
        "tab": "visas_accords",
        "row": 2,
        "column": "sens",
    }
    return Pending(**(values | changed))


def finding(**changed: Any) -> Finding:
    """A blocking problem on the first agreement."""
    values: dict[str, Any] = {
        "rule": "GEN-01",
        "severity": Severity.BLOQUANT,
        "outcome": Outcome.PROBLEM,
        "case": "ACT-00001",
        "tab": "actes",
        "id": "ACT-00001",
        "row": 2,
        "column": "objet",
        "read": "",
        "expected": "",
        "message": "",
        "fix": "",
        "sources": (),
    }
    return Finding(**(values | changed))


def assessed(rows: Rows | None = None, *pending: Pending, found: Iterable[Finding] = ()) -> Assessment:
    """Those rows, with what waits and what was found given by hand."""
    known = assess(registry(rows or {}), knowledge(), TODAY)
    return replace(known, tell=lambda: Told(pending, ()), findings=tuple(found))


def share(*pending: Pending, rows: Rows | None = None, found: Iterable[Finding] = ()) -> Share:
    return shares(assessed(rows, *pending, found=found), DECLARED.tabs)["COL-00001"]


def week(*pending: Pending, last: dict[str, int] | None = None, **world: Any) -> WeeklyReport:
    return weekly_report(share(*pending, **world), last, DECLARED.tabs)


def several(count: int, days_left: int | None = 9, **changed: Any) -> Sequence[Pending]:
    """That many visas, due one day after the other."""
    return [thing(None if days_left is None else days_left + n, subject=f"VIS-{n:05}", **changed) for n in range(count)]


# ------------------------------------------------------------------------------------------------------ weeks


@pytest.mark.parametrize(
    ("day", "this", "before"),
    [
        (date(2026, 11, 23), "2026-S48", "2026-S47"),  # a Monday
        (date(2026, 11, 29), "2026-S48", "2026-S47"),  # its Sunday
        (date(2026, 11, 30), "2026-S49", "2026-S48"),
        (date(2026, 12, 31), "2026-S53", "2026-S52"),  # 2026 has 53 weeks: it begins on a Thursday
        (date(2027, 1, 3), "2026-S53", "2026-S52"),
        (date(2027, 1, 4), "2027-S01", "2026-S53"),
        (date(2025, 12, 29), "2026-S01", "2025-S52"),  # the week of the first Thursday of 2026
    ],
)
def test_a_week_belongs_to_the_year_of_its_thursday(day: date, this: str, before: str) -> None:
    assert iso_week(day) == this
    assert week_before(day) == before


# ---------------------------------------------------------------------------------------------------- figures


@pytest.mark.parametrize(("days_left", "late"), [(-1, 1), (0, 0), (1, 0), (None, 0)])
def test_a_thing_is_late_from_the_day_after_its_last_day(days_left: int | None, late: int) -> None:
    assert figures(share(thing(days_left)))["en_retard"] == late


def test_a_thing_told_to_several_people_is_late_once() -> None:
    assert figures(share(thing(-1), thing(-1, actor="PRESIDENT"), thing(-1, subject="VIS-00002")))["en_retard"] == 2


@pytest.mark.parametrize(("days_left", "awaited"), [(-40, 1), (0, 1), (30, 1), (31, 0), (None, 1)])
def test_a_decision_is_awaited_within_thirty_days_or_without_a_day(days_left: int | None, awaited: int) -> None:
    assert figures(share(thing(days_left, decision=True)))["decisions"] == awaited


def test_what_another_function_can_settle_is_no_decision() -> None:
    assert figures(share(thing(3)))["decisions"] == 0


@pytest.mark.parametrize(
    ("act", "in_progress"),
    [
        ({}, 1),
        ({"historique": True}, 0),
        ({"date_abandon": date(2026, 5, 1)}, 0),
        ({"forme": None}, 1),  # its form isn't filled in yet: somebody works on it
    ],
)
def test_old_acts_and_those_given_up_are_not_in_progress(act: dict[str, Any], in_progress: int) -> None:
    assert figures(share(rows={"actes": [act]}))["en_cours"] == in_progress


def test_an_act_at_its_end_is_not_in_progress() -> None:
    known = assessed()
    ended = {id_: replace(standing, situation="arrete") for id_, standing in known.standings.items()}
    mine = shares(replace(known, standings=ended), DECLARED.tabs)["COL-00001"]
    assert figures(mine)["en_cours"] == 0
    assert mine.is_alive


@pytest.mark.parametrize(
    ("changed", "counted"),
    [
        ({}, 1),
        ({"derogation": "décidé par le conseil"}, 0),
        ({"severity": Severity.RECOMMANDE}, 0),
        ({"outcome": Outcome.UNKNOWN}, 0),
        ({"tab": "collectivites", "id": "COL-00001", "case": ""}, 1),
        ({"tab": "sessions", "id": "SES-00001", "case": ""}, 1),
        ({"tab": "contacts", "id": "CON-00001", "case": ""}, 1),
        ({"tab": "visas_accords", "id": "VIS-00001"}, 1),
        ({"tab": "actes", "id": "ACT-00002", "case": "ACT-00002", "row": 3}, 0),  # another council's
        ({"tab": "partenaires", "id": "PAR-00001", "case": ""}, 0),  # a partner is everyone's
    ],
)
def test_an_anomaly_counts_for_the_council_of_its_row_while_it_blocks(changed: dict[str, Any], counted: int) -> None:
    rows: Rows = {
        "collectivites": [{}, {"code_hcp": "3231011"}],
        "actes": [{}, {"collectivite": "COL-00002"}],
        "sessions": [{"type": "ORDINAIRE"}],
        "contacts": [{"collectivite": "COL-00001", "fonction_role": "PRESIDENT"}],
        "visas_accords": [{"nature": "VISA"}],
    }
    assert figures(share(rows=rows, found=[finding(**changed)]))["anomalies"] == counted


def test_what_waits_at_one_council_is_not_told_to_another() -> None:
    rows: Rows = {"collectivites": [{}, {"code_hcp": "3231011"}]}
    report = week(thing(-1, council="COL-00002"), thing(3, council="COL-00002", decision=True), rows=rows)
    assert (report.late, report.decisions, report.coming) == ((), (), ())


@pytest.mark.parametrize(
    ("key", "last", "change", "direction"),
    [
        ("en_retard", 1, 2, "moins_bien"),
        ("en_retard", 5, -2, "mieux"),
        ("en_retard", 3, 0, ""),
        ("en_retard", None, None, ""),
        ("decisions", 5, -2, "mieux"),
        ("anomalies", 1, 2, "moins_bien"),
        ("en_cours", 1, 2, ""),  # more cases are neither good nor bad
    ],
)
def test_a_change_is_for_the_better_or_for_the_worse(
    key: str, last: int | None, change: int | None, direction: str
) -> None:
    figure = Figure(key, 3, last)
    assert (figure.change, figure.direction) == (change, direction)


def test_the_four_figures_stand_in_order_with_last_week_s_beside_them() -> None:
    report = week(thing(-1), last={**LAST_WEEK, "en_retard": 4})
    assert [(figure.key, figure.value, figure.last) for figure in report.figures] == [
        ("en_cours", 1, 1),
        ("en_retard", 1, 4),
        ("decisions", 0, 0),
        ("anomalies", 0, 0),
    ]


def test_without_last_week_nothing_is_compared() -> None:
    assert [figure.last for figure in week().figures] == [None] * 4


# ------------------------------------------------------------------------------------------ what the page lists


@pytest.mark.parametrize(("count", "shown", "more"), [(0, 0, 0), (5, 5, 0), (6, 5, 1), (16, 5, 11)])
def test_five_decisions_are_shown_and_the_others_counted(count: int, shown: int, more: int) -> None:
    report = week(*several(count, 0, decision=True))
    assert (len(report.decisions), report.decisions_more) == (shown, more)


def test_the_most_urgent_decision_comes_first_and_says_its_case_its_day_and_its_text() -> None:
    rows: Rows = {"actes": [{"intitule": "Convention Fès – Strasbourg"}]}
    late, dateless = thing(-3, decision=True), thing(None, decision=True, subject="VIS-00009")
    first, last = week(dateless, late, rows=rows).decisions
    assert (first.case, first.name, first.days_left) == ("ACT-00001", "Convention Fès – Strasbourg", -3)
    assert (first.title, first.source) == ("Visa en cours", "LO 113-14, art. 118")
    assert (last.due, last.days_left) == (None, None)


def test_delays_are_grouped_by_function_the_oldest_first() -> None:
    report = week(
        thing(-2, subject="VIS-00001"),
        thing(-9, subject="VIS-00002", actor="SECRETAIRE_CONSEIL", title="Procès-verbal à transmettre"),
        thing(-5, subject="VIS-00003"),
    )
    assert [(held.holder, held.count, held.worst.title, held.worst.days_left) for held in report.late] == [
        ("Secrétaire du conseil", 1, "Procès-verbal à transmettre", -9),
        ("Référent de la coopération", 2, "Visa en cours", -5),
    ]


@pytest.mark.parametrize(
    ("actor", "holder"),
    [("PRESIDENT", "Président du conseil"), ("SERVICE_CDI", "Service CDI"), ("DGCT", "DGCT"), ("Autre", "Autre")],
)
def test_a_function_has_its_title_whether_a_contact_holds_it_or_a_stage_names_it(actor: str, holder: str) -> None:
    assert [held.holder for held in week(thing(-1, actor=actor)).late] == [holder]


def test_five_functions_are_shown_and_what_the_others_hold_is_counted() -> None:
    roles = ["PRESIDENT", "VICE_PRESIDENT", "DGS_DS", "REFERENT_CDI", "SECRETAIRE_CONSEIL", "POINT_FOCAL"]
    late = [thing(n - 20, actor=role, subject=f"VIS-{n:05}") for n, role in enumerate(roles)]
    report = week(*late, thing(-1, actor="POINT_FOCAL", subject="VIS-00099"))
    assert (len(report.late), report.late_more) == (5, 2)


@pytest.mark.parametrize(("days_left", "shown"), [(-1, 0), (0, 1), (30, 1), (31, 0), (None, 0)])
def test_the_days_ahead_go_from_today_to_the_thirtieth_day(days_left: int | None, shown: int) -> None:
    assert len(week(thing(days_left)).coming) == shown


def test_a_decision_is_told_once_with_its_day_and_not_among_the_days_ahead() -> None:
    report = week(thing(3, decision=True))
    assert (len(report.decisions), len(report.coming)) == (1, 0)


@pytest.mark.parametrize(("count", "shown", "more"), [(8, 8, 0), (9, 8, 1), (19, 8, 11)])
def test_eight_days_ahead_are_shown_and_the_others_counted(count: int, shown: int, more: int) -> None:
    report = week(*several(count, 0))
    assert (len(report.coming), report.coming_more) == (shown, more)


def test_things_alike_due_on_one_day_make_one_line() -> None:
    alike = [thing(4, subject=f"VIS-{n:05}") for n in range(3)]
    (line,) = week(*alike).coming
    assert line.others == 2
    assert len(week(*alike, thing(4, subject="VIS-00009", title="Autre chose")).coming) == 2


def test_what_is_hidden_counts_the_things_and_not_the_lines() -> None:
    alike = [thing(20, subject=f"VIS-{n:05}") for n in range(50, 53)]
    assert week(*several(8, 0), *alike).coming_more == 3


def test_a_session_of_the_council_has_no_case() -> None:
    (line,) = week(thing(4, case="", subject="SES-00001")).coming
    assert (line.case, line.name) == ("", "")


@pytest.mark.parametrize(
    ("rows", "title"),
    [
        ({"sessions": [{"type": "ORDINAIRE", "date_ouverture": TODAY}]}, "Session du conseil"),
        ({"reunions": [{"date": TODAY + timedelta(days=30)}]}, "Réunion"),
        ({"actes": [{"date_signature_prevue": TODAY + timedelta(days=3)}]}, "Signature prévue"),
        ({"phases_jumelage": [{"date_prevue": TODAY + timedelta(days=3)}]}, "Cérémonie de jumelage prévue"),
    ],
)
def test_what_is_planned_in_the_days_ahead_is_told_with_what_is_due(rows: Rows, title: str) -> None:
    assert [point.title for point in week(rows=rows).coming] == [title]


@pytest.mark.parametrize(
    "rows",
    [
        {"reunions": [{"date": TODAY + timedelta(days=31)}]},
        {"reunions": [{"date": TODAY - timedelta(days=1)}]},
        {"reunions": [{"date": TODAY, "annulee": True}]},
        {"actes": [{"date_signature_prevue": TODAY, "date_signature": date(2026, 11, 20)}]},
        {"actes": [{"date_signature_prevue": TODAY, "date_abandon": date(2026, 11, 2)}]},
    ],
)
def test_what_is_over_cancelled_or_too_far_is_not(rows: Rows) -> None:
    assert week(rows=rows).coming == ()


def test_a_meeting_that_is_due_for_something_is_told_once() -> None:
    meeting: Rows = {"reunions": [{"date": TODAY + timedelta(days=2)}]}
    due = thing(2, subject="REU-00001", title="Réunion à préparer")
    assert [point.title for point in week(due, rows=meeting).coming] == ["Réunion à préparer"]


# --------------------------------------------------------------------------------------------- quiet, quality


def test_a_week_without_news_is_quiet() -> None:
    assert week(last=LAST_WEEK).is_quiet
    assert week(thing(31), last=LAST_WEEK).is_quiet


@pytest.mark.parametrize(
    ("pending", "last"),
    [
        ([], None),  # nothing to compare with
        ([], {**LAST_WEEK, "anomalies": 1}),
        ([thing(0)], LAST_WEEK),
        ([thing(30)], LAST_WEEK),
        ([thing(-1)], {**LAST_WEEK, "en_retard": 1}),
        ([thing(None, decision=True)], {**LAST_WEEK, "decisions": 1}),
    ],
)
def test_a_week_in_which_something_waits_or_changed_is_not_quiet(pending: list[Pending], last: Any) -> None:
    assert not week(*pending, last=last).is_quiet


@pytest.mark.parametrize(
    ("found", "sound"),
    [
        ([], 2),
        ([finding()], 1),
        ([finding(), finding(rule="GEN-02")], 1),  # one row, however many faults
        ([finding(severity=Severity.RECOMMANDE)], 1),
        ([finding(severity=Severity.INFO)], 2),
        ([finding(outcome=Outcome.UNKNOWN)], 2),
        ([finding(derogation="motif")], 2),
    ],
)
def test_quality_counts_the_rows_without_fault(found: list[Finding], sound: int) -> None:
    quality = week(found=found).quality
    assert (quality.rows, quality.sound) == (2, sound)  # the council's own row and its agreement


def test_quality_is_rounded_down_so_that_a_hundred_means_all() -> None:
    rows: Rows = {"actes": [{} for _ in range(299)]}
    assert week(rows=rows, found=[finding()]).quality.percent == 99  # 299 of 300 rows: 99.67 %
    assert week(rows=rows).quality.percent == 100


def test_a_council_of_old_acts_only_is_not_alive() -> None:
    old, given_up = {"historique": True}, {"date_abandon": date(2026, 5, 1)}
    assert not share(rows={"actes": [old, given_up]}).is_alive
    assert share(rows={"actes": [old, given_up, {}]}).is_alive


def test_a_council_whose_number_is_doubled_has_no_report() -> None:
    rows: Rows = {"collectivites": [{"id": "COL-00001"}, {"id": "COL-00001", "code_hcp": "3231011"}]}
    assert shares(assessed(rows), DECLARED.tabs) == {}


# ------------------------------------------------------------------------------------- in the reader's language


def test_the_report_is_told_in_its_readers_language() -> None:
    visa = thing(-2, title="Visa en cours", source="LO 113-14 art. 118")
    rows: Rows = {"collectivites": [{"nom_ar": "فاس"}], "reunions": [{"date": TODAY + timedelta(days=30)}]}
    told = weekly_report(share(visa, rows=rows), None, DECLARED.tabs, DECLARED.languages["ar"])
    (held,) = told.late
    assert (held.holder, held.worst.title) == ("المكلف بالتعاون اللامركزي الدولي", "تأشيرة في طور الدراسة")
    assert held.worst.source == "القانون التنظيمي رقم 113.14، المادة 118"
    assert [point.title for point in told.coming] == ["اجتماع"]
    assert told.council == "فاس"
    assert week(visa, rows=rows).council == "Fès"
