import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from lineage.catalog.entity_store import as_json
from lineage.catalog.wsgi import Catalog
from tests.catalog.calls import Body, column, edge, get, put, reference, refused, table
from tests.catalog.conftest import World

IN_ORDER = {"q": "*", "sort_field": "fullyQualifiedName", "sort_order": "asc"}


def hits(api: httpx.Client, index: str, **params: Any) -> list[Body]:
    answer = get(api, "search/query", **{**IN_ORDER, "index": index, **params})
    found: list[Body] = answer["hits"]["hits"]
    return found


def found(api: httpx.Client, index: str, **params: Any) -> list[str]:
    return [hit["_source"]["fullyQualifiedName"] for hit in hits(api, index, **params)]


def walk(api: httpx.Client, index: str, size: int) -> Iterator[str]:
    after: dict[str, object] = {}
    while page := hits(api, index, size=size, **after):
        yield from (hit["_source"]["fullyQualifiedName"] for hit in page)
        after = {"search_after": page[-1]["sort"]}


@pytest.fixture
def many(
    api: httpx.Client,
    world: World,  # noqa: ARG001 - it has to be there first
) -> list[str]:
    names = [f"t{turn:02}" for turn in range(12)]
    api.put("tables/bulk", json=[table(name, column("c")) for name in names])
    return [f"pg.hr.public.{name}" for name in ("pay", "people", *names)]


@pytest.mark.parametrize("size", [1, 5, 14, 10_000])
def test_pages_give_every_document_once(api: httpx.Client, many: list[str], size: int) -> None:
    assert list(walk(api, "table_search_index", size)) == many


def test_hits_are_counted_sorted_and_say_where_they_are_from(
    api: httpx.Client, many: list[str]
) -> None:
    answer = get(api, "search/query", **{**IN_ORDER, "sort_order": "desc"}, size=2)["hits"]
    assert answer["total"] == {"relation": "eq", "value": 14}
    first = answer["hits"][0]
    assert first["_index"] == "table_search_index"
    assert first["_id"] == first["_source"]["id"]
    assert [hit["sort"] for hit in answer["hits"]] == [[many[-1]], [many[-2]]]


def test_pages_can_be_skipped_within_the_window(api: httpx.Client, many: list[str]) -> None:
    parameters: dict[str, Any] = {**IN_ORDER, "from": 12, "size": 5}
    answer = get(api, "search/query", **parameters)["hits"]["hits"]
    assert [hit["_source"]["fullyQualifiedName"] for hit in answer] == many[12:]
    beyond = {**parameters, "from": 9_999, "size": 2}
    refused(api.get("search/query", params=beyond), 400, "Result window is too large")


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ({"q": "people"}, 400),
        ({"query_filter": "{"}, 400),
        ({"query_filter": '{"query": {"match": {"name": "x"}}}'}, 400),
        ({"post_filter": "{}"}, 400),
        ({"index": "nonsense"}, 404),
        ({"sort_field": "colour"}, 400),
        ({"sort_order": "up"}, 400),
        ({"size": "-1"}, 400),
        ({"from": "x"}, 400),
        ({"deleted": "maybe"}, 400),
        ({"search_after": ["a", "b"]}, 400),
        ({"sort_field": "_score", "search_after": "a"}, 400),
    ],
)
def test_what_cannot_be_searched_for_is_refused(
    api: httpx.Client, parameters: dict[str, Any], status: int
) -> None:
    refused(api.get("search/query", params={**IN_ORDER, **parameters}), status)


def test_without_an_order_search_after_leads_nowhere(api: httpx.Client, many: list[str]) -> None:
    unordered = {"sort_field": "_score", "sort_order": "desc"}
    assert len(hits(api, "table", **unordered, size=20)) == len(many)
    assert hits(api, "table", **unordered, search_after="1.0") == []


