"""The law as dated data: what holds on which day, at which level, and which mistakes are refused."""

import tomllib
from copy import deepcopy
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cdi_sync.law import Confidence, InForce, Law, Origin, Unit, Value
from tests.registries import DECLARED

LAW_TOML = Path(__file__).parents[1] / "config" / "law.toml"
NOVEMBER_2026 = date(2026, 11, 23)
COUNCILS = ("REGION", "PREFECTURE", "PROVINCE", "COMMUNE")

PERIOD = """
[delai]
titre = "Délai d'essai"
unite = "jours_calendaires"
counted_from = "réception"
origine = "loi"
confiance = "confirme"
[[delai.valeurs]]
depuis = 2015-07-23
valeur = 20
citation = "LO art. 1"
verified_on = 2026-11-23
[[delai.valeurs]]
depuis = 2027-01-01
valeur = { COMMUNE = 30, TOUS = 25 }
citation = { REGION = "LO art. 2", TOUS = "LO art. 3" }
verified_on = 2026-11-24
"""


@pytest.fixture(scope="module")
def law() -> Law:
    return Law.parse(tomllib.loads(LAW_TOML.read_text(encoding="utf-8")))


def holding(law: Law, key: str, tier: str, day: date = NOVEMBER_2026) -> InForce:
    found = law.in_force(key, day, tier)
    assert found is not None, f"nothing in force for {key}, {tier}, {day}"
    return found


def number(law: Law, key: str, tier: str, day: date = NOVEMBER_2026) -> Value | None:
    found = law.in_force(key, day, tier)
    return None if found is None else found.value


def test_a_value_holds_from_its_first_day_until_the_eve_of_the_next() -> None:
    law = Law.parse(tomllib.loads(PERIOD))
    assert number(law, "delai", "COMMUNE", date(2015, 7, 22)) is None
    assert number(law, "delai", "COMMUNE", date(2015, 7, 23)) == 20
    assert number(law, "delai", "COMMUNE", date(2026, 12, 31)) == 20
    assert number(law, "delai", "COMMUNE", date(2027, 1, 1)) == 30


def test_a_level_that_is_not_named_gets_the_value_and_the_citation_of_all() -> None:
    law = Law.parse(tomllib.loads(PERIOD))
    region, province = (holding(law, "delai", tier, date(2027, 1, 1)) for tier in ("REGION", "PROVINCE"))
    assert (region.value, region.citation) == (25, "LO art. 2")
    assert (province.value, province.citation) == (25, "LO art. 3")


def test_what_is_in_force_carries_all_that_a_finding_cites() -> None:
    found = holding(Law.parse(tomllib.loads(PERIOD)), "delai", "COMMUNE", date(2027, 6, 1))
    assert found.key == "delai"
    assert found.unit is Unit.CALENDAR_DAYS
    assert found.origin is Origin.LOI
    assert found.confidence is Confidence.CONFIRMED
    assert (found.since, found.verified_on) == (date(2027, 1, 1), date(2026, 11, 24))


def test_an_unknown_key_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="« dalai » : valeur inconnue ; clés connues : delai"):
        Law.parse(tomllib.loads(PERIOD)).in_force("dalai", NOVEMBER_2026, "COMMUNE")


# ----------------------------------------------------------------------------------------- what the texts say


@pytest.mark.parametrize(
    ("key", "region", "prefecture_province", "commune", "unit"),
    [
        ("delai_visa", 20, 20, 20, Unit.CALENDAR_DAYS),
        ("accuse_reception_visa", 5, 5, 5, Unit.CALENDAR_DAYS),
        ("odj_avant_ouverture", 20, 20, 20, Unit.CALENDAR_DAYS),
        ("convocation_membres", 7, 7, 10, Unit.CALENDAR_DAYS),
        ("convocation_demande_autorite", 3, 3, 3, Unit.CALENDAR_DAYS),
        ("transmission_pv", 10, 10, 15, Unit.WORKED_DAYS),
        ("opposition", 3, 3, 3, Unit.WORKED_DAYS),
        ("session_duree", 15, 15, 15, Unit.CALENDAR_DAYS),
        ("extraordinaire_majorite", 30, 15, 15, Unit.CALENDAR_DAYS),
        ("extraordinaire_autorite", 10, 10, 10, Unit.CALENDAR_DAYS),
        ("quorum_deuxieme_convocation", (3, 5), (3, 5), (3, 5), Unit.CALENDAR_DAYS),
        ("quorum_troisieme_reunion", 3, 3, 3, Unit.WORKED_DAYS),
        ("quorum_rang_sans_condition", 3, 3, 3, Unit.NUMBER),
        ("quorum_rang_demande_autorite", 2, 2, 2, Unit.NUMBER),
        ("sessions_mois", (3, 7, 10), (1, 6, 9), (2, 5, 10), Unit.MONTHS_OF_YEAR),
        ("jumelage_duree_min_mois", 60, 60, 60, Unit.MONTHS),
        ("doublon_similarite", 0.9, 0.9, 0.9, Unit.SHARE),
        ("doublon_ecart_annees", 2, 2, 2, Unit.YEARS),
        ("source_obligatoire_avant_annee", 2010, 2010, 2010, Unit.YEAR),
    ],
)
def test_each_level_has_the_number_of_its_law(
    law: Law, key: str, region: object, prefecture_province: object, commune: object, unit: Unit
) -> None:
    expected = (region, prefecture_province, prefecture_province, commune)
    assert tuple(number(law, key, tier) for tier in COUNCILS) == expected
    assert {holding(law, key, tier).unit for tier in COUNCILS} == {unit}


