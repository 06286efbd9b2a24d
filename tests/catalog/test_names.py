"""Names: whatever a server lets in comes back as it was, by every way there is to it."""

from collections.abc import Iterator
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from lineage import fqn as names
from lineage.catalog.server import start
from lineage.catalog.wsgi import Catalog
from tests.catalog.calls import column, get, made, put, reference, refused, table
from tests.examples import examples

_LETTERS = st.characters(codec="utf-8", exclude_characters="\0")
ANY_NAME = st.text(
    st.one_of(st.sampled_from("./\\\"'%+?#&=; >\n\r\té💬A"), _LETTERS), min_size=1, max_size=40
)


@pytest.fixture(scope="module")
def tolerant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A catalog with the names that servers of all times let in."""
    path = tmp_path_factory.mktemp("names") / "catalog.db"
    with (
        Catalog(path, old_names=True) as catalog,
        start(catalog) as url,
        httpx.Client(
            base_url=f"{url}/api/v1/", headers={"Authorization": f"Bearer {catalog.token}"}
        ) as api,
    ):
        put(api, "services/databaseServices", name="pg", serviceType="Postgres")
        put(api, "databases", name="hr", service="pg")
        put(api, "databaseSchemas", name="public", database="pg.hr")
        yield api


def path_of(fqn: str) -> str:
    return quote(fqn, safe="")


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(name=ANY_NAME)
@example(name=".")
@example(name="..")
@example(name='"')
@example(name="a/b")
@example(name="a%2Fb")
@example(name="a/mlmodel/name/b")
@example(name="line\nbreak")
@example(name="restore")
@example(name="💬 é É")
def test_a_name_comes_back_by_name_by_list_and_by_search(tolerant: httpx.Client, name: str) -> None:
    entity = made(tolerant, "tables", **table(name, column(name)))
    fqn = names.join("pg", "hr", "public", name)
    assert (entity["name"], entity["fullyQualifiedName"]) == (name, fqn)
    assert entity["columns"][0]["fullyQualifiedName"] == names.join(
        "pg", "hr", "public", name, name
    )
    by_name = get(tolerant, f"tables/name/{path_of(fqn)}", fields="*")
    listed = get(tolerant, "tables", fields="*", limit=100_000)["data"]
    assert by_name == entity
    assert entity in listed
    parameters = {"index": "table", "sort_field": "fullyQualifiedName", "sort_order": "asc"}
    found = get(tolerant, "search/query", size=10_000, **parameters)["hits"]["hits"]
    assert fqn in [hit["sort"][0] for hit in found]


@settings(max_examples=examples(30), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(upstream=ANY_NAME, downstream=ANY_NAME)
@example(upstream="a/table/name/b", downstream="c/table/name/d")
def test_lineage_can_be_written_and_read_by_any_name(
    tolerant: httpx.Client, upstream: str, downstream: str
) -> None:
    assume(upstream != downstream)
    first, second = (
        reference(put(tolerant, "tables", **table(name, column("c"))), "table")
        for name in (upstream, downstream)
    )
    ends = "/".join(f"table/name/{path_of(end['fullyQualifiedName'])}" for end in (first, second))
    assert tolerant.put(f"lineage/{ends}", json={}).status_code == 200
    assert get(tolerant, f"lineage/getLineageEdge/{ends}")["edge"]["source"] == "Manual"
    root = f"lineage/table/name/{path_of(second['fullyQualifiedName'])}"
    assert first["id"] in {node["id"] for node in get(tolerant, root)["nodes"]}
    assert tolerant.delete(f"lineage/{ends}").status_code == 200


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("name", ["a.b", "a b", "a/b", "50%", "é💬", "a\\b", "a'b", "n" * 256])
def test_a_server_of_today_lets_these_names_in(api: httpx.Client, name: str) -> None:
    entity = put(api, "tables", **table(name, column(name)))
    found = get(api, f"tables/name/{path_of(entity['fullyQualifiedName'])}")
    assert found["name"] == name


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("name", ["a::b", "a>b", 'a"b', "a\nb", "a\tb", "a\x7fb", "a\0b"])
def test_a_server_of_today_refuses_these_names(api: httpx.Client, name: str) -> None:
    refused(api.put("tables", json=table(name, column("c"))), 400, "name contains characters")
    features = [{"name": name}]
    model = {"name": "m", "service": "mlf", "mlFeatures": features}
    refused(api.put("mlmodels", json=model), 400, "mlFeatures[0].name")


@pytest.mark.parametrize(
    ("name", "status"), [('a"b', 201), ("a>b", 201), ("a::b", 400), ("a\nb", 400)]
)
def test_a_server_of_1_13_lets_more_names_in(
    tmp_path_factory: pytest.TempPathFactory, name: str, status: int
) -> None:
    path = tmp_path_factory.mktemp("old") / "catalog.db"
    with Catalog(path, server_version="1.13.0") as catalog:
        headers = {"Authorization": f"Bearer {catalog.token}"}
        transport = httpx.WSGITransport(app=catalog)
        with httpx.Client(
            transport=transport, base_url="http://x/api/v1/", headers=headers
        ) as client:
            body = {"name": name, "serviceType": "Mysql"}
            assert client.post("services/databaseServices", json=body).status_code == status


@pytest.mark.parametrize("name", ["a/b", "a/nonsense/name/b", "é 💬", "a.b"])
def test_names_are_found_in_a_path_that_was_decoded_before(catalog: Catalog, name: str) -> None:
    headers = {"Authorization": f"Bearer {catalog.token}"}
    transport = httpx.WSGITransport(app=catalog)
    with httpx.Client(transport=transport, base_url="http://x/api/v1/", headers=headers) as api:
        put(api, "services/databaseServices", name="pg", serviceType="Postgres")
        put(api, "databases", name=name, service="pg")
        fqn = names.join("pg", name)
        assert get(api, f"databases/name/{path_of(fqn)}")["name"] == name
        ends = f"databaseService/name/pg/database/name/{path_of(fqn)}"
        assert api.put(f"lineage/{ends}", json={}).status_code == 200
        assert get(api, f"lineage/getLineageEdge/{ends}")["edge"]["source"] == "Manual"


def test_a_path_that_is_no_text_is_refused(api: httpx.Client) -> None:
    refused(api.get("tables/name/%ff"), 400, "UTF-8")
    refused(api.get("tables/name/%00"), 400, "null character")
    refused(api.get("tables?fields=%ff"), 400, "UTF-8")
