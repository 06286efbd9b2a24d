"""Where everything stands: a layered layout in plain Python, the same for every run.

Boxes stand in layers, so that data flows from left to right; arrows run around the boxes
between, and an arrow that closes a cycle turns back below them. Lengths are in points, y
grows downwards, and the top left corner is (0, 0). The order in which boxes and arrows are
given changes nothing.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from lineage.model.edges import Strength
from lineage.views.picture.coordinates import place_slots
from lineage.views.picture.crossing_reduction import order_layers
from lineage.views.picture.diagram import Arrow, Box, Diagram
from lineage.views.picture.edge_routing import Fabric, Slot, Thread, Wire, weave
from lineage.views.picture.layers import assign_layers

__all__ = ["Layout", "Measures", "Place", "Point", "Route", "lay_out"]

Point = tuple[float, float]

_GAP, _LABEL_GAP, _WIDEST_GAP = 76.0, 120.0, 200.0
_GAP_PER_LINK = 3.0
"""Between layers; wider where many arrows run, or where they carry labels."""

_TURN, _WIDEST_TURN, _TURN_PER_DROP = 14.0, 64.0, 0.2
_FAN = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """How large the parts of a box are, in points."""

    width: float = 160.0
    header: float = 36.0
    row: float = 15.0
    foot: float = 4.0

    def height(self, box: Box) -> float:
        """Return how high a box is: its header, its rows, and one line for the hidden ones."""
        lines = len(box.rows) + bool(box.hidden_rows)
        return self.header + lines * self.row + (self.foot if lines else 0.0)

    def anchor(self, box: Box, row: str | None) -> float:
        """Return how far below the box's top an arrow ends: level with its row, or the header."""
        if row is None:
            return self.header / 2
        position = next(number for number, each in enumerate(box.rows) if each.key == row)
        return self.header + (position + 0.5) * self.row


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a box stands.

    Attributes
    ----------
    layer : int
        From 0 at the left.
    rows : tuple of float
        The y of each row's middle, where its arrows end.
    """

    key: str
    layer: int
    left: float
    top: float
    width: float
    height: float
    rows: tuple[float, ...]

    @property
    def right(self) -> float:
        """The x of the right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """The y of the lower edge."""
        return self.top + self.height


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The points an arrow runs through, from box to box.

    Attributes
    ----------
    turns : (float, float) or None
        For an arrow that runs against the flow: how far out it swings where it turns back, to
        the right between its first two points and to the left between its last two.
    """

    points: tuple[Point, ...]
    turns: tuple[float, float] | None = None

    @property
    def curve(self) -> tuple[Point, ...]:
        """A smooth path: the first point, then for each cubic Bézier two controls and its end.

        Every piece leaves and arrives level, so pieces join without a corner.
        """
        curve = [self.points[0]]
        last = len(self.points) - 2
        for number, (start, end) in enumerate(pairwise(self.points)):
            out = (end[0] - start[0]) / 2
            back = -out
            if self.turns and number in {0, last}:
                out = back = -self.turns[1] if number else self.turns[0]
            curve += [(start[0] + out, start[1]), (end[0] + back, end[1]), end]
        return tuple(curve)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Places and routes of a whole diagram.

    Attributes
    ----------
    places : tuple of Place
        In the order of the diagram's boxes.
    routes : tuple of Route
        In the order of the diagram's arrows.
    width, height : float
        The size of everything, from (0, 0).
    """

    places: tuple[Place, ...]
    routes: tuple[Route, ...]
    width: float
    height: float


def lay_out(
    diagram: Diagram,
    *,
    widths: Mapping[str, float] | None = None,
    measures: Measures | None = None,
) -> Layout:
    """Place the boxes of a diagram in layers, and lead the arrows around them.

    Parameters
    ----------
    diagram : Diagram
        What is to be drawn.
    widths : mapping of str to float, optional
        How wide each box wants to be, by key; a layer is as wide as its widest box.
    measures : Measures, optional
        How large everything else is.

    Returns
    -------
    Layout
        Positions in points.

    Examples
    --------
    >>> people = Box(key="people", title="people", subtitle="hr", kind="table")
    >>> churn = Box(key="churn", title="churn", subtitle="mlflow", kind="mlmodel")
    >>> from lineage.model.edges import Strength
    >>> feeds = Arrow(upstream="people", downstream="churn", strength=Strength.TABLE)
    >>> layout = lay_out(Diagram(boxes=(churn, people), arrows=(feeds,), title="Churn"))
    >>> [(place.key, place.layer, place.top) for place in layout.places]
    [('churn', 1, 0.0), ('people', 0, 0.0)]
    """
    measures = measures or Measures()
    boxes = {box.key: box for box in sorted(diagram.boxes, key=lambda box: box.key)}
    pairs = ((arrow.upstream, arrow.downstream) for arrow in diagram.arrows)
    layers, backward = assign_layers(boxes, pairs)
    wires = _wires(diagram.arrows, boxes, measures, backward)
    slots = [Slot(layers[key], measures.height(box)) for key, box in boxes.items()]
    fabric = weave(slots, list(wires.values()))
    tops = place_slots(fabric, order_layers(fabric))
    wanted = [(widths or {}).get(key, measures.width) for key in boxes]
    columns = _columns(fabric, wanted, labelled=any(arrow.label for arrow in diagram.arrows))
    places = {
        key: _place(box, layers[key], top, columns, measures)
        for (key, box), top in zip(boxes.items(), tops, strict=False)
    }
    routes = {
        number: _route(thread, fabric, tops, columns)
        for number, thread in zip(wires, fabric.threads, strict=True)
    }
    bottoms = (top + slot.height for top, slot in zip(tops, fabric.slots, strict=True))
    return Layout(
        places=tuple(places[box.key] for box in diagram.boxes),
        routes=tuple(routes[number] for number in range(len(diagram.arrows))),
        width=columns.end,
        height=max(bottoms, default=0.0),
    )


