"""What lists leave out and the index or an edge names is asked for before it is believed."""

from collections.abc import Callable
from typing import Any

import pytest

from lineage.catalog.wsgi import Catalog
from lineage.errors import AccessRefused, ServerGone
from lineage.graph.build import build_graph
from lineage.model.reference import Reference
from lineage.model.snapshot import GapKind, Snapshot
from lineage.openmetadata.client import Client
from lineage.openmetadata.reader import Truth, read
from lineage.openmetadata.retry import Retry
from lineage.queries.selection.resolve import resolve
from tests.openmetadata.conftest import Edit, spoilt

ORDERS = "warehouse.analytics.core.orders"
CUSTOMER = "warehouse.analytics.core.customer"
BOUGHT = Reference("mlmodel", "mlflow.fraud_screening")

TRUTHS: list[Truth] = ["index", "database", "both"]


@pytest.fixture
def identity(company: Client) -> Callable[[str], str]:
    def find(fqn: str) -> str:
        kind = "mlmodels" if fqn.startswith("mlflow") else "tables"
        return str(company.get(f"/{kind}/name/{fqn}", {"include": "all"})["id"])

    return find


def without(*names: str) -> Edit:
    """Leave entities out of all lists in silence, totals too, as for a token of one domain."""

    def edit(_path: str, content: dict[str, Any]) -> None:
        if "data" in content:
            items = content["data"]
            content["data"] = [one for one in items if one["fullyQualifiedName"] not in names]
            content["paging"]["total"] -= len(items) - len(content["data"])

    return edit


def entities(snapshot: Snapshot) -> set[str]:
    return {item.reference.fqn for item in snapshot.entities}


def pairs(snapshot: Snapshot) -> set[tuple[Reference, Reference]]:
    return {(edge.upstream, edge.downstream) for edge in snapshot.edges}


@pytest.mark.parametrize("truth", TRUTHS)
def test_what_a_list_leaves_out_is_read_by_itself(
    sample: Catalog, company: Client, truth: Truth
) -> None:
    with spoilt(sample, edit=without(ORDERS, "mlflow.churn")) as client:
        found = read(client, truth=truth)
    whole = read(company, truth=truth)
    assert (found.entities, found.gaps) == (whole.entities, whole.gaps)
    assert pairs(found) == pairs(whole)


@pytest.mark.parametrize("truth", TRUTHS)
def test_what_is_hidden_from_the_token_is_a_gap_that_says_so(
    sample: Catalog, identity: Callable[[str], str], truth: Truth
) -> None:
    part = f"/tables/{identity(ORDERS)}"
    with spoilt(sample, part, "403 Forbidden", edit=without(ORDERS)) as client:
        found = read(client, truth=truth)
    [gap] = found.gaps
    assert (gap.kind, gap.subject) == (GapKind.ENTITIES_NOT_READ, Reference("table", ORDERS))
    assert gap.reason.startswith("hidden from this token")
    assert ORDERS not in entities(found)
    assert Reference("table", ORDERS) in {edge.upstream for edge in found.edges}


def test_all_models_are_not_complete_where_one_is_hidden(
    sample: Catalog, identity: Callable[[str], str]
) -> None:
    part = f"/mlmodels/{identity(BOUGHT.fqn)}"
    with spoilt(sample, part, "403 Forbidden", edit=without(BOUGHT.fqn)) as client:
        found = read(client)
    assert [gap.subject for gap in found.gaps] == [BOUGHT]
    assert not resolve(build_graph(found), "kind:mlmodel").is_complete


def test_edges_into_what_is_hidden_are_kept(
    sample: Catalog, company: Client, identity: Callable[[str], str]
) -> None:
    part = f"/tables/{identity(ORDERS)}"
    with spoilt(sample, part, "403 Forbidden", edit=without(ORDERS)) as client:
        found = read(client)
    assert pairs(found) == pairs(read(company))


def test_a_document_of_what_is_gone_is_left_out(sample: Catalog) -> None:
    def stale(path: str, content: dict[str, Any]) -> None:
        if path.endswith("/search/query"):
            hits = content["hits"]["hits"]
            gone = {"id": "0" * 8 + "-0000-4000-8000-" + "0" * 12, "fullyQualifiedName": "s.d.p.x"}
            hits[:0] = [{"_source": gone, "sort": ["a"]}] if hits else []

    with spoilt(sample, edit=stale) as client:
        found = read(client)
    assert "s.d.p.x" not in entities(found)
    assert found.gaps == ()
    assert dict(found.left_out)["entities that are gone, but in the search index"] >= 1


def with_edge_from(source: dict[str, Any], downstream: str) -> Edit:
    def edit(path: str, content: dict[str, Any]) -> None:
        if path.endswith("/search/query"):
            for hit in content["hits"]["hits"]:
                if hit["_source"]["fullyQualifiedName"] == downstream:
                    edge = {"fromEntity": source, "source": "Manual", "columns": []}
                    hit["_source"]["upstreamLineage"].append(edge)

    return edit


GONE = {"id": "00000000-0000-4000-8000-000000000000", "type": "table"}


def test_an_edge_of_the_index_from_what_is_gone_is_asked_of_the_database(
    sample: Catalog, company: Client
) -> None:
    edge = with_edge_from({**GONE, "fullyQualifiedName": "s.d.p.gone"}, ORDERS)
    with spoilt(sample, edit=edge) as client:
        found = read(client)
    assert found.edges == read(company).edges
    assert found.gaps == ()


