"""Random catalogs for properties."""

from typing import Literal

from hypothesis import strategies as st

from lineage.model.edges import ColumnEdge, Edge, Evidence, Influence
from lineage.model.entities import (
    Column,
    Dashboard,
    Entity,
    Feature,
    FeatureSource,
    MlModel,
    Pipeline,
    Tag,
)
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Disagreement, Snapshot

__all__ = ["CONTAINING", "snapshots"]

_TABLES = "abcdef"
_COLUMNS = "xyz"
_FUNCTIONS = [None, None, "lower(x)", "md5(x)", "count(x)"]
_SENSITIVE = (Tag(fqn="PII.Sensitive"),)
_SCHEMA, _DOMAIN = Reference(Kind.DATABASE_SCHEMA, "s"), Reference(Kind.DOMAIN, "dom")
_JOB = Reference(Kind.PIPELINE, "job")
_BUCKET, _FOLDER = Reference(Kind.CONTAINER, "k"), Reference(Kind.CONTAINER, "k.l")
_FILE = Reference(Kind.CONTAINER, "k.l.n")
_CHART = Reference(Kind.CHART, "o")

CONTAINING = frozenset({Kind.DATABASE_SCHEMA, Kind.DOMAIN, Kind.DASHBOARD, Kind.CONTAINER})
"""The kinds of entities here that have others in them."""


@st.composite
def snapshots(draw: st.DrawFn, *, plain: bool = False) -> Snapshot:
    """Draw up to six tables, one or two models, and edges of every sort, cycles included.

    Unless it has to be plain, there are also nested columns, a schema and a domain, a bucket with a
    folder and a file in it, charts on dashboards, and a pipeline that carries edges and is an end.
    """
    tables = draw(st.lists(st.sampled_from(_TABLES), min_size=1, unique=True))
    entities: list[Entity] = [_table(draw, name, plain=plain) for name in tables]
    ends = [Reference(Kind.TABLE, name) for name in tables]
    if not plain:
        others = draw(st.lists(st.sampled_from(_others(draw)), unique=True, max_size=4))
        entities += [entity for some in others for entity in some]
        ends += [entity.reference for some in others for entity in some]
        entities += draw(st.sampled_from([[], _groups(draw)]))
    models = [_model(draw, name, tables) for name in ("m1", "m2")[: draw(st.integers(1, 2))]]
    onward = [end for end in ends if end.kind not in {_SCHEMA.kind, _DOMAIN.kind}]
    pairs = st.tuples(
        st.sampled_from(onward), st.sampled_from([*onward, Reference(Kind.MLMODEL, "m1")])
    )
    edges = [_edge(draw, *pair) for pair in draw(st.lists(pairs, max_size=8, unique=True))]
    return Snapshot(
        entities=(*entities, *models),
        edges=tuple(edges),
        disagreements=tuple(draw(st.lists(_disagreements(tables), max_size=2))),
    )


def _disagreements(tables: list[str]) -> st.SearchStrategy[Disagreement]:
    ends = st.sampled_from([Reference(Kind.TABLE, name) for name in tables])
    sides: list[Literal["index", "database"]] = ["index", "database"]
    return st.builds(Disagreement, ends, ends, st.sampled_from(sides))


def _tags(draw: st.DrawFn) -> tuple[Tag, ...]:
    return _SENSITIVE if draw(st.integers(0, 4)) == 0 else ()


def _column(draw: st.DrawFn, fqn: str, children: tuple[Column, ...] = ()) -> Column:
    name = fqn.rpartition(".")[2]
    return Column(name=name, fqn=fqn, tags=_tags(draw), children=children)


def _table(draw: st.DrawFn, name: str, *, plain: bool) -> Entity:
    nested = () if plain else (_column(draw, f"{name}.z.w"),)
    columns = (
        _column(draw, f"{name}.x"),
        _column(draw, f"{name}.y"),
        _column(draw, f"{name}.z", nested),
    )
    is_grouped = not plain and draw(st.booleans())
    return Entity(
        reference=Reference(Kind.TABLE, name),
        id=name,
        columns=columns,
        parent=_SCHEMA if is_grouped and draw(st.booleans()) else None,
        domains=(_DOMAIN,) if is_grouped else (),
        tags=() if plain else _tags(draw),
    )


