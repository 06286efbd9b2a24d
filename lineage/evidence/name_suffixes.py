"""Find entities by the last parts of their names, as SQL and events name them."""

from collections import defaultdict
from collections.abc import Iterable

from lineage import fqn as names
from lineage.errors import MalformedName
from lineage.model.entities import Entity
from lineage.model.reference import Kind, Reference

__all__ = ["Endings", "split"]

_HOLDERS = frozenset(
    {Kind.TABLE, Kind.TOPIC, Kind.CONTAINER, Kind.SEARCH_INDEX, Kind.DASHBOARD_DATA_MODEL}
)
"""The kinds of entities that hold data under a name."""


class Endings:
    """The entities that hold data, by every ending of their names.

    Parameters
    ----------
    entities : iterable of Entity
    shortest : int
        How many parts a name must have to be looked for at all.
    """

    def __init__(self, entities: Iterable[Entity], *, shortest: int) -> None:
        self._found: dict[tuple[str, ...], set[Reference]] = defaultdict(set)
        for entity in entities:
            if entity.reference.kind in _HOLDERS:
                parts = split(entity.reference.fqn)
                for start in range(len(parts) - shortest + 1):
                    self._found[parts[start:]].add(entity.reference)
                    self._found[_folded(parts[start:])].add(entity.reference)

    def find(self, parts: tuple[str, ...]) -> frozenset[Reference]:
        """Collect the entities whose names end in these parts, else those in any case."""
        found = self._found.get(parts) or self._found.get(_folded(parts))
        return frozenset(found or ())


def split(fqn: str) -> tuple[str, ...]:
    """Split a name into its parts; none where it is no well-formed name."""
    try:
        return names.split(fqn)
    except MalformedName:
        return ()


def _folded(parts: tuple[str, ...]) -> tuple[str, ...]:
    """Fold the case; marked, lest a name in small letters be taken for an exact match."""
    return ("", *(part.casefold() for part in parts))
