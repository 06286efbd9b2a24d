"""Lay whatever evidence a person names over a catalog: event files, names of datasets, SQL."""

from collections.abc import Sequence

from lineage.evidence.dataset_mapping import DatasetNames, find_told, read_dataset_names
from lineage.evidence.enrich import Overlay, overlay
from lineage.evidence.evidence_body import Told
from lineage.evidence.openlineage import read_events
from lineage.model.snapshot import Snapshot

__all__ = ["SQL", "lay_evidence"]

SQL = "sql"
"""Stands for the SQL on the catalog's edges, among names of files."""

_NAMES = (".toml", ".yaml", ".yml")
"""Files that end so say what datasets are called; events are JSON."""


def lay_evidence(snapshot: Snapshot, evidence: Sequence[str]) -> Overlay:
    """Read evidence and lay it over a catalog.

    Parameters
    ----------
    snapshot : Snapshot
        The catalog; it is not changed.
    evidence : sequence of str
        Files of OpenLineage events; files ending in `.toml` or `.yaml` that say what datasets
        are called in the catalog; `sql` for the SQL on the catalog's edges.

    Returns
    -------
    Overlay

    Raises
    ------
    BrokenFile
        A file cannot be read.
    """
    names = DatasetNames()
    for path in evidence:
        if path.endswith(_NAMES):
            said = read_dataset_names(path)
            names = DatasetNames(
                namespaces={**names.namespaces, **said.namespaces},
                datasets={**names.datasets, **said.datasets},
            )
    files = [path for path in evidence if path != SQL and not path.endswith(_NAMES)]
    bodies: list[Told] = [find_told(read_events(path), snapshot, names=names) for path in files]
    if SQL in evidence:
        bodies.append(_evidence_source_sql(snapshot))
    return overlay(snapshot, bodies)


def _evidence_source_sql(snapshot: Snapshot) -> Told:
    """Read the SQL; sqlglot is slow to load, and whoever reads no SQL does without it."""
    from lineage.evidence.sql_evidence import tell_sql  # noqa: PLC0415

    return tell_sql(snapshot)
