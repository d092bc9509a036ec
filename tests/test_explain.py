"""`explain` answers why: which rule, since when, on which cells, under which text, what mends it, which reading chose."""

from datetime import date

import pytest

from cdi_sync.assessment import assess
from cdi_sync.explain import case_judgements, explanation, readings_told, row_explanation, rule_on
from cdi_sync.model import Assessment, Judgement, Row, Said
from tests.registries import DECLARED, Rows, knowledge, merged, registry
from tests.test_procedure import until

DAY = date(2026, 11, 23)
PENDING = {
    "nature": "VISA",
    "date_envoi": date(2026, 10, 19),
    "date_reception": date(2026, 10, 20),
    "ref_accuse": "AR 12",
}


def assessed(rows: Rows, day: date = DAY, **readings: str) -> Assessment:
    return assess(registry(rows), knowledge(**readings), day)


def told(rows: Rows, id_: str = "ACT-00001", day: date = DAY, **readings: str) -> str:
    """What `cdi explain` prints of an agreement, or of another row."""
    known, assessment = knowledge(**readings), assessed(rows, day, **readings)
    row = _row(assessment, id_)
    if standing := assessment.standings.get(id_):
        mine = [f for f in assessment.findings if f.case == id_]
        return explanation(standing, mine, assessment, known, DECLARED.interpretations)
    mine = [f for f in assessment.findings if (f.tab, f.row) == (row.tab, row.number)]
    return row_explanation(row, mine, assessment, known, DECLARED.interpretations)


def _row(assessment: Assessment, id_: str) -> Row:
    return next(row for rows in assessment.registry.rows.values() for row in rows if row.id == id_)


def judged(rows: Rows, rule: str, id_: str, day: date = DAY) -> Judgement:
    assessment = assessed(rows, day)
    return next(one for one in assessment.judge(_row(assessment, id_)) if one.rule == rule)


def points(rows: Rows, day: date = DAY) -> dict[str, list[str]]:
    """The points told of the agreement, and what each decides of it."""
    assessment = assessed(rows, day)
    case = assessment.cases["ACT-00001"]
    said = case_judgements(case, assessment)
    return {
        id_: list(decided)
        for id_, decided in readings_told(said, case, case.tier, knowledge(), DECLARED.interpretations).items()
    }


# ------------------------------------------------------------------------------------------------ a judgement


def test_a_problem_is_told_with_its_cells_its_remedy_and_since_when() -> None:
    late = judged({"visas_accords": [PENDING]}, "GEN-12", "VIS-00001")
    assert (late.said, late.owed) == (Said.PROBLEM, True)
    assert (late.since, late.since_why) == (date(2026, 11, 10), "délai échu")  # 20 October + 20 = 9 November
    assert {(cell.column, cell.holds) for cell in late.cells} >= {("date_reception", "20/10/2026"), ("sens", "")}
    assert late.mend is not None
    assert (late.mend.tab, late.mend.row, late.mend.column) == ("visas_accords", 2, "sens")
    assert late.fix.startswith("Saisir la décision reçue")
    assert late.sources[0].startswith("Guide, axe 1 §2-d")


def test_a_problem_that_a_passed_state_owes_is_owed_since_that_state() -> None:
    rows = merged(until("C90"), {"actes": [{"lieu_signature": None}]})
    said = case_judgements(assessed(rows).cases["ACT-00001"], assessed(rows))
    passed = [one for one in said if one.owed and one.said is Said.PROBLEM and one.since_why.startswith("étape ")]
    assert passed
    assert all(one.since and one.since <= DAY for one in passed)


def test_a_problem_that_an_event_owes_is_owed_since_that_event() -> None:
    signed = {"actes": [{"date_signature": date(2026, 11, 10)}]}
    unseen = judged(signed, "GEN-10", "ACT-00001")
    assert (unseen.since, unseen.since_why) == (date(2026, 11, 10), "acte signé")


def test_a_problem_that_is_not_owed_yet_has_no_day() -> None:
    waiting = judged(until("C75"), "GEN-10", "ACT-00001", date(2026, 10, 20))
    assert (waiting.said, waiting.owed, waiting.since) == (Said.PROBLEM, False, None)


def test_what_is_met_what_has_no_object_and_what_nobody_can_tell_are_told_apart() -> None:
    granted = {"visas_accords": [PENDING | {"sens": "ACCORDE", "date_decision": date(2026, 10, 30)}]}
    assert judged(granted, "GEN-12", "VIS-00001").said is Said.FINE
    running = judged({"visas_accords": [PENDING]}, "GEN-12", "VIS-00001", date(2026, 11, 9))
    assert (running.said, running.why, running.day) == (Said.NOT_APPLICABLE, "les 20 jours courent", date(2026, 11, 9))
    silent = {"visas_accords": [{**PENDING, "ref_accuse": None}]}
    assert judged(silent, "LEX-11", "VIS-00001").said is Said.UNKNOWN


def test_a_cell_that_cannot_be_read_is_told_as_such() -> None:
    bad = judged({"visas_accords": [PENDING | {"date_reception": "bientôt"}]}, "GEN-12", "VIS-00001")
    assert bad.said is Said.UNKNOWN
    assert "(illisible)" in {cell.holds for cell in bad.cells}


# --------------------------------------------------------------------------------------------------- in words


