"""The sheet a picture is drawn on, in points, y growing downwards.

All of matplotlib's artists are made here: letters, shapes and lines. A sheet may be scaled
down as a whole, letters and widths of lines included.
"""

from enum import IntEnum
from typing import NamedTuple

from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.text import Text

from lineage.views.picture.layout import Point
from lineage.views.picture.palette import INK, PAPER
from lineage.views.picture.text_metrics import Face, font

__all__ = ["Level", "Pen", "Sheet"]

_INCH = 72.0
_MIDDLE = 0.36
"""From the middle of capital letters down to their line, in sizes of the letters."""


class Level(IntEnum):
    """What lies above what."""

    ARROWS = 1
    EVIDENCE_EDGES = 2
    BOXES = 3
    ROWS = 4
    EVIDENCE = 5
    FRAMES = 6
    LETTERS = 7


class Pen(NamedTuple):
    """How a line is drawn; dashes and the gaps between them are in widths of the line."""

    colour: str
    width: float
    dashes: tuple[float, ...] = ()


class Sheet:
    """A figure with one invisible pair of axes that fills it, one unit to the point.

    Parameters
    ----------
    size : (float, float)
        Width and height in points, before scaling.
    origin : (float, float)
        Where (0, 0) lies, from the top left corner.
    longest : float
        What neither side may pass, in points; a larger sheet is scaled down.
    """

    def __init__(self, size: Point, *, origin: Point, longest: float) -> None:
        (width, height), (left, top) = size, origin
        self._scale = min(1.0, longest / width, longest / height)
        inches = (width * self._scale / _INCH, height * self._scale / _INCH)
        self.figure = Figure(figsize=inches, facecolor=PAPER)
        self._axes = self.figure.add_axes((0, 0, 1, 1), autoscale_on=False)
        self._axes.set(xlim=(-left, width - left), ylim=(height - top, -top))
        self._axes.set_axis_off()

    def write(
        self, text: str, at: Point, face: Face, *, colour: str = INK, side: str = "left"
    ) -> Text:
        """Write one line of legible text, its capitals centred on a height.

        Parameters
        ----------
        side : {"left", "center", "right"}
            Which part of the text stands at the point.
        """
        return self._axes.text(
            at[0],
            at[1] + _MIDDLE * face.size,
            text,
            fontproperties=font(face, scale=self._scale),
            color=colour,
            horizontalalignment=side,
            verticalalignment="baseline",
            zorder=Level.LETTERS,
            parse_math=False,
        )

    def write_over_lines(self, text: str, at: Point, face: Face, *, colour: str) -> None:
        """Write centred text on a white ground, so that lines below do not strike it out."""
        ground = {"facecolor": PAPER, "edgecolor": "none", "boxstyle": "round,pad=0.2"}
        self.write(text, at, face, colour=colour, side="center").set_bbox(ground)

    def draw(
        self,
        shape: Path,
        level: Level,
        *,
        fill: str = "none",
        pen: Pen | None = None,
        hatch: str | None = None,
    ) -> None:
        """Draw a shape: filled, hatched in the pen's colour, outlined, or all of it."""
        pen = pen or Pen("none", 0.0)
        self._axes.add_artist(
            PathPatch(
                shape,
                facecolor=fill,
                edgecolor=pen.colour,
                linewidth=pen.width * self._scale,
                linestyle=(0, pen.dashes) if pen.dashes else "solid",
                hatch=hatch,
                capstyle="butt",
                joinstyle="round",
                zorder=level,
            )
        )
