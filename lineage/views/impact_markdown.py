"""The impact of changes as Markdown, for a pull request."""

from collections.abc import Iterator
from itertools import islice

from lineage.queries.impact.hits import Hit, Impact
from lineage.queries.impact.verdicts import ImpactVerdict
from lineage.views.impact_text import IMPACT_MEANINGS
from lineage.views.markdown_text import code_span, escaped

__all__ = ["render_impact_markdown"]

_SHOWN = 50
"""So many rows of each verdict: a comment has an end, and nobody reads that far."""


def render_impact_markdown(answer: Impact) -> str:
    """Write what changes do as Markdown; names of the catalog are code, never markup.

    Examples
    --------
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.snapshot import Snapshot
    >>> from lineage.queries.impact.impact import impact
    >>> print(render_impact_markdown(impact(build_graph(Snapshot()), [])).splitlines()[0])
    ## Impact: safe
    """
    changes = "\n".join(f"- {code_span(str(change))}" for change in answer.changes)
    blocks = [f"## Impact: {answer.worst}", escaped(answer.summary()), changes]
    blocks += [block for verdict in ImpactVerdict for block in _block(answer, verdict)]
    blocks += ["\n".join(_audience(answer)), "\n".join(_notes(answer))]
    return "\n\n".join(block for block in blocks if block)


def _block(answer: Impact, verdict: ImpactVerdict) -> Iterator[str]:
    hits = list(answer.of(verdict))
    if not hits:
        return
    title = f"{len(hits):,} {verdict}: {IMPACT_MEANINGS[verdict]}"
    if verdict.severity >= ImpactVerdict.INFLUENCED.severity:
        yield f"### {title}"
        yield "\n".join(_table(answer, hits))
        return
    # What proves nothing is folded: it is there, and not in front of what does.
    names = "\n".join(f"- {code_span(str(hit.reference))}" for hit in hits[:_SHOWN])
    more = f"\n- … and {len(hits) - _SHOWN:,} more" if len(hits) > _SHOWN else ""
    yield f"<details><summary>{title}</summary>\n\n{names}{more}\n\n</details>"


def _table(answer: Impact, hits: list[Hit]) -> Iterator[str]:
    yield "| what | hops | owners | tier | path |"
    yield "| --- | --: | --- | --- | --- |"
    for hit in islice(hits, _SHOWN):
        audience, shown = answer.audience(hit.reference), hit.shown
        cells = (
            code_span(str(hit.reference)),
            str(hit.hops),
            ", ".join(code_span(owner.fqn) for owner in audience.owners),
            code_span(audience.tier) if audience.tier else "",
            "" if shown is None else code_span(str(shown.path)),
        )
        yield f"| {' | '.join(map(_cell, cells))} |"
    if len(hits) > _SHOWN:
        yield f"| … and {len(hits) - _SHOWN:,} more | | | | |"


def _cell(text: str) -> str:
    """Keep a table's bar out of a cell, where it ends the cell even in code."""
    return text.replace("|", "\\|")


def _audience(answer: Impact) -> Iterator[str]:
    owners = ", ".join(code_span(owner.fqn) for owner in answer.owners)
    boards = ", ".join(code_span(board.fqn) for board in answer.dashboards)
    if owners:
        yield f"**Who has to know**: {owners}"
    if boards:
        yield f"\n**Dashboards**: {boards}"


def _notes(answer: Impact) -> Iterator[str]:
    for rename in answer.renames:
        yield f"- {code_span(str(rename))}: not assumed"
    for gap in answer.gaps[:_SHOWN]:
        yield f"- not known: {code_span(str(gap))}"
    if len(answer.gaps) > _SHOWN:
        yield f"- … and {len(answer.gaps) - _SHOWN:,} more gaps"
