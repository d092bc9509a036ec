"""Which cells the formulas of a sheet fill, found by the cells that are asked for."""

from collections.abc import Iterator

from tests.google.sheets.formulas.results import Place
from tests.google.sheets.formulas.values import Range


class Extents:
    """For formulas of one sheet, the area that each fills. Areas of one row, often many, are kept by row."""

    def __init__(self) -> None:
        self._tall: dict[Place, Range] = {}
        self._flat: dict[int, dict[Place, Range]] = {}

    def put(self, place: Place, area: Range) -> None:
        """The area of a formula, in place of the one that it had."""
        self.drop(place)
        (self._tall if area.height > 1 else self._flat.setdefault(place.row, {}))[place] = area

    def drop(self, place: Place) -> None:
        """The formula fills nothing any more."""
        self._tall.pop(place, None)
        self._flat.get(place.row, {}).pop(place, None)

    def of(self, place: Place) -> Range | None:
        """The area of a formula."""
        return self._tall.get(place) or self._flat.get(place.row, {}).get(place)

    def meeting(self, cells: Range) -> Iterator[tuple[Place, Range]]:
        """The formulas that fill some of these cells, with their areas."""
        rows = range(cells.top, cells.bottom)
        near = [self._flat[row] for row in (rows if len(rows) < len(self._flat) else self._flat) if row in self._flat]
        for areas in (self._tall, *near):
            for place, area in areas.items():
                if _meet(area, cells):
                    yield place, area


def _meet(one: Range, other: Range) -> bool:
    return one.top < other.bottom and other.top < one.bottom and one.left < other.right and other.left < one.right
