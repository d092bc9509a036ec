"""What Drive refuses, in its own words and form: each function gives the error to raise."""

from tests.google.wire import ApiError


def file_not_found(file_id: str) -> ApiError:
    """The same for a file that isn't there and for one that whoever asks may not see."""
    return ApiError(404, f"File not found: {file_id}.", reason="notFound", location="fileId")


def not_found(kind: str, id_: str, location: str) -> ApiError:
    """404 on something else than a file: "Permission not found: 123."."""
    return ApiError(404, f"{kind} not found: {id_}.", reason="notFound", location=location)


def no_permission() -> ApiError:
    """403 on a file that may be seen, but not so handled."""
    message = "The user does not have sufficient permissions for this file."
    return ApiError(403, message, reason="insufficientFilePermissions")


def invalid(location: str, message: str = "Invalid Value") -> ApiError:
    """400 on a parameter or on a part of the body."""
    return ApiError(400, message, reason="invalid", location=location)


def required(parameter: str) -> ApiError:
    """400: a query parameter is missing."""
    return ApiError(400, f"Required parameter: {parameter}", reason="required", location=parameter)


def fields_required() -> ApiError:
    """400: the few methods that answer nothing by default."""
    message = "The 'fields' parameter is required for this method."
    return ApiError(400, message, reason="required", location="fields")


def bad_request(message: str, location: str = "") -> ApiError:
    """400 with the reason "badRequest"."""
    return ApiError(400, message, reason="badRequest", location=location)


def forbidden(message: str, reason: str = "forbidden", location: str = "") -> ApiError:
    """403 with a reason of its own."""
    return ApiError(403, message, reason=reason, location=location)


def not_writable() -> ApiError:
    """403: the body sets what only Drive may set."""
    return forbidden("The resource body includes fields which are not directly writable.", "fieldNotWritable")
