"""An agreement, or a row of any tab, told in plain French: where it stands, on what evidence, what is asked of it and why.

Each rule is told with its texts, the cells that it looks at, since when it is owed and what would make it right; each
reading of the texts is told where it decides something of that case. Pure.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from cdi_sync.assessment import Knowledge
from cdi_sync.calendar import counts_reception
from cdi_sync.model import (
    FORM_LETTER,
    Assessment,
    Case,
    CellRead,
    Finding,
    Form,
    Judgement,
    Outcome,
    Row,
    Said,
    Standing,
    Tier,
)
from cdi_sync.publish import mark, place_in_words, visa_day_text
from cdi_sync.rules import Rule
from cdi_sync.rules.judging import cell_read
from cdi_sync.shown import actor_title
from cdi_sync.tables import letters

FORMS = {
    Form.JUMELAGE: "jumelage",
    Form.CONVENTION: "convention ou accord de partenariat",
    Form.ADHESION_OING: "adhésion à une organisation",
}
_ROWS_TOLD = 3  # of one tab, when a rule looks at many
SAID = {
    Said.PROBLEM: "non respectée",
    Said.FINE: "respectée",
    Said.NOT_APPLICABLE: "sans objet",
    Said.UNKNOWN: "impossible à dire",
}


# ------------------------------------------------------------------------------------------------ an agreement


def explanation(
    standing: Standing,
    findings: Sequence[Finding],
    assessment: Assessment,
    knowledge: Knowledge,
    interpretations: Mapping[str, Any],
) -> str:
    """Several short paragraphs, each date with its evidence, each rule with its texts."""
    case = assessment.cases[standing.id]
    said = case_judgements(case, assessment)
    parts = [
        _who(case, standing),
        _where(standing, knowledge),
        _next(standing),
        _blocked(standing, said, assessment, knowledge),
        _path(standing),
        _evaluations(case.evaluations, assessment),
        _findings(findings, said, assessment, knowledge),
        _readings(readings_told(said, case, case.tier, knowledge, interpretations), knowledge, interpretations),
    ]
    return "\n\n".join(part for part in parts if part)


def case_judgements(case: Case, assessment: Assessment) -> Sequence[Judgement]:
    """What the rules say of every row of an agreement, those of its sessions and of its council included."""
    rows = (*case.rows(), *((case.council,) if case.council else ()))
    return [judgement for row in rows for judgement in assessment.judge(row)]


def _who(case: Case, standing: Standing) -> str:
    council = case.council.text("nom_fr") if case.council else "collectivité non indiquée"
    partner = case.partner.text("nom") if case.partner else "partenaire non indiqué"
    title = case.act.text("intitule")
    form = FORMS[standing.form] if standing.form else "acte"
    old = " Acte historique : les étapes passées ne lui sont pas demandées." if case.historical else ""
    return f"{standing.id} · {title or form}\n{form.capitalize()} entre {council} et {partner}.{old}"


def _where(standing: Standing, knowledge: Knowledge) -> str:
    since = f", depuis le {standing.since:%d/%m/%Y}" if standing.since else ", depuis une date qui n'est pas connue"
    text = f"Étape : {standing.stage} « {standing.stage_title} »{since}."
    if day := visa_day_text(standing):
        counted = "compté" if counts_reception(knowledge.law) else "non compté"
        text += f"\nVisa : jour {day} (jours calendaires, le jour de la réception {counted})."
    return text


def _next(standing: Standing) -> str:
    text = f"Prochaine étape : {standing.next_step}\nÀ qui d'agir : {actor_title(standing.actor)}."
    if standing.due and standing.days_left is not None:
        left = (
            f"dans {standing.days_left} jour(s)"
            if standing.days_left >= 0
            else f"dépassée de {-standing.days_left} jour(s)"
        )
        text += f"\nÉchéance : le {standing.due:%d/%m/%Y}, {left} ({standing.due_why})."
    return text


def _blocked(standing: Standing, said: Sequence[Judgement], assessment: Assessment, knowledge: Knowledge) -> str:
    lines = [f"Pour passer à {standing.next_stage}, il manque encore :"] if standing.blocked_by else []
    for id_ in standing.blocked_by:
        lines.append(f"  - {id_} : {knowledge.rulebook[id_].title}")
        for one in (j for j in said if j.rule == id_ and j.said is Said.PROBLEM):
            lines += [f"      {line}" for line in reasons(one, assessment, knowledge)]
    if standing.unchecked:
        lines.append(
            f"À vérifier par une personne avant {standing.next_stage} (le système ne le contrôle pas encore) :"
        )
        lines += [f"  - {id_} : {knowledge.rulebook[id_].title}" for id_ in standing.unchecked]
    return "\n".join(lines)


def _path(standing: Standing) -> str:
    lines = ["Chemin parcouru :"]
    for step in standing.path:
        when = f"{step.since:%d/%m/%Y}" if step.since else "date inconnue"
        lines.append(f"  {step.stage:5} {when:14} {step.evidence}")
    return "\n".join(lines)


def _evaluations(rows: Sequence[Row], assessment: Assessment) -> str:
    """Each of these evaluations: its state, and what it waits for. One of a case that isn't replayed has none."""
    known = [(row, assessment.evaluations[row.id]) for row in rows if row.id in assessment.evaluations]
    lines = ["Évaluations :"] if known else []
    for row, standing in known:
        when = f" depuis le {standing.since:%d/%m/%Y}" if standing.since else ""
        due = f" (échéance : {standing.due:%d/%m/%Y})" if standing.due else ""
        lines.append(f"  {row.id} : {standing.stage} « {standing.stage_title} »{when}")
        lines.append(f"      {standing.next_step} {actor_title(standing.actor)}{due}")
    return "\n".join(lines)


