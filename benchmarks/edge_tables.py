"""Made-up catalogs of any size as edge tables, written straight from arrays."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.graphs import TAGS, CatalogArrays
from lineage.model.edges import Strength

__all__ = ["GAP", "write_arrays"]

GAP = TAGS
"""The label of the gaps: one in a thousand nodes has one."""

_ARCS = pa.schema(
    {"tail": pa.int32(), "head": pa.int32(), "strength": pa.uint8(), "hop": pa.int32()}
)


def write_arrays(catalog: CatalogArrays, folder: Path, *, copies: int = 1) -> None:
    """Write a catalog as the tables that engines go through; some disjoint copies of it."""
    folder.mkdir(parents=True)
    exits, nodes = _exits(catalog.parents)
    arcs = _arcs(catalog, exits)
    with pq.ParquetWriter(folder / "arcs.parquet", _ARCS) as writer:
        for copy in range(copies):
            tail, head = (arcs[name] + np.int32(copy * nodes) for name in ("tail", "head"))
            table = pa.table([tail, head, arcs["strength"], arcs["hop"]], schema=_ARCS)
            writer.write_table(table, row_group_size=1 << 20)
    gaps = np.arange(0, len(catalog.parents), 1000, dtype=np.int32)
    start = np.r_[exits[catalog.tagged], gaps]
    label = np.r_[catalog.tags, np.full(len(gaps), GAP)].astype(np.int32)
    tables: dict[str, dict[str, Any]] = {
        "nodes": {"node": np.array([copies * nodes - 1], np.int32)},
        "labels": {"label": range(TAGS + 1), "kind": ["tag"] * TAGS + ["gap"]},
        "seeds": {"node": _copied(start, nodes, copies), "label": np.tile(label, copies)},
        "targets": {"node": _copied(exits[catalog.models], nodes, copies)},
    }
    for name, columns in tables.items():
        pq.write_table(pa.table(columns), folder / f"{name}.parquet")


def _exits(parents: Any) -> tuple[Any, int]:
    """Give each reference that holds others an exit of its own; count all nodes."""
    exits = np.arange(len(parents), dtype=np.int32)
    holding = np.unique(parents[parents >= 0])
    exits[holding] = len(parents) + np.arange(len(holding), dtype=np.int32)
    return exits, len(parents) + len(holding)


def _arcs(catalog: CatalogArrays, exits: Any) -> dict[str, Any]:
    """Put hops and the ways in and out together, sorted by tail."""
    parts = (catalog.parents >= 0).nonzero()[0].astype(np.int32)
    parents = catalog.parents[parts]
    holding = (exits != np.arange(len(exits))).nonzero()[0].astype(np.int32)
    hops = len(catalog.tails)
    tail = np.concatenate([exits[catalog.tails], holding, exits[parts], parents])
    head = np.concatenate([catalog.heads, exits[holding], exits[parents], parts])
    strength = np.full(len(tail), Strength.VALUE, np.uint8)
    strength[:hops] = catalog.strengths
    strength[-len(parts) :] = Strength.TABLE
    hop = np.full(len(tail), -1, np.int32)
    hop[:hops] = np.arange(hops)
    order = np.argsort(tail, kind="stable")
    columns = {"tail": tail, "head": head, "strength": strength, "hop": hop}
    return {name: column[order] for name, column in columns.items()}


def _copied(nodes: Any, shift: int, copies: int) -> Any:
    return (nodes + np.arange(copies, dtype=np.int32)[:, None] * np.int32(shift)).ravel()
