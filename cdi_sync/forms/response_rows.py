"""Answers laid in rows, one each, under recognised headers → submissions. Pure.

The source's own name of an answer is kept where it gives one (ODK, Kobo). Google's rows have none, and their moment changes
when the answer is edited: they are named by what designates the case, else by their moment and content (`forms/naming.py`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo

from cdi_sync.cells import is_blank, shown
from cdi_sync.forms.headers import Headers
from cdi_sync.forms.moments import Order, is_ambiguous, order_of, read_day, read_moment
from cdi_sync.forms.naming import response_name
from cdi_sync.forms.submission import Source, Submission, Typed
from cdi_sync.model import Raw, Tab

_TYPED_TWICE = "deux réponses différentes"


@dataclass(frozen=True)
class Way:
    """How rows are read. at: now. zone: of moments that bear none. order: of days that could be read two ways, if known."""

    source: Source
    zone: tzinfo
    at: datetime
    tabs: Mapping[str, Tab]
    order: Order | None = None
    date1904: bool = False


@dataclass(frozen=True)
class Rows:
    """What rows hold. faults: rows that aren't taken; notes: what a person should know of those that are. Both in French."""

    submissions: tuple[Submission, ...] = ()
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def with_moment(headers: Headers, rows: Sequence[Sequence[Raw]], way: Way) -> Headers:
    """The first column holds the moments, whatever it is called, when all its cells do and no question is there."""
    if headers.moment is not None or 0 in headers.asked or headers.response == 0:
        return headers
    first = [row[0] for row in rows if row and not is_blank(row[0])]
    if not first or not all(_is_moment(raw, way) for raw in first):
        return headers
    return replace(headers, moment=0, others={at: title for at, title in headers.others.items() if at != 0})


def _is_moment(raw: Raw, way: Way) -> bool:
    return any(read_moment(raw, zone=way.zone, order=order) is not None for order in Order)


def days_told(headers: Headers, rows: Sequence[Sequence[Raw]]) -> Iterator[str]:
    """The texts of the columns of moments."""
    for row in rows:
        raw = _at(row, headers.moment)
        if isinstance(raw, str):
            yield raw


def order_in(headers: Headers, rows: Sequence[Sequence[Raw]], *, at: datetime) -> Order | None:
    """What comes first in the days of an export, as its moments tell; they are past."""
    return order_of(days_told(headers, rows), at=at)


def read_rows(headers: Headers, rows: Sequence[Sequence[Raw]], way: Way, *, first: int) -> Rows:
    """The answers of rows. first: number of the first row in its sheet, from 1; messages name rows by it."""
    found: dict[str, tuple[int, Submission]] = {}
    faults, notes = list[str](), list[str]()
    for number, row in enumerate(rows, start=first):
        if all(map(is_blank, row)):
            continue
        values, unknown = _values(headers, row, way)
        if not values:
            faults.append(f"ligne {number} : aucune réponse à une question du formulaire")
            continue
        moment = read_moment(_at(row, headers.moment), zone=way.zone, order=way.order, date1904=way.date1904)
        if moment is None and headers.moment is not None:
            typed = shown(_at(row, headers.moment)) if not is_blank(_at(row, headers.moment)) else "vide"
            notes.append(
                f"ligne {number} : moment de la réponse illisible ({typed}) ; elle compte comme reçue à présent"
            )
        one = _submission(headers, row, values, unknown, moment, way)
        if (before := found.get(one.response)) is not None:
            notes.append(f"lignes {before[0]} et {number} : la même demande ; la plus récente vaut")
            one = _later(before[1], one)
        found[one.response] = (number, one)
    return Rows(tuple(one for _, one in found.values()), tuple(faults), tuple(notes))


def _later(first: Submission, second: Submission) -> Submission:
    last = second if second.edited >= first.edited else first
    return replace(last, received=min(first.received, second.received))


def _submission(
    headers: Headers, row: Sequence[Raw], values: Mapping[str, Typed], unknown: Mapping[str, str],
    moment: datetime | None, way: Way,
) -> Submission:  # fmt: skip
    own = _at(row, headers.response)
    name = (
        response_name(headers.form, values, way.tabs, moment=moment.isoformat() if moment else "")
        if is_blank(own)
        else shown(own)
    )
    when = moment or way.at
    spoken = _text(_at(row, headers.spoken)).strip()
    lang = spoken if spoken in headers.langs else headers.lang
    return Submission(way.source, headers.form.name, name, when, when, values, unknown, lang)


def _values(headers: Headers, row: Sequence[Raw], way: Way) -> tuple[dict[str, Typed], dict[str, str]]:
    """(key → answer, title → what no question asks). Two columns of one question that disagree answer nothing, and are told."""
    typed: dict[str, list[Raw]] = {}
    for index, key in headers.asked.items():
        if not is_blank(raw := _at(row, index)):
            typed.setdefault(key, []).append(raw)
    values: dict[str, Typed] = {}
    unknown = {title: _text(raw) for index, title in headers.others.items() if not is_blank(raw := _at(row, index))}
    for key, raws in typed.items():
        question = headers.form.questions[key]
        if len(set(map(_text, raws))) > 1:
            unknown[f"{question.title} ({_TYPED_TWICE})"] = " | ".join(map(_text, raws))
            continue
        values[key] = _day_or(raws[0], way) if question.column.type == "date" else raws[0]
    return values, unknown


def _day_or(raw: Raw, way: Way) -> Raw:
    """The day that a text tells in an export whose order is known, or that the number of a cell stands for; else as typed."""
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        moment = read_moment(raw, zone=UTC, date1904=way.date1904)  # a day of the calendar has no time zone
        return moment.date() if moment else raw
    if isinstance(raw, str) and way.order is not None and is_ambiguous(raw):
        return read_day(raw, way.order) or raw
    return raw


def _at(row: Sequence[Raw], index: int | None) -> Raw:
    return row[index] if index is not None and index < len(row) else None


def _text(raw: Raw) -> str:
    return raw if isinstance(raw, str) else shown(raw)