@pytest.mark.parametrize("version", ["2.0.7", "1.13.0"])
def test_a_comma_in_a_name_breaks_the_older_form_of_search_after(
    tmp_path: Path, version: str
) -> None:
    with (
        Catalog(tmp_path / "catalog.db", server_version=version) as catalog,
        in_process(catalog) as api,
    ):
        for name in ("a,b", "c"):
            put(api, "services/databaseServices", name=name, serviceType="Mysql")
        parameters = {**IN_ORDER, "index": "databaseService", "search_after": "a,b"}
        reply = api.get("search/query", params=parameters)
        if version.startswith("1"):
            refused(reply, 400, "search_after has 2 value(s) but sort has 1")
        else:
            assert [hit["sort"] for hit in reply.json()["hits"]["hits"]] == [["c"]]


def in_process(catalog: Catalog) -> httpx.Client:
    return httpx.Client(
        transport=httpx.WSGITransport(app=catalog),
        base_url="http://catalog/api/v1/",
        headers={"Authorization": f"Bearer {catalog.token}"},
    )


@pytest.mark.usefixtures("world")
def test_an_index_is_known_by_its_name_and_by_its_kind(api: httpx.Client) -> None:
    assert found(api, "mlmodel_search_index") == found(api, "mlmodel") == ["mlf.churn"]
    assert found(api, "dashboard_data_model_search_index") == []
    assert found(api, "mlmodel,pipeline_search_index") == ["af.etl", "mlf.churn"]
    every = found(api, "dataAsset", size=100)
    assert {"pg.hr.public.people", "mlf.churn", "af.etl", "bi.board"} <= set(every)
    assert "PII.Sensitive" not in every


def test_deleted_documents_come_only_when_asked(api: httpx.Client, world: World) -> None:
    api.delete(f"tables/{world.pay['id']}")
    assert found(api, "table") == ["pg.hr.public.people"]
    assert found(api, "table", deleted="true") == ["pg.hr.public.pay"]


def test_a_document_of_a_model_says_all_about_it(api: httpx.Client, world: World) -> None:
    [hit] = hits(api, "mlmodel")
    source = hit["_source"]
    assert source["dashboard"]["fullyQualifiedName"] == "bi.board"
    assert (source["entityType"], source["deleted"]) == ("mlmodel", False)
    assert source["id"] == world.churn["id"]


def test_only_the_fields_that_are_wanted_come(api: httpx.Client, world: World) -> None:
    [hit] = hits(
        api,
        "mlmodel",
        include_source_fields=["id", "mlFeatures.name", "upstreamLineage.fromEntity.id"],
    )
    assert hit["_source"] == {
        "id": world.churn["id"],
        "mlFeatures": [{"name": "age"}, {"name": "salary"}],
        "upstreamLineage": [{"fromEntity": {"id": world.people["id"]}}],
    }


@pytest.mark.usefixtures("world")
def test_a_document_without_lineage_says_so(api: httpx.Client) -> None:
    assert [hit["_source"]["upstreamLineage"] for hit in hits(api, "table")] == [[], []]


def test_an_edge_made_of_a_feature_source_has_no_details(api: httpx.Client, world: World) -> None:
    [hit] = hits(api, "mlmodel")
    [item] = hit["_source"]["upstreamLineage"]
    assert item.keys() == {"fromEntity", "docId", "docUniqueId", "columns"}
    assert item["columns"] == []
    assert item["fromEntity"]["fullyQualifiedName"] == world.people["fullyQualifiedName"]


def test_an_edge_in_the_index_is_that_of_the_database(api: httpx.Client, world: World) -> None:
    mapping = {"fromColumns": ["pg.hr.public.people.id"], "toColumn": "pg.hr.public.pay.id"}
    body = edge(
        world.people_reference,
        world.pay_reference,
        sqlQuery="select 1",
        description="d",
        pipeline=world.etl_reference,
        columnsLineage=[mapping],
    )
    api.put("lineage", json=body)
    [source] = [hit["_source"] for hit in hits(api, "table", size=1)]
    [item] = source["upstreamLineage"]
    assert item["columns"] == [mapping]
    assert (item["pipelineEntityType"], item["pipeline"]["name"]) == ("pipeline", "etl")
    assert source["lineageSqlQueries"] == {item["sqlQueryKey"]: "select 1"}
    assert "toEntity" not in item
    assert item["docUniqueId"] == f"{world.people['id']}--->{world.pay['id']}"


