"""Read SQL: which columns give each output its value, and which only influence it.

The text is parsed by sqlglot. What a query takes from common table expressions, derived tables
and unions is put in their place, until every output is an expression over columns of tables
alone. A column's place in that expression tells whether it gives its value or chooses,
partitions and orders; what joins, filters, groups and sorts decides the rows.

Nothing is guessed: what cannot be told is a `NotRead` with its reason.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice, product
from typing import NamedTuple

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope
from sqlglot.schema import MappingSchema

from lineage.evidence.sql_roles import deciding, influence_of
from lineage.evidence.sql_statement import NotRead, find_query, fold_names
from lineage.model.edges import Influence

__all__ = ["Output", "SqlReading", "TableColumn", "TableName", "read_sql"]

TableName = tuple[str, ...]
"""The parts of a table's name, as far as the SQL names them, in small letters."""

_LONGEST = 50_000  # characters; reading takes time, and is given no more than some seconds
_NODES = 20_000  # of expressions put in each other's place: nested queries can multiply
_ALTERNATIVES = 32  # of one output: unions of unions can multiply too

_Key = tuple[str, str, int]
"""What a column is of, what it is called, and the query it stands in."""


class TableColumn(NamedTuple):
    """A column of a table, as the SQL names both, in small letters; nested ones with dots."""

    table: TableName
    column: str


class Output(NamedTuple):
    """One way in which one output comes about: every branch of a union is one.

    Attributes
    ----------
    name : str
        What the output is called, or its place (from 0) where only that counts.
    values : tuple of TableColumn
        The columns whose values it is made of; sorted.
    function : str or None
        What is done to them, in the dialect's own words; None where nothing is.
    influences : tuple of (Influence, TableColumn)
        The columns that choose, partition or order inside its expression; sorted.
    """

    name: str | int
    values: tuple[TableColumn, ...]
    function: str | None
    influences: tuple[tuple[Influence, TableColumn], ...]


class SqlReading(NamedTuple):
    """What one statement says.

    Attributes
    ----------
    outputs : tuple of Output
        In the order of the query.
    rows : tuple of (Influence, TableColumn)
        The columns that decide which rows there are, and in what order; sorted.
    is_alone : bool
        Whether there is no other statement in the text.
    """

    outputs: tuple[Output, ...]
    rows: tuple[tuple[Influence, TableColumn], ...]
    is_alone: bool = True


def read_sql(
    text: str,
    *,
    target: str,
    dialect: str = "",
    columns_of: Callable[[TableName], tuple[str, ...]] = lambda _: (),
) -> SqlReading:
    """Read how a statement fills a table.

    Parameters
    ----------
    text : str
        One statement, or several of which one fills the target; a bare query fills it too.
    target : str
        The last part of the target's name.
    dialect : str
        As sqlglot calls it; its generic one unless told otherwise.
    columns_of : callable
        Gives the columns of a table by its name, empty where they are not known.

    Returns
    -------
    SqlReading

    Raises
    ------
    NotRead
        It cannot be told for certain, with the reason.

    Examples
    --------
    >>> sql = "insert into u (id, mail) select id, md5(email) from t where age > 17"
    >>> reading = read_sql(sql, target="u")
    >>> [(output.name, output.values, output.function) for output in reading.outputs]
    [('id', (TableColumn(table=('t',), column='id'),), None),
     ('mail', (TableColumn(table=('t',), column='email'),), 'MD5(email)')]
    >>> reading.rows
    ((<Influence.FILTER: 'filter'>, TableColumn(table=('t',), column='age')),)
    """
    if len(text) > _LONGEST:
        message = f"it is longer than {_LONGEST:,} characters"
        raise NotRead(message)
    try:
        query, names, is_alone = find_query(text, target.casefold(), dialect)
        return _Reading(query, dialect, columns_of).read(names)._replace(is_alone=is_alone)
    except RecursionError:
        message = "it is nested too deeply"
        raise NotRead(message) from None
    except SqlglotError as error:
        message = f"it could not be parsed: {str(error).splitlines()[0]}"
        raise NotRead(message) from None


