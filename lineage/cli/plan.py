"""`lineage plan`: what would have to be written."""

from pathlib import Path
from typing import Annotated

import typer

from lineage.cli.desired import load_desired, parse_services
from lineage.cli.location import Location, load_snapshot
from lineage.cli.output import FormatOption, OutputFormat, render, show
from lineage.graph.build import build_graph
from lineage.queries.names import find_model

__all__ = ["plan"]


def plan(
    catalog: Location,
    models: Annotated[
        list[str] | None, typer.Argument(help="The models to plan for; all of them if none.")
    ] = None,
    files: Annotated[
        list[Path] | None,
        typer.Option(
            "--from",
            metavar="FILE",
            help="Plan for what a lineage file, or a snapshot of another catalog, says; "
            "not for what the models declare.",
        ),
    ] = None,
    service: Annotated[
        list[str] | None,
        typer.Option(
            metavar="OLD=NEW", help="What a service of such a snapshot is called in the catalog."
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the plan to a file, to apply it.")
    ] = None,
    form: FormatOption = OutputFormat.TEXT,
) -> None:
    """Plan what to write so that the server records what the models declare. Writes nothing."""
    from lineage.views.terminal import printable
    from lineage.writes.desired_plan import plan_desired
    from lineage.writes.plan import make_plan
    from lineage.writes.plan_file import write_plan
    from lineage.writes.plan_text import describe

    snapshot = load_snapshot(catalog)
    graph = build_graph(snapshot)
    wanted = [find_model(graph, name) for name in models] if models else None
    if files:
        desired = load_desired(graph, files, services=parse_services(service or ()))
        answer = plan_desired(snapshot, desired, scope=wanted)
    else:
        answer = make_plan(graph, models=wanted)
    if output is not None:
        write_plan(answer, output)
    if form == OutputFormat.TEXT:
        show("\n".join(printable(line) for line in describe(answer)))
    else:
        show(render(answer, form))
