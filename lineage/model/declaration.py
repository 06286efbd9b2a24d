"""Declarations: what a team says of its lineage and its models, in a file of its own.

A declaration names things as a person wrote them, each with its place. What the names stand
for is known by a graph.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from lineage.model.edges import Influence
from lineage.model.entities import HyperParameter

__all__ = [
    "Declaration",
    "DeclaredEdge",
    "DeclaredFeature",
    "DeclaredMapping",
    "DeclaredModel",
    "DeclaredSource",
    "FactOrigin",
    "Named",
]


class FactOrigin(StrEnum):
    """How something that is declared came to be known."""

    WRITTEN = "written"
    """A person wrote it in a file."""
    REGISTERED = "registered"
    """A system keeps it as a record of its own: a version, an alias, a feature view."""
    LOGGED = "logged"
    """A run noted it: a parameter, a data set, a signature."""
    COMPUTED = "computed"
    """It follows from what was fitted or compiled: a pipeline, a query, a graph."""
    INFERRED = "inferred"
    """Two names are equal, and nothing else says that they mean the same."""


class Named(NamedTuple):
    """A name as it was written, and the line and column it stands on, from 1."""

    text: str
    line: int
    column: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredMapping:
    """Columns upstream, one column or feature downstream, and the function, by name.

    Attributes
    ----------
    influence : Influence or None
        How the columns decide what is downstream, where they do not give it its value. A server
        holds no such mapping, so none is wanted of it.
    """

    upstream: tuple[Named, ...]
    downstream: Named
    function: str | None = None
    influence: Influence | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredEdge:
    """An edge, by the names of its ends; what is None is not said."""

    upstream: Named
    downstream: Named
    mappings: tuple[DeclaredMapping, ...] = ()
    pipeline: Named | None = None
    sql: str | None = None
    description: str | None = None
    influences_known: bool = False
    origin: FactOrigin = FactOrigin.WRITTEN


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredSource:
    """A column that a feature comes from, by name, and how that is known.

    Attributes
    ----------
    column : Named
    is_resolved : bool
        False where nothing in the catalog is known to be it, so that it stays a text.
    """

    column: Named
    data_type: str | None = None
    origin: FactOrigin = FactOrigin.WRITTEN
    is_resolved: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredFeature:
    """A feature; what is None is not said."""

    name: Named
    data_type: str | None = None
    description: str | None = None
    algorithm: str | None = None
    sources: tuple[DeclaredSource, ...] | None = None
    tags: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredModel:
    """A model's metadata; what is None is not said."""

    name: Named
    algorithm: str | None = None
    description: str | None = None
    display_name: str | None = None
    target: str | None = None
    server: str | None = None
    storage: str | None = None
    image_repository: str | None = None
    source_url: str | None = None
    dashboard: Named | None = None
    hyper_parameters: tuple[HyperParameter, ...] | None = None
    features: tuple[DeclaredFeature, ...] = ()
    tags: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """Everything one file declares.

    Attributes
    ----------
    path : str
        The file, for messages.
    """

    path: str
    edges: tuple[DeclaredEdge, ...] = ()
    models: tuple[DeclaredModel, ...] = ()
