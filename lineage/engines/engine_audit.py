"""What an engine found as an audit, like the one of a graph in memory."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any, NamedTuple

from lineage.files.arrow_extra import pa, pc
from lineage.files.parquet_tables import Tables
from lineage.files.parquet_values import from_row
from lineage.governance.audit.audit import Assessment, Audit, Finding, Verdict
from lineage.governance.audit.sensitivity import Sensitive
from lineage.governance.audit.verdicts import Assessed, Assessments, Shown
from lineage.model.edges import Edge, Hop, Path, Strength
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap

__all__ = ["models_in", "read_audit"]

_Row = dict[str, Any]
_Pair = tuple[int, int]  # a target and a label


def models_in(table: Tables) -> tuple[Reference, ...]:
    """List the models that an edge table audits; sorted.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from lineage.engines.edge_table import open_edge_table, write_edge_table
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.snapshot import Snapshot
    >>> with TemporaryDirectory() as folder:
    ...     write_edge_table(build_graph(Snapshot()), folder)
    ...     models_in(open_edge_table(folder))
    ()
    """
    models = {_reference(row["model"]) for row in table.rows("targets")}
    return tuple(sorted(models))


def read_audit(
    table: Tables, results: Tables, *, models: Iterable[Reference] | None = None
) -> Audit:
    """Read an audit out of an edge table and what an engine found in it.

    There is one finding for each tag and target, by the shortest of the strongest ways from
    anything with that tag. Where several gaps of one kind are upstream, the nearest is
    named. Only what the models in question need is read.

    Parameters
    ----------
    table : Tables
        An edge table.
    results : Tables
        What an engine found in it.
    models : iterable of Reference, optional
        The models to tell of; all of them unless told otherwise.

    Returns
    -------
    Audit
        Sorted by model and feature.
    """
    reading = _Reading(table, results, None if models is None else set(models))
    assessed = sorted(
        reading.assessments(), key=lambda item: (item.model, item.target != item.model, item.target)
    )
    return Audit(sensitive=reading.sensitive, assessments=Assessments(Assessed(assessed)))


class _Target(NamedTuple):
    node: int
    reference: Reference
    model: Reference


class _Reading:
    """The rows that some models need, and the values they stand for."""

    def __init__(self, table: Tables, results: Tables, models: set[Reference] | None) -> None:
        self.table = table
        rows = (
            (row["node"], *map(_reference, (row["reference"], row["model"])))
            for row in table.rows("targets")
        )
        self.targets = [
            target
            for target in map(_Target._make, rows)
            if models is None or target.model in models
        ]
        nodes = [target.node for target in self.targets]
        self.findings = _picked(results, "findings", "target", nodes)
        self.evidence: dict[_Pair, list[int]] = defaultdict(list)
        for row in _picked(results, "evidence", "target", nodes):
            self.evidence[row["target"], row["label"]].append(row["hop"])
        self.labels = {row["label"]: (row["what"], row["name"]) for row in table.rows("labels")}

    def assessments(self) -> Iterator[Assessment]:
        """Say of each target what reaches it and what may be missing upstream of it."""
        found = defaultdict(list)
        for row in self.findings:
            found[row["target"]].append(row)
        for target in self.targets:
            rows = found[target.node]
            findings = tuple(self._findings(target, rows))
            gaps = self._everywhere + tuple(self._gaps(rows))
            nothing_found = Verdict.UNKNOWN if gaps else Verdict.NO_PATH
            verdict = findings[0].verdict if findings else nothing_found
            yield Assessment(target.reference, target.model, verdict, findings, gaps)

    def _findings(self, target: _Target, rows: list[_Row]) -> list[Finding]:
        found = [self._finding(target, row) for row in rows if self._is_tag(row)]
        return sorted(found, key=_order)

    def _finding(self, target: _Target, found: _Row) -> Finding:
        numbers = self.evidence.get((found["target"], found["label"]), [])
        path = Path(tuple(self._hops[number] for number in numbers))
        rows = [self._hop_rows[number] for number in numbers]
        rules = (row["masked_by"] for row in rows if row["masked_by"] is not None)
        deleted = (_reference(entity) for row in rows for entity in row["deleted"])
        start, (_, tag) = found["start"], self.labels[found["label"]]
        shown = Shown(
            Sensitive(self._starts[start], (tag,), self._tagged[start, found["label"]]),
            path,
            tuple(dict.fromkeys(rules)),
            tuple(dict.fromkeys(deleted)),
        )
        return Finding(target.reference, target.model, Strength(found["strength"]), shown)

    def _gaps(self, rows: list[_Row]) -> list[Gap]:
        starts = {
            (row["start"], self.labels[row["label"]][1]) for row in rows if not self._is_tag(row)
        }
        return [gap for node, gap in self._all_gaps if (node, gap.kind) in starts]

    def _is_tag(self, row: _Row) -> bool:
        return bool(self.labels[row["label"]][0] == "tag")

    @cached_property
    def _all_gaps(self) -> list[tuple[int | None, Gap]]:
        return [(row["node"], from_row(Gap, row)) for row in self.table.rows("gaps")]

    @cached_property
    def _everywhere(self) -> tuple[Gap, ...]:
        return tuple(gap for node, gap in self._all_gaps if node is None)

    @cached_property
    def _tagged(self) -> dict[_Pair, Reference]:
        """What carries the tag, by the node it starts from and the label."""
        return {
            (row["node"], row["label"]): _reference(row["tagged"])
            for row in self.table.rows("seeds")
            if row["tagged"] is not None
        }

    @cached_property
    def _starts(self) -> dict[int, Reference]:
        nodes = sorted({node for node, _ in self._tagged})
        rows = _picked(self.table, "nodes", "node", nodes)
        return {row["node"]: _reference(row["reference"]) for row in rows}

    @cached_property
    def sensitive(self) -> tuple[Sensitive, ...]:
        """What was looked for; sorted."""
        tags: dict[int, list[int]] = defaultdict(list)
        for node, label in sorted(self._tagged):
            tags[node].append(label)
        found = (
            Sensitive(
                self._starts[node],
                tuple(self.labels[label][1] for label in labels),
                self._tagged[node, labels[0]],
            )
            for node, labels in tags.items()
        )
        return tuple(sorted(found, key=lambda item: item.reference))

    @cached_property
    def _hop_rows(self) -> dict[int, _Row]:
        numbers = sorted({number for hops in self.evidence.values() for number in hops})
        return {row["hop"]: row for row in _picked(self.table, "hops", "hop", numbers)}

    @cached_property
    def _hops(self) -> dict[int, Hop]:
        numbers = sorted({row["edge"] for row in self._hop_rows.values()})
        rows = _picked(self.table, "edges", "edge", numbers)
        edges = {row["edge"]: from_row(Edge, row) for row in rows}
        return {number: _hop(row, edges[row["edge"]]) for number, row in self._hop_rows.items()}


def _picked(tables: Tables, name: str, key: str, numbers: list[int]) -> list[_Row]:
    """Read the rows that have one of some numbers, in their order."""
    table = tables.read(name)
    kept = table.filter(pc.is_in(table[key], pa.array(numbers, pa.int32())))
    rows: list[_Row] = kept.to_pylist()
    return rows


def _reference(row: dict[str, str]) -> Reference:
    return Reference(row["kind"], row["fqn"])


def _hop(row: _Row, edge: Edge) -> Hop:
    mapping = row["mapping"]
    return Hop(
        upstream=_reference(row["upstream"]),
        downstream=_reference(row["downstream"]),
        strength=Strength(row["strength"]),
        edge=edge,
        column_edge=None if mapping < 0 else edge.column_edges[mapping],
    )


def _order(finding: Finding) -> tuple[object, ...]:
    sensitive = finding.sensitive
    return -finding.strength, sensitive.reference, sensitive.tags
