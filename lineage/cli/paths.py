"""`lineage paths`: how data gets from here to there."""

from typing import Annotated

import typer

from lineage.cli.location import EvidenceOption, Location, load_graph
from lineage.cli.output import FormatOption, OutputFormat, render, show
from lineage.cli.tracing import ColumnsOption
from lineage.queries.names import find
from lineage.queries.paths import paths as find_paths
from lineage.views.evidence import render_paths

__all__ = ["paths"]


def paths(
    upstream: Annotated[str, typer.Argument(help="Where to begin: a column or an entity.")],
    downstream: Annotated[str, typer.Argument(help="Where to end: a feature or an entity.")],
    catalog: Location,
    limit: Annotated[int, typer.Option(min=1, help="How many to give at most.")] = 10,
    columns: ColumnsOption = False,
    evidence: EvidenceOption = None,
    form: FormatOption = OutputFormat.TEXT,
) -> None:
    """List the paths between two things, shortest first, each hop with its evidence."""
    graph = load_graph(catalog, evidence=evidence)
    answer = find_paths(
        graph,
        find(graph, upstream),
        find(graph, downstream),
        limit=limit,
        grain="part" if columns else None,
    )
    show(render_paths(answer) if form == OutputFormat.TEXT else render(answer, form))
