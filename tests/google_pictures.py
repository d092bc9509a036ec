"""Pictures of the Google registry: what a spreadsheet of the emulator holds, turned into an `.xlsx` that LibreOffice draws.

Another program's drawing of what we send, not Google's: widths, colours, letters, number formats, frozen parts, colour rules,
checks, notes and charts are carried over; drop-down arrows, filter views and warnings don't show on paper. Heights of rows are
a guess at what Google does by itself, which is to fit them to wrapped text.
"""

import io
import re
import tempfile
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.chart import BarChart, Reference
from openpyxl.chart.label import DataLabelList
from openpyxl.comments import Comment
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter as letter
from openpyxl.utils import quote_sheetname
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet
from PIL import Image, ImageChops

from cdi_sync.edges.installation import Installation
from cdi_sync.shown import quoted
from jobs.run import run
from tests.demos import AS_OF
from tests.google.server import serving
from tests.google.world import Google
from tests.google_demo import PERSON, fill, installed
from tests.shots import call, print_workbook

Json = Mapping[str, Any]

FIELDS = (
    "namedRanges(name,range),sheets(properties,conditionalFormats,charts,data(startRow,startColumn,columnMetadata(pixelSize,hiddenByUser),"
    "rowData.values(effectiveValue,note,dataValidation,effectiveFormat(numberFormat,backgroundColorStyle,borders,horizontalAlignment,"
    "verticalAlignment,wrapStrategy,textFormat))))"
)
_PIXELS_A_CM, _PIXELS_A_CHARACTER, _PADDING = 37.8, 7, 5
_LINE = Side("thin", "DADCE0")
_WIDE, _WIDE_BOLD = 0.58, 0.62  # pixels a character takes for each point of its size
_DOTS = 110  # per inch
_A3 = 8


class Picture(NamedTuple):
    """A part of a tab, one page. area: "A1:J14"; its first row and, past them, the frozen columns come with it."""

    name: str
    title: str
    area: str


PICTURES = (
    Picture("google-tableau-de-bord", "Tableau de bord", "A1:O41"),
    Picture("google-aide", "Aide", "A1:D40"),
    Picture("google-actes-saisie", "Actes", "A1:J14"),
    Picture("google-actes-suivi", "Actes", "DC1:DK14"),
    Picture("google-anomalies", "Anomalies", "A1:I18"),
)
_LISTS = "Listes"  # the colour rules look there


def shoot_google(folder: Path, *, size: int = 40) -> Iterator[Path]:
    """Makes a registry on the emulator, does a day's work, and writes its pictures in a folder."""
    google = Google(no_quota=True)
    with tempfile.TemporaryDirectory() as name, serving(google) as url:
        at = installed(Path(name) / "ici", google, url)
        fill(at, seed=1, size=size, as_of=AS_OF)
        run(Installation.at(at.folder / "settings.toml"), AS_OF)
        yield from draw(told(google, at.settings.registre.google), folder)


def told(google: Google, spreadsheet: str, pictures: Sequence[Picture] = PICTURES) -> Json:
    """What the pictures show, as spreadsheets.get tells it to a person who looks."""
    google_ranges = [*(f"{quoted(each.title)}!{each.area}" for each in pictures), *_frozen(pictures), quoted(_LISTS)]
    path = f"/v4/spreadsheets/{spreadsheet}:getByDataFilter"
    body = {"dataFilters": [{"a1Range": area} for area in google_ranges], "includeGridData": True}
    return google.act(PERSON, "POST", path, body, fields=FIELDS)


def _frozen(pictures: Sequence[Picture]) -> Iterator[str]:
    """The first columns of what begins further right."""
    for each in pictures:
        first, last = (int(re.sub(r"\D", "", corner)) for corner in each.area.split(":"))
        if not each.area.startswith("A1:"):
            yield f"{quoted(each.title)}!A{first}:B{last}"


