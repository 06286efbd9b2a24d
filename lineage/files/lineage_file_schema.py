"""How a lineage file is spelled: its keys, what each may hold, and what it turns into.

The file's JSON schema is made from these classes, so the two cannot differ.
"""

import json
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from lineage.files.file_schema import Spelling
from lineage.model.declaration import (
    Declaration,
    DeclaredEdge,
    DeclaredFeature,
    DeclaredMapping,
    DeclaredModel,
    DeclaredSource,
    Named,
)
from lineage.model.entities import HyperParameter
from lineage.model.settings_document import Document, Place

__all__ = ["FileSpelling"]


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _columned(value: object) -> object:
    return {"column": value} if isinstance(value, str) else value


def _valued(value: object) -> object:
    return value if isinstance(value, dict) else {"value": value}


def _text(value: object) -> object:
    return json.dumps(value) if isinstance(value, int | float) else value


def _named(text: str, document: Document, *place: str | int) -> Named:
    return Named(text, *document.spot(place))


_Name = Annotated[str, Field(min_length=1)]
_Names = Annotated[
    tuple[_Name, ...],
    Field(min_length=1),
    BeforeValidator(_listed, json_schema_input_type=_Name | tuple[_Name, ...]),
]
_Scalar = Annotated[str, BeforeValidator(_text, json_schema_input_type=str | float | bool)]


class _Mapping(Spelling):
    """Columns upstream, and the column or feature that is computed from them."""

    upstream: _Names
    """Columns of the entity upstream, by their names inside it or in full."""
    downstream: _Name
    """The column or feature downstream, by its name inside the entity or in full."""
    function: _Name | None = None
    """What is done to the value."""

    def value(self, document: Document, place: Place) -> DeclaredMapping:
        return DeclaredMapping(
            upstream=tuple(
                _named(name, document, *place, "upstream", number)
                for number, name in enumerate(self.upstream)
            ),
            downstream=_named(self.downstream, document, *place, "downstream"),
            function=self.function,
        )


class _Edge(Spelling):
    """Data flows from one entity to another."""

    upstream: _Name
    """The entity the data comes from: its fully qualified name, or kind:name."""
    downstream: _Name
    """The entity the data goes to."""
    pipeline: _Name | None = None
    """The pipeline or stored procedure that carries the data."""
    sql: _Name | None = None
    """The SQL that does it."""
    description: _Name | None = None
    """What is to be said of the edge, in Markdown."""
    columns: tuple[_Mapping, ...] = ()
    """Which columns become which."""

    def value(self, document: Document, place: Place) -> DeclaredEdge:
        pipeline = self.pipeline
        return DeclaredEdge(
            upstream=_named(self.upstream, document, *place, "upstream"),
            downstream=_named(self.downstream, document, *place, "downstream"),
            pipeline=None if pipeline is None else _named(pipeline, document, *place, "pipeline"),
            sql=self.sql,
            description=self.description,
            mappings=tuple(
                mapping.value(document, (*place, "columns", number))
                for number, mapping in enumerate(self.columns)
            ),
        )


class _Source(Spelling):
    """A column that a feature comes from."""

    column: _Name
    """The column's fully qualified name."""
    data_type: (
        Literal["integer", "number", "string", "array", "date", "timestamp", "object", "boolean"]
        | None
    ) = None
    """The type of its values, in OpenMetadata's words."""


