from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest

from lineage.catalog.wsgi import Catalog
from lineage.errors import AccessRefused, LineageError, RequestFailed
from lineage.governance.audit.audit import audit
from lineage.graph.build import build_graph
from lineage.model.edges import Edge
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import GapKind
from lineage.openmetadata.client import Client
from lineage.openmetadata.endpoints import ENDPOINTS
from lineage.openmetadata.read_upstream import read_upstream
from lineage.openmetadata.reader import read
from lineage.openmetadata.retry import Retry
from lineage.queries.traversal import Grain, downstream, upstream
from tests.openmetadata.conftest import Counting, carriers

HOPS = 25
MODEL = Reference(Kind.MLMODEL, "ml.last")


@pytest.fixture
def chain(counted: Client, counting: Counting) -> Client:
    """Make 25 hops, from a table to a model that declares nothing."""
    counted.put("/services/databaseServices", {"name": "s", "serviceType": "Mysql"})
    counted.put("/databases", {"name": "d", "service": "s"})
    counted.put("/databaseSchemas", {"name": "p", "database": "s.d"})
    counted.put("/services/mlmodelServices", {"name": "ml", "serviceType": "Mlflow"})
    columns = [{"name": "x", "dataType": "INT"}]
    ends: list[dict[str, Any]] = []
    for number in range(HOPS):
        body = {"name": f"t{number:02}", "databaseSchema": "s.d.p", "columns": columns}
        ends.append({"id": counted.put("/tables", body)["id"], "type": "table"})
    model = counted.put("/mlmodels", {"name": "last", "service": "ml", "algorithm": "a"})
    ends.append({"id": model["id"], "type": "mlmodel"})
    for above, below in zip(ends, ends[1:], strict=False):  # noqa: RUF007  # pairs of dicts
        counted.put("/lineage", {"edge": {"fromEntity": above, "toEntity": below}})
    counting.asked.clear()
    return counted


def test_a_chain_of_25_hops_comes_whole_in_nine_calls(chain: Client, counting: Counting) -> None:
    found = read_upstream(chain, MODEL)
    assert len(found.edges) == HOPS
    assert len(carriers(found)) == HOPS + 1
    assert counting.count("/lineage/") <= 9
    assert len(upstream(build_graph(found), MODEL).reached) == HOPS


def test_the_whole_catalog_from_the_database_takes_no_more_calls(
    chain: Client, counting: Counting
) -> None:
    found = read(chain, truth="database", workers=1)
    assert len(found.edges) == HOPS
    assert found.gaps == ()
    assert counting.count("/search/") == len(ENDPOINTS)  # what there is, without any edge
    # The first wave asks around several entities at once; what the rim tells is then enough.
    assert counting.count("/lineage/") <= HOPS + 1


def test_what_is_upstream_equals_what_reading_the_whole_catalog_gives(company: Client) -> None:
    whole = read(company)
    for name in ("churn", "credit_risk", "delivery_time", "demand_forecast", "fraud_screening"):
        model = Reference(Kind.MLMODEL, f"mlflow.{name}")
        part = read_upstream(company, model)
        everything, closure = build_graph(whole), build_graph(part)
        grains: tuple[Grain, Grain] = ("entity", "part")
        for grain in grains:
            near, far = (upstream(graph, model, grain=grain) for graph in (closure, everything))
            assert (near.reached, near.gaps) == (far.reached, far.gaps)
        found, expected = (audit(graph, models=[model]) for graph in (closure, everything))
        assert (found.models, found.features) == (expected.models, expected.features)


def test_the_calls_grow_with_the_closure_and_not_with_the_catalog(company: Client) -> None:
    before = company.requests_sent
    found = read_upstream(company, Reference(Kind.MLMODEL, "mlflow.fraud_screening"))
    assert company.requests_sent - before <= 6
    assert [reference.name for reference in carriers(found)] == ["fraud_screening"]


