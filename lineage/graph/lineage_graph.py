"""The lineage graph: a networkx graph that holds more than networkx needs, and never changes."""

from collections.abc import Callable, Hashable, Iterator
from typing import Any, NoReturn, TypeVar

import networkx as nx

from lineage.errors import UnknownEntity
from lineage.graph.edge_codes import CodedHops, code_hops
from lineage.graph.hop_masking import Masking, find_masking
from lineage.graph.index.adjacency import Strengths
from lineage.graph.index.compilation import compile_entities, compile_parts, hop_strengths
from lineage.graph.index.index import Index
from lineage.graph.networkx_export import fill_dictionaries
from lineage.graph.storage import Storage, Value
from lineage.masking.rules import RULES, MaskingRule
from lineage.model.answer import counted
from lineage.model.edges import Edge, Hop, Strength
from lineage.model.entities import MlModel
from lineage.model.reference import GROUP_KINDS, Reference
from lineage.model.snapshot import Gap

__all__ = ["LineageGraph"]

_T = TypeVar("_T")

Rules = tuple[MaskingRule, ...]


def _refuse(*_arguments: object, **_options: object) -> NoReturn:
    message = "a lineage graph does not change: change a copy, nx.MultiDiGraph(graph)"
    raise nx.NetworkXError(message)


def _filled(name: str) -> property:
    """Make one of the dictionaries of a networkx graph, filled when networkx first asks for it."""

    def get(self: "LineageGraph") -> Any:
        if name not in self.__dict__:
            made = fill_dictionaries(self.storage, self._hop_strengths().tolist())
            self.__dict__["_node"] = made.nodes
            self.__dict__["_succ"] = self.__dict__["_adj"] = made.successors
            self.__dict__["_pred"] = made.predecessors
        return self.__dict__[name]

    return property(get)


