"""Trace, audit and write the lineage of ML models in OpenMetadata, as a NetworkX graph.

What reads (`Client`, `read`, `read_snapshot`), writes (`apply_plan`, `write_snapshot`) and
draws (`draw`, `write_figure`) is imported when it is first named, so that importing the
library stays light.
"""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from lineage.changes.copied import copy_edges
from lineage.changes.desired import resolve_declaration
from lineage.changes.stale import find_stale
from lineage.errors import LineageError
from lineage.governance.audit import Verdict, audit
from lineage.graph.build import build_graph
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.edges import Strength
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Gap, Snapshot
from lineage.queries.coverage import coverage
from lineage.queries.names import find, find_model
from lineage.queries.paths import paths
from lineage.queries.traversal import downstream, roots, sinks, upstream
from lineage.writes.desired_plan import plan_desired
from lineage.writes.plan import make_plan

if TYPE_CHECKING:
    from lineage.catalog.application import Catalog
    from lineage.openmetadata.client import Client
    from lineage.openmetadata.reader import read
    from lineage.sources.lineage_file import read_lineage_file
    from lineage.sources.snapshot_file import read_snapshot, write_snapshot
    from lineage.views.drawing import draw
    from lineage.views.picture.figure import write_figure
    from lineage.writes.apply import apply_plan

__all__ = [
    "Catalog",
    "Client",
    "Gap",
    "Kind",
    "LineageError",
    "LineageGraph",
    "Reference",
    "Snapshot",
    "Strength",
    "Verdict",
    "__version__",
    "apply_plan",
    "audit",
    "build_graph",
    "copy_edges",
    "coverage",
    "downstream",
    "draw",
    "find",
    "find_model",
    "find_stale",
    "make_plan",
    "paths",
    "plan_desired",
    "read",
    "read_lineage_file",
    "read_snapshot",
    "resolve_declaration",
    "roots",
    "sinks",
    "upstream",
    "write_figure",
    "write_snapshot",
]

_WHEN_NAMED = {
    "Catalog": "lineage.catalog.application",
    "Client": "lineage.openmetadata.client",
    "apply_plan": "lineage.writes.apply",
    "draw": "lineage.views.drawing",
    "read": "lineage.openmetadata.reader",
    "read_lineage_file": "lineage.sources.lineage_file",
    "read_snapshot": "lineage.sources.snapshot_file",
    "write_figure": "lineage.views.picture.figure",
    "write_snapshot": "lineage.sources.snapshot_file",
}


def __getattr__(name: str) -> Any:
    """Import what is heavy when it is first named (PEP 562)."""
    if name == "__version__":
        return version("mlmodel-lineage")
    if name not in _WHEN_NAMED:
        message = f"module 'lineage' has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(_WHEN_NAMED[name]), name)


def __dir__() -> list[str]:
    return __all__
