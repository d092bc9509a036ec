"""The faults planted in funding plans, appropriation accounts and budgets. Same manner as `faults`.

One fault breaks several rules, a line each, so that sound agreements stay the greater part.
"""

from datetime import timedelta

from cdi_sync.demo.book import Dossier, Row, days_before
from cdi_sync.demo.calls import respond, win
from cdi_sync.demo.careers import World
from cdi_sync.demo.cycle import budget_year
from cdi_sync.demo.faults import C, fault
from cdi_sync.demo.followup_faults import FAULTS  # those of `faults` and `followup_faults`, and its own
from cdi_sync.demo.shares import propose

__all__ = ["FAULTS"]


def _bring(row: Row, amount: int, **cells: object) -> None:
    row.update(montant=amount, montant_mad=amount, **cells)


def latest_budget(world: World, d: Dossier) -> Row:
    """The agreement's line in the latest budget that had to be voted."""
    year, _ = budget_year(world, d.council)
    lines = [row for row in world.book.rows["budget"] if row.get("id_acte") == d.act["id"]]
    return next(row for row in lines if row["type_ligne"] == "BUDGET" and row["exercice"] == year)


@fault(C, "C80", money=True)
def plan_franco_marocain_hors_taux(world: World, d: Dossier) -> None:
    """For 1,020,000: of the ministries 400 and 150 in one year (550), 70 the next; 290 of the French (100 in kind), 90 of us."""
    plan = propose(world, d, "FRMA")
    d.act["cout_global"] += 20_000
    ministry, other = plan["DGCT_MI"], plan["MEAE_DAECT"]
    mine = [row for row in world.book.rows["budget"] if row.get("id_acte") == d.act["id"]]
    later = [row for row in mine if row["type_ligne"] == "CONTRIBUTION" and row["exercice"] > other["exercice"]]
    next_year = {row["categorie_contributeur"]: row for row in later}
    world.book.rows["budget"].remove(next_year["DGCT_MI"])
    _bring(ministry, 400_000)
    _bring(next_year["MEAE_DAECT"], 70_000)
    _bring(plan["CT_FRANCAISE"], 290_000, dont_valorisation=100_000)
    _bring(plan["CT_MAROCAINE"], 90_000)
    world.book.plant("budget", ministry, "COF-01", "COF-02", "COF-03")  # 400 against 220
    world.book.plant("budget", plan["CT_FRANCAISE"], "COF-04", "COF-06")
    world.book.plant("budget", plan["CT_MAROCAINE"], "COF-05")
    world.book.plant("actes", d.act, "COF-13", "FIN-15")


@fault(C, "C80", money=True)
def plan_africain_hors_taux(world: World, d: Dossier) -> None:
    """Of 1,000,000: 650 of the Fund, 240 of us, 40 of the partner, 70 of somebody else."""
    plan = propose(world, d, "FACDI")
    _bring(plan["FONDS_AFRICAIN"], 650_000)
    _bring(plan["CT_MAROCAINE"], 240_000)
    _bring(plan["PARTENAIRE_AFRICAIN"], 40_000)
    world.book.add("budget", type_ligne="CONTRIBUTION", id_acte=d.act["id"], contributeur="Fondation fictive",
                   categorie_contributeur="AUTRE", montant=70_000, devise="MAD", montant_mad=70_000,
                   modalites_mise_en_oeuvre="Virement", calendrier_versement="En une fois")  # fmt: skip
    world.book.plant("budget", plan["FONDS_AFRICAIN"], "COF-09")
    world.book.plant("budget", plan["CT_MAROCAINE"], "COF-10")
    world.book.plant("budget", plan["PARTENAIRE_AFRICAIN"], "COF-11")


@fault(C, "C110", money=True)
def comptes_de_l_acte_negliges(world: World, d: Dossier) -> None:
    """In force for two years without a ratio; the budget voted a day late and too small; an account without its decision.

    The council publishes nothing on it either.
    """
    rows = world.book.rows["budget"]
    rows[:] = [row for row in rows if not (row.get("id_acte") == d.act["id"] and row["type_ligne"] == "SUIVI")]
    world.book.plant("actes", d.act, "FIN-10")
    line, voted_by = latest_budget(world, d), budget_year(world, d.council)[1]
    line.update(montant_vote=50_000, date_vote_budget=voted_by + timedelta(days=1))
    world.book.plant("budget", line, "LEX-15", "LEX-16")
    account = world.book.add("budget", type_ligne="CDD", id_acte=d.act["id"], exercice=world.today.year - 3,
                             credits_ouverts=30_000, annules=30_000)  # fmt: skip
    world.book.plant("budget", account, "LEX-14", "FIN-06")
    d.council["brochure_le"] = None
    world.book.plant("collectivites", d.council, "COM-04")


@fault(C, "C90", money=True)
def quote_part_trop_petite(world: World, d: Dossier) -> None:
    launched = days_before(d.act["date_partenaire_trouve"], 50)
    respond(world, d, launched)
    win(d.act, launched)
    line = latest_budget(world, d)
    line["montant_vote"] = 50_000
    world.book.plant("budget", line, "FIN-07")
    if d.act["date_signature"] <= budget_year(world, d.council)[1]:
        world.book.plant("budget", line, "LEX-16")
