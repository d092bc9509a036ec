"""What several documents show alike: who pays, who steers, what is planned, the clauses of a checklist. Pure.

A table that has no row yet shows one, whose cells say what is missing and where to type it.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta

from babel.dates import format_timedelta

from cdi_sync.casefile import DONE
from cdi_sync.documents.facts import Fact, Facts, Missing, Pen, Said, Subject, typed
from cdi_sync.meetings import is_dissolved
from cdi_sync.model import Row

_POINTER = re.compile(
    r"\b(?:articles?|art\.|annexes?|pages?|chapitres?|visas?|المادة|الملحق|الصفحة) ?\d", re.IGNORECASE
)
_LONGEST_POINTER = 120  # characters: a longer text says something by itself
CLAUSE = "pieces_clauses.contenu"
DIRHAM = "MAD"
_NEVER_YEARS = 1e6  # « 36 mois » and not « 3 ans »
NOTHING = Fact("—")  # an optional cell that nobody filled


# --------------------------------------------------------------------------------------------------------- people


def person(subject: Subject, pen: Pen, row: Row | None, place: str, what: str = "") -> Said:
    """The name of the contact that a cell designates. place, what: as for `Pen.cell`."""
    number = row.text(place.partition(".")[2]) if row else ""
    name = names_of(subject).get(number, "")
    return Fact(typed(name)) if name else pen.missing(place, what, row)


def names_of(subject: Subject) -> dict[str, str]:
    """Number of a contact → name."""
    return {row.id: row.text("nom_prenom") for row in subject.registry["contacts"] if not row.quarantined}


# --------------------------------------------------------------------------------------------------------- money


def amount(row: Row | None, places: Sequence[str], pen: Pen) -> Said:
    """A sum with its currency: the first of the cells that is filled.

    places: « onglet.colonne »; one that ends in « _mad », or whose row names no currency, is in dirhams.
    """
    for place in places:
        key = place.partition(".")[2]
        value = row.number_of(key) if row else None
        if row and value is not None:
            return Fact(f"{pen.number(value)} {_currency(row, key, pen)}")
    return pen.missing(places[0], "", row)


def _currency(row: Row, key: str, pen: Pen) -> str:
    own = "" if key.endswith("_mad") else typed(row.text("devise"))
    return pen.language.gettext(DIRHAM) if own in ("", DIRHAM) else own


def dirhams(row: Row) -> float | None:
    """A contribution in dirhams; None when nobody said."""
    converted = row.number_of("montant_mad")
    return row.number_of("montant") if converted is None and row["devise"] == "MAD" else converted


def contributions(subject: Subject) -> tuple[Row, ...]:
    """The lines of the budget that say who brings what."""
    return tuple(row for row in subject.case.money if row["type_ligne"] == "CONTRIBUTION")


def contribution_lines(subject: Subject, pen: Pen) -> Sequence[Facts]:
    """Who pays: `qui`, `montant`, `part` (of the total in dirhams), `valorisation`, `modalites`, `versement`."""
    rows = contributions(subject)
    total = total_in_dirhams(rows)
    return [_contribution(row, total, pen) for row in rows or (None,)]


def _contribution(row: Row | None, total: float | None, pen: Pen) -> Facts:
    paid = pen.cell(row, "budget.calendrier_versement")
    by = pen.cell(row, "budget.echeance")
    return {
        "qui": _contributor(row, pen),
        "montant": amount(row, ("budget.montant", "budget.montant_mad"), pen),
        "part": _share(row, total, pen),
        "valorisation": optional(row, "budget.dont_valorisation", pen),
        "modalites": pen.cell(row, "budget.modalites_mise_en_oeuvre"),
        "versement": by if isinstance(paid, Missing) and isinstance(by, Fact) else paid,
    }


def _contributor(row: Row | None, pen: Pen) -> Said:
    named = pen.cell(row, "budget.contributeur")
    kind = pen.cell(row, "budget.categorie_contributeur")
    return kind if isinstance(named, Missing) and isinstance(kind, Fact) else named


def _share(row: Row | None, total: float | None, pen: Pen) -> Said:
    mine = dirhams(row) if row else None
    if mine is None or not total:
        return pen.missing("budget.montant_mad", "", row)
    return Fact(f"{pen.number(round(100 * mine / total, 1))} %")


def total_in_dirhams(rows: Iterable[Row]) -> float | None:
    """The sum of contributions; None when there is none, or when one of them isn't known in dirhams."""
    sums = [dirhams(row) for row in rows]
    known = [value for value in sums if value is not None]
    return sum(known) if sums and len(known) == len(sums) else None


