"""Where a case stands: replays its events over the states of its form, and says what comes next.

The states are data (`config/stages/*.toml`), in order. A state is entered when all its evidence survives; a state
that is `due` can't be jumped over, the others are implied by a later one. A setback (refusal, opposition,
observations) voids the evidence of the states after the one it returns to, when that evidence is dated on or before
it or stands on the same row. Over the state reached another may show (`living`): dormant, expired, suspended… Sources:
guide, axe 2 §2 (a, b, c); organic laws, articles 115, 109 and 118.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from cdi_sync.calendar import (
    WorkCalendar,
    counts_reception,
    minutes_last_day,
    next_usable_session,
    visa_day,
    visa_last_day,
)
from cdi_sync.casefile import answers_call, engages_nothing, events, is_opposed, main_deliberations
from cdi_sync.law import Law
from cdi_sync.living import CONDITIONS, Holds
from cdi_sync.model import Case, Event, Form, Registry, Row, Standing, Step

SITUATIONS = ("preparation", "signe", "vigueur", "arrete")  # what a state counts as, in the dashboard


@dataclass(frozen=True)
class Stage:
    """One state of a form.

    evidence: kinds of event that must all have happened; "a|b" stands for either.
    old_evidence: evidence that is enough for an act marked `historique`.
    deadline: which date is due while the case is there: "", odj, session, pv or visa.
    reading: "D-03:loi" when the state exists only with that reading of a contradiction.
    excused: "D-02:souple" when the state isn't due with that reading.
    excused_if: one of EXCUSES: with that reading the state isn't asked at all of the cases of which it holds.
    condition: name in CONCERNS when the state concerns some agreements only, "" for all.
    lifted_by: an event after which the state isn't due any more ("cloture").
    situation: one of SITUATIONS, "" for that of the state reached below it.
    """

    code: str
    title: str
    actor: str
    todo: str
    evidence: tuple[str, ...] = ()
    old_evidence: tuple[str, ...] = ()
    due: bool = False
    deadline: str = ""
    next: tuple[str, ...] = ()
    reading: str = ""
    excused: str = ""
    excused_if: str = ""
    condition: str = ""
    lifted_by: str = ""
    situation: str = "preparation"


@dataclass(frozen=True)
class Setback:
    """An event that sends a case back: evidence of the states after `back_to` is void; `state` is then shown.

    up_to: the last state whose evidence is void, "" for all of them.
    """

    event: str
    state: str
    back_to: str
    up_to: str = ""


@dataclass(frozen=True)
class Overlay:
    """A state shown over the one reached, from `first` to `last` included, while a condition of `living` holds.

    todo: what to do then, "" when the state says it.
    """

    state: str
    condition: str
    first: str
    last: str
    todo: str = ""


@dataclass(frozen=True)
class Machine:
    """The states of one form, in order, what sends a case back, and what shows over a state, by precedence.

    form: None for the states of an evaluation, whatever its agreement.
    """

    form: Form | None
    stages: tuple[Stage, ...]
    setbacks: tuple[Setback, ...]
    overlays: tuple[Overlay, ...] = ()

    def stage(self, code: str) -> Stage:
        return self.stages[self.ranks[code]]

    @cached_property
    def ranks(self) -> Mapping[str, int]:
        """Position of each state in the procedure, by code."""
        return {stage.code: rank for rank, stage in enumerate(self.stages)}


@dataclass(frozen=True)
class Replay:
    """What the events of a case prove: the states entered in order, and the state it is in."""

    stage: Stage
    since: date | None
    path: tuple[Step, ...]
    reached: int  # rank of the furthest state of the ordinary procedure whose evidence survives
    setback: Event | None = None


# ---------------------------------------------------------------------------------------------------- replay


def replay(case: Case, machine: Machine, readings: Mapping[str, str], law: Law, today: date) -> Replay:
    """The states that a case has entered, and what shows over the last one. Without evidence it is in the first one."""
    if abandoned := events(case, "abandon"):
        final = _ended(machine)
        step = Step(final.code, abandoned[-1].day, _told(abandoned[-1]))
        return Replay(final, abandoned[-1].day, (step,), reached=-1)
    path, reached = _walk(case, machine, readings)
    if over := _shown_over(case, machine, reached, law, today):
        stage, holds = over
        told = _told(holds.event) if holds.event else holds.words
        return Replay(stage, holds.since, (*path, Step(stage.code, holds.since, told)), reached)
    setback = _standing_setback(case, machine, reached)
    if setback:
        stage = machine.stage(next(s.state for s in machine.setbacks if s.event == setback.kind))
        path = (*path, Step(stage.code, setback.day, _told(setback)))
        return Replay(stage, setback.day, path, reached, setback)
    return Replay(machine.stages[reached], path[-1].since, path, reached)


def _shown_over(case: Case, machine: Machine, reached: int, law: Law, today: date) -> tuple[Stage, Holds] | None:
    for overlay in machine.overlays:
        if machine.ranks[overlay.first] <= reached <= machine.ranks[overlay.last]:
            holds = CONDITIONS[overlay.condition](case, law, today)
            if holds:
                stage, below = machine.stage(overlay.state), machine.stages[reached]
                return replace(
                    stage, todo=overlay.todo or stage.todo, situation=stage.situation or below.situation
                ), holds
    return None


def _ended(machine: Machine) -> Stage:
    code = next(s.state for s in machine.setbacks if s.event == "abandon")
    return machine.stage(code)


def _walk(case: Case, machine: Machine, readings: Mapping[str, str]) -> tuple[tuple[Step, ...], int]:
    setbacks = _setbacks(case, machine)
    since, first = _entered(machine.stages[0], _surviving(case, setbacks, 0), None)
    path = [Step(machine.stages[0].code, since, first or "ligne ouverte au registre")]
    reached = 0
    for rank, stage in enumerate(machine.stages[1:], start=1):
        if not stage.evidence or not is_read(stage, readings):
            continue
        happened = _surviving(case, setbacks, rank)
        wanted = stage.old_evidence if case.historical and stage.old_evidence else stage.evidence
        if all(_any(kind, happened) for kind in wanted):
            since, told = _entered(stage, happened, since, wanted)
            path.append(Step(stage.code, since, told))
            reached = rank
        elif _is_due(stage, case, readings) and not case.historical:
            break
    return tuple(path), reached


def is_read(stage: Stage, readings: Mapping[str, str]) -> bool:
    """True unless the state belongs to a reading of the texts that isn't the one chosen."""
    return not stage.reading or _holds(stage.reading, readings)


