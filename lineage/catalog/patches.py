"""Patches: JSON Patch (RFC 6902) applied to a JSON object; failing is a 500, as on the server."""

from typing import Any

import jsonpatch
import jsonpointer

from lineage.catalog.answers import JsonObject, RefusalError, unforeseen
from lineage.catalog.schemas import ANYTHING, TEXT, Choice, Many, NameRules, Record

__all__ = ["apply_patch"]

_OPERATIONS = Many(
    Record(
        {
            "op": Choice(frozenset({"add", "remove", "replace", "move", "copy", "test"})),
            "path": TEXT,
            "from": TEXT,
            "value": ANYTHING,
        },
        frozenset({"op", "path"}),
    )
)

# The library lets some of Python's own errors through where a path goes into a scalar.
_PATCH_ERRORS = (
    jsonpatch.JsonPatchException,
    jsonpatch.JsonPointerException,
    TypeError,
    LookupError,
    ValueError,
    AttributeError,
)


def apply_patch(value: JsonObject, operations: Any, rules: NameRules) -> Any:
    """Give what the operations make of an object, which stays as it is.

    Raises
    ------
    RefusalError
        They are no JSON Patch, or cannot be applied.
    """
    try:
        _OPERATIONS.read(operations, "patch", rules)
    except RefusalError:
        raise RefusalError(500, "Failed to parse JsonPatch") from None
    for operation in operations:
        try:
            value = jsonpatch.apply_patch(value, [operation])
        except _PATCH_ERRORS as error:
            raise unforeseen(_reason(value, operation, error)) from error
    return value


def _reason(value: Any, operation: JsonObject, error: Exception) -> str:
    """Say in the server's words why an operation cannot be applied."""
    place = value
    try:
        for part in jsonpointer.JsonPointer(operation["path"]).parts:
            if isinstance(place, list) and not -1 < int(part) < len(place):
                return f"An array item index is out of range. Index: {part}, Size: {len(place)}"
            if isinstance(place, dict) and part not in place:
                return f"Non-existing name/value pair in the object for key {part}"
            place = place[int(part) if isinstance(place, list) else part]
    except (jsonpointer.JsonPointerException, TypeError, LookupError, ValueError):
        return str(error)
    if operation["op"] == "test":
        path, wanted = operation["path"], operation.get("value")
        return f"The JSON Patch operation 'test' failed for path '{path}' and value '{wanted}'"
    return str(error)
