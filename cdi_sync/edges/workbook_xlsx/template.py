"""Builds the workbook that staff will edit, once, for a new installation or for the demonstration.

Values in, bytes out; the same input gives the same bytes on any day. Row 1 of a staff tab holds the titles
that the reader looks for, so a title is written exactly as declared. Rows and columns count from 1, widths
are in characters. A column's own style serves the cells that people type later; a system cell exists, styled,
on every numbered row. The styles `cdi_…` are found again by name when results are written: all are worn once,
on the hidden tab of lists, because programs forget a style that no cell wears.
"""

import math
import re
import textwrap
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from io import BytesIO
from typing import Any, Literal, NamedTuple, TypeAlias
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.chart import BarChart, Reference
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText
from openpyxl.comments import Comment
from openpyxl.drawing.text import CharacterProperties, Paragraph, ParagraphProperties
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.styles.numbers import is_date_format
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.dimensions import ColumnDimension, SheetFormatProperties
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.properties import Outline, PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.xml.functions import tostring

from cdi_sync.edges.hints import (
    AFTER_STAFF,
    AMBER,
    BEFORE_STAFF,
    CHARTS,
    CHARTS_FROM,
    COUNTRIES_LIST,
    DARK_RED,
    INK,
    INPUT_BLUE,
    LINK_BLUE,
    LISTS,
    ORANGE,
    RED,
    REQUIRED_BLUE,
    REQUIRED_MARK,
    SHADES,
    SYSTEM_GREY,
    SYSTEM_HEAD,
    SYSTEM_MARK,
    YES_NO,
    Bars,
    Hints,
    SystemTab,
    kept_in_sight,
    list_name,
    lists_of,
    note_text,
    sections,
    shown_title,
    stages_name,
    width_of,
)
from cdi_sync.model import CellError, Column, Raw, Tab
from cdi_sync.shown import DASHBOARD, staff_style, system_style
from cdi_sync.tables import make_id

AUTHOR = "cdi_sync"  # of the notes
CHECK_TITLE, PROMPT_TITLE = "Valeur à vérifier", "À saisir"  # by which our checks are told from people's own

_MADE_ON = datetime(2026, 1, 1)
_ZIP_TIME = (2026, 1, 1, 0, 0, 0)
_BEGINS_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_LAST_MOMENT = 1 - 1 / 86_400  # 23:59:59, as a fraction of a day
_LONGEST_TEXT = 32_767  # characters that a cell holds
_LAST_LINE = 5_000  # under the filters of the lists that the system writes
_PAGE_WIDTH = 220  # characters across a page that can still be read on paper
_LINE, _MARGIN = 14, 6  # points: a line of a header, and the air around it


class Laid(NamedTuple):
    """A cell written as it is: what any workbook gave, and a named style."""

    value: Raw
    style: str = "Normal"


def build_workbook(
    tabs: Sequence[Tab],
    rows: Mapping[str, Sequence[Mapping[str, object]]],
    *,
    spare_rows: int,
    valid_rows: int = 5000,
    hints: Hints | None = None,
    laid: Mapping[str, Mapping[tuple[int, int], Laid]] | None = None,
) -> bytes:
    """The .xlsx with these rows, then `spare_rows` numbered rows in each tab.

    rows: tab name → rows, each column key → str, int, float, bool, date or None, "id" included. Right or
    wrong, a value is written as it is; only codes of a drop-down become their labels, booleans become Oui or
    Non, and control characters go. valid_rows: last row under drop-downs and checks; they go further when the
    numbered rows do. hints: what the look of some cells follows; without it these cells look like the others.
    laid: title of a tab, added when it isn't there → cells laid over those of `rows`.
    Raises ValueError for rows of a tab, or for a value of a column, that isn't declared.
    """
    _refuse_undeclared(tabs, rows)
    book = Workbook()
    book.remove(book.worksheets[0])
    styles = _add_styles(book)
    ends = {tab.name: max(valid_rows, 1 + len(rows.get(tab.name, ())) + spare_rows) for tab in tabs}
    hints = hints or Hints()
    _add_system_tabs(book, BEFORE_STAFF)
    for tab in tabs:
        sheet = book.create_sheet(tab.title)
        _lay_out_staff_tab(sheet, tab, styles)
        _write_rows(sheet, tab, [*rows.get(tab.name, ()), *_spare(tab, rows.get(tab.name, ()), spare_rows)])
        _add_checks(sheet, tab, {other.name: (other.title, ends[other.name]) for other in tabs})
        _add_colours(sheet, tab, ends[tab.name], hints)
        _hide_modules(sheet, tab, hints)
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(tab.columns))}{ends[tab.name]}"
    _add_system_tabs(book, AFTER_STAFF)
    _add_lists(book, tabs, hints)
    _offer_authorities(book, {tab.name: tab for tab in tabs}, hints, ends)
    _add_charts(book[DASHBOARD])
    for title, cells in (laid or {}).items():
        _lay(book[title] if title in book.sheetnames else book.create_sheet(title), cells)
    return _saved(book)


