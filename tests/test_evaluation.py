"""The states of an evaluation: each with the cells that prove it, the day it is entered, and the next step's day."""

from datetime import date
from typing import Any

import pytest

from cdi_sync.assessment import assess
from cdi_sync.explain import explanation, row_explanation
from cdi_sync.model import Assessment, Standing
from cdi_sync.publish import plan
from cdi_sync.tables import letters
from tests.registries import DECLARED, Rows, knowledge, merged, registry


def evaluation(**cells: Any) -> Rows:
    return {"evaluations": [cells]}


ACT: Rows = {"actes": [{"date_entree_vigueur": date(2026, 1, 1), "date_fin": date(2028, 1, 1), "historique": True}]}
# state, the day on which it is entered (None: nobody types it), its cells, the day expected then
CAREER: list[tuple[str, date | None, Rows, date | None]] = [
    # half of the 730 days from 1 January 2026
    ("E00", None, evaluation(moment="MI_PHASE", mode="EXTERNE"), date(2027, 1, 1)),
    (
        "E10",
        None,
        evaluation(
            periode_convenue_debut=date(2027, 6, 1), periode_convenue_fin=date(2027, 9, 30), accord_parties=True
        ),
        date(2027, 3, 3),  # 1 June less 90 days
    ),
    ("E20", date(2027, 2, 1), evaluation(p1_preparatoire_tdr=date(2027, 2, 1)), None),
    (
        "E30",
        date(2027, 2, 20),  # the later of the two
        evaluation(date_validation_ct=date(2027, 2, 10), date_validation_partenaire=date(2027, 2, 20)),
        None,
    ),
    ("E40", date(2027, 3, 8), evaluation(date_lancement_consultation=date(2027, 3, 8)), date(2027, 6, 1)),
    ("E50", date(2027, 6, 2), evaluation(date_reunion_cadrage=date(2027, 6, 2)), None),
    ("E60", date(2027, 7, 20), evaluation(date_fin_collecte=date(2027, 7, 20)), date(2027, 8, 19)),  # + 30
    ("E70", date(2027, 8, 3), evaluation(date_restitution=date(2027, 8, 3)), date(2027, 9, 30)),
    ("E80", date(2027, 9, 20), evaluation(date_validation_copil=date(2027, 9, 20)), date(2027, 11, 19)),  # + 60
    ("E90", date(2027, 10, 4), evaluation(p4_mise_en_oeuvre=date(2027, 10, 4)), date(2027, 10, 20)),  # + 30
    (
        "E99",
        date(2027, 12, 10),
        {
            **evaluation(
                diffusion_conseils=date(2027, 10, 11),
                diffusion_partenaires=date(2027, 10, 12),
                diffusion_administration=date(2027, 10, 13),
            ),
            "plan_action": [
                {"id_evaluation": "EVA-00001", "statut": "TERMINEE", "date_fin_reelle": date(2027, 12, 10)}
            ],
        },
        None,
    ),
]
STATES = [state for state, *_ in CAREER]


def until(state: str) -> Rows:
    return merged(ACT, *(rows for _, _, rows, _ in CAREER[: STATES.index(state) + 1]))


def seen(rows: Rows, today: date = date(2027, 12, 31)) -> Assessment:
    return assess(registry(rows), knowledge(), today)


def standing(rows: Rows, today: date = date(2027, 12, 31)) -> Standing:
    return seen(rows, today).evaluations["EVA-00001"]


@pytest.mark.parametrize(("state", "since", "due"), [(state, since, due) for state, since, _, due in CAREER])
def test_a_state_is_entered_with_its_evidence_and_says_by_when_the_next_is_expected(
    state: str, since: date | None, due: date | None
) -> None:
    shown = standing(until(state))
    assert (shown.stage, shown.since, shown.due) == (state, since, due)


@pytest.mark.parametrize(("state", "since"), [(state, since) for state, since, *_ in CAREER if since])
def test_it_is_not_entered_the_day_before(state: str, since: date) -> None:
    assert standing(until(state), date.fromordinal(since.toordinal() - 1)).stage == STATES[STATES.index(state) - 1]


