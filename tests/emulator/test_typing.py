"""What typing makes of a text (USER_ENTERED): numbers, dates and words, each in the ways of its place."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tests.google.sheets import formulas
from tests.google.sheets.entering import Typed, typed
from tests.google.sheets.locales import conventions
from tests.google.sheets.rendering import formatted
from tests.google.sheets.spreadsheet import Formula

steady = settings(deadline=None, derandomize=True)
TODAY = date(2026, 5, 20)
PLACES = (
    "ar_EG", "ar_MA", "bg_BG", "ca_ES", "cs_CZ", "da_DK", "de_CH", "de_DE", "el_GR", "en_GB", "en_IN",
    "en_US", "es_ES", "es_MX", "fi_FI", "fr_CA", "fr_FR", "fr_MA", "hi_IN", "hr_HR", "hu_HU", "id_ID",
    "it_IT", "iw_IL", "ja_JP", "ko_KR", "lt_LT", "lv_LV", "nb_NO", "nl_NL", "pl_PL", "pt_BR", "pt_PT",
    "ro_RO", "ru_RU", "sk_SK", "sl_SI", "sr_RS", "sv_SE", "th_TH", "tr_TR", "uk_UA", "vi_VN", "zh_CN",
    "zh_TW",
)  # fmt: skip


def entered(text: str, locale: str) -> Any:
    return typed(text, locale, None, TODAY).entered


def pattern(text: str, locale: str) -> tuple[str, str] | None:
    found = typed(text, locale, None, TODAY).number_format
    return None if found is None else (found["type"], found["pattern"])


def serial(year: int, month: int, day: int) -> float:
    return float((date(year, month, day) - date(1899, 12, 30)).days)


@pytest.mark.parametrize(
    ("locale", "text", "number", "number_format"),
    [
        ("en_US", "12", 12, None),
        ("en_US", "0042", 42, None),
        ("en_US", "  12 ", 12, None),
        ("en_US", "1.50", 1.5, None),
        ("en_US", ".5", 0.5, None),
        ("en_US", "-5", -5, None),
        ("en_US", "+12", 12, None),
        ("en_US", "+212537000000", 212537000000, None),
        ("en_US", "(12)", -12, None),
        ("en_US", "1,234", 1234, ("NUMBER", "#,##0")),
        ("en_US", "1,234.5", 1234.5, ("NUMBER", "#,##0.00")),
        ("en_US", "1,234,567", 1234567, ("NUMBER", "#,##0")),
        ("en_IN", "12,34,567", 1234567, ("NUMBER", "#,##,##0")),
        ("en_US", "1e3", 1000, ("SCIENTIFIC", "0.00E+00")),
        ("en_US", "1.5E-3", 0.0015, ("SCIENTIFIC", "0.00E+00")),
        ("en_US", "12%", 0.12, ("PERCENT", "0%")),
        ("en_US", "12.5 %", 0.125, ("PERCENT", "0.00%")),
        ("en_US", "-7%", -0.07, ("PERCENT", "0%")),
        ("en_US", "$12", 12, ("CURRENCY", "[$$]#,##0")),
        ("en_US", "$1,234.50", 1234.5, ("CURRENCY", "[$$]#,##0.00")),
        ("en_US", "-$3", -3, ("CURRENCY", "[$$]#,##0")),
        ("en_US", "$-3", -3, ("CURRENCY", "[$$]#,##0")),
        ("en_US", "($3)", -3, ("CURRENCY", "[$$]#,##0")),
        ("en_US", "€5", 5, ("CURRENCY", "[$€]#,##0")),
        ("en_GB", "£5.20", 5.2, ("CURRENCY", "[$£]#,##0.00")),
        ("fr_FR", "12,5", 12.5, None),
        ("fr_FR", "1 234,50", 1234.5, ("NUMBER", "#,##0.00")),
        ("fr_FR", "1\u00a0234,50", 1234.5, ("NUMBER", "#,##0.00")),
        ("fr_FR", "1\u202f234,50", 1234.5, ("NUMBER", "#,##0.00")),
        ("fr_FR", "12,50 €", 12.5, ("CURRENCY", "#,##0.00 [$€]")),
        ("fr_FR", "12 %", 0.12, ("PERCENT", "0%")),
        ("fr_MA", "1 500 MAD", 1500, ("CURRENCY", "#,##0 [$MAD]")),
        ("ar_MA", "1.234,5", 1234.5, ("NUMBER", "#,##0.00")),
        ("ar_EG", "1,234.5", 1234.5, ("NUMBER", "#,##0.00")),
        ("es_ES", "1.234,5", 1234.5, ("NUMBER", "#,##0.00")),
        ("de_DE", "1.234", 1234, ("NUMBER", "#,##0")),
        ("de_CH", "1'234.5", 1234.5, ("NUMBER", "#,##0.00")),
        ("pt_BR", "R$ 12,50", 12.5, ("CURRENCY", "[$R$] #,##0.00")),
        ("sv_SE", "1 234,5", 1234.5, ("NUMBER", "#,##0.00")),
        ("sv_SE", "\u22125", -5, None),
    ],
)
def test_numbers(locale: str, text: str, number: float, number_format: tuple[str, str] | None) -> None:
    assert (entered(text, locale), pattern(text, locale)) == (number, number_format)


@pytest.mark.parametrize(
    ("locale", "text", "day", "shape"),
    [
        ("en_US", "2026-01-05", (2026, 1, 5), "yyyy-mm-dd"),
        ("fr_FR", "2026-01-05", (2026, 1, 5), "yyyy-mm-dd"),
        ("en_US", "1/2/2026", (2026, 1, 2), "M/d/yyyy"),
        ("en_US", "12/24/2026", (2026, 12, 24), "M/d/yyyy"),
        ("en_US", "01/02/2026", (2026, 1, 2), "mm/dd/yyyy"),
        ("en_US", "1/2/26", (2026, 1, 2), "m/d/yy"),
        ("en_US", "1/2/29", (2029, 1, 2), "m/d/yy"),
        ("en_US", "1/2/30", (1930, 1, 2), "m/d/yy"),
        ("en_US", "1/2", (2026, 1, 2), "m/d"),
        ("en_US", "2/2027", (2027, 2, 1), "m/yyyy"),
        ("en_US", "2027-02", (2027, 2, 1), "yyyy-mm"),
        ("en_US", "1850-01-01", (1850, 1, 1), "yyyy-mm-dd"),
        ("en_GB", "1/2/2026", (2026, 2, 1), "d/m/yyyy"),
        ("fr_FR", "31/03/2026", (2026, 3, 31), "dd/MM/yyyy"),
        ("fr_MA", "1/2", (2026, 2, 1), "d/m"),
        ("ar_MA", "5/3/2026", (2026, 3, 5), "d/M/yyyy"),
        ("ar_EG", "5/3/2026", (2026, 3, 5), "d/M/yyyy"),
        ("de_DE", "05.03.2026", (2026, 3, 5), "dd.MM.yyyy"),
        ("de_DE", "5.3.", None, None),
        ("fr_FR", "12.5", (2026, 5, 12), "d.m"),
        ("sv_SE", "2026-03-05", (2026, 3, 5), "yyyy-MM-dd"),
        ("sv_SE", "26-03-05", (2026, 3, 5), "yy-mm-dd"),
        ("ja_JP", "2026年3月5日", (2026, 3, 5), 'yyyy"年"M"月"d"日"'),
        ("en_US", "Jan 5, 2026", (2026, 1, 5), "mmm d, yyyy"),
        ("en_US", "5-Jan-2026", (2026, 1, 5), "d-mmm-yyyy"),
        ("en_US", "5-Jan-26", (2026, 1, 5), "d-mmm-yy"),
        ("en_US", "January 5", (2026, 1, 5), "mmmm d"),
        ("en_US", "january 2026", (2026, 1, 1), "mmmm yyyy"),
        ("en_US", "Monday, January 5, 2026", (2026, 1, 5), "dddd, mmmm d, yyyy"),
        ("fr_FR", "5 janvier 2026", (2026, 1, 5), "d mmmm yyyy"),
        ("fr_FR", "05 févr. 2026", (2026, 2, 5), "dd mmm yyyy"),
        ("fr_FR", "lundi 5 janvier 2026", (2026, 1, 5), "dddd d mmmm yyyy"),
        ("ar_MA", "5 يناير 2026", (2026, 1, 5), "d mmmm yyyy"),
        ("de_DE", "5. März 2026", (2026, 3, 5), "d. mmmm yyyy"),
        ("es_ES", "5 de enero de 2026", (2026, 1, 5), 'd "de" mmmm "de" yyyy'),
        ("en_US", "31/03/2026", None, None),
        ("en_US", "2026-13-01", None, None),
        ("en_US", "2/30/2026", None, None),
        ("en_US", "May", None, None),
        ("en_US", "Room 5", None, None),
        ("en_US", "Jan 5 Feb 2026", None, None),
        ("en_US", "5 janvier 2026", None, None),
    ],
)
def test_dates(locale: str, text: str, day: tuple[int, int, int] | None, shape: str | None) -> None:
    if day is None or shape is None:
        assert typed(text, locale, None, TODAY) == Typed(text)
    else:
        assert (entered(text, locale), pattern(text, locale)) == (serial(*day), ("DATE", shape))


@pytest.mark.parametrize(
    ("locale", "text", "hours", "number_format"),
    [
        ("en_US", "10:30", 10.5, ("TIME", "h:mm")),
        ("en_US", "09:30", 9.5, ("TIME", "hh:mm")),
        ("en_US", "10:30:36", 10.51, ("TIME", "h:mm:ss")),
        ("en_US", "0:00:00.5", 0.5 / 3600, ("TIME", "h:mm:ss.0")),
        ("en_US", "2:30 PM", 14.5, ("TIME", "h:mm am/pm")),
        ("en_US", "12:15 am", 0.25, ("TIME", "h:mm am/pm")),
        ("en_US", "2 pm", 14, ("TIME", "h am/pm")),
        ("en_US", "3:59:24 PM", 15.99, ("TIME", "h:mm:ss am/pm")),
        ("fr_FR", "15:59:24", 15.99, ("TIME", "HH:mm:ss")),
        ("en_US", "25:00:00", 25, ("TIME", "[h]:mm:ss")),
        ("ko_KR", "PM 2:30", 14.5, ("TIME", "am/pm h:mm")),
        ("da_DK", "12.30", 12.5, ("TIME", "hh.mm")),
        ("en_US", "1/1/1900 6:00", 2 * 24 + 6, ("DATE_TIME", "M/d/yyyy h:mm")),
        ("en_US", "1/1/1900 18:00:00", 2 * 24 + 18, ("DATE_TIME", "M/d/yyyy H:mm:ss")),
        ("fr_FR", "01/01/1900 18:00:00", 2 * 24 + 18, ("DATE_TIME", "dd/MM/yyyy HH:mm:ss")),
        ("fr_FR", "1 janvier 1900 06:00", 2 * 24 + 6, ("DATE_TIME", "d mmmm yyyy hh:mm")),
    ],
)
def test_times(locale: str, text: str, hours: float, number_format: tuple[str, str]) -> None:
    assert entered(text, locale) == pytest.approx(hours / 24, abs=1e-12)
    assert pattern(text, locale) == number_format


@pytest.mark.parametrize(
    ("locale", "text", "truth"),
    [("en_US", "TRUE", True), ("en_US", "false", False), ("fr_FR", "VRAI", True), ("fr_FR", "faux", False),
     ("fr_FR", "TRUE", True), ("de_DE", "Wahr", True), ("es_ES", "FALSO", False), ("pt_BR", "VERDADEIRO", True),
     ("sv_SE", "SANT", True), ("ar_MA", "TRUE", True)],
)  # fmt: skip
def test_words_for_true_and_false(locale: str, text: str, truth: bool) -> None:
    assert entered(text, locale) is truth


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        *[
            ("en_US", text)
            for text in ("12,5", "1,23", "1,2345", "VRAI", "https://www.example/a?b=1", "12 rue des Lilas")
        ],
        *[
            ("en_US", text)
            for text in ("mina@commune.example", "12:75", "13/40", "=", "+", "- 5", "--5", "1 1/2", "1e999")
        ],
        *[("en_US", text) for text in ("2026-01-05T10:00:00", "-", "%", "$", "E5", "12abc", " = 1", "1.2.3.4", "$1e3")],
        *[("fr_FR", text) for text in ("1,234.5", "1 23", "12,5,5", "Art. 12", "5 %%")],
    ],
)
def test_what_stays_text(locale: str, text: str) -> None:
    assert typed(text, locale, None, TODAY) == Typed(text)


def test_an_apostrophe_keeps_the_rest_as_text() -> None:
    assert [entered(text, "en_US") for text in ("'0042", "'=A1", "''", "'")] == ["0042", "=A1", "'", ""]


def test_nothing_typed_is_nothing() -> None:
    assert typed("", "fr_FR") == Typed(None)
    assert typed("", "fr_FR", {"type": "TEXT"}) == Typed(None)


@pytest.mark.parametrize("text", ["0042", "=A1", "1/2/2026", "TRUE", "12%"])
def test_a_cell_of_text_keeps_what_is_typed(text: str) -> None:
    assert typed(text, "en_US", {"type": "TEXT", "pattern": "@"}) == Typed(text)


def test_a_format_that_is_there_stays() -> None:
    number = {"type": "NUMBER", "pattern": "0.0"}
    assert typed("2026-01-05", "en_US", number) == Typed(serial(2026, 1, 5))
    assert typed("$3", "en_US", number) == Typed(3.0)
    assert typed("x", "en_US", number) == Typed("x")


def test_a_bare_number_counts_in_hundredths_in_a_cell_of_percentages() -> None:
    share = {"type": "PERCENT"}
    assert [typed(text, "en_US", share) for text in ("12", "7%", "TRUE")] == [Typed(0.12), Typed(0.07), Typed(True)]


def test_a_formula_leaves_in_the_separators_of_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formulas, "from_locale", lambda text, locale: text.replace(";", ","))
    assert entered("=SUM(A1;B1)", "fr_FR") == Formula("=SUM(A1,B1)")
    assert entered("+A1+B1", "fr_FR") == Formula("=+A1+B1")
    assert entered("#N/A", "fr_FR") == Formula("=#N/A")


def test_a_formula_that_cannot_be_read_is_entered_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable(text: str, locale: str) -> str:
        raise ValueError(text)

    monkeypatch.setattr(formulas, "from_locale", unreadable)
    assert entered("=SUM((", "en_US") == Formula("=SUM((")
    assert entered("+212 537 00 00 00", "en_US") == Formula("=+212 537 00 00 00")


def test_a_place_that_nobody_knows_writes_as_its_language_does() -> None:
    assert conventions("fr_XX").decimal == ","
    assert conventions("qq_QQ").date == "M/d/yyyy"
    assert conventions("pt-BR").date == "dd/MM/yyyy"


@steady
@given(digits=some.integers(-999_999_999, 999_999_999), power=some.integers(-14, 14), place=some.sampled_from(PLACES))
def test_what_a_number_shows_is_read_back(digits: int, power: int, place: str) -> None:
    number = float(f"{digits}e{power}")
    assert entered(formatted(number, None, place), place) == number


@steady
@given(cents=some.integers(-(10**11), 10**11), place=some.sampled_from(PLACES))
def test_what_an_amount_shows_is_read_back(cents: int, place: str) -> None:
    number = float(f"{cents}e-2")
    assert entered(formatted(number, {"type": "NUMBER"}, place), place) == number


@steady
@given(day=some.dates(), place=some.sampled_from(PLACES))
def test_what_a_date_shows_is_read_back(day: date, place: str) -> None:
    number = float((day - date(1899, 12, 30)).days)
    found = typed(formatted(number, {"type": "DATE"}, place), place)
    assert found == Typed(number, {"type": "DATE", "pattern": conventions(place).date})


@steady
@given(second=some.integers(0, 86_399), place=some.sampled_from(PLACES), kind=some.sampled_from(["TIME", "DATE_TIME"]))
def test_what_a_moment_shows_is_read_back(second: int, place: str, kind: str) -> None:
    number = (46_000 if kind == "DATE_TIME" else 0) + second / 86_400
    assert entered(formatted(number, {"type": kind}, place), place) == pytest.approx(number, abs=1e-9)


@steady
@given(day=some.dates(date(1930, 1, 1), date(2029, 12, 31)), place=some.sampled_from(PLACES))
def test_a_typed_date_is_shown_as_it_was_typed(day: date, place: str) -> None:
    for text in (f"{day:%Y-%m-%d}", formatted((day - date(1899, 12, 30)).days, {"type": "DATE"}, place)):
        found = typed(text, place)
        assert isinstance(found.entered, float)
        assert formatted(found.entered, found.number_format, place) == text
