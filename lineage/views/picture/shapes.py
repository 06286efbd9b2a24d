"""Shapes: outlines of what a picture is made of, as paths."""

from collections.abc import Sequence

from matplotlib.path import Path

from lineage.views.picture.layout import Point

__all__ = ["arrow_head", "curve", "dot", "levels", "rounded", "shield"]

_SHIELD = ((0.0, -1.0), (0.9, -0.68), (0.9, 0.1), (0.0, 1.1), (-0.9, 0.1), (-0.9, -0.68))
_SHIELD_CODES = (Path.MOVETO, *(Path.LINETO,) * 5, Path.CLOSEPOLY)


def rounded(corner: Point, size: Point, *, radii: tuple[float, float]) -> Path:
    """Outline a box from its top left corner, with radii for the upper and lower corners."""
    (left, top), (right, bottom) = corner, (corner[0] + size[0], corner[1] + size[1])
    above, below = radii
    points = [
        (left + above, top),
        (right - above, top), (right, top), (right, top + above),
        (right, bottom - below), (right, bottom), (right - below, bottom),
        (left + below, bottom), (left, bottom), (left, bottom - below),
        (left, top + above), (left, top), (left + above, top),
        (left + above, top),
    ]  # fmt: skip
    corner_codes = (Path.LINETO, Path.CURVE3, Path.CURVE3)
    return Path(points, [Path.MOVETO, *corner_codes * 4, Path.CLOSEPOLY])


def curve(points: Sequence[Point]) -> Path:
    """Join cubic Bézier pieces: the first point, then two controls and an end for each."""
    return Path(points, [Path.MOVETO, *(Path.CURVE4,) * (len(points) - 1)])


def levels(left: float, right: float, heights: Sequence[float]) -> Path:
    """Draw level lines between two edges, as one shape."""
    points = [(x, y) for y in heights for x in (left, right)]
    return Path(points, [Path.MOVETO, Path.LINETO] * len(heights))


def arrow_head(tip: Point, size: float) -> Path:
    """Outline the head of an arrow that arrives from the left."""
    x, y = tip
    wing = 0.46 * size
    points = [(x, y), (x - size, y - wing), (x - 0.78 * size, y), (x - size, y + wing), (x, y)]
    return Path(points, closed=True)


def dot(middle: Point, radius: float) -> Path:
    """Outline a small disc."""
    return Path.circle(middle, radius)


def shield(middle: Point, size: float) -> Path:
    """Outline a shield, the mark of what is sensitive."""
    points = [(middle[0] + x * size, middle[1] + y * size) for x, y in _SHIELD]
    return Path([*points, points[0]], _SHIELD_CODES)
