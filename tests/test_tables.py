"""From raw sheets to typed rows: where the columns are found, what identifies a row, what can't be used and why.

Sheets are made by tests/registries.py with the declared titles, then changed as people change them. The first row
of data is row 2, the title row being row 1.
"""

from collections.abc import Callable
from datetime import date, datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdi_sync.errors import ExitCode, RegistryError
from cdi_sync.model import CellError, CellProblem, Grid, Raw, Registry
from cdi_sync.tables import letters, read_registry
from tests.registries import DECLARED, Rows, complete, grids

TABS = list(DECLARED.tabs.values())
Lines = list[list[Raw]]
NBSP, RLM, LRI, PDI = "\u00a0", "\u200f", "\u2066", "\u2069"


def sheets(rows: Rows | None = None) -> dict[str, Grid]:
    return grids(complete(rows or {}))


def read(found: dict[str, Grid]) -> Registry:
    return read_registry(found, TABS)


def changed(found: dict[str, Grid], title: str, change: Callable[[Lines], Lines]) -> dict[str, Grid]:
    """The same sheets, one of them changed."""
    lines = [list(row) for row in found[title].rows]
    return {**found, title: Grid(title, change(lines))}


def retitled(before: str, after: Raw) -> Callable[[Lines], Lines]:
    return lambda lines: [[after if raw == before else raw for raw in lines[0]], *lines[1:]]


def refused(found: dict[str, Grid]) -> str:
    """Why those sheets can't be used."""
    with pytest.raises(RegistryError) as caught:
        read(found)
    assert caught.value.exit_code is ExitCode.WORKBOOK
    assert caught.value.fix
    return caught.value.why


def at(lines: Lines, title: str) -> int:
    return lines[0].index(title)


def told(registry: Registry, tab: str) -> list[tuple[str, int, str]]:
    """(rule, row, column) of the problems of a tab."""
    return [(problem.rule, problem.row, problem.column) for problem in registry.problems if problem.tab == tab]


def only_problem(registry: Registry) -> CellProblem:
    (problem,) = registry.problems
    return problem


# ---------------------------------------------------------------------------------------------------- headers


@pytest.mark.parametrize(
    "written",
    [
        "Forme",
        "Forme de l'acte",  # alias
        "Forme de l\u2019acte",  # curly apostrophe
        "الشكل",  # alias in Arabic
        f"{RLM}الشكل{RLM}",
        "FORME",
        "  forme  ",
        f"Forme{NBSP}de{NBSP}l'acte",
        f"{LRI}Forme{PDI}",
        "Fo\u0301rme",  # a stray accent
        "Forme de\nl'acte",  # wrapped by hand
    ],
)
def test_a_column_is_found_however_its_title_is_written(written: str) -> None:
    found = changed(sheets(), "Actes", retitled("Forme", written))
    assert read(found)["actes"][0]["forme"] == "CONVENTION"


@pytest.mark.parametrize("written", ["actes", "ACTES ", f"Actes{NBSP}", "Conventions et jumelages", f"{RLM}Actes"])
def test_a_tab_is_found_however_its_name_is_written(written: str) -> None:
    found = {written if title == "Actes" else title: grid for title, grid in sheets().items()}
    assert read(found)["actes"][0].id == "ACT-00001"


def test_accents_may_be_missing_from_titles_and_tabs() -> None:
    found = changed(sheets(), "Collectivités", retitled("Début du mandat", "Debut du mandat"))
    found["Collectivites"] = found.pop("Collectivités")
    assert read(found)["collectivites"][0]["nom_fr"] == "Fès"


def test_columns_may_be_moved() -> None:
    found = changed(sheets(), "Actes", lambda lines: [list(reversed(row)) for row in lines])
    registry = read(found)
    assert registry["actes"][0]["intitule"] == "Acte d'essai"
    assert registry.layouts["actes"].positions["id"] == len(found["Actes"].rows[0])


def test_columns_of_our_own_may_be_added_anywhere() -> None:
    added = changed(sheets(), "Actes", lambda lines: [["Notes du bureau", *lines[0]], ["à voir", *lines[1]]])
    registry = read(added)
    assert registry["actes"][0]["intitule"] == "Acte d'essai"
    assert registry.layouts["actes"].positions["id"] == 2
    assert registry.problems == ()


