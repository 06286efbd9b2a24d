"""Parts: what entities are made of and lineage can name, nested to any depth.

Columns, fields of messages, of APIs and of search indexes, features and tasks are alike: each
has a name, a fully qualified name under its owner, labels, and perhaps children.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from lineage import fqn as names
from lineage.catalog.answers import JsonObject, RefusalError
from lineage.catalog.enums import COLUMN_TYPES, FIELD_TYPES, SEARCH_FIELD_TYPES, VOCABULARY
from lineage.catalog.schemas import (
    COLUMN_NAME,
    INTEGER,
    NAME,
    OBJECT,
    REFERENCE,
    TAG_LABEL,
    TEXT,
    Choice,
    Many,
    Record,
    Shape,
)

__all__ = [
    "COLUMN",
    "FEATURE",
    "FIELD",
    "SEARCH_FIELD",
    "TASK",
    "Parts",
    "change_parts",
    "check_columns",
    "name_parts",
    "parts_of",
    "put_parts",
    "walk_parts",
]


ShownLabels = Literal["absent", "empty", "kept"]
"""What is shown of the labels of parts: not even a list, an empty one, or the labels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Where an entity keeps a list of parts.

    Attributes
    ----------
    path : tuple of str
        The keys that lead to the list.
    prefix : str
        A part between the entity's name and theirs.
    mappable : bool
        Whether column mappings of lineage may name them.
    columns : bool
        Whether they are columns, whose types are checked.
    displayed : bool
        Whether columns show their types in words where the request has none.
    resolved : bool
        Whether their labels follow their tags, and are gathered in the index document; those
        of features are kept as they were sent.
    asked : str
        The field that a list has to ask for to show their labels.
    unasked : {"absent", "empty", "kept"}
        What an entity shows of their labels where no field was asked for.
    matched : bool
        Whether an update goes by name, and the loss of one or of its type is a major change.
    """

    path: tuple[str, ...]
    prefix: str = ""
    mappable: bool = True
    columns: bool = False
    displayed: bool = True
    resolved: bool = True
    asked: str = ""
    unasked: ShownLabels = "absent"
    matched: bool = True


def parts_of(entity: JsonObject, where: Parts) -> list[JsonObject]:
    """Give the parts at one place, not those nested in them."""
    value: Any = entity
    for key in where.path:
        value = value.get(key) or {}
    return list(value)


def put_parts(entity: JsonObject, where: Parts, parts: list[JsonObject]) -> JsonObject:
    """Give an entity with other parts at a place; one that has none there stays as it is."""

    def put(value: JsonObject, key: str, *deeper: str) -> JsonObject:
        if not value.get(key):
            return value
        return {**value, key: put(value[key], *deeper) if deeper else parts}

    return put(entity, *where.path)


def walk_parts(entity: JsonObject, where: Parts) -> Iterator[JsonObject]:
    """Go through the parts at one place and all that is nested in them."""
    waiting = parts_of(entity, where)[::-1]
    while waiting:
        part = waiting.pop()
        yield part
        waiting.extend((part.get("children") or [])[::-1])


def change_parts(
    entity: JsonObject, where: Parts, change: Callable[[JsonObject], JsonObject]
) -> JsonObject:
    """Give an entity whose parts at one place, nested ones too, have been changed."""

    def changed(part: JsonObject) -> JsonObject:
        part = change(part)
        if part.get("children"):
            part = {**part, "children": [changed(child) for child in part["children"]]}
        return part

    return put_parts(entity, where, [changed(part) for part in parts_of(entity, where)])


def name_parts(entity: JsonObject, where: Parts, *, owner: str = "") -> JsonObject:
    """Give an entity whose parts have their fully qualified names.

    Parameters
    ----------
    owner : str
        What they are named after, where that is not the entity's own name.
    """

    def named(part: JsonObject, owner: str) -> JsonObject:
        fqn = f"{owner}.{names.quote(part['name'])}"
        part = {**part, "fullyQualifiedName": fqn}
        if part.get("children"):
            part["children"] = [named(child, fqn) for child in part["children"]]
        return part

    owner = owner or entity["fullyQualifiedName"]
    owner = f"{owner}.{where.prefix}" if where.prefix else owner
    return put_parts(entity, where, [named(part, owner) for part in parts_of(entity, where)])


def check_columns(columns: list[JsonObject], *, displayed: bool) -> list[JsonObject]:
    """Check columns as the server does, and show the types of the outermost in words.

    Parameters
    ----------
    displayed : bool
        Whether they show their types in words where the request has none.

    Raises
    ------
    RefusalError
        A name is repeated, or a type lacks what belongs to it.
    """
    _check_names(columns)
    return [_checked(column, displayed=displayed) for column in columns]


def _checked(column: JsonObject, *, displayed: bool) -> JsonObject:
    kind = column["dataType"]
    if kind in _SIZED and "dataLength" not in column:
        words = "char, varchar, binary, varbinary"
        raise RefusalError(400, f"For column data types {words} dataLength must not be null")
    if kind == "ARRAY" and "arrayDataType" not in column:
        raise RefusalError(400, "For column data type array, arrayDataType must not be null")
    if kind == "STRUCT" and "children" not in column:
        raise RefusalError(400, "For column data type struct, children must not be null")
    if column.get("scale", 0) > column.get("precision", 0):
        raise RefusalError(
            400, f"Scale can't be greater than the precision for column {column['name']}"
        )
    children = check_columns(column.get("children", []), displayed=False)
    ignored = () if kind == "ARRAY" else ("arrayDataType",)
    kept = {key: value for key, value in column.items() if key not in ignored}
    shown = {"dataTypeDisplay": str(column.get("dataTypeDisplay", kind)).lower()}
    return {**kept, "children": children, **(shown if displayed else {})}


def _check_names(columns: list[JsonObject]) -> None:
    seen: set[str] = set()
    for column in columns:
        if column["name"] in seen:
            raise RefusalError(400, f"Column name {column['name']} is repeated")
        seen.add(column["name"])


_SIZED = frozenset({"CHAR", "VARCHAR", "BINARY", "VARBINARY"})

_LABELLED: dict[str, Shape] = {
    "displayName": TEXT,
    "description": TEXT,
    "fullyQualifiedName": TEXT,
    "tags": Many(TAG_LABEL),
}


def _nested(name: Shape, fields: dict[str, Shape]) -> Record:
    """Make the shape of a part that may hold parts of its own shape."""
    every = {"name": name, **_LABELLED, **fields}
    shape = Record(every, frozenset({"name", "dataType"}))
    every["children"] = Many(shape)
    return shape


COLUMN = _nested(
    COLUMN_NAME,
    {
        "dataType": Choice(COLUMN_TYPES),
        "arrayDataType": Choice(COLUMN_TYPES),
        "dataLength": INTEGER,
        "precision": INTEGER,
        "scale": INTEGER,
        "dataTypeDisplay": TEXT,
        "constraint": Choice(VOCABULARY["constraint"]),
        "ordinalPosition": INTEGER,
        "jsonSchema": TEXT,
        "extension": OBJECT,
    },
)
FIELD = _nested(COLUMN_NAME, {"dataType": Choice(FIELD_TYPES), "dataTypeDisplay": TEXT})
SEARCH_FIELD = _nested(
    COLUMN_NAME, {"dataType": Choice(SEARCH_FIELD_TYPES), "dataTypeDisplay": TEXT}
)

_FEATURE_SOURCE = Record(
    {
        "name": NAME,
        "dataType": Choice(VOCABULARY["featureSourceType"]),
        "description": TEXT,
        "fullyQualifiedName": TEXT,
        "dataSource": REFERENCE,
        "tags": Many(TAG_LABEL),
    },
    # The schema requires nothing, but the server cannot name a source without a name.
    frozenset({"name"}),
)
FEATURE = Record(
    {
        "name": NAME,
        "dataType": Choice(VOCABULARY["featureType"]),
        "description": TEXT,
        "fullyQualifiedName": TEXT,
        "featureSources": Many(_FEATURE_SOURCE),
        "featureAlgorithm": TEXT,
        "tags": Many(TAG_LABEL),
    },
    frozenset({"name"}),
)
TASK = Record(
    {
        "name": COLUMN_NAME,
        **_LABELLED,
        "sourceUrl": TEXT,
        "downstreamTasks": Many(TEXT),
        "taskType": TEXT,
        "taskSQL": TEXT,
        "startDate": TEXT,
        "endDate": TEXT,
        "owners": Many(REFERENCE),
    },
    frozenset({"name"}),
)
