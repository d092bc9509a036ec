"""What follows a clean agreement in force: bodies that meet, meetings well prepared and told, evaluations in order.

Every row breaks no rule on the demo's day, whatever that day is: what is dated in the past is complete, and what a
day to come will ask for isn't missing yet.
"""

from collections.abc import Callable, Mapping
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
    """What follows an agreement at that stage: nothing before it is in force, nor while it lies dormant."""
    if stage in ("C100", "C110", "C115", "C151"):
        _follow_convention(world, dossier)
    elif stage in ("J85", "J90"):
        _follow_twinning(world, dossier)
    elif stage in ("O70", "O75"):
        meeting(world, dossier, "COORDINATION", days_before(world.today, world.chance.randint(2, 120)))
    if lived := _LIVED.get(stage):
        lived(world, dossier)


# ------------------------------------------------------------------------------- what comes later, up to the closing


def _in_execution(world: World, dossier: Dossier) -> None:
    action(world, dossier, days_before(world.today, 60), "EN_COURS")


def _suspended(world: World, dossier: Dossier) -> None:
    _in_execution(world, dossier)
    dossier.act["date_suspension"] = days_before(world.today, world.chance.randint(5, 40))


def _renewed(world: World, dossier: Dossier) -> None:
    _in_execution(world, dossier)
    dossier.act.update(date_reconduction=world.today, date_fin=world.today + timedelta(days=3 * 365))


def _closed(world: World, dossier: Dossier, ago: int = 30) -> None:
    action(world, dossier, days_before(world.today, ago + 90), "TERMINEE")
    dossier.act["date_cloture"] = days_before(world.today, ago)


def _evaluated(world: World, dossier: Dossier, ago: int = 30) -> None:
    """Closed, its final report approved five days before."""
    _closed(world, dossier, ago)
    evaluation(world, dossier, days_before(world.today, ago + 100))["moment"] = "FIN_PROJET"


def _capitalised(world: World, dossier: Dossier) -> None:
    _evaluated(world, dossier, 130)
    dossier.act["date_capitalisation"] = days_before(world.today, 60)
    person = world.teams[dossier.council["id"]]["nom_prenom"].partition(",")[0]
    for code, text in (
        ("CAPI_PARTICIPANTS", f"{person} ; Délégation du partenaire"),
        ("CAPI_METHODES", "Réunions courtes et rapprochées"),
        ("CAPI_INNOVATIONS", "Tableau de suivi partagé"),
        ("CAPI_LECONS", "Nommer un suppléant dans chaque équipe"),
    ):
        piece(world, dossier, code, text, days_before(world.today, 60))


def _dormant(world: World, dossier: Dossier) -> None:
    """Looked into ten days ago: too late for any session that has opened since."""
    for code, text in (
        ("ANALYSE_CONTENU", "Échanges scolaires"),
        ("ANALYSE_ENGAGEMENTS", "Aucun engagement financier"),
    ):
        piece(world, dossier, code, text, days_before(world.today, 10))
    piece(world, dossier, "PROPOSITION_CONSEIL", None, None)


def _proposed(world: World, dossier: Dossier) -> None:
    _dormant(world, dossier)
    world.book.rows["pieces_clauses"][-1].update(present=True, date_piece=days_before(world.today, 3))


def _terminated(world: World, dossier: Dossier) -> None:
    dossier.act["date_resiliation"] = days_before(world.today, 20)


def _dues_late(world: World, dossier: Dossier) -> None:
    due = max(days_before(world.today, 25), dossier.act["date_adhesion"])
    dues = {"montant": 5000, "montant_appele": 5000, "exercice": due.year}
    row = world.book.add("budget", type_ligne="COTISATION", id_acte=dossier.act["id"], echeance=due, **dues)
    world.book.plant("budget", row, "OING-07")


def _left(world: World, dossier: Dossier) -> None:
    dossier.act["date_retrait"] = days_before(world.today, 15)


def _struck_off(world: World, dossier: Dossier) -> None:
    dossier.act["date_radiation"] = days_before(world.today, 15)


