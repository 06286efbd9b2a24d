"""Entities: the slice of OpenMetadata's tables, models, pipelines and dashboards we use."""

from collections.abc import Iterator
from dataclasses import dataclass

from lineage.model.reference import Reference

__all__ = [
    "Column",
    "Dashboard",
    "Entity",
    "Feature",
    "FeatureSource",
    "HyperParameter",
    "MlModel",
    "Pipeline",
    "Tag",
    "Task",
    "walk_columns",
]


_AUTOMATIC = frozenset({"Automated", "Generated"})
"""Types of labels that no person has given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A label on an entity, a column, a feature or a feature source.

    Attributes
    ----------
    fqn : str
        For instance `PII.Sensitive`, or a glossary term's fully qualified name.
    scheme : str
        `Classification` or `Glossary`.
    label_type : str
        `Manual`, `Propagated`, `Automated`, `Derived` or `Generated`.
    state : str
        `Confirmed`, or `Suggested` while nobody has confirmed it.
    """

    fqn: str
    scheme: str = "Classification"
    label_type: str = "Manual"
    state: str = "Confirmed"

    @property
    def is_confirmed(self) -> bool:
        """Whether somebody stands behind it: it is not suggested, and no machine's guess."""
        return self.state == "Confirmed" and self.label_type not in _AUTOMATIC


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table, or a field of another entity, nested to any depth."""

    name: str
    fqn: str
    data_type: str | None = None
    description: str | None = None
    tags: tuple[Tag, ...] = ()
    children: tuple["Column", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """What every entity has.

    Attributes
    ----------
    reference : Reference
        The identity: kind and fully qualified name.
    id : str
        The server's own id (a UUID); empty for an entity that no server has.
    service_type : str or None
        What kind of system its service is, for instance `Snowflake`.
    parent : Reference or None
        What it is in, where the server says so: a table's schema, a schema's database, a
        database's service, the bucket or folder of a container, an endpoint's collection.
    owners, domains : tuple of Reference
        Users and teams; domains.
    certification : str or None
        The tag it is certified by, for instance `Certification.Gold`.
    deleted : bool
        Whether the entity is soft-deleted.
    version : float or None
        The server's version number of the entity.
    """

    reference: Reference
    id: str = ""
    display_name: str | None = None
    description: str | None = None
    service: str | None = None
    service_type: str | None = None
    parent: Reference | None = None
    owners: tuple[Reference, ...] = ()
    domains: tuple[Reference, ...] = ()
    tags: tuple[Tag, ...] = ()
    certification: str | None = None
    columns: tuple[Column, ...] = ()
    deleted: bool = False
    version: float | None = None
    updated_at: int | None = None
    updated_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One task of a pipeline, with the names of the tasks that run after it."""

    name: str
    fqn: str | None = None
    downstream: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline(Entity):
    """A job that moves data."""

    tasks: tuple[Task, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard(Entity):
    """A dashboard and the charts on it."""

    charts: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureSource:
    """Where a feature says it comes from: a name inside an entity, as the model declares it.

    Attributes
    ----------
    name : str
        The column's name, or free text.
    entity : Reference or None
        The entity it names, where the server knows it.
    entity_id : str or None
        The server's id of that entity, which survives a rename.
    """

    name: str
    data_type: str | None = None
    entity: Reference | None = None
    entity_id: str | None = None
    tags: tuple[Tag, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """An input of a model and the sources it was computed from."""

    name: str
    fqn: str
    data_type: str | None = None
    description: str | None = None
    algorithm: str | None = None
    sources: tuple[FeatureSource, ...] = ()
    tags: tuple[Tag, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HyperParameter:
    """A setting the model was trained with; the value is text on the server too."""

    name: str
    value: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MlModel(Entity):
    """A machine-learning model: its features and how it was made."""

    algorithm: str | None = None
    features: tuple[Feature, ...] = ()
    hyper_parameters: tuple[HyperParameter, ...] = ()
    target: str | None = None
    dashboard: Reference | None = None
    server: str | None = None
    storage: str | None = None
    image_repository: str | None = None
    source_url: str | None = None


def walk_columns(columns: tuple[Column, ...]) -> Iterator[Column]:
    """Go through columns and everything nested in them, each before what it holds.

    Examples
    --------
    >>> street = Column(name="street", fqn="t.address.street")
    >>> address = Column(name="address", fqn="t.address", children=(street,))
    >>> [column.name for column in walk_columns((address,))]
    ['address', 'street']
    """
    waiting = list(reversed(columns))
    while waiting:
        column = waiting.pop()
        yield column
        waiting.extend(reversed(column.children))
