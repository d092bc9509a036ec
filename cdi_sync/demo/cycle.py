"""What a sound council and a sound agreement have around the procedure: team, planning document, money, action plan.

Every row breaks no rule on the demo's day, whatever that day is. Amounts are in dirhams.
"""

from datetime import date, timedelta

from cdi_sync.demo.book import Dossier, Row, days_before
from cdi_sync.demo.careers import CONVENTION_STAGES, IN_FORCE, World
from cdi_sync.demo.followup import governance, twinning_committee

_JOINT_COST, _OUR_PART = 1_000_000, 400_000
_DUES = 5_000
_TWINNING_LINES = (
    ("JUM_TRANSPORT", "ALLER", 60_000), ("JUM_HEBERGEMENT", "RETOUR", 45_000),
    ("JUM_RESTAURATION", "RETOUR", 20_000), ("JUM_COMMUNICATION", "ALLER", 10_000),
)  # fmt: skip
_NEGLECTED = ("C95", "C96")  # dormant: neither body nor action was ever set up
_SOON = 15  # days within which a current action ends: less than any fault leaves to an agreement


def settle(world: World, council: Row, place: str) -> None:
    """A council in the middle of its term: planning document, team, focal point, publications.

    place: what tells the council in an e-mail domain.
    """
    begun = date(world.today.year - 4, 9, 20)
    council.update(
        mandat_debut=begun, mandat_fin=date(begun.year + 6, 9, 19),
        doc_periode_debut=date(begun.year + 1, 1, 1), doc_periode_fin=date(begun.year + 6, 12, 31),
        doc_date_adoption=date(begun.year + 1, 5, 15), equipe_date_creation=date(begun.year, 12, 1),
        equipe_acte_creation=f"Décision {begun.year}-14", equipe_rattachement="DGS_DS",
        brochure_le=days_before(world.today, 20), page_web=f"https://www.{place}.example/cooperation",
    )  # fmt: skip
    world.teams[council["id"]] = world.book.add(
        "contacts", collectivite=council["id"], fonction_role="MEMBRE_EQUIPE", nom_prenom=f"Chargé de projet, {council['nom_fr']}",
        courriel_institutionnel=f"projets@{place}.example", langue_preferee="fr", base_legale_info=True, actif=True,
    )  # fmt: skip
    world.book.add(
        "contacts", collectivite=council["id"], fonction_role="POINT_FOCAL", nom_prenom="Point focal", actif=True,
        courriel_institutionnel=f"communication@{place}.example", langue_preferee="fr", base_legale_info=True,
    )  # fmt: skip


def carry(world: World, dossier: Dossier, stage: str) -> None:
    """What an agreement at that stage has beside its procedure."""
    form = dossier.act["forme"]
    if form == "CONVENTION":
        _carry_convention(world, dossier, stage)
    elif dossier.session:  # the council votes on it: its money is in the budget
        dossier.act["implique_engagement_financier"] = True
        (fund_twinning if form == "JUMELAGE" else fund_membership)(world, dossier, stage)
    if stage in ("J95", "J96", "J99") and dossier.phase:
        twinning_committee(world, dossier, dossier.phase["date_effective"] + timedelta(days=10))
    if stage == "J80":
        _await_return(world, dossier)


def _carry_convention(world: World, dossier: Dossier, stage: str) -> None:
    act = dossier.act
    if CONVENTION_STAGES.index(stage) >= CONVENTION_STAGES.index("C55"):
        act["date_plan_communication"] = act["date_projet_convention"]
    if act["implique_engagement_financier"]:
        fund_convention(world, dossier)
    if stage == "C90" or stage in IN_FORCE:
        _partner_focal_point(world, dossier)
    if stage in ("C90", "C100"):
        plan(world, dossier)
    if stage in _NEGLECTED:
        world.book.plant("actes", act, "GOV-01", "ACT-01")
    elif stage in IN_FORCE and stage != "C160":
        governance(world, dossier)


