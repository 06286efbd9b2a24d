import csv
import io
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from lineage.catalog.lineage_export import HEADERS
from tests.catalog.calls import Body, column, edge, get, put, reference, refused, table
from tests.catalog.conftest import Clock, World

CHAIN = ("a", "b", "c", "d")
DOCUMENTED = (
    Path(__file__).parents[3]
    / "shared/data/openmetadata-json-schema/csv/lineageCsvDocumentation.json"
)


@pytest.fixture
def chain(
    api: httpx.Client,
    world: World,  # noqa: ARG001 - it has to be there first
) -> dict[str, Body]:
    """Four tables, each made of the one before, and `c` of `a` too."""
    tables = {
        name: reference(put(api, "tables", **table(name, column("x"))), "table") for name in CHAIN
    }
    for upstream, downstream in ("ab", "bc", "ac", "cd"):
        mapping = {"fromColumns": [fqn(upstream, "x")], "toColumn": fqn(downstream, "x")}
        sent = edge(
            tables[upstream],
            tables[downstream],
            columnsLineage=[mapping],
            sqlQuery=f"select {upstream}",
            description="d",
        )
        api.put("lineage", json=sent)
    return tables


def fqn(*parts: str) -> str:
    return ".".join(("pg.hr.public", *parts))


def ask(api: httpx.Client, name: str, path: str = "", **params: Any) -> Body:
    return get(api, f"lineage/getLineage{path}", fqn=fqn(name), type="table", **params)


def depths(answer: Body) -> dict[str, int]:
    return {name.split(".")[-1]: node["nodeDepth"] for name, node in answer["nodes"].items()}


def pairs(edges: dict[str, Body]) -> set[str]:
    return {
        "".join(one[end]["fullyQualifiedName"][-1] for end in ("fromEntity", "toEntity"))
        for one in edges.values()
    }


@pytest.mark.usefixtures("chain")
def test_nodes_go_by_name_with_their_distance_upstream_negative(api: httpx.Client) -> None:
    answer = ask(api, "c", upstreamDepth=2, downstreamDepth=1)
    assert depths(answer) == {"c": 0, "a": -1, "b": -1, "d": 1}
    assert pairs(answer["upstreamEdges"]) == {"ac", "bc", "ab"}
    assert pairs(answer["downstreamEdges"]) == {"cd"}
    assert answer["nodes"][fqn("c")]["paging"] == {
        "entityUpstreamCount": 2,
        "entityDownstreamCount": 1,
    }
    assert answer["nodes"][fqn("b")]["paging"] == {"entityUpstreamCount": 1}
    assert answer["nodes"][fqn("d")]["paging"] == {"entityDownstreamCount": 0}


@pytest.mark.usefixtures("chain")
def test_an_edge_is_that_of_the_index_with_both_its_ends(api: httpx.Client) -> None:
    answer = ask(api, "b", upstreamDepth=1)
    [(key, found)] = answer["upstreamEdges"].items()
    assert key == found["docId"] == f"{fqn('a')}--->{fqn('b')}"
    assert found["toEntity"]["type"] == "table"
    assert found["columns"] == [{"fromColumns": [fqn("a", "x")], "toColumn": fqn("b", "x")}]
    statements = answer["nodes"][fqn("b")]["entity"]["lineageSqlQueries"]
    assert statements[found["sqlQueryKey"]] == "select a"


@pytest.mark.usefixtures("chain")
def test_the_last_layer_upstream_brings_edges_to_nodes_that_are_not_there(
    api: httpx.Client,
) -> None:
    answer = ask(api, "d", upstreamDepth=1)
    assert depths(answer) == {"d": 0, "c": -1}
    assert pairs(answer["upstreamEdges"]) == {"cd", "ac", "bc"}


@pytest.mark.usefixtures("chain")
@pytest.mark.parametrize(
    ("direction", "expected"),
    [("Upstream", {"b": 0, "a": -1}), ("Downstream", {"b": 0, "c": 1, "d": 2})],
)
def test_one_direction_can_be_asked_for(
    api: httpx.Client, direction: str, expected: dict[str, int]
) -> None:
    answer = ask(api, "b", f"/{direction}", upstreamDepth=2, downstreamDepth=2)
    assert depths(answer) == expected


