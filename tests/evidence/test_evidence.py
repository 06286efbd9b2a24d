"""Evidence laid over a catalog: what becomes of edges, and files of it."""

import json
from collections import Counter
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from lineage.errors import BrokenFile
from lineage.evidence.event_evidence import find_evidence
from lineage.evidence.evidence_body import EvidenceBody, Flow, Report
from lineage.evidence.load_evidence import lay_evidence
from lineage.evidence.openlineage import read_events
from lineage.evidence.overlay import Overlay, overlay
from lineage.evidence.sql_facts import Statements
from lineage.graph.build import build_graph
from lineage.model.edges import Evidence, Influence, Origin
from lineage.model.entities import Column, Entity
from lineage.model.reference import Reference
from lineage.model.snapshot import GapKind, Snapshot
from tests.builders import edge, entity, snapshot_of, table
from tests.evidence.event_notation import event_from
from tests.notation import snapshot_from

RAW, CLEAN = entity("raw"), entity("clean")


def report(*flows: Flow, **more: Any) -> Report:
    facts = {"upstream": RAW, "downstream": CLEAN, "job": "load", "evidence_source": "events"}
    return Report(flows=frozenset(flows), **{**facts, **more})


def laid(snapshot: Snapshot, *reports: Report) -> Overlay:
    return overlay(snapshot, [EvidenceBody(reports=reports)])


def mappings(answer: Overlay) -> list[str]:
    return [
        f"{one.evidence.origin}: {'+'.join(item.upstream)}→{item.downstream}"
        for one in answer.snapshot.edges
        for item in one.column_edges
    ]


TABLES = (table("raw", "p q k"), table("clean", "x y"))


def test_nothing_reported_changes_nothing() -> None:
    snapshot = snapshot_of(*TABLES, edge("raw>clean", "p>x"))
    assert overlay(snapshot, [EvidenceBody()]).snapshot == snapshot
    assert repr(overlay(snapshot, [])) == "<Overlay: 0 edges completed, 0 edges added, 0 gaps>"


def test_an_influence_is_added_to_the_recorded_edge_and_leaves_no_edge_of_its_own() -> None:
    joins = Flow("raw.k", "clean", Influence.JOIN)
    answer = laid(snapshot_of(*TABLES, edge("raw>clean", "p>x")), report(joins))
    assert mappings(answer) == ["recorded: raw.p→clean.x", "recorded: raw.k→clean"]
    (found,) = answer.snapshot.edges
    assert found.column_edges[1].evidence_source == "events"


def test_an_influence_goes_with_a_value_that_has_an_edge_of_its_own() -> None:
    joins, gives = Flow("raw.k", "clean", Influence.JOIN), Flow("raw.q", "clean.y")
    answer = laid(snapshot_of(*TABLES, edge("raw>clean", "p>x")), report(joins, gives))
    assert mappings(answer) == [
        "recorded: raw.p→clean.x",
        "witnessed: raw.k→clean",
        "witnessed: raw.q→clean.y",
    ]


def test_a_witnessed_value_that_is_recorded_adds_nothing() -> None:
    snapshot = snapshot_of(*TABLES, edge("raw>clean", "p>x"))
    answer = laid(snapshot, report(Flow("raw.p", "clean.x", masking=True, function="md5(p)")))
    assert answer.snapshot == snapshot


def test_one_job_may_have_two_edges_one_of_which_no_column_is_known() -> None:
    answer = laid(snapshot_of(*TABLES), report(Flow("raw.p", "clean.x"), Flow("raw", "clean")))
    assert sorted(len(one.column_edges) for one in answer.snapshot.edges) == [0, 1]
    assert answer.added == 2


def test_a_value_from_any_column_is_a_mapping_from_the_table() -> None:
    answer = laid(snapshot_of(*TABLES), report(Flow("raw", "clean.y"), Flow("raw.p", "clean.x")))
    assert mappings(answer) == ["witnessed: raw.p→clean.x", "witnessed: raw→clean.y"]


