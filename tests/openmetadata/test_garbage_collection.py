import gc
from threading import Barrier, Thread

import pytest

from lineage.errors import ServerError
from lineage.garbage_collection import rare_collection
from lineage.model.reference import Reference
from lineage.openmetadata.client import Client
from lineage.openmetadata.read_upstream import read_upstream
from lineage.openmetadata.reader import read
from tests.openmetadata.conftest import Counting
from tests.scripted_server import Reply, scripted_server


def test_thresholds_are_raised_while_a_catalog_is_read_and_restored_after(
    counted: Client, counting: Counting
) -> None:
    usual, seen = gc.get_threshold(), set()
    read(counted, progress=lambda _what, _count: seen.add(gc.get_threshold()))
    assert counting.asked
    assert all(found[0] > usual[0] for found in seen)
    assert len(seen) == 1
    assert gc.get_threshold() == usual


def test_thresholds_are_restored_when_reading_fails() -> None:
    usual = gc.get_threshold()
    with scripted_server(lambda _method, _path: Reply(500)) as server, Client(server.url) as client:
        with pytest.raises(ServerError):
            read_upstream(client, Reference("mlmodel", "registry.churn"))
        with pytest.raises(ServerError):
            read(client)
    assert gc.get_threshold() == usual


def test_the_last_of_several_readings_restores_them() -> None:
    usual, barrier, raised = gc.get_threshold(), Barrier(2), []

    def reading() -> None:
        with rare_collection():
            barrier.wait(10)
            raised.append(gc.get_threshold())
            barrier.wait(10)

    with rare_collection():
        threads = [Thread(target=reading) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        raised.append(gc.get_threshold())
    assert len(set(raised)) == 1
    assert raised[0] != usual
    assert gc.get_threshold() == usual


def test_a_collector_that_is_switched_off_stays_off() -> None:
    usual = gc.get_threshold()
    gc.set_threshold(0)
    try:
        with rare_collection():
            assert gc.get_threshold()[0] == 0
        assert gc.get_threshold()[0] == 0
    finally:
        gc.set_threshold(*usual)
