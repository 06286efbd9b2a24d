"""What facts mean in a catalog: names, origins, what is passed through, what is a gap."""

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from lineage.changes.desired import resolve_declaration
from lineage.evidence.dataset_mapping import DatasetNames
from lineage.graph.build import build_graph
from lineage.lifecycle.declare import Declared, declare
from lineage.lifecycle.facts import (
    ColumnFact,
    DatasetFact,
    DatasetName,
    FactGap,
    Facts,
    FeatureFact,
    FlowFact,
    InputFact,
    MappingFact,
    ModelFact,
    SourceFact,
)
from lineage.lifecycle.facts_snapshot import make_snapshot
from lineage.model.declaration import FactOrigin
from lineage.model.edges import Influence
from lineage.model.entities import Column, Entity, Feature, FeatureSource, MlModel, Pipeline, Tag
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import GapKind, Snapshot

PEOPLE, MARTS = DatasetName("pg", "shop.people"), DatasetName("pg", "shop.marts")
VIEW = DatasetName("feast:x", "view")
REGISTERED, INFERRED = FactOrigin.REGISTERED, FactOrigin.INFERRED


def table(name: str, columns: str) -> Entity:
    return Entity(
        reference=Reference(Kind.TABLE, name),
        id=name,
        columns=tuple(Column(name=one, fqn=f"{name}.{one}") for one in columns.split()),
    )


CHURN = MlModel(reference=Reference(Kind.MLMODEL, "ml.churn"), id="churn")
CATALOG = Snapshot(
    entities=(
        table("wh.db.shop.people", "age city"),
        table("wh.db.shop.marts", "age town"),
        Pipeline(reference=Reference(Kind.PIPELINE, "airflow.train"), id="train"),
        CHURN,
    )
)


def flow(
    upstream: DatasetName, downstream: DatasetName, *pairs: tuple[str, str], **options: Any
) -> FlowFact:
    return FlowFact(
        upstream=upstream,
        downstream=downstream,
        origin=options.pop("origin", REGISTERED),
        mappings=tuple(MappingFact(tuple(one.split()), other) for one, other in pairs),
        **options,
    )


def feature(name: str, *sources: SourceFact) -> FeatureFact:
    return FeatureFact(name=name, sources=sources)


def age_of(dataset: DatasetName, column: str = "age", origin: FactOrigin = REGISTERED) -> Facts:
    """Describe a model whose one feature comes from a column."""
    fact = ModelFact(name="churn", features=(feature("age", SourceFact(dataset, column, origin)),))
    return Facts(system="feast:x", models=(fact,))


def sources(declared: Declared) -> list[tuple[str, bool]]:
    (model,) = declared.declaration.models
    found = (source for item in model.features for source in item.sources or ())
    return [(source.column.text, source.is_resolved) for source in found]


def reasons(declared: Declared) -> list[str]:
    return [gap.reason for gap in declared.gaps]


def test_what_a_catalog_lacks_is_passed_through_by_columns() -> None:
    flows = Facts(system="feast:x", flows=(flow(PEOPLE, VIEW, ("age", "years")),))
    declared = declare([age_of(VIEW, "years"), flows], CATALOG)
    assert sources(declared) == [("wh.db.shop.people.age", True)]
    assert declared.gaps == ()


def test_an_unmapped_step_leaves_only_the_entities_connected() -> None:
    flows = Facts(system="feast:x", flows=(flow(PEOPLE, VIEW),))
    declared = declare([age_of(VIEW), flows], CATALOG)
    assert sources(declared) == [("feast:x/view:age", False)]
    (edge,) = declared.declaration.edges
    assert (edge.upstream.text, edge.downstream.text) == (
        "table:wh.db.shop.people",
        "mlmodel:ml.churn",
    )


def test_a_column_that_no_step_makes_is_a_gap() -> None:
    flows = Facts(system="feast:x", flows=(flow(PEOPLE, VIEW, ("age", "years")),))
    declared = declare([age_of(VIEW, "income"), flows], CATALOG)
    assert "nothing says what column 'income' of feast:x/view is made of" in reasons(declared)


def test_a_circle_of_steps_ends() -> None:
    flows = (flow(VIEW, VIEW, ("age", "age")), flow(PEOPLE, VIEW, ("age", "age")))
    declared = declare([age_of(VIEW), Facts(system="feast:x", flows=flows)], CATALOG)
    assert sources(declared) == [("wh.db.shop.people.age", True)]


def test_a_mapping_through_an_unmapped_step_is_a_gap() -> None:
    flows = (flow(PEOPLE, VIEW), flow(VIEW, MARTS, ("age", "age")))
    declared = declare([Facts(system="feast:x", flows=flows)], CATALOG)
    (edge,) = declared.declaration.edges
    assert edge.mappings == ()
    assert reasons(declared) == ["nothing says which columns of table:wh.db.shop.people make 'age'"]


