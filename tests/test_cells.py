"""One cell at a time: what a person typed, what it is read as, or why it can't be read and how to mend it."""

from datetime import date, datetime, time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cdi_sync.cells import Unreadable, is_blank, read_cell, shown
from cdi_sync.model import Category, CellError, Column, Raw, Value
from cdi_sync.text import _checked_address, ascii_address

NBSP, NNBSP, RLM, LRM, LRI, PDI, BOM = "\u00a0", "\u202f", "\u200f", "\u200e", "\u2066", "\u2069", "\ufeff"

FORMS = (
    Category("JUMELAGE", "Jumelage"),
    Category("CONVENTION", "Convention"),
    Category("ADHESION_OING", "Adhésion à une OING"),
)


def column(type_: str = "string", **details: object) -> Column:
    return Column("champ", "Champ", "", type=type_, **details)  # type: ignore[arg-type]  # details of a Column


def value(raw: Raw, type_: str, **details: object) -> Value | None:
    read = read_cell(raw, column(type_, **details))
    assert not isinstance(read, Unreadable), read
    return read


def refusal(raw: Raw, type_: str, **details: object) -> Unreadable:
    read = read_cell(raw, column(type_, **details))
    assert isinstance(read, Unreadable), read
    assert read.expected and read.fix
    return read


# ------------------------------------------------------------------------------------------------------ empty


@pytest.mark.parametrize("raw", [None, "", "   ", NBSP, f"{RLM}{LRM}", BOM, "\n"])
@pytest.mark.parametrize("type_", ["string", "date", "number", "boolean", "email", "list", "time", "reference"])
def test_a_cell_that_shows_nothing_is_empty(raw: Raw, type_: str) -> None:
    assert is_blank(raw)
    assert read_cell(raw, column(type_)) is None


@pytest.mark.parametrize("raw", ["-", "--", "N/A", "n/a", "Néant", "NÉANT", "sans objet", "s.o.", "S/O", f"{RLM}-"])
@pytest.mark.parametrize("type_", ["date", "number", "boolean", "email", "time"])
def test_a_word_that_means_nothing_is_an_empty_cell(raw: str, type_: str) -> None:
    assert value(raw, type_) is None


@pytest.mark.parametrize("raw", ["-", "néant"])
def test_a_word_that_means_nothing_stays_in_a_text(raw: str) -> None:
    assert value(raw, "string") == raw


@pytest.mark.parametrize("raw", [0, 0.0, False, "0"])
def test_zero_is_not_an_empty_cell(raw: Raw) -> None:
    assert not is_blank(raw)


# ------------------------------------------------------------------------------------------------------ dates


@pytest.mark.parametrize(
    "raw",
    [
        date(2026, 3, 31),
        datetime(2026, 3, 31, 14, 30),
        "2026-03-31",
        "2026/3/31",
        "2026-03-31 00:00:00",
        "2026-03-31T14:30:00.000",
        "31/03/2026",
        "31-03-2026",
        "31.3.2026",
        "03/31/2026",  # no thirty-first month: read one way only
        "31/03/2026 10:30",
        "٣١/٠٣/٢٠٢٦",  # Arabic-Indic
        "۳۱/۰۳/۲۰۲۶",  # Persian
        f"31/03/2026{NBSP}",
        f"{RLM}31/03/2026{RLM}",
        f"{LRI}31/03/2026{PDI}",
        "31 mars 2026",
        "31 Mars 2026",
        f"31{NNBSP}mars{NBSP}2026",
        "31-mars-2026",
        "31 March 2026",
        "31 Mar 2026",
        "٣١ مارس ٢٠٢٦",
    ],
)
def test_a_date_that_can_be_read_one_way_only_is_read(raw: Raw) -> None:
    assert value(raw, "date") == date(2026, 3, 31)


@pytest.mark.parametrize(
    ("raw", "day"),
    [
        ("1er avril 2026", date(2026, 4, 1)),
        ("5 fevrier 2026", date(2026, 2, 5)),  # no accent
        ("5 févr. 2026", date(2026, 2, 5)),
        ("5 août 2026", date(2026, 8, 5)),
        ("5 August 2026", date(2026, 8, 5)),
        ("5 يناير 2026", date(2026, 1, 5)),
        ("5 ماي 2026", date(2026, 5, 5)),  # Moroccan
        ("5 يوليوز 2026", date(2026, 7, 5)),  # Moroccan
        ("5 غشت 2026", date(2026, 8, 5)),  # Moroccan
        ("5 أغسطس 2026", date(2026, 8, 5)),
        ("5 شتنبر 2026", date(2026, 9, 5)),  # Moroccan
        ("5 دجنبر 2026", date(2026, 12, 5)),  # Moroccan
        ("29/02/2028", date(2028, 2, 29)),
    ],
)
def test_months_are_read_in_french_english_and_arabic_of_morocco(raw: str, day: date) -> None:
    assert value(raw, "date") == day


