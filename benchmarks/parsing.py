"""Parsing: pages of a server's answer beside `json.loads` and one model for each entity.

The peer makes the same models one by one as they come, with the collector as Python sets it.
Ours is what the reader does; once to its models, as the peer, and once on to the values of a
snapshot, which the peer is not asked for.
"""

import json

from pydantic_core import from_json

from benchmarks.stopwatch import Stopwatch
from lineage.garbage_collection import rare_collection
from lineage.model.entities import Entity
from lineage.model.reference import Kind
from lineage.openmetadata.payloads import EntityPayload, make_entity

__all__ = ["time_parsing"]

_PAGE, _COLUMNS = 100, 20


def time_parsing(watch: Stopwatch, columns: int, rounds: int) -> None:
    """Time parsing pages of tables that have so many columns in all."""
    pages = [_page(number) for number in range(max(1, columns // (_PAGE * _COLUMNS)))]
    for _ in range(rounds):
        ours = watch.time("parse pages", lambda: _models(pages))
        theirs = watch.time("parse pages, one model each", lambda: _one_by_one(pages))
        watch.time("parse pages to values", lambda: _values(pages))
        if ours != theirs:
            message = "what was parsed differs"
            raise RuntimeError(message)


def _models(pages: list[bytes]) -> list[EntityPayload]:
    with rare_collection():
        return [
            EntityPayload.model_validate(item) for page in pages for item in from_json(page)["data"]
        ]


def _values(pages: list[bytes]) -> list[Entity]:
    with rare_collection():
        return [
            make_entity(Kind.TABLE, EntityPayload.model_validate(item))
            for page in pages
            for item in from_json(page)["data"]
        ]


def _one_by_one(pages: list[bytes]) -> list[EntityPayload]:
    return [EntityPayload(**item) for page in pages for item in json.loads(page)["data"]]


def _page(number: int) -> bytes:
    tables = range(number * _PAGE, (number + 1) * _PAGE)
    return json.dumps({"data": [_table(f"warehouse.lake.core.t{one}") for one in tables]}).encode()


def _table(fqn: str) -> dict[str, object]:
    tag = {"tagFQN": "PII.Sensitive", "source": "Classification", "labelType": "Manual"}
    columns = [
        {
            "name": f"column_{number}",
            "fullyQualifiedName": f"{fqn}.column_{number}",
            "dataType": "BIGINT",
            "dataTypeDisplay": "bigint",
            "constraint": "NULL",
            "tags": [tag] if number == 0 else [],
        }
        for number in range(_COLUMNS)
    ]
    return {
        "id": f"id-{fqn}",
        "name": fqn.rpartition(".")[2],
        "fullyQualifiedName": fqn,
        "version": 0.1,
        "updatedAt": 1_700_000_000_000,
        "updatedBy": "ingestion-bot",
        "tableType": "Regular",
        "service": {"id": "id-warehouse", "type": "databaseService", "name": "warehouse"},
        "columns": columns,
        "tags": [],
    }
