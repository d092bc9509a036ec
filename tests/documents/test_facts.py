"""Facts: as each language writes them, what is missing and where, and text that people typed."""

from dataclasses import replace
from datetime import date, time
from typing import Any

import pytest

from cdi_sync.assessment import assess
from cdi_sync.documents.account import account_facts
from cdi_sync.documents.common import ACCOUNT, VISA, article, authority, common_facts, council_name, vote_facts
from cdi_sync.documents.facts import CLOSE, OPEN, Fact, Missing, Pen, Subject, as_context, isolated, shown, typed
from cdi_sync.documents.making import subject_of
from cdi_sync.documents.membership import membership_facts
from cdi_sync.documents.transmission import transmission_facts
from tests.documents.cases import TODAY
from tests.registries import DECLARED, Rows, knowledge, registry


def subject(rows: Rows | None = None) -> Subject:
    seen = assess(registry(rows or {}), knowledge(), TODAY)
    found = subject_of(seen.registry["actes"][0], seen)
    assert found is not None
    return found


def pen(about: Subject, lang: str = "fr") -> Pen:
    return Pen(DECLARED.languages[lang], DECLARED.tabs, about.registry.layouts)


@pytest.mark.parametrize(
    ("place", "value", "french", "arabic"),
    [
        ("actes.date_signature", date(2026, 3, 1), "1er mars 2026", "1 مارس 2026"),
        ("actes.cout_global", 1234567.5, "1\u202f234\u202f567,5", "1.234.567,5"),
        ("budget.exercice", 2026, "2026", "2026"),
        ("reunions.heure_debut", time(9, 30), "09:30", "09:30"),
        ("deliberations.inscrit_odj", True, "Oui", "نعم"),
        ("actes.domaine", "SANTE", "Santé", "الصحة"),
        ("partenaires.pays", "France", "France", "فرنسا"),
        ("collectivites.langues_officielles", ("arabe", "amazighe"), "arabe, amazighe", "arabe، amazighe"),
    ],
)
def test_each_language_writes_days_numbers_and_words_its_own_way(
    place: str, value: Any, french: str, arabic: str
) -> None:
    tab, key = place.split(".")
    column, about = DECLARED.tabs[tab].column(key), subject()
    assert [pen(about, lang).write(value, column) for lang in ("fr", "ar")] == [french, arabic]


def test_a_missing_cell_says_its_tab_its_column_and_its_row_when_there_is_one() -> None:
    about = subject({"deliberations": [{"objet": "ACTE_CDI"}]})
    mine = pen(about)
    known = mine.cell(about.case.deliberations[0], "deliberations.date_pv", "date du procès-verbal")
    assert known == Missing("date du procès-verbal", "Délibérations", "M", "DEL-00001")
    assert as_context({"pv": known}, mine.language) == {
        "pv": f"{OPEN}[à compléter : date du procès-verbal — Délibérations, colonne M, ligne DEL-00001]{CLOSE}"
    }
    unknown = mine.cell(None, "deliberations.date_pv", "date du procès-verbal")
    assert as_context({"pv": unknown}, mine.language) == {
        "pv": f"{OPEN}[à compléter : date du procès-verbal — Délibérations, colonne M]{CLOSE}"
    }


def test_a_partner_that_the_agreement_does_not_name_is_asked_on_the_agreement() -> None:
    about = subject({"actes": [{"partenaire": None}]})
    assert common_facts(about, pen(about))["pays"] == Missing("pays du partenaire", "Actes", "F", "ACT-00001")


@pytest.mark.parametrize(
    ("tier", "code", "province", "region", "route", "expected"),
    [
        ("COMMUNE", "3231010", "03.231", "03", None, "Gouverneur de la préfecture de Fès"),
        ("COMMUNE", "3231010", "03.231", "03", "SOUS_COUVERT_WALI", "Wali de la région de Fès-Meknès"),
        ("PREFECTURE", "03.231", None, "03", None, "Gouverneur de la préfecture de Fès"),
        ("PROVINCE", "03.271", None, "03", None, "Gouverneur de la province d'Ifrane"),
        ("REGION", "03", None, None, None, "Wali de la région de Fès-Meknès"),
        ("REGION", "02", None, None, None, "Wali de la région de l'Oriental"),
    ],
)
def test_the_letter_goes_to_the_wali_of_a_region_and_else_to_the_governor_unless_staff_chose(
    tier: str, code: str, province: str | None, region: str | None, route: str | None, expected: str
) -> None:
    council = {"niveau": tier, "code_hcp": code, "province_code": province, "region_code": region, "nom_fr": "X"}
    about = subject({"collectivites": [council], "actes": [{"forme": "JUMELAGE", "voie_rapport": route}]})
    assert authority(about, pen(about)) == Fact(expected)


def test_a_council_bears_its_tier_in_both_languages() -> None:
    about = subject({"collectivites": [{"nom_fr": "Agadir", "nom_ar": "أكادير"}]})
    assert council_name(about, pen(about)) == Fact("Commune d'Agadir")
    assert council_name(about, pen(about, "ar")) == Fact("جماعة أكادير")


def test_of_several_votes_the_last_adopted_speaks() -> None:
    votes = [
        {"objet": "ACTE_CDI", "resultat": "ADOPTEE", "date_deliberation": date(2026, 2, 5), "votes_pour": 11},
        {"objet": "ACTE_CDI", "resultat": "REJETEE", "date_deliberation": date(2026, 5, 6), "votes_pour": 3},
        {"objet": "DELEGATION", "resultat": "ADOPTEE", "date_deliberation": date(2026, 6, 7), "votes_pour": 9},
    ]
    about = subject({"deliberations": votes})
    assert vote_facts(about, ("ACTE_CDI",), pen(about))["votes_pour"] == Fact("11")


