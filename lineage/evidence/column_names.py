"""Columns by the names that evidence calls them."""

from collections.abc import Iterable, Iterator

from lineage.model.entities import Column, Entity, Feature, MlModel, walk_columns
from lineage.model.reference import Reference

__all__ = ["ColumnNames"]


class ColumnNames:
    """The columns and features of entities, by what stands behind the entity's name."""

    def __init__(self, entities: Iterable[Entity]) -> None:
        self._entities = {entity.reference: entity for entity in entities}
        self._known: dict[Reference, tuple[dict[str, str], dict[str, list[str]]]] = {}

    def find(self, entity: Reference, name: str) -> str | None:
        """Return the fully qualified name of a column: of exactly this name, or of any case.

        A field that is not known to be nested stands for what it is in, however far up. Where no
        column of an entity is known, its own name stands for all of them. None where no column
        has this name, or several have in another case.
        """
        if not self._of(entity)[0]:
            return entity.fqn
        found = self.known(entity, name)
        while found is None and "." in name:
            name = name.rpartition(".")[0]
            found = self.known(entity, name)
        return found

    def known(self, entity: Reference, name: str) -> str | None:
        """Return the fully qualified name of the very column; None where it is not there."""
        exact, folded = self._of(entity)
        if name in exact:
            return exact[name]
        found = folded.get(name.casefold(), [])
        return found[0] if len(found) == 1 else None

    def undescribed(self, entity: Reference, described: Iterable[str]) -> tuple[str, ...]:
        """Return the columns of which nothing is described, each as high up as that holds."""
        known = set(described)
        found: list[str] = []
        waiting = list(reversed(_direct(self._entities.get(entity))))
        while waiting:
            part = waiting.pop()
            if part.fqn in known:
                continue
            inside = part.children if isinstance(part, Column) else ()
            if known.isdisjoint(column.fqn for column in walk_columns(inside)):
                found.append(part.fqn)
            else:
                waiting.extend(reversed(inside))
        return tuple(found)

    def _of(self, entity: Reference) -> tuple[dict[str, str], dict[str, list[str]]]:
        if entity not in self._known:
            exact = dict(_inside(self._entities[entity])) if entity in self._entities else {}
            folded: dict[str, list[str]] = {}
            for name, fqn in exact.items():
                if fqn not in folded.setdefault(name.casefold(), []):
                    folded[name.casefold()].append(fqn)
            self._known[entity] = exact, folded
        return self._known[entity]


def _direct(entity: Entity | None) -> list[Column | Feature]:
    if entity is None:
        return []
    features = entity.features if isinstance(entity, MlModel) else ()
    return [*entity.columns, *features]


def _inside(entity: Entity) -> Iterator[tuple[str, str]]:
    """Give what a part is called inside its entity, and bare where it lies directly in it."""
    direct = _direct(entity)
    for part in direct:
        yield part.name, part.fqn
    for part in (*direct, *walk_columns(entity.columns)):
        yield part.fqn.removeprefix(f"{entity.reference.fqn}."), part.fqn
