"""Developer metadata by batchUpdate: where it may be, what it must say, how much of it there may be."""

from typing import Any

import pytest

from tests.emulator.book_client import BookClient


@pytest.fixture
def book() -> BookClient:
    book = BookClient()
    book.batch({"addSheet": {"properties": {"sheetId": 7}}})
    return book


def line(dimension: str, start: int, end: int, sheet: int = 0) -> dict[str, Any]:
    span = {"sheetId": sheet, "dimension": dimension, "startIndex": start, "endIndex": end}
    return {"dimensionRange": span}


def create(book: BookClient, **given: Any) -> Any:
    asked = {"metadataKey": "dossier", "location": line("ROWS", 2, 3), "visibility": "DOCUMENT", **given}
    answer = book.batch({"createDeveloperMetadata": {"developerMetadata": asked}})
    return answer if isinstance(answer, str) else answer[0]["createDeveloperMetadata"]["developerMetadata"]


def by_key(key: str) -> dict[str, Any]:
    return {"developerMetadataLookup": {"metadataKey": key}}


def found(book: BookClient) -> list[Any]:
    body: dict[str, Any] = {"dataFilters": [{"developerMetadataLookup": {}}]}
    answer = book.send("POST", f"/{book.id}/developerMetadata:search", body).json
    return [each["developerMetadata"] for each in answer.get("matchedDeveloperMetadata", [])]


PLACES = [
    (line("ROWS", 2, 3), {"locationType": "ROW",
                          "dimensionRange": {"dimension": "ROWS", "startIndex": 2, "endIndex": 3}}),
    (line("COLUMNS", 0, 1, 7), {"locationType": "COLUMN", "dimensionRange": {
        "sheetId": 7, "dimension": "COLUMNS", "startIndex": 0, "endIndex": 1}}),
    ({"sheetId": 0}, {"locationType": "SHEET", "sheetId": 0}),
    ({"spreadsheet": True}, {"locationType": "SPREADSHEET", "spreadsheet": True}),
]  # fmt: skip


@pytest.mark.parametrize(("place", "told"), PLACES)
def test_metadata_is_told_with_the_kind_of_its_place(book: BookClient, place: Any, told: Any) -> None:
    created = create(book, location=place, metadataValue="c-17", visibility="PROJECT")
    assert created == {"metadataId": created["metadataId"], "metadataKey": "dossier", "metadataValue": "c-17",
                       "location": told, "visibility": "PROJECT"}  # fmt: skip
    assert found(book) == [created]


WRONG = [
    ({"metadataKey": None}, "Developer metadata must always have a key specified."),
    ({"visibility": None}, "Developer metadata must always have visibility specified."),
    ({"location": None}, "Developer metadata must always have a location specified."),
    ({"location": line("ROWS", 2, 4)}, "DimensionRange must represent a single row or column."),
    ({"location": {"dimensionRange": {"dimension": "ROWS"}}},
     "DimensionRange must specify both a startIndex and an endIndex."),
    ({"location": {"sheetId": 9}}, "No grid with id: 9"),
    ({"metadataId": -1}, "Developer metadata IDs must be positive."),
]  # fmt: skip


@pytest.mark.parametrize(("given", "message"), WRONG, ids=[message for _, message in WRONG])
def test_what_says_too_little_is_refused(book: BookClient, given: Any, message: str) -> None:
    assert create(book, **given) == f"Invalid requests[0].createDeveloperMetadata: {message}"


def test_it_is_in_one_place(book: BookClient) -> None:
    answer = create(book, location={"sheetId": 0, "spreadsheet": True})
    assert "oneof field 'location' is already set. Cannot set 'spreadsheet'" in answer


def test_an_identifier_is_given_once_a_key_as_often_as_one_likes(book: BookClient) -> None:
    create(book, metadataId=12)
    assert create(book, metadataId=12) == (
        "Invalid requests[0].createDeveloperMetadata: Cannot add developer metadata with ID [12] "
        "because developer metadata with that ID already exists."
    )
    assert create(book)["metadataId"] != 12
    assert len(found(book)) == 2


