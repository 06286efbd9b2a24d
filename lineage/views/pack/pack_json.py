"""The audit pack as JSON: every fact of it, for other programs."""

from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any

from lineage.governance.audit.audit import Finding
from lineage.governance.pack.requirements import LIMITS, REQUIREMENTS, status_of
from lineage.governance.pack.statements import state_facts
from lineage.governance.pack.values import AuditPack, edge_id
from lineage.model.answer import Record
from lineage.model.edges import Edge, Hop, Strength
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap
from lineage.text_escapes import as_json

__all__ = ["FORMAT", "render_pack_json"]

FORMAT = "lineage-audit-pack"
_VERSION = 1


def render_pack_json(pack: AuditPack) -> str:
    """Write a pack as JSON; references as `kind:fqn`, edges by the names they have in it.

    Examples
    --------
    >>> from lineage.governance.audit.audit import audit
    >>> from lineage.governance.pack.make import make_pack
    >>> from lineage.governance.pack.values import Reading
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.entities import MlModel
    >>> from lineage.model.snapshot import Snapshot
    >>> churn = MlModel(reference=Reference("mlmodel", "mlf.churn"))
    >>> graph = build_graph(Snapshot(entities=(churn,)))
    >>> read = Reading(server="", server_version="", read_at="", digest="")
    >>> pack = make_pack(graph, audit(graph), churn.reference, reading=read)
    >>> import json
    >>> json.loads(render_pack_json(pack))["verdict"]
    'unknown'
    """
    facts = state_facts(pack)
    content = {
        "format": FORMAT,
        "version": _VERSION,
        "model": _plain(pack.model),
        "snapshot": _plain(pack.reading),
        "verdict": str(pack.assessment.verdict),
        "looked_for": list(pack.looked_for),
        "sensitive": pack.sensitive,
        "findings": [_finding(item) for item in pack.findings],
        "beside": _plain(pack.beside),
        "features": [
            {**record, "description": entry.feature.description}
            for record, entry in zip(pack.to_records(), pack.features, strict=True)
        ],
        "masks": {rule.name: rule.explanation for rule in pack.masks},
        "bias": None if pack.bias is None else pack.bias.to_records(),
        "roots": _plain(pack.roots),
        "upstream": _plain(pack.upstream),
        "deleted": _plain(pack.deleted),
        "coverage": _plain(pack.coverage),
        "trust": _plain(pack.trust),
        "facts": _plain(tuple(facts.values())),
        "requirements": [
            {**_plain(item), "status": str(status_of(item, facts))} for item in REQUIREMENTS
        ],
        "not_shown": _plain(pack.assessment.gaps),
        "not_knowable": list(LIMITS),
        "edges": {edge_id(edge): _plain(edge) for edge in pack.edges},
    }
    return as_json(content, indent=1) + "\n"


def _finding(finding: Finding) -> Record:
    return {
        "sensitive": str(finding.sensitive.reference),
        "tags": list(finding.sensitive.tags),
        "proxy": _plain(finding.sensitive.proxy),
        "verdict": str(finding.verdict),
        "strength": finding.strength.label,
        "masked_by": list(finding.masked_by),
        "deleted": _plain(finding.deleted),
        "path": [_hop(hop) for hop in finding.path.hops],
    }


def _hop(hop: Hop) -> Record:
    return {
        "upstream": str(hop.upstream),
        "downstream": str(hop.downstream),
        "strength": hop.strength.label,
        "function": hop.function,
        "influence": hop.influence,
        "evidence_source": None if hop.column_edge is None else hop.column_edge.evidence_source,
        "edge": edge_id(hop.edge),
    }


def _plain(value: object) -> Any:
    """Turn a value into what JSON has; every field under its own name."""
    if isinstance(value, Reference | Gap | date):
        return str(value)
    if isinstance(value, Strength):
        return value.label
    if isinstance(value, Edge):
        names = ("upstream", "downstream", "column_edges", "evidence")
        return {name: _plain(getattr(value, name)) for name in names}
    if is_dataclass(value):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value