def _findings(
    findings: Sequence[Finding], said: Sequence[Judgement], assessment: Assessment, knowledge: Knowledge
) -> str:
    if not findings:
        return "Aucune anomalie sur cet acte."
    return "\n".join(["Constats :", *_finding_lines(findings, said, assessment, knowledge)])


def _finding_lines(
    findings: Sequence[Finding], said: Sequence[Judgement], assessment: Assessment, knowledge: Knowledge
) -> Iterator[str]:
    """Each finding, with what its judgement adds: since when, and on which cells."""
    known = {(j.rule, j.mend.tab, j.mend.row, j.mend.column): j for j in said if j.mend}
    for finding in findings:
        yield f"  {mark(finding)} · {finding.rule} : {finding.message}"
        if finding.derogation:
            yield f"      dérogation : {finding.derogation}"
        elif finding.outcome is Outcome.PROBLEM:
            yield f"      que faire : {finding.fix}"
        yield f"      où : {place_in_words(finding, assessment.registry.layouts, knowledge.tabs)}"
        if one := known.get((finding.rule, finding.tab, finding.row, finding.column)):
            yield from (f"      {line}" for line in _grounds(one, assessment, knowledge))
        yield f"      textes : {' ; '.join(finding.sources)}"


# ----------------------------------------------------------------------------------------------- one judgement


def reasons(one: Judgement, assessment: Assessment, knowledge: Knowledge) -> Iterator[str]:
    """Why a rule says what it says of a row, line by line: what it found, what to do, where, since when, which texts."""
    if one.why:
        yield _because(one)
    if one.derogation:
        yield f"dérogation : {one.derogation}"
    elif one.fix:
        yield f"que faire : {one.fix}"
    if one.mend:
        yield f"où : {_cell(one.mend, assessment, knowledge)}"
    yield from _grounds(one, assessment, knowledge)
    yield f"textes : {' ; '.join(one.sources)}"


def _because(one: Judgement) -> str:
    return f"{one.why} ({one.day:%d/%m/%Y})" if one.day else one.why


def _grounds(one: Judgement, assessment: Assessment, knowledge: Knowledge) -> Iterator[str]:
    if one.since:
        yield f"depuis : le {one.since:%d/%m/%Y} ({one.since_why})"
    read = "  ·  ".join(_cells(one.cells, assessment, knowledge))
    if read:
        yield f"cellules lues : {read}"


def _cells(cells: Sequence[CellRead], assessment: Assessment, knowledge: Knowledge) -> Iterator[str]:
    """The cells of a rule, a row at a time; of a tab with many rows, the first ones and how many more there are."""
    for tab, of_tab in groupby(sorted(cells, key=lambda cell: (cell.tab, cell.row)), key=lambda cell: cell.tab):
        rows = [list(of_row) for _, of_row in groupby(of_tab, key=lambda cell: cell.row)]
        title = assessment.registry.layouts[tab].title
        for row in rows[:_ROWS_TOLD]:
            held = (
                f"{_name(cell, assessment)} {knowledge.tabs[tab].column(cell.column).title} = {cell.holds or '(vide)'}"
                for cell in row
            )
            yield f"{title}, {' ; '.join(held)}"
        if len(rows) > _ROWS_TOLD:
            yield f"{title}, et {len(rows) - _ROWS_TOLD} autre(s) ligne(s)"


def _cell(cell: CellRead, assessment: Assessment, knowledge: Knowledge) -> str:
    title = assessment.registry.layouts[cell.tab].title
    return f"onglet {title}, cellule {_name(cell, assessment)} ({knowledge.tabs[cell.tab].column(cell.column).title})"


