"""What a letter quotes of config/ and of the assessment is told in its reader's language, whole, with the same facts."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po

from cdi_sync import meetings
from cdi_sync.assessment import _citations, assess
from cdi_sync.mail import citations
from cdi_sync.mail.citations import citation_in
from cdi_sync.mail.digest import BODIES, digest_of
from cdi_sync.mail.language import LANGUAGES, Language
from cdi_sync.mail.wording import PLACE, ROLES, SESSION, SESSION_OF, action_in, role_in, session_in, tell
from cdi_sync.model import Assessment, Pending, Tier
from cdi_sync.people import NAMED
from cdi_sync.phrases import Phrase, Town
from cdi_sync.reminders import triggers
from cdi_sync.report import PLANNED, shares, weekly_report
from cdi_sync.shown import ACTORS
from cdi_sync.tables import read_registry
from tests import demos
from tests.registries import DECLARED, grids, knowledge
from tests.reminders.worlds import seen

OTHERS = [code for code in LANGUAGES if code != "fr"]
FRENCH_WORDS = re.compile(
    r"\b(?:l[ea]s?|un|une|des|du|de|d'|l'|qu'|aux?|et|ou|où|dans|pour|par|sur|sans|avec|avant|après|depuis|est|sont|à|onglet|"
    r"cellule|colonne|puis|saisir|règle|étape|lignes?|session du|réunion|visa en|guide,|LO)(?:\b|(?<='))",
    re.IGNORECASE,
)
QUOTED = re.compile(r"«[^»]*»|“[^”]*”")  # names as the workbook shows them


def language(code: str) -> Language:
    return DECLARED.languages[code]


@cache
def quoted() -> frozenset[tuple[str, str]]:
    """(context, French text) of all that a letter may quote."""
    return frozenset([*(("", text) for text in _texts()), *((citations.CONTEXT, text) for text in _citation_texts())])


def _texts() -> Iterator[str]:
    for reminder in DECLARED.reminders:
        yield reminder.title
        yield from reminder.actions.values()
    for tab, column in (ROLES, *BODIES.items()):
        yield from (category.label for category in DECLARED.tabs[tab].column(column).categories)
    yield from (title for title in ACTORS.values() if title != "—")
    for machine in (*DECLARED.machines.values(), DECLARED.evaluation_machine):
        yield from (stage.title for stage in machine.stages)
    yield from _people_named()
    yield from (title for _, title in PLANNED.values())
    yield from (PLACE, SESSION, SESSION_OF)
    yield from _phrases()


def _people_named() -> Iterator[str]:
    """Titles of the columns that name somebody whom a reminder is told to."""
    for reminder in DECLARED.reminders:
        for role in (*reminder.roles, *(role for people in reminder.added.values() for role in people)):
            if role.startswith(f"{NAMED}."):
                key = role.partition(".")[2]
                yield from (tab.column(key).title for tab in DECLARED.tabs.values() if key in tab.by_key)


def _phrases() -> Iterator[str]:
    for module in (meetings, triggers):
        source = Path(module.__file__).read_text("utf-8")
        yield from re.findall(r"(?:Phrase|_both)\(\"([^\"]+)\"", source)
    yield from meetings._SHIFTED.values()
    yield from (*triggers.PLACES.values(), triggers.ALL_PLACES)


def _citation_texts() -> Iterator[str]:
    yield from (part.words for part in citations.PARTS)
    yield from citations.AROUND
    yield from citations.LETTERS


@cache
def catalogue(code: str) -> dict[tuple[str, str], str]:
    with (DECLARED.files(f"langues/{code}/rappels.po")[0]).open("rb") as file:
        return {(m.context or "", str(m.id)): str(m.string) for m in read_po(file, abort_invalid=True) if m.id}


# ------------------------------------------------------------------------------------------------- the catalogues


@pytest.mark.parametrize("code", OTHERS)
def test_no_text_that_a_letter_quotes_is_without_its_translation(code: str) -> None:
    assert not {key for key in quoted() if not catalogue(code).get(key)}


@pytest.mark.parametrize("code", OTHERS)
def test_no_translation_is_of_a_text_that_nothing_quotes(code: str) -> None:
    assert not set(catalogue(code)) - quoted()


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_has_every_fact_of_its_text_and_nothing_else(code: str) -> None:
    assert not {key: text for key, text in catalogue(code).items() if facts(key[1]) != facts(text)}


def facts(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None)


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_holds_no_french_but_names_between_quotation_marks(code: str) -> None:
    assert not {text for text in catalogue(code).values() if is_french(text)}


def is_french(text: str) -> bool:
    return bool(FRENCH_WORDS.search(bare(text)))


def test_arabic_is_written_in_arabic() -> None:
    kept = {"D-04", "EVAL-04", "FMDV"}  # a reading, a rule, an organisation
    latin = {text for text in catalogue("ar").values() if set(re.findall(r"[A-Za-z][\w-]*", bare(text))) - kept}
    assert not latin


def bare(text: str) -> str:
    """The text without its facts and the names between quotation marks."""
    return re.sub(r"\{\w+\}", "", QUOTED.sub("", text))


@pytest.mark.parametrize("code", OTHERS)
def test_every_catalogue_says_the_plural_forms_of_its_language(code: str) -> None:
    for path in DECLARED.files(f"langues/{code}/*.po"):
        with path.open("rb") as file:
            told = read_po(file, abort_invalid=True)
        assert (told.num_plurals, str(told.locale)) == (language(code).forms, code), path.name
        for count in (0, 1, 2, 3, 10, 11, 99, 100, 101, 103):
            rule = told.plural_expr.replace("&&", "and").replace("||", "or")
            assert _plural(rule, count) == language(code)._form(count, _names(code), language(code).locale), count


def _names(code: str) -> tuple[str, ...]:
    return {"ar": ("zero", "one", "two", "few", "many", "other"), "en": ("one", "other")}[code]


def _plural(rule: str, n: int) -> int:
    from gettext import c2py

    return int(c2py(rule.replace(" and ", " && ").replace(" or ", " || "))(n))


@pytest.mark.parametrize("code", OTHERS)
def test_a_name_between_quotation_marks_is_one_that_the_workbook_shows(code: str) -> None:
    columns = {column.title for tab in DECLARED.tabs.values() for column in tab.columns}
    shown = {tab.title for tab in DECLARED.tabs.values()} | columns
    told = [name for (context, _), text in catalogue(code).items() if not context for name in QUOTED.findall(text)]
    named = {name[1:-1] for name in told if "{" not in name}
    assert "Évaluations" in named
    assert named <= shown | columns


def test_in_arabic_two_names_of_the_workbook_never_stand_side_by_side() -> None:
    """Between two of them stands an Arabic word, which keeps their order in a sentence read from right to left."""
    for text in catalogue("ar").values():
        for between in re.findall(r"[}»]([^{}«»]*)[«{]", text) if "«" in text else ():
            assert re.search(r"[\u0621-\u064a]", between) or "{first}" in text, text


# ------------------------------------------------------------------------------------------------------ citations


def cited() -> set[str]:
    """All that the rules of the reminders may cite, at each level and on each side of the changes of the law."""
    known = knowledge()
    cite = _citations(known, known.law)
    return {
        cite(rule, tier, day)
        for reminder in known.reminders
        for rule in reminder.rules
        for tier in (*Tier, None)
        for day in (date(2014, 1, 1), date(2016, 1, 1), date(2026, 11, 1))
    }


@pytest.mark.parametrize("code", OTHERS)
def test_every_text_that_a_reminder_cites_is_told_whole(code: str) -> None:
    assert len(cited()) > 50
    for source in cited():
        told = citation_in(source, language(code))
        assert not is_french(told), (source, told)
        assert {*QUOTED.findall(told)} <= {*catalogue(code).values()}, (
            source,
            told,
        )  # names of the guide's, translated
        assert sorted(re.findall(r"\d+", told)) == sorted(re.findall(r"\d+", source)), (source, told)


@pytest.mark.parametrize(
    ("source", "arabic", "english"),
    [
        ("loi organique 113-14, art. 118", "القانون التنظيمي رقم 113.14، المادة 118", "Organic Law 113-14, article 118"),
        ("LO 113-14 art. 118", "القانون التنظيمي رقم 113.14، المادة 118", "Organic Law 113-14, article 118"),
        ("LO 111-14 art. 115, al. 2", "القانون التنظيمي رقم 111.14، المادة 115، الفقرة 2",
         "Organic Law 111-14, article 115, paragraph 2"),
        ("LO 113-14 art. 36-37", "القانون التنظيمي رقم 113.14، المادتان 36 و37",
         "Organic Law 113-14, articles 36 and 37"),
        ("LO 112-14 art. 40-44", "القانون التنظيمي رقم 112.14، المواد من 40 إلى 44",
         "Organic Law 112-14, articles 40 to 44"),
        ("Guide, axe 1 §2-d ; LO 113-14 art. 118",
         "الدليل، المحور 1، البند 2-د؛ القانون التنظيمي رقم 113.14، المادة 118",
         "Guide, part 1, section 2-d; Organic Law 113-14, article 118"),
        ("Guide, axe 2 §2-b, 7e étape, « Important » (L1069-1073)",
         "الدليل، المحور 2، البند 2-ب، المرحلة 7، «مهم» (الأسطر 1069 إلى 1073)",
         "Guide, part 2, section 2-b, step 7, “Important” (lines 1069 to 1073)"),
        ("Guide, axe 2 §2-b, 7e étape (L1050)", "الدليل، المحور 2، البند 2-ب، المرحلة 7 (السطر 1050)",
         "Guide, part 2, section 2-b, step 7 (line 1050)"),
        ("Déduit du guide, annexe 3 (L1566-1571)", "مستنتج من الدليل، الملحق 3 (الأسطر 1566 إلى 1571)",
         "Inferred from the Guide, annex 3 (lines 1566 to 1571)"),
    ],
)  # fmt: skip
def test_a_citation_is_told_part_by_part(source: str, arabic: str, english: str) -> None:
    assert citation_in(source, language("ar")) == arabic
    assert citation_in(source, language("en")) == english
    assert citation_in(source, language("fr")) == source


def test_what_is_not_known_of_a_citation_stays_as_it_is_written_between_quotation_marks() -> None:
    decree = "Décrets 2.16.314 et 2.16.315, art. 1"
    assert citation_in(decree, language("ar")) == f"«{decree}»"
    assert citation_in("LO 113-14 art. 99 (sans cela)", language("en")) == "Organic Law 113-14, “art. 99 (sans cela)”"
    assert citation_in("", language("ar")) == ""


def test_no_dash_stands_between_two_numbers_in_arabic_since_it_would_turn_them_round() -> None:
    told = [citation_in(source, language("ar")) for source in cited()]
    assert not [text for text in told if re.search(r"\d[-–/]\d", text)]


# ----------------------------------------------------------------------------------------- days, hours and places


def pending(wording: str, *facts: tuple[str, object]) -> Pending:
    return Pending(
        reminder="REM-VIS-02", case="ACT-00001", council="COL-00001", subject="VIS-00001", anchor=date(2026, 8, 1),
        due=None, title="", action="en français", actor="", decision=False, source="", tab="actes", row=2,
        column="etape", wording=wording, facts=facts,
    )  # fmt: skip


VISA = "Suivre la demande de visa reçue le {reception} ; la décision est attendue au plus tard le {echeance}."
DAYS = (("reception", date(2026, 8, 1)), ("echeance", date(2026, 12, 3)))


def test_days_are_those_of_morocco() -> None:
    arabic = action_in(pending(VISA, *DAYS), language("ar"))
    assert "1 غشت 2026" in arabic
    assert "3 دجنبر 2026" in arabic
    english = action_in(pending(VISA, *DAYS), language("en"))
    assert english == (
        "Follow the visa request received on 1 August 2026; the decision is expected by 3 December 2026 at the latest."
    )
    assert session_in(date(2026, 7, 6), language("ar")) == "دورة 6 يوليوز 2026"


def test_a_text_of_the_installations_own_is_told_in_french() -> None:
    own = pending("Un texte à nous, du {reception}.", *DAYS)
    assert action_in(own, language("ar")) == "en français"


def test_a_translation_that_wants_another_fact_gives_way_to_french() -> None:
    wrong = Language("en", {("", VISA): ("Received on {received}.",)})
    assert action_in(pending(VISA, *DAYS), wrong) == "en français"


def test_hours_are_told_with_the_towns_of_both_sides() -> None:
    here = Phrase("{hour} à {town} ({offset})", (("hour", "23:30"), ("town", Phrase("Rabat")), ("offset", "UTC+0")))
    there = Phrase("{hour} à {town} ({offset})",
                   (("hour", "00:30"), ("town", Town("Europe/Paris", "Paris")), ("offset", "UTC+1")))  # fmt: skip
    both = Phrase("{here} / {there}", (("here", here), ("there", Phrase("{hours}, le lendemain", (("hours", there),)))))
    assert str(both) == "23:30 à Rabat (UTC+0) / 00:30 à Paris (UTC+1), le lendemain"
    assert tell(both, language("ar")) == "23:30 في الرباط (UTC+0) / 00:30 في باريس (UTC+1)، في اليوم الموالي"
    assert tell(both, language("en")) == "23:30 in Rabat (UTC+0) / 00:30 in Paris (UTC+1), the next day"


def test_what_staff_typed_is_a_value_and_never_a_text_to_fill() -> None:
    assert tell(Phrase(", {lieu}", (("lieu", "{salle} 4"),)), language("ar")) == "، في {salle} 4"


def test_numbers_are_written_as_the_language_writes_them() -> None:
    assert (tell(1234, language("ar")), tell(1234, language("en"))) == ("1.234", "1,234")


def test_a_role_that_nobody_declared_is_told_as_who_acts() -> None:
    assert role_in("REFERENT_CDI", DECLARED.tabs, language("ar")) == "المكلف بالتعاون اللامركزي الدولي"
    assert role_in("SERVICE_CDI", DECLARED.tabs, language("en")) == "Cooperation office"
    assert role_in("PRESIDENT", DECLARED.tabs, language("fr")) == "Président du conseil"


# ------------------------------------------------------------------------------------ every reminder, and the demo


@cache
def every_reminder() -> Mapping[str, Pending]:
    """Text of an action → something that waits under it, from the stories of the ladders."""
    found: dict[str, Pending] = {}
    for path in sorted((Path(__file__).parent.parent / "ladders").glob("*.toml")):
        for stories in tomllib.loads(path.read_text("utf-8")).values():
            for story in stories:
                rows = {name: table for name, table in story.items() if name in DECLARED.tabs}
                day = next((day["le"] for day in story["jours"] if "etape" in day), None)
                if day and (set(story) - set(DECLARED.tabs) <= {"histoire", "jours"}):
                    found |= {thing.wording: thing for thing in seen(rows, day).pending}
    return found


@pytest.mark.parametrize("code", OTHERS)
def test_every_action_is_told_with_its_days_and_words_in_that_language(code: str) -> None:
    assert len(every_reminder()) > 45
    for thing in every_reminder().values():
        told = action_in(thing, language(code))
        assert not is_french(told.replace("Salle du conseil", "")), told  # typed by staff
        assert "{" not in told
        assert all(language(code).long_day(fact) in told for fact in _quoted_days(thing)), told


def _quoted_days(thing: Pending) -> list[date]:
    return [fact for name, fact in thing.facts if f"{{{name}}}" in thing.wording and isinstance(fact, date)]


@cache
def demo() -> Assessment:
    rows = dict(demos.demo_registry(3, 30).rows)
    rows["contacts"] = [{**row, "langue_preferee": "fr"} for row in rows["contacts"]]
    return assess(read_registry(grids({name: rows.get(name, ()) for name in DECLARED.tabs}), list(DECLARED.tabs.values())),
                  knowledge(), demos.AS_OF)  # fmt: skip


@cache
def demo_said(code: str) -> tuple[str, ...]:
    """All that the digests and the reports of a demo say in that language, what staff typed left out."""
    known, asked = demo(), knowledge()
    theirs = {"fr": language(code)}
    said: list[str] = []
    for to in {notice.to for notice in known.notices if notice.to}:
        mine = [notice for notice in known.notices if notice.to == to]
        told = digest_of(mine, known, asked, theirs, service="", workbook="")
        said.append(told.role)
        for line in told.lines:
            said += [line.title, line.action, line.source, line.place, line.instead, line.stage]
    for share in shares(known, asked.tabs).values():
        week = weekly_report(share, None, asked.tabs, language(code))
        said += [held.holder for held in week.late]
        for point in (*week.decisions, *(held.worst for held in week.late), *week.coming):
            said += [point.title, point.action, point.source]
    return tuple(filter(None, said))


@pytest.mark.parametrize("code", OTHERS)
def test_the_letters_of_the_demo_hold_no_french_word(code: str) -> None:
    assert len(demo_said(code)) > 150
    assert not {text for text in demo_said(code) if is_french(text)}


def test_the_same_letters_in_french_do() -> None:
    french = [text for text in demo_said("fr") if is_french(text)]
    assert len(french) > len(demo_said("fr")) / 2
