"""What has changed since a model was trained, as Markdown."""

from collections.abc import Iterator

from lineage.changes.since import Since, SourceChange
from lineage.changes.version_changes import Made
from lineage.views.markdown_text import code_span, escaped
from lineage.views.since_text import describe_steps

__all__ = ["render_since_markdown"]


def render_since_markdown(answer: Since) -> str:
    """Write what has changed as Markdown; names of the catalog are code, never markup.

    Examples
    --------
    >>> from lineage.changes.since import Since
    >>> from lineage.model.entity_history import History
    >>> from lineage.model.reference import Reference
    >>> print(render_since_markdown(Since(History(Reference("mlmodel", "m"), 0), ())))
    ## Since: safe
    <BLANKLINE>
    mlmodel:m since 1970-01-01T00:00:00Z: 0 features; complete
    <BLANKLINE>
    Not looked at: data quality tests, contracts, profiles
    """
    blocks = [f"## Since: {answer.worst}", escaped(answer.summary())]
    if answer.rows:
        blocks.append("\n".join(_table(answer.rows)))
    blocks += _list("Upstream, and found to reach no feature", map(_said, answer.elsewhere))
    blocks += _list("Changed, and changed back", map(_said, answer.undone))
    drifts = (answer.drifts or {}).items()
    moved = (f"{code_span(column.fqn)}: {escaped(str(drift))}" for column, drift in drifts)
    blocks += _list("Distribution of sources", moved)
    blocks += _list("Not known", (code_span(str(gap)) for gap in answer.gaps))
    blocks.append(f"Not looked at: {', '.join(answer.not_looked_at)}")
    return "\n\n".join(blocks)


def _table(rows: tuple[SourceChange, ...]) -> Iterator[str]:
    yield "| verdict | feature | source | change | made in |"
    yield "| --- | --- | --- | --- | --- |"
    for row in rows:
        change = "no change found" if row.made is None else code_span(str(row.made.change))
        made = "" if row.made is None else escaped(describe_steps(row.made))
        cells = (str(row.verdict), code_span(row.feature.fqn), code_span(row.source.fqn))
        # A bar ends the cell of a table even in code; what is escaped already has none.
        named = [cell.replace("|", "\\|") for cell in (*cells, change)]
        yield f"| {' | '.join((*named, made))} |"


def _said(made: Made) -> str:
    return f"{code_span(str(made.change))} ({escaped(describe_steps(made))})"


def _list(title: str, lines: Iterator[str]) -> Iterator[str]:
    items = [f"- {line}" for line in lines]
    if items:
        yield f"### {title}"
        yield "\n".join(items)