def _holds(reading: str, readings: Mapping[str, str]) -> bool:
    contradiction, _, name = reading.partition(":")
    return readings.get(contradiction) == name


def _is_due(stage: Stage, case: Case, readings: Mapping[str, str]) -> bool:
    excused = _holds(stage.excused, readings) and (not stage.excused_if or EXCUSES[stage.excused_if](case))
    return stage.due and CONCERNS[stage.condition](case) and not excused and not events(case, stage.lifted_by)


def is_spared(stage: Stage, case: Case, readings: Mapping[str, str]) -> bool:
    """True when the reading chosen doesn't ask that state of a case like this one (D-07)."""
    return bool(stage.excused_if) and _holds(stage.excused, readings) and EXCUSES[stage.excused_if](case)


EXCUSES: Mapping[str, Callable[[Case], bool]] = {"sans_engagement_financier": engages_nothing}


def goes_abroad(case: Case) -> bool:
    """True when the outward phase of a twinning takes place abroad."""
    return any(row["phase"] == "ALLER" and row.says("a_l_etranger") for row in case.phases)


# `si` of a state → which agreements it concerns
CONCERNS: Mapping[str, Callable[[Case], bool]] = {
    "": lambda case: True,
    "aller_a_l_etranger": goes_abroad,
    "appel": answers_call,
}


def _any(kinds: str, happened: Sequence[Event]) -> bool:
    return any(event.kind in kinds.split("|") for event in happened)


