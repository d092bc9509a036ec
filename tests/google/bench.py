"""`python -m tests.google.bench`: how many requests a second the emulator answers, beside a floor in the same run.

The floor is a bare server that answers a constant, asked by the same client over the same kind of connection. Ratios
say more than times: the speed of a shared machine changes from one hour to the next. `answering` is measured apart,
with the constant behind the emulator's own server.
"""

import http.client
import json
import socket
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from tests.google.server import answering, serving
from tests.google.wire import Response
from tests.google.world import Google

ROWS, COLUMNS = 5000, 20
CONSTANT = b'{"range": "Sheet1!A1", "majorDimension": "ROWS", "values": [["a"]]}'


@contextmanager
def bare() -> Iterator[str]:
    """A server that reads headers to the blank line and answers the constant, one connection at a time."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(CONSTANT), CONSTANT)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with connection:
                while connection.recv(1 << 16):
                    connection.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


class Client:
    """One connection that stays open."""

    def __init__(self, url: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc)
        self._headers = {"Authorization": "Bearer essai", "Content-Type": "application/json"}

    def ask(self, http_method: str, path: str, body: object = None) -> bytes:
        """Asks, and gives the body of the answer."""
        sent = None if body is None else json.dumps(body)
        self._connection.request(http_method, path, sent, self._headers)
        answer = self._connection.getresponse()
        told = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{http_method} {path}: {answer.status} {told.decode()}")
        return told


def seconds(act: Callable[[], object], times: int) -> float:
    """Median seconds of one run, after one that warms up."""
    act()
    measured = []
    for _ in range(times):
        start = time.perf_counter()
        act()
        measured.append(time.perf_counter() - start)
    return statistics.median(measured)


def main() -> None:
    """Prints one line a measure: seconds, requests a second, ratio to the floor."""
    google = Google(any_token=True, no_quota=True)
    with bare() as floor_url, answering(lambda _: Response(body=CONSTANT)) as constant_url, serving(google) as url:
        floor_client, constant, client = Client(floor_url), Client(constant_url), Client(url)
        book = json.loads(client.ask("POST", "/v4/spreadsheets", {"properties": {"title": "Mesures"}}))["spreadsheetId"]
        base = f"/v4/spreadsheets/{book}"
        grid = {"sheetId": 0, "gridProperties": {"rowCount": ROWS}}
        resize = {"updateSheetProperties": {"properties": grid, "fields": "gridProperties.rowCount"}}
        client.ask("POST", f"{base}:batchUpdate", {"requests": [resize]})
        values = [
            [f"ligne {row}" if column % 2 else row + column / 4 for column in range(COLUMNS)] for row in range(ROWS)
        ]
        area = f"{base}/values/A1%3AT{ROWS}"
        formatted = {
            "repeatCell": {
                "range": {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 1},
                "cell": {"userEnteredFormat": {"textFormat": {"bold": True}}},
                "fields": "userEnteredFormat.textFormat.bold",
            }
        }
        floor = seconds(lambda: floor_client.ask("GET", "/"), 300)
        measures = [
            ("a constant, bare", floor),
            ("a constant, this server", seconds(lambda: constant.ask("GET", "/"), 300)),
            ("values.get, one cell", seconds(lambda: client.ask("GET", f"{base}/values/A1"), 300)),
            (f"values.update, {ROWS} × {COLUMNS}", seconds(lambda: client.ask(
                "PUT", f"{area}?valueInputOption=RAW", {"values": values}), 5)),
            (f"values.get, {ROWS} × {COLUMNS}", seconds(lambda: client.ask("GET", area), 5)),
            ("values.get, one cell of them", seconds(lambda: client.ask("GET", f"{base}/values/A1"), 50)),
            ("batchUpdate, 100 requests", seconds(lambda: client.ask(
                "POST", f"{base}:batchUpdate", {"requests": [formatted] * 100}), 10)),
        ]  # fmt: skip
    for what, took in measures:
        print(f"{what:32} {took * 1000:9.3f} ms {1 / took:9.0f} a second   {took / floor:8.1f} x the floor")


if __name__ == "__main__":
    main()
