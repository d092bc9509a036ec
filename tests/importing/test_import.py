"""An existing list taken over, from the file to the registry: nothing lost, nothing doubled, nothing guessed."""

import json
from collections import Counter
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from cdi_sync.cells import is_blank
from cdi_sync.cli import main
from cdi_sync.edges.workbook_xlsx.reading import read
from cdi_sync.edges.workbook_xlsx.template import build_workbook
from cdi_sync.importing.placing import MOTIVE
from cdi_sync.model import Registry
from cdi_sync.names import name_key
from cdi_sync.tables import read_registry
from tests.importing.messy import COUNCILS, HEADER_ROW, ROWS, Messy, messy
from tests.registries import DECLARED

LIST = "vieille liste.xlsx"


def call(*arguments: object) -> int:
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    return int(left.value.code or 0)


def _made(rows: Mapping[str, Any]) -> bytes:
    return build_workbook(list(DECLARED.tabs.values()), rows, spare_rows=200)


@lru_cache(maxsize=1)
def _usual(councils: str) -> bytes:
    return _made({"collectivites": json.loads(councils)})


class Office:
    """An installation whose registry holds three councils, and a list beside it."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str], **more: Any) -> None:
        councils = [{"id": f"COL-{n:05d}", "code_hcp": code, "nom_fr": name, "niveau": "COMMUNE"}
                    for n, (code, name) in enumerate(COUNCILS.items(), start=1)]  # fmt: skip
        self.settings, self.workbook = folder / "registre" / "settings.toml", folder / "registre" / "registre.xlsx"
        self.workbook.parent.mkdir()
        self.settings.touch()
        self.workbook.write_bytes(_made({"collectivites": councils, **more}) if more else _usual(json.dumps(councils)))
        self.folder, self._capsys = folder, capsys

    def put(self, data: bytes, name: str = LIST) -> Path:
        path = self.folder / name
        path.write_bytes(data)
        return path

    def imports(self, path: Path, *options: object) -> Any:
        """What `cdi import --json` says."""
        code = call("import", path, *options, "--config", self.settings, "--as-of", "2026-11-23", "--json")
        told = self._capsys.readouterr()
        assert code == 0, told.err
        return json.loads(told.out)

    def registry(self) -> Registry:
        return read_registry(read(self.workbook).grids, list(DECLARED.tabs.values()))


@pytest.fixture
def office(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Office:
    return Office(tmp_path, capsys)


def agreements(registry: Registry) -> Counter[tuple[Any, ...]]:
    """Every agreement of a registry, by what identifies it."""
    councils = {row.id: row.text("code_hcp") for row in registry["collectivites"]}
    partners = {row.id: (name_key(row.text("nom")), row["pays"]) for row in registry["partenaires"]}
    return Counter(
        (councils[row.text("collectivite")], *partners[row.text("partenaire")], row["forme"], row["objet"],
         row["date_signature"] or row["date_adhesion"], row["annee_signature"], row["mois_signature"])
        for row in registry["actes"]
    )  # fmt: skip


def expected(listed: Messy) -> Counter[tuple[Any, ...]]:
    return Counter(
        (act.code, name_key(act.partner), act.country, act.form, act.subject, act.day, act.year, act.month)
        for act in listed.truth
    )


# ----------------------------------------------------------------------------------------------- the messy list


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_messy_list_gives_each_of_its_agreements_once(office: Office, seed: int) -> None:
    listed = messy(seed)
    assert len(listed.rows) >= ROWS
    told = office.imports(office.put(listed.as_xlsx()), "--apply")
    registry = office.registry()
    assert agreements(registry) == expected(listed)
    assert registry.problems == tuple(p for p in registry.problems if p.column == "type")  # the list doesn't give it
    partners = Counter((name_key(row.text("nom")), row["pays"]) for row in registry["partenaires"])
    assert set(partners.values()) == {1}
    doubled = {row["row"]: row for row in told["rows"] if row["fate"] == "double"}
    assert set(doubled) == listed.doubled
    assert all(row["why"].startswith("même acte que ligne ") for row in doubled.values())
    assert told["added"] == {"actes": len(listed.truth), "partenaires": len(partners)}


def test_every_row_and_every_cell_is_placed_or_told_with_a_reason(office: Office) -> None:
    listed = messy()
    path = office.put(listed.as_xlsx())
    told = office.imports(path, "--apply")
    seen = {(row["sheet"], row["row"], cell["letter"]): cell for row in told["rows"] for cell in row["cells"]}
    assert set(seen) == filled(path)
    assert all(bool(cell["place"]) != bool(cell["why"]) for cell in seen.values())
    assert all(cell["text"] for cell in seen.values())
    held = contents(office.registry())
    places = {cell["place"] for cell in seen.values() if cell["place"]}
    assert places <= held, sorted(places - held)[:5]
    assert {row["fate"] for row in told["rows"]} == {"place", "double", "ecarte"}
    assert all(row["why"] for row in told["rows"] if row["fate"] != "place")


def filled(path: Path) -> set[tuple[str, int, str]]:
    """The cells of a workbook that hold something, read by another program."""
    return {
        (sheet.title, cell.row, cell.column_letter)
        for sheet in openpyxl.load_workbook(path)
        for row in sheet.iter_rows()
        for cell in row
        if not is_blank(cell.value)
    }


def contents(registry: Registry) -> set[str]:
    """ "ACT-00042.objet" for every cell of a registry that holds something."""
    return {f"{row.id}.{key}" for rows in registry.rows.values() for row in rows for key in row.values}


def test_importing_twice_adds_nothing(office: Office) -> None:
    path = office.put(messy().as_xlsx())
    first = office.imports(path, "--apply")
    before = office.workbook.read_bytes()
    again = office.imports(path, "--apply")
    assert first["added"]["actes"] > 200
    assert again["added"] == {"actes": 0, "partenaires": 0}
    assert office.workbook.read_bytes() == before
    placed = [row["row"] for row in first["rows"] if row["fate"] == "place"]
    assert {row["row"] for row in again["rows"] if row["fate"] == "double"} >= set(placed)


def test_without_apply_the_registry_is_not_touched_and_the_correspondence_is_kept_beside_the_list(
    office: Office,
) -> None:
    path, before = office.put(messy().as_xlsx()), office.workbook.read_bytes()
    told = office.imports(path)
    assert office.workbook.read_bytes() == before
    assert (told["applied"], told["written"]) == (False, {"cells": 0, "rows": 0})
    assert (office.folder / f"{LIST}.correspondance.toml").is_file()
    sheet, notes = told["sheets"]
    assert (sheet["header_row"], notes["header_row"]) == (HEADER_ROW, None)
    to = {column["letter"]: column["to"] for column in sheet["columns"]}
    assert to == {"A": "", "B": "actes.collectivite", "C": "partenaires.nom", "D": "partenaires.pays", "E": "actes.forme",
                  "F": "actes.objet", "G": "actes.date_signature", "H": "actes.duree_mois", "I": ""}  # fmt: skip


def test_a_dry_run_writes_nothing_at_all(office: Office) -> None:
    path, before = office.put(messy().as_xlsx()), office.workbook.read_bytes()
    told = office.imports(path, "--apply", "--dry-run")
    assert told["added"]["actes"] > 0
    assert office.workbook.read_bytes() == before
    assert not list(office.folder.glob("*.toml"))


def test_a_dated_copy_of_the_registry_is_kept(office: Office) -> None:
    before = office.workbook.read_bytes()
    office.imports(office.put(messy().as_xlsx()), "--apply")
    (copy,) = (office.workbook.parent / "sauvegardes").iterdir()
    assert copy.read_bytes() == before


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_text_files_are_read_whatever_their_separator_and_their_encoding(
    office: Office, separator: str, encoding: str
) -> None:
    listed = messy(arabic=False)
    told = office.imports(office.put(listed.as_text(separator, encoding), "liste.csv"))
    reference = office.imports(office.put(listed.as_text(";", "utf-8"), "reference.csv"))
    assert told["added"] == reference["added"]
    assert told["added"]["actes"] > 200
    assert [(row["fate"], len(row["cells"])) for row in told["rows"]] == [
        (row["fate"], len(row["cells"])) for row in reference["rows"]
    ]


# ---------------------------------------------------------------------------------------------- one line at a time


def one(office: Office, *rows: list[Any], options: tuple[object, ...] = (), title: str = "Feuille 1") -> Any:
    """Imports a small sheet, titles first, into the registry."""
    book = openpyxl.Workbook()
    book.worksheets[0].title = title
    for row in rows:
        book.worksheets[0].append(row)
    path = office.folder / "petite.xlsx"
    path.with_name("petite.xlsx.correspondance.toml").unlink(missing_ok=True)
    book.save(path)
    return office.imports(path, "--apply", *options)


TITLES = ["Commune", "Partenaire", "Pays", "Nature", "Date"]


@pytest.mark.parametrize(
    ("typed", "cells"),
    [
        (date(2009, 3, 12), {"date_signature": date(2009, 3, 12)}),
        ("25/03/2009", {"date_signature": date(2009, 3, 25)}),
        (2009, {"annee_signature": 2009}),
        ("2009", {"annee_signature": 2009}),
        ("mars 2009", {"annee_signature": 2009, "mois_signature": 3}),
        ("03/2009", {"annee_signature": 2009, "mois_signature": 3}),
        ("مارس 2009", {"annee_signature": 2009, "mois_signature": 3}),
    ],
)
def test_a_date_goes_where_what_is_known_of_it_belongs(office: Office, typed: Any, cells: Mapping[str, Any]) -> None:
    one(office, TITLES, ["Fès", "Lyon", "France", "Jumelage", typed])
    (act,) = office.registry()["actes"]
    keys = ("date_signature", "annee_signature", "mois_signature", "date_adhesion")
    assert {key: act[key] for key in keys if act[key] is not None} == cells


@pytest.mark.parametrize("typed", ["03/04/2009", "12/05/98", "bientôt"])
def test_a_date_that_reads_two_ways_is_left_out_and_told(office: Office, typed: str) -> None:
    told = one(office, TITLES, ["Fès", "Lyon", "France", "Jumelage", typed])
    (act,) = office.registry()["actes"]
    assert (act["date_signature"], act["annee_signature"]) == (None, None)
    (cell,) = [cell for row in told["rows"] for cell in row["cells"] if cell["text"] == typed]
    assert cell["place"] == ""
    assert "Date de signature" in cell["why"]


def test_the_date_of_a_membership_is_that_of_its_admission(office: Office) -> None:
    one(office, TITLES, ["Fès", "CGLU", None, "Adhésion", date(2009, 3, 12)])
    (act,) = office.registry()["actes"]
    assert (act["forme"], act["date_adhesion"], act["date_signature"]) == ("ADHESION_OING", date(2009, 3, 12), None)


def test_a_form_may_say_its_subtype_and_an_unknown_one_is_never_guessed(office: Office) -> None:
    told = one(
        office,
        TITLES,
        ["Fès", "Lyon", "France", "Convention-cadre", 2001],
        ["Fès", "Lille", "France", "Pacte d'amitié", 2002],
    )
    first, second = office.registry()["actes"]
    assert (first["forme"], first["sous_type"]) == ("CONVENTION", "CONVENTION_CADRE")
    assert second["forme"] is None
    (cell,) = [cell for row in told["rows"] for cell in row["cells"] if cell["text"] == "Pacte d'amitié"]
    assert "n'est pas dans la liste" in cell["why"]


def test_a_partner_of_the_registry_is_linked_and_left_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known = {
        "id": "PAR-00001",
        "nom": "Ville de Lyon",
        "type": "COLLECTIVITE_ETRANGERE",
        "pays": "France",
        "population": 500000,
    }
    office = Office(tmp_path, capsys, partenaires=[known])
    told = one(office, [*TITLES, "Population"], ["Fès", "LYON", "FR", "Jumelage", 1986, 516000])
    assert told["added"] == {"actes": 1, "partenaires": 0}
    registry = office.registry()
    assert registry["actes"][0]["partenaire"] == "PAR-00001"
    assert registry["partenaires"][0]["population"] == 500000
    (cell,) = [
        cell for row in told["rows"] for cell in row["cells"] if cell["header"] == "Population" and row["row"] > 1
    ]
    assert "PAR-00001 était déjà dans le registre" in cell["why"]


def test_an_agreement_of_the_registry_is_not_added_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    partner = {"id": "PAR-00001", "nom": "Lyon", "type": "COLLECTIVITE_ETRANGERE", "pays": "France"}
    act = {"id": "ACT-00001", "forme": "JUMELAGE", "collectivite": "COL-00001", "partenaire": "PAR-00001",
           "date_signature": date(2009, 3, 12)}  # fmt: skip
    office = Office(tmp_path, capsys, partenaires=[partner], actes=[act])
    told = one(
        office,
        TITLES,
        ["Fès", "Lyon", "France", "Jumelage", date(2009, 4, 12)],  # 31 days later
        ["Fès", "Lyon", "France", "Jumelage", date(2009, 4, 13)],  # 32
        ["Fès", "Lyon", "France", "Jumelage", "mars 2009"],
        ["Rabat", "Lyon", "France", "Jumelage", date(2009, 3, 12)],
        ["Fès", "Lyon", "France", "Convention", date(2009, 3, 12)],
    )
    assert [row["fate"] for row in told["rows"][1:]] == ["double", "place", "double", "place", "place"]
    assert "ACT-00001" in told["rows"][1]["why"]
    assert "dates proches (12/04/2009 et 12/03/2009)" in told["rows"][1]["why"]


@pytest.mark.parametrize(
    ("council", "why"),
    [
        (
            "Casablanca",
            "« Casablanca » n'est pas dans l'onglet Collectivités (liste du HCP : 06.141 Casablanca (préfecture)",
        ),
        ("Tombouctou", "« Tombouctou » n'est pas dans l'onglet Collectivités : l'y inscrire d'abord"),
        ("Meknas", "proches : COL-00003 Meknès"),
        (None, "la collectivité n'est pas indiquée"),
    ],
)
def test_a_line_whose_council_is_unknown_is_left_with_its_reason(office: Office, council: str | None, why: str) -> None:
    told = one(office, TITLES, [council, "Lyon", "France", "Jumelage", 1986])
    assert told["rows"][1]["fate"] == "ecarte"
    assert why in told["rows"][1]["why"]
    assert told["added"] == {"actes": 0, "partenaires": 0}


def test_two_partners_of_one_name_are_never_chosen_between(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    twins = [
        {"id": f"PAR-0000{n}", "nom": "Valence", "type": "COLLECTIVITE_ETRANGERE", "pays": country}
        for n, country in ((1, "France"), (2, "Espagne"))
    ]
    office = Office(tmp_path, capsys, partenaires=twins)
    told = one(
        office, TITLES, ["Fès", "Valence", None, "Jumelage", 1986], ["Fès", "Valence", "ES", "Jumelage", 1986],
        ["Fès", "PAR-00001", None, "Jumelage", 1986], ["Fès", "PAR-00077", None, "Jumelage", 1986],
    )  # fmt: skip
    assert [row["ids"][-1:] for row in told["rows"][1:]] == [[], ["PAR-00002"], ["PAR-00001"], []]
    assert "désigne plusieurs partenaires (PAR-00001, PAR-00002)" in told["rows"][1]["why"]
    assert "n'est le numéro d'aucun partenaire" in told["rows"][4]["why"]


def test_signed_agreements_are_marked_as_old_ones_only_when_asked(office: Office) -> None:
    rows = [TITLES, ["Fès", "Lyon", "France", "Jumelage", 1986], ["Fès", "Lille", "France", "Jumelage", date(2026, 11, 23)],
            ["Fès", "Nantes", "France", "Jumelage", None]]  # fmt: skip
    one(office, *rows[:2])
    one(office, *rows, options=("--historique",))
    told = [(row["historique"], row["historique_motif"]) for row in office.registry()["actes"]]
    assert told == [
        (None, None),
        (None, None),
        (None, None),
    ]  # the first was there; the others aren't older than the day
    one(office, TITLES, ["Fès", "Porto", "Portugal", "Jumelage", 1999], options=("--historique",))
    assert (office.registry()["actes"][3]["historique"], MOTIVE) == (
        True,
        office.registry()["actes"][3]["historique_motif"],
    )


def test_a_duration_is_counted_in_months_when_its_unit_is_known(office: Office) -> None:
    told = one(
        office, [*TITLES, "Durée"], ["Fès", "Lyon", "France", "Convention", 2001, "3 ans"],
        ["Fès", "Lille", "France", "Convention", 2001, "18 mois"], ["Fès", "Nantes", "France", "Convention", 2001, 5],
    )  # fmt: skip
    assert [row["duree_mois"] for row in office.registry()["actes"]] == [36, 18, None]
    assert "ne dit pas un nombre de mois" in told["rows"][3]["cells"][-1]["why"]


def test_the_form_that_the_sheet_says_holds_for_its_lines_and_can_be_changed(office: Office) -> None:
    told = one(office, ["Commune", "Partenaire", "Pays", "Date"], ["Fès", "Lyon", "France", 1986], title="Jumelages")
    assert told["sheets"][0]["constants"] == {"actes.forme": "Jumelage"}
    assert office.registry()["actes"][0]["forme"] == "JUMELAGE"


def test_a_list_without_a_council_column_is_that_of_the_council_given(office: Office) -> None:
    told = one(office, TITLES[1:], ["Lyon", "France", "Jumelage", 1986])
    assert told["rows"][1]["why"] == "la collectivité n'est pas indiquée"
    one(office, TITLES[1:], ["Lyon", "France", "Jumelage", 1986], options=("--collectivite", "Rabat"))
    assert office.registry()["actes"][0]["collectivite"] == "COL-00002"


def test_values_correct_a_title_that_says_something_else(office: Office) -> None:
    lines = [["Fès", town, "Jumelage", 1990 + n] for n, town in enumerate(("Lyon", "Lille", "Nantes"))]
    told = one(office, ["Commune", "Partenaire", "Type", "Date"], *lines)
    assert [c["to"] for c in told["sheets"][0]["columns"]][2] == "actes.forme"
    assert told["sheets"][0]["columns"][2]["how"] == "d'après les valeurs"


def test_a_cell_merged_down_a_column_counts_for_each_line(office: Office) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (TITLES, ["Fès", "Lyon", "France", "Jumelage", 1986], [None, "Lille", "France", "Jumelage", 1990]):
        sheet.append(row)
    sheet.merge_cells("A2:A3")
    book.save(office.folder / "fusion.xlsx")
    office.imports(office.folder / "fusion.xlsx", "--apply")
    assert [row["collectivite"] for row in office.registry()["actes"]] == ["COL-00001", "COL-00001"]


def test_a_list_of_partners_gives_partners_only(office: Office) -> None:
    told = one(office, ["Nom du partenaire", "Pays"], ["Lyon", "France"], ["LYON", "FR"], ["Lille", "France"])
    assert told["added"] == {"actes": 0, "partenaires": 2}
    assert [row["nom"] for row in office.registry()["partenaires"]] == ["Lyon", "Lille"]


# ---------------------------------------------------------------------------------------------- the correspondence


def test_the_correspondence_that_a_person_changed_is_followed(office: Office) -> None:
    path = office.put(messy().as_xlsx())
    office.imports(path)
    kept = office.folder / f"{LIST}.correspondance.toml"
    text = kept.read_text(encoding="utf-8")
    changed = text.replace('titre = "Observations", vers = ""', 'titre = "Observations", vers = "actes.source_info"')
    assert changed != text
    kept.write_text(changed, encoding="utf-8")
    told = office.imports(path, "--apply")
    assert kept.read_text(encoding="utf-8") == changed
    assert {c["how"] for c in told["sheets"][0]["columns"]} == {"correspondance donnée"}
    assert "à relancer" in {row["source_info"] for row in office.registry()["actes"]}


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ('vers = "actes.objet"', 'vers = "actes.objets"', "« actes.objets » n'est pas une colonne du registre"),
        ('vers = "actes.objet"', 'vers = "actes.etape"', "« actes.etape » n'est pas une colonne du registre"),
        ('vers = "actes.objet"', 'vers = "actes.forme"', "« actes.forme » reçoit deux colonnes"),
        ('lettre = "F"', 'lettre = "E"', "au lieu de"),
        ('feuille = "Notes"', 'feuille = "Autre"', "la liste n'a pas de feuille « Autre »"),
    ],
)
def test_a_correspondence_that_does_not_fit_is_refused_with_its_place(
    office: Office, capsys: pytest.CaptureFixture[str], before: str, after: str, why: str
) -> None:
    path = office.put(messy().as_xlsx())
    office.imports(path)
    kept = office.folder / f"{LIST}.correspondance.toml"
    text = kept.read_text(encoding="utf-8")
    assert before in text
    kept.write_text(text.replace(before, after), encoding="utf-8")
    assert call("import", path, "--mapping", kept, "--apply", "--config", office.settings) == 2
    assert why in capsys.readouterr().err


# -------------------------------------------------------------------------------------------------------- refusals


def test_a_list_without_a_partner_is_refused_with_what_was_recognised(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    path = office.put(b"a;b\n1;2\n", "rien.csv")
    assert call("import", path, "--config", office.settings) == 2
    assert "Aucune colonne de la liste ne donne le partenaire" in capsys.readouterr().err


@pytest.mark.parametrize("data", [b"", b"   \n", b"PK\x03\x04rest", b"\xd0\xcf\x11\xe0Workbook"])
def test_what_is_no_list_is_refused(office: Office, data: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("import", office.put(data, "liste.csv"), "--config", office.settings) == 3
    assert "Que faire" in capsys.readouterr().err


def test_an_open_registry_is_left_alone(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    path, before = office.put(messy().as_xlsx()), office.workbook.read_bytes()
    (office.workbook.parent / f".~lock.{office.workbook.name}#").write_text(",Amina,poste,;", encoding="utf-8")
    assert call("import", path, "--apply", "--config", office.settings) == 3
    assert "Le classeur est ouvert" in capsys.readouterr().err
    assert office.workbook.read_bytes() == before


def test_a_person_reads_the_table_the_rows_left_and_what_to_do_next(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    path = office.put(messy().as_xlsx())
    assert call("import", path, "--config", office.settings, "--as-of", "2026-11-23") == 0
    told = capsys.readouterr().out
    assert "→ Partenaires, Nom  (titre connu)" in told
    assert "« Observations », sans correspondance :" in told
    assert ": ligne de total" in told
    assert "À compléter ensuite : « Type de partenaire », obligatoire" in told
    assert "Rien n'a été écrit dans le registre." in told
    assert f"« cdi import {path} --apply »" in told
