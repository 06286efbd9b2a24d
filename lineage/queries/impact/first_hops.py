"""First hops: where what is changed goes to at once, and how strong."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, TypeVar

import numpy as np

from lineage.graph.index.adjacency import Flags, Longs, Strengths
from lineage.graph.index.index import Index
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.edges import Origin, Strength
from lineage.model.proposed_change import Action, ProposedChange
from lineage.model.reference import Kind, Reference
from lineage.queries.impact.verdicts import takes_away

__all__ = ["Departure", "FirstHops", "Held", "carried_hops", "changed_within", "first_hops"]

_FAILING = frozenset({Action.DROP, Action.RENAME, Action.MOVE, Action.RETYPE})
"""What a statement that reads a column may fail of."""
_JOBS = frozenset({Kind.PIPELINE, Kind.STORED_PROCEDURE})


class FirstHops(NamedTuple):
    """The hops by which some changes leave what they change: arrays of equal length.

    Attributes
    ----------
    changes : array of int64
        The number of the change.
    tails, places : array of int64
        The node that each hop leaves, and its place.
    nodes : array of int64
        Where the change is from then on.
    strengths : array of uint8
        How much that proves.
    """

    changes: Longs
    tails: Longs
    places: Longs
    nodes: Longs
    strengths: Strengths


class Held(NamedTuple):
    """What some changes are about, and what that is in without a hop: arrays of equal length.

    Attributes
    ----------
    changes, nodes : array of int64
    strengths : array of uint8
    """

    changes: Longs
    nodes: Longs
    strengths: Strengths


class Departure(NamedTuple):
    """Where some changes begin.

    Attributes
    ----------
    held : Held
    hops : FirstHops
        By which they leave.
    gone : Held
        The entities that go.
    """

    held: Held
    hops: FirstHops
    gone: Held

    def of(self, chosen: Iterable[int]) -> "Departure":
        """Choose what is of some changes."""
        wanted = np.fromiter(chosen, dtype=np.int64)
        held, hops, gone = self
        return Departure(
            _chosen(held, np.isin(held.changes, wanted)),
            _chosen(hops, np.isin(hops.changes, wanted)),
            _chosen(gone, np.isin(gone.changes, wanted)),
        )


_Table = TypeVar("_Table", Held, FirstHops)


def _failing(graph: LineageGraph, index: Index, hops: FirstHops, changes: list[int]) -> FirstHops:
    """Find what else is filled by a statement that reads what is changed: it may fail as a whole.

    What a model declares is no statement.
    """
    read = _chosen(hops, np.isin(hops.changes, changes))
    edges = [graph.storage.edges[n] for n in index.expansion.hop_numbers[read.places].tolist()]
    is_run = np.array([one.evidence.origin != Origin.DECLARED for one in edges], dtype=np.bool_)
    filled = [index.entry(one.downstream) for one in edges]
    weak = np.minimum(read.strengths, np.uint8(Strength.TABLE))
    return _chosen(read._replace(nodes=np.array(filled, dtype=np.int64), strengths=weak), is_run)


def _joined(tables: list[_Table]) -> _Table:
    columns: Iterable[Any] = map(np.concatenate, zip(*tables, strict=True))
    return type(tables[0])(*columns)


def _chosen(table: _Table, kept: Flags | Longs) -> _Table:
    columns: Iterable[Any] = (column[kept] for column in table)
    return type(table)(*columns)


_Row = tuple[int, int, int, int, int]
"""One of `FirstHops`."""


class _Origin(NamedTuple):
    """A node that a change takes hold of, and how much is known of that."""

    change: int
    node: int
    strength: int
    is_gone: bool = False


def first_hops(graph: LineageGraph, index: Index, changes: Iterable[ProposedChange]) -> Departure:
    """Find where some changes begin, and the hops by which they leave.

    Parameters
    ----------
    graph : LineageGraph
    index : Index
        That of its parts.
    changes : iterable of ProposedChange
        Those that have an effect.

    Returns
    -------
    Departure
    """
    origins: list[_Origin] = []
    rows: list[_Row] = []
    numbers: list[int] = []
    retyped: list[int] = []
    for number, change in enumerate(changes):
        if change.action in _FAILING:
            numbers.append(number)
        if change.action == Action.RETYPE:
            retyped.append(number)
        origins += _origins(graph, index, number, change)
        if takes_away(change) and change.subject.kind in _JOBS:
            rows += _carried(graph, index, number, change.subject)
    held, leaving, gone = _leaving(index, origins)
    table = np.array(rows, dtype=np.int64).reshape(-1, 5)
    carried = FirstHops._make(table.T)._replace(strengths=table[:, 4].astype(np.uint8))
    reading = _joined([leaving, _further(index, leaving, retyped)])
    failing = _failing(graph, index, reading, numbers)
    return Departure(held, _joined([leaving, failing, carried]), gone)


def changed_within(graph: LineageGraph, change: ProposedChange) -> Iterator[Reference]:
    """Go through what a change is about: what goes takes with it all that is in it."""
    yield change.subject
    if change.subject.is_part or takes_away(change):
        yield from graph.nested_parts(change.subject)
    if takes_away(change) and not change.subject.is_part:
        for entity in _entities_in(graph, change.subject):
            yield entity
            yield from graph.nested_parts(entity)


def _entities_in(graph: LineageGraph, entity: Reference) -> list[Reference]:
    """List the entities in an entity, however deep, that go where it goes."""
    inside = graph.keep(_contained, lambda: _contained(graph))
    waiting = list(inside.get(graph.number(entity), ()))
    found: dict[int, None] = {}
    for number in waiting:  # which grows meanwhile
        if number not in found:
            found[number] = None
            waiting += inside.get(number, ())
    return [graph.storage.references[number] for number in found]


def _contained(graph: LineageGraph) -> dict[int, list[int]]:
    """List what is directly in each entity; a domain only groups what is elsewhere."""
    inside: dict[int, list[int]] = {}
    for part, container, conducts in graph.storage.containments():
        if conducts:
            inside.setdefault(container, []).append(part)
    return inside


def _origins(
    graph: LineageGraph, index: Index, number: int, change: ProposedChange
) -> Iterator[_Origin]:
    """List where a change takes hold. What is said of an entity is so of a part nobody knows."""
    subject = change.subject
    if not subject.is_part and not takes_away(change):
        yield _Origin(number, index.origin(subject), Strength.VALUE)
        return
    for reference in changed_within(graph, change):
        is_gone = not reference.is_part
        yield _Origin(number, index.exit(reference), Strength.VALUE, is_gone=is_gone)


def _leaving(index: Index, origins: list[_Origin]) -> tuple[Held, FirstHops, Held]:
    """Find what changes hold, the hops that lead on from there, and what goes as an entity."""
    changes, nodes, proven, are_gone = np.array(origins, dtype=np.int64).reshape(-1, 4).T
    begin = Held(changes, nodes, proven.astype(np.uint8))
    near, gone = _strongest(begin), _chosen(begin, are_gone > 0)
    held, found = [near], [_readers(index, gone)]
    while len(near.nodes):
        hops, near = _onward(index, near)
        found.append(hops)
        held.append(near)
    return _strongest(_joined(held)), _joined(found), gone


def _onward(index: Index, held: Held) -> tuple[FirstHops, Held]:
    """Find the hops from some nodes, and what these are in or contain: no hop leads there."""
    adjacency = index.adjacency("downstream")
    counts, places = adjacency.leaving(held.nodes)
    ends, proven, is_hop = adjacency.arcs_at(places)
    passed = np.minimum(held.strengths.repeat(counts), proven)
    changes, tails = held.changes.repeat(counts), held.nodes.repeat(counts)
    every = FirstHops(changes, tails, places, ends, passed)
    hops, free = _chosen(every, is_hop), _chosen(every, ~is_hop)
    # Containment has no cycles: this comes to an end.
    return hops, _strongest(Held(free.changes, free.nodes, free.strengths))


def _strongest(held: Held) -> Held:
    """Keep of each change at each node the strongest; sorted."""
    order = np.lexsort((-held.strengths.astype(np.int64), held.nodes, held.changes))
    found = _chosen(held, order)
    is_first = np.ones(len(order), dtype=np.bool_)
    is_first[1:] = (np.diff(found.changes) != 0) | (np.diff(found.nodes) != 0)
    return _chosen(found, is_first)


def _readers(index: Index, gone: Held) -> FirstHops:
    """Find what reads entities that go: that it does is known, whichever columns it takes."""
    hops, _ = _onward(index, gone)
    certain = np.full(len(hops.nodes), Strength.VALUE, dtype=np.uint8)
    return hops._replace(nodes=index.expansion.owners(hops.nodes), strengths=certain)


def _further(index: Index, leaving: FirstHops, retyped: list[int]) -> FirstHops:
    """Find the hops further down from what takes the value of a retyped column: its type, perhaps.

    A statement there may fail of it, however far away; the path to what that fills begins there.
    """
    near, seen, found = (
        _valued(leaving, retyped),
        set[tuple[int, int]](),
        [_chosen(leaving, np.zeros(0, dtype=np.int64))],
    )
    while len(near.nodes):
        hops, free = _onward(index, near)
        found.append(hops)
        seen.update(zip(near.changes.tolist(), near.nodes.tolist(), strict=True))
        near = _strongest(_joined([_valued(hops, retyped), free]))
        pairs = zip(near.changes.tolist(), near.nodes.tolist(), strict=True)
        near = _chosen(near, np.array([pair not in seen for pair in pairs], dtype=np.bool_))
    return _joined(found)


def _valued(hops: FirstHops, changes: list[int]) -> Held:
    """Keep of some hops where the value itself of what is changed arrives."""
    is_value = np.isin(hops.changes, changes) & (hops.strengths == Strength.VALUE)
    chosen = _chosen(hops, is_value)
    return Held(chosen.changes, chosen.nodes, chosen.strengths)


def _carried(graph: LineageGraph, index: Index, number: int, job: Reference) -> list[_Row]:
    """List the hops that a job carries: they end with it, and what they fill is known to."""
    edges = graph.keep(carried_hops, lambda: carried_hops(graph)).get(job, [])
    is_carried = np.isin(index.expansion.hop_numbers, np.array(edges, dtype=np.int32))
    places = is_carried.nonzero()[0]
    adjacency = index.adjacency("downstream")
    tails = np.searchsorted(adjacency.begin, places, side="right") - 1
    ends, strengths, _ = adjacency.arcs_at(places)
    rows: list[_Row] = []
    columns = (tails.tolist(), places.tolist(), ends.tolist(), strengths.tolist())
    for tail, place, end, strength in zip(*columns, strict=True):
        filled = index.exit(graph.entity_of(index.reference(end)))
        rows.append((number, tail, place, end, strength))
        rows.append((number, tail, place, filled, int(Strength.VALUE)))
    return rows


def carried_hops(graph: LineageGraph) -> dict[Reference, list[int]]:
    """List the numbers of the hops that each pipeline or stored procedure carries."""
    found: dict[Reference, list[int]] = {}
    for number, edge in enumerate(graph.storage.edges):
        if edge.evidence.pipeline is not None:
            found.setdefault(edge.evidence.pipeline, []).append(number)
    return found
