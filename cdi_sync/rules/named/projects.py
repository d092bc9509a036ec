"""Checks on the project before its partner is known (PROJ): the field adopted, the technical file, how it is presented.

Guide, axe 2 §2-b, steps 1 and 2. The file's items are lines of « Pièces et clauses » (checklist « Projet »).
"""

import re
from collections.abc import Sequence

from cdi_sync.model import Row, Severity
from cdi_sync.rules.items import Lines, label, opened
from cdi_sync.rules.named.common import case_of
from cdi_sync.rules.outcomes import Context, NotApplicable, Problem, Subject, Unknown, Verdict
from cdi_sync.rules.rulebook import Rule

GIVEN_UP = "l'acte a été abandonné ou a pris fin"
_PAGES = re.compile(r"(\d+)\s*p(?:ages?\b|\.|\b)", re.IGNORECASE)


def project_lines(
    subject: Subject, rule: Rule, context: Context, codes: Sequence[str]
) -> Lines | NotApplicable | Unknown:
    """The lines of those items of the project's file, or why nothing is asked: no more than of a project given up."""
    return NotApplicable(GIVEN_UP) if case_of(subject).over else opened(subject, rule, context, codes)


def domaine_adopte(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """PROJ-01: the council adopted the field of the partnership, on or before the day of the technical file."""
    lines = project_lines(subject, rule, context, [rule.parameters["piece"]])
    if isinstance(lines, NotApplicable | Unknown):
        return lines
    rows = lines[rule.parameters["piece"]]
    line = next((row for row in rows if row["date_piece"]), rows[0])
    adopted, filed = line.day("date_piece"), subject.row.day("date_dossier_technique")
    if adopted is None or line.says("present") is False:
        return Problem(row=line, column="present" if adopted else "date_piece")
    if filed and filed < adopted:
        return Problem(
            {"adoption": adopted, "dossier": filed}, curable=False, row=line, column="date_piece", text="tard"
        )
    if adopted > context.today:
        return Problem({"adoption": adopted}, row=line, column="date_piece", text="prevue")
    return None


def dossier_technique_complet(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """PROJ-02: title, cost, length (or last day), financing, owner of the works and local partners are all given."""
    codes = rule.parameters["pieces"]
    lines = project_lines(subject, rule, context, codes)
    if isinstance(lines, NotApplicable | Unknown):
        return lines
    act, cells = subject.row, rule.parameters["cellules"]
    lacking: list[tuple[str, Row, str]] = [(cells[key], act, key) for key in cells if not _is_given(act, key)]
    for code in codes:
        rows = lines.get(code, ())
        if not any(row.says("present") for row in rows):
            lacking.append((label(code, context), *((rows[0], "present") if rows else (act, rule.column))))
    if not lacking:
        return None
    names = " ; ".join(name.removeprefix("dossier : ") for name, _, _ in lacking)
    total = len(cells) + len(codes)
    facts = {"la": total - len(lacking), "sur": total, "manque": names}
    return Problem(facts, row=lacking[0][1], column=lacking[0][2])


def _is_given(act: Row, key: str) -> bool:
    """True for a text, or a number above zero; a last day is as good as a length in months."""
    if key == "duree_mois" and act["date_fin"]:
        return True
    number = act.number_of(key)
    return act[key] is not None if number is None else number > 0


def dossier_convaincant(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """PROJ-07: summary sheet, earmarked budget and logical framework, all three, are in the file."""
    case, codes = case_of(subject), rule.parameters["pieces"]
    lines = project_lines(subject, rule, context, codes)
    if isinstance(lines, NotApplicable | Unknown):
        return lines
    lacking = [code for code in codes if not any(row.says("present") for row in lines.get(code, ()))]
    names = [label(code, context).removeprefix("dossier : ") for code in lacking]
    if not case.logframe:
        names.append("cadre logique")
    if not names:
        return None
    first = next(iter(lines.get(lacking[0], ())), None) if lacking else None
    facts = {"la": len(codes) + 1 - len(names), "sur": len(codes) + 1, "manque": " ; ".join(names)}
    return Problem(facts, row=first, column="present" if first else rule.column)


def dossier_presente(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """PROJ-09: pages are numbered and a table of contents is there; a thick file is only a remark (NC-10).

    The number of pages is read where « Contenu » says « 42 pages ».
    """
    lines = project_lines(subject, rule, context, [rule.parameters["piece"]])
    if isinstance(lines, NotApplicable | Unknown):
        return lines
    rows = lines[rule.parameters["piece"]]
    line = next((row for row in rows if row.says("present")), None)
    if line is None:
        return Problem(row=rows[0], column="present")
    limit = subject.limit(rule.limit, context.today, context)
    told = _PAGES.search(line.text("contenu"))
    if told is None or limit is None or int(told[1]) <= limit.number:
        return None
    facts = {"pages": int(told[1]), "limite": limit.number}
    return Problem(facts, row=line, column="contenu", severity=Severity.INFO, text="volume")