def _lay(sheet: Worksheet, cells: Mapping[tuple[int, int], Laid]) -> None:
    """A day or an hour shows as one, whatever the style; an error stays one, a text never becomes one."""
    for (number, index), (value, style) in cells.items():
        if value is None:
            continue
        if isinstance(value, CellError):
            _put(sheet, number, index, value.shown, style)
            sheet.cell(number, index).data_type = "e"
            continue
        _put(sheet, number, index, value, style)
        cell = sheet.cell(number, index)
        if isinstance(value, date | time) and not is_date_format(cell.number_format):
            cell.number_format = _MOMENT if isinstance(value, datetime) else _DAY if isinstance(value, date) else _HOUR


def _hide_modules(sheet: Worksheet, tab: Tab, hints: Hints) -> None:
    """Hides what belongs to a module that isn't switched on; people may still show it by hand."""
    if not hints.shows(tab.module):
        sheet.sheet_state = "hidden"
    for index, column in enumerate(tab.columns, start=1):
        if not hints.shows(column.module):
            sheet.column_dimensions[get_column_letter(index)].hidden = True


def _refuse_undeclared(tabs: Sequence[Tab], rows: Mapping[str, Sequence[Mapping[str, object]]]) -> None:
    keys = {tab.name: set(tab.by_key) for tab in tabs}
    for name, found in rows.items():
        if name not in keys:
            raise ValueError(f"rows of an undeclared tab: {name}")
        if unknown := set().union(*found) - keys[name]:
            raise ValueError(f"undeclared columns in tab {name}: {', '.join(sorted(unknown))}")


# ---------------------------------------------------------------------------------------------------- styles

_DAY, _TEXT, _INTEGER, _HOUR = "dd/mm/yyyy", "@", "#,##0", "hh:mm"
_MOMENT = "dd/mm/yyyy hh:mm"

_TOP = Alignment(vertical="top", wrap_text=True)
_HAIR = Side(style="thin", color="C9CED6")
_EDGE = Side(style="thick", color=INK)
_GRID = Border(left=_HAIR, right=_HAIR, top=_HAIR, bottom=_HAIR)


def _font(
    *, bold: bool = False, size: int = 10, color: str = INK, underline: bool = False, italic: bool = False
) -> Font:
    # Arial: on every system, and it has Arabic letters
    line: Literal["single"] | None = "single" if underline else None
    return Font(name="Arial", size=size, bold=bold, italic=italic, color=color, underline=line)


def _fill(color: str) -> PatternFill:
    return PatternFill("solid", start_color=color, end_color=color)


def _header(
    name: str,
    color: str,
    ink: str = "FFFFFF",
    *,
    across: Literal["left", "right"] = "left",
    mark: str = "",
    italic: bool = False,
) -> NamedStyle:
    """mark: said after the title on screen and on paper, by a format: what the cell holds stays the title alone."""
    font, alignment = (
        _font(bold=True, color=ink, italic=italic),
        Alignment(horizontal=across, vertical="center", wrap_text=True),
    )
    shown = f'@"{mark}"' if mark else "General"
    return NamedStyle(name, font=font, fill=_fill(color), border=_GRID, alignment=alignment, number_format=shown)


