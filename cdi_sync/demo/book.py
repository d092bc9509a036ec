"""The rows of a registry being invented, and the rules that each of them is expected to break."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

PREFIXES = {
    "collectivites": "COL", "contacts": "CON", "partenaires": "PAR", "actes": "ACT", "phases_jumelage": "PHA",
    "sessions": "SES", "deliberations": "DEL", "visas_accords": "VIS", "organes": "ORG",
    "pieces_clauses": "PIE", "budget": "BUD", "cadre_logique": "CAD", "plan_action": "ACN", "reunions": "REU",
    "evaluations": "EVA", "parametres": "PRM", "jours_feries": "FER", "derogations": "DER",
}  # fmt: skip

Row = dict[str, Any]


@dataclass
class Book:
    """Rows by tab, each with its identifier; `expected` maps (tab, identifier) to the rules planted there."""

    rows: dict[str, list[Row]] = field(default_factory=lambda: {tab: [] for tab in PREFIXES})
    expected: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    _numbers: Counter[str] = field(default_factory=Counter)  # a number is never used again, also after a removal

    def add(self, tab: str, **values: Any) -> Row:
        """A new row with the next identifier of its tab."""
        self._numbers[tab] += 1
        row = {"id": f"{PREFIXES[tab]}-{self._numbers[tab]:05d}", **values}
        self.rows[tab].append(row)
        return row

    def plant(self, tab: str, row: Row, *rules: str) -> None:
        """Records that this row breaks those rules."""
        self.expected.setdefault((tab, row["id"]), set()).update(rules)

    @property
    def size(self) -> int:
        """How many rows there are, the lines of checklists left out: an agreement has dozens of them."""
        return sum(len(rows) for tab, rows in self.rows.items() if tab != "pieces_clauses")


@dataclass
class Dossier:
    """One agreement being invented, with the rows that speak of it, so that a fault can spoil one of them."""

    act: Row
    council: Row
    partner: Row
    session: Row | None = None
    deliberation: Row | None = None
    visa: Row | None = None
    agreement: Row | None = None  # agreement in principle
    approval: Row | None = None  # Royal approval
    consent: Row | None = None  # consent of the public authorities
    phase: Row | None = None
    delegation: Row | None = None
    body: Row | None = None  # committee of a twinning, or steering committee of a convention
    focal: Row | None = None  # the partner's focal point


def expected_rows(book: Book) -> list[Mapping[str, Any]]:
    """What was planted, as `attendu.json` holds it: sorted, one entry a row."""
    return [{"tab": tab, "id": id_, "rules": sorted(rules)} for (tab, id_), rules in sorted(book.expected.items())]


def days_before(day: date, count: int) -> date:
    """So many calendar days before a day."""
    return date.fromordinal(day.toordinal() - count)
