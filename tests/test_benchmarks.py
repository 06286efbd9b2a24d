from pathlib import Path

import pytest

from benchmarks.__main__ import main

ROWS = (
    "audit with evidence",
    "compile from arrays",
    "audit",
    "traces, 3 deep",
    "traces, networkx of numbers",
    "walks, networkx",
    "codes",
    "of numpy, httpx and matplotlib it loads",
    "of compiling and putting in order",
    "changed, networkx",
    "compile from graph",
    "to_networkx, add_edges_from",
    "paths, networkx",
    "parse pages",
    "reading 10,000 statements of SQL",
    "reading SQL, first",
    "reading SQL, again",
    "duckdb",
    "read the whole catalog",
    "apply the plan",
    "apply the same plan again",
    "read, plan and apply again",
    "OpenMetadata's `add_mlmodel_lineage`",
    "read over HTTP",
    "read over HTTP, 20 ms",
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


def test_a_tiny_run_prints_every_row_and_writes_table_and_plot(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sizes = ("--sizes", "500", "2000", "--objects", "500", "--engines", "500")
    main([*sizes, "--no-debian", "--catalog", "tiny", "--rounds", "1", "--output", str(tmp_path)])
    printed = capsys.readouterr().out
    assert (tmp_path / "benchmarks.md").read_text("utf-8") == printed
    assert "<svg" in (tmp_path / "benchmarks.svg").read_text("utf-8")
    assert [row for row in ROWS if f"\n| {row}" not in printed] == []
