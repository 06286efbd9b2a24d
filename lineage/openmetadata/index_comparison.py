"""The search index beside the database: which edges only one of them holds.

The index is brought up to date after the database, and an update that fails is only tried
again: so it may show an edge that was deleted, or lack one that was added.
"""

from lineage.model.snapshot import Disagreement, GapKind
from lineage.openmetadata.snapshot_builder import Harvest

__all__ = ["compare"]


def compare(harvest: Harvest, indexed: Harvest, whole: set[str]) -> None:
    """Note where two harvests of the same entities disagree about edges.

    What the database holds stays. Where it did not tell the edges into an entity, which is
    a gap already, those that the index shows are kept.

    Parameters
    ----------
    harvest : Harvest
        What the database told. Disagreements, and edges it was silent about, are added.
    indexed : Harvest
        What the index told.
    whole : set of str
        Ids of the entities whose edges the index told whole.
    """
    known = {item.reference: item.id in whole for item in harvest.entities.values()}
    silent = {gap.subject for gap in harvest.gaps if gap.kind == GapKind.EDGES_NOT_READ}
    shown = {(edge.upstream, edge.downstream): edge for edge in indexed.edges}
    held = {(edge.upstream, edge.downstream) for edge in harvest.edges}
    for (upstream, downstream), edge in shown.items():
        if (upstream, downstream) in held or downstream not in known:
            continue
        if downstream in silent:
            harvest.edges.append(edge)
        else:
            harvest.disagreements.append(Disagreement(upstream, downstream, "index"))
    harvest.disagreements += [
        Disagreement(upstream, downstream, "database")
        for upstream, downstream in held - shown.keys()
        if known.get(downstream) and downstream not in silent
    ]
    denied = sum(1 for item in harvest.disagreements if item.only_in == "index")
    if denied:
        harvest.leave_out("edges in the search index that the database denies", denied)
