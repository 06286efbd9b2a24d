"""`lineage plan`: what would have to be written."""

import os
import sys
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from lineage.cli.options.arguments import ModelsArgument, choose_all, choose_models
from lineage.cli.options.catalog_option import Location, Truth, load_snapshot
from lineage.cli.options.desired_files import load_desired, show_gaps
from lineage.cli.options.lifecycle_systems import (
    AcceptInferredOption,
    ServiceOption,
    parse_services,
)
from lineage.cli.options.merge_option import make_merge
from lineage.cli.options.output import OutputFormat, complain, render, show
from lineage.cli.options.prune_option import Prune, Pruning
from lineage.errors import LineageError
from lineage.graph.build import build_graph
from lineage.model.snapshot import Snapshot
from lineage.views.terminal import printable

if TYPE_CHECKING:
    from lineage.writes.plan import Plan

__all__ = ["PlanFormat", "plan"]

_COLOURS = {"+": "green", "-": "red", "~": "yellow", "?": "magenta", "!": "red"}


class PlanFormat(StrEnum):
    """The forms a plan can be printed in."""

    TEXT = "text"
    MARKDOWN = "markdown"
    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def plan(
    catalog: Location,
    models: ModelsArgument = None,
    *,
    places: Annotated[
        list[str] | None,
        typer.Option(
            "--from",
            metavar="FILE|SYSTEM|sql",
            help="Plan for what a lineage file, a snapshot of another catalog, a file of "
            "OpenLineage events, a system (`lineage sources`) or the SQL on the catalog's edges "
            "says; not for what the models declare. May be given again.",
        ),
    ] = None,
    service: ServiceOption = None,
    accept_inferred: AcceptInferredOption = False,
    truth: Annotated[
        Truth | None,
        typer.Option(
            help="Read edges from the search index, as is usual, or from the database alone; or "
            "from both, and write again what the index has lost.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the plan to a file, to apply it.")
    ] = None,
    scope: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Plan only edges into or out of this: a name or a selection. May be given again.",
        ),
    ] = None,
    merge: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD=POLICY",
            help="Whose word prevails where the server says another thing: keep (theirs, as is "
            "usual), ours (ours, where we wrote it), replace (ours). Fields: pipeline, sql, "
            "description, recorded_as, function. May be given again.",
        ),
    ] = None,
    prune: Annotated[
        Prune | None,
        typer.Option(
            help="Take away what nothing declares: ours, what we wrote; named, everything into "
            "what --scope names, whoever wrote it.",
            show_default=False,
        ),
    ] = None,
    manifest: Annotated[
        Path | None,
        typer.Option(help="The list of what we wrote that `lineage apply --manifest` keeps."),
    ] = None,
    form: Annotated[
        PlanFormat, typer.Option("--format", "-f", help="How to print the plan.")
    ] = PlanFormat.TEXT,
    detailed_exitcode: Annotated[
        bool,
        typer.Option(
            "--detailed-exitcode",
            help="Exit with 0 if there is nothing to do, with 2 if there is, with 1 if it failed.",
        ),
    ] = False,
) -> None:
    """Plan what to write where the server lacks what models declare.

    Or, with `--from`, what files say. Writes nothing. Exits with 0 whether there is anything
    to do or not, unless `--detailed-exitcode` is given.
    """
    try:
        answer, pruning = _planned(
            load_snapshot(catalog, truth=truth),
            models,
            catalog=catalog,
            sources=_Sources(places or [], service or [], accept_inferred),
            scope=scope,
            merge=merge or [],
            prune=prune,
            manifest=manifest,
        )
        if output is not None:
            from lineage.writes.plan_file import write_plan

            write_plan(answer, output)
    except LineageError as error:
        if not detailed_exitcode:
            raise
        complain(error)
        raise typer.Exit(1) from None
    show(_rendered(answer, form))
    if prune == Prune.OURS:
        pruning.report_left()
    if detailed_exitcode and (not answer.is_empty or answer.refused or answer.clashes):
        raise typer.Exit(2)


class _Sources(NamedTuple):
    """The files and systems to plan for, and what services are called in them and here."""

    places: list[str]
    services: list[str]
    accept_inferred: bool


def _planned(
    snapshot: Snapshot,
    models: list[str] | None,
    *,
    catalog: str,
    sources: _Sources,
    scope: list[str] | None,
    merge: list[str],
    prune: Prune | None,
    manifest: Path | None,
) -> tuple["Plan", Pruning]:
    """Plan for what the models declare, or for what files and systems say."""
    from lineage.writes.desired_plan import describe_graph, plan_desired
    from lineage.writes.plan import make_plan

    graph = build_graph(snapshot)
    named = None if scope is None else choose_all(graph, scope)
    wanted = choose_models(graph, models)
    rules = make_merge(graph, catalog, merge, manifest, is_pruned=prune == Prune.OURS)
    services = parse_services(sources.services)
    desired = None
    described = graph
    if sources.places:
        desired = load_desired(
            graph,
            snapshot,
            sources.places,
            services=services,
            accept_inferred=sources.accept_inferred,
        )
        show_gaps(desired)
        if desired.models:
            described = describe_graph(snapshot, desired.models)
    pruning = Pruning(
        graph=described, desired=desired, ownership=rules.ownership, models=wanted, scope=named
    )
    removals = pruning.removals(prune)
    if desired is None:
        plan = make_plan(
            graph,
            remove=removals,
            models=wanted,
            scope=named,
            merge=rules,
            disagreements=snapshot.disagreements,
        )
        return plan, pruning
    narrowed = desired if wanted is None else desired.of_models(wanted)
    plan = plan_desired(snapshot, narrowed, remove=removals, scope=named, merge=rules)
    return plan, pruning


def _rendered(answer: "Plan", form: PlanFormat) -> str | Iterable[str]:
    from lineage.writes.plan_text import describe, render_markdown

    if form == PlanFormat.MARKDOWN:
        return render_markdown(answer)
    if form == PlanFormat.TEXT:
        return "\n".join(_coloured(printable(line)) for line in describe(answer))
    return render(answer, OutputFormat(form))


def _coloured(line: str) -> str:
    """Colour a line by its mark, on a terminal that may have colours."""
    colour = _COLOURS.get(line.lstrip()[:1])
    if colour is None or not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
        return line
    return typer.style(line, fg=colour)
