"""What the workbook should show: an Assessment → cells of system columns, and the contents of the system tabs. Pure.

Nothing here knows what the workbook shows today; the writer compares, and changes only what differs. Texts are the
staff's French. The dashboard has a module of its own.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from cdi_sync.assessment import Knowledge
from cdi_sync.calendar import visa_last_day
from cdi_sync.casefile import EVIDENCE
from cdi_sync.dashboard import dashboard
from cdi_sync.evaluation import EVIDENCE as EVALUATED
from cdi_sync.help_tab import help_tab
from cdi_sync.model import (
    Answer,
    Assessment,
    Case,
    Finding,
    Layout,
    Outcome,
    Pending,
    Row,
    Severity,
    Standing,
    Tab,
)
from cdi_sync.reminders.answered import DONE
from cdi_sync.shown import (
    ANOMALIES,
    DASHBOARD,
    HELP,
    JOURNAL,
    MARKS,
    SCHEDULE,
    Places,
    Shown,
    ShownGrid,
    actor_title,
    head,
    link,
    staff_style,
    system_style,
    text,
)
from cdi_sync.tables import letters, make_id, number_of_id

_FIRST_LINE = 3  # of the schedule, the anomalies and the journal: below a title and headers
SYSTEM_TABS = (DASHBOARD, HELP, SCHEDULE, ANOMALIES, JOURNAL)
_RANK = {Severity.BLOQUANT: 0, Severity.RECOMMANDE: 1, Severity.INFO: 2}


@dataclass(frozen=True)
class Plan:
    """cells: staff tab name → (row, column index) → content. tabs: system tab title → rows from row 1.

    ids: staff tab name → number of a used row → its identifier, the one that it is given included.
    """

    cells: Mapping[str, Mapping[tuple[int, int], Shown]] = field(default_factory=dict)
    tabs: Mapping[str, ShownGrid] = field(default_factory=dict)
    ids: Mapping[str, Mapping[int, str]] = field(default_factory=dict)


def plan(assessment: Assessment, knowledge: Knowledge, *, spare_rows: int) -> Plan:
    """Everything that the workbook should show on that day, the journal apart."""
    ordered = sorted(assessment.findings, key=lambda f: (bool(f.derogation), *_gravity(f)))
    help_rows, help_grid = help_tab(knowledge, _told_rules(ordered))
    to = _Places(assessment, help_rows)
    shown, proposed = _by_row(assessment.findings), _proposals(assessment, knowledge)
    return Plan(
        cells={
            tab.name: dict(_staff_tab(tab, assessment, shown, proposed, knowledge, to, spare_rows))
            for tab in knowledge.tabs.values()
        },
        tabs={
            HELP: help_grid,
            DASHBOARD: dashboard(assessment, knowledge, to),
            SCHEDULE: _schedule(assessment, to),
            ANOMALIES: _anomalies(ordered, assessment, knowledge, to),
        },
        ids={name: {row.number: row.id for row in assessment.registry[name]} for name in knowledge.tabs},
    )


def _told_rules(ordered: Sequence[Finding]) -> Mapping[str, tuple[int, int]]:
    """Rule → how many findings it has, and the row of the first one in the anomalies tab."""
    told: dict[str, tuple[int, int]] = {}
    for row, finding in enumerate(ordered, start=_FIRST_LINE):
        count, first = told.get(finding.rule, (0, row))
        told[finding.rule] = (count + 1, first)
    return told


class _Places(Places):
    """Links inside the workbook, to the rules of the help tab as well."""

    def __init__(self, assessment: Assessment, help_rows: Mapping[str, int]) -> None:
        super().__init__(assessment.registry.layouts)
        self._help_rows = help_rows

    def rule(self, id_: str) -> str:
        return f"{HELP}!A{self._help_rows[id_]}"


def _by_row(findings: Iterable[Finding]) -> Mapping[tuple[str, int], tuple[Finding, ...]]:
    rows: dict[tuple[str, int], list[Finding]] = defaultdict(list)
    for finding in findings:
        if not finding.derogation:
            rows[finding.tab, finding.row].append(finding)
    return {key: tuple(sorted(found, key=_gravity)) for key, found in rows.items()}


def _gravity(finding: Finding) -> tuple[int, int, str]:
    return (finding.outcome is Outcome.UNKNOWN, _RANK[finding.severity], finding.rule)


# ------------------------------------------------------------------------------------------------- staff tabs


def _staff_tab(
    tab: Tab,
    assessment: Assessment,
    shown: Mapping[tuple[str, int], Sequence[Finding]],
    proposed: Mapping[tuple[str, str], str],
    knowledge: Knowledge,
    to: _Places,
    spare_rows: int,
) -> Iterator[tuple[tuple[int, int], Shown]]:
    """Every system cell of a tab: those of the used rows, those of the numbered rows in reserve, emptied."""
    registry, layout = assessment.registry, assessment.registry.layouts[tab.name]
    system = [column for column in tab.columns[1:] if column.is_system]
    used = {row.number: row for row in registry[tab.name]}
    for number, id_ in _identifiers(tab, assessment, spare_rows).items():
        yield (number, layout.positions[tab.columns[0].key]), Shown(id_, system_style(tab.columns[0]))
    for row in registry.added.get(tab.name, ()):
        yield from _added(tab, row, layout)
    for number in range(layout.header_row + 1, max(layout.last_row, max(used, default=0)) + 1):
        values: Mapping[str, Shown] = {}
        if number in used:
            row = used[number]
            found = shown.get((tab.name, number), ())
            values = {
                "a_corriger": _to_mend(found, to),
                "controle_le": Shown(assessment.as_of),
                "reponses_recues": Shown(proposed.get((tab.name, row.id))),
                **_SYSTEM_VALUES.get(tab.name, _nothing)(row, assessment, knowledge),
            }
        for column in system:
            cell = values.get(column.key, Shown(None))
            yield (number, layout.positions[column.key]), Shown(cell.value, system_style(column), cell.link)


def _proposals(assessment: Assessment, knowledge: Knowledge) -> Mapping[tuple[str, str], str]:
    """(tab, row) → what people answered that staff haven't typed yet: an answer stands as long as its reminder waits."""
    done = {(a.reminder, a.subject, a.anchor): a for a in assessment.answers if a.verb == DONE}
    if not done:
        return {}
    names = {
        row.text("courriel_institutionnel").casefold(): row.text("nom_prenom")
        for row in assessment.registry["contacts"]
    }
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for item in assessment.pending:
        answer = done.get((item.reminder, item.subject, item.anchor))
        if answer and not is_filled(item.tab, item.subject, answer.column, assessment):
            found[item.tab, item.subject].append(
                _proposal(answer, names.get(answer.who) or answer.who, knowledge.tabs[item.tab])
            )
    return {place: "\n".join(dict.fromkeys(texts)) for place, texts in found.items()}


