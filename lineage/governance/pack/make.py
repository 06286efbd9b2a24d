"""Make the audit pack of a model: the questions it answers, asked one after the other."""

from collections import Counter
from collections.abc import Iterable

from lineage.governance.audit.audit import Assessment, Audit
from lineage.governance.audit.sensitivity import SENSITIVE_TAGS
from lineage.governance.bias.bias import Bias
from lineage.governance.pack.values import AuditPack, FeatureEntry, Reading, Root, Trust
from lineage.graph.lineage_graph import LineageGraph
from lineage.masking.rules import RULES, MaskingRule
from lineage.model.edges import Edge, Origin
from lineage.model.entities import Entity, Feature
from lineage.model.reference import Kind, Reference
from lineage.queries.coverage import coverage
from lineage.queries.traversal import upstream

__all__ = ["make_pack"]


def make_pack(
    graph: LineageGraph,
    answer: Audit,
    model: Reference,
    *,
    reading: Reading,
    looked_for: tuple[str, ...] = SENSITIVE_TAGS,
    bias: Bias | None = None,
) -> AuditPack:
    """Collect what an auditor asks of one model.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    answer : Audit
        What was found out about the model, and perhaps about others.
    model : Reference
        The model.
    reading : Reading
        What the graph was built from; the pack is worth what can be recognised.
    looked_for : tuple of str
        What the audit looked for, in words: patterns of tags, or an attribute.
    bias : Bias, optional
        What is known of the model and a protected attribute, if that was looked for.

    Returns
    -------
    AuditPack

    Raises
    ------
    UnknownEntity
        The graph has no such model, or has it only by name.
    KeyError
        The model was not audited.

    Examples
    --------
    >>> from lineage.governance.audit.audit import audit
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.entities import MlModel
    >>> from lineage.model.snapshot import Snapshot
    >>> churn = MlModel(reference=Reference("mlmodel", "mlf.churn"))
    >>> graph = build_graph(Snapshot(entities=(churn,)))
    >>> read = Reading(server="", server_version="", read_at="", digest="")
    >>> make_pack(graph, audit(graph), churn.reference, reading=read)
    <AuditPack: mlmodel:mlf.churn: unknown, 0 findings, 0 entities upstream; 1 gap: not complete>
    """
    value = graph.model(model)
    assessment = answer.assessment(model)
    closure = upstream(graph, model, grain="entity")
    edges = tuple(dict.fromkeys(hop.edge for hop in closure.hops))
    return AuditPack(
        model=value,
        reading=reading,
        assessment=assessment,
        looked_for=looked_for,
        sensitive=len(answer.sensitive),
        beside=tuple(assessment.behind),
        features=tuple(_entry(graph, item, answer) for item in value.features),
        roots=tuple(_root(graph, reference) for reference in sorted(closure.ends)),
        upstream=closure.references,
        deleted=tuple(item for item in closure.references if _is_deleted(graph, item)),
        edges=tuple(sorted(edges, key=lambda edge: (edge.upstream, edge.downstream))),
        coverage=coverage(graph, models=[model]).models[0],
        trust=_trust(edges),
        masks=_masks(assessment),
        bias=bias,
    )


def _masks(assessment: Assessment) -> tuple[MaskingRule, ...]:
    """List the rules that mask what arrives, in the order of the table."""
    named = {name for finding in assessment.findings for name in finding.masked_by}
    return tuple(rule for rule in RULES if rule.name in named)


def _entry(graph: LineageGraph, feature: Feature, answer: Audit) -> FeatureEntry:
    reference = Reference(Kind.FEATURE, feature.fqn)
    trace = upstream(graph, reference)
    near = {item.reference for item in trace.reached if item.depth == 1}
    # A table is named where nobody knows the column.
    known = {graph.entity_of(item) for item in near if item.is_part}
    direct = near - known
    return FeatureEntry(
        feature=feature,
        assessment=answer.assessment(reference),
        columns=tuple(sorted(direct)),
        roots=tuple(sorted({graph.entity_of(end) for end in trace.ends})),
    )


def _root(graph: LineageGraph, reference: Reference) -> Root:
    value = graph.value(reference)
    return Root(reference=reference, entity=value if isinstance(value, Entity) else None)


def _is_deleted(graph: LineageGraph, reference: Reference) -> bool:
    value = graph.value(reference)
    return isinstance(value, Entity) and value.deleted


def _trust(edges: Iterable[Edge]) -> Trust:
    known = list(edges)
    origins = Counter(_origin(edge) for edge in known)
    mapped = sum(bool(edge.column_edges) for edge in known)
    tellers = Counter(
        item.evidence_source for edge in known for item in edge.column_edges if item.evidence_source
    )
    changed = [at for edge in known if (at := edge.evidence.updated_at) is not None]
    return Trust(
        origins=tuple(sorted(origins.items(), key=lambda item: (-item[1], item[0]))),
        mapped=mapped,
        bare=len(known) - mapped,
        with_job=sum(edge.evidence.pipeline is not None for edge in known),
        with_sql=sum(bool(edge.evidence.sql) for edge in known),
        with_author=sum(bool(edge.evidence.updated_by) for edge in known),
        with_influences=sum(edge.evidence.influences_known for edge in known),
        evidence_source=tuple(sorted(tellers.items())),
        oldest=min(changed, default=None),
        newest=max(changed, default=None),
    )


def _origin(edge: Edge) -> str:
    if edge.evidence.origin == Origin.DECLARED:
        return "declared by the model"
    if edge.evidence.origin != Origin.RECORDED:
        return "not recorded by the server"
    return edge.evidence.recorded_as or "recorded without details"
