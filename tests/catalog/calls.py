"""Short ways to ask the catalog, for tests that care about the answer and not the request."""

import json
from collections.abc import Mapping
from typing import Any

import httpx

Body = dict[str, Any]


def put(api: httpx.Client, path: str, **body: Any) -> Body:
    reply = api.put(path, json=body)
    assert reply.is_success, reply.text
    found: Body = reply.json()
    return found


def made(api: httpx.Client, path: str, **body: Any) -> Body:
    """Put an entity and read it with every field; the answer to a PUT leaves some out."""
    return get(api, f"{path}/{put(api, path, **body)['id']}", fields="*")


def unmarked(entity: Body) -> Body:
    """Leave out what an answer says of the change that was asked for."""
    marks = ("changeDescription", "incrementalChangeDescription")
    return {key: value for key, value in entity.items() if key not in marks}


def get(api: httpx.Client, path: str, **params: Any) -> Body:
    reply = api.get(path, params=params)
    assert reply.is_success, reply.text
    found: Body = reply.json()
    return found


def patch(
    api: httpx.Client, path: str, *operations: Body, headers: Mapping[str, str] | None = None
) -> httpx.Response:
    content = json.dumps(operations)
    media = {"Content-Type": "application/json-patch+json", **(headers or {})}
    return api.patch(path, content=content, headers=media)


def refused(reply: httpx.Response, status: int, text: str = "") -> None:
    """Check that a reply is an error as the server writes errors."""
    assert reply.status_code == status, reply.text
    assert reply.json()["code"] == status
    assert text in reply.json()["message"]


def reference(entity: Body, kind: str) -> Body:
    return {"id": entity["id"], "type": kind, "fullyQualifiedName": entity["fullyQualifiedName"]}


def edge(upstream: Body, downstream: Body, **details: Any) -> Body:
    """Make the body of a PUT; the two ends are references."""
    ends = {"fromEntity": upstream, "toEntity": downstream}
    return {"edge": {**ends, "lineageDetails": details} if details else ends}


def label(fqn: str, **facts: str) -> Body:
    return {"tagFQN": fqn, "source": "Classification", **facts}


def column(name: str, kind: str = "INT", **facts: Any) -> Body:
    return {"name": name, "dataType": kind, **facts}


def table(name: str, *columns: Body, **facts: Any) -> Body:
    return {"name": name, "databaseSchema": "pg.hr.public", "columns": list(columns), **facts}


# One create request of each kind, each after those it names.
REQUESTS: dict[str, Body] = {
    "databaseService": {"serviceType": "Postgres"},
    "mlmodelService": {"serviceType": "Mlflow"},
    "pipelineService": {"serviceType": "Airflow"},
    "dashboardService": {"serviceType": "Superset"},
    "messagingService": {"serviceType": "Kafka"},
    "storageService": {"serviceType": "S3"},
    "searchService": {"serviceType": "OpenSearch"},
    "apiService": {"serviceType": "Rest"},
    "user": {"email": "x@example.com"},
    "team": {"teamType": "Group"},
    "domain": {"domainType": "Aggregate", "description": "d"},
    "dataProduct": {"description": "d", "domains": ["x"]},
    "classification": {"description": "d"},
    "tag": {"description": "d", "classification": "x"},
    "glossary": {"description": "d"},
    "glossaryTerm": {"description": "d", "glossary": "x"},
    "database": {"service": "x"},
    "databaseSchema": {"database": "x.x"},
    "table": {"databaseSchema": "x.x.x", "columns": [column("c")]},
    "storedProcedure": {"databaseSchema": "x.x.x", "storedProcedureCode": {"code": "select 1"}},
    "chart": {"service": "x"},
    "dashboardDataModel": {
        "service": "x",
        "dataModelType": "SupersetDataModel",
        "columns": [column("c")],
    },
    "dashboard": {"service": "x", "charts": ["x.x"], "dataModels": ["x.model.x"]},
    "mlmodel": {"service": "x", "mlFeatures": [{"name": "f"}], "dashboard": "x.x"},
    "pipeline": {"service": "x", "tasks": [{"name": "t"}]},
    "topic": {
        "service": "x",
        "partitions": 1,
        "messageSchema": {"schemaType": "Avro", "schemaFields": [column("c", "RECORD")]},
    },
    "container": {"service": "x", "dataModel": {"columns": [column("c")]}},
    "searchIndex": {"service": "x", "fields": [column("c", "TEXT")]},
    "apiCollection": {"service": "x"},
    "apiEndpoint": {
        "apiCollection": "x.x",
        "endpointURL": "https://example.com/x",
        "requestSchema": {"schemaFields": [column("c", "STRING")]},
    },
    "metric": {"metricType": "COUNT"},
}
