"""Conditional formats: colour and bold under words that are already in the cells, so that all can be read in grey.

The first rule that holds wins, so ours keep their order; those of people keep their place among them. Each of ours ends
on a mark, `N("cdi_sync : …")=0`, which is always true: a rule that somebody repainted or narrowed is found again by it.
Formulas part their arguments by ";", which every language accepts. A rule can't name another tab but through INDIRECT.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cdi_sync.edges.hints import AMBER, DARK_RED, ORANGE, RED, Hints, stages_name
from cdi_sync.edges.workbook_google.found import OURS, Json, Sheet, Staff, colour, columns_range, same
from cdi_sync.tables import letters

_MARK = re.compile(rf'N\("({re.escape(OURS)}[^"]*)"\)')
_BOLD: Json = {"bold": True}
_ALARM: Json = {"bold": True, "foregroundColorStyle": colour(DARK_RED)}
_SITUATIONS = {  # of a stage: what is signed stands out, what is over steps back
    "signe": ("signés", "DCE6F1", _BOLD),
    "vigueur": ("en vigueur", "D5EBD8", _BOLD),
    "arrete": ("arrêtés", "E3E5E8", {"strikethrough": True}),
}


class _Wanted(NamedTuple):
    """`columns`: keys of those that are painted. `test`: arguments of AND, of the row 2."""

    mark: str
    columns: Sequence[str]
    test: str
    color: str
    text: Json


def colours(staff: Staff, hints: Hints) -> Iterator[Json]:
    """Brings the rules of a tab to those that are wanted: as few requests as possible when little has changed."""
    wanted = dict(_rules(staff, hints))
    marks = [_mark(rule) for rule in staff.sheet.all("conditionalFormats")]
    surplus = [at for at, mark in enumerate(marks) if mark and (mark not in wanted or mark in marks[:at])]
    kept = [mark for at, mark in enumerate(marks) if at not in surplus]
    if [mark for mark in kept if mark] != [mark for mark in wanted if mark in kept]:  # not in their order any more
        surplus = [at for at, mark in enumerate(marks) if mark]
        kept = [mark for mark in marks if not mark]
    for at in reversed(surplus):
        yield {"deleteConditionalFormatRule": {"sheetId": staff.sheet.id, "index": at}}
    held = [rule for at, rule in enumerate(staff.sheet.all("conditionalFormats")) if at not in surplus]
    yield from _repaired(staff.sheet, wanted, kept, held)


def _repaired(sheet: Sheet, wanted: dict[str, Json], marks: list[str], held: list[Json]) -> Iterator[Json]:
    """Changes the rules that differ and adds those that lack, each before the next of ours."""
    for at, mark in enumerate(marks):
        if mark and not _is_same(sheet, wanted[mark], held[at]):
            yield {"updateConditionalFormatRule": {"index": at, "rule": wanted[mark]}}
    after = len(marks)
    places = {mark: at for at, mark in enumerate(marks) if mark}
    for mark in reversed(wanted):
        if mark in places:
            after = places[mark]
        else:  # what stands before keeps its index
            yield {"addConditionalFormatRule": {"index": after, "rule": wanted[mark]}}


def _is_same(sheet: Sheet, wanted: Json, held: Json) -> bool:
    areas = [sorted(map(sheet.area, rule.get("ranges", ()))) for rule in (wanted, held)]
    return areas[0] == areas[1] and same(wanted["booleanRule"], held.get("booleanRule"))


def _mark(rule: Json) -> str:
    """The mark of a rule of ours, "" for another's."""
    values = ((rule.get("booleanRule") or {}).get("condition") or {}).get("values") or [{}]
    found = _MARK.search(str(values[0].get("userEnteredValue", "")))
    return found[1] if found else ""


def _rules(staff: Staff, hints: Hints) -> Iterator[tuple[str, Json]]:
    for wanted in _declared(staff, hints):
        ranges = [
            columns_range(staff.sheet, staff.at[key], staff.at[key] + 1) for key in wanted.columns if key in staff.at
        ]
        mark = f"{OURS}{wanted.mark}"
        formula = f'=AND({wanted.test};N("{mark}")=0)'
        condition = {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": formula}]}
        look = {"backgroundColorStyle": colour(wanted.color), **({"textFormat": wanted.text} if wanted.text else {})}
        yield mark, {"ranges": ranges, "booleanRule": {"condition": condition, "format": look}}


def _declared(staff: Staff, hints: Hints) -> Iterator[_Wanted]:
    """The rules of a tab, by the columns that it has."""
    cell = {key: f"${letters(at + 1)}2" for key, at in staff.at.items()}
    told, left, day, stage = (cell.get(key) for key in ("a_corriger", "jours_restants", "jour_visa", "etape"))
    number = staff.tab.columns[0].key  # that of a late row shows it when the deadline is out of sight
    if told:
        yield _Wanted("à corriger, bloquant", ["a_corriger"], f'LEFT({told};1)="⛔"', ORANGE, _BOLD)
        yield _Wanted("à corriger", ["a_corriger"], f"LEN({told})>0", ORANGE, {})
    if left:
        late, soon = f"ISNUMBER({left});{left}<0", f"ISNUMBER({left});{left}>=0;{left}<=7"
        yield _Wanted("en retard", ["jours_restants", "echeance", number], late, RED, _ALARM)
        yield _Wanted("dans les sept jours", ["jours_restants"], soon, AMBER, _BOLD)
    if day:
        days = f'VALUE(LEFT({day};FIND(" ";{day})-1))'  # an error, and no colour, in an empty cell
        yield _Wanted("visa, vingt jours passés", ["jour_visa"], f"{days}>20", RED, _ALARM)
        yield _Wanted("visa, quinze jours passés", ["jour_visa"], f"{days}>=15", AMBER, _BOLD)
    if stage:
        code = f'LEFT({stage};FIND(" ";{stage})-1)'
        for situation, (words, color, text) in _SITUATIONS.items():
            if situation in hints.situations.values():
                test = f'COUNTIF(INDIRECT("{stages_name(situation)}");{code})>0'
                yield _Wanted(f"étape, actes {words}", ["etape"], test, color, text)