class _Reading:
    """One query, its tables given plain names and its columns their tables."""

    def __init__(
        self, query: exp.Query, dialect: str, columns_of: Callable[[TableName], tuple[str, ...]]
    ) -> None:
        self.dialect = dialect
        self.tables: dict[str, TableName] = {}
        self.outputs_of: dict[int, dict[str, list[exp.Expr]] | None] = {}
        self.left = _NODES
        fold_names(query)
        self._name_tables(query)
        self.columns = {
            plain: dict.fromkeys((name.casefold() for name in known), "text")
            for plain, table in self.tables.items()
            if (known := columns_of(table))
        }
        qualified = qualify(
            query,
            schema=MappingSchema(dict(self.columns), normalize=False),
            dialect=self.dialect,
            validate_qualify_columns=False,
        )
        scope = build_scope(qualified)
        if scope is None:
            message = "it is no query"
            raise NotRead(message)
        self.root = scope

    def read(self, names: tuple[str, ...] | None) -> SqlReading:
        """Tell the outputs, called as they are named, and what decides the rows."""
        found = self._outputs(self.root)
        if names and len(names) != len(found):
            message = f"it names {len(names)} columns and fills {len(found)}"
            raise NotRead(message)
        called: tuple[str | int, ...] = tuple(found)
        if names is not None:
            called = names or tuple(range(len(found)))
        outputs = [
            self._output(name, expression)
            for name, ways in zip(called, found.values(), strict=True)
            for expression in ways
        ]
        return SqlReading(tuple(dict.fromkeys(outputs)), tuple(sorted(set(self._rows()))))

    def _name_tables(self, query: exp.Query) -> None:
        """Give every table a plain name, and keep what it was called as its alias."""
        numbers: dict[TableName, str] = {}
        for scope in _scopes(build_scope(query)):
            for alias, table in scope.sources.items():
                if not isinstance(table, exp.Table) or table.name in self.tables:
                    continue  # a query, or a table that another query named before
                if isinstance(table.this, exp.Identifier):
                    _unqualify(scope, alias, table)
                    name = tuple(part.name for part in table.parts)
                    plain = numbers.setdefault(name, f"table {len(numbers)}")
                    self.tables[plain] = name
                    table.set("alias", exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))
                    table.set("this", exp.to_identifier(plain, quoted=True))
                    table.set("db", None)
                    table.set("catalog", None)

    def _outputs(self, scope: Scope) -> dict[str, list[exp.Expr]]:
        """Tell each output of a query as expressions over columns of tables alone."""
        key = id(scope)
        if key in self.outputs_of:
            known = self.outputs_of[key]
            if known is None:
                message = "a query is made of itself"
                raise NotRead(message)
            return known
        self.outputs_of[key] = None  # while it is being told
        found = self._union(scope) if scope.set_operation_scopes else self._select(scope)
        self.outputs_of[key] = found
        return found

    def _union(self, scope: Scope) -> dict[str, list[exp.Expr]]:
        """Put the branches of a union beside each other, place by place."""
        if scope.expression.args.get("by_name"):
            message = "it is a union by name"
            raise NotRead(message)
        branches = [self._outputs(branch) for branch in scope.set_operation_scopes]
        if len({len(branch) for branch in branches}) != 1:
            message = "the branches of a union have different numbers of columns"
            raise NotRead(message)
        columns = zip(*(branch.values() for branch in branches), strict=True)
        return {
            name: _bounded([way for ways in column for way in ways])
            for name, column in zip(branches[0], columns, strict=True)
        }

    def _select(self, scope: Scope) -> dict[str, list[exp.Expr]]:
        found: dict[str, list[exp.Expr]] = {}
        for item in scope.expression.expressions:
            if isinstance(item, exp.Star) or item.is_star:
                message = "it selects * from a table whose columns are not known"
                raise NotRead(message)
            if item.alias_or_name in found:
                message = f"two of its outputs are called {item.alias_or_name}"
                raise NotRead(message)
            found[item.alias_or_name] = self._inlined(item.unalias(), scope)
        return found

    def _inlined(self, expression: exp.Expr, scope: Scope) -> list[exp.Expr]:
        """Put what columns of other queries are made of in their place, in every way there is."""
        ways: dict[_Key, list[exp.Expr]] = {}
        keys = []
        for column in expression.find_all(exp.Column):
            place = self._scope_of(column, scope)
            keys.append((column.table, column.name, id(place)))
            if keys[-1] not in ways:
                ways[keys[-1]] = self._resolved(column, place)
        found = []
        for choice in islice(product(*ways.values()), _ALTERNATIVES + 1):
            chosen = dict(zip(ways, choice, strict=True))
            found.append(_replaced(expression, [chosen[key] for key in keys]))
            self.left -= sum(1 for _ in found[-1].walk())
            if self.left < 0:
                break
        return _bounded(found, nodes_left=self.left)

    def _scope_of(self, column: exp.Column, scope: Scope) -> Scope:
        """Find the query that a column stands in: the one given, or one nested in it."""
        select = column.parent_select
        return next((place for place in _scopes(scope) if place.expression is select), scope)

    def _resolved(self, column: exp.Column, scope: Scope) -> list[exp.Expr]:
        """Tell what a column is made of: itself, where it is one of a table."""
        told = self.outputs_of.get(id(scope)) or {}
        if not column.table and column.name in told:
            return told[column.name]  # as in ORDER BY an output's name
        name = column.table or self._only_source(column, scope)
        place: Scope | None = scope
        while place is not None and name not in place.sources:
            place = place.parent
        if place is None:
            message = f"it is not known which table {column.name} is of"
            raise NotRead(message)
        source = place.sources[name]
        if isinstance(source, exp.Table):
            if source.name not in self.tables:
                message = f"{name} is no table"
                raise NotRead(message)
            return [exp.column(column.name, table=source.name, quoted=True)]
        if not isinstance(source.expression, exp.Query):
            return self._inlined(exp.Array(expressions=_columns(source.expression)), place)
        outputs = self._outputs(source)
        if column.name not in outputs:
            message = f"{name} has no column {column.name}"
            raise NotRead(message)
        return outputs[column.name]

    def _only_source(self, column: exp.Column, scope: Scope) -> str:
        """Name the one table a bare column can be of, if its columns alone are not known."""
        sources = {name: source for name, (_, source) in scope.selected_sources.items()}
        unknown = [
            name
            for name, source in sources.items()
            if isinstance(source, exp.Table) and source.name not in self.columns
        ]
        others = [source for name, source in sources.items() if name not in unknown]
        may_be_others = any(self._may_hold(source, column.name) for source in others)
        if len(unknown) != 1 or scope.is_subquery or may_be_others:
            return ""
        return unknown[0]

    def _may_hold(self, source: exp.Expr | Scope, column: str) -> bool:
        """Whether a source may have a column, for all that is known of it."""
        if isinstance(source, exp.Table):
            return column in self.columns[source.name]
        if isinstance(source, Scope) and isinstance(source.expression, exp.Query):
            return column in self._outputs(source)
        return True

    def _output(self, name: str | int, expression: exp.Expr) -> Output:
        expression = expression.unnest()
        values, influences = set(), set()
        for column in expression.find_all(exp.Column):
            influence = influence_of(column)
            if influence is None:
                values.add(self._table_column(column))
            else:
                influences.add((influence, self._table_column(column)))
        shown = None if _is_column(expression) else self._shown(expression)
        return Output(name, tuple(sorted(values)), shown, tuple(sorted(influences)))

    def _shown(self, expression: exp.Expr) -> str:
        """Write an expression as a person would, with bare names of columns."""
        copy = expression.copy()
        for column in copy.find_all(exp.Column):
            column.set("table", None)
        for table in copy.find_all(exp.Table):
            table.set("this", exp.to_identifier(self.tables.get(table.name, (table.name,))[-1]))
        for identifier in copy.find_all(exp.Identifier):
            identifier.set("quoted", not identifier.name.isidentifier())
        return copy.sql(dialect=self.dialect, comments=False)

    def _rows(self) -> Iterator[tuple[Influence, TableColumn]]:
        """Tell what decides the rows of the query and of every query in it."""
        for scope in _scopes(self.root):
            for influence, expression in deciding(scope.expression):
                for way in self._inlined(expression, scope):
                    for column in way.find_all(exp.Column):
                        yield influence, self._table_column(column)

    def _table_column(self, column: exp.Column) -> TableColumn:
        path, node = [column.name], column.parent
        while isinstance(node, exp.Dot) and isinstance(node.expression, exp.Identifier):
            path.append(node.expression.name)
            node = node.parent
        return TableColumn(self.tables[column.table], ".".join(path))


