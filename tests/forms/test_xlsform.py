"""Forms as XLSForms: pyxform compiles each; what is then asked, of whom, and which answers are let through."""

import re
import shutil
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from lxml import etree
from pyxform.xls2xform import ConvertResult, convert

from cdi_sync.cells import read_cell
from cdi_sync.edges.forms.xlsform_file import xlsform_bytes
from cdi_sync.forms.declaration import Declared
from cdi_sync.forms.references import MOST_OFFERED, rows_offered
from cdi_sync.forms.xlsform import Sheets, field_name, question_named, xlsform
from cdi_sync.model import Category
from tests.registries import DECLARED, registry

FORMS = DECLARED.forms
EVERY = pytest.mark.parametrize("name", list(FORMS))
FRENCH, ARABIC = "Français (fr)", "العربية (ar)"
_SPACES = {
    "x": "http://www.w3.org/2002/xforms",
    "h": "http://www.w3.org/1999/xhtml",
    "jr": "http://openrosa.org/javarosa",
}
Offered = Mapping[str, Sequence[Category]]


def sheets(form: Declared, offered: Offered = {}, langs: Sequence[str] = ("fr", "ar")) -> Sheets:  # noqa: B006
    return xlsform(form, [DECLARED.languages[lang] for lang in langs], offered)


def compiled(form: Declared, offered: Offered = {}, **options: Any) -> ConvertResult:  # noqa: B006
    return convert(xlsform=BytesIO(xlsform_bytes(sheets(form, offered))), file_type=".xlsx", **options)


class Compiled:
    """A compiled form, asked as a phone asks it: what a question is called, whether it is put, whether it takes an answer."""

    def __init__(self, form: Declared, offered: Offered = {}) -> None:  # noqa: B006
        result = compiled(form, offered)
        self.form, self.warnings = form, result.warnings
        self.tree = etree.fromstring(result.xform.encode())
        names = etree.FunctionNamespace(None)
        names["regex"] = lambda _, text, pattern: bool(re.search(pattern, _text(text)))
        names["date"] = lambda _, text: _days(_text(text))

    def find(self, path: str) -> Any:
        return self.tree.xpath(path, namespaces=_SPACES)

    def bind(self, key: str) -> Any:
        [found] = [one for one in self.find("//x:bind") if one.get("nodeset").endswith(f"/{field_name(key)}")]
        return found

    def text(self, key: str, kind: str, lang: str) -> str:
        path = f"{self.bind(key).get('nodeset')}:{kind}"
        return str(self.find(f"//x:translation[@lang='{lang}']/x:text[@id='{path}']/x:value/text()")[0])

    def is_asked(self, key: str, **answers: str) -> bool:
        condition = self.bind(key).get("relevant")
        data = "".join(f"<{name}>{value}</{name}>" for name, value in answers.items())
        return condition is None or bool(etree.fromstring(f"<data>{data}</data>").xpath(_bare(condition)))

    def takes(self, key: str, answer: str) -> bool:
        limit = self.bind(key).get("constraint")
        if limit is None:
            return True
        node = etree.Element("answer")
        # XPath compares numbers; what a phone holds as a day is compared here by its rank
        node.text = str(_days(answer)) if self.bind(key).get("type") == "date" else answer
        return bool(node.xpath(limit))


def _bare(condition: str) -> str:
    return re.sub(r"/data/section_\d+/", "/data/", condition)


def _text(found: Any) -> str:
    return found if isinstance(found, str) else str(found[0].text)


def _days(text: str) -> float:
    return float(date.fromisoformat(text).toordinal())


@cache
def form(name: str) -> Compiled:
    return Compiled(FORMS[name])


# ------------------------------------------------------------------------------------------------- it compiles


@EVERY
def test_each_form_compiles_without_a_warning_and_asks_all_its_questions(name: str) -> None:
    one = form(name)
    assert one.warnings == []
    asked = [bind.get("nodeset").rpartition("/")[2] for bind in one.find("//x:bind")]
    assert [key for key in asked if key in {field_name(k) for k in FORMS[name].questions}] == [
        field_name(key) for key in FORMS[name].questions
    ]
    for key, question in FORMS[name].questions.items():
        assert (one.bind(key).get("required") == "true()") == question.required
        assert one.text(key, "label", FRENCH) == question.title
        told = DECLARED.languages["ar"].gettext(question.title)
        assert one.text(key, "label", ARABIC) == told != question.title
        if question.help:
            assert one.text(key, "hint", FRENCH) == question.help
    assert one.bind("presentation").get("readonly") == "true()"  # it is read, and asks for nothing
    assert one.text("presentation", "label", FRENCH) == FORMS[name].intro


@pytest.mark.proof
@EVERY
def test_the_validator_of_odk_accepts_each_form(name: str) -> None:
    if not shutil.which("java"):
        pytest.skip("ODK Validate needs Java")
    rows = {"id": [Category("ACN-00001", "ACN-00001 · une action")]} if "id" in FORMS[name].questions else {}
    assert compiled(FORMS[name], rows, validate=True).warnings == []


