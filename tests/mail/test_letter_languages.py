"""Letters in French, Arabic and English: nothing left untranslated, plurals, reading direction, the same facts in the
text and in the page. The day is 24 November 2026.
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from html.parser import HTMLParser
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes
from jinja2.ext import babel_extract

from cdi_sync.mail.letters import COLOURS, HTML_BYTES, URGENCIES, Letter, Line
from cdi_sync.report import Held, Point, Quality, WeeklyReport
from tests.mail.test_letters import FOLDER, TEMPLATES, Page, digest
from tests.mail.test_message import mime
from tests.mail.test_report_letter import four, week
from tests.mail.test_report_letter import letter as report_letter
from tests.registries import DECLARED

CATALOGUES = FOLDER.parent / "config" / "langues"
TRANSLATED = ("ar", "en")
LANGUAGES = ("fr", *TRANSLATED)
MINE = ("_cadre", "rappels", "rapport")  # folders of templates whose sentences are in lettres.po
COUNTS = (0, 1, 2, 3, 10, 11, 99, 100, 101, 103)
TODAY = date(2026, 11, 24)
_WORDS = ("_", "gettext", "ngettext", "pgettext")
# Forms of an Arabic plural: the numbers that each one goes with.
ARABIC = {
    0: "zero",
    1: "one",
    2: "two",
    3: "few",
    10: "few",
    11: "many",
    99: "many",
    100: "other",
    101: "other",
    103: "few",
}
STANDARD = {
    "ar": "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : "
    "n%100>=11 && n%100<=99 ? 4 : 5);",
    "en": "nplurals=2; plural=(n != 1);",
}


def templates(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in sorted((FOLDER / folder).iterdir())]
    assert len(found) > 2
    return found


ALL = templates(*(folder.name for folder in FOLDER.iterdir() if folder.is_dir()))


def sentences(paths: list[Path]) -> set[tuple[str, ...]]:
    """The French sentences of templates: (singular, plural) or (text,)."""
    options = {"trimmed": "true", "newstyle_gettext": "true", "trim_blocks": "true"}
    found = set()
    for path in paths:
        with path.open("rb") as file:
            for _, function, texts, _ in babel_extract(file, _WORDS, [], options):  # type: ignore[arg-type]
                told = [text for text in ([texts] if isinstance(texts, str) else texts) if text is not None]
                found.add(tuple(told[1:] if function == "pgettext" else told))
    return found


@cache
def catalogue(lang: str, name: str = "lettres.po") -> Catalog:
    with (CATALOGUES / lang / name).open("rb") as file:
        return read_po(file, locale=None, abort_invalid=True)


def translated(lang: str, name: str = "lettres.po") -> dict[tuple[str, ...], tuple[str, ...]]:
    """French sentence → its forms in that language."""
    return {
        _tuple(message.id): _tuple(message.string)
        for message in catalogue(lang, name)
        if message.id and not message.fuzzy
    }


def _tuple(texts: Any) -> tuple[str, ...]:
    return (texts,) if isinstance(texts, str) else tuple(texts)


# --------------------------------------------------------------------------------------- nothing left in French


@pytest.mark.parametrize("lang", TRANSLATED)
def test_every_sentence_of_the_templates_is_translated_in_all_its_forms(lang: str) -> None:
    known = dict(chain.from_iterable(translated(lang, path.name).items() for path in (CATALOGUES / lang).glob("*.po")))
    for sentence in sentences(ALL):
        forms = known.get(sentence, ())
        assert len(forms) == (DECLARED.languages[lang].forms if len(sentence) == 2 else 1), sentence
        assert all(forms), sentence


@pytest.mark.parametrize("lang", TRANSLATED)
def test_no_translation_is_left_of_a_sentence_that_is_gone(lang: str) -> None:
    assert set(translated(lang)) - sentences(templates(*MINE)) == set()


@pytest.mark.parametrize("lang", TRANSLATED)
def test_a_translation_has_the_places_of_the_french_sentence(lang: str) -> None:
    for sentence, forms in translated(lang).items():
        for rank, form in enumerate(forms):
            wanted = set(re.findall(r"%\((\w+)\)s", sentence[-1] if rank or lang == "ar" else sentence[0]))
            found = set(re.findall(r"%\((\w+)\)s", form))
            # Arabic says zero, one and two in words
            assert found == wanted or (lang == "ar" and len(forms) == 6 and rank < 3 and found == wanted - {"n"}), form
            assert len(re.findall("%", form)) == len(re.findall(r"%\(|%%", form)) + form.count("%%")


@pytest.mark.parametrize("lang", TRANSLATED)
def test_the_header_of_a_catalogue_says_the_standard_plural(lang: str) -> None:
    # read raw: Babel would put its own rule for Arabic, which isn't the one everybody follows
    raw = (CATALOGUES / lang / "lettres.po").read_text(encoding="utf-8")
    assert f'"Plural-Forms: {STANDARD[lang]}\\n"' in raw
    assert f'"Language: {lang}\\n"' in raw


def test_what_is_arabic_is_written_in_arabic_letters() -> None:
    for sentence, forms in translated("ar").items():
        for form in forms:
            bare = re.sub(r"%\(\w+\)s", "", form)
            assert not re.search(r"[A-Za-z]", bare), form
            assert re.search(r"[\u0600-\u06ff]", bare) or not re.search(r"\w", bare.replace("%", "")), sentence


_TAGS = re.compile(r"<!--.*?-->|<style\b.*?</style>|<mj-style\b.*?</mj-style>|<[^<>]*>", re.DOTALL)


@pytest.mark.parametrize("path", ALL, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_word_stands_in_a_template_outside_a_sentence_to_translate(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    tree = Environment(extensions=["jinja2.ext.i18n"]).parse(
        re.sub(r"{% trans.*?{% endtrans %}", "", source, flags=re.S)
    )
    literal = _TAGS.sub(" ", "".join(data.data if isinstance(data, nodes.TemplateData) else "¤"
                                     for output in tree.find_all(nodes.Output) for data in output.nodes))  # fmt: skip
    assert re.findall(r"[^\W\d_]{2,}", literal.replace("&nbsp;", " ")) == []


# ---------------------------------------------------------------------------------------------------- plurals


def expected(lang: str, count: int, forms: tuple[str, ...]) -> str:
    if lang == "ar":
        return forms[("zero", "one", "two", "few", "many", "other").index(ARABIC[count])]
    return forms[count != 1]


def test_the_table_of_arabic_forms_is_the_one_of_unicode() -> None:
    assert {count: Locale("ar").plural_form(count) for count in COUNTS} == ARABIC


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("lang", TRANSLATED)
def test_each_number_takes_its_form(lang: str, count: int) -> None:
    for sentence, forms in translated(lang).items():
        if len(sentence) == 2:
            assert DECLARED.languages[lang].ngettext(*sentence, count) == expected(lang, count, forms)


@pytest.mark.parametrize("count", COUNTS)
def test_french_says_zero_and_one_alike(count: int) -> None:
    said = DECLARED.languages["fr"].ngettext("%(n)s point", "%(n)s points", count)
    assert said == ("%(n)s point" if count < 2 else "%(n)s points")


@pytest.mark.parametrize(
    ("days", "words"),
    [(2, "بعد يومين"), (3, "بعد 3 أيام"), (10, "بعد 10 أيام"), (11, "بعد 11 يوما"), (99, "بعد 99 يوما"), (100, "بعد 100 يوم"),
     (103, "بعد 103 أيام"), (-2, "قبل يومين"), (-3, "قبل 3 أيام"), (-11, "قبل 11 يوما"), (1, "غدا"), (0, "اليوم"), (-1, "أمس")],
)  # fmt: skip
def test_days_are_counted_as_arabic_counts_them(days: int, words: str) -> None:
    late = "retard" if days < 0 else "ensuite"
    written = TEMPLATES.digest(digest(arabic(1, days, urgency=late), lang="ar"))
    assert words in written.text and words in Page(written.html).text


@pytest.mark.parametrize(
    ("cases", "words"),
    [
        (2, "ملفان للمعالجة"),
        (3, "3 ملفات للمعالجة"),
        (11, "11 ملفا للمعالجة"),
        (100, "100 ملف للمعالجة"),
        (103, "103 ملفات"),
    ],
)
def test_a_subject_counts_its_cases_in_arabic(cases: int, words: str) -> None:
    subject = TEMPLATES.digest(digest(*map(arabic, range(cases)), lang="ar")).subject
    assert subject.startswith(words)


# ------------------------------------------------------------------------------------------ letters to look at


def arabic(number: int, days: int | None = 9, **changed: Any) -> Line:
    """A line as an Arabic reader gets it: its words in Arabic, names and references as staff typed them."""
    return full(number, days, **({"title": "التأشيرة قيد الدراسة", "action": "يرجى تتبع طلب التأشيرة لدى الولاية.",
                                 "source": "القانون التنظيمي 113-14، المادة 118", "stage": "في انتظار التأشيرة",
                                 "place": "ورقة التأشيرات"} | changed))  # fmt: skip


def full(number: int, days: int | None = 9, **changed: Any) -> Line:
    """A line that has every fact, each one a word of its own."""
    values: dict[str, Any] = {
        "reminder": f"REM-VIS-{number:03}", "urgency": "ensuite", "case": f"ACT-{number:05}", "name": f"Convention{number}",
        "title": f"Titre{number}", "action": f"Action{number}.", "due": None if days is None else TODAY + timedelta(days=days),
        "days_left": days, "visa_day": "11 / 20", "source": f"Loi{number}", "place": f"Onglet{number}",
        "instead": f"Absent{number}", "stage": f"Etape{number}", "since": TODAY - timedelta(days=number % 300 + 1),
        "link": f"https://docs.google.com/spreadsheets/d/abc_DEF/edit?gid=7#gid=7&range=A{number}:K{number}",
        "told": ((f"Premier{number}", TODAY - timedelta(days=40)), (f"Second{number}", TODAY - timedelta(days=20))),
        "answers": ((f"Fait{number}", f"mailto:r+{number}@fes.example?subject=FAIT"), (f"Reporter{number}", "mailto:r@fes.example")),
    }  # fmt: skip
    return Line(**(values | changed))


def lines(lang: str, count: int) -> list[Line]:
    """That many lines, of every urgency, with and without each fact."""
    make = arabic if lang == "ar" else full
    return [
        make(n, (-3, 2, 40, None)[n % 4], urgency=("retard", "semaine", "ensuite", "sans_delai")[n % 4],
             **({"link": "", "told": (), "answers": (), "instead": "", "stage": "", "since": None, "visa_day": ""} if n % 5 == 4 else {}))
        for n in range(1, count + 1)
    ]  # fmt: skip


def report_of(count: int) -> WeeklyReport:
    """A report that counts that many things everywhere, and shows as many as it shows."""

    def point(n: int, days: int) -> Point:
        return Point(title=f"Titre{n}", action=f"Action{n}.", case=f"ACT-{n:05}" if n % 3 else "", name=f"Nom{n}" if n % 4 else "",
                     due=TODAY + timedelta(days=days), days_left=days, source=f"Loi{n}", others=count if n % 2 else 0)  # fmt: skip

    shown = range(1, min(count, 5) + 1)
    return week(
        figures=four(en_cours=(count, 0), en_retard=(count, None), decisions=(count, count), anomalies=(count, count + 9)),
        decisions=tuple(point(n, n) for n in shown), decisions_more=count,
        late=tuple(Held(f"Fonction{n}", count, point(n + 10, -count)) for n in shown), late_more=count,
        coming=tuple(point(n + 20, n) for n in shown), coming_more=count, quality=Quality(count + 7, count),
    )  # fmt: skip


@cache
def written(kind: str, lang: str, count: int) -> Letter:
    if kind == "rappels":
        return TEMPLATES.digest(digest(*lines(lang, count), lang=lang))
    return report_letter(report_of(count), lang=lang, own=bool(count % 2))


KINDS = ("rappels", "rapport")
MANY = (0, 1, 2, 3, 11, 100)


class Said(HTMLParser):
    """What a person reads in a page, the address that a link to the registry leads to after its words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.outside: list[str] = []  # what isn't fenced off
        self._open: list[tuple[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "br", "img"):
            given = dict(attrs)
            hidden = tag in ("style", "title") or "display:none" in (given.get("style") or "")
            self._open.append((tag, "" if hidden else given.get("href") or "shown"))
        if tag in ("bdi", "br", "div", "td", "th", "h2"):
            self.pieces.append(" ")

    def handle_endtag(self, tag: str) -> None:
        while self._open:
            name, said = self._open.pop()
            if said.startswith("https:"):
                self.pieces.append(f" {said} ")
            if name == tag:
                break

    def handle_data(self, data: str) -> None:
        if all(said for _, said in self._open):
            self.pieces.append(data)
            if not any(tag == "bdi" for tag, _ in self._open):
                self.outside.append(data)


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"[\w+−]+", text.casefold()))


