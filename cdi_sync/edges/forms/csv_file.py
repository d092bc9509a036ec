"""The answers of an exported text file: Google Forms (titles of questions), ODK and Kobo (their names).

Encoding and separator are those under which the headers are the questions of a form; the two old encodings of Windows, French
and Arabic, share most letters, and are told apart by the words that only one of them can have written.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo

from cdi_sync.edges.clock import MOROCCO
from cdi_sync.edges.config import Declarations
from cdi_sync.errors import RegistryError
from cdi_sync.forms.headers import Headers, recognise
from cdi_sync.forms.moments import Order, is_ambiguous
from cdi_sync.forms.response_rows import Rows, Way, days_told, order_in, read_rows, with_moment
from cdi_sync.forms.submission import Source
from cdi_sync.model import Raw

LARGEST = 50 << 20  # bytes
_LONGEST_CELL = 1 << 20  # characters
_SEPARATORS = (",", ";", "\t", "|")
_WORD = re.compile(r"[^\W\d_]+")
_AS_UTF8 = "L'exporter de nouveau en CSV UTF-8, ou l'ouvrir dans le tableur et l'enregistrer ainsi."


class NoFormError(RegistryError):
    """An export whose headers are those of no form."""


def read_csv(
    data: bytes, name: str, declared: Declarations, *, at: datetime, order: Order | None = None, zone: tzinfo = MOROCCO
) -> Rows:
    """The answers of an export. name: of the file, for messages; order: of days, when the export doesn't show it.

    Raises NoFormError, and RegistryError for what can't be read, or can be read two ways.
    """
    if len(data) > LARGEST:
        raise RegistryError("L'export est trop grand.", where=name, why=f"plus de {LARGEST >> 20} Mo",
                            fix="Le partager en plusieurs fichiers, chacun avec la ligne des titres.")  # fmt: skip
    for text in _readings(data, name):
        for table in _tables(text, name):
            headers = recognise(table[0], declared.forms, declared.languages)
            if headers is not None:
                return _read(headers, table[1:], name, declared, at, order, zone)
    raise NoFormError(
        "Cet export n'est celui d'aucun formulaire.", where=name,
        why="ses titres ne sont pas ceux des questions d'un seul formulaire, adresse du demandeur comprise",
        fix="L'exporter de nouveau sans en changer la première ligne ; vérifier qu'il s'agit d'un formulaire du service.",
    )  # fmt: skip


def _read(
    headers: Headers, rows: Sequence[Sequence[Raw]], name: str, declared: Declarations, at: datetime,
    order: Order | None, zone: tzinfo,
) -> Rows:  # fmt: skip
    headers = with_moment(headers, rows, Way(Source.CSV, zone, at, declared.tabs))
    order = order or order_in(headers, rows, at=at)
    if order is None and any(map(is_ambiguous, days_told(headers, rows))):
        raise RegistryError(
            "Les dates de cet export peuvent se lire de deux façons.", where=name,
            why="rien n'y dit si 03/04 est le 3 avril ou le 4 mars",
            fix="Dire lequel : « cdi forms receive FICHIER --dates jj/mm » ou « --dates mm/jj ».",
        )  # fmt: skip
    return read_rows(headers, rows, Way(Source.CSV, zone, at, declared.tabs, order), first=2)


# --------------------------------------------------------------------------------------------- its text, its cells


def _readings(data: bytes, name: str) -> Iterator[str]:
    """What the bytes may say, the surest first. Raises RegistryError when they may say two things."""
    if not data.strip():
        raise RegistryError("L'export est vide.", where=name, why="le fichier ne contient rien", fix=_AS_UTF8)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\0" in data[:2000]:
        encodings = ["utf-16-le" if data[1:2] == b"\0" else "utf-16-be"]
    else:
        encodings = ["utf-8-sig"]
    for encoding in encodings:
        try:
            yield data.decode(encoding)
            return
        except UnicodeDecodeError:
            pass
    if b"\0" in data:
        raise RegistryError(
            "L'export ne peut pas être lu.", where=name, why="il est coupé ou n'est pas du texte", fix=_AS_UTF8
        )
    yield from _of_windows(data, name)


def _of_windows(data: bytes, name: str) -> Iterator[str]:
    """The French encoding of Windows, or the Arabic one.

    Read in the Arabic one, « École » would mix both alphabets; an Arabic word read in the French one is nothing but accented
    capitals. Words of one letter tell nothing: « À ».
    """
    french, arabic = data.decode("cp1252", "replace"), data.decode("cp1256", "replace")
    votes = {vote for word in _WORD.findall(arabic) if (vote := _vote(word)) is not None}
    if votes == {"arabic", "french"}:
        raise RegistryError(
            "L'export ne peut pas être lu.", where=name, why="le codage de ses lettres n'est pas sûr", fix=_AS_UTF8
        )
    yield arabic if votes == {"arabic"} else french


def _vote(word: str) -> str | None:
    arabic = sum("\u0600" <= letter <= "\u06ff" for letter in word)
    if not arabic:
        return None
    if arabic < len(word):
        return "french"
    return "arabic" if len(word) > 1 else None


def _tables(text: str, name: str) -> Iterator[list[list[str]]]:
    """The rows under each separator; the first row is that of headers."""
    declared = re.match(r"sep=(.)\r?\n", text)
    if declared:
        text = text[declared.end() :]
    csv.field_size_limit(max(csv.field_size_limit(), LARGEST))
    for separator in [declared[1]] if declared else _SEPARATORS:
        try:
            rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
        except csv.Error as error:
            raise RegistryError("L'export est abîmé.", where=name, why=f"ses guillemets ou ses lignes ne vont pas ({error})",
                                fix="L'exporter de nouveau.") from None  # fmt: skip
        if rows and len(rows[0]) > 1:
            yield rows
