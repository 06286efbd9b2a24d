import csv
import json
import shlex
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest

from lineage.catalog.server import start
from lineage.catalog.wsgi import Catalog
from lineage.cli import main
from lineage.files.snapshot_file import write_snapshot
from lineage.openmetadata.client import Client
from lineage.openmetadata.reader import read
from lineage.views.records import EDGE_COLUMNS
from tests.scripted_server import Reply, json_reply, scripted_server


@pytest.fixture
def snapshot_file(company: Client, tmp_path: Path) -> Path:
    path = tmp_path / "snapshot.json.gz"
    write_snapshot(read(company), path)
    return path


class Terminal:
    """Types commands and reads what they print."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def type(self, *words: object, code: int = 0) -> str:
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words])
        printed = self.capsys.readouterr()
        assert ended.value.code == code, printed.err
        self.errors = printed.err
        return printed.out


@pytest.fixture
def terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Terminal:
    for name in ("OPENMETADATA_HOST", "OPENMETADATA_JWT_TOKEN", "OPENMETADATA_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    return Terminal(capsys)


def test_every_verb_works_on_a_server_a_catalog_and_a_snapshot_alike(
    terminal: Terminal,
    company_file: Path,
    snapshot_file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Catalog(company_file) as catalog, start(catalog) as url:
        monkeypatch.setenv("OPENMETADATA_JWT_TOKEN", catalog.token)
        places = (url, company_file, snapshot_file)
        printed = {terminal.type("upstream", "churn", "-c", place) for place in places}
        assert len(printed) == 1
        printed = {terminal.type("audit", "churn", "-c", place, code=1) for place in places}
        assert len(printed) == 1


def test_the_catalog_can_stand_in_the_environment(
    terminal: Terminal, snapshot_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENMETADATA_HOST", str(snapshot_file))
    assert "mlflow.churn" in terminal.type("upstream", "churn")


def test_a_token_may_stand_in_a_file(
    terminal: Terminal, company_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Catalog(company_file) as catalog, start(catalog) as url:
        (tmp_path / "token").write_text(f"{catalog.token}\n")
        monkeypatch.setenv("OPENMETADATA_JWT_TOKEN", str(tmp_path / "token"))
        printed = terminal.type("read", "-c", url, "-o", tmp_path / "s.json")
        assert "Snapshot(74 entities" in printed


def test_read_writes_a_snapshot_and_says_what_it_holds(
    terminal: Terminal, company_file: Path, tmp_path: Path
) -> None:
    target = tmp_path / "taken.json"
    printed = terminal.type("read", "-c", company_file, "-o", target)
    assert f"{target}: Snapshot(74 entities" in printed
    assert json.loads(target.read_text())["format"] == "lineage-snapshot"


def test_upstream_by_columns_names_the_raw_column_and_its_tag(
    terminal: Terminal, snapshot_file: Path
) -> None:
    printed = terminal.type("upstream", "churn", "--columns", "-c", snapshot_file)
    assert "shop_postgres.shop.public.customers.email  #PII.Sensitive  [sha256(email)" in printed


def test_downstream_of_a_column_reaches_the_models(terminal: Terminal, snapshot_file: Path) -> None:
    printed = terminal.type("downstream", "customers.email", "-c", snapshot_file, "-f", "json")
    found = {record["fqn"] for record in json.loads(printed)["records"]}
    assert "mlflow.churn.campaign_bucket" in found


def test_depth_and_kind_narrow_a_trace(terminal: Terminal, snapshot_file: Path) -> None:
    shallow = terminal.type("upstream", "churn", "--depth", 1, "-c", snapshot_file)
    assert "depth-limit" in shallow
    tables = terminal.type(
        "upstream", "churn", "--kind", "table", "-f", "json", "-c", snapshot_file
    )
    assert {record["kind"] for record in json.loads(tables)["records"]} == {"table"}


def test_csv_of_a_trace_has_openmetadatas_own_header(
    terminal: Terminal, snapshot_file: Path
) -> None:
    printed = terminal.type("upstream", "churn", "-f", "csv", "-c", snapshot_file)
    rows = list(csv.DictReader(StringIO(printed)))
    assert tuple(rows[0]) == EDGE_COLUMNS
    assert any(row["columnLineage"] and row["pipelineFullyQualifiedName"] for row in rows)


def test_paths_show_each_hop_with_its_evidence(terminal: Terminal, snapshot_file: Path) -> None:
    printed = terminal.type(
        "paths", "customers.email", "mlmodel:mlflow.churn", "--columns", "-c", snapshot_file
    )
    assert "path 1: 4 hops" in printed
    assert "sha256(email) · pipeline airflow.stage_shop · DbtLineage" in printed


def test_audit_answers_by_its_exit_code(terminal: Terminal, snapshot_file: Path) -> None:
    where = ("-c", snapshot_file)
    assert "reaches-masked" in terminal.type("audit", "churn", *where, code=1)
    assert "no-value-path" in terminal.type("audit", "delivery_time", *where, code=0)
    assert "unknown" in terminal.type("audit", "fraud_screening", *where, code=2)
    terminal.type("audit", *where, code=1)


def test_audit_takes_other_tags(terminal: Terminal, snapshot_file: Path) -> None:
    printed = terminal.type(
        "audit", "churn", "--tag", "Tier.Tier1", "-c", snapshot_file, "-f", "json", code=1
    )
    assert {record["verdict"] for record in json.loads(printed)["records"]} >= {"reaches-by-table"}
    unheard = terminal.type("audit", "churn", "--tag", "Tier.Tier9", "-c", snapshot_file, code=2)
    assert "nothing in the catalog is tagged Tier.Tier9; did you mean Tier.Tier" in unheard


def test_coverage_names_what_models_lack(terminal: Terminal, snapshot_file: Path) -> None:
    printed = terminal.type("coverage", "-c", snapshot_file)
    assert "mlflow.fraud_screening         0 of 3 features resolve" in printed
    assert "share" in terminal.type("coverage", "-c", snapshot_file, "-f", "table")
    rows = csv.DictReader(StringIO(terminal.type("coverage", "-c", snapshot_file, "-f", "csv")))
    assert len(list(rows)) == 6


def test_plan_then_apply_then_nothing_to_do(
    terminal: Terminal, company_file: Path, tmp_path: Path
) -> None:
    plan, where = tmp_path / "plan.json", ("-c", company_file)
    assert "8 edges to change" in terminal.type("plan", *where, "-o", plan)
    assert "8 written" in terminal.type("apply", plan, *where)
    assert "8 unchanged" in terminal.type("apply", plan, *where)
    assert terminal.type("plan", *where).strip() == "nothing to do"


def test_plan_can_be_narrowed_to_a_model(terminal: Terminal, company_file: Path) -> None:
    printed = terminal.type("plan", "churn", "-c", company_file, "-f", "json")
    models = {record["downstream"] for record in json.loads(printed)["records"]}
    assert models == {"mlmodel:mlflow.churn"}


def test_apply_exits_with_1_where_a_step_failed(
    terminal: Terminal, company: Client, company_file: Path, tmp_path: Path
) -> None:
    plan = tmp_path / "plan.json"
    terminal.type("plan", "churn", "-c", company_file, "-o", plan)
    lost = json.loads(plan.read_text())["plan"]["steps"][0]["upstream_id"]
    company.delete(f"/tables/{lost}", {"hardDelete": True, "recursive": True})
    assert "1 refused" in terminal.type("apply", plan, "-c", company_file, code=1)


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_draw_writes_a_picture(
    terminal: Terminal, snapshot_file: Path, tmp_path: Path, ending: str
) -> None:
    target = tmp_path / f"churn.{ending}"
    terminal.type("draw", "churn", "-c", snapshot_file, "-o", target)
    assert target.stat().st_size > 1000


def test_draw_downstream_of_a_table(
    terminal: Terminal, snapshot_file: Path, tmp_path: Path
) -> None:
    target = tmp_path / "customers.svg"
    terminal.type("draw", "public.customers", "--downstream", "-c", snapshot_file, "-o", target)
    assert "What is fed by" in target.read_text()


def test_the_demo_does_the_whole_job_and_is_safe_to_run_twice(
    terminal: Terminal, tmp_path: Path
) -> None:
    folder = tmp_path / "here" / "demo"
    for _ in range(2):
        printed = terminal.type("demo", folder)
        assert "Applied: 8 written" in printed
        assert "Planned once more: nothing to do" in printed
    names = {path.name for path in folder.iterdir()}
    assert names >= {"company.db", "snapshot.json.gz", "plan.json", "register.toml"}
    assert names >= {"churn.png", "churn.svg"}


def test_the_commands_the_demo_proposes_work(terminal: Terminal, tmp_path: Path) -> None:
    printed = terminal.type("demo", tmp_path / "a demo")
    lines = [line for line in printed.splitlines() if line.startswith("  lineage ")]
    proposed = [shlex.split(line)[1:] for line in lines]
    verbs = "audit upstream impact since paths check bias audit draw serve".split()  # noqa: SIM905
    assert [words[0] for words in proposed] == verbs
    codes = {"audit": 1, "check": 1, "bias": 1, "impact": 1, "since": 2}
    for words in proposed:
        if words[0] != "serve":
            moved = [str(tmp_path / word) if word.endswith(".svg") else word for word in words]
            assert terminal.type(*moved, code=codes.get(words[0], 0))
    assert list((tmp_path / "a demo" / "pack").iterdir())


def test_every_verb_has_help_that_says_what_it_does(terminal: Terminal) -> None:
    overview = terminal.type("--help")
    for verb in (
        "read upstream downstream paths audit coverage plan apply draw serve demo".split()  # noqa: SIM905
    ):
        assert verb in overview
        assert len(terminal.type(verb, "--help").splitlines()) > 5


def test_read_can_be_narrowed_to_what_is_upstream_of_a_model(
    terminal: Terminal, company_file: Path, tmp_path: Path
) -> None:
    target = tmp_path / "churn.json"
    printed = terminal.type("read", "-c", company_file, "-o", target, "--upstream-of", "churn")
    assert "downstream-not-read at mlmodel:mlflow.churn" in printed
    assert "reaches-masked" in terminal.type("audit", "churn", "-c", target, code=1)


def test_read_can_ask_the_database_alone(
    terminal: Terminal, company_file: Path, tmp_path: Path
) -> None:
    target = tmp_path / "s.json"
    terminal.type("read", "-c", company_file, "-o", target, "--truth", "database")
    assert "no-value-path" in terminal.type("audit", "delivery_time", "-c", target)


def test_read_can_go_on_from_a_snapshot(
    terminal: Terminal, company_file: Path, tmp_path: Path
) -> None:
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    terminal.type("read", "-c", company_file, "-o", first)
    terminal.type("read", "-c", company_file, "-o", second, "--since", first)
    assert "0 changed entities were read again" in terminal.errors
    kept = [json.loads(path.read_text()) | {"read_at": ""} for path in (first, second)]
    assert kept[0] == kept[1]
    both = ("--since", first, "--upstream-of", "churn")
    first.unlink()
    terminal.type("read", "-c", company_file, "-o", second, "--since", first)
    assert f"{first} is not there yet: everything was read" in terminal.errors
    terminal.type("read", "-c", company_file, "-o", second, *both, code=2)
    assert "choose one" in terminal.errors


def test_a_reading_that_the_server_ends_says_how_to_go_on(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def revoked(_method: str, path: str) -> Reply:
        if "version" in path:
            return json_reply({"version": "2.0.7"})
        return json_reply({"code": 401, "message": "Expired token!"}, status=401)

    monkeypatch.setenv("OPENMETADATA_JWT_TOKEN", "x")
    with scripted_server(revoked) as server:
        terminal.type("read", "-c", server.url, "-o", tmp_path / "s.json", code=2)
    assert "go on with --resume" in terminal.errors
    assert terminal.errors.count("\n") == 1


def test_diff_keeps_two_readings_apart(
    terminal: Terminal, snapshot_file: Path, company: Client, tmp_path: Path
) -> None:
    assert "no difference" in terminal.type("diff", snapshot_file, snapshot_file)
    other = tmp_path / "other.json"
    snapshot = read(company)
    write_snapshot(replace(snapshot, edges=snapshot.edges[1:]), other)
    assert "1 edge removed" in terminal.type("diff", snapshot_file, other, code=1)
    assert "removed" in terminal.type("diff", snapshot_file, other, "--hops", code=1)


def test_diff_of_hops_reports_a_mapping_that_no_longer_masks(
    terminal: Terminal, snapshot_file: Path, company: Client, tmp_path: Path
) -> None:
    other, snapshot = tmp_path / "other.json", read(company)
    email = "shop_postgres.shop.public.customers.email"
    bare = tuple(
        replace(
            edge,
            column_edges=tuple(
                replace(item, function=None) if email in item.upstream else item
                for item in edge.column_edges
            ),
        )
        for edge in snapshot.edges
    )
    write_snapshot(replace(snapshot, edges=bare), other)
    printed = terminal.type("diff", snapshot_file, other, "--hops", code=1)
    assert f"~ column:{email} → " in printed
    assert "    - masked\n    + value" in printed
