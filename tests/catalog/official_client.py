"""Calls of OpenMetadata's own Python client, unchanged, against whatever serves its API.

Run by `test_official_client` in an interpreter that has `openmetadata-ingestion`, which this
project's own does not: `python official_client.py URL TOKEN`. It prints a JSON object of the
calls that did not do what they do with a server, with what they did instead.
"""

import json
import logging
import sys
import uuid
from collections.abc import Callable
from typing import Any

from metadata.generated.schema.api.data.createDashboard import CreateDashboardRequest
from metadata.generated.schema.api.data.createDatabase import CreateDatabaseRequest
from metadata.generated.schema.api.data.createDatabaseSchema import CreateDatabaseSchemaRequest
from metadata.generated.schema.api.data.createMlModel import CreateMlModelRequest
from metadata.generated.schema.api.data.createPipeline import CreatePipelineRequest
from metadata.generated.schema.api.data.createTable import CreateTableRequest
from metadata.generated.schema.api.lineage.addLineage import AddLineageRequest
from metadata.generated.schema.api.services.createDashboardService import (
    CreateDashboardServiceRequest,
)
from metadata.generated.schema.api.services.createDatabaseService import (
    CreateDatabaseServiceRequest,
)
from metadata.generated.schema.api.services.createMlModelService import (
    CreateMlModelServiceRequest,
)
from metadata.generated.schema.api.services.createPipelineService import (
    CreatePipelineServiceRequest,
)
from metadata.generated.schema.entity.data.mlmodel import MlModel
from metadata.generated.schema.entity.data.pipeline import Pipeline
from metadata.generated.schema.entity.data.table import Table
from metadata.generated.schema.entity.services.connections.metadata.openMetadataConnection import (
    OpenMetadataConnection,
)
from metadata.generated.schema.type.basic import EntityName
from metadata.generated.schema.type.entityLineage import LineageDetails
from metadata.generated.schema.type.tagLabel import TagLabel
from metadata.ingestion.models.table_metadata import ColumnTag
from metadata.ingestion.ometa.ometa_api import OpenMetadata

SCHEMA = "pg.hr.public"
PEOPLE, PAY, CHURN = f"{SCHEMA}.people", f"{SCHEMA}.pay", "mlf.churn"
SENSITIVE = {
    "tagFQN": "PII.Sensitive",
    "source": "Classification",
    "labelType": "Manual",
    "state": "Confirmed",
}

Check = Callable[["Client"], object]
CHECKS: list[Check] = []


class Client:
    """The client, and short ways to what the calls are about."""

    def __init__(self, url: str, token: str) -> None:
        connection = OpenMetadataConnection.model_validate(
            {
                "hostPort": f"{url}/api",
                "authProvider": "openmetadata",
                "securityConfig": {"jwtToken": token},
                "enableVersionValidation": False,
            }
        )
        self.api = OpenMetadata(connection)
        self.is_2 = not self.api.get_server_version().startswith("1.")

    def table(self, fqn: str = PEOPLE, *fields: str) -> Any:
        return found(self.api.get_by_name(Table, fqn, fields=list(fields) or None))

    def model(self, *fields: str) -> Any:
        return found(self.api.get_by_name(MlModel, CHURN, fields=list(fields) or None))

    def edge(self, upstream: str = PEOPLE, **details: Any) -> Any:
        ends = {
            "fromEntity": {"id": str(self.table(upstream).id.root), "type": "table"},
            "toEntity": {"id": str(self.model().id.root), "type": "mlmodel"},
        }
        return AddLineageRequest.model_validate({"edge": {**ends, "lineageDetails": details}})


def check(call: Check) -> Check:
    CHECKS.append(call)
    return call


def found(value: Any) -> Any:
    assert value is not None, "it is not there"
    return value


def same(got: object, wanted: object) -> None:
    assert got == wanted, f"{got!r}, not {wanted!r}"


def make(request: Any, **body: Any) -> Any:
    return request.model_validate(body)


