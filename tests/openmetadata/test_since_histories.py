"""What is read since a snapshot equals what is read anew, after any writes through the API."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from lineage.catalog.wsgi import Catalog
from lineage.errors import RequestFailed
from lineage.model.snapshot import Snapshot
from lineage.openmetadata.client import Client
from lineage.openmetadata.read_since import read_since
from lineage.openmetadata.reader import read
from lineage.openmetadata.retry import Retry
from tests.catalog.calls import column, label
from tests.examples import examples

GENERATIONS = ("1.12.6", "1.13.3", "2.0.7", "2.1.0")

TABLES = ("s.d.p.people", "s.d.p.pay", "s.d.p.plain")
LABELS = ("Law.Open", "Law.Open.Wide", "Words.Pay", "PII.Sensitive")

Step = tuple[str, int, int]


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a small company in which nearly every kind is labelled somewhere."""
    path = tmp_path_factory.mktemp("start") / "catalog.db"
    with Catalog(path) as catalog, talking_to(catalog) as client:
        make_labels(client)
        make_places(client)
        make_entities(client)
    return path


def make_labels(client: Client) -> None:
    client.put("/classifications", {"name": "Law", "description": "d"})
    client.put("/tags", {"name": "Open", "classification": "Law", "description": "d"})
    wide = {"name": "Wide", "classification": "Law", "parent": "Law.Open", "description": "d"}
    client.put("/tags", wide)
    client.put("/glossaries", {"name": "Words", "description": "d"})
    client.put("/glossaryTerms", {"name": "Pay", "glossary": "Words", "description": "d"})
    client.put("/glossaryTerms", {"name": "Money", "glossary": "Words", "description": "d"})


def make_places(client: Client) -> None:
    client.put("/teams", {"name": "data", "teamType": "Group"})
    for name in ("Sales", "Risk"):
        client.put("/domains", {"name": name, "domainType": "Aggregate", "description": "d"})
    for kind, service in (
        ("databaseServices", "Mysql"),
        ("messagingServices", "Kafka"),
        ("storageServices", "S3"),
        ("mlmodelServices", "Mlflow"),
        ("dashboardServices", "Superset"),
    ):
        client.put(f"/services/{kind}", {"name": "s", "serviceType": service})
    client.put("/databases", {"name": "d", "service": "s"})
    team = client.get("/teams/name/data")
    owners = [{"id": team["id"], "type": "team"}]
    schema = {"name": "p", "database": "s.d", "owners": owners, "domains": ["Sales"]}
    client.put("/databaseSchemas", schema)


def tag(fqn: str) -> dict[str, Any]:
    return label(fqn) | {"source": "Glossary" if fqn.startswith("Words") else "Classification"}


def make_entities(client: Client) -> None:
    inner = column("inner", tags=[tag("Law.Open.Wide")])
    columns = [column("a", tags=[tag("Law.Open")]), column("s", "STRUCT", children=[inner])]
    people = {"name": "people", "databaseSchema": "s.d.p", "columns": columns}
    client.put("/tables", {**people, "tags": [tag("Law.Open"), tag("Tier.Tier1")]})
    pay = {
        "name": "pay",
        "databaseSchema": "s.d.p",
        "columns": [column("b", tags=[tag("Words.Pay")])],
    }
    source = client.put("/tables", pay)
    client.put("/tables", {"name": "plain", "databaseSchema": "s.d.p", "columns": [column("c")]})
    schema = {"schemaType": "Avro", "schemaFields": [column("f", "STRING", tags=[tag("Law.Open")])]}
    client.put("/topics", {"name": "t", "service": "s", "partitions": 1, "messageSchema": schema})
    data = {"columns": [column("c", tags=[tag("Words.Pay")])]}
    client.put("/containers", {"name": "c", "service": "s", "dataModel": data})
    client.put("/dashboards", {"name": "board", "service": "s"})
    sources = [{"name": "b", "dataSource": {"id": source["id"], "type": "table"}}]
    feature = {"name": "f", "dataType": "numerical", "featureSources": sources}
    feature |= {"tags": [tag("Law.Open")]}
    model = {"name": "m", "service": "s", "mlFeatures": [feature], "tags": [tag("Law.Open")]}
    client.put("/mlmodels", {**model, "dashboard": "s.board"})


