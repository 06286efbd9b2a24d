"""Extents: what is in a selection, what may be, and what was not read."""

from collections.abc import Iterable
from functools import reduce
from typing import NamedTuple

from lineage.model.reference import Reference
from lineage.model.snapshot import Gap

__all__ = ["Extent", "all_of", "any_of"]


class Extent(NamedTuple):
    """How far a selection goes.

    Attributes
    ----------
    references : frozenset of Reference
        What is in it.
    doubtful : frozenset of Reference
        What may be in it: it is known by name alone.
    cuts : frozenset of Gap
        What was not read, so that there may be more.
    """

    references: frozenset[Reference]
    doubtful: frozenset[Reference] = frozenset()
    cuts: frozenset[Gap] = frozenset()

    @property
    def possible(self) -> frozenset[Reference]:
        """What is in it and what may be."""
        return self.references | self.doubtful


def all_of(extents: Iterable[Extent]) -> Extent:
    """Keep what is in each; what may be in each may be in all."""
    return reduce(_both, extents)


def any_of(extents: Iterable[Extent]) -> Extent:
    """Join what is in any; what is surely in one is in no doubt."""
    return reduce(_either, extents)


def _both(left: Extent, right: Extent) -> Extent:
    found = left.references & right.references
    doubtful = (left.possible & right.possible) - found
    return Extent(found, doubtful, left.cuts | right.cuts)


def _either(left: Extent, right: Extent) -> Extent:
    found = left.references | right.references
    return Extent(found, (left.doubtful | right.doubtful) - found, left.cuts | right.cuts)
