"""What a terminal is shown: names made harmless, times made readable, tables."""

import unicodedata
from datetime import UTC, datetime
from io import StringIO

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lineage.model.answer import Answer, table_columns

__all__ = ["moment", "printable", "render_table"]

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Unicode categories that break a line, reorder it, move the cursor or show nothing."""


def printable(text: str) -> str:
    r"""Escape what would not show as itself: control characters, line breaks, reordering.

    Examples
    --------
    >>> print(printable("two\nlines \x1b[31mred"))
    two\nlines \x1b[31mred
    """
    return "".join(
        character.encode("unicode_escape").decode()
        if unicodedata.category(character) in _INVISIBLE
        else character
        for character in text
    )


def moment(milliseconds: int | None) -> str:
    """Spell a time the server gave, milliseconds since 1970, as a minute in UTC.

    Examples
    --------
    >>> moment(1764000000000), moment(None)
    ('2025-11-24 16:00 UTC', '')
    """
    if milliseconds is None:
        return ""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")


def render_table(answer: Answer, *, width: int = 120) -> str:
    """Lay the rows of an answer out as a table, with its summary below.

    Parameters
    ----------
    answer : Answer
    width : int
        How many characters fit on a line; longer cells are folded, nothing is cut.

    Examples
    --------
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.snapshot import Snapshot
    >>> from lineage.queries.coverage import coverage
    >>> print(render_table(coverage(build_graph(Snapshot()))))
    0 of 0 models lack something; 0 of 0 features resolve to columns
    """
    records = answer.to_records()
    out = StringIO()
    console = Console(file=out, width=width, color_system=None, legacy_windows=False)
    if records:
        table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
        columns = table_columns(records)
        for column in columns:
            table.add_column(column.replace("_", " "), overflow="fold")
        for record in records:
            table.add_row(*(Text(_cell(record[column])) for column in columns))
        console.print(table)
    console.print(Text(printable(answer.summary())))
    return out.getvalue().rstrip("\n")


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, list):
        return "\n".join(printable(str(item)) for item in value)
    return printable(str(value))