@pytest.mark.parametrize("above", [0, 1, 9])
def test_titles_may_stand_under_other_lines(above: int) -> None:
    banner: Lines = [["Registre de la commune"] for _ in range(above)]
    registry = read(changed(sheets(), "Actes", lambda lines: [*banner, *lines]))
    assert registry.layouts["actes"].header_row == above + 1
    assert registry["actes"][0].number == above + 2


def test_titles_below_the_tenth_row_are_not_looked_for() -> None:
    banner: Lines = [["Registre"] for _ in range(10)]
    why = refused(changed(sheets(), "Actes", lambda lines: [*banner, *lines]))
    assert "Onglet « Actes » : aucune ligne de titres dans les 10 premières lignes" in why


def test_a_row_shorter_than_the_titles_is_read_as_far_as_it_goes() -> None:
    registry = read(changed(sheets(), "Actes", lambda lines: [lines[0], lines[1][: at(lines, "Partenaire") + 1], []]))
    assert registry["actes"][0]["intitule"] == "Acte d'essai"
    assert registry.problems == ()


# --------------------------------------------------------------------------------- what can't be used at all


def test_a_missing_column_is_named() -> None:
    why = refused(changed(sheets(), "Actes", retitled("Forme", None)))
    assert why == "Onglet « Actes » : la colonne « Forme » manque."


def test_a_missing_column_comes_with_the_title_that_may_have_replaced_it() -> None:
    why = refused(changed(sheets(), "Actes", retitled("Date de signature", "Date de la signature")))
    assert why.startswith("Onglet « Actes » : la colonne « Date de signature » manque")
    assert "« Date de la signature » l'a-t-elle remplacée ?" in why


def test_a_doubled_column_is_named_with_its_two_places() -> None:
    # "Forme" stands in C; the alias is added after the last column
    def doubled(lines: Lines) -> Lines:
        return [[*lines[0], "Forme de l'acte"], *lines[1:]]

    last = letters(len(DECLARED.tabs["actes"].columns) + 1)
    why = refused(changed(sheets(), "Actes", doubled))
    assert why == (
        f"Onglet « Actes » : la colonne « Forme » est en double (C « Forme » et {last} « Forme de l'acte »)."
    )


def test_a_missing_tab_is_named_with_the_one_that_resembles_it() -> None:
    found = sheets()
    found["Sesions"] = Grid("Sesions", found.pop("Sessions").rows)
    assert refused(found) == "Onglet « Sessions » : introuvable ; « Sesions » en est proche."


def test_a_missing_tab_that_nothing_resembles_is_named() -> None:
    found = sheets()
    del found["Sessions"]
    assert refused(found) == "Onglet « Sessions » : introuvable."


def test_two_tabs_for_one_are_named() -> None:
    found = sheets()
    found["Conventions et jumelages"] = Grid("Conventions et jumelages", found["Actes"].rows)
    assert "Onglet « Actes » : il y en a 2 (« Actes », « Conventions et jumelages »)." in refused(found)


def test_every_cause_is_told_at_once() -> None:
    found = changed(sheets(), "Actes", retitled("Forme", "???"))
    found = changed(found, "Sessions", lambda lines: [[*lines[0], "Ouverture"]])
    del found["Dérogations"]
    causes = refused(found).splitlines()
    assert len(causes) == 3
    assert {cause.split(" : ")[0] for cause in causes} == {
        "Onglet « Actes »",
        "Onglet « Sessions »",
        "Onglet « Dérogations »",
    }


@pytest.mark.parametrize(("index", "name"), [(1, "A"), (26, "Z"), (27, "AA"), (28, "AB"), (702, "ZZ"), (703, "AAA")])
def test_columns_are_called_by_their_letters(index: int, name: str) -> None:
    assert letters(index) == name


# ------------------------------------------------------------------------------------------------ identifiers


def named(*ids: Raw) -> dict[str, Grid]:
    """Sheets with one partner for each identifier."""
    return sheets({"partenaires": [{"id": id_, "nom": f"Ville {rank}"} for rank, id_ in enumerate(ids)]})


def test_rows_are_followed_by_their_identifier_whatever_their_order() -> None:
    swapped = changed(
        sheets({"partenaires": [{"nom": "Ville A"}, {"nom": "Ville B"}], "actes": [{"partenaire": "PAR-00002"}]}),
        "Partenaires",
        lambda lines: [lines[0], lines[2], lines[1]],
    )
    registry = read(swapped)
    assert [(row.id, row.number, row["nom"]) for row in registry["partenaires"]] == [
        ("PAR-00001", 3, "Ville A"),
        ("PAR-00002", 2, "Ville B"),
    ]
    assert registry["actes"][0]["partenaire"] == "PAR-00002"


