"""People act between two requests of the program, through the methods of the API, uncounted."""

import json
from typing import Any, cast

import pytest

from tests.emulator.example import HANDLERS, VALUES, Small, ask
from tests.google.call import Call, Json
from tests.google.sheets.spreadsheet import Cell, Sheet, Spreadsheet
from tests.google.staff import PERSON, People
from tests.google.wire import ApiError

BOOK = "1essai"


def small() -> tuple[Small, list[tuple[str, str, Json]]]:
    """An emulator, and the changes that people ask of it: who, what, and how."""
    asked: list[tuple[str, str, Json]] = []

    def noted(call: Call) -> Json:
        asked.append((call.user, call.method.rpartition(".")[2], {**call.parameters, **call.body}))
        return {} if call.method not in HANDLERS else cast(Json, HANDLERS[call.method](call))

    names = ("batchUpdate", "values.update", "values.clear")
    google = Small(handlers={**HANDLERS, **{f"sheets.spreadsheets.{name}": noted for name in names}})
    rows = [(Cell("a"), Cell("b")), (Cell("c"),)]
    properties = {"sheetId": 7, "title": "L'état", "gridProperties": {"rowCount": 9, "columnCount": 9}}
    google.spreadsheets[BOOK] = Spreadsheet(BOOK, {"title": "Suivi", "locale": "fr_FR"}, [Sheet(properties, rows)])
    return google, asked


def test_somebody_types_just_before_the_next_read() -> None:
    google, asked = small()
    google.staff.then(lambda people: people.type(BOOK, "Feuille!B2", "oui"), before="*.values.get")
    ask(google, "PUT", f"{VALUES}/A1", b'{"values": [["x"]]}')
    assert google.values == [["x"]]
    assert ask(google).json["values"] == [["oui"]]
    ask(google)
    assert [(who, method, said["range"]) for who, method, said in asked] == [
        ("robot@essai.example", "update", "A1"),
        (PERSON, "update", "Feuille!B2"),
    ]


def test_people_act_before_or_after_a_request_as_often_as_asked() -> None:
    google, asked = small()
    google.staff.then(lambda people: people.type(BOOK, "A1", "2"), after=2, user="karim@essai.example")
    google.staff.then(lambda people: people.type(BOOK, "A1", "3"), before=lambda arrival: arrival.number > 2, times=2)
    seen = [ask(google).json.get("values") for _ in range(5)]
    assert seen == [None, None, [["3"]], [["3"]], [["3"]]]
    assert [(who, said["values"]) for who, _, said in asked] == [
        ("karim@essai.example", [["2"]]), (PERSON, [["3"]]), (PERSON, [["3"]]),
    ]  # fmt: skip
    google.staff.then(lambda people: people.type(BOOK, "A1", "4"), before="*", times=None)
    google.staff.leave()
    assert ask(google).json["values"] == [["3"]]
    with pytest.raises(ValueError, match="either"):
        google.staff.then(lambda people: None)


def test_people_are_neither_counted_nor_logged_nor_struck_by_faults() -> None:
    google, _ = small()
    google.quotas.unlimited = False
    google.quotas.limits.writes_by_user = 0
    google.faults.add(500, "*.update", times=None)
    google.staff.now().type(BOOK, "A1", "a")
    assert (google.count(), google.values, google.quotas.used("writes")) == (0, [["a"]], 0)


def test_the_robot_shares_its_spreadsheet_with_them_once() -> None:
    google, _ = small()
    shared: list[tuple[str, Json]] = []

    def share(call: Call) -> Json:
        shared.append((call.user, call.body))
        return {}

    google.handlers = {**google.handlers, "drive.permissions.create": share}
    for user in (PERSON, PERSON, "robot@essai.example"):
        google.staff.now(user).type(BOOK, "A1", "a")
    assert shared == [("robot@essai.example", {"type": "user", "role": "writer", "emailAddress": PERSON})]


def test_a_refusal_reaches_the_test() -> None:
    google, _ = small()
    with pytest.raises(ApiError, match='Unknown name "paint"'):
        google.staff.now().batch(BOOK, {"paint": {}})
    with pytest.raises(LookupError, match="Autre"):
        google.staff.now().delete_sheet(BOOK, "Autre")


ROWS = {"sheetId": 7, "dimension": "ROWS"}
COLUMNS = {"sheetId": 7, "dimension": "COLUMNS"}


@pytest.mark.parametrize(
    ("act", "request_"),
    [
        (
            lambda p: p.insert_rows(BOOK, "L'état", 1, 2),
            {"insertDimension": {"range": {**ROWS, "startIndex": 0, "endIndex": 2}, "inheritFromBefore": False}},
        ),
        (
            lambda p: p.insert_columns(BOOK, "L'état", 3),
            {"insertDimension": {"range": {**COLUMNS, "startIndex": 2, "endIndex": 3}, "inheritFromBefore": True}},
        ),
        (
            lambda p: p.delete_rows(BOOK, "L'état", 4),
            {"deleteDimension": {"range": {**ROWS, "startIndex": 3, "endIndex": 4}}},
        ),
        (
            lambda p: p.delete_columns(BOOK, "L'état", 1, 3),
            {"deleteDimension": {"range": {**COLUMNS, "startIndex": 0, "endIndex": 3}}},
        ),
        (
            lambda p: p.move_rows(BOOK, "L'état", 2, 5, 2),
            {"moveDimension": {"source": {**ROWS, "startIndex": 1, "endIndex": 3}, "destinationIndex": 4}},
        ),
        (
            lambda p: p.move_columns(BOOK, "L'état", 2, 1),
            {"moveDimension": {"source": {**COLUMNS, "startIndex": 1, "endIndex": 2}, "destinationIndex": 0}},
        ),
        (
            lambda p: p.sort(BOOK, "L'état", 2, descending=True),
            {
                "sortRange": {
                    "range": {"sheetId": 7, "startRowIndex": 1},
                    "sortSpecs": [{"dimensionIndex": 1, "sortOrder": "DESCENDING"}],
                }
            },
        ),
        (
            lambda p: p.rename_sheet(BOOK, "L'état", "Etat"),
            {"updateSheetProperties": {"properties": {"sheetId": 7, "title": "Etat"}, "fields": "title"}},
        ),
        (lambda p: p.delete_sheet(BOOK, "L'état"), {"deleteSheet": {"sheetId": 7}}),
    ],
)
def test_what_people_do_is_a_request_of_the_api(act: Any, request_: Json) -> None:
    google, asked = small()
    act(google.staff.now())
    assert asked == [(PERSON, "batchUpdate", {"spreadsheetId": BOOK, "requests": [request_]})]


def test_people_empty_cells() -> None:
    google, asked = small()
    google.staff.now().clear(BOOK, "L'état!A1:B2")
    assert asked == [(PERSON, "clear", {"spreadsheetId": BOOK, "range": "L'état!A1:B2"})]


def test_edits_by_chance_are_the_same_for_a_seed_and_told_in_words() -> None:
    def done(seed: int) -> tuple[list[str], str]:
        google, asked = small()
        google.staff.at_random(seed, 0.5, BOOK, before="*.get")
        for _ in range(60):
            ask(google)
        assert len(asked) == len(google.staff.done)
        return google.staff.done, json.dumps(asked)

    edits, asked = done(1)
    assert (edits, asked) == done(1) != done(2)
    assert 15 < len(edits) < 45
    assert len({edit.split()[0] for edit in edits}) == 6  # types, clears, inserts, deletes, moves, sorts
    assert People(small()[0]).sheet_id(BOOK, "l'état") == 7
