"""Spreading: what some changes reach together, how strong and how near, and by which paths."""

from functools import cached_property
from typing import NamedTuple

import numpy as np

from lineage.graph.index.adjacency import Longs, Strengths
from lineage.graph.index.index import Index
from lineage.model.edges import Hop, Path, Strength
from lineage.queries.impact.first_hops import Departure
from lineage.queries.impact.verdicts import verdict_of

__all__ = ["Route", "Spreading"]


class Route(NamedTuple):
    """One path of a change: the number of the change, and the path."""

    change: int
    path: Path


class Spreading:
    """All that changes of one effect reach by a hop or more, in one walk.

    Parameters
    ----------
    index : Index
    departure : Departure
        Where the changes begin, and their first hops.
    is_taken_away : bool
        Whether they take away what they are about, or only alter it.
    """

    def __init__(self, index: Index, departure: Departure, *, is_taken_away: bool) -> None:
        self.index, self.departure, self.is_taken_away = index, departure, is_taken_away
        hops = departure.hops
        self._arrivals = index.strongest_paths(hops.nodes, "downstream", strengths=hops.strengths)

    @cached_property
    def strengths(self) -> Strengths:
        """How much the strongest path of a hop or more to each node proves; 0 for no path."""
        found = np.zeros(self.index.expansion.nodes, dtype=np.uint8)
        last = self._arrivals.last
        found[self._arrivals.nodes[last]] = self._arrivals.strengths[last]
        return found

    @cached_property
    def held(self) -> Strengths:
        """How much is known of the changes at each node without a hop; 0 where there are none."""
        found = np.zeros(self.index.expansion.nodes, dtype=np.uint8)
        np.maximum.at(found, self.departure.held.nodes, self.departure.held.strengths)
        return found

    @cached_property
    def depths(self) -> Longs:
        """The fewest hops to each node, by any path; 0 where there is none."""
        found = np.zeros(self.index.expansion.nodes, dtype=np.int64)
        arrivals = self._arrivals
        found[arrivals.nodes[arrivals.last]] = arrivals.hops(arrivals.first) + 1
        return found

    @cached_property
    def severities(self) -> Longs:
        """How bad it is for each node; 0 where nothing arrives."""
        return self.severity_of(self.strengths)

    def severity_of(self, strengths: Strengths) -> Longs:
        """Return how bad it is what arrives by some strengths; 0 where nothing does."""
        verdicts = (verdict_of(one, is_taken_away=self.is_taken_away) for one in Strength)
        found: Longs = np.array([0, *(one.severity for one in verdicts)])[strengths]
        return found

    def route(self, node: int) -> Route:
        """Find the shortest of the strongest paths to a node that is reached."""
        arrival = int(self._arrivals.strongest(np.array([node]))[0])
        seed, onward = self._arrivals.path_to(arrival)
        first, hops = self._first[seed], self.departure.hops
        steps = [(int(hops.tails[first]), int(hops.places[first])), *onward]
        found = tuple(self.index.hop(tail, place) for tail, place in steps)
        strength = Strength(int(self._arrivals.strengths[arrival]))
        return Route(int(hops.changes[first]), Path(found, strength))

    def route_by(self, node: int, last: Hop) -> Route:
        """Find the path to a node, and on by one more hop."""
        if self.strengths[node] > self.held[node]:
            change, path = self.route(node)
            return Route(change, Path((*path.hops, last), min(path.passing, last.strength)))
        held = self.departure.held
        places = (held.nodes == node).nonzero()[0]
        first = places[held.strengths[places].argmax()]
        strength = Strength(min(int(held.strengths[first]), last.strength))
        return Route(int(held.changes[first]), Path((last,), strength))

    @cached_property
    def _first(self) -> dict[int, int]:
        """The strongest first hop to each node; of equals the first."""
        hops = self.departure.hops
        order = np.lexsort((np.arange(len(hops.nodes)), -hops.strengths.astype(np.int64)))
        found: dict[int, int] = {}
        for place in order.tolist():
            found.setdefault(int(hops.nodes[place]), place)
        return found