# ------------------------------------------------------------------------------------------------- bodies, actions


def living_bodies(subject: Subject) -> tuple[Row, ...]:
    """The bodies that weren't dissolved."""
    return tuple(row for row in subject.case.bodies if not is_dissolved(row, subject.today))


def bodies(subject: Subject, pen: Pen) -> Sequence[Facts]:
    """The bodies that steer: `type`, `missions`, `composition`, `frequence`."""
    return [_body(row, pen) for row in living_bodies(subject) or (None,)]


def _body(row: Row | None, pen: Pen) -> Facts:
    days = row.number_of("frequence_jours") if row and row["frequence_reunions"] == "AUTRE" else None
    often = pen.cell(row, "organes.frequence_reunions")
    return {
        "type": pen.cell(row, "organes.type"),
        "missions": pen.cell(row, "organes.missions"),
        "composition": pen.cell(row, "organes.composition"),
        "frequence": often if days is None else pen.say("tous les {jours} jours", jours=pen.number(days)),
    }


def planned(subject: Subject) -> tuple[Row, ...]:
    """The actions of the plan that weren't given up, in the order of their days; the follow-up of evaluations aside."""
    mine = [row for row in subject.case.actions if row["statut"] != "ANNULEE" and not row["id_evaluation"]]
    return tuple(sorted(mine, key=_begins))


def still_open(subject: Subject) -> tuple[Row, ...]:
    """The actions that ask for something more: those of the body that meets when it has any, else all of them."""
    rows = [row for row in subject.case.actions if row["statut"] not in DONE]
    body = subject.row["id_organe"]
    own = [row for row in rows if body and row["id_organe"] == body]
    return tuple(sorted(own or rows, key=_begins))


def _begins(row: Row) -> tuple[str, int]:
    return str(row["du"] or "9999"), row.number


def actions(subject: Subject, rows: Sequence[Row], pen: Pen) -> Sequence[Facts]:
    """Lines of the plan: `numero`, `etape`, `quoi`, `qui`, `du`, `au`, `comment`, `statut`."""
    return [_action(subject, row, pen) for row in rows or (None,)]


def _action(subject: Subject, row: Row | None, pen: Pen) -> Facts:
    return {
        "numero": Fact(row.id) if row else NOTHING,
        "etape": pen.cell(row, "plan_action.grande_etape"),
        "quoi": pen.cell(row, "plan_action.quoi_activite", "action"),
        "qui": person(subject, pen, row, "plan_action.qui_responsable", "responsable de l'action"),
        "du": pen.cell(row, "plan_action.du", "début de l'action"),
        "au": pen.cell(row, "plan_action.au", "fin de l'action"),
        "comment": pen.cell(row, "plan_action.comment_moyens", "moyens de l'action"),
        "statut": pen.cell(row, "plan_action.statut"),
    }


# ------------------------------------------------------------------------------------------- the logical framework