def _partner_focal_point(world: World, dossier: Dossier) -> None:
    number = dossier.partner["id"].rpartition("-")[2]
    lang = "en" if int(number) % 3 == 0 else "fr"
    dossier.focal = world.book.add(
        "contacts", collectivite=None, partenaire=dossier.partner["id"], fonction_role="POINT_FOCAL", nom_prenom="Point focal", actif=True,
        courriel_institutionnel=f"cooperation@partenaire-{number}.example", langue_preferee=lang, base_legale_info=True,
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------------- money


def budget_year(world: World, council: Row) -> tuple[int, date]:
    """(budget year, day by which it had to be voted): the latest one that had to be voted before the demo's day."""
    for year in (world.today.year, world.today.year - 1):
        limit = world.law.in_force("budget_adoption", date(year, 1, 1), council["niveau"])
        assert limit is not None, "every council of the demo has a date"
        voted_by = date(year, *limit.numbers)
        if voted_by < world.today:
            break
    return year + 1, voted_by


def budget_line(world: World, dossier: Dossier, nature: str, amount: int, phase: str | None = None) -> Row:
    """An amount asked for and voted in the latest budget."""
    year, voted_by = budget_year(world, dossier.council)
    return world.book.add(
        "budget", type_ligne="BUDGET", id_acte=dossier.act["id"], exercice=year, nature_depense=nature, phase=phase,
        montant_prevu=amount, montant_vote=amount, date_vote_budget=days_before(voted_by, 10),
        date_visa_budget=days_before(voted_by, 6),
    )  # fmt: skip


def fund_convention(world: World, dossier: Dossier) -> None:
    """What a convention that costs money has: its line in the budget, and contributions that make up its cost."""
    dossier.act.update(implique_engagement_financier=True, cout_global=_JOINT_COST, devise="MAD")
    for row in world.book.rows["pieces_clauses"]:
        if (row.get("id_acte"), row["piece"]) == (dossier.act["id"], "CLA-06") and row.get("montant"):
            row["montant"] = _JOINT_COST
    budget_line(world, dossier, "CONTRIBUTION_PROJET", _OUR_PART)
    world.book.add(
        "budget", type_ligne="CONTRIBUTION", id_acte=dossier.act["id"], contributeur=dossier.council["nom_fr"],
        montant=_OUR_PART, devise="MAD", montant_mad=_OUR_PART, modalites_mise_en_oeuvre="Virement",
        calendrier_versement="En une fois", echeance=days_before(world.today, 40), montant_appele=_OUR_PART,
        montant_verse=_OUR_PART, date_versement=days_before(world.today, 45),
    )  # fmt: skip
    world.book.add(
        "budget", type_ligne="CONTRIBUTION", id_acte=dossier.act["id"], contributeur=dossier.partner["nom"],
        montant=(_JOINT_COST - _OUR_PART) // 10, devise="EUR", montant_mad=_JOINT_COST - _OUR_PART,
        modalites_mise_en_oeuvre="Virement", calendrier_versement="En une fois",
        echeance=world.today + timedelta(days=60),
    )  # fmt: skip


def fund_twinning(world: World, dossier: Dossier, stage: str) -> None:
    """The four kinds of expense of a twinning, over its two phases."""
    for nature, phase, amount in _TWINNING_LINES:
        budget_line(world, dossier, nature, amount, phase)


def fund_membership(world: World, dossier: Dossier, stage: str) -> None:
    """The dues of a membership in the budget; those of this year, paid when they were due."""
    budget_line(world, dossier, "ADHESION_COTISATION_OING", _DUES)
    due = date(world.today.year, 3, 31)
    if stage == "O70" and dossier.act["date_adhesion"].year < world.today.year:
        paid = days_before(due, 10)
        dues(world, dossier, due, paid=paid if paid <= world.today else None)


def dues(world: World, dossier: Dossier, due: date, *, paid: date | None) -> Row:
    """One year's dues of a membership."""
    return world.book.add(
        "budget", type_ligne="COTISATION", id_acte=dossier.act["id"], exercice=due.year, montant=_DUES, devise="MAD",
        echeance=due, montant_verse=_DUES if paid else None, date_versement=paid,
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------- action plan


def plan(world: World, dossier: Dossier) -> None:
    """Two actions: what was to be done first, and what is under way, as long as the agreement lasts."""
    act, today = dossier.act, world.today
    start: date = act.get("date_entree_vigueur") or act["date_signature"]
    end = start + timedelta(days=act["duree_mois"] * 365 // 12 - 5)  # months are of 30.4 days here
    is_near_its_end = end < today + timedelta(days=_SOON)
    recorded = min(end, days_before(today, world.chance.randint(1, 20)))
    action(world, dossier, "Lancement", start, start + timedelta(days=20), statut="TERMINEE",
           date_fin_reelle=start + timedelta(days=20), avancement_pct=100, mise_a_jour_le=recorded)  # fmt: skip
    begins = start + timedelta(days=21)
    ends = days_before(end, 20) if is_near_its_end else today + timedelta(days=world.chance.randint(5, _SOON - 1))
    action(world, dossier, "Réalisation", begins, ends, statut="TERMINEE" if is_near_its_end else "EN_COURS",
           date_butoir=ends, mise_a_jour_le=recorded, avancement_pct=_on_time(begins, ends, today))  # fmt: skip


def _on_time(begins: date, ends: date, today: date) -> int:
    """How much of an action is to be done by that day, in per cent."""
    return max(0, min(100, 100 * (today - begins).days // max(1, (ends - begins).days)))


def action(world: World, dossier: Dossier, step: str, begins: date, ends: date, **cells: object) -> Row:
    """An action of the plan, its six questions answered."""
    return world.book.add(
        "plan_action", id_acte=dossier.act["id"], grande_etape=step, quoi_activite=f"{step} du projet", du=begins, au=ends,
        qui_responsable=world.teams[dossier.council["id"]]["id"], ou_lieu=dossier.council["nom_fr"],
        comment_moyens="Équipe de coopération", **cells,
    )  # fmt: skip


# --------------------------------------------------------------------------------------------------- twinnings


def _await_return(world: World, dossier: Dossier) -> None:
    """After the outward phase: a committee, and a day for the return."""
    assert dossier.phase is not None
    since: date = dossier.phase["date_effective"] + timedelta(days=10)
    dossier.body = twinning_committee(world, dossier, since)
    world.book.add(
        "phases_jumelage", id_acte=dossier.act["id"], phase="RETOUR", ville_hote=dossier.partner["nom"],
        pays_hote=dossier.partner["pays"], a_l_etranger=True, date_prevue=world.today + world.days(30, 200),
    )  # fmt: skip
