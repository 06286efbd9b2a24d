from collections import Counter

import httpx
import pytest

from tests.catalog.calls import Body, column, edge, get, patch, put, reference, refused, table
from tests.catalog.conftest import World


@pytest.fixture
def letters(
    api: httpx.Client,
    world: World,  # noqa: ARG001 - it has to be there first
) -> dict[str, Body]:
    """Tables a to g, joined as: a-b, a-c, b-d, c-d, d-e, e-f, f-g."""
    found = {
        name: reference(put(api, "tables", **table(name, column("x"))), "table")
        for name in "abcdefg"
    }
    for upstream, downstream in ("ab", "ac", "bd", "cd", "de", "ef", "fg"):
        assert api.put("lineage", json=edge(found[upstream], found[downstream])).is_success
    return found


def pairs(lineage: Body, letters: dict[str, Body], direction: str) -> Counter[str]:
    name = {entity["id"]: letter for letter, entity in letters.items()}
    return Counter(
        name[one["fromEntity"]] + name[one["toEntity"]] for one in lineage[f"{direction}Edges"]
    )


def names(lineage: Body) -> list[str]:
    return sorted(node["name"] for node in lineage["nodes"])


@pytest.mark.parametrize(
    ("hops", "nodes"), [(0, []), (1, ["e"]), (2, ["d", "e"]), (3, ["b", "c", "d", "e"])]
)
def test_lineage_goes_as_far_up_as_asked(
    api: httpx.Client, letters: dict[str, Body], hops: int, nodes: list[str]
) -> None:
    path = f"lineage/table/{letters['f']['id']}"
    lineage = get(api, path, upstreamDepth=hops, downstreamDepth=0)
    assert names(lineage) == nodes
    assert lineage["downstreamEdges"] == []


def test_one_hop_either_way_comes_unless_asked_otherwise(
    api: httpx.Client, letters: dict[str, Body]
) -> None:
    lineage = get(api, "lineage/table/name/pg.hr.public.d")
    assert pairs(lineage, letters, "upstream") == {"bd": 1, "cd": 1}
    assert pairs(lineage, letters, "downstream") == {"de": 1}
    assert lineage["entity"]["name"] == "d"
    assert names(lineage) == ["b", "c", "e"]


@pytest.mark.parametrize("hops", ["-1", "4", "x"])
def test_lineage_beyond_three_hops_is_refused(
    api: httpx.Client, letters: dict[str, Body], hops: str
) -> None:
    path = f"lineage/table/{letters['f']['id']}"
    refused(api.get(path, params={"upstreamDepth": hops}), 400, "upstreamDepth")


def test_edges_beyond_a_diamond_come_twice_but_nodes_once(
    api: httpx.Client, letters: dict[str, Body]
) -> None:
    path = f"lineage/table/{letters['a']['id']}"
    lineage = get(api, path, upstreamDepth=0, downstreamDepth=3)
    assert pairs(lineage, letters, "downstream") == {"ab": 1, "ac": 1, "bd": 1, "cd": 1, "de": 2}
    assert names(lineage) == ["b", "c", "d", "e"]


def test_on_a_cycle_the_root_is_among_the_nodes(
    api: httpx.Client, letters: dict[str, Body]
) -> None:
    api.put("lineage", json=edge(letters["b"], letters["a"]))
    path = f"lineage/table/{letters['a']['id']}"
    lineage = get(api, path, upstreamDepth=3, downstreamDepth=0)
    assert pairs(lineage, letters, "upstream") == {"ba": 2, "ab": 1}
    assert names(lineage) == ["a", "b"]


def test_deleted_neighbours_are_shown_as_deleted(
    api: httpx.Client, letters: dict[str, Body]
) -> None:
    api.delete(f"tables/{letters['e']['id']}")
    path = f"lineage/table/{letters['f']['id']}"
    nodes = get(api, path, upstreamDepth=2, downstreamDepth=0)["nodes"]
    assert {node["name"]: node["deleted"] for node in nodes} == {"d": False, "e": True}


def test_a_deleted_root_answers_by_id_and_not_by_name(
    api: httpx.Client, letters: dict[str, Body]
) -> None:
    root = letters["e"]
    api.delete(f"tables/{root['id']}")
    assert get(api, f"lineage/table/{root['id']}")["entity"]["deleted"] is True
    refused(api.get(f"lineage/table/name/{root['fullyQualifiedName']}"), 404)


def test_a_pipeline_shows_what_it_carries_as_if_it_stood_between(
    api: httpx.Client, letters: dict[str, Body], world: World
) -> None:
    carried = edge(letters["a"], letters["g"], pipeline=world.etl_reference)
    api.put("lineage", json=carried)
    between = get(api, f"lineage/table/{letters['g']['id']}")
    assert names(between) == ["a", "f"]
    lineage = get(api, "lineage/pipeline/name/af.etl")
    assert names(lineage) == ["a", "g"]
    [above], [below] = lineage["upstreamEdges"], lineage["downstreamEdges"]
    assert (above["fromEntity"], above["toEntity"]) == (letters["a"]["id"], world.etl["id"])
    assert (below["fromEntity"], below["toEntity"]) == (world.etl["id"], letters["g"]["id"])
    assert above["lineageDetails"] == below["lineageDetails"]


def test_a_pipeline_can_be_an_end_itself(
    api: httpx.Client, letters: dict[str, Body], world: World
) -> None:
    api.put("lineage", json=edge(letters["a"], world.etl_reference))
    assert names(get(api, f"lineage/pipeline/{world.etl['id']}")) == ["a"]


def test_a_root_that_does_not_exist_is_not_found(api: httpx.Client) -> None:
    nobody = "00000000-0000-4000-8000-000000000000"
    refused(api.get(f"lineage/table/{nobody}"), 404, f"table instance for {nobody} not found")
    refused(api.get("lineage/nonsense/name/x"), 404)


def test_services_are_joined_by_an_edge_that_counts_those_between_assets(
    api: httpx.Client, world: World
) -> None:
    def derived() -> list[Body]:
        edges = get(api, "lineage/mlmodelService/name/mlf")["upstreamEdges"]
        return [one["lineageDetails"] for one in edges]

    def write(upstream: Body) -> None:
        api.put("lineage", json=edge(upstream, world.churn_reference))

    assert derived() == []
    write(world.pay_reference)
    write(world.pay_reference)
    assert [(one["source"], one["assetEdges"]) for one in derived()] == [("ChildAssets", 1)]
    third = reference(put(api, "tables", **table("third", column("c"))), "table")
    write(third)
    assert [one["assetEdges"] for one in derived()] == [2]
    for upstream in (third, world.pay_reference):
        api.delete(f"lineage/table/{upstream['id']}/mlmodel/{world.churn['id']}")
    assert derived() == []


def test_domains_are_joined_the_same_way(api: httpx.Client, world: World) -> None:
    for name, path in (("people", "tables"), ("churn", "mlmodels")):
        put(api, "domains", name=name, domainType="Aggregate", description="d")
        domain = reference(get(api, f"domains/name/{name}"), "domain")
        entity = world.people if path == "tables" else world.churn
        patch(api, f"{path}/{entity['id']}", {"op": "add", "path": "/domains/0", "value": domain})
    api.put("lineage", json=edge(world.people_reference, world.churn_reference))
    assert names(get(api, "lineage/domain/name/churn")) == ["people"]
