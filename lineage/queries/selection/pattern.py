"""Patterns: a name as it is written in a selection, with `*` and `?`, and quoted where need be."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from lineage import fqn as names

__all__ = ["WORDS", "Pattern"]

WORDS = frozenset({"and", "or", "not"})
"""Words of the language; a name that is one of them is quoted."""

_PART = re.compile(r'"((?:[^"]|"")*)"|([^".]+)')
_UNSAFE = re.compile(r'[\s()+,:*?".]|^@')
"""What cannot stand bare in a name: it would be taken for something else."""

_NUMBER = re.compile(r"[0-9]+")

_STAR = "**"
"""A star while an expression is made: what is escaped never has two in a row."""


@dataclass(frozen=True)
class Pattern:
    """A name, or a pattern of names: `*` stands for anything, `?` for one character.

    Case does not matter: what is `GENDER` in one warehouse is `gender` in another.

    Parts are quoted as in a fully qualified name. What is quoted stands for itself, so a
    name with spaces, dots, operators or stars can be written: `shop."dim product".*`.

    Attributes
    ----------
    text : str
        As it is written, without quotes that are not needed.

    Examples
    --------
    >>> Pattern('shop."my table"."plain".*').text
    'shop."my table".plain.*'
    >>> Pattern("shop.*").matches("Shop.public.orders")
    True
    >>> Pattern('"a*"').matches("ab"), Pattern('"a*"').is_plain
    (False, True)
    """

    text: str

    def __post_init__(self) -> None:
        written = ".".join(_written(*part) for part in _parts(self.text))
        if written in WORDS or _NUMBER.fullmatch(written):
            written = _quoted(written)
        object.__setattr__(self, "text", written)

    @classmethod
    def literal(cls, fqn: str) -> "Pattern":
        """Write a fully qualified name so that it means itself.

        Raises
        ------
        MalformedName
            The name cannot be split.

        Examples
        --------
        >>> Pattern.literal('shop."dim.product".3+1').text
        'shop."dim.product"."3+1"'
        """
        return cls(".".join(_quoted(part) for part in names.split(fqn)))

    @property
    def is_plain(self) -> bool:
        """Whether it is one name, and no pattern of several."""
        return all(is_quoted or not set(part) & set("*?") for part, is_quoted in self._parts)

    @property
    def name(self) -> str:
        """The fully qualified name it is; of a pattern, the same with its stars."""
        return ".".join(names.quote(part) for part, _ in self._parts)

    def matches(self, text: str) -> bool:
        """Whether a fully qualified name, or any other text, fits the pattern, in any case."""
        return self._expression.fullmatch(text) is not None

    def matches_last(self, fqn: str) -> bool:
        """Whether the last part of a fully qualified name fits."""
        last = names.last(fqn)
        return self.matches(last) or self._bare.fullmatch(last) is not None

    @cached_property
    def _parts(self) -> tuple[tuple[str, bool], ...]:
        return tuple(_parts(self.text))

    @cached_property
    def _expression(self) -> re.Pattern[str]:
        return _compiled(
            (names.quote(part) if is_quoted else part, is_quoted) for part, is_quoted in self._parts
        )

    @cached_property
    def _bare(self) -> re.Pattern[str]:
        """The pattern of a short name, which has no quotes of its own."""
        return _compiled(self._parts)


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """Go through the parts, each with whether it is quoted.

    Raises
    ------
    ValueError
        A part is empty, or quotes are not around the whole of one; the second argument is
        where.
    """
    position = 0
    while True:
        found = _PART.match(text, position)
        if found is None or found[1] == "":
            reason = "a part of the name is empty"
            raise ValueError(reason, position)
        yield (found[2], False) if found[1] is None else (found[1].replace('""', '"'), True)
        position = found.end()
        if position == len(text):
            return
        if text[position] != ".":
            reason = "quotes belong around a whole part of the name"
            raise ValueError(reason, position)
        position += 1


def _written(part: str, is_quoted: bool) -> str:  # noqa: FBT001  # the two come as a pair
    return _quoted(part) if is_quoted and _UNSAFE.search(part) else part


def _quoted(part: str) -> str:
    return '"' + part.replace('"', '""') + '"'


def _compiled(parts: Iterable[tuple[str, bool]]) -> re.Pattern[str]:
    """Write the parts of a name, each with whether it stands for itself, as an expression.

    What is between two stars is looked for once, from the left, and never again: its length is
    fixed, so the first place where it fits leaves the most to the stars after it. Matching takes
    no longer than the name times the pattern, however many stars there are.
    """
    text = r"\.".join(re.escape(part) if is_quoted else _wild(part) for part, is_quoted in parts)
    first, *between = text.split(_STAR)
    ending = f".*{between.pop()}" if between else ""
    found = "".join(f"(?>.*?{piece})" for piece in between if piece)
    return re.compile(f"{first}{found}{ending}", re.DOTALL | re.IGNORECASE)


def _wild(part: str) -> str:
    return re.escape(part).replace(r"\*", _STAR).replace(r"\?", ".")
