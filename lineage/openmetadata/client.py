"""The client: one request, one answer or one error.

httpx is known here, in `responses` and in `timeout` alone.
A request goes through three layers, each knowing only the next: `send` retries, `_answer`
turns what came back into JSON or a `ServerError`, and the transport carries bytes.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cached_property
from threading import Lock
from time import monotonic
from typing import Any, Self
from urllib.parse import quote
from wsgiref.types import WSGIApplication

import httpx

from lineage.errors import (
    AccessRefused,
    AnswerTooSlow,
    LineageError,
    NotOpenMetadata,
    RequestFailed,
    ServerError,
    ServerGone,
    ServerUnreachable,
)
from lineage.openmetadata.address import header_text, server_address
from lineage.openmetadata.checkpoint import CrawlLog
from lineage.openmetadata.connection import Connection
from lineage.openmetadata.responses import read_expiry, read_message, read_success
from lineage.openmetadata.retry import Retry, is_absence, may_pass
from lineage.openmetadata.timeout import receive

__all__ = ["Client", "Parameters", "escape"]

_PATIENCE = 5
"""After how many requests in a row without an answer it is looked whether the server is gone."""

_NUMBER = re.compile("[0-9]{1,9}")
"""A part of a version."""

Parameters = Mapping[str, str | int | bool | list[str]]
"""Query parameters; a list is sent as a repeated parameter."""


def escape(fqn: str) -> str:
    """Write a fully qualified name, or an id, as one part of a path.

    Examples
    --------
    >>> escape('shop."dim.api/client"')
    'shop.%22dim.api%2Fclient%22'
    """
    return quote(fqn, safe="")


class Client:
    """A connection to one OpenMetadata server.

    Parameters
    ----------
    host : str
        The server's address, with or without `/api` behind it.
    token : str
        A bot's token or a personal access token; sent with every request, shown nowhere.
    connection : Connection
        How the server is reached.
    retry : Retry
        When to ask again.
    transport : httpx.BaseTransport, optional
        What carries the bytes; a real connection by default.

    Attributes
    ----------
    requests_sent : int
        How many requests were sent so far, tries that failed among them.
    log : CrawlLog or None
        Where answers are kept while a catalog is read, so that the reading can be resumed.

    Raises
    ------
    LineageError
        `host` is no address, or the token no token.
    BrokenFile
        A certificate cannot be loaded.

    Examples
    --------
    >>> Client("https://metadata.example.com/api", "secret")
    Client('https://metadata.example.com')
    """

    def __init__(
        self,
        host: str,
        token: str = "",
        *,
        connection: Connection | None = None,
        retry: Retry | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        connection = connection or Connection()
        self.host = self._origin = server_address(host)
        self.retry = retry or Retry()
        self.requests_sent = self._retried = self._unanswered = 0
        self.log: CrawlLog | None = None
        self._lock = Lock()
        self._token = token.strip()
        self._time_limit = connection.time_limit
        headers = {"Accept": "application/json", **dict(connection.headers)}
        if self._token:
            headers["Authorization"] = f"Bearer {header_text(self._token)}"
        verify = connection.certificates()
        try:
            self._http = httpx.Client(
                base_url=f"{self.host}/api/v1/",
                headers=headers,
                transport=transport,
                timeout=min(connection.timeout, connection.time_limit),
                verify=verify,
                proxy=connection.proxy,
                trust_env=connection.trust_environment,
            )
        except (ValueError, ImportError, httpx.InvalidURL) as error:
            raise LineageError(_unusable(error)) from None

    @classmethod
    def in_process(cls, application: WSGIApplication, token: str, *, name: str) -> Self:
        """Talk to a WSGI application in this process, without a socket.

        Parameters
        ----------
        application : WSGI application
            For instance the embedded catalog.
        token : str
            The application's token.
        name : str
            What the application goes by in messages, snapshots and plans.
        """
        transport = httpx.WSGITransport(app=application, raise_app_exceptions=True)
        client = cls("http://in-process.invalid", token, transport=transport)
        client.host = name
        return client

    @cached_property
    def version(self) -> tuple[int, ...]:
        """The server's version as numbers; asked for once.

        Raises
        ------
        ServerError
            The server does not answer, or not with a version.
        """
        answer = self.get("/system/version")
        text = answer.get("version") if isinstance(answer, dict) else None
        numbers = str(text).split("-")[0].split(".")
        if not text or not all(_NUMBER.fullmatch(number) for number in numbers):
            self.invalidate("/system/version")
            message = "the answer has no version; is this an OpenMetadata server?"
            raise NotOpenMetadata(self.host, message)
        return tuple(int(number) for number in numbers)

    def get(self, path: str, params: Parameters | None = None, *, hurried: bool = False) -> Any:
        """Read one resource; from the log where an earlier crawl has read it.

        Parameters
        ----------
        hurried : bool
            Not to wait a second time for an answer that takes too long: whoever asks will ask
            for less.

        Raises
        ------
        ServerError
            Whatever kept it from being read.
        """
        if self.log is None:
            return self._read(path, params, hurried=hurried)
        known, answer = self.log.get(path, params or {})
        if not known:
            answer = self._read(path, params, hurried=hurried)
            self.log.put(path, params or {}, answer)
        return answer

    def invalidate(self, path: str, params: Parameters | None = None) -> bool:
        """Cross out of the log what a reader could not use; say if an earlier crawl left it."""
        return self.log is not None and self.log.drop(path, params or {})

    def put(self, path: str, body: object) -> Any:
        """Write one resource whole; gives the answer's JSON, None where it is empty.

        Raises
        ------
        ServerError
            Whatever kept it from being written.
        """
        return self.send("PUT", path, body=body)

    def patch(
        self, path: str, operations: list[dict[str, Any]], *, if_match: str | None = None
    ) -> Any:
        """Change one resource by a JSON Patch (RFC 6902); never sent twice.

        Parameters
        ----------
        if_match : str, optional
            The entity tag the resource must still have; 412 where it has another.

        Raises
        ------
        ServerError
            Whatever kept it from being changed.
        """
        return self.send("PATCH", path, body=operations, if_match=if_match)

    def delete(self, path: str, params: Parameters | None = None) -> Any:
        """Delete one resource.

        Raises
        ------
        ServerError
            Whatever kept it from being deleted.
        """
        return self.send("DELETE", path, params=params)

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Parameters | None = None,
        body: object = None,
        once: bool = False,
        if_match: str | None = None,
    ) -> Any:
        """Send one request, again where that is safe, and return the answer's JSON.

        Parameters
        ----------
        once : bool
            Never send it again: whoever asks will look first what became of it.
        if_match : str, optional
            The entity tag that what is written must still have.

        Raises
        ------
        ServerError
            No success came back.
        """
        kind = "application/json-patch+json" if method == "PATCH" else "application/json"
        headers = {} if body is None else {"Content-Type": kind}
        if if_match is not None:
            headers["If-Match"] = if_match
        request = self._http.build_request(
            method,
            path.lstrip("/"),
            params=params,
            content=None if body is None else json.dumps(body),
            headers=headers,
        )
        return self._send(request, lambda error: not once and may_pass(error, method))

    def url(self, path: str) -> str:
        """Spell the whole address of a path, for messages."""
        return f"{self.host}/api/v1/{path.lstrip('/')}"

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Client({self.host!r})"

    def _read(self, path: str, params: Parameters | None, *, hurried: bool) -> Any:
        def may_pass_now(error: ServerError) -> bool:
            return may_pass(error, "GET") and not (hurried and isinstance(error, AnswerTooSlow))

        request = self._http.build_request("GET", path.lstrip("/"), params=params)
        return self._send(request, may_pass_now)

    def _send(self, request: httpx.Request, may_pass_now: Callable[[ServerError], bool]) -> Any:
        failures = 0
        while True:
            try:
                answer = self._answer(request)
            except ServerError as error:
                failures += 1
                wait = self._wait(error, failures) if may_pass_now(error) else None
                if wait is None:
                    self._check_presence(error)
                    raise
            else:
                self._unanswered = 0
                return answer
            self.retry.sleep(wait)

    def _wait(self, error: ServerError, failures: int) -> float | None:
        """Seconds until the next try; None where that would be one too many."""
        with self._lock:
            if failures >= self.retry.tries_for(error) or self._retried >= self.retry.budget:
                return None
            self._retried += 1
        retry_after = error.retry_after if isinstance(error, RequestFailed) else None
        return self.retry.wait(failures, retry_after=retry_after)

    def _check_presence(self, error: ServerError) -> None:
        """Find out whether the server is gone, after several requests without an answer.

        Raises
        ------
        ServerGone
            It does not even give its version.
        """
        if not is_absence(error):
            return
        with self._lock:
            self._unanswered += 1
            if self._unanswered % _PATIENCE:
                return
        try:
            self._answer(self._http.build_request("GET", "system/version"))
        except ServerError as last:
            if is_absence(last):
                reason = f"{_PATIENCE} requests in a row got no answer; the last: {last}"
                raise ServerGone(self.host, reason) from None
        self._unanswered = 0

    def _answer(self, request: httpx.Request) -> Any:
        url = self.host + str(request.url.copy_with(query=None)).removeprefix(self._origin)
        with self._lock:
            self.requests_sent += 1
        deadline = monotonic() + self._time_limit
        try:
            response = receive(self._http.send(request, stream=True), deadline)
        except httpx.ConnectError as error:
            raise ServerUnreachable(url, f"no server answers: {error}") from None
        except httpx.TimeoutException:
            raise AnswerTooSlow(url, "the server did not answer in time") from None
        except httpx.InvalidURL as error:
            raise NotOpenMetadata(url, f"the answer leads to no address: {error}") from None
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise ServerUnreachable(url, f"the connection failed: {error}") from None
        if response.is_success:
            return read_success(url, response)
        raise self._failure(url, response)

    def _failure(self, url: str, response: httpx.Response) -> ServerError:
        status, (message, is_own) = response.status_code, read_message(response)
        if response.is_redirect:
            place = response.headers.get("location", "elsewhere").partition("?")[0]
            hint = f"redirects to {place}: a login page, or another address, stands before it"
            return NotOpenMetadata(url, hint)
        if status == 401:
            return AccessRefused(url, status, f"the token was refused: {self._refusal(message)}")
        if status == 403:
            return AccessRefused(url, status, f"the token may not do this: {message}")
        return RequestFailed(
            url,
            status,
            message,
            retry_after=response.headers.get("retry-after"),
            is_servers_own=is_own,
        )

    def _refusal(self, message: str) -> str:
        """Say why the token may have been refused, as far as the token itself shows."""
        if not self._token:
            return "none was given; set OPENMETADATA_JWT_TOKEN"
        expiry = read_expiry(self._token)
        if expiry is not None and 0 <= expiry < self.retry.clock():
            day = datetime.fromtimestamp(expiry, UTC).date().isoformat()
            return f"it expired on {day}; take a new one from Settings > Bots"
        return f"{message}; check OPENMETADATA_JWT_TOKEN"


def _unusable(error: Exception) -> str:
    """Say what of a connection no request can be made with; what it holds may be secret."""
    if isinstance(error, UnicodeError):
        return "an extra header holds characters that no header can have"
    return (
        "the proxy that is named cannot be used: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY or the "
        "connection's own should be as http://proxy.example.com:8080"
    )
