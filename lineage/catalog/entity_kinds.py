"""The kinds of entities, one row each. A new kind is a new row."""

from collections.abc import Mapping

from lineage.catalog.entity_kind import EntityKind, Link
from lineage.catalog.enums import SERVICE_TYPES, VOCABULARY
from lineage.catalog.nested_fields import COLUMN, FEATURE, FIELD, SEARCH_FIELD, TASK, Parts
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

_COLUMNS = Parts(path=("columns",), columns=True)
_MESSAGE_SCHEMA = Record(
    {
        "schemaText": TEXT,
        "schemaType": Choice(VOCABULARY["schemaType"]),
        "schemaFields": Many(FIELD),
    }
)
_SCHEMA_ABOVE = ("database", "service", "serviceType")
_OWNERS_TOO = frozenset({"owners", "domains"})


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
        required=frozenset({"serviceType"}),
        asked=frozenset({"connection"}),
    )


def _under(field: str, kind: str | None = None) -> Link:
    return Link(field, (kind or field,), many=False)


_TABLE = EntityKind(
    name="table",
    collection="tables",
    inherited=_OWNERS_TOO,
    parent=_under("databaseSchema"),
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
    required=frozenset({"columns"}),
    parts=(_COLUMNS,),
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
    parent=_under("service", "mlmodelService"),
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
    parts=(Parts(path=("mlFeatures",), gathered=False, matched=False),),
    asked=frozenset({"dashboard"}),
    # The real server looks for it under another relation here than where it keeps it.
    unlisted=frozenset({"dashboard"}),
    major=frozenset({"algorithm", "server", "target"}),
    defaults={"algorithm": "mlmodel"},
)

_PIPELINE = EntityKind(
    name="pipeline",
    collection="pipelines",
    parent=_under("service", "pipelineService"),
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
    asked=frozenset({"tasks", "pipelineStatus", "scheduleInterval"}),
)

_DASHBOARD = EntityKind(
    name="dashboard",
    collection="dashboards",
    parent=_under("service", "dashboardService"),
    inherits=("serviceType",),
    fields={"project": TEXT, "dashboardType": Choice(VOCABULARY["dashboardType"])},
    links=(
        Link("charts", ("chart",), mappable=True),
        Link("dataModels", ("dashboardDataModel",)),
    ),
    asked=frozenset({"charts", "dataModels"}),
)

_CHART = EntityKind(
    name="chart",
    collection="charts",
    parent=_under("service", "dashboardService"),
    inherits=("serviceType",),
    fields={"chartType": Choice(VOCABULARY["chartType"])},
)

_DATA_MODEL = EntityKind(
    name="dashboardDataModel",
    collection="dashboard/datamodels",
    parent=_under("service", "dashboardService"),
    inherits=("serviceType",),
    infix="model",
    fields={
        "columns": Many(COLUMN),
        "dataModelType": Choice(VOCABULARY["dataModelType"]),
        "sql": TEXT,
        "project": TEXT,
    },
    required=frozenset({"columns", "dataModelType"}),
    parts=(_COLUMNS,),
)

_TOPIC = EntityKind(
    name="topic",
    collection="topics",
    parent=_under("service", "messagingService"),
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
    required=frozenset({"partitions"}),
    parts=(Parts(path=("messageSchema", "schemaFields")),),
    asked=frozenset({"sampleData"}),
)

_CONTAINER = EntityKind(
    name="container",
    collection="containers",
    parent=_under("service", "storageService"),
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
    parts=(Parts(path=("dataModel", "columns"), columns=True),),
    asked=frozenset({"dataModel", "parent", "children"}),
)

_SEARCH_INDEX = EntityKind(
    name="searchIndex",
    collection="searchIndexes",
    parent=_under("service", "searchService"),
    inherits=("serviceType",),
    fields={
        "fields": Many(SEARCH_FIELD),
        "searchIndexSettings": OBJECT,
        "indexType": Choice(VOCABULARY["indexType"]),
    },
    required=frozenset({"fields"}),
    parts=(Parts(path=("fields",)),),
    asked=frozenset({"fields", "sampleData"}),
    emptied=frozenset({"fields"}),
)

_STORED_PROCEDURE = EntityKind(
    name="storedProcedure",
    collection="storedProcedures",
    inherited=_OWNERS_TOO,
    parent=_under("databaseSchema"),
    inherits=_SCHEMA_ABOVE,
    fields={
        "storedProcedureCode": Record({"language": TEXT, "code": TEXT}),
        "storedProcedureType": Choice(VOCABULARY["storedProcedureType"]),
    },
    required=frozenset({"storedProcedureCode"}),
)

