"""Changes between versions: what an entity became since a moment, in which version, by whom."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from lineage.changes.schema_changes import schema_changes
from lineage.model.entities import Column, Entity, Feature, MlModel
from lineage.model.entity_history import History, as_of
from lineage.model.proposed_change import Action, ProposedChange
from lineage.model.reference import Reference
from lineage.model.snapshot import Snapshot

__all__ = ["Made", "Step", "as_before", "changes_made"]


class Step(NamedTuple):
    """A version that an entity got, when, and by whom."""

    version: float | None
    updated_at: int
    updated_by: str


class Made(NamedTuple):
    """A change that was made, and the versions that made it, oldest first.

    Attributes
    ----------
    change : ProposedChange
    steps : tuple of Step
    is_undone : bool
        Whether it is all as it was before: the last of the steps took the change back.
    """

    change: ProposedChange
    steps: tuple[Step, ...]
    is_undone: bool = False


def changes_made(history: History) -> list[Made]:
    """List the changes since the moment of a history, sorted by what was changed."""
    found = [
        made
        for reference, versions in history.versions.items()
        for made in _changes_of(reference, versions, history.moment)
    ]
    return sorted(found, key=lambda made: (made.change.subject, made.change.action))


def _changes_of(reference: Reference, versions: tuple[Entity, ...], moment: int) -> Iterator[Made]:
    before = as_of(versions, moment)
    later = [item for item in reversed(versions) if (item.updated_at or 0) > moment]
    if not later:
        return
    if before is None:
        yield Made(ProposedChange(action=Action.ADD, subject=reference), (_step(later[0]),))
        before = later[0]
    states = [before, *(item for item in later if item is not before)]
    if states[-1].reference != before.reference:
        yield _renaming(reference, states)
    states = [_under_name(item, reference) for item in states]
    steps = [(_step(new), _compared(old, new)) for old, new in pairwise(states)]
    total = _compared(states[0], states[-1])
    for change in total:
        yield Made(change, _touching(change.subject, steps))
    still = {change.subject for change in total}
    first = {change.subject: change for _, made in reversed(steps) for change in made}
    for subject in sorted(first.keys() - still):
        yield Made(first[subject], _touching(subject, steps), is_undone=True)


def _step(entity: Entity) -> Step:
    return Step(entity.version, entity.updated_at or 0, entity.updated_by or "")


def _compared(old: Entity, new: Entity) -> list[ProposedChange]:
    """Compare two bodies; of one thing and action the first change says enough."""
    before, after = (Snapshot(entities=(item,)) for item in (old, new))
    found: dict[tuple[Reference, Action, str | None], ProposedChange] = {}
    for change in schema_changes(before, after).changes:
        tag = change.after if change.action == Action.TAG else None
        found.setdefault((change.subject, change.action, tag), change)
    return list(found.values())


def _touching(
    subject: Reference, steps: list[tuple[Step, list[ProposedChange]]]
) -> tuple[Step, ...]:
    return tuple(step for step, made in steps if any(item.subject == subject for item in made))


def _renaming(reference: Reference, states: list[Entity]) -> Made:
    steps = (_step(new) for old, new in pairwise(states) if old.reference != new.reference)
    name = states[0].reference.fqn
    change = ProposedChange(
        action=Action.RENAME, subject=reference, before=name, after=states[-1].reference.fqn
    )
    return Made(change, tuple(steps))


def _under_name(entity: Entity, reference: Reference) -> Entity:
    """Return a body under the name that the entity has now: edges know no other."""
    old = entity.reference.fqn
    if old == reference.fqn:
        return entity
    named = replace(entity, reference=reference, columns=_moved(entity.columns, old, reference.fqn))
    if not isinstance(named, MlModel):
        return named
    features = tuple(
        replace(item, fqn=reference.fqn + item.fqn.removeprefix(old)) for item in named.features
    )
    return replace(named, features=features)


def _moved(columns: tuple[Column, ...], old: str, new: str) -> tuple[Column, ...]:
    return tuple(
        replace(
            column,
            fqn=new + column.fqn.removeprefix(old),
            children=_moved(column.children, old, new),
        )
        for column in columns
    )


def as_before(entity: Entity, versions: tuple[Entity, ...], moment: int) -> Entity:
    """Return what an entity was at a moment, and beside it what is new in its newest version.

    What is new stays, since the edges of today name it.
    """
    now, found = versions[0], as_of(versions, moment)
    if found is None:
        return now
    before = _under_name(found, entity.reference)
    joined = replace(
        before, id=entity.id, columns=_with_new(before.columns, now.columns), deleted=False
    )
    if isinstance(joined, MlModel) and isinstance(now, MlModel):
        return replace(joined, features=_with_new_features(joined.features, now.features))
    return joined


def _with_new(old: tuple[Column, ...], new: tuple[Column, ...]) -> tuple[Column, ...]:
    now = {column.fqn: column for column in new}
    kept = tuple(
        replace(column, children=_with_new(column.children, now[column.fqn].children))
        if column.fqn in now
        else column
        for column in old
    )
    known = {column.fqn for column in old}
    return kept + tuple(column for column in new if column.fqn not in known)


def _with_new_features(old: tuple[Feature, ...], new: tuple[Feature, ...]) -> tuple[Feature, ...]:
    now = {feature.fqn: feature.sources for feature in new}
    kept = tuple(
        replace(
            feature,
            sources=tuple(dict.fromkeys((*feature.sources, *now.get(feature.fqn, ())))),
        )
        for feature in old
    )
    known = {feature.fqn for feature in old}
    return kept + tuple(feature for feature in new if feature.fqn not in known)
