"""Where a case stands: the states of the three forms replayed from their rows, then what the next step asks.

A career is the list of its states, each with the cells that prove it and the day it is entered; a case is what the
cells say up to a state. The council is a commune: its October 2026 session opens on Thursday 1 October.
"""

from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

import pytest

from cdi_sync.assessment import assess, examine
from cdi_sync.model import Form, Standing
from cdi_sync.procedure import has_passed
from cdi_sync.rules import Rulebook
from tests.registries import DECLARED, Rows, knowledge, merged, registry

# state, the day on which it is entered (None: its evidence has no date), the cells that prove it
Career = list[tuple[str, date | None, Rows]]

CONVENTION: Career = [
    ("C00", date(2026, 1, 5), {"actes": [{"date_creation": date(2026, 1, 5)}]}),
    ("C10", date(2026, 2, 2), {"actes": [{"date_dossier_technique": date(2026, 2, 2)}]}),
    ("C20", date(2026, 3, 2), {"actes": [{"date_marketing": date(2026, 3, 2)}]}),
    ("C30", date(2026, 4, 1), {"actes": [{"date_recherche_partenaire": date(2026, 4, 1)}]}),
    ("C40", date(2026, 5, 4), {"actes": [{"date_partenaire_trouve": date(2026, 5, 4)}]}),
    ("C50", date(2026, 6, 1), {"actes": [{"date_ouverture_negociation": date(2026, 6, 1)}]}),
    ("C55", date(2026, 7, 1), {"actes": [{"date_projet_convention": date(2026, 7, 1)}]}),
    (
        "C60",
        date(2026, 9, 8),
        {
            "sessions": [
                {
                    "type": "ORDINAIRE",
                    "date_odj_transmis_autorite": date(2026, 9, 8),
                    "date_ouverture": date(2026, 10, 1),
                    "date_cloture": date(2026, 10, 2),
                }
            ],
            "deliberations": [{"objet": "ACTE_CDI", "inscrit_odj": True}],
        },
    ),
    ("C70", date(2026, 10, 2), {"deliberations": [{"resultat": "ADOPTEE", "date_deliberation": date(2026, 10, 2)}]}),
    ("C75", date(2026, 10, 12), {"visas_accords": [{"nature": "VISA", "date_reception": date(2026, 10, 12)}]}),
    ("C80", date(2026, 10, 26), {"visas_accords": [{"sens": "ACCORDE", "date_decision": date(2026, 10, 26)}]}),
    ("C85", None, {"actes": [{"date_signature_prevue": date(2026, 11, 9), "lieu_signature": "Hôtel de ville"}]}),
    ("C90", date(2026, 11, 9), {"actes": [{"date_signature": date(2026, 11, 9)}]}),
    ("C100", date(2026, 12, 1), {"actes": [{"date_entree_vigueur": date(2026, 12, 1)}]}),
    (
        "C110",
        date(2027, 1, 4),
        {
            "organes": [{"type": "COMITE_PILOTAGE", "date_mise_en_place": date(2027, 1, 4)}],
            "plan_action": [{"statut": "EN_COURS", "date_debut_reelle": date(2027, 1, 4)}],
        },
    ),
    ("C120", date(2027, 1, 25), {"actes": [{"date_cloture": date(2027, 1, 25)}]}),
    (
        "C130",
        date(2027, 2, 8),
        {"evaluations": [{"moment": "FIN_PROJET", "date_validation_copil": date(2027, 2, 8)}]},
    ),
    ("C140", date(2027, 2, 22), {"actes": [{"date_capitalisation": date(2027, 2, 22)}]}),
]

JUMELAGE: Career = [
    ("J00", date(2025, 1, 6), {"actes": [{"forme": "JUMELAGE", "date_creation": date(2025, 1, 6)}]}),
    ("J10", date(2025, 2, 3), {"actes": [{"date_rapport_pret": date(2025, 2, 3)}]}),
    ("J20", date(2025, 2, 10), {"actes": [{"date_envoi_rapport": date(2025, 2, 10)}]}),
    ("J30", date(2025, 2, 24), {"actes": [{"date_reception_dgct": date(2025, 2, 24)}]}),
    (
        "J40",
        date(2025, 4, 7),
        {"visas_accords": [{"nature": "ACCORD_PRINCIPE_MI", "sens": "ACCORDE", "date_decision": date(2025, 4, 7)}]},
    ),
    (
        "J45",
        date(2025, 6, 2),
        {
            "visas_accords": [
                {},
                {"nature": "APPROBATION_ROYALE", "sens": "ACCORDE", "date_notification": date(2025, 6, 2)},
            ]
        },
    ),
    (
        "J50",
        date(2025, 9, 8),
        {
            "sessions": [
                {
                    "type": "ORDINAIRE",
                    "date_odj_transmis_autorite": date(2025, 9, 8),
                    "date_ouverture": date(2025, 10, 1),
                    "date_cloture": date(2025, 10, 2),
                }
            ],
            "deliberations": [{"objet": "ACTE_CDI", "inscrit_odj": True}],
        },
    ),
    ("J60", date(2025, 10, 2), {"deliberations": [{"resultat": "ADOPTEE", "date_deliberation": date(2025, 10, 2)}]}),
    (
        "J65",
        date(2025, 10, 13),  # the later of the two sendings
        {
            "deliberations": [{"date_transmission_pv_autorite": date(2025, 10, 10)}],
            "actes": [{"date_transmission_pieces_mi": date(2025, 10, 13)}],
        },
    ),
    (
        "J70",
        None,
        {
            "phases_jumelage": [
                {"phase": "ALLER", "a_l_etranger": True, "date_arretee_par_president": date(2026, 3, 20)}
            ]
        },
    ),
    (
        "J75",
        date(2026, 2, 5),
        {
            "deliberations": [
                {},
                {"objet": "DELEGATION", "resultat": "ADOPTEE", "date_deliberation": date(2026, 2, 5)},
            ]
        },
    ),
    (
        "J80",
        date(2026, 3, 20),
        {"phases_jumelage": [{"date_effective": date(2026, 3, 20), "protocole_signe": True}]},
    ),
    (
        "J85",
        date(2026, 9, 18),
        {
            "phases_jumelage": [
                {},
                {"phase": "RETOUR", "date_effective": date(2026, 9, 18), "protocole_signe": True},
            ]
        },
    ),
    (
        "J90",
        date(2026, 10, 5),
        {"organes": [{"type": "COMITE_JUMELAGE", "date_mise_en_place": date(2026, 10, 5)}]},
    ),
    ("J99", date(2027, 2, 1), {"actes": [{"date_cloture": date(2027, 2, 1)}]}),
]

