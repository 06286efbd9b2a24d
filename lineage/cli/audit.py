"""`lineage audit`: which sensitive data reaches which models."""

from pathlib import Path
from typing import Annotated

import typer

from lineage.cli.auditing import REGISTER, SuggestedOption, WithoutDeletedOption
from lineage.cli.choice import ModelsArgument, choose_models
from lineage.cli.location import EvidenceOption, Location, load_snapshot
from lineage.cli.output import FormatOption, OutputFormat, render, show
from lineage.cli.packing import write_packs
from lineage.governance.attributes import audit_attribute
from lineage.governance.audit import Verdict
from lineage.governance.audit import audit as audit_models
from lineage.governance.sensitivity import SENSITIVE_TAGS
from lineage.graph.build import build_graph
from lineage.graph.deleted import without_deleted as leave_out
from lineage.sources.register_file import read_register
from lineage.views.evidence import render_audit

__all__ = ["audit"]


def audit(
    catalog: Location,
    models: ModelsArgument = None,
    *,
    tag: Annotated[
        list[str], typer.Option(help="A tag that makes data sensitive; * stands for anything.")
    ] = list(SENSITIVE_TAGS),  # noqa: B006  # typer reads the default, nobody changes it
    suggested: SuggestedOption = False,
    pack: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Write an audit pack of each model there: JSON, Markdown, a page, the snapshot.",
        ),
    ] = None,
    evidence: EvidenceOption = None,
    attribute: Annotated[
        str | None,
        typer.Option(help="Audit this protected attribute of the register, and not the tags."),
    ] = None,
    register: Annotated[Path | None, REGISTER] = None,
    without_deleted: WithoutDeletedOption = False,
    form: FormatOption = OutputFormat.TEXT,
) -> None:
    """Find out which sensitive columns reach which models, and how.

    Features are told with the models, and each verdict with its evidence. With `--attribute`
    and `--register`, find out the same of a protected attribute, or of a declared proxy of it.

    Exits with 0 if nothing does and everything was read, with 1 if something does, and with
    2 if nothing was found but not everything is known.
    """
    snapshot = load_snapshot(catalog, evidence=evidence)
    graph = build_graph(snapshot)
    if (attribute is None) != (register is None):
        message = "--attribute and --register go together"
        raise typer.BadParameter(message)
    if without_deleted:
        graph = leave_out(graph)
    wanted = choose_models(graph, models)
    if attribute is not None and register is not None:
        entries = read_register(register)
        answer = audit_attribute(graph, entries, attribute, models=wanted, suggested=suggested)
    else:
        answer = audit_models(graph, models=wanted, tags=tuple(tag), suggested=suggested)
    show(render_audit(answer) if form == OutputFormat.TEXT else render(answer, form))
    if pack is not None:
        looked_for = tuple(tag) if attribute is None else (f"the attribute {attribute}",)
        write_packs(pack, snapshot, graph, answer, looked_for=looked_for)
    verdicts = {item.verdict for item in answer.models}
    if verdicts - {Verdict.NO_PATH, Verdict.UNKNOWN}:
        raise typer.Exit(1)
    if Verdict.UNKNOWN in verdicts:
        raise typer.Exit(2)
