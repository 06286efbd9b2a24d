"""Resolve a selection: which references it means in a graph, and what it cannot know."""

from lineage.graph.lineage_graph import LineageGraph
from lineage.model.reference import Reference
from lineage.queries.selection.evaluate import Evaluation
from lineage.queries.selection.expressions import Selection
from lineage.queries.selection.parse import parse_selection
from lineage.queries.selection.selected import Selected

__all__ = ["resolve", "select"]


def select(graph: LineageGraph, selection: Selection | str) -> tuple[Reference, ...]:
    """List what a selection means; `resolve` also says what it cannot know.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    selection : Selection or str
        As a value, or as a text to parse.

    Returns
    -------
    tuple of Reference
        Sorted.

    Raises
    ------
    BadSelection
        The text cannot be parsed.
    UnknownEntity
        A plain name in it means nothing here.
    AmbiguousName
        A plain name in it may mean several things.

    Examples
    --------
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.edges import Edge
    >>> from lineage.model.snapshot import Snapshot
    >>> raw, clean, model = (
    ...     Reference("table", "raw"),
    ...     Reference("table", "clean"),
    ...     Reference("mlmodel", "churn"),
    ... )
    >>> first, second = Edge(upstream=raw, downstream=clean), Edge(upstream=clean, downstream=model)
    >>> graph = build_graph(Snapshot(edges=(first, second)))
    >>> select(graph, "+churn and not kind:mlmodel")
    (Reference('table', 'clean'), Reference('table', 'raw'))
    >>> select(graph, "roots()..clean")
    (Reference('table', 'clean'), Reference('table', 'raw'))
    """
    return resolve(graph, selection).references


def resolve(graph: LineageGraph, selection: Selection | str) -> Selected:
    """Find what a selection means, with what is doubtful and what was not read.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    selection : Selection or str
        As a value, or as a text to parse.

    Returns
    -------
    Selected

    Raises
    ------
    BadSelection
        The text cannot be parsed.
    UnknownEntity
        A plain name in it means nothing here.
    AmbiguousName
        A plain name in it may mean several things.

    Examples
    --------
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.edges import Edge
    >>> from lineage.model.snapshot import Snapshot
    >>> edge = Edge(upstream=Reference("table", "raw"), downstream=Reference("table", "clean"))
    >>> resolve(build_graph(Snapshot(edges=(edge,))), "owner:bob")
    <Selected: owner:bob: 0 entities; nothing is owner:bob; 2 more may be: not known; complete>
    """
    parsed = parse_selection(selection) if isinstance(selection, str) else selection
    evaluation = Evaluation(graph)
    extent = evaluation.extent(parsed)
    return Selected(
        selection=parsed,
        references=tuple(sorted(extent.references)),
        doubtful=tuple(sorted(extent.doubtful)),
        unmatched=tuple(dict.fromkeys(evaluation.unmatched)),
        gaps=tuple(gap for gap in graph.gaps if gap in extent.cuts),
    )
