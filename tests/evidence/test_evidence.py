import re
from dataclasses import replace
from pathlib import Path

import pytest

from lineage.errors import BrokenFile
from lineage.evidence.dataset_mapping import DatasetNames, find_told, read_dataset_names
from lineage.evidence.enrich import Overlay, overlay
from lineage.evidence.evidence_body import EvidenceKind, Told
from lineage.evidence.openlineage import DatasetName, EventLineage, FieldLineage, read_events
from lineage.evidence.sql_evidence import TOLD_BY, tell_sql
from lineage.governance.audit.audit import Verdict, audit
from lineage.governance.audit.protected_attributes import find_protected
from lineage.governance.bias.bias import bias
from lineage.governance.bias.questions import Question, Reply
from lineage.graph.build import build_graph
from lineage.model.edges import ColumnEdge, Edge, Influence, Origin
from lineage.model.entities import Column, Entity, Feature, FeatureSource, MlModel, Tag
from lineage.model.reference import Reference
from lineage.model.register import Attribute, Register
from lineage.model.snapshot import GapKind, Snapshot
from tests.builders import edge, snapshot_of

A, B = "pg.shop.s.a", "pg.shop.s.b"
OL_A, OL_B = DatasetName("postgres://db", "shop.s.a"), DatasetName("postgres://db", "shop.s.b")


def table(fqn: str, columns: str, *, service: str = "Postgres") -> Entity:
    return Entity(
        reference=Reference("table", fqn),
        service_type=service,
        columns=tuple(Column(name=name, fqn=f"{fqn}.{name}") for name in columns.split()),
    )


TABLES = (table(A, "p q k"), table(B, "x y"))


def recorded(*mappings: ColumnEdge, **evidence: object) -> Edge:
    made = edge("a>b", **evidence)
    return Edge(
        upstream=Reference("table", A),
        downstream=Reference("table", B),
        column_edges=mappings,
        evidence=made.evidence,
    )


def value(source: str, target: str, function: str | None = None) -> ColumnEdge:
    return ColumnEdge(upstream=(f"{A}.{source}",), downstream=f"{B}.{target}", function=function)


def told_of(*fields: FieldLineage, described: str = "") -> EventLineage:
    return EventLineage(
        evidence_source="OpenLineage, events.json",
        fields=fields,
        described=frozenset((OL_B, name) for name in described.split()),
    )


def laid(events: EventLineage, *edges: Edge, names: DatasetNames | None = None) -> Overlay:
    snapshot = Snapshot(entities=TABLES, edges=edges)
    return overlay(snapshot, [find_told(events, snapshot, names=names)])


def mappings_of(answer: Overlay) -> list[tuple[str, ColumnEdge]]:
    return [
        (str(item.evidence.origin), mapping)
        for item in answer.snapshot.edges
        for mapping in item.column_edges
    ]


JOIN_ROWS = FieldLineage(OL_B, "", OL_A, "k", Influence.JOIN)


def test_an_influence_is_added_to_the_recorded_edge() -> None:
    answer = laid(told_of(JOIN_ROWS), recorded(value("p", "x")))
    (_, kept), (origin, added) = mappings_of(answer)
    assert (origin, added.upstream, added.downstream) == ("recorded", (f"{A}.k",), B)
    assert (added.influence, added.evidence_source) == ("join", "OpenLineage, events.json")
    assert kept == value("p", "x")
    assert not answer.findings


def test_a_mapping_that_both_tell_gets_what_it_lacks() -> None:
    events = told_of(FieldLineage(OL_B, "x", OL_A, "p", None, masking=True, function="md5(p)"))
    ((_, found),) = mappings_of(laid(events, recorded(value("p", "x"))))
    assert (found.function, found.masking) == ("md5(p)", True)
    assert found.evidence_source == "OpenLineage, events.json"


