"""Replies are checked against OpenMetadata's own JSON schemas."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from lineage.catalog.entity_kinds import KINDS
from tests.catalog.calls import Body, edge, get, patch, reference
from tests.catalog.conftest import World

SCHEMAS = Path(__file__).parents[3] / "shared" / "data" / "openmetadata-json-schema"
BASE = "https://open-metadata.org/schema/"

pytestmark = pytest.mark.skipif(
    not SCHEMAS.is_dir(), reason="OpenMetadata's schemas are not beside the repository"
)

# Of the kinds whose schemas are at hand, where they are.
PATHS = {
    **{kind: f"entity/services/{kind}" for kind in KINDS if kind.endswith("Service")},
    **{kind: f"entity/classification/{kind}" for kind in ("classification", "tag")},
    **{
        kind: f"entity/data/{kind}"
        for kind in (
            *("table", "mlmodel", "pipeline", "dashboard", "chart", "topic", "container"),
            *("dashboardDataModel", "searchIndex", "storedProcedure", "apiEndpoint", "metric"),
        )
    },
}


@pytest.fixture(scope="module")
def validate() -> Any:
    """Check a value against the schema at a path."""
    jsonschema = pytest.importorskip("jsonschema")
    referencing = pytest.importorskip("referencing")
    jsonschema_of = pytest.importorskip("referencing.jsonschema")
    registry = referencing.Registry()
    for file in SCHEMAS.rglob("*.json"):
        content = json.loads(file.read_text("utf-8"))
        # Some name another path than their own, which their neighbours refer to.
        content.pop("$id", None)
        resource = jsonschema_of.DRAFT7.create_resource(content)
        registry = registry.with_resource(BASE + file.relative_to(SCHEMAS).as_posix(), resource)

    def check(value: object, path: str) -> None:
        schema = {"$ref": f"{BASE}{path}"}
        validator = jsonschema.Draft7Validator(schema, registry=registry)
        problems = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]
        assert problems == []

    return check


@pytest.mark.parametrize("kind", PATHS)
@pytest.mark.parametrize("fields", ["", "*"])
def test_an_entity_is_what_its_schema_says(
    api: httpx.Client, every_kind: dict[str, Body], validate: Any, kind: str, fields: str
) -> None:
    entity, path = every_kind[kind], KINDS[kind].collection
    change = {"op": "add", "path": "/description", "value": "x"}
    validate(patch(api, f"{path}/{entity['id']}", change).json(), f"{PATHS[kind]}.json")
    validate(get(api, f"{path}/{entity['id']}", fields=fields), f"{PATHS[kind]}.json")
    for listed in get(api, path, fields=fields)["data"]:
        validate(listed, f"{PATHS[kind]}.json")
    assert get(api, path)["paging"]["total"] >= 1


def test_references_and_labels_are_what_their_schemas_say(world: World, validate: Any) -> None:
    for key in ("databaseSchema", "database", "service"):
        validate(world.people[key], "type/entityReference.json")
    for tag in world.people["columns"][1]["tags"]:
        validate(tag, "type/tagLabel.json")


def test_lineage_is_what_its_schema_says(api: httpx.Client, world: World, validate: Any) -> None:
    mapping = {"fromColumns": ["pg.hr.public.people.age"], "toColumn": "mlf.churn.age"}
    sent = {"sqlQuery": "s", "pipeline": world.etl_reference, "columnsLineage": [mapping]}
    for body in (
        edge(world.people_reference, world.churn_reference, **sent),
        edge(world.churn_reference, reference(world.board, "dashboard")),
    ):
        validate(body, "api/lineage/addLineage.json")
        api.put("lineage", json=body)
    for path in (f"mlmodel/{world.churn['id']}", f"pipeline/{world.etl['id']}"):
        validate(get(api, f"lineage/{path}"), "type/entityLineage.json")
    pair = f"lineage/getLineageEdge/{world.people['id']}/{world.churn['id']}"
    details = "type/entityLineage.json#/definitions/lineageDetails"
    validate(get(api, pair)["edge"], details)
    parameters = {"index": "all", "size": 1000}
    for hit in get(api, "search/query", **parameters)["hits"]["hits"]:
        for item in hit["_source"]["upstreamLineage"]:
            validate(item, "api/lineage/esLineageData.json")


@pytest.mark.parametrize(("way", "depth"), [("upstream", -1), ("downstream", 1)])
@pytest.mark.parametrize("name", ["getLineage", "getLineageByEntityCount"])
def test_lineage_of_the_index_is_what_its_schemas_say(
    api: httpx.Client, world: World, validate: Any, *, way: str, depth: int, name: str
) -> None:
    sent = {"sqlQuery": "s", "pipeline": world.etl_reference}
    api.put("lineage", json=edge(world.people_reference, world.churn_reference, **sent))
    board = reference(world.board, "dashboard")
    api.put("lineage", json=edge(world.churn_reference, board))
    asked = {"fqn": "mlf.churn", f"{way}Depth": 2, "direction": way}
    answer = get(api, f"lineage/{name}", **asked, include_pagination_info="true")
    validate(answer, "api/lineage/searchLineageResult.json")
    for item in (*answer["upstreamEdges"].values(), *answer["downstreamEdges"].values()):
        validate(item, "api/lineage/esLineageData.json")
    # The schema knows no distance below zero; the server sends them all the same.
    assert {node["nodeDepth"] for node in answer["nodes"].values()} == {0, depth}
    for node in answer["nodes"].values():
        far = {**node, "nodeDepth": abs(node["nodeDepth"])}
        validate(far, "api/lineage/nodeInformation.json")
    info = get(api, "lineage/getPaginationInfo", **asked)
    validate(info, "api/lineage/lineagePaginationInfo.json")


def test_changes_are_what_their_schemas_say(api: httpx.Client, world: World, validate: Any) -> None:
    path = f"tables/{world.pay['id']}"
    patch(api, path, {"op": "add", "path": "/description", "value": "x"})
    user = get(api, "users/loggedInUser")["id"]
    validate(api.put(f"{path}/followers", json=user).json(), "type/changeEvent.json")
    vote = api.put(f"{path}/vote", json={"updatedVoteType": "votedUp"}).json()
    validate(vote, "type/changeEvent.json")
    validate(get(api, path, fields="votes")["votes"], "type/votes.json")
    api.delete(f"tables/{world.people['id']}")
    kinds = dict.fromkeys(("entityCreated", "entityUpdated", "entityDeleted"), "*")
    events = get(api, "events", **kinds)["data"]
    assert {one["eventType"] for one in events} == {
        "entityCreated",
        "entityUpdated",
        "entitySoftDeleted",
    }
    for event in events:
        validate(event, "type/changeEvent.json")
    versions = get(api, f"{path}/versions")
    validate(versions, "type/entityHistory.json")
    for text in versions["versions"]:
        validate(json.loads(text), "entity/data/table.json")
    listed = get(api, "tables/history", startTs=0, endTs=2**50, limit=1)
    validate(listed["paging"], "type/paging.json")
    validate(listed["data"][0], "entity/data/table.json")


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    "path",
    ["tables?limit=1", "events", "audit/logs?limit=1", "tables/name/pg.hr.public.pay/columns"],
)
def test_paging_is_what_its_schema_says(api: httpx.Client, validate: Any, path: str) -> None:
    validate(get(api, path)["paging"], "type/paging.json")
