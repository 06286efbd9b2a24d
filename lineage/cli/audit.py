"""`lineage audit`: which sensitive data reaches which models."""

from pathlib import Path
from typing import Annotated, NoReturn

import typer

from lineage.cli.options.arguments import ModelsArgument, choose_models
from lineage.cli.options.audit_options import REGISTER, SuggestedOption, WithoutDeletedOption
from lineage.cli.options.audit_pack import write_packs
from lineage.cli.options.catalog_option import EvidenceOption, Location, load_snapshot
from lineage.cli.options.engine_option import Engine, Work, audit_with_engine, refuse_edge_table
from lineage.cli.options.output import FormatOption, OutputFormat, render, show
from lineage.errors import LineageError
from lineage.files.register_file import read_register
from lineage.governance.audit.audit import Audit, Verdict
from lineage.governance.audit.audit import audit as audit_models
from lineage.governance.audit.protected_attributes import audit_protected, find_protected
from lineage.governance.audit.sensitivity import SENSITIVE_TAGS
from lineage.graph.build import build_graph
from lineage.graph.without_deleted import without_deleted as leave_out
from lineage.views.evidence_text import render_audit

__all__ = ["audit"]


def audit(
    catalog: Location,
    models: ModelsArgument = None,
    *,
    tag: Annotated[
        list[str], typer.Option(help="A tag that makes data sensitive; * stands for anything.")
    ] = list(SENSITIVE_TAGS),  # noqa: B006  # typer reads the default, nobody changes it
    suggested: SuggestedOption = False,
    engine: Annotated[
        Engine | None,
        typer.Option(metavar="duckdb|spark", help="What does the work, for tables beyond memory."),
    ] = None,
    memory: Annotated[
        str | None, typer.Option(metavar="SIZE", help="How much DuckDB may use, as in 2GB.")
    ] = None,
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
    if (attribute is None) != (register is None):
        message = "--attribute and --register go together"
        raise LineageError(message)
    if engine is not None:
        if pack or evidence or attribute or without_deleted:
            message = (
                "--engine takes no --pack and no --attribute; --evidence and --without-deleted "
                "go to `lineage compile`"
            )
            raise LineageError(message)
        work = Work(engine, memory, tuple(tag), suggested)
        _show(audit_with_engine(catalog, models or [], work), form)
    if memory is not None:
        message = "--memory goes with --engine duckdb: without an engine nothing is limited"
        raise LineageError(message)
    refuse_edge_table(catalog)
    snapshot = load_snapshot(catalog, evidence=evidence)
    graph = build_graph(snapshot)
    if without_deleted:
        graph = leave_out(graph)
    wanted = choose_models(graph, models)
    protected = None
    if attribute is not None and register is not None:
        entries = read_register(register)
        protected = find_protected(graph, entries, attribute, suggested=suggested)
        answer = audit_protected(graph, protected, models=wanted)
    else:
        answer = audit_models(graph, models=wanted, tags=tuple(tag), suggested=suggested)
    if pack is not None:
        looked_for = tuple(tag) if attribute is None else (f"the attribute {attribute}",)
        write_packs(pack, snapshot, graph, answer, looked_for=looked_for, protected=protected)
    _show(answer, form)


def _show(answer: Audit, form: OutputFormat) -> NoReturn:
    """Print what was found out; the exit code is 1 for a finding, 2 for what is not known."""
    show(render_audit(answer) if form == OutputFormat.TEXT else render(answer, form))
    verdicts = {item.verdict for item in answer.models}
    if verdicts - {Verdict.NO_PATH, Verdict.UNKNOWN}:
        raise typer.Exit(1)
    raise typer.Exit(2 if Verdict.UNKNOWN in verdicts else 0)
