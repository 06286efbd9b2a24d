import base64
import json
from pathlib import Path

import httpx
import pytest

from lineage.catalog.wsgi import Catalog
from tests.catalog.calls import get, patch, refused
from tests.catalog.conftest import Clock, World


def jwt(**claims: object) -> str:
    """Make a token that looks like a JSON Web Token, unsigned."""
    parts = [{"alg": "RS256"}, claims, {}]
    texts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode() for part in parts]
    return ".".join(text.rstrip("=") for text in texts)


def test_the_version_is_reported_to_anyone(api: httpx.Client, clock: Clock) -> None:
    answer = api.get("system/version", headers={"Authorization": ""}).json()
    assert answer["version"] == "2.0.7"
    assert answer["timestamp"] == clock.milliseconds
    assert answer["revision"]


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("", "Not Authorized! Token not present"),
        ("Bearer", "Not Authorized! Token not present"),
        ("Basic dXNlcjpwYXNz", "Not Authorized! Token not present"),
        ("Bearer nonsense", "Not Authorized! Invalid token."),
        ("Bearer a.b.c", "Not Authorized! Invalid token."),
        (f"Bearer {jwt(exp=4_000_000_000)}", "Not Authorized! Invalid token."),
        (f"Bearer {jwt(exp=1_000_000_000)}", "Expired token!"),
    ],
)
@pytest.mark.parametrize("path", ["tables", "nowhere", "system/version/x"])
def test_everything_else_wants_the_token(
    api: httpx.Client, header: str, message: str, path: str
) -> None:
    reply = api.get(path, headers={"Authorization": header})
    refused(reply, 401)
    assert reply.json()["message"] == message


def test_the_token_may_do_everything(api: httpx.Client) -> None:
    listed = {one["resource"]: one["permissions"] for one in get(api, "permissions")["data"]}
    assert {"mlmodel", "table"} <= listed.keys()
    assert {one["access"] for one in listed["mlmodel"]} == {"allow"}
    assert get(api, "permissions/mlmodel")["permissions"] == listed["mlmodel"]
    refused(api.get("permissions/nonsense"), 404)


def test_a_token_of_ones_own_expires(tmp_path: Path, clock: Clock) -> None:
    token = jwt(sub="me", exp=clock.seconds + 10)
    with Catalog(tmp_path / "catalog.db", token=token, clock=clock) as catalog:
        transport = httpx.WSGITransport(app=catalog)
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(
            transport=transport, base_url="http://x/api/v1/", headers=headers
        ) as client:
            assert get(client, "tables")["data"] == []
            clock.seconds += 10
            refused(client.get("tables"), 401, "Expired token!")


def test_the_catalog_keeps_its_token_and_never_shows_it(tmp_path: Path) -> None:
    with Catalog(tmp_path / "catalog.db") as catalog:
        token = catalog.token
        assert len(token) > 20
        assert token not in repr(catalog)
    with Catalog(tmp_path / "catalog.db") as catalog:
        assert catalog.token == token
    assert (tmp_path / "catalog.db").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "tables", "GET, POST, PUT"),
        ("PATCH", "tables", "GET, POST, PUT"),
        ("POST", "lineage", "PUT"),
        ("PUT", "search/query", "GET"),
        ("POST", "tables/name/x", "DELETE, GET, PATCH"),
        ("HEAD", "lineage", "PUT"),
    ],
)
def test_a_method_that_is_not_there_is_refused(
    api: httpx.Client, method: str, path: str, allowed: str
) -> None:
    reply = api.request(method, path)
    assert (reply.status_code, reply.headers["Allow"]) == (405, allowed)


@pytest.mark.parametrize(
    "path", ["nowhere", "", "tables/x", "tables/name", "tables/name/", "tables/name/a/b", "tables/"]
)
def test_a_path_that_is_not_there_is_not_found(api: httpx.Client, path: str) -> None:
    refused(api.get(path), 404)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"nonsense",
        b'{"name": NaN}',
        b'{"name": 1e999}',
        b'{"name": "\\ud800"}',
        b'{"name": "\xff"}',
        b"[" * 100_000,
        b'{"a":' * 5000 + b"1" + b"}" * 5000,
    ],
)
def test_a_body_that_is_no_json_is_refused(api: httpx.Client, body: bytes) -> None:
    refused(api.put("tables", content=body, headers={"Content-Type": "application/json"}), 400)


@pytest.mark.usefixtures("world")
def test_columns_nested_beyond_reason_are_refused(api: httpx.Client) -> None:
    deep = '{"name":"c","dataType":"STRUCT","children":[' * 400 + "]}" * 400
    body = '{"name":"t","databaseSchema":"pg.hr.public","columns":[' + deep + "]}"
    reply = api.put("tables", content=body, headers={"Content-Type": "application/json"})
    refused(reply, 400, "nested too deeply")


def test_a_body_of_another_media_type_is_refused(api: httpx.Client, world: World) -> None:
    path = f"tables/{world.pay['id']}"
    refused(api.put("tables", content=b"{}"), 415)
    refused(api.put("tables", content=b"{}", headers={"Content-Type": "text/plain"}), 415)
    refused(patch(api, path, headers={"Content-Type": "application/json"}), 415)
    media = {"Content-Type": "application/json; charset=utf-8"}
    refused(api.put("tables", content=b"{}", headers=media), 400, "must not be null")


def test_what_came_with_2_0_is_not_there_before(tmp_path: Path) -> None:
    with Catalog(tmp_path / "catalog.db", server_version="1.13.0") as catalog:
        headers = {"Authorization": f"Bearer {catalog.token}"}
        transport = httpx.WSGITransport(app=catalog)
        with httpx.Client(
            transport=transport, base_url="http://x/api/v1/", headers=headers
        ) as client:
            assert get(client, "system/version")["version"] == "1.13.0"
            named = "table/name/a/table/name/b"
            refused(client.put(f"lineage/{named}", json={}), 405)
            refused(client.get(f"lineage/getLineageEdge/{named}"), 404)
            refused(client.delete("lineage/source/name/table/a/type/Manual"), 404)
            refused(client.delete(f"lineage/{named}"), 404, "table instance for a not found")


def test_a_version_that_is_none_is_a_mistake_of_the_caller(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="'latest' is no version"):
        Catalog(tmp_path / "catalog.db", server_version="latest")
