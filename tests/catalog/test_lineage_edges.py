from typing import Any

import httpx
import pytest

from tests.catalog.calls import Body, column, edge, get, patch, put, reference, refused, table
from tests.catalog.conftest import Clock, World

NOBODY = {"id": "00000000-0000-4000-8000-000000000000", "type": "table"}


def mapping(*columns: str, to: str, **facts: str) -> Body:
    return {"fromColumns": list(columns), "toColumn": to, **facts}


def details(api: httpx.Client, upstream: Body, downstream: Body) -> Body:
    found: Body = get(api, f"lineage/getLineageEdge/{upstream['id']}/{downstream['id']}")["edge"]
    return found


def write(api: httpx.Client, upstream: Body, downstream: Body, **sent: Any) -> Body:
    """Write an edge and give the details that the catalog keeps."""
    reply = api.put("lineage", json=edge(upstream, downstream, **sent))
    assert (reply.status_code, reply.content) == (200, b"")
    return details(api, upstream, downstream)


def test_an_edge_keeps_all_that_is_known_about_it(
    api: httpx.Client, world: World, clock: Clock
) -> None:
    told = write(
        api,
        world.people_reference,
        world.churn_reference,
        source="QueryLineage",
        description="training set",
        sqlQuery="select age from people",
        pipeline={"id": world.etl["id"], "type": "pipeline"},
        columnsLineage=[mapping("pg.hr.public.people.age", to="mlf.churn.age", function="f")],
    )
    assert told.pop("pipeline")["fullyQualifiedName"] == "af.etl"
    by, when = "ingestion-bot", clock.milliseconds
    assert told == {
        "source": "QueryLineage",
        "description": "training set",
        "sqlQuery": "select age from people",
        "columnsLineage": [mapping("pg.hr.public.people.age", to="mlf.churn.age", function="f")],
        "createdAt": when,
        "createdBy": by,
        "updatedAt": when,
        "updatedBy": by,
    }


def test_a_second_put_replaces_all_details(api: httpx.Client, world: World) -> None:
    ends = world.people_reference, world.pay_reference
    first: Body = {"source": "QueryLineage", "description": "d", "sqlQuery": "s"}
    write(api, *ends, **first, columnsLineage=[mapping(f"{PEOPLE}.id", to=f"{PAY}.id")])
    told = write(api, *ends)
    assert (told["source"], told["columnsLineage"]) == ("Manual", [])
    assert not {"description", "sqlQuery"} & told.keys()


def test_the_description_beside_the_details_is_lost(api: httpx.Client, world: World) -> None:
    body = edge(world.people_reference, world.pay_reference, sqlQuery="s")
    body["edge"]["description"] = "lost"
    api.put("lineage", json=body)
    assert "description" not in details(api, world.people_reference, world.pay_reference)


PEOPLE, PAY = "pg.hr.public.people", "pg.hr.public.pay"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (mapping(f"{PEOPLE}.age", to=f"{PAY}.id"), mapping(f"{PEOPLE}.age", to=f"{PAY}.id")),
        (
            mapping(f"{PEOPLE}.age", f"{PEOPLE}.nope", to=f"{PAY}.id"),
            mapping(f"{PEOPLE}.age", to=f"{PAY}.id"),
        ),
        (
            mapping(f"{PEOPLE}.address.street", to=f"{PAY}.amount"),
            mapping(f"{PEOPLE}.address.street", to=f"{PAY}.amount"),
        ),
        (mapping(f"{PEOPLE}.AGE", to=f"{PAY}.id"), None),
        (mapping(f"{PEOPLE}.age", to=f"{PAY}.nope"), None),
        (mapping(f"{PEOPLE}.age", to="id"), None),
        (mapping(to=f"{PAY}.id"), None),
        (mapping(f"{PAY}.id", to=f"{PEOPLE}.age"), None),
    ],
)
def test_mappings_of_what_does_not_exist_are_dropped_in_silence(
    api: httpx.Client, world: World, sent: Body, kept: Body | None
) -> None:
    told = write(api, world.people_reference, world.pay_reference, columnsLineage=[sent])
    assert told["columnsLineage"] == ([kept] if kept else [])


def test_mappings_may_name_features_and_charts_but_no_tasks(
    api: httpx.Client, world: World
) -> None:
    board = reference(world.board, "dashboard")
    write_chart = [mapping("mlf.churn.age", to="bi.risk")]
    told = write(api, world.churn_reference, board, columnsLineage=write_chart)
    assert told["columnsLineage"] == write_chart
    task = [mapping(f"{PEOPLE}.id", to="af.etl.load")]
    told = write(api, world.people_reference, world.etl_reference, columnsLineage=task)
    assert told["columnsLineage"] == []


