"""What a sound council and a sound agreement have besides: first meeting, qualities and conditions, programme of the year.

`complete` fills each agreement once it is made; `close` ends the register: it fills what depends on all of a council's
agreements, and plants what follows from them (a twinning signed while something binding is open, an agenda just sent).
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

from cdi_sync.demo.book import Dossier, Row, days_before
from cdi_sync.demo.careers import CONVENTION_STAGES, World
from cdi_sync.demo.files import line

CONTENTS = (
    "diagnostic participatif ; vocation ; objectifs ; actions prioritaires ; moyens financiers ; suivi et évaluation"
)
_TWINNING_FIELDS = ("SPORT", "SOCIAL", "CULTURE", "TOURISME", "ENVIRONNEMENT")
_FUND = ("FMDV_ACTIONS", "FMDV_COTISATION", "FMDV_STATUTS")
_OVER = ("date_abandon", "date_resiliation", "date_retrait", "date_radiation", "date_cloture")
# the binding rules that a twinning's signature sums up, and that what is planted breaks in a way that can be cured
_OPEN = frozenset({"GEN-01", "GEN-05", "GEN-11", "GEN-13", "GEN-14", "JUM-14", "JUM-15"})
_EACH = 5  # one council, or one membership of the fund, in so many is left without; one old twinning in twice as many
Acts = dict[str, list[Row]]  # council → its agreements
Rows = dict[str, list[tuple[str, Row]]]  # agreement → its rows in the other tabs, with their tab


def complete(world: World, dossier: Dossier, stage: str) -> None:
    """What one agreement at that stage has besides its files."""
    act = dossier.act
    if written := act.get("date_projet_convention"):  # for a session still far away, some steps weren't dated yet
        for column in ("date_partenaire_trouve", "date_ouverture_negociation"):
            act[column] = act.get(column) or days_before(written, 1)
    if act["forme"] == "JUMELAGE":
        _complete_twinning(world, dossier, stage)
    elif act["forme"] == "CONVENTION" and not act.get("historique") and _is_negotiated(stage):
        _add(world, act, "QUALITES", note=10)
    elif act["forme"] == "ADHESION_OING" and "FMDV" in dossier.partner["nom"] and stage not in ("O90", "O91"):
        for piece in _FUND:
            _add(world, act, piece, present=True)


def _is_negotiated(stage: str) -> bool:
    return CONVENTION_STAGES.index("C50") <= CONVENTION_STAGES.index(stage) and stage not in ("C160", "C-A")


def _add(world: World, act: Row, piece: str, **cells: object) -> None:
    world.book.add("pieces_clauses", id_acte=act["id"], piece=piece, **cells)


def _complete_twinning(world: World, dossier: Dossier, stage: str) -> None:
    act = dossier.act
    if act["domaine"] not in _TWINNING_FIELDS:
        act["domaine"] = "PROJETS_COMMUNS"
    if not act.get("historique") and stage != "J-A":
        _add(world, act, "DEFINITION_LUE", present=None if stage == "J00" else True)
    if sent := act.get("date_envoi_rapport"):
        first_meeting(world, dossier, days_before(sent, 30))


def first_meeting(world: World, dossier: Dossier, day: date) -> Row:
    """The preliminary meeting of a twinning, well prepared and told."""
    person = world.people[dossier.council["id"]]["id"]
    people = "Référent de la coopération ; Directeur des services ; Délégation du partenaire"
    return world.book.add(
        "reunions", id_acte=dossier.act["id"], type="PRELIMINAIRE", date=day, mode="PRESENTIEL", heure_debut="10:00",
        heure_fin="11:30", lieu=f"Salle du Conseil, {dossier.council['nom_fr']}", ordre_du_jour="Buts et premières priorités",
        date_partage_odj=days_before(day, 8), date_designation=days_before(day, 9), moderateur=person, rapporteur=person,
        participants_presents=people, points_tous_abordes=True, points_prochaine_reunion="Rapport au ministère",
        date_prochaine_reunion=day + timedelta(days=60), cr_decisions="Les deux parties veulent ce jumelage.",
        cr_points_ouverts="Choix des premières actions.", cr_plan_actions="Rapport à préparer par le référent.",
        date_diffusion_cr=day + timedelta(days=4), diffusion_liste=f"{people} ; Point focal",
    )  # fmt: skip


# ---------------------------------------------------------------------------------------------- the whole register


def close(world: World) -> None:
    """Ends the register: parameters, documents, programmes of the year, then what follows from all of it."""
    _declare(world)
    for council in world.book.rows["collectivites"]:
        council.setdefault("doc_contenu", CONTENTS)
    acts: Acts = defaultdict(list)
    for act in world.book.rows["actes"]:
        acts[act["collectivite"]].append(act)
    own = _by_act(world)
    _programmes(world, acts, own)
    _conditions_of_the_fund(world)
    _agendas_just_sent(world)
    _poorly_prepared(world, acts, own)
    _sleeping_beside_a_committee(world, acts, own)
    _shared_partners(world, own)
    _streets_without_visa(world, acts)
    _begun_before_signature(world, own)
    _signed_too_soon(world, own)


def _declare(world: World) -> None:
    for key, value in (("cndp_recepisse", "D-DEMO/2026"), ("hebergement_pays", "Maroc")):
        world.book.add("parametres", cle=key, valeur=value, source="Donnée synthétique de démonstration")


def _by_act(world: World) -> Rows:
    own: Rows = defaultdict(list)
    for tab, rows in world.book.rows.items():
        for row in rows:
            if row.get("id_acte"):
                own[row["id_acte"]].append((tab, row))
    return own


def _of(own: Rows, act: Row, tab: str) -> Iterator[Row]:
    return (row for name, row in own.get(act["id"], ()) if name == tab)


def _is_followed(own: Rows, act: Row) -> bool:
    left = any(row["objet"] == "RETRAIT" and row.get("resultat") == "ADOPTEE" for row in _of(own, act, "deliberations"))
    return not act.get("historique") and not left and not any(act.get(column) for column in _OVER[:4])


def _outward(own: Rows, act: Row) -> Row | None:
    """The outward phase of a twinning, once signed."""
    phases = _of(own, act, "phases_jumelage")
    return next(
        (p for p in phases if p["phase"] == "ALLER" and p.get("date_effective") and p.get("protocole_signe")), None
    )


def _programmes(world: World, acts: Acts, own: Rows) -> None:
    """An exchange this year for each council whose twinnings alone are alive; one in a few forgot it (RH-06)."""
    year, wanting = world.today.year, 0
    if world.today <= date(year, 1, 31):
        return
    for council in world.book.rows["collectivites"]:
        followed = [act for act in acts[council["id"]] if _is_followed(own, act)]
        mine = [act for act in followed if not act.get("date_cloture")]
        twinnings = [act for act in mine if _outward(own, act) and _has_news(world, own, act)]
        begun = [act for act in mine if act.get("date_signature") and _still_lasts(world, own, act)]
        actions = [row for act in followed for row in _of(own, act, "plan_action")]
        if any(row["du"].year <= year <= row["au"].year for row in actions) or not (twinnings or begun):
            continue
        wanting += 1
        if twinnings and wanting % _EACH:
            _yearly_action(world, council, twinnings[0])
        else:
            world.book.plant("collectivites", council, "RH-06")


def _still_lasts(world: World, own: Rows, act: Row) -> bool:
    """A convention without a current action that lives all the same.

    Signed less than a year ago and not in force yet; or its end is typed and still to come; or, of those that never had
    a plan, it was paid for lately.
    """
    if not act.get("date_entree_vigueur"):
        return True
    if "ACT-01" in world.book.expected.get(("actes", act["id"]), ()):
        return any(
            (row.get("date_versement") or date.min) > days_before(world.today, 300) for row in _of(own, act, "budget")
        )
    return (act.get("date_fin") or world.today) > world.today


def _has_news(world: World, own: Rows, act: Row) -> bool:
    """Something was done under it in the last ten months, or is planned: it doesn't sleep."""
    recent = days_before(world.today, 300)
    days = [row["date"] for row in _of(own, act, "reunions")]
    days += [
        row.get("date_effective") or row["date_prevue"]
        for row in _of(own, act, "phases_jumelage")
        if row.get("date_prevue")
    ]
    return any(day >= recent for day in days)


