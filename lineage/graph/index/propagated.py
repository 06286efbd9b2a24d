"""What propagation finds: every label that reaches a target, and one path for each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from lineage.graph.index.arcs import Longs, Strengths

__all__ = ["Part", "Propagated", "join_hops", "join_parts"]


@dataclass(frozen=True, slots=True)
class Propagated:
    """Every label that reaches a target, sorted by label, then by target.

    Attributes
    ----------
    labels, targets : array of int64
        The label, and the node it reaches.
    strengths : array of uint8
        How strong it arrives, at best.
    seeds : array of int64
        The node where the path begins.
    begin : array of int64
        The place of each path's first hop; one more at the end.
    tails, places : array of int64
        For each hop of each path the node it leaves, and its place among `Ways.hops`.
    """

    labels: Longs
    targets: Longs
    strengths: Strengths
    seeds: Longs
    begin: Longs
    tails: Longs
    places: Longs

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def hop_counts(self) -> Longs:
        """The number of hops of each path."""
        return np.diff(self.begin)

    def path(self, number: int) -> list[tuple[int, int]]:
        """Give tail and place of each hop of a path, in the direction of the data."""
        hops = slice(int(self.begin[number]), int(self.begin[number + 1]))
        return list(zip(self.tails[hops].tolist(), self.places[hops].tolist(), strict=True))


class Part(NamedTuple):
    """Some of what is found, as columns; `counts` tells how many hops each path has."""

    labels: Longs
    targets: Longs
    strengths: Strengths
    seeds: Longs
    counts: Longs
    tails: Longs
    places: Longs


def join_parts(parts: Sequence[Part]) -> Propagated:
    """Put together what was found part by part."""
    none = np.empty(0, dtype=np.int64)
    nothing = Part(none, none, none.astype(np.uint8), none, none, none, none)
    columns = map(np.concatenate, zip(*parts or (nothing,), strict=True))
    labels, targets, strengths, seeds, counts, tails, places = columns
    begin = np.append(0, counts.cumsum())
    return Propagated(labels, targets, strengths, seeds, begin, tails, places)


def join_hops(steps: list[tuple[Longs, Longs, Longs]], paths: int) -> tuple[Longs, Longs, Longs]:
    """Sort hops by the path they belong to; in each path they keep their order.

    Parameters
    ----------
    steps : list of (array, array, array)
        Which path each hop is of, the node it leaves, and its place.
    paths : int
        How many paths there are.

    Returns
    -------
    counts, tails, places : array of int64
        As `Part` has them.
    """
    nothing = np.empty(0, dtype=np.int64)
    columns = zip(*steps, strict=True) if steps else [[nothing]] * 3
    whose, tails, places = map(np.concatenate, columns)
    order = np.argsort(whose, kind="stable")
    return np.bincount(whose, minlength=paths), tails[order], places[order]
