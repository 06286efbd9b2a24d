"""Pictures: a diagram as PNG, SVG or PDF, drawn by matplotlib without any window.

The same diagram gives the same bytes in PNG and SVG, whatever the user's matplotlib settings.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from lineage.atomic_files import write_whole
from lineage.errors import BrokenFile
from lineage.views.picture.arrows import draw_arrow
from lineage.views.picture.boxes import MEASURES, Emphasis, draw_box, wanted_width
from lineage.views.picture.canvas import Level, Pen, Sheet
from lineage.views.picture.diagram import Diagram
from lineage.views.picture.layout import Layout, lay_out
from lineage.views.picture.legend import LINE, Entry, draw_entries, legend_lines
from lineage.views.picture.palette import QUIET, RULE
from lineage.views.picture.shapes import levels
from lineage.views.picture.text_metrics import Face, legible, wrap

__all__ = ["draw_diagram", "encode_figure", "write_figure"]

_MARGIN = 28.0
_NARROWEST = 460.0
_LONGEST = 60 * 72.0
"""No side of a picture is longer than 60 inches: a larger one is scaled down to that."""

_CAPTION, _NOTHING = Face(8), Face(11)
_CAPTION_LINE, _BLOCK_GAP = 13.0, 18.0
_TITLE_SIZE, _LARGEST_TITLE, _TITLE_LEADING = 15.0, 48.0, 1.35

_DOTS_PER_INCH, _MOST_DOTS = 150.0, 7200.0

_PRODUCER = "lineage"


def draw_diagram(diagram: Diagram) -> Figure:
    """Draw a diagram, large enough for all that is in it.

    Parameters
    ----------
    diagram : Diagram
        What is to be drawn.

    Returns
    -------
    matplotlib.figure.Figure
        With the title on top, the legend and the notes below the drawing.

    Examples
    --------
    >>> from lineage.model.edges import Strength
    >>> from lineage.views.picture.diagram import Arrow, Box
    >>> people = Box(key="people", title="people", subtitle="hr", kind="table")
    >>> churn = Box(key="churn", title="churn", subtitle="mlflow", kind="mlmodel")
    >>> feeds = Arrow(upstream="people", downstream="churn", strength=Strength.TABLE)
    >>> picture = Diagram(boxes=(people, churn), arrows=(feeds,), title="What feeds churn")
    >>> figure = draw_diagram(picture)
    >>> sorted(text.get_text() for text in figure.axes[0].texts)[:4]
    ['ML model', 'ML model', 'What feeds churn', 'churn']
    """
    with _own_settings():
        layout = lay_out(
            diagram,
            widths={box.key: wanted_width(box) for box in diagram.boxes},
            measures=MEASURES,
        )
        page = _Page.of(diagram, layout)
        sheet = Sheet(page.size, origin=page.origin, longest=_LONGEST)
        sheet.figure.set_label(legible(diagram.title))
        _write_around(sheet, page)
        _draw_inside(sheet, diagram, layout)
        return sheet.figure


def write_figure(picture: Figure | Diagram, path: str | os.PathLike[str]) -> None:
    """Write a picture to a file: PNG, SVG or PDF, as the suffix says.

    The file is replaced in one step, so it is never half written.

    Parameters
    ----------
    picture : Figure or Diagram
        What `draw_diagram` gave, or what to give it.
    path : str or path-like
        Ends in `.png`, `.svg` or `.pdf`.

    Raises
    ------
    BrokenFile
        The suffix is another one, or the file cannot be written there.

    Examples
    --------
    >>> write_figure(Diagram(boxes=(), arrows=(), title="Nothing yet"), "nothing.gif")
    Traceback (most recent call last):
    lineage.errors.BrokenFile: nothing.gif: a picture ends in .png, .svg or .pdf
    """
    target = Path(path)
    suffix = target.suffix.lower().removeprefix(".")
    if suffix not in _METADATA:
        raise BrokenFile(str(target), "a picture ends in .png, .svg or .pdf")
    write_whole(target, encode_figure(picture, suffix))


_METADATA: dict[str, dict[str, str | None]] = {
    "png": {"Software": _PRODUCER},
    "svg": {"Date": None, "Creator": _PRODUCER},
    "pdf": {"CreationDate": None, "Creator": _PRODUCER, "Producer": _PRODUCER},
}


def encode_figure(picture: Figure | Diagram, form: str) -> bytes:
    """Give a picture as the bytes of a file.

    Parameters
    ----------
    picture : Figure or Diagram
        What `draw_diagram` gave, or what to give it.
    form : {"png", "svg", "pdf"}

    Examples
    --------
    >>> encode_figure(Diagram(boxes=(), arrows=(), title="Nothing yet"), "svg")[:5]
    b'<?xml'
    """
    figure = draw_diagram(picture) if isinstance(picture, Diagram) else picture
    buffer = BytesIO()
    metadata = {"Title": str(figure.get_label()), **_METADATA[form]}
    dots = min(_DOTS_PER_INCH, _MOST_DOTS / max(figure.get_size_inches()))
    with _own_settings():
        figure.savefig(buffer, format=form, dpi=dots, metadata=metadata)
    return buffer.getvalue()


@contextmanager
def _own_settings() -> Iterator[None]:
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams["svg.hashsalt"] = _PRODUCER
        mpl.rcParams["hatch.linewidth"] = 0.8
        mpl.rcParams["text.hinting"] = "none"  # letters are as wide as they were measured
        yield


@dataclass(frozen=True, slots=True)
class _Page:
    """How the room is shared out: title, drawing, legend, captions."""

    width: float
    drawing: tuple[float, float]
    title: list[str]
    legend: list[list[Entry]]
    captions: list[str]

    @classmethod
    def of(cls, diagram: Diagram, layout: Layout) -> "_Page":
        inner = max(layout.width, _NARROWEST)
        captions = list(diagram.notes)
        if diagram.left_out:
            captions.append(f"{diagram.left_out:,} left out of this picture")
        return cls(
            inner + 2 * _MARGIN,
            (layout.width, layout.height) if diagram.boxes else (0.0, 40.0),
            wrap(legible(diagram.title), inner, _title_face(inner)),
            legend_lines(diagram, inner),
            [line for text in captions for line in wrap(legible(text), inner, _CAPTION)],
        )

    @property
    def title_face(self) -> Face:
        """The title's letters, larger on a large page."""
        return _title_face(self.width - 2 * _MARGIN)

    @property
    def title_line(self) -> float:
        """How high a line of the title is."""
        return self.title_face.size * _TITLE_LEADING

    @property
    def origin(self) -> tuple[float, float]:
        """Where the drawing's top left corner lies: centred, below the title."""
        above = _MARGIN + len(self.title) * self.title_line + _BLOCK_GAP
        return (self.width - self.drawing[0]) / 2, above

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of it all."""
        below = len(self.legend) * LINE + len(self.captions) * _CAPTION_LINE
        return self.width, self.origin[1] + self.drawing[1] + 1.5 * _BLOCK_GAP + below + _MARGIN


def _title_face(room: float) -> Face:
    return Face(min(_LARGEST_TITLE, max(_TITLE_SIZE, room / 60)), is_bold=True)


def _write_around(sheet: Sheet, page: _Page) -> None:
    left, top = _MARGIN - page.origin[0], _MARGIN - page.origin[1]
    for number, line in enumerate(page.title):
        middle = top + (number + 0.5) * page.title_line
        sheet.write(line, (left, middle), page.title_face)
    below = page.drawing[1] + _BLOCK_GAP
    if page.legend or page.captions:
        rule = levels(left, left + page.width - 2 * _MARGIN, [below])
        sheet.draw(rule, Level.ARROWS, pen=Pen(RULE, 0.8))
    below += _BLOCK_GAP / 2
    draw_entries(sheet, page.legend, (left, below))
    below += len(page.legend) * LINE
    for number, line in enumerate(page.captions):
        middle = below + (number + 0.5) * _CAPTION_LINE
        sheet.write(line, (left, middle), _CAPTION, colour=QUIET)


def _draw_inside(sheet: Sheet, diagram: Diagram, layout: Layout) -> None:
    if not diagram.boxes:
        sheet.write("nothing to draw", (0, 20), _NOTHING, colour=QUIET, side="center")
    emphasis = Emphasis.of(diagram)
    for arrow, route in zip(diagram.arrows, layout.routes, strict=True):
        draw_arrow(sheet, arrow, route, is_muted=emphasis.is_used and not arrow.highlighted)
    for box, place in zip(diagram.boxes, layout.places, strict=True):
        draw_box(sheet, box, place, emphasis)
