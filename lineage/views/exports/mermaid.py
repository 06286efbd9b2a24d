"""Mermaid: a flowchart for Markdown pages, as large as Mermaid draws."""

import json
import re
from collections import deque
from collections.abc import Iterable, Iterator

from lineage.model.answer import counted
from lineage.views.exports.boxes import Arrow, Box, make_arrows, make_boxes
from lineage.views.exports.format import Fact, Format, Rendered, one_file
from lineage.views.exports.rows import Rows, node_id

__all__ = ["MERMAID"]

_MOST_EDGES = 500
_MOST_CHARACTERS = 50_000
"""More edges or characters than these Mermaid refuses to draw."""

_ROOM = 2_000  # characters kept for the title and the notes

_ARROWS = {
    "value": "-->",
    "masked": "-. masked .->",
    "influence": "-. influence .->",
    "table": "== table ==>",
}
_END = "  end"
_PLAIN = frozenset(" ._-/(),=")
_EDGE_OF_WORD = re.compile(r"(?<![^\W_])_|_(?![^\W_])|^[-=]|(?<=\d)[.)]")
"""What Markdown takes for emphasis or a list, which Mermaid looks for in every label."""


def _render(rows: Rows, notes: tuple[str, ...]) -> Rendered:
    boxes = make_boxes(rows)
    arrows = _nearest_first(rows, boxes, list(make_arrows(boxes, rows.edges)))
    drawing = _Drawing(boxes)
    left_out = sum(not drawing.add_arrow(arrow) for arrow in arrows)
    alone = sum(not drawing.add_alone(box) for box in boxes)
    more = tuple(_left_out(left_out, alone))
    head = ["---", f"title: {json.dumps(rows.about['title'][:200])}", "---", "flowchart LR"]
    said = [f"  %% {note}" for note in (*more, *notes)]
    return one_file("\n".join((*head, *said, *drawing.lines())) + "\n", *more)


def _left_out(edges: int, alone: int) -> Iterator[str]:
    if edges:
        what = counted(edges, "edge")
        yield f"Mermaid draws {_MOST_EDGES} edges at most: {what} left out, the farthest"
    if alone:
        yield f"{counted(alone, 'entity', 'entities')} without an edge left out of the drawing"


class _Drawing:
    """The boxes and arrows drawn so far, within what Mermaid takes."""

    def __init__(self, boxes: Iterable[Box]) -> None:
        self._boxes = {box.key: box for box in boxes}
        self._shown: dict[str, dict[str | None, str]] = {}
        self._arrows: list[str] = []
        self._room = _MOST_CHARACTERS - _ROOM

    def add_arrow(self, arrow: Arrow) -> bool:
        """Draw an arrow with what it joins; False where there is no room for it."""
        ends = (arrow.upstream, arrow.upstream_row), (arrow.downstream, arrow.downstream_row)
        new = {end: self._node(*end) for end in ends if end[1] not in self._shown.get(end[0], {})}
        names = [_name(*end) for end in ends]
        line = f"  {names[0]} {_ARROWS[arrow.edge.strength]} {names[1]}"
        parted = {box: None for box, row in new if row and not any(self._shown.get(box, ()))}
        heads = map(self._head, parted)
        if len(self._arrows) >= _MOST_EDGES or not self._take(line, *new.values(), *heads):
            return False
        for (box, row), node in new.items():
            self._shown.setdefault(box, {})[row] = node
        self._arrows.append(line)
        return True

    def add_alone(self, box: Box) -> bool:
        """Draw an entity that no arrow leads to; False where there is no room for it."""
        if box.key in self._shown:
            return True
        node = self._node(box.key, None)
        if not self._take(node):
            return False
        self._shown[box.key] = {None: node}
        return True

    def lines(self) -> Iterator[str]:
        """Write what is drawn."""
        for key, nodes in self._shown.items():
            if nodes.keys() == {None}:
                yield nodes[None]
            else:
                yield self._head(key)
                yield from (f"  {node}" for node in nodes.values())
                yield _END
        yield from self._arrows

    def _take(self, *lines: str) -> bool:
        """Take the room that lines need, each with an end; False if it is used up."""
        needed = sum(len(line) + len(f"\n{_END}\n") for line in lines)
        if needed > self._room:
            return False
        self._room -= needed
        return True

    def _head(self, box: str) -> str:
        """Write the line that a box with its parts begins with."""
        return f'  subgraph s{box}["{_text(self._boxes[box].node.name)}"]'

    def _node(self, box: str, row: str | None) -> str:
        """Write a part, or an entity as a whole, in a shape of its own."""
        held = self._boxes[box]
        if row is None:
            kind = _text(held.node.kind)
            return f'  {_name(box, row)}(["{_text(held.node.name)} ({kind})"])'
        return f'  {_name(box, row)}["{_text(held.label_of(held.rows[row]))}"]'


def _nearest_first(rows: Rows, boxes: list[Box], arrows: list[Arrow]) -> list[Arrow]:
    """Put the arrows first that are nearest to what was asked about."""
    keys = {box.node.id: box.key for box in boxes}
    starts = [keys.get(node_id(rows.excerpt.graph.entity_of(one))) for one in rows.excerpt.starts]
    near: dict[str, list[str]] = {}
    for arrow in arrows:
        near.setdefault(arrow.upstream, []).append(arrow.downstream)
        near.setdefault(arrow.downstream, []).append(arrow.upstream)
    distances = {key: 0 for key in starts if key is not None}
    waiting = deque(distances)
    while waiting:
        key = waiting.popleft()
        for other in near.get(key, ()):
            if other not in distances:
                distances[other] = distances[key] + 1
                waiting.append(other)
    far = len(boxes)
    return sorted(
        arrows,
        key=lambda one: max(distances.get(one.upstream, far), distances.get(one.downstream, far)),
    )


def _name(box: str, row: str | None) -> str:
    return f"{box}{row or 'e'}"


def _text(text: str) -> str:
    """Write a text for between quotes: whatever Mermaid or Markdown could mind as its code."""
    marked = {found.start() for found in _EDGE_OF_WORD.finditer(text)}
    return "".join(
        character
        if character.isalnum() or (character in _PLAIN and place not in marked) or character > "~"
        else f"#{ord(character)};"
        for place, character in enumerate(text)
    )


MERMAID = Format(
    name="mermaid",
    title="Mermaid",
    suffix=".mmd",
    keeps=frozenset({Fact.PARTS, Fact.STRENGTH, Fact.PARALLEL}),
    render=_render,
)
