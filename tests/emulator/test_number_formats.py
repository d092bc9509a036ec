"""What cells show (FORMATTED_VALUE): numbers, dates, texts and the rest under number formats, place by place."""

from datetime import datetime, timedelta

import pytest

from tests.google.sheets.rendering import effective_number_format, formatted
from tests.google.sheets.spreadsheet import Error, Value

SPRING = (datetime(2027, 3, 7, 15, 4, 9, 276_000) - datetime(1899, 12, 30)) / timedelta(days=1)  # a Sunday
LONG = timedelta(hours=27, minutes=5, seconds=8, milliseconds=250) / timedelta(days=1)


def under(pattern: str, value: Value, locale: str = "en_US", kind: str = "NUMBER") -> str:
    return formatted(float(value) if isinstance(value, int) else value, {"type": kind, "pattern": pattern}, locale)


@pytest.mark.parametrize(
    ("value", "english", "french"),
    [
        (0, "0", "0"),
        (-0.0, "0", "0"),
        (42, "42", "42"),
        (-3.5, "-3.5", "-3,5"),
        (1234567.5, "1234567.5", "1234567,5"),
        (0.1 + 0.2, "0.3", "0,3"),
        (1 / 3, "0.3333333333", "0,3333333333"),
        (200 / 3, "66.66666667", "66,66666667"),
        (12345678901, "12345678901", "12345678901"),
        (12345678901.25, "12345678901", "12345678901"),
        (999999999999999, "999999999999999", "999999999999999"),
        (1e15, "1E+15", "1E+15"),
        (1234567890123456, "1.23456789E+15", "1,23456789E+15"),
        (2.0**70, "1.180591621E+21", "1,180591621E+21"),
        (2.0**-40, "9.094947018E-13", "9,094947018E-13"),
        (0.00001, "0.00001", "0,00001"),
    ],
)
def test_the_automatic_format(value: float, english: str, french: str) -> None:
    assert formatted(float(value), None, "en_US") == english
    assert formatted(float(value), {}, "fr_FR") == french
    assert formatted(float(value), {"type": "TEXT"}, "fr_FR") == french


def test_what_is_no_number() -> None:
    assert formatted(None, {"type": "DATE"}, "fr_FR") == ""
    assert formatted("12.5", {"type": "DATE"}, "fr_FR") == "12.5"
    assert formatted(Error("DIVIDE_BY_ZERO", "#DIV/0!"), {"type": "DATE"}, "fr_FR") == "#DIV/0!"
    assert [formatted(True, {"type": "PERCENT"}, place) for place in ("en_US", "fr_MA", "ar_MA")] == [
        "TRUE", "VRAI", "TRUE",
    ]  # fmt: skip
    assert formatted(False, None, "es_ES") == "FALSO"


@pytest.mark.parametrize(
    ("kind", "english", "french", "german"),
    [
        ("NUMBER", "46,000.75", "46\u202f000,75", "46.000,75"),
        ("PERCENT", "4600075.00%", "4600075,00%", "4600075,00%"),
        ("CURRENCY", "$46,000.75", "46\u202f000,75 €", "46.000,75 €"),
        ("DATE", "12/9/2025", "09/12/2025", "09.12.2025"),
        ("TIME", "6:00:00 PM", "18:00:00", "18:00:00"),
        ("DATE_TIME", "12/9/2025 18:00:00", "09/12/2025 18:00:00", "09.12.2025 18:00:00"),
        ("SCIENTIFIC", "4.60E+04", "4,60E+04", "4,60E+04"),
        ("TEXT", "46000.75", "46000,75", "46000,75"),
    ],
)
def test_types_without_a_pattern(kind: str, english: str, french: str, german: str) -> None:
    places = ("en_US", "fr_FR", "de_DE")
    assert [formatted(46000.75, {"type": kind}, place) for place in places] == [english, french, german]


