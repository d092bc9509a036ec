"""The faults planted in what `general` fills: councils, ceremonies, steps, exchanges, names of streets. As in `faults`."""

from datetime import date, timedelta

from cdi_sync.demo.book import Dossier, Row, days_before
from cdi_sync.demo.calls_faults import FAULTS  # those of the modules before it, and its own
from cdi_sync.demo.careers import World, vote
from cdi_sync.demo.cycle import action
from cdi_sync.demo.faults import C, J, O, _the, fault
from cdi_sync.demo.files import line
from cdi_sync.demo.projects import framework

__all__ = ["FAULTS"]


@fault(C, "C30")
def document_incomplet(world: World, d: Dossier) -> None:
    d.council["doc_contenu"] = "vocation ; objectifs ; actions prioritaires"
    world.book.plant("collectivites", d.council, "GEN-06")


@fault(O, "O50")
def conseil_sans_moyens(world: World, d: Dossier) -> None:
    d.council.update(doc_periode_fin=None, equipe_date_creation=None)
    world.book.plant("collectivites", d.council, "GEN-05", "GEN-13")  # and GEN-16, once the register is complete
    world.book.expected["collectivites", d.council["id"]].discard("GEN-15")


@fault(J, "J30")
def jumelage_mal_engage(world: World, d: Dossier) -> None:
    row = line(world, d.act, "DEFINITION_LUE")
    row["present"] = None
    world.book.plant("pieces_clauses", row, "JUM-02")
    d.act["domaine"] = "EAU_POTABLE"
    meetings = world.book.rows["reunions"]
    meetings[:] = [row for row in meetings if row.get("id_acte") != d.act["id"]]
    world.book.plant("actes", d.act, "JUM-05", "JUM-06")


@fault(J, "J70")
def ceremonie_un_jour_ordinaire(world: World, d: Dossier) -> None:
    day = next(
        day for count in range(30, 90) if not _is_near_a_national_day(world, day := world.today + timedelta(days=count))
    )
    _the(d.phase).update(date_prevue=day, date_arretee_par_president=day, coincidence_evenement="AUCUNE",
                         personnes_ressources=True, proposees_par_wali=False)  # fmt: skip
    world.book.plant("phases_jumelage", _the(d.phase), "JUM-12", "JUM-16")


def _is_near_a_national_day(world: World, day: date) -> bool:
    around = (world.calendar.holiday(day + timedelta(days=shift)) for shift in range(-3, 4))
    return any(holiday and holiday.nature == "NATIONAL" for holiday in around)


@fault(J, "J65")
def nom_de_voie_sans_dossier(world: World, d: Dossier) -> None:
    row = _street(world, d)
    world.book.plant("deliberations", row, "JUM-13")
    if d.council["niveau"] == "COMMUNE":
        world.book.plant("deliberations", row, "LEX-17")


def _street(world: World, d: Dossier) -> Row:
    """A street named after the partner, its plate put up the day before the demo's."""
    row = vote(world, d.act, _the(d.session), "DENOMINATION_VOIE")
    row.update(type_voie="RUE", nom_attribue=d.partner["nom"], date_pose_plaque=days_before(world.today, 1))
    return row


@fault(J, "J90")
def partenaire_partage(world: World, d: Dossier) -> None:
    d.act["orientation_geo"] = "SUD_NORD"
    taken = {act["partenaire"] for act in world.book.rows["actes"] if act["collectivite"] == d.council["id"]}
    for act in world.book.rows["actes"]:
        signed = act["forme"] == "JUMELAGE" and act.get("historique") and act.get("annee_signature")
        if signed and act["partenaire"] not in taken:
            d.act["partenaire"] = act["partenaire"]  # a documented one: JUM-25, once the register is complete
            return


@fault(C, "C50")
def territoire_presente_trop_tot(world: World, d: Dossier) -> None:
    d.act["date_marketing"] = days_before(d.act["date_dossier_technique"], 1)
    world.book.plant("actes", d.act, "CONV-01")


@fault(C, "C90")
def signature_mal_tracee(world: World, d: Dossier) -> None:
    d.act.update(mode_signature=None, date_partenaire_trouve=None)
    world.book.plant("actes", d.act, "CONV-01", "CONV-12")
    row = line(world, d.act, "QUALITES")
    row["note"] = 7
    world.book.plant("pieces_clauses", row, "CONV-02")


@fault(C, "C90")
def echange_sans_accord(world: World, d: Dossier) -> None:
    start: date = d.act["date_signature"]
    result = framework(world, d.act)["RESULTAT_ATTENDU"]
    row = action(world, d, "Étude", start, start + timedelta(days=3), statut="TERMINEE", type_echange="DELEGATION",
                 id_resultat_attendu=result["id"])  # fmt: skip
    result.update(valeur_courante="3", date_mesure=min(start + timedelta(days=5), world.today))
    if d.council["niveau"] != "REGION":
        world.book.plant("plan_action", row, "LEX-12")


@fault(O, "O10")
def carte_d_identite(world: World, d: Dossier) -> None:
    row = world.book.add(
        "contacts", collectivite=d.council["id"], fonction_role="MEMBRE_COSUI", nom_prenom="Membre du comité, CIN AB 123456",
        courriel_institutionnel=f"comite@{d.council['id'].lower()}.example", base_legale_info=True, actif=True,
    )  # fmt: skip
    world.book.plant("contacts", row, "LEX-18")
