"""Compile what a graph holds into the index of one grain."""

from collections.abc import Callable, Iterable

import numpy as np

from lineage.graph.index.arcs import Flags, Ints, Longs, Strengths
from lineage.graph.index.index import Index
from lineage.graph.index.topology import HopArrays, Topology, compile_topology
from lineage.graph.storage import Columns, Telling
from lineage.model.edges import ColumnEdge, Edge, Origin, Strength
from lineage.model.reference import Kind, Reference

__all__ = ["StrengthOf", "compile_entities", "compile_parts", "hop_strengths", "told_by_parts"]

StrengthOf = Callable[[Edge, ColumnEdge], Strength]
"""Tells how much one mapping of an edge proves.

Asked of mappings that tell a function or of masking, and of those that influence; any other
carries the value. Where nobody is asked, all but influences do.
"""


def compile_entities(columns: Columns) -> Index:
    """Compile the edges between entities."""
    told = np.frombuffer(columns.told, dtype=np.uint8)
    numbers = (told & Telling.BARE).nonzero()[0].astype(np.int32)
    hops = _hops(columns, numbers, _own_strengths(columns)[numbers])
    alone = np.full(len(columns.references), -1, dtype=np.int32)
    return Index(_numbered(compile_topology(alone, hops), numbers), columns)


def compile_parts(
    columns: Columns, strength_of: StrengthOf | None, gaps: Iterable[Reference]
) -> Index:
    """Compile the hops between columns and features, and what lies between and within entities.

    Parameters
    ----------
    strength_of : callable, optional
        Tells how much each mapping proves.
    gaps : iterable of Reference
        What a walk upstream has to notice on its way.
    """
    parents = np.array(columns.parents, dtype=np.int32)
    is_source = np.zeros(len(parents), dtype=np.bool_)
    is_source[_sources(columns)] = True
    numbers = _part_hops(columns)
    hops = _hops(columns, numbers, _asked(_part_strengths(columns), columns, strength_of)[numbers])
    unresolved = (is_source[hops.tails] & (parents[hops.tails] >= 0)).nonzero()[0]
    topology = compile_topology(
        np.array(columns.holders(), dtype=np.int32),
        _with_any_column(hops, unresolved, parents),
        ends=np.array(columns.models, dtype=np.int32),
        begins=np.array([columns.numbers[gap] for gap in gaps], dtype=np.int32),
    )
    return Index(_numbered(topology, np.append(numbers, numbers[unresolved])), columns)


def told_by_parts(columns: Columns, number: int, strength_of: StrengthOf | None) -> Strength | None:
    """Tell how much a hop proves among the parts by itself.

    None where what it says depends on other hops, or other hops on it: an edge of which no
    columns are known, a declared one, one that decides rows, or that comes from a source
    nobody found.
    """
    edge, mapping, told = columns.edges[number], columns.mappings[number], columns.told[number]
    tail = columns.references[columns.tails[number]]
    is_plain = (
        edge.evidence.origin != Origin.DECLARED
        and tail.kind != Kind.FEATURE_SOURCE
        and not told & Telling.ON_ROWS
    )
    if mapping is None or not is_plain:
        return None
    own = columns.strength(number)
    return min(own, strength_of(edge, mapping)) if told and strength_of else own


def _part_hops(columns: Columns) -> Ints:
    """Choose the hops between parts, and the edges of which nobody knows the columns they carry.

    An influence says nothing of values. An edge without mappings of its own is spoken for by
    the model's declared sources.
    """
    told = np.frombuffer(columns.told, dtype=np.uint8)
    ends = np.array(columns.tails, dtype=np.int64) << 32 | np.array(columns.heads, dtype=np.int64)
    declared = ends[(told & Telling.DECLARED) > 0]
    is_unmapped = ((told & Telling.UNMAPPED) > 0) & ~np.isin(ends, declared)
    chosen: Flags = (told & Telling.BARE == 0) | is_unmapped
    return chosen.nonzero()[0].astype(np.int32)


def hop_strengths(columns: Columns, strength_of: StrengthOf | None) -> Strengths:
    """Tell how much each hop proves, of entities and of parts."""
    return _asked(_own_strengths(columns), columns, strength_of)


def _own_strengths(columns: Columns) -> Strengths:
    """Tell how much each hop proves, whatever hides the value; see `Columns.strength`."""
    strengths, told = _part_strengths(columns), np.frombuffer(columns.told, dtype=np.uint8)
    naming = (told & Telling.NAMING).nonzero()[0]
    strengths[naming] = Strength.VALUE
    if columns.sources:  # then what is named may not have been found
        strengths[naming] = [columns.strength(number) for number in naming.tolist()]
    return strengths


def _part_strengths(columns: Columns) -> Strengths:
    """Tell how much each hop proves that has a mapping, or whose edge has none."""
    told, tails = np.frombuffer(columns.told, dtype=np.uint8), np.array(columns.tails)
    is_known = ((told & Telling.BARE) == 0) & ~np.isin(tails, _sources(columns))
    strengths = np.where(is_known, np.uint8(Strength.VALUE), np.uint8(Strength.TABLE))
    strengths[(told & Telling.INFLUENCE) > 0] = Strength.INFLUENCE
    return strengths


def _sources(columns: Columns) -> Ints:
    return np.array(list(columns.sources.values()), dtype=np.int32)


def _asked(strengths: Strengths, columns: Columns, strength_of: StrengthOf | None) -> Strengths:
    """Lessen what hops prove by what is told when those are asked about that tell more."""
    if strength_of is None:
        return strengths
    told = np.frombuffer(columns.told, dtype=np.uint8)
    asked = (told & (Telling.INFLUENCE | Telling.MORE)).nonzero()[0]
    edges, mappings = columns.edges, columns.mappings
    says = [
        strength_of(edges[number], mapping)
        for number in asked.tolist()
        if (mapping := mappings[number]) is not None
    ]
    strengths[asked] = np.minimum(strengths[asked], np.array(says, dtype=np.uint8))
    return strengths


def _hops(columns: Columns, numbers: Ints, strengths: Strengths) -> HopArrays:
    told = np.frombuffer(columns.told, dtype=np.uint8)
    return HopArrays(
        tails=np.array(columns.tails, dtype=np.int32)[numbers],
        heads=np.array(columns.heads, dtype=np.int32)[numbers],
        strengths=strengths,
        on_rows=(told & Telling.ON_ROWS)[numbers] > 0,
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
