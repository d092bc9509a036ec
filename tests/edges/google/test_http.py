"""What becomes of a request when Google is busy, down, silent or refuses: in virtual time, against the emulator."""

import contextlib
import json
import logging
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import formatdate
from pathlib import Path
from typing import Any

import gspread
import pytest
import requests
from google.oauth2.service_account import Credentials as ServiceAccount

from cdi_sync.edges.workbook_google.access import SCOPES, http_of, open_client
from cdi_sync.edges.workbook_google.http import (
    Addresses,
    Counts,
    Pace,
    Patience,
    RefusedError,
    TooLongError,
    UncertainError,
)
from cdi_sync.errors import ExitCode, RegistryError
from tests.google.clients import bearer
from tests.google.clock import Clock
from tests.google.faults import Kind
from tests.google.server import answering, serving
from tests.google.wire import Response, html_response, json_response
from tests.google.world import Google

START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
ROBOT = "robot@essai.example"
VALUES = {"valueInputOption": "RAW", "data": [{"range": "A1", "values": [["a"]]}]}
ADD = {"requests": [{"addSheet": {"properties": {"title": "Actes"}}}]}


@dataclass
class Run:
    """A Google stopped in time, a spreadsheet of the robot's, and a client whose waits move that time."""

    google: Google
    url: str
    waits: list[float] = field(default_factory=list)
    book: str = ""

    def __post_init__(self) -> None:
        self.book = self.google.act(ROBOT, "POST", "/v4/spreadsheets")["spreadsheetId"]

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.google.clock.advance(seconds)

    def now(self) -> float:
        return self.google.clock.now().timestamp()

    def pace(self, reads: float = 50, writes: float = 50, state: Path | None = None) -> Pace:
        return Pace(reads, writes, state=state, now=self.now, sleep=self.sleep)

    def client(
        self, patience: Patience | None = None, pace: Pace | None = None, *, chance: float = 0.5,
        credentials: Any = None,
    ) -> gspread.Client:  # fmt: skip
        return open_client(
            credentials or bearer(), addresses=Addresses(self.url, self.url), patience=patience,
            pace=pace or self.pace(1e6, 1e6), sleep=self.sleep, now=self.now, random=lambda: chance,
        )  # fmt: skip

    def read(self, client: gspread.Client) -> Any:
        return client.http_client.values_get(self.book, "A1")

    def value(self) -> Any:
        return self.google.act(ROBOT, "GET", f"/v4/spreadsheets/{self.book}/values/A1").get("values")

    def titles(self) -> list[str]:
        told = self.google.act(ROBOT, "GET", f"/v4/spreadsheets/{self.book}")
        return [sheet["properties"]["title"] for sheet in told["sheets"]]

    def minutes(self) -> float:
        return (self.google.clock.now() - START).total_seconds() / 60


@pytest.fixture
def run() -> Iterator[Run]:
    google = Google(any_token=True, no_quota=True, clock=Clock(START))
    with serving(google) as url:
        yield Run(google, url)


def told(error: RegistryError) -> str:
    return f"{error.what} {error.where} {error.why} {error.fix}"


# a write of each kind, and whether doing it twice comes to the same
def put(run: Run, client: gspread.Client) -> None:
    client.http_client.values_update(run.book, "A1", {"valueInputOption": "RAW"}, {"values": [["a"]]})


def many(run: Run, client: gspread.Client) -> None:
    client.http_client.values_batch_update(run.book, VALUES)


def clear(run: Run, client: gspread.Client) -> None:
    client.http_client.values_clear(run.book, "A1")


def batch_clear(run: Run, client: gspread.Client) -> None:
    client.http_client.values_batch_clear(run.book, body={"ranges": ["A1"]})


def append(run: Run, client: gspread.Client) -> None:
    client.http_client.values_append(run.book, "A1", {"valueInputOption": "RAW"}, {"values": [["a"]]})


def structure(run: Run, client: gspread.Client) -> None:
    client.http_client.batch_update(run.book, ADD)


def copy(run: Run, client: gspread.Client) -> None:
    client.http_client.spreadsheets_sheets_copy_to(run.book, 0, run.book)


Ask = Callable[[Run, gspread.Client], Any]
SAME_TWICE: list[Ask] = [put, many, clear, batch_clear]
ONCE: list[Ask] = [append, structure, copy]

