import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from lineage.catalog.server import start
from lineage.catalog.wsgi import Catalog
from lineage.cli import main
from lineage.openmetadata.client import Client
from lineage.writes.journal_reader import read_journal


def typed(capsys: pytest.CaptureFixture[str], *words: object, code: int = 0) -> str:
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    printed = capsys.readouterr()
    assert ended.value.code == code, printed.err
    return printed.out + printed.err


def test_a_plan_is_kept_applied_resumed_and_undone(
    capsys: pytest.CaptureFixture[str], company_file: Path, tmp_path: Path
) -> None:
    plan, journal = tmp_path / "plan.json", tmp_path / "journal"
    place = ("-c", company_file)
    before = typed(capsys, "plan", *place, "-o", plan)
    assert "to add, for 4 models" in before
    assert "8 written" in typed(capsys, "apply", plan, *place, "--journal", journal)
    assert "nothing to do" in typed(capsys, "plan", *place)
    assert "8 written" in typed(capsys, "apply", "--resume", journal, *place)
    assert "8 written" in typed(capsys, "apply", "--undo", journal, *place)
    assert "28 mappings to add, for 4 models" in typed(capsys, "plan", *place)
    (undone,) = tmp_path.glob("journal.*.journal")
    assert len(read_journal(undone).stored) == 8


def test_detailed_exit_codes_tell_changes_from_errors(
    capsys: pytest.CaptureFixture[str], company_file: Path, tmp_path: Path
) -> None:
    plan, place = tmp_path / "plan.json", ("-c", company_file)
    typed(capsys, "plan", *place, "-o", plan, "--detailed-exitcode", code=2)
    said = typed(capsys, "plan", "nothing", *place, "--detailed-exitcode", code=1)
    assert said.startswith("lineage: nothing is called")
    typed(capsys, "apply", plan, *place)
    typed(capsys, "plan", *place, "--detailed-exitcode", code=0)


def test_a_scope_limits_and_prunes_what_is_named(
    capsys: pytest.CaptureFixture[str], company_file: Path
) -> None:
    place = ("-c", company_file)
    assert "for 1 model" in typed(capsys, "plan", *place, "--scope", "churn")
    pruned = typed(capsys, "plan", *place, "--scope", "mlmodel:mlflow.churn", "--prune", "named")
    assert "for 1 model" in pruned
    said = typed(capsys, "plan", *place, "--prune", "named", code=2)
    assert "give it a --scope" in said


def test_a_manifest_is_kept_and_lets_ours_be_pruned(
    capsys: pytest.CaptureFixture[str], company: Client, company_file: Path, tmp_path: Path
) -> None:
    plan, manifest = tmp_path / "plan.json", tmp_path / "ours.json"
    place = ("-c", company_file)
    typed(capsys, "plan", "churn", *place, "-o", plan)
    typed(capsys, "apply", plan, *place, "--manifest", manifest)
    content = json.loads(manifest.read_text())
    assert sum(len(edge["mappings"]) for edge in content["edges"]) == 7
    model = company.get("/mlmodels/name/mlflow.churn")
    features = [{**feature, "featureSources": []} for feature in model["mlFeatures"]]
    operations = [{"op": "replace", "path": "/mlFeatures", "value": features}]
    company.patch(f"/mlmodels/{model['id']}", operations)
    words = ("plan", "churn", *place, "--prune", "ours")
    said = typed(capsys, *words)
    assert "nothing to do" in said
    assert "note: not pruned, though not declared in whole: 2 edges" in said
    assert "→ mlmodel:mlflow.churn: not provably ours: written by" in said
    assert "--resume JOURNAL --manifest FILE" in said
    assert "7 to remove" in typed(capsys, *words, "--manifest", manifest)


def test_formats(capsys: pytest.CaptureFixture[str], company_file: Path) -> None:
    words = ("plan", "churn", "-c", company_file, "--format")
    assert "```diff" in typed(capsys, *words, "markdown")
    assert json.loads(typed(capsys, *words, "json"))["records"][0]["action"] == "change-edge"
    assert typed(capsys, *words, "csv").startswith("action,upstream")
    assert "change-edge" in typed(capsys, *words, "table")


