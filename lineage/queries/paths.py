"""Paths: how data gets from here to there, shortest first, each hop with its evidence."""

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import islice
from sys import maxsize
from typing import NamedTuple

from lineage.graph.index.index import Index
from lineage.graph.lineage_graph import LineageGraph
from lineage.masking.rules import RULES, MaskingRule
from lineage.model.answer import Answer, Record, counted
from lineage.model.edges import Hop, Path, Strength
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap, GapKind
from lineage.queries.completeness import Grain, gaps_hiding
from lineage.queries.lookup import find
from lineage.queries.reached import known_grain, starts_of, walk_from

__all__ = ["Paths", "hop_record", "paths"]

_PATIENCE = 200_000
"""How many partial paths are tried at most: cycles can hold more than anyone could read."""


class _Partial(NamedTuple):
    """A path on its way; those that will be shortest come first, then those by earlier turns.

    Attributes
    ----------
    length : int
        The number of hops it will have at least.
    turns : tuple of int
        Which of the hops there were it took, one after the other: no two partial paths are alike.
    node : int
        Where it has come to.
    hops : tuple of Hop
    passed : frozenset of Reference
    passing : int
        How much is known of what lies between its hops.
    """

    length: int
    turns: tuple[int, ...]
    node: int
    hops: tuple[Hop, ...]
    passed: frozenset[Reference]
    passing: int


@dataclass(frozen=True, slots=True, repr=False)
class Paths(Answer):
    """The paths between two references.

    Attributes
    ----------
    upstream, downstream : Reference
        Where the paths begin and end.
    paths : tuple of Path
        Shortest first; among equals in the order of their references.
    gaps : tuple of Gap
        What was not read or resolved upstream of the end, so that there may be paths nobody
        knows; and where the search was cut, so that there may be more of those known.
    """

    upstream: Reference
    downstream: Reference
    paths: tuple[Path, ...]
    gaps: tuple[Gap, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether there can be no other path."""
        return not self.gaps

    @property
    def is_cut(self) -> bool:
        """Whether more paths may be known: there is a limit to how many are given and tried."""
        return any(gap.kind == GapKind.PATH_LIMIT for gap in self.gaps)

    def summary(self) -> str:
        """Say how many paths there are and how long, and whether there may be others."""
        first = "the first " if self.is_cut and self.paths else ""
        how_many = first + counted(len(self.paths), "path")
        lengths = sorted({len(path) for path in self.paths})
        shortest = f"{lengths[0]} to " if len(lengths) > 1 else ""
        hops = f", {shortest}{counted(lengths[-1], 'hop')}" if lengths else ""
        whole = f"; {counted(len(self.gaps), 'gap')}: not complete" if self.gaps else ""
        return f"{how_many} from {self.upstream} to {self.downstream}{hops}{whole}"

    def to_records(self) -> list[Record]:
        """Give one row for each hop of each path."""
        return [
            {"path": number, "hop": place, **hop_record(hop)}
            for number, path in enumerate(self.paths, 1)
            for place, hop in enumerate(path.hops, 1)
        ]


def hop_record(hop: Hop) -> Record:
    """Spell a hop and everything that proves it as one row."""
    evidence = hop.edge.evidence
    return {
        "upstream": str(hop.upstream),
        "downstream": str(hop.downstream),
        "strength": hop.strength.label,
        "function": hop.function,
        "influence": None if hop.influence is None else str(hop.influence),
        "evidence_source": None if hop.column_edge is None else hop.column_edge.evidence_source,
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
    upstream: Reference | str,
    downstream: Reference | str,
    *,
    limit: int = 10,
    grain: Grain | None = None,
    rules: tuple[MaskingRule, ...] = RULES,
) -> Paths:
    """List the paths from one reference to another, shortest first.

    No path passes anything twice. Two jobs between the same tables make two paths.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    upstream, downstream : Reference or str
        Where to begin and where to end, or the names of these.
    limit : int
        How many to give at most.
    grain : {"entity", "part"}, optional
        Whether to go from entity to entity, or by columns and features. By default by
        columns as soon as an end is one.
    rules : tuple of MaskingRule
        The rules by which functions hide values; those of the library by default.

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
    upstream, downstream = find(graph, upstream), find(graph, downstream)
    known_grain(grain)
    if grain == "entity" and (upstream.is_part or downstream.is_part):
        message = "grain is 'entity', but paths from and to parts are at the grain of parts"
        raise ValueError(message)
    grain = grain or ("part" if upstream.is_part or downstream.is_part else "entity")
    back = walk_from(graph, [downstream], "upstream", grain=grain, rules=rules)
    index = back.index
    starts = starts_of(graph, upstream, index)
    search = _Search(index, starts, index.exit(downstream), back.distances())
    found = tuple(islice(search.paths(), min(limit + 1, maxsize)))
    gaps = gaps_hiding(graph, back, grain)
    if len(found) > limit:
        why = f"there are more paths from {upstream} than the {limit:,} asked for"
        gaps += (Gap(GapKind.PATH_LIMIT, downstream, why),)
    elif search.gave_up:
        why = f"of those from {upstream} only {_PATIENCE:,} partial paths were tried"
        gaps += (Gap(GapKind.PATH_LIMIT, downstream, why),)
    return Paths(upstream, downstream, found[:limit], gaps)


class _Search:
    """Best first: the path so far plus the exact distance still to go decides what is next.

    Of paths that will be equally long, one is followed to its end before the next is tried: there
    may be more of them than anyone can keep. Its turns, which hop was taken of those there were,
    put them in order.
    """

    def __init__(self, index: Index, starts: list[int], end: int, to_end: dict[int, int]) -> None:
        self.index, self.starts, self.end, self.to_end = index, starts, end, to_end
        self.gave_up = False
        self._onward: dict[int, list[tuple[Hop, int, int]]] = {}

    def paths(self) -> Iterator[Path]:
        """Iterate over paths by their length."""
        begin = frozenset(self.index.reference(start) for start in self.starts)
        waiting = [
            _Partial(0, (turn,), start, (), begin, Strength.VALUE)
            for turn, start in enumerate(self.starts)
        ]
        tried = len(waiting)
        while waiting:
            partial = heappop(waiting)
            if partial.hops and self.to_end[partial.node] == 0:
                last = self._within(partial.node)[self.end]
                yield Path(partial.hops, Strength(min(partial.passing, last)))
                continue
            for turn, (hop, passing, end) in enumerate(self._hops_on(partial.node)):
                if hop.downstream not in partial.passed:
                    heappush(waiting, self._longer(partial, turn, hop, passing, end))
                    tried += 1
            if tried > _PATIENCE:
                self.gave_up = True
                return

    def _longer(self, partial: _Partial, turn: int, hop: Hop, passing: int, end: int) -> _Partial:
        return _Partial(
            len(partial.hops) + 1 + self.to_end[end],
            (*partial.turns, turn),
            end,
            (*partial.hops, hop),
            partial.passed | {hop.downstream},
            min(partial.passing, passing),
        )

    def _hops_on(self, node: int) -> list[tuple[Hop, int, int]]:
        """List the hops that lead on and towards the end, with what lies before each."""
        if node not in self._onward:
            self._onward[node] = [
                (self.index.hop(tail, place), strength, end)
                for tail, strength, place, end in self.index.hops_on(node, "downstream")
                if end in self.to_end
            ]
        return self._onward[node]

    def _within(self, node: int) -> dict[int, int]:
        return self.index.within(node, "downstream")