# ----------------------------------------------------------------------------------------------- the good case


def test_all_that_gspread_asks_arrives_at_the_addresses_given_and_is_counted(run: Run) -> None:
    client = run.client()
    sheet = client.open_by_key(run.book).sheet1
    sheet.update([["a"]], "A1")
    assert sheet.acell("A1").value == "a"
    client.http_client.get_file_drive_metadata(run.book)
    assert http_of(client).counts == Counts(reads=3, writes=1, drive=1)
    assert run.waits == []


def test_reads_that_are_posted_count_as_reads(run: Run) -> None:
    client = run.client()
    base = f"https://sheets.googleapis.com/v4/spreadsheets/{run.book}"
    filters = {"dataFilters": [{"a1Range": "A1"}]}
    for end in (":getByDataFilter", "/values:batchGetByDataFilter", "/developerMetadata:search"):
        run.google.faults.add("dropped", after=True)
        client.http_client.request("post", base + end, json=filters)
    assert http_of(client).counts == Counts(reads=6, retries=3, waited=1.5)


# ----------------------------------------------------------------------------------------------- quotas


def test_a_run_that_is_refused_by_the_quota_waits_as_long_as_google_asks(run: Run) -> None:
    run.google.faults.add(429, times=2, headers={"Retry-After": "17"})
    client = run.client()
    run.read(client)
    assert run.waits == [17.5, 18.0]  # 17, and by chance half of 1 and 2
    assert http_of(client).counts == Counts(reads=3, retries=2, waited=35.5)


@pytest.mark.parametrize("told", ["Mon, 23 Nov 2020 08:00:20 GMT", "bientôt", "-5", "١٢", ""])
def test_an_answer_that_says_when_in_the_past_or_badly_is_as_one_that_does_not_say(run: Run, told: str) -> None:
    run.google.faults.add(429, headers={"Retry-After": told.encode().decode("latin-1")})
    run.read(run.client())
    assert run.waits == [1.0]  # half of 1, and by chance half of 1


def test_a_date_to_try_again_at_is_read_by_the_clock_of_the_server(run: Run) -> None:
    run.google.faults.add(429, headers={"Retry-After": formatdate(time.time() + 7200, usegmt=True)})
    run.read(run.client(Patience(budget=9000), chance=0))
    assert 3600 < run.waits[0] < 9000  # the emulator's server dates its answers by the real clock


@pytest.mark.parametrize("ask", [*SAME_TWICE, *ONCE])
def test_what_the_quota_refused_is_always_tried_again_and_applied_once(run: Run, ask: Ask) -> None:
    run.google.faults.add(429, times=3)
    ask(run, run.client())
    assert [entry.status for entry in run.google.log] == [429, 429, 429, 200]


def test_drives_way_of_refusing_for_the_quota_is_one_too(run: Run) -> None:
    run.google.faults.add(429, "drive.*")  # Drive answers a 403, userRateLimitExceeded
    client = run.client()
    client.http_client.get_file_drive_metadata(run.book)
    assert [entry.status for entry in run.google.log] == [403, 200]
    assert http_of(client).counts == Counts(drive=2, retries=1, waited=1.0)


@pytest.mark.parametrize("told", [{"Retry-After": "60"}, {}])
@pytest.mark.parametrize("chance", [0.0, 0.5, 0.999])
def test_five_minutes_of_429_are_survived_whether_google_says_how_long_or_not(
    run: Run, told: dict[str, str], chance: float
) -> None:
    over = START.timestamp() + 300
    run.google.faults.add(429, lambda _: run.now() < over, times=None, headers=told)
    run.read(run.client(chance=chance))
    assert 5 <= run.minutes() <= 7


@pytest.mark.parametrize("chance", [0.0, 0.5, 0.999])
def test_429_for_ever_ends_in_a_message_within_the_budget(run: Run, chance: float) -> None:
    run.google.faults.add(429, times=None)
    with pytest.raises(RegistryError) as stop:
        run.read(run.client(chance=chance))
    assert stop.value.exit_code == ExitCode.WORKBOOK
    assert stop.value.what == "Google limite le nombre de nos demandes."
    assert "429" in stop.value.why and "Quota exceeded" in stop.value.why
    assert f"{run.google.count()} essais" in stop.value.why
    assert "Attendre une minute" in stop.value.fix
    assert run.google.count() <= 20
    assert run.minutes() <= 7