ADHESION: Career = [
    ("O00", date(2026, 1, 5), {"actes": [{"forme": "ADHESION_OING", "date_creation": date(2026, 1, 5)}]}),
    ("O10", date(2026, 7, 1), {"actes": [{"date_verification": date(2026, 7, 1)}]}),
    (
        "O20",
        date(2026, 9, 8),
        {
            "sessions": [
                {
                    "type": "ORDINAIRE",
                    "date_odj_transmis_autorite": date(2026, 9, 8),
                    "date_ouverture": date(2026, 10, 1),
                    "date_cloture": date(2026, 10, 2),
                }
            ],
            "deliberations": [{"objet": "ADHESION_OING", "inscrit_odj": True}],
        },
    ),
    ("O30", date(2026, 10, 2), {"deliberations": [{"resultat": "ADOPTEE", "date_deliberation": date(2026, 10, 2)}]}),
    ("O40", date(2026, 10, 12), {"actes": [{"date_demande_dgct": date(2026, 10, 12)}]}),
    (
        "O50",
        date(2026, 10, 26),
        {
            "visas_accords": [
                {
                    "nature": "VISA",
                    "date_reception": date(2026, 10, 14),
                    "sens": "ACCORDE",
                    "date_decision": date(2026, 10, 26),
                }
            ]
        },
    ),
    ("O60", date(2026, 11, 3), {"actes": [{"date_candidature": date(2026, 11, 3)}]}),
    ("O70", date(2026, 12, 1), {"actes": [{"date_adhesion": date(2026, 12, 1)}]}),
]

CAREERS = {"J": JUMELAGE, "C": CONVENTION, "O": ADHESION}
LATER = date(2027, 3, 1)  # after every date above


def until(state: str) -> Rows:
    """The cells of a career up to that state, included."""
    career = CAREERS[state[0]]
    codes = [code for code, _, _ in career]
    return merged(*(cells for _, _, cells in career[: codes.index(state) + 1]))


def without(state: str, until_state: str) -> Rows:
    """The cells of a career up to a state, save those that prove another one."""
    career = CAREERS[state[0]]
    codes = [code for code, _, _ in career]
    return merged(*(cells for code, _, cells in career[: codes.index(until_state) + 1] if code != state))


def standing(rows: Rows, today: date = LATER, **readings: str) -> Standing:
    return assess(registry(rows), knowledge(**readings), today).standings["ACT-00001"]


def act(**cells: Any) -> Rows:
    return {"actes": [cells]}


# ------------------------------------------------------------------------------------------ states, one by one


def _entries() -> list[tuple[str, str, date]]:
    """(state before, state, day of its evidence) for every dated state but the first."""
    pairs = [(before, after) for career in CAREERS.values() for before, after in pairwise(career)]
    return [(before, state, day) for (before, _, _), (state, day, _) in pairs if day]


@pytest.mark.parametrize(("before", "state", "day"), _entries())
def test_a_state_is_entered_on_the_day_of_its_evidence_and_not_the_day_before(
    before: str, state: str, day: date
) -> None:
    entered = standing(until(state), day)
    assert (entered.stage, entered.since) == (state, day)
    assert standing(until(state), date.fromordinal(day.toordinal() - 1)).stage == before


@pytest.mark.parametrize("state", ["C85", "J70"])
def test_a_state_whose_evidence_has_no_date_is_entered_without_saying_since_when(state: str) -> None:
    entered = standing(until(state))
    assert (entered.stage, entered.since) == (state, None)


@pytest.mark.parametrize("career", CAREERS.values(), ids=list(CAREERS))
def test_the_path_tells_every_state_entered_with_its_day(career: Career) -> None:
    last = career[-1][0]
    path = standing(until(last)).path
    assert [(step.stage, step.since) for step in path] == [(code, day) for code, day, _ in career]


def test_the_path_says_on_what_evidence_a_state_was_entered() -> None:
    told = {step.stage: step.evidence for step in standing(until("J70")).path}
    assert told["J60"] == "délibération adoptée le 02/10/2025 (DEL-00001)"
    assert told["J65"] == (
        "procès-verbal transmis à l'autorité le 10/10/2025 (DEL-00001) ; "
        "pièces transmises au ministère le 13/10/2025 (ACT-00001)"
    )
    assert told["J70"] == "date et lieu arrêtés (pour le 20/03/2026) (PHA-00001)"


def test_an_agreement_without_any_date_is_in_its_first_state_since_nobody_knows_when() -> None:
    opened = standing(act())
    assert (opened.stage, opened.since) == ("C00", None)
    assert opened.path[0].evidence == "ligne ouverte au registre"


@pytest.mark.parametrize(
    "sent",
    [
        {"deliberations": [{"date_transmission_pv_autorite": date(2025, 10, 10)}]},
        {"actes": [{"date_transmission_pieces_mi": date(2025, 10, 13)}]},
    ],
    ids=["minutes alone", "papers alone"],
)
def test_a_state_with_two_proofs_waits_for_both(sent: Rows) -> None:
    assert standing(merged(until("J60"), sent)).stage == "J60"


@pytest.mark.parametrize("sense", ["ACCORDE", "TACITE"])
def test_a_visa_counts_whether_it_was_given_or_recorded_as_tacit(sense: str) -> None:
    tacit = {"visas_accords": [{"sens": sense, "date_decision": date(2026, 11, 2)}]}
    assert standing(merged(until("C75"), tacit)).stage == "C80"


def test_a_royal_approval_without_its_notification_does_not_count() -> None:
    decided = {"visas_accords": [{}, {"nature": "APPROBATION_ROYALE", "sens": "ACCORDE"}]}
    assert standing(merged(until("J40"), decided)).stage == "J40"


def test_an_agenda_counts_only_when_the_item_is_on_it() -> None:
    off = {"deliberations": [{"inscrit_odj": False}]}
    assert standing(merged(until("C60"), off)).stage == "C55"


def test_the_vote_of_another_object_proves_nothing_of_the_agreement() -> None:
    other = {"deliberations": [{"objet": "CREATION_CDD"}]}
    assert standing(merged(until("C70"), other)).stage == "C55"


# -------------------------------------------------------------------------------- implied states, owed states


def test_a_later_proof_implies_the_preparatory_states_before_it() -> None:
    # only the vote is dated: nothing says when the file, the search and the negotiation were done
    voted = {"deliberations": [{"objet": "ACTE_CDI", "resultat": "ADOPTEE", "date_deliberation": date(2026, 10, 2)}]}
    replayed = examine(registry(voted), knowledge(), LATER).replays["ACT-00001"]
    assert [step.stage for step in replayed.path] == ["C00", "C70"]
    machine = DECLARED.machines[Form.CONVENTION]
    assert has_passed("C50>C55", replayed, machine)
    assert has_passed("C60>C70", replayed, machine)
    assert not has_passed("C70>C75", replayed, machine)


def test_a_visa_granted_implies_that_it_was_received() -> None:
    granted = {"visas_accords": [{"nature": "VISA", "sens": "ACCORDE", "date_decision": date(2026, 10, 26)}]}
    assert [step.stage for step in standing(merged(until("C70"), granted)).path][-2:] == ["C70", "C80"]


@pytest.mark.parametrize(
    ("missing", "done", "stays"),
    [
        ("C70", "C80", "C60"),  # a visa for nothing that was voted
        ("C80", "C90", "C75"),  # signed without its visa
        ("C90", "C100", "C85"),  # in force but not signed
        ("J40", "J45", "J30"),
        ("J45", "J60", "J40"),
        ("J60", "J65", "J50"),
        ("J65", "J70", "J60"),
        ("J70", "J75", "J65"),
        ("J80", "J85", "J75"),
        ("C120", "C130", "C110"),  # a final report, and nobody says that the actions are over
        ("C120", "C140", "C110"),
        ("O30", "O40", "O20"),
        ("O40", "O50", "O30"),
        ("O50", "O70", "O40"),
    ],
)
def test_a_state_still_owed_is_not_jumped_over(missing: str, done: str, stays: str) -> None:
    assert standing(without(missing, done)).stage == stays


