"""What is upstream, what is downstream, what is at the very beginning and end."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from lineage.graph.index.index import Direction
from lineage.graph.index.walk import Walk
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.answer import Answer, Record, counted
from lineage.model.edges import Hop, Strength
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap
from lineage.queries.completeness import Grain, gaps_hiding

__all__ = ["Direction", "Grain", "Reached", "Trace", "downstream", "roots", "sinks", "upstream"]


@dataclass(frozen=True, slots=True)
class Reached:
    """One thing a walk came to.

    Attributes
    ----------
    reference : Reference
        An entity, a column or a feature.
    depth : int
        The fewest hops from the start, by any way.
    strength : Strength
        How much the strongest way to it proves; that way may be a longer one.
    is_end : bool
        Whether the lineage goes no further from here: a root upstream, a sink downstream.
    """

    reference: Reference
    depth: int
    strength: Strength
    is_end: bool


@dataclass(frozen=True, slots=True, repr=False)
class Trace(Answer):
    """Everything upstream, or downstream, of a start.

    Attributes
    ----------
    start : Reference
        Where the walk began; not among what it reached.
    direction : str
        `upstream` or `downstream`.
    grain : str
        `entity`, or `part` for columns and features.
    reached : tuple of Reached
        Sorted by depth, then by reference.
    hops : tuple of Hop
        Every hop walked, in canonical order.
    gaps : tuple of Gap
        Why the answer may lack something. Empty means: complete.
    """

    start: Reference
    direction: Direction
    grain: Grain
    reached: tuple[Reached, ...]
    hops: tuple[Hop, ...]
    gaps: tuple[Gap, ...]

    @property
    def references(self) -> tuple[Reference, ...]:
        """What was reached, without depth and strength."""
        return tuple(item.reference for item in self.reached)

    @property
    def ends(self) -> tuple[Reference, ...]:
        """What was reached and has nothing further: the roots, or the sinks."""
        return tuple(item.reference for item in self.reached if item.is_end)

    def summary(self) -> str:
        """Say how much was reached, how far, and whether that is all."""
        deepest = max((item.depth for item in self.reached), default=0)
        whole = f"{counted(len(self.gaps), 'gap')}: not complete" if self.gaps else "complete"
        return (
            f"{len(self.reached):,} {self.direction} of {self.start}, "
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


def upstream(
    graph: LineageGraph,
    start: Reference,
    *,
    depth: int | None = None,
    kinds: frozenset[str] | None = None,
    grain: Grain | None = None,
) -> Trace:
    """Trace what a reference comes from.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    start : Reference
        An entity, a column or a feature. It is left out of what is reached.
    depth : int, optional
        Go no further than so many hops; what is cut off becomes a gap.
    kinds : frozenset of str, optional
        Give only these kinds; the walk passes through all kinds alike, and an entity counts
        as reached where one of its columns or features was.
    grain : {"entity", "part"}, optional
        Walk between entities, or between columns and features. By default as the start is.

    Returns
    -------
    Trace
        Sorted by depth, then by reference.

    Raises
    ------
    UnknownEntity
        The graph has no such reference.

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
    return _trace(graph, start, "upstream", depth=depth, kinds=kinds, grain=grain)


def downstream(
    graph: LineageGraph,
    start: Reference,
    *,
    depth: int | None = None,
    kinds: frozenset[str] | None = None,
    grain: Grain | None = None,
) -> Trace:
    """Trace what comes from a reference; the twin of `upstream`.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    start : Reference
        An entity, a column or a feature. It is left out of what is reached.
    depth : int, optional
        Go no further than so many hops; what is cut off becomes a gap.
    kinds : frozenset of str, optional
        Give only these kinds; the walk passes through all kinds alike, and an entity counts
        as reached where one of its columns or features was.
    grain : {"entity", "part"}, optional
        Walk between entities, or between columns and features. By default as the start is.

    Returns
    -------
    Trace
        Sorted by depth, then by reference. Every gap of the graph is with it, since an edge
        that was not read may begin anywhere.

    Raises
    ------
    UnknownEntity
        The graph has no such reference.

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
    return _trace(graph, start, "downstream", depth=depth, kinds=kinds, grain=grain)


def roots(graph: LineageGraph, *kinds: str) -> tuple[Reference, ...]:
    """List the entities with nothing upstream; sorted.

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
    """List the entities with nothing downstream; sorted. The twin of `roots`."""
    return _without(graph, kinds, "downstream")


def _without(
    graph: LineageGraph, kinds: tuple[str, ...], direction: Direction
) -> tuple[Reference, ...]:
    index = graph.entity_index()
    leads = index.ways(direction).leads
    return tuple(
        reference
        for reference in graph.references(*kinds)
        if not reference.is_part and not leads[index.exit(reference)]
    )


def _trace(
    graph: LineageGraph,
    start: Reference,
    direction: Direction,
    *,
    depth: int | None,
    kinds: frozenset[str] | None,
    grain: Grain | None,
) -> Trace:
    graph.value(start)  # an unknown start is refused here
    grain = grain or ("part" if start.is_part else "entity")
    index = graph.entity_index() if grain == "entity" else graph.part_index()
    # Upstream, what the start comes from arrived at its entry, or at that of its parts, whose
    # exits lead to the start's own exit.
    first = index.exit(start) if direction == "upstream" else index.entry(start)
    walk = Walk(index, first, direction=direction, depth=depth)
    reached = _nearest_and_strongest(Reached(*item) for item in walk.reached())
    found = [item for item in reached if item.reference != start]
    if kinds is not None:
        found = _of_kinds(graph, found, kinds)
    return Trace(
        start=start,
        direction=direction,
        grain=grain,
        reached=tuple(sorted(found, key=lambda item: (item.depth, item.reference))),
        hops=walk.hops(),
        gaps=gaps_hiding(graph, walk, grain),
    )


def _nearest_and_strongest(items: Iterable[Reached]) -> list[Reached]:
    """Join what was reached in several ways."""
    found: dict[Reference, Reached] = {}
    for item in items:
        known = found.get(item.reference)
        found[item.reference] = (
            item
            if known is None
            else replace(
                item,
                depth=min(known.depth, item.depth),
                strength=max(known.strength, item.strength),
                is_end=known.is_end and item.is_end,
            )
        )
    return list(found.values())


def _of_kinds(graph: LineageGraph, reached: list[Reached], kinds: frozenset[str]) -> list[Reached]:
    """Keep some kinds; an entity counts as reached where one of its parts was."""
    return _nearest_and_strongest(
        replace(item, reference=reference)
        for item in reached
        for reference in dict.fromkeys((item.reference, graph.entity_of(item.reference)))
        if reference.kind in kinds
    )
