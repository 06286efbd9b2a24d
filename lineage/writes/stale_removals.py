"""What is stale, as removals that a plan can be made of."""

from collections.abc import Collection

from lineage.changes.stale import Stale
from lineage.model.reference import Reference
from lineage.writes.removal import Removal

__all__ = ["stale_removals"]


def stale_removals(stale: Stale, *, named: Collection[Reference] = ()) -> tuple[Removal, ...]:
    """Propose to remove what is stale.

    An edge that a person may have drawn is proposed only where one of its ends is named;
    one that others wrote is proposed, and the plan refuses it unless an end is named. What
    the search index alone has cannot be removed by anybody, and what it lacks is not to go.

    Parameters
    ----------
    stale : Stale
    named : collection of Reference
        Entities whose stale edges are to go, whoever wrote them.

    Returns
    -------
    tuple of Removal
        In the order of the answer.

    Examples
    --------
    >>> from lineage.changes.stale import StaleEdge, Staleness
    >>> from lineage.model.edges import Edge, Evidence
    >>> a, b = Reference("table", "a"), Reference("table", "b")
    >>> edge = Edge(upstream=a, downstream=b, evidence=Evidence(recorded_as="Manual"))
    >>> deleted = StaleEdge(edge=edge, staleness=Staleness.ENTITY_DELETED, reason="a is deleted")
    >>> stale = Stale(edges=(deleted,))
    >>> len(stale_removals(stale)), len(stale_removals(stale, named=[a]))
    (0, 1)
    """
    found = []
    for item in stale.edges:
        edge = item.edge
        is_named = edge.upstream in named or edge.downstream in named
        if item.staleness.is_of_index or (item.is_manual and not is_named):
            continue
        found.append(
            Removal(edge=edge, mappings=item.mappings, reason=item.reason, is_named=is_named)
        )
    return tuple(found)