def talking_to(catalog: Catalog) -> Client:
    client = Client.in_process(catalog, catalog.token, name="catalog:test")
    client.retry = Retry(tries=1)
    return client


# What can happen. Each takes two numbers, which pick what it happens to.


def all_of(client: Client, collection: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(
        f"/{collection}", {"limit": 1000, "include": "all", "fields": "*"}
    )["data"]
    return [item for item in found if item.get("provider") != "system"]


class NothingThereError(Exception):
    """Nothing is there to be changed."""


def pick(items: list[dict[str, Any]], number: int) -> dict[str, Any]:
    if not items:
        raise NothingThereError
    return items[number % len(items)]


RENAMED = ("classifications", "tags", "glossaries", "glossaryTerms", "domains")
DELETED = (*RENAMED, "teams", "tables", "dashboards", "databaseSchemas")


def patch(client: Client, collection: str, identity: str, *operations: dict[str, Any]) -> None:
    client.patch(f"/{collection}/{identity}", list(operations))


def rename(client: Client, first: int, second: int) -> None:
    collection = RENAMED[first % len(RENAMED)]
    entity = pick(all_of(client, collection), second)
    name = f"{entity['name']}{first}"
    patch(client, collection, entity["id"], {"op": "replace", "path": "/name", "value": name})


def swap_names(client: Client, first: int, second: int) -> None:
    """Give one tag the name that another had."""
    collection = ("tags", "glossaryTerms")[first % 2]
    items = all_of(client, collection)
    one, other = pick(items, second), pick(items, second + 1)
    for entity, name in ((one, "between"), (other, one["name"]), (one, other["name"])):
        replaced = {"op": "replace", "path": "/name", "value": name}
        patch(client, collection, entity["id"], replaced)


def move(client: Client, first: int, second: int) -> None:
    collection = ("tags", "glossaryTerms")[first % 2]
    items = all_of(client, collection)
    one, other = pick(items, second), pick(items, first + 1)
    parent = {"id": other["id"], "type": collection.removesuffix("s")}
    patch(client, collection, one["id"], {"op": "add", "path": "/parent", "value": parent})


def delete(client: Client, first: int, second: int) -> None:
    collection = DELETED[first % len(DELETED)]
    entity = pick(all_of(client, collection), second)
    hard = (first + second) % 2 == 0
    client.delete(f"/{collection}/{entity['id']}", {"hardDelete": hard, "recursive": True})


def restore(client: Client, first: int, second: int) -> None:
    collection = DELETED[first % len(DELETED)]
    deleted = [item for item in all_of(client, collection) if item.get("deleted")]
    client.put(f"/{collection}/restore", {"id": pick(deleted, second)["id"]})


def make_again(client: Client, first: int, _second: int) -> None:
    (make_labels, make_places, make_entities)[first % 3](client)


def label_a_column(client: Client, first: int, second: int) -> None:
    table = client.get(f"/tables/name/{TABLES[first % 3]}", {"fields": "columns,tags"})
    tags = [tag(LABELS[second % len(LABELS)])] if second % 5 else []
    patch(client, "tables", table["id"], {"op": "add", "path": "/columns/0/tags", "value": tags})


def label_many(client: Client, first: int, second: int) -> None:
    """Label tables by the list of a tag's assets, which makes no version."""
    collection = ("tags", "glossaryTerms")[first % 2]
    owner = pick(all_of(client, collection), second)
    tables = all_of(client, "tables")
    references = [{"id": item["id"], "type": "table"} for item in tables if not item["deleted"]]
    change = ("add", "remove")[second % 2]
    client.put(f"/{collection}/{owner['id']}/assets/{change}", {"assets": references})


def put_in_a_domain(client: Client, first: int, second: int) -> None:
    domain = pick(all_of(client, "domains"), first)
    table = pick(all_of(client, "tables"), second)
    assets = [{"id": table["id"], "type": "table"}]
    client.put(f"/domains/{domain['fullyQualifiedName']}/assets/add", {"assets": assets})


def tag_a_term(client: Client, first: int, second: int) -> None:
    term = pick(all_of(client, "glossaryTerms"), first)
    tags = [tag(LABELS[second % len(LABELS)])] if second % 3 else []
    patch(client, "glossaryTerms", term["id"], {"op": "add", "path": "/tags", "value": tags})


def tag_a_group(client: Client, first: int, second: int) -> None:
    collection = ("databases", "databaseSchemas", "services/databaseServices", "domains")[first % 4]
    group = pick(all_of(client, collection), 0)
    tags = [tag(LABELS[second % len(LABELS)])] if second % 3 else []
    patch(client, collection, group["id"], {"op": "add", "path": "/tags", "value": tags})


def own_a_group(client: Client, first: int, second: int) -> None:
    collection = ("databases", "databaseSchemas")[first % 2]
    group, team = pick(all_of(client, collection), 0), pick(all_of(client, "teams"), 0)
    owners = [{"id": team["id"], "type": "team"}] if second % 2 else []
    patch(client, collection, group["id"], {"op": "add", "path": "/owners", "value": owners})


def certify(client: Client, first: int, second: int) -> None:
    collection = ("tables", "mlmodels", "dashboards", "topics")[first % 4]
    entity = pick(all_of(client, collection), second)
    value = {"tagLabel": label("Certification.Gold"), "appliedDate": 1, "expiryDate": 2}
    patch(client, collection, entity["id"], {"op": "add", "path": "/certification", "value": value})


def describe(client: Client, first: int, second: int) -> None:
    collection = ("tables", "topics", "containers", "mlmodels", "tags", "domains")[first % 6]
    entity = pick(all_of(client, collection), second)
    text = {"op": "add", "path": "/description", "value": f"words {second}"}
    patch(client, collection, entity["id"], text)


def add_an_edge(client: Client, first: int, second: int) -> None:
    tables = all_of(client, "tables")
    ends = [{"id": pick(tables, number)["id"], "type": "table"} for number in (first, second)]
    details = {"description": f"from {first}"}
    edge = {"fromEntity": ends[0], "toEntity": ends[1], "lineageDetails": details}
    client.put("/lineage", {"edge": edge})


STEPS: dict[str, Callable[[Client, int, int], None]] = {
    step.__name__: step
    for step in (
        *(rename, swap_names, move, delete, restore, make_again, label_a_column, label_many),
        *(put_in_a_domain, tag_a_term, tag_a_group, own_a_group, certify, describe, add_an_edge),
    )
}

steps = st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 30), st.integers(0, 30))


