"""Paths: how data gets from here to there, shortest first, each hop with its evidence."""

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count, islice

from lineage.graph.flow import Arc, Flow
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.answer import Answer, Record, counted
from lineage.model.edges import Hop, Path
from lineage.model.reference import Reference
from lineage.queries.traversal import Grain

__all__ = ["Paths", "paths"]

_PATIENCE = 200_000
"""How many partial paths are tried at most: cycles can hold more than anyone could read."""


_Partial = tuple[int, int, int, tuple[Hop, ...], frozenset[Reference]]
"""The length it will have at least, its turn, where it stands, its hops, what it passed."""


@dataclass(frozen=True, slots=True, repr=False)
class Paths(Answer):
    """The paths between two references.

    Attributes
    ----------
    upstream, downstream : Reference
        Where the paths begin and end.
    paths : tuple of Path
        Shortest first; among equals in the order of their references.
    complete : bool
        Whether these are all; else there are more than were asked for.
    """

    upstream: Reference
    downstream: Reference
    paths: tuple[Path, ...]
    complete: bool

    def summary(self) -> str:
        """Say how many paths there are and how long."""
        how_many = ("" if self.complete else "the first ") + counted(len(self.paths), "path")
        lengths = sorted({len(path) for path in self.paths})
        shortest = f"{lengths[0]} to " if len(lengths) > 1 else ""
        hops = f", {shortest}{counted(lengths[-1], 'hop')}" if lengths else ""
        return f"{how_many} from {self.upstream} to {self.downstream}{hops}"

    def to_records(self) -> list[Record]:
        """Give one row for each hop of each path."""
        return [
            {"path": number, "hop": place, **_hop_record(hop)}
            for number, path in enumerate(self.paths, 1)
            for place, hop in enumerate(path.hops, 1)
        ]


def _hop_record(hop: Hop) -> Record:
    """Spell a hop and everything that proves it as one row."""
    evidence = hop.edge.evidence
    return {
        "upstream": str(hop.upstream),
        "downstream": str(hop.downstream),
        "strength": hop.strength.label,
        "function": hop.function,
        "influence": None if hop.influence is None else str(hop.influence),
        "told_by": None if hop.column_edge is None else hop.column_edge.told_by,
        "origin": str(evidence.origin),
        "recorded_as": evidence.recorded_as,
        "pipeline": None if evidence.pipeline is None else evidence.pipeline.fqn,
        "sql": evidence.sql,
        "description": evidence.description,
        "created_by": evidence.created_by,
        "created_at": evidence.created_at,
        "updated_by": evidence.updated_by,
        "updated_at": evidence.updated_at,
    }


def paths(
    graph: LineageGraph,
    upstream: Reference,
    downstream: Reference,
    *,
    limit: int = 10,
    grain: Grain | None = None,
) -> Paths:
    """List the paths from one reference to another, shortest first.

    No path passes anything twice. Two jobs between the same tables make two paths.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    upstream, downstream : Reference
        Where to begin and where to end.
    limit : int
        How many to give at most.
    grain : {"entity", "part"}, optional
        Whether to go from entity to entity, or by columns and features. By default by
        columns as soon as an end is one.

    Returns
    -------
    Paths

    Raises
    ------
    UnknownEntity
        The graph lacks one of the ends.
    ValueError
        `limit` is below 1.

    Examples
    --------
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.edges import Edge
    >>> from lineage.model.snapshot import Snapshot
    >>> a, b, c = (Reference("table", name) for name in "abc")
    >>> graph = build_graph(
    ...     Snapshot(
    ...         edges=(
    ...             Edge(upstream=a, downstream=b),
    ...             Edge(upstream=b, downstream=c),
    ...             Edge(upstream=a, downstream=c),
    ...         )
    ...     )
    ... )
    >>> [str(path) for path in paths(graph, a, c).paths]
    ['a → c', 'a → b → c']
    """
    if limit < 1:
        message = f"limit is {limit}, but at least one path must be wanted"
        raise ValueError(message)
    graph.value(upstream)
    graph.value(downstream)
    by_part = grain == "part" or (grain is None and (upstream.is_part or downstream.is_part))
    flow = graph.part_flow() if by_part else graph.entity_flow()
    search = _Search(flow, flow.entries[upstream], flow.exits[downstream])
    found = tuple(islice(search.paths(), limit + 1))
    complete = len(found) <= limit and not search.gave_up
    return Paths(upstream, downstream, found[:limit], complete)


class _Search:
    """Best first: the way so far plus the exact distance still to go decides what is next."""

    def __init__(self, flow: Flow, start: int, end: int) -> None:
        self.flow, self.start = flow, start
        self.to_end = flow.distances([end], along=flow.upstream)
        self.gave_up = False
        self._onward: dict[int, list[Arc]] = {}

    def paths(self) -> Iterator[Path]:
        """Give paths by their length."""
        if self.start not in self.to_end:
            return
        order = count()
        begin = frozenset({self.flow.references[self.start]})
        waiting: list[_Partial] = [(self.to_end[self.start], next(order), self.start, (), begin)]
        while waiting:
            _, tried, node, hops, passed = heappop(waiting)
            if tried > _PATIENCE:
                self.gave_up = True
                return
            if hops and self.to_end[node] == 0:
                yield Path(hops)
                continue
            for arc in self._hops_on(node):
                hop = arc.hop
                if hop is None or arc.node not in self.to_end or hop.downstream in passed:
                    continue
                length = len(hops) + 1 + self.to_end[arc.node]
                further = passed | {hop.downstream}
                heappush(waiting, (length, next(order), arc.node, (*hops, hop), further))

    def _hops_on(self, node: int) -> list[Arc]:
        if node not in self._onward:
            self._onward[node] = self.flow.hops_on(node, along=self.flow.downstream)
        return self._onward[node]
