"""Describes what an .xlsx holds, beside the values of its cells, as `schema_changes` compares it. Reads only."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date

from cdi_sync.edges.workbook_xlsx.edits import Area, area_of
from cdi_sync.edges.workbook_xlsx.frame import Frame, Validation, columns_of, inner_text
from cdi_sync.edges.workbook_xlsx.parts import TRUE, Package, SheetWalk, elements, open_package
from cdi_sync.edges.workbook_xlsx.reading import MOST_COLUMNS, Snapshot
from cdi_sync.edges.workbook_xlsx.styles import style_names
from cdi_sync.model import Raw
from cdi_sync.schema_changes import Check, Holding, Sheet
from cdi_sync.tables import HEADER_SEARCH
from cdi_sync.text import fold

LIST_PREFIX = "liste_"
DAYS_BETWEEN_EPOCHS = (date(1904, 1, 1) - date(1899, 12, 30)).days
_BOUNDED = ("whole", "decimal", "date", "time", "textLength")
_TWO_BOUNDS = ("between", "notBetween")
_FEWEST_ROWS = 100  # a check of ours on fewer rows of a column came with cells that were pasted there
_PLACE = re.compile(r"(?:'((?:[^']|'')+)'|([^'!:\s]+))!(.+)")


def holding(snapshot: Snapshot) -> Holding:
    """What a workbook holds. Raises WorkbookError when a part of it can't be followed."""
    package = open_package(snapshot.data)
    names = style_names(package)
    return Holding(
        sheets={title: _sheet(package, title, snapshot, names) for title in package.sheets},
        lists={name: _values(snapshot, title, area) for name, (title, area) in list_places(package).items()},
        is_protected=_locks_structure(package),
        other_tabs=_other_tabs(package),
    )


def _locks_structure(package: Package) -> bool:
    found = elements(package.part(package.workbook), package.workbook)
    return any(e.path == "workbookProtection" and e.attributes.get("lockStructure") in TRUE for e in found)


def _other_tabs(package: Package) -> Sequence[str]:
    found = elements(package.part(package.workbook), package.workbook, depth=2)
    titles = [element.attributes["name"] for element in found if element.path == "sheets/sheet"]
    return [title for title in titles if title not in package.sheets]


# ------------------------------------------------------------------------------------------------------ sheets


class _Look(SheetWalk):
    """Which columns hold something, and the style of each cell of the top rows."""

    def __init__(self, part: bytes, title: str) -> None:
        super().__init__(part, title)
        self.used: set[int] = set()
        self.styles: dict[tuple[int, int], int] = {}

    def cell_begins(self, attributes: dict[str, str]) -> None:
        if self.row <= HEADER_SEARCH:
            self.styles[self.row, self.col] = int(attributes.get("s", "0"))

    def inner_begins(self, name: str, attributes: dict[str, str]) -> None:
        self.used.add(self.col)


def _sheet(package: Package, title: str, snapshot: Snapshot, names: Sequence[str]) -> Sheet:
    part = package.part(package.sheets[title])
    frame, look = Frame(part, title), _Look(part, title)
    look.walk()
    return Sheet(
        grid=snapshot.grids[title],
        checks=_checks(frame, date1904=snapshot.date1904),
        column_styles={index: names[style] for index, style in _column_styles(frame) if style < len(names)},
        header_styles={at: names[style] for at, style in look.styles.items() if style < len(names)},
        used=frozenset(look.used),
        is_protected=any(e.attributes.get("sheet") in TRUE for e in frame.of("sheetProtection")),
        tables=list(_tables(package, package.sheets[title])),
        is_hidden=title in _hidden_tabs(package),
        hidden_columns=frozenset(_hidden_columns(frame)),
    )


def _hidden_tabs(package: Package) -> Collection[str]:
    found = elements(package.part(package.workbook), package.workbook, depth=2)
    return {
        element.attributes["name"]
        for element in found
        if element.path == "sheets/sheet" and element.attributes.get("state", "visible") != "visible"
    }


