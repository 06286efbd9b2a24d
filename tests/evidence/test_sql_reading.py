"""Reading SQL: golden cases by topic, names of targets, and texts made to harm."""

import json
from pathlib import Path
from time import perf_counter
from typing import Any, NotRequired, TypedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlglot import Dialect

from lineage.evidence.sql_reading import NotRead, SqlReading, TableColumn, TableName, read_sql

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


CASES: list[Case] = [
    case
    for topic in sorted((Path(__file__).parent / "sql_cases").glob("*.json"))
    for case in json.loads(topic.read_text("utf-8"))
]


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
        "tables": sorted(".".join(table) for table in reading.tables),
    }


def name_of(column: TableColumn) -> str:
    return f"{'.'.join(column.table)}:{column.column}"


def test_each_case_has_a_title_of_its_own() -> None:
    assert len({case["title"] for case in CASES}) == len(CASES)


# Targets


def filled(sql: str, target: TableName | str) -> SqlReading:
    return read_sql(sql, target=target, columns_of=columns_of)


TWO_SCHEMAS = (
    "create table staging.d as select email as x from people; "
    "insert into mart.d (y) select id from orders"
)


@pytest.mark.parametrize(
    ("target", "name"),
    [
        (("wh", "shop", "mart", "d"), "y"),
        (("wh", "shop", "staging", "d"), "x"),
        (("Mart", "D"), "y"),
    ],
)
def test_of_two_tables_of_one_name_the_schema_says_which_is_filled(
    target: TableName, name: str
) -> None:
    assert {output.name for output in filled(TWO_SCHEMAS, target).outputs} == {name}


def test_the_last_part_alone_does_not_say_which_of_two_is_filled() -> None:
    with pytest.raises(NotRead, match="several of its tables may be d"):
        filled(TWO_SCHEMAS, "d")


def test_a_text_that_fills_a_table_of_another_schema_does_not_fill_the_target() -> None:
    with pytest.raises(NotRead, match=r"0 of its 1 statements fill shop\.mart\.d"):
        filled("insert into staging.d (x) select id from people", ("shop", "mart", "d"))


def test_a_table_that_is_read_is_not_taken_for_the_target_of_the_same_name() -> None:
    reading = filled("insert into mart.d (y) select a from staging.d", ("shop", "mart", "d"))
    assert reading.tables == {("staging", "d")}
    assert reading.outputs[0].values == (TableColumn(("staging", "d"), "a"),)


def test_a_table_without_a_schema_between_matches_any() -> None:
    reading = read_sql(
        "insert into shop..d (y) select id from people",
        target=("wh", "shop", "dbo", "d"),
        dialect="tsql",
    )
    assert [output.name for output in reading.outputs] == ["y"]


def test_a_text_that_fills_two_tables_is_read_for_either() -> None:
    sql = "from people insert into table d select id insert into table e select email where age > 3"
    of_d, of_e = (read_sql(sql, target=name, dialect="hive") for name in ("d", "e"))
    assert [output.values[0].column for output in (*of_d.outputs, *of_e.outputs)] == ["id", "email"]
    assert [len(reading.rows) for reading in (of_d, of_e)] == [0, 1]


def test_each_table_is_asked_about_once() -> None:
    asked: list[TableName] = []

    def asking(table: TableName) -> tuple[str, ...]:
        asked.append(table)
        return columns_of(table)

    read_sql("select p.id, q.id as x from people p, people q", target="d", columns_of=asking)
    assert asked == [("people",)]


def test_two_columns_of_a_table_that_only_case_sets_apart_are_not_read() -> None:
    with pytest.raises(NotRead, match="two columns of people differ in case alone"):
        read_sql("select id from people", target="d", columns_of=lambda _: ("id", "ID"))


# Texts made to harm

DOUBLING = ["c0 as (select a from t)"]
DOUBLING += [f"c{n} as (select a + a as a from c{n - 1})" for n in range(1, 30)]
TRIPLING = ["c0 as (select a from t union all select b from t union all select c from t)"]
TRIPLING += [f"c{n} as (select x.a + y.a as a from c{n - 1} x, c{n - 1} y)" for n in range(1, 9)]


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("select " + "(" * 500 + "1" + ")" * 500, "nested too deeply"),
        ("select " + "f(" * 45 + "a" + ")" * 45 + " from t", "nested too deeply"),
        ("select " + "case when a then " * 300 + "1" + " end" * 300, "nested too deeply"),
        ("select " + "a + b - " * 5_000 + "a from t", "nested too deeply"),
        ("select 1 -- " + "x" * 50_000, "longer than 50,000 characters"),
        (f"with {', '.join(DOUBLING)} select a from c29", "multiply"),
        (f"with {', '.join(TRIPLING)} select a from c8", "multiply"),
        (
            "select a from t" + "".join(f" union all select b + {n} from t" for n in range(40)),
            "mult",
        ),
        ("\x00", "no statement"),
        ("", "0 of its 0 statements"),
        ("select \ud800 from t", "parsed|which table|column"),
    ],
)
def test_sql_made_to_harm_ends_as_not_read_in_little_time(sql: str, reason: str) -> None:
    start = perf_counter()
    with pytest.raises(NotRead, match=reason):
        read_sql(sql, target="d", columns_of=columns_of)
    assert perf_counter() - start < 10


def test_a_long_union_of_what_is_the_same_is_read() -> None:
    reading = filled("select a from t" + " union all select a from t" * 200, "d")
    assert len(reading.outputs) == 1


@given(st.text(max_size=40) | st.text(alphabet="selctfromwhnigupbyad(),*.;'\" 1=", max_size=60))
def test_any_text_is_read_or_not_read(text: str) -> None:
    assert all(read(text, dialect="").values()) or "influences" in read(text, dialect="")


WORDS = """
select from where group by having order limit union all except with recursive as case when then
else end over partition rows between join left full using on natural lateral unnest in exists
distinct qualify window pivot for values insert into update set delete merge matched create table
view temp ( ) ( ) , , , . * = < + ; people orders d id email age 'x' 1 null
"""


@given(
    st.lists(st.sampled_from(WORDS.split()), max_size=30), st.sampled_from(sorted(Dialect.classes))
)
def test_any_words_are_read_or_not_read(words: list[str], dialect: str) -> None:
    answer = read(" ".join(words), dialect=dialect)
    assert "could not be followed" not in answer.get("not read", "")


# What the parser does to functions

NAMING = {"COLLATE", "CONVERT", "DATENAME", "NAMED_STRUCT", "NORMALIZE", "TRY_CONVERT", "WEEK"}
NAMING |= {"EXTRACT", "MONTHNAME", "XMLELEMENT"}
"""Functions of which an argument is a name or a type, and no column."""


@pytest.mark.parametrize("dialect", ["", "bigquery", "postgres", "snowflake", "spark"])
def test_a_function_takes_all_it_is_given_or_is_not_read(dialect: str) -> None:
    lost = []
    for name in sorted(Dialect.get_or_raise(dialect).parser_class.FUNCTIONS):
        for count in (1, 2, 3):
            given_ = ["total", "person", "status"][:count]
            sql = f"select {name}({', '.join(given_)}) as x from orders"
            try:
                reading = read_sql(sql, target="d", dialect=dialect, columns_of=columns_of)
            except NotRead:
                continue
            found = {column.column for output in reading.outputs for column in output.values}
            found |= {one.column for output in reading.outputs for _, one in output.influences}
            if name not in NAMING and not found >= set(given_):
                lost.append(sql)
    assert lost == []
