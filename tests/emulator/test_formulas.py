"""What formulas come to: one formula in H5 of a small sheet of markets, its value there or its error."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.emulator.grids import NOON, Rows, cell, computed, spreadsheet
from tests.google.sheets.formulas import Place, compute
from tests.google.sheets.formulas.functions.registry import FUNCTIONS
from tests.google.sheets.spreadsheet import Cell, Error, Value

DATED = Cell(46000.0, {"numberFormat": {"type": "DATE", "pattern": "dd/mm/yyyy"}})  # 9 December 2025
MARKET: Rows = [
    ["fruit", "price", "stock", "on sale", "since"],
    ["Apple", 2, 10, True, DATED],
    ["pear", 3.5, 0, False, 46010],
    ["Fig", 8, 4, True, 46020],
    ["apple pie", "n/a", None, False, "soon"],
    [None, 1, 6, None, None],
]


def value(formula: str, locale: str = "en_US") -> Value:
    """What the formula comes to in H5, beside the fifth row."""
    lines = [list(line) + [None] * (7 - len(line)) for line in MARKET]
    lines[4].append(formula)
    book = spreadsheet({"Sheet1": lines, "Mon onglet": [["x", 7], ["y", 8]]}, locale=locale)
    book.named_ranges.append(
        {"name": "prices", "range": {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 4, "startColumnIndex": 1,
                                     "endColumnIndex": 2}}
    )  # fmt: skip
    return compute(book, NOON).values[Place(0, 4, 7)]


CASES: dict[str, Value] = {
    # operators
    "=1+2*3^2": 19.0,
    "=-2^2": 4.0,  # the sign binds tighter
    "=(1+2)*3": 9.0,
    "=2^-1": 0.5,
    "=50%": 0.5,
    "=10-5-2": 3.0,
    "=1&2": "12",
    '="a"&"b"="AB"': True,
    '="say ""hi"""': 'say "hi"',
    "=1<2": True,
    '=2<"1"': True,  # any number comes before any text
    '="z"<TRUE': True,
    "=TRUE=1": False,
    '=A6=""': True,  # a blank is like the empty text, zero and FALSE
    "=A6=0": True,
    "=A6=FALSE": True,
    "=A6+1": 1.0,
    "=TRUE+1": 2.0,
    '="3"+1': 4.0,
    "=1<>2": True,
    "= 1 +\n2 ": 3.0,
    "=A6": None,
    "=+A2": "Apple",
    "=B2": 2.0,
    "=$B$2+Sheet1!B2": 4.0,
    "='Mon onglet'!B2": 8.0,
    "=SUM('mon onglet'!B:B)": 15.0,
    "=SUM(prices)": 13.5,
    "=B2:B6": "n/a",  # where the column crosses the row of the formula
    "=SUM(B2:INDEX(B:B,3))": 5.5,
    "=SUM(2:2)": 46012.0,
    "=SUM(B4:B)": 9.0,
    "=SUM(B4:4)": 46032.0,
    # numbers
    "=SUM(B2:B6)": 14.5,  # text is passed over
    '=SUM("2",3,TRUE)': 6.0,
    "=SUM(D2:D4)": 0.0,
    "=AVERAGE(B2:B6)": 3.625,
    "=COUNT(A1:E6)": 11.0,
    '=COUNT(1,"2","x",TRUE)': 3.0,
    "=COUNTA(A1:A6)": 5.0,
    "=COUNTBLANK(A1:A6)": 1.0,
    "=MIN(B2:B6)": 1.0,
    "=MAX(B2:B6,9)": 9.0,
    "=MIN(A2:A6)": 0.0,
    "=ROUND(2.675,2)": 2.68,
    "=ROUND(-2.5)": -3.0,
    "=ROUND(1234,-2)": 1200.0,
    "=ROUNDUP(-2.1)": -3.0,
    "=ROUNDDOWN(2.99,1)": 2.9,
    "=INT(-2.1)": -3.0,
    "=MOD(-3,5)": 2.0,
    "=ABS(-3)": 3.0,
    "=SUMPRODUCT(B2:B4,C2:C4)": 52.0,
    '=SUMPRODUCT((B2:B4>2)*(C2:C4))': 4.0,
    "=MEDIAN(B2:B4)": 3.5,
    "=LARGE(B2:B6,2)": 3.5,
    "=POWER(2,10)": 1024.0,
    # conditions
    '=IF(B2>1,"yes","no")': "yes",
    "=IF(FALSE,1)": False,
    "=IF(TRUE,,2)": None,
    "=IF(TRUE,1,1/0)": 1.0,
    '=IFS(B2>5,"dear",B2>1,"fair")': "fair",
    "=IFERROR(1/0,5)": 5.0,
    "=IFERROR(1/0)": None,
    "=IFNA(NA(),6)": 6.0,
    "=AND(TRUE,1)": True,
    "=AND(D2:D4)": False,
    "=OR(D2:D4)": True,
    "=NOT(D2)": False,
    '=SWITCH("b","a",1,"B",2,3)': 2.0,
    '=SWITCH("c","a",1,3)': 3.0,
    '=CHOOSE(2,"a","b")': "b",
    # kinds
    "=ISBLANK(A6)": True,
    "=ISNUMBER(B2)": True,
    "=ISTEXT(A2)": True,
    "=ISERROR(1/0)": True,
    "=ISNA(1/0)": False,
    "=ISDATE(E2)": True,
    "=N(A2)": 0.0,
    "=T(A2)": "Apple",
    # looking up
    '=VLOOKUP("APPLE",A2:C6,2,FALSE)': 2.0,
    '=VLOOKUP("ap*pie",A:B,2,0)': "n/a",
    "=VLOOKUP(5,{1,10;4,40;7,70},2)": 40.0,
    '=HLOOKUP("stock",A1:C3,2,FALSE)': 10.0,
    '=INDEX(A2:C6,MATCH("fig",A2:A6,0),3)': 4.0,
    "=MATCH(5,{1;4;7})": 2.0,
    "=MATCH(4,{1;4;4;7})": 3.0,
    "=MATCH(5,{9;6;3},-1)": 2.0,
    '=XLOOKUP("fig",A2:A6,B2:B6)': 8.0,
    '=XLOOKUP("plum",A2:A6,B2:B6,"none")': "none",
    "=XLOOKUP(5,{1;4;7},{10;40;70},0,1)": 70.0,
    "=LOOKUP(5,{1;4;7},{10;40;70})": 40.0,
    # criteria
    '=COUNTIF(B2:B6,">=2")': 3.0,
    '=COUNTIF(A2:A6,"app*")': 2.0,
    '=COUNTIF(A2:A6,"APPLE")': 1.0,
    '=COUNTIF(A2:A6,"?ig")': 1.0,
    '=COUNTIF(A2:A6,"<>fig")': 4.0,
    '=COUNTIF(A1:A6,"<>")': 5.0,
    '=COUNTIF(A1:A6,"")': 1.0,
    "=COUNTIF(D2:D6,TRUE)": 2.0,
    "=COUNTIF(B2:B6,2)": 1.0,
    '=COUNTIFS(B2:B6,">1",C2:C6,">0")': 2.0,
    '=SUMIF(A2:A6,"a*",C2:C6)': 10.0,
    '=SUMIF(B2:B6,">2")': 11.5,
    '=SUMIF(A2:A6,"fig",C2)': 4.0,  # as large as the range that is tested
    '=SUMIFS(C2:C6,A2:A6,"a*",D2:D6,TRUE)': 10.0,
    '=AVERAGEIF(A2:A4,"<>fig",B2:B4)': 2.75,
    # dates
    "=DATE(2026,3,31)": 46112.0,
    "=DATE(2026,14,0)": 46418.0,
    "=TODAY()": 46112.0,
    "=NOW()": 46112.5,
    "=YEAR(E2)": 2025.0,
    "=MONTH(E2)": 12.0,
    "=DAY(E2)": 9.0,
    "=WEEKDAY(E2)": 3.0,
    "=WEEKDAY(E2,2)": 2.0,
    "=EDATE(DATE(2026,1,31),1)": 46081.0,
    "=EOMONTH(DATE(2026,1,31),1)": 46081.0,
    '=DATEDIF(DATE(2024,2,29),DATE(2026,3,1),"Y")': 2.0,
    '=DATEDIF(DATE(2024,2,29),DATE(2026,3,1),"YM")': 0.0,
    '=DATEDIF(DATE(2026,1,10),DATE(2026,3,1),"MD")': 19.0,
    "=DAYS(E4,E2)": 20.0,
    "=NETWORKDAYS(DATE(2026,3,27),DATE(2026,3,31))": 3.0,
    "=NETWORKDAYS(DATE(2026,3,27),DATE(2026,3,31),{46111})": 2.0,
    "=WORKDAY(DATE(2026,3,27),1)": 46111.0,
    "=WORKDAY(DATE(2026,3,30),-1)": 46108.0,
    # text
    '=CONCATENATE("a",1,B2:B3)': "a123.5",
    '=JOIN("-",1,2)': "1-2",
    '=TEXTJOIN(", ",TRUE,A4:A6)': "Fig, apple pie",
    '=LEFT("word",2)&RIGHT("word")&MID("word",2,2)': "wodor",
    '=LEN("word")': 4.0,
    '=FIND("r","word")': 3.0,
    '=SEARCH("R","word")': 3.0,
    '=SUBSTITUTE("a-b-c","-","+")': "a+b+c",
    '=SUBSTITUTE("a-b-c","-","+",2)': "a-b+c",
    '=TRIM("  a   b ")': "a b",
    '=UPPER("é")&LOWER("É")': "Éé",
    '=PROPER("rue d\'agadir")': "Rue D'Agadir",
    '=REGEXMATCH("word","^w")': True,
    '=REGEXEXTRACT("no 45","\\d+")': "45",
    '=REGEXREPLACE("a1b","(\\d)","<$1>")': "a<1>b",
    '=VALUE("12.5")': 12.5,
    '=REPT("ab",2)': "abab",
    '=EXACT("a","A")': False,
    # places
    "=ROW()": 5.0,
    "=COLUMN()": 8.0,
    "=ROW(A3)": 3.0,
    "=ROWS(A2:B)": 19.0,
    "=COLUMNS(A:C)": 3.0,
    '=INDIRECT("B"&2)': 2.0,
    "=INDIRECT(\"'Mon onglet'!B1\")": 7.0,
    "=SUM(OFFSET(B1,1,0,2,1))": 5.5,
    "=ADDRESS(2,3)": "$C$2",
    '=HYPERLINK("https://example.org","Site")': "Site",
    # arrays taken for one value
    "=SUM({1,2;3,4})": 10.0,
    "=ARRAYFORMULA(SUM(B2:B4*C2:C4))": 52.0,
    '=ARRAYFORMULA(SUM(IF(D2:D4,B2:B4,0)))': 10.0,
    '=ARRAYFORMULA(SUM(IF(A2:A6="",1,0)))': 1.0,
    "=ARRAYFORMULA(SUM(IF(C2:C6=0,1,0)))": 2.0,
    "=ABS({-1,-2})": 1.0,
    "=ROWS(UNIQUE({1;1;2}))": 2.0,
    "=SUM(SEQUENCE(4))": 10.0,
    "=SUM(FILTER(B2:B4,C2:C4>0))": 10.0,
    "=INDEX(SORT(B2:B4,1,FALSE),1)": 8.0,
}  # fmt: skip


