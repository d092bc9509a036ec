"""Answers to calls for projects: sound ones, on conventions that look for a partner, on those with money, and on some others.

Days run forward from the launch, L: criteria verified and rules read L + 1, decision L + 4, offer L + 12, proposal L + 20,
approved L + 30, sent L + 32, last day L + 40, result L + 50. The periods of the programmes are written here again, so that
what is planted doesn't depend on config/programmes.toml.
"""

from datetime import date, timedelta
from typing import Any

from cdi_sync.demo.book import Book, Dossier, Row, days_before
from cdi_sync.demo.careers import IN_FORCE, World

FRENCH, AFRICAN = "FRMA", "FACDI"
OPEN_TO = 40  # days between the launch and the last day
_SENT, _RESULT = 32, 50
_FUND_SINCE = date(2020, 3, 9)
_FRENCH_PERIODS = ((date(2019, 2, 8), date(2021, 12, 31)), (date(2021, 12, 17), date(2024, 12, 31)))
_AFRICA = ("AFRIQUE_SUBSAHARIENNE", "MAGHREB")
_NOTICE = "critères d'admissibilité ; objectifs ; résultats attendus ; capacités financières ; rôle des intervenants ; formulaires"
_STEPS = (("date_eligibilite", 1), ("m1_lecture_reglement", 1), ("m2_decision", 4), ("m3_construction_offre", 12),
          ("m4_redaction", 20), ("date_validation_president", 30), ("date_transmission_dossier", _SENT))  # fmt: skip
_NOT_SIGNED = ("C40", "C50", "C60", "C75")
_WON = (*_NOT_SIGNED, "C70", "C80", "C85", "C90", *(stage for stage in IN_FORCE if stage not in ("C95", "C96", "C160")))
_LONG_AGO = 365  # days after which a council should look for the fund's next call


def answer(world: World, dossier: Dossier, stage: str) -> None:
    """A sound convention's call, when it has one: waiting for its result at C30, won where it went further."""
    act = dossier.act
    if act.get("historique") or act["forme"] != "CONVENTION":
        return
    found = act.get("date_partenaire_trouve")  # not yet dated at C40 when that stage is of the coming days
    if stage == "C30":
        respond(world, dossier, days_before(world.today, OPEN_TO + 5), programme_of(dossier, world.today))
        act["resultat_appel"] = "EN_ATTENTE"
    elif found and stage in _WON and (act["implique_engagement_financier"] or stage in _NOT_SIGNED):
        launched = days_before(found, _RESULT)
        programme = programme_of(dossier, launched + timedelta(days=_SENT))
        respond(world, dossier, launched, programme)
        win(act, launched)


def programme_of(dossier: Dossier, sent: date) -> str | None:
    """The programme that finances a project with that partner, sent on that day; None for another launcher's call."""
    if not dossier.act["implique_engagement_financier"]:
        return None
    if dossier.partner.get("zone_geographique") in _AFRICA and sent >= _FUND_SINCE:
        return AFRICAN
    if dossier.partner["pays"] == "France" and any(first <= sent <= last for first, last in _FRENCH_PERIODS):
        return FRENCH
    return None


def respond(world: World, dossier: Dossier, launched: date, programme: str | None = None) -> None:
    """The call and the answer to it, as far as the demo's day: what is later is still to be done."""
    act = dossier.act
    director = next(
        person
        for person in world.book.rows["contacts"]
        if (person["collectivite"], person["fonction_role"]) == (dossier.council["id"], "DGS_DS")
    )
    act.update(
        programme=programme, lanceur_appel="DGCT" if programme else "Agence de coopération", moyen_diffusion="Site du lanceur",
        date_lancement_appel=launched, date_limite_appel=launched + timedelta(days=OPEN_TO), contenu_avis=_NOTICE,
        eligibilite_verifiee=True, responsable_dossier=director["id"], partenaires_locaux="Université ; association de quartier",
        thematique_visee="Développement économique local" if programme == FRENCH else None,
    )  # fmt: skip
    for column, days in _STEPS:
        if launched + timedelta(days=days) <= world.today:
            act[column] = launched + timedelta(days=days)
    for number in range(1, 11):
        world.book.add("pieces_clauses", id_acte=act["id"], piece=f"E{number:02}", present=True)


def win(act: Row, launched: date, **cells: Any) -> None:
    """The call's result, in favour of the project."""
    act.update({"resultat_appel": "RETENU", "date_resultat_appel": launched + timedelta(days=_RESULT), **cells})


def watch(book: Book, today: date) -> None:
    """Plants COF-14 once the register is full: councils that work with Africa and have no call of the fund within a year."""
    zone = {row["id"]: row.get("zone_geographique") for row in book.rows["partenaires"]}
    recent, concerned = set(), set()
    for act in book.rows["actes"]:
        launched = act.get("date_lancement_appel")
        is_call = act.get("programme") == AFRICAN
        is_live = not any(act.get(key) for key in ("historique", "date_abandon", "date_resiliation"))
        is_african = act["forme"] != "ADHESION_OING" and zone.get(act["partenaire"]) in _AFRICA
        if is_call or (is_live and is_african):
            concerned.add(act["collectivite"])
        if is_call and launched and (today - launched).days <= _LONG_AGO:
            recent.add(act["collectivite"])
    for council in book.rows["collectivites"]:
        if council["id"] in concerned - recent:
            book.plant("collectivites", council, "COF-14")