def test_a_convention_signed_without_any_visa_sent_stays_at_its_vote() -> None:
    signed = merged(until("C70"), act(date_signature=date(2026, 11, 9)))
    assert standing(signed).stage == "C70"


def test_a_delegation_voted_before_the_twinning_itself_jumps_over_nothing() -> None:
    delegation = {
        "deliberations": [
            {"objet": "ACTE_CDI", "inscrit_odj": True},
            {"objet": "DELEGATION", "resultat": "ADOPTEE", "date_deliberation": date(2025, 9, 30)},
        ]
    }
    assert standing(merged(until("J50"), delegation)).stage == "J50"


def test_a_delegation_voted_early_counts_once_the_date_is_fixed_but_not_before_that_vote() -> None:
    early = {
        "deliberations": [{}, {"objet": "DELEGATION", "resultat": "ADOPTEE", "date_deliberation": date(2025, 9, 1)}]
    }
    assert standing(merged(until("J65"), early)).stage == "J65"
    assert standing(merged(until("J70"), early)).stage == "J75"


@pytest.mark.parametrize(("abroad", "stage"), [(True, "J70"), (False, "J80")])
def test_only_a_delegation_that_goes_abroad_must_be_voted_before_the_outward_phase(abroad: bool, stage: str) -> None:
    outward = {"phases_jumelage": [{"phase": "ALLER", "a_l_etranger": abroad}]}
    assert standing(merged(without("J75", "J80"), outward)).stage == stage


@pytest.mark.parametrize(("abroad", "following"), [(True, "J75"), (False, "J80")])
def test_the_next_state_depends_on_where_the_outward_phase_is_held(abroad: bool, following: str) -> None:
    outward = {"phases_jumelage": [{"a_l_etranger": abroad}]}
    assert standing(merged(until("J70"), outward)).next_stage == following


def test_a_royal_notification_after_a_vote_taken_too_early_lets_the_case_go_on() -> None:
    # voted on 2 October 2025, approval notified on 2 March 2026
    notified = {"visas_accords": [{}, {"date_notification": date(2026, 3, 2)}]}
    rows = merged(until("J65"), notified)
    assert standing(rows, date(2026, 3, 1)).stage == "J40"
    caught_up = standing(rows, date(2026, 3, 2))
    assert (caught_up.stage, caught_up.since) == ("J65", date(2026, 3, 2))  # not before the state that precedes it


# --------------------------------------------------------------------------------------------------- setbacks

OPPOSED = {"deliberations": [{"opposition": True, "date_opposition": date(2026, 10, 15)}]}
OPPOSED_TWINNING = {"deliberations": [{"opposition": True, "date_opposition": date(2025, 10, 15)}]}


def second_vote(day: date, subject: str = "ACTE_CDI") -> Rows:
    return {"deliberations": [{}, {"objet": subject, "resultat": "ADOPTEE", "date_deliberation": day}]}


def test_an_opposition_sends_a_twinning_back_to_the_agenda() -> None:
    rows = merged(until("J65"), OPPOSED_TWINNING)
    assert standing(rows, date(2025, 10, 14)).stage == "J65"
    assert standing(rows, date(2025, 10, 15)).stage == "J50"


@pytest.mark.parametrize(
    ("voted", "stage"),
    [(date(2025, 10, 15), "J50"), (date(2025, 10, 16), "J60")],  # opposed on 15 October: only what follows counts
)
def test_an_opposed_twinning_goes_on_with_a_vote_taken_after_the_opposition(voted: date, stage: str) -> None:
    assert standing(merged(until("J65"), OPPOSED_TWINNING, second_vote(voted))).stage == stage


def test_the_papers_sent_before_an_opposition_must_be_sent_again() -> None:
    again = {"deliberations": [{}, {"date_transmission_pv_autorite": date(2026, 2, 10)}]}
    rows = merged(until("J65"), OPPOSED_TWINNING, second_vote(date(2026, 2, 5)), again)
    assert standing(rows).stage == "J60"  # papers of 13 October, before the opposition
    assert standing(merged(rows, act(date_transmission_pieces_mi=date(2026, 2, 11)))).stage == "J65"


def test_an_opposition_shows_a_convention_as_to_be_dealt_with() -> None:
    rows = merged(until("C75"), OPPOSED)
    assert standing(rows, date(2026, 10, 14)).stage == "C75"
    opposed = standing(rows, date(2026, 10, 15))
    assert (opposed.stage, opposed.since) == ("C78", date(2026, 10, 15))
    assert [step.stage for step in opposed.path][-2:] == ["C55", "C78"]  # it must be put on the agenda again
    assert opposed.path[-1].evidence == "opposition de l'autorité le 15/10/2026 (DEL-00001)"


@pytest.mark.parametrize(("voted", "stage"), [(date(2026, 10, 15), "C78"), (date(2026, 10, 16), "C70")])
def test_an_opposed_convention_goes_on_with_a_vote_taken_after_the_opposition(voted: date, stage: str) -> None:
    assert standing(merged(until("C75"), OPPOSED, second_vote(voted))).stage == stage


def test_an_opposition_without_a_date_voids_its_own_deliberation() -> None:
    undated = standing(merged(until("C70"), {"deliberations": [{"opposition": True}]}))
    assert (undated.stage, undated.since) == ("C78", None)


def test_an_opposition_sends_a_membership_back_to_the_agenda() -> None:
    rows = merged(until("O40"), OPPOSED)
    assert standing(rows, date(2026, 10, 14)).stage == "O40"
    assert standing(rows, date(2026, 10, 15)).stage == "O10"
    assert standing(merged(rows, second_vote(date(2026, 10, 16), "ADHESION_OING"))).stage == "O30"


def decided(sense: str) -> Rows:
    return {"visas_accords": [{"sens": sense, "date_decision": date(2026, 10, 26)}]}


@pytest.mark.parametrize(("sense", "state"), [("OBSERVATIONS", "C78"), ("REFUSE", "C-R")])
def test_a_convention_refused_or_commented_waits_for_a_new_sending(sense: str, state: str) -> None:
    rows = merged(until("C75"), decided(sense))
    assert standing(rows, date(2026, 10, 25)).stage == "C75"
    sent_back = standing(rows, date(2026, 10, 26))
    assert (sent_back.stage, sent_back.since) == (state, date(2026, 10, 26))


@pytest.mark.parametrize("sense", ["OBSERVATIONS", "REFUSE"])
def test_a_new_sending_after_a_refusal_or_observations_reopens_a_convention(sense: str) -> None:
    again = {"visas_accords": [{}, {"nature": "VISA", "date_reception": date(2026, 11, 3)}]}
    rows = merged(until("C75"), decided(sense), again)
    assert standing(rows, date(2026, 11, 2)).stage in ("C78", "C-R")
    reopened = standing(rows, date(2026, 11, 3))
    assert (reopened.stage, reopened.since, reopened.visa_day) == ("C75", date(2026, 11, 3), 0)


