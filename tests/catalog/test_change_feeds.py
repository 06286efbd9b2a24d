import json
from typing import Any

import httpx
import pytest

from lineage.catalog.change_feeds import actor_type
from tests.catalog.calls import Body, column, edge, get, patch, put, refused, table
from tests.catalog.conftest import Clock, World

EVERY = dict.fromkeys(("entityCreated", "entityUpdated", "entityDeleted", "entityRestored"), "*")


def since(api: httpx.Client, clock: Clock, **params: Any) -> list[tuple[str, str]]:
    """Give type and name of the events of this very moment."""
    answer = get(api, "events", timestamp=clock.milliseconds, **(params or EVERY))
    assert answer["paging"] == {"total": len(answer["data"])}
    return [(one["eventType"], one["entityFullyQualifiedName"]) for one in answer["data"]]


@pytest.fixture
def pay(world: World, clock: Clock) -> str:
    """Let time go by, and name a table."""
    clock.seconds += 60
    return f"tables/{world.pay['id']}"


def test_every_write_of_an_entity_leaves_an_event(
    api: httpx.Client, clock: Clock, pay: str
) -> None:
    name = "pg.hr.public.pay"
    assert since(api, clock) == []
    change = {"op": "add", "path": "/description", "value": "x"}
    patch(api, pay, change)
    patch(api, pay, change)
    put(api, "tables", **table("new", column("c")))
    put(api, "tables", **table("new", column("c")))
    api.delete(pay)
    put(api, "tables/restore", id=pay.removeprefix("tables/"))
    api.delete(pay, params={"hardDelete": "true"})
    assert since(api, clock) == [
        ("entityUpdated", name),
        ("entityCreated", "pg.hr.public.new"),
        ("entitySoftDeleted", name),
        ("entityRestored", name),
        ("entityDeleted", name),
    ]


def test_an_event_says_what_changed_and_what_came_of_it(
    api: httpx.Client, clock: Clock, pay: str
) -> None:
    patch(api, pay, {"op": "add", "path": "/description", "value": "x"})
    [event] = get(api, "events", timestamp=clock.milliseconds, entityUpdated="table")["data"]
    assert (event["previousVersion"], event["currentVersion"]) == (0.1, 0.2)
    assert event["changeDescription"]["fieldsAdded"] == [{"name": "description", "newValue": "x"}]
    assert event["userName"] == "ingestion-bot"
    entity = json.loads(event["entity"])
    assert entity["description"] == "x"
    assert entity["columns"][0]["name"] == "id"


def test_events_are_picked_by_what_happened_to_what(
    api: httpx.Client, clock: Clock, pay: str
) -> None:
    put(api, "domains", name="d", domainType="Aggregate", description="d")
    patch(api, pay, {"op": "add", "path": "/description", "value": "x"})
    assert since(api, clock, entityCreated="table,domain") == [("entityCreated", "d")]
    assert since(api, clock, entityUpdated="domain") == []
    assert since(api, clock, entityUpdated="*", entityCreated="table") == [
        ("entityUpdated", "pg.hr.public.pay")
    ]
    refused(api.get("events", params={"entityCreated": "nonsense"}), 400, "Invalid entity nonsense")
    refused(api.get("events", params={"timestamp": "x"}), 400)
    assert get(api, "events")["data"] == []


@pytest.mark.usefixtures("pay")
def test_a_write_that_fails_leaves_no_event(api: httpx.Client, clock: Clock) -> None:
    good, bad = table("good", column("c")), table("bad", column("c", "NONSENSE"))
    api.put("tables/bulk", json=[good, bad])
    api.put("tables", json=bad)
    assert since(api, clock) == [("entityCreated", "pg.hr.public.good")]


def test_one_event_reports_a_whole_deletion(
    api: httpx.Client, clock: Clock, world: World, pay: str
) -> None:
    assert pay
    schema = world.pay["databaseSchema"]["id"]
    api.delete(f"databaseSchemas/{schema}", params={"recursive": "true"})
    [event] = get(api, "events", timestamp=clock.milliseconds, **EVERY)["data"]
    assert (event["entityType"], event["recursive"]) == ("databaseSchema", True)


def test_versions_of_a_time_come_in_pages_newest_first(
    api: httpx.Client, clock: Clock, pay: str
) -> None:
    begin = clock.milliseconds
    for number in range(3):
        clock.seconds += 11 * 60
        patch(api, pay, {"op": "add", "path": "/description", "value": str(number)})
    window: dict[str, Any] = {"startTs": begin, "endTs": clock.milliseconds, "limit": 2}
    first = get(api, "tables/history", **window)
    assert [one["description"] for one in first["data"]] == ["2", "1"]
    assert first["paging"]["total"] == 3
    last = get(api, "tables/history", **window, after=first["paging"]["after"])
    assert [one["version"] for one in last["data"]] == [0.2]
    assert last["paging"] == {"total": 3}
    assert get(api, "mlmodels/history", **window)["data"] == []
    early = get(api, "tables/history", startTs=0, endTs=begin - 1)["data"]
    assert {one["name"] for one in early} == {"pay", "people"}


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"startTs": 0},
        {"startTs": 0, "endTs": "x"},
        {"startTs": 0, "endTs": 1, "limit": 501},
        {"startTs": 0, "endTs": 1, "limit": 0},
        {"startTs": 0, "endTs": 1, "after": "!"},
        {"startTs": 0, "endTs": 1, "after": "eA=="},
        {"startTs": 0, "endTs": 1, "after": "MQ=="},
        {"startTs": 0, "endTs": 1, "after": "MTox", "before": "MTox"},
    ],
)
def test_a_history_that_does_not_fit_is_refused(
    api: httpx.Client, parameters: dict[str, Any]
) -> None:
    refused(api.get("tables/history", params=parameters), 400)