def test_a_date_whose_day_and_month_may_be_swapped_is_unknown_with_both_readings() -> None:
    why = refusal("05/03/2026", "date")
    assert why.expected == "une date sans ambiguïté"
    assert why.why == "« 05/03/2026 » se lit le 05/03/2026 ou le 03/05/2026 (jour/mois/année)"
    assert why.fix == "saisir une vraie date, ou le mois en lettres : 5 mars 2026 ou 3 mai 2026"


@pytest.mark.parametrize(
    ("raw", "day"),
    [
        ("04/04/2026", date(2026, 4, 4)),  # the same both ways
        ("12/12/2026", date(2026, 12, 12)),
        ("13/12/2026", date(2026, 12, 13)),  # 13 is no month
        ("12/13/2026", date(2026, 12, 13)),
    ],
)
def test_a_date_that_reads_the_same_both_ways_is_read(raw: str, day: date) -> None:
    assert value(raw, "date") == day


@pytest.mark.parametrize("raw", ["12/11/2026", "01/12/2026", "٠١/١٢/٢٠٢٦"])
def test_day_and_month_up_to_twelve_are_never_guessed(raw: str) -> None:
    assert refusal(raw, "date").expected == "une date sans ambiguïté"


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ("31/03/26", "l'année de « 31/03/26 » n'a pas quatre chiffres"),
        ("31/02/2026", "« 31/02/2026 » n'existe pas dans le calendrier"),
        ("29/02/2026", "« 29/02/2026 » n'existe pas dans le calendrier"),
        ("31 avril 2026", "« 31 avril 2026 » n'existe pas dans le calendrier"),
        ("2026-13-01", "« 2026-13-01 » n'existe pas dans le calendrier"),
        ("32/13/2026", "« 32/13/2026 » n'existe pas dans le calendrier"),
        ("15/09/1447", "« 15/09/1447 » ressemble à une date hégirienne"),
        ("1447-09-15", "« 1447-09-15 » ressemble à une date hégirienne"),
        ("١٥/٠٩/١٤٤٧", "« ١٥/٠٩/١٤٤٧ » ressemble à une date hégirienne"),
        ("1986", "« 1986 » n'est qu'une partie de date"),
        ("12/2009", "« 12/2009 » n'est qu'une partie de date"),
        ("décembre 2009", "« décembre 2009 » n'est qu'une partie de date"),
        ("2009-12", "« 2009-12 » n'est qu'une partie de date"),
        ("31 marsse 2026", "« 31 marsse 2026 » n'est pas une date"),
        ("bientôt", "« bientôt » n'est pas une date"),
        ("٣1/٠٣/٢٠٢٦", "« ٣1/٠٣/٢٠٢٦ » n'est pas une date"),  # two scripts in one number
        ("٣١/۰۳/2026", "« ٣١/۰۳/2026 » n'est pas une date"),
    ],
)
def test_a_date_that_cannot_be_read_says_why(raw: Raw, why: str) -> None:
    assert refusal(raw, "date").why == why


@pytest.mark.parametrize("raw", ["1986", 1986, 1986.0, "décembre 2009"])
def test_a_part_of_a_date_points_to_the_columns_made_for_it(raw: Raw) -> None:
    assert "« Année de signature » et « Mois de signature »" in refusal(raw, "date").fix


# ------------------------------------------------------------------------------------------- serial numbers


@pytest.mark.parametrize(
    ("raw", "date1904", "day"),
    [
        # 30 December 1899 + 46112 days; 1 January 1904 comes 1462 days later
        (46112, False, date(2026, 3, 31)),
        (46112.75, False, date(2026, 3, 31)),  # with its hour
        (46112 - 1462, True, date(2026, 3, 31)),
        (46112, True, date(2030, 4, 1)),
    ],
)
def test_a_serial_number_is_counted_from_the_epoch_of_the_workbook(raw: float, date1904: bool, day: date) -> None:
    assert read_cell(raw, column("date"), date1904=date1904) == day


