"""Checks on the clauses of a convention (CLA, annex 2): each stands on the line of its clause in « Pièces et clauses »."""

import re

from cdi_sync.model import Row
from cdi_sync.rules.items import parts, ticked, unsaid
from cdi_sync.rules.named.common import case_of
from cdi_sync.rules.outcomes import Context, Problem, Subject, Unknown, Verdict
from cdi_sync.rules.rulebook import Rule
from cdi_sync.text import fold

_MONTHS = "janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre"
_DATE = re.compile(
    rf"\d{{1,2}}[/.-]\d{{1,2}}[/.-]\d{{4}}|\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}(?:er)? (?:{_MONTHS}) \d{{4}}"
)
_NUMBER = re.compile(r"(?<!\w)(?:n ?[o°º]|numero) ?\S*\d")  # folding turns « n° » into "no"


def deliberations_citees(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """CLA-03: the clause gives the number and the date of the deliberation of each of the two councils."""
    line = ticked(subject, rule, context)
    if not isinstance(line, Row):
        return line
    cited = fold(line.text("contenu"))
    numbers, dates = len(_NUMBER.findall(cited)), len(_DATE.findall(cited))
    if numbers >= rule.parameters["sur"] and dates >= rule.parameters["sur"]:
        return None
    return Problem({"numeros": numbers, "dates": dates}, row=line, column="contenu", text="elements")


def parties_identifiees(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """CLA-04: country and zone of the partner, and who signs for each party, are in the registry too.

    The name of each and what it is are required in their tabs, and the country of the council is known.
    """
    line = ticked(subject, rule, context)
    if not isinstance(line, Row):
        return line
    act, partner, names = subject.row, case_of(subject).partner, rule.parameters["noms"]
    wanted = [(act, "signataire_ct"), (act, "signataire_partenaire")]
    if partner:  # an agreement without one has its own finding
        wanted += [(partner, column) for column in ("pays", "zone_geographique")]
    missing = [(row, column) for row, column in wanted if row[column] is None]
    if not missing:
        return None
    row, column = missing[0]
    return Problem({"manque": " ; ".join(names[key] for _, key in missing)}, row=row, column=column, text="elements")


def montants_et_modalites(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """CLA-06: what the clause commits is written, agrees with the contributions listed, and each says how it comes.

    Without any expense committed nor any contribution listed, the clause is only to be there.
    """
    line = ticked(subject, rule, context)
    if not isinstance(line, Row):
        return line
    shares = [row for row in case_of(subject).money if row["type_ligne"] == "CONTRIBUTION"]
    if not shares and subject.row.says("implique_engagement_financier") is not True:
        return None
    written = line.number_of("montant")
    if written is None:
        return Problem(row=line, column="montant", text="montant")
    for row in shares:
        if row["modalites_mise_en_oeuvre"] is None:
            return Problem({"ligne": row.id}, row=row, column="modalites_mise_en_oeuvre", text="modalites")
    return _same_total(line, written, shares)


def _same_total(line: Row, written: float, shares: list[Row]) -> Verdict:
    for row in shares:
        if _in_dirhams(row) is None:
            return Unknown(f"le montant en dirhams de la contribution {row.id} n'est pas saisi", "montant_mad", row)
    total = sum(_in_dirhams(row) or 0 for row in shares)
    if not shares or round(total - written, 2) == 0:
        return None
    return Problem({"ecrit": written, "somme": total}, row=line, column="montant", text="ecart")


def _in_dirhams(row: Row) -> float | None:
    typed = row.number_of("montant_mad")
    return row.number_of("montant") if typed is None and row["devise"] == "MAD" else typed


def duree_et_reconduction(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """CLA-07: the clause is there, and the agreement's line tells how long it lasts and whether it is renewed."""
    line = ticked(subject, rule, context)
    if not isinstance(line, Row):
        return line
    act = subject.row
    if act["duree_mois"] is None and act["date_fin"] is None:
        return Problem(row=act, column="duree_mois", text="duree")
    return Problem(row=act, column="reconduction", text="reconduction") if act["reconduction"] is None else None


def representants_nommes(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """CLA-09: the clause names a representative of each partner: the main one, and each of the other parties."""
    line = ticked(subject, rule, context)
    if not isinstance(line, Row):
        return line
    others = subject.row["autres_parties"]
    wanted = 1 + (len(others) if isinstance(others, tuple) else 0)
    named = len(parts(line.text("contenu")))
    if named >= wanted:
        return None
    return Problem({"la": named, "sur": wanted}, row=line, column="contenu", text="elements")


def organes_decrits(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """CLA-10: one body at least has its missions and its composition, in its own tab or in the words of the clause."""
    line = ticked(subject, rule, context)
    if not isinstance(line, Row):
        return line
    if any(body["missions"] and body["composition"] for body in case_of(subject).bodies):
        return None
    silent = unsaid(line.text("contenu"), rule.parameters["elements"])
    return Problem({"manque": " ; ".join(silent)}, row=line, column="contenu", text="elements") if silent else None


def ouvrage_et_oeuvre(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """CLA-11: exactly one owner of the works, a delegated one aside, and somebody who directs them."""
    line = ticked(subject, rule, context)
    if not isinstance(line, Row):
        return line
    said = [fold(part) for part in parts(line.text("contenu"))]
    owners = [part for part in said if "ouvrage" in part and "delegue" not in part]
    if len(owners) != 1:
        return Problem({"nombre": len(owners)}, row=line, column="contenu", text="ouvrage")
    if not any("œuvre" in part or "oeuvre" in part for part in said):
        return Problem(row=line, column="contenu", text="oeuvre")
    return None


def annulation_prevue(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """CLA-13: the clause is there; once the agreement is terminated, the terms that both parties signed are joined."""
    line = ticked(subject, rule, context)
    if not isinstance(line, Row):
        return line
    ended = subject.row.day("date_resiliation")
    if ended is None or ended > context.today or line["lien"]:
        return None
    return Problem({"jour": ended}, row=line, column="lien", text="document")


def litiges(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """CLA-14: amicable settlement, arbitration and competent courts, those of one of the two countries."""
    line = ticked(subject, rule, context)
    if not isinstance(line, Row):
        return line
    said, partner = line.text("contenu"), case_of(subject).partner
    silent = unsaid(said, rule.parameters["elements"])
    if silent:
        return Problem({"manque": " ; ".join(silent)}, row=line, column="contenu", text="elements")
    country = partner.text("pays") if partner else ""
    if not unsaid(said, {"pays": [*rule.parameters["pays"], *filter(None, [country])]}):
        return None
    return Problem({"pays": country or "pays à saisir"}, row=line, column="contenu", text="pays")


def langues_de_redaction(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """CLA-15: the text exists in one official language at least of each party; spelling and accents don't count."""
    line = ticked(subject, rule, context)
    if not isinstance(line, Row):
        return line
    case, written = case_of(subject), _languages(line, "langue")
    if not written:
        return Problem(row=line, column="langue", text="vide")
    ours = _languages(case.council, "langues_officielles") or {fold(name) for name in rule.parameters["maroc"]}
    theirs = _languages(case.partner, "langues_officielles")
    if not written & ours:
        return Problem({"partie": "de la collectivité"}, row=line, column="langue", text="partie")
    if case.partner is None:
        return Unknown("le partenaire n'est pas connu", row=line, column="langue", reported=True)
    if not theirs:
        return Unknown("les langues officielles du partenaire ne sont pas saisies", "langues_officielles", case.partner)
    return None if written & theirs else Problem({"partie": "du partenaire"}, row=line, column="langue", text="partie")


def _languages(row: Row | None, column: str) -> set[str]:
    typed = row[column] if row else None
    return {fold(name) for name in typed} if isinstance(typed, tuple) else set()
