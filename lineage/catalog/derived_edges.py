"""Derived edges: between the services and the domains of what is joined, which the server counts.

An edge that a pipeline carries also counts from the service upstream to that of the pipeline, and
from there to the service downstream.
"""

from collections.abc import Iterator
from itertools import pairwise

from lineage.catalog import edge_index, edge_store
from lineage.catalog.answers import JsonObject
from lineage.catalog.context import Context
from lineage.catalog.entity_store import Document
from lineage.catalog.reference_fields import found_links

__all__ = ["count_edge", "discount_edge"]

_Pair = tuple[Document, Document]

_TIMES = ("createdAt", "createdBy", "updatedAt", "updatedBy")


def count_edge(
    context: Context, upstream: Document, downstream: Document, details: JsonObject, *, new: bool
) -> None:
    """Write the edges that are derived from one between two assets.

    Parameters
    ----------
    new : bool
        Whether that edge was not there before.
    """
    for above, below in _places(context, upstream, downstream, details):
        stored = edge_store.find(context.store, above.id, below.id)
        if stored and stored.details:
            derived = {**stored.details, "assetEdges": stored.details.get("assetEdges", 0) + new}
        else:
            times = {key: details[key] for key in _TIMES}
            derived = {**times, "source": "ChildAssets", "columnsLineage": [], "assetEdges": 1}
        _put(context, above, below, derived)


def discount_edge(
    context: Context, upstream: Document, downstream: Document, details: JsonObject | None
) -> None:
    """Take an edge that is removed out of those that are derived from it."""
    for above, below in _places(context, upstream, downstream, details or {}):
        stored = edge_store.find(context.store, above.id, below.id)
        if stored is None or stored.details is None:
            continue
        left = stored.details.get("assetEdges", 0) - 1
        if left < 1:
            edge_store.remove(context.store, above.id, below.id)
            edge_index.remove(context.store, above.id, below.id)
        else:
            _put(context, above, below, {**stored.details, "assetEdges": left})


def _put(context: Context, above: Document, below: Document, derived: JsonObject) -> None:
    edge_store.put(context.store, above, below, derived)
    edge_index.put(context.store, above, below, derived)


def _places(
    context: Context, upstream: Document, downstream: Document, details: JsonObject
) -> Iterator[_Pair]:
    """Pair the places that the two ends, and what carries the edge, are in and that differ."""
    carrier = details.get("pipeline")
    job = context.glance(carrier["type"], id=carrier["id"]) if carrier else None
    for field, stops in (
        ("service", (upstream, downstream)),
        ("service", (upstream, job, downstream) if job else ()),
        ("domains", (upstream, downstream)),
    ):
        for one, other in pairwise(stops):
            for above in found_links(context, one.body.get(field)):
                for below in found_links(context, other.body.get(field)):
                    if above.id != below.id:
                        yield above, below
