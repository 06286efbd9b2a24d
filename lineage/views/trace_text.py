"""A trace as a tree of text: what feeds what, indented.

Lineage is no tree: what was unfolded once is named again where it is met again, with a
mark, and not unfolded twice. So the tree is as long as the graph has hops, cycles and all.
"""

from dataclasses import dataclass

from lineage.graph.lineage_graph import LineageGraph
from lineage.model.edges import Hop, Strength
from lineage.model.entities import Entity
from lineage.model.reference import Reference
from lineage.queries.traversal import Trace
from lineage.views.paths_text import what_it_proves
from lineage.views.terminal import gap_lines, printable

__all__ = ["render_tree"]


@dataclass(frozen=True, slots=True)
class _Branch:
    """One line to come: what it shows, by which hop, and the lines drawn before it."""

    reference: Reference
    hop: Hop | None
    before: str
    is_last: bool


def render_tree(graph: LineageGraph, trace: Trace, *, limit: int = 1000) -> str:
    """Draw a trace as indented text.

    Parameters
    ----------
    graph : LineageGraph
        The graph that was traced.
    trace : Trace
        Its answer.
    limit : int
        How many lines to give at most; how many were left out is said.

    Examples
    --------
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.edges import Edge
    >>> from lineage.model.snapshot import Snapshot
    >>> from lineage.queries.traversal import upstream
    >>> a, b, c = (Reference("table", name) for name in "abc")
    >>> graph = build_graph(
    ...     Snapshot(
    ...         edges=(
    ...             Edge(upstream=a, downstream=b),
    ...             Edge(upstream=b, downstream=a),
    ...             Edge(upstream=b, downstream=c),
    ...         )
    ...     )
    ... )
    >>> print(render_tree(graph, upstream(graph, c)))
    table c
    └─ table b  (not read)  [table]
       └─ table a  (not read)  [table]
          └─ table b  (not read)  [table]  ↑ see above
    <BLANKLINE>
    2 upstream of table:c, 2 hops at most; 3 gaps: not complete
      entity-not-found at table:a: an edge names it, but it was not read
      entity-not-found at table:b: an edge names it, but it was not read
      entity-not-found at table:c: an edge names it, but it was not read
    """
    lines = _Tree(graph, trace).lines()
    shown = lines[:limit]
    if len(lines) > limit:
        shown.append(f"… {len(lines) - limit:,} more lines: ask for less depth, or for a table")
    return "\n".join([*shown, "", printable(trace.summary()), *gap_lines(trace.gaps)])


class _Tree:
    def __init__(self, graph: LineageGraph, trace: Trace) -> None:
        self.graph, self.trace = graph, trace
        self.is_upstream = trace.direction == "upstream"
        self.by_end: dict[Reference, list[Hop]] = {}
        self.holders: set[Reference] = set()
        for hop in trace.hops:
            near = hop.downstream if self.is_upstream else hop.upstream
            self.by_end.setdefault(near, []).append(hop)
        for near in list(self.by_end):
            self.holders.update(self._containers(near))

    def lines(self) -> list[str]:
        """Unfold the tree without recursion: lineage can be longer than a call stack."""
        lines, unfolded = [], set()
        waiting = [_Branch(self.trace.start, None, "", is_last=True)]
        while waiting:
            branch = waiting.pop()
            is_start = branch.reference == self.trace.start and branch.hop is None
            stem = "" if is_start else branch.before + ("└─ " if branch.is_last else "├─ ")
            below = self._below(branch.reference)
            is_known = branch.reference in unfolded
            mark = "  ↑ see above" if is_known and below else ""
            lines.append(stem + self._label(branch) + mark)
            if is_known:
                continue
            unfolded.add(branch.reference)
            before = "" if is_start else branch.before + ("   " if branch.is_last else "│  ")
            branches = [
                _Branch(reference, hop, before, is_last=number == 0)
                for number, (reference, hop) in enumerate(reversed(below))
            ]
            waiting.extend(branches)
        return lines

    def _below(self, reference: Reference) -> list[tuple[Reference, Hop | None]]:
        """List what comes next: by hops, by hops of what it is in, and the parts it holds."""
        hops = list(self.by_end.get(reference, ()))
        if self.trace.grain == "part" and reference.is_part:
            for container in self._containers(reference):
                hops += self.by_end.get(container, ())
        found: dict[Reference, Hop | None] = {}
        for hop in hops:
            found.setdefault(hop.upstream if self.is_upstream else hop.downstream, hop)
        parts = {
            part: None
            for part in self.graph.parts(reference)
            if self.trace.grain == "part" and (part in self.by_end or part in self.holders)
        }
        return sorted({**parts, **found}.items(), key=lambda item: item[0])

    def _containers(self, reference: Reference) -> list[Reference]:
        found, parent = [], self.graph.parent(reference)
        while parent is not None:
            found.append(parent)
            parent = self.graph.parent(parent)
        return found

    def _label(self, branch: _Branch) -> str:
        reference, hop = branch.reference, branch.hop
        words = [f"{reference.kind} {printable(reference.fqn)}"]
        value = self.graph.value(reference)
        if isinstance(value, Entity) and value.deleted:
            words.append("(deleted)")
        if value is None and hop is not None:
            words.append("(not read)")
        if value is not None and value.tags:
            words.append(" ".join(f"#{printable(tag.fqn)}" for tag in value.tags))
        if hop is not None:
            words.append(_evidence(hop))
        return "  ".join(words)


def _evidence(hop: Hop) -> str:
    """Say in brackets how a hop is known."""
    evidence = hop.edge.evidence
    facts = [
        hop.function or "",
        "" if evidence.pipeline is None else evidence.pipeline.name,
        evidence.recorded_as or ("" if evidence.origin == "recorded" else str(evidence.origin)),
        "" if hop.strength == Strength.VALUE else what_it_proves(hop),
    ]
    known = " · ".join(printable(fact) for fact in facts if fact)
    return f"[{known}]" if known else ""
