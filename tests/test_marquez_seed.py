"""Marquez's seed events, as a catalog with a model put at their end."""

import json
from pathlib import Path
from typing import Any

import pytest

from lineage.governance.audit.audit import Verdict
from lineage.governance.audit.protected_attributes import audit_attribute, find_protected
from lineage.governance.bias.bias import bias
from lineage.governance.bias.questions import Question, Says
from lineage.graph.build import build_graph
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.edges import ColumnEdge, Edge, Evidence
from lineage.model.entities import Column, Entity
from lineage.model.reference import Kind, Reference
from lineage.model.register import Attribute, Proxy, Register
from lineage.model.snapshot import Snapshot
from tests.builders import model

REGISTER = Register(
    attributes=(
        Attribute(name="address", columns=("*.customers.address",)),
        Attribute(name="email", columns=("*.customers.email",)),
        Attribute(name="name", columns=("*.customers.name",)),
    ),
    proxies=(
        Proxy(
            name="restaurant",
            attribute="address",
            columns=("public.restaurants.id",),
            reason="people order nearby",
            reviewer="ann",
        ),
    ),
)


@pytest.fixture
def graph(real_data: Path) -> LineageGraph:
    text = (real_data / "marquez-seed" / "metadata.template.json").read_text(encoding="utf-8")
    outputs = [(event, output) for event in json.loads(text) for output in event.get("outputs", ())]
    edges = [edge for event, output in outputs for edge in edges_into(output, event)]
    delivery = model(
        "mlf",
        time="top_delivery_times.order_delivery_time",
        restaurant="top_delivery_times.restaurant_id",
    )
    tables = tuple(table(output) for _, output in outputs)
    return build_graph(Snapshot(entities=(*tables, delivery), edges=tuple(edges)))


def table(output: dict[str, Any]) -> Entity:
    name = output["name"]
    fields = output["facets"]["schema"]["fields"]
    columns = tuple(Column(name=item["name"], fqn=f"{name}.{item['name']}") for item in fields)
    identity = f"id-{name.removeprefix('public.')}"
    return Entity(reference=Reference(Kind.TABLE, name), id=identity, columns=columns)


def edges_into(output: dict[str, Any], event: dict[str, Any]) -> list[Edge]:
    fields = output["facets"].get("columnLineage", {}).get("fields", {})
    found: dict[str, list[ColumnEdge]] = {item["name"]: [] for item in event.get("inputs", ())}
    for field, lineage in fields.items():
        for source in lineage["inputFields"]:
            upstream = (f"{source['name']}.{source['field']}",)
            mapping = ColumnEdge(upstream=upstream, downstream=f"{output['name']}.{field}")
            found.setdefault(source["name"], []).append(mapping)
    job = Reference(Kind.PIPELINE, event["job"]["name"])
    return [
        Edge(
            upstream=Reference(Kind.TABLE, upstream),
            downstream=Reference(Kind.TABLE, output["name"]),
            column_edges=tuple(mappings),
            evidence=Evidence(recorded_as="OpenLineage", pipeline=job),
        )
        for upstream, mappings in found.items()
    ]


def test_an_address_is_dropped_one_table_before_the_feature_table(graph: LineageGraph) -> None:
    protected = find_protected(graph, REGISTER, "address")
    reply = bias(graph, Reference(Kind.MLMODEL, "mlf"), protected).reply(Question.DROPPED_UPSTREAM)
    assert reply.words == (
        "address is upstream, last present in public.delivery_7_days as customer_address, "
        "1 table before the feature table public.top_delivery_times."
    )
    (path,) = reply.paths
    assert path.hops[0].edge.evidence.pipeline == Reference("pipeline", "delivery_times_7_days")


def test_a_proxy_is_followed_through_the_jobs(graph: LineageGraph) -> None:
    answer = audit_attribute(graph, REGISTER, "address")
    time, restaurant = (
        answer.assessment(Reference(Kind.FEATURE, f"mlf.{name}")) for name in ("time", "restaurant")
    )
    assert (time.verdict, restaurant.verdict) == (
        Verdict.NO_VALUE_PATH,
        Verdict.DECLARED_PROXY,
    )
    assert str(restaurant.findings[0].path) == (
        "public.restaurants.id → public.delivery_7_days.restaurant_id → "
        "public.top_delivery_times.restaurant_id → mlf.restaurant"
    )


def test_what_nobody_recorded_of_joins_is_not_taken_for_none(graph: LineageGraph) -> None:
    model = Reference(Kind.MLMODEL, "mlf")
    answer = bias(graph, model, find_protected(graph, REGISTER, "email"))
    assert answer.verdict == Verdict.NO_VALUE_PATH
    assert answer.reply(Question.USE).says == Says.NO
    influence = answer.reply(Question.INFLUENCE)
    assert influence.says == Says.UNKNOWN
    assert [gap.subject.fqn for gap in influence.gaps if gap.subject] == [
        "mlf",
        *["public.delivery_7_days"] * 3,
        "public.top_delivery_times",
    ]
    assert answer.reply(Question.DROPPED_UPSTREAM).words == (
        "email is last present in public.top_delivery_times as customer_email, which feeds the "
        "model; no feature is known to take it."
    )
