"""The server: the catalog over real HTTP/1.1, on this machine."""

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http.server import BaseHTTPRequestHandler
from io import BytesIO
from socketserver import TCPServer, ThreadingMixIn
from threading import Thread
from typing import Any
from wsgiref.types import WSGIEnvironment

from lineage.catalog.wsgi import Catalog
from lineage.errors import ServerError

__all__ = ["start"]


@contextmanager
def start(catalog: Catalog, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve a catalog in the background for the length of a `with` block.

    Parameters
    ----------
    port : int
        0 takes any that is free.

    Yields
    ------
    str
        The address, for instance `http://127.0.0.1:51234`.

    Raises
    ------
    ServerError
        The address cannot be listened on.
    """
    with _listening(catalog, host, port) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield _address(host, server.server_address[1])
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def _listening(catalog: Catalog, host: str, port: int) -> Iterator["_Server"]:
    try:
        server = _Server(catalog, host, port)
    except (OSError, OverflowError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        message = f"cannot listen here ({reason}); choose another port or host"
        raise ServerError(_address(host, port), message) from error
    with server:
        yield server


def _address(host: str, port: Any) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class _Server(ThreadingMixIn, TCPServer):
    """A thread for each connection; closing lets requests under way finish."""

    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, catalog: Catalog, host: str, port: int) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._open: set[socket.socket] = set()
        super().__init__((host, port), partial(_Handler, catalog))

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        # A connection that is kept alive waits for its next request: let it know there is none.
        for request in tuple(self._open):
            with suppress(OSError):
                request.shutdown(socket.SHUT_RD)
        super().server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay quiet about clients that hang up, and about nothing else."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """HTTP in, WSGI out."""

    protocol_version = "HTTP/1.1"
    server_version = "lineage-catalog"
    error_content_type = "application/json"
    error_message_format = '{"code": %(code)d, "message": "%(message)s"}'
    # Together these send an answer at once and in one piece, which keep-alive needs.
    disable_nagle_algorithm = True
    wbufsize = -1

    def __init__(self, catalog: Catalog, *connection: Any) -> None:
        self.catalog = catalog
        super().__init__(*connection)

    def answer(self) -> None:
        """Answer one request, whatever its method."""
        body = self._body()
        if body is None:
            return
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(
            status: str, headers: list[tuple[str, str]], _trouble: object = None
        ) -> Any:
            started.append((status, headers))

        try:
            content = b"".join(self.catalog(self._environ(body), start_response))
        except Exception:
            self.close_connection = True
            self.send_error(500, "the catalog failed; this is a fault of the library")
            raise
        status, headers = started[-1]
        code, _, phrase = status.partition(" ")
        self.send_response(int(code), phrase)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer  # noqa: N815 - the names http.server looks for

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Log nothing."""

    def _body(self) -> bytes | None:
        """Read the body whole, so that the next request starts where it should."""
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdecimal():
            self.close_connection = True
            self.send_error(411, "the body must have a content length")
            return None
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            self.close_connection = True
            return None
        return body

    def _environ(self, body: bytes) -> WSGIEnvironment:
        path, _, query = self.path.partition("?")
        headers = {
            f"HTTP_{name.upper().replace('-', '_')}": value for name, value in self.headers.items()
        }
        return {
            **headers,
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": path,
            "REQUEST_URI": self.path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(body),
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }
