"""Numbers over the whole registry; the only module that imports pandas.

Frames: one row a case, index `id`; columns form, situation, deadline (str), due (date or None), days_left (float).
"""

import pandas as pd

from cdi_sync.model import Assessment, Form
from cdi_sync.procedure import SITUATIONS


def cases_frame(assessment: Assessment) -> pd.DataFrame:
    """One row a case whose form is known, index `id`, columns form, situation, deadline, days_left."""
    standings = assessment.standings.values()
    return pd.DataFrame(
        [(s.id, s.form, s.situation, s.deadline, s.days_left) for s in standings],
        columns=["id", "form", "situation", "deadline", "days_left"],
    ).set_index("id")


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
