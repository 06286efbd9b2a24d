"""Evaluate a selection part by part, each to its extent."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import partial

from lineage.graph.lineage_graph import LineageGraph
from lineage.model.edges import Evidence, Origin
from lineage.model.reference import GROUP_KINDS, Reference
from lineage.model.snapshot import Gap, GapKind
from lineage.queries.lookup import find
from lineage.queries.selection.expressions import (
    AllOf,
    AnyOf,
    Around,
    Between,
    Deleted,
    Ends,
    Having,
    Key,
    Named,
    Not,
    Selection,
    Walk,
)
from lineage.queries.selection.properties import facts, fits, is_deleted
from lineage.queries.selection.result_set import Extent, all_of, any_of
from lineage.queries.selection.selected import Unmatched
from lineage.queries.selection.walks import Reach, between, ends, reach
from lineage.queries.traversal import Direction

__all__ = ["Evaluation"]

_NOT_LISTED = frozenset({GapKind.ENTITIES_NOT_READ, GapKind.DOWNSTREAM_NOT_READ})
_NO_EDGES = _NOT_LISTED | {GapKind.EDGES_NOT_READ}


@dataclass(slots=True)
class Evaluation:
    """Works out the extent of each part of a selection, and notes what fits nothing."""

    graph: LineageGraph
    unmatched: list[Unmatched] = field(default_factory=list)

    def extent(self, selection: Selection) -> Extent:
        """Return what is in a selection, what may be, and what was not read.

        Raises
        ------
        UnknownEntity
            A plain name means nothing here.
        AmbiguousName
            A plain name may mean several things.
        """
        match selection:
            case AllOf(of):
                return all_of(map(self.extent, of))
            case AnyOf(of):
                return any_of(map(self.extent, of))
            case Not(of):
                return self._others(self.extent(of))
            case Ends():
                return self._ends(selection)
            case Walk() | Around() | Between():
                return self._walk(selection)
            case _:
                return self._term(selection)

    def _term(self, term: Named | Having | Deleted) -> Extent:
        if isinstance(term, Deleted):
            return self._where(lambda item: is_deleted(self.graph, item))
        if isinstance(term, Named) and term.pattern.is_plain:
            return Extent(frozenset({find(self.graph, term.pattern.name, kind=term.kind)}))
        if isinstance(term, Named):
            found = self._where(lambda item: _is_called(item, term))
        elif term.key == Key.RECORDED_AS:
            found = self._recorded_as(term)
        else:
            found = self._where(lambda item: fits(self.graph, item, term.key, term.pattern))
        if not found.references:
            self.unmatched.append(Unmatched(term, self._nearest(term)))
        return found

    def _where(self, holds: Callable[[Reference], bool | None]) -> Extent:
        """Keep what something holds for; what was never seen may be lacking."""
        answers = {item: holds(item) for item in self.graph.references()}
        return Extent(
            frozenset(item for item, answer in answers.items() if answer),
            frozenset(item for item, answer in answers.items() if answer is None),
            self._cuts(_NOT_LISTED),
        )

    def _recorded_as(self, term: Having) -> Extent:
        """Keep both ends of the edges that are recorded so."""
        found = {
            end
            for hop in self.graph.hops()
            if hop.column_edge is None and term.pattern.matches(_recorded_as(hop.edge.evidence))
            for end in (hop.upstream, hop.downstream)
        }
        return Extent(frozenset(found), cuts=self._cuts(_NO_EDGES))

    def _others(self, extent: Extent) -> Extent:
        everything = frozenset(self.graph.references())
        return Extent(everything - extent.possible, extent.doubtful, extent.cuts)

    def _ends(self, selection: Ends) -> Extent:
        """Keep the ends; what may be selected may also make an end of what is none."""
        inner = self._entities() if selection.of is None else self.extent(selection.of)
        side = selection.side
        surely = ends(self.graph, inner.possible, side) & inner.references
        possible = ends(self.graph, inner.references, side) | inner.doubtful
        hiding = (
            gap
            for gap in self.graph.gaps
            if (
                gap.hides_downstream
                if side == "sinks"
                else gap.hides_upstream and self._is_at(gap, possible)
            )
        )
        return Extent(surely, possible - surely, inner.cuts.union(hiding))

    def _entities(self) -> Extent:
        entities = (item for item in self.graph.references() if not item.is_part)
        entities = (item for item in entities if item.kind not in GROUP_KINDS)
        return Extent(frozenset(entities), cuts=self._cuts(_NOT_LISTED))

    def _walk(self, selection: Walk | Around | Between) -> Extent:
        """Walk from what is selected, and again from what may be."""
        if isinstance(selection, Between):
            first, last = self.extent(selection.upstream), self.extent(selection.downstream)
            found = between(self.graph, first.references, last.references)
            possible = between(self.graph, first.possible, last.possible)
            return _reached(first.cuts | last.cuts, found, possible)
        inner = self.extent(selection.of)
        walk = (
            self._around
            if isinstance(selection, Around)
            else partial(self._both_directions, selection)
        )
        return _reached(inner.cuts, walk(inner.references), walk(inner.possible))

    def _around(self, starts: frozenset[Reference]) -> Reach:
        onward = reach(self.graph, starts, "downstream")
        above = reach(self.graph, onward.references, "upstream")
        return Reach(above.references, above.gaps | onward.gaps)

    def _both_directions(self, walk: Walk, starts: frozenset[Reference]) -> Reach:
        found = Reach(starts)
        directions: tuple[tuple[Direction, int | None], ...] = (
            ("upstream", walk.upstream),
            ("downstream", walk.downstream),
        )
        for direction, depth in directions:
            if depth != 0:
                found = found.joined(reach(self.graph, starts, direction, depth=depth))
        return found

    def _is_at(self, gap: Gap, references: frozenset[Reference]) -> bool:
        if gap.subject is None or gap.subject not in self.graph:
            return True
        return gap.subject in references or self.graph.entity_of(gap.subject) in references

    def _cuts(self, kinds: frozenset[GapKind]) -> frozenset[Gap]:
        """Collect gaps by what they hide; what is in the graph by name is doubtful, not cut."""
        return frozenset(
            gap
            for gap in self.graph.gaps
            if gap.kind in kinds
            and (gap.kind != GapKind.ENTITIES_NOT_READ or gap.subject not in self.graph)
        )

    def _nearest(self, term: Named | Having) -> tuple[str, ...]:
        """Words there are in the graph that look like a pattern that fits nothing."""
        known = {text for item in self.graph.references() for text in self._texts(item, term)}
        by_lower = {text.casefold(): text for text in sorted(known)}
        close = get_close_matches(term.pattern.name.casefold(), by_lower, n=3, cutoff=0.6)
        return tuple(by_lower[text] for text in close)

    def _texts(self, item: Reference, term: Named | Having) -> Iterable[str]:
        if isinstance(term, Named):
            return (item.fqn, item.name) if term.kind in {None, item.kind} else ()
        if term.key == Key.RECORDED_AS:
            return ()
        return facts(self.graph, item, term.key) or ()


def _reached(cuts: frozenset[Gap], found: Reach, possible: Reach) -> Extent:
    doubtful = possible.references - found.references
    return Extent(found.references, doubtful, cuts | possible.gaps)


def _is_called(item: Reference, term: Named) -> bool:
    if term.kind not in {None, item.kind}:
        return False
    return term.pattern.matches(item.fqn) or term.pattern.matches_last(item.fqn)


def _recorded_as(evidence: Evidence) -> str:
    if evidence.origin != Origin.RECORDED:
        return str(evidence.origin)
    return evidence.recorded_as or "none"