def is_filled(tab: str, row_id: str, column: str, assessment: Assessment) -> bool:
    """True when staff have filled that cell; False for no column ("")."""
    return bool(column) and any(row[column] is not None for row in assessment.registry[tab] if row.id == row_id)


def _proposal(answer: Answer, who: str, tab: Tab) -> str:
    where = f"« {tab.column(answer.column).title} »" if answer.column else "le classeur"
    return f"{who}, {answer.on:%d/%m/%Y} : fait le {answer.day:%d/%m/%Y} — à saisir dans {where}"


def _added(tab: Tab, row: Row, layout: Layout) -> Iterator[tuple[tuple[int, int], Shown]]:
    """The cells that a new row begins with, as staff would have typed them; the row was empty but for its number."""
    for key, value in row.values.items():
        column = tab.column(key)
        label = next((c.label for c in column.categories if c.value == value), str(value))
        yield (
            (row.number, layout.positions[key]),
            Shown(label, staff_style(column)),
        )


def _identifiers(tab: Tab, assessment: Assessment, spare_rows: int) -> Mapping[int, str]:
    """The identifiers to write: rows that had none, and reserve rows up to `spare_rows` beyond the last used one."""
    registry = assessment.registry
    numbered = dict(registry.newly_numbered.get(tab.name, {}))
    spare = registry.spare.get(tab.name, {})
    used = [row.number for row in registry[tab.name]]
    last = max(used, default=registry.layouts[tab.name].header_row)
    highest = max(map(number_of_id, [*spare.values(), *(row.id for row in registry[tab.name])]), default=0)
    for number in range(last + 1, last + spare_rows + 1):
        if number not in spare:
            highest += 1
            numbered[number] = make_id(tab, highest)
    return numbered


