from dataclasses import replace

import pytest

from lineage.changes.desired import Desired, join_desired, resolve_declaration
from lineage.changes.edge_join import join_edges
from lineage.errors import LineageError, MistakenFile
from lineage.graph.build import build_graph
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.declaration import (
    Declaration,
    DeclaredEdge,
    DeclaredFeature,
    DeclaredMapping,
    DeclaredModel,
    DeclaredSource,
    Named,
)
from lineage.model.edges import Edge, Origin
from lineage.model.entities import Column, Dashboard, Entity, MlModel, Pipeline
from lineage.model.reference import Kind, Reference
from tests.builders import edge, entity, model, snapshot_of, table

ADDRESS = Column(name="street", fqn="a.address.street")
NESTED = Column(name="address", fqn="a.address", children=(ADDRESS,))
DOTTED = Column(name="b.c", fqn='a."b.c"')
A = Entity(
    reference=entity("a"),
    id="id-a",
    columns=(Column(name="x", fqn="a.x"), NESTED, DOTTED),
)
JOB = Pipeline(reference=Reference(Kind.PIPELINE, "jobs.load"), id="id-job")
BOARD = Dashboard(
    reference=Reference(Kind.DASHBOARD, "bi.board"),
    id="id-board",
    charts=(Reference(Kind.CHART, "bi.sales"),),
)
TWIN = Entity(reference=Reference(Kind.TOPIC, "b"), id="id-topic")


def graph() -> LineageGraph:
    items = (A, table("b", "y z"), TWIN, JOB, BOARD, model("m", age="a.x", size="b.y"))
    return build_graph(snapshot_of(*items, table("gone", "v", deleted=True)))


def file_of(*items: DeclaredEdge | DeclaredModel) -> Declaration:
    return Declaration(
        path="lineage.toml",
        edges=tuple(item for item in items if isinstance(item, DeclaredEdge)),
        models=tuple(item for item in items if isinstance(item, DeclaredModel)),
    )


def declared(ends: str, *mappings: str, line: int = 1, pipeline: str = "") -> DeclaredEdge:
    upstream, downstream = ends.split(">")
    return DeclaredEdge(
        upstream=Named(upstream, line),
        downstream=Named(downstream, line + 1),
        pipeline=Named(pipeline, line + 2) if pipeline else None,
        mappings=tuple(_mapping(text, line + 3 + number) for number, text in enumerate(mappings)),
    )


def _mapping(text: str, line: int) -> DeclaredMapping:
    sources, target = text.split(">")
    columns = tuple(Named(name, line) for name in sources.split("+"))
    return DeclaredMapping(upstream=columns, downstream=Named(target, line), function="f")


def mistakes(*items: DeclaredEdge | DeclaredModel) -> list[tuple[int, str]]:
    with pytest.raises(MistakenFile) as refused:
        resolve_declaration(graph(), file_of(*items))
    return [(line, reason) for line, _, reason in refused.value.mistakes]


def test_columns_are_named_inside_their_entity_or_in_full() -> None:
    wanted = declared(
        "a>mlmodel:m", "x+a.address>age", "address.street+b.c>m.size", pipeline="jobs.load"
    )
    (found,) = resolve_declaration(graph(), file_of(wanted)).edges
    assert found.evidence.origin == Origin.DECLARED
    assert found.evidence.pipeline == JOB.reference
    assert [(item.upstream, item.downstream, item.function) for item in found.column_edges] == [
        (("a.x", "a.address"), "m.age", "f"),
        (("a.address.street", 'a."b.c"'), "m.size", "f"),
    ]


def test_charts_of_a_dashboard_are_its_parts() -> None:
    (found,) = resolve_declaration(graph(), file_of(declared("a>bi.board", "x>sales"))).edges
    assert found.column_edges[0].downstream == "bi.sales"


def test_every_wrong_name_is_reported_with_its_line_and_the_nearest() -> None:
    first = declared("a>mm", "xx>age", line=1, pipeline="jobs.loadd")
    second = declared("a>m", "x+addrezz>age", "x>agee", line=10)
    assert mistakes(first, second) == [
        (2, "no entity is called 'mm'; did you mean m?"),
        (3, "no pipeline or storedProcedure is called 'jobs.loadd'; did you mean jobs.load?"),
        (13, "a has no column 'addrezz'; did you mean address?"),
        (14, "m has no feature 'agee'; did you mean age?"),
    ]


def test_a_short_name_is_no_full_name() -> None:
    assert mistakes(declared("load>m")) == [
        (1, "no entity is called 'load'; names are written in full: did you mean jobs.load?")
    ]


