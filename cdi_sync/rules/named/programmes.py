"""Checks on the programmes that cofinance projects (COF-07, 08, 12, 14, 15): their money, themes, bodies and periods.

What is known of a programme is in `config/programmes.toml`; what nobody has entered there makes the outcome unknown. A
programme that isn't there is none of these rules' business.
"""

from datetime import date, timedelta

from cdi_sync.model import Case, Form, Row
from cdi_sync.programmes import Asked
from cdi_sync.rules.named.common import case_of
from cdi_sync.rules.outcomes import Context, NotApplicable, Problem, Subject, Unknown, Verdict
from cdi_sync.rules.rulebook import Rule

OTHER = NotApplicable("l'acte ne vise pas ce programme de cofinancement")
NOT_SENT = NotApplicable("le dossier n'est pas encore transmis")
LAUNCHED, SENT, RESULT = "date_lancement_appel", "date_transmission_dossier", "date_resultat_appel"


def enveloppe_respectee(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """COF-07: with this grant, the Moroccan envelope of the programme's version has paid no more than it holds.

    Grants are added up over the whole registry; each is charged to the Moroccan envelope for its share. A registry of one
    council sees its own grants only: it can show that an envelope is exceeded, never that it isn't.
    """
    grant = context.grants.get(subject.row.id)
    if grant is None:
        return NotApplicable("aucune subvention accordée sur un programme dont l'enveloppe est connue")
    if grant.paid <= grant.envelope:
        return None
    asked = _asked(subject, context)
    name = f"{asked.programme.code} {grant.version.label}" if asked else grant.version.label
    return Problem({"programme": name, "total": _dirhams(grant.paid), "enveloppe": _dirhams(grant.envelope)})


def theme_du_programme(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """COF-08: the project's theme is among those of the version in force when the file was sent, or today if it wasn't.

    Asked of programmes that have themes. Unknown while nobody has entered their list (D-13).
    """
    act, asked = subject.row, _asked(subject, context)
    if asked is None or _given_up(subject):
        return OTHER
    day = act.day(SENT) or context.today
    version = asked.on(day)
    themes = version.themes_on(day) if version else None
    if themes is None:
        return NotApplicable("aucune version du programme avec des thèmes n'était ouverte ce jour-là")
    if act["thematique_visee"] is None:
        return Problem({"programme": asked.programme.code}, text="vide")
    if not themes.names:
        how_many = f"les {themes.count} thèmes" if themes.count else "les thèmes"
        return Unknown(
            f"{how_many} du programme ne sont pas encore saisis (fichier programmes.toml)", "thematique_visee"
        )
    if themes.include(act.text("thematique_visee")):
        return None
    return Problem({"theme": act.text("thematique_visee"), "programme": asked.programme.code,
                    "sur": len(themes.names), "source": themes.source})  # fmt: skip


def projet_eligible_au_fonds(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """COF-12: the fund's steering committee declared the project eligible on a dated day, before the signature, and the
    partner is African.
    """
    act, case, asked = subject.row, case_of(subject), _asked(subject, context)
    if asked is None or asked.programme.code != rule.parameters["programme"] or _given_up(subject):
        return OTHER
    african = is_african(case.partner, rule)
    if african is False:
        assert case.partner, "a partner that is somewhere is known"
        return Problem({"partenaire": case.partner.text("nom")}, column="partenaire", text="zone")
    if act["resultat_appel"] != "RETENU":
        return Problem()
    decided, signed = act.day(RESULT), act.day("date_signature")
    if decided is None:
        return Problem(column=RESULT, text="sans_date")
    if signed and decided > signed:
        return Problem({"decision": decided, "signature": signed}, curable=False, column=RESULT, text="tard")
    if african is None:
        return Unknown("la zone géographique du partenaire n'est pas saisie", "partenaire")
    return None


def is_african(partner: Row | None, rule: Rule) -> bool | None:
    """True for a partner of a zone of `zones`, or of a country of `pays`; None when its zone isn't entered."""
    if partner is None or (partner["zone_geographique"] is None and partner["pays"] not in rule.parameters["pays"]):
        return None
    return partner["zone_geographique"] in rule.parameters["zones"] or partner.text("pays") in rule.parameters["pays"]


def appel_annuel_guette(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """COF-14: of a council that works with Africa, some agreement has a call of the fund launched within a year."""
    council = subject.row
    cases = context.council_acts.get(council.id, ())
    calls = [case.act for case in cases if _is_of(case, rule.parameters["programme"], context)]
    if any(LAUNCHED in act.unreadable for act in calls):
        return Unknown("la date d'un appel est illisible", reported=True)
    if not calls and not any(_works_with_africa(case, rule) for case in cases):
        return NotApplicable("la collectivité n'a ni appel du Fonds, ni acte en cours avec un partenaire africain")
    limit = subject.limit(rule.limit, context.today, context)
    launched = [day for act in calls if (day := act.day(LAUNCHED)) and day <= context.today]
    latest = max(launched, default=None)
    if limit is None or (latest and context.today <= latest + timedelta(days=limit.number)):
        return None
    return Problem({"dernier": latest}, text="ancien" if latest else "")


def _works_with_africa(case: Case, rule: Rule) -> bool:
    """True for a twinning or a convention under way with an African partner; an organisation is none of the fund's."""
    return case.followed and case.form is not Form.ADHESION_OING and is_african(case.partner, rule) is True


def depot_dans_la_periode(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """COF-15: the file was sent while the version named was open, or any version when none is named."""
    asked, sent = _asked(subject, context), subject.row.day(SENT)
    if asked is None or _given_up(subject):
        return OTHER
    if sent is None:
        return NOT_SENT
    if asked.on(sent):
        return None
    versions = [asked.version] if asked.version else asked.programme.versions
    periods = " ; ".join(
        _period(version.begins.value, version.ends.value if version.ends else None) for version in versions
    )
    return Problem({"envoi": sent, "programme": asked.programme.code, "periodes": periods}, curable=False)


# ------------------------------------------------------------------------------------------------------- helpers


def _asked(subject: Subject, context: Context) -> Asked | None:
    typed = subject.row.text("programme")
    return context.programmes.read(typed) if typed else None


def _is_of(case: Case, code: str, context: Context) -> bool:
    asked = context.programmes.read(case.act.text("programme")) if case.act["programme"] else None
    return asked is not None and asked.programme.code == code


def _given_up(subject: Subject) -> bool:
    return case_of(subject).over or subject.row["resultat_appel"] == "REJETE"


def _period(first: date, last: date | None) -> str:
    return f"du {first:%d/%m/%Y} au {last:%d/%m/%Y}" if last else f"depuis le {first:%d/%m/%Y}"


def _dirhams(amount: float) -> str:
    return f"{amount:,.0f} MAD".replace(",", " ")