_ROOM = 100  # characters of a line of « À corriger »; the row shows two


def _to_mend(findings: Sequence[Finding], to: _Places) -> Shown:
    """Two lines at most, as the row has room for: the gravest finding and its remedy, or the two gravest findings.

    What doesn't fit is cut after a word; the whole is in the anomalies tab. The link leads to the first one's rule.
    """
    if not findings:
        return Shown(None)
    first, *others = findings
    if not others:
        lines = [_clipped(_headline(first), _ROOM), _clipped(f"→ {first.fix}", _ROOM) if first.fix else ""]
    else:
        more = (
            f" … et {len(others) - 1} autre{'s' if len(others) > 2 else ''} : onglet {ANOMALIES}" if others[1:] else ""
        )
        lines = [_with_fix(first, _ROOM), _with_fix(others[0], _ROOM - len(more)) + more]
    return Shown("\n".join(line for line in lines if line), link=to.rule(first.rule))


def _headline(finding: Finding) -> str:
    return f"{mark(finding)} · {finding.rule} : {finding.message}"


def _with_fix(finding: Finding, room: int) -> str:
    """A finding in so many characters, with its remedy when both fit."""
    whole = f"{_headline(finding)} → {finding.fix}"
    return whole if finding.fix and len(whole) <= room else _clipped(_headline(finding), room)


def _clipped(text: str, longest: int) -> str:
    """The text on one line, cut after a whole word when it is too long."""
    text = " ".join(text.split())
    return text if len(text) <= longest else text[: longest - 1].rsplit(maxsplit=1)[0].rstrip(" ,;:(«") + "…"


def mark(finding: Finding) -> str:
    """How grave a finding is, in a sign and a word."""
    return "？ À compléter" if finding.outcome is Outcome.UNKNOWN else MARKS[finding.severity]


def _nothing(row: Row, assessment: Assessment, knowledge: Knowledge) -> Mapping[str, Shown]:
    return {}


def _act_values(row: Row, assessment: Assessment, knowledge: Knowledge) -> Mapping[str, Shown]:
    standing = assessment.standings.get(row.id)
    if standing is None:
        return {}
    where = _where_next(assessment.cases[row.id], standing, assessment, knowledge)
    return {
        **_standing_values(standing, where, knowledge),
        "jours_restants": Shown(standing.days_left),
        "jour_visa": Shown(visa_day_text(standing) or None),
    }


def _standing_values(standing: Standing, where: str, knowledge: Knowledge) -> Mapping[str, Shown]:
    """What an agreement and an evaluation both show of where they stand. where: the cell that the next step leads to."""
    return {
        "etape": Shown(f"{standing.stage} · {standing.stage_title}"),
        "depuis": Shown(standing.since),
        "prochaine_etape": Shown(standing.next_step, link=where),
        "responsable_suivant": Shown(actor_title(standing.actor)),
        "echeance": Shown(standing.due),
        "bloque_par": Shown(_blocked_by(standing, knowledge)),
    }