def audited(api: httpx.Client, **params: Any) -> list[Body]:
    found: list[Body] = get(api, "audit/logs", entityType="lineage", **params)["data"]
    return found


def test_every_change_of_an_edge_is_in_the_audit_log(api: httpx.Client, world: World) -> None:
    ends = world.people_reference, world.pay_reference
    pair = f"table/{world.people['id']}/table/{world.pay['id']}"
    for sql in ("a", "a", "b"):
        api.put("lineage", json=edge(*ends, sqlQuery=sql))
    patch(api, f"lineage/{pair}", {"op": "replace", "path": "/sqlQuery", "value": "c"})
    api.delete(f"lineage/{pair}")
    entries = audited(api)
    assert [one["eventType"] for one in entries][::-1] == [
        "entityLineageAdded",
        "entityLineageUpdated",
        "entityLineageUpdated",
        "entityLineageDeleted",
    ]
    for entry in entries:
        assert entry["entityFQN"] == "pg.hr.public.people--upstream-->pg.hr.public.pay"
        assert entry["changeEvent"]["entity"]["fromEntity"]["id"] == world.people["id"]
        assert entry["changeEvent"]["entity"]["toEntity"]["id"] == world.pay["id"]
        assert json.loads(entry["rawEventJson"]) == entry["changeEvent"]
        assert (entry["serviceName"], entry["actorType"]) == ("pg", "BOT")
    statements = [one["changeEvent"]["entity"]["lineageDetails"]["sqlQuery"] for one in entries]
    assert statements == ["c", "c", "b", "a"]


def test_edges_that_the_server_makes_are_not_in_the_audit_log(
    api: httpx.Client, world: World
) -> None:
    assert audited(api) == []
    api.put("lineage", json=edge(world.pay_reference, world.churn_reference))
    assert len(audited(api)) == 1
    api.put("lineage", json=edge(world.people_reference, world.churn_reference))
    assert [one["eventType"] for one in audited(api)] == [
        "entityLineageUpdated",  # the feature source had made it
        "entityLineageAdded",
    ]


def test_edges_removed_together_are_reported_one_by_one(api: httpx.Client, world: World) -> None:
    for upstream in (world.people_reference, world.etl_reference):
        api.put("lineage", json=edge(upstream, world.pay_reference, source="QueryLineage"))
    api.delete(f"lineage/table/{world.pay['id']}/type/QueryLineage")
    assert len(audited(api, eventType="entityLineageDeleted")) == 2


def test_the_audit_log_comes_in_pages(api: httpx.Client, world: World, clock: Clock) -> None:
    ends = world.people_reference, world.pay_reference
    for number in range(5):
        clock.seconds += number % 2
        api.put("lineage", json=edge(*ends, sqlQuery=str(number)))
    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        answer = get(api, "audit/logs", entityType="lineage", limit=2, **after)
        assert answer["paging"]["total"] == 5
        seen += [
            one["changeEvent"]["entity"]["lineageDetails"]["sqlQuery"] for one in answer["data"]
        ]
        if "after" not in answer["paging"]:
            break
        after = {"after": answer["paging"]["after"]}
    assert seen == ["4", "3", "2", "1", "0"]
    late = clock.milliseconds
    assert len(audited(api, startTs=late)) == 2
    assert len(audited(api, endTs=late - 1)) == 3


@pytest.mark.parametrize(
    ("user", "actor"),
    [
        ("ingestion-bot", "BOT"),
        ("Bot", "BOT"),
        ("documentation-bot", "AGENT"),
        ("anna", "USER"),
    ],
)
def test_the_kind_of_user_is_guessed_by_the_name(user: str, actor: str) -> None:
    assert actor_type(user) == actor


def test_the_audit_log_reports_entities_too(api: httpx.Client, world: World) -> None:
    name = world.pay["fullyQualifiedName"]
    [entry] = get(api, "audit/logs", entityFQN=name, userName="ingestion-bot")["data"]
    assert entry["summary"] == f"Created table: {name}"
    assert get(api, "audit/logs", userName="nobody")["data"] == []
    refused(api.get("audit/logs", params={"limit": 201}), 400)
    refused(api.get("audit/logs", params={"before": "MTox"}), 400, "forwards only")
