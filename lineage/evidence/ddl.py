"""Read DDL: what the statements of a migration, or of a schema in git, do to tables.

The text is parsed by sqlglot, a statement at a time. What is understood is listed here; whatever
else there is becomes a `NotUnderstood`, with its line.
"""

import logging
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from sqlglot import Dialect, Token, TokenType, exp, parse_one
from sqlglot.errors import SqlglotError

from lineage.errors import LineageError
from lineage.model.proposed_change import Action, Written
from lineage.model.reference import Kind
from lineage.model.table_statement import (
    DefinedColumn,
    Definition,
    NotUnderstood,
    StatementChange,
)

__all__ = ["Reading", "read_ddl"]

Reading = StatementChange | Definition | NotUnderstood

_WITHOUT_EFFECT = (
    exp.Comment,
    exp.Transaction,
    exp.Commit,
    exp.Rollback,
    exp.Grant,
    exp.Revoke,
    exp.Select,
    exp.Describe,
)
"""Statements that leave every column as it is."""
_NEW = frozenset({"INDEX", "SCHEMA", "DATABASE"})
"""What nothing depends on when it is made; an index only speeds things up."""
_DROPPED = {
    "TABLE": Kind.TABLE,
    "VIEW": Kind.TABLE,
    "SCHEMA": Kind.DATABASE_SCHEMA,
    "DATABASE": Kind.DATABASE,
}
_TRIED = ("", "postgres", "mysql", "snowflake", "spark", "tsql", "oracle", "bigquery")
"""The dialects in which a statement is tried."""
_SET_SCHEMA = re.compile(
    r"(?:TABLE|VIEW)\s+(?:IF\s+EXISTS\s+)?(\S+)\s+SET\s+SCHEMA\s+(\S+)", re.IGNORECASE
)
_TABLE = re.compile(
    r"(?:TABLE|VIEW)\s+(?:IF\s+EXISTS\s+)?((?:[\w$]+|\"[^\"]+\"|`[^`]+`|\.)+)", re.IGNORECASE
)
_QUOTES = '"`[]'
_SHOWN = 60

logging.getLogger("sqlglot").addHandler(logging.NullHandler())
"""What sqlglot would warn of is `NotUnderstood`."""


def read_ddl(text: str, *, file: str = "", dialect: str = "") -> tuple[Reading, ...]:
    r"""Read what statements do to tables.

    Parameters
    ----------
    text : str
    file : str
        The file; everything found has its line there.
    dialect : str
        The dialect, as sqlglot names it.

    Returns
    -------
    tuple
        In the order of the text.

    Raises
    ------
    LineageError
        There is no such dialect.

    Examples
    --------
    >>> found = read_ddl("ALTER TABLE people DROP COLUMN age;\nVACUUM people", file="m.sql")
    >>> [str(item.written) for item in found]
    ['m.sql, line 1, column 32', 'm.sql, line 2, column 1']
    >>> found[0].action, found[0].table, found[0].column
    (<Action.DROP: 'drop'>, ('people',), ('age',))
    """
    try:
        tokenize = Dialect.get_or_raise(dialect or None).tokenize
    except ValueError as error:
        raise LineageError(str(error).splitlines()[0]) from None
    try:
        tokens = tokenize(text)
    except SqlglotError:
        return (NotUnderstood(reason="it is no SQL", written=Written(file=file)),)
    pieces = _pieces(tokens)
    return tuple(item for piece in pieces for item in _Statement(text, piece, file, dialect).read())


def _pieces(tokens: list[Token]) -> Iterator[list[Token]]:
    """Take a text apart at its semicolons."""
    piece: list[Token] = []
    for token in tokens:
        if token.token_type == TokenType.SEMICOLON:
            yield from [piece] if piece else []
            piece = []
        else:
            piece.append(token)
    yield from [piece] if piece else []


