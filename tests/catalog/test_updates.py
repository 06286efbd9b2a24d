import json
from pathlib import Path

import httpx
import pytest

from lineage.catalog.wsgi import Catalog
from tests.catalog.calls import (
    Body,
    column,
    edge,
    get,
    label,
    patch,
    put,
    reference,
    refused,
    table,
    unmarked,
)
from tests.catalog.conftest import Clock, World

pytestmark = pytest.mark.usefixtures("world")

MODEL = {"name": "churn", "service": "mlf", "algorithm": "XGBoost", "dashboard": "bi.board"}


def features(world: World) -> list[Body]:
    """The features of the model as they were sent."""
    sources = [{"name": "age", "dataSource": world.people_reference}]
    return [
        {"name": "age", "dataType": "numerical", "featureSources": sources},
        {"name": "salary", "dataType": "numerical"},
    ]


def tags_of(part: Body) -> list[str]:
    return sorted(tag["tagFQN"] for tag in part["tags"])


def tell(api: httpx.Client, path: str, **value: object) -> Body:
    """Add fields by a patch."""
    operations = [{"op": "add", "path": f"/{key}", "value": item} for key, item in value.items()]
    reply = patch(api, path, *operations)
    assert reply.status_code == 200, reply.text
    found: Body = reply.json()
    return found


# ----------------------------------------------------------------------------------------- PUT


def test_a_put_replaces_what_a_model_is_made_of(api: httpx.Client, world: World) -> None:
    put(api, "mlmodels", **MODEL, mlFeatures=features(world), mlStore={"storage": "s3://x"})
    bare = put(api, "mlmodels", name="churn", service="mlf", algorithm="XGBoost")
    assert not {"mlFeatures", "mlStore", "dashboard"} & bare.keys()


def test_a_put_without_an_algorithm_falls_back_to_the_default(
    api: httpx.Client, world: World
) -> None:
    model = put(api, "mlmodels", name="churn", service="mlf", mlFeatures=features(world))
    assert (model["algorithm"], model["version"]) == ("mlmodel", 1.1)


def test_a_put_adds_tags_and_never_takes_one_away(api: httpx.Client) -> None:
    put(api, "tables", **table("pay", column("id", tags=[label("PII.None")]), column("amount")))
    columns = [column("id", tags=[label("PersonalData.Personal")]), column("amount")]
    entity = put(api, "tables", **table("pay", *columns, tags=[label("Tier.Tier1")]))
    assert tags_of(entity["columns"][0]) == ["PII.None", "PersonalData.Personal"]
    assert tags_of(put(api, "tables", **table("pay", *columns))) == ["Tier.Tier1"]


def test_a_put_adds_tags_to_features_too(api: httpx.Client) -> None:
    tagged = [{"name": "age", "tags": [label("PII.Sensitive")]}]
    put(api, "mlmodels", **MODEL, mlFeatures=tagged)
    model = put(api, "mlmodels", **MODEL, mlFeatures=[{"name": "age"}])
    assert tags_of(model["mlFeatures"][0]) == ["PII.Sensitive"]


def test_a_put_by_a_bot_leaves_descriptions_that_are_there(api: httpx.Client) -> None:
    column_ = column("id", description="first")
    put(api, "tables", **table("t", column_, description="first", displayName="First"))
    later = column("id", description="second")
    entity = put(api, "tables", **table("t", later, description="second", displayName="Second"))
    assert (entity["description"], entity["displayName"]) == ("first", "First")
    assert entity["columns"][0]["description"] == "first"
    assert entity["version"] == 0.1


def test_a_put_by_a_person_replaces_descriptions(tmp_path: Path) -> None:
    with (
        Catalog(tmp_path / "other.db", user="admin") as catalog,
        httpx.Client(
            transport=httpx.WSGITransport(app=catalog),
            base_url="http://x/api/v1/",
            headers={"Authorization": f"Bearer {catalog.token}"},
        ) as api,
    ):
        for text in ("first", "second"):
            put(api, "metrics", name="m", description=text)
        stored = get(api, "metrics/name/m")
        assert (stored["description"], stored["updatedBy"]) == ("second", "admin")
        assert get(api, "users/loggedInUser")["name"] == "admin"


def test_a_put_can_replace_owners_but_not_remove_them(api: httpx.Client) -> None:
    teams = [
        reference(put(api, "teams", name=name, teamType="Group"), "team") for name in ("a", "b")
    ]
    put(api, "tables", **table("t", column("c"), owners=teams[:1]))
    kept = put(api, "tables", **table("t", column("c")))
    assert [owner["name"] for owner in kept["owners"]] == ["a"]
    other = put(api, "tables", **table("t", column("c"), owners=teams[1:]))
    assert [owner["name"] for owner in other["owners"]] == ["b"]


def test_a_put_keeps_the_extension(api: httpx.Client) -> None:
    put(api, "tables", **table("t", column("c"), extension={"cost": 1}))
    entity = put(api, "tables", **table("t", column("c")))
    assert entity["extension"] == {"cost": 1}


