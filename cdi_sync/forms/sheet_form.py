"""A form as one page of a workbook, one question a line: what stands in it, and what each answer may be. Pure.

Texts are in the language of the form. An answer's cell is known by a name that follows the question alone, so that lines may
be moved, and a form filled in long ago is still understood.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cdi_sync.forms.declaration import Declared, Question, Section, stable_id
from cdi_sync.forms.words import NO, YES, choice_told
from cdi_sync.mail.language import FRENCH, Language
from cdi_sync.reference.countries import countries

REQUIRED_MARK = " *"
MADE_BY = "cdi_sync formulaire"  # first cell of the hidden sheet, by which one of our forms is known
KEPT, LISTS = "cdi", "Listes"  # the hidden sheets: what the file is, what its drop-downs offer
_LONG = 36  # width, in characters, of the registry's columns that hold sentences
_NAME = "q_"

LEGEND = "* : à remplir. Les cases blanches sont à remplir ; les listes s'ouvrent par la flèche au bord de la case."
ONE_CASE = "Une fiche par demande. Pour corriger une demande déjà envoyée, corriger cette même fiche et la renvoyer."
HEADS = ("Question", "Votre réponse", "Aide")
SHEET = "Formulaire"
DAY_HINT = "Date : jj/mm/aaaa."
HOUR_HINT = "Heure : hh:mm."
LIST_HINT = "Plusieurs valeurs : les séparer par des points-virgules."
CHOICE_HINT = "À choisir dans la liste."
ONLY_IF = "Seulement si « {question} » vaut : {values}."
CHECK_TITLE = "Réponse à vérifier"
NOT_LISTED = "Choisir une valeur dans la liste déroulante."
DOUBTFUL = "Cette réponse n'a pas la forme attendue. La garder quand même ?"
NUMBER_EXPECTED = "Un nombre est attendu."
TEXTS = (LEGEND, ONE_CASE, *HEADS, SHEET, DAY_HINT, HOUR_HINT, LIST_HINT, CHOICE_HINT, ONLY_IF, YES, NO, CHECK_TITLE,
         NOT_LISTED, DOUBTFUL, NUMBER_EXPECTED)  # fmt: skip


@dataclass(frozen=True)
class When:
    """The answer is asked for only when the cell of that name shows one of these labels."""

    name: str
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """One question. name: of the answer's cell. choices: the drop-down, empty for none; strict: nothing else may be typed."""

    question: Question
    name: str
    title: str
    help: str
    choices: tuple[str, ...] = ()
    strict: bool = False
    lines: int = 1  # of text that the answer's cell shows
    when: When | None = None


@dataclass(frozen=True)
class Part:
    """A section."""

    title: str
    help: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Sheet:
    """A form laid out, ready to be written. said: a text of ours in the language of the form."""

    form: Declared
    version: str
    language: Language
    title: str
    intro: str
    parts: tuple[Part, ...]

    def said(self, text: str) -> str:
        return self.language.gettext(text)

    @property
    def lines(self) -> Sequence[Line]:
        """Every question, in order."""
        return [line for part in self.parts for line in part.lines]


def version_of(form: Declared) -> str:
    """Eight hexadecimal digits that change with what the form asks, not with its wording."""
    return stable_id(
        *(
            f"{q.key}:{q.column.type}:{q.required}:{','.join(c.value for c in q.column.categories)}"
            for q in form.questions.values()
        )
    )


def cell_name(form: Declared, key: str) -> str:
    """The name of the cell that answers a question."""
    return _NAME + form.id_of(key)


def question_id(name: str) -> str:
    """The identifier of the question that a cell of that name answers; "" for another name."""
    return name.removeprefix(_NAME) if name.startswith(_NAME) else ""


def lay_out(form: Declared, language: Language, offered: Mapping[str, Sequence[str]] | None = None) -> Sheet:
    """The form in a language. offered: key of a question → names that it proposes, beside which anything may be typed."""
    parts = tuple(
        Part(
            language.gettext(section.title),
            _told(section.help, language),
            _lines(form, section, language, offered or {}),
        )
        for section in form.sections
    )
    return Sheet(form, version_of(form), language, language.gettext(form.title), _told(form.intro, language), parts)


def _told(text: str, language: Language) -> str:
    return language.gettext(text) if text else ""


def _lines(
    form: Declared, section: Section, language: Language, offered: Mapping[str, Sequence[str]]
) -> tuple[Line, ...]:
    return tuple(_line(form, question, language, offered.get(question.key, ())) for question in section.questions)


def _line(form: Declared, question: Question, language: Language, offered: Sequence[str]) -> Line:
    choices, strict = _choices(question, language, offered)
    when = _when(form, question, language)
    asked = [
        _told(question.help, language),
        _hint(question, language, bool(choices)),
        _only_if(form, when, question, language),
    ]
    return Line(
        question=question,
        name=cell_name(form, question.key),
        title=language.gettext(question.title) + (REQUIRED_MARK if question.required else ""),
        help=" ".join(filter(None, asked)),
        choices=choices,
        strict=strict,
        lines=3 if not choices and question.column.type == "string" and question.column.width >= _LONG else 1,
        when=when,
    )


def _choices(question: Question, language: Language, offered: Sequence[str]) -> tuple[tuple[str, ...], bool]:
    """What the drop-down offers, and whether it is all that may be answered."""
    column = question.column
    if column.categories:
        return tuple(choice_told(category.label, language) for category in column.categories), True
    if column.type == "boolean":
        return (choice_told(YES, language), choice_told(NO, language)), True
    if column.format == "country":
        return _countries(language), False
    return tuple(dict.fromkeys(offered)), False


def _countries(language: Language) -> tuple[str, ...]:
    names = [{"ar": country.ar, "en": country.en}.get(language.code, country.fr) for country in countries()]
    return tuple(names if language.code == FRENCH else sorted(names))


def _hint(question: Question, language: Language, has_choices: bool) -> str:
    if has_choices:
        return language.gettext(CHOICE_HINT)
    hints = {"date": DAY_HINT, "time": HOUR_HINT, "list": LIST_HINT}
    return _told(hints.get(question.column.type, ""), language)


def _when(form: Declared, question: Question, language: Language) -> When | None:
    if question.when is None:
        return None
    asked = form.questions[question.when.question]
    labels = {category.value: choice_told(category.label, language) for category in asked.column.categories}
    return When(cell_name(form, asked.key), tuple(labels[value] for value in question.when.values))


def _only_if(form: Declared, when: When | None, question: Question, language: Language) -> str:
    if when is None or question.when is None:
        return ""
    asked = language.gettext(form.questions[question.when.question].title)
    return language.gettext(ONLY_IF).format(question=asked, values=", ".join(when.labels))
