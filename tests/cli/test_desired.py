"""Plan from files, apply, plan again: over HTTP, as a user types it."""

import json
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from lineage.catalog.server import start
from lineage.catalog.wsgi import Catalog
from lineage.cli import main
from lineage.files.snapshot_file import write_snapshot
from lineage.model.entities import Entity
from lineage.openmetadata.client import Client
from lineage.openmetadata.reader import read
from lineage.writes.plan_file import read_plan
from tests.fault_proxy import Asked, edited, fault_proxy

ACTIVITY = "warehouse.ml.features.customer_activity"
LINEAGE = """\
[[edges]]
upstream = "warehouse.ml.features.customer_activity"
downstream = "mlflow.churn"
columns = [
  { upstream = "campaign_bucket", downstream = "campaign_bucket", function = "one_hot" },
]

[[edges]]
upstream = "shop_postgres.shop.public.orders"
downstream = "superset.churn_watch"
pipeline = "airflow.stage_shop"
sql = "select count(*) from orders"
description = "What the board shows."

[[models]]
model = "mlflow.churn"
target = "left"

[[models.features]]
name = "postcode"
data_type = "categorical"
sources = ["shop_postgres.shop.public.customers.address.postcode"]
"""


@pytest.fixture
def url(company_file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve the sample company over HTTP."""
    with Catalog(company_file) as catalog, start(catalog) as address:
        monkeypatch.setenv("OPENMETADATA_JWT_TOKEN", catalog.token)
        yield address


@pytest.fixture
def lineage_file(tmp_path: Path) -> Path:
    path = tmp_path / "lineage.toml"
    path.write_text(LINEAGE)
    return path


def typed(capsys: pytest.CaptureFixture[str], *words: object, code: int = 0) -> tuple[str, str]:
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    printed = capsys.readouterr()
    assert ended.value.code == code, printed.err
    return printed.out, printed.err


def test_plan_from_a_file_apply_and_plan_again(
    capsys: pytest.CaptureFixture[str], url: str, lineage_file: Path, tmp_path: Path
) -> None:
    where, plan = ("-c", url), tmp_path / "plan.json"
    said, _ = typed(capsys, "plan", "--from", lineage_file, "-o", plan, *where)
    assert "1 model to change, 2 edges to create, 1 edge to change" in said
    assert "change mlmodel:mlflow.churn, version 0.1 → 1.1, major" in said
    assert "~ target: 'ordered_again' → 'left'" in said
    assert "+ SQL: 'select count(*) from orders'" in said
    said, _ = typed(capsys, "apply", plan, *where)
    assert "4 written" in said
    assert "version 0.1 → 1.1" in said
    said, _ = typed(capsys, "plan", "--from", lineage_file, *where)
    assert said.strip() == "nothing to do"


def test_the_example_of_the_documentation_can_be_planned(
    capsys: pytest.CaptureFixture[str], company_file: Path, tmp_path: Path
) -> None:
    page = Path(__file__).parents[2].joinpath("docs", "lineage-file.md").read_text()
    file = tmp_path / "lineage.toml"
    file.write_text(page.partition("```toml\n")[2].partition("```")[0])
    said, _ = typed(capsys, "plan", "--from", file, "-c", company_file)
    assert "1 model to change, 1 edge to create, 1 edge to change, 3 mappings to add" in said
    assert "  + feature postcode\n" in said
    assert "present" not in said


def test_yaml_says_the_same_as_toml(
    capsys: pytest.CaptureFixture[str], company_file: Path, lineage_file: Path, tmp_path: Path
) -> None:
    other = tmp_path / "lineage.yaml"
    other.write_text(yaml.safe_dump(tomllib.loads(LINEAGE)))
    plans = [
        typed(capsys, "plan", "--from", file, "-c", company_file)[0]
        for file in (lineage_file, other)
    ]
    assert plans[0] == plans[1]


def test_every_mistake_is_a_line_of_its_own(
    capsys: pytest.CaptureFixture[str], company_file: Path, lineage_file: Path
) -> None:
    lineage_file.write_text(LINEAGE.replace("campaign_bucket", "campain_bucket"))
    said, errors = typed(capsys, "plan", "--from", lineage_file, "-c", company_file, code=2)
    assert said == ""
    what = "'campain_bucket'; did you mean campaign_bucket?"
    assert errors.splitlines() == [
        f"lineage: {lineage_file}, line 5, column 5: {ACTIVITY} has no column {what}",
        f"lineage: {lineage_file}, line 5, column 34: mlflow.churn has no feature {what}",
    ]


def test_lineage_is_copied_from_another_environment(
    capsys: pytest.CaptureFixture[str], company: Client, url: str, tmp_path: Path
) -> None:
    snapshot, plan = tmp_path / "tested.json", tmp_path / "plan.json"
    write_snapshot(read(company), snapshot)
    text = snapshot.read_text().replace("warehouse.", "warehouse_test.")
    snapshot.write_text(text)
    lost = _delete_edges(company, ACTIVITY)
    assert lost > 2
    files = ("--from", snapshot, "--service", "warehouse_test=warehouse", "-c", url)
    said, _ = typed(capsys, "plan", *files, "-o", plan)
    assert f"{lost} edges to create, " in said
    assert f"{lost} written" in typed(capsys, "apply", plan, "-c", url)[0]
    assert typed(capsys, "plan", *files)[0].strip() == "nothing to do"


def _delete_edges(client: Client, name: str) -> int:
    """Delete what leads into a table; give how many edges that were."""
    table = client.get(f"/tables/name/{name}")
    edges = client.get(f"/lineage/table/{table['id']}", {"upstreamDepth": 1})["upstreamEdges"]
    for edge in edges:
        client.delete(f"/lineage/table/{edge['fromEntity']}/table/{table['id']}")
    return len(edges)


def test_a_service_that_is_written_wrong(
    capsys: pytest.CaptureFixture[str], company: Client, company_file: Path, tmp_path: Path
) -> None:
    snapshot = tmp_path / "s.json.gz"
    write_snapshot(read(company), snapshot)
    words = ("plan", "--from", snapshot, "-c", company_file, "--service")
    assert "write it as OLD=NEW" in typed(capsys, *words, "warehouse", code=2)[1]
    assert "did you mean warehouse?" in typed(capsys, *words, "warehose=x", code=2)[1]


def test_models_narrow_a_plan_from_a_file(
    capsys: pytest.CaptureFixture[str], company_file: Path, lineage_file: Path
) -> None:
    words = ("plan", "credit_risk", "--from", lineage_file, "-c", company_file)
    assert typed(capsys, *words)[0].strip() == "nothing to do"


def test_stale_edges_are_listed_and_removed_only_where_named(
    capsys: pytest.CaptureFixture[str], url: str, tmp_path: Path
) -> None:
    where, plan = ("-c", url), tmp_path / "plan.json"
    said, errors = typed(capsys, "stale", *where, "-o", plan, code=1)
    assert said.startswith("2 stale edges: 2 entity-deleted")
    assert "nothing to do; 2 cannot be written" in errors
    named = ("--named", "staging.price_list")
    assert "2 edges to remove" in typed(capsys, "stale", *where, "-o", plan, *named, code=1)[1]
    assert "2 written" in typed(capsys, "apply", plan, *where)[0]
    assert typed(capsys, "stale", *where)[0].strip() == "0 stale edges"


def test_edges_that_the_index_alone_has_are_listed_on_asking(
    capsys: pytest.CaptureFixture[str], company: Client, url: str, tmp_path: Path
) -> None:
    people = company.get("/tables/name/shop_postgres.shop.public.customers")["id"]

    def indexed(content: Any, _asked: Asked) -> Any:
        for hit in content["hits"]["hits"]:
            if hit["_source"]["fullyQualifiedName"] == ACTIVITY:
                edge = {"fromEntity": {"id": people, "type": "table"}, "source": "Manual"}
                hit["_source"]["upstreamLineage"].append({**edge, "columns": []})
        return content

    fault = edited(indexed)
    with fault_proxy(url, lambda asked: fault if "/search/" in asked.path else None) as proxy:
        words = ("stale", "-c", proxy.url)
        assert "index-only" not in typed(capsys, *words, code=1)[0]
        assert "1 index-only" in typed(capsys, *words, "--truth", "both", code=1)[0]
    snapshot = tmp_path / "s.json"
    write_snapshot(read(company), snapshot)
    said = typed(capsys, "stale", "-c", snapshot, "--truth", "both", code=2)[1]
    assert "--truth is for servers and catalogs" in said


def test_stale_edges_by_age_and_by_how_they_are_recorded(
    capsys: pytest.CaptureFixture[str], company_file: Path
) -> None:
    where = ("-c", company_file, "-f", "json")
    asked = ("--older-than", "2999-01-01", "--recorded-as", "DbtLineage")
    rows = json.loads(typed(capsys, "stale", *asked, *where, code=1)[0])["records"]
    assert {row["why"] for row in rows} == {"entity-deleted", "too-old", "recorded-as"}
    (_, said) = typed(capsys, "stale", "--older-than", "yesterday", *where, code=2)
    assert "yesterday" in said


def test_a_column_that_is_gone_makes_its_mappings_stale(
    capsys: pytest.CaptureFixture[str], company: Client, tmp_path: Path
) -> None:
    snapshot = read(company)
    kept = tmp_path / "kept.json"
    write_snapshot(replace(snapshot, entities=tuple(map(_without_bucket, snapshot.entities))), kept)
    said, _ = typed(capsys, "stale", "-c", kept, code=1)
    assert f"column-gone: gone: {ACTIVITY}.campaign_bucket" in said


def _without_bucket(entity: Entity) -> Entity:
    columns = (column for column in entity.columns if column.name != "campaign_bucket")
    return replace(entity, columns=tuple(columns))


def _renamed(entity: Entity) -> Entity:
    columns = (
        replace(column, name="bucket", fqn=f"{ACTIVITY}.bucket")
        if column.fqn == f"{ACTIVITY}.campaign_bucket"
        else column
        for column in entity.columns
    )
    return replace(entity, columns=tuple(columns))


def test_a_column_that_was_renamed_is_offered_and_planned_apart(
    capsys: pytest.CaptureFixture[str], company: Client, tmp_path: Path
) -> None:
    snapshot = read(company)
    before, after = tmp_path / "before.json", tmp_path / "after.json"
    write_snapshot(snapshot, before)
    write_snapshot(replace(snapshot, entities=tuple(map(_renamed, snapshot.entities))), after)
    removed, replaced = tmp_path / "removed.json", tmp_path / "replaced.json"
    words = ("stale", "-c", after, "--earlier", before, "--named", ACTIVITY)
    said, errors = typed(capsys, *words, "-o", removed, "--replacements", replaced, code=1)
    offer = f"{ACTIVITY}.bucket may replace {ACTIVITY}.campaign_bucket: the same place"
    assert f"    ? {offer}" in said
    assert "1 likely replacement" in said.splitlines()[0]
    assert f"{removed}: 1 edge to change, 1 mapping to remove" in errors
    assert f"{replaced}: 1 edge to change, 1 mapping to add, 1 mapping to remove" in errors
    (step,) = read_plan(replaced).edge_steps
    assert offer in step.reason
    assert [mapping.downstream for mapping in step.added] == [f"{ACTIVITY}.bucket"]
    assert [mapping.downstream for mapping in step.removed] == [f"{ACTIVITY}.campaign_bucket"]
    assert read_plan(removed).edge_steps[0].added == ()


def event(output: str, **fields: str) -> dict[str, object]:
    """Spell an OpenLineage event: each field of the output is given by one of customers."""
    source = {"namespace": "postgres://db:5432", "name": "shop.public.customers"}
    facet = {
        name: {"inputFields": [{**source, "field": column}]} for name, column in fields.items()
    }
    dataset = {
        "namespace": "snowflake://acme",
        "name": output,
        "facets": {"columnLineage": {"fields": facet}},
    }
    return {"run": {"runId": "1"}, "job": {}, "inputs": [source], "outputs": [dataset]}


@pytest.mark.parametrize("ending", ["json", "jsonl"])
def test_plan_from_events_apply_and_plan_again(
    capsys: pytest.CaptureFixture[str], url: str, tmp_path: Path, ending: str
) -> None:
    events, plan = tmp_path / f"events.{ending}", tmp_path / "plan.json"
    told = [
        event("analytics.marts.customer_value", customer_id="customer_id"),
        event("analytics.marts.nowhere", x="email"),
    ]
    events.write_text("\n".join(map(json.dumps, told)) if ending == "jsonl" else json.dumps(told))
    said, errors = typed(capsys, "plan", "--from", events, "-c", url, "-o", plan)
    assert "1 edge to create, 1 mapping to add" in said
    assert "+ recorded as: 'OpenLineage'" in said
    assert "fills snowflake://acme/analytics.marts.nowhere, which is not in the catalog" in errors
    assert "1 written" in typed(capsys, "apply", plan, "-c", url)[0]
    said, _ = typed(capsys, "plan", "--from", events, "-c", url)
    assert said.strip() == "nothing to do"


def test_the_sql_of_edges_between_tables_becomes_column_lineage(
    capsys: pytest.CaptureFixture[str], company: Client, company_file: Path, tmp_path: Path
) -> None:
    plan, mart = tmp_path / "plan.json", "warehouse.analytics.marts.customer_value"
    into = "insert into marts.customer_value (customer_id) select"
    customers, orders = (f"shop_postgres.shop.public.{name}" for name in ("customers", "orders"))
    for table, sql in (
        (customers, f"{into} customer_id from public.customers where email like '%@%'"),
        (orders, f"{into} gibberish from from"),
    ):
        ends = [
            {"id": company.get(f"/tables/name/{name}")["id"], "type": "table"}
            for name in (table, mart)
        ]
        details = {"sqlQuery": sql}
        edge = {"fromEntity": ends[0], "toEntity": ends[1], "lineageDetails": details}
        company.put("/lineage", {"edge": edge})
    said, errors = typed(capsys, "plan", "--from", "sql", "-c", company_file, "-o", plan)
    assert f"+ {customers}.customer_id → {mart}.customer_id" in said
    assert f"{customers}.email → {mart}" not in said
    assert "reaches-by-table → no-value-path" in said
    assert f"note: left out: table:{mart}" in errors
    assert "written" in typed(capsys, "apply", plan, "-c", company_file)[0]
    assert typed(capsys, "plan", "--from", "sql", "-c", company_file)[0].strip() == "nothing to do"


def test_events_without_columns_make_bare_edges(
    capsys: pytest.CaptureFixture[str], url: str, tmp_path: Path
) -> None:
    events, plan = tmp_path / "events.jsonl", tmp_path / "plan.json"
    told = event("analytics.marts.customer_value")
    told["outputs"] = [{"namespace": "snowflake://acme", "name": "analytics.marts.customer_value"}]
    loose = {
        **told,
        "run": {"runId": "2"},
        "inputs": [{"namespace": "duckdb", "name": "subscribers"}],
    }
    events.write_text("\n".join(map(json.dumps, (told, loose))))
    said, errors = typed(capsys, "plan", "--from", events, "-c", url, "-o", plan)
    assert "subscribers; say with --service" in errors
    assert "1 edge to create, for 1 table" in said
    assert "1 written" in typed(capsys, "apply", plan, "-c", url)[0]
    said, _ = typed(capsys, "plan", "--from", events, "-c", url)
    assert said.strip() == "nothing to do"


def test_events_in_two_files_are_one_body_of_evidence(
    capsys: pytest.CaptureFixture[str], company_file: Path, tmp_path: Path
) -> None:
    """The run failed, says the other file."""
    start = event("analytics.marts.customer_value", customer_id="customer_id")
    files = tmp_path / "start.json", tmp_path / "end.json"
    files[0].write_text(json.dumps({**start, "eventType": "START"}))
    end = {"eventType": "FAIL", "run": start["run"], "job": {}}
    files[1].write_text(json.dumps(end))
    words = ("plan", "--from", files[0], "--from", files[1], "-c", company_file)
    assert typed(capsys, *words)[0].strip() == "nothing to do"


def test_a_namespace_can_be_reported_where_its_datasets_stand(
    capsys: pytest.CaptureFixture[str], company_file: Path, tmp_path: Path
) -> None:
    events = tmp_path / "events.json"
    events.write_text(json.dumps(event("marts.customer_value", customer_id="customer_id")))
    words = ("plan", "--from", events, "-c", company_file, "--service")
    said, _ = typed(capsys, *words, "snowflake://acme=warehouse.analytics")
    assert "1 edge to create" in said
    said, _ = typed(capsys, *words, "snowflake://acme=warehouse.elsewhere")
    assert said.strip() == "nothing to do"


def test_a_file_that_is_nothing_known_is_one_clear_line(
    capsys: pytest.CaptureFixture[str], company_file: Path, tmp_path: Path
) -> None:
    odd = tmp_path / "odd.json"
    for text, reason in (
        ('{"tables": []}', "there is no key 'tables' here"),
        ("[]", "a file should be a table; there may be $schema, edges or models"),
        ("{", "is no JSON"),
    ):
        odd.write_text(text)
        _, errors = typed(capsys, "plan", "--from", odd, "-c", company_file, code=2)
        assert reason in errors
        assert len(errors.splitlines()) == 1
