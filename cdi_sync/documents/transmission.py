"""The letter by which a council sends a file to the Wali or the Governor (guide, axe 2 §1 and §2). Pure.

What it sends follows from the step: a twinning's report, a membership's request, or the minutes of a vote with what goes with them.
"""

from collections.abc import Sequence

from cdi_sync.casefile import MAIN_OBJECTS
from cdi_sync.documents.common import VISA, article, joined, or_one_empty, total, vote_facts, vote_on
from cdi_sync.documents.facts import Fact, Facts, Pen, Said, Subject
from cdi_sync.documents.membership import PIECES
from cdi_sync.model import Form, Row
from cdi_sync.pieces import CONDITIONS

_REPORT_STAGES = ("J00", "J10", "J20", "J30", "J40", "J45", "J50", "J-R")  # of a twinning: before its vote
_TWINNING_COSTS = ("JUM_TRANSPORT", "JUM_HEBERGEMENT", "JUM_RESTAURATION", "JUM_COMMUNICATION", "JUM_AUTRE")


def transmission_facts(subject: Subject, pen: Pen) -> Facts:
    """What is sent (est_rapport, est_adhesion or est_deliberation), what is joined, the vote, a twinning's costs.

    avec_visa: the deliberation waits for a visa; a twinning's waits for the Royal approval alone (guide, axe 2 §1-d).
    """
    form = subject.case.form
    is_report = form is Form.JUMELAGE and subject.stage in _REPORT_STAGES
    costs = [row for row in subject.case.money if row["nature_depense"] in _TWINNING_COSTS]
    return {
        "est_rapport": is_report,
        "est_adhesion": form is Form.ADHESION_OING,
        "est_deliberation": not is_report and form is not Form.ADHESION_OING,
        "avec_visa": not is_report and form is not Form.JUMELAGE,
        "article_visa": article(subject, VISA, pen),
        "avec_depenses": not is_report and form is Form.JUMELAGE,
        "jointes": _joined(subject, pen, is_report=is_report),
        "depenses": _costs(costs, pen),
        "total_depenses": total(costs, "budget.montant_prevu", pen, "total des dépenses"),
        **vote_facts(subject, MAIN_OBJECTS, pen),
    }


def _joined(subject: Subject, pen: Pen, *, is_report: bool) -> Sequence[Facts]:
    if is_report:
        return _report_pieces(subject, pen)
    if subject.case.form is Form.ADHESION_OING:
        return _membership_pieces(subject, pen)
    return _vote_pieces(subject, pen)


def _numbered(pieces: Sequence[tuple[str, Said]], pen: Pen) -> Sequence[Facts]:
    return [
        {"rang": Fact(pen.number(rank)), "piece": pen.say(title), "ou": where}
        for rank, (title, where) in enumerate(pieces, start=1)
    ]


def _report_pieces(subject: Subject, pen: Pen) -> Sequence[Facts]:
    ready = pen.cell(subject.case.act, "actes.date_rapport_pret", "jour où le rapport est prêt")
    copies = joined(subject, "RAPPORT_CORRESPONDANCES", pen, "adresse des copies des correspondances")
    return _numbered(
        [("Rapport détaillé sur la proposition de jumelage", ready), ("Copies des correspondances échangées", copies)],
        pen,
    )


def _membership_pieces(subject: Subject, pen: Pen) -> Sequence[Facts]:
    own = [(title, joined(subject, code, pen, "adresse de la pièce")) for code, title in PIECES.items()]
    return _numbered([*own, ("Procès-verbal de la délibération", _minutes(subject, pen))], pen)


def _vote_pieces(subject: Subject, pen: Pen) -> Sequence[Facts]:
    act = subject.case.act
    pieces = [("Procès-verbal de la délibération", _minutes(subject, pen))]
    if subject.case.form is Form.JUMELAGE:
        spent = pen.cell(act, "actes.etat_detaille_depenses", "adresse de l'état détaillé des dépenses")
        means = pen.cell(act, "actes.dispositions_materielles", "adresse des dispositions matérielles")
        pieces += [("État détaillé des dépenses du jumelage", spent), ("Dispositions matérielles", means)]
    else:
        agreed = pen.cell(act, "actes.date_projet_convention", "date du projet de convention")
        pieces.append(("Projet de convention accepté des deux parties", agreed))
        if CONDITIONS["cdd"](subject.case, act):
            request = joined(subject, "CDD_DEMANDE", pen, "adresse du dossier du compte")
            pieces.append(("Dossier de création du compte de dépenses sur dotations", request))
    return _numbered(pieces, pen)


def _minutes(subject: Subject, pen: Pen) -> Said:
    vote = vote_on(subject, MAIN_OBJECTS)
    return pen.cell(vote, "deliberations.lien_pv", "adresse du procès-verbal")


def _costs(rows: Sequence[Row], pen: Pen) -> Sequence[Facts]:
    return [
        {
            "nature": pen.cell(row, "budget.nature_depense", "nature de la dépense"),
            "phase": pen.cell(row, "budget.phase", "phase"),
            "montant": pen.cell(row, "budget.montant_prevu", "montant prévu"),
        }
        for row in or_one_empty(rows)
    ]
