"""CycloneDX: checked by its own schema, and for what it has to name."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft7Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7

from lineage import audit, export
from lineage.graph.build import build_graph
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.snapshot import Snapshot
from lineage.queries.completeness import Grain
from lineage.views.exports.excerpt import Answered
from tests.examples import examples
from tests.strategies import snapshots
from tests.views.exports.catalogs import full_snapshot, hostile_snapshots


@pytest.fixture(scope="module")
def graph() -> LineageGraph:
    return build_graph(full_snapshot())


@pytest.fixture
def validator(real_data: Path) -> Draft7Validator:
    folder = real_data / "cyclonedx-schema"
    registry: Registry[Any] = Registry().with_resources(
        (path.name, Resource.from_contents(json.loads(path.read_text()), DRAFT7))
        for path in folder.glob("*.schema.json")
    )
    schema = json.loads((folder / "bom-1.6.schema.json").read_text())
    registry = registry.with_resources(
        (f"http://cyclonedx.org/schema/{name}", registry[name]) for name in registry
    )
    return Draft7Validator(schema, registry=registry, format_checker=FormatChecker())


def bill_of(
    graph: LineageGraph, answer: Answered | None = None, grain: Grain | None = None
) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(export(graph, "cyclonedx", answer, grain=grain).content)
    return content


def component(bill: dict[str, Any], ref: str) -> dict[str, Any]:
    (found,) = (item for item in bill["components"] if item["bom-ref"] == ref)
    assert isinstance(found, dict)
    return found


def properties(holder: dict[str, Any], name: str) -> list[str]:
    return [item["value"] for item in holder["properties"] if item["name"] == f"lineage:{name}"]


@pytest.mark.parametrize("grain", ["part", "entity"])
def test_a_bill_is_as_its_schema_says(validator: Draft7Validator, grain: Grain) -> None:
    @given(snapshots() | hostile_snapshots())
    @settings(max_examples=examples(15))
    def holds(snapshot: Snapshot) -> None:
        validator.validate(bill_of(build_graph(snapshot), grain=grain))

    holds()
    full = build_graph(full_snapshot())
    validator.validate(bill_of(full, grain=grain))
    validator.validate(bill_of(full, audit(full), grain=grain))


@given(snapshots() | hostile_snapshots())
@settings(max_examples=examples(50))
def test_all_that_is_depended_on_is_a_component_and_none_is_there_twice(snapshot: Snapshot) -> None:
    graph = build_graph(snapshot)
    bill = bill_of(graph)
    refs = [item["bom-ref"] for item in bill["components"]]
    assert len(set(refs)) == len(refs)
    assert [item["ref"] for item in bill["dependencies"]] == refs
    edges = {(ref, item["ref"]) for item in bill["dependencies"] for ref in item["dependsOn"]}
    assert edges <= {(one, other) for one in refs for other in refs}
    assert len(edges) == len(
        {(hop.edge.upstream, hop.edge.downstream) for hop in graph.hops() if not hop.column_edge}
    )


def test_a_model_names_its_data_and_the_features_that_cannot_be_followed(
    graph: LineageGraph,
) -> None:
    card = component(bill_of(graph), "mlmodel:mlflow.churn")["modelCard"]
    assert card["modelParameters"]["datasets"] == [{"ref": "table:pg.shop.mark_schema.clean"}]
    assert card["modelParameters"]["modelArchitecture"] == "mark algorithm"
    assert properties(card, "hyper-parameter") == ["depth = 7"]
    assert properties(card, "target") == ["left"]
    (unresolved,) = properties(card, "unresolved-feature")
    assert unresolved.startswith("feature:mlflow.churn.lost: ")


def test_a_dataset_names_what_is_sensitive_in_it_and_its_owners(graph: LineageGraph) -> None:
    (data,) = component(bill_of(graph), "table:pg.shop.mark_schema.people")["data"]
    assert data["sensitiveData"] == ["age: PII.Sensitive", "email: PII.Sensitive"]
    assert data["governance"]["owners"] == [{"organization": {"name": "mark_owner"}}]


def test_what_a_gap_is_about_has_incomplete_dependencies(graph: LineageGraph) -> None:
    bill = bill_of(graph)
    (composition,) = bill["compositions"]
    assert composition["aggregate"] == "incomplete"
    about = {"mlmodel:mlflow.churn", "table:pg.shop.mark_schema.old"}
    assert about <= set(composition["dependencies"])
    assert any("mark reason" in gap for gap in properties(bill, "gap"))


def test_the_bill_of_an_audit_has_its_verdicts_and_findings(graph: LineageGraph) -> None:
    answer = audit(graph)
    model = component(bill_of(graph, answer), "mlmodel:mlflow.churn")
    assert properties(model, "verdict") == [str(answer.models[0].verdict)]
    assert "column:pg.shop.mark_schema.people.email: reaches-masked" in properties(model, "finding")
