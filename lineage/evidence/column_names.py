"""Columns by the names that evidence calls them."""

from collections.abc import Iterable, Iterator

from lineage import fqn as names
from lineage.model.entities import Column, Entity, Feature, MlModel
from lineage.model.reference import Reference

__all__ = ["ColumnNames", "nested_columns"]


class ColumnNames:
    """The columns and features of entities, by what stands behind the entity's name."""

    def __init__(self, entities: Iterable[Entity]) -> None:
        self._entities = {entity.reference: entity for entity in entities}
        self._known: dict[Reference, tuple[dict[str, str], dict[str, list[str]]]] = {}

    def find(self, entity: Reference, name: str) -> str:
        """Give the fully qualified name of a column: of exactly this name, or of any case.

        A name that no column has, or several in another case, is spelled as if one had it: the
        graph then says that the column is not there.
        """
        return self.known(entity, name) or f"{entity.fqn}.{names.quote(name or ' ')}"

    def known(self, entity: Reference, name: str) -> str | None:
        """Give the fully qualified name of a column; None where no column has this name."""
        exact, folded = self._of(entity)
        if name in exact:
            return exact[name]
        found = folded.get(name.casefold(), [])
        return found[0] if len(found) == 1 else None

    def _of(self, entity: Reference) -> tuple[dict[str, str], dict[str, list[str]]]:
        if entity not in self._known:
            exact = dict(_inside(self._entities[entity])) if entity in self._entities else {}
            folded: dict[str, list[str]] = {}
            for name, fqn in exact.items():
                if fqn not in folded.setdefault(name.casefold(), []):
                    folded[name.casefold()].append(fqn)
            self._known[entity] = exact, folded
        return self._known[entity]


def nested_columns(entity: Entity) -> Iterator[Column]:
    """Go through the columns of an entity, however deep."""
    waiting = list(reversed(entity.columns))
    while waiting:
        column = waiting.pop()
        yield column
        waiting.extend(reversed(column.children))


def _inside(entity: Entity) -> Iterator[tuple[str, str]]:
    """Give what a part is called inside its entity, and bare where it lies directly in it."""
    direct: list[Column | Feature] = list(entity.columns)
    if isinstance(entity, MlModel):
        direct += entity.features
    for part in direct:
        yield part.name, part.fqn
    for part in (*direct, *nested_columns(entity)):
        yield part.fqn.removeprefix(f"{entity.reference.fqn}."), part.fqn
