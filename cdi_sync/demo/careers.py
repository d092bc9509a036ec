"""Clean agreements: each function invents one that stands at a given stage and breaks no rule.

Dates run forward from a council session: preparation before it, visa and signature after it. Nothing is dated after
the demo's day, but for meetings and ceremonies that are planned.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from cdi_sync.calendar import OrdinarySession, WorkCalendar, minutes_last_day, ordinary_sessions
from cdi_sync.demo.book import Book, Dossier, Row, days_before
from cdi_sync.law import Law

DOMAINS = ("SPORT", "SOCIAL", "CULTURE", "TOURISME", "ENVIRONNEMENT", "EAU_POTABLE", "EMPLOI", "SANTE",
           "DEVELOPPEMENT_ECONOMIQUE_LOCAL", "DEVELOPPEMENT_RURAL", "RENFORCEMENT_CAPACITES_RH")  # fmt: skip
SYNTHETIC = "Donnée synthétique de démonstration"
_SUBJECTS = {
    "SPORT": "Échanges entre clubs et formation d'éducateurs", "SOCIAL": "Accueil des personnes âgées",
    "CULTURE": "Festivals et lecture publique", "TOURISME": "Circuits de tourisme rural",
    "ENVIRONNEMENT": "Tri et valorisation des déchets", "EAU_POTABLE": "Réseaux d'eau potable en milieu rural",
    "EMPLOI": "Insertion professionnelle des jeunes", "SANTE": "Équipement de centres de santé",
    "DEVELOPPEMENT_ECONOMIQUE_LOCAL": "Appui aux coopératives", "DEVELOPPEMENT_RURAL": "Pistes et petite irrigation",
    "RENFORCEMENT_CAPACITES_RH": "Formation des cadres territoriaux",
}  # fmt: skip


@dataclass
class World:
    """What the careers share: the book, chance, the day, the law and the calendar, and the sessions held."""

    book: Book
    chance: random.Random
    today: date
    law: Law
    calendar: WorkCalendar
    sessions: dict[tuple[str, date], Row] = field(default_factory=dict)
    people: dict[str, Row] = field(default_factory=dict)  # who follows cooperation, by council
    teams: dict[str, Row] = field(default_factory=dict)  # the member of its team who leads actions, by council
    profiled: set[str] = field(default_factory=set)  # councils that have the lines of annex 1

    def days(self, low: int, high: int) -> timedelta:
        return timedelta(days=self.chance.randint(low, high))

    def worked(self, day: date) -> date:
        """That day, or the next worked one."""
        return self.calendar.next_worked(day)


# --------------------------------------------------------------------------------------------------- sessions


def past_session(
    world: World, council: Row, *, years: int = 8, shared: bool = True, ago: tuple[int, int] = (150, 100_000)
) -> Row:
    """An ordinary session held so many days ago: 150 at least, and of the last so many years."""
    first = world.today.year - years
    held = [s for year in range(max(2016, first), world.today.year + 1) for s in _sessions(world, council, year)
            if ago[0] < (world.today - s.opening).days < ago[1]]  # fmt: skip
    return _session(world, council, world.chance.choice(held), shared=shared)


def coming_session(world: World, council: Row) -> Row:
    """The next ordinary session, its agenda sent already."""
    soon = days_before(world.today, -21)
    coming = [s for year in (world.today.year, world.today.year + 1, world.today.year + 2)
              for s in _sessions(world, council, year) if s.opening > soon]  # fmt: skip
    return _session(world, council, coming[0], shared=True)


def recent_session(world: World, council: Row, days: int = 7) -> Row:
    """An extraordinary session, opened so many days ago: what follows it may still be on its way."""
    opening = world.calendar.previous_worked(days_before(world.today, days))
    key = (council["id"], opening)
    if key not in world.sessions:
        world.sessions[key] = world.book.add(
            "sessions", collectivite=council["id"], type="EXTRAORDINAIRE", annee=opening.year, mois=opening.month,
            initiative_extraordinaire="PRESIDENT", date_ouverture=opening, date_cloture=opening + timedelta(days=1),
            date_odj_transmis_autorite=days_before(opening, 14), date_convocation_membres=days_before(opening, 12),
            quorum_atteint=True, rang_convocation=1,
        )  # fmt: skip
    return world.sessions[key]


def _sessions(world: World, council: Row, year: int) -> tuple[OrdinarySession, ...]:
    return ordinary_sessions(council["niveau"], year, world.law, world.calendar)


def _session(world: World, council: Row, lawful: OrdinarySession, *, shared: bool) -> Row:
    key = (council["id"], lawful.opening)
    if shared and key in world.sessions:
        return world.sessions[key]
    opening = lawful.opening
    held = opening <= world.today
    row = world.book.add(
        "sessions", collectivite=council["id"], type="ORDINAIRE", annee=opening.year, mois=opening.month,
        date_ouverture=opening,
        date_odj_transmis_autorite=min(days_before(opening, world.chance.randint(21, 40)), days_before(world.today, 1)),
        date_convocation_membres=days_before(opening, world.chance.randint(11, 18)) if held else None,
        date_cloture=opening + world.days(1, 9) if held else None,
        quorum_atteint=True if held else None, rang_convocation=1 if held else None,
    )  # fmt: skip
    if shared:
        world.sessions[key] = row
    return row


# ------------------------------------------------------------------------------------------------ common parts


def open_act(world: World, council: Row, partner: Row, form: str, created: date, **values: Any) -> Row:
    """The line of an agreement, with what is asked of every form."""
    domain = world.chance.choice(DOMAINS)
    kind = {"JUMELAGE": "Jumelage", "CONVENTION": "Convention", "ADHESION_OING": "Adhésion"}[form]
    return world.book.add(
        "actes", intitule=f"{kind} {council['nom_fr']} – {partner['nom']}", forme=form, collectivite=council["id"],
        partenaire=partner["id"], objet=_SUBJECTS[domain], domaine=domain,
        orientation_geo=world.chance.choice(("SUD_NORD", "SUD_SUD")), date_creation=created, source_info=SYNTHETIC, **values,
    )  # fmt: skip


def verify(act: Row, day: date) -> None:
    """The three verifications that precede any agreement."""
    act.update(
        avis_politique_exterieure="CONFORME", date_avis=day, engagements_internationaux_ok=True,
        commentaire_engagements="Vérifié avec la division des affaires générales", competences_deux_parties_ok=True,
    )  # fmt: skip


def vote(world: World, act: Row, session: Row, subject: str, *, sent: bool = True) -> Row:
    """A deliberation adopted by the book; `sent`: its minutes have reached the authority."""
    opening: date = session["date_ouverture"]
    held = opening + timedelta(days=1) if session["date_cloture"] > opening else opening
    members = world.chance.choice((25, 31, 35, 39))
    against = world.chance.randint(0, 5)
    return world.book.add(
        "deliberations", id_acte=act["id"], id_session=session["id"], objet=subject, inscrit_odj=True,
        numero_point_odj=str(world.chance.randint(2, 14)), date_deliberation=held, resultat="ADOPTEE",
        votes_pour=members - against - 4, votes_contre=against, abstentions=world.chance.randint(0, 3),
        membres_en_exercice=members, date_pv=session["date_cloture"], pv_signe_president=True, pv_signe_secretaire=True,
        lien_pv=f"Registre des délibérations {held.year}, cote {world.chance.randint(10, 99)}",
        date_transmission_pv_autorite=_minutes_sent(world, session) if sent else None,
        ref_recepisse=f"R-{held.year}-{world.chance.randint(100, 999)}" if sent else None, opposition=False,
    )  # fmt: skip


def _minutes_sent(world: World, session: Row) -> date:
    council = next(row for row in world.book.rows["collectivites"] if row["id"] == session["collectivite"])
    last = minutes_last_day(council["niveau"], session["date_cloture"], world.law, world.calendar)
    assert last is not None, "demo sessions are later than 2015"
    return min(last, world.calendar.add_worked_days(session["date_cloture"], world.chance.randint(3, 8)))


def inscribe(world: World, act: Row, session: Row, subject: str) -> Row:
    """A deliberation on the agenda of a coming session: no result yet."""
    return world.book.add("deliberations", id_acte=act["id"], id_session=session["id"], objet=subject, inscrit_odj=True,
                          numero_point_odj=str(world.chance.randint(2, 14)))  # fmt: skip


def ask_visa(world: World, act: Row, deliberation: Row, sent: date, received: date | None) -> Row:
    """A request for a visa, through the Governor, to the ministry of the Interior (the guide's reading)."""
    return world.book.add(
        "visas_accords", id_acte=act["id"], id_deliberation=deliberation["id"], nature="VISA",
        autorite="MINISTERE_INTERIEUR", voie="SOUS_COUVERT_GOUVERNEUR", date_envoi=sent, date_reception=received,
        ref_accuse=f"AR-{world.chance.randint(1000, 9999)}" if received else None,
    )  # fmt: skip


def grant(world: World, visa: Row, after: tuple[int, int] = (6, 18)) -> date:
    """Grants a visa within its 20 days: the day of the decision."""
    day: date = visa["date_reception"] + world.days(*after)
    visa.update(date_decision=day, sens="ACCORDE", date_notification=day + timedelta(days=2))
    return day


def consent(world: World, dossier: Dossier, day: date) -> None:
    """The consent of the public authorities, for a partner that is no local authority."""
    dossier.consent = world.book.add(
        "visas_accords", id_acte=dossier.act["id"], nature="ACCORD_AUTORITES_PUBLIQUES", autorite="MINISTERE_INTERIEUR",
        date_envoi=days_before(day, 30), date_reception=days_before(day, 27), date_decision=days_before(day, 9),
        sens="ACCORDE", date_notification=days_before(day, 7),
    )  # fmt: skip


def _one_in(count: int, act: Row) -> bool:
    """True for one agreement in so many, whatever chance says."""
    return int(act["id"].rpartition("-")[2]) % count == 0


# ------------------------------------------------------------------------------------------------- conventions

CONVENTION_STAGES = ("C00", "C10", "C20", "C30", "C40", "C50", "C55", "C60", "C70", "C70-pv", "C75", "C78", "C80",
                     "C85", "C90", "C100", "C110", "C115", "C151", "C120", "C130", "C140", "C95", "C96", "C160", "C-R",
                     "C-A")  # fmt: skip
IN_FORCE = CONVENTION_STAGES[CONVENTION_STAGES.index("C100") : CONVENTION_STAGES.index("C-R")]
_LIVED = IN_FORCE[1:]  # signed about two years ago, for five years: before its mid-term
RECENT, TWO_YEARS_AGO = (150, 350), (700, 860)  # each holds a session of any council
_PREPARATION = (  # column, days before the session, stage that it proves
    ("date_dossier_technique", 250, "C10"), ("date_marketing", 220, "C20"), ("date_recherche_partenaire", 200, "C30"),
    ("date_partenaire_trouve", 150, "C40"), ("date_ouverture_negociation", 120, "C50"), ("date_projet_convention", 70, "C55"),
)  # fmt: skip


def convention(
    world: World, council: Row, partner: Row, stage: str, *, money: bool = False, own_session: bool = False
) -> Dossier:
    """A convention at one of CONVENTION_STAGES ("C70-pv": minutes still to be sent)."""
    early = stage in ("C00", "C10", "C20", "C30", "C40", "C50", "C55", "C-A")
    session = None if early else _session_for(world, council, stage, own_session)
    anchor = session["date_ouverture"] if session else world.today + world.days(40, 75)
    act = open_act(world, council, partner, "CONVENTION", days_before(anchor, world.chance.randint(300, 400)),
                   sous_type="CONVENTION_SPECIFIQUE", duree_mois=world.chance.choice((24, 36, 48, 60)),
                   reconduction="EXPRESSE", implique_engagement_financier=money)  # fmt: skip
    if stage in _LIVED:
        act["duree_mois"] = 60
    dossier = Dossier(act, council, partner, session)
    reached = CONVENTION_STAGES.index(stage if stage in CONVENTION_STAGES[:7] else "C55")
    prepared = reached >= CONVENTION_STAGES.index("C55")
    for left, (column, before, proved) in enumerate(reversed(_PREPARATION), start=2):
        # what a project of convention rests on is behind it, however far the session
        day = (
            min(days_before(anchor, before), days_before(world.today, left))
            if prepared
            else days_before(anchor, before)
        )
        if CONVENTION_STAGES.index(proved) <= reached and day <= world.today:
            act[column] = day
    if prepared:
        verify(act, days_before(anchor, 110))
        act["date_accord_partenaire"] = min(days_before(anchor, 60), days_before(world.today, 1))
    if stage == "C55" and _one_in(4, act):
        act["date_signature_prevue"] = world.today + timedelta(days=25)  # too soon for any session: REM-DEL-02
    if stage == "C-A":
        act.update(date_abandon=days_before(world.today, 30), motif_abandon="Le partenaire a renoncé au projet")
    if session:
        _formalise(world, dossier, stage, money)
    return dossier


def _session_for(world: World, council: Row, stage: str, own: bool) -> Row:
    if stage == "C60":
        return coming_session(world, council)
    if stage == "C70-pv":
        return recent_session(world, council)
    if stage == "C90":  # not in force yet, and not forgotten for all that
        return past_session(world, council, shared=not own, ago=RECENT)
    if stage in _LIVED:
        return past_session(world, council, shared=not own, ago=TWO_YEARS_AGO)
    return past_session(world, council, years=2 if stage in ("C70", "C75", "C78", "C80", "C85") else 8, shared=not own)


def _formalise(world: World, dossier: Dossier, stage: str, money: bool) -> None:
    act, session = dossier.act, dossier.session
    assert session is not None
    if stage == "C60":
        dossier.deliberation = inscribe(world, act, session, "ACTE_CDI")
        return
    dossier.deliberation = vote(world, act, session, "ACTE_CDI", sent=stage != "C70-pv")
    if money:
        vote(world, act, session, "CREATION_CDD", sent=stage != "C70-pv")
    if stage in ("C70", "C70-pv"):
        return
    _visa(world, dossier, stage)
    if stage in ("C85", "C90", *IN_FORCE):
        _sign(world, dossier, stage)


def _visa(world: World, dossier: Dossier, stage: str) -> None:
    assert dossier.deliberation is not None
    if stage == "C75":
        received = days_before(world.today, world.chance.randint(1, 20))
        dossier.visa = ask_visa(world, dossier.act, dossier.deliberation, days_before(received, 3), received)
        return
    sent = dossier.deliberation["date_transmission_pv_autorite"] + timedelta(days=4)
    dossier.visa = ask_visa(world, dossier.act, dossier.deliberation, sent, sent + timedelta(days=3))
    decided = grant(world, dossier.visa)
    outcome = {"C78": "OBSERVATIONS", "C-R": "REFUSE"}.get(stage)
    if outcome:
        dossier.visa.update(sens=outcome, date_decision=decided, observations_motifs="Préciser le financement")


def _sign(world: World, dossier: Dossier, stage: str) -> None:
    act, visa = dossier.act, dossier.visa
    assert visa is not None
    decided: date = visa["date_decision"]
    act.update(importance_ceremonie="RESTREINTE", lieu_signature=dossier.council["nom_fr"], mode_signature="PRESENTIEL")
    if stage == "C85":
        act["date_signature_prevue"] = world.today + world.days(5, 40)
        return
    signed = decided + world.days(10, 40)
    act.update(date_signature_prevue=signed, date_signature=signed)
    if dossier.partner["type"] not in ("COLLECTIVITE_ETRANGERE", "GROUPEMENT_CT_ETRANGER"):
        consent(world, dossier, signed)
    if stage in IN_FORCE:
        act["date_entree_vigueur"] = signed + world.days(0, 15)


# ------------------------------------------------------------------------------------------------- memberships

MEMBERSHIP_STAGES = ("O00", "O10", "O20", "O30", "O40", "O50", "O60", "O70", "O75", "O80", "O90", "O91", "O-R")
_MEMBERS = ("O70", "O75", "O80", "O90", "O91")


def membership(world: World, council: Row, partner: Row, stage: str) -> Dossier:
    """A membership at one of MEMBERSHIP_STAGES."""
    early = stage in ("O00", "O10")
    session = None if early else _membership_session(world, council, stage)
    anchor = session["date_ouverture"] if session else world.today + world.days(40, 75)
    act = open_act(world, council, partner, "ADHESION_OING", days_before(anchor, world.chance.randint(150, 260)))
    dossier = Dossier(act, council, partner, session)
    if stage != "O00":
        act["date_verification"] = min(days_before(anchor, 90), days_before(world.today, 5))
        verify(act, min(days_before(anchor, 80), days_before(world.today, 4)))
    if session:
        _adhere(world, dossier, stage)
    return dossier


def _membership_session(world: World, council: Row, stage: str) -> Row:
    if stage == "O20":
        return coming_session(world, council)
    if stage == "O30":  # the request is to leave within 15 worked days of the vote, 21 days at least
        return recent_session(world, council, days=17)
    return past_session(world, council, ago=(1000, 100_000) if stage == "O80" else (150, 100_000))


def _adhere(world: World, dossier: Dossier, stage: str) -> None:
    act, session = dossier.act, dossier.session
    assert session is not None
    if stage == "O20":
        dossier.deliberation = inscribe(world, act, session, "ADHESION_OING")
        return
    dossier.deliberation = vote(world, act, session, "ADHESION_OING")
    if stage == "O30":
        return
    sent = dossier.deliberation["date_transmission_pv_autorite"] + timedelta(days=3)
    act.update(voie_demande="SOUS_COUVERT_GOUVERNEUR", date_demande_dgct=sent)
    if stage == "O40":
        received = days_before(world.today, world.chance.randint(1, 19))
        dossier.visa = ask_visa(world, act, dossier.deliberation, days_before(received, 2), received)
        return
    dossier.visa = ask_visa(world, act, dossier.deliberation, sent, sent + timedelta(days=2))
    decided = grant(world, dossier.visa)
    if stage == "O-R":
        dossier.visa["sens"] = "REFUSE"
    if stage in ("O60", *_MEMBERS):
        act["date_candidature"] = decided + timedelta(days=12)
    if stage in _MEMBERS:
        act["date_adhesion"] = decided + world.days(30, 60)
        consent(world, dossier, act["date_adhesion"])


# --------------------------------------------------------------------------------------------------- twinnings


TWINNING_STAGES = (
    "J00",
    "J10",
    "J20",
    "J30",
    "J40",
    "J45",
    "J50",
    "J60",
    "J65",
    "J70",
    "J75",
    "J80",
    "J85",
    "J90",
    "J95",
    "J96",
    "J99",
    "J-R",
    "J-A",
)


def twinning(world: World, council: Row, partner: Row, stage: str, *, abroad: bool = False) -> Dossier:
    """A twinning at one of TWINNING_STAGES; `abroad`: the outward phase is held in the partner's town."""
    rank = TWINNING_STAGES.index(stage) if stage not in ("J-R", "J-A") else TWINNING_STAGES.index("J30")
    session = None
    if rank >= TWINNING_STAGES.index("J50"):
        session = _twinning_session(world, council, stage)
    anchor = session["date_ouverture"] if session else days_before(world.today, 3)
    act = open_act(world, council, partner, "JUMELAGE", days_before(anchor, 700))
    dossier = Dossier(act, council, partner, session)
    _prepare_twinning(world, dossier, rank, min(anchor, days_before(world.today, 1)))
    if stage == "J40" and _one_in(3, act):  # planned before the Royal approval: REM-VIS-05
        world.book.add("phases_jumelage", id_acte=act["id"], phase="ALLER", ville_hote=council["nom_fr"], pays_hote="Maroc",
                       a_l_etranger=False, date_prevue=world.today + timedelta(days=40))  # fmt: skip
    if stage == "J-R":
        _agree(world, dossier, "ACCORD_PRINCIPE_MI", days_before(anchor, 200), "REFUSE")
    if stage == "J-A":
        act.update(date_abandon=days_before(world.today, 20), motif_abandon="Projet retiré par le Conseil")
    if session:
        _conclude_twinning(world, dossier, stage, rank, abroad=abroad or stage == "J75")
    return dossier


def _twinning_session(world: World, council: Row, stage: str) -> Row:
    if stage == "J50":
        return coming_session(world, council)
    ago = {"J80": RECENT, "J95": TWO_YEARS_AGO, "J96": TWO_YEARS_AGO, "J99": TWO_YEARS_AGO}
    return past_session(world, council, ago=ago.get(stage, (150, 100_000)))


def _prepare_twinning(world: World, dossier: Dossier, rank: int, anchor: date) -> None:
    act = dossier.act
    if rank >= 1:
        verify(act, days_before(anchor, 620))
        act["date_rapport_pret"] = days_before(anchor, 600)
    if rank >= 2:
        act.update(date_envoi_rapport=days_before(anchor, 580), voie_rapport="SOUS_COUVERT_GOUVERNEUR",
                   rapport_appreciations_wali="Lettre du Gouverneur, dossier 12")  # fmt: skip
    if rank >= 3:
        act["date_reception_dgct"] = days_before(anchor, 540)
    if rank >= 4:
        dossier.agreement = _agree(world, dossier, "ACCORD_PRINCIPE_MI", days_before(anchor, 400), "ACCORDE")
    if rank >= 5:
        dossier.approval = _agree(world, dossier, "APPROBATION_ROYALE", days_before(anchor, 120), "ACCORDE")


def _agree(world: World, dossier: Dossier, nature: str, notified: date, sense: str) -> Row:
    authority = "MINISTERE_INTERIEUR" if nature == "ACCORD_PRINCIPE_MI" else "SA_MAJESTE_LE_ROI"
    return world.book.add(
        "visas_accords", id_acte=dossier.act["id"], nature=nature, autorite=authority, voie="SOUS_COUVERT_GOUVERNEUR",
        date_envoi=days_before(notified, 60), date_reception=days_before(notified, 55),
        date_decision=days_before(notified, 5), sens=sense, date_notification=notified,
    )  # fmt: skip


def _conclude_twinning(world: World, dossier: Dossier, stage: str, rank: int, *, abroad: bool) -> None:
    act, session = dossier.act, dossier.session
    assert session is not None
    if stage == "J50":
        dossier.deliberation = inscribe(world, act, session, "ACTE_CDI")
        return
    dossier.deliberation = vote(world, act, session, "ACTE_CDI")
    if rank >= TWINNING_STAGES.index("J65"):
        sent = dossier.deliberation["date_transmission_pv_autorite"] + timedelta(days=2)
        act.update(date_transmission_pieces_mi=sent, etat_detaille_depenses="Dossier 12, pièce 3",
                   dispositions_materielles="Dossier 12, pièce 4")  # fmt: skip
    if rank >= TWINNING_STAGES.index("J70"):
        _plan_outward(world, dossier, stage, rank, abroad=abroad)
    if rank >= TWINNING_STAGES.index("J85"):
        _return_phase(world, dossier)


def _plan_outward(world: World, dossier: Dossier, stage: str, rank: int, *, abroad: bool) -> None:
    act, deliberation = dossier.act, dossier.deliberation
    assert deliberation is not None
    held = rank >= TWINNING_STAGES.index("J80")
    ceremony = (
        deliberation["date_transmission_pv_autorite"] + world.days(60, 100)
        if held
        else world.today + world.days(30, 90)
    )
    if stage == "J80":  # the return is still to come: within a year
        ceremony = days_before(world.today, world.chance.randint(20, 88))
    if abroad and rank >= TWINNING_STAGES.index("J75"):
        dossier.delegation = vote(world, act, dossier.session or {}, "DELEGATION")
    town = dossier.partner["nom"] if abroad else dossier.council["nom_fr"]
    dossier.phase = world.book.add(
        "phases_jumelage", id_acte=act["id"], phase="ALLER", ville_hote=town,
        pays_hote=dossier.partner["pays"] if abroad else "Maroc", a_l_etranger=abroad, date_prevue=ceremony,
        date_arretee_par_president=ceremony, coincidence_evenement="MANIFESTATION_CULTURELLE",
        id_deliberation_delegation=dossier.delegation["id"] if dossier.delegation else None,
        date_deplacement=days_before(ceremony, 2) if held and abroad else None,
        date_effective=ceremony if held else None, protocole_signe=True if held else None,
    )  # fmt: skip


def _return_phase(world: World, dossier: Dossier) -> None:
    assert dossier.phase is not None
    day = min(dossier.phase["date_effective"] + world.days(20, 60), days_before(world.today, 1))
    world.book.add("phases_jumelage", id_acte=dossier.act["id"], phase="RETOUR", ville_hote=dossier.partner["nom"],
                   pays_hote=dossier.partner["pays"], a_l_etranger=True, date_prevue=day, date_arretee_par_president=day,
                   date_effective=day, protocole_signe=True)  # fmt: skip


CAREERS: Mapping[str, tuple[Callable[..., Dossier], tuple[str, ...], tuple[int, ...]]] = {
    # form: (career, stages, how often each)
    "CONVENTION": (
        convention,
        CONVENTION_STAGES,
        (2, 2, 2, 2, 3, 4, 6, 5, 4, 2, 8, 2, 4, 4, 10, 26, 8, 2, 2, 3, 3, 3, 3, 2, 2, 2, 2),
    ),
    "ADHESION_OING": (membership, MEMBERSHIP_STAGES, (4, 6, 5, 4, 8, 4, 6, 30, 6, 6, 2, 1, 2)),
    "JUMELAGE": (twinning, TWINNING_STAGES, (3, 4, 4, 5, 6, 6, 4, 4, 4, 4, 3, 14, 20, 4, 3, 2, 2, 2, 2)),
}
