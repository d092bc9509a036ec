"""What a sound convention that costs money tells of it: who brings what and when, the budgets that pay, a ratio a year.

A convention of a cofinancing programme has a plan within the programme's shares. Amounts are in dirhams.
"""

from datetime import date, timedelta

from cdi_sync.demo.book import Dossier, Row, days_before
from cdi_sync.demo.careers import World
from cdi_sync.demo.cycle import budget_line, budget_year

COST = 1_000_000
_Part = tuple[str, int, int]  # category of contributor, amount, years after the latest budget year
PLANS: dict[str, tuple[_Part, ...]] = {
    "FRMA": (
        ("DGCT_MI", 150_000, 0), ("DGCT_MI", 150_000, 1), ("MEAE_DAECT", 150_000, 0), ("MEAE_DAECT", 150_000, 1),
        ("CT_FRANCAISE", 300_000, 0), ("CT_MAROCAINE", 100_000, 0),
    ),
    "FACDI": (("FONDS_AFRICAIN", 600_000, 0), ("CT_MAROCAINE", 300_000, 0), ("PARTENAIRE_AFRICAIN", 100_000, 0)),
}  # fmt: skip
_NAMES = {
    "DGCT_MI": "DGCT", "MEAE_DAECT": "Délégation pour l'action extérieure des collectivités territoriales",
    "FONDS_AFRICAIN": "Fonds africain d'appui",
}  # fmt: skip
_MEASURED_AFTER = 300  # days in force after which a ratio is there: less than the year that is asked


def share_out(world: World, dossier: Dossier) -> None:
    """Completes the money lines that `carry` gave: a programme's plan, or our part over two years; ratios."""
    act = dossier.act
    if act["forme"] != "CONVENTION" or not act["implique_engagement_financier"]:
        return
    if programme := act.get("programme"):
        propose(world, dossier, programme)
    else:
        _over_two_years(world, dossier)
    since: date | None = act.get("date_entree_vigueur")
    if since and (world.today - since).days > _MEASURED_AFTER:
        world.book.add(
            "budget", type_ligne="SUIVI", id_acte=act["id"], periode=days_before(world.today, 50), decaissement_pct=60,
            avancement_physique_pct=60, ratio_charges_recurrentes=12, ratio_performance=85,
        )  # fmt: skip


def propose(world: World, dossier: Dossier, programme: str) -> dict[str, Row]:
    """Puts the plan of that programme in place of the contributions; the first line of each category."""
    act = dossier.act
    act.update(programme=programme, cout_global=COST, devise="MAD")
    if act.get("resultat_appel") == "RETENU":
        act["subvention_accordee"] = sum(amount for category, amount, _ in PLANS[programme] if category in _NAMES)
    kept = [row for row in world.book.rows["budget"] if not _is_contribution(row, act)]
    world.book.rows["budget"][:] = kept
    year, _ = budget_year(world, dossier.council)
    firsts: dict[str, Row] = {}
    for category, amount, later in PLANS[programme]:
        row = _contribution(world, dossier, category, amount, year + later)
        firsts.setdefault(category, row)
    if not any(row.get("id_acte") == act["id"] and row["type_ligne"] == "BUDGET" for row in kept):
        budget_line(
            world, dossier, "CONTRIBUTION_PROJET", sum(a for c, a, _ in PLANS[programme] if c == "CT_MAROCAINE")
        )
    return firsts


def _contribution(world: World, dossier: Dossier, category: str, amount: int, year: int) -> Row:
    ours = category == "CT_MAROCAINE"
    name = _NAMES.get(category) or (dossier.council["nom_fr"] if ours else dossier.partner["nom"])
    return world.book.add(
        "budget", type_ligne="CONTRIBUTION", id_acte=dossier.act["id"], exercice=year, contributeur=name,
        categorie_contributeur=category, montant=amount, devise="MAD", montant_mad=amount,
        dont_valorisation=amount // 5 if category == "CT_FRANCAISE" else None, modalites_mise_en_oeuvre="Virement",
        calendrier_versement="En une fois",
    )  # fmt: skip


def _is_contribution(row: Row, act: Row) -> bool:
    return (row.get("id_acte"), row["type_ligne"]) == (act["id"], "CONTRIBUTION")


def _over_two_years(world: World, dossier: Dossier) -> None:
    """Half of our part was paid when it was due; the other half is for the latest budget."""
    act, today = dossier.act, world.today
    ours, theirs = (row for row in world.book.rows["budget"] if _is_contribution(row, act))
    half, first = ours["montant"] // 2, ours["echeance"].year
    ours.update(categorie_contributeur="CT_MAROCAINE", exercice=first,
                **dict.fromkeys(("montant", "montant_mad", "montant_appele", "montant_verse"), half))  # fmt: skip
    theirs["categorie_contributeur"] = _category(dossier.partner)
    year, voted_by = budget_year(world, dossier.council)
    due = date(year, 9, 30)
    rest = _contribution(world, dossier, "CT_MAROCAINE", half, year)
    rest["echeance"] = due
    if due < today:
        rest.update(montant_appele=half, montant_verse=half, date_versement=due - timedelta(days=5))
    if first < year:
        voted = date(first - 1, voted_by.month, voted_by.day)
        line = budget_line(world, dossier, "CONTRIBUTION_PROJET", half)
        line.update(exercice=first, date_vote_budget=days_before(voted, 10), date_visa_budget=days_before(voted, 6))


def _category(partner: Row) -> str:
    if partner["pays"] == "France":
        return "CT_FRANCAISE"
    return "PARTENAIRE_AFRICAIN" if partner["zone_geographique"] == "AFRIQUE_SUBSAHARIENNE" else "AUTRE"