def test_two_connections_of_which_one_names_columns_are_joined_and_a_gap() -> None:
    flows = (flow(PEOPLE, MARTS, ("age", "age")), flow(PEOPLE, MARTS))
    for order in permutations(flows):
        declared = declare([Facts(system="dbt:x", flows=order)], CATALOG)
        (edge,) = declared.declaration.edges
        assert [item.downstream.text for item in edge.mappings] == ["wh.db.shop.marts.age"]
        assert reasons(declared) == [
            "one of the connections with table:wh.db.shop.people does not say its columns"
        ]


def test_a_column_that_the_catalog_lacks_is_a_gap_with_the_nearest_name() -> None:
    declared = declare([age_of(PEOPLE, "agee")], CATALOG)
    assert sources(declared) == [("pg/shop.people:agee", False)]
    assert reasons(declared) == ["table:wh.db.shop.people has no column 'agee'; did you mean age?"]
    bare = Snapshot(entities=(CHURN, table("wh.db.shop.people", "")))
    assert "no columns of table:wh.db.shop.people are known, so 'age' is none of them" in reasons(
        declare([age_of(PEOPLE)], bare)
    )


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ({}, "pg/shop.peeple is not in the catalog; did you mean wh.db.shop.people?"),
        (
            {"namespaces": {"pg": "wh.shop"}},
            "pg/shop.peeple is not in the catalog under wh.shop; did you mean wh.db.shop.people?",
        ),
        ({"datasets": {"pg/shop.peeple": "wh.x"}}, "is said to be wh.x, which is not in the"),
    ],
)
def test_a_data_set_that_is_not_found_is_a_gap(names: dict[str, Any], message: str) -> None:
    wrong = age_of(DatasetName("pg", "shop.peeple"))
    declared = declare([wrong], CATALOG, names=DatasetNames(**names))
    assert any(message in reason for reason in reasons(declared))


def test_a_data_set_that_may_be_several_is_a_gap() -> None:
    other = Snapshot(entities=(*CATALOG.entities, table("lake.x.shop.people", "age")))
    declared = declare([age_of(PEOPLE)], other)
    assert "may be table:lake.x.shop.people, table:wh.db.shop.people" in reasons(declared)[0]
    said = DatasetNames(namespaces={"pg": "wh.db"})
    declared = declare([age_of(PEOPLE)], other, names=said)
    assert sources(declared) == [("wh.db.shop.people.age", True)]


@pytest.mark.parametrize(
    ("namespaces", "found"),
    [({}, 1), ({"feast": "ml"}, 1), ({"feast:x": "ml"}, 1), ({"feast:x": "other"}, 0)],
)
def test_a_model_is_found_by_its_service_or_by_its_name(
    namespaces: dict[str, str], found: int
) -> None:
    declared = declare([age_of(PEOPLE)], CATALOG, names=DatasetNames(namespaces=namespaces))
    assert len(declared.declaration.models) == found
    if not found:
        message = "mlmodel:other.churn is not in the catalog; did you mean ml.churn?"
        assert message in reasons(declared)[0]


def test_nothing_is_said_of_a_deleted_model() -> None:
    gone = MlModel(reference=CHURN.reference, deleted=True)
    declared = declare([age_of(PEOPLE)], Snapshot(entities=(gone,)))
    assert declared.declaration.models == ()
    assert "is soft-deleted" in reasons(declared)[0]


def test_two_systems_say_more_of_a_model_than_one_in_any_order() -> None:
    data = InputFact(PEOPLE, REGISTERED)
    logged = ModelFact(
        name="churn",
        algorithm="forest",
        pipeline="train",
        inputs=(data,),
        features=(FeatureFact(name="age"), FeatureFact(name="city")),
    )
    mlflow = Facts(system="mlflow:x", models=(logged,))
    for systems in permutations((mlflow, age_of(PEOPLE))):
        (model,) = declare(systems, CATALOG).declaration.models
        assert model.algorithm == "forest"
        assert {item.name.text: item.sources is None for item in model.features} == {
            "age": False,
            "city": True,
        }
    (edge,) = declare([mlflow], CATALOG).declaration.edges
    assert edge.pipeline is not None
    assert edge.pipeline.text == "pipeline:airflow.train"


def test_a_source_in_no_data_set_is_a_gap() -> None:
    fact = ModelFact(name="churn", features=(feature("age", SourceFact(None, "x", REGISTERED)),))
    declared = declare([Facts(system="feast:x", models=(fact,))], CATALOG)
    assert reasons(declared) == ["nothing says what holds 'x', which feature 'age' comes from"]


def test_what_is_inferred_of_a_flow_waits_for_a_word() -> None:
    facts = Facts(system="x:x", flows=(flow(PEOPLE, MARTS, ("age", "age"), origin=INFERRED),))
    assert declare([facts], CATALOG).declaration.edges[0].mappings == ()
    accepted = declare([facts], CATALOG, accept_inferred=True)
    assert len(accepted.declaration.edges[0].mappings) == 1


def test_what_follows_from_an_inferred_step_is_inferred() -> None:
    flows = Facts(system="x:x", flows=(flow(PEOPLE, VIEW, ("age", "age"), origin=INFERRED),))
    declared = declare([age_of(VIEW), flows], CATALOG)
    assert sources(declared) == [("feast:x/view:age", False)]
    assert sources(declare([age_of(VIEW), flows], CATALOG, accept_inferred=True)) == [
        ("wh.db.shop.people.age", True)
    ]


