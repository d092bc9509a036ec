"""One cell of a list → what the registry's cells will hold, or why it is left out. Nothing is guessed.

What is written reads back, by `cells.read_cell`, as the value that was understood here.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from cdi_sync.cells import Unreadable, read_cell, read_partial, shown
from cdi_sync.importing.vocabulary import (
    DURATION,
    FORM,
    JOINED,
    MONTH,
    SIGNED,
    SUBTYPE,
    YEAR,
    Vocabulary,
    plain,
)
from cdi_sync.model import Form, Raw
from cdi_sync.text import ascii_digits, tidy

Written = str | int | float | date
LONGEST = 32_000  # characters: less than a spreadsheet cell holds
_MONTHS_IN = {"mois": 1, "month": 1, "months": 1, "شهر": 1, "اشهر": 1, "شهرا": 1,
              "an": 12, "ans": 12, "annee": 12, "annees": 12, "year": 12, "years": 12, "سنة": 12, "سنوات": 12}  # fmt: skip


@dataclass(frozen=True)
class Understood:
    """cells: registry column → what to write there. why: why nothing is, for people; one of the two is empty."""

    cells: Mapping[str, Written] = field(default_factory=dict)
    why: str = ""


def understand(
    raw: Raw, to: str, header: str, words: Vocabulary, *, date1904: bool = False, joined: bool = False
) -> Understood:
    """What a cell says under that column ("tab.key"). joined: the row is a membership, whose date is that of admission."""
    if isinstance(raw, str) and len(raw) > LONGEST:
        return Understood(why="ce texte est trop long pour une cellule")
    special = _SPECIAL.get(to)
    if special is not None:
        return special(raw, header, words)
    if to == SIGNED:
        return _signed(raw, words, date1904=date1904, joined=joined)
    return _plain(raw, to, words, date1904=date1904)


def _plain(raw: Raw, to: str, words: Vocabulary, *, date1904: bool = False) -> Understood:
    column = words.targets[to]
    value = read_cell(raw, column, date1904=date1904)
    if isinstance(value, Unreadable):
        return Understood(why=f"« {column.title} » : {value.why}")
    if value is None:  # « néant »
        return Understood(why=f"« {shown(raw)} » veut dire qu'il n'y a rien à inscrire")
    if column.categories:
        return Understood({to: next(c.label for c in column.categories if c.value == value)})
    if isinstance(value, bool):
        return Understood({to: "Oui" if value else "Non"})
    if isinstance(value, int | float | date):
        return Understood({to: value})
    return Understood({to: " ; ".join(value) if isinstance(value, tuple) else tidy(str(value))})


def _form(raw: Raw, header: str, words: Vocabulary) -> Understood:
    said = words.form(shown(raw))
    if said is None:
        return _plain(raw, FORM, words)
    form, subtype = said
    cells: dict[str, Written] = {FORM: _label(FORM, form, words)}
    if subtype:
        cells[SUBTYPE] = _label(SUBTYPE, subtype, words)
    return Understood(cells)


def _label(name: str, value: str, words: Vocabulary) -> str:
    return next(category.label for category in words.targets[name].categories if category.value == value)


def form_of(label: Written | None, words: Vocabulary) -> Form | None:
    """The form whose label a cell holds."""
    return next((Form(c.value) for c in words.targets[FORM].categories if c.label == label), None)


def _signed(raw: Raw, words: Vocabulary, *, date1904: bool, joined: bool) -> Understood:
    """A day, or the year and month when the list gives no more."""
    if (partial := read_partial(raw)) is not None:
        year, month = partial
        year_read = _plain(year, YEAR, words)
        if year_read.why or month is None:
            return year_read
        return Understood({YEAR: year, MONTH: month})
    return _plain(raw, JOINED if joined else SIGNED, words, date1904=date1904)


def _duration(raw: Raw, header: str, words: Vocabulary) -> Understood:
    """Months, from « 3 ans », « 36 mois », or a bare number when the title gives the unit."""
    text = ascii_digits(shown(raw)) or ""
    counted = re.fullmatch(r"(\d{1,3}) ?([^\W\d_]+)", text)
    unit = plain(counted[2]) if counted else next((w for w in plain(header).split() if w in _MONTHS_IN), "")
    number = counted[1] if counted else text
    if not re.fullmatch(r"\d{1,3}", number) or unit not in _MONTHS_IN:
        return Understood(why=f"« {shown(raw)} » ne dit pas un nombre de mois ou d'années")
    return Understood({DURATION: int(number) * _MONTHS_IN[unit]})


_SPECIAL: Mapping[str, Callable[[Raw, str, Vocabulary], Understood]] = {FORM: _form, DURATION: _duration}