def test_a_section_is_a_page_with_its_title_and_its_help() -> None:
    convention = form("convention")
    assert convention.find("//h:body/x:group/@appearance") == ["field-list"] * 4
    assert convention.text("section_4_aide", "label", FRENCH).startswith("Ce qui est déjà envisagé")
    assert convention.text("section_4_aide", "label", ARABIC).startswith("ما هو متوقع")


def test_a_long_answer_has_room_and_a_long_list_is_searched() -> None:
    convention = form("convention")
    looks = {at.get("ref").rpartition("/")[2]: at.get("appearance") for at in convention.find("//h:body//*[@ref]")}
    assert looks["objet"] == "multiline"
    assert looks["devise"] is None
    assert looks["partenaires__pays"] == "autocomplete"
    assert looks["domaine"] is None


def test_a_country_is_chosen_by_its_name_and_kept_by_its_code() -> None:
    rows = [row for row in sheets(FORMS["jumelage"])["choices"] if row[0] == "pays"]
    assert ("pays", "SN", "Sénégal", "السنغال") in rows
    assert len(rows) > 190


# ------------------------------------------------------------------------------------- what is asked, and taken


@pytest.mark.parametrize(
    ("mode", "room", "platform"),
    [("PRESENTIEL", True, False), ("A_DISTANCE", False, True), ("MIXTE", True, True), ("", False, False)],
)
def test_the_place_of_a_meeting_is_asked_by_how_it_was_held(mode: str, room: bool, platform: bool) -> None:
    minutes = form("compte_rendu")
    assert minutes.is_asked("lieu", mode=mode) is room
    assert minutes.is_asked("plateforme", mode=mode) is platform
    assert minutes.is_asked("cr_decisions", mode=mode)


@pytest.mark.parametrize(
    ("name", "key", "right", "wrong"),
    [
        ("jumelage", "demandeur.courriel", "a.b@commune.example", "a.b@commune"),
        ("jumelage", "demandeur.courriel", "a+b@fes.commune.example", "a b@commune.example"),
        (
            "jumelage",
            "lien_dossier",
            "Archives, boîte 12",
            "x" * 32_768,
        ),  # a link or an archive mark, as in the registry
        ("jumelage", "partenaires.population", "0", "-1"),
        ("avancement", "avancement_pct", "100", "100.5"),
        ("avancement", "avancement_pct", "0", "-0.5"),
        ("avancement", "date_fin_reelle", "1990-01-01", "1989-12-31"),
        ("avancement", "date_fin_reelle", "2100-12-31", "2101-01-01"),
        ("evaluation", "pieces_clauses.note:IMPACT", "20", "21"),
        ("jumelage", "objet", "x" * 32_767, "x" * 32_768),
    ],
)
def test_an_answer_of_another_kind_is_refused_on_the_phone(name: str, key: str, right: str, wrong: str) -> None:
    assert form(name).takes(key, right)
    assert not form(name).takes(key, wrong)


def test_a_refusal_says_what_is_expected_in_the_language_of_the_form() -> None:
    progress = form("avancement")
    assert progress.text("avancement_pct", "jr:constraintMsg", FRENCH) == "Un nombre de 0 à 100."
    assert progress.text("avancement_pct", "jr:constraintMsg", ARABIC) == "عدد من 0 إلى 100."
    assert progress.text("statut", "jr:requiredMsg", ARABIC) == "هذا الجواب ضروري."


def test_what_an_export_says_of_a_choice_reads_as_its_value() -> None:
    for one in FORMS.values():
        told, lists = sheets(one), dict[str, list[str]]()
        for list_name, value, *_ in told["choices"][1:]:
            lists.setdefault(list_name, []).append(value)
        kinds = {row[1]: row[0] for row in told["survey"]}
        for key, question in one.questions.items():
            kind, _, list_name = kinds[field_name(key)].partition(" ")
            assert (kind == "select_one") == bool(
                question.has_choices or question.column.type == "boolean" or list_name
            )
            for value in lists.get(list_name, []):
                read = read_cell(value, question.column)
                assert isinstance(read, str | bool), (key, value)


@EVERY
@pytest.mark.parametrize(
    "before", ["", "section_1-", "section_12/", "/data/section_2/", "data-section_3-", " section_1:"]
)
def test_a_column_of_an_export_leads_back_to_its_question(name: str, before: str) -> None:
    for key in FORMS[name].questions:
        assert question_named(before + field_name(key), FORMS[name]) == key


@pytest.mark.parametrize(
    "header", ["", "KEY", "SubmissionDate", "meta-instanceID", "section_1-inconnu", "section_4_aide"]
)
def test_another_column_of_an_export_is_no_question(header: str) -> None:
    assert question_named(header, FORMS["convention"]) is None