@check
def health_check(client: Client) -> None:
    assert client.api.health_check()


@check
def version_is_the_clients_own(client: Client) -> None:
    if client.is_2:
        client.api.validate_versions()


@check
def create_or_update_services_and_places(client: Client) -> None:
    put = client.api.create_or_update
    put(make(CreateDatabaseServiceRequest, name="pg", serviceType="Postgres"))
    put(make(CreateMlModelServiceRequest, name="mlf", serviceType="Mlflow"))
    put(make(CreatePipelineServiceRequest, name="af", serviceType="Airflow"))
    put(make(CreateDashboardServiceRequest, name="bi", serviceType="Superset"))
    put(make(CreateDatabaseRequest, name="hr", service="pg"))
    schema = put(make(CreateDatabaseSchemaRequest, name="public", database="pg.hr"))
    same(schema.fullyQualifiedName.root, SCHEMA)


@check
def create_or_update_entities(client: Client) -> None:
    put = client.api.create_or_update
    columns = [{"name": "age", "dataType": "INT"}, {"name": "mail", "dataType": "STRING"}]
    people = put(make(CreateTableRequest, name="people", databaseSchema=SCHEMA, columns=columns))
    same(people.fullyQualifiedName.root, PEOPLE)
    put(make(CreateTableRequest, name="pay", databaseSchema=SCHEMA, columns=columns[:1]))
    put(make(CreatePipelineRequest, name="etl", service="af", tasks=[{"name": "load"}]))
    put(make(CreateDashboardRequest, name="board", service="bi"))
    source = {
        "name": "age",
        "dataType": "integer",
        "dataSource": {"id": str(people.id.root), "type": "table", "fullyQualifiedName": PEOPLE},
    }
    feature = {"name": "age", "dataType": "numerical", "featureSources": [source, source]}
    body = {"name": "churn", "service": "mlf", "algorithm": "XGBoost", "mlFeatures": [feature]}
    model = put(make(CreateMlModelRequest, **body))
    same(model.mlFeatures[0].fullyQualifiedName.root, "mlf.churn.age")
    same(model.mlFeatures[0].featureSources[0].fullyQualifiedName.root, f"{PEOPLE}.age")


@check
def create_is_refused_where_it_exists(client: Client) -> None:
    request = make(CreateDatabaseRequest, name="hr", service="pg")
    try:
        client.api.create(request)
        status = None
    except Exception as error:  # noqa: BLE001 - any of the client's errors carries the status
        status = getattr(error, "status_code", None)
    same(status, 409)


@check
def create_what_is_new(client: Client) -> None:
    columns = [{"name": "x", "dataType": "INT"}]
    request = make(CreateTableRequest, name="fresh", databaseSchema=SCHEMA, columns=columns)
    same(client.api.create(request).name.root, "fresh")


@check
def get_by_name(client: Client) -> None:
    table = client.table(PEOPLE, "tags", "columns")
    same([column.name.root for column in table.columns], ["age", "mail"])
    same(client.api.get_by_name(Table, f"{SCHEMA}.nothing"), None)


@check
def get_by_id(client: Client) -> None:
    table = found(client.api.get_by_id(Table, client.table().id, fields=["tags"]))
    same(table.fullyQualifiedName.root, PEOPLE)
    same(client.api.get_by_id(Table, str(uuid.uuid4())), None)


@check
def get_entity_reference(client: Client) -> None:
    reference = found(client.api.get_entity_reference(Table, PEOPLE))
    same((reference.type, reference.fullyQualifiedName), ("table", PEOPLE))


@check
def list_entities(client: Client) -> None:
    params = {"database": "pg.hr"}
    page = client.api.list_entities(Table, fields=["tags"], limit=2, params=params, include="all")
    same((len(page.entities), page.total), (2, 3))
    rest = client.api.list_entities(Table, limit=2, params=params, after=page.after)
    same((len(rest.entities), rest.after), (1, None))