class _Feature(Spelling):
    """An input of a model."""

    name: _Name
    """The feature's name."""
    data_type: Literal["numerical", "categorical"] | None = None
    """What kind of input it is, in OpenMetadata's words."""
    description: _Name | None = None
    """What it stands for, in Markdown."""
    algorithm: _Name | None = None
    """How it is computed from its sources."""
    sources: (
        tuple[
            Annotated[_Source, BeforeValidator(_columned, json_schema_input_type=_Name | _Source)],
            ...,
        ]
        | None
    ) = None
    """The columns it comes from; all of them, where they are said."""
    tags: tuple[_Name, ...] | None = None
    """Tags to be added, as in PII.Sensitive."""

    def value(self, document: Document, place: Place) -> DeclaredFeature:
        return DeclaredFeature(
            name=_named(self.name, document, *place, "name"),
            data_type=self.data_type,
            description=self.description,
            algorithm=self.algorithm,
            sources=None
            if self.sources is None
            else tuple(
                DeclaredSource(
                    column=_named(source.column, document, *place, "sources", number, "column"),
                    data_type=source.data_type,
                )
                for number, source in enumerate(self.sources)
            ),
            tags=self.tags,
        )


class _HyperParameter(Spelling):
    """A setting the model was trained with."""

    value: _Scalar
    """The setting; kept as text."""
    description: _Name | None = None
    """What it does."""


class _Store(Spelling):
    """Where the model itself is kept."""

    storage: _Name | None = None
    """Where its files are, as in s3://models/churn."""
    image_repository: _Name | None = None
    """The container image it runs in."""


class _Model(Spelling):
    """What is to be said of an ML model; what is not said here stays as it is."""

    model: _Name
    """The model's fully qualified name."""
    algorithm: _Name | None = None
    """How it was made; a change makes a major version."""
    description: _Name | None = None
    """What it is for, in Markdown."""
    display_name: _Name | None = None
    """What it is called when shown."""
    target: _Name | None = None
    """What it predicts; a change makes a major version."""
    server: _Name | None = None
    """Where it answers; a change makes a major version."""
    store: _Store = _Store()
    """Where it is kept."""
    source_url: _Name | None = None
    """Where it is shown by the system it comes from."""
    dashboard: _Name | None = None
    """The fully qualified name of a dashboard about it."""
    tags: tuple[_Name, ...] | None = None
    """Tags to be added, as in Tier.Tier1."""
    hyper_parameters: (
        dict[
            str,
            Annotated[
                _HyperParameter,
                BeforeValidator(
                    _valued, json_schema_input_type=str | float | bool | _HyperParameter
                ),
            ],
        ]
        | None
    ) = None
    """Settings it was trained with, by name; others stay."""
    features: tuple[_Feature, ...] = ()
    """Its features, by name; others stay."""

    def value(self, document: Document, place: Place) -> DeclaredModel:
        said = {
            name: getattr(self, name)
            for name in ("algorithm", "description", "display_name", "target", "server")
        }
        dashboard = self.dashboard
        return DeclaredModel(
            **said,
            name=_named(self.model, document, *place, "model"),
            storage=self.store.storage,
            image_repository=self.store.image_repository,
            source_url=self.source_url,
            dashboard=None
            if dashboard is None
            else _named(dashboard, document, *place, "dashboard"),
            tags=self.tags,
            hyper_parameters=None
            if self.hyper_parameters is None
            else tuple(
                HyperParameter(name=name, value=item.value, description=item.description)
                for name, item in self.hyper_parameters.items()
            ),
            features=tuple(
                feature.value(document, (*place, "features", number))
                for number, feature in enumerate(self.features)
            ),
        )


class FileSpelling(Spelling):
    """A lineage file: edges that should be recorded, and what is to be said of models."""

    schema_address: str | None = Field(default=None, alias="$schema")
    """Where the schema of this file is, for editors."""
    edges: tuple[_Edge, ...] = ()
    """Edges that should be recorded."""
    models: tuple[_Model, ...] = ()
    """What is to be said of models."""

    def value(self, document: Document) -> Declaration:
        """Turn what was read into what it declares."""
        return Declaration(
            path=document.name,
            edges=tuple(
                edge.value(document, ("edges", number)) for number, edge in enumerate(self.edges)
            ),
            models=tuple(
                model.value(document, ("models", number))
                for number, model in enumerate(self.models)
            ),
        )
