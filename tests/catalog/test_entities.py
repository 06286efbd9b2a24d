from typing import Any

import httpx
import pytest

from lineage.catalog.entity_kinds import KINDS
from tests.catalog.calls import (
    REQUESTS,
    Body,
    column,
    get,
    label,
    made,
    patch,
    put,
    reference,
    refused,
    table,
    unmarked,
)
from tests.catalog.conftest import Clock, World

pytestmark = pytest.mark.usefixtures("world")

NOBODY = "00000000-0000-4000-8000-000000000000"


def test_every_kind_can_be_created(every_kind: dict[str, Body]) -> None:
    assert every_kind.keys() == KINDS.keys()
    assert all(entity["version"] == 0.1 for entity in every_kind.values())


def test_every_kind_reads_back_the_same_by_id_by_name_and_in_a_list(
    api: httpx.Client, every_kind: dict[str, Body]
) -> None:
    for kind, entity in every_kind.items():
        path = KINDS[kind].collection
        by_id = get(api, f"{path}/{entity['id']}", fields="*")
        by_name = get(api, f"{path}/name/{entity['fullyQualifiedName']}", fields="*")
        listed = get(api, path, fields="*", limit=100)["data"]
        assert by_id == by_name == entity
        missing = KINDS[kind].unlisted
        assert {key: value for key, value in entity.items() if key not in missing} in listed


def test_every_kind_put_again_is_the_same_entity_in_the_same_version(
    api: httpx.Client, every_kind: dict[str, Body]
) -> None:
    for kind, request in REQUESTS.items():
        assert made(api, KINDS[kind].collection, name="x", **request) == every_kind[kind]


def test_every_kind_takes_an_empty_patch_without_a_change(
    api: httpx.Client, every_kind: dict[str, Body]
) -> None:
    for kind, entity in every_kind.items():
        reply = patch(api, f"{KINDS[kind].collection}/{entity['id']}")
        assert unmarked(reply.json()) == entity


@pytest.mark.parametrize(
    ("kind", "part"),
    [
        ("table", "x.x.x.x.c"),
        ("dashboardDataModel", "x.model.x.c"),
        ("topic", "x.x.c"),
        ("container", "x.x.c"),
        ("searchIndex", "x.x.c"),
        ("apiEndpoint", "x.x.x.requestSchema.c"),
        ("mlmodel", "x.x.f"),
        ("pipeline", "x.x.t"),
    ],
)
def test_parts_are_named_after_their_entity(
    every_kind: dict[str, Body], kind: str, part: str
) -> None:
    assert f"'fullyQualifiedName': '{part}'" in str(every_kind[kind])


def test_nested_columns_are_named_to_any_depth(world: World) -> None:
    street, unnamed = world.people["columns"][2]["children"]
    assert street["fullyQualifiedName"] == "pg.hr.public.people.address.street"
    assert unnamed["fullyQualifiedName"] == "pg.hr.public.people.address.-"


def test_a_container_in_a_container_is_named_after_it(api: httpx.Client) -> None:
    put(api, "services/storageServices", name="s3", serviceType="S3")
    outer = put(api, "containers", name="a", service="s3")
    parent = reference(outer, "container")
    inner = put(api, "containers", name="b", service="s3", parent=parent)
    assert inner["fullyQualifiedName"] == "s3.a.b"
    assert inner["parent"]["fullyQualifiedName"] == "s3.a"


def test_posting_what_exists_is_a_conflict(api: httpx.Client) -> None:
    reply = api.post("tables", json=table("new", column("id")))
    assert reply.status_code == 201
    assert reply.headers["Location"].endswith(reply.json()["id"])
    refused(api.post("tables", json=table("people", column("id"))), 409)


def test_putting_answers_201_once_and_200_from_then_on(api: httpx.Client) -> None:
    first = api.put("tables", json=table("new", column("id")))
    again = api.put("tables", json=table("new", column("id")))
    assert (first.status_code, again.status_code) == (201, 200)