@check
def list_all_entities(client: Client) -> None:
    names = [table.name.root for table in client.api.list_all_entities(Table, limit=1)]
    same(sorted(names), ["fresh", "pay", "people"])
    same([one.name.root for one in client.api.list_all_entities(MlModel)], ["churn"])


@check
def add_mlmodel_lineage(client: Client) -> None:
    answer = client.api.add_mlmodel_lineage(client.model())
    same([node["fullyQualifiedName"] for node in answer["nodes"]], [PEOPLE])


@check
def add_lineage(client: Client) -> None:
    mapping = {"fromColumns": [f"{PEOPLE}.age"], "toColumn": "mlf.churn.age"}
    answer = client.api.add_lineage(client.edge(source="Manual", columnsLineage=[mapping]))
    # What it answers with is what is around the upstream end.
    same(
        [edge["lineageDetails"]["columnsLineage"] for edge in answer["downstreamEdges"]],
        [[mapping]],
    )
    client.api.add_lineage(client.edge(PAY, source="QueryLineage"), return_lineage=False)


@check
def add_lineage_that_patches(client: Client) -> None:
    pipeline = found(client.api.get_by_name(Pipeline, "af.etl"))
    carried = {"id": str(pipeline.id.root), "type": "pipeline"}
    edge = client.edge(source="Manual", sqlQuery="select 1", pipeline=carried)
    client.api.add_lineage(edge, check_patch=True)
    nodes = found(client.api.get_lineage_by_id(MlModel, client.model().id, up_depth=1))
    details = [
        one["lineageDetails"]
        for one in nodes["upstreamEdges"]
        if one["fromEntity"] == str(client.table().id.root)
    ]
    same(
        [(one["sqlQuery"], one["pipeline"]["type"]) for one in details], [("select 1", "pipeline")]
    )
    same(len(details[0]["columnsLineage"]), 1)


@check
def add_lineage_by_name(client: Client) -> None:
    details = LineageDetails.model_validate({"source": "Manual", "description": "by name"})
    answer = client.api.add_lineage_by_name(
        f"{SCHEMA}.fresh", "table", CHURN, "mlmodel", lineage_details=details
    )
    if client.is_2:
        same([node["fullyQualifiedName"] for node in answer["nodes"]], [CHURN])
        edge = found(
            client.api.get_lineage_edge_by_name("table", f"{SCHEMA}.fresh", "mlmodel", CHURN)
        )
        same(edge["edge"]["description"], "by name")


@check
def get_lineage(client: Client) -> None:
    by_name = found(client.api.get_lineage_by_name(MlModel, CHURN, up_depth=3, down_depth=0))
    by_id = found(client.api.get_lineage_by_id("mlmodel", client.model().id, up_depth=3))
    same(len(by_name["upstreamEdges"]), 3 if client.is_2 else 2)
    same(by_name["upstreamEdges"], by_id["upstreamEdges"])


@check
def get_lineage_edge(client: Client) -> None:
    ends = str(client.table(PAY).id.root), str(client.model().id.root)
    same(found(client.api.get_lineage_edge(*ends))["edge"]["source"], "QueryLineage")
    same(client.api.get_lineage_edge(*reversed(ends)), None)


@check
def delete_lineage(client: Client) -> None:
    client.api.delete_lineage_by_source("mlmodel", str(client.model().id.root), "QueryLineage")
    client.api.delete_lineage_edge(client.edge().edge)
    left = found(client.api.get_lineage_by_name(MlModel, CHURN, up_depth=1))["nodes"]
    same([node["name"] for node in left], ["fresh"] if client.is_2 else [])


@check
def delete_lineage_by_name(client: Client) -> None:
    if client.is_2:
        client.api.delete_lineage_by_source_by_name("mlmodel", CHURN, "Manual")
        same(found(client.api.get_lineage_by_name(MlModel, CHURN))["nodes"], [])


