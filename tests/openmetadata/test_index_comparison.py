"""Where the search index and the database disagree about edges."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from lineage.catalog.server import start
from lineage.catalog.wsgi import Catalog
from lineage.cli import app
from lineage.errors import ServerError
from lineage.files.snapshot_file import read_snapshot, write_snapshot
from lineage.model.reference import Reference
from lineage.model.snapshot import Disagreement, GapKind, Snapshot
from lineage.openmetadata.client import Client
from lineage.openmetadata.reader import Truth, read
from lineage.openmetadata.retry import Retry
from tests.fault_proxy import Asked, Fault, Schedule, answered, edited, fault_proxy
from tests.openmetadata.conftest import carriers

CORE = "warehouse.analytics.core"
ORDERS, CUSTOMER = (Reference("table", f"{CORE}.{name}") for name in ("orders", "customer"))


@contextmanager
def behind(file: Path, schedule: Schedule) -> Iterator[Client]:
    """Reach a catalog through a proxy that spoils some replies."""
    retry = Retry(tries=2, sleep=lambda _seconds: None)
    with (
        Catalog(file) as catalog,
        start(catalog) as url,
        fault_proxy(url, schedule) as proxy,
        Client(proxy.url, catalog.token, retry=retry) as client,
    ):
        yield client


def comparable(snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, read_at="", left_out=(), disagreements=())


def search_edited(change: Callable[[dict[str, Any]], None]) -> Schedule:
    """Change each document that the search finds."""

    def changed(content: Any, _asked: Asked) -> Any:
        for hit in content["hits"]["hits"]:
            change(hit["_source"])
        return content

    fault = edited(changed)
    return lambda asked: fault if "/search/" in asked.path else None


def never(_asked: Asked) -> Fault | None:
    return None


def test_where_index_and_database_agree_both_give_what_each_gives(company_file: Path) -> None:
    with behind(company_file, never) as client:
        database, both = read(client, truth="database"), read(client, truth="both")
    assert both.disagreements == ()
    assert both.left_out == database.left_out
    assert {(e.upstream, e.downstream) for e in both.edges} == {
        (e.upstream, e.downstream) for e in database.edges
    }


def test_an_edge_that_the_database_denies_is_left_out_and_named(company_file: Path) -> None:
    with behind(company_file, never) as client:
        identity = client.get(f"/tables/name/{ORDERS.fqn}")["id"]

    def stale(document: dict[str, Any]) -> None:
        if document["fullyQualifiedName"] == CUSTOMER.fqn:
            ends = {"fromEntity": {"id": identity, "type": "table"}}
            document["upstreamLineage"].append({**ends, "source": "Manual", "columns": []})

    with behind(company_file, search_edited(stale)) as client:
        index, both = read(client), read(client, truth="both")
        database = read(client, truth="database")
    assert both.disagreements == (Disagreement(ORDERS, CUSTOMER, "index"),)
    assert dict(both.left_out)["edges in the search index that the database denies"] == 1
    assert comparable(both) == comparable(database)
    wrong = {(edge.upstream, edge.downstream) for edge in index.edges}
    assert (ORDERS, CUSTOMER) in wrong
    assert index.disagreements == ()
    assert str(both.disagreements[0]).endswith("customer: in the index, not in the database")


def test_an_edge_that_the_index_lacks_is_kept_and_named(company_file: Path) -> None:
    def emptied(document: dict[str, Any]) -> None:
        if document["fullyQualifiedName"] == ORDERS.fqn:
            document["upstreamLineage"] = []

    with behind(company_file, search_edited(emptied)) as client:
        both, database = read(client, truth="both"), read(client, truth="database")
    into = {edge.upstream for edge in database.edges if edge.downstream == ORDERS}
    assert into
    assert both.disagreements == tuple(
        Disagreement(one, ORDERS, "database") for one in sorted(into)
    )
    assert comparable(both) == comparable(database)


def test_what_an_edge_has_in_one_of_the_two_only_is_named(company_file: Path) -> None:
    before = {"fromColumns": [f"{CUSTOMER.fqn}.old"], "toColumn": f"{ORDERS.fqn}.x"}

    def stale(document: dict[str, Any]) -> None:
        for item in document.get("upstreamLineage") or ():
            if document["fullyQualifiedName"] == ORDERS.fqn:
                item |= {"columns": [before], "sqlQueryKey": None, "sqlQuery": "select 1"}
                item.pop("pipeline", None)

    with behind(company_file, search_edited(stale)) as client:
        both, database = read(client, truth="both"), read(client, truth="database")
    assert comparable(both) == comparable(database)
    edges = [edge for edge in both.edges if edge.downstream == ORDERS]
    told = {(item.upstream, item.only_in, item.what, item.value) for item in both.disagreements}
    for edge in edges:
        mappings = {
            f"{', '.join(one.upstream)} -> {one.downstream}"
            + (f" : {one.function}" if one.function else "")
            for one in edge.column_edges
        }
        pipeline = str(edge.evidence.pipeline)
        assert {item[1:] for item in told if item[0] == edge.upstream} == {
            ("index", "mapping", f"{CUSTOMER.fqn}.old -> {ORDERS.fqn}.x"),
            ("index", "sql", "select 1"),
            *(("database", "mapping", mapping) for mapping in mappings),
            *([("database", "sql", edge.evidence.sql)] if edge.evidence.sql else []),
            *([("database", "pipeline", pipeline)] if edge.evidence.pipeline else []),
        }
    assert edges
    assert len(told) == len(both.disagreements)


def test_a_document_cut_from_the_index_disagrees_with_nothing(company_file: Path) -> None:
    def cut(document: dict[str, Any]) -> None:
        document.pop("upstreamLineage", None)

    with behind(company_file, search_edited(cut)) as client:
        assert read(client, truth="both").disagreements == ()


def test_where_the_database_is_silent_the_index_is_kept_beside_a_gap(company_file: Path) -> None:
    broken = answered(500, b"[]", "application/json")
    with behind(company_file, lambda a: broken if "/lineage/" in a.path else None) as client:
        index, both = read(client), read(client, truth="both")
    assert both.edges == index.edges
    assert both.disagreements == ()
    missed = {gap.subject for gap in both.gaps if gap.kind == GapKind.EDGES_NOT_READ}
    assert missed == set(carriers(both))


def test_both_costs_the_requests_of_each_and_no_more(company_file: Path) -> None:
    sent: dict[Truth, int] = {}
    ways: tuple[Truth, ...] = ("index", "database", "both")
    for truth in ways:
        with behind(company_file, never) as client:
            read(client, truth=truth)
            sent[truth] = client.requests_sent
    lists = 13  # twelve kinds, and the version
    assert sent["both"] <= sent["index"] + sent["database"] - lists


def test_disagreements_are_kept_in_the_file_of_a_snapshot(tmp_path: Path) -> None:
    items = (Disagreement(ORDERS, CUSTOMER, "index"), Disagreement(CUSTOMER, ORDERS, "database"))
    snapshot = Snapshot(disagreements=(*items, items[0]))
    assert snapshot.disagreements == tuple(sorted(items))
    write_snapshot(snapshot, tmp_path / "s.json")
    assert read_snapshot(tmp_path / "s.json") == snapshot
    write_snapshot(Snapshot(), tmp_path / "none.json")
    assert "disagreements" not in (tmp_path / "none.json").read_text()


def test_the_command_reads_both(company_file: Path, tmp_path: Path) -> None:
    target = str(tmp_path / "s.json")
    arguments = ["read", "-c", str(company_file), "--truth", "both", "-o", target]
    assert CliRunner().invoke(app, arguments).exit_code == 0


def test_a_refused_token_stops_both(company_file: Path) -> None:
    no = answered(401, b"{}", "application/json")
    with (
        behind(company_file, lambda a: no if "/search/" in a.path else None) as client,
        pytest.raises(ServerError),
    ):
        read(client, truth="both")
