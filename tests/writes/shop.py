"""A small shop in a catalog: four tables, a pipeline, two models, and what others wrote.

Between `orders` and `churn` others recorded a mapping with its function, a pipeline, SQL
and a description; between `stock` and `demand` mappings that no model declares, between
`visits` and `demand` an edge that none does. The server itself made edges without details
when the models were created. The source `visits` of `churn` was added later, when the server
makes none.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from wsgiref.types import WSGIApplication

from lineage.catalog.wsgi import Catalog
from lineage.graph.build import build_graph
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.reference import Reference
from lineage.openmetadata.client import Client
from lineage.openmetadata.reader import read
from lineage.openmetadata.retry import Retry
from lineage.writes.edge_step import EdgeStep
from lineage.writes.outcome import Applied, Outcome
from lineage.writes.plan import Plan, make_plan
from lineage.writes.pruning import find_undeclared

__all__ = [
    "COLUMNS",
    "FEATURES",
    "NAME",
    "TABLES",
    "Contents",
    "contents",
    "copy_shop",
    "edge_body",
    "edge_outcomes",
    "edge_step_of",
    "make_shop",
    "mapping",
    "model_outcomes",
    "open_shop",
    "put_edge",
    "put_model",
    "shown",
    "talking_to",
    "whole_plan",
]

NAME = "catalog:shop"
Contents = dict[tuple[str, str], str]
"""Edges by the ids of their ends, each as JSON."""

TABLES = ("orders", "people", "stock", "visits")
COLUMNS = ("x", "y", "z")
FEATURES = {"churn": ("f", "g", "h"), "demand": ("f", "g")}
_SOURCES = {
    "churn": {"f": ("orders.x", "people.x"), "g": ("orders.y",), "h": ("people.z",)},
    "demand": {"f": ("stock.x",), "g": ("orders.z", "people.y")},
}


def make_shop(client: Client) -> None:
    client.put("/services/databaseServices", {"name": "w", "serviceType": "Postgres"})
    client.put("/databases", {"name": "d", "service": "w"})
    client.put("/databaseSchemas", {"name": "s", "database": "w.d"})
    client.put("/services/pipelineServices", {"name": "p", "serviceType": "Airflow"})
    client.put("/services/mlmodelServices", {"name": "m", "serviceType": "Mlflow"})
    client.put("/pipelines", {"name": "etl", "service": "p"})
    ids = {table: client.put("/tables", _table(table))["id"] for table in TABLES}
    for name, sources in _SOURCES.items():
        ids[name] = put_model(client, name, sources, ids)
    later = {**_SOURCES["churn"], "h": ("people.z", "visits.x", "visits.y")}
    put_model(client, "churn", later, ids)
    pipeline = {"id": client.get("/pipelines/name/p.etl")["id"], "type": "pipeline"}
    put_edge(
        client,
        edge_body(
            ids["orders"],
            ids["churn"],
            pipeline=pipeline,
            sqlQuery="select x from orders",
            description="why",
            source="QueryLineage",
            columnsLineage=[mapping("orders.x", "churn.f", function="log(x)")],
        ),
    )
    stale = [mapping("stock.y", "demand.f"), mapping("stock.z", "demand.g")]
    put_edge(client, edge_body(ids["stock"], ids["demand"], columnsLineage=stale))
    gone = [mapping("visits.z", "demand.f", function="max(z)")]
    put_edge(
        client,
        edge_body(
            ids["visits"],
            ids["demand"],
            source="DbtLineage",
            pipeline=pipeline,
            columnsLineage=gone,
        ),
    )


def mapping(column: str, feature: str, **more: str) -> dict[str, Any]:
    return {"fromColumns": [f"w.d.s.{column}"], "toColumn": f"m.{feature}", **more}


def edge_body(upstream_id: str, downstream_id: str, **details: Any) -> dict[str, Any]:
    return {
        "fromEntity": {"id": upstream_id, "type": "table"},
        "toEntity": {"id": downstream_id, "type": "mlmodel"},
        "lineageDetails": details,
    }


def put_edge(client: Client, edge: dict[str, Any]) -> None:
    client.put("/lineage", {"edge": edge})


def copy_shop(made: Path, folder: Path) -> Path:
    return Path(shutil.copy(made, folder / "shop.db"))


@contextmanager
def open_shop(made: Path, folder: Path) -> Iterator[tuple[Catalog, Client]]:
    """Copy a shop, and give the copy with a client that talks to it."""
    with Catalog(copy_shop(made, folder)) as catalog, talking_to(catalog, catalog) as client:
        yield catalog, client


def talking_to(application: WSGIApplication, catalog: Catalog) -> Client:
    """Talk to a catalog through an application that stands before it."""
    client = Client.in_process(application, catalog.token, name=NAME)
    client.retry = Retry(tries=3, sleep=lambda _seconds: None)
    return client


def shown(client: Client) -> LineageGraph:
    return build_graph(read(client, truth="database"))


def whole_plan(graph: LineageGraph) -> Plan:
    """Plan every sort of step: create, change, take mappings away, take an edge away."""
    demand = Reference("mlmodel", "m.demand")
    return make_plan(graph, remove=find_undeclared(graph, named=[demand]))


def edge_outcomes(applied: Applied) -> list[Outcome]:
    return [one for one in applied.outcomes if isinstance(one.step, EdgeStep)]


def model_outcomes(applied: Applied) -> list[Outcome]:
    return [one for one in applied.outcomes if not isinstance(one.step, EdgeStep)]


def edge_step_of(outcome: Outcome) -> EdgeStep:
    assert isinstance(outcome.step, EdgeStep)
    return outcome.step


def contents(client: Client) -> Contents:
    """Give every edge into a model, as the database holds it, but for who wrote it and when.

    An edge without details is shown as one that says nothing: what is written cannot be
    unwritten.
    """
    depth = {"upstreamDepth": 1, "downstreamDepth": 0}
    return {
        (edge["fromEntity"], edge["toEntity"]): _timeless(edge.get("lineageDetails") or {})
        for model in FEATURES
        for edge in client.get(f"/lineage/mlmodel/name/m.{model}", depth)["upstreamEdges"]
    }


def _timeless(details: dict[str, Any]) -> str:
    kept = {"source": "Manual", "columnsLineage": [], **details}
    for key in ("createdAt", "createdBy", "updatedAt", "updatedBy"):
        kept.pop(key, None)
    kept["columnsLineage"] = sorted(json.dumps(one) for one in kept["columnsLineage"])
    return json.dumps(kept, sort_keys=True)


def _table(name: str) -> dict[str, Any]:
    columns = [{"name": column, "dataType": "INT"} for column in COLUMNS]
    return {"name": name, "databaseSchema": "w.d.s", "columns": columns}


def put_model(
    client: Client, name: str, sources: dict[str, tuple[str, ...]], ids: dict[str, str]
) -> str:
    """Write a model by the sources of its features; give its id."""
    features = [
        {
            "name": feature,
            "dataType": "numerical",
            "featureSources": [_source(source, ids) for source in named],
        }
        for feature, named in sources.items()
    ]
    body = {"name": name, "service": "m", "algorithm": "trees", "mlFeatures": features}
    return str(client.put("/mlmodels", body)["id"])


def _source(text: str, ids: dict[str, str]) -> dict[str, Any]:
    table, _, column = text.partition(".")
    entity = {"id": ids[table], "type": "table"}
    return {"name": column, "dataType": "integer", "dataSource": entity}
