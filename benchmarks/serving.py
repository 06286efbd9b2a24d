"""A catalog served over real HTTP on loopback, by a process of its own.

That keeps the server's work out of the client's: with both in one process they would wait
for each other's turn at the interpreter.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, NamedTuple

import httpx

from lineage.catalog.server import start
from lineage.catalog.wsgi import Catalog
from lineage.openmetadata.client import Client

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

__all__ = ["Served", "SlowTransport", "served"]


class Served(NamedTuple):
    """A client, its token, and the method of each request it sent over the wire."""

    client: Client
    token: str
    methods: list[str]


class _Recording(httpx.HTTPTransport):
    """A real connection that keeps the methods; any number of threads may send."""

    def __init__(self) -> None:
        super().__init__()
        self.methods: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.methods.append(request.method)
        return super().handle_request(request)


class SlowTransport(httpx.HTTPTransport):
    """A real connection over which each reply takes longer, as from far away."""

    def __init__(self, delay: float) -> None:
        super().__init__()
        self._delay = delay

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        sleep(self._delay)
        return super().handle_request(request)


@contextmanager
def served(file: Path) -> Iterator[Served]:
    """Serve a copy of a catalog for the length of a `with` block."""
    copy = shutil.copy(file, file.with_name("served.db"))
    spawning = get_context("spawn")
    ours, theirs = spawning.Pipe()
    server = spawning.Process(target=_serve, args=(copy, theirs), daemon=True)
    server.start()
    theirs.close()
    try:
        address, token = ours.recv()
        transport = _Recording()
        with Client(address, token, transport=transport) as client:
            yield Served(client, token, transport.methods)
    finally:
        ours.close()
        server.join()


def _serve(file: Path, connection: "Connection[tuple[str, str], None]") -> None:
    """Serve until the other end hangs up."""
    with Catalog(file) as catalog, start(catalog) as address:
        connection.send((address, catalog.token))
        with suppress(EOFError):
            connection.recv()
