"""The kinds of entities, one row each. A new kind is a new row, here or where those who own are."""

from collections.abc import Mapping

from lineage.catalog.entity_kind import OWNERS_TOO, STATUS, EntityKind, Link, under
from lineage.catalog.enums import SERVICE_TYPES, VOCABULARY
from lineage.catalog.nested_fields import COLUMN, FEATURE, FIELD, SEARCH_FIELD, TASK, Parts
from lineage.catalog.organisation_kinds import ORGANISATION, VOCABULARIES
from lineage.catalog.schemas import (
    BOOLEAN,
    INTEGER,
    NAME,
    NUMBER,
    OBJECT,
    REFERENCE,
    TEXT,
    Choice,
    Many,
    Record,
    Shape,
)

__all__ = ["BY_COLLECTION", "KINDS", "kinds_below"]

_MESSAGE_SCHEMA = Record(
    {
        "schemaText": TEXT,
        "schemaType": Choice(VOCABULARY["schemaType"]),
        "schemaFields": Many(FIELD),
    }
)
_SCHEMA_ABOVE = ("database", "service", "serviceType")
_LINEAGE_STATUS = {**STATUS, "processedLineage": False}


def _service(name: str) -> EntityKind:
    fields: dict[str, Shape] = {
        "serviceType": Choice(SERVICE_TYPES[name]),
        "connection": OBJECT,
        "ingestionRunner": REFERENCE,
    }
    return EntityKind(
        name=name,
        collection=f"services/{name}s",
        fields=fields,
        defaults=STATUS,
        required=frozenset({"serviceType"}),
        asked=frozenset({"connection"}),
        votable=False,
    )


_TABLE = EntityKind(
    name="table",
    collection="tables",
    inherited=OWNERS_TOO,
    parent=under("databaseSchema"),
    inherits=_SCHEMA_ABOVE,
    fields={
        "columns": Many(COLUMN),
        "tableType": Choice(VOCABULARY["tableType"]),
        "tableConstraints": Many(OBJECT),
        "tablePartition": OBJECT,
        "tableProfilerConfig": OBJECT,
        "schemaDefinition": TEXT,
        "dataModel": OBJECT,
        "locationPath": TEXT,
        "retentionPeriod": TEXT,
        "fileFormat": Choice(VOCABULARY["fileFormat"]),
    },
    defaults={**_LINEAGE_STATUS, "columns": []},
    parts=(Parts(path=("columns",), columns=True, unasked="empty"),),
    asked=frozenset(
        {
            *("columns", "tableConstraints", "tablePartition", "schemaDefinition", "dataModel"),
            *("tableProfilerConfig", "customMetrics", "sampleData", "joins", "testSuite"),
        }
    ),
    emptied=frozenset({"columns"}),
)

_MLMODEL = EntityKind(
    name="mlmodel",
    collection="mlmodels",
    parent=under("service", "mlmodelService"),
    inherits=("serviceType",),
    fields={
        "algorithm": TEXT,
        "mlFeatures": Many(FEATURE),
        "mlHyperParameters": Many(Record({"name": TEXT, "value": TEXT, "description": TEXT})),
        "target": NAME,
        "mlStore": Record({"storage": TEXT, "imageRepository": TEXT}),
        "server": TEXT,
    },
    links=(Link("dashboard", ("dashboard",), many=False),),
    parts=(Parts(path=("mlFeatures",), resolved=False, matched=False),),
    asked=frozenset({"dashboard"}),
    # The real server looks for it under another relation here than where it keeps it.
    unlisted=frozenset({"dashboard"}),
    major=frozenset({"algorithm", "server", "target"}),
    defaults={**STATUS, "algorithm": "mlmodel"},
)

_PIPELINE = EntityKind(
    name="pipeline",
    collection="pipelines",
    parent=under("service", "pipelineService"),
    inherits=("serviceType",),
    fields={
        "tasks": Many(TASK),
        "concurrency": INTEGER,
        "pipelineLocation": TEXT,
        "startDate": TEXT,
        "scheduleInterval": TEXT,
        "state": Choice(VOCABULARY["pipelineState"]),
    },
    parts=(Parts(path=("tasks",), mappable=False, matched=False),),
    defaults=STATUS,
    asked=frozenset({"tasks", "pipelineStatus", "scheduleInterval"}),
)

