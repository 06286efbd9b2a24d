from pathlib import Path

import pytest

from benchmarks.bars import main


def test_a_tiny_run_prints_the_bars_and_writes_table_and_plot(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sizes = ("--sizes", "500", "2000", "--objects", "500", "--rounds", "1")
    main([*sizes, "--output", str(tmp_path)])
    printed = capsys.readouterr().out
    assert (tmp_path / "benchmarks.md").read_text("utf-8") == printed
    assert "<svg" in (tmp_path / "benchmarks.svg").read_text("utf-8")
    rows = ("audit", "traces, networkx", "diff, codes kept", "to_networkx", "peak memory")
    assert [row for row in rows if f"\n| {row}" not in printed] == []
