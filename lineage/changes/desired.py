"""Desired state: the edges and models that a declaration wants, found in a graph.

Everything is looked up before anything is planned: a declaration with one wrong name is
refused with all the names that are wrong.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace

from lineage.changes.drift import recorded_edge
from lineage.changes.edge_join import disagreements, join_edges, join_sets
from lineage.changes.exact_names import Names
from lineage.changes.wanted_model import want_model
from lineage.errors import LineageError, MistakenFile
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.declaration import Declaration, DeclaredEdge, DeclaredMapping, Named
from lineage.model.edges import ColumnEdge, Edge, Evidence, Origin
from lineage.model.entities import Entity, MlModel
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Gap

__all__ = ["Desired", "join_desired", "resolve_declaration", "want_edges"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    """What the server should say.

    Attributes
    ----------
    edges : tuple of Edge
        Declared edges, one for each pair of entities, sorted by downstream, then upstream.
        What an edge leaves empty is not stated.
    models : tuple of MlModel
        Models as they should be, sorted by reference.
    gaps : tuple of Gap
        What was wanted and has no counterpart here, so that it is left out.
    states_functions : bool
        Whether a mapping without a function states that the value arrives as it is, as a
        record or an event does. In a lineage file, what is left out is not stated.
    """

    edges: tuple[Edge, ...] = ()
    models: tuple[MlModel, ...] = ()
    gaps: tuple[Gap, ...] = ()
    states_functions: bool = True

    def of_models(self, models: Collection[Reference]) -> "Desired":
        """Select some models: what is said of them, and the edges into them."""
        return replace(
            self,
            edges=tuple(edge for edge in self.edges if edge.downstream in models),
            models=tuple(model for model in self.models if model.reference in models),
        )


def resolve_declaration(graph: LineageGraph, declaration: Declaration) -> Desired:
    """Find what a declaration wants in a graph.

    The sources that it gives to a model's features are wanted as edges too.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    declaration : Declaration
        What a file says, by names.

    Returns
    -------
    Desired

    Raises
    ------
    MistakenFile
        Names that mean nothing in the graph, or several things; each with its line
        and the nearest name there is.

    Examples
    --------
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.declaration import Named
    >>> from lineage.model.snapshot import Snapshot
    >>> tables = [Entity(reference=Reference("table", name), id=name) for name in ("a", "b")]
    >>> graph = build_graph(Snapshot(entities=tuple(tables)))
    >>> edge = DeclaredEdge(upstream=Named("a", 2), downstream=Named("b", 3))
    >>> desired = resolve_declaration(graph, Declaration(path="", edges=(edge,)))
    >>> [str(edge.downstream) for edge in desired.edges]
    ['table:b']
    >>> edge = DeclaredEdge(upstream=Named("table:ab", 2), downstream=Named("b", 3))
    >>> resolve_declaration(graph, Declaration(path="lineage.toml", edges=(edge,)))
    Traceback (most recent call last):
    lineage.errors.MistakenFile: lineage.toml, line 2, column 1: no entity is called 'table:ab'; ...
    """
    resolving = _Resolving(Names(graph))
    models = tuple(resolving.models(declaration))
    edges = tuple(resolving.edges(declaration))
    if resolving.names.mistakes:
        raise MistakenFile(declaration.path, resolving.names.mistakes)
    joined = join_edges((*edges, *resolving.fed), states_functions=False)
    return Desired(edges=joined, models=models, states_functions=False)


def want_edges(
    graph: LineageGraph,
    edges: Iterable[Edge],
    *,
    recorded_as: str | None = None,
    gaps: Iterable[Gap] = (),
) -> Desired:
    """Want edges that something besides the catalog reports, with what gives values.

    A server cannot hold what only influences, nor that a value is masked but by its
    function, so neither is wanted.

    Parameters
    ----------
    graph : LineageGraph
        Where the edges should be; it is not changed.
    edges : iterable of Edge
        For instance those of OpenLineage events, found in the catalog.
    recorded_as : str, optional
        What edges are to be recorded as that are not recorded yet.
    gaps : iterable of Gap
        What is reported and has no counterpart in the catalog.

    Examples
    --------
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.snapshot import Snapshot
    >>> a, b = Reference("table", "a"), Reference("table", "b")
    >>> wanted = Edge(upstream=a, downstream=b)
    >>> desired = want_edges(build_graph(Snapshot()), [wanted], recorded_as="OpenLineage")
    >>> desired.edges[0].evidence.recorded_as
    'OpenLineage'
    """
    wanted = (
        Edge(
            upstream=edge.upstream,
            downstream=edge.downstream,
            column_edges=edge.value_mappings,
            evidence=Evidence(
                origin=Origin.DECLARED,
                recorded_as=None
                if recorded_edge(graph, edge.upstream, edge.downstream)
                else recorded_as,
            ),
        )
        for edge in edges
    )
    return Desired(edges=join_edges(wanted), gaps=tuple(gaps))


def join_desired(parts: Iterable[Desired]) -> Desired:
    """Join what several places want; where two state different facts, the first is kept.

    Raises
    ------
    LineageError
        Two of them describe one model.
    """
    found = tuple(parts)
    models = [model for part in found for model in part.models]
    names = [model.reference for model in models]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        message = f"two files describe {twice[0]}: keep it in one of them"
        raise LineageError(message)
    gaps = [gap for part in found for gap in part.gaps]
    return Desired(
        edges=join_sets((part.edges, part.states_functions) for part in found),
        models=tuple(sorted(models, key=lambda model: model.reference)),
        gaps=(*gaps, *disagreements(edge for part in found for edge in part.edges)),
    )


@dataclass(slots=True)
class _Resolving:
    """One declaration being resolved: the names, and the edges its models are fed by."""

    names: Names
    fed: list[Edge] = field(default_factory=list)
    lines: dict[object, int] = field(default_factory=dict)
    """Where each model and edge is declared first."""

    def models(self, declaration: Declaration) -> Iterator[MlModel]:
        """Give the models as they should be, sorted."""
        found = []
        for declared in declaration.models:
            current = self.names.entity(declared.name, Kind.MLMODEL)
            if isinstance(current, MlModel) and self._is_first(current.reference, declared.name):
                wanted, fed = want_model(self.names, current, declared)
                found.append(wanted)
                self.fed.extend(fed)
        yield from sorted(found, key=lambda model: model.reference)

    def edges(self, declaration: Declaration) -> Iterator[Edge]:
        """Give the edges whose names all mean something."""
        for declared in declaration.edges:
            upstream = self.names.entity(declared.upstream)
            downstream = self.names.entity(declared.downstream)
            pipeline = self._pipeline(declared)
            if upstream is None or downstream is None:
                continue
            ends = (upstream.reference, downstream.reference)
            if self._is_first(ends, declared.upstream):
                yield Edge(
                    upstream=upstream.reference,
                    downstream=downstream.reference,
                    column_edges=tuple(self._mappings(upstream, downstream, declared.mappings)),
                    evidence=Evidence(
                        origin=Origin.DECLARED,
                        pipeline=pipeline,
                        sql=declared.sql,
                        description=declared.description,
                    ),
                )

    def _pipeline(self, declared: DeclaredEdge) -> Reference | None:
        if declared.pipeline is None:
            return None
        found = self.names.entity(declared.pipeline, Kind.PIPELINE, Kind.STORED_PROCEDURE)
        return None if found is None else found.reference

    def _mappings(
        self, upstream: Entity, downstream: Entity, declared: Iterable[DeclaredMapping]
    ) -> Iterator[ColumnEdge]:
        for mapping in declared:
            if mapping.influence is not None:
                continue  # a server holds what gives values, and nothing else
            columns = [self.names.part(upstream, name) for name in mapping.upstream]
            target = self.names.part(downstream, mapping.downstream)
            if target is not None:
                yield ColumnEdge(
                    upstream=tuple(dict.fromkeys(part.fqn for part in columns if part)),
                    downstream=target.fqn,
                    function=mapping.function,
                )

    def _is_first(self, what: object, name: Named) -> bool:
        """Whether this was not declared before; that it was is a mistake."""
        if what not in self.lines:
            self.lines[what] = name.line
            return True
        reason = f"this is declared already, on line {self.lines[what]}: join the two"
        self.names.mistake(name, reason)
        return False
