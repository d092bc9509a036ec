"""What stands around the cells of a shared registry: looks, drop-downs, protections, colours, names, views, charts.

Pure: what a spreadsheet holds in, requests of spreadsheets.batchUpdate out, none when it is as declared. The tabs, the
titles of row 1, the formulas of the system's columns and the numbers of column A are laid elsewhere. What is ours is
found again by marks that stay: the description of a protection, the name of a range, the title of a view or a chart, a
mark in the formula of a rule, the column of a check. What people added themselves is left alone, and what each of them
may like otherwise is set only once (see `looks`).

    book = get(fields=PROPERTIES)
    requests = furnishing(get(fields=FIELDS, ranges=ranges(book, tabs)), tabs, hints)
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cdi_sync.edges.hints import LISTS, Hints
from cdi_sync.edges.workbook_google.charts import charts
from cdi_sync.edges.workbook_google.checks import Lists, checks
from cdi_sync.edges.workbook_google.colours import colours
from cdi_sync.edges.workbook_google.columns import CALC
from cdi_sync.edges.workbook_google.found import FIELDS, Json, Sheet, sampled, sheets_of, staff_of, titled
from cdi_sync.edges.workbook_google.guards import new_guard, staff_guards, system_guards
from cdi_sync.edges.workbook_google.language import LOCALE, TIME_ZONE
from cdi_sync.edges.workbook_google.looks import SYSTEM_TABS, staff_looks, system_looks
from cdi_sync.edges.workbook_google.views import views
from cdi_sync.model import Tab
from cdi_sync.shown import DASHBOARD, quoted

__all__ = ["FIELDS", "LOCALE", "PROPERTIES", "TIME_ZONE", "furnishing", "ranges"]

PROPERTIES = "sheets.properties"  # the fields that `ranges` needs


def ranges(resource: Mapping[str, Any], tabs: Sequence[Tab]) -> Sequence[str]:
    """The ranges to read with `FIELDS`: of each declared tab the titles and a few rows that stand for the others.

    Every cell would be tens of megabytes. Of the other tabs of ours, the lists are read whole and the rest by one cell,
    since a sheet that no range touches isn't answered.
    """
    sheets = sheets_of(resource)
    staff = [each.sheet for each in staff_of(sheets, tabs)]
    found = [f"{quoted(sheet.title)}!{row + 1}:{row + 1}" for sheet in staff for row in (0, *sampled(sheet.rows))]
    found += [f"{quoted(sheet.title)}!A1" for sheet in _system(sheets)]
    if lists := titled(sheets, LISTS):
        found.append(quoted(lists.title))
    return found


def furnishing(resource: Mapping[str, Any], tabs: Sequence[Tab], hints: Hints) -> Sequence[Json]:
    """The requests that bring a spreadsheet to its declared state, in the order of one batchUpdate; [] when it is there.

    resource: the answer of spreadsheets.get with the fields `FIELDS` and the ranges of `ranges`. tabs: in their order.
    A tab or a column that isn't there is left out.
    """
    sheets = sheets_of(resource)
    staff = list(staff_of(sheets, tabs))
    found = titled(sheets, LISTS)
    taken = {int((each.get("properties") or {}).get("sheetId") or 0) for each in resource.get("sheets") or ()}
    lists = Lists(tabs, hints, found, taken)
    return [
        *_settings(resource.get("properties") or {}),
        *lists.laying(),
        *lists.naming(resource.get("namedRanges") or ()),
        *_of_system(sheets, found, lists),
        *(
            request
            for each in staff
            for part in (
                staff_looks(each, hints),
                checks(each, lists, {other.tab.name: other for other in staff}),
                colours(each, hints),
                staff_guards(each),
                views(each, hints),
            )
            for request in part
        ),
    ]


def _settings(properties: Mapping[str, Any]) -> Iterator[Json]:
    """The language and the hour in which the spreadsheet reads what people type."""
    wanted = {"locale": LOCALE, "timeZone": TIME_ZONE}
    wrong = {name: value for name, value in wanted.items() if properties.get(name) != value}
    if wrong:
        yield {"updateSpreadsheetProperties": {"properties": wrong, "fields": ",".join(wrong)}}


def _of_system(sheets: Sequence[Sheet], found: Sheet | None, lists: Lists) -> Iterator[Json]:
    """The tabs that the software writes; `found` is that of the lists."""
    for sheet in [*_system(sheets), *([found] if found else [])]:
        yield from system_looks(sheet)
        yield from system_guards(sheet)
        if sheet.title == DASHBOARD:
            yield from charts(sheet)
    if found is None:
        yield new_guard(lists.id)


def _system(sheets: Sequence[Sheet]) -> Sequence[Sheet]:
    return [sheet for sheet in sheets if sheet.title in (*SYSTEM_TABS, CALC)]
