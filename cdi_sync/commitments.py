"""What agreements commit a council to pay in a budget year: the statement that goes with the draft budget (LEX-16). Pure.

The organic laws make these sums compulsory expenditure and want a special statement of them sent to the budget committee
with the draft (LO 111-14 art. 196, LO 112-14 art. 174, LO 113-14 art. 181). No official model is known: the statement
has one line an agreement.
"""

from dataclasses import dataclass
from datetime import date

from cdi_sync.casefile import current_end, events
from cdi_sync.funds import OURS, first_amount, in_dirhams, money_lines, total, year_of
from cdi_sync.model import Assessment, Case, Row

CONCLUDED = ("signature", "entree_en_vigueur", "adhesion", "phase_aller")
_OTHER_USES = ("EVALUATION", "COMMUNICATION")  # natures of expense that no partner is promised


@dataclass(frozen=True)
class Commitment:
    """What one agreement commits the council to pay in a budget year. Amounts in dirhams.

    contribution: our part of its funding plan that year. dues: what an organisation is owed. voted: the budget lines
    of that year for it. unconverted: lines in another currency that nobody converted yet, left out of the sums.
    """

    case: str
    title: str
    partner: str
    contribution: float
    dues: float
    voted: float
    unconverted: tuple[str, ...] = ()

    @property
    def owed(self) -> float:
        return self.contribution + self.dues

    @property
    def missing(self) -> float:
        """What the budget doesn't hold yet."""
        return max(0.0, self.owed - self.voted)


@dataclass(frozen=True)
class StatementOfCommitments:
    """The statement of one council for one budget year. undated: our contributions that name no year, by number."""

    council: str  # its name
    year: int
    as_of: date
    lines: tuple[Commitment, ...]
    undated: tuple[str, ...]

    @property
    def owed(self) -> float:
        return sum(line.owed for line in self.lines)

    @property
    def voted(self) -> float:
        return sum(line.voted for line in self.lines)


def our_contributions(case: Case) -> list[Row]:
    """What the Moroccan council brings to the funding plan, a line each."""
    return money_lines(case, "CONTRIBUTION", categorie_contributeur=OURS)


def is_concluded(case: Case, day: date) -> bool:
    """True when the agreement bound the council on that day: signed, in force, joined, or its first phase held."""
    return any(event.day is None or event.day <= day for event in events(case, *CONCLUDED))


def budget_lines(case: Case, year: int) -> list[Row]:
    """The lines of that year's budget that can pay what the agreement commits to: an evaluation's, say, can't."""
    return [row for row in money_lines(case, "BUDGET", exercice=year) if row["nature_depense"] not in _OTHER_USES]


def voted_in(case: Case, year: int) -> float:
    """What the council's budget of that year votes for what the agreement commits it to."""
    return sum(first_amount(row, "montant_vote") for row in budget_lines(case, year))


def commitment(case: Case, year: int) -> Commitment | None:
    """What a case commits its council to that year; None when nothing is."""
    ours = [row for row in our_contributions(case) if year_of(row) == year]
    dues = [
        row for row in money_lines(case, "COTISATION") if year_of(row) == year and not row.says("prise_en_charge_dgct")
    ]
    lost = tuple(row.id for row in (*ours, *dues) if in_dirhams(row) is None and row["montant"] is not None)
    if not lost and not total((*ours, *dues)):
        return None
    return Commitment(
        case=case.id,
        title=case.act.text("intitule"),
        partner=case.partner.text("nom") if case.partner else "",
        contribution=total(ours),
        dues=total(dues),
        voted=voted_in(case, year),
        unconverted=lost,
    )


def statement(assessment: Assessment, council: str, year: int) -> StatementOfCommitments | None:
    """The statement of that council for a budget year, agreements in order of number; None when nobody has that number.

    An agreement that isn't concluded on the day of the assessment, is over, or ends before the year begins commits to
    nothing.
    """
    named = next(
        (row for row in assessment.registry["collectivites"] if row.id == council and not row.quarantined), None
    )
    if named is None:
        return None
    mine = [case for case in assessment.cases.values() if case.council and case.council.id == council]
    bound = [case for case in mine if is_concluded(case, assessment.as_of) and not _ends_before(case, year)]
    lines = sorted((line for case in bound if (line := commitment(case, year))), key=lambda line: line.case)
    undated = sorted(row.id for case in bound for row in our_contributions(case) if year_of(row) is None)
    return StatementOfCommitments(named.text("nom_fr"), year, assessment.as_of, tuple(lines), tuple(undated))


def _ends_before(case: Case, year: int) -> bool:
    end = current_end(case)
    closed = case.act.day("date_cloture")
    return case.over or any(day < date(year, 1, 1) for day in (end, closed) if day)
