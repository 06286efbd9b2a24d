"""Edges: lineage written, as the real server writes it.

One row holds the lineage from one entity to another, and a PUT replaces all of its details.
Mappings that name what the two entities do not have are dropped without a word.
"""

from collections.abc import Iterable, Iterator

from lineage.catalog import edge_index, edge_store, entity_store
from lineage.catalog.answers import Answer, JsonObject, RefusalError, unforeseen
from lineage.catalog.change_events import record_edge
from lineage.catalog.context import Context
from lineage.catalog.derived_edges import count_edge, discount_edge
from lineage.catalog.edge_store import Relation
from lineage.catalog.entity_kinds import KINDS
from lineage.catalog.entity_store import Document
from lineage.catalog.faults import collision
from lineage.catalog.features import data_sources
from lineage.catalog.nested_fields import walk_parts
from lineage.catalog.patches import apply_patch
from lineage.catalog.reference_fields import found_links, full_reference
from lineage.catalog.schemas import INTEGER, OBJECT, REFERENCE, TEXT, Choice, Many, Record

__all__ = [
    "SOURCES",
    "add_declared_edges",
    "patch_edge",
    "put_edge",
    "put_edge_between",
    "remove_edge",
    "remove_edges_by_source",
    "show_edge",
]

SOURCES = frozenset(
    {
        *("Manual", "ViewLineage", "QueryLineage", "PipelineLineage", "DashboardLineage"),
        *("DbtLineage", "SparkLineage", "OpenLineage", "ExternalTableLineage"),
        *("CrossDatabaseLineage", "ChildAssets"),
    }
)
"""How an edge can have been recorded: OpenMetadata's `lineageDetails.source`."""

_MAPPING = Record({"fromColumns": Many(TEXT), "toColumn": TEXT, "function": TEXT})

_DETAILS = Record(
    {
        "sqlQuery": TEXT,
        "columnsLineage": Many(_MAPPING),
        "pipeline": REFERENCE,
        "description": TEXT,
        "source": Choice(SOURCES),
        "createdAt": INTEGER,
        "createdBy": TEXT,
        "updatedAt": INTEGER,
        "updatedBy": TEXT,
        "assetEdges": INTEGER,
        "tempLineageTables": Many(
            Record({"fromEntity": TEXT, "toEntity": TEXT}, frozenset({"fromEntity", "toEntity"}))
        ),
    },
    is_open=True,
)

_ADD = Record(
    {
        "edge": Record(
            {
                "fromEntity": REFERENCE,
                "toEntity": REFERENCE,
                # Read and forgotten: only the description in the details is stored.
                "description": TEXT,
                "lineageDetails": OBJECT,
            },
            frozenset({"fromEntity", "toEntity"}),
        )
    },
    frozenset({"edge"}),
)


def put_edge(context: Context, sent: object) -> Answer:
    """Write an edge between two entities that the request names by id.

    Raises
    ------
    RefusalError
        The request does not fit, or names what does not exist.
    """
    edge = _ADD.read(sent, "", context.rules)["edge"]
    upstream, downstream = (
        context.need(edge[end]["type"], edge[end]["id"]) for end in ("fromEntity", "toEntity")
    )
    return put_edge_between(context, upstream, downstream, edge.get("lineageDetails") or {})


def put_edge_between(
    context: Context, upstream: Document, downstream: Document, sent: object
) -> Answer:
    """Write an edge between two entities: all of its details are replaced.

    Raises
    ------
    RefusalError
        The details do not fit, or name a pipeline that does not exist.
    """
    stored = edge_store.find(context.store, upstream.id, downstream.id)
    details = _completed(context, upstream, downstream, _read_details(context, sent))
    old = stored.details if stored else None
    details |= _times(context, details, old or {})
    edge_store.put(context.store, upstream, downstream, details)
    if details["source"] is None:
        return _without_source().answer
    if context.faults.collides():
        return collision().answer
    _index(context, upstream, downstream, details)
    record_edge(context, upstream, downstream, old=old, new=details, known=stored is not None)
    count_edge(context, upstream, downstream, details, new=stored is None)
    return Answer()


def patch_edge(context: Context, upstream: Document, downstream: Document, sent: object) -> Answer:
    """Change the details of an edge by a JSON Patch, and show them.

    Raises
    ------
    RefusalError
        There is no edge, or only one without details, or the patch cannot be applied.
    """
    ends = f"{upstream.kind} {upstream.id} and {downstream.kind} {downstream.id}"
    stored = _details(context, upstream.id, downstream.id, ends)
    patched = _read_details(context, apply_patch(stored, sent, context.rules))
    details = _completed(context, upstream, downstream, patched)
    details |= {key: stored[key] for key in ("createdAt", "createdBy") if key in stored}
    details |= {"updatedAt": context.now, "updatedBy": context.user}
    edge_store.put(context.store, upstream, downstream, details)
    if context.faults.collides():
        return collision().answer
    _index(context, upstream, downstream, details)
    record_edge(context, upstream, downstream, old=stored, new=details, known=True)
    return Answer(body=details)


def show_edge(context: Context, from_id: str, to_id: str) -> Answer:
    """Show the details of an edge.

    Raises
    ------
    RefusalError
        There is no edge, or only one without details.
    """
    return Answer(body={"edge": _details(context, from_id, to_id, f"{from_id} and  {to_id}")})


