"""Draw lineage: turn a trace, and what an audit found in it, into a diagram."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from matplotlib.figure import Figure

from lineage import fqn as names
from lineage.errors import MalformedName
from lineage.governance.audit.audit import Audit, Finding, audit
from lineage.governance.audit.sensitivity import Sensitive, find_sensitive
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.answer import counted
from lineage.model.edges import Hop, Path
from lineage.model.entities import Entity
from lineage.model.reference import Kind, Reference
from lineage.queries.lookup import find
from lineage.queries.selection.hops_among import hops_among
from lineage.queries.selection.selected import Selected
from lineage.queries.traversal import Direction, Trace, downstream, upstream
from lineage.views.picture.diagram import Arrow, Box, Diagram, Row
from lineage.views.picture.figure import draw_diagram

__all__ = ["draw", "draw_selection", "make_diagram", "make_path_diagram"]

BOXES = 150
"""More boxes than this nobody can read; the nearest are kept, and the rest is counted."""

ROWS = 12
"""More rows than this make a table hide its neighbours."""


def draw(
    graph: LineageGraph,
    start: Reference | str,
    *,
    direction: Direction = "upstream",
    depth: int | None = None,
) -> Figure:
    """Draw what something comes from, or what comes from it.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    start : Reference or str
        Where to begin, or its name. For a model, the strongest sensitive path into it is
        highlighted.
    direction : {"upstream", "downstream"}
    depth : int, optional
        Go no further than so many hops.

    Returns
    -------
    matplotlib.figure.Figure
        Write it with `lineage.views.picture.figure.write_figure`.

    Raises
    ------
    UnknownEntity
        The graph has no such reference.

    Examples
    --------
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.snapshot import Snapshot
    >>> churn = Entity(reference=Reference("mlmodel", "churn"))
    >>> figure = draw(build_graph(Snapshot(entities=(churn,))), churn.reference)
    """
    begin = find(graph, start)
    return draw_diagram(make_diagram(graph, begin, direction=direction, depth=depth))


def make_diagram(
    graph: LineageGraph,
    start: Reference,
    *,
    direction: Direction = "upstream",
    depth: int | None = None,
    answer: Audit | None = None,
) -> Diagram:
    """Lay out what is to be drawn; see `draw`.

    Parameters
    ----------
    answer : Audit, optional
        What is sensitive, and the evidence to highlight; an audit by the usual tags by default.

    Raises
    ------
    UnknownEntity
        The graph has no such reference.
    """
    walk = upstream if direction == "upstream" else downstream
    entities = walk(graph, graph.entity_of(start), depth=depth, grain="entity")
    parts = walk(graph, start, depth=depth, grain="part")
    if answer is None and start.kind == Kind.MLMODEL:
        answer = audit(graph, models=[start])
    sensitive = find_sensitive(graph) if answer is None else answer.sensitive
    finding = _strongest(answer, start) if answer and direction == "upstream" else None
    drawing = _Drawing(graph, parts.hops, _references(sensitive), finding)
    taking_part = drawing.taking_part()
    nearest = [entity for entity in entities.references if entity in taking_part]
    shown = list(dict.fromkeys([graph.entity_of(start), *drawing.on_path, *nearest]))
    for entity in shown[:BOXES]:
        drawing.add_box(entity)
    for hop in parts.hops:
        drawing.add_arrow(hop)
    verb = "feeds" if direction == "upstream" else "is fed by"
    aside = len(set(entities.references) - set(shown))
    return Diagram(
        boxes=tuple(drawing.boxes.values()),
        arrows=tuple(drawing.arrows.values()),
        title=f"What {verb} {start.fqn}",
        notes=tuple(_notes(parts, finding, aside)),
        left_out=max(0, len(shown) - BOXES),
    )


def make_path_diagram(graph: LineageGraph, finding: Finding, answer: Audit) -> Diagram:
    """Lay out the evidence path of a finding alone.

    Parameters
    ----------
    graph : LineageGraph
        The graph that was audited.
    finding : Finding
        With its path.
    answer : Audit
        What the finding is one of.

    Returns
    -------
    Diagram
        The entities the path passes, with the columns and features on it.
    """
    hops = finding.path.hops
    drawing = _Drawing(graph, hops, _references(answer.sensitive), finding)
    for entity in dict.fromkeys(drawing.on_path):
        drawing.add_box(entity)
    for hop in hops:
        drawing.add_arrow(hop)
    return Diagram(
        boxes=tuple(drawing.boxes.values()),
        arrows=tuple(drawing.arrows.values()),
        title=f"{finding.sensitive.reference.fqn} {finding.verdict}",
    )


def draw_selection(graph: LineageGraph, selected: Selected) -> Figure:
    """Draw what is selected, and what feeds what among it.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    selected : Selected
        An entity is drawn for each of its parts that is selected.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.snapshot import Snapshot
    >>> from lineage.queries.selection.resolve import resolve
    >>> graph = build_graph(Snapshot(entities=(Entity(reference=Reference("table", "raw")),)))
    >>> figure = draw_selection(graph, resolve(graph, "kind:table"))
    """
    entities = sorted({graph.entity_of(reference) for reference in selected.references})
    hops = tuple(hops_among(graph, selected.references))
    drawing = _Drawing(graph, hops, _references(find_sensitive(graph)))
    for entity in entities[:BOXES]:
        drawing.add_box(entity)
    for hop in hops:
        drawing.add_arrow(hop)
    gaps = (*selected.doubtful, *selected.gaps)
    diagram = Diagram(
        boxes=tuple(drawing.boxes.values()),
        arrows=tuple(drawing.arrows.values()),
        title=str(selected.selection),
        notes=(f"Not complete, {counted(len(gaps), 'gap')}; the first: {gaps[0]}",) if gaps else (),
        left_out=max(0, len(entities) - BOXES),
    )
    return draw_diagram(diagram)


@dataclass(slots=True)
class _Drawing:
    graph: LineageGraph
    hops: tuple[Hop, ...]
    sensitive: frozenset[Reference]
    finding: Finding | None = None
    boxes: dict[Reference, Box] = field(default_factory=dict)
    arrows: dict[tuple[str, str | None, str, str | None], Arrow] = field(default_factory=dict)
    used: frozenset[Reference] = field(init=False)

    def __post_init__(self) -> None:
        ends = (end for hop in self.hops for end in (hop.upstream, hop.downstream))
        self.used = frozenset(end for end in ends if end.is_part)

    @property
    def path(self) -> Path:
        """The path to highlight, empty where there is none."""
        return Path(()) if self.finding is None else self.finding.path

    @property
    def on_path(self) -> list[Reference]:
        """The entities the highlighted path passes."""
        return [self.graph.entity_of(reference) for reference in self.path.references]

    def taking_part(self) -> frozenset[Reference]:
        """Name the entities that a column on its path to or from the start passes."""
        ends = (end for hop in self.hops for end in (hop.upstream, hop.downstream))
        return frozenset(self.graph.entity_of(end) for end in ends)

    def add_box(self, reference: Reference) -> None:
        """Add the box of an entity, with the rows that matter."""
        value = self.graph.value(reference)
        parts = list(self.graph.nested_parts(reference))
        rows = self._rows(reference, parts)
        self.boxes[reference] = Box(
            key=str(reference),
            title=reference.name,
            subtitle=_place(reference.fqn),
            kind=reference.kind,
            rows=tuple(rows),
            hidden_rows=len(parts) - len(rows),
            sensitive=reference in self.sensitive,
            highlighted=reference in self.on_path,
            deleted=isinstance(value, Entity) and value.deleted,
        )

    def add_arrow(self, hop: Hop) -> None:
        """Add the arrow of a hop, between rows where they are shown; the strongest stays."""
        if hop.upstream.kind == Kind.FEATURE_SOURCE:
            return  # its entity has an arrow of its own
        tail, tail_row = self._end(hop.upstream, hop.edge.upstream)
        head, head_row = self._end(hop.downstream, hop.edge.downstream)
        if tail is None or head is None:
            return
        key = (tail, tail_row, head, head_row)
        known = self.arrows.get(key)
        highlighted = any(
            (step.upstream, step.downstream) == (hop.upstream, hop.downstream)
            for step in self.path.hops
        )
        if known is None or known.strength < hop.strength:
            self.arrows[key] = Arrow(
                upstream=tail,
                upstream_row=tail_row,
                downstream=head,
                downstream_row=head_row,
                strength=hop.strength,
                highlighted=highlighted,
                label=hop.function if highlighted else None,
            )

    def _rows(self, entity: Reference, parts: list[Reference]) -> list[Row]:
        """Choose the parts to show: first those on the path, then the used and sensitive."""
        on_path = set(self.path.references)
        wanted = [part for part in parts if part in self.used or part in self.sensitive]
        ranked = sorted(
            wanted,
            key=lambda part: (
                part not in on_path,
                part not in self.used,
                part not in self.sensitive,
            ),
        )
        chosen = set(ranked[:ROWS])
        return [
            Row(
                key=str(part),
                label=part.fqn.removeprefix(f"{entity.fqn}."),
                sensitive=part in self.sensitive,
                highlighted=part in on_path,
            )
            for part in parts
            if part in chosen
        ]

    def _end(self, reference: Reference, entity: Reference) -> tuple[str | None, str | None]:
        """Find the box and the row where an arrow ends."""
        owner = self.graph.entity_of(reference)
        box = self.boxes.get(owner) or self.boxes.get(entity)
        if box is None:
            return None, None
        row = str(reference)
        return box.key, row if any(item.key == row for item in box.rows) else None


def _strongest(answer: Audit, model: Reference) -> Finding | None:
    findings = answer.assessment(model).findings
    return findings[0] if findings else None


def _references(sensitive: Iterable[Sensitive]) -> frozenset[Reference]:
    return frozenset(item.reference for item in sensitive)


def _place(fqn: str) -> str:
    """Name what an entity lives in."""
    try:
        return names.parent(fqn) or ""
    except MalformedName:
        return ""


def _notes(trace: Trace, finding: Finding | None, aside: int) -> Iterable[str]:
    if finding is not None:
        tags = ", ".join(finding.sensitive.tags)
        yield f"Evidence path: {finding.sensitive.reference.fqn} ({tags}) {finding.verdict}"
    if aside:
        others = counted(aside, "other entity", "other entities")
        yield f"{others} {trace.direction}, with no column in common: not drawn"
    if trace.gaps:
        yield f"Not complete, {counted(len(trace.gaps), 'gap')}; the first: {trace.gaps[0]}"
