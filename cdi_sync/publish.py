"""What the workbook should show: an Assessment → cells of system columns, and the contents of the system tabs. Pure.

Nothing here knows what the workbook shows today; the writer compares, and changes only what differs. Texts are the
staff's French. `Shown.link` is a place in the workbook such as "Aide!A20".
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

from cdi_sync.assessment import Knowledge
from cdi_sync.calendar import visa_last_day
from cdi_sync.casefile import partial_signature
from cdi_sync.model import (
    Assessment,
    Case,
    Column,
    Finding,
    Form,
    Layout,
    Outcome,
    Pending,
    Row,
    Severity,
    Standing,
    Tab,
)
from cdi_sync.procedure import SITUATIONS
from cdi_sync.tables import letters, make_id, number_of_id

HELP, DASHBOARD, SCHEDULE, ANOMALIES, JOURNAL = "Aide", "Tableau de bord", "Échéancier", "Anomalies", "Journal"
SYSTEM_TABS = (DASHBOARD, HELP, SCHEDULE, ANOMALIES, JOURNAL)
FORM_TITLES = {Form.JUMELAGE: "Jumelages", Form.CONVENTION: "Conventions", Form.ADHESION_OING: "Adhésions"}
ACTORS = {
    "SERVICE_CDI": "Service CDI", "CONSEIL": "Conseil", "PRESIDENT": "Président", "WALI_GOUVERNEUR": "Wali ou Gouverneur",
    "DGCT": "DGCT", "MINISTERE": "Ministère de l'Intérieur", "PARTENAIRE": "Partenaire", "OING": "Organisation",
    "PRESIDENT+PARTENAIRE": "Président et partenaire", "WALI_GOUVERNEUR ou MINISTERE": "Wali, Gouverneur ou ministère",
    "WALI_GOUVERNEUR puis DGCT": "Wali ou Gouverneur, puis DGCT", "SERVICE_CDI+PARTENAIRE": "Service CDI et partenaire",
    "—": "—",
}  # fmt: skip
_MARKS = {Severity.BLOQUANT: "⛔ Bloquant", Severity.RECOMMANDE: "⚠ À vérifier", Severity.INFO: "ℹ À savoir"}
_RANK = {Severity.BLOQUANT: 0, Severity.RECOMMANDE: 1, Severity.INFO: 2}


@dataclass(frozen=True)
class Shown:
    """One cell: its value, the named style it takes, and where it leads."""

    value: str | int | float | date | None
    style: str = ""
    link: str = ""


ShownGrid: TypeAlias = Sequence[Sequence["Shown | None"]]


@dataclass(frozen=True)
class Plan:
    """cells: staff tab name → (row, column index) → content. tabs: system tab title → rows from row 1."""

    cells: Mapping[str, Mapping[tuple[int, int], Shown]] = field(default_factory=dict)
    tabs: Mapping[str, ShownGrid] = field(default_factory=dict)


def plan(assessment: Assessment, knowledge: Knowledge, *, spare_rows: int) -> Plan:
    """Everything that the workbook should show on that day, the journal apart."""
    help_rows, help_grid = _help(knowledge)
    to = _Places(assessment, knowledge, help_rows)
    shown = _by_row(assessment.findings)
    return Plan(
        cells={
            tab.name: dict(_staff_tab(tab, assessment, shown, knowledge, to, spare_rows))
            for tab in knowledge.tabs.values()
        },
        tabs={
            HELP: help_grid,
            DASHBOARD: _dashboard(assessment, knowledge),
            SCHEDULE: _schedule(assessment, to),
            ANOMALIES: _anomalies(assessment, knowledge, to),
        },
    )


class _Places:
    """Links inside the workbook."""

    def __init__(self, assessment: Assessment, knowledge: Knowledge, help_rows: Mapping[str, int]) -> None:
        self._layouts, self._tabs, self._help_rows = assessment.registry.layouts, knowledge.tabs, help_rows

    def rule(self, id_: str) -> str:
        return f"{HELP}!A{self._help_rows[id_]}"

    def cell(self, tab: str, row: int, column: str) -> str:
        """Where a cell stands: 'Visas et accords'!K12."""
        title = self._tabs[tab].title.replace("'", "''")
        return f"'{title}'!{self.name(tab, row, column)}"

    def name(self, tab: str, row: int, column: str) -> str:
        return f"{letters(self._layouts[tab].positions[column])}{row}"


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
    knowledge: Knowledge,
    to: _Places,
    spare_rows: int,
) -> Iterator[tuple[tuple[int, int], Shown]]:
    """Every system cell of a tab: those of the used rows, those of the numbered rows in reserve, emptied."""
    registry, layout = assessment.registry, assessment.registry.layouts[tab.name]
    system = [column for column in tab.columns[1:] if column.is_system]
    used = {row.number: row for row in registry[tab.name]}
    for number, id_ in _identifiers(tab, assessment, spare_rows).items():
        yield (number, layout.positions[tab.columns[0].key]), Shown(id_, _style(tab.columns[0]))
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
                **_SYSTEM_VALUES.get(tab.name, _nothing)(row, assessment, knowledge),
            }
        for column in system:
            cell = values.get(column.key, Shown(None))
            yield (number, layout.positions[column.key]), Shown(cell.value, _style(column), cell.link)


def _added(tab: Tab, row: Row, layout: Layout) -> Iterator[tuple[tuple[int, int], Shown]]:
    """The cells that a new row begins with, as staff would have typed them; the row was empty but for its number."""
    for key, value in row.values.items():
        column = tab.column(key)
        label = next((c.label for c in column.categories if c.value == value), str(value))
        yield (
            (row.number, layout.positions[key]),
            Shown(label, "cdi_saisie" if column.categories else "cdi_saisie_texte"),
        )


def _style(column: Column) -> str:
    if column.key == "a_corriger":
        return "cdi_systeme_lien"
    return {"date": "cdi_systeme_date", "integer": "cdi_systeme_nombre"}.get(column.type, "cdi_systeme")


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


def _to_mend(findings: Sequence[Finding], to: _Places) -> Shown:
    """At most two messages, the gravest first, with a link to the first one's rule."""
    if not findings:
        return Shown(None)
    lines = [f"{mark(finding)} · {finding.rule} : {finding.message} {finding.fix}".strip() for finding in findings[:2]]
    if len(findings) > 2:
        lines.append(f"… et {len(findings) - 2} autre(s) : voir l'onglet {ANOMALIES}.")
    return Shown("\n".join(lines), link=to.rule(findings[0].rule))