def _input(name: str, number_format: str = "General") -> NamedStyle:
    return NamedStyle(name, font=_font(), alignment=_TOP, number_format=number_format)


def _system(name: str, number_format: str = "General", *, link: bool = False) -> NamedStyle:
    font = _font(color=LINK_BLUE, underline=True) if link else _font(italic=True)
    fill = _fill(SYSTEM_GREY)
    return NamedStyle(name, font=font, fill=fill, border=_GRID, alignment=_TOP, number_format=number_format)


def _plain(
    name: str,
    font: Font,
    number_format: str = "General",
    *,
    wrap: bool = True,
    across: Literal["left", "right", "general"] = "general",
) -> NamedStyle:
    alignment = Alignment(horizontal=across, vertical="top", wrap_text=wrap)
    return NamedStyle(name, font=font, alignment=alignment, number_format=number_format)


def _late(name: str) -> NamedStyle:
    edge = Side(style="thin", color=DARK_RED)
    border = Border(left=edge, right=edge, top=edge, bottom=edge)
    font = _font(bold=True, color=DARK_RED)
    return NamedStyle(name, font=font, fill=_fill(RED), border=border, alignment=_TOP)


def _styles() -> Sequence[NamedStyle]:
    return [
        _plain("cdi_titre", _font(bold=True, size=14, color=REQUIRED_BLUE), wrap=False),
        _plain("cdi_sous_titre", _font(bold=True, size=11, color=REQUIRED_BLUE), wrap=False),
        _header("cdi_entete_saisie", INPUT_BLUE),
        _header("cdi_entete_obligatoire", REQUIRED_BLUE, mark=REQUIRED_MARK),
        _header("cdi_entete_calcul", SYSTEM_HEAD, INK, mark=SYSTEM_MARK, italic=True),
        _header("cdi_entete_systeme", SYSTEM_HEAD, INK),
        _header("cdi_entete_nombre", SYSTEM_HEAD, INK, across="right"),
        _input("cdi_saisie"),
        _input("cdi_saisie_date", _DAY),
        _input("cdi_saisie_heure", _HOUR),
        _input("cdi_saisie_texte", _TEXT),
        _system("cdi_systeme"),
        _system("cdi_systeme_date", _DAY),
        _system("cdi_systeme_nombre", _INTEGER),
        _system("cdi_systeme_lien", link=True),
        _plain("cdi_texte", _font()),
        _plain("cdi_gras", _font(bold=True)),
        _late("cdi_retard"),
        _plain("cdi_nombre", _font(), _INTEGER, across="right"),
        _plain("cdi_date", _font(), _DAY, across="left"),
        _plain("cdi_phrase", _font(), wrap=False),
        _plain("cdi_lien", _font(color=LINK_BLUE, underline=True)),
    ]


def _add_styles(book: Workbook) -> Mapping[str, NamedStyle]:
    """The styles by name, once the workbook knows them."""
    styles = {style.name: style for style in _styles()}
    for style in styles.values():
        book.add_named_style(style)
    return styles


def _style(column: Column) -> str:
    """The name of the style of a column's cells."""
    return system_style(column) if column.is_system else staff_style(column)


def _header_style(column: Column) -> str:
    if column.is_system:
        return "cdi_entete_calcul"
    return "cdi_entete_obligatoire" if column.required else "cdi_entete_saisie"


# ------------------------------------------------------------------------------------------------ staff tabs


def _lay_out_staff_tab(sheet: Worksheet, tab: Tab, styles: Mapping[str, NamedStyle]) -> None:
    for index, column in enumerate(tab.columns, start=1):
        letter, style = get_column_letter(index), styles[_style(column)].as_tuple()
        sheet.column_dimensions[letter] = ColumnDimension(sheet, letter, width=width_of(column), style=style)
        _put(sheet, 1, index, column.title, _header_style(column))
        sheet.cell(1, index).comment = _note(column)
    _mark_sections(sheet, tab)
    sheet.row_dimensions[1].height = max(map(_header_lines, tab.columns)) * _LINE + _MARGIN
    sheet.freeze_panes = f"{get_column_letter(kept_in_sight(tab) + 1)}2"
    sheet.sheet_properties.tabColor = INPUT_BLUE
    sheet.sheet_format = _rows_of(lines=2)
    sheet.print_options.gridLines = True
    pages = math.ceil(sum(map(width_of, tab.columns)) / _PAGE_WIDTH)
    _print_on(sheet, pages=pages, titles="1:1", kept=kept_in_sight(tab))


