"""What a terminal is shown: names made harmless, times made readable, gaps."""

from datetime import UTC, datetime

from rich.cells import cell_len

from lineage.model.snapshot import Gap
from lineage.text_escapes import escape

__all__ = ["gap_lines", "moment", "point_at", "printable"]

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

    A number that is no time of the calendar is written as it is.

    Examples
    --------
    >>> moment(1764000000000), moment(None), moment(10**18)
    ('2025-11-24 16:00 UTC', '', '1000000000000000000 ms since 1970')
    """
    if milliseconds is None:
        return ""
    try:
        spelled = datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return f"{milliseconds} ms since 1970"
    return spelled.strftime("%Y-%m-%d %H:%M UTC")


def point_at(text: str, position: int) -> str:
    """Write a text, and below it a mark at one of its positions.

    Examples
    --------
    >>> print(point_at("churn & kind:table", 6))
      churn & kind:table
            ^
    """
    return f"  {printable(text)}\n  {' ' * cell_len(printable(text[:position]))}^"


def gap_lines(gaps: tuple[Gap, ...]) -> list[str]:
    """Write gaps one a line; of very many the first.

    Examples
    --------
    >>> from lineage.model.snapshot import GapKind
    >>> gap_lines((Gap(GapKind.EDGES_NOT_READ, None, "the server refused"),))
    ['  edges-not-read everywhere: the server refused']
    """
    lines = [f"  {printable(str(gap))}" for gap in gaps[:_GAPS_SHOWN]]
    if len(gaps) > _GAPS_SHOWN:
        lines.append(f"  … and {len(gaps) - _GAPS_SHOWN:,} more gaps")
    return lines
