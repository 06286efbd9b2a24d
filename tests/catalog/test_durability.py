"""What was acknowledged survives a kill; what was under way leaves no trace."""

import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import httpx
import pytest

from lineage.catalog.wsgi import Catalog
from tests.catalog.calls import column, get, put, table

_SERVER = """
import sys
from lineage.catalog.wsgi import Catalog
from lineage.catalog.server import start
with Catalog(sys.argv[1]) as catalog, start(catalog) as url:
    print(url, flush=True)
    sys.stdin.read()
"""


@contextmanager
def served(path: Path) -> Iterator[tuple["subprocess.Popen[str]", httpx.Client]]:
    """Serve a catalog from a process of its own, killed at the end if not before."""
    with Catalog(path) as catalog:
        headers = {"Authorization": f"Bearer {catalog.token}"}
    arguments = [sys.executable, "-c", _SERVER, str(path)]
    with subprocess.Popen(
        arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            with httpx.Client(base_url=f"{url}/api/v1/", headers=headers, timeout=30) as api:
                yield process, api
        finally:
            process.kill()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "catalog.db"
    with (
        Catalog(path) as catalog,
        httpx.Client(
            transport=httpx.WSGITransport(app=catalog),
            base_url="http://x/api/v1/",
            headers={"Authorization": f"Bearer {catalog.token}"},
        ) as api,
    ):
        put(api, "services/databaseServices", name="pg", serviceType="Postgres")
        put(api, "databases", name="hr", service="pg")
        put(api, "databaseSchemas", name="public", database="pg.hr")
    return path


def whole(path: Path) -> bool:
    connection = sqlite3.connect(path)
    found = connection.execute("PRAGMA integrity_check").fetchall()
    connection.close()
    return found == [("ok",)]


def names_in(path: Path) -> set[str]:
    connection = sqlite3.connect(path)
    rows = connection.execute(
        "SELECT json_extract(body, '$.name') FROM document WHERE kind = 'table'"
    )
    found = {name for (name,) in rows}
    connection.close()
    return found


def events_in(path: Path) -> list[str]:
    """Name the tables that the file has an event of, as often as it has one."""
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT fqn FROM event WHERE kind = 'table'").fetchall()
    connection.close()
    return [fqn.rpartition(".")[2] for (fqn,) in rows]


@pytest.mark.parametrize("round_", range(3))
def test_every_acknowledged_write_survives_a_kill(path: Path, round_: int) -> None:
    acknowledged: list[str] = []
    sent: list[str] = []
    with served(path) as (process, api):

        def write(writer: int) -> None:
            for number in range(10_000):
                name = f"t{round_}_{writer}_{number}"
                sent.append(name)
                try:
                    reply = api.put("tables", json=table(name, column("c")))
                except httpx.HTTPError:
                    return
                assert reply.status_code == 201
                acknowledged.append(name)

        threads = [Thread(target=write, args=(writer,)) for writer in range(4)]
        for thread in threads:
            thread.start()
        time.sleep(random.uniform(0.1, 0.5))  # noqa: S311 - any moment will do
        process.kill()
        for thread in threads:
            thread.join()
    assert acknowledged
    assert whole(path)
    assert set(acknowledged) <= names_in(path) <= set(sent)
    assert sorted(events_in(path)) == sorted(names_in(path))


@pytest.mark.parametrize("delay", [0.05, 0.2, 0.4])
def test_a_kill_in_the_middle_of_a_write_leaves_the_old_state(path: Path, delay: float) -> None:
    bodies = [table(f"t{number}", column("c"), column("d")) for number in range(6000)]
    with served(path) as (process, api):
        put(api, "tables", **table("before", column("c")))
        outcome: list[bool] = []

        def write() -> None:
            try:
                outcome.append(api.put("tables/bulk", json=bodies).is_success)
            except httpx.HTTPError:
                outcome.append(False)

        thread = Thread(target=write)
        thread.start()
        time.sleep(delay)
        process.kill()
        thread.join()
    assert outcome == [False]
    assert whole(path)
    assert names_in(path) == {"before"}
    assert events_in(path) == ["before"]


def test_two_processes_can_write_to_one_file(path: Path) -> None:
    with served(path) as (_, first), served(path) as (_, second):

        def write(api: httpx.Client, prefix: str) -> None:
            for number in range(30):
                put(api, "tables", **table(f"{prefix}{number}", column("c")))

        threads = [Thread(target=write, args=pair) for pair in ((first, "a"), (second, "b"))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for api in (first, second):
            assert get(api, "tables", limit=0)["paging"]["total"] == 60
