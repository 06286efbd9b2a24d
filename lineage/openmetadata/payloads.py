"""Payloads as the REST API spells them, turned into our values. The only camelCase.

Unknown fields are passed over, and a payload that lacks what an entity cannot be without is
refused by pydantic; the reader makes a gap of it. `null` stands for absent, and absent for
empty, but for tags: None are known where none came. A column is named by every mapping that it
is part of: its name is kept once.
"""

from collections.abc import Iterator
from sys import intern
from typing import Annotated, Any, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from lineage.model.edges import ColumnEdge, Edge, Evidence
from lineage.model.entities import (
    Column,
    Dashboard,
    Entity,
    Feature,
    FeatureSource,
    HyperParameter,
    MlModel,
    Pipeline,
    Tag,
    Task,
)
from lineage.model.reference import Kind, Reference

__all__ = [
    "EntityPayload",
    "IndexedLineagePayload",
    "LineagePayload",
    "ReferencePayload",
    "lacks_tags",
    "make_edge",
    "make_entity",
]

_Item = TypeVar("_Item")
_Many = Annotated[tuple[_Item, ...], BeforeValidator(lambda value: () if value is None else value)]


_LONGEST = 100_000_000
"""Characters in a text. With any limit pydantic looks at texts, and refuses half a character."""

_DEEPEST = 100
"""Columns in columns; a snapshot file can hold some more."""

_Moment = Annotated[int, Field(ge=-(2**63), lt=2**63)]
"""Milliseconds since 1970, in what tables of any kind can hold."""


class _Payload(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, frozen=True, str_max_length=_LONGEST)


class ReferencePayload(_Payload):
    """An entity reference: the id and type are sure, the names may be missing or stale."""

    id: str = ""
    type: str
    fully_qualified_name: str | None = None
    name: str | None = None

    def reference(self) -> Reference:
        """Give the reference, by name where the fully qualified one is missing."""
        return Reference(self.type, self.fully_qualified_name or self.name or self.id)


class _TagPayload(_Payload):
    tag_fqn: str = Field(alias="tagFQN")
    source: str = "Classification"
    label_type: str = "Manual"
    state: str = "Confirmed"

    def value(self) -> Tag:
        return Tag(
            fqn=self.tag_fqn, scheme=self.source, label_type=self.label_type, state=self.state
        )


class _ColumnPayload(_Payload):
    name: str
    fully_qualified_name: str
    data_type: str | None = None
    description: str | None = None
    tags: tuple[_TagPayload, ...] | None = None
    children: _Many["_ColumnPayload"] = ()

    def value(self) -> Column:
        # Nesting is as deep as a schema is written, so recursion is safe here.
        return Column(
            name=self.name,
            fqn=intern(self.fully_qualified_name),
            data_type=self.data_type,
            description=self.description,
            tags=tuple(tag.value() for tag in self.tags or ()),
            children=tuple(child.value() for child in self.children),
        )


class _SchemaPayload(_Payload):
    schema_fields: _Many[_ColumnPayload] = ()
    columns: _Many[_ColumnPayload] = ()


class _SourcePayload(_Payload):
    name: str = ""
    data_type: str | None = None
    data_source: ReferencePayload | None = None
    tags: _Many[_TagPayload] = ()

    def value(self) -> FeatureSource:
        entity = self.data_source
        return FeatureSource(
            name=self.name,
            data_type=self.data_type,
            entity=None if entity is None else entity.reference(),
            entity_id=None if entity is None else entity.id,
            tags=tuple(tag.value() for tag in self.tags),
        )


class _FeaturePayload(_Payload):
    name: str
    fully_qualified_name: str
    data_type: str | None = None
    description: str | None = None
    feature_algorithm: str | None = None
    feature_sources: _Many[_SourcePayload] = ()
    tags: _Many[_TagPayload] = ()

    def value(self) -> Feature:
        return Feature(
            name=self.name,
            fqn=self.fully_qualified_name,
            data_type=self.data_type,
            description=self.description,
            algorithm=self.feature_algorithm,
            sources=tuple(source.value() for source in self.feature_sources),
            tags=tuple(tag.value() for tag in self.tags),
        )


