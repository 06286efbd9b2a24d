"""Written changes: what a person wrote, found in the catalog and checked for sense."""

from collections.abc import Iterable

from lineage.errors import LineageError, Mistake, MistakenFile
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.proposed_change import Action, ChangeSet, ProposedChange, WrittenChange
from lineage.model.reference import Kind, Reference
from lineage.queries.lookup import find

__all__ = ["WRITABLE", "resolve_change", "resolve_changes"]

WRITABLE = tuple(action for action in Action if action not in {Action.ADD, Action.RECOMPUTE})
"""What a person can say. What is new, or computed otherwise, is found by comparing."""

_WITH = {
    Action.RENAME: "a new name",
    Action.MOVE: "a new place",
    Action.RETYPE: "a type",
    Action.TAG: "a tag",
}
_OF_COLUMNS = frozenset({Action.RETYPE, Action.NULLABLE, Action.NOT_NULL})
_JOBS = (Kind.PIPELINE, Kind.STORED_PROCEDURE)


def resolve_changes(graph: LineageGraph, written: Iterable[WrittenChange]) -> ChangeSet:
    """Find what is meant by some changes.

    Raises
    ------
    MistakenFile
        Some of them, which are in a file, cannot be meant: all mistakes, each with its line.
    LineageError
        One that is in no file cannot.
    """
    found: list[ProposedChange] = []
    mistakes: dict[str, list[Mistake]] = {}
    for change in written:
        try:
            found.append(resolve_change(graph, change))
        except LineageError as error:
            place = change.written
            if not place.file:
                raise
            mistake = Mistake(place.line, place.column, str(error))
            mistakes.setdefault(place.file, []).append(mistake)
    for file, own in mistakes.items():
        raise MistakenFile(file, own)
    return ChangeSet(tuple(found))


def resolve_change(graph: LineageGraph, written: WrittenChange) -> ProposedChange:
    """Find what is meant by one change.

    Raises
    ------
    UnknownEntity
        Nothing is called so; the nearest names are with it.
    AmbiguousName
        Several things are.
    LineageError
        It makes no sense of what is called so, or lacks something.

    Examples
    --------
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.entities import Entity
    >>> from lineage.model.snapshot import Snapshot
    >>> graph = build_graph(Snapshot(entities=(Entity(reference=Reference("table", "people")),)))
    >>> str(resolve_change(graph, WrittenChange(action=Action.DROP, name="People")))
    'drop table:people'
    >>> resolve_change(graph, WrittenChange(action=Action.TAG, name="people"))
    Traceback (most recent call last):
    lineage.errors.LineageError: to tag something takes a tag: tag NAME TAG
    """
    _refuse_incomplete(written)
    subject = find(graph, written.name)
    _refuse_senseless(written.action, subject)
    return ProposedChange(
        action=written.action,
        subject=subject,
        after=None if written.after is None else written.after.strip(),
        written=written.written,
    )


def _refuse_incomplete(written: WrittenChange) -> None:
    action, needed = written.action, _WITH.get(written.action)
    has_after = bool((written.after or "").strip())
    if needed and not has_after:
        word = needed.rpartition(" ")[2].upper()
        message = f"to {action} something takes {needed}: {action} NAME {word}"
        raise LineageError(message)
    if has_after and not needed:
        message = f"to {action} something takes a name alone, but there is {written.after!r} too"
        raise LineageError(message)


def _refuse_senseless(action: Action, subject: Reference) -> None:
    if action in _OF_COLUMNS and not subject.is_part:
        message = f"{subject} is no column: only a column can be the subject of {action}"
        raise LineageError(message)
    if action == Action.SWITCH_OFF and subject.kind not in _JOBS:
        message = f"{subject} is no pipeline or stored procedure: only these can be switched off"
        raise LineageError(message)