def test_a_recorded_function_is_not_replaced() -> None:
    events = told_of(FieldLineage(OL_B, "x", OL_A, "p", None, None, "md5(p)"))
    ((_, found),) = mappings_of(laid(events, recorded(value("p", "x", "lower(p)"))))
    assert found == value("p", "x", "lower(p)")


def test_two_ways_of_one_value_complete_nothing() -> None:
    one = FieldLineage(OL_B, "x", OL_A, "p", None, masking=True)
    events = told_of(one, one._replace(masking=None))
    ((_, found),) = mappings_of(laid(events, recorded(value("p", "x"))))
    assert found == value("p", "x")


def test_a_witnessed_value_that_is_not_recorded_is_added_beside_and_named() -> None:
    events = told_of(FieldLineage(OL_B, "y", OL_A, "q"))
    answer = laid(events, recorded(value("p", "x")))
    assert [origin for origin, _ in mappings_of(answer)] == ["recorded", "witnessed"]
    (finding,) = answer.findings
    assert finding.kind == EvidenceKind.DISAGREES
    assert f"{A}.q → {B}.y, which is not recorded" in finding.reason


def test_a_join_key_that_the_server_took_for_a_value_becomes_an_influence() -> None:
    events = told_of(FieldLineage(OL_B, "x", OL_A, "p"), JOIN_ROWS, described="x")
    copied = recorded(value("p", "x"), value("k", "x"), recorded_as="OpenLineage")
    answer = laid(events, copied)
    values = [mapping for _, mapping in mappings_of(answer) if mapping.influence is None]
    assert values == [value("p", "x")]
    assert not answer.findings


def test_what_a_person_recorded_stays_though_the_events_deny_it() -> None:
    events = told_of(FieldLineage(OL_B, "x", OL_A, "p"), described="x")
    answer = laid(events, recorded(value("p", "x"), value("k", "x"), recorded_as="Manual"))
    values = [mapping for _, mapping in mappings_of(answer) if mapping.influence is None]
    assert value("k", "x") in values
    assert [finding.kind for finding in answer.findings] == [EvidenceKind.DISAGREES]


def test_a_bare_edge_stays_possible_for_columns_that_are_not_described() -> None:
    events = told_of(FieldLineage(OL_B, "x", OL_A, "p"), described="x")
    answer = laid(events, recorded())
    assert [item.evidence.origin for item in answer.snapshot.edges] == [
        Origin.RECORDED,
        Origin.WITNESSED,
    ]


def test_a_bare_edge_is_completed_where_every_column_is_described() -> None:
    events = told_of(FieldLineage(OL_B, "x", OL_A, "p"), described="x y")
    answer = laid(events, recorded())
    ((origin, found),) = mappings_of(answer)
    assert (origin, found.pairs) == ("recorded", value("p", "x").pairs)


def test_an_edge_that_the_server_lacks_is_added_and_named() -> None:
    answer = laid(told_of(FieldLineage(OL_B, "x", OL_A, "p")))
    assert [item.evidence.origin for item in answer.snapshot.edges] == [Origin.WITNESSED]
    assert [finding.kind for finding in answer.findings] == [EvidenceKind.NOT_RECORDED]


def test_laying_the_same_evidence_twice_changes_nothing_more() -> None:
    fields = (FieldLineage(OL_B, "x", OL_A, "p", None, masking=True), JOIN_ROWS)
    once = laid(told_of(*fields), recorded(value("p", "x"), value("q", "y")))
    twice = overlay(once.snapshot, [find_told(told_of(*fields), once.snapshot)])
    assert twice.snapshot == once.snapshot


def test_nothing_told_changes_nothing() -> None:
    snapshot = snapshot_of(*TABLES, recorded(value("p", "x")))
    assert overlay(snapshot, [Told()]).snapshot == snapshot
    assert repr(overlay(snapshot, [])) == "<Overlay: 0 edges told of, 0 findings>"