def mark(finding: Finding) -> str:
    """How grave a finding is, in a sign and a word."""
    return "？ À compléter" if finding.outcome is Outcome.UNKNOWN else _MARKS[finding.severity]


def _nothing(row: Row, assessment: Assessment, knowledge: Knowledge) -> Mapping[str, Shown]:
    return {}


def _act_values(row: Row, assessment: Assessment, knowledge: Knowledge) -> Mapping[str, Shown]:
    standing = assessment.standings.get(row.id)
    if standing is None:
        return {}
    return {
        "etape": Shown(f"{standing.stage} · {standing.stage_title}"),
        "depuis": Shown(standing.since),
        "prochaine_etape": Shown(standing.next_step),
        "responsable_suivant": Shown(actor_title(standing.actor)),
        "echeance": Shown(standing.due),
        "jours_restants": Shown(standing.days_left),
        "jour_visa": Shown(visa_day_text(standing) or None),
        "bloque_par": Shown(" ; ".join(f"{r} {knowledge.rulebook[r].title}" for r in standing.blocked_by) or None),
    }


def actor_title(code: str) -> str:
    """Who acts, in words."""
    return ACTORS.get(code, code)


def visa_day_text(standing: Standing) -> str:
    """ "7 / 20", or "" when no visa is awaited."""
    return nth_of_twenty(standing.visa_day) if standing.visa_day is not None else ""


