"""The impact of changes as text: what is hit, by which path, and who has to know."""

from collections.abc import Iterator

from lineage.model.answer import counted
from lineage.model.reference import Reference
from lineage.queries.impact.hits import Hit, Impact
from lineage.queries.impact.verdicts import ImpactVerdict
from lineage.views.paths_text import path_lines
from lineage.views.terminal import gap_lines, printable

__all__ = ["IMPACT_MEANINGS", "render_impact"]

_SHOWN = 10
"""So many of each verdict that proves nothing, and of names in a list."""

IMPACT_MEANINGS = {
    ImpactVerdict.BROKEN: "takes a value that goes",
    ImpactVerdict.CHANGED: "takes a value that arrives otherwise",
    ImpactVerdict.INFLUENCED: "what is changed decides its rows or groups",
    ImpactVerdict.POSSIBLE: "is fed by what is changed, or by a job that reads it",
    ImpactVerdict.UNKNOWN: "nothing was found, but not everything upstream is known",
    ImpactVerdict.SAFE: "nothing arrives, and everything upstream was read and understood",
}
"""What each verdict means, in words."""

_PROVEN = frozenset({ImpactVerdict.BROKEN, ImpactVerdict.CHANGED, ImpactVerdict.INFLUENCED})


def render_impact(answer: Impact, *, everything: bool = False, paths: bool = False) -> str:
    """Write what changes do: a block for each verdict, the worst first.

    Parameters
    ----------
    answer : Impact
    everything : bool
        Write all of what is possible, unknown or safe too, each with its path or its gaps.
    paths : bool
        Write paths hop by hop, with all that proves each hop.

    Examples
    --------
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.snapshot import Snapshot
    >>> from lineage.queries.impact.impact import impact
    >>> print(render_impact(impact(build_graph(Snapshot()), [])))
    0 changes: nothing downstream; complete
    """
    lines = [printable(answer.summary()), *gap_lines(answer.gaps)]
    lines += [f"  {printable(str(change))}" for change in answer.changes]
    for verdict in ImpactVerdict:
        lines += _block(answer, verdict, everything=everything, paths=paths)
    lines += _audience_lines(answer)
    lines += [f"not assumed: {printable(str(rename))}" for rename in answer.renames]
    return "\n".join(lines)


def _block(
    answer: Impact, verdict: ImpactVerdict, *, everything: bool, paths: bool
) -> Iterator[str]:
    hits = list(answer.of(verdict))
    if not hits:
        return
    yield ""
    yield f"{verdict} ({IMPACT_MEANINGS[verdict]})"
    if verdict in _PROVEN or everything:
        for hit in hits:
            yield from _hit_lines(answer, hit, paths=paths)
        return
    yield from (f"  {printable(str(hit.reference))}" for hit in hits[:_SHOWN])
    if len(hits) > _SHOWN:
        yield f"  … and {len(hits) - _SHOWN:,} more: all with --all"


def _hit_lines(answer: Impact, hit: Hit, *, paths: bool) -> Iterator[str]:
    audience = answer.audience(hit.reference)
    facts = [counted(hit.hops, "hop")] if hit.hops is not None else []
    if audience.owners:
        facts.append(f"owned by {_names(audience.owners)}")
    facts += [audience.tier] if audience.tier else []
    note = f"  [{printable(' · '.join(facts))}]" if facts else ""
    yield f"  {printable(str(hit.reference))}{note}"
    shown = hit.shown
    if shown is not None and paths:
        yield from (f"  {line}" for line in path_lines(shown.path))
    elif shown is not None:
        yield f"    {printable(str(shown.path))}"
    yield from (f"    not known: {printable(str(gap))}" for gap in hit.gaps)


def _audience_lines(answer: Impact) -> Iterator[str]:
    owners, dashboards, totals = answer.owners, answer.dashboards, answer.totals
    if not totals.by_kind:
        return
    yield ""
    yield f"by kind: {_counts(totals.by_kind)}"
    if totals.by_hops:
        yield f"by hops: {_counts(totals.by_hops)}"
    if owners:
        nobody = {owner or "nobody": number for owner, number in totals.by_owner.items()}
        yield f"by owner: {printable(_counts(nobody))}"
    if dashboards:
        yield f"dashboards: {printable(_names(dashboards))}"


def _counts(counts: dict[str, int] | dict[int, int]) -> str:
    return ", ".join(f"{key} {number:,}" for key, number in counts.items())


def _names(references: tuple[Reference, ...]) -> str:
    more = f" and {len(references) - _SHOWN} more" if len(references) > _SHOWN else ""
    return ", ".join(reference.fqn for reference in references[:_SHOWN]) + more
