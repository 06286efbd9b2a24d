"""A made-up catalog of any size: tables in layers, models on the last of them; seeded.

Tables feed tables of the next layer, most of them column by column. A few columns anywhere
are tagged as sensitive. All of it is written through the REST API, as to a real server.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import Any

from lineage.openmetadata.client import Client
from lineage.openmetadata.pages import read_pages

__all__ = ["DEFAULT", "LARGE", "SMALL", "TINY", "CatalogShape", "load"]

Body = dict[str, Any]

_SERVICE, _DATABASE, _PLATFORM = "warehouse", "warehouse.lake", "registry"
_SENSITIVE = {"tagFQN": "PII.Sensitive", "source": "Classification"}
_SENSITIVE_SHARE, _MAPPED_SHARE, _HASHED_SHARE = 0.02, 0.9, 0.05
_BATCH = 250  # entities in one bulk request


@dataclass(frozen=True, slots=True)
class CatalogShape:
    """How large a catalog is; the same shape gives the same catalog."""

    tables: int
    models: int
    columns: int = 20
    layers: int = 5
    seed: int = 20

    def __str__(self) -> str:
        return (
            f"{self.tables:,} tables with {self.columns} columns in {self.layers} layers, "
            f"{self.models} models"
        )

    def layer(self, number: int) -> list[str]:
        """Name the tables of one layer."""
        every = range(number, self.tables, self.layers)
        return [f"{_DATABASE}.layer{number}.table{table}" for table in every]


DEFAULT = CatalogShape(tables=1_000, models=50)
TINY = CatalogShape(tables=20, models=2)
SMALL = CatalogShape(tables=100, models=5)
LARGE = CatalogShape(tables=10_000, models=500)


def load(client: Client, shape: CatalogShape) -> None:
    """Write a catalog to an empty server."""
    chance = Random(shape.seed)
    layers = [shape.layer(number) for number in range(shape.layers)]
    _put_places(client, shape)
    _put_many(
        client, "/tables", [body for layer in layers for body in _tables(layer, shape, chance)]
    )
    pages = read_pages(client, "/tables", {"limit": 1000})
    ids = {table["fullyQualifiedName"]: table["id"] for page in pages for table in page}
    for above, below in pairwise(layers):
        for edge in _edges(above, below, shape, chance):
            client.put("/lineage", _with_ids(edge, ids))
    models = [_model(number, layers[-1], shape, chance) for number in range(shape.models)]
    _put_many(client, "/mlmodels", [_with_ids(model, ids) for model in models])


def _put_places(client: Client, shape: CatalogShape) -> None:
    client.put("/services/databaseServices", {"name": _SERVICE, "serviceType": "Snowflake"})
    client.put("/services/mlmodelServices", {"name": _PLATFORM, "serviceType": "Mlflow"})
    client.put("/databases", {"name": "lake", "service": _SERVICE})
    for number in range(shape.layers):
        client.put("/databaseSchemas", {"name": f"layer{number}", "database": _DATABASE})


def _put_many(client: Client, path: str, bodies: list[Body]) -> None:
    for start in range(0, len(bodies), _BATCH):
        answer = client.put(f"{path}/bulk", bodies[start : start + _BATCH])
        if answer["status"] != "success":
            raise RuntimeError(answer["failedRequest"][0]["message"])


def _tables(names: list[str], shape: CatalogShape, chance: Random) -> Iterator[Body]:
    for name in names:
        schema, _, table = name.rpartition(".")
        columns = [_column(number, chance) for number in range(shape.columns)]
        yield {"name": table, "databaseSchema": schema, "columns": columns}


def _column(number: int, chance: Random) -> Body:
    tags = [_SENSITIVE] if chance.random() < _SENSITIVE_SHARE else []
    return {"name": f"column{number}", "dataType": "BIGINT", "tags": tags}


def _edges(
    above: list[str], below: list[str], shape: CatalogShape, chance: Random
) -> Iterator[Body]:
    """Let one to three tables feed each table of the next layer, its columns shared out."""
    for table in below:
        feeding = chance.sample(above, k=min(len(above), chance.randint(1, 3)))
        for number, upstream in enumerate(feeding):
            columns = range(number, shape.columns, len(feeding))
            mapped = chance.random() < _MAPPED_SHARE
            mappings = [_mapping(upstream, table, column, shape, chance) for column in columns]
            yield {
                "edge": {
                    "fromEntity": upstream,
                    "toEntity": table,
                    "lineageDetails": {
                        "source": "QueryLineage",
                        "columnsLineage": mappings if mapped else [],
                    },
                }
            }


def _mapping(upstream: str, table: str, column: int, shape: CatalogShape, chance: Random) -> Body:
    name = f"column{chance.randrange(shape.columns)}"
    function = {"function": f"sha256({name})"} if chance.random() < _HASHED_SHARE else {}
    return {
        "fromColumns": [f"{upstream}.{name}"],
        "toColumn": f"{table}.column{column}",
        **function,
    }


def _model(number: int, tables: list[str], shape: CatalogShape, chance: Random) -> Body:
    feeding = chance.sample(tables, k=min(len(tables), chance.randint(1, 5)))
    features = [_feature(item, feeding, shape, chance) for item in range(chance.randint(5, 40))]
    return {
        "name": f"model{number}",
        "service": _PLATFORM,
        "algorithm": "XGBoost",
        "mlFeatures": features,
    }


def _feature(number: int, feeding: list[str], shape: CatalogShape, chance: Random) -> Body:
    columns = {
        (chance.choice(feeding), f"column{chance.randrange(shape.columns)}")
        for _ in range(chance.randint(1, 2))
    }
    sources = [{"name": column, "dataSource": table} for table, column in sorted(columns)]
    return {"name": f"feature{number}", "dataType": "numerical", "featureSources": sources}


def _with_ids(value: Any, ids: dict[str, str]) -> Any:
    """Put a reference in the place of every table that stands by its name."""
    if isinstance(value, dict):
        return {key: _with_ids(item, ids) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_ids(item, ids) for item in value]
    if isinstance(value, str) and value in ids:
        return {"id": ids[value], "type": "table", "fullyQualifiedName": value}
    return value
