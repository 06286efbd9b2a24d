from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings

from lineage.engines.duckdb import find_with_duckdb
from lineage.engines.edge_table import open_edge_table, write_edge_table
from lineage.engines.results import open_results
from lineage.errors import LineageError
from lineage.files.arrow_extra import pa, pq
from lineage.files.parquet_tables import Tables
from lineage.governance.audit.audit import Verdict
from lineage.graph.build import build_graph
from lineage.model.entities import Tag
from lineage.model.snapshot import Gap, GapKind, Snapshot
from lineage.openmetadata.client import Client
from lineage.openmetadata.reader import read
from tests.builders import edge, graph_of, model, table
from tests.engines.agreement import assert_agreement, audit_with
from tests.engines.catalogs import tagged_snapshots


@settings(max_examples=12)
@given(tagged_snapshots())
def test_verdicts_strengths_and_hops_are_those_of_the_audit_in_memory(snapshot: Snapshot) -> None:
    with TemporaryDirectory() as folder:
        assert_agreement(find_with_duckdb, build_graph(snapshot), Path(folder))


def test_the_sample_company_gets_the_same_verdicts(company: Client, tmp_path: Path) -> None:
    assert_agreement(find_with_duckdb, build_graph(read(company)), tmp_path)


def test_a_long_way_is_walked_to_its_end(tmp_path: Path) -> None:
    tables = [table(f"t{number}", "x") for number in range(20)]
    edges = [edge(f"t{number}>t{number + 1}", "x>x") for number in range(19)]
    first = table("t0", "x:PII.Sensitive")
    graph = graph_of(first, *tables[1:], *edges, model("m", f="t19.x"))
    assert_agreement(find_with_duckdb, graph, tmp_path)
    (finding,) = audit_with(find_with_duckdb, graph, tmp_path / "again").features[0].findings
    assert len(finding.path) == 20


def test_more_tags_than_one_pass_has_bits_for(tmp_path: Path) -> None:
    columns = " ".join(f"c{number}:PII.T{number}" for number in range(40))
    mappings = [f"c{number}>x{number % 3}:md5(c)" for number in range(0, 40, 2)]
    graph = graph_of(
        table("a", columns),
        table("b", "x0 x1 x2"),
        edge("a>b", *mappings),
        model("m", f="b.x0", g="b.x1"),
    )
    assert_agreement(find_with_duckdb, graph, tmp_path)


def test_a_gap_that_cannot_be_placed_makes_everything_unknown(tmp_path: Path) -> None:
    gap = Gap(GapKind.ENTITIES_NOT_READ, None, "a page failed")
    graph = graph_of(table("a", "x"), model("m", f="a.x"), gap)
    assert_agreement(find_with_duckdb, graph, tmp_path)
    found = audit_with(find_with_duckdb, graph, tmp_path / "again")
    assert {item.verdict for item in found.models} == {Verdict.UNKNOWN}


def test_of_a_whole_catalog_without_ways_no_path_is_said(tmp_path: Path) -> None:
    graph = graph_of(table("a", "x:PII.Sensitive y"), model("m", f="a.y"))
    found = audit_with(find_with_duckdb, graph, tmp_path)
    assert {item.verdict for item in (*found.models, *found.features)} == {Verdict.NO_PATH}


def test_nothing_to_look_for_and_nothing_to_audit(tmp_path: Path) -> None:
    for place, graph in {
        "empty": build_graph(Snapshot()),
        "untagged": graph_of(table("a", "x"), model("m", f="a.x")),
        "no model": graph_of(table("a", "x:PII.Sensitive")),
    }.items():
        assert_agreement(find_with_duckdb, graph, tmp_path / place)


def test_a_tagged_feature_is_reached_without_a_hop(tmp_path: Path) -> None:
    plain = model("m", f="a.x")
    (feature,) = plain.features
    tagged = replace(plain, features=(replace(feature, tags=(Tag(fqn="PII.Sensitive"),)),))
    graph = graph_of(table("a", "x"), tagged)
    assert_agreement(find_with_duckdb, graph, tmp_path)


def test_the_same_table_gives_the_same_results(tmp_path: Path) -> None:
    graph = graph_of(
        table("a", "x:PII.Sensitive"),
        table("b", "x"),
        table("c", "x"),
        *(edge(f"a>{name}", "x>x") for name in "bc"),
        model("m", f="b.x c.x"),
    )
    write_edge_table(graph, tmp_path / "table")
    found = []
    for run in ("one", "two"):
        find_with_duckdb(open_edge_table(tmp_path / "table"), tmp_path / run)
        results = open_results(tmp_path / run)
        found.append([list(results.rows(name)) for name in ("findings", "evidence")])
    assert found[0] == found[1]


def test_too_little_memory_is_told(tmp_path: Path) -> None:
    write_edge_table(graph_of(table("a", "x"), model("m", f="a.x")), tmp_path / "table")
    with pytest.raises(LineageError, match="DuckDB cannot go through it"):
        find_with_duckdb(open_edge_table(tmp_path / "table"), tmp_path / "found", memory="1KB")
    assert list((tmp_path / "found").iterdir()) == []


def test_where_memory_has_no_room_for_each_node_the_verdicts_are_the_same(tmp_path: Path) -> None:
    columns = "x:PII.Sensitive y"
    edges = [edge("a>b", "x>x", "y>y:md5(y)"), edge("b>a", "x>y"), edge("b>c", "y>x")]
    graph = graph_of(*(table(name, columns) for name in "abc"), *edges, model("m", f="c.x"))

    def find_with_little(edge_table: Tables, results: Path) -> None:
        seeds = pq.read_table(edge_table.path("seeds"))
        far = seeds.slice(0, 1).set_column(0, "node", pa.array([2**31 - 2], pa.int32()))
        pq.write_table(pa.concat_tables([seeds, far]), tmp_path / "seeds.parquet")
        paths = {**edge_table.paths, "seeds": str(tmp_path / "seeds.parquet")}
        find_with_duckdb(replace(edge_table, paths=paths), results, memory="100MB")

    assert_agreement(find_with_little, graph, tmp_path)


def test_a_table_that_is_no_parquet_is_told(tmp_path: Path) -> None:
    broken = tmp_path / "labels.parquet"
    broken.write_bytes(b"label,what,name")
    table_ = Tables(str(tmp_path), {}, dict.fromkeys(("labels", "arcs"), str(broken)))
    with pytest.raises(LineageError, match="DuckDB cannot go through it"):
        find_with_duckdb(table_, tmp_path / "found")


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LineageError, match="cannot be written"):
        find_with_duckdb(Tables(str(tmp_path), {}, {}), tmp_path / "file" / "found")
