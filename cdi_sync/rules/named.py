"""Checks that no kind expresses: one function a rule, named as in the rule's `controle`.

Days are calendar days unless a limit says worked days. A step taken late is a problem that can no longer be cured;
it never keeps a case from going on.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from difflib import SequenceMatcher

from cdi_sync.calendar import minutes_last_day, ordinary_sessions, visa_last_day
from cdi_sync.casefile import GRANTED, MAIN_OBJECTS, deliberated_on, events, first_day, main_deliberations
from cdi_sync.law import InForce
from cdi_sync.model import Case, Form, Row, Severity, Tier
from cdi_sync.rules.outcomes import Context, NotApplicable, Problem, Subject, Unknown, Verdict
from cdi_sync.rules.rulebook import Rule
from cdi_sync.text import fold

LOCAL_AUTHORITIES = ("COLLECTIVITE_ETRANGERE", "GROUPEMENT_CT_ETRANGER")
FINAL_RESULTS = ("ADOPTEE", "REJETEE")
OFFICER = "REFERENT_CDI"
NO_LIMIT = "aucun délai enregistré pour cette collectivité à cette date"


def _case(subject: Subject) -> Case:
    assert subject.case is not None, "this check speaks of an agreement"
    return subject.case


# ------------------------------------------------------------------------------------- general provisions (GEN)


def avis_politique_exterieure(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """GEN-01: the opinion is CONFORME and dated, on or before the deliberation and the signature."""
    act, case = subject.row, _case(subject)
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
    partner = _case(subject).partner
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
    case = _case(subject)
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
    case = _case(subject)
    if subject.row.says("implique_engagement_financier") is not True:
        return NotApplicable("l'acte n'engage pas de dépense")
    sessions = {row.text("id_session") for row in main_deliberations(case)} - {""}
    voted = {row.text("id_session") for row in case.deliberations if row["objet"] == "CREATION_CDD"}
    return None if sessions & voted else Problem()


def approbation_royale(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """GEN-11: the Royal approval is granted and notified, on or before every signed protocol."""
    case = _case(subject)
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
    return Problem(facts, severity=_for_twinning(subject), on=received)


def _for_twinning(subject: Subject) -> Severity | None:
    """With the law's reading of D-03 a twinning's missing visa is a warning."""
    return Severity.RECOMMANDE if _case(subject).form is Form.JUMELAGE else None


def visa_obtenu(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """GEN-10: a visa was granted, expressly or by silence, and no expense was made before it."""
    case = _case(subject)
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


# ----------------------------------------------------------------------------------------------- twinning (JUM)


def aucune_demarche_avant_approbation(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """JUM-09: no deliberation, delegation, trip, expense or signature before the Royal approval is notified."""
    case = _case(subject)
    notified = first_day(case, "approbation_royale")
    early = sorted(
        (day, what, mild)
        for day, what, mild in _steps_towards(case, context)
        if day <= context.today and (notified is None or day < notified)
    )
    if not early:
        return None
    day, what, _ = early[0]
    warning = Severity.RECOMMANDE if all(mild for *_, mild in early) else None
    text = "sans" if notified is None else ""
    return Problem({"jour": day, "acte": what, "notification": notified}, curable=False, severity=warning, text=text)


def _steps_towards(case: Case, context: Context) -> Iterator[tuple[date, str, bool]]:
    """(day, what was done, whether the lenient reading of D-02 only warns of it)."""
    for row in case.deliberations:
        day = deliberated_on(case, row)
        if day and row["objet"] in MAIN_OBJECTS:
            yield day, f"délibération {row.id}", context.readings["D-02"] == "souple"
        elif day and row["objet"] == "DELEGATION":
            yield day, f"désignation de la délégation ({row.id})", False
    dated = [(row.day("date_deplacement"), f"déplacement ({row.id})") for row in case.phases]
    dated += [(row.day("date_effective"), f"phase {row.text('phase').lower()} ({row.id})") for row in case.phases]
    dated += [
        (case.act.day("date_premiere_depense"), "première dépense"),
        (case.act.day("date_signature"), "signature"),
    ]
    yield from ((day, what, False) for day, what in dated if day)


def inscrit_apres_accord(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """JUM-10: after the ministry's agreement in principle, the proposal is on the agenda of a session."""
    case = _case(subject)
    agreements = events(case, "accord_principe")
    if not agreements:
        return Problem(text="sans_accord")
    agreed = first_day(case, "accord_principe")
    if agreed is None:
        return Unknown("l'accord de principe n'est pas daté", "date_notification", agreements[0].row)
    inscribed = [row for row in main_deliberations(case) if row.says("inscrit_odj")]
    days = [deliberated_on(case, row) for row in inscribed]
    if any(day and day >= agreed for day in days):
        return None
    if None in days:
        return Unknown("la session où le point est inscrit n'est pas datée", "id_session", inscribed[days.index(None)])
    last = main_deliberations(case)[-1:] or (None,)
    return Problem({"accord": agreed}, row=last[0], column="inscrit_odj" if last[0] else "")


