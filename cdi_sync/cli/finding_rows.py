"""The row that a person means by its number, whatever its tab."""

import re
from collections.abc import Collection
from difflib import get_close_matches
from typing import TYPE_CHECKING

from cdi_sync.errors import UnknownIdError

if TYPE_CHECKING:
    from cdi_sync.assessment import Knowledge
    from cdi_sync.edges.installation import Reading
    from cdi_sync.model import Row


def find_row(id_: str, reading: "Reading", knowledge: "Knowledge") -> "Row":
    """The row that has that number. Raises UnknownIdError: no row has it (those that come near), or it is still empty."""
    wanted, registry = id_.upper(), reading.assessment.registry
    ids = {row.id: row for rows in registry.rows.values() for row in rows}
    if wanted in ids:
        return ids[wanted]
    for tab, spare in registry.spare.items():
        if wanted in spare.values():
            raise UnknownIdError(f"La ligne {wanted} est encore vide.",
                                 fix=f"La remplir dans l'onglet {registry.layouts[tab].title}.")  # fmt: skip
    near = _meant(wanted, ids)
    prefixes = ", ".join(f"{tab.prefix} ({tab.title})" for tab in knowledge.tabs.values())
    raise UnknownIdError(
        f"Aucune ligne ne porte le numéro « {id_} ».",
        why="" if near else f"Un numéro commence par celui de son onglet : {prefixes}.",
        fix=f"Vouliez-vous dire {' ou '.join(near)} ?" if near else "Les numéros sont en colonne A de chaque onglet.",
    )


def _meant(wanted: str, ids: Collection[str]) -> list[str]:
    """The numbers that come near: the same one with other zeros first, then those that look like it."""
    if typed := re.fullmatch(r"([A-Z]+)\W*0*(\d+)", wanted):
        same = [id_ for id_ in ids if re.fullmatch(rf"{typed[1]}-0*{typed[2]}", id_)]
        if same:
            return same
    return get_close_matches(wanted, list(ids), n=3, cutoff=0.7)
