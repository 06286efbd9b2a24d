"""Outcomes: what became of each step of a plan."""

from dataclasses import dataclass, field
from typing import Any

from lineage.model.answer import Answer, Record
from lineage.writes.step import Result, Step

__all__ = ["Applied", "Outcome"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A step, what became of it, and why."""

    step: Step[Any]
    result: Result
    detail: str = ""
    is_final: bool = field(default=False, compare=False, repr=False)
    """Whether every other step would end so, too: the server or the token is gone."""

    @property
    def is_good(self) -> bool:
        """Whether the server now says what the step wanted."""
        return self.result in {Result.WRITTEN, Result.UNCHANGED}


@dataclass(frozen=True, slots=True, repr=False)
class Applied(Answer):
    """What became of every step of a plan.

    Attributes
    ----------
    outcomes : tuple of Outcome
        In the order of the plan.
    notes : tuple of str
        What else is to be known of the run: why edges were written one at a time, and why it
        was stopped.
    """

    outcomes: tuple[Outcome, ...]
    notes: tuple[str, ...] = ()

    @property
    def succeeded(self) -> bool:
        """Whether the server now says everything the plan wanted."""
        return all(outcome.is_good for outcome in self.outcomes)

    def summary(self) -> str:
        """Count the steps by result."""
        results = [outcome.result for outcome in self.outcomes]
        counts = [f"{results.count(item)} {item}" for item in Result if item in results]
        return ", ".join(counts) or "nothing to do"

    def to_records(self) -> list[Record]:
        """Give one row for each step."""
        return [_record(outcome) for outcome in self.outcomes]


def _record(outcome: Outcome) -> Record:
    row = outcome.step.to_record()
    return {
        "result": str(outcome.result),
        "action": row["action"],
        "subject": outcome.step.subject,
        "added": len(row["added"]),
        "changed": len(row["changed"]) + len(row["details"]),
        "removed": len(row["removed"]),
        "detail": outcome.detail,
    }
