"""The proof of an audit: what was read, what was looked for, and what a "no" rests on.

Somebody who was not there has to be able to judge it, so it says when and where the metadata was
read, which tags were looked for and found, what is upstream of each model, what of that is
sensitive and stays behind, and which edges do not say whether it joins or filters.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from lineage.governance.audit.audit_answer import Audit
from lineage.governance.audit.sensitivity import SENSITIVE_TAGS, Sensitive
from lineage.governance.audit.verdicts import Assessment, Finding
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.answer import Answer, Record, counted
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap
from lineage.queries.traversal import upstream

__all__ = ["AuditProof", "ModelProof", "prove"]


@dataclass(frozen=True, slots=True)
class ModelProof:
    """What the verdict about one model rests on.

    Attributes
    ----------
    assessment : Assessment
        The verdict, the findings, the gaps, what stays behind and which edges are silent.
    upstream : tuple of Reference
        Every entity upstream of it; sorted.
    edges : int
        How many edges there are between them, and into the model.
    """

    assessment: Assessment
    upstream: tuple[Reference, ...]
    edges: int


@dataclass(frozen=True, slots=True, repr=False)
class AuditProof(Answer):
    """What the verdicts of an audit rest on.

    Attributes
    ----------
    server, server_version, read_at : str
        Where and when the metadata was read.
    looked_for : tuple of str
        Patterns of tags, or the name of an attribute.
    found : tuple of (str, int)
        The tags that were found so, and on how many columns, features and entities; sorted.
    entities, edges : int
        How many were read.
    models : tuple of ModelProof
        Sorted by model.
    gaps : tuple of Gap
        All that was not read or not understood anywhere in the catalog.
    """

    server: str
    server_version: str
    read_at: str
    looked_for: tuple[str, ...]
    found: tuple[tuple[str, int], ...]
    entities: int
    edges: int
    models: tuple[ModelProof, ...]
    gaps: tuple[Gap, ...]

    def summary(self) -> str:
        """Say how many verdicts are proved, and on what."""
        read = f"{counted(self.entities, 'entity', 'entities')}, {counted(self.edges, 'edge')}"
        return f"{counted(len(self.models), 'model')}; {read}, {counted(len(self.gaps), 'gap')}"

    def to_records(self) -> list[Record]:
        """Give one row for each model."""
        return [self._record(item) for item in self.models]

    def _record(self, item: ModelProof) -> Record:
        judged = item.assessment
        return {
            "server": self.server,
            "server_version": self.server_version,
            "read_at": self.read_at,
            "looked_for": list(self.looked_for),
            "found": [{"tag": tag, "on": number} for tag, number in self.found],
            "model": judged.model.fqn,
            "verdict": str(judged.verdict),
            "upstream": [str(entity) for entity in item.upstream],
            "edges": item.edges,
            "reaching": [_reaching(finding) for finding in judged.findings],
            "behind": [one.reference.fqn for one in judged.behind],
            "silent": [str(gap) for gap in judged.silent],
            "gaps": [str(gap) for gap in judged.gaps],
        }


def prove(
    graph: LineageGraph, audit: Audit, *, looked_for: Sequence[str] = SENSITIVE_TAGS
) -> AuditProof:
    """Collect what the verdicts of an audit rest on.

    Parameters
    ----------
    graph : LineageGraph
        The graph that was audited; it is not changed.
    audit : Audit
    looked_for : sequence of str
        The patterns of tags that it was asked for.

    Returns
    -------
    AuditProof

    Examples
    --------
    >>> from lineage.governance.audit.audit import audit
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.entities import MlModel
    >>> from lineage.model.snapshot import Snapshot
    >>> churn = MlModel(reference=Reference("mlmodel", "mlf.churn"))
    >>> graph = build_graph(Snapshot(entities=(churn,)))
    >>> prove(graph, audit(graph))
    <AuditProof: 1 model; 1 entity, 0 edges, 1 gap>
    """
    return AuditProof(
        server=graph.server,
        server_version=graph.server_version,
        read_at=graph.read_at,
        looked_for=tuple(looked_for),
        found=_found(audit.sensitive),
        entities=sum(not item.is_part and graph.value(item) is not None for item in graph),
        edges=graph.storage.mappings.count(None),
        models=tuple(_of_model(graph, item) for item in audit.models),
        gaps=graph.gaps,
    )


def _of_model(graph: LineageGraph, item: Assessment) -> ModelProof:
    closure = upstream(graph, item.model, grain="entity")
    return ModelProof(item, tuple(sorted(closure.references)), len(closure.hops))


def _found(sensitive: Sequence[Sensitive]) -> tuple[tuple[str, int], ...]:
    counts: dict[str, int] = {}
    for item in sensitive:
        for tag in item.tags:
            counts[tag] = counts.get(tag, 0) + 1
    return tuple(sorted(counts.items()))


def _reaching(finding: Finding) -> Record:
    return {"sensitive": finding.sensitive.reference.fqn, "verdict": str(finding.verdict)}