def test_a_signature_before_a_refusal_is_no_proof_any_more() -> None:
    signed = act(date_signature=date(2026, 10, 20))
    granted = {
        "visas_accords": [
            {},
            {
                "nature": "VISA",
                "date_reception": date(2026, 11, 3),
                "sens": "ACCORDE",
                "date_decision": date(2026, 11, 16),
            },
        ]
    }
    rows = merged(until("C75"), decided("REFUSE"), granted, signed)
    assert standing(rows).stage == "C80"  # signed on 20 October, refused on 26 October


def test_of_two_setbacks_the_later_one_is_shown_whatever_the_order_of_the_rows() -> None:
    visas = {
        "visas_accords": [
            {"nature": "VISA", "sens": "REFUSE", "date_decision": date(2026, 11, 20)},
            {"nature": "VISA", "sens": "OBSERVATIONS", "date_decision": date(2026, 10, 26)},
        ]
    }
    rows = merged(until("C70"), visas)
    assert standing(rows, date(2026, 11, 19)).stage == "C78"
    assert standing(rows, date(2026, 11, 20)).stage == "C-R"


def test_a_membership_refused_is_reopened_by_a_new_demand() -> None:
    refused = merged(until("O50"), decided("REFUSE"))
    assert standing(refused).stage == "O-R"
    assert standing(merged(refused, act(date_demande_dgct=date(2026, 10, 26)))).stage == "O-R"
    again = standing(merged(refused, act(date_demande_dgct=date(2026, 10, 27))))
    assert (again.stage, again.due) == ("O40", None)  # the refused visa gives no deadline any more


def test_observations_send_a_membership_back_to_its_vote() -> None:
    assert standing(merged(until("O50"), decided("OBSERVATIONS"))).stage == "O30"


@pytest.mark.parametrize("nature", ["ACCORD_PRINCIPE_MI", "APPROBATION_ROYALE"])
def test_a_twinning_refused_is_reopened_by_a_new_report(nature: str) -> None:
    refusal = {"visas_accords": [{"nature": nature, "sens": "REFUSE", "date_decision": date(2025, 4, 7)}]}
    refused = merged(until("J30"), refusal)
    assert standing(refused, date(2025, 4, 6)).stage == "J30"
    assert standing(refused, date(2025, 4, 7)).stage == "J-R"
    assert standing(merged(refused, act(date_envoi_rapport=date(2025, 4, 7)))).stage == "J-R"
    assert standing(merged(refused, act(date_envoi_rapport=date(2025, 4, 8)))).stage == "J20"


@pytest.mark.parametrize(
    ("voted", "state", "again"), [("C70", "C-R", "C70"), ("J60", "J45", "J60"), ("O30", "O-R", "O30")]
)
def test_a_project_rejected_waits_for_another_vote(voted: str, state: str, again: str) -> None:
    rejected = merged(until(voted), {"deliberations": [{"resultat": "REJETEE"}]})
    assert standing(rejected).stage == state
    subject = "ADHESION_OING" if voted[0] == "O" else "ACTE_CDI"
    assert standing(merged(rejected, second_vote(date(2027, 2, 2), subject))).stage == again


@pytest.mark.parametrize(("reached", "final"), [("C90", "C-A"), ("J60", "J-A"), ("O60", "O90")])
def test_an_abandonment_ends_the_case_from_its_day_on(reached: str, final: str) -> None:
    given_up = merged(until(reached), act(date_abandon=date(2027, 1, 12)))
    assert standing(given_up, date(2027, 1, 11)).stage == reached
    ended = standing(given_up, date(2027, 1, 12))
    assert (ended.stage, ended.since, ended.situation) == (final, date(2027, 1, 12), "arrete")
    assert (ended.next_stage, ended.due, ended.blocked_by) == ("", None, ())


# ------------------------------------------------------------------------------- dates not known, not reached


def test_a_vote_without_a_date_counts_without_saying_since_when() -> None:
    undated = standing({"deliberations": [{"objet": "ACTE_CDI", "resultat": "ADOPTEE"}]})
    assert (undated.stage, undated.since) == ("C70", None)


def test_a_vote_without_a_date_of_its_own_has_the_day_on_which_its_session_opened() -> None:
    session = {"sessions": [{"type": "ORDINAIRE", "date_ouverture": date(2026, 10, 1)}]}
    voted = standing(merged(session, {"deliberations": [{"objet": "ACTE_CDI", "resultat": "ADOPTEE"}]}))
    assert (voted.stage, voted.since) == ("C70", date(2026, 10, 1))


def test_a_visa_without_a_date_of_decision_leaves_its_state_undated_and_not_the_next() -> None:
    undated = {"visas_accords": [{"nature": "VISA", "date_reception": date(2026, 10, 12), "sens": "ACCORDE"}]}
    rows = merged(until("C70"), undated, act(date_signature=date(2026, 11, 9)))
    since = {step.stage: step.since for step in standing(rows).path}
    assert (since["C80"], since["C90"]) == (None, date(2026, 11, 9))


def test_an_entry_into_force_still_to_come_has_not_happened() -> None:
    rows = until("C100")  # signed on 9 November, in force on 1 December 2026
    assert standing(rows, date(2026, 11, 30)).stage == "C90"
    assert standing(rows, date(2026, 12, 1)).stage == "C100"


# ------------------------------------------------------------------------------------------------- old acts


@pytest.mark.parametrize(("form", "state"), [("JUMELAGE", "J85"), ("CONVENTION", "C90"), ("ADHESION_OING", "O70")])
def test_an_old_act_stands_where_its_signature_puts_it(form: str, state: str) -> None:
    old = standing(act(forme=form, historique=True, annee_signature=2026))
    assert (old.stage, old.since, old.blocked_by) == (state, None, ())
    assert old.path[-1].evidence == "acte signé (2026) (ACT-00001)"


@pytest.mark.parametrize(("form", "state"), [("JUMELAGE", "J00"), ("CONVENTION", "C00"), ("ADHESION_OING", "O00")])
def test_the_same_act_not_marked_as_old_owes_its_procedure(form: str, state: str) -> None:
    assert standing(act(forme=form, annee_signature=1986)).stage == state


def test_an_old_act_with_a_full_date_is_there_since_that_day() -> None:
    old = standing(act(forme="JUMELAGE", historique=True, date_signature=date(2026, 5, 14)))
    assert (old.stage, old.since) == ("J85", date(2026, 5, 14))


def test_an_old_convention_in_force_needs_no_visa() -> None:
    old = act(historique=True, annee_signature=2026, mois_signature=12, date_entree_vigueur=date(2027, 1, 4))
    assert standing(old).stage == "C100"


# --------------------------------------------------------------- what shows over the state reached (`par_dessus`)

AFTER = date(2029, 1, 1)


def running(**cells: Any) -> Rows:
    """A convention in execution since 4 January 2027, for 24 months from 1 December 2026, with those cells."""
    return merged(until("C110"), act(duree_mois=24, reconduction="EXPRESSE", **cells))