def test_what_a_value_is_known_from_is_the_first_source_of_all() -> None:
    gives = Flow("raw.p", "clean.x")
    for order in permutations(["b", "a", "c"]):
        reports = (report(gives, job=name, evidence_source=name) for name in order)
        (found,) = laid(snapshot_of(*TABLES), *reports).snapshot.edges
        assert [item.evidence_source for item in found.column_edges] == ["a"]


def test_columns_that_become_one_in_the_same_manner_are_one_mapping() -> None:
    both = [Flow(f"raw.{name}", "clean.x", function="p || q") for name in "pq"]
    assert mappings(laid(snapshot_of(*TABLES), report(*both))) == ["witnessed: raw.p+raw.q→clean.x"]


def test_a_joint_mapping_is_completed_column_by_column() -> None:
    pipeline = Reference("pipeline", "airflow.load")
    snapshot = snapshot_of(*TABLES, edge("raw>clean", "p+q>x", pipeline=pipeline))
    own = report(
        Flow("raw.p", "clean.x", function="md5(p)"),
        Flow("raw.q", "clean.x"),
        described=frozenset({"clean.x"}),
        evidence=Evidence(origin=Origin.WITNESSED, pipeline=pipeline),
    )
    (found,) = laid(snapshot, own).snapshot.edges
    assert [(item.upstream, item.function) for item in found.column_edges] == [
        (("raw.p",), "md5(p)"),
        (("raw.q",), None),
    ]


def test_functions_that_differ_in_case_and_spaces_are_the_same() -> None:
    pipeline = Reference("pipeline", "airflow.load")
    snapshot = snapshot_of(*TABLES, edge("raw>clean", "p>x:MD5( p )", pipeline=pipeline))
    own = report(
        Flow("raw.p", "clean.x", function="md5(p)"),
        described=frozenset({"clean.x"}),
        evidence=Evidence(origin=Origin.WITNESSED, pipeline=pipeline),
    )
    assert laid(snapshot, own).snapshot == snapshot


def test_what_was_laid_on_before_is_kept() -> None:
    before = laid(
        snapshot_of(*TABLES, edge("raw>clean")), report(Flow("raw.p", "clean.x"))
    ).snapshot
    after = laid(before, report(Flow("raw.q", "clean.y"), job="other")).snapshot
    assert set(before.edges) <= set(after.edges)
    assert set(before.gaps) <= set(after.gaps)


def test_the_gaps_of_evidence_are_rows_and_gaps_of_the_catalog() -> None:
    answer = laid(snapshot_of(*TABLES), report(Flow("raw.p", "clean.x")))
    assert answer.to_records() == [
        {
            "kind": "not-recorded",
            "subject": "table:clean",
            "reason": "events shows data flowing from raw, unrecorded",
        }
    ]
    assert answer.snapshot.gaps == answer.gaps
    assert answer.summary() == "0 edges completed, 1 edge added, 1 gap"


def test_edges_to_be_written_hold_certain_values_alone() -> None:
    flows = (
        Flow("raw.p", "clean.x", function="md5(p)"),
        Flow("raw.q", "clean.y", function="lower(q)"),
        Flow("raw.k", "clean", Influence.JOIN),
        Flow("raw", "clean.y"),
    )
    other = report(Flow("raw.q", "clean.y"), job="other")
    doubtful = report(Flow("clean.x", "raw.p"), upstream=CLEAN, downstream=RAW, is_certain=False)
    (found,) = EvidenceBody(reports=(report(*flows), other, doubtful)).edges()
    assert [(item.upstream, item.downstream, item.function) for item in found.column_edges] == [
        (("raw.p",), "clean.x", "md5(p)"),
        (("raw.q",), "clean.y", None),
    ]


def write(path: Path, *events: dict[str, Any]) -> str:
    path.write_text("\n".join(json.dumps(event_from(item)) for item in events))
    return str(path)


def named(folder: Path, *tables: str) -> str:
    lines = [f'"shop/{name}" = "{name}"' for name in tables]
    (folder / "names.toml").write_text("\n".join(["[datasets]", *lines]))
    return str(folder / "names.toml")


