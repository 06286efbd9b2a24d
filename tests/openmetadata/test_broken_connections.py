"""What can happen to bytes on their way, by a real socket on loopback."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from lineage.errors import BrokenAnswer, ServerUnreachable
from lineage.openmetadata.client import Client
from lineage.openmetadata.connection import Connection
from lineage.openmetadata.retry import Retry

GOOD = b'HTTP/1.1 200 OK\r\nContent-Length: 12\r\nConnection: close\r\n\r\n{"ok": true}'

BROKEN = {
    "nothing at all": b"",
    "half a head": b"HTTP/1.1 200 OK\r\nContent-Le",
    "half a body": b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"data": [',
    "no http": b"\x00\x01\x02 nonsense\r\n\r\n",
    "a broken chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZZ\r\n{}\r\n",
    "broken gzip": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd",
}


@contextmanager
def raw_server(*replies: bytes) -> Iterator[tuple[str, Callable[[], int]]]:
    """Send each reply to one connection, then close it; the last reply goes on for ever."""
    listening = socket.create_server(("127.0.0.1", 0))
    served = 0

    def serve() -> None:
        nonlocal served
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                connection.recv(65_536)
                served += 1
                connection.sendall(replies[min(served, len(replies)) - 1])

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", lambda: served
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


def patient(waits: list[float]) -> Retry:
    return Retry(tries=3, sleep=waits.append)


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_an_answer_that_breaks_on_its_way_is_asked_for_again(
    connect: Callable[..., Client], broken: bytes
) -> None:
    waits: list[float] = []
    with raw_server(broken, GOOD) as (url, _):
        assert connect(url, retry=patient(waits)).get("/tables") == {"ok": True}
    assert len(waits) == 1


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_an_answer_that_always_breaks_is_one_clear_error(
    connect: Callable[..., Client], broken: bytes
) -> None:
    with raw_server(broken) as (url, served):
        with pytest.raises(ServerUnreachable, match="the connection failed"):
            connect(url, retry=patient([])).get("/tables")
        assert served() == 3


NO_JSON = {
    "half of it": b'HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\n{"ok":',
    "a page": b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\nConnection: close\r\n\r\n<p>Busy.",
}


@pytest.mark.parametrize("broken", NO_JSON.values(), ids=NO_JSON)
def test_a_success_that_is_no_json_is_asked_for_twice_more_within_the_budget(
    connect: Callable[..., Client], broken: bytes
) -> None:
    with raw_server(broken, GOOD) as (url, served):
        assert connect(url, retry=patient([])).get("/tables") == {"ok": True}
        assert served() == 2
    with raw_server(broken) as (url, served):
        client = connect(url, retry=Retry(tries=5, budget=3, sleep=lambda _seconds: None))
        for tries in (3, 5):
            with pytest.raises(BrokenAnswer, match="the answer is not JSON"):
                client.get("/tables")
            assert served() == tries


@pytest.mark.parametrize("broken", NO_JSON.values(), ids=NO_JSON)
def test_a_write_whose_success_is_no_json_is_not_done_twice(
    connect: Callable[..., Client], broken: bytes
) -> None:
    with raw_server(broken, GOOD) as (url, served):
        with pytest.raises(BrokenAnswer):
            connect(url, retry=patient([])).put("/lineage", {})
        assert served() == 1


def test_a_write_that_may_have_arrived_is_sent_again_only_where_that_does_no_harm(
    connect: Callable[..., Client],
) -> None:
    with raw_server(b"", GOOD) as (url, served):
        assert connect(url, retry=patient([])).put("/lineage", {}) == {"ok": True}
        assert served() == 2
    with raw_server(b"", GOOD) as (url, served):
        with pytest.raises(ServerUnreachable):
            connect(url, retry=patient([])).patch("/tables/1", [])
        assert served() == 1


def test_an_answer_that_trickles_beyond_the_time_limit_is_one_clear_error(
    connect: Callable[..., Client],
) -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    try:
        client = connect(url, connection=Connection(timeout=0.1), retry=Retry(tries=1))
        with pytest.raises(ServerUnreachable, match="did not answer in time"):
            client.get("/tables")
    finally:
        listening.close()
