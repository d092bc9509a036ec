"""Writes a person's daily digest and a president's weekly report, in the person's language: the words, not the message
that carries them. Pure.

All that a person reads stands in the template folder; here are only its values. What staff typed is a value,
never a template: marks that turn the reading direction, line breaks and control characters go before rendering.
The sentences are whole ones, in French, told in another language by a catalogue; each value stands inside them fenced
off from the direction of what surrounds it (`isole`). Text and page are made of the same sentences.
MJML is turned into HTML once for each template and language, with the places to fill still in it: a cell never goes
through MJML, and a letter costs a few milliseconds. Days count from `as_of`; day 0 is still in time.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from jinja2 import BaseLoader, FileSystemLoader, StrictUndefined, Template, TemplateError
from markupsafe import Markup, escape

from cdi_sync.errors import ConfigError
from cdi_sync.mail.invitation_letter import Invitation
from cdi_sync.mail.language import FRENCH, Language
from cdi_sync.mail.sandbox import Sandbox, rendered
from cdi_sync.report import DAYS_AHEAD, DECISIONS, LATE, Point, WeeklyReport
from cdi_sync.text import no_encoded_word, tidy

if TYPE_CHECKING:
    from cdi_sync.forms.telling import Announcement
    from cdi_sync.mail.answers import Acknowledgement

KINDS = ("rappels", "invitation", "rapport", "reponse", "demande")  # folders of templates, one for each kind of letter
LINES_SHOWN = 15
SUBJECT_LENGTH = 120  # characters
HTML_BYTES = 80_000  # a large mailbox hides what comes after some 100 kB of encoded HTML
SHORT_NAME = 200  # characters kept of each name when whole names would make the letter too heavy
QUOTING_BYTES, SHORT_QUOTE = 50_000, 60  # a page to a sender longer than that quotes so many characters of each text
NAME_IN_REPORT = 90  # characters: two lines of a phone

# Borders are mid-tones: they stay apart from the background when a mail reader turns light into dark.
COLOURS = {
    "sans_delai": "#c4573a",
    "retard": "#c4573a",
    "semaine": "#a67722",
    "ensuite": "#6f8296",
    "fond": "#ffffff",
    "texte": "#24303c",
    "discret": "#5a6672",
    "bouton": "#2f5f8f",
    "lien": "#1f5f99",
    "fond_sombre": "#1b2129",
    "texte_sombre": "#e6eaee",
    "discret_sombre": "#b0bac4",
    "lien_sombre": "#8fc1ee",
}
URGENCIES = ("sans_delai", "retard", "semaine", "ensuite")

_ODD_SPACES = str.maketrans("\u202f\u00a0", "  ")  # Babel's and the French ones: a box in some readers of plain text
_BEFORE_MARK = re.compile(r" (?=[:;?!»]|%%)|(?<=«) ")  # where French never breaks a line
_FIRST_STRONG, _POP = "\u2068", "\u2069"
_LEFT_TO_RIGHT = "\u200e"
_ROW_LINK = re.compile(r"https://docs\.google\.com/[A-Za-z0-9/_?#=&!:%.~+-]+")
_MAIL_LINK = re.compile(r"mailto:[^\s\"'<>]+")
_BODY_MARK = '<mj-include path="corps.mjml" />'

_T = TypeVar("_T")


@dataclass(frozen=True)
class Line:
    """One thing to do.

    urgency: sans_delai, retard, semaine or ensuite. days_left: from the digest's day, negative when late. visa_day: "12 / 20",
    or "" when no visa runs. source: the text cited. place: where to write in the workbook. instead: the role that
    nobody holds, when this person is told in its place. stage: title of the case's stage. since: the day since which the
    thing waits. link: address of the very row in a Google registry. told: who was told of it before, and on which day.
    answers: label and `mailto:` link of each answer that can be sent. A link that is neither isn't shown.
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
    stage: str = ""
    since: date | None = None
    link: str = ""
    told: tuple[tuple[str, date], ...] = ()
    answers: tuple[tuple[str, str], ...] = ()


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
    lang: str = FRENCH


@dataclass(frozen=True)
class Addressee:
    """Who reads the weekly report. role: its title; own: the decisions awaited are this person's, the president."""

    name: str
    role: str
    own: bool
    service: str
    workbook: str
    lang: str = FRENCH


@dataclass(frozen=True)
class Letter:
    """What a person reads: a subject of one line, and the same facts as plain text and as HTML."""

    subject: str
    text: str
    html: str


# ---------------------------------------------------------------------------------------------- the templates


