"""What is read of SQL: values that name columns of tables, and nothing of a parser."""

from typing import NamedTuple

from lineage.model.edges import Influence

__all__ = ["Influences", "NotRead", "Output", "SqlReading", "TableColumn", "TableName"]

TableName = tuple[str, ...]
"""The parts of a table's name, as far as the SQL names them, in small letters."""


class NotRead(Exception):  # noqa: N818  # the name is a sentence, as those in errors.py
    """Why a text is not read; caught where the reading was asked for, and made a finding."""


class TableColumn(NamedTuple):
    """A column of a table, as the SQL names both, in small letters; nested ones with dots."""

    table: TableName
    column: str


Influences = frozenset[tuple[Influence, TableColumn]]
"""Columns that decide without giving a value, each with how it does."""


class Output(NamedTuple):
    """One alternative of what one output holds: each branch of a union or of an upsert is one.

    Attributes
    ----------
    name : str or int
        What the output is called, or its position (from 0) where only that counts.
    values : tuple of TableColumn
        The columns whose values it is made of; sorted.
    function : str or None
        What is done to them, in the dialect's own words; None where nothing is.
    influences : tuple of (Influence, TableColumn)
        The columns that choose, partition or order inside its expression; sorted.
    """

    name: str | int
    values: tuple[TableColumn, ...]
    function: str | None
    influences: tuple[tuple[Influence, TableColumn], ...]


class SqlReading(NamedTuple):
    """All that a text says of how one table is filled.

    Attributes
    ----------
    outputs : tuple of Output
        In the order in which the text fills them; never empty.
    rows : tuple of (Influence, TableColumn)
        The columns that decide which rows there are, and in what order; sorted.
    tables : frozenset of TableName
        Every table that anything is read from, also where no column of it is named, as in
        `count(*)` or a join without a condition.
    """

    outputs: tuple[Output, ...]
    rows: tuple[tuple[Influence, TableColumn], ...]
    tables: frozenset[TableName]
