"""Boxes: an entity as a header in the colour of its kind, and its rows below.

Sensitive parts carry a bar and a shield. Deleted entities are dashed and hatched, and say so.
Where something is highlighted, the other boxes keep their place and lose their weight.
"""

from dataclasses import dataclass

from lineage.views.picture.canvas import Level, Pen, Sheet
from lineage.views.picture.diagram import Box, Diagram, Row
from lineage.views.picture.layout import Measures, Place
from lineage.views.picture.palette import (
    EVIDENCE,
    EVIDENCE_TINT,
    FAINT,
    INK,
    KIND_COLOURS,
    PAPER,
    QUIET,
    RULE,
    SENSITIVE,
    SENSITIVE_TINT,
    family,
    kind_label,
    tint,
)
from lineage.views.picture.shapes import levels, rounded, shield
from lineage.views.picture.text_metrics import Face, legible, shorten, width

__all__ = ["MEASURES", "Emphasis", "draw_box", "draw_shield", "wanted_width"]

MEASURES = Measures(header=36.0, row=15.0, foot=4.0)

_TITLE, _SUBTITLE, _ROW, _MARK = Face(9.5, is_bold=True), Face(7), Face(8), Face(5.5, is_bold=True)
_NARROWEST, _WIDEST = 132.0, 236.0
_PADDING, _SHIELD_ROOM, _CORNER = 10.0, 15.0, 5.0
_DELETED = " (deleted)"
_DELETED_DASHES = (3.0, 2.0)


@dataclass(frozen=True, slots=True)
class Emphasis:
    """What stands out in a diagram; everything has the same weight if nothing does."""

    is_used: bool
    boxes: frozenset[str]
    rows: frozenset[tuple[str, str | None]]

    @classmethod
    def of(cls, diagram: Diagram) -> "Emphasis":
        """Gather what is highlighted, and what highlighted arrows start or end at."""
        arrows = [arrow for arrow in diagram.arrows if arrow.highlighted]
        ends = {(arrow.upstream, arrow.upstream_row) for arrow in arrows}
        ends |= {(arrow.downstream, arrow.downstream_row) for arrow in arrows}
        ends |= {(box.key, row.key) for box in diagram.boxes for row in box.rows if row.highlighted}
        boxes = {box.key for box in diagram.boxes if box.highlighted} | {box for box, _ in ends}
        return cls(diagram.is_highlighted, frozenset(boxes), frozenset(ends))

    def mutes(self, box: Box) -> bool:
        """Return whether a box steps back."""
        return self.is_used and box.key not in self.boxes


def wanted_width(box: Box) -> float:
    """Return how wide a box should be to show its names whole, within reason."""
    title = width(_title(box), _TITLE) + _SHIELD_ROOM * box.sensitive
    below = width(legible(box.subtitle), _SUBTITLE) + width(_kind(box), _SUBTITLE) + _PADDING + 4
    rows = [width(legible(row.label), _ROW) + _SHIELD_ROOM * row.sensitive for row in box.rows]
    return min(_WIDEST, max(_NARROWEST, 2 * _PADDING + max(title, below, *rows) + 1))


def draw_box(sheet: Sheet, box: Box, place: Place, emphasis: Emphasis) -> None:
    """Draw one box where it stands."""
    _draw_body(sheet, box, place)
    _draw_header(sheet, box, place, is_bright=not (emphasis.mutes(box) or box.deleted))
    for row, middle in zip(box.rows, place.rows, strict=True):
        _draw_row(sheet, row, place, middle, emphasis)
    if box.hidden_rows:
        _write_hidden(sheet, box, place)
    _draw_frame(sheet, box, place, emphasis)


def draw_shield(sheet: Sheet, middle: tuple[float, float]) -> None:
    """Draw the mark of what is sensitive."""
    sheet.draw(shield(middle, 5), Level.FRAMES, fill=SENSITIVE, pen=Pen(PAPER, 0.7))
    sheet.write("!", middle, _MARK, colour=PAPER, side="center")


def _title(box: Box) -> str:
    return legible(box.title) + _DELETED * box.deleted


def _kind(box: Box) -> str:
    return legible(kind_label(box.kind))