def dues(**cells: Any) -> Rows:
    return merged(until("O70"), {"budget": [{"type_ligne": "COTISATION", "echeance": date(2027, 3, 31), **cells}]})


PROPOSED: Rows = {"pieces_clauses": [{"piece": "PROPOSITION_CONSEIL", "present": True, "date_piece": date(2028, 2, 7)}]}

# state, cells, the day it is entered, the state shown the day before, the situation it counts in
SHOWN_OVER: list[tuple[str, Rows, date, str, str]] = [
    # last activity: entry into force on 1 December 2026, no body nor action; 180 days: 30 May 2027
    ("C95", until("C100"), date(2027, 5, 31), "C100", "vigueur"),
    # last activity: 4 January 2027; 365 days: 4 January 2028
    ("C95", until("C110"), date(2028, 1, 5), "C110", "vigueur"),
    # signed on 9 November 2026 and never in force: 365 days, 9 November 2027
    ("C95", until("C90"), date(2027, 11, 10), "C90", "signe"),
    ("C96", merged(until("C110"), PROPOSED), date(2028, 2, 7), "C95", "vigueur"),
    ("C115", running(date_suspension=date(2027, 3, 1)), date(2027, 3, 1), "C110", "vigueur"),
    # in force from 1 December 2026 for 24 months: the last day is 1 December 2028
    ("C150", running(date_suspension=date(2027, 3, 1)), date(2028, 12, 2), "C115", "vigueur"),
    ("C150", running(date_fin=date(2027, 6, 30)), date(2027, 7, 1), "C110", "vigueur"),
    ("C151", running(date_fin=date(2027, 6, 30), date_reconduction=date(2027, 7, 5)), date(2027, 7, 5), "C150",
     "vigueur"),
    ("C160", running(date_resiliation=date(2027, 4, 6)), date(2027, 4, 6), "C110", "arrete"),
    ("C160", merged(until("C70"), act(date_resiliation=date(2027, 4, 6))), date(2027, 4, 6), "C70", "arrete"),
    # last activity: outward phase of 20 March 2026; 365 days: 20 March 2027
    ("J95", until("J80"), date(2027, 3, 21), "J80", "signe"),
    # last activity: committee of 5 October 2026; 365 days: 5 October 2027
    ("J95", until("J90"), date(2027, 10, 6), "J90", "vigueur"),
    ("J96", merged(until("J90"), PROPOSED), date(2028, 2, 7), "J95", "vigueur"),
    ("J99", merged(until("J90"), act(date_resiliation=date(2027, 4, 6))), date(2027, 4, 6), "J90", "arrete"),
    ("O75", dues(), date(2027, 4, 1), "O70", "vigueur"),
    # last participation: admission on 1 December 2026; 730 days: 30 November 2028
    ("O80", until("O70"), date(2028, 12, 1), "O70", "vigueur"),
    ("O90", merged(until("O70"), act(date_retrait=date(2027, 5, 4))), date(2027, 5, 4), "O70", "arrete"),
    ("O90", merged(until("O70"), act(date_resiliation=date(2027, 5, 4))), date(2027, 5, 4), "O70", "arrete"),
    ("O91", merged(dues(), act(date_radiation=date(2027, 9, 1))), date(2027, 9, 1), "O75", "arrete"),
]  # fmt: skip


@pytest.mark.parametrize(("state", "rows", "day", "before", "situation"), SHOWN_OVER)
def test_a_state_shows_over_the_one_reached_from_its_day_on_and_not_the_day_before(
    state: str, rows: Rows, day: date, before: str, situation: str
) -> None:
    shown = standing(rows, day)
    assert (shown.stage, shown.since, shown.situation) == (state, day, situation)
    assert shown.path[-1].stage == state
    assert standing(rows, date.fromordinal(day.toordinal() - 1)).stage == before


def test_every_state_of_the_machines_is_entered_by_a_test() -> None:
    entered = {code for career in CAREERS.values() for code, _, _ in career} | {row[0] for row in SHOWN_OVER}
    setbacks = {s.state for machine in DECLARED.machines.values() for s in machine.setbacks if s.state}
    every = {stage.code for machine in DECLARED.machines.values() for stage in machine.stages}
    # J68 is entered with the reading of the law alone, C35 and C36 by the answer to a call: all tested below
    assert every - entered - setbacks == {"J68", "C35", "C36"}


CALL = merged(until("C30"), act(date_limite_appel=date(2026, 4, 30)))
BUILT = merged(CALL, act(m2_decision=date(2026, 4, 7), m3_construction_offre=date(2026, 4, 9)))
SENT = merged(BUILT, act(m4_redaction=date(2026, 4, 20), date_transmission_dossier=date(2026, 4, 28)))


@pytest.mark.parametrize(
    ("rows", "stage", "following"),
    [
        (until("C30"), "C30", "C40"),
        (CALL, "C30", "C35"),
        (BUILT, "C35", "C36"),
        (SENT, "C36", "C40"),
        (merged(SENT, act(resultat_appel="REJETE")), "C30", "C40"),  # turned down: back to looking for a partner
        (merged(SENT, act(resultat_appel="RETENU", date_partenaire_trouve=date(2026, 5, 4))), "C40", "C50"),
    ],
)
def test_the_answer_to_a_call_has_its_own_states(rows: Rows, stage: str, following: str) -> None:
    shown = standing(rows, date(2026, 5, 4))
    assert (shown.stage, shown.next_stage) == (stage, following)


def test_an_answer_waits_for_its_eligibility_then_for_the_president() -> None:
    assert {"AAP-01", "AAP-03"} <= set(standing(CALL, date(2026, 4, 8)).blocked_by)
    assert {"AAP-05", "AAP-06", "AAP-07"} <= set(standing(BUILT, date(2026, 4, 9)).blocked_by)


@pytest.mark.parametrize(
    ("rows", "today", "state", "evidence"),
    [
        (until("C100"), AFTER, "C95", "aucune activité connue depuis le 01/12/2026"),
        (dues(), AFTER, "O75", "cotisation due le 31/03/2027, non versée (BUD-00001)"),
        (until("O70"), AFTER, "O80", "aucune participation connue depuis le 01/12/2026"),
        (running(), AFTER, "C150", "terme atteint le 01/12/2028 (ACT-00001)"),
        (running(date_suspension=date(2027, 3, 1)), LATER, "C115", "suspension convenue le 01/03/2027 (ACT-00001)"),
    ],
)
def test_the_path_says_what_shows_a_state_that_comes_with_time(
    rows: Rows, today: date, state: str, evidence: str
) -> None:
    last = standing(rows, today).path[-1]
    assert (last.stage, last.evidence) == (state, evidence)


