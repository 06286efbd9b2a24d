"""Compile what a graph holds into the index of one grain."""

from collections.abc import Callable, Iterable

import numpy as np

from lineage.graph.columns import Columns
from lineage.graph.index.arcs import Flags, Ints, Longs
from lineage.graph.index.index import Index
from lineage.graph.index.topology import HopArrays, Topology, compile_topology
from lineage.model.edges import ColumnEdge, Edge, Origin, Strength
from lineage.model.reference import Kind, Reference

__all__ = ["StrengthOf", "compile_entities", "compile_parts", "told_by_parts"]

StrengthOf = Callable[[Edge, ColumnEdge], Strength]
"""Tells how much one mapping of an edge proves."""


def compile_entities(columns: Columns) -> Index:
    """Compile the edges between entities."""
    numbers = _bare(columns).nonzero()[0].astype(np.int32)
    strengths = [columns.strength(number) for number in numbers.tolist()]
    hops = _hops(columns, numbers, strengths)
    alone = np.full(len(columns.references), -1, dtype=np.int32)
    return Index(_numbered(compile_topology(alone, hops), numbers), columns)


def compile_parts(columns: Columns, strength_of: StrengthOf, gaps: Iterable[Reference]) -> Index:
    """Compile the hops between columns and features, and what lies between and within entities.

    Parameters
    ----------
    strength_of : callable
        Tells how much each mapping proves.
    gaps : iterable of Reference
        What a walk upstream has to notice on its way.
    """
    parents = np.array(columns.parent_numbers(), dtype=np.int32)
    is_source = _of_kind(columns, Kind.FEATURE_SOURCE)
    numbers = (~_bare(columns) | _unmapped(columns)).nonzero()[0].astype(np.int32)
    strengths = [_strength(columns, number, strength_of) for number in numbers.tolist()]
    hops = _hops(columns, numbers, strengths)
    unresolved = (is_source[hops.tails] & (parents[hops.tails] >= 0)).nonzero()[0]
    topology = compile_topology(
        np.array(columns.holders(), dtype=np.int32),
        _with_any_column(hops, unresolved, parents),
        ends=_of_kind(columns, Kind.MLMODEL).nonzero()[0].astype(np.int32),
        begins=np.array([columns.numbers[gap] for gap in gaps], dtype=np.int32),
    )
    return Index(_numbered(topology, np.append(numbers, numbers[unresolved])), columns)


def told_by_parts(columns: Columns, number: int, strength_of: StrengthOf) -> Strength | None:
    """Tell how much a hop proves among the parts by itself.

    None where what it says depends on other hops, or other hops on it: an edge of which no
    columns are known, a declared one, one that decides rows, or that comes from a source
    nobody found.
    """
    edge, mapping = columns.edges[number], columns.mappings[number]
    tail, head = (columns.references[side[number]] for side in (columns.tails, columns.heads))
    is_plain = (
        mapping is not None
        and edge.evidence.origin != Origin.DECLARED
        and tail.kind != Kind.FEATURE_SOURCE
        and not (mapping.influence is not None and head == edge.downstream)
    )
    return _strength(columns, number, strength_of) if is_plain else None


def _strength(columns: Columns, number: int, strength_of: StrengthOf) -> Strength:
    edge, mapping = columns.edges[number], columns.mappings[number]
    own = columns.strength(number)
    return own if mapping is None else min(own, strength_of(edge, mapping))


def _hops(columns: Columns, numbers: Ints, strengths: list[Strength]) -> HopArrays:
    edges, mappings = columns.edges, columns.mappings
    on_rows = [
        mapping is not None
        and mapping.influence is not None
        and mapping.downstream == edges[number].downstream.fqn
        and columns.references[columns.heads[number]] == edges[number].downstream
        for number in numbers.tolist()
        for mapping in (mappings[number],)
    ]
    return HopArrays(
        tails=np.array(columns.tails, dtype=np.int32)[numbers],
        heads=np.array(columns.heads, dtype=np.int32)[numbers],
        strengths=np.array(strengths, dtype=np.uint8),
        on_rows=np.array(on_rows, dtype=np.bool_),
    )


def _with_any_column(hops: HopArrays, unresolved: Longs, parents: Ints) -> HopArrays:
    """Add, for each source that names no column, a hop from its entity: any may be meant."""
    weak = np.full(len(unresolved), Strength.TABLE, dtype=np.uint8)
    return HopArrays(
        tails=np.append(hops.tails, parents[hops.tails[unresolved]]),
        heads=np.append(hops.heads, hops.heads[unresolved]),
        strengths=np.append(hops.strengths, weak),
        on_rows=np.append(hops.on_rows, hops.on_rows[unresolved]),
    )


def _numbered(topology: Topology, numbers: Ints) -> Topology:
    """Let the places of hops tell the numbers they have in the graph."""
    np.take(numbers, topology.hop_numbers, out=topology.hop_numbers)
    return topology


def _of_kind(columns: Columns, kind: Kind) -> Flags:
    return np.array([reference.kind == kind for reference in columns.references], dtype=np.bool_)


def _bare(columns: Columns) -> Flags:
    return np.array([mapping is None for mapping in columns.mappings], dtype=np.bool_)


def _unmapped(columns: Columns) -> Flags:
    """Tell the edges of which nobody knows the columns they carry.

    An influence says nothing of values. An edge without mappings of its own is spoken for by
    the model's declared sources.
    """
    declared = {
        (edge.upstream, edge.downstream)
        for edge in columns.edges
        if edge.evidence.origin == Origin.DECLARED
    }
    unmapped = [
        mapping is None
        and not edge.value_mappings
        and (edge.upstream, edge.downstream) not in declared
        for edge, mapping in zip(columns.edges, columns.mappings, strict=True)
    ]
    return np.array(unmapped, dtype=np.bool_)
