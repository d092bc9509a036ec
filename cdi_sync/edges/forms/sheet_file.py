"""A form written as a fillable .xlsx of one page; `sheet_reading.py` reads it when it returns.

Each answer's cell has a name of the workbook, so that lines may be moved and the sheet renamed. A hidden sheet says which form
it is, in which language, and bears the mark of the file. The sheet is protected without a password, so that only answers are
typed.
"""

import io
import math
from collections.abc import Mapping, Sequence
from uuid import uuid4

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from cdi_sync.edges.hints import INK, INPUT_BLUE, REQUIRED_BLUE, SYSTEM_GREY
from cdi_sync.forms.declaration import Declared
from cdi_sync.forms.sheet_form import (
    CHECK_TITLE,
    DOUBTFUL,
    HEADS,
    KEPT,
    LEGEND,
    LISTS,
    MADE_BY,
    NOT_LISTED,
    NUMBER_EXPECTED,
    ONE_CASE,
    SHEET,
    Line,
    Sheet,
    cell_name,
)

_WIDTHS = (31.0, 46.0, 37.0)  # characters: question, answer, help
_POINTS = 13.5  # height of a line of text
_ONE_PAGE = 1100  # points: a form that is longer is printed on several pages rather than too small to read


# ---------------------------------------------------------------------------------------------------- writing

_HAIR = Side(style="thin", color="C9CED6")
_GRID = Border(left=_HAIR, right=_HAIR, top=_HAIR, bottom=_HAIR)
_EDGE = Side(style="medium", color=INPUT_BLUE)
_BOX = Border(left=_EDGE, right=_EDGE, top=_EDGE, bottom=_EDGE)


def new_mark() -> str:
    """What tells a file that is handed out from all others."""
    return str(uuid4())