def test_an_extraordinary_session_lasts_seven_days_worked_ones_for_a_commune(law: Law) -> None:
    found = [holding(law, "extraordinaire_duree", tier) for tier in COUNCILS]
    assert [f.value for f in found] == [7, 7, 7, 7]
    assert [f.unit for f in found] == [Unit.CALENDAR_DAYS] * 3 + [Unit.WORKED_DAYS]


def test_only_a_commune_opens_within_a_window_instead_of_on_a_monday(law: Law) -> None:
    assert [number(law, "sessions_lundi", tier) for tier in COUNCILS] == [1, 2, 2, None]
    assert [number(law, "sessions_fenetre", tier) for tier in COUNCILS] == [None, None, None, 7]


@pytest.mark.parametrize(
    ("tier", "article"),
    [
        ("REGION", "LO 111-14 art. 115"),
        ("PREFECTURE", "LO 112-14 art. 109"),
        ("PROVINCE", "LO 112-14 art. 109"),
        ("COMMUNE", "LO 113-14 art. 118"),
    ],
)
def test_the_visa_cites_the_guide_and_the_article_of_the_level(law: Law, tier: str, article: str) -> None:
    assert holding(law, "delai_visa", tier).citation == f"Guide, axe 1 §2-d ; {article}"


def test_a_grouping_has_the_period_of_the_guide_and_no_session(law: Law) -> None:
    assert holding(law, "delai_visa", "GROUPEMENT").citation == "Guide, axe 1 §2-d"
    assert law.in_force("sessions_mois", NOVEMBER_2026, "GROUPEMENT") is None


def test_every_citation_names_the_law_of_its_level(law: Law) -> None:
    other = {
        "REGION": ("112-14", "113-14"),
        "PREFECTURE": ("111-14", "113-14"),
        "PROVINCE": ("111-14", "113-14"),
    }
    other["COMMUNE"] = ("111-14", "112-14")
    found = [(tier, law.in_force(key, NOVEMBER_2026, tier)) for key in law.limits for tier in COUNCILS]
    assert [f for tier, f in found if f and any(number in f.citation for number in other[tier])] == []


def test_our_own_choices_are_marked_apart_from_the_texts(law: Law) -> None:
    chosen = {key for key, limit in law.limits.items() if limit.origin is Origin.PARAMETRE}
    assert chosen == {
        "accuse_reception_visa",
        "sessions_fenetre",
        "jumelage_duree_min_mois",
        "doublon_similarite",
        "doublon_ecart_annees",
        "source_obligatoire_avant_annee",
        *("dormance_acte", "dormance_sans_organe", "dormance_analyse", "dormance_recensement", "inactivite_adhesion"),
        *("capitalisation_apres_cloture", "capitalisation_participation", "marge_retroplanning"),
        "rappel_vu_pause",
        *("reponse_fait_pause", "reponse_report_max"),
        "recommandations_delai_rappel",
        *("action_duree_min", "action_mesuree", "plan_action_etabli", "plan_action_nombre"),
        *("organes_mise_en_place", "pilotage_donnees", "suivi_mise_a_jour"),
        *("comite_jumelage", "comite_reglement", "comite_voyages", "phase_retour"),
        *("budget_alerte", "cdd_alerte", "cotisations_radiation", "decaissement_ecart", "montage_tolerance"),
        "document_planification_tolerance",
        "jumelage_pourquoi_longueur",
        "jumelage_rapport_populations",
        "cdd_depot",
        "adhesion_demande",
        "appel_dossier_pret",
        *("dossier_pages", "cadre_logique_revision", "cadre_logique_temps", "avancement_ecart", "avancement_releve"),
        *("marketing_age", "domaines_elargis", "recherche_appui", "partenaire_note_min"),
        *("cofinancement_arrondi", "efficience_bilan", "facdi_tolerance", "frma_parite"),
        *("appel_eligibilite", "appel_equipe", "appel_lecture", "appel_decision", "appel_offre", "appel_redaction"),
        "appel_validation",
        *("preparation_manques", "programme_annuel", "jumelage_fete"),
        *(key for key in law.limits if key.startswith(("reunion_", "compte_rendu_", "frequence_", "evaluation_"))),
    }
    assert {law.limits[key].confidence for key in chosen} == {Confidence.SETTING}
    assert {law.limits[key].history[0].since for key in chosen} == {date(2000, 1, 1)}


