"""The values an audit pack is made of."""

import hashlib
import json
from dataclasses import dataclass

from lineage.governance.audit.audit import Assessment, Finding
from lineage.governance.audit.sensitivity import Sensitive
from lineage.governance.bias.bias import Bias
from lineage.masking.rules import MaskingRule
from lineage.model.answer import Answer, Record, counted
from lineage.model.edges import Edge
from lineage.model.entities import Entity, Feature, MlModel
from lineage.model.reference import Reference
from lineage.queries.coverage import ModelCoverage

__all__ = ["AuditPack", "FeatureEntry", "Reading", "Root", "Trust", "edge_id"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was read: where, when, and the digest by which anybody can recognise it.

    Attributes
    ----------
    server, server_version : str
        The catalog that was read.
    read_at : str
        When reading began, ISO 8601 in UTC.
    digest : str
        SHA-256 of the snapshot file, unpacked, in hexadecimal digits.
    """

    server: str
    server_version: str
    read_at: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureEntry:
    """One entry of the feature dictionary.

    Attributes
    ----------
    feature : Feature
        What the model says of it.
    assessment : Assessment
        What the audit says of it.
    columns : tuple of Reference
        The columns, or upstream features, it is directly computed from.
    roots : tuple of Reference
        The entities at the very beginning of its lineage.
    """

    feature: Feature
    assessment: Assessment
    columns: tuple[Reference, ...]
    roots: tuple[Reference, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """An entity with nothing upstream: where data comes from, as far as the catalog knows.

    Attributes
    ----------
    reference : Reference
    entity : Entity or None
        None where it was not read.
    """

    reference: Reference
    entity: Entity | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """How the lineage upstream of the model came to be known.

    Attributes
    ----------
    origins : tuple of (str, int)
        Edges by how they were recorded, the most frequent first.
    mapped, bare : int
        Edges with and without mappings of columns.
    with_job, with_sql, with_author : int
        Edges that name a job, that hold the SQL, that say who wrote them.
    with_influences : int
        Edges that report what is joined, filtered or grouped by, or that nothing is.
    evidence_source : tuple of (str, int)
        Mappings that evidence besides the catalog reports, by what that is; sorted.
    oldest, newest : int or None
        When the edges were last changed, in milliseconds since 1970.
    """

    origins: tuple[tuple[str, int], ...]
    mapped: int
    bare: int
    with_job: int
    with_sql: int
    with_author: int
    with_influences: int
    evidence_source: tuple[tuple[str, int], ...]
    oldest: int | None
    newest: int | None

    @property
    def edges(self) -> int:
        """How many edges there are upstream."""
        return self.mapped + self.bare


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AuditPack(Answer):
    """What is known of one model's data.

    Attributes
    ----------
    model : MlModel
    reading : Reading
    assessment : Assessment
        The verdict about the model, its findings, its gaps.
    looked_for : tuple of str
        What was looked for, in words.
    sensitive : int
        How many sensitive references the catalog has.
    beside : tuple of Sensitive
        Sensitive data in the tables upstream that does not reach the model.
    features : tuple of FeatureEntry
        In the order of the model.
    roots : tuple of Root
        Sorted by reference.
    upstream : tuple of Reference
        All entities upstream.
    deleted : tuple of Reference
        Those of them that are soft-deleted.
    edges : tuple of Edge
        All edges upstream, in canonical order.
    coverage : ModelCoverage
    trust : Trust
    masks : tuple of MaskingRule
        The rules by which anything that arrives is masked, each with its reason.
    bias : Bias or None
        What is known of a protected attribute, if that is what was looked for.
    """

    model: MlModel
    reading: Reading
    assessment: Assessment
    looked_for: tuple[str, ...]
    sensitive: int
    beside: tuple[Sensitive, ...]
    features: tuple[FeatureEntry, ...]
    roots: tuple[Root, ...]
    upstream: tuple[Reference, ...]
    deleted: tuple[Reference, ...]
    edges: tuple[Edge, ...]
    coverage: ModelCoverage
    trust: Trust
    masks: tuple[MaskingRule, ...] = ()
    bias: Bias | None = None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What reaches the model, strongest first."""
        return tuple(self.assessment.findings)

    def summary(self) -> str:
        """Say the verdict, and how much it rests on."""
        gaps = self.assessment.gaps
        whole = f"{counted(len(gaps), 'gap')}: not complete" if gaps else "complete"
        entities = counted(len(self.upstream), "entity", "entities")
        found = counted(len(self.findings), "finding")
        said = f"{self.model.reference}: {self.assessment.verdict}, {found}"
        return f"{said}, {entities} upstream; {whole}"

    def to_records(self) -> list[Record]:
        """Give one row for each feature."""
        return [
            {
                "feature": entry.feature.fqn,
                "data_type": entry.feature.data_type,
                "columns": [reference.fqn for reference in entry.columns],
                "roots": [reference.fqn for reference in entry.roots],
                "verdict": str(entry.assessment.verdict),
                "gaps": [str(gap) for gap in entry.assessment.gaps],
            }
            for entry in self.features
        ]


def edge_id(edge: Edge) -> str:
    """Name an edge by what it says: 12 hexadecimal digits of SHA-256.

    Two edges between the same pair have names of their own, and the same edge has the same
    name in every snapshot.

    Examples
    --------
    >>> edge_id(Edge(upstream=Reference("table", "a"), downstream=Reference("table", "b")))
    'edge-c25cda70a471'
    """
    evidence = edge.evidence
    facts = [str(getattr(evidence, name) or "") for name in evidence.__slots__]
    mappings = [
        [list(item.upstream), *(str(getattr(item, name)) for name in item.__slots__[1:])]
        for item in edge.column_edges
    ]
    content = json.dumps([str(edge.upstream), str(edge.downstream), facts, mappings])
    return f"edge-{hashlib.sha256(content.encode()).hexdigest()[:12]}"