def test_a_sheet_holds_30_000_characters(book: BookClient) -> None:
    create(book, metadataKey="k" * 10, metadataValue="v" * 29_990)
    assert "cannot exceed 30000 characters" in create(book, metadataKey="k")
    create(book, metadataKey="k", location={"sheetId": 7})
    create(book, metadataKey="k", location={"spreadsheet": True})
    assert len(found(book)) == 3


def test_an_update_changes_all_that_the_filters_select(book: BookClient) -> None:
    for id_, key in ((1, "dossier"), (2, "dossier"), (3, "état")):
        create(book, metadataId=id_, metadataKey=key)
    update = {"dataFilters": [by_key("dossier"), by_key("dossier")],
              "developerMetadata": {"metadataValue": "c-18", "metadataKey": "x"}, "fields": "metadataValue"}  # fmt: skip
    (answer,) = book.batch({"updateDeveloperMetadata": update})
    told = answer["updateDeveloperMetadata"]["developerMetadata"]
    assert [(each["metadataId"], each["metadataKey"], each["metadataValue"]) for each in told] == [
        (1, "dossier", "c-18"), (2, "dossier", "c-18")]  # fmt: skip
    assert [each.get("metadataValue") for each in found(book)] == ["c-18", "c-18", None]


def test_an_update_may_move_it(book: BookClient) -> None:
    create(book)
    update = {
        "dataFilters": [by_key("dossier")],
        "developerMetadata": {"location": {"sheetId": 7}},
        "fields": "location",
    }
    book.batch({"updateDeveloperMetadata": update})
    assert found(book)[0]["location"] == {"locationType": "SHEET", "sheetId": 7}
    update["developerMetadata"] = {"location": line("ROWS", 0, 2)}
    assert "must represent a single row or column" in book.batch({"updateDeveloperMetadata": update})


def test_an_update_needs_filters_and_a_mask(book: BookClient) -> None:
    create(book)
    assert "at least one dataFilter" in book.batch({"updateDeveloperMetadata": {"fields": "*"}})
    for key in ("dossier", "autre"):
        answer = book.batch({"updateDeveloperMetadata": {"dataFilters": [by_key(key)]}})
        assert "At least one field must be listed in 'fields'" in answer


def test_what_is_deleted_is_told(book: BookClient) -> None:
    created = create(book)
    delete = {"deleteDeveloperMetadata": {"dataFilter": by_key("dossier")}}
    assert book.batch(delete) == [{"deleteDeveloperMetadata": {"deletedDeveloperMetadata": [created]}}]
    assert found(book) == []
    assert book.batch(delete) == [{"deleteDeveloperMetadata": {}}]
    assert "Must specify a dataFilter." in book.batch({"deleteDeveloperMetadata": {}})


# ---------------------------------------------------------------------------------------- what nobody has here


def test_data_sources_want_another_scope(book: BookClient) -> None:
    spec = {"dataSource": {"spec": {"bigQuery": {"projectId": "essai"}}}}
    answer = book.send("POST", f"/{book.id}:batchUpdate", {"requests": [{"addDataSource": spec}]})
    assert answer.status == 403
    assert "Please include bigquery.readonly scope" in answer.json["error"]["message"]


def test_there_is_neither_a_data_source_nor_a_comment(book: BookClient) -> None:
    for kind in ("deleteDataSource", "refreshDataSource", "cancelDataSourceRefresh"):
        assert book.batch({kind: {"dataSourceId": "4"}}) == (
            f"Invalid requests[0].{kind}: The data source ID doesn't exist."
        )
    assert book.batch({"refreshDataSource": {"isAll": True}}) == [{"refreshDataSource": {}}]
    for kind in ("addCommentReply", "updateCommentPost", "deleteComment", "deleteCommentReply"):
        assert book.batch({kind: {"commentId": "4"}}) == f"Invalid requests[0].{kind}: No comment with id: 4"