@pytest.mark.parametrize("formula", CASES)
def test_value(formula: str) -> None:
    found = value(formula)
    assert found == CASES[formula]
    assert type(found) is type(CASES[formula])


ERRORS = {
    "=1+": ("#ERROR!", "Formula parse error."),
    "=SUM(1": ("#ERROR!", "Formula parse error."),
    "=FOO(1)": ("#NAME?", "Unknown function: 'FOO'."),
    "=total": ("#NAME?", "Unknown range name: 'TOTAL'."),
    "=Nowhere!A1": ("#REF!", "Unresolved sheet name 'Nowhere'."),
    "=A21": ("#REF!", "Reference does not exist."),
    "=#REF!+1": ("#REF!", "Reference does not exist."),
    "=1/0": ("#DIV/0!", "Function DIVIDE parameter 2 cannot be zero."),
    "=A2+1": (
        "#VALUE!",
        "Function ADD parameter 1 expects number values. But 'Apple' is a text and cannot be coerced to a number.",
    ),
    '=SUM(1,"x")': (
        "#VALUE!",
        "Function SUM parameter 2 expects number values. But 'x' is a text and cannot be coerced to a number.",
    ),
    '=VLOOKUP("plum",A:B,2,0)': ("#N/A", "Did not find value 'plum' in VLOOKUP evaluation."),
    '=VLOOKUP("Fig",A:B,3,0)': ("#REF!", "VLOOKUP evaluates to an out of bounds range."),
    "=VLOOKUP(1,A:B)": (
        "#N/A",
        "Wrong number of arguments to VLOOKUP. Expected between 3 and 4 arguments, but got 2 arguments.",
    ),
    "=ABS()": ("#N/A", "Wrong number of arguments to ABS. Expected 1 argument, but got 0 arguments."),
    "=B2:B4": ("#VALUE!", "An array value could not be found."),
    "=AVERAGE(A2:A4)": ("#DIV/0!", "Evaluation of function AVERAGE caused a divide by zero error."),
    "=H5+1": (
        "#REF!",
        "Circular dependency detected. To resolve with iterative calculation, see File > Settings.",
    ),
    "=IFERROR(H4:H6,1)": (
        "#REF!",
        "Circular dependency detected. To resolve with iterative calculation, see File > Settings.",
    ),
    "=FILTER(A2:A4,B2:B4>100)": ("#N/A", "No matches are found in FILTER evaluation."),
    "={1,2;3}": ("#VALUE!", "In ARRAY_LITERAL, an Array Literal was missing values for one or more rows."),
    "={A1:A2,B1:B3}": ("#VALUE!", "Function ARRAY_ROW parameter 2 has mismatched row size. Expected: 2. Actual: 3."),
    '=REGEXMATCH(12,"1")': (
        "#VALUE!",
        "Function REGEXMATCH parameter 1 expects text values. But '12' is a number and cannot be coerced to a text.",
    ),
    "=INDEX(A2:B4,5,1)": (
        "#NUM!",
        "Function INDEX parameter 2 value is 5. Valid values are between 0 and 3 inclusive.",
    ),
    '=COUNTIFS(A2:A4,"a",B2:B5,1)': ("#VALUE!", "Array arguments to COUNTIFS are of different size."),
    "=SQRT(-1)": ("#NUM!", None),
    "=10^400": ("#NUM!", None),
    '=FIND("z","word")': ("#VALUE!", None),
    "=NA()": ("#N/A", None),
}


