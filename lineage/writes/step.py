"""Steps: what every intended write can say and do, whether it is about an edge or a model."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, NamedTuple, Protocol, Self, TypeVar

from lineage.model.answer import Record, counted
from lineage.model.reference import Reference
from lineage.openmetadata.client import Client

__all__ = ["Action", "Document", "Judgement", "Result", "State", "Step", "Weaker"]

Document = dict[str, Any]
"""JSON as the server writes it."""

_Value = TypeVar("_Value")


class Action(StrEnum):
    """What a step does."""

    CREATE_EDGE = "create-edge"
    CHANGE_EDGE = "change-edge"
    WRITE_AGAIN = "write-again"
    REMOVE_MAPPINGS = "remove-mappings"
    REMOVE_EDGE = "remove-edge"
    CHANGE_MODEL = "change-model"


class Result(StrEnum):
    """What became of a step."""

    WRITTEN = "written"
    """It was written, read back as it should be, and the search index shows it."""
    UNCHANGED = "unchanged"
    """The server says it already; nothing was sent, but where the index did not show it."""
    UNINDEXED = "unindexed"
    """It is in the database, and the search index does not show it."""
    CONFLICT = "conflict"
    """Somebody else changed it after the plan was made, or during the write."""
    DROPPED = "dropped"
    """The server answered well, but did not keep what was sent."""
    REFUSED = "refused"
    """It was known before that the server would refuse it, or drop it; nothing was sent."""
    FAILED = "failed"
    """The server refused, or did not answer."""
    SKIPPED = "skipped"
    """It was not tried, since another step failed, or the server or the token is gone."""


class Judgement(NamedTuple):
    """What becomes of a step, and why."""

    result: Result
    reason: str = ""


@dataclass(frozen=True, slots=True)
class State(Generic[_Value]):
    """What the server holds of the subject of a step, read just now.

    Attributes
    ----------
    value : Edge, MlModel or None
        As our value.
    document : dict or None
        As the server writes it, which a journal keeps. None where it holds nothing.
    mark : str
        Equal for two readings exactly where nothing changed between them.
    """

    value: _Value
    document: Document | None
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Weaker:
    """A verdict that a step would make weaker: of some columns about one feature or model.

    Attributes
    ----------
    columns : tuple of Reference
        Some of the columns, sorted.
    target : Reference
        The feature or model.
    before, after : str
        The verdicts, as an audit says them.
    more : int
        How many columns there are besides.
    """

    columns: tuple[Reference, ...]
    target: Reference
    before: str
    after: str
    more: int = 0

    def __str__(self) -> str:
        names = ", ".join(column.fqn for column in self.columns)
        more = f" and {counted(self.more, 'more column', 'more columns')}" if self.more else ""
        return f"{names}{more} → {self.target.fqn}: {self.before} → {self.after}"


class Step(Protocol[_Value]):
    """One intended write, as a value: what it is about, and how it is applied.

    A step is applied by `apply_step`: read, compared, written once, read back, compared.
    """

    @property
    def action(self) -> Action:
        """What the step does."""

    @property
    def subject(self) -> str:
        """What the step writes, in words."""

    @property
    def weaker(self) -> tuple[Weaker, ...]:
        """The verdicts that the step makes weaker."""

    def to_record(self) -> Record:
        """Give the step as a row; the rows of all steps have the same keys."""

    def read(self, client: Client) -> State[_Value]:
        """Read what the server holds."""

    def state(self, document: Document | None) -> State[_Value]:
        """Make a state of what a journal kept."""

    def is_done(self, state: State[_Value]) -> bool:
        """Whether the server says already what the step wants."""

    def lacking(self, state: State[_Value]) -> str:
        """Name what the server does not say yet, or still says; nothing where it is done."""

    def conflict(self, state: State[_Value]) -> Judgement | None:
        """Say why the step must not be written over what the server holds; None where it may."""

    def write(self, client: Client, state: State[_Value]) -> None:
        """Send the write once."""

    def verify(self, client: Client, before: State[_Value], after: State[_Value]) -> Judgement:
        """Judge a write that is done: whether anything of others was lost by it."""

    def undone(self, state: State[_Value]) -> Self | None:
        """Make the step that writes back what was there; None where nothing is to be undone."""
