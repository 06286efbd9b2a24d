"""Ownership: what may be taken away, since it is ours."""

from dataclasses import dataclass, field, replace

from lineage.model.edges import Edge
from lineage.model.reference import Reference
from lineage.writes.edge_steps import Owner, Pair, fingerprint, functions

__all__ = ["DERIVED", "DRAWN", "Manifest", "Ownership", "bare_fingerprint"]

DERIVED = "ChildAssets"
"""How the server records the edges it derives by itself; those are never written."""

DRAWN = "Manual"
"""How the server records an edge that somebody drew, and any that says nothing else."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What we wrote to one server: the edges we made, and the pairs of columns we mapped.

    Attributes
    ----------
    edges : frozenset of (Reference, Reference, str)
        Upstream and downstream of every edge that was not there before, and the fingerprint
        of what it said when we wrote it, but for its mappings.
    mappings : frozenset of (Reference, Reference, str, str, str)
        The ends of the edge, the column, what it was mapped to, and the function.
    """

    edges: frozenset[tuple[Reference, Reference, str]] = frozenset()
    mappings: frozenset[tuple[Reference, Reference, str, str, str]] = frozenset()

    def lists(self, edge: Edge, pair: Pair) -> bool:
        """Whether one pair of an edge is mapped just as we mapped it, and by nobody else."""
        known = functions(edge).get(pair, frozenset())
        return (
            len(known) == 1 and {(edge.upstream, edge.downstream, *pair, *known)} <= self.mappings
        )

    def made(self, edge: Edge) -> bool:
        """Whether we made an edge and nobody else added to it."""
        is_made = (edge.upstream, edge.downstream, bare_fingerprint(edge)) in self.edges
        return is_made and all(self.lists(edge, pair) for pair in functions(edge))


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
            return Owner.OURS if self.manifest.made(edge) else Owner.OTHERS
        writers = {edge.evidence.created_by, edge.evidence.updated_by} - {None, ""}
        if not writers or not self.user:
            return Owner.UNKNOWN
        is_ours = writers == {self.user} and edge.evidence.recorded_as != DRAWN
        return Owner.OURS if is_ours else Owner.OTHERS

    def owns(self, edge: Edge, pair: Pair) -> bool:
        """Tell whether one pair of a mapping, a column and what it becomes, is ours."""
        if self.manifest is not None:
            return self.manifest.lists(edge, pair)
        return self.owner(edge) == Owner.OURS


def bare_fingerprint(edge: Edge) -> str:
    """Give the fingerprint of what an edge says, but for its mappings."""
    return fingerprint(replace(edge, column_edges=()))
