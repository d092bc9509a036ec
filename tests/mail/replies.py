"""Replies as people and mail programs write them, in a few words."""

from datetime import date
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP

AMINA = "amina@fes.example"
ANSWERS = "reponses@fes.example"
SENT = "Mon, 23 Nov 2026 10:00:00 +0000"
TODAY = date(2026, 11, 23)


def reply(
    text: str = "", *, to: str = ANSWERS, sender: str = AMINA, subject: str = "Re: ACT-00001 · Visa en cours", id_: str = "1",
    html: str = "", sent: str = SENT, **headers: str,
) -> EmailMessage:  # fmt: skip
    """A message as our mailbox gives it back. html: its page alone, without plain text. headers: « _ » for « - »."""
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = f"Amina Idrissi <{sender}>", to, subject
    message["Date"], message["Message-ID"] = sent, f"<{id_}@fes.example>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(html or text, subtype="html" if html else "plain")
    return parsed(message.as_bytes())


def raw(body: bytes, content_type: str, *, encoding: str = "8bit") -> EmailMessage:
    """A message whose body is those very bytes."""
    head = f"From: {AMINA}\r\nTo: {ANSWERS}\r\nSubject: Re: x\r\nContent-Type: {content_type}\r\nContent-Transfer-Encoding: {encoding}"
    return parsed(head.encode() + b"\r\n\r\n" + body)


def parsed(content: bytes) -> EmailMessage:
    return BytesParser(policy=SMTP).parsebytes(content)
