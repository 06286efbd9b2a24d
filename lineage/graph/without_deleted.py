"""The graph as it is if what is soft-deleted no longer counts."""

from array import array
from dataclasses import replace
from itertools import compress

from lineage.graph.lineage_graph import LineageGraph
from lineage.graph.storage import Storage
from lineage.model.entities import Entity
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap, GapKind

__all__ = ["deleted_entities", "without_deleted"]


def deleted_entities(graph: LineageGraph) -> tuple[Reference, ...]:
    """List the entities that are soft-deleted; sorted."""
    values = ((reference, graph.value(reference)) for reference in graph.references())
    return tuple(
        reference for reference, value in values if isinstance(value, Entity) and value.deleted
    )


def without_deleted(graph: LineageGraph) -> LineageGraph:
    """Make a graph in which soft-deleted entities conduct nothing.

    Each stays by its name alone, as if it were hidden: nothing flows into it, nothing in it
    is tagged, and a gap says that it was left out. So what is downstream of it is not known,
    and no answer takes it for harmless.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.

    Returns
    -------
    LineageGraph
        With a gap of the kind `deleted-left-out` for each entity that was left out.

    Examples
    --------
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.snapshot import Snapshot
    >>> gone = Entity(reference=Reference("table", "old"), deleted=True)
    >>> print(*without_deleted(build_graph(Snapshot(entities=(gone,)))).gaps)
    deleted-left-out at table:old: it is soft-deleted, and was left out as asked
    """
    left_out = frozenset(deleted_entities(graph))
    reason = "it is soft-deleted, and was left out as asked"
    gaps = [Gap(GapKind.DELETED_LEFT_OUT, entity, reason) for entity in sorted(left_out)]
    is_left_out = [graph.entity_of(reference) in left_out for reference in graph]
    return LineageGraph(
        _without(graph.storage, is_left_out),
        server=graph.server,
        server_version=graph.server_version,
        read_at=graph.read_at,
        gaps=(*graph.gaps, *gaps),
    )


def _without(storage: Storage, is_left_out: list[bool]) -> Storage:
    """Keep what a storage holds, but for some values and for what flows into them."""
    values = zip(storage.values, is_left_out, strict=True)
    kept = [not is_left_out[head] for head in storage.heads]
    carried = zip(storage.carried_by[::2], storage.carried_by[1::2], strict=True)
    moved = {number: place for place, number in enumerate(compress(range(len(kept)), kept))}
    return replace(
        storage,
        values=[None if gone else value for value, gone in values],
        tails=array("i", compress(storage.tails, kept)),
        heads=array("i", compress(storage.heads, kept)),
        edges=list(compress(storage.edges, kept)),
        mappings=list(compress(storage.mappings, kept)),
        flags=bytearray(compress(storage.flags, kept)),
        carried_by=array(
            "i", (one for hop, job in carried if kept[hop] for one in (moved[hop], job))
        ),
        left_out=bytes(is_left_out),
    )
