"""What stands around the cells of a shared registry: laid once, repaired when damaged, never at the cost of people's own."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import gspread
import pytest

from cdi_sync.edges.config import Declarations, data_folder
from cdi_sync.edges.hints import CHARTS, LISTS, Hints, note_text
from cdi_sync.edges.setup import hints_of
from cdi_sync.edges.workbook_google.columns import CALC
from cdi_sync.edges.workbook_google.furnish import FIELDS, PROPERTIES, furnishing, ranges
from cdi_sync.model import Column, Tab
from cdi_sync.shown import ANOMALIES, DASHBOARD, HELP, JOURNAL, SCHEDULE
from tests.google import clients
from tests.google.server import serving
from tests.google.sheets.spreadsheet import Spreadsheet
from tests.google.world import Google

Json = dict[str, Any]
ROWS = 3
SYSTEM = (DASHBOARD, HELP, SCHEDULE, ANOMALIES, JOURNAL, CALC)
DECLARED = Declarations(data_folder("config"))
HINTS = hints_of(DECLARED, frozenset({"suivi"}))


def part(name: str, *keys: str) -> Tab:
    """A tab with some of its columns only."""
    tab = DECLARED.tabs[name]
    return replace(tab, columns=tuple(column for column in tab.columns if column.key in keys))


# enough of the registry for most tests
SMALL = {
    tab.name: tab
    for tab in (
        part("collectivites", "id", "nom_fr", "niveau", "a_corriger"),
        part("actes", "id", "intitule", "forme", "collectivite", "historique", "date_creation", "programme",
             "heure_limite_appel", "responsable_dossier", "etape",
             "responsable_suivant", "echeance", "jours_restants", "jour_visa", "a_corriger"),
        part("budget", "id", "id_acte", "a_corriger"),
    )
}  # fmt: skip
LAST = len(SMALL["actes"].columns)


@dataclass
class Registry:
    """A spreadsheet on the emulator, and what furnishing does to it."""

    book: gspread.Spreadsheet
    tabs: list[Tab]
    hints: Hints = HINTS

    def lay(self) -> None:
        """Tabs and titles, as the code beside lays them: those of the system's columns by a formula."""
        titles = [*SYSTEM, *(tab.title for tab in self.tabs)]
        sizes = {tab.title: len(tab.columns) + 2 for tab in self.tabs}
        self.send(*(
            {"addSheet": {"properties": {"sheetId": 100 + at, "title": title, "gridProperties": {
                "rowCount": ROWS, "columnCount": sizes.get(title, 12)}}}}
            for at, title in enumerate(titles)
        ))  # fmt: skip
        self.send({"deleteSheet": {"sheetId": 0}}, *(
            {"updateCells": {"start": {"sheetId": self.id(tab.title)}, "fields": "userEnteredValue",
                             "rows": [{"values": [{"userEnteredValue": _title(column)} for column in tab.columns]}]}}
            for tab in self.tabs
        ))  # fmt: skip

    def send(self, *requests: Json) -> None:
        if requests:
            self.book.batch_update({"requests": list(requests)})

    def get(self) -> Json:
        properties = self.book.fetch_sheet_metadata({"fields": PROPERTIES})
        return self.book.fetch_sheet_metadata({"fields": FIELDS, "ranges": list(ranges(properties, self.tabs))})

    def needs(self) -> list[Json]:
        return list(furnishing(self.get(), self.tabs, self.hints))

    def furnish(self) -> list[Json]:
        """One provisioning: what it asked for."""
        needed = self.needs()
        self.send(*needed)
        return needed

    def id(self, title: str) -> int:
        return int(self._only(title, "properties")["properties"]["sheetId"])

    def _only(self, title: str, fields: str) -> Json:
        asked = {"fields": f"sheets(properties.title,{fields})"}
        sheets: list[Json] = self.book.fetch_sheet_metadata(asked)["sheets"]
        return next(sheet for sheet in sheets if sheet["properties"]["title"] == title)

    def sheet(self, title: str) -> Json:
        return next(sheet for sheet in self.get()["sheets"] if sheet["properties"]["title"] == title)

    def all(self, name: str, title: str = "Actes") -> list[Json]:
        return list(self._only(title, name).get(name, []))

    def cell(self, key: str, row: int = 2, tab: str = "actes") -> Json:
        """CellData of a column at a row, from 1."""
        declared = SMALL[tab]
        answer = self.book.fetch_sheet_metadata({
            "ranges": f"'{declared.title}'!R{row}C{at(key, tab) + 1}",
            "fields": "sheets.data.rowData.values(formattedValue,note,dataValidation,userEnteredFormat)",
        })  # fmt: skip
        rows = answer["sheets"][0]["data"][0].get("rowData", [])
        return rows[0]["values"][0] if rows else {}


