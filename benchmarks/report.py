"""The report: tables in Markdown, aligned so that they read well as plain text too."""

import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version

__all__ = ["Row", "Table", "environment", "render"]

Row = tuple[str, ...]

_PACKAGES = ("numpy", "networkx", "pydantic", "httpx")


@dataclass(frozen=True, slots=True)
class Table:
    """What was measured of one thing; the first cell of a row says what."""

    header: Row
    rows: tuple[Row, ...]


def render(title: str, texts: Iterable[str], tables: Iterable[Table]) -> str:
    """Write a report out in Markdown."""
    parts = [f"# {title}", *(text.strip() for text in texts), *map(_table, tables)]
    return "\n\n".join(parts) + "\n"


def environment() -> str:
    """Return what it was measured with."""
    packages = ", ".join(f"{package} {version(package)}" for package in _PACKAGES)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    machine = f"{os.cpu_count()} cores, {memory:.0f} GB, {platform.system()} {platform.machine()}"
    return f"{platform.python_implementation()} {platform.python_version()}, {packages}; {machine}"


def _table(table: Table) -> str:
    columns = list(zip(table.header, *table.rows, strict=True))
    widths = [max(map(len, column)) for column in columns]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join(_line(row, widths) for row in (table.header, rule, *table.rows))


def _line(cells: Sequence[str], widths: list[int]) -> str:
    figures = zip(cells[1:], widths[1:], strict=True)
    return f"| {' | '.join([cells[0].ljust(widths[0]), *(c.rjust(w) for c, w in figures)])} |"
