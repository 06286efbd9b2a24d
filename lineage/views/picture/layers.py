"""Layers: which boxes stand above one another, so that data flows from left to right.

Cycles are broken first: in every strongly connected component the arrows that run against
one good order of its members are called *backward*, and all others flow forward.
"""

import heapq
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from math import ceil, sqrt
from typing import NamedTuple

import networkx as nx

__all__ = ["Layering", "assign_layers"]

Pair = tuple[str, str]


class Layering(NamedTuple):
    """The layer of each key, from 0 at the left, and the pairs that flow backward.

    A pair that is not backward ends in a later layer than it starts in; a backward one ends
    in an earlier layer, or in the same one if it is a self-loop.
    """

    layers: dict[str, int]
    backward: frozenset[Pair]


def assign_layers(keys: Iterable[str], pairs: Iterable[Pair]) -> Layering:
    """Give every key a layer: as far left as what feeds it allows, then near its consumers.

    Parameters
    ----------
    keys : iterable of str
        What is to be layered.
    pairs : iterable of (str, str)
        Upstream and downstream; cycles and self-loops are legal.

    Returns
    -------
    Layering
        The same for the same keys and pairs, in whatever order they come.

    Examples
    --------
    >>> layers, backward = assign_layers("abc", [("a", "b"), ("b", "c"), ("c", "b")])
    >>> layers, sorted(backward)
    ({'a': 0, 'b': 1, 'c': 2}, [('c', 'b')])
    """
    ordered, distinct = sorted(set(keys)), sorted(set(pairs))
    loops = {pair for pair in distinct if pair[0] == pair[1]}
    proper = [pair for pair in distinct if pair not in loops]
    turned = _backward(ordered, proper)
    forward = sorted({pair[::-1] if pair in turned else pair for pair in proper})
    connected = {key for pair in proper for key in pair}
    layers = _longest_paths([key for key in ordered if key in connected], forward)
    _spread([key for key in ordered if key not in connected], layers)
    return Layering({key: layers[key] for key in ordered}, frozenset(turned | loops))


def _backward(keys: list[str], pairs: list[Pair]) -> set[Pair]:
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(keys)
    graph.add_edges_from(pairs)
    component_of = {
        key: number
        for number, component in enumerate(nx.strongly_connected_components(graph))
        for key in component
    }
    inner = [pair for pair in pairs if component_of[pair[0]] == component_of[pair[1]]]
    members = sorted({key for pair in inner for key in pair})
    rank = {key: position for position, key in enumerate(_good_order(members, inner))}
    return {pair for pair in inner if rank[pair[0]] > rank[pair[1]]}


def _good_order(members: list[str], pairs: list[Pair]) -> list[str]:
    """Order members so that few pairs run against the order (Eades, Lin and Smyth, 1993).

    What feeds nothing goes last and what nothing feeds goes first; where there is neither,
    the member that feeds most beyond what feeds it goes first.
    """
    feeds, fed_by = _neighbours(pairs)
    balance = {key: (len(fed_by[key]), len(feeds[key])) for key in members}
    heap = [_urgency(key, balance[key]) for key in members]
    heapq.heapify(heap)
    first: list[str] = []
    last: list[str] = []
    while heap:
        entry = heapq.heappop(heap)
        key = entry[-1]
        if key not in balance or entry != _urgency(key, balance[key]):
            continue  # taken already, or its neighbours were taken since this entry was made
        _, outgoing = balance.pop(key)
        (first if outgoing else last).append(key)
        for other, taken in _freed(feeds[key], fed_by[key]):
            if other in balance:
                balance[other] = (balance[other][0] - taken[0], balance[other][1] - taken[1])
                heapq.heappush(heap, _urgency(other, balance[other]))
    return first + last[::-1]


def _freed(feeds: list[str], fed_by: list[str]) -> Iterator[tuple[str, tuple[int, int]]]:
    yield from ((consumer, (1, 0)) for consumer in feeds)
    yield from ((feeder, (0, 1)) for feeder in fed_by)


def _urgency(key: str, balance: tuple[int, int]) -> tuple[bool, int, str]:
    incoming, outgoing = balance
    return bool(incoming and outgoing), incoming - outgoing, key


def _longest_paths(keys: list[str], pairs: list[Pair]) -> dict[str, int]:
    feeds, fed_by = _neighbours(pairs)
    waiting = {key: len(fed_by[key]) for key in keys}
    ready = [key for key in keys if not waiting[key]]
    layers = dict.fromkeys(keys, 0)
    for key in ready:  # grows while it is walked: a queue in topological order
        for consumer in feeds[key]:
            layers[consumer] = max(layers[consumer], layers[key] + 1)
            waiting[consumer] -= 1
            if not waiting[consumer]:
                ready.append(consumer)
    for key in reversed(ready):
        # One step to the right lengthens each arrow in and shortens each arrow out.
        if feeds[key] and len(feeds[key]) >= len(fed_by[key]):
            layers[key] = min(layers[consumer] for consumer in feeds[key]) - 1
    return layers


def _spread(alone: list[str], layers: dict[str, int]) -> None:
    """Set boxes without arrows side by side, not one below the other."""
    columns = max(ceil(sqrt(len(alone))), *(layer + 1 for layer in layers.values()), 1)
    layers.update((key, position % columns) for position, key in enumerate(alone))


def _neighbours(
    pairs: Collection[Pair],
) -> tuple[defaultdict[str, list[str]], defaultdict[str, list[str]]]:
    feeds, fed_by = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
    for upstream, downstream in pairs:
        feeds[upstream].append(downstream)
        fed_by[downstream].append(upstream)
    return feeds, fed_by