def test_a_statement_on_two_edges_is_reported_once(api: httpx.Client, world: World) -> None:
    third = reference(put(api, "tables", **table("third", column("c"))), "table")
    for upstream, sql in ((world.people_reference, "a"), (third, "a"), (world.etl_reference, "b")):
        api.put("lineage", json=edge(upstream, world.pay_reference, sqlQuery=sql))
    [source] = [hit["_source"] for hit in hits(api, "table", size=1)]
    keys = [item["sqlQueryKey"] for item in source["upstreamLineage"]]
    assert [source["lineageSqlQueries"][key] for key in keys] == ["a", "a", "b"]
    assert len(source["lineageSqlQueries"]) == 2


def test_a_pipeline_that_is_gone_is_reported_as_the_edge_remembers_it(
    api: httpx.Client, world: World
) -> None:
    pipeline = world.etl_reference
    api.put("lineage", json=edge(world.people_reference, world.pay_reference, pipeline=pipeline))
    api.delete(f"pipelines/{world.etl['id']}", params={"hardDelete": "true"})
    [hit] = hits(api, "table", size=1)
    [item] = hit["_source"]["upstreamLineage"]
    assert item["pipeline"]["fullyQualifiedName"] == "af.etl"


def test_hits_are_counted_as_far_as_the_window_goes_unless_asked_exactly(
    api: httpx.Client,
) -> None:
    bodies = [{"name": f"s{number}", "serviceType": "Mysql"} for number in range(10_001)]
    api.put("services/databaseServices/bulk", json=bodies, timeout=60)
    parameters = {"index": "databaseService", "size": 0}
    total = get(api, "search/query", **parameters)["hits"]["total"]
    assert total == {"relation": "gte", "value": 10_000}
    total = get(api, "search/query", **parameters, track_total_hits="true")["hits"]["total"]
    assert total == {"relation": "eq", "value": 10_001}


def test_an_edge_from_what_is_gone_stays_in_the_index(api: httpx.Client, world: World) -> None:
    gone, model = world.people["id"], world.churn["id"]
    api.delete(f"tables/{gone}", params={"hardDelete": "true"})
    [hit] = hits(api, "mlmodel")
    [item] = hit["_source"]["upstreamLineage"]
    assert item["fromEntity"]["fullyQualifiedName"] == world.people["fullyQualifiedName"]
    assert get(api, f"lineage/mlmodel/{model}")["upstreamEdges"] == []


def test_the_edges_between_services_are_in_their_indexes(api: httpx.Client, world: World) -> None:
    api.put("lineage", json=edge(world.pay_reference, world.churn_reference))
    [hit] = hits(api, "mlmodelService")
    [item] = hit["_source"]["upstreamLineage"]
    assert (item["source"], item["assetEdges"]) == ("ChildAssets", 1)


def test_a_document_that_is_too_large_loses_first_the_statements_then_the_lineage(
    tmp_path: Path,
) -> None:
    path = tmp_path / "catalog.db"
    with Catalog(path) as catalog, in_process(catalog) as api:
        put(api, "services/databaseServices", name="pg", serviceType="Postgres")
        put(api, "databases", name="hr", service="pg")
        put(api, "databaseSchemas", name="public", database="pg.hr")
        ends = [reference(put(api, "tables", **table(name, column("c"))), "table") for name in "ab"]
        api.put("lineage", json=edge(*ends, sqlQuery="select " + "1 + " * 1000))
        whole = [hit["_source"] for hit in hits(api, "table")][1]
    assert {"lineageSqlQueries", "upstreamLineage"} <= whole.keys()
    size = len(as_json(whole))
    for limit, kept in ((size - 2000, {"upstreamLineage"}), (200, set())):
        with Catalog(path, document_limit=limit) as catalog, in_process(catalog) as api:
            cut = [hit["_source"] for hit in hits(api, "table")][1]
            assert cut.keys() & {"lineageSqlQueries", "upstreamLineage"} == kept


