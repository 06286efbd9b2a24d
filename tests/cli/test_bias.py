import csv
import json
from io import StringIO
from pathlib import Path

import pytest

from lineage.cli import main
from lineage.files.snapshot_file import write_snapshot
from lineage.openmetadata.client import Client
from lineage.openmetadata.reader import read

REGISTER = """\
[attributes.gender]
columns = ["*.gender"]

[attributes.ethnicity]
columns = ["*.ethnicity"]
testing = ["*.fairness*"]

[[proxies]]
name = "postcode"
attribute = "ethnicity"
columns = ["*.postcode"]
reason = "neighbourhoods differ by origin"
reviewer = "fairness board"
expires = 2026-06-30
association = { measure = "Cramér's V", value = 0.41, run = "mlflow run 8c1f" }
"""


@pytest.fixture
def snapshot_file(company: Client, tmp_path: Path) -> Path:
    path = tmp_path / "snapshot.json"
    write_snapshot(read(company), path)
    return path


@pytest.fixture
def register_file(tmp_path: Path) -> Path:
    path = tmp_path / "register.toml"
    path.write_text(REGISTER, encoding="utf-8")
    return path


def typed(capsys: pytest.CaptureFixture[str], *words: object, code: int) -> str:
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    printed = capsys.readouterr()
    assert ended.value.code == code, printed.err
    return printed.out or printed.err


def test_a_salutation_is_disguised_gender(
    capsys: pytest.CaptureFixture[str], snapshot_file: Path, register_file: Path
) -> None:
    words = ("bias", "product_recommendation", "--attribute", "gender")
    said = typed(capsys, *words, "--register", register_file, "-c", snapshot_file, code=1)
    assert said.startswith("mlflow.product_recommendation and gender: reaches\n")
    assert "salutation is computed from shop_postgres.shop.newsletter.subscribers.gender" in said
    assert "last present in shop_postgres.shop.newsletter.subscribers as gender, 3 tables" in said
    assert "→ mlflow.product_recommendation.salutation  [value · declared by the model]" in said
    assert "not known: target-not-resolved at mlmodel:mlflow.product_recommendation" in said


def test_a_proxy_is_reported_with_its_reviewer_and_whether_it_has_expired(
    capsys: pytest.CaptureFixture[str], snapshot_file: Path, register_file: Path
) -> None:
    words = ("bias", "credit_risk", "--attribute", "ethnicity", "--register", register_file)
    told = "reviewed by fairness board, {} 2026-06-30) and arrives by value"
    early = typed(capsys, *words, "-c", snapshot_file, "--on", "2026-06-29", code=1)
    assert told.format("valid until") in early
    late = typed(capsys, *words, "-c", snapshot_file, "--on", "2026-06-30", code=1)
    assert told.format("expired on") in late
    assert "Cramér's V 0.41 in mlflow run 8c1f. Nothing was measured here." in late
    assert "by a path shown above, to mlflow.credit_risk.postcode_area" in late


def test_the_exit_code_distinguish_no_from_not_known(
    capsys: pytest.CaptureFixture[str], snapshot_file: Path, register_file: Path
) -> None:
    asked = ("--register", register_file, "-c", snapshot_file, "--attribute")
    assert "gender: no-path" in typed(capsys, "bias", "delivery_time", *asked, "gender", code=0)
    assert "gender: unknown" in typed(capsys, "bias", "fraud_screening", *asked, "gender", code=2)
    # No value arrives at churn; whether anything filters by it is known from SQL alone.
    assert "gender: no-path" in typed(capsys, "bias", "churn", *asked, "gender", code=0)
    words = ("bias", "churn", "--no-sql", *asked, "gender")
    assert "gender: no-value-path" in typed(capsys, *words, code=2)


