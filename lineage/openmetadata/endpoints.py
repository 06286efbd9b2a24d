"""Where the server keeps entities of each kind: their list, the fields to ask for, their index."""

from dataclasses import dataclass

from lineage.model.reference import Kind

__all__ = ["ALL_KINDS_SINCE", "ENDPOINTS", "Endpoint"]

ALL_KINDS_SINCE = (1, 8)
"""The first version with all of these lists; an earlier server knows fewer kinds."""

_COMMON = "owners,tags,domains"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where one kind is listed, with which fields, and in which search index."""

    collection: str
    fields: str
    index: str


ENDPOINTS: dict[str, Endpoint] = {
    Kind.TABLE: Endpoint("tables", f"columns,{_COMMON}", "table_search_index"),
    Kind.DASHBOARD_DATA_MODEL: Endpoint(
        "dashboard/datamodels", _COMMON, "dashboard_data_model_search_index"
    ),
    Kind.DASHBOARD: Endpoint("dashboards", f"charts,{_COMMON}", "dashboard_search_index"),
    Kind.CHART: Endpoint("charts", _COMMON, "chart_search_index"),
    Kind.PIPELINE: Endpoint("pipelines", f"tasks,{_COMMON}", "pipeline_search_index"),
    Kind.STORED_PROCEDURE: Endpoint("storedProcedures", _COMMON, "stored_procedure_search_index"),
    Kind.TOPIC: Endpoint("topics", _COMMON, "topic_search_index"),
    Kind.CONTAINER: Endpoint("containers", f"dataModel,{_COMMON}", "container_search_index"),
    Kind.SEARCH_INDEX: Endpoint("searchIndexes", f"fields,{_COMMON}", "search_entity_search_index"),
    Kind.API_ENDPOINT: Endpoint(
        "apiEndpoints", f"requestSchema,responseSchema,{_COMMON}", "api_endpoint_search_index"
    ),
    Kind.METRIC: Endpoint("metrics", _COMMON, "metric_search_index"),
    Kind.MLMODEL: Endpoint("mlmodels", f"dashboard,{_COMMON}", "mlmodel_search_index"),
}
"""All kinds that can carry lineage, in the order they are read."""
