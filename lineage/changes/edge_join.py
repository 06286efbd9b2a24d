"""Joining edges between the same two entities, since a server can hold one of them only."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from lineage.changes.edge_facts import Pair, facts, functions
from lineage.model.edges import ColumnEdge, Edge
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap, GapKind

__all__ = ["disagreements", "join_edges", "join_sets"]

_Ends = tuple[Reference, Reference]
_Stating = tuple[Edge, bool]
"""An edge, and whether a mapping of it without a function states that there is none."""

_Stated = dict[Pair, set[str]]
"""The functions that are stated of pairs of columns; "" for a value that arrives as it is."""


def join_edges(edges: Iterable[Edge], *, states_functions: bool = True) -> tuple[Edge, ...]:
    """Join edges between the same two entities.

    Of a pair of columns each function that is stated stays, in a mapping of its own. Of the
    other facts the first that is stated is kept.

    Parameters
    ----------
    edges : iterable of Edge
    states_functions : bool
        Whether a mapping without a function states that the value arrives as it is. If not, it
        states no more than the mapping, unless the edge has another of the same pair.

    Returns
    -------
    tuple of Edge
        Sorted by downstream, then upstream.

    Examples
    --------
    >>> a, b = Reference("table", "a"), Reference("table", "b")
    >>> join_edges((Edge(upstream=a, downstream=b), Edge(upstream=a, downstream=b)))
    (Edge(upstream=Reference('table', 'a'), downstream=Reference('table', 'b'), ...),)
    """
    return join_sets([(edges, states_functions)])


def join_sets(sets: Iterable[tuple[Iterable[Edge], bool]]) -> tuple[Edge, ...]:
    """Join several sets of edges, each with whether it states functions; see `join_edges`."""
    joined: dict[_Ends, list[_Stating]] = {}
    for edges, states_functions in sets:
        for edge in edges:
            ends = edge.downstream, edge.upstream
            joined.setdefault(ends, []).append((edge, states_functions))
    return tuple(_joined(joined[ends]) for ends in sorted(joined))


def disagreements(edges: Iterable[Edge]) -> Iterator[Gap]:
    """Name the facts that two edges between the same entities state differently."""
    first: dict[_Ends, dict[str, str]] = {}
    for edge in edges:
        stated = first.setdefault((edge.downstream, edge.upstream), {})
        for name, text in facts(edge).items():
            if text and stated.setdefault(name, text) != text:
                reason = f"{edge.upstream} feeds it, with two texts of {name}: the first is kept"
                yield Gap(GapKind.EVIDENCE_DISAGREES, edge.downstream, reason)


def _joined(items: list[_Stating]) -> Edge:
    first, *others = (edge for edge, _ in items)
    if not others:
        return first
    stated: _Stated = {}
    for edge, states_functions in items:
        for pair, names in functions(edge).items():
            is_stated = states_functions or names != {""}
            stated.setdefault(pair, set()).update(names if is_stated else ())
    mappings = tuple(_mappings((first, *others), stated))
    evidence = first.evidence
    for other in (edge.evidence for edge in others):
        evidence = replace(
            evidence,
            pipeline=evidence.pipeline or other.pipeline,
            sql=evidence.sql or other.sql,
            description=evidence.description or other.description,
            recorded_as=evidence.recorded_as or other.recorded_as,
        )
    return replace(first, column_edges=mappings, evidence=evidence)


def _mappings(edges: Iterable[Edge], stated: _Stated) -> Iterator[ColumnEdge]:
    """Give each mapping once, with the columns for which its function is stated."""
    given: set[object] = set()
    for mapping in (mapping for edge in edges for mapping in edge.column_edges):
        if mapping.influence is not None:
            columns = () if mapping in given else mapping.upstream
            given.add(mapping)
        else:
            name = mapping.function or ""
            keys = {column: (column, mapping.downstream, name) for column in mapping.upstream}
            columns = tuple(
                column
                for column, key in keys.items()
                if key not in given and name in (stated[key[:2]] or {""})
            )
            given.update(keys.values())
        if columns:
            yield replace(mapping, upstream=columns)