class Templates:
    """The templates of a folder, compiled once for each language in which a letter is asked for."""

    def __init__(self, folder: Path, languages: Mapping[str, Language]) -> None:
        self._folder, self._languages = folder, languages
        self._written: dict[tuple[str, str], _Written] = {}

    def check(self) -> None:
        """Compiles them all. Raises ConfigError, with the file and the line, when one is missing or can't be compiled."""
        for lang in self._languages:
            for kind in KINDS:
                self._of(kind, lang)

    def digest(self, digest: Digest) -> Letter:
        """The letter of that day, with whole names, or with shortened ones in a page that would exceed HTML_BYTES.

        Raises ConfigError when a template can't be used, ValueError for an unknown urgency.
        """
        digest = _without_traps(digest)
        lines = sorted(map(_safe_links, digest.lines), key=lambda line: URGENCIES.index(line.urgency))
        written = self._of("rappels", digest.lang)
        letter = written.letter(_digest_facts(digest, lines))
        if len(letter.html.encode()) < HTML_BYTES:
            return letter
        short = [replace(line, name=cut(line.name, SHORT_NAME)) for line in lines]
        return replace(letter, html=written.letter(_digest_facts(digest, short)).html)

    def report(self, report: WeeklyReport, addressee: Addressee) -> Letter:
        """The report of that week. Raises ConfigError when a template can't be used."""
        facts = _report_facts(_short_names(_without_traps(report)), _without_traps(addressee))
        return self._of("rapport", addressee.lang).letter(facts)

    def receipt(self, told: "Acknowledgement") -> Letter:
        """The acknowledgement of a reply. Raises ConfigError when a template can't be used."""
        told = _without_traps(told)
        facts = {"receipt": told, "service": told.service, "preview": told.taken[0].title if told.taken else ""}
        return self._of("reponse", told.lang).letter(facts | {"colours": COLOURS})

    def request(self, told: "Announcement") -> Letter:
        """What the sender of a form is told, with shorter quotations in a page that would exceed QUOTING_BYTES.

        Raises ConfigError when a template can't be used.
        """
        written, told = self._of("demande", told.lang), _without_traps(told)
        letter = written.letter(_request_facts(told))
        if len(letter.html.encode()) < QUOTING_BYTES:
            return letter
        return written.letter(_request_facts(_short_quotations(told)))

    def invitation(self, invitation: Invitation) -> Letter:
        """What a guest of a meeting is told. Raises ConfigError when a template can't be used."""
        return self._of("invitation", invitation.lang).letter(_invitation_facts(_without_traps(invitation)))

    def _of(self, kind: str, lang: str) -> "_Written":
        if (kind, lang) not in self._written:
            self._written[kind, lang] = _Written.load(self._folder, kind, self._languages[lang])
        return self._written[kind, lang]


@dataclass(frozen=True)
class _Written:
    """One kind of letter: its three templates, compiled."""

    subject: Template
    text: Template
    html: Template

    @classmethod
    def load(cls, folder: Path, kind: str, language: Language) -> "_Written":
        """The templates of `kind`, a folder in `folder`; the HTML keeps the places to fill."""
        loader = FileSystemLoader(folder)
        plain = _environment(loader, language, autoescape=False)
        page = _environment(loader, language, autoescape=True)
        try:
            html = page.from_string(_page(folder, kind, language))
            html.name = f"{kind}/corps.mjml"  # what an error will cite
            return cls(plain.get_template(f"{kind}/objet.txt"), plain.get_template(f"{kind}/texte.txt"), html)
        except (OSError, ValueError, TemplateError) as error:
            raise _unusable(folder, error) from error

    def letter(self, facts: Mapping[str, Any]) -> Letter:
        """The letter that tells those facts."""
        subject = _one_line(_render(self.subject, facts))
        text = _render(self.text, facts).translate(_ODD_SPACES).strip() + "\n"
        return Letter(subject, text, _render(self.html, {**facts, "subject": subject}))


def _environment(loader: BaseLoader, language: Language, *, autoescape: bool) -> Sandbox:
    """Sandboxed, for the templates of an installation may be edited by hand. Filters speak the language."""
    environment = Sandbox(
        loader=loader, autoescape=autoescape, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )  # fmt: skip
    kept = _unbroken if language.code == FRENCH else str
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # the extension adds it
        lambda text: kept(language.gettext(text)),
        lambda one, other, count: kept(language.ngettext(one, other, count)),
        newstyle=True,
        pgettext=lambda context, text: kept(language.gettext(text, context)),
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.globals |= _places(language)
    environment.filters |= {
        "accord": lambda count, one, other: language.ngettext(one, other, count),
        "coupe": cut,
        "isole": _isolated_in_page if autoescape else lambda value: _isolated(str(value), language),
        "jour": language.long_day,
        "jour_abrege": language.short_day,
        "nombre": language.number,
        "reference": _unbroken_in_page if autoescape else lambda value: _isolated(str(value), language),
        # the mark keeps a sign before its number in a sentence read from right to left
        "variation": lambda change: _LEFT_TO_RIGHT * language.is_right_to_left + language.signed(change),
    }
    return environment


