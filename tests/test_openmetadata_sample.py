"""OpenMetadata's own sample data, through the client into the catalog and back."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lineage.governance.audit.audit import Verdict, audit
from lineage.governance.audit.protected_attributes import find_protected
from lineage.governance.bias.bias import bias
from lineage.governance.bias.questions import Question, Says
from lineage.graph.build import build_graph
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.entities import Pipeline, walk_columns
from lineage.model.reference import Kind, Reference
from lineage.model.register import Attribute, Register
from lineage.openmetadata.client import Client, escape
from lineage.openmetadata.reader import read
from lineage.queries.coverage import coverage
from lineage.queries.lookup import find_model
from lineage.queries.traversal import upstream
from lineage.writes.apply import apply_plan
from lineage.writes.plan import make_plan

SCHEMA = "sample_data.ecommerce_db.shopify"
SENSITIVE = {"creditcard", "membership"}


@pytest.fixture
def sample(real_data: Path, client: Client) -> Client:
    folder = real_data / "openmetadata-sample-2023"
    for kind, name, service in (
        ("databaseServices", "sample_data", "BigQuery"),
        ("pipelineServices", "sample_airflow", "Airflow"),
        ("dashboardServices", "sample_superset", "Superset"),
        ("mlmodelServices", "mlflow_svc", "Mlflow"),
    ):
        client.put(f"/services/{kind}", {"name": name, "serviceType": service})
    client.put("/databases", {"name": "ecommerce_db", "service": "sample_data"})
    client.put("/databaseSchemas", {"name": "shopify", "database": "sample_data.ecommerce_db"})
    for table in load(folder, "datasets/tables.json")["tables"]:
        client.put("/tables", table_body(table))
    for pipeline in load(folder, "pipelines/pipelines.json")["pipelines"]:
        client.put("/pipelines", {**pipeline_body(pipeline), "service": "sample_airflow"})
    dashboards = {model.get("dashboard") for model in load(folder, "models/models.json")}
    for fqn in sorted(filter(None, dashboards)):
        client.put("/dashboards", {"name": fqn.split(".")[1], "service": "sample_superset"})
    for edge in load(folder, "lineage/lineage.json"):
        client.put("/lineage", {"edge": edge_body(client, edge)})
    for model in load(folder, "models/models.json"):
        client.put("/mlmodels", model_body(client, model))
    return client


def load(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_text(encoding="utf-8"))


def table_body(table: dict[str, Any]) -> dict[str, Any]:
    columns = [column_body(table["name"], column) for column in table["columns"]]
    return {
        "name": table["name"],
        "description": table.get("description"),
        "databaseSchema": SCHEMA,
        "columns": columns,
    }


def column_body(table: str, column: dict[str, Any]) -> dict[str, Any]:
    kept = ("name", "dataType", "arrayDataType", "dataLength", "dataTypeDisplay", "description")
    body = {key: column[key] for key in kept if column.get(key) is not None}
    if column["dataType"] == "ARRAY":
        body.setdefault("arrayDataType", "UNKNOWN")
    if column["dataType"] in {"VARCHAR", "CHAR"}:
        body.setdefault("dataLength", 1)
    if column.get("children"):
        body["children"] = [column_body(table, child) for child in column["children"]]
    if table == "raw_customer" and column["name"] in SENSITIVE:
        body["tags"] = [
            {
                "tagFQN": "PII.Sensitive",
                "source": "Classification",
                "labelType": "Manual",
                "state": "Confirmed",
            }
        ]
    return body


def pipeline_body(pipeline: dict[str, Any]) -> dict[str, Any]:
    tasks = [
        {key: task[key] for key in ("name", "displayName", "downstreamTasks") if key in task}
        for task in pipeline.get("tasks", ())
    ]
    return {"name": pipeline["name"], "displayName": pipeline["displayName"], "tasks": tasks}


def reference_body(client: Client, kind: str, fqn: str) -> dict[str, Any]:
    found = client.get(f"/{kind}s/name/{escape(fqn)}")
    return {"id": found["id"], "type": kind, "fullyQualifiedName": found["fullyQualifiedName"]}


def edge_body(client: Client, edge: dict[str, Any]) -> dict[str, Any]:
    job = edge["edge_meta"]
    return {
        "fromEntity": reference_body(client, edge["from"]["type"], edge["from"]["fqn"]),
        "toEntity": reference_body(client, edge["to"]["type"], edge["to"]["fqn"]),
        "lineageDetails": {
            "sqlQuery": edge["sql_query"],
            "pipeline": reference_body(client, job["type"], job["fqn"]),
            "source": "PipelineLineage",
        },
    }


def model_body(client: Client, model: dict[str, Any]) -> dict[str, Any]:
    features = [
        {
            **feature,
            "featureSources": [
                {**source, "dataSource": reference_body(client, "table", source["dataSource"])}
                for source in feature["featureSources"]
            ],
        }
        for feature in model.get("mlFeatures", ())
    ]
    return {**model, "service": "mlflow_svc", "mlFeatures": features}


def columns_of(graph: LineageGraph, table: str) -> Iterator[Reference]:
    for reference in graph.references(Kind.COLUMN):
        if graph.entity_of(reference) == Reference(Kind.TABLE, f"{SCHEMA}.{table}"):
            yield reference


def test_the_sample_is_read_back_whole(sample: Client) -> None:
    snapshot = read(sample)
    tables = [item for item in snapshot.entities if item.reference.kind == Kind.TABLE]
    columns = [column for table in tables for column in walk_columns(table.columns)]
    assert snapshot.gaps == ()
    assert (len(tables), len(columns)) == (16, 219)
    assert Reference("table", f'{SCHEMA}."dim.api/client"') in {item.reference for item in tables}
    nested = {column.fqn for column in columns}
    assert any(fqn.startswith(f"{SCHEMA}.raw_customer.customer.") for fqn in nested)


def test_a_task_that_names_a_task_nobody_wrote_is_kept_as_it_is(sample: Client) -> None:
    pipelines = [item for item in read(sample).entities if isinstance(item, Pipeline)]
    named = {name for item in pipelines for task in item.tasks for name in task.downstream}
    written = {task.name for item in pipelines for task in item.tasks}
    assert len(pipelines) == 8
    assert "assert_table_exits" in named - written


def test_eta_predictions_is_traced_to_its_columns(sample: Client) -> None:
    graph = build_graph(read(sample))
    trace = upstream(graph, find_model(graph, "eta_predictions"), grain="part")
    assert {reference.fqn for reference in trace.references} == {
        f"{SCHEMA}.fact_sale",
        f"{SCHEMA}.fact_sale.gross_sales",
        f"{SCHEMA}.raw_customer",
        f"{SCHEMA}.raw_customer.membership",
        f"{SCHEMA}.raw_customer.platform",
    }
    assert trace.gaps == ()


def test_the_verdicts_distinguish_the_tagged_column_from_the_others(sample: Client) -> None:
    graph = build_graph(read(sample))
    answer = audit(graph)
    persona = Reference(Kind.FEATURE, "mlflow_svc.eta_predictions.persona")
    sales = Reference(Kind.FEATURE, "mlflow_svc.eta_predictions.sales")
    membership = Reference(Kind.COLUMN, f"{SCHEMA}.raw_customer.membership")
    creditcard = Reference(Kind.COLUMN, f"{SCHEMA}.raw_customer.creditcard")
    assert answer.verdict(membership, persona) == Verdict.REACHES
    assert answer.verdict(creditcard, persona) == Verdict.NO_VALUE_PATH
    assert answer.verdict(membership, sales) == Verdict.NO_VALUE_PATH
    without_features = Reference(Kind.MLMODEL, "mlflow_svc.forecast_sales")
    assert answer.verdict(membership, without_features) == Verdict.UNKNOWN


def test_the_questions_of_bias_distinguish_a_used_attribute_from_one_beside_it(
    sample: Client,
) -> None:
    graph = build_graph(read(sample))
    attributes = (
        Attribute(name="membership", tags=("PII.*",), columns=("*.raw_customer.membership",)),
        Attribute(name="card", columns=("*.raw_customer.creditcard",)),
    )
    register, eta = Register(attributes=attributes), find_model(graph, "eta_predictions")
    used = bias(graph, eta, find_protected(graph, register, "membership"))
    beside = bias(graph, eta, find_protected(graph, register, "card"))
    assert used.reply(Question.USE).says == Says.YES
    assert beside.reply(Question.USE).says == Says.NO
    assert beside.reply(Question.SHARED_ANCESTOR).words == (
        f"persona (membership) comes from {SCHEMA}.raw_customer, which also holds creditcard. "
        "By which key is not known."
    )


def test_coverage_shows_the_model_without_features(sample: Client) -> None:
    eta, forecast = coverage(build_graph(read(sample))).models
    assert (eta.share, eta.missing) == (1.0, ("owner",))
    assert forecast.missing == ("features", "owner")


def test_what_is_planned_is_written_once(sample: Client) -> None:
    plan = make_plan(build_graph(read(sample)))
    assert {step.upstream.name for step in plan.edge_steps} == {"fact_sale", "raw_customer"}
    applied = apply_plan(plan, sample)
    assert applied.summary() == "2 written"
    assert make_plan(build_graph(read(sample))).steps == ()


def test_edges_keep_their_pipeline_and_sql(sample: Client) -> None:
    edges = read(sample).edges
    recorded = [edge for edge in edges if edge.downstream.kind == Kind.TABLE]
    assert len(recorded) == 5
    assert all(edge.evidence.pipeline and edge.evidence.sql for edge in recorded)
    assert any(edge.downstream.fqn == f'{SCHEMA}."dim.product"' for edge in recorded)
    assert list(columns_of(build_graph(read(sample)), "raw_customer"))
