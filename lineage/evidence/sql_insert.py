"""INSERT: the rows that are added, and what becomes of those that are there already."""

from collections.abc import Mapping

from sqlglot import exp

from lineage.evidence.sql_changes import Change
from lineage.evidence.sql_flow import NOTHING, Flows, reach
from lineage.evidence.sql_grammar import refused, require
from lineage.evidence.sql_query import Reader
from lineage.evidence.sql_result import NotRead
from lineage.evidence.sql_scope import Relation, Source
from lineage.evidence.sql_sources import renamed
from lineage.evidence.sql_tables import Position
from lineage.model.edges import Influence

__all__ = ["insert"]


def insert(statement: exp.Insert, reader: Reader) -> None:
    """Read INSERT, and what it does where a row is there already."""
    change = Change(statement, reader)
    if statement.args.get("default"):
        return
    query = statement.expression or statement.args.get("source")
    if query is None:
        raise refused(statement)
    relation = reader.read(query, None, change.queries)
    columns = _filled(statement, change, relation)
    conflict = statement.args.get("conflict")
    how = str(statement.args.get("alternative") or "").casefold()
    if conflict is not None or statement.args.get("ignore") or how in ("ignore", "replace"):
        _meet(statement, change, columns, query)
    elif how:
        message = f"INSERT OR {how.upper()} is not followed"
        raise NotRead(message)
    if statement.args.get("where") is not None:  # REPLACE WHERE: rows that hold it are taken away
        _look_at_table(statement, change)
        change.filter(statement.args["where"].unnest())
    change.contents.add_rows(columns, relation)
    change.contents.depend_on(change.decided)


def _filled(statement: exp.Insert, change: Change, relation: Relation) -> dict[Position, Flows]:
    """Pair the columns that are filled with what they get."""
    if statement.args.get("by_name"):
        return {name: flows for name, flows in relation.listed if name is not None}
    flows = [found for _, found in relation.listed]
    schema = statement.this
    if isinstance(schema, exp.Schema):
        names = tuple(item.name.casefold() for item in schema.expressions)
        if len(names) != len(flows):
            message = f"it names {len(names)} columns and fills {len(flows)}"
            raise NotRead(message)
        return dict(zip(names, flows, strict=True))
    partition = _table(statement).args.get("partition")
    if partition is not None:
        return _partitioned(change, partition, flows)
    return dict(zip(change.contents.positions(len(flows)), flows, strict=True))


def _partitioned(
    change: Change, partition: exp.Partition, flows: list[Flows]
) -> dict[Position, Flows]:
    """Fill a partition: its columns are given with it, or come last."""
    given = [
        item.this.name.casefold() for item in partition.expressions if isinstance(item, exp.EQ)
    ]
    last = [item.name.casefold() for item in partition.expressions if isinstance(item, exp.Column)]
    if len(given) + len(last) != len(partition.expressions) or len(last) > len(flows):
        raise refused(partition)
    width = len(flows) - len(last)
    names = change.contents.names
    first: tuple[Position, ...] = tuple(range(width))
    if names is not None:
        first = tuple(name for name in names if name not in {*given, *last})
    if len(first) < width:
        message = f"it fills {width} columns of {len(first)}"
        raise NotRead(message)
    return dict(zip((*first[:width], *last), flows, strict=True))


def _table(statement: exp.Insert) -> exp.Table:
    table: exp.Table = (
        statement.this.this if isinstance(statement.this, exp.Schema) else statement.this
    )
    return table


def _look_at_table(statement: exp.Insert, change: Change) -> None:
    """Let what follows name the columns of the table as it is."""
    table = _table(statement)
    change.sources.add(exp.Table(**{**table.args, "partition": None}))
    change.look_at_itself(table.alias_or_name.casefold())


def _meet(
    statement: exp.Insert, change: Change, columns: Mapping[Position, Flows], query: exp.Expr
) -> None:
    """Read what is done where a row of the same key is there: the keys decide the rows.

    Where no key is named, any column that is filled may be one.
    """
    _look_at_table(statement, change)
    (itself,) = change.scope.sources
    _add_inserted(change, columns, query)
    conflict = statement.args.get("conflict") or exp.OnConflict()
    require(conflict)
    keys = [_key(item) for item in conflict.args.get("conflict_keys") or ()]
    keys = keys or list(change.contents.keys)
    for position, flows in columns.items():
        if not keys or position in keys or isinstance(position, int):
            change.rows |= reach(flows, Influence.FILTER)
    for key in keys:
        change.rows |= reach(itself.may_get(key) or (), Influence.FILTER)
    predicate, where = conflict.args.get("index_predicate"), conflict.args.get("where")
    change.filter(None if predicate is None else predicate.this)
    change.filter(None if where is None else where.this)
    change.assign(conflict.expressions)


def _add_inserted(change: Change, columns: Mapping[Position, Flows], query: exp.Expr) -> None:
    """Let what would have been inserted be named, where a dialect does so."""
    named = tuple((name, flows) for name, flows in columns.items() if isinstance(name, str))
    is_named = len(named) == len(columns)
    inserted = Relation(columns=named, rest=_default if is_named else None)
    alias = query.args.get("alias")
    if alias is not None:
        names = [item.name.casefold() for item in alias.args.get("columns") or ()]
        called = renamed(inserted._replace(rest=None), names)
        change.scope.sources.append(Source(alias.name.casefold(), called, is_bare=False))
    change.scope.sources.append(Source("excluded", inserted, is_bare=False))


def _default(_: str) -> Flows:
    """Return what a column holds that is not inserted into."""
    return (NOTHING,)


def _key(item: exp.Expr) -> str:
    column = item.this if isinstance(item, exp.Ordered) else item
    if not isinstance(column, exp.Column | exp.Identifier):
        raise refused(column)
    return column.name.casefold()
