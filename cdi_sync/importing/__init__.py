"""An existing list made by hand → rows of the registry, decided and told, never written here.

Order: `correspondence` proposes which column of the list is which column of the registry → `values` reads each cell
under that column → `placing` makes the new rows, or says why a row or a cell is left out. Nothing is lost: every cell of
the list that holds something ends in the report, placed or left with a reason.
"""

from cdi_sync.importing.correspondence import (
    Correspondence,
    SheetPlan,
    Target,
    contradiction,
    propose,
    with_council,
)
from cdi_sync.importing.placing import Addition, CellFate, Fate, Import, Options, RowFate, place
from cdi_sync.importing.vocabulary import Vocabulary

__all__ = [
    "Addition",
    "CellFate",
    "Correspondence",
    "Fate",
    "Import",
    "Options",
    "RowFate",
    "SheetPlan",
    "Target",
    "Vocabulary",
    "contradiction",
    "place",
    "propose",
    "with_council",
]
