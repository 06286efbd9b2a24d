from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest

from lineage.catalog.wsgi import Catalog
from lineage.openmetadata.client import Client


@pytest.fixture
def connect() -> Iterator[Callable[..., Client]]:
    """Make clients that are closed when the test is over."""
    with ExitStack() as stack:
        yield lambda *args, **options: stack.enter_context(Client(*args, **options))


class Counting:
    """A catalog that remembers what was asked of it."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.asked: list[str] = []

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self.asked.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
        return self.catalog(environ, start_response)

    def count(self, part: str) -> int:
        return sum(part in asked for asked in self.asked)


@pytest.fixture
def counting(catalog: Catalog) -> Counting:
    return Counting(catalog)


@pytest.fixture
def counted(counting: Counting) -> Iterator[Client]:
    """Talk to a catalog that remembers what was asked of it."""
    token = counting.catalog.token
    with Client.in_process(counting, token, name="catalog:test") as client:
        yield client
