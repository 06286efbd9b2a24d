"""Tokens: a selection's text cut into names and operators, each with its position."""

import re
from typing import NamedTuple

from lineage.errors import BadSelection

__all__ = ["END", "Token", "tokenize"]

END = ""
"""The text of the token that stands after everything."""

_TOKEN = re.compile(
    r"(?P<operator>\.\.|[()+@,])"
    # A word goes on through quoted parts, and ends where two dots are an operator.
    r'|(?P<word>(?:"(?:[^"]|"")*"|(?!\.\.)[^\s()+,"])+)'
    r"|(?P<space>\s+)"
)


class Token(NamedTuple):
    """A piece of the text.

    Attributes
    ----------
    text : str
        As it stands there.
    position : int
        Where it begins, from 0.
    is_word : bool
        Whether it is a name or a word, and no operator.
    """

    text: str
    position: int
    is_word: bool = False


def tokenize(text: str) -> list[Token]:
    """Cut a text into tokens; the last one is the end.

    Raises
    ------
    BadSelection
        A double quote is not closed.

    Examples
    --------
    >>> [token.text for token in tokenize('2+shop."my table"..x')]
    ['2', '+', 'shop."my table"', '..', 'x', '']
    """
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            raise BadSelection(text, position, "a double quote is not closed")
        if found.lastgroup != "space":
            tokens.append(Token(found[0], position, found.lastgroup == "word"))
        position = found.end()
    return [*tokens, Token(END, len(text))]