def test_a_wait_that_the_budget_does_not_allow_is_not_begun(run: Run) -> None:
    run.google.faults.add(429, times=None, headers={"Retry-After": "3600"})
    with pytest.raises(RegistryError, match="limite"):
        run.read(run.client())
    assert run.waits == []


def test_the_budget_is_for_all_requests_of_a_run_together(run: Run) -> None:
    run.google.faults.add(429, lambda arrival: arrival.number % 2 == 1, times=None, headers={"Retry-After": "10"})
    client = run.client(Patience(budget=35), chance=0)
    done = 0
    with pytest.raises(RegistryError, match="limite"):
        while done < 10:
            run.read(client)
            done += 1
    assert (done, http_of(client).counts.waited) == (3, 30)


def test_waits_double_up_to_a_bound_and_are_drawn_from_nothing(run: Run) -> None:
    run.google.faults.add(503, times=None)
    with pytest.raises(RegistryError):
        run.read(run.client(Patience(attempts=9), chance=0.5))
    assert run.waits == [0.5, 1, 2, 4, 8, 16, 30, 30]


# ----------------------------------------------------------------------------------------------- failures


@pytest.mark.parametrize("kind", [500, 502, 503, "dropped", "truncated", "not JSON"])
def test_a_read_is_tried_again_whatever_befalls_it(run: Run, kind: Kind) -> None:
    run.google.faults.add(kind, times=3)
    client = run.client()
    assert run.read(client)["range"] == "Sheet1!A1"
    assert http_of(client).counts.retries == 3


@pytest.mark.parametrize("kind", [500, "dropped", "not JSON"])
@pytest.mark.parametrize("ask", SAME_TWICE)
def test_a_write_that_is_the_same_when_done_twice_is_tried_again(run: Run, kind: Kind, ask: Ask) -> None:
    run.google.faults.add(kind, times=2, after=True)
    client = run.client()
    ask(run, client)
    assert http_of(client).counts == Counts(writes=3, retries=2, waited=1.5)


@pytest.mark.parametrize("kind", [502, "dropped", "truncated", "not JSON"])
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("ask", ONCE)
def test_another_write_is_never_repeated_when_its_outcome_is_not_known(
    run: Run, kind: Kind, after: bool, ask: Ask
) -> None:
    run.google.faults.add(kind, times=1, after=after)
    client = run.client()
    with pytest.raises(UncertainError) as stop:
        ask(run, client)
    assert stop.value.exit_code == ExitCode.WORKBOOK
    assert stop.value.what == "On ne sait pas si Google a enregistré la dernière écriture."
    assert run.book in stop.value.where and stop.value.why
    assert "l'exécution suivante" in stop.value.fix
    assert (run.google.count(), http_of(client).counts.retries) == (1, 0)


def test_a_batch_update_marked_as_repeatable_is_tried_again(run: Run) -> None:
    run.google.faults.add("dropped", after=True)
    client = run.client()
    width = {"range": {"sheetId": 0, "dimension": "COLUMNS"}, "properties": {"pixelSize": 90}, "fields": "pixelSize"}
    with http_of(client).repeatable():
        client.http_client.batch_update(run.book, {"requests": [{"updateDimensionProperties": width}]})
    assert [entry.status for entry in run.google.log] == [0, 200]
    run.google.faults.add("dropped", after=True)
    with pytest.raises(UncertainError):  # the mark ends with its block
        client.http_client.batch_update(run.book, ADD)


@pytest.mark.parametrize("ask", [append, copy])
def test_the_mark_never_makes_an_append_or_a_copy_repeatable(run: Run, ask: Ask) -> None:
    run.google.faults.add("dropped", after=True)
    client = run.client()
    with http_of(client).repeatable(), pytest.raises(UncertainError):
        ask(run, client)
    assert run.google.count() == 1


def test_a_repeatable_write_that_never_gets_an_answer_is_uncertain_too(run: Run) -> None:
    run.google.faults.add("dropped", times=None)
    with pytest.raises(UncertainError, match="On ne sait pas"):
        put(run, run.client())