def test_a_put_replaces_the_charts_of_a_dashboard(api: httpx.Client) -> None:
    put(api, "charts", name="other", service="bi")
    board = put(api, "dashboards", name="board", service="bi", charts=["bi.other"])
    assert [chart["fullyQualifiedName"] for chart in board["charts"]] == ["bi.other"]


# ------------------------------------------------------------------------------------- patches


def test_a_patch_changes_what_it_says(api: httpx.Client, world: World) -> None:
    model = tell(api, f"mlmodels/{world.churn['id']}", target="left")
    assert model["target"] == "left"
    path = "mlmodels/name/mlf.churn"
    assert patch(api, path, {"op": "remove", "path": "/target"}).json().get("target") is None


def test_a_patch_can_take_tags_and_descriptions_away(api: httpx.Client, world: World) -> None:
    path = f"tables/{world.people['id']}"
    tell(api, path, description="x")
    reply = patch(
        api,
        path,
        {"op": "remove", "path": "/description"},
        {"op": "remove", "path": "/columns/1/tags/0"},
    )
    assert "description" not in reply.json()
    assert reply.json()["columns"][1]["tags"] == []


def test_a_patch_can_link_and_unlink(api: httpx.Client, world: World) -> None:
    path = f"mlmodels/{world.churn['id']}"
    assert "dashboard" not in patch(api, path, {"op": "remove", "path": "/dashboard"}).json()
    told = tell(api, path, dashboard=reference(world.board, "dashboard"))
    assert told["dashboard"]["fullyQualifiedName"] == "bi.board"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", "00000000-0000-4000-8000-000000000000"),
        ("fullyQualifiedName", "other"),
        ("service", {"id": "00000000-0000-4000-8000-000000000000", "type": "mlmodelService"}),
        ("version", 7.5),
    ],
)
def test_a_patch_of_what_cannot_change_is_ignored(
    api: httpx.Client, world: World, field: str, value: object
) -> None:
    operation = {"op": "replace", "path": f"/{field}", "value": value}
    reply = patch(api, f"mlmodels/{world.churn['id']}", operation)
    assert unmarked(reply.json()) == world.churn


def test_a_patch_of_a_name_that_cannot_change_renames_features_and_mappings(
    api: httpx.Client, world: World
) -> None:
    mapping = {"fromColumns": ["pg.hr.public.people.age"], "toColumn": "mlf.churn.age"}
    ends = world.people_reference, world.churn_reference
    api.put("lineage", json=edge(*ends, columnsLineage=[mapping]))
    path = f"mlmodels/{world.churn['id']}"
    patch(api, path, {"op": "replace", "path": "/name", "value": "other"})
    model = get(api, path)
    assert (model["name"], model["fullyQualifiedName"]) == ("churn", "mlf.churn")
    assert [one["fullyQualifiedName"] for one in model["mlFeatures"]] == [
        "mlf.other.age",
        "mlf.other.salary",
    ]
    stored = get(api, f"lineage/getLineageEdge/{ends[0]['id']}/{ends[1]['id']}")["edge"]
    assert stored["columnsLineage"] == [{**mapping, "toColumn": "mlf.other.age"}]


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "replace", "path": "/nowhere/at/all", "value": 1},
        {"op": "remove", "path": "/target"},
        {"op": "add", "path": "/colour", "value": "red"},
        {"op": "add", "path": "/algorithm", "value": 7},
        {"op": "add", "path": "/algorithm/deep", "value": 7},
        {"op": "add", "path": "/mlFeatures/x", "value": {}},
        {"op": "add", "path": "/mlFeatures/99", "value": {}},
        {"op": "add", "path": "no-slash", "value": 1},
        {"op": "add", "path": "/algorithm"},
        {"op": "move", "path": "/algorithm"},
        {"op": "test", "path": "/algorithm", "value": "other"},
        {"op": "bend", "path": "/algorithm", "value": "x"},
        {"path": "/algorithm", "value": "x"},
        {"op": "replace", "path": "", "value": [1]},
    ],
)
def test_a_patch_that_cannot_be_applied_is_refused_and_changes_nothing(
    api: httpx.Client, world: World, operation: Body
) -> None:
    path = f"mlmodels/{world.churn['id']}"
    refused(patch(api, path, operation), 500)
    assert get(api, path, fields="*") == world.churn


def test_a_patch_is_no_object(api: httpx.Client, world: World) -> None:
    media = {"Content-Type": "application/json-patch+json"}
    refused(api.patch(f"mlmodels/{world.churn['id']}", content="{}", headers=media), 500)


@pytest.mark.parametrize("given", ["*", 'W/"0.1"', "the strong one"])
def test_a_patch_is_applied_when_its_condition_holds(
    api: httpx.Client, world: World, given: str
) -> None:
    path = f"tables/{world.pay['id']}"
    whole = api.get(path, params={"fields": "*"})
    condition = whole.headers["ETag"] if given == "the strong one" else given
    operation = {"op": "add", "path": "/description", "value": "x"}
    assert patch(api, path, operation, headers={"If-Match": condition}).status_code == 200
    refused(patch(api, path, operation, headers={"If-Match": 'W/"0.1"'}), 412)


