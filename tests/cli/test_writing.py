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
from lineage.writes.journal import Journal
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
    said = typed(capsys, "apply", "--resume", journal, *place)
    assert "8 written" in said
    assert "note: an earlier run did 8 of 8 steps" in said
    assert "8 written" in typed(capsys, "apply", "--undo", journal, *place)
    assert "28 mappings to add, for 4 models" in typed(capsys, "plan", *place)
    undone = tmp_path / "journal.undo.journal"
    assert len(read_journal(undone).stored) == 8
    said = typed(capsys, "apply", "--resume", journal, *place, code=2)
    assert f"{journal} was undone, or begun to be, by {undone}" in said
    assert "8 written" in typed(capsys, "apply", "--undo", undone, *place)
    assert "nothing to do" in typed(capsys, "plan", *place)


def test_detailed_exit_codes_distinguish_changes_from_errors(
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
    assert "note: not pruned, though nothing declares all of it: 2 edges" in said
    assert "→ mlmodel:mlflow.churn: not provably ours: written by" in said
    assert "--resume JOURNAL --manifest FILE" in said
    assert "7 mappings to remove" in typed(capsys, *words, "--manifest", manifest)


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
def test_a_terminal_has_colours_by_default(
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
    assert "7 mappings to remove, for 1 model" in said
    assert "mlmodel:mlflow.credit_risk" not in said


LINEAGE = """\
[[edges]]
upstream = "warehouse.ml.features.customer_activity"
downstream = "mlflow.churn"
columns = [
  { upstream = "campaign_bucket", downstream = "campaign_bucket", function = "one_hot" },
]
"""


def test_a_plan_for_a_file_and_one_for_the_models_do_not_fight(
    capsys: pytest.CaptureFixture[str], company_file: Path, tmp_path: Path
) -> None:
    plan, manifest, file = (tmp_path / name for name in ("p.json", "ours.json", "lineage.toml"))
    file.write_text(LINEAGE)
    place = ("-c", company_file)
    typed(capsys, "plan", *place, "-o", plan)
    typed(capsys, "apply", plan, *place, "--manifest", manifest)
    words = ("plan", "--from", file, "--prune", "ours", "--manifest", manifest, *place)
    said = typed(capsys, *words, "-o", plan)
    assert "1 edge to change, 1 mapping to change, for 1 model" in said
    assert "~ warehouse.ml.features.customer_activity.campaign_bucket → " in said
    assert "campaign_bucket: as it is → [one_hot]" in said
    assert "to remove" not in said
    typed(capsys, "apply", plan, *place, "--manifest", manifest)
    for again in (words, ("plan", *place), ("plan", *place, *words[3:7])):
        assert "nothing to do" in typed(capsys, *again)


def test_what_a_manifest_does_not_list_is_not_answered_by_the_advice_to_keep_one(
    capsys: pytest.CaptureFixture[str], company: Client, company_file: Path, tmp_path: Path
) -> None:
    manifest = tmp_path / "ours.json"
    model = company.get("/mlmodels/name/mlflow.churn")
    features = [{**feature, "featureSources": []} for feature in model["mlFeatures"]]
    operations = [{"op": "replace", "path": "/mlFeatures", "value": features}]
    company.patch(f"/mlmodels/{model['id']}", operations)
    words = ("plan", "churn", "-c", company_file, "--prune", "ours")
    assert "keep a list" in typed(capsys, *words)
    said = typed(capsys, *words, "--manifest", manifest)
    assert "note: not pruned, though nothing declares all of it: 2 edges" in said
    assert "not provably ours: the manifest does not list all of it" in said
    assert "keep a list" not in said


def test_a_journal_is_left_only_where_something_was_written(
    capsys: pytest.CaptureFixture[str], company_file: Path, tmp_path: Path
) -> None:
    plan, place = tmp_path / "plan.json", ("-c", company_file)
    typed(capsys, "plan", "churn", *place, "-o", plan)
    assert f"journal: {tmp_path / 'plan.journal'}" in typed(capsys, "apply", plan, *place)
    said = typed(capsys, "apply", plan, *place)
    assert "2 unchanged" in said
    assert "journal:" not in said
    typed(capsys, "apply", "--undo", tmp_path / "plan.journal", *place)
    typed(capsys, "plan", "churn", *place, "-o", plan)
    typed(capsys, "apply", plan, *place)
    names = {path.name for path in tmp_path.iterdir() if path.suffix == ".journal"}
    assert names == {"plan.journal", "plan.undo.journal", "plan.2.journal"}


def test_a_journal_that_is_in_use_is_not_gone_on_with(
    capsys: pytest.CaptureFixture[str], company_file: Path, tmp_path: Path
) -> None:
    plan, journal, place = tmp_path / "plan.json", tmp_path / "j", ("-c", company_file)
    typed(capsys, "plan", "churn", *place, "-o", plan)
    typed(capsys, "apply", plan, *place, "--journal", journal)
    with Journal.resume(journal):
        for word in ("--resume", "--undo"):
            said = typed(capsys, "apply", word, journal, *place, code=2)
            assert said == (
                f"lineage: {journal}: is in use: another run is writing with it; "
                "wait until that has ended\n"
            )
    assert "2 written" in typed(capsys, "apply", "--resume", journal, *place)


MASKING = """\
[[edges]]
upstream = "warehouse.analytics.staging.customer"
downstream = "warehouse.analytics.core.customer"
columns = [{ upstream = "email_hash", downstream = "email_hash", function = "sha256" }]
"""


def test_a_plan_says_in_every_form_what_it_makes_weaker(
    capsys: pytest.CaptureFixture[str], company_file: Path, tmp_path: Path
) -> None:
    file = tmp_path / "lineage.toml"
    file.write_text(MASKING)
    words = ("plan", "--from", file, "-c", company_file)
    said = typed(capsys, *words)
    first = "warehouse.analytics.staging.customer.email_hash"
    weaker = f"{first} → mlflow.churn.campaign_bucket: reaches → reaches-masked"
    assert said.splitlines()[0].endswith("; 1 step would make verdicts weaker")
    assert f"    ! weaker: {weaker}" in said
    assert f"! weaker: {weaker}" in typed(capsys, *words, "-f", "markdown")
    (row,) = json.loads(typed(capsys, *words, "-f", "json"))["records"]
    assert weaker in row["weaker"]


def test_clashes_and_refusals_are_rows_too(
    capsys: pytest.CaptureFixture[str], company_file: Path, tmp_path: Path
) -> None:
    plan, file, place = tmp_path / "p.json", tmp_path / "lineage.toml", ("-c", company_file)
    for function in ("one_hot", "ordinal"):
        file.write_text(LINEAGE.replace("one_hot", function))
        typed(capsys, "plan", "--from", file, *place, "-o", plan)
        typed(capsys, "apply", plan, *place)
    rows = json.loads(typed(capsys, "plan", "--from", file, *place, "-f", "json"))["records"]
    assert [row["action"] for row in rows] == ["clash"]
    assert "to write ours, plan with the policy function=replace" in rows[0]["reason"]


def test_what_the_index_has_lost_is_listed_planned_and_written_again(
    capsys: pytest.CaptureFixture[str],
    company_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plan, other = tmp_path / "plan.json", tmp_path / "again.json"
    with Catalog(company_file, server_version="1.12.6") as catalog, start(catalog) as url:
        monkeypatch.setenv("OPENMETADATA_JWT_TOKEN", catalog.token)
        place = ("-c", url)
        typed(capsys, "plan", *place, "-o", plan)
        catalog.faults.stale_index = True
        said = typed(capsys, "apply", plan, *place, "--wait", "0", code=1)
        assert "note: edges were written one at a time: on 1.12.6" in said
        assert "unindexed" in said
        catalog.faults.stale_index = False
        listed = typed(capsys, "stale", *place, "--truth", "both", code=1)
        assert "8 unindexed" in listed
        assert "`lineage plan --truth both` writes it again" in listed
        words = ("plan", *place, "--truth", "both")
        assert "8 edges to write again, for 4 models" in typed(capsys, *words, "-o", other)
        assert "8 written" in typed(capsys, "apply", other, *place)
        assert "nothing to do" in typed(capsys, *words)
        assert "unindexed" not in typed(capsys, "stale", *place, "--truth", "both", code=1)
