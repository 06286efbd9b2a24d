"""`lineage since`: what has changed in the sources of a model's features."""

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from lineage.changes.since import Since, feature_sources
from lineage.changes.since import since as compare
from lineage.cli.options.catalog_option import (
    Location,
    NoSqlOption,
    lay_sql,
    load_with_evidence,
    open_client,
    progress,
)
from lineage.cli.options.fail_option import FailOn, FailOnOption, exit_code
from lineage.cli.options.output import show, width
from lineage.graph.build import build_graph
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.reference import Kind, Reference
from lineage.queries.lookup import find_model
from lineage.views.answer_table import render_table
from lineage.views.records import render_csv, render_json
from lineage.views.since_markdown import render_since_markdown
from lineage.views.since_text import render_since

__all__ = ["SinceFormat", "since"]


class SinceFormat(StrEnum):
    """The forms the answer can be printed in."""

    TEXT = "text"
    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"


_RENDER: dict[SinceFormat, Callable[[Since], str]] = {
    SinceFormat.TEXT: render_since,
    SinceFormat.TABLE: lambda answer: render_table(answer, width=width()),
    SinceFormat.JSON: render_json,
    SinceFormat.CSV: render_csv,
    SinceFormat.MARKDOWN: render_since_markdown,
}


def since(
    model: Annotated[str, typer.Argument(help="The model, by its short or full name.")],
    moment: Annotated[
        str,
        typer.Argument(
            metavar="VERSION|DATE",
            help="A version of the model, as in 0.4, or a date (UTC), as in 2026-11-01.",
        ),
    ],
    catalog: Location,
    kept: Annotated[
        Path | None,
        typer.Option(
            metavar="SNAPSHOT",
            help="A reading of this catalog kept from before, for the edges of then, which have no "
            "versions. Then only what has another version now is read.",
        ),
    ] = None,
    profiles: Annotated[
        bool,
        typer.Option(
            "--profiles",
            help="Compare profiles of the columns that features take, too: one request for each.",
        ),
    ] = False,
    no_sql: NoSqlOption = False,
    fail_on: FailOnOption = FailOn.UNKNOWN,
    form: Annotated[
        SinceFormat, typer.Option("--format", "-f", help="How to print the answer.")
    ] = SinceFormat.TEXT,
) -> None:
    """Say what has changed in the sources of a model's features, and what that breaks.

    Exits with 0 if nothing as bad as `--fail-on` was found, with 1 if something was, and with
    2 if that is only unknown, or if versions were not read. Tests and contracts are not read.
    """
    from lineage.openmetadata.list_versions import list_versions
    from lineage.openmetadata.read_history import read_history
    from lineage.openmetadata.read_profiles import read_profiles
    from lineage.openmetadata.reader import read

    # SQL is laid on before versions are read: it may name what else is upstream.
    before = None if kept is None else load_with_evidence(str(kept), sql=not no_sql)
    with open_client(catalog) as client:
        if before is not None:
            snapshot = list_versions(client, before)
        else:
            with progress() as report:
                snapshot = lay_sql(read(client, progress=report), sql=not no_sql)
        graph = build_graph(snapshot)
        found = find_model(graph, model)
        history = read_history(client, snapshot, found, moment)
        columns = _source_columns(graph, found) if profiles else []
        measured = read_profiles(client, columns, history.moment) if profiles else None
    answer = compare(snapshot, history, kept=before, profiles=measured)
    show(_RENDER[form](answer))
    raise typer.Exit(exit_code(answer.worst, fail_on, unread=answer.unread))


def _source_columns(graph: LineageGraph, model: Reference) -> list[Reference]:
    """Name the columns of tables that features take: nothing else has profiles."""
    return [
        source
        for _, source in feature_sources(graph, model)
        if source.kind == Kind.COLUMN and graph.entity_of(source).kind == Kind.TABLE
    ]
