"""What a president reads in the weekly report, whatever staff typed; the day is Monday 23 November 2026."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest

from cdi_sync.mail.letters import HTML_BYTES, Addressee, Letter
from cdi_sync.report import Figure, Held, Point, Quality, WeeklyReport
from tests.mail.test_letters import HOSTILE, TEMPLATES, Page
from tests.mail.test_message import mime, received

TODAY = date(2026, 11, 23)


def point(days_left: int | None = 9, **changed: Any) -> Point:
    values: dict[str, Any] = {
        "title": "Visa en cours",
        "action": "Constater le visa tacite.",
        "case": "ACT-00042",
        "name": "Convention Fès – Strasbourg",
        "due": None if days_left is None else TODAY + timedelta(days=days_left),
        "days_left": days_left,
        "source": "LO 113-14, art. 118",
    }
    return Point(**(values | changed))


def held(count: int = 3, days_left: int = -12, **changed: Any) -> Held:
    return Held("Référent de la coopération", count, point(days_left, title="Compte-rendu à rédiger", **changed))


def four(**changed: tuple[int, int | None]) -> tuple[Figure, ...]:
    """The four figures: key=(this week's, last week's)."""
    values: dict[str, tuple[int, int | None]] = {
        "en_cours": (12, 10),
        "en_retard": (3, 1),
        "decisions": (2, 4),
        "anomalies": (6, 6),
    }
    return tuple(Figure(key, value, last) for key, (value, last) in (values | changed).items())


def week(**changed: Any) -> WeeklyReport:
    values: dict[str, Any] = {
        "council": "Commune de Fès",
        "as_of": TODAY,
        "week": "2026-S48",
        "figures": four(),
        "decisions": (point(9),),
        "decisions_more": 0,
        "late": (held(),),
        "late_more": 0,
        "coming": (point(14, title="Réunion de coordination", case="ACT-00077"),),
        "coming_more": 0,
        "quality": Quality(48, 44),
    }
    return WeeklyReport(**(values | changed))


def quiet(**changed: Any) -> WeeklyReport:
    still = four(en_cours=(12, 12), en_retard=(0, 0), decisions=(0, 0), anomalies=(1, 1))
    return week(**({"figures": still, "decisions": (), "late": (), "coming": ()} | changed))


def letter(report: WeeklyReport | None = None, **changed: Any) -> Letter:
    to: dict[str, Any] = {
        "name": "Samira El Amrani",
        "role": "Président du conseil",
        "own": True,
        "service": "Service de la coopération",
        "workbook": "registre.xlsx",
    }
    return TEMPLATES.report(report or week(), Addressee(**(to | changed)))


def shown(written: Letter) -> tuple[str, str]:
    """What the text and the page say, every run of spaces made one."""
    return " ".join(written.text.split()), Page(written.html).text


WHOLE = """\
Rapport de la semaine 48, au 23 novembre 2026

Commune de Fès

Bonjour Samira El Amrani,

3 points sont en retard ; 2 décisions vous attendent.

* 12 dossiers en cours (+2, en hausse ; semaine dernière : 10)
* 3 points en retard (+2, moins bien ; semaine dernière : 1)
* 2 décisions attendues (−2, mieux ; semaine dernière : 4)
* 6 anomalies bloquantes (inchangé ; semaine dernière : 6)

DÉCISIONS ATTENDUES DE VOUS

* Visa en cours - ACT-00042
  Convention Fès – Strasbourg
  Au plus tard le 2 décembre 2026, dans 9 jours
  Constater le visa tacite.
  Texte : LO 113-14, art. 118

EN RETARD

* Référent de la coopération : 3 points
  jusqu'à 12 jours de retard : Compte-rendu à rédiger - ACT-00042, Convention Fès – Strasbourg

AUTRES ÉCHÉANCES DES 30 PROCHAINS JOURS

* 7 déc. : Réunion de coordination - ACT-00077, Convention Fès – Strasbourg

Qualité des données : 91 % des lignes sans anomalie (44 sur 48).

Le détail est dans le classeur registre.xlsx, onglets Échéancier et Anomalies.

Vous recevez ce rapport chaque semaine parce que le classeur vous donne le rôle « Président du conseil ».
Pour ne plus le recevoir, demandez-le en réponse à ce message.