def _mark_sections(sheet: Worksheet, tab: Tab) -> None:
    """A thick edge where a section begins. Sections that not every row needs can be folded onto their first column."""
    for first, columns in sections(tab):
        cell = sheet.cell(1, first)
        cell.border = Border(left=_EDGE, right=_HAIR, top=_HAIR, bottom=_HAIR)
        if first > 1 and not any(column.required or column.is_system for column in columns):
            for index in range(first + 1, first + len(columns)):
                sheet.column_dimensions[get_column_letter(index)].outlineLevel = 1
    sheet.sheet_properties.outlinePr = Outline(summaryRight=False)  # the button stands over the column that stays


def _rows_of(*, lines: float) -> SheetFormatProperties:
    """Rows that show that many lines before anyone adjusts them: LibreOffice doesn't when it opens a workbook."""
    return SheetFormatProperties(defaultRowHeight=lines * _LINE, customHeight=True)


def _header_lines(column: Column) -> int:
    return len(textwrap.wrap(shown_title(column), int(width_of(column) / 1.2)))


def _note(column: Column) -> Comment:
    text = note_text(column)
    width, height = note_size(text)
    return Comment(text, AUTHOR, width=width, height=height)


def note_size(text: str) -> tuple[int, int]:
    """The width and height, in pixels, of the box that shows a note."""
    lines = sum(len(textwrap.wrap(line, 44)) or 1 for line in text.splitlines())
    return 320, 24 + 18 * lines


def _spare(tab: Tab, rows: Sequence[Mapping[str, object]], count: int) -> Sequence[Mapping[str, object]]:
    """Rows that hold only an identifier, numbered after the highest one used."""
    id_key = tab.columns[0].key
    found = (re.fullmatch(rf"{re.escape(tab.prefix)}-(\d+)", str(row.get(id_key))) for row in rows)
    last = max((int(match[1]) for match in found if match), default=0)
    return [{id_key: make_id(tab, last + n)} for n in range(1, count + 1)]


def _write_rows(sheet: Worksheet, tab: Tab, rows: Sequence[Mapping[str, object]]) -> None:
    columns = [(index, column, _style(column)) for index, column in enumerate(tab.columns, start=1)]
    labels = {column.key: {c.value: c.label for c in column.categories} for column in tab.columns}
    for number, row in enumerate(rows, start=2):
        for index, column, style in columns:
            value = row.get(column.key)
            if value is not None or column.is_system:
                _put(sheet, number, index, _shown(value, labels[column.key]), style)


def _shown(value: object, labels: Mapping[str, str]) -> object:
    if isinstance(value, bool):
        return "Oui" if value else "Non"
    return labels.get(value, value) if isinstance(value, str) else value


def _put(sheet: Worksheet, number: int, index: int, value: Any, style: str) -> None:
    """Any: openpyxl itself refuses, by ValueError, what a cell can't hold."""
    is_text = isinstance(value, str)
    cell = sheet.cell(number, index, _legal(value) if is_text else value)
    if is_text:
        cell.data_type = "s"  # "=1+1" or "#N/A" in the data is a text, never a formula nor an error
    cell.style = style  # after the value: a date brings a format of its own


def _legal(text: str) -> str:
    """Without control characters, which no workbook holds; `_x0041_`, which is read as "A", is escaped."""
    return _BEGINS_ESCAPE.sub("_x005F_", ILLEGAL_CHARACTERS_RE.sub("", text))


# -------------------------------------------------------------------------------------- drop-downs and checks


