"""`lineage serve`: the embedded catalog over HTTP."""

import os
import sys
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import Annotated

import typer

__all__ = ["serve"]


def serve(
    file: Annotated[Path, typer.Argument(help="The catalog's file; made if it is not there.")],
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on.")] = 8585,
) -> None:
    """Serve an embedded catalog: OpenMetadata's API for development, tests and offline audits.

    It is no replacement for the server. Its token is OPENMETADATA_JWT_TOKEN where that is
    set, else one of its own, which is kept in the file and told here.
    """
    from lineage.catalog.application import Catalog
    from lineage.catalog.server import start

    given = os.environ.get("OPENMETADATA_JWT_TOKEN") or None
    with Catalog(file, token=given) as catalog, start(catalog, host, port) as address:
        print(f"serving {file}; stop with Ctrl-C", file=sys.stderr)
        print(f"  export OPENMETADATA_HOST={address}", file=sys.stderr)
        if given is None:
            print(f"  export OPENMETADATA_JWT_TOKEN={catalog.token}", file=sys.stderr)
        with suppress(KeyboardInterrupt):
            Event().wait()
