"""Columns: what a graph holds, a list for each fact, by the numbers of references and hops."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field

from lineage.model.edges import ColumnEdge, Edge, Hop, Strength
from lineage.model.entities import Column, Entity, Feature, FeatureSource
from lineage.model.reference import Kind, Reference

__all__ = ["Columns", "Value"]

Value = Entity | Column | Feature | FeatureSource
"""What a reference can stand for."""


def _numbers() -> "array[int]":
    return array("i")


@dataclass(slots=True)
class Columns:
    """References in the order they came, and the hops between them.

    Attributes
    ----------
    numbers : dict of Reference to int
        The number of each reference.
    references, values, parents : list
        By number: the reference, what it stands for, and what it is a part of.
    tails, heads, edges, mappings : list
        By the number of the hop: the numbers of the references it leaves and arrives at, the
        edge, and the mapping where there is one.
    """

    numbers: dict[Reference, int] = field(default_factory=dict)
    references: list[Reference] = field(default_factory=list)
    values: list[Value | None] = field(default_factory=list)
    parents: list[Reference | None] = field(default_factory=list)
    tails: "array[int]" = field(default_factory=_numbers)
    heads: "array[int]" = field(default_factory=_numbers)
    edges: list[Edge] = field(default_factory=list)
    mappings: list[ColumnEdge | None] = field(default_factory=list)

    def add_reference(
        self, reference: Reference, value: Value | None, parent: Reference | None
    ) -> None:
        """Add a reference that is not yet there."""
        self.numbers[reference] = len(self.references)
        self.references.append(reference)
        self.values.append(value)
        self.parents.append(parent)

    def add_hop(self, tail: int, head: int, edge: Edge, mapping: ColumnEdge | None) -> int:
        """Add a hop; give its number."""
        self.tails.append(tail)
        self.heads.append(head)
        self.edges.append(edge)
        self.mappings.append(mapping)
        return len(self.edges) - 1

    def remove_hop(self, number: int) -> None:
        """Take out a hop; the last takes its place."""
        for ends in (self.tails, self.heads):
            ends[number] = ends[-1]
            ends.pop()
        self.edges[number] = self.edges[-1]
        self.edges.pop()
        self.mappings[number] = self.mappings[-1]
        self.mappings.pop()

    def parent_numbers(self) -> list[int]:
        """Give the number of what each reference is a part of; -1 where that is nothing."""
        numbers = self.numbers
        return [-1 if one is None else numbers.get(one, -1) for one in self.parents]

    def holders(self) -> list[int]:
        """Give the number of what holds each; a feature source lies in nothing, it names it."""
        return [
            -1 if reference.kind == Kind.FEATURE_SOURCE else parent
            for reference, parent in zip(self.references, self.parent_numbers(), strict=True)
        ]

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

    def strength(self, number: int) -> Strength:
        """Tell a hop that is known by its columns from one that is known by its tables alone."""
        edge, mapping = self.edges[number], self.mappings[number]
        if mapping is not None and mapping.influence is not None:
            return Strength.INFLUENCE
        if mapping is not None:
            is_known = self.references[self.tails[number]].kind != Kind.FEATURE_SOURCE
        else:
            columns = (column for item in edge.value_mappings for column in item.upstream)
            is_known = any(
                Reference(Kind.FEATURE_SOURCE, one) not in self.numbers for one in columns
            )
        return Strength.VALUE if is_known else Strength.TABLE
