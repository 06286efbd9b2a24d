"""`lineage stale`: what the server records and no longer holds."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lineage.changes.stale import Stale, find_stale
from lineage.cli.options.arguments import choose_all
from lineage.cli.options.catalog_option import Location, Truth, load_snapshot
from lineage.cli.options.output import FormatOption, OutputFormat, render, show
from lineage.graph.build import build_graph
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.reference import Reference
from lineage.views.stale_text import render_stale
from lineage.views.terminal import printable

if TYPE_CHECKING:
    from lineage.writes.plan import Plan

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
            "from both, and list the edges that they disagree about.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write a plan that removes them, to apply it."),
    ] = None,
    replacements: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write a plan that maps the columns that probably replace those that are gone, "
            "to review and apply it.",
        ),
    ] = None,
    earlier: Annotated[
        Path | None,
        typer.Option(
            metavar="SNAPSHOT",
            help="An earlier reading, which knows types and places of columns that are gone.",
        ),
    ] = None,
    named: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Plan to remove stale edges at this, or to replace what is gone, whoever wrote "
            "them: a name or a selection. May be given again.",
        ),
    ] = None,
    form: FormatOption = OutputFormat.TEXT,
) -> None:
    """List edges and mappings to what is deleted or gone, and what may replace it.

    Edges that the search index alone has, and those it does not show as the database holds them,
    are listed with --truth both, or of a snapshot that was read so. Exits with 0 if nothing is
    stale, with 1 if something is, and with 2 if nothing was found but not everything was read.
    """
    snapshot = load_snapshot(catalog, truth=truth)
    graph = build_graph(snapshot)
    answer = find_stale(
        graph,
        older_than=None if older_than is None else _milliseconds(older_than),
        recorded_as=recorded_as or (),
        disagreements=snapshot.disagreements,
        earlier=None if earlier is None else build_graph(load_snapshot(str(earlier))),
    )
    show(render_stale(answer) if form == OutputFormat.TEXT else render(answer, form))
    if output is not None:
        _keep(_plan_removals(graph, answer, named or []), output)
    if replacements is not None:
        _keep(_plan_replacements(graph, answer, named or []), replacements)
    if answer.edges or answer.gaps:
        raise typer.Exit(1 if answer.edges else 2)


def _plan_removals(graph: LineageGraph, answer: Stale, named: list[str]) -> "Plan":
    from lineage.writes.plan import make_plan
    from lineage.writes.stale_removals import stale_removals

    return make_plan(
        graph, desired=(), remove=stale_removals(answer, named=_entities(graph, named))
    )


def _plan_replacements(graph: LineageGraph, answer: Stale, named: list[str]) -> "Plan":
    from lineage.writes.stale_replacements import plan_replacements

    return plan_replacements(graph, answer, named=_entities(graph, named))


def _entities(graph: LineageGraph, named: list[str]) -> set[Reference]:
    return {graph.entity_of(one) for one in choose_all(graph, named)}


def _keep(plan: "Plan", output: Path) -> None:
    from lineage.writes.plan_file import write_plan

    write_plan(plan, output)
    typer.echo(f"{printable(str(output))}: {plan.summary()}", err=True)


def _milliseconds(day: datetime) -> int:
    """Take a day without a zone for one in UTC."""
    return int((day - datetime(1970, 1, 1)).total_seconds() * 1000)  # noqa: DTZ001  # both bare