def nth_of_twenty(day: int) -> str:
    """ "7 / 20": a day of the visa's period, more than 20 once it is over."""
    return f"{day} / 20"


def _visa_values(row: Row, assessment: Assessment, knowledge: Knowledge) -> Mapping[str, Shown]:
    received = row.day("date_reception") if row["nature"] == "VISA" else None
    return {"date_limite_20j": Shown(visa_last_day(received, knowledge.law) if received else None)}


_SYSTEM_VALUES: Mapping[str, Callable[[Row, Assessment, Knowledge], Mapping[str, Shown]]] = {
    "actes": _act_values,
    "visas_accords": _visa_values,
}


# ------------------------------------------------------------------------------------------------ system tabs


def _head(*titles: str) -> Sequence[Shown]:
    return [Shown(title, "cdi_entete_systeme") for title in titles]


def _text(*values: str | int | date | None) -> list[Shown | None]:
    return [Shown(value, "cdi_date" if isinstance(value, date) else "cdi_texte") for value in values]


_PROCEDURE = (
    "Une ligne par acte dans l'onglet Actes ; les numéros de la colonne A sont déjà là, commencez à la première ligne libre.",
    "Remplissez d'abord Collectivités, Contacts et Partenaires, puis l'acte : forme, collectivité, partenaire, objet.",
    "Un acte déjà conclu autrefois : répondez Oui à « Acte historique » et donnez au moins l'année de signature.",
    "Datez chaque démarche quand elle est faite ; l'étape se déduit des dates, elle ne se saisit jamais.",
    "Chaque session du conseil a sa ligne dans Sessions ; chaque vote a la sienne dans Délibérations.",
    "Demandes de visa, accord de principe et approbation Royale : une ligne chacune dans Visas et accords.",
    "Convention : délibération, visa dans les 20 jours, puis signature. Jumelage : accord de principe, approbation Royale, délibération.",
    "Les colonnes grises sont remplies par le système : ce que vous y écrivez est effacé au contrôle suivant.",
    "La colonne « À corriger » dit quoi corriger et comment ; cliquez pour lire la règle. L'onglet Anomalies les réunit.",
    "Une règle ne peut pas être tenue pour une bonne raison ? Écrivez-la dans Dérogations : elle cessera de bloquer.",
)  # fmt: skip
_LEGEND = (
    ("⛔ Bloquant", "une obligation n'est pas tenue"),
    ("⚠ À vérifier", "une recommandation n'est pas suivie, ou un point est à confirmer"),
    ("ℹ À savoir", "une simple information"),
    ("？ À compléter", "il manque une donnée pour pouvoir le dire"),
    ("En-tête bleu", "colonne à remplir par le service"),
    ("En-tête gris", "colonne remplie par le système"),
)


def _help(knowledge: Knowledge) -> tuple[Mapping[str, int], ShownGrid]:
    """The help tab, and the row of each rule in it."""
    grid: list[Sequence[Shown | None]] = [[Shown("Aide du registre", "cdi_titre")], []]
    grid.append([Shown("La procédure en dix lignes", "cdi_sous_titre")])
    grid += [_text(str(n), line) for n, line in enumerate(_PROCEDURE, start=1)]
    grid += [[], [Shown("Légende", "cdi_sous_titre")]]
    grid += [_text(mark, meaning) for mark, meaning in _LEGEND]
    grid += [
        [],
        [Shown("Les règles vérifiées", "cdi_sous_titre")],
        _head("Règle", "Ce qu'elle demande", "Textes et attendu"),
    ]
    rows: dict[str, int] = {}
    for rule in knowledge.rulebook.values():
        if rule.executable:
            grid.append(_text(rule.id, rule.title, " ; ".join([*rule.sources, rule.expected]).strip(" ;")))
            rows[rule.id] = len(grid)
    grid += [[], [Shown("Les règles suivies par les personnes", "cdi_sous_titre")]]
    grid += [_head("Règle", "Ce qu'elle demande", "Pourquoi le système ne la vérifie pas")]
    for rule in knowledge.rulebook.values():
        if not rule.executable:
            grid.append(_text(rule.id, rule.title, rule.reason))
            rows[rule.id] = len(grid)
    return rows, grid