def _entered(
    stage: Stage, happened: Sequence[Event], before: date | None, wanted: tuple[str, ...] = ()
) -> tuple[date | None, str]:
    """The day a state is entered (never before the state that precedes it), and its evidence in words."""
    proofs = []
    for kinds in wanted or stage.evidence:
        mine = [event for event in happened if event.kind in kinds.split("|")]
        if mine:
            proofs.append(min(mine, key=lambda event: (event.day is None, event.day or date.max)))
    days = [event.day for event in proofs]
    known = [day for day in days if day]
    since = max([*known, before] if before else known) if known and len(known) == len(days) else None
    return since, " ; ".join(_told(event) for event in proofs)


def _told(event: Event) -> str:
    when = f" le {event.day:%d/%m/%Y}" if event.day else (f" ({event.partial})" if event.partial else "")
    return f"{EVENT_WORDS[event.kind]}{when} ({event.row.id})"


def _setbacks(case: Case, machine: Machine) -> Sequence[tuple[Event, range]]:
    """What sent a case back, with the ranks of the states whose evidence it voids."""
    last = len(machine.stages) - 1
    return [
        (event, range(machine.ranks[setback.back_to] + 1, machine.ranks.get(setback.up_to, last) + 1))
        for setback in machine.setbacks
        if setback.back_to
        for event in events(case, setback.event)
    ]


def _surviving(case: Case, setbacks: Sequence[tuple[Event, range]], rank: int) -> Sequence[Event]:
    """The events that no setback voids as evidence of the state of that rank."""
    mine = [setback for setback, void in setbacks if rank in void]
    if not mine:
        return case.events
    return tuple(event for event in case.events if not any(_voids(setback, event) for setback in mine))


def _voids(setback: Event, event: Event) -> bool:
    """A row sent back proves nothing more of itself; an agreement's row holds its whole life, which days tell apart."""
    same = (setback.row.tab, setback.row.id) == (event.row.tab, event.row.id)
    if same and (setback.row.tab != "actes" or setback.day is None):
        return True
    return bool(setback.day and event.day and event.day <= setback.day)


def _standing_setback(case: Case, machine: Machine, reached: int) -> Event | None:
    """The latest setback that shows a state of its own and that no later evidence has overcome."""
    shown = [
        event
        for setback in machine.setbacks
        if setback.state and setback.back_to and reached <= machine.ranks[setback.back_to]
        for event in events(case, setback.event)
    ]
    return max(shown, key=lambda event: (event.day or date.min, event.row.number), default=None)


def has_passed(transition: str, standing: Replay, machine: Machine) -> bool:
    """True when the case has gone through a transition such as "C50>C55", with or without evidence of its own."""
    start, _, end = transition.partition(">")
    if start not in machine.ranks or end not in machine.ranks:
        return False
    return machine.ranks[end] <= standing.reached or end == standing.stage.code


# -------------------------------------------------------------------------------------------------- standing


def next_stage(case: Case, replayed: Replay, machine: Machine, readings: Mapping[str, str]) -> Stage | None:
    """The state that ordinarily follows; None at the end. One that isn't asked of the case gives way to the next.

    After a setback, the one where the case must come again, when its state leads there.
    """
    again = [
        machine.stages[machine.ranks[setback.back_to] + 1].code
        for setback in machine.setbacks
        if replayed.setback and setback.event == replayed.setback.kind
    ]
    return _following(case, sorted(replayed.stage.next, key=lambda code: code not in again), machine, readings)


def _following(case: Case, codes: Sequence[str], machine: Machine, readings: Mapping[str, str]) -> Stage | None:
    for code in codes:
        candidate = machine.stage(code)
        if is_spared(candidate, case, readings):
            return _following(case, candidate.next, machine, readings)
        if is_read(candidate, readings) and CONCERNS[candidate.condition](case):
            return candidate
    return None


