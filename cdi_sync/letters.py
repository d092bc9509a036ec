"""Writes a person's daily digest and a president's weekly report, in French: the words, not the message that carries
them. Pure.

All that a person reads stands in the template folder; here are only its values. What staff typed is a value,
never a template: marks that turn the reading direction, line breaks and control characters go before rendering.
MJML is turned into HTML once, when the templates are loaded, with the places to fill still in it: a cell never
goes through MJML, and a letter costs a few milliseconds. Days count from `as_of`; day 0 is still in time.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, TypeVar, cast

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal
from jinja2 import BaseLoader, FileSystemLoader, StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from cdi_sync.errors import ConfigError
from cdi_sync.report import DAYS_AHEAD, DECISIONS, LATE, Point, WeeklyReport
from cdi_sync.text import no_encoded_word, tidy

LINES_SHOWN = 15
SUBJECT_LENGTH = 120  # characters
HTML_BYTES = 80_000  # a large mailbox hides what comes after some 100 kB of encoded HTML
SHORT_NAME = 200  # characters kept of each name when whole names would make the letter too heavy
NAME_IN_REPORT = 90  # characters: two lines of a phone

# Mid-tones: they stay apart from the background when a mail reader turns light into dark.
COLOURS = {"sans_delai": "#c4573a", "retard": "#c4573a", "semaine": "#b8862b", "ensuite": "#6f8296"}
URGENCIES = tuple(COLOURS)

_LOCALE = Locale("fr")
_NARROW_SPACE = "\u202f"  # Babel's thousands separator: a box in some mail readers
_FIRST_STRONG, _POP = "\u2068", "\u2069"
_BODY_MARK = '<mj-include path="corps.mjml" />'

_T = TypeVar("_T")


@dataclass(frozen=True)
class Line:
    """One thing to do.

    urgency: sans_delai, retard, semaine or ensuite. days_left: from the digest's day, negative when late. visa_day: "12 / 20",
    or "" when no visa runs. source: the text cited. place: where to write in the workbook. instead: the role that
    nobody holds, when this person is told in its place.
    """

    reminder: str
    urgency: str
    case: str
    name: str
    title: str
    action: str
    due: date | None
    days_left: int | None
    visa_day: str
    source: str
    place: str
    instead: str = ""


@dataclass(frozen=True)
class Digest:
    """What one person is told on one day; `lines` from the most urgent on, `workbook` is a bare file name."""

    to: str
    name: str
    role: str
    council: str
    as_of: date
    service: str
    workbook: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Addressee:
    """Who reads the weekly report. role: its title; own: the decisions awaited are this person's, the president."""

    name: str
    role: str
    own: bool
    service: str
    workbook: str


@dataclass(frozen=True)
class Letter:
    """What a person reads: a subject of one line, and the same facts as plain text and as HTML."""

    subject: str
    text: str
    html: str


# ---------------------------------------------------------------------------------------------- the templates


class Templates:
    """The templates of a folder, compiled once.

    Raises ConfigError, with the file and the line, when one is missing or can't be compiled.
    """

    def __init__(self, folder: Path) -> None:
        self._digest = _Written.load(folder, "rappels")
        self._report = _Written.load(folder, "rapport")

    def digest(self, digest: Digest) -> Letter:
        """The letter of that day, with whole names, or with shortened ones in a page that would exceed HTML_BYTES.

        Raises ConfigError when a template names what doesn't exist, ValueError for an unknown urgency.
        """
        digest = _without_traps(digest)
        lines = sorted(digest.lines, key=lambda line: URGENCIES.index(line.urgency))
        letter = self._digest.letter(_digest_facts(digest, lines))
        if len(letter.html.encode()) < HTML_BYTES:
            return letter
        short = [replace(line, name=cut(line.name, SHORT_NAME)) for line in lines]
        return replace(letter, html=self._digest.letter(_digest_facts(digest, short)).html)

    def report(self, report: WeeklyReport, addressee: Addressee) -> Letter:
        """The report of that week. Raises ConfigError when a template names what doesn't exist."""
        return self._report.letter(_report_facts(_short_names(_without_traps(report)), _without_traps(addressee)))


@dataclass(frozen=True)
class _Written:
    """One kind of letter: its three templates, compiled."""

    subject: Template
    text: Template
    html: Template

    @classmethod
    def load(cls, folder: Path, kind: str) -> "_Written":
        """The templates of `kind`, a folder in `folder`; the HTML keeps the places to fill."""
        loader = FileSystemLoader(folder)
        plain, page = _environment(loader, autoescape=False), _environment(loader, autoescape=True)
        try:
            html = page.from_string(_page(folder, kind))
            html.name = f"{kind}/corps.mjml"  # what an error will cite
            return cls(plain.get_template(f"{kind}/objet.txt"), plain.get_template(f"{kind}/texte.txt"), html)
        except (OSError, ValueError, TemplateError) as error:
            raise _unusable(folder, error) from error

    def letter(self, facts: Mapping[str, Any]) -> Letter:
        """The letter that tells those facts."""
        subject = _one_line(_render(self.subject, facts))
        text = _plain_spaces(_render(self.text, facts)).strip() + "\n"
        return Letter(subject, text, _render(self.html, {**facts, "subject": subject}))


