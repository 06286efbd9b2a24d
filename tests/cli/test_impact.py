import json
from pathlib import Path

import pytest

from lineage.cli import main
from tests.cli.typing_at import Terminal

HASH = "core.customer.email_hash"


@pytest.mark.parametrize(
    ("fail_on", "code"), [("broken", 1), ("changed", 1), ("possible", 1), ("unknown", 1)]
)
def test_a_column_that_features_take_is_missed(
    at_company: Terminal, fail_on: str, code: int
) -> None:
    printed = at_company.type("impact", "drop", HASH, "--fail-on", fail_on, code=code)
    assert "feature:mlflow.churn.campaign_bucket  [2 hops · owned by growth]" in printed
    assert "by owner: " in printed


@pytest.mark.parametrize(
    ("fail_on", "code"), [("broken", 0), ("influenced", 0), ("possible", 0), ("unknown", 2)]
)
def test_what_is_only_unknown_passes_where_that_is_asked_for(
    at_company: Terminal, fail_on: str, code: int
) -> None:
    words = ("impact", "nullable", "LENDING.APPLICANTS.ETHNICITY")
    at_company.type(*words, "--fail-on", fail_on, code=code)


def test_every_form_is_printed(at_company: Terminal) -> None:
    forms = ("text", "table", "json", "csv", "sarif", "markdown")
    words = ("impact", "drop", HASH, "-f")
    printed = {form: at_company.type(*words, form, code=1) for form in forms}
    assert all("campaign_bucket" in text.replace("\n", "") for text in printed.values())
    said = json.loads(printed["json"])
    assert said["worst"] == "broken"
    assert said["totals"]["by_kind"]["mlmodel"] == 1
    assert json.loads(printed["sarif"])["runs"][0]["results"][0]["ruleId"] == "broken"
    assert printed["markdown"].startswith("## Impact: broken")


def test_paths_and_all_say_more(at_company: Terminal) -> None:
    short = at_company.type("impact", "drop", HASH, code=1)
    assert "more: all with --all" in short
    assert "· pipeline airflow.customer_features ·" not in short
    long = at_company.type("impact", "drop", HASH, "--all", "--paths", code=1)
    assert "· pipeline airflow.customer_features ·" in long
    assert "not known: influence-unknown" in long


def test_many_changes_come_from_a_file(at_company: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "changes.toml"
    file.write_text(f'[[changes]]\naction = "drop"\nname = "{HASH}"\n')
    assert "1 change: 5 broken" in at_company.type("impact", "--changes", file, code=1)
    file.write_text('[[changes]]\naction = "drop"\nname = "nothing_of_the_kind"\n')
    at_company.type("impact", "--changes", file, code=2)
    assert f"{file}, line 1, column 1: nothing is called" in at_company.errors


def test_ddl_is_located_in_its_file(at_company: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "migration.sql"
    file.write_text("-- one\nALTER TABLE core.customer\n  DROP COLUMN email_hash;\n")
    log = json.loads(at_company.type("impact", "--ddl", file, "-f", "sarif", code=1))
    place = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["region"] == {"startLine": 3, "startColumn": 15}
    assert place["artifactLocation"]["uri"].endswith("migration.sql")


def test_ddl_that_is_not_understood_never_passes(at_company: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "migration.sql"
    file.write_text("FROBNICATE core.customer")
    printed = at_company.type("impact", "--ddl", file, "--fail-on", "broken", code=2)
    assert f"{file}, line 1, column 1: not understood: FROBNICATE core.customer" in printed


def test_two_equal_snapshots_hold_no_change(
    at_company: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    snapshot = str(at_company.snapshot)
    with pytest.raises(SystemExit) as ended:
        main(["impact", "--between", snapshot, snapshot, "--fail-on", "broken"])
    assert ended.value.code == 0
    assert "0 changes" in capsys.readouterr().out


def test_the_answer_goes_to_a_file(at_company: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "impact.md"
    printed = at_company.type("impact", "drop", HASH, "-f", "markdown", "-o", file, code=1)
    assert printed.startswith(f"{file}: 1 change: 5 broken")
    assert file.read_text().startswith("## Impact: broken")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "no change: say one, as in `impact drop customers.email`"),
        (("drp", "x"), "'drp' is no change, but drop, rename"),
        (("drop",), "a change is what is done, a name and what it becomes, not 'drop'"),
        (("drop", "a", "b", "c"), "not 'drop a b c'"),
        (("rename", HASH), "to rename something takes a new name"),
        (("--ddl", "nowhere.sql"), "nowhere.sql: cannot be read"),
    ],
)
def test_a_slip_is_one_line(at_company: Terminal, words: tuple[str, ...], said: str) -> None:
    at_company.type("impact", *words, code=2)
    assert at_company.errors.count("\n") == 1
    assert said in at_company.errors


def test_without_a_catalog_nothing_is_judged(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENMETADATA_HOST", "OPENMETADATA_SERVER_URL"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(SystemExit) as ended:
        main(["impact", "drop", "x"])
    assert ended.value.code == 2
    assert "Name it by --catalog, or two snapshots by --between" in capsys.readouterr().err
