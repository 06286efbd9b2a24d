"""Search for paths distinguished by what happens to the data on them.

An audit says how much the strongest path proves. Here the others count too: an attribute whose
value arrives may also decide which rows there are, and somebody may ask for that alone.
"""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from lineage.governance.audit.sensitivity import Sensitive
from lineage.graph.index.index import Index
from lineage.model.edges import Hop, Path, Strength
from lineage.model.reference import Reference

__all__ = ["IsOfSort", "PathSearch", "is_computed"]

IsOfSort = Callable[[Strength, Hop | None], bool]
"""Whether a step is of the sort asked for; a step into a column that nobody knows has no hop."""

_NAME = re.compile(r"""["`\[]?(?:\w+\.)*(\w+)["`\]]?""")


class _State(NamedTuple):
    """Where a path has come to, and whether a step of the sort asked for lies behind it."""

    node: int
    has_passed: bool


_Back = dict[_State, tuple[_State, Hop | None] | None]
"""The state before each, and the hop between them if it is one; None where a path begins."""


class PathSearch:
    """The paths along some hops of a graph.

    Parameters
    ----------
    index : Index
        That of its parts.
    at_least : Strength
        Steps that prove less are not taken.
    keeps : callable, optional
        Whether a hop may be taken; any may unless given.
    """

    def __init__(
        self, index: Index, *, at_least: Strength, keeps: Callable[[Hop], bool] | None = None
    ) -> None:
        self.index, self.at_least, self.keeps = index, at_least, keeps

    def shortest(
        self,
        starts: Iterable[Sensitive],
        ends: Iterable[Reference],
        *,
        passing: IsOfSort | None = None,
    ) -> Path | None:
        """Find the shortest path to any of the ends, or the shortest with a step of some sort.

        Parameters
        ----------
        starts : iterable of Sensitive
            Where a path may begin.
        ends : iterable of Reference
            Where it may lead.
        passing : callable, optional
            Whether a step is of the sort of which there has to be one.
        """
        wanted = {self.index.exit(end) for end in ends}
        back: _Back = {}
        for state in self._walk(starts, back, passing):
            if state.has_passed and state.node in wanted:
                return Path(_walk_back(state, back))
        return None

    def reach(self, starts: Iterable[Sensitive]) -> frozenset[Reference]:
        """Collect everything a path leads to, what it begins at included."""
        states = self._walk(starts, {}, None)
        return frozenset(self.index.reference(state.node) for state in states)

    def _walk(
        self, starts: Iterable[Sensitive], back: _Back, passing: IsOfSort | None
    ) -> Iterator[_State]:
        """Iterate over the states by their hops: what is reached without one more comes first."""
        origins = (self.index.origin(item.reference) for item in starts)
        waiting = deque(_State(node, passing is None) for node in dict.fromkeys(origins))
        back.update(dict.fromkeys(waiting))
        done: set[_State] = set()
        while waiting:
            state = waiting.popleft()
            if state in done:
                continue
            done.add(state)
            yield state
            for following, hop in self._steps(state, passing):
                known = back.get(following, False)
                # A step without a hop may reach sooner what a hop has found already.
                if known is False or (hop is None and following not in done):
                    back[following] = state, hop
                    if hop is None:
                        waiting.appendleft(following)
                    else:
                        waiting.append(following)

    def _steps(
        self, state: _State, passing: IsOfSort | None
    ) -> Iterator[tuple[_State, Hop | None]]:
        adjacency = self.index.adjacency("downstream")
        places = adjacency.row(state.node)
        for place, arc in zip(places, adjacency.arcs_from(state.node), strict=True):
            end, number, is_hop = arc
            strength = Strength(number)
            if strength < self.at_least:
                continue
            hop = self.index.hop(state.node, place) if is_hop else None
            if hop is None or self.keeps is None or self.keeps(hop):
                has_passed = state.has_passed or (passing is not None and passing(strength, hop))
                yield _State(end, has_passed), hop


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


def _walk_back(state: _State, back: _Back) -> tuple[Hop, ...]:
    hops = []
    step = back[state]
    while step is not None:
        state, hop = step
        if hop is not None:
            hops.append(hop)
        step = back[state]
    return tuple(reversed(hops))
