"""A form in the language of whoever fills it in: the same questions, other words. Pure.

Keys, identifiers and the values of choices never change, so that an answer means the same in every language. A text without a
translation is told in French, and a test lets none be without.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from cdi_sync.forms.declaration import Declared, Question, Section
from cdi_sync.mail.language import Language
from cdi_sync.model import Category, Column

YES, NO = "Oui", "Non"
CHOICE = "choix"  # context of the values of lists, that other texts say in other words
# Words that forms show beside their own texts, whatever makes them; translated like the rest.
FIXED = (
    YES,
    NO,
    "obligatoire",
    "Facultatif",
    "Choisir",
    "Autre",
    "Réponse",
    "Question",
    "Réponse attendue.",
    "Cette réponse est nécessaire.",
    "Une adresse de courriel, comme service@commune.example.",
    "Une date comme 31/12/2026.",
    "Une heure comme 10:30.",
    "Un nombre entier.",
    "Un nombre.",
    "Un nombre de {minimum} à {maximum}.",
    "Un nombre d'au moins {minimum}.",
    "Un nombre d'au plus {maximum}.",
    "Une date de {minimum} à {maximum}.",
    "Au plus {maximum} signes.",
    "Une réponse de la forme demandée.",
    "Question posée seulement si « {question} » vaut : {values}.",
)


def worded(form: Declared, language: Language) -> Declared:
    """That form in that language: the same keys and values, in the same order, every text told in it."""

    def told(text: str) -> str:
        return language.gettext(text) if text else ""

    def section_told(section: Section) -> Section:
        return Section(told(section.title), told(section.help), tuple(map(question_told, section.questions)))

    def question_told(question: Question) -> Question:
        return replace(
            question,
            title=told(question.title),
            help=told(question.help),
            column=_column_told(question.column, language),
        )

    return replace(
        form,
        title=told(form.title),
        intro=told(form.intro),
        thanks=told(form.thanks),
        sections=tuple(map(section_told, form.sections)),
    )


def _column_told(column: Column, language: Language) -> Column:
    """The column with its choices told; itself when it has none, since answers are kept by column."""
    if not column.categories:
        return column
    return replace(
        column,
        categories=tuple(replace(choice, label=choice_told(choice.label, language)) for choice in column.categories),
    )


def choice_told(label: str, language: Language) -> str:
    """A choice of a list, Oui or Non, in that language: as a choice, else as any text."""
    known = language.texts
    return known.get((CHOICE, label), known.get(("", label), (label,)))[0]


def choices_of(question: Question) -> tuple[Category, ...]:
    """What a question offers, in French: the categories of its column, Oui and Non for a boolean, else nothing."""
    if question.column.type == "boolean":
        return (Category(YES.upper(), YES), Category(NO.upper(), NO))
    return question.column.categories


def values_of(question: Question, language: Language) -> Mapping[str, str]:
    """Choice as that language shows it → its value, "OUI" and "NON" for a boolean. Empty when the answer is free.

    question: as declared, in French. Whatever the language, `read_cell` reads the value under the question's column.
    """
    return {choice_told(choice.label, language): choice.value for choice in choices_of(question)}


def texts_of(form: Declared) -> Iterator[str]:
    """Every French text that a form shows, but for its choices; some come several times."""
    yield from (form.title, form.intro, form.thanks)
    for section in form.sections:
        yield from filter(None, [section.title, section.help])
        for question in section.questions:
            yield from filter(None, [question.title, question.help])
