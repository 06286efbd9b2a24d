"""OpenLineage: an event for each dataset, and for each job with what it fills.

Masking, influences and functions are in the facet `columnLineage`. Beside the events lies a file
of names by which `--evidence` finds the entities again.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from lineage.model.answer import counted
from lineage.model.reference import Kind, Reference
from lineage.views.exports.excerpt import Excerpt, ExcerptEdge
from lineage.views.exports.format import Fact, Format, Rendered
from lineage.views.exports.json_text import json_text
from lineage.views.exports.openlineage_facets import (
    PRODUCER,
    column_lineage,
    dataset_facets,
    facet,
    job_facets,
)
from lineage.views.exports.openlineage_names import Json, name_of, names_file
from lineage.views.exports.rows import Rows, spell_time

__all__ = ["OPENLINEAGE"]

_SCHEMA = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs"
_NO_TIME = "1970-01-01T00:00:00.000Z"
_JOB_KINDS = frozenset({Kind.PIPELINE, Kind.STORED_PROCEDURE})


def _render(rows: Rows, _notes: tuple[str, ...]) -> Rendered:
    excerpt = rows.excerpt
    flows = [item for item in excerpt.edges if not _is_between_jobs(item)]
    events = [
        *_dataset_events(excerpt, [item for item in flows if _job(item) is None]),
        *_job_events(excerpt, flows),
    ]
    datasets = [item for item in excerpt.entities if item.kind not in _JOB_KINDS]
    files = {
        "events.json": json_text(events, exact=True).encode(),
        "names.toml": names_file(datasets).encode(),
    }
    left_out = len(excerpt.edges) - len(flows)
    notes = [f"{counted(left_out, 'edge')} between two jobs left out"] if left_out else []
    return Rendered(files, tuple(notes))


def _dataset_events(excerpt: Excerpt, edges: list[ExcerptEdge]) -> Iterator[Json]:
    """Write an event for each dataset: what it is, and what feeds it by no known job."""
    by_dataset: dict[Reference, list[ExcerptEdge]] = {}
    for item in edges:
        by_dataset.setdefault(item.edge.downstream, []).append(item)
    for reference in excerpt.entities:
        if reference.kind in _JOB_KINDS:
            continue
        feeding = by_dataset.get(reference, [])
        facets = dataset_facets(excerpt, reference)
        if feeding:
            facets |= _lineage_facets(feeding)
        dataset = {**name_of(reference), "facets": facets}
        yield _event(excerpt, feeding, "DatasetEvent", {"dataset": dataset})


def _lineage_facets(edges: list[ExcerptEdge]) -> Json:
    inputs = [{**name, "type": "DATASET"} for name in _names(item.edge.upstream for item in edges)]
    facets: Json = {
        "lineage": facet("LineageFacet", {"inputs": inputs}, definition="LineageDatasetFacet")
    }
    columns = column_lineage(edges)
    return facets if columns is None else {"columnLineage": columns, **facets}


def _job_events(excerpt: Excerpt, edges: list[ExcerptEdge]) -> Iterator[Json]:
    """Write an event for each dataset that a job fills, or feeds the job, and each SQL of it."""
    groups: dict[tuple[Reference, Reference, str], list[ExcerptEdge]] = {}
    for item in edges:
        job = _job(item)
        if job is not None:
            key = job, item.edge.downstream, item.edge.evidence.sql or ""
            groups.setdefault(key, []).append(item)
    for (job, target, sql), group in sorted(groups.items(), key=lambda item: item[0]):
        facets = job_facets(excerpt, job)
        if sql:
            facets["sql"] = facet("SQLJobFacet", {"query": sql})
        columns = column_lineage(group)
        more: Json = {} if columns is None else {"facets": {"columnLineage": columns}}
        content: Json = {
            "job": {**name_of(job), "facets": facets},
            "inputs": _names(item.edge.upstream for item in group),
            "outputs": [{**name, **more} for name in _names([target])],
        }
        yield _event(excerpt, group, "JobEvent", content)


def _event(excerpt: Excerpt, edges: list[ExcerptEdge], kind: str, content: Json) -> Json:
    head = {
        "eventTime": _time(excerpt, edges),
        "producer": PRODUCER,
        "schemaURL": f"{_SCHEMA}/{kind}",
    }
    return {**head, **content}


def _time(excerpt: Excerpt, edges: list[ExcerptEdge]) -> str:
    """Return when the newest of some edges was recorded, or when the catalog was read."""
    evidences = [item.edge.evidence for item in edges]
    times = [one.updated_at or one.created_at or 0 for one in evidences]
    latest = spell_time(max(times, default=0) or None)
    if latest is not None:
        return latest
    try:
        read_at = datetime.fromisoformat(excerpt.graph.read_at)
    except ValueError:
        return _NO_TIME
    return read_at.isoformat() if read_at.tzinfo is not None else _NO_TIME


def _job(item: ExcerptEdge) -> Reference | None:
    """Return the job that carries an edge, or is one of its ends."""
    ends = (item.edge.upstream, item.edge.downstream)
    return next((end for end in ends if end.kind in _JOB_KINDS), item.edge.evidence.pipeline)


def _is_between_jobs(item: ExcerptEdge) -> bool:
    return {item.edge.upstream.kind, item.edge.downstream.kind} <= _JOB_KINDS


def _names(references: Iterable[Reference]) -> list[Json]:
    """Name datasets; a job is none."""
    found = dict.fromkeys(item for item in references if item.kind not in _JOB_KINDS)
    return [name_of(reference) for reference in found]


OPENLINEAGE = Format(
    name="openlineage",
    title="OpenLineage",
    suffix="",
    keeps=frozenset(
        {
            *(Fact.PARTS, Fact.DESCRIPTIONS, Fact.TYPES, Fact.TAGS, Fact.STRENGTH),
            *(Fact.FUNCTIONS, Fact.INFLUENCE, Fact.MASKING, Fact.JOBS, Fact.PARALLEL),
        }
    ),
    render=_render,
)
