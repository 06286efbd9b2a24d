"""Parse a selection.

::

    selection = all ("or" all)*
    all       = item ("and" item)*
    item      = "not" item | walk [".." walk]
    walk      = "@" one | [[number] "+"] one ["+" [number]]
    one       = "(" selection ")" | "roots(" [selection] ")" | "sinks(" [selection] ")"
              | "deleted()" | key ":" pattern | kind ":" pattern | pattern
"""

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Literal, NoReturn, cast

from lineage.errors import BadSelection
from lineage.model.reference import Kind
from lineage.queries.selection.expressions import (
    AllOf,
    AnyOf,
    Around,
    Between,
    Deleted,
    Ends,
    Having,
    Key,
    Named,
    Not,
    Selection,
    Walk,
)
from lineage.queries.selection.lexer import END, Token, tokenize
from lineage.queries.selection.pattern import WORDS, Pattern

__all__ = ["parse_selection"]

_DEEPEST = 50
"""Parentheses and `not` within one another; nobody means more."""

_FUNCTIONS = ("deleted", "roots", "sinks")
_KEYS, _KINDS = frozenset(Key), frozenset(Kind)


def parse_selection(text: str) -> Selection:
    """Parse a selection; its twin is `str`, which prints what this reads.

    Parameters
    ----------
    text : str

    Returns
    -------
    Selection

    Raises
    ------
    BadSelection
        It cannot be parsed: with the position and, for a misspelt word, the nearest ones.

    Examples
    --------
    >>> print(parse_selection('2+mlflow.churn and (tag:PII.* or not kind:"table")'))
    2+mlflow.churn and (tag:PII.* or not kind:table)
    >>> parse_selection("tagg:x")
    Traceback (most recent call last):
    lineage.errors.BadSelection: selection 'tagg:x', position 1: 'tagg' is no key; did you mean tag?
    """
    parser = _Parser(text)
    found = parser.any_of()
    if parser.next.text != END:
        parser.refuse_what_follows()
    return found


class _Parser:
    """The tokens, and how far they have been read."""

    def __init__(self, text: str) -> None:
        self.text, self.tokens, self.read, self.depth = text, tokenize(text), 0, 0

    @property
    def next(self) -> Token:
        return self.tokens[self.read]

    def take(self, text: str) -> bool:
        """Read a token if it is this one."""
        found = self.next.text == text and text != END
        self.read += found
        return found

    def any_of(self) -> Selection:
        return self._chain("or", self._all_of, AnyOf)

    def _all_of(self) -> Selection:
        return self._chain("and", self._item, AllOf)

    def _chain(
        self,
        word: str,
        operand: Callable[[], Selection],
        make: Callable[[tuple[Selection, ...]], Selection],
    ) -> Selection:
        found = [operand()]
        while self.take(word):
            found.append(operand())
        return found[0] if len(found) == 1 else make(tuple(found))

    def _item(self) -> Selection:
        if self.next.text == "not":
            self._descend()
            self.read += 1
            found: Selection = Not(self._item())
            self.depth -= 1
            return found
        first = self._walk()
        if not self.take(".."):
            return first
        between = Between(first, self._walk())
        if self.next.text == "..":
            self._refuse("'..' joins two; put one pair in parentheses")
        return between

    def _walk(self) -> Selection:
        if self.take("@"):
            around = Around(self._one())
            if self.next.text == "+":
                self._refuse("'@' goes both ways already")
            return around
        upstream = self._hops_before()
        found = self._one()
        downstream = self._hops_after() if self.take("+") else 0
        return found if upstream == downstream == 0 else Walk(found, upstream, downstream)

    def _hops_before(self) -> int | None:
        if self.take("+"):
            return None
        following = self.tokens[self.read + 1 : self.read + 2]
        if _is_number(self.next) and following and following[0].text == "+":
            return self._number(skip=1)
        return 0

    def _hops_after(self) -> int | None:
        token = self.next
        if _is_number(token):
            return self._number()
        if token.is_word and token.text not in WORDS and not self._stands_apart(token):
            self._refuse("after '+' comes a number of hops, or nothing")
        return None

    def _number(self, *, skip: int = 0) -> int:
        text = self.next.text
        if len(text) > 9 or int(text) == 0:
            self._refuse("a number of hops is at least 1 and has nine digits at most")
        self.read += 1 + skip
        return int(text)

    def _stands_apart(self, token: Token) -> bool:
        return self.text[token.position - 1].isspace()

    def _one(self) -> Selection:
        token = self.next
        if self.take("("):
            return self._closed(self._nested())
        if not token.is_word or token.text in WORDS:
            what = "the end" if token.text == END else repr(token.text)
            self._refuse(f"a name, a key or '(' should stand here, not {what}")
        self.read += 1
        if self.next.text == "(":
            return self._function(token)
        return self._term(token)

    def _nested(self) -> Selection:
        self._descend()
        found = self.any_of()
        self.depth -= 1
        return found

    def _function(self, token: Token) -> Selection:
        if token.text not in _FUNCTIONS:
            self._refuse(f"{token.text!r} is no function", _FUNCTIONS, at=token)
        self.read += 1
        if token.text == "deleted":
            return self._closed(Deleted())
        side = cast("Literal['roots', 'sinks']", token.text)
        return self._closed(Ends(side, None if self.next.text == ")" else self._nested()))

    def _closed(self, found: Selection) -> Selection:
        if not self.take(")"):
            if self.next.text == END:
                self._refuse("')' is missing")
            self.refuse_what_follows(or_else="')'")
        return found

    def _term(self, token: Token) -> Selection:
        key, colon, rest = token.text.partition(":")
        if not colon or '"' in key:
            return Named(self._pattern(token, 0))
        if key not in _KEYS | _KINDS:
            self._refuse(f"{key!r} is no key", [*Key, *Kind], at=token, word=key)
        start = len(key) + 1
        if not rest:
            self._refuse(f"after {key}: comes a name or a pattern", at=token, further=start)
        pattern = self._pattern(token, start)
        return Having(Key(key), pattern) if key in _KEYS else Named(pattern, key)

    def _pattern(self, token: Token, start: int) -> Pattern:
        try:
            return Pattern(token.text[start:])
        except ValueError as error:
            reason, position = error.args
            self._refuse(reason, at=token, further=start + position)

    def _descend(self) -> None:
        self.depth += 1
        if self.depth > _DEEPEST:
            self._refuse(f"nested more than {_DEEPEST} deep")

    def refuse_what_follows(self, *, or_else: str = "the end") -> NoReturn:
        """Say what could have stood where the next token stands."""
        reason = f"'and', 'or' or {or_else} should stand before {self.next.text!r}"
        self._refuse(reason, ("and", "or"), word=self.next.text)

    def _refuse(
        self,
        reason: str,
        known: Iterable[str] = (),
        *,
        at: Token | None = None,
        further: int = 0,
        word: str | None = None,
    ) -> NoReturn:
        token = at or self.next
        nearest = get_close_matches((word or token.text).lower(), list(known), n=2, cutoff=0.6)
        raise BadSelection(self.text, token.position + further, reason, nearest)


def _is_number(token: Token) -> bool:
    return token.text.isascii() and token.text.isdigit()