@pytest.mark.parametrize(
    "change",
    [
        {"edge": {}},
        {},
        {"edge": {"fromEntity": NOBODY}},
        {"edge": {"fromEntity": {"type": "table"}, "toEntity": NOBODY}},
        {"edge": {"fromEntity": {"id": NOBODY["id"]}, "toEntity": NOBODY}},
        {"edge": {"fromEntity": NOBODY, "toEntity": NOBODY, "colour": "red"}},
    ],
)
def test_an_edge_without_its_pieces_is_refused(api: httpx.Client, change: Body) -> None:
    refused(api.put("lineage", json=change), 400)


@pytest.mark.parametrize(
    "sent",
    [
        {"source": "Guesswork"},
        {"columnsLineage": "a"},
        {"sqlQuery": 7},
        {"pipeline": {"id": "x", "type": "pipeline"}},
    ],
)
def test_details_that_do_not_fit_are_refused(api: httpx.Client, world: World, sent: Body) -> None:
    body = edge(world.people_reference, world.pay_reference, **sent)
    refused(api.put("lineage", json=body), 400)
    assert get(api, f"lineage/table/{world.pay['id']}")["nodes"] == []


def test_an_edge_without_a_source_fails_after_it_is_stored(api: httpx.Client, world: World) -> None:
    body = edge(world.people_reference, world.pay_reference, source=None, sqlQuery="s")
    refused(api.put("lineage", json=body), 500, "getSource()")
    assert details(api, world.people_reference, world.pay_reference)["sqlQuery"] == "s"
    found = get(api, "search/query", index="table", sort_field="fullyQualifiedName")
    lineage = [hit["_source"]["upstreamLineage"] for hit in found["hits"]["hits"]]
    assert lineage == [[], []]


def test_a_mapping_into_nothing_fails_and_one_from_nothing_is_dropped(
    api: httpx.Client, world: World
) -> None:
    ends = world.people_reference, world.pay_reference
    for bad, status in (({"fromColumns": [f"{PEOPLE}.id"]}, 500), ({"toColumn": f"{PAY}.id"}, 200)):
        assert api.put("lineage", json=edge(*ends, columnsLineage=[bad])).status_code == status
    assert details(api, *ends)["columnsLineage"] == []


def test_unknown_keys_of_details_are_kept(api: httpx.Client, world: World) -> None:
    ends = world.people_reference, world.pay_reference
    api.put("lineage", json=edge(*ends, colour="red"))
    assert details(api, *ends)["colour"] == "red"


@pytest.mark.parametrize("end", ["fromEntity", "toEntity", "pipeline"])
@pytest.mark.parametrize("state", ["unknown", "deleted", "of another kind"])
def test_an_edge_to_what_is_not_there_is_refused(
    api: httpx.Client, world: World, end: str, state: str
) -> None:
    body = edge(world.people_reference, world.pay_reference, pipeline=world.etl_reference)
    ends = body["edge"]["lineageDetails"] if end == "pipeline" else body["edge"]
    if state == "deleted":
        path = "pipelines" if end == "pipeline" else "tables"
        api.delete(f"{path}/{ends[end]['id']}")
    else:
        ends[end] |= {"id": NOBODY["id"]} if state == "unknown" else {"type": "topic"}
    refused(api.put("lineage", json=body), 404, "instance for")


def test_an_entity_may_feed_itself_and_entities_may_feed_each_other(
    api: httpx.Client, world: World
) -> None:
    people, pay = world.people_reference, world.pay_reference
    for ends in ((people, people), (people, pay), (pay, people)):
        write(api, *ends)
    lineage = get(api, f"lineage/table/{people['id']}", upstreamDepth=1, downstreamDepth=0)
    assert {one["fromEntity"] for one in lineage["upstreamEdges"]} == {people["id"], pay["id"]}


# --------------------------------------------------------------------------------------- times


def test_an_edge_remembers_when_it_was_first_written(
    api: httpx.Client, world: World, clock: Clock
) -> None:
    created = clock.milliseconds
    write(api, world.people_reference, world.pay_reference)
    clock.seconds += 60
    told = write(api, world.people_reference, world.pay_reference, description="x")
    assert (told["createdAt"], told["updatedAt"]) == (created, clock.milliseconds)