@pytest.mark.usefixtures("chain")
def test_no_depth_gives_the_entity_alone(api: httpx.Client) -> None:
    assert depths(ask(api, "b")) == {"b": 0}


def test_cycles_end(api: httpx.Client, chain: dict[str, Body]) -> None:
    for pair in ("da", "aa"):
        api.put("lineage", json=edge(chain[pair[0]], chain[pair[1]]))
    answer = ask(api, "a", upstreamDepth=100, downstreamDepth=100)
    assert depths(answer).keys() == set(CHAIN)
    assert pairs(answer["upstreamEdges"]) == {"ab", "bc", "ac", "cd", "da", "aa"}
    assert pairs(answer["downstreamEdges"]) == {"ab", "bc", "ac", "cd", "da", "aa"}


def test_the_deleted_are_left_out_or_the_only_ones(
    api: httpx.Client, chain: dict[str, Body]
) -> None:
    api.delete(f"tables/{chain['a']['id']}")
    answer = ask(api, "c", upstreamDepth=3)
    assert depths(answer) == {"c": 0, "b": -1}
    assert pairs(answer["upstreamEdges"]) == {"ac", "bc", "ab"}
    assert depths(ask(api, "b", upstreamDepth=3, includeDeleted="true")) == {"b": 0}


@pytest.mark.usefixtures("chain")
def test_documents_show_the_fields_that_are_asked_for(api: httpx.Client) -> None:
    entity = ask(api, "b", fields="name")["nodes"][fqn("b")]["entity"]
    assert entity.keys() == {
        *("id", "name", "fullyQualifiedName", "entityType", "service", "upstreamLineage"),
    }


@pytest.mark.usefixtures("chain")
def test_a_part_of_each_layer_can_be_asked_for(api: httpx.Client) -> None:
    for start, name in ((0, "b"), (1, "c")):
        part: dict[str, Any] = {"from": start, "size": 1}
        answer = ask(api, "a", downstreamDepth=1, **part)
        assert depths(answer) == {"a": 0, name: 1}
        assert answer["nodes"][fqn("a")]["paging"]["entityDownstreamCount"] == 2
        answer = ask(api, "c", upstreamDepth=1, **part)
        assert len(answer["nodes"]) == 2


@pytest.mark.usefixtures("chain")
def test_edges_can_be_picked_by_their_time(api: httpx.Client, clock: Clock) -> None:
    moment = clock.milliseconds
    assert depths(ask(api, "b", upstreamDepth=1, startTime=moment, endTime=moment)) == {
        "b": 0,
        "a": -1,
    }
    assert depths(ask(api, "b", upstreamDepth=1, startTime=moment + 1)) == {"b": 0}
    assert depths(ask(api, "b", upstreamDepth=1, endTime=moment - 1)) == {"b": 0}


def test_a_job_stands_on_edges(api: httpx.Client, world: World) -> None:
    ends = world.people_reference, world.pay_reference
    api.put("lineage", json=edge(*ends, pipeline=world.etl_reference))
    asked = {"fqn": "af.etl", "type": "pipeline", "upstreamDepth": 1, "downstreamDepth": 1}
    answer = get(api, "lineage/getLineage", **asked)
    assert answer["nodes"].keys() == {"af.etl", fqn("pay"), fqn("people")}
    [found] = answer["upstreamEdges"].values()
    assert found["docId"] == f"{fqn('people')}--->pipeline:{world.etl['id']}--->{fqn('pay')}"


