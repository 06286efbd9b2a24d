"""`lineage evidence`: what evidence tells that the catalog does not, and what speaks against it."""

from typing import Annotated

import typer

from lineage.cli.options.catalog_option import Location, load_snapshot
from lineage.cli.options.output import FormatOption, OutputFormat, render, show

__all__ = ["evidence"]


def evidence(
    catalog: Location,
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE|sql...",
            help="Files of OpenLineage events, `sql` for the SQL on the catalog's edges, .toml "
            "or .yaml files that say what datasets are called in the catalog.",
        ),
    ],
    form: FormatOption = OutputFormat.TABLE,
) -> None:
    """Lay evidence over the catalog, and list what does not fit.

    That is what could not be read, matched or agreed. Exits with 0 if there is nothing of that
    kind, and with 1 if there is.
    """
    from lineage.evidence.load_evidence import lay_evidence

    laid = lay_evidence(load_snapshot(catalog), files)
    show(laid.summary() if form == OutputFormat.TEXT else render(laid, form))
    if laid.findings:
        raise typer.Exit(1)
