"""Numbers over the whole registry; the only module that imports pandas.

Frames: `cases_frame` and `visas_frame`, whose docstrings name their columns. A median, a share or a delay that nothing
allows to compute is None, never 0.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from cdi_sync.calendar import visa_last_day
from cdi_sync.law import Law
from cdi_sync.model import Assessment, Form
from cdi_sync.procedure import SITUATIONS, Machine, is_read

UNKNOWN = ""  # a country, a tier… that the registry doesn't give


def cases_frame(assessment: Assessment) -> pd.DataFrame:
    """One row a case whose form is known, index `id`; columns form, situation, deadline, days_left, country, area, tier
    and field (text, UNKNOWN when the registry doesn't say)."""
    rows = []
    for s in assessment.standings.values():
        case = assessment.cases[s.id]
        partner = case.partner
        country, area = (partner.text("pays"), partner.text("zone_geographique")) if partner else (UNKNOWN, UNKNOWN)
        rows.append((s.id, s.form, s.situation, s.deadline, s.days_left, country, area, case.tier or UNKNOWN,
                     case.act.text("domaine")))  # fmt: skip
    columns = ["id", "form", "situation", "deadline", "days_left", "country", "area", "tier", "field"]
    return pd.DataFrame(rows, columns=columns).set_index("id")


def by_form_and_situation(frame: pd.DataFrame) -> dict[Form, dict[str, int]]:
    """IND-01: how many cases, by form in the guide's order, then by SITUATIONS and `total`."""
    counts = pd.crosstab(frame["form"], frame["situation"])
    counts = counts.reindex(index=[str(form) for form in Form], columns=list(SITUATIONS), fill_value=0)
    table = counts.assign(total=counts.sum(axis=1)).to_dict("index")
    return {form: {str(key): int(number) for key, number in table[str(form)].items()} for form in Form}


def waiting(frame: pd.DataFrame) -> dict[str, int]:
    """Cases by what they wait for: `odj` and `pv` (a deliberation), `visa`, `visa_echu`, `trente_jours`."""
    left = pd.to_numeric(frame["days_left"])
    visa = frame["deadline"] == "visa"
    return {
        "odj": int((frame["deadline"] == "odj").sum()),
        "pv": int(((frame["deadline"] == "pv") & left.notna()).sum()),
        "visa": int((visa & (left >= 0)).sum()),
        "visa_echu": int((visa & (left < 0)).sum()),
        "trente_jours": int(left.between(0, 30).sum()),
    }


def by_group(frame: pd.DataFrame, column: str, groups: Sequence[str] = ()) -> dict[str, dict[str, int]]:
    """IND-05, IND-07: how many cases by value of a column of `cases_frame`, then by form and `total`.

    groups: the values wanted, in that order, even those that no case has; by default the most frequent first, then
    by name. UNKNOWN comes last.
    """
    counts = pd.crosstab(frame[column], frame["form"]).reindex(columns=[str(form) for form in Form], fill_value=0)
    counts = counts.assign(total=counts.sum(axis=1))
    found = counts.sort_index().sort_values("total", ascending=False, kind="stable").index
    order = [*(groups or [name for name in found if name != UNKNOWN]), UNKNOWN]
    table = counts.reindex(index=order, fill_value=0).to_dict("index")
    return {str(name): {str(key): int(number) for key, number in row.items()} for name, row in table.items()}


# ---------------------------------------------------------------------------------------------------- stages


@dataclass(frozen=True)
class Reached:
    """IND-09: how many cases have reached a stage. share: of all, in percent; passage: of those of the stage before."""

    code: str
    title: str
    cases: int
    share: float | None
    passage: float | None


def funnel(assessment: Assessment, machine: Machine, readings: Mapping[str, str]) -> list[Reached]:
    """The stages that every case of a form goes through, and how many cases have reached each; those given up apart.

    Reaching a stage is having reached all those before it, whether or not the registry holds their proof.
    """
    stages = [s for s in machine.stages if s.evidence and not s.condition and is_read(s, readings)]
    ranks = [machine.ranks[stage.code] for stage in stages]
    furthest = pd.Series(
        [
            max((rank for step in standing.path if (rank := machine.ranks[step.stage]) in ranks), default=ranks[0])
            for standing in assessment.standings.values()
            if standing.form is machine.form and not assessment.cases[standing.id].over
        ],
        dtype="int64",
    )
    counts = [int((furthest >= rank).sum()) for rank in ranks]
    before = [None, *counts[:-1]]
    return [
        Reached(stage.code, stage.title, number, percent(number, counts[0]), percent(number, previous))
        for stage, number, previous in zip(stages, counts, before, strict=True)
    ]


def percent(part: float, whole: float | None) -> float | None:
    """A share in percent, rounded; None when there is nothing to take a share of."""
    return round(100 * part / whole) if whole else None


# ----------------------------------------------------------------------------------------------------- visas


@dataclass(frozen=True)
class VisaDelays:
    """IND-19 to 21, for the visas of one form. Days from reception to decision, tacit visas apart.

    median and ninth (nine decisions in ten take that long or less): None when nothing was decided with both dates
    known. tacit_share: of the visas obtained, in percent; None when none was.
    """

    median: float | None
    ninth: float | None
    in_time: int
    late: int
    tacit: int
    tacit_share: float | None


def visas_frame(assessment: Assessment, law: Law) -> pd.DataFrame:
    """One row a decided visa; columns form, outcome (ACCORDE, REFUSE, OBSERVATIONS, TACITE), days (from reception to
    decision, NaN when a date is missing or they are in the wrong order) and late (decided after its last day)."""
    rows = []
    for case in assessment.cases.values():
        for visa in case.visas:
            if visa["nature"] != "VISA" or not visa["sens"] or case.form is None:
                continue
            received, decided = visa.day("date_reception"), visa.day("date_decision")
            days, late = None, False
            if received and decided and received <= decided <= assessment.as_of:
                last = visa_last_day(received, law)
                days, late = (decided - received).days, last is not None and decided > last
            rows.append((str(case.form), visa.text("sens"), days, late))
    return pd.DataFrame(rows, columns=["form", "outcome", "days", "late"]).astype({"days": "float64", "late": bool})


def visa_delays(frame: pd.DataFrame) -> VisaDelays:
    """The delays of those visas (rows of `visas_frame`)."""
    answered = frame[frame["outcome"] != "TACITE"]
    days = answered["days"].dropna()
    tacit = int((frame["outcome"] == "TACITE").sum())
    obtained = int(frame["outcome"].isin(["ACCORDE", "TACITE"]).sum())
    late = int(answered["late"].sum())
    return VisaDelays(
        median=float(days.median()) if len(days) else None,
        ninth=float(days.quantile(0.9, interpolation="higher")) if len(days) else None,
        in_time=len(days) - late,
        late=late,
        tacit=tacit,
        tacit_share=percent(tacit, obtained),
    )