def _title(column: Column) -> Json:
    return {"formulaValue": f'="{column.title}"'} if column.is_system else {"stringValue": column.title}


@pytest.fixture
def registry(client: gspread.Client) -> Registry:
    """The registry of some tabs, laid and not furnished."""
    laid = Registry(client.create("Registre"), list(SMALL.values()))
    laid.lay()
    return laid


@pytest.fixture(scope="module")
def once() -> Spreadsheet:
    """The same registry, furnished, as the emulator keeps it: each test has a copy, since making it takes long."""
    google = Google(any_token=True, no_quota=True)
    with serving(google) as url:
        laid = Registry(clients.gspread_client(url).create("Registre"), list(SMALL.values()))
        laid.lay()
        laid.furnish()
        return google.spreadsheets[laid.book.id]


@pytest.fixture
def furnished(google: Google, client: gspread.Client, once: Spreadsheet) -> Registry:
    """The registry of some tabs, laid and furnished."""
    book = client.create("Registre")
    google.spreadsheets[book.id] = replace(once.clone(), id=book.id)
    return Registry(book, list(SMALL.values()))


def kinds(requests: list[Json]) -> list[str]:
    return [kind for request in requests for kind in request]


def at(key: str, tab: str = "actes") -> int:
    return list(SMALL[tab].by_key).index(key)


# -------------------------------------------------------------------------------------------------- once, whole


def test_furnishing_again_asks_for_nothing(furnished: Registry) -> None:
    assert furnished.needs() == []


def test_the_whole_registry_is_furnished_in_one_batch(client: gspread.Client) -> None:
    registry = Registry(client.create("Registre"), list(DECLARED.tabs.values()))
    registry.lay()
    assert registry.furnish()
    assert registry.needs() == []


def test_without_hints_nothing_is_hidden_and_it_still_settles(registry: Registry) -> None:
    registry.hints = Hints()
    registry.furnish()
    assert registry.needs() == []
    assert "hidden" not in registry.sheet("Budget et financement")["properties"]


def test_an_empty_spreadsheet_gets_its_lists_and_no_more(client: gspread.Client) -> None:
    registry = Registry(client.create("Vide"), [DECLARED.tabs["actes"]])
    assert set(kinds(registry.furnish())) == {
        "updateSpreadsheetProperties", "addSheet", "updateCells", "addNamedRange", "addProtectedRange"}  # fmt: skip
    assert registry.needs() == []


def test_the_spreadsheet_reads_what_is_typed_as_in_morocco(furnished: Registry) -> None:
    properties = furnished.book.fetch_sheet_metadata({"fields": "properties(locale,timeZone)"})["properties"]
    assert properties == {"locale": "fr_FR", "timeZone": "Africa/Casablanca"}


# ------------------------------------------------------------------------------------------------------- looks


def test_headers_show_marks_that_the_cells_dont_hold(furnished: Registry) -> None:
    assert furnished.cell("forme", 1)["formattedValue"] == "Forme *"
    assert furnished.cell("etape", 1)["formattedValue"] == "Étape (système)"
    assert furnished.cell("intitule", 1)["formattedValue"] == "Intitulé"
    assert furnished.book.worksheet("Actes").row_values(1, value_render_option="UNFORMATTED_VALUE")[2] == "Forme"


