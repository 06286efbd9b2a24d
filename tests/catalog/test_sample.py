"""The sample company holds together and shows all that it was made to show."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import httpx
import networkx as nx
import pytest

from lineage import fqn as names
from lineage.catalog.sample import load_sample, read_sample
from lineage.catalog.wsgi import Catalog
from lineage.governance.audit.audit import audit
from lineage.graph.build import build_graph
from lineage.model.edges import Edge
from lineage.model.reference import ENTITY_KINDS, GROUP_KINDS, Reference
from lineage.model.snapshot import Snapshot
from lineage.openmetadata.client import Client
from lineage.openmetadata.reader import read

Body = dict[str, Any]

RAW = {"shop_postgres", "loans_oracle", "parcels_mysql"}
SENSITIVE = {"PII.Sensitive", "PersonalData.Personal", "PersonalData.SpecialCategory"}
SHOP, LENDING = "shop_postgres.shop", "loans_oracle.LOANS.LENDING"

ENTITIES, EDGES, DELETED = read_sample()


class Mapping(NamedTuple):
    column: str
    part: str
    function: str | None


class Source(NamedTuple):
    model: str
    feature: str
    name: str
    entity: Reference


def of_kind(kind: str) -> dict[str, Body]:
    return {ref.fqn: body for ref, body in ENTITIES.items() if ref.kind == kind}


def layer(table: str) -> str:
    service, _, schema, _ = names.split(table)
    return "raw" if service in RAW else schema


def walk(above: str, columns: list[Body]) -> Iterator[tuple[str, Body]]:
    for column in columns:
        fqn = f"{above}.{names.quote(column['name'])}"
        yield fqn, column
        yield from walk(fqn, column.get("children", []))


def columns(table: str) -> dict[str, Body]:
    return dict(walk(table, TABLES[table]["columns"]))


def parts(entity: Reference) -> set[str]:
    """What a mapping may name: columns, features, or a dashboard's charts."""
    body = ENTITIES[entity]
    features = {f"{entity.fqn}.{names.quote(item['name'])}" for item in body.get("mlFeatures", ())}
    return {*body.get("charts", ()), *features, *dict(walk(entity.fqn, body.get("columns", [])))}


def references(value: object) -> Iterator[Reference]:
    if isinstance(value, Reference):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from references(item)


def ends(edge: Body) -> tuple[Reference, Reference]:
    return edge["edge"]["fromEntity"], edge["edge"]["toEntity"]


def details(edge: Body) -> Body:
    found: Body = edge["edge"]["lineageDetails"]
    return found


