"""References that follow inserted, deleted, moved and copied cells, and separators that follow the language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.emulator.grids import spreadsheet
from tests.google.sheets.formulas import Edit, from_locale, moved, renamed, shifted, to_locale
from tests.google.sheets.spreadsheet import Formula

BOOK = spreadsheet({"Sheet1": [], "Mon onglet": []})


def _after(text: str, what: str, start: int, end: int, to: int = 0, *, dimension: str = "ROWS", sheet: int = 0) -> str:
    return moved(Formula(text), BOOK, sheet, Edit(0, dimension, what, start, end, to)).text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("=A1", "=A1"),
        ("=A3", "=A5"),
        ("=$a$3 + b3", "=$A$5 + B5"),
        ("=SUM(A1:A3)", "=SUM(A1:A5)"),  # inserted inside
        ("=SUM(A3:A4)", "=SUM(A5:A6)"),  # before
        ("=SUM(A1:A2)", "=SUM(A1:A2)"),  # just after
        ("=A2:A", "=A2:A"),
        ("=A3:A", "=A5:A"),
        ("=A:B", "=A:B"),
        ("=2:3", "=2:5"),
        ('="A3"&INDIRECT("A3")', '="A3"&INDIRECT("A3")'),
        ("='Mon onglet'!A3", "='Mon onglet'!A3"),
        ("=sheet1!A3", "=sheet1!A5"),
        ("=not a formula(", "=not a formula("),
        ("=LOG10(A3)", "=LOG10(A5)"),
    ],
)
def test_two_rows_inserted_before_the_third(before: str, after: str) -> None:
    assert _after(before, "insert", 2, 4) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("=A1+A6", "=A1+A4"),
        ("=A3", "=#REF!"),
        ("=SUM(A3:A4)", "=SUM(#REF!)"),
        ("=SUM(A1:A9)", "=SUM(A1:A7)"),
        ("=SUM(A1:A3)", "=SUM(A1:A2)"),
        ("=SUM(A4:A9)", "=SUM(A3:A7)"),
        ("=SUM(A4:A)", "=SUM(A3:A)"),
        ("=SUM(A9:A1)", "=SUM(A7:A1)"),
        ("=SUM(3:4)", "=SUM(#REF!)"),
        ("=SUM(A:A)", "=SUM(A:A)"),
    ],
)
def test_the_third_and_fourth_rows_deleted(before: str, after: str) -> None:
    assert _after(before, "delete", 2, 4) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("=A1+A2+A3+A4+A5", "=A1+A4+A5+A2+A3"),
        ("=SUM(A2:A3)", "=SUM(A4:A5)"),
        ("=SUM(A1:A5)", "=SUM(A1:A5)"),
    ],
)
def test_rows_moved_down_beyond_the_fifth(before: str, after: str) -> None:
    assert _after(before, "move", 1, 3, 5) == after
    assert _after(after, "move", 3, 5, 1) == before  # and back


def test_columns() -> None:
    assert _after("=A1+C1+SUM(A:C)+1:3", "insert", 1, 2, dimension="COLUMNS") == "=A1+D1+SUM(A:D)+1:3"
    assert _after("=A1+B1+SUM(A:C)", "delete", 1, 2, dimension="COLUMNS") == "=A1+#REF!+SUM(A:B)"


def test_formulas_of_other_sheets_follow_only_what_they_name() -> None:
    assert _after("=A3+Sheet1!A3", "insert", 0, 1, sheet=1) == "=A3+Sheet1!A4"


_CORNERS = st.builds(
    lambda fixed, column, also, row: f"{fixed}{column}{also}{row}",
    st.sampled_from(["", "$"]), st.sampled_from("ABCZ"), st.sampled_from(["", "$"]), st.integers(1, 30),
)  # fmt: skip
_REFERENCES = st.one_of(
    _CORNERS,
    st.tuples(_CORNERS, _CORNERS).map(":".join),
    _CORNERS.map(lambda corner: f"{corner}:Z"),
    st.just("A:C"),
    _CORNERS.map(lambda corner: f"'Mon onglet'!{corner}"),
)
_SCALARS = st.one_of(
    _REFERENCES,
    st.integers(0, 99).map(str),
    st.floats(0, 1000).map(lambda number: f"{number:.3f}"),
    st.text("ab;,.\\{(\"'", max_size=5).map(lambda text: '"' + text.replace('"', '""') + '"'),
    st.sampled_from(["TRUE", "#N/A", "#REF!"]),
)
_FORMULAS = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", " - ", "&", "<="]), inner).map("".join),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"SUM({', '.join(parts)})"),
        inner.map(lambda part: f"IF({part},,1)"),
        st.lists(inner, min_size=2, max_size=2).map(lambda parts: "{" + ",".join(parts) + ";" + ",".join(parts) + "}"),
    ),
    max_leaves=6,
).map(lambda text: f"={text}")


@given(_FORMULAS, st.integers(0, 30), st.integers(1, 5), st.sampled_from(["ROWS", "COLUMNS"]))
def test_inserting_lines_and_deleting_them_changes_nothing(text: str, start: int, count: int, dimension: str) -> None:
    inserted = _after(text, "insert", start, start + count, dimension=dimension)
    assert _after(inserted, "delete", start, start + count, dimension=dimension) == text


@given(_FORMULAS, st.sampled_from(["fr_FR", "de_DE", "en_US", "ar", "fr_MA", "unknown"]))
def test_a_formula_comes_back_from_any_language(text: str, locale: str) -> None:
    assert from_locale(to_locale(text, locale), locale) == text


@pytest.mark.parametrize(
    ("locale", "typed", "english"),
    [
        ("fr_FR", "=SOMME", "=SOMME"),
        ("fr_FR", "=SUM(1,5;A1;2)", "=SUM(1.5,A1,2)"),
        ("fr_FR", '={"a"\\1,5;2\\SUM(1;2)}', '={"a",1.5;2,SUM(1,2)}'),
        ("fr_FR", '=IF(A1="";;"a,b;c")', '=IF(A1="",,"a,b;c")'),
        ("en_US", "=SUM(1.5;A1,2)", "=SUM(1.5,A1,2)"),
        ("en_US", "={1,2;3,4}", "={1,2;3,4}"),
    ],
)
def test_separators_of_a_language(locale: str, typed: str, english: str) -> None:
    assert from_locale(typed, locale) == english


@pytest.mark.parametrize(
    ("locale", "typed"),
    [("fr_FR", "=1.5"), ("fr_FR", "=SUM(1,2,3)"), ("en_US", "=SUM(1"), ("en_US", "=1+"), ("en_US", '="a')],
)
def test_what_cannot_be_read_is_told(locale: str, typed: str) -> None:
    with pytest.raises(ValueError):
        from_locale(typed, locale)


def test_a_formula_that_cannot_be_read_is_shown_as_it_is() -> None:
    assert to_locale("=SUM(1", "fr_FR") == "=SUM(1"
    assert to_locale('="unfinished', "fr_FR") == '="unfinished'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("=A1+$A$1+A$1+$A1", "=C2+$A$1+C$1+$A2"),
        ("=SUM(A1:B2)+SUM(A:A)+SUM($A2:A)", "=SUM(C2:D3)+SUM(C:C)+SUM($A3:C)"),
        ("='Mon onglet'!A1", "='Mon onglet'!C2"),
    ],
)
def test_a_copied_formula(before: str, after: str) -> None:
    assert shifted(Formula(before), 1, 2).text == after


def test_a_copy_may_lead_out_of_the_grid() -> None:
    assert shifted(Formula("=A1+B2"), -1, 0).text == "=#REF!+B1"


@pytest.mark.parametrize(
    ("old", "new", "before", "after"),
    [
        ("Sheet1", "Data", "=Sheet1!A1+sheet1!B:B+A1", "=Data!A1+Data!B:B+A1"),
        ("Sheet1", "Mes données", "=Sheet1!A1", "='Mes données'!A1"),
        ("Mon onglet", "L'an", "='Mon onglet'!A1:B2", "='L''an'!A1:B2"),
        ("L'an", "An", "=SUM('L''an'!A:A)", "=SUM(An!A:A)"),
        ("Sheet1", "Data", '="Sheet1!A1"', '="Sheet1!A1"'),
    ],
)
def test_a_renamed_sheet(old: str, new: str, before: str, after: str) -> None:
    assert renamed(Formula(before), old, new).text == after