@check
def patch(client: Client) -> None:
    before = client.model()
    after = before.model_copy(deep=True, update={"target": EntityName("y")})
    changed = found(client.api.patch(MlModel, before, after))
    same((changed.target.root, changed.version.root > before.version.root), ("y", True))


@check
def patch_description(client: Client) -> None:
    table = found(client.api.patch_description(Table, client.table(), "who works here"))
    same(table.description.root, "who works here")


@check
def patch_tags(client: Client) -> None:
    label = TagLabel.model_validate(SENSITIVE)
    table = found(client.api.patch_tag(Table, client.table(PAY), label))
    same([tag.tagFQN.root for tag in table.tags], ["PII.Sensitive"])
    model = found(client.api.patch_tags(MlModel, client.model(), [label]))
    same([tag.tagFQN.root for tag in model.tags], ["PII.Sensitive"])


@check
def patch_column_tags(client: Client) -> None:
    label = ColumnTag(column_fqn=f"{PEOPLE}.mail", tag_label=TagLabel.model_validate(SENSITIVE))
    found(client.api.patch_column_tags(client.table(), [label]))
    columns = client.table(PEOPLE, "tags", "columns").columns
    same([[tag.tagFQN.root for tag in column.tags] for column in columns], [[], ["PII.Sensitive"]])


@check
def versions(client: Client) -> None:
    model = client.model()
    history: Any = client.api.get_list_entity_versions(model.id, MlModel)
    same(json.loads(history.versions[0])["version"], model.version.root)
    first = found(client.api.get_entity_version(MlModel, model.id, "0.1"))
    same((first.version.root, first.target), (0.1, None))


@check
def search(client: Client) -> None:
    hits = found(client.api.es_search_from_fqn(Table, PEOPLE))
    same([hit.fullyQualifiedName.root for hit in hits], [PEOPLE])
    same([one.name.root for one in client.api.paginate_es(MlModel)], ["churn"])
    names = [one.name.root for one in client.api.paginate_es(Table, size=1)]
    same(names, ["people", "pay", "fresh"])


@check
def bulk_create_or_update(client: Client) -> None:
    columns = [{"name": "x", "dataType": "INT"}]
    requests: list[Any] = [
        make(CreateTableRequest, name=name, databaseSchema=SCHEMA, columns=columns)
        for name in ("bulk1", "bulk2")
    ]
    done = client.api.bulk_create_or_update(requests)
    same((done.status.value, done.numberOfRowsProcessed.root), ("success", 2))


@check
def delete_stale_entities(client: Client) -> None:
    live = [PEOPLE, PAY, f"{SCHEMA}.bulk1"]
    done = client.api.delete_stale_entities(Table, {"databaseSchema": SCHEMA}, live)
    if client.is_2:
        same(found(done).numberOfRowsPassed.root, 2)
        same(client.api.get_by_name(Table, f"{SCHEMA}.bulk2"), None)
    else:
        same(done, None)


@check
def delete_and_restore(client: Client) -> None:
    table = client.table(f"{SCHEMA}.bulk1")
    client.api.delete(Table, table.id)
    same(client.api.get_by_name(Table, f"{SCHEMA}.bulk1"), None)
    deleted = client.api.get_by_name(Table, f"{SCHEMA}.bulk1", fields=["tags"], include="all")
    assert found(deleted).deleted
    assert not found(client.api.restore(Table, table.id)).deleted
    client.api.delete(Table, table.id, recursive=True, hard_delete=True)
    gone = client.api.get_by_name(Table, f"{SCHEMA}.bulk1", fields=["tags"], include="all")
    same(gone, None)


def main(url: str, token: str) -> None:
    logging.disable(logging.CRITICAL)
    client = Client(url, token)
    failed: dict[str, str] = {}
    for call in CHECKS:
        try:
            call(client)
        except Exception as error:  # noqa: BLE001 - whatever it is, the others are tried too
            failed[call.__name__] = f"{type(error).__name__}: {error}"[:2000]
    sys.stdout.write(json.dumps({"calls": len(CHECKS), "failed": failed}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
