import base64
import json
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from lineage.errors import (
    AccessRefused,
    BrokenFile,
    LineageError,
    NotOpenMetadata,
    RequestFailed,
    ServerError,
    ServerUnreachable,
)
from lineage.openmetadata.client import Client, escape
from lineage.openmetadata.connection import Connection
from lineage.openmetadata.pages import read_pages
from lineage.openmetadata.retry import Retry
from tests.scripted_server import Reply, json_reply, scripted_server

TOKEN = "header.secret-token.signature"  # noqa: S105  # a made-up one
Connect = Callable[..., Client]
PATIENT = Retry(tries=3, sleep=lambda _seconds: None)


def always(reply: Reply) -> Callable[[str, str], Reply]:
    return lambda _method, _path: reply


def in_turn(*replies: Reply) -> Callable[[str, str], Reply]:
    waiting = list(replies)
    return lambda _method, _path: waiting.pop(0)


def test_an_address_is_taken_with_and_without_api(connect: Connect) -> None:
    for host in (
        "https://om.example.com",
        "https://om.example.com/api",
        "https://om.example.com/api/v1/",
    ):
        assert connect(host).host == "https://om.example.com"
    assert connect("https://om.example.com/sub/api").host == "https://om.example.com/sub"


@pytest.mark.parametrize("host", ["om.example.com", "ftp://om", "", "https://"])
def test_what_is_no_address_is_refused(connect: Connect, host: str) -> None:
    with pytest.raises(LineageError, match="is no server's address"):
        connect(host)


def test_the_token_is_sent_and_shown_nowhere(connect: Connect) -> None:
    with scripted_server(always(json_reply({"code": 401, "message": "no"}, 401))) as server:
        client = connect(server.url, TOKEN)
        with pytest.raises(AccessRefused) as caught:
            client.get("/tables")
    assert server.headers[0]["Authorization"] == f"Bearer {TOKEN}"
    shown = [repr(client), str(caught.value), repr(caught.value)]
    shown += traceback.format_exception(caught.value)
    assert not any(TOKEN in text or "secret-token" in text for text in shown)


def test_a_token_with_a_line_break_is_refused_and_not_shown(connect: Connect) -> None:
    with pytest.raises(LineageError) as caught:
        connect("https://om.example.com", "secret\nInjected: header")
    assert "secret" not in str(caught.value)


def test_an_expired_token_is_recognised_by_its_date(connect: Connect) -> None:
    claims = base64.urlsafe_b64encode(json.dumps({"exp": 1_600_000_000}).encode()).decode()
    with scripted_server(always(json_reply({"code": 401, "message": "Expired"}, 401))) as server:
        client = connect(server.url, f"x.{claims.rstrip('=')}.y")
        with pytest.raises(AccessRefused, match="it expired on 2020-09-13"):
            client.get("/tables")


def test_a_missing_token_is_reported(connect: Connect) -> None:
    with (
        scripted_server(always(json_reply({"code": 401, "message": "no"}, 401))) as server,
        pytest.raises(AccessRefused, match="set OPENMETADATA_JWT_TOKEN"),
    ):
        connect(server.url).get("/tables")


def test_a_forbidden_request_names_what_the_server_says(connect: Connect) -> None:
    denied = json_reply({"code": 403, "message": "EditLineage\nis missing"}, 403)
    with (
        scripted_server(always(denied)) as server,
        pytest.raises(AccessRefused, match="may not do this: EditLineage is missing"),
    ):
        connect(server.url, TOKEN).get("/tables")


@pytest.mark.parametrize(
    ("reply", "hint"),
    [
        (Reply(200, b"<html>Sign in</html>", {"Content_Type": "text/html"}), "a login page"),
        (Reply(200, b'{"data": ['), "not JSON"),
        (Reply(302, b"", {"Location": "https://sso.example.com/login?next=x"}), "redirects to"),
    ],
)
def test_an_answer_that_is_not_openmetadatas_is_reported(
    connect: Connect, reply: Reply, hint: str
) -> None:
    with (
        scripted_server(always(reply)) as server,
        pytest.raises(NotOpenMetadata, match=hint),
    ):
        connect(server.url, TOKEN).get("/tables")