# ------------------------------------------------------------------------------------ versions


@pytest.mark.parametrize(
    ("field", "value", "version"),
    [
        ("algorithm", "Other", 1.1),
        ("server", "https://example.com/x", 1.1),
        ("target", "left", 1.1),
        ("description", "x", 0.2),
        ("displayName", "x", 0.2),
        ("mlStore", {"storage": "s3://x"}, 0.2),
        ("mlHyperParameters", [{"name": "depth", "value": "3"}], 0.2),
        ("mlFeatures", [{"name": "other"}], 0.2),
        ("sourceUrl", "https://example.com", 0.2),
        ("sourceHash", "abc", 0.1),
    ],
)
def test_a_change_of_a_model_makes_a_version_by_what_changed(
    api: httpx.Client, world: World, field: str, value: object, version: float
) -> None:
    model = tell(api, f"mlmodels/{world.churn['id']}", **{field: value})
    assert (model[field] == value or field == "mlFeatures", model["version"]) == (True, version)


def test_several_changes_at_once_make_one_version_and_major_wins(
    api: httpx.Client, world: World
) -> None:
    model = tell(api, f"mlmodels/{world.churn['id']}", target="left", description="x")
    assert model["version"] == 1.1


def test_the_minor_version_after_0_9_is_1_0(api: httpx.Client, world: World, clock: Clock) -> None:
    path, versions = f"mlmodels/{world.churn['id']}", []
    for turn in range(10):
        clock.seconds += 11 * 60
        versions.append(tell(api, path, description=str(turn))["version"])
    assert versions == [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1]


def test_patches_of_one_user_within_ten_minutes_are_one_version(
    api: httpx.Client, world: World, clock: Clock
) -> None:
    path = f"mlmodels/{world.churn['id']}"
    tell(api, path, description="x")
    clock.seconds += 9 * 60
    model = tell(api, path, displayName="Churn")
    assert model["version"] == 0.2
    assert [one["name"] for one in model["changeDescription"]["fieldsAdded"]] == ["displayName"]
    stored = get(api, path)["changeDescription"]
    assert {one["name"] for one in stored["fieldsAdded"]} == {"description", "displayName"}
    versions = [json.loads(text)["version"] for text in get(api, f"{path}/versions")["versions"]]
    assert versions == [0.2, 0.1]
    clock.seconds += 11 * 60
    assert tell(api, path, description="y")["version"] == 0.3


def test_what_is_taken_back_within_ten_minutes_leaves_no_version(
    api: httpx.Client, world: World
) -> None:
    path = f"mlmodels/{world.churn['id']}"
    tell(api, path, description="x")
    patch(api, path, {"op": "remove", "path": "/description"})
    assert get(api, path)["version"] == 0.1
    assert len(get(api, f"{path}/versions")["versions"]) == 1


def test_a_patch_under_a_condition_is_a_version_of_its_own(api: httpx.Client, world: World) -> None:
    path = f"tables/{world.pay['id']}"
    tell(api, path, description="x")
    change = {"op": "add", "path": "/displayName", "value": "Pay"}
    assert patch(api, path, change, headers={"If-Match": "*"}).json()["version"] == 0.3


@pytest.mark.parametrize(
    ("columns", "version"),
    [
        ([column("id"), column("amount"), column("more")], 0.2),
        ([column("id")], 1.1),
        ([column("id"), column("amount", "BIGINT")], 1.1),
        ([column("id"), column("amount", description="x")], 0.2),
        ([column("amount"), column("id")], 0.1),
    ],
)
def test_a_table_makes_a_major_version_when_a_column_goes_or_changes_its_type(
    api: httpx.Client, columns: list[Body], version: float
) -> None:
    assert put(api, "tables", **table("pay", *columns))["version"] == version


def test_a_change_says_what_changed(api: httpx.Client) -> None:
    columns = [column("id", description="key"), column("more")]
    change = put(api, "tables", **table("pay", *columns))["changeDescription"]
    [key, more] = sorted(change["fieldsAdded"], key=lambda field: str(field["name"]), reverse=True)
    assert key == {"name": "columns.id.description", "newValue": "key"}
    assert (more["name"], json.loads(more["newValue"])[0]["name"]) == ("columns", "more")
    assert [field["name"] for field in change["fieldsDeleted"]] == ["columns"]
    assert change["previousVersion"] == 0.1


def test_every_version_can_be_read_again(api: httpx.Client, world: World) -> None:
    path = f"mlmodels/{world.churn['id']}"
    now = tell(api, path, target="left")
    told = get(api, f"{path}/versions")
    assert told["entityType"] == "mlmodel"
    assert [json.loads(text) for text in told["versions"]] == [now, world.churn]
    assert get(api, f"{path}/versions/0.1") == world.churn
    refused(api.get(f"{path}/versions/9.9"), 404)
