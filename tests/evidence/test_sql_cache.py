import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage.evidence.sql_cache import ReadingCache
from lineage.evidence.sql_reading import NotRead, SqlReading, TableName, read_sql
from tests.examples import examples

CASES = [
    (case["sql"], case.get("dialect", ""))
    for topic in sorted((Path(__file__).parent / "sql_cases").glob("*.json"))
    for case in json.loads(topic.read_text("utf-8"))
]

TABLES = {"people": ("id", "email", "age", "city"), "orders": ("id", "person", "total")}
SQL = "insert into d (a, b) select id, md5(email) from people where age > 17"


def columns_of(table: TableName) -> tuple[str, ...]:
    return TABLES.get(table[-1], ())


Read = Callable[..., SqlReading]


def answer(read: Read, sql: str, dialect: str = "") -> SqlReading | str:
    try:
        return read(sql, target="d", dialect=dialect, columns_of=columns_of)
    except NotRead as reason:
        return str(reason)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "readings.db"


def rows(path: Path) -> int:
    with sqlite3.connect(path) as file:
        count: int = file.execute("SELECT count(*) FROM reading").fetchone()[0]
    file.close()
    return count


def hits_of_one(path: Path, sql: str = SQL) -> int:
    """Read a text with the cache as it is, and say how often the file knew it."""
    with ReadingCache(path) as cache:
        assert answer(cache.read_sql, sql) == answer(read_sql, sql)
        return cache.hits


def test_what_is_kept_equals_what_is_read(path: Path) -> None:
    fresh = [answer(read_sql, sql, dialect) for sql, dialect in CASES]
    for hits in (0, len(CASES)):
        with ReadingCache(path) as cache:
            assert [answer(cache.read_sql, sql, dialect) for sql, dialect in CASES] == fresh
            assert cache.hits == hits


def test_what_was_read_just_now_is_known_before_it_is_kept(path: Path) -> None:
    with ReadingCache(path) as cache:
        first, second = (answer(cache.read_sql, SQL) for _ in range(2))
        assert first == second
        assert cache.hits == 1


def test_a_reading_is_of_one_text_target_and_dialect(path: Path) -> None:
    asked: list[tuple[str, TableName | str, str]]
    asked = [(SQL, "d", ""), (SQL + " ", "d", ""), (SQL, ("x", "d"), ""), (SQL, "d", "duckdb")]
    with ReadingCache(path) as cache:
        for sql, target, dialect in asked:
            cache.read_sql(sql, target=target, dialect=dialect, columns_of=columns_of)
        assert cache.hits == 0


def test_a_reading_is_of_the_columns_that_were_asked_about(path: Path) -> None:
    sql = "insert into d select * from people"

    def names(columns: tuple[str, ...]) -> list[str]:
        reading = cache.read_sql(sql, target="d", columns_of=lambda _: columns)
        return [output.values[0].column for output in reading.outputs]

    for hits in (0, 2):
        with ReadingCache(path) as cache:
            assert names(("a", "b")) == ["a", "b"]
            assert names(("b", "a", "c")) == ["b", "a", "c"]
            assert cache.hits == hits


def test_columns_of_tables_that_were_not_asked_about_do_not_matter(path: Path) -> None:
    hits_of_one(path)
    with ReadingCache(path) as cache:
        cache.read_sql(
            SQL,
            target="d",
            columns_of=lambda table: columns_of(table) if table == ("people",) else (),
        )
        assert cache.hits == 1


def test_what_the_stack_had_no_room_for_is_not_kept(path: Path) -> None:
    deep = "select " + "case when a then " * 300 + "1" + " end" * 300
    assert [hits_of_one(path, deep) for _ in range(2)] == [0, 0]
    assert rows(path) == 0


# Files that are no use


def test_a_folder_is_made_and_one_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    inside = tmp_path / "some" / "folder" / "readings.db"
    assert [hits_of_one(inside) for _ in range(2)] == [0, 1]
    assert hits_of_one(tmp_path) == 0
    assert hits_of_one(inside / "readings.db") == 0


@pytest.mark.parametrize("content", [b"SELECT 1;\n" * 20, b"\x00" * 200, b"SQLite format 3\x00"])
def test_a_file_that_is_something_else_is_left_alone(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert hits_of_one(path) == 0
    assert path.read_bytes() == content


def test_another_database_is_left_alone(path: Path) -> None:
    with sqlite3.connect(path) as file:
        file.execute("CREATE TABLE reading (key)")
    file.close()
    content = path.read_bytes()
    assert hits_of_one(path) == 0
    assert path.read_bytes() == content


def test_a_cache_of_another_schema_is_made_anew(path: Path) -> None:
    hits_of_one(path)
    with sqlite3.connect(path) as file:
        file.execute("ALTER TABLE reading RENAME COLUMN body TO text")
    file.close()
    assert [hits_of_one(path) for _ in range(2)] == [0, 1]


def test_a_reading_that_was_changed_is_not_believed(path: Path) -> None:
    hits_of_one(path)
    with sqlite3.connect(path) as file:
        file.execute("UPDATE reading SET body = CAST(replace(body, 'MD5', 'LOWER') AS BLOB)")
    file.close()
    assert hits_of_one(path) == 0


@pytest.mark.parametrize("column", ["columns", "body", "digest"])
def test_a_reading_of_another_type_is_not_believed(path: Path, column: str) -> None:
    hits_of_one(path)
    with sqlite3.connect(path) as file:
        file.execute(f"UPDATE reading SET {column} = 7")
    file.close()
    assert hits_of_one(path) == 0


def test_a_file_that_is_cut_short_is_made_anew(path: Path) -> None:
    for number in range(50):
        hits_of_one(path, f"{SQL} and id <> {number}")
    path.write_bytes(path.read_bytes()[:5_000])
    assert [hits_of_one(path) for _ in range(3)][-1] == 1


@settings(max_examples=examples(40))
@given(st.data())
def test_no_damage_changes_an_answer(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("damaged") / "readings.db"
    texts = [f"{SQL} and id <> {number}" for number in range(12)]
    with ReadingCache(path) as cache:
        fresh = [answer(cache.read_sql, sql) for sql in texts]
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 20))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    with ReadingCache(path) as cache:
        assert [answer(cache.read_sql, sql) for sql in texts] == fresh


# Others at the same file


def test_a_file_that_another_holds_locked_is_done_without(path: Path) -> None:
    hits_of_one(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        assert hits_of_one(path) == 0
    finally:
        other.execute("ROLLBACK")
        other.close()
    assert hits_of_one(path) == 1


READER = """
import sys
from lineage.evidence.sql_cache import ReadingCache
for number in range(60):
    with ReadingCache(sys.argv[1]) as cache:
        sql = f"insert into d select md5(email) from people where id > {number}"
        assert cache.read_sql(sql, target="d").outputs[0].function == "MD5(email)"
"""


def test_two_processes_keep_readings_in_one_file(path: Path) -> None:
    command = [sys.executable, "-c", READER, str(path)]
    processes = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(2)]
    errors = [process.communicate()[1] for process in processes]
    assert errors == [b"", b""]
    assert rows(path) == 60


def test_more_readings_than_one_batch_are_kept(path: Path) -> None:
    texts = [f"insert into d select id from people where id > {number}" for number in range(700)]
    for hits in (0, 700):
        with ReadingCache(path) as cache:
            for sql in texts:
                cache.read_sql(sql, target="d", columns_of=columns_of)
            assert cache.hits == hits
