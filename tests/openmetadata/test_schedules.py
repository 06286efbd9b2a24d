"""Whatever fails, and whenever: a snapshot equals the whole one, or it names a gap."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Literal
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lineage.catalog.wsgi import Catalog
from lineage.errors import LineageError
from lineage.governance.audit.audit import Verdict, audit
from lineage.graph.build import build_graph
from lineage.model.reference import Reference
from lineage.model.snapshot import Snapshot
from lineage.openmetadata.client import Client
from lineage.openmetadata.read_upstream import read_upstream
from lineage.openmetadata.reader import read
from lineage.openmetadata.retry import Retry
from tests.examples import examples

AT_ONCE = Retry(tries=2, sleep=lambda _seconds: None)
CHURN = Reference("mlmodel", "mlflow.churn")

FAULTS = {
    "away": ("503 Away", b"<html>busy</html>"),
    "broken": ("500 Broken", b'{"code": 500, "message": "NullPointerException"}'),
    "gone": ("404 Not Found", b'{"code": 404, "message": "not found"}'),
    "limited": ("429 Too Many", b'{"code": 429, "message": "slow down"}'),
    "login page": ("200 OK", b"<html>Sign in</html>"),
    "redirected": ("302 Found", b""),
    "empty": ("200 OK", b""),
    "another shape": ("200 OK", b"[]"),
    "no fields": ("200 OK", b"{}"),
    "nulls": ("200 OK", b'{"data": null, "hits": {"hits": null}, "entity": null}'),
    "odd items": (
        "200 OK",
        b'{"data": [null, 1, {}], "entity": {"id": 1}, "hits": {"hits": [null, {"_source": 1}]}}',
    ),
}


class Scheduled:
    """A catalog behind a proxy that answers some requests itself, by their turn."""

    def __init__(self, catalog: Catalog, schedule: dict[int, str]) -> None:
        self.catalog, self.schedule, self.turn = catalog, schedule, 0
        self.cut: set[int] = {turn for turn, fault in schedule.items() if fault == "cut"}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self.turn += 1
        fault = self.schedule.get(self.turn)
        if fault is None:
            return self.catalog(environ, start_response)
        if fault == "cut":
            body = b"".join(self.catalog(environ, lambda *_: lambda _data: None))
            start_response("200 OK", [("Content-Type", "application/json")])
            return [body[: len(body) // 2]]
        status, body = FAULTS[fault]
        start_response(status, [("Content-Type", "application/json"), ("Location", "/login")])
        return [body]


def comparable(snapshot: Snapshot) -> Snapshot:
    """Leave out when it was read, what was counted on the way, and the tags there are.

    Without those the next reading only reads more.
    """
    return replace(snapshot, read_at="", left_out=(), label_states=())


schedules = st.dictionaries(st.integers(2, 40), st.sampled_from([*FAULTS, "cut"]), max_size=8)
Way = Literal["index", "database", "upstream"]


def read_by(client: Client, way: Way) -> Snapshot:
    if way == "upstream":
        return read_upstream(client, CHURN, workers=1)
    return read(client, truth=way, workers=1)


class Whole:
    """What is read by each way where nothing fails; it would fill a report."""

    def __init__(self, snapshots: dict[Way, Snapshot]) -> None:
        self.snapshots = snapshots


@pytest.fixture(scope="module")
def whole(loaded: Path) -> Whole:
    ways: tuple[Way, ...] = ("index", "database", "upstream")
    with Catalog(loaded) as catalog, Client.in_process(catalog, catalog.token, name="c") as client:
        return Whole({way: read_by(client, way) for way in ways})


@settings(
    max_examples=examples(150),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(schedules, st.sampled_from(["index", "database", "upstream"]))
def test_a_snapshot_under_any_faults_is_whole_or_says_what_it_lacks(
    loaded: Path, whole: Whole, schedule: dict[int, str], way: Way
) -> None:
    with Catalog(loaded) as catalog:
        proxy = Scheduled(catalog, schedule)
        with Client.in_process(proxy, catalog.token, name="c") as client:
            client.retry = AT_ONCE
            try:
                found = read_by(client, way)
            except LineageError:
                return
    expected = whole.snapshots[way]
    assert comparable(found) == comparable(expected) or set(found.gaps) - set(expected.gaps)
    sure = {item.target: item.verdict for item in audit(build_graph(expected)).models}
    for item in audit(build_graph(found)).models:
        if item.verdict == Verdict.NO_PATH:
            assert sure[item.target] == Verdict.NO_PATH
