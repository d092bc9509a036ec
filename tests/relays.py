"""A mail server for tests: a real aiosmtpd on the loopback, under TLS, that keeps what it takes and fails on request."""

import asyncio
import ssl
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from cdi_sync.edges.config import SmtpSettings

AUTHORITY = trustme.CA()
USER, PASSWORD = "cdi@fes.example", "p4ss-word"

DROP = "drop"  # cuts the connection instead of answering
TAKE_AND_DROP = "take, drop"  # DATA: the letter is accepted, and the answer never leaves
TAKE_AND_WAIT = "take, wait"  # DATA: the letter is accepted, and the answer comes too late
HALFWAY = "halfway"  # DATA: cuts the connection in the middle of the text


@dataclass
class FakeRelay:
    """A running server. faults: command → what it answers in turn instead of yes; then it behaves again."""

    port: int = 0
    taken: list[tuple[str, bytes]] = field(default_factory=list)  # (recipient, bytes) accepted
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)  # sender and recipients of those
    connections: int = 0
    open: int = 0  # connections not closed yet
    commands: list[str] = field(default_factory=list)
    faults: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def next_fault(self, command: str) -> str:
        self.commands.append(command)
        return self.faults[command].pop(0) if self.faults[command] else ""

    def settings(self, folder: Path, **changed: Any) -> SmtpSettings:
        """What an installation in that folder says of this server; timeouts are those of a patient test."""
        AUTHORITY.cert_pem.write_to_path(folder / "autorite.pem")
        values: dict[str, Any] = {
            "serveur": "127.0.0.1",
            "port": self.port,
            "autorite": Path("autorite.pem"),
            "delai": 20,
            "delai_final": 20,
        }
        return SmtpSettings(**(values | changed))


class _Server(SMTP):
    """aiosmtpd, and the faults that its handlers can't make."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not self.session:  # aiosmtpd begins again after STARTTLS
            self.event_handler.relay.connections += 1
            self.event_handler.relay.open += 1
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.event_handler.relay.open -= 1
        super().connection_lost(error)

    async def smtp_DATA(self, arg: str) -> None:
        if self.event_handler.relay.faults["DATA"][:1] == [HALFWAY]:
            self.event_handler.relay.next_fault("DATA")
            await self.push("354 go on")
            await self._reader.readuntil(b"\r\n")
            await _cut(self)
        if (answer := self.event_handler.relay.next_fault("354")) == DROP:
            await _cut(self)
        elif answer:
            await self.push(answer)
        else:
            await super().smtp_DATA(arg)

    async def smtp_RSET(self, arg: str) -> None:
        if (answer := self.event_handler.relay.next_fault("RSET")) == DROP:
            await _cut(self)
        elif answer:
            await self.push(answer)
        else:
            await super().smtp_RSET(arg)


async def _cut(server: SMTP) -> None:
    assert isinstance(server.transport, asyncio.Transport)
    server.transport.abort()
    await asyncio.Event().wait()  # until aiosmtpd cancels what this connection was doing


class _Handler:
    def __init__(self, relay: FakeRelay) -> None:
        self.relay = relay

    async def handle_MAIL(self, server: SMTP, _s: Session, envelope: Envelope, address: str, _o: list[str]) -> str:
        envelope.mail_from = address
        return await self._answer(server, "MAIL")

    async def handle_RCPT(self, server: SMTP, _s: Session, envelope: Envelope, address: str, _o: list[str]) -> str:
        answer = await self._answer(server, "RCPT")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, _s: Session, envelope: Envelope) -> str:
        fault = self.relay.next_fault("DATA")
        if not fault or fault.startswith("take"):
            assert isinstance(envelope.content, bytes) and envelope.mail_from
            self.relay.taken.append((envelope.rcpt_tos[0], envelope.content))
            self.relay.envelopes.append((envelope.mail_from, envelope.rcpt_tos))
        if fault in (DROP, TAKE_AND_DROP):
            await _cut(server)
        if fault == TAKE_AND_WAIT:
            await asyncio.Event().wait()
        return fault or "250 2.0.0 accepted"

    async def handle_QUIT(self, server: SMTP, _s: Session, _e: Envelope) -> str:
        return self.relay.next_fault("QUIT") or "221 bye"

    async def _answer(self, server: SMTP, command: str) -> str:
        fault = self.relay.next_fault(command)
        if fault == DROP:
            await _cut(server)
        return fault or "250 ok"


def _authenticate(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
    good = isinstance(data, LoginPassword) and data == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=good, handled=False)


@contextmanager
def running(
    *, security: str = "starttls", name: str = "127.0.0.1", login: bool = False, relay: FakeRelay | None = None,
    patience: float = 300, largest: int | None = 33_554_432,
) -> Iterator[FakeRelay]:  # fmt: skip
    """A server for the time of a test. security: starttls, tls, or none; name: the one its certificate carries.

    relay: one that answers in its own way. patience: seconds after which it closes a connection where nothing comes.
    largest: the bytes of a letter that it says it takes, None to say nothing of it.
    """
    relay, loop = relay or FakeRelay(), asyncio.new_event_loop()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert(name).configure_cert(context)

    def connected() -> SMTP:
        return _Server(
            _Handler(relay), hostname="relay.example", loop=loop,
            tls_context=context if security == "starttls" else None,
            authenticator=_authenticate, auth_required=login, auth_require_tls=security != "tls",
            timeout=patience, data_size_limit=largest,
        )  # fmt: skip

    server = loop.run_until_complete(
        loop.create_server(connected, "127.0.0.1", 0, ssl=context if security == "tls" else None)
    )
    relay.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield relay
    finally:
        asyncio.run_coroutine_threadsafe(_stop(server), loop).result(20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(20)
        loop.close()


async def _stop(server: asyncio.AbstractServer) -> None:
    server.close()
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
