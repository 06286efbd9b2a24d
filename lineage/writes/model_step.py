"""Steps on models: one intended change of one model's metadata each."""

from dataclasses import dataclass, replace
from typing import Self

from lineage.changes.model_diff import Bump, bump_of, next_version, rebase
from lineage.changes.model_facts import Fact, changed_facts, model_facts
from lineage.model.answer import Record
from lineage.model.entities import MlModel
from lineage.model.reference import Reference
from lineage.openmetadata.client import Client
from lineage.openmetadata.model_api import (
    StoredModel,
    make_stored_model,
    patch_model,
    read_model,
)
from lineage.writes.step import Action, Document, Judgement, Result, State, Weaker

__all__ = ["ModelStep"]

_State = State[MlModel]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelStep:
    """One intended change of one model's metadata; what does not differ stays as it is then.

    Attributes
    ----------
    model : Reference
    model_id : str
        The server's id of it.
    before, after : MlModel
        The model when the plan was made, and as it should be.
    dashboard_id : str
        The server's id of the dashboard that `after` names.
    reason : str
        Why the step is wanted.
    weaker : tuple of Weaker
        The verdicts that it makes weaker.
    """

    model: Reference
    model_id: str
    before: MlModel
    after: MlModel
    dashboard_id: str = ""
    reason: str
    weaker: tuple[Weaker, ...] = ()

    @property
    def action(self) -> Action:
        """What the step does."""
        return Action.CHANGE_MODEL

    @property
    def subject(self) -> str:
        """What the step writes, in words."""
        return str(self.model)

    def to_record(self) -> Record:
        """Give the step as a row, with the keys of those on edges."""
        return {
            "action": str(self.action),
            "upstream": "",
            "downstream": self.subject,
            "added": [],
            "removed": [],
            "changed": [],
            "details": [str(fact) for fact in self.facts],
            "kept": 0,
            "owner": "",
            "reason": f"{self.reason}; {self.version}",
            "weaker": [str(item) for item in self.weaker],
        }

    @property
    def facts(self) -> tuple[Fact, ...]:
        """The facts that will differ."""
        return changed_facts(self.before, self.after)

    @property
    def bump(self) -> Bump:
        """What kind of version the change makes."""
        return bump_of(self.facts)

    @property
    def version(self) -> str:
        """The version that is expected, in words."""
        before = self.before.version
        if before is None:
            return f"a {self.bump} version"
        return f"version {before} → {next_version(before, self.bump)}, {self.bump}"

    def read(self, client: Client) -> _State:
        """Read the model with everything that can be changed of it."""
        return _state(read_model(client, self.model_id))

    def state(self, document: Document | None) -> _State:
        """Make a state of the document that a journal kept.

        Raises
        ------
        NotOpenMetadata
            It is no document of a model.
        """
        return _state(make_stored_model(document, "the journal"))

    def is_done(self, state: _State) -> bool:
        """Whether every fact is as the step wants it."""
        return not self.lacking(state)

    def lacking(self, state: _State) -> str:
        """Name the facts that are not as the step wants them."""
        now = model_facts(state.value)
        lacking = [fact.name for fact in self.facts if now.get(fact.path) != fact.after]
        return f"the server does not have {'; '.join(lacking)}" if lacking else ""

    def conflict(self, state: _State) -> Judgement | None:
        """Refuse where somebody changed a fact that the step would change, or deleted it all."""
        if state.value.deleted:
            return Judgement(Result.CONFLICT, "it was deleted after the plan was made: plan again")
        now = model_facts(state.value)
        others = [
            fact.name for fact in self.facts if now.get(fact.path) not in (fact.before, fact.after)
        ]
        if not others:
            return None
        reason = f"{'; '.join(others)} changed after the plan was made: plan again"
        return Judgement(Result.CONFLICT, reason)

    def write(self, client: Client, state: _State) -> None:
        """Send the change once, for the version just read; what others changed elsewhere stays."""
        stored = StoredModel(state.value, state.document or {})
        wanted = rebase(state.value, before=self.before, after=self.after)
        patch_model(client, stored, wanted, dashboard_id=self.dashboard_id)

    def verify(self, client: Client, before: _State, after: _State) -> Judgement:  # noqa: ARG002
        """Name the version that the change made; the server itself guards what others wrote."""
        versions = f"version {before.value.version} → {after.value.version}"
        return Judgement(Result.WRITTEN, versions)

    def undone(self, state: _State) -> Self | None:
        """Make the step that takes the change back, and no fact that was as wanted already."""
        written = rebase(state.value, before=self.before, after=self.after)
        dashboard = (state.document or {}).get("dashboard")
        step = replace(
            self,
            before=replace(written, version=None),
            after=state.value,
            dashboard_id=str(dashboard.get("id", "")) if isinstance(dashboard, dict) else "",
            reason=f"undoes: {self.action}",
            weaker=(),
        )
        return step if step.facts else None


def _state(stored: StoredModel) -> _State:
    document = stored.document
    # The server folds the changes of one user into one version: the number alone may stay.
    mark = f"{document.get('version')} {document.get('updatedAt')}"
    return State(stored.model, document, mark)
