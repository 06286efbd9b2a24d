"""The semantics of reaching, once more and naively, for the library to be compared with."""

from collections.abc import Iterator

from lineage.graph.hop_masking import Masking
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.edges import Hop, Origin, Strength
from lineage.model.entities import Dashboard, Entity
from lineage.model.reference import Reference

__all__ = ["may_be_influenced", "strongest"]

_Place = tuple[Reference, bool]
"""A reference, and whether data sits somewhere in it, nobody knows where, or leaves it."""


def strongest(graph: LineageGraph, start: Reference, target: Reference) -> Strength | None:
    """Follow every arc of the semantics, spelled out naively, until nothing gets any stronger."""
    return _Naive(graph).best(start).get((target, False))


def may_be_influenced(graph: LineageGraph, starts: list[Reference], target: Reference) -> bool:
    """Whether an edge that does not report influences may hide one of something that starts."""
    naive = _Naive(graph)
    reached = {place for start in starts for place in naive.best(start, silent=True)}
    return any(
        (target, False) in naive.best(head, silent=True)
        for tail, head in naive.silent
        if (tail, False) in reached
    )


class _Naive:
    def __init__(self, graph: LineageGraph) -> None:
        self.graph = graph
        self.hops = list(graph.hops())
        self.bare = [hop for hop in self.hops if hop.column_edge is None]
        self.around = {item: self._around(item) for item in graph}
        self.inside = {item: self._directly_in(item) for item in graph}
        self.spoken_for = {id(hop) for hop in self.hops if self._is_spoken_for(hop)}
        self.silent = {pair for pair in self._pairs() if self._is_silent(pair)}

    def best(self, start: Reference, *, silent: bool = False) -> dict[_Place, Strength]:
        """Find how strong data from a reference arrives at every place."""
        # A part leaves itself; what an entity holds sits somewhere in it.
        best: dict[_Place, Strength] = {(start, not start.is_part): Strength.VALUE}
        waiting = list(best)
        while waiting:
            place = waiting.pop()
            for following, own in self._moves(place, silent=silent):
                strength = min(best[place], own)
                if strength > best.get(following, 0):
                    best[following] = strength
                    waiting.append(following)
        return best

    def _moves(self, place: _Place, *, silent: bool) -> Iterator[tuple[_Place, Strength]]:
        reference, is_somewhere = place
        if is_somewhere:  # it may be in any part, and it leaves
            yield (reference, False), Strength.VALUE
            for part in self.inside[reference]:
                yield (part, True), Strength.TABLE
            return
        for container in self._containers(reference):
            yield (container, False), Strength.VALUE
        for hop in self.hops:
            if hop.upstream == reference and id(hop) not in self.spoken_for:
                yield from self._arrivals(hop)
            elif self._may_mean_any_column(hop) and self.graph.parent(hop.upstream) == reference:
                yield (hop.downstream, True), Strength.TABLE
        yield from self._by_pipelines(reference)
        if silent:
            hidden = ((head, True) for tail, head in self.silent if tail == reference)
            yield from ((place, Strength.TABLE) for place in hidden)

    def _arrivals(self, hop: Hop) -> Iterator[tuple[_Place, Strength]]:
        if hop.column_edge is None or self._may_mean_any_column(hop):
            yield (hop.downstream, True), Strength.TABLE
        elif hop.is_on_rows:
            yield (hop.downstream, False), Strength.INFLUENCE
            for part in self._parts_within(hop.downstream):
                yield (part, True), Strength.INFLUENCE
        else:
            yield (hop.downstream, True), Masking()(hop.edge, hop.column_edge)

    def _by_pipelines(self, reference: Reference) -> Iterator[tuple[_Place, Strength]]:
        """What a pipeline reads reaches what it writes, be it by an edge it carries or an end."""
        for hop in self.bare:
            carrier = hop.edge.evidence.pipeline
            if carrier in (None, hop.upstream, hop.downstream):
                continue
            if hop.upstream == reference:
                for other in self.bare:
                    if other.upstream == carrier and id(other) not in self.spoken_for:
                        yield (other.downstream, True), Strength.TABLE
            is_end = any(carrier in (other.upstream, other.downstream) for other in self.bare)
            if carrier == reference and is_end:
                yield (hop.downstream, True), Strength.TABLE

    def _parts_within(self, reference: Reference) -> Iterator[Reference]:
        for inside in self.inside[reference]:
            if inside.is_part:
                yield inside
            yield from self._parts_within(inside)

    def _directly_in(self, reference: Reference) -> list[Reference]:
        return [
            item
            for item in self.graph
            if item.kind != "featureSource"
            and (self.graph.parent(item) == reference or reference in self.around[item])
        ]

    def _containers(self, reference: Reference) -> list[Reference]:
        """List what a reference is in, as far as what leaves it leaves that."""
        if reference.kind == "featureSource":
            return []
        parent = self.graph.parent(reference)
        if parent is not None:
            return [parent]
        return [item for item in self.around[reference] if item.kind != "domain"]

    def _around(self, entity: Reference) -> list[Reference]:
        value = self.graph.value(entity)
        found = list(value.domains) if isinstance(value, Entity) else []
        found += [value.parent] if isinstance(value, Entity) and value.parent else []
        found += [
            item
            for item in self.graph
            if isinstance(board := self.graph.value(item), Dashboard) and entity in board.charts
        ]
        return [item for item in found if item in self.graph]

    def _may_mean_any_column(self, hop: Hop) -> bool:
        is_any = not hop.upstream.is_part and bool(self.inside[hop.upstream])
        return hop.column_edge is not None and (hop.upstream.kind == "featureSource" or is_any)

    def _is_spoken_for(self, hop: Hop) -> bool:
        """Whether an edge between entities is known by columns, its own or the declared ones."""
        if hop.column_edge is not None:
            return False
        names = [name for item in hop.edge.value_mappings for name in item.upstream]
        return bool(names) or any(
            other.edge.evidence.origin == Origin.DECLARED
            and (other.edge.upstream, other.edge.downstream) == (hop.upstream, hop.downstream)
            for other in self.hops
        )

    def _pairs(self) -> set[tuple[Reference, Reference]]:
        return {(hop.edge.upstream, hop.edge.downstream) for hop in self.hops}

    def _is_silent(self, pair: tuple[Reference, Reference]) -> bool:
        edges = [h.edge for h in self.hops if (h.edge.upstream, h.edge.downstream) == pair]
        recorded = [
            e for e in edges if e.evidence.origin == Origin.RECORDED and e.evidence.recorded_as
        ]
        known = [e for e in edges if e.evidence.influences_known]
        return not known or any(edge not in known for edge in recorded)