def transitions_to(
    case: Case, stage: Stage, following: Stage, machine: Machine, readings: Mapping[str, str]
) -> Sequence[str]:
    """The transitions that lead there: from the state itself, and from those in between that aren't asked of the case."""
    between = machine.stages[machine.ranks[stage.code] + 1 : machine.ranks[following.code]]
    starts = [stage, *(passed for passed in between if is_spared(passed, case, readings))]
    return [f"{start.code}>{following.code}" for start in starts]


@dataclass(frozen=True)
class Surroundings:
    """What a standing needs beside the case."""

    law: Law
    calendar: WorkCalendar
    readings: Mapping[str, str]
    registry: Registry
    today: date


def stand(
    case: Case,
    machine: Machine,
    replayed: Replay,
    around: Surroundings,
    *,
    blocked_by: Sequence[str],
    unchecked: Sequence[str],
) -> Standing:
    """What a person wants to know of a case: state, since when, next step, who acts, by when, what blocks it."""
    stage = replayed.stage
    following = next_stage(case, replayed, machine, around.readings)
    if replayed.setback and following and "inscription_odj" not in following.evidence:
        stage = replace(stage, deadline="")  # what was sent back to be corrected doesn't wait for an agenda
    due, why = _due(case, stage, around)
    return Standing(
        id=case.id,
        form=case.form,
        stage=stage.code,
        stage_title=stage.title,
        since=replayed.since,
        next_stage=following.code if following else "",
        next_step=stage.todo,
        actor=stage.actor,
        due=due,
        due_why=why,
        days_left=(due - around.today).days if due else None,
        visa_day=_visa_day(case, stage, around),
        blocked_by=tuple(blocked_by),
        unchecked=tuple(unchecked),
        path=replayed.path,
        situation=stage.situation,
        deadline=stage.deadline,
    )


def _due(case: Case, stage: Stage, around: Surroundings) -> tuple[date | None, str]:
    if stage.deadline == "odj":
        return _agenda_day(case, around)
    if stage.deadline == "session":
        return _session_day(case)
    if stage.deadline == "pv":
        return _minutes_day(case, around)
    if stage.deadline == "visa" and (pending := pending_visa(case)):
        counted = "à compter de" if counts_reception(around.law) else "après"
        return visa_last_day(pending.date_received, around.law), f"20 jours {counted} la réception ({pending.row.id})"
    return None, ""


def _agenda_day(case: Case, around: Surroundings) -> tuple[date | None, str]:
    """Last day to send the agenda of the next session, as the council planned it or else as the law fixes it."""
    if case.tier is None or case.council is None:
        return None, ""
    session = next_usable_session(case.tier, around.today, around.law, around.calendar)
    if session is None:
        return None, ""
    return session.agenda_last_day, f"20 jours avant la session qui ouvre le {session.opening:%d/%m/%Y}"


def _session_day(case: Case) -> tuple[date | None, str]:
    opening = [
        session.day("date_ouverture")
        for row in main_deliberations(case)
        if not row["resultat"] and (session := case.session_of(row))
    ]
    day = max((day for day in opening if day), default=None)
    return day, "ouverture de la session où le point est inscrit" if day else ""


def _minutes_day(case: Case, around: Surroundings) -> tuple[date | None, str]:
    for row in reversed(main_deliberations(case)):
        session = case.session_of(row)
        closing = session.day("date_cloture") if session else None
        if row["resultat"] == "ADOPTEE" and closing and case.tier and not row["date_transmission_pv_autorite"]:
            last = minutes_last_day(case.tier, closing, around.law, around.calendar)
            return last, f"envoi du procès-verbal, session close le {closing:%d/%m/%Y}"
    return None, ""


@dataclass(frozen=True)
class PendingVisa:
    """A visa asked for, received by the authority and not decided yet."""

    row: Row
    date_received: date


def pending_visa(case: Case) -> PendingVisa | None:
    """The latest visa received and undecided, if any."""
    waiting = [
        PendingVisa(row, received)
        for row in case.visas
        if row["nature"] == "VISA" and not row["sens"] and (received := row.day("date_reception"))
        if not is_opposed(case, row)
    ]
    return max(waiting, key=lambda pending: pending.date_received, default=None)