def test_times_that_are_sent_reach_back_and_forth(
    api: httpx.Client, world: World, clock: Clock
) -> None:
    ends = world.people_reference, world.pay_reference
    assert write(api, *ends, createdAt=1000, createdBy="me")["createdAt"] == 1000
    told = write(api, *ends, createdAt=2000, updatedAt=clock.milliseconds + 5)
    assert (told["createdAt"], told["updatedAt"]) == (1000, clock.milliseconds + 5)
    assert write(api, *ends)["updatedAt"] == clock.milliseconds + 5
    assert (told["createdBy"], told["updatedBy"]) == ("ingestion-bot", "ingestion-bot")


# ------------------------------------------------------------------------- edges from features


def test_a_new_model_is_linked_to_its_sources_without_details(
    api: httpx.Client, world: World
) -> None:
    lineage = get(api, f"lineage/mlmodel/{world.churn['id']}", downstreamDepth=0)
    ids = {"fromEntity": world.people["id"], "toEntity": world.churn["id"]}
    assert lineage["upstreamEdges"] == [ids]


def test_such_an_edge_can_be_removed_but_neither_read_nor_patched(
    api: httpx.Client, world: World
) -> None:
    ids = f"table/{world.people['id']}/mlmodel/{world.churn['id']}"
    pair = f"lineage/getLineageEdge/{world.people['id']}/{world.churn['id']}"
    refused(api.get(pair), 404, "Lineage edge not found")
    refused(patch(api, f"lineage/{ids}", {"op": "add", "path": "/sqlQuery", "value": "s"}), 404)
    assert api.delete(f"lineage/mlmodel/{world.churn['id']}/type/Manual").status_code == 200
    assert get(api, f"lineage/mlmodel/{world.churn['id']}")["upstreamEdges"]
    assert api.delete(f"lineage/{ids}").status_code == 200
    refused(api.delete(f"lineage/{ids}"), 404, "Lineage edge not found")


def test_only_creating_a_model_links_it(api: httpx.Client, world: World) -> None:
    sources = [{"name": "amount", "dataSource": world.pay_reference}]
    later = [{"name": "salary", "featureSources": sources}]
    put(api, "mlmodels", name="churn", service="mlf", algorithm="XGBoost", mlFeatures=later)
    nodes = get(api, f"lineage/mlmodel/{world.churn['id']}")["nodes"]
    assert [node["name"] for node in nodes] == ["people"]


def test_sources_are_named_after_the_reference_that_was_sent(
    api: httpx.Client, world: World
) -> None:
    bare = {"id": world.people["id"], "type": "table"}
    sources = [
        {"name": "age", "dataSource": bare},
        {"name": "a.b", "dataSource": world.people_reference},
        {"name": "free text"},
    ]
    model = put(
        api,
        "mlmodels",
        name="m",
        service="mlf",
        mlFeatures=[{"name": "f.1", "featureSources": sources}],
    )
    [feature] = model["mlFeatures"]
    assert feature["fullyQualifiedName"] == 'mlf.m."f.1"'
    found = [source["fullyQualifiedName"] for source in feature["featureSources"]]
    assert found == ["null.age", 'pg.hr.public.people."a.b"', "free text"]
    assert feature["featureSources"][0]["dataSource"] == bare
    lineage = get(api, f"lineage/mlmodel/{model['id']}")
    assert len(lineage["upstreamEdges"]) == 1


@pytest.mark.parametrize("state", ["unknown", "deleted"])
def test_a_source_in_what_is_not_there_is_refused(
    api: httpx.Client, world: World, state: str
) -> None:
    source = {"name": "age", "dataSource": NOBODY if state == "unknown" else world.pay_reference}
    if state == "deleted":
        api.delete(f"tables/{world.pay['id']}")
    body = {
        "name": "m",
        "service": "mlf",
        "mlFeatures": [{"name": "f", "featureSources": [source]}],
    }
    refused(api.post("mlmodels", json=body), 404, "table instance for")
    refused(api.get("mlmodels/name/mlf.m"), 404)


# ---------------------------------------------------------------------- patches and deletions