def _yearly_action(world: World, council: Row, act: Row) -> None:
    year = world.today.year
    world.book.add(
        "plan_action", id_acte=act["id"], grande_etape="Programme de l'année", quoi_activite="Échanges de l'année", statut="EN_COURS",
        qui_responsable=world.teams[council["id"]]["id"], ou_lieu=council["nom_fr"], du=date(year, 1, 1),
        au=date(year, 12, 31), comment_moyens="Équipe de coopération", mise_a_jour_le=days_before(world.today, 5),
    )  # fmt: skip


def _conditions_of_the_fund(world: World) -> None:
    """One membership of the fund in a few hasn't accepted its statutes (OING-06)."""
    seen = 0
    for act in world.book.rows["actes"]:
        steps = ("date_demande_dgct", "date_candidature", "date_adhesion")
        asked = not act.get("historique") and any(act.get(column) for column in steps)
        rows = world.book.rows["pieces_clauses"]
        if asked and any(row.get("id_acte") == act["id"] and row["piece"] == _FUND[0] for row in rows):
            seen += 1
            if seen % _EACH == 0:
                unmet = line(world, act, "FMDV_STATUTS")
                unmet["present"] = False
                world.book.plant("pieces_clauses", unmet, "OING-06")


def _agendas_just_sent(world: World) -> None:
    """The authority may still add to the agendas of the last eight days (LEX-04)."""
    for session in world.book.rows["sessions"]:
        sent = session["date_odj_transmis_autorite"]
        if session["type"] == "ORDINAIRE" and sent and sent <= world.today <= sent + timedelta(days=8):
            world.book.plant("sessions", session, "LEX-04")


