"""The difference between two snapshots, or two graphs, as text, change by change."""

from collections.abc import Iterator

from lineage.changes.graph_diff import HopDiff
from lineage.changes.snapshot_diff import Change, ChangeKind, SnapshotDiff
from lineage.views.terminal import printable

__all__ = ["render_diff"]

_SIGNS = {ChangeKind.ADDED: "+", ChangeKind.REMOVED: "-", ChangeKind.CHANGED: "~"}


def render_diff(answer: SnapshotDiff | HopDiff) -> str:
    """Write a difference as text: `+` came, `-` went, `~` changed, and how.

    Examples
    --------
    >>> from lineage.changes.snapshot_diff import Detail
    >>> from lineage.model.reference import Reference
    >>> mail = Reference("column", "people.email")
    >>> tagged = Detail("tags", "", "PII.Sensitive")
    >>> print(render_diff(SnapshotDiff((Change((mail,), ChangeKind.CHANGED, (tagged,)),))))
    ~ column:people.email
        tags: none → PII.Sensitive
    1 part changed
    """
    lines = [line for item in answer.changes for line in _change_lines(item)]
    lines += [f"not known: {printable(str(gap))}" for gap in answer.gaps]
    return "\n".join([*lines, answer.summary()])


def _change_lines(change: Change) -> Iterator[str]:
    yield f"{_SIGNS[change.kind]} {printable(' → '.join(map(str, change.subject)))}"
    yield from (f"    {printable(str(detail))}" for detail in change.details)
