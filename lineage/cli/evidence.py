"""`lineage evidence`: what evidence adds to a catalog, and what of it could not be used."""

from typing import Annotated

import typer

from lineage.cli.options.catalog_option import Location, NoSqlOption, load_snapshot
from lineage.cli.options.output import FormatOption, OutputFormat, render, show

__all__ = ["evidence"]


def evidence(
    catalog: Location,
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FILE",
            help="Files of OpenLineage events, and .toml or .yaml files that say what their "
            "datasets are called in the catalog.",
        ),
    ] = None,
    no_sql: NoSqlOption = False,
    form: FormatOption = OutputFormat.TABLE,
) -> None:
    """Lay evidence over the catalog, and list what was met and not used.

    The SQL on the catalog's edges is laid on too. Listed is what could not be read or matched, and
    what is not recorded or recorded otherwise: kind, subject and reason. Exits with 0 if there is
    nothing of that kind, and with 1 if there is.
    """
    from lineage.evidence.load_evidence import lay_evidence

    laid = lay_evidence(load_snapshot(catalog), files or (), sql=not no_sql)
    show(laid.summary() if form == OutputFormat.TEXT else render(laid, form))
    if laid.gaps:
        raise typer.Exit(1)