def test_a_version_that_is_none_is_no_openmetadata(connect: Connect) -> None:
    answers: tuple[object, ...] = ({}, {"version": "unknown"}, [])
    for answer in answers:
        with (
            scripted_server(always(json_reply(answer))) as server,
            pytest.raises(NotOpenMetadata, match="no version"),
        ):
            assert connect(server.url).version


def test_a_version_is_asked_for_once(connect: Connect) -> None:
    with scripted_server(always(json_reply({"version": "2.0.7-SNAPSHOT"}))) as server:
        client = connect(server.url)
        assert (client.version, client.version) == ((2, 0, 7), (2, 0, 7))
    assert len(server.requests) == 1


def test_a_server_that_is_away_is_asked_again(connect: Connect) -> None:
    waits: list[float] = []
    retry = Retry(tries=4, sleep=waits.append, jitter=lambda: 1.0)
    away = Reply(503, b"<html>busy</html>")
    limited = json_reply({"code": 429, "message": "slow down"}, 429, Retry_After="7")
    with scripted_server(in_turn(away, limited, json_reply({"ok": True}))) as server:
        assert connect(server.url, retry=retry).get("/tables") == {"ok": True}
    assert waits == [0.5, 7.0]


def test_a_server_that_stays_away_is_given_up(connect: Connect) -> None:
    with scripted_server(always(Reply(503, b""))) as server:
        with pytest.raises(RequestFailed) as caught:
            connect(server.url, retry=PATIENT).get("/tables")
        assert len(server.requests) == 3
    assert caught.value.status == 503


def test_a_patch_is_never_sent_twice(connect: Connect) -> None:
    with scripted_server(always(Reply(503, b""))) as server:
        with pytest.raises(RequestFailed):
            connect(server.url, retry=PATIENT).patch("/tables/1", [])
        assert server.requests == ["PATCH /api/v1/tables/1"]
    assert server.headers[0]["Content-Type"] == "application/json-patch+json"


@pytest.mark.parametrize("status", [400, 404, 409, 500])
def test_other_errors_are_not_tried_again(connect: Connect, status: int) -> None:
    with scripted_server(always(json_reply({"code": status, "message": "no"}, status))) as server:
        with pytest.raises(RequestFailed, match=f"{status}: no"):
            connect(server.url, retry=PATIENT).get("/tables")
        assert len(server.requests) == 1


def test_no_server_is_one_clear_error(connect: Connect) -> None:
    with scripted_server(always(Reply())) as server:
        url = server.url
    with pytest.raises(ServerUnreachable, match="no server answers"):
        connect(url, retry=PATIENT).get("/tables")


def test_a_server_that_is_too_slow_is_one_clear_error(connect: Connect) -> None:
    def slow(_method: str, _path: str) -> Reply:
        import time  # noqa: PLC0415

        time.sleep(0.5)
        return Reply()

    with (
        scripted_server(slow) as server,
        pytest.raises(ServerUnreachable, match="did not answer in time"),
    ):
        connect(server.url, connection=Connection(timeout=0.1), retry=Retry(tries=1)).get("/tables")


def test_pages_follow_the_cursor_and_a_cursor_that_stands_still_is_refused(
    connect: Connect,
) -> None:
    first = json_reply({"data": [{"id": "1"}], "paging": {"after": "a b/c="}})
    last = json_reply({"data": [{"id": "2"}], "paging": {}})
    with scripted_server(in_turn(first, last)) as server:
        assert list(read_pages(connect(server.url), "/tables", {"limit": 1})) == [
            [{"id": "1"}],
            [{"id": "2"}],
        ]
    assert server.requests[1] == "GET /api/v1/tables?limit=1&after=a+b%2Fc%3D"
    with scripted_server(always(first)) as server:
        pages = read_pages(connect(server.url), "/tables", {})
        assert [next(pages), next(pages)] == [[{"id": "1"}]] * 2
        with pytest.raises(NotOpenMetadata, match="go in a circle"):
            next(pages)


