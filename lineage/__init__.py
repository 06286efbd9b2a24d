"""Trace, audit and write the lineage of ML models in OpenMetadata, as a NetworkX graph.

All but the plain values is imported when it is first named, so that importing the library
stays light.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from lineage.errors import LineageError
from lineage.model.edges import Strength
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Gap, Snapshot

if TYPE_CHECKING:
    from lineage.catalog.wsgi import Catalog
    from lineage.changes.copy_edges import copy_edges
    from lineage.changes.desired import resolve_declaration
    from lineage.changes.graph_diff import diff_hops
    from lineage.changes.snapshot_diff import diff
    from lineage.changes.stale import find_stale
    from lineage.files.document_file import read_document, read_ready_policy
    from lineage.files.lineage_file import read_lineage_file
    from lineage.files.register_file import read_register
    from lineage.files.snapshot_file import read_snapshot, write_snapshot
    from lineage.governance.audit.audit import Verdict, audit
    from lineage.governance.audit.protected_attributes import audit_attribute, find_protected
    from lineage.governance.bias.bias import bias
    from lineage.governance.policy.check import check
    from lineage.governance.policy.reading import make_policy
    from lineage.graph.build import build_graph
    from lineage.graph.lineage_graph import LineageGraph
    from lineage.model.proposed_change import Action, ProposedChange
    from lineage.openmetadata.client import Client
    from lineage.openmetadata.reader import read
    from lineage.queries.coverage import coverage
    from lineage.queries.impact.impact import impact
    from lineage.queries.impact.verdicts import ImpactVerdict
    from lineage.queries.lookup import find, find_model
    from lineage.queries.paths import paths
    from lineage.queries.selection.parse import parse_selection
    from lineage.queries.selection.resolve import resolve, select
    from lineage.queries.traversal import downstream, roots, sinks, upstream
    from lineage.views.exports.export import export, write_export
    from lineage.views.lineage_diagram import draw
    from lineage.views.picture.figure import write_figure
    from lineage.writes.apply import apply_plan
    from lineage.writes.desired_plan import plan_desired
    from lineage.writes.plan import make_plan

__all__ = [
    "Action",
    "Catalog",
    "Client",
    "Gap",
    "ImpactVerdict",
    "Kind",
    "LineageError",
    "LineageGraph",
    "ProposedChange",
    "Reference",
    "Snapshot",
    "Strength",
    "Verdict",
    "__version__",
    "apply_plan",
    "audit",
    "audit_attribute",
    "bias",
    "build_graph",
    "check",
    "copy_edges",
    "coverage",
    "diff",
    "diff_hops",
    "downstream",
    "draw",
    "export",
    "find",
    "find_model",
    "find_protected",
    "find_stale",
    "impact",
    "make_plan",
    "make_policy",
    "parse_selection",
    "paths",
    "plan_desired",
    "read",
    "read_document",
    "read_lineage_file",
    "read_ready_policy",
    "read_register",
    "read_snapshot",
    "resolve",
    "resolve_declaration",
    "roots",
    "select",
    "sinks",
    "upstream",
    "write_export",
    "write_figure",
    "write_snapshot",
]

_WHEN_NAMED = {
    "Action": "lineage.model.proposed_change",
    "Catalog": "lineage.catalog.wsgi",
    "Client": "lineage.openmetadata.client",
    "ImpactVerdict": "lineage.queries.impact.verdicts",
    "LineageGraph": "lineage.graph.lineage_graph",
    "ProposedChange": "lineage.model.proposed_change",
    "Verdict": "lineage.governance.audit.audit",
    "apply_plan": "lineage.writes.apply",
    "audit": "lineage.governance.audit.audit",
    "audit_attribute": "lineage.governance.audit.protected_attributes",
    "bias": "lineage.governance.bias.bias",
    "build_graph": "lineage.graph.build",
    "check": "lineage.governance.policy.check",
    "copy_edges": "lineage.changes.copy_edges",
    "coverage": "lineage.queries.coverage",
    "diff": "lineage.changes.snapshot_diff",
    "diff_hops": "lineage.changes.graph_diff",
    "downstream": "lineage.queries.traversal",
    "draw": "lineage.views.lineage_diagram",
    "export": "lineage.views.exports.export",
    "find": "lineage.queries.lookup",
    "find_model": "lineage.queries.lookup",
    "find_protected": "lineage.governance.audit.protected_attributes",
    "find_stale": "lineage.changes.stale",
    "impact": "lineage.queries.impact.impact",
    "make_plan": "lineage.writes.plan",
    "make_policy": "lineage.governance.policy.reading",
    "parse_selection": "lineage.queries.selection.parse",
    "paths": "lineage.queries.paths",
    "plan_desired": "lineage.writes.desired_plan",
    "read": "lineage.openmetadata.reader",
    "read_document": "lineage.files.document_file",
    "read_ready_policy": "lineage.files.document_file",
    "read_register": "lineage.files.register_file",
    "read_lineage_file": "lineage.files.lineage_file",
    "read_snapshot": "lineage.files.snapshot_file",
    "resolve": "lineage.queries.selection.resolve",
    "resolve_declaration": "lineage.changes.desired",
    "roots": "lineage.queries.traversal",
    "select": "lineage.queries.selection.resolve",
    "sinks": "lineage.queries.traversal",
    "upstream": "lineage.queries.traversal",
    "write_export": "lineage.views.exports.export",
    "write_figure": "lineage.views.picture.figure",
    "write_snapshot": "lineage.files.snapshot_file",
}


def __getattr__(name: str) -> Any:
    """Import what is heavy when it is first named (PEP 562)."""
    if name == "__version__":
        from importlib.metadata import version

        return version("mlmodel-lineage")
    if name not in _WHEN_NAMED:
        message = f"module 'lineage' has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(_WHEN_NAMED[name]), name)


def __dir__() -> list[str]:
    return __all__