def comparable(snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, read_at="", left_out=())


def nights(client: Client, history: list[list[Step]]) -> Iterator[tuple[Snapshot, Snapshot, str]]:
    """Give what is read each night since the night before, what is read anew, and how it went."""
    before = read(client)
    for day in history:
        for name, first, second in day:
            with suppress(NothingThereError, RequestFailed):
                STEPS[name](client, first, second)
        found, how = read_since(client, before, workers=2)
        yield found, read(client, workers=2), how
        before = found


@settings(
    max_examples=examples(60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    version=st.sampled_from(GENERATIONS),
    history=st.lists(st.lists(steps, min_size=1, max_size=4), min_size=1, max_size=4),
)
@example("1.12.6", [[("rename", 1, 0)], [("swap_names", 0, 0)], [("delete", 1, 1)]])
@example("2.0.7", [[("delete", 0, 0)], [("make_again", 0, 0), ("restore", 1, 0)]])
@example("2.1.0", [[("tag_a_term", 1, 1)], [("rename", 1, 0)], [("delete", 5, 0)]])
def test_what_is_read_since_equals_what_is_read_anew(
    start: Path, tmp_path_factory: pytest.TempPathFactory, version: str, history: list[list[Step]]
) -> None:
    path = shutil.copy(start, tmp_path_factory.mktemp("history") / "catalog.db")
    with Catalog(path, server_version=version) as catalog, talking_to(catalog) as client:
        for found, expected, how in nights(client, history):
            assert comparable(found) == comparable(expected), how
