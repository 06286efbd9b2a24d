"""Renames: what goes and what is new, where the two look like one thing with another name."""

from collections.abc import Callable, Iterable, Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

from lineage import fqn
from lineage.errors import MalformedName
from lineage.model.proposed_change import Action, ProposedChange
from lineage.queries.impact.data_types import TypeChange, compare_types

__all__ = ["Rename", "offer_renames"]

_ALIKE = 0.5
"""Names less alike than this are not offered, unless nothing else went and came."""


_MAY_BE_SAME = frozenset({TypeChange.SAME, TypeChange.UNKNOWN})
"""A catalog seldom says how long a text may be."""


class Rename(NamedTuple):
    """A rename that is offered, never assumed.

    Attributes
    ----------
    gone, new : ProposedChange
        What goes, and what is there in its place.
    """

    gone: ProposedChange
    new: ProposedChange

    def __str__(self) -> str:
        return f"{self.gone.subject} may be renamed to {self.new.subject.name}"


def offer_renames(
    changes: Iterable[ProposedChange], type_of: Callable[[ProposedChange], str | None]
) -> tuple[Rename, ...]:
    """Pair what goes with what is new: of one kind, one place and one type, by the nearest names.

    Parameters
    ----------
    changes : iterable of ProposedChange
    type_of : callable
        Returns the type of what goes or is new, as far as it is known.

    Returns
    -------
    tuple of Rename
        Each in one pair at most; the nearest names first.

    Examples
    --------
    >>> from lineage.model.reference import Reference
    >>> gone = ProposedChange(action=Action.DROP, subject=Reference("column", "t.email"))
    >>> new = ProposedChange(action=Action.ADD, subject=Reference("column", "t.e_mail"))
    >>> [str(rename) for rename in offer_renames([gone, new], lambda _: "TEXT")]
    ['column:t.email may be renamed to e_mail']
    """
    every = list(changes)
    gone = [change for change in every if change.action == Action.DROP]
    new = [change for change in every if change.action == Action.ADD]
    pairs = sorted(_pairs(gone, new, type_of), key=lambda pair: (-pair[0], str(pair[1])))
    taken: set[ProposedChange] = set()
    found = []
    for _, rename in pairs:
        if not taken & {rename.gone, rename.new}:
            taken |= {rename.gone, rename.new}
            found.append(rename)
    return tuple(found)


def _pairs(
    gone: list[ProposedChange],
    new: list[ProposedChange],
    type_of: Callable[[ProposedChange], str | None],
) -> Iterator[tuple[float, Rename]]:
    places: dict[tuple[str, str | None], list[ProposedChange]] = {}
    for change in new:
        places.setdefault(_place(change), []).append(change)
    for one in gone:
        others = places.get(_place(one), [])
        is_only = len(others) == 1 and sum(_place(one) == _place(other) for other in gone) == 1
        for other in others:
            if compare_types(type_of(one), type_of(other)) in _MAY_BE_SAME:
                alike = _alike(one.subject.name, other.subject.name)
                if is_only or alike >= _ALIKE:
                    yield alike, Rename(one, other)


def _place(change: ProposedChange) -> tuple[str, str | None]:
    try:
        return change.subject.kind, fqn.parent(change.subject.fqn)
    except MalformedName:  # a catalog may hold any name; it is in no place but its own
        return change.subject.kind, change.subject.fqn


def _alike(one: str, other: str) -> float:
    return SequenceMatcher(None, one.casefold(), other.casefold(), autojunk=False).ratio()
