"""Ways: how data gets on, told apart by what happens to it.

An audit says how much the strongest way proves. Here the others count too: an attribute whose
value arrives may also decide which rows there are, and somebody may ask for that alone.
"""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from lineage.governance.audit.masking import Masking
from lineage.governance.audit.sensitivity import Sensitive
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.edges import Hop, Path, Strength
from lineage.model.reference import Reference

__all__ = ["Passes", "Ways", "is_computed"]

Passes = Callable[[Strength, Hop | None], bool]
"""Tells of a step whether it is of the sort asked for; a way may begin without a hop."""

_NAME = re.compile(r"""["`\[]?(?:\w+\.)*(\w+)["`\]]?""")


class _State(NamedTuple):
    """Where a way stands, and whether a step of the sort asked for lies behind it."""

    place: Reference
    has_passed: bool


_Back = dict[_State, tuple[_State, Hop] | None]
"""The state before each, and the hop between them; None where a way begins."""


class Ways:
    """The ways along some hops of a graph.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    hops : iterable of Hop
        Those of a trace by parts, or the mappings of a whole graph. Of ways of one length,
        the one that comes first in them is found.
    masking : Masking
        What hides values in the graph.
    at_least : Strength
        Steps that prove less are not taken.
    """

    def __init__(
        self, graph: LineageGraph, hops: Iterable[Hop], masking: Masking, *, at_least: Strength
    ) -> None:
        self.graph, self.masking, self.at_least = graph, masking, at_least
        self._onward: dict[Reference, list[Hop]] = {}
        for hop in hops:
            self._onward.setdefault(hop.upstream, []).append(hop)

    def shortest(
        self,
        starts: Iterable[Sensitive],
        ends: frozenset[Reference],
        *,
        passing: Passes | None = None,
    ) -> Path | None:
        """Find the shortest way to any of the ends, or the shortest with a step of some sort.

        Parameters
        ----------
        starts : iterable of Sensitive
            Where a way may begin.
        ends : frozenset of Reference
            Where it may lead.
        passing : callable, optional
            Tells the steps of which there has to be one.
        """
        back: _Back = {}
        for state in self._walk(starts, back, passing or _any):
            if state.has_passed and state.place in ends:
                return Path(_walk_back(state, back))
        return None

    def reach(self, starts: Iterable[Sensitive]) -> frozenset[Reference]:
        """Collect everything a way leads to, what it begins at included."""
        return frozenset(state.place for state in self._walk(starts, {}, _any))

    def _walk(self, starts: Iterable[Sensitive], back: _Back, passing: Passes) -> Iterator[_State]:
        """Go through the states by distance: each step is one hop, so that is breadth first."""
        for place, strength in self._beginnings(starts):
            if strength >= self.at_least:
                back.setdefault(_State(place, passing(strength, None)), None)
        waiting = deque(back)
        while waiting:
            state = waiting.popleft()
            yield state
            for hop in self._leaving(state.place):
                for place, strength in self._arrivals(hop):
                    following = _State(place, state.has_passed or passing(strength, hop))
                    if strength >= self.at_least and following not in back:
                        back[following] = state, hop
                        waiting.append(following)

    def _beginnings(self, starts: Iterable[Sensitive]) -> Iterator[tuple[Reference, Strength]]:
        """Begin where the data is; what is tagged as a whole has it in a part nobody knows."""
        for item in starts:
            yield item.reference, Strength.VALUE
            if not item.reference.is_part:
                for part in self.graph.nested_parts(item.reference):
                    yield part, Strength.TABLE

    def _leaving(self, place: Reference) -> Iterator[Hop]:
        """List what leaves a place, which is also what leaves that which it lies in."""
        around: Reference | None = place
        while around is not None:
            yield from self._onward.get(around, ())
            around = self.graph.parent(around)

    def _arrivals(self, hop: Hop) -> Iterator[tuple[Reference, Strength]]:
        """Tell where a hop arrives: maybe in any part of what it names; on rows, in each."""
        strength = Strength.TABLE
        if hop.column_edge is not None:
            strength = min(hop.strength, self.masking(hop.edge, hop.column_edge))
        yield hop.downstream, strength
        inside = strength if hop.is_on_rows else Strength.TABLE
        for part in self.graph.nested_parts(hop.downstream):
            yield part, inside


def is_computed(hop: Hop) -> bool:
    """Whether a mapping makes something else of the value, and does not just pass it on.

    Examples
    --------
    >>> from lineage.model.edges import ColumnEdge, Edge
    >>> edge = Edge(upstream=Reference("table", "a"), downstream=Reference("table", "b"))
    >>> def hop(function):
    ...     mapping = ColumnEdge(upstream=("a.sex",), downstream="b.title", function=function)
    ...     ends = Reference("column", "a.sex"), Reference("column", "b.title")
    ...     return Hop(
    ...         upstream=ends[0],
    ...         downstream=ends[1],
    ...         strength=Strength.VALUE,
    ...         edge=edge,
    ...         column_edge=mapping,
    ...     )
    >>> [is_computed(hop(text)) for text in (None, "a.Sex", "case sex when 'f' then 'Ms' end")]
    [False, False, True]
    """
    function = (hop.function or "").strip()
    name = _NAME.fullmatch(function)
    columns = {hop.upstream.name.casefold(), "identity"}
    return bool(function) and (name is None or name[1].casefold() not in columns)


def _any(_strength: Strength, _hop: Hop | None) -> bool:
    return True


def _walk_back(state: _State, back: _Back) -> tuple[Hop, ...]:
    hops = []
    step = back[state]
    while step is not None:
        state, hop = step
        hops.append(hop)
        step = back[state]
    return tuple(reversed(hops))
