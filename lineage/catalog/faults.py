"""Faults: what goes wrong on servers in use, on request.

They are for tests of clients: each is something that a recorded server does, at a moment that
cannot be chosen there.
"""

from dataclasses import dataclass

from lineage.catalog.answers import RefusalError, unforeseen
from lineage.catalog.entity_store import Document

__all__ = ["Faults", "collision"]


@dataclass(slots=True, kw_only=True)
class Faults:
    """What a catalog does wrong from now on; nothing unless it is set.

    Attributes
    ----------
    collisions : int
        How many of the next writes of edges collide in the search index: each is answered by a
        500 after it is stored, and neither the index nor the derived edges learn of it.
    stale_index : bool
        Whether the index misses writes of edges that are answered as if nothing were wrong.
    lost_patches : bool
        Whether patches of entities are answered with the change and store nothing.
    hidden : frozenset of str
        Names of entities that the token may not see: lists leave them out, totals too, and by
        themselves they are refused. The index and the graph show them.
    unrenderable : frozenset of str
        Names of entities that cannot be rendered: neither by themselves, nor any page they
        are on.
    requests_left : int or None
        How many more requests the token is good for; None is any number.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from lineage import Catalog
    >>> with TemporaryDirectory() as folder, Catalog(f"{folder}/catalog.db") as catalog:
    ...     catalog.faults.collisions = 1
    ...     catalog.faults
    Faults(collisions=1, stale_index=False, lost_patches=False, hidden=frozenset(), \
unrenderable=frozenset(), requests_left=None)
    """

    collisions: int = 0
    stale_index: bool = False
    lost_patches: bool = False
    hidden: frozenset[str] = frozenset()
    unrenderable: frozenset[str] = frozenset()
    requests_left: int | None = None

    def count_request(self) -> None:
        """Count a request against the token.

        Raises
        ------
        RefusalError
            The token is good for no more.
        """
        if self.requests_left is None:
            return
        if self.requests_left == 0:
            raise RefusalError(401, "Not Authorized! Invalid token.")
        self.requests_left -= 1

    def check_visible(self, document: Document, user: str) -> None:
        """Check that an entity may be seen by itself.

        Raises
        ------
        RefusalError
            It is hidden from the token.
        """
        if document.fqn in self.hidden:
            message = (
                f"Principal: CatalogPrincipal{{name='{user}'}} operations [ViewAll] not allowed"
            )
            raise RefusalError(403, message)

    def collides(self) -> bool:
        """Whether this write of an edge collides with another in the index."""
        if self.collisions == 0:
            return False
        self.collisions -= 1
        return True


def collision() -> RefusalError:
    """Fail as the server does after it has stored an edge that it could not index."""
    return unforeseen("status line [HTTP/1.1 409 Conflict] version_conflict_engine_exception")
