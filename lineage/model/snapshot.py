"""Snapshots: everything read at one time, and what could not be read."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, NamedTuple

from lineage.model.answer import counted
from lineage.model.edges import ColumnEdge, Edge
from lineage.model.entities import Entity
from lineage.model.reference import GROUP_KINDS, Reference

__all__ = ["Disagreement", "Gap", "GapKind", "LabelState", "Snapshot"]


class GapKind(StrEnum):
    """What can be missing."""

    ENTITIES_NOT_READ = "entities-not-read"
    """A page of entities failed."""
    EDGES_NOT_READ = "edges-not-read"
    """The edges into an entity, or a page of edges, could not be read."""
    ENTITY_NOT_FOUND = "entity-not-found"
    """An edge names an entity that was not among those read: hidden, gone, or not listed."""
    COLUMN_NOT_FOUND = "column-not-found"
    """A mapping names a column that its entity does not have."""
    SOURCE_NOT_RESOLVED = "source-not-resolved"
    """A feature source names no column that exists."""
    NO_SOURCES = "no-sources"
    """A feature declares no source, or a model no feature."""
    DEPTH_LIMIT = "depth-limit"
    """A walk was stopped by the depth asked for."""
    PATH_LIMIT = "path-limit"
    """There are more paths than were asked for, or than could be tried."""
    DELETED_LEFT_OUT = "deleted-left-out"
    """An entity is soft-deleted, and was asked to be left out."""
    ATTRIBUTE_NOT_FOUND = "attribute-not-found"
    """A protected attribute, or a column said to hold it, is not in the catalog."""
    INFLUENCE_UNKNOWN = "influence-unknown"
    """An edge does not say which columns only join, filter or group."""
    TAGS_NOT_READ = "tags-not-read"
    """The tags of an entity, of a part of it, or of what it is in, were not read."""
    TAG_NOT_FOUND = "tag-not-found"
    """A tag that was asked for is on nothing in the catalog."""
    DUPLICATE = "duplicate"
    """Two entities have one name, or an answer gave one of them twice, with other content."""
    ENTITY_REPLACED = "entity-replaced"
    """A feature source names an entity by an id that is gone; another bears its name now."""
    EVIDENCE_NOT_READ = "evidence-not-read"
    """An event or a statement was not understood."""
    EVIDENCE_NOT_MATCHED = "evidence-not-matched"
    """Evidence names a dataset or a column that is not in the catalog, or may be several."""
    EVIDENCE_DISAGREES = "evidence-disagrees"
    """Evidence and the recorded mappings say different things of the same columns; both count."""
    NOT_RECORDED = "not-recorded"
    """Evidence shows data flowing where the catalog records nothing; it is counted as flowing."""
    EVIDENCE_NOT_USED = "evidence-not-used"
    """Evidence fills what the catalog lacks, is of a run that failed, or was left out as asked."""
    TARGET_NOT_RESOLVED = "target-not-resolved"
    """A model names no target, or none that is a column of what feeds it."""
    DOWNSTREAM_NOT_READ = "downstream-not-read"
    """Only what is upstream of something was read; what is upstream of that is whole."""


_HIDING_NOTHING = frozenset(
    {GapKind.EVIDENCE_DISAGREES, GapKind.EVIDENCE_NOT_USED, GapKind.NOT_RECORDED}
)


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that was not read, was cut, or could not be resolved.

    Attributes
    ----------
    kind : GapKind
        What is missing.
    subject : Reference or None
        Where it is missing: nothing upstream of the subject can be called complete. None
        where that cannot be known, so that nothing at all can.
    reason : str
        Why, in words.
    unmapped_only : bool
        Whether it is only the unmapped parts of the subject, those that no recorded mapping
        gives a value, of which something upstream may be missing. A mapping whose column is
        gone fills one of them, and nobody knows which.
    """

    kind: GapKind
    subject: Reference | None
    reason: str
    unmapped_only: bool = False

    @property
    def hides_upstream(self) -> bool:
        """Whether something upstream may be missing because of it.

        What hides nothing is still reported with every answer: it was seen, and what it says
        is counted already, or lies outside of the catalog.
        """
        return self.hides_downstream and self.kind != GapKind.DOWNSTREAM_NOT_READ

    @property
    def hides_downstream(self) -> bool:
        """Whether something downstream may be missing because of it, of whatever it is."""
        return self.kind not in _HIDING_NOTHING

    def __str__(self) -> str:
        place = "everywhere" if self.subject is None else f"at {self.subject}"
        columns = " (its unmapped columns)" if self.unmapped_only else ""
        return f"{self.kind} {place}{columns}: {self.reason}"


