"""`lineage diff`: what is different between two readings."""

from typing import Annotated

import typer

from lineage.changes.graph_diff import diff_hops
from lineage.changes.snapshot_diff import diff as diff_snapshots
from lineage.cli.options.catalog_option import load_snapshot
from lineage.cli.options.output import FormatOption, OutputFormat, render, show
from lineage.graph.build import build_graph
from lineage.views.diff_text import render_diff

__all__ = ["diff"]


def diff(
    before: Annotated[str, typer.Argument(help="A snapshot file, a catalog or a server.")],
    after: Annotated[str, typer.Argument(help="Another one.")],
    hops: Annotated[
        bool,
        typer.Option(
            "--hops", help="Compare what feeds what, column by column, whatever job does."
        ),
    ] = False,
    form: FormatOption = OutputFormat.TEXT,
) -> None:
    """Compare two readings: what came, what went, what changed.

    Exits with 0 if there is no difference and all of both was read, with 1 if there is one,
    and with 2 if none was found but not everything was read.
    """
    readings = load_snapshot(before), load_snapshot(after)
    answer = diff_hops(*map(build_graph, readings)) if hops else diff_snapshots(*readings)
    show(render_diff(answer) if form == OutputFormat.TEXT else render(answer, form))
    if answer.changes:
        raise typer.Exit(1)
    if answer.gaps:
        raise typer.Exit(2)