_Kind: TypeAlias = Literal["whole", "decimal", "list", "date", "time", "textLength", "custom"]
_Operator: TypeAlias = Literal["between", "greaterThanOrEqual", "lessThanOrEqual"]


class _Words(NamedTuple):
    """What a check tells: `prompt` when the cell is chosen, `error` when it is refused or doubtful."""

    prompt: str = ""
    error: str = ""


def _add_checks(sheet: Worksheet, tab: Tab, places: Mapping[str, tuple[str, int]]) -> None:
    """places: tab name → its sheet's title and the last row under checks."""
    last = places[tab.name][1]
    for index, column in enumerate(tab.columns, start=1):
        check = _check(tab, column, places)
        if check is not None:
            letter = get_column_letter(index)
            check.add(f"{letter}2:{letter}{last}")
            sheet.add_data_validation(check)


def _check(tab: Tab, column: Column, places: Mapping[str, tuple[str, int]]) -> DataValidation | None:
    """The only check of a column, or None when anything may be typed."""
    if column.is_system:
        return _system_check()
    if column.categories:
        return _list_check(list_name(tab, column), "Choisir une valeur dans la liste déroulante.")
    if column.format == "country":
        return _country_check()
    if column.type == "boolean":
        return _list_check(YES_NO, "Répondre Oui ou Non.")
    if column.type == "reference":
        return _reference_check(*places[column.reference]) if column.reference in places else None
    if column.type == "date":
        return _date_check(*column.years)
    if column.type == "time":
        return _time_check()
    if column.type == "list":
        return _prompt_only("Plusieurs valeurs : les séparer par des points-virgules.")
    return _bounds_check(column) if column.type in ("integer", "number") else None


def _validation(
    kind: _Kind,
    style: Literal["stop", "warning"],
    words: _Words,
    formulas: Sequence[str] = (),
    operator: _Operator | None = None,
) -> DataValidation:
    first, second = [*formulas, None, None][:2]
    return DataValidation(
        type=kind,
        operator=operator,
        formula1=first,
        formula2=second,
        allow_blank=True,
        errorStyle=style,
        showErrorMessage=bool(words.error),
        showInputMessage=bool(words.prompt),
        errorTitle=CHECK_TITLE if words.error else None,
        error=words.error or None,
        promptTitle=PROMPT_TITLE if words.prompt else None,
        prompt=words.prompt or None,
    )


def _prompt_only(prompt: str) -> DataValidation:
    # a check that everything passes: LibreOffice forgets a prompt without one
    return _validation("textLength", "stop", _Words(prompt), [str(_LONGEST_TEXT)], "lessThanOrEqual")


def _system_check() -> DataValidation:
    return _validation("custom", "stop", _Words(error="Colonne calculée — ne pas modifier"), ["FALSE"])


def _list_check(name: str, error: str) -> DataValidation:
    return _validation("list", "stop", _Words(error=error), [name])


def _reference_check(title: str, last: int) -> DataValidation:
    words = _Words(
        f"Numéro d'une ligne de l'onglet {title}.",
        f"Ce numéro n'est pas dans la colonne A de l'onglet {title}. Le garder quand même ?",
    )
    return _validation("list", "warning", words, [f"{quote_sheetname(title)}!$A$2:$A${last}"])


def _country_check() -> DataValidation:
    words = _Words(
        "Pays, en français : choisir dans la liste.",
        "Ce pays n'est pas dans la liste. Garder quand même cette saisie ?",
    )
    return _validation("list", "warning", words, [COUNTRIES_LIST])


def _date_check(first: int, last: int) -> DataValidation:
    words = _Words(
        f"Date : jj/mm/aaaa, entre {first} et {last}.",
        f"Une date de {first} à {last} est attendue, comme 31/01/{last}. Garder quand même cette saisie ?",
    )
    bounds = [_serial(date(first, 1, 1)), _serial(date(last, 12, 31))]
    return _validation("date", "warning", words, bounds, "between")


def _serial(day: date) -> str:
    """The number by which a workbook stores a day."""
    return str((day - date(1899, 12, 30)).days)


