"""Find entities by the last parts of their names, as SQL and events name them."""

from collections import defaultdict
from collections.abc import Iterable

from lineage import fqn as names
from lineage.errors import MalformedName
from lineage.model.entities import Entity
from lineage.model.reference import Kind, Reference

__all__ = ["NameSuffixes", "split"]

_HOLDERS = frozenset(
    {Kind.TABLE, Kind.TOPIC, Kind.CONTAINER, Kind.SEARCH_INDEX, Kind.DASHBOARD_DATA_MODEL}
)
"""The kinds of entities that hold data under a name."""


class NameSuffixes:
    """The entities that hold data, by every suffix of their names.

    Parameters
    ----------
    entities : iterable of Entity
    """

    def __init__(self, entities: Iterable[Entity]) -> None:
        self._by_suffix: dict[tuple[str, ...], set[Reference]] = defaultdict(set)
        self._below_service: dict[tuple[str, ...], set[Reference]] = defaultdict(set)
        for entity in entities:
            if entity.reference.kind in _HOLDERS:
                parts = split(entity.reference.fqn)
                for start in range(len(parts)):
                    self._add(self._by_suffix, parts[start:], entity.reference)
                self._add(self._below_service, parts[1:], entity.reference)

    def find(self, parts: tuple[str, ...]) -> frozenset[Reference]:
        """Return the entities whose names end in these parts, else those in any case."""
        return _found(self._by_suffix, parts)

    def find_inside(self, parts: tuple[str, ...]) -> frozenset[Reference]:
        """Return the entities whose names below the service these parts end in.

        One part alone says too little; of several such names the longest counts.
        """
        for start in range(1, len(parts) - 1):
            found = _found(self._below_service, parts[start:])
            if found:
                return found
        return frozenset()

    @staticmethod
    def _add(
        table: dict[tuple[str, ...], set[Reference]], parts: tuple[str, ...], reference: Reference
    ) -> None:
        table[parts].add(reference)
        table[_folded(parts)].add(reference)


def split(fqn: str) -> tuple[str, ...]:
    """Split a name into its parts; none where it is no well-formed name."""
    try:
        return names.split(fqn)
    except MalformedName:
        return ()


def _found(
    table: dict[tuple[str, ...], set[Reference]], parts: tuple[str, ...]
) -> frozenset[Reference]:
    return frozenset(table.get(parts) or table.get(_folded(parts)) or ())


def _folded(parts: tuple[str, ...]) -> tuple[str, ...]:
    """Fold the case; marked, lest a name in small letters be taken for an exact match."""
    return ("", *(part.casefold() for part in parts))
