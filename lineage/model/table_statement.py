"""Table statements: what a statement does to a table, before it is known which table that is."""

from dataclasses import dataclass, field
from typing import NamedTuple

from lineage.model.proposed_change import Action, Written
from lineage.model.reference import Kind

__all__ = ["DefinedColumn", "Definition", "NotUnderstood", "StatementChange"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementChange:
    """One change that a statement makes.

    Attributes
    ----------
    action : Action
    table : tuple of str
        The parts of the table's name, as far as the statement names them.
    column : tuple of str
        The parts of the column's name; empty where it is about the table.
    after : str or None
        As of a `ProposedChange`.
    kind : str
        What the table is in the catalog; a schema where that is changed.
    written : Written
    """

    action: Action
    table: tuple[str, ...]
    column: tuple[str, ...] = ()
    after: str | None = None
    kind: str = Kind.TABLE
    written: Written = field(default_factory=Written)


class DefinedColumn(NamedTuple):
    """A column as a definition has it; None for a type that it does not say."""

    name: str
    data_type: str | None
    written: Written


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A table that is defined: whatever else it has now goes.

    Attributes
    ----------
    table : tuple of str
    columns : tuple of DefinedColumn or None
        None where the statement does not name them all.
    query : bool
        Whether a query fills it.
    written : Written
    """

    table: tuple[str, ...]
    columns: tuple[DefinedColumn, ...] | None
    query: bool = False
    written: Written = field(default_factory=Written)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotUnderstood:
    """A statement, or a part of one, that is not understood.

    Attributes
    ----------
    reason : str
    table : tuple of str
        What it is about, as far as that was understood.
    written : Written
    """

    reason: str
    table: tuple[str, ...] = ()
    written: Written = field(default_factory=Written)
