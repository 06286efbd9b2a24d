"""Runs of jobs: the events of each joined, whatever their order; what failed says nothing.

Events of one run add up, as the specification has it. A run that has not ended well is used as
far as it goes, but proves nothing complete.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from lineage.evidence.openlineage_event import (
    DatasetLineage,
    DatasetName,
    Event,
    JobName,
    SqlText,
    Unread,
)

__all__ = ["JobRun", "join_runs"]

_ENDS = ("COMPLETE", "FAIL", "ABORT")


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRun:
    """What one run of a job reports, or the event of a job or a dataset that has no run.

    Attributes
    ----------
    is_finished : bool
        Whether it ended well, so that what it reports is all there is.
    has_failed : bool
        Whether it ended otherwise, so that it reports nothing.
    inputs : frozenset of DatasetName
        What feeds its outputs, whatever columns of it.
    lineage : tuple of DatasetLineage
        One for each dataset; the inputs of an output are among the datasets that feed it.
    unknown_jobs : frozenset of (DatasetName, JobName)
        Jobs that feed a dataset, and of which no event reports what feeds them.
    unread : frozenset of Unread
        What was not understood, each with the place of its event.
    files : frozenset of str
        The names of the files that its events stand in.
    """

    job: JobName
    is_finished: bool
    has_failed: bool = False
    inputs: frozenset[DatasetName] = frozenset()
    lineage: tuple[DatasetLineage, ...] = ()
    sql: frozenset[SqlText] = frozenset()
    unknown_jobs: frozenset[tuple[DatasetName, JobName]] = frozenset()
    unread: frozenset[Unread] = frozenset()
    files: frozenset[str] = frozenset()

    @property
    def outputs(self) -> tuple[DatasetName, ...]:
        """The datasets it fills; sorted."""
        return tuple(item.dataset for item in self.lineage if item.is_output)


def join_runs(events: Iterable[Event]) -> tuple[JobRun, ...]:
    """Join the events of each run, and give each output what feeds it.

    Parameters
    ----------
    events : iterable of Event
        Of any number of files, in any order.

    Returns
    -------
    tuple of JobRun
        Runs that report the same are one, since a job may have run a thousand times.

    Examples
    --------
    >>> people, adults = DatasetName("pg", "shop.people"), DatasetName("pg", "shop.adults")
    >>> filled = DatasetLineage(dataset=adults, is_output=True)
    >>> known = {"file": "f", "run": "1", "job": JobName("n", "j")}
    >>> start = Event(place="1", state="START", inputs=frozenset({people}), **known)
    >>> end = Event(place="2", state="COMPLETE", lineage=(filled,), **known)
    >>> [run] = join_runs([end, start])
    >>> run.is_finished, run.lineage[0].inputs == {people}
    (True, True)
    """
    together: dict[tuple[JobName, str, str], list[Event]] = defaultdict(list)
    for event in events:
        alone = "" if event.run else event.place
        together[event.job, event.run, alone].append(event)
    runs = [_joined(job, found) for (job, _, _), found in together.items()]
    sources = _JobSources()
    for run, found in zip(runs, together.values(), strict=True):
        if not run.has_failed:
            sources.add(run, found)
    same: dict[JobRun, list[JobRun]] = defaultdict(list)
    for run in runs:
        fed = run if run.has_failed else sources.feed(run)
        same[replace(fed, files=frozenset())].append(fed)
    return tuple(
        replace(run, files=frozenset().union(*(item.files for item in alike)))
        for run, alike in same.items()
    )


def _joined(job: JobName, events: list[Event]) -> JobRun:
    by_dataset: dict[DatasetName, list[DatasetLineage]] = defaultdict(list)
    for event in events:
        for item in event.lineage:
            by_dataset[item.dataset].append(item)
    end = _end(events)
    is_continuous = any(event.is_continuous for event in events)
    has_no_run = not any(event.is_of_run for event in events)
    return JobRun(
        job=job,
        is_finished=end == "COMPLETE" or has_no_run or (is_continuous and _has_run(events)),
        has_failed=end in {"FAIL", "ABORT"} and not is_continuous,
        inputs=frozenset().union(*(event.inputs for event in events)),
        lineage=tuple(_together(by_dataset[dataset]) for dataset in sorted(by_dataset)),
        sql=frozenset().union(*(event.sql for event in events)),
        unread=frozenset(
            item._replace(reason=f"{event.place}: {item.reason}")
            for event in events
            for item in event.unread
        ),
        files=frozenset(event.file for event in events),
    )


def _end(events: list[Event]) -> str:
    """Name how a run ended: by its last event that says so; not at all where that is not known."""
    ends = [event for event in events if event.state in _ENDS]
    times = [event.time for event in ends if event.time is not None]
    if len(times) == len(ends) and times:
        ends = [event for event in ends if event.time == max(times)]
    states = {event.state for event in ends}
    return states.pop() if len(states) == 1 else ""


def _has_run(events: list[Event]) -> bool:
    return any(event.state in {"RUNNING", "COMPLETE"} for event in events)


def _together(items: list[DatasetLineage]) -> DatasetLineage:
    """Put together what several events report of one dataset."""
    return DatasetLineage(
        dataset=items[0].dataset,
        fields=frozenset().union(*(item.fields for item in items)),
        described=frozenset().union(*(item.described for item in items)),
        inputs=frozenset().union(*(item.inputs for item in items)),
        jobs=frozenset().union(*(item.jobs for item in items)),
        is_output=any(item.is_output for item in items),
        is_explicit=any(item.is_explicit for item in items),
        reports_influences=any(item.reports_influences for item in items),
    )


@dataclass(slots=True)
class _JobSources:
    """What feeds each job: its inputs, what entries name, and what feeds jobs that feed it."""

    inputs: dict[JobName, set[DatasetName]] = field(default_factory=lambda: defaultdict(set))
    named: dict[JobName, set[DatasetName]] = field(default_factory=lambda: defaultdict(set))
    jobs: dict[JobName, set[JobName]] = field(default_factory=lambda: defaultdict(set))

    def add(self, run: JobRun, events: list[Event]) -> None:
        self.inputs[run.job] |= run.inputs
        for event in events:
            for job, dataset in event.job_inputs:
                self.named[job].add(dataset)
            for job, other in event.job_links:
                self.jobs[job].add(other)

    def feed(self, run: JobRun) -> JobRun:
        """Give each dataset of a run all that feeds it."""
        own = self._named_for(run.job)
        inputs = run.inputs | own[0]
        fed, unknown = [], {(output, job) for output in run.outputs for job in own[1]}
        for item in run.lineage:
            found = set(item.inputs)
            if item.is_output and not (item.is_explicit and run.is_finished):
                found |= inputs
            for job in item.jobs:
                datasets, lost = own if job == run.job else self._all_for(job)
                found |= datasets
                unknown |= {(item.dataset, one) for one in lost}
            fed.append(replace(item, inputs=frozenset(found)))
        return replace(
            run, inputs=frozenset(inputs), lineage=tuple(fed), unknown_jobs=frozenset(unknown)
        )

    def _named_for(self, job: JobName) -> tuple[frozenset[DatasetName], frozenset[JobName]]:
        """Find what entries say feeds a job, but not what its events list as inputs."""
        found, unknown = set(self.named.get(job, ())), set[JobName]()
        for other in self.jobs.get(job, set()) - {job}:
            datasets, lost = self._all_for(other)
            found |= datasets
            unknown |= lost
        return frozenset(found), frozenset(unknown)

    def _all_for(self, job: JobName) -> tuple[frozenset[DatasetName], frozenset[JobName]]:
        """Find the datasets that feed a job in the end, and the jobs nothing is known of."""
        met, found, unknown = [job], set[DatasetName](), set[JobName]()
        for one in met:  # which grows on the way
            if not (one in self.inputs or one in self.named or one in self.jobs):
                unknown.add(one)
            found |= self.inputs.get(one, set()) | self.named.get(one, set())
            met += sorted(self.jobs.get(one, set()) - set(met))
        return frozenset(found), frozenset(unknown)
