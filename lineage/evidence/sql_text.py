"""Texts: what is parsed at all, and in what time."""

import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from sqlglot import Dialect, Token, TokenType, exp, parse
from sqlglot.dialects.dialect import NormalizationStrategy

from lineage.evidence.sql_accounting import find_left_out
from lineage.evidence.sql_result import NotRead

__all__ = ["Parsed", "parse_statements"]

_LONGEST = 50_000  # characters
_DEEPEST = 40  # brackets in each other: the parser goes no deeper on an ordinary stack

_OPENING = {TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE}
_CLOSING = {TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE}

_BATCH_END = re.compile(r"^[ \t]*go[ \t]*;?[ \t]*$", re.IGNORECASE | re.MULTILINE)
"""What ends a batch of T-SQL: a word to its tools, which the parser takes for a name."""

logging.getLogger("sqlglot").addHandler(logging.NullHandler())
"""What sqlglot would warn of is not read, or does not matter."""


class Parsed(NamedTuple):
    """The statements of a text, and a name in it that none of them has."""

    statements: list[exp.Expr]
    left_out: str | None


def parse_statements(text: str, dialect: str) -> Parsed:
    """Parse a text, refused where that would take long or names would be confused.

    Parameters
    ----------
    text : str
        One statement or several.
    dialect : str
        As sqlglot calls it.

    Returns
    -------
    Parsed
        The statements, in order.

    Raises
    ------
    NotRead
        The text is too long, too deeply nested, or not all of it is SQL.
    sqlglot.errors.SqlglotError
        It does not parse.
    """
    if len(text) > _LONGEST:
        message = f"it is longer than {_LONGEST:,} characters"
        raise NotRead(message)
    language = Dialect.get_or_raise(dialect)
    if dialect == "tsql":
        text = _BATCH_END.sub(";", text)
    tokens = language.tokenize(text)
    _refuse_deep(tokens)
    _refuse_templates(tokens)
    _refuse_names_alike(tokens, language, is_exact=dialect == "clickhouse")
    found = [item for item in language.parser().parse(tokens, text) if item is not None]
    left_out = find_left_out(tokens, found, language)
    return Parsed([one for item in found for one in _plain(item, dialect)], left_out)


def _plain(statement: exp.Expr, dialect: str) -> Iterator[exp.Expr]:
    """Write as plain INSERTs what means the same."""
    if isinstance(statement, exp.Command) and statement.name.upper() == "REPLACE":
        (inserting,) = parse(f"INSERT {statement.expression.name}", dialect=dialect)
        if isinstance(inserting, exp.Insert):
            inserting.set("alternative", "replace")
            yield inserting
            return
    if isinstance(statement, exp.MultitableInserts):
        yield from _one_by_one(statement)
    else:
        yield statement


def _one_by_one(statement: exp.MultitableInserts) -> Iterator[exp.Insert]:
    """Take apart an INSERT into several tables.

    Which rows each gets is decided by all conditions: by its own, and by those before it.
    """
    source = statement.args["source"]
    conditions = [one for one in statement.expressions if isinstance(one, exp.ConditionalInsert)]
    decided = [one.expression for one in conditions if one.expression is not None]
    for item in statement.expressions:
        inserting = item.this if isinstance(item, exp.ConditionalInsert) else item
        query = inserting.expression
        if isinstance(query, exp.Values):
            (row,) = query.expressions
            query = exp.Select(expressions=row.expressions)
        read_from = source if isinstance(source, exp.Table) else exp.Subquery(this=source)
        query.set("from_", exp.From(this=read_from.copy()))
        if decided:
            query.set("where", exp.Where(this=exp.and_(*decided, copy=True)))
        inserting.set("expression", query)
        yield inserting


def _refuse_deep(tokens: Iterable[Token]) -> None:
    depth = 0
    for token in tokens:
        depth += (token.token_type in _OPENING) - (token.token_type in _CLOSING)
        if depth > _DEEPEST:
            message = "it is nested too deeply"
            raise NotRead(message)


def _refuse_templates(tokens: Iterable[Token]) -> None:
    """Refuse what a template engine was to replace: nobody knows by what."""
    before = ""
    for token in tokens:
        is_quoted = token.token_type is TokenType.IDENTIFIER
        if (
            token.token_type is TokenType.BLOCK_START
            or (token.token_type is TokenType.L_BRACE and before in ("{", "$"))
            or (is_quoted and any(mark in token.text for mark in ("{{", "{%", "${")))
        ):
            message = "a template's marks are left in it"
            raise NotRead(message)
        before = token.text


def _refuse_names_alike(tokens: Sequence[Token], language: Dialect, *, is_exact: bool) -> None:
    """Refuse quoted names that only case sets apart, where the dialect heeds it.

    Names are compared in small letters everywhere else.
    """
    strategy = language.NORMALIZATION_STRATEGY
    if strategy is NormalizationStrategy.CASE_INSENSITIVE:
        return
    kinds = {TokenType.IDENTIFIER}
    if is_exact:  # the case of names that are not quoted matters, too
        kinds.add(TokenType.VAR)
    seen: dict[str, str] = {}
    for token, following in zip(tokens, [*tokens[1:], None], strict=False):
        is_called = following is not None and following.token_type is TokenType.L_PAREN
        if token.token_type not in kinds or is_called:
            continue
        if seen.setdefault(token.text.casefold(), token.text) != token.text:
            message = f"two of its names differ from {token.text.casefold()} in case alone"
            raise NotRead(message)
