"""What the SQL on edges says of a catalog, and where it does not fit."""

import pytest

from lineage.evidence.overlay import overlay
from lineage.evidence.sql_evidence import EDGE_SQL, find_sql
from lineage.evidence.sql_facts import Statements
from lineage.evidence.sql_reading import Output, SqlReading, TableColumn
from lineage.governance.audit.protected_attributes import find_protected
from lineage.governance.bias.bias import bias
from lineage.governance.bias.questions import Question, Reply
from lineage.graph.build import build_graph
from lineage.model.edges import ColumnEdge, Edge, Evidence, Influence, Origin
from lineage.model.entities import Column, Entity, Feature, FeatureSource, MlModel
from lineage.model.reference import Reference
from lineage.model.register import Attribute, Register
from lineage.model.snapshot import Gap, GapKind, Snapshot

A, B = "pg.shop.s.a", "pg.shop.s.b"


def table(fqn: str, columns: str, *, service: str = "Postgres") -> Entity:
    return Entity(
        reference=Reference("table", fqn),
        service_type=service,
        columns=tuple(Column(name=name, fqn=f"{fqn}.{name}") for name in columns.split()),
    )


TABLES = (table(A, "p q k"), table(B, "x y"))


def recorded(*mappings: ColumnEdge, upstream: str = A, **evidence: str | None) -> Edge:
    return Edge(
        upstream=Reference("table", upstream),
        downstream=Reference("table", B),
        column_edges=mappings,
        evidence=Evidence(**{"recorded_as": "QueryLineage", **evidence}),  # type: ignore[arg-type]
    )


def value(source: str, target: str, function: str | None = None) -> ColumnEdge:
    return ColumnEdge(upstream=(f"{A}.{source}",), downstream=f"{B}.{target}", function=function)


def catalog(*edges: Edge, more: tuple[Entity, ...] = ()) -> Snapshot:
    return Snapshot(entities=(*TABLES, *more), edges=edges)


def gap(kind: GapKind, subject: str, reason: str, **more: bool) -> Gap:
    part = Reference("column" if subject.count(".") > B.count(".") else "table", subject)
    return Gap(kind, part, f"the SQL that fills it {reason}", **more)


def test_sql_completes_mappings_and_adds_influences() -> None:
    sql = "insert into s.b (x) select md5(p) from s.a where k > 1"
    snapshot = catalog(recorded(value("p", "x"), sql=sql))
    answer = overlay(snapshot, [find_sql(snapshot)])
    (found,) = answer.snapshot.edges
    mapping, rows = found.column_edges
    assert (mapping.function, mapping.evidence_source) == ("MD5(p)", EDGE_SQL)
    assert (rows.upstream, rows.downstream, rows.influence) == ((f"{A}.k",), B, "filter")
    assert found.evidence.influences_known
    assert not answer.gaps


def test_what_sql_says_is_put_on_the_edge_that_it_is_of() -> None:
    sql = "insert into s.b (x, y) select md5(p), p || q from s.a where k > 1"
    edges = (recorded(value("p", "x"), sql=sql), recorded(value("p", "x"), sql=None))
    found = overlay(snapshot := catalog(*edges), [find_sql(snapshot)]).snapshot.edges
    (own,) = (edge for edge in found if edge.evidence.sql)
    assert [(item.upstream, item.influence) for item in own.column_edges] == [
        ((f"{A}.p",), None),
        ((f"{A}.k",), "filter"),
        ((f"{A}.p", f"{A}.q"), None),
    ]
    (other,) = (edge for edge in found if not edge.evidence.sql)
    assert other == edges[1]


def test_a_bare_edge_keeps_its_influences_and_gets_mappings_beside_it() -> None:
    sql = "insert into s.b (x) select o.p from s.a join s.a as o on s.a.k = o.k"
    snapshot = catalog(recorded(sql=sql))
    found = {
        edge.evidence.origin: edge
        for edge in overlay(snapshot, [find_sql(snapshot)]).snapshot.edges
    }
    assert [item.influence for item in found[Origin.RECORDED].column_edges] == ["join"]
    parsed = found[Origin.PARSED]
    assert [(item.pairs, item.evidence_source) for item in parsed.column_edges] == [
        (value("p", "x").pairs, EDGE_SQL)
    ]
    assert parsed.evidence.sql == sql


