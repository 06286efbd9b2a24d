"""What a walk over an index came to, as references: which, how near, how strong.

A pair of references is connected where an audit would say so: what a part holds leaves from its
exit, what an entity as a whole holds is in a part nobody knows, and begins at its entry. What a
column contains, it holds.
"""

from collections.abc import Collection, Iterable
from difflib import get_close_matches
from typing import NamedTuple

import numpy as np

from lineage.graph.index.adjacency import Flags, Longs, Strengths
from lineage.graph.index.index import Direction, Index
from lineage.graph.index.walk import Walk
from lineage.graph.lineage_graph import LineageGraph
from lineage.masking.rules import RULES, MaskingRule
from lineage.model.reference import Kind, Reference
from lineage.queries.completeness import Grain

__all__ = [
    "Found",
    "ends_among",
    "found_by",
    "known_grain",
    "known_kinds",
    "starts_of",
    "walk_from",
]


class Found(NamedTuple):
    """References that a walk reached, each once.

    Attributes
    ----------
    numbers : array of int64
        Their numbers in the graph.
    depths : array of int64
        The fewest hops to each.
    pairs : tuple of array of int64
        For each, the nodes it was reached at: places among `numbers`, and the nodes.
    """

    numbers: Longs
    depths: Longs
    pairs: tuple[Longs, Longs]

    def strengths(self, walk: Walk) -> Strengths:
        """Return how much the strongest path to each proves."""
        places, nodes = self.pairs
        found = np.zeros(len(self.numbers), dtype=np.uint8)
        np.maximum.at(found, places, walk.strengths(nodes))
        return found

    def are_ends(self, walk: Walk) -> Flags:
        """Return from which the lineage goes no further."""
        expansion = walk.index.expansion
        nodes = self.numbers if walk.direction == "upstream" else expansion.entries(self.numbers)
        return walk.ends(nodes)


def walk_from(
    graph: LineageGraph,
    starts: Iterable[Reference],
    direction: Direction,
    *,
    grain: Grain,
    depth: int | None = None,
    rules: tuple[MaskingRule, ...] = RULES,
) -> Walk:
    """Walk from some references together.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    starts : iterable of Reference
    direction : {"upstream", "downstream"}
    grain : {"entity", "part"}
        Between entities, or between columns and features.
    depth : int, optional
        Go no further than so many hops.
    rules : tuple of MaskingRule
        The rules by which functions hide values.
    """
    index = graph.part_index(rules) if grain == "part" else graph.entity_index()
    nodes: set[int] = set()
    for start in starts:
        nodes.update(
            [index.exit(start)] if direction == "upstream" else starts_of(graph, start, index)
        )
    return Walk(index, *sorted(nodes), direction=direction, depth=depth)


def starts_of(graph: LineageGraph, reference: Reference, index: Index) -> list[int]:
    """List the nodes where what a reference holds begins; sorted."""
    nested = graph.nested_parts(reference) if reference.is_part else ()
    return sorted({index.origin(reference), *map(index.exit, nested)})


def found_by(
    walk: Walk,
    graph: LineageGraph,
    *,
    without: Reference | None = None,
    kinds: Collection[str] | None = None,
) -> Found:
    """Find the references that a walk reached.

    Parameters
    ----------
    walk : Walk
    graph : LineageGraph
        The graph it went over.
    without : Reference, optional
        Where it began.
    kinds : collection of str, optional
        Only these; all that are no mere groups unless given.
    """
    expansion, nodes = walk.index.expansion, walk.nodes
    owners = expansion.owners(nodes)
    is_part = graph.storage.are_parts[owners]
    # Downstream what counts is what leaves; upstream, of an entity, what arrives somewhere in it.
    counts = nodes == owners
    if walk.direction == "upstream":
        counts = np.where(is_part, counts, nodes == expansion.entries(owners))
    numbers, depths, nodes = owners[counts], walk.depths[counts], nodes[counts]
    if walk.direction == "upstream":
        numbers, depths, nodes = _with_columns_around(graph, numbers, depths, nodes)
    kept = _chosen(graph, numbers, without, kinds)
    numbers, depths, nodes = numbers[kept], depths[kept], nodes[kept]
    unique, places = np.unique(numbers, return_inverse=True)
    nearest = np.full(len(unique), np.iinfo(np.int64).max)
    np.minimum.at(nearest, places, depths)
    return Found(unique, nearest, (places, nodes))


def _with_columns_around(
    graph: LineageGraph, numbers: Longs, depths: Longs, nodes: Longs
) -> tuple[Longs, Longs, Longs]:
    """Add the columns that those which were reached are nested in: they hold them."""
    parents = np.frombuffer(graph.storage.parents, dtype=np.int32)
    are_parts = graph.storage.are_parts
    columns = [(numbers, depths, nodes)]
    while len(numbers):
        around = parents[numbers]
        nested = (around >= 0) & are_parts[around] & are_parts[numbers]
        numbers, depths, nodes = around[nested].astype(np.int64), depths[nested], nodes[nested]
        columns.append((numbers, depths, nodes))
    first, second, third = (np.concatenate(column) for column in zip(*columns, strict=True))
    return first, second, third


def _chosen(
    graph: LineageGraph, numbers: Longs, without: Reference | None, kinds: Collection[str] | None
) -> Flags:
    storage = graph.storage
    kept = ~storage.are_groups[numbers] if kinds is None else storage.are_of(kinds)[numbers]
    if without is not None:
        kept &= numbers != storage.numbers[without]
    return kept


def ends_among(
    graph: LineageGraph, direction: Direction, references: Collection[Reference]
) -> frozenset[Reference]:
    """Find the references from which nothing among them leads on: entities by edges, parts by hops.

    Parameters
    ----------
    graph : LineageGraph
    direction : {"upstream", "downstream"}
        Which way: the roots, or the sinks.
    references : collection of Reference
    """
    among = np.zeros(len(graph), dtype=np.bool_)
    among[[graph.number(reference) for reference in references]] = True
    found: set[Reference] = set()
    parts = {reference for reference in references if reference.is_part}
    for own, compiled in ((parts, graph.part_index), (set(references) - parts, graph.entity_index)):
        if own:
            index = compiled()
            leads_on = index.leads_on(direction, among=among)
            near = index.exit if direction == "upstream" else index.entry
            found.update(reference for reference in own if not leads_on[near(reference)])
    return frozenset(found)


def known_grain(grain: Grain | None) -> None:
    """Refuse a grain that is none.

    Raises
    ------
    ValueError
        It is neither of the two.
    """
    if grain not in {None, "entity", "part"}:
        message = f"grain is {grain!r}, but has to be 'entity' or 'part'"
        raise ValueError(message)


def known_kinds(graph: LineageGraph, kinds: Collection[str]) -> frozenset[str]:
    """Return kinds, every one of which is known here or to the graph.

    Raises
    ------
    ValueError
        One is not, or a single text was given in place of several.
    """
    if isinstance(kinds, str):
        message = f"kinds is the text {str(kinds)!r}, but has to be several: {{{str(kinds)!r}}}"
        raise ValueError(message)  # noqa: TRY004  # a text is iterable: it is the wrong value
    known = {*Kind, *(reference.kind for reference in graph)}
    for kind in kinds:
        if kind not in known:
            close = get_close_matches(kind, sorted(map(str, known)), n=1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            message = f"there is no kind {kind!r}{hint}"
            raise ValueError(message)
    return frozenset(kinds)
