"""Stars: the columns that `*`, `t.*` and `COLUMNS(…)` mean in a SELECT list."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from sqlglot import exp

from lineage.evidence.sql_flow import Flows
from lineage.evidence.sql_grammar import refused, require
from lineage.evidence.sql_result import NotRead
from lineage.evidence.sql_scope import Relation, Scope, Source

__all__ = ["is_star", "starred"]

_Columns = list[tuple[str | None, Flows]]

_JOINED_IN_PLACE = {"duckdb", "sqlite"}
"""Dialects in which `*` has what USING joins where the left table has it: both were tried."""

_JOINED_FIRST = {"databricks", "mysql", "postgres", "presto", "redshift", "spark", "trino"}
"""Dialects in which it comes first, by their documentation; of the others it is not sure."""

_SIMPLE = re.compile(r"(?:[\w|^$()]|\.(?!\*))*(?:\.\*)?(?:[\w|^$()]|\.(?!\*))*")
"""Patterns that are tried in little time: with one `.*`, and nothing else repeated."""


def is_star(item: exp.Expr) -> bool:
    """Whether an item of a SELECT list means several columns."""
    return isinstance(item, exp.Star | exp.Columns) or (
        isinstance(item, exp.Column) and isinstance(item.this, exp.Star)
    )


def starred(item: exp.Expr, scope: Scope, read: Callable[[exp.Expr], Flows]) -> Relation:
    """Return the columns that a star means; those that are not listed, too.

    Parameters
    ----------
    item : exp.Expr
        A star, as `is_star` finds them.
    scope : Scope
        The query it is in.
    read : callable
        Reads the expressions that REPLACE puts in the place of columns.

    Returns
    -------
    Relation
        Columns alone: their rows and tables are those of the sources.
    """
    if isinstance(item, exp.Columns):
        return Relation(tuple(_chosen(item, scope)))
    qualifier = scope.parts(item)[:-1] if isinstance(item, exp.Column) else []
    star = item.this if isinstance(item, exp.Column) else item
    require(star)
    sources = scope.starred(qualifier)
    if qualifier:
        columns, is_ordered = [*sources[0].relation.columns], sources[0].relation.is_ordered
    else:
        columns, is_ordered = _joined_once(sources, scope)
    left_out = {column.name.casefold() for column in star.args.get("except_") or ()}
    columns = [(name, flows) for name, flows in columns if name not in left_out]
    for one in star.args.get("replace") or ():
        columns = _replaced(columns, one.alias.casefold(), read(one.unalias()))
    renamed = {
        one.this.name.casefold(): one.alias.casefold() for one in star.args.get("rename") or ()
    }
    columns = [(renamed.get(name or "", name), flows) for name, flows in columns]
    rest = _rest(sources, left_out | renamed.keys())
    return Relation(tuple(columns), rest=rest, is_ordered=is_ordered)


def _joined_once(sources: Sequence[Source], scope: Scope) -> tuple[_Columns, bool]:
    """List the columns of all sources, those that are joined by USING once."""
    every = [column for source in sources for column in source.relation.columns]
    is_ordered = all(source.relation.is_ordered for source in sources)
    if not scope.joined:
        return every, is_ordered
    in_place: _Columns = []
    for name, flows in every:
        if name not in scope.joined:
            in_place.append((name, flows))
        elif all(name != other for other, _ in in_place):
            in_place.append((name, scope.joined[name]))
    first: _Columns = list(scope.joined.items())
    first += [(name, flows) for name, flows in every if name not in scope.joined]
    dialect = scope.reader.dialect
    is_same = [name for name, _ in in_place] == [name for name, _ in first]
    is_sure = is_same or dialect in _JOINED_IN_PLACE | _JOINED_FIRST
    return in_place if dialect in _JOINED_IN_PLACE else first, is_ordered and is_sure


def _replaced(columns: _Columns, name: str, flows: Flows) -> _Columns:
    """Put something else in the place of a column."""
    if any(name == other for other, _ in columns):
        return [(other, flows if other == name else kept) for other, kept in columns]
    return [*columns, (name, flows)]  # of a table whose columns are not known, nor their places


def _rest(sources: Iterable[Source], gone: Iterable[str]) -> Callable[[str], Flows] | None:
    """Return what gives the columns that are not listed."""
    unlisted = [source.relation.rest for source in sources if source.relation.rest is not None]
    hidden = frozenset(gone)
    if not unlisted:
        return None

    def column(name: str) -> Flows:
        if name in hidden:
            message = f"it has no column {name}"
            raise NotRead(message)
        if len(unlisted) > 1:
            message = f"it is not known which table {name} is of"
            raise NotRead(message)
        return unlisted[0](name)

    return column


def _chosen(item: exp.Columns, scope: Scope) -> Iterator[tuple[str | None, Flows]]:
    """Choose columns by a pattern or a list."""
    listed = [one for source in scope.starred() for one in source.relation.listed]
    if item.args.get("unpack") or scope.joined:
        raise refused(item)
    if isinstance(item.this, exp.Array):
        names = [one.name.casefold() for one in item.this.expressions]
        return ((name, flows) for name, flows in listed if name in names)
    pattern = "" if item.this == exp.Star() else item.this.name
    if not isinstance(item.this, exp.Star | exp.Literal) or not _SIMPLE.fullmatch(pattern):
        raise refused(item)
    chosen = re.compile(pattern, re.IGNORECASE)
    return ((name, flows) for name, flows in listed if name and chosen.search(name))