def test_a_name_of_two_entities_must_say_which() -> None:
    assert mistakes(declared("b>m")) == [(1, "'b' may mean table:b or topic:b: write which")]
    (found,) = resolve_declaration(graph(), file_of(declared("topic:b>m"))).edges
    assert found.upstream == TWIN.reference


def test_an_entity_of_another_kind_and_one_without_columns() -> None:
    said = mistakes(declared("jobs.load>m", "x>age", pipeline="bi.board"))
    assert said == [
        (3, "dashboard:bi.board is no pipeline or storedProcedure"),
        (4, "pipeline:jobs.load has no columns, so there is no 'x'"),
    ]


def test_what_is_known_by_name_only_cannot_be_written_at() -> None:
    known = build_graph(snapshot_of(A, edge("a>b")))
    with pytest.raises(MistakenFile, match="table:b is known by name only"):
        resolve_declaration(known, file_of(declared("a>b")))


def test_an_edge_declared_twice_names_the_first_line() -> None:
    assert mistakes(declared("a>m", line=1), declared("table:a>mlmodel:m", line=8)) == [
        (8, "this is declared already, on line 1: join the two")
    ]


def test_a_model_keeps_what_the_file_does_not_say() -> None:
    said = DeclaredModel(
        name=Named("m", 1),
        target="left",
        features=(DeclaredFeature(name=Named("age", 3), description="In years."),),
        tags=("Tier.Tier1",),
    )
    before = graph().model(entity("m"))
    (after,) = resolve_declaration(graph(), file_of(said)).models
    assert (after.target, after.tags[0].fqn) == ("left", "Tier.Tier1")
    assert after.features[0].description == "In years."
    assert after.features[0].sources == before.features[0].sources
    assert after.features[1] == before.features[1]


def test_declared_sources_are_edges_too_and_a_new_feature_can_be_mapped_to() -> None:
    street = DeclaredSource(column=Named("a.address.street", 5), data_type="string")
    size = DeclaredSource(column=Named("table:b.y", 6))
    said = DeclaredModel(
        name=Named("m", 1),
        features=(DeclaredFeature(name=Named("new.one", 3), sources=(street,)),),
    )
    found = resolve_declaration(graph(), file_of(said, declared("table:b>m", "z>new.one")))
    feature = found.models[0].features[-1]
    (source,) = feature.sources
    assert feature.fqn == 'm."new.one"'
    assert (source.name, source.entity, source.entity_id, source.data_type) == (
        "address.street",
        entity("a"),
        "id-a",
        "string",
    )
    pairs = [(item.upstream.fqn, item.column_edges[0].downstream) for item in found.edges]
    assert pairs == [("a", feature.fqn), ("b", feature.fqn)]
    assert (
        mistakes(
            DeclaredModel(
                name=Named("m", 1),
                features=(DeclaredFeature(name=Named("age", 3), sources=(size,)),),
            )
        )[0][0]
        == 6
    )


def test_a_source_that_is_declared_already_stays_as_it_is() -> None:
    source = DeclaredSource(column=Named("a.x", 5))
    said = DeclaredModel(
        name=Named("m", 1), features=(DeclaredFeature(name=Named("age", 3), sources=(source,)),)
    )
    found = resolve_declaration(graph(), file_of(said))
    assert found.models[0] == graph().model(entity("m"))
    assert [item.column_edges[0].upstream for item in found.edges] == [("a.x",)]


def test_a_feature_named_twice_and_a_deleted_model_are_mistakes() -> None:
    twice = (DeclaredFeature(name=Named("age", 3)), DeclaredFeature(name=Named("age", 9)))
    said = mistakes(DeclaredModel(name=Named("m", 1), features=twice))
    assert said == [(9, "this feature is there already, on line 3")]
    deleted = build_graph(snapshot_of(MlModel(reference=entity("m"), id="1", deleted=True)))
    with pytest.raises(MistakenFile, match="soft-deleted, and a change would restore it"):
        resolve_declaration(deleted, file_of(DeclaredModel(name=Named("m", 1))))


TWICE = Entity(
    reference=entity("t"),
    id="id-t",
    columns=(
        Column(name="street", fqn="t.street"),
        Column(
            name="address",
            fqn="t.address",
            children=(Column(name="street", fqn="t.address.street"),),
        ),
        Column(name="a.b", fqn='t."a.b"'),
        Column(name="a", fqn="t.a", children=(Column(name="b", fqn="t.a.b"),)),
    ),
)


