"""Checks on what is asked of every agreement (GEN)."""

import re
from datetime import date, timedelta

from cdi_sync.calendar import visa_last_day
from cdi_sync.casefile import deliberated_on, engages_nothing, events, first_day, is_opposed, main_deliberations
from cdi_sync.model import Case, Form, Row, Severity
from cdi_sync.rules.named.common import NO_LIMIT, case_of
from cdi_sync.rules.named.deliberations import majorite, quorum
from cdi_sync.rules.named.visas import visa_granted_on
from cdi_sync.rules.outcomes import Context, NotApplicable, Problem, Subject, Unknown, Verdict
from cdi_sync.rules.rulebook import Rule
from cdi_sync.text import fold

OFFICER = "REFERENT_CDI"


def avis_politique_exterieure(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """GEN-01: the opinion is CONFORME and dated, on or before the deliberation and the signature."""
    act, case = subject.row, case_of(subject)
    given = act.day("date_avis")
    if act["avis_politique_exterieure"] != "CONFORME":
        return Problem()
    if given is None:
        return Problem(column="date_avis", text="sans_date")
    days = [deliberated_on(case, row) for row in main_deliberations(case)]
    first = min((day for day in [*days, first_day(case, "signature", "phase_aller", "adhesion")] if day), default=None)
    if first is None or given <= first:
        return None
    return Problem({"avis": given, "acte": first}, curable=False, column="date_avis", text="tard")


def partenaire_etat(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """GEN-03: no signatory is a foreign State; a name that sounds like one is a warning."""
    partner = case_of(subject).partner
    if partner is None:
        return NotApplicable("aucun partenaire saisi")
    if partner["type"] == "ETAT_ETRANGER":
        return Problem({"partenaire": partner.text("nom")})
    words = _words(partner.text("nom"))
    heard = [word for word in rule.parameters["mots_d_alerte"] if _words(word) in words]
    if not heard:
        return None
    return Problem({"partenaire": partner.text("nom"), "mot": heard[0]}, severity=Severity.RECOMMANDE, text="nom")


def _words(name: str) -> str:
    """A name as folded words between single spaces: « l'Ambassade (France) » → " l ambassade france "."""
    words = re.findall(r"[^\W_]+", fold(name))
    return f" {' '.join(words)} "


def competences_propres(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """GEN-04: within the own powers of both parties; a field outside the tier's list is a warning."""
    act = subject.row
    if act.says("competences_deux_parties_ok") is not True:
        return Problem()
    own = rule.parameters["domaines"].get(subject.tier, ())
    if act["domaine"] is None or not own or act["domaine"] in own:
        return None
    return Problem({"domaine": act.text("domaine")}, column="domaine", severity=Severity.RECOMMANDE, text="domaine")


def deliberation_reguliere(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """GEN-08: a deliberation adopted and not opposed, with dated minutes, a copy, a quorum and a majority."""
    case = case_of(subject)
    adopted = [row for row in main_deliberations(case) if row["resultat"] == "ADOPTEE" and not row.says("opposition")]
    if not adopted:
        return Problem()
    faults = [_irregularity(row, case, rule, context) for row in adopted]
    return None if None in faults else faults[-1]


def _irregularity(row: Row, case: Case, rule: Rule, context: Context) -> Problem | None:
    for key in ("date_pv", "lien_pv"):
        if row[key] is None:
            return Problem({"deliberation": row.id}, row=row, column=key, text="pv")
    own = Subject(row, case, case.tier)
    for check, column in ((quorum, "resultat"), (majorite, "votes_pour")):
        if isinstance(check(own, rule, context), Problem):
            return Problem({"deliberation": row.id}, row=row, column=column, text="vote")
    return None


def cdd_meme_session(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """GEN-09: when money is committed, the creation of a CDD is voted in the session of the agreement."""
    case = case_of(subject)
    if subject.row.says("implique_engagement_financier") is not True:
        return NotApplicable("l'acte n'engage pas de dépense")
    sessions = {row.text("id_session") for row in main_deliberations(case)} - {""}
    voted = {row.text("id_session") for row in case.deliberations if row["objet"] == "CREATION_CDD"}
    return None if sessions & voted else Problem()


def approbation_royale(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """GEN-11: the Royal approval is granted and notified, on or before every signed protocol."""
    case = case_of(subject)
    notified = first_day(case, "approbation_royale")
    signed = first_day(case, "phase_aller", "phase_retour", "signature")
    if notified is None:
        return Problem({"signature": signed})
    if signed is None or notified <= signed:
        return None
    return Problem({"signature": signed, "notification": notified}, curable=False, text="tard")


def delai_visa(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """GEN-12: a visa is decided within 20 days of reception; without a date of reception, the receipt is asked for."""
    row = subject.row
    if row["nature"] != "VISA":
        return NotApplicable("cette ligne n'est pas une demande de visa")
    if row["sens"] or row["date_decision"]:
        return None
    if is_opposed(case_of(subject), row):
        return NotApplicable("l'autorité s'est opposée à la délibération")
    received, sent = row.day("date_reception"), row.day("date_envoi")
    if received:
        return _visa_clock(received, subject, context)
    if sent is None:
        return NotApplicable("la demande n'est pas envoyée")
    patience = context.law.in_force("accuse_reception_visa", sent, subject.tier or "")
    last = sent + timedelta(days=patience.number if patience else 0)
    if context.today <= last:
        return NotApplicable("l'accusé de réception peut encore arriver", last)
    return Problem({"envoi": sent}, column="date_reception", text="accuse", severity=_for_twinning(subject))


def _visa_clock(received: date, subject: Subject, context: Context) -> Verdict:
    last = visa_last_day(received, context.law)
    if last is None:
        return NotApplicable(NO_LIMIT)
    if context.today <= last:
        return NotApplicable("les 20 jours courent", last)
    facts = {"reception": received, "echeance": last, "retard": (context.today - last).days}
    text = "expres" if context.readings["D-04"] == "expres" else ""
    return Problem(facts, severity=_for_twinning(subject), on=received, text=text)


def _for_twinning(subject: Subject) -> Severity | None:
    """With the law's reading of D-03 a twinning's missing visa is a warning."""
    return Severity.RECOMMANDE if case_of(subject).form is Form.JUMELAGE else None


def visa_obtenu(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """GEN-10: a visa was granted, expressly or by silence, and no expense was made before it.

    D-04 leaves silence out; D-07 asks it of a membership that costs nothing, or doesn't.
    """
    case = case_of(subject)
    if case.form is Form.ADHESION_OING and context.readings["D-07"] == "loi":
        if case.act.says("implique_engagement_financier") is None:
            return Unknown("« Engagement financier » n'est pas rempli, et la loi n'en décide que par là (D-07)",
                           "implique_engagement_financier", case.act)  # fmt: skip
        if engages_nothing(case):
            return NotApplicable("selon la loi, une adhésion sans dépense n'attend pas de visa (D-07)")
    asked = [row for row in case.visas if row["nature"] == "VISA"]
    if not events(case, "visa_accorde"):
        row, column = (asked[-1], "sens") if asked else (None, "")
        return Problem(row=row, column=column, severity=_for_twinning(subject))
    spent, granted = case.act.day("date_premiere_depense"), visa_granted_on(case, context)
    if spent is None or granted is None or spent >= granted:
        return None
    facts = {"depense": spent, "visa": granted}
    severity = _for_twinning(subject)
    return Problem(facts, curable=False, column="date_premiere_depense", severity=severity, text="depense")


def roles_pourvus(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """GEN-14: with an agreement under way, each role that reminders rely on is held by somebody who can be reached.

    A missing officer is the guide's; the other roles are only a warning.
    """
    council = subject.row.id
    if council not in context.live_councils:
        return NotApplicable("aucun acte en cours")
    wanted = [role.code for role in context.people.roles.values() if role.wanted]
    missing = [code for code in wanted if not context.people.holding(code, council)]
    if not missing:
        return None
    first = OFFICER if OFFICER in missing else missing[0]
    standing_in, _ = context.people.climb(first, council)
    names, after = rule.parameters["noms"], rule.parameters["vers" if standing_in else "personne"]
    facts = {
        "roles": " », « ".join(names[code] for code in missing),
        "suite": after.format(role=names.get(standing_in)),
    }
    if first == OFFICER:
        return Problem(facts)
    return Problem(facts, severity=Severity.RECOMMANDE, text="autres")
