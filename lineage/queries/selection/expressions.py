"""Selections as values. Each prints as the text it is parsed from."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from lineage.queries.selection.pattern import Pattern

__all__ = [
    "AllOf",
    "AnyOf",
    "Around",
    "Between",
    "Deleted",
    "Ends",
    "Having",
    "Key",
    "Named",
    "Not",
    "Selection",
    "Walk",
]


class Key(StrEnum):
    """What can be asked of an entity, a column or a feature."""

    KIND = "kind"
    FQN = "fqn"
    NAME = "name"
    """The last part of the fully qualified name."""
    TAG = "tag"
    """A label that somebody has confirmed."""
    SUGGESTED = "suggested"
    """A label that nobody has confirmed: a suggested or an automatic one."""
    OWNER = "owner"
    TIER = "tier"
    DOMAIN = "domain"
    SERVICE = "service"
    CERTIFICATION = "certification"
    RECORDED_AS = "recorded-as"
    """How the server came to know an edge from it or to it."""


@dataclass(frozen=True, slots=True)
class Named:
    """What is called so: one thing for a plain name, all that fit for a pattern."""

    pattern: Pattern
    kind: str | None = None

    def __str__(self) -> str:
        return self.pattern.text if self.kind is None else f"{self.kind}:{self.pattern.text}"


@dataclass(frozen=True, slots=True)
class Having:
    """What has a fact that fits a pattern: `owner:bob`, `tag:PII.*`."""

    key: Key
    pattern: Pattern

    def __str__(self) -> str:
        return f"{self.key}:{self.pattern.text}"


@dataclass(frozen=True, slots=True)
class Deleted:
    """What is soft-deleted."""

    def __str__(self) -> str:
        return "deleted()"


@dataclass(frozen=True, slots=True)
class Ends:
    """The beginnings or the ends: of everything, or of a selection by itself."""

    side: Literal["roots", "sinks"]
    of: "Selection | None" = None

    def __str__(self) -> str:
        return f"{self.side}({'' if self.of is None else self.of})"


@dataclass(frozen=True, slots=True)
class Walk:
    """A selection with what is upstream and downstream of it.

    Attributes
    ----------
    upstream, downstream : int or None
        So many hops; None is all the way, 0 not at all.

    Raises
    ------
    ValueError
        It goes no way at all, or by a negative number of hops.
    """

    of: "Selection"
    upstream: int | None = 0
    downstream: int | None = 0

    def __post_init__(self) -> None:
        if self.upstream == self.downstream == 0:
            message = "a walk goes upstream, downstream, or both"
            raise ValueError(message)
        if (self.upstream or 0) < 0 or (self.downstream or 0) < 0:
            message = "a number of hops is not negative"
            raise ValueError(message)

    def __str__(self) -> str:
        before = _hops(self.upstream, "{}+")
        after = _hops(self.downstream, "+{}")
        return f"{before}{_inside(self.of, 5)}{after}"


@dataclass(frozen=True, slots=True)
class Around:
    """A selection, what is downstream of it, and all that any of that comes from."""

    of: "Selection"

    def __str__(self) -> str:
        return f"@{_inside(self.of, 5)}"


@dataclass(frozen=True, slots=True)
class Between:
    """Only what lies on a path from one selection to another, both ends included."""

    upstream: "Selection"
    downstream: "Selection"

    def __str__(self) -> str:
        return f"{_inside(self.upstream, 4)}..{_inside(self.downstream, 4)}"


@dataclass(frozen=True, slots=True)
class Not:
    """Everything else."""

    of: "Selection"

    def __str__(self) -> str:
        return f"not {_inside(self.of, 2)}"


@dataclass(frozen=True, slots=True)
class AllOf:
    """What is in each of several selections, two at least."""

    of: "tuple[Selection, ...]"

    def __str__(self) -> str:
        return " and ".join(_inside(item, 2) for item in self.of)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """What is in any of several selections, two at least."""

    of: "tuple[Selection, ...]"

    def __str__(self) -> str:
        return " or ".join(_inside(item, 1) for item in self.of)


Selection = Named | Having | Deleted | Ends | Walk | Around | Between | Not | AllOf | AnyOf
"""A question that yields a set of references."""

_BINDING = {AnyOf: 0, AllOf: 1, Not: 2, Between: 3, Walk: 4, Around: 4}
"""How tightly each holds its parts together; what is not here holds tightest."""


def _inside(selection: Selection, least: int) -> str:
    """Print a selection within another, in parentheses where it would fall apart."""
    return f"({selection})" if _BINDING.get(type(selection), 5) < least else str(selection)


def _hops(number: int | None, form: str) -> str:
    if number == 0:
        return ""
    return form.format("" if number is None else number)
