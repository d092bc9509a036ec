"""Checks on the lines of a checklist (« Pièces et clauses »): is an item there, does it say what it must, is it counted.

A problem stands on the line to be mended first. Of several lines of one item, one is enough. Parameters shared by the
kinds: `apres`, columns of the rule's row, one of which must be a day gone by before anything is asked; `role`, a role
that somebody must hold in the council first; `presence = false`, when the tick in « Présente » isn't asked for.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from cdi_sync.model import Row
from cdi_sync.rules.outcomes import Context, NotApplicable, Problem, Subject, Unknown, Verdict
from cdi_sync.rules.rulebook import Rule
from cdi_sync.text import fold

Lines = dict[str, Sequence[Row]]  # item → its lines
Lacking = dict[str, tuple[Row | None, str]]  # item → the line and the column to mend; no line when someone deleted it


# ------------------------------------------------------------------------------------------------------ the kinds


def items_there(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """Every item of `pieces` is there: Oui in « Présente », or a note when `notes`, and every column of `remplis` filled.

    Not applicable while the checklist isn't open. `au_moins`: how many items suffice (all of them by default), those
    of `dont` among them. `note_max`: the highest note, or that of each reading of the point `lecture`. `longueur`:
    « Contenu » has as many characters as the rule's limit. `derogeables`: an item that is a rule's identifier may lack
    when that rule is waived.
    """
    wanted = rule.parameters
    lines = opened(subject, rule, context, wanted["pieces"])
    if isinstance(lines, NotApplicable | Unknown):
        return lines
    return lacking_problem(subject, rule, context, lines)


def lacking_problem(subject: Subject, rule: Rule, context: Context, lines: Lines) -> Problem | None:
    """The problem of `pieces` that lack among those lines. Facts: manque, la, sur, pieces, and lu of limite characters."""
    wanted, codes = rule.parameters, rule.parameters["pieces"]
    limit = context.law.in_force(rule.limit, context.today, subject.tier or "") if wanted.get("longueur") else None
    least = limit.number if limit else 0
    highest = highest_note(wanted, context)
    lacking: Lacking = {c: fault for c in codes if (fault := _item_fault(lines.get(c, ()), wanted, least, highest))}
    if wanted.get("derogeables"):
        lacking = {code: fault for code, fault in lacking.items() if (subject.row.id, code) not in context.waived}
    there = len(codes) - len(lacking)
    if there >= wanted.get("au_moins", len(codes)) and not any(code in lacking for code in wanted.get("dont", ())):
        return None
    first = next((code for code in wanted.get("dont", ()) if code in lacking), next(iter(lacking)))
    row, column = lacking[first]
    names = [label(code, context) for code in lacking]
    facts = {"manque": len(lacking), "la": there, "sur": len(codes), "pieces": " ; ".join(names)}
    if highest is not None:
        facts["note_max"] = highest
    if least:
        facts |= {"lu": len(row.text("contenu")) if row else 0, "limite": least}
    return Problem(facts, row=row, column=column if row else rule.column)


def states(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """« Contenu » of the line of `piece` names each of `elements` (by the beginning of one of its words).

    `au_moins`: how many of them suffice. The text `elements` tells, in `manque`, those that nothing names.
    """
    wanted = rule.parameters
    line = ticked(subject, rule, context)
    if not isinstance(line, Row):
        return line
    silent = unsaid(line.text("contenu"), wanted["elements"])
    if len(wanted["elements"]) - len(silent) >= wanted.get("au_moins", len(wanted["elements"])):
        return None
    facts = {"manque": " ; ".join(silent), "lu": line.text("contenu")}
    return Problem(facts, row=line, column="contenu", text="elements")


def counted(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """« Note » of the line of `piece` counts the elements covered: all `sur` of them. The text `sans`: no number yet."""
    code, total = rule.parameters["piece"], rule.parameters["sur"]
    lines = opened(subject, rule, context, [code])
    if isinstance(lines, NotApplicable | Unknown):
        return lines
    noted = [line for line in lines[code] if line.number_of("note") is not None]
    if not noted:
        return Problem({"sur": total}, row=lines[code][0], column="note", text="sans")
    best = max(noted, key=lambda line: line.number_of("note") or 0)
    covered = best.number_of("note") or 0
    return None if covered >= total else Problem({"la": covered, "sur": total}, row=best, column="note")


# -------------------------------------------------------------------------------------------- for the named checks


def opened(subject: Subject, rule: Rule, context: Context, codes: Sequence[str]) -> Lines | NotApplicable | Unknown:
    """The lines of those items, or why nothing is asked yet."""
    wanted = rule.parameters
    days = [subject.row.day(column) for column in wanted.get("apres", ())]
    if days and not any(day <= context.today for day in days if day):
        return NotApplicable("ce qui le demande n'a pas encore eu lieu")
    if "role" in wanted and not context.people.holding(wanted["role"], subject.row.id):
        return NotApplicable("personne n'a encore ce rôle")
    lines = context.items.get(subject.row.id, {})
    mine = {code: lines[code] for code in codes if code in lines}
    if not mine:
        return NotApplicable("ce dossier n'est pas encore ouvert")
    columns = {place.partition(".")[2] for place in rule.fields if place.startswith("pieces_clauses.")}
    for row in (row for rows in mine.values() for row in rows):
        if columns & row.unreadable:  # a council's lines belong to no case: nobody looked at them before
            return Unknown("une cellule de ce dossier est illisible", row=row, reported=True)
    return mine


def ticked(subject: Subject, rule: Rule, context: Context) -> Row | Problem | NotApplicable | Unknown:
    """The line of the rule's `piece`, once it is ticked (or merely filled, with `presence = false`)."""
    code = rule.parameters["piece"]
    lines = opened(subject, rule, context, [code])
    if isinstance(lines, NotApplicable | Unknown):
        return lines
    asks_tick = rule.parameters.get("presence", True)
    done = [line for line in lines[code] if (line.says("present") if asks_tick else line["contenu"])]
    if done:
        return done[0]
    return Problem(row=lines[code][0], column="present" if asks_tick else "contenu")