def _page(folder: Path, kind: str, language: Language) -> str:
    """The HTML of a kind of letter, places to fill included."""
    from mjml import mjml_to_html  # type: ignore[import-untyped]  # slow to load, and ships no types

    frame = (folder / "_cadre" / "cadre.mjml").read_text(encoding="utf-8")
    body = (folder / kind / "corps.mjml").read_text(encoding="utf-8")
    page = frame.replace(_BODY_MARK, body)
    for name, value in (_places(language) | COLOURS).items():
        page = re.sub(rf"@{name}\b", value, page)
    # MJML aligns each column on the left, whatever it is told
    return str(mjml_to_html(page).html).replace("text-align:left", f"text-align:{_places(language)['start']}")


def _places(language: Language) -> dict[str, str]:
    """What a template may name of the language: its code, its direction, the side where a line starts and the other, what
    parts the items of a list."""
    start, end = ("right", "left") if language.is_right_to_left else ("left", "right")
    return {"lang": language.code, "dir": language.direction, "start": start, "end": end,
            "entre": language.between}  # fmt: skip


def _render(template: Template, facts: Mapping[str, Any]) -> str:
    try:
        return rendered(template, facts)
    except Exception as error:  # a template edited by hand may do anything: it costs its letters, not the run
        raise _unusable(Path(template.name or ""), error) from error


def _unusable(place: Path, error: Exception) -> ConfigError:
    named = getattr(error, "name", None) if isinstance(error, TemplateError) else None
    file = named or getattr(error, "filename", None) or place
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
        "cases": len({line.case for line in lines}),
        "groups": [(urgency, members) for urgency, members in groups if members],
        "total": len(lines),
        "late": sum(line.urgency == "retard" for line in lines),
        "hidden": len(lines) - len(shown),
        "answerable": any(line.answers for line in shown),
        "colours": COLOURS,
    }


def _invitation_facts(invitation: Invitation) -> dict[str, Any]:
    """All that the templates of invitations may name."""
    return {"invitation": invitation, "service": invitation.service, "preview": invitation.when, "colours": COLOURS}


def _request_facts(told: "Announcement") -> dict[str, Any]:
    """All that the templates for senders of forms may name."""
    return {"told": told, "service": told.service, "preview": told.form, "colours": COLOURS}


def _short_quotations(told: "Announcement") -> "Announcement":
    """The same announcement, in the text and in the HTML alike, what people typed cut to a line or two of a phone."""
    return replace(
        told,
        facts=tuple(replace(one, title=cut(one.title, SHORT_QUOTE), value=cut(one.value, SHORT_QUOTE)) for one in told.facts),
        faults=tuple(
            replace(one, title=cut(one.title, SHORT_QUOTE), words=cut(one.words, SHORT_QUOTE),
                    why_told=cut(one.why_told, SHORT_QUOTE), fix_told=cut(one.fix_told, SHORT_QUOTE))
            for one in told.faults
        ),
    )  # fmt: skip


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


def _unbroken(text: str) -> str:
    """French, its double marks on the line of the word before."""
    return _BEFORE_MARK.sub("\u00a0", text)


def isolated(text: str) -> str:
    """The text, fenced off: it can't reorder the sentence around it, nor be reordered by it."""
    return f"{_FIRST_STRONG}{text}{_POP}"


def _isolated(text: str, language: Language) -> str:
    """The text, fenced when it may be read the other way round than the language."""
    against = ("L", "EN") if language.is_right_to_left else ("R", "AL")
    return isolated(text) if any(unicodedata.bidirectional(char) in against for char in text) else text


def _isolated_in_page(value: object) -> Markup:
    return Markup("<bdi>") + escape(value) + Markup("</bdi>")


def _unbroken_in_page(reference: object) -> Markup:
    """An identifier, which a narrow page would break at its hyphens."""
    return Markup('<bdi style="white-space:nowrap">') + escape(reference) + Markup("</bdi>")


def _safe_links(line: Line) -> Line:
    """The line, without a link that doesn't lead where such a link may lead."""
    return replace(
        line,
        link=line.link if _ROW_LINK.fullmatch(line.link) else "",
        answers=tuple((label, link) for label, link in line.answers if _MAIL_LINK.fullmatch(link)),
    )


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
    return subject_line(subject.translate(_ODD_SPACES))


def subject_line(subject: str) -> str:
    """The subject on one line of SUBJECT_LENGTH characters, harmless, its fences kept when each is closed."""
    pieces = re.split(f"([{_FIRST_STRONG}{_POP}])", subject)
    # between two letters, so that the spaces at the edges of a piece stay
    kept = "".join(piece if piece in (_FIRST_STRONG, _POP) else tidy(f"|{piece}|")[1:-1] for piece in pieces)
    whole = no_encoded_word(" ".join(kept.split()))
    if not _FENCES.fullmatch(whole):
        whole = whole.replace(_FIRST_STRONG, "").replace(_POP, "")
    short = cut(whole, SUBJECT_LENGTH)
    return short if _FENCES.fullmatch(short) else cut(whole, SUBJECT_LENGTH - 1) + _POP


_FENCES = re.compile(f"(?:[^{_FIRST_STRONG}{_POP}]|{_FIRST_STRONG}[^{_FIRST_STRONG}{_POP}]*{_POP})*")
