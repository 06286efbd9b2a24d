"""What is read of a server that does wrong is right, or names what is not."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lineage.catalog.wsgi import Catalog
from lineage.errors import AccessRefused, RequestFailed
from lineage.model.reference import Reference
from lineage.model.snapshot import Disagreement, GapKind, Snapshot
from lineage.openmetadata.client import Client
from lineage.openmetadata.model_api import patch_model, read_model
from lineage.openmetadata.reader import Truth, read
from lineage.openmetadata.retry import Retry

ORDERS = Reference("table", "warehouse.analytics.core.orders")
CUSTOMER = Reference("table", "warehouse.analytics.core.customer")

TRUTHS: list[Truth] = ["index", "database", "both"]


@pytest.fixture(params=["1.12.6", "1.13.3", "2.0.7"])
def catalog(request: pytest.FixtureRequest, company_file: Path) -> Iterator[Catalog]:
    """Open the sample company as each generation."""
    with Catalog(company_file, server_version=request.param) as opened:
        yield opened


@pytest.fixture
def client(catalog: Catalog) -> Iterator[Client]:
    with Client.in_process(catalog, catalog.token, name="catalog:test") as opened:
        opened.retry = Retry(tries=2, sleep=lambda _seconds: None)
        yield opened


def pairs(snapshot: Snapshot) -> set[tuple[Reference, Reference]]:
    return {(edge.upstream, edge.downstream) for edge in snapshot.edges}


def gaps(snapshot: Snapshot) -> set[tuple[GapKind, Reference | None]]:
    return {(gap.kind, gap.subject) for gap in snapshot.gaps}


def put_edge(client: Client, upstream: Reference, downstream: Reference) -> None:
    ends = {
        end: {"id": client.get(f"/tables/name/{one.fqn}")["id"], "type": "table"}
        for end, one in (("fromEntity", upstream), ("toEntity", downstream))
    }
    client.put("/lineage", {"edge": {**ends, "lineageDetails": {"sqlQuery": "select 1"}}})


def remove_edge(client: Client, upstream: Reference, downstream: Reference) -> None:
    ids = [client.get(f"/tables/name/{one.fqn}")["id"] for one in (upstream, downstream)]
    client.delete(f"/lineage/table/{ids[0]}/table/{ids[1]}")


def test_an_edge_that_collided_is_in_the_database_and_named_as_missing_from_the_index(
    catalog: Catalog, client: Client
) -> None:
    catalog.faults.collisions = 1
    with pytest.raises(RequestFailed, match="version_conflict_engine_exception"):
        put_edge(client, ORDERS, CUSTOMER)
    assert (ORDERS, CUSTOMER) in pairs(read(client, truth="database"))
    found = read(client, truth="both")
    assert (ORDERS, CUSTOMER) in pairs(found)
    assert found.disagreements == (Disagreement(ORDERS, CUSTOMER, "database"),)
    put_edge(client, ORDERS, CUSTOMER)  # the same write again mends the index
    assert read(client, truth="both").disagreements == ()


def test_an_index_that_missed_writes_is_named_where_both_are_read(
    catalog: Catalog, client: Client
) -> None:
    put_edge(client, CUSTOMER, ORDERS)
    catalog.faults.stale_index = True
    remove_edge(client, CUSTOMER, ORDERS)
    put_edge(client, ORDERS, CUSTOMER)
    found = read(client, truth="both")
    assert (ORDERS, CUSTOMER) in pairs(found)
    assert (CUSTOMER, ORDERS) not in pairs(found)
    assert set(found.disagreements) == {
        Disagreement(ORDERS, CUSTOMER, "database"),
        Disagreement(CUSTOMER, ORDERS, "index"),
    }


@pytest.mark.parametrize("truth", TRUTHS)
def test_what_lists_leave_out_is_a_gap_hidden_from_the_token(
    catalog: Catalog, client: Client, truth: Truth
) -> None:
    whole = read(client, truth=truth)
    catalog.faults.hidden = frozenset({ORDERS.fqn})
    found = read(client, truth=truth)
    assert gaps(found) - gaps(whole) == {(GapKind.ENTITIES_NOT_READ, ORDERS)}
    [gap] = [gap for gap in found.gaps if gap.subject == ORDERS]
    assert gap.reason.startswith("hidden from this token")
    assert pairs(found) == pairs(whole)


@pytest.mark.parametrize("truth", TRUTHS)
def test_an_entity_that_cannot_be_rendered_is_the_one_gap(
    catalog: Catalog, client: Client, truth: Truth
) -> None:
    whole = read(client, truth=truth)
    catalog.faults.unrenderable = frozenset({ORDERS.fqn})
    found = read(client, truth=truth)
    assert gaps(found) - gaps(whole) == {(GapKind.ENTITIES_NOT_READ, ORDERS)}
    assert {one.reference for one in whole.entities} - {
        one.reference for one in found.entities
    } == {ORDERS}
    assert pairs(found) == pairs(whole)


@pytest.mark.parametrize("left", [1, 5, 20])
def test_a_token_that_is_revoked_ends_the_reading(
    catalog: Catalog, client: Client, left: int
) -> None:
    catalog.faults.requests_left = left
    with pytest.raises(AccessRefused, match="the token was refused"):
        read(client)


def test_a_change_of_a_model_is_stored_on_every_release(client: Client) -> None:
    identity = client.get("/mlmodels/name/mlflow.churn")["id"]
    stored = read_model(client, identity)
    patch_model(client, stored, replace(stored.model, target="gone"))
    assert read_model(client, identity).model.target == "gone"


def test_a_column_with_a_quote_is_one_gap_on_1_12_alone(catalog: Catalog, client: Client) -> None:
    found = read(client)
    quoted = [gap.subject for gap in found.gaps if gap.kind == GapKind.ENTITIES_NOT_READ]
    assert len(quoted) == (catalog.server_version == "1.12.6")
