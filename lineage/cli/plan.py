"""`lineage plan`: what would have to be written."""

from pathlib import Path
from typing import Annotated

import typer

from lineage.cli.location import Location, load_graph
from lineage.cli.output import FormatOption, OutputFormat, render, show
from lineage.queries.names import find_model

__all__ = ["plan"]


def plan(
    catalog: Location,
    models: Annotated[
        list[str] | None, typer.Argument(help="The models to plan for; all of them if none.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the plan to a file, to apply it.")
    ] = None,
    form: FormatOption = OutputFormat.TEXT,
) -> None:
    """Plan what to write so that the server records what the models declare. Writes nothing."""
    from lineage.views.terminal import printable
    from lineage.writes.plan import make_plan
    from lineage.writes.plan_file import write_plan
    from lineage.writes.plan_text import describe

    graph = load_graph(catalog)
    wanted = [find_model(graph, name) for name in models] if models else None
    answer = make_plan(graph, models=wanted)
    if output is not None:
        write_plan(answer, output)
    if form == OutputFormat.TEXT:
        show("\n".join(printable(line) for line in describe(answer)))
    else:
        show(render(answer, form))
