"""`lineage audit`: which sensitive data reaches which models."""

from enum import Enum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from lineage.cli.options.arguments import ModelsArgument, choose_models
from lineage.cli.options.audit_options import (
    REGISTER,
    SuggestedOption,
    TagOption,
    WithoutDeletedOption,
)
from lineage.cli.options.audit_pack import write_packs
from lineage.cli.options.catalog_option import (
    EvidenceOption,
    Location,
    NoSqlOption,
    load_with_evidence,
)
from lineage.cli.options.engine_option import Engine, Work, audit_with_engine, refuse_edge_table
from lineage.cli.options.output import FormatOption, OutputFormat, render, show
from lineage.errors import LineageError
from lineage.files.register_file import read_register
from lineage.governance.audit.audit import Audit, Verdict
from lineage.governance.audit.audit import audit as audit_models
from lineage.governance.audit.inventory import take_inventory
from lineage.governance.audit.proof import prove
from lineage.governance.audit.protected_attributes import audit_protected, find_protected
from lineage.governance.audit.sensitivity import SENSITIVE_TAGS
from lineage.graph.build import build_graph
from lineage.graph.without_deleted import without_deleted as leave_out
from lineage.views.audit_text import audit_lines, proof_lines

__all__ = ["audit"]


def audit(
    catalog: Location,
    models: ModelsArgument = None,
    *,
    tag: TagOption = None,
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
    no_sql: NoSqlOption = False,
    attribute: Annotated[
        str | None,
        typer.Option(help="Audit this protected attribute of the register, and not the tags."),
    ] = None,
    register: Annotated[Path | None, REGISTER] = None,
    without_deleted: WithoutDeletedOption = False,
    paths: Annotated[
        bool, typer.Option("--paths", help="Show every finding with its path.")
    ] = False,
    summary: Annotated[
        bool, typer.Option("--summary", help="Only a line a model: verdict, worst column, gaps.")
    ] = False,
    proof: Annotated[
        bool,
        typer.Option(
            "--proof",
            help="Show what each verdict rests on: what was read and when, what is upstream, what "
            "stays behind, what is not known.",
        ),
    ] = False,
    form: FormatOption = OutputFormat.TEXT,
) -> None:
    """Find out which sensitive columns reach which models, and how.

    Features are shown with the models, and each verdict with its evidence. With `--attribute`
    and `--register`, find out the same of a protected attribute, or of a declared proxy of it.

    Exits with 0 if nothing does (`no-path`, or `no-value-path` where not every edge reports what
    joins and filters), with 1 if something does, and with 2 if nothing was found but not
    everything upstream was read.
    """
    looked_for = tuple(tag or SENSITIVE_TAGS)
    view = _view(paths=paths, summary=summary, proof=proof)
    if (attribute is None) != (register is None):
        message = "--attribute and --register go together"
        raise LineageError(message)
    if engine is not None:
        _refuse(pack or evidence or attribute or without_deleted or proof)
        work = Work(engine, memory, tuple(tag) if tag else None, suggested, not no_sql)
        with audit_with_engine(catalog, models or [], work) as answer:
            _show(answer, view, form)
    if memory is not None:
        message = "--memory goes with --engine duckdb: without an engine nothing is limited"
        raise LineageError(message)
    refuse_edge_table(catalog)
    snapshot = load_with_evidence(catalog, evidence=evidence, sql=not no_sql)
    graph = build_graph(snapshot)
    if without_deleted:
        graph = leave_out(graph)
    wanted = choose_models(graph, models)
    protected = None
    if attribute is not None and register is not None:
        entries = read_register(register)
        protected = find_protected(graph, entries, attribute, suggested=suggested)
        answer = audit_protected(graph, protected, models=wanted)
        looked_for = (f"the attribute {attribute}",)
    else:
        answer = audit_models(graph, models=wanted, tags=tag, suggested=suggested)
    if pack is not None:
        write_packs(pack, snapshot, graph, answer, looked_for=looked_for, protected=protected)
    if view == _View.PROOF:
        proof_of = prove(graph, answer, looked_for=looked_for)
        show(proof_lines(proof_of) if form == OutputFormat.TEXT else render(proof_of, form))
        raise typer.Exit(_exit_code(answer))
    _show(answer, view, form)


def _refuse(with_engine: object) -> None:
    if with_engine:
        message = (
            "--engine takes no --pack, --proof and no --attribute; --evidence and "
            "--without-deleted go to `lineage compile`"
        )
        raise LineageError(message)


class _View(Enum):
    FINDINGS = "findings"
    PATHS = "paths"
    SUMMARY = "summary"
    PROOF = "proof"


def _view(**asked: bool) -> _View:
    wanted = [name for name, is_asked in asked.items() if is_asked]
    if len(wanted) > 1:
        message = f"only one of {', '.join(f'--{name}' for name in asked)} can be shown"
        raise LineageError(message)
    return _View(wanted[0]) if wanted else _View.FINDINGS


def _show(answer: Audit, view: _View, form: OutputFormat) -> NoReturn:
    """Print what was found out; the exit code says the same in a number."""
    if view == _View.SUMMARY:
        show(render(take_inventory(answer), OutputFormat.TABLE if form == "text" else form))
    elif form == OutputFormat.TEXT:
        show(audit_lines(answer, paths=view == _View.PATHS))
    else:
        show(render(answer, form))
    raise typer.Exit(_exit_code(answer))


def _exit_code(answer: Audit) -> int:
    """Return 1 for a finding, 2 for what is not known, 0 where nothing arrives."""
    verdicts = set(answer.models.verdicts)
    if verdicts - {Verdict.NO_PATH, Verdict.NO_VALUE_PATH, Verdict.UNKNOWN}:
        return 1
    return 2 if Verdict.UNKNOWN in verdicts else 0