def _bounded(ways: list[exp.Expr], *, nodes_left: int = 0) -> list[exp.Expr]:
    """Give the ways back where they are few enough to be read."""
    if len(ways) > _ALTERNATIVES or nodes_left < 0:
        message = "its queries multiply beyond what is read"
        raise NotRead(message)
    return ways


def _scopes(root: Scope | None) -> Iterator[Scope]:
    """Go through a query and every query in it, once."""
    waiting, seen = [root] if root is not None else [], set()
    while waiting:
        scope = waiting.pop()
        if id(scope) in seen:
            continue
        seen.add(id(scope))
        yield scope
        waiting.extend(source for source in scope.sources.values() if isinstance(source, Scope))
        waiting.extend([*scope.subquery_scopes, *scope.set_operation_scopes])


def _replaced(expression: exp.Expr, ways: Iterable[exp.Expr]) -> exp.Expr:
    """Copy an expression with its columns, in their order, replaced by what they are made of."""
    whole = exp.Tuple(expressions=[expression.copy()])  # so that a bare column has a parent
    for column, way in zip(list(whole.find_all(exp.Column)), ways, strict=True):
        bare = isinstance(way, exp.Column | exp.Func | exp.Literal) or column.parent is whole
        column.replace(way.copy() if bare else exp.paren(way, copy=True))
    found: exp.Expr = whole.expressions[0]
    return found.pop()


def _unqualify(scope: Scope, alias: str, table: exp.Table) -> None:
    """Take a table's database and catalog from its columns: what else has dots is nested."""
    above = [part.name for part in table.parts[:-1]]
    for column in scope.columns:
        named = [part.name for part in column.parts[:-2]]
        if named and column.table == alias and named == above[len(above) - len(named) :]:
            column.set("db", None)
            column.set("catalog", None)


def _is_column(expression: exp.Expr) -> bool:
    """Whether an expression is a column, or a field nested in one."""
    while isinstance(expression, exp.Dot) and isinstance(expression.expression, exp.Identifier):
        expression = expression.this
    return isinstance(expression, exp.Column)


def _columns(expression: exp.Expr) -> list[exp.Expr]:
    return [column.copy() for column in expression.find_all(exp.Column)]
