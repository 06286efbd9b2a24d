from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest

from lineage.catalog.server import start
from lineage.catalog.wsgi import Catalog
from lineage.errors import AccessRefused, NotOpenMetadata, RequestFailed
from lineage.model.entities import Dashboard, MlModel, Pipeline
from lineage.model.reference import Kind
from lineage.model.snapshot import GapKind, Snapshot
from lineage.openmetadata.client import Client
from lineage.openmetadata.reader import read
from lineage.openmetadata.retry import Retry
from tests.openmetadata.conftest import carriers

NOT_FOUND = b'{"code": 404, "message": "HTTP 404 Not Found"}'
AT_ONCE = Retry(tries=2, sleep=lambda _seconds: None)


class Failing:
    """A catalog behind a proxy that answers some requests itself."""

    def __init__(
        self, catalog: Catalog, broken: Callable[[str], bool], status: str, body: bytes
    ) -> None:
        self.catalog, self.broken, self.status, self.body = catalog, broken, status, body

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if self.broken(f"{environ['PATH_INFO']}?{environ['QUERY_STRING']}"):
            start_response(self.status, [("Content-Type", "application/json")])
            return [self.body]
        return self.catalog(environ, start_response)


def read_through(
    path: Path,
    broken: Callable[[str], bool],
    *,
    status: str = "503 Away",
    body: bytes = b"",
    **options: Any,
) -> Snapshot:
    with Catalog(path, **options) as catalog:
        proxy = Failing(catalog, broken, status, body)
        with Client.in_process(proxy, catalog.token, name="catalog:test") as client:
            client.retry = AT_ONCE
            return read(client)


def same(left: Snapshot, right: Snapshot) -> bool:
    """Compare what was read, not when and through what."""
    return replace(left, read_at="", server="") == replace(right, read_at="", server="")


def same_but_for_left_out(found: Snapshot, whole: Snapshot) -> bool:
    """Compare with what the graph API tells: it shows edges that are none, which are counted."""
    return same(replace(found, left_out=()), replace(whole, left_out=()))


@pytest.fixture
def whole(company: Client) -> Snapshot:
    return read(company)


def test_a_whole_catalog_is_read_without_a_gap(whole: Snapshot) -> None:
    assert whole.gaps == ()
    assert whole.server_version == "2.0.7"
    kinds = {entity.reference.kind for entity in whole.entities}
    assert kinds >= {Kind.TABLE, Kind.PIPELINE, Kind.DASHBOARD, Kind.CHART, Kind.MLMODEL}
    assert any(isinstance(item, Pipeline) and item.tasks for item in whole.entities)
    assert any(isinstance(item, Dashboard) and item.charts for item in whole.entities)
    assert any(item.deleted for item in whole.entities)


def test_dashboards_of_models_are_found_though_lists_leave_them_out(whole: Snapshot) -> None:
    models = [item for item in whole.entities if isinstance(item, MlModel)]
    assert sum(model.dashboard is not None for model in models) == 5


def test_a_pipeline_on_an_edge_is_named(whole: Snapshot) -> None:
    pipelines = {edge.evidence.pipeline for edge in whole.edges} - {None}
    known = {item.reference for item in whole.entities}
    assert pipelines
    assert pipelines <= known


def test_reading_over_http_gives_what_reading_in_process_gives(
    company_file: Path, whole: Snapshot
) -> None:
    with (
        Catalog(company_file) as catalog,
        start(catalog) as url,
        Client(url, catalog.token) as client,
    ):
        over_http = read(client)
    assert same(over_http, whole)
    assert over_http.server == url


def test_documents_that_lost_their_lineage_are_read_from_the_database(
    company_file: Path, whole: Snapshot
) -> None:
    cut = read_through(company_file, lambda _path: False, document_limit=200)
    assert same_but_for_left_out(cut, whole)


def test_a_search_that_fails_is_made_up_for_by_the_graph_api(
    company_file: Path, whole: Snapshot
) -> None:
    found = read_through(company_file, lambda path: "/search/" in path)
    assert same_but_for_left_out(found, whole)
    assert found.left_out[0][0] == "edges shown at the pipeline that carries them"


def test_a_search_that_answers_nonsense_is_made_up_for_too(
    company_file: Path, whole: Snapshot
) -> None:
    for body in (b"{}", b'{"hits": {"hits": [{"_source": {"id": 7}}, {}]}}', b"<html>"):
        found = read_through(
            company_file, lambda path: "/search/" in path, status="200 OK", body=body
        )
        assert same_but_for_left_out(found, whole)


def test_a_list_that_fails_is_a_gap_that_says_so(company_file: Path) -> None:
    found = read_through(company_file, lambda path: path.startswith("/api/v1/tables"))
    gap = next(gap for gap in found.gaps if gap.kind == GapKind.ENTITIES_NOT_READ)
    assert gap.subject is None
    assert "list of tables" in gap.reason
    assert "503" in gap.reason


