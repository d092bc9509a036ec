"""Drop-downs and checks of the columns, and the hidden tab of lists that they offer.

Each declared column has at most one check, over its whole height; it replaces whatever stands there. A column for which
none is declared keeps what people put. Columns of the system have none: a formula fills them, and a warning protects them.
The authorities offered for a visa are all of them: a check of Google's can't follow the tier of the council, which
rule LEX-10 judges anyway.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction

from cdi_sync.edges.hints import COUNTRIES_LIST, LISTS, YES_NO, Hints, list_name, lists_of
from cdi_sync.edges.workbook_google.found import Json, Sheet, Staff, columns_range, runs, same
from cdi_sync.model import Column, Tab
from cdi_sync.shown import quoted
from cdi_sync.tables import letters

_LISTS_ID = 710_000_001  # of the tab of lists when it has to be made
_OUR_NAMES = ("liste_", "etapes_")  # how the names of lists begin
HOUR, WHOLE = "Heure : hh:mm, comme 10:30.", "Un nombre entier"
WORDS = (  # how the messages of our checks begin
    "Choisir une valeur", "Pays, en français", "Répondre Oui", HOUR, "Numéro d'une ligne", "Date : ", "Un nombre",
)  # fmt: skip


# ------------------------------------------------------------------------------------------------------ lists


class Lists:
    """The hidden tab of lists: a column each, its name above its values."""

    def __init__(self, tabs: Sequence[Tab], hints: Hints, sheet: Sheet | None, taken: set[int]) -> None:
        self._lists = lists_of(tabs, hints)
        self._at = {name: at for at, name in enumerate(self._lists)}
        self._sheet = sheet
        self.id = next(n for n in range(_LISTS_ID, _LISTS_ID + 1_000) if n not in taken) if sheet is None else sheet.id

    @property
    def _height(self) -> int:
        return 1 + max(map(len, self._lists.values()))

    def place(self, name: str) -> str:
        """Where the values of a list stand, as a check names it: "=Listes!$A$2:$A$5"."""
        letter = letters(self._at[name] + 1)
        title = self._sheet.title if self._sheet else LISTS
        return f"={quoted(title)}!${letter}$2:${letter}${1 + len(self._lists[name])}"

    def laying(self) -> Iterator[Json]:
        """The tab, big enough, with what it must hold and nothing else."""
        width, height = len(self._lists), self._height
        if self._sheet is None:
            grid = {"rowCount": height, "columnCount": width}
            yield {
                "addSheet": {"properties": {"sheetId": self.id, "title": LISTS, "hidden": True, "gridProperties": grid}}
            }
        else:
            yield from enlarged(self._sheet, rows=height, columns=width)
        if self._sheet is None or self._held(self._sheet) != self._wanted():
            rows = [{"values": [_entered(text) for text in line]} for line in self._wanted_rows()]
            yield {"updateCells": {"range": {"sheetId": self.id}, "rows": rows, "fields": "userEnteredValue"}}

    def _wanted(self) -> Mapping[tuple[int, int], str]:
        lines = enumerate(self._wanted_rows())
        return {(row, column): text for row, line in lines for column, text in enumerate(line) if text}

    def _wanted_rows(self) -> Sequence[Sequence[str]]:
        columns = [[name, *values] for name, values in self._lists.items()]
        return [[column[row] if row < len(column) else "" for column in columns] for row in range(self._height)]

    def _held(self, sheet: Sheet) -> Mapping[tuple[int, int], object]:
        found = {at: cell.get("userEnteredValue") for at, cell in sheet.cells.items()}
        return {at: value.get("stringValue", value) for at, value in found.items() if value}

    def naming(self, named: Sequence[Json]) -> Iterator[Json]:
        """The names of the lists. named: all the names that the spreadsheet has; those of lists that are no more go."""
        known = {str(each.get("name", "")).casefold(): each for each in named}
        for name, values in self._lists.items():
            at = self._at[name]
            where = {"sheetId": self.id, "startRowIndex": 1, "endRowIndex": 1 + len(values),
                     "startColumnIndex": at, "endColumnIndex": at + 1}  # fmt: skip
            held = known.get(name.casefold())
            if held is None:
                yield {"addNamedRange": {"namedRange": {"name": name, "range": where}}}
            elif not same(where, held.get("range")):
                changed = {"namedRangeId": held["namedRangeId"], "range": where}
                yield {"updateNamedRange": {"namedRange": changed, "fields": "range"}}
        for each in named:
            name = str(each.get("name", ""))
            is_ours = name.startswith(_OUR_NAMES) and int((each.get("range") or {}).get("sheetId") or 0) == self.id
            if is_ours and name not in self._lists:
                yield {"deleteNamedRange": {"namedRangeId": each["namedRangeId"]}}


def _entered(text: str) -> Json:
    return {"userEnteredValue": {"stringValue": text}} if text else {}


def enlarged(sheet: Sheet, *, rows: int, columns: int) -> Iterator[Json]:
    """Gives a sheet the rows and columns that it lacks."""
    wanted = {"rowCount": max(rows, sheet.rows), "columnCount": max(columns, sheet.columns)}
    lacking = [name for name, number in wanted.items() if number > int(sheet.grid.get(name) or 0)]
    if lacking:
        properties = {"sheetId": sheet.id, "gridProperties": {name: wanted[name] for name in lacking}}
        fields = ",".join(f"gridProperties.{name}" for name in lacking)
        yield {"updateSheetProperties": {"properties": properties, "fields": fields}}


# ----------------------------------------------------------------------------------------------------- checks


def checks(staff: Staff, lists: Lists, others: Mapping[str, Staff]) -> Iterator[Json]:
    """The checks of a tab, where they aren't what they must be. others: every tab, by name."""
    wrong = [
        (place.at, wanted)
        for place in staff.places
        for wanted in [rule(staff.tab, place.column, lists, others)]
        if wanted and not all(same(wanted, cell.get("dataValidation")) for cell in staff.sheet.below(place.at))
    ]
    for first, end, rules in runs(wrong, repr):
        where = columns_range(staff.sheet, first, end)
        yield {"setDataValidation": {"range": where, "rule": rules[0], "filteredRowsIncluded": True}}