def _visa_day(case: Case, stage: Stage, around: Surroundings) -> int | None:
    pending = pending_visa(case) if stage.deadline == "visa" else None
    if pending is None or pending.date_received > around.today:
        return None
    return visa_day(pending.date_received, around.today, around.law)


EVENT_WORDS: Mapping[str, str] = {
    "creation": "ligne créée",
    "rapport_pret": "rapport détaillé prêt",
    "rapport_transmis": "rapport transmis",
    "reception_dgct": "dossier reçu à la DGCT",
    "accord_principe": "accord de principe du ministère",
    "approbation_royale": "approbation Royale notifiée",
    "inscription_odj": "point inscrit à l'ordre du jour",
    "deliberation_adoptee": "délibération adoptée",
    "transmission_pv": "procès-verbal transmis à l'autorité",
    "transmission_pieces_mi": "pièces transmises au ministère",
    "visa_recu": "demande de visa reçue par l'autorité",
    "visa_accorde": "visa accordé",
    "date_arretee": "date et lieu arrêtés",
    "delegation_designee": "délégation désignée",
    "phase_aller": "protocole signé, phase aller",
    "phase_retour": "phase retour tenue",
    "dossier_technique": "dossier technique établi",
    "marketing": "territoire présenté",
    "recherche_partenaire": "recherche d'un partenaire engagée",
    "offre_construite": "offre construite pour l'appel",
    "proposition_redigee": "proposition rédigée pour l'appel",
    "reponse_decidee": "réponse à l'appel à projets décidée",
    "reponse_transmise": "réponse à l'appel à projets transmise",
    "appel_retenu": "projet retenu par l'appel",
    "appel_rejete": "projet rejeté par l'appel",
    "partenaire_trouve": "partenaire trouvé",
    "negociation": "négociation ouverte",
    "projet_convention": "projet de convention prêt",
    "signature_prevue": "signature programmée",
    "signature": "acte signé",
    "entree_en_vigueur": "entrée en vigueur",
    "adequation": "adéquation vérifiée",
    "demande_dgct": "demande transmise à la DGCT",
    "candidature": "candidature envoyée",
    "refus_candidature": "candidature refusée par l'organisation",
    "adhesion": "adhésion acceptée",
    "premiere_depense": "première dépense",
    "periode_convenue": "période convenue",
    "tdr_rediges": "termes de référence prêts",
    "tdr_valides_ct": "termes de référence validés par la collectivité",
    "tdr_valides_partenaire": "termes de référence validés par le partenaire",
    "consultation": "consultation lancée",
    "contrat": "contrat signé",
    "cadrage": "réunion de cadrage",
    "collecte_finie": "fin de la collecte",
    "restitution": "restitution",
    "rapport_valide": "rapport validé",
    "suites_engagees": "recommandations inscrites",
    "diffusion_conseils": "rapport envoyé aux conseils",
    "diffusion_partenaires": "rapport envoyé aux partenaires",
    "diffusion_administration": "rapport envoyé à l'administration",
    "recommandations_closes": "recommandations menées à leur terme",
    "organe_cree": "organe mis en place",
    "comite_cree": "comité de jumelage mis en place",
    "action_prevue": "action inscrite au plan",
    "action_commencee": "action commencée",
    "suspension": "suspension convenue",
    "reprise": "reprise de l'exécution",
    "reconduction": "reconduction décidée ou constatée",
    "non_reconduction": "non-reconduction décidée",
    "cloture": "clôture",
    "evaluation_finale": "rapport final d'évaluation validé",
    "capitalisation": "retour d'expérience mené",
    "relance_proposee": "relance proposée au conseil",
    "resiliation": "résiliation signée",
    "retrait": "retrait délibéré",
    "radiation": "radiation par l'organisation",
    "abandon": "abandon décidé",
    "opposition": "opposition de l'autorité",
    "observations": "observations de l'autorité",
    "refus_visa": "visa refusé",
    "refus_accord": "accord refusé",
    "rejet": "délibération rejetée",
}
