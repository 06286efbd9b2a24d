from pathlib import Path

import pytest

from benchmarks.__main__ import main

ROWS = (
    "read the whole catalog",
    "apply the plan",
    "apply the same plan again",
    "read, plan and apply again",
    "OpenMetadata's `add_mlmodel_lineage`",
    "read over HTTP",
    "write the snapshot",
    "read the snapshot",
    "build the graph",
    "export it by `to_networkx`",
    "plan ",
    "apply, each write read back",
    "trace a model to entities, first",
    "trace a model to entities, again",
    "trace a model to columns, first",
    "trace a model to columns, again",
    "audit all models",
    "`import lineage`",
    "`import networkx`",
    "`lineage demo`",
    "everything imported",
    "the catalog read",
    "the graph built",
)


def test_the_small_run_prints_every_row_and_writes_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "benchmarks.md"
    main(["--small", "--runs", "1", "--output", str(report)])
    printed = capsys.readouterr().out
    assert report.read_text("utf-8") == printed
    assert [row for row in ROWS if f"\n| {row}" not in printed] == []