@pytest.mark.parametrize(("raw", "is_year"), [(1899, False), (1900, True), (2026, True), (2100, True), (2101, False)])
def test_a_number_that_looks_like_a_year_is_not_a_serial_date(raw: int, is_year: bool) -> None:
    read = read_cell(raw, column("date", years=(1900, 2100)))
    assert isinstance(read, Unreadable) is is_year  # 1899 and 2101 are days of 1905


@pytest.mark.parametrize("raw", [1e300, -1e300, True])
def test_a_number_out_of_the_calendar_or_a_boolean_is_no_date(raw: Raw) -> None:
    assert "n'est pas une date" in refusal(raw, "date").why


@pytest.mark.parametrize(
    ("raw", "plausible"),
    [
        (date(1955, 12, 31), False),
        (date(1956, 1, 1), True),
        ("14/05/1963", True),
        (date(2100, 12, 31), True),
        (date(2101, 1, 1), False),
        ("31/03/0026", False),
        (-5, False),
    ],
)
def test_a_year_must_be_plausible_for_its_column(raw: Raw, plausible: bool) -> None:
    read = read_cell(raw, column("date", years=(1956, 2100)))
    assert isinstance(read, date) is plausible


def test_a_year_that_is_not_plausible_is_told_with_those_that_are() -> None:
    why = refusal(date(2206, 3, 31), "date", years=(1990, 2100))
    assert (why.expected, why.why) == (
        "une date entre 1990 et 2100",
        "l'année 2206 n'est pas plausible ici",
    )


# --------------------------------------------------------------------------------------------- errors, formulas


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "une formule sans résultat"])
@pytest.mark.parametrize("type_", ["string", "date", "number", "boolean", "email", "list", "time", "reference", "url"])
def test_a_cell_that_shows_an_error_or_was_never_computed_is_unreadable(error: str, type_: str) -> None:
    why = refusal(CellError(error), type_)
    assert why.why == f"la cellule affiche {error}"
    assert why.fix.startswith("corriger la formule, ou saisir la valeur à sa place")


# ---------------------------------------------------------------------------------------------------- numbers


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        (1234.56, 1234.56),
        (12, 12),
        ("1234,56", 1234.56),
        ("1234.56", 1234.56),
        ("1 234,56", 1234.56),
        (f"1{NBSP}234,56", 1234.56),
        (f"1{NNBSP}234,56", 1234.56),
        ("1.234,56", 1234.56),
        ("1,234.56", 1234.56),
        ("1'234.56", 1234.56),
        ("1 234 567", 1234567),
        ("1.234.567", 1234567),
        ("1,234,567", 1234567),
        ("0,123", 0.123),
        ("1234,567", 1234.567),  # four digits before: no thousands
        ("12,5", 12.5),
        ("-12,5", -12.5),
        ("+12,5", 12.5),
        ("١٢٣٤", 1234),
        ("۱۲۳۴", 1234),
        ("١٢٫٥", 12.5),  # Arabic decimal mark
        ("١٬٢٣٤٫٥", 1234.5),  # Arabic thousands mark
        (f"{RLM}12{LRM}", 12),
    ],
)
def test_a_number_is_read_as_it_is_written_in_french_english_or_arabic(raw: Raw, number: float) -> None:
    assert value(raw, "number") == number


@pytest.mark.parametrize(
    ("raw", "why"), [("1,234", "« 1,234 » se lit 1234 ou 1,234"), ("12.500", "« 12.500 » se lit 12500 ou 12,500")]
)
def test_a_number_that_reads_two_ways_is_unknown_with_both_readings(raw: str, why: str) -> None:
    refused = refusal(raw, "number")
    assert refused.why == why
    assert refused.fix == "saisir le nombre sans séparateur de milliers"


@pytest.mark.parametrize(
    "raw",
    ["12%", "1e5", "12 MAD", "douze", "1 23 4", "1 23,5", "12.34.56", "1.23,456.7", "--5", "1,", ",5", "1٢", "٣۴", True,
     float("inf"), date(2026, 3, 31)],
)  # fmt: skip
def test_what_is_not_a_plain_number_is_refused(raw: Raw) -> None:
    assert refusal(raw, "number").why.endswith("» n'est pas un nombre")


@pytest.mark.parametrize(
    ("raw", "whole"), [(12, True), (12.0, True), ("12", True), ("12,0", True), (12.5, False), ("12,5", False)]
)
def test_a_whole_number_has_no_decimals(raw: Raw, whole: bool) -> None:
    read = read_cell(raw, column("integer"))
    assert (read == 12 and isinstance(read, int)) is whole
    assert whole or "n'est pas un entier" in refusal(raw, "integer").why


