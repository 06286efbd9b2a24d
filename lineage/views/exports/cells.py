r"""CSV files whose cells no spreadsheet runs.

A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula, after spaces and
quotes too, and where semicolons separate cells it finds another cell after each of them. So before
such a character an apostrophe is put: at the beginning of a cell, and after every semicolon, tab
and line break in it. One is put before an apostrophe there as well, so that taking one away gives
back the cell.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from itertools import chain

from lineage.text_escapes import unescape

__all__ = ["csv_table", "harmless", "unharmed"]

_BEGINNING = r"((?:^|[;\t\r\n])[\s\"]*)"
_RUN = re.compile(rf"{_BEGINNING}(?=['=+\-@\uff1d\uff0b\uff0d\uff20])")
"""Where a formula begins, be it in the wide characters of East Asian keyboards."""

_GUARDED = re.compile(rf"{_BEGINNING}'")


def harmless(text: str) -> str:
    """Write a cell so that a spreadsheet shows it and runs nothing.

    Examples
    --------
    >>> harmless("=1+1"), harmless("a;=1+1"), harmless("a-b")
    ("'=1+1", "a;'=1+1", 'a-b')
    """
    return _RUN.sub(r"\1'", text)


def unharmed(text: str) -> str:
    """Read what `harmless` wrote.

    Examples
    --------
    >>> unharmed(harmless("'=1+1"))
    "'=1+1"
    """
    return _GUARDED.sub(r"\1", text)


def csv_table(header: Sequence[str], lines: Iterable[Sequence[str]], *, raw: bool = False) -> bytes:
    r"""Write a CSV file as RFC 4180 describes it, in UTF-8.

    Parameters
    ----------
    header : sequence of str
    lines : iterable of sequence of str
        Cells as `Rows` spell texts.
    raw : bool
        Whether cells are the catalog's own texts, neither escaped nor made harmless.

    Examples
    --------
    >>> csv_table(["name"], [["=1+1"], [r"two\nlines"]])
    b"name\r\n'=1+1\r\ntwo\\nlines\r\n"
    >>> csv_table(["name"], [["=1+1"], [r"two\nlines"]], raw=True)
    b'name\r\n=1+1\r\n"two\nlines"\r\n'
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    spell = unescape if raw else harmless
    writer.writerows([spell(cell) for cell in line] for line in chain([header], lines))
    return text.getvalue().encode(errors="backslashreplace")
