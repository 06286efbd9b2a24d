import itertools
import json
import sqlite3
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any, NotRequired, TypedDict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage.evidence.sql_reading import Output, TableColumn, TableName, read_sql
from lineage.evidence.sql_statement import NotRead

TABLES = {
    "people": "id email age city address",
    "orders": "id person total day status",
    "banned": "person since",
    "t": "a b c",
    "u": "a d e",
}


class Case(TypedDict):
    title: str
    sql: str
    dialect: NotRequired[str]
    expected: dict[str, Any]


CASES: list[Case] = json.loads((Path(__file__).parent / "sql_cases.json").read_text())


def columns_of(table: TableName) -> tuple[str, ...]:
    return tuple(TABLES.get(table[-1], "").split())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_sql_case(case: Case) -> None:
    assert read(case["sql"], dialect=case.get("dialect", "")) == case["expected"]


def read(sql: str, *, dialect: str) -> dict[str, Any]:
    try:
        reading = read_sql(sql, target="d", dialect=dialect, columns_of=columns_of)
    except NotRead as reason:
        return {"not read": str(reason)}
    return {
        "values": [
            f"{output.name} = {output.function or 'as it is'} of "
            + (" ".join(map(name_of, output.values)) or "nothing")
            for output in reading.outputs
        ],
        "influences": [
            f"{output.name} by {influence} of {name_of(column)}"
            for output in reading.outputs
            for influence, column in output.influences
        ]
        + [f"rows by {influence} of {name_of(column)}" for influence, column in reading.rows],
    }


def name_of(column: TableColumn) -> str:
    return f"{'.'.join(column.table)}:{column.column}"


def test_each_case_has_a_title_of_its_own() -> None:
    assert len({case["title"] for case in CASES}) == len(CASES)


DOUBLING = ["c0 as (select a from t)"]
DOUBLING += [f"c{n} as (select a + a as a from c{n - 1})" for n in range(1, 30)]


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("select " + "(" * 500 + "1" + ")" * 500, "nested too deeply"),
        ("select " + "a + " * 5_000 + "a from t", "nested too deeply"),
        ("select 1 -- " + "x" * 50_000, "longer than 50,000 characters"),
        (f"with {', '.join(DOUBLING)} select a from c29", "multiply"),
        ("select a from t" + " union all select a from t" * 40, "multiply"),
        ("select a from t" + " union all select a from t" * 400, "nested too deeply"),
        ("with recursive r as (select a from t union select a from r) select a from r", "known"),
        ("\x00", "parsed|fill"),
        ("", "0 of its 0 statements"),
    ],
)
def test_sql_made_to_harm_ends_as_not_read(sql: str, reason: str) -> None:
    with pytest.raises(NotRead, match=reason):
        read_sql(sql, target="d", columns_of=columns_of)


@given(st.text(max_size=40) | st.text(alphabet="selctfromwhnigupbyad(),*.;'\" 1=", max_size=60))
def test_any_text_is_read_or_told_not_to_be(text: str) -> None:
    assert all(read(text, dialect="").values()) or read(text, dialect="")["influences"] == []


COLUMN = st.sampled_from(["t.a", "t.b", "t.c"])
EITHER = st.sampled_from(["t.a", "t.b", "t.c", "u.a", "u.d", "u.e"])


def expressions(column: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.recursive(
        column | st.just("7"),
        lambda inner: st.one_of(
            st.builds("({} + {})".format, inner, inner),
            st.builds("coalesce({}, {})".format, inner, inner),
            st.builds("case when {} > {} then {} else {} end".format, inner, inner, inner, inner),
            st.builds("(select max(u.d) + {} from u where u.a = {})".format, inner, inner),
        ),
        max_leaves=4,
    )


@st.composite
def queries(draw: st.DrawFn) -> str:
    """Draw a query over `t` and perhaps `u`, with common table expressions, unions and windows."""
    joined = draw(st.booleans())
    expression = expressions(EITHER if joined else COLUMN)
    tables = "t join u on " + draw(st.sampled_from(["t.a = u.a", "t.b < u.d"])) if joined else "t"
    where = draw(st.builds(" where {} > {}".format, expression, expression) | st.just(""))
    first, second = draw(expression), draw(expression)
    if draw(st.booleans()):
        first = f"sum({first}) over (partition by {second})"
    query = f"select {first} as x, {second} as y from {tables}{where}"
    if draw(st.booleans()):
        query = f"select count(*) as x, max(q.x) as y from ({query}) as q group by q.y"
        query = f"select r.x as y, r.y as x from ({query}) as r"
    if draw(st.booleans()):
        query = f"with w as ({query}) select w.y as x, t.c as y from w, t where w.x > t.b"
    if draw(st.booleans()):
        query = f"{query} union all select t.a, t.b from t"
    return query


def rows_of(sql: str, data: dict[str, list[list[int]]]) -> list[tuple[Any, ...]]:
    database = sqlite3.connect(":memory:")
    try:
        for table, rows in data.items():
            columns = TABLES[table].split()
            database.execute(f"create table {table} ({', '.join(columns)})")
            database.executemany(f"insert into {table} values (?, ?, ?)", rows)
        return database.execute(sql).fetchall()
    finally:
        database.close()


ROWS = st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=3, max_size=5)


@settings(max_examples=60, deadline=None)
@given(queries(), ROWS, ROWS, st.randoms(use_true_random=False))
def test_what_a_column_is_not_told_to_touch_stays_the_same_when_it_changes(
    sql: str, of_t: list[list[int]], of_u: list[list[int]], random: Random
) -> None:
    data = {"t": of_t, "u": of_u}
    before = rows_of(sql, data)
    reading = read_sql(sql, target="d", dialect="sqlite", columns_of=columns_of)
    names = list(dict.fromkeys(output.name for output in reading.outputs))
    deciding = {column for _, column in reading.rows}
    for table, place in itertools.product(data, range(3)):
        column = TableColumn((table,), TABLES[table].split()[place])
        touched = {output.name for output in reading.outputs if column in all_of(output)}
        if column in deciding or set(names) <= touched:
            continue
        for _ in range(5):
            after = rows_of(sql, {**data, table: changed(data[table], place, random)})
            for position, name in enumerate(names):
                if name not in touched:
                    assert values_at(position, after) == values_at(position, before)


def all_of(output: Output) -> set[TableColumn]:
    return {*output.values, *(column for _, column in output.influences)}


def changed(rows: list[list[int]], place: int, random: Random) -> list[list[int]]:
    return [[*row[:place], random.randint(0, 9), *row[place + 1 :]] for row in rows]


def values_at(position: int, rows: list[tuple[Any, ...]]) -> Counter[Any]:
    return Counter(row[position] for row in rows)