@pytest.mark.parametrize(
    ("done", "state"),
    [
        ({"reunions": [{"type": "COORDINATION", "date": date(2028, 6, 1)}]}, "C110"),
        ({"reunions": [{"type": "COORDINATION", "date": date(2028, 6, 1), "annulee": True}]}, "C95"),
        ({"reunions": [{"type": "COORDINATION", "date": date(2029, 3, 1)}]}, "C110"),  # still to come: it is planned
        ({"plan_action": [{"mise_a_jour_le": date(2028, 6, 1)}]}, "C110"),
        ({"plan_action": [{}, {"statut": "A_FAIRE", "du": date(2029, 2, 1), "au": date(2029, 3, 1)}]}, "C110"),
        ({"plan_action": [{}, {"statut": "ANNULEE", "du": date(2029, 2, 1), "au": date(2029, 3, 1)}]}, "C95"),
        ({"plan_action": [{}, {"statut": "A_FAIRE", "du": date(2028, 2, 1), "au": date(2028, 3, 1)}]}, "C95"),
        ({"plan_action": [{}, {"statut": "TERMINEE", "du": date(2028, 2, 1), "au": date(2028, 3, 1)}]}, "C110"),
        ({"budget": [{"type_ligne": "CONTRIBUTION", "date_versement": date(2028, 6, 1)}]}, "C110"),
        ({"evaluations": [{"moment": "MI_PHASE", "p2_collecte": date(2028, 6, 1)}]}, "C110"),
        ({"cadre_logique": [{"niveau": "ACTIVITE", "date_revision": date(2028, 6, 1)}]}, "C110"),
        (PROPOSED, "C96"),  # to propose is not to do
    ],
)
def test_whatever_is_done_or_planned_wakes_a_dormant_convention(done: Rows, state: str) -> None:
    # last activity on 4 January 2027 but for these; on 1 January 2029 all of 2027 is too long ago
    assert standing(merged(until("C110"), done), AFTER).stage == state


@pytest.mark.parametrize(("proposed", "state"), [(date(2027, 1, 4), "C95"), (date(2027, 1, 5), "C96"), (None, "C96")])
def test_a_revival_proposed_before_the_last_activity_is_of_another_dormancy(proposed: date | None, state: str) -> None:
    line = {"pieces_clauses": [{"piece": "PROPOSITION_CONSEIL", "present": True, "date_piece": proposed}]}
    assert standing(merged(until("C110"), line), AFTER).stage == state


@pytest.mark.parametrize(
    ("resumed", "state"), [(date(2027, 2, 26), "C115"), (date(2027, 3, 1), "C110"), (date(2027, 5, 3), "C110")]
)
def test_a_suspension_ends_with_a_resumption_that_follows_it(resumed: date, state: str) -> None:
    rows = running(date_suspension=date(2027, 3, 1), date_reprise=resumed)
    assert standing(rows, date(2027, 5, 3)).stage == state
    assert standing(rows, date(2027, 3, 1)).stage == ("C115" if resumed != date(2027, 3, 1) else "C110")


@pytest.mark.parametrize(
    ("cells", "todo"),
    [
        ({"reconduction": "TACITE"}, "Constater la reconduction tacite"),
        ({"reconduction": "TACITE", "date_non_reconduction": date(2028, 6, 1)}, "Clore la convention"),
        ({"reconduction": "EXPRESSE"}, "Clore la convention"),
        ({"reconduction": "AUCUNE"}, "Clore la convention"),
        ({}, "Clore la convention"),
    ],
)
def test_a_convention_past_its_term_waits_for_a_person_to_record_its_renewal_or_to_close_it(
    cells: dict[str, Any], todo: str
) -> None:
    over = standing(merged(until("C110"), act(duree_mois=24, **cells)), AFTER)
    assert over.stage == "C150"
    assert over.next_step.startswith(todo)


@pytest.mark.parametrize(
    ("cells", "state"),
    [
        ({"date_reconduction": date(2028, 11, 6)}, "C151"),  # decided before the term: its new end isn't known
        ({"date_reconduction": date(2028, 12, 4)}, "C151"),
        ({"date_reconduction": date(2028, 12, 4), "date_fin": date(2030, 12, 1)}, "C151"),
        ({"date_reconduction": date(2028, 11, 6), "date_fin": date(2028, 12, 31)}, "C150"),  # and over again
        ({"date_reconduction": date(2028, 12, 4), "date_fin": date(2028, 12, 1)}, "C151"),  # the former end
    ],
)
def test_a_renewal_runs_until_the_end_typed_after_it(cells: dict[str, Any], state: str) -> None:
    assert standing(running(**cells), AFTER if state == "C151" else date(2029, 1, 2)).stage == state


def test_a_renewed_convention_is_in_execution_again_with_its_first_activity_and_may_be_closed() -> None:
    renewed = running(date_reconduction=date(2028, 12, 4))
    met = merged(renewed, {"reunions": [{"type": "COORDINATION", "date": date(2028, 12, 12)}]})
    assert standing(met, date(2028, 12, 11)).stage == "C151"  # planned isn't begun
    assert standing(met, date(2028, 12, 12)).stage == "C110"
    assert standing(merged(renewed, act(date_cloture=date(2028, 12, 20))), AFTER).stage == "C120"


@pytest.mark.parametrize(
    ("paid", "state"),
    [
        ({"date_versement": date(2027, 5, 3)}, "O70"),
        ({"date_versement": date(2027, 6, 1)}, "O75"),  # to come
        ({"date_versement": "bientôt"}, "O70"),  # unreadable: told as such, and nothing is concluded from it
        ({"prise_en_charge_dgct": True}, "O70"),
        ({"type_ligne": "CONTRIBUTION"}, "O70"),
        ({"echeance": None}, "O70"),
    ],
)
def test_dues_are_late_until_they_are_paid(paid: dict[str, Any], state: str) -> None:
    assert standing(dues(**paid), date(2027, 5, 31)).stage == state


def test_paying_late_dues_does_not_make_a_member_active_and_taking_part_does() -> None:
    late = dues(echeance=date(2028, 3, 31))
    assert standing(late, AFTER).stage == "O75"
    paid = merged(late, dues(echeance=date(2028, 3, 31), date_versement=date(2028, 12, 20)))
    assert standing(paid, AFTER).stage == "O80"
    met: Rows = {"reunions": [{"type": "COORDINATION", "date": date(2028, 11, 7)}]}
    assert standing(merged(paid, met), AFTER).stage == "O70"


def test_a_member_leaves_by_a_vote_of_the_council() -> None:
    vote = {"deliberations": [{}, {"objet": "RETRAIT", "resultat": "ADOPTEE", "date_deliberation": date(2027, 2, 4)}]}
    assert standing(merged(until("O70"), vote), date(2027, 2, 3)).stage == "O70"
    left = standing(merged(until("O70"), vote), date(2027, 2, 4))
    assert (left.stage, left.since) == ("O90", date(2027, 2, 4))


@pytest.mark.parametrize(("form", "state"), [("JUMELAGE", "J95"), ("CONVENTION", "C95"), ("ADHESION_OING", "O80")])
def test_an_old_act_of_which_nothing_more_is_known_is_dormant_since_nobody_knows_when(form: str, state: str) -> None:
    old = standing(act(forme=form, historique=True, annee_signature=1986))
    assert (old.stage, old.since, old.blocked_by) == (state, None, ())
    assert old.path[-1].evidence.endswith("la signature (1986)")


