import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest

from lineage.catalog.wsgi import Catalog
from lineage.model.reference import GROUP_KINDS, Reference
from lineage.model.snapshot import Snapshot
from lineage.openmetadata.client import Client, escape
from lineage.openmetadata.retry import Retry
from tests.catalog.conftest import Clock
from tests.conftest import talking_to


def carriers(snapshot: Snapshot) -> list[Reference]:
    """Give what edges can lead to, without what only groups it."""
    references = (entity.reference for entity in snapshot.entities)
    return [reference for reference in references if reference.kind not in GROUP_KINDS]


@pytest.fixture
def connect() -> Iterator[Callable[..., Client]]:
    """Make clients that are closed when the test is over."""
    with ExitStack() as stack:
        yield lambda *args, **options: stack.enter_context(Client(*args, **options))


@pytest.fixture
def sample(company_file: Path) -> Iterator[Catalog]:
    """Open a catalog with the sample company in it."""
    with Catalog(company_file) as catalog:
        yield catalog


Edit = Callable[[str, dict[str, Any]], None]
"""Changes the content of an answer to a path in place."""

Refuse = Callable[[str, str], str | None]
"""Says why a request with a path and a query is refused, if it is."""


class _Proxy:
    def __init__(self, catalog: Catalog, refuse: Refuse, status: str, edit: Edit | None) -> None:
        self.catalog, self.refuse, self.status, self.edit = catalog, refuse, status, edit

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        reason = self.refuse(path, unquote(environ["QUERY_STRING"]))
        if reason is not None:
            start_response(self.status, [("Content-Type", "application/json")])
            return [json.dumps({"code": int(self.status[:3]), "message": reason}).encode()]
        if self.edit is None:
            return self.catalog(environ, start_response)
        environ.pop("HTTP_ACCEPT_ENCODING", None)
        status, headers, body = _answer(self.catalog, environ)
        content = json.loads(body or b"{}")
        self.edit(path, content)
        body = json.dumps(content).encode()
        kept = [header for header in headers if header[0] != "Content-Length"]
        start_response(status, [*kept, ("Content-Length", str(len(body)))])
        return [body]


def _answer(catalog: Catalog, environ: WSGIEnvironment) -> tuple[str, list[tuple[str, str]], bytes]:
    begun: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], _trouble: object = None) -> Any:
        begun.append((status, headers))

    body = b"".join(catalog(environ, start_response))
    return *begun[0], body


@contextmanager
def spoilt(
    catalog: Catalog,
    refuse: str | Refuse | None = None,
    status: str = "400 Bad Request",
    *,
    edit: Edit | None = None,
) -> Iterator[Client]:
    """Talk to a catalog through a proxy that refuses some requests, or changes answers."""

    def refused(path: str, query: str) -> str | None:
        if isinstance(refuse, str):
            return "no" if refuse in f"{path}?{query}" else None
        return refuse(path, query) if refuse else None

    proxy = _Proxy(catalog, refused, status, edit)
    with Client.in_process(proxy, catalog.token, name="catalog:test") as client:
        client.retry = Retry(tries=2, sleep=lambda _seconds: None)
        yield client


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


def table_of(client: Client, fqn: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/tables/name/{escape(fqn)}", {"fields": "columns"})
    return found


def drop_column(client: Client, fqn: str, name: str) -> None:
    found = table_of(client, fqn)
    place = [column["name"] for column in found["columns"]].index(name)
    client.patch(f"/tables/{found['id']}", [{"op": "remove", "path": f"/columns/{place}"}])


@contextmanager
def a_day_later(file: Path, clock: Clock) -> Iterator[Client]:
    """Open a catalog a day after it was filled, and let a test say how time goes on."""
    with Catalog(file, clock=clock) as catalog, talking_to(catalog) as client:
        filled = client.get("/mlmodels/name/mlflow.churn")["updatedAt"]
        clock.seconds = filled / 1000 + 86_400
        yield client
