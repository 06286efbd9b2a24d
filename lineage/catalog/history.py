"""History: the versions of an entity, and the patches of one session folded into one version.

A patch of somebody who changed the entity within the last ten minutes makes no version of its
own: the newest is made anew, with all that has changed since the one before.
"""

from lineage.catalog import entity_store
from lineage.catalog.answers import JsonObject
from lineage.catalog.context import Context
from lineage.catalog.entity_kind import EntityKind
from lineage.catalog.versions import FIRST_VERSION, Step, next_version

__all__ = ["new_version"]

_SESSION = 10 * 60 * 1000
"""Milliseconds within which patches of one user are folded."""

_MARKS = (
    *("version", "updatedAt", "updatedBy"),
    *("changeDescription", "incrementalChangeDescription"),
)


def new_version(
    context: Context, kind: EntityKind, old: JsonObject, new: JsonObject, *, folds: bool
) -> tuple[JsonObject, JsonObject]:
    """Give what is stored of a change, and the description of that change alone.

    Parameters
    ----------
    folds : bool
        Whether it may become a part of the newest version: patches without a condition may.
    """
    step = next_version(kind, old, new)
    if step is None:
        unchanged: JsonObject = {"fieldsAdded": [], "fieldsUpdated": [], "fieldsDeleted": []}
        return new, {**unchanged, "previousVersion": old["version"]}
    new = {**new, "updatedAt": context.now, "updatedBy": context.user}
    before = _folded_onto(context, old) if folds else None
    if before is None:
        entity_store.keep_version(context.store, old)
        return _marked(new, step, step), step.change
    total = next_version(kind, before, new)
    if total is not None:
        return _marked(new, total, step), step.change
    # All is as it was before the session: the version before is the newest again.
    entity_store.drop_version(context.store, before)
    bare = {key: value for key, value in new.items() if key not in _MARKS}
    return {**bare, **{key: before[key] for key in _MARKS if key in before}}, step.change


def _folded_onto(context: Context, old: JsonObject) -> JsonObject | None:
    """Find the version before the newest, where the newest is one's own and recent."""
    recent = old["updatedBy"] == context.user and context.now - old["updatedAt"] <= _SESSION
    if not recent or old["version"] <= FIRST_VERSION or old.get("deleted"):
        return None
    previous = old.get("changeDescription", {}).get("previousVersion")
    versions = entity_store.earlier_versions(context.store, old["id"])
    return next((body for body in versions if body["version"] == previous), None)


def _marked(new: JsonObject, total: Step, latest: Step) -> JsonObject:
    changes = {"changeDescription": total.change, "incrementalChangeDescription": latest.change}
    return {**new, "version": total.version, **changes}
