"""What an engine found as an audit by tag, like the one of a graph in memory."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from lineage.engines.found_paths import FoundPaths, Row, pick_rows
from lineage.engines.stored_silence import StoredSilence
from lineage.errors import UnknownEntity
from lineage.files.parquet_tables import Tables
from lineage.files.parquet_values import from_row
from lineage.governance.audit.assessments import Assessed, Assessments
from lineage.governance.audit.audit_answer import Audit
from lineage.governance.audit.lazy_sequence import Lazy
from lineage.governance.audit.sensitivity import Sensitive
from lineage.governance.audit.verdicts import Assessment, Finding, Shown, verdict_without_findings
from lineage.model.edges import Strength
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap

__all__ = ["models_in", "read_audit"]


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
    models = {from_row(Reference, row["model"]) for row in table.rows("targets")}
    return tuple(sorted(models))


def read_audit(
    table: Tables, results: Tables, *, models: Reference | Iterable[Reference] | None = None
) -> Audit:
    """Read an audit by tag out of an edge table and what an engine found in it.

    Only what the models in question need is read, and the arcs only if somebody asks which edges
    are silent.

    Parameters
    ----------
    table : Tables
        An edge table.
    results : Tables
        What an engine found in it.
    models : Reference, or iterable of Reference, optional
        The models to read about; all of them unless given.

    Returns
    -------
    Audit
        Sorted by model and feature.

    Raises
    ------
    UnknownEntity
        The table has no such model.
    """
    wanted = {models} if isinstance(models, Reference) else models
    if wanted is not None:
        wanted = set(wanted)
        for unknown in sorted(wanted.difference(models_in(table))):
            raise UnknownEntity(str(unknown))
    reading = _Reading(table, results, wanted)
    return Audit(
        sensitive=reading.sensitive,
        assessments=Assessments(Assessed(list(reading.assessments()))),
        by_tag=True,
        notes=tuple(gap for _, gap in reading.gaps if not gap.hides_upstream),
    )


class _Reading:
    """The rows that some models need, and the values they stand for."""

    def __init__(self, table: Tables, results: Tables, models: set[Reference] | None) -> None:
        self._table = table
        rows = [
            {**row, **{name: from_row(Reference, row[name]) for name in ("reference", "model")}}
            for row in table.rows("targets")
        ]
        chosen = [row for row in rows if models is None or row["model"] in models]
        self._targets = sorted(chosen, key=_target_order)
        nodes = [row["node"] for row in self._targets]
        self._findings = defaultdict(list)
        for row in pick_rows(results, "findings", "target", nodes):
            self._findings[row["target"]].append(row)
        self._paths = FoundPaths(table, pick_rows(results, "evidence", "target", nodes))
        silent = [row["node"] for row in self._targets if row["silent"]]
        self._silence = StoredSilence(table, silent)

    @cached_property
    def _tags(self) -> dict[int, str]:
        rows = self._table.rows("labels")
        return {row["label"]: row["name"] for row in rows if row["kind"] == "tag"}

    @cached_property
    def sensitive(self) -> tuple[Sensitive, ...]:
        """What was looked for; sorted."""
        return tuple(self._sensitive.values())

    @cached_property
    def _sensitive(self) -> dict[int, Sensitive]:
        """What was looked for, by the node where it begins."""
        rows = self._table.rows("sensitive")
        return {row["node"]: from_row(Sensitive, row) for row in rows}

    @cached_property
    def gaps(self) -> list[tuple[int | None, Gap]]:
        """The gaps with their labels."""
        return [(row["label"], from_row(Gap, row)) for row in self._table.rows("gaps")]

    def assessments(self) -> Iterator[Assessment]:
        """Say of each target what reaches it and what may be missing upstream of it."""
        for target in self._targets:
            rows = self._findings[target["node"]]
            tags = [row for row in rows if row["label"] in self._tags]
            findings = tuple(self._finding(target, row) for row in sorted(tags, key=_order))
            gaps, silent = self._gaps_among(rows), self._silent(target)
            yield Assessment(
                target["reference"],
                target["model"],
                findings[0].verdict if findings else verdict_without_findings(gaps, silent),
                findings,
                gaps,
                silent,
                tuple(self.sensitive[number] for number in target["behind"]),
            )

    def _finding(self, target: Row, row: Row) -> Finding:
        def show() -> Shown:
            origin, path, masked_by, deleted = self._paths.find(row)
            return Shown(self._sensitive[origin], path, masked_by, deleted)

        strength, tag = Strength(row["strength"]), self._tags[row["label"]]
        return Finding(target["reference"], target["model"], strength, show, about=tag)

    def _gaps_among(self, rows: list[Row]) -> tuple[Gap, ...]:
        """List the gaps that hide upstream of everything, and those that arrived."""
        arrived = {row["label"] for row in rows} | {None}
        return tuple(gap for label, gap in self.gaps if label in arrived and gap.hides_upstream)

    def _silent(self, target: Row) -> Sequence[Gap]:
        if not target["silent"]:
            return ()
        return Lazy(lambda: self._silence.gaps(target["node"]), some=True)


def _target_order(row: Row) -> tuple[object, ...]:
    return row["model"], row["reference"] != row["model"], row["reference"]


def _order(row: Row) -> tuple[int, int]:
    return -row["strength"], row["label"]
