"""`lineage audit`: which sensitive data reaches which models."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from lineage.cli.engines import Engine, Work, audit_with_engine
from lineage.cli.location import EvidenceOption, Location, load_snapshot
from lineage.cli.output import FormatOption, OutputFormat, render, show
from lineage.errors import LineageError
from lineage.governance.audit import Audit, Verdict
from lineage.governance.audit import audit as audit_models
from lineage.governance.sensitivity import SENSITIVE_TAGS
from lineage.graph.build import build_graph
from lineage.graph.deleted import without_deleted as leave_out
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.snapshot import Snapshot
from lineage.queries.names import find_model
from lineage.views.evidence import render_audit

__all__ = ["WithoutDeletedOption", "audit", "exit_by"]

WithoutDeletedOption = Annotated[
    bool,
    typer.Option(
        "--without-deleted",
        help="Let soft-deleted entities conduct nothing; what is downstream of them is not known.",
    ),
]


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
    pack: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Write an audit pack of each model there: JSON, Markdown, a page, the snapshot.",
        ),
    ] = None,
    evidence: EvidenceOption = None,
    without_deleted: WithoutDeletedOption = False,
    form: FormatOption = OutputFormat.TEXT,
) -> None:
    """Find out which sensitive columns reach which features and models, with evidence.

    Exits with 0 if nothing does and everything was read, with 1 if something does, and with
    2 if nothing was found but not everything is known.
    """
    if engine is not None:
        if pack is not None or evidence is not None or without_deleted:
            message = "--engine takes no --pack; --evidence and --without-deleted go to compile"
            raise LineageError(message)
        work = Work(engine, memory, tuple(tag), suggested)
        answer = audit_with_engine(catalog, models or [], work)
        show(render_audit(answer) if form == OutputFormat.TEXT else render(answer, form))
        exit_by({item.verdict for item in answer.models})
        return
    snapshot = load_snapshot(catalog, evidence=evidence)
    graph = build_graph(snapshot)
    if without_deleted:
        graph = leave_out(graph)
    wanted = [find_model(graph, name) for name in models] if models else None
    answer = audit_models(graph, models=wanted, tags=tuple(tag), suggested=suggested)
    show(render_audit(answer) if form == OutputFormat.TEXT else render(answer, form))
    if pack is not None:
        _write_packs(pack, snapshot, graph, answer, tags=tuple(tag), suggested=suggested)
    exit_by({item.verdict for item in answer.models})


def exit_by(verdicts: set[Verdict]) -> None:
    """Exit with 1 if anything arrives, with 2 if that is not known, with 0 otherwise."""
    if verdicts - {Verdict.NO_PATH, Verdict.UNKNOWN}:
        raise typer.Exit(1)
    if Verdict.UNKNOWN in verdicts:
        raise typer.Exit(2)


def _write_packs(
    folder: Path,
    snapshot: Snapshot,
    graph: LineageGraph,
    answer: Audit,
    *,
    tags: tuple[str, ...],
    suggested: bool,
) -> None:
    """Write the pack of each model that was audited, and what they all rest on."""
    from lineage.governance.pack.make import make_pack
    from lineage.governance.pack.values import Reading
    from lineage.sources.snapshot_file import digest, write_snapshot
    from lineage.views.pack.files import write_pack

    reading = Reading(
        server=snapshot.server,
        server_version=snapshot.server_version,
        read_at=snapshot.read_at,
        digest=digest(snapshot),
    )
    for item in answer.models:
        made = make_pack(graph, item.model, reading=reading, tags=tags, suggested=suggested)
        for path in write_pack(made, graph, folder):
            print(f"{path}: written", file=sys.stderr)
    write_snapshot(snapshot, folder / "snapshot.json.gz")
