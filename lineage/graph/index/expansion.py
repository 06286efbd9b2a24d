"""Expansion: references become nodes with an entry and an exit, containment becomes arcs.

Data arrives at the entry of a reference and leaves from its exit. What lies between them follows
from what contains what, be it a table with its columns or a bucket with its files:

* what leaves a part leaves what it is in: the exit of a part leads to the exit of its container;
* what arrives at a container, nobody knows at which part, may arrive at each: the entry of a
  container leads to the entries of its parts, and proves no more than `table` strength;
* what decides the rows of a table influences each of its parts: such a hop arrives at a node of
  its own, which leads to the entries of all parts, nested ones included, and to the exit of the
  table, with `influence` strength;
* what arrives at a reference leaves it: its entry leads to its own exit;
* a pipeline that carries an edge and is itself the end of another reads what that edge reads and
  writes what it writes: what else it reads reaches what that edge fills, and what that edge reads
  reaches what else it writes, by `table` strength. What the edge reads arrives at a node of its
  own, so that nothing passes around the edge's own mappings.

So a value can pass from a column through an edge between tables to every column behind it, yet
never from a column to its neighbour in the same table. A mapping leads from exit to entry; an edge
without mappings leads from the exit of one entity to the entry of the other.

A reference that contains nothing has one node that is both. Its number is that of the reference,
and so is the number of every exit. The other nodes come after all of them, group by group.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from lineage.graph.index.adjacency import (
    Adjacency,
    Flags,
    Ints,
    Longs,
    Strengths,
    adjacency_from,
    encode_arcs,
)
from lineage.model.edges import Strength

__all__ = ["Containment", "Expansion", "HopArrays", "PipelineArcs", "expand"]

_NONE = np.empty(0, dtype=np.int32)


class HopArrays(NamedTuple):
    """Hops by the numbers of their references.

    Attributes
    ----------
    tails, heads : array of int32
        The references each leaves and arrives at.
    strengths : array of uint8
        What each proves.
    on_rows : array of bool
        Whether it decides all rows of the entity it arrives at.
    numbers : array of int32
        The number that each has in the graph.
    """

    tails: Ints
    heads: Ints
    strengths: Strengths
    on_rows: Flags
    numbers: Ints


class Containment(NamedTuple):
    """What is in what: pairs of references.

    Attributes
    ----------
    parts, containers : array of int32
        A part, or an entity, and what it is in. An entity can be in several.
    conducts : array of bool
        Whether what leaves the part leaves the container. Nothing leaves a domain: it groups what
        lies elsewhere.
    is_part : array of bool
        For each reference, whether it is a part of an entity and no entity itself.
    """

    parts: Ints
    containers: Ints
    conducts: Flags
    is_part: Flags


class PipelineArcs(NamedTuple):
    """Edges that a pipeline carries, where the pipeline is itself the end of other edges.

    Attributes
    ----------
    pipelines : array of int32
        The pipeline of each.
    tails, heads, numbers : array of int32
        The ends of the edge, and its number.
    """

    pipelines: Ints = _NONE
    tails: Ints = _NONE
    heads: Ints = _NONE
    numbers: Ints = _NONE


@dataclass(frozen=True, slots=True)
class Expansion:
    """Nodes as numbers, and the arcs between them in both directions.

    Attributes
    ----------
    references : int
        How many references there are.
    containers, with_rows, pipelines : array of int32
        The references that have a node more: an entry apart from the exit, one for what decides
        rows, one for what an edge of a pipeline reads. Sorted.
    downstream, upstream : Adjacency
        The arcs with and against the direction of the data.
    hop_numbers : array of int32
        The number of the hop at each place of `downstream`; -1 for what is no hop.
    """

    references: int
    containers: Ints
    with_rows: Ints
    pipelines: Ints
    downstream: Adjacency
    upstream: Adjacency
    hop_numbers: Ints

    @property
    def nodes(self) -> int:
        """How many nodes there are."""
        return self.downstream.nodes

    @property
    def nbytes(self) -> int:
        """How much memory the arrays take, in bytes."""
        own = (self.containers, self.with_rows, self.pipelines, self.hop_numbers)
        return self.downstream.nbytes + self.upstream.nbytes + sum(one.nbytes for one in own)

    def entries(self, references: Ints | Longs) -> Longs:
        """Find the nodes where data arrives at some references."""
        return _own_nodes(self.containers, self.references, references)

    def owners(self, nodes: Ints | Longs) -> Longs:
        """Find the references of some nodes."""
        found = nodes.astype(np.int64)
        begin = self.references
        for having in (self.containers, self.with_rows, self.pipelines):
            own = ((nodes >= begin) & (nodes < begin + len(having))).nonzero()[0]
            found[own] = having[nodes[own] - begin]
            begin += len(having)
        return found


def expand(
    containment: Containment,
    hops: HopArrays,
    pipelines: PipelineArcs | None = None,
    *,
    left_out: Flags | None = None,
) -> Expansion:
    """Compile references, what contains what, and hops into arcs.

    Parameters
    ----------
    containment : Containment
    hops : HopArrays
        The hops between references.
    pipelines : PipelineArcs, optional
        Edges that pipelines carry which are ends of other edges.
    left_out : array of bool, optional
        For each reference, whether it takes no part: nothing flows into it from any that does.
    """
    many = len(containment.is_part)
    nodes = _Nodes(
        many,
        containers=_each(containment.containers, many),
        with_rows=_each(hops.heads[hops.on_rows], many),
        pipelines=_each((pipelines or PipelineArcs()).pipelines, many),
    )
    arcs = [
        _hop_arcs(hops, nodes),
        *(_pipeline_arcs(pipelines, hops, nodes) if pipelines else ()),
        *_free_arcs(containment, nodes),
    ]
    if left_out is not None:
        owners = nodes.owners()
        arcs = [_without_arcs_into(left_out[owners], one) for one in arcs]
    tails = np.concatenate([one.tails for one in arcs])
    heads = np.concatenate([one.heads for one in arcs])
    numbers = np.concatenate([one.numbers for one in arcs])
    forward = np.concatenate([encode_arcs(a.heads, a.strengths, is_hop=a.are_hops) for a in arcs])
    downstream, order = adjacency_from(tails, forward, nodes=nodes.total)
    backward = np.concatenate([encode_arcs(a.tails, a.strengths, is_hop=a.are_hops) for a in arcs])
    upstream, _ = adjacency_from(heads, backward, nodes=nodes.total)
    return Expansion(
        many,
        nodes.containers,
        nodes.with_rows,
        nodes.pipelines,
        downstream,
        upstream,
        numbers.take(order),
    )


class _Nodes(NamedTuple):
    """Which references have nodes of their own besides their exits, and where these begin."""

    references: int
    containers: Ints
    with_rows: Ints
    pipelines: Ints

    @property
    def total(self) -> int:
        return self._pipelines_begin + len(self.pipelines)

    @property
    def _rows_begin(self) -> int:
        return self.references + len(self.containers)

    @property
    def _pipelines_begin(self) -> int:
        return self._rows_begin + len(self.with_rows)

    def entries(self) -> Ints:
        """Return for each of all references the node where data arrives."""
        table = np.arange(self.references, dtype=np.int32)
        table[self.containers] = np.arange(self.references, self._rows_begin)
        return table

    def owners(self) -> Ints:
        """Return the reference of each node."""
        every = np.arange(self.references, dtype=np.int32)
        return np.concatenate([every, self.containers, self.with_rows, self.pipelines])

    def rows(self, references: Ints) -> Longs:
        return _own_nodes(self.with_rows, self._rows_begin, references)

    def reads(self, pipelines: Ints) -> Longs:
        return _own_nodes(self.pipelines, self._pipelines_begin, pipelines)


class _Arcs(NamedTuple):
    tails: Ints
    heads: Ints
    strengths: Strengths
    numbers: Ints
    are_hops: bool


def _without_arcs_into(left_out: Flags, arcs: _Arcs) -> _Arcs:
    tails, heads, strengths, numbers, are_hops = arcs
    kept = left_out[tails] | ~left_out[heads]
    return _Arcs(tails[kept], heads[kept], strengths[kept], numbers[kept], are_hops)


def _hop_arcs(hops: HopArrays, nodes: _Nodes) -> _Arcs:
    heads = nodes.entries().take(hops.heads)
    heads[hops.on_rows] = nodes.rows(hops.heads[hops.on_rows])
    return _Arcs(hops.tails, heads, hops.strengths, hops.numbers, are_hops=True)


def _pipeline_arcs(pipelines: PipelineArcs, hops: HopArrays, nodes: _Nodes) -> list[_Arcs]:
    """List the arcs by which pipelines that are ends of edges share what others of theirs do."""
    entry = nodes.entries()
    # What the edge reads is written by the pipeline's other edges, too.
    leaving = np.isin(hops.tails, nodes.pipelines)
    reads = nodes.reads(pipelines.pipelines)
    out_of = nodes.reads(hops.tails[leaving])
    return [
        _weak_hops(pipelines.tails, reads, pipelines.numbers),
        _weak_hops(out_of, entry.take(hops.heads[leaving]), hops.numbers[leaving]),
        # What else the pipeline reads fills what the edge fills.
        _weak_hops(pipelines.pipelines, entry.take(pipelines.heads), pipelines.numbers),
    ]


def _weak_hops(tails: Ints | Longs, heads: Ints | Longs, numbers: Ints) -> _Arcs:
    weak = np.full(len(tails), Strength.TABLE, dtype=np.uint8)
    return _Arcs(tails.astype(np.int32), heads.astype(np.int32), weak, numbers, are_hops=True)


def _free_arcs(containment: Containment, nodes: _Nodes) -> list[_Arcs]:
    """List the arcs in and out of containers, in the direction of the data."""
    parts, containers, conducts, _ = containment
    entry = nodes.entries()
    influenced, entity = _influenced(containment, nodes.with_rows)
    return [
        _free(parts[conducts], containers[conducts], Strength.VALUE),
        _free(entry.take(containers), entry.take(parts), Strength.TABLE),
        _free(entry.take(nodes.containers), nodes.containers, Strength.VALUE),
        _free(nodes.rows(entity), entry.take(influenced), Strength.INFLUENCE),
        _free(nodes.rows(nodes.with_rows), nodes.with_rows, Strength.INFLUENCE),
    ]


def _free(tails: Ints | Longs, heads: Ints | Longs, strength: Strength) -> _Arcs:
    proven = np.full(len(tails), strength, dtype=np.uint8)
    numbers = np.full(len(tails), -1, dtype=np.int32)
    return _Arcs(tails.astype(np.int32), heads.astype(np.int32), proven, numbers, are_hops=False)


def _influenced(containment: Containment, with_rows: Ints) -> tuple[Ints, Ints]:
    """Find the parts, however deep, of entities whose rows are decided, and those entities."""
    found, entities = [_NONE], [_NONE]
    if len(with_rows):
        order = np.argsort(containment.containers, kind="stable")
        containers, parts = containment.containers[order], containment.parts[order]
        inside, entity = with_rows, with_rows
        while len(inside):
            first, last = (np.searchsorted(containers, inside, side) for side in ("left", "right"))
            counts = last - first
            places = (first - (counts.cumsum() - counts)).repeat(counts) + np.arange(counts.sum())
            inside, entity = parts[places], entity.repeat(counts)
            found.append(inside)
            entities.append(entity)
    inside, entity = np.concatenate(found), np.concatenate(entities)
    is_part = containment.is_part[inside]
    return inside[is_part], entity[is_part]


def _own_nodes(having: Ints, begin: int, references: Ints | Longs) -> Longs:
    """Find the own nodes, numbered from `begin`, of references; themselves where they lack one."""
    if not len(having):
        return references.astype(np.int64)
    places = np.searchsorted(having, references)
    has = having.take(places, mode="clip") == references
    return np.where(has, begin + places, references)


def _each(references: Ints, many: int) -> Ints:
    """Return each of some references once; sorted."""
    there = np.zeros(many, dtype=np.bool_)
    there[references] = True
    return there.nonzero()[0].astype(np.int32)
