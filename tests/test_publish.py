"""What the workbook shows of an assessment: words that fit in their cell, and links that lead where they say."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from cdi_sync.assessment import assess
from cdi_sync.model import Assessment, Registry
from cdi_sync.publish import Plan, plan
from cdi_sync.rules import Rulebook
from cdi_sync.shown import Shown, quoted
from cdi_sync.tables import letters, read_registry
from tests.registries import DECLARED, complete, grids, knowledge, registry
from tests.test_dashboard import awaiting

TODAY = date(2026, 11, 23)
KNOWN = knowledge()


def told(rows: dict[str, Any]) -> tuple[Plan, Assessment]:
    seen = registry(rows)
    assessment = assess(seen, KNOWN, TODAY)
    return plan(assessment, KNOWN, spare_rows=2), assessment


def cell(shown: Plan, seen: Registry, key: str, tab: str = "actes", row: int = 2) -> Shown:
    return shown.cells[tab][row, seen.layouts[tab].positions[key]]


def place(seen: Registry, tab: str, key: str, row: int) -> str:
    return f"'{DECLARED.tabs[tab].title}'!{letters(seen.layouts[tab].positions[key])}{row}"


def values(shown: Plan, title: str) -> list[list[object]]:
    return [[c and c.value for c in row] for row in shown.tabs[title]]


# --------------------------------------------------------------------------------------------- « À corriger »


def test_one_finding_is_told_on_a_line_with_its_remedy_below() -> None:
    hosting = [{"cle": "cndp_recepisse", "valeur": "D-1"}, {"cle": "hebergement_pays", "valeur": "Maroc"}]
    someone = {"fonction_role": "REFERENT_CDI", "date_fin": "32/13/2026"}
    shown, assessment = told({"contacts": [someone], "parametres": hosting})
    (finding,) = [f for f in assessment.findings if f.tab == "contacts"]
    first, second = str(cell(shown, assessment.registry, "a_corriger", "contacts").value).splitlines()
    assert f"{finding.rule} : {finding.message}".startswith(first.partition(" · ")[2].removesuffix("…"))
    assert f"→ {finding.fix}".startswith(second.removesuffix("…"))


def test_many_findings_take_two_lines_of_the_room_there_is_and_the_rest_is_counted() -> None:
    bad = dict.fromkeys(("date_creation", "date_avis", "date_signature", "date_adhesion"), "32/13/2026")
    shown, assessment = told({"actes": [bad]})
    count = sum(f.row == 2 and f.tab == "actes" for f in assessment.findings)
    lines = str(cell(shown, assessment.registry, "a_corriger").value).splitlines()
    assert len(lines) == 2
    assert all(len(line) <= 100 for line in lines)
    assert lines[1].endswith(f"… et {count - 2} autres : onglet Anomalies")
    assert {str(f.message) for f in assessment.findings} <= {str(row[4]) for row in values(shown, "Anomalies")[2:]}


# ------------------------------------------------------------------------------------------------------ links


@pytest.mark.parametrize(
    ("rows", "tab", "key", "row"),
    [
        ({"actes": [{"date_creation": date(2026, 1, 5)}]}, "actes", "date_dossier_technique", 2),
        (awaiting(date(2026, 11, 10)), "visas_accords", "sens", 2),
    ],
)
def test_the_next_step_leads_to_the_cell_that_will_prove_it(rows: dict[str, Any], tab: str, key: str, row: int) -> None:
    shown, assessment = told(rows)
    assert cell(shown, assessment.registry, "prochaine_etape").link == place(assessment.registry, tab, key, row)


def test_a_step_without_a_row_yet_leads_to_the_first_free_one() -> None:
    """The visa isn't asked for yet: rows 2 and 3 of the tab only hold a number."""
    rows = awaiting(date(2026, 11, 10))
    rows["visas_accords"] = [{"id_acte": None}, {"id_acte": None}]
    seen = read_registry(grids(complete(rows)), list(DECLARED.tabs.values()))
    assessment = assess(seen, KNOWN, TODAY)
    shown = plan(assessment, KNOWN, spare_rows=2)
    assert cell(shown, seen, "prochaine_etape").link == place(seen, "visas_accords", "id_acte", 2)


