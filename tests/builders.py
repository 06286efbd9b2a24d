"""Small snapshots in few words.

`table("a", "x y:PII.Sensitive")` is a table `a` with columns `x` and `y`, the second one
tagged. `edge("a>b", "x>y:md5(x)")` lets data flow from table `a` to table `b`, by the
mapping of column `x` to `y`; `"x>y:filter"` is an influence on `y`, and `"x>:filter"` one on
all rows of `b`; `">y"` comes from `a` as a whole. A model's name begins with `m`.
"""

from lineage.graph.build import build_graph
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.edges import ColumnEdge, Edge, Evidence, Influence
from lineage.model.entities import Column, Entity, Feature, FeatureSource, MlModel, Tag
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Gap, Snapshot

__all__ = ["column", "edge", "entity", "feature", "graph_of", "model", "snapshot_of", "table"]


def entity(name: str) -> Reference:
    return Reference(Kind.MLMODEL if name.startswith("m") else Kind.TABLE, name)


def column(name: str) -> Reference:
    return Reference(Kind.COLUMN, name)


def feature(name: str) -> Reference:
    return Reference(Kind.FEATURE, name)


def table(name: str, columns: str = "", *, tags: str = "", deleted: bool = False) -> Entity:
    return Entity(
        reference=entity(name),
        id=f"id-{name}",
        columns=tuple(_column(name, item) for item in columns.split()),
        tags=tuple(Tag(fqn=tag) for tag in tags.split()),
        deleted=deleted,
    )


def model(name: str, **features: str) -> MlModel:
    """Make a model; `age="a.x b.y"` is a feature `age` with two sources."""
    return MlModel(
        reference=entity(name),
        id=f"id-{name}",
        features=tuple(
            Feature(
                name=feature_name,
                fqn=f"{name}.{feature_name}",
                sources=tuple(_source(item) for item in sources.split()),
            )
            for feature_name, sources in features.items()
        ),
    )


def edge(ends: str, *mappings: str, **evidence: object) -> Edge:
    upstream, downstream = ends.split(">")
    return Edge(
        upstream=entity(upstream),
        downstream=entity(downstream),
        column_edges=tuple(_mapping(upstream, downstream, item) for item in mappings),
        evidence=Evidence(**{"recorded_as": "Manual", **evidence}),  # type: ignore[arg-type]
    )


def snapshot_of(*items: Entity | Edge | Gap) -> Snapshot:
    return Snapshot(
        server="https://metadata.example.com",
        entities=tuple(item for item in items if isinstance(item, Entity)),
        edges=tuple(item for item in items if isinstance(item, Edge)),
        gaps=tuple(item for item in items if isinstance(item, Gap)),
    )


def graph_of(*items: Entity | Edge | Gap) -> LineageGraph:
    return build_graph(snapshot_of(*items))


def _column(table_name: str, text: str) -> Column:
    path, _, tag = text.partition(":")
    return Column(
        name=path,
        fqn=f"{table_name}.{path}",
        data_type="VARCHAR",
        tags=(Tag(fqn=tag),) if tag else (),
    )


def _source(text: str) -> FeatureSource:
    table_name, _, name = text.partition(".")
    return FeatureSource(name=name, entity=entity(table_name), entity_id=f"id-{table_name}")


def _mapping(upstream: str, downstream: str, text: str) -> ColumnEdge:
    pair, _, function = text.partition(":")
    sources, target = pair.split(">")
    influence = Influence(function) if function in set(Influence) else None
    return ColumnEdge(
        upstream=tuple(f"{upstream}.{name}" if name else upstream for name in sources.split("+")),
        downstream=f"{downstream}.{target}" if target else downstream,
        function=None if influence else function or None,
        influence=influence,
    )