def _name(cell: CellRead, assessment: Assessment) -> str:
    return f"{letters(assessment.registry.layouts[cell.tab].positions[cell.column])}{cell.row}"


# ------------------------------------------------------------------------------------------- a row of another tab


def row_explanation(
    row: Row,
    findings: Sequence[Finding],
    assessment: Assessment,
    knowledge: Knowledge,
    interpretations: Mapping[str, Any],
) -> str:
    """What is known of a row: what it holds, the agreement it belongs to, and what every rule says of it."""
    said, case = assessment.judge(row), case_of_row(row, assessment, knowledge)
    tier = case.tier if case else _tier(row, assessment)
    near = case_judgements(case, assessment) if case else said  # a rule of the agreement may find fault with this row
    told = {(f.rule, f.tab, f.row, f.column) for f in findings}
    untold = [j for j in said if not (j.mend and (j.rule, j.mend.tab, j.mend.row, j.mend.column) in told)]
    parts = [
        _row_head(row, case, assessment, knowledge),
        _evaluations([row], assessment),
        _findings(findings, near, assessment, knowledge).replace("cet acte", "cette ligne"),
        *(_judged(untold, kind, assessment, knowledge) for kind in _HEADS),
        _readings(readings_told(said, case, tier, knowledge, interpretations, of_row=True), knowledge, interpretations),
    ]
    return "\n\n".join(part for part in parts if part)


def case_of_row(row: Row, assessment: Assessment, knowledge: Knowledge) -> Case | None:
    """The agreement that a row speaks of, if any."""
    key = knowledge.tabs[row.tab].case_key
    return assessment.cases.get(row.id if row.tab == "actes" else row.text(key) if key else "")


def _tier(row: Row, assessment: Assessment) -> Tier | None:
    """The level of the council that a row without agreement speaks of, if any."""
    id_ = row.id if row.tab == "collectivites" else row.text("collectivite")
    council = next((council for council in assessment.registry["collectivites"] if council.id == id_), None)
    return Tier(council.text("niveau")) if council and council["niveau"] else None


def _row_head(row: Row, case: Case | None, assessment: Assessment, knowledge: Knowledge) -> str:
    tab, layout = knowledge.tabs[row.tab], assessment.registry.layouts[row.tab]
    lines = [f"{row.id} · onglet {layout.title}, ligne {row.number}"]
    if row.quarantined:
        lines.append("Une autre ligne porte ce numéro : rien ne peut en être conclu.")
    if row.tab == "actes":
        lines.append("La forme de cet acte n'est pas remplie : son étape ne peut pas être dite.")
    elif case:
        title = case.act.text("intitule")
        lines.append(f"Se rapporte à {case.id}{f' « {title} »' if title else ''}.")
    filled = [c for c in tab.columns[1:] if not c.is_system and (row[c.key] is not None or c.key in row.unreadable)]
    lines += [f"  {_held(row, column.key, knowledge, assessment)}" for column in filled]
    return "\n".join(lines)


def _held(row: Row, column: str, knowledge: Knowledge, assessment: Assessment) -> str:
    cell = cell_read(row, column, knowledge.tabs)
    return f"{_name(cell, assessment):5} {knowledge.tabs[row.tab].column(column).title} : {cell.holds}"


_HEADS = {
    Said.PROBLEM: "Pas encore dû, mais demandé pour aller plus loin :",
    Said.UNKNOWN: "Impossible à dire :",
    Said.FINE: "Règles respectées :",
    Said.NOT_APPLICABLE: "Règles sans objet ici, ou pas encore :",
}


def _judged(said: Sequence[Judgement], kind: Said, assessment: Assessment, knowledge: Knowledge) -> str:
    """The judgements of one kind: in full when there is something to mend, a line each otherwise."""
    mine = [one for one in said if one.said is kind]
    lines = [_HEADS[kind]] if mine else []
    for one in mine:
        lines.append(f"  {one.rule} : {knowledge.rulebook[one.rule].title}")
        if kind in (Said.PROBLEM, Said.UNKNOWN):
            lines += [f"      {line}" for line in reasons(one, assessment, knowledge)]
        elif one.why:
            lines[-1] += f" — {_because(one)}"
    return "\n".join(lines)


# ------------------------------------------------------------------------------------------------ the readings