def test_what_blocks_an_agreement_is_told_with_its_cells_and_its_remedy() -> None:
    said = told(until("C75"), day=date(2026, 10, 20))
    blocked = said[said.index("Pour passer à C80") : said.index("Chemin parcouru")]
    assert "GEN-10 : Visa obtenu avant toute exécution de l'acte" in blocked
    assert "que faire : Saisir le visa dans l'onglet Visas et accords" in blocked
    assert "où : onglet Visas et accords, cellule K2 (Sens de la décision)" in blocked
    assert "cellules lues :" in blocked
    assert "K2 Sens de la décision = (vide)" in blocked
    assert "Guide, axe 2 §1-d" in blocked


def test_a_finding_says_since_when_and_on_which_cells() -> None:
    said = told({"visas_accords": [PENDING]})
    found = said[said.index("GEN-12 : Demande reçue") :]
    assert "depuis : le 10/11/2026 (délai échu)" in found
    assert "Reçu le = 20/10/2026" in found


def test_a_row_of_another_tab_is_told_with_its_cells_its_agreement_and_every_rule_asked_of_it() -> None:
    said = told(merged(until("C70"), {"actes": [{"intitule": "Fès – Lyon"}]}), "SES-00001")
    assert said.startswith("SES-00001 · onglet Sessions, ligne 2")
    assert "Ouverture : 01/10/2026" in said
    assert "LEX-01 : Session ordinaire tenue dans son mois légal" in said[said.index("Règles respectées") :]
    assert "LEX-05 : Session extraordinaire" in said[said.index("Règles sans objet") :]
    voted = told(merged(until("C70"), {"actes": [{"intitule": "Fès – Lyon"}]}), "DEL-00001")
    assert "Se rapporte à ACT-00001 « Fès – Lyon »." in voted
    assert "LEX-07 : Majorité des suffrages exprimés" in voted


def test_a_finding_of_a_row_is_told_once() -> None:
    said = told({"visas_accords": [PENDING]}, "VIS-00001")
    assert said.count("GEN-12 : ") == 1
    assert "Aucune anomalie" not in said


def test_an_agreement_whose_form_is_not_filled_is_told_as_a_row() -> None:
    said = told({"actes": [{"forme": None}]})
    assert "La forme de cet acte n'est pas remplie" in said
    assert "Intitulé" in said


def test_a_rule_is_told_of_a_row_or_says_why_it_is_silent() -> None:
    known, assessment = knowledge(), assessed({"visas_accords": [PENDING]})
    case = assessment.cases["ACT-00001"]
    late = rule_on(known.rulebook["GEN-12"], case.rows(), case, assessment, known)
    assert late.startswith("VIS-00001 (onglet Visas et accords, ligne 2) : non respectée")


@pytest.mark.parametrize(
    ("rule", "act", "why"),
    [
        ("GEN-11", {}, "elle ne parle pas de cette forme d'acte"),
        ("GEN-10", {"historique": True, "annee_signature": 1990}, "l'acte est noté historique"),
        ("GEN-12", {}, "elle se lit sur les lignes de l'onglet Visas et accords, et il n'y en a pas ici"),
        ("DATA-02", {}, "elle se constate à la lecture des cellules"),
    ],
)
def test_a_rule_that_says_nothing_of_an_agreement_says_why(rule: str, act: dict[str, object], why: str) -> None:
    known, assessment = knowledge(), assessed({"actes": [act]})
    case = assessment.cases["ACT-00001"]
    assert why in rule_on(known.rulebook[rule], case.rows(), case, assessment, known)


# ------------------------------------------------------------------------------------------------ the readings


def test_a_reading_is_told_where_it_decides_something_and_nowhere_else() -> None:
    fresh = points({})
    assert fresh == {}
    running = points({"visas_accords": [PENDING]}, date(2026, 11, 1))
    assert running["D-14"] == ["GEN-12", "LEX-11"]
    assert "D-03" not in running
    assert "D-07" not in running


def test_a_twinning_is_told_the_readings_of_its_states() -> None:
    twinning = points({"actes": [{"forme": "JUMELAGE"}]})
    assert "étape J45" in twinning["D-02"]
    assert twinning["D-03"] == ["GEN-10", "GEN-12", "LEX-11", "étape J68"]


def test_a_membership_is_told_whether_it_waits_for_a_visa() -> None:
    assert "étape O50" in points({"actes": [{"forme": "ADHESION_OING"}]})["D-07"]


def test_an_old_agreement_is_told_no_reading_of_its_states() -> None:
    assert points({"actes": [{"forme": "JUMELAGE", "historique": True, "annee_signature": 1990}]}) == {}


def test_the_first_week_is_a_matter_of_communes() -> None:
    session = {"sessions": [{"type": "ORDINAIRE", "date_ouverture": date(2026, 10, 5)}]}
    assert "D-15" in told(session, "SES-00001")
    assert "D-15" not in told(session | {"collectivites": [{"niveau": "REGION"}]}, "SES-00001")


def test_the_reading_in_force_comes_first_then_the_others() -> None:
    said = told({"visas_accords": [PENDING]}, D_14="jour_meme")
    assert "D-14 Compter les vingt jours du visa : lecture retenue « jour_meme »" in said
    assert "autre lecture « lendemain »" in said
    assert "autre lecture « jour_meme »" not in said
    assert "le jour de la réception compté" in told(until("C75"), day=date(2026, 10, 20), D_14="jour_meme")
    assert "le jour de la réception non compté" in told(until("C75"), day=date(2026, 10, 20))
