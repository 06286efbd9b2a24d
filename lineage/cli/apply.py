"""`lineage apply`: carry a plan out."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lineage.cli.options.catalog_option import Location, open_client
from lineage.cli.options.output import FormatOption, OutputFormat, render, show
from lineage.errors import LineageError, PlanRefused, ServerError
from lineage.views.terminal import printable

if TYPE_CHECKING:
    from lineage.openmetadata.client import Client
    from lineage.writes.journal import Journal
    from lineage.writes.outcome import Applied

__all__ = ["apply"]


def apply(
    catalog: Location,
    plan: Annotated[
        Path | None,
        typer.Argument(help="A plan that `lineage plan --output` wrote.", show_default=False),
    ] = None,
    *,
    resume: Annotated[
        Path | None,
        typer.Option(metavar="JOURNAL", help="Go on with an apply that was stopped or killed."),
    ] = None,
    undo: Annotated[
        Path | None,
        typer.Option(metavar="JOURNAL", help="Write back what stood before an apply."),
    ] = None,
    journal: Annotated[
        Path | None,
        typer.Option(
            help="Where to keep what is done, to go on or to undo; if not given, a new file "
            "beside the plan."
        ),
    ] = None,
    manifest: Annotated[
        Path | None,
        typer.Option(help="A list of what we wrote, to be kept up to date; made if not there."),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Edges under way at once.")] = 4,
    fail_fast: Annotated[
        bool, typer.Option("--fail-fast", help="Begin no further step once one has failed.")
    ] = False,
    wait: Annotated[
        float,
        typer.Option(metavar="SECONDS", help="Wait so long for the search index to follow."),
    ] = 10.0,
    form: FormatOption = OutputFormat.TABLE,
) -> None:
    """Write what a plan intends, and read back what became of it.

    Exits with 0 if the server now says it all, with 1 if a step met a conflict or failed.
    """
    from lineage.writes.apply import apply_plan

    with open_client(catalog) as client, _journal(plan, resume, undo, journal) as kept:
        intended = kept.history.plan
        try:
            answer = apply_plan(
                intended, client, journal=kept, workers=workers, fail_fast=fail_fast
            )
        except (PlanRefused, ServerError):  # before anything was begun
            if resume is None:
                kept.path.unlink()
            raise
        except KeyboardInterrupt:
            message = f"stopped; go on with lineage apply --resume {kept.path}"
            raise LineageError(message) from None
        if manifest is not None:
            _keep_manifest(manifest, answer, intended.server)
        _tell_lag(answer, client, wait)
    print(f"journal: {printable(str(kept.path))}", file=sys.stderr)
    show(render(answer, form))
    if not answer.succeeded:
        raise typer.Exit(1)


def _journal(
    plan: Path | None, resume: Path | None, undo: Path | None, journal: Path | None
) -> "Journal":
    """Open the journal of what is asked for: a plan, the rest of one, or its undoing."""
    from lineage.writes.journal import Journal
    from lineage.writes.journal_reader import read_journal
    from lineage.writes.plan_file import read_plan
    from lineage.writes.undo import make_undo

    asked = [one for one in (plan, resume, undo) if one is not None]
    if len(asked) != 1:
        message = "give one of these: a plan, --resume JOURNAL, --undo JOURNAL"
        raise LineageError(message)
    if resume is not None:
        return Journal.resume(resume)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    path = journal or asked[0].with_name(f"{asked[0].name}.{stamp}.journal")
    intended = make_undo(read_journal(undo)) if undo is not None else read_plan(asked[0])
    return Journal.start(path, intended)


def _keep_manifest(path: Path, answer: "Applied", server: str) -> None:
    from lineage.writes.manifest_file import read_manifest, with_applied, write_manifest

    known = read_manifest(path, server=server)
    write_manifest(with_applied(known, answer), path, server=server)


def _tell_lag(answer: "Applied", client: "Client", seconds: float) -> None:
    """Wait for the search index, and name what it does not tell yet."""
    from lineage.writes.index_wait import await_index

    for reference in await_index(answer, client, seconds=seconds):
        text = f"the search index does not tell yet what was written into {reference}"
        print(f"note: {printable(text)}", file=sys.stderr)
