"""Edges: what feeds what, and why that is believed."""

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from lineage.model.reference import Reference

__all__ = ["ColumnEdge", "Edge", "Evidence", "Hop", "Influence", "Origin", "Path", "Strength"]


class Strength(IntEnum):
    """How much a hop proves; a path is as strong as its weakest hop.

    Stronger compares greater, so `min` over the hops is the strength of a path.
    """

    TABLE = 1
    """Only the two entities are known to be connected, not which columns."""
    INFLUENCE = 2
    """The column decides rows or groups, not values; how, `Influence` says."""
    MASKED = 3
    """A column mapping whose function provably hides the value."""
    VALUE = 4
    """A column mapping carries the value, as it is or transformed."""

    @property
    def label(self) -> str:
        """The word used in every output: `value`, `masked`, `influence` or `table`."""
        return self.name.lower()


class Origin(StrEnum):
    """How an edge came to be known."""

    RECORDED = "recorded"
    """The server holds the edge."""
    DECLARED = "declared"
    """A model's feature sources say so."""
    WITNESSED = "witnessed"
    """An event says that it happened; the server does not hold the edge, or not its columns."""
    PARSED = "parsed"
    """The SQL of a recorded edge says so; the server does not hold the edge, or not its columns."""


class Influence(StrEnum):
    """How a column decides what another holds, without giving it its value."""

    JOIN = "join"
    """Rows are matched by it."""
    FILTER = "filter"
    """Rows are kept or dropped by it."""
    GROUP_BY = "group-by"
    """Rows are put together by it."""
    SORT = "sort"
    """Rows are put in order by it, or cut off by that order."""
    WINDOW = "window"
    """A window function looks at rows chosen or ordered by it."""
    CONDITION = "condition"
    """It chooses between values, as in `CASE WHEN`."""
    UNSPECIFIED = "unspecified"
    """The evidence does not say how."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Why an edge is believed: everything the server says about how it came to be.

    Attributes
    ----------
    recorded_as : str or None
        OpenMetadata's `lineageDetails.source`: `Manual`, `QueryLineage`, `DbtLineage`, …
        None where an edge was recorded without any details.
    pipeline : Reference or None
        The pipeline or stored procedure that carries the data.
    created_at, updated_at : int or None
        Milliseconds since 1970-01-01 UTC.
    influences_known : bool
        Whether every influence is known: all of the SQL was understood, or events report them.
        Where it is not, that no influence is known does not mean that there is none.
    """

    origin: Origin = Origin.RECORDED
    recorded_as: str | None = None
    pipeline: Reference | None = None
    sql: str | None = None
    description: str | None = None
    created_at: int | None = None
    created_by: str | None = None
    updated_at: int | None = None
    updated_by: str | None = None
    influences_known: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnEdge:
    """One mapping: columns upstream, one column or feature downstream, and the function.

    Attributes
    ----------
    upstream : tuple of str
        Fully qualified names of the columns the value is computed from, or of those that
        influence it. Where nobody knows which column it is, the entity itself is named: any of
        its columns may be meant, and the mapping proves no more than `table` strength.
    downstream : str
        Fully qualified name of the column or feature it becomes. An influence on the rows of
        an entity, and so on all its parts, names the entity itself.
    function : str or None
        What was done to the value, as recorded.
    influence : Influence or None
        How the columns decide what is downstream. None where they give it its value.
    masking : bool or None
        Whether the value is hidden, as the evidence says. None where it does not say.
    evidence_source : str or None
        Where the mapping is known from, if not from the server: an event file, parsed SQL.
    """

    upstream: tuple[str, ...]
    downstream: str
    function: str | None = None
    influence: Influence | None = None
    masking: bool | None = None
    evidence_source: str | None = None

    @property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """Each upstream column with what it becomes; none where it only influences."""
        if self.influence is not None:
            return frozenset()
        return frozenset((column, self.downstream) for column in self.upstream)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """Data flows from `upstream` to `downstream`.

    The direction is that of the data: `upstream` feeds `downstream`, a table is upstream of
    the model trained on it, and OpenMetadata's `fromEntity` is our `upstream`.
    """

    upstream: Reference
    downstream: Reference
    column_edges: tuple[ColumnEdge, ...] = ()
    evidence: Evidence = field(default_factory=Evidence)

    @property
    def value_mappings(self) -> tuple[ColumnEdge, ...]:
        """The mappings that carry values, without those that only influence."""
        return tuple(mapping for mapping in self.column_edges if mapping.influence is None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One step of a path, with the edge that proves it.

    Attributes
    ----------
    upstream, downstream : Reference
        Columns and features where a mapping proves the step, entities where only the edge
        between them does.
    strength : Strength
        How much the step proves.
    edge : Edge
        The edge between the two entities.
    column_edge : ColumnEdge or None
        The mapping, where there is one.
    """

    upstream: Reference
    downstream: Reference
    strength: Strength
    edge: Edge
    column_edge: ColumnEdge | None = None

    @property
    def function(self) -> str | None:
        """What was done to the value, as recorded."""
        return None if self.column_edge is None else self.column_edge.function

    @property
    def influence(self) -> Influence | None:
        """How the column decides what is downstream, where it does not give its value."""
        return None if self.column_edge is None else self.column_edge.influence

    @property
    def is_on_rows(self) -> bool:
        """Whether it is an influence on all rows of an entity, and so on each of its parts."""
        return self.influence is not None and self.downstream == self.edge.downstream


@dataclass(frozen=True, slots=True)
class Path:
    """Hops one after the other, in the direction of the data.

    Between two hops the data may pass from an entity to one of its columns: where a hop
    arrives at a table as a whole, the next may leave from any of its columns.

    Attributes
    ----------
    hops : tuple of Hop
    passing : Strength
        How much is known of what lies between them: `table` where the data has to be in one part of
        what it arrived at, and nobody knows in which.
    """

    hops: tuple[Hop, ...]
    passing: Strength = Strength.VALUE

    @property
    def strength(self) -> Strength:
        """The strength of the weakest hop, and of what lies between."""
        return min((self.passing, *(hop.strength for hop in self.hops)))

    @property
    def references(self) -> tuple[Reference, ...]:
        """Everything on the path, from the first to the last, each once."""
        ends = (end for hop in self.hops for end in (hop.upstream, hop.downstream))
        return tuple(dict.fromkeys(ends))

    def __len__(self) -> int:
        return len(self.hops)

    def __str__(self) -> str:
        return " → ".join(reference.fqn for reference in self.references)
