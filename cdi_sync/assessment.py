"""The heart: `assess(registry, declarations, today)` says all that can be known of a registry on one day. Pure.

Order: cases and events → replay of each case → rules → what blocks each next transition → standings → notices.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

from cdi_sync.calendar import HolidayChange, WorkCalendar, build_calendar
from cdi_sync.casefile import granted_under, open_cases
from cdi_sync.data_protection import PARAMETERS
from cdi_sync.doubtful_addresses import doubtful_addresses
from cdi_sync.doubts import doubts
from cdi_sync.evaluation import due_day, evaluation_case
from cdi_sync.forms.held import Asked, Held
from cdi_sync.help_texts import HelpTexts
from cdi_sync.law import Law, Origin
from cdi_sync.model import Answer, Assessment, Case, CellProblem, Form, Registry, RequestTold, Row, Standing, Tab, Tier
from cdi_sync.people import TEAM_ROLES, Directory, RefusedAddress, Role, refused_addresses
from cdi_sync.pieces import TAB as PIECES
from cdi_sync.pieces import Checklist, by_owner, orphans, with_owed_lines
from cdi_sync.procedure import Machine, Replay, Surroundings, next_stage, replay, stand, transitions_to
from cdi_sync.programmes import Programmes, granted
from cdi_sync.reminders import Cite, Reminder, due_notices
from cdi_sync.reminders.answered import by_waiting
from cdi_sync.rules import Rulebook, Verdicts, check, findings
from cdi_sync.rules.engine import derogations
from cdi_sync.rules.judging import judgements
from cdi_sync.rules.outcomes import Context
from cdi_sync.tables import IDENTITY, UNREADABLE

NOBODY: Mapping[str, RefusedAddress] = MappingProxyType({})


@dataclass(frozen=True)
class Knowledge:
    """What is asked of a registry, whatever it holds: tabs, law, calendar, rules, states, reminders, checklists…"""

    tabs: Mapping[str, Tab]
    law: Law
    programmes: Programmes
    calendar: Mapping[str, object]
    rulebook: Rulebook
    machines: Mapping[Form, Machine]
    evaluation_machine: Machine
    reminders: Sequence[Reminder]
    roles: Mapping[str, Role]
    readings: Mapping[str, str]
    checklists: Sequence[Checklist]
    modules: frozenset[str]  # those switched on
    help_texts: Callable[[], HelpTexts] = HelpTexts  # read when the help is written
    own_addresses: frozenset[str] = frozenset()  # those that letters leave from, or are answered to
    asked: Callable[[], Asked] = (
        Asked  # what departments are asked by forms, read when some are looked at; nothing when off
    )


@dataclass(frozen=True)
class Examination:
    """The cases of a registry, replayed and judged, with what is around them and the lines that can't be used.

    registry: as read, with the lines that the checklists owe.
    """

    registry: Registry

    cases: Mapping[str, Case]
    replays: Mapping[str, Replay]
    verdicts: Verdicts
    context: Context
    problems: tuple[CellProblem, ...]


def assess(
    registry: Registry,
    knowledge: Knowledge,
    today: date,
    *,
    refused: Mapping[str, RefusedAddress] = NOBODY,
    answers: Sequence[Answer] = (),
    submissions: Callable[[], Sequence[Held]] = tuple,
) -> Assessment:
    """All that a run knows of a registry on that day.

    refused: addresses, in lower case, that came back as unusable. answers: what people answered by mail, the oldest first.
    submissions: what departments answered to forms, asked for when it is shown.
    """
    seen = examine(registry, knowledge, today, refused)
    around = Surroundings(seen.context.law, seen.context.calendar, knowledge.readings, seen.registry, today)
    known = {id_: seen.cases[id_] for id_ in seen.replays}
    standings = {
        id_: _standing(case, seen.replays[id_], knowledge, seen.verdicts, around) for id_, case in known.items()
    }
    cite = _citations(knowledge, seen.context.law)
    return Assessment(
        as_of=today,
        registry=seen.registry,
        refused=frozenset(refused),
        cases=seen.cases,
        findings=findings(seen.verdicts, seen.problems, knowledge.rulebook, seen.context, knowledge.tabs),
        standings=standings,
        judge=lambda row: judgements(
            row, seen.verdicts, seen.replays, knowledge.machines, seen.context, knowledge.tabs
        ),
        evaluations={
            row.id: _evaluation_standing(case, row, knowledge, seen.verdicts, around)
            for case in known.values()
            for row in case.evaluations
        },
        tell=lambda: due_notices(
            knowledge.reminders, known, standings, around, seen.context.people, cite, by_waiting(answers)
        ),
        answers=tuple(answers),
        ask=lambda: _requests(registry, knowledge, submissions()),
    )


def _requests(registry: Registry, knowledge: Knowledge, submissions: Sequence[Held]) -> Mapping[str, RequestTold]:
    """What each row of « Demandes reçues » shows; nothing when forms are off."""
    asked = knowledge.asked()
    if not asked.forms:
        return {}
    from cdi_sync.forms.requests import (  # Babel, for the languages of answers: not for a mere check
        requests_of,
        shown_of,
    )

    seen = requests_of(registry, submissions, asked, knowledge.tabs, alike=True)
    return shown_of(seen, registry, knowledge.tabs)


def _citations(knowledge: Knowledge, law: Law) -> Cite:
    """What a letter cites: the law of the council that it goes to, as it stood on that day."""

    def cite(rule_id: str, tier: Tier | None, day: date) -> str:
        rule = knowledge.rulebook[rule_id]
        limit = law.in_force(rule.limit, day, tier) if rule.limit and tier else None
        if limit and limit.origin is Origin.PARAMETRE:  # a person is told the text, not our own choice
            limit = None
        return rule.sources_for(tier, limit)[0]

    return cite


def examine(
    registry: Registry, knowledge: Knowledge, today: date, refused: Mapping[str, RefusedAddress] = NOBODY
) -> Examination:
    """Every case replayed and every rule evaluated. A case whose form isn't known isn't replayed."""
    law, parameter_problems = law_of(registry, knowledge.law)
    cases = open_cases(registry, today, granted_under(knowledge.readings))
    replays = {
        id_: replay(case, knowledge.machines[case.form], knowledge.readings, law, today)
        for id_, case in cases.items()
        if case.form
    }
    registry, cases = with_owed_lines(
        registry, cases, replays, knowledge.machines, _switched_on(knowledge), knowledge.tabs[PIECES]
    )
    calendar = calendar_of(registry, knowledge, today)
    context = Context(
        today=today,
        law=law,
        calendar=calendar,
        readings=knowledge.readings,
        registry=registry,
        peers=_peers(cases),
        people=Directory(registry, knowledge.roles, today, refused),
        focal_points=_focal_points(registry),
        live_councils=frozenset(case.act.text("collectivite") for case in cases.values() if case.followed),
        items=by_owner(registry),
        council_acts=_by_council(cases),
        item_labels={item.code: item.label for checklist in knowledge.checklists for item in checklist.items},
        contacts={row.id: row for row in registry["contacts"] if not row.quarantined},
        teams=_teams(registry),
        modules=knowledge.modules,
        waived=derogations(registry),
        programmes=knowledge.programmes,
        grants=granted(cases.values(), knowledge.programmes),
        partner_acts=_by_partner(cases),
    )
    return Examination(
        registry=registry,
        cases=cases,
        replays=replays,
        verdicts=check(cases, replays, knowledge.machines, knowledge.rulebook, context),
        context=context,
        problems=(
            *registry.problems,
            *parameter_problems,
            *_waiver_problems(registry, knowledge.rulebook),
            *doubts(registry),
            *doubtful_addresses(registry["contacts"], knowledge.own_addresses),
            *orphans(registry),
            *refused_addresses(registry, refused, today),
        ),
    )


def law_of(registry: Registry, law: Law) -> tuple[Law, tuple[CellProblem, ...]]:
    """The law with the values of the registry's parameters tab, and the lines of it that can't be used.

    Only what no text fixes may be set there: a number taken from a text stands as the text says.
    """
    problems = []
    for row in registry["parametres"]:
        if row.quarantined or not row["cle"]:  # its line says so already
            continue
        if row["cle"] in PARAMETERS:  # words, not numbers: LEX-18 reads them
            continue
        try:
            law = law.with_parameter(row.text("cle"), row.text("valeur"), tier=row.text("niveau"),
                                     since=row.day("valable_du"), until=row.day("valable_au"), source=row.text("source"))  # fmt: skip
        except ValueError as error:
            problems.append(
                CellProblem(
                    rule=IDENTITY, tab=row.tab, id=row.id, row=row.number, column="cle", read=row.text("cle"),
                    expected="un paramètre que le logiciel laisse au choix", message=f"Paramètre sans effet : {error}",
                    fix="Corriger la clé ou la valeur, ou vider la ligne.",
                )
            )  # fmt: skip
    return law, tuple(problems)


def calendar_of(registry: Registry, knowledge: Knowledge, today: date) -> WorkCalendar:
    """Morocco's calendar with the corrections of the registry's own holiday tab."""
    changes = [change for row in registry["jours_feries"] if (change := _change(row))]
    return build_calendar(range(today.year - 1, today.year + 3), changes, knowledge.calendar)


def _change(row: Row) -> HolidayChange | None:
    day = row.day("date")
    if day is None or row.quarantined:
        return None
    return HolidayChange(
        day=day,
        label=row.text("libelle"),
        nature=row.text("nature") or "EXCEPTIONNEL",
        status=row.text("statut") or "CONFIRME",
        moved_from=row.day("date_remplacee"),
    )


def _peers(cases: Mapping[str, Case]) -> Mapping[tuple[str, str], tuple[Case, ...]]:
    groups: dict[tuple[str, str], list[Case]] = defaultdict(list)
    for case in cases.values():
        if case.act["collectivite"] and case.act["date_abandon"] is None:
            groups[case.act.text("collectivite"), case.act.text("forme")].append(case)
    return {key: tuple(group) for key, group in groups.items() if len(group) > 1}


def _switched_on(knowledge: Knowledge) -> Sequence[Checklist]:
    return [c for c in knowledge.checklists if not c.module or c.module in knowledge.modules]


def _by_council(cases: Mapping[str, Case]) -> Mapping[str, Sequence[Case]]:
    groups: dict[str, list[Case]] = defaultdict(list)
    for case in cases.values():
        if case.council:
            groups[case.council.id].append(case)
    return groups


def _by_partner(cases: Mapping[str, Case]) -> Mapping[str, Sequence[Case]]:
    groups: dict[str, list[Case]] = defaultdict(list)
    for case in cases.values():
        if case.partner:
            groups[case.partner.id].append(case)
    return groups


def _teams(registry: Registry) -> Mapping[str, Sequence[Row]]:
    """Identifier of a council → the officer and the members of its team, those that have left included."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in registry["contacts"]:
        if row["fonction_role"] in TEAM_ROLES and not row["partenaire"] and not row.quarantined:
            groups[row.text("collectivite")].append(row)
    return groups


