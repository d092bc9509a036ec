"""The faults that are planted: each spoils one clean agreement and names the rules that it must break.

A fault is declared with the form and stage it needs. What it expects follows from the texts, worked by hand; nothing
here runs a rule. `world.book.plant(tab, row, rules…)` records it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cdi_sync.calendar import minutes_last_day
from cdi_sync.demo.book import Dossier, Row, days_before
from cdi_sync.demo.careers import SYNTHETIC, World, open_act
from cdi_sync.demo.cycle import fund_convention

Spoil = Callable[[World, Dossier], None]


@dataclass(frozen=True)
class Fault:
    """How to spoil a clean agreement: which career and stage it needs, and the options of that career."""

    name: str
    form: str
    stage: str
    spoil: Spoil
    options: dict[str, Any]


FAULTS: list[Fault] = []


def fault(form: str, stage: str, **options: Any) -> Callable[[Spoil], Spoil]:
    """Declares a fault; the same function may serve several forms and stages."""

    def declare(spoil: Spoil) -> Spoil:
        FAULTS.append(Fault(f"{spoil.__name__} ({form} {stage})", form, stage, spoil, options))
        return spoil

    return declare


C, J, O = "CONVENTION", "JUMELAGE", "ADHESION_OING"  # noqa: E741, N806, RUF100  # the guide's letters


def _the(row: Row | None) -> Row:
    assert row is not None, "this career has that row"
    return row


# ------------------------------------------------------------------------------------- general provisions (GEN)


@fault(C, "C100")
@fault(J, "J30")
def avis_non_conforme(world: World, d: Dossier) -> None:
    d.act["avis_politique_exterieure"] = "NON_VERIFIE"
    world.book.plant("actes", d.act, "GEN-01")


@fault(O, "O50")
def avis_apres_deliberation(world: World, d: Dossier) -> None:
    d.act["date_avis"] = _the(d.deliberation)["date_deliberation"] + timedelta(days=1)
    world.book.plant("actes", d.act, "GEN-01")


@fault(C, "C80")
@fault(J, "J20")
def engagements_sans_preuve(world: World, d: Dossier) -> None:
    d.act["commentaire_engagements"] = None
    world.book.plant("actes", d.act, "GEN-02")


@fault(C, "C40", partner_type="ETAT_ETRANGER")
def partenaire_etat(world: World, d: Dossier) -> None:
    world.book.plant("actes", d.act, "GEN-03")


@fault(C, "C50", partner_name="Ambassade (fictive) : {pays}")
def partenaire_au_nom_d_etat(world: World, d: Dossier) -> None:
    world.book.plant("actes", d.act, "GEN-03")


@fault(C, "C90")
def competences_non_verifiees(world: World, d: Dossier) -> None:
    d.act["competences_deux_parties_ok"] = None
    world.book.plant("actes", d.act, "GEN-04")


@fault(J, "J40")
def domaine_hors_competences(world: World, d: Dossier) -> None:
    d.act["domaine"] = "AUTRE"
    world.book.plant("actes", d.act, "GEN-04")


@fault(C, "C75")
def hors_ordre_du_jour(world: World, d: Dossier) -> None:
    _the(d.deliberation)["inscrit_odj"] = False
    world.book.plant("deliberations", _the(d.deliberation), "GEN-07", "LEX-13")


@fault(O, "O40")
def adhesion_hors_ordre_du_jour(world: World, d: Dossier) -> None:
    _the(d.deliberation)["inscrit_odj"] = False
    world.book.plant("deliberations", _the(d.deliberation), "GEN-07", "LEX-13", "OING-03")


@fault(C, "C90")
@fault(O, "O40")
def proces_verbal_non_joint(world: World, d: Dossier) -> None:
    _the(d.deliberation)["lien_pv"] = None
    world.book.plant("deliberations", _the(d.deliberation), "GEN-08")


@fault(C, "C70")
@fault(C, "C80")
def sans_cdd(world: World, d: Dossier) -> None:
    fund_convention(world, d)
    world.book.plant("actes", d.act, "GEN-09", "FIN-03")


@fault(C, "C90")
def signee_sans_visa(world: World, d: Dossier) -> None:
    world.book.rows["visas_accords"].remove(_the(d.visa))
    world.book.plant("actes", d.act, "GEN-10", "CONV-13")


@fault(O, "O60")
def candidature_sans_visa(world: World, d: Dossier) -> None:
    world.book.rows["visas_accords"].remove(_the(d.visa))
    world.book.plant("actes", d.act, "GEN-10")


@fault(J, "J80")
@fault(J, "J85")
def sans_approbation(world: World, d: Dossier) -> None:
    world.book.rows["visas_accords"].remove(_the(d.approval))
    world.book.plant("actes", d.act, "GEN-11", "JUM-09")


@fault(C, "C75")
@fault(O, "O40")
def visa_echu(world: World, d: Dossier) -> None:
    received = days_before(world.today, 21)
    _the(d.visa).update(date_envoi=days_before(received, 2), date_reception=received)
    world.book.plant("visas_accords", _the(d.visa), "GEN-12", "LEX-11")


@fault(C, "C75")
def visa_echu_sans_preuve(world: World, d: Dossier) -> None:
    received = days_before(world.today, 33)
    _the(d.visa).update(date_envoi=days_before(received, 2), date_reception=received, ref_accuse=None)
    world.book.plant("visas_accords", _the(d.visa), "GEN-12")


@fault(C, "C75")
def sans_accuse(world: World, d: Dossier) -> None:
    _the(d.visa).update(date_envoi=days_before(world.today, 6), date_reception=None, ref_accuse=None)
    world.book.plant("visas_accords", _the(d.visa), "GEN-12")


@fault(C, "C55")
@fault(O, "O20")
def referent_parti(world: World, d: Dossier) -> None:
    for row in world.book.rows["contacts"]:
        if row["collectivite"] == d.council["id"] and row["fonction_role"] == "REFERENT_CDI":
            row["date_fin"] = days_before(world.today, 1)
    for row in world.book.rows["pieces_clauses"]:
        if row.get("collectivite") == d.council["id"]:  # nor is anything asked of the profile of nobody
            world.book.expected.pop(("pieces_clauses", row["id"]), None)
    world.book.plant("collectivites", d.council, "GEN-14")


# ----------------------------------------------------------------------------------------------- twinning (JUM)


@fault(J, "J20")
@fault(J, "J45")
def rapport_direct(world: World, d: Dossier) -> None:
    d.act["voie_rapport"] = "DIRECTE"
    world.book.plant("actes", d.act, "JUM-07")


@fault(J, "J65")
def delibere_trop_tot(world: World, d: Dossier) -> None:
    voted = _the(d.deliberation)["date_deliberation"]
    _the(d.approval).update(date_decision=voted, date_notification=voted + timedelta(days=1))
    world.book.plant("actes", d.act, "JUM-09")


@fault(J, "J60")
def depense_trop_tot(world: World, d: Dossier) -> None:
    d.act["date_premiere_depense"] = days_before(_the(d.approval)["date_notification"], 1)
    world.book.plant("actes", d.act, "JUM-09")


@fault(J, "J60")
@fault(J, "J65")
def sans_accord_de_principe(world: World, d: Dossier) -> None:
    world.book.rows["visas_accords"].remove(_the(d.agreement))
    world.book.plant("actes", d.act, "JUM-10")


@fault(J, "J65")
@fault(J, "J70")
def dossier_ministere_incomplet(world: World, d: Dossier) -> None:
    d.act["etat_detaille_depenses"] = None
    world.book.plant("actes", d.act, "JUM-11")


@fault(J, "J80")
@fault(J, "J85")
def lieu_non_arrete(world: World, d: Dossier) -> None:
    _the(d.phase)["ville_hote"] = None
    world.book.plant("phases_jumelage", _the(d.phase), "JUM-14")


@fault(J, "J80", abroad=True)
def sans_delegation(world: World, d: Dossier) -> None:
    world.book.rows["deliberations"].remove(_the(d.delegation))
    _the(d.phase)["id_deliberation_delegation"] = None
    world.book.plant("phases_jumelage", _the(d.phase), "JUM-15")


@fault(J, "J80", abroad=True)
def delegation_apres_voyage(world: World, d: Dossier) -> None:
    _the(d.delegation)["date_deliberation"] = _the(d.phase)["date_deplacement"] + timedelta(days=1)
    world.book.plant("phases_jumelage", _the(d.phase), "JUM-15")


@fault(J, "J20", partner_type="ASSOCIATION_CIVILE")
@fault(J, "J60", partner_type="UNIVERSITE")
def jumelage_sans_collectivite(world: World, d: Dossier) -> None:
    world.book.plant("actes", d.act, "JUM-21")


@fault(J, "J10")
@fault(J, "J85")
def jumelage_trop_court(world: World, d: Dossier) -> None:
    d.act["duree_mois"] = 59
    world.book.plant("actes", d.act, "JUM-22")


# -------------------------------------------------------------------------------- convention, membership, clauses


@fault(C, "C70")
def accord_partenaire_tardif(world: World, d: Dossier) -> None:
    d.act["date_accord_partenaire"] = _the(d.deliberation)["date_deliberation"] + timedelta(days=1)
    world.book.plant("actes", d.act, "CONV-10")


@fault(C, "C80")
def accord_partenaire_absent(world: World, d: Dossier) -> None:
    d.act["date_accord_partenaire"] = None
    world.book.plant("actes", d.act, "CONV-10")


@fault(C, "C90")
@fault(C, "C100")
def signature_non_concertee(world: World, d: Dossier) -> None:
    d.act["importance_ceremonie"] = None
    world.book.plant("actes", d.act, "CONV-11")


@fault(C, "C90")
@fault(C, "C100")
def signee_avant_visa(world: World, d: Dossier) -> None:
    d.act["date_signature"] = days_before(_the(d.visa)["date_decision"], 1)
    world.book.plant("actes", d.act, "CONV-13")


@fault(O, "O40")
@fault(O, "O70")
def mauvais_objet(world: World, d: Dossier) -> None:
    _the(d.deliberation)["objet"] = "ACTE_CDI"
    world.book.plant("actes", d.act, "OING-03")


@fault(C, "C100")
@fault(C, "C100")
def en_vigueur_avant_signature(world: World, d: Dossier) -> None:
    d.act["date_entree_vigueur"] = days_before(d.act["date_signature"], 1)
    world.book.plant("actes", d.act, "CLA-08")


# ------------------------------------------------------------------------------------- sessions and votes (LEX)


@fault(C, "C70", own_session=True)
@fault(C, "C80", own_session=True)
def session_hors_calendrier(world: World, d: Dossier) -> None:
    session = _the(d.session)
    # eight days later at least: out of a commune's first week, and no longer the lawful Monday of the others
    session["date_ouverture"] = world.worked(session["date_ouverture"] + timedelta(days=8))
    session["date_cloture"] = session["date_ouverture"] + timedelta(days=1)
    for row in world.book.rows["deliberations"]:
        if row["id_session"] == session["id"]:
            row.update(date_deliberation=session["date_ouverture"], date_pv=session["date_cloture"],
                       date_transmission_pv_autorite=world.calendar.add_worked_days(session["date_cloture"], 5))  # fmt: skip
    world.book.plant("sessions", session, "LEX-01")


@fault(C, "C70", own_session=True)
def ordre_du_jour_tardif(world: World, d: Dossier) -> None:
    session = _the(d.session)
    session["date_odj_transmis_autorite"] = days_before(session["date_ouverture"], 19)
    world.book.plant("sessions", session, "LEX-02")


@fault(C, "C80", own_session=True)
def ordre_du_jour_absent(world: World, d: Dossier) -> None:
    _the(d.session)["date_odj_transmis_autorite"] = None
    world.book.plant("sessions", _the(d.session), "LEX-02")


@fault(C, "C70", own_session=True)
def retard_explique(world: World, d: Dossier) -> None:
    ordre_du_jour_tardif(world, d)
    world.book.add("derogations", id_concerne=_the(d.session)["id"], regle="LEX-02", decidee_par="Le Président du Conseil",
                   motif="Accord écrit du Gouverneur sur l'envoi tardif", date=days_before(world.today, 9))  # fmt: skip


@fault(C, "C90", own_session=True)
@fault(C, "C70", own_session=True)
def convocation_tardive(world: World, d: Dossier) -> None:
    session = _the(d.session)
    session["date_convocation_membres"] = days_before(session["date_ouverture"], 6)
    world.book.plant("sessions", session, "LEX-03")


@fault(C, "C70-pv")
@fault(C, "C70-pv")
def extraordinaire_hors_delai(world: World, d: Dossier) -> None:
    opening = days_before(world.today, 45 + len(world.book.rows["sessions"]) % 40)
    session = world.book.add(
        "sessions", collectivite=d.council["id"], type="EXTRAORDINAIRE", date_ouverture=opening,
        date_cloture=opening + timedelta(days=2), initiative_extraordinaire="MAJORITE_ABSOLUE",
        date_demande=days_before(opening, 31), date_odj_transmis_autorite=days_before(opening, 25),
        date_convocation_membres=days_before(opening, 11), quorum_atteint=True, rang_convocation=1,
    )  # fmt: skip
    world.book.plant("sessions", session, "LEX-05")


@fault(C, "C70", own_session=True)
@fault(C, "C80", own_session=True)
def vote_sans_quorum(world: World, d: Dossier) -> None:
    _the(d.session)["quorum_atteint"] = False
    world.book.plant("deliberations", _the(d.deliberation), "GEN-08", "LEX-06")


@fault(C, "C70")
@fault(O, "O30")
def vote_minoritaire(world: World, d: Dossier) -> None:
    _the(d.deliberation).update(votes_pour=9, votes_contre=10)
    world.book.plant("deliberations", _the(d.deliberation), "GEN-08", "LEX-07")


@fault(C, "C75")
@fault(J, "J60")
def proces_verbal_tardif(world: World, d: Dossier) -> None:
    session = _the(d.session)
    last = minutes_last_day(d.council["niveau"], session["date_cloture"], world.law, world.calendar)
    assert last is not None
    _the(d.deliberation)["date_transmission_pv_autorite"] = world.calendar.add_worked_days(last, 1)
    world.book.plant("deliberations", _the(d.deliberation), "LEX-08")


@fault(C, "C70")
def proces_verbal_oublie(world: World, d: Dossier) -> None:
    _the(d.deliberation).update(date_transmission_pv_autorite=None, ref_recepisse=None)
    world.book.plant("deliberations", _the(d.deliberation), "LEX-08")


@fault(C, "C70")
@fault(O, "O30")
def opposition_sans_suite(world: World, d: Dossier) -> None:
    row = _the(d.deliberation)
    row.update(opposition=True, date_opposition=row["date_transmission_pv_autorite"] + timedelta(days=2))
    world.book.plant("deliberations", row, "LEX-09")


@fault(C, "C80")
@fault(O, "O50")
def visa_d_une_autre_autorite(world: World, d: Dossier) -> None:
    _the(d.visa)["autorite"] = "WALI"
    world.book.plant("visas_accords", _the(d.visa), "LEX-10")


@fault(C, "C80")
def tacite_trop_tot(world: World, d: Dossier) -> None:
    visa = _the(d.visa)
    visa.update(sens="TACITE", date_decision=visa["date_reception"] + timedelta(days=20))
    world.book.plant("visas_accords", visa, "LEX-11")


@fault(C, "C90", partner_type="AGENCE_COOPERATION")
@fault(O, "O70")
def sans_accord_des_autorites(world: World, d: Dossier) -> None:
    world.book.rows["visas_accords"].remove(_the(d.consent))
    world.book.plant("actes", d.act, "LEX-13")


@fault(J, "J85")
@fault(C, "C100")
def proces_verbal_non_signe(world: World, d: Dossier) -> None:
    _the(d.deliberation)["pv_signe_secretaire"] = False
    world.book.plant("deliberations", _the(d.deliberation), "LEX-19")


# -------------------------------------------------------------------------------------------------------- data


@fault(C, "C10")
def renvoi_perdu(world: World, d: Dossier) -> None:
    row = world.book.add("phases_jumelage", id_acte="ACT-99999", phase="ALLER", ville_hote="Ville non retrouvée")
    world.book.plant("phases_jumelage", row, "DATA-01")


@fault(O, "O10")
def numero_double(world: World, d: Dossier) -> None:
    first = world.book.add("contacts", collectivite=d.council["id"], fonction_role="MEMBRE_EQUIPE", nom_prenom="Membre de l'équipe",
                           courriel_institutionnel=f"equipe@{d.council['id'].lower()}.example", actif=True)  # fmt: skip
    copy = world.book.add("contacts", **{k: v for k, v in first.items() if k != "id"})
    copy["id"] = first["id"]
    world.book.plant("contacts", first, "DATA-01")


@fault(C, "C20")
def date_impossible(world: World, d: Dossier) -> None:
    d.act["date_creation"] = "31/02/2025"
    world.book.plant("actes", d.act, "DATA-02")


@fault(C, "C80")
def date_ambigue(world: World, d: Dossier) -> None:
    _the(d.deliberation)["date_pv"] = "03/04/2025"
    world.book.plant("deliberations", _the(d.deliberation), "DATA-02")


@fault(C, "C90")
def votes_en_lettres(world: World, d: Dossier) -> None:
    _the(d.deliberation)["votes_pour"] = "vingt"
    world.book.plant("deliberations", _the(d.deliberation), "DATA-02")


@fault(O, "O00")
def deux_courriels(world: World, d: Dossier) -> None:
    row = world.book.add("contacts", collectivite=d.council["id"], fonction_role="MEMBRE_COSUI", nom_prenom="Membre du comité",
                         courriel_institutionnel="focal@collectivite.example, copie@collectivite.example", actif=True)  # fmt: skip
    world.book.plant("contacts", row, "DATA-02")


@fault(J, "J00")
@fault(J, "J-A")
def acte_ancien_sans_source(world: World, d: Dossier) -> None:
    partner = world.book.add("partenaires", nom=f"Ancienne cité {len(world.book.rows['partenaires'])} (fictive)",
                             type="COLLECTIVITE_ETRANGERE", pays="Islande", zone_geographique="EUROPE")  # fmt: skip
    mine = [
        act for act in world.book.rows["actes"] if act["collectivite"] == d.council["id"] and act["source_info"] is None
    ]
    act = open_act(world, d.council, partner, "JUMELAGE", days_before(world.today, 400))
    # three years from the last of that council: not a double of it
    act.update(historique=True, historique_motif=SYNTHETIC, annee_signature=1999 - 3 * len(mine), source_info=None)
    world.book.plant("actes", act, "DATA-03")


@fault(C, "C00")
@fault(C, "C30")
def doublon(world: World, d: Dossier) -> None:
    twin = open_act(world, d.council, d.partner, "CONVENTION", d.act["date_creation"] + timedelta(days=1))
    world.book.plant("actes", d.act, "DATA-04")
    world.book.plant("actes", twin, "DATA-04")