@pytest.mark.parametrize(
    ("sql", "gaps"),
    [
        (
            "insert into s.b (x) select p from elsewhere",
            [
                gap(
                    GapKind.EVIDENCE_NOT_MATCHED,
                    f"{B}.x",
                    "takes elsewhere, which is not in the catalog",
                ),
            ],
        ),
        (
            "insert into s.b (zz) select p from s.a",
            [
                gap(
                    GapKind.EVIDENCE_NOT_MATCHED,
                    B,
                    "fills column zz, which it lacks",
                    unmapped_only=True,
                )
            ],
        ),
        (
            "insert into s.b select p, q, k from s.a",
            [
                gap(
                    GapKind.EVIDENCE_NOT_MATCHED,
                    B,
                    "fills a column 3, which it lacks",
                    unmapped_only=True,
                )
            ],
        ),
        (
            "insert into s.b (x) select p from s.a where exists (select 1 from s.c)",
            [gap(GapKind.EVIDENCE_NOT_MATCHED, B, "takes s.c, which is not in the catalog")],
        ),
    ],
)
def test_what_sql_names_and_the_catalog_lacks_is_a_gap(sql: str, gaps: list[Gap]) -> None:
    assert list(find_sql(catalog(recorded(sql=sql))).gaps) == gaps


def test_a_table_that_may_be_one_of_several_is_a_gap() -> None:
    more = (table("pg.shop.t.c", "k"), table("pg.shop.u.c", "k"))
    sql = "insert into b (x) select c.k from c"
    (found,) = find_sql(catalog(recorded(sql=sql), more=more)).gaps
    assert (
        found.reason
        == "the SQL that fills it takes c, which may be table:pg.shop.t.c or table:pg.shop.u.c"
    )


def test_of_several_the_one_that_is_recorded_to_feed_it_is_meant() -> None:
    more = (table("pg.shop.t.c", "k"), table("pg.shop.u.c", "k"))
    sql = "insert into b (x) select c.k from c"
    edge = recorded(sql=sql, upstream="pg.shop.t.c")
    (report,) = find_sql(catalog(edge, more=more)).reports
    assert report.upstream.fqn == "pg.shop.t.c"


def test_of_two_tables_of_one_name_the_nearest_is_meant() -> None:
    sql = "insert into b (x) select p from a"
    (report,) = find_sql(
        catalog(recorded(sql=sql), more=(table("other.shop.s.a", "p q k"),))
    ).reports
    assert report.upstream.fqn == A


def reading_of(table_name: str, column: str) -> SqlReading:
    source = TableColumn((table_name,), column)
    return SqlReading(
        (Output("x", (source,), None, ()),), ((Influence.JOIN, source),), frozenset({source.table})
    )


def test_a_column_that_was_renamed_since_is_a_gap_at_what_it_fills() -> None:
    snapshot = catalog(recorded(sql="select 1"))
    gaps = find_sql(snapshot, read=lambda *_, **__: reading_of("a", "old")).gaps
    reason = f"takes column old of {A}, which is not in the catalog"
    assert set(gaps) == {
        gap(GapKind.EVIDENCE_NOT_MATCHED, f"{B}.x", reason),
        gap(GapKind.EVIDENCE_NOT_MATCHED, B, reason),
    }


def test_a_table_of_which_no_column_is_known_may_give_any() -> None:
    snapshot = catalog(
        recorded(sql="select 1", upstream="pg.shop.s.c"), more=(table("pg.shop.s.c", ""),)
    )
    (report,) = find_sql(snapshot, read=lambda *_, **__: reading_of("c", "z")).reports
    assert {(flow.source, flow.target) for flow in report.values} == {("pg.shop.s.c", f"{B}.x")}


def test_a_text_is_read_once_for_each_table_it_fills() -> None:
    texts = []

    def read(text: str, **_: object) -> SqlReading:
        texts.append(text)
        return reading_of("a", "p")

    more = (table("pg.shop.s.c", "p"),)
    edges = (recorded(sql="select 1"), recorded(sql="select 1", upstream="pg.shop.s.c"))
    find_sql(catalog(*edges, more=more), read=read)
    assert texts == ["select 1"]


def test_sql_is_read_in_the_dialect_of_its_service() -> None:
    tables = tuple(
        table(f"bq.proj.s.{name}", columns, service="BigQuery")
        for name, columns in (("a", "p"), ("b", "x"))
    )
    upstream, downstream = (item.reference for item in tables)
    sql = "select to_hex(sha256(p)) as x from `proj.s.a`"
    made = Edge(upstream=upstream, downstream=downstream, evidence=Evidence(sql=sql))
    (report,) = find_sql(Snapshot(entities=tables, edges=(made,))).reports
    assert [flow.function for flow in report.flows] == ["TO_HEX(SHA256(p))"]