def test_headers_carry_their_help(furnished: Registry) -> None:
    assert furnished.cell("forme", 1)["note"] == note_text(DECLARED.tabs["actes"].column("forme"))
    assert furnished.cell("forme", 1)["note"].startswith("Obligatoire.\n")
    assert furnished.cell("etape", 1)["note"].startswith("Colonne remplie par le système")


def test_titles_and_first_columns_stay_in_sight(furnished: Registry) -> None:
    grid = furnished.sheet("Actes")["properties"]["gridProperties"]
    assert (grid["frozenRowCount"], grid["frozenColumnCount"]) == (1, 2)
    assert furnished.sheet(SCHEDULE)["properties"]["gridProperties"]["frozenRowCount"] == 2


@pytest.mark.parametrize("row", [2, ROWS])
@pytest.mark.parametrize(
    ("key", "number_format"),
    [
        ("date_creation", {"type": "DATE", "pattern": "dd/mm/yyyy"}),
        ("heure_limite_appel", {"type": "TIME", "pattern": "hh:mm"}),
        ("jours_restants", {"type": "NUMBER", "pattern": "#,##0"}),
        ("intitule", {"type": "TEXT"}),
        ("id", {"type": "TEXT"}),
        ("forme", None),
    ],
)
def test_columns_have_the_format_of_what_they_hold(
    furnished: Registry, key: str, number_format: Json | None, row: int
) -> None:
    assert furnished.cell(key, row)["userEnteredFormat"].get("numberFormat") == number_format


def test_modules_that_are_off_are_hidden_once(furnished: Registry) -> None:
    def hidden() -> tuple[bool, bool]:
        asked = {"ranges": "Actes!1:1", "fields": "sheets.data.columnMetadata.hiddenByUser"}
        columns = furnished.book.fetch_sheet_metadata(asked)["sheets"][0]["data"][0]["columnMetadata"]
        budget = furnished.sheet("Budget et financement")["properties"]
        return columns[at("programme")].get("hiddenByUser", False), budget.get("hidden", False)

    assert hidden() == (True, True)
    columns = {"sheetId": furnished.id("Actes"), "dimension": "COLUMNS", "startIndex": 0, "endIndex": LAST}
    furnished.send(
        {"updateDimensionProperties": {"range": columns, "properties": {"hiddenByUser": False, "pixelSize": 77},
                                       "fields": "hiddenByUser,pixelSize"}},
        {"updateSheetProperties": {"properties": {"sheetId": furnished.id("Budget et financement"), "hidden": False},
                                   "fields": "hidden"}},
    )  # fmt: skip
    assert furnished.needs() == []  # people may show them, and choose their widths
    assert hidden() == (False, False)


def test_tabs_of_figures_are_hidden(furnished: Registry) -> None:
    assert furnished.sheet(CALC)["properties"]["hidden"]
    assert furnished.sheet(LISTS)["properties"]["hidden"]
    assert "hidden" not in furnished.sheet(DASHBOARD)["properties"]


# ------------------------------------------------------------------------------------------------------ checks


def offered(registry: Registry, key: str, tab: str = "actes") -> list[str]:
    """What the drop-down of a column offers."""
    (value,) = registry.cell(key, tab=tab)["dataValidation"]["condition"]["values"]
    return [text for (text,) in registry.book.values_get(value["userEnteredValue"][1:])["values"]]


def test_drop_downs_offer_the_labels(furnished: Registry) -> None:
    assert offered(furnished, "forme") == ["Jumelage", "Convention", "Adhésion à une OING"]
    assert offered(furnished, "historique") == ["Oui", "Non"]
    assert furnished.cell("forme", ROWS)["dataValidation"]["strict"] is True


def test_a_reference_proposes_the_numbers_of_the_other_tab_and_takes_others(furnished: Registry) -> None:
    rule = furnished.cell("collectivite")["dataValidation"]
    assert rule["condition"] == {
        "type": "ONE_OF_RANGE", "values": [{"userEnteredValue": "='Collectivités'!$A$2:$A"}]}  # fmt: skip
    assert "strict" not in rule


