"""What may hide something from a walk: gaps on its way, and where it was cut."""

from typing import Literal

from lineage.graph.index.walk import Walk
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap, GapKind

__all__ = ["Grain", "gaps_hiding"]

Grain = Literal["entity", "part"]


def gaps_hiding(graph: LineageGraph, walk: Walk, grain: Grain) -> tuple[Gap, ...]:
    """Collect the gaps that may hide something from a walk."""
    if walk.direction == "downstream":
        found = list(graph.gaps)  # an edge that was not read may begin anywhere
    else:
        passed = walk.passed()
        found = [
            gap
            for gap in graph.gaps
            if gap.hides_upstream
            and (gap.subject not in graph or _stands_for(graph, gap.subject, grain) in passed)
        ]
    cut = [
        Gap(GapKind.DEPTH_LIMIT, reference, f"the walk stopped at depth {walk.depth}")
        for reference in walk.cut()
    ]
    return tuple(found + cut)


def _stands_for(graph: LineageGraph, subject: Reference | None, grain: Grain) -> Reference | None:
    """Find what a gap's subject is at a grain; at that of entities a part is its entity."""
    if subject is None or grain == "part" or not subject.is_part:
        return subject
    return graph.entity_of(subject)
