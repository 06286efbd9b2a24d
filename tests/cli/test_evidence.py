import json
from dataclasses import replace
from pathlib import Path

import pytest

from lineage.cli import main
from lineage.files.snapshot_file import write_snapshot
from lineage.openmetadata.client import Client
from lineage.openmetadata.reader import read


@pytest.fixture
def snapshot_file(company: Client, tmp_path: Path) -> Path:
    path = tmp_path / "snapshot.json.gz"
    write_snapshot(read(company), path)
    return path


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    printed = capsys.readouterr()
    assert isinstance(ended.value.code, int)
    return ended.value.code, printed.out, printed.err


@pytest.fixture
def events(tmp_path: Path) -> Path:
    """Write an event that tells of the sample's customers, and of a dataset nobody knows."""
    path = tmp_path / "events.jsonl"
    customers = {"namespace": "postgres://shop", "name": "public.customers"}
    nobody = {"namespace": "postgres://shop", "name": "public.nobody"}
    fields = {
        "email_hash": {
            "inputFields": [
                {**customers, "field": "email", "transformations": [{"type": "DIRECT"}]},
                {**nobody, "field": "x", "transformations": [{"type": "DIRECT"}]},
            ]
        }
    }
    joined = {**customers, "field": "phone", "transformations": [{"type": "INDIRECT"}]}
    facet = {"fields": fields, "dataset": [joined]}
    output = {"namespace": "snowflake://w", "name": "staging.customer"}
    told = {**output, "facets": {"columnLineage": facet}}
    path.write_text(json.dumps({"run": {}, "job": {}, "outputs": [told]}))
    return path


def test_evidence_lists_what_could_not_be_matched(
    capsys: pytest.CaptureFixture[str], snapshot_file: Path, events: Path
) -> None:
    code, out, _ = run(capsys, "evidence", "-c", snapshot_file, events, "--format", "json")
    rows = {(row["kind"], row["subject"]): row["reason"] for row in json.loads(out)["records"]}
    assert code == 1
    hashed = "column:warehouse.analytics.staging.customer.email_hash"
    assert "names postgres://shop/public.nobody" in rows["evidence-not-matched", hashed]


def test_a_path_shows_the_influence_and_what_reported_it(
    capsys: pytest.CaptureFixture[str], snapshot_file: Path, events: Path
) -> None:
    phone, hashed = "public.customers.phone", "warehouse.analytics.staging.customer.email_hash"
    without = run(capsys, "paths", phone, hashed, "-c", snapshot_file)
    assert "0 paths" in without[1]
    code, out, err = run(capsys, "paths", phone, hashed, "-c", snapshot_file, "-e", events)
    assert code == 0
    assert "influence by unspecified" in out
    assert "from OpenLineage, events.jsonl" in out
    assert "evidence-not-matched at column:warehouse.analytics.staging.customer.email_hash" in err


@pytest.mark.parametrize("verb", ["upstream", "downstream"])
def test_a_trace_takes_evidence(
    capsys: pytest.CaptureFixture[str], snapshot_file: Path, events: Path, verb: str
) -> None:
    code, out, err = run(capsys, verb, "staging.customer", "-c", snapshot_file, "-e", events)
    assert code == 0
    assert "staging.customer" in out
    assert err.startswith("evidence: 14 edges completed, 2 edges added, 7 gaps\n  evidence-not")


def test_the_sql_of_the_sample_is_read_unless_it_is_left_out(
    capsys: pytest.CaptureFixture[str], snapshot_file: Path
) -> None:
    code, out, _ = run(capsys, "evidence", "-c", snapshot_file)
    assert code == 1
    assert "evidence-not-read" not in out
    code, out, _ = run(capsys, "evidence", "-c", snapshot_file, "--no-sql")
    assert code == 1
    assert out.count("evidence-not-used") == 1
    audited = run(capsys, "audit", "churn", "-c", snapshot_file)
    assert (audited[0], audited[2]) == (1, "")
    assert "reaches-by-influence" in audited[1]
    without = run(capsys, "audit", "churn", "-c", snapshot_file, "--no-sql")[1]
    assert "reaches-by-influence" not in without
    assert "was left out, as asked" in without


def test_sql_that_is_not_read_is_said_with_the_answer(
    capsys: pytest.CaptureFixture[str], company: Client, tmp_path: Path
) -> None:
    snapshot = read(company)
    edges = (replace(one, evidence=replace(one.evidence, sql="?")) for one in snapshot.edges)
    path = tmp_path / "snapshot.json"
    write_snapshot(replace(snapshot, edges=tuple(edges)), path)
    _, out, err = run(capsys, "audit", "churn", "-c", path)
    assert not err
    assert "not known: evidence-not-read at " in out


def test_evidence_that_is_no_file_is_one_line(
    capsys: pytest.CaptureFixture[str], snapshot_file: Path
) -> None:
    code, _, err = run(capsys, "audit", "-c", snapshot_file, "-e", "nowhere.json")
    assert code == 2
    assert err == "lineage: nowhere.json: cannot be read: No such file or directory\n"


def test_a_selection_and_a_policy_see_what_evidence_shows(
    capsys: pytest.CaptureFixture[str], snapshot_file: Path, events: Path, tmp_path: Path
) -> None:
    phone, hashed = "*.public.customers.phone", "*.staging.customer.email_hash"
    where = ("-c", snapshot_file)
    between = ("select", f"{phone}..{hashed}", *where)
    assert "0 entities" in run(capsys, *between)[1]
    assert "customers.phone" in run(capsys, *between, "-e", events)[1]
    policy = tmp_path / "policy.toml"
    policy.write_text(f'[[rules]]\nname = "apart"\nfrom = "{phone}"\nto = "{hashed}"\n')
    assert run(capsys, "check", policy, *where)[0] == 0
    assert run(capsys, "check", policy, *where, "-e", events)[0] == 1


def test_an_edge_that_only_evidence_knows_is_called_so(
    capsys: pytest.CaptureFixture[str], snapshot_file: Path, events: Path, tmp_path: Path
) -> None:
    where = ("-c", snapshot_file, "-e", events)
    ends = run(capsys, "select", "recorded-as:witnessed", *where)[1]
    assert "public.customers" in ends
    assert "staging.customer" in ends
    run(capsys, "audit", "churn", "--pack", tmp_path / "packs", *where)
    page = (tmp_path / "packs" / "mlflow.churn.md").read_text()
    assert "not recorded by the server" in page


def test_coverage_takes_evidence(
    capsys: pytest.CaptureFixture[str], snapshot_file: Path, events: Path
) -> None:
    code, _, err = run(capsys, "coverage", "-c", snapshot_file, "-e", events)
    assert code == 0
    assert "evidence: 14 edges completed, 2 edges added" in err