def test_what_is_above_an_entity_comes_with_it(world: World) -> None:
    shown = {key: world.people[key]["name"] for key in ("databaseSchema", "database", "service")}
    assert shown == {"databaseSchema": "public", "database": "hr", "service": "pg"}
    assert world.people["serviceType"] == "Postgres"


def test_writes_are_by_the_bot_and_at_the_time(
    api: httpx.Client, world: World, clock: Clock
) -> None:
    assert world.people["updatedBy"] == "ingestion-bot"
    assert world.people["updatedAt"] == clock.milliseconds
    bot = get(api, "users/name/ingestion-bot")
    assert bot["isBot"] is True


@pytest.mark.parametrize(
    ("path", "body", "text"),
    [
        ("topics", {"name": "t", "service": "pg"}, "partitions must not be null"),
        ("tables", {"columns": [], "databaseSchema": "pg.hr.public"}, "name must not be null"),
        ("tables", table(""), "name size must be between 1 and 256"),
        ("tables", table("n" * 257), "name size must be between 1 and 256"),
        ("tables", table("a::b"), "name contains characters"),
        ("tables", table("t", colour="red"), 'Unrecognized field "colour"'),
        ("tables", table("t", column("c", "NOTHING")), "columns[0].dataType"),
        ("tables", table("t", {"dataType": "INT"}), "param name must not be null"),
        ("tables", table("t", column("c", "VARCHAR")), "dataLength must not be null"),
        ("tables", table("t", column("c", "ARRAY")), "arrayDataType must not be null"),
        ("tables", table("t", column("c", "STRUCT")), "children must not be null"),
        ("tables", table("t", column("c"), column("c")), "Column name c is repeated"),
        ("tables", table("t", column("c", precision=1, scale=2)), "Scale"),
        ("tables", [], "must be an object"),
        ("tables", table("t", tags="PII"), "tags must be a list"),
        ("mlmodels", {"name": "m", "service": "mlf", "target": ""}, "target size"),
        ("mlmodels", {"name": 7, "service": "mlf"}, "name must be a string"),
        (
            "mlmodels",
            {"name": "m", "service": "mlf", "mlFeatures": [{"name": "f", "dataType": "int"}]},
            "mlFeatures[0].dataType",
        ),
        (
            "mlmodels",
            {"name": "m", "service": "mlf", "mlHyperParameters": [{"name": "a", "value": 1}]},
            "mlHyperParameters[0].value must be a string",
        ),
        ("pipelines", {"name": "p", "service": "af", "concurrency": True}, "a whole number"),
        (
            "tables",
            table("t", owners=[{"id": NOBODY, "type": "table"}]),
            "owners must be of type [user, team]",
        ),
        ("tables", table("t", owners=[{"id": "x", "type": "user"}]), "must be a UUID"),
    ],
)
def test_a_request_that_does_not_fit_is_refused_with_its_place(
    api: httpx.Client, path: str, body: Any, text: str
) -> None:
    refused(api.put(path, json=body), 400, text)


@pytest.mark.parametrize(
    ("path", "body", "text"),
    [
        (
            "tables",
            {"name": "t", "columns": [], "databaseSchema": "pg.hr.x"},
            "databaseSchema instance for pg.hr.x not found",
        ),
        (
            "mlmodels",
            {"name": "m", "service": "nope"},
            "mlmodelService instance for nope not found",
        ),
        (
            "mlmodels",
            {"name": "m", "service": "mlf", "dashboard": "bi.nope"},
            "dashboard instance for bi.nope not found",
        ),
        ("tables", table("t", owners=[{"id": NOBODY, "type": "user"}]), "user instance for"),
        ("tables", table("t", domains=["nope"]), "domain instance for nope not found"),
        ("tables", table("t", tags=[label("PII.Nope")]), "tag instance for PII.Nope not found"),
    ],
)
def test_a_request_that_names_what_does_not_exist_is_refused(
    api: httpx.Client, path: str, body: Body, text: str
) -> None:
    refused(api.put(path, json=body), 404, text)