def mappings(edge: Body) -> list[Mapping]:
    return [
        Mapping(column, mapping["toColumn"], mapping.get("function"))
        for mapping in details(edge).get("columnsLineage", ())
        for column in mapping["fromColumns"]
    ]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A catalog into which the sample has been loaded once."""
    with Catalog(tmp_path_factory.mktemp("sample") / "catalog.db") as catalog:
        transport = httpx.WSGITransport(app=catalog)
        with Client("http://catalog.test", catalog.token, transport=transport) as client:
            load_sample(client)
            yield client


@pytest.fixture(scope="module")
def loaded(client: Client) -> Snapshot:
    return read(client)


def stored(client: Client, snapshot: Snapshot, edge: Body) -> Body:
    """Details of an edge as the catalog has them."""
    ids = {entity.reference: entity.id for entity in snapshot.entities}
    upstream, downstream = ends(edge)
    answer = client.get(f"/lineage/getLineageEdge/{ids[upstream]}/{ids[downstream]}")
    found: Body = answer["edge"]
    return found


TABLES, MODELS = of_kind("table"), of_kind("mlmodel")
MAPPINGS = [mapping for edge in EDGES for mapping in mappings(edge)]
SOURCES = [
    Source(fqn, feature["name"], source["name"], source["dataSource"])
    for fqn, body in MODELS.items()
    for feature in body["mlFeatures"]
    for source in feature.get("featureSources", ())
]
TAGS = {
    fqn: {tag["tagFQN"] for tag in column.get("tags", ())}
    for table in TABLES
    for fqn, column in columns(table).items()
}


# ------------------------------------------------------------------------- it holds together


def test_every_entity_stands_after_those_it_names() -> None:
    known: set[str] = set()
    for reference, body in ENTITIES.items():
        parents = {body[key] for key in ("service", "database", "databaseSchema") if key in body}
        named = {item.fqn for item in references(body)} | parents
        named |= {*body.get("charts", ()), *body.get("domains", ())}
        assert named <= known, reference
        known.add(reference.fqn)


def test_every_edge_and_its_pipeline_name_entities_that_exist() -> None:
    assert all(reference in ENTITIES for edge in EDGES for reference in references(edge))


def test_no_two_edges_join_the_same_two_entities() -> None:
    assert len({ends(edge) for edge in EDGES}) == len(EDGES)


def test_every_mapping_names_parts_that_exist() -> None:
    for edge in EDGES:
        upstream, downstream = map(parts, ends(edge))
        for mapping in mappings(edge):
            assert mapping.column in upstream
            assert mapping.part in downstream


def test_no_edge_maps_to_a_part_twice() -> None:
    for edge in EDGES:
        targets = [mapping["toColumn"] for mapping in details(edge).get("columnsLineage", ())]
        assert len(set(targets)) == len(targets), ends(edge)


def test_every_feature_source_but_two_names_a_column_by_its_very_name() -> None:
    odd = [s for s in SOURCES if f"{s.entity.fqn}.{names.quote(s.name)}" not in parts(s.entity)]
    assert [(item.model, item.feature, item.name) for item in odd] == [
        ("mlflow.churn", "days_since_last_order", "Days_Since_Last_Order"),
        ("mlflow.product_recommendation", "favourite_colour", "favourite_colour"),
    ]
    near = [names.join(*names.split(s.entity.fqn), s.name.lower()) in parts(s.entity) for s in odd]
    assert near == [True, False]


def test_every_table_and_model_has_its_place_in_the_lineage_but_the_bought_model() -> None:
    joined = {end for edge in EDGES for end in ends(edge)}
    joined |= {item.entity for item in SOURCES} | {Reference("mlmodel", s.model) for s in SOURCES}
    alone = [ref for ref in ENTITIES if ref.kind in {"table", "mlmodel"} and ref not in joined]
    assert alone == [Reference("mlmodel", "mlflow.fraud_screening")]


def test_every_downstream_task_is_a_task() -> None:
    for body in of_kind("pipeline").values():
        tasks = {task["name"] for task in body["tasks"]}
        assert all(tasks.issuperset(task["downstreamTasks"]) for task in body["tasks"])


# ------------------------------------------------------------------------------ it is all there


def test_it_has_as_many_entities_as_a_small_company() -> None:
    kinds = Counter(str(ref.kind) for ref in ENTITIES if ref.kind in ENTITY_KINDS)
    assert kinds == {"table": 43, "pipeline": 10, "dashboard": 5, "chart": 10, "mlmodel": 6}
    assert len(EDGES) == 56


def test_it_has_all_five_layers() -> None:
    tables = Counter(layer(table) for table in TABLES)
    assert tables == {"raw": 15, "staging": 10, "core": 7, "marts": 5, "features": 6}


def test_every_table_has_4_to_15_columns() -> None:
    assert {len(body["columns"]) for body in TABLES.values()} <= set(range(4, 16))


def test_nested_columns_go_three_levels_deep() -> None:
    assert f"{SHOP}.public.customers.address.geo.lat" in TAGS
    assert f"{SHOP}.public.web_events.device.screen.width" in TAGS


@pytest.mark.parametrize(
    "name",
    [
        'warehouse.analytics.core."dim.product".rating',
        f"{SHOP}.public.orders.delivery note",
        f'{SHOP}.public.products."size ("")"',
        f"{SHOP}.public.reviews.💬 comment",
        "parcels_mysql.default.parcels.tracking_pings.speed km/h",
        f"{LENDING}.APPLICANTS.DATE_OF_BIRTH",
    ],
)
def test_hostile_names_are_there_and_take_part_in_lineage(name: str) -> None:
    assert name in {mapping.column for mapping in MAPPINGS} | {
        names.join(*names.split(item.entity.fqn), item.name) for item in SOURCES
    }


def test_only_raw_columns_are_tagged_as_sensitive() -> None:
    assert {tag for tags in TAGS.values() for tag in tags} == SENSITIVE
    assert {layer(names.join(*names.split(fqn)[:4])) for fqn, tags in TAGS.items() if tags} == {
        "raw"
    }


def test_one_model_has_no_source_one_no_dashboard_and_one_no_owner() -> None:
    assert set(MODELS) - {item.model for item in SOURCES} == {"mlflow.fraud_screening"}
    assert [fqn for fqn, body in MODELS.items() if "dashboard" not in body] == [
        "mlflow.fraud_screening"
    ]
    assert [fqn for fqn, body in MODELS.items() if "owners" not in body] == [
        "mlflow.product_recommendation"
    ]


def test_some_features_have_sources_in_two_tables() -> None:
    entities: dict[tuple[str, str], set[Reference]] = {}
    for item in SOURCES:
        entities.setdefault((item.model, item.feature), set()).add(item.entity)
    assert sorted(feature for (_, feature), found in entities.items() if len(found) == 2) == [
        "debt_ratio",
        "liked",
        "orders_per_visit",
        "rated_demand",
    ]


def test_tables_feed_each_other_in_a_cycle_and_one_feeds_itself() -> None:
    graph = nx.DiGraph(ends(edge) for edge in EDGES)
    cycles = sorted(sorted(table.name for table in cycle) for cycle in nx.simple_cycles(graph))
    assert cycles == [["customer", "customer_scores"], ["weekly_sales"]]


def test_some_edges_know_only_the_tables() -> None:
    bare = [ends(edge) for edge in EDGES if not mappings(edge)]
    tables = [(up.name, down.name) for up, down in bare if {up.kind, down.kind} == {"table"}]
    assert tables == [("orders", "weekly_sales"), ("REPAYMENTS", "loan_book")]
    assert ("import_calendar", "calendar") in {(up.name, down.name) for up, down in bare}


def test_every_dashboard_is_fed_by_a_table() -> None:
    fed = {down.fqn for _, down in map(ends, EDGES) if down.kind == "dashboard"}
    assert fed == set(of_kind("dashboard"))


def test_some_edges_share_their_sql() -> None:
    statements = Counter(details(edge)["sqlQuery"] for edge in EDGES if "sqlQuery" in details(edge))
    assert sorted(statements.values(), reverse=True)[:5] == [3, 2, 2, 2, 1]


def test_edges_were_recorded_in_many_ways() -> None:
    assert {details(edge)["source"] for edge in EDGES} >= {
        *("QueryLineage", "PipelineLineage", "ViewLineage", "DbtLineage", "Manual"),
    }


def test_the_soft_deleted_table_stands_in_the_middle_of_a_path() -> None:
    [table] = DELETED
    upstream, downstream = zip(*map(ends, EDGES), strict=True)
    assert table in upstream
    assert table in downstream


# ------------------------------------------------------------------------- it tells its story


def test_the_email_address_leaves_the_shop_only_as_a_hash() -> None:
    email = f"{SHOP}.public.customers.email"
    assert [item[1:] for item in MAPPINGS if item.column == email] == [
        ("warehouse.analytics.staging.customer.email_hash", "sha256(email)")
    ]


@pytest.mark.parametrize(
    "column", [f"{SHOP}.public.customers.gender", f"{LENDING}.APPLICANTS.ETHNICITY"]
)
def test_a_protected_column_is_dropped_in_staging(column: str) -> None:
    assert TAGS[column] == {"PersonalData.SpecialCategory"}
    assert column not in {item.column for item in MAPPINGS}


def test_three_models_have_no_recorded_edge_and_one_has_half_of_its_mappings() -> None:
    recorded = {down.fqn: edge for edge in EDGES for down in ends(edge)[1:] if down.fqn in MODELS}
    assert set(recorded) == {"mlflow.credit_risk", "mlflow.delivery_time"}
    theirs = details(recorded["mlflow.credit_risk"])
    assert {"pipeline", "description"} <= set(theirs)
    assert [mapping["function"] for mapping in theirs["columnsLineage"]] == [
        "date_diff('year', date_of_birth, current_date)",
        "log(1 + annual_income)",
    ]
    declared = {item.feature for item in SOURCES if item.model == "mlflow.delivery_time"}
    written = {names.last(item.part) for item in mappings(recorded["mlflow.delivery_time"])}
    assert written == declared


# -------------------------------------------------------------------------- a catalog takes it


def test_loading_takes_one_request_for_each_thing_written(client: Client) -> None:
    before = client.requests_sent
    load_sample(client)
    assert client.requests_sent - before == len(ENTITIES) + len(EDGES) + len(DELETED)


def test_the_catalog_keeps_every_mapping(client: Client, loaded: Snapshot) -> None:
    for edge in EDGES:
        kept = stored(client, loaded, edge)["columnsLineage"]
        assert kept == details(edge).get("columnsLineage", []), ends(edge)


def test_the_catalog_keeps_all_that_is_known_of_an_edge(client: Client, loaded: Snapshot) -> None:
    for edge in EDGES:
        kept, sent = stored(client, loaded, edge), details(edge)
        for key in ("source", "sqlQuery", "description"):
            assert kept.get(key) == sent.get(key), ends(edge)
        pipeline = kept.get("pipeline", {}).get("fullyQualifiedName")
        assert pipeline == (sent["pipeline"].fqn if "pipeline" in sent else None)


def test_the_catalog_knows_every_name_tag_owner_and_domain(loaded: Snapshot) -> None:
    entities = {entity.reference: entity for entity in loaded.entities}
    assert set(entities) == {ref for ref in ENTITIES if ref.kind in ENTITY_KINDS | GROUP_KINDS}
    for reference, entity in entities.items():
        body = ENTITIES[reference]
        assert list(entity.owners) == body.get("owners", [])
        assert [domain.fqn for domain in entity.domains] == body.get("domains", [])
        assert [tag.fqn for tag in entity.tags] == [tag["tagFQN"] for tag in body.get("tags", [])]


def test_the_catalog_knows_every_column_with_its_tags(loaded: Snapshot) -> None:
    graph = build_graph(loaded)
    for fqn, tags in TAGS.items():
        column = graph.value(Reference("column", fqn))
        assert column is not None, fqn
        assert {tag.fqn for tag in getattr(column, "tags", ())} == tags


def test_only_the_retired_table_is_deleted(loaded: Snapshot) -> None:
    assert [entity.reference for entity in loaded.entities if entity.deleted] == list(DELETED)


def test_seven_edges_into_models_have_no_details_yet(loaded: Snapshot) -> None:
    bare = [edge for edge in loaded.edges if edge.evidence.recorded_as is None]
    assert Counter(edge.downstream.name for edge in bare) == {
        "churn": 2,
        "credit_risk": 1,
        "demand_forecast": 2,
        "product_recommendation": 2,
    }


def test_loading_twice_changes_nothing(client: Client, loaded: Snapshot) -> None:
    load_sample(client)
    assert [told(edge) for edge in read(client).edges] == [told(edge) for edge in loaded.edges]
    # The deleted table is restored and deleted again: two more versions of the same.
    before, after = (
        [replace(entity, updated_at=None, version=None) for entity in snapshot.entities]
        for snapshot in (loaded, read(client))
    )
    assert after == before
    assert [entity.version for entity in read(client).entities if not entity.deleted] == [
        entity.version for entity in loaded.entities if not entity.deleted
    ]


def told(edge: Edge) -> Edge:
    """The edge without when it was written."""
    return replace(edge, evidence=replace(edge.evidence, created_at=None, updated_at=None))


@pytest.mark.parametrize(
    ("model", "verdict", "reached_by"),
    [
        (
            "credit_risk",
            "reaches",
            [f"{LENDING}.APPLICANTS.DATE_OF_BIRTH", f"{SHOP}.public.customers.phone"],
        ),
        ("product_recommendation", "reaches", [f"{SHOP}.newsletter.subscribers.gender"]),
        ("churn", "reaches-masked", [f"{SHOP}.public.customers.email"]),
        ("demand_forecast", "reaches-by-table", [f"{SHOP}.public.orders.contact_phone"]),
        ("delivery_time", "no-value-path", []),
        ("fraud_screening", "unknown", []),
    ],
)
def test_each_model_gets_the_verdict_that_the_file_shows(
    loaded: Snapshot, model: str, verdict: str, reached_by: list[str]
) -> None:
    [found] = audit(build_graph(loaded), models=[Reference("mlmodel", f"mlflow.{model}")]).models
    assert found.verdict == verdict
    assert sorted(finding.sensitive.reference.fqn for finding in found.findings) == reached_by
    assert {str(finding.verdict) for finding in found.findings} <= {verdict}
