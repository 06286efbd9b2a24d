"""Generated requests: whatever is sent, the catalog answers as a server would, never with a 500."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lineage.catalog.entity_kinds import KINDS
from lineage.catalog.wsgi import Catalog
from lineage.openmetadata.client import escape
from tests.catalog.calls import REQUESTS, edge
from tests.examples import examples

NOWHERE = "00000000-0000-4000-8000-000000000000"
BODIES: list[Any] = [{"name": "x", **body} for body in REQUESTS.values()]
BODIES += [
    edge({"id": NOWHERE, "type": "table"}, {"id": NOWHERE, "type": "mlmodel"}, source="Manual"),
    [{"op": "add", "path": "/description", "value": "d"}],
    [{"op": "copy", "from": "/columns/0", "path": "/columns/-"}],
    {"id": NOWHERE},
    NOWHERE,
    {"updatedVoteType": "votedUp"},
    {"scopeFqn": "x", "scopeEntityType": "service", "seenFqns": ["x"], "dryRun": True},
    {"entities": [{"id": NOWHERE, "type": "table"}], "fields": "tags", "include": "all"},
]
STRANGE = (
    b"",
    b'{"name": "a", "name": "b"}',
    b'{"name": 1e999, "algorithm": NaN}',
    b'{"a":' * 2000 + b"1" + b"}" * 2000,
    b'{"name": ' + b"9" * 5000 + b"}",
)

odd = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.just(10**400)
    | st.floats()
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
names = st.sampled_from(
    ["x", "x.x.x.x", '"', 'a"b', "a/b", "..", "😀", "\n", "%2F", " ", "x" * 300]
)
texts = names | st.text(max_size=8)


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """Take a good body and spoil it in a place or two, or something else altogether."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=20) | st.sampled_from(STRANGE))
    body = copy.deepcopy(draw(st.sampled_from(BODIES) | odd))
    for _ in range(draw(st.integers(0, 2))):
        spoil(draw, body)
    return json.dumps(body).encode()


def spoil(draw: st.DrawFn, body: Any) -> None:
    keys = (
        list(body)
        if isinstance(body, dict)
        else list(range(len(body)))
        if isinstance(body, list)
        else []
    )
    if not keys:
        return
    key = draw(st.sampled_from(keys))
    if draw(st.booleans()):
        spoil(draw, body[key])
    elif isinstance(body, dict) and draw(st.booleans()):
        del body[key]
    else:
        body[key] = draw(odd)


@st.composite
def paths(draw: st.DrawFn) -> str:
    kind = draw(st.sampled_from([*KINDS, "nonsense"]))
    collection = KINDS[kind].collection if kind in KINDS else kind
    name, other = escape(draw(texts) or "-"), escape(draw(texts) or "-")
    return draw(
        st.sampled_from(
            [
                collection,
                f"{collection}/{NOWHERE}",
                f"{collection}/{name}",
                f"{collection}/name/{name}",
                f"{collection}/bulk",
                f"{collection}/restore",
                f"{collection}/{NOWHERE}/versions/{name}",
                "lineage",
                f"lineage/{kind}/{NOWHERE}",
                f"lineage/{kind}/name/{name}",
                f"lineage/{kind}/name/{name}/{kind}/name/{other}",
                f"lineage/{kind}/{NOWHERE}/{kind}/{NOWHERE}",
                f"lineage/getLineageEdge/{NOWHERE}/{NOWHERE}",
                f"lineage/{kind}/{NOWHERE}/type/{name}",
                f"{collection}/{NOWHERE}/followers",
                f"{collection}/{NOWHERE}/vote",
                f"{collection}/async/{NOWHERE}",
                f"{collection}/deleteStale",
                f"{collection}/history",
                f"tables/name/{name}/columns",
                "lineage/getLineage",
                "lineage/getLineage/Upstream",
                "lineage/getLineageByEntityCount",
                "lineage/getPaginationInfo",
                "lineage/hydrate",
                "search/query",
                "search/fieldQuery",
                "events",
                "audit/logs",
                "users/loggedInUser",
                "system/version",
                name,
            ]
        )
    )


parameters = st.dictionaries(
    st.sampled_from(
        [
            *("limit", "after", "before", "include", "fields", "service", "database"),
            *("upstreamDepth", "downstreamDepth", "q", "index", "from", "size", "deleted"),
            *("sort_field", "sort_order", "search_after", "include_source_fields"),
            *("hardDelete", "recursive", "async", "fqn", "type", "direction", "query_filter"),
            *("startTs", "endTs", "timestamp", "entityCreated", "entityType", "offset"),
            *("fieldName", "fieldValue", "nodeDepth", "startTime", "includeDeleted"),
        ]
    ),
    st.sampled_from(["0", "1", "-1", "99999999", "all", "true", "*", "table", "columns,tags", "id"])
    | st.sampled_from(["9" * 40, "Upstream", "MTox", "fullyQualifiedName", '{"query": {}}', "{}"])
    | texts,
    max_size=4,
)
SERVERS_OWN = ("An exception with message [", "Failed to parse JsonPatch")
"""How the errors begin that the server itself answers a 500 with."""

media = st.sampled_from(
    ["application/json", "application/json-patch+json", "text/plain", "", "application/json; x"]
)


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    path: Path = tmp_path_factory.mktemp("generated") / "catalog.db"
    with Catalog(path) as catalog:
        headers = {"Authorization": f"Bearer {catalog.token}"}
        transport = httpx.WSGITransport(app=catalog)
        address = "http://catalog.invalid/api/v1/"
        with httpx.Client(base_url=address, headers=headers, transport=transport) as client:
            for kind, body in REQUESTS.items():
                client.put(KINDS[kind].collection, json={"name": "x", **body}).raise_for_status()
            yield client


@settings(
    max_examples=examples(600),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.sampled_from(["GET", "PUT", "POST", "PATCH", "DELETE"]), paths(), parameters, bodies(), media
)
def test_no_request_makes_the_catalog_fall_over(
    api: httpx.Client, method: str, path: str, params: dict[str, str], body: bytes, kind: str
) -> None:
    content = body if method in {"PUT", "POST", "PATCH"} or path.endswith("Stale") else None
    headers = {"Content-Type": kind} if content is not None and kind else {}
    reply = api.request(method, path, params=params, content=content, headers=headers)
    # An error of the catalog's own would be raised here; these are the server's.
    assert reply.status_code < 500 or reply.json()["message"].startswith(SERVERS_OWN), reply.text
    if reply.content:
        answer = reply.json()
        if not reply.is_success:
            assert type(answer["code"]) is int
            assert answer["code"] == reply.status_code
            assert answer["message"]