def rule(tab: Tab, column: Column, lists: Lists, others: Mapping[str, Staff]) -> Json | None:
    """The DataValidationRule of a column, None when anything may be typed."""
    if column.is_system:
        return None
    if column.categories:
        return _listed(lists.place(list_name(tab, column)), "Choisir une valeur dans la liste déroulante.")
    if column.format == "country":
        return _listed(lists.place(COUNTRIES_LIST), "Pays, en français : choisir dans la liste.", strict=False)
    if column.type == "boolean":
        return _listed(lists.place(YES_NO), "Répondre Oui ou Non.")
    if column.type == "reference":
        return _reference(others.get(column.reference))
    if column.type == "date":
        return _between_days(*column.years)
    if column.type == "time":
        return _check("NUMBER_BETWEEN", ["0", "1"], HOUR, strict=False)
    return _bounds(column) if column.type in ("integer", "number") else None


def _check(kind: str, values: Sequence[str], words: str, *, strict: bool) -> Json:
    """words: shown on the cell, and when what is typed is refused or only doubted. strict: it is refused."""
    condition = {"type": kind, "values": [{"userEnteredValue": value} for value in values]}
    return {"condition": condition, "inputMessage": words, "strict": strict}


def _listed(place: str, words: str, *, strict: bool = True) -> Json:
    return {**_check("ONE_OF_RANGE", [place], words, strict=strict), "showCustomUi": True}


def _reference(other: Staff | None) -> Json | None:
    """The numbers of another tab, proposed: an official code may stand for one, so anything else is only doubted."""
    if other is None or other.tab.columns[0].key not in other.at:
        return None
    letter, title = letters(other.at[other.tab.columns[0].key] + 1), other.sheet.title
    words = f"Numéro d'une ligne de l'onglet {title}."
    return _listed(f"={quoted(title)}!${letter}$2:${letter}", words, strict=False)


def _between_days(first: int, last: int) -> Json:
    # as formulas, since a date in figures would be read in the language of the spreadsheet
    bounds = [f"=DATE({day.year};{day.month};{day.day})" for day in (date(first, 1, 1), date(last, 12, 31))]
    return _check("DATE_BETWEEN", bounds, f"Date : jj/mm/aaaa, entre {first} et {last}.", strict=False)


def _bounds(column: Column) -> Json | None:
    noun = WHOLE if column.type == "integer" else "Un nombre"
    low, high = column.minimum, column.maximum
    if low is not None and high is not None:
        words = f"{noun} entre {low:g} et {high:g} est attendu."
        return _check("NUMBER_BETWEEN", [_number(low), _number(high)], words, strict=True)
    if low is not None:
        return _check("NUMBER_GREATER_THAN_EQ", [_number(low)], f"{noun} d'au moins {low:g} est attendu.", strict=True)
    if high is not None:
        return _check("NUMBER_LESS_THAN_EQ", [_number(high)], f"{noun} d'au plus {high:g} est attendu.", strict=True)
    return None


def _number(value: float) -> str:
    """A number that every language reads alike: a fraction has no decimal point."""
    exact = Fraction(str(value))
    return str(exact.numerator) if exact.denominator == 1 else f"={exact.numerator}/{exact.denominator}"