@pytest.mark.parametrize("count", MANY)
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_text_and_page_say_the_same_words(kind: str, lang: str, count: int) -> None:
    letter = written(kind, lang, count)
    said = words("".join(Said(letter.html).pieces))
    assert said == words(letter.text)
    assert sum(said.values()) > 20


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_fact_of_a_line_is_said(lang: str) -> None:
    line = full(6)
    letter = TEMPLATES.digest(digest(line, lang=lang))
    language = DECLARED.languages[lang]
    days = [language.long_day(day) for day in (line.due, line.since, *(day for _, day in line.told)) if day]
    facts = [line.reminder, line.case, line.name, line.title, line.action, line.source, line.place, line.instead,
             line.stage, line.link, *(who for who, _ in line.told), *(label for label, _ in line.answers), *days]  # fmt: skip
    for said in (letter.text, "".join(Said(letter.html).pieces)):
        assert [fact for fact in facts if fact not in said] == []
    assert [link for _, link in line.answers if f'href="{link}"' not in letter.html] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_line_without_them_has_no_row_for_its_absent_facts(lang: str) -> None:
    bare = {"stage": "", "since": None, "visa_day": "", "told": (), "instead": "", "link": "", "answers": ()}
    html = TEMPLATES.digest(digest(full(1, **bare), lang=lang)).html
    assert html.count("<th ") == 4  # case, deadline, text, place
    assert TEMPLATES.digest(digest(full(1), lang=lang)).html.count("<th ") == 7
    assert "<a " not in html