def _groups(draw: st.DrawFn) -> list[Entity]:
    return [Entity(reference=item, id=item.fqn, tags=_tags(draw)) for item in (_SCHEMA, _DOMAIN)]


def _others(draw: st.DrawFn) -> list[tuple[Entity, ...]]:
    """Entities that contain others, or carry edges; each with what it needs."""
    bucket = Entity(reference=_BUCKET, id="k", tags=_tags(draw))
    folder = Entity(reference=_FOLDER, id="k.l", parent=_BUCKET, tags=_tags(draw))
    columns = tuple(_column(draw, f"{_FILE.fqn}.{name}") for name in _COLUMNS)
    file = Entity(reference=_FILE, id="k.l.n", parent=_FOLDER, columns=columns)
    charts = (_CHART,)
    boards = (
        Dashboard(reference=Reference(Kind.DASHBOARD, "p"), id="p", charts=charts),
        Dashboard(reference=Reference(Kind.DASHBOARD, "q"), id="q", charts=charts),
    )
    chart = Entity(reference=_CHART, id="o", tags=_tags(draw))
    return [(bucket, folder, file), (*boards, chart), (Pipeline(reference=_JOB, id="job"),)]


def _model(draw: st.DrawFn, name: str, tables: list[str]) -> MlModel:
    source = st.builds(
        lambda table, column: FeatureSource(
            name=column, entity=Reference(Kind.TABLE, table), entity_id=table
        ),
        st.sampled_from(tables),
        st.sampled_from([*_COLUMNS, "nowhere"]),
    )
    features = tuple(
        Feature(
            name=feature,
            fqn=f"{name}.{feature}",
            sources=tuple(draw(st.lists(source, min_size=1, max_size=2))),
        )
        for feature in ("f", "g")
    )
    return MlModel(reference=Reference(Kind.MLMODEL, name), id=name, features=features)


def _parts_of(end: Reference) -> tuple[str, ...]:
    if end.kind == Kind.MLMODEL:
        return ("f", "g")
    columns = tuple(_COLUMNS)
    return (*columns, "z.w") if end.kind == Kind.TABLE else columns


def _edge(draw: st.DrawFn, upstream: Reference, downstream: Reference) -> Edge:
    mappings: list[ColumnEdge] = []
    with_columns = {Kind.TABLE, Kind.MLMODEL}
    if {upstream.kind, downstream.kind} <= with_columns or (upstream, downstream) == (_FILE, _FILE):
        mapping = st.builds(
            lambda source, target, function: ColumnEdge(
                upstream=(f"{upstream.fqn}.{source}" if source else upstream.fqn,),
                downstream=f"{downstream.fqn}.{target}",
                function=function,
            ),
            st.sampled_from([*_parts_of(upstream), ""]),  # "" is any column
            st.sampled_from(_parts_of(downstream)),
            st.sampled_from(_FUNCTIONS),
        )
        influence = st.builds(
            lambda source, target, how: ColumnEdge(
                upstream=(f"{upstream.fqn}.{source}",),
                downstream=f"{downstream.fqn}.{target}" if target else downstream.fqn,
                influence=how,
            ),
            st.sampled_from(_parts_of(upstream)),
            st.sampled_from(["", *_parts_of(downstream)]),
            st.sampled_from(list(Influence)),
        )
        mappings = draw(st.lists(mapping | influence, max_size=3, unique=True))
    evidence = Evidence(
        recorded_as=draw(st.sampled_from([None, "Manual", "QueryLineage"])),
        pipeline=draw(st.sampled_from([None, None, _JOB])),
        influences_known=draw(st.booleans()),
    )
    return Edge(
        upstream=upstream, downstream=downstream, column_edges=tuple(mappings), evidence=evidence
    )
