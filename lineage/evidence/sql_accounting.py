"""Account for a text: every name in it must have come out in what the parser made of it.

The parser drops what it does not expect, as a third argument of a function that it knows with two.
What it drops may be a column, so a text of which a name was dropped is not read.
"""

import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence

from sqlglot import Dialect, Token, TokenType, exp

from lineage.evidence.sql_grammar import CLAUSE_WORDS

__all__ = ["find_left_out"]

_NAMES = {TokenType.VAR, TokenType.IDENTIFIER}
_OPENING = {TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE}
_CLOSING = {TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE}

_BEFORE_ARGUMENTS = frozenset({"lambda", "prior", "safe"})
"""Those of the words of clauses that can begin an argument."""


def find_left_out(
    tokens: Sequence[Token], statements: Iterable[exp.Expr], language: Dialect
) -> str | None:
    """Find a name inside of brackets that the statements lack; None where they have them all."""
    starts, words = _kept(statements)
    names = language.parser_class.ID_VAR_TOKENS - language.parser_class.NO_PAREN_FUNCTIONS.keys()
    for token, is_argument in _named(tokens, names):
        word = token.text.casefold()
        is_word = word in CLAUSE_WORDS and (not is_argument or word in _BEFORE_ARGUMENTS)
        if token.start in starts or is_word:
            continue
        words[word] -= 1
        if words[word] < 0:
            return token.text
    return None


def _named(tokens: Sequence[Token], names: Container[TokenType]) -> Iterator[tuple[Token, bool]]:
    """Yield what may name a column inside of brackets, and whether it begins an argument.

    Words that are no names elsewhere are names where they are all of an argument.
    """
    depth, before = 0, None
    for token, after in zip(tokens, [*tokens[1:], None], strict=False):
        kind = token.token_type
        depth += (kind in _OPENING) - (kind in _CLOSING)
        begins = before in _OPENING or before is TokenType.COMMA
        follows = None if after is None else after.token_type
        ends = follows in _CLOSING or follows is TokenType.COMMA
        is_name = kind in _NAMES and follows is not TokenType.L_PAREN
        if depth > 0 and (is_name or (begins and ends and kind in names)):
            yield token, begins
        before = kind


def _kept(statements: Iterable[exp.Expr]) -> tuple[set[int], Counter[str]]:
    """Find where the names in statements were, and count words whose position is not kept."""
    starts: set[int] = set()
    words: Counter[str] = Counter()
    for statement in statements:
        for node in statement.walk():
            if isinstance(node, exp.Identifier) and "start" in node.meta:
                starts.add(node.meta["start"])
                continue
            if isinstance(node, exp.Boolean | exp.Null):  # keywords that can be all of an argument
                words[node.sql().casefold()] += 1
            for value in node.args.values():
                if isinstance(value, str):
                    words.update(re.findall(r"\w+", value.casefold()))
    return starts, words