def _focal_points(registry: Registry) -> Mapping[str, tuple[Row, ...]]:
    """Identifier of a council or a partner → its focal points, those that have left included."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in registry["contacts"]:
        if row["fonction_role"] == "POINT_FOCAL" and row["nom_prenom"] and not row.quarantined:
            for column in ("collectivite", "partenaire"):
                groups[row.text(column)].append(row)
    return {key: tuple(group) for key, group in groups.items() if key}


def _standing(case: Case, replayed: Replay, knowledge: Knowledge, verdicts: Verdicts, around: Surroundings) -> Standing:
    assert case.form is not None
    machine = knowledge.machines[case.form]
    following = next_stage(case, replayed, machine, knowledge.readings)
    ways = transitions_to(case, replayed.stage, following, machine, knowledge.readings) if following else ()
    guards = [rule for way in ways for rule in knowledge.rulebook.guards(way)]
    return stand(
        case,
        machine,
        replayed,
        around,
        blocked_by=() if case.historical else verdicts.blocking(case, guards),
        unchecked=[rule.id for rule in guards if not rule.executable],
    )


def _evaluation_standing(
    case: Case, row: Row, knowledge: Knowledge, verdicts: Verdicts, around: Surroundings
) -> Standing:
    machine, own = knowledge.evaluation_machine, evaluation_case(case, row, around.today)
    replayed = replay(own, machine, knowledge.readings, around.law, around.today)
    following = next_stage(own, replayed, machine, knowledge.readings)
    guards = knowledge.rulebook.guards(f"{replayed.stage.code}>{following.code}") if following else ()
    mine = (case.act, row, *(line for line in (*case.pieces, *case.money) if line["id_evaluation"] == row.id))
    standing = stand(
        own,
        machine,
        replayed,
        around,
        blocked_by=() if case.historical else verdicts.blocking_rows(mine, guards),
        unchecked=[rule.id for rule in guards if not rule.executable],
    )
    due, why = due_day(case, row, replayed.stage.deadline, around.law)
    left = (due - around.today).days if due else None
    return replace(standing, id=row.id, due=due, due_why=why, days_left=left)


def _waiver_problems(registry: Registry, rulebook: Rulebook) -> Iterator[CellProblem]:
    """A derogation that names no rule, no row, or gives no reason isn't honoured: its line says so."""
    ids = {row.id for rows in registry.rows.values() for row in rows}
    for row in registry["derogations"]:
        for column, fault, expected in (
            ("id_concerne", row.text("id_concerne") not in ids, "le numéro d'une ligne du registre, comme ACT-00001"),
            ("regle", row.text("regle").upper() not in rulebook, "le nom d'une règle, comme LEX-02"),
            ("motif", not row["motif"], "la raison de la dérogation"),
        ):
            if fault and column not in row.unreadable:
                yield CellProblem(
                    rule=IDENTITY if column != "motif" else UNREADABLE, tab=row.tab, id=row.id, row=row.number,
                    column=column, read=row.text(column), expected=expected,
                    message=f"Dérogation sans effet : « {row.text(column)} » n'est pas {expected}."
                    if row[column] else f"Dérogation sans effet : il manque {expected}.",
                    fix="Corriger cette cellule ; la dérogation comptera au prochain contrôle.",
                )  # fmt: skip
