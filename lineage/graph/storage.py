"""Columns: what a graph holds, a list for each fact, by the numbers of references and hops.

What an index is compiled from is kept as bare numbers, so that it is there without a look at
each value.
"""

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from lineage.model.edges import ColumnEdge, Edge, Hop, Origin, Strength
from lineage.model.entities import Column, Entity, Feature, FeatureSource
from lineage.model.reference import Kind, Reference

__all__ = ["Columns", "Pair", "Telling", "Value"]

Value = Entity | Column | Feature | FeatureSource
"""What a reference can stand for."""


Pair = tuple[int, int, ColumnEdge | None]
"""The numbers of the references a hop leaves and arrives at, and its mapping if it has one."""


class Telling(IntEnum):
    """What a hop tells, in a bit each; none where a mapping tells nothing but its ends."""

    BARE = 1
    """It has no mapping."""
    UNMAPPED = 2
    """It has none, and nor does its edge, of values."""
    DECLARED = 4
    """It has none, and its edge is a model's word."""
    INFLUENCE = 8
    """Its mapping only influences."""
    ON_ROWS = 16
    """Its mapping influences all rows of the entity it arrives at."""
    MORE = 32
    """Its mapping tells of a function or of masking."""
    NAMING = 64
    """It has none, but its edge names columns whose values it carries."""


def _numbers() -> "array[int]":
    return array("i")


@dataclass(slots=True)
class Columns:
    """References in the order they came, and the hops between them.

    Attributes
    ----------
    numbers : dict of Reference to int
        The number of each reference.
    references, values : list
        By number: the reference, and what it stands for.
    parents : array of int
        By number: the number of what it is a part of; -1 where that is nothing.
    parts : dict of int to list of int
        By number: the numbers of what is directly in it, in order.
    sources : dict of str to int
        The numbers of feature sources, by their names.
    models : array of int
        The numbers of models.
    tails, heads : array of int
        By the number of the hop: the numbers of the references it leaves and arrives at.
    edges, mappings : list
        By the number of the hop: the edge, and the mapping where there is one.
    told : bytearray
        By the number of the hop: what it tells, as `Telling` has it.
    """

    numbers: dict[Reference, int] = field(default_factory=dict)
    references: list[Reference] = field(default_factory=list)
    values: list[Value | None] = field(default_factory=list)
    parents: "array[int]" = field(default_factory=_numbers)
    parts: dict[int, list[int]] = field(default_factory=dict)
    sources: dict[str, int] = field(default_factory=dict)
    models: "array[int]" = field(default_factory=_numbers)
    tails: "array[int]" = field(default_factory=_numbers)
    heads: "array[int]" = field(default_factory=_numbers)
    edges: list[Edge] = field(default_factory=list)
    mappings: list[ColumnEdge | None] = field(default_factory=list)
    told: bytearray = field(default_factory=bytearray)

    def add_reference(
        self, reference: Reference, value: Value | None, parent: Reference | None
    ) -> int:
        """Add a reference that is not yet there, after what it is a part of; give its number."""
        number = self.numbers[reference] = len(self.references)
        self.references.append(reference)
        self.values.append(value)
        holder = -1 if parent is None else self.numbers.get(parent, -1)
        self.parents.append(holder)
        if holder >= 0:
            self.parts.setdefault(holder, []).append(number)
        if reference.kind == Kind.MLMODEL:
            self.models.append(number)
        elif reference.kind == Kind.FEATURE_SOURCE:
            self.sources[reference.fqn] = number
        return number

    def add_hops(self, edge: Edge, pairs: Iterable[Pair]) -> None:
        """Add hops of an edge, at least one."""
        tails, heads, mappings = zip(*pairs, strict=True)
        self.tails.extend(tails)
        self.heads.extend(heads)
        self.edges.extend([edge] * len(tails))
        self.mappings.extend(mappings)
        whole = self.numbers.get(edge.downstream, -1)
        self.told.extend(
            [
                0 if _is_plain(mapping) else _told(edge, mapping, is_on_whole=head == whole)
                for head, mapping in zip(heads, mappings, strict=True)
            ]
        )

    def remove_hop(self, number: int) -> None:
        """Take out a hop; the last takes its place."""
        columns: tuple[Any, ...] = (self.tails, self.heads, self.edges, self.mappings, self.told)
        for column in columns:
            column[number] = column[-1]
            column.pop()

    def value(self, reference: Reference) -> Value | None:
        """Give what a reference stands for."""
        return self.values[self.numbers[reference]]

    def parent(self, number: int) -> Reference | None:
        """Name what a reference is a part of."""
        parent = self.parents[number]
        return None if parent < 0 else self.references[parent]

    def holders(self) -> "array[int]":
        """Give the number of what holds each; a feature source lies in nothing, it names it."""
        holders = self.parents[:]
        for number in self.sources.values():
            holders[number] = -1
        return holders

    def hops(self) -> Iterator[Hop]:
        """Go through the hops by number."""
        return map(self.hop, range(len(self.edges)))

    def hop(self, number: int) -> Hop:
        """Give a hop."""
        return Hop(
            upstream=self.references[self.tails[number]],
            downstream=self.references[self.heads[number]],
            strength=self.strength(number),
            edge=self.edges[number],
            column_edge=self.mappings[number],
        )

    def strengths(self) -> list[Strength]:
        """Tell what `strength` does of every hop; most say it at first sight."""
        sources, seen = frozenset(self.sources.values()), Telling.BARE | Telling.INFLUENCE
        hops = enumerate(zip(self.tails, self.told, strict=True))
        return [
            self.strength(number) if told & seen or tail in sources else Strength.VALUE
            for number, (tail, told) in hops
        ]

    def strength(self, number: int) -> Strength:
        """Tell a hop that is known by its columns from one that is known by its tables alone."""
        edge, mapping = self.edges[number], self.mappings[number]
        if self.told[number] & Telling.INFLUENCE:
            return Strength.INFLUENCE
        if mapping is not None:
            is_known = self.references[self.tails[number]].kind != Kind.FEATURE_SOURCE
        else:
            is_known = any(column not in self.sources for column in _carried(edge))
        return Strength.VALUE if is_known else Strength.TABLE


def _is_plain(mapping: ColumnEdge | None) -> bool:
    """Tell whether there is a mapping that tells nothing but its ends; most are like that."""
    return (
        mapping is not None
        and mapping.function is None
        and mapping.influence is None
        and mapping.masking is None
    )


def _carried(edge: Edge) -> Iterator[str]:
    """Name the columns whose values an edge carries."""
    for mapping in edge.column_edges:
        if mapping.influence is None:
            yield from mapping.upstream


def _told(edge: Edge, mapping: ColumnEdge | None, *, is_on_whole: bool) -> int:
    """Tell what a hop of an edge tells, if it arrives at the whole of an entity or not."""
    told = 0
    if mapping is None:
        is_declared = edge.evidence.origin == Origin.DECLARED
        told |= Telling.BARE | (Telling.DECLARED if is_declared else 0)
        told |= Telling.NAMING if next(_carried(edge), None) is not None else 0
        return told if edge.value_mappings else told | Telling.UNMAPPED
    if mapping.influence is not None:
        told |= Telling.INFLUENCE | (Telling.ON_ROWS if is_on_whole else 0)
    if mapping.function is not None or mapping.masking is not None:
        told |= Telling.MORE
    return told