def framework(subject: Subject, pen: Pen) -> Sequence[Facts]:
    """The lines of the logical framework, none when the project has none.

    `niveau`, `description`, `indicateurs`, `sources`, `hypotheses`, `cible`, `est_objectif`.
    """
    return [
        {
            "niveau": pen.cell(row, "cadre_logique.niveau"),
            "description": pen.cell(row, "cadre_logique.description_projet"),
            "indicateurs": pen.cell(row, "cadre_logique.indicateurs_objectivement_verifiables"),
            "sources": pen.cell(row, "cadre_logique.sources_moyens_verification"),
            "hypotheses": optional(row, "cadre_logique.hypotheses", pen)
            if row["niveau"] == "OBJECTIF_GLOBAL"
            else pen.cell(row, "cadre_logique.hypotheses"),
            "cible": pen.cell(row, "cadre_logique.cible"),
            "est_objectif": row["niveau"] in ("OBJECTIF_GLOBAL", "OBJECTIF_SPECIFIQUE"),
        }
        for row in subject.case.logframe
    ]


def described(subject: Subject, levels: Sequence[str], what: str, pen: Pen) -> Said:
    """What the framework says at those levels, a line each. what: how to call it when it says nothing."""
    rows = [row for level in levels for row in subject.case.logframe if row["niveau"] == level]
    return together([row.text("description_projet") for row in rows], "cadre_logique.description_projet", what, pen)


def together(texts: Iterable[str], place: str, what: str, pen: Pen) -> Said:
    """Several typed texts, told one after the other; each once."""
    told = dict.fromkeys(filter(None, (typed(text).strip() for text in texts)))
    return Fact(("؛ " if pen.language.is_right_to_left else " ; ").join(told)) if told else pen.missing(place, what)


# ------------------------------------------------------------------------------------------------------ checklists


def line_of(subject: Subject, code: str) -> Row | None:
    """The line of that item: the evaluation's own when the document speaks of one, else the agreement's.

    When several have the same item, the first that says something.
    """
    owner = subject.row.id if subject.row.tab == "evaluations" else ""
    mine = [row for row in subject.case.pieces if row["piece"] == code and row.text("id_evaluation") == owner]
    return next((row for row in mine if row["contenu"]), mine[0] if mine else None)


def clauses(subject: Subject, codes: Iterable[str], what: str, pen: Pen) -> Facts:
    """What was typed for each item of a checklist, as CLA_01; CLA_01_saisie: there is something; CLA_01_dite: the text itself.

    A cell that only says where the text stands (« article 8 ») isn't the text: the template then shows its proposal
    too. what: how to call a text that is missing.
    """
    facts: dict[str, Said | bool | Sequence[Facts]] = {}
    for code in codes:
        name, line = code.replace("-", "_"), line_of(subject, code)
        content = typed(line.text("contenu")) if line else ""
        pointer = is_pointer(content)
        facts[f"{name}_saisie"] = bool(content)
        facts[f"{name}_dite"] = bool(content) and not pointer
        facts[name] = (
            pen.say("Le registre renvoie à : {endroit}", endroit=content) if pointer else pen.cell(line, CLAUSE, what)
        )
    return facts


# ------------------------------------------------------------------------------------------------------- small things


def optional(row: Row | None, place: str, pen: Pen) -> Said:
    """A cell that may well stay empty: a dash then."""
    said = pen.cell(row, place)
    return NOTHING if isinstance(said, Missing) else said


def months(count: float, pen: Pen) -> str:
    """« 36 mois », in the form that the number asks for."""
    # Babel has the plurals of months in Arabic for lengths of time alone; they are counted there by thirty days
    length = timedelta(days=30 * int(count))
    return str(format_timedelta(length, granularity="month", threshold=_NEVER_YEARS, locale=pen.language.locale))


def is_pointer(content: str) -> bool:
    """True for a short text that only says where the clause stands: « Article 8 », « Page 3 »."""
    return len(content) <= _LONGEST_POINTER and _POINTER.search(content) is not None


def filled(subject: Subject) -> Facts:
    """Whether the tables have rows of their own: `actions_saisies`, `contributions_saisies`, `organes_saisis`."""
    return {
        "actions_saisies": bool(planned(subject)),
        "contributions_saisies": bool(contributions(subject)),
        "organes_saisis": bool(living_bodies(subject)),
    }