def test_a_used_row_without_number_gets_the_one_after_the_highest() -> None:
    registry = read(named("PAR-00001", "", "PAR-00041", ""))
    assert registry.newly_numbered["partenaires"] == {3: "PAR-00042", 5: "PAR-00043"}
    assert [row.id for row in registry["partenaires"]] == ["PAR-00001", "PAR-00041", "PAR-00042", "PAR-00043"]


def test_a_new_number_never_takes_one_that_waits_on_a_spare_row() -> None:
    spare = changed(named("PAR-00001", ""), "Partenaires", lambda lines: [*lines, ["PAR-00200"]])
    registry = read(spare)
    assert registry.newly_numbered["partenaires"] == {3: "PAR-00201"}
    assert registry.spare["partenaires"] == {4: "PAR-00200"}


def test_a_row_that_holds_only_system_cells_is_empty() -> None:
    def run_before(lines: Lines) -> Lines:
        line: list[Raw] = [None] * len(lines[0])
        line[0] = "ACT-00002"
        line[at(lines, "À corriger")], line[at(lines, "Contrôlé le")] = "rien", date(2026, 11, 23)
        line[at(lines, "Étape")], line[at(lines, "Intitulé")] = "Besoin déterminé", f" {NBSP}{RLM}"
        return [*lines, line]

    registry = read(changed(sheets(), "Actes", run_before))
    assert [row.id for row in registry["actes"]] == ["ACT-00001"]
    assert registry.spare["actes"] == {3: "ACT-00002"}
    assert registry.problems == ()


def test_an_empty_row_without_number_is_nothing_at_all() -> None:
    registry = read(changed(sheets(), "Actes", lambda lines: [lines[0], [], lines[1], [None, ""]]))
    assert [(row.id, row.number) for row in registry["actes"]] == [("ACT-00001", 3)]
    assert registry.spare["actes"] == registry.newly_numbered["actes"] == {}


def test_a_doubled_identifier_quarantines_both_rows_and_spares_the_third() -> None:
    registry = read(named("PAR-00001", "PAR-00002", "PAR-00002"))
    assert [row.quarantined for row in registry["partenaires"]] == [False, True, True]
    assert told(registry, "partenaires") == [("DATA-01", 3, "id"), ("DATA-01", 4, "id")]
    first, second = registry.problems
    assert first.message == "Le numéro PAR-00002 sert aussi ligne 4 : aucune des deux lignes n'est suivie."
    assert second.message == "Le numéro PAR-00002 sert aussi ligne 3 : aucune des deux lignes n'est suivie."
    assert first.fix == "Effacer le numéro de la ligne copiée (la colonne A seulement) : elle en recevra un nouveau."


def test_a_number_copied_onto_a_spare_row_is_doubled_too() -> None:
    registry = read(changed(named("PAR-00001"), "Partenaires", lambda lines: [*lines, ["PAR-00001"]]))
    assert [row.quarantined for row in registry["partenaires"]] == [True]
    assert registry["actes"][0]["partenaire"] is None  # it named PAR-00001
    assert registry.spare["partenaires"] == {3: "PAR-00001"}  # the finding speaks of it: no run gives it another


def test_a_number_doubled_among_spare_rows_alone_stays_to_the_first_and_is_given_anew_to_the_others() -> None:
    lines: Lines = [["PAR-00002"], ["PAR-00002"], ["PAR-00003"]]
    registry = read(changed(named("PAR-00001"), "Partenaires", lambda found: [*found, *lines]))
    assert registry.problems == ()
    assert registry.spare["partenaires"] == {3: "PAR-00002", 5: "PAR-00003"}


def test_what_refers_to_a_doubled_identifier_is_left_unknown_without_a_second_report() -> None:
    registry = read(named("PAR-00001", "PAR-00001"))  # the agreement's partner is PAR-00001
    assert registry["actes"][0]["partenaire"] is None
    assert "partenaire" in registry["actes"][0].unreadable
    assert told(registry, "actes") == []


# ------------------------------------------------------------------------------------------------- references