@pytest.mark.parametrize("formula", ERRORS)
def test_error(formula: str) -> None:
    found = value(formula)
    shown, message = ERRORS[formula]
    assert isinstance(found, Error)
    assert found.shown == shown
    if message is not None:
        assert found.message == message


def test_every_cell_of_a_circle_is_circular_and_what_reads_it_is_an_error() -> None:
    values = computed([["=B1", "=IFERROR(C1,0)", "=A1", "=A1+1", "=IFERROR(A1,5)"]]).values
    assert [getattr(values[Place(0, 0, at)], "shown", values[Place(0, 0, at)]) for at in range(5)] == [
        "#REF!", "#REF!", "#REF!", "#REF!", 5.0,
    ]  # fmt: skip


def test_a_long_chain_in_either_direction() -> None:
    lines = [[f"=A{at + 2}+1", f"=B{at}+1" if at else 1] for at in range(3000)] + [[1]]
    values = computed(lines, rows=3001).values
    assert values[Place(0, 0, 0)] == 3001.0
    assert values[Place(0, 2999, 1)] == 3000.0


@pytest.mark.parametrize(
    ("locale", "text", "number"), [("fr_FR", "1,5", 2.5), ("de_DE", "1,5", 2.5), ("en_US", "1.5", 2.5)]
)
def test_text_is_a_number_in_the_language_of_the_spreadsheet(locale: str, text: str, number: float) -> None:
    assert value(f'="{text}"+1', locale) == number


