"""Faults on demand: before or after a request is applied, for whom and how often a test wants."""

import time

import pytest
import requests

from tests.emulator.example import BOOK, VALUES, Small, ask
from tests.google.clients import gspread_client
from tests.google.faults import Kind
from tests.google.server import serving

BODY = b'{"values": [["a"]]}'


def put(google: Small) -> int:
    return ask(google, "PUT", f"{VALUES}/A1", BODY).status


@pytest.mark.parametrize("kind", [401, 403, 404, 429, 500, 503])
def test_a_status_in_the_form_of_google(kind: Kind) -> None:
    google = Small()
    google.faults.add(kind)
    answer = ask(google)
    assert (answer.status, answer.json["error"]["code"]) == (kind, kind)
    assert answer.json["error"]["status"]
    assert ask(google).status == 200


@pytest.mark.parametrize("kind", [403, 404, 500])
def test_drive_tells_the_same_with_its_list_of_errors(kind: Kind) -> None:
    google = Small()
    google.faults.add(kind)
    assert "errors" in ask(google, path="/drive/v3/files").json["error"]


def test_a_gateway_that_fails_answers_a_page() -> None:
    google = Small()
    google.faults.add(502)
    answer = ask(google)
    assert (answer.status, answer.body[:15]) == (502, b"<!DOCTYPE html>")


@pytest.mark.parametrize(("after", "kept"), [(False, []), (True, [["a"]])])
def test_a_change_is_applied_before_the_fault_or_never(after: bool, kept: list[list[str]]) -> None:
    google = Small()
    google.faults.add(503, after=after)
    assert (put(google), google.values) == (503, kept)


@pytest.mark.parametrize("after", [False, True])
def test_a_request_that_is_never_answered(after: bool) -> None:
    google = Small()
    google.faults.add("dropped", after=after)
    with serving(google) as url:
        headers = {"Authorization": "Bearer essai"}
        with pytest.raises(requests.ConnectionError):
            requests.put(f"{url}{VALUES}/A1", BODY, headers=headers, timeout=5)
        assert google.values == ([["a"]] if after else [])
        assert requests.get(f"{url}{VALUES}/A1", headers=headers, timeout=5).ok


def test_half_an_answer() -> None:
    google = Small()
    google.faults.add("truncated")
    with serving(google) as url, pytest.raises(requests.RequestException):
        gspread_client(url).http_client.values_get(BOOK, "A1")


def test_an_answer_that_is_not_json() -> None:
    google = Small()
    google.faults.add("not JSON")
    with serving(google) as url, pytest.raises(requests.JSONDecodeError):
        gspread_client(url).http_client.values_get(BOOK, "A1")


def test_a_late_answer_lets_others_through_meanwhile() -> None:
    google = Small()
    google.faults.add("delayed", seconds=0.5)
    with serving(google) as url:
        headers = {"Authorization": "Bearer essai"}
        with pytest.raises(requests.ReadTimeout):
            requests.put(f"{url}{VALUES}/A1", BODY, headers=headers, timeout=(5, 0.1))
        start = time.perf_counter()
        assert requests.get(f"{url}{VALUES}/A1", headers=headers, timeout=5).json()["values"] == [["a"]]
        assert time.perf_counter() - start < 0.3


def test_only_the_requests_meant_are_struck() -> None:
    google = Small()
    google.faults.add(500, "*.values.update", times=2, skip=1)
    statuses = [put(google), ask(google).status, put(google), put(google), put(google)]
    assert statuses == [200, 200, 500, 500, 200]
    google.faults.add(500, 7)
    google.faults.add(503, lambda arrival: arrival.request.one("majorDimension") == "ROWS", times=None)
    google.faults.add(404, path="/drive/")
    assert ask(google).status == 200
    assert ask(google).status == 500  # the seventh
    assert [ask(google, majorDimension="ROWS").status for _ in range(2)] == [503, 503]
    assert ask(google).status == 200
    google.faults.clear()
    assert ask(google, majorDimension="ROWS").status == 200


def test_a_fault_may_say_when_to_come_back() -> None:
    google = Small()
    google.faults.add(429, headers={"Retry-After": "7"})
    assert ask(google).headers["Retry-After"] == "7"


def test_faults_by_chance_are_the_same_for_a_seed() -> None:
    def statuses(seed: int) -> list[int]:
        google = Small()
        google.faults.at_random(seed, 0.3, [500, 503, "dropped"])
        return [put(google) for _ in range(200)]

    assert statuses(1) == statuses(1) != statuses(2)
    assert set(statuses(1)) == {200, 500, 503, 0}
    google = Small()
    google.faults.at_random(1, 1, [503])
    applied = []
    for _ in range(20):
        google.values.clear()
        applied.append((put(google), len(google.values)))
    assert set(applied) == {(503, 0), (503, 1)}
    assert 30 < sum(status != 200 for status in statuses(1)) < 90
