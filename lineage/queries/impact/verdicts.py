"""Verdicts of an impact: what a change does to what is downstream of it."""

from enum import StrEnum

from lineage.model.edges import Strength
from lineage.model.proposed_change import Action, ProposedChange
from lineage.queries.impact.data_types import TypeChange, compare_types

__all__ = ["ImpactVerdict", "has_effect", "takes_away", "verdict_of"]


class ImpactVerdict(StrEnum):
    """What a change does to one thing, the worst first."""

    BROKEN = "broken"
    """It takes a value from what is changed, and the change takes that away."""
    CHANGED = "changed"
    """It takes a value from what is changed, and that arrives otherwise."""
    INFLUENCED = "influenced"
    """What is changed decides its rows or groups."""
    POSSIBLE = "possible"
    """The tables are connected; whether by what is changed, nobody knows."""
    UNKNOWN = "unknown"
    """Nothing was found, but something upstream of it was not read, or does not say enough."""
    SAFE = "safe"
    """Nothing of what is changed arrives, and everything upstream was read and understood."""

    @property
    def severity(self) -> int:
        """How bad it is: 0 where it is safe, more the worse it is."""
        return _SEVERITIES[self]


_SEVERITIES = {verdict: number for number, verdict in enumerate(reversed(ImpactVerdict))}


_TAKING_AWAY = frozenset({Action.DROP, Action.RENAME, Action.MOVE, Action.SWITCH_OFF})


def takes_away(change: ProposedChange) -> bool:
    """Whether nothing arrives any more of what is changed."""
    return change.action in _TAKING_AWAY


def has_effect(change: ProposedChange) -> bool:
    """Whether anything downstream may differ: nothing depends on what is new.

    Examples
    --------
    >>> from lineage.model.reference import Reference
    >>> age = Reference("column", "people.age")
    >>> changes = [
    ...     ProposedChange(action=Action.RETYPE, subject=age, before="INT", after=after)
    ...     for after in ("INTEGER", "BIGINT")
    ... ]
    >>> [has_effect(change) for change in changes]
    [False, True]
    """
    if change.action == Action.RETYPE:
        return compare_types(change.before, change.after) != TypeChange.SAME
    return change.action != Action.ADD


def verdict_of(strength: int, *, is_taken_away: bool) -> ImpactVerdict:
    """Return what arriving by a path of some strength means.

    Examples
    --------
    >>> str(verdict_of(Strength.MASKED, is_taken_away=True))
    'broken'
    """
    if strength == Strength.TABLE:
        return ImpactVerdict.POSSIBLE
    if strength == Strength.INFLUENCE:
        return ImpactVerdict.INFLUENCED
    return ImpactVerdict.BROKEN if is_taken_away else ImpactVerdict.CHANGED