@pytest.mark.usefixtures("chain")
def test_entities_are_paged_by_their_number(api: httpx.Client) -> None:
    parameters = {"direction": "Upstream", "include_pagination_info": "true", "upstreamDepth": 5}
    pages = [
        get(
            api,
            "lineage/getLineageByEntityCount",
            **{"fqn": fqn("d"), "from": start, "size": 2, **parameters},
        )
        for start in (0, 2)
    ]
    assert [depths(one) for one in pages] == [{"d": 0, "c": -1, "a": -2}, {"d": 0, "b": -2}]
    assert pairs(pages[0]["upstreamEdges"]) == {"cd", "ac"}
    assert pages[0]["downstreamEdges"] == {}
    assert pages[0]["paginationInfo"]["upstreamDepthInfo"] == [
        {"depth": 0, "entityCount": 1},
        {"depth": 1, "entityCount": 1},
        {"depth": 2, "entityCount": 2},
    ]
    near = {"fqn": fqn("a"), "direction": "Downstream", "nodeDepth": 1}
    answer = get(api, "lineage/getLineageByEntityCount", **near)
    assert depths(answer) == {"a": 0, "b": 1, "c": 1}
    assert pairs(answer["downstreamEdges"]) == {"ab", "bc", "ac"}
    answer = get(api, "lineage/getLineageByEntityCount", **{**near, "nodeDepth": 0})
    assert depths(answer) == {"a": 0}


@pytest.mark.usefixtures("chain")
def test_entities_are_counted_by_their_distance(api: httpx.Client) -> None:
    parameters = {"fqn": fqn("c"), "type": "table", "upstreamDepth": 3, "downstreamDepth": 3}
    assert get(api, "lineage/getPaginationInfo", **parameters) == {
        "totalUpstreamEntities": 3,
        "totalDownstreamEntities": 2,
        "upstreamDepthInfo": [{"depth": 0, "entityCount": 1}, {"depth": 1, "entityCount": 2}],
        "downstreamDepthInfo": [{"depth": 0, "entityCount": 1}, {"depth": 1, "entityCount": 1}],
        "maxUpstreamDepth": 1,
        "maxDownstreamDepth": 1,
    }
    alone = get(api, "lineage/getPaginationInfo", fqn=fqn("c"))
    assert (alone["totalUpstreamEntities"], alone["maxDownstreamDepth"]) == (1, 0)


@pytest.mark.usefixtures("chain")
def test_edges_are_exported_a_line_each(api: httpx.Client) -> None:
    parameters: dict[str, Any] = {"fqn": fqn("b"), "upstreamDepth": 1, "downstreamDepth": 1}
    reply = api.get("lineage/export", params=parameters)
    assert reply.headers["Content-Type"] == "text/plain"
    into, out = csv.DictReader(io.StringIO(reply.text))
    assert into["columnLineage"] == f"{fqn('a', 'x')}:{fqn('b', 'x')}"
    assert (into["fromFullyQualifiedName"], into["toEntityType"]) == (fqn("a"), "table")
    assert (into["sqlQuery"], into["source"], into["description"]) == ("select a", "Manual", "d")
    assert out["toFullyQualifiedName"] == fqn("c")


@pytest.mark.skipif(not DOCUMENTED.exists(), reason="OpenMetadata's schemas are not at hand")
def test_the_export_has_the_columns_that_are_documented() -> None:
    headers = json.loads(DOCUMENTED.read_text("utf-8"))["headers"]
    assert [header["name"] for header in headers] == list(HEADERS)


@pytest.mark.usefixtures("chain")
@pytest.mark.parametrize(
    ("path", "parameters", "status"),
    [
        ("getLineage", {}, 404),
        ("getLineage", {"fqn": "nobody"}, 404),
        ("getLineage", {"fqn": fqn("a"), "type": "mlmodel"}, 404),
        ("getLineage", {"fqn": fqn("a"), "type": "nonsense"}, 400),
        ("getLineage", {"fqn": fqn("a"), "upstreamDepth": "-1"}, 400),
        ("getLineage", {"fqn": fqn("a"), "upstreamDepth": "9" * 30}, 400),
        ("getLineage", {"fqn": fqn("a"), "query_filter": '{"query": {}}'}, 400),
        ("getLineage", {"fqn": fqn("a"), "column_filter": "columnName:x"}, 400),
        ("getLineage/Sideways", {"fqn": fqn("a")}, 404),
        ("getLineageByEntityCount", {"fqn": fqn("a")}, 400),
        ("getLineageByEntityCount", {"fqn": fqn("a"), "direction": "Upstream", "size": -1}, 400),
    ],
)
def test_what_cannot_be_found_is_refused(
    api: httpx.Client, path: str, parameters: dict[str, Any], status: int
) -> None:
    refused(api.get(f"lineage/{path}", params=parameters), status)