def test_gaps_of_readers_are_placed_in_the_catalog() -> None:
    gaps = (
        FactGap(kind=GapKind.NO_SOURCES, about="churn", reason="no signature"),
        FactGap(kind=GapKind.EVIDENCE_NOT_READ, about=PEOPLE, reason="no query"),
        FactGap(kind=GapKind.ENTITIES_NOT_READ, about=None, reason="no answer"),
    )
    declared = declare([Facts(system="x:x", gaps=gaps)], CATALOG)
    assert [(str(gap.subject), gap.reason) for gap in declared.gaps] == [
        ("None", "x:x: no answer"),
        ("table:wh.db.shop.people", "x:x: no query"),
        ("mlmodel:ml.churn", "x:x: no signature"),
    ]


def test_an_influence_is_declared_and_not_wanted_of_a_server() -> None:
    mapping = MappingFact(("city",), "", influence=Influence.FILTER)
    filtered = replace(flow(PEOPLE, MARTS), mappings=(mapping,))
    declared = declare([Facts(system="dbt:x", flows=(filtered,))], CATALOG)
    assert declared.declaration.edges[0].mappings[0].influence == Influence.FILTER
    (wanted,) = resolve_declaration(build_graph(CATALOG), declared.declaration).edges
    assert wanted.column_edges == ()


def test_sources_that_are_there_stay_where_one_is_not_resolved() -> None:
    known = FeatureSource(
        name="city",
        entity=Reference(Kind.TABLE, "wh.db.shop.people"),
        entity_id="wh.db.shop.people",
    )
    current = Feature(name="age", fqn="ml.churn.age", sources=(known,))
    model = MlModel(reference=CHURN.reference, id="churn", features=(current,))
    catalog = Snapshot(entities=(table("wh.db.shop.people", "age city"), model))

    def wanted(*columns: str) -> list[str]:
        found = tuple(SourceFact(PEOPLE, column, REGISTERED) for column in columns)
        fact = ModelFact(name="churn", features=(feature("age", *found),))
        declared = declare([Facts(system="x:x", models=(fact,))], catalog)
        (item,) = resolve_declaration(build_graph(catalog), declared.declaration).models
        return [source.name for source in item.features[0].sources]

    assert wanted("age") == ["age"]
    assert wanted("age", "income") == ["city", "age"]


def test_the_order_of_systems_changes_no_drawing() -> None:
    systems = (
        age_of(VIEW),
        Facts(system="a:x", flows=(flow(PEOPLE, VIEW, ("age", "age")),)),
        Facts(system="b:x", datasets=(DatasetFact(dataset=PEOPLE, owners=("crm",)),)),
    )
    drawn = [build_graph(make_snapshot(order)) for order in permutations(systems)]
    hops = [{(str(hop.upstream), str(hop.downstream)) for hop in graph.hops()} for graph in drawn]
    assert all(found == hops[0] for found in hops)
    assert ("column:feast:x.view.age", "feature:feast.churn.age") in hops[0]


def test_what_several_systems_say_of_a_data_set_is_joined_in_any_order() -> None:
    columns = (ColumnFact("age", "int", tags=("PII.Sensitive",)),)
    dbt = DatasetFact(dataset=PEOPLE, columns=columns, owners=("crm",), tags=("Tier.1",))
    logged = DatasetFact(dataset=PEOPLE, columns=(ColumnFact("age"), ColumnFact("city")))
    for facts in permutations((dbt, logged)):
        systems = [Facts(system="x:x", datasets=(one,)) for one in facts]
        (entity,) = make_snapshot(systems).entities
        assert {column.name: column.tags for column in entity.columns} == {
            "age": (Tag(fqn="PII.Sensitive"),),
            "city": (),
        }
        assert (entity.tags, entity.columns[0].data_type) == ((Tag(fqn="Tier.1"),), "int")


def test_tags_that_a_system_knows_are_on_the_entity_of_the_catalog() -> None:
    columns = (ColumnFact("AGE", tags=("PII.Sensitive",)),)
    facts = Facts(system="dbt:x", datasets=(DatasetFact(dataset=PEOPLE, columns=columns),))
    drawn = make_snapshot([facts], CATALOG)
    (people,) = [one for one in drawn.entities if one.reference.fqn == "wh.db.shop.people"]
    assert [column.tags for column in people.columns] == [(Tag(fqn="PII.Sensitive"),), ()]


def test_two_names_of_one_data_set_make_one_entity() -> None:
    spark, delta = DatasetName("spark", "crm.people"), DatasetName("delta", "crm.people")
    names = DatasetNames(namespaces={"spark": "lake", "delta": "lake"})
    facts = Facts(system="x:x", flows=(flow(PEOPLE, spark), flow(delta, MARTS)))
    drawn = make_snapshot([facts], CATALOG, names=names)
    assert [str(one.reference) for one in drawn.entities].count("table:lake.crm.people") == 1
    assert drawn.gaps == ()
