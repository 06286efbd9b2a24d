"""Where the metadata is: a server's address, an embedded catalog's file, a snapshot file."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum, StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lineage.errors import BrokenFile, LineageError
from lineage.graph.build import build_graph
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.snapshot import Snapshot
from lineage.views.terminal import printable

if TYPE_CHECKING:
    from lineage.evidence.overlay import Overlay
    from lineage.openmetadata.client import Client
    from lineage.openmetadata.connection import Connection

__all__ = [
    "EvidenceOption",
    "Location",
    "MaybeLocation",
    "NoSqlOption",
    "Truth",
    "lay_sql",
    "load_graph",
    "load_snapshot",
    "load_user",
    "load_with_evidence",
    "open_client",
    "progress",
    "readings_file",
]

_CATALOG = typer.Option(
    "--catalog",
    "-c",
    envvar=["OPENMETADATA_HOST", "OPENMETADATA_SERVER_URL"],
    metavar="URL|FILE",
    help="A server's address, an embedded catalog's file, a snapshot (file or folder), or "
    "the YAML file of a `metadata ingest` workflow. A server's token is taken from "
    "OPENMETADATA_JWT_TOKEN.",
    show_default=False,
)

Location = Annotated[str, _CATALOG]
MaybeLocation = Annotated[str | None, _CATALOG]

EvidenceOption = Annotated[
    list[str] | None,
    typer.Option(
        "--evidence",
        "-e",
        metavar="FILE",
        help="Lay evidence over the catalog: a file of OpenLineage events, or a .toml or .yaml "
        "file that says what their datasets are called. May be given again.",
        show_default=False,
    ),
]

NoSqlOption = Annotated[
    bool,
    typer.Option("--no-sql", help="Leave out the SQL on the catalog's edges, and that in events."),
]

_GAPS_SHOWN = 5
_LONGEST_WAIT = 1_000_000  # seconds; a socket can wait no longer
_SQLITE = b"SQLite format 3\x00"
_GZIP = b"\x1f\x8b"


class Truth(StrEnum):
    """Where edges are read."""

    INDEX = "index"
    DATABASE = "database"
    BOTH = "both"


class _Place(Enum):
    SERVER = "server"
    WORKFLOW = "workflow"
    CATALOG = "catalog"
    SNAPSHOT = "snapshot"


def load_graph(location: str, *, evidence: list[str] | None = None, sql: bool) -> LineageGraph:
    """Build the graph of whatever a location names, with evidence laid over it."""
    return build_graph(load_with_evidence(location, evidence=evidence, sql=sql))


def load_with_evidence(location: str, *, evidence: list[str] | None = None, sql: bool) -> Snapshot:
    """Read a snapshot of whatever a location names, and lay evidence over it."""
    from lineage.evidence.load_evidence import lay_evidence

    snapshot = load_snapshot(location)
    laid = lay_evidence(snapshot, evidence or (), sql=sql, cache=readings_file())
    if evidence:
        _show_overlay(laid)
    return laid.snapshot


def lay_sql(snapshot: Snapshot, *, sql: bool) -> Snapshot:
    """Lay the SQL on the edges of a snapshot over it, or name what was left out."""
    from lineage.evidence.load_evidence import lay_evidence

    return lay_evidence(snapshot, sql=sql, cache=readings_file()).snapshot


def readings_file() -> Path:
    """Where readings of SQL are kept, as the XDG base directory specification has it."""
    folder = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(folder) / "lineage" / "sql-readings.db"


def _show_overlay(laid: "Overlay") -> None:
    """Say on stderr what evidence did, and the first of what was not used."""
    print(f"evidence: {laid.summary()}", file=sys.stderr)
    gaps = sorted(laid.gaps, key=lambda gap: not gap.hides_upstream)
    for gap in gaps[:_GAPS_SHOWN]:
        print(f"  {printable(str(gap))}", file=sys.stderr)
    if len(gaps) > _GAPS_SHOWN:
        print("  `lineage evidence` lists all of them", file=sys.stderr)


def load_snapshot(location: str, *, truth: Truth | None = None) -> Snapshot:
    """Read a snapshot from its file, or from a server or a catalog."""
    if _place(location) == _Place.SNAPSHOT:
        if truth is not None:
            reason = "is a snapshot, which was read already: --truth is for servers and catalogs"
            raise BrokenFile(location, reason)
        from lineage.files.snapshot_file import read_snapshot

        return read_snapshot(location)
    from lineage.openmetadata.reader import read

    with open_client(location) as client, progress() as report:
        return read(client, truth=(truth or Truth.INDEX).value, progress=report)


def load_user(location: str) -> str:
    """Ask a server or a catalog whose token it is; a snapshot file does not say."""
    if _place(location) == _Place.SNAPSHOT:
        return ""
    from lineage.openmetadata.permissions import read_user

    with open_client(location) as client:
        return read_user(client)


@contextmanager
def progress() -> Iterator[Callable[[str, int], None] | None]:
    """Give what shows progress on a terminal, and nothing where there is none."""
    if not sys.stderr.isatty():
        yield None
        return
    try:
        yield _show_progress
    finally:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


@contextmanager
def open_client(location: str) -> Iterator["Client"]:
    """Connect to a server, or open a catalog's file."""
    from lineage.openmetadata.client import Client

    place = _place(location)
    if place == _Place.SNAPSHOT:
        raise BrokenFile(location, "is a snapshot: name the server or catalog it was read from")
    if place == _Place.SERVER:
        with Client(location, _token(), connection=_connection()) as client:
            yield client
        return
    if place == _Place.WORKFLOW:
        from lineage.cli.options.workflow_file import read_workflow

        named = read_workflow(location)
        with Client(named.host, named.token, connection=named.connection) as client:
            yield client
        return
    from lineage.catalog.wsgi import Catalog

    with Catalog(location) as catalog:
        name = Path(location).resolve().as_uri()
        with Client.in_process(catalog, catalog.token, name=name) as client:
            yield client


