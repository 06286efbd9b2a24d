"""`lineage serve`: the embedded catalog over HTTP."""

import os
import sys
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from threading import Event
from typing import Annotated

import typer

__all__ = ["ServerVersion", "serve"]


class ServerVersion(StrEnum):
    """The generations of OpenMetadata that the catalog can stand in for."""

    V1_12 = "1.12"
    V1_13 = "1.13"
    V2_0 = "2.0"


def serve(
    file: Annotated[Path, typer.Argument(help="The catalog's file; made if it is not there.")],
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on.")] = 8585,
    server_version: Annotated[
        ServerVersion, typer.Option(help="The generation of OpenMetadata to stand in for.")
    ] = ServerVersion.V2_0,
) -> None:
    """Serve an embedded catalog, with OpenMetadata's API.

    It is for development, tests and offline audits, and no replacement for the server. Its
    token is OPENMETADATA_JWT_TOKEN where that is set, else one of its own, which is kept in
    the file and printed here.
    """
    from lineage.catalog.server import start
    from lineage.catalog.wsgi import Catalog

    given = os.environ.get("OPENMETADATA_JWT_TOKEN") or None
    version = f"{server_version}.0"
    with (
        Catalog(file, token=given, server_version=version) as catalog,
        start(catalog, host, port) as address,
    ):
        print(f"serving {file}; stop with Ctrl-C", file=sys.stderr)
        print(f"  export OPENMETADATA_HOST={address}", file=sys.stderr)
        if given is None:
            print(f"  export OPENMETADATA_JWT_TOKEN={catalog.token}", file=sys.stderr)
        with suppress(KeyboardInterrupt):
            Event().wait()