class _TaskPayload(_Payload):
    name: str
    fully_qualified_name: str | None = None
    downstream_tasks: _Many[str] = ()

    def value(self) -> Task:
        return Task(name=self.name, fqn=self.fully_qualified_name, downstream=self.downstream_tasks)


class _HyperParameterPayload(_Payload):
    name: str
    value: str | None = None
    description: str | None = None


class _StorePayload(_Payload):
    storage: str | None = None
    image_repository: str | None = None


class _CertificationPayload(_Payload):
    tag_label: _TagPayload


class EntityPayload(_Payload):
    """An entity of any kind; what a kind does not have stays empty."""

    id: str
    fully_qualified_name: str
    display_name: str | None = None
    description: str | None = None
    service: ReferencePayload | None = None
    service_type: str | None = None
    parent: ReferencePayload | None = None
    database_schema: ReferencePayload | None = None
    database: ReferencePayload | None = None
    api_collection: ReferencePayload | None = None
    owners: _Many[ReferencePayload] = ()
    domains: _Many[ReferencePayload] = ()
    tags: tuple[_TagPayload, ...] | None = None
    certification: _CertificationPayload | None = None
    deleted: bool = False
    version: float | None = None
    updated_at: _Moment | None = None
    updated_by: str | None = None
    columns: _Many[_ColumnPayload] = ()
    fields: _Many[_ColumnPayload] = ()
    message_schema: _SchemaPayload | None = None
    data_model: _SchemaPayload | None = None
    request_schema: _SchemaPayload | None = None
    response_schema: _SchemaPayload | None = None
    tasks: _Many[_TaskPayload] = ()
    charts: _Many[ReferencePayload] = ()
    algorithm: str | None = None
    ml_features: _Many[_FeaturePayload] = ()
    ml_hyper_parameters: _Many[_HyperParameterPayload] = ()
    target: str | None = None
    dashboard: ReferencePayload | None = None
    server: str | None = None
    ml_store: _StorePayload | None = None
    source_url: str | None = None

    @model_validator(mode="after")
    def _is_shallow(self) -> Self:
        """Refuse columns nested deeper than a snapshot can hold."""
        level = [*self.columns, *self.fields]
        for schema in (
            self.message_schema,
            self.data_model,
            self.request_schema,
            self.response_schema,
        ):
            level += [] if schema is None else [*schema.schema_fields, *schema.columns]
        for _ in range(_DEEPEST):
            level = [child for column in level for child in column.children]
            if not level:
                return self
        message = f"columns are nested more than {_DEEPEST} levels deep"
        raise ValueError(message)


class _ColumnEdgePayload(_Payload):
    from_columns: _Many[str] = ()
    to_column: str | None = None
    function: str | None = None


class LineagePayload(_Payload):
    """What is known of one edge: `lineageDetails`."""

    source: str | None = None
    columns_lineage: _Many[_ColumnEdgePayload] = ()
    pipeline: ReferencePayload | None = None
    sql_query: str | None = None
    description: str | None = None
    created_at: _Moment | None = None
    created_by: str | None = None
    updated_at: _Moment | None = None
    updated_by: str | None = None


class IndexedLineagePayload(LineagePayload):
    """One item of a document's `upstreamLineage`: an edge as the search index keeps it."""

    from_entity: ReferencePayload
    columns_lineage: _Many[_ColumnEdgePayload] = Field(default=(), alias="columns")

    @model_validator(mode="before")
    @classmethod
    def _name_the_pipeline_kind(cls, item: object) -> object:
        """Put the kind beside the pipeline, which the index holds whole but without it."""
        if not isinstance(item, dict) or not isinstance(item.get("pipeline"), dict):
            return item
        kind = item.get("pipelineEntityType") or Kind.PIPELINE
        return {**item, "pipeline": {"type": kind, **item["pipeline"]}}


