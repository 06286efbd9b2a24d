"""Propagate labels to targets: how strong each arrives, and by which shortest strongest path.

The whole problem as arrays: arcs, seeds with label numbers, targets; and for each label that
reaches a target the strength, the seed, and the hops. Nothing here walks once per target.
"""

from collections.abc import Iterator

import numpy as np

from lineage.graph.index.arcs import Flags, Longs
from lineage.graph.index.carry import Arrivals, Seeds, carry_in_parts
from lineage.graph.index.propagated import Part, Propagated, join_parts
from lineage.graph.index.ways import Ways

__all__ = ["propagate", "reached_labels"]


def propagate(ways: Ways, seeds: Seeds, targets: Longs) -> Propagated:
    """Carry labels to targets, with one shortest strongest path for each.

    Parameters
    ----------
    ways : Ways
        The arcs with the direction of the data.
    seeds : Seeds
        Where each label starts.
    targets : array of int64
        The nodes that matter.

    Returns
    -------
    Propagated
    """
    return join_parts([_paths(*part) for part in _parts(ways, seeds, targets)])


def reached_labels(ways: Ways, seeds: Seeds, targets: Longs) -> Iterator[tuple[Longs, Longs]]:
    """Carry labels to targets, and give pairs of label and target alone, part by part."""
    for begin, arrivals, at in _parts(ways, seeds, targets):
        yield arrivals.labels[at] + begin, arrivals.nodes[at]


def _parts(ways: Ways, seeds: Seeds, targets: Longs) -> Iterator[tuple[int, Arrivals, Longs]]:
    """Carry part by part; tell with each the arrivals that matter, by label and target."""
    wanted: Flags = np.zeros(ways.hops.nodes, dtype=np.bool_)
    wanted[targets] = True
    for begin, arrivals in carry_in_parts(ways, seeds):
        at = arrivals.last[wanted[arrivals.nodes[arrivals.last]]]
        yield begin, arrivals, at[np.lexsort((arrivals.nodes[at], arrivals.labels[at]))]


def _paths(begin: int, arrivals: Arrivals, at: Longs) -> Part:
    whose, hops = arrivals.walk_back(at)
    return Part(
        labels=arrivals.labels[at] + begin,
        targets=arrivals.nodes[at],
        strengths=arrivals.strengths[at],
        seeds=arrivals.nodes[arrivals.seeds(at)],
        counts=np.bincount(whose, minlength=len(at)),
        tails=arrivals.nodes[arrivals.origins[hops]],
        places=arrivals.places[hops],
    )
