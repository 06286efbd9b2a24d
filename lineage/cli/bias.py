"""`lineage bias`: nine questions about a model and a protected attribute."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from lineage.cli.audit import WithoutDeletedOption, exit_by
from lineage.cli.location import EvidenceOption, Location, load_graph
from lineage.cli.output import FormatOption, OutputFormat, render, show
from lineage.governance.attributes import audit_protected, find_protected
from lineage.governance.audit import Verdict
from lineage.governance.bias import bias as ask_bias
from lineage.governance.replies import Says
from lineage.graph.deleted import without_deleted as leave_out
from lineage.queries.names import find_model
from lineage.sources.register_file import read_register
from lineage.views.bias_text import render_bias
from lineage.views.evidence import render_audit

__all__ = ["bias"]


def bias(
    catalog: Location,
    model: Annotated[
        str | None, typer.Argument(help="The model; if none, the verdict on each is given.")
    ] = None,
    *,
    attribute: Annotated[
        str, typer.Option(help="The protected attribute, as the register calls it.")
    ],
    register: Annotated[
        Path, typer.Option(help="The register: a TOML file of attributes and their proxies.")
    ],
    on: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            metavar="DATE",
            help="The day on which entries of the register have expired or not; or else today.",
            show_default=False,
        ),
    ] = None,
    suggested: Annotated[
        bool, typer.Option("--suggested", help="Count suggested and automatic labels too.")
    ] = False,
    evidence: EvidenceOption = None,
    without_deleted: WithoutDeletedOption = False,
    form: FormatOption = OutputFormat.TEXT,
) -> None:
    """Ask whether a model is based on a protected attribute, in nine questions.

    Without a model, gives the verdict on the attribute for every model and feature.

    Exits with 1 if the attribute arrives or a declared proxy of it does, with 2 if neither was
    found but one of the questions is open that could have found it, and with 0 otherwise.
    """
    graph = load_graph(catalog, evidence=evidence)
    if without_deleted:
        graph = leave_out(graph)
    protected = find_protected(graph, read_register(register), attribute, suggested=suggested)
    if model is None:
        audit = audit_protected(graph, protected)
        show(render_audit(audit) if form == OutputFormat.TEXT else render(audit, form))
        exit_by({item.verdict for item in audit.models})
        return
    answer = ask_bias(graph, find_model(graph, model), protected, on=_day(on))
    show(render_bias(answer) if form == OutputFormat.TEXT else render(answer, form))
    is_open = any(reply.says != Says.NO for reply in answer.replies[:4])
    exit_by({answer.verdict, Verdict.UNKNOWN} if is_open else {answer.verdict})


def _day(named: datetime | None) -> date:
    return (named or datetime.now(UTC)).date()