--\x20
Service de la coopération
"""

QUIET = """\
Rapport de la semaine 48, au 23 novembre 2026

Commune de Fès

Bonjour Samira El Amrani,

Rien n'est en retard et aucune décision ne vous attend.

Rien n'a changé depuis la semaine dernière : 12 dossiers en cours, 1 anomalie bloquante.

Qualité des données : 91 % des lignes sans anomalie (44 sur 48).

Le détail est dans le classeur registre.xlsx, onglets Échéancier et Anomalies.
"""


def test_an_ordinary_week_as_text() -> None:
    assert letter().text == WHOLE


def test_a_quiet_week_is_three_lines_and_no_table() -> None:
    written = letter(quiet())
    assert written.text.startswith(QUIET)
    page = Page(written.html)
    assert "semaine dernière :" not in page.text.replace("depuis la semaine dernière :", "")
    assert "h2" not in page.tags
    assert written.subject == "Rapport de la semaine 48 · rien en retard, aucune décision attendue"


@pytest.mark.parametrize(
    ("late", "awaited", "sentence", "subject"),
    [
        (0, 0, "Rien n'est en retard et aucune décision ne vous attend.", "rien en retard, aucune décision attendue"),
        (
            1,
            0,
            "1 point est en retard ; aucune décision ne vous attend.",
            "1 point en retard, aucune décision attendue",
        ),
        (0, 1, "Rien n'est en retard ; 1 décision vous attend.", "rien en retard, 1 décision attendue"),
        (2, 2, "2 points sont en retard ; 2 décisions vous attendent.", "2 points en retard, 2 décisions attendues"),
        (11, 1, "11 points sont en retard ; 1 décision vous attend.", "11 points en retard, 1 décision attendue"),
        (1, 11, "1 point est en retard ; 11 décisions vous attendent.", "1 point en retard, 11 décisions attendues"),
    ],
)
def test_the_verdict_is_one_sentence_of_correct_french(late: int, awaited: int, sentence: str, subject: str) -> None:
    written = letter(week(figures=four(en_retard=(late, None), decisions=(awaited, None))))
    assert all(sentence in said for said in shown(written))
    assert written.subject == f"Rapport de la semaine 48 · {subject}"


@pytest.mark.parametrize(
    ("awaited", "sentence"),
    [
        (0, "Rien n'est en retard et aucune décision n'attend le président."),
        (1, "Rien n'est en retard ; 1 décision attend le président."),
        (2, "Rien n'est en retard ; 2 décisions attendent le président."),
    ],
)
def test_who_reads_in_the_president_s_place_is_told_so(awaited: int, sentence: str) -> None:
    figures = four(en_retard=(0, 0), decisions=(awaited, 0))
    written = letter(week(figures=figures), own=False, role="Vice-président")
    for said in shown(written):
        assert sentence in said
        assert "décisions attendues du président" in said.casefold()
        assert "le rôle « Vice-président » et n'indique aucune adresse pour le président." in said
        assert "vous attend" not in said


@pytest.mark.parametrize(
    ("figure", "words"),
    [
        (Figure("en_cours", 0, None), "0 dossier en cours première semaine"),
        (Figure("en_cours", 1, 2), "1 dossier en cours −1, en baisse semaine dernière : 2"),
        (Figure("en_cours", 11, 9), "11 dossiers en cours +2, en hausse semaine dernière : 9"),
        (Figure("en_retard", 1, 1), "1 point en retard inchangé semaine dernière : 1"),
        (Figure("en_retard", 1234, 0), "1 234 points en retard +1 234, moins bien semaine dernière : 0"),
        (Figure("decisions", 0, 2), "0 décision attendue −2, mieux semaine dernière : 2"),
        (Figure("anomalies", 1, 0), "1 anomalie bloquante +1, moins bien semaine dernière : 0"),
        (Figure("anomalies", 2, 4), "2 anomalies bloquantes −2, mieux semaine dernière : 4"),
    ],
)
def test_a_figure_says_how_it_moved_in_words(figure: Figure, words: str) -> None:
    figures = tuple(figure if other.key == figure.key else other for other in four())
    text, page = shown(letter(week(figures=figures)))
    assert words in page
    assert words in _bare(text)


def _bare(text: str) -> str:
    """The text without brackets and semicolons, which the page shows by its lines."""
    return " ".join(re.sub(r"[();]", " ", text).split())


def facts(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every text, number and day that a value holds, with its place."""
    if is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from facts(getattr(value, field.name), f"{path}.{field.name}")
    elif isinstance(value, tuple):
        for rank, item in enumerate(value):
            yield from facts(item, f"{path}[{rank}]")
    else:
        yield path, value


