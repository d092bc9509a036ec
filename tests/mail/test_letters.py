"""What a person finds in the daily digest, whatever staff typed in the workbook; the day is 24 November 2026."""

import re
import shutil
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdi_sync.errors import ConfigError
from cdi_sync.mail.letters import HTML_BYTES, Digest, Letter, Line, Templates, cut
from tests.registries import DECLARED

FOLDER = Path(__file__).parents[2] / "mail_templates"
TEMPLATES = Templates(FOLDER, DECLARED.languages)
TODAY = date(2026, 11, 24)


def line(days_left: int | None = 9, **changed: Any) -> Line:
    """A visa whose last day is in that many days."""
    values: dict[str, Any] = {
        "reminder": "REM-VIS-02",
        "urgency": "ensuite",
        "case": "ACT-00042",
        "name": "Convention Fès – Strasbourg",
        "title": "Visa en cours",
        "action": "Relancer la Wilaya.",
        "due": None if days_left is None else TODAY + timedelta(days=days_left),
        "days_left": days_left,
        "visa_day": "",
        "source": "LO 113-14, art. 118",
        "place": "onglet Visas et accords, ligne 12, colonne « Sens »",
    }
    return Line(**(values | changed))


def digest(*lines: Line, **changed: Any) -> Digest:
    values: dict[str, Any] = {
        "to": "samira@fes.example",
        "name": "Samira El Amrani",
        "role": "Référent de la coopération",
        "council": "Commune de Fès",
        "as_of": TODAY,
        "service": "Service de la coopération",
        "workbook": "registre.xlsx",
        "lines": lines,
    }
    return Digest(**(values | changed))


def letter(*lines: Line, **changed: Any) -> Letter:
    return TEMPLATES.digest(digest(*lines, **changed))


