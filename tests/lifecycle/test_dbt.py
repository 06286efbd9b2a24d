import json
import shutil
from pathlib import Path

import pytest

from lineage.errors import BrokenFile
from lineage.graph.build import build_graph
from lineage.lifecycle.dbt import read_dbt
from lineage.lifecycle.declare import declare
from lineage.lifecycle.facts import DatasetName, Facts
from lineage.lifecycle.facts_snapshot import make_snapshot
from lineage.model.edges import Influence
from lineage.model.entities import Column, Entity, MlModel
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import GapKind, Snapshot

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="session")
def facts(dbt_target: Path) -> Facts:
    return read_dbt(dbt_target)


def dataset(name: str, schema: str = "main") -> DatasetName:
    return DatasetName("duckdb", f"shop.{schema}.{name}")


def test_the_sql_of_a_model_gives_column_mappings(facts: Facts) -> None:
    people, orders = dataset("people", "main_raw"), dataset("orders", "main_raw")
    mapped = {
        (flow.upstream, column, mapping.column): mapping.function
        for flow in facts.flows
        if flow.downstream == dataset("spending")
        for mapping in flow.mappings
        if mapping.influence is None
        for column in mapping.upstream
    }
    assert mapped == {
        (people, "id", "id"): None,
        (people, "email", "mail_key"): "MD5(email)",
        (people, "born", "age"): "2026 - born",
        (orders, "amount", "spent"): "SUM(amount)",
    }


def test_what_joins_filters_and_groups_is_an_influence(facts: Facts) -> None:
    found = {
        (mapping.influence, column)
        for flow in facts.flows
        if flow.downstream == dataset("spending")
        for mapping in flow.mappings
        if mapping.influence is not None
        for column in mapping.upstream
    }
    assert (Influence.JOIN, "person") in found
    assert (Influence.FILTER, "born") in found


def test_an_ephemeral_model_is_no_table_of_its_own(facts: Facts) -> None:
    feeding = {flow.upstream for flow in facts.flows if flow.downstream == dataset("spending")}
    assert feeding == {dataset("people", "main_raw"), dataset("orders", "main_raw")}


def test_sql_that_is_not_read_connects_the_tables_and_is_a_gap(facts: Facts) -> None:
    (flow,) = [flow for flow in facts.flows if flow.downstream == dataset("odd")]
    assert (flow.upstream, flow.mappings) == (dataset("orders", "main_raw"), ())
    (gap,) = facts.gaps
    assert (gap.kind, gap.about) == (GapKind.INFLUENCE_UNKNOWN, dataset("odd"))


def test_tests_owners_tags_and_types_are_read(facts: Facts) -> None:
    (spending,) = [item for item in facts.datasets if item.dataset == dataset("spending")]
    assert (spending.owners, spending.tags) == (("shop-team",), ("training",))
    columns = {column.name: column for column in spending.columns}
    assert list(columns) == ["id", "mail_key", "age", "spent"]
    assert columns["mail_key"].tests == ("not_null", "unique")
    assert columns["mail_key"].tags == ("contact",)
    assert columns["age"].data_type == "INTEGER"


def test_an_exposure_of_a_model_is_a_model_any_other_a_dashboard(facts: Facts) -> None:
    (model,) = facts.models
    assert (model.name, model.source_url) == ("churn", "https://models.example.com/churn")
    assert [item.dataset for item in model.inputs] == [dataset("spending")]
    (weekly,) = [item for item in facts.datasets if item.kind == Kind.DASHBOARD]
    assert (weekly.dataset.name, weekly.owners) == ("weekly", ("Finance",))


def test_a_drawing_leads_from_a_raw_column_to_the_model(facts: Facts) -> None:
    graph = build_graph(make_snapshot([facts]))
    model = Reference(Kind.MLMODEL, "dbt.churn")
    assert graph.model(model).source_url == "https://models.example.com/churn"
    raw = Reference(Kind.COLUMN, "duckdb.shop.main_raw.people.email")
    key = Reference(Kind.COLUMN, "duckdb.shop.main.spending.mail_key")
    assert (raw, key) in {(hop.upstream, hop.downstream) for hop in graph.hops()}


