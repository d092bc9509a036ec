"""The people of the reminders' tests: one in each role of a council, named by their address."""

from collections.abc import Sequence
from datetime import date

from cdi_sync.assessment import assess
from cdi_sync.model import Assessment, Notice
from tests.registries import Rows, knowledge, merged, registry

_PEOPLE = (  # CON-00001 to CON-00008
    ("PRESIDENT", "president"), ("DGS_DS", "dgs"), ("SECRETAIRE_CONSEIL", "secretaire"), ("REFERENT_CDI", "referent"),
    ("POINT_FOCAL", "focal"), ("MEMBRE_EQUIPE", "moderateur"), ("MEMBRE_EQUIPE", "rapporteur"),
    ("RESPONSABLE_ACTION", "responsable"),
)  # fmt: skip
STAFF: Rows = {
    "contacts": [
        {"fonction_role": role, "courriel_institutionnel": f"{name}@essai.example", "collectivite": "COL-00001"}
        for role, name in _PEOPLE
    ]
}


def seen(rows: Rows, today: date, staff: Rows = STAFF) -> Assessment:
    return assess(registry(merged(rows, staff)), knowledge(), today)


def notices(rows: Rows, today: date, staff: Rows = STAFF) -> tuple[Notice, ...]:
    return seen(rows, today, staff).notices


def heard(rows: Rows, today: date, staff: Rows = STAFF) -> set[tuple[str, str]]:
    """(reminder, step) of the notices due."""
    return {(notice.reminder, notice.step) for notice in notices(rows, today, staff)}


def said_to(rows: Rows, today: date, staff: Rows = STAFF) -> list[str]:
    """Who hears, by name, in order; "" for a role that nobody can stand for."""
    return names(notices(rows, today, staff))


def names(told: Sequence[Notice]) -> list[str]:
    return sorted(notice.to.partition("@")[0] for notice in told)
