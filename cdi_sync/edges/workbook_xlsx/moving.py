"""A carried registry as a new local workbook, and what of a local workbook can't be carried."""

import re
from collections.abc import Iterator, Mapping, Sequence

from cdi_sync.edges.carrying import OURS, Carried, is_ours
from cdi_sync.edges.hints import Hints
from cdi_sync.edges.workbook_xlsx.parts import Package, elements, open_package, scan
from cdi_sync.edges.workbook_xlsx.reading import Snapshot
from cdi_sync.edges.workbook_xlsx.template import AUTHOR, Laid, build_workbook
from cdi_sync.errors import RegistryError
from cdi_sync.model import CellError, Column, Raw, Tab
from cdi_sync.shown import JOURNAL, staff_style
from cdi_sync.tables import find_columns, letters
from cdi_sync.text import fold

_ERRORS = frozenset({"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"})  # that an .xlsx can hold
_LONGEST_TEXT = 32_767  # characters that a cell holds
_LONGEST_TITLE = 31
_REFUSED_IN_TITLES = re.compile(r"[\[\]:*?/\\]")


def made(registry: Carried, tabs: Sequence[Tab], hints: Hints) -> bytes:
    """A fresh workbook that holds that registry; its system columns and tabs are empty, the journal apart."""
    rows = {name: [{one.tab.columns[0].key: row[0]} for row in one.rows] for name, one in registry.tabs.items()}
    laid: dict[str, Mapping[tuple[int, int], Laid]] = {}
    for one in registry.tabs.values():
        cells = {
            (1, at): Laid(title, "cdi_entete_saisie") for at, title in enumerate(one.added, len(one.tab.columns) + 1)
        }
        for number, row in enumerate(one.rows, 2):
            for at, cell in enumerate(row[1:], 2):
                cells[number, at] = Laid(cell, _style(cell, one.column(at - 1)))
        laid[one.tab.title] = cells
    for title, lines in (*registry.own.items(), (JOURNAL, registry.journal)):
        style = {1: "cdi_titre", 2: "cdi_entete_systeme"} if title == JOURNAL else {}
        laid[title] = {
            (number, at): Laid(cell, style.get(number, "cdi_texte" if title == JOURNAL else "Normal"))
            for number, line in enumerate(lines, 1) for at, cell in enumerate(line, 1)
        }  # fmt: skip
    return build_workbook(tabs, rows, spare_rows=0, hints=hints, laid=laid)


def _style(cell: Raw, column: Column | None) -> str:
    if column is None or column.is_system:
        return "Normal"
    is_number = isinstance(cell, int | float) and not isinstance(cell, bool)
    # under a style of days "2009" would read as a day of 1905
    return "cdi_saisie" if is_number and column.type == "date" else staff_style(column)


# ------------------------------------------------------------------------------- what a local workbook can't hold


def fitted(registry: Carried, tabs: Sequence[Tab]) -> tuple[Carried, Sequence[str]]:
    """A registry as an .xlsx can hold it, and what had to change, in words. Raises RegistryError for what it can't."""
    wrong = [f"{place} : {_too_much(cell)}" for place, cell, _ in registry.cells if _too_much(cell)]
    if wrong:
        raise RegistryError("Des cellules ne peuvent pas être écrites dans un classeur .xlsx.", why="\n".join(wrong),
                            fix="Les corriger dans le registre d'origine, puis relancer.")  # fmt: skip
    taken = {fold(title) for tab in tabs for title in (tab.title, *tab.aliases)} | OURS
    own, told = {}, []
    for title, rows in registry.own.items():
        name = _free_title(title, taken)
        taken.add(fold(name))
        own[name] = rows
        if name != title:
            told.append(f"l'onglet « {title} » s'appelle « {name} » (nom trop long, ou signe qu'un .xlsx refuse)")
    return Carried(registry.tabs, own, registry.journal), told