def unsaid(text: str, elements: Mapping[str, Sequence[str]]) -> list[str]:
    """The elements that the text doesn't name: none of their words begins a word of it. Accents and case don't count."""
    folded = fold(text)
    return [
        name
        for name, words in elements.items()
        if not any(re.search(rf"(?<!\w){re.escape(fold(word))}", folded) for word in words)
    ]


def parts(text: str) -> list[str]:
    """What semicolons or line breaks separate in a cell, without what is empty."""
    return [part for piece in re.split(r"[;\n]", text) if (part := piece.strip())]


def label(code: str, context: Context) -> str:
    """How a message calls an item: its name in the list, without that of the checklist."""
    return context.item_labels[code].partition(" : ")[2]


def highest_note(wanted: Mapping[str, Any], context: Context) -> float | None:
    """The highest note of a rule's scale; where the texts fix none, that of the reading chosen (D-18)."""
    scale = wanted.get("note_max")
    return scale[context.readings[wanted["lecture"]]] if isinstance(scale, Mapping) else scale


def _item_fault(
    lines: Sequence[Row], wanted: Mapping[str, Any], least: int, highest: float | None
) -> tuple[Row | None, str] | None:
    """The line and the column where an item is to be mended, None when one of its lines suffices."""
    first: tuple[Row | None, str] = (None, "")
    for row in lines:
        fault = _line_fault(row, wanted, least, highest)
        if not fault:
            return None
        first = first if first[0] else (row, fault)
    return first


def _line_fault(row: Row, wanted: Mapping[str, Any], least: int, highest: float | None) -> str:
    """The first column of that line that lacks something, "" when none does."""
    note = row.number_of("note")
    if wanted.get("notes"):
        if note is None or (highest is not None and note > highest):
            return "note"
    elif wanted.get("presence", True) and row.says("present") is not True:
        return "present"
    if len(row.text("contenu")) < least:
        return "contenu"
    return next((key for key in wanted.get("remplis", ()) if row[key] is None), "")