def draw(resource: Json, folder: Path, pictures: Sequence[Picture] = PICTURES) -> Iterator[Path]:
    """Writes the pictures, in the order of the tabs in the spreadsheet. resource: as `told` gives it."""
    folder.mkdir(parents=True, exist_ok=True)
    order = [sheet["properties"]["title"] for sheet in resource["sheets"]]
    pages = sorted(pictures, key=lambda each: order.index(each.title))
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "google.xlsx"
        source.write_bytes(as_xlsx(resource, pictures))
        pdf = print_workbook(source, Path(name))
        for number, picture in enumerate(pages, start=1):
            target = folder / picture.name
            call(
                "pdftoppm",
                "-png",
                "-singlefile",
                "-r",
                str(_DOTS),
                "-f",
                str(number),
                "-l",
                str(number),
                str(pdf),
                str(target),
            )
            _trim(target.with_suffix(".png"))
            yield target.with_suffix(".png")


def _trim(path: Path) -> None:
    """Cuts the white around a picture, and keeps it light."""
    with Image.open(path) as shown:
        page = shown.convert("RGB")
    box = ImageChops.difference(page, Image.new("RGB", page.size, "white")).getbbox()
    page.crop(box).quantize(96).save(path, optimize=True)


# ------------------------------------------------------------------------------------------------- the workbook


def as_xlsx(resource: Json, pictures: Sequence[Picture] = ()) -> bytes:
    """A workbook that holds what a Spreadsheet resource tells, cells as what their formulas come to."""
    book = Workbook()
    del book[book.sheetnames[0]]
    titles = {sheet["properties"]["sheetId"]: sheet["properties"]["title"] for sheet in resource["sheets"]}
    for each in resource["sheets"]:
        sheet = book.create_sheet(titles[each["properties"]["sheetId"]])
        _properties(sheet, each["properties"])
        for block in each.get("data", ()):
            _block(sheet, block)
    for each in resource["sheets"]:
        sheet = book[each["properties"]["title"]]
        for rule in each.get("conditionalFormats", ()):
            _rule(sheet, rule)
        for chart in each.get("charts", ()):
            _chart(book, sheet, chart, titles)
        _page(sheet, [picture.area for picture in pictures if picture.title == sheet.title])
    for named in resource.get("namedRanges", ()):
        where = named["range"]
        place = f"{quote_sheetname(titles[where['sheetId']])}!{_absolute(where)}"
        book.defined_names[named["name"]] = DefinedName(named["name"], attr_text=place)
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def _properties(sheet: Worksheet, properties: Json) -> None:
    grid = properties["gridProperties"]
    sheet.freeze_panes = f"{letter(1 + grid.get('frozenColumnCount', 0))}{1 + grid.get('frozenRowCount', 0)}"
    if colour := _colour(properties.get("tabColorStyle")):
        sheet.sheet_properties.tabColor = colour
    if properties.get("hidden"):
        sheet.sheet_state = "hidden"


def _page(sheet: Worksheet, areas: Sequence[str]) -> None:
    """One page a part, with the grid and the names of lines that a spreadsheet shows; a tab without any isn't printed."""
    if not areas:
        sheet.sheet_state = "hidden"
        return
    sheet.print_area = ",".join(areas)
    sheet.print_options.headings = True
    sheet.page_setup.paperSize, sheet.page_setup.orientation = _A3, "landscape"
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = len(areas)
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_margins.left = sheet.page_margins.right = sheet.page_margins.top = sheet.page_margins.bottom = 0.2
    if any(not area.startswith("A1:") for area in areas):
        sheet.print_title_cols = "A:B"
    for area in areas:
        for row in sheet[area]:
            for cell in row:
                _lined(cell)


def _lined(cell: Cell) -> None:
    """The pale lines between cells, that a spreadsheet shows where nothing is painted."""
    if cell.fill.fill_type is None:
        cell.border = Border(
            left=cell.border.left if cell.border.left.style else _LINE, right=_LINE, top=_LINE, bottom=_LINE
        )


