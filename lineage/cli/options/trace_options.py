"""What `upstream` and `downstream` share: their options, and how a trace is printed."""

from typing import Annotated, Protocol

import typer

from lineage.cli.options.arguments import choose, show_doubts
from lineage.cli.options.catalog_option import load_graph
from lineage.cli.options.output import OutputFormat, render, show
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.reference import Reference
from lineage.queries.multi import Traces
from lineage.queries.traversal import Grain, Trace
from lineage.views.records import render_edges_csv
from lineage.views.trace_text import render_tree

__all__ = ["ColumnsOption", "DepthOption", "KindsOption", "trace"]

DepthOption = Annotated[
    int | None, typer.Option(min=1, help="Go no further than so many hops.", show_default=False)
]
KindsOption = Annotated[
    list[str] | None,
    typer.Option(help="List only this kind; may be given again. A tree shows all the same."),
]
ColumnsOption = Annotated[
    bool, typer.Option("--columns", help="Go by columns and features, not by entities.")
]


class _Walk(Protocol):
    def __call__(
        self,
        graph: LineageGraph,
        start: Reference,
        *,
        depth: int | None,
        kinds: frozenset[str] | None,
        grain: Grain | None,
    ) -> Trace: ...


def trace(
    walk: _Walk,
    name: str,
    catalog: str,
    *,
    depth: int | None,
    kinds: list[str] | None,
    columns: bool,
    evidence: list[str] | None,
    sql: bool,
    form: OutputFormat,
) -> None:
    """Walk from what is named or selected, and print where that leads."""
    graph = load_graph(catalog, evidence=evidence, sql=sql)
    grain: Grain | None = "part" if columns else None
    wanted = frozenset(kinds) if kinds else None
    chosen = choose(graph, name)
    show_doubts(chosen)
    traces = [
        walk(graph, start, depth=depth, kinds=wanted, grain=grain) for start in chosen.references
    ]
    if form == OutputFormat.TEXT:
        show("\n\n".join(render_tree(graph, answer) for answer in traces))
    elif form == OutputFormat.CSV:
        show(render_edges_csv(graph, *traces))
    else:
        show(render(traces[0] if len(traces) == 1 else Traces(tuple(traces)), form))
