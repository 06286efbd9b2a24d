"""Stale edges: what the server records and no longer holds."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from lineage.changes.column_replacement import Replacement, find_replacements
from lineage.changes.edge_facts import DRAWN, mapping_text
from lineage.changes.unindexed import find_unindexed
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.answer import Answer, Record, counted
from lineage.model.edges import ColumnEdge, Edge, Origin
from lineage.model.entities import Entity
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Disagreement, Gap, GapKind

__all__ = ["Stale", "StaleEdge", "Staleness", "find_stale"]

_UNREAD = frozenset({GapKind.ENTITIES_NOT_READ, GapKind.EDGES_NOT_READ, GapKind.ENTITY_NOT_FOUND})


class Staleness(StrEnum):
    """Why an edge is taken for stale."""

    COLUMN_GONE = "column-gone"
    """A mapping names a column or feature that its entity does not have."""
    ENTITY_DELETED = "entity-deleted"
    """One of its ends is soft-deleted."""
    TOO_OLD = "too-old"
    """It was last written before the time that was asked for."""
    RECORDED_AS = "recorded-as"
    """It is recorded as what was asked for."""
    INDEX_ONLY = "index-only"
    """The search index shows it and the database does not have it, so nothing can remove it."""
    UNINDEXED = "unindexed"
    """The database holds it and the search index does not show it so: to be written again."""

    @property
    def is_of_index(self) -> bool:
        """Whether the edge is as it should be, and only the search index is not."""
        return self in {Staleness.INDEX_ONLY, Staleness.UNINDEXED}


@dataclass(frozen=True, slots=True, kw_only=True)
class StaleEdge:
    """A recorded edge and one reason to take it, or mappings of it, for stale.

    Attributes
    ----------
    edge : Edge
        As the server records it.
    staleness : Staleness
    mappings : tuple of ColumnEdge or None
        What of the edge is stale; None where all of it is.
    reason : str
        Why, in words.
    gone : tuple of Reference
        The columns and features that are gone; sorted.
    likely : tuple of Replacement
        What may replace some of them; sorted by those.
    """

    edge: Edge
    staleness: Staleness
    mappings: tuple[ColumnEdge, ...] | None = None
    reason: str
    gone: tuple[Reference, ...] = ()
    likely: tuple[Replacement, ...] = ()

    @property
    def is_manual(self) -> bool:
        """Whether a person may have drawn it, so that only a person may take it away."""
        is_drawn = self.edge.evidence.recorded_as in (DRAWN, None)
        return is_drawn and not self.staleness.is_of_index


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Stale(Answer):
    """The stale edges of a catalog, sorted by downstream, upstream, then reason.

    Attributes
    ----------
    edges : tuple of StaleEdge
        An edge that is stale for several reasons is there for each.
    undated : int
        Recorded edges that no time is known of, where a time was asked for: how old they
        are, nobody knows.
    gaps : tuple of Gap
        What was not read, so that nobody knows whether it is stale.
    """

    edges: tuple[StaleEdge, ...]
    undated: int = 0
    gaps: tuple[Gap, ...] = ()

    def summary(self) -> str:
        """Count the stale edges by reason, and those whose age is not known."""
        stale = {(item.edge.upstream, item.edge.downstream) for item in self.edges}
        reasons = [item.staleness for item in self.edges]
        counts = [f"{reasons.count(item)} {item}" for item in Staleness if item in reasons]
        manual = sum(item.is_manual for item in self.edges)
        likely = sum(len(item.likely) for item in self.edges)
        parts = [
            f"{counted(len(stale), 'stale edge')}{': ' if counts else ''}{', '.join(counts)}",
            *([f"{manual} manual, to be removed only by name"] if manual else []),
            *([f"{counted(likely, 'likely replacement')}"] if likely else []),
            *([f"the age of {self.undated:,} more is not known"] if self.undated else []),
            *([f"{counted(len(self.gaps), 'gap')}"] if self.gaps else []),
        ]
        return "; ".join(parts)

    def to_records(self) -> list[Record]:
        """Give one row for each edge and reason."""
        return [
            {
                "why": str(item.staleness),
                "upstream": str(item.edge.upstream),
                "downstream": str(item.edge.downstream),
                "mappings": [mapping_text(mapping) for mapping in item.mappings or ()],
                "likely": [str(replacement) for replacement in item.likely],
                "recorded_as": item.edge.evidence.recorded_as,
                "updated_at": item.edge.evidence.updated_at,
                "updated_by": item.edge.evidence.updated_by,
                "reason": item.reason,
            }
            for item in self.edges
        ]


def find_stale(
    graph: LineageGraph,
    *,
    older_than: int | None = None,
    recorded_as: Collection[str] = (),
    disagreements: Iterable[Disagreement] = (),
    earlier: LineageGraph | None = None,
) -> Stale:
    """Find the recorded edges that no longer hold, or are to be looked at again.

    Mappings to columns that are gone and edges at soft-deleted entities are always found, and
    of the columns what may replace them now. An entity that was not read is not taken for
    gone, nor is a column of an entity that has none of its own.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    older_than : int, optional
        Find edges last written before this time too, in milliseconds since 1970.
    recorded_as : collection of str, optional
        Find edges recorded as one of these too: `DbtLineage`, `QueryLineage`, …
    disagreements : iterable of Disagreement, optional
        A snapshot's, where both index and database were read: list edges of the index alone,
        and those that it does not show as the database holds them.
    earlier : LineageGraph, optional
        An earlier reading: it knows types and places of columns that are gone.

    Returns
    -------
    Stale

    Examples
    --------
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.entities import Column
    >>> from lineage.model.snapshot import Snapshot
    >>> def table(name, column):
    ...     columns = (Column(name=column, fqn=f"{name}.{column}"),)
    ...     return Entity(reference=Reference("table", name), columns=columns)
    >>> tables = table("a", "mail"), table("b", "email")
    >>> mapping = ColumnEdge(upstream=("a.e_mail",), downstream="b.email")
    >>> a, b = (one.reference for one in tables)
    >>> edge = Edge(upstream=a, downstream=b, column_edges=(mapping,))
    >>> stale = find_stale(build_graph(Snapshot(entities=tables, edges=(edge,))))
    >>> print(stale.summary())
    1 stale edge: 1 column-gone; 1 manual, to be removed only by name; 1 likely replacement
    >>> print(stale.edges[0].likely[0])
    a.mail may replace a.e_mail: a similar name
    """
    gone = _gone_parts(graph)
    found: list[StaleEdge] = []
    undated = 0
    for edge in _recorded(graph):
        found.extend(_dead(graph, edge, gone.get(edge, {}), earlier))
        written = edge.evidence.updated_at or edge.evidence.created_at
        undated += older_than is not None and written is None
        if older_than is not None and written is not None and written < older_than:
            reason = "it was last written before the time asked for"
            found.append(StaleEdge(edge=edge, staleness=Staleness.TOO_OLD, reason=reason))
        if edge.evidence.recorded_as in recorded_as:
            reason = f"it is recorded as {edge.evidence.recorded_as}"
            found.append(StaleEdge(edge=edge, staleness=Staleness.RECORDED_AS, reason=reason))
    known = tuple(disagreements)
    found.extend(_index_only(known))
    for edge, reason in find_unindexed(graph, known):
        advice = f"{reason}: `lineage plan --truth both` writes it again"
        found.append(StaleEdge(edge=edge, staleness=Staleness.UNINDEXED, reason=advice))
    found.sort(key=lambda item: (item.edge.downstream, item.edge.upstream, item.staleness))
    gaps = tuple(gap for gap in graph.gaps if gap.kind in _UNREAD)
    return Stale(edges=tuple(found), undated=undated, gaps=gaps)


def _index_only(disagreements: Iterable[Disagreement]) -> Iterator[StaleEdge]:
    for item in disagreements:
        if item.only_in == "index" and item.what == "edge":
            edge = Edge(upstream=item.upstream, downstream=item.downstream)
            reason = "only the search index has it: have the server index anew"
            yield StaleEdge(edge=edge, staleness=Staleness.INDEX_ONLY, reason=reason)


def _recorded(graph: LineageGraph) -> Iterator[Edge]:
    for hop in graph.hops():
        if hop.column_edge is None and hop.edge.evidence.origin == Origin.RECORDED:
            yield hop.edge


def _gone_parts(graph: LineageGraph) -> dict[Edge, dict[ColumnEdge, set[Reference]]]:
    """Collect the parts that mappings name and their entities do not have."""
    gone: dict[Edge, dict[ColumnEdge, set[Reference]]] = {}
    for hop in graph.hops():
        edge, mapping = hop.edge, hop.column_edge
        if mapping is None or edge.evidence.origin != Origin.RECORDED:
            continue
        ends = ((hop.upstream, edge.upstream), (hop.downstream, edge.downstream))
        missing = {part for part, entity in ends if _is_gone(graph, part, entity)}
        if missing:
            gone.setdefault(edge, {}).setdefault(mapping, set()).update(missing)
    return gone


def _is_gone(graph: LineageGraph, part: Reference, entity: Reference) -> bool:
    """Whether an entity was read and has no such part.

    A chart is an entity of its own, and what has no columns at all, like a metric, is mapped
    as a whole: only a model is known to have had the feature.
    """
    if not part.is_part or graph.value(part) is not None or part.fqn == entity.fqn:
        return False
    has_parts = any(graph.value(one) is not None for one in graph.parts(entity))
    return graph.value(entity) is not None and (has_parts or entity.kind == Kind.MLMODEL)


def _dead(
    graph: LineageGraph,
    edge: Edge,
    gone: dict[ColumnEdge, set[Reference]],
    earlier: LineageGraph | None,
) -> Iterator[StaleEdge]:
    deleted = [end for end in (edge.upstream, edge.downstream) if _is_deleted(graph, end)]
    if deleted:
        verb = "is" if len(deleted) == 1 else "are"
        reason = f"{' and '.join(map(str, deleted))} {verb} soft-deleted"
        yield StaleEdge(edge=edge, staleness=Staleness.ENTITY_DELETED, reason=reason)
    if gone:
        missing = tuple(sorted(set().union(*gone.values())))
        names = {mapping: {part.fqn for part in parts} for mapping, parts in gone.items()}
        yield StaleEdge(
            edge=edge,
            staleness=Staleness.COLUMN_GONE,
            mappings=tuple(
                _stale_part(mapping, names[mapping])
                for mapping in edge.column_edges
                if mapping in gone
            ),
            reason=f"gone: {', '.join(part.fqn for part in missing)}",
            gone=missing,
            likely=find_replacements(graph, edge, missing, earlier=earlier),
        )


def _stale_part(mapping: ColumnEdge, gone: set[str]) -> ColumnEdge:
    """Reduce a mapping to what is stale: all of it where its end downstream is gone."""
    if mapping.downstream in gone:
        return mapping
    columns = tuple(column for column in mapping.upstream if column in gone)
    return replace(mapping, upstream=columns)


def _is_deleted(graph: LineageGraph, reference: Reference) -> bool:
    value = graph.value(reference)
    return isinstance(value, Entity) and value.deleted