def test_downstream_is_not_called_complete(company: Client) -> None:
    model = Reference(Kind.MLMODEL, "mlflow.churn")
    part = read_upstream(company, model)
    assert [gap.kind for gap in part.gaps] == [GapKind.DOWNSTREAM_NOT_READ]
    graph = build_graph(part)
    assert "not complete" in downstream(graph, model).summary()
    assert "complete" in upstream(graph, model).summary()
    assert "not complete" not in upstream(graph, model).summary()


def test_a_start_that_is_not_there_is_an_error(company: Client) -> None:
    with pytest.raises(RequestFailed, match="404"):
        read_upstream(company, Reference(Kind.MLMODEL, "mlflow.none"))


def test_database_and_index_show_the_same(company: Client) -> None:
    from_index, from_database = read(company), read(company, truth="database")

    def comparable(edges: tuple[Edge, ...]) -> list[Edge]:
        return [replace(edge) for edge in edges]

    assert comparable(from_database.edges) == comparable(from_index.edges)
    assert from_database.entities == from_index.entities
    assert from_database.gaps == ()


class Hiding:
    """A server that keeps some entities from the token, or is away for them."""

    def __init__(self, catalog: Catalog, part: str, status: str) -> None:
        self.catalog, self.part, self.status = catalog, part, status

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if self.part in environ["PATH_INFO"]:
            start_response(self.status, [("Content-Type", "application/json")])
            return [b'{"code": 403, "message": "hidden"}']
        return self.catalog(environ, start_response)


def table_id(client: Client, fqn: str) -> str:
    return str(client.get(f"/tables/name/{fqn}")["id"])


def test_a_hidden_entity_makes_the_answer_unknown(company: Client, company_file: object) -> None:
    hidden = table_id(company, "warehouse.analytics.staging.customer")
    model = Reference(Kind.MLMODEL, "mlflow.delivery_time")
    seen = table_id(company, "warehouse.ml.features.delivery_leg")
    for status, identity in (("403 Forbidden", seen), ("503 Away", seen), ("403 No", hidden)):
        with Catalog(str(company_file)) as catalog:
            proxy = Hiding(catalog, f"/tables/{identity}", status)
            with Client.in_process(proxy, catalog.token, name="c") as client:
                client.retry = Retry(tries=1)
                part = read_upstream(client, model)
        verdict = audit(build_graph(part), models=[model]).models[0].verdict
        assert verdict == ("no-value-path" if identity == hidden else "unknown")


def test_a_refused_token_stops_at_once(company_file: object) -> None:
    with Catalog(str(company_file)) as catalog:
        proxy = Hiding(catalog, "/tables/", "401 Unauthorized")
        with (
            Client.in_process(proxy, catalog.token, name="c") as client,
            pytest.raises(AccessRefused),
        ):
            read_upstream(client, Reference(Kind.MLMODEL, "mlflow.churn"))


def test_edges_that_cannot_be_read_are_a_gap(company_file: object) -> None:
    with Catalog(str(company_file)) as catalog:
        proxy = Hiding(catalog, "/lineage/table/", "500 Broken")
        with Client.in_process(proxy, catalog.token, name="c") as client:
            part = read_upstream(client, Reference(Kind.MLMODEL, "mlflow.churn"))
    assert {gap.kind for gap in part.gaps} >= {GapKind.EDGES_NOT_READ}


def test_a_kind_that_has_no_list_is_refused(company: Client) -> None:
    with pytest.raises(LineageError, match="cannot be read by name"):
        read_upstream(company, Reference("worksheet", "s.w"))


def test_what_cannot_be_read_is_asked_for_once(company_file: object) -> None:
    with Catalog(str(company_file)) as catalog:
        counting = Counting(catalog)
        proxy = Hiding(catalog, "/table", "500 Broken")

        def broken(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            counting.asked.append(environ["PATH_INFO"])
            return proxy(environ, start_response)

        with Client.in_process(broken, catalog.token, name="c") as client:
            part = read_upstream(client, Reference(Kind.MLMODEL, "mlflow.churn"))
    assert any(gap.hides_upstream for gap in part.gaps)
    assert sorted(counting.asked) == sorted(set(counting.asked))
