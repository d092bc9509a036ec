"""What the parameters tab states in words: where the data are hosted, and under which declaration (law 09-08). Pure.

The tab's other lines are numbers of our own choosing, that `law.toml` declares; these are facts about an installation.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from cdi_sync.model import Row

DECLARATION = "cndp_recepisse"  # reference of the CNDP's receipt
HOSTED_IN = "hebergement_pays"  # country where the workbook is kept
TRANSFER = "transfert_autorisation"  # reference of the authorisation to keep it abroad
PARAMETERS = frozenset({DECLARATION, HOSTED_IN, TRANSFER})


def stated(parameters: Iterable[Row], today: date) -> Mapping[str, Row]:
    """Key → its line on that day; of several that are valid, the one that began last."""
    lines = [row for row in parameters if not row.quarantined and row["cle"] in PARAMETERS and _holds(row, today)]
    return {row.text("cle"): row for row in sorted(lines, key=lambda row: row.day("valable_du") or date.min)}


def _holds(row: Row, today: date) -> bool:
    since, until = row.day("valable_du"), row.day("valable_au")
    return (since is None or since <= today) and (until is None or today <= until)