def test_dates_and_bounds_are_checked_in_no_language(furnished: Registry) -> None:
    rule = furnished.cell("date_creation")["dataValidation"]
    assert [value["userEnteredValue"] for value in rule["condition"]["values"]] == [
        "=DATE(1956;1;1)", "=DATE(2100;12;31)"]  # fmt: skip
    texts = [
        value["userEnteredValue"]
        for sheet in furnished.get()["sheets"]
        for block in sheet.get("data", [])
        for row in block.get("rowData", [])
        for cell in row.get("values", [])
        for value in cell.get("dataValidation", {}).get("condition", {}).get("values", [])
    ]
    assert not [text for text in texts if "," in text or "." in text]


def test_nothing_checks_what_a_formula_fills(furnished: Registry) -> None:
    assert "dataValidation" not in furnished.cell("etape")


def test_lists_have_names(furnished: Registry) -> None:
    names = {named["name"] for named in furnished.get()["namedRanges"]}
    assert {"liste_oui_non", "liste_actes_forme", "etapes_signe", "etapes_vigueur"} <= names


# -------------------------------------------------------------------------------- protections, colours and views


def test_protections_only_warn(furnished: Registry) -> None:
    held = [each for sheet in furnished.get()["sheets"] for each in sheet.get("protectedRanges", [])]
    assert all(each["warningOnly"] for each in held)
    assert all(each["description"].startswith("cdi_sync : ") for each in held)
    for title in (*SYSTEM, LISTS):
        assert len(furnished.all("protectedRanges", title)) == 1


def test_what_the_system_fills_is_protected_and_the_rest_is_not(furnished: Registry) -> None:
    told = {each["description"]: each["range"].get("startColumnIndex") for each in furnished.all("protectedRanges")}
    assert told["cdi_sync : ligne des titres"] is None
    assert told["cdi_sync : rempli par le système, « N° d'acte »"] == 0
    assert at("etape") in told.values()
    assert at("intitule") not in told.values()


def test_formulas_of_rules_hold_in_every_language(furnished: Registry) -> None:
    formulas = [rule["booleanRule"]["condition"]["values"][0]["userEnteredValue"]
                for rule in furnished.all("conditionalFormats")]  # fmt: skip
    assert len(formulas) == 9
    assert not [formula for formula in formulas if "," in formula.split("N(")[0]]
    assert not [formula for formula in formulas if "!" in formula]  # a rule can't name another tab


def test_views_are_offered_on_the_tab_of_the_acts(furnished: Registry) -> None:
    views = {view["title"]: view["criteria"] for view in furnished.all("filterViews")}
    assert set(views) == {"En retard", "À corriger", "Mes dossiers"}
    assert set(views["En retard"]) == {str(at("jours_restants"))}
    assert set(views["Mes dossiers"]) == {str(at("responsable_suivant"))}  # the calls for projects are off


def test_my_files_are_those_of_the_person_in_charge(registry: Registry) -> None:
    registry.hints = hints_of(DECLARED, frozenset({"appels"}))
    registry.furnish()
    views = {view["title"]: view["criteria"] for view in registry.all("filterViews")}
    assert set(views["Mes dossiers"]) == {str(at("responsable_dossier"))}


def test_charts_stand_beside_the_blocks_of_the_dashboard(furnished: Registry) -> None:
    assert [chart["spec"]["title"] for chart in furnished.all("charts", DASHBOARD)] == [bars.title for bars in CHARTS]


# ------------------------------------------------------------------------------------------------------- damage


def first(registry: Registry, name: str, title: str = "Actes") -> Json:
    return registry.all(name, title)[0]


def delete_rule(registry: Registry) -> Json:
    return {"deleteConditionalFormatRule": {"sheetId": registry.id("Actes"), "index": 2}}