def _where_next(case: Case, standing: Standing, assessment: Assessment, knowledge: Knowledge) -> str:
    """Where the next step is to be written down: the cell that proves it, in the act's row or in a row of another tab.

    A tab that has no row waiting for it: its first free row.
    """
    to, registry = Places(assessment.registry.layouts), assessment.registry
    machine = knowledge.machines[case.form] if case.form else None
    stage = machine.stage(standing.next_stage) if machine and standing.next_stage else None
    kinds = [kind for wanted in (stage.evidence if stage else ()) for kind in wanted.split("|")]
    for kind in kinds:
        tab, column, of = EVIDENCE.get(kind, ("", "", {}))
        if tab == "actes" and case.act[column] is None:
            return to.cell(tab, case.act.number, column)
        if tab and tab != "actes":
            mine = [
                row for row in case.rows() if row.tab == tab and all(row[key] == value for key, value in of.items())
            ]
            open_ = [row for row in mine if row[column] is None]
            if open_:
                return to.cell(tab, open_[-1].number, column)
            layout = registry.layouts[tab]
            free = min(registry.spare.get(tab, ()), default=layout.header_row)
            return to.cell(tab, free, knowledge.tabs[tab].case_key)
    return to.cell("actes", case.act.number, "etape")


def visa_day_text(standing: Standing) -> str:
    """ "7 / 20", or "" when no visa is awaited."""
    return nth_of_twenty(standing.visa_day) if standing.visa_day is not None else ""


def nth_of_twenty(day: int) -> str:
    """ "7 / 20": a day of the visa's period, more than 20 once it is over."""
    return f"{day} / 20"


def _evaluation_values(row: Row, assessment: Assessment, knowledge: Knowledge) -> Mapping[str, Shown]:
    standing = assessment.evaluations.get(row.id)
    if standing is None:
        return {}
    return _standing_values(standing, _where_evaluated_next(row, standing, assessment, knowledge), knowledge)


def _where_evaluated_next(row: Row, standing: Standing, assessment: Assessment, knowledge: Knowledge) -> str:
    """The first empty cell of the evaluation's row that proves the next step, else its stage."""
    machine = knowledge.evaluation_machine
    wanted = machine.stage(standing.next_stage).evidence if standing.next_stage else ()
    columns = [column for kinds in wanted for kind in kinds.split("|") if (column := EVALUATED.get(kind))]
    column = next((column for column in columns if row[column] is None), "etape")
    return Places(assessment.registry.layouts).cell("evaluations", row.number, column)


def _blocked_by(standing: Standing, knowledge: Knowledge) -> str | None:
    return " ; ".join(f"{r} {knowledge.rulebook[r].title}" for r in standing.blocked_by) or None


def _visa_values(row: Row, assessment: Assessment, knowledge: Knowledge) -> Mapping[str, Shown]:
    received = row.day("date_reception") if row["nature"] == "VISA" else None
    return {"date_limite_20j": Shown(visa_last_day(received, knowledge.law) if received else None)}


def _request_values(row: Row, assessment: Assessment, knowledge: Knowledge) -> Mapping[str, Shown]:
    told = assessment.requests.get(row.id)
    if told is None:
        return {}
    return {
        "comprise": Shown(told.understood or None),
        "a_completer": Shown(told.to_complete or None),
        "ressemble_a": Shown(told.resembles or None),
        "etat": Shown(told.state),
    }


_SYSTEM_VALUES: Mapping[str, Callable[[Row, Assessment, Knowledge], Mapping[str, Shown]]] = {
    "actes": _act_values,
    "demandes": _request_values,
    "evaluations": _evaluation_values,
    "visas_accords": _visa_values,
}


# ------------------------------------------------------------------------------------------------ system tabs


