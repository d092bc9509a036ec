"""Departments that answer: every form, filled in as it was handed out, with the words of its language, and how it comes back.

What they mean is told by values of the registry; what they type follows from the form that they hold: one of its choices, or
the words of its language. Each answers with an address of its own, and speaks of a case of its own.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from lxml import etree
from openpyxl import load_workbook
from pyxform.xls2xform import convert

from cdi_sync.forms.declaration import SENDER, Declared, Question
from cdi_sync.forms.google_form import google_id
from cdi_sync.forms.references import tab_designated
from cdi_sync.forms.sheet_form import cell_name
from cdi_sync.forms.words import choice_told, choices_of, worded
from cdi_sync.forms.xlsform import field_name
from cdi_sync.model import Value
from cdi_sync.reference.countries import countries
from tests.edges.forms.filled import filled
from tests.registries import DECLARED

LANGS = ("fr", "ar")
Offered: TypeAlias = Mapping[str, Sequence[str]]  # key of a question → the choices that one reads there
_SYLLABLES = {
    "fr": ("ba", "del", "cor", "fu", "gam", "lir", "mon", "nes", "pol", "ruv"),
    "ar": ("با", "دال", "كور", "فو", "غام", "لير", "مون", "نيس", "بول", "روف"),
}
_NAMED = {"fr": "Ville de {}", "ar": "مدينة {}"}
_SAID = {"fr": "Réponse à « {} », {}", "ar": "جواب عن «{}»، {}"}
_PEOPLE = {
    "fr": ("Mme Alaoui (présidente)", "M. Bennis (directeur)"),
    "ar": ("السيدة العلوي (رئيسة)", "السيد بنيس (مدير)"),
}
_DAYS = {
    "date": date(2026, 11, 17), "date_prochaine_reunion": date(2027, 1, 12), "mise_a_jour_le": date(2026, 11, 20),
    "date_debut_reelle": date(2026, 10, 5), "date_fin_reelle": date(2026, 11, 13), "date_rapport_final": date(2026, 11, 10),
    "date_signature_prevue": date(2027, 3, 3), "date_limite_appel": date(2027, 2, 12),
}  # fmt: skip
_CODES = {"devise": "EUR", "avancement_pct": 40, "duree_mois": 24, "cotisation_annuelle": 1500.5}


@dataclass(frozen=True)
class Answered:
    """A form filled in. number: its own. meant: key of a question → what is meant, as the registry has it."""

    form: Declared
    way: str
    lang: str
    number: int
    meant: Mapping[str, Value]

    @property
    def address(self) -> str:
        return str(self.meant["demandeur.courriel"])

    def typed(self, offered: Offered) -> Mapping[str, Any]:
        """Key of a question → what is typed or chosen: a text, a number, a day."""
        return {key: self._words(key, value, offered.get(key, ())) for key, value in self.meant.items()}

    def _words(self, key: str, value: Value, offered: Sequence[str]) -> Any:
        question = self.form.questions[key]
        if tab_designated(question, self.form):
            return next((one for one in offered if one.startswith(str(value))), value)
        words = _words(question, value, self.lang)
        assert not offered or words in offered, (
            f"{self.form.name} ({self.lang}, {self.way}), {key}: {words} isn't offered"
        )
        return words


def answered(form: Declared, way: str, lang: str, number: int, rows: Mapping[str, str]) -> Answered:
    """Every question answered that is asked. rows: tab → the row of it to speak of."""
    meant: dict[str, Value] = {}
    for key, question in form.questions.items():
        if question.when is None or meant.get(question.when.question) in question.when.values:
            meant[key] = _meant(form, question, lang, number, rows)
    return Answered(form, way, lang, number, meant)


def name_of(number: int, lang: str) -> str:
    """A name that no other number has, nor one like it."""
    return "".join(_SYLLABLES[lang][int(digit)] for digit in f"{7919 * (number + 1) % 99991:05}").capitalize()


def _meant(form: Declared, question: Question, lang: str, number: int, rows: Mapping[str, str]) -> Value:
    column = question.column
    if tab := tab_designated(question, form):
        return rows[tab]
    if column.format == "country":
        return countries()[number % len(countries())].fr
    if column.categories:
        if column.key == "statut":
            return ("EN_COURS", "TERMINEE")[number % 2]
        return column.categories[number % len(column.categories)].value
    match column.type:
        case "boolean":
            return number % 2 == 0
        case "date":
            return _DAYS[column.key]
        case "integer" | "number":
            return number % 6 if column.key == "note" else _CODES.get(column.key, 1000 + number)
        case "list":
            return _PEOPLE[lang]
        case "email":
            return f"service-{number}@commune.example"
        case "url":
            return f"https://dossiers.example/{number}"
    if question.tab == SENDER:
        return name_of(number, lang)
    if column.key in _CODES:
        return _CODES[column.key]
    if column.key in ("nom", "intitule"):
        return _NAMED[lang].format(name_of(number, lang))
    return _SAID[lang].format(worded(form, DECLARED.languages[lang]).questions[question.key].title, number)


def _words(question: Question, value: Value, lang: str) -> Any:
    if question.column.format == "country":
        return next({"fr": one.fr, "ar": one.ar}[lang] for one in countries() if one.fr == value)
    if isinstance(value, bool):
        return choice_told("Oui" if value else "Non", DECLARED.languages[lang])
    if isinstance(value, tuple):
        return " ; ".join(value)
    labels = {choice.value: choice_told(choice.label, DECLARED.languages[lang]) for choice in choices_of(question)}
    return labels.get(value, value) if isinstance(value, str) else value


def as_text(typed: Any) -> str:
    """As somebody types it where all is text: a day as browsers send it, a comma before decimals."""
    if isinstance(typed, date):
        return typed.isoformat()
    return str(typed).replace(".", ",") if isinstance(typed, float) else str(typed)


# --------------------------------------------------------------------------------------------- a page of .xlsx


def choices_of_page(form: Declared, data: bytes) -> Offered:
    """What the drop-downs of a page offer."""
    book = load_workbook(io.BytesIO(data))
    found = {}
    for key in form.questions:
        ((title, place),) = book.defined_names[cell_name(form, key)].destinations
        for check in book[title].data_validations.dataValidation:
            if check.type == "list" and place.replace("$", "") in check.sqref:
                sheet, area = check.formula1.split("!")
                found[key] = [str(cell.value) for (cell,) in book[sheet][area.replace("$", "")]]
    return found


def page_filled(one: Answered, data: bytes) -> bytes:
    """That page, filled in and saved."""
    return filled(one.typed(choices_of_page(one.form, data)), one.form, data=data)


# ------------------------------------------------------------------------------------------------ Google's forms


def choices_of_google(form: Declared, items: Sequence[Mapping[str, Any]]) -> Offered:
    """What the items of a Google Form offer."""
    keys = {google_id(form.name, key): key for key in form.questions}
    asked = [item["questionItem"]["question"] for item in items if "questionItem" in item]
    return {
        keys[one["questionId"]]: [option["value"] for option in one["choiceQuestion"]["options"]]
        for one in asked if "choiceQuestion" in one
    }  # fmt: skip


def google_titles(items: Sequence[Mapping[str, Any]]) -> Mapping[str, str]:
    """Identifier of a question → its title, in order: the headers of what Google gives out."""
    return {i["questionItem"]["question"]["questionId"]: i["title"] for i in items if "questionItem" in i}


def google_table(answers: Sequence[Answered], items: Sequence[Mapping[str, Any]], moment: str) -> list[list[str]]:
    """What Google gives out of answers to one form. moment: of each."""
    form, lang = answers[0].form, answers[0].lang
    titles, offered = google_titles(items), choices_of_google(form, items)
    keys = {google_id(form.name, key): key for key in form.questions}
    rows = [{key: as_text(typed) for key, typed in one.typed(offered).items()} for one in answers]
    first = {"fr": "Horodateur", "ar": "طابع زمني"}[lang]
    return [[first, *titles.values()], *([moment, *(row.get(keys[id_], "") for id_ in titles)] for row in rows)]


def as_csv(rows: Sequence[Sequence[str]]) -> bytes:
    """Those rows, as text."""
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


# --------------------------------------------------------------------------------------------------- ODK and Kobo

_XFORM = {"x": "http://www.w3.org/2002/xforms", "h": "http://www.w3.org/1999/xhtml"}


@dataclass(frozen=True)
class Phone:
    """An XLSForm, compiled as servers do, and opened on a phone. names: name of a question → its group."""

    form: Declared
    lang: str
    names: Mapping[str, str]
    labels: Mapping[str, str]  # path, or list and number of a choice → text in the language that opens
    choices: Mapping[str, Mapping[str, str]]  # name of a question → what a choice reads → its name
    computed: Mapping[str, str]  # name of what is filled in unasked → its text

    @property
    def offered(self) -> Offered:
        return {
            key: list(self.choices[field_name(key)]) for key in self.form.questions if field_name(key) in self.choices
        }

    def row(self, one: Answered) -> Mapping[str, str]:
        """Name of a question → what the phone sends."""
        told = {field_name(key): typed for key, typed in one.typed(self.offered).items()}
        return {name: self.choices[name][typed] if name in self.choices else str(typed) for name, typed in told.items()}


def phone(form: Declared, data: bytes) -> Phone:
    """Compiles it."""
    done = convert(xlsform=io.BytesIO(data), file_type=".xlsx")
    assert done.warnings == []
    tree = etree.fromstring(done.xform.encode())

    def find(path: str, of: Any = tree) -> Any:
        return of.xpath(path, namespaces=_XFORM)

    (opens,) = find("//x:translation[@default]")
    labels = {
        text.get("id"): "".join(find("x:value[not(@form)]", text)[0].itertext()) for text in find("x:text", opens)
    }
    names, choices = {}, {}
    for input_ in find("//h:body//x:input | //h:body//x:select1 | //h:body//x:select"):
        *_, group, name = input_.get("ref").split("/")
        names[name] = group
        for itemset in find("x:itemset", input_):
            list_ = itemset.get("nodeset").split("'")[1]
            items = find(f"//x:instance[@id='{list_}']/x:root/x:item")
            read = {find("x:name", item)[0].text: find("x:itextId | x:label", item)[0].text for item in items}
            choices[name] = {labels.get(told, told): value for value, told in read.items()}
    computed = {
        bind.get("nodeset").split("/")[-1]: bind.get("calculate").strip("'") for bind in find("//x:bind[@calculate]")
        if not bind.get("nodeset").endswith("instanceID")
    }  # fmt: skip
    lang = {"Français (fr)": "fr", "العربية (ar)": "ar"}[opens.get("lang")]
    return Phone(form, lang, names, labels, choices, computed)


def odk_export(answers: Sequence[Answered], opened: Phone) -> bytes:
    """As ODK Central exports: names of groups and questions, values of choices."""
    asked = [name for name in opened.names if name in set(map(field_name, opened.form.questions))]
    heads = [f"{opened.names[name]}-{name}" for name in asked]
    rows = [opened.row(one) for one in answers]
    return as_csv([
        ["SubmissionDate", *opened.computed, *heads, "KEY", "SubmitterName"],
        *(["2026-11-23T08:10:00.000Z", *opened.computed.values(), *(row.get(name, "") for name in asked),
           f"uuid:{one.way}-{one.lang}-{one.number}", "tablette"] for one, row in zip(answers, rows, strict=True)),
    ])  # fmt: skip


def kobo_export(answers: Sequence[Answered], opened: Phone) -> bytes:
    """As KoboToolbox exports with the labels of a language."""
    names = {field_name(key): key for key in opened.form.questions}
    titles = {name: _label(opened, name) for name in opened.names if name in names}
    rows = [one.typed(opened.offered) for one in answers]
    return as_csv([
        ["start", *opened.computed, *titles.values(), "_id", "_uuid", "_submission_time", "_status"],
        *(["2026-11-23T08:00:00.000+00:00", *opened.computed.values(),
           *(str(row.get(names[name], "")) for name in titles), str(one.number),
           f"{one.way}-{one.lang}-{one.number}", "2026-11-23T08:10:00", "submitted_via_web"]
          for one, row in zip(answers, rows, strict=True)),
    ])  # fmt: skip


def _label(opened: Phone, name: str) -> str:
    (found,) = [text for id_, text in opened.labels.items() if id_.endswith(f"/{name}:label")]
    return found