class LineageGraph(nx.MultiDiGraph):  # type: ignore[type-arg]  # networkx takes none when it runs
    """Entities, their columns and features, and what feeds what.

    Edges point the way the data flows: `edge.upstream` feeds `edge.downstream`, and a table
    is upstream of the model trained on it. networkx's `ancestors` are what is upstream,
    `descendants` what is downstream; OpenMetadata's `fromEntity` is our upstream.

    Make one with `build_graph`. It is a networkx graph of references, frozen; its dictionaries are
    filled when networkx first asks for them, and copies, subgraphs and unions are ordinary
    graphs. Edges join entities with entities, and parts with parts: lineage and containment are
    kept apart, and no networkx algorithm goes from a table to its columns by accident. The
    questions of this library do so on purpose; they are asked of an index, which is compiled when
    the first is asked.

    Parameters
    ----------
    storage : Storage
        What it holds.
    server, server_version, read_at : str
        Where the metadata was read, that server's version, and when: ISO 8601 in UTC.
    gaps : tuple of Gap
        What was not read, and what was not resolved.

    Examples
    --------
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.snapshot import Snapshot
    >>> raw, clean = Reference("table", "raw"), Reference("table", "clean")
    >>> graph = build_graph(Snapshot(edges=(Edge(upstream=raw, downstream=clean),)))
    >>> isinstance(graph, nx.MultiDiGraph), nx.ancestors(graph, clean) == {raw}
    (True, True)
    """

    frozen = True

    def __new__(cls, storage: Storage | None = None, **_options: object) -> Any:
        """Make a plain graph for networkx, which asks for copies without arguments."""
        return nx.MultiDiGraph() if storage is None else object.__new__(cls)

    def __init__(
        self,
        storage: Storage,
        *,
        server: str = "",
        server_version: str = "",
        read_at: str = "",
        gaps: tuple[Gap, ...] = (),
    ) -> None:
        self.storage = storage
        self.server, self.server_version, self.read_at = server, server_version, read_at
        self.gaps = gaps
        self.graph = {"server": server, "server_version": server_version, "read_at": read_at}
        self._sorted: list[Reference] | None = None
        self._entity_index: Index | None = None
        self._part_indexes: dict[Rules, Index] = {}
        self._kept: dict[Hashable, Any] = {}

    _node, _adj, _succ, _pred = map(_filled, ("_node", "_adj", "_succ", "_pred"))

    add_node = add_nodes_from = remove_node = remove_nodes_from = _refuse
    add_edge = add_edges_from = add_weighted_edges_from = _refuse
    remove_edge = remove_edges_from = clear = clear_edges = update = _refuse

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle and deep copies are ordinary graphs, as all other copies are."""
        return nx.MultiDiGraph, (nx.MultiDiGraph(self),)

    def __contains__(self, node: object) -> bool:
        try:
            return node in self.storage.numbers
        except TypeError:  # what cannot be hashed is no node
            return False

    def __iter__(self) -> Iterator[Reference]:
        """Go through the references in the order they came: parts after what they are in."""
        return iter(self.storage.references)

    def __len__(self) -> int:
        return len(self.storage.references)

    def __str__(self) -> str:
        return repr(self)

    def __repr__(self) -> str:
        parts = sum(reference.is_part for reference in self.storage.references)
        groups = sum(reference.kind in GROUP_KINDS for reference in self.storage.references)
        edges = self.storage.mappings.count(None)
        mappings = len(self.storage.mappings) - edges
        counts = [
            counted(len(self) - parts - groups, "entity", "entities"),
            *([counted(groups, "group")] if groups else []),
            counted(parts, "part"),
            counted(edges, "edge"),
            counted(mappings, "column edge"),
        ]
        if self.gaps:
            counts.append(counted(len(self.gaps), "gap"))
        return f"LineageGraph({', '.join(counts)})"

    def references(self, *kinds: str) -> list[Reference]:
        """List the references of some kinds, of all where none is named; sorted."""
        if self._sorted is None:
            self._sorted = sorted(self.storage.references)
        return [item for item in self._sorted if not kinds or item.kind in kinds]

    def value(self, reference: Reference) -> Value | None:
        """Return the entity, column or feature; None for one that is named but was not read.

        Raises
        ------
        UnknownEntity
            The graph has no such reference.
        """
        return self.storage.values[self.number(reference)]

    def model(self, reference: Reference) -> MlModel:
        """Return a model.

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
        """Return what a part belongs to: a column's table, a nested column's column.

        Raises
        ------
        UnknownEntity
            The graph has no such reference.
        """
        return self.storage.parent(self.number(reference))

    def entity_of(self, reference: Reference) -> Reference:
        """Return the entity a part belongs to, however deep; an entity belongs to itself.

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
        storage = self.storage
        numbers = storage.parts.get(storage.numbers.get(reference, -1), ())
        return tuple(storage.references[number] for number in numbers)

    def nested_parts(self, reference: Reference) -> Iterator[Reference]:
        """Go through the columns or features in a reference, however deep, in their order."""
        storage = self.storage
        nested = storage.nested(storage.numbers.get(reference, -1))
        return (storage.references[number] for number in nested)

    def containers(self, reference: Reference) -> tuple[Reference, ...]:
        """List what an entity is directly in: its schema, bucket, dashboards, domains; sorted."""
        number, found = self.number(reference), []
        for part, container, _ in self.storage.containments():
            if part == number:
                found.append(self.storage.references[container])
        return tuple(sorted(found))

    def hops(self) -> Iterator[Hop]:
        """Iterate over every edge and every mapping, in the order of the snapshot."""
        storage = self.storage
        strengths = self._hop_strengths().tolist()
        columns = storage.tails, storage.heads, strengths, storage.edges, storage.mappings
        for tail, head, strength, edge, mapping in zip(*columns, strict=True):
            yield Hop(
                upstream=storage.references[tail],
                downstream=storage.references[head],
                strength=Strength(strength),
                edge=edge,
                column_edge=mapping,
            )

    def _hop_strengths(self) -> Strengths:
        return hop_strengths(self.storage, self.masking())

    def edges_between(self, upstream: Reference, downstream: Reference) -> tuple[Edge, ...]:
        """List the edges between two entities; empty where there are none."""
        if upstream not in self or downstream not in self:
            return ()
        index = self.entity_index()
        tail, end = index.exit(upstream), index.entry(downstream)
        adjacency = index.adjacency("downstream")
        places = zip(adjacency.row(tail), adjacency.arcs_from(tail), strict=True)
        found = (place for place, (head, _, is_hop) in places if is_hop and head == end)
        return tuple(index.hop(tail, place).edge for place in found)

    def feeding(self, reference: Reference) -> tuple[Reference, ...]:
        """List the entities that feed an entity directly; sorted.

        Raises
        ------
        UnknownEntity
            The graph has no such reference.
        """
        index = self.entity_index()
        hops = index.hops_on(self.number(reference), "upstream")
        return tuple(sorted({index.reference(end) for *_, end in hops}))

    def entity_index(self) -> Index:
        """Compile the edges between entities; kept for the next question."""
        if self._entity_index is None:
            self._entity_index = compile_entities(self.storage)
        return self._entity_index

    def part_index(self, rules: Rules = RULES) -> Index:
        """Compile the hops between columns and features; kept for the next question.

        Parameters
        ----------
        rules : tuple of MaskingRule
            The rules by which functions hide values; those of the library by default.
            Without any, every mapping but an influence carries the value.
        """
        if rules not in self._part_indexes:
            masking = self.masking(rules) if rules else None
            self._part_indexes[rules] = compile_parts(self.storage, masking)
        return self._part_indexes[rules]

    def masking(self, rules: Rules = RULES) -> Masking:
        """Find what hides values, and what brings them back; kept for the next question.

        Parameters
        ----------
        rules : tuple of MaskingRule
            The rules that hold.
        """
        return self.keep(
            (find_masking, rules),
            lambda: find_masking(self.storage, lambda: self.part_index(()), rules=rules),
        )

    def keep(self, key: Hashable, make: Callable[[], _T]) -> _T:
        """Return what was found out about all of the graph before, or find it out and keep it.

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

    def coded_hops(self, rules: Rules = RULES) -> CodedHops:
        """Return all hops as codes, to compare with those of another graph; they are kept.

        Parameters
        ----------
        rules : tuple of MaskingRule
            The rules by which functions hide values, as for `part_index`.
        """
        return self.keep((code_hops, rules), lambda: code_hops(self.storage, self.masking(rules)))

    def number(self, reference: Reference) -> int:
        """Return the number that storage and indexes know a reference by.

        Raises
        ------
        UnknownEntity
            The graph has no such reference.
        """
        number = self.storage.numbers.get(reference)
        if number is None:
            raise UnknownEntity(str(reference))
        return number
