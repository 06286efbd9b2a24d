import json
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage.engines.duckdb import find_with_duckdb
from lineage.engines.edge_table import open_edge_table, write_edge_table
from lineage.engines.engine_audit import read_audit
from lineage.engines.results import open_results
from lineage.errors import LineageError
from lineage.files.arrow_extra import pa, pq
from lineage.files.parquet_tables import Tables
from lineage.governance.audit.audit import Verdict, audit
from lineage.graph.build import build_graph
from lineage.graph.without_deleted import without_deleted
from lineage.masking.rules import RULES, MaskingRule
from lineage.model.entities import Tag
from lineage.model.snapshot import Gap, GapKind, Snapshot
from lineage.openmetadata.client import Client
from lineage.openmetadata.reader import read
from tests.builders import edge, graph_of, model, table
from tests.engines.agreement import TAGS, assert_agreement, audit_with
from tests.engines.catalogs import tagged_snapshots
from tests.examples import examples
from tests.notation import graph_from

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "governance/audit/verdict_cases.json").read_text()
)


@settings(max_examples=examples(40))
@given(tagged_snapshots(), st.sampled_from([RULES, RULES[1:2], ()]), st.booleans())
def test_the_answer_is_that_of_the_audit_in_memory(
    snapshot: Snapshot,
    rules: tuple[MaskingRule, ...],
    is_cleared: bool,  # noqa: FBT001
) -> None:
    graph = build_graph(snapshot)
    if is_cleared:
        graph = without_deleted(graph)
    with TemporaryDirectory() as folder:
        assert_agreement(find_with_duckdb, graph, Path(folder), rules=rules)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_cases_get_the_same_answer(case: dict[str, Any], tmp_path: Path) -> None:
    graph = graph_from(case["graph"])
    if case.get("without_deleted"):
        graph = without_deleted(graph)
    assert_agreement(find_with_duckdb, graph, tmp_path)


def test_the_sample_company_gets_the_same_verdicts(company: Client, tmp_path: Path) -> None:
    assert_agreement(find_with_duckdb, build_graph(read(company)), tmp_path)


def test_a_long_path_is_walked_to_its_end(tmp_path: Path) -> None:
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


def test_where_nothing_arrives_the_verdict_depends_on_whether_influences_are_known(
    tmp_path: Path,
) -> None:
    tables, last = (table("a", "x:PII.Sensitive y"), table("b", "y")), model("m", f="b.y")
    onward = edge("b>m", "y>f", influences_known=True)
    for is_known, verdict in {True: Verdict.NO_PATH, False: Verdict.NO_VALUE_PATH}.items():
        graph = graph_of(*tables, edge("a>b", "y>y", influences_known=is_known), onward, last)
        found = audit_with(find_with_duckdb, graph, tmp_path / verdict)
        assert {item.verdict for item in (*found.models, *found.features)} == {verdict}


def test_some_models_are_compiled_by_themselves(tmp_path: Path) -> None:
    tables = table("a", "x:PII.Sensitive y"), table("b", "x y")
    models = model("m1", f="b.x"), model("m2", f="b.y")
    graph = graph_of(*tables, *models, edge("a>b", "y>y"))
    found = audit_with(find_with_duckdb, graph, tmp_path, models="m2")
    expected = audit(graph, models="m2", tags=TAGS, by="tag")
    assert found == expected


def test_silent_edges_are_named_for_more_models_than_one_reading_serves(tmp_path: Path) -> None:
    many = [f"m{number:02}" for number in range(70)]
    tables = [table(f"t{number}", "x:PII.Sensitive y") for number in range(3)]
    edges = [edge("t0>t1", "y>y"), edge("t1>t2", "y>y", influences_known=True)]
    ends = [edge(f"t{number % 3}>{name}") for number, name in enumerate(many)]
    graph = graph_of(*tables, *edges, *ends, *(model(name, f="t0.y") for name in many))
    assert_agreement(find_with_duckdb, graph, tmp_path)


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


def test_too_little_memory_is_reported(tmp_path: Path) -> None:
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


def test_a_table_may_be_a_folder_of_files(tmp_path: Path) -> None:
    columns = "x:PII.Sensitive y"
    edges = [edge("a>b", "x>x", "y>y:md5(y)"), edge("b>c", "y>x")]
    graph = graph_of(*(table(name, columns) for name in "abc"), *edges, model("m", f="c.x c.y"))
    write_edge_table(graph, tmp_path / "table")
    written, paths = open_edge_table(tmp_path / "table"), dict[str, str]()
    for name, file in written.paths.items():
        (tmp_path / name).mkdir()
        rows = pq.read_table(file)
        for part, first in enumerate(range(0, len(rows), 2)):
            pq.write_table(rows.slice(first, 2), tmp_path / name / f"{part:04}.parquet")
        paths[name] = str(tmp_path / name) if len(rows) else file
    find_with_duckdb(replace(written, paths=paths), tmp_path / "found")
    found = read_audit(replace(written, paths=paths), open_results(tmp_path / "found"))
    assert found == audit(graph, by="tag")


def test_a_table_that_is_no_parquet_is_reported(tmp_path: Path) -> None:
    broken = tmp_path / "labels.parquet"
    broken.write_bytes(b"label,kind,name")
    table_ = Tables(str(tmp_path), {}, dict.fromkeys(("labels", "arcs"), str(broken)))
    with pytest.raises(LineageError, match="DuckDB cannot go through it"):
        find_with_duckdb(table_, tmp_path / "found")


def test_a_place_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LineageError, match="cannot be written"):
        find_with_duckdb(Tables(str(tmp_path), {}, {}), tmp_path / "file" / "found")
