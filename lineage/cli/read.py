"""`lineage read`: take a snapshot."""

from pathlib import Path
from typing import Annotated

import typer

from lineage.cli.location import Location, load_snapshot
from lineage.cli.output import show

__all__ = ["read"]


def read(
    catalog: Location,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Where to write it; packed if it ends in .gz.")
    ] = Path("snapshot.json.gz"),
) -> None:
    """Read a whole catalog into a snapshot file, gaps named.

    Exits with 2 where something could not be read; the snapshot is written all the same.
    """
    from lineage.sources.snapshot_file import write_snapshot

    snapshot = load_snapshot(catalog)
    write_snapshot(snapshot, output)
    show(f"{output}: {snapshot!r}")
    for gap in snapshot.gaps:
        show(f"  {gap}")
    if snapshot.gaps:
        raise typer.Exit(2)