def test_a_dataset_is_found_by_the_end_of_a_name_in_any_case() -> None:
    loud = DatasetName("snowflake://acc", "SHOP.S.A")
    answer = laid(told_of(FieldLineage(OL_B, "X", loud, "P")), recorded(value("p", "x")))
    assert not answer.findings


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("a", "is no entity of the catalog"),
        ("shop.s.nowhere", "is no entity of the catalog"),
        ("s.twin", "may be table:one.s.twin, table:two.s.twin"),
        ("..", "is no entity of the catalog"),
    ],
)
def test_a_dataset_that_is_not_one_entity_is_named_and_a_gap(name: str, reason: str) -> None:
    twins = (table("one.s.twin", "p"), table("two.s.twin", "p"))
    snapshot = Snapshot(entities=(*TABLES, *twins))
    events = told_of(FieldLineage(OL_B, "x", DatasetName("n", name), "p"))
    told = find_told(events, snapshot)
    (finding,) = told.findings
    assert (finding.kind, finding.subject) == (EvidenceKind.UNMATCHED, f"n/{name}")
    assert reason in finding.reason
    (gap,) = told.gaps
    assert (gap.kind, gap.subject) == (GapKind.ENTITY_NOT_FOUND, Reference("table", B))
    assert not told.edges


def test_another_name_of_a_dataset_will_do() -> None:
    path = DatasetName("s3://bucket", "warehouse/a")
    events = EventLineage(
        evidence_source="t", fields=(FieldLineage(OL_B, "x", path, "p"),), aliases=((path, OL_A),)
    )
    assert not find_told(events, Snapshot(entities=TABLES)).findings


def test_a_person_may_say_what_datasets_are_called(tmp_path: Path) -> None:
    path = tmp_path / "names.toml"
    path.write_text(
        f'[namespaces]\n"kafka://k" = "pg.shop.s"\n[datasets]\n"s3://bucket/raw/a" = "{A}"\n'
    )
    names = read_dataset_names(path)
    bucket, topic = DatasetName("s3://bucket", "/raw/a"), DatasetName("kafka://k", "b")
    told = find_told(
        told_of(FieldLineage(topic, "x", bucket, "p")), Snapshot(entities=TABLES), names=names
    )
    assert [(item.upstream.fqn, item.downstream.fqn) for item in told.edges] == [(A, B)]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("datasets = 1", "line 1, column 1: 'datasets' should be a table"),
        ("[dataset]", "did you mean 'datasets'?"),
        ("[", "is no TOML"),
    ],
)
def test_a_file_of_names_with_a_mistake_is_refused(
    tmp_path: Path, content: str, reason: str
) -> None:
    path = tmp_path / "names.toml"
    path.write_text(content)
    with pytest.raises(BrokenFile, match=re.escape(reason)):
        read_dataset_names(path)


def test_sql_completes_mappings_and_adds_influences() -> None:
    sql = "insert into s.b (x) select md5(p) from s.a where k > 1"
    snapshot = Snapshot(entities=TABLES, edges=(recorded(value("p", "x"), sql=sql),))
    answer = overlay(snapshot, [tell_sql(snapshot)])
    (_, found), (_, rows) = mappings_of(answer)
    assert (found.function, found.evidence_source) == ("MD5(p)", TOLD_BY)
    assert (rows.upstream, rows.downstream, rows.influence) == ((f"{A}.k",), B, "filter")
    assert not answer.findings


def test_sql_that_disagrees_is_a_finding_and_lends_no_function() -> None:
    sql = "insert into s.b (x, y) select md5(p), q from s.a"
    edges = (recorded(value("p", "x"), value("k", "x"), sql=sql),)
    snapshot = Snapshot(entities=TABLES, edges=edges)
    answer = overlay(snapshot, [tell_sql(snapshot)])
    assert answer.snapshot.edges == edges
    reasons = [finding.reason for finding in answer.findings]
    assert any(f"{A}.q → {B}.y, which is not recorded" in reason for reason in reasons)
    assert any("the value does not come from there" in reason for reason in reasons)