def readings_told(
    said: Sequence[Judgement],
    case: Case | None,
    tier: Tier | None,
    knowledge: Knowledge,
    interpretations: Mapping[str, Any],
    *,
    of_row: bool = False,
) -> Mapping[str, Sequence[str]]:
    """Point on which the texts disagree → what it decides of this case: rules asked of it, states of its form.

    of_row: only what is asked of the rows judged, not of the whole agreement. None for a point that concerns other forms
    or levels. What isn't owed yet doesn't count, unless it hangs on a known day, which a reading may move.
    """
    asked = {one.rule for one in said if one.said in (Said.FINE, Said.UNKNOWN) or one.owed or one.day}
    told: dict[str, list[str]] = {}
    for id_, point in interpretations.items():
        if not _is_about(point, case, tier):
            continue
        whole = None if of_row else case
        decided = [rule for rule in point["decide"] if rule in asked or _may_be_asked(rule, id_, whole, knowledge)]
        decided += [f"étape {code}" for code in _stages(id_, whole, knowledge)]
        if decided:
            told[id_] = decided
    return told


def _is_about(point: Mapping[str, Any], case: Case | None, tier: Tier | None) -> bool:
    """False of a point that concerns other forms of agreement, or other levels of council."""
    forms = [FORM_LETTER[letter] for letter in point.get("formes", ())]
    return (not forms or case is None or case.form in forms) and tier in point.get("niveaux", (tier,))


def _may_be_asked(rule: str, point: str, case: Case | None, knowledge: Knowledge) -> bool:
    """True of a rule that another reading of that point would ask of this form of agreement."""
    if case is None or case.historical or rule not in knowledge.rulebook:
        return False
    more = knowledge.rulebook[rule].more_forms
    return any(case.form in forms for name, forms in more.items() if name.startswith(f"{point}:"))


def _stages(point: str, case: Case | None, knowledge: Knowledge) -> Iterator[str]:
    if case is None or case.historical or case.form is None:
        return
    for stage in knowledge.machines[case.form].stages:
        if any(name.startswith(f"{point}:") for name in (stage.reading, stage.excused)):
            yield stage.code


def _readings(told: Mapping[str, Sequence[str]], knowledge: Knowledge, interpretations: Mapping[str, Any]) -> str:
    """Every reading of each of those points, the one in force first, and where it is chosen."""
    lines = ["Points où les textes divergent ou se taisent :"] if told else []
    for id_, decided in told.items():
        lines += reading_lines(id_, decided, knowledge, interpretations)
    if lines:
        lines.append("  La lecture se choisit dans settings.toml, [interpretations].")
    return "\n".join(lines)


def reading_lines(
    id_: str, decided: Sequence[str], knowledge: Knowledge, interpretations: Mapping[str, Any]
) -> list[str]:
    """One point: the reading in force, what it decides, then the other readings."""
    point, chosen = interpretations[id_], knowledge.readings[id_]
    others = [f"      autre lecture « {name} » : {text}" for name, text in point["lectures"].items() if name != chosen]
    first = f"  {id_} {point['titre']} : lecture retenue « {chosen} », {point['lectures'][chosen]}"
    return [first, f"      décide ici : {', '.join(decided)}", *others]


# ------------------------------------------------------------------------------------------- one rule on a row


def rule_on(rule: Rule, rows: Sequence[Row], case: Case | None, assessment: Assessment, knowledge: Knowledge) -> str:
    """What one rule says of those rows, or why it says nothing of them."""
    said = [one for row in rows for one in assessment.judge(row) if one.rule == rule.id]
    if not said:
        return f"Cette règle ne dit rien ici : {_silence(rule, rows, case, knowledge)}."
    lines = []
    for one in said:
        title = assessment.registry.layouts[one.tab].title
        lines.append(f"{one.id} (onglet {title}, ligne {one.row}) : {SAID[one.said]}{_when_owed(one)}")
        lines += [f"    {line}" for line in reasons(one, assessment, knowledge)]
    return "\n".join(lines)


def _when_owed(one: Judgement) -> str:
    return ", pas encore due" if one.said is Said.PROBLEM and not one.owed else ""


def _silence(rule: Rule, rows: Sequence[Row], case: Case | None, knowledge: Knowledge) -> str:
    """The first reason why a rule says nothing there."""
    if not rule.executable:
        return f"le logiciel ne la vérifie pas ({rule.reason})"
    if rule.module and rule.module not in knowledge.modules:
        return f"le module « {rule.module} » n'est pas en service dans settings.toml"
    if any(row.quarantined for row in rows):
        return "une autre ligne porte ce numéro"
    if case and case.form and not rule.concerns(case.form, knowledge.readings):
        return "elle ne parle pas de cette forme d'acte, sous les lectures retenues"
    if case and case.historical and not rule.living:
        return "l'acte est noté historique, et elle ne regarde que les étapes passées"
    if rule.subject not in knowledge.tabs:
        return "elle se constate à la lecture des cellules, et aucune cellule d'ici ne l'enfreint"
    return f"elle se lit sur les lignes de l'onglet {knowledge.tabs[rule.subject].title}, et il n'y en a pas ici"