def _time_check() -> DataValidation:
    words = _Words(
        "Heure : hh:mm, comme 10:30.", "Une heure est attendue, comme 10:30. Garder quand même cette saisie ?"
    )
    return _validation("time", "warning", words, ["0", f"{_LAST_MOMENT:.6f}"], "between")


def _bounds_check(column: Column) -> DataValidation | None:
    kind: _Kind = "whole" if column.type == "integer" else "decimal"
    noun = "Un nombre entier" if column.type == "integer" else "Un nombre"
    low, high = column.minimum, column.maximum
    if low is not None and high is not None:
        words = _Words(error=f"{noun} entre {low:g} et {high:g} est attendu.")
        return _validation(kind, "stop", words, [f"{low:g}", f"{high:g}"], "between")
    if low is not None:
        words = _Words(error=f"{noun} d'au moins {low:g} est attendu.")
        return _validation(kind, "stop", words, [f"{low:g}"], "greaterThanOrEqual")
    if high is not None:
        words = _Words(error=f"{noun} d'au plus {high:g} est attendu.")
        return _validation(kind, "stop", words, [f"{high:g}"], "lessThanOrEqual")
    return None


def _add_lists(book: Workbook, tabs: Sequence[Tab], hints: Hints) -> None:
    """The hidden tab: a column for each drop-down, then one that wears every style."""
    sheet = book.create_sheet(LISTS)
    sheet.sheet_state = "hidden"
    lists = lists_of(tabs, hints)
    for index, (name, values) in enumerate(lists.items(), start=1):
        _write_list(sheet, index, name, [(value, "cdi_texte") for value in values])
        letter = get_column_letter(index)
        place = f"{LISTS}!${letter}$2:${letter}${len(values) + 1}"
        book.defined_names[name] = DefinedName(name, attr_text=place)
    _write_list(sheet, len(lists) + 1, "styles", [(style.name, style.name) for style in _styles()])


def _offer_authorities(book: Workbook, tabs: Mapping[str, Tab], hints: Hints, ends: Mapping[str, int]) -> None:
    """The authorities offered for a visa follow the tier of the council: row → agreement → council → tier.

    What isn't offered is only doubted; a row whose council or tier isn't known is offered every authority. Names stand
    for the columns, since a check holds 255 characters.
    """
    columns = {"aut_act": ("actes", "id"), "aut_col": ("actes", "collectivite"), "aut_num": ("collectivites", "id"),
               "aut_niv": ("collectivites", "niveau")}  # fmt: skip
    visas = tabs.get("visas_accords")
    known = all(tab in tabs and key in tabs[tab].by_key for tab, key in columns.values())
    if not hints.authorities or visas is None or not known:
        return
    labels = {c.value: c.label for c in visas.column("autorite").categories}
    tiers = {c.value: c.label for c in tabs["collectivites"].column("niveau").categories}
    offered = [(tiers[tier], [labels[value] for value in values]) for tier, values in hints.authorities.items()]
    offered.append(("", list(labels.values())))  # the last one, for a tier that isn't known
    sheet = book[LISTS]
    first = sheet.max_column + 1
    for index, (tier, names) in enumerate(offered, start=first):
        _write_list(sheet, index, tier, [(name, "cdi_texte") for name in names])
    start, end = get_column_letter(first), get_column_letter(first + len(offered) - 1)
    places = {"aut_noms": f"{LISTS}!${start}$1:${end}$1", "aut_listes": f"{LISTS}!${start}$2:${end}${1 + len(labels)}"}
    for name, (tab, key) in columns.items():
        letter = _letter(tabs[tab], key)
        places[name] = f"{quote_sheetname(tabs[tab].title)}!${letter}$2:${letter}${ends[tab]}"
    for name, place in places.items():
        book.defined_names[name] = DefinedName(name, attr_text=place)
    council = f"INDEX(aut_col,MATCH(${_letter(visas, 'id_acte')}2,aut_act,0))"
    rank = f"IFERROR(MATCH(INDEX(aut_niv,MATCH({council},aut_num,0)),aut_noms,0),{len(offered)})"
    formula = f"OFFSET(aut_listes,0,{rank}-1,COUNTA(INDEX(aut_listes,0,{rank})),1)"
    _replace_check(book[visas.title], _letter(visas, "autorite"), formula)


