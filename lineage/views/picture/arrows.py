"""Arrows: smooth lines along their routes, dashed by strength, with a small head."""

from lineage.model.edges import Strength
from lineage.views.picture.canvas import Level, Pen, Sheet
from lineage.views.picture.diagram import Arrow
from lineage.views.picture.layout import Point, Route
from lineage.views.picture.palette import DASHES, EVIDENCE, FAINT, INK, PAPER, QUIET, SLATE
from lineage.views.picture.shapes import arrow_head, curve, dot
from lineage.views.picture.text_metrics import Face, legible, shorten

__all__ = ["draw_arrow", "draw_sample"]

_HEAD, _EVIDENCE_HEAD = 6.5, 9.0
_LABEL = Face(6.5)
_NARROWEST_LABEL = 40.0


def draw_arrow(sheet: Sheet, arrow: Arrow, route: Route, *, is_muted: bool) -> None:
    """Draw one arrow along its route.

    Parameters
    ----------
    is_muted : bool
        Whether it steps back behind what is highlighted.
    """
    level = Level.EVIDENCE if arrow.highlighted else Level.ARROWS
    pen = _pen(arrow.strength, is_evidence=arrow.highlighted, is_muted=is_muted)
    head = _EVIDENCE_HEAD if arrow.highlighted else _HEAD
    *points, back, (x, y) = route.curve
    line = curve([*points, back, (x - 0.8 * head, y)])
    if arrow.highlighted:  # a white edge lifts it off the lines it crosses
        sheet.draw(line, Level.EVIDENCE_EDGES, pen=Pen(PAPER, pen.width + 2.4))
    sheet.draw(line, level, pen=pen)
    sheet.draw(dot(points[0], 0.9 * pen.width + 0.7), level, fill=pen.colour)
    sheet.draw(arrow_head((x, y), head), level, fill=pen.colour)
    if arrow.label:
        _write_label(sheet, arrow.label, route, colour=QUIET if is_muted else INK)


def draw_sample(
    sheet: Sheet, start: Point, length: float, strength: Strength, *, is_evidence: bool = False
) -> None:
    """Draw a short level piece of an arrow, for the legend."""
    end = (start[0] + length, start[1])
    pen = _pen(strength, is_evidence=is_evidence, is_muted=False)
    sheet.draw(curve([start, start, end, end]), Level.ARROWS, pen=pen)
    head = _EVIDENCE_HEAD if is_evidence else _HEAD
    sheet.draw(arrow_head((end[0] + 0.8 * head, end[1]), head), Level.ARROWS, fill=pen.colour)


def _pen(strength: Strength, *, is_evidence: bool, is_muted: bool) -> Pen:
    if is_evidence:
        return Pen(EVIDENCE, 2.2, DASHES[strength])
    return Pen(FAINT if is_muted else SLATE, 0.9 if is_muted else 1.2, DASHES[strength])


def _write_label(sheet: Sheet, label: str, route: Route, *, colour: str) -> None:
    # The first piece runs between two layers; where an arrow turns back, the second one is level.
    first = 3 if route.turns else 0
    start, out, back, end = route.curve[first : first + 4]
    middle = (
        (start[0] + 3 * out[0] + 3 * back[0] + end[0]) / 8,
        (start[1] + 3 * out[1] + 3 * back[1] + end[1]) / 8,
    )
    room = max(_NARROWEST_LABEL, 0.7 * abs(end[0] - start[0]))
    text = shorten(legible(label), room, _LABEL)
    sheet.write_over_lines(text, middle, _LABEL, colour=colour)
