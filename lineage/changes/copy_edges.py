"""Copying: the edges one catalog records, wanted in another under the names it uses."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from lineage import fqn as names_of
from lineage.changes.desired import Desired
from lineage.changes.edge_join import join_edges
from lineage.changes.exact_names import Names
from lineage.errors import LineageError, MalformedName, did_you_mean
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.edges import ColumnEdge, Edge, Evidence, Origin
from lineage.model.entities import Entity
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Gap, GapKind, Snapshot

__all__ = ["copy_edges"]


def copy_edges(
    graph: LineageGraph, snapshot: Snapshot, *, services: Mapping[str, str] | None = None
) -> Desired:
    """Want every edge of a snapshot in a graph: from one server, or environment, to another.

    Pipeline, SQL, description, functions and how an edge was recorded go with it; who wrote
    it and when does not. What only influences stays an influence. Nothing is guessed: what has
    no entity, column or pipeline of its name in the graph stays behind and is named.

    Parameters
    ----------
    graph : LineageGraph
        Where the edges should be; it is not changed.
    snapshot : Snapshot
        Where they are.
    services : mapping of str to str, optional
        What services of the snapshot are called in the graph; those not named keep theirs.

    Returns
    -------
    Desired
        The edges, and a gap for everything that stays behind.

    Raises
    ------
    LineageError
        The snapshot has no service of a name that is mapped.

    Examples
    --------
    >>> from lineage.graph.build import build_graph
    >>> def tables(service):
    ...     names = (f"{service}.a", f"{service}.b")
    ...     return tuple(Entity(reference=Reference("table", name)) for name in names)
    >>> a, b = (table.reference for table in tables("test"))
    >>> tested = Snapshot(entities=tables("test"), edges=(Edge(upstream=a, downstream=b),))
    >>> graph = build_graph(Snapshot(entities=tables("live")))
    >>> [edge.upstream.fqn for edge in copy_edges(graph, tested, services={"test": "live"}).edges]
    ['live.a']
    """
    services = services or {}
    _check_services(snapshot, services)
    copying = _Copying(Names(graph), services)
    edges = tuple(copying.edges(snapshot.edges))
    gaps = sorted(set(copying.gaps), key=lambda gap: (gap.kind, str(gap.subject), gap.reason))
    return Desired(edges=join_edges(edges), gaps=tuple(gaps))


def _check_services(snapshot: Snapshot, services: Mapping[str, str]) -> None:
    ends = (end for edge in snapshot.edges for end in (edge.upstream, edge.downstream))
    entities = (entity.reference for entity in snapshot.entities)
    known = {_service(reference.fqn)[0] for reference in (*ends, *entities)}
    for old in services:
        if old not in known:
            hint = did_you_mean(get_close_matches(old, sorted(known), n=1))
            message = f"the snapshot has no service {old!r}{hint}"
            raise LineageError(message)


@dataclass(slots=True)
class _Copying:
    """Edges under their new names, and what has no counterpart."""

    names: Names
    services: Mapping[str, str]
    gaps: list[Gap] = field(default_factory=list)

    def edges(self, edges: Iterable[Edge]) -> Iterator[Edge]:
        """Give the recorded edges whose ends are both here."""
        for edge in edges:
            if edge.evidence.origin != Origin.RECORDED:
                reason = f"the snapshot has an edge from {edge.upstream} that no server records"
                self.gaps.append(Gap(GapKind.NOT_RECORDED, edge.downstream, reason))
                continue
            upstream = self._entity(edge.upstream, "an edge of the snapshot")
            downstream = self._entity(edge.downstream, "an edge of the snapshot")
            if upstream is not None and downstream is not None:
                yield Edge(
                    upstream=upstream.reference,
                    downstream=downstream.reference,
                    column_edges=tuple(self._mappings(upstream, downstream, edge.column_edges)),
                    evidence=self._evidence(edge.evidence),
                )

    def _evidence(self, evidence: Evidence) -> Evidence:
        pipeline = evidence.pipeline
        found = None if pipeline is None else self._entity(pipeline, "the pipeline of an edge")
        return Evidence(
            origin=Origin.DECLARED,
            recorded_as=evidence.recorded_as,
            pipeline=None if found is None else found.reference,
            sql=evidence.sql,
            description=evidence.description,
        )

    def _mappings(
        self, upstream: Entity, downstream: Entity, mappings: Iterable[ColumnEdge]
    ) -> Iterator[ColumnEdge]:
        """Give the mappings under the names they have here; what influences goes on doing so."""
        for mapping in mappings:
            target = self._target(downstream, mapping)
            columns = [self._part(upstream, column) for column in mapping.upstream]
            found = tuple(dict.fromkeys(column for column in columns if column is not None))
            if target is not None and found:
                yield replace(mapping, upstream=found, downstream=target)
            elif target is not None and not columns:
                reason = f"a mapping of the snapshot into {target} names no column it comes from"
                gap = Gap(GapKind.COLUMN_NOT_FOUND, downstream.reference, reason)
                self.gaps.append(gap)

    def _target(self, downstream: Entity, mapping: ColumnEdge) -> str | None:
        """Name what a mapping leads to: a part, or all rows of the entity itself."""
        here = self._renamed(mapping.downstream)
        is_on_rows = mapping.influence is not None and here == downstream.reference.fqn
        return here if is_on_rows else self._part(downstream, mapping.downstream)

    def _entity(self, reference: Reference, what: str) -> Entity | None:
        here = Reference(reference.kind, self._renamed(reference.fqn))
        value = self.names.graph.value(here) if here in self.names.graph else None
        if isinstance(value, Entity):
            return value
        reason = f"{what} names it; nothing is called so here"
        self.gaps.append(Gap(GapKind.ENTITY_NOT_FOUND, here, reason))
        return None

    def _part(self, entity: Entity, fqn: str) -> str | None:
        here = self._renamed(fqn)
        if self.names.full(entity, here) is not None:
            return here
        kind = Kind.FEATURE if entity.reference.kind == Kind.MLMODEL else Kind.COLUMN
        reason = f"a mapping of the snapshot names it; {entity.reference} has no such {kind} here"
        self.gaps.append(Gap(GapKind.COLUMN_NOT_FOUND, Reference(kind, here), reason))
        return None

    def _renamed(self, fqn: str) -> str:
        service, rest = _service(fqn)
        new = self.services.get(service)
        return fqn if new is None else f"{names_of.quote(new)}{rest}"


def _service(fqn: str) -> tuple[str, str]:
    """Split a name into its service, bare, and the rest with the dot before it."""
    if not fqn.startswith('"'):
        service, dot, rest = fqn.partition(".")
        return service, f"{dot}{rest}"
    try:
        service = names_of.split(fqn)[0]
    except MalformedName:
        return fqn, ""
    return service, fqn.removeprefix(names_of.quote(service))