def _letter(tab: Tab, key: str) -> str:
    return get_column_letter(list(tab.by_key).index(key) + 1)


def _replace_check(sheet: Worksheet, letter: str, formula: str) -> None:
    (check,) = (c for c in sheet.data_validations.dataValidation if str(c.sqref).startswith(f"{letter}2:"))
    check.formula1, check.errorStyle = formula, "warning"
    check.error = "Cette autorité ne vise pas les actes de ce niveau de collectivité. La garder quand même ?"


def _write_list(sheet: Worksheet, index: int, name: str, values: Sequence[tuple[str, str]]) -> None:
    sheet.column_dimensions[get_column_letter(index)].width = 30
    _put(sheet, 1, index, name, "cdi_entete_systeme")
    for number, (value, style) in enumerate(values, start=2):
        _put(sheet, number, index, value, style)


def _add_colours(sheet: Worksheet, tab: Tab, last: int, hints: Hints) -> None:
    """Colour, bold and borders under words that are already in the cells, so that all can be read in grey."""
    at = {column.key: get_column_letter(index) for index, column in enumerate(tab.columns, start=1)}
    left, told, day, stage = (at.get(key) for key in ("jours_restants", "a_corriger", "jour_visa", "etape"))
    bold, alarm = Font(bold=True), Font(bold=True, color=DARK_RED)

    def paint(letter: str, formula: str, color: str, font: Font | None = None, border: Border | None = None) -> None:
        sheet.conditional_formatting.add(f"{letter}2:{letter}{last}", _colour(formula, color, font, border))

    if told:
        paint(told, f'LEFT({told}2)="⛔"', ORANGE, bold)
        paint(told, f"LEN({told}2)>0", ORANGE)
    if left:
        late, soon = f"ISNUMBER(${left}2)*(${left}2<0)", f"ISNUMBER(${left}2)*(${left}2>=0)*(${left}2<=7)"
        for letter in (left, at.get("echeance"), "A"):
            if letter:  # the number of a late row shows it when the deadline is out of sight
                paint(letter, late, RED, alarm, _ALARM)
        paint(left, soon, AMBER, bold)
    if day:
        number = f'VALUE(LEFT({day}2,FIND(" ",{day}2)-1))'  # an error, and no colour, in an empty cell
        paint(day, f"{number}>20", RED, alarm, _ALARM)
        paint(day, f"{number}>=15", AMBER, bold)
    if stage:
        code = f'LEFT({stage}2,FIND(" ",{stage}2)-1)'
        for situation, (color, font) in _SITUATIONS.items():
            if situation in hints.situations.values():
                paint(stage, f"COUNTIF({stages_name(situation)},{code})>0", color, font)


def _colour(formula: str, color: str, font: Font | None, border: Border | None) -> Rule:
    # in a conditional format, the colour that shows is the background one
    look = DifferentialStyle(font=font, border=border, fill=PatternFill("solid", bgColor=color))
    return Rule("expression", formula=[formula], dxf=look)


_ALARM_SIDE = Side(style="thin", color=DARK_RED)
_ALARM = Border(left=_ALARM_SIDE, right=_ALARM_SIDE, top=_ALARM_SIDE, bottom=_ALARM_SIDE)
_SITUATIONS = {  # of a stage: what is signed stands out, what is over steps back
    "signe": ("DCE6F1", Font(bold=True)),
    "vigueur": ("D5EBD8", Font(bold=True)),
    "arrete": ("E3E5E8", Font(strike=True)),
}


# ----------------------------------------------------------------------------------------------- system tabs