def query(*clauses: Body, word: str = "must") -> str:
    return json.dumps({"query": {"bool": {word: list(clauses)}}})


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("{}", ["af.etl", "mlf.churn"]),
        (query(), ["af.etl", "mlf.churn"]),
        (query({"match_all": {}}), ["af.etl", "mlf.churn"]),
        (query({"term": {"entityType": "pipeline"}}), ["af.etl"]),
        (query({"term": {"entityType.keyword": {"value": "mlmodel"}}}), ["mlf.churn"]),
        (query({"terms": {"fullyQualifiedName": ["af.etl", "x"]}}, word="filter"), ["af.etl"]),
        (query({"bool": {"must": {"term": {"name": "etl"}}}}), ["af.etl"]),
        (query({"term": {"name": "etl"}}, {"term": {"entityType": "mlmodel"}}), []),
    ],
)
def test_documents_are_filtered(api: httpx.Client, asked: str, expected: list[str]) -> None:
    assert found(api, "mlmodel,pipeline", query_filter=asked) == expected


@pytest.mark.parametrize(
    "asked",
    [
        "[]",
        "1",
        "nonsense",
        "[" * 5000,
        '{"size": 1}',
        query({"match": {"name": "x"}}),
        query({"term": {"colour": "red"}}),
        query({"term": {"deleted": "yes"}}),
        query({"term": {"name": 1}}),
        query({"term": {"name": "x"}}, word="must_not"),
    ],
)
def test_a_filter_that_is_not_understood_is_refused(api: httpx.Client, asked: str) -> None:
    refused(api.get("search/query", params={"query_filter": asked}), 400)


@pytest.mark.parametrize(("version", "expected"), [("1.13.0", []), ("2.0.7", ["gone"])])
def test_since_2_0_a_filter_may_ask_for_the_deleted(
    tmp_path: Path, version: str, expected: list[str]
) -> None:
    with (
        Catalog(tmp_path / "catalog.db", server_version=version) as catalog,
        in_process(catalog) as api,
    ):
        gone = put(api, "services/databaseServices", name="gone", serviceType="Mysql")
        api.delete(f"services/databaseServices/{gone['id']}")
        asked = {"query_filter": query({"term": {"deleted": True}})}
        assert found(api, "databaseService", **asked) == expected
        assert found(api, "databaseService", **asked, deleted="true") == ["gone"]
        assert found(api, "databaseService", **asked, deleted="false") == []


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("fullyQualifiedName", "pg.hr.public.pay", ["pg.hr.public.pay"]),
        ("fullyQualifiedName", "pg.hr.*", ["pg.hr.public.pay", "pg.hr.public.people"]),
        ("fullyQualifiedName", "pg.hr.public.pa?", ["pg.hr.public.pay"]),
        ("fullyQualifiedName", "PG.HR.*", []),
        ("name.keyword", "p[ae]*", []),
        ("name", "pay", ["pg.hr.public.pay"]),
    ],
)
def test_a_field_is_searched_by_a_pattern(
    api: httpx.Client, field: str, value: str, expected: list[str]
) -> None:
    parameters = {"fieldName": field, "fieldValue": value, "from": 0, "size": 10}
    answer = get(api, "search/fieldQuery", **parameters, index="table_search_index")
    names = [hit["_source"]["fullyQualifiedName"] for hit in answer["hits"]["hits"]]
    assert sorted(names) == expected
    assert answer["hits"]["total"] == {"relation": "eq", "value": len(expected)}


def test_a_field_query_gives_ten_at_most_whatever_is_asked(
    api: httpx.Client, many: list[str]
) -> None:
    parameters = {"fieldName": "fullyQualifiedName", "fieldValue": "*", "from": 5, "size": 100}
    answer = get(api, "search/fieldQuery", **parameters)
    assert len(answer["hits"]["hits"]) == 10 < len(many)


def test_a_field_that_is_not_searched_by_is_refused(api: httpx.Client) -> None:
    parameters = {"fieldName": "colour", "fieldValue": "red"}
    refused(api.get("search/fieldQuery", params=parameters), 400)
    refused(api.get("search/fieldQuery", params={"fieldValue": "red"}), 400)
