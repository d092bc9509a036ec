"""What the dashboard shows: fixed places, the same in numbers and in words, and "sans objet" rather than a false zero."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from cdi_sync.assessment import assess
from cdi_sync.dashboard import (
    AHEAD,
    AREAS,
    BLOCKS,
    COUNTRIES,
    FIELDS,
    FORMS,
    SIGNED_ACTS,
    SLEEPING,
    STAGES,
    TIERS,
    TO_FOLLOW,
    VISAS,
    Block,
    dashboard,
)
from cdi_sync.model import Form
from cdi_sync.shown import Places, Shown, ShownGrid
from cdi_sync.tables import read_registry
from tests.demos import AS_OF, demo_registry
from tests.registries import DECLARED, grids, knowledge, registry

TODAY = date(2026, 11, 23)


def shown(rows: dict[str, Any], **readings: str) -> ShownGrid:
    known, seen = knowledge(**readings), registry(rows)
    return dashboard(assess(seen, known, TODAY), known, Places(seen.layouts))


def lines(grid: ShownGrid, block: Block) -> list[list[object]]:
    """The values of a block, below its headers, without its blank rows."""
    last = block.last if block.size else len(grid)
    return [[cell and cell.value for cell in row] for row in grid[block.first - 1 : last] if row]


def cells(grid: ShownGrid, block: Block) -> list[Shown]:
    last = block.last if block.size else len(grid)
    return [cell for row in grid[block.first - 1 : last] for cell in row if cell]


# --------------------------------------------------------------------------------------------------- places


@pytest.mark.parametrize("size", [0, 1, 400])
def test_every_block_stands_where_the_charts_look_for_it_whatever_the_registry_holds(size: int) -> None:
    known = knowledge()
    rows = demo_registry(3, size, AS_OF).rows if size else {"actes": [], "collectivites": [], "partenaires": []}
    full = {name: list(rows.get(name, ())) for name in DECLARED.tabs}
    seen = read_registry(grids(full), list(DECLARED.tabs.values()))
    grid = dashboard(assess(seen, known, AS_OF), known, Places(seen.layouts))
    for block in BLOCKS:
        assert [cell.value for cell in grid[block.row - 1] if cell] == [block.title]
        assert [cell.value for cell in grid[block.head - 1] if cell] == list(block.titles)


def test_no_block_runs_into_the_next() -> None:
    for before, after in pairwise(BLOCKS):
        assert before.last + 1 < after.row


@pytest.mark.parametrize("reading", ["guide", "loi"])
def test_every_group_and_every_stage_that_we_declare_has_its_row(reading: str) -> None:
    grid = shown({}, D_03=reading)
    tabs = DECLARED.tabs
    for block, tab, key in (
        (TIERS, "collectivites", "niveau"), (AREAS, "partenaires", "zone_geographique"), (FIELDS, "actes", "domaine"),
    ):  # fmt: skip
        labels = [category.label for category in tabs[tab].column(key).categories]
        assert [row[0] for row in lines(grid, block)[:-1]] == labels
        assert "non précisé" in str(lines(grid, block)[-1][0])
    for form, block in STAGES.items():
        names = [str(row[0]) for row in lines(grid, block)]
        assert names[0].startswith(DECLARED.machines[form].stages[0].code)
        assert not names[-1].startswith("…")


# -------------------------------------------------------------------------------------------------- numbers


def test_an_empty_registry_says_without_object_and_never_a_false_zero() -> None:
    seen = read_registry(grids({name: [] for name in DECLARED.tabs}), list(DECLARED.tabs.values()))
    known = knowledge()
    grid = dashboard(assess(seen, known, TODAY), known, Places(seen.layouts))
    assert grid[2][0] and grid[2][0].value == "Qualité des données : sans objet, aucune ligne n'est remplie."
    assert lines(grid, VISAS)[-1][2:] == ["sans objet"] * 5
    assert lines(grid, STAGES[Form.CONVENTION])[0][1:] == ["sans objet", 0, "sans objet", "sans objet"]
    assert lines(grid, COUNTRIES)[-1][1] == "sans objet"
    assert lines(grid, AHEAD) == lines(grid, SLEEPING) == [["Rien à signaler"]]


def test_forms_and_situations_are_counted_and_told() -> None:
    acts = [{"forme": "CONVENTION"}, {"forme": "CONVENTION", "historique": True, "date_signature": date(2020, 1, 1)},
            {"forme": "JUMELAGE"}]  # fmt: skip
    grid = shown({"actes": acts})
    assert lines(grid, FORMS) == [
        ["Jumelages", "1 acte : 1 en préparation", 1, 0, 0, 0, 1],
        ["Conventions", "2 actes : 1 en préparation, 1 signé", 1, 1, 0, 0, 2],
        ["Adhésions", "aucun acte", 0, 0, 0, 0, 0],
        ["Ensemble", "3 actes : 2 en préparation, 1 signé", 2, 1, 0, 0, 3],
    ]


def test_countries_beyond_the_tenth_are_added_up() -> None:
    """France twice, then eleven countries once: ten are named, two make up the others, one act names no country."""
    once = [
        "Algérie",
        "Allemagne",
        "Belgique",
        "Brésil",
        "Canada",
        "Chili",
        "Chine",
        "Espagne",
        "Italie",
        "Mali",
        "Sénégal",
    ]
    names = ["France", "France", *once, None]
    partners = [{"pays": name} for name in names]
    acts = [{"partenaire": f"PAR-{n:05}"} for n in range(1, len(names) + 1)]
    found = lines(shown({"partenaires": partners, "actes": acts}), COUNTRIES)
    assert found[0] == ["France", "2 actes sur 14, soit 14 %", 0, 2, 0, 2]
    assert [row[0] for row in found[1:3]] == ["Algérie", "Allemagne"]
    assert found[10][0] == "Autres\N{NO-BREAK SPACE}(2)"
    assert [found[10][-1], found[11][-1]] == [2, 1]


def test_stages_count_all_who_went_at_least_that_far_and_leave_out_those_given_up() -> None:
    """Three conventions: one opened, one signed long ago, one given up after its signature."""
    signed = {"historique": True, "date_signature": date(2020, 1, 1)}
    grid = shown({"actes": [{}, signed, {**signed, "date_abandon": date(2021, 1, 1)}]})
    table = {str(row[0])[:4].strip(): row[1:] for row in lines(grid, STAGES[Form.CONVENTION])}
    assert table["C00"] == ["2 actes sur 2", 2, 100, "sans objet"]
    assert table["C10"] == ["1 acte sur 2", 1, 50, 50]
    assert table["C90"] == ["1 acte sur 2", 1, 50, 100]
    assert table["C100"] == ["aucun acte sur 2", 0, 0, 0]


def visa(received: date, days: int, sens: str = "ACCORDE") -> dict[str, Any]:
    return {"nature": "VISA", "sens": sens, "date_reception": received, "date_decision": received + timedelta(days)}


def test_visa_delays_stand_against_the_20_days_and_tacit_ones_apart() -> None:
    """Days 5, 10, 20, 21: median 15; nine in ten within 21; the last is late. One of five obtained is tacit: 20 %."""
    start = date(2026, 3, 1)
    visas = [visa(start, days) for days in (5, 10, 20, 21)] + [visa(start, 20, "TACITE")]
    found = lines(shown({"visas_accords": visas}), VISAS)
    assert found[1][0] == "Conventions"
    assert found[1][1] == "un sur deux en 15 jours ou moins, neuf sur dix en 21 ; 20 % des visas obtenus sont tacites"
    assert found[1][2:] == [15, 21, 3, 1, 1]
    assert found[0][2:] == ["sans objet"] * 5


def test_half_a_day_reads_the_same_in_words_and_beside_them() -> None:
    visas = [visa(date(2026, 3, 1), days) for days in (10, 11)]
    found = lines(shown({"visas_accords": visas}), VISAS)[1]
    assert (found[1], found[2]) == ("un sur deux en 10,5 jours ou moins, neuf sur dix en 11", "10,5")


def test_a_refusal_counts_in_the_delays_and_a_visa_without_its_days_does_not() -> None:
    start = date(2026, 3, 1)
    visas = [visa(start, 8, "REFUSE"), {"nature": "VISA", "sens": "ACCORDE"}, {**visa(start, -3)},
             {**visa(start, 4), "nature": "ACCORD_PRINCIPE_MI"}]  # fmt: skip
    assert lines(shown({"visas_accords": visas}), VISAS)[1][2:] == [8, 8, 1, 0, 0]


# ---------------------------------------------------------------------------------------------------- lists


def test_dormant_agreements_come_oldest_first_with_a_link_and_those_without_room_are_counted() -> None:
    acts = [{"historique": True, "annee_signature": 1990 + n, "intitule": f"Acte {n}"} for n in range(12)]
    grid = shown({"actes": list(reversed(acts))})
    found = lines(grid, SLEEPING)
    assert [row[0] for row in found] == [*(f"Acte {n}" for n in range(9)), "… et 3 autres"]
    assert found[0][1] == "aucune activité connue depuis la signature (1990)"
    assert cells(grid, SLEEPING)[0].link == "'Actes'!B13"  # the twelfth act, below the headers
    follow = {row[0]: row[2] for row in lines(grid, TO_FOLLOW)}
    assert follow["Actes dormants"] == 12


@pytest.mark.parametrize(("ahead", "listed"), [(-1, False), (0, True), (30, True), (31, False)])
def test_the_days_ahead_are_today_and_the_thirty_that_follow(ahead: int, listed: bool) -> None:
    known, seen = knowledge(), registry({})
    assessment = assess(seen, known, TODAY)
    standing = replace(assessment.standings["ACT-00001"], due=TODAY + timedelta(ahead), days_left=ahead)
    assessment = replace(assessment, standings={standing.id: standing})
    grid = dashboard(assessment, known, Places(seen.layouts))
    assert (lines(grid, AHEAD)[0][0] == "Acte d'essai") is listed


def test_a_deadline_gone_by_is_counted_apart() -> None:
    grid = shown(awaiting(TODAY - timedelta(21)))
    follow = {row[0]: row[2] for row in lines(grid, TO_FOLLOW)}
    assert (follow["Échéances dépassées"], follow["Visas dont les 20 jours sont échus"]) == (1, 1)
    assert lines(grid, AHEAD) == [["Rien à signaler"]]


def awaiting(received: date) -> dict[str, Any]:
    """A convention whose visa was asked for and received on that day, all that comes before being done."""
    early = date(2026, 1, 5)
    keys = ("date_creation", "date_dossier_technique", "date_marketing", "date_recherche_partenaire",
            "date_partenaire_trouve", "date_ouverture_negociation", "date_projet_convention")  # fmt: skip
    return {
        "actes": [dict.fromkeys(keys, early)],
        "sessions": [{"type": "ORDINAIRE", "date_odj_transmis_autorite": date(2026, 1, 12), "date_ouverture": date(2026, 2, 2)}],
        "deliberations": [{"objet": "PROJET_CONVENTION", "inscrit_odj": True, "resultat": "ADOPTEE",
                           "date_deliberation": date(2026, 2, 2), "date_transmission_pv_autorite": date(2026, 2, 10)}],
        "visas_accords": [{"nature": "VISA", "date_envoi": early, "date_reception": received}],
    }  # fmt: skip


def test_the_guides_table_comes_last_with_its_five_columns() -> None:
    act = {"historique": True, "annee_signature": 1986, "objet": "Échanges", "duree_mois": 24}
    grid = shown({"actes": [act]})
    assert lines(grid, SIGNED_ACTS) == [["Fès – Ville d'essai", "Échanges", "24 mois", "France", "1986"]]
    assert grid[1][1] and grid[1][1].link == f"'Tableau de bord'!A{SIGNED_ACTS.row}"
