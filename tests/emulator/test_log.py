"""What came and what was answered, as tests count it."""

from tests.emulator.example import VALUES, Small, ask


def test_requests_are_counted_by_method_and_by_user() -> None:
    google = Small()
    ask(google)
    ask(google, "PUT", f"{VALUES}/A1", b'{"values": []}')
    ask(google, path="/drive/v3/files")
    ask(google, path="/nothing")
    ask(google, "POST", "/token")
    patterns = {"*": 5, "sheets.*": 2, "*.update": 1, "drive.files.list": 1, "token": 1, "": 1}
    assert {pattern: google.count(pattern) for pattern in patterns} == patterns
    assert google.count("sheets.*", "robot@*") == 2
    assert google.count("sheets.*", "somebody@*") == 0
    assert len(google.log.of(status=404)) == 1
    google.log.clear()
    assert google.count() == 0
    ask(google)
    assert google.log[0].number == 6


def test_bytes_are_counted_both_ways() -> None:
    google = Small()
    body = b'{"values": [["a"]]}'
    answers = [ask(google, "PUT", f"{VALUES}/A1", body), ask(google)]
    assert google.log.received == len(body)
    assert google.log.sent == sum(len(answer.body) for answer in answers)


def test_a_log_can_be_read() -> None:
    google = Small()
    ask(google, majorDimension="COLUMNS")
    google.faults.add("dropped")
    ask(google, "PUT", f"{VALUES}/A1", b"{}")
    first, second = google.log.dump().splitlines()
    assert first.split()[:3] == ["1", "200", "sheets.spreadsheets.values.get"]
    assert first.endswith(f"GET {VALUES}/A1?majorDimension=COLUMNS")
    assert second.split()[:3] == ["2", "0", "sheets.spreadsheets.values.update"]