@pytest.mark.parametrize("count", MANY)
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_letter_is_light_on_the_wire(kind: str, lang: str, count: int) -> None:
    letter = written(kind, lang, count)
    assert len(letter.html.encode()) < HTML_BYTES
    assert len(mime(letter, lang=lang)) < 100_000


# ------------------------------------------------------------------------------------------- reading direction


@pytest.mark.parametrize("count", (0, 1, 11))
@pytest.mark.parametrize(("lang", "direction"), [("fr", "ltr"), ("en", "ltr"), ("ar", "rtl")])
@pytest.mark.parametrize("kind", KINDS)
def test_a_page_has_one_direction_and_one_side(kind: str, lang: str, direction: str, count: int) -> None:
    html = written(kind, lang, count).html
    start, end = ("right", "left") if direction == "rtl" else ("left", "right")
    page = Page(html)
    assert {value for name, value in page.attributes if name == "dir"} == {direction}
    assert {value for name, value in page.attributes if name == "lang"} == {lang}
    styles = html.replace("'", '"')
    assert set(re.findall(r"\bdirection:\s*(\w+)", styles)) == {direction}
    assert set(re.findall(r"text-align:\s*(\w+)", styles)) <= {start, "center"}
    assert f'align="{end}"' not in styles and f"border-{end}" not in styles
    assert not re.search(rf"padding-{start}:10px;color", styles)  # a label keeps its distance on the other side
    if kind == "rappels" and count:
        assert f"border-{start}:4px" in styles and f"padding-{start}:10px" in styles