def test_an_edge_of_the_index_from_a_kind_nobody_knows_is_asked_of_the_database(
    sample: Catalog, identity: Callable[[str], str]
) -> None:
    sheet = {"id": "1", "type": "worksheet", "fullyQualifiedName": "s.w"}
    in_index = with_edge_from(sheet, ORDERS)
    orders = identity(ORDERS)

    def edit(path: str, content: dict[str, Any]) -> None:
        in_index(path, content)
        if path.endswith(f"/lineage/table/{orders}"):
            content["nodes"].append(sheet)
            content["upstreamEdges"].append({"fromEntity": "1", "toEntity": orders})

    with spoilt(sample, edit=edit) as client:
        found = read(client)
    assert (Reference("worksheet", "s.w"), Reference("table", ORDERS)) in pairs(found)
    assert Reference("worksheet", "s.w") in {gap.subject for gap in build_graph(found).gaps}


def test_an_edge_of_the_index_whose_end_nobody_can_ask_for_is_a_gap(sample: Catalog) -> None:
    edge = with_edge_from({**GONE, "fullyQualifiedName": "s.d.p.gone"}, ORDERS)
    with spoilt(sample, "/lineage/table/", "500 Broken", edit=edge) as client:
        found = read(client)
    assert [(gap.kind, gap.subject) for gap in found.gaps] == [
        (GapKind.EDGES_NOT_READ, Reference("table", ORDERS))
    ]


def test_what_the_database_names_and_nothing_shows_is_read_with_its_edges(
    sample: Catalog, company: Client
) -> None:
    hidden = without(ORDERS)

    def edit(path: str, content: dict[str, Any]) -> None:
        hidden(path, content)
        if path.endswith("/search/query"):
            hits = content["hits"]["hits"]
            names = [hit["_source"].get("fullyQualifiedName") for hit in hits]
            hits[:] = [hit for hit, name in zip(hits, names, strict=True) if name != ORDERS]

    with spoilt(sample, edit=edit) as client:
        found = read(client, truth="database")
    whole = read(company, truth="database")
    assert (found.entities, found.gaps) == (whole.entities, ())
    assert pairs(found) == pairs(whole)


# A page with an entity that cannot be rendered.


@pytest.mark.parametrize("truth", TRUTHS)
def test_a_page_that_cannot_be_rendered_costs_only_the_entity_that_spoils_it(
    sample: Catalog, company: Client, truth: Truth
) -> None:
    pages: list[str] = []
    broken = company.get(f"/tables/name/{ORDERS}")["id"]

    def refuse(path: str, query: str) -> str | None:
        """Answer no page of tables beyond the first ten, however small, nor the one by itself."""
        if path.endswith("/v1/tables") and "limit=0" not in query:
            limit = query.split("limit=")[1].split("&", maxsplit=1)[0]
            pages.append(limit + " after" * ("after" in query))
            return None if pages[-1] == "10" else "cannot render"
        return "cannot render" if path.endswith(f"/v1/tables/{broken}") else None

    with spoilt(sample, refuse, "500 Broken") as client:
        found = read(client, truth=truth)
    whole = read(company, truth=truth)
    assert entities(whole) - entities(found) == {ORDERS}
    missed = [gap for gap in found.gaps if gap.kind == GapKind.ENTITIES_NOT_READ]
    assert [gap.subject for gap in missed] == [Reference("table", ORDERS)]
    assert pages == ["1000", "100", "10", "10 after", "1 after"]


def test_where_the_index_is_away_too_the_rest_of_the_list_is_a_gap(
    sample: Catalog, company: Client
) -> None:
    schema = "warehouse.analytics.core"  # with a table that no edge names
    company.put("/tables", {"name": "lonely", "databaseSchema": schema, "columns": []})

    def refuse(path: str, query: str) -> str | None:
        away = path.endswith("/search/query")
        return "no" if away or (path.endswith("/v1/tables") and "limit=0" not in query) else None

    with spoilt(sample, refuse, "500 Broken") as client:
        found = read(client)
    assert None in {gap.subject for gap in found.gaps}
    assert any(gap.reason.startswith("list of tables") for gap in found.gaps)


# A server or a token that is gone.


def test_a_server_that_is_gone_in_the_middle_ends_the_reading(sample: Catalog) -> None:
    answered = 0

    def gone(_path: str, _query: str) -> str | None:
        nonlocal answered
        answered += 1
        return "away" if answered > 20 else None

    with spoilt(sample, gone, "503 Away") as client:
        client.retry = Retry(tries=1)
        with pytest.raises(ServerGone, match="5 requests in a row got no answer"):
            read(client, workers=1)
    assert answered == 20 + 5 + 1


def test_an_endpoint_that_is_away_is_no_server_that_is_gone(sample: Catalog) -> None:
    with spoilt(sample, "/lineage/", "503 Away") as client:
        client.retry = Retry(tries=1)
        found = read(client, truth="database", workers=1)
    assert {gap.kind for gap in found.gaps} == {GapKind.EDGES_NOT_READ}


def test_a_token_that_is_revoked_in_the_middle_ends_the_reading_at_once(sample: Catalog) -> None:
    asked = 0

    def revoked(_path: str, _query: str) -> str | None:
        nonlocal asked
        asked += 1
        return "Expired token!" if asked > 20 else None

    with (
        spoilt(sample, revoked, "401 Unauthorized") as client,
        pytest.raises(AccessRefused, match="token"),
    ):
        read(client, workers=1)
    assert asked == 21