@pytest.mark.parametrize(
    ("dialect", "function"), [("BigQuery", "TO_HEX(SHA256(p))"), ("mssql", None), ("klingon", None)]
)
def test_a_dialect_may_be_named_and_may_be_unknown(dialect: str, function: str | None) -> None:
    sql = "insert into b (x) select to_hex(sha256(p)) from `s.a`"
    facts = Statements(catalog()).facts(sql, Reference("table", B), dialect=dialect)
    functions = [flow.function for flows in facts.flows.values() for flow in flows]
    assert functions == ([function] if function else [])


@pytest.mark.parametrize(
    ("sql", "nothing"),
    [
        ("select 1; select 2", True),
        ("", True),
        ("insert into t select 1", False),
        ("select * into t from u", False),
        ("with x as (select 1) select * from x", True),
        ("create table t as select 1", False),
        ("delete from t", False),
        ("select from where", False),
        ("select " + "(" * 10_000, False),
    ],
)
def test_queries_alone_fill_nothing(sql: str, *, nothing: bool) -> None:
    assert Statements.fills_nothing(sql) is nothing


READ_WHOLE = "insert into s.b (x) select p from s.a"
TWINS = (table("pg.shop.t.c", "k"), table("pg.shop.u.c", "k"))


@pytest.mark.parametrize(
    ("sql", "more", "is_whole"),
    [
        (READ_WHOLE, (), True),
        (f"{READ_WHOLE} where k > 1", (), True),
        (f"{READ_WHOLE}; delete from s.b where x in (select k from s.a)", (), True),
        ("insert into s.b (x, z) select p, q from s.a", (), False),
        ("insert into s.b (x) select q from s.a", (), True),
        ("insert into b (x) select p from s.a where p in (select c.k from c)", (), False),
        ("insert into b (x) select p from s.a where p in (select c.k from c)", TWINS, False),
        ("select from where", (), False),
        ("", (), False),
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
def test_influences_are_known_where_all_of_the_sql_was_read_and_is_in_the_catalog(
    sql: str, more: tuple[Entity, ...], *, is_whole: bool
) -> None:
    snapshot = catalog(recorded(value("p", "x"), sql=sql), more=more)
    (found,) = (
        edge
        for edge in overlay(snapshot, [find_sql(snapshot)]).snapshot.edges
        if edge.upstream.fqn == A
    )
    assert found.evidence.influences_known is is_whole


def test_of_two_jobs_the_sql_of_one_does_not_make_all_influences_known() -> None:
    edges = (recorded(value("p", "x"), sql=READ_WHOLE), recorded(value("p", "x")))
    found = overlay(snapshot := catalog(*edges), [find_sql(snapshot)]).snapshot.edges
    assert [edge.evidence.influences_known for edge in found] == [False, False]


def influence_of_k(*edges: Edge) -> Reply:
    """Ask whether column k influences a model trained on x, once SQL was laid over."""
    sources = (FeatureSource(name="x", entity=Reference("table", B)),)
    feature = Feature(name="f", fqn="m.f", sources=sources)
    trained = MlModel(reference=Reference("mlmodel", "m"), features=(feature,))
    snapshot = catalog(*edges, more=(trained,))
    graph = build_graph(overlay(snapshot, [find_sql(snapshot)]).snapshot)
    register = Register(attributes=(Attribute(name="gender", columns=(f"{A}.k",)),))
    protected = find_protected(graph, register, "gender")
    return bias(graph, trained.reference, protected).reply(Question.INFLUENCE)


@pytest.mark.parametrize(
    ("sql", "says"),
    [(READ_WHOLE, "no"), (f"{READ_WHOLE} where k > 1", "yes"), ("select x from y", "unknown")],
)
def test_sql_that_was_read_can_say_no_to_influence(sql: str, says: str) -> None:
    assert str(influence_of_k(recorded(value("p", "x"), sql=sql)).says) == says


def test_of_two_jobs_the_sql_of_one_does_not_speak_for_the_other() -> None:
    one, other = recorded(value("p", "x"), sql=READ_WHOLE), recorded(value("p", "x"))
    reply = influence_of_k(one, other)
    assert [gap.kind for gap in reply.gaps] == [GapKind.INFLUENCE_UNKNOWN]


def test_what_fills_an_entity_of_which_nothing_is_known_counts_by_table() -> None:
    unread = Reference("table", "pg.shop.s.unread")
    edge = Edge(
        upstream=TABLES[0].reference, downstream=unread, evidence=Evidence(sql="select p from a")
    )
    (report,) = find_sql(catalog(edge)).reports
    assert report.is_bare
