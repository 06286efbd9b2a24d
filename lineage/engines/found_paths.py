"""The paths that an engine found, read from its evidence and the hops of the edge table."""

from collections import defaultdict
from functools import cached_property
from typing import Any

from lineage.files.arrow_extra import pa, pc
from lineage.files.parquet_tables import Tables
from lineage.files.parquet_values import from_row
from lineage.governance.audit.evidence_paths import EvidencePath
from lineage.model.edges import Edge, Hop, Path, Strength
from lineage.model.reference import Reference

__all__ = ["FoundPaths", "Row", "pick_rows"]

Row = dict[str, Any]


class FoundPaths:
    """The paths of tags to some targets; hops and edges are read when the first is asked for.

    Parameters
    ----------
    table : Tables
        The edge table.
    evidence : list of dict
        The rows of the evidence of these targets, in the order of the steps.
    """

    def __init__(self, table: Tables, evidence: list[Row]) -> None:
        self._table = table
        self._numbers: dict[tuple[int, int], list[int]] = defaultdict(list)
        for row in evidence:
            self._numbers[row["target"], row["label"]].append(row["hop"])

    def find(self, finding: Row) -> EvidencePath:
        """Find the path of one row of the findings."""
        numbers = self._numbers.get((finding["target"], finding["label"]), [])
        rows = [self._rows[number] for number in numbers]
        rules = (row["masked_by"] for row in rows if row["masked_by"] is not None)
        deleted = (from_row(Reference, entity) for row in rows for entity in row["deleted"])
        return EvidencePath(
            finding["start"],
            Path(tuple(map(self._hop, rows)), Strength(finding["strength"])),
            tuple(dict.fromkeys(rules)),
            tuple(dict.fromkeys(deleted)),
        )

    @cached_property
    def _rows(self) -> dict[int, Row]:
        numbers = sorted({number for hops in self._numbers.values() for number in hops})
        return {row["hop"]: row for row in pick_rows(self._table, "hops", "hop", numbers)}

    @cached_property
    def _edges(self) -> dict[int, Edge]:
        numbers = sorted({row["edge"] for row in self._rows.values()})
        rows = pick_rows(self._table, "edges", "edge", numbers)
        return {row["edge"]: from_row(Edge, row) for row in rows}

    def _hop(self, row: Row) -> Hop:
        edge, mapping = self._edges[row["edge"]], row["mapping"]
        return Hop(
            upstream=from_row(Reference, row["upstream"]),
            downstream=from_row(Reference, row["downstream"]),
            strength=Strength(row["strength"]),
            edge=edge,
            column_edge=None if mapping < 0 else edge.column_edges[mapping],
        )


def pick_rows(tables: Tables, name: str, key: str, numbers: list[int]) -> list[Row]:
    """Read the rows that have one of some numbers, in their order."""
    table = tables.read(name)
    kept = table.filter(pc.is_in(table[key], pa.array(numbers, pa.int32())))
    rows: list[Row] = kept.to_pylist()
    return rows