def test_files_are_laid_on_together_whatever_their_order(tmp_path: Path) -> None:
    snapshot = snapshot_from(["raw(email)", "clean(b)", "m(f=clean.b)"])
    masked = write(
        tmp_path / "1.json",
        {"run": "1", "in": ["raw"], "out": {"clean": {"b": ["raw.email:masked"]}}},
    )
    raw = write(
        tmp_path / "2.json", {"run": "2", "in": ["raw"], "out": {"clean": {"b": ["raw.email:raw"]}}}
    )
    names = named(tmp_path, "raw", "clean")
    found = {lay_evidence(snapshot, order) for order in permutations([masked, raw, names])}
    assert len(found) == 1
    (answer,) = found
    assert Counter(item.masking for one in answer.snapshot.edges for item in one.column_edges) == {
        True: 1,
        False: 1,
    }


def test_sql_is_read_unless_it_is_left_out(tmp_path: Path) -> None:
    sql = "insert into clean (x) select md5(p) from raw"
    snapshot = snapshot_of(*TABLES, edge("raw>clean", "p>x", sql=sql))
    (found,) = lay_evidence(snapshot).snapshot.edges
    assert found.column_edges[0].function == "MD5(p)"
    assert lay_evidence(snapshot, ["sql"]).snapshot == lay_evidence(snapshot).snapshot
    without = lay_evidence(snapshot, sql=False)
    assert without.snapshot.edges == snapshot.edges
    assert [gap.reason for gap in without.gaps] == ["the SQL on 1 edge was left out, as asked"]
    event = write(tmp_path / "e.json", {"in": ["raw"], "out": {"clean": None}, "sql": sql})
    names = named(tmp_path, "raw", "clean")
    bare = lay_evidence(snapshot_of(*TABLES), [event, names], sql=False)
    assert [one.column_edges for one in bare.snapshot.edges] == [()]


def test_sql_is_kept_in_the_file_named_for_it(tmp_path: Path) -> None:
    sql = "insert into clean (x) select md5(p) from raw"
    snapshot = snapshot_of(*TABLES, edge("raw>clean", "p>x", sql=sql))
    kept = tmp_path / "readings.db"
    first = lay_evidence(snapshot, cache=kept)
    assert kept.stat().st_size
    assert lay_evidence(snapshot, cache=kept) == first == lay_evidence(snapshot)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BrokenFile, match="cannot be read"):
        lay_evidence(Snapshot(), [str(tmp_path / "nowhere.json")])


def test_a_job_is_the_pipeline_of_that_name(tmp_path: Path) -> None:
    snapshot = snapshot_from(["raw(p)", "clean(x)"])
    load = Entity(reference=Reference("pipeline", "airflow.load"))
    snapshot = Snapshot(entities=(*snapshot.entities, load))
    event = write(tmp_path / "e.json", {"in": ["raw"], "out": {"clean": None}})
    (found,) = lay_evidence(snapshot, [event, named(tmp_path, "raw", "clean")]).snapshot.edges
    assert found.evidence.pipeline == load.reference


def test_an_entity_of_which_no_column_is_known_is_fed_by_table(tmp_path: Path) -> None:
    snapshot = snapshot_from(["raw(p)", "clean()"])
    event = write(tmp_path / "e.json", {"in": ["raw"], "out": {"clean": {"x": ["raw.p:raw"]}}})
    answer = lay_evidence(snapshot, [event, named(tmp_path, "raw", "clean")])
    assert [one.column_edges for one in answer.snapshot.edges] == [()]
    assert [gap.kind for gap in answer.gaps] == [GapKind.NOT_RECORDED]


def test_a_nested_column_that_is_left_out_may_come_from_any(tmp_path: Path) -> None:
    snapshot = snapshot_from(["raw(p)", "clean(home home.street home.city x)"])
    fields = {"home.street": ["raw.p:raw"], "x": []}
    event = write(tmp_path / "e.json", {"in": ["raw"], "out": {"clean": fields}})
    (found,) = lay_evidence(snapshot, [event, named(tmp_path, "raw", "clean")]).snapshot.edges
    pairs = {pair for item in found.column_edges for pair in item.pairs}
    assert pairs == {("raw.p", "clean.home.street"), ("raw", "clean.home.city")}


