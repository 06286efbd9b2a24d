"""Random catalogs for properties."""

from typing import Literal

from hypothesis import strategies as st

from lineage.model.edges import ColumnEdge, Edge, Evidence, Influence
from lineage.model.entities import Column, Entity, Feature, FeatureSource, MlModel, Tag
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Disagreement, Snapshot

__all__ = ["snapshots"]

_TABLES = "abcdef"
_COLUMNS = "xyz"
_FUNCTIONS = [None, None, "lower(x)", "md5(x)", "count(x)"]


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """Draw up to six tables, one or two models, and edges of every sort, cycles included."""
    tables = draw(st.lists(st.sampled_from(_TABLES), min_size=1, unique=True))
    entities: list[Entity] = [_table(draw, name) for name in tables]
    models = [_model(draw, name, tables) for name in ("m1", "m2")[: draw(st.integers(1, 2))]]
    pairs = st.tuples(st.sampled_from(tables), st.sampled_from([*tables, "m1"]))
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


def _table(draw: st.DrawFn, name: str) -> Entity:
    columns = tuple(
        Column(
            name=column,
            fqn=f"{name}.{column}",
            tags=(Tag(fqn="PII.Sensitive"),) if draw(st.integers(0, 4)) == 0 else (),
        )
        for column in _COLUMNS
    )
    return Entity(reference=Reference(Kind.TABLE, name), id=name, columns=columns)


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


def _edge(draw: st.DrawFn, upstream: str, downstream: str) -> Edge:
    is_model = downstream.startswith("m")
    targets = ("f", "g") if is_model else tuple(_COLUMNS)
    mapping = st.builds(
        lambda source, target, function: ColumnEdge(
            upstream=(f"{upstream}.{source}",),
            downstream=f"{downstream}.{target}",
            function=function,
        ),
        st.sampled_from(_COLUMNS),
        st.sampled_from(targets),
        st.sampled_from(_FUNCTIONS),
    )
    influence = st.builds(
        lambda source, target, how: ColumnEdge(
            upstream=(f"{upstream}.{source}",), downstream=f"{downstream}{target}", influence=how
        ),
        st.sampled_from(_COLUMNS),
        st.sampled_from(["", *(f".{target}" for target in targets)]),  # "" is all rows
        st.sampled_from(Influence),
    )
    return Edge(
        upstream=Reference(Kind.TABLE, upstream),
        downstream=Reference(Kind.MLMODEL if is_model else Kind.TABLE, downstream),
        column_edges=tuple(draw(st.lists(mapping | influence, max_size=3))),
        evidence=Evidence(recorded_as=draw(st.sampled_from([None, "Manual"]))),
    )
