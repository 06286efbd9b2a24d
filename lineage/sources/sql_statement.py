"""Find the query that fills a table, in the text of one statement or several."""

import logging

from sqlglot import exp, parse

__all__ = ["NotRead", "find_query", "fold_names"]

_UNKNOWN = (exp.Pivot, exp.MatchRecognize, exp.Connect)
"""Clauses whose columns are not followed."""

logging.getLogger("sqlglot").addHandler(logging.NullHandler())
"""What sqlglot would warn of becomes a finding, or does not matter."""


class NotRead(Exception):  # noqa: N818  # the name is a sentence, as those in errors.py
    """Why a text is not read; caught where the reading was asked for, and made a finding."""


def find_query(text: str, target: str, dialect: str) -> tuple[exp.Query, tuple[str, ...] | None]:
    """Find the query that fills the target, and the columns it fills where they are named."""
    statements = [item for item in parse(text, dialect=dialect) if item is not None]
    filling = [item for item in statements if _target(item) == target]
    bare = [item for item in statements if isinstance(item, exp.Query)]
    found = filling or (bare if len(statements) == 1 else [])
    if len(found) != 1:
        message = f"{len(found)} of its {len(statements)} statements fill {target}"
        raise NotRead(message)
    (statement,) = found
    for clause in statement.find_all(*_UNKNOWN):
        message = f"{clause.key} is not followed"
        raise NotRead(message)
    if any(join.method == "NATURAL" for join in statement.find_all(exp.Join)):
        message = "it does not name the columns of a natural join"
        raise NotRead(message)
    if isinstance(statement, exp.Query):
        return statement, None
    query = statement.expression
    if not isinstance(query, exp.Query) or isinstance(query, exp.Table):
        message = "it fills the table by no query"
        raise NotRead(message)
    for key in ("with", "with_"):  # the common table expressions before an INSERT
        if statement.args.get(key) is not None:
            query.set(key, statement.args[key])
    return query, _named_columns(statement)


def _target(statement: exp.Expr) -> str | None:
    """Name the table that a statement fills by a query."""
    if not isinstance(statement, exp.Insert | exp.Create):
        return None
    table = statement.find(exp.Table)
    return None if table is None else table.name.casefold()


def _named_columns(statement: exp.Expr) -> tuple[str, ...] | None:
    """Name the columns a statement fills, in their order; None where it does not name them.

    An `INSERT` without names fills the table's columns in their order: empty names stand for
    that. `CREATE` takes the names of the query.
    """
    schema = statement.this
    if isinstance(schema, exp.Schema) and schema.expressions:
        return tuple(item.name.casefold() for item in schema.expressions)
    return () if isinstance(statement, exp.Insert) else None


def fold_names(query: exp.Query) -> None:
    """Write every name in small letters, quoted, so that the dialect's own rules rest."""
    for identifier in query.find_all(exp.Identifier):
        identifier.args.update(this=identifier.name.casefold(), quoted=True)
