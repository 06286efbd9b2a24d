"""Scripts: the statements of a text, each of which rests on those before it."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from sqlglot import exp

from lineage.evidence.sql_changes import changed_table, delete, merge, update
from lineage.evidence.sql_create import (
    alter,
    cache_table,
    create,
    created_table,
    drop,
    fill_new,
    renamed_table,
    select_into,
    truncate,
)
from lineage.evidence.sql_grammar import CHANGING, HARMLESS, HARMLESS_COMMANDS, refused
from lineage.evidence.sql_insert import insert
from lineage.evidence.sql_query import Reader
from lineage.evidence.sql_result import NotRead, TableName
from lineage.evidence.sql_sources import table_name
from lineage.evidence.sql_tables import Contents, Tables, is_same

__all__ = ["read_filling"]

_READERS: dict[type[exp.Expr], Callable[..., None]] = {
    exp.Alter: alter,
    exp.Cache: cache_table,
    exp.Create: create,
    exp.Delete: delete,
    exp.Drop: drop,
    exp.Insert: insert,
    exp.Merge: merge,
    exp.TruncateTable: truncate,
    exp.Update: update,
}


def read_filling(
    statements: Sequence[exp.Expr],
    target: TableName,
    dialect: str,
    columns_of: Callable[[TableName], tuple[str, ...]],
) -> Contents:
    """Read what the statements of a text fill one table with.

    Parameters
    ----------
    statements : sequence of exp.Expr
        All of the text, in order.
    target : TableName
        As much of the table's name as is known.
    dialect : str
        As sqlglot calls it.
    columns_of : callable
        Gives the columns of a table; empty where they are not known.

    Returns
    -------
    Contents

    Raises
    ------
    NotRead
        One of the statements is not understood, or it is not known which fill the table.
    """
    _refuse_unknown(statements)
    name = _filled(statements, target)
    passing = {*_passing(statements), *([] if name is None else [name])}
    query = None if name is not None else _only_query(statements, passing, target)
    reader = Reader(dialect, Tables(columns_of, frozenset(passing)))
    for statement in statements:
        if statement is query:
            relation = reader.read(query, None, {})
            contents = reader.tables.new(target)
            fill_new(contents, relation)
            return contents
        _read(statement, reader)
    if name not in reader.tables.contents:
        message = f"it leaves no {'.'.join(target)}"
        raise NotRead(message)
    contents = reader.tables.contents[name]
    if contents.view is not None:
        fill_new(contents, contents.view())
    return contents


def _read(statement: exp.Expr, reader: Reader) -> None:
    """Read a statement for what it does to tables; most leave them as they are."""
    if isinstance(statement, exp.Select) and statement.args.get("into"):
        into = statement.args["into"].pop()
        select_into(statement, into, reader)
    elif isinstance(statement, exp.Query):
        for call in statement.find_all(exp.Anonymous):
            message = f"{call.name} may change a table"
            raise NotRead(message)
    elif type(statement) in _READERS:
        _READERS[type(statement)](statement, reader)


def _refuse_unknown(statements: Sequence[exp.Expr]) -> None:
    for statement in statements:
        is_known = isinstance(statement, exp.Query) or type(statement) in _READERS
        if isinstance(statement, exp.Condition | exp.Alias):
            message = "it is no statement"
            raise NotRead(message)
        if _is_setting(statement):
            _refuse_moved(statement, statements)
        elif not is_known and not _is_harmless(statement):
            raise refused(statement)


def _is_setting(statement: exp.Expr) -> bool:
    is_command = isinstance(statement, exp.Command) and statement.name.upper() == "SET"
    return isinstance(statement, exp.Set | exp.Use) or is_command


def _refuse_moved(setting: exp.Expr, statements: Sequence[exp.Expr]) -> None:
    """Refuse variables, and a schema that is set for names that do not say theirs."""
    words = setting.sql().casefold()
    is_variable = any(item.args.get("kind") == "VARIABLE" for item in setting.expressions)
    if is_variable or CHANGING.search(words):
        raise refused(setting)
    is_moved = not re.search(r"\b(role|warehouse)\b", words) and re.search(
        r"\buse\b|schema|catalog|database|search_path", words
    )
    if is_moved and any(_unqualified(statements)):
        message = "a schema is set for tables that are named without one"
        raise NotRead(message)


def _unqualified(statements: Iterable[exp.Expr]) -> Iterator[exp.Table]:
    """Yield the tables that are named by one word, and are no queries that are named so."""
    for statement in statements:
        named = {cte.alias for cte in statement.find_all(exp.CTE)}
        for table in () if isinstance(statement, exp.Use) else statement.find_all(exp.Table):
            if not table.args.get("db") and table.name not in named:
                yield table


def _is_harmless(statement: exp.Expr) -> bool:
    if isinstance(statement, exp.Command):
        is_changing = CHANGING.search(str(statement.expression))
        return statement.name.upper() in HARMLESS_COMMANDS and not is_changing
    return type(statement) in HARMLESS


def _filled(statements: Iterable[exp.Expr], target: TableName) -> TableName | None:
    """Find what the text calls the table that is asked for, where a statement fills it."""
    names = {name for one in statements for name in _fills(one) if is_same(name, target)}
    if len(names) > 1:
        message = f"several of its tables may be {'.'.join(target)}"
        raise NotRead(message)
    return names.pop() if names else None


def _fills(statement: exp.Expr) -> Iterator[TableName]:
    """Name the tables that a statement may leave with other rows."""
    if isinstance(statement, exp.Insert | exp.Update | exp.Delete | exp.Merge):
        yield changed_table(statement)
    elif isinstance(statement, exp.Alter):
        for action in statement.args.get("actions") or ():
            if isinstance(action, exp.AlterRename):
                yield renamed_table(table_name(statement.this), action.this)
    else:
        made = _makes(statement)
        if made is not None:
            yield made


def _makes(statement: exp.Expr) -> TableName | None:
    """Name the table or view that a statement makes."""
    if isinstance(statement, exp.Create):
        is_table = str(statement.args["kind"]).upper() in ("TABLE", "VIEW")
        return created_table(statement) if is_table else None
    into = statement.args.get("into")
    made = statement.this if isinstance(statement, exp.Cache) else into.this if into else None
    return None if made is None else table_name(made)


def _passing(statements: Iterable[exp.Expr]) -> Iterator[TableName]:
    """Name the tables that are gone after the text: temporary ones, dropped and renamed ones."""
    made: set[TableName] = set()
    for statement in statements:
        if _is_temporary(statement):
            yield from _fills(statement)
        if isinstance(statement, exp.Drop):
            yield from made & {table_name(table) for table in statement.args["tables"]}
        if isinstance(statement, exp.Alter) and any(_fills(statement)):
            yield table_name(statement.this)
        made |= set(_fills(statement))


def _is_temporary(statement: exp.Expr) -> bool:
    if isinstance(statement, exp.Cache):
        return True
    if isinstance(statement, exp.Create):
        properties = statement.args.get("properties") or exp.Properties()
        is_marked = any(isinstance(one, exp.TemporaryProperty) for one in properties.expressions)
        return is_marked or any(name[-1].startswith("#") for name in _fills(statement))
    into = statement.args.get("into")
    return into is not None and bool(into.args.get("temporary"))


def _only_query(
    statements: Sequence[exp.Expr], passing: set[TableName], target: TableName
) -> exp.Query:
    """Find the one query that a text asks, where it leaves no table behind."""
    filled = [name for one in statements for name in _fills(one) if name not in passing]
    queries = [one for one in statements if isinstance(one, exp.Query) and not one.args.get("into")]
    if filled or len(queries) != 1:
        message = f"0 of its {len(statements)} statements fill {'.'.join(target)}"
        raise NotRead(message)
    return queries[0]
