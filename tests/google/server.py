"""The emulator behind a port of this machine: HTTP/1.1, as lean as a test-suite of thousands of requests wants it.

Connections stay open, an answer leaves in one packet (in two, each would wait 40 ms for an acknowledgement), and the
headers are read by hand: the parser of http.server takes longer than the emulator itself.
"""

import contextlib
import gzip
import socket
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from email.utils import formatdate
from http import HTTPStatus
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import TypeAlias
from urllib.parse import parse_qs

from tests.google.wire import ApiError, Request, Response
from tests.google.world import Google

Answer: TypeAlias = Callable[[Request], Response]

_REASONS = {status.value: status.phrase for status in HTTPStatus}
_LONGEST_LINE = 1 << 16
_WORTH_ZIPPING = 4096


class _BadRequestError(Exception):
    """What came isn't HTTP."""


class _Connection(StreamRequestHandler):
    """One connection, of one client."""

    disable_nagle_algorithm = True
    rbufsize = 1 << 16
    answer: Answer

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):
            while self._one():
                pass

    def _one(self) -> bool:
        """One request and its answer. True when the connection stays open."""
        try:
            request = self._read()
        except _BadRequestError:
            self.wfile.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return False
        if request is None:
            return False
        is_head = request.method == "HEAD"
        response = self.answer(replace(request, method="GET") if is_head else request)
        stays = request.headers.get("connection", "").lower() != "close"
        return self._send(request, response, is_head=is_head, stays=stays) and stays

    # --------------------------------------------------------------------------------------------------- reading

    def _read(self) -> Request | None:
        """The next request, None when the client has left. Raises _BadRequestError."""
        line = self.rfile.readline(_LONGEST_LINE)
        if not line:
            return None
        try:
            method, target, version = line.decode("ascii").split()
        except ValueError:
            raise _BadRequestError from None
        if version not in ("HTTP/1.1", "HTTP/1.0"):
            raise _BadRequestError
        headers = self._headers()
        if version == "HTTP/1.0":
            headers.setdefault("connection", "close")
        if headers.get("expect", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = self._body(headers)
        path, _, query = target.partition("?")
        return Request(method, path, parse_qs(query, keep_blank_values=True) if query else {}, headers, body)

    def _headers(self) -> dict[str, str]:
        headers: dict[str, str] = {}
        while (line := self.rfile.readline(_LONGEST_LINE)) not in (b"\r\n", b"\n"):
            name, colon, value = line.decode("latin-1").partition(":")
            if not colon or not name or name != name.strip():
                raise _BadRequestError
            name = name.lower()
            value = value.strip()
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        return headers

    def _body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding", "").lower() == "chunked":
            body = b"".join(self._chunks())
        else:
            length = headers.get("content-length", "0")
            if not length.isdigit():
                raise _BadRequestError
            body = self._exactly(int(length))
        if headers.get("content-encoding", "").lower() != "gzip":
            return body
        try:
            return gzip.decompress(body)
        except (OSError, EOFError):
            raise _BadRequestError from None

    def _chunks(self) -> Iterator[bytes]:
        while True:
            try:
                size = int(self.rfile.readline(_LONGEST_LINE).partition(b";")[0], 16)
            except ValueError:
                raise _BadRequestError from None
            if not size:
                self._headers()  # trailers
                return
            yield self._exactly(size)
            self.rfile.readline(_LONGEST_LINE)

    def _exactly(self, size: int) -> bytes:
        body = self.rfile.read(size)
        if len(body) != size:
            raise ConnectionResetError
        return body

    # --------------------------------------------------------------------------------------------------- answering

    def _send(self, request: Request, response: Response, *, is_head: bool, stays: bool) -> bool:
        """Sends an answer. True when the connection can be used again."""
        if response.delay:
            time.sleep(response.delay)
        if response.dropped:
            self.connection.shutdown(socket.SHUT_RDWR)
            return False
        body, headers = response.body, dict(response.headers)
        if len(body) >= _WORTH_ZIPPING and "gzip" in request.headers.get("accept-encoding", ""):
            body = gzip.compress(body, 1)
            headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        headers["Date"] = formatdate(usegmt=True)
        if response.status != 204:
            headers["Content-Length"] = str(len(body))
        if not stays or response.truncated:
            headers["Connection"] = "close"
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"HTTP/1.1 {response.status} {_REASONS.get(response.status, 'Unknown')}\r\n{lines}\r\n".encode("latin-1")
        if is_head:
            body = b""
        elif response.truncated:
            body = body[: len(body) // 2]
        self.wfile.write(head + body)
        return not response.truncated


class _Server(ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128


@contextlib.contextmanager
def answering(answer: Answer, port: int = 0) -> Iterator[str]:
    """Answers on that port (any free one for 0) while the block runs; gives the address to speak to."""
    server = _Server(("127.0.0.1", port), type("_Bound", (_Connection,), {"answer": staticmethod(answer)}))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def serving(google: Google, port: int = 0) -> contextlib.AbstractContextManager[str]:
    """Serves an emulator, as `answering`. A failure of its own is noted in `violations`, and answers a 500."""

    def answer(request: Request) -> Response:
        try:
            return google.handle(request)
        except Exception:
            google.violations.append(f"{request.method} {request.path}: {traceback.format_exc()}")
            return ApiError(500, "Internal error encountered.").response()

    return answering(answer, port)
