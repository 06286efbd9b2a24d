"""Tag labels: checked when they are written, filled in when they are shown."""

from collections.abc import Iterable

from lineage import fqn as names
from lineage.catalog.answers import JsonObject, RefusalError, not_found
from lineage.catalog.context import Context
from lineage.catalog.entity_store import Document

__all__ = ["checked_labels", "merged_labels", "shown_labels"]

_KIND_OF = {"Classification": "tag", "Glossary": "glossaryTerm"}
_KIND_ABOVE = {"tag": "classification", "glossaryTerm": "glossary"}

# What a label takes from its tag whenever it is shown.
_FILLED = ("name", "displayName", "description", "style")


def checked_labels(context: Context, labels: Iterable[JsonObject]) -> list[JsonObject]:
    """Check labels and give them as they are stored.

    Derived labels are dropped: they are worked out whenever labels are shown.

    Raises
    ------
    RefusalError
        A tag does not exist, or two exclude each other.
    """
    bare: dict[str, JsonObject] = {}
    for label in labels:
        fqn, kind = label["tagFQN"], _KIND_OF[label["source"]]
        if label.get("labelType") == "Derived":
            continue
        found = context.glance(kind, fqn=fqn)
        if found is None or found.deleted:
            raise not_found(kind, fqn)
        kept = {key: value for key, value in label.items() if key not in _FILLED}
        bare.setdefault(fqn, {"labelType": "Manual", "state": "Confirmed", **kept})
    _check_exclusive(context, bare)
    return list(bare.values())


def merged_labels(
    context: Context, stored: Iterable[JsonObject], sent: Iterable[JsonObject]
) -> list[JsonObject]:
    """Add sent labels to stored ones; a PUT never takes one away.

    Raises
    ------
    RefusalError
        Two exclude each other.
    """
    merged = {label["tagFQN"]: label for label in (*stored, *sent)}
    _check_exclusive(context, merged)
    return list(merged.values())


def shown_labels(context: Context, labels: Iterable[JsonObject]) -> list[JsonObject]:
    """Give stored labels as they are shown.

    A label of a glossary term brings the term's own tags with it, as derived labels.
    """
    shown: dict[str, JsonObject] = {}
    derived: dict[str, JsonObject] = {}
    for label in labels:
        found = context.glance(_KIND_OF[label["source"]], fqn=label["tagFQN"])
        shown[label["tagFQN"]] = _filled(label, found) if found else label
        if found is not None:
            derived |= {tag["tagFQN"]: tag for tag in found.body.get("tags", ())}
    for fqn in sorted(derived.keys() - shown.keys()):
        found = context.glance(_KIND_OF[derived[fqn]["source"]], fqn=fqn)
        if found is not None:
            shown[fqn] = _filled({**derived[fqn], "labelType": "Derived"}, found)
    return list(shown.values())


def _filled(label: JsonObject, tag: Document) -> JsonObject:
    return {**label, **{key: tag.body[key] for key in _FILLED if key in tag.body}}


def _check_exclusive(context: Context, labels: Iterable[str] | dict[str, JsonObject]) -> None:
    siblings: dict[str, str] = {}
    for fqn in labels:
        above = names.parent(fqn)
        if above and above in siblings and _is_exclusive(context, above):
            message = "are mutually exclusive and can't be assigned together"
            raise RefusalError(400, f"Tag labels {siblings[above]} and {fqn} {message}")
        if above:
            siblings[above] = fqn


def _is_exclusive(context: Context, fqn: str) -> bool:
    kinds = (*_KIND_ABOVE, *_KIND_ABOVE.values())
    above = [context.glance(kind, fqn=fqn) for kind in kinds]
    return any(found and found.body.get("mutuallyExclusive") for found in above)
