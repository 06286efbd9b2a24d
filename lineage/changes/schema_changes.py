"""Schema changes: what was done to a catalog between two snapshots of it, as changes.

What went, came, got another type or a tag, and what is filled otherwise: a change of lineage is one
of what it fills. What nothing depends on, as a description, is no change here.
"""

from collections.abc import Iterator

from lineage.changes.snapshot_diff import ChangeKind, diff
from lineage.graph.build import build_graph
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.entities import Column, Entity, Feature, MlModel, Tag, walk_columns
from lineage.model.proposed_change import Action, ChangeSet, ProposedChange
from lineage.model.reference import GROUP_KINDS, Kind, Reference
from lineage.model.snapshot import Snapshot

__all__ = ["schema_changes"]

_Value = Entity | Column | Feature


def schema_changes(before: Snapshot, after: Snapshot) -> ChangeSet:
    """Find what was done to a catalog between two snapshots.

    Parameters
    ----------
    before, after : Snapshot
        Two readings of one catalog.

    Returns
    -------
    ChangeSet
        Changes to what the first has, sorted by it; as gaps what only the second could not read.

    Examples
    --------
    >>> people = Reference("table", "people")
    >>> age = Column(name="age", fqn="people.age", data_type="INT")
    >>> before = Snapshot(entities=(Entity(reference=people, columns=(age,)),))
    >>> after = Snapshot(entities=(Entity(reference=people),))
    >>> [str(change) for change in schema_changes(before, after).changes]
    ['drop column:people.age']
    """
    old, new = _values(before), _values(after)
    changes: list[ProposedChange] = []
    for item in diff(before, after).changes:
        if len(item.subject) > 1:
            continue
        (subject,) = item.subject
        if item.kind == ChangeKind.CHANGED:
            changes += _altered(subject, old[subject], new[subject])
        else:
            changes += _come_or_gone(subject, old.get(subject), new.get(subject))
    changes += _filled_otherwise(before, after)
    gaps = tuple(gap for gap in after.gaps if gap.hides_upstream and gap not in before.gaps)
    return ChangeSet(tuple(dict.fromkeys(changes)), gaps)


def _values(snapshot: Snapshot) -> dict[Reference, _Value]:
    found: dict[Reference, _Value] = {}
    for entity in snapshot.entities:
        found[entity.reference] = entity
        for column in walk_columns(entity.columns):
            found[Reference(Kind.COLUMN, column.fqn)] = column
        if isinstance(entity, MlModel):
            found.update((Reference(Kind.FEATURE, item.fqn), item) for item in entity.features)
    return found


def _come_or_gone(
    subject: Reference, old: _Value | None, new: _Value | None
) -> Iterator[ProposedChange]:
    if new is None:
        yield ProposedChange(action=Action.DROP, subject=subject)
    elif old is None:
        data_type = new.data_type if isinstance(new, Column) else None
        yield ProposedChange(action=Action.ADD, subject=subject, after=data_type)


def _altered(subject: Reference, old: _Value, new: _Value) -> Iterator[ProposedChange]:
    if isinstance(old, Entity) and isinstance(new, Entity) and new.deleted and not old.deleted:
        yield ProposedChange(action=Action.DROP, subject=subject)
    if isinstance(old, Column) and isinstance(new, Column) and old.data_type != new.data_type:
        yield ProposedChange(
            action=Action.RETYPE,
            subject=subject,
            before=old.data_type,
            after=new.data_type or "a type that is not known",
        )
    if isinstance(old, Feature) and isinstance(new, Feature) and old.sources != new.sources:
        yield ProposedChange(action=Action.RECOMPUTE, subject=subject, after="other sources")
    if subject.kind not in GROUP_KINDS:
        yield from (
            ProposedChange(action=Action.TAG, subject=subject, after=tag)
            for tag in sorted(_names(new.tags) - _names(old.tags))
        )


def _names(tags: tuple[Tag, ...]) -> set[str]:
    return {tag.fqn for tag in tags}


def _filled_otherwise(before: Snapshot, after: Snapshot) -> Iterator[ProposedChange]:
    """Find what other columns, other functions or other entities fill now.

    What a model declares and a server records is the same: graphs are compared, not edges.
    """
    then, now = (_fillings(build_graph(snapshot)) for snapshot in (before, after))
    for reference in sorted(then.keys() & now.keys()):
        was, is_ = then[reference], now[reference]
        if was != is_:
            yield ProposedChange(
                action=Action.RECOMPUTE,
                subject=reference,
                before=", ".join(sorted(was - is_)) or None,
                after=", ".join(sorted(is_ - was)) or None,
            )


def _fillings(graph: LineageGraph) -> dict[Reference, set[str]]:
    """Say of each reference what fills it, and how."""
    found: dict[Reference, set[str]] = {reference: set() for reference in graph}
    for hop in graph.hops():
        by = hop.influence or hop.function
        found[hop.downstream].add(f"{hop.upstream.fqn} by {by}" if by else hop.upstream.fqn)
    return found
