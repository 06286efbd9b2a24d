"""Paths as text: hop by hop, with everything that proves each."""

from collections.abc import Iterator

from lineage.model.answer import counted
from lineage.model.edges import Hop, Path
from lineage.queries.paths import Paths
from lineage.views.terminal import gap_lines, moment, printable

__all__ = ["path_lines", "render_paths", "what_it_proves"]

_SQL_SHOWN = 160  # characters; all of it is in the JSON


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


def what_it_proves(hop: Hop) -> str:
    """Name what a hop proves: its strength, and of an influence which.

    Examples
    --------
    >>> from lineage.model.edges import ColumnEdge, Edge, Influence, Strength
    >>> from lineage.model.reference import Reference
    >>> a, b = Reference("column", "a.x"), Reference("table", "b")
    >>> edge = Edge(upstream=Reference("table", "a"), downstream=b)
    >>> join = ColumnEdge(upstream=("a.x",), downstream="b", influence=Influence.JOIN)
    >>> strength = Strength.INFLUENCE
    >>> what_it_proves(
    ...     Hop(upstream=a, downstream=b, strength=strength, edge=edge, column_edge=join)
    ... )
    'influence by join'
    """
    return hop.strength.label if hop.influence is None else f"influence by {hop.influence}"


def _facts(hop: Hop) -> Iterator[str]:
    """Name everything that is known of a hop."""
    evidence = hop.edge.evidence
    yield what_it_proves(hop)
    if hop.function:
        yield printable(hop.function)
    if evidence.pipeline is not None:
        yield f"pipeline {printable(evidence.pipeline.fqn)}"
    if evidence.origin == "declared":
        yield "declared by the model"
    elif evidence.origin in {"parsed", "witnessed"}:
        yield "not recorded by the server"
    else:
        yield evidence.recorded_as or "recorded without details"
    if hop.column_edge is not None and hop.column_edge.evidence_source:
        yield f"from {printable(hop.column_edge.evidence_source)}"
    who = evidence.updated_by or evidence.created_by
    when = moment(evidence.updated_at or evidence.created_at)
    if who or when:
        yield printable(" ".join(word for word in ("by" if who else "", who or "", when) if word))


def _shortened(sql: str) -> str:
    text = printable(" ".join(sql.split()))
    return text if len(text) <= _SQL_SHOWN else f"{text[:_SQL_SHOWN]}…"
