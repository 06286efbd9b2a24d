"""OpenLineage events in a few words, for catalogs in the notation of `tests.notation`.

`{"job": "load", "in": ["raw"], "out": {"clean": {"b": ["raw.email:masked"]}}}` is the event of a
run that completed: `clean` has a column-lineage facet in which field `b` comes from `raw.email`,
masked. `null` in place of the fields is an output without that facet; the field `*` holds what is
said of all rows. After the colon stands an influence, `masked`, `raw`, or a function.
Whatever else stands in the event (`job_facets`, `state`, `run`, …) is spelled out.
"""

from typing import Any

from lineage.evidence.dataset_mapping import DatasetNames
from lineage.model.snapshot import Snapshot

__all__ = ["NAMESPACE", "dataset", "event_from", "names_of"]

NAMESPACE = "shop"

_SUBTYPES = {
    "join": "JOIN",
    "filter": "FILTER",
    "group-by": "GROUP_BY",
    "sort": "SORT",
    "window": "WINDOW",
    "condition": "CONDITIONAL",
}


def names_of(snapshot: Snapshot) -> DatasetNames:
    """Say that datasets of the namespace are called as entities are."""
    fqns = [entity.reference.fqn for entity in snapshot.entities]
    return DatasetNames(datasets={f"{NAMESPACE}/{fqn}": fqn for fqn in fqns})


def dataset(name: str, **more: object) -> dict[str, Any]:
    return {"namespace": NAMESPACE, "name": name, **more}


def event_from(short: dict[str, Any]) -> dict[str, Any]:
    """Spell an event out."""
    rest = dict(short)
    job = rest.pop("job", "load")
    names = {"namespace": "jobs", "name": job} if isinstance(job, str) else job
    facets = {**rest.pop("job_facets", {})}
    if "sql" in rest:
        facets["sql"] = {"query": rest.pop("sql")}
    made: dict[str, Any] = {
        "eventType": rest.pop("state", "COMPLETE"),
        "eventTime": rest.pop("time", "2026-01-01T00:00:00Z"),
        "run": {"runId": rest.pop("run", "1")},
        "job": names and {**names, "facets": facets},
        "inputs": [_named(item) for item in rest.pop("in", ())],
        "outputs": [_output(*item) for item in rest.pop("out", {}).items()],
    }
    return {**made, **rest}


def _named(item: str | dict[str, Any]) -> dict[str, Any]:
    return dataset(item) if isinstance(item, str) else item


def _output(name: str, fields: dict[str, list[str]] | None) -> dict[str, Any]:
    if fields is None:
        return dataset(name)
    entries = {
        field: {"inputFields": list(map(_source, sources))}
        for field, sources in fields.items()
        if field != "*"
    }
    facet: dict[str, Any] = {"fields": entries}
    if "*" in fields:
        facet["dataset"] = list(map(_source, fields["*"]))
    return dataset(name, facets={"columnLineage": facet})


def _source(text: str) -> dict[str, Any]:
    place, _, how = text.partition(":")
    table, _, field = place.partition(".")
    if not how:
        return dataset(table, field=field)
    if how in _SUBTYPES:
        step: dict[str, Any] = {"type": "INDIRECT", "subtype": _SUBTYPES[how]}
    elif how in {"masked", "raw"}:
        step = {"type": "DIRECT", "masking": how == "masked"}
    else:
        step = {"type": "DIRECT", "description": how}
    return dataset(table, field=field, transformations=[step])
