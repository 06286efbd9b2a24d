"""What networkx is given of a graph: the dictionaries it would make itself, filled in bulk.

networkx takes edges one by one, copies the attributes of each and asks for a free key. Here the
dictionaries are made directly, which takes less than half the time.
"""

from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import Any, NamedTuple

from lineage.garbage_collection import rare_collection
from lineage.graph.storage import HopFlag, Storage, Value
from lineage.model.edges import ColumnEdge, Edge, Evidence, Strength
from lineage.model.entities import Entity
from lineage.model.reference import GROUP_KINDS, Reference

__all__ = ["Dictionaries", "fill_dictionaries"]

_SKIPPED = {"reference", "fqn", "columns", "children", "features", "sources", "entity_id", "parent"}
_LABELS = {int(strength): strength.label for strength in Strength}

_Neighbours = dict[Reference, dict[Reference, dict[int, dict[str, Any]]]]


class Dictionaries(NamedTuple):
    """Those that a networkx graph consists of."""

    nodes: dict[Reference, dict[str, Any]]
    successors: _Neighbours
    predecessors: _Neighbours


@rare_collection()
def fill_dictionaries(storage: Storage, strengths: list[int]) -> Dictionaries:
    """Fill the dictionaries of a networkx graph with every fact as an attribute.

    Edges join entities, or columns and features; what influences the rows of an entity leads to
    each of its parts. Between what contains other entities, what follows from containment is there
    as well, marked as `implied`.

    Parameters
    ----------
    storage : Storage
    strengths : list of int
        How much each hop proves, by its number.
    """
    filled = Dictionaries({}, {}, {})
    for number, reference in enumerate(storage.references):
        value, parent = storage.values[number], storage.parent(number)
        filled.nodes[reference] = _node_attributes(reference, value, parent)
        filled.successors[reference], filled.predecessors[reference] = {}, {}
    leaving, arriving = list(filled.successors.values()), list(filled.predecessors.values())
    for tail, head, facts in (*_hops(storage, strengths), *_implied(storage)):
        end = storage.references[head]
        same = leaving[tail].get(end)
        if same is None:
            start = storage.references[tail]
            same = leaving[tail][end] = arriving[head][start] = {}
        same[len(same)] = facts
    return filled


def _node_attributes(
    reference: Reference, value: Value | None, parent: Reference | None
) -> dict[str, Any]:
    """Return a reference and what it stands for as attributes."""
    facts: dict[str, Any] = {"kind": str(reference.kind), "fqn": reference.fqn, "parent": parent}
    facts["read"] = value is not None
    if value is None:
        return facts
    for name in _fields(type(value).__mro__):
        facts[name] = getattr(value, name)
    facts["tags"] = tuple([tag.fqn for tag in value.tags])
    if isinstance(value, Entity):
        facts["name"] = value.reference.name
        facts["parent"] = value.parent
    return facts


def _edge_attributes(evidence: Evidence) -> dict[str, Any]:
    """Return why an edge between entities is believed as attributes."""
    facts = {name: getattr(evidence, name) for name in evidence.__slots__}
    facts["origin"] = str(evidence.origin)
    return {
        "kind": "entity",
        "strength": None,
        "function": None,
        "influence": None,
        "implied": False,
        **facts,
    }


def _hop_attributes(
    edge: dict[str, Any], mapping: ColumnEdge | None, strength: int
) -> dict[str, Any]:
    """Return one hop of an edge as attributes: its own, and the others as the edge has them."""
    facts = edge.copy()
    facts["strength"] = _LABELS[strength]
    if mapping is not None:
        facts["kind"], facts["function"] = "column", mapping.function
        if mapping.influence is not None:
            facts["influence"] = str(mapping.influence)
    return facts


