"""Evidence as text: paths hop by hop, and what an audit found, with everything that proves it."""

from collections.abc import Iterator

from lineage.governance.audit.audit import Assessment, Audit, Finding, Verdict
from lineage.model.answer import counted
from lineage.model.edges import Hop, Path
from lineage.queries.paths import Paths
from lineage.views.terminal import gap_lines, moment, printable

__all__ = ["MEANINGS", "path_lines", "render_audit", "render_paths"]

_SQL_SHOWN = 160  # characters; all of it is in the JSON

MEANINGS = {
    Verdict.REACHES: "the value itself arrives",
    Verdict.REACHES_MASKED: "only what a masking function left of it arrives",
    Verdict.REACHES_BY_INFLUENCE: "it decides which rows or groups there are",
    Verdict.REACHES_BY_TABLE: "possible: the tables are connected, the columns are not known",
    Verdict.DECLARED_PROXY: "what is declared to tell of it arrives, not it itself",
    Verdict.NO_PATH: "nothing upstream is sensitive, and all of it was read",
    Verdict.UNKNOWN: "nothing was found, but not everything upstream was read",
}
"""What each verdict means, in words."""


def render_paths(answer: Paths) -> str:
    """Write paths hop by hop.

    Examples
    --------
    >>> from lineage.model.edges import Edge, Strength
    >>> from lineage.model.reference import Reference
    >>> a, b = Reference("table", "a"), Reference("table", "b")
    >>> edge = Edge(upstream=a, downstream=b)
    >>> hop = Hop(upstream=a, downstream=b, strength=Strength.TABLE, edge=edge)
    >>> print(render_paths(Paths(a, b, (Path((hop,)),))))
    1 path from table:a to table:b, 1 hop
    <BLANKLINE>
    path 1: 1 hop, table
      a
        → b  [table · recorded without details]
    """
    lines = [printable(answer.summary()), *gap_lines(answer.gaps)]
    for number, path in enumerate(answer.paths, 1):
        lines += ["", f"path {number}: {counted(len(path), 'hop')}, {path.strength.label}"]
        lines += path_lines(path)
    return "\n".join(lines)


def render_audit(audit: Audit) -> str:
    """Write what an audit found: one block a model, its strongest evidence drawn out.

    Examples
    --------
    >>> print(render_audit(Audit(sensitive=(), models=(), features=())))
    0 models, 0 sensitive columns: nothing to audit
    """
    lines = [printable(audit.summary())]
    for item in audit.models:
        lines += ["", *_model_lines(item, audit)]
    return "\n".join(lines)


def _model_lines(item: Assessment, audit: Audit) -> Iterator[str]:
    yield f"{printable(item.model.fqn)}: {item.verdict} ({MEANINGS[item.verdict]})"
    if item.findings:
        yield from _finding_lines(item.findings[0])
    for finding in item.findings[1:]:
        yield f"  also {_claim(finding)}"
    for feature in audit.features:
        if feature.model == item.model:
            yield f"  feature {printable(feature.target.name)}: {feature.verdict}"
    for gap in item.gaps:
        yield f"  not known: {printable(str(gap))}"


def _finding_lines(finding: Finding) -> Iterator[str]:
    yield f"  {_claim(finding)}"
    yield from (f"  {line}" for line in path_lines(finding.path))


def _claim(finding: Finding) -> str:
    tags = "".join(f" #{printable(tag)}" for tag in finding.sensitive.tags)
    notes = [f"masked by {rule}" for rule in finding.masked_by]
    proxy = finding.sensitive.proxy
    if proxy is not None:
        notes.append(f"for {printable(proxy.attribute)}: {printable(proxy.reason)}")
    notes += [f"through deleted {printable(item.fqn)}" for item in finding.deleted]
    more = f" ({', '.join(notes)})" if notes else ""
    return f"{printable(finding.sensitive.reference.fqn)}{tags} {finding.verdict}{more}"


def path_lines(path: Path) -> Iterator[str]:
    """Write a path, a hop a line with everything that proves it, and its SQL below."""
    place = None
    for hop in path.hops:
        if hop.upstream != place:
            yield f"  {printable(hop.upstream.fqn)}"
        yield f"    → {printable(hop.downstream.fqn)}  [{' · '.join(_facts(hop))}]"
        place = hop.downstream
        if hop.edge.evidence.sql:
            yield f"        {_shortened(hop.edge.evidence.sql)}"


def _facts(hop: Hop) -> Iterator[str]:
    """Name everything that is known of a hop."""
    evidence = hop.edge.evidence
    yield hop.strength.label if hop.influence is None else f"influence by {hop.influence}"
    if hop.function:
        yield printable(hop.function)
    if evidence.pipeline is not None:
        yield f"pipeline {printable(evidence.pipeline.fqn)}"
    if evidence.origin == "declared":
        yield "declared by the model"
    elif evidence.origin == "witnessed":
        yield "not recorded by the server"
    else:
        yield evidence.recorded_as or "recorded without details"
    if hop.column_edge is not None and hop.column_edge.evidence_source:
        yield f"told by {printable(hop.column_edge.evidence_source)}"
    who = evidence.updated_by or evidence.created_by
    when = moment(evidence.updated_at or evidence.created_at)
    if who or when:
        yield printable(" ".join(word for word in ("by" if who else "", who or "", when) if word))


def _shortened(sql: str) -> str:
    text = printable(" ".join(sql.split()))
    return text if len(text) <= _SQL_SHOWN else f"{text[:_SQL_SHOWN]}…"
