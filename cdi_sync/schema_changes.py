"""What would bring an existing registry to the declarations: changes to make, and what forbids making them.

Pure: `compare(tabs, held, fresh)` looks at what a workbook holds (`held`) and at what one made today would hold
(`fresh`), and returns a `Difference`. Nothing here knows how a workbook is stored: an edge describes it as a
`Holding`, and carries the difference out. Rows and columns count from 1. Texts are French, without the tab's name,
which stands beside them in `Change.title`.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from difflib import get_close_matches
from enum import StrEnum
from itertools import count

from cdi_sync.cells import Unreadable, is_blank, read_cell, shown
from cdi_sync.errors import RegistryError
from cdi_sync.model import CORE, Category, Column, Grid, Layout, Owner, Raw, Tab
from cdi_sync.tables import HEADER_SEARCH, find_header, letters
from cdi_sync.text import clean, fold

SYSTEM_HEADERS = ("cdi_entete_calcul", "cdi_entete_systeme")  # styles of a system header
HEADERS = "cdi_entete_"  # how the styles of our headers all begin
_MOST_NAMED = 5  # cells named in a refusal
_EPOCH = date(1899, 12, 30)


class Kind(StrEnum):
    """What a change is. Those from DOUBLED_TAB on forbid applying any."""

    NEW_TAB = "new_tab"
    RENAMED_TAB = "renamed_tab"
    HIDDEN_TAB = "hidden_tab"  # of a module that is switched on
    HIDDEN_COLUMNS = "hidden_columns"  # the same; `column` is then the module
    NEW_COLUMN = "new_column"
    RENAMED_COLUMN = "renamed_column"
    ADOPTED_COLUMN = "adopted_column"  # a column of the staff's own that bears a newly declared title
    LIST = "list"  # the values of a drop-down
    CHECK = "check"  # what may be typed in a column, or the format of its cells
    REPAIR = "repair"  # what stands around the cells of a tab isn't as it must be
    UNKNOWN_COLUMN = "unknown_column"  # kept as it is, told only
    DOUBLED_TAB = "doubled_tab"
    UNREADABLE_TAB = "unreadable_tab"
    DOUBLED_COLUMN = "doubled_column"
    TAKEN_COLUMN = "taken_column"  # people's cells stand where the system would write
    VALUE_IN_USE = "value_in_use"
    UNREADABLE_CELLS = "unreadable_cells"
    PROTECTED = "protected"
    EXCEL_TABLE = "excel_table"


_REFUSALS = {
    Kind.DOUBLED_TAB, Kind.UNREADABLE_TAB, Kind.DOUBLED_COLUMN, Kind.TAKEN_COLUMN, Kind.VALUE_IN_USE,
    Kind.UNREADABLE_CELLS, Kind.PROTECTED, Kind.EXCEL_TABLE,
}  # fmt: skip


@dataclass(frozen=True)
class Change:
    """One difference. `tab`: the tab's name in the declarations, `title` its title. `column`: the key of a declared
    column, the title of an unknown one, "" for a whole tab. `fix`: what to do about a refusal."""

    kind: Kind
    tab: str
    title: str
    column: str
    detail: str
    fix: str = ""

    @property
    def blocking(self) -> bool:
        return self.kind in _REFUSALS

    @property
    def is_told_only(self) -> bool:
        """True for what stays as it is."""
        return self.kind is Kind.UNKNOWN_COLUMN


# --------------------------------------------------------------------------------------- what a workbook holds


@dataclass(frozen=True)
class Check:
    """What may be typed in a column. `kind`: list, date, time, whole, decimal, textLength or custom.

    formulas: bounds as numbers of at most five decimals; for a list, the name of the list, or the folded title of the
    tab whose rows are offered and "!". is_ours: it carries the words that our template gives.
    """

    kind: str
    formulas: tuple[str, ...]
    operator: str = "between"
    is_ours: bool = True

    def is_same(self, other: "Check") -> bool:
        """True when both let the same things be typed."""
        return (self.kind, self.operator, self.formulas) == (other.kind, other.operator, other.formulas)


@dataclass(frozen=True)
class Sheet:
    """A sheet. checks: column → those below its header, the one on most rows first. column_styles: column → named style of its cells.

    header_styles: (row, column) → named style, for the top rows. used: columns that hold anything in any row.
    hidden_columns: those that don't show.
    tables: areas of the spreadsheet program's own tables: top, left, bottom, right.
    """

    grid: Grid
    checks: Mapping[int, Sequence[Check]]
    column_styles: Mapping[int, str]
    header_styles: Mapping[tuple[int, int], str]
    used: frozenset[int]
    is_protected: bool = False
    tables: Sequence[tuple[int, int, int, int]] = ()
    is_hidden: bool = False
    hidden_columns: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Holding:
    """What a workbook holds. sheets: by title, in their order. lists: name of a drop-down list → its values."""

    sheets: Mapping[str, Sheet]
    lists: Mapping[str, Sequence[str]]
    is_protected: bool = False  # tabs may not be added nor renamed
    other_tabs: Sequence[str] = ()  # titles of tabs that aren't grids, as a chart on a sheet of its own


@dataclass(frozen=True)
class Difference:
    """What differs, in the order of the declarations, and where it is to be carried out.

    sheets: tab name → title of its sheet today. layouts: tab name → header row and columns found. places: tab name →
    key of a new column → its index. lists: drop-down lists to bring to these values. styled: tabs whose headers wear our
    styles.
    """

    changes: Sequence[Change]
    sheets: Mapping[str, str]
    layouts: Mapping[str, Layout]
    places: Mapping[str, Mapping[str, int]]
    lists: Mapping[str, Sequence[str]]
    styled: frozenset[str] = frozenset()

    @property
    def refusals(self) -> Sequence[Change]:
        return [change for change in self.changes if change.blocking]

    @property
    def to_make(self) -> Sequence[Change]:
        """What applying would change."""
        return [change for change in self.changes if not change.blocking and not change.is_told_only]

    @property
    def is_conform(self) -> bool:
        return not self.refusals and not self.to_make and not self.lists

    def of(self, *kinds: Kind) -> Sequence[Change]:
        return [change for change in self.changes if change.kind in kinds]


def compare(tabs: Sequence[Tab], held: Holding, fresh: Holding) -> Difference:
    """All that differs. fresh: a workbook made from these tabs, its sheets under the declared titles."""
    by_name: dict[str, list[str]] = {}
    for title in held.sheets:
        by_name.setdefault(fold(title), []).append(title)
    sheets, layouts, places, changes, styled = {}, {}, {}, list[Change](), set[str]()
    known = {fold(tab.title): tab.name for tab in tabs} | {fold(a): tab.name for tab in tabs for a in tab.aliases}
    for tab in tabs:
        titles = [
            title for name in dict.fromkeys(map(fold, (tab.title, *tab.aliases))) for title in by_name.get(name, ())
        ]
        if len(titles) > 1:
            changes.append(_doubled_tab(tab, titles))
        elif not titles and fold(tab.title) in map(fold, held.other_tabs):
            changes.append(
                Change(
                    Kind.UNREADABLE_TAB,
                    tab.name,
                    tab.title,
                    "",
                    "un onglet de ce nom existe, et ce n'est pas une feuille de cellules",
                    "le renommer dans le tableur, puis enregistrer",
                )
            )
        elif not titles:
            changes.append(
                Change(Kind.NEW_TAB, tab.name, tab.title, "", f"nouvel onglet de {len(tab.columns)} colonnes")
            )
        else:
            look = _TabLook(tab, titles[0], held, fresh, known)
            changes += look.changes()
            sheets[tab.name], layouts[tab.name], places[tab.name] = titles[0], look.layout, look.places
            styled |= {tab.name} if look.is_styled else set()
    changes += _protections(changes, held, sheets)
    lists = {name: values for name, values in fresh.lists.items() if _cleaned(held.lists.get(name, ())) != list(values)}
    return Difference(changes, sheets, layouts, places, lists, frozenset(styled))


def refuse(found: Difference) -> None:
    """Raises RegistryError when something forbids applying: each cause with its place and its remedy."""
    if found.refusals:
        raise RegistryError(
            "Le classeur ne peut pas être mis à jour.",
            where=", ".join(dict.fromkeys(f"onglet « {change.title} »" for change in found.refusals)),
            why="\n".join(f"{change.title} : {change.detail} → {change.fix}." for change in found.refusals),
            fix="corriger ces points, puis relancer « cdi schema apply » ; rien n'a été écrit.",
        )


def module_places(tab: Tab, layout: Layout) -> Mapping[str, frozenset[int]]:
    """Module → where its columns stand in a sheet, for the columns that have a module of their own."""
    return {
        module: frozenset(
            layout.positions[c.key] for c in tab.columns if c.module == module and c.key in layout.positions
        )
        for module in {column.module for column in tab.columns} - {""}
    }


def _cleaned(values: Sequence[str]) -> list[str]:
    return [clean(value) for value in values]


def _doubled_tab(tab: Tab, titles: Sequence[str]) -> Change:
    return Change(
        Kind.DOUBLED_TAB, tab.name, tab.title, "", f"{len(titles)} onglets y prétendent : {_quoted(titles)}",
        "renommer, ou supprimer s'il ne sert plus, celui qui n'est pas le bon",
    )  # fmt: skip


def _protections(changes: Sequence[Change], held: Holding, sheets: Mapping[str, str]) -> Iterator[Change]:
    """Refusals for what somebody locked, once for each lock."""
    tabs = [change for change in changes if change.kind in (Kind.NEW_TAB, Kind.RENAMED_TAB)]
    if held.is_protected and tabs:
        yield Change(
            Kind.PROTECTED, tabs[0].tab, tabs[0].title, "",
            "la structure du classeur est protégée : aucun onglet ne peut être ajouté ni renommé",
            "ôter la protection dans le tableur (Révision, Protéger le classeur), puis enregistrer",
        )  # fmt: skip
    touched = {c.tab: c.title for c in changes if not c.blocking and not c.is_told_only and c.tab in sheets}
    for name, title in touched.items():
        if held.sheets[sheets[name]].is_protected:
            yield Change(
                Kind.PROTECTED, name, title, "", "l'onglet est protégé : ce qui y serait ajouté ne pourrait être rempli",
                "ôter la protection de la feuille dans le tableur, puis enregistrer ; elle peut être remise ensuite",
            )  # fmt: skip


def _quoted(texts: Sequence[str]) -> str:
    return ", ".join(f"« {text} »" for text in texts)


# ------------------------------------------------------------------------------------------------------ one tab


class _TabLook:
    """One declared tab beside the sheet that bears its name."""

    def __init__(self, tab: Tab, title: str, held: Holding, fresh: Holding, known: Mapping[str, str]) -> None:
        self.tab, self._title, self._known = tab, title, known
        self._held, self._fresh = held, fresh
        self._sheet, self._model = held.sheets[title], fresh.sheets[tab.title]
        self._names = {fold(name): column.key for column in tab.columns for name in (column.title, *column.aliases)}
        self._header_row = find_header(self._sheet.grid, tab)
        self._headers = list(self._sheet.grid.rows[self._header_row - 1]) if self._header_row else []
        self._standing = self._columns()
        positions = {key: indexes[0] for key, indexes in self._standing.items()}
        self.layout = Layout(self._header_row or 1, positions, len(self._sheet.grid.rows))
        # a program that knows no named styles leaves none: a bare header then proves nothing
        self.is_styled = self._header_style(positions.get(tab.columns[0].key, 0)).startswith(HEADERS)
        self.places = self._free_places([column for column in tab.columns if column.key not in positions])

    def changes(self) -> Iterator[Change]:
        """In the order: the tab, its columns as declared, the columns that nothing declares."""
        if not self._header_row:
            yield self._unreadable_tab()
            return
        if self._title.casefold() != self.tab.title.casefold():
            yield self._change(Kind.RENAMED_TAB, "", f"l'onglet « {self._title} » prend le titre « {self.tab.title} »")
        yield from self._hidden()
        for index, column in enumerate(self.tab.columns, start=1):
            found = self._standing.get(column.key, ())
            if len(found) > 1:
                yield self._doubled(column, found)
            elif found:
                yield from self._existing(column, found[0], index)
            elif column is self.tab.columns[0]:
                yield self._without_identifiers(column)
            else:
                yield self._new(column)
        yield from self._strangers()

    def _hidden(self) -> Iterator[Change]:
        """What doesn't show though its module is switched on. What people hide outside modules is their own affair."""
        if self.tab.module != CORE and self._sheet.is_hidden and not self._model.is_hidden:
            yield self._change(
                Kind.HIDDEN_TAB, "", f"l'onglet est masqué, et le module « {self.tab.module} » est activé"
            )
        for module, places in module_places(self.tab, self.layout).items():
            model = [index for index, column in enumerate(self.tab.columns, start=1) if column.module == module]
            if self._sheet.hidden_columns & places and not self._model.hidden_columns & set(model):
                detail = f"des colonnes sont masquées, et le module « {module} » est activé"
                yield self._change(Kind.HIDDEN_COLUMNS, module, detail)

    def _change(self, kind: Kind, column: str, detail: str, fix: str = "") -> Change:
        return Change(kind, self.tab.name, self.tab.title, column, detail, fix)

    def _columns(self) -> dict[str, list[int]]:
        """Column key → the columns whose header is its title or an alias, from left to right."""
        found: dict[str, list[int]] = {}
        for index, raw in enumerate(self._headers, start=1):
            key = self._names.get(fold(raw)) if isinstance(raw, str) else None
            if key is not None:
                found.setdefault(key, []).append(index)
        return found

    def _free_places(self, columns: Sequence[Column]) -> dict[str, int]:
        """Columns after the last header that hold nothing, not even a note far below."""
        last = max((index for index, raw in enumerate(self._headers, start=1) if not is_blank(raw)), default=0)
        last = max(
            [last, *(right for top, _, bottom, right in self._sheet.tables if top <= self.layout.header_row <= bottom)]
        )
        free = (index for index in count(last + 1) if index not in self._sheet.used)
        return {column.key: next(free) for column in columns}

    def _unreadable_tab(self) -> Change:
        return self._change(
            Kind.UNREADABLE_TAB, "",
            f"un onglet de ce nom existe, mais aucune de ses {HEADER_SEARCH} premières lignes ne porte les titres attendus "
            f"({_quoted([c.title for c in self.tab.columns[:3]])}…)",
            "s'il sert à autre chose, le renommer ; sinon, rétablir sa ligne de titres",
        )  # fmt: skip

    def _without_identifiers(self, column: Column) -> Change:
        # another column of numbers would number every row anew, and no reference would find its row
        return self._change(
            Kind.UNREADABLE_TAB, column.key, f"la colonne des numéros, « {column.title} », n'a plus son titre ou manque",
            f"écrire « {column.title} » en tête de la colonne des numéros {self.tab.prefix}-…, puis enregistrer",
        )  # fmt: skip

    def _doubled(self, column: Column, found: Sequence[int]) -> Change:
        places = " et ".join(f"{letters(at)} « {shown(self._headers[at - 1])} »" for at in found)
        return self._change(
            Kind.DOUBLED_COLUMN, column.key, f"{len(found)} colonnes prétendent au titre « {column.title} » : {places}",
            "donner un autre titre à celle qui n'est pas la bonne",
        )  # fmt: skip

    def _new(self, column: Column) -> Change:
        strangers = {fold(clean(self._headers[at - 1])): at for at in self._stranger_places()}
        near = get_close_matches(fold(column.title), list(strangers), n=1, cutoff=0.7)
        marks = [
            mark
            for mark, holds in (("obligatoire", column.required), ("remplie par le système", column.is_system))
            if holds
        ]
        detail = f"nouvelle colonne « {column.title} », en {letters(self.places[column.key])}" + (
            f" ({', '.join(marks)})" if marks else ""
        )
        if near:
            at = strangers[near[0]]
            detail += (
                f" ; si c'est la colonne {letters(at)} « {shown(self._headers[at - 1])} » qui a été renommée, lui rendre "
                "d'abord son titre"
            )
        return self._change(Kind.NEW_COLUMN, column.key, detail)

    def _stranger_places(self) -> list[int]:
        return [
            at for at, raw in enumerate(self._headers, start=1)
            if isinstance(raw, str) and not is_blank(raw) and fold(raw) not in self._names
        ]  # fmt: skip

    def _strangers(self) -> Iterator[Change]:
        for at in self._stranger_places():
            title = shown(self._headers[at - 1])
            yield self._change(
                Kind.UNKNOWN_COLUMN,
                title,
                f"la colonne {letters(at)} « {title} » n'est pas déclarée : gardée telle quelle",
            )

    # ------------------------------------------------------------------------------ a column that is there

    def _existing(self, column: Column, at: int, model_at: int) -> Iterator[Change]:
        header = self._headers[at - 1]
        if isinstance(header, str) and fold(header) != fold(column.title):
            yield self._renamed(column, at)
        style = self._header_style(at)
        is_adopted = self.is_styled and not style.startswith(HEADERS) and not self._is_under_our_check(at)
        is_staffs = is_adopted or (style.startswith(HEADERS) and style not in SYSTEM_HEADERS)
        if column.is_system and is_staffs and (filled := self._filled(at)):
            yield self._taken(column, at, filled)
        elif is_adopted:
            yield self._adopted(column, at)
        elif change := self._check_changes(column, at, model_at):
            yield change
        if not is_adopted and not column.is_system:
            yield from self._lost(column, at, model_at)
        if not is_adopted and (change := self._list_changes(column, at, model_at)):
            yield change

    def _renamed(self, column: Column, at: int) -> Change:
        old, row = shown(self._headers[at - 1]), self.layout.header_row
        if any(top == row and left <= at <= right for top, left, _, right in self._sheet.tables):
            return self._change(
                Kind.EXCEL_TABLE, column.key,
                f"la colonne {letters(at)} « {old} » doit prendre le titre « {column.title} », mais elle est dans un tableau "
                "du tableur, dont les formules désignent les colonnes par leur titre",
                f"changer ce titre dans le tableur, ou convertir le tableau en plage, puis enregistrer ({letters(at)}{row})",
            )  # fmt: skip
        return self._change(
            Kind.RENAMED_COLUMN, column.key, f"la colonne {letters(at)} « {old} » prend le titre « {column.title} »"
        )

    def _header_style(self, at: int) -> str:
        return self._sheet.header_styles.get((self.layout.header_row, at), "")

    def _is_under_our_check(self, at: int) -> bool:
        return any(check.is_ours for check in self._sheet.checks.get(at, ()))

    def _cells(self, at: int) -> Iterator[tuple[str, Raw]]:
        """Name and content of the cells below the header that aren't blank."""
        for row, raws in enumerate(self._sheet.grid.rows[self.layout.header_row :], start=self.layout.header_row + 1):
            if len(raws) >= at and not is_blank(raws[at - 1]):
                yield f"{letters(at)}{row}", raws[at - 1]

    def _filled(self, at: int) -> list[str]:
        return [name for name, _ in self._cells(at)]

    def _taken(self, column: Column, at: int, filled: Sequence[str]) -> Change:
        return self._change(
            Kind.TAKEN_COLUMN, column.key,
            f"le système doit remplir « {column.title} », et la colonne {letters(at)} de ce titre contient {_named(filled)}",
            "donner un autre titre à cette colonne, qui sera alors gardée, ou la vider si elle ne sert plus",
        )  # fmt: skip

    def _adopted(self, column: Column, at: int) -> Change:
        cells = list(self._cells(at))
        bad = [] if column.is_system else [name for name, raw in cells if self._reading(raw, column) is not None]
        detail = f"la colonne {letters(at)} « {shown(self._headers[at - 1])} », déjà là, est adoptée avec ce qu'elle contient"
        if bad:
            detail += f" ; {_named(bad)} ne se lit pas ainsi et sera signalé par « cdi check »"
        return self._change(Kind.ADOPTED_COLUMN, column.key, detail)

    def _reading(self, raw: Raw, column: Column) -> Unreadable | None:
        value = read_cell(raw, column, date1904=self._sheet.grid.date1904)
        return value if isinstance(value, Unreadable) else None

    def _expected(self, model_at: int) -> Check | None:
        """The declared check; a tab that is offered bears the name it has here."""
        return next(iter(self._model.checks.get(model_at, ())), None)

    def _check_changes(self, column: Column, at: int, model_at: int) -> Change | None:
        expected, found = self._expected(model_at), self._sheet.checks.get(at, ())
        ours = [check for check in found if check.is_ours]
        if expected is None:
            differs = bool(ours)
        elif ours:
            differs = not self._is_same(ours[0], expected)
        else:
            differs = not found  # a check of the staff's own stays
        if differs:
            return self._change(Kind.CHECK, column.key, f"la saisie de « {column.title} » change : {_in_words(column)}")
        style, wanted = self._sheet.column_styles.get(at, ""), self._model.column_styles.get(model_at, "")
        if style.startswith("cdi_") and style != wanted:
            return self._change(
                Kind.CHECK, column.key, f"le format des cellules de « {column.title} » change : {_in_words(column)}"
            )
        return None

    def _is_same(self, found: Check, expected: Check) -> bool:
        return replace(found, formulas=tuple(map(self._named_today, found.formulas))).is_same(
            replace(expected, formulas=tuple(map(self._named_today, expected.formulas)))
        )

    def _named_today(self, formula: str) -> str:
        """A tab by its name in the declarations, since it may still bear an old title."""
        return self._known.get(formula[:-1], formula) if formula.endswith("!") else formula

    # ------------------------------------------------------------------------- what could no longer be read

    def _lost(self, column: Column, at: int, model_at: int) -> Iterator[Change]:
        """Refusals for cells that can be read as the column is, and couldn't be as it is declared."""
        was = self._as_it_is(column, at)
        if was == column:
            return
        lost = [
            (name, raw) for name, raw in self._cells(at)
            if self._reading(raw, was) is None and self._reading(raw, column) is not None
        ]  # fmt: skip
        if not lost:
            return
        if was.categories and column.categories:
            yield from self._values_in_use(column, lost)
            return
        first = self._reading(lost[0][1], column)
        expected = first.expected if first else ""
        yield self._change(
            Kind.UNREADABLE_CELLS, column.key,
            f"« {column.title} » attend désormais {expected}, et {_named([name for name, _ in lost])} "
            "ne se lirait plus",
            "corriger ces cellules dans le tableur, puis enregistrer",
        )  # fmt: skip

    def _values_in_use(self, column: Column, lost: Sequence[tuple[str, Raw]]) -> Iterator[Change]:
        cells: dict[str, list[str]] = {}
        for name, raw in lost:
            cells.setdefault(shown(raw), []).append(name)
        labels = [category.label for category in column.categories]
        for value, names in cells.items():
            near = get_close_matches(fold(value), [fold(label) for label in labels], n=1, cutoff=0.6)
            other = next(label for label in labels if fold(label) == near[0]) if near else ""
            yield self._change(
                Kind.VALUE_IN_USE, column.key, f"« {value} » quitte la liste de « {column.title} », et {_named(names)} l'emploie encore",
                "dans ces cellules, remplacer cette valeur" + (f" par « {other} »" if other else "")
                + " (Rechercher et remplacer, que la liste déroulante n'arrête pas), puis enregistrer",
            )  # fmt: skip

    def _as_it_is(self, column: Column, at: int) -> Column:
        """The column as the workbook's own check lets it be filled; the declared one when nothing tells."""
        ours = [check for check in self._sheet.checks.get(at, ()) if check.is_ours]
        style = self._sheet.column_styles.get(at, "")
        bare = Column(column.key, column.title, column.description, owner=Owner.STAFF)
        if not ours:
            # plain text, which has no check; another unchecked type can't be told from the declared one
            return (
                bare if style == "cdi_saisie_texte" and column.type not in ("string", "list", "reference") else column
            )
        check = ours[0]
        if check.kind == "list":
            return self._as_listed(column, bare, check)
        if check.kind in ("date", "time"):
            years = _years(check) if check.kind == "date" else bare.years
            return (
                column
                if column.type == check.kind and years == column.years
                else replace(bare, type=check.kind, years=years)
            )
        if check.kind in ("whole", "decimal"):
            low, high = _bounds(check)
            kind = "integer" if check.kind == "whole" else "number"
            same = (column.type, column.minimum, column.maximum) == (kind, low, high)
            return column if same else replace(bare, type=kind, minimum=low, maximum=high)
        return column if column.type in ("string", "list") and not column.categories else bare

    def _as_listed(self, column: Column, bare: Column, check: Check) -> Column:
        name = check.formulas[0] if check.formulas else ""
        if name.endswith("!"):
            return column if column.type == "reference" else bare
        labels = _cleaned(self._held.lists.get(name, ()))
        if {fold(label) for label in labels} == {"oui", "non"}:
            return column if column.type == "boolean" else replace(bare, type="boolean")
        if not labels or labels == [category.label for category in column.categories]:
            return (
                column
                if column.categories or not labels
                else replace(bare, categories=tuple(Category(x, x) for x in labels))
            )
        # what a code or a synonym of today's declaration lets be read isn't lost
        return replace(bare, categories=tuple(Category(label, label) for label in labels))

    def _list_changes(self, column: Column, at: int, model_at: int) -> Change | None:
        expected = self._expected(model_at)
        if expected is None or expected.kind != "list" or expected.formulas[0].endswith("!"):
            return None
        if not any(self._is_same(check, expected) for check in self._sheet.checks.get(at, ())):
            return None  # its whole check changes
        name = expected.formulas[0]
        before, after = _cleaned(self._held.lists.get(name, ())), list(self._fresh.lists.get(name, ()))
        if before == after:
            return None
        words = _list_in_words(before, after) if any(before) else "elle manquait, elle est remise"
        return self._change(Kind.LIST, column.key, f"la liste de « {column.title} » change : {words}")


