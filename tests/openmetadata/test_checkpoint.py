import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lineage.catalog.server import start
from lineage.catalog.wsgi import Catalog
from lineage.errors import BrokenFile
from lineage.files.snapshot_file import read_snapshot
from lineage.openmetadata.checkpoint import CrawlLog
from lineage.openmetadata.client import Client
from lineage.openmetadata.pages import read_pages
from lineage.openmetadata.parallel import WORKERS
from lineage.openmetadata.reader import Truth, read
from tests.fault_proxy import Asked, Fault, answered, edited, fault_proxy
from tests.openmetadata.conftest import Counting
from tests.scripted_server import json_reply, scripted_server

BEGUN = "2026-01-01T00:00:00+00:00"


def open_log(path: Path, *, resume: bool, server: str = "s", started: str = BEGUN) -> CrawlLog:
    return CrawlLog(path, server=server, started=started, resume=resume)


def test_what_was_answered_is_taken_up(tmp_path: Path) -> None:
    first = open_log(tmp_path / "log", resume=False)
    first.put("/tables", {"limit": 1, "after": "x"}, {"data": []})
    first.put("/lineage", {}, None)
    second = open_log(tmp_path / "log", resume=True, started="2026-02-02T00:00:00+00:00")
    assert (second.taken_up, second.started) == (2, BEGUN)
    assert second.get("/tables", {"after": "x", "limit": 1}) == (True, {"data": []})
    assert second.get("/lineage", {}) == (True, None)
    assert second.get("/tables", {"limit": 1}) == (False, None)


def test_what_was_crossed_out_is_not_taken_up(tmp_path: Path) -> None:
    first = open_log(tmp_path / "log", resume=False)
    for after in ("", "x", "y"):
        first.put("/tables", {"limit": 1, "after": after}, {"data": []})
        first.put("/topics", {"limit": 1, "after": after}, {"data": []})
    first.put("/lineage/a", {}, {"entity": None})
    assert not first.drop("/tables", {"limit": 1})  # which this very crawl has read
    assert not first.drop("/topics", {"limit": 1, "after": "x"})
    first.put("/tables", {"limit": 1, "after": "x"}, {"data": [1]})
    second = open_log(tmp_path / "log", resume=True)
    assert second.get("/tables", {"limit": 1, "after": ""}) == (False, None)
    assert second.get("/tables", {"limit": 1, "after": "x"}) == (True, {"data": [1]})
    assert second.get("/topics", {"limit": 1, "after": "x"}) == (False, None)
    assert second.get("/topics", {"limit": 1, "after": "y"}) == (True, {"data": []})
    assert second.drop("/lineage/a", {})
    assert second.get("/lineage/a", {}) == (False, None)
    assert open_log(tmp_path / "log", resume=True).taken_up == 3


def test_pages_of_a_list_that_an_earlier_crawl_saw_no_end_of_are_asked_for_again(
    connect: Callable[..., Client], tmp_path: Path
) -> None:
    paging = {"total": 2}
    earlier = open_log(tmp_path / "log", resume=False)
    earlier.put("/tables", {"limit": 9}, {"data": [{"id": "1"}], "paging": paging})
    full = {"data": [{"id": "1"}, {"id": "2"}], "paging": paging}
    with scripted_server(lambda _method, _path: json_reply(full)) as server:
        client = connect(server.url)
        client.log = open_log(tmp_path / "log", resume=True)
        pages = list(read_pages(client, "/tables", {"limit": 9}))
        assert pages[-1] == full["data"]
        assert len(server.requests) == 1


def bad_item(content: Any, _asked: Asked) -> Any:
    return content | {"data": [item | {"id": None} for item in content["data"]]}


def odd_edges(content: Any, _asked: Asked) -> Any:
    for hit in content["hits"]["hits"]:
        hit["_source"]["upstreamLineage"] = [{"fromEntity": 7}]
    return content


def about_another(content: Any, _asked: Asked) -> Any:
    return content | {"entity": content["entity"] | {"id": "another"}}


def short(content: Any, _asked: Asked) -> Any:
    return content | {"data": content["data"][1:]}


@pytest.mark.parametrize(
    ("fault", "part", "truth"),
    [
        (answered(200, b"[]", "application/json"), "/v1/mlmodels?", "index"),
        (answered(200, b'{"hits": 1}', "application/json"), "/search/", "index"),
        (edited(odd_edges), "/search/", "index"),
        (edited(bad_item), "/v1/mlmodels?", "index"),
        (edited(short), "/v1/tables?", "index"),
        (answered(200, b"[]", "application/json"), "/lineage/table/", "database"),
        (edited(about_another), "/lineage/mlmodel/", "database"),
        (edited(about_another), "/lineage/table/", "database"),
    ],
)
def test_answers_that_were_of_no_use_are_asked_for_again_when_a_crawl_is_resumed(
    company_file: Path, tmp_path: Path, fault: Fault, part: str, truth: Truth
) -> None:
    healed = False

    def schedule(asked: Asked) -> Fault | None:
        return fault if part in asked.path and not healed else None

    with (
        Catalog(company_file) as catalog,
        start(catalog) as url,
        fault_proxy(url, schedule) as proxy,
        Client(proxy.url, catalog.token) as client,
    ):
        client.log = open_log(tmp_path / "log", resume=False, server=client.host)
        spoilt = read(client, truth=truth)
        spoilt_requests, healed = client.requests_sent, True
        client.log = open_log(tmp_path / "log", resume=True, server=client.host)
        found = read(client, truth=truth)
        again = client.requests_sent - spoilt_requests
        client.log = None
        whole = read(client, truth=truth)
    assert (found.gaps, found.entities, found.edges) == (whole.gaps, whole.entities, whole.edges)
    # Lists and index make up for each other.
    assert spoilt.gaps != found.gaps or truth == "index"
    assert 0 < again < spoilt_requests


