"""Where the server keeps entities of each kind: their list, the fields to ask for, their index."""

from dataclasses import dataclass

from lineage.model.reference import Kind

__all__ = [
    "ALL_ENDPOINTS",
    "ALL_KINDS_SINCE",
    "ENDPOINTS",
    "GROUP_ENDPOINTS",
    "PAGE",
    "SERVICE_OF",
    "Endpoint",
]

PAGE = 1000
"""How many entities, or documents of the index, are asked for at once."""

ALL_KINDS_SINCE = (1, 8)
"""The first version with all of these lists; an earlier server knows fewer kinds."""

_OF_SERVICES = "owners,tags,domains"
_COMMON = f"{_OF_SERVICES},certification"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where one kind is listed, with which fields, and in which search index.

    Attributes
    ----------
    facts : str
        Fields to ask for besides the parts.
    parts : str
        Fields that hold columns or schema fields. A list that is not asked for them gives
        them without their tags, or with tags they no longer have, or not at all.
    index : str
        Empty where no lineage is kept there.
    """

    collection: str
    facts: str = _COMMON
    parts: str = ""
    index: str = ""

    @property
    def fields(self) -> str:
        """All fields to ask for."""
        return f"{self.parts},{self.facts}" if self.parts else self.facts


ENDPOINTS: dict[str, Endpoint] = {
    Kind.TABLE: Endpoint("tables", parts="columns", index="table_search_index"),
    Kind.DASHBOARD_DATA_MODEL: Endpoint(
        "dashboard/datamodels", parts="columns", index="dashboard_data_model_search_index"
    ),
    Kind.DASHBOARD: Endpoint("dashboards", f"charts,{_COMMON}", index="dashboard_search_index"),
    Kind.CHART: Endpoint("charts", index="chart_search_index"),
    Kind.PIPELINE: Endpoint("pipelines", f"tasks,{_COMMON}", index="pipeline_search_index"),
    Kind.STORED_PROCEDURE: Endpoint(
        "storedProcedures", f"service,{_COMMON}", index="stored_procedure_search_index"
    ),
    Kind.TOPIC: Endpoint("topics", parts="messageSchema", index="topic_search_index"),
    Kind.CONTAINER: Endpoint(
        "containers", f"parent,{_COMMON}", parts="dataModel", index="container_search_index"
    ),
    Kind.SEARCH_INDEX: Endpoint(
        "searchIndexes", parts="fields", index="search_entity_search_index"
    ),
    Kind.API_ENDPOINT: Endpoint(
        "apiEndpoints", parts="requestSchema,responseSchema", index="api_endpoint_search_index"
    ),
    Kind.METRIC: Endpoint("metrics", index="metric_search_index"),
    Kind.MLMODEL: Endpoint("mlmodels", f"dashboard,{_COMMON}", index="mlmodel_search_index"),
}
"""All kinds that can carry lineage, in the order they are read."""

GROUP_ENDPOINTS: dict[str, Endpoint] = {
    **{
        kind: Endpoint(f"services/{kind}s", _OF_SERVICES)
        for kind in (
            *(Kind.DATABASE_SERVICE, Kind.MESSAGING_SERVICE, Kind.DASHBOARD_SERVICE),
            *(Kind.PIPELINE_SERVICE, Kind.MLMODEL_SERVICE, Kind.STORAGE_SERVICE),
            *(Kind.SEARCH_SERVICE, Kind.API_SERVICE),
        )
    },
    Kind.DATABASE: Endpoint("databases"),
    Kind.DATABASE_SCHEMA: Endpoint("databaseSchemas"),
    Kind.API_COLLECTION: Endpoint("apiCollections"),
    Kind.DOMAIN: Endpoint("domains", "owners,tags,parent"),
}
"""All kinds that only group others; they are read for their tags and owners."""

ALL_ENDPOINTS = ENDPOINTS | GROUP_ENDPOINTS
"""All kinds that are read."""

SERVICE_OF: dict[str, str] = {
    kind: service
    for service, kinds in {
        Kind.DATABASE_SERVICE: (
            *(Kind.TABLE, Kind.STORED_PROCEDURE, Kind.DATABASE, Kind.DATABASE_SCHEMA),
        ),
        Kind.DASHBOARD_SERVICE: (Kind.DASHBOARD, Kind.CHART, Kind.DASHBOARD_DATA_MODEL),
        Kind.MESSAGING_SERVICE: (Kind.TOPIC,),
        Kind.PIPELINE_SERVICE: (Kind.PIPELINE,),
        Kind.MLMODEL_SERVICE: (Kind.MLMODEL,),
        Kind.STORAGE_SERVICE: (Kind.CONTAINER,),
        Kind.SEARCH_SERVICE: (Kind.SEARCH_INDEX,),
        Kind.API_SERVICE: (Kind.API_ENDPOINT, Kind.API_COLLECTION),
    }.items()
    for kind in kinds
}
"""The kind of service that an entity of each kind is in."""
