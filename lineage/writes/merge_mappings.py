"""Merging mappings: which functions each pair of columns will be mapped by.

A pair may be mapped several times, by several jobs, and several columns by one mapping. What
is recorded stays as it is, but for two cases: a mapping without a function, alone with its
pairs, takes the function that is wanted of them; and a mapping that may be replaced is.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from lineage.changes.drift import missing_functions
from lineage.changes.edge_facts import Pair, functions
from lineage.model.edges import ColumnEdge, Edge

__all__ = ["MappingClash", "MergedMappings", "merge_mappings"]


@dataclass(frozen=True, slots=True)
class MappingClash:
    """A mapping that is wanted, and those of its columns that are recorded and stay instead."""

    wanted: ColumnEdge
    recorded: tuple[ColumnEdge, ...]


@dataclass(frozen=True, slots=True)
class MergedMappings:
    """The mappings that an edge will have, and where the wish and the record clash."""

    mappings: tuple[ColumnEdge, ...]
    clashes: tuple[MappingClash, ...]


def merge_mappings(
    wanted: Edge, recorded: Edge, *, may_replace: Callable[[Pair], bool]
) -> MergedMappings:
    """Merge the mappings that are wanted of an edge with those that are recorded.

    Parameters
    ----------
    wanted, recorded : Edge
    may_replace : callable
        Whether the functions that are recorded of a pair may give way to those wanted.

    Returns
    -------
    MergedMappings
        The recorded mappings in their order, then the new ones, by what they lead to.

    Examples
    --------
    >>> from lineage.model.reference import Reference
    >>> a, b = Reference("table", "a"), Reference("table", "b")
    >>> joint = ColumnEdge(upstream=("a.x", "a.y"), downstream="b.z")
    >>> rounded = ColumnEdge(upstream=("a.x",), downstream="b.z", function="round")
    >>> wanted, recorded = (
    ...     Edge(upstream=a, downstream=b, column_edges=(one,)) for one in (rounded, joint)
    ... )
    >>> merged = merge_mappings(wanted, recorded, may_replace=lambda pair: False)
    >>> len(merged.mappings), len(merged.clashes)
    (1, 1)
    >>> merged = merge_mappings(wanted, recorded, may_replace=lambda pair: True)
    >>> [(mapping.upstream, mapping.function) for mapping in merged.mappings]
    [(('a.y',), None), (('a.x',), 'round')]
    """
    merging = _Merging(wanted, recorded, may_replace)
    return MergedMappings(tuple(merging.mappings()), tuple(merging.clashes()))


class _Merging:
    """The pairs of which functions are missing, and what becomes of each."""

    def __init__(self, wanted: Edge, recorded: Edge, may_replace: Callable[[Pair], bool]) -> None:
        self.wanted, self.recorded = wanted, recorded
        self.missing = missing_functions(wanted, recorded)
        self.stated, self.there = functions(wanted), functions(recorded)
        self.on: dict[Pair, list[ColumnEdge]] = {}
        for mapping in recorded.column_edges:
            for pair in mapping.pairs:
                self.on.setdefault(pair, []).append(mapping)
        opposed = [pair for pair in self.missing if self._is_opposed(pair)]
        self.filled = {pair for pair in opposed if self._is_empty(pair)}
        others = [pair for pair in opposed if pair not in self.filled]
        self.replaced = {pair for pair in others if all(map(may_replace, self._touched(pair)))}
        self.clashing = set(others) - self.replaced

    def mappings(self) -> Iterator[ColumnEdge]:
        """Give the recorded mappings as they will be, then what is lacking of the wanted ones."""
        there: set[tuple[Pair, str]] = set()
        for mapping in self.recorded.column_edges:
            kept = self._kept(mapping)
            if kept != mapping:  # two that are replaced by one would be there twice
                kept = _without(kept, there)
            there.update(_named(kept))
            if kept == mapping or kept.upstream:
                yield kept
        wanted = sorted(self.wanted.value_mappings, key=_order)
        lacking = (_without(self._writable(mapping), there) for mapping in wanted)
        yield from dict.fromkeys(mapping for mapping in lacking if mapping.upstream)

    def clashes(self) -> Iterator[MappingClash]:
        """Give each wanted mapping that cannot be written, with what stays in its place."""
        for mapping in self.wanted.value_mappings:
            name = mapping.function or ""
            pairs = [pair for pair in mapping.pairs & self.clashing if name in self.missing[pair]]
            stays = [one for one in self.recorded.column_edges if not one.pairs.isdisjoint(pairs)]
            if stays:
                yield MappingClash(mapping, tuple(stays))

    def _is_opposed(self, pair: Pair) -> bool:
        """Whether a pair is recorded, and by none of the functions that are wanted of it."""
        return pair in self.there and self.there[pair].isdisjoint(self.stated[pair])

    def _is_empty(self, pair: Pair) -> bool:
        """Whether the only mapping of a pair has no function, and all its columns want the same.

        A mapping without a function beside another of the same pair says something: the value
        arrives as it is, too.
        """
        only = self.on[pair][0]
        return all(
            self.on[one] == [only]
            and self.there[one] == {""}
            and self.stated.get(one) == self.stated[pair]
            for one in only.pairs
        )

    def _touched(self, pair: Pair) -> set[Pair]:
        """Collect the pairs of all mappings that would change were this one replaced."""
        return {one for mapping in self.on[pair] for one in mapping.pairs}

    def _kept(self, mapping: ColumnEdge) -> ColumnEdge:
        """Give what becomes of a recorded mapping: another function, or fewer columns."""
        going = mapping.pairs & (self.filled | self.replaced)
        wishes = {self.stated[pair] for pair in going}
        if not going:
            return mapping
        if going == mapping.pairs and len(wishes) == 1:
            return replace(mapping, function=min(wishes.pop() - {""}))
        left = (one for one in mapping.upstream if (one, mapping.downstream) not in going)
        return replace(mapping, upstream=tuple(left))

    def _writable(self, mapping: ColumnEdge) -> ColumnEdge:
        """Reduce a wanted mapping to the columns that lack it and may have it."""
        name = mapping.function or ""
        columns = (
            column
            for column in dict.fromkeys(mapping.upstream)
            for pair in ((column, mapping.downstream),)
            if pair not in self.clashing and name in self.missing.get(pair, ())
        )
        return replace(mapping, upstream=tuple(columns))


def _order(mapping: ColumnEdge) -> tuple[object, ...]:
    """Sort by what is fed, joint mappings before those of some of their columns."""
    size = -len(mapping.upstream)
    return mapping.downstream, size, mapping.upstream, mapping.function or ""


def _named(mapping: ColumnEdge) -> set[tuple[Pair, str]]:
    return {(pair, mapping.function or "") for pair in mapping.pairs}


def _without(mapping: ColumnEdge, given: set[tuple[Pair, str]]) -> ColumnEdge:
    """Take away the columns that another mapping maps by the same function already."""
    name = mapping.function or ""
    columns = (
        column for column in mapping.upstream if ((column, mapping.downstream), name) not in given
    )
    return replace(mapping, upstream=tuple(columns))
