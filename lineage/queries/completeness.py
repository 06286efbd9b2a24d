"""What may hide something from a walk: gaps that it passes, and where it was cut off."""

from typing import Literal

from lineage.graph.index.index import Index
from lineage.graph.index.walk import Walk
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap, GapKind

__all__ = ["Grain", "gap_origins", "gaps_hiding"]

Grain = Literal["entity", "part"]


def gaps_hiding(graph: LineageGraph, walk: Walk, grain: Grain) -> tuple[Gap, ...]:
    """Collect the gaps that may hide something from a walk, in the order of the graph."""
    if walk.direction == "downstream":
        # An edge that was not read may begin anywhere.
        found = [gap for gap in graph.gaps if gap.hides_downstream]
    else:
        found = [
            gap for gap in graph.gaps if gap.hides_upstream and _is_passed(graph, walk, gap, grain)
        ]
    cut = [
        Gap(GapKind.DEPTH_LIMIT, reference, f"the walk stopped at depth {walk.depth}")
        for reference in walk.cut()
    ]
    return tuple(found + cut)


def gap_origins(index: Index, gap: Gap) -> list[int]:
    """List the nodes at which something may be missing: what leads there is not all known."""
    assert gap.subject is not None  # noqa: S101  # those without a subject hide everywhere
    if gap.unmapped_only:
        return index.unmapped_entries(gap.subject)
    return [index.entry(gap.subject)]


def _is_passed(graph: LineageGraph, walk: Walk, gap: Gap, grain: Grain) -> bool:
    """Whether a walk upstream passed where something may be missing."""
    subject: Reference | None = gap.subject
    if subject is None or subject not in graph:
        return True
    if grain == "entity":
        return bool(walk.passed[walk.index.entry(graph.entity_of(subject))])
    if gap.unmapped_only:
        return bool(walk.passed[walk.index.unmapped_entries(subject)].any())
    return bool(walk.passed[walk.index.entry(subject)])
