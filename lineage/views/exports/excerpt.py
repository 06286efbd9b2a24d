"""Excerpts: the part of a graph that is exported, whatever question it answers."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from lineage.governance.audit.audit import Audit, Verdict
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.answer import counted
from lineage.model.edges import ColumnEdge, Edge, Hop, Strength
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap
from lineage.queries.completeness import Grain
from lineage.queries.multi import Traces
from lineage.queries.reached import known_grain
from lineage.queries.selection.hops_among import hops_among
from lineage.queries.selection.selected import Selected
from lineage.queries.traversal import Trace

__all__ = ["Answered", "Excerpt", "ExcerptEdge", "take_excerpt"]

Answered = Trace | Traces | Selected | Audit
"""The answers that can be exported."""


class ExcerptEdge(NamedTuple):
    """An edge with those of its column edges that are part of the excerpt.

    Attributes
    ----------
    edge : Edge
    strength : Strength
        How much it proves of its two entities.
    hops : tuple of Hop
        One for each pair of columns or features it maps, sorted by what they lead to.
    """

    edge: Edge
    strength: Strength
    hops: tuple[Hop, ...]


@dataclass(frozen=True, kw_only=True)
class Excerpt:
    """The part of a graph that is exported.

    Attributes
    ----------
    graph : LineageGraph
        The graph it is taken from.
    title : str
        What it is, in a line.
    grain : str
        `entity`, or `part` where columns and features are in it.
    references : tuple of Reference
        What is in it; entities before their parts.
    edges : tuple of ExcerptEdge
        Sorted by their ends, then as the graph has them.
    gaps : tuple of Gap
        Why something may be missing.
    audit : Audit or None
        The audit it shows, where it shows one.
    starts : tuple of Reference
        What was asked about, where the answer is about something: nearest to it is what matters.
    """

    graph: LineageGraph
    title: str
    grain: Grain
    references: tuple[Reference, ...]
    edges: tuple[ExcerptEdge, ...]
    gaps: tuple[Gap, ...] = ()
    audit: Audit | None = None
    starts: tuple[Reference, ...] = ()

    @cached_property
    def verdicts(self) -> dict[Reference, Verdict]:
        """The verdicts about features and models, where there is an audit."""
        if self.audit is None:
            return {}
        assessments = self.audit.assessments
        return dict(zip(assessments.targets, assessments.verdicts, strict=True))

    @cached_property
    def gaps_at(self) -> dict[Reference, list[Gap]]:
        """The gaps by what they are about."""
        found: dict[Reference, list[Gap]] = {}
        for gap in self.gaps:
            if gap.subject is not None:
                found.setdefault(gap.subject, []).append(gap)
        return found

    def parts_of(self, reference: Reference) -> list[Reference]:
        """List the columns or features of an entity that are in the excerpt, however deep."""
        return [part for part in self.graph.nested_parts(reference) if part in self._held]

    @property
    def entities(self) -> tuple[Reference, ...]:
        """What is in it besides parts."""
        return tuple(reference for reference in self.references if not reference.is_part)

    @cached_property
    def _held(self) -> frozenset[Reference]:
        return frozenset(self.references)


def take_excerpt(
    graph: LineageGraph, answer: Answered | None = None, *, grain: Grain | None = None
) -> Excerpt:
    """Take the part of a graph that an answer is about, or all of it.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    answer : Trace, Traces, Selected or Audit, optional
        An answer about this graph. Of an audit, what is on its evidence paths.
    grain : {"entity", "part"}, optional
        Whether columns and features are part of it; they are unless the answer is a trace
        between entities.

    Raises
    ------
    ValueError
        The grain is none.
    """
    known_grain(grain)
    content = _content(graph, answer)
    grain = grain or content.grain
    edges = _edges(graph, content.hops, with_all_columns=content.grain == "entity")
    if grain == "entity":
        edges = [item._replace(hops=()) for item in edges]
    references = {graph.entity_of(item) for item in content.references}
    references.update(end for item in edges for end in (item.edge.upstream, item.edge.downstream))
    if grain == "part":
        references.update(_parts(graph, content, edges))
    return Excerpt(
        graph=graph,
        title=content.title,
        grain=grain,
        references=tuple(sorted(references, key=lambda item: (item.is_part, item))),
        edges=tuple(edges),
        gaps=content.gaps,
        audit=answer if isinstance(answer, Audit) else None,
        starts=content.starts,
    )


class _Content(NamedTuple):
    """What an answer is about, before it is brought to a grain."""

    title: str
    references: Iterable[Reference]
    hops: Iterable[Hop]
    gaps: tuple[Gap, ...]
    grain: Grain = "part"
    holds_all_parts: bool = True
    starts: tuple[Reference, ...] = ()


def _content(graph: LineageGraph, answer: Answered | None) -> _Content:
    match answer:
        case None:
            title = f"lineage of {graph.server}" if graph.server else "lineage"
            return _Content(title, graph, graph.hops(), graph.gaps)
        case Trace():
            return _traced((answer,), f"{answer.direction} of {answer.start}")
        case Traces():
            starts = counted(len(answer.traces), "start")
            return _traced(answer.traces, f"lineage of {starts}")
        case Selected():
            hops = hops_among(graph, answer.references)
            return _Content(str(answer.selection), answer.references, hops, answer.gaps)
        case Audit():
            return _audited(answer)


def _traced(traces: tuple[Trace, ...], title: str) -> _Content:
    grain = "part" if any(trace.grain == "part" for trace in traces) else "entity"
    return _Content(
        title,
        dict.fromkeys(item for trace in traces for item in (trace.start, *trace.references)),
        [hop for trace in traces for hop in trace.hops],
        tuple(dict.fromkeys(gap for trace in traces for gap in trace.gaps)),
        "part" if grain == "part" else "entity",
        holds_all_parts=grain == "entity",
        starts=tuple(trace.start for trace in traces),
    )


def _audited(audit: Audit) -> _Content:
    hops = [hop for finding in audit.findings for hop in finding.path.hops]
    ends = (end for hop in hops for end in (hop.upstream, hop.downstream))
    found = (finding.sensitive.reference for finding in audit.findings)
    gaps = (gap for item in audit.assessments for gap in (*item.gaps, *item.silent))
    return _Content(
        audit.summary(),
        dict.fromkeys((*audit.assessments.targets, *found, *ends)),
        hops,
        tuple(dict.fromkeys((*gaps, *audit.notes))),
        holds_all_parts=False,
        starts=tuple(audit.models.targets),
    )


def _edges(
    graph: LineageGraph, hops: Iterable[Hop], *, with_all_columns: bool
) -> list[ExcerptEdge]:
    """Group hops by the edges they are of; of edges between entities take all columns."""
    numbers = _EdgeNumbers(graph)
    wanted: dict[int, dict[_Pair, Hop]] = {}
    for hop in hops:
        found = wanted.setdefault(numbers.find(hop.edge), {})
        if hop.column_edge is not None:
            found.setdefault((hop.upstream, hop.downstream, hop.column_edge), hop)
    columns = {number: list(found.values()) for number, found in wanted.items()}
    if with_all_columns:
        columns = {number: [] for number in wanted}
        for hop in graph.hops():
            number = numbers.find(hop.edge)
            if hop.column_edge is not None and number in wanted:
                columns[number].append(hop)
    edges = [
        ExcerptEdge(bare.edge, bare.strength, tuple(sorted(columns[number], key=_ends)))
        for number, bare in enumerate(numbers.bare)
        if number in wanted
    ]
    return sorted(edges, key=lambda item: (item.edge.upstream, item.edge.downstream))


_Pair = tuple[Reference, Reference, ColumnEdge]


def _ends(hop: Hop) -> tuple[object, ...]:
    return hop.downstream, hop.upstream, hop.influence or "", hop.function or ""


class _EdgeNumbers:
    """The edges of a graph by number: one has much to hash, and most are the graph's own."""

    def __init__(self, graph: LineageGraph) -> None:
        self.bare = [hop for hop in graph.hops() if hop.column_edge is None]
        self._by_identity = {id(hop.edge): number for number, hop in enumerate(self.bare)}

    def find(self, edge: Edge) -> int:
        """Return the number of an edge.

        Raises
        ------
        ValueError
            The graph has no such edge: the answer is about another one.
        """
        number = self._by_identity.get(id(edge))
        if number is None:
            number = self._by_value.get(edge)
        if number is None:
            message = f"the answer is about another graph: {edge.upstream} feeds {edge.downstream}"
            raise ValueError(message)
        return number

    @cached_property
    def _by_value(self) -> dict[Edge, int]:
        return {hop.edge: number for number, hop in enumerate(self.bare)}


def _parts(
    graph: LineageGraph, content: _Content, edges: Iterable[ExcerptEdge]
) -> Iterable[Reference]:
    """List the columns and features of an excerpt, each with the columns it is nested in."""
    found = {item for item in content.references if item.is_part}
    found.update(
        end for item in edges for hop in item.hops for end in (hop.upstream, hop.downstream)
    )
    if content.holds_all_parts:
        whole = [item for item in content.references if not item.is_part]
        found.update(part for item in whole for part in graph.nested_parts(item))
    around = set(found)
    for part in found:
        parent = graph.parent(part)
        while parent is not None and parent.is_part:
            around.add(parent)
            parent = graph.parent(parent)
    return (part for part in around if part.is_part)