def _place(box: Box, layer: int, top: float, columns: "_Columns", measures: Measures) -> Place:
    left, right = columns.spans[layer]
    return Place(
        key=box.key,
        layer=layer,
        left=left,
        top=top,
        width=right - left,
        height=measures.height(box),
        rows=tuple(top + measures.anchor(box, row.key) for row in box.rows),
    )


def _wires(
    arrows: Sequence[Arrow],
    boxes: dict[str, Box],
    measures: Measures,
    backward: frozenset[tuple[str, str]],
) -> dict[int, Wire]:
    """Make a wire of each arrow, by the arrow's position but in an order free of that."""
    index = {key: number for number, key in enumerate(boxes)}
    fixed = [
        Wire(
            index[arrow.upstream],
            index[arrow.downstream],
            measures.anchor(boxes[arrow.upstream], arrow.upstream_row),
            measures.anchor(boxes[arrow.downstream], arrow.downstream_row),
            (arrow.upstream, arrow.downstream) in backward,
        )
        for arrow in arrows
    ]
    order = sorted(range(len(arrows)), key=lambda each: (fixed[each], *_rank(arrows[each])))
    alike, met = Counter(fixed), Counter[Wire]()
    wires = {}
    for number in order:
        wire = fixed[number]
        wires[number] = _fan(wire, met[wire], alike[wire])
        met[wire] += 1
    return wires


def _rank(arrow: Arrow) -> tuple[Strength, str, bool]:
    return arrow.strength, arrow.label or "", arrow.highlighted


def _fan(wire: Wire, position: int, count: int) -> Wire:
    """Move arrows apart that have both ends in common: two jobs are two arrows."""
    shift = (position - (count - 1) / 2) * min(_FAN, 2 * _FAN / count)
    return wire._replace(
        upstream_offset=wire.upstream_offset + shift,
        downstream_offset=wire.downstream_offset + shift,
    )


class _Columns(NamedTuple):
    """The x of each layer's edges, and where everything ends."""

    spans: list[tuple[float, float]]
    end: float


def _columns(fabric: Fabric, wanted: list[float], *, labelled: bool) -> _Columns:
    layers = len(fabric.links) + 1
    widths = [0.0] * layers
    for slot, width in zip(fabric.slots, wanted, strict=False):  # bends ask for no width
        widths[slot.layer] = max(widths[slot.layer], width)
    room = _room_for_turns(fabric)
    spans: list[tuple[float, float]] = []
    left = room[0]
    for width, links, turns in zip(widths, (*fabric.links, ()), room[1:], strict=True):
        spans.append((left, left + width))
        gap = min(_WIDEST_GAP, max(_LABEL_GAP if labelled else _GAP, _GAP_PER_LINK * len(links)))
        left += width + turns + gap
    return _Columns(spans, spans[-1][1] + room[-1])


def _room_for_turns(fabric: Fabric) -> list[float]:
    """Return how much arrows that turn need before each layer, and after the last one."""
    room = [0.0] * (len(fabric.links) + 2)
    for thread in fabric.threads:
        turns = _turns(thread)
        if turns:
            after = fabric.slots[thread[0].slot].layer + 1
            before = fabric.slots[thread[-1].slot].layer
            room[after] = max(room[after], turns[0])
            room[before] = max(room[before], turns[1])
    return room


def _turns(thread: Thread) -> tuple[float, float] | None:
    """Swing further out the further down, so that one arrow that turns runs inside another."""
    if thread[0].slot != thread[1].slot:
        return None
    drops = (thread[1].offset - thread[0].offset, thread[-2].offset - thread[-1].offset)
    return _swing(drops[0]), _swing(drops[1])


def _swing(drop: float) -> float:
    return min(_WIDEST_TURN, _TURN + _TURN_PER_DROP * drop)


def _route(thread: Thread, fabric: Fabric, tops: list[float], columns: _Columns) -> Route:
    turns = _turns(thread)
    (first, *between, last) = [
        (columns.spans[fabric.slots[slot].layer], tops[slot] + offset) for slot, offset in thread
    ]
    middle = [
        (x, y) for (left, right), y in between for x in ((right, left) if turns else (left, right))
    ]
    return Route(points=((first[0][1], first[1]), *middle, (last[0][0], last[1])), turns=turns)