def _block(sheet: Worksheet, block: Json) -> None:
    top, left = 1 + block.get("startRow", 0), 1 + block.get("startColumn", 0)
    for at, told in enumerate(block.get("columnMetadata", ()), start=left):
        column = sheet.column_dimensions[letter(at)]
        column.width = (told.get("pixelSize", 100) - _PADDING) / _PIXELS_A_CHARACTER + 0.71
        column.hidden = bool(told.get("hiddenByUser"))
    for row, data in enumerate(block.get("rowData", ()), start=top):
        for column, told in enumerate(data.get("values", ()), start=left):
            _cell(sheet, sheet.cell(row, column), told)
        _fit(sheet, row)


def _fit(sheet: Worksheet, row: int) -> None:
    """Gives a row the height of its tallest cell: LibreOffice leaves rows as high as the file says."""
    heights = [sheet.row_dimensions[row].height or 0]
    for cell in sheet[row]:
        size = cell.font.size or 10
        pixels = sheet.column_dimensions[letter(cell.column)].width * _PIXELS_A_CHARACTER
        width = int(pixels / (size * (_WIDE_BOLD if cell.font.bold else _WIDE)))  # characters
        mark = re.search(r'^@"(.*)"$', cell.number_format)
        lines = f"{'' if cell.value is None else cell.value}{mark[1] if mark else ''}".split("\n")
        if cell.alignment.wrap_text:
            lines = [piece for line in lines for piece in textwrap.wrap(line, max(1, width)) or [""]]
        heights.append(len(lines) * size * 1.38 + 2)
    sheet.row_dimensions[row].height = max(heights)


def _cell(sheet: Worksheet, cell: Cell, told: Json) -> None:
    value = told.get("effectiveValue", {})
    error = value.get("errorValue", {}).get("type")
    held = f"#{error}" if error else next(iter(value.values()), None)
    cell.value = held
    if isinstance(held, str):
        cell.data_type = "s"  # never a formula
    _format(cell, told.get("effectiveFormat", {}))
    if note := told.get("note"):
        cell.comment = Comment(note, "cdi_sync")
    if rule := told.get("dataValidation"):
        _check(sheet, cell, rule)


def _format(cell: Cell, look: Json) -> None:
    text = look.get("textFormat", {})
    cell.font = Font(
        name=text.get("fontFamily", "Arial"), size=text.get("fontSize", 10), bold=text.get("bold", False),
        italic=text.get("italic", False), strike=text.get("strikethrough", False),
        underline="single" if text.get("underline") else None, color=_colour(text.get("foregroundColorStyle")),
    )  # fmt: skip
    if (ground := _colour(look.get("backgroundColorStyle"))) not in (None, "FFFFFF"):
        cell.fill = PatternFill("solid", fgColor=ground)
    cell.alignment = Alignment(
        horizontal=look.get("horizontalAlignment", "GENERAL").lower(),
        vertical={"MIDDLE": "center"}.get(look.get("verticalAlignment", "BOTTOM"), look.get("verticalAlignment", "BOTTOM").lower()),
        wrap_text=look.get("wrapStrategy") == "WRAP",
    )  # fmt: skip
    if pattern := look.get("numberFormat", {}).get("pattern"):
        cell.number_format = pattern
    if "left" in look.get("borders", {}):
        cell.border = Border(left=Side("thick", _colour(look["borders"]["left"].get("colorStyle"))))


def _check(sheet: Worksheet, cell: Cell, rule: Json) -> None:
    """A drop-down, so that whoever opens the file finds it there."""
    condition = rule["condition"]
    if condition["type"] == "ONE_OF_RANGE":
        wanted = condition["values"][0]["userEnteredValue"].removeprefix("=")
        held = next((each for each in sheet.data_validations.dataValidation if each.formula1 == wanted), None)
        if held is None:
            held = DataValidation("list", formula1=wanted, showErrorMessage=bool(rule.get("strict")))
            sheet.add_data_validation(held)
        held.add(cell)


