"""Which is meant where an output is called like a column of a table: each clause has its rule.

The rules are those of the dialects' documentation; SQLite's and DuckDB's were tried. Where a
dialect says nothing, or not for sure, both are taken: one of them is too much, none is missing.
"""

from enum import StrEnum

__all__ = ["Clause", "Meant", "meant_by"]


class Clause(StrEnum):
    """The clause in which a name is used."""

    SELECT = "select"
    WHERE = "where"
    GROUP = "group"
    HAVING = "having"
    QUALIFY = "qualify"
    WINDOW = "window"
    DISTINCT = "distinct"
    ORDER = "order"


class Meant(StrEnum):
    """What a name means that an output and a column of a table share."""

    COLUMN = "column"
    OUTPUT = "output"
    EITHER = "either"


_COLUMN = (Meant.COLUMN, Meant.COLUMN)
_OUTPUT_IF_ALONE = (Meant.OUTPUT, Meant.COLUMN)
_OUTPUT_OR_EITHER = (Meant.OUTPUT, Meant.EITHER)

_ANSI = {Clause.SELECT: _COLUMN, Clause.WHERE: _COLUMN}
"""Outputs are computed after both; where they can be named at all, columns come first."""

_RULES = {
    # https://www.postgresql.org/docs/current/sql-select.html: "interpreted as an input-column
    # name" under GROUP BY, the opposite under ORDER BY, whose rules DISTINCT ON shares.
    "postgres": {
        **_ANSI,
        Clause.GROUP: _COLUMN,
        Clause.HAVING: _COLUMN,
        Clause.WINDOW: _COLUMN,
        Clause.DISTINCT: _OUTPUT_IF_ALONE,
        Clause.ORDER: _OUTPUT_IF_ALONE,
    },
    # Tried: an output is meant by HAVING where the column is not grouped, which is not followed.
    "duckdb": {
        **_ANSI,
        Clause.GROUP: _COLUMN,
        Clause.QUALIFY: _COLUMN,
        Clause.WINDOW: _COLUMN,
        Clause.DISTINCT: _OUTPUT_OR_EITHER,
        Clause.ORDER: _OUTPUT_IF_ALONE,
    },
    "sqlite": {
        **_ANSI,
        Clause.GROUP: _COLUMN,
        Clause.HAVING: _COLUMN,
        Clause.WINDOW: _COLUMN,
        Clause.ORDER: _OUTPUT_IF_ALONE,
    },
    # https://dev.mysql.com/doc/refman/8.4/en/select.html: ORDER BY looks at outputs first, GROUP
    # BY at columns; bugs 80802 and 109020 show that expressions and HAVING do not keep to it.
    "mysql": {**_ANSI, Clause.GROUP: _COLUMN, Clause.ORDER: _OUTPUT_OR_EITHER},
    # https://learn.microsoft.com/sql/t-sql/queries/select-transact-sql: only ORDER BY sees outputs.
    "tsql": {
        **_ANSI,
        Clause.GROUP: _COLUMN,
        Clause.HAVING: _COLUMN,
        Clause.WINDOW: _COLUMN,
        Clause.ORDER: _OUTPUT_OR_EITHER,
    },
    # https://trino.io/docs/current/sql/select.html: GROUP BY and HAVING see input columns.
    "trino": {**_ANSI, Clause.GROUP: _COLUMN, Clause.HAVING: _COLUMN, Clause.WINDOW: _COLUMN},
    # Of these, only what a SELECT list makes of an earlier output is sure.
    "athena": _ANSI,
    "bigquery": _ANSI,
    "databricks": _ANSI,
    "hive": _ANSI,
    "oracle": _ANSI,
    "presto": _ANSI,
    "redshift": _ANSI,
    "snowflake": _ANSI,
    "spark": _ANSI,
}


def meant_by(dialect: str, clause: Clause, *, is_alone: bool) -> Meant:
    """Return what a shared name means in a clause, alone there or inside an expression."""
    alone, inside = _RULES.get(dialect, {}).get(clause, (Meant.EITHER, Meant.EITHER))
    return alone if is_alone else inside