def make_entity(kind: str, payload: EntityPayload) -> Entity:
    """Turn a payload into the entity it describes."""
    certified, inside = payload.certification, _nearest_group(payload)
    shared: dict[str, Any] = {
        "reference": Reference(kind, payload.fully_qualified_name),
        "id": payload.id,
        "display_name": payload.display_name,
        "description": payload.description,
        "service": None if payload.service is None else payload.service.reference().fqn,
        "service_type": payload.service_type,
        "parent": None if inside is None else inside.reference(),
        "owners": tuple(sorted(owner.reference() for owner in payload.owners)),
        "domains": tuple(sorted(domain.reference() for domain in payload.domains)),
        "tags": tuple(tag.value() for tag in payload.tags or ()),
        "certification": None if certified is None else certified.tag_label.tag_fqn,
        "columns": tuple(column.value() for column in _column_payloads(kind, payload)),
        "deleted": payload.deleted,
        "version": payload.version,
        "updated_at": payload.updated_at,
        "updated_by": payload.updated_by,
    }
    if kind == Kind.MLMODEL:
        return MlModel(**shared, **_model_fields(payload))
    if kind == Kind.PIPELINE:
        return Pipeline(**shared, tasks=tuple(task.value() for task in payload.tasks))
    if kind == Kind.DASHBOARD:
        charts = tuple(sorted(chart.reference() for chart in payload.charts))
        return Dashboard(**shared, charts=charts)
    return Entity(**shared)


def lacks_tags(kind: str, payload: EntityPayload) -> bool:
    """Whether the tags of an entity, or of a column or field in it, did not come.

    Where there are none, a server that was asked for them says so. Features are another thing:
    the server leaves out the tags of one that has none.
    """
    parts = _nested(_column_payloads(kind, payload))
    return payload.tags is None or any(part.tags is None for part in parts)


def make_edge(upstream: Reference, downstream: Reference, payload: LineagePayload | None) -> Edge:
    """Turn what is known of an edge into the edge; None stands for no details at all."""
    if payload is None:
        return Edge(upstream=upstream, downstream=downstream)
    return Edge(
        upstream=upstream,
        downstream=downstream,
        column_edges=tuple(
            ColumnEdge(
                upstream=tuple(map(intern, mapping.from_columns)),
                downstream=intern(mapping.to_column),
                function=mapping.function,
            )
            for mapping in payload.columns_lineage
            if mapping.to_column
        ),
        evidence=Evidence(
            recorded_as=payload.source,
            pipeline=None if payload.pipeline is None else payload.pipeline.reference(),
            sql=payload.sql_query,
            description=payload.description,
            created_at=payload.created_at,
            created_by=payload.created_by,
            updated_at=payload.updated_at,
            updated_by=payload.updated_by,
        ),
    )


def _nearest_group(payload: EntityPayload) -> ReferencePayload | None:
    """Return what an entity is in directly; what it is in further out may be named beside it."""
    near = (payload.parent, payload.database_schema, payload.api_collection, payload.database)
    return next((group for group in near if group is not None), payload.service)


def _nested(columns: tuple[_ColumnPayload, ...]) -> Iterator[_ColumnPayload]:
    waiting = list(columns)
    while waiting:
        column = waiting.pop()
        yield column
        waiting.extend(column.children)


def _column_payloads(kind: str, payload: EntityPayload) -> tuple[_ColumnPayload, ...]:
    """Collect the columns, which some kinds keep in a place of their own."""
    schemas: tuple[_SchemaPayload | None, ...] = ()
    if kind == Kind.TOPIC:
        schemas = (payload.message_schema,)
    elif kind == Kind.CONTAINER:  # a table's dataModel is another thing: its dbt model
        schemas = (payload.data_model,)
    elif kind == Kind.API_ENDPOINT:
        schemas = (payload.request_schema, payload.response_schema)
    found = payload.columns + payload.fields
    for schema in schemas:
        if schema is not None:
            found += schema.schema_fields + schema.columns
    return found


def _model_fields(payload: EntityPayload) -> dict[str, Any]:
    store = payload.ml_store
    return {
        "algorithm": payload.algorithm,
        "features": tuple(feature.value() for feature in payload.ml_features),
        "hyper_parameters": tuple(
            HyperParameter(name=item.name, value=item.value, description=item.description)
            for item in payload.ml_hyper_parameters
        ),
        "target": payload.target,
        "dashboard": None if payload.dashboard is None else payload.dashboard.reference(),
        "server": payload.server,
        "storage": None if store is None else store.storage,
        "image_repository": None if store is None else store.image_repository,
        "source_url": payload.source_url,
    }
