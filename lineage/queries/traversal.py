"""What is upstream, what is downstream, what is at the very beginning and end."""

from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter

import numpy as np

from lineage.garbage_collection import rare_collection
from lineage.graph.index.adjacency import Longs
from lineage.graph.index.index import Direction
from lineage.graph.index.walk import Walk
from lineage.graph.lineage_graph import LineageGraph
from lineage.masking.rules import RULES, MaskingRule
from lineage.model.answer import Answer, Record, counted
from lineage.model.edges import Hop, Strength
from lineage.model.reference import GROUP_KINDS, Reference
from lineage.model.snapshot import Gap
from lineage.queries.completeness import Grain, gaps_hiding
from lineage.queries.lookup import find
from lineage.queries.reached import ends_among, found_by, known_grain, known_kinds, walk_from

__all__ = ["Direction", "Grain", "Reached", "Trace", "downstream", "roots", "sinks", "upstream"]

_STRENGTHS = {int(strength): strength for strength in Strength}


@dataclass(frozen=True, slots=True)
class Reached:
    """One thing a walk came to.

    Attributes
    ----------
    reference : Reference
        An entity, a column or a feature.
    depth : int
        The fewest hops from the start, by any path.
    strength : Strength
        How much the strongest path to it proves; that path may be a longer one.
    is_end : bool
        Whether the lineage goes no further from here: a root upstream, a sink downstream.
    """

    reference: Reference
    depth: int
    strength: Strength
    is_end: bool


class Trace(Answer):
    """Everything upstream, or downstream, of a start.

    How much was reached is known at once; what it is, and by which hops, is made when it is looked
    at.

    Attributes
    ----------
    start : Reference
        Where the walk began; not among what it reached.
    direction : str
        `upstream` or `downstream`.
    grain : str
        `entity`, or `part` for columns and features.
    """

    def __init__(
        self,
        graph: LineageGraph,
        walk: Walk,
        start: Reference,
        *,
        grain: Grain,
        kinds: frozenset[str] | None = None,
    ) -> None:
        self.start, self.direction, self.grain = start, walk.direction, grain
        self._graph, self._walk = graph, walk
        self._found = found_by(walk, graph, without=start, kinds=kinds)

    @cached_property
    def reached(self) -> tuple[Reached, ...]:
        """What was reached; sorted by depth, then by reference."""
        found, walk = self._found, self._walk
        references = self._graph.storage.references
        columns = (
            [references[number] for number in found.numbers.tolist()],
            found.depths.tolist(),
            map(_STRENGTHS.__getitem__, found.strengths(walk).tolist()),
            found.are_ends(walk).tolist(),
        )
        with rare_collection():  # all of them stay
            return tuple(sorted(map(Reached, *columns), key=attrgetter("depth", "reference")))

    @cached_property
    def hops(self) -> tuple[Hop, ...]:
        """Every hop walked, in canonical order."""
        tails, places = self._walk.hops()
        expansion = self._walk.index.expansion
        ends, _ = expansion.downstream.ends_at(places)
        order = self._order(expansion.owners(ends if self.direction == "upstream" else tails))
        with rare_collection():  # all of them stay
            return tuple(self._walk.index.hops_at(tails[order], places[order]))

    def _order(self, numbers: Longs) -> Longs:
        """Sort by references, of which many are the same and all take long to compare."""
        unique, which = np.unique(numbers, return_inverse=True)
        references = [self._graph.storage.references[number] for number in unique.tolist()]
        ranks = np.empty(len(unique), dtype=np.int64)
        ranks[sorted(range(len(unique)), key=references.__getitem__)] = np.arange(len(unique))
        return np.argsort(ranks[which], kind="stable")

    @cached_property
    def gaps(self) -> tuple[Gap, ...]:
        """Why the answer may lack something. Empty means: complete."""
        return gaps_hiding(self._graph, self._walk, self.grain)

    @property
    def references(self) -> tuple[Reference, ...]:
        """What was reached, without depth and strength."""
        return tuple(item.reference for item in self.reached)

    @property
    def complete(self) -> bool:
        """Whether there can be nothing else."""
        return not self.gaps

    @property
    def ends(self) -> tuple[Reference, ...]:
        """What was reached and has nothing further: the roots, or the sinks."""
        return tuple(item.reference for item in self.reached if item.is_end)

    def summary(self) -> str:
        """Say how much was reached, how far, and whether that is all."""
        deepest = int(self._found.depths.max()) if len(self) else 0
        whole = f"{counted(len(self.gaps), 'gap')}: not complete" if self.gaps else "complete"
        return (
            f"{len(self):,} {self.direction} of {self.start}, "
            f"{counted(deepest, 'hop')} at most; {whole}"
        )

    def to_records(self) -> list[Record]:
        """Give one row for each thing reached."""
        return [
            {
                "depth": item.depth,
                "kind": str(item.reference.kind),
                "fqn": item.reference.fqn,
                "strength": item.strength.label,
                "is_end": item.is_end,
            }
            for item in self.reached
        ]

    def __len__(self) -> int:
        return len(self._found.numbers)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Trace) and self._facts() == other._facts()

    def __hash__(self) -> int:
        return hash((self.start, self.direction, self.grain))

    def _facts(self) -> tuple[object, ...]:
        return self.start, self.direction, self.grain, self.reached, self.hops, self.gaps