def dossier_ministere(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """JUM-11: the ministry gets a copy of the minutes, the statement of costs and the practical arrangements, dated."""
    act = subject.row
    missing = [
        key
        for key in ("etat_detaille_depenses", "dispositions_materielles", "date_transmission_pieces_mi")
        if act[key] is None
    ]
    votes = [row for row in main_deliberations(_case(subject)) if row["resultat"] == "ADOPTEE"]
    copied = any(row["lien_pv"] for row in votes)
    if not missing and copied:
        return None
    facts = {"manque": len(missing) + (not copied)}
    if missing or not votes:
        return Problem(facts, column=missing[0] if missing else "date_transmission_pieces_mi")
    return Problem(facts, row=votes[-1], column="lien_pv")


def delegation_designee(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """JUM-15: for an outward phase abroad the council has named the delegation, on or before the trip."""
    row, case = subject.row, _case(subject)
    if row["phase"] != "ALLER" or row.says("a_l_etranger") is not True:
        return NotApplicable("la phase aller n'est pas à l'étranger")
    votes = [d for d in case.deliberations if d["objet"] == "DELEGATION" and d["resultat"] == "ADOPTEE"]
    trip = row.day("date_deplacement") or row.day("date_effective")
    if not votes:
        return Problem({"voyage": trip})
    days = [day for d in votes if (day := deliberated_on(case, d))]
    if trip is None or not days or min(days) <= trip:
        return None
    return Problem({"voyage": trip, "deliberation": min(days)}, curable=False, text="tard")


def deux_collectivites(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """JUM-21: a twinning binds local authorities, here and abroad."""
    partner = _case(subject).partner
    if partner is None or partner["type"] is None:
        return NotApplicable("aucun partenaire saisi")
    return None if partner["type"] in LOCAL_AUTHORITIES else Problem({"partenaire": partner.text("nom")})


# ------------------------------------------------------------------------------------ signature (CONV-13, CLA-08)


def signature_apres_visa(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """CONV-13: signed on or after the day of the visa (D-19)."""
    signed = subject.row.day("date_signature")
    if signed is None:
        return NotApplicable("le jour de la signature n'est pas connu")
    warning = Severity.RECOMMANDE if context.readings["D-19"] == "souple" else None
    visa = visa_granted_on(_case(subject), context)
    if visa is None:
        return Problem({"signature": signed}, curable=False, severity=warning, text="sans_visa")
    if signed >= visa:
        return None
    return Problem({"signature": signed, "visa": visa}, curable=False, severity=warning)


def visa_granted_on(case: Case, context: Context) -> date | None:
    """The day of the first visa granted: its decision, or the end of the 20 days when silence was recorded."""
    days = []
    for row in case.visas:
        if row["nature"] == "VISA" and row["sens"] in GRANTED:
            received = row.day("date_reception")
            days.append(row.day("date_decision") or (visa_last_day(received, context.law) if received else None))
    return min((day for day in days if day), default=None)


def vigueur_apres_visa_et_signature(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """CLA-08: in force only after the visa and the signature."""
    start = subject.row.day("date_entree_vigueur")
    if start is None:
        return NotApplicable("l'entrée en vigueur n'est pas datée")
    for day, what in (
        (subject.row.day("date_signature"), "la signature"),
        (visa_granted_on(_case(subject), context), "le visa"),
    ):
        if day is None:
            return Problem({"vigueur": start, "quoi": what}, text="sans")
        if start < day:
            return Problem({"vigueur": start, "quoi": what, "jour": day})
    return None


# ------------------------------------------------------------------------------------------ sessions (LEX 01-05)


def notice_days(subject: Subject, rule: Rule, context: Context, opening: date) -> int | Unknown | NotApplicable:
    """How many days before the opening a session's agenda or notice is due, or why nobody can say."""
    row, key = subject.row, rule.limit
    if row["type"] == "EXTRAORDINAIRE" and rule.parameters.get("ordinaire_seulement"):
        why = "les 20 jours sont écrits pour les sessions en général et une session extraordinaire ne peut les tenir"
        return Unknown(why, rule.parameters["fait"])
    if row["type"] == "EXTRAORDINAIRE" and row["initiative_extraordinaire"] == "WALI_GOUVERNEUR":
        key = "convocation_demande_autorite"
    limit = subject.limit(key, opening, context)
    return limit.number if limit else NotApplicable(NO_LIMIT)


def session_a_sa_date(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """LEX-01: an ordinary session opens in the window that the law fixes for the tier."""
    row = subject.row
    opening = row.day("date_ouverture")
    if row["type"] != "ORDINAIRE" or opening is None or subject.tier is None:
        return NotApplicable("pas une session ordinaire datée")
    lawful = ordinary_sessions(subject.tier, opening.year, context.law, context.calendar)
    if not lawful:
        return NotApplicable("aucun calendrier enregistré pour cette année")
    if any(_within(opening, subject.tier, s.month, s.opening, s.opening_latest) for s in lawful):
        return None
    nearest = min(lawful, key=lambda session: abs((session.opening - opening).days))
    facts = {"ouverture": opening, "attendue": nearest.opening, "au_plus_tard": nearest.opening_latest}
    return Problem(facts, text="semaine" if subject.tier is Tier.COMMUNE else "", on=opening)


def _within(day: date, tier: Tier, month: int, first: date, last: date) -> bool:
    if tier is Tier.COMMUNE:  # « first week »: its days, whether worked or not
        return day.month == month and day.day <= max(7, last.day)
    return first <= day <= last


def session_extraordinaire(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """LEX-05: held within the days that go with who asked for it, and not longer than 7 days."""
    row = subject.row
    if row["type"] != "EXTRAORDINAIRE":
        return NotApplicable("pas une session extraordinaire")
    opening, closed = row.day("date_ouverture"), row.day("date_cloture")
    if opening and closed and (problem := _too_long(subject, opening, closed, context)):
        return problem
    return _opened_in_time(subject, opening, context)


def _too_long(subject: Subject, opening: date, closed: date, context: Context) -> Problem | None:
    longest = subject.limit("extraordinaire_duree", opening, context)
    if longest is None:
        return None
    if subject.tier is Tier.COMMUNE:  # consecutive worked days
        length = context.calendar.worked_days_between(opening - timedelta(days=1), closed)
    else:
        length = (closed - opening).days + 1
    if length <= longest.number:
        return None
    return Problem(
        {"duree": length, "jours": longest.number}, curable=False, column="date_cloture", text="duree", on=opening
    )


def _opened_in_time(subject: Subject, opening: date | None, context: Context) -> Verdict:
    row = subject.row
    asked = row.day("date_demande")
    if row["initiative_extraordinaire"] is None:
        return Unknown("qui a demandé la session n'est pas saisi", "initiative_extraordinaire")
    key = {"MAJORITE_ABSOLUE": "extraordinaire_majorite", "WALI_GOUVERNEUR": "extraordinaire_autorite"}.get(
        row.text("initiative_extraordinaire")
    )
    limit = subject.limit(key, asked or opening or context.today, context) if key else None
    if limit is None:
        return None if opening else NotApplicable("la session n'a pas de date d'ouverture")
    if asked is None:
        return Unknown("la date de la demande n'est pas saisie", "date_demande")
    last = asked + timedelta(days=limit.number)
    if (opening or context.today) <= last:
        return None if opening else NotApplicable("la session peut encore s'ouvrir", last)
    facts = {"ouverture": opening, "demande": asked, "jours": limit.number, "dernier_jour": last}
    return Problem(facts, curable=opening is None, text="" if opening else "jamais", on=asked)


# ------------------------------------------------------------------------------------- deliberations (LEX 06-19)


def quorum(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """LEX-06: without a quorum at the first two calls nothing can be voted; the third meeting is always valid.

    In a session asked for by the Wali or Governor the second meeting (next working day) is valid already.
    """
    session = _case(subject).session_of(subject.row)
    if subject.row["resultat"] is None:
        return NotApplicable("le résultat n'est pas saisi")
    if session is None:
        return Unknown("la session n'est pas indiquée", "id_session")
    if session.says("quorum_atteint") is None:
        return Unknown("la session ne dit pas si le quorum était atteint", "id_session")
    if session.says("quorum_atteint") or subject.row["resultat"] == "SANS_QUORUM":
        return None
    call = session.number_of("rang_convocation")
    if call is None:
        return Unknown(
            "la session ne dit pas s'il s'agit de la première, deuxième ou troisième convocation", "id_session"
        )
    valid_from = 2 if session["initiative_extraordinaire"] == "WALI_GOUVERNEUR" else 3
    return None if call >= valid_from else Problem({"session": session.id, "rang": call}, text="")


def majorite(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """LEX-07: more votes for than against; at equality the President's vote decides, so either result is possible."""
    row = subject.row
    in_favour, against = row.number_of("votes_pour"), row.number_of("votes_contre")
    if row["resultat"] not in FINAL_RESULTS:
        return NotApplicable("aucun vote définitif")
    if in_favour is None or against is None:
        return Unknown("le nombre de votes n'est pas saisi", "votes_pour" if in_favour is None else "votes_contre")
    facts = {"pour": in_favour, "contre": against}
    if row["resultat"] == "ADOPTEE":
        return Problem(facts) if in_favour < against else None
    return Problem(facts, text="rejet") if in_favour > against else None


def transmission_pv(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """LEX-08: minutes sent to the authority within 10 or 15 worked days after the session closed."""
    row = subject.row
    if row["resultat"] not in (*FINAL_RESULTS, "AJOURNEE"):
        return NotApplicable("aucun résultat à transmettre")
    session = _case(subject).session_of(row)
    closed = session.day("date_cloture") if session else None
    if closed is None:
        return Unknown("la session n'est pas indiquée ou n'a pas de date de clôture", "id_session")
    limit = subject.limit(rule.limit, closed, context)
    if limit is None or subject.tier is None:
        return NotApplicable(NO_LIMIT)
    last = minutes_last_day(subject.tier, closed, context.law, context.calendar)
    if last is None:
        return NotApplicable(NO_LIMIT)
    return _sent_by(row.day("date_transmission_pv_autorite"), last, closed, limit, context)


def _sent_by(sent: date | None, last: date, closed: date, limit: InForce, context: Context) -> Verdict:
    facts = {"cloture": closed, "dernier_jour": last, "jours": limit.number, "envoi": sent}
    if sent is None:
        return NotApplicable("le délai court encore", last) if context.today <= last else Problem(facts, on=closed)
    if sent <= last:
        return None
    late = context.calendar.worked_days_between(last, sent)
    return Problem({**facts, "retard": late}, curable=False, text="tard", on=closed)


def nouvelle_deliberation(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """LEX-09: an opposition calls for a new deliberation, held after it."""
    row, case = subject.row, _case(subject)
    if row.says("opposition") is not True:
        return NotApplicable("aucune opposition")
    opposed = row.day("date_opposition")
    others = [other for other in case.deliberations if other["objet"] == row["objet"] and other is not row]
    days = [row.day("date_nouvelle_deliberation"), *(deliberated_on(case, other) for other in others)]
    if opposed and any(day and opposed < day <= context.today for day in days):
        return None
    return Problem({"opposition": opposed}, text="" if opposed else "sans_date")


def autorite_du_visa(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """LEX-10: the visa comes from the authority that the chosen reading of D-01 designates."""
    row = subject.row
    if row["nature"] != "VISA" or row["autorite"] is None:
        return NotApplicable("pas une demande de visa adressée à une autorité")
    expected = rule.parameters[context.readings["D-01"]].get(subject.tier)
    if expected is None:
        return NotApplicable("aucune autorité n'est désignée pour ce niveau")
    if row["autorite"] == expected:
        return None
    return Problem(
        {"autorite": rule.parameters["noms"][row.text("autorite")], "attendue": rule.parameters["noms"][expected]}
    )


def visa_tacite(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """LEX-11: silence after 20 days lets a person record a tacit visa, with proof of reception; never earlier."""
    row = subject.row
    received = row.day("date_reception")
    if row["nature"] != "VISA":
        return NotApplicable("cette ligne n'est pas une demande de visa")
    if row["sens"] not in (None, "TACITE"):
        return None
    if row["sens"] == "TACITE" and (received is None or row["ref_accuse"] is None):
        return Problem(column="date_reception" if received is None else "ref_accuse", text="sans_preuve")
    last = visa_last_day(received, context.law) if received else None
    if received is None or last is None:
        return NotApplicable("aucune réception datée" if received is None else NO_LIMIT)
    if row["sens"] == "TACITE":
        return _recorded(row.day("date_decision"), last, context)
    if row["date_decision"]:
        return Unknown("une décision est datée mais son sens n'est pas saisi", "sens")
    if context.today <= last:
        return NotApplicable("les 20 jours courent", last)
    if row["ref_accuse"] is None:
        return Unknown("sans référence de l'accusé de réception, le silence ne prouve rien", "ref_accuse")
    text = "" if _is_local_authority(_case(subject), subject.tier) else "finances"
    return Problem({"reception": received, "echeance": last}, column="sens", text=text, on=received)


def _recorded(day: date | None, last: date, context: Context) -> Verdict:
    """A tacit visa on file: recorded after the 20 days, and dated."""
    if (day or context.today) <= last:
        return Problem({"echeance": last}, text="trop_tot", column="date_decision")
    return None if day else Unknown("le constat du visa tacite n'est pas daté", "date_decision")


def _is_local_authority(case: Case, tier: Tier | None) -> bool:
    """Articles 109 and 118 name foreign local authorities only; article 115 (regions) adds other actors."""
    return tier is Tier.REGION or bool(case.partner and case.partner["type"] in LOCAL_AUTHORITIES)


def accord_autorites_publiques(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """LEX-13: only points on the agenda are voted; an actor that is no local authority needs the authorities' consent."""
    case = _case(subject)
    for row in case.deliberations:
        if row["resultat"] in FINAL_RESULTS and row.says("inscrit_odj") is not True:
            return Problem({"deliberation": row.id}, row=row, column="inscrit_odj", text="odj")
    concluded = events(case, "signature", "adhesion")
    if not concluded or case.partner is None or case.partner["type"] in (None, *LOCAL_AUTHORITIES):
        return NotApplicable("aucun accord à demander pour l'instant")
    partner = case.partner.text("nom")
    consents = [r for r in case.visas if r["nature"] == "ACCORD_AUTORITES_PUBLIQUES" and r["sens"] == "ACCORDE"]
    if not consents:
        return Problem({"partenaire": partner})
    given = min((day for r in consents if (day := r.day("date_decision"))), default=None)
    day = concluded[0].day
    if given is None or day is None or given <= day:
        return None
    return Problem({"partenaire": partner, "accord": given, "acte": day}, curable=False, text="tard")


# ---------------------------------------------------------------------------------------------- data (DATA 03-04)


def source_des_actes_anciens(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """DATA-03: an agreement signed before 2010 says where its date comes from."""
    year = signature_year(subject.row)
    before = context.law.in_force(rule.limit, context.today, subject.tier or "")
    if year is None or before is None or year >= before.number:
        return NotApplicable("acte récent ou non signé")
    return None if subject.row["source_info"] else Problem({"annee": year})


def signature_year(act: Row) -> int | None:
    """The year of signature, from the full date or from what is known of an old act."""
    signed = act.day("date_signature") or act.day("date_adhesion")
    year = act.number_of("annee_signature")
    return signed.year if signed else (int(year) if year is not None else None)


def doublon_probable(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """DATA-04: same council, same form, partners of nearly the same name, less than two years apart."""
    case = _case(subject)
    alike = context.law.in_force("doublon_similarite", context.today, "")
    apart = context.law.in_force("doublon_ecart_annees", context.today, "")
    assert alike and apart and isinstance(alike.value, float), "DATA-04 has its limits in law.toml"
    for other in context.peers.get((case.act.text("collectivite"), case.act.text("forme")), ()):
        if other.id != case.id and _alike(case, other, alike.value, apart.number):
            return Problem({"autre": other.id, "ligne": other.act.number, "partenaire": _name(other)})
    return None


def _alike(one: Case, other: Case, similarity: float, years: int) -> bool:
    days = sorted(day for day in (_about(one), _about(other)) if day)
    if len(days) < 2 or days[1] >= _years_after(days[0], years):
        return False
    if one.partner is None or other.partner is None:
        return False
    if one.partner.id == other.partner.id:
        return True
    if one.partner["pays"] != other.partner["pays"]:
        return False
    return SequenceMatcher(None, fold(_name(one)), fold(_name(other))).ratio() >= similarity


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


CHECKS: Mapping[str, Callable[[Subject, Rule, Context], Verdict]] = {
    check.__name__: check
    for check in (
        avis_politique_exterieure, partenaire_etat, competences_propres, deliberation_reguliere, cdd_meme_session,
        approbation_royale, delai_visa, visa_obtenu, roles_pourvus,
        aucune_demarche_avant_approbation, inscrit_apres_accord, dossier_ministere,
        delegation_designee, deux_collectivites, signature_apres_visa, vigueur_apres_visa_et_signature,
        session_a_sa_date, session_extraordinaire, quorum, majorite, transmission_pv, nouvelle_deliberation,
        autorite_du_visa, visa_tacite, accord_autorites_publiques, source_des_actes_anciens, doublon_probable,
    )
}  # fmt: skip
