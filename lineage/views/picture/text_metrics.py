"""Lettering: names made legible, measured, and cut to the room there is.

Names come from a catalog and may hold anything. What would break a line, reorder it or stay
invisible is shown escaped, and so is what no font at hand can draw: a picture never shows a
blank box in place of a letter.
"""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from matplotlib.font_manager import FontProperties, fontManager, get_font
from matplotlib.textpath import text_to_path

__all__ = ["Face", "font", "legible", "shorten", "width", "wrap"]

_MAIN = "DejaVu Sans"
"""Comes with matplotlib, so it is always at hand."""

_FALLBACKS = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Source Han Sans SC",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "WenQuanYi Zen Hei",
    "Arial Unicode MS",
)
"""Fonts for the scripts that the main one lacks; the first ones found are used."""

_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_ELLIPSIS = "…"
_PIECE = re.compile(r"\\u\{[0-9A-F]+\}|\\[nrt]|.", re.DOTALL)


class Face(NamedTuple):
    """How letters look: their size in points, and whether they are bold."""

    size: float
    is_bold: bool = False


def font(face: Face, *, scale: float = 1.0) -> FontProperties:
    """Give the font of a face, enlarged by a scale."""
    return FontProperties(
        family=list(_families()),
        weight="bold" if face.is_bold else "normal",
        size=face.size * scale,
    )


def legible(text: str) -> str:
    r"""Escape what cannot be seen, or cannot be drawn with the fonts at hand.

    Examples
    --------
    >>> print(legible("two\nlines, \u202eturned"))
    two\nlines, \u{202E}turned
    """
    return "".join(char if _is_drawable(char) else _escape(char) for char in text)


@lru_cache(maxsize=8192)
def width(text: str, face: Face) -> float:
    """Measure a legible text, in points."""
    extent, _, _ = text_to_path.get_text_width_height_descent(text, font(face), ismath=False)
    return float(extent)


def shorten(text: str, limit: float, face: Face) -> str:
    """Cut a legible text to a width in points, with an ellipsis in the middle.

    Both ends stay, since names differ at either; an escape is kept whole or not at all.

    Examples
    --------
    >>> shorten("customer_lifetime_value_monthly", 90, Face(8))
    'customer_…_monthly'
    """
    if width(text, face) <= limit:
        return text
    pieces = _PIECE.findall(text)
    fitting, too_many = 0, len(pieces)
    while too_many - fitting > 1:
        kept = (fitting + too_many) // 2
        if width(_without_middle(pieces, kept), face) <= limit:
            fitting = kept
        else:
            too_many = kept
    return _without_middle(pieces, fitting)


def wrap(text: str, limit: float, face: Face) -> list[str]:
    """Break a legible text into lines no wider than a limit in points.

    Lines break at spaces; a word that is too long for a line of its own is shortened.

    Examples
    --------
    >>> wrap("every table upstream of churn", 90, Face(8))
    ['every table upstream', 'of churn']
    """
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width(longer, face) <= limit:
            lines[-1] = longer
        else:
            lines.append(shorten(word, limit, face))
    return lines


def _without_middle(pieces: list[str], kept: int) -> str:
    tail = kept // 2
    return "".join([*pieces[: kept - tail], _ELLIPSIS, *pieces[len(pieces) - tail :]])


def _escape(char: str) -> str:
    return _NAMED.get(char) or f"\\u{{{ord(char):X}}}"


def _is_drawable(char: str) -> bool:
    # C: controls, marks that turn the direction, halves of surrogate pairs, what is not
    # assigned. Z: what breaks a line or passes for a space.
    is_seen = unicodedata.category(char)[0] not in "CZ"
    return char == " " or (is_seen and ord(char) in _characters())


@lru_cache(maxsize=1)
def _families() -> tuple[str, ...]:
    installed = {entry.name for entry in fontManager.ttflist}
    return (_MAIN, *(family for family in _FALLBACKS if family in installed))


@lru_cache(maxsize=1)
def _characters() -> frozenset[int]:
    """Every character that can be drawn both in regular and in bold letters."""
    regular, bold = (
        frozenset().union(*(_charmap(family, weight) for family in _families()))
        for weight in ("normal", "bold")
    )
    return regular & bold


def _charmap(family: str, weight: str) -> frozenset[int]:
    path = fontManager.findfont(FontProperties(family=family, weight=weight))
    return frozenset(get_font(path).get_charmap())