def upstream(
    graph: LineageGraph,
    start: Reference | str,
    *,
    depth: int | None = None,
    kinds: frozenset[str] | None = None,
    grain: Grain | None = None,
    rules: tuple[MaskingRule, ...] = RULES,
) -> Trace:
    """Trace what a reference comes from.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    start : Reference or str
        An entity, a column or a feature, or its name. It is left out of what is reached.
    depth : int, optional
        Go no further than so many hops; what is cut off becomes a gap.
    kinds : frozenset of str, optional
        Give only these kinds; the walk passes through all kinds alike. What only groups entities,
        as schemas and services do, is given where its kind is asked for.
    grain : {"entity", "part"}, optional
        Walk between entities, or between columns and features. By default as the start is.
    rules : tuple of MaskingRule
        The rules by which functions hide values; those of the library by default.

    Returns
    -------
    Trace
        Sorted by depth, then by reference.

    Raises
    ------
    UnknownEntity
        The graph has nothing of that name.
    AmbiguousName
        It has several.
    ValueError
        The depth is negative, or a kind or the grain is none.

    Examples
    --------
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.edges import Edge
    >>> from lineage.model.snapshot import Snapshot
    >>> raw, clean, model = (
    ...     Reference("table", "raw"),
    ...     Reference("table", "clean"),
    ...     Reference("mlmodel", "churn"),
    ... )
    >>> graph = build_graph(
    ...     Snapshot(
    ...         edges=(Edge(upstream=raw, downstream=clean), Edge(upstream=clean, downstream=model))
    ...     )
    ... )
    >>> upstream(graph, model).references
    (Reference('table', 'clean'), Reference('table', 'raw'))
    """
    begin = find(graph, start)
    grain = _checked(graph, begin, depth, kinds, grain)
    walk = walk_from(graph, [begin], "upstream", grain=grain, depth=depth, rules=rules)
    return Trace(graph, walk, begin, grain=grain, kinds=kinds)


def downstream(
    graph: LineageGraph,
    start: Reference | str,
    *,
    depth: int | None = None,
    kinds: frozenset[str] | None = None,
    grain: Grain | None = None,
    rules: tuple[MaskingRule, ...] = RULES,
) -> Trace:
    """Trace what comes from a reference; the twin of `upstream`.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    start : Reference or str
        An entity, a column or a feature, or its name. It is left out of what is reached.
    depth : int, optional
        Go no further than so many hops; what is cut off becomes a gap.
    kinds : frozenset of str, optional
        Give only these kinds; the walk passes through all kinds alike. What only groups entities,
        as schemas and services do, is given where its kind is asked for.
    grain : {"entity", "part"}, optional
        Walk between entities, or between columns and features. By default as the start is.
    rules : tuple of MaskingRule
        The rules by which functions hide values; those of the library by default.

    Returns
    -------
    Trace
        Sorted by depth, then by reference. Every gap of the graph is with it, since an edge
        that was not read may begin anywhere.

    Raises
    ------
    UnknownEntity
        The graph has nothing of that name.
    AmbiguousName
        It has several.
    ValueError
        The depth is negative, or a kind or the grain is none.

    Examples
    --------
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.edges import Edge
    >>> from lineage.model.snapshot import Snapshot
    >>> raw, clean = Reference("table", "raw"), Reference("table", "clean")
    >>> graph = build_graph(Snapshot(edges=(Edge(upstream=raw, downstream=clean),)))
    >>> downstream(graph, raw).references
    (Reference('table', 'clean'),)
    """
    begin = find(graph, start)
    grain = _checked(graph, begin, depth, kinds, grain)
    walk = walk_from(graph, [begin], "downstream", grain=grain, depth=depth, rules=rules)
    return Trace(graph, walk, begin, grain=grain, kinds=kinds)


def roots(graph: LineageGraph, *kinds: str) -> tuple[Reference, ...]:
    """List the entities with nothing upstream, or the parts, where their kinds are asked for.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    *kinds : str
        Kinds of entities, columns and features; all entities that can carry lineage unless given.

    Returns
    -------
    tuple of Reference
        Sorted.

    Raises
    ------
    ValueError
        There is no such kind.

    Examples
    --------
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.edges import Edge
    >>> from lineage.model.snapshot import Snapshot
    >>> raw, clean = Reference("table", "raw"), Reference("table", "clean")
    >>> graph = build_graph(Snapshot(edges=(Edge(upstream=raw, downstream=clean),)))
    >>> roots(graph), sinks(graph)
    ((Reference('table', 'raw'),), (Reference('table', 'clean'),))
    """
    return _without(graph, kinds, "upstream")


def sinks(graph: LineageGraph, *kinds: str) -> tuple[Reference, ...]:
    """List the entities, or parts, with nothing downstream; sorted. The twin of `roots`."""
    return _without(graph, kinds, "downstream")


def _without(
    graph: LineageGraph, kinds: tuple[str, ...], direction: Direction
) -> tuple[Reference, ...]:
    known_kinds(graph, kinds)
    wanted = frozenset(
        item
        for item in graph.references(*kinds)
        if item.kind not in GROUP_KINDS and (kinds or not item.is_part)
    )
    return tuple(sorted(wanted & ends_among(graph, direction, graph.references())))


def _checked(
    graph: LineageGraph,
    start: Reference,
    depth: int | None,
    kinds: frozenset[str] | None,
    grain: Grain | None,
) -> Grain:
    """Refuse what nobody can walk, and return the grain to walk at."""
    if depth is not None and depth < 0:
        message = f"depth is {depth}, but a walk goes 0 hops or more"
        raise ValueError(message)
    known_grain(grain)
    if kinds is not None:
        known_kinds(graph, kinds)
    return grain or ("part" if start.is_part else "entity")
