from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lineage.catalog.wsgi import Catalog
from lineage.changes.since import Since, since
from lineage.errors import LineageError
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import GapKind, Snapshot
from lineage.openmetadata.client import Client
from lineage.openmetadata.list_versions import list_versions
from lineage.openmetadata.read_history import read_history
from lineage.openmetadata.reader import read
from tests.catalog.conftest import Clock
from tests.conftest import talking_to
from tests.openmetadata.conftest import a_day_later, drop_column, table_of

CHURN = Reference(Kind.MLMODEL, "mlflow.churn")
ACTIVITY = Reference(Kind.TABLE, "warehouse.ml.features.customer_activity")
CUSTOMER = Reference(Kind.TABLE, "warehouse.analytics.core.customer")


@pytest.fixture
def tomorrow(company_file: Path) -> Iterator[Client]:
    with a_day_later(company_file, Clock()) as client:
        yield client


def asked(client: Client, kept: Snapshot) -> Since:
    current = list_versions(client, kept)
    return since(current, read_history(client, current, CHURN, "0.1"), kept=kept)


def early(client: Client) -> Snapshot:
    """Read the company, as if at the moment at which nothing had changed yet."""
    return replace(read(client), read_at="1999-01-01T00:00:00+00:00")


def test_what_has_not_changed_is_taken_from_the_kept_snapshot(tomorrow: Client) -> None:
    kept = early(tomorrow)
    assert list_versions(tomorrow, kept) == kept
    assert asked(tomorrow, kept).worst == "safe"


def test_a_column_dropped_since_is_found_by_the_edges_of_then(tomorrow: Client) -> None:
    kept = early(tomorrow)
    drop_column(tomorrow, CUSTOMER.fqn, "email_hash")
    before = tomorrow.requests_sent
    answer = asked(tomorrow, kept)
    assert tomorrow.requests_sent - before <= 10
    first = answer.to_records()[0]
    assert (first["verdict"], first["feature"]) == ("broken", "mlflow.churn.campaign_bucket")
    assert first["source"] == "warehouse.analytics.core.customer.email_hash"
    assert not answer.gaps


def test_a_kept_snapshot_and_a_new_reading_say_the_same_of_a_change(tomorrow: Client) -> None:
    kept = early(tomorrow)
    drop_column(tomorrow, ACTIVITY.fqn, "tenure_days")
    anew = read(tomorrow)
    said = since(anew, read_history(tomorrow, anew, CHURN, "0.1"), kept=kept).to_records()
    listed = asked(tomorrow, kept).to_records()
    assert said[0] == listed[0]


@pytest.mark.parametrize("how", [{}, {"hardDelete": True}], ids=["softly", "for good"])
def test_a_table_deleted_since_breaks_what_it_fed(tomorrow: Client, how: dict[str, bool]) -> None:
    kept = early(tomorrow)
    tomorrow.delete(f"/tables/{table_of(tomorrow, ACTIVITY.fqn)['id']}", {"recursive": True, **how})
    changes = {(row["verdict"], row["change"]) for row in asked(tomorrow, kept).to_records()}
    assert ("broken", f"drop {ACTIVITY}") in changes


def test_what_the_kept_snapshot_did_not_have_is_read_where_it_matters(tomorrow: Client) -> None:
    whole = early(tomorrow)
    entities = tuple(item for item in whole.entities if item.reference != ACTIVITY)
    answer = asked(tomorrow, replace(whole, entities=entities))
    assert "broken" not in {row["verdict"] for row in answer.to_records()}


def test_a_list_that_fails_is_a_gap_everywhere(company_file: Path) -> None:
    with Catalog(company_file) as catalog, talking_to(catalog) as client:
        kept = early(client)
        catalog.faults.unrenderable = frozenset({CUSTOMER.fqn})
        answer = asked(client, kept)
    assert {gap.kind for gap in answer.gaps} == {GapKind.ENTITIES_NOT_READ}
    assert any("which versions each table has was not read" in gap.reason for gap in answer.gaps)
    assert answer.worst == "unknown"


def test_what_a_token_may_not_see_is_not_called_gone(company_file: Path) -> None:
    with Catalog(company_file) as catalog, talking_to(catalog) as client:
        kept = early(client)
        catalog.faults.hidden = frozenset({CUSTOMER.fqn})
        answer = asked(client, kept)
    (gap,) = answer.gaps
    assert gap.subject == CUSTOMER
    assert "its version is not known" in gap.reason
    assert answer.worst == "unknown"


def test_a_snapshot_of_another_server_is_refused(tomorrow: Client) -> None:
    kept = replace(read(tomorrow), server="https://elsewhere.example")
    with pytest.raises(LineageError, match=r"read from https://elsewhere\.example"):
        list_versions(tomorrow, kept)
