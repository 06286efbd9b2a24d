"""Replacements: which column probably replaces one that is gone, and why.

A column that was renamed is gone, and its mappings lead nowhere. Nobody says what became of it;
a type, a place and a name can make one column likely. It is offered, and never taken.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from lineage import fqn as names_of
from lineage.errors import MalformedName
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.edges import ColumnEdge, Edge
from lineage.model.entities import Column, Feature
from lineage.model.reference import Kind, Reference

__all__ = ["Replacement", "find_replacements"]

_SIMILAR = 0.6
"""From where on two names are taken for alike, of 1 for equal ones."""

_ALIKE = 0.75
"""From where on two names alone make it likely that one column replaces the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """A column or feature that may replace one that is gone.

    Attributes
    ----------
    gone, new : Reference
    reasons : tuple of str
        Why that is likely, in words.
    """

    gone: Reference
    new: Reference
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.new.fqn} may replace {self.gone.fqn}: {', '.join(self.reasons)}"


@dataclass(frozen=True, slots=True, order=True)
class _Fit:
    """How well a part fits into the place of one that is gone; more compares greater."""

    count: int
    similarity: float


def find_replacements(
    graph: LineageGraph,
    edge: Edge,
    gone: Iterable[Reference],
    *,
    earlier: LineageGraph | None = None,
) -> tuple[Replacement, ...]:
    """Find what probably replaces the parts that mappings of an edge name and that are gone.

    A part is offered that lies where the one that is gone lay, is named by no mapping of the
    edge, and has not another type, as far as types are known; where its name is alike, or its
    name or place fits along with something else. Of several that fit equally well, none is.

    Parameters
    ----------
    graph : LineageGraph
        The graph as it is; it is not changed.
    edge : Edge
        A recorded edge.
    gone : iterable of Reference
        The columns and features that its mappings name and that are gone.
    earlier : LineageGraph, optional
        An earlier reading: it knows types and places of what is gone, and what is new since.

    Returns
    -------
    tuple of Replacement
        At most one for each part, and none twice; sorted by what is gone.

    Examples
    --------
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.entities import Entity
    >>> from lineage.model.snapshot import Snapshot
    >>> def table(name, *columns):
    ...     parts = tuple(
    ...         Column(name=one, fqn=f"{name}.{one}", data_type="TEXT") for one in columns
    ...     )
    ...     return Entity(reference=Reference("table", name), columns=parts)
    >>> renamed = ColumnEdge(upstream=("a.email",), downstream="b.email_address")
    >>> tables = table("a", "email"), table("b", "id", "mail_address")
    >>> a, b = (one.reference for one in tables)
    >>> edge = Edge(upstream=a, downstream=b, column_edges=(renamed,))
    >>> graph = build_graph(Snapshot(entities=tables, edges=(edge,)))
    >>> [found] = find_replacements(graph, edge, [Reference("column", "b.email_address")])
    >>> print(found)
    b.mail_address may replace b.email_address: a similar name, the type TEXT of a.email
    """
    searching = _Searching(graph, edge, earlier)
    found = {part: searching.best(part) for part in sorted(set(gone))}
    fits = [(fit, one) for best in found.values() if best is not None for fit, one in (best,)]
    offered = (
        one
        for fit, one in fits
        # What fits into two places is offered for the one where it fits better.
        if all(other.new != one.new or fit > rival for rival, other in fits if other is not one)
    )
    return tuple(sorted(offered, key=lambda one: one.gone))


