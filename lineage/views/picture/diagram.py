"""What is to be drawn, as plain values that know neither the graph nor the pen.

A diagram is boxes with rows, and arrows between boxes or between their rows. Whoever asks a
question turns the answer into a diagram; whoever draws (`lineage.views.picture.figure`) needs
nothing else.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from lineage.model.edges import Strength

__all__ = ["Arrow", "Box", "Diagram", "Row"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line in a box: a column of a table, a feature of a model.

    Attributes
    ----------
    key : str
        What arrows name it by, unique in its box.
    """

    key: str
    label: str
    sensitive: bool = False
    highlighted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One entity, with those of its parts that are worth showing.

    Attributes
    ----------
    key : str
        What arrows name it by, unique in the diagram.
    subtitle : str
        Where it lives, in small letters: a schema, a service. May be empty.
    kind : str
        The entity's kind; it decides the colour.
    hidden_rows : int
        How many rows there are besides those shown.

    Raises
    ------
    ValueError
        Two rows have one key, or less than nothing is hidden.
    """

    key: str
    title: str
    subtitle: str
    kind: str
    rows: tuple[Row, ...] = ()
    hidden_rows: int = 0
    sensitive: bool = False
    highlighted: bool = False
    deleted: bool = False

    def __post_init__(self) -> None:
        _refuse_repeated(f"row in box {self.key!r}", (row.key for row in self.rows))
        _refuse_negative(f"hidden_rows of box {self.key!r}", self.hidden_rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """Data flows from one box, or one of its rows, to another.

    Attributes
    ----------
    upstream, downstream : str
        Keys of boxes; the same one twice for a box that reads what it writes.
    upstream_row, downstream_row : str or None
        Keys of rows; None where the arrow starts or ends at the box as a whole.
    highlighted : bool
        Whether it belongs to the evidence path.
    """

    upstream: str
    downstream: str
    strength: Strength
    upstream_row: str | None = None
    downstream_row: str | None = None
    highlighted: bool = False
    label: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagram:
    """Boxes and arrows, what stands above them, and what stands below.

    Attributes
    ----------
    notes : tuple of str
        Sentences for the caption.
    left_out : int
        How many boxes belong here but were left out to keep the picture readable.

    Raises
    ------
    ValueError
        Two boxes have one key, an arrow names a box or a row that is not there, or less than
        nothing is left out. Each would give a picture that silently says something else.

    Examples
    --------
    >>> people = Box(key="people", title="people", subtitle="hr", kind="table")
    >>> churn = Box(key="churn", title="churn", subtitle="mlflow", kind="mlmodel")
    >>> feeds = Arrow(upstream="people", downstream="churn", strength=Strength.TABLE)
    >>> diagram = Diagram(boxes=(people, churn), arrows=(feeds,), title="What feeds churn")
    >>> [box.title for box in diagram.boxes]
    ['people', 'churn']
    >>> Diagram(boxes=(people,), arrows=(feeds,), title="What feeds churn")
    Traceback (most recent call last):
    ValueError: an arrow names the box 'churn', which is not in the diagram
    """

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    title: str
    notes: tuple[str, ...] = ()
    left_out: int = 0

    def __post_init__(self) -> None:
        _refuse_repeated("box", (box.key for box in self.boxes))
        _refuse_negative("left_out", self.left_out)
        rows = {box.key: {row.key for row in box.rows} for box in self.boxes}
        for arrow in self.arrows:
            _refuse_unknown(arrow.upstream, arrow.upstream_row, rows)
            _refuse_unknown(arrow.downstream, arrow.downstream_row, rows)

    @property
    def is_highlighted(self) -> bool:
        """Whether anything at all is highlighted, so that the rest steps back."""
        return any(arrow.highlighted for arrow in self.arrows) or any(
            box.highlighted or any(row.highlighted for row in box.rows) for box in self.boxes
        )


def _refuse_repeated(what: str, keys: Iterable[str]) -> None:
    repeated = [key for key, count in Counter(keys).items() if count > 1]
    if repeated:
        message = f"more than one {what} has the key {repeated[0]!r}"
        raise ValueError(message)


def _refuse_negative(what: str, count: int) -> None:
    if count < 0:
        message = f"{what} is {count}, less than nothing"
        raise ValueError(message)


def _refuse_unknown(box: str, row: str | None, rows: dict[str, set[str]]) -> None:
    if box not in rows:
        message = f"an arrow names the box {box!r}, which is not in the diagram"
        raise ValueError(message)
    if row is not None and row not in rows[box]:
        message = f"an arrow names the row {row!r}, which box {box!r} does not show"
        raise ValueError(message)
