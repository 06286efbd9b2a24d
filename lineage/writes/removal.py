"""Removals: what is to be taken away, and why."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from lineage.changes.edge_facts import functions
from lineage.model.edges import ColumnEdge, Edge
from lineage.writes.ownership import DERIVED, Owner, Ownership

__all__ = ["Removal", "forbidden", "without"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """A recorded edge, or mappings of it, that should no longer be there.

    It becomes a step only if it is ours or the caller named it; see `make_plan`.

    Attributes
    ----------
    edge : Edge
        The edge as the graph has it.
    mappings : tuple of ColumnEdge or None
        What is to go of it: mappings of the edge, each with all or some of its upstream
        columns. None: all of the edge.
    reason : str
        Why, in words.
    is_named : bool
        Whether somebody asked for just this, whoever wrote it.
    """

    edge: Edge
    mappings: tuple[ColumnEdge, ...] | None = None
    reason: str
    is_named: bool = False


def forbidden(removal: Removal, ownership: Ownership) -> str:
    """Say why something must not be removed; nothing where it may be."""
    edge = removal.edge
    if edge.evidence.recorded_as == DERIVED:
        return "the server derives this edge by itself and removes it by itself"
    if removal.is_named:
        return ""
    if removal.mappings is None:
        is_ours = ownership.owner(edge) == Owner.OURS
    else:
        pairs = [pair for mapping in removal.mappings for pair in mapping.pairs]
        is_ours = all(ownership.owns(edge, pair) for pair in pairs)
    if is_ours:
        return ""
    if ownership.manifest is not None:
        return "not provably ours: the manifest does not list all of it; name it to remove it"
    writer = edge.evidence.updated_by or edge.evidence.created_by or "nobody knows whom"
    recorded_as = edge.evidence.recorded_as or "without details"
    return (
        f"not provably ours: written by {writer}, recorded as {recorded_as}; name it to remove it"
    )


def without(edge: Edge, mappings: Iterable[ColumnEdge]) -> Edge:
    """Take mappings away from an edge, each with the upstream columns it names.

    Of several mappings of a pair the one with the same function goes. A mapping without a
    function names whatever maps its pairs, unless one of those has none either.

    Examples
    --------
    >>> from lineage.model.reference import Reference
    >>> both = ColumnEdge(upstream=("a.x", "a.y"), downstream="b.z")
    >>> edge = Edge(
    ...     upstream=Reference("table", "a"),
    ...     downstream=Reference("table", "b"),
    ...     column_edges=(both,),
    ... )
    >>> left = without(edge, [ColumnEdge(upstream=("a.x",), downstream="b.z")])
    >>> [mapping.upstream for mapping in left.column_edges]
    [('a.y',)]
    """
    named = {(pair, item.function or "") for item in mappings for pair in item.pairs}
    there = functions(edge)
    left = []
    for mapping in edge.column_edges:
        columns = tuple(
            column
            for column in mapping.upstream
            for pair in ((column, mapping.downstream),)
            if (pair, mapping.function or "") not in named
            and not ((pair, "") in named and "" not in there.get(pair, ()))
        )
        # A mapping that names no column is somebody's too, and was not asked to go.
        if columns or not mapping.upstream:
            left.append(replace(mapping, upstream=columns))
    return replace(edge, column_edges=tuple(left))