def test_nulls_are_taken_for_absent(api: httpx.Client) -> None:
    entity = put(api, "tables", **table("t", column("c", description=None), description=None))
    assert "description" not in entity
    assert "description" not in entity["columns"][0]


def test_the_type_of_a_column_is_shown_in_lower_case(api: httpx.Client) -> None:
    shown = column("b", "STRUCT", dataTypeDisplay="STRUCT<A:Int>", children=[column("A")])
    columns = put(api, "tables", **table("t", column("a"), shown))["columns"]
    assert [column["dataTypeDisplay"] for column in columns] == ["int", "struct<a:int>"]


def test_only_what_is_asked_for_is_shown(api: httpx.Client, world: World) -> None:
    path = f"tables/{world.people['id']}"
    bare = get(api, path)
    assert [one["tags"] for one in bare["columns"]] == [[], [], []]
    assert not {"tags", "owners"} & bare.keys()
    assert get(api, path, fields="owners")["columns"] == []
    columns = get(api, path, fields="columns")["columns"]
    assert [("tags" in one) for one in columns] == [False, False, False]
    assert get(api, path, fields="columns,tags")["columns"] == world.people["columns"]


def test_a_model_shows_its_features_always_with_the_tags_they_were_sent_with(
    api: httpx.Client, world: World
) -> None:
    path = f"mlmodels/{world.churn['id']}"
    age, salary = get(api, path)["mlFeatures"]
    assert (age["name"], salary["name"], "tags" in age) == ("age", "salary", False)
    tag = {"op": "add", "path": "/mlFeatures/0/tags", "value": [label("PII.Sensitive")]}
    patch(api, path, tag)
    for listed in (get(api, path), *get(api, "mlmodels")["data"]):
        assert [one["tagFQN"] for one in listed["mlFeatures"][0]["tags"]] == ["PII.Sensitive"]


def test_a_list_of_topics_without_their_schema_leaves_out_the_tags_of_its_fields(
    api: httpx.Client, every_kind: dict[str, Body]
) -> None:
    assert every_kind["topic"]["messageSchema"]["schemaFields"][0]["tags"] == []
    [listed] = get(api, "topics", fields="tags")["data"]
    assert "tags" not in listed["messageSchema"]["schemaFields"][0]
    [listed] = get(api, "topics", fields="tags,messageSchema")["data"]
    assert listed["messageSchema"]["schemaFields"][0]["tags"] == []


def test_charts_tasks_and_the_dashboard_are_shown_only_when_asked(
    api: httpx.Client, world: World
) -> None:
    for path, field in (
        ("dashboards", "charts"),
        ("pipelines", "tasks"),
        ("mlmodels", "dashboard"),
    ):
        entity = {"dashboards": world.board, "pipelines": world.etl, "mlmodels": world.churn}[path]
        assert field not in get(api, f"{path}/{entity['id']}")
        assert field in get(api, f"{path}/{entity['id']}", fields=field)


def test_an_unknown_field_is_refused(api: httpx.Client) -> None:
    refused(
        api.get("tables", params={"fields": "columns,colour"}), 400, "Invalid field name colour"
    )


def test_names_are_kept_apart_by_case(api: httpx.Client, world: World) -> None:
    put(api, "tables", **table("People", column("id")))
    assert get(api, "tables/name/pg.hr.public.People")["id"] != world.people["id"]
    refused(api.get("tables/name/PG.hr.public.people"), 404, "PG.hr.public.people")