def repaint_rule(registry: Registry) -> Json:
    rule = registry.all("conditionalFormats")[2]
    rule["booleanRule"]["format"] = {"backgroundColor": {"green": 1}}
    return {"updateConditionalFormatRule": {"index": 2, "rule": rule}}


def narrow_rule(registry: Registry) -> Json:
    rule = registry.all("conditionalFormats")[0]
    rule["ranges"][0]["endRowIndex"] = 2
    return {"updateConditionalFormatRule": {"index": 0, "rule": rule}}


def cells(registry: Registry, key: str, row: int) -> Json:
    return {"sheetId": registry.id("Actes"), "startRowIndex": row, "endRowIndex": row + 1,
            "startColumnIndex": at(key), "endColumnIndex": at(key) + 1}  # fmt: skip


def change_drop_down(registry: Registry) -> Json:
    rule = {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "Oui"}]}}
    return {"setDataValidation": {"range": cells(registry, "forme", 1), "rule": rule}}


def remove_check(registry: Registry) -> Json:
    return {"setDataValidation": {"range": cells(registry, "date_creation", ROWS - 1)}}


def remove_note(registry: Registry) -> Json:
    return {"repeatCell": {"range": cells(registry, "forme", 0), "cell": {}, "fields": "note"}}


def whiten_header(registry: Registry) -> Json:
    return {"repeatCell": {"range": cells(registry, "etape", 0), "cell": {}, "fields": "userEnteredFormat"}}


def change_format(registry: Registry) -> Json:
    cell = {"userEnteredFormat": {"numberFormat": {"type": "NUMBER", "pattern": "0"}}}
    return {"repeatCell": {"range": cells(registry, "date_creation", 1), "cell": cell,
                           "fields": "userEnteredFormat.numberFormat"}}  # fmt: skip


def unprotect(registry: Registry) -> Json:
    return {"deleteProtectedRange": {"protectedRangeId": first(registry, "protectedRanges")["protectedRangeId"]}}


def lock(registry: Registry) -> Json:
    changed = {"protectedRangeId": first(registry, "protectedRanges")["protectedRangeId"], "warningOnly": False}
    return {"updateProtectedRange": {"protectedRange": changed, "fields": "warningOnly"}}


def protect_twice(registry: Registry) -> Json:
    held = first(registry, "protectedRanges")
    copy = {name: held[name] for name in ("range", "description", "warningOnly")}
    return {"addProtectedRange": {"protectedRange": copy}}


def delete_view(registry: Registry) -> Json:
    return {"deleteFilterView": {"filterId": first(registry, "filterViews")["filterViewId"]}}


def rename_view(registry: Registry) -> Json:
    changed = {"filterViewId": first(registry, "filterViews")["filterViewId"], "title": "Mes retards"}
    return {"updateFilterView": {"filter": changed, "fields": "title"}}


def change_view(registry: Registry) -> Json:
    changed = {"filterViewId": first(registry, "filterViews")["filterViewId"],
               "criteria": {"1": {"condition": {"type": "NOT_BLANK"}}}}  # fmt: skip
    return {"updateFilterView": {"filter": changed, "fields": "criteria"}}


def delete_chart(registry: Registry) -> Json:
    return {"deleteEmbeddedObject": {"objectId": first(registry, "charts", DASHBOARD)["chartId"]}}


def recolour_chart(registry: Registry) -> Json:
    chart = first(registry, "charts", DASHBOARD)
    chart["spec"]["basicChart"]["stackedType"] = "NOT_STACKED"
    return {"updateChartSpec": {"chartId": chart["chartId"], "spec": chart["spec"]}}


def named(registry: Registry) -> Json:
    return next(each for each in registry.get()["namedRanges"] if each["name"] == "etapes_signe")


def delete_name(registry: Registry) -> Json:
    return {"deleteNamedRange": {"namedRangeId": named(registry)["namedRangeId"]}}


def move_name(registry: Registry) -> Json:
    changed = {**named(registry), "range": {"sheetId": registry.id("Actes"), "endRowIndex": 3}}
    return {"updateNamedRange": {"namedRange": changed, "fields": "range"}}