def test_a_page_that_is_none_is_refused(connect: Connect) -> None:
    with (
        scripted_server(always(json_reply({"items": []}))) as server,
        pytest.raises(NotOpenMetadata, match="no page of a list"),
    ):
        list(read_pages(connect(server.url), "/tables", {}))


def test_an_empty_answer_is_none(connect: Connect) -> None:
    with scripted_server(always(Reply(200, b""))) as server:
        assert connect(server.url).put("/lineage", {"edge": {}}) is None
    assert json.loads(server.bodies[0]) == {"edge": {}}


def test_any_name_is_escaped_into_one_part_of_a_path() -> None:
    assert escape('a/b."c d"?#%') == "a%2Fb.%22c%20d%22%3F%23%25"


def test_every_server_error_names_the_address_without_its_query(connect: Connect) -> None:
    with (
        scripted_server(always(Reply(500, b""))) as server,
        pytest.raises(ServerError) as caught,
    ):
        connect(server.url).get("/search/query", {"q": "secret"})
    assert caught.value.url == f"{server.url}/api/v1/search/query"


def test_retries_end_with_their_budget(connect: Connect) -> None:
    retry = Retry(tries=3, budget=3, sleep=lambda _seconds: None)
    with scripted_server(always(Reply(503, b""))) as server:
        client = connect(server.url, retry=retry)
        for expected in (3, 5, 6):  # two tries again, then one, then none is left
            with pytest.raises(RequestFailed):
                client.get("/tables")
            assert len(server.requests) == expected


def test_extra_headers_are_sent_and_not_shown(connect: Connect) -> None:
    headers = (("X-Proxy-Secret", "hush"),)
    with scripted_server(always(json_reply({}))) as server:
        client = connect(server.url, connection=Connection(headers=headers))
        client.get("/tables")
    assert server.headers[0]["X-Proxy-Secret"] == "hush"
    assert "hush" not in repr(client) + repr(Connection(headers=headers))


def test_a_proxy_is_used_where_it_is_named(connect: Connect) -> None:
    with scripted_server(always(json_reply({"by": "proxy"}))) as proxy:
        client = connect("http://om.example.com", connection=Connection(proxy=proxy.url))
        assert client.get("/tables") == {"by": "proxy"}
    assert proxy.requests == ["GET http://om.example.com/api/v1/tables"]


def test_the_environment_is_honoured_only_if_asked(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scripted_server(always(json_reply({"by": "proxy"}))) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        trusting = Connection(trust_environment=True)
        client = connect("http://om.example.com", connection=trusting)
        assert client.get("/tables") == {"by": "proxy"}
        with scripted_server(always(json_reply({"by": "server"}))) as server:
            assert connect(server.url).get("/tables") == {"by": "server"}


def test_certificates_that_cannot_be_used_are_named_with_their_file(tmp_path: Path) -> None:
    with pytest.raises(BrokenFile, match=r"none\.pem: holds no certificate"):
        Client("https://om.example.com", connection=Connection(ca_bundle="none.pem"))
    (tmp_path / "own.pem").write_text("nonsense")
    own = Connection(certificate=str(tmp_path / "own.pem"))
    with pytest.raises(BrokenFile, match=r"own\.pem: holds no certificate"):
        Client("https://om.example.com", connection=own)
    assert Connection(verify=False).certificates() is False


def test_a_list_that_ends_before_its_total_is_refused(connect: Connect) -> None:
    with scripted_server(always(json_reply({"data": [{}], "paging": {"total": 3}}))) as server:
        pages = read_pages(connect(server.url), "/tables", {})
        assert next(pages) == [{}]
        with pytest.raises(NotOpenMetadata, match="ended after 1 of 3"):
            next(pages)
