"""Stale edges as text: each edge with what is stale about it, and who wrote it when."""

from itertools import groupby

from lineage.changes.edge_facts import mapping_text
from lineage.changes.stale import Stale, StaleEdge
from lineage.views.terminal import moment, printable

__all__ = ["render_stale"]


def render_stale(stale: Stale) -> str:
    """Write out the stale edges of a catalog, with the reasons and the mappings that are gone.

    Examples
    --------
    >>> from lineage.model.edges import Edge
    >>> from lineage.changes.stale import Staleness
    >>> from lineage.model.reference import Reference
    >>> edge = Edge(upstream=Reference("table", "a"), downstream=Reference("table", "b"))
    >>> reason = "table:a is soft-deleted"
    >>> deleted = StaleEdge(edge=edge, staleness=Staleness.ENTITY_DELETED, reason=reason)
    >>> print(render_stale(Stale(edges=(deleted,))))
    1 stale edge: 1 entity-deleted; 1 manual, to be removed only by name
    <BLANKLINE>
    table:a → table:b
      entity-deleted: table:a is soft-deleted
    """
    lines = [stale.summary()]
    for edge, items in groupby(stale.edges, key=lambda item: item.edge):
        evidence = edge.evidence
        facts = (
            evidence.recorded_as,
            evidence.updated_by or evidence.created_by,
            moment(evidence.updated_at or evidence.created_at),
        )
        said = ", ".join(fact for fact in facts if fact)
        lines += ["", f"{edge.upstream} → {edge.downstream}{f'  ({said})' if said else ''}"]
        for item in items:
            lines += [f"  {item.staleness}: {item.reason}", *_mappings(item)]
    lines += ["", *(f"? {gap}" for gap in stale.gaps)] if stale.gaps else []
    return "\n".join(printable(line) for line in lines)


def _mappings(item: StaleEdge) -> list[str]:
    return [
        *(f"    - {mapping_text(mapping)}" for mapping in item.mappings or ()),
        *(f"    ? {replacement}" for replacement in item.likely),
    ]
