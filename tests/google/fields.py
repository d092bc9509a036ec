"""Field masks: what part of an answer is wanted (`fields=`), and what part of a resource an update changes."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from tests.google.colours import completed, with_twins
from tests.google.discovery import Api, api
from tests.google.wire import ApiError

Json: TypeAlias = dict[str, Any]
Mask: TypeAlias = Mapping[str, "Mask"]  # name → mask below it; {} stands for all

NO_FIELD = "At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)"


class MaskError(ValueError):
    """A mask that Google refuses, in its words. batchUpdate tells which of its requests had it."""


# ------------------------------------------------------------------------------------------------------ reading


def parse_mask(text: str, *, trim: bool = True) -> Mask:
    """The tree of a mask such as "sheets(properties.title,data/rowData),properties". "*" is {}.

    Names come in either spelling, camelCase or snake_case. trim: spaces around them don't count, as Drive has it and
    Sheets, for its answers, hasn't. Raises MaskError when parentheses don't match.
    """
    tokens = re.findall(r"[(),]|[^(),]+", text)
    tree: dict[str, Any] = {}
    if _read(tokens, 0, tree, trim) != len(tokens):
        raise MaskError(text)
    return _widest(tree)


def _read(tokens: Sequence[str], at: int, into: dict[str, Any], trim: bool) -> int:
    """Reads a list of paths into a tree, up to the parenthesis that ends it: where that is. A leaf holds "*"."""
    while at < len(tokens) and tokens[at] != ")":
        token, at = tokens[at], at + 1
        if token == "," or not token.strip():
            continue
        if token == "(":
            raise MaskError(token)
        node = into
        for name in re.split(r"[./]", token.strip() if trim else token):
            node = node.setdefault(_camel(name), {})
        if at < len(tokens) and tokens[at] == "(":
            at = _read(tokens, at + 1, node, trim) + 1
            if at > len(tokens):
                raise MaskError(")")
        else:
            node["*"] = {}
    return at


def _widest(tree: Mapping[str, Any]) -> Mask:
    return {} if "*" in tree else {name: _widest(below) for name, below in tree.items()}


def _camel(name: str) -> str:
    return re.sub(r"_([a-z0-9])", lambda found: found[1].upper(), name)


def unknown_paths(mask: Mask, schema: str, document: Api) -> Iterator[str]:
    """The paths of a mask that a schema doesn't have, whole, lists taken for their elements: "sheets.foo"."""
    yield from _unknown(mask, {"$ref": schema}, document, "")


def _unknown(mask: Mask, schema: Json, document: Api, path: str) -> Iterator[str]:
    while "$ref" in schema or schema.get("type") == "array":
        schema = document.schemas[schema["$ref"]] if "$ref" in schema else schema["items"]
    if schema.get("type") == "any" or "additionalProperties" in schema:
        return
    known = schema.get("properties", {})
    for name, below in mask.items():
        at = f"{path}.{name}" if path else name
        if name in known:
            yield from _unknown(below, known[name], document, at)
        else:
            yield from _leaves(below, at)


def _leaves(mask: Mask, path: str) -> Iterator[str]:
    if not mask:
        yield path
    for name, below in mask.items():
        yield from _leaves(below, f"{path}.{name}")


# ------------------------------------------------------------------------------------------------------ answers


def answer_mask(text: str, schema: str, document: Api) -> Mask:
    """The mask of the `fields` parameter of a call that answers that schema. Raises ApiError 400."""
    try:
        mask = parse_mask(text, trim=not document.is_strict)
    except MaskError:
        raise _unanswerable(text, document) from None
    for path in unknown_paths(mask, schema, document):
        raise _unanswerable(path, document)
    return mask


def _unanswerable(path: str, document: Api) -> ApiError:
    if not document.is_strict:  # Drive
        told = f"Invalid field selection {path.rpartition('.')[2]}"
        return ApiError(400, told, reason="invalidParameter", location="fields")
    told = f"Error expanding 'fields' parameter. Cannot find matching fields for path '{path}'."
    details = {
        "@type": "type.googleapis.com/google.rpc.BadRequest",
        "fieldViolations": [{"field": path, "description": told}],
    }
    return ApiError(400, "Request contains an invalid argument.", details=[details])


def select(data: Any, mask: Mask) -> Any:
    """The part of an answer that a mask names; a mask applies to each element of a list."""
    if not mask:
        return data
    if isinstance(data, list):
        return [select(item, mask) for item in data]
    if not isinstance(data, dict):
        return data
    return {name: select(inner, mask[name]) for name, inner in data.items() if name in mask}


# ------------------------------------------------------------------------------------------------------ updates


def update_mask(text: str, schema: str) -> Mask:
    """The mask of an update of that schema of Sheets; {} for "*". Raises MaskError."""
    if not text.strip():
        raise MaskError(NO_FIELD)
    mask = parse_mask(text)
    for path in unknown_paths(mask, schema, api("sheets.v4")):
        raise MaskError(f"Invalid field: {re.sub('[A-Z]', lambda found: '_' + found[0].lower(), path)}")
    return mask


def updated(target: Mapping[str, Any], source: Mapping[str, Any], mask: str, schema: str) -> Json:
    """The target with what the mask names taken from the source; what the source lacks is cleared.

    mask: as requests have it, "userEnteredFormat(textFormat.bold,backgroundColor),note" or "*". schema: the name of theirs
    in Sheets ("CellData"). A colour and its style (`backgroundColor`, `backgroundColorStyle`) go together, whichever is
    named. Neither argument is changed. Raises MaskError, which batchUpdate makes the refusal of the request.
    """
    return merged(target, completed(source, schema), with_twins(update_mask(mask, schema), schema))


def merged(target: Mapping[str, Any], source: Mapping[str, Any], mask: Mask) -> Json:
    """As `updated`, with a mask that was read already, taken to the letter."""
    if not mask:
        return dict(source)
    result = dict(target)
    for name, below in mask.items():
        was, given = target.get(name), source.get(name)
        if below and (isinstance(was, dict) or isinstance(given, dict)):
            inner = merged(was or {}, given or {}, below)
            if inner or given == {}:
                result[name] = inner
            else:
                result.pop(name, None)
        elif given is None:
            result.pop(name, None)
        else:
            result[name] = given
    return result