def _schedule(assessment: Assessment, to: _Places) -> ShownGrid:
    """Every running deadline, the nearest first."""
    due = sorted(
        (s for s in assessment.standings.values() if s.due and assessment.cases[s.id].followed),
        key=lambda s: (s.due or date.max, s.id),
    )
    grid: list[Sequence[Shown | None]] = [
        [Shown("Échéancier", "cdi_titre")],
        head("Quand", "Échéance", "Jours restants", "Acte", "N°", "Prochaine étape", "À qui d'agir", "Pourquoi ce jour",
             "Collectivité"),
    ]  # fmt: skip
    for standing in due:
        case = assessment.cases[standing.id]
        late = standing.days_left is not None and standing.days_left < 0
        place = to.cell("actes", case.act.number, "echeance")
        grid.append(
            [
                Shown(_when(standing.days_left), "cdi_retard" if late else "cdi_gras"),
                Shown(standing.due, "cdi_date"),
                Shown(standing.days_left, "cdi_retard" if late else "cdi_nombre"),
                link(case.act.text("intitule"), place),
                link(standing.id, place),
                *text(standing.next_step, actor_title(standing.actor), standing.due_why),
                *text(case.council.text("nom_fr") or None if case.council else None),
            ]
        )
    return grid


def _when(days_left: int | None) -> str:
    """The heading under which a deadline falls; late ones come first, since the nearest day does."""
    if days_left is None or days_left > 30:
        return "Plus tard"
    return "En retard" if days_left < 0 else "Dans les 7 jours" if days_left <= 7 else "Dans les 30 jours"


def _anomalies(ordered: Sequence[Finding], assessment: Assessment, knowledge: Knowledge, to: _Places) -> ShownGrid:
    """Every finding, the gravest first, each with a link to its cell and to its rule."""
    titles = {row.id: row.text("intitule") for row in assessment.registry["actes"]}
    rows = {(row.tab, row.number): row for rows in assessment.registry.rows.values() for row in rows}
    councils = {row.id: row.text("nom_fr") for row in assessment.registry["collectivites"]}
    grid: list[Sequence[Shown | None]] = [
        [Shown("Anomalies", "cdi_titre")],
        head(
            "Gravité", "Règle", "Acte ou ligne", "Cellule", "Constat", "Que faire", "Textes", "Onglet", "Collectivité"
        ),
    ]
    for finding in ordered:
        title = to.title(finding.tab)
        gravity = f"Dérogation : {finding.derogation}" if finding.derogation else mark(finding)
        row, case = rows.get((finding.tab, finding.row)), assessment.cases.get(finding.case)
        council = case.council.id if case and case.council else row.text("collectivite") if row else ""
        grid.append(
            [
                Shown(gravity, "cdi_gras"),
                Shown(finding.rule, "cdi_lien", link=to.rule(finding.rule)),
                Shown(
                    " · ".join(x for x in (finding.id, titles.get(finding.case or finding.id, "")) if x), "cdi_texte"
                ),
                Shown(
                    f"{title} {to.name(finding.tab, finding.row, finding.column)}",
                    "cdi_lien",
                    link=to.cell(finding.tab, finding.row, finding.column),
                ),
                *text(finding.message, finding.fix, " ; ".join(finding.sources), title),
                *text(councils.get(finding.id if finding.tab == "collectivites" else council) or None),
            ]
        )
    return grid


def journal(lines: Sequence[Sequence[str | date]], new: Sequence[tuple[date, str, str]]) -> ShownGrid:
    """The journal with its new lines, the latest first. lines: those it holds already, from its third row."""
    grid: list[Sequence[Shown | None]] = [[Shown("Journal", "cdi_titre")], head("Date", "Événement", "Détail")]
    return [*grid, *(text(*line) for line in reversed(new)), *(text(*line) for line in lines)]


def place_in_words(told: Finding | Pending, layouts: Mapping[str, Layout], tabs: Mapping[str, Tab]) -> str:
    """Where a finding, or what waits, stands: « onglet Sessions, cellule F12 (Date d'ouverture) »."""
    layout = layouts[told.tab]
    cell = f"{letters(layout.positions[told.column])}{told.row}"
    return f"onglet {layout.title}, cellule {cell} ({tabs[told.tab].column(told.column).title})"
