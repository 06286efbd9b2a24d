"""OpenLineage event files: what run, job and dataset events report of where data comes from.

Nothing of a catalog is known here; `event_evidence` finds which entities are meant. Of an event
that is not spelled as the specification says, the rest is used, and what was not understood is
named with the dataset that it may be about.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lineage.evidence.event_files import RawEvent, read_raw_events
from lineage.evidence.lineage_facets import (
    FacetReading,
    JobRecord,
    NameRecord,
    objects,
    read_record,
)
from lineage.evidence.openlineage_event import (
    UNNAMED_JOB,
    DatasetName,
    Event,
    JobName,
    SqlText,
    Unread,
)

__all__ = ["read_events"]

_CONTINUOUS = frozenset({"STREAMING", "SERVICE"})
"""Types of jobs that write all the time, not when they are complete."""


def read_events(path: str | os.PathLike[str]) -> tuple[Event, ...]:
    """Read what the events in a file report.

    Parameters
    ----------
    path : path
        Events as JSON, in whatever is around them; packed by gzip or not.

    Returns
    -------
    tuple of Event
        In the order of the file.

    Raises
    ------
    BrokenFile
        The file is missing, no JSON, or holds something else than events; with the line.

    Examples
    --------
    >>> import json, tempfile
    >>> path = Path(tempfile.mkdtemp()) / "events.json"
    >>> people = {"namespace": "pg", "name": "shop.people"}
    >>> job = {"namespace": "n", "name": "j"}
    >>> _ = path.write_text(json.dumps({"job": job, "inputs": [people]}))
    >>> [event] = read_events(path)
    >>> print(event.job, *event.inputs)
    job n/j pg/shop.people
    """
    path = Path(path)
    return tuple(_EventReading(raw, path.name).event() for raw in read_raw_events(path))


@dataclass(slots=True)
class _EventReading:
    """One event being taken apart."""

    raw: RawEvent
    file: str
    facets: dict[DatasetName, FacetReading] = field(default_factory=dict)
    aliases: set[tuple[DatasetName, DatasetName]] = field(default_factory=set)
    job_inputs: set[tuple[JobName, DatasetName]] = field(default_factory=set)
    job_links: set[tuple[JobName, JobName]] = field(default_factory=set)
    unread: set[Unread] = field(default_factory=set)
    own_job: JobName = UNNAMED_JOB

    def event(self) -> Event:
        content = self.raw.content
        run, job = (self._object(content, key) for key in ("run", "job"))
        self.own_job = self._job(job)
        inputs = frozenset(self._datasets("inputs"))
        for dataset in self._datasets("outputs"):
            self._reading(dataset).is_output = True
        if content.get("dataset") is not None:
            for dataset in self._dataset(content["dataset"], "dataset"):
                self._reading(dataset)
        for holder, place in ((job, "job"), (run, "run")):
            self._read_entries(self._facet(holder, "lineage", place), f"{place}.facets.lineage")
        return Event(
            place=self.raw.place,
            file=self.file,
            run=self._run_id(run),
            is_of_run=content.get("run") is not None,
            state=str(content.get("eventType") or "").upper(),
            time=_time(content.get("eventTime")),
            job=self.own_job,
            is_continuous=self._is_continuous(job),
            sql=frozenset(self._sql(job)),
            inputs=inputs,
            lineage=tuple(reading.lineage() for reading in self.facets.values()),
            job_inputs=frozenset(self.job_inputs),
            job_links=frozenset(self.job_links),
            aliases=frozenset(self.aliases),
            unread=frozenset(
                self.unread.union(*(reading.unread for reading in self.facets.values()))
            ),
        )

    def _reading(self, dataset: DatasetName) -> FacetReading:
        if dataset not in self.facets:
            self.facets[dataset] = FacetReading(dataset, self.own_job)
        return self.facets[dataset]

    def _object(self, content: dict[str, Any], key: str) -> dict[str, Any]:
        value = content.get(key)
        if value is not None and not isinstance(value, dict):
            # Of which run or job it is, and so what it goes with, nobody knows.
            self._miss(f"{key} should be an object", is_everywhere=True)
        return value if isinstance(value, dict) else {}

    def _job(self, job: dict[str, Any]) -> JobName:
        record = read_record(JobRecord, job)
        if isinstance(record, str):
            self._miss(f"job: {record}", is_everywhere=True)
            return UNNAMED_JOB
        return record.job(UNNAMED_JOB)

    def _run_id(self, run: dict[str, Any]) -> str:
        found = run.get("runId")
        if found is not None and not isinstance(found, str):
            self._miss("run.runId should be a text", is_everywhere=True)
        return found if isinstance(found, str) else ""

    def _datasets(self, key: str) -> Iterator[DatasetName]:
        found = objects(self.raw.content.get(key))
        if found is None:
            self._miss(f"{key} should be a list", is_everywhere=key == "outputs")
        for item in found or ():
            yield from self._dataset(item, key)

    def _dataset(self, item: Any, place: str) -> Iterator[DatasetName]:
        """Read a dataset with what its facets report of it, on whichever side it stands."""
        record = read_record(NameRecord, item)
        if isinstance(record, str):
            self._miss(f"{place}: {record}", is_everywhere=place != "inputs")
            return
        dataset = record.dataset
        column_lineage = self._facet(item, "columnLineage", place, dataset)
        lineage = self._facet(item, "lineage", place, dataset)
        if column_lineage is not None:
            self._reading(dataset).read_column_lineage(column_lineage)
        if lineage is not None:
            self._reading(dataset).read_lineage(lineage, "lineage")
        self._read_symlinks(self._facet(item, "symlinks", place, dataset), dataset)
        yield dataset

    def _facet(
        self, holder: dict[str, Any], name: str, place: str, dataset: DatasetName | None = None
    ) -> Any:
        """Return a facet; None where there is none, or one that says it was deleted."""
        for key in ("facets", "outputFacets"):
            facets = holder.get(key)
            if facets is not None and not isinstance(facets, dict):
                self._miss(f"{place}.{key} should be an object", dataset)
            elif facets and facets.get(name) is not None:
                facet = facets[name]
                is_deleted = isinstance(facet, dict) and facet.get("_deleted") is True
                return None if is_deleted else facet
        return None

    def _read_symlinks(self, facet: Any, dataset: DatasetName) -> None:
        """Read the other names of a dataset."""
        if facet is None:
            return
        found = objects(facet.get("identifiers")) if isinstance(facet, dict) else None
        if found is None:
            self._miss("symlinks.identifiers should be a list", dataset, is_everywhere=True)
        for item in found or ():
            record = read_record(NameRecord, item)
            if isinstance(record, str):
                self._miss(f"symlinks.identifiers: {record}", dataset, is_everywhere=True)
            else:
                self.aliases.add((dataset, record.dataset))

    def _read_entries(self, facet: Any, place: str) -> None:
        """Read the lineage that a job reports, or one run of it: entries for datasets and jobs."""
        if facet is None:
            return
        entries = facet.get("entries") if isinstance(facet, dict) else None
        if not isinstance(entries, list):
            self._miss(f"{place}.entries should be a list", is_everywhere=True)
        for entry in entries if isinstance(entries, list) else ():
            self._read_entry(entry, f"{place}.entries")

    def _read_entry(self, entry: Any, place: str) -> None:
        is_job = isinstance(entry, dict) and entry.get("type") == "JOB"
        record = read_record(JobRecord if is_job else NameRecord, entry)
        if isinstance(record, NameRecord):
            self._reading(record.dataset).read_lineage(entry, place)
        elif isinstance(record, JobRecord):
            self._read_job_entry(record.job(self.own_job), entry, place)
        else:
            self._miss(f"{place}: {record}", is_everywhere=True)

    def _read_job_entry(self, job: JobName, entry: dict[str, Any], place: str) -> None:
        """Read what feeds a job: whatever the job fills may come from there."""
        reading = FacetReading(DatasetName("", ""), self.own_job)
        reading.read_lineage({"inputs": entry.get("inputs")}, place)
        datasets = reading.inputs | {item.input for item in reading.fields}
        self.job_inputs |= {(job, dataset) for dataset in datasets}
        self.job_links |= {(job, other) for other in reading.jobs}
        for missed in reading.unread:
            self._miss(missed.reason)

    def _sql(self, job: dict[str, Any]) -> Iterator[SqlText]:
        facet = self._facet(job, "sql", "job")
        if facet is None:
            return
        query = facet.get("query") if isinstance(facet, dict) else None
        dialect = facet.get("dialect") if isinstance(facet, dict) else None
        if isinstance(query, str):
            yield SqlText(query, dialect if isinstance(dialect, str) else None)
        else:
            self._miss("job.facets.sql.query should be a text")

    def _is_continuous(self, job: dict[str, Any]) -> bool:
        facet = self._facet(job, "jobType", "job")
        kind = facet.get("processingType") if isinstance(facet, dict) else None
        return str(kind).upper() in _CONTINUOUS

    def _miss(
        self, reason: str, dataset: DatasetName | None = None, *, is_everywhere: bool = False
    ) -> None:
        self.unread.add(Unread(dataset, reason, is_everywhere))


def _time(value: Any) -> datetime | None:
    """Read a time; without a zone it counts as UTC."""
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
