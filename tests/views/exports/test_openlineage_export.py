"""OpenLineage: checked by the schemas of the specification, and read back as evidence."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource

from lineage import export, fqn, write_export
from lineage.cli import main
from lineage.files.snapshot_file import write_snapshot
from lineage.graph.build import build_graph
from lineage.model.edges import ColumnEdge, Edge, Evidence, Influence
from lineage.model.entities import Column, Entity
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Snapshot
from lineage.queries.completeness import Grain
from tests.examples import examples
from tests.strategies import snapshots
from tests.views.exports.catalogs import full_snapshot, hostile_snapshots

FACTS = ("source", "target", "strength", "function", "influence", "masking")


def events_of(snapshot: Snapshot, grain: Grain | None = None) -> list[dict[str, Any]]:
    files = export(build_graph(snapshot), "openlineage", grain=grain).files
    found: list[dict[str, Any]] = json.loads(files["events.json"])
    return found


@pytest.fixture
def registry(real_data: Path) -> "Registry[Any]":
    """Give every schema of the specification, found by its own address."""
    folder = real_data / "openlineage-spec"
    schemas = [json.loads(path.read_text()) for path in folder.rglob("*.json") if _is_schema(path)]
    return Registry().with_resources(
        (schema["$id"], Resource.from_contents(schema)) for schema in schemas
    )


def _is_schema(path: Path) -> bool:
    return path.parent.name in {"facets", "openlineage-spec"}


@pytest.mark.parametrize("grain", ["part", "entity"])
def test_events_and_facets_are_as_the_specification_says(
    registry: "Registry[Any]", grain: Grain
) -> None:
    @given(snapshots() | hostile_snapshots())
    @settings(max_examples=examples(20), suppress_health_check=[HealthCheck.too_slow])
    def holds(snapshot: Snapshot) -> None:
        for event in events_of(snapshot, grain):
            _check(event, event["schemaURL"], registry)
            for facet in _facets(event):
                _check(facet, facet["_schemaURL"], registry)

    holds()
    for event in events_of(full_snapshot(), grain):
        _check(event, event["schemaURL"], registry)


def _check(value: Any, schema: str, registry: "Registry[Any]") -> None:
    Draft202012Validator(
        {"$ref": schema}, registry=registry, format_checker=FormatChecker()
    ).validate(value)


def _facets(value: Any) -> list[dict[str, Any]]:
    """Collect the facets anywhere in an event."""
    if isinstance(value, list):
        return [facet for item in value for facet in _facets(item)]
    if not isinstance(value, dict):
        return []
    own = [value] if "_schemaURL" in value else []
    return own + [facet for item in value.values() for facet in _facets(item)]


def column_edges(
    snapshot: Snapshot, folder: Path, capsys: pytest.CaptureFixture[str], *evidence: Path
) -> set[tuple[object, ...]]:
    """Return what columns feed in a catalog, evidence laid over it by the command line."""
    path = folder / "snapshot.json"
    write_snapshot(snapshot, path)
    options = [word for item in evidence for word in ("--evidence", str(item))]
    with pytest.raises(SystemExit) as left:
        main(["export", "node-link", "-c", str(path), *options])
    assert left.value.code == 0
    edges = json.loads(capsys.readouterr().out)["edges"]
    found = (tuple(edge.get(fact) for fact in FACTS) for edge in edges if edge["kind"] == "column")
    return {facts for facts in found if facts[0].startswith("column:")}


def read_back(
    snapshot: Snapshot, folder: Path, capsys: pytest.CaptureFixture[str]
) -> set[tuple[object, ...]]:
    """Return the column edges of a catalog without edges, under the events of one with them."""
    write_export(export(build_graph(snapshot), "openlineage"), folder / "events")
    bare = replace(snapshot, edges=(), gaps=())
    files = (folder / "events" / "events.json", folder / "events" / "names.toml")
    return column_edges(bare, folder, capsys, *files)


def test_events_read_back_as_evidence_give_the_same_column_edges(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    snapshot = full_snapshot()
    recorded = tuple(replace(edge, evidence=_without_sql(edge.evidence)) for edge in snapshot.edges)
    catalog = replace(snapshot, edges=recorded)
    expected = column_edges(catalog, tmp_path, capsys)
    assert {fact[FACTS.index("influence")] for fact in expected} >= {"filter", "condition"}
    assert True in {fact[FACTS.index("masking")] for fact in expected}
    assert read_back(catalog, tmp_path, capsys) == expected


def _without_sql(evidence: Evidence) -> Evidence:
    return replace(evidence, sql=None, recorded_as="Manual")


NAMES = ('he said "no"', "dim.product", "a/b", "Ünï", "\U0001f600", "it's", "x\\y", "two\nlines")


@pytest.mark.parametrize("name", NAMES)
def test_hostile_names_are_read_back_as_evidence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    tables = [Reference(Kind.TABLE, fqn.join("pg", "shop", end, name)) for end in ("from", "to")]
    entities = [_table(table, ("first", "second")) for table in tables]
    mappings = tuple(
        ColumnEdge(upstream=(one.fqn,), downstream=to.fqn, function="f(x)", influence=influence)
        for one, to, influence in zip(
            entities[0].columns, entities[1].columns, (None, Influence.SORT), strict=True
        )
    )
    edge = Edge(upstream=tables[0], downstream=tables[1], column_edges=mappings)
    catalog = Snapshot(entities=tuple(entities), edges=(edge,))
    expected = column_edges(catalog, tmp_path, capsys)
    assert len(expected) == 2
    assert _said(read_back(catalog, tmp_path, capsys)) == _said(expected)


def _said(edges: set[tuple[object, ...]]) -> set[tuple[object, ...]]:
    """Leave the function of an influence out, for which evidence has no place."""
    place = FACTS.index("function")
    return {
        (*edge[:place], edge[place] if edge[FACTS.index("influence")] is None else None,
         *edge[place + 1 :])
        for edge in edges
    }  # fmt: skip


def _table(table: Reference, columns: tuple[str, ...]) -> Entity:
    return Entity(
        reference=table,
        columns=tuple(Column(name=column, fqn=f"{table.fqn}.{column}") for column in columns),
    )


def test_what_a_job_fills_is_in_its_event_and_the_rest_in_events_of_datasets() -> None:
    events = events_of(full_snapshot())
    jobs = {event["job"]["name"]: event for event in events if "job" in event}
    assert jobs["mark_job"]["job"]["facets"]["sql"]["query"].endswith("'mark sql'")
    assert jobs["other"]["inputs"] == [{"namespace": "pg", "name": "shop.mark_schema.people"}]
    datasets = {
        event["dataset"]["name"]: event["dataset"] for event in events if "job" not in event
    }
    feeding = datasets["shop.mark_schema.clean"]["facets"]["lineage"]["inputs"]
    assert [item["name"] for item in feeding] == ["shop.mark_schema.old"]
    assert "columnLineage" in datasets["churn"]["facets"]
    tags = datasets["shop.mark_schema.people"]["facets"]["tags"]["tags"]
    assert {
        "key": "PII.Sensitive",
        "value": "true",
        "source": "OPENMETADATA",
        "field": "age",
    } in tags


def test_what_a_dataset_is_is_in_its_facets() -> None:
    street = Column(name="street", fqn="pg.s.t.address.street", data_type="TEXT", description="No.")
    address = Column(name="address", fqn="pg.s.t.address", children=(street,))
    table = Entity(
        reference=Reference(Kind.TABLE, "pg.s.t"),
        deleted=True,
        description="Old.",
        owners=(Reference("team", "shop"),),
        columns=(address,),
    )
    (event,) = events_of(Snapshot(entities=(table,), read_at="2026-11-01T12:00:00+00:00"))
    assert event["eventTime"] == "2026-11-01T12:00:00+00:00"
    facets = event["dataset"]["facets"]
    assert facets["schema"]["fields"] == [
        {"name": "address", "fields": [{"name": "street", "type": "TEXT", "description": "No."}]}
    ]
    assert facets["lifecycleStateChange"]["lifecycleStateChange"] == "DROP"
    assert facets["documentation"]["description"] == "Old."
    assert facets["ownership"]["owners"] == [{"name": "team:shop"}]
    assert facets["datasetType"]["datasetType"] == "TABLE"


def test_edges_between_two_jobs_are_left_out_and_counted() -> None:
    jobs = [Reference(Kind.PIPELINE, f"airflow.{name}") for name in "ab"]
    table = Reference(Kind.TABLE, "pg.s.t")
    edges = (
        Edge(upstream=jobs[0], downstream=jobs[1]),
        Edge(upstream=jobs[0], downstream=table),
        Edge(upstream=table, downstream=jobs[1]),
    )
    made = export(build_graph(Snapshot(edges=edges)), "openlineage")
    assert "1 edge between two jobs left out" in made.notes
    events = [event for event in json.loads(made.files["events.json"]) if "job" in event]
    assert [(len(event["inputs"]), len(event["outputs"])) for event in events] == [(0, 1), (1, 0)]
