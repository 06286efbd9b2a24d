"""`lineage apply`: write what a plan intends."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lineage.cli.options.catalog_option import Location, open_client
from lineage.cli.options.output import FormatOption, OutputFormat, render, show
from lineage.errors import BrokenFile, LineageError
from lineage.model.answer import counted
from lineage.views.terminal import printable

if TYPE_CHECKING:
    from lineage.writes.journal import Journal
    from lineage.writes.outcome import Applied
    from lineage.writes.plan import Plan

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
        typer.Option(metavar="JOURNAL", help="Write back what was there before an apply."),
    ] = None,
    journal: Annotated[
        Path | None,
        typer.Option(
            help="Where to keep what is done, to go on or to undo; if not given, a new file "
            "beside the plan: plan.journal, plan.2.journal, … Left only where anything is written."
        ),
    ] = None,
    manifest: Annotated[
        Path | None,
        typer.Option(help="A list of what we wrote, to be kept up to date; made if not there."),
    ] = None,
    workers: Annotated[
        int,
        typer.Option(
            min=1, help="Edges written at once; one at a time where the server cannot bear two."
        ),
    ] = 4,
    fail_fast: Annotated[
        bool, typer.Option("--fail-fast", help="Begin no further step once one has failed.")
    ] = False,
    wait: Annotated[
        float,
        typer.Option(
            metavar="SECONDS",
            help="Wait so long for the search index, and write again what it lost.",
        ),
    ] = 10.0,
    form: FormatOption = OutputFormat.TABLE,
) -> None:
    """Write what a plan intends, and read back what became of it.

    Exits with 0 if the server now says it all and its search index shows it, with 1 if a step
    met a conflict or failed.
    """
    from lineage.writes.apply import apply_plan

    with open_client(catalog) as client, _opened(plan, resume, undo, journal) as kept:
        try:
            answer = apply_plan(
                kept.history.plan,
                client,
                journal=kept,
                workers=workers,
                fail_fast=fail_fast,
                wait=wait,
            )
        except KeyboardInterrupt:
            raise LineageError(_stopped(kept)) from None
        if manifest is not None:
            _keep_manifest(manifest, answer, kept.history.plan.server)
        _report(answer, kept)
    show(render(answer, form))
    if not answer.succeeded:
        raise typer.Exit(1)


@contextmanager
def _opened(
    plan: Path | None, resume: Path | None, undo: Path | None, journal: Path | None
) -> Iterator["Journal"]:
    """Open the journal of what is asked for: a plan, the rest of one, or its undoing."""
    from lineage.writes.journal import Journal
    from lineage.writes.plan_file import read_plan
    from lineage.writes.undo import make_undo

    asked = [one for one in (plan, resume, undo) if one is not None]
    if len(asked) != 1:
        message = "give one of these: a plan, --resume JOURNAL, --undo JOURNAL"
        raise LineageError(message)
    with ExitStack() as stack:
        if resume is not None:
            yield stack.enter_context(Journal.resume(resume))
            return
        undone = None if undo is None else stack.enter_context(Journal.resume(undo))
        intended = read_plan(asked[0]) if undone is None else make_undo(undone.history)
        ending = ".journal" if undone is None else ".undo.journal"
        paths = _paths_beside(asked[0], ending) if journal is None else iter([journal])
        kept = stack.enter_context(_started(paths, intended, undone))
        try:
            yield kept
        finally:
            if not kept.has_writes:  # there is nothing to go on with, and nothing to undo
                kept.path.unlink()


def _started(paths: Iterator[Path], intended: "Plan", undone: "Journal | None") -> "Journal":
    """Start a journal at the first path that is free; another run may be as fast as this one."""
    from lineage.writes.journal import Journal

    path = next(paths)
    while True:
        try:
            return Journal.start(path, intended, undoes=undone)
        except BrokenFile:
            following = next(paths, None)
            if following is None or not path.exists():
                raise
            path = following


def _paths_beside(path: Path, ending: str) -> Iterator[Path]:
    """Name files beside another: `plan.journal`, `plan.2.journal`, ….

    Examples
    --------
    >>> names = _paths_beside(Path("plan.json"), ".journal")
    >>> str(next(names)), str(next(names))
    ('plan.journal', 'plan.2.journal')
    """
    yield path.with_name(f"{path.stem}{ending}")
    yield from (path.with_name(f"{path.stem}.{number}{ending}") for number in count(2))


def _stopped(kept: "Journal") -> str:
    if not kept.has_writes:
        return "stopped before anything was written"
    return f"stopped; go on with lineage apply --resume {kept.path}"


def _report(answer: "Applied", kept: "Journal") -> None:
    """Say what is to be known of a run, and name the journal where it is of any use."""
    known = kept.history.outcomes
    done = sum(known.get(place) is one for place, one in enumerate(answer.outcomes))
    earlier = f"an earlier run did {done} of {counted(len(answer.outcomes), 'step')}"
    for note in (*answer.notes, *([earlier] if done else [])):
        print(f"note: {printable(note)}", file=sys.stderr)
    if kept.has_writes:
        print(f"journal: {printable(str(kept.path))}", file=sys.stderr)


def _keep_manifest(path: Path, answer: "Applied", server: str) -> None:
    from lineage.writes.manifest_file import read_manifest, with_applied, write_manifest

    known = read_manifest(path, server=server)
    write_manifest(with_applied(known, answer), path, server=server)
