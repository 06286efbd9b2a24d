"""Lay whatever evidence a person names over a catalog: event files, names of datasets, SQL."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from os import PathLike
from typing import TYPE_CHECKING

from lineage.evidence.dataset_mapping import DatasetNames, read_dataset_names
from lineage.evidence.event_evidence import find_evidence
from lineage.evidence.evidence_body import EvidenceBody
from lineage.evidence.openlineage import read_events
from lineage.evidence.openlineage_event import Event
from lineage.evidence.overlay import Overlay, overlay
from lineage.model.answer import counted
from lineage.model.edges import Edge, Origin
from lineage.model.snapshot import Gap, GapKind, Snapshot

if TYPE_CHECKING:
    from lineage.evidence.sql_facts import SqlReader

__all__ = ["SQL", "lay_evidence", "load_events", "load_sql"]

SQL = "sql"
"""A word among names of files: the SQL on the catalog's edges, which is read in any case."""

_NAMES = (".toml", ".yaml", ".yml")
"""Files that end so say what datasets are called; events are JSON."""


def lay_evidence(
    snapshot: Snapshot,
    evidence: Sequence[str] = (),
    *,
    sql: bool = True,
    cache: str | PathLike[str] | None = None,
) -> Overlay:
    """Read evidence and lay it over a catalog.

    Parameters
    ----------
    snapshot : Snapshot
        The catalog; it is not changed.
    evidence : sequence of str
        Files of OpenLineage events; files ending in `.toml` or `.yaml` that say what datasets
        are called in the catalog.
    sql : bool
        Whether to read SQL: that on the catalog's edges, and that in events.
    cache : str or PathLike, optional
        A file in which readings of SQL are kept for the next time; it is made where there is none.

    Returns
    -------
    Overlay

    Raises
    ------
    BrokenFile
        A file cannot be read.
    """
    files = [path for path in evidence if path != SQL]
    events = _read_events(files)
    has_sql = sql and any(event.sql for event in events)
    with _sql_reader(cache) if has_sql else nullcontext() as read:
        bodies = [_find_events(snapshot, events, _dataset_names(files), read)]
    if sql:
        bodies.append(load_sql(snapshot, cache=cache))
    else:
        bodies.append(EvidenceBody(gaps=tuple(_left_out(snapshot))))
    return overlay(snapshot, bodies)


def load_sql(snapshot: Snapshot, *, cache: str | PathLike[str] | None = None) -> EvidenceBody:
    """Read the SQL on a catalog's edges, and find what it says of the catalog.

    Parameters
    ----------
    cache : str or PathLike, optional
        A file in which readings are kept for the next time; it is made where there is none.
    """
    if not any(map(_is_with_sql, snapshot.edges)):
        return EvidenceBody()
    from lineage.evidence.sql_evidence import find_sql  # noqa: PLC0415  # slow to load

    with _sql_reader(cache) as read:
        return find_sql(snapshot, read=read)


def load_events(
    snapshot: Snapshot, files: Sequence[str], *, names: DatasetNames | None = None
) -> EvidenceBody:
    """Read events, all files of them together, and find what they report of a catalog.

    Parameters
    ----------
    files : sequence of str
        Files of events, and files ending in `.toml` or `.yaml` that name datasets.
    names : DatasetNames, optional
        What datasets are called besides.

    Raises
    ------
    BrokenFile
        A file cannot be read.
    """
    events = _read_events(files)
    names = _joined([*([names] if names else []), _dataset_names(files)])
    with _sql_reader(None) if any(event.sql for event in events) else nullcontext() as read:
        return _find_events(snapshot, events, names, read)


def _read_events(files: Sequence[str]) -> list[Event]:
    return [event for path in files if not path.endswith(_NAMES) for event in read_events(path)]


def _dataset_names(files: Sequence[str]) -> DatasetNames:
    return _joined([read_dataset_names(path) for path in files if path.endswith(_NAMES)])


def _joined(names: Sequence[DatasetNames]) -> DatasetNames:
    return DatasetNames(
        namespaces={key: value for item in names for key, value in item.namespaces.items()},
        datasets={key: value for item in names for key, value in item.datasets.items()},
    )


def _is_with_sql(edge: Edge) -> bool:
    return bool(edge.evidence.sql) and edge.evidence.origin == Origin.RECORDED


def _left_out(snapshot: Snapshot) -> Iterator[Gap]:
    """Name the SQL that nobody wanted to be read: an answer without it rests on less."""
    count = sum(map(_is_with_sql, snapshot.edges))
    if count:
        reason = f"the SQL on {counted(count, 'edge')} was left out, as asked"
        yield Gap(GapKind.EVIDENCE_NOT_USED, None, reason)


@contextmanager
def _sql_reader(cache: str | PathLike[str] | None) -> Iterator["SqlReader"]:
    """Give what reads SQL; sqlglot is slow to load, and whoever has no SQL does without it."""
    from lineage.evidence.sql_cache import ReadingCache  # noqa: PLC0415
    from lineage.evidence.sql_reading import read_sql  # noqa: PLC0415

    if cache is None:
        yield read_sql
    else:
        with ReadingCache(cache) as readings:
            yield readings.read_sql


def _find_events(
    snapshot: Snapshot, events: list[Event], names: DatasetNames, read: "SqlReader | None"
) -> EvidenceBody:
    statements = None
    if read is not None:
        from lineage.evidence.sql_facts import Statements  # noqa: PLC0415  # slow to load

        statements = Statements(snapshot, read)
    return find_evidence(events, snapshot, names=names, statements=statements)
