"""Forms filled in as departments do: answers typed in the cells of a returned file, by the keys of their questions."""

import io
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from cdi_sync.edges.config import Declarations
from cdi_sync.edges.forms.sheet_file import write_form
from cdi_sync.edges.forms.sheet_reading import read_form
from cdi_sync.edges.installation import Common, Installation
from cdi_sync.forms.declaration import Declared, parse_form
from cdi_sync.forms.sheet_form import cell_name, lay_out
from cdi_sync.forms.submission import Source, Submission
from cdi_sync.mail.language import Language
from tests.registries import DECLARED

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TWINNING = DECLARED.forms["jumelage"]
ANSWERS: Mapping[str, Any] = {
    "demandeur.nom": "Amina Alaoui",
    "demandeur.courriel": "amina@fes.example",
    "collectivite": "Fès",
    "partenaires.nom": "Ville de Lyon",
    "partenaires.pays": "France",
    "partenaires.type": TWINNING.questions["partenaires.type"].column.categories[0].label,
    "intitule": "Jumelage Fès - Lyon",
    "objet": "=1+1",
}
MARK = "5d0f6a3e-0000-4000-8000-000000000001"
MINUTES = parse_form(
    {
        "nom": "essai", "titre": "Formulaire d'essai", "presentation": "Pour les essais.", "merci": "Merci.",
        "onglet": "reunions", "ligne": "existante",
        "sections": [{"titre": "Essai", "aide": "Une aide.", "questions": [
            {"champ": "demandeur.nom"}, {"champ": "demandeur.courriel"}, {"champ": "id"}, {"champ": "type"}, {"champ": "date"},
            {"champ": "date_diffusion_cr", "si": {"champ": "type", "vaut": ["COPIL"]}}, {"champ": "heure_debut"},
            {"champ": "annulee"}, {"champ": "participants_presents"}, {"champ": "cr_decisions"}]}],
    },
    DECLARED.tabs,
)  # fmt: skip


def declared_with(*forms: Declared, languages: Mapping[str, Language] | None = None) -> Declarations:
    """The declarations, with these forms more."""
    made = Declarations()
    made.__dict__.update(
        tabs=DECLARED.tabs,
        languages=languages or DECLARED.languages,
        forms={**DECLARED.forms, **{form.name: form for form in forms}},
    )
    return made


def blank(form: Declared = TWINNING, *, lang: str = "fr", mark: str = MARK, declared: Declarations = DECLARED) -> bytes:
    """The file that is handed out."""
    return write_form(lay_out(form, declared.languages[lang]), mark)


@cache
def _blank(is_minutes: bool) -> bytes:
    return blank(MINUTES if is_minutes else TWINNING)


def filled(
    answers: Mapping[str, Any] = ANSWERS,
    form: Declared = TWINNING,
    *,
    data: bytes = b"",
    also: Callable[[Workbook], None] | None = None,
) -> bytes:
    """The file once filled in and saved. data: another one than a blank one; also: what else was done to it."""
    if data or also:
        return _filled(answers, form, data or _blank(form is MINUTES), also)
    return _plainly_filled(tuple(answers.items()), form is MINUTES)


@cache
def _plainly_filled(answers: tuple[tuple[str, Any], ...], is_minutes: bool) -> bytes:
    return _filled(dict(answers), MINUTES if is_minutes else TWINNING, _blank(is_minutes), None)


def _filled(answers: Mapping[str, Any], form: Declared, data: bytes, also: Callable[[Workbook], None] | None) -> bytes:
    book = load_workbook(io.BytesIO(data))
    for key, value in answers.items():
        ((title, place),) = book.defined_names[cell_name(form, key)].destinations
        cell = book[title][place]
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"
    if also:
        also(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(
    data: bytes, *, declared: Declarations = DECLARED, at: datetime = AT, source: Source = Source.FOLDER
) -> Submission:
    """The one answer of a file."""
    (one,) = read_form(data, "retour.xlsx", declared, source=source, at=at)
    return one


class FakeIntake:
    """Remembers what it was given; an answer is new, or edited, when its values weren't there."""

    def __init__(self) -> None:
        self.answers: dict[str, Submission] = {}

    def take(self, submission: Submission, *, at: datetime) -> bool:
        before = self.answers.get(submission.key)
        self.answers[submission.key] = submission
        return before is None or before.values != submission.values

    def take_now(self, submission: Submission) -> bool:
        return self.take(submission, at=AT)


_AT = Installation.at


def opened_with_declarations(monkeypatch: pytest.MonkeyPatch) -> None:
    """Installations share the declarations of all tests: read once."""
    monkeypatch.setattr(Installation, "at", lambda path: _AT(path, Common(declarations=DECLARED)))
