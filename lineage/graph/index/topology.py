"""The topology: nodes, and what leads from one to the next, compiled from plain arrays.

At the grain of parts a reference that holds others has an entry and an exit. Data arrives at
an entry and leaves from an exit, and containment is what lies between:

* what leaves a column leaves its table: the exit of a part leads to the exit of its parent;
* what arrives at a table, nobody knows at which column, may arrive at each: the entry of a
  parent leads to the entries of its parts, and proves no more than `table` strength;
* what decides the rows of a table influences each of its parts: such a hop arrives at a node
  of its own, which leads to the entries of all parts, nested ones included, and to the exit of
  the table, with `influence` strength;
* what arrives at a reference leaves it: an entry leads to its own exit.

So a value can pass from a column through a table-level edge to every column behind it, yet
never from a column to its neighbour in the same table. A column mapping leads from exit to
entry; an edge without mappings leads from the exit of one entity to the entry of another.

A reference that holds nothing has one node that is both. Its number is that of the reference,
and so is the number of every exit; the entries of what holds parts come after all of them,
then the nodes of rows. Ways in and out that lead to no hop are left out: most of them do.
"""

from dataclasses import dataclass

import numpy as np

from lineage.graph.index.arcs import Arcs, Flags, Ints, Strengths, sort_arcs
from lineage.graph.index.carry import Ways
from lineage.model.edges import Strength

__all__ = ["HopArrays", "Topology", "compile_topology"]


@dataclass(frozen=True, slots=True)
class HopArrays:
    """Hops by the numbers of their references.

    Attributes
    ----------
    tails, heads : array of int32
        Where each leaves, and where it arrives.
    strengths : array of uint8
        What each proves.
    on_rows : array of bool
        Whether it decides all rows of the entity it arrives at.
    """

    tails: Ints
    heads: Ints
    strengths: Strengths
    on_rows: Flags

    def __len__(self) -> int:
        return len(self.tails)


@dataclass(frozen=True, slots=True)
class Topology:
    """Nodes as numbers, and the arcs between them in both directions.

    Attributes
    ----------
    entries : array of int32
        The node where data arrives at each reference. It leaves from the node that has the
        number of the reference.
    owners : array of int32
        The reference of each node.
    downstream, upstream : Ways
        The arcs with and against the direction of the data.
    hop_numbers : array of int32
        The number of the hop at each place of `downstream.hops`.
    """

    entries: Ints
    owners: Ints
    downstream: Ways
    upstream: Ways
    hop_numbers: Ints

    @property
    def nodes(self) -> int:
        """How many nodes there are."""
        return len(self.owners)

    @property
    def nbytes(self) -> int:
        """How much memory the arrays take."""
        ways = (self.downstream, self.upstream)
        arcs = sum(way.hops.nbytes + way.inside.nbytes for way in ways)
        return arcs + self.entries.nbytes + self.owners.nbytes + self.hop_numbers.nbytes


def compile_topology(parents: Ints, hops: HopArrays, *, kept: Ints) -> Topology:
    """Compile references and hops into arcs.

    Parameters
    ----------
    parents : array of int32
        For each reference the number of what it is a part of; -1 where that is nothing.
    hops : HopArrays
    kept : array of int32
        References to which all ways are kept, though no hop may lead on from there.
    """
    many = len(parents)
    parts = (parents >= 0).nonzero()[0].astype(np.int32)
    holding = np.unique(parents[parts])
    with_rows = np.unique(hops.heads[hops.on_rows])
    owners = np.concatenate([np.arange(many, dtype=np.int32), holding, with_rows])
    entries = np.arange(many, dtype=np.int32)
    entries[holding] = np.arange(many, many + len(holding), dtype=np.int32)
    rows = np.full(many, -1, dtype=np.int32)
    rows[with_rows] = np.arange(many + len(holding), len(owners), dtype=np.int32)
    arrive = np.where(hops.on_rows, rows[hops.heads], entries[hops.heads])
    nodes = len(owners)
    down, numbers = sort_arcs(hops.tails, arrive, hops.strengths, nodes=nodes)
    up, _ = sort_arcs(arrive, hops.tails, hops.strengths, nodes=nodes)
    tails, heads, strengths = _inside(parents, parts, holding, entries, rows)
    keep = np.zeros(nodes, dtype=np.bool_)
    keep[kept] = keep[entries[kept]] = True
    ways = [
        Ways(one, _pruned(one, begin, end, strengths, keep))
        for one, begin, end in ((down, tails, heads), (up, heads, tails))
    ]
    return Topology(entries, owners, ways[0], ways[1], numbers)


def _inside(
    parents: Ints, parts: Ints, holding: Ints, entries: Ints, rows: Ints
) -> tuple[Ints, Ints, Strengths]:
    """List the arcs in and out of what holds parts, in the direction of the data."""
    above = parents[parts]
    influenced, entity = _influenced(parents, parts, rows)
    with_rows = (rows >= 0).nonzero()[0]
    arcs = (
        (parts, above, Strength.VALUE),
        (entries[above], entries[parts], Strength.TABLE),
        (entries[holding], holding, Strength.VALUE),
        (rows[entity], entries[influenced], Strength.INFLUENCE),
        (rows[with_rows], with_rows, Strength.INFLUENCE),
    )
    tails, heads, strengths = zip(*arcs, strict=True)
    proven = [
        np.full(len(tail), strength, dtype=np.uint8)
        for tail, strength in zip(tails, strengths, strict=True)
    ]
    return np.concatenate(tails), np.concatenate(heads), np.concatenate(proven)


def _influenced(parents: Ints, parts: Ints, rows: Ints) -> tuple[Ints, Ints]:
    """Pair each part, however deep, with the entity whose rows can be decided."""
    entity = parts
    above = parents[entity]
    while (above >= 0).any():
        entity = np.where(above >= 0, above, entity)
        above = parents[entity]
    has_rows = rows[entity] >= 0
    return parts[has_rows], entity[has_rows]


def _pruned(hops: Arcs, tails: Ints, heads: Ints, strengths: Strengths, keep: Flags) -> Arcs:
    """Sort the arcs that lead to a hop at last, or to what is kept."""
    leads = (hops.counts() > 0) | keep
    while True:
        more = tails[leads[heads] & ~leads[tails]]
        if not len(more):
            break
        leads[more] = True
    chosen = leads[heads]
    return sort_arcs(tails[chosen], heads[chosen], strengths[chosen], nodes=hops.nodes)[0]
