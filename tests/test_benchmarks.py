from pathlib import Path

import pytest

from benchmarks.__main__ import main

ROWS = (
    "audit, domains, 100,000 nodes",
    "pairs",
    "build the graph",
    "audit, first",
    "audit by tag, networkx",
    "count upstream, networkx",
    "look upstream, networkx",
    "record a finding with its path",
    "`import networkx`",
    "`lineage --help`",
    "`lineage upstream churn`",
    "`lineage demo`",
    "read the whole catalog",
    "apply the plan",
    "apply the same plan again",
    "OpenMetadata's `add_mlmodel_lineage`",
    "read over HTTP, 20 ms",
    "apply, each write read back",
    "reading SQL, again",
    "the catalog read",
    "the graph built",
)


@pytest.mark.slow
def test_a_tiny_run_agrees_with_networkx_and_prints_every_row(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sizes = ("--sizes", "domains:1000", "layers:1000", "--results", str(tmp_path))
    few = ("--statements", "10", "--catalog", "tiny", "--rounds", "1")
    main([*sizes, *few, "--output", str(tmp_path)])
    printed = capsys.readouterr().out
    assert (tmp_path / "benchmarks.md").read_text("utf-8") == printed
    assert (tmp_path / "domains-1000.json").exists()
    assert [row for row in ROWS if f"\n| {row}" not in printed] == []
