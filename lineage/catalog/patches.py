"""Patches: JSON Patch (RFC 6902) applied to a JSON object."""

from typing import Any

import jsonpatch

from lineage.catalog.answers import JsonObject, RefusalError
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
    _OPERATIONS.read(operations, "patch", rules)
    try:
        return jsonpatch.apply_patch(value, operations)
    except _PATCH_ERRORS as error:
        message = f"The JSON patch cannot be applied: {error}"
        raise RefusalError(400, message) from error
