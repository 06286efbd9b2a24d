"""A real HTTP proxy on loopback that spoils some of the replies, by a schedule.

What a fault does to a reply is a function from the exchange to what is sent; the schedule
decides for each request which fault it meets, if any.
"""

import http.client
import json
import re
import socket
import struct
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any, Literal
from urllib.parse import urlsplit

__all__ = [
    "HTML",
    "Asked",
    "Exchange",
    "Fault",
    "FaultProxy",
    "Reply",
    "Schedule",
    "Sending",
    "answered",
    "cut_short",
    "dropped",
    "edited",
    "fault_proxy",
    "limited",
    "mixed_up",
    "pages_of",
    "repeated",
    "reset",
    "trickled",
    "truncated",
    "with_headers",
]

HTML = b"<!DOCTYPE html><html><body><form>Sign in</form></body></html>"

_EMPTY_LIST = b'{"data":[]'

_HOP_BY_HOP = frozenset({"connection", "content-length", "date", "server", "transfer-encoding"})


@dataclass(frozen=True)
class Asked:
    """A request: the how manieth at all, and the how manieth of its kind, from 1."""

    ordinal: int
    attempt: int
    method: str
    path: str

    @property
    def place(self) -> str:
        return self.path.partition("?")[0]


@dataclass(frozen=True)
class Reply:
    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/json"),)

    def head(self) -> bytes:
        phrase = http.client.responses.get(self.status, "")
        headers = (*self.headers, ("Content-Length", str(len(self.body))))
        lines = (f"HTTP/1.1 {self.status} {phrase}", *(f"{key}: {text}" for key, text in headers))
        return "".join(f"{line}\r\n" for line in (*lines, "")).encode()

    def with_header(self, name: str, text: str) -> "Reply":
        kept = (item for item in self.headers if item[0].lower() != name.lower())
        return replace(self, headers=(*kept, (name, text)))


@dataclass(frozen=True)
class Sending:
    """The bytes to send, the seconds between them, and what becomes of the connection."""

    pieces: tuple[bytes, ...] = ()
    pause: float = 0.0
    then: Literal["stay", "close", "reset"] = "stay"


@dataclass(frozen=True)
class Exchange:
    """A request, the way to the server, and replies the server gave before.

    `earlier` is the last one to the same place, whatever its page; `latest` the last of all.
    """

    asked: Asked
    forward: Callable[[], Reply]
    earlier: Reply | None
    latest: Reply | None


Fault = Callable[[Exchange], Sending]
Schedule = Callable[[Asked], Fault | None]


@dataclass
class FaultProxy:
    """What the proxy heard and did so far."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    injected: Counter[str] = field(default_factory=Counter)

    def count(self, part: str) -> int:
        return sum(part in one.path for one in self.asked)


def dropped(_exchange: Exchange) -> Sending:
    """Hang up before the reply."""
    return Sending(then="close")


def reset(_exchange: Exchange) -> Sending:
    """Break the connection off, with a reset instead of an end."""
    return Sending(then="reset")


def cut_short(exchange: Exchange) -> Sending:
    """Hang up in the middle of the body."""
    reply = exchange.forward()
    return Sending((reply.head(), reply.body[: len(reply.body) // 2]), then="close")


def truncated(exchange: Exchange) -> Sending:
    """Send half of the JSON as if it were all."""
    reply = exchange.forward()
    return _whole(replace(reply, body=reply.body[: len(reply.body) // 2]))


def answered(
    status: int, body: bytes = HTML, content_type: str = "text/html", **headers: str
) -> Fault:
    """Answer instead of the server."""
    named = ((name.replace("_", "-"), text) for name, text in headers.items())
    reply = Reply(status, body, (("Content-Type", content_type), *named))

    def answered_instead(_exchange: Exchange) -> Sending:
        return _whole(reply)

    told = " ".join((str(status), *headers.values(), content_type, body[:20].decode()))
    answered_instead.__name__ = f"answered {told}"
    return answered_instead


def limited(retry_after: str | None) -> Fault:
    """Ask for patience, in one of the ways there are."""
    headers = {} if retry_after is None else {"Retry_After": retry_after}
    return answered(429, b'{"code": 429, "message": "slow down"}', "application/json", **headers)


def with_headers(**headers: str) -> Fault:
    """Send the server's reply with other headers."""

    def relabelled(exchange: Exchange) -> Sending:
        reply = exchange.forward()
        for name, text in headers.items():
            reply = reply.with_header(name.replace("_", "-"), text)
        return _whole(reply)

    return relabelled


def trickled(pause: float, pieces: int = 20) -> Fault:
    """Send the first bytes of the body one by one."""

    def trickling(exchange: Exchange) -> Sending:
        reply = exchange.forward()
        slow = tuple(reply.body[at : at + 1] for at in range(pieces))
        return Sending((reply.head(), *slow, reply.body[pieces:]), pause)

    return trickling


def repeated(exchange: Exchange) -> Sending:
    """Send the reply to the page before once more."""
    return _whole(exchange.earlier or exchange.forward())


def mixed_up(exchange: Exchange) -> Sending:
    """Send the reply to the request before, as a broken cache does.

    An empty list is not sent in place of another: no reader could tell it from a true one.
    """
    latest = exchange.latest
    if latest is None or latest.body.startswith(_EMPTY_LIST):
        return _whole(exchange.forward())
    return _whole(latest)