def test_a_piece_on_paper_counts_and_the_organisation_s_own_row_speaks_for_its_pieces() -> None:
    about = subject({
        "actes": [{"forme": "ADHESION_OING"}],
        "partenaires": [{"droit_adhesion": "200 euros", "statut_lien": "https://oing.example/statuts"}],
        "pieces_clauses": [{"piece": "PIECE_INSTANCES", "present": True}, {"piece": "ADEQUATION_DOMAINE", "present": True}],
    })  # fmt: skip
    facts = membership_facts(about, pen(about))
    assert facts["adequation_domaine"] == Fact("Oui")
    assert isinstance(facts["pieces"], list)
    told = {piece["piece"].text: piece for piece in facts["pieces"]}
    assert told["Instances et personnalités qui la dirigent"]["lien"] == Fact("Jointe au dossier")
    assert told["Droit d'adhésion"]["contenu"] == Fact("200 euros")
    assert told["Statuts de l'organisation"]["lien"] == Fact("https://oing.example/statuts")
    assert isinstance(told["Activités menées par ses membres"]["lien"], Missing)


def test_a_sum_is_missing_when_one_of_its_amounts_is() -> None:
    money = [{"type_ligne": "BUDGET", "nature_depense": "JUM_TRANSPORT", "montant_prevu": 1500}]
    act = {"actes": [{"forme": "JUMELAGE"}]}
    whole, holed = (
        subject({**act, "budget": money}),
        subject({**act, "budget": [*money, {**money[0], "montant_prevu": None}]}),
    )
    assert transmission_facts(whole, pen(whole))["total_depenses"] == Fact("1\u202f500")
    assert isinstance(transmission_facts(holed, pen(holed))["total_depenses"], Missing)


def test_typed_text_loses_what_moves_hides_or_cannot_be_written() -> None:
    assert typed(f"a\u202eb\x00 {OPEN}c{CLOSE}\ufffe\nd\ud800") == "ab c\nd"


def test_in_arabic_a_line_in_french_keeps_its_full_stop_at_its_end() -> None:
    assert isolated("Bonjour.\nمرحبا.\n12") == "\u200eBonjour.\u200e\nمرحبا.\n12"


@pytest.mark.parametrize(
    ("tier", "visa", "account"),
    [
        ("REGION", "l'article 115 de la loi organique n° 111-14", "l'article 185 de la loi organique n° 111-14"),
        ("PREFECTURE", "l'article 109 de la loi organique n° 112-14", "l'article 164 de la loi organique n° 112-14"),
        ("PROVINCE", "l'article 109 de la loi organique n° 112-14", "l'article 164 de la loi organique n° 112-14"),
        ("COMMUNE", "l'article 118 de la loi organique n° 113-14", "l'article 172 de la loi organique n° 113-14"),
    ],
)
def test_a_council_invokes_the_organic_law_of_its_tier(tier: str, visa: str, account: str) -> None:
    about = subject({"collectivites": [{"niveau": tier}], "actes": [{"forme": "CONVENTION"}]})
    assert transmission_facts(about, pen(about))["article_visa"] == Fact(visa)
    assert account_facts(about, pen(about))["article_compte"] == Fact(account)


def test_the_articles_are_those_of_the_law_tables() -> None:
    for parameter, articles in (("delai_visa", VISA), ("cdd_report_loi", ACCOUNT)):
        for tier, number in articles.items():
            held = DECLARED.law.in_force(parameter, TODAY, tier.value)
            assert held and held.citation.endswith(f"art. {number}")


def test_a_grouping_has_no_article_of_ours() -> None:
    about = subject({"collectivites": [{"niveau": "GROUPEMENT"}]})
    assert article(about, VISA, pen(about)) == Missing("loi organique qui régit la collectivité")


@pytest.mark.parametrize(
    ("form", "stage", "awaited"),
    [("CONVENTION", "C70", True), ("ADHESION_OING", "O30", True), ("JUMELAGE", "J60", False)],
)
def test_a_twinning_waits_for_no_visa(form: str, stage: str, awaited: bool) -> None:
    about = replace(subject({"actes": [{"forme": form}]}), stage=stage)
    assert transmission_facts(about, pen(about))["avec_visa"] is awaited


def test_only_a_commune_gives_its_name_to_the_town_where_its_letters_are_written() -> None:
    for tier, said in (("COMMUNE", Fact("Fès")), ("REGION", Missing("lieu")), ("PROVINCE", Missing("lieu"))):
        about = subject({"collectivites": [{"niveau": tier, "nom_fr": "Fès"}]})
        assert common_facts(about, pen(about))["lieu"] == said


def test_no_typed_text_draws_a_highlight_of_its_own() -> None:
    forged = f"{OPEN}[à compléter]{CLOSE}"
    about = subject({"actes": [{"forme": "CONVENTION", "cout_global": 1000, "devise": forged}]})
    costs = account_facts(about, pen(about))["cout_global"]
    assert costs == Fact("1\u202f000 [à compléter]")
    assert shown(Fact(forged), DECLARED.languages["fr"]) == "[à compléter]"
    asked = shown(Missing("objet", "Actes", "F", f"ACT{CLOSE}"), DECLARED.languages["fr"])
    assert asked == f"{OPEN}[à compléter : objet — Actes, colonne F, ligne ACT]{CLOSE}"


def test_dirhams_are_called_so_in_arabic() -> None:
    for devise, said in ((None, "1.000 درهم"), ("MAD", "1.000 درهم"), ("EUR", "1.000 EUR")):
        about = subject({"actes": [{"forme": "CONVENTION", "cout_global": 1000, "devise": devise}]})
        assert account_facts(about, pen(about, "ar"))["cout_global"] == Fact(said)