def _dashboard(assessment: Assessment, knowledge: Knowledge) -> ShownGrid:
    """Fixed blocks first (the chart reads rows 4 to 7), then the guide's five columns, one row a signed act."""
    from cdi_sync.indicators import by_form_and_situation, cases_frame, waiting  # pandas: only when written

    frame = cases_frame(assessment)
    counts = by_form_and_situation(frame)
    grid: list[Sequence[Shown | None]] = [
        [Shown("Tableau de bord de la coopération décentralisée", "cdi_titre")],
        _text(f"Situation au {assessment.as_of:%d/%m/%Y}"),
        [],
        _head("Forme", "En préparation", "Signés", "En vigueur", "Arrêtés", "Total"),
    ]
    for form in Form:
        grid.append(
            [Shown(FORM_TITLES[form], "cdi_gras"), *(_count(counts[form][key]) for key in (*SITUATIONS, "total"))]
        )
    grid.append(
        [
            Shown("Ensemble", "cdi_gras"),
            *(_count(sum(row[key] for row in counts.values())) for key in (*SITUATIONS, "total")),
        ]
    )
    grid += [[], [Shown("À suivre", "cdi_sous_titre")], _head("Point", "Nombre")]
    grid += [[Shown(label, "cdi_texte"), _count(number)] for label, number in _to_follow(assessment, waiting(frame))]
    grid += [[]] * (20 - len(grid))  # the guide's table always starts on the same row
    grid += [
        [Shown("Tableau de bord du guide : les actes signés", "cdi_sous_titre")],
        _head("Collectivités partenaires", "Objet du partenariat", "Durée", "Pays", "Date de signature"),
    ]
    return [*grid, *(_guide_row(case) for case in _signed(assessment))]


def _count(number: int) -> Shown:
    return Shown(number, "cdi_nombre")