def test_edges_are_declared_between_tables_that_the_catalog_has(facts: Facts) -> None:
    catalog = Snapshot(
        entities=(
            table("wh.shop.main_raw.people", "id", "email", "born", "city"),
            table("wh.shop.main.spending", "id", "mail_key", "age", "spent"),
            MlModel(reference=Reference(Kind.MLMODEL, "dbt.churn")),
        )
    )
    declared = declare([facts], catalog)
    used, edge = declared.declaration.edges
    assert (used.upstream.text, used.downstream.text) == (
        "table:wh.shop.main.spending",
        "mlmodel:dbt.churn",
    )
    values = [item for item in edge.mappings if item.influence is None]
    assert {item.downstream.text for item in values} == {
        "wh.shop.main.spending.id",
        "wh.shop.main.spending.mail_key",
        "wh.shop.main.spending.age",
    }
    assert any("shop.main_raw.orders is not in the catalog" in gap.reason for gap in declared.gaps)


@pytest.mark.parametrize("version", [3, 13])
def test_a_manifest_of_another_version_is_refused(
    dbt_target: Path, tmp_path: Path, version: int
) -> None:
    manifest = json.loads((dbt_target / "manifest.json").read_text())
    schema = f"https://schemas.getdbt.com/dbt/manifest/v{version}.json"
    manifest["metadata"]["dbt_schema_version"] = schema
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(BrokenFile, match=f"v{version}.json; this library reads manifests 4 to 12"):
        read_dbt(tmp_path)


def test_another_json_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("[]")
    with pytest.raises(BrokenFile, match="dbt did not write it"):
        read_dbt(tmp_path)


def test_a_model_that_was_not_compiled_is_connected_to_what_it_needs(
    dbt_target: Path, tmp_path: Path
) -> None:
    manifest = json.loads((dbt_target / "manifest.json").read_text())
    for node in manifest["nodes"].values():
        node.pop("compiled_code", None)
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    facts = read_dbt(tmp_path)
    assert not any(flow.mappings for flow in facts.flows)
    assert "run `dbt compile`" in facts.gaps[0].reason
    graph = build_graph(make_snapshot([facts]))
    spending = Reference(Kind.TABLE, "duckdb.shop.main.spending")
    assert Reference(Kind.TABLE, "duckdb.shop.main_raw.orders") in {
        hop.upstream for hop in graph.hops() if hop.downstream == spending
    }


def test_an_owner_may_be_a_group_and_a_table_one_of_the_warehouse(
    dbt_target: Path, tmp_path: Path
) -> None:
    manifest = json.loads((dbt_target / "manifest.json").read_text())
    for node in manifest["nodes"].values():
        node["meta"] = {}
        node["config"] = {**node["config"], "meta": {}, "group": "crm"}
    manifest["groups"] = {"g": {"name": "crm", "owner": {"email": "crm@example.com"}}}
    manifest["nodes"]["model.shop.odd"]["language"] = "python"
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    facts = read_dbt(tmp_path)
    assert {item.owners for item in facts.datasets if item.kind == Kind.TABLE} == {
        ("crm@example.com",)
    }
    assert "it is written in python" in facts.gaps[0].reason


def test_a_real_project_is_read_completely(real_data: Path, tmp_path: Path) -> None:
    shop = real_data / "dbt-jaffle-shop"
    shutil.copy(shop / "manifest" / "v12_manifest_1.12.json", tmp_path / "manifest.json")
    shutil.copy(shop / "catalog" / "v1_catalog_1.12.json", tmp_path / "catalog.json")
    facts = read_dbt(tmp_path)
    assert facts.gaps == ()
    assert len({item.dataset for item in facts.datasets}) == 19
    assert len(facts.flows) == 17
    assert all(flow.mappings for flow in facts.flows)


def table(name: str, *columns: str) -> Entity:
    return Entity(
        reference=Reference(Kind.TABLE, name),
        columns=tuple(Column(name=column, fqn=f"{name}.{column}") for column in columns),
    )
