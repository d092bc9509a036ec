"""What several families of checks share."""

from cdi_sync.model import Case
from cdi_sync.rules.outcomes import Subject

LOCAL_AUTHORITIES = ("COLLECTIVITE_ETRANGERE", "GROUPEMENT_CT_ETRANGER")
FINAL_RESULTS = ("ADOPTEE", "REJETEE")
NO_LIMIT = "aucun délai enregistré pour cette collectivité à cette date"


def case_of(subject: Subject) -> Case:
    """The agreement that the row belongs to, for checks that speak of nothing else."""
    assert subject.case is not None, "this check speaks of an agreement"
    return subject.case
