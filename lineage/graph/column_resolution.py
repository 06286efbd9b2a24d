"""Names: find a part of an entity by what somebody else calls it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from lineage.graph.storage import Value
from lineage.model.entities import Column, Entity, MlModel
from lineage.model.reference import Kind, Reference

__all__ = ["PartNames", "nested_columns"]

_Folding = Callable[[str], str]
_Table = dict[str, list[Reference]]


@dataclass(slots=True)
class PartNames:
    """The names of parts, listed for an entity when the first of them is asked for.

    Attributes
    ----------
    value_of : callable
        Gives what a reference stands for, None for what was not read.
    """

    value_of: Callable[[Reference], Value | None]
    tables: dict[tuple[Reference, _Folding], tuple[_Table, _Table]] = field(default_factory=dict)
    folded_fqns: dict[Reference, _Table] = field(default_factory=dict)

    def find(self, entity: Reference, name: str) -> Reference | None:
        """Find a part by exactly its name, else by its name in another case.

        A part directly in the entity comes before one that is nested deeper. Where several
        fit equally well, none is found.
        """
        for folding in (str, str.casefold):
            for table in self._tables(entity, folding):
                found = table.get(folding(name))
                if found:
                    return found[0] if len(found) == 1 else None
        return None

    def find_fqn(self, entity: Reference, fqn: str) -> Reference | None:
        """Find the only part whose fully qualified name differs in case alone."""
        table = self.folded_fqns.get(entity)
        if table is None:
            table = self.folded_fqns[entity] = {}
            for _, part, _ in self._parts(entity):
                same = table.setdefault(part.fqn.casefold(), [])
                if part not in same:
                    same.append(part)
        found = table.get(fqn.casefold(), [])
        return found[0] if len(found) == 1 else None

    def _tables(self, entity: Reference, folding: _Folding) -> tuple[_Table, _Table]:
        """List the names that fit best, and those that fit worse."""
        tables = self.tables.get((entity, folding))
        if tables is None:
            tables = self.tables[entity, folding] = {}, {}
            for is_direct, part, name in self._parts(entity):
                inside = part.fqn.removeprefix(f"{entity.fqn}.")
                direct = {name, inside} if is_direct else {inside}
                nested = set() if is_direct else {name}
                for table, keys in zip(tables, (direct, nested), strict=True):
                    for key in set(map(folding, keys)):
                        found = table.setdefault(key, [])
                        if part not in found:  # two columns of one name are one part
                            found.append(part)
        return tables

    def _parts(self, entity: Reference) -> Iterator[tuple[bool, Reference, str]]:
        """Go through the parts of an entity: whether they lie directly in it, and their names."""
        value = self.value_of(entity)
        if not isinstance(value, Entity):
            return
        for parent, column in nested_columns(value):
            yield parent == entity, Reference(Kind.COLUMN, column.fqn), column.name
        if isinstance(value, MlModel):
            for feature in value.features:
                yield True, Reference(Kind.FEATURE, feature.fqn), feature.name


def nested_columns(entity: Entity) -> Iterator[tuple[Reference, Column]]:
    """Go through the columns of an entity with what each is directly in."""
    waiting = [(entity.reference, column) for column in reversed(entity.columns)]
    while waiting:
        parent, column = waiting.pop()
        yield parent, column
        if column.children:
            below = Reference(Kind.COLUMN, column.fqn)
            waiting.extend((below, child) for child in reversed(column.children))
