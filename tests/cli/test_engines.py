"""Folders of tables in the place of a catalog, and audits by an engine."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from lineage.cli import main
from tests.builders import edge, model, snapshot_of, table


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENMETADATA_HOST", "OPENMETADATA_SERVER_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def snapshot(tmp_path: Path) -> Path:
    from lineage.files.snapshot_file import write_snapshot  # noqa: PLC0415

    path = tmp_path / "snapshot.json"
    tables = (table("a", "x:PII.Sensitive y:Secret"), table("b", "x y"))
    models = (model("m1", f="b.x"), model("m2", f="b.y"), model("m3", f="b.z"))
    write_snapshot(snapshot_of(*tables, *models, edge("a>b", "x>x:md5(x)")), path)
    return path


def printed(capsys: pytest.CaptureFixture[str], *words: object, code: int = 0) -> str:
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    told = capsys.readouterr()
    assert ended.value.code == code, told.err
    return told.out if code != 2 or told.out else told.err


def test_a_catalog_is_read_into_a_folder_that_every_verb_takes(
    capsys: pytest.CaptureFixture[str], company_file: Path, tmp_path: Path
) -> None:
    folder, file = tmp_path / "company.parquet", tmp_path / "company.json.gz"
    assert "company.parquet: Snapshot(" in printed(capsys, "read", "-c", company_file, "-o", folder)
    printed(capsys, "read", "-c", company_file, "-o", file)
    asked = ("audit", "--format", "json", "-c")
    assert printed(capsys, *asked, folder, code=1) == printed(capsys, *asked, file, code=1)


@pytest.mark.parametrize(
    "view", [(), ("--paths",), ("--summary",), ("--format", "json")], ids=" ".join
)
def test_an_engine_prints_what_the_audit_in_memory_prints(
    capsys: pytest.CaptureFixture[str], snapshot: Path, view: tuple[str, ...]
) -> None:
    asked = ("audit", "-c", snapshot, *view)
    mine = printed(capsys, *asked, "--engine", "duckdb", "--memory", "500MB", code=1)
    assert mine == printed(capsys, *asked, code=1)


def test_a_compiled_table_stands_in_for_a_catalog(
    capsys: pytest.CaptureFixture[str], snapshot: Path, tmp_path: Path
) -> None:
    edges = tmp_path / "edges"
    told = printed(capsys, "compile", "-c", snapshot, "-o", edges, "--tag", "Secret")
    assert told.startswith(f"{edges}: ")
    assert "arcs of LineageGraph(5 entities" in told
    asked = ("audit", "-c", edges, "--engine", "duckdb")
    assert "2 no-value-path, 1 unknown" in printed(capsys, *asked, code=2)
    assert "1 no-value-path" in printed(capsys, *asked, "m1")


def test_some_models_only(capsys: pytest.CaptureFixture[str], snapshot: Path) -> None:
    asked = ("audit", "-c", snapshot, "--engine", "duckdb", "m1")
    assert "1 model, 1 sensitive column: 1 reaches-masked" in printed(capsys, *asked, code=1)


def test_mistakes_are_reported_in_one_line(
    capsys: pytest.CaptureFixture[str], snapshot: Path, tmp_path: Path
) -> None:
    edges, audit = tmp_path / "edges", ("audit", "--engine")
    printed(capsys, "compile", "-c", snapshot, "-o", edges)
    lacking = tmp_path / "lacking"
    lacking.mkdir()
    head = json.loads((edges / "manifest.json").read_text())
    head["tables"].pop("labels")
    (lacking / "manifest.json").write_text(json.dumps(head))
    former = tmp_path / "former"
    former.mkdir()
    (former / "manifest.json").write_text(json.dumps({**head, "version": 1}))
    for words, reason in {
        (*audit, "duckdb", "-c", edges, "m9"): "nothing is called 'm9'",
        (*audit, "duckdb", "-c", edges, "--tag", "Secret"): "has the tags it was compiled for",
        (*audit, "spark", "-c", edges, "--memory", "1GB"): "--memory is for DuckDB",
        (*audit, "duckdb", "-c", edges, "--memory", "much"): "'much' is no size of memory",
        (*audit, "duckdb", "-c", lacking): "has no table 'labels'",
        (*audit, "duckdb", "-c", former): "version 2: write it anew with this release",
        (*audit, "duckdb", "-c", edges, "--proof"): "--engine takes no --pack, --proof",
        ("audit", "-c", snapshot, "--memory", "1GB"): "--memory goes with --engine duckdb",
        (*audit, "duckdb", "-c", edges, "--memory=-1GB"): "'-1GB' is no size of memory",
        (*audit, "duckdb", "-c", edges, "--memory", "1KB"): "DuckDB cannot go through it",
        ("audit", "-c", edges): "is an edge table: choose an engine for it",
        ("upstream", "churn", "-c", edges): "is of the format lineage-edge-table version 2",
        ("audit", "-c", tmp_path): "is a folder, but no snapshot",
        ("compile", "-c", snapshot, "-o", tmp_path): "other things in it",
    }.items():
        told = printed(capsys, *words, code=2)
        assert reason in told
        assert len(told.splitlines()) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("missing", "words", "extra"),
    [
        ("pyarrow", ["compile", "-o", "edges"], "parquet"),
        ("duckdb", ["audit", "--engine", "duckdb"], "duckdb"),
        ("pyspark", ["audit", "--engine", "spark"], "spark"),
    ],
)
def test_a_missing_extra_is_named(
    snapshot: Path, tmp_path: Path, missing: str, words: list[str], extra: str
) -> None:
    # A module that cannot be imported stands before the real one.
    hidden = tmp_path / "hidden" / f"{missing}.py"
    hidden.parent.mkdir()
    hidden.write_text(f"raise ModuleNotFoundError({missing!r})")
    first = f"import sys; sys.path.insert(0, {str(hidden.parent)!r})"
    code = f"{first}; from lineage.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, *words, "-c", str(snapshot)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert f"pip install 'mlmodel-lineage[{extra}]'" in done.stderr
    assert len(done.stderr.splitlines()) == 1
