"""What follows a clean agreement in force: bodies that meet, meetings well prepared and told, evaluations in order.

Every row breaks no rule on the demo's day, whatever that day is: what is dated in the past is complete, and what a
day to come will ask for isn't missing yet.
"""

from datetime import date, timedelta

from cdi_sync.demo.book import Dossier, Row, days_before
from cdi_sync.demo.careers import World
from cdi_sync.demo.files import keep_terms

_FREQUENCIES = (("MENSUELLE", 30), ("TRIMESTRIELLE", 91), ("SEMESTRIELLE", 182), ("ANNUELLE", 365), ("AUTRE", 120))
_PRESENT = "Référent de la coopération ; Directeur des services ; Délégation du partenaire"
_TOLD = f"{_PRESENT} ; Point focal"  # the demo's focal points all have that name
_CONTENTS = (
    "Bilan des actions ; Budget de l'année",
    "Avancement du projet ; Calendrier",
    "Échanges d'experts ; Communication",
)
_STEPS = (  # column of an evaluation, days after the first day of its agreed period
    ("p1_preparatoire_tdr", -100), ("date_validation_ct", -95), ("date_validation_partenaire", -93),
    ("date_lancement_consultation", -80), ("date_contrat", -20), ("date_reunion_cadrage", 2), ("p2_collecte", 5),
    ("date_fin_collecte", 40), ("date_restitution", 60), ("date_rapport_provisoire", 70), ("date_rapport_final", 85),
    ("date_validation_copil", 95), ("diffusion_conseils", 105), ("diffusion_partenaires", 106),
    ("diffusion_administration", 108), ("p4_mise_en_oeuvre", 110),
)  # fmt: skip
_FIRST_RESTITUTION, _RECOMMENDED = 35, 120


def follow(world: World, dossier: Dossier, stage: str) -> None:
    """What follows an agreement at that stage: nothing before it is in force."""
    if stage == "C100":
        _follow_convention(world, dossier)
    elif stage == "J85":
        _follow_twinning(world, dossier)


