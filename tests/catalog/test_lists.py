from collections.abc import Iterator

import httpx
import pytest

from tests.catalog.calls import Body, column, get, put, refused, table
from tests.catalog.conftest import World

pytestmark = pytest.mark.usefixtures("world")


def names(page: Body) -> list[str]:
    return [entity["name"] for entity in page["data"]]


def pages(api: httpx.Client, path: str, **params: object) -> Iterator[Body]:
    page = get(api, path, **params)
    yield page
    while "after" in page["paging"]:
        page = get(api, path, **params, after=page["paging"]["after"])
        yield page


@pytest.fixture
def many(
    api: httpx.Client,
    world: World,  # noqa: ARG001 - it has to be there first
) -> list[str]:
    for turn in range(5):
        put(api, "tables", **table(f"t{turn}", column("c")))
    return ["pay", "people", "t0", "t1", "t2", "t3", "t4"]


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8, 1_000_000])
def test_pages_give_every_entity_once(api: httpx.Client, many: list[str], limit: int) -> None:
    found = list(pages(api, "tables", limit=limit))
    assert [name for page in found for name in names(page)] == many
    assert {page["paging"]["total"] for page in found} == {7}
    assert "after" not in found[-1]["paging"]


@pytest.mark.usefixtures("many")
def test_pages_go_back_the_way_they_came(api: httpx.Client) -> None:
    first, second, third, _ = pages(api, "tables", limit=2)
    assert "before" not in first["paging"]
    back = get(api, "tables", limit=2, before=third["paging"]["before"])
    assert names(back) == names(second)
    assert names(get(api, "tables", limit=2, before=back["paging"]["before"])) == names(first)
    assert names(get(api, "tables", limit=2, after=back["paging"]["after"])) == names(third)


@pytest.mark.usefixtures("many")
def test_ten_come_unless_asked_otherwise(api: httpx.Client) -> None:
    for turn in range(5):
        put(api, "tables", **table(f"u{turn}", column("c")))
    assert len(get(api, "tables")["data"]) == 10


@pytest.mark.usefixtures("many")
def test_a_limit_of_nothing_shows_the_total(api: httpx.Client) -> None:
    assert get(api, "tables", limit=0) == {"data": [], "paging": {"total": 7}}


@pytest.mark.parametrize("limit", ["-1", "1000001", "x", ""])
def test_a_limit_out_of_bounds_is_refused(api: httpx.Client, limit: str) -> None:
    refused(api.get("tables", params={"limit": limit}), 400, "query param limit")


@pytest.mark.parametrize("cursor", ["***", "w6k", "é"])
def test_a_cursor_that_was_never_given_is_refused(api: httpx.Client, cursor: str) -> None:
    refused(api.get("tables", params={"after": cursor}), 400, "cursor")


def test_before_and_after_together_are_refused(api: httpx.Client) -> None:
    refused(api.get("tables", params={"after": "YQ==", "before": "YQ=="}), 400, "Only one")


def test_deleted_entities_are_listed_only_when_asked(api: httpx.Client, many: list[str]) -> None:
    api.delete("tables/name/pg.hr.public.t0")
    assert names(get(api, "tables", include="deleted")) == ["t0"]
    assert names(get(api, "tables", include="all")) == many
    assert "t0" not in names(get(api, "tables"))
    refused(api.get("tables", params={"include": "some"}), 400)


def test_lists_can_be_narrowed_to_what_is_under_a_name(api: httpx.Client) -> None:
    put(api, "databaseSchemas", name="public2", database="pg.hr")
    put(api, "tables", **{**table("x", column("c")), "databaseSchema": "pg.hr.public2"})
    assert names(get(api, "tables", databaseSchema="pg.hr.public")) == ["pay", "people"]
    assert names(get(api, "tables", database="pg.hr")) == ["pay", "people", "x"]
    assert get(api, "tables", service="nope")["paging"] == {"total": 0}
    assert names(get(api, "mlmodels", service="mlf")) == ["churn"]


def test_a_list_never_shows_the_dashboard_of_a_model(api: httpx.Client, world: World) -> None:
    [listed] = get(api, "mlmodels", fields="dashboard")["data"]
    assert "dashboard" not in listed
    assert "dashboard" in get(api, f"mlmodels/{world.churn['id']}", fields="dashboard")


def test_a_list_shows_what_is_asked_for(api: httpx.Client, world: World) -> None:
    bare = get(api, "tables")["data"]
    assert [entity["columns"] for entity in bare] == [[], []]
    assert get(api, "tables", fields="*")["data"] == [world.pay, world.people]