@pytest.mark.parametrize(("today", "state"), [(date(2027, 12, 31), "J85"), (date(2028, 1, 1), "J95")])
def test_an_old_act_of_a_year_counts_from_the_last_day_of_that_year(today: date, state: str) -> None:
    # signed in 2026, on 31 December at the latest; 365 days: 31 December 2027
    assert standing(act(forme="JUMELAGE", historique=True, annee_signature=2026), today).stage == state


def test_an_old_convention_past_its_term_is_shown_so_and_its_renewal_too() -> None:
    old = act(historique=True, date_signature=date(2020, 1, 6), date_entree_vigueur=date(2020, 2, 3), duree_mois=60)
    assert standing(old).stage == "C150"
    assert standing(merged(old, act(date_reconduction=date(2027, 2, 1)))).stage == "C151"


@pytest.mark.parametrize("state", ["C90", "C100", "J80", "J85"])
def test_an_agreement_signed_is_closed_whatever_it_still_lacked(state: str) -> None:
    closed = standing(merged(until(state), act(date_cloture=date(2027, 2, 15))))
    assert closed.stage == ("C120" if state[0] == "C" else "J99")


def test_a_mid_term_report_is_no_final_one_unless_it_was_approved_after_the_closing() -> None:
    def at(**cells: Any) -> str:
        return standing(merged(until("C120"), {"evaluations": [cells]})).stage

    assert at(moment="MI_PHASE", date_validation_copil=date(2027, 1, 24)) == "C120"
    assert at(moment="MI_PHASE", date_validation_copil=date(2027, 1, 25)) == "C130"
    assert at(date_validation_copil=date(2027, 1, 24)) == "C120"
    assert at(moment="EX_POST", date_validation_copil=date(2027, 1, 24)) == "C130"


@pytest.mark.parametrize(
    ("rows", "state"),
    [
        ({"organes": [{"type": "COMITE_SUIVI", "date_mise_en_place": date(2027, 1, 4)}]}, "C100"),
        ({"plan_action": [{"statut": "A_FAIRE", "du": date(2027, 6, 1)}]}, "C100"),
        (
            {
                "organes": [{"type": "COMITE_SUIVI", "date_mise_en_place": date(2027, 1, 4)}],
                "plan_action": [{"statut": "A_FAIRE", "du": date(2027, 6, 1)}],
            },
            "C110",
        ),
        ({"plan_action": [{"statut": "EN_COURS", "du": date(2027, 1, 4)}]}, "C110"),
        ({"plan_action": [{"statut": "ANNULEE", "date_debut_reelle": date(2027, 1, 4)}]}, "C100"),
    ],
)
def test_a_convention_is_in_execution_with_a_body_and_an_action_or_an_action_begun(rows: Rows, state: str) -> None:
    assert standing(merged(until("C100"), rows)).stage == state


@pytest.mark.parametrize(
    ("rows", "state"),
    [
        ({"organes": [{"type": "COMITE_TECHNIQUE", "date_mise_en_place": date(2026, 10, 5)}]}, "J85"),
        ({"plan_action": [{"statut": "A_FAIRE", "du": date(2026, 10, 5)}]}, "J85"),
        ({"plan_action": [{"statut": "EN_COURS", "du": date(2026, 10, 5)}]}, "J90"),
    ],
)
def test_a_twinning_is_active_with_its_committee_or_its_first_action(rows: Rows, state: str) -> None:
    assert standing(merged(until("J85"), rows)).stage == state


def test_a_dormant_agreement_goes_to_the_council_once_it_was_looked_into() -> None:
    asleep = date(2028, 1, 5)  # its first day: nothing is late yet
    assert standing(until("C110"), asleep).blocked_by == ("PART-01", "PART-02")
    lines = [{"piece": code, "present": True, "contenu": "Lu"} for code in ("ANALYSE_CONTENU", "ANALYSE_ENGAGEMENTS")]
    assert standing(merged(until("C110"), {"pieces_clauses": lines}), asleep).blocked_by == ("PART-03",)


def test_what_was_put_to_the_council_without_being_looked_into_is_a_finding_at_once() -> None:
    proposed = {"pieces_clauses": [{"piece": "PROPOSITION_CONSEIL", "present": True, "date_piece": date(2028, 1, 10)}]}

    def rules(rows: Rows) -> set[str]:
        found = assess(registry(rows), knowledge(), date(2028, 1, 10)).findings
        return {finding.rule for finding in found} & {"PART-01", "PART-02", "PART-03"}

    assert rules(until("C110")) == set()
    assert rules(merged(until("C110"), proposed)) == {"PART-01", "PART-02"}


def test_a_closed_convention_is_not_dormant_nor_past_its_term() -> None:
    assert standing(merged(running(), act(date_cloture=date(2027, 1, 25))), AFTER).stage == "C120"


def test_the_threshold_of_dormancy_is_a_parameter_of_the_registry() -> None:
    longer = {"parametres": [{"cle": "dormance_acte", "valeur": "900"}]}
    assert standing(merged(until("C110"), longer), AFTER).stage == "C110"


@pytest.mark.parametrize(
    ("rows", "following"),
    [(until("C110"), "C96"), (merged(until("C110"), PROPOSED), "C110"), (until("J90"), "J96")],
)
def test_a_dormant_agreement_leads_to_the_council_and_back(rows: Rows, following: str) -> None:
    assert standing(rows, AFTER).next_stage == following


# ------------------------------------------------------------------------------------------- readings chosen


@pytest.mark.parametrize(("reading", "state"), [("stricte", "J40"), ("souple", "J60")])
def test_a_twinning_voted_before_the_royal_notification_stands_according_to_the_reading(
    reading: str, state: str
) -> None:
    assert standing(without("J45", "J60"), D_02=reading).stage == state


@pytest.mark.parametrize(("reading", "state"), [("guide", "J65"), ("loi", "J68")])
def test_a_visa_moves_a_twinning_only_with_the_reading_of_the_law(reading: str, state: str) -> None:
    visa = {
        "visas_accords": [
            {},
            {},
            {
                "nature": "VISA",
                "date_reception": date(2025, 10, 14),
                "sens": "ACCORDE",
                "date_decision": date(2025, 10, 27),
            },
        ]
    }
    assert standing(merged(until("J65"), visa), D_03=reading).stage == state


@pytest.mark.parametrize(("reading", "following"), [("guide", "J70"), ("loi", "J68")])
def test_what_follows_the_sending_of_the_papers_depends_on_the_reading(reading: str, following: str) -> None:
    assert standing(until("J65"), D_03=reading).next_stage == following


def test_with_the_reading_of_the_law_a_missing_visa_does_not_stop_a_twinning() -> None:
    assert standing(until("J70"), D_03="loi").stage == "J70"


# ------------------------------------------------------------------------------------------------- deadlines


@pytest.mark.parametrize(
    ("today", "day", "days_left"),
    [
        (date(2026, 10, 12), 0, 20),  # day of reception; 12 October + 20 = 1 November
        (date(2026, 10, 13), 1, 19),
        (date(2026, 10, 31), 19, 1),
        (date(2026, 11, 1), 20, 0),  # last day
        (date(2026, 11, 2), 21, -1),  # over
    ],
)
def test_a_visa_is_counted_from_the_day_after_its_reception(today: date, day: int, days_left: int) -> None:
    waiting = standing(until("C75"), today)
    assert (waiting.stage, waiting.visa_day, waiting.due, waiting.days_left) == (
        "C75",
        day,
        date(2026, 11, 1),
        days_left,
    )
    assert waiting.due_why == "20 jours après la réception (VIS-00001)"


