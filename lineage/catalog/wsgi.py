"""The application: the catalog as a WSGI callable (PEP 3333)."""

import os
import re
import secrets
import time
from collections.abc import Callable, Iterable
from typing import Any, Self
from wsgiref.types import StartResponse, WSGIEnvironment

from lineage.catalog.access_tokens import check_token
from lineage.catalog.answers import Answer, RefusalError
from lineage.catalog.builtin_entities import BOT, plant
from lineage.catalog.context import Context, name_rules
from lineage.catalog.faults import Faults
from lineage.catalog.replies import reply_to
from lineage.catalog.requests import Request, read_body, read_path, read_query
from lineage.catalog.routes import find_route
from lineage.catalog.store import Store
from lineage.errors import BrokenFile

__all__ = ["DOCUMENT_LIMIT", "Catalog"]

DOCUMENT_LIMIT = 10_000_000
"""Characters an index document may have before its lineage is left out."""

_VERSION_PATH = "/api/v1/system/version"


class Catalog:
    """An OpenMetadata server's API over one SQLite file, as a WSGI application.

    Any number of threads may call it, and any number of processes may open the same file.

    Parameters
    ----------
    path : str or os.PathLike
        The file; made where there is none.
    token : str, optional
        The token that clients must send; the one kept in the file unless given.
    server_version : str
        Which version of the server to stand in for.
    document_limit : int
        Characters an index document may have before its lineage is left out.
    clock : callable
        Gives seconds since 1970-01-01 UTC.
    old_names : bool
        Let in names that only earlier servers let in, with quotes and line breaks. Later
        servers refuse them in new entities, but may hold old ones.
    user : str
        Whose token it is: the bot, or `admin`, whose `PUT` replaces descriptions too.

    Attributes
    ----------
    token : str
        The token that clients must send.
    user : str
        The name of whom the token belongs to; what is written is signed with it.
    faults : Faults
        What goes wrong on request; nothing unless it is set.

    Raises
    ------
    BrokenFile
        The file is no catalog, or cannot be opened, made or written.
    """

    def __init__(  # noqa: PLR0913 - options, each by name
        self,
        path: str | os.PathLike[str],
        *,
        token: str | None = None,
        server_version: str = "2.0.7",
        document_limit: int = DOCUMENT_LIMIT,
        clock: Callable[[], float] = time.time,
        old_names: bool = False,
        user: str = BOT,
    ) -> None:
        self.server_version = server_version
        self.user = user
        self.faults = Faults()
        self._version = _numbers(server_version)
        self._rules = name_rules(self._version, old_names=old_names)
        self._document_limit = document_limit
        self._clock = clock
        self._store = Store(path)
        try:
            own = self._open()
        except BrokenFile:
            self._store.close()
            raise
        self.token = own if token is None else token

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        try:
            answer = self._answer(environ)
        except RefusalError as refusal:
            answer = refusal.answer
        except RecursionError:
            answer = RefusalError(400, "the request is nested too deeply").answer
        except BrokenFile as broken:
            answer = RefusalError(500, str(broken)).answer
        status, headers, content = reply_to(environ, answer)
        start_response(status, headers)
        return [content]

    def close(self) -> None:
        """Close the file; a second time does nothing."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Catalog({self._store.path!r}, server_version={self.server_version!r})"

    def _open(self) -> str:
        """Give the token in the file; one that is new gets a token and what belongs into it."""
        with self._store.transaction(write=True):
            row = self._store.row("SELECT value FROM setting WHERE name = 'token'")
            if row:
                return str(row[0])
            token = secrets.token_urlsafe(32)
            self._store.change("INSERT INTO setting (name, value) VALUES ('token', ?)", token)
            plant(self._context())
            return token

    def _context(self) -> Context:
        return Context(
            store=self._store,
            now=self._now(),
            user=self.user,
            is_bot=self.user == BOT,
            version=self._version,
            rules=self._rules,
            document_limit=self._document_limit,
            faults=self.faults,
        )

    def _now(self) -> int:
        return int(self._clock() * 1000)

    def _answer(self, environ: WSGIEnvironment) -> Answer:
        body = _read_all(environ)
        path, exact = read_path(environ)
        method = environ["REQUEST_METHOD"]
        if path == _VERSION_PATH and method == "GET":
            return Answer(body=self._about())
        check_token(environ.get("HTTP_AUTHORIZATION", ""), self.token, now=self._now())
        self.faults.count_request()
        route, names = find_route(method, path, exact=exact, version=self._version)
        expected = route.media_type
        sent = expected and read_body(body, environ.get("CONTENT_TYPE", ""), expected=expected)
        request = Request(
            names=names,
            query=read_query(environ),
            condition=environ.get("HTTP_IF_MATCH"),
            body=sent,
        )
        with self._store.transaction(write=route.writes):
            return route.operation(self._context(), request)

    def _about(self) -> dict[str, Any]:
        return {"version": self.server_version, "revision": "embedded", "timestamp": self._now()}


def _read_all(environ: WSGIEnvironment) -> bytes:
    length = environ.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal():
        raise RefusalError(400, "the content length is no number")
    body: bytes = environ["wsgi.input"].read(int(length))
    if len(body) < int(length):
        raise RefusalError(400, "the body is shorter than its content length")
    return body


def _numbers(version: str) -> tuple[int, ...]:
    if not re.match(r"\d+\.\d+", version):
        message = f"{version!r} is no version of a server"
        raise ValueError(message)
    return tuple(int(number) for number in re.findall(r"\d+", version.partition("-")[0]))
