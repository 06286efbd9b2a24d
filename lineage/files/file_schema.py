"""Spellings: which keys a document may have, and every mistake it makes against that."""

from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from lineage.model.settings_document import Document, Mistakes, Place, listed, no_key

__all__ = ["Spelling", "spelled"]

_SHOULD_BE = {
    "string_type": "a text",
    "tuple_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
    "float_type": "a number",
    "float_parsing": "a number",
    "date_type": "a day like 2027-01-31",
    "date_parsing": "a day like 2027-01-31",
    "date_from_datetime_parsing": "a day like 2027-01-31",
    "date_from_datetime_inexact": "a day like 2027-01-31",
}
_EMPTY = ("string_too_short", "too_short")


class Spelling(BaseModel):
    """A table with certain keys and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


_Spelled = TypeVar("_Spelled", bound=Spelling)


def spelled(document: Document, spelling: type[_Spelled]) -> _Spelled:
    """Take a document for what it should be.

    Raises
    ------
    MistakenFile
        It is not spelled so: all mistakes, each with its line, column and the nearest key.

    Examples
    --------
    >>> class Pet(Spelling):
    ...     name: str
    >>> spelled(Document("pet.toml", {"name": "Rex"}), Pet).name
    'Rex'
    >>> spelled(Document("pet.toml", {"name": 3}), Pet)
    Traceback (most recent call last):
    lineage.errors.MistakenFile: pet.toml, line 1, column 1: 'name' should be a text
    """
    try:
        return spelling.model_validate(document.content)
    except ValidationError as error:
        mistakes = Mistakes(document)
        for item in error.errors(include_url=False):
            mistakes.add(item["loc"], _in_words(dict(item), spelling))
        mistakes.refuse()
        raise


def _in_words(error: dict[str, Any], spelling: type[Spelling]) -> str:
    """Say in our words what pydantic found."""
    place, kind = error["loc"], error["type"]
    if not place:
        return f"a file should be a table; there may be {listed(_keys(spelling, place))}"
    if kind == "extra_forbidden":
        return no_key(str(place[-1]), _keys(spelling, place[:-1]))
    if kind == "missing":
        return f"{place[-1]!r} is missing"
    subject = next(step for step in reversed(place) if isinstance(step, str))
    if kind in _EMPTY:
        return f"{subject!r} should not be empty"
    if kind == "literal_error":
        return f"{subject!r} is {error['input']!r}, but should be {error['ctx']['expected']}"
    wanted = _SHOULD_BE.get(kind)
    return f"{subject!r} should be {wanted}" if wanted else f"{subject!r}: {error['msg']}"


def _keys(spelling: type[Spelling], place: Place) -> list[str]:
    """List the keys that the table at a place may have, in the order of the spelling."""
    schema = spelling.model_json_schema()
    here = list(_alternatives(schema, schema))
    for step in place:
        inside = [_inside(item, step) for item in here]
        here = [one for item in inside for one in _alternatives(schema, item)]
    return list(dict.fromkeys(key for item in here for key in item.get("properties", ())))


def _inside(schema: dict[str, Any], step: str | int) -> dict[str, Any]:
    """Give the schema of a value in a list or table; an empty one where there is none."""
    if isinstance(step, int):
        found = schema.get("items", {})
    else:
        found = schema.get("properties", {}).get(step, schema.get("additionalProperties"))
    return found if isinstance(found, dict) else {}


def _alternatives(whole: dict[str, Any], schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Go through what a schema leaves open, its references followed."""
    waiting = [schema]
    while waiting:
        item = waiting.pop()
        waiting += reversed(item.get("anyOf", ()))
        if "$ref" in item:
            waiting.append(whole["$defs"][item["$ref"].rpartition("/")[2]])
        yield item