def _rule(sheet: Worksheet, rule: Json) -> None:
    """The first rule that holds wins, as with Google."""
    made = rule["booleanRule"]
    look, text = made["format"], made["format"].get("textFormat", {})
    (formula,) = (each["userEnteredValue"] for each in made["condition"]["values"])
    ink = _colour(text.get("foregroundColorStyle"))
    font = Font(bold=text.get("bold"), strike=text.get("strikethrough"), color=ink) if text else None
    fill_ = PatternFill("solid", bgColor=_colour(look.get("backgroundColorStyle")))
    for where in rule["ranges"]:
        area = _absolute(where, rows=sheet.max_row).replace("$", "")
        sheet.conditional_formatting.add(area, FormulaRule([_formula(formula)], stopIfTrue=True, font=font, fill=fill_))


def _formula(text: str) -> str:
    """A formula whose arguments are parted by commas."""
    parts = re.split(r'("[^"]*")', text.removeprefix("="))
    return "".join(part if part.startswith('"') else part.replace(";", ",") for part in parts)


def _absolute(where: Json, *, rows: int = 1000) -> str:
    first, last = letter(1 + where.get("startColumnIndex", 0)), letter(where.get("endColumnIndex", 1))
    top = 1 + where.get("startRowIndex", 0)
    return f"${first}${top}:${last}${max(top, where.get('endRowIndex', rows))}"


def _colour(style: Json | None) -> str | None:
    if style is None or "rgbColor" not in style:
        return None
    return "".join(f"{round(255 * style['rgbColor'].get(part, 0)):02X}" for part in ("red", "green", "blue"))


# ------------------------------------------------------------------------------------------------------- charts


def _chart(book: Workbook, sheet: Worksheet, told: Json, titles: Mapping[int, str]) -> None:
    """Bars, stacked; other charts aren't among ours."""
    spec, place = told["spec"], told["position"]["overlayPosition"]
    basic, chart = spec["basicChart"], BarChart()
    lying = basic["chartType"] == "BAR"
    chart.type, chart.grouping, chart.overlap, chart.title = ("bar" if lying else "col"), "stacked", 100, spec["title"]
    chart.width, chart.height = place["widthPixels"] / _PIXELS_A_CM, place["heightPixels"] / _PIXELS_A_CM

    def source(part: Json) -> Json:
        found: Json = part["sourceRange"]["sources"][0]
        return found

    for series in basic["series"]:
        chart.add_data(_reference(book, titles, source(series["series"])), titles_from_data=True)
        chart.series[-1].graphicalProperties.solidFill = _colour(series["colorStyle"])
        if "dataLabel" in series:
            chart.series[-1].dLbls = DataLabelList(
                showVal=True, showSerName=False, showCatName=False, showLegendKey=False
            )
    chart.set_categories(_reference(book, titles, source(basic["domains"][0]["domain"]), skip=1))
    if basic["legendPosition"] == "NO_LEGEND":
        chart.legend = None
    else:
        chart.legend.position = "b"
    chart.y_axis.title = next((axis["title"] for axis in basic["axis"] if axis.get("title")), None)
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.y_axis.scaling.min = 0
    if lying:  # the first bar on top
        chart.x_axis.scaling.orientation, chart.y_axis.crosses = "maxMin", "max"
    corner = place["anchorCell"]
    sheet.add_chart(chart, f"{letter(1 + corner.get('columnIndex', 0))}{1 + corner.get('rowIndex', 0)}")


def _reference(book: Workbook, titles: Mapping[int, str], where: Json, *, skip: int = 0) -> Reference:
    return Reference(
        book[titles[where.get("sheetId", 0)]], min_col=1 + where.get("startColumnIndex", 0), max_col=where["endColumnIndex"],
        min_row=1 + where.get("startRowIndex", 0) + skip, max_row=where["endRowIndex"],
    )  # fmt: skip
