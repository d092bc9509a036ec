"""A meeting's agenda and its minutes (guide, axe 2 §3): when it is held on both clocks, who comes, what was decided. Pure.

The minutes keep to the three headings that the guide gives them: decisions, points still open, actions adopted.
"""

from collections.abc import Sequence
from datetime import date

from cdi_sync.documents.facts import Fact, Facts, Pen, Said, Subject, typed
from cdi_sync.documents.tables import NOTHING, actions, names_of, optional, person, still_open
from cdi_sync.mail.guests import facts_of
from cdi_sync.mail.hours import UNIVERSAL, Clock, clocks, full_day
from cdi_sync.meetings import is_planned
from cdi_sync.model import Row
from cdi_sync.text import fold

_NOT_ASKED = "sans objet"


def agenda_facts(subject: Subject, pen: Pen) -> Facts:
    """What both documents say of a meeting, and what the one before left open. Tables: invites, points."""
    before = previous(subject)
    return {
        **_meeting(subject, pen),
        "invites": _people(subject, "participants_invites", pen),
        "decisions_precedentes": _left(before, "reunions.cr_decisions", pen),
        "points_reportes": _left(before, "reunions.points_prochaine_reunion", pen),
    }


def minutes_facts(subject: Subject, pen: Pen) -> Facts:
    """What was said, decided and left open. Tables: participants, points, actions (of the plan, still to be done).

    reste_des_actions: false when the plan holds none of these.
    """
    row, left = subject.row, still_open(subject)
    return {
        **_meeting(subject, pen),
        "participants": _people(subject, "participants_presents", pen),
        "absents": _absent(subject, pen),
        "points_tous_abordes": pen.cell(row, "reunions.points_tous_abordes"),
        "decisions": pen.cell(row, "reunions.cr_decisions"),
        "points_ouverts": pen.cell(row, "reunions.cr_points_ouverts"),
        "actions_adoptees": pen.cell(row, "reunions.cr_plan_actions"),
        "actions": actions(subject, left, pen),
        "reste_des_actions": bool(left),
        "prochaine_date": pen.cell(row, "reunions.date_prochaine_reunion"),
        "prochains_points": pen.cell(row, "reunions.points_prochaine_reunion"),
        "date_diffusion": pen.cell(row, "reunions.date_diffusion_cr"),
        "destinataires": pen.cell(row, "reunions.diffusion_liste"),
    }


def _meeting(subject: Subject, pen: Pen) -> Facts:
    row = subject.row
    day = row.day("date")
    return {
        "type_reunion": pen.cell(row, "reunions.type"),
        "date_reunion": Fact(full_day(day, pen.language)) if day else pen.missing("reunions.date", "", row),
        **_hours(subject, pen),
        "mode": pen.cell(row, "reunions.mode"),
        "lieu": _place(row, "lieu", "A_DISTANCE", pen),
        "plateforme": _place(row, "plateforme", "PRESENTIEL", pen),
        "lien": _place(row, "lien", "PRESENTIEL", pen),
        "organe": _body(subject, pen),
        "moderateur": person(subject, pen, row, "reunions.moderateur"),
        "rapporteur": person(subject, pen, row, "reunions.rapporteur"),
        "points": _points(row, pen),
    }


# ----------------------------------------------------------------------------------------------------- both clocks


def _hours(subject: Subject, pen: Pen) -> Facts:
    """`heure_collectivite`, `heure_partenaire`: what each clock shows, or which cell is missing."""
    row, told = subject.row, facts_of(subject.row, subject.case)
    if told is None or told.begins is None:
        # hours can't be placed on a clock without a day, nor in a zone that no one knows
        cell = next((key for key in ("date", "heure_debut") if row[key] is None), "fuseau_ct")
        missing = pen.missing(f"reunions.{cell}", "", row)
        return {"heure_collectivite": missing, "heure_partenaire": missing}
    shown = clocks(told.begins, told.ends, told.here, told.there, pen.language)
    here = Fact(_clock(shown[0]))
    if row["mode"] == "PRESENTIEL":
        return {"heure_collectivite": here, "heure_partenaire": pen.say(_NOT_ASKED)}
    if told.there == UNIVERSAL:
        return {"heure_collectivite": here, "heure_partenaire": pen.missing("reunions.fuseau_partenaire", "", row)}
    return {"heure_collectivite": here, "heure_partenaire": Fact(_clock(shown[-1]))}


def _clock(clock: Clock) -> str:
    """« 10:00 – 11:30 (France, UTC+1) », with the day when it is another one there."""
    place = ", ".join(filter(None, (clock.where, clock.offset)))
    return f"{clock.hours} ({place})" + (f", {clock.day}" if clock.day else "")


def _place(row: Row, column: str, without: str, pen: Pen) -> Said:
    return pen.say(_NOT_ASKED) if row["mode"] == without else pen.cell(row, f"reunions.{column}")


def _body(subject: Subject, pen: Pen) -> Said:
    number = subject.row["id_organe"]
    held = next((row for row in subject.case.bodies if row.id == number), None)
    return pen.cell(held, "organes.type") if held else NOTHING


# -------------------------------------------------------------------------------------------------- people, points


def _people(subject: Subject, column: str, pen: Pen) -> Sequence[Facts]:
    """The people that a cell lists, by name where it gives a contact's number: a line each, `nom`."""
    listed = _listed(subject, column)
    return [{"nom": Fact(name)} for name in listed] or [{"nom": pen.missing(f"reunions.{column}", "", subject.row)}]


def _listed(subject: Subject, column: str) -> list[str]:
    typed_list, names = subject.row[column], names_of(subject)
    return [typed(names.get(part) or part) for part in (typed_list if isinstance(typed_list, tuple) else ())]


def _absent(subject: Subject, pen: Pen) -> Said:
    """The guests whom the list of those present doesn't name, written as it writes them."""
    invited, present = _listed(subject, "participants_invites"), _listed(subject, "participants_presents")
    if not invited:
        return NOTHING
    if not present:
        return pen.missing("reunions.participants_presents", "", subject.row)
    came = {fold(name) for name in present}
    away = [name for name in invited if fold(name) not in came]
    return Fact(pen.join(away)) if away else pen.say("personne")


def _points(row: Row, pen: Pen) -> Sequence[Facts]:
    """The points of the agenda, told apart by semicolons or lines: `numero`, `texte`."""
    parts = [part for line in typed(row.text("ordre_du_jour")).splitlines() for part in line.split(";")]
    told = [part.strip() for part in parts if part.strip()]
    if not told:
        return [{"numero": NOTHING, "texte": pen.missing("reunions.ordre_du_jour", "", row)}]
    return [{"numero": Fact(str(number)), "texte": Fact(text)} for number, text in enumerate(told, start=1)]


# ------------------------------------------------------------------------------------------------ the one before


def previous(subject: Subject) -> Row | None:
    """The last meeting before this one: of the same body, or of none like this one. None when this one has no day."""
    day, row = subject.row.day("date"), subject.row
    earlier = [other for other in subject.case.meetings if is_planned(other) and _is_earlier(other, row, day)]
    return max(earlier, key=lambda other: str(other["date"]), default=None)


def _is_earlier(other: Row, row: Row, day: date | None) -> bool:
    held = other.day("date")
    return bool(day and held and held < day) and other["id_organe"] == row["id_organe"]


def _left(before: Row | None, place: str, pen: Pen) -> Said:
    return optional(before, place, pen) if before else pen.say("aucune réunion avant celle-ci")