@pytest.mark.parametrize(
    ("raw", "why"), [(-1, "-1 est trop petit"), (0, ""), (100, ""), ("100,5", "100,5 est trop grand")]
)
def test_a_number_stays_within_its_bounds(raw: Raw, why: str) -> None:
    read = read_cell(raw, column("number", minimum=0, maximum=100))
    assert (read.why if isinstance(read, Unreadable) else "") == why


# -------------------------------------------------------------------------------------------- texts, identifiers


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (f"  Ville{NBSP}d'essai ", "Ville d'essai"),
        (f"{RLM}مدينة{RLM}", "مدينة"),
        ("deux\nlignes", "deux lignes"),
        (42, "42"),
        (42.0, "42"),
        (True, "VRAI"),
        (date(2026, 3, 31), "31/03/2026"),
        (999999999999999, "999999999999999"),  # 15 digits: exact
    ],
)
def test_a_text_is_what_the_cell_shows_without_odd_spaces_and_marks(raw: Raw, text: str) -> None:
    assert value(raw, "string") == text


@pytest.mark.parametrize("raw", [10**15, 12345678901234567, 1.2345678901234567e16])
def test_a_long_identifier_kept_as_a_number_has_lost_digits(raw: Raw) -> None:
    why = refusal(raw, "string")
    assert why.why == "ce nombre est trop long : ses derniers chiffres sont perdus"
    assert why.fix == "mettre la cellule au format Texte, puis saisir de nouveau"


def test_a_long_identifier_kept_as_text_is_read() -> None:
    assert value("12345678901234567", "string") == "12345678901234567"


@pytest.mark.parametrize(
    ("raw", "fits"), [("01", True), ("01.051", True), (3231010, True), ("1", False), (1.051, False)]
)
def test_a_code_has_the_declared_form(raw: Raw, fits: bool) -> None:
    read = read_cell(raw, column(pattern=r"^\d{2}(\.\d{3})?$|^\d{7,9}$"))
    assert isinstance(read, str) is fits
    assert fits or "s'il commence par un zéro" in refusal(raw, "string", pattern=r"\d{2}").fix


# ------------------------------------------------------------------------------------------- booleans, choices


@pytest.mark.parametrize("raw", [True, "Oui", "OUI", "oui ", "Vrai", "yes", "TRUE", "نعم", f"{RLM}نعم", 1, "1", 1.0])
def test_yes_is_read_in_three_languages(raw: Raw) -> None:
    assert value(raw, "boolean") is True


@pytest.mark.parametrize("raw", [False, "Non", "NON", "faux", "no", "False", "لا", 0, "0", 0.0])
def test_no_is_read_in_three_languages(raw: Raw) -> None:
    assert value(raw, "boolean") is False


@pytest.mark.parametrize("raw", ["peut-être", "x", 2, "ouii", "11"])
def test_what_is_neither_yes_nor_no_is_refused(raw: Raw) -> None:
    assert refusal(raw, "boolean").why == f"« {raw} » n'est ni oui ni non"


@pytest.mark.parametrize(
    "raw",
    ["ADHESION_OING", "adhesion_oing", "Adhesion OING", "Adhésion à une OING", "adhesion a une oing",
     f"Adhésion{NBSP}à une OING ", f"{LRI}ADHÉSION À UNE OING{PDI}", "Adhe\u0301sion a\u0300 une OING"],
)  # fmt: skip
def test_a_choice_is_read_by_its_code_or_its_label_whatever_the_accents(raw: str) -> None:
    assert value(raw, "string", categories=FORMS) == "ADHESION_OING"


def test_a_choice_out_of_the_list_is_refused_with_the_nearest_one() -> None:
    why = refusal("Convension", "string", categories=FORMS)
    assert why.why == "« Convension » n'est pas dans la liste ; vouliez-vous dire « Convention » ?"
    assert why.expected == "une valeur de la liste : Jumelage, Convention, Adhésion à une OING"
    assert why.fix == "choisir une valeur dans la liste déroulante"


@pytest.mark.parametrize("raw", ["zzz", "Contrat"])
def test_a_choice_that_resembles_nothing_is_refused_without_a_proposal(raw: str) -> None:
    assert refusal(raw, "string", categories=FORMS).why == f"« {raw} » n'est pas dans la liste"


@pytest.mark.parametrize(
    ("count", "told"), [(8, "V0, V1, V2, V3, V4, V5, V6, V7"), (9, "V0, V1, V2, V3, V4, V5, V6, V7… (9 valeurs)")]
)
def test_a_long_list_is_shortened(count: int, told: str) -> None:
    many = tuple(Category(f"V{rank}", f"V{rank}") for rank in range(count))
    assert refusal("zzz", "string", categories=many).expected == f"une valeur de la liste : {told}"


