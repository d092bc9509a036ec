"""From cells of a workbook to what staff are told and to the bytes that people receive, for the nasty inputs.

Each test of `test_nasty_addresses.py` (89 to 104) and `test_nasty_texts.py` (105 to 124) begins its docstring, or the id of
its cases, with the numbers of the inputs that it holds.
"""

import ast
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP
from pathlib import Path
from typing import Any

from cdi_sync.assessment import Knowledge, assess
from cdi_sync.mail.digest import digest_of
from cdi_sync.mail.message import to_bytes
from cdi_sync.model import Assessment, Finding
from tests.mail.test_letters import TEMPLATES
from tests.mail.test_letters import Page as _Page
from tests.registries import DECLARED, Rows, knowledge, registry

TODAY = date(2026, 10, 16)  # a Friday: a visa asked for on the 8th is at day 8, a meeting of the 23rd in 7 days
OFFICER, FOCAL = "referent@essai.example", "focal@essai.example"
KNOWN = knowledge()


def world(typed: str | Sequence[str] = "Fès", *, address: Any = OFFICER, **more: Sequence[Mapping[str, Any]]) -> Rows:
    """A visa that waits and a meeting to come; what is typed stands in every staff cell that a letter quotes.

    typed: one text for all, or the agreement's title, the council, the officer, and where the meeting is, in turn.
    """
    title, council, name, place, platform, link = [typed] * 6 if isinstance(typed, str) else typed
    person = {"collectivite": "COL-00001", "nom_prenom": name}
    return {
        "collectivites": [{"nom_fr": council}],
        "actes": [{"intitule": title}],
        "visas_accords": [{"nature": "VISA", "date_reception": date(2026, 10, 8)}],
        "reunions": [
            {
                "date": date(2026, 10, 23), "type": "Comité de pilotage", "lieu": place, "plateforme": platform, "lien": link,
                "ordre_du_jour": "Suivi", "heure_debut": time(10), "heure_fin": time(11), "moderateur": "CON-00001",
                "rapporteur": "CON-00002", "date_partage_odj": date(2026, 10, 12), "mode": "PRESENTIEL",
                "fuseau_ct": "Africa/Casablanca", "fuseau_partenaire": "Europe/Paris", "date_designation": date(2026, 10, 1),
            }
        ],
        "contacts": [
            {**person, "fonction_role": "REFERENT_CDI", "courriel_institutionnel": address},
            {**person, "fonction_role": "POINT_FOCAL", "courriel_institutionnel": FOCAL},
        ],
        **more,
    }  # fmt: skip


def seen(rows: Rows, known: Knowledge = KNOWN) -> Assessment:
    """Those rows as a run reads them."""
    return assess(registry(rows), known, TODAY)


def on_contact(assessment: Assessment, number: int = 1) -> list[Finding]:
    """What is said of the address of that contact."""
    return [
        finding
        for finding in assessment.findings
        if (finding.id, finding.column) == (f"CON-{number:05d}", "courriel_institutionnel")
    ]


def letters(assessment: Assessment) -> Mapping[str, bytes]:
    """Address → the bytes of the digest that it gets."""
    found = {}
    for to in dict.fromkeys(notice.to for notice in assessment.notices if notice.to):
        mine = [notice for notice in assessment.notices if notice.to == to]
        digest = digest_of(mine, assessment, KNOWN, DECLARED.languages, service="Service", workbook="registre.xlsx")
        found[to] = to_bytes(
            TEMPLATES.digest(digest), sender="cdi@fes.example", sender_name="Service", to=to, to_name=digest.name,
            message_id="<1@fes.example>", sent=datetime(2026, 10, 16, 8, tzinfo=UTC), key=to, mailing="rappels",
            trial=False, lang=digest.lang,
        )  # fmt: skip
    return found


def received(content: bytes) -> EmailMessage:
    """A message as a mail reader parses it."""
    return BytesParser(EmailMessage, policy=SMTP).parsebytes(content)


def recipients(message: EmailMessage) -> list[str]:
    return [one.addr_spec for name in ("To", "Cc", "Bcc") if message[name] for one in message[name].addresses]


def text_of(message: EmailMessage) -> str:
    return _body(message, "plain").replace("\r\n", "\n")


class Page(_Page):
    """What a browser finds in a page: its tags in order too, and all that it shows, as it stands."""

    def __init__(self, html: str) -> None:
        self.order: list[str] = []
        super().__init__(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.order.append(tag)
        super().handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        self.order.append(f"/{tag}")
        super().handle_endtag(tag)

    def handle_comment(self, data: str) -> None:
        self.order.append("!--")

    @property
    def whole(self) -> str:
        return "".join(self._pieces)


def page_of(message: EmailMessage) -> Page:
    return Page(_body(message, "html"))


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def numbers_held(file: Path) -> set[int]:
    """The numbers that the tests of a file say they hold: at the head of a docstring, or of the id of a case."""
    found: set[int] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            head = re.match(r"[\d, ]+(?=:)", ast.get_docstring(node) or "")
            found |= {int(number) for number in re.findall(r"\d+", head[0])} if head else set()
        elif isinstance(node, ast.keyword) and node.arg == "id" and isinstance(node.value, ast.Constant):
            head = re.match(r"\d+", str(node.value.value))
            found |= {int(head[0])} if head else set()
    return found