def _draw_body(sheet: Sheet, box: Box, place: Place) -> None:
    shape = rounded((place.left, place.top), (place.width, place.height), radii=(_CORNER, _CORNER))
    sheet.draw(shape, Level.BOXES, fill=PAPER)
    lines = len(box.rows) + bool(box.hidden_rows)
    edges = [place.top + MEASURES.header + line * MEASURES.row for line in range(1, lines)]
    if edges:
        lined = levels(place.left + 1, place.right - 1, edges)
        sheet.draw(lined, Level.ROWS, pen=Pen(RULE, 0.6))


def _draw_header(sheet: Sheet, box: Box, place: Place, *, is_bright: bool) -> None:
    colour = KIND_COLOURS[family(box.kind)]
    below = 0.0 if place.height > MEASURES.header else _CORNER
    shape = rounded((place.left, place.top), (place.width, MEASURES.header), radii=(_CORNER, below))
    sheet.draw(shape, Level.ROWS, fill=colour if is_bright else tint(colour))
    if box.deleted:
        sheet.draw(shape, Level.ROWS, pen=Pen(tint(colour, 0.3), 0), hatch="////")
    _write_header(sheet, box, place, PAPER if is_bright else colour)
    if box.sensitive:
        draw_shield(sheet, (place.right - _PADDING - 2, place.top + 13))


def _write_header(sheet: Sheet, box: Box, place: Place, colour: str) -> None:
    left, right = place.left + _PADDING, place.right - _PADDING
    ending = _DELETED * box.deleted
    room = right - left - _SHIELD_ROOM * box.sensitive
    title = _title(box)
    if width(title, _TITLE) > room:
        title = shorten(legible(box.title), room - width(ending, _TITLE), _TITLE) + ending
    sheet.write(title, (left, place.top + 13), _TITLE, colour=colour)
    kind = shorten(_kind(box), (right - left) / 2, _SUBTITLE)
    sheet.write(kind, (right, place.top + 26.5), _SUBTITLE, colour=colour, side="right")
    room = right - left - width(kind, _SUBTITLE) - _PADDING
    subtitle = shorten(legible(box.subtitle), room, _SUBTITLE)
    sheet.write(subtitle, (left, place.top + 26.5), _SUBTITLE, colour=colour)


def _draw_row(sheet: Sheet, row: Row, place: Place, middle: float, emphasis: Emphasis) -> None:
    is_lit = (place.key, row.key) in emphasis.rows
    top = middle - MEASURES.row / 2
    if row.sensitive or is_lit:
        band = rounded((place.left, top), (place.width, MEASURES.row), radii=(0, 0))
        sheet.draw(band, Level.BOXES, fill=SENSITIVE_TINT if row.sensitive else EVIDENCE_TINT)
    if row.sensitive:
        bar = rounded((place.left, top), (3, MEASURES.row), radii=(0, 0))
        sheet.draw(bar, Level.ROWS, fill=SENSITIVE)
        draw_shield(sheet, (place.right - _PADDING - 2, middle))
    room = place.width - 2 * _PADDING - _SHIELD_ROOM * row.sensitive
    colour = QUIET if emphasis.is_used and not is_lit else INK
    label = shorten(legible(row.label), room, _ROW)
    sheet.write(label, (place.left + _PADDING, middle), _ROW, colour=colour)


def _write_hidden(sheet: Sheet, box: Box, place: Place) -> None:
    noun = "feature" if box.kind == "mlmodel" else "column"
    more = f"+ {box.hidden_rows:,} more {noun}{'s' * (box.hidden_rows != 1)}"
    middle = place.bottom - MEASURES.foot - MEASURES.row / 2
    sheet.write(more, (place.left + _PADDING, middle), _SUBTITLE, colour=QUIET)


def _draw_frame(sheet: Sheet, box: Box, place: Place, emphasis: Emphasis) -> None:
    shape = rounded((place.left, place.top), (place.width, place.height), radii=(_CORNER, _CORNER))
    pen = Pen(KIND_COLOURS[family(box.kind)], 0.9)
    if emphasis.is_used:
        pen = Pen(EVIDENCE, 1.8) if box.key in emphasis.boxes else Pen(FAINT, 0.9)
    elif box.sensitive:
        pen = Pen(SENSITIVE, 1.4)
    sheet.draw(shape, Level.FRAMES, pen=pen._replace(dashes=_DELETED_DASHES * box.deleted))
