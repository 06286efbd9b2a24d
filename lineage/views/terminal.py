"""What a terminal is shown: names made harmless, times made readable, tables."""

from datetime import UTC, datetime
from io import StringIO

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lineage.model.answer import Answer, table_columns
from lineage.model.snapshot import Gap
from lineage.text_escapes import escape

__all__ = ["gap_lines", "moment", "point_at", "printable", "render_table"]

_GAPS_SHOWN = 20


def printable(text: str) -> str:
    r"""Escape what would not show as itself: control characters, line breaks, reordering.

    Examples
    --------
    >>> print(printable("two\nlines \x1b[31mred"))
    two\nlines \x1b[31mred
    """
    return escape(text)


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


def point_at(text: str, position: int) -> str:
    """Write a text, and below it a mark at one of its positions.

    Examples
    --------
    >>> print(point_at("churn & kind:table", 6))
      churn & kind:table
            ^
    """
    return f"  {printable(text)}\n  {' ' * cell_len(printable(text[:position]))}^"


def render_table(
    answer: Answer, *, width: int = 120, columns: tuple[str, ...] | None = None
) -> str:
    """Lay the rows of an answer out as a table, with its summary below.

    Parameters
    ----------
    answer : Answer
    width : int
        How many characters fit on a line; longer cells are folded, nothing is cut.
    columns : tuple of str, optional
        Only these; all of them unless told otherwise.

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
        shown = columns or table_columns(records)
        for column in shown:
            table.add_column(column.replace("_", " "), overflow="fold")
        for record in records:
            table.add_row(*(Text(_cell(record[column])) for column in shown))
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


def gap_lines(gaps: tuple[Gap, ...]) -> list[str]:
    """Write gaps one a line; of very many the first.

    Examples
    --------
    >>> from lineage.model.snapshot import GapKind
    >>> gap_lines((Gap(GapKind.EDGES_NOT_READ, None, "the server refused"),))
    ['  edges-not-read at everywhere: the server refused']
    """
    lines = [f"  {printable(str(gap))}" for gap in gaps[:_GAPS_SHOWN]]
    if len(gaps) > _GAPS_SHOWN:
        lines.append(f"  … and {len(gaps) - _GAPS_SHOWN:,} more gaps")
    return lines
