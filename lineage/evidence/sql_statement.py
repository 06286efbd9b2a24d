"""Find the query that fills a table, in the text of one statement or several."""

import logging
from typing import NamedTuple

from sqlglot import exp, parse

__all__ = ["Filling", "NotRead", "find_query", "fold_names"]

_DEEPEST = 250  # expressions in each other; the time to read them grows with the square

_UNKNOWN = (exp.Pivot, exp.MatchRecognize, exp.Connect)
"""Clauses whose columns are not followed."""

logging.getLogger("sqlglot").addHandler(logging.NullHandler())
"""What sqlglot would warn of becomes a finding, or does not matter."""


class NotRead(Exception):  # noqa: N818  # the name is a sentence, as those in errors.py
    """Why a text is not read; caught where the reading was asked for, and made a finding."""


class Filling(NamedTuple):
    """The query that fills a table.

    Attributes
    ----------
    query : exp.Query
    names : tuple of str or None
        The columns it fills, where they are named; empty for those of the table in their order.
    is_alone : bool
        Whether there is no other statement: what others delete or update is not read.
    """

    query: exp.Query
    names: tuple[str, ...] | None
    is_alone: bool


def find_query(text: str, target: str, dialect: str) -> Filling:
    """Find the query that fills the target."""
    statements = [item for item in parse(text, dialect=dialect) if item is not None]
    filling = [item for item in statements if _target(item) == target]
    bare = [item for item in statements if isinstance(item, exp.Query)]
    found = filling or (bare if len(statements) == 1 else [])
    if len(found) != 1:
        message = f"{len(found)} of its {len(statements)} statements fill {target}"
        raise NotRead(message)
    (statement,) = found
    is_alone = len(statements) == 1
    _refuse(statement)
    if isinstance(statement, exp.Query):
        return Filling(statement, None, is_alone)
    query = statement.expression
    if not isinstance(query, exp.Query) or isinstance(query, exp.Table):
        message = "it fills the table by no query"
        raise NotRead(message)
    for key in ("with", "with_"):  # the common table expressions before an INSERT
        if statement.args.get(key) is not None:
            query.set(key, statement.args[key])
    return Filling(query, _named_columns(statement), is_alone)


def _refuse(statement: exp.Expr) -> None:
    """Refuse what is not followed, before any work is done on it."""
    if _depth(statement) > _DEEPEST:
        message = "it is nested too deeply"
        raise NotRead(message)
    for clause in statement.find_all(*_UNKNOWN):
        message = f"{clause.key} is not followed"
        raise NotRead(message)
    if any(join.method == "NATURAL" for join in statement.find_all(exp.Join)):
        message = "it does not name the columns of a natural join"
        raise NotRead(message)


def _depth(statement: exp.Expr) -> int:
    waiting, deepest = [(statement, 1)], 0
    while waiting:
        node, depth = waiting.pop()
        deepest = max(deepest, depth)
        waiting.extend((child, depth + 1) for child in node.iter_expressions())
    return deepest


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
