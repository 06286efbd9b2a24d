"""Storage: what a graph holds, a list for each fact, by the numbers of references and hops.

What an index is compiled from is kept as bare numbers, so that it is there without a look at
each value.
"""

from array import array
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntFlag

import numpy as np
from numpy.typing import NDArray

from lineage.model.edges import ColumnEdge, Edge, Origin, Strength
from lineage.model.entities import Column, Entity, Feature, FeatureSource
from lineage.model.reference import GROUP_KINDS, PART_KINDS, Kind, Reference

__all__ = ["HopFlag", "Pair", "Storage", "Value"]

Value = Entity | Column | Feature | FeatureSource
"""What a reference can stand for."""


Flags = NDArray[np.bool_]

Pair = tuple[int, int, ColumnEdge | None]
"""The numbers of the references a hop leaves and arrives at, and its mapping if it has one."""


class HopFlag(IntFlag):
    """What is known of a hop; nothing of a mapping that has nothing but its ends."""

    BARE = 1
    """It has no mapping: it is the edge between two entities."""
    RECORDED = 2
    """It has none, and the server recorded its edge, with details."""
    DECLARED = 4
    """It has none, and its edge is a model's word."""
    INFLUENCE = 8
    """Its mapping only influences."""
    ON_ROWS = 16
    """Its mapping influences all rows of the entity it arrives at."""
    MORE = 32
    """Its mapping has a function, or evidence says whether it masks."""
    NAMING = 64
    """It has none, but its edge names columns whose values it carries."""
    INFLUENCES_KNOWN = 128
    """It has none, and its edge reports every influence."""


def _numbers() -> "array[int]":
    return array("i")


