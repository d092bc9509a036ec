"""What is understood of an answer, and what its sender is told to correct."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdi_sync.forms.submission import Fault, Typed, Why
from cdi_sync.forms.understanding import CELL, in_words
from cdi_sync.model import CellError, Registry
from tests.forms.answers import PROGRESS, answer, forms, read
from tests.registries import registry

COUNCILS: Mapping[str, Any] = {
    "collectivites": [
        {"nom_fr": "Fès", "code_hcp": "3231010"},
        {"nom_fr": "Province de Séville", "code_hcp": "1", "niveau": "PROVINCE"},
        {"nom_fr": "Sidi Ali", "code_hcp": "2"},
        {"nom_fr": "Sidi Ali", "code_hcp": "3"},
    ],
    "partenaires": [
        {"nom": "Ville de Lyon", "pays": "France"},
        {"nom": "Santiago", "pays": "Chili"},
        {"nom": "Santiago", "pays": "Cuba"},
    ],
    "plan_action": [{"quoi_activite": "Former dix agents"}],
}
HELD: Registry = registry(COUNCILS)


def faults(**changed: Typed) -> tuple[Fault, ...]:
    return read(answer(**changed), HELD).faults


def test_an_answer_in_order_is_understood_whole() -> None:
    proposal = read(answer(date_signature="12 mai 2027", duree_mois="36", autres_parties="Unesco ; AFD"), HELD)
    assert proposal.faults == ()
    assert proposal.sender == "amina@fes.example"
    assert proposal.values["collectivite"] == "COL-00001"
    assert proposal.values["domaine"] == "SPORT"
    assert proposal.values["date_signature"] == date(2027, 5, 12)
    assert (proposal.values["duree_mois"], proposal.values["autres_parties"]) == (36, ("Unesco", "AFD"))


def test_a_choice_may_be_made_in_arabic_and_several_come_together() -> None:
    proposal = read(answer(domaine="رياضة", autres_parties=("Unesco", "AFD", "Unesco")), HELD)
    assert (proposal.values["domaine"], proposal.values["autres_parties"]) == ("SPORT", ("Unesco", "AFD"))


@pytest.mark.parametrize(
    ("key", "typed", "why", "told"),
    [
        ("intitule", "x" * (CELL + 1), Why.TOO_LONG, "32768 signes"),
        ("intitule", "🇲🇦" * (CELL // 4 + 1), Why.TOO_LONG, "32768 signes"),  # 2 letters of 2 units
        ("demandeur.courriel", "a@b@c", Why.UNREADABLE, "plusieurs adresses"),
        ("demandeur.courriel", "x" * 50_000 + "@a.example", Why.TOO_LONG, "500 au plus"),
        ("demandeur.nom", None, Why.ABSENT, "n'est pas rempli"),
        ("demandeur.nom", " \u200f ", Why.ABSENT, "n'est pas rempli"),
        ("domaine", "Jardinage", Why.NOT_LISTED, "n'est pas dans la liste"),
        ("domaine", ("Sport", "Culture"), Why.UNREADABLE, "plusieurs réponses"),
        ("date_signature", "03/04/2027", Why.UNREADABLE, "03/04/2027 ou le 04/03/2027"),
        ("date_signature", "31/02/2027", Why.UNREADABLE, "n'existe pas"),
        ("duree_mois", "beaucoup", Why.UNREADABLE, "n'est pas un nombre"),
        ("duree_mois", float("nan"), Why.UNREADABLE, "n'est pas un nombre"),
        ("duree_mois", CellError("#REF!"), Why.UNREADABLE, "#REF!"),
        ("partenaires.pays", "Atlantide", Why.UNREADABLE, "n'est pas le nom d'un pays"),
        ("collectivite", "Fez", Why.NOBODY, "ne désigne aucune ligne"),
        ("collectivite", "COL-00099", Why.NOBODY, "ne désigne aucune ligne"),
        ("collectivite", "Séville", Why.NOBODY, "« COL-00002 Province de Séville »"),  # proposed, never chosen
        ("collectivite", "Sidi Ali", Why.SEVERAL, "« COL-00003 Sidi Ali » ou « COL-00004 Sidi Ali »"),
        ("partenaires.nom", "PAR-00099", Why.NOBODY, "ne désigne aucune ligne"),
    ],
)
def test_what_cannot_be_used_is_told_with_its_remedy(key: str, typed: Typed, why: Why, told: str) -> None:
    (fault,) = faults(**{key.replace(".", "__"): typed})
    assert (fault.question, fault.why) == (key, why)
    assert told in fault.why_told
    assert fault.fix_told.endswith(".")


@pytest.mark.parametrize(
    ("typed", "id_"),
    [("col-00001", "COL-00001"), ("COL-00001 Fès", "COL-00001"), ("3231010", "COL-00001"), (3231010.0, "COL-00001"),
     ("ville de FES", "COL-00001"), ("Province de Séville", "COL-00002")],
)  # fmt: skip
def test_a_council_is_known_by_number_code_or_a_name_that_only_one_has(typed: Typed, id_: str) -> None:
    assert read(answer(collectivite=typed), HELD).values["collectivite"] == id_


def test_two_partners_of_one_name_are_told_apart_by_their_country() -> None:
    ambiguous = read(answer(partenaires__nom="Santiago", partenaires__pays=None), HELD)
    assert [(f.question, f.why) for f in ambiguous.faults] == [("partenaires.nom", Why.SEVERAL)]
    assert read(answer(partenaires__nom="Santiago", partenaires__pays="Cuba"), HELD).faults == ()
    assert read(answer(partenaires__nom="Santiago", partenaires__pays="France"), HELD).faults == ()  # a third one


def test_a_question_with_a_condition_is_asked_only_when_it_is_met() -> None:
    assert faults(objet=None) == ()
    assert [f.why for f in faults(objet="La pêche")] == [Why.UNASKED]
    assert [f.why for f in faults(domaine="Autre")] == [Why.ABSENT]
    assert faults(domaine="Autre", objet="La pêche") == ()
    assert [f.question for f in faults(domaine="Jardinage", objet="La pêche")] == ["domaine"]  # nobody can tell


def test_faults_come_in_the_order_of_the_form() -> None:
    told = [f.question for f in faults(domaine="x", demandeur__nom=None, partenaires__nom="PAR-00099")]
    assert told == ["demandeur.nom", "partenaires.nom", "domaine"]


def test_a_row_that_is_there_is_named_by_its_number() -> None:
    known = read(answer(PROGRESS, form="avancement"), HELD)
    assert (known.faults, known.values["id"], known.values["avancement_pct"]) == ((), "ACN-00001", 60)
    assert [f.why for f in read(answer(PROGRESS, form="avancement", id="ACN-00009"), HELD).faults] == [Why.NOBODY]


ANYTHING = st.one_of(
    st.text(max_size=60), st.floats(), st.integers(), st.booleans(), st.dates(), st.datetimes(), st.times(), st.none(),
    st.sampled_from(["=1+1", "<b>x</b>", "{{ x }}", "\u202ex", "\ud800", "\uffff", "- ", "Sport", "néant"]),
)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(
    st.dictionaries(st.sampled_from(sorted(forms()["jumelage"].questions)), ANYTHING | st.tuples(ANYTHING, ANYTHING))
)
def test_nothing_that_people_type_raises_and_what_is_understood_reads_back(typed: dict[str, Any]) -> None:
    proposal = read(answer(typed), HELD)
    for key, question in forms()["jumelage"].questions.items():
        if key in proposal.values and question.column.type not in ("reference", "date", "string"):
            again = read(
                answer(typed, **{key.replace(".", "__"): in_words(question.column, proposal.values[key])}), HELD
            )
            assert again.values.get(key) == proposal.values[key] or again.faults, key
