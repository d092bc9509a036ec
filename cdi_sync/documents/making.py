"""Which facts each document takes, and which documents a row's present step asks for. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from cdi_sync.documents.account import account_facts
from cdi_sync.documents.call import call_facts
from cdi_sync.documents.common import common_facts
from cdi_sync.documents.convention import convention_facts
from cdi_sync.documents.declaration import AFTER, BEFORE, Declared
from cdi_sync.documents.facts import Facts, Pen, Subject
from cdi_sync.documents.meeting import agenda_facts, minutes_facts
from cdi_sync.documents.membership import membership_facts
from cdi_sync.documents.terms import terms_facts
from cdi_sync.documents.transmission import transmission_facts
from cdi_sync.documents.twinning import twinning_facts
from cdi_sync.model import Assessment, Row

# name of a document → what it takes beside the facts of all
MAKERS: Mapping[str, Callable[[Subject, Pen], Facts]] = {
    "rapport_jumelage": twinning_facts,
    "demande_adhesion": membership_facts,
    "dossier_cdd": account_facts,
    "lettre_transmission": transmission_facts,
    "projet_convention": convention_facts,
    "reponse_appel": call_facts,
    "termes_de_reference": terms_facts,
    "ordre_du_jour": agenda_facts,
    "compte_rendu": minutes_facts,
}


def facts_of(document: Declared, subject: Subject, pen: Pen) -> Facts:
    """All that the template of a document may show. KeyError for a document without a maker."""
    return {**common_facts(subject, pen), **MAKERS[document.name](subject, pen)}


def due(documents: Iterable[Declared], subject: Subject) -> Sequence[Declared]:
    """The documents that the present step of that row asks for, in order."""
    return [document for document in documents if document.is_due(subject)]


def subject_of(row: Row, seen: Assessment) -> Subject | None:
    """What a document on that row speaks of; None when it is no agreement, evaluation nor meeting.

    None too when its agreement isn't known, or has no form, or when two rows bear its number.
    """
    case = seen.cases.get(row.id if row.tab == "actes" else row.text("id_acte"))
    if row.quarantined or case is None or case.form is None or row.tab not in ("actes", "evaluations", "reunions"):
        return None
    if row.tab == "reunions":
        stage, title = _moment(row, seen.as_of)
        return Subject(case, row, stage, seen.as_of, seen.registry, title)
    standing = seen.standings[case.id] if row.tab == "actes" else seen.evaluations[row.id]
    return Subject(case, row, standing.stage, seen.as_of, seen.registry, standing.stage_title)


def _moment(meeting: Row, today: date) -> tuple[str, str]:
    """The step of a meeting, and how it is called; one that was called off asks for no document."""
    if meeting.says("annulee"):
        return "", "réunion annulée"
    held = meeting.day("date")
    return (AFTER, "réunion tenue") if held and held < today else (BEFORE, "réunion à venir")