def _environment(loader: BaseLoader, *, autoescape: bool) -> ImmutableSandboxedEnvironment:
    """Sandboxed, for the templates of an installation may be edited by hand."""
    environment = ImmutableSandboxedEnvironment(
        loader=loader, autoescape=autoescape, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {
        "accord": _agree,
        "coupe": cut,
        "isole": _isolate,
        "jour": _long_day,
        "jour_abrege": _short_day,
        "nombre": _number,
        "variation": _signed,
    }
    return environment


def _page(folder: Path, kind: str) -> str:
    """The HTML of a kind of letter, places to fill included."""
    from mjml import mjml_to_html  # type: ignore[import-untyped]  # slow to load, and ships no types

    frame = (folder / "_cadre" / "cadre.mjml").read_text(encoding="utf-8")
    body = (folder / kind / "corps.mjml").read_text(encoding="utf-8")
    return str(mjml_to_html(frame.replace(_BODY_MARK, body)).html)


def _render(template: Template, facts: Mapping[str, Any]) -> str:
    try:
        return template.render(facts)
    except TemplateError as error:
        raise _unusable(Path(template.name or ""), error) from error


def _unusable(place: Path, error: Exception) -> ConfigError:
    file = getattr(error, "name", None) or getattr(error, "filename", None) or place
    line = getattr(error, "lineno", None)
    return ConfigError(
        "Un modèle de lettre ne peut pas être utilisé.",
        where=f"{file}, ligne {line}" if line else str(file),
        why=str(error),
        fix="Corrigez ce fichier, ou supprimez votre copie : celle du logiciel servira.",
    )


def _digest_facts(digest: Digest, lines: Sequence[Line]) -> dict[str, Any]:
    """All that the templates of the digest may name."""
    shown = lines[:LINES_SHOWN]
    groups = [(urgency, [line for line in shown if line.urgency == urgency]) for urgency in URGENCIES]
    return {
        "digest": digest,
        "service": digest.service,
        "first": lines[0] if lines else None,
        "preview": lines[0].action if lines else "",
        "groups": [(urgency, members) for urgency, members in groups if members],
        "total": len(lines),
        "late": sum(line.urgency == "retard" for line in lines),
        "hidden": len(lines) - len(shown),
        "colours": COLOURS,
    }


def _report_facts(report: WeeklyReport, addressee: Addressee) -> dict[str, Any]:
    """All that the templates of the report may name."""
    return {
        "report": report,
        "to": addressee,
        "service": addressee.service,
        "late": report.value_of(LATE),
        "awaited": report.value_of(DECISIONS),
        "days_ahead": DAYS_AHEAD,
        "preview": report.decisions[0].action if report.decisions else "",
        "colours": COLOURS,
    }


def _short_names(report: WeeklyReport) -> WeeklyReport:
    """A page read in a minute: names are cut, in the text and in the HTML alike."""
    return replace(
        report,
        council=cut(report.council, NAME_IN_REPORT),
        decisions=tuple(map(_short_name, report.decisions)),
        late=tuple(replace(held, worst=_short_name(held.worst)) for held in report.late),
        coming=tuple(map(_short_name, report.coming)),
    )


def _short_name(point: Point) -> Point:
    return replace(point, name=cut(point.name, NAME_IN_REPORT))


# --------------------------------------------------------------------------------------- words, days, numbers


def _agree(count: int, one: str, other: str) -> str:
    """The form that French uses with that number: 0 and 1 are singular."""
    return one if _LOCALE.plural_form(count) == "one" else other


def _number(count: int) -> str:
    return str(format_decimal(count, locale=_LOCALE))


def _signed(change: int) -> str:
    """« +2 », « −2 »."""
    return ("+" if change > 0 else "−") + _number(abs(change))


def _long_day(day: date) -> str:
    """« 3 décembre 2026 »."""
    return _day(day, "MMMM y")


def _short_day(day: date) -> str:
    """« 3 déc. »."""
    return _day(day, "MMM")


def _day(day: date, rest: str) -> str:
    # French alone writes the first of a month as an ordinal, which Babel's patterns can't say.
    number = "1er" if day.day == 1 else str(day.day)
    return f"{number} {format_date(day, rest, locale=_LOCALE)}"


# ----------------------------------------------------------------------------------------- hostile characters


def cut(text: str, length: int) -> str:
    """The text in at most `length` characters, "…" included, never cut inside what is drawn as one character."""
    if len(text) <= length:
        return text
    end = length - 1
    while end and _joins(text, end):
        end -= 1
    return text[: end or length - 1].rstrip() + "…"


def _joins(text: str, index: int) -> bool:
    """True when the character at `index` is drawn together with the one before it."""
    char = text[index]
    if unicodedata.category(char) in ("Mn", "Mc", "Me") or "\U0001f3fb" <= char <= "\U0001f3ff":
        return True
    return _is_flag_half(char) and _flag_halves_before(text, index) % 2 == 1


def _is_flag_half(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _flag_halves_before(text: str, index: int) -> int:
    start = index
    while start and _is_flag_half(text[start - 1]):
        start -= 1
    return index - start


def _isolate(name: str) -> str:
    """The name, fenced when it holds right-to-left letters: it can't reorder the sentence around it."""
    if any(unicodedata.bidirectional(char) in ("R", "AL") for char in name):
        return f"{_FIRST_STRONG}{name}{_POP}"
    return name


def _without_traps(value: _T) -> _T:
    """The same value, its texts on one line and without invisible marks or halves of characters, however deep."""
    tidied: Any = value
    if isinstance(value, str):
        tidied = tidy(value)
    elif isinstance(value, tuple):
        tidied = tuple(map(_without_traps, value))
    elif is_dataclass(value) and not isinstance(value, type):
        tidied = replace(value, **{field.name: _without_traps(getattr(value, field.name)) for field in fields(value)})
    return cast(_T, tidied)


def _one_line(subject: str) -> str:
    return cut(no_encoded_word(tidy(subject)), SUBJECT_LENGTH)


def _plain_spaces(text: str) -> str:
    return text.replace(_NARROW_SPACE, " ")
