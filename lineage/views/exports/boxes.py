"""Boxes: entities with their columns as rows, and arrows between them, for formats that draw."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from lineage.views.exports.fact_rows import EdgeRow, NodeRow
from lineage.views.exports.rows import Rows

__all__ = ["Arrow", "Box", "make_arrows", "make_boxes"]


class Box(NamedTuple):
    """An entity with the parts of it that are drawn.

    Attributes
    ----------
    key : str
        A name without any character that a format could mind: `n1`, `n2`, …
    node : NodeRow
    rows : dict of str to NodeRow
        Its parts by keys: `c1`, `c2`, …
    """

    key: str
    node: NodeRow
    rows: dict[str, NodeRow]

    def label_of(self, row: NodeRow) -> str:
        """Return what a row is called in its box: its name, and that of what it is nested in."""
        return row.fqn.removeprefix(f"{self.node.fqn}.")


class Arrow(NamedTuple):
    """What feeds what: the keys of boxes, and of rows where it is known which.

    Attributes
    ----------
    edge : EdgeRow
    """

    upstream: str
    upstream_row: str | None
    downstream: str
    downstream_row: str | None
    edge: EdgeRow


def make_boxes(rows: Rows) -> list[Box]:
    """Put the parts of each entity into its box; a part without its entity has one of its own."""
    parts: dict[str, list[NodeRow]] = {}
    entities = {row.id for row in rows.nodes if row.id == row.entity}
    alone = []
    for row in rows.nodes:
        if row.id == row.entity or row.entity not in entities:
            alone.append(row)
        else:
            parts.setdefault(row.entity, []).append(row)
    return [
        Box(
            f"n{number}",
            node,
            {f"c{place}": part for place, part in enumerate(parts.get(node.id, ()), 1)},
        )
        for number, node in enumerate(alone, 1)
    ]


def make_arrows(boxes: Iterable[Box], edges: Iterable[EdgeRow]) -> Iterator[Arrow]:
    """Iterate over the arrows: an edge whose columns are there is drawn by these alone."""
    places: dict[str, tuple[str, str | None]] = {}
    for box in boxes:
        places[box.node.id] = box.key, None
        places.update((row.id, (box.key, key)) for key, row in box.rows.items())
    listed = list(edges)
    mapped = {row.edge for row in listed if row.kind == "column"}
    for row in listed:
        if row.kind == "column" or row.id not in mapped:
            yield Arrow(*places[row.upstream], *places[row.downstream], row)
