"""The answers of a responses tab, which Google keeps in a spreadsheet linked to a form.

Its first row holds the titles of the questions; its first column the moments, under a name that follows the language of the
account, in the spreadsheet's own time zone. Staff's other tabs are looked at no further than their first row.
"""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cdi_sync.cells import is_blank
from cdi_sync.edges.config import Declarations
from cdi_sync.errors import RegistryError
from cdi_sync.forms.headers import recognise
from cdi_sync.forms.moments import is_ambiguous
from cdi_sync.forms.response_rows import Rows, Way, days_told, order_in, read_rows, with_moment
from cdi_sync.forms.submission import Source
from cdi_sync.model import Grid, Raw
from cdi_sync.text import fold

# how Google calls such a tab, before its number
_TITLES = tuple(
    map(fold, ("Réponses au formulaire", "Form responses", "Form_responses", "ردود النموذج", "الردود على النموذج"))
)


def zone_of(name: str) -> tzinfo:
    """The time zone that a spreadsheet says to be in. Raises RegistryError for one that doesn't exist."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise RegistryError("Le fuseau horaire de la feuille de calcul est inconnu.", where=name,
                            why="le moment des réponses ne peut pas être lu sans lui",
                            fix="Le choisir de nouveau : Fichier, Paramètres, Fuseau horaire.") from None  # fmt: skip


def read_responses(
    grids: Mapping[str, Grid], declared: Declarations, *, zone: tzinfo, at: datetime
) -> Mapping[str, Rows]:
    """Title of each responses tab → its answers. zone: the spreadsheet's; at: now.

    A tab that bears the name of one, and is of none of our forms, is told as a fault.
    """
    found = {}
    for title, grid in grids.items():
        first = next((number for number, row in enumerate(grid.rows) if not all(map(is_blank, row))), None)
        if first is None:
            continue
        headers = recognise([_header(raw) for raw in grid.rows[first]], declared.forms, declared.languages)
        if headers is None:
            if fold(title).startswith(_TITLES):
                found[title] = Rows(faults=(_NO_FORM,))
            continue
        rows = grid.rows[first + 1 :]
        way = Way(Source.TAB, zone, at, declared.tabs, date1904=grid.date1904)
        headers = with_moment(headers, rows, way)
        order = order_in(headers, rows, at=at)
        if order is None and any(map(is_ambiguous, days_told(headers, rows))):
            found[title] = Rows(faults=(_TWO_WAYS,))
            continue
        found[title] = read_rows(
            headers, rows, Way(Source.TAB, zone, at, declared.tabs, order, grid.date1904), first=first + 2
        )
    return found


_NO_FORM = (
    "ses titres ne sont ceux d'aucun de nos formulaires, adresse du demandeur comprise : ne pas changer la première ligne, "
    "ou délier ce formulaire"
)
_TWO_WAYS = (
    "la première colonne est du texte, qui peut se lire jour/mois ou mois/jour : la mettre au format « Date et heure »"
)


def _header(raw: Raw) -> str:
    return raw if isinstance(raw, str) else ""
