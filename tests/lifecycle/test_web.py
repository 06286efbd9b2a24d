import re

import pytest

from lineage.errors import LineageError, RequestFailed
from lineage.lifecycle.web import Access, Web
from tests.scripted_server import Reply, json_reply, scripted_server


def test_what_may_pass_is_asked_for_again() -> None:
    replies = iter([Reply(503), Reply(429, headers={"Retry-After": "7"}), json_reply({"a": 1})])
    slept: list[float] = []
    with (
        scripted_server(lambda _method, _path: next(replies)) as server,
        Web(server.url, sleep=slept.append) as web,
    ):
        assert web.get("/x", {"q": "y"}) == {"a": 1}
    assert slept == [1.0, 7.0]
    assert web.requests_sent == 3
    assert server.requests == ["GET /x?q=y"] * 3


def test_what_does_not_pass_is_an_error_after_three_times() -> None:
    with (
        scripted_server(lambda _method, _path: Reply(502, b"<html>bad  gateway</html>")) as server,
        Web(server.url, sleep=lambda _seconds: None) as web,
        pytest.raises(RequestFailed, match="<html>bad gateway</html>"),
    ):
        web.get("/x")
    assert len(server.requests) == 3


def test_an_answer_that_is_too_large_is_not_read_to_its_end() -> None:
    with (
        scripted_server(lambda _method, _path: Reply(200, b"x" * 5000)) as server,
        Web(server.url, Access(largest=1000)) as web,
        pytest.raises(RequestFailed, match="the answer has more than 1,000 bytes"),
    ):
        web.content("/x")


def test_a_page_that_leads_back_is_an_error() -> None:
    page = json_reply({"items": [{"n": 1}], "next_page_token": "again"})
    with (
        scripted_server(lambda _method, _path: page) as server,
        Web(server.url) as web,
        pytest.raises(RequestFailed, match="a page names itself as the next one"),
    ):
        list(web.pages("/x", "items", {}))


def test_an_error_without_words_says_so() -> None:
    with (
        scripted_server(lambda _method, _path: Reply(400)) as server,
        Web(server.url) as web,
        pytest.raises(RequestFailed, match="no reason was given"),
    ):
        web.get("/x")


def test_a_password_in_an_address_is_shown_nowhere() -> None:
    web = Web("http://ada:pw@127.0.0.1:5000/mlflow/")
    assert repr(web) == "Web('http://127.0.0.1:5000/mlflow')"
    with pytest.raises(LineageError, match=re.escape("'host:port' is no address")):
        Web("ada:pw@host:port")
