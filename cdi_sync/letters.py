"""Writes one person's daily digest of reminders, in French: the words, not the message that carries them. Pure.

All that a person reads stands in the template folder; here are only its values. What staff typed is a value,
never a template: marks that turn the reading direction, line breaks and control characters go before rendering.
MJML is turned into HTML once, when the templates are loaded, with the places to fill still in it: a cell never
goes through MJML, and a letter costs a few milliseconds. Days count from `as_of`; day 0 is still in time.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal
from jinja2 import BaseLoader, FileSystemLoader, StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from cdi_sync.errors import ConfigError
from cdi_sync.text import no_encoded_word, tidy

LINES_SHOWN = 15
SUBJECT_LENGTH = 120  # characters
HTML_BYTES = 80_000  # a large mailbox hides what comes after some 100 kB of encoded HTML
SHORT_NAME = 200  # characters kept of each name when whole names would make the letter too heavy

# Mid-tones: they stay apart from the background when a mail reader turns light into dark.
COLOURS = {"retard": "#c4573a", "semaine": "#b8862b", "ensuite": "#6f8296"}
URGENCIES = tuple(COLOURS)

_LOCALE = Locale("fr")
_NARROW_SPACE = "\u202f"  # Babel's thousands separator: a box in some mail readers
_FIRST_STRONG, _POP = "\u2068", "\u2069"
_BODY_MARK = '<mj-include path="corps.mjml" />'

_T = TypeVar("_T", "Digest", "Line")


@dataclass(frozen=True)
class Line:
    """One thing to do.

    urgency: retard, semaine or ensuite. days_left: from the digest's day, negative when late. visa_day: "12 / 20",
    or "" when no visa runs. source: the text cited. place: where to write in the workbook.
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
        loader = FileSystemLoader(folder)
        plain, page = _environment(loader, autoescape=False), _environment(loader, autoescape=True)
        try:
            self._subject = plain.get_template("rappels/objet.txt")
            self._text = plain.get_template("rappels/texte.txt")
            self._html = page.from_string(_page(folder))
        except (OSError, ValueError, TemplateError) as error:
            raise _unusable(folder, error) from error

    def digest(self, digest: Digest) -> Letter:
        """The letter of that day.

        Raises ConfigError when a template names what doesn't exist, ValueError for an unknown urgency.
        """
        digest = _without_traps(digest)
        lines = sorted(map(_without_traps, digest.lines), key=lambda line: URGENCIES.index(line.urgency))
        facts = _facts(digest, lines)
        subject = _one_line(_render(self._subject, facts))
        text = _plain_spaces(_render(self._text, facts)).strip() + "\n"
        return Letter(subject, text, self._light_html(facts | {"subject": subject}, digest, lines))

    def _light_html(self, facts: Mapping[str, Any], digest: Digest, lines: Sequence[Line]) -> str:
        """The page with whole names, or with shortened ones when it would exceed HTML_BYTES."""
        html = _render(self._html, facts)
        if len(html.encode()) < HTML_BYTES:
            return html
        short = [replace(line, name=cut(line.name, SHORT_NAME)) for line in lines]
        return _render(self._html, {**facts, **_facts(digest, short)})


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
    }
    return environment


def _page(folder: Path) -> str:
    """The HTML of the digest, places to fill included."""
    from mjml import mjml_to_html  # type: ignore[import-untyped]  # slow to load, and ships no types

    frame = (folder / "_cadre" / "cadre.mjml").read_text(encoding="utf-8")
    body = (folder / "rappels" / "corps.mjml").read_text(encoding="utf-8")
    return str(mjml_to_html(frame.replace(_BODY_MARK, body)).html)


def _render(template: Template, facts: Mapping[str, Any]) -> str:
    try:
        return template.render(facts)
    except TemplateError as error:
        raise _unusable(Path(template.name or "rappels/corps.mjml"), error) from error


def _unusable(place: Path, error: Exception) -> ConfigError:
    file = getattr(error, "name", None) or getattr(error, "filename", None) or place
    line = getattr(error, "lineno", None)
    return ConfigError(
        "Un modèle de lettre ne peut pas être utilisé.",
        where=f"{file}, ligne {line}" if line else str(file),
        why=str(error),
        fix="Corrigez ce fichier, ou supprimez votre copie : celle du logiciel servira.",
    )


def _facts(digest: Digest, lines: Sequence[Line]) -> dict[str, Any]:
    """All that the templates may name."""
    shown = lines[:LINES_SHOWN]
    groups = [(urgency, [line for line in shown if line.urgency == urgency]) for urgency in URGENCIES]
    return {
        "digest": digest,
        "first": lines[0] if lines else None,
        "preview": lines[0].action if lines else "",
        "groups": [(urgency, members) for urgency, members in groups if members],
        "total": len(lines),
        "late": sum(line.urgency == "retard" for line in lines),
        "hidden": len(lines) - len(shown),
        "colours": COLOURS,
    }


# --------------------------------------------------------------------------------------- words, days, numbers


def _agree(count: int, one: str, other: str) -> str:
    """The form that French uses with that number: 0 and 1 are singular."""
    return one if _LOCALE.plural_form(count) == "one" else other


def _number(count: int) -> str:
    return str(format_decimal(count, locale=_LOCALE))


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


def _without_traps(values: _T) -> _T:
    """The same values, their texts on one line and without invisible marks or halves of characters."""
    held = {field.name: getattr(values, field.name) for field in fields(values)}
    texts: dict[str, Any] = {name: tidy(held[name]) for name in held if isinstance(held[name], str)}
    return replace(values, **texts)


def _one_line(subject: str) -> str:
    return cut(no_encoded_word(tidy(subject)), SUBJECT_LENGTH)


def _plain_spaces(text: str) -> str:
    return text.replace(_NARROW_SPACE, " ")
