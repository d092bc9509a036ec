"""The lines of a checklist: added when a case enters the stage that asks for them, once, and never over what is typed."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl

from cdi_sync.assessment import assess, examine
from cdi_sync.edges.installation import Installation
from cdi_sync.edges.workbook_xlsx.reading import read
from cdi_sync.edges.workbook_xlsx.template import build_workbook
from cdi_sync.model import Registry
from cdi_sync.pieces import TAB
from jobs.run import run
from tests.registries import DECLARED, complete, knowledge, registry

DAY = date(2026, 11, 23)
NEGOTIATING = {"date_partenaire_trouve": date(2026, 5, 4), "date_ouverture_negociation": date(2026, 6, 1)}


def lines(read: Registry) -> list[str]:
    """The items that the tab holds or is given, in its order."""
    return [row.text("piece") for row in read[TAB]]


def seen(modules: frozenset[str] = frozenset(), **tabs: list[dict[str, object]]) -> Registry:
    return examine(registry(tabs), replace(knowledge(), modules=modules), DAY).registry


def test_annex_2_is_listed_once_the_negotiation_is_open() -> None:
    before = seen(actes=[{"date_partenaire_trouve": date(2026, 5, 4)}])
    after = seen(actes=[NEGOTIATING])
    assert [item for item in lines(before) if item.startswith("CLA")] == []
    assert [item for item in lines(after) if item.startswith("CLA")] == [f"CLA-{n:02}" for n in range(1, 16)]


def test_a_line_that_is_there_is_not_added_again_and_one_that_was_deleted_is() -> None:
    kept = seen(actes=[NEGOTIATING], pieces_clauses=[{"piece": "CLA-02", "present": True}])
    assert lines(kept).count("CLA-02") == 1
    assert lines(kept).count("CLA-03") == 1
    assert kept[TAB][0].says("present") is True


def test_an_old_act_and_an_abandoned_one_are_asked_for_nothing() -> None:
    assert lines(seen(actes=[{**NEGOTIATING, "historique": True}])) == []
    assert lines(seen(actes=[{**NEGOTIATING, "date_abandon": date(2026, 9, 1), "motif_abandon": "x"}])) == []


def test_a_dormant_twinning_is_given_the_lines_of_its_analysis_and_an_old_one_is_not() -> None:
    def asleep(today: date, **cells: object) -> list[str]:
        rows = {"actes": [{"forme": "JUMELAGE", "date_signature": date(2025, 1, 6), **cells}]}
        rows |= {"phases_jumelage": [{"phase": "ALLER", "date_arretee_par_president": date(2025, 1, 6)}]}
        before = {"date_rapport_pret": date(2024, 1, 8), "date_envoi_rapport": date(2024, 1, 9),
                  "date_reception_dgct": date(2024, 1, 10), "date_transmission_pieces_mi": date(2024, 11, 4)}  # fmt: skip
        rows["actes"][0] |= before
        rows |= {"visas_accords": [{"nature": nature, "sens": "ACCORDE", "date_notification": date(2024, 5, 6)}
                                   for nature in ("ACCORD_PRINCIPE_MI", "APPROBATION_ROYALE")]}  # fmt: skip
        rows |= {"deliberations": [{"objet": "ACTE_CDI", "resultat": "ADOPTEE", "date_deliberation": date(2024, 10, 3),
                                    "date_transmission_pv_autorite": date(2024, 10, 9)}]}  # fmt: skip
        return [line for line in lines(examine(registry(rows), knowledge(), today).registry) if "ANALYSE" in line]

    # last activity on 6 January 2025: 365 days go to 6 January 2026
    assert asleep(date(2026, 1, 6)) == []
    assert asleep(date(2026, 1, 7)) == ["ANALYSE_CONTENU", "ANALYSE_ENGAGEMENTS"]
    assert asleep(date(2026, 1, 7), historique=True) == []


def test_the_terms_of_reference_belong_to_an_outside_evaluation() -> None:
    inside = {"mode": "INTERNE", "moment": "MI_PHASE"}
    outside = {"mode": "EXTERNE", "moment": "MI_PHASE"}
    act = {
        **NEGOTIATING,
        "historique": False,
        "date_signature": date(2025, 1, 6),
        "date_entree_vigueur": date(2025, 2, 3),
    }
    visa = {
        "nature": "VISA",
        "date_reception": date(2024, 11, 1),
        "date_decision": date(2024, 11, 8),
        "sens": "ACCORDE",
    }
    vote = {"objet": "PROJET_CONVENTION", "inscrit_odj": True, "date_deliberation": date(2024, 10, 3), "resultat": "ADOPTEE",
            "date_transmission_pv_autorite": date(2024, 10, 9)}  # fmt: skip
    session = {"date_odj_transmis_autorite": date(2024, 9, 2), "date_ouverture": date(2024, 10, 3)}
    act |= {"date_projet_convention": date(2024, 8, 1), "date_ouverture_negociation": date(2024, 7, 1),
            "date_partenaire_trouve": date(2024, 6, 3)}  # fmt: skip
    read = seen(
        actes=[act], visas_accords=[visa], deliberations=[vote], sessions=[session], evaluations=[inside, outside]
    )
    owners = {row.text("id_evaluation") for row in read[TAB] if row.text("piece").startswith("TDR")}
    assert owners == {"EVA-00002"}


def test_a_dossier_of_a_module_waits_for_it_to_be_switched_on() -> None:
    assert "BESOIN_URGENCE" not in lines(seen(actes=[NEGOTIATING]))
    assert "BESOIN_URGENCE" in lines(seen(frozenset({"projet"}), actes=[NEGOTIATING]))


def orphaned(**tabs: list[dict[str, object]]) -> list[tuple[str, str, str]]:
    """(identifier, message, remedy) of the lines that the checklists tab can't place."""
    problems = examine(registry(tabs), knowledge(), DAY).problems
    return [(problem.id, problem.message, problem.fix) for problem in problems if problem.tab == TAB]


