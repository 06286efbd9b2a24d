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

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from lineage.graph.index.arcs import Arcs, Flags, Ints, Longs, Strengths, group_arcs, sort_arcs
from lineage.graph.index.ways import Ways, make_ways
from lineage.model.edges import Strength

__all__ = ["HopArrays", "Topology", "compile_topology", "keep_ways_to"]


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
    references : int
        How many references there are.
    holding, with_rows : array of int32
        The references that have a node more: an entry of their own, or rows.
    downstream, upstream : Ways
        The arcs with and against the direction of the data.
    hop_numbers : array of int32
        The number of the hop at each place of `downstream.hops`.
    """

    references: int
    holding: Ints
    with_rows: Ints
    downstream: Ways
    upstream: Ways
    hop_numbers: Ints

    @property
    def nodes(self) -> int:
        """How many nodes there are."""
        return self.references + len(self.holding) + len(self.with_rows)

    @property
    def nbytes(self) -> int:
        """How much memory the arrays take."""
        ways = self.downstream.nbytes + self.upstream.nbytes
        return ways + self.holding.nbytes + self.with_rows.nbytes + self.hop_numbers.nbytes

    def entries(self, references: Ints | Longs) -> Longs:
        """Find the nodes where data arrives at some references."""
        return _own_nodes(self.holding, self.references, references)

    def owners(self, nodes: Ints | Longs) -> Longs:
        """Find the references of some nodes."""
        found = nodes.astype(np.int64)
        begin = self.references
        for having in (self.holding, self.with_rows):
            own = ((nodes >= begin) & (nodes < begin + len(having))).nonzero()[0]
            found[own] = having[nodes[own] - begin]
            begin += len(having)
        return found


def compile_topology(
    parents: Ints, hops: HopArrays, *, ends: Ints | None = None, begins: Ints | None = None
) -> Topology:
    """Compile references and hops into arcs.

    Parameters
    ----------
    parents : array of int32
        For each reference the number of what it is a part of; -1 where that is nothing.
    hops : HopArrays
        The hops between references.
    ends, begins : array of int32, optional
        References to which all ways are kept, downstream and upstream, though no hop leads on
        from there.

    Returns
    -------
    Topology
    """
    many = len(parents)
    parts = (parents >= 0).nonzero()[0].astype(np.int32)
    holding, with_rows = _each(parents[parts], many), _each(hops.heads[hops.on_rows], many)
    nodes = many + len(holding) + len(with_rows)
    heads = _own_table(holding, many, many).take(hops.heads)
    heads[hops.on_rows] = _own_nodes(with_rows, many + len(holding), hops.heads[hops.on_rows])
    inside = _inside(parents, parts, holding, with_rows)
    kept = [_kept(references, holding, nodes, many) for references in (ends, begins)]
    down, numbers = sort_arcs(hops.tails, heads, hops.strengths, nodes=nodes)
    downstream = _ways(down, inside, kept[0])
    up = group_arcs(heads, hops.tails, hops.strengths, nodes=nodes)
    upstream = _ways(up, (inside[1], inside[0], inside[2]), kept[1])
    return Topology(many, holding, with_rows, downstream, upstream, numbers)


def keep_ways_to(topology: Topology, holders: Callable[[], Sequence[int]], ends: Longs) -> Ways:
    """Give the arcs downstream, with all ways into some nodes; see `compile_topology`.

    Parameters
    ----------
    holders : callable
        Gives for each reference the number of what it is a part of, as it was compiled; asked
        only where ways are lacking.
    """
    if topology.downstream.is_open[ends].all():
        return topology.downstream
    parents = np.array(holders(), dtype=np.int32)
    parts = (parents >= 0).nonzero()[0].astype(np.int32)
    inside = _inside(parents, parts, topology.holding, topology.with_rows)
    kept = topology.downstream.is_open
    kept[ends] = True
    return _ways(topology.downstream.hops, inside, kept)


def _own_nodes(having: Ints, begin: int, references: Ints | Longs) -> Longs:
    """Find the own nodes, numbered from `begin`, of references; themselves where they lack one."""
    if not len(having):
        return references.astype(np.int64)
    places = np.searchsorted(having, references)
    has = having.take(places, mode="clip") == references
    return np.where(has, begin + places, references)


def _own_table(having: Ints, begin: int, many: int) -> Ints:
    """Tell for each of all references what `_own_nodes` finds; for many that is faster."""
    table = np.arange(many, dtype=np.int32)
    table[having] = np.arange(begin, begin + len(having))
    return table


def _each(references: Ints, many: int) -> Ints:
    """Give each of some references once; sorted."""
    there = np.zeros(many, dtype=np.bool_)
    there[references] = True
    return there.nonzero()[0].astype(np.int32)


def _kept(references: Ints | None, holding: Ints, nodes: int, many: int) -> Flags:
    flags = np.zeros(nodes, dtype=np.bool_)
    if references is not None:
        flags[references] = True
        flags[_own_nodes(holding, many, references)] = True
    return flags


def _inside(
    parents: Ints, parts: Ints, holding: Ints, with_rows: Ints
) -> tuple[Ints, Ints, Strengths]:
    """List the arcs in and out of what holds parts, in the direction of the data."""
    many = len(parents)
    entry = _own_table(holding, many, many)
    above, entries = parents[parts], entry.take(parts)
    influenced, entity = _influenced(parents, parts, with_rows)
    rows = many + len(holding)
    arcs = (
        (parts, above, Strength.VALUE),
        (entry.take(above), entries, Strength.TABLE),
        (entry.take(holding), holding, Strength.VALUE),
        (_own_nodes(with_rows, rows, entity), entries[influenced], Strength.INFLUENCE),
        (_own_nodes(with_rows, rows, with_rows), with_rows, Strength.INFLUENCE),
    )
    proven = [np.full(len(tails), strength, dtype=np.uint8) for tails, _, strength in arcs]
    tails = np.concatenate([one for one, _, _ in arcs], dtype=np.int32, casting="same_kind")
    heads = np.concatenate([one for _, one, _ in arcs], dtype=np.int32, casting="same_kind")
    return tails, heads, np.concatenate(proven)


def _influenced(parents: Ints, parts: Ints, with_rows: Ints) -> tuple[Longs, Ints]:
    """Find the parts, however deep, of entities whose rows can be decided, and those entities."""
    if not len(with_rows):
        return np.empty(0, dtype=np.int64), with_rows
    entity = parts
    while ((above := parents[entity]) >= 0).any():
        entity = np.where(above >= 0, above, entity)
    chosen = np.isin(entity, with_rows).nonzero()[0]
    return chosen, entity[chosen]


def _ways(hops: Arcs, inside: tuple[Ints, Ints, Strengths], kept: Flags) -> Ways:
    """Join hops with those ways in and out that lead to a hop at last, or to what is kept."""
    tails, heads, strengths = inside
    leads = _leading(hops.counts > 0, tails, heads)
    is_open = _leading(leads | kept, tails, heads)
    chosen = is_open[heads]
    free = group_arcs(tails[chosen], heads[chosen], strengths[chosen], nodes=hops.nodes)
    return make_ways(hops, free, leads=leads, is_open=is_open)


def _leading(leads: Flags, tails: Ints, heads: Ints) -> Flags:
    """Spread against the arcs what leads on."""
    leads = leads.copy()
    while len(more := tails[leads[heads] & ~leads[tails]]):
        leads[more] = True
    return leads