def test_a_write_that_only_the_quota_refused_is_not_uncertain(run: Run) -> None:
    run.google.faults.add(429, times=None)
    with pytest.raises(RegistryError) as stop:
        append(run, run.client())
    assert not isinstance(stop.value, UncertainError)


@pytest.mark.parametrize("ask", [put, append, structure])
def test_a_connection_that_cannot_be_opened_is_tried_again_even_for_what_is_done_once(run: Run, ask: Ask) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        run.url = f"http://127.0.0.1:{free.getsockname()[1]}"  # bound, and nobody listens
        client = run.client(Patience(attempts=3))
        with pytest.raises(RegistryError) as stop:
            ask(run, client)
    assert not isinstance(stop.value, UncertainError)
    assert stop.value.what == "Google ne peut pas être joint."
    assert "connexion à Internet" in stop.value.fix
    assert http_of(client).counts.retries == 2


def test_an_error_being_handled_by_the_caller_does_not_change_what_a_failure_means(run: Run) -> None:
    client = run.client()
    run.google.faults.add("dropped", after=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        try:
            requests.get(f"http://127.0.0.1:{free.getsockname()[1]}", timeout=5)
        except requests.ConnectionError:  # one that was never opened
            with pytest.raises(UncertainError):
                append(run, client)
    assert run.google.count() == 1


def test_a_server_that_never_answers_is_left_after_the_time_given(run: Run) -> None:
    enough = threading.Event()

    def silent(request: Any) -> Response:
        enough.wait(5)
        return json_response({})

    with answering(silent) as url:
        run.url = url
        client = run.client(Patience(read=0.05, attempts=2))
        with pytest.raises(RegistryError) as stop:
            run.read(client)
        enough.set()
    assert stop.value.what == "Google n'a pas répondu."
    assert "pas de réponse à temps" in stop.value.why


def test_the_time_lost_in_a_try_that_came_to_nothing_counts_in_the_budget(run: Run) -> None:
    def slow(request: Any) -> Response:
        run.google.clock.advance(60)
        return json_response({"error": {"code": 503, "message": "Unavailable"}}, 503)

    with answering(slow) as url:
        run.url = url
        with pytest.raises(RegistryError, match="en panne"):
            run.read(run.client(Patience(budget=150)))
    assert run.minutes() <= 4  # the budget, and the last try


def test_a_page_of_a_portal_is_told_as_such(run: Run) -> None:
    with answering(lambda request: html_response(200, "OK", "Identifiez-vous")) as url:
        run.url = url
        with pytest.raises(RegistryError) as stop:
            run.read(run.client())
    assert stop.value.what == "La réponse reçue n'est pas celle de Google."


# ----------------------------------------------------------------------------------------------- a whole run


def a_run(run: Run, client: gspread.Client) -> None:
    """Looks, then does what is missing: the order that all our writing to Google keeps."""
    http = client.http_client
    titles = [sheet["properties"]["title"] for sheet in http.fetch_sheet_metadata(run.book)["sheets"]]
    if "Actes" not in titles:
        http.batch_update(run.book, ADD)
    if "values" not in http.values_get(run.book, "Sheet1!A1:A9"):
        http.values_append(run.book, "Sheet1!A1", {"valueInputOption": "RAW"}, {"values": [["a"]]})
    many(run, client)
    http.get_file_drive_metadata(run.book)


REQUESTS = 6  # of such a run, when nothing fails


@pytest.mark.parametrize("number", range(1, REQUESTS + 1))
@pytest.mark.parametrize("after", [False, True])
def test_a_connection_dropped_at_each_request_in_turn_and_nothing_is_written_twice(
    run: Run, number: int, after: bool
) -> None:
    run.google.faults.add("dropped", skip=number - 1, after=after)
    with contextlib.suppress(UncertainError):
        a_run(run, run.client())
    a_run(run, run.client())
    assert sorted(run.titles()) == ["Actes", "Sheet1"]
    assert run.google.act(ROBOT, "GET", f"/v4/spreadsheets/{run.book}/values/Sheet1!A1:B9")["values"] == [["a"]]
    assert run.minutes() < 1


@pytest.mark.parametrize("seed", range(5))
def test_bursts_of_failures_end_a_run_or_stop_it_and_the_next_one_finishes(run: Run, seed: int) -> None:
    chance = random.Random(seed)
    run.google.faults.add(429, lambda _: chance.random() < 0.2, times=None)  # never once applied
    run.google.faults.at_random(seed, 0.3, [500, 503, "dropped"])
    with contextlib.suppress(RegistryError):
        a_run(run, run.client())
    assert run.minutes() < 8
    run.google.faults.clear()
    a_run(run, run.client())
    assert sorted(run.titles()) == ["Actes", "Sheet1"]
    assert run.google.act(ROBOT, "GET", f"/v4/spreadsheets/{run.book}/values/Sheet1!A1:B9")["values"] == [["a"]]


# ----------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("answer", "what", "fix"),
    [
        ((403, "The caller does not have permission"), "n'a pas accès au classeur", "« Partager », et donner à"),
        ((404, "Requested entity was not found."), "introuvable", "identifiant du classeur"),
        ((400, "Invalid JSON payload"), "refuse une demande du logiciel", "défaut du logiciel"),
        ((400, "This operation is not supported for this document"), "fichier Excel", "Enregistrer au format"),
        ((400, "You are trying to edit a protected cell or object."), "interdite au robot", "plages protégées"),
        ((403, "Sheets API has not been used", "SERVICE_DISABLED"), "n'a pas ouvert ce service", "activer"),
        ((403, "insufficient scopes", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"), "n'a pas le droit", "compte de service"),
        ((501, "not implemented"), "refuse une demande du logiciel", "défaut du logiciel"),
    ],
)
def test_a_refusal_says_what_why_and_how_to_mend_it_at_once(
    run: Run, answer: tuple[Any, ...], what: str, fix: str
) -> None:
    status, message, *reason = answer
    details = [{"reason": reason[0]}] if reason else []
    error = {"code": status, "message": message, "details": details}
    with answering(lambda _: json_response({"error": error}, status)) as url:
        run.url = url
        with pytest.raises(RefusedError) as stop:
            run.read(run.client())
    assert (what in stop.value.what, fix in stop.value.fix) == (True, True), told(stop.value)
    assert stop.value.why == f"Google répond {status} : {message}"
    assert stop.value.where == f"https://docs.google.com/spreadsheets/d/{run.book}"
    assert (stop.value.status, stop.value.said) == (status, message)
    assert run.waits == []


def test_a_full_drive_is_not_taken_for_a_quota_of_requests(run: Run) -> None:
    error = {"code": 403, "message": "full", "errors": [{"domain": "usageLimits", "reason": "storageQuotaExceeded"}]}
    with answering(lambda _: json_response({"error": error}, 403)) as url:
        run.url = url
        with pytest.raises(RefusedError):
            run.client().http_client.get_file_drive_metadata(run.book)
    assert run.waits == []


def test_a_page_of_an_error_is_not_shown(run: Run) -> None:
    with answering(lambda _: html_response(404, "Not Found", "<b>rien</b>")) as url:
        run.url = url
        with pytest.raises(RefusedError) as stop:
            run.read(run.client())
    assert stop.value.why == "Google répond 404 : sans explication"


# ----------------------------------------------------------------------------------------------- tokens


@pytest.fixture(scope="module")
def key() -> dict[str, str]:
    return Google().tokens.new_service_account(ROBOT, "")


@pytest.fixture
def with_key(key: dict[str, str]) -> Iterator[tuple[Run, Any]]:
    """A Google that knows one robot, whose tokens last an hour of its clock, and the robot's credentials."""
    google = Google(no_quota=True)  # google-auth signs by the real clock
    google.tokens.register(key)
    with serving(google) as url:
        info = {**key, "token_uri": f"{url}/token"}
        made = ServiceAccount.from_service_account_info(info, scopes=SCOPES)  # type: ignore[no-untyped-call]
        yield Run(google, url), made


def test_a_token_that_expires_in_the_middle_of_a_run_is_replaced(with_key: tuple[Run, Any]) -> None:
    run, credentials = with_key
    client = run.client(credentials=credentials)
    run.read(client)
    run.google.clock.advance(3601)
    structure(run, client)
    client.http_client.get_file_drive_metadata(run.book)
    assert sorted(run.titles()) == ["Actes", "Sheet1"]
    assert [entry.status for entry in run.google.log.of("sheets.*")] == [200, 401, 200]
    assert run.waits == []


@pytest.mark.parametrize("kind", [500, 503, "dropped"])
@pytest.mark.parametrize("ask", [put, append])
def test_a_token_that_cannot_be_had_now_is_asked_again_even_for_what_is_done_once(
    with_key: tuple[Run, Any], kind: Kind, ask: Ask
) -> None:
    run, credentials = with_key
    run.google.faults.add(kind, "token", times=2)
    ask(run, run.client(credentials=credentials))
    assert run.value() == [["a"]]
    assert run.waits == [0.5, 1.0]  # ours: google-auth would sleep by itself


@pytest.mark.parametrize("kind", [503, "dropped"])
def test_tokens_that_can_never_be_had_end_in_a_message(with_key: tuple[Run, Any], kind: Kind) -> None:
    run, credentials = with_key
    run.google.faults.add(kind, "token", times=None)
    with pytest.raises(RegistryError) as stop:
        append(run, run.client(credentials=credentials))
    assert not isinstance(stop.value, UncertainError)
    assert stop.value.fix


def test_a_token_that_google_refuses_for_ever_stops_the_run(with_key: tuple[Run, Any]) -> None:
    run, credentials = with_key
    run.google.faults.add(401, "sheets.*", times=None)
    with pytest.raises(RefusedError) as stop:
        run.read(run.client(credentials=credentials))
    assert stop.value.what == "Google ne reconnaît pas le robot."
    assert "nouvelle clé" in stop.value.fix
    assert run.waits == []


def test_a_robot_that_google_no_longer_knows_stops_the_run_at_once(
    with_key: tuple[Run, Any], key: dict[str, str]
) -> None:
    run, _ = with_key
    info = {**key, "client_email": "parti@essai.example", "token_uri": f"{run.url}/token"}
    gone = ServiceAccount.from_service_account_info(info, scopes=SCOPES)  # type: ignore[no-untyped-call]
    with pytest.raises(RegistryError) as stop:
        run.read(run.client(credentials=gone))
    assert stop.value.what == "Google refuse l'identité du robot."
    assert stop.value.where == "parti@essai.example"
    assert "account not found" in stop.value.why
    assert "nouvelle clé" in stop.value.fix
    assert info["private_key"][40:80] not in told(stop.value)
    assert run.waits == []


def test_a_clock_that_is_wrong_is_told_as_such(with_key: tuple[Run, Any]) -> None:
    run, credentials = with_key
    run.google.clock.advance(-7200)
    with pytest.raises(RegistryError) as stop:
        run.read(run.client(credentials=credentials))
    assert stop.value.fix == "Mettre ce poste à l'heure, puis relancer."


def test_the_message_of_a_spreadsheet_that_is_not_shared_names_the_robot(with_key: tuple[Run, Any]) -> None:
    run, credentials = with_key
    run.book = run.google.act("amina@essai.example", "POST", "/v4/spreadsheets")["spreadsheetId"]
    with pytest.raises(RefusedError) as stop:
        run.read(run.client(credentials=credentials))
    assert stop.value.status == 403
    assert f"donner à {ROBOT} le rôle d'éditeur" in stop.value.fix


# ----------------------------------------------------------------------------------------------- the pace


def test_no_minute_sees_more_than_google_allows_wherever_it_begins(run: Run) -> None:
    taken = []
    pace = run.pace()
    for _ in range(300):
        pace.take("reads")
        taken.append(run.now())
    most = max(sum(1 for other in taken if moment <= other < moment + 60) for moment in taken)
    assert 55 <= most <= 60
    assert run.minutes() == pytest.approx(290 / 50, abs=0.05)  # ten were there, fifty come in each minute


def test_two_hundred_requests_are_never_refused_by_the_quota(run: Run) -> None:
    run.google.quotas.unlimited = False
    client = run.client(pace=run.pace())
    for _ in range(200):
        run.read(client)
    assert run.google.log.of(status=429) == []


def test_a_short_run_never_waits(run: Run) -> None:
    a_run(run, run.client(pace=run.pace()))
    assert run.waits == []


def test_reads_and_writes_have_each_their_bucket_and_drive_none(run: Run) -> None:
    client = run.client(pace=run.pace())
    for _ in range(10):
        run.read(client)
        put(run, client)
    for _ in range(20):
        client.http_client.get_file_drive_metadata(run.book)
    assert run.waits == []
    put(run, client)
    assert run.waits == [pytest.approx(1.2)]


def test_a_run_that_asks_too_much_stops_within_its_budget(run: Run) -> None:
    client = run.client(Patience(budget=60), pace=run.pace())
    with pytest.raises(RegistryError) as stop:
        for _ in range(1000):
            run.read(client)
    assert stop.value.what == "Trop de demandes à Google pour une seule exécution."
    assert run.minutes() <= 1
    assert run.google.count() == pytest.approx(60, abs=1)


def test_jobs_that_share_a_state_file_share_the_pace(run: Run, tmp_path: Path) -> None:
    state = tmp_path / "rythme.json"
    first, second = run.pace(state=state), run.pace(state=state)
    for _ in range(5):
        first.take("reads")
        second.take("reads")
    assert run.waits == []
    second.take("reads")
    assert run.waits == [pytest.approx(1.2)]


def test_threads_that_share_a_state_file_take_no_more_than_there_is(tmp_path: Path) -> None:
    state, taken = tmp_path / "rythme.json", []

    def take() -> None:
        pace = Pace(state=state, now=lambda: 1000.0, sleep=lambda _: None)
        with contextlib.suppress(TooLongError):
            while True:
                pace.take("writes", at_most=0)
                taken.append(1)

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 10


@pytest.mark.parametrize(
    "damaged",
    ["", "{", "[]", "null", "3", '{"reads": 3}', '{"reads": ["a", 1]}', '{"reads": [NaN, 0], "writes": [0, Infinity]}',
     '{"reads": [0, 1e99], "writes": [0, 1e99]}', '{"reads": [-5, 0], "writes": [-1, 0]}', "[" * 4000, "\x00" * 9000],
)  # fmt: skip
def test_a_state_that_is_damaged_or_of_the_future_is_begun_anew(run: Run, tmp_path: Path, damaged: str) -> None:
    state = tmp_path / "rythme.json"
    state.write_text(damaged, encoding="utf-8")
    pace = run.pace(state=state)
    for kind in ("reads", "writes"):
        for _ in range(10):
            pace.take(kind)
    assert run.waits == []
    pace.take("reads")
    assert run.waits == [pytest.approx(1.2)]
    assert set(json.loads(state.read_text(encoding="utf-8"))) == {"reads", "writes"}


def test_bytes_that_are_no_text_are_a_damaged_state_too(run: Run, tmp_path: Path) -> None:
    state = tmp_path / "rythme.json"
    state.write_bytes(b"\xff\xfe\x00")
    run.pace(state=state).take("reads")
    assert run.waits == []


def test_a_state_that_cannot_be_written_never_stops_a_run(
    run: Run, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pace = run.pace(state=tmp_path)  # a folder
    for _ in range(11):
        pace.take("reads")
    assert run.waits == [pytest.approx(1.2)]  # the pace is kept all the same
    assert len([record for record in caplog.records if record.levelno == logging.WARNING]) == 1


# ----------------------------------------------------------------------------------------------- the log


def test_requests_are_logged_without_what_they_carry(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "cdi.google")
    client = run.client()
    run.google.faults.add(503)
    client.http_client.values_update(run.book, "A1", {"valueInputOption": "RAW"}, {"values": [["Samira"]]})
    client.http_client.values_batch_get(run.book, ["A1"])
    client.http_client.batch_update(run.book, ADD)
    client.http_client.get_file_drive_metadata(run.book)
    lines = [record.getMessage() for record in caplog.records if record.name == "cdi.google"]
    assert lines == [
        "PUT values: 503", "PUT values: 200", "GET values: 200", "POST spreadsheets:batchUpdate: 200", "GET drive: 200",
    ]  # fmt: skip


def test_a_long_wait_is_told_to_who_watches(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "cdi.google")
    run.google.faults.add(429, headers={"Retry-After": "30"})
    run.read(run.client())
    assert [record.getMessage()[:24] for record in caplog.records] == ["Nouvel essai dans 30 s ("]