def test_every_state_of_the_machine_is_here() -> None:
    assert [stage.code for stage in DECLARED.evaluation_machine.stages] == STATES


def test_a_period_that_the_partner_has_not_agreed_to_is_not_agreed() -> None:
    assert standing(merged(until("E10"), evaluation(accord_parties=None))).stage == "E00"


def test_meetings_of_the_committee_prove_the_framing_and_the_presentation() -> None:
    held: Rows = {
        "reunions": [{"type": "CADRAGE", "date": date(2027, 6, 1)}, {"type": "RESTITUTION", "date": date(2027, 8, 10)}]
    }
    assert standing(merged(until("E40"), held), date(2027, 6, 30)).stage == "E50"
    assert standing(merged(until("E60"), held)).since == date(2027, 8, 10)
    early: Rows = {"reunions": [{"type": "RESTITUTION", "date": date(2027, 7, 1)}]}
    assert standing(merged(until("E60"), early)).stage == "E60"  # before the collection was over


@pytest.mark.parametrize("status", ["A_FAIRE", "EN_COURS"])
def test_a_recommendation_still_open_keeps_the_evaluation_open(status: str) -> None:
    open_: Rows = {"plan_action": [{}, {"id_evaluation": "EVA-00001", "statut": status}]}
    assert standing(merged(until("E99"), open_)).stage == "E90"


def test_nothing_is_followed_up_nor_closed_before_the_report_is_validated() -> None:
    assert standing(merged(until("E99"), evaluation(date_validation_copil=None))).stage == "E70"


def test_each_evaluation_of_an_agreement_stands_where_its_own_row_puts_it() -> None:
    shown = seen(merged(until("E70"), {"evaluations": [{}, {"moment": "FIN_PROJET"}]})).evaluations
    assert {id_: s.stage for id_, s in shown.items()} == {"EVA-00001": "E70", "EVA-00002": "E00"}


def test_what_the_next_state_asks_blocks_the_evaluation() -> None:
    recent = merged(until("E10"), {"actes": [{"historique": False}]})
    assert "EVAL-07" in standing(recent, date(2027, 3, 10)).blocked_by  # terms of reference due on 3 March
    assert "EVAL-07" not in standing(merged(recent, evaluation(p1_preparatoire_tdr=date(2027, 2, 1)))).blocked_by


def test_the_row_shows_its_state_who_acts_and_a_link_to_the_cell_to_fill() -> None:
    assessment = seen(until("E40"))
    tab, layout = knowledge().tabs["evaluations"], assessment.registry.layouts["evaluations"]
    cells = plan(assessment, knowledge(), spare_rows=0).cells["evaluations"]
    shown = {column.key: cells.get((2, layout.positions[column.key])) for column in tab.columns}
    assert shown["etape"] and shown["etape"].value == "E40 · Consultation lancée ou équipe désignée"
    assert shown["responsable_suivant"] and shown["responsable_suivant"].value == "Service CDI"
    step = shown["prochaine_etape"]
    assert step and step.link == f"'Évaluations'!{letters(layout.positions['date_reunion_cadrage'])}2"


def test_the_explanation_of_an_agreement_tells_its_evaluations() -> None:
    assessment = seen(until("E60"))
    told = explanation(assessment.standings["ACT-00001"], (), assessment, knowledge(), DECLARED.interpretations)
    assert "EVA-00001 : E60 « Collecte faite » depuis le 20/07/2027" in told
    assert "(échéance : 19/08/2027)" in told


def test_so_does_that_of_its_own_row() -> None:
    assessment = seen(until("E60"))
    (row,) = assessment.registry["evaluations"]
    told = row_explanation(row, (), assessment, knowledge(), DECLARED.interpretations)
    assert "EVA-00001 : E60 « Collecte faite » depuis le 20/07/2027" in told