_DASHBOARD = EntityKind(
    name="dashboard",
    collection="dashboards",
    parent=under("service", "dashboardService"),
    inherits=("serviceType",),
    fields={"project": TEXT, "dashboardType": Choice(VOCABULARY["dashboardType"])},
    links=(
        Link("charts", ("chart",), mappable=True),
        Link("dataModels", ("dashboardDataModel",)),
    ),
    defaults={**STATUS, "dashboardType": "Dashboard", "dataModels": []},
    asked=frozenset({"charts", "dataModels"}),
)

_CHART = EntityKind(
    name="chart",
    collection="charts",
    parent=under("service", "dashboardService"),
    inherits=("serviceType",),
    fields={"chartType": Choice(VOCABULARY["chartType"])},
    defaults=STATUS,
)

_DATA_MODEL = EntityKind(
    name="dashboardDataModel",
    collection="dashboard/datamodels",
    parent=under("service", "dashboardService"),
    inherits=("serviceType",),
    infix="model",
    fields={
        "columns": Many(COLUMN),
        "dataModelType": Choice(VOCABULARY["dataModelType"]),
        "sql": TEXT,
        "project": TEXT,
    },
    defaults=STATUS,
    required=frozenset({"columns", "dataModelType"}),
    parts=(Parts(path=("columns",), columns=True, unasked="kept"),),
)

_TOPIC = EntityKind(
    name="topic",
    collection="topics",
    parent=under("service", "messagingService"),
    inherits=("serviceType",),
    fields={
        "messageSchema": _MESSAGE_SCHEMA,
        "partitions": INTEGER,
        "cleanupPolicies": Many(Choice(frozenset({"delete", "compact"}))),
        "retentionTime": NUMBER,
        "replicationFactor": INTEGER,
        "maximumMessageSize": INTEGER,
        "minimumInSyncReplicas": INTEGER,
        "retentionSize": NUMBER,
        "topicConfig": OBJECT,
    },
    defaults={**STATUS, "cleanupPolicies": [], "retentionSize": -1.0},
    required=frozenset({"partitions"}),
    parts=(Parts(path=("messageSchema", "schemaFields"), asked="messageSchema"),),
    asked=frozenset({"sampleData"}),
)

_CONTAINER = EntityKind(
    name="container",
    collection="containers",
    parent=under("service", "storageService"),
    nested=Link("parent", ("container",), many=False, by_name=False),
    inherits=("serviceType",),
    fields={
        "dataModel": Record({"isPartitioned": BOOLEAN, "columns": Many(COLUMN)}),
        "prefix": TEXT,
        "numberOfObjects": NUMBER,
        "size": NUMBER,
        "fileFormats": Many(Choice(VOCABULARY["containerFileFormat"])),
        "fullPath": TEXT,
        "retentionPeriod": TEXT,
    },
    defaults=STATUS,
    parts=(Parts(path=("dataModel", "columns"), columns=True, displayed=False),),
    asked=frozenset({"dataModel", "parent", "children"}),
)

_SEARCH_INDEX = EntityKind(
    name="searchIndex",
    collection="searchIndexes",
    parent=under("service", "searchService"),
    inherits=("serviceType",),
    fields={
        "fields": Many(SEARCH_FIELD),
        "searchIndexSettings": OBJECT,
        "indexType": Choice(VOCABULARY["indexType"]),
    },
    defaults={**STATUS, "indexType": "Index"},
    required=frozenset({"fields"}),
    parts=(Parts(path=("fields",)),),
    asked=frozenset({"fields", "sampleData"}),
    emptied=frozenset({"fields"}),
)