def sourced(*columns: str, current: str = "t.street") -> tuple[str, ...]:
    """Want a feature with some sources; give the columns that the sources resolve to."""
    snapshot = snapshot_of(TWICE, model("m", f=current))
    sources = tuple(DeclaredSource(column=Named(name, 1)) for name in columns)
    wanted = DeclaredModel(
        name=Named("m", 1), features=(DeclaredFeature(name=Named("f", 1), sources=sources),)
    )
    (made,) = resolve_declaration(build_graph(snapshot), file_of(wanted)).models
    built = build_graph(replace(snapshot, entities=(TWICE, made)))
    hops = [hop for hop in built.hops() if hop.column_edge is not None]
    return tuple(hop.upstream.fqn for hop in hops)


def test_a_source_of_a_nested_column_is_not_taken_for_one_that_is_called_alike() -> None:
    assert sourced("t.address.street") == ("t.address.street",)
    assert sourced("t.street", current="t.address.street") == ("t.street",)
    assert sourced("t.street", "t.address.street") == ("t.street", "t.address.street")


def test_a_column_with_a_dot_in_its_name_is_not_taken_for_a_nested_one() -> None:
    assert sourced('t."a.b"') == ('t."a.b"',)


def test_a_column_that_no_source_can_name_alone_is_a_mistake() -> None:
    other = Column(name="c", fqn="t.c", children=(Column(name="b", fqn="t.c.b"),))
    crowded = replace(TWICE, columns=(*TWICE.columns, other))
    source = DeclaredSource(column=Named("t.a.b", 7))
    wanted = DeclaredModel(
        name=Named("m", 1), features=(DeclaredFeature(name=Named("f", 1), sources=(source,)),)
    )
    built = build_graph(snapshot_of(crowded, model("m", f="t.street")))
    with pytest.raises(MistakenFile, match="several columns that a source may call so"):
        resolve_declaration(built, file_of(wanted))


def test_a_name_that_may_mean_two_columns_is_a_mistake() -> None:
    built = build_graph(snapshot_of(TWICE, table("b", "z")))
    wanted = declared("t>b", "a.b>z")
    with pytest.raises(MistakenFile, match=r"in t, 'a\.b' may mean") as caught:
        resolve_declaration(built, file_of(wanted))
    assert "write it in another form" in str(caught.value)
    (edge_,) = resolve_declaration(built, file_of(declared("t>b", 't."a.b">z'))).edges
    assert edge_.column_edges[0].upstream == ('t."a.b"',)


def test_what_several_files_say_of_one_mapping_is_joined_without_losing_a_function() -> None:
    bare = Desired(edges=(edge("a>b", "x>y"),), states_functions=False)
    rounded = Desired(edges=(edge("a>b", "x>y:round"),), states_functions=False)
    raw = Desired(edges=(edge("a>b", "x>y"),))
    for parts, functions in (
        ((bare, rounded), ["round"]),
        ((rounded, bare), ["round"]),
        ((raw, rounded), [None, "round"]),
        ((bare, raw), [None]),
        ((bare, bare), [None]),
    ):
        (joined,) = join_desired(parts).edges
        assert [one.function for one in joined.column_edges] == functions


def test_files_that_state_different_facts_of_one_edge_are_reported() -> None:
    one, other = (Desired(edges=(edge("a>b", sql=text),)) for text in ("1", "2"))
    joined = join_desired((one, other))
    assert joined.edges[0].evidence.sql == "1"
    assert [gap.reason for gap in joined.gaps] == [
        "table:a feeds it, with two texts of SQL: the first is kept"
    ]
    assert join_desired((one, one)).gaps == ()


def test_joined_edges_keep_every_function_and_the_first_of_other_facts() -> None:
    one = edge("a>b", "x>y:f", sql="select 1")
    other = edge("a>b", "x>y:g", "x>z", sql="select 2", description="Nightly.")
    (joined,) = join_edges((one, other))
    assert [(item.downstream, item.function) for item in joined.column_edges] == [
        ("b.y", "f"),
        ("b.y", "g"),
        ("b.z", None),
    ]
    assert (joined.evidence.sql, joined.evidence.description) == ("select 1", "Nightly.")


def test_two_files_may_not_describe_one_model() -> None:
    described = Desired(models=(MlModel(reference=entity("m")),))
    with pytest.raises(LineageError, match="two files describe mlmodel:m"):
        join_desired((described, described))
    edges: tuple[Edge, ...] = (edge("a>b"),)
    assert join_desired((Desired(edges=edges), described)).edges == edges
