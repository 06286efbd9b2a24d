"""`lineage read`: take a snapshot."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lineage.cli.options.catalog_option import (
    MaybeLocation,
    Truth,
    load_snapshot,
    open_client,
    progress,
)
from lineage.cli.options.lifecycle_systems import (
    AcceptInferredOption,
    ServiceOption,
    parse_services,
    read_systems,
)
from lineage.cli.options.output import show
from lineage.errors import LineageError, ServerError
from lineage.graph.build import build_graph
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Snapshot
from lineage.queries.lookup import find_model

if TYPE_CHECKING:
    from lineage.openmetadata.client import Client

__all__ = ["read"]


def read(
    catalog: MaybeLocation = None,
    *,
    systems: Annotated[
        list[str] | None,
        typer.Option(
            "--from",
            metavar="SYSTEM",
            help="Read a system (`lineage sources`), alone or beside what --catalog names. May be "
            "given again.",
        ),
    ] = None,
    service: ServiceOption = None,
    accept_inferred: AcceptInferredOption = False,
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            help="Where to write it; packed if it ends in .gz, tables if in .parquet.",
        ),
    ] = Path("snapshot.json.gz"),
    upstream_of: Annotated[
        str | None,
        typer.Option(metavar="MODEL", help="Read only this model and what is upstream of it."),
    ] = None,
    truth: Annotated[
        Truth,
        typer.Option(
            help="Read edges from the search index, or from the database alone: slower; or from "
            "both, and say which edges only one of them holds."
        ),
    ] = Truth.INDEX,
    since: Annotated[
        Path | None,
        typer.Option(
            metavar="SNAPSHOT",
            help="Read again only what changed since a snapshot; everything where it is not there "
            "yet.",
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on where a reading of this output was killed.")
    ] = False,
) -> None:
    """Read a catalog, or systems of other kinds, into a snapshot file, gaps named.

    Exits with 2 where something could not be read; the snapshot is written all the same.
    """
    from lineage.files.snapshot_file import write_snapshot

    if systems:
        if upstream_of is not None or since is not None or resume:
            message = "--upstream-of, --since and --resume are for catalogs: leave out --from"
            raise LineageError(message)
        snapshot = _of_systems(catalog, systems, service or [], accept_inferred=accept_inferred)
        write_snapshot(snapshot, output)
    elif catalog is None:
        message = "nothing to read: name a catalog by --catalog, or a system by --from"
        raise LineageError(message)
    else:
        snapshot = _read_logged(
            catalog, output, resume=resume, upstream_of=upstream_of, since=since, truth=truth
        )
    show(f"{output}: {snapshot!r}")
    for gap in snapshot.gaps:
        show(f"  {gap}")
    for edge in snapshot.disagreements:
        show(f"  {edge}")
    if any(gap.hides_upstream for gap in snapshot.gaps):
        raise typer.Exit(2)


def _of_systems(
    catalog: str | None, systems: list[str], services: list[str], *, accept_inferred: bool
) -> Snapshot:
    """Make a snapshot of what systems hold, beside what a catalog holds if one is named."""
    from lineage.evidence.dataset_mapping import DatasetNames
    from lineage.lifecycle.facts_snapshot import make_snapshot

    names = DatasetNames(namespaces=parse_services(services))
    base = None if catalog is None else load_snapshot(catalog)
    return make_snapshot(read_systems(systems), base, names=names, accept_inferred=accept_inferred)


def _read_logged(
    catalog: str,
    output: Path,
    *,
    resume: bool,
    upstream_of: str | None,
    since: Path | None,
    truth: Truth,
) -> Snapshot:
    """Read a catalog and write it, with a log beside the output until all is written."""
    from lineage.files.snapshot_file import write_snapshot
    from lineage.openmetadata.checkpoint import CrawlLog

    with open_client(catalog) as client:
        started = datetime.now(UTC).isoformat(timespec="seconds")
        place = output.with_name(f"{output.name}.crawl")
        client.log = CrawlLog(place, server=client.host, started=started, resume=resume)
        try:
            snapshot = _read(client, upstream_of, since, truth)
        except ServerError as error:
            if not error.is_final or client.requests_sent == 1:
                raise
            hint = "what was read is kept: go on with --resume once it is there again"
            message = f"{error}; {hint}"
            raise LineageError(message) from None
        write_snapshot(snapshot, output)
        client.log.remove()
    return snapshot


def _read(client: "Client", upstream_of: str | None, since: Path | None, truth: Truth) -> Snapshot:
    from lineage.files.snapshot_file import read_snapshot
    from lineage.openmetadata.read_since import read_since
    from lineage.openmetadata.read_upstream import read_upstream
    from lineage.openmetadata.reader import read as read_all

    if upstream_of is not None and since is not None:
        message = "--upstream-of and --since cannot be asked for together: choose one"
        raise LineageError(message)
    before = read_snapshot(since) if since is not None and since.exists() else None

    with progress() as report:
        if upstream_of is not None:
            return read_upstream(client, _model_called(client, upstream_of), progress=report)
        if before is not None:
            snapshot, how = read_since(client, before, truth=truth.value, progress=report)
        else:
            snapshot = read_all(client, truth=truth.value, progress=report)
            how = f"{since} is not there yet: everything was read" if since else ""
    if how:
        print(how, file=sys.stderr)
    return snapshot


def _model_called(client: "Client", name: str) -> Reference:
    """Find a model among the server's models alone."""
    from lineage.openmetadata.reader import read_kind

    return find_model(build_graph(read_kind(client, Kind.MLMODEL)), name)
