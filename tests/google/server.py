"""The emulator behind a port of this machine."""

import contextlib
import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

from tests.google.wire import Request, Response
from tests.google.world import Google


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # headers and body leave in one packet: in two, each answer waits 40 ms for an acknowledgement
    google: Google

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        request = Request(
            self.command, parts.path, parse_qs(parts.query, keep_blank_values=True),
            {name.lower(): value for name, value in self.headers.items()}, self.rfile.read(length),
        )  # fmt: skip
        self._send(self.google.handle(request))

    def _send(self, response: Response) -> None:
        if response.dropped:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response_only(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        body = response.body[: len(response.body) // 2] if response.truncated else response.body
        self.wfile.write(body)
        self.wfile.flush()
        if response.truncated:
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815  # the names that http.server calls

    def log_message(self, *_: object) -> None:
        """The emulator has its own log."""


@contextlib.contextmanager
def serving(google: Google, port: int = 0) -> Iterator[str]:
    """Serves on that port (any free one for 0) while the block runs; gives the address to speak to."""
    server = ThreadingHTTPServer(("127.0.0.1", port), type("_Bound", (_Handler,), {"google": google}))
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