def test_the_money_of_a_place() -> None:
    amounts = {place: formatted(-1234.5, {"type": "CURRENCY"}, place) for place in ("fr_MA", "pt_BR", "sv_SE", "ja_JP")}
    assert amounts == {
        "fr_MA": "-1\u202f234,50 MAD", "pt_BR": "-R$ 1.234,50", "sv_SE": "-1\u00a0234,50 kr", "ja_JP": "-￥1,235",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("pattern", "value", "shown"),
    [
        ("0", 2.5, "3"),
        ("0", -2.5, "-3"),
        ("0.00", 1.005, "1.01"),
        ("0.00", -0.001, "-0.00"),
        ("000", 7, "007"),
        ("#", 0, ""),
        ("#.##", 0.5, ".5"),
        ("#.0#", 3, "3.0"),
        ("#.#", 3, "3."),
        ("0.0##", 3.14159, "3.142"),
        ("??0.0?", 3.5, "  3.5 "),
        ("#,##0", 1234567, "1,234,567"),
        ("0,000", 5, "0,005"),
        ("#,##,##0", 12345678, "1,23,45,678"),
        ("0.0,", 1234567, "1234.6"),
        ("#,##0,,", 12345678901, "12,346"),
        ('0.0,,"M"', 2_480_000, "2.5M"),
        ("00-00", 1234, "12-34"),
        ("(000) 000-0000", 2125550123, "(212) 555-0123"),
        ("0%", 0.256, "26%"),
        ("0.0%", -0.256, "-25.6%"),
        ("0.00E+00", 123456, "1.23E+05"),
        ("0.00E+00", 999999, "1.00E+06"),
        ("0.00E+00", 0, "0.00E+00"),
        ("0.0e-0", 0.00123, "1.2e-3"),
        ("0E-0", 4000, "4E3"),
        ("##0.0E+0", 45678, "45.7E+3"),
        ("# ?/?", 2.25, "2 1/4"),
        ("# ??/??", 2.25, "2  1/4 "),
        ("# ?/?", 0.5, " 1/2"),
        ("0 #/8", 3.25, "3 2/8"),
        ("0 #/10", 3.72, "3 7/10"),
        ("?/?", 2.25, "9/4"),
        ("# ?/?", 5, "5    "),
        ("0 #/#", 2.999, "3 "),
        ("$0.00", 5, "$5.00"),
        ("[$€-40C]0.00", 5, "€5.00"),
        ("0.00 [$MAD]", 5, "5.00 MAD"),
        ("days: 0", 5, "days: 5"),
        ('_("$"* 0.00_)', 5, " $ 5.00 "),
        ("0\\ \\k\\g", 5, "5 kg"),
        ('0" days"', -5, "-5 days"),
        ("0_)", 5, "5 "),
        ("[Red]0", 5, "5"),
        ("General", 1.5, "1.5"),
        ('General" km"', -1.5, "-1.5 km"),
        ("@", 1.5, "1.5"),
        ('"n° "@', 12, "n° 12"),
        ('"none"', 12, "none"),
        ("0;(0)", -5, "(5)"),
        ("0;(0)", 0, "0"),
        ("0;-0;nil", 0, "nil"),
        ("0;-0;;@", 0, ""),
        ('0;-0;0;"<"@">"', "abc", "<abc>"),
        ('0.0;"text: "@', "abc", "text: abc"),
        ('0.0;"text: "@', -1, "-1.0"),
        ("0;-0", "abc", "abc"),
        ("[<100]0.0;0", 99, "99.0"),
        ("[<100]0.0;0", 100, "100"),
        ("[<100]0.0;0", -1, "-1.0"),
        ("[<0](0);0", -1, "(1)"),
        ('[=1]"one";[=2]"two";0', 2, "two"),
        ('[>=10]"many";[<>0]"few"', 0, "########"),
        ("#,##0.00_);[Red](#,##0.00)", -1234.5, "(1,234.50)"),
    ],
)
def test_patterns_of_numbers(pattern: str, value: Value, shown: str) -> None:
    assert under(pattern, value) == shown


def test_patterns_take_the_separators_of_the_place() -> None:
    assert under("#,##0.00", 1234567.5, "fr_FR") == "1\u202f234\u202f567,50"
    assert under("#,##0.00", 1234567.5, "de_CH") == "1’234’567.50"
    assert under("0.00E+00", 12345, "es_ES") == "1,23E+04"
    assert under("s.00", 1.5 / 86_400, "fr_FR", "TIME") == "1,50"


