"""Carry out one change of a model: read again, compare, write, read back, compare."""

from lineage.changes.metadata import Fact, model_facts, rebase
from lineage.errors import RequestFailed, ServerError
from lineage.openmetadata.client import Client
from lineage.openmetadata.models import StoredModel, patch_model, read_model
from lineage.writes.model_steps import ModelStep
from lineage.writes.outcome import ModelOutcome, Result

__all__ = ["apply_model_step"]


def apply_model_step(step: ModelStep, client: Client) -> ModelOutcome:
    """Change a model as a step intends, unless somebody changed the same facts.

    What others changed meanwhile elsewhere in the model stays. The write holds only for the
    version that was read right before it.
    """
    try:
        return _attempt(step, client)
    except RequestFailed as error:
        if error.status == 412:
            reason = "somebody changed the model during the write: plan again"
            return ModelOutcome(step, Result.CONFLICT, reason)
        return ModelOutcome(step, Result.FAILED, str(error))
    except ServerError as error:
        return ModelOutcome(step, Result.FAILED, str(error))


def _attempt(step: ModelStep, client: Client) -> ModelOutcome:
    stored = read_model(client, step.model_id)
    facts = model_facts(stored.model)
    if all(facts.get(fact.path, "") == fact.after for fact in step.facts):
        return ModelOutcome(step, Result.UNCHANGED)
    changed = [fact.path for fact in step.facts if _is_another(facts, fact)]
    if stored.model.deleted or changed:
        what = "it was deleted" if stored.model.deleted else f"{', '.join(changed)} changed"
        return ModelOutcome(step, Result.CONFLICT, f"{what} after the plan was made: plan again")
    wanted = rebase(stored.model, before=step.before, after=step.after)
    patch_model(client, stored, wanted, dashboard_id=step.dashboard_id)
    return _compare(step, stored, read_model(client, step.model_id))


def _compare(step: ModelStep, before: StoredModel, after: StoredModel) -> ModelOutcome:
    """Check that the server kept what was sent, and tell the version it made."""
    facts = model_facts(after.model)
    lost = [fact.path for fact in step.facts if facts.get(fact.path, "") != fact.after]
    if lost:
        return ModelOutcome(step, Result.DROPPED, f"the server did not keep {', '.join(lost)}")
    versions = f"version {before.model.version} → {after.model.version}"
    return ModelOutcome(step, Result.WRITTEN, versions)


def _is_another(facts: dict[str, str], fact: Fact) -> bool:
    """Whether a fact is neither as it was nor as it should be."""
    return facts.get(fact.path, "") not in (fact.before, fact.after)
