"""`lineage apply`: carry a plan out."""

from pathlib import Path
from typing import Annotated

import typer

from lineage.cli.location import Location, open_client
from lineage.cli.output import FormatOption, OutputFormat, render, show

__all__ = ["apply"]


def apply(
    plan: Annotated[Path, typer.Argument(help="A plan that `lineage plan --output` wrote.")],
    catalog: Location,
    form: FormatOption = OutputFormat.TABLE,
) -> None:
    """Write what a plan intends, and read back what became of it.

    Exits with 0 if the server now says it all, with 1 if a step met a conflict or failed.
    """
    from lineage.writes.apply import apply_plan
    from lineage.writes.plan_file import read_plan

    intended = read_plan(plan)
    with open_client(catalog) as client:
        answer = apply_plan(intended, client)
    show(render(answer, form))
    if not answer.succeeded:
        raise typer.Exit(1)
