"""Which pipelines of a catalog the jobs of OpenLineage events are."""

from collections import defaultdict
from collections.abc import Iterable

from lineage.evidence.openlineage_event import JobName
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Snapshot

__all__ = ["find_pipelines"]


def find_pipelines(snapshot: Snapshot, jobs: Iterable[JobName]) -> dict[JobName, Reference]:
    """Find the pipelines that are certainly certain jobs: one of that name, and one such job.

    A pipeline is called as the job is, or as its namespace and name together. One that holds
    several jobs, as a DAG or an application does, is none of them.

    Parameters
    ----------
    snapshot : Snapshot
    jobs : iterable of JobName

    Examples
    --------
    >>> from lineage.model.entities import Pipeline
    >>> load = Pipeline(reference=Reference("pipeline", "openlineage.shop-load"))
    >>> find_pipelines(Snapshot(entities=(load,)), [JobName("shop", "load")])
    {JobName(namespace='shop', name='load'): Reference('pipeline', 'openlineage.shop-load')}
    """
    by_name: dict[str, set[Reference]] = defaultdict(set)
    for pipeline in _pipelines(snapshot):
        by_name[pipeline.name].add(pipeline)
    found: dict[Reference, set[JobName]] = defaultdict(set)
    for job in set(jobs):
        pipelines = set().union(*(by_name.get(name, set()) for name in _names(job)))
        if len(pipelines) == 1:
            found[pipelines.pop()].add(job)
    return {
        next(iter(alike)): pipeline for pipeline, alike in sorted(found.items()) if len(alike) == 1
    }


def _pipelines(snapshot: Snapshot) -> set[Reference]:
    named = {edge.evidence.pipeline for edge in snapshot.edges if edge.evidence.pipeline}
    kinds = (Kind.PIPELINE, Kind.STORED_PROCEDURE)
    return named | {item.reference for item in snapshot.entities if item.reference.kind in kinds}


def _names(job: JobName) -> tuple[str, ...]:
    if not job.name:
        return ()
    return (job.name, *(f"{job.namespace}{sign}{job.name}" for sign in "-./:"))
