"""The fourteen readings: each is offered in the example settings, and each changes what a case is told."""

import re
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cdi_sync.assessment import assess, examine
from cdi_sync.edges.config import data_folder, read_settings
from cdi_sync.edges.installation import Installation
from cdi_sync.model import Assessment, Form, Standing
from cdi_sync.procedure import next_stage, replay, transitions_to
from cdi_sync.publish import plan
from tests.registries import DECLARED, Rows, knowledge, merged, registry
from tests.test_procedure import LATER, until
from tests.test_stories import STORIES

POINTS = DECLARED.interpretations
SENT = {"nature": "VISA", "date_envoi": date(2026, 10, 19), "date_reception": date(2026, 10, 20), "ref_accuse": "AR 12"}
TO_VISA: dict[str, Any] = {
    "sessions": [{"type": "ORDINAIRE", "date_ouverture": date(2026, 10, 5), "date_odj_transmis_autorite": date(2026, 9, 10),
                  "date_cloture": date(2026, 10, 6)}],
    "deliberations": [{"objet": "ACTE_CDI", "inscrit_odj": True, "resultat": "ADOPTEE",
                       "date_transmission_pv_autorite": date(2026, 10, 12)}],
    "visas_accords": [SENT],
}  # fmt: skip


def assessed(rows: Rows, day: date, **readings: str) -> Assessment:
    return assess(registry(rows), knowledge(**readings), day)


def standing(rows: Rows, day: date, **readings: str) -> Standing:
    return assessed(rows, day, **readings).standings["ACT-00001"]


# ------------------------------------------------------------------------------------------- what may be chosen


def test_the_example_settings_offer_every_reading_of_every_point_the_default_first() -> None:
    text = (data_folder("config") / "settings.example.toml").read_text(encoding="utf-8")
    offered = dict(re.findall(r'^(D-\d\d) = "\w+" +# .*?: (.*)$', text, re.MULTILINE))
    assert list(offered) == list(POINTS)
    for id_, told in offered.items():
        assert [part.split()[0] for part in told.split(" | ")] == [
            POINTS[id_]["defaut"],
            *(name for name in POINTS[id_]["lectures"] if name != POINTS[id_]["defaut"]),
        ], id_
    chosen = read_settings(data_folder("config") / "settings.example.toml").interpretations
    assert dict(chosen) == {id_: point["defaut"] for id_, point in POINTS.items()}


def test_every_point_decides_rules_that_exist() -> None:
    for id_, point in POINTS.items():
        assert point["decide"], id_
        assert set(point["decide"]) <= set(DECLARED.rulebook), id_
        assert point["defaut"] in point["lectures"], id_


def test_a_rule_that_a_reading_asks_of_more_forms_is_among_those_it_decides() -> None:
    for rule in DECLARED.rulebook.values():
        for name in rule.more_forms:
            assert rule.id in POINTS[name.partition(":")[0]]["decide"], rule.id


# ------------------------------------------------------------------------------------ each reading changes something


def _stories() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(Path(STORIES).glob("*.toml")):
        for rule, stories in tomllib.loads(path.read_text(encoding="utf-8")).items():
            yield from ((rule, story) for story in stories if story.get("lectures"))


def _outcomes(rule: str, story: dict[str, Any], **readings: str) -> list[object]:
    known = knowledge(**readings)
    seen = examine(registry({tab: story[tab] for tab in DECLARED.tabs if tab in story}), known, story["le"])
    return [(type(e.verdict).__name__, e.verdict) for e in seen.verdicts.all if e.rule.id == rule]


TOLD = {name.replace("_", "-") for _, story in _stories() for name in story["lectures"]}


@pytest.mark.parametrize("point", sorted(TOLD))
def test_each_setting_changes_the_outcome_of_a_story_of_a_rule_it_decides(point: str) -> None:
    changed = [
        rule
        for rule, story in _stories()
        if list(story["lectures"]) == [point.replace("-", "_")]
        and rule in POINTS[point]["decide"]
        and str(_outcomes(rule, story)) != str(_outcomes(rule, story, **story["lectures"]))
    ]
    assert changed, point


def test_every_point_that_a_check_asks_about_has_a_story() -> None:
    """A point that nothing asks about yet waits for its rules."""
    root = Path(__file__).parent.parent
    files = [*(root / "cdi_sync").rglob("*.py"), *(root / "config" / "procedure").glob("*.toml")]
    asked = {id_ for path in files for id_ in re.findall(r'"(D-\d\d)', path.read_text(encoding="utf-8"))}
    assert asked <= TOLD
    assert {"D-01", "D-02", "D-03", "D-04", "D-07", "D-14", "D-15", "D-18", "D-19"} <= asked


# ---------------------------------------------------------------------------------------------- D-14, the twenty days


@pytest.mark.parametrize(
    ("reading", "nth", "last"), [("lendemain", 19, date(2026, 11, 9)), ("jour_meme", 20, date(2026, 11, 8))]
)
def test_the_day_of_the_visa_and_its_last_day_follow_the_reading(reading: str, nth: int, last: date) -> None:
    told = standing(TO_VISA, date(2026, 11, 8), D_14=reading)  # received on 20 October
    assert (told.visa_day, told.due) == (nth, last)


