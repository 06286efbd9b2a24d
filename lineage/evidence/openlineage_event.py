"""What an OpenLineage event reports, as values; nothing of a catalog is known here."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from lineage.model.edges import Influence

__all__ = [
    "UNNAMED_JOB",
    "DatasetLineage",
    "DatasetName",
    "Event",
    "FieldLineage",
    "JobName",
    "SqlText",
    "Unread",
]


class DatasetName(NamedTuple):
    """A dataset as OpenLineage names it.

    Examples
    --------
    >>> str(DatasetName("postgres://db:5432", "shop.public.orders"))
    'postgres://db:5432/shop.public.orders'
    """

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace.rstrip('/')}/{self.name.lstrip('/')}"


class JobName(NamedTuple):
    """A job as OpenLineage names it; both empty for a job that an event does not name."""

    namespace: str = ""
    name: str = ""

    def __str__(self) -> str:
        return f"job {self.namespace}/{self.name}" if self.name else "a job without a name"


UNNAMED_JOB = JobName()
"""The job of an event that names none."""


class FieldLineage(NamedTuple):
    """One field that gives its value to, or influences, a field of another dataset.

    Attributes
    ----------
    output_field : str
        Empty where all rows of the output are influenced.
    input_field : str
        Empty where any field of the input may be meant.
    influence : Influence or None
        None where the value itself is given.
    masking : bool or None
        Whether the event says that the value is hidden; None where it does not say.
    function : str or None
        What the event says was done to the value.
    """

    output_field: str
    input: DatasetName
    input_field: str
    influence: Influence | None = None
    masking: bool | None = None
    function: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetLineage:
    """What an event reports of where one dataset comes from.

    Attributes
    ----------
    fields : frozenset of FieldLineage
    described : frozenset of str
        The fields of which every source is reported.
    inputs : frozenset of DatasetName
        Datasets that are said to feed it, whatever columns of them.
    jobs : frozenset of JobName
        Jobs that are said to feed it, with no dataset between.
    is_output : bool
        Whether it is an output of the event, so that the event's inputs feed it.
    is_explicit : bool
        Whether all datasets that feed it are said to be named, so that they do not.
    reports_influences : bool
        Whether what only influences is reported.
    """

    dataset: DatasetName
    fields: frozenset[FieldLineage] = frozenset()
    described: frozenset[str] = frozenset()
    inputs: frozenset[DatasetName] = frozenset()
    jobs: frozenset[JobName] = frozenset()
    is_output: bool = False
    is_explicit: bool = False
    reports_influences: bool = False


class SqlText(NamedTuple):
    """What a job ran, and the dialect where the event says it."""

    query: str
    dialect: str | None = None


class Unread(NamedTuple):
    """Something in an event that was not understood.

    Attributes
    ----------
    dataset : DatasetName or None
        Where it may change an answer; None for all outputs of the event.
    reason : str
        Where in the event it stands, and what is wrong.
    is_everywhere : bool
        Whether it may change any answer: where that dataset is not in the catalog, or at all.
    """

    dataset: DatasetName | None
    reason: str
    is_everywhere: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What one event reports.

    Attributes
    ----------
    place : str
        Where it stands, for instance `events.jsonl, line 3`.
    file : str
        The name of the file.
    run : str
        The run's id; empty where it has none.
    is_of_run : bool
        Whether it is the event of a run, and not of a job or a dataset.
    state : str
        `START`, `RUNNING`, `COMPLETE`, `FAIL`, `ABORT` or `OTHER`; empty where it says none.
    time : datetime or None
        When; None where it cannot be read.
    is_continuous : bool
        Whether the job streams, so that it has written whether or not it fails at last.
    job_inputs : frozenset of (JobName, DatasetName)
        Datasets that are said to feed a job, whatever it fills.
    job_links : frozenset of (JobName, JobName)
        A job, and another that feeds it.
    aliases : frozenset of (DatasetName, DatasetName)
        A dataset, and another name of it.
    """

    place: str
    file: str
    run: str = ""
    is_of_run: bool = True
    state: str = ""
    time: datetime | None = None
    job: JobName = UNNAMED_JOB
    is_continuous: bool = False
    sql: frozenset[SqlText] = frozenset()
    inputs: frozenset[DatasetName] = frozenset()
    lineage: tuple[DatasetLineage, ...] = ()
    job_inputs: frozenset[tuple[JobName, DatasetName]] = frozenset()
    job_links: frozenset[tuple[JobName, JobName]] = frozenset()
    aliases: frozenset[tuple[DatasetName, DatasetName]] = frozenset()
    unread: frozenset[Unread] = frozenset()