@pytest.mark.parametrize(
    ("formula", "kind"),
    [
        ("=TODAY()", "DATE"), ("=NOW()", "DATE_TIME"), ("=E2", "DATE"), ("=E2+1", "DATE"), ("=MAX(E2:E3)", None),
        ("=E2-E2", None), ("=YEAR(E2)", None), ('=VLOOKUP("Apple",A:E,5,0)', "DATE"), ("=B2", None), ("=5%", "PERCENT"),
        ('=IF(TRUE,E2,"")', "DATE"),
    ],
)  # fmt: skip
def test_a_result_brings_the_format_of_where_it_comes_from(formula: str, kind: str | None) -> None:
    lines = [list(line) + [None] * (7 - len(line)) for line in MARKET]
    lines[4].append(formula)
    formats = computed(lines).formats
    assert formats.get(Place(0, 4, 7), {}).get("type") == kind


def test_a_cell_with_a_format_of_its_own_keeps_it() -> None:
    dated = cell("=TODAY()")._replace(format={"numberFormat": {"type": "NUMBER", "pattern": "0"}})
    assert computed([[dated]]).formats == {}


def test_the_address_of_a_hyperlink() -> None:
    results = computed([['=IF(TRUE,HYPERLINK("https://example.org","Site"))', "=A1"]])
    assert results.links == {Place(0, 0, 0): "https://example.org"}
    assert results.values[Place(0, 0, 1)] == "Site"


