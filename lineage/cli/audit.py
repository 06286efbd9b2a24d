"""`lineage audit`: which sensitive data reaches which models."""

from typing import Annotated

import typer

from lineage.cli.engines import Engine, Work, audit_with_engine
from lineage.cli.location import Location, load_graph
from lineage.cli.output import FormatOption, OutputFormat, render, show
from lineage.governance.audit import Verdict
from lineage.governance.audit import audit as audit_models
from lineage.governance.sensitivity import SENSITIVE_TAGS
from lineage.queries.names import find_model
from lineage.views.evidence import render_audit

__all__ = ["audit"]


def audit(
    catalog: Location,
    models: Annotated[
        list[str] | None, typer.Argument(help="The models to audit; all of them if none.")
    ] = None,
    *,
    tag: Annotated[
        list[str], typer.Option(help="A tag that makes data sensitive; * stands for anything.")
    ] = list(SENSITIVE_TAGS),  # noqa: B006  # typer reads the default, nobody changes it
    suggested: Annotated[
        bool, typer.Option("--suggested", help="Count suggested and automatic labels too.")
    ] = False,
    engine: Annotated[
        Engine | None,
        typer.Option(metavar="duckdb|spark", help="What does the work, for tables beyond memory."),
    ] = None,
    memory: Annotated[
        str | None, typer.Option(metavar="SIZE", help="How much DuckDB may use, as in 2GB.")
    ] = None,
    form: FormatOption = OutputFormat.TEXT,
) -> None:
    """Find out which sensitive columns reach which features and models, with evidence.

    Exits with 0 if nothing does and everything was read, with 1 if something does, and with
    2 if nothing was found but not everything is known.
    """
    if engine is not None:
        work = Work(engine, memory, tuple(tag), suggested)
        answer = audit_with_engine(catalog, models or [], work)
    else:
        graph = load_graph(catalog)
        wanted = [find_model(graph, name) for name in models] if models else None
        answer = audit_models(graph, models=wanted, tags=tuple(tag), suggested=suggested)
    show(render_audit(answer) if form == OutputFormat.TEXT else render(answer, form))
    verdicts = {item.verdict for item in answer.models}
    if verdicts - {Verdict.NO_PATH, Verdict.UNKNOWN}:
        raise typer.Exit(1)
    if Verdict.UNKNOWN in verdicts:
        raise typer.Exit(2)