class Disagreement(NamedTuple):
    """What only one of a server's two memories holds: its search index or its database.

    Attributes
    ----------
    upstream, downstream : Reference
        The ends of the edge.
    only_in : {"index", "database"}
        Which holds it. What only the index holds is not in the snapshot.
    what : {"edge", "mapping", "sql", "pipeline"}
        The edge itself, or what an edge has that both of them hold.
    value : str
        The mapping, the SQL or the pipeline; empty for an edge.

    Examples
    --------
    >>> orders, revenue = Reference("table", "shop.orders"), Reference("table", "shop.revenue")
    >>> print(Disagreement(orders, revenue, "index", "pipeline", "pipeline:airflow.etl"))
    table:shop.orders -> table:shop.revenue: pipeline pipeline:airflow.etl in the index only
    """

    upstream: Reference
    downstream: Reference
    only_in: Literal["index", "database"]
    what: Literal["edge", "mapping", "sql", "pipeline"] = "edge"
    value: str = ""

    def __str__(self) -> str:
        edge = f"{self.upstream} -> {self.downstream}"
        if self.what != "edge":
            return f"{edge}: {self.what} {self.value} in the {self.only_in} only"
        other = {"index": "database", "database": "index"}[self.only_in]
        return f"{edge}: in the {self.only_in}, not in the {other}"


class LabelState(NamedTuple):
    """A tag or a glossary term as it was, for a later reading to see whether it has changed.

    A tag that is renamed or deleted changes what it was put on, and no version says so.

    Attributes
    ----------
    scheme : str
        `Classification` or `Glossary`.
    fqn : str
        Its fully qualified name.
    state : str
        A digest of everything that decides what its labels are.
    """

    scheme: str
    fqn: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Everything read from one catalog at one time, always in canonical order.

    What it is given is sorted and made unique (entities by reference, the first one stays;
    edges and gaps by value), so two reads of the same catalog give equal snapshots whatever
    the order of the replies.

    Attributes
    ----------
    server : str
        Where it was read, for instance `https://metadata.example.com`.
    server_version : str
        The server's version, for instance `2.0.7`.
    read_at : str
        When reading began, ISO 8601 in UTC.
    entities : tuple of Entity
        Sorted by reference.
    edges : tuple of Edge
        Sorted by upstream, downstream, then evidence.
    gaps : tuple of Gap
        What was not read. Empty means: whole.
    left_out : tuple of (str, int)
        What was read and left out on purpose, with counts.
    disagreements : tuple of Disagreement
        Sorted; what only the search index or only the database holds, where both were read.
    label_states : tuple of LabelState
        Sorted; the tags and glossary terms there were.

    Examples
    --------
    >>> people = Entity(reference=Reference("table", "pg.hr.public.people"))
    >>> Snapshot(entities=(people, people))
    Snapshot(1 entity, 0 edges)
    """

    server: str = ""
    server_version: str = ""
    read_at: str = ""
    entities: tuple[Entity, ...] = ()
    edges: tuple[Edge, ...] = ()
    gaps: tuple[Gap, ...] = ()
    left_out: tuple[tuple[str, int], ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    label_states: tuple[LabelState, ...] = ()

    def __post_init__(self) -> None:
        unique: dict[Reference, Entity] = {}
        for entity in self.entities:
            unique.setdefault(entity.reference, entity)
        # A frozen value may only be put in order while it is being made.
        put = object.__setattr__
        put(self, "entities", tuple(unique[reference] for reference in sorted(unique)))
        put(self, "edges", tuple(sorted(dict.fromkeys(self.edges), key=_edge_order)))
        put(self, "gaps", tuple(sorted(dict.fromkeys(self.gaps), key=_gap_order)))
        put(self, "left_out", tuple(sorted(self.left_out)))
        put(self, "disagreements", tuple(sorted(set(self.disagreements))))
        put(self, "label_states", tuple(sorted(set(self.label_states))))

    def __repr__(self) -> str:
        groups = sum(item.reference.kind in GROUP_KINDS for item in self.entities)
        entities = counted(len(self.entities) - groups, "entity", "entities")
        if groups:
            entities += f" in {counted(groups, 'group')}"
        gaps = f", {counted(len(self.gaps), 'gap')}" if self.gaps else ""
        return f"Snapshot({entities}, {counted(len(self.edges), 'edge')}{gaps})"


def _edge_order(edge: Edge) -> tuple[object, ...]:
    evidence = edge.evidence
    mappings = tuple(_mapping_order(mapping) for mapping in edge.column_edges)
    return (
        edge.upstream,
        edge.downstream,
        evidence.origin,
        evidence.pipeline or ("", ""),
        evidence.recorded_as or "",
        evidence.sql or "",
        evidence.description or "",
        evidence.created_at or 0,
        evidence.updated_at or 0,
        mappings,
    )


def _mapping_order(mapping: ColumnEdge) -> tuple[object, ...]:
    return (
        mapping.downstream,
        mapping.upstream,
        mapping.function or "",
        mapping.influence or "",
        str(mapping.masking),
        mapping.evidence_source or "",
    )


def _gap_order(gap: Gap) -> tuple[str, tuple[str, str], str, bool]:
    return gap.kind, gap.subject or ("", ""), gap.reason, gap.unmapped_only