def test_sql_makes_no_mapping_of_a_bare_edge() -> None:
    sql = "insert into s.b (x) select o.p from s.a join s.a as o on s.a.k = o.k"
    snapshot = Snapshot(entities=TABLES, edges=(recorded(sql=sql),))
    (found,) = overlay(snapshot, [tell_sql(snapshot)]).snapshot.edges
    assert [mapping.influence for mapping in found.column_edges] == ["join"]


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("insert into s.b (x) select", "its SQL"),
        ("insert into s.b (x) select p from elsewhere", "takes no column from pg.shop.s.a"),
        ("insert into s.b (zz) select p from s.a", "fills column zz"),
        ("insert into s.b (x) select nothing from s.a", "nothing"),
        ("insert into s.b select p, q, k from s.a", "fills column 2"),
    ],
)
def test_sql_that_does_not_fit_the_catalog_is_a_finding(sql: str, reason: str) -> None:
    snapshot = Snapshot(entities=TABLES, edges=(recorded(sql=sql),))
    assert any(reason in finding.reason for finding in tell_sql(snapshot).findings)


def test_sql_is_read_in_the_dialect_of_its_service() -> None:
    tables = tuple(
        table(f"bq.proj.s.{name}", columns, service="BigQuery")
        for name, columns in (("a", "p"), ("b", "x"))
    )
    upstream, downstream = (item.reference for item in tables)
    mapping = ColumnEdge(upstream=("bq.proj.s.a.p",), downstream="bq.proj.s.b.x")
    sql = "select to_hex(sha256(p)) as x from `proj.s.a`"
    bare = edge("a>b", sql=sql)
    made = Edge(
        upstream=upstream, downstream=downstream, column_edges=(mapping,), evidence=bare.evidence
    )
    (told,) = tell_sql(Snapshot(entities=tables, edges=(made,))).edges
    assert told.column_edges[0].function == "TO_HEX(SHA256(p))"


def test_of_two_tables_of_one_name_the_nearest_is_meant() -> None:
    twin = table("other.shop.s.a", "p q k")
    sql = "insert into b (x) select p from a"
    snapshot = Snapshot(entities=(*TABLES, twin), edges=(recorded(sql=sql),))
    (told,) = tell_sql(snapshot).edges
    assert told.upstream.fqn == A


READ_WHOLE = "insert into s.b (x) select p from s.a"


@pytest.mark.parametrize(
    ("sql", "entities", "is_whole"),
    [
        (READ_WHOLE, TABLES, True),
        (f"{READ_WHOLE} where k > 1", TABLES, True),
        (f"{READ_WHOLE}; delete from s.b where x in (select k from s.a)", TABLES, True),
        ("insert into s.b (x, z) select p, q from s.a", TABLES, False),
        ("insert into s.b (x) select q from s.a", TABLES, False),
        ("insert into b (x) select p from s.a where p in (select c.k from c)", TABLES, True),
        (
            "insert into b (x) select p from s.a where p in (select c.k from c)",
            (*TABLES, table("pg.shop.t.c", "k"), table("pg.shop.u.c", "k")),
            False,
        ),
        ("select from where", TABLES, False),
        (None, TABLES, False),
    ],
    ids=[
        "no influence",
        "a filter",
        "another statement",
        "a column that is lacking",
        "a value that is not recorded",
        "a table that is lacking",
        "a table that may be one of two",
        "no SQL",
        "nothing",
    ],
)
def test_influences_are_known_where_sql_was_read_whole_and_agrees(
    sql: str | None, entities: tuple[Entity, ...], *, is_whole: bool
) -> None:
    edges = (recorded(value("p", "x"), sql=sql), recorded(value("p", "x"), recorded_as="Manual"))
    snapshot = Snapshot(entities=entities, edges=edges)
    found = overlay(snapshot, [tell_sql(snapshot)]).snapshot.edges
    told = [item.evidence.sql for item in found if item.evidence.influences_known]
    assert told == ([sql] if is_whole else [])


