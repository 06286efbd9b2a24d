"""Signatures: what of a function's arguments is hidden in its result.

A signature is written as a function is called, with a word for each argument:

=============  ===================================================================================
`value`        hidden, whatever it is
`secret`       hidden too, and no key that is written there: it may hold a column or a variable
`column`       hidden where it is a column by its name, all columns or a literal
`character`    a string of one character, which takes the place of others
any other      a key, a mode, a length: not hidden, or not in every dialect
=============  ===================================================================================

`[word]` may be left out, and `...` means more of the last. A name alone hides all that it is
given.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lineage.masking.expressions import (
    Expression,
    Token,
    is_column,
    is_literal,
    names_in,
    without_clauses,
)

__all__ = ["Arguments", "Signature"]

_WRITTEN = re.compile(r"(?P<name>[^\W\d][\w.]*)\s*(?:\((?P<words>[^()]*)\))?")
_NAMED = ("=", "=>", ":=")
_TYPES = frozenset({"as", "binary", "bytea", "bytes", "char", "varbinary", "varchar"})


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of one call, by what happens to them.

    Attributes
    ----------
    hidden : tuple of Expression
        What cannot be read from the result.
    others : tuple of Expression
        Keys, modes and lengths.
    depends : bool
        Whether the result depends on data. A digest of a literal does not; a count always does.
    """

    hidden: tuple[Expression, ...]
    others: tuple[Expression, ...]
    depends: bool


@dataclass(frozen=True, slots=True)
class Signature:
    """A function and what of its arguments is hidden.

    Attributes
    ----------
    name : str
        In lower case.
    words : tuple of str
        A word for each argument.
    required : int
        How many arguments there must be.
    repeats : bool
        Whether there may be more of the last.
    """

    name: str
    words: tuple[str, ...]
    required: int
    repeats: bool = False

    @classmethod
    def parse(cls, text: str) -> "Signature":
        """Read a signature.

        Raises
        ------
        ValueError
            It is none, or hides nothing.

        Examples
        --------
        >>> Signature.parse("SHA2(value, [bits])")
        Signature(name='sha2', words=('value', 'bits'), required=1, repeats=False)
        >>> Signature.parse("vault")
        Signature(name='vault', words=('value',), required=0, repeats=True)
        >>> Signature.parse("vault(key)")
        Traceback (most recent call last):
        ValueError: 'vault(key)' hides nothing; call what it hides 'value', as in 'f(value, key)'
        """
        found = _WRITTEN.fullmatch(text.strip().lower())
        if found is None:
            message = f"{text!r} is neither a name nor a call such as 'f(value, key)'"
            raise ValueError(message)
        if found["words"] is None:
            return cls(found["name"], ("value",), 0, repeats=True)
        words = [word.strip() for word in found["words"].split(",")]
        repeats = words[-1] == "..."
        words = words[:-1] if repeats else words
        bare = tuple(word.strip("[]") for word in words)
        if not _HIDDEN & set(bare):
            message = f"{text!r} hides nothing; call what it hides 'value', as in 'f(value, key)'"
            raise ValueError(message)
        required = sum(not word.startswith("[") for word in words)
        return cls(found["name"], bare, required, repeats)

    def read(self, arguments: Sequence[Expression]) -> Arguments | None:
        """Divide the arguments of a call; None where they are not those of the signature.

        Examples
        --------
        >>> from lineage.masking.expressions import read_expression
        >>> (call,) = read_expression("sha2(email, 256)")
        >>> Signature.parse("sha2(value, [bits])").read(call.arguments).hidden
        ([Token(kind='name', text='email')],)
        >>> Signature.parse("sha2(value)").read(call.arguments) is None
        True
        """
        more = len(arguments) - len(self.words)
        if len(arguments) < self.required or (more > 0 and not self.repeats):
            return None
        words = (self.words + self.words[-1:] * more)[: len(arguments)]
        pairs = list(zip(words, map(without_clauses, arguments), strict=True))
        if not all(_FITS.get(word, _is_one)(argument) for word, argument in pairs):
            return None
        if any(map(_is_null, arguments[: self.required])):
            return None
        if set(words) != {"value"} and any(map(_is_named, arguments)):
            return None
        hidden = tuple(argument for word, argument in pairs if word in _HIDDEN)
        return Arguments(
            hidden,
            others=tuple(argument for word, argument in pairs if word not in _HIDDEN),
            depends="column" in words or bool(names_in(hidden)),
        )


def _is_one(argument: Expression) -> bool:
    """Whether it is one argument: all columns of a table may be several."""
    return not (is_column(argument) and argument[-1] == Token("operator", "*"))


def _is_plain(argument: Expression) -> bool:
    return is_column(argument) or is_literal(argument)


def _is_secret(argument: Expression) -> bool:
    """Whether a column or a variable is in it, and not just the type of what is written."""
    return not names_in([argument]) <= _TYPES


def _is_character(argument: Expression) -> bool:
    return re.fullmatch(r"'[^'\\]'", _text(argument)) is not None


_FITS: dict[str, Callable[[Expression], bool]] = {
    "column": _is_plain,
    "secret": _is_secret,
    "character": _is_character,
}
_HIDDEN = frozenset({"value", "secret", "column"})


def _is_null(argument: Expression) -> bool:
    """Whether it is NULL: what a function does without a value or a key is not known of all."""
    return _text(argument) == "null"


def _is_named(argument: Expression) -> bool:
    """Whether an argument is given by its name, and so perhaps not in the order of all."""
    second = argument[1] if len(argument) > 1 else None
    return isinstance(second, Token) and second.text in _NAMED


def _text(argument: Expression) -> str:
    return "".join(item.text.lower() if isinstance(item, Token) else "()" for item in argument)
