"""`lineage stale`: what the server records and no longer holds."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from lineage.changes.stale import Stale, find_stale
from lineage.cli.options.arguments import choose_all
from lineage.cli.options.catalog_option import Location, Truth, load_snapshot
from lineage.cli.options.output import FormatOption, OutputFormat, render, show
from lineage.graph.build import build_graph
from lineage.graph.lineage_graph import LineageGraph
from lineage.views.stale_text import render_stale

__all__ = ["stale"]


def stale(
    catalog: Location,
    older_than: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            metavar="DATE",
            help="Find edges last written before this day (UTC) too, as in 2026-01-31.",
        ),
    ] = None,
    recorded_as: Annotated[
        list[str] | None,
        typer.Option(metavar="WORD", help="Find edges recorded as this too, as in DbtLineage."),
    ] = None,
    truth: Annotated[
        Truth | None,
        typer.Option(
            help="Read edges from the search index, as is usual, or from the database alone; or "
            "from both, and list the edges that the index alone has.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write a plan that removes them, to apply it."),
    ] = None,
    named: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Plan to remove stale edges at this, whoever wrote them: a name or a selection. "
            "May be given again.",
        ),
    ] = None,
    form: FormatOption = OutputFormat.TEXT,
) -> None:
    """List edges to what is deleted, and mappings to what is gone.

    Edges that the search index alone has are listed with --truth both, or of a snapshot that
    was read so. Exits with 0 if nothing is stale, with 1 if something is, and with 2 if nothing
    was found but not everything was read.
    """
    snapshot = load_snapshot(catalog, truth=truth)
    graph = build_graph(snapshot)
    answer = find_stale(
        graph,
        older_than=None if older_than is None else _milliseconds(older_than),
        recorded_as=recorded_as or (),
        disagreements=snapshot.disagreements,
    )
    show(render_stale(answer) if form == OutputFormat.TEXT else render(answer, form))
    if output is not None:
        _write_plan(graph, answer, named or [], output)
    if answer.edges or answer.gaps:
        raise typer.Exit(1 if answer.edges else 2)


def _write_plan(graph: LineageGraph, answer: Stale, named: list[str], output: Path) -> None:
    from lineage.writes.plan import make_plan
    from lineage.writes.plan_file import write_plan
    from lineage.writes.stale_removals import stale_removals

    entities = {graph.entity_of(one) for one in choose_all(graph, named)}
    removals = stale_removals(answer, named=entities)
    plan = make_plan(graph, desired=(), remove=removals)
    write_plan(plan, output)
    typer.echo(f"{output}: {plan.summary()}", err=True)


def _milliseconds(day: datetime) -> int:
    """Take a day without a zone for one in UTC."""
    return int((day - datetime(1970, 1, 1)).total_seconds() * 1000)  # noqa: DTZ001  # both bare
