"""Tables of nodes, edges and findings, as Parquet and as Arrow's own files.

What is said of the export as a whole is in the metadata of each table.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lineage.views.exports.fact_rows import EdgeRow, FindingRow, NodeRow, types_of
from lineage.views.exports.format import ALL, Format, Rendered
from lineage.views.exports.rows import Rows

__all__ = ["ARROW", "PARQUET"]

_Row = NodeRow | EdgeRow | FindingRow


def _render_parquet(rows: Rows, notes: tuple[str, ...]) -> Rendered:
    return _render(rows, notes, "parquet", _parquet)


def _render_arrow(rows: Rows, notes: tuple[str, ...]) -> Rendered:
    return _render(rows, notes, "arrow", _arrow)


def _render(
    rows: Rows, notes: tuple[str, ...], suffix: str, write: Callable[[Any, Any], None]
) -> Rendered:
    # An extra: whoever writes no tables does without it.
    from lineage.files.arrow_extra import pa  # noqa: PLC0415

    about = {**rows.about, "gaps": rows.gaps, "notes": notes}
    tables: dict[str, tuple[type[_Row], Sequence[_Row]]] = {
        "nodes": (NodeRow, rows.nodes),
        "edges": (EdgeRow, rows.edges),
        "findings": (FindingRow, rows.findings),
    }
    files = {}
    for name, (kind, listed) in tables.items():
        sink = pa.BufferOutputStream()
        write(_table(kind, listed, about), sink)
        files[f"{name}.{suffix}"] = sink.getvalue().to_pybytes()
    return Rendered(files)


def _table(kind: type[_Row], listed: Sequence[_Row], about: Mapping[str, object]) -> Any:
    from lineage.files.arrow_extra import pa  # noqa: PLC0415

    types = {
        "text": pa.string(),
        "bool": pa.bool_(),
        "number": pa.float64(),
        "list": pa.list_(pa.string()),
    }
    fields = [pa.field(name, types[word]) for name, word in types_of(kind).items()]
    schema = pa.schema(fields, metadata={"lineage": json.dumps(about)})
    columns = [[getattr(row, item.name) for row in listed] for item in fields]
    return pa.table(columns, schema=schema)


def _parquet(table: Any, sink: Any) -> None:
    from lineage.files.arrow_extra import pq  # noqa: PLC0415

    pq.write_table(table, sink, compression="zstd")


def _arrow(table: Any, sink: Any) -> None:
    from lineage.files.arrow_extra import pa  # noqa: PLC0415

    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)


PARQUET = Format(
    name="parquet",
    title="Parquet",
    suffix="",
    keeps=ALL,
    render=_render_parquet,
    is_text=False,
)
ARROW = Format(
    name="arrow",
    title="Arrow",
    suffix="",
    keeps=ALL,
    render=_render_arrow,
    is_text=False,
)
