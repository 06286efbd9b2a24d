"""The REST interfaces of lifecycle systems: one request, one answer or one error."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import SplitResult, urlsplit

import httpx

from lineage.errors import AccessRefused, LineageError, RequestFailed, ServerUnreachable

__all__ = ["Access", "Web"]

_PASSING = frozenset({429, 502, 503, 504})
_TRIES = 3
_LONGEST_WAIT = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How a system is to be asked; what is secret is shown nowhere.

    Attributes
    ----------
    token : str
        Sent as a bearer token; none where it is empty.
    user, password : str
        Sent where there is no token, and there is a user.
    verify : bool
        Whether a certificate must be one that is trusted.
    timeout : float
        Seconds to wait for an answer.
    largest : int
        How many bytes an answer may have.
    """

    token: str = field(default="", repr=False)
    user: str = ""
    password: str = field(default="", repr=False)
    verify: bool = True
    timeout: float = 30.0
    largest: int = 256 * 1024 * 1024


class Web:
    """A connection to one REST interface.

    Parameters
    ----------
    address : str
        As in http://127.0.0.1:5000; user and password may not be in it.
    access : Access, optional
    sleep : callable
        Waits some seconds before a request is sent again.

    Attributes
    ----------
    requests_sent : int

    Raises
    ------
    LineageError
        It is no address.

    Examples
    --------
    >>> Web("http://127.0.0.1:5000/").address
    'http://127.0.0.1:5000'
    >>> Web("mlflow")
    Traceback (most recent call last):
    lineage.errors.LineageError: 'mlflow' is no address; write it as http://127.0.0.1:5000
    """

    def __init__(
        self,
        address: str,
        access: Access | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        parts = _parts(address)
        access = access or Access()
        self.address = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path.rstrip('/')}"
        self.requests_sent = 0
        self._largest, self._sleep = access.largest, sleep
        user = (access.user, access.password) if access.user and not access.token else None
        self._http = httpx.Client(
            headers={"Authorization": f"Bearer {access.token}"} if access.token else {},
            auth=user,
            verify=access.verify,
            timeout=access.timeout,
        )

    def get(self, path: str, parameters: Mapping[str, str | int] | None = None) -> Any:
        """Ask for JSON.

        Raises
        ------
        ServerError
            There is no answer, or none of use.
        """
        return self._parsed(path, self.content(path, parameters))

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Ask for JSON by a question in JSON; only what reads may be asked so.

        Raises
        ------
        ServerError
            There is no answer, or none of use.
        """
        return self._parsed(path, self._send("POST", path, json=body))

    def content(self, path: str, parameters: Mapping[str, str | int] | None = None) -> bytes:
        """Ask for a file.

        Raises
        ------
        ServerError
            There is no answer, or it is too large.
        """
        return self._send("GET", path, params=parameters)

    def pages(
        self, path: str, key: str, parameters: Mapping[str, str | int]
    ) -> Iterator[dict[str, Any]]:
        """Go through everything a list has, page after page.

        Parameters
        ----------
        key : str
            What the items of a page are under.

        Raises
        ------
        ServerError
            A page did not come.
        """
        seen, at = {""}, ""
        while True:
            page = self.get(path, {**parameters, **({"page_token": at} if at else {})})
            yield from page.get(key) or ()
            at = page.get("next_page_token") or ""
            if not at:
                return
            if at in seen:
                url = f"{self.address}{path}"
                raise RequestFailed(url, 200, "a page names itself as the next one")
            seen.add(at)

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Web({self.address!r})"

    def _parsed(self, path: str, content: bytes) -> Any:
        try:
            parsed = json.loads(content)
        except (ValueError, RecursionError):
            parsed = None
        if not isinstance(parsed, dict):
            url = f"{self.address}{path}"
            raise RequestFailed(url, 200, "the answer is no JSON object")
        return parsed

    def _send(self, method: str, path: str, **asked: Any) -> bytes:
        url = f"{self.address}{path}"
        status, content, wait = self._once(method, url, asked)
        for tried in range(1, _TRIES):
            if status not in _PASSING:
                break
            self._sleep(min(wait or float(tried), _LONGEST_WAIT))
            status, content, wait = self._once(method, url, asked)
        if status in {401, 403}:
            raise AccessRefused(url, status, f"{status}: {_said(content)}")
        if status != 200:
            raise RequestFailed(url, status, _said(content))
        return content

    def _once(self, method: str, url: str, asked: Any) -> tuple[int, bytes, float]:
        self.requests_sent += 1
        try:
            with self._http.stream(method, url, **asked) as answer:
                content = bytearray()
                for piece in answer.iter_bytes():
                    content += piece
                    if len(content) > self._largest:
                        message = f"the answer has more than {self._largest:,} bytes"
                        raise RequestFailed(url, answer.status_code, message)
                after = answer.headers.get("Retry-After", "")
                wait = float(after) if after.isascii() and after.isdigit() else 0.0
                return answer.status_code, bytes(content), wait
        except httpx.HTTPError as error:
            reason = str(error) or type(error).__name__
            raise ServerUnreachable(url, reason) from None


def _said(content: bytes) -> str:
    """Take the message from an error's answer, whatever it is."""
    try:
        answer = json.loads(content)
        message = answer.get("message") or answer.get("error") or answer.get("detail")
    except (AttributeError, ValueError, RecursionError):
        message = None
    text = str(message) if message else content[:200].decode("utf-8", "replace")
    return " ".join(text.split())[:200] or "no reason was given"


def _parts(address: str) -> SplitResult:
    """Take an address apart, or say in one line that it is none; no password is shown."""
    try:
        parts = urlsplit(address)
        is_one = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # its brackets or its port are none
        parts, is_one = SplitResult("", "", "", "", ""), False
    if not is_one:
        shown = address.rpartition("@")[2]
        message = f"{shown!r} is no address; write it as http://127.0.0.1:5000"
        raise LineageError(message)
    return parts