def test_json_and_csv_hold_every_reply_with_its_evidence(
    capsys: pytest.CaptureFixture[str], snapshot_file: Path, register_file: Path
) -> None:
    words = ("bias", "credit_risk", "--attribute", "ethnicity", "--register", register_file)
    asked = (*words, "-c", snapshot_file, "--on", "2026-01-01", "-f")
    records = json.loads(typed(capsys, *asked, "json", code=1))["records"]
    assert len(records) == 9
    (proxy,) = (record for record in records if record["question"] == "proxy")
    hop = proxy["evidence"][0]
    assert (hop["function"], hop["pipeline"]) == ("left(POSTCODE, 2)", "airflow.stage_loans")
    assert hop["sql"].startswith("SELECT APPLICANT_ID")
    rows = list(csv.DictReader(StringIO(typed(capsys, *asked, "csv", code=1))))
    (row,) = (row for row in rows if row["question"] == "proxy")
    assert [json.loads(line) for line in row["evidence"].splitlines()] == proxy["evidence"]
    assert "postcode" in typed(capsys, *asked, "table", code=1)


def test_an_audit_may_be_of_an_attribute(
    capsys: pytest.CaptureFixture[str], snapshot_file: Path, register_file: Path
) -> None:
    words = ("audit", "-c", snapshot_file, "--attribute", "ethnicity", "--register", register_file)
    said = typed(capsys, *words, code=1)
    assert "mlflow.credit_risk: declared-proxy" in said
    assert "declared-proxy (for ethnicity: neighbourhoods differ by origin)" in said
    one = ("audit", "-c", snapshot_file, "--attribute", "ethnicity")
    assert "--attribute and --register go together" in typed(capsys, *one, code=2)
    records = json.loads(typed(capsys, *words, "-f", "json", code=1))["records"]
    assert {record["proxy"] for record in records} == {"postcode", None}


def test_an_audit_gives_every_fact_of_each_hop_as_json(
    capsys: pytest.CaptureFixture[str], snapshot_file: Path
) -> None:
    said = typed(capsys, "audit", "credit_risk", "-c", snapshot_file, "-f", "json", code=1)
    found = next(record for record in json.loads(said)["records"] if record["evidence"])
    assert [hop["downstream"].partition(":")[2] for hop in found["evidence"]] == found["path"][1:]
    assert {"function", "pipeline", "sql", "updated_by", "updated_at"} <= set(found["evidence"][0])


def test_without_deleted_tables_what_comes_from_them_is_not_known(
    capsys: pytest.CaptureFixture[str], snapshot_file: Path, register_file: Path
) -> None:
    words = ("bias", "demand_forecast", "--attribute", "gender", "--register", register_file)
    with_them = typed(capsys, *words, "-c", snapshot_file, code=0)
    assert "deleted-left-out" not in with_them
    without = typed(capsys, *words, "-c", snapshot_file, "--without-deleted", code=2)
    assert "deleted-left-out at table:warehouse.analytics.staging.price_list" in without
    asked = ("audit", "demand_forecast", "-c", snapshot_file, "--without-deleted")
    assert "deleted-left-out" in typed(capsys, *asked, code=1)


def test_an_unknown_attribute_and_a_broken_register_are_reported_a_line_each(
    capsys: pytest.CaptureFixture[str], snapshot_file: Path, register_file: Path
) -> None:
    words = ("bias", "churn", "-c", snapshot_file, "--register", register_file, "--attribute")
    said = typed(capsys, *words, "gendr", code=2)
    where = "in the register, which has gender, ethnicity"
    assert said == f"lineage: nothing is called 'gendr' {where}; did you mean gender?\n"
    register_file.write_text(REGISTER.replace("reviewer", "reviewr"), encoding="utf-8")
    said = typed(capsys, *words, "gender", code=2)
    missing, unknown = said.splitlines()
    assert missing == f"lineage: {register_file}, line 8, column 1: 'reviewer' is missing"
    hint = "there is no key 'reviewr' here; did you mean 'reviewer'?"
    assert unknown == f"lineage: {register_file}, line 13, column 1: {hint}"
