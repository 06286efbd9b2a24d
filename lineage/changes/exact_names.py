"""Exact names: what a declaration's names mean in a graph, or what is wrong with them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property

from lineage.errors import Mistake, did_you_mean
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.declaration import Named
from lineage.model.entities import Dashboard, Entity
from lineage.model.reference import ENTITY_KINDS, Kind, Reference
from lineage.model.settings_document import listed

__all__ = ["Names"]

_Inside = dict[str, list[Reference]]
"""The parts of an entity by each of their names; a name may mean several of them."""

_HINTS = 20
"""For how many wrong names the nearest is looked for; among many entities that takes a while."""


@dataclass
class Names:
    """Finds what names mean, and keeps every mistake it meets.

    A name in a file that is kept for years must mean one thing, so only full names are
    taken, in their own case: nothing is found by its ending.

    Attributes
    ----------
    mistakes : list of Mistake
        The place of each name that means nothing here, and what is wrong with it.
    """

    graph: LineageGraph
    mistakes: list[Mistake] = field(default_factory=list)
    _insides: dict[Reference, _Inside] = field(default_factory=dict)
    _hints: dict[str, str] = field(default_factory=dict)

    def entity(self, name: Named, *kinds: str) -> Entity | None:
        """Find an entity by `kind:fqn` or its fully qualified name; None for a mistake."""
        named = self._entities.get(name.text, [])
        found = [item for item in named if not kinds or item.kind in kinds]
        if len(found) > 1:
            self.mistake(
                name, f"{name.text!r} may mean {listed([str(item) for item in found])}: write which"
            )
            return None
        if not found:
            self.mistake(name, self._no_entity(name.text, named, kinds))
            return None
        value = self.graph.value(found[0])
        if not isinstance(value, Entity):
            self.mistake(name, f"{found[0]} is known by name only: it was not read, or is gone")
            return None
        return value

    def part(self, entity: Entity, name: Named) -> Reference | None:
        """Find a column, feature or chart of an entity; None for a mistake."""
        inside = self._inside(entity)
        found = inside.get(name.text, [])
        if len(found) == 1:
            return found[0]
        self.mistake(name, self._no_part(entity, name.text, found))
        return None

    def full(self, entity: Entity, fqn: str) -> Reference | None:
        """Find a column, feature or chart of an entity by its fully qualified name alone."""
        found = self._inside(entity).get(fqn, [])
        return next((part for part in found if part.fqn == fqn), None)

    def column(self, name: Named) -> Reference | None:
        """Find a column or feature by its fully qualified name; None for a mistake."""
        for kind in (Kind.COLUMN, Kind.FEATURE):
            part = Reference(kind, name.text)
            if part in self.graph and self.graph.value(part) is not None:
                return part
        entity = self._around(name.text)
        if entity is None:
            self.mistake(name, self._no_entity(name.text, [], (), noun="column"))
            return None
        return self.part(entity, name)

    def add_inside(self, entity: Entity, parts: Iterable[Reference]) -> None:
        """Let an entity have parts that the graph does not know yet."""
        inside = self._inside(entity)
        for part in parts:
            _add_names(inside, part, {part.fqn, part.name})

    def _inside(self, entity: Entity) -> _Inside:
        """List what mappings may name in an entity: by bare names, names inside it, in full."""
        reference = entity.reference
        if reference not in self._insides:
            inside: _Inside = {}
            direct = _direct(self.graph, entity)
            for part in _with_nested(self.graph, direct):
                _add_names(inside, part, {part.fqn, part.fqn.removeprefix(f"{reference.fqn}.")})
            for part in direct:
                _add_names(inside, part, {part.name})
            self._insides[reference] = inside
        return self._insides[reference]

    def mistake(self, name: Named, reason: str) -> None:
        """Keep a mistake."""
        self.mistakes.append(Mistake(name.line, name.column, reason))

    @cached_property
    def _entities(self) -> dict[str, list[Reference]]:
        found: dict[str, list[Reference]] = {}
        for reference in self.graph.references():
            if not reference.is_part:
                found.setdefault(reference.fqn, []).append(reference)
                found.setdefault(str(reference), []).append(reference)
        return found

    def _no_part(self, entity: Entity, text: str, found: list[Reference]) -> str:
        kind, above = entity.reference
        inside = self._inside(entity)
        if found:
            names = listed([part.fqn for part in found])
            return f"in {above}, {text!r} may mean {names}: write it in another form"
        if not inside:
            return f"{entity.reference} has no columns, so there is no {text!r}"
        word = "feature" if kind == Kind.MLMODEL else "column"
        short = text.removeprefix(f"{above}.")
        return f"{above} has no {word} {short!r}{_hint(short, inside)}"

    def _no_entity(
        self, text: str, named: list[Reference], kinds: tuple[str, ...], *, noun: str = "entity"
    ) -> str:
        if named:
            return f"{named[0]} is no {listed(kinds)}"
        what = f"no {listed(kinds) if kinds else noun} is called {text!r}"
        if what not in self._hints:
            self._hints[what] = self._near(text, kinds) if len(self._hints) < _HINTS else ""
        return f"{what}{self._hints[what]}"

    def _near(self, text: str, kinds: tuple[str, ...]) -> str:
        """Name what may be meant: full names that end so, or the nearest."""
        has_kind = text.partition(":")[0] in ENTITY_KINDS
        wanted = sorted(
            name
            for name, items in self._entities.items()
            if (name == str(items[0])) == has_kind
            and (not kinds or any(item.kind in kinds for item in items))
        )
        endings = [known for known in wanted if known.endswith(f".{text}")]
        if endings:
            return f"; names are written in full: did you mean {listed(endings[:3])}?"
        above = text.rpartition(".")[0]
        siblings = [known for known in wanted if known.rpartition(".")[0] == above]
        return _hint(text, siblings) or _hint(text, wanted)

    def _around(self, fqn: str) -> Entity | None:
        """Find the entity that a column's name begins with."""
        end = fqn.rfind(".")
        while end > 0:
            for reference in self._entities.get(fqn[:end], []):
                value = self.graph.value(reference)
                if isinstance(value, Entity):
                    return value
            end = fqn.rfind(".", 0, end)
        return None


def _direct(graph: LineageGraph, entity: Entity) -> list[Reference]:
    """List the columns or features directly in an entity that were read; a dashboard's charts."""
    if isinstance(entity, Dashboard):
        return list(entity.charts)
    return [part for part in graph.parts(entity.reference) if _is_read(graph, part)]


def _with_nested(graph: LineageGraph, parts: list[Reference]) -> list[Reference]:
    found, waiting = [], list(reversed(parts))
    while waiting:
        part = waiting.pop()
        found.append(part)
        waiting.extend(below for below in graph.parts(part) if _is_read(graph, below))
    return found


def _add_names(inside: _Inside, part: Reference, names: Iterable[str]) -> None:
    for name in names:
        known = inside.setdefault(name, [])
        if part not in known:
            known.append(part)


def _is_read(graph: LineageGraph, part: Reference) -> bool:
    return part.kind in (Kind.COLUMN, Kind.FEATURE) and graph.value(part) is not None


def _hint(text: str, known: Iterable[str]) -> str:
    return did_you_mean(get_close_matches(text, list(known), n=1))