def influence_of_k(*edges: Edge) -> Reply:
    """Ask whether column k influences a model trained on x, once SQL was laid over."""
    sources = (FeatureSource(name="x", entity=Reference("table", B)),)
    feature = Feature(name="f", fqn="m.f", sources=sources)
    trained = MlModel(reference=Reference("mlmodel", "m"), features=(feature,))
    snapshot = Snapshot(entities=(*TABLES, trained), edges=edges)
    graph = build_graph(overlay(snapshot, [tell_sql(snapshot)]).snapshot)
    register = Register(attributes=(Attribute(name="gender", columns=(f"{A}.k",)),))
    protected = find_protected(graph, register, "gender")
    return bias(graph, trained.reference, protected).reply(Question.INFLUENCE)


@pytest.mark.parametrize(
    ("sql", "says"),
    [(READ_WHOLE, "no"), (f"{READ_WHOLE} where k > 1", "yes"), ("select x from y", "unknown")],
)
def test_sql_that_was_read_whole_can_say_no_to_influence(sql: str, says: str) -> None:
    assert str(influence_of_k(recorded(value("p", "x"), sql=sql)).says) == says


def test_of_two_jobs_the_sql_of_one_does_not_speak_for_the_other() -> None:
    one, other = recorded(value("p", "x"), sql=READ_WHOLE), recorded(value("p", "x"))
    reply = influence_of_k(one, other)
    assert [gap.kind for gap in reply.gaps] == [GapKind.INFLUENCE_UNKNOWN]


def test_an_audit_with_evidence_tells_masked_and_influence_from_value() -> None:
    tagged = tuple(replace(item, tags=(Tag(fqn="PII.Sensitive"),)) for item in TABLES[0].columns)
    sources = (FeatureSource(name="x", entity=Reference("table", B)),)
    feature = Feature(name="f", fqn="m.f", sources=sources)
    trained = MlModel(reference=Reference("mlmodel", "m"), features=(feature,))
    sql = "insert into b (x) select md5(p) from a where k = 1"
    snapshot = Snapshot(
        entities=(replace(TABLES[0], columns=tagged), TABLES[1], trained),
        edges=(recorded(value("p", "x"), sql=sql),),
    )
    answer = audit(build_graph(overlay(snapshot, [tell_sql(snapshot)]).snapshot))
    target = Reference("feature", "m.f")
    assert answer.verdict(Reference("column", f"{A}.p"), target) == Verdict.REACHES_MASKED
    assert answer.verdict(Reference("column", f"{A}.k"), target) == Verdict.REACHES_BY_INFLUENCE
    assert answer.verdict(Reference("column", f"{A}.q"), target) == Verdict.NO_PATH


def test_the_marquez_seed_is_laid_over_a_catalog_of_its_own_tables(real_data: Path) -> None:
    told = read_events(real_data / "marquez-seed" / "metadata.template.json")
    columns: dict[str, set[str]] = {}
    for item in told.fields:
        columns.setdefault(item.output.name, set()).add(item.output_field)
        columns.setdefault(item.input.name, set()).add(item.input_field)
    tables = tuple(
        table(f"food.db.{name}", " ".join(sorted(found))) for name, found in columns.items()
    )
    snapshot = Snapshot(entities=tables)
    answer = overlay(snapshot, [find_told(told, snapshot)])
    assert {finding.kind for finding in answer.findings} == {EvidenceKind.NOT_RECORDED}
    pairs = [pair for _, mapping in mappings_of(answer) for pair in mapping.pairs]
    assert len(pairs) == len(set(pairs)) == 39
    assert not build_graph(answer.snapshot).gaps