def _add_system_tabs(book: Workbook, declared: Sequence[SystemTab]) -> None:
    for tab in declared:
        sheet = book.create_sheet(tab.name)
        for index, width in enumerate(tab.widths, start=1):
            sheet.column_dimensions[get_column_letter(index)].width = width
        _put(sheet, 1, 1, tab.title, "cdi_titre")
        if tab.frozen == "A3":  # a list below headers
            sheet.auto_filter.ref = f"A2:{get_column_letter(len(tab.widths))}{_LAST_LINE}"
        sheet.sheet_format = _rows_of(lines=tab.lines)
        sheet.freeze_panes = tab.frozen
        sheet.sheet_properties.tabColor = SYSTEM_HEAD
        _print_on(sheet, pages=1, titles=tab.repeated)


def _print_on(sheet: Worksheet, *, pages: int, titles: str, kept: int = 1) -> None:
    """Landscape A4, `pages` pages wide; the first `kept` columns are repeated where there are several."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = pages, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = titles
    if pages > 1:
        sheet.print_title_cols = f"A:{get_column_letter(kept)}"
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.page_margins.top, sheet.page_margins.bottom, sheet.page_margins.footer = 0.5, 0.8, 0.4
    left, right = _HeaderFooterPart("&A"), _HeaderFooterPart("Page &P sur &N")
    sheet.oddFooter = HeaderFooterItem(left=left, right=right)


def _add_charts(sheet: Worksheet) -> None:
    """One chart beside each block that compares numbers."""
    for bars in CHARTS:
        chart = _bars(sheet, bars)
        chart.title, chart.y_axis.title, chart.width, chart.height = bars.title, bars.unit, 17, bars.height
        sheet.add_chart(chart, f"{get_column_letter(CHARTS_FROM)}{bars.block.row}")


def _small_print() -> RichText:
    """Labels of 8 points, so that every bar finds room for its name."""
    letters = CharacterProperties(sz=800)
    return RichText(p=[Paragraph(pPr=ParagraphProperties(defRPr=letters), endParaRPr=letters)])


def _bars(sheet: Worksheet, bars: Bars) -> BarChart:
    block, columns, lying = bars.block, bars.columns, bars.lying
    chart = BarChart()
    chart.type, chart.grouping, chart.overlap, chart.gapWidth = "bar" if lying else "col", "stacked", 100, 50
    last = block.first + bars.rows - 1
    values = Reference(sheet, min_col=columns[0], max_col=columns[-1], min_row=block.head, max_row=last)
    chart.add_data(values, titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=1, min_row=block.first, max_row=last))
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.y_axis.number_format = "0"
    chart.y_axis.scaling.min = 0
    if lying:
        chart.x_axis.scaling.orientation, chart.y_axis.crosses = "maxMin", "max"  # the first row on top
        chart.x_axis.tickLblSkip = 1  # every bar is named
    chart.x_axis.txPr = _small_print()
    if len(columns) == 1:
        chart.legend, chart.y_axis.majorGridlines = None, None
        chart.dataLabels = DataLabelList(showVal=True, showSerName=False, showCatName=False, showLegendKey=False)
    elif chart.legend:
        chart.legend.position = "b"
    shades = SHADES[-len(columns) :] if len(columns) > 1 else SHADES[1:2]
    for series, color in zip(chart.series, shades, strict=True):
        series.graphicalProperties = GraphicalProperties(solidFill=color)
        series.graphicalProperties.line.solidFill = INK
    return chart


# ---------------------------------------------------------------------------------------------------- saving


def _saved(book: Workbook) -> bytes:
    properties = book.properties
    properties.creator, properties.language = "cdi_sync", "fr-FR"
    raw = BytesIO()
    book.save(raw)
    # saving stamps the hour: both dates are put back, and the zip's own too
    properties.created = properties.modified = _MADE_ON
    return _repacked(raw, {"docProps/core.xml": tostring(properties.to_tree())})


def _repacked(raw: BytesIO, replaced: Mapping[str, bytes]) -> bytes:
    """The same parts in the same order, some replaced, none dated."""
    out = BytesIO()
    with ZipFile(raw) as source, ZipFile(out, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            info = ZipInfo(name, _ZIP_TIME)
            info.compress_type = ZIP_DEFLATED
            target.writestr(info, replaced.get(name, source.read(name)))
    return out.getvalue()
