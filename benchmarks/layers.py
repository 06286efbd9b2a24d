"""A made-up catalog of another shape: tables in 8 layers, each fed by 1 to 3 of the layer above.

There are no domains: a table is fed by any table of the layer above. A column is fed by one column
of one of those, one edge in ten has no mappings, and one mapping in twenty masks the value. Models
read 1 to 5 tables of the last layer. 2 % of the columns carry one of 8 tags.
"""

from collections.abc import Iterator
from itertools import pairwise
from random import Random

from lineage.model.edges import ColumnEdge, Edge
from lineage.model.entities import Column, Entity, Feature, FeatureSource, MlModel, Tag
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Snapshot

__all__ = ["make_layers"]

_LAYERS, _COLUMNS, _TAGS = 8, 20, 8
_NODES_A_TABLE = 22  # itself, its columns, and what there is of models and features
_TABLES_A_MODEL = 20
_TAGGED_SHARE, _BARE_SHARE, _HASHED_SHARE = 0.02, 0.1, 0.05


def make_layers(nodes: int, *, seed: int = 20) -> Snapshot:
    """Make a catalog of about so many nodes."""
    chance = Random(seed)
    many = max(_LAYERS * 3, nodes // _NODES_A_TABLE)
    tables = [Reference(Kind.TABLE, f"warehouse.lake.layer{n % _LAYERS}.t{n}") for n in range(many)]
    layers = [tables[number::_LAYERS] for number in range(_LAYERS)]
    models = (_model(n, layers[-1], chance) for n in range(max(1, many // _TABLES_A_MODEL)))
    entities = (*(_table(table, chance) for table in tables), *models)
    edges = (
        edge
        for above, below in pairwise(layers)
        for table in below
        for edge in _edges(above, table, chance)
    )
    return Snapshot(entities=entities, edges=tuple(edges))


def _table(table: Reference, chance: Random) -> Entity:
    return Entity(reference=table, columns=tuple(_columns(table, chance)))


def _columns(table: Reference, chance: Random) -> Iterator[Column]:
    for number in range(_COLUMNS):
        is_tagged = chance.random() < _TAGGED_SHARE
        tags = (Tag(fqn=f"PII.Tag{chance.randrange(_TAGS)}"),) if is_tagged else ()
        yield Column(name=f"c{number}", fqn=f"{table.fqn}.c{number}", tags=tags)


def _edges(above: list[Reference], table: Reference, chance: Random) -> Iterator[Edge]:
    """Let some tables feed another, its columns shared out between them."""
    feeding = chance.sample(above, k=chance.randint(1, 3))
    for number, upstream in enumerate(feeding):
        columns = range(number, _COLUMNS, len(feeding))
        is_bare = chance.random() < _BARE_SHARE
        mappings = () if is_bare else tuple(_mapping(upstream, table, n, chance) for n in columns)
        yield Edge(upstream=upstream, downstream=table, column_edges=mappings)


def _mapping(upstream: Reference, table: Reference, column: int, chance: Random) -> ColumnEdge:
    name = f"c{chance.randrange(_COLUMNS)}"
    return ColumnEdge(
        upstream=(f"{upstream.fqn}.{name}",),
        downstream=f"{table.fqn}.c{column}",
        function=f"sha256({name})" if chance.random() < _HASHED_SHARE else None,
    )


def _model(number: int, tables: list[Reference], chance: Random) -> MlModel:
    model = Reference(Kind.MLMODEL, f"registry.model{number}")
    feeding = chance.sample(tables, k=min(len(tables), chance.randint(1, 5)))
    features = (_feature(model, item, feeding, chance) for item in range(chance.randint(5, 40)))
    return MlModel(reference=model, features=tuple(features))


def _feature(model: Reference, number: int, tables: list[Reference], chance: Random) -> Feature:
    sources = (
        FeatureSource(name=f"c{chance.randrange(_COLUMNS)}", entity=chance.choice(tables))
        for _ in range(chance.randint(1, 2))
    )
    return Feature(name=f"f{number}", fqn=f"{model.fqn}.f{number}", sources=tuple(sources))
