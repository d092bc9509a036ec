"""A form as an XLSForm (ODK, KoboToolbox…): the rows of its sheets « survey », « choices » and « settings ». Pure.

One column a language for each text. A question is named by `field_name`, since a colon is no part of such a name; exports bear
that name, sometimes after its group's (« section_1-domaine », « section_1/domaine »). A choice is named by its value, so that
an export reads the same in every language. Written after xlsform.org's reference; pyxform compiles each form in the tests.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from cdi_sync.forms.declaration import Condition, Declared, Question
from cdi_sync.forms.words import choice_told, choices_of, worded
from cdi_sync.mail.language import Language
from cdi_sync.model import Category, Column
from cdi_sync.reference.countries import countries
from cdi_sync.text import tidy

# Filled in unasked: values are the same in every language, and nothing else tells in which one to write to who answered. The
# one that opens: an XLSForm can't tell which one is shown.
LANGUAGE = "cdi_langue"
LONGEST_ANSWER = 32_767  # what a cell of a workbook holds
_WIDE = 36  # columns that wide hold sentences (parametre)
_NAMES = {"fr": "Français (fr)", "ar": "العربية (ar)", "en": "English (en)"}
_TYPES = {"date": "date", "time": "time", "integer": "integer", "number": "decimal"}
_MAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
_GROUPS = re.compile(
    r"^(?:/?data[/-])?/?section_\d+[/\-:.]"
)  # as ODK Central, Briefcase and KoboToolbox put them before a name

Sheets = Mapping[str, Sequence[Sequence[str]]]  # name of a sheet → its rows of texts, the header first
_Line = dict[str, str]  # title of a column → text


def field_name(question: str) -> str:
    """How an XLSForm names the question of that key: « pieces_clauses__contenu__POURQUOI »."""
    return question.replace(".", "__").replace(":", "__")


def question_named(header: str, form: Declared) -> str | None:
    """The key of the question that a column of an export bears, with or without its groups; None when it is no question's."""
    names = {field_name(key): key for key in form.questions}
    bare = _GROUPS.sub("", header.strip())
    return names.get(bare)


def xlsform(form: Declared, languages: Sequence[Language], offered: Mapping[str, Sequence[Category]]) -> Sheets:
    """The three sheets of that form. languages: at least one, the first is the one that opens.

    offered: question's key → rows of the registry that it lists (`references.rows_offered`).
    """
    told = [worded(form, language) for language in languages]
    survey = _sheet(_survey(form, told, languages, offered))
    choices = _sheet(_choices(form, languages, offered))
    settings: _Line = {
        "form_title": _shown(told[0].title),
        "form_id": f"cdi_{form.name}",
        "version": _version(survey, choices),
        "default_language": _NAMES[languages[0].code],
    }
    return {"survey": survey, "choices": choices, "settings": _sheet(iter([settings]))}


def _sheet(lines: Iterator[_Line]) -> Sequence[Sequence[str]]:
    """Lines under the titles that they use, in the order in which they come."""
    rows = list(lines)
    header = tuple(dict.fromkeys(chain.from_iterable(rows)))
    return (header, *(tuple(row.get(title, "") for title in header) for row in rows))


def _version(*sheets: Sequence[Sequence[str]]) -> str:
    """Eight digits of what the form holds: another content is another version, the same is the same."""
    return hashlib.sha256(repr(sheets).encode()).hexdigest()[:8]


def _texts(name: str, languages: Sequence[Language], texts: Sequence[str]) -> _Line:
    """A text in each language, in the columns of that name."""
    return {f"{name}::{_NAMES[one.code]}": _shown(text) for one, text in zip(languages, texts, strict=True)}


def _shown(text: str) -> str:
    """A text that designates no question, as « ${ » would."""
    return tidy(text).replace("${", "$ {")


# --------------------------------------------------------------------------------------------------- questions


def _survey(
    form: Declared, told: Sequence[Declared], languages: Sequence[Language], offered: Mapping[str, Sequence[Category]]
) -> Iterator[_Line]:
    yield {"type": "calculate", "name": LANGUAGE, "calculation": f"'{languages[0].code}'"}
    yield {"type": "note", "name": "presentation"} | _texts("label", languages, [one.intro for one in told])
    for at, section in enumerate(form.sections):
        name, same = f"section_{at + 1}", [one.sections[at] for one in told]
        yield {"type": "begin_group", "name": name, "appearance": "field-list"} | _texts(
            "label", languages, [one.title for one in same]
        )
        if section.help:
            yield {"type": "note", "name": f"{name}_aide"} | _texts("label", languages, [one.help for one in same])
        for question in section.questions:
            yield _question(question, form, told, languages, offered)
        yield {"type": "end_group", "name": name}


