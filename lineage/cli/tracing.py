"""What `upstream` and `downstream` share: their options, and how a trace is printed."""

from typing import Annotated, Protocol

import typer

from lineage.cli.location import load_graph
from lineage.cli.output import OutputFormat, render, show
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.reference import Reference
from lineage.queries.names import find
from lineage.queries.traversal import Grain, Trace
from lineage.views.records import render_edges_csv
from lineage.views.tree import render_tree

__all__ = ["ColumnsOption", "DepthOption", "KindsOption", "NameArgument", "trace"]

NameArgument = Annotated[
    str,
    typer.Argument(
        help="A short name, a fully qualified name, or kind:name, as in mlmodel:mlflow.churn."
    ),
]
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
    form: OutputFormat,
) -> None:
    """Walk from what a name means, and print where that leads."""
    graph = load_graph(catalog, evidence=evidence)
    grain: Grain | None = "part" if columns else None
    wanted = frozenset(kinds) if kinds else None
    answer = walk(graph, find(graph, name), depth=depth, kinds=wanted, grain=grain)
    if form == OutputFormat.TEXT:
        show(render_tree(graph, answer))
    elif form == OutputFormat.CSV:
        show(render_edges_csv(graph, answer))
    else:
        show(render(answer, form))