def test_a_visa_decided_is_not_counted_any_more() -> None:
    granted = standing(until("C80"), date(2026, 10, 27))
    assert (granted.visa_day, granted.due, granted.days_left) == (None, None, None)


def test_no_day_is_counted_before_the_reception() -> None:
    assert standing(until("C75"), date(2026, 10, 11)).visa_day is None


@pytest.mark.parametrize(
    ("today", "due"),
    [
        (date(2026, 9, 11), date(2026, 9, 11)),  # session of Thursday 1 October − 20 days
        (date(2026, 9, 12), date(2027, 1, 12)),  # too late: session of Monday 1 February 2027 − 20 days
    ],
)
def test_a_project_that_is_ready_is_due_for_the_agenda_of_the_next_session_still_possible(
    today: date, due: date
) -> None:
    ready = standing(until("C55"), today)
    assert (ready.due, ready.waits_for_agenda) == (due, True)


def test_a_project_on_the_agenda_is_due_at_the_opening_of_the_session() -> None:
    assert standing(until("C60"), date(2026, 9, 9)).due == date(2026, 10, 1)


def test_the_minutes_of_a_commune_are_due_fifteen_worked_days_after_the_close() -> None:
    # closed on Friday 2 October: 5–9, 12–16 and 19–23 October are 15 worked days
    voted = standing(until("C70"), date(2026, 10, 3))
    assert (voted.due, voted.days_left) == (date(2026, 10, 23), 20)


@pytest.mark.parametrize("tier", ["REGION", "PREFECTURE", "PROVINCE"])
def test_the_minutes_of_the_other_councils_are_due_after_ten_worked_days(tier: str) -> None:
    # closed on Friday 2 October: 5–9 and 12–16 October are 10 worked days
    voted = standing(merged(until("C70"), {"collectivites": [{"niveau": tier}]}), date(2026, 10, 3))
    assert voted.due == date(2026, 10, 16)


def test_minutes_already_sent_are_not_due_any_more() -> None:
    sent = {"deliberations": [{"date_transmission_pv_autorite": date(2026, 10, 9)}]}
    assert standing(merged(until("C70"), sent), date(2026, 10, 9)).due is None


def test_a_grouping_without_session_calendar_has_no_agenda_to_meet() -> None:
    ready = standing(merged(until("C55"), {"collectivites": [{"niveau": "GROUPEMENT"}]}), date(2026, 7, 2))
    assert (ready.due, ready.days_left) == (None, None)


# ---------------------------------------------------------------------------------------------- what blocks


# the clauses of annex 2 that a draft must hold: all but those on the votes and on the entry into force
CLAUSES = tuple(f"CLA-{n:02}" for n in range(1, 16) if n not in (3, 8))


def missing(rows: Rows) -> tuple[str, ...]:
    """What blocks, the two rules that sum the clauses up aside."""
    return tuple(rule for rule in standing(rows).blocked_by if rule not in ("CONV-09", "CONV-14"))


def test_what_the_next_transition_asks_and_is_missing_blocks_the_case() -> None:
    assert missing(until("C50")) == ("GEN-01", "GEN-02", "GEN-04", "COM-01", *CLAUSES)


def test_what_is_brought_no_longer_blocks() -> None:
    opinion = act(avis_politique_exterieure="CONFORME", date_avis=date(2026, 6, 3))
    assert missing(merged(until("C50"), opinion)) == ("GEN-02", "GEN-04", "COM-01", *CLAUSES)


def test_a_derogation_with_its_reason_lifts_the_block() -> None:
    waiver = {"derogations": [{"id_concerne": "ACT-00001", "regle": "GEN-01", "motif": "Avis donné de vive voix"}]}
    assert missing(merged(until("C50"), waiver)) == ("GEN-02", "GEN-04", "COM-01", *CLAUSES)


def test_what_a_council_lacks_blocks_its_agreements() -> None:
    planned = {"collectivites": [{"doc_periode_debut": date(2022, 1, 1), "doc_periode_fin": date(2027, 12, 31)}]}
    assert "GEN-05" in standing(until("J00")).blocked_by
    assert "GEN-05" not in standing(merged(until("J00"), planned)).blocked_by


def test_minutes_overdue_block_until_they_are_sent_and_a_late_sending_never_blocks() -> None:
    # last day: Friday 23 October 2026
    assert standing(until("C70"), date(2026, 10, 23)).blocked_by == ()
    assert standing(until("C70"), date(2026, 10, 24)).blocked_by == ("LEX-08",)
    sent = {"deliberations": [{"date_transmission_pv_autorite": date(2026, 10, 26)}]}
    late = assess(registry(merged(until("C70"), sent)), knowledge(), date(2026, 10, 26))
    assert late.standings["ACT-00001"].blocked_by == ()
    assert "LEX-08" in {finding.rule for finding in late.findings}


def test_a_guard_of_the_next_transition_is_no_finding_yet() -> None:
    waiting = assess(registry(until("C50")), knowledge(), LATER)
    assert {"GEN-01", "GEN-02", "GEN-04"}.isdisjoint(finding.rule for finding in waiting.findings)


def test_guards_that_nothing_checks_yet_are_listed_and_block_nothing() -> None:
    known = knowledge()
    rules = [replace(r, kind="", reason="à venir") if r.id == "CONV-03" else r for r in known.rulebook.values()]
    known = replace(known, rulebook=Rulebook(rules))
    case = assess(registry(until("C00")), known, LATER).standings["ACT-00001"]
    assert case.unchecked == ("CONV-03",)
    assert "PROJ-01" in case.blocked_by and "CONV-03" not in case.blocked_by


def test_the_end_of_a_career_has_no_next_state_and_nothing_to_check() -> None:
    ended = standing(until("C140"))
    assert (ended.next_stage, ended.blocked_by, ended.unchecked) == ("", (), ())


# --------------------------------------------------------------------------------------- what a person reads


@pytest.mark.parametrize(
    ("state", "situation"),
    [("C85", "preparation"), ("C90", "signe"), ("C100", "vigueur"), ("C110", "vigueur"), ("C120", "arrete"),
     ("C130", "arrete"), ("C140", "arrete"), ("J80", "signe"), ("J85", "vigueur"), ("J90", "vigueur"),
     ("J99", "arrete"), ("O60", "preparation"), ("O70", "vigueur")],
)  # fmt: skip
def test_each_state_counts_in_one_situation_of_the_dashboard(state: str, situation: str) -> None:
    assert standing(until(state)).situation == situation


def test_a_standing_says_who_acts_and_what_to_do() -> None:
    waiting = standing(until("C75"), date(2026, 10, 13))
    assert waiting.stage_title == "Acte reçu par l'autorité de visa"
    assert waiting.actor == "WALI_GOUVERNEUR ou MINISTERE"
    assert waiting.next_step == "Accorder le visa, le refuser ou faire connaître ses observations."
