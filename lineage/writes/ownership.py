"""Ownership: what may be taken away, since it is ours."""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from lineage.changes.edge_facts import DRAWN, Pair, fingerprint, functions
from lineage.model.edges import Edge
from lineage.model.reference import Reference

__all__ = ["DERIVED", "Manifest", "Owner", "Ownership", "bare_fingerprint"]

DERIVED = "ChildAssets"
"""How the server records the edges it derives by itself; those are never written."""


class Owner(StrEnum):
    """Whose an edge is, as far as that can be proved."""

    OURS = "ours"
    """Our user wrote it, or our manifest lists it."""
    OTHERS = "others"
    """Somebody else wrote it, or wrote to it."""
    UNKNOWN = "unknown"
    """Nobody is known to have written it, or it is not known who we are."""
    NOBODY = "nobody"
    """It is not there yet."""


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
    """What is ours, and how that is proved.

    A manifest decides alone where there is one, since it knows every mapping. Else an edge
    is ours if our user made it and nobody has written to it since: of one that was written
    to again, what others added in between and what we did cannot be distinguished. Who drew an
    edge by hand (`Manual`) used the same server as we do, and maybe the same user: only a
    manifest makes such an edge ours.

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
        """Say whose an edge is, all of it."""
        if edge is None:
            return Owner.NOBODY
        if self.manifest is not None:
            return Owner.OURS if self.manifest.made(edge) else Owner.OTHERS
        evidence = edge.evidence
        writers = {evidence.created_by, evidence.updated_by} - {None, ""}
        if not writers or not self.user:
            return Owner.UNKNOWN
        if writers != {self.user} or evidence.recorded_as == DRAWN:
            return Owner.OTHERS
        # The server names the first and the last writer only, whoever wrote in between.
        is_written_once = evidence.created_at == evidence.updated_at
        return Owner.OURS if is_written_once else Owner.UNKNOWN

    def owns(self, edge: Edge, pair: Pair) -> bool:
        """Whether one pair of a mapping, a column and what it becomes, is ours."""
        if self.manifest is not None:
            return self.manifest.lists(edge, pair)
        return self.owner(edge) == Owner.OURS


def bare_fingerprint(edge: Edge) -> str:
    """Give the fingerprint of what an edge says, but for its mappings."""
    return fingerprint(replace(edge, column_edges=()))
