"""Ownership: what may be taken away, since it is ours."""

from dataclasses import dataclass, field

from lineage.model.edges import Edge
from lineage.model.reference import Reference
from lineage.writes.steps import Owner

__all__ = ["DERIVED", "DRAWN", "Manifest", "Ownership"]

DERIVED = "ChildAssets"
"""How the server records the edges it derives by itself; those are never written."""

DRAWN = "Manual"
"""How the server records an edge that somebody drew, and any that says nothing else."""

Ends = tuple[Reference, Reference]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What we wrote to one server: the edges we made, and the pairs of columns we mapped.

    Attributes
    ----------
    edges : frozenset of (Reference, Reference)
        Upstream and downstream of every edge that was not there before.
    mappings : frozenset of (Reference, Reference, str, str)
        The ends of the edge, the column, and the column or feature it was mapped to.
    """

    edges: frozenset[Ends] = frozenset()
    mappings: frozenset[tuple[Reference, Reference, str, str]] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ownership:
    """How to tell what is ours.

    A manifest decides alone where there is one, since it knows every mapping. Else an edge
    is ours if our user made it and was the last to write it. Who drew an edge by hand
    (`Manual`) used the same server as we do, and maybe the same user: only a manifest makes
    such an edge ours.

    Attributes
    ----------
    user : str
        Our user's name, as the server calls it; empty where it is not known.
    manifest : Manifest or None
        What we wrote.

    Examples
    --------
    >>> from lineage.model.edges import Evidence
    >>> a, b = Reference("table", "a"), Reference("mlmodel", "b")
    >>> evidence = Evidence(recorded_as="PipelineLineage", created_by="bot", updated_by="bot")
    >>> edge = Edge(upstream=a, downstream=b, evidence=evidence)
    >>> str(Ownership(user="bot").owner(edge)), str(Ownership(user="me").owner(edge))
    ('ours', 'others')
    """

    user: str = ""
    manifest: Manifest | None = field(default=None, repr=False)

    def owner(self, edge: Edge | None) -> Owner:
        """Tell whose an edge as a whole is."""
        if edge is None:
            return Owner.NOBODY
        if self.manifest is not None:
            made = (edge.upstream, edge.downstream) in self.manifest.edges
            known = all(self._is_listed(edge, pair) for pair in _pairs(edge))
            return Owner.OURS if made and known else Owner.OTHERS
        writers = {edge.evidence.created_by, edge.evidence.updated_by} - {None, ""}
        if not writers or not self.user:
            return Owner.UNKNOWN
        is_ours = writers == {self.user} and edge.evidence.recorded_as != DRAWN
        return Owner.OURS if is_ours else Owner.OTHERS

    def owns(self, edge: Edge, pair: tuple[str, str]) -> bool:
        """Tell whether one pair of a mapping, a column and what it becomes, is ours."""
        if self.manifest is not None:
            return self._is_listed(edge, pair)
        return self.owner(edge) == Owner.OURS

    def _is_listed(self, edge: Edge, pair: tuple[str, str]) -> bool:
        listed = () if self.manifest is None else self.manifest.mappings
        return (edge.upstream, edge.downstream, *pair) in listed


def _pairs(edge: Edge) -> set[tuple[str, str]]:
    return {pair for mapping in edge.column_edges for pair in mapping.pairs}
