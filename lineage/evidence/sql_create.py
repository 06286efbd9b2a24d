"""CREATE, and what else makes, renames and removes tables."""

from collections.abc import Iterator

from sqlglot import exp

from lineage.evidence.sql_grammar import (
    HARMLESS_CONSTRAINTS,
    HARMLESS_KINDS,
    HARMLESS_PROPERTIES,
    OF_SOME_ROWS,
    refused,
    require,
)
from lineage.evidence.sql_query import Reader
from lineage.evidence.sql_result import NotRead, TableName
from lineage.evidence.sql_scope import Relation
from lineage.evidence.sql_sources import renamed, table_name
from lineage.evidence.sql_tables import Contents

__all__ = [
    "alter",
    "cache_table",
    "create",
    "created_table",
    "drop",
    "fill_new",
    "renamed_table",
    "select_into",
    "truncate",
]

_MATCHING_NAMES = {"doris", "mysql", "starrocks"}
"""Dialects in which CREATE TABLE … SELECT matches columns that it lists by their names."""


def created_table(statement: exp.Create) -> TableName:
    """Name the table or view that is created."""
    named = statement.this
    return table_name(named.this if isinstance(named, exp.Schema) else named)


def create(statement: exp.Create, reader: Reader) -> None:
    """Read CREATE TABLE and CREATE VIEW, with or without a query."""
    require(statement)
    kind = str(statement.args["kind"]).upper()
    if kind in HARMLESS_KINDS:
        return
    if kind not in ("TABLE", "VIEW"):
        message = f"CREATE {kind} is not followed"
        raise NotRead(message)
    name = created_table(statement)
    names, keys = _columns(statement, reader)
    if _is_there(statement, name, reader):
        return
    queries = reader.named(statement, None, {})
    query = statement.expression
    if statement.args.get("clone") is not None:
        require(statement.args["clone"])
        query = statement.args["clone"].this
    if query is not None and kind == "TABLE":
        is_by_name = reader.dialect in _MATCHING_NAMES
        relation = reader.read(query, None, queries)
        fill_new(reader.tables.new(name), relation if is_by_name else renamed(relation, names))
    elif query is not None:
        view = reader.tables.new(name)
        view.view = lambda: renamed(reader.read(query, None, queries), names)
    else:
        reader.tables.new(name).names = names or None
    contents = reader.tables.contents[name]
    contents.keys = keys
    contents.is_held = bool(statement.args.get("exists"))  # it may have been there already


def _is_there(statement: exp.Create, name: TableName, reader: Reader) -> bool:
    """Whether the text has made or filled a table already, so that creating it does nothing.

    Without IF NOT EXISTS it fails then, and a temporary one hides what is there.
    """
    if reader.tables.find(name) is None or statement.args.get("replace"):
        return False
    if statement.find(exp.TemporaryProperty) or not statement.args.get("exists"):
        message = f"it creates {name[-1]}, which it has made or filled before"
        raise NotRead(message)
    return True


def fill_new(contents: Contents, relation: Relation) -> None:
    """Fill a new table with what a query yields, under the names it yields."""
    is_named = all(name is not None for name, _ in relation.columns)
    listed = relation._replace(is_ordered=relation.is_ordered or is_named).listed
    columns = {
        position if name is None else name: flows for position, (name, flows) in enumerate(listed)
    }
    if len(columns) < len(relation.columns):
        names = [name for name, _ in relation.columns]
        message = f"two of its outputs are called {max(names, key=names.count)}"
        raise NotRead(message)
    contents.names, contents.is_ordered = tuple(columns), relation.is_ordered
    contents.add_rows(columns, relation)


def _columns(statement: exp.Create, reader: Reader) -> tuple[tuple[str, ...], frozenset[str]]:
    """Name the columns that a statement lists, and those that its keys are made of."""
    properties = statement.args.get("properties")
    items = [] if properties is None else list(properties.expressions)
    refusing = (one for one in items if type(one) not in HARMLESS_PROPERTIES | {exp.LikeProperty})
    for item in refusing:
        raise refused(item)
    if isinstance(statement.this, exp.Schema):
        items += statement.this.expressions
    names: list[str] = []
    keys: set[str] = set()
    for item in items:
        if isinstance(item, exp.LikeProperty):
            like = reader.tables.read(table_name(item.this))
            names += [name for name, _ in like.listed if name is not None]
        elif isinstance(item, exp.ColumnDef | exp.Identifier):
            names.append(item.name.casefold())
            _refuse_computed(item)
        elif type(item) not in HARMLESS_CONSTRAINTS | HARMLESS_PROPERTIES:
            raise refused(item)
        keys |= set(_keys(item))
    return tuple(names), frozenset(keys)


