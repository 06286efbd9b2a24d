"""Flow: the graph compiled for walking, at the grain of entities or of their parts.

At the grain of parts every reference has an entry and an exit. Data arrives at an entry and
leaves from an exit, and containment is what lies between:

* what leaves a column leaves its table: the exit of a part leads to the exit of its parent;
* what arrives at a table, nobody knows at which column, may arrive at each: the entry of a
  parent leads to the entries of its parts, and proves no more than `table` strength;
* what decides the rows of a table influences each of its parts: such a hop arrives at a node
  of its own, which leads to the entries of all parts, nested ones included, and to the exit of
  the table, with `influence` strength;
* what arrives at a reference leaves it: each entry leads to its own exit.

So a value can pass from a column through a table-level edge to every column behind it, yet
never from a column to its neighbour in the same table. A column mapping leads from exit to
entry; an edge without mappings leads from the exit of one entity to the entry of another.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import inf

from lineage.model.edges import ColumnEdge, Edge, Hop, Strength
from lineage.model.reference import Reference

__all__ = ["Arc", "Flow", "StrengthOf", "mapping_strength"]

StrengthOf = Callable[[Edge, ColumnEdge], Strength]
"""Tells how much one mapping of an edge proves."""


def mapping_strength(_edge: Edge, column_edge: ColumnEdge) -> Strength:
    """Take every mapping but an influence to carry the value; governance says what masks."""
    return Strength.VALUE if column_edge.influence is None else Strength.INFLUENCE


def _any(_node: int) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Arc:
    """One step of a walk: to which node, how strong, and the hop it shows as.

    `hop` is None where the step only goes in or out of what contains a part.
    """

    node: int
    strength: Strength
    hop: Hop | None = None


@dataclass(slots=True)
class Flow:
    """Nodes as numbers, with what leaves and what reaches each.

    Attributes
    ----------
    references : list of Reference
        The reference of each node.
    entries, exits : dict of Reference to int
        The node where data arrives at a reference, and the one where it leaves.
    rows : dict of Reference to int
        The node where what decides all rows of an entity arrives.
    downstream, upstream : list of list of Arc
        The steps with and against the direction of the data.
    """

    references: list[Reference] = field(default_factory=list)
    entries: dict[Reference, int] = field(default_factory=dict)
    exits: dict[Reference, int] = field(default_factory=dict)
    rows: dict[Reference, int] = field(default_factory=dict)
    downstream: list[list[Arc]] = field(default_factory=list)
    upstream: list[list[Arc]] = field(default_factory=list)

    def add_whole(self, reference: Reference) -> None:
        """Add a reference whose entry is its exit."""
        self.entries[reference] = self.exits[reference] = self._add_node(reference)

    def add_passage(self, reference: Reference) -> None:
        """Add a reference with an entry that leads to an exit."""
        self.entries[reference] = entry = self._add_node(reference)
        self.exits[reference] = way_out = self._add_node(reference)
        self._connect(entry, way_out, Strength.VALUE)

    def contain(self, parent: Reference, part: Reference) -> None:
        """Let what leaves the part leave the parent, and what arrives there arrive here."""
        self._connect(self.exits[part], self.exits[parent], Strength.VALUE)
        self._connect(self.entries[parent], self.entries[part], Strength.TABLE)

    def add_rows(self, entity: Reference, parts: Iterable[Reference]) -> None:
        """Let what decides the rows of an entity influence its parts and what leaves it."""
        self.rows[entity] = rows = self._add_node(entity)
        for node in (self.exits[entity], *(self.entries[part] for part in parts)):
            self._connect(rows, node, Strength.INFLUENCE)

    def add_hop(self, hop: Hop) -> None:
        """Let data flow along a hop."""
        heads = self.rows if hop.is_on_rows else self.entries
        self._connect(self.exits[hop.upstream], heads[hop.downstream], hop.strength, hop)

    def spread(self, seeds: Mapping[int, int], *, at_least: Strength) -> list[int]:
        """Carry bits downstream along all arcs that are strong enough.

        Parameters
        ----------
        seeds : mapping of node to bits
            Where each bit starts; bits are those of an int of any length.
        at_least : Strength
            Weaker arcs do not conduct.

        Returns
        -------
        list of int
            For each node, the bits that reach it.
        """
        bits = [0] * len(self.references)
        for node, own in seeds.items():
            bits[node] |= own
        waiting = deque(sorted(seeds))
        queued = set(waiting)
        while waiting:
            node = waiting.popleft()
            queued.discard(node)
            for arc in self.downstream[node]:
                if arc.strength >= at_least and bits[node] & ~bits[arc.node]:
                    bits[arc.node] |= bits[node]
                    if arc.node not in queued:
                        queued.add(arc.node)
                        waiting.append(arc.node)
        return bits

    def distances(
        self,
        starts: Iterable[int],
        *,
        along: list[list[Arc]],
        at_least: Strength = Strength.TABLE,
        depth: int | None = None,
    ) -> dict[int, int]:
        """Count the hops from the nearest start to every node in reach.

        Parameters
        ----------
        along : list of list of Arc
            `flow.downstream` or `flow.upstream`.
        depth : int, optional
            Go no further than so many hops.

        Returns
        -------
        dict of int to int
            In the order the nodes were reached: by distance.
        """
        farthest = inf if depth is None else depth
        return dict(self._walk(starts, along=along, at_least=at_least, farthest=farthest))

    def shortest_path(
        self,
        starts: Iterable[int],
        end: int,
        *,
        at_least: Strength = Strength.TABLE,
        allowed: Callable[[int], bool] = _any,
    ) -> tuple[Hop, ...] | None:
        """Find a path of the fewest hops from any start; None where there is none.

        Parameters
        ----------
        allowed : callable
            Only nodes this holds for are passed, which keeps the search small where it is
            known already what can lie on the way.
        """
        goal = set(starts)
        steps: dict[int, tuple[int, Hop | None]] = {}
        walk = self._walk(
            [end], along=self.upstream, at_least=at_least, allowed=allowed, steps=steps
        )
        for node, _ in walk:
            if node in goal:
                return _walk_back(node, steps)
        return None

    def _walk(
        self,
        starts: Iterable[int],
        *,
        along: list[list[Arc]],
        at_least: Strength,
        farthest: float = inf,
        allowed: Callable[[int], bool] = _any,
        steps: dict[int, tuple[int, Hop | None]] | None = None,
    ) -> Iterator[tuple[int, int]]:
        """Reach nodes by distance, where going in and out of what contains a part is free.

        That is a breadth-first search over arcs of length 0 and 1: what costs nothing goes
        to the front of the queue. `steps` is filled with the way back from each node.
        """
        best = dict.fromkeys(starts, 0)
        waiting, done = deque(best), set()
        while waiting:
            node = waiting.popleft()
            if node in done:
                continue
            done.add(node)
            yield node, best[node]
            for arc in along[node]:
                length = best[node] + (arc.hop is not None)
                if arc.strength < at_least or best.get(arc.node, length + 1) <= length:
                    continue
                if length > farthest or not allowed(arc.node):
                    continue
                best[arc.node] = length
                if steps is not None:
                    steps[arc.node] = node, arc.hop
                if arc.hop is None:
                    waiting.appendleft(arc.node)
                else:
                    waiting.append(arc.node)

    def hops_on(self, node: int, *, along: list[list[Arc]]) -> list[Arc]:
        """Collect the hops that lead on from a node, or from what it is in or holds."""
        waiting, seen, found = deque([node]), {node}, []
        while waiting:
            for arc in along[waiting.popleft()]:
                if arc.hop is not None:
                    found.append(arc)
                elif arc.node not in seen:
                    seen.add(arc.node)
                    waiting.append(arc.node)
        return found

    def _add_node(self, reference: Reference) -> int:
        self.references.append(reference)
        self.downstream.append([])
        self.upstream.append([])
        return len(self.references) - 1

    def _connect(self, tail: int, head: int, strength: Strength, hop: Hop | None = None) -> None:
        self.downstream[tail].append(Arc(head, strength, hop))
        self.upstream[head].append(Arc(tail, strength, hop))


def _walk_back(node: int, steps: Mapping[int, tuple[int, Hop | None]]) -> tuple[Hop, ...]:
    """Collect the hops from a start to the end, in the direction of the data."""
    hops = []
    while node in steps:
        node, hop = steps[node]
        if hop is not None:
            hops.append(hop)
    return tuple(hops)
