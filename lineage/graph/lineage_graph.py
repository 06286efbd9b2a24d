"""The lineage graph: what it holds, how many, and one hop from anything."""

from collections.abc import Callable, Hashable, Iterator
from typing import Any, TypeVar

import networkx as nx

from lineage.errors import UnknownEntity
from lineage.graph.edge_codes import CodedHops, code_hops
from lineage.graph.index.compile import StrengthOf, compile_entities, compile_parts, told_by_parts
from lineage.graph.index.index import Index
from lineage.graph.networkx_export import make_network
from lineage.graph.storage import Columns, Value
from lineage.model.answer import counted
from lineage.model.edges import ColumnEdge, Edge, Hop, Origin, Strength
from lineage.model.entities import MlModel
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Gap

__all__ = ["LineageGraph"]

_T = TypeVar("_T")


class LineageGraph:
    """Entities, their columns and features, and what feeds what.

    Edges point the way the data flows: `edge.upstream` feeds `edge.downstream`, and a table
    is upstream of the model trained on it. networkx's `ancestors` are what is upstream,
    `descendants` what is downstream; OpenMetadata's `fromEntity` is our upstream.

    Build one with `build_graph`. Lineage and containment are
    kept apart: a table is the parent of its columns, but no traversal follows that by
    accident.

    What it holds it holds in lists; a networkx graph is made when it is asked for. Questions
    about all of it are asked of an index, compiled when the first is asked. An edge added or
    removed is laid over it, where it changes no other; else the next question compiles again.

    Attributes
    ----------
    server, server_version : str
        Where the metadata was read, and that server's version.
    """

    def __init__(
        self,
        columns: Columns | None = None,
        *,
        server: str = "",
        server_version: str = "",
        gaps: tuple[Gap, ...] = (),
    ) -> None:
        self.server, self.server_version = server, server_version
        self._gaps = gaps
        self._columns = Columns() if columns is None else columns
        self._sorted: list[Reference] | None = None
        self._entity_index: Index | None = None
        self._part_indexes: dict[StrengthOf | None, Index] = {}
        self._kept: dict[Hashable, Any] = {}

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What was not read and what could not be resolved. Empty means: whole."""
        return self._gaps

    @gaps.setter
    def gaps(self, gaps: tuple[Gap, ...]) -> None:
        self._gaps = gaps
        self._forget()

    def references(self, *kinds: str) -> list[Reference]:
        """List the references of some kinds, of all where none is named; sorted.

        Examples
        --------
        >>> LineageGraph().references("mlmodel")
        []
        """
        if self._sorted is None:
            self._sorted = sorted(self._columns.references)
        return [item for item in self._sorted if not kinds or item.kind in kinds]

    def value(self, reference: Reference) -> Value | None:
        """Give the entity, column or feature; None for one that is named but was not read.

        Raises
        ------
        UnknownEntity
            The graph has no such reference.
        """
        return self._columns.values[self._number(reference)]

    def model(self, reference: Reference) -> MlModel:
        """Give a model.

        Raises
        ------
        UnknownEntity
            The graph has no such model, or has it only by name.
        """
        value = self.value(reference)
        if not isinstance(value, MlModel):
            raise UnknownEntity(str(reference))
        return value

    def parent(self, reference: Reference) -> Reference | None:
        """Name what a part belongs to: a column's table, a nested column's column.

        Raises
        ------
        UnknownEntity
            The graph has no such reference.
        """
        return self._columns.parent(self._number(reference))

    def entity_of(self, reference: Reference) -> Reference:
        """Name the entity a part belongs to, however deep; an entity belongs to itself.

        Raises
        ------
        UnknownEntity
            The graph has no such reference.
        """
        parent = self.parent(reference)
        while parent is not None:
            reference, parent = parent, self.parent(parent)
        return reference

    def parts(self, reference: Reference) -> tuple[Reference, ...]:
        """List the columns or features directly in an entity or a column, as it orders them."""
        columns = self._columns
        numbers = columns.parts.get(columns.numbers.get(reference, -1), ())
        return tuple(columns.references[number] for number in numbers)

    def nested_parts(self, reference: Reference) -> Iterator[Reference]:
        """Go through the columns or features in a reference, however deep, in their order."""
        waiting = list(reversed(self.parts(reference)))
        while waiting:
            part = waiting.pop()
            if part.kind != Kind.FEATURE_SOURCE:
                yield part
            waiting.extend(reversed(self.parts(part)))

    def hops(self) -> Iterator[Hop]:
        """Go through every edge and every mapping, in the order of the snapshot."""
        return self._columns.hops()

    def edges_between(self, upstream: Reference, downstream: Reference) -> tuple[Edge, ...]:
        """List the edges between two entities; empty where there are none."""
        if upstream not in self or downstream not in self:
            return ()
        index = self.entity_index()
        hops = index.hops_on(index.exit(upstream), "downstream")
        end = index.entry(downstream)
        return tuple(index.hop(tail, place).edge for tail, place, head in hops if head == end)

    def feeding(self, reference: Reference) -> tuple[Reference, ...]:
        """List the entities that feed an entity directly; sorted.

        Raises
        ------
        UnknownEntity
            The graph has no such reference.
        """
        index = self.entity_index()
        hops = index.hops_on(self._number(reference), "upstream")
        return tuple(sorted({index.reference(end) for _, _, end in hops}))

    def entity_index(self) -> Index:
        """Compile the edges between entities; kept for the next question."""
        if self._entity_index is None:
            self._entity_index = compile_entities(self._columns)
        return self._entity_index

    def part_index(self, strength_of: StrengthOf | None = None) -> Index:
        """Compile the hops between columns and features; kept for the next question.

        Parameters
        ----------
        strength_of : callable, optional
            Tells how much a mapping proves: governance knows what masks. Unless told
            otherwise every mapping but an influence carries the value.
        """
        if strength_of not in self._part_indexes:
            subjects = (gap.subject for gap in self.gaps)
            known = [subject for subject in subjects if subject is not None and subject in self]
            self._part_indexes[strength_of] = compile_parts(self._columns, strength_of, known)
        return self._part_indexes[strength_of]

    def keep(self, key: Hashable, make: Callable[[], _T]) -> _T:
        """Give what was found out about all of the graph before, or find it out and keep it.

        Parameters
        ----------
        key : hashable
            Names what is found out, with everything besides the graph that decides it.
        make : callable
            Finds it out.
        """
        if key not in self._kept:
            self._kept[key] = make()
        found: _T = self._kept[key]
        return found

    def coded_hops(self, strength_of: StrengthOf | None = None) -> CodedHops:
        """Give all hops as codes, to compare with those of another graph; they are kept.

        Parameters
        ----------
        strength_of : callable, optional
            Tells how much a mapping proves; see `part_index`.
        """
        key = code_hops, strength_of
        return self.keep(key, lambda: code_hops(self._columns, strength_of))

    def to_networkx(self, *, containment: bool = False) -> "nx.MultiDiGraph[Reference]":
        """Give a networkx graph of one's own, with every fact as a plain attribute.

        Parameters
        ----------
        containment : bool
            Whether to add an edge of kind `contains` from each entity to its columns or
            features. Without them an algorithm sees lineage alone: entity to entity, and
            column to column or feature. What influences the rows of an entity leads to each
            of its columns or features here.

        Returns
        -------
        networkx.MultiDiGraph
            Nodes are references. Each edge has `kind`, `entity` or `column`.
        """
        result = make_network(self._columns, self.nested_parts, self.server)
        if containment:
            for parent in self:
                parts = ((parent, part) for part in self.parts(parent))
                result.add_edges_from(parts, kind="contains")
        return result

    def add_value(
        self, reference: Reference, value: Value | None, *, parent: Reference | None = None
    ) -> None:
        """Add what a reference stands for, after what it is a part of; see `build_graph`."""
        if reference in self:
            return
        self._forget()
        self._columns.add_reference(reference, value, parent)

    def add_edge(
        self,
        upstream: Reference,
        downstream: Reference,
        edge: Edge,
        column_edge: ColumnEdge | None = None,
    ) -> None:
        """Add an edge, or one pair of its mappings; part of building, see `build_graph`."""
        columns = self._columns
        pair = columns.numbers[upstream], columns.numbers[downstream], column_edge
        columns.add_hops(edge, [pair])
        self._lay_over(len(columns.edges) - 1, Index.add_hop)

    def remove_edge(
        self,
        upstream: Reference,
        downstream: Reference,
        edge: Edge,
        column_edge: ColumnEdge | None = None,
    ) -> None:
        """Take out an edge, or one pair of its mappings, as `add_edge` put it in.

        The last hop of the graph takes its place.

        Raises
        ------
        UnknownEntity
            The graph has no such edge.
        """
        columns = self._columns
        number = self._number_of_hop(upstream, downstream, edge, column_edge)
        self._lay_over(number, lambda index, one, _: index.remove_hop(one))
        last = len(columns.edges) - 1
        if last != number:
            for index in (self._entity_index, *self._part_indexes.values()):
                if index is not None:
                    index.renumber(last, number)
        columns.remove_hop(number)

    def __iter__(self) -> Iterator[Reference]:
        """Go through the references in the order they came: parts after what they are in."""
        return iter(self._columns.references)

    def __contains__(self, reference: object) -> bool:
        return reference in self._columns.numbers

    def __len__(self) -> int:
        return len(self._columns.references)

    def __repr__(self) -> str:
        parts = sum(reference.is_part for reference in self._columns.references)
        edges = self._columns.mappings.count(None)
        mappings = len(self._columns.mappings) - edges
        counts = [
            counted(len(self) - parts, "entity", "entities"),
            counted(parts, "part"),
            counted(edges, "edge"),
            counted(mappings, "column edge"),
        ]
        if self.gaps:
            counts.append(counted(len(self.gaps), "gap"))
        return f"LineageGraph({', '.join(counts)})"

    def _number(self, reference: Reference) -> int:
        number = self._columns.numbers.get(reference)
        if number is None:
            raise UnknownEntity(str(reference))
        return number

    def _number_of_hop(
        self,
        upstream: Reference,
        downstream: Reference,
        edge: Edge,
        column_edge: ColumnEdge | None,
    ) -> int:
        columns, tail, head = self._columns, self._number(upstream), self._number(downstream)
        indexes = self._part_indexes.values() if column_edge else (self._entity_index,)
        index = next(iter(indexes), None)
        numbers = range(len(columns.edges)) if index is None else index.numbers_from(tail)
        for number in numbers:
            ends = columns.tails[number], columns.heads[number]
            facts = columns.edges[number], columns.mappings[number]
            if ends == (tail, head) and facts == (edge, column_edge):
                return number
        edge_name = f"{upstream} -> {downstream}"
        raise UnknownEntity(edge_name)

    def _lay_over(self, number: int, change: Callable[[Index, int, Strength], bool]) -> None:
        """Change what was compiled by one hop; drop an index where that cannot be done."""
        self._kept.clear()
        columns = self._columns
        edge, mapping = columns.edges[number], columns.mappings[number]
        if self._entity_index is not None and mapping is None:
            strength = columns.strength(number)
            if not change(self._entity_index, number, strength):
                self._entity_index = None
        if mapping is None and edge.value_mappings and edge.evidence.origin != Origin.DECLARED:
            return  # among the parts it is known by its mappings
        for strength_of, index in list(self._part_indexes.items()):
            told = told_by_parts(columns, number, strength_of)
            if told is None or not change(index, number, told):
                del self._part_indexes[strength_of]

    def _forget(self) -> None:
        """Drop what was compiled from what the graph held before."""
        self._sorted = self._entity_index = None
        self._part_indexes.clear()
        self._kept.clear()