# -------------------------------------------------------------------------------------- rows of the registry


def test_the_rows_that_a_question_designates_are_listed_by_number_and_name() -> None:
    known = registry({"plan_action": [{"quoi_activite": "Former dix agents"}, {"quoi_activite": "=1+1"}]})
    offered = rows_offered(FORMS["avancement"], known, DECLARED.tabs)
    assert [(row.value, row.label) for row in offered["id"]] == [
        ("ACN-00001", "ACN-00001 · ACT-00001 · Former dix agents"),
        ("ACN-00002", "ACN-00002 · ACT-00001 · =1+1"),
    ]
    one = Compiled(FORMS["avancement"], offered)
    assert one.warnings == []
    values = one.find("//x:instance[@id='lignes_id']//x:name/text()")
    assert values == ["ACN-00001", "ACN-00002"]
    assert "id" not in rows_offered(FORMS["convention"], known, DECLARED.tabs)


def test_a_name_too_long_for_a_list_is_cut() -> None:
    known = registry({"plan_action": [{"quoi_activite": "x" * 400}]})
    [row] = rows_offered(FORMS["avancement"], known, DECLARED.tabs)["id"]
    assert len(row.label) == 120
    assert row.label.endswith("x…")


@pytest.mark.parametrize(("rows", "is_list"), [(0, False), (1, True), (MOST_OFFERED, True), (MOST_OFFERED + 1, False)])
def test_a_list_that_nobody_would_read_is_a_free_text(rows: int, is_list: bool) -> None:
    known = registry({"plan_action": [{"quoi_activite": f"Action {n}"} for n in range(rows)]})
    offered = rows_offered(FORMS["avancement"], known, DECLARED.tabs)
    assert ("id" in offered) is is_list
    [kind] = [row[0] for row in sheets(FORMS["avancement"], offered)["survey"] if row[1] == "id"]
    assert kind == ("select_one lignes_id" if is_list else "text")


def test_two_rows_of_one_number_are_not_offered() -> None:
    known = registry(
        {"plan_action": [{"id": "ACN-00001", "quoi_activite": "A"}, {"id": "ACN-00001", "quoi_activite": "B"}]}
    )
    assert "id" not in rows_offered(FORMS["avancement"], known, DECLARED.tabs)


NASTY = (
    "=HYPERLINK(1)",
    "${statut}",
    "<b>gras</b> & co",
    "\u202ea\u2066b",
    "{{ 7*7 }}",
    "a\x00b\nc",
    "x" * 50_000,
    "ي؟",
)


def test_a_title_that_means_harm_is_a_mere_label() -> None:
    offered = {"id": [Category(f"ACN-{n:05}", text) for n, text in enumerate(NASTY)]}
    data = xlsform_bytes(sheets(FORMS["avancement"], offered))
    for sheet in openpyxl.load_workbook(BytesIO(data)):
        assert {cell.data_type for row in sheet for cell in row if cell.value is not None} == {"s"}
    one = Compiled(FORMS["avancement"], offered)
    assert one.warnings == []
    told = one.find(f"//x:translation[@lang='{FRENCH}']/x:text[starts-with(@id,'lignes_id-')]/x:value")
    assert [len(value) for value in told] == [0] * len(NASTY)  # no reference to an answer, no markup
    assert [value.text for value in told][:5] == ["=HYPERLINK(1)", "$ {statut}", "<b>gras</b> & co", "ab", "{{ 7*7 }}"]


# --------------------------------------------------------------------------------------------------- the file


def test_another_content_is_another_version_and_the_same_is_the_same() -> None:
    def version(offered: Offered) -> str:
        title, id_, version, language = sheets(FORMS["avancement"], offered)["settings"][1]
        assert (title, id_, language) == ("Dire où en est une action", "cdi_avancement", FRENCH)
        return version

    one = {"id": [Category("ACN-00001", "a")]}
    assert version(one) == version(dict(one)) != version({"id": [Category("ACN-00001", "b")]})


def test_the_first_language_opens_and_the_others_are_there() -> None:
    told = sheets(FORMS["jumelage"], langs=("ar", "en"))
    assert told["settings"][1][0] == "اقتراح توأمة"
    assert told["settings"][1][-1] == ARABIC
    assert [title for title in told["survey"][0] if title.startswith("label")] == [
        f"label::{ARABIC}",
        "label::English (en)",
    ]


@EVERY
def test_it_says_in_which_language_it_opens(name: str) -> None:
    for langs in (("fr", "ar"), ("ar", "fr")):
        title, *rows = sheets(FORMS[name], langs=langs)["survey"]
        [line] = [dict(zip(title, row, strict=True)) for row in rows if row[1] == "cdi_langue"]
        assert (line["type"], line["calculation"]) == ("calculate", f"'{langs[0]}'")