def test_every_fact_of_the_report_is_in_the_text_and_in_the_page() -> None:
    def marked(number: int, days_left: int, **changed: Any) -> Point:
        return point(days_left, title=f"titre{number}", action=f"action{number}", case=f"ACT-{number:05}",
                     name=f"nom{number}", source=f"source{number}", **changed)  # fmt: skip

    told = week(
        figures=four(en_cours=(101, 111), en_retard=(102, 112), decisions=(103, 113), anomalies=(104, 114)),
        decisions=(marked(1, 5), marked(2, -31)), decisions_more=41,
        late=(Held("fonction3", 43, marked(3, -33)), Held("fonction4", 44, marked(4, -34))), late_more=45,
        coming=(marked(5, 25, others=46), marked(6, 26)), coming_more=47, quality=Quality(148, 144),
    )  # fmt: skip
    unsaid = re.compile(
        r"week$|\.key$|as_of$|\.late.*\.(action|source|due|others)$|\.coming.*\.(action|source|days_left)$|\.others$"
    )
    checked = 0
    for said in shown(letter(told)):
        for place, fact in facts(told):
            if unsaid.search(place):
                continue
            assert _as_said(fact) in said, place
            checked += 1
        assert "semaine 48, au 23 novembre 2026" in said
        assert "… et 46 autres" in said
        assert "97 %" in said  # 144 of 148
    assert checked > 80


MONTHS = {10: "octobre", 11: "novembre", 12: "déc."}  # short among the days ahead


def _as_said(fact: Any) -> str:
    """A day without its year, a delay without its sign."""
    if isinstance(fact, date):
        return f"{fact.day} {MONTHS[fact.month]}"
    return str(abs(fact)) if isinstance(fact, int) else str(fact)


@pytest.mark.parametrize(
    ("emptied", "gone"),
    [
        ({"decisions": ()}, "Décisions attendues de vous"),
        ({"late": ()}, "jusqu'à"),
        ({"coming": ()}, "prochains jours"),
        ({"quality": Quality(0, 0)}, "Qualité des données"),
    ],
)
def test_an_empty_section_disappears(emptied: dict[str, Any], gone: str) -> None:
    for said in shown(letter()):
        assert gone.casefold() in said.casefold()
    for said in shown(letter(week(**emptied))):
        assert gone.casefold() not in said.casefold()


def test_without_decisions_the_days_ahead_are_not_the_others() -> None:
    for said in shown(letter(week(decisions=()))):
        assert "les 30 prochains jours" in said.casefold()
        assert "autres échéances" not in said.casefold()


@pytest.mark.parametrize(
    ("count", "days_left", "words"),
    [
        (1, -1, "1 point 1 jour de retard"),
        (1, -2, "1 point 2 jours de retard"),
        (2, -1, "2 points jusqu'à 1 jour de retard"),
        (11, -400, "11 points jusqu'à 400 jours de retard"),
    ],
)
def test_a_delay_is_counted_in_days(count: int, days_left: int, words: str) -> None:
    for said in shown(letter(week(late=(held(count, days_left),)))):
        assert f"Référent de la coopération : {words}" in said


@pytest.mark.parametrize(("more", "words"), [(1, "… et 1 autre"), (2, "… et 2 autres"), (11, "… et 11 autres")])
@pytest.mark.parametrize("where", ["decisions_more", "late_more", "coming_more"])
def test_what_is_not_shown_is_counted(where: str, more: int, words: str) -> None:
    for said in shown(letter(week(**{where: more}))):
        assert f"{words} " in said
    for said in shown(letter()):
        assert "…" not in said


