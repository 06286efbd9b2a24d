"""Versions: what changed between two states of an entity, and the number that gives."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from lineage.catalog.answers import JsonObject
from lineage.catalog.entity_kind import EntityKind
from lineage.catalog.entity_store import as_json
from lineage.catalog.nested_fields import Parts, parts_of

__all__ = ["FIRST_VERSION", "Step", "next_version"]

FIRST_VERSION = 0.1

# Kept by the server itself, or kept without making a version.
_UNTRACKED = frozenset(
    {
        *("id", "fullyQualifiedName", "version", "updatedAt", "updatedBy"),
        *("changeDescription", "incrementalChangeDescription", "sourceHash"),
        *("followers", "votes", "usageSummary"),
    }
)


class _Change(NamedTuple):
    field: str
    old: Any
    new: Any
    major: bool = False


class Step(NamedTuple):
    """The version an update makes, and its change description."""

    version: float
    change: JsonObject


def next_version(kind: EntityKind, old: JsonObject, new: JsonObject) -> Step | None:
    """Give the version an update makes, and its change description; None where it makes none.

    The rounding is the server's: the minor version after 0.9 is 1.0, and the major version
    after 0.2 is 1.2, so the number alone does not part the two.
    """
    changes = list(_changes(kind, old, new))
    if not changes:
        return None
    step = 1.0 if any(change.major for change in changes) else 0.1
    version: float = old["version"]
    return Step(round(version + step, 1), _description(changes, version))


def _changes(kind: EntityKind, old: JsonObject, new: JsonObject) -> Iterator[_Change]:
    by_name = {where.path[0]: where for where in kind.parts if where.matched}
    above = frozenset() if kind.movable else frozenset(kind.above)
    for field in sorted((old.keys() | new.keys()) - _UNTRACKED - above):
        before, after = old.get(field), new.get(field)
        if before == after or (not before and not after and field != "deleted"):
            continue
        if field in by_name:
            prefix = ".".join(by_name[field].path)
            yield from _part_changes(prefix, *_both(by_name[field], old, new))
        else:
            yield _Change(field, before, after, field in kind.major)


def _both(
    where: Parts, old: JsonObject, new: JsonObject
) -> tuple[list[JsonObject], list[JsonObject]]:
    return parts_of(old, where), parts_of(new, where)


def _part_changes(prefix: str, old: list[JsonObject], new: list[JsonObject]) -> Iterator[_Change]:
    """Compare parts by name and type: another type is another part."""
    before = {(part["name"].lower(), part["dataType"]): part for part in old}
    after = {(part["name"].lower(), part["dataType"]): part for part in new}
    gone = [part for key, part in before.items() if key not in after]
    come = [part for key, part in after.items() if key not in before]
    if gone:
        yield _Change(prefix, gone, [], major=True)
    if come:
        yield _Change(prefix, [], come)
    for key in sorted(before.keys() & after.keys()):
        yield from _changes_within(f"{prefix}.{before[key]['name']}", before[key], after[key])


def _changes_within(prefix: str, old: JsonObject, new: JsonObject) -> Iterator[_Change]:
    for field in sorted((old.keys() | new.keys()) - {"name", "fullyQualifiedName", "children"}):
        before, after = old.get(field), new.get(field)
        if before != after and (before or after):
            shrunk = field in ("dataLength", "precision", "scale") and (after or 0) < (before or 0)
            yield _Change(f"{prefix}.{field}", before, after, shrunk)
    yield from _part_changes(prefix, old.get("children") or [], new.get("children") or [])


def _description(changes: list[_Change], previous: float) -> JsonObject:
    lists: dict[str, list[JsonObject]] = {
        "fieldsAdded": [],
        "fieldsUpdated": [],
        "fieldsDeleted": [],
    }
    for field, old, new, _ in changes:
        for key, change in _listed(old, new):
            lists[key].append({"name": field, **change})
    return {**lists, "previousVersion": previous}


def _listed(old: Any, new: Any) -> Iterator[tuple[str, JsonObject]]:
    if isinstance(old or new, list) and isinstance(new or old, list):
        come = [item for item in new or [] if item not in (old or [])]
        gone = [item for item in old or [] if item not in (new or [])]
        if come:
            yield "fieldsAdded", {"newValue": as_json(come)}
        if gone:
            yield "fieldsDeleted", {"oldValue": as_json(gone)}
    elif old is None or old == "":
        yield "fieldsAdded", {"newValue": _value(new)}
    elif new is None or new == "":
        yield "fieldsDeleted", {"oldValue": _value(old)}
    else:
        yield "fieldsUpdated", {"oldValue": _value(old), "newValue": _value(new)}


def _value(value: Any) -> Any:
    return value if isinstance(value, str | int | float) else as_json(value)