def retype_list(registry: Registry) -> Json:
    rows = [{"values": [{"userEnteredValue": {"stringValue": "Peut-être"}}]}]
    start = {"sheetId": registry.id(LISTS), "rowIndex": 1, "columnIndex": 0}
    return {"updateCells": {"start": start, "rows": rows, "fields": "userEnteredValue"}}


def unfreeze(registry: Registry) -> Json:
    properties = {"sheetId": registry.id("Actes"), "gridProperties": {"frozenRowCount": 0}}
    return {"updateSheetProperties": {"properties": properties, "fields": "gridProperties.frozenRowCount"}}


def change_language(registry: Registry) -> Json:
    return {"updateSpreadsheetProperties": {"properties": {"locale": "en_US"}, "fields": "locale"}}


@pytest.mark.parametrize(
    ("damage", "repair"),
    [
        (delete_rule, ["addConditionalFormatRule"]),
        (repaint_rule, ["updateConditionalFormatRule"]),
        (narrow_rule, ["updateConditionalFormatRule"]),
        (change_drop_down, ["setDataValidation"]),
        (remove_check, ["setDataValidation"]),
        (remove_note, ["updateCells"]),
        (whiten_header, ["updateCells"]),
        (change_format, ["repeatCell"]),
        (unprotect, ["addProtectedRange"]),
        (lock, ["updateProtectedRange"]),
        (protect_twice, ["deleteProtectedRange"]),
        (delete_view, ["addFilterView"]),
        (rename_view, ["addFilterView"]),
        (change_view, ["updateFilterView"]),
        (delete_chart, ["addChart"]),
        (recolour_chart, ["updateChartSpec"]),
        (delete_name, ["addNamedRange"]),
        (move_name, ["updateNamedRange"]),
        (retype_list, ["updateCells"]),
        (unfreeze, ["updateSheetProperties"]),
        (change_language, ["updateSpreadsheetProperties"]),
    ],
)
def test_what_was_damaged_is_repaired_and_nothing_else(
    furnished: Registry, damage: Callable[[Registry], Json], repair: list[str]
) -> None:
    order = furnished.all("conditionalFormats")
    furnished.send(damage(furnished))
    assert kinds(furnished.furnish()) == repair
    assert furnished.needs() == []
    assert furnished.all("conditionalFormats") == order


# ----------------------------------------------------------------------------------------------- people's own

PEOPLE_FORMULA = {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": "=ISBLANK($B2)"}]}


def test_what_people_added_stays(furnished: Registry) -> None:
    sheet = furnished.id("Actes")
    own = {"sheetId": sheet, "startRowIndex": 1, "endRowIndex": 3, "startColumnIndex": 1, "endColumnIndex": 2}
    beside = {**own, "startColumnIndex": LAST, "endColumnIndex": LAST + 1}
    rule = {"ranges": [own], "booleanRule": {"condition": PEOPLE_FORMULA, "format": {"backgroundColor": {"red": 1}}}}
    check = {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "A"}]}}
    furnished.send(
        {"addConditionalFormatRule": {"index": 1, "rule": rule}},
        {"addFilterView": {"filter": {"title": "Dossiers d'Amina", "range": own}}},
        {"addProtectedRange": {"protectedRange": {"range": own, "description": "Ne pas toucher"}}},
        {"addNamedRange": {"namedRange": {"name": "liste_amina", "range": own}}},
        {"repeatCell": {"range": own, "cell": {"note": "Vu avec le maire"}, "fields": "note"}},
        {"repeatCell": {"range": own, "cell": {"userEnteredFormat": {"backgroundColor": {"green": 1}}},
                        "fields": "userEnteredFormat.backgroundColor"}},
        {"setDataValidation": {"range": beside, "rule": check}},
        {"setDataValidation": {"range": own, "rule": check}},
    )  # fmt: skip
    assert furnished.needs() == []
    furnished.send(delete_rule(furnished), unprotect(furnished), delete_view(furnished))
    before = furnished.all("conditionalFormats")
    furnished.furnish()
    after = furnished.all("conditionalFormats")
    assert [each for each in after if each in before] == before
    assert [rule["booleanRule"]["condition"] for rule in after].count(PEOPLE_FORMULA) == 1
    assert "Dossiers d'Amina" in [view["title"] for view in furnished.all("filterViews")]
    assert "Ne pas toucher" in [each.get("description") for each in furnished.all("protectedRanges")]
    assert furnished.cell("intitule")["note"] == "Vu avec le maire"
    assert furnished.cell("intitule")["userEnteredFormat"]["backgroundColor"] == {"green": 1}


