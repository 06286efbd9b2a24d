"""Colours and line styles, the same in every picture.

Kinds differ in lightness as well as in hue, and the kind is also written in every box;
strengths differ by dashes; sensitive parts carry a shield. So nothing is said by colour
alone. White text on a kind's colour, and that colour on its tint, keep a contrast of 4.5:1.
"""

import re

from lineage.model.edges import Strength

__all__ = [
    "DASHES",
    "EVIDENCE",
    "EVIDENCE_TINT",
    "FAINT",
    "INK",
    "KIND_COLOURS",
    "PAPER",
    "QUIET",
    "RULE",
    "SENSITIVE",
    "SENSITIVE_TINT",
    "SLATE",
    "family",
    "kind_label",
    "tint",
]

PAPER = "#FFFFFF"
INK = "#1F2933"
QUIET = "#5F6B7A"
"""Text that steps back, still readable on white."""
SLATE = "#6B7A8D"
"""Arrows in a picture without any evidence path."""
FAINT = "#BCC4CF"
"""Lines that step back."""
RULE = "#E3E8EE"

EVIDENCE = "#D9480F"
EVIDENCE_TINT = "#FDEEE4"
SENSITIVE = "#A61140"
SENSITIVE_TINT = "#FBE9EF"

KIND_COLOURS = {
    "table": "#2B5C8F",
    "pipeline": "#6A4C9C",
    "dashboard": "#8A5A00",
    "mlmodel": "#0B6E5B",
    "topic": "#96306F",
    "other": "#4A5563",
}
"""The colour of each family of kinds, in the order of the legend."""

DASHES: dict[Strength, tuple[float, ...]] = {
    Strength.VALUE: (),
    Strength.MASKED: (7.0, 2.0, 1.4, 2.0),
    Strength.INFLUENCE: (5.0, 2.6),
    Strength.TABLE: (1.2, 2.0),
}
"""Dashes and the gaps between them, in widths of the line; a solid line has none."""

_FAMILIES = {
    "storedProcedure": "pipeline",
    "chart": "dashboard",
    "dashboardDataModel": "dashboard",
}
_LABELS = {"mlmodel": "ML model", "apiEndpoint": "API endpoint"}


def family(kind: str) -> str:
    """Name the kind whose colour another one shares.

    Examples
    --------
    >>> family("table"), family("chart"), family("metric")
    ('table', 'dashboard', 'other')
    """
    shared = _FAMILIES.get(kind, kind)
    return shared if shared in KIND_COLOURS else "other"


def kind_label(kind: str) -> str:
    """Spell a kind in words.

    Examples
    --------
    >>> kind_label("storedProcedure"), kind_label("mlmodel")
    ('stored procedure', 'ML model')
    """
    words = re.sub("(?<=[a-z])(?=[A-Z])", " ", kind).lower()
    return _LABELS.get(kind, words)


def tint(colour: str, share: float = 0.115) -> str:
    """Mix a share of a colour into white.

    Examples
    --------
    >>> tint("#000000")
    '#E2E2E2'
    """
    parts = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return "#" + "".join(f"{round(255 - (255 - part) * share):02X}" for part in parts)
