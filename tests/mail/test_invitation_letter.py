"""The words of letters about meetings: all of them in Arabic and English, whole, and in the reading direction."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from jinja2.ext import babel_extract

from cdi_sync.mail.hours import Clock
from cdi_sync.mail.invitation_letter import Invitation, Shift
from tests.mail.test_letters import FOLDER, TEMPLATES
from tests.registries import DECLARED

HERE = FOLDER / "invitation"
OPTIONS = {"trimmed": "true", "newstyle_gettext": "true", "trim_blocks": "true"}
CHANGES = [
    ("invitation", ""),
    ("modification", ""),
    *[("annulation", why) for why in ("annulee", "reportee", "retrait")],
]
LETTER = Invitation(
    meeting="REU-00001", name="Anna", lang="fr", service="Service", council="Fès", partner="Strasbourg",
    change="invitation", why="", kind="Comité de pilotage", case="ACT-00001", about="Acte d'essai",
    day="jeudi 3 décembre 2026", when="jeudi 3 décembre 2026, 10:00", clocks=(Clock("10:00", "", "UTC+0"),),
    place="", online="", link="", agenda=("Budget",), organiser=("Samira", "samira@essai.example"),
    shifts=(Shift("Lieu", "Rabat"), Shift("Ordre du jour")),
)  # fmt: skip


def sentences() -> set[str]:
    """What the templates say in French."""
    found: set[str] = set()
    for path in sorted(HERE.iterdir()):
        with path.open("rb") as file:
            for _, _, text, _ in babel_extract(file, ("_", "gettext"), [], OPTIONS):  # type: ignore[arg-type]
                found.add(text if isinstance(text, str) else text[0])
    assert len(found) > 20
    return found


@pytest.mark.parametrize("lang", ["ar", "en"])
def test_everything_is_translated(lang: str) -> None:
    code = Path("cdi_sync/mail/invitation_letter.py").read_text(encoding="utf-8")
    labels = set(re.findall(r"gettext\([\"'](.+?)[\"']\)", code)) | {"Réunion"}
    kinds = {category.label for category in DECLARED.tabs["reunions"].column("type").categories}
    known = {text for _, text in DECLARED.languages[lang].texts}
    assert (sentences() | labels | kinds) - known == set()


@pytest.mark.parametrize("lang", ["fr", "ar", "en"])
@pytest.mark.parametrize(("change", "why"), CHANGES)
def test_each_letter_says_the_same_in_its_text_and_its_page(change: str, why: str, lang: str) -> None:
    language = DECLARED.languages[lang]
    written = TEMPLATES.invitation(replace(LETTER, change=change, why=why, lang=lang))
    page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>|[\u2068\u2069]", "", written.html))
    for text in ("10:00", "UTC+0", "Acte d'essai", "Strasbourg", "samira@essai.example", "Rabat"):
        assert text in written.text
        assert text.replace("'", "&#39;") in page
    assert language.gettext("à préciser") in written.text
    assert ("Budget" in written.text) == ("Budget" in page) == (change != "annulation")
    assert f'dir="{language.direction}"' in written.html
    if lang == "ar":
        assert "direction:ltr" not in written.html.replace(" ", "")
        assert "border-right:4px" in written.html


def test_a_link_that_is_no_web_address_is_shown_and_leads_nowhere() -> None:
    page = TEMPLATES.invitation(replace(LETTER, link="javascript:alert(1)")).html
    assert "javascript:alert(1)" in page
    assert 'href="javascript' not in page
    assert 'href="https://visio.example"' in TEMPLATES.invitation(replace(LETTER, link="https://visio.example")).html


def test_typed_markup_stays_text() -> None:
    hostile = "<b>{{ 7*7 }}</b><img src=x>"
    written = TEMPLATES.invitation(replace(LETTER, place=hostile, agenda=(hostile,), about=hostile, name=hostile))
    assert "<img src=x>" not in written.html
    assert "49" not in written.text
    assert hostile in written.text