@pytest.mark.parametrize("count", (0, 1, 11))
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_arabic_in_an_arabic_letter_is_fenced_off(kind: str, count: int) -> None:
    letter = written(kind, "ar", count)
    page = Said(letter.html)
    assert re.findall(r"[A-Za-z]+", "".join(page.outside)) == []
    text = re.sub(r"\u2068[^\u2068\u2069]*\u2069|https://\S+", "", letter.text)
    assert re.findall(r"[A-Za-z]+", text) == []
    assert letter.text.count("\u2068") == letter.text.count("\u2069")
    assert re.findall(r"[A-Za-z]+", re.sub(r"\u2068[^\u2068\u2069]*\u2069", "", letter.subject)) == []


def test_a_name_made_of_numbers_is_fenced_off_in_arabic_and_an_arabic_one_is_not() -> None:
    text = TEMPLATES.digest(digest(arabic(1, name="2030-2040"), name="سميرة", lang="ar")).text
    assert "\u20682030-2040\u2069" in text
    assert "تحية طيبة سميرة،" in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_identifier_is_never_broken_at_its_hyphens(lang: str) -> None:
    html = written("rappels", lang, 1).html
    for reference in ("ACT-00001", "REM-VIS-001"):
        assert f'<bdi style="white-space:nowrap">{reference}</bdi>' in html


def test_a_sign_stays_before_its_number_in_arabic() -> None:
    letter = report_letter(week(figures=four(en_cours=(12, 10), en_retard=(1, 3))), lang="ar")
    for said in (letter.text, Page(letter.html).text):
        assert "\u200e+2، في ارتفاع" in said and "\u200e−2، تحسن" in said
    assert "\u200e" not in report_letter(lang="fr").text