def _too_much(cell: Raw) -> str:
    if isinstance(cell, CellError) and cell.shown not in _ERRORS:
        return f"la formule affiche {cell.shown}"
    return (
        f"{len(cell)} caractères, pour {_LONGEST_TEXT} au plus"
        if isinstance(cell, str) and len(cell) > _LONGEST_TEXT
        else ""
    )


def _free_title(title: str, taken: set[str]) -> str:
    plain = _REFUSED_IN_TITLES.sub("-", title).strip("'")[:_LONGEST_TITLE] or "Onglet"
    names = (plain, *(f"{plain[: _LONGEST_TITLE - 4]} ({n})" for n in range(2, 100)))
    return next(name for name in names if fold(name) not in taken)


# ---------------------------------------------------------------------------------- what goes with the old file


def left_behind(snapshot: Snapshot, tabs: Mapping[str, Tab]) -> Iterator[str]:
    """What of a workbook isn't carried beside its values, in words: formulas, notes, pictures, titles set higher."""
    package = open_package(snapshot.data)
    names = {fold(name): tab for tab in tabs.values() for name in (tab.title, *tab.aliases)}
    for title in package.sheets:
        if is_ours(title):
            continue
        tab, grid = names.get(fold(title)), snapshot.grids[title]
        layout = find_columns(grid, tab)[0] if tab else None
        if tab and layout:
            ours = {at for key, at in layout.positions.items() if tab.column(key).is_system}
            higher = [str(cell) for row in grid.rows[: layout.header_row - 1] for cell in row if cell is not None]
            yield from (f"{title} : « {text} », au-dessus des titres, n'est pas repris" for text in higher)
        else:
            ours = set()
        places = [f"{letters(at)}{row}" for row, at in sorted(scan(package, title).formulas) if at not in ours]
        if places:
            yield f"{title} : {len(places)} formule(s), dont la valeur seule est reprise ({', '.join(places)})"
        yield from (f"{title} {place} : {what}" for place, what in _beside(package, package.sheets[title]))
        if tab is None:
            yield f"{title} : l'onglet est repris sans sa mise en forme"
    links = {link.kind for link in package.relationships(package.workbook)}
    if "vbaProject" in links:
        yield "les macros du classeur ne sont pas reprises"
    known = set(package.sheets)
    listed = (e.attributes["name"] for e in elements(package.part(package.workbook), package.workbook, depth=2)
              if e.path == "sheets/sheet")  # fmt: skip
    yield from (
        f"l'onglet « {title} », qui n'est pas une grille, n'est pas repris" for title in listed if title not in known
    )


def _beside(package: Package, part: str) -> Iterator[tuple[str, str]]:
    """(cell or "", what stands there over the grid)."""
    for link in package.relationships(part):
        if link.kind == "comments":
            yield from ((place, "la note n'est pas reprise") for place in _notes(package, link.target))
        elif link.kind == "threadedComment":
            found = elements(package.part(link.target), link.target)
            yield from ((e.attributes.get("ref", ""), "la discussion n'est pas reprise") for e in found)
        elif link.kind == "drawing":
            for anchor in elements(package.part(link.target), link.target):
                yield "", f"une image, un dessin ou un graphique n'est pas repris ({anchor.path})"
        elif link.kind == "pivotTable":
            yield "", "un tableau croisé dynamique n'est pas repris"


def _notes(package: Package, part: str) -> Iterator[str]:
    """The cells that bear a note which isn't one of ours."""
    found = elements(package.part(part), part, depth=3)
    content = package.part(part)
    authors = [content[e.start : e.end].partition(b">")[2].partition(b"<")[0].decode()
               for e in found if e.path == "authors/author"]  # fmt: skip
    for element in found:
        if element.path == "commentList/comment":
            author = int(element.attributes.get("authorId", "0"))
            if author >= len(authors) or authors[author] != AUTHOR:
                yield element.attributes.get("ref", "")
