"""Money of an agreement, as the lines of « Budget et financement » tell it. Pure. Amounts are in dirhams.

"Budget lines" are those of type BUDGET; contributions make up the funding plan; dues are paid to an organisation. The
year of a contribution or of dues is its « Exercice », else the year of its « Échéance ».
"""

from collections.abc import Iterable

from cdi_sync.model import Case, Row

OURS = "CT_MAROCAINE"  # category of what the Moroccan council contributes


def money_lines(case: Case, kind: str, **cells: object) -> list[Row]:
    """The money lines of that type, with those cells."""
    mine = (row for row in case.money if row["type_ligne"] == kind)
    return [row for row in mine if all(row[key] == value for key, value in cells.items())]


def first_amount(row: Row, *columns: str) -> float:
    """The first of these amounts that is filled, 0 if none."""
    return next((value for key in columns if (value := row.number_of(key)) is not None), 0)


def in_dirhams(row: Row) -> float | None:
    """The amount of a contribution or of dues; None when it is in another currency and isn't converted."""
    converted = row.number_of("montant_mad")
    if converted is not None:
        return converted
    return row.number_of("montant") if row["devise"] in (None, "MAD") else None


def total(rows: Iterable[Row]) -> float:
    """What contributions or dues make together; those that aren't converted count for nothing."""
    return sum(in_dirhams(row) or 0 for row in rows)


def cost_of(act: Row) -> float | None:
    """The whole cost of an agreement; None when it isn't typed, or is in another currency without a dated rate."""
    cost = act.number_of("cout_global")
    if cost is None or act["devise"] in (None, "MAD"):
        return cost
    rate = act.number_of("taux_change")
    return None if rate is None or act["date_taux"] is None else cost * rate


def year_of(row: Row) -> int | None:
    """The budget year of a contribution or of dues."""
    year, due = row.number_of("exercice"), row.day("echeance")
    return int(year) if year else (due.year if due else None)


def dirhams(amount: float) -> str:
    """1234567.5 → "1 234 567,50 MAD", without decimals when there are none."""
    text = f"{amount:,.2f}".replace(",", " ").replace(".", ",")
    return f"{text.removesuffix(',00')} MAD"


def percent(share: float) -> str:
    """0.301 → "30,1 %", to a hundredth of a point at most."""
    return f"{share * 100:.2f}".rstrip("0").rstrip(".").replace(".", ",") + " %"
