"""Groups of rows or columns, one in another, collapsed or not.

Groups are a number for each line: how many hold it. Those that touch at one depth are one group.
"""

from collections.abc import Mapping
from itertools import pairwise

from tests.google.fields import update_mask
from tests.google.sheets.requests.editing import Editing, Kind
from tests.google.sheets.requests.ranges import WORDS, Lines, count_of, lines_of, set_property
from tests.google.sheets.spreadsheet import Json

_DEEPEST = 8


def add_dimension_group(editing: Editing, request: Json) -> Json:
    """One more group around these lines, which are one level deeper for it."""
    lines = _lines(editing, request)
    depths = _depths(lines)
    for at in range(lines.start, lines.end):
        depths[at] += 1
    if max(depths) > _DEEPEST:
        raise editing.refuse(f"Cannot add a group deeper than {_DEEPEST} levels.")
    lines.sheet.properties["gridProperties"][f"{WORDS[lines.dimension]}GroupControlAfter"] = True
    return _regrouped(lines, depths)


def delete_dimension_group(editing: Editing, request: Json) -> Json:
    """One group less around these lines, which are one level higher for it."""
    lines = _lines(editing, request)
    depths = _depths(lines)
    if not any(depths[lines.start : lines.end]):
        raise editing.refuse(f"There is no group of {WORDS[lines.dimension]}s in this range.")
    for at in range(lines.start, lines.end):
        depths[at] = max(0, depths[at] - 1)
    return _regrouped(lines, depths)


def update_dimension_group(editing: Editing, request: Json) -> None:
    """Collapses a group, which hides its lines, or opens it, which shows them."""
    given = request.get("dimensionGroup") or {}
    names = update_mask(request.get("fields") or "", "DimensionGroup")
    depth = int(given.get("depth") or 0)
    if depth <= 0:
        raise editing.refuse("dimensionGroup.depth must be > 0")
    lines = _lines(editing, given)
    groups = lines.sheet.attached[_name(lines)]
    group = next((g for g in groups if g["depth"] == depth and _span(g) == (lines.start, lines.end)), None)
    if group is None:
        raise editing.refuse(f"There is no group of depth {depth} over this range of {WORDS[lines.dimension]}s.")
    if not names or "collapsed" in names:
        is_collapsed = bool(given.get("collapsed"))
        group.pop("collapsed", None)
        if is_collapsed:
            group["collapsed"] = True
        set_property(lines, "hiddenByUser", is_collapsed or None)


def _lines(editing: Editing, holder: Json) -> Lines:
    lines = lines_of(editing, holder.get("range"))
    count = count_of(lines.sheet, lines.dimension)
    if lines.start == lines.end:
        raise editing.refuse("range.endIndex must be greater than range.startIndex")
    if lines.end > count:
        raise editing.refuse(f"range.endIndex is larger than current grid size ({count})")
    return lines


def _name(lines: Lines) -> str:
    return f"{WORDS[lines.dimension]}Groups"


def _span(group: Json) -> tuple[int, int]:
    return int(group["range"].get("startIndex") or 0), int(group["range"]["endIndex"])


def _depths(lines: Lines) -> list[int]:
    depths = [0] * count_of(lines.sheet, lines.dimension)
    for group in lines.sheet.attached[_name(lines)]:
        for at in range(*_span(group)):
            depths[at] += 1
    return depths


def _regrouped(lines: Lines, depths: list[int]) -> Json:
    """Makes the groups that the depths of the lines tell; one that changes its size stays collapsed."""
    old = lines.sheet.attached[_name(lines)]
    groups: list[Json] = []
    for depth in range(1, max(depths) + 1):
        for start, end in _runs(depths, depth):
            place: Json = {"sheetId": lines.sheet.id} if lines.sheet.id else {}
            place |= {"dimension": lines.dimension, "startIndex": start, "endIndex": end}
            group: Json = {"range": place, "depth": depth}
            if _was_collapsed(old, start, end, depth):
                group["collapsed"] = True
            groups.append(group)
    lines.sheet.attached[_name(lines)] = groups
    return {"dimensionGroups": groups} if groups else {}


def _runs(depths: list[int], depth: int) -> list[tuple[int, int]]:
    """The lines at least so deep, by runs: (start, end)."""
    edges = [at for at, (one, next_) in enumerate(pairwise([0, *depths, 0])) if (one >= depth) != (next_ >= depth)]
    return list(zip(edges[::2], edges[1::2], strict=True))


def _was_collapsed(groups: list[Json], start: int, end: int, depth: int) -> bool:
    same = [group for group in groups if _span(group) == (start, end)]
    touching = [g for g in groups if g["depth"] == depth and _span(g)[0] < end and start < _span(g)[1]]
    return any(group.get("collapsed") for group in (same or touching))


KINDS: Mapping[str, Kind] = {
    "addDimensionGroup": add_dimension_group,
    "deleteDimensionGroup": delete_dimension_group,
    "updateDimensionGroup": update_dimension_group,
}
