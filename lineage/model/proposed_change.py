"""Proposed changes: what somebody is about to do to a column, a table or a pipeline."""

from dataclasses import dataclass, field
from enum import StrEnum

from lineage.model.reference import Reference
from lineage.model.snapshot import Gap

__all__ = ["Action", "ChangeSet", "ProposedChange", "Written", "WrittenChange"]


class Action(StrEnum):
    """What is done to something."""

    DROP = "drop"
    """It goes."""
    RENAME = "rename"
    """It goes under another name: nothing finds it under the old one."""
    MOVE = "move"
    """It goes to another place: nothing finds it at the old one."""
    SWITCH_OFF = "switch-off"
    """A pipeline, or a stored procedure, runs no more."""
    RETYPE = "retype"
    """A column gets another type."""
    NULLABLE = "nullable"
    """A column may be empty."""
    NOT_NULL = "not-null"
    """A column may be empty no more."""
    TAG = "tag"
    """A tag is put on it."""
    RECOMPUTE = "recompute"
    """What fills it does so otherwise: by other columns, or by another function."""
    ADD = "add"
    """It is new. Nothing depends on it yet; with something that goes, it may be a rename."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Where a person wrote a change: a file, a line and a column, from 1; or no file at all."""

    file: str = ""
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}, column {self.column}" if self.file else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedChange:
    """One change to something that the catalog knows.

    Attributes
    ----------
    action : Action
    subject : Reference
        What is changed; of `ADD`, what will be there.
    after : str or None
        The new name, place or type, or the tag.
    before : str or None
        The type it had, or what filled it, as far as that is known.
    written : Written
        Where somebody wrote it; no part of what the change is.
    """

    action: Action
    subject: Reference
    after: str | None = None
    before: str | None = None
    written: Written = field(default_factory=Written, compare=False)

    def __str__(self) -> str:
        """Say the change as it is typed.

        Examples
        --------
        >>> age = Reference("column", "people.age")
        >>> str(ProposedChange(action=Action.RETYPE, subject=age, before="INT", after="SMALLINT"))
        'retype column:people.age from INT to SMALLINT'
        """
        from_ = f" from {self.before}" if self.before else ""
        with_ = "with" if self.action == Action.TAG else "to"
        return (
            f"{self.action} {self.subject}{from_}{f' {with_} {self.after}' if self.after else ''}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenChange:
    """A change as a person wrote it, before it is known what the name stands for.

    Attributes
    ----------
    action : Action
    name : str
        What is changed, as `find` finds it.
    after : str or None
        As of a `ProposedChange`.
    written : Written
    """

    action: Action
    name: str
    after: str | None = None
    written: Written = field(default_factory=Written)


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """Changes, and what of a text or a reading may hold more of them.

    Attributes
    ----------
    changes : tuple of ProposedChange
        In the order they were found.
    gaps : tuple of Gap
        What was not understood, or not read.
    """

    changes: tuple[ProposedChange, ...] = ()
    gaps: tuple[Gap, ...] = ()

    def __add__(self, other: "ChangeSet") -> "ChangeSet":
        """Put two sets together."""
        return ChangeSet(self.changes + other.changes, self.gaps + other.gaps)