def _hidden_columns(frame: Frame) -> Iterator[int]:
    for element in frame.of("cols/col"):
        if element.attributes.get("hidden") in TRUE:
            first, last = columns_of(element)
            yield from range(first, min(last, MOST_COLUMNS) + 1)


def _column_styles(frame: Frame) -> Iterator[tuple[int, int]]:
    for element in frame.of("cols/col"):
        first, last = columns_of(element)
        for index in range(first, min(last, MOST_COLUMNS) + 1):
            yield index, int(element.attributes.get("style", "0"))


def _tables(package: Package, part: str) -> Iterator[Area]:
    for link in package.relationships(part):
        if link.kind == "table":
            (found,) = re.findall(
                rb"""<(?:[\w.-]+:)?table\s[^>]*?\sref=["']([A-Z0-9:$]+)["']""", package.part(link.target)
            )[:1] or (b"",)
            if area := area_of(found.decode()):
                yield area


def _checks(frame: Frame, *, date1904: bool) -> Mapping[int, Sequence[Check]]:
    found: dict[int, list[tuple[int, Check]]] = {}
    for validation in frame.validations:
        check = as_check(validation, date1904=date1904)
        for column in validation.columns if check else ():
            rows = validation.rows_in(column)
            if check and (rows >= _FEWEST_ROWS or not check.is_ours):
                found.setdefault(column, []).append((rows, check))
    return {
        column: [check for _, check in sorted(checks, key=lambda pair: -pair[0])] for column, checks in found.items()
    }


def as_check(validation: Validation, *, date1904: bool) -> Check | None:
    """A check in the form that any program's spelling of it takes; None when it checks nothing and says nothing."""
    attributes = validation.element.attributes
    kind = attributes.get("type", "none")
    if kind == "none" and not validation.is_ours:
        return None
    operator = attributes.get("operator", "between") if kind in _BOUNDED else "between"
    count = 2 if kind in _BOUNDED and operator in _TWO_BOUNDS else 1
    shift = DAYS_BETWEEN_EPOCHS if kind == "date" and date1904 else 0
    return Check(kind, tuple(_plain(f, shift) for f in validation.formulas[:count]), operator, validation.is_ours)


def _plain(formula: str, shift: int) -> str:
    """A formula without what programs spell each in their way; only the tab is kept of a place."""
    if formula.upper() in ("FALSE", "FALSE()", "TRUE", "TRUE()"):
        return "1" if formula.upper().startswith("TRUE") else "0"
    if place := _PLACE.fullmatch(formula):
        return fold((place[1] or place[2]).replace("''", "'")) + "!"
    try:
        return f"{float(formula) + shift:.5f}".rstrip("0").rstrip(".")
    except ValueError:
        return formula


# ------------------------------------------------------------------------------------------------------- lists


def list_places(package: Package) -> Mapping[str, tuple[str, Area]]:
    """Name of a drop-down list → title of the sheet and area, one column wide, of its values."""
    places = {}
    part = package.part(package.workbook)
    for element in elements(part, package.workbook, depth=2):
        name = element.attributes.get("name", "")
        if (
            element.path != "definedNames/definedName"
            or not name.startswith(LIST_PREFIX)
            or "localSheetId" in element.attributes
        ):
            continue
        place = _PLACE.fullmatch(inner_text(part, element).strip())
        area = area_of(place[3]) if place else None
        title = (place[1] or place[2]).replace("''", "'") if place else ""
        if area and area[1] == area[3] and title in package.sheets:
            places[name] = title, area
    return places


def _values(snapshot: Snapshot, title: str, area: Area) -> Sequence[str]:
    top, column, bottom, _ = area
    rows = snapshot.grids[title].rows[top - 1 : bottom]
    values = [_text(row[column - 1] if len(row) >= column else None) for row in rows]
    return values + [""] * (bottom - top + 1 - len(values))


def _text(raw: Raw) -> str:
    return "" if raw is None else str(raw)
