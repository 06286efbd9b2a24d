"""Capabilities: what a server of some release can be relied on for."""

from dataclasses import dataclass

__all__ = ["Capabilities"]

_EDGE_PATCHES = (1, 5)
_MANY_AT_ONCE = (2,)
_CONCURRENT_WRITES = (2,)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a server can be relied on for, by its version.

    Examples
    --------
    >>> Capabilities((1, 12, 6)).concurrent_edge_writes
    False
    >>> Capabilities((2, 0, 7)).many_at_once
    True
    """

    version: tuple[int, ...]

    @property
    def edge_patches(self) -> bool:
        """Whether edges can be changed by a JSON Patch."""
        return self.version >= _EDGE_PATCHES

    @property
    def many_at_once(self) -> bool:
        """Whether many entities are given by their ids in one answer."""
        return self.version >= _MANY_AT_ONCE

    @property
    def concurrent_edge_writes(self) -> bool:
        """Whether edges may be written several at a time.

        On 1.12 two writes that touch one document of the search index collide, be it only the
        document of a service: one of them answers 500 after its row is stored, and its entry in
        the index is lost until the same write comes again. No release is known to mend it; from
        2.0 on the index is written another way, and a 5xx is to be met by the same write again.
        """
        return self.version >= _CONCURRENT_WRITES