def test_a_reference_to_nothing_is_a_problem_of_its_cell_and_the_row_lives_on() -> None:
    registry = read(sheets({"actes": [{"partenaire": "PAR-00099"}]}))
    row = registry["actes"][0]
    assert (row["partenaire"], row["collectivite"], row["intitule"]) == (None, "COL-00001", "Acte d'essai")
    problem = only_problem(registry)
    assert (problem.rule, problem.tab, problem.row, problem.column) == ("DATA-01", "actes", 2, "partenaire")
    assert problem.read == "PAR-00099"
    assert problem.message == (
        "« Partenaire » : « PAR-00099 » ne désigne aucune ligne remplie de l'onglet « Partenaires »."
    )
    assert problem.expected == "un numéro de l'onglet « Partenaires », comme PAR-00001"


def test_a_reference_to_a_spare_row_is_a_problem_too() -> None:
    found = sheets({"actes": [{"partenaire": "PAR-00002"}]})
    spare = changed(found, "Partenaires", lambda lines: [*lines, ["PAR-00002"]])
    assert told(read(spare), "actes") == [("DATA-01", 2, "partenaire")]


@pytest.mark.parametrize(
    "typed",
    ["COL-00001", "col-00001", f"{RLM}COL-00001{NBSP}", "COL-00001 Commune d'essai", "3231010", 3231010, 3231010.0],
)
def test_a_council_is_designated_by_its_identifier_or_its_official_code(typed: Raw) -> None:
    registry = read(sheets({"actes": [{"collectivite": typed}]}))
    assert registry["actes"][0]["collectivite"] == "COL-00001"
    assert registry.problems == ()


def test_an_official_code_that_two_councils_share_designates_neither() -> None:
    registry = read(sheets({"collectivites": [{}, {"nom_fr": "Autre"}], "actes": [{"collectivite": "3231010"}]}))
    assert registry["actes"][0]["collectivite"] is None
    assert only_problem(registry).message == (
        "« Collectivité » : « 3231010 » désigne plusieurs lignes de l'onglet « Collectivités »."
    )


@pytest.mark.parametrize(
    ("typed", "proposed"),
    [
        ("Lyon", " ; vouliez-vous dire « PAR-00002 Ville de Lyon » ou « PAR-00003 Métropole de Lyon » ?"),
        ("Ville de Lyon", " ; vouliez-vous dire « PAR-00002 Ville de Lyon » ou « PAR-00003 Métropole de Lyon » ?"),
        ("Marseile", " ; vouliez-vous dire « PAR-00001 Marseille » ?"),
        ("PAR-1", " ; vouliez-vous dire PAR-00001 ?"),
        ("2", " ; vouliez-vous dire PAR-00002 ?"),
        ("Tombouctou", "."),
    ],
)
def test_a_partner_typed_by_its_name_is_proposed_with_its_number_and_never_chosen(typed: str, proposed: str) -> None:
    partners = [{"nom": "Marseille"}, {"nom": "Ville de Lyon"}, {"nom": "Métropole de Lyon"}]
    registry = read(sheets({"partenaires": partners, "actes": [{"partenaire": typed}]}))
    assert registry["actes"][0]["partenaire"] is None
    assert only_problem(registry).message == (
        f"« Partenaire » : « {typed} » ne désigne aucune ligne remplie de l'onglet « Partenaires »{proposed}"
    )


def test_an_agreement_typed_by_its_title_and_a_council_by_its_arabic_name_are_proposed() -> None:
    registry = read(sheets({
        "collectivites": [{"nom_ar": "فاس"}],
        "actes": [{"intitule": "Jumelage Fès – Florence"}],
        "deliberations": [{"id_acte": "jumelage fes florence"}],
        "sessions": [{"collectivite": "فاس"}],
    }))  # fmt: skip
    told = {problem.column: problem.message for problem in registry.problems}
    assert "vouliez-vous dire « ACT-00001 Jumelage Fès – Florence » ?" in told["id_acte"]
    assert "vouliez-vous dire « COL-00001 فاس » ?" in told["collectivite"]


# ----------------------------------------------------------------------------------------------- one bad row


