"""Data sources and comments, which no spreadsheet has here: what Google says when they are asked for."""

from collections.abc import Mapping

from tests.google.sheets.requests.editing import Editing, Kind
from tests.google.sheets.spreadsheet import Json
from tests.google.wire import ApiError

_NO_SCOPE = (
    "The request scopes are not sufficient for performing this operation. Please include bigquery.readonly scope"
)


def add_data_source(editing: Editing, request: Json) -> Json:
    """addDataSource: its scope is one that a token for Sheets and Drive hasn't."""
    if not (request.get("dataSource") or {}).get("spec"):
        raise editing.refuse("No data source specification is set.")
    raise ApiError(403, _NO_SCOPE)


def update_data_source(editing: Editing, request: Json) -> Json:
    """updateDataSource."""
    raise _no_data_source(editing)


def delete_data_source(editing: Editing, request: Json) -> Json:
    """deleteDataSource."""
    raise _no_data_source(editing)


def refresh_data_source(editing: Editing, request: Json) -> Json:
    """refreshDataSource, cancelDataSourceRefresh: of all of them, there is none to tell about."""
    if request.get("dataSourceId") or request.get("references"):
        raise _no_data_source(editing)
    if not request.get("isAll"):
        raise editing.refuse("One of references, dataSourceId or isAll must be set.")
    return {}


def _no_data_source(editing: Editing) -> Exception:
    return editing.refuse("The data source ID doesn't exist.")


def insert_comment(editing: Editing, request: Json) -> Json:
    """insertComment: open to the members of a preview of Google's, and to nobody else."""
    raise ApiError(403, "The caller does not have permission")


def no_comment(editing: Editing, request: Json) -> Json:
    """What answers, changes or deletes a comment."""
    raise editing.refuse(f"No comment with id: {request.get('commentId') or ''}")


KINDS: Mapping[str, Kind] = {
    "addDataSource": add_data_source,
    "updateDataSource": update_data_source,
    "deleteDataSource": delete_data_source,
    "refreshDataSource": refresh_data_source,
    "cancelDataSourceRefresh": refresh_data_source,
    "insertComment": insert_comment,
    "addCommentReply": no_comment,
    "updateCommentPost": no_comment,
    "deleteComment": no_comment,
    "deleteCommentReply": no_comment,
}
