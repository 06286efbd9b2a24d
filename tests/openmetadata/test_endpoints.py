"""The page of endpoints against what is asked of a server, by every way of reading and writing."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from lineage.catalog.wsgi import Catalog
from lineage.graph.build import build_graph
from lineage.model.reference import Reference
from lineage.openmetadata.client import Client
from lineage.openmetadata.read_since import read_since
from lineage.openmetadata.read_upstream import read_upstream
from lineage.openmetadata.reader import Truth, read
from lineage.writes.apply import apply_plan
from lineage.writes.plan import make_plan
from tests.openmetadata.conftest import Counting

PAGE = Path(__file__).parents[2] / "docs" / "openmetadata.md"
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.read_text(encoding="utf-8").splitlines()
    if re.match(r"\| `(GET|PUT|POST|PATCH|DELETE) /.*\|.*\|.*\|.*\|", line)
]


def endpoints() -> Iterator[re.Pattern[str]]:
    """Give what the rows name; a method counts until the next one."""
    for cell, *_ in ROWS:
        method = ""
        for named in re.findall("`([^`]+)`", cell):
            before, _, path = named.rpartition(" ")
            method = before or method
            yield re.compile(method + " /api/v1" + re.sub(r"\{\w+\}", "[^/]+", path))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_every_endpoint_has_its_version_its_purpose_and_what_is_without_it(row: list[str]) -> None:
    assert len(row) == 4
    assert all(row)
    assert re.search(r"always|~?\d\.\d", row[1])


def test_whatever_is_asked_for_stands_on_the_page(company_file: Path) -> None:
    with Catalog(company_file) as catalog:
        counting = Counting(catalog)
        with Client.in_process(counting, catalog.token, name="c") as client:
            ways: tuple[Truth, ...] = ("index", "database", "both")
            before, *_ = [read(client, truth=truth) for truth in ways]
            read_upstream(client, Reference("mlmodel", "mlflow.churn"))
            client.put("/metrics", {"name": "fresh"})
            counting.asked.remove("PUT /api/v1/metrics")
            read_since(client, before)
            apply_plan(make_plan(build_graph(before)), client)
    known = list(endpoints())
    asked = {re.sub(r"/[0-9a-f-]{36}", "/1", path) for path in counting.asked}
    assert {path for path in asked if not any(one.fullmatch(path) for one in known)} == set()
    assert any(path.startswith("PUT /api/v1/lineage") for path in asked)
