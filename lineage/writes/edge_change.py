"""What a step does to one edge: what it says before and after, and what differs."""

from dataclasses import dataclass

from lineage.changes.edge_facts import facts, functions, mapping_text
from lineage.model.edges import ColumnEdge, Edge
from lineage.writes.step import Action

__all__ = ["EdgeChange", "action_of"]

_Named = frozenset[tuple[str, str, str]]
"""Pairs of a column and what it is mapped to, each with a function."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeChange:
    """An edge as it is and as it should be; None for one that is not there.

    Attributes
    ----------
    before, after : Edge or None
    """

    before: Edge | None
    after: Edge | None

    @property
    def added(self) -> tuple[ColumnEdge, ...]:
        """The mappings that will be there and are not yet, nor in another form."""
        changed = {new for _, new in self.changed}
        return tuple(item for item in _only(self.after, self.before) if item not in changed)

    @property
    def removed(self) -> tuple[ColumnEdge, ...]:
        """The mappings that are there and will not be, nor in another form."""
        changed = {old for old, _ in self.changed}
        return tuple(item for item in _only(self.before, self.after) if item not in changed)

    @property
    def changed(self) -> tuple[tuple[ColumnEdge, ColumnEdge], ...]:
        """The mappings that keep their ends and change their function, before and after."""
        going = {_ends(item): item for item in reversed(_only(self.before, self.after))}
        coming = {_ends(item): item for item in reversed(_only(self.after, self.before))}
        return tuple((going[ends], coming[ends]) for ends in reversed(going) if ends in coming)

    @property
    def details(self) -> tuple[tuple[str, str, str], ...]:
        """The facts that will differ: what it is, how it is now, how it will be."""
        if self.after is None:
            return ()
        then, now = facts(self.before), facts(self.after)
        return tuple((name, then[name], now[name]) for name in now if then[name] != now[name])

    @property
    def kept(self) -> set[ColumnEdge]:
        """The mappings that are there and will be."""
        there = set() if self.before is None else set(self.before.column_edges)
        return there.intersection(() if self.after is None else self.after.column_edges)

    def lacking_in(self, edge: Edge | None) -> str:
        """Name what an edge does not say yet of all this, or still says; nothing where it is so."""
        if self.after is None:
            return "" if edge is None else "the server still has the edge"
        if edge is None:
            return "the server has no such edge"
        there = _named(edge)
        missing = sorted((_named(self.after) - _named(self.before)) - there)
        said = facts(edge)
        lacking = [
            *(f"{column} → {target}" for column, target, _ in missing),
            *(name for name, _, after in self.details if said[name] != after),
        ]
        if lacking:
            return f"the server does not have {'; '.join(lacking)}"
        left = sorted((_named(self.before) - _named(self.after)) & there)
        names = [f"{column} → {target}" for column, target, _ in left]
        return f"the server still has {'; '.join(names)}" if left else ""

    def lost_between(self, then: Edge | None, now: Edge | None) -> list[str]:
        """Name what stood on the edge, is not the change's to take, and does not stand any more."""
        if then is None or self.after is None or now is None:
            return []
        taken = _named(self.before) - _named(self.after)
        lost = sorted(_named(then) - taken - _named(now))
        changed = {name for name, _, _ in self.details}
        said = facts(now)
        return [
            *(_text(*names) for names in lost),
            *(
                name
                for name, value in facts(then).items()
                if value and name not in changed and said[name] != value
            ),
        ]


def action_of(before: Edge | None, after: Edge | None) -> Action:
    """Name what leads from one state of an edge to another."""
    if after is None:
        return Action.REMOVE_EDGE
    if before is None:
        return Action.CREATE_EDGE
    is_less = functions(before).keys() > functions(after).keys()
    return Action.REMOVE_MAPPINGS if is_less else Action.CHANGE_EDGE


def _named(edge: Edge | None) -> _Named:
    return frozenset((*pair, name) for pair, names in functions(edge).items() for name in names)


def _text(column: str, target: str, function: str) -> str:
    return mapping_text(ColumnEdge(upstream=(column,), downstream=target, function=function))


def _only(one: Edge | None, other: Edge | None) -> tuple[ColumnEdge, ...]:
    """Find which mappings one edge has and the other has not."""
    there = () if one is None else one.column_edges
    known = frozenset(() if other is None else other.column_edges)
    return tuple(mapping for mapping in there if mapping not in known)


def _ends(mapping: ColumnEdge) -> tuple[frozenset[str], str]:
    return frozenset(mapping.upstream), mapping.downstream