def _poorly_prepared(world: World, acts: Acts, own: Rows) -> None:
    """Councils that lack two of the means that their agreements ask for (GEN-16)."""
    for council in world.book.rows["collectivites"]:
        mine = [act for act in acts[council["id"]] if _is_followed(own, act)]
        voted = any(_is_voted(own, act) for act in mine)
        budget = any(row["type_ligne"] == "BUDGET" for act in mine for row in _of(own, act, "budget"))
        conventions = [act for act in mine if act["forme"] == "CONVENTION"]
        shown = not conventions or any(act.get("date_marketing") for act in conventions)
        means = (budget, shown, bool(council["doc_periode_fin"]), bool(council["equipe_date_creation"]))
        if voted and means.count(False) > 1:
            world.book.plant("collectivites", council, "GEN-16")


def _is_voted(own: Rows, act: Row) -> bool:
    main = ("ACTE_CDI", "ADHESION_OING", "PROJET_CONVENTION")
    adopted = any(r["objet"] in main and r.get("resultat") == "ADOPTEE" for r in _of(own, act, "deliberations"))
    return adopted or bool(act.get("date_signature") or act.get("date_adhesion") or _outward(own, act))


def _sleeping_beside_a_committee(world: World, acts: Acts, own: Rows) -> None:
    """Old twinnings of which nothing else is known, in a council that has a committee for another one (JUM-20)."""
    for mine in acts.values():
        twinnings = [act for act in mine if act["forme"] == "JUMELAGE"]
        committees = [
            body for act in twinnings for body in _of(own, act, "organes") if body["type"] == "COMITE_JUMELAGE"
        ]
        if not any(body["date_mise_en_place"] <= world.today for body in committees):
            continue
        for act in twinnings:
            if act.get("historique") and not own.get(act["id"]):
                world.book.plant("actes", act, "JUM-20")


def _streets_without_visa(world: World, acts: Acts) -> None:
    """A commune's street took the name of an old twin, its plate put up without the Governor's visa (LEX-17)."""
    tier = {council["id"]: council["niveau"] for council in world.book.rows["collectivites"]}
    old = [
        act
        for council, mine in acts.items()
        for act in mine
        if tier[council] == "COMMUNE"
        and act["forme"] == "JUMELAGE"
        and act.get("historique")
        and act.get("annee_signature")
    ]
    for act in old[:: _EACH * 2]:
        row = world.book.add(
            "deliberations", id_acte=act["id"], objet="DENOMINATION_VOIE", inscrit_odj=True, resultat="ADOPTEE",
            date_deliberation=days_before(world.today, 40), date_dossier_admin_centrale=days_before(world.today, 30),
            type_voie="AVENUE", nom_attribue=act["intitule"].rpartition(" – ")[2], date_pose_plaque=days_before(world.today, 10),
        )  # fmt: skip
        world.book.plant("deliberations", row, "LEX-17")


def _begun_before_signature(world: World, own: Rows) -> None:
    """Conventions of which an evaluation or an action began before they were signed (CONV-01)."""
    for act in world.book.rows["actes"]:
        signed = act.get("date_signature")
        if act["forme"] != "CONVENTION" or act.get("historique") or not signed:
            continue
        begun = [row["p2_collecte"] for row in _of(own, act, "evaluations")]
        begun += [row.get("date_debut_reelle") for row in _of(own, act, "plan_action")]
        if any(day and day < signed for day in begun):
            world.book.plant("actes", act, "CONV-01")


def _shared_partners(world: World, own: Rows) -> None:
    """Twinnings of several councils with one partner of the North (JUM-25)."""
    by_partner: dict[str, list[Row]] = defaultdict(list)
    for act in world.book.rows["actes"]:
        over = any(act.get(column) for column in _OVER)
        if act["forme"] == "JUMELAGE" and not over and (_outward(own, act) or act.get("annee_signature")):
            by_partner[act["partenaire"]].append(act)
    for twins in by_partner.values():
        for act in twins:
            alone = all(other["collectivite"] == act["collectivite"] for other in twins)
            if act.get("orientation_geo") == "SUD_NORD" and not alone and not act.get("autres_parties"):
                world.book.plant("actes", act, "JUM-25")


def _signed_too_soon(world: World, own: Rows) -> None:
    """Twinnings signed while a binding rule is open, on their rows or on their council's (JUM-23)."""
    expected = world.book.expected
    for act in world.book.rows["actes"]:
        if act["forme"] != "JUMELAGE" or act.get("historique") or act.get("date_abandon") or not _outward(own, act):
            continue
        places = [("actes", act["id"]), ("collectivites", act["collectivite"])]
        places += [(tab, row["id"]) for tab, row in own[act["id"]]]
        found = {rule for place in places for rule in expected.get(place, ())} & _OPEN
        trip = _outward(own, act) or {}
        if found - ({"JUM-15"} if trip.get("id_deliberation_delegation") else set()):
            world.book.plant("actes", act, "JUM-23")
