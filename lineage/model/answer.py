"""What every answer can do: be counted, gone through, shown, and turned into rows."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from html import escape
from typing import Any

__all__ = ["Answer", "Record", "counted", "table_columns"]

Record = dict[str, Any]
"""One row: plain text, numbers, booleans, None, and lists of them or of rows."""

_SHOWN = 50  # rows in a notebook; all of them are in to_records()


class Answer(ABC):
    """An answer to a question: rows with a summary."""

    __slots__ = ()

    @abstractmethod
    def to_records(self) -> list[Record]:
        """Give the rows as plain dictionaries, for a data frame, JSON or CSV."""

    @abstractmethod
    def summary(self) -> str:
        """Say the answer in one line."""

    def __len__(self) -> int:
        return len(self.to_records())

    def __iter__(self) -> Iterator[Record]:
        return iter(self.to_records())

    def __bool__(self) -> bool:
        """Be true always: an empty answer is an answer."""
        return True

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.summary()}>"

    def _repr_html_(self) -> str:
        """Show the rows as a table in a notebook; everything is text, never markup."""
        records = self.to_records()
        columns = table_columns(records)
        head = "".join(f"<th>{escape(column)}</th>" for column in columns)
        rows = "".join(_html_row(record, columns) for record in records[:_SHOWN])
        left_out = len(records) - _SHOWN
        note = f"<p>… and {left_out:,} more rows: see to_records()</p>" if left_out > 0 else ""
        return (
            f"<p>{escape(self.summary())}</p>"
            f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{note}"
        )


def counted(number: int, noun: str, nouns: str | None = None) -> str:
    """Write a number with its noun.

    Examples
    --------
    >>> counted(1, "gap"), counted(1200, "gap"), counted(0, "entity", "entities")
    ('1 gap', '1,200 gaps', '0 entities')
    """
    return f"{number:,} {noun if number == 1 else nouns or f'{noun}s'}"


def table_columns(records: list[Record]) -> list[str]:
    """Name the columns that a table has room for: those that hold no rows of their own.

    Examples
    --------
    >>> table_columns([{"verdict": "reaches", "evidence": [{"upstream": "a"}]}])
    ['verdict']
    """
    nested = {
        column
        for record in records
        for column, value in record.items()
        if isinstance(value, list) and any(isinstance(item, dict) for item in value)
    }
    return [column for column in (records[0] if records else ()) if column not in nested]


def _html_row(record: Record, columns: list[str]) -> str:
    cells = "".join(f"<td>{escape(_cell(record[column]))}</td>" for column in columns)
    return f"<tr>{cells}</tr>"


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)