def test_a_session_of_the_council_is_told_without_a_case() -> None:
    session = point(3, case="", name="", title="Ordre du jour à transmettre")
    written = letter(
        week(decisions=(session,), coming=(session,), late=(replace(held(), worst=replace(session, days_left=-3)),))
    )
    for said in shown(written):
        assert "Ordre du jour à transmettre" in said
        assert " · ·" not in said
        assert ", ," not in said
    assert "* Ordre du jour à transmettre\n  Au plus tard" in written.text


def test_someone_without_a_name_is_greeted_all_the_same() -> None:
    assert all("Bonjour," in said for said in shown(letter(name="")))


def test_the_plain_text_has_no_narrow_space_and_no_long_blank() -> None:
    text = letter(week(figures=four(en_cours=(12345, 1)), decisions_more=1, late_more=1, coming_more=1)).text
    assert "\u202f" not in text
    assert "\n\n\n" not in text


# ---------------------------------------------------------------------------------------------- what staff typed


@pytest.mark.parametrize("typed", HOSTILE)
def test_what_staff_typed_is_shown_as_typed(typed: str) -> None:
    trap = point(9, name=typed, title=typed, action=typed)
    report = week(
        council=typed, decisions=(trap,), late=(replace(held(), worst=replace(trap, days_left=-1)),), coming=(trap,)
    )
    written = letter(report, name=typed, service=typed, workbook=typed)
    page, harmless = Page(written.html), Page(letter().html)
    assert written.text.count(typed) >= 6
    assert (
        page.isolated.count(typed) == 11
    )  # council, person, names and titles of three points, one action, workbook, service
    assert page.tags == harmless.tags
    assert [name for name, _ in page.attributes] == [name for name, _ in harmless.attributes]


@pytest.mark.parametrize("mark", ["\u202e", "\u2067", "\r\n", "\x00", "\u2028", "\ud83d"])
def test_invisible_marks_and_line_breaks_go(mark: str) -> None:
    trap = f"Fès{mark}Bcc: pirate@mal.example"
    written = letter(
        week(council=trap, decisions=(point(name=trap, title=trap),), coming=(point(name=trap),)), name=trap
    )
    assert f"s{mark}B" not in written.subject + written.text + written.html
    assert set(received(mime(written)).keys()) == set(received(mime()).keys())


def test_an_encoded_word_stays_text() -> None:
    trap = "=?utf-8?q?a=0ABcc=3A_x?="
    written = letter(week(council=trap, decisions=(point(name=trap),)), name=trap)
    assert trap in written.text
    assert received(mime(written, to_name=trap))["Bcc"] is None


def test_an_arabic_name_is_fenced_off() -> None:
    written = letter(week(council="جماعة فاس", coming=(point(name="اتفاقية"),)), name="سميرة")
    assert {"جماعة فاس", "اتفاقية", "سميرة"} <= set(Page(written.html).isolated)
    for name in ("جماعة فاس", "اتفاقية", "سميرة"):
        assert f"\u2068{name}\u2069" in written.text


def test_a_name_of_three_hundred_characters_is_cut_alike_in_both() -> None:
    long = "Convention " * 30
    for said in shown(letter(week(council=long, coming=(point(name=long),), late=()))):
        assert said.count("…") == 2
        assert long.strip() not in said


def test_nothing_is_fetched_and_every_table_is_for_layout() -> None:
    html = letter().html
    page = Page(html)
    assert not {"img", "script", "link", "iframe", "a", "form"} & page.tags
    assert not {"src", "href", "background"} & {name for name, _ in page.attributes}
    assert "@import" not in html
    assert html.count("<table") == html.count('role="presentation"')


def test_a_full_page_is_light() -> None:
    huge = "اتفاقية شراكة " * 200
    trap = point(name=huge)
    written = letter(
        week(decisions=(trap,) * 5, coming=(trap,) * 8, late=(replace(held(), worst=replace(trap, days_left=-1)),) * 5)
    )
    assert len(written.html.encode()) < HTML_BYTES / 2
    assert len(mime(written)) < HTML_BYTES


def test_nobody_is_named_but_the_reader() -> None:
    assert all(said.count("Samira") == 1 for said in shown(letter()))


def test_mail_readers_sort_reports_apart_from_reminders() -> None:
    assert received(mime(letter(), mailing="rapport"))["List-Id"] == "<rapport.cdi.fes.example>"
