"""The forms attached to a message, filled in. Anybody may write to the service: what is attached is opened with care.

Only what is one of our forms counts; any other attachment is the business of who reads the mailbox.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from email.message import EmailMessage
from zipfile import BadZipFile, ZipFile

from cdi_sync.edges.config import Declarations
from cdi_sync.edges.forms.sheet_reading import UnusableFormError, read_form
from cdi_sync.errors import RegistryError
from cdi_sync.forms.naming import ADDRESS
from cdi_sync.forms.submission import Source, Submission
from cdi_sync.mail import incoming
from cdi_sync.text import ascii_address, clean

LARGEST = 10 << 20  # bytes of an attachment (parametre)
LARGEST_UNPACKED = 50 << 20  # bytes, all parts of a workbook together (parametre)
MOST = 20  # attachments opened in a message (parametre)
SENT_FROM = (
    "Adresse d'envoi"  # what no question asks: where a form was sent from, when it isn't the address that it gives
)
OTHER_SENDER = "un formulaire est venu d'une autre adresse que celle qu'il donne : la vérifier avant d'accepter (« Demandes reçues »)"
TOO_MANY = f"un message porte des formulaires et plus de {MOST} pièces jointes : regarder les dernières"


@dataclass(frozen=True)
class Attached:
    """The answers of a message, and what a person should look at, in French, without names nor addresses."""

    submissions: tuple[Submission, ...] = ()
    told: tuple[str, ...] = ()

    @property
    def is_ours(self) -> bool:
        """True when one of our forms was attached, usable or not."""
        return bool(self.submissions or self.told)


def submissions_of(message: EmailMessage, declared: Declarations, *, at: datetime) -> Attached:
    """The answers that a message brings. at: when it came."""
    sender = incoming.sender(message)
    found, told = list[Submission](), list[str]()
    workbooks = list(_workbooks(message))
    for data in workbooks[:MOST]:
        try:
            read = read_form(data, "pièce jointe", declared, source=Source.MAIL, at=at)
        except UnusableFormError as error:
            told.append(f"un formulaire joint n'a pas pu être pris en compte : {error.what} {error.why}")
        except RegistryError:
            continue  # none of ours, or nobody can tell
        else:
            for one in read:
                found.append(one if _is_from(one, sender) else _from_elsewhere(one, sender))
    if any(SENT_FROM in one.unknown for one in found):
        told.append(OTHER_SENDER)
    if (found or told) and len(workbooks) > MOST:
        told.append(TOO_MANY)
    return Attached(tuple(found), tuple(dict.fromkeys(told)))


def _workbooks(message: EmailMessage) -> Iterator[bytes]:
    """The attachments that may be workbooks, whatever they are called: telephones and webmails rename them."""
    for part in incoming.parts(message):
        if part.get_content_maintype() in ("multipart", "text", "image", "message"):
            continue
        try:
            data = part.get_payload(decode=True)
        except incoming.TRIPS:
            continue
        if isinstance(data, bytes) and data.startswith(b"PK") and len(data) <= LARGEST and _is_small_unpacked(data):
            yield data


def _is_small_unpacked(data: bytes) -> bool:
    try:
        with ZipFile(io.BytesIO(data)) as archive:
            return sum(info.file_size for info in archive.infolist()) <= LARGEST_UNPACKED
    except (BadZipFile, OSError, ValueError, NotImplementedError):
        return False


def _is_from(submission: Submission, sender: str) -> bool:
    given = submission.values.get(ADDRESS)
    return isinstance(given, str) and (ascii_address(clean(given)) or "").casefold() == sender


def _from_elsewhere(submission: Submission, sender: str) -> Submission:
    return replace(submission, unknown={**submission.unknown, SENT_FROM: sender})