@pytest.mark.parametrize(
    ("pattern", "shown"),
    [
        ("d/m/yy", "7/3/27"),
        ("dd/mm/yyyy", "07/03/2027"),
        ("D/M/YYYY", "7/3/2027"),
        ("ddd d mmm", "Sun 7 Mar"),
        ("dddd, mmmm d", "Sunday, March 7"),
        ("mmmmm", "M"),
        ("y yyy", "27 2027"),
        ("h:mm", "15:04"),
        ("h:m:s", "15:4:9"),
        ("hh:mm:ss", "15:04:09"),
        ("mm:ss", "04:09"),
        ("m", "3"),
        ("h:MM", "15:03"),
        ("hh:mm am/pm", "03:04 PM"),
        ("h a/p", "3 p"),
        ("h A/P", "3 P"),
        ("h:mm PM", "3:04 PM"),
        ("ss.000", "09.276"),
        ("ss.0", "09.3"),
        ('yyyy"y" mm\\m', "2027y 03m"),
        ("d/m/yyyy h:mm:ss", "7/3/2027 15:04:09"),
    ],
)
def test_patterns_of_dates(pattern: str, shown: str) -> None:
    assert under(pattern, SPRING, kind="DATE_TIME") == shown


@pytest.mark.parametrize(
    ("pattern", "shown"),
    [
        ("[h]:mm:ss", "27:05:08"),
        ("[hh]:[mm]:[ss]", "27:05:08"),
        ("[mm]:ss.00", "1625:08.25"),
        ("[mmmmm]", "01625"),
        ("[s]", "97508"),
        ("h:mm", "3:05"),
    ],
)
def test_durations(pattern: str, shown: str) -> None:
    assert under(pattern, LONG, kind="TIME") == shown
    assert under(pattern, -LONG, kind="TIME") == (f"-{shown}" if "[" in pattern else "20:54")


@pytest.mark.parametrize(
    ("locale", "shown"),
    [
        ("fr_FR", "dim. 7 mars 2027, dimanche 7 mars"),
        ("ar_MA", "الأحد 7 مارس 2027, الأحد 7 مارس"),
        ("de_DE", "So 7 März 2027, Sonntag 7 März"),
        ("sv_SE", "sön 7 mars 2027, söndag 7 mars"),
        ("pt_BR", "dom. 7 mar. 2027, domingo 7 março"),
    ],
)
def test_names_of_days_and_months(locale: str, shown: str) -> None:
    assert under("ddd d mmm yyyy, dddd d mmmm", SPRING, locale, "DATE").replace("So. ", "So ") == shown


def test_dates_before_the_first_day() -> None:
    assert under("yyyy-mm-dd", 0) == "1899-12-30"
    assert under("yyyy-mm-dd", -1) == "1899-12-29"
    assert under("yyyy-mm-dd h:mm", -0.25) == "1899-12-29 18:00"
    assert under("yyyy-mm-dd", -693_593) == "0001-01-01"


def test_a_number_beyond_the_calendar_is_shown_as_a_number() -> None:
    assert under("yyyy-mm-dd", 99_999_999) == "99999999"
    assert under("yyyy-mm-dd", -700_000) == "-700000"


def test_a_moment_does_not_lose_a_second_to_rounding() -> None:
    for second in range(0, 86_400, 97):
        clock = timedelta(seconds=second)
        assert under("[h]:mm:ss", second / 86_400, kind="TIME") == str(clock)


def test_the_effective_format_has_the_pattern_of_its_type() -> None:
    assert effective_number_format(1.0, None, "fr_FR") is None
    assert effective_number_format(1.0, {"type": "DATE"}, "fr_FR") == {"type": "DATE", "pattern": "dd/MM/yyyy"}
    assert effective_number_format("x", {"type": "TEXT"}, "fr_FR") == {"type": "TEXT"}
    assert effective_number_format(1.0, {"type": "NUMBER", "pattern": "0.0"}, "fr_FR") == {
        "type": "NUMBER",
        "pattern": "0.0",
    }
