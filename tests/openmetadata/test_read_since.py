import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lineage.errors import LineageError
from lineage.model.snapshot import Gap, GapKind, Snapshot
from lineage.openmetadata.client import Client, escape
from lineage.openmetadata.read_since import read_since
from lineage.openmetadata.read_upstream import read_upstream
from lineage.openmetadata.reader import read
from tests.openmetadata.conftest import Counting

ORDERS = "warehouse.analytics.core.orders"


def same(left: Snapshot, right: Snapshot) -> bool:
    return replace(left, read_at="", left_out=()) == replace(right, read_at="", left_out=())


def table(client: Client, fqn: str = ORDERS) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/tables/name/{escape(fqn)}", {"include": "all"})
    return found


def tag_a_column(client: Client) -> None:
    label = {
        "tagFQN": "PII.Sensitive",
        "source": "Classification",
        "labelType": "Manual",
        "state": "Confirmed",
    }
    patch = [{"op": "add", "path": "/columns/0/tags", "value": [label]}]
    client.patch(f"/tables/{table(client)['id']}", patch)


def describe(client: Client) -> None:
    patch = [{"op": "add", "path": "/description", "value": "new words"}]
    client.patch(f"/tables/{table(client)['id']}", patch)


def delete_softly(client: Client) -> None:
    client.delete(f"/tables/{table(client)['id']}", {"recursive": True})


def delete_for_good(client: Client) -> None:
    parameters = {"recursive": True, "hardDelete": True}
    client.delete(f"/tables/{table(client)['id']}", parameters)


def add_a_table(client: Client) -> None:
    columns = [{"name": "x", "dataType": "INT"}]
    schema = "warehouse.analytics.core"
    client.put("/tables", {"name": "brand_new", "databaseSchema": schema, "columns": columns})


def change_an_edge(client: Client) -> None:
    ends = [{"id": table(client)["id"], "type": "table"}]
    ends.append({"id": table(client, "warehouse.analytics.core.customer")["id"], "type": "table"})
    edge = {"fromEntity": ends[0], "toEntity": ends[1], "lineageDetails": {"description": "!"}}
    client.put("/lineage", {"edge": edge})


def change_nothing(_client: Client) -> None:
    """Leave all as it is."""


@pytest.mark.parametrize(
    "change",
    [
        tag_a_column,
        describe,
        delete_softly,
        delete_for_good,
        add_a_table,
        change_an_edge,
        change_nothing,
    ],
)
def test_what_is_read_since_equals_what_is_read_whole(
    company: Client, change: Callable[[Client], None]
) -> None:
    before = read(company)
    change(company)
    found, how = read_since(company, before)
    assert same(found, read(company))
    assert "changed entities were read again" in how


def test_labels_that_change_without_a_trace_are_seen_in_the_index(
    company: Client, company_file: Path
) -> None:
    before = read(company)
    with closing(sqlite3.connect(company_file)) as database, database:
        relabel = "UPDATE document SET body = replace(body, ?, ?) WHERE kind = 'table'"
        database.execute(relabel, ("PII.Sensitive", "PersonalData.Personal"))
    found, how = read_since(company, before)
    assert same(found, read(company))
    assert not how.startswith("0 changed")


def test_only_what_changed_is_read_again(counted: Client, counting: Counting) -> None:
    counted.put("/services/databaseServices", {"name": "s", "serviceType": "Mysql"})
    counted.put("/databases", {"name": "d", "service": "s"})
    counted.put("/databaseSchemas", {"name": "p", "database": "s.d"})
    for number in range(6):
        body = {"name": f"t{number}", "databaseSchema": "s.d.p", "columns": []}
        counted.put("/tables", body)
    before = read(counted)
    identity = table(counted, "s.d.p.t3")["id"]
    patch = [{"op": "add", "path": "/description", "value": "!"}]
    counted.patch(f"/tables/{identity}", patch)
    counting.asked.clear()
    _, how = read_since(counted, before)
    assert how.startswith("1 changed entities")
    assert counting.count("GET /api/v1/tables/") == 1


def test_everything_is_read_anew_where_that_is_the_only_sure_way(company: Client) -> None:
    before = read(company)
    gap = Gap(GapKind.EDGES_NOT_READ, None, "failed")
    part = read_upstream(
        company, next(e.reference for e in before.entities if "churn" in e.reference.fqn)
    )
    cases = {
        "the snapshot has gaps": replace(before, gaps=(gap,)),
        "holds only a part": part,
        "the server was 1.12.0 then": replace(before, server_version="1.12.0"),
        "entities with columns have changed": replace(before, entities=before.entities[:3]),
    }
    for reason, snapshot in cases.items():
        found, how = read_since(company, snapshot)
        assert reason in how
        assert same(found, before)


def test_a_snapshot_of_another_server_is_refused(company: Client) -> None:
    with pytest.raises(LineageError, match="not from catalog:test"):
        read_since(company, replace(read(company), server="https://other.example.com"))


def test_labels_through_a_glossary_term_are_never_taken_from_before(company: Client) -> None:
    company.put("/glossaries", {"name": "g", "description": "words"})
    company.put("/glossaryTerms", {"name": "mail", "glossary": "g", "description": "a mail"})
    label = {
        "tagFQN": "g.mail",
        "source": "Glossary",
        "labelType": "Manual",
        "state": "Confirmed",
    }
    patch = [{"op": "add", "path": "/columns/0/tags", "value": [label]}]
    company.patch(f"/tables/{table(company)['id']}", patch)
    before = read(company)
    term = company.get("/glossaryTerms/name/g.mail")
    sensitive = {**label, "tagFQN": "PII.Sensitive", "source": "Classification"}
    company.patch(
        f"/glossaryTerms/{term['id']}", [{"op": "add", "path": "/tags", "value": [sensitive]}]
    )
    found, _ = read_since(company, before)
    assert same(found, read(company))
    assert found.entities != before.entities
