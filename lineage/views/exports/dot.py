"""DOT: boxes with their columns as rows, for Graphviz."""

from collections.abc import Iterator
from html import escape

from lineage.views.exports.boxes import Arrow, Box, make_arrows, make_boxes
from lineage.views.exports.fact_rows import NodeRow
from lineage.views.exports.format import ALL, Fact, Format, Rendered, one_file
from lineage.views.exports.network import flat_facts
from lineage.views.exports.rows import Rows

__all__ = ["DOT"]

_STYLES = {"value": "solid", "masked": "dashed", "influence": "dotted", "table": "bold"}
_FILLS = {"sensitive": "#f8d7da", "plain": "#ffffff", "head": "#e9ecef"}


def _render(rows: Rows, notes: tuple[str, ...]) -> Rendered:
    boxes = make_boxes(rows)
    said = "\n".join((*notes, *rows.gaps))
    lines = [
        "digraph lineage {",
        f"  graph [rankdir=LR, label={_quoted(rows.about['title'])}, comment={_quoted(said)}];",
        "  node [shape=plain, fontname=Helvetica];",
        *(f"  {line}" for box in boxes for line in _box(box)),
        *(f"  {_arrow(arrow)}" for arrow in make_arrows(boxes, rows.edges)),
        "}",
    ]
    return one_file("\n".join(lines) + "\n")


def _box(box: Box) -> Iterator[str]:
    """Write a node, and what is known of its rows as comments, which have no attributes."""
    facts = {name: value for name, value in flat_facts(box.node).items() if name != "name"}
    cells = [_cell("c0", f"<b>{escape(box.node.name)}</b>", _FILLS["head"])]
    for key, row in box.rows.items():
        facts |= {f"{key}_{name}": value for name, value in flat_facts(row).items()}
        cells.append(_cell(key, escape(box.label_of(row)), _FILLS[_look(row)]))
    table = f'<<table border="0" cellborder="1" cellspacing="0">{"".join(cells)}</table>>'
    attributes = [f"{name}={_quoted(value)}" for name, value in facts.items()]
    yield f"{box.key} [label={table}, {', '.join(attributes)}];"


def _look(row: NodeRow) -> str:
    return "sensitive" if row.sensitive else "plain"


def _cell(port: str, text: str, fill: str) -> str:
    return f'<tr><td port="{port}" align="left" bgcolor="{fill}">{text}</td></tr>'


def _arrow(arrow: Arrow) -> str:
    ends = (
        f"{arrow.upstream}:{arrow.upstream_row or 'c0'}:e",
        f"{arrow.downstream}:{arrow.downstream_row or 'c0'}:w",
    )
    facts = {**flat_facts(arrow.edge), "style": _STYLES[arrow.edge.strength]}
    facts["entity_edge"] = facts.pop("edge")  # which is a word of DOT's own
    attributes = [f"{name}={_quoted(value)}" for name, value in facts.items()]
    return f"{' -> '.join(ends)} [{', '.join(attributes)}];"


def _quoted(value: object) -> str:
    """Quote a text; Graphviz takes a backslash for the beginning of an escape."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}"'


DOT = Format(name="dot", title="DOT", suffix=".dot", keeps=ALL - {Fact.VERDICTS}, render=_render)