def test_a_required_cell_that_is_empty_is_told_and_the_row_lives_on() -> None:
    registry = read(sheets({"actes": [{"forme": None}]}))
    row = registry["actes"][0]
    assert (row["forme"], row["intitule"]) == (None, "Acte d'essai")
    assert row.unreadable == {"forme"}
    problem = only_problem(registry)
    assert (problem.rule, problem.column, problem.read) == ("DATA-02", "forme", "")
    assert problem.message == "« Forme » est vide : la ligne ne peut pas être suivie sans elle."
    assert problem.fix == "Remplir « Forme »."


def test_a_required_cell_that_is_unreadable_is_told_once() -> None:
    problem = only_problem(read(sheets({"actes": [{"forme": "Jumelle"}]})))
    assert problem.message.startswith("« Forme » illisible : « Jumelle » n'est pas dans la liste")


def test_an_unreadable_cell_says_where_what_and_how_to_mend_it() -> None:
    problem = only_problem(read(sheets({"actes": [{"date_creation": "bientôt"}]})))
    assert (problem.rule, problem.tab, problem.id, problem.row, problem.column) == (
        "DATA-02",
        "actes",
        "ACT-00001",
        2,
        "date_creation",
    )
    assert (problem.read, problem.expected) == ("bientôt", "une date, comme 31/03/2026")
    assert problem.message == "« Date de création » illisible : « bientôt » n'est pas une date."
    assert problem.fix == "Saisir une date jj/mm/aaaa."


def test_one_bad_row_does_not_touch_the_others() -> None:
    good = {"date_creation": date(2026, 1, 5)}
    bad = {"date_creation": "bientôt", "cout_global": "beaucoup", "historique": "peut-être"}
    registry = read(sheets({"actes": [good, bad, good]}))
    first, spoiled, last = registry["actes"]
    assert first.values == last.values and first["date_creation"] == date(2026, 1, 5)
    assert spoiled.unreadable == {"date_creation", "cout_global", "historique"}
    assert spoiled["intitule"] == "Acte d'essai"
    assert {problem.row for problem in registry.problems} == {3}


@pytest.mark.parametrize(("date1904", "day"), [(False, date(2023, 3, 15)), (True, date(2027, 3, 16))])
def test_serial_numbers_are_counted_from_the_epoch_of_the_workbook(date1904: bool, day: date) -> None:
    # 1899-12-30 + 45000 days = 2023-03-15; 1904-01-01 is 1462 days later
    found = sheets({"actes": [{"date_creation": 45000}]})
    dated = {title: Grid(title, grid.rows, date1904) for title, grid in found.items()}
    assert read(dated)["actes"][0]["date_creation"] == day


# ------------------------------------------------------------------------------------------ whatever is typed

_WORDS = ["ACT-00001", "PAR-00001", "COL-00001", "Actes", "Forme", "Oui", "1,234", "31/02/2026", "01/02/2026", "2026",
          "a@b.ma, c@d.ma", "١٢/٠٣/٢٠٢٦", "Jumelage", "25:61", "#REF!", "CON-00001"]  # fmt: skip
_cells: st.SearchStrategy[Raw] = st.one_of(
    st.none(),
    st.sampled_from(_WORDS),
    st.text(max_size=20),
    st.integers(-(10**18), 10**18),
    st.floats(allow_nan=False),
    st.booleans(),
    st.dates(date(1, 1, 1)),
    st.datetimes(datetime(1900, 1, 1)),
    st.just(time(10, 30)),
    st.just(CellError("#N/A")),
)
_lines = st.lists(st.lists(_cells, max_size=12), max_size=6)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from([tab.title for tab in TABS] + ["Feuille 1"]), _lines), st.booleans())
def test_any_workbook_is_read_or_refused_as_a_registry(content: dict[str, Lines], date1904: bool) -> None:
    found = sheets() | {title: Grid(title, lines, date1904) for title, lines in content.items()}
    try:
        read(found)
    except RegistryError as error:
        assert error.why and error.fix


@settings(deadline=None)
@given(st.sampled_from([tab.title for tab in TABS]), st.data(), st.booleans())
def test_under_its_titles_a_tab_may_hold_anything(title: str, data: st.DataObject, date1904: bool) -> None:
    found = sheets()
    width = len(found[title].rows[0])
    lines = data.draw(st.lists(st.lists(_cells, max_size=width + 2), max_size=5))
    registry = read({**found, title: Grid(title, [found[title].rows[0], *lines], date1904)})
    for problem in registry.problems:
        assert problem.message and problem.fix and problem.row and problem.column
