"""Any answer as a table for a terminal, its summary below."""

from io import StringIO

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lineage.model.answer import Answer, table_columns
from lineage.views.terminal import printable

__all__ = ["render_table"]


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
        Only these; all of them by default.

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