def test_french_marks_stay_on_the_line_of_their_word_and_are_plain_in_the_text() -> None:
    letter = written("rappels", "fr", 1)
    assert "Si c'est déjà fait</strong>\u00a0: saisissez" in letter.html
    assert "«\u00a0<bdi>" in letter.html and "</bdi>\u00a0»" in letter.html
    assert "\u00a0" not in letter.text
    assert "\u00a0" not in written("rappels", "en", 1).html


# ----------------------------------------------------------------------------------------------------- links


@pytest.mark.parametrize(
    "link",
    [
        "http://docs.google.com/spreadsheets/d/x/edit",
        "https://docs.google.com.evil.example/x",
        "https://docs.google.com@evil.example/x",
        "https://evil.example/docs.google.com/",
        "https://docs.google.com/x\nSet-Cookie: a",
        'https://docs.google.com/x" onclick="alert(1)',
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        " ",
    ],
)
def test_only_a_row_of_a_google_registry_becomes_a_link(link: str) -> None:
    letter = TEMPLATES.digest(digest(full(1, link=link, answers=(("Fait", link),))))
    assert "<a " not in letter.html and "onclick" not in letter.html
    assert "Ouvrir la ligne" not in letter.text and "Répondre" not in letter.text
    assert "Onglet1" in letter.text  # where to write is said in words


@pytest.mark.parametrize(
    ("count", "ending"), [(1, "ou « PRIS EN COMPTE »."), (2, "ou « PRIS EN COMPTE », puis le numéro du dossier.")]
)
def test_who_can_answer_by_mail_is_told_how(count: int, ending: str) -> None:
    told = TEMPLATES.digest(digest(*map(full, range(count))))
    silent = TEMPLATES.digest(digest(*(full(n, answers=()) for n in range(count))))
    for said in (told.text, Page(told.html).text):
        assert "Vous pouvez aussi répondre à ce message : « FAIT » et la date" in said and ending in said
    assert "PRIS EN COMPTE" not in silent.text + silent.html


def test_one_button_opens_the_row_of_the_most_urgent_line_and_the_others_have_a_plain_link() -> None:
    late, later = full(2, -3, urgency="retard"), full(1, 40)
    html = TEMPLATES.digest(digest(later, late)).html
    assert html.count('class="bouton"') == 1
    rows = re.findall(r'href="(https:[^"]+)"', html)
    assert [row.replace("&amp;", "&") for row in rows] == [late.link, later.link]
    assert html.index('class="bouton"') < html.index(rows[0]) < html.index(rows[1])


# ------------------------------------------------------------------------------------------------ the palette


def luminance(colour: str) -> float:
    """WCAG 2: relative luminance of "#rrggbb"."""
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    high, low = sorted((luminance(COLOURS[first]), luminance(COLOURS[second])), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(
    ("ink", "paper"),
    [("texte", "fond"), ("discret", "fond"), ("lien", "fond"), ("fond", "bouton"), ("texte_sombre", "fond_sombre"),
     ("discret_sombre", "fond_sombre"), ("lien_sombre", "fond_sombre")],
)  # fmt: skip
def test_what_is_read_stands_out(ink: str, paper: str) -> None:
    assert contrast(ink, paper) >= 4.5


@pytest.mark.parametrize("paper", ["fond", "fond_sombre"])
@pytest.mark.parametrize("border", URGENCIES)
def test_a_border_is_seen_on_light_and_on_dark(border: str, paper: str) -> None:
    assert contrast(border, paper) >= 3


def test_no_colour_is_written_in_a_template() -> None:
    grey = {"#8a949e"}  # the line above the signature
    found: Iterator[str] = chain.from_iterable(
        re.findall(r"#[0-9a-f]{6}", path.read_text("utf-8")) for path in templates(*MINE)
    )
    assert set(found) <= grey


@pytest.mark.parametrize("lang", ["ar", "en"])
def test_a_text_has_one_translation_whichever_catalogue_tells_it(lang: str) -> None:
    told: dict[tuple[str | None, str], set[str]] = {}
    for path in DECLARED.files(f"langues/{lang}/*.po"):
        with path.open("rb") as file:
            for message in filter(lambda one: one.id, read_po(file)):
                told.setdefault((message.context, str(message.id)), set()).add(str(message.string))
    assert {text: forms for text, forms in told.items() if len(forms) > 1} == {}
