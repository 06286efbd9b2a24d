import pytest

from lineage.openmetadata.client import Client
from lineage.openmetadata.endpoints import ENDPOINTS
from lineage.openmetadata.permissions import read_denied
from tests.scripted_server import Reply, json_reply, scripted_server


def resource(kind: str, **accesses: str) -> dict[str, object]:
    permissions = [{"operation": name, "access": word} for name, word in accesses.items()]
    return {"resource": kind, "permissions": permissions}


def denied(*listed: dict[str, object], **single: dict[str, object]) -> tuple[frozenset[str], int]:
    """Give the kinds that are denied, and how many of them were asked for."""

    def answer(_method: str, path: str) -> Reply:
        kind = path.rpartition("/permissions")[2].removeprefix("/")
        if not kind:
            return json_reply({"data": list(listed)})
        if kind in single:
            return json_reply(single[kind])
        return json_reply({"code": 404, "message": "no"}, status=404)

    with scripted_server(answer) as server, Client(server.url, "x") as client:
        return read_denied(client), len(server.requests) - 1


EVERY = [resource(kind, EditAll="allow") for kind in ENDPOINTS]


def every_but(*kinds: str) -> list[dict[str, object]]:
    return [item for item in EVERY if item["resource"] not in kinds]


def test_whoever_may_edit_everything_may_edit_lineage() -> None:
    assert denied(*EVERY) == (frozenset(), 0)


@pytest.mark.parametrize("word", ["deny", "notAllow"])
@pytest.mark.parametrize("operation", ["EditLineage", "EditAll", "All"])
def test_what_is_refused_outright_is_denied(operation: str, word: str) -> None:
    said = resource("table", **{operation: word})
    assert denied(*every_but("table"), said) == (frozenset({"table"}), 0)


def test_the_word_on_lineage_comes_before_that_on_everything() -> None:
    said = resource("table", EditAll="allow", EditLineage="deny")
    assert denied(*every_but("table"), said)[0] == {"table"}
    said = resource("table", EditAll="deny", EditLineage="conditionalAllow")
    assert denied(*every_but("table"), said)[0] == frozenset()


def test_a_kind_without_a_word_is_asked_for_and_denied_where_none_comes() -> None:
    silent = resource("mlmodel", ViewAll="allow")
    assert denied(*every_but("mlmodel"), silent) == (frozenset({"mlmodel"}), 1)
    assert denied(*every_but("mlmodel", "topic")) == (frozenset({"mlmodel", "topic"}), 2)


def test_a_kind_that_is_allowed_when_asked_for_is_allowed() -> None:
    single = {"mlmodel": resource("mlmodel", EditLineage="allow")}
    assert denied(*every_but("mlmodel"), **single) == (frozenset(), 1)


def test_a_server_that_does_not_answer_the_question_denies_nothing() -> None:
    def unknown(_method: str, _path: str) -> Reply:
        return json_reply({"code": 404, "message": "HTTP 404 Not Found"}, status=404)

    with scripted_server(unknown) as server, Client(server.url, "x") as client:
        assert read_denied(client) == frozenset()