class _Statement(NamedTuple):
    text: str
    tokens: list[Token]
    file: str
    dialect: str

    def read(self) -> Iterator[Reading]:
        """Find what it does."""
        tree = self._parsed()
        if tree is None:
            yield self._not_understood()
            return
        readers: tuple[tuple[type[exp.Expr], Callable[..., Iterator[Reading]]], ...] = (
            (exp.Alter, self._alter),
            (exp.Drop, self._drop),
            (exp.Create, self._create),
            (exp.Command, self._command),
        )
        for kind, read in readers:
            if isinstance(tree, kind):
                yield from read(tree)
                return
        if not isinstance(tree, _WITHOUT_EFFECT):
            table = tree.find(exp.Table)
            yield self._not_understood(() if table is None else _parts(table))

    def _parsed(self) -> exp.Expr | None:
        """Parse it; in any dialect that understands it, where none is named."""
        found: exp.Expr | None = None
        for dialect in (self.dialect,) if self.dialect else _TRIED:
            try:
                tree = parse_one(self._own_text, dialect=dialect or None)
            except (SqlglotError, RecursionError):
                continue
            if tree.find(exp.Command) is None:
                return tree
            found = found or tree
        return found

    # What is done to a table.

    def _alter(self, tree: exp.Alter) -> Iterator[Reading]:
        table = _parts(tree.this)
        for action in tree.args.get("actions") or ():
            if not isinstance(action, exp.AddConstraint):  # which takes nothing from anybody
                found = list(self._altered(table, action))
                yield from found or [self._not_understood(table)]

    def _altered(self, table: tuple[str, ...], action: exp.Expr) -> Iterator[Reading]:
        readers: tuple[tuple[type[exp.Expr], Callable[..., Iterator[Reading]]], ...] = (
            (exp.Drop, self._dropped_columns),
            (exp.RenameColumn, self._renamed_column),
            (exp.AlterRename, self._renamed),
            (exp.AlterColumn, self._altered_column),
            (exp.ModifyColumn, self._redefined),
            (exp.ColumnDef, self._added),
            (exp.Schema, self._added),
        )
        for kind, read in readers:
            if isinstance(action, kind):
                yield from read(table, action)

    def _dropped_columns(self, table: tuple[str, ...], action: exp.Drop) -> Iterator[Reading]:
        if action.args.get("kind") in {"COLUMN", "COLUMNS"}:
            for column in _columns(action.args["tables"]):
                yield self._change(Action.DROP, table, column)

    def _renamed_column(
        self, table: tuple[str, ...], action: exp.RenameColumn
    ) -> Iterator[Reading]:
        yield self._change(Action.RENAME, table, action.this, action.args["to"].name)

    def _renamed(self, table: tuple[str, ...], action: exp.AlterRename) -> Iterator[Reading]:
        new = _parts(action.this)
        moved = Action.MOVE if len(new) > 1 else Action.RENAME
        yield self._change(moved, table, None, ".".join(new), at=action.this)

    def _added(self, table: tuple[str, ...], action: exp.Expr) -> Iterator[Reading]:
        for column in action.find_all(exp.ColumnDef):
            yield self._change(Action.ADD, table, column.this, self._type(column))

    def _altered_column(self, table: tuple[str, ...], action: exp.AlterColumn) -> Iterator[Reading]:
        said = action.args
        renamed, data_type, default = said.get("rename_to"), said.get("dtype"), said.get("default")
        if renamed is not None and renamed.name != action.this.name:
            yield self._change(Action.RENAME, table, action.this, renamed.name)
        if data_type is not None:
            after = data_type.sql(dialect=self.dialect or None)
            yield self._change(Action.RETYPE, table, action.this, after)
        if said.get("allow_null") is not None:
            allowed = Action.NULLABLE if said["allow_null"] else Action.NOT_NULL
            yield self._change(allowed, table, action.this)
        if default is not None:
            yield self._change(Action.RECOMPUTE, table, action.this, f"default {default.sql()}")

    def _redefined(self, table: tuple[str, ...], action: exp.ModifyColumn) -> Iterator[Reading]:
        """Read `MODIFY` and `CHANGE`, which say anew all that a column is."""
        definition = action.this
        old = action.args.get("rename_from") or definition.this
        if old.name != definition.name:
            yield self._change(Action.RENAME, table, old, definition.name)
        yield self._change(Action.RETYPE, table, old, self._type(definition))
        is_required = definition.find(exp.NotNullColumnConstraint) is not None
        yield self._change(Action.NOT_NULL if is_required else Action.NULLABLE, table, old)

    def _drop(self, tree: exp.Drop) -> Iterator[Reading]:
        said = str(tree.args.get("kind"))
        kind = _DROPPED.get(said)
        if kind is None:
            if said != "INDEX":
                yield self._not_understood()
            return
        for table in tree.args["tables"]:
            change = self._change(Action.DROP, _parts(table), None, at=table)
            yield StatementChange(
                action=change.action, table=change.table, kind=kind, written=change.written
            )

    def _create(self, tree: exp.Create) -> Iterator[Reading]:
        said, made = tree.args.get("kind"), tree.this
        if said in _NEW:
            return
        if said not in {"TABLE", "VIEW"}:
            yield self._not_understood()
            return
        table = made.this if isinstance(made, exp.Schema) else made
        yield Definition(
            table=_parts(table),
            columns=self._defined(tree),
            query=tree.expression is not None,
            written=self._written(table),
        )

    def _defined(self, tree: exp.Create) -> tuple[DefinedColumn, ...] | None:
        """List the columns of a definition; None where it does not name them all."""
        made, query = tree.this, tree.expression
        if isinstance(made, exp.Schema):
            if made.find(exp.LikeProperty) is not None:
                return None
            columns = [item for item in made.expressions if isinstance(item, exp.ColumnDef)]
            names = [item for item in made.expressions if isinstance(item, exp.Identifier)]
            return tuple(
                DefinedColumn(item.name, self._type(item), self._written(item))
                for item in (columns or names)
            )
        if not isinstance(query, exp.Select) or query.is_star:
            return None
        named = query.expressions
        if not all(item.alias_or_name for item in named):
            return None
        return tuple(DefinedColumn(item.alias_or_name, None, self._written(item)) for item in named)

    def _command(self, tree: exp.Command) -> Iterator[Reading]:
        """Read the little that sqlglot hands over unread."""
        rest = str(tree.args.get("expression") or "")
        moved = _SET_SCHEMA.fullmatch(rest.strip())
        if str(tree.this).upper() == "ALTER" and moved:
            place = moved[2].strip(_QUOTES)
            yield self._change(Action.MOVE, _plain_parts(moved[1]), None, place)
            return
        named = _TABLE.match(rest.strip())
        yield self._not_understood(_plain_parts(named[1]) if named else ())

    # What is put together.

    def _change(  # what a statement says
        self,
        action: Action,
        table: tuple[str, ...],
        column: exp.Expr | None,
        after: str | None = None,
        *,
        at: exp.Expr | None = None,
    ) -> StatementChange:
        place = at if at is not None else column
        return StatementChange(
            action=action,
            table=table,
            column=() if column is None else _parts(column),
            after=after,
            written=self._written(place),
        )

    def _not_understood(self, table: tuple[str, ...] = ()) -> NotUnderstood:
        said = " ".join(self._own_text.split())
        shown = said if len(said) <= _SHOWN else f"{said[:_SHOWN]}…"
        return NotUnderstood(
            reason=f"not understood: {shown}", table=table, written=self._written(None)
        )

    def _type(self, column: exp.Expr) -> str | None:
        kind = column.args.get("kind")
        return kind.sql(dialect=self.dialect or None) if isinstance(kind, exp.Expr) else None

    @property
    def _own_text(self) -> str:
        return self.text[self.tokens[0].start : self.tokens[-1].end + 1]

    def _written(self, tree: exp.Expr | None) -> Written:
        """Find the place of the first name in a tree; of the statement where there is none."""
        begin = self.tokens[0].start
        names = [] if tree is None else list(tree.find_all(exp.Identifier))
        starts = [name.meta["start"] for name in names if "start" in name.meta]
        place = begin + min(starts, default=0)
        line = self.text.count("\n", 0, place) + 1
        return Written(file=self.file, line=line, column=place - self.text.rfind("\n", 0, place))


def _columns(trees: list[exp.Expr]) -> Iterator[exp.Expr]:
    """Go through the columns of `DROP COLUMN` and of `DROP COLUMNS (…)`."""
    for tree in trees:
        yield from tree.expressions if isinstance(tree, exp.Schema) else [tree]


def _parts(tree: exp.Expr) -> tuple[str, ...]:
    """List the parts of a name, in their order."""
    if isinstance(tree, exp.Identifier):
        return (tree.name,)
    return tuple(item.name for item in _in_order(tree))


def _in_order(tree: exp.Expr) -> list[exp.Expr]:
    if isinstance(tree, exp.Table | exp.Column | exp.Dot):
        return list(tree.parts)
    return list(tree.find_all(exp.Identifier))


def _plain_parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip(_QUOTES) for part in text.split(".") if part)