def _place(location: str) -> _Place:
    """Return what a location is, a file by what it begins with."""
    if "://" in location:
        return _Place.SERVER
    if location.endswith((".yaml", ".yml")):
        return _Place.WORKFLOW
    try:
        if Path(location).is_dir():
            return _Place.SNAPSHOT
        with Path(location).open("rb") as file:
            beginning = file.read(len(_SQLITE))
    except OSError as error:
        reason = f"cannot be read: {error.strerror or error}; a server begins with https://"
        raise BrokenFile(location, reason) from None
    except ValueError:  # a NUL in it
        raise BrokenFile(location, "cannot be the name of a file") from None
    if beginning == _SQLITE:
        return _Place.CATALOG
    if beginning.startswith((_GZIP, b"{")):
        return _Place.SNAPSHOT
    raise BrokenFile(location, "is neither a catalog (an SQLite file) nor a snapshot (JSON)")


def _token() -> str:
    """Take the token from the environment, by OpenMetadata's own names; it may name a file."""
    names = ("OPENMETADATA_JWT_TOKEN", "OPENMETADATA_API_KEY")
    token = next((os.environ[name] for name in names if os.environ.get(name)), "")
    try:
        return Path(token).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return token


def _connection() -> "Connection":
    """Take the ways to a server from the environment, by OpenMetadata's own names."""
    from lineage.openmetadata.connection import Connection

    verify = os.environ.get("OPENMETADATA_VERIFY_SSL", "true").lower()
    return Connection(
        timeout=_timeout(),
        verify=verify not in {"false", "0", "no"},
        ca_bundle=os.environ.get("OPENMETADATA_CA_BUNDLE") or None,
        certificate=os.environ.get("LINEAGE_CLIENT_CERTIFICATE") or None,
        key=os.environ.get("LINEAGE_CLIENT_KEY") or None,
        trust_environment=True,
    )


def _timeout() -> float:
    text = os.environ.get("OPENMETADATA_CLIENT_TIMEOUT", "30")
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < _LONGEST_WAIT:
        message = f"OPENMETADATA_CLIENT_TIMEOUT is {text!r}, but should be a number of seconds"
        raise LineageError(message)
    return seconds


def _show_progress(what: str, count: int) -> None:
    print(f"\r\x1b[Kread {count:,} {what}", end="", file=sys.stderr, flush=True)