def _named(cells: Sequence[str]) -> str:
    """Cells by name, the first ones when there are many, with their number."""
    if len(cells) == 1:
        return f"la cellule {cells[0]}"
    more = "…" if len(cells) > _MOST_NAMED else ""
    return f"chacune de {len(cells)} cellules ({', '.join(cells[:_MOST_NAMED])}{more})"


def _in_words(column: Column) -> str:
    """What is typed in a column, as a person says it."""
    if column.is_system:
        return "colonne remplie par le système"
    if column.categories:
        return "une valeur de la liste déroulante"
    return {
        "boolean": "Oui ou Non", "date": "une date", "time": "une heure", "integer": "un nombre entier", "number": "un nombre",
        "reference": "un numéro d'un autre onglet", "list": "plusieurs valeurs séparées par des points-virgules",
        "email": "une adresse de courriel", "url": "un lien ou une cote",
    }.get(column.type, "un texte")  # fmt: skip


def _list_in_words(before: Sequence[str], after: Sequence[str]) -> str:
    gone, new = list(Counter(before) - Counter(after)), list(Counter(after) - Counter(before))
    renamed: list[str] = []
    for old in list(gone):
        near = get_close_matches(fold(old), [fold(value) for value in new], n=1, cutoff=0.6)
        if near:
            value = next(value for value in new if fold(value) == near[0])
            renamed.append(f"« {old} » devient « {value} »")
            gone.remove(old)
            new.remove(value)
    parts = [*renamed]
    parts += [f"{_quoted(new)} s'ajoute{'nt' if len(new) > 1 else ''}"] if new else []
    parts += [f"{_quoted(gone)} disparaît" if len(gone) == 1 else f"{_quoted(gone)} disparaissent"] if gone else []
    return ", ".join(parts) or "l'ordre des valeurs"


def _years(check: Check) -> tuple[int, int]:
    days = [_EPOCH + timedelta(days=int(float(formula))) for formula in check.formulas[:2]]
    return (days[0].year, days[-1].year) if days else (2000, 2100)


def _bounds(check: Check) -> tuple[float | None, float | None]:
    numbers = [float(formula) for formula in check.formulas]
    if check.operator == "greaterThanOrEqual":
        return numbers[0], None
    if check.operator == "lessThanOrEqual":
        return None, numbers[0]
    return (numbers[0], numbers[1]) if len(numbers) == 2 else (None, None)