def remove_edge(context: Context, upstream: Document, downstream: Document) -> Answer:
    """Remove an edge, with or without details.

    Raises
    ------
    RefusalError
        There is none.
    """
    stored = edge_store.find(context.store, upstream.id, downstream.id)
    if stored is None:
        raise RefusalError(404, "Lineage edge not found")
    edge_store.remove(context.store, upstream.id, downstream.id)
    if context.faults.collides():
        return collision().answer
    _drop(context, upstream, downstream, stored)
    discount_edge(context, upstream, downstream, stored.details)
    return Answer()


def remove_edges_by_source(context: Context, entity_id: str, source: str) -> Answer:
    """Remove all edges recorded in one way; finding none is a success too."""
    found = edge_store.found_by_source(context.store, entity_id, source)
    ends = entity_store.find_many(
        context.store, (id_ for one in found for id_ in (one.from_id, one.to_id))
    )
    for one in found:
        _drop(context, ends[one.from_id], ends[one.to_id], one)
    return Answer()


def add_declared_edges(context: Context, model: Document) -> None:
    """Link a new model to the entities its features come from, by edges without details."""
    for kind, id_ in data_sources(model.body):
        source = context.need(kind, id_)
        edge_store.put(context.store, source, model, None)
        edge_index.put(context.store, source, model, None)


def _drop(context: Context, upstream: Document, downstream: Document, stored: Relation) -> None:
    edge_store.remove(context.store, upstream.id, downstream.id)
    if not context.faults.stale_index:
        edge_index.remove(context.store, upstream.id, downstream.id)
    record_edge(context, upstream, downstream, old=stored.details, new=None, known=True)


def _index(context: Context, upstream: Document, downstream: Document, details: JsonObject) -> None:
    if context.faults.stale_index:
        return
    # Nothing is indexed for an empty list of mappings.
    indexed = {key: value for key, value in details.items() if key != "columnsLineage" or value}
    edge_index.put(context.store, upstream, downstream, indexed)


def _read_details(context: Context, sent: object) -> JsonObject:
    details: JsonObject = _DETAILS.read(sent, "lineageDetails", context.rules)
    if isinstance(sent, dict) and sent.get("source", "") is None:
        details["source"] = None
    if any("toColumn" not in mapping for mapping in details.get("columnsLineage", ())):
        text = "java.lang.CharSequence"
        call = f'Cannot invoke "String.replace({text}, {text})" because the return value of'
        reason = f'{call} "org.openmetadata.schema.type.ColumnLineage.getToColumn()" is null'
        raise unforeseen(reason)
    return details


def _completed(
    context: Context, upstream: Document, downstream: Document, details: JsonObject
) -> JsonObject:
    """Fill in the pipeline, the source and the mappings that can be kept."""
    pipeline = details.get("pipeline")
    if pipeline:
        found = context.need(pipeline["type"], pipeline["id"])
        details = {**details, "pipeline": full_reference(found)}
    columns, targets = _mappable(context, upstream), _mappable(context, downstream)
    mappings = list(_valid_mappings(details.get("columnsLineage", ()), columns, targets))
    return {"source": "Manual", **details, "columnsLineage": mappings}


def _valid_mappings(
    mappings: Iterable[JsonObject], columns: frozenset[str], targets: frozenset[str]
) -> Iterator[JsonObject]:
    for mapping in mappings:
        kept = [column for column in mapping.get("fromColumns", ()) if column in columns]
        if kept and mapping["toColumn"] in targets:
            yield {**mapping, "fromColumns": kept}


def _mappable(context: Context, document: Document) -> frozenset[str]:
    """Name what a column mapping may name of an entity."""
    kind = KINDS[document.kind]
    parts = (
        part["fullyQualifiedName"]
        for where in kind.parts
        if where.mappable
        for part in walk_parts(document.body, where)
    )
    linked = (
        found.fqn
        for link in kind.links
        if link.mappable
        for found in found_links(context, document.body.get(link.field))
    )
    return frozenset((*parts, *linked))


def _times(context: Context, sent: JsonObject, stored: JsonObject) -> JsonObject:
    """Say when and by whom: since 2.0 what was there first stays, before it was lost."""
    now = {"updatedAt": context.now, "updatedBy": context.user}
    if context.version < (2,):
        return {"createdAt": context.now, "createdBy": context.user, **now}
    moments = [one["createdAt"] for one in (stored, sent) if "createdAt" in one]
    latest = max(sent.get("updatedAt", context.now), stored.get("updatedAt", 0))
    return {
        "createdAt": min(moments, default=context.now),
        "createdBy": stored.get("createdBy", context.user),
        **now,
        "updatedAt": latest,
    }


def _without_source() -> RefusalError:
    """Fail as the server does after it has stored an edge whose source is null."""
    owner = "org.openmetadata.schema.type.LineageDetails"
    call = f'Cannot invoke "{owner}$Source.value()"'
    return unforeseen(f'{call} because the return value of "{owner}.getSource()" is null')


def _details(context: Context, from_id: str, to_id: str, ends: str) -> JsonObject:
    stored = edge_store.find(context.store, from_id, to_id)
    if stored is None or stored.details is None:
        raise RefusalError(404, f"Lineage edge not found between {ends}")
    return stored.details
