"""References: what an entity or a part of one is known by."""

from enum import StrEnum
from typing import NamedTuple

from lineage import fqn as names

__all__ = ["ENTITY_KINDS", "GROUP_KINDS", "PART_KINDS", "Kind", "Reference"]


class Kind(StrEnum):
    """The kinds a reference can have, spelled as OpenMetadata spells its entity types.

    A kind compares equal to its text, and a reference may also hold a text that is not
    listed here: a newer server can know kinds that this library does not.
    """

    TABLE = "table"
    PIPELINE = "pipeline"
    STORED_PROCEDURE = "storedProcedure"
    TOPIC = "topic"
    CONTAINER = "container"
    DASHBOARD_DATA_MODEL = "dashboardDataModel"
    DASHBOARD = "dashboard"
    CHART = "chart"
    SEARCH_INDEX = "searchIndex"
    API_ENDPOINT = "apiEndpoint"
    METRIC = "metric"
    MLMODEL = "mlmodel"
    DATABASE_SERVICE = "databaseService"
    MESSAGING_SERVICE = "messagingService"
    DASHBOARD_SERVICE = "dashboardService"
    PIPELINE_SERVICE = "pipelineService"
    MLMODEL_SERVICE = "mlmodelService"
    STORAGE_SERVICE = "storageService"
    SEARCH_SERVICE = "searchService"
    API_SERVICE = "apiService"
    DATABASE = "database"
    DATABASE_SCHEMA = "databaseSchema"
    API_COLLECTION = "apiCollection"
    DOMAIN = "domain"
    COLUMN = "column"
    FEATURE = "feature"
    FEATURE_SOURCE = "featureSource"


PART_KINDS = frozenset({Kind.COLUMN, Kind.FEATURE, Kind.FEATURE_SOURCE})
"""Kinds of the parts of entities; all other kinds are entities of their own."""

GROUP_KINDS = frozenset(
    {
        Kind.DATABASE_SERVICE,
        Kind.MESSAGING_SERVICE,
        Kind.DASHBOARD_SERVICE,
        Kind.PIPELINE_SERVICE,
        Kind.MLMODEL_SERVICE,
        Kind.STORAGE_SERVICE,
        Kind.SEARCH_SERVICE,
        Kind.API_SERVICE,
        Kind.DATABASE,
        Kind.DATABASE_SCHEMA,
        Kind.API_COLLECTION,
        Kind.DOMAIN,
    }
)
"""Kinds of what only groups other entities: services, databases, schemas, domains."""

ENTITY_KINDS = frozenset(Kind) - PART_KINDS - GROUP_KINDS
"""Kinds of the entities that can carry lineage."""


class Reference(NamedTuple):
    """Kind and fully qualified name: the identity of an entity, a column or a feature.

    An *entity reference* names an entity; a *column reference* or *feature reference* names
    a part of one. References sort by kind, then by name, and the name keeps its case.

    Attributes
    ----------
    kind : str
        One of `Kind`, or whatever newer kind the server speaks of.
    fqn : str
        The fully qualified name as the server gives it.

    Examples
    --------
    >>> people = Reference("table", "warehouse.hr.public.people")
    >>> str(people)
    'table:warehouse.hr.public.people'
    >>> Reference.parse("table:warehouse.hr.public.people") == people
    True
    >>> people.name, people.is_part
    ('people', False)
    """

    kind: str
    fqn: str

    @property
    def name(self) -> str:
        """The last part of the fully qualified name, bare."""
        return names.last(self.fqn)

    @property
    def is_part(self) -> bool:
        """Whether this is a part of an entity: a column, a feature or a feature source."""
        return self.kind in PART_KINDS

    @classmethod
    def parse(cls, text: str) -> "Reference":
        """Read what `str` writes.

        Raises
        ------
        ValueError
            The text has no `kind:` in front.
        """
        kind, colon, fqn = text.partition(":")
        if not (kind and colon and fqn):
            message = f"{text!r} is not written as kind:fully.qualified.name"
            raise ValueError(message)
        return cls(kind, fqn)

    def __str__(self) -> str:
        return f"{self.kind}:{self.fqn}"

    def __repr__(self) -> str:
        return f"Reference({str(self.kind)!r}, {self.fqn!r})"
