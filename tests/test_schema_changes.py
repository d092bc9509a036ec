"""What is told of a workbook that doesn't follow the declarations, and what forbids bringing it to them.

Workbooks are hand-made descriptions: titles, a few cells, and the checks that a new workbook would have.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from cdi_sync.model import Category, Column, Grid, Owner, Raw, Tab
from cdi_sync.schema_changes import Change, Check, Difference, Holding, Kind, Sheet, compare

FORMS = (Category("JUMELAGE", "Jumelage"), Category("CONVENTION", "Convention"))
NUMBER = Column("id", "N° d'acte", "Numéro.", owner=Owner.SYSTEM)
TITLE = Column("intitule", "Intitulé", "Tel qu'il est signé.", aliases=("Titre de l'acte",))
FORM = Column("forme", "Forme", "Sa forme.", categories=FORMS)
COUNCIL = Column("collectivite", "Collectivité", "Son numéro.", type="reference", reference="collectivites")
COST = Column("cout", "Coût", "En dirhams.", type="integer", minimum=0)
STAGE = Column("etape", "Étape", "Où il en est.", owner=Owner.SYSTEM)
ACTS = Tab(
    "actes",
    "Actes",
    "Un acte par ligne.",
    "ACT",
    "socle",
    (NUMBER, TITLE, FORM, COUNCIL, COST, STAGE),
    aliases=("Conventions",),
)
COUNCILS = Tab(
    "collectivites", "Collectivités", "Une par ligne.", "COL", "socle",
    (Column("id", "N° de collectivité", "Numéro.", owner=Owner.SYSTEM), Column("nom", "Nom", "Nom.")),
)  # fmt: skip
TABS = (COUNCILS, ACTS)


def check(tab: Tab, column: Column) -> list[Check]:
    """The check that a new workbook puts on a column, as far as these tests go."""
    if column.is_system:
        return [Check("custom", ("0",))]
    if column.categories:
        return [Check("list", (f"liste_{tab.name}_{column.key}",))]
    if column.type == "reference":
        return [Check("list", ("collectivites!",))]
    if column.type == "integer":
        return [Check("whole", ("0",), "greaterThanOrEqual")]
    return [Check("date", ("36526", "73415"))] if column.type == "date" else []  # from 2000 to 2100


def sheet(tab: Tab, rows: Sequence[Mapping[str, Raw]] = (), *, title: str = "") -> Sheet:
    """The sheet of a tab, headers in row 1, as a new workbook has it, with these cells."""
    lines: list[list[Raw]] = [[column.title for column in tab.columns]]
    lines += [[row.get(column.key) for column in tab.columns] for row in rows]
    places = list(enumerate(tab.columns, start=1))
    return Sheet(
        Grid(title or tab.title, lines),
        {at: found for at, column in places if (found := check(tab, column))},
        {at: "cdi_systeme" if column.is_system else "cdi_saisie_texte" for at, column in places},
        {(1, at): "cdi_entete_systeme" if column.is_system else "cdi_entete_saisie" for at, column in places},
        frozenset(at for at, _ in places),
    )


def holding(tabs: Sequence[Tab], rows: Mapping[str, Sequence[Mapping[str, Raw]]] | None = None) -> Holding:
    """A workbook made from these tabs."""
    lists = {
        f"liste_{t.name}_{c.key}": [x.label for x in c.categories] for t in tabs for c in t.columns if c.categories
    }
    return Holding({tab.title: sheet(tab, (rows or {}).get(tab.name, ())) for tab in tabs}, lists)


def with_columns(*columns: Column) -> Sequence[Tab]:
    """The tabs, "Actes" with these columns instead."""
    return (COUNCILS, replace(ACTS, columns=columns))


def acts(*columns: Column, rows: Sequence[Mapping[str, Raw]] = ()) -> Holding:
    """A workbook whose "Actes" has these columns and rows."""
    return holding(with_columns(*columns), {"actes": rows})


def beside(held: Holding, tabs: Sequence[Tab] = TABS) -> Difference:
    return compare(tabs, held, holding(tabs))


def told(found: Difference) -> list[tuple[Kind, str]]:
    return [(change.kind, change.column) for change in found.changes]


def only(found: Difference) -> Change:
    (change,) = found.changes
    return change


def changed_sheet(held: Holding, **changes: object) -> Holding:
    """The workbook with "Actes" described otherwise."""
    return replace(held, sheets={**held.sheets, "Actes": replace(held.sheets["Actes"], **changes)})  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------------------- changes to make


def test_a_workbook_made_from_the_declarations_conforms() -> None:
    found = beside(holding(TABS, {"actes": [{"id": "ACT-00001", "forme": "Jumelage", "cout": 3.0}]}))
    assert found.is_conform
    assert told(found) == []


def test_a_missing_column_is_new_and_goes_after_the_last_header() -> None:
    found = beside(acts(NUMBER, TITLE, FORM, COUNCIL, STAGE))
    assert told(found) == [(Kind.NEW_COLUMN, "cout")]
    assert only(found).detail == "nouvelle colonne « Coût », en F"
    assert found.places["actes"] == {"cout": 6}
    assert not found.is_conform


def test_a_new_column_avoids_a_note_that_somebody_left_far_below() -> None:
    held = acts(NUMBER, TITLE, FORM, COUNCIL)
    noted = changed_sheet(held, used=frozenset({1, 2, 3, 4, 5, 7}))
    assert beside(noted).places["actes"] == {"cout": 6, "etape": 8}


def test_a_new_column_says_when_it_is_required_or_filled_by_the_system() -> None:
    found = beside(acts(NUMBER, TITLE, FORM, COUNCIL, COST))
    assert only(found).detail == "nouvelle colonne « Étape », en F (remplie par le système)"


def test_a_title_that_looks_like_a_missing_one_is_pointed_at() -> None:
    held = acts(NUMBER, TITLE, replace(FORM, title="Formes"), COUNCIL, COST, STAGE)
    new, unknown = beside(held).changes
    assert (new.kind, unknown.kind) == (Kind.NEW_COLUMN, Kind.UNKNOWN_COLUMN)
    assert "si c'est la colonne C « Formes » qui a été renommée, lui rendre d'abord son titre" in new.detail


def test_an_old_title_becomes_the_declared_one() -> None:
    found = beside(acts(NUMBER, replace(TITLE, title="Titre de l'acte"), FORM, COUNCIL, COST, STAGE))
    assert told(found) == [(Kind.RENAMED_COLUMN, "intitule")]
    assert only(found).detail == "la colonne B « Titre de l'acte » prend le titre « Intitulé »"


def test_a_title_in_other_capitals_or_accents_is_left_alone() -> None:
    assert beside(acts(NUMBER, replace(TITLE, title="INTITULE"), FORM, COUNCIL, COST, STAGE)).is_conform


def test_a_missing_tab_is_new() -> None:
    found = beside(holding([ACTS]))
    assert [(change.kind, change.tab) for change in found.changes] == [(Kind.NEW_TAB, "collectivites")]
    assert only(found).detail == "nouvel onglet de 2 colonnes"


def test_a_tab_under_its_old_title_is_renamed() -> None:
    held = holding([COUNCILS, replace(ACTS, title="Conventions")])
    found = beside(replace(held, lists=holding(TABS).lists))
    assert only(found).kind is Kind.RENAMED_TAB
    assert found.sheets["actes"] == "Conventions"


def test_a_check_that_offers_the_rows_of_a_renamed_tab_is_still_the_same() -> None:
    tabs = [replace(COUNCILS, title="Conseils", aliases=("Collectivités",)), ACTS]
    fresh = holding(tabs)
    place = list(ACTS.by_key).index("collectivite") + 1
    checks = {**fresh.sheets["Actes"].checks, place: [Check("list", ("conseils!",))]}
    found = compare(tabs, holding(TABS), changed_sheet(fresh, checks=checks))
    assert [change.kind for change in found.changes] == [Kind.RENAMED_TAB]


def test_most_columns_may_be_new() -> None:
    found = beside(acts(NUMBER))
    assert [change.kind for change in found.changes] == [Kind.NEW_COLUMN] * 5


def test_a_column_that_nothing_declares_is_kept_and_told() -> None:
    found = beside(acts(NUMBER, TITLE, FORM, COUNCIL, COST, STAGE, Column("x", "Chargé de dossier", "")))
    change = only(found)
    assert (change.kind, change.column) == (Kind.UNKNOWN_COLUMN, "Chargé de dossier")
    assert found.is_conform, "nothing is to be made of it"


def test_values_that_come_and_change_name_are_told() -> None:
    old = replace(FORM, categories=(Category("JUMELAGE", "Jumelages"),))
    found = beside(acts(NUMBER, TITLE, old, COUNCIL, COST, STAGE))
    assert told(found) == [(Kind.LIST, "forme")]
    assert (
        only(found).detail
        == "la liste de « Forme » change : « Jumelages » devient « Jumelage », « Convention » s'ajoute"
    )
    assert found.lists == {"liste_actes_forme": ["Jumelage", "Convention"]}


def test_a_value_that_nobody_uses_may_go() -> None:
    old = replace(FORM, categories=(*FORMS, Category("AUTRE", "Autre")))
    found = beside(acts(NUMBER, TITLE, old, COUNCIL, COST, STAGE, rows=[{"id": "ACT-00001", "forme": "Jumelage"}]))
    assert told(found) == [(Kind.LIST, "forme")]
    assert "« Autre » disparaît" in only(found).detail


def test_a_list_becomes_free_text() -> None:
    tabs = with_columns(NUMBER, TITLE, replace(FORM, categories=()), COUNCIL, COST, STAGE)
    found = compare(tabs, acts(*ACTS.columns, rows=[{"forme": "Jumelage"}]), holding(tabs))
    assert told(found) == [(Kind.CHECK, "forme")]


def test_a_check_of_the_staffs_own_stays() -> None:
    held = acts(*ACTS.columns)
    checks = {**held.sheets["Actes"].checks, 5: [Check("decimal", ("0", "9"), is_ours=False)]}
    assert beside(changed_sheet(held, checks=checks)).is_conform


def test_a_check_that_somebody_removed_comes_back() -> None:
    held = acts(*ACTS.columns)
    checks = {at: found for at, found in held.sheets["Actes"].checks.items() if at != 5}
    assert told(beside(changed_sheet(held, checks=checks))) == [(Kind.CHECK, "cout")]


# ------------------------------------------------------------------------------------- columns of the staff's own


def bare(held: Holding, at: int) -> Holding:
    """The workbook where nothing of ours is on a column of "Actes": neither check nor style."""
    found = held.sheets["Actes"]
    return changed_sheet(
        held,
        checks={place: checks for place, checks in found.checks.items() if place != at},
        column_styles={place: style for place, style in found.column_styles.items() if place != at},
        header_styles={place: style for place, style in found.header_styles.items() if place[1] != at},
    )


def test_a_column_of_the_staffs_own_that_bears_a_new_title_is_adopted() -> None:
    rows: list[Mapping[str, Raw]] = [{"id": "ACT-00001", "cout": 1200.0}, {"id": "ACT-00002", "cout": "à préciser"}]
    found = beside(bare(acts(*ACTS.columns, rows=rows), 5))
    assert told(found) == [(Kind.ADOPTED_COLUMN, "cout")]
    assert "est adoptée avec ce qu'elle contient ; la cellule E3 ne se lit pas ainsi" in only(found).detail
    assert not only(found).blocking


def test_the_system_doesnt_take_a_column_that_people_filled() -> None:
    found = beside(bare(acts(*ACTS.columns, rows=[{"id": "ACT-00001", "etape": "chez le gouverneur"}]), 6))
    assert told(found) == [(Kind.TAKEN_COLUMN, "etape")]
    assert "la cellule F2" in only(found).detail


def test_the_system_takes_an_empty_column() -> None:
    assert told(beside(bare(acts(*ACTS.columns), 6))) == [(Kind.ADOPTED_COLUMN, "etape")]


def test_what_people_filled_isnt_handed_to_the_system() -> None:
    tabs = with_columns(NUMBER, replace(TITLE, owner=Owner.SYSTEM), FORM, COUNCIL, COST, STAGE)
    found = compare(tabs, acts(*ACTS.columns, rows=[{"intitule": "Jumelage Fès-Strasbourg"}]), holding(tabs))
    assert told(found) == [(Kind.TAKEN_COLUMN, "intitule")]


def test_a_workbook_whose_program_keeps_no_styles_has_no_strangers() -> None:
    held = acts(*ACTS.columns, rows=[{"etape": "C75"}])
    plain = {title: replace(found, header_styles={}, column_styles={}) for title, found in held.sheets.items()}
    assert beside(replace(held, sheets=plain)).is_conform


# ------------------------------------------------------------------------------------------------------- refusals


def test_two_columns_for_one_key() -> None:
    found = beside(acts(NUMBER, TITLE, FORM, COUNCIL, COST, STAGE, Column("x", "Titre de l'acte", "")))
    assert told(found) == [(Kind.DOUBLED_COLUMN, "intitule")]
    assert "B « Intitulé » et G « Titre de l'acte »" in only(found).detail
    assert only(found).fix


def test_a_value_still_in_use() -> None:
    old = replace(FORM, categories=(*FORMS, Category("ACCORD", "Accords")))
    rows = [{"id": f"ACT-{n:05}", "forme": "Accords" if n > 1 else "Jumelage"} for n in range(1, 9)]
    found = beside(acts(NUMBER, TITLE, old, COUNCIL, COST, STAGE, rows=rows))
    (refusal,) = found.refusals
    assert refusal.kind is Kind.VALUE_IN_USE
    # rows 3 to 9 hold it: seven cells, five of which are named
    assert "« Accords » quitte la liste de « Forme », et chacune de 7 cellules (C3, C4, C5, C6, C7…)" in refusal.detail


def test_a_value_renamed_while_in_use_says_by_what_to_replace_it() -> None:
    old = replace(FORM, categories=(Category("JUMELAGE", "Jumelages"), FORMS[1]))
    (refusal,) = beside(acts(NUMBER, TITLE, old, COUNCIL, COST, STAGE, rows=[{"forme": "Jumelages"}])).refusals
    assert "remplacer cette valeur par « Jumelage »" in refusal.fix


def test_a_cell_that_was_wrong_already_forbids_nothing() -> None:
    old = replace(FORM, categories=(*FORMS, Category("AUTRE", "Autre")))
    found = beside(acts(NUMBER, TITLE, old, COUNCIL, COST, STAGE, rows=[{"forme": "je ne sais pas"}]))
    assert found.refusals == []


def test_cells_that_another_type_couldnt_read() -> None:
    rows: list[Mapping[str, Raw]] = [
        {"id": "ACT-00001", "intitule": "31/03/2026"},
        {"id": "ACT-00002", "intitule": "au printemps"},
    ]
    tabs = with_columns(NUMBER, replace(TITLE, type="date"), FORM, COUNCIL, COST, STAGE)
    found = compare(tabs, acts(*ACTS.columns, rows=rows), holding(tabs))
    assert told(found) == [(Kind.CHECK, "intitule"), (Kind.UNREADABLE_CELLS, "intitule")]
    assert "attend désormais une date, comme 31/03/2026, et la cellule B3 ne se lirait plus" in found.refusals[0].detail


def test_a_narrower_bound_names_the_cells_beyond_it() -> None:
    tabs = with_columns(NUMBER, TITLE, FORM, COUNCIL, replace(COST, minimum=100), STAGE)
    fresh = holding(tabs)
    checks = {**fresh.sheets["Actes"].checks, 5: [Check("whole", ("100",), "greaterThanOrEqual")]}
    found = compare(
        tabs, acts(*ACTS.columns, rows=[{"cout": 99.0}, {"cout": 100.0}]), changed_sheet(fresh, checks=checks)
    )
    (refusal,) = found.refusals
    assert "E2" in refusal.detail
    assert "E3" not in refusal.detail


def test_a_tab_and_its_old_title_both_there() -> None:
    held = holding(TABS)
    found = beside(replace(held, sheets={**held.sheets, "Conventions": held.sheets["Actes"]}))
    assert only(found).kind is Kind.DOUBLED_TAB


def test_a_tab_of_that_name_that_is_something_else() -> None:
    other = Sheet(Grid("Actes", [["Notes de service"], ["Lundi"]]), {}, {}, {}, frozenset({1}))
    held = holding(TABS)
    found = beside(replace(held, sheets={**held.sheets, "Actes": other}))
    assert only(found).kind is Kind.UNREADABLE_TAB


def test_a_chart_that_bears_the_title_of_a_new_tab() -> None:
    found = beside(replace(holding([COUNCILS]), other_tabs=["Actes"]))
    assert only(found).kind is Kind.UNREADABLE_TAB


def test_rows_are_never_numbered_anew() -> None:
    found = beside(acts(replace(NUMBER, title="Code"), TITLE, FORM, COUNCIL, COST, STAGE))
    assert (Kind.UNREADABLE_TAB, "id") in told(found)
    assert (Kind.NEW_COLUMN, "id") not in told(found)


def test_a_protected_workbook_takes_no_new_tab() -> None:
    found = beside(replace(holding([COUNCILS]), is_protected=True))
    assert [change.kind for change in found.refusals] == [Kind.PROTECTED]
    assert beside(replace(holding(TABS), is_protected=True)).is_conform


def test_a_protected_tab_takes_no_new_column() -> None:
    held = changed_sheet(acts(NUMBER, TITLE, FORM, COUNCIL, COST), is_protected=True)
    assert [change.kind for change in beside(held).refusals] == [Kind.PROTECTED]
    assert beside(changed_sheet(holding(TABS), is_protected=True)).is_conform


def test_a_header_inside_a_table_of_the_program_keeps_its_title() -> None:
    held = acts(NUMBER, replace(TITLE, title="Titre de l'acte"), FORM, COUNCIL, COST, STAGE)
    found = beside(changed_sheet(held, tables=[(1, 1, 20, 6)]))
    assert only(found).kind is Kind.EXCEL_TABLE
    assert told(beside(changed_sheet(held, tables=[(1, 4, 20, 6)]))) == [(Kind.RENAMED_COLUMN, "intitule")]


def test_all_causes_are_told_at_once() -> None:
    old = replace(FORM, categories=(*FORMS, Category("ACCORD", "Accord")))
    held = acts(
        NUMBER, TITLE, old, COUNCIL, COST, STAGE, Column("x", "Titre de l'acte", ""), rows=[{"forme": "Accord"}]
    )
    found = beside(replace(held, sheets={"Actes": held.sheets["Actes"]}, is_protected=True))
    assert {change.kind for change in found.refusals} == {Kind.DOUBLED_COLUMN, Kind.VALUE_IN_USE, Kind.PROTECTED}
    assert all(change.detail and change.fix for change in found.refusals)
