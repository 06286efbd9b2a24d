"""`lineage bias`: nine questions about a model and a protected attribute."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from lineage.cli.options.audit_options import REGISTER, SuggestedOption, WithoutDeletedOption
from lineage.cli.options.catalog_option import EvidenceOption, Location, NoSqlOption, load_graph
from lineage.cli.options.output import FormatOption, OutputFormat, render, show
from lineage.files.register_file import read_register
from lineage.governance.audit.audit import Verdict
from lineage.governance.audit.protected_attributes import find_protected
from lineage.governance.bias.bias import bias as ask_bias
from lineage.governance.bias.questions import Says
from lineage.graph.without_deleted import without_deleted as leave_out
from lineage.queries.lookup import find_model
from lineage.views.bias_text import render_bias

__all__ = ["bias"]


def bias(
    model: Annotated[str, typer.Argument(help="The model, by name.")],
    catalog: Location,
    *,
    attribute: Annotated[
        str, typer.Option(help="The protected attribute, as the register calls it.")
    ],
    register: Annotated[Path, REGISTER],
    on: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            metavar="DATE",
            help="The day on which entries of the register have expired or not; or else today.",
            show_default=False,
        ),
    ] = None,
    suggested: SuggestedOption = False,
    evidence: EvidenceOption = None,
    no_sql: NoSqlOption = False,
    without_deleted: WithoutDeletedOption = False,
    form: FormatOption = OutputFormat.TEXT,
) -> None:
    """Ask whether a model is based on a protected attribute.

    Nine questions are asked, and each is answered with its evidence. Exits with 1 if the
    attribute arrives or a declared proxy of it does, with 2 if neither was found but one of
    the questions is open that could have found it, and with 0 otherwise.
    """
    entries = read_register(register)
    graph = load_graph(catalog, evidence=evidence, sql=not no_sql)
    if without_deleted:
        graph = leave_out(graph)
    protected = find_protected(graph, entries, attribute, suggested=suggested)
    answer = ask_bias(graph, find_model(graph, model), protected, on=_day(on))
    show(render_bias(answer) if form == OutputFormat.TEXT else render(answer, form))
    said = {reply.says for reply in answer.replies[:4]}
    if answer.verdict not in {Verdict.NO_PATH, Verdict.NO_VALUE_PATH, Verdict.UNKNOWN}:
        raise typer.Exit(1)
    if said - {Says.NO}:
        raise typer.Exit(2)


def _day(named: datetime | None) -> date:
    return (named or datetime.now(UTC)).date()
