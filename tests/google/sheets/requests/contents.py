"""What people do with a block of cells: sort, find and replace, copy, cut, paste, fill, merge, trim."""

from collections.abc import Mapping

from tests.google.sheets.requests import filling, incoming, merging, pasting, replacing, sorting
from tests.google.sheets.requests.editing import Kind

KINDS: Mapping[str, Kind] = {
    **sorting.KINDS,
    **replacing.KINDS,
    **pasting.KINDS,
    **incoming.KINDS,
    **filling.KINDS,
    **merging.KINDS,
}
