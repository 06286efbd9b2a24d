import gzip

import httpx
import pytest

from tests.catalog.calls import get, patch, put, refused
from tests.catalog.conftest import World


@pytest.fixture
def path(world: World) -> str:
    return f"tables/{world.pay['id']}"


def test_what_the_client_has_is_not_sent_again(api: httpx.Client, path: str) -> None:
    tag = api.get(path).headers["ETag"]
    for known in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        reply = api.get(path, headers={"If-None-Match": known})
        assert (reply.status_code, reply.content) == (304, b"")
        assert reply.headers["ETag"] == tag
    assert api.get(path, headers={"If-None-Match": '"x"'}).status_code == 200
    patch(api, path, {"op": "add", "path": "/description", "value": "x"})
    assert api.get(path, headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.usefixtures("path")
def test_only_what_has_a_tag_is_known(api: httpx.Client) -> None:
    assert api.get("tables", headers={"If-None-Match": "*"}).status_code == 200
    refused(api.get("tables/name/x", headers={"If-None-Match": "*"}), 404)


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [
        ("gzip", True),
        ("deflate, GZIP;q=0.5", True),
        ("gzip; q=0", False),
        ("gzip;q=0.0", False),
        ("identity", False),
        ("", False),
    ],
)
def test_long_replies_are_packed_for_those_who_can_unpack_them(
    api: httpx.Client, path: str, *, accepted: str, packed: bool
) -> None:
    put(api, "metrics", name="x", description="x" * 10_000)
    with api.stream("GET", "metrics", headers={"Accept-Encoding": accepted}) as reply:
        sent = b"".join(reply.iter_raw())
    assert reply.headers["Vary"] == "Accept-Encoding"
    assert reply.headers["Content-Length"] == str(len(sent))
    assert (reply.headers.get("Content-Encoding") == "gzip") == packed
    assert len(gzip.decompress(sent) if packed else sent) > 10_000
    short = api.get("system/version", headers={"Accept-Encoding": accepted})
    assert "Content-Encoding" not in short.headers
    assert get(api, path)["name"] == "pay"