def _to_follow(assessment: Assessment, waits: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    yield "Délibérations à inscrire à une session", waits["odj"]
    yield "Procès-verbaux à transmettre", waits["pv"]
    yield "Visas en cours (20 jours)", waits["visa"]
    yield "Visas dont les 20 jours sont échus", waits["visa_echu"]
    yield "Échéances dans les 30 jours", waits["trente_jours"]
    problems = [f for f in assessment.findings if f.outcome is Outcome.PROBLEM and not f.derogation]
    yield "Anomalies bloquantes", sum(f.severity is Severity.BLOQUANT for f in problems)
    yield "Points à vérifier", sum(f.severity is not Severity.BLOQUANT for f in problems)


def _signed(assessment: Assessment) -> Sequence[Case]:
    signed = (id_ for id_, standing in assessment.standings.items() if standing.situation in ("signe", "vigueur"))
    return sorted((assessment.cases[id_] for id_ in signed), key=lambda case: (_council(case), case.act.number))


def _council(case: Case) -> str:
    return case.council.text("nom_fr") if case.council else ""


def _guide_row(case: Case) -> Sequence[Shown | None]:
    partner = case.partner.text("nom") if case.partner else ""
    months = case.act.number_of("duree_mois")
    unlimited = "sans limite" if case.form is Form.JUMELAGE else None
    day = case.act.day("date_signature") or case.act.day("date_adhesion")
    return [
        Shown(f"{_council(case)} – {partner}", "cdi_texte"),
        Shown(case.act.text("objet") or None, "cdi_texte"),
        Shown(f"{months:.0f} mois" if months else unlimited, "cdi_texte"),
        Shown(case.partner.text("pays") or None if case.partner else None, "cdi_texte"),
        Shown(day or _signed_on(case) or partial_signature(case.act) or None, "cdi_date" if day else "cdi_texte"),
    ]


def _signed_on(case: Case) -> str:
    """For a twinning, the day of the outward protocol."""
    days = [event.day for event in case.events if event.kind == "phase_aller" and event.day]
    return f"{min(days):%d/%m/%Y}" if days else ""


def _schedule(assessment: Assessment, to: _Places) -> ShownGrid:
    """Every running deadline, the nearest first."""
    due = sorted(
        (s for s in assessment.standings.values() if s.due and assessment.cases[s.id].followed),
        key=lambda s: (s.due or date.max, s.id),
    )
    grid: list[Sequence[Shown | None]] = [
        [Shown("Échéancier", "cdi_titre")],
        _head("Échéance", "Jours restants", "Acte", "N°", "Prochaine étape", "À qui d'agir", "Pourquoi ce jour"),
    ]
    for standing in due:
        case = assessment.cases[standing.id]
        grid.append(
            [
                Shown(standing.due, "cdi_date"),
                Shown(standing.days_left, "cdi_nombre"),
                Shown(case.act.text("intitule") or None, "cdi_texte"),
                Shown(standing.id, "cdi_lien", link=to.cell("actes", case.act.number, "echeance")),
                *_text(standing.next_step, actor_title(standing.actor), standing.due_why),
            ]
        )
    return grid


def _anomalies(assessment: Assessment, knowledge: Knowledge, to: _Places) -> ShownGrid:
    """Every finding, the gravest first, each with a link to its cell and to its rule."""
    titles = {row.id: row.text("intitule") for row in assessment.registry["actes"]}
    grid: list[Sequence[Shown | None]] = [
        [Shown("Anomalies", "cdi_titre")],
        _head("Gravité", "Règle", "Acte ou ligne", "Cellule", "Constat", "Que faire", "Textes"),
    ]
    for finding in sorted(assessment.findings, key=lambda f: (bool(f.derogation), *_gravity(f))):
        place = f"{knowledge.tabs[finding.tab].title} {to.name(finding.tab, finding.row, finding.column)}"
        gravity = f"Dérogation : {finding.derogation}" if finding.derogation else mark(finding)
        grid.append(
            [
                Shown(gravity, "cdi_gras"),
                Shown(finding.rule, "cdi_lien", link=to.rule(finding.rule)),
                Shown(
                    " · ".join(x for x in (finding.id, titles.get(finding.case or finding.id, "")) if x), "cdi_texte"
                ),
                Shown(place, "cdi_lien", link=to.cell(finding.tab, finding.row, finding.column)),
                *_text(finding.message, finding.fix, " ; ".join(finding.sources)),
            ]
        )
    return grid


def journal(lines: Sequence[Sequence[str | date]], new: Sequence[tuple[date, str, str]]) -> ShownGrid:
    """The journal with its new lines, the latest first. lines: those it holds already, from its third row."""
    grid: list[Sequence[Shown | None]] = [[Shown("Journal", "cdi_titre")], _head("Date", "Événement", "Détail")]
    return [*grid, *(_text(*line) for line in reversed(new)), *(_text(*line) for line in lines)]


def place_in_words(told: Finding | Pending, layouts: Mapping[str, Layout], tabs: Mapping[str, Tab]) -> str:
    """Where a finding, or what waits, stands: « onglet Sessions, cellule F12 (Date d'ouverture) »."""
    tab = tabs[told.tab]
    cell = f"{letters(layouts[told.tab].positions[told.column])}{told.row}"
    return f"onglet {tab.title}, cellule {cell} ({tab.column(told.column).title})"