def _follow_convention(world: World, dossier: Dossier) -> None:
    """The bodies of a convention in force, their meetings, and an evaluation from its mid-term on."""
    start: date = dossier.act["date_entree_vigueur"]
    days = dossier.act["duree_mois"] * 365 // 12
    ended = world.today > start + timedelta(days=days + 30)
    for kind in ("COMITE_PILOTAGE", "COMITE_SUIVI"):
        _body(world, dossier, kind, start, ended=start + timedelta(days=days) if ended else None)
    if not ended:
        meeting(world, dossier, "COORDINATION", world.today + world.days(1, 30))
    middle = start + timedelta(days=days // 2)
    if world.today > days_before(middle, 40) or world.chance.random() < 0.4:
        evaluation(world, dossier, middle + world.days(-60, 60))


def _follow_twinning(world: World, dossier: Dossier) -> None:
    """The committee of a twinning that both sides have signed, and the meetings of the two teams."""
    assert dossier.phase is not None
    since: date = dossier.phase["date_effective"]
    committee = world.book.add(
        "organes", id_acte=dossier.act["id"], type="COMITE_JUMELAGE", date_mise_en_place=since, composition="Élus et associations",
        missions="Animer le jumelage", frequence_reunions="SEMESTRIELLE",
    )  # fmt: skip
    held = days_before(world.today, world.chance.randint(2, 120))
    if held > since:
        meeting(world, dossier, "COMITE_JUMELAGE", held, committee)
    meeting(world, dossier, "COORDINATION", world.today + world.days(1, 30))


def _body(world: World, dossier: Dossier, kind: str, start: date, *, ended: date | None) -> Row:
    """A body that met in time, or was dissolved at the end of the agreement."""
    frequency, days = world.chance.choice(_FREQUENCIES)
    body = world.book.add(
        "organes", id_acte=dossier.act["id"], type=kind, date_mise_en_place=start + timedelta(days=5), date_fin=ended,
        composition="Trois élus et trois techniciens de chaque partie", missions="Suivre la convention",
        moyens_logistiques="Salle du Conseil", moyens_humains="Un secrétaire", moyens_budgetaires="Ligne CDI",
        frequence_reunions=frequency, frequence_jours=days if frequency == "AUTRE" else None,
    )  # fmt: skip
    held = days_before(ended or world.today, world.chance.randint(1, days))
    if held > start + timedelta(days=5):
        meeting(world, dossier, {"COMITE_PILOTAGE": "COPIL", "COMITE_SUIVI": "COSUI"}[kind], held, body)
    return body


def meeting(world: World, dossier: Dossier, kind: str, day: date, body: Row | None = None) -> Row:
    """A meeting prepared nine days before, and told four days after, as far as these days have come."""
    mode = world.chance.choice(("PRESENTIEL", "A_DISTANCE", "MIXTE"))
    person = world.people[dossier.council["id"]]
    named = _come(world, days_before(day, 9))
    row = world.book.add(
        "reunions", id_acte=dossier.act["id"], id_organe=body["id"] if body else None, type=kind, date=day, mode=mode,
        heure_debut="10:00", heure_fin="11:30", ordre_du_jour=world.chance.choice(_CONTENTS),
        date_partage_odj=_come(world, days_before(day, 8)), date_designation=named,
        moderateur=person["id"] if named else None, rapporteur=person["id"] if named else None,
    )  # fmt: skip
    if mode != "A_DISTANCE":
        row["lieu"] = f"Salle du Conseil, {dossier.council['nom_fr']}"
    if mode != "PRESENTIEL":
        row.update(plateforme="Visioconférence", lien=f"https://reunion.example/{row['id']}",
                   fuseau_ct="Africa/Casablanca", fuseau_partenaire="Europe/Paris")  # fmt: skip
    if day < world.today:
        _tell(world, row, day)
    return row


def _tell(world: World, row: Row, day: date) -> None:
    told = _come(world, day + timedelta(days=4))
    row.update(
        participants_presents=_PRESENT, points_tous_abordes=True, points_prochaine_reunion="Calendrier et budget",
        date_prochaine_reunion=day + world.days(30, 90), cr_decisions="Les deux parties confirment le programme.",
        cr_points_ouverts="Répartition des frais de mission.", cr_plan_actions="Devis à demander par le référent.",
        date_diffusion_cr=told, diffusion_liste=_TOLD if told else None,
    )  # fmt: skip


def evaluation(world: World, dossier: Dossier, begins: date) -> Row:
    """An evaluation whose agreed period begins on that day, as far as it has come on the demo's day."""
    row = world.book.add(
        "evaluations", id_acte=dossier.act["id"], moment="MI_PHASE", portee="GLOBALE", mode="EXTERNE", accord_parties=True,
        periode_convenue_debut=begins, periode_convenue_fin=begins + timedelta(days=90), cout_prevu=120000,
        inclus_montage_financier=True, **{column: _come(world, begins + timedelta(days=after)) for column, after in _STEPS},
    )  # fmt: skip
    keep_terms(world, dossier, row)
    if _come(world, begins + timedelta(days=_FIRST_RESTITUTION)):
        meeting(world, dossier, "RESTITUTION", begins + timedelta(days=_FIRST_RESTITUTION))
    if _come(world, begins + timedelta(days=_RECOMMENDED)):
        for horizon in ("COURT_TERME", "PHASE_SUIVANTE"):
            recommendation(world, dossier, row, horizon, begins + timedelta(days=_RECOMMENDED))
    return row


def recommendation(world: World, dossier: Dossier, evaluated: Row, horizon: str, day: date) -> Row:
    """A recommendation of an evaluation, put into the action plan on that day."""
    return world.book.add(
        "plan_action", id_acte=dossier.act["id"], grande_etape="Suites de l'évaluation", id_evaluation=evaluated["id"],
        horizon=horizon, quoi_activite="Appliquer une recommandation du rapport", du=day, au=day + timedelta(days=120),
        qui_responsable=world.people[dossier.council["id"]]["id"], ou_lieu=dossier.council["nom_fr"],
        comment_moyens="Équipe de coopération",
        statut="TERMINEE" if day + timedelta(days=160) < world.today else "A_FAIRE",  # some are a little late
    )  # fmt: skip


def _come(world: World, day: date) -> date | None:
    """That day if it has come, else nothing yet."""
    return day if day <= world.today else None
