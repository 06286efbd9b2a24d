"""Exact names: what a declaration's names stand for in a graph, or what is wrong with them."""

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

_HINTS = 20
"""For how many wrong names the nearest is looked for; among many entities that takes a while."""


@dataclass
class Names:
    """Finds what names stand for, and keeps every mistake it meets.

    A name in a file that is kept for years must mean one thing, so only whole names are
    taken, in their own case: nothing is found by its ending.

    Attributes
    ----------
    mistakes : list of Mistake
        Where each name stands that stands for nothing, and what is wrong with it.
    """

    graph: LineageGraph
    mistakes: list[Mistake] = field(default_factory=list)
    _insides: dict[Reference, dict[str, Reference]] = field(default_factory=dict)
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
        inside = self.inside(entity)
        if name.text in inside:
            return inside[name.text]
        kind, whole = entity.reference
        if not inside:
            self.mistake(name, f"{entity.reference} has no columns, so there is no {name.text!r}")
            return None
        word = "feature" if kind == Kind.MLMODEL else "column"
        short = name.text.removeprefix(f"{whole}.")
        self.mistake(name, f"{whole} has no {word} {short!r}{_hint(short, inside)}")
        return None

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

    def inside(self, entity: Entity) -> dict[str, Reference]:
        """List what mappings may name in an entity: by names inside it, then in full."""
        reference = entity.reference
        if reference not in self._insides:
            direct = _direct(self.graph, entity)
            parts = _with_nested(self.graph, direct)
            self._insides[reference] = {
                **{part.fqn: part for part in parts},
                **{part.fqn.removeprefix(f"{reference.fqn}."): part for part in parts},
                **{part.name: part for part in direct},
            }
        return self._insides[reference]

    def add_inside(self, entity: Entity, parts: Iterable[Reference]) -> None:
        """Let an entity have parts that the graph does not know yet."""
        inside = self.inside(entity)
        for part in parts:
            inside[part.fqn] = inside[part.name] = part

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
        """Name what may be meant: whole names that end so, or the nearest."""
        is_whole = text.partition(":")[0] in ENTITY_KINDS
        wanted = sorted(
            name
            for name, items in self._entities.items()
            if (name == str(items[0])) == is_whole
            and (not kinds or any(item.kind in kinds for item in items))
        )
        endings = [known for known in wanted if known.endswith(f".{text}")]
        if endings:
            return f"; names are whole: did you mean {listed(endings[:3])}?"
        above = text.rpartition(".")[0]
        beside = [known for known in wanted if known.rpartition(".")[0] == above]
        return _hint(text, beside) or _hint(text, wanted)

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


def _is_read(graph: LineageGraph, part: Reference) -> bool:
    return part.kind in (Kind.COLUMN, Kind.FEATURE) and graph.value(part) is not None


def _hint(text: str, known: Iterable[str]) -> str:
    return did_you_mean(get_close_matches(text, list(known), n=1))
