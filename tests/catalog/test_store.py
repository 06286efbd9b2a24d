import os
import sqlite3
from pathlib import Path
from threading import Thread

import pytest

from lineage.catalog.sample import load_sample
from lineage.catalog.wsgi import Catalog
from lineage.errors import BrokenFile
from lineage.openmetadata.client import Client


def test_a_file_is_made_where_there_is_none_and_opened_where_there_is(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    with Catalog(path) as first:
        token = first.token
    with Catalog(str(path)) as second:
        assert second.token == token


def test_closing_twice_is_fine(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "catalog.db")
    catalog.close()
    catalog.close()


def test_an_empty_file_becomes_a_catalog(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    path.touch()
    with Catalog(path) as catalog:
        assert catalog.token


def other_database(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("text", "not a SQLite file"),
        ("other", "a SQLite file, but no catalog"),
        ("marked", "a SQLite file, but no catalog"),
        ("newer", "a catalog of version 99; this library reads 4"),
    ],
)
def test_a_file_that_is_no_catalog_is_refused_and_left_alone(
    tmp_path: Path, content: str, reason: str
) -> None:
    path = tmp_path / "catalog.db"
    if content == "text":
        path.write_text("these are the notes of a meeting\n" * 100)
    elif content == "other":
        other_database(path, "CREATE TABLE note (text TEXT)")
    elif content == "marked":
        other_database(path, "PRAGMA application_id=7")
    else:
        Catalog(path).close()
        other_database(path, "PRAGMA user_version=99")
    before = path.read_bytes()
    with pytest.raises(BrokenFile) as caught:
        Catalog(path)
    assert str(caught.value) == f"{path}: {reason}"
    assert path.read_bytes() == before


def test_a_file_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    with Catalog(path) as catalog:
        token = catalog.token
    other_database(
        path,
        "DROP TABLE event",
        "DROP TABLE indexed_edge",
        "DROP TABLE profile",
        "PRAGMA user_version=1",
    )
    for _ in range(2):
        with Catalog(path) as catalog:
            assert catalog.token == token
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA user_version").fetchone() == (4,)
    assert connection.execute("SELECT count(*) FROM event").fetchone() == (0,)
    connection.close()


def test_the_edges_of_a_file_of_the_second_version_are_indexed(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    with (
        Catalog(path) as catalog,
        Client.in_process(catalog, catalog.token, name="catalog:test") as client,
    ):
        load_sample(client)
    connection = sqlite3.connect(path)
    kept = "SELECT from_id, from_fqn, to_id, details FROM indexed_edge ORDER BY from_id, to_id"
    before = connection.execute(kept).fetchall()
    connection.close()
    other_database(path, "DROP TABLE indexed_edge", "DROP TABLE profile", "PRAGMA user_version=2")
    Catalog(path).close()
    connection = sqlite3.connect(path)
    assert [row[:3] for row in connection.execute(kept).fetchall()] == [row[:3] for row in before]
    connection.close()


def test_a_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "catalog.db"
    with pytest.raises(BrokenFile, match=r"the folder .*missing does not exist"):
        Catalog(path)
    assert not path.parent.exists()


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(BrokenFile, match="a folder, not a file"):
        Catalog(tmp_path)


def test_a_path_that_cannot_be_one_is_refused() -> None:
    with pytest.raises(BrokenFile):
        Catalog("a\0b")


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a folder no one can write to")
def test_a_folder_that_cannot_be_written_is_refused() -> None:
    with pytest.raises(BrokenFile, match="cannot be written: "):
        Catalog("/proc/self/catalog.db")


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only to the superuser")
def test_a_read_only_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    Catalog(path).close()
    path.chmod(0o400)
    with pytest.raises(BrokenFile, match="cannot be written: "):
        Catalog(path)


def test_a_name_that_means_memory_to_sqlite_is_a_file_like_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Catalog(":memory:").close()
    assert (tmp_path / ":memory:").stat().st_size > 0


def test_many_can_make_the_same_file_at_once(tmp_path: Path) -> None:
    tokens: list[str] = []

    def make() -> None:
        with Catalog(tmp_path / "catalog.db") as catalog:
            tokens.append(catalog.token)

    threads = [Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tokens) == 8
    assert len(set(tokens)) == 1


def test_a_file_damaged_later_is_reported_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    Catalog(path).close()
    path.write_bytes(path.read_bytes()[:4096] + b"\xff" * 20_000)
    with pytest.raises(BrokenFile) as caught:
        Catalog(path)
    assert "\n" not in str(caught.value)
