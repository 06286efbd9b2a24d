"""The legend: what the colours, lines and marks mean, and only those that occur."""

from collections.abc import Callable
from dataclasses import dataclass

from lineage.model.edges import Strength
from lineage.views.picture.arrows import draw_sample
from lineage.views.picture.boxes import draw_shield
from lineage.views.picture.canvas import Level, Pen, Sheet
from lineage.views.picture.diagram import Diagram
from lineage.views.picture.layout import Point
from lineage.views.picture.palette import KIND_COLOURS, QUIET, family, kind_label, tint
from lineage.views.picture.shapes import rounded
from lineage.views.picture.text_metrics import Face, width

__all__ = ["LINE", "Entry", "draw_entries", "legend_lines"]

LINE = 18.0
"""How high a line of the legend is."""

_FACE = Face(7.5)
_GAP, _SPACE = 6.0, 20.0

_STRENGTHS = {
    Strength.VALUE: "value: carried over",
    Strength.MASKED: "masked: hidden by a function",
    Strength.INFLUENCE: "influence: filter, join or group",
    Strength.TABLE: "table: columns not known",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One sample with its meaning."""

    text: str
    sample: float
    """How wide the sample is."""
    draw: Callable[[Sheet, Point], None]
    """Draws the sample from its left end."""

    @property
    def width(self) -> float:
        """How wide sample and text are."""
        return self.sample + _GAP + width(self.text, _FACE)


def legend_lines(diagram: Diagram, room: float) -> list[list[Entry]]:
    """Explain what occurs in a diagram, in lines that are not wider than there is room."""
    lines: list[list[Entry]] = []
    left = room
    for entry in (*_kinds(diagram), *_marks(diagram), *_strengths(diagram)):
        if left + entry.width > room:
            lines.append([])
            left = 0.0
        lines[-1].append(entry)
        left += entry.width + _SPACE
    return lines


def draw_entries(sheet: Sheet, lines: list[list[Entry]], corner: Point) -> None:
    """Draw the lines of a legend below each other."""
    for number, line in enumerate(lines):
        left, middle = corner[0], corner[1] + (number + 0.5) * LINE
        for entry in line:
            entry.draw(sheet, (left, middle))
            sheet.write(entry.text, (left + entry.sample + _GAP, middle), _FACE, colour=QUIET)
            left += entry.width + _SPACE


def _kinds(diagram: Diagram) -> list[Entry]:
    present = {family(box.kind) for box in diagram.boxes}
    return [
        Entry(kind_label(kind), 14, _swatch(colour))
        for kind, colour in KIND_COLOURS.items()
        if kind in present
    ]


def _marks(diagram: Diagram) -> list[Entry]:
    entries = []
    if any(box.sensitive or any(row.sensitive for row in box.rows) for box in diagram.boxes):
        entries.append(Entry("sensitive", 10, _shield))
    if any(box.deleted for box in diagram.boxes):
        entries.append(Entry("deleted", 14, _deleted))
    return entries


def _strengths(diagram: Diagram) -> list[Entry]:
    present = {arrow.strength for arrow in diagram.arrows}
    entries = [
        Entry(_STRENGTHS[strength], 30, _line(strength, is_evidence=False))
        for strength in sorted(present, reverse=True)
    ]
    if any(arrow.highlighted for arrow in diagram.arrows):
        entries.append(Entry("evidence path", 32, _line(Strength.VALUE, is_evidence=True)))
    return entries


def _swatch(colour: str) -> Callable[[Sheet, Point], None]:
    def draw(sheet: Sheet, at: Point) -> None:
        sheet.draw(rounded((at[0], at[1] - 4.5), (14, 9), radii=(2, 2)), Level.BOXES, fill=colour)

    return draw


def _shield(sheet: Sheet, at: Point) -> None:
    draw_shield(sheet, (at[0] + 5, at[1]))


def _deleted(sheet: Sheet, at: Point) -> None:
    shape = rounded((at[0], at[1] - 4.5), (14, 9), radii=(2, 2))
    sheet.draw(shape, Level.BOXES, pen=Pen(tint(QUIET, 0.4), 0), hatch="////")
    sheet.draw(shape, Level.BOXES, pen=Pen(QUIET, 0.9, (3.0, 2.0)))


def _line(strength: Strength, *, is_evidence: bool) -> Callable[[Sheet, Point], None]:
    def draw(sheet: Sheet, at: Point) -> None:
        draw_sample(sheet, at, 24, strength, is_evidence=is_evidence)

    return draw
