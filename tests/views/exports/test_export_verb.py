"""`lineage export`, as it is typed; and what holds of every format."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from lineage import export, write_export
from lineage.cli import main
from lineage.errors import BrokenFile
from lineage.files.snapshot_file import write_snapshot
from lineage.graph.build import build_graph
from lineage.views.exports.export import FORMATS
from lineage.views.exports.format import Fact
from tests.notation import snapshot_from
from tests.views.exports.catalogs import MARKS, full_snapshot

Typed = Callable[..., tuple[int, str, str]]


@pytest.fixture
def typed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Typed:
    """Give what types `lineage export` at a catalog with every fact."""
    path = tmp_path / "snapshot.json"
    write_snapshot(full_snapshot(), path)

    def type_export(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main(["export", *words, "-c", str(path)])
        shown = capsys.readouterr()
        return int(left.value.code or 0), shown.out, shown.err

    return type_export


def ids_of(text: str) -> set[str]:
    return {node["id"] for node in json.loads(text)["nodes"]}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_written_where_it_is_asked_for(
    typed: Typed, tmp_path: Path, name: str
) -> None:
    output = tmp_path / "output"
    code, out, _ = typed(name, "churn", "-o", str(output))
    assert (code, out) == (0, f"{output}: written\n")
    graph = build_graph(full_snapshot())
    files = export(graph, name).files
    found = {""} if output.is_file() else {path.name for path in output.iterdir()}
    assert found == set(files)


@pytest.mark.parametrize("name", [name for name, form in FORMATS.items() if not form.suffix])
def test_a_folder_of_files_is_not_printed(typed: Typed, name: str) -> None:
    code, out, err = typed(name)
    assert (code, out) == (2, "")
    assert "name where to write it, --output" in err


def test_what_is_named_is_exported_with_what_it_comes_from(typed: Typed) -> None:
    _, out, _ = typed("node-link", "churn")
    assert {"mlmodel:mlflow.churn", "table:pg.shop.mark_schema.people"} <= ids_of(out)
    _, out, _ = typed("node-link", "people", "--downstream", "--depth", "1", "--grain", "entity")
    assert ids_of(out) == {"table:pg.shop.mark_schema.people", "table:pg.shop.mark_schema.clean"}
    _, out, _ = typed("node-link", "kind:pipeline", "--grain", "entity")
    assert "table:pg.shop.mark_schema.people" not in ids_of(out)
    _, out, _ = typed("node-link", "--audit", "--tag", "PII.*")
    assert json.loads(out)["graph"]["findings"]


def test_the_sql_on_edges_counts_as_it_does_in_an_audit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    snapshot = snapshot_from(["a(x:PII.Sensitive y)", "b(z)", "m(f=b.z)", "a>b: y>z"])
    sql = "insert into b (z) select y from a where x > 1"
    edges = [replace(one, evidence=replace(one.evidence, sql=sql)) for one in snapshot.edges]
    path = tmp_path / "snapshot.json"
    write_snapshot(replace(snapshot, edges=tuple(edges)), path)
    found = []
    for words in ([], ["--no-sql"]):
        with pytest.raises(SystemExit):
            main(["export", "matrix", "--audit", "-c", str(path), *words])
        found.append(capsys.readouterr().out.splitlines()[1].rpartition(",")[2])
    assert found == ["reaches-by-influence", "no-value-path"]


def test_what_is_lost_is_said_on_stderr(typed: Typed) -> None:
    _, out, err = typed("mermaid")
    assert err.startswith("note: Mermaid has no place for: what is in what, server ids")
    assert out.startswith("---\n")


def test_slips_are_answered_in_one_line(typed: Typed) -> None:
    for words, reason in (
        (("graphlm",), "there is no format 'graphlm'; did you mean graphml?"),
        (("nothing-like-it",), "there is no format 'nothing-like-it': there are node-link, "),
        (("dot", "--raw"), "DOT has no raw form"),
        (("dot", "chrun"), "churn"),
    ):
        code, out, err = typed(*words)
        assert (code, out) == (2, "")
        assert reason in err
        assert err.count("\n") == 1


@pytest.mark.parametrize("name", FORMATS)
def test_every_fact_that_a_format_does_not_keep_is_said(name: str) -> None:
    form = FORMATS[name]
    lost = [fact for fact in Fact if fact not in {*form.keeps, Fact.VERDICTS}]  # none are there
    note = f"{form.title} has no place for: {', '.join(lost)}"
    assert (note in export(build_graph(full_snapshot()), name).notes) == bool(lost)


@pytest.mark.parametrize(
    "name", [name for name in FORMATS if name not in {"arrow", "model-card", "parquet"}]
)
def test_every_fact_that_a_format_keeps_is_in_it(name: str) -> None:
    form = FORMATS[name]
    made = export(build_graph(full_snapshot()), name)
    text = "\n".join(content.decode() for content in made.files.values())
    for fact in Fact:
        if fact in form.keeps and fact in MARKS:
            assert MARKS[fact] in text, fact


@pytest.mark.slow
def test_the_same_catalog_gives_the_same_bytes_whatever_the_hash_seed(tmp_path: Path) -> None:
    write_snapshot(full_snapshot(), tmp_path / "snapshot.json")
    code = (
        "import hashlib; from lineage import build_graph, export, read_snapshot;"
        "from lineage.views.exports.export import FORMATS;"
        "graph = build_graph(read_snapshot('snapshot.json'));"
        "print([(name, file, hashlib.sha256(content).hexdigest()) for name in FORMATS"
        " for file, content in export(graph, name).files.items()])"
    )
    found = set()
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True,
            check=True,
        )  # fmt: skip
        found.add(done.stdout)
    assert len(found) == 1


def test_a_folder_with_other_things_in_it_is_left_as_it_is(tmp_path: Path) -> None:
    made = export(build_graph(full_snapshot()), "neo4j")
    write_export(made, tmp_path / "neo4j")
    write_export(made, tmp_path / "neo4j")  # a folder of the same names is replaced
    (tmp_path / "neo4j" / "mine.txt").write_text("mine")
    with pytest.raises(BrokenFile, match=r"other things in it, as 'mine\.txt'"):
        write_export(made, tmp_path / "neo4j")
    with pytest.raises(BrokenFile, match="is a file, where a folder is to be written"):
        write_export(made, tmp_path / "neo4j" / "mine.txt")
    assert (tmp_path / "neo4j" / "mine.txt").read_text() == "mine"


def test_the_content_of_a_folder_is_not_one_file() -> None:
    graph = build_graph(full_snapshot())
    made = export(graph, "cypher")
    assert repr(made).startswith("<Export: Cypher, ")
    with pytest.raises(ValueError, match=r"a folder of load\.cypher, parameters\.json"):
        _ = made.content
    with pytest.raises(ValueError, match="has to be 'entity' or 'part'"):
        export(graph, "dot", grain="row")  # type: ignore[arg-type]