def test_a_patch_changes_one_detail_and_answers_with_all(
    api: httpx.Client, world: World, clock: Clock
) -> None:
    created = clock.milliseconds
    write(api, world.people_reference, world.pay_reference, description="d", sqlQuery="s")
    clock.seconds += 60
    path = f"lineage/table/{world.people['id']}/table/{world.pay['id']}"
    good, bad = mapping(f"{PEOPLE}.id", to=f"{PAY}.id"), mapping("nope", to=f"{PAY}.id")
    reply = patch(api, path, {"op": "replace", "path": "/columnsLineage", "value": [good, bad]})
    told = reply.json()
    assert (told["description"], told["columnsLineage"]) == ("d", [good])
    assert (told["createdAt"], told["updatedAt"]) == (created, clock.milliseconds)
    assert details(api, world.people_reference, world.pay_reference) == told


def test_a_patch_of_an_edge_resolves_the_pipeline(api: httpx.Client, world: World) -> None:
    write(api, world.people_reference, world.pay_reference)
    path = f"lineage/table/name/{PEOPLE}/table/name/{PAY}"
    bare = {"id": world.etl["id"], "type": "pipeline"}
    reply = patch(api, path, {"op": "add", "path": "/pipeline", "value": bare})
    assert reply.json()["pipeline"]["fullyQualifiedName"] == "af.etl"
    missing = {"op": "add", "path": "/pipeline", "value": {**bare, "id": NOBODY["id"]}}
    refused(patch(api, path, missing), 404)
    coloured = patch(api, path, {"op": "add", "path": "/colour", "value": 1})
    assert coloured.json()["colour"] == 1
    refused(patch(api, path, {"op": "remove", "path": "/nothing"}), 500)


def test_an_edge_can_be_written_read_and_removed_by_name(api: httpx.Client, world: World) -> None:
    named = f"table/name/{PEOPLE}/mlmodel/name/mlf.churn"
    reply = api.put(f"lineage/{named}", json={"sqlQuery": "select 1"})
    assert (reply.status_code, reply.content) == (200, b"")
    assert get(api, f"lineage/getLineageEdge/{named}")["edge"]["sqlQuery"] == "select 1"
    assert details(api, world.people_reference, world.churn_reference)["sqlQuery"] == "select 1"
    assert api.delete(f"lineage/{named}").status_code == 200
    refused(api.get(f"lineage/getLineageEdge/{named}"), 404)
    refused(api.delete(f"lineage/{named}"), 404)
    refused(api.put(f"lineage/table/name/{PEOPLE}/table/name/nope", json={}), 404)


def test_an_edge_of_what_is_deleted_can_be_removed_and_not_be_changed(
    api: httpx.Client, world: World
) -> None:
    path = f"lineage/table/{world.people['id']}/mlmodel/{world.churn['id']}"
    write(api, world.people_reference, world.churn_reference)
    api.delete(f"tables/{world.people['id']}")
    told = patch(api, path, {"op": "add", "path": "/description", "value": "x"})
    refused(told, 404, "table instance for")
    assert api.delete(path).status_code == 200
    refused(api.delete(path), 404, "Lineage edge not found")


def test_edges_into_an_entity_are_removed_by_how_they_were_recorded(
    api: httpx.Client, world: World
) -> None:
    third = reference(put(api, "tables", **table("third", column("c"))), "table")
    write(api, world.people_reference, world.pay_reference, source="QueryLineage")
    write(api, third, world.pay_reference, source="DbtLineage")
    write(api, world.pay_reference, third, source="QueryLineage")
    path = f"lineage/table/{world.pay['id']}/type"
    assert api.delete(f"{path}/QueryLineage").content == b""
    assert api.delete(f"{path}/Nonsense").status_code == 200
    lineage = get(api, f"lineage/table/{world.pay['id']}")
    assert [one["fromEntity"] for one in lineage["upstreamEdges"]] == [third["id"]]
    assert len(lineage["downstreamEdges"]) == 1


def test_edges_of_a_pipeline_are_removed_by_the_pipeline(api: httpx.Client, world: World) -> None:
    write(
        api,
        world.people_reference,
        world.pay_reference,
        source="PipelineLineage",
        pipeline=world.etl_reference,
    )
    assert api.delete(f"lineage/source/name/table/{PAY}/type/PipelineLineage").status_code == 200
    assert get(api, f"lineage/table/{world.pay['id']}")["nodes"]
    assert api.delete("lineage/source/name/pipeline/af.etl/type/PipelineLineage").is_success
    assert get(api, f"lineage/table/{world.pay['id']}")["nodes"] == []
    refused(api.delete("lineage/source/name/pipeline/af.nope/type/PipelineLineage"), 404)