def test_owners_are_filled_in_whenever_they_are_shown(api: httpx.Client) -> None:
    team = put(api, "teams", name="data", teamType="Group", displayName="Data")
    owner = {"id": team["id"], "type": "team"}
    entity = put(api, "tables", **table("t", column("c"), owners=[owner]))
    [shown] = entity["owners"]
    assert shown == {**owner, "name": "data", "fullyQualifiedName": "data"} | {
        "displayName": "Data",
        "deleted": False,
    }


# ------------------------------------------------------------------------------------ deletion


def test_a_soft_deleted_entity_is_found_only_when_deleted_ones_are_asked_for(
    api: httpx.Client, world: World
) -> None:
    path = f"tables/{world.people['id']}"
    assert api.delete(path).json()["deleted"] is True
    refused(api.get(path), 404, f"table instance for {world.people['id']} not found")
    assert get(api, path, include="deleted")["deleted"] is True
    assert get(api, path, include="all")["version"] == 0.2
    refused(api.get(f"tables/{world.pay['id']}", params={"include": "deleted"}), 404)


@pytest.mark.parametrize("way", ["restore", "put", "patch"])
def test_a_soft_deleted_entity_comes_back(api: httpx.Client, world: World, way: str) -> None:
    path = f"tables/{world.pay['id']}"
    api.delete(path)
    ways = {
        "restore": lambda: api.put("tables/restore", json={"id": world.pay["id"]}),
        "put": lambda: api.put("tables", json=table("pay", column("id"), column("amount"))),
        "patch": lambda: patch(api, path, {"op": "add", "path": "/description", "value": "x"}),
    }
    reply = ways[way]()
    assert (reply.status_code, get(api, path)["deleted"]) == (200, False)
    assert get(api, path)["id"] == world.pay["id"]


def test_only_what_is_deleted_can_be_restored(api: httpx.Client, world: World) -> None:
    refused(api.put("tables/restore", json={"id": world.pay["id"]}), 404)


def test_what_is_not_empty_is_deleted_only_recursively(api: httpx.Client, world: World) -> None:
    service = get(api, "services/databaseServices/name/pg")
    path = f"services/databaseServices/{service['id']}"
    refused(api.delete(path), 400, "databaseService is not empty")
    assert api.delete(path, params={"recursive": "true"}).status_code == 200
    refused(api.get(f"tables/{world.people['id']}"), 404)
    api.put("services/databaseServices/restore", json={"id": service["id"]})
    assert get(api, f"tables/{world.people['id']}")["deleted"] is False


def test_a_hard_deleted_entity_is_gone_with_its_lineage(api: httpx.Client, world: World) -> None:
    path = f"tables/{world.people['id']}"
    assert api.delete(path, params={"hardDelete": "true"}).status_code == 200
    refused(api.get(path, params={"include": "all"}), 404)
    assert get(api, f"lineage/mlmodel/{world.churn['id']}")["nodes"] == []


def test_nothing_can_be_created_in_what_is_deleted(api: httpx.Client) -> None:
    api.delete("databaseSchemas/name/pg.hr.public", params={"recursive": "true"})
    refused(api.put("tables", json=table("t", column("c"))), 404, "databaseSchema instance for")


def test_a_link_to_what_is_gone_is_left_out(api: httpx.Client, world: World) -> None:
    api.delete(f"dashboards/{world.board['id']}", params={"hardDelete": "true"})
    assert "dashboard" not in get(api, f"mlmodels/{world.churn['id']}", fields="dashboard")


def test_a_bulk_request_keeps_what_fits_and_shows_what_does_not(api: httpx.Client) -> None:
    reply = api.put("tables/bulk", json=[table("a", column("c")), table("b", column("c", "X"))])
    told = reply.json()
    assert (told["status"], told["numberOfRowsPassed"]) == ("partialSuccess", 1)
    assert told["failedRequest"][0]["request"] == "b"
    assert get(api, "tables/name/pg.hr.public.a")["name"] == "a"
    refused(api.put("tables/bulk", json=[], params={"async": "true"}), 400)