class Page(HTMLParser):
    """What a browser finds in a page: the tags, their attributes, the text, and what each <bdi> holds."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.isolated: list[str] = []
        self._open: list[str] = []
        self._pieces: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if "style" in self._open:
            return
        self._pieces.append(data)
        if self._open[-1:] == ["bdi"]:
            self.isolated.append(data)

    @property
    def text(self) -> str:
        """What is shown, every run of spaces made one."""
        return " ".join("".join(self._pieces).split())


# ------------------------------------------------------------------------------------------------ what is read


def test_the_subject_about_several_cases_counts_them_and_begins_with_the_most_urgent() -> None:
    visa = line(9, urgency="semaine", visa_day="18 / 20")
    others = [line(20, case=f"ACT-{number:05}") for number in range(4)]
    assert letter(visa, *others).subject == (
        "5 dossiers à traiter : ACT-00042 · visa : jour 18 sur 20 (au plus tard le 3 déc.)"
    )


def test_the_subject_about_one_thing_counts_nothing() -> None:
    assert letter(line(9)).subject == "ACT-00042 · Visa en cours (au plus tard le 3 déc.)"


def test_the_subject_about_several_things_of_one_case_begins_with_the_case() -> None:
    assert letter(line(9), line(9)).subject == (
        "ACT-00042 · 2 points à traiter : Visa en cours (au plus tard le 3 déc.)"
    )


def test_what_cannot_wait_is_said_first() -> None:
    assert letter(line(9, urgency="sans_delai")).subject.startswith("Sans délai · ACT-00042 · Visa en cours")


@pytest.mark.parametrize(
    ("days_left", "urgency", "ending"),
    [
        (-1, "retard", "Visa en cours (échéance dépassée : 23 nov.)"),
        (0, "semaine", "visa : jour 20 sur 20 (aujourd'hui)"),
        (1, "semaine", "visa : jour 20 sur 20 (au plus tard le 25 nov.)"),
        (7, "semaine", "visa : jour 20 sur 20 (au plus tard le 1er déc.)"),
        (None, "ensuite", "visa : jour 20 sur 20"),
    ],
)
def test_the_subject_says_when(days_left: int | None, urgency: str, ending: str) -> None:
    subject = letter(line(days_left, urgency=urgency, visa_day="20 / 20")).subject
    assert subject == f"ACT-00042 · {ending}"


@pytest.mark.parametrize(
    ("urgencies", "sentence"),
    [
        ([], "Aucun point n'attend votre service."),
        (["ensuite"], "1 point attend votre service."),
        (["retard"], "1 point attend votre service ; il est en retard."),
        (["semaine", "ensuite"], "2 points attendent votre service."),
        (["retard", "retard"], "2 points attendent votre service, tous en retard."),
        (["retard", "semaine", "ensuite"], "3 points attendent votre service, dont 1 en retard."),
    ],
)
def test_the_situation_is_one_sentence_of_correct_french(urgencies: list[str], sentence: str) -> None:
    written = letter(*(line(urgency=urgency) for urgency in urgencies))
    assert sentence in written.text.splitlines()
    assert sentence in Page(written.html).text


@pytest.mark.parametrize(
    ("days_left", "words"),
    [
        (-2, "Échéance : 22 novembre 2026, dépassée (il y a 2 jours)"),
        (-1, "Échéance : 23 novembre 2026, dépassée (hier)"),
        (0, "Échéance : 24 novembre 2026, aujourd'hui"),
        (1, "Échéance : 25 novembre 2026, demain"),
        (2, "Échéance : 26 novembre 2026, dans 2 jours"),
        (7, "Échéance : 1er décembre 2026, dans 7 jours"),
        (1234, "Échéance : 11 avril 2030, dans 1 234 jours"),  # 2026-11-24 + 1,234 days
        (None, "Échéance : sans date limite"),
    ],
)
def test_each_line_says_the_day_and_how_far_it_is(days_left: int | None, words: str) -> None:
    written = letter(line(days_left))
    assert words in written.text
    assert words.replace(" : ", " ") in Page(written.html).text


def test_a_day_without_its_distance_is_still_said() -> None:
    assert "Échéance : 3 décembre 2026\n" in letter(line(None, due=date(2026, 12, 3))).text


def test_text_and_html_tell_the_same_facts() -> None:
    written = letter(line(9, visa_day="11 / 20"))
    for shown in (written.text, Page(written.html).text):
        for fact in (
            "Référent de la coopération, Commune de Fès",
            "Bonjour Samira El Amrani,",
            "ACT-00042",
            "Convention Fès – Strasbourg",
            "Visa en cours",
            "jour 11 sur 20",
            "Relancer la Wilaya.",
            "LO 113-14, art. 118",
            "REM-VIS-02",
            "onglet Visas et accords, ligne 12, colonne « Sens »",
            "Si c'est déjà fait : saisissez la date dans le classeur ; le rappel cessera de lui-même.",
            "Si vous vous en occupez : saisissez la date du jour dans « Rappel vu le », sur la même ligne ; les rappels se tairont "
            "quelques jours.",
            "Classeur : registre.xlsx",
            "parce que le classeur vous donne le rôle « Référent de la coopération »",
            "Service de la coopération",
        ):
            assert fact in shown, fact


def test_a_line_that_waits_for_no_visa_counts_no_day_of_visa() -> None:
    written = letter(line(9, visa_day=""))
    assert "sur 20" not in written.text + written.html


def test_groups_come_in_order_and_empty_ones_are_left_out() -> None:
    text = letter(line(urgency="ensuite"), line(-1, urgency="retard")).text
    assert text.index("EN RETARD") < text.index("ENSUITE")
    assert "CETTE SEMAINE" not in text


def test_a_late_line_leads_the_subject_even_when_it_was_given_last() -> None:
    assert letter(line(9), line(-1, urgency="retard", case="ACT-00007")).subject.startswith(
        "2 dossiers à traiter : ACT-00007 ·"
    )


@pytest.mark.parametrize(
    ("count", "shown", "rest"),
    [
        (15, 15, None),
        (16, 15, "… et 1 autre dans le classeur, onglet Échéancier."),
        (27, 15, "… et 12 autres dans le classeur, onglet Échéancier."),
    ],
)
def test_fifteen_lines_are_shown_and_the_rest_is_counted(count: int, shown: int, rest: str | None) -> None:
    written = letter(*(line(case=f"ACT-{number:05}") for number in range(1, count + 1)))
    for text in (written.text, Page(written.html).text.partition("Bonjour")[2]):
        assert len(re.findall(r"ACT-\d{5}", text)) == shown
        assert f"{count} points attendent votre service." in text
        assert rest in text if rest else "dans le classeur, onglet" not in text


def test_an_empty_digest_asks_for_nothing() -> None:
    written = letter()
    assert written.subject == "Aucun rappel"
    assert "déjà fait" not in written.text + written.html


def test_someone_without_a_name_nor_a_council_is_greeted_all_the_same() -> None:
    written = letter(line(), name="", council="")
    assert written.text.startswith("Référent de la coopération\n\nBonjour,\n")
    assert "Référent de la coopération Bonjour, " in Page(written.html).text


def test_the_plain_text_has_no_narrow_space_and_no_long_blank() -> None:
    text = letter(line(1234), line(-1, urgency="retard")).text
    assert "\u202f" not in text
    assert "\n\n\n" not in text
    assert text.endswith("Service de la coopération\n")


# ---------------------------------------------------------------------------------------------- what staff typed


HOSTILE = [
    "{{7*7}}",
    "{% for x in range(9) %}boum{% endfor %}",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "Fès & Strasbourg &lt;b&gt;",
    "--><mj-include path='/etc/passwd' />",
    "A <!-- B",
    "font-family: Ubuntu",
]


@pytest.mark.parametrize("typed", HOSTILE)
def test_what_staff_typed_is_shown_as_typed(typed: str) -> None:
    written = letter(line(name=typed, action=typed), name=typed, council=typed, service=typed, role=typed)
    harmless = Page(letter(line()).html)
    page = Page(written.html)
    assert typed in written.text
    assert page.isolated.count(typed) == 7  # person, role (twice), council, name and action of the line, service
    assert page.tags == harmless.tags
    assert [name for name, _ in page.attributes] == [name for name, _ in harmless.attributes]


def test_nothing_is_fetched_when_the_letter_is_opened() -> None:
    html = letter(*(line(name=typed) for typed in HOSTILE)).html
    page = Page(html)
    assert not {"img", "script", "link", "iframe", "a", "form"} & page.tags
    assert not {"src", "href", "background"} & {name for name, _ in page.attributes}
    assert "@import" not in html


@pytest.mark.parametrize("break_", ["\r\n", "\n", "\r", "\x00", "\x85", "\u2028", "\u2029"])
def test_a_line_break_in_a_cell_is_a_space_in_the_subject(break_: str) -> None:
    trap = f"Visa{break_}Bcc: pirate@mal.example"
    written = letter(line(title=trap, name=trap))
    assert written.subject == "ACT-00042 · Visa Bcc: pirate@mal.example (au plus tard le 3 déc.)"


@pytest.mark.parametrize("mark", ["\u202e", "\u202b", "\u2066", "\u2067", "\u200f"])
def test_a_mark_that_turns_the_reading_direction_is_removed(mark: str) -> None:
    written = letter(line(name=f"Fès{mark}xcod.exe", title=f"Visa{mark}"), name=f"Samira{mark}")
    assert mark not in written.subject + written.text + written.html


def test_half_a_character_is_dropped() -> None:
    written = letter(line(name="Fès\ud83d – Strasbourg", title="Visa\udc00"))
    assert "Fès – Strasbourg" in written.text


def test_an_arabic_name_is_fenced_off_from_the_french_around_it() -> None:
    written = letter(line(name="جماعة فاس"), name="سميرة")
    assert "Bonjour \u2068سميرة\u2069," in written.text
    assert "\u2068جماعة فاس\u2069" in written.text
    assert {"جماعة فاس", "سميرة"} <= set(Page(written.html).isolated)


def test_a_french_name_is_not_fenced_in_the_plain_text() -> None:
    assert "\u2068" not in letter(line()).text


def test_a_very_long_name_is_whole_in_the_body_and_absent_from_the_subject() -> None:
    long = "اتفاقية شراكة " * 143  # 2,002 characters
    written = letter(line(name=long))
    assert long.strip() in written.text
    assert long.strip() in written.html
    assert written.subject == letter(line()).subject


def test_a_very_long_title_leaves_the_subject_its_day_and_its_count() -> None:
    subject = letter(line(title="تأشيرة " * 300), line()).subject
    assert len(subject) <= 120
    assert subject.endswith("…\u2069 (au plus tard le 3 déc.)")


@pytest.mark.parametrize(("length", "ending"), [(120, "A · Visa 2026"), (121, "A · Visa 20…")])
def test_a_subject_keeps_120_characters(length: int, ending: str) -> None:
    subject = letter(line(None, case="A" * (length - 12), title="Visa 2026")).subject  # 12: " · Visa 2026"
    assert len(subject) == 120
    assert subject.endswith(ending)


def test_a_letter_stays_light_when_every_name_is_huge() -> None:
    huge = ("اتفاقية شراكة " * 220).strip()  # 15 times 3,079 characters of two bytes: more than 80 kB
    written = letter(*(line(name=huge) for _ in range(30)))
    assert len(written.html.encode()) < HTML_BYTES
    assert Page(written.html).text.count("…") == 16  # fifteen shortened names and the count of the others
    assert huge in written.text


def test_a_plain_letter_is_a_few_kilobytes() -> None:
    assert len(letter(*(line() for _ in range(15))).html.encode()) < 40_000


# ------------------------------------------------------------------------------------------------ cutting a text


@pytest.mark.parametrize(
    ("text", "length", "kept"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdefg", 6, "abcde…"),
        ("abc defg", 5, "abc…"),  # no space before the dots
        ("abce\u0301fg", 5, "abc…"),  # é in two characters isn't halved
        ("abc👍🏽efg", 5, "abc…"),  # a thumb doesn't lose the colour of its skin
        ("ab🇲🇦🇫🇷efg", 6, "ab🇲🇦…"),  # a flag is two letters
        ("ab🇲🇦🇫🇷efg", 5, "ab🇲🇦…"),
        ("e" + "\u0301" * 20, 5, "e\u0301\u0301\u0301…"),  # nothing but one endless character
    ],
)
def test_a_text_is_cut_between_what_is_drawn_as_one_character(text: str, length: int, kept: str) -> None:
    assert cut(text, length) == kept


@given(st.text(max_size=60), st.integers(min_value=1, max_value=70))
def test_a_cut_text_is_never_longer_than_asked(text: str, length: int) -> None:
    kept = cut(text, length)
    assert len(kept) <= length
    assert kept == text or (kept.endswith("…") and text.startswith(kept[:-1]))


# ------------------------------------------------------------------------------------------------------ the page


@pytest.mark.parametrize("lines", [0, 1, 3, 16])
def test_the_page_is_french_left_to_right_throughout(lines: int) -> None:
    page = Page(letter(*(line(name="جماعة فاس") for _ in range(lines))).html)
    assert {value for name, value in page.attributes if name == "dir"} == {"ltr"}
    assert {value for name, value in page.attributes if name == "lang"} == {"fr"}
    styles = " ".join(value for name, value in page.attributes if name == "style")
    assert set(re.findall(r"direction:\s*(\w+)", styles)) == {"ltr"}


def test_every_attribute_of_the_page_is_quoted() -> None:
    html = letter(line(visa_day="1 / 20"), line(-1, urgency="retard")).html
    tags = re.findall(r"<[a-zA-Z][^<>]*>", html)
    assert len(tags) > 50
    unquoted = [tag for tag in tags if re.search(r"=[^\"']", re.sub(r'"[^"]*"|\'[^\']*\'', '""', tag))]
    assert unquoted == []


def test_no_mark_of_the_template_is_left() -> None:
    html = letter(line()).html
    assert not re.search(r"{{|{%|{#|mj-(text|raw|section|include)\b", html)


# -------------------------------------------------------------------------------------------------- the templates


def test_a_missing_template_is_told_with_its_name(tmp_path: Path) -> None:
    folder = shutil.copytree(FOLDER, tmp_path / "modeles")
    (folder / "rappels" / "texte.txt").unlink()
    with pytest.raises(ConfigError) as refusal:
        Templates(folder, DECLARED.languages).check()
    assert "rappels/texte.txt" in refusal.value.where


def test_a_template_that_does_not_compile_is_told_with_its_line(tmp_path: Path) -> None:
    folder = shutil.copytree(FOLDER, tmp_path / "modeles")
    (folder / "rappels" / "objet.txt").write_text("Rappel\n{% if %}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as refusal:
        Templates(folder, DECLARED.languages).check()
    assert refusal.value.where == "rappels/objet.txt, ligne 2"


@pytest.mark.parametrize("file", ["rappels/objet.txt", "rappels/texte.txt", "rappels/corps.mjml"])
def test_a_template_that_names_nothing_known_stops_the_letter(tmp_path: Path, file: str) -> None:
    folder = shutil.copytree(FOLDER, tmp_path / "modeles")
    with (folder / file).open("a", encoding="utf-8") as template:
        template.write("<mj-raw>{{ inconnu }}</mj-raw>")
    if file == "rappels/texte.txt":  # what stands outside the blocks of a child template isn't rendered
        (folder / file).write_text("Bonjour {{ inconnu }}", encoding="utf-8")
    with pytest.raises(ConfigError) as refusal:
        Templates(folder, DECLARED.languages).digest(digest(line()))
    assert refusal.value.where == file
    assert "inconnu" in refusal.value.why


def test_an_unknown_urgency_is_refused() -> None:
    with pytest.raises(ValueError):
        letter(line(urgency="demain"))