def test_a_line_of_no_agreement_and_no_council_is_told() -> None:
    ((id_, message, fix),) = orphaned(pieces_clauses=[{"id_acte": "", "piece": "AUTRE"}])
    assert id_ == "PIE-00001"
    assert "ne dit ni son acte ni sa collectivité" in message
    assert "« Acte »" in fix and "« Collectivité »" in fix


def test_a_line_of_an_evaluation_without_its_agreement_is_told_which_one_it_is() -> None:
    line = {"id_acte": "", "id_evaluation": "EVA-00001", "collectivite": "COL-00001", "piece": "TDR-01"}
    ((_, message, fix),) = orphaned(evaluations=[{"mode": "EXTERNE"}], pieces_clauses=[line])
    assert "cite l'évaluation EVA-00001 sans son acte" in message
    assert fix == "Écrire dans « Acte » : ACT-00001."


def test_a_line_that_is_placed_or_whose_reference_is_told_already_is_not_told_again() -> None:
    placed = [{"piece": "AUTRE"}, {"id_acte": "", "collectivite": "COL-00001", "piece": "RH-01"}]
    assert orphaned(pieces_clauses=placed) == []
    ((_, message, _),) = orphaned(pieces_clauses=[{"id_acte": "ACT-00077", "piece": "AUTRE"}])
    assert "ACT-00077" in message


def test_each_council_has_its_own_lines_of_annex_1() -> None:
    voted = {"forme": "ADHESION_OING", "collectivite": "COL-00002"}
    vote = {
        "objet": "ADHESION_OING",
        "inscrit_odj": True,
        "resultat": "ADOPTEE",
        "date_deliberation": date(2026, 10, 6),
    }
    read = seen(collectivites=[{}, {"code_hcp": "3231011"}], actes=[voted], deliberations=[vote])
    profile = [row for row in read[TAB] if row.text("piece").startswith("RH")]
    assert [(row.text("id_acte"), row.text("collectivite")) for row in profile] == [("", "COL-00002")] * 5


def test_a_council_is_found_at_fault_on_its_own_line_once() -> None:
    officer = {
        "collectivite": "COL-00001",
        "fonction_role": "REFERENT_CDI",
        "courriel_institutionnel": "cdi@commune.example",
    }
    lines = [{"id_acte": "", "collectivite": "COL-00001", "piece": "RH-02", "note": 3}]
    found = assess(registry({"contacts": [officer], "pieces_clauses": lines}), knowledge(), DAY).findings
    assert [(f.id, f.column) for f in found if f.rule == "RH-02"] == [("PIE-00001", "note")]


def test_one_finding_tells_all_that_a_file_lacks_on_the_first_line_to_mend() -> None:
    act = {"forme": "JUMELAGE", "date_rapport_pret": date(2026, 6, 1)}
    lines = [{"piece": "RAPPORT_ORIGINE", "present": True, "lien": "Dossier 3"}, {"piece": "RAPPORT_POTENTIALITES"}]
    found = assess(registry({"actes": [act], "pieces_clauses": lines}), knowledge(), DAY).findings
    ((id_, column, message),) = [(f.id, f.column, f.message) for f in found if f.rule == "JUM-08"]
    assert (id_, column) == ("PIE-00002", "present")
    assert "il manque : rapport : présentation et potentialités du partenaire ; rapport : affinités" in message


def installation(folder: Path, **settings: int) -> Installation:
    rows = complete({"actes": [NEGOTIATING]})
    (folder / "registre.xlsx").write_bytes(build_workbook(list(DECLARED.tabs.values()), rows, spare_rows=3))
    (folder / "settings.toml").write_text("[registre]\nlignes_en_reserve = 3\nsauvegardes = 0\n", encoding="utf-8")
    return Installation.at(folder / "settings.toml")


def test_a_run_writes_them_below_and_the_next_one_writes_nothing(tmp_path: Path) -> None:
    at = installation(tmp_path)
    run(at, DAY)
    sheet = openpyxl.load_workbook(at.workbook)["Pièces et clauses"]
    assert [sheet.cell(2, column).value for column in (1, 2, 5)] == [
        "PIE-00001", "ACT-00001", "Convention (annexe 2) : CLA-01 textes applicables aux deux partenaires"]  # fmt: skip
    assert [sheet.cell(row, 1).value for row in (21, 22, 24, 25)] == ["PIE-00020", "PIE-00021", "PIE-00023", None]
    assert sheet.cell(22, 2).value is None
    before = at.workbook.read_bytes()
    run(at, DAY)
    assert at.workbook.read_bytes() == before


def test_a_note_beside_an_empty_row_keeps_it_free(tmp_path: Path) -> None:
    at = installation(tmp_path)
    book = openpyxl.load_workbook(at.workbook)
    sheet = book["Pièces et clauses"]
    own = sheet.max_column + 1
    sheet.cell(1, own).value, sheet.cell(3, own).value = "Mes notes", "à garder pour plus tard"
    book.save(at.workbook)
    run(at, DAY)
    grid = read(at.workbook).grids["Pièces et clauses"].rows
    assert [row[1] for row in grid[1:4]] == [None, None, "ACT-00001"]
    assert grid[2][own - 1] == "à garder pour plus tard"
