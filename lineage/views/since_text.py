"""What has changed since a model was trained, as text for a terminal."""

from collections.abc import Iterator
from itertools import groupby

from lineage.changes.since import Since, SourceChange
from lineage.changes.version_changes import Made
from lineage.views.impact_text import IMPACT_MEANINGS
from lineage.views.terminal import moment, printable

__all__ = ["describe_steps", "render_since"]

_SHOWN = 10
"""So many changes that reach no feature are listed."""


def render_since(answer: Since) -> str:
    """Write what has changed, the worst first: the feature, its source, the change, by whom.

    Examples
    --------
    >>> from lineage.changes.since import Since
    >>> from lineage.model.entity_history import History
    >>> from lineage.model.reference import Reference
    >>> print(render_since(Since(History(Reference("mlmodel", "m"), 0), ())))
    mlmodel:m since 1970-01-01T00:00:00Z: 0 features; complete
    <BLANKLINE>
    Not looked at: data quality tests, contracts, profiles
    """
    blocks = [printable(answer.summary())]
    for verdict, rows in groupby(answer.rows, key=lambda row: row.verdict):
        blocks.append("\n".join((f"{verdict} ({IMPACT_MEANINGS[verdict]})", *map(_line, rows))))
    blocks += _block("Upstream, and found to reach no feature", answer.elsewhere)
    blocks += _block("Changed, and changed back", answer.undone)
    if answer.drifts:
        drifts = (f"  {column.fqn}: {drift}" for column, drift in answer.drifts.items())
        blocks.append("\n".join(("Distribution of sources", *map(printable, drifts))))
    if answer.gaps:
        gaps = (f"  {printable(str(gap))}" for gap in answer.gaps)
        blocks.append("\n".join(("Not known", *gaps)))
    blocks.append(f"Not looked at: {', '.join(answer.not_looked_at)}")
    return "\n\n".join(blocks)


def _line(row: SourceChange) -> str:
    if row.made is None:
        return printable(f"  {row.feature.fqn} ← {row.source.fqn}: no change found")
    return printable(f"  {row.feature.fqn} ← {row.made.change}  [{describe_steps(row.made)}]")


def describe_steps(made: Made) -> str:
    """Say in which versions a change was made, when and by whom."""
    steps = (
        f"version {step.version} · {moment(step.updated_at)} · {step.updated_by or 'unknown'}"
        for step in made.steps
    )
    return "; ".join(steps) or "its versions are gone with it"


def _block(title: str, made: tuple[Made, ...]) -> Iterator[str]:
    if not made:
        return
    lines = [printable(f"  {item.change}  [{describe_steps(item)}]") for item in made[:_SHOWN]]
    if len(made) > _SHOWN:
        lines.append(f"  … and {len(made) - _SHOWN:,} more")
    yield "\n".join((title, *lines))