_STORED_PROCEDURE = EntityKind(
    name="storedProcedure",
    collection="storedProcedures",
    inherited=OWNERS_TOO,
    parent=under("databaseSchema"),
    inherits=_SCHEMA_ABOVE,
    fields={
        "storedProcedureCode": Record({"language": TEXT, "code": TEXT}),
        "storedProcedureType": Choice(VOCABULARY["storedProcedureType"]),
    },
    defaults={**_LINEAGE_STATUS, "storedProcedureType": "StoredProcedure"},
    asked_of_lists=frozenset({"service"}),
    required=frozenset({"storedProcedureCode"}),
)

_API_ENDPOINT = EntityKind(
    name="apiEndpoint",
    collection="apiEndpoints",
    inherited=OWNERS_TOO,
    parent=under("apiCollection"),
    inherits=("service", "serviceType"),
    fields={
        "endpointURL": TEXT,
        "requestMethod": Choice(VOCABULARY["requestMethod"]),
        "requestSchema": Record(_MESSAGE_SCHEMA.fields),
        "responseSchema": Record(_MESSAGE_SCHEMA.fields),
    },
    defaults={**STATUS, "requestMethod": "GET"},
    required=frozenset({"endpointURL"}),
    parts=(
        Parts(path=("requestSchema", "schemaFields"), prefix="requestSchema"),
        Parts(path=("responseSchema", "schemaFields"), prefix="responseSchema"),
    ),
)

_METRIC = EntityKind(
    name="metric",
    collection="metrics",
    fields={
        "metricExpression": Record({"language": TEXT, "code": TEXT}),
        "metricType": Choice(VOCABULARY["metricType"]),
        "unitOfMeasurement": Choice(VOCABULARY["unitOfMeasurement"]),
        "customUnitOfMeasurement": TEXT,
        "granularity": Choice(VOCABULARY["granularity"]),
    },
    defaults=STATUS,
)

_PLACES = (
    *(_service(name) for name in SERVICE_TYPES),
    EntityKind(
        name="database",
        collection="databases",
        inherited=OWNERS_TOO,
        parent=under("service", "databaseService"),
        inherits=("serviceType",),
        fields={"default": BOOLEAN, "retentionPeriod": TEXT},
        defaults={**STATUS, "default": False},
    ),
    EntityKind(
        name="databaseSchema",
        collection="databaseSchemas",
        inherited=OWNERS_TOO,
        parent=under("database"),
        inherits=("service", "serviceType"),
        fields={"retentionPeriod": TEXT},
        defaults=STATUS,
    ),
    EntityKind(
        name="apiCollection",
        collection="apiCollections",
        inherited=OWNERS_TOO,
        parent=under("service", "apiService"),
        inherits=("serviceType",),
        fields={"endpointURL": TEXT},
        defaults=STATUS,
    ),
)

_ASSETS = (
    *(_TABLE, _MLMODEL, _PIPELINE, _DASHBOARD, _CHART, _DATA_MODEL, _TOPIC, _CONTAINER),
    *(_SEARCH_INDEX, _STORED_PROCEDURE, _API_ENDPOINT, _METRIC),
)

KINDS: Mapping[str, EntityKind] = {
    kind.name: kind for kind in (*_PLACES, *_ASSETS, *ORGANISATION, *VOCABULARIES)
}
"""The kinds by their name, OpenMetadata's entity type."""

BY_COLLECTION: Mapping[str, EntityKind] = {kind.collection: kind for kind in KINDS.values()}
"""The kinds by the path they are served under."""


def kinds_below(name: str) -> tuple[str, ...]:
    """Name the kinds of entities that can be somewhere under an entity of a kind.

    Examples
    --------
    >>> kinds_below("database")
    ('databaseSchema', 'storedProcedure', 'table')
    """
    found: set[str] = set()
    waiting = [name]
    while waiting:
        above = waiting.pop()
        for kind in KINDS.values():
            links = (kind.parent, kind.nested)
            if kind.name not in found and any(link and above in link.kinds for link in links):
                found.add(kind.name)
                waiting.append(kind.name)
    return tuple(sorted(found))