# ------------------------------------------------------------------------------------------- e-mails, hours, lists


@pytest.mark.parametrize(
    "raw",
    ["service@commune.ma", " service@commune.ma ", "mailto:service@commune.ma", "Service <service@commune.ma>",
     "<service@commune.ma>", f"service@commune.ma{NBSP}", f"{LRM}service@commune.ma", "service@COMMUNE.ma"],
)  # fmt: skip
def test_an_address_is_read_alone_or_after_a_name(raw: str) -> None:
    assert value(raw, "email") == "service@commune.ma"


@pytest.mark.parametrize(
    "raw",
    ["a@commune.ma, b@commune.ma", "a@commune.ma ; b@commune.ma", "a@commune.ma b@commune.ma", "service@commune",
     "service.commune.ma", "service@commune,ma", "service@commune.ma\r\nBcc: autre@ailleurs.ma",
     "Service <a@commune.ma> <b@commune.ma>", "@commune.ma", "service@", 12, True],
)  # fmt: skip
def test_what_is_not_one_usable_address_is_refused(raw: Raw) -> None:
    why = refusal(raw, "email")
    assert why.expected == "une seule adresse de courriel, comme service@commune.ma"
    assert why.fix == "corriger l'adresse ; une seule par cellule"
    assert "\n" not in why.why


@pytest.mark.parametrize(
    "raw",
    [time(10, 30), datetime(1899, 12, 30, 10, 30), 0.4375, "10:30", "10h30", "10 h 30", "10:30:00", "١٠:٣٠",
     f"10:30{NBSP}"],
)  # fmt: skip
def test_an_hour_is_read_however_it_is_written(raw: Raw) -> None:
    assert value(raw, "time") == time(10, 30)  # 10.5 / 24 = 0.4375


@pytest.mark.parametrize(
    ("raw", "hour"), [("9h", time(9)), ("00:00", time(0)), ("23:59", time(23, 59)), (0.0, time(0))]
)
def test_hours_go_from_midnight_to_one_minute_before_midnight(raw: Raw, hour: time) -> None:
    assert value(raw, "time") == hour


@pytest.mark.parametrize("raw", ["24:00", "10:60", "midi", "10h300", 1.5, "٣1:00"])
def test_what_is_no_hour_is_refused(raw: Raw) -> None:
    assert refusal(raw, "time").why.endswith("n'est pas une heure")


@pytest.mark.parametrize(
    "raw", ["eau ; écoles", "eau,écoles", "eau\nécoles", "eau؛ écoles،", f"{RLM}eau ;; écoles{NBSP};"]
)
def test_a_list_is_cut_at_its_marks_and_empty_items_are_left_out(raw: str) -> None:
    assert value(raw, "list") == ("eau", "écoles")


# ------------------------------------------------------------------------------------------- what is quoted


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (CellError("#N/A"), "#N/A"),
        (True, "VRAI"),
        (False, "FAUX"),
        (datetime(2026, 3, 31, 10, 30), "31/03/2026"),
        (46112.0, "46112"),
        (12.5, "12.5"),
        (f" a{NBSP}b ", "a b"),
        ("x" * 121, "x" * 120),  # a message doesn't quote a whole page
    ],
)
def test_a_message_quotes_the_cell_as_a_person_sees_it(raw: Raw, text: str) -> None:
    assert shown(raw) == text


@pytest.mark.parametrize("raw", [float("nan"), float("inf"), "01/02/0000", "9" * 400, "1e400", -1e300])
@pytest.mark.parametrize("kind", ["date", "integer", "number", "time"])
def test_absurd_values_are_told_and_never_raise(raw: Raw, kind: str) -> None:
    read = read_cell(raw, Column("c", "C", "", type=kind))
    assert isinstance(read, Unreadable)


PLAIN = st.from_regex(r"[A-Za-z0-9._+-]{1,12}@[A-Za-z0-9.-]{1,30}\.[A-Za-z]{1,8}", fullmatch=True)


@given(PLAIN)
@example("a@xn--4gbrim.com")
@example("a@ab--cd.ma")
@example("a@b.c-d.ma")
@example("A.b-c_d@Commune-Sud.MA")
@example("a@1.2.3.ma")
def test_a_plain_address_is_read_as_the_validator_reads_it(text: str) -> None:
    assert ascii_address(text) == _checked_address(text)
