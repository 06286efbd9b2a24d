import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from lineage.catalog.server import start
from lineage.catalog.wsgi import Catalog
from lineage.errors import ServerError
from tests.catalog.calls import column, get, put, refused, table


def exchange(url: str, sent: bytes) -> bytes:
    """Send bytes and read until the server hangs up."""
    host, _, port = url.removeprefix("http://").rpartition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while chunk := connection.recv(65_536):
            received += chunk
    return received


def test_one_connection_carries_many_requests_quickly(api: httpx.Client) -> None:
    begun = time.perf_counter()
    connections = {
        api.get("tables").extensions["network_stream"].get_extra_info("client_addr")
        for _ in range(50)
    }
    assert len(connections) == 1
    # Delayed acknowledgements would cost 40 ms a request.
    assert time.perf_counter() - begun < 1.0


def test_a_refused_request_leaves_the_connection_usable(api: httpx.Client) -> None:
    for _ in range(3):
        refused(api.put("nowhere", content=b"x" * 100_000), 404)
        refused(api.put("tables", content=b"{", headers={"Content-Type": "application/json"}), 400)
        assert get(api, "system/version")["version"] == "2.0.7"


def test_an_answer_to_head_has_no_body(api: httpx.Client) -> None:
    reply = api.head("tables")
    assert (reply.status_code, reply.content) == (405, b"")
    assert get(api, "tables")["data"] == []


def test_a_taken_port_is_reported_in_one_line(catalog: Catalog) -> None:
    with start(catalog) as url:
        port = int(url.rpartition(":")[2])
        with pytest.raises(ServerError) as caught, start(catalog, port=port):
            pass
    assert str(caught.value).startswith(f"{url}: cannot listen here (Address already in use)")


@pytest.mark.parametrize(("host", "port"), [("127.0.0.1", 70_000), ("192.0.2.1", 0)])
def test_an_address_that_is_not_here_is_reported(catalog: Catalog, host: str, port: int) -> None:
    with pytest.raises(ServerError, match="cannot listen here"), start(catalog, host, port):
        pass


def test_a_stopped_server_leaves_its_port_and_its_catalog(catalog: Catalog) -> None:
    with start(catalog) as url:
        port = int(url.rpartition(":")[2])
    with start(catalog, port=port) as again:
        assert again == url
        assert httpx.get(f"{again}/api/v1/system/version").is_success


def test_a_client_that_hangs_up_disturbs_no_one(
    api: httpx.Client, capfd: pytest.CaptureFixture[str]
) -> None:
    url = str(api.base_url).removesuffix("/api/v1/")
    assert exchange(url, b"PUT /api/v1/tables HTTP/1.1\r\nContent-Length: 1000\r\n\r\n{") == b""
    assert get(api, "tables")["data"] == []
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"PUT /api/v1/tables HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"411"),
        (b"PUT /api/v1/tables HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"411"),
        (b"PUT /api/v1/tables HTTP/1.1\r\nContent-Length: x\r\n\r\n", b"411"),
        (b"nonsense\r\n\r\n", b"400"),
        (b"BREW /api/v1/tables HTTP/1.1\r\n\r\n", b"501"),
        (b"GET http://x/api/v1/system/version HTTP/1.1\r\nConnection: close\r\n\r\n", b"200"),
    ],
)
def test_odd_requests_are_answered(api: httpx.Client, sent: bytes, status: bytes) -> None:
    url = str(api.base_url).removesuffix("/api/v1/")
    first, _, rest = exchange(url, sent).partition(b"\r\n")
    assert status in first or status in rest


@pytest.mark.usefixtures("world")
def test_concurrent_writers_lose_nothing(api: httpx.Client) -> None:
    tables = [f"t{number}" for number in range(80)]
    with ThreadPoolExecutor(8) as pool:
        bodies = (table(name, column("c")) for name in tables)
        statuses = list(pool.map(lambda body: api.put("tables", json=body).status_code, bodies))
    assert statuses == [201] * 80
    assert get(api, "tables", limit=0)["paging"]["total"] == 82


@pytest.mark.usefixtures("world")
def test_concurrent_creations_of_one_entity_have_one_winner(api: httpx.Client) -> None:
    with ThreadPoolExecutor(8) as pool:
        body = table("one", column("c"))
        replies = list(pool.map(lambda _: api.post("tables", json=body), range(16)))
    assert sorted(reply.status_code for reply in replies) == [201] + [409] * 15


@pytest.mark.usefixtures("world")
def test_every_change_to_one_entity_counts(api: httpx.Client) -> None:
    with ThreadPoolExecutor(4) as pool:
        tags = [{"tagFQN": f"Law.T{number}", "source": "Classification"} for number in range(12)]
        put(api, "classifications", name="Law", description="d")
        for number in range(12):
            put(api, "tags", name=f"T{number}", classification="Law", description="d")
        bodies = [table("pay", column("id"), column("amount"), tags=[tag]) for tag in tags]
        assert all(pool.map(lambda body: api.put("tables", json=body).is_success, bodies))
    entity = get(api, "tables/name/pg.hr.public.pay", fields="tags")
    assert (len(entity["tags"]), entity["version"]) == (12, 1.3)


def test_two_openings_of_one_file_see_each_others_writes(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    with Catalog(path) as one, Catalog(path) as two, start(one) as first, start(two) as second:
        headers = {"Authorization": f"Bearer {one.token}"}

        def write(number: int) -> int:
            url = (first, second)[number % 2]
            body = {"name": f"s{number}", "serviceType": "Mysql"}
            path = f"{url}/api/v1/services/databaseServices"
            return httpx.put(path, json=body, headers=headers).status_code

        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(write, range(40))) == [201] * 40
        for url in (first, second):
            path_ = f"{url}/api/v1/services/databaseServices?limit=0"
            assert httpx.get(path_, headers=headers).json()["paging"]["total"] == 40


def test_a_catalog_that_is_closed_says_so(catalog: Catalog) -> None:
    with start(catalog) as url:
        catalog.close()
        reply = httpx.get(
            f"{url}/api/v1/tables", headers={"Authorization": f"Bearer {catalog.token}"}
        )
    refused(reply, 500, "closed database")


def test_a_fault_of_ours_is_answered_and_reported(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    times = iter([1.0])
    with Catalog(tmp_path / "catalog.db", clock=lambda: next(times)) as catalog:
        with start(catalog) as url:
            reply = httpx.get(f"{url}/api/v1/system/version")
        assert reply.status_code == 500
        assert reply.json()["code"] == 500
    assert "StopIteration" in capfd.readouterr().err
