"""The quotas a minute, on the emulator's clock, and what Google says once they are used up."""

from datetime import UTC, datetime

import pytest

from tests.emulator.example import VALUES, Small, ask
from tests.google.clock import Clock
from tests.google.quotas import Limits, Quotas
from tests.google.wire import ApiError

START = datetime(2026, 11, 23, 8, 0, 20, tzinfo=UTC)  # 40 s before the next minute
READ, WRITE = "sheets.spreadsheets.values.get", "sheets.spreadsheets.values.update"


def quotas() -> tuple[Quotas, Clock]:
    clock = Clock(START)
    return Quotas(clock, unlimited=False), clock


def granted(counted: Quotas, method: str, user: str = "a@essai.example", most: int = 20_000) -> int:
    """How many requests are granted before the first refusal."""
    for number in range(most):
        try:
            counted.count(method, user)
        except ApiError:
            return number
    return most


def test_sixty_reads_and_sixty_writes_a_minute_for_a_user() -> None:
    counted, _ = quotas()
    assert (granted(counted, READ), granted(counted, WRITE)) == (60, 60)


def test_the_next_minute_of_the_clock_begins_anew() -> None:
    counted, clock = quotas()
    granted(counted, READ)
    clock.advance(39)
    assert granted(counted, READ) == 0
    clock.advance(1)
    assert granted(counted, READ) == 60


def test_a_project_has_three_hundred_whoever_asks() -> None:
    counted, _ = quotas()
    users = [f"{name}@essai.example" for name in "abcdef"]
    assert [granted(counted, READ, user) for user in users] == [60, 60, 60, 60, 60, 0]


@pytest.mark.parametrize(
    ("method", "kind"),
    [
        ("sheets.spreadsheets.get", "reads"),
        ("sheets.spreadsheets.getByDataFilter", "reads"),
        ("sheets.spreadsheets.values.batchGet", "reads"),
        ("sheets.spreadsheets.values.batchGetByDataFilter", "reads"),
        ("sheets.spreadsheets.developerMetadata.search", "reads"),
        ("sheets.spreadsheets.values.append", "writes"),
        ("sheets.spreadsheets.values.clear", "writes"),
        ("sheets.spreadsheets.sheets.copyTo", "writes"),
        ("sheets.spreadsheets.create", "writes"),
        ("drive.files.get", "drive"),
        ("drive.files.update", "drive"),
    ],
)
def test_each_method_counts_as_one_of_its_kind(method: str, kind: str) -> None:
    counted, _ = quotas()
    counted.count(method, "a@essai.example")
    assert counted.used(kind, "a@essai.example") == counted.used(kind) == 1


def test_google_says_which_quota_is_used_up() -> None:
    google = Small(no_quota=False, clock=Clock(START))
    google.quotas.limits = Limits(reads_by_user=1)
    assert ask(google).status == 200
    answer = ask(google)
    error = answer.json["error"]
    assert (answer.status, error["code"], error["status"]) == (429, 429, "RESOURCE_EXHAUSTED")
    assert error["message"].startswith(
        "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute per user' of service "
        "'sheets.googleapis.com' for consumer 'project_number:"
    )
    info = error["details"][0]
    assert (info["@type"], info["reason"]) == ("type.googleapis.com/google.rpc.ErrorInfo", "RATE_LIMIT_EXCEEDED")
    assert info["metadata"]["quota_limit"] == "ReadRequestsPerMinutePerUser"
    assert info["metadata"]["quota_limit_value"] == "1"
    assert answer.headers["Retry-After"] == "40"
    google.quotas.tells_when = False
    assert "Retry-After" not in ask(google).headers


def test_another_quota_user_has_a_share_of_its_own() -> None:
    google = Small(no_quota=False, clock=Clock(START))
    google.quotas.limits = Limits(reads_by_user=1)
    assert [ask(google, quotaUser=who).status for who in ("a", "a", "b")] == [200, 429, 200]


def test_a_request_that_is_refused_counts_all_the_same() -> None:
    google = Small(no_quota=False, clock=Clock(START))
    google.quotas.limits = Limits(reads_by_user=1)
    assert ask(google, majorDimension="DIAGONAL").status == 400
    assert ask(google).status == 429


def test_drive_has_a_quota_and_an_error_of_its_own() -> None:
    google = Small(no_quota=False, clock=Clock(START))
    google.quotas.limits = Limits(drive_by_user=1)
    ask(google, path="/drive/v3/files")
    answer = ask(google, path="/drive/v3/files")
    assert answer.status == 403
    assert answer.json == {
        "error": {
            "code": 403,
            "message": "User Rate Limit Exceeded",
            "errors": [
                {"message": "User Rate Limit Exceeded", "domain": "usageLimits", "reason": "userRateLimitExceeded"}
            ],
        }
    }
    assert Limits().drive_by_project == 12_000


def test_without_quota_nobody_is_kept_waiting() -> None:
    google = Small()
    assert {ask(google, "PUT", f"{VALUES}/A1", b'{"values": []}').status for _ in range(400)} == {200}