def _hops(storage: Storage, strengths: list[int]) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """Iterate over all hops with their attributes."""
    hops = zip(
        storage.tails,
        storage.heads,
        storage.flags,
        storage.edges,
        storage.mappings,
        strengths,
        strict=True,
    )
    known: Edge | None = None
    facts: dict[str, Any] = {}
    for tail, head, flags, edge, mapping, strength in hops:
        if edge is not known:  # its hops follow each other
            known, facts = edge, _edge_attributes(edge.evidence)
        tails: tuple[int, ...] = (tail,)
        if mapping is not None and storage.is_divided(tail):
            tails = tuple(storage.nested(tail))
        heads = tuple(storage.nested(head)) if flags & HopFlag.ON_ROWS else (head,)
        for ends in product(tails, heads):
            yield *ends, _hop_attributes(facts, mapping, strength)


def _implied(storage: Storage) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """Iterate over what follows of edges between entities that are in others, or are pipelines.

    What feeds a bucket feeds each file in it; what a file feeds, the bucket feeds, and the reverse.
    That a file is fed is not that the bucket is: else what feeds one file would seem to reach what
    comes from another.
    """
    spread = _Spread(storage)
    bare = [number for number, flags in enumerate(storage.flags) if flags & HopFlag.BARE]
    for number in bare:
        tails, heads = spread.tails(number), spread.heads(number)
        if len(tails) + len(heads) > 2:
            direct = storage.tails[number], storage.heads[number]
            pairs = (pair for pair in product(tails, heads) if pair != direct)
            for tail, head in pairs:
                yield tail, head, _implied_attributes(storage.edges[number])
    if storage.carried_by:
        yield from _implied_by_pipelines(storage, spread, bare)


def _implied_by_pipelines(
    storage: Storage, spread: "_Spread", bare: list[int]
) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """Iterate over what a pipeline that is an end of edges reads and writes by those it carries."""
    ends: set[int] = {*storage.tails, *storage.heads}
    written = _carried(storage)
    for number in bare:
        facts = _implied_attributes(storage.edges[number])
        for carried in written.get(storage.tails[number], ()):
            for tail, head in product(spread.tails(carried), spread.heads(number)):
                yield tail, head, facts.copy()
    for pipeline, numbers in written.items():
        for carried in numbers if pipeline in ends else ():
            for head in spread.heads(carried):
                yield pipeline, head, _implied_attributes(storage.edges[carried])


def _carried(storage: Storage) -> dict[int, list[int]]:
    """List by pipeline the edges it carries; to one that it is an end of it adds nothing."""
    carried: dict[int, list[int]] = {}
    for number, pipeline in zip(storage.carried_by[::2], storage.carried_by[1::2], strict=True):
        if pipeline not in {storage.tails[number], storage.heads[number]}:
            carried.setdefault(pipeline, []).append(number)
    return carried


def _implied_attributes(edge: Edge) -> dict[str, Any]:
    facts = _edge_attributes(edge.evidence)
    return {**facts, "strength": Strength.TABLE.label, "implied": True}


class _Spread:
    """What an edge between two entities says of the entities in them, and of those around."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._inside: dict[int, list[int]] = {}
        self._around: dict[int, list[int]] = {}
        for part, container, leaves in storage.containments():
            self._inside.setdefault(container, []).append(part)
            if leaves and storage.references[container].kind not in GROUP_KINDS:
                self._around.setdefault(part, []).append(container)

    def tails(self, number: int) -> tuple[int, ...]:
        """List what feeds where an edge leads: its tail, what is in that, and what that is in."""
        tail = self._storage.tails[number]
        return (tail, *_closure(self._inside, tail), *_closure(self._around, tail))

    def heads(self, number: int) -> tuple[int, ...]:
        """List what an edge feeds: its head, and what is in that."""
        head = self._storage.heads[number]
        return (head, *_closure(self._inside, head))


def _closure(onward: dict[int, list[int]], start: int) -> list[int]:
    found = dict.fromkeys(onward.get(start, ()))
    waiting = list(found)
    for one in waiting:  # which grows on the way
        new = [other for other in onward.get(one, ()) if other not in found]
        found.update(dict.fromkeys(new))
        waiting += new
    return list(found)


@cache
def _fields(kinds: tuple[type, ...]) -> tuple[str, ...]:
    names = (name for kind in kinds for name in getattr(kind, "__slots__", ()))
    return tuple(name for name in names if name not in _SKIPPED)
