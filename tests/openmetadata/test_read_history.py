from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lineage.changes.since import since
from lineage.errors import LineageError, UnknownEntity
from lineage.model.edges import Edge
from lineage.model.entities import Entity
from lineage.model.reference import Kind, Reference
from lineage.openmetadata.client import Client
from lineage.openmetadata.read_history import read_history
from lineage.openmetadata.reader import read
from tests.catalog.conftest import Clock
from tests.openmetadata.conftest import a_day_later, drop_column, table_of

CHURN = Reference(Kind.MLMODEL, "mlflow.churn")
ACTIVITY = "warehouse.ml.features.customer_activity"
DAY = 86_400.0


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def later(company_file: Path, clock: Clock) -> Iterator[Client]:
    with a_day_later(company_file, clock) as client:
        yield client


def describe(client: Client, fqn: str) -> None:
    patch = [{"op": "add", "path": "/description", "value": "new words"}]
    client.patch(f"/tables/{table_of(client, fqn)['id']}", patch)


def test_only_what_was_updated_since_is_asked_for_its_versions(later: Client) -> None:
    describe(later, ACTIVITY)
    snapshot = read(later)
    before = later.requests_sent
    history = read_history(later, snapshot, CHURN, "0.1")
    assert later.requests_sent - before == 2
    assert set(history.versions) == {CHURN, Reference(Kind.TABLE, ACTIVITY)}
    assert not history.gaps


def test_a_column_dropped_on_the_server_breaks_its_feature(later: Client) -> None:
    drop_column(later, ACTIVITY, "tenure_days")
    snapshot = read(later)
    answer = since(snapshot, read_history(later, snapshot, CHURN, "0.1"))
    worst = answer.to_records()[0]
    assert worst["verdict"] == "broken"
    assert worst["feature"] == "mlflow.churn.tenure_days"
    assert worst["versions"] == [1.1]
    assert worst["by"] == ["ingestion-bot"]


def test_a_version_or_a_moment_says_since_when(later: Client, clock: Clock) -> None:
    drop_column(later, ACTIVITY, "tenure_days")
    clock.seconds += DAY
    model = later.get(f"/mlmodels/name/{CHURN.fqn}")
    patch = [{"op": "replace", "path": "/algorithm", "value": "another"}]
    later.patch(f"/mlmodels/{model['id']}", patch)
    snapshot = read(later)
    answers = {
        text: since(snapshot, read_history(later, snapshot, CHURN, text)).worst
        for text in ("0.1", "v1.1", "1999-01-01", "1999-01-01T12:00:00+02:00", "2999-01-01")
    }
    assert answers["0.1"] == "broken"
    assert answers["v1.1"] == answers["2999-01-01"] == "unknown"


@pytest.mark.parametrize(
    ("text", "message"), [("7.7", "it has 0.1"), ("yesterday", "neither a version")]
)
def test_a_moment_that_is_none_is_refused(company: Client, text: str, message: str) -> None:
    with pytest.raises(LineageError, match=message):
        read_history(company, read(company), CHURN, text)


def test_a_model_that_is_none_is_refused(company: Client) -> None:
    with pytest.raises(UnknownEntity):
        read_history(company, read(company), Reference(Kind.MLMODEL, "mlflow.nothing"), "0.1")


def test_versions_that_do_not_come_are_a_gap(later: Client) -> None:
    describe(later, ACTIVITY)
    snapshot = read(later)
    later.delete(f"/tables/{table_of(later, ACTIVITY)['id']}", {"hardDelete": True})
    history = read_history(later, snapshot, CHURN, "0.1")
    (gap,) = history.gaps
    assert gap.subject == Reference(Kind.TABLE, ACTIVITY)
    assert "its versions were not read" in gap.reason
    assert since(snapshot, history).worst == "unknown"


def test_the_number_of_requests_grows_with_what_changed(client: Client) -> None:
    client.put("/services/databaseServices", {"name": "pg", "serviceType": "Postgres"})
    client.put("/databases", {"name": "d", "service": "pg"})
    client.put("/databaseSchemas", {"name": "s", "database": "pg.d"})
    client.put("/services/mlmodelServices", {"name": "ml", "serviceType": "Mlflow"})
    made = [
        client.put("/tables", {"name": f"t{number}", "databaseSchema": "pg.d.s", "columns": [X, Y]})
        for number in range(120)
    ]
    sources = [
        {"name": "x", "dataSource": {"id": item["id"], "type": "table"}, "dataType": "integer"}
        for item in made
    ]
    features = [{"name": "f", "dataType": "numerical", "featureSources": sources}]
    body = {"name": "m", "service": "ml", "algorithm": "a", "mlFeatures": features}
    model = client.put("/mlmodels", body)
    for item in made[:20]:
        client.patch(f"/tables/{item['id']}", [{"op": "remove", "path": "/columns/1"}])
    snapshot = read(client)
    before = client.requests_sent
    reference = Reference(Kind.MLMODEL, model["fullyQualifiedName"])
    history = read_history(client, snapshot, reference, "0.1")
    assert client.requests_sent - before == 21
    assert len(since(snapshot, history).elsewhere) == 20


X, Y = ({"name": name, "dataType": "INT"} for name in "xy")


def test_what_feeds_a_container_is_upstream_of_what_is_in_it(company: Client) -> None:
    snapshot = read(company)
    bucket, file, raw = (
        Reference(Kind.CONTAINER, "s3.k"),
        Reference(Kind.CONTAINER, "s3.k.f"),
        Reference(Kind.TABLE, "raw"),
    )
    made = (Entity(reference=bucket, id="k"), Entity(reference=raw, id="raw"))
    inside = Entity(reference=file, id="f", parent=bucket)
    edges = (
        Edge(upstream=raw, downstream=bucket),
        Edge(upstream=file, downstream=Reference(Kind.TABLE, ACTIVITY)),
    )
    more = replace(
        snapshot,
        entities=(*snapshot.entities, *made, inside),
        edges=(*snapshot.edges, *edges),
    )
    found = read_history(company, more, CHURN, "0.1")
    assert {raw, file} <= {gap.subject for gap in found.gaps}
