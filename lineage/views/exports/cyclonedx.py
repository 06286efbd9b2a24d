"""CycloneDX 1.6: a bill of materials of models and the data they are made of.

A model is a component with a model card, what feeds it are components of type `data`. What could
not be read or resolved is named, and the dependencies of what it is about declared incomplete.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from lineage.governance.audit.sensitivity import find_sensitive
from lineage.model.reference import Kind, Reference
from lineage.text_escapes import escape
from lineage.views.exports.excerpt import Excerpt
from lineage.views.exports.fact_rows import NodeRow
from lineage.views.exports.format import Fact, Format, Rendered, one_file
from lineage.views.exports.json_text import json_text
from lineage.views.exports.rows import Rows, node_id

__all__ = ["CYCLONEDX"]

_Json = dict[str, object]

_PROGRAMS = frozenset({Kind.PIPELINE, Kind.STORED_PROCEDURE, Kind.DASHBOARD, Kind.CHART})
"""Kinds of entities that hold no data of their own."""


def _render(rows: Rows, notes: tuple[str, ...]) -> Rendered:
    upstream = _upstream(rows)
    entities = [row for row in rows.nodes if row.id == row.entity]
    bill: _Json = {
        "metadata": _metadata(rows),
        "components": list(_components(rows, upstream)),
        "dependencies": [
            {"ref": row.id, "dependsOn": upstream.get(row.id, [])} for row in entities
        ],
        "properties": [
            *_properties("gap", rows.gaps),
            *_properties("note", notes),
        ],
    }
    hidden = set(_hidden(rows.excerpt))
    incomplete = [row.id for row in entities if row.id in hidden]
    if incomplete:
        bill["compositions"] = [{"aggregate": "incomplete", "dependencies": incomplete}]
    serial = uuid5(NAMESPACE_URL, json.dumps(bill))
    head = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
    }
    return one_file(json_text({**head, **bill}))


def _upstream(rows: Rows) -> dict[str, list[str]]:
    """Return what each entity is made of, each once."""
    found: dict[str, dict[str, None]] = {}
    for edge in rows.edges:
        if edge.kind == "entity":
            found.setdefault(edge.downstream, {})[edge.upstream] = None
    return {name: sorted(names) for name, names in found.items()}


def _hidden(excerpt: Excerpt) -> Iterator[str]:
    """Iterate over the entities that a gap is about."""
    for subject in excerpt.gaps_at:
        if subject in excerpt.graph:
            yield node_id(excerpt.graph.entity_of(subject))


def _metadata(rows: Rows) -> _Json:
    content: _Json = {
        "tools": {"components": [{"type": "application", "name": "lineage"}]},
        "properties": [_property(name, value) for name, value in rows.about.items()],
    }
    try:
        read_at = datetime.fromisoformat(rows.excerpt.graph.read_at)
    except ValueError:
        return content
    return {"timestamp": read_at.isoformat(), **content} if read_at.tzinfo else content


def _components(rows: Rows, upstream: dict[str, list[str]]) -> Iterator[_Json]:
    sensitive = _sensitive(rows.excerpt)
    findings: dict[str, list[str]] = {}
    for finding in rows.findings:
        if finding.sensitive is not None:
            line = f"{finding.sensitive}: {finding.verdict}"
            findings.setdefault(finding.target, []).append(line)
    for reference, row in zip(rows.excerpt.references, rows.nodes, strict=True):
        if row.id != row.entity:
            continue
        if reference.kind == Kind.MLMODEL:
            card = _model_card(rows.excerpt, reference, row, upstream.get(row.id, []))
            found = _properties("finding", findings.get(row.id, ()))
            said = (*_known({"verdict": row.verdict}), *found)
            yield {**_component("machine-learning-model", row, said), **card}
        elif reference.kind in _PROGRAMS:
            yield _component("application", row)
        else:
            data = _data(row, sensitive.get(row.id, []))
            yield {**_component("data", row), "data": [data]}


def _component(kind: str, row: NodeRow, more: Iterable[_Json] = ()) -> _Json:
    facts = {
        "group": row.service,
        "name": row.name,
        "version": None if row.version is None else str(row.version),
        "description": row.description,
        "tags": list(row.tags),
    }
    properties = [
        _property("kind", row.kind),
        _property("fqn", row.fqn),
        *_known({"server-id": row.server_id, "display-name": row.display_name}),
        *_properties("deleted", ["true"] if row.deleted else []),
        *_properties("not-read", [] if row.read else ["true"]),
        *_properties("owner", row.owners),
        *_properties("domain", row.domains),
        *_known({"certification": row.certification}),
        *more,
    ]
    known = {name: fact for name, fact in facts.items() if fact}
    return {"type": kind, "bom-ref": row.id, "name": "", **known, "properties": properties}


def _model_card(excerpt: Excerpt, reference: Reference, row: NodeRow, datasets: list[str]) -> _Json:
    """Write what a model is made of; of a feature that cannot be followed, why."""
    features = [*excerpt.graph.nested_parts(reference)]
    gaps = (
        f"{node_id(part)}: {escape(gap.reason)}"
        for part in features
        for gap in excerpt.gaps_at.get(part, ())
    )
    parameters: _Json = {"datasets": [{"ref": name} for name in datasets]}
    if row.algorithm:
        parameters["modelArchitecture"] = row.algorithm
    properties = [
        *_known({"target": row.target, "server": row.model_server, "storage": row.storage}),
        *_known({"image-repository": row.image_repository, "source-url": row.source_url}),
        *_known({"dashboard": row.dashboard}),
        *_properties("hyper-parameter", row.settings),
        *_properties("feature", map(node_id, features)),
        *_properties("unresolved-feature", gaps),
    ]
    return {"modelCard": {"modelParameters": parameters, "properties": properties}}


def _data(row: NodeRow, sensitive: list[str]) -> _Json:
    data: _Json = {"type": "dataset", "name": row.fqn}
    if row.description:
        data["description"] = row.description
    if sensitive:
        data["sensitiveData"] = sensitive
    if row.owners:
        data["governance"] = {"owners": [_owner(owner) for owner in row.owners]}
    return data


def _owner(owner: str) -> _Json:
    """Write an owner: a person, or an organization for a team."""
    kind, _, name = owner.partition(":")
    return {"contact" if kind == "user" else "organization": {"name": name}}


def _sensitive(excerpt: Excerpt) -> dict[str, list[str]]:
    """Return what is sensitive in each entity: what the audit looked for, or what is tagged so."""
    graph = excerpt.graph
    listed = find_sensitive(graph) if excerpt.audit is None else excerpt.audit.sensitive
    found: dict[str, list[str]] = {}
    for item in listed:
        tags = ", ".join(item.tags) or str(item.tagged)
        entity = graph.entity_of(item.reference)
        name = item.reference.fqn.removeprefix(f"{entity.fqn}.")
        found.setdefault(node_id(entity), []).append(escape(f"{name}: {tags}"))
    return found


def _known(facts: Mapping[str, str | None]) -> Iterator[_Json]:
    return (_property(name, value) for name, value in facts.items() if value)


def _properties(name: str, values: Iterable[str]) -> Iterator[_Json]:
    return (_property(name, value) for value in values)


def _property(name: str, value: str) -> _Json:
    return {"name": f"lineage:{name}", "value": value}


CYCLONEDX = Format(
    name="cyclonedx",
    title="CycloneDX",
    suffix=".cdx.json",
    keeps=frozenset(
        {
            *(Fact.IDS, Fact.DESCRIPTIONS, Fact.TAGS, Fact.OWNERS, Fact.STATE, Fact.MODELS),
            *(Fact.GAPS, Fact.VERDICTS),
        }
    ),
    render=_render,
)