@pytest.mark.parametrize(
    ("reading", "day", "reminder"),
    [
        ("lendemain", date(2026, 11, 9), "REM-VIS-02"),
        ("lendemain", date(2026, 11, 10), "REM-VIS-03"),
        ("jour_meme", date(2026, 11, 8), "REM-VIS-02"),
        ("jour_meme", date(2026, 11, 9), "REM-VIS-03"),
    ],
)
def test_the_reminder_changes_the_day_after_the_last(reading: str, day: date, reminder: str) -> None:
    waits = {one.reminder for one in assessed(TO_VISA, day, D_14=reading).pending}
    assert {"REM-VIS-02", "REM-VIS-03"} & waits == {reminder}


@pytest.mark.parametrize(("reading", "step"), [("lendemain", "+10"), ("jour_meme", "+15")])
def test_the_fifteenth_day_is_told_a_day_earlier_when_reception_counts(reading: str, step: str) -> None:
    rows = TO_VISA | {"visas_accords": [SENT | {"date_reception": date(2026, 11, 2)}]}  # 2 + 15 = 17; counted: 16
    told = assessed(rows, date(2026, 11, 16), D_14=reading).notices
    assert {notice.step for notice in told if notice.reminder == "REM-VIS-02"} == {step}


def test_the_date_in_the_workbook_follows_the_reading(tmp_path: Path) -> None:
    shown = {}
    for reading in ("lendemain", "jour_meme"):
        known = knowledge(D_14=reading)
        cells = plan(assess(registry(TO_VISA), known, date(2026, 11, 1)), known, spare_rows=0).cells["visas_accords"]
        shown[reading] = {cell.value for cell in cells.values()}
    assert date(2026, 11, 9) in shown["lendemain"] - shown["jour_meme"]
    assert date(2026, 11, 8) in shown["jour_meme"] - shown["lendemain"]


def test_an_installation_reads_its_law_as_its_settings_say(tmp_path: Path) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text('[interpretations]\nD-14 = "jour_meme"\n', encoding="utf-8")
    assert Installation.at(settings).knowledge.law.reads("D-14", "jour_meme")
    settings.write_text("", encoding="utf-8")
    assert not Installation.at(settings).knowledge.law.reads("D-14", "jour_meme")


# ---------------------------------------------------------------------------------------- D-04, silence; D-07, no expense


@pytest.mark.parametrize(
    ("reading", "text"), [("loi", "une personne peut constater un visa tacite"), ("expres", "relancer l'autorité")]
)
def test_a_late_visa_is_reminded_as_the_reading_of_silence_says(reading: str, text: str) -> None:
    late = [one for one in assessed(TO_VISA, date(2026, 11, 10), D_04=reading).pending if one.reminder == "REM-VIS-03"]
    assert [text in one.action for one in late] == [True]


@pytest.mark.parametrize(("reading", "stage"), [("loi", "C80"), ("expres", "C75")])
def test_a_tacit_visa_brings_a_convention_to_its_visa_or_not(reading: str, stage: str) -> None:
    tacit = TO_VISA | {"visas_accords": [SENT | {"sens": "TACITE", "date_decision": date(2026, 11, 10)}]}
    assert standing(tacit, date(2026, 11, 23), D_04=reading).stage == stage


def _member(engages: bool | None, **cells: Any) -> Rows:
    """A membership whose demand was sent to the ministry, without any visa."""
    return merged(until("O40"), {"actes": [{"implique_engagement_financier": engages, **cells}]})


@pytest.mark.parametrize(
    ("reading", "engages", "following", "visa_asked"),
    [
        ("guide", False, "O50", True),
        ("loi", False, "O60", False),
        ("loi", True, "O50", True),
        ("loi", None, "O50", False),  # nobody can tell: it blocks nobody
    ],
)
def test_a_membership_waits_for_a_visa_as_the_reading_says(
    reading: str, engages: bool | None, following: str, visa_asked: bool
) -> None:
    told = standing(_member(engages), LATER, D_07=reading)
    assert (told.stage, told.next_stage) == ("O40", following)
    assert ("GEN-10" in told.blocked_by) is visa_asked


@pytest.mark.parametrize(
    ("engages", "ways"), [(False, ["O40>O60", "O50>O60"]), (True, ["O40>O50"])]
)  # what guards O50>O60 is still asked of those that skip O50
def test_the_guards_of_a_state_that_is_skipped_are_still_asked(engages: bool, ways: list[str]) -> None:
    known = knowledge(D_07="loi")
    case = assessed(_member(engages), LATER, D_07="loi").cases["ACT-00001"]
    machine = known.machines[Form.ADHESION_OING]
    following = next_stage(case, replay(case, machine, known.readings, known.law, LATER), machine, known.readings)
    assert following is not None
    assert transitions_to(case, machine.stage("O40"), following, machine, known.readings) == ways


def test_a_membership_without_visa_goes_on_to_its_candidature() -> None:
    rows = _member(False, date_candidature=LATER)
    assert standing(rows, LATER, D_07="loi").stage == "O60"
    assert standing(rows, LATER, D_07="guide").stage == "O40"
