"""Parquet and Arrow, read back by pyarrow, and by DuckDB as anybody might."""

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings

from lineage import audit, export, write_export
from lineage.graph.build import build_graph
from lineage.model.snapshot import Snapshot
from lineage.views.exports.excerpt import take_excerpt
from lineage.views.exports.rows import Rows
from tests.examples import examples
from tests.strategies import snapshots
from tests.views.exports.catalogs import full_snapshot, hostile_snapshots


def read_table(content: bytes, form: str) -> Any:
    source = pa.BufferReader(content)
    return pq.read_table(source) if form == "parquet" else pa.ipc.open_file(source).read_all()


@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_tables_are_read_back_with_every_fact(form: str) -> None:
    @given(snapshots() | hostile_snapshots())
    @settings(max_examples=examples(30))
    def holds(snapshot: Snapshot) -> None:
        graph = build_graph(snapshot)
        answer = audit(graph)
        files = export(graph, form, answer).files
        rows = Rows(take_excerpt(graph, answer))
        expected = {
            "nodes": list(map(asdict, rows.nodes)),
            "edges": list(map(asdict, rows.edges)),
            "findings": list(map(asdict, rows.findings)),
        }
        for name, facts in expected.items():
            found = read_table(files[f"{name}.{form}"], form).to_pylist()
            assert found == json.loads(json.dumps(facts))

    holds()


@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_each_table_says_what_it_is_of_and_what_is_missing(form: str) -> None:
    files = export(build_graph(full_snapshot()), form).files
    for content in files.values():
        about = json.loads(read_table(content, form).schema.metadata[b"lineage"])
        assert about["server"] == "https://metadata.example.com"
        assert any("mark reason" in gap for gap in about["gaps"])


def test_duckdb_asks_the_tables_of_a_folder(tmp_path: Path) -> None:
    write_export(export(build_graph(full_snapshot()), "parquet"), tmp_path / "tables")
    found = duckdb.sql(
        f"""
        select node.name from '{tmp_path}/tables/edges.parquet' as edge
        join '{tmp_path}/tables/nodes.parquet' as node on node.id = edge.upstream
        where list_contains(node.tags, 'PII.Sensitive') and edge.strength = 'masked'
        """
    ).fetchall()
    assert found == [("email",)]


def test_other_formats_load_no_pyarrow() -> None:
    code = (
        "import sys; from lineage.views.exports.export import FORMATS;"
        "raise SystemExit('pyarrow' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
