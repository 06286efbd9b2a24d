"""`lineage history`: what the versions of a model were."""

from typing import Annotated

import typer

from lineage.changes.model_history import model_history
from lineage.cli.options.catalog_option import Location, open_client
from lineage.cli.options.output import FormatOption, OutputFormat, render, show
from lineage.queries.lookup import find_among
from lineage.views.model_history_text import render_model_history
from lineage.views.terminal import printable

__all__ = ["history"]


def history(
    model: Annotated[str, typer.Argument(help="The model, by its short or full name.")],
    catalog: Location,
    between: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="OLD NEW", help="List what differs between two of its versions."),
    ] = None,
    form: FormatOption = OutputFormat.TEXT,
) -> None:
    """List the versions of a model, what made each, and whether its number fits that."""
    from lineage.openmetadata.read_history import list_models, read_versions

    with open_client(catalog) as client:
        models = list_models(client)
        answer = model_history(read_versions(client, models[find_among(list(models), model)]))
    if between is not None:
        show("\n".join(printable(str(fact)) for fact in answer.between(*between)))
    elif form == OutputFormat.TEXT:
        show(render_model_history(answer))
    else:
        show(render(answer, form))
