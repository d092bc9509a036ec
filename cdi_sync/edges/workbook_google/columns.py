"""How a staff tab shows what the system knows: one hidden tab by identifier, one array formula a column. Pure.

`_calcul` holds a row for each row of the registry: its identifier, then the values of the tab's system columns in the
order of their declaration. The header of each of these columns is a formula that looks them up, so that sorting,
inserting and moving rows can't part a value from its row. Its arguments are separated by « ; », which Google reads in
every language, and it looks from its own row down: a row inserted under the headers stays inside.
"""

from collections.abc import Sequence

from cdi_sync.model import Column, Tab
from cdi_sync.tables import letters

CALC = "_calcul"
CALC_HEAD = "Identifiant"
ANCHOR = "cdi_colonne"  # key of the developer metadata by which a column is found again: value "actes.etape"
TAB_ANCHOR = "cdi_onglet"  # that by which a renamed tab is: value "actes", or the title of a tab of the system's


def shown_columns(tab: Tab) -> Sequence[Column]:
    """The system columns that show `_calcul`, in the order of its own columns from the second on."""
    return [column for column in tab.columns[1:] if column.is_system]


def calc_width(tabs: Sequence[Tab]) -> int:
    """Columns of `_calcul`."""
    return 1 + max((len(shown_columns(tab)) for tab in tabs), default=0)


def header_formula(column: Column, slot: int, *, row: int, id_position: int, width: int) -> str:
    """The header of a system column, in row `row`. slot: its place in `_calcul`, from 2. width: columns of `_calcul`."""
    ids = f"${letters(id_position)}{row}:${letters(id_position)}"
    title = column.title.replace('"', '""')
    looked_up = f"VLOOKUP({ids};{CALC}!$A:${letters(width)};{slot};FALSE)"
    return f'=ARRAYFORMULA(IF(ROW({ids})=ROW();"{title}";IF({ids}="";;IFNA({looked_up}))))'


def anchor(tab: Tab, column: Column) -> str:
    """The value of a column's developer metadata."""
    return f"{tab.name}.{column.key}"