def test_without_resume_everything_begins_anew(tmp_path: Path) -> None:
    open_log(tmp_path / "log", resume=False).put("/tables", {}, 1)
    assert open_log(tmp_path / "log", resume=False).taken_up == 0
    assert open_log(tmp_path / "none", resume=True).taken_up == 0


@pytest.mark.parametrize("lost", [14, 20, 30])
def test_a_line_that_was_cut_in_two_is_passed_over(tmp_path: Path, lost: int) -> None:
    log = open_log(tmp_path / "log", resume=False)
    log.put("/a", {}, "whole")
    log.put("/b", {}, "cut")
    content = log.path.read_bytes()
    log.path.write_bytes(content[:-lost])
    again = open_log(tmp_path / "log", resume=True)
    assert again.get("/a", {}) == (True, "whole")
    assert again.get("/b", {}) == (False, None)


def test_the_log_of_another_server_and_foreign_files_are_refused(tmp_path: Path) -> None:
    open_log(tmp_path / "log", resume=False)
    with pytest.raises(BrokenFile, match="crawl of s"):
        open_log(tmp_path / "log", resume=True, server="other")
    import gzip  # noqa: PLC0415

    (tmp_path / "foreign").write_bytes(gzip.compress(b'{"format": "x"}\n'))
    with pytest.raises(BrokenFile, match="no crawl log"):
        open_log(tmp_path / "foreign", resume=True)
    with pytest.raises(BrokenFile, match="cannot be written"):
        open_log(tmp_path / "no" / "log", resume=False)


def test_a_resumed_reading_repeats_no_call(company_file: Path, tmp_path: Path) -> None:
    with Catalog(company_file) as catalog:
        counting = Counting(catalog)

        def read_with(log: CrawlLog) -> Any:
            with Client.in_process(counting, catalog.token, name="s") as client:
                client.log = log
                return read(client)

        whole = read_with(open_log(tmp_path / "log", resume=False))
        asked = len(counting.asked)
        again = read_with(open_log(tmp_path / "log", resume=True))
    assert again == whole
    assert len(counting.asked) == asked


class Slow:
    """A catalog that lets only so many requests through until it is told to go on."""

    def __init__(self, catalog: Catalog, pass_through: int) -> None:
        self.catalog, self.left = catalog, pass_through
        self.stuck, self.go_on = threading.Event(), threading.Event()
        self.asked: list[str] = []
        self.token = catalog.token

    def __call__(self, environ: Any, start_response: Any) -> Any:
        self.left -= 1
        if self.left < 0:
            self.stuck.set()
            self.go_on.wait(30)
        else:
            self.asked.append(f"{environ['PATH_INFO']}?{environ['QUERY_STRING']}")
        return self.catalog(environ, start_response)


@pytest.mark.slow
@pytest.mark.parametrize("answered", [1, 4, 9, 15])
def test_a_killed_reading_goes_on_where_it_was(
    company_file: Path, tmp_path: Path, answered: int
) -> None:
    target = tmp_path / "snapshot.json"
    command = [sys.executable, "-m", "lineage", "read", "-o", str(target)]
    with Catalog(company_file) as catalog:
        slow = Slow(catalog, answered)
        with start(slow) as url:  # type: ignore[arg-type]  # it answers as a catalog does
            environment = {**os.environ, "OPENMETADATA_JWT_TOKEN": catalog.token}
            process = subprocess.Popen([*command, "-c", url], env=environment)
            assert slow.stuck.wait(30)
            process.send_signal(signal.SIGKILL)
            process.wait()
            slow.go_on.set()
            assert not target.exists()
            before, slow.asked, slow.left = slow.asked, [], 1000
            again = [*command, "-c", url, "--resume"]
            ended = subprocess.run(again, env=environment, check=False, capture_output=True)
            assert ended.returncode == 0, ended.stderr
            repeated = set(before) & set(slow.asked)
            with Client(url, catalog.token) as client:
                assert read_snapshot(target).edges == read(client).edges
    # What was answered but not yet written down when the kill came may be asked again.
    assert len(repeated) <= min(answered, WORKERS)
    assert not target.with_name(f"{target.name}.crawl").exists()
