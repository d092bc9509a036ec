"""Checks on the data themselves (DATA-03, 04)."""

from datetime import date
from difflib import SequenceMatcher

from cdi_sync.model import Case, Row
from cdi_sync.rules.named.common import case_of
from cdi_sync.rules.outcomes import Context, NotApplicable, Problem, Subject, Verdict
from cdi_sync.rules.rulebook import Rule
from cdi_sync.text import fold


def source_des_actes_anciens(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """DATA-03: an agreement signed before 2010 says where its date comes from."""
    year = signature_year(subject.row)
    before = context.law.in_force(rule.limit, context.today, subject.tier or "")
    assert before is not None, "DATA-03 has its limit in law.toml"
    if year is None or year >= before.number:
        return NotApplicable("acte récent ou non signé")
    return None if subject.row["source_info"] else Problem({"annee": year})


def signature_year(act: Row) -> int | None:
    """The year of signature, from the full date or from what is known of an old act."""
    signed = act.day("date_signature") or act.day("date_adhesion")
    year = act.number_of("annee_signature")
    return signed.year if signed else (int(year) if year is not None else None)


def doublon_probable(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """DATA-04: same council, same form, partners of nearly the same name, less than two years apart."""
    case = case_of(subject)
    alike = context.law.in_force("doublon_similarite", context.today, "")
    apart = context.law.in_force("doublon_ecart_annees", context.today, "")
    assert alike is not None, "DATA-04 has its limits in law.toml"
    assert apart is not None, "DATA-04 has its limits in law.toml"
    for other in context.peers.get((case.act.text("collectivite"), case.act.text("forme")), ()):
        if other.id != case.id and _alike(case, other, alike.share, apart.number):
            return Problem({"autre": other.id, "ligne": other.act.number, "communs": _shared(case, other)})
    return None


def _alike(one: Case, other: Case, similarity: float, years: int) -> bool:
    days = sorted(day for day in (_about(one), _about(other)) if day)
    if len(days) < 2 or days[1] >= _years_after(days[0], years):
        return False
    if one.partner is None or other.partner is None:
        return False
    if one.partner["pays"] != other.partner["pays"]:
        return False
    return SequenceMatcher(None, fold(_name(one)), fold(_name(other))).ratio() >= similarity


def _shared(one: Case, other: Case) -> str:
    """What two agreements have in common, and the two dates."""
    assert one.partner is not None, "_alike compares two partners"
    assert other.partner is not None, "_alike compares two partners"
    partner = f"partenaire {one.partner.id} « {_name(one)} »"
    if one.partner.id != other.partner.id:
        partner = (
            f"partenaires de noms voisins ({one.partner.id} « {_name(one)} », {other.partner.id} « {_name(other)} »)"
        )
    return f"même collectivité, même forme, {partner}, dates proches ({_dated(one)} et {_dated(other)})"


def _dated(case: Case) -> str:
    """The day that was compared, as the registry gives it."""
    year = case.act.number_of("annee_signature")
    known = case.act.day("date_signature") or case.act.day("date_adhesion")
    if known is None and year:
        return f"{year:.0f}"
    day = known or case.act.day("date_creation")
    return f"{day:%d/%m/%Y}" if day else ""


def _years_after(day: date, years: int) -> date:
    """The same day so many years later; 28 February for a 29 that doesn't exist."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _about(case: Case) -> date | None:
    """The day of signature or membership, 1 July of a year known alone, or the day the line was opened."""
    act = case.act
    year = act.number_of("annee_signature")
    concluded = act.day("date_signature") or act.day("date_adhesion")
    return concluded or (date(int(year), 7, 1) if year else act.day("date_creation"))


def _name(case: Case) -> str:
    return case.partner.text("nom") if case.partner else ""
