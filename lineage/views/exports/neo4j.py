"""CSV files of nodes and edges, under the headers that Neo4j's importer reads.

Lists have tabs between their items: `--array-delimiter=TAB`.
"""

from collections.abc import Iterator
from functools import partial

from lineage.views.exports.cells import csv_table
from lineage.views.exports.fact_rows import EdgeRow, NodeRow, types_of
from lineage.views.exports.format import ALL, Fact, Format, Rendered
from lineage.views.exports.rows import Rows

__all__ = ["NEO4J"]

_TYPES = {"text": "", "bool": ":boolean", "number": ":double", "list": ":string[]"}
_ENDS = [":START_ID", ":END_ID", ":TYPE"]


def _render(rows: Rows, _notes: tuple[str, ...], *, raw: bool = False) -> Rendered:
    table = partial(csv_table, raw=raw)
    nodes = ([row.id, _label(row.kind), *_cells(row, _NODE_FACTS)] for row in rows.nodes)
    edges = (
        [row.upstream, row.downstream, "FEEDS", *_cells(row, _EDGE_FACTS)] for row in rows.edges
    )
    files = {
        "nodes.csv": table(["id:ID", ":LABEL", *_header(_NODE_FACTS)], nodes),
        "edges.csv": table([*_ENDS, *_header(_EDGE_FACTS)], edges),
        "containment.csv": table(_ENDS, _containment(rows)),
    }
    return Rendered(files)


def _render_raw(rows: Rows) -> Rendered:
    return _render(rows, (), raw=True)


def _facts_of(row: type[NodeRow | EdgeRow], *keys: str) -> dict[str, str]:
    return {name: kind for name, kind in types_of(row).items() if name not in keys}


_NODE_FACTS = _facts_of(NodeRow, "id")
_EDGE_FACTS = _facts_of(EdgeRow, "upstream", "downstream")


def _header(facts: dict[str, str]) -> list[str]:
    return [f"{name}{_TYPES[kind]}" for name, kind in facts.items()]


def _cells(row: NodeRow | EdgeRow, facts: dict[str, str]) -> list[str]:
    return [_cell(getattr(row, name)) for name in facts]


def _cell(value: object) -> str:
    """Write a fact; the importer takes an empty cell for none."""
    if isinstance(value, tuple):
        return "\t".join(value)
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _label(kind: str) -> str:
    """Write a kind as Neo4j's labels are written: `DatabaseSchema`."""
    return kind[:1].upper() + kind[1:]


def _containment(rows: Rows) -> Iterator[list[str]]:
    """Iterate over what is in what, where both are exported: the importer refuses any other."""
    known = {row.id for row in rows.nodes}
    for row in rows.nodes:
        if row.parent in known:
            yield [row.id, str(row.parent), "IS_IN"]


NEO4J = Format(
    name="neo4j",
    title="CSV for Neo4j's importer",
    suffix="",
    keeps=ALL - {Fact.GAPS, Fact.VERDICTS},
    render=_render,
    render_raw=_render_raw,
)
