"""The emulator over HTTP, as clients of all manners speak it."""

import gzip
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import gspread
import pytest
import requests

from tests.emulator.example import BOOK, VALUES, Small
from tests.google.clients import bearer, gspread_client, service
from tests.google.server import serving

TOKEN = {"Authorization": "Bearer essai"}


@pytest.fixture
def small() -> Small:
    return Small(values=[["é", 1]])


@pytest.fixture
def url(small: Small) -> Iterator[str]:
    with serving(small) as address:
        yield address


def raw(url: str, sent: bytes) -> bytes:
    """All that is answered to some bytes until the connection is closed."""
    parts = urlsplit(url)
    with closing(socket.create_connection((parts.hostname or "", parts.port or 0), timeout=5)) as connection:
        connection.sendall(sent)
        return b"".join(iter(lambda: connection.recv(1 << 16), b""))


def test_gspread_speaks_to_it(url: str, small: Small) -> None:
    client = gspread_client(url)
    assert client.http_client.values_get(BOOK, "A1")["values"] == [["é", 1]]
    with pytest.raises(gspread.exceptions.APIError, match=r"\[404\]: Requested entity was not found."):
        client.http_client.values_get("none", "A1")


def test_googles_own_client_speaks_to_it(url: str) -> None:
    values = service(url, "sheets", "v4", bearer()).spreadsheets().values()
    assert values.get(spreadsheetId=BOOK, range="A1").execute()["values"] == [["é", 1]]
    assert service(url, "drive", "v3").files().list().execute()["files"] == [{"name": "été"}]


def test_a_connection_serves_many_requests(url: str, small: Small) -> None:
    one = f"GET {VALUES}/A1 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer essai\r\n".encode()
    answered = raw(url, one + b"\r\n" + one + b"\r\n" + one + b"Connection: close\r\n\r\n")
    assert answered.count(b"HTTP/1.1 200 OK") == 3
    assert small.count() == 3


def test_a_body_may_come_in_chunks(url: str, small: Small) -> None:
    chunks = (part for part in (b'{"values": [["', b"x" * 70_000, b'"]]}'))
    answer = requests.put(f"{url}{VALUES}/A1", chunks, headers=TOKEN, timeout=5)
    assert answer.ok
    assert small.values == [["x" * 70_000]]


def test_a_body_may_come_zipped_and_a_large_answer_goes_zipped(url: str, small: Small) -> None:
    values = [[f"ligne {row}"] * 20 for row in range(2000)]
    body = gzip.compress(json.dumps({"values": values}).encode())
    assert requests.put(f"{url}{VALUES}/A1", body, headers={**TOKEN, "Content-Encoding": "gzip"}, timeout=5).ok
    answer = requests.get(f"{url}{VALUES}/A1", headers=TOKEN, timeout=5)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert int(answer.headers["Content-Length"]) < len(answer.content)
    assert answer.json()["values"] == values
    plain = requests.get(f"{url}{VALUES}/A1", headers={**TOKEN, "Accept-Encoding": "identity"}, timeout=5)
    assert plain.content == answer.content
    assert "Content-Encoding" not in plain.headers


def test_a_head_has_the_headers_of_the_answer_only(url: str) -> None:
    answer = requests.head(f"{url}{VALUES}/A1", headers=TOKEN, timeout=5)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Content-Length"] == str(
        len(requests.get(f"{url}{VALUES}/A1", headers=TOKEN, timeout=5).content)
    )


def test_nothing_follows_those_headers(url: str) -> None:
    head = f"HEAD {VALUES}/A1 HTTP/1.1\r\nAuthorization: Bearer essai\r\nConnection: close\r\n\r\n"
    answered = raw(url, head.encode())
    assert answered.startswith(b"HTTP/1.1 200 OK\r\n") and answered.endswith(b"\r\n\r\n")


def test_a_client_may_ask_before_it_sends(url: str) -> None:
    head = f"PUT {VALUES}/A1 HTTP/1.1\r\nAuthorization: Bearer essai\r\nExpect: 100-continue\r\n"
    answered = raw(url, f'{head}Connection: close\r\nContent-Length: 14\r\n\r\n{{"values": []}}'.encode())
    assert answered.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize(
    "sent",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/2\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"PUT / HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        b"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nmany\r\n",
        b"PUT / HTTP/1.1\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
    ],
)
def test_what_is_not_http_is_refused(sent: bytes, url: str, small: Small) -> None:
    assert raw(url, sent).startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert small.count() == 0


def test_an_old_client_is_served_once(url: str) -> None:
    assert raw(url, b"GET /nothing HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.1 404 Not Found\r\n")


def test_a_failure_of_the_emulator_is_noted_and_answers_an_internal_error() -> None:
    google = Small(handlers={"sheets.spreadsheets.values.get": lambda call: call.body["range"]})
    with serving(google) as url:
        answer = requests.get(f"{url}{VALUES}/A1", headers=TOKEN, timeout=5)
    assert answer.json()["error"]["status"] == "INTERNAL"
    assert "KeyError: 'range'" in google.violations.pop()


def test_it_is_a_command_too() -> None:
    command = [sys.executable, "-m", "tests.google", "--port", "0", "--any-token", "--no-quota"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        url = process.stdout.readline().strip()
        try:
            assert requests.get(f"{url}/v4/nothing", timeout=5).status_code == 404
        finally:
            process.terminate()


def test_a_port_that_is_taken_is_told_with_what_to_do() -> None:
    with serving(Small()) as url:
        port = url.rpartition(":")[2]
        command = [sys.executable, "-m", "tests.google", "--port", port]
        told = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert told.returncode == 2
    assert f"port {port} can't be served" in told.stderr and "Traceback" not in told.stderr