def edited(change: Callable[[Any, Asked], Any]) -> Fault:
    """Send the server's reply with its JSON changed."""

    def editing(exchange: Exchange) -> Sending:
        reply = exchange.forward()
        content = change(json.loads(reply.body or b"null"), exchange.asked)
        return _whole(replace(reply, body=json.dumps(content).encode()))

    editing.__name__ = change.__name__
    return editing


def pages_of(most: int) -> Callable[[str], str]:
    """Let lists have so many items a page, whatever is asked for."""
    return lambda path: re.sub(r"(?<=[?&]limit=)\d+", str(most), path)


def _whole(reply: Reply) -> Sending:
    return Sending((reply.head() + reply.body,))


@contextmanager
def fault_proxy(
    upstream_url: str,
    schedule: Schedule,
    *,
    rewrite: Callable[[str], str] = str,
    after: Callable[[Asked], None] | None = None,
) -> Iterator[FaultProxy]:
    """Stand before a server until the block ends.

    Parameters
    ----------
    schedule : callable
        Gives the fault that a request meets, or None.
    rewrite : callable
        Changes the paths that are sent on.
    after : callable, optional
        Called when a reply is ready, before it is sent; for instance to change the catalog.
    """
    proxy = FaultProxy()
    with _Server(_Middle(proxy, urlsplit(upstream_url).netloc, schedule, rewrite, after)) as server:
        proxy.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield proxy
        finally:
            server.shutdown()
            thread.join()


class _Middle:
    """What the connections share: what was asked so far, and what the server replied."""

    def __init__(
        self,
        proxy: FaultProxy,
        upstream: str,
        schedule: Schedule,
        rewrite: Callable[[str], str],
        after: Callable[[Asked], None] | None,
    ) -> None:
        self.proxy, self.upstream = proxy, upstream
        self.schedule, self.rewrite, self.after = schedule, rewrite, after
        self.closing = threading.Event()
        self._lock = threading.Lock()
        self._replies: dict[str, Reply] = {}
        self._latest: Reply | None = None
        self._attempts: Counter[tuple[str, str]] = Counter()

    def hear(self, method: str, path: str) -> tuple[Asked, Fault | None]:
        with self._lock:
            self._attempts[method, path] += 1
            attempt = self._attempts[method, path]
            asked = Asked(len(self.proxy.asked) + 1, attempt, method, path)
            self.proxy.asked.append(asked)
            fault = self.schedule(asked)
            if fault is not None:
                self.proxy.injected[fault.__name__] += 1
        return asked, fault

    def exchange(self, asked: Asked, forward: Callable[[], Reply]) -> Exchange:
        with self._lock:
            earlier, latest = self._replies.get(asked.place), self._latest
        return Exchange(asked, lambda: self._kept(asked, forward()), earlier, latest)

    def _kept(self, asked: Asked, reply: Reply) -> Reply:
        with self._lock:
            self._replies[asked.place] = self._latest = reply
        return reply


class _Server(ThreadingTCPServer):
    """A thread for each connection; closing ends those that are kept alive."""

    request_queue_size = 64

    def __init__(self, middle: _Middle) -> None:
        self.middle = middle
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        self.middle.closing.set()
        for request in tuple(self._open):
            with suppress(OSError):
                request.shutdown(socket.SHUT_RD)
        super().server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that hang up: those that lose patience do."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(StreamRequestHandler):
    """Requests of one connection, one after the other."""

    disable_nagle_algorithm = True

    def handle(self) -> None:
        assert isinstance(self.server, _Server)
        self.middle = self.server.middle
        self.upstream = http.client.HTTPConnection(self.middle.upstream, timeout=30)
        try:
            while (line := self.rfile.readline().decode("latin-1").split()) and self._serve(*line):
                pass
        finally:
            self.upstream.close()

    def _serve(self, method: str, path: str, _version: str) -> bool:
        """Answer one request; say whether the connection stays."""
        middle = self.middle
        headers = http.client.parse_headers(self.rfile)
        del headers["Accept-Encoding"]  # packed replies cannot be edited
        body = self.rfile.read(int(headers.get("Content-Length") or 0))
        asked, fault = middle.hear(method, path)

        def forward() -> Reply:
            self.upstream.request(method, middle.rewrite(path), body, dict(headers.items()))
            answer = self.upstream.getresponse()
            named = (item for item in answer.getheaders() if item[0].lower() not in _HOP_BY_HOP)
            return Reply(answer.status, answer.read(), tuple(named))

        exchange = middle.exchange(asked, forward)
        sending = _whole(exchange.forward()) if fault is None else fault(exchange)
        if middle.after is not None:
            middle.after(asked)
        self._send(sending)
        return sending.then == "stay"

    def _send(self, sending: Sending) -> None:
        for number, piece in enumerate(sending.pieces):
            if number and sending.pause and self.middle.closing.wait(sending.pause):
                return
            self.wfile.write(piece)
        if sending.then == "reset":
            # Closing without lingering sends a reset; a shutdown before it would send an end.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            socket.close(self.connection.detach())