def marquez_catalog(events: list[dict[str, Any]]) -> Snapshot:
    """Make a catalog of the tables and columns that schemas and facets of the seed name."""
    columns: dict[str, set[str]] = {}
    for event in events:
        for item in (*event.get("inputs", ()), *event.get("outputs", ())):
            facets = item.get("facets", {})
            fields = facets.get("schema", {}).get("fields", ())
            columns.setdefault(item["name"], set()).update(one["name"] for one in fields)
            for field, entry in facets.get("columnLineage", {}).get("fields", {}).items():
                columns[item["name"]].add(field)
                for one in entry["inputFields"]:
                    columns.setdefault(one["name"], set()).add(one["field"])
    tables = (
        Entity(
            reference=Reference("table", f"food.db.{name}"),
            service_type="Postgres",
            columns=tuple(Column(name=one, fqn=f"food.db.{name}.{one}") for one in sorted(found)),
        )
        for name, found in columns.items()
    )
    return Snapshot(entities=tuple(tables))


def test_the_seed_of_marquez_is_laid_over_a_catalog_of_its_own_tables(real_data: Path) -> None:
    path = real_data / "marquez-seed" / "metadata.template.json"
    snapshot = marquez_catalog(json.loads(path.read_text()))
    plain = overlay(snapshot, [find_evidence(read_events(path), snapshot)])
    assert {gap.kind for gap in plain.gaps} == {GapKind.NOT_RECORDED}
    pairs = [
        pair
        for one in plain.snapshot.edges
        for item in one.column_edges
        for pair in item.pairs
        if pair[0] != one.upstream.fqn
    ]
    assert len(pairs) == len(set(pairs)) == 39
    assert set(build_graph(plain.snapshot).gaps) == set(plain.gaps)
    joined = Reference("table", "food.db.public.popular_orders_day_of_week")
    customers = Reference("table", "food.db.public.customers")
    assert [
        one.column_edges
        for one in plain.snapshot.edges
        if one.upstream == customers and one.downstream == joined
    ] == [()]


def test_the_sql_of_the_seed_is_read_with_it(real_data: Path) -> None:
    path = real_data / "marquez-seed" / "metadata.template.json"
    snapshot = marquez_catalog(json.loads(path.read_text()))
    body = find_evidence(read_events(path), snapshot, statements=Statements(snapshot))
    unread = {
        ("customers", gap.subject.name)
        for gap in body.gaps
        if gap.kind == GapKind.EVIDENCE_NOT_READ and gap.subject
    }
    known = {
        (item.upstream.name, item.downstream.name) for item in body.reports if item.influences_known
    }
    assert ("customers", "delivery_7_days") in known
    assert ("customers", "popular_orders_day_of_week") in known | unread


def test_the_apples_of_marquez_are_a_chain(real_data: Path) -> None:
    folder = real_data / "marquez-seed" / "apples"
    names = ("red.delicious", "apples", "apple.filling", "apple.pie")
    tables = tuple(Entity(reference=Reference("table", f"o.f.s.{name}")) for name in names)
    paths = [
        str(folder / name)
        for name in ("1_pick_apples.json", "2_apple_filling.json", "6_apple_pie.json")
    ]
    answer = lay_evidence(Snapshot(entities=tables), paths)
    assert [(one.upstream.fqn[6:], one.downstream.fqn[6:]) for one in answer.snapshot.edges] == [
        ("apple.filling", "apple.pie"),
        ("apples", "apple.filling"),
        ("red.delicious", "apples"),
    ]
    assert [gap.reason for gap in answer.gaps if gap.hides_upstream] == [
        f"an event names grandmas.kitchen/{name}, which feeds it and {doubt}"
        for name, doubt in (
            ("apples", "may be another than table:o.f.s.apples"),
            ("cinnamon", "is not in the catalog"),
        )
    ]