def _keys(item: exp.Expr) -> Iterator[str]:
    """Name the columns that a column or a constraint makes a key of."""
    if isinstance(item, exp.ColumnDef):
        if item.find(exp.PrimaryKeyColumnConstraint, exp.UniqueColumnConstraint):
            yield item.name.casefold()
        return
    for key in item.find_all(exp.PrimaryKey, exp.UniqueColumnConstraint):
        yield from (one.name.casefold() for one in key.find_all(exp.Identifier))


def _refuse_computed(column: exp.Expr) -> None:
    """Refuse a column that is computed of others; a default may not look at any."""
    if isinstance(column, exp.Identifier):
        return
    require(column)
    for constraint in column.args.get("constraints") or ():
        kind = (
            constraint.args.get("kind") if type(constraint) is exp.ColumnConstraint else constraint
        )
        is_query = isinstance(kind, exp.DefaultColumnConstraint) and kind.find(exp.Query)
        if type(kind) not in HARMLESS_CONSTRAINTS or is_query:
            raise refused(kind or constraint)


def select_into(statement: exp.Select, into: exp.Into, reader: Reader) -> None:
    """Read SELECT … INTO, which makes a table."""
    require(into)
    relation = reader.read(statement, None, {})
    fill_new(reader.tables.new(table_name(into.this)), relation)


def cache_table(statement: exp.Cache, reader: Reader) -> None:
    """Read Spark's CACHE TABLE … AS, which makes a view for the session."""
    require(statement)
    if statement.expression is None:
        return
    view = reader.tables.new(table_name(statement.this))
    view.view = lambda: reader.read(statement.expression, None, {})


def truncate(statement: exp.TruncateTable, reader: Reader) -> None:
    """Read TRUNCATE."""
    require(statement)
    for table in statement.expressions:
        require(table)
        if any(table.args.get(key) for key in OF_SOME_ROWS):
            message = f"TRUNCATE of a part of {table.name} is not followed"
            raise NotRead(message)
        reader.tables.filling(table_name(table)).empty()


def drop(statement: exp.Drop, reader: Reader) -> None:
    """Read DROP."""
    kind = str(statement.args.get("kind") or "").upper()
    if kind in HARMLESS_KINDS - {"DATABASE", "SCHEMA"}:
        return
    if kind not in ("TABLE", "VIEW"):
        message = f"DROP {kind} is not followed"
        raise NotRead(message)
    for table in statement.args["tables"]:
        found = reader.tables.find(table_name(table))
        if kind == "VIEW" and found is not None and found.view is None:
            message = f"it drops {found.name[-1]} as a view, which is none"
            raise NotRead(message)
        reader.tables.drop(table_name(table))


def alter(statement: exp.Alter, reader: Reader) -> None:
    """Read ALTER TABLE, as far as what the table holds stays the same."""
    require(statement)
    if str(statement.args["kind"]).upper() not in ("TABLE", "VIEW"):
        raise refused(statement)
    name = table_name(statement.this)
    for action in statement.args.get("actions") or ():
        if isinstance(action, exp.AlterRename):
            reader.tables.rename(name, renamed_table(name, action.this))
        elif isinstance(action, exp.ColumnDef):
            _refuse_computed(action)
            contents = reader.tables.filling(name)
            contents.names = contents.names and (*contents.names, action.name.casefold())
        elif isinstance(action, exp.RenameColumn):
            old, new = action.this.name.casefold(), action.args["to"].name.casefold()
            reader.tables.filling(name).rename_column(old, new)
        elif not isinstance(action, exp.AddConstraint):
            raise refused(action)


def renamed_table(name: TableName, new: exp.Table) -> TableName:
    """Return a table's new name; one without a schema stays in that of the old."""
    parts = table_name(new)
    return (*name[: len(name) - 1], *parts) if len(parts) == 1 else parts