@dataclass(frozen=True, slots=True)
class _Searching:
    """One edge, and what is known of the parts its mappings name."""

    graph: LineageGraph
    edge: Edge
    earlier: LineageGraph | None

    def best(self, gone: Reference) -> tuple[_Fit, Replacement] | None:
        """Find the only part that fits best into the place of one that is gone."""
        fits = []
        for part in self._candidates(gone):
            similarity = _similarity(gone.name, part.name)
            reasons = tuple(self._reasons(gone, part, similarity))
            is_likely = len(reasons) > 1 or similarity >= _ALIKE
            if is_likely and not self._has_another_type(gone, part):
                fit = _Fit(len(reasons), round(similarity, 3))
                fits.append((fit, Replacement(gone=gone, new=part, reasons=reasons)))
        fits.sort(key=lambda item: item[0], reverse=True)
        is_only = len(fits) == 1 or (len(fits) > 1 and fits[0][0] > fits[1][0])
        return fits[0] if is_only else None

    def _candidates(self, gone: Reference) -> Iterator[Reference]:
        """Go through what lies where a part lay and may have come since."""
        named = {
            name
            for mapping in self.edge.column_edges
            for name in (*mapping.upstream, mapping.downstream)
        }
        for part in self.graph.parts(_holder(self.graph, gone)):
            is_old = self.earlier is not None and _is_read(self.earlier, part)
            is_free = part.fqn not in named and not is_old
            if is_free and part.kind == gone.kind and _is_read(self.graph, part):
                yield part

    def _reasons(self, gone: Reference, part: Reference, similarity: float) -> Iterator[str]:
        if self._place(gone) is not None and self._place(gone) == _place(self.graph, part):
            yield "the same place"
        if similarity >= _SIMILAR:
            yield "a similar name"
        own = _data_type(self.graph, part)
        for type_, whose in self._types(gone):
            if own is not None and own == type_:
                yield f"the type {own}{whose}"
                break

    def _has_another_type(self, gone: Reference, part: Reference) -> bool:
        own = _data_type(self.graph, part)
        known = [type_ for type_, _ in self._types(gone)]
        return own is not None and bool(known) and own not in known

    def _types(self, gone: Reference) -> list[tuple[str, str]]:
        """List the types that a part that is gone may have had, and whose they are.

        A value that arrives as it is has the type it had before.
        """
        if self.earlier is not None and _is_read(self.earlier, gone):
            type_ = _data_type(self.earlier, gone)
            return [] if type_ is None else [(type_, "")]
        found = []
        for mapping in self.edge.column_edges:
            for name in _counterparts(mapping, gone.fqn):
                type_ = _data_type(self.graph, Reference(Kind.COLUMN, name))
                found += [] if type_ is None else [(type_, f" of {name}")]
        return found

    def _place(self, gone: Reference) -> int | None:
        is_known = self.earlier is not None and gone in self.earlier
        return _place(self.earlier, gone) if self.earlier is not None and is_known else None


def _holder(graph: LineageGraph, gone: Reference) -> Reference:
    """Name what a part that is gone lay in: a column that is there, or else the entity."""
    try:
        above = Reference(gone.kind, names_of.parent(gone.fqn) or "")
    except MalformedName:
        return graph.entity_of(gone)
    return above if _is_read(graph, above) else graph.entity_of(gone)


def _counterparts(mapping: ColumnEdge, name: str) -> tuple[str, ...]:
    """Name what a part is mapped to, or from, as it is."""
    if mapping.function or mapping.influence is not None:
        return ()
    if mapping.downstream == name:
        return mapping.upstream if len(mapping.upstream) == 1 else ()
    return (mapping.downstream,) if mapping.upstream == (name,) else ()


def _place(graph: LineageGraph, part: Reference) -> int | None:
    parent = graph.parent(part)
    known = () if parent is None else graph.parts(parent)
    read = [one for one in known if _is_read(graph, one)]
    return read.index(part) if part in read else None


def _data_type(graph: LineageGraph, part: Reference) -> str | None:
    value = graph.value(part) if part in graph else None
    known = value.data_type if isinstance(value, Column | Feature) else None
    return None if known is None else known.upper()


def _is_read(graph: LineageGraph, part: Reference) -> bool:
    return part in graph and graph.value(part) is not None


def _similarity(one: str, other: str) -> float:
    """Compare two names by their letters and digits, in any case, from 0 to 1."""
    first, second = ("".join(filter(str.isalnum, name.casefold())) for name in (one, other))
    return SequenceMatcher(None, first, second, autojunk=False).ratio()
