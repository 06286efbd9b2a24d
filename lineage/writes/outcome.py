"""Outcomes: what became of each step of a plan."""

from dataclasses import dataclass
from enum import StrEnum

from lineage.model.answer import Answer, Record
from lineage.writes.edge_steps import Step
from lineage.writes.model_steps import ModelStep

__all__ = ["Applied", "ModelOutcome", "Outcome", "Result"]


class Result(StrEnum):
    """What became of a step."""

    WRITTEN = "written"
    """It was written, and read back as it should be."""
    UNCHANGED = "unchanged"
    """The server says it already; nothing was sent."""
    CONFLICT = "conflict"
    """Somebody else changed it after the plan was made, or during the write."""
    DROPPED = "dropped"
    """The server answered well, but did not keep what was sent."""
    REFUSED = "refused"
    """It was known before that the server would refuse it, or drop it; nothing was sent."""
    FAILED = "failed"
    """The server refused, or did not answer."""
    SKIPPED = "skipped"
    """It was not tried, since another step came to no good end."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A step, what became of it, and why.

    Attributes
    ----------
    fingerprint : str
        Of what was read back after a write; empty where nothing was.
    """

    step: Step
    result: Result
    detail: str = ""
    fingerprint: str = ""

    @property
    def is_good(self) -> bool:
        """Whether the server now says what the step wanted."""
        return self.result in {Result.WRITTEN, Result.UNCHANGED}


@dataclass(frozen=True, slots=True)
class ModelOutcome:
    """A change of a model, what became of it, and why."""

    step: ModelStep
    result: Result
    detail: str = ""

    @property
    def is_good(self) -> bool:
        """Whether the server now says what the step wanted."""
        return self.result in {Result.WRITTEN, Result.UNCHANGED}


@dataclass(frozen=True, slots=True, repr=False)
class Applied(Answer):
    """What became of every step of a plan, in the order of the plan.

    Attributes
    ----------
    outcomes : tuple of Outcome
        Of the steps on edges.
    models : tuple of ModelOutcome
        Of the changes of models, which are made before.
    """

    outcomes: tuple[Outcome, ...]
    models: tuple[ModelOutcome, ...] = ()

    @property
    def succeeded(self) -> bool:
        """Whether the server now says everything the plan wanted."""
        changed = all(outcome.is_good for outcome in self.models)
        return changed and all(outcome.is_good for outcome in self.outcomes)

    def summary(self) -> str:
        """Count the steps by result."""
        results = [outcome.result for outcome in self.models]
        results += [outcome.result for outcome in self.outcomes]
        counts = [f"{results.count(item)} {item}" for item in Result if item in results]
        return ", ".join(counts) or "nothing to do"

    def to_records(self) -> list[Record]:
        """Give one row for each step."""
        changed = [
            {
                "result": str(outcome.result),
                "action": "change-model",
                "subject": outcome.step.subject,
                "added": len(outcome.step.facts),
                "removed": 0,
                "detail": outcome.detail,
            }
            for outcome in self.models
        ]
        return changed + [
            {
                "result": str(outcome.result),
                "action": str(outcome.step.action),
                "subject": outcome.step.subject,
                "added": len(outcome.step.added),
                "removed": len(outcome.step.removed),
                "detail": outcome.detail,
            }
            for outcome in self.outcomes
        ]