def test_a_text_binds_from_the_day_of_the_official_bulletin(law: Law) -> None:
    assert law.in_force("transmission_pv", date(2015, 7, 22), "COMMUNE") is None
    assert holding(law, "transmission_pv", "COMMUNE", date(2015, 7, 23)).number == 15


def test_a_number_is_asked_of_a_whole_number_only(law: Law) -> None:
    share = holding(law, "doublon_similarite", "REGION")
    with pytest.raises(ValueError, match=r"« doublon_similarite » vaut 0\.9 : un nombre entier est attendu"):
        _ = share.number
    with pytest.raises(ValueError, match=r"« doublon_similarite » vaut 0\.9 : une liste"):
        _ = share.numbers
    assert holding(law, "sessions_mois", "REGION").numbers == (3, 7, 10)


# ------------------------------------------------------------------------------------------- refused mistakes


def changed(path: tuple[str | int, ...], value: object) -> dict[str, object]:
    data = deepcopy(tomllib.loads(PERIOD))
    *parents, last = path
    target: Any = data
    for step in parents:
        target = target[step]
    if value is None:
        del target[last]
    else:
        target[last] = value
    return data


FIRST, SECOND = ("delai", "valeurs", 0), ("delai", "valeurs", 1)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("delai",), 20, "delai : une table est attendue, pas 20"),
        (("delai", "titre"), None, "delai : la clé « titre » manque"),
        (("delai", "titre"), " ", "delai.titre : un texte non vide est attendu"),
        (("delai", "valeur"), 20, "delai : clé « valeur » inconnue ; clés admises : titre, unite"),
        (("delai", "unite"), "jours", "delai.unite : 'jours' n'est pas admis ; .*jours_calendaires"),
        (("delai", "unite"), {"REGION": "mois"}, "delai.unite : l'unité manque pour TOUS"),
        (
            ("delai", "origine"),
            "decret",
            "delai.origine : 'decret' n'est pas admis ; .*guide, loi, parametre",
        ),
        (("delai", "confiance"), "sur", "delai.confiance : 'sur' n'est pas admis"),
        (("delai", "valeurs"), [], r"delai.valeurs : au moins un bloc \[\[delai.valeurs\]\] est attendu"),
        ((*FIRST, "depuis"), "2015-07-23", "delai.valeurs n° 1.depuis : une date sans guillemets"),
        ((*FIRST, "depuis"), datetime(2015, 7, 23), "delai.valeurs n° 1.depuis : une date sans guillemets"),
        ((*FIRST, "depuis"), date(2027, 1, 1), "delai.valeurs : 2027-01-01 vient après 2027-01-01"),
        ((*FIRST, "depuis"), date(2028, 1, 1), "delai.valeurs : 2027-01-01 vient après 2028-01-01"),
        ((*FIRST, "valeur"), -1, "delai.valeurs n° 1.valeur : un nombre positif"),
        ((*FIRST, "valeur"), True, "delai.valeurs n° 1.valeur : un nombre positif"),
        ((*FIRST, "valeur"), "20", "delai.valeurs n° 1.valeur : un nombre positif"),
        ((*FIRST, "valeur"), [3, 5.5], "delai.valeurs n° 1.valeur : un nombre positif"),
        ((*FIRST, "valeur"), [], "delai.valeurs n° 1.valeur : un nombre positif"),
        ((*FIRST, "valeur"), {}, "delai.valeurs n° 1.valeur : table vide"),
        ((*FIRST, "citation"), None, "delai.valeurs n° 1 : la clé « citation » manque"),
        (
            (*SECOND, "valeur"),
            {"COMUNE": 3},
            "n° 2.valeur : niveau « COMUNE » inconnu ; niveaux admis : REGION",
        ),
        (
            (*SECOND, "citation"),
            {"COMMUNE": "x"},
            r"delai.valeurs \(2027-01-01\) : la citation manque pour TOUS",
        ),
        ((*SECOND, "verified_on"), "hier", "delai.valeurs n° 2.verified_on : une date sans guillemets"),
    ],
)
def test_a_mistake_is_refused_by_its_key_and_reason(path: tuple[str | int, ...], value: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Law.parse(changed(path, value))


def test_a_share_is_read_as_a_number_and_a_list_is_no_share(law: Law) -> None:
    assert holding(law, "frequence_tolerance", "COMMUNE").share == 0.1
    assert holding(law, "delai_visa", "COMMUNE").share == 20.0
    with pytest.raises(ValueError, match="« sessions_mois » vaut"):
        _ = holding(law, "sessions_mois", "COMMUNE").share


@pytest.mark.parametrize("key", list(DECLARED.law.limits))
def test_a_number_holds_from_its_first_day_and_not_the_day_before(key: str) -> None:
    """Organic laws: 23 July 2015, in the Official Bulletin; programmes: their first day. Our choices, the plan of every
    council and the fund's yearly call: 2000, the first year that is read."""
    law, limit = DECLARED.law, DECLARED.law.limits[key]
    of_old = limit.origin is Origin.PARAMETRE or key in ("document_planification_duree", "appel_annuel")
    programme = {"frma": date(2019, 1, 1), "facdi": date(2020, 3, 1)}.get(key.split("_")[0], date(2015, 7, 23))
    first = date(2000, 1, 1) if of_old else programme
    tier = next(iter(limit.history[0].values))
    assert law.in_force(key, first, tier) is not None
    assert law.in_force(key, first - timedelta(days=1), tier) is None


# ------------------------------------------------------------------------------------------------ parameters

CHOSEN = PERIOD.replace('origine = "loi"', 'origine = "parametre"').replace("[delai", "[choix")


TYPED = "onglet Paramètres du registre"


def choice(**period: Any) -> list[tuple[date, object, str]]:
    """What « choix » is worth once a commune's 40 was typed for that period: since when, how much, says who."""
    law = Law.parse(tomllib.loads(CHOSEN)).with_parameter("choix", "40", **{"tier": "COMMUNE", **period})
    return [
        (dated.since, dated.values.get("COMMUNE", dated.values.get("TOUS")), dated.citations["TOUS"])
        for dated in law.limits["choix"].history
    ]


# 20 from 23 July 2015, 30 for a commune from 1 January 2027
@pytest.mark.parametrize(
    ("period", "told"),
    [
        ({}, [(date(2015, 7, 23), 40, TYPED)]),
        ({"since": date(2026, 6, 1)}, [(date(2015, 7, 23), 20, "LO art. 1"), (date(2026, 6, 1), 40, TYPED)]),
        (
            {"since": date(2027, 1, 1), "source": "Note 12"},  # the very day of a change: in its place
            [(date(2015, 7, 23), 20, "LO art. 1"), (date(2027, 1, 1), 40, "Note 12")],
        ),
        (
            {"since": date(2026, 6, 1), "until": date(2026, 6, 1)},  # one day
            [
                (date(2015, 7, 23), 20, "LO art. 1"),
                (date(2026, 6, 1), 40, TYPED),
                (date(2026, 6, 2), 20, "LO art. 1"),
                (date(2027, 1, 1), 30, "LO art. 3"),
            ],
        ),
        (
            {"until": date(2026, 12, 31)},  # until the eve of a change, which comes
            [(date(2015, 7, 23), 40, TYPED), (date(2027, 1, 1), 30, "LO art. 3")],
        ),
        (
            {"until": date(2027, 1, 1)},  # past that change, which holds afterwards
            [(date(2015, 7, 23), 40, TYPED), (date(2027, 1, 2), 30, "LO art. 3")],
        ),
        (
            {"until": date(2015, 7, 22)},  # before the first value: nothing changes
            [(date(2015, 7, 23), 20, "LO art. 1"), (date(2027, 1, 1), 30, "LO art. 3")],
        ),
    ],
)
def test_a_parameter_holds_for_its_period(period: dict[str, Any], told: list[tuple[date, object, str]]) -> None:
    assert choice(**period) == told


def test_a_parameter_of_one_level_leaves_the_others_and_one_of_all_takes_their_place() -> None:
    law = Law.parse(tomllib.loads(CHOSEN))
    one, every = (law.with_parameter("choix", "40", tier=tier, since=date(2027, 1, 1)) for tier in ("COMMUNE", ""))
    assert one.limits["choix"].history[-1].values == {"COMMUNE": 40, "TOUS": 25}
    assert every.limits["choix"].history[-1].values == {"TOUS": 40}


def test_a_number_that_a_text_fixes_is_refused_and_the_parameters_are_named() -> None:
    law = Law.parse(tomllib.loads(PERIOD + CHOSEN))
    with pytest.raises(ValueError, match=r"« delai » est fixé par un texte ; paramètres possibles : choix\.$"):
        law.with_parameter("delai", "40")