_LIVED: Mapping[str, Callable[[World, Dossier], None]] = {
    "C110": _in_execution, "C115": _suspended, "C151": _renewed, "C120": _closed, "C130": _evaluated,
    "C140": _capitalised, "C95": _dormant, "C96": _proposed, "C160": _terminated, "J95": _dormant, "J96": _proposed,
    "J99": _closed, "O75": _dues_late, "O90": _left, "O91": _struck_off,
}  # fmt: skip


def action(world: World, dossier: Dossier, begins: date, status: str) -> Row:
    """An action of the plan begun on that day, for 80 days or more."""
    done = status == "TERMINEE"
    return world.book.add(
        "plan_action", id_acte=dossier.act["id"], id_evaluation=None, grande_etape="Mise en œuvre", quoi_activite="Atelier d'échange",
        qui_responsable=world.teams[dossier.council["id"]]["id"], ou_lieu=dossier.council["nom_fr"], du=begins,
        au=begins + timedelta(days=80), date_butoir=begins + timedelta(days=100), comment_moyens="Équipe de coopération",
        date_debut_reelle=begins, date_fin_reelle=begins + timedelta(days=80) if done else None, statut=status,
        avancement_pct=100 if done else 60, mise_a_jour_le=days_before(world.today, world.chance.randint(1, 20)),
    )  # fmt: skip


def piece(world: World, dossier: Dossier, code: str, text: str | None, day: date | None) -> Row:
    """A line of a checklist of the agreement, there with its contents, or still to be answered."""
    return world.book.add("pieces_clauses", id_acte=dossier.act["id"], piece=code, present=True if text else None,
                          contenu=text, date_piece=day)  # fmt: skip


# ------------------------------------------------------------------------------------------------ bodies, committees


def _follow_convention(world: World, dossier: Dossier) -> None:
    """The meetings of the two teams, and an evaluation from mid-term on."""
    start, days, ended = _lasts(world, dossier)
    if not ended:
        meeting(world, dossier, "COORDINATION", world.today + world.days(1, 30))
    middle = start + timedelta(days=days // 2)
    if world.today > days_before(middle, 40) or world.chance.random() < 0.4:
        evaluation(world, dossier, middle + world.days(-60, 60))


def governance(world: World, dossier: Dossier) -> None:
    """The bodies of a convention in force, and their meetings."""
    start, days, ended = _lasts(world, dossier)
    for kind in ("COMITE_PILOTAGE", "COMITE_SUIVI"):
        body = _body(world, dossier, kind, start, ended=start + timedelta(days=days) if ended else None)
        dossier.body = dossier.body or body


def _lasts(world: World, dossier: Dossier) -> tuple[date, int, bool]:
    """(entry into force, days, has it ended for more than a month) of a convention."""
    start: date = dossier.act["date_entree_vigueur"]
    days = dossier.act["duree_mois"] * 365 // 12
    return start, days, world.today > start + timedelta(days=days + 30)


def twinning_committee(world: World, dossier: Dossier, since: date) -> Row:
    """A committee created on that day, that adopts its rules within a month."""
    return world.book.add(
        "organes", id_acte=dossier.act["id"], type="COMITE_JUMELAGE", date_mise_en_place=since, composition="Élus et associations",
        missions="Animer le jumelage", frequence_reunions="SEMESTRIELLE", responsabilites="Gérer les projets du jumelage",
        date_reglement_interieur=_come(world, since + timedelta(days=30)), nb_projets_suivis=2, nb_voyages_organises=1,
    )  # fmt: skip


def _follow_twinning(world: World, dossier: Dossier) -> None:
    """The committee of a twinning that both sides have signed, and the meetings of the two teams."""
    assert dossier.phase is not None
    since: date = dossier.phase["date_effective"]
    committee = dossier.body = twinning_committee(world, dossier, since)
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
        qui_responsable=world.teams[dossier.council["id"]]["id"], ou_lieu=dossier.council["nom_fr"],
        comment_moyens="Équipe de coopération",
        statut="TERMINEE" if day + timedelta(days=160) < world.today else "A_FAIRE",  # some are a little late
    )  # fmt: skip


def _come(world: World, day: date) -> date | None:
    """That day if it has come, else nothing yet."""
    return day if day <= world.today else None