def test_the_name_that_a_person_chose_in_my_files_stays(furnished: Registry) -> None:
    view = next(view for view in furnished.all("filterViews") if view["title"] == "Mes dossiers")
    chosen = {"filterViewId": view["filterViewId"],
              "criteria": {str(at("responsable_suivant")): {"hiddenValues": ["Conseil"]}}}  # fmt: skip
    furnished.send({"updateFilterView": {"filter": chosen, "fields": "criteria"}})
    assert furnished.needs() == []


def test_rules_out_of_order_are_laid_again_around_those_of_people(furnished: Registry) -> None:
    order = furnished.all("conditionalFormats")
    rule = {"ranges": [{"sheetId": furnished.id("Actes")}], "booleanRule": {
        "condition": PEOPLE_FORMULA, "format": {"backgroundColor": {"red": 1}}}}  # fmt: skip
    furnished.send(
        {"updateConditionalFormatRule": {"sheetId": furnished.id("Actes"), "index": 1, "newIndex": 0}},
        {"addConditionalFormatRule": {"index": 3, "rule": rule}},
    )
    furnished.furnish()
    after = furnished.all("conditionalFormats")
    assert [each for each in after if each in order] == order
    assert len(after) == len(order) + 1
    assert furnished.needs() == []


def test_a_column_that_people_moved_is_followed(furnished: Registry) -> None:
    source = {"sheetId": furnished.id("Actes"), "dimension": "COLUMNS", "startIndex": at("jour_visa"),
              "endIndex": at("jour_visa") + 1}  # fmt: skip
    furnished.send({"moveDimension": {"source": source, "destinationIndex": 3}})
    furnished.furnish()
    assert furnished.needs() == []
    late = [rule for rule in furnished.all("conditionalFormats")
            if "visa, vingt" in rule["booleanRule"]["condition"]["values"][0]["userEnteredValue"]]  # fmt: skip
    assert [rule["ranges"][0]["startColumnIndex"] for rule in late] == [3]
    assert "$D2" in late[0]["booleanRule"]["condition"]["values"][0]["userEnteredValue"]


def test_rows_that_people_added_are_under_the_checks_again(furnished: Registry) -> None:
    furnished.send({"appendDimension": {"sheetId": furnished.id("Actes"), "dimension": "ROWS", "length": 5}})
    furnished.furnish()
    assert furnished.needs() == []
    assert "dataValidation" in furnished.cell("forme", ROWS + 5)


def test_what_is_declared_no_more_goes(furnished: Registry) -> None:
    furnished.hints = replace(HINTS, situations={})
    assert set(kinds(furnished.furnish())) == {
        "updateCells", "deleteNamedRange", "deleteConditionalFormatRule"}  # fmt: skip
    assert furnished.needs() == []
    assert "etapes_signe" not in {named["name"] for named in furnished.get()["namedRanges"]}


def test_a_new_title_of_a_column_changes_what_names_it(furnished: Registry) -> None:
    tab = furnished.tabs[1]
    renamed = replace(tab.column("etape"), title="Stade", aliases=("Étape",))
    furnished.tabs[1] = replace(tab, columns=tuple(renamed if c.key == "etape" else c for c in tab.columns))
    assert kinds(furnished.furnish()) == ["addProtectedRange", "deleteProtectedRange"]
    assert furnished.needs() == []
