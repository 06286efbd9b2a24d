"""What evidence besides the catalog tells of columns, as values: who gives, who influences."""

from dataclasses import dataclass
from enum import StrEnum

from lineage.model.edges import Edge
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap

__all__ = ["EvidenceFinding", "EvidenceKind", "Told"]


class EvidenceKind(StrEnum):
    """What can be said against a piece of evidence."""

    UNREADABLE = "unreadable"
    """An event is not spelled as the specification says, or SQL could not be parsed."""
    UNMATCHED = "unmatched"
    """A dataset that it names is not in the catalog, or several could be meant."""
    DISAGREES = "disagrees"
    """It and the catalog's mappings say different things of the same columns."""
    NOT_RECORDED = "not-recorded"
    """It tells of data flowing where the catalog records no edge."""


@dataclass(frozen=True, slots=True, order=True)
class EvidenceFinding:
    """One thing seen while evidence was laid over a catalog.

    Attributes
    ----------
    kind : EvidenceKind
    subject : str
        What it is about: a dataset, an edge, a place in a file.
    reason : str
        Why, in words.
    """

    kind: EvidenceKind
    subject: str
    reason: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.subject}: {self.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one body of evidence tells of the entities of a catalog.

    Attributes
    ----------
    edges : tuple of Edge
        One for each pair of entities, with the mappings that are told of it.
    described : frozenset of (Reference, str)
        The columns of entities, by fully qualified name, whose every source is told.
    read_whole : frozenset of (Reference, Reference, str)
        What is upstream, what is downstream, and the SQL of the edge between them, where that
        tells of every influence.
    witnessed : bool
        Whether it was seen to happen, as an event is, so that values it tells of count even
        where the catalog lacks them. What was only concluded, from SQL, completes and no more.
    gaps : tuple of Gap
        Where it names something that the catalog lacks.
    findings : tuple of EvidenceFinding
        What could not be read or matched.
    """

    edges: tuple[Edge, ...] = ()
    described: frozenset[tuple[Reference, str]] = frozenset()
    read_whole: frozenset[tuple[Reference, Reference, str]] = frozenset()
    witnessed: bool = True
    gaps: tuple[Gap, ...] = ()
    findings: tuple[EvidenceFinding, ...] = ()