@pytest.mark.parametrize("word", ["pipeline", "pipeline=mine", "ownership=ours", "=keep"])
def test_a_policy_that_is_none_is_refused(
    capsys: pytest.CaptureFixture[str], company_file: Path, word: str
) -> None:
    said = typed(capsys, "plan", "-c", company_file, "--merge", word, code=2)
    assert "write FIELD=POLICY, with one of pipeline, sql, description" in said


def test_policies_are_taken(capsys: pytest.CaptureFixture[str], company_file: Path) -> None:
    words = ("--merge", "sql=ours", "--merge", "pipeline=replace")
    assert "for 4 models" in typed(capsys, "plan", "-c", company_file, *words)


def test_apply_wants_one_thing_to_do(
    capsys: pytest.CaptureFixture[str], company_file: Path
) -> None:
    for words in ((), ("p.json", "--resume", "j"), ("--undo", "j", "--resume", "j")):
        said = typed(capsys, "apply", *words, "-c", company_file, code=2)
        assert "give one of these" in said


def test_a_refused_plan_leaves_no_journal(
    capsys: pytest.CaptureFixture[str], company_file: Path, tmp_path: Path
) -> None:
    plan = tmp_path / "plan.json"
    typed(capsys, "plan", "-c", company_file, "-o", plan)
    other = Path(tmp_path / "other.db")
    other.write_bytes(company_file.read_bytes())
    assert "plan again here" in typed(capsys, "apply", plan, "-c", other, code=2)
    assert list(tmp_path.glob("*.journal")) == []


def test_a_server_that_cannot_be_asked_leaves_no_journal(
    capsys: pytest.CaptureFixture[str],
    company_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plan = tmp_path / "plan.json"
    with Catalog(company_file) as catalog, start(catalog) as url:
        monkeypatch.setenv("OPENMETADATA_JWT_TOKEN", catalog.token)
        typed(capsys, "plan", "-c", url, "-o", plan)
        monkeypatch.setenv("OPENMETADATA_JWT_TOKEN", "another")
        assert "the token was refused" in typed(capsys, "apply", plan, "-c", url, code=2)
    assert list(tmp_path.glob("*.journal")) == []


@pytest.mark.parametrize(("variables", "is_coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_a_terminal_has_colours_unless_told_otherwise(
    company_file: Path, variables: dict[str, str], *, is_coloured: bool
) -> None:
    terminal, end = pty.openpty()
    known = {name: text for name, text in os.environ.items() if name != "NO_COLOR"}
    words = [sys.executable, "-m", "lineage", "plan", "churn", "-c", str(company_file)]
    environment = {**known, **variables, "TERM": "xterm"}
    with subprocess.Popen(words, stdout=end, env=environment) as child:
        assert child.wait(timeout=60) == 0
    os.close(end)
    shown = os.read(terminal, 100_000).decode()
    os.close(terminal)
    assert ("\x1b[32m" in shown) == is_coloured


def test_a_manifest_is_made_of_a_journal_too(
    capsys: pytest.CaptureFixture[str], company_file: Path, tmp_path: Path
) -> None:
    plan, journal, manifests = tmp_path / "p.json", tmp_path / "j", ("a.json", "b.json")
    place = ("-c", company_file)
    typed(capsys, "plan", *place, "-o", plan)
    kept, later = (tmp_path / name for name in manifests)
    typed(capsys, "apply", plan, *place, "--journal", journal, "--manifest", kept)
    typed(capsys, "apply", "--resume", journal, *place, "--manifest", later)
    assert later.read_bytes() == kept.read_bytes()


def test_only_the_models_that_are_named_are_pruned(
    capsys: pytest.CaptureFixture[str], company: Client, company_file: Path, tmp_path: Path
) -> None:
    plan, manifest = tmp_path / "plan.json", tmp_path / "ours.json"
    place, models = ("-c", company_file), ("churn", "credit_risk")
    typed(capsys, "plan", *models, *place, "-o", plan)
    typed(capsys, "apply", plan, *place, "--manifest", manifest)
    for name in models:
        model = company.get(f"/mlmodels/name/mlflow.{name}")
        features = [{**feature, "featureSources": []} for feature in model["mlFeatures"]]
        operations = [{"op": "replace", "path": "/mlFeatures", "value": features}]
        company.patch(f"/mlmodels/{model['id']}", operations)
    words = ("plan", "churn", *place, "--prune", "ours", "--manifest", manifest)
    said = typed(capsys, *words)
    assert "7 to remove, for 1 model" in said
    assert "mlmodel:mlflow.credit_risk" not in said
