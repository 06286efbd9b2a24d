"""Carry out one change of a model: read again, compare, write, read back, compare."""

from collections.abc import Callable
from typing import Any

from lineage.changes.model_diff import Fact, model_facts, rebase
from lineage.errors import AccessRefused, RequestFailed, ServerError
from lineage.openmetadata.client import Client
from lineage.openmetadata.model_api import StoredModel, patch_model, read_model
from lineage.openmetadata.retry import may_pass
from lineage.writes.model_steps import ModelStep
from lineage.writes.outcome import ModelOutcome, Result
from lineage.writes.write_retry import attempt_until

__all__ = ["apply_model_step"]

Note = Callable[[dict[str, Any]], None]
"""Told what the server holds of a model, right before that is changed."""


def apply_model_step(step: ModelStep, client: Client, note: Note) -> ModelOutcome:
    """Change a model as a step intends, unless somebody changed the same facts.

    What others changed meanwhile elsewhere in the model stays. The write holds only for the
    version that was read right before it, and whatever comes back, the model is read again.

    Parameters
    ----------
    note : callable
        Told what is about to be changed, before it is.
    """
    changing = _Changing(step, client, note)
    try:
        outcome = attempt_until(client, changing.attempt)
        return outcome or ModelOutcome(step, Result.FAILED, str(changing.trouble))
    except ServerError as error:
        return ModelOutcome(step, _result_of(error), str(error))


class _Changing:
    """One change under way."""

    def __init__(self, step: ModelStep, client: Client, note: Note) -> None:
        self.step, self.client, self.note = step, client, note
        self.trouble: ServerError | None = None

    def attempt(self) -> ModelOutcome | None:
        """Try once; None where the write did not arrive and may be tried again."""
        step, stored = self.step, read_model(self.client, self.step.model_id)
        if not _lacking(step, stored):
            arrived = self.trouble is not None
            return ModelOutcome(step, Result.WRITTEN if arrived else Result.UNCHANGED)
        changed = _changed(step, stored)
        if changed:
            reason = f"{changed} after the plan was made: plan again"
            return ModelOutcome(step, Result.CONFLICT, reason)
        self.note(stored.document)
        self.trouble = self._write(stored)
        return self._compare(stored, read_model(self.client, step.model_id))

    def _write(self, stored: StoredModel) -> ServerError | None:
        """Send the change once; give the error it met."""
        wanted = rebase(stored.model, before=self.step.before, after=self.step.after)
        try:
            patch_model(self.client, stored, wanted, dashboard_id=self.step.dashboard_id)
        except ServerError as error:
            return error
        return None

    def _compare(self, before: StoredModel, after: StoredModel) -> ModelOutcome | None:
        """Check that the server kept what was sent, and tell the version it made."""
        step, trouble, lacking = self.step, self.trouble, _lacking(self.step, after)
        if isinstance(trouble, RequestFailed) and trouble.status == 412:
            reason = "somebody changed the model during the write: plan again"
            return ModelOutcome(step, Result.CONFLICT, reason)
        if not lacking:
            versions = f"version {before.model.version} → {after.model.version}"
            return ModelOutcome(step, Result.WRITTEN, versions)
        if trouble is None:
            reason = f"the server did not keep {', '.join(lacking)}"
            return ModelOutcome(step, Result.DROPPED, reason)
        if before.tag == after.tag and may_pass(trouble, "PUT"):
            return None
        return ModelOutcome(step, _result_of(trouble), str(trouble))


def _lacking(step: ModelStep, stored: StoredModel) -> list[str]:
    """Name the facts that are not as the step wants them."""
    facts = model_facts(stored.model)
    return [fact.path for fact in step.facts if facts.get(fact.path, "") != fact.after]


def _changed(step: ModelStep, stored: StoredModel) -> str:
    """Say what somebody changed that the step would change; nothing where nobody did."""
    if stored.model.deleted:
        return "it was deleted"
    facts = model_facts(stored.model)
    changed = [fact.path for fact in step.facts if _is_another(facts, fact)]
    return f"{', '.join(changed)} changed" if changed else ""


def _is_another(facts: dict[str, str], fact: Fact) -> bool:
    """Whether a fact is neither as it was nor as it should be."""
    return facts.get(fact.path, "") not in (fact.before, fact.after)


def _result_of(error: ServerError) -> Result:
    return Result.REFUSED if isinstance(error, AccessRefused) else Result.FAILED