@dataclass(slots=True)
class Storage:
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
    within : array of int
        Entities in entities, three numbers each: the entity, what it is in, and whether what
        leaves the one leaves the other.
    sources : dict of str to int
        The numbers of feature sources, by their names.
    models : array of int
        The numbers of models.
    tails, heads : array of int
        By the number of the hop: the numbers of the references it leaves and arrives at.
    edges, mappings : list
        By the number of the hop: the edge, and the mapping where there is one.
    flags : bytearray
        By the number of the hop: what is known of it, as `HopFlag` has it.
    carried_by : array of int
        Edges that a pipeline carries, two numbers each: the hop, and the pipeline.
    left_out : bytes
        By the number of a reference: 1 where nothing may flow into it; empty where that is nowhere.
    """

    numbers: dict[Reference, int] = field(default_factory=dict)
    references: list[Reference] = field(default_factory=list)
    values: list[Value | None] = field(default_factory=list)
    parents: "array[int]" = field(default_factory=_numbers)
    parts: dict[int, list[int]] = field(default_factory=dict)
    within: "array[int]" = field(default_factory=_numbers)
    sources: dict[str, int] = field(default_factory=dict)
    models: "array[int]" = field(default_factory=_numbers)
    tails: "array[int]" = field(default_factory=_numbers)
    heads: "array[int]" = field(default_factory=_numbers)
    edges: list[Edge] = field(default_factory=list)
    mappings: list[ColumnEdge | None] = field(default_factory=list)
    flags: bytearray = field(default_factory=bytearray)
    carried_by: "array[int]" = field(default_factory=_numbers)
    left_out: bytes = b""
    _of_kinds: dict[frozenset[str], Flags] = field(default_factory=dict, init=False, repr=False)

    def add_reference(
        self, reference: Reference, value: Value | None, parent: Reference | None
    ) -> int:
        """Add a reference that is not yet there, after what it is a part of; return its number."""
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
        """Add the hops of an edge, that between its entities first."""
        tails, heads, mappings = zip(*pairs, strict=True)
        self.tails.extend(tails)
        self.heads.extend(heads)
        self.edges.extend([edge] * len(tails))
        self.mappings.extend(mappings)
        entity = heads[0]
        self.flags.extend(
            [
                0 if _is_plain(mapping) else _flags(edge, mapping, is_on_rows=head == entity)
                for head, mapping in zip(heads, mappings, strict=True)
            ]
        )

    def value(self, reference: Reference) -> Value | None:
        """Return what a reference stands for."""
        return self.values[self.numbers[reference]]

    def parent(self, number: int) -> Reference | None:
        """Return what a reference is a part of."""
        parent = self.parents[number]
        return None if parent < 0 else self.references[parent]

    def nested(self, number: int) -> Iterator[int]:
        """Iterate over the columns or features in a reference, however deep, in their order."""
        waiting = list(reversed(self.parts.get(number, ())))
        while waiting:
            part = waiting.pop()
            if self.references[part].kind != Kind.FEATURE_SOURCE:
                yield part
            waiting.extend(reversed(self.parts.get(part, ())))

    def containments(self) -> Iterator[tuple[int, int, bool]]:
        """Iterate over entities in entities: which, in what, and whether what leaves it leaves."""
        columns = self.within[::3], self.within[1::3], map(bool, self.within[2::3])
        return zip(*columns, strict=True)

    @property
    def are_parts(self) -> Flags:
        """Whether each reference is a part of an entity, by number."""
        return self.are_of(PART_KINDS)

    @property
    def are_groups(self) -> Flags:
        """Whether each reference is of a kind that only groups entities, by number."""
        return self.are_of(GROUP_KINDS)

    def are_of(self, kinds: Collection[str]) -> Flags:
        """Return whether each reference is of one of some kinds, by number."""
        key = frozenset(kinds)
        if key not in self._of_kinds:
            chosen = [reference.kind in key for reference in self.references]
            self._of_kinds[key] = np.array(chosen, dtype=np.bool_)
        return self._of_kinds[key]

    def is_divided(self, number: int) -> bool:
        """Whether a reference is an entity of which parts are known: any of them may be meant."""
        return number in self.parts and not self.references[number].is_part

    def holders(self) -> "array[int]":
        """Return what contains each part; a feature source is in nothing, it names an entity."""
        holders = self.parents[:]
        for number in self.sources.values():
            holders[number] = -1
        return holders

    def strength(self, number: int) -> Strength:
        """Return whether a hop is known by its columns, or by its tables alone."""
        edge, mapping = self.edges[number], self.mappings[number]
        if self.flags[number] & HopFlag.INFLUENCE:
            return Strength.INFLUENCE
        if mapping is not None:
            is_source = self.references[self.tails[number]].kind == Kind.FEATURE_SOURCE
            is_known = not is_source and not self.is_divided(self.tails[number])
        else:
            vague = edge.upstream.fqn if self.is_divided(self.tails[number]) else None
            is_known = any(name not in self.sources and name != vague for name in _carried(edge))
        return Strength.VALUE if is_known else Strength.TABLE


def _is_plain(mapping: ColumnEdge | None) -> bool:
    """Whether there is a mapping that has nothing but its ends; most are like that."""
    return (
        mapping is not None
        and mapping.function is None
        and mapping.influence is None
        and mapping.masking is None
    )


def _carried(edge: Edge) -> Iterator[str]:
    """Name the columns whose values an edge carries, or what it comes from as a whole."""
    for mapping in edge.column_edges:
        if mapping.influence is None:
            yield from mapping.upstream


def _flags(edge: Edge, mapping: ColumnEdge | None, *, is_on_rows: bool) -> int:
    if mapping is None:
        return _flags_of_edge(edge)
    if mapping.influence is not None:
        return HopFlag.INFLUENCE | (HopFlag.ON_ROWS if is_on_rows else 0)
    return HopFlag.MORE


def _flags_of_edge(edge: Edge) -> int:
    evidence = edge.evidence
    is_recorded = evidence.origin == Origin.RECORDED and evidence.recorded_as is not None
    facts = (
        (HopFlag.RECORDED, is_recorded),
        (HopFlag.DECLARED, evidence.origin == Origin.DECLARED),
        (HopFlag.NAMING, next(_carried(edge), None) is not None),
        (HopFlag.INFLUENCES_KNOWN, evidence.influences_known),
    )
    return HopFlag.BARE | sum(flag for flag, holds in facts if holds)
