"""Citations of texts told in another language, part by part: the text, its article, its paragraph, the guide's lines. Pure.

« LO 113-14 art. 118, al. 2 » is cut into « LO 113-14 art. 118 » and « al. 2 »; each part is one of PARTS, whose words a
catalogue translates under the context CONTEXT, its numbers put back in that language's order. A part that isn't known
stays as it is written, between quotation marks: a wrong article is worse than a French word.
"""

import re
from typing import NamedTuple

from cdi_sync.mail.language import FRENCH, Language

CONTEXT = "citation"


class Part(NamedTuple):
    """One way of writing a part of a citation. words: the French text whose places are the groups of `pattern`."""

    pattern: re.Pattern[str]
    words: str


def _part(pattern: str, words: str) -> Part:
    return Part(re.compile(pattern, re.IGNORECASE), words)


_LAW = r"(?:LO|loi organique)(?: n°)? (?P<number>\d+)-(?P<year>\d+)"
_LAWS = r"Loi(?: n°)? (?P<number>\d+)-(?P<year>\d+)"
_ARTICLE = r"art(?:icle|\.) (?P<first>\d+)"
_NAMES = (  # parts that are names or words, as the guide and the catalogue of rules write them
    "Guide", "procédure", "introduction", "encadré", "exemple", "Durée", "Identification", "Montant", "Objet", "Préambule",
    "Missions", "Profil", "dernier al.", "coopération Sud-Sud", "dispositif franco-marocain", "encadré FMDV",
    "« Important »", "« Pour mémoire »", "« À ne pas oublier »", "« À signaler »", "« À retenir »", "« suivi financier »",
    "« Le comité de jumelage »", "« Le choix du partenaire »", "« Le pourquoi »", "« Quelles actions »",
    "Exigence du logiciel",
)  # fmt: skip

PARTS = (
    _part(_LAW, "loi organique {number}-{year}"),
    _part(_LAWS, "loi {number}-{year}"),
    _part(_ARTICLE, "article {first}"),
    _part(rf"{_ARTICLE}-(?P<last>\d+)", "articles {first} à {last}"),
    _part(rf"{_ARTICLE} et (?P<last>\d+)", "articles {first} et {last}"),
    _part(r"al\. (?P<first>\d+)", "alinéa {first}"),
    _part(r"axe (?P<first>\d+)", "axe {first}"),
    _part(r"annexe (?P<first>\d+)", "annexe {first}"),
    _part(r"note (?P<first>\d+)", "note {first}"),
    _part(r"cas (?P<first>\d+)", "cas {first}"),
    _part(r"(?P<first>\d+)(?:re|e) étape", "étape {first}"),
    _part(r"§ ?(?P<first>\d+)", "§ {first}"),
    _part(r"§ ?(?P<first>\d+)-(?P<letter>[a-f])", "§ {first}-{letter}"),
    *(_part(re.escape(name), name) for name in _NAMES),
)
LETTERS = "abcdef"  # of paragraphs: each is told by that language's own
AROUND = (  # what is said of a whole citation
    "Déduit de : {citation}", "{citation} (ligne {lines})", "{citation} (lignes {lines})", "{first} à {last}",
    "{first} ; {second}", "{first}, {second}", "« {words} »",
)  # fmt: skip

_LINES = re.compile(r"(?P<cited>.*?) \((?P<lines>L\d+(?:-\d+)?(?:, L\d+(?:-\d+)?)*)\)")
_DEDUCED = re.compile(r"Déduit du (?P<cited>guide\b.*)")
# An article and a paragraph follow their text without a comma.
_JOINED = re.compile(r"(?<=\d) (?=art\.? )|(?<=\d) (?=article )|(?<=\d) (?=§)", re.IGNORECASE)


def citation_in(source: str, language: Language) -> str:
    """The citation in that language; itself in French."""
    if language.code == FRENCH or not source:
        return source
    return _joined("{first} ; {second}", [_one(text, language) for text in source.split(" ; ")], language)


def _one(source: str, language: Language) -> str:
    """One text and where in it."""
    if found := _DEDUCED.fullmatch(source):
        return _words("Déduit de : {citation}", language, citation=_one(found["cited"], language))
    if found := _LINES.fullmatch(source):
        lines = [_range(line, language) for line in found["lines"].replace("L", "").split(", ")]
        said = (
            "{citation} (lignes {lines})" if len(lines) > 1 or "-" in found["lines"] else "{citation} (ligne {lines})"
        )
        cited = _one(found["cited"], language)
        return _words(said, language, citation=cited, lines=_joined("{first}, {second}", lines, language))
    written = _JOINED.sub(", ", source).split(", ")
    if not _told(written[0], language):  # another kind of text: what follows may not mean the same
        return _quoted(source, language)
    told = [_told(part, language) or _quoted(part, language) for part in written]
    return _joined("{first}, {second}", told, language)


def _quoted(words: str, language: Language) -> str:
    return _words("« {words} »", language, words=words.strip("« »"))


def _told(part: str, language: Language) -> str:
    """That part in words; "" when it isn't known."""
    for pattern, words in PARTS:
        if found := pattern.fullmatch(part):
            groups = found.groupdict()
            if words == "articles {first} à {last}" and int(groups["last"]) == int(groups["first"]) + 1:
                words = "articles {first} et {last}"
            if letter := groups.get("letter"):
                groups["letter"] = _words(letter.lower(), language)
            return _words(words, language, **groups)
    return ""


def _range(lines: str, language: Language) -> str:
    first, dash, last = lines.partition("-")
    return _words("{first} à {last}", language, first=first, last=last) if dash else first


def _joined(text: str, pieces: list[str], language: Language) -> str:
    whole = pieces[0]
    for piece in pieces[1:]:
        whole = _words(text, language, first=whole, second=piece)
    return whole


def _words(text: str, language: Language, **values: str) -> str:
    return language.gettext(text, CONTEXT).format(**values)
