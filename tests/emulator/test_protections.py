"""Protected ranges: how they are kept, who may change them, and what they forbid to others."""

from typing import Any

import pytest

from tests.emulator.book_client import BookClient, area
from tests.google.drive.files import Permission
from tests.google.sheets.areas import parse_a1
from tests.google.sheets.requests.protection import PROTECTED, as_seen, refuse_protected
from tests.google.tokens import ROBOT
from tests.google.wire import ApiError

AMINA, KARIM = "amina@essai.example", "karim@essai.example"
SQUARE = {"startRowIndex": 0, "endRowIndex": 2, "startColumnIndex": 0, "endColumnIndex": 2}


class Shared(BookClient):
    """A spreadsheet of the robot's, that Amina and Karim may write in."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for who in (AMINA, KARIM):
            self.google.drive.files[self.id].grant(Permission("user", "writer", who))
        self.batch({"addSheet": {"properties": {"sheetId": 7, "title": "Suivi"}}})

    def by(self, user: str, *requests: Any) -> Any:
        """batchUpdate by somebody: its replies, or what its error says."""
        try:
            path = f"/v4/spreadsheets/{self.id}:batchUpdate"
            return self.google.act(user, "POST", path, {"requests": list(requests)})["replies"]
        except ApiError as error:
            return error.message

    def protect(self, **given: Any) -> Any:
        """addProtectedRange: the protected range of the reply, or what the error says."""
        answer = self.batch({"addProtectedRange": {"protectedRange": given}})
        return answer if isinstance(answer, str) else answer[0]["addProtectedRange"]["protectedRange"]

    def protections(self) -> Any:
        return [each for sheet in self.get(fields="sheets.protectedRanges")["sheets"]
                for each in sheet.get("protectedRanges", [])]  # fmt: skip


@pytest.fixture
def book() -> Shared:
    return Shared()


# ----------------------------------------------------------------------------------------------------- how they are kept


def test_the_reply_tells_the_editors_asked_for_and_a_read_those_who_are(book: Shared) -> None:
    nobody: dict[str, Any] = {"users": [], "groups": []}
    added = book.protect(range=area(0, 2, 0, 2), description=None, warningOnly=False, requestingUserCanEdit=False,
                         editors=nobody)  # fmt: skip
    id_ = added["protectedRangeId"]
    assert added == {"protectedRangeId": id_, "range": SQUARE, "requestingUserCanEdit": True, "editors": {}}
    assert book.protections() == [{**added, "editors": {"users": [ROBOT]}}]


def test_without_editors_it_is_for_all_who_may_write(book: Shared) -> None:
    book.protect(range=area(0, 2, 0, 2))
    assert book.protections()[0]["editors"]["users"] == [ROBOT, AMINA, KARIM]


def test_a_whole_sheet_with_holes(book: Shared) -> None:
    added = book.protect(range={"sheetId": 7}, unprotectedRanges=[area(0, 1, 0, 1, 7)], protectedRangeId=12)
    assert (added["protectedRangeId"], added["range"]) == (12, {"sheetId": 7})
    assert added["unprotectedRanges"] == [{"sheetId": 7, "startRowIndex": 0, "endRowIndex": 1,
                                           "startColumnIndex": 0, "endColumnIndex": 1}]  # fmt: skip
    assert "already exists" in book.protect(range={"sheetId": 0}, protectedRangeId=12)
    assert "only supported on protected sheets" in book.protect(range=SQUARE, unprotectedRanges=[SQUARE])


def test_what_protects_nothing_or_twice_is_refused(book: Shared) -> None:
    assert book.protect() == "Invalid requests[0].addProtectedRange: One of range, namedRangeId or tableId must be set."
    assert "Only one of range and namedRangeId may be set." in book.protect(range=SQUARE, namedRangeId="4")
    assert "No NamedRange with id: 4" in book.protect(namedRangeId="4")
    assert "No grid with id: 9" in book.protect(range={"sheetId": 9})


def test_a_warning_has_no_editors(book: Shared) -> None:
    assert book.protect(range=SQUARE, warningOnly=True, editors={"users": [AMINA]}) == (
        "Invalid requests[0].addProtectedRange: ProtectedRange is warningOnly. Editors cannot be set on it."
    )
    assert book.protect(range=SQUARE, warningOnly=True)["warningOnly"] is True


def test_an_update_changes_what_its_mask_names(book: Shared) -> None:
    book.protect(range=SQUARE, protectedRangeId=12, editors={"users": []}, description="Avant")
    new = {"protectedRangeId": 12, "description": "Après", "range": {"sheetId": 7}, "editors": {"users": [AMINA]}}
    assert book.batch({"updateProtectedRange": {"protectedRange": new, "fields": "description"}}) == [{}]
    assert book.protections()[0] == {"protectedRangeId": 12, "range": SQUARE, "description": "Après",
                                     "requestingUserCanEdit": True, "editors": {"users": [ROBOT]}}  # fmt: skip
    assert book.batch({"updateProtectedRange": {"protectedRange": new, "fields": "editors,range"}}) == [{}]
    assert book.protections()[0]["range"] == {"sheetId": 7}
    assert book.protections()[0]["editors"] == {"users": [AMINA, ROBOT]}


def test_a_warning_made_a_protection_is_for_all_who_may_write(book: Shared) -> None:
    book.protect(range=SQUARE, protectedRangeId=12, warningOnly=True, editors={})
    assert book.protections()[0]["editors"]["users"] == [ROBOT]
    book.batch({"updateProtectedRange": {"protectedRange": {"protectedRangeId": 12}, "fields": "warningOnly"}})
    assert "warningOnly" not in book.protections()[0]
    assert book.protections()[0]["editors"]["users"] == [ROBOT, AMINA, KARIM]


def test_what_isnt_there_is_neither_changed_nor_deleted(book: Shared) -> None:
    gone = "No protected range with id: 12"
    assert book.batch({"deleteProtectedRange": {"protectedRangeId": 12}}) == (
        f"Invalid requests[0].deleteProtectedRange: {gone}"
    )
    assert gone in book.batch({"updateProtectedRange": {"protectedRange": {"protectedRangeId": 12}, "fields": "*"}})


def test_a_failed_batch_changes_nothing(book: Shared) -> None:
    answer = book.batch({"addProtectedRange": {"protectedRange": {"range": SQUARE}}}, {"deleteSheet": {"sheetId": 9}})
    assert answer.startswith("Invalid requests[1].deleteSheet:")
    assert book.protections() == []


# ----------------------------------------------------------------------------------------------------- what they forbid

ERASE = {"repeatCell": {"range": area(1, 3, 1, 2), "cell": {}, "fields": "userEnteredValue"}}
REFUSED: list[dict[str, Any]] = [
    ERASE,
    {"updateCells": {"start": {}, "rows": [{"values": [{}]}], "fields": "note"}},
    {"copyPaste": {"source": area(5, 7, 5, 7), "destination": area(1, 2, 1, 2), "pasteType": "PASTE_NORMAL"}},
    {"cutPaste": {"source": area(0, 1, 0, 1), "destination": {"rowIndex": 9}, "pasteType": "PASTE_NORMAL"}},
    {"autoFill": {"sourceAndDestination": {"source": area(2, 3, 0, 1), "dimension": "ROWS", "fillLength": -1}}},
    {"findReplace": {"find": "sec", "replacement": "x", "allSheets": True}},
    {"pasteData": {"data": "a\tb", "delimiter": "\t", "coordinate": {"rowIndex": 1}}},
    {"mergeCells": {"range": area(0, 2, 0, 2), "mergeType": "MERGE_ALL"}},
    {"deleteDimension": {"range": {"dimension": "ROWS", "startIndex": 1, "endIndex": 2}}},
    {"insertDimension": {"range": {"dimension": "ROWS", "startIndex": 1, "endIndex": 2}}},
    {"deleteRange": {"range": area(0, 1, 0, 1), "shiftDimension": "ROWS"}},
    {"deleteSheet": {"sheetId": 0}},
]
ALLOWED: list[dict[str, Any]] = [
    {"repeatCell": {"range": area(2, 3, 0, 9), "cell": {"note": "Libre"}, "fields": "note"}},
    {"updateCells": {"start": {"columnIndex": 2}, "rows": [{"values": [{"note": "Libre"}]}], "fields": "note"}},
    {"insertDimension": {"range": {"dimension": "ROWS", "startIndex": 0, "endIndex": 1}}},
    {"addSheet": {"properties": {"title": "À moi"}}},
]


@pytest.mark.parametrize("request_", REFUSED, ids=[next(iter(each)) for each in REFUSED])
def test_others_write_nothing_where_it_is_protected(book: Shared, request_: Any) -> None:
    book.write(["secret", "x"])
    book.protect(range=SQUARE, editors={"users": [KARIM]})
    kind = next(iter(request_))
    assert book.by(AMINA, request_) == f"Invalid requests[0].{kind}: {PROTECTED}"


@pytest.mark.parametrize("request_", ALLOWED, ids=[next(iter(each)) for each in ALLOWED])
def test_they_write_elsewhere(book: Shared, request_: Any) -> None:
    book.protect(range=SQUARE, editors={"users": [KARIM]})
    assert isinstance(book.by(AMINA, request_), list)


def test_editors_and_the_owner_write_there(book: Shared) -> None:
    book.protect(range=SQUARE, editors={"users": [KARIM.upper()]})
    for user in (KARIM, ROBOT):
        assert book.by(user, ERASE) == [{}]


def test_a_warning_stops_nobody(book: Shared) -> None:
    book.protect(range=SQUARE, warningOnly=True)
    assert book.by(AMINA, ERASE) == [{}]


def test_a_whole_sheet_is_closed_but_for_its_holes(book: Shared) -> None:
    holes = [area(0, 2, 0, 1, 7), area(0, 2, 1, 3, 7)]
    book.protect(range={"sheetId": 7}, unprotectedRanges=holes, editors={"users": []})
    note = {"cell": {"note": "Ici"}, "fields": "note"}
    assert book.by(AMINA, {"repeatCell": {"range": area(0, 2, 0, 3, 7), **note}}) == [{}]
    assert PROTECTED in book.by(AMINA, {"repeatCell": {"range": area(0, 3, 0, 3, 7), **note}})
    assert PROTECTED in book.by(AMINA, {"repeatCell": {"range": area(0, 2, 0, 4, 7), **note}})
    rows = {"sheetId": 7, "dimension": "ROWS", "startIndex": 0, "endIndex": 1}
    assert PROTECTED in book.by(AMINA, {"insertDimension": {"range": rows}})
    assert PROTECTED in book.by(AMINA, {"updateSheetProperties": {
        "properties": {"sheetId": 7, "title": "Autre"}, "fields": "title"}})  # fmt: skip


def test_only_editors_change_a_protection(book: Shared) -> None:
    book.protect(range=SQUARE, protectedRangeId=12, editors={"users": [KARIM]})
    delete = {"deleteProtectedRange": {"protectedRangeId": 12}}
    assert book.by(AMINA, delete) == f"Invalid requests[0].deleteProtectedRange: {PROTECTED}"
    assert book.by(KARIM, delete) == [{}]


def test_editors_are_told_to_editors_only(book: Shared) -> None:
    book.protect(range=SQUARE, editors={"users": [KARIM]})
    (kept,) = book.protections()
    assert as_seen(kept, KARIM, ROBOT) == kept
    assert as_seen(kept, AMINA, ROBOT) == {"protectedRangeId": kept["protectedRangeId"], "range": SQUARE}


def test_writers_of_values_ask_whether_they_may(book: Shared) -> None:
    book.protect(range=SQUARE, editors={"users": [KARIM]})
    held = book.google.spreadsheets[book.id]
    area_ = parse_a1(held, "Sheet1!B2:C3").closed()
    refuse_protected(held, KARIM, ROBOT, [area_])
    with pytest.raises(ApiError) as refusal:
        refuse_protected(held, AMINA, ROBOT, [area_])
    assert (refusal.value.code, refusal.value.message) == (400, PROTECTED)


@pytest.mark.parametrize(
    ("http", "path", "body", "query"),
    [
        ("PUT", "/values/A1", {"values": [["x"]]}, {"valueInputOption": "RAW"}),
        ("POST", "/values/A1:append", {"values": [["x"]]}, {"valueInputOption": "RAW"}),
        ("POST", "/values/B2:C9:clear", {}, {}),
        ("POST", "/values:batchClear", {"ranges": ["D4", "A1"]}, {}),
        ("POST", "/values:batchUpdate", {"valueInputOption": "RAW", "data": [{"range": "A1", "values": [["x"]]}]}, {}),
    ],
)
def test_values_are_not_written_in_what_somebody_else_protects(
    http: str, path: str, body: dict[str, Any], query: dict[str, str], book: Shared
) -> None:
    book.protect(range=area(0, 2, 0, 2), editors={"users": [KARIM]})
    with pytest.raises(ApiError) as refusal:
        book.google.act(AMINA, http, f"/v4/spreadsheets/{book.id}{path}", body, **query)
    assert refusal.value.message == PROTECTED
    book.google.act(KARIM, http, f"/v4/spreadsheets/{book.id}{path}", body, **query)


def test_each_is_told_of_a_protection_what_concerns_them(book: Shared) -> None:
    book.protect(range=area(0, 2, 0, 2), editors={"users": [KARIM]})
    told = {
        who: book.google.act(who, "GET", f"/v4/spreadsheets/{book.id}")["sheets"][0]["protectedRanges"][0]
        for who in (AMINA, KARIM)
    }
    assert told[KARIM]["requestingUserCanEdit"] and KARIM in told[KARIM]["editors"]["users"]
    assert "editors" not in told[AMINA] and "requestingUserCanEdit" not in told[AMINA]