def _question(
    question: Question,
    form: Declared,
    told: Sequence[Declared],
    languages: Sequence[Language],
    offered: Mapping[str, Sequence[Category]],
) -> _Line:
    same = [one.questions[question.key] for one in told]
    line = {"type": _type(question, question.key in offered), "name": field_name(question.key)}
    line |= _texts("label", languages, [one.title for one in same])
    if question.help:
        line |= _texts("hint", languages, [one.help for one in same])
    if question.required:
        line["required"] = "yes"
        line |= _said("required_message", "Cette réponse est nécessaire.", languages)
    if question.when:
        line["relevant"] = _relevant(question.when, form.questions[question.when.question])
    if limit := _limit(question.column, listed=line["type"].startswith("select")):
        line["constraint"] = limit[0]
        line |= _said("constraint_message", limit[1], languages, **limit[2])
    if appearance := _appearance(question.column, line["type"]):
        line["appearance"] = appearance
    return line


def _said(name: str, text: str, languages: Sequence[Language], **facts: str) -> _Line:
    return _texts(name, languages, [language.gettext(text).format(**facts) for language in languages])


def _type(question: Question, is_offered: bool) -> str:
    column = question.column
    if is_offered or column.format == "country" or choices_of(question):
        several = column.type == "list" and not is_offered
        return f"{'select_multiple' if several else 'select_one'} {_list_name(question, is_offered)}"
    return _TYPES.get(column.type, "text")


def _list_name(question: Question, is_offered: bool) -> str:
    if is_offered:
        return f"lignes_{field_name(question.key)}"
    if question.column.format == "country":
        return "pays"
    return "oui_non" if question.column.type == "boolean" else f"{question.tab}_{question.column.key}"


def _appearance(column: Column, kind: str) -> str:
    if kind.startswith("select") and (column.format == "country" or kind.partition(" ")[2].startswith("lignes_")):
        return "autocomplete"
    is_sentence = column.type in ("string", "list") and column.width >= _WIDE
    return "multiline" if kind == "text" and is_sentence else ""


def _relevant(when: Condition, other: Question) -> str:
    """The condition as XPath; the values are codes of ours, without quotes."""
    name = field_name(when.question)
    if other.column.type == "list":
        return " or ".join(f"selected(${{{name}}}, '{value}')" for value in when.values)
    return " or ".join(f"${{{name}}} = '{value}'" for value in when.values)


def _limit(column: Column, *, listed: bool) -> tuple[str, str, dict[str, str]] | None:
    """What an answer must be, as XPath, the French text that says so, and its facts; None when anything will do."""
    if listed or column.type == "time":
        return None
    if column.type in ("integer", "number"):
        return _number_limit(column)
    if column.type == "date":
        first, last = (f"{column.years[0]:04}-01-01", f"{column.years[1]:04}-12-31")
        text = "Une date de {minimum} à {maximum}."
        return f". >= date('{first}') and . <= date('{last}')", text, {"minimum": first[:4], "maximum": last[:4]}
    if column.type == "email":
        return f"regex(., '{_MAIL}')", "Une adresse de courriel, comme service@commune.example.", {}
    if column.pattern and "'" not in column.pattern:
        return f"regex(., '^(?:{column.pattern})$')", "Une réponse de la forme demandée.", {}
    return f"string-length(.) <= {LONGEST_ANSWER}", "Au plus {maximum} signes.", {"maximum": str(LONGEST_ANSWER)}


def _number_limit(column: Column) -> tuple[str, str, dict[str, str]] | None:
    least = None if column.minimum is None else f"{column.minimum:.15g}"
    most = None if column.maximum is None else f"{column.maximum:.15g}"
    if least is not None and most is not None:
        facts = {"minimum": least, "maximum": most}
        return f". >= {least} and . <= {most}", "Un nombre de {minimum} à {maximum}.", facts
    if least is not None:
        return f". >= {least}", "Un nombre d'au moins {minimum}.", {"minimum": least}
    return None if most is None else (f". <= {most}", "Un nombre d'au plus {maximum}.", {"maximum": most})


# ----------------------------------------------------------------------------------------------------- choices


def _choices(
    form: Declared, languages: Sequence[Language], offered: Mapping[str, Sequence[Category]]
) -> Iterator[_Line]:
    """Each list once, whatever the number of questions that use it."""
    lists = {_list_name(q, q.key in offered): q for q in form.questions.values() if " " in _type(q, q.key in offered)}
    for name, question in lists.items():
        for value, labels in _told_choices(question, languages, offered.get(question.key, ())):
            yield {"list_name": name, "name": value} | _texts("label", languages, labels)


def _told_choices(
    question: Question, languages: Sequence[Language], rows: Sequence[Category]
) -> Iterator[tuple[str, Sequence[str]]]:
    """Each choice: its value, and what it is called in each language; a row of the registry is the same in all."""
    if rows:
        yield from ((row.value, [row.label] * len(languages)) for row in rows)
    elif question.column.format == "country":
        for country in countries():
            yield country.code, [{"fr": country.fr, "ar": country.ar, "en": country.en}[one.code] for one in languages]
    else:
        for choice in choices_of(question):
            yield choice.value, [choice_told(choice.label, language) for language in languages]
