"""`lineage select`: what a selection means."""

from typing import Annotated

import typer

from lineage.cli.options.catalog_option import EvidenceOption, Location, NoSqlOption, load_graph
from lineage.cli.options.output import FormatOption, OutputFormat, render, show
from lineage.queries.selection.resolve import resolve
from lineage.views.terminal import printable

__all__ = ["select"]


def select(
    selection: Annotated[
        str, typer.Argument(help="What to select, as in '+churn and kind:table and not owner:*'.")
    ],
    catalog: Location,
    evidence: EvidenceOption = None,
    no_sql: NoSqlOption = False,
    form: FormatOption = OutputFormat.TEXT,
) -> None:
    """List what a selection means, and what it cannot know.

    Exits with 0 if that is all of it, and with 2 if not everything is known.
    """
    answer = resolve(load_graph(catalog, evidence=evidence, sql=not no_sql), selection)
    if form == OutputFormat.TEXT:
        lines = [str(reference) for reference in answer.references]
        lines += [f"{reference}  may be: not known" for reference in answer.doubtful]
        lines += [f"not known: {gap}" for gap in answer.gaps]
        show("\n".join(map(printable, [*lines, answer.summary()])))
    else:
        show(render(answer, form))
    if not answer.is_complete:
        raise typer.Exit(2)