_API_ENDPOINT = EntityKind(
    name="apiEndpoint",
    collection="apiEndpoints",
    inherited=_OWNERS_TOO,
    parent=_under("apiCollection"),
    inherits=("service", "serviceType"),
    fields={
        "endpointURL": TEXT,
        "requestMethod": Choice(VOCABULARY["requestMethod"]),
        "requestSchema": Record(_MESSAGE_SCHEMA.fields),
        "responseSchema": Record(_MESSAGE_SCHEMA.fields),
    },
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
)

_PLACES = (
    *(_service(name) for name in SERVICE_TYPES),
    EntityKind(
        name="database",
        collection="databases",
        inherited=_OWNERS_TOO,
        parent=_under("service", "databaseService"),
        inherits=("serviceType",),
        fields={"default": BOOLEAN, "retentionPeriod": TEXT},
    ),
    EntityKind(
        name="databaseSchema",
        collection="databaseSchemas",
        inherited=_OWNERS_TOO,
        parent=_under("database"),
        inherits=("service", "serviceType"),
        fields={"retentionPeriod": TEXT},
    ),
    EntityKind(
        name="apiCollection",
        collection="apiCollections",
        inherited=_OWNERS_TOO,
        parent=_under("service", "apiService"),
        inherits=("serviceType",),
        fields={"endpointURL": TEXT},
    ),
)

_ORGANISATION = (
    EntityKind(
        name="user",
        collection="users",
        fields={"email": TEXT, "isBot": BOOLEAN, "isAdmin": BOOLEAN},
        required=frozenset({"email"}),
        labelled=False,
    ),
    EntityKind(
        name="team",
        collection="teams",
        fields={
            "email": TEXT,
            "teamType": Choice(
                frozenset({"Group", "Department", "Division", "BusinessUnit", "Organization"})
            ),
        },
        required=frozenset({"teamType"}),
        labelled=False,
    ),
    EntityKind(
        name="domain",
        collection="domains",
        nested=_under("parent", "domain"),
        fields={
            "domainType": Choice(frozenset({"Source-aligned", "Consumer-aligned", "Aggregate"})),
        },
        required=frozenset({"domainType", "description"}),
        movable=True,
        placed=False,
    ),
    EntityKind(
        name="dataProduct",
        collection="dataProducts",
        links=(Link("domains", ("domain",)),),
        required=frozenset({"description"}),
        labelled=False,
    ),
)

_PROVIDER = Choice(frozenset({"system", "user", "automation"}))

_LABELS = (
    EntityKind(
        name="classification",
        collection="classifications",
        fields={"mutuallyExclusive": BOOLEAN, "provider": _PROVIDER},
        required=frozenset({"description"}),
        defaults={"mutuallyExclusive": False, "provider": "user"},
        labelled=False,
        movable=True,
    ),
    EntityKind(
        name="tag",
        collection="tags",
        parent=_under("classification"),
        nested=_under("parent", "tag"),
        fields={"mutuallyExclusive": BOOLEAN, "provider": _PROVIDER, "style": OBJECT},
        required=frozenset({"description"}),
        defaults={"mutuallyExclusive": False, "provider": "user"},
        labelled=False,
        movable=True,
    ),
    EntityKind(
        name="glossary",
        collection="glossaries",
        fields={"mutuallyExclusive": BOOLEAN, "provider": _PROVIDER},
        required=frozenset({"description"}),
        defaults={"mutuallyExclusive": False, "provider": "user"},
        movable=True,
    ),
    EntityKind(
        name="glossaryTerm",
        collection="glossaryTerms",
        inherited=_OWNERS_TOO,
        parent=_under("glossary"),
        nested=_under("parent", "glossaryTerm"),
        fields={
            "mutuallyExclusive": BOOLEAN,
            "provider": _PROVIDER,
            "style": OBJECT,
            "synonyms": Many(TEXT),
        },
        required=frozenset({"description"}),
        defaults={"mutuallyExclusive": False, "provider": "user"},
        movable=True,
    ),
)

_ASSETS = (
    *(_TABLE, _MLMODEL, _PIPELINE, _DASHBOARD, _CHART, _DATA_MODEL, _TOPIC, _CONTAINER),
    *(_SEARCH_INDEX, _STORED_PROCEDURE, _API_ENDPOINT, _METRIC),
)

KINDS: Mapping[str, EntityKind] = {
    kind.name: kind for kind in (*_PLACES, *_ASSETS, *_ORGANISATION, *_LABELS)
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
