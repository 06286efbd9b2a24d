"""The search index beside the database: what only one of them holds.

The index is brought up to date after the database, and an update that fails is only tried
again: so it may show an edge that was deleted, lack one that was added, or show what an edge had
before it was written again.
"""

from collections.abc import Iterator
from typing import Literal

from lineage.model.edges import ColumnEdge, Edge
from lineage.model.reference import Reference
from lineage.model.snapshot import Disagreement, GapKind
from lineage.openmetadata.snapshot_builder import SnapshotBuilder

__all__ = ["compare"]

_Pair = tuple[Reference, Reference]
_Fact = tuple[Literal["mapping", "sql", "pipeline"], str]


def compare(builder: SnapshotBuilder, indexed: SnapshotBuilder, complete: set[str]) -> None:
    """Note where two builders of the same entities disagree about edges.

    What the database holds stays. Where it did not answer for the edges into an entity, which is
    a gap already, those that the index shows are kept.

    Parameters
    ----------
    builder : SnapshotBuilder
        What the database holds. Disagreements, and edges it did not answer for, are added.
    indexed : SnapshotBuilder
        What the index shows.
    complete : set of str
        Ids of the entities whose edges the index shows in full.
    """
    known = {item.reference: item.id in complete for item in builder.entities.values()}
    silent = {gap.subject for gap in builder.gaps if gap.kind == GapKind.EDGES_NOT_READ}
    shown = {pair: edge for pair, edge in _by_ends(indexed) if pair[1] in known}
    held = dict(_by_ends(builder))
    missing = shown.keys() - held.keys()
    builder.edges += [shown[pair] for pair in missing if pair[1] in silent]
    only_shown = sorted(pair for pair in missing if pair[1] not in silent)
    only_held = sorted(pair for pair in held.keys() - shown.keys() if known.get(pair[1]))
    builder.disagreements += [Disagreement(*pair, "index") for pair in only_shown]
    builder.disagreements += [Disagreement(*pair, "database") for pair in only_held]
    for pair in shown.keys() & held.keys():
        builder.disagreements += _differences(shown[pair], held[pair])
    if only_shown:
        builder.leave_out("edges in the search index that the database denies", len(only_shown))


def _by_ends(builder: SnapshotBuilder) -> Iterator[tuple[_Pair, Edge]]:
    return (((edge.upstream, edge.downstream), edge) for edge in builder.edges)


def _differences(shown: Edge, held: Edge) -> Iterator[Disagreement]:
    """Name what an edge has in one of the two memories only."""
    in_index, in_database = set(_facts(shown)), set(_facts(held))
    for what, value in sorted(in_index - in_database):
        yield Disagreement(held.upstream, held.downstream, "index", what, value)
    for what, value in sorted(in_database - in_index):
        yield Disagreement(held.upstream, held.downstream, "database", what, value)


def _facts(edge: Edge) -> Iterator[_Fact]:
    for mapping in edge.column_edges:
        yield "mapping", _mapping_text(mapping)
    if edge.evidence.sql:
        yield "sql", edge.evidence.sql
    if edge.evidence.pipeline is not None:
        yield "pipeline", str(edge.evidence.pipeline)


def _mapping_text(mapping: ColumnEdge) -> str:
    function = f" : {mapping.function}" if mapping.function else ""
    return f"{', '.join(mapping.upstream)} -> {mapping.downstream}{function}"
