"""What earlier versions wrote stays readable: one file of each kind is kept."""

from pathlib import Path

import pytest

from lineage.files.snapshot_file import read_snapshot
from lineage.graph.build import build_graph
from lineage.writes.plan import make_plan
from lineage.writes.plan_file import read_plan

FORMER = Path(__file__).parent / "former"


@pytest.mark.parametrize("name", ["snapshot-1.json.gz", "snapshot-1.parquet"])
def test_a_snapshot_of_version_1_is_read(name: str) -> None:
    snapshot = read_snapshot(FORMER / name)
    assert (len(snapshot.entities), len(snapshot.edges)) == (74, 63)


def test_both_forms_of_a_snapshot_of_version_1_are_equal() -> None:
    packed, tables = (
        read_snapshot(FORMER / name) for name in ("snapshot-1.json.gz", "snapshot-1.parquet")
    )
    assert packed == tables


def test_keys_of_version_1_are_read_by_their_names_of_today(tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    path.write_text(
        '{"format": "lineage-snapshot", "version": 1, "server": "", "server_version": "",'
        ' "read_at": "", "left_out": [], "entities": [], "edges": [{"upstream": ["table", "a"],'
        ' "downstream": ["table", "b"], "column_edges": [{"upstream": ["a.x"], "downstream":'
        ' "b.x", "function": "\\"told_by\\": x", "told_by": "events"}],'
        ' "evidence": {"tells_influences": true}}], "gaps": []}',
        encoding="utf-8",
    )
    (edge,) = read_snapshot(path).edges
    assert edge.evidence.influences_known
    assert edge.column_edges[0].evidence_source == "events"
    assert edge.column_edges[0].function == '"told_by": x'


def test_a_plan_of_the_former_release_is_read() -> None:
    snapshot = read_snapshot(FORMER / "snapshot-1.json.gz")
    assert read_plan(FORMER / "plan-2.json").steps == make_plan(build_graph(snapshot)).steps
