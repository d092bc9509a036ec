"""Where a case stands: the states of the three forms replayed from their rows, then what the next step asks.

A career is the list of its states, each with the cells that prove it and the day it is entered; a case is what the
cells say up to a state. The council is a commune: its October 2026 session opens on Thursday 1 October.
"""

from datetime import date
from itertools import pairwise
from typing import Any

import pytest

from cdi_sync.assessment import assess, examine
from cdi_sync.model import Form, Standing
from cdi_sync.procedure import has_passed
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
    old = standing(act(forme=form, historique=True, annee_signature=1986))
    assert (old.stage, old.since, old.blocked_by) == (state, None, ())
    assert old.path[-1].evidence == "acte signé (1986) (ACT-00001)"


@pytest.mark.parametrize(("form", "state"), [("JUMELAGE", "J00"), ("CONVENTION", "C00"), ("ADHESION_OING", "O00")])
def test_the_same_act_not_marked_as_old_owes_its_procedure(form: str, state: str) -> None:
    assert standing(act(forme=form, annee_signature=1986)).stage == state


def test_an_old_act_with_a_full_date_is_there_since_that_day() -> None:
    old = standing(act(forme="JUMELAGE", historique=True, date_signature=date(1963, 5, 14)))
    assert (old.stage, old.since) == ("J85", date(1963, 5, 14))


def test_an_old_convention_in_force_needs_no_visa() -> None:
    old = act(historique=True, annee_signature=2009, mois_signature=12, date_entree_vigueur=date(2010, 1, 4))
    assert standing(old).stage == "C100"


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


ANNEX_2 = (  # what a convention under negotiation has still to write, on the lines that the software adds
    "CONV-09",
    "CONV-14",
    *(f"CLA-{number:02}" for number in range(1, 16) if number not in (3, 8)),
)


def test_what_the_next_transition_asks_and_is_missing_blocks_the_case() -> None:
    assert standing(until("C50")).blocked_by == ("GEN-01", "GEN-02", "GEN-04", *ANNEX_2)


def test_what_is_brought_no_longer_blocks() -> None:
    opinion = act(avis_politique_exterieure="CONFORME", date_avis=date(2026, 6, 3))
    assert standing(merged(until("C50"), opinion)).blocked_by == ("GEN-02", "GEN-04", *ANNEX_2)


def test_a_derogation_with_its_reason_lifts_the_block() -> None:
    waiver = {"derogations": [{"id_concerne": "ACT-00001", "regle": "GEN-01", "motif": "Avis donné de vive voix"}]}
    assert standing(merged(until("C50"), waiver)).blocked_by == ("GEN-02", "GEN-04", *ANNEX_2)


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
    case = standing(until("C50"))
    guards = DECLARED.rulebook.guards("C50>C55")
    assert list(case.unchecked) == [rule.id for rule in guards if not rule.executable]
    assert "GEN-01" not in case.unchecked
    assert set(case.unchecked).isdisjoint(case.blocked_by)


def test_the_end_of_a_career_has_no_next_state_and_nothing_to_check() -> None:
    ended = standing(until("C100"))
    assert (ended.next_stage, ended.blocked_by, ended.unchecked) == ("", (), ())


# --------------------------------------------------------------------------------------- what a person reads


@pytest.mark.parametrize(
    ("state", "situation"),
    [("C85", "preparation"), ("C90", "signe"), ("C100", "vigueur"), ("J80", "signe"), ("J85", "vigueur"),
     ("O60", "preparation"), ("O70", "vigueur")],
)  # fmt: skip
def test_each_state_counts_in_one_situation_of_the_dashboard(state: str, situation: str) -> None:
    assert standing(until(state)).situation == situation


def test_a_standing_says_who_acts_and_what_to_do() -> None:
    waiting = standing(until("C75"), date(2026, 10, 13))
    assert waiting.stage_title == "Acte reçu par l'autorité de visa"
    assert waiting.actor == "WALI_GOUVERNEUR ou MINISTERE"
    assert waiting.next_step == "Accorder le visa, le refuser ou faire connaître ses observations."