def test_every_next_step_of_a_case_leads_to_a_cell_of_the_workbook() -> None:
    for form in ("JUMELAGE", "CONVENTION", "ADHESION_OING"):
        shown, assessment = told({"actes": [{"forme": form}, {"forme": form, "date_abandon": date(2026, 1, 1)}]})
        for row in (2, 3):
            assert cell(shown, assessment.registry, "prochaine_etape", row=row).link.startswith("'Actes'!")


def test_a_rule_of_the_help_tab_leads_to_its_first_anomaly_and_says_how_many_it_has() -> None:
    bad = {"date_creation": "32/13/2026", "date_avis": "32/13/2026"}
    shown, _ = told({"actes": [bad]})
    (line,) = [row for row in shown.tabs["Aide"] if row and row[0] and row[0].value == "DATA-02"]
    found = line[7]
    assert found and found.value == "2 constats"
    target = int(found.link.removeprefix("'Anomalies'!A"))
    rules = [row[1] if len(row) > 1 else None for row in values(shown, "Anomalies")]
    assert rules[target - 1] == "DATA-02"
    assert "DATA-02" not in rules[: target - 1]


def test_a_rule_without_anomaly_says_so_and_one_that_people_follow_says_nothing() -> None:
    unchecked = replace(KNOWN.rulebook["JUM-02"], kind="", reason="jugement d'une personne")
    known = replace(KNOWN, rulebook=Rulebook([*(r for r in KNOWN.rulebook.values() if r.id != "JUM-02"), unchecked]))
    shown = plan(assess(registry({}), known, TODAY), known, spare_rows=2)
    by_rule = {row[0].value: row for row in shown.tabs["Aide"] if row and row[0]}
    assert by_rule["DATA-02"][7] == Shown("aucun", "cdi_texte")
    assert by_rule[unchecked.id][3] == Shown(unchecked.reason, "cdi_texte")
    assert by_rule[unchecked.id][7] is None


def test_the_help_tab_says_what_each_tab_asks_for_and_links_to_it() -> None:
    shown, _ = told({})
    by_name = {row[0].value: row for row in shown.tabs["Aide"] if row and row[0]}
    for tab in DECLARED.tabs.values():
        line = by_name[tab.title]
        assert line[0] and line[0].link == f"{quoted(tab.title)}!A1"
        assert line[2] and line[2].value == tab.description
        assert line[3]
        assert all(column.title in str(line[3].value) for column in tab.columns if column.required)


# -------------------------------------------------------------------------------- schedule and anomalies


@pytest.mark.parametrize(
    ("left", "when", "late"),
    [
        (-1, "En retard", True),
        (0, "Dans les 7 jours", False),
        (7, "Dans les 7 jours", False),
        (8, "Dans les 30 jours", False),
    ],
)
def test_the_schedule_says_in_words_what_is_late(left: int, when: str, late: bool) -> None:
    shown, _ = told(awaiting(TODAY - timedelta(20 - left)))
    (line,) = shown.tabs["Échéancier"][2:]
    assert line[0] and line[2]
    assert (line[0].value, line[2].value) == (when, left)
    assert {line[0].style == "cdi_retard", line[2].style == "cdi_retard"} == {late}


def test_an_anomaly_can_be_filtered_by_tab_and_by_council() -> None:
    rows = {
        "contacts": [{"fonction_role": "REFERENT_CDI", "collectivite": "COL-00001", "date_fin": "32/13/2026"}],
        "collectivites": [{"population": "beaucoup"}],
        "actes": [{"date_avis": "32/13/2026"}],
        "jours_feries": [{"date": "32/13/2026"}],
    }
    shown, _ = told(rows)
    found = {str(row[7]): row[8] for row in values(shown, "Anomalies")[2:]}
    assert {found[title] for title in ("Contacts", "Collectivités", "Actes")} == {"Fès"}
    assert found["Jours fériés"] is None
