"""A real MLflow server on SQLite, with models that its own client registered."""

import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.lifecycle.environments import Environment, environment

TRAIN = Path(__file__).parent / "backends" / "mlflow_train.py"
REQUIREMENTS = {
    "2": ("mlflow==2.22.*", "sqlalchemy<2.1", "setuptools<81"),
    "3": ("mlflow==3.17.*", "skops==0.16.*"),
}
_PATIENCE = 240  # seconds until the server answers; on a busy machine it takes minutes


@contextmanager
def mlflow_backend(major: str, folder: Path) -> Iterator[str]:
    """Train, serve, and give the address until the block ends."""
    made = environment(f"mlflow{major}", *REQUIREMENTS[major])
    store, artifacts = f"sqlite:///{folder / 'store.db'}", (folder / "artifacts").as_uri()
    shutil.copy(TRAIN, folder / "train.py")
    made.run("python", "train.py", store, artifacts, cwd=folder)
    with _served(made, store, folder) as address:
        yield address


@contextmanager
def _served(made: Environment, store: str, folder: Path) -> Iterator[str]:
    address = f"http://127.0.0.1:{_free_port()}"
    words = ("--host", "127.0.0.1", "--port", address.rpartition(":")[2], "--workers", "1")
    server = subprocess.Popen(
        [str(made.folder / "bin" / "mlflow"), "server", "--backend-store-uri", store, *words],
        cwd=folder,
        env=made.variables,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # its workers outlive their parent, but not their group
    )
    try:
        _wait(address)
        yield address
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait(address: str) -> None:
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=10):  # noqa: S310  # loopback
                return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(1)
