"""Search documents: what the search index holds of an entity, with the lineage into it.

A document is worked out from the database whenever it is found; the edges in it are kept apart.
"""

import hashlib
from collections.abc import Mapping, Sequence

from lineage import fqn as names
from lineage.catalog import edge_index
from lineage.catalog.answers import JsonObject
from lineage.catalog.context import Context
from lineage.catalog.edge_index import IndexedEdge
from lineage.catalog.entity_kind import EntityKind
from lineage.catalog.entity_kinds import KINDS
from lineage.catalog.entity_store import Document, as_json
from lineage.catalog.nested_fields import walk_parts
from lineage.catalog.rendering import show

__all__ = ["lineage_into", "relationship_end", "search_document"]

# Fields of an item of `upstreamLineage` that are those of the edge's details.
_LABELS = frozenset({"tags", "tier", "classificationTags", "glossaryTags"})

_TAKEN = ("source", "description", "createdAt", "createdBy", "updatedAt", "updatedBy", "assetEdges")


def search_document(
    context: Context,
    document: Document,
    lineage: Sequence[JsonObject],
    *,
    wanted: frozenset[str] | None,
) -> JsonObject:
    """Give the index document of an entity.

    Parameters
    ----------
    lineage : sequence of dict
        What feeds the entity, from `lineage_into`.
    wanted : frozenset of str or None
        The top-level fields that will be looked at; None: all.
    """
    kind = KINDS[document.kind]
    fields = kind.hidden if wanted is None else kind.hidden & wanted
    if wanted is None or wanted & _LABELS:
        fields = kind.hidden
    shown = show(context, kind, document.body, fields=fields)
    for key in ("changeDescription", "incrementalChangeDescription"):
        shown.pop(key, None)
    items, statements = _shared_statements(lineage)
    votes = shown.pop("votes", {})
    if not shown.get("dataProducts"):
        shown.pop("dataProducts", None)
    return {
        **shown,
        "displayName": shown.get("displayName") or shown["name"],
        "fqnHash": _hashed(document.fqn),
        **({"totalVotes": votes["upVotes"] - votes["downVotes"]} if votes else {}),
        **_gathered_labels(kind, shown),
        "entityType": document.kind,
        **_within_limit(context, len(as_json(document.body)), items, statements),
    }


def _gathered_labels(kind: EntityKind, shown: JsonObject) -> JsonObject:
    """Give the labels of an entity and of all its parts but features in one list, tiers apart."""
    parts = (part for where in kind.parts if where.resolved for part in walk_parts(shown, where))
    labels = [label for one in (shown, *parts) for label in one.get("tags") or ()]
    tiers = [label for label in labels if label["tagFQN"].startswith("Tier.")]
    names = {
        source: list(dict.fromkeys(one["tagFQN"] for one in labels if one["source"] == source))
        for source in ("Classification", "Glossary")
    }
    return {
        "tags": [label for label in labels if label not in tiers],
        **({"tier": tiers[0]} if tiers else {}),
        "classificationTags": names["Classification"],
        "glossaryTags": names["Glossary"],
    }


def lineage_into(context: Context, found: Sequence[Document]) -> Mapping[str, list[JsonObject]]:
    """Give what feeds each of some entities, by their ids, as items of `upstreamLineage`."""
    edges = edge_index.into_many(context.store, [document.id for document in found])
    pipelines: dict[str, JsonObject] = {}
    return {
        document.id: [
            _item(context, edge, document, pipelines) for edge in edges.get(document.id, ())
        ]
        for document in found
    }


def relationship_end(id: str, kind: str, fqn: str) -> JsonObject:  # noqa: A002 - OpenMetadata's word
    """Name an entity as the index does at the end of an edge."""
    return {"id": id, "fullyQualifiedName": fqn, "fqnHash": _hashed(fqn), "type": kind}


def _item(
    context: Context,
    edge: IndexedEdge,
    downstream: Document,
    pipelines: dict[str, JsonObject],
) -> JsonObject:
    details = edge.details or {"columnsLineage": []}
    pipeline = details.get("pipeline")
    carrier = f"{pipeline['type']}:{pipeline['id']}--->" if pipeline else ""
    item: JsonObject = {
        "fromEntity": relationship_end(edge.from_id, edge.from_kind, edge.from_fqn),
        "docId": f"{edge.from_fqn}--->{carrier}{downstream.fqn}",
        "docUniqueId": f"{edge.from_id}--->{downstream.id}",
        **{key: details[key] for key in _TAKEN if key in details},
    }
    if "columnsLineage" in details:
        item["columns"] = details["columnsLineage"]
    if details.get("sqlQuery"):
        item["sqlQuery"] = details["sqlQuery"]
    if pipeline:
        if pipeline["id"] not in pipelines:
            pipelines[pipeline["id"]] = _carrier(context, pipeline)
        item |= {"pipeline": pipelines[pipeline["id"]], "pipelineEntityType": pipeline["type"]}
    return item


def _carrier(context: Context, pipeline: JsonObject) -> JsonObject:
    """Show the pipeline in full; one that is gone as the edge remembers it."""
    found = context.glance(pipeline["type"], id=pipeline["id"])
    if found is None:
        return pipeline
    shown = show(context, KINDS[found.kind], found.body, fields=("tags", "owners"))
    shown.pop("changeDescription", None)
    return {**shown, "fqnHash": _hashed(found.fqn)}


def _shared_statements(
    lineage: Sequence[JsonObject],
) -> tuple[list[JsonObject], dict[str, str]]:
    """Move the SQL out of the items: each statement once, under a key."""
    keys: dict[str, str] = {}
    items: list[JsonObject] = []
    for item in lineage:
        if "sqlQuery" in item:
            key = keys.setdefault(item["sqlQuery"], str(len(keys) + 1))
            rest = {field: value for field, value in item.items() if field != "sqlQuery"}
            items.append({**rest, "sqlQueryKey": key})
        else:
            items.append(item)
    return items, {key: statement for statement, key in keys.items()}


def _within_limit(
    context: Context, size: int, items: list[JsonObject], statements: dict[str, str]
) -> JsonObject:
    """Leave out of a document that is too large the statements, then the lineage itself."""
    size += len(as_json(items))
    if size > context.document_limit:
        return {}
    if not statements or size + len(as_json(statements)) > context.document_limit:
        return {"upstreamLineage": items}
    return {"upstreamLineage": items, "lineageSqlQueries": statements}


def _hashed(fqn: str) -> str:
    parts = (names.quote(part).encode() for part in names.split(fqn))
    return ".".join(hashlib.md5(part, usedforsecurity=False).hexdigest() for part in parts)