_ARGUMENTS = [
    "1", "0", "-1", "1.5", "1e300", '"x"', '""', '"2"', '"a*"', "TRUE", "", "A1:B3", "A2:A", "B1", "{1,2;3,4}", "NA()",
    "46000", '"D"', '"["', "Z9", "C1", "SEQUENCE(3)", '">=2"', "A1:A3>1",
]  # fmt: skip


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_whatever_the_arguments_a_function_comes_to_a_value(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(FUNCTIONS)))
    call = f"{name}({','.join(data.draw(st.lists(st.sampled_from(_ARGUMENTS), max_size=5)))})"
    form = data.draw(st.sampled_from(["={}", "=ARRAYFORMULA({})", "={{{};1}}"]))
    results = computed([[1, 2, None, None, form.format(call)], ["x", True], ["a", 46000.5]])
    assert all(value is None or type(value) in (str, float, bool, Error) for value in results.values.values())
    assert all(math.isfinite(value) for value in results.values.values() if isinstance(value, float))


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ('=COUNTIFS(A1:A2,"x",B1:B2)', "COUNTIFS expects all arguments after position 2 to be in pairs."),
        ("=IFS(TRUE)", "IFS expects all arguments after position 0 to be in pairs."),
    ],
)
def test_arguments_that_go_in_pairs(formula: str, message: str) -> None:
    assert value(formula) == Error("N_A", "#N/A", message)
