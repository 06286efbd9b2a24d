from typing import Any

import httpx
import pytest

from tests.catalog.calls import Body, column, get, put, refused, table
from tests.catalog.conftest import World

SCHEMA = {"scopeFqn": "pg.hr.public", "scopeEntityType": "databaseSchema"}


def sweep(api: httpx.Client, collection: str = "tables", **body: Any) -> httpx.Response:
    return api.request("DELETE", f"{collection}/deleteStale", json={**SCHEMA, **body})


def names(api: httpx.Client, collection: str = "tables") -> list[str]:
    return [one["name"] for one in get(api, collection)["data"]]


@pytest.mark.usefixtures("world")
def test_what_was_not_seen_is_soft_deleted(api: httpx.Client) -> None:
    answer = sweep(api, seenFqns=["pg.hr.public.pay", "pg.hr.public.other"]).json()
    assert (answer["status"], answer["numberOfRowsPassed"]) == ("success", 1)
    assert answer["successRequest"] == [{"request": "pg.hr.public.people", "status": 200}]
    assert names(api) == ["pay"]
    assert [one["name"] for one in get(api, "tables", include="deleted")["data"]] == ["people"]
    assert sweep(api, seenFqns=["pg.hr.public.pay"]).json()["numberOfRowsProcessed"] == 0


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    "body",
    [
        {"seenFqns": []},
        {},
        {"seenFqns": ["x"], "scopeFqn": "pg.hr.nowhere"},
        {"seenFqns": ["x"], "dryRun": True},
    ],
)
def test_nothing_goes_where_nothing_was_seen_or_nothing_is(api: httpx.Client, body: Body) -> None:
    answer = sweep(api, **body).json()
    assert answer["numberOfRowsProcessed"] == (2 if "dryRun" in body else 0)
    assert answer["dryRun"] == ("dryRun" in body)
    assert names(api) == ["pay", "people"]


@pytest.mark.usefixtures("world")
def test_what_is_inside_goes_along_for_good_if_asked(api: httpx.Client) -> None:
    put(api, "databaseSchemas", name="kept", database="pg.hr")
    scope = {"scopeFqn": "pg", "scopeEntityType": "service", "seenFqns": ["pg.hr.kept"]}
    answer = sweep(api, "databaseSchemas", **scope, recursive=False).json()
    assert (answer["status"], answer["failedRequest"][0]["status"]) == ("partialSuccess", 500)
    assert sweep(api, "databaseSchemas", **scope, hardDelete=True).json()["status"] == "success"
    assert names(api, "databaseSchemas") == ["kept"]
    assert get(api, "tables", include="all")["data"] == []


@pytest.mark.usefixtures("world")
def test_a_container_in_another_goes_with_it(api: httpx.Client) -> None:
    put(api, "services/storageServices", name="s3", serviceType="S3")
    outer = put(api, "containers", name="outer", service="s3")
    parent = {"id": outer["id"], "type": "container"}
    put(api, "containers", name="inner", service="s3", parent=parent)
    scope = {"scopeFqn": "s3", "scopeEntityType": "storageService", "seenFqns": ["x"]}
    for hard in (False, True):
        answer = sweep(api, "containers", **scope, hardDelete=hard).json()
        assert [one["request"] for one in answer["successRequest"]] == [
            "s3.outer",
            "s3.outer.inner",
        ]
        put(api, "containers", name="outer", service="s3")
        put(api, "containers", name="inner", service="s3", parent=parent) if not hard else None


@pytest.mark.parametrize(
    ("collection", "body", "status"),
    [
        ("tables", {"scopeFqn": ""}, 400),
        ("tables", {"scopeEntityType": None}, 400),
        ("tables", {"scopeEntityType": "nonsense"}, 400),
        ("tables", {"seenFqns": "x"}, 400),
        ("users", {}, 404),
    ],
)
def test_a_sweep_that_does_not_fit_is_refused(
    api: httpx.Client, collection: str, body: Body, status: int
) -> None:
    refused(sweep(api, collection, **body), status)
    refused(api.delete(f"{collection}/deleteStale"), 415)


def test_a_deletion_can_be_left_to_the_server(api: httpx.Client, world: World) -> None:
    reply = api.delete(f"tables/async/{world.pay['id']}", params={"hardDelete": "true"})
    assert reply.status_code == 202
    assert {"jobId", "message"} <= reply.json().keys()
    refused(api.get(f"tables/{world.pay['id']}", params={"include": "all"}), 404)
    refused(api.delete(f"tables/async/{world.pay['id']}"), 404)


def test_a_deletion_that_fails_later_is_not_reported(api: httpx.Client, world: World) -> None:
    schema = world.pay["databaseSchema"]["id"]
    assert api.delete(f"databaseSchemas/async/{schema}").status_code == 202
    assert names(api) == ["pay", "people"]


def test_columns_come_in_pages(api: httpx.Client, world: World) -> None:
    path = f"tables/{world.people['id']}/columns"
    first = get(api, path, limit=2)
    assert [one["name"] for one in first["data"]] == ["id", "age"]
    assert first["paging"].keys() == {"total", "after"}
    assert "tags" not in first["data"][1]
    last = get(api, "tables/name/pg.hr.public.people/columns", limit=2, offset=2, fields="tags")
    assert [one["name"] for one in last["data"]] == ["address"]
    assert last["paging"].keys() == {"total", "before"}
    assert last["paging"]["total"] == 3
    tagged = get(api, path, fields="tags")["data"][1]
    assert tagged["tags"][0]["tagFQN"] == "PII.Sensitive"
    put(api, "tables", **table("bare", column("c")))
    assert get(api, "tables/name/pg.hr.public.bare/columns", offset=9)["data"] == []
    refused(api.get(path, params={"limit": 1001}), 400)
    refused(api.get("tables/name/pg.hr.public.none/columns"), 404)


def test_entities_are_hydrated_many_at_a_time(api: httpx.Client, world: World) -> None:
    wanted = [
        {"id": world.people["id"], "type": "table"},
        {"id": world.people["id"], "type": "table"},
        {"id": world.churn["id"], "type": "mlmodel"},
        {"id": world.people["id"], "type": "mlmodel"},
    ]
    answer = api.post("lineage/hydrate", json={"entities": wanted, "fields": "tags"}).json()
    assert answer["droppedCount"] == 1
    [people], [churn] = (answer["entitiesByType"][kind] for kind in ("table", "mlmodel"))
    assert (people["name"], people["tags"], churn["name"]) == ("people", [], "churn")
    api.delete(f"tables/{world.people['id']}")
    for include, count in (("non-deleted", 1), ("all", 0), ("deleted", 0)):
        body = {"entities": wanted[:1], "include": include}
        assert api.post("lineage/hydrate", json=body).json()["droppedCount"] == count


@pytest.mark.parametrize("count", [0, 201])
def test_a_hydration_of_none_or_too_many_is_refused(api: httpx.Client, count: int) -> None:
    one = {"id": "00000000-0000-4000-8000-000000000000", "type": "table"}
    refused(api.post("lineage/hydrate", json={"entities": [one] * count}), 400)
    wrong = {"entities": [{**one, "type": "nonsense"}]}
    refused(api.post("lineage/hydrate", json=wrong), 400, "nonsense")
    refused(api.post("lineage/hydrate", json={"entities": [one], "fields": "colour"}), 400)