def write_form(sheet: Sheet, mark: str) -> bytes:
    """The .xlsx of a form. mark: of this file (`new_mark`)."""
    book = Workbook()
    page = book.worksheets[0]
    page.title = sheet.said(SHEET)
    page.sheet_view.rightToLeft = sheet.language.is_right_to_left
    page.sheet_view.showGridLines = False
    page.sheet_properties.tabColor = INPUT_BLUE
    for index, width in enumerate(_WIDTHS, start=1):
        page.column_dimensions[get_column_letter(index)].width = width
    lists, texts = _Lists(book), list[str]()
    height = _write_page(page, sheet, lists, texts)
    _protect(page)
    _print_on(page, one_page=height <= _ONE_PAGE)
    _keep(book, sheet, mark, texts)
    book.properties.creator, book.properties.title = "cdi_sync", sheet.title
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def fill(data: bytes, form: Declared, values: Mapping[str, str]) -> bytes:
    """A blank form, filled in. values: key of a question → what is typed, as text whatever it looks like."""
    book = load_workbook(io.BytesIO(data))
    for key, value in values.items():
        ((title, place),) = book.defined_names[cell_name(form, key)].destinations
        _put(book[title][place], value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


class _Lists:
    """The hidden sheet of what drop-downs offer."""

    def __init__(self, book: Workbook) -> None:
        self._sheet = book.create_sheet(LISTS)
        self._sheet.sheet_state = "hidden"
        self._places: dict[tuple[str, ...], str] = {}

    def place(self, choices: tuple[str, ...]) -> str:
        """Where a list stands, as a formula."""
        if choices not in self._places:
            letter = get_column_letter(len(self._places) + 1)
            for number, choice in enumerate(choices, start=1):
                _put(self._sheet[f"{letter}{number}"], choice)
            self._places[choices] = f"{LISTS}!${letter}$1:${letter}${len(choices)}"
        return self._places[choices]


def _write_page(page: Worksheet, sheet: Sheet, lists: _Lists, texts: list[str]) -> float:
    """Lays the page out, notes every text of ours; the height of the whole, in points."""
    line = _Writer(page, sheet, texts)
    line.across(sheet.title, size=15, bold=True, color=REQUIRED_BLUE)
    for text in (sheet.intro, sheet.said(LEGEND), sheet.said(ONE_CASE)):
        line.across(text, size=9, italic=text != sheet.intro)
    line.heads([sheet.said(head) for head in HEADS])
    for part in sheet.parts:
        line.across(part.title, size=11, bold=True, color="FFFFFF", fill=INPUT_BLUE)
        if part.help:
            line.across(part.help, size=9, italic=True)
        for one in part.lines:
            line.question(one, lists)
    return line.height


class _Writer:
    """Writes line after line."""

    def __init__(self, page: Worksheet, sheet: Sheet, texts: list[str]) -> None:
        self._page, self._sheet, self._texts = page, sheet, texts
        self._side = "right" if sheet.language.is_right_to_left else "left"
        self._order = 2 if sheet.language.is_right_to_left else 1  # of reading, as cells note it
        self._row = 0
        self.height = 0.0

    def across(
        self, text: str, *, size: int, bold: bool = False, italic: bool = False, color: str = INK, fill: str = ""
    ) -> None:
        """A text over the three columns."""
        self._next(_lines_of(text, sum(_WIDTHS) * 10 / size) * _POINTS * size / 10 + (6 if bold else 2))
        self._page.merge_cells(start_row=self._row, end_row=self._row, start_column=1, end_column=3)
        self._text(1, text, Font(name="Arial", size=size, bold=bold, italic=italic, color=color), fill=fill)

    def heads(self, titles: Sequence[str]) -> None:
        self._next(_POINTS + 4)
        for index, title in enumerate(titles, start=1):
            self._text(index, title, Font(name="Arial", size=9, bold=True, color=INK), fill=SYSTEM_GREY)

    def question(self, line: Line, lists: _Lists) -> None:
        """A question, its answer's cell, its help."""
        needed = max(_lines_of(line.title, _WIDTHS[0] * 0.9), line.lines) * _POINTS
        self._next(max(needed, _lines_of(line.help, _WIDTHS[2] * 1.15) * _POINTS * 0.8) + 6)
        required = line.question.required
        self._text(1, line.title, Font(name="Arial", size=10, bold=required, color=REQUIRED_BLUE if required else INK))
        self._text(3, line.help, Font(name="Arial", size=8, italic=True, color=INK))
        cell = self._page.cell(self._row, 2)
        cell.font, cell.border = Font(name="Arial", size=11, color=INK), _BOX
        cell.alignment = self._alignment(vertical="top" if line.lines > 1 else "center")
        cell.protection = Protection(locked=False)
        cell.number_format = {"date": "dd/mm/yyyy", "time": "hh:mm", "integer": "0", "number": "General"}.get(
            line.question.column.type, "@"
        )
        place = f"{quote_sheetname(self._page.title)}!$B${self._row}"
        book = self._page.parent
        assert book is not None
        book.defined_names[line.name] = DefinedName(line.name, attr_text=place)
        if (check := _check(line, self._sheet, lists)) is not None:
            check.add(f"B{self._row}")
            self._page.add_data_validation(check)
        if line.when is not None:
            self._grey_unless(line)

    def _grey_unless(self, line: Line) -> None:
        """The line steps back while its condition isn't met; it may still be filled in."""
        assert line.when is not None
        met = "+".join(f'({line.when.name}="{_doubled(label)}")' for label in line.when.labels)
        look = DifferentialStyle(font=Font(color="9AA0A8"), fill=PatternFill("solid", bgColor="E3E5E8"))
        self._page.conditional_formatting.add(
            f"A{self._row}:C{self._row}", Rule("expression", formula=[f"({met})=0"], dxf=look)
        )

    def _next(self, height: float) -> None:
        self._row += 1
        self.height += height
        self._page.row_dimensions[self._row].height = height

    def _text(self, index: int, text: str, font: Font, *, fill: str = "") -> None:
        cell = self._page.cell(self._row, index)
        assert isinstance(cell, Cell)
        _put(cell, text)
        cell.font, cell.alignment = font, self._alignment(vertical="center")
        if fill:
            cell.fill = PatternFill("solid", start_color=fill, end_color=fill)
        elif index != 1 or font.size == 10:
            cell.border = _GRID
        self._texts.append(text)

    def _alignment(self, *, vertical: str) -> Alignment:
        return Alignment(horizontal=self._side, vertical=vertical, wrap_text=True, readingOrder=self._order, indent=1)


def _put(cell: Cell, text: str) -> None:
    """Text as text: never a formula, whatever it begins with."""
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", text) or None
    if text:
        cell.data_type = "s"


def _doubled(text: str) -> str:
    return text.replace('"', '""')


def _lines_of(text: str, width: float) -> int:
    """How many lines a text takes in that width, in characters."""
    return max(1, sum(math.ceil(max(len(line), 1) / width) for line in text.split("\n")))


def _check(line: Line, sheet: Sheet, lists: _Lists) -> DataValidation | None:
    """The check of an answer: a list that isn't closed, a day or an hour only make a doubt."""
    column = line.question.column
    if line.choices:
        style, error = ("stop", NOT_LISTED) if line.strict else ("warning", DOUBTFUL)
        return _validation(sheet, "list", style, error, [lists.place(line.choices)])
    if column.type == "date":
        return _validation(sheet, "date", "warning", DOUBTFUL, ["1"], "greaterThanOrEqual")
    if column.type == "time":
        return _validation(sheet, "time", "warning", DOUBTFUL, ["0"], "greaterThanOrEqual")
    if column.type in ("integer", "number"):
        least = "0" if column.minimum is None else f"{column.minimum:g}"
        most = "1000000000000000" if column.maximum is None else f"{column.maximum:g}"
        kind = "whole" if column.type == "integer" else "decimal"
        return _validation(sheet, kind, "warning", NUMBER_EXPECTED, [least, most], "between")
    return None


def _validation(
    sheet: Sheet, kind: str, style: str, error: str, formulas: Sequence[str], operator: str | None = None
) -> DataValidation:
    first, second = [*formulas, None][:2]
    return DataValidation(
        type=kind, operator=operator, formula1=first, formula2=second, allow_blank=True, errorStyle=style,  # type: ignore[arg-type]  # openpyxl lists them
        showErrorMessage=True, errorTitle=sheet.said(CHECK_TITLE), error=sheet.said(error),
    )  # fmt: skip


def _protect(page: Worksheet) -> None:
    """Only answers can be typed; no password: a sheet that must be changed can be."""
    page.protection.sheet = True
    page.protection.formatRows = page.protection.formatColumns = False  # openpyxl: False means that it is allowed


def _print_on(page: Worksheet, *, one_page: bool) -> None:
    page.page_setup.orientation, page.page_setup.paperSize = "portrait", 9  # A4
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 1 if one_page else 0
    page.page_margins.left = page.page_margins.right = 0.4
    page.page_margins.top = page.page_margins.bottom = 0.5
    page.print_options.horizontalCentered = True


def _keep(book: Workbook, sheet: Sheet, mark: str, texts: Sequence[str]) -> None:
    """The hidden sheet: what the file is, its questions, and every text of ours, by which what was typed is told from it."""
    kept = book.create_sheet(KEPT)
    kept.sheet_state = "hidden"
    rows = [
        (MADE_BY, ""), ("formulaire", sheet.form.name), ("version", sheet.version), ("langue", sheet.language.code),
        ("fiche", mark), *((line.name, line.title) for line in sheet.lines),
        *(("texte", text) for text in dict.fromkeys(filter(None, texts))),
    ]  # fmt: skip
    for number, (label, text) in enumerate(rows, start=1):
        _put(kept.cell(number, 1), label)
        _put(kept.cell(number, 2), text)
