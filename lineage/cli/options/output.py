"""How a verb prints its answer."""

import shutil
import sys
from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated

import typer

from lineage.errors import BadSelection, LineageError, MistakenFile
from lineage.model.answer import Answer
from lineage.views.records import csv_lines, json_lines
from lineage.views.terminal import point_at, printable

__all__ = ["FormatOption", "OutputFormat", "complain", "render", "show", "width"]


class OutputFormat(StrEnum):
    """The forms an answer can be printed in."""

    TEXT = "text"
    TABLE = "table"
    JSON = "json"
    CSV = "csv"


FormatOption = Annotated[
    OutputFormat, typer.Option("--format", "-f", help="How to print the answer.")
]


def complain(error: LineageError) -> None:
    """Say on stderr what went wrong: a line, or one for each mistake of a file."""
    lines = error.lines if isinstance(error, MistakenFile) else (str(error),)
    for line in lines:
        print(f"lineage: {printable(line)}", file=sys.stderr)
    if isinstance(error, BadSelection):
        print(point_at(error.text, error.position), file=sys.stderr)


def render(answer: Answer, form: OutputFormat) -> Iterable[str]:
    """Write an answer as a table, JSON or CSV, line by line."""
    if form == OutputFormat.JSON:
        return json_lines(answer)
    if form == OutputFormat.CSV:
        return csv_lines(answer)
    from lineage.views.answer_table import render_table

    return (render_table(answer, width=width()),)


def width() -> int:
    """Return how many characters fit on a line here."""
    return shutil.get_terminal_size((120, 40)).columns


def show(text: str | Iterable[str]) -> None:
    """Print a text, or lines as they come, as UTF-8, whatever the terminal can do."""
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a TextIO here
    for line in (text,) if isinstance(text, str) else text:
        print(line.rstrip("\n"))
