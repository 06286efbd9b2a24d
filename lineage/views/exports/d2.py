"""D2: tables with their columns, for D2's layouts."""

from collections.abc import Iterator

from lineage.views.exports.boxes import Arrow, Box, make_arrows, make_boxes
from lineage.views.exports.fact_rows import NodeRow
from lineage.views.exports.format import Fact, Format, Rendered, one_file
from lineage.views.exports.rows import Rows

__all__ = ["D2"]

_STYLES = {
    "value": "",
    "masked": "style.stroke-dash: 5",
    "influence": "style.stroke-dash: 2",
    "table": "style.stroke-width: 4",
}


def _render(rows: Rows, notes: tuple[str, ...]) -> Rendered:
    boxes = make_boxes(rows)
    columns = {box.key: _columns(box) for box in boxes}
    lines = [
        *(f"# {' '.join(line.split())}" for line in (rows.about["title"], *notes, *rows.gaps)),
        "direction: right",
        *(line for box in boxes for line in _box(box, columns[box.key])),
        *(_arrow(arrow, columns) for arrow in make_arrows(boxes, rows.edges)),
    ]
    return one_file("\n".join(lines) + "\n")


def _columns(box: Box) -> dict[str, str]:
    """Name the columns of a table, by keys: in D2 `a` and `A` are one, so the second is `A (2)`."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for key, row in box.rows.items():
        name, number = box.label_of(row), 2
        while name.casefold() in taken:
            name, number = f"{box.label_of(row)} ({number})", number + 1
        taken.add(name.casefold())
        names[key] = name
    return names


def _box(box: Box, columns: dict[str, str]) -> Iterator[str]:
    """Write an entity, as a table with its columns where it has any here."""
    yield f"{box.key}: {_quoted(box.node.name)} {{"
    yield f"  tooltip: {_quoted(_facts(box.node))}"
    if box.rows:
        yield "  shape: sql_table"
    for key, row in box.rows.items():
        words = (row.data_type or "", *(f"#{tag}" for tag in row.tags))
        yield f"  {_quoted(columns[key])}: {_quoted(' '.join(filter(None, words)))}"
    yield "}"


def _facts(row: NodeRow) -> str:
    """Say of an entity what it is; D2 shows it where a pointer rests."""
    facts = [row.id, *row.tags, *row.owners, row.description, row.algorithm]
    marks = [
        *(["deleted"] if row.deleted else []),
        *([] if row.read else ["not read"]),
        *([f"verdict: {row.verdict}"] if row.verdict else []),
    ]
    return "; ".join(" ".join(fact.split()) for fact in (*facts, *marks) if fact)


def _arrow(arrow: Arrow, columns: dict[str, dict[str, str]]) -> str:
    ends = [
        box if row is None else f"{box}.{_quoted(columns[box][row])}"
        for box, row in (
            (arrow.upstream, arrow.upstream_row),
            (arrow.downstream, arrow.downstream_row),
        )
    ]
    edge = arrow.edge
    facts = (edge.strength, edge.influence, edge.function, edge.pipeline)
    label = _quoted(" · ".join(" ".join(fact.split()) for fact in facts if fact))
    return f"{' -> '.join(ends)}: {label} {{{_STYLES[edge.strength]}}}"


def _quoted(text: str) -> str:
    """Quote a text; between single quotes D2 puts nothing in the place of anything."""
    return "'" + text.replace("'", "''") + "'"


D2 = Format(
    name="d2",
    title="D2",
    suffix=".d2",
    keeps=frozenset(
        {
            *(Fact.PARTS, Fact.TYPES, Fact.TAGS, Fact.OWNERS, Fact.STATE),
            *(Fact.STRENGTH, Fact.FUNCTIONS, Fact.INFLUENCE, Fact.JOBS, Fact.PARALLEL, Fact.GAPS),
        }
    ),
    render=_render,
)
