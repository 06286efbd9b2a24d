"""The edge table: what an audit walks, as Parquet tables of numbers.

A reference that leads nowhere but through itself is one node; one that contains others has
an entry and an exit, as `docs/semantics.md` tells. An arc leads from node to node with a
strength, and carries the number of the hop it shows as, or -1 where it only goes in or out
of what contains a part. What is looked for are labels: a tag each, and each kind of gap.
"""

import os
from collections.abc import Iterable

from lineage.engines.edge_table_rows import Compiling
from lineage.files.arrow_extra import pa
from lineage.files.parquet_tables import Tables, format_of, open_tables, write_tables
from lineage.files.parquet_values import fields_of
from lineage.governance.audit.sensitivity import SENSITIVE_TAGS, find_sensitive
from lineage.graph.lineage_graph import LineageGraph
from lineage.masking.rules import RULES, MaskingRule
from lineage.model.edges import Edge
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Gap

__all__ = [
    "FORMAT",
    "SCHEMAS",
    "VERSION",
    "is_edge_table",
    "open_edge_table",
    "write_edge_table",
]

FORMAT = "lineage-edge-table"
VERSION = 1

_REFERENCE = pa.struct(fields_of(Reference))
_INT = pa.int32()

SCHEMAS = {
    "arcs": pa.schema({"tail": _INT, "head": _INT, "strength": pa.uint8(), "hop": _INT}),
    "nodes": pa.schema({"node": _INT, "reference": _REFERENCE, "role": pa.string()}),
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
    "labels": pa.schema({"label": _INT, "what": pa.string(), "name": pa.string()}),
    "seeds": pa.schema({"node": _INT, "label": _INT, "tagged": _REFERENCE}),
    "gaps": pa.schema([pa.field("node", _INT), *fields_of(Gap)]),
    "targets": pa.schema({"node": _INT, "reference": _REFERENCE, "model": _REFERENCE}),
}
"""The tables and their columns.

* `arcs`: sorted by tail, so that few rows have to be read for few nodes.
* `nodes`: the role is `entry`, `exit`, `whole` for both, or `rows` where what decides the rows
  of an entity arrives.
* `hops`: the number of an edge, and that of one of its mappings or -1; the rule that masks the
  value; the soft-deleted entities at its ends.
* `labels`: `what` is `tag` or `gap`, `name` the tag or the kind of gap.
* `seeds`: where each label starts; what carries the tag, null for a gap.
* `gaps`: the node is null where the gap cannot be placed.
* `targets`: the models and features, by the node where what reached them is seen.
"""


def write_edge_table(
    graph: LineageGraph,
    folder: str | os.PathLike[str],
    *,
    models: Iterable[Reference] | None = None,
    tags: tuple[str, ...] = SENSITIVE_TAGS,
    suggested: bool = False,
    rules: tuple[MaskingRule, ...] = RULES,
) -> None:
    """Write what an engine needs to audit a graph into a folder, whole or not at all.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    folder : path
        Where the tables go, a folder of their own.
    models : iterable of Reference, optional
        The models to audit; all of them unless told otherwise.
    tags : tuple of str
        Patterns of the tags that make data sensitive.
    suggested : bool
        Whether suggested and automatic labels count.
    rules : tuple of MaskingRule
        The rules by which functions hide values; those of the library unless told otherwise.

    Raises
    ------
    BrokenFile
        The folder cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write_edge_table(build_graph(Snapshot()), folder)
    ...     open_edge_table(folder).read("arcs").num_rows
    0
    """
    wanted = graph.references(Kind.MLMODEL) if models is None else sorted(set(models))
    sensitive = find_sensitive(graph, tags=tags, suggested=suggested)
    compiling = Compiling(graph, sensitive, graph.masking(rules), wanted)
    tables = {name: (schema, getattr(compiling, name)()) for name, schema in SCHEMAS.items()}
    write_tables(folder, {"format": FORMAT, "version": VERSION, "server": graph.server}, tables)


def open_edge_table(folder: str | os.PathLike[str]) -> Tables:
    """Open an edge table.

    Raises
    ------
    BrokenFile
        The folder holds no edge table, or one of another version.
    """
    return open_tables(folder, FORMAT, VERSION)


def is_edge_table(location: str | os.PathLike[str]) -> bool:
    """Whether a path is a folder that holds an edge table, of whatever version.

    Examples
    --------
    >>> is_edge_table("https://metadata.example.com")
    False
    """
    return format_of(location) == FORMAT
