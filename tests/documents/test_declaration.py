"""Which documents a row's present step asks for, and in which languages."""

from datetime import date
from typing import Any

import pytest

from cdi_sync.assessment import assess
from cdi_sync.documents.declaration import Declared, parse_document
from cdi_sync.documents.facts import Subject
from cdi_sync.documents.making import due, subject_of
from tests.documents.cases import TODAY
from tests.registries import DECLARED, Rows, knowledge, registry

_BEGUN = {"date_creation": date(2026, 1, 5)}
_NEGOTIATED = {**_BEGUN, "forme": "CONVENTION", "date_ouverture_negociation": date(2026, 2, 2), "date_projet_convention": date(2026, 3, 3),
               "date_dossier_technique": date(2026, 1, 6), "date_marketing": date(2026, 1, 7),
               "date_recherche_partenaire": date(2026, 1, 8), "date_partenaire_trouve": date(2026, 1, 9)}  # fmt: skip
_TABLE = {
    "nom": "essai",
    "titre": "Essai",
    "sur": "acte",
    "formes": ["C"],
    "etapes": ["C50"],
    "arabe": "partenaire",
    "sources": ["guide"],
}


def subject(rows: Rows, tab: str = "actes") -> Subject:
    seen = assess(registry(rows), knowledge(), TODAY)
    found = subject_of(seen.registry[tab][0], seen)
    assert found is not None
    return found


def declared(**other: Any) -> Declared:
    return parse_document({**_TABLE, **other}, ["C50", "E10", "J10"])


def names(about: Subject) -> list[str]:
    mine = ("rapport_jumelage", "demande_adhesion", "dossier_cdd", "lettre_transmission")
    return [document.name for document in due((DECLARED.documents[name] for name in mine), about)]


@pytest.mark.parametrize(
    ("act", "others", "expected"),
    [
        ({**_BEGUN, "forme": "JUMELAGE"}, {}, ["rapport_jumelage"]),
        ({**_BEGUN, "forme": "JUMELAGE", "date_rapport_pret": date(2026, 2, 1)}, {}, ["rapport_jumelage", "lettre_transmission"]),
        ({**_BEGUN, "forme": "ADHESION_OING"}, {}, ["demande_adhesion"]),
        (_NEGOTIATED, {}, []),
        (_NEGOTIATED, {"budget": [{"type_ligne": "CDD"}]}, ["dossier_cdd"]),
    ],
)  # fmt: skip
def test_a_step_asks_for_its_documents_and_an_account_for_its_file(
    act: dict[str, Any], others: Rows, expected: list[str]
) -> None:
    assert names(subject({"actes": [act], **others})) == expected


@pytest.mark.parametrize(
    ("day", "stage"),
    [(None, "AVANT"), (date(2026, 11, 24), "AVANT"), (date(2026, 11, 23), "AVANT"), (date(2026, 11, 22), "APRES")],
)
def test_a_meeting_has_two_steps_and_its_own_day_belongs_to_the_first(day: date | None, stage: str) -> None:
    about = subject({"actes": [{"forme": "CONVENTION"}], "reunions": [{"date": day}]}, "reunions")
    assert about.stage == stage
    on_meetings = declared(sur="reunion", etapes=["APRES"])
    assert on_meetings.is_due(about) == (stage == "APRES")
    assert not declared(etapes=["APRES"]).is_due(about), "a document on agreements isn't one on meetings"


def test_an_evaluation_has_its_own_states() -> None:
    act = {"forme": "CONVENTION"}
    agreed = {
        "periode_convenue_debut": date(2026, 9, 1),
        "periode_convenue_fin": date(2026, 10, 1),
        "accord_parties": True,
    }
    about = subject({"actes": [act], "evaluations": [agreed]}, "evaluations")
    assert about.row.id == "EVA-00001" and about.case.id == "ACT-00001"
    assert about.stage.startswith("E")


@pytest.mark.parametrize(
    ("rule", "tongues", "expected"),
    [
        ("administration", ["français"], ("fr", "ar")),
        ("jamais", ["arabe"], ("fr",)),
        ("partenaire", ["français", "Arabe"], ("fr", "ar")),
        ("partenaire", ["العربية"], ("fr", "ar")),
        ("partenaire", ["français"], ("fr",)),
        ("partenaire", None, ("fr",)),
    ],
)
def test_arabic_comes_with_the_administration_or_with_a_partner_who_speaks_it(
    rule: str, tongues: list[str] | None, expected: tuple[str, ...]
) -> None:
    about = subject({"actes": [{"forme": "CONVENTION"}], "partenaires": [{"langues_officielles": tongues}]})
    assert declared(arabe=rule).languages(about) == expected


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"etapes": ["C50", "C51"]}, "C51"),
        ({"si": "beau temps"}, "cdd"),
        ({"arabe": "parfois"}, "parfois"),
        ({"sur": "lune"}, "lune"),
        ({"formes": ["X"]}, "X"),
    ],
)
def test_a_declaration_that_does_not_suit_says_what(change: dict[str, Any], why: str) -> None:
    with pytest.raises((KeyError, ValueError), match=why):
        declared(**change)


def test_rows_that_belong_to_no_agreement_have_no_document() -> None:
    seen = assess(registry({"actes": [{"forme": None}]}), knowledge(), TODAY)
    assert subject_of(seen.registry["collectivites"][0], seen) is None
    assert subject_of(seen.registry["actes"][0], seen) is None
    twice = assess(
        registry({"actes": [{"forme": "CONVENTION"}], "evaluations": [{"id": "EVA-00001"}, {"id": "EVA-00001"}]}),
        knowledge(),
        TODAY,
    )
    assert subject_of(twice.registry["evaluations"][0], twice) is None, "nobody can say which of the two"
