"""The edge table: what an audit walks, as Parquet tables of numbers.

Nodes are those of the index: a reference has an entry, where data arrives, and an exit, where it
leaves, as `docs/semantics.md` says. An arc leads from node to node with a strength; it has the
number of the hop it is shown as, or -1 where it only leads in or out of what contains a part. What
is looked for are labels: one for each tag, and one for each place where something is missing.
"""

import os
from collections.abc import Sequence

from lineage.engines.edge_table_rows import EdgeTableRows
from lineage.files.arrow_extra import pa
from lineage.files.parquet_tables import Tables, format_of, open_tables, write_tables
from lineage.files.parquet_values import fields_of
from lineage.governance.audit.audit import judge
from lineage.graph.lineage_graph import LineageGraph
from lineage.masking.rules import MaskingRule
from lineage.model.edges import Edge
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap
from lineage.queries.lookup import Models

__all__ = [
    "FORMAT",
    "SCHEMAS",
    "VERSION",
    "is_edge_table",
    "open_edge_table",
    "write_edge_table",
]

FORMAT = "lineage-edge-table"
VERSION = 2

_REFERENCE = pa.struct(fields_of(Reference))
_INT = pa.int32()

SCHEMAS = {
    "arcs": pa.schema({"tail": _INT, "head": _INT, "strength": pa.uint8(), "hop": _INT}),
    "nodes": pa.schema({"node": _INT, "reference": _REFERENCE, "role": pa.string()}),
    "labels": pa.schema({"label": _INT, "kind": pa.string(), "name": pa.string()}),
    "seeds": pa.schema({"node": _INT, "label": _INT}),
    "targets": pa.schema(
        {
            "node": _INT,
            "reference": _REFERENCE,
            "model": _REFERENCE,
            "silent": pa.bool_(),
            "behind": pa.list_(_INT),
        }
    ),
    "sensitive": pa.schema(
        {
            "node": _INT,
            "reference": _REFERENCE,
            "tags": pa.list_(pa.string()),
            "tagged": _REFERENCE,
        }
    ),
    "gaps": pa.schema([pa.field("label", _INT), *fields_of(Gap)]),
    "silent": pa.schema(
        {
            "tail": _INT,
            "head": _INT,
            "hiding": pa.bool_(),
            "upstream": _REFERENCE,
            "downstream": _REFERENCE,
        }
    ),
    "hops": pa.schema(
        {
            "hop": _INT,
            "upstream": _REFERENCE,
            "downstream": _REFERENCE,
            "strength": pa.uint8(),
            "edge": _INT,
            "mapping": _INT,
            "masked_by": pa.string(),
            "deleted": pa.list_(_REFERENCE),
        }
    ),
    "edges": pa.schema([pa.field("edge", _INT), *fields_of(Edge)]),
}
"""The tables and their columns.

* `arcs`: sorted by tail, so that few rows have to be read for few nodes.
* `nodes`: the role is `entry`, `exit`, `both`, or `rows` where what decides the rows of an entity
  arrives, or `reads` where what an edge of a pipeline reads does.
* `labels`: the kind is `tag` or `gap`, the name that of the tag.
* `seeds`: where each label begins.
* `targets`: the models and features, by the node where what reached them is seen; whether an edge
  upstream may hide an influence; of a model, the rows of `sensitive` that stay behind upstream.
* `sensitive`: what is looked for, by the node where it begins; sorted by reference.
* `gaps`: the label is null where the gap hides nothing, or hides upstream of everything.
* `silent`: the edges that do not report influences, by the nodes they leave and arrive at; whether
  something sensitive is known to lead into it.
* `hops`: the number of an edge, and that of one of its mappings or -1; the rule that masks the
  value; the soft-deleted entities at its ends.
"""


def write_edge_table(
    graph: LineageGraph,
    folder: str | os.PathLike[str],
    *,
    models: Models | None = None,
    tags: Sequence[str] | None = None,
    suggested: bool = False,
    rules: Sequence[MaskingRule] | None = None,
) -> None:
    """Write what an engine needs to audit a graph into a folder, completely or not at all.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    folder : path
        Where the tables go, a folder of their own.
    models, tags, suggested, rules
        As for `audit`, whose answer by tag an engine will give.

    Raises
    ------
    BrokenFile
        The folder cannot be written.
    UnknownEntity
        The graph has no such model.
    BadSelection
        A pattern of tags is malformed.
    ValueError
        `tags` is a single text, or names none.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.snapshot import Snapshot
    >>> with TemporaryDirectory() as folder:
    ...     write_edge_table(build_graph(Snapshot()), folder)
    ...     open_edge_table(folder).read("arcs").num_rows
    0
    """
    judging = judge(graph, models=models, tags=tags, suggested=suggested, rules=rules, by="tag")
    rows = EdgeTableRows(judging)
    tables = {name: (schema, getattr(rows, name)()) for name, schema in SCHEMAS.items()}
    write_tables(folder, {"format": FORMAT, "version": VERSION, "server": graph.server}, tables)


def open_edge_table(folder: str | os.PathLike[str]) -> Tables:
    """Open an edge table.

    Raises
    ------
    BrokenFile
        The folder holds no edge table, or one of another version.
    """
    return open_tables(folder, FORMAT, VERSION, oldest=VERSION)


def is_edge_table(location: str | os.PathLike[str]) -> bool:
    """Whether a path is a folder that holds an edge table, of whatever version.

    Examples
    --------
    >>> is_edge_table("https://metadata.example.com")
    False
    """
    return format_of(location) == FORMAT