def test_edges_that_nobody_shows_are_a_gap_at_their_entity(
    company_file: Path, whole: Snapshot
) -> None:
    found = read_through(company_file, lambda path: "/search/" in path or "/lineage/" in path)
    missing = {gap.subject for gap in found.gaps if gap.kind == GapKind.EDGES_NOT_READ}
    assert missing == set(carriers(whole))
    assert found.edges == ()


def test_a_kind_that_an_older_server_lacks_is_no_gap(company_file: Path, whole: Snapshot) -> None:
    found = read_through(
        company_file,
        lambda path: path.startswith("/api/v1/metrics"),
        status="404 Not Found",
        body=NOT_FOUND,
        server_version="1.5.0",
    )
    assert same(replace(found, server_version="2.0.7"), whole)


def test_a_list_that_every_server_has_is_a_gap_where_it_is_not_found(company_file: Path) -> None:
    found = read_through(
        company_file,
        lambda path: path.startswith("/api/v1/metrics"),
        status="404 Not Found",
        body=NOT_FOUND,
    )
    assert [gap.kind for gap in found.gaps] == [GapKind.ENTITIES_NOT_READ]


@pytest.mark.parametrize("part", ["/tables", "/search/", "/lineage/"])
def test_a_refused_token_stops_at_once(company_file: Path, part: str) -> None:
    with pytest.raises(AccessRefused):
        read_through(
            company_file,
            lambda path: part in path,
            status="401 Unauthorized",
            body=b'{"code": 401, "message": "no"}',
            document_limit=200,
        )


def test_a_server_that_is_away_from_the_start_is_an_error(company_file: Path) -> None:
    with pytest.raises(RequestFailed):
        read_through(company_file, lambda _path: True)
    with pytest.raises(NotOpenMetadata):
        read_through(company_file, lambda _path: True, status="200 OK", body=b"<html>")


def test_an_entity_that_cannot_be_understood_is_a_gap(company_file: Path) -> None:
    body = b'{"data": [{"fullyQualifiedName": "s.d", "name": "d"}, 7], "paging": {}}'
    found = read_through(
        company_file, lambda path: path.startswith("/api/v1/metrics"), status="200 OK", body=body
    )
    [gap] = found.gaps
    assert (gap.kind, gap.subject) == (GapKind.ENTITIES_NOT_READ, None)
    assert gap.reason == "list of metrics: id: Field required"


def test_edges_between_services_are_left_out_and_counted(client: Client) -> None:
    tables = list(make_tables(client, "one", "two"))
    put_edge(client, tables[0], tables[1], {"source": "ChildAssets"})
    found = read(client)
    assert found.edges == ()
    assert found.left_out == (("derived edges", 1),)


def test_requests_do_not_grow_with_edges_and_features(client: Client) -> None:
    tables = list(make_tables(client, *(f"t{number}" for number in range(3))))
    counts = []
    read(client)  # asks for the version too, once
    for _ in range(2):
        before = client.requests_sent
        read(client)
        counts.append(client.requests_sent - before)
        for upstream in tables:
            for downstream in tables:
                put_edge(client, upstream, downstream, {})
    assert counts[0] == counts[1]


@pytest.mark.slow
def test_more_entities_than_fit_on_a_page_are_all_read(client: Client) -> None:
    tables = list(make_tables(client, *(f"t{number:04}" for number in range(1_001))))
    put_edge(client, tables[0], tables[1_000], {})
    found = read(client)
    assert len([item for item in found.entities if item.reference.kind == "table"]) == 1_001
    assert len(found.edges) == 1
    assert found.gaps == ()


def test_progress_is_reported(company: Client) -> None:
    told: list[str] = []
    read(company, progress=lambda what, _count: told.append(what))
    assert {"tables", "mlmodels", "lineage of tables"} <= set(told)


def make_tables(client: Client, *names: str) -> Iterator[str]:
    client.put("/services/databaseServices", {"name": "s", "serviceType": "Mysql"})
    client.put("/databases", {"name": "d", "service": "s"})
    client.put("/databaseSchemas", {"name": "p", "database": "s.d"})
    for name in names:
        body = {
            "name": name,
            "databaseSchema": "s.d.p",
            "columns": [{"name": "x", "dataType": "INT"}],
        }
        yield client.put("/tables", body)["id"]


def put_edge(client: Client, upstream: str, downstream: str, details: object) -> None:
    ends = ({"id": upstream, "type": "table"}, {"id": downstream, "type": "table"})
    edge = {"fromEntity": ends[0], "toEntity": ends[1], "lineageDetails": details}
    client.put("/lineage", {"edge": edge})
