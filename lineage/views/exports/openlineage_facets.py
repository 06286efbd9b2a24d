"""Facets of OpenLineage: what datasets and jobs are, and which fields feed each other."""

from collections.abc import Iterable, Iterator

from lineage.model.edges import Hop, Influence
from lineage.model.entities import Column, Entity, Feature, Tag
from lineage.model.reference import Kind, Reference
from lineage.views.exports.excerpt import Excerpt, ExcerptEdge
from lineage.views.exports.openlineage_names import Json, field_name, name_of

__all__ = ["PRODUCER", "column_lineage", "dataset_facets", "facet", "job_facets"]

PRODUCER = "https://pypi.org/project/mlmodel-lineage"

_VERSIONS = {
    "ColumnLineageDatasetFacet": "1-2-0",
    "DatasetTypeDatasetFacet": "1-0-1",
    "DocumentationDatasetFacet": "1-1-0",
    "DocumentationJobFacet": "1-1-0",
    "LifecycleStateChangeDatasetFacet": "1-0-1",
    "LineageFacet": "1-0-0",
    "OwnershipDatasetFacet": "1-0-1",
    "OwnershipJobFacet": "1-0-1",
    "SQLJobFacet": "1-1-0",
    "SchemaDatasetFacet": "1-2-0",
    "TagsDatasetFacet": "1-0-0",
}
_SUBTYPES = {
    Influence.JOIN: "JOIN",
    Influence.FILTER: "FILTER",
    Influence.GROUP_BY: "GROUP_BY",
    Influence.SORT: "SORT",
    Influence.WINDOW: "WINDOW",
    Influence.CONDITION: "CONDITIONAL",
}


def facet(name: str, content: Json, *, definition: str | None = None) -> Json:
    """Write a facet, with the schema it is of."""
    schema = f"https://openlineage.io/spec/facets/{_VERSIONS[name]}/{name}.json"
    url = f"{schema}#/$defs/{definition or name}"
    return {"_producer": PRODUCER, "_schemaURL": url, **content}


def dataset_facets(excerpt: Excerpt, reference: Reference) -> Json:
    """Return what a dataset is: its kind, fields, tags, owners, description, and if it is gone."""
    facets = {
        "datasetType": facet("DatasetTypeDatasetFacet", {"datasetType": _type(reference)}),
    }
    fields = _fields(excerpt, reference)
    if fields:
        facets["schema"] = facet("SchemaDatasetFacet", {"fields": fields})
    value = excerpt.graph.value(reference)
    if not isinstance(value, Entity):
        return dict(facets)
    tags = [*_tags(value.tags), *_part_tags(excerpt, reference)]
    if tags:
        facets["tags"] = facet("TagsDatasetFacet", {"tags": tags})
    if value.deleted:
        change: Json = {"lifecycleStateChange": "DROP"}
        facets["lifecycleStateChange"] = facet("LifecycleStateChangeDatasetFacet", change)
    return {**facets, **_described(value, "Dataset")}


def job_facets(excerpt: Excerpt, reference: Reference) -> Json:
    """Return what a job is: its owners and description."""
    value = excerpt.graph.value(reference) if reference in excerpt.graph else None
    return _described(value, "Job") if isinstance(value, Entity) else {}


def column_lineage(edges: Iterable[ExcerptEdge]) -> Json | None:
    """Return which fields feed those of a dataset, and which decide its rows; None for none.

    A list of the latter is there where all that influences is known, or some is. A source of a
    feature that is no column feeds it by its table alone.
    """
    fields: dict[str, list[Json]] = {}
    on_rows: list[Json] = []
    listed = list(edges)
    for item in listed:
        for hop in item.hops:
            if hop.upstream.kind == Kind.FEATURE_SOURCE:
                continue
            if hop.downstream.is_part:
                name = field_name(hop.downstream, item.edge.downstream)
                fields.setdefault(name, []).append(_input(item, hop))
            else:
                on_rows.append(_input(item, hop))
    if not fields and not on_rows:
        return None
    content: Json = {"fields": {name: {"inputFields": found} for name, found in fields.items()}}
    if on_rows or all(item.edge.evidence.influences_known for item in listed):
        content["dataset"] = on_rows
    return facet("ColumnLineageDatasetFacet", content)


def _input(item: ExcerptEdge, hop: Hop) -> Json:
    """Write one field that feeds another; a mapping that says no more has no transformation."""
    mapping = hop.column_edge
    source = {**name_of(item.edge.upstream), "field": field_name(hop.upstream, item.edge.upstream)}
    if mapping is None:
        return source
    facts: Json = {"type": "DIRECT" if mapping.influence is None else "INDIRECT"}
    if mapping.influence in _SUBTYPES:
        facts["subtype"] = _SUBTYPES[mapping.influence]
    if mapping.function is not None:
        facts["description"] = mapping.function
    if mapping.masking is not None:
        facts["masking"] = mapping.masking
    return {**source, "transformations": [facts]}


def _type(reference: Reference) -> str:
    return "MODEL" if reference.kind == "mlmodel" else str(reference.kind).upper()


def _fields(excerpt: Excerpt, reference: Reference) -> list[Json]:
    """Return the fields of a dataset, those nested in another inside it."""
    nested: dict[Reference, list[Json]] = {reference: []}
    for part in excerpt.parts_of(reference):
        if part.kind == Kind.FEATURE_SOURCE:
            continue
        nested[part] = []
        parent = excerpt.graph.parent(part)
        outer = nested[parent if parent in nested else reference]
        outer.append({**_field(excerpt, part), "fields": nested[part]})
    for fields in nested.values():
        for entry in fields:
            if not entry["fields"]:
                del entry["fields"]
    return nested[reference]


def _field(excerpt: Excerpt, part: Reference) -> Json:
    value = excerpt.graph.value(part)
    if not isinstance(value, Column | Feature):
        return {"name": part.name}
    facts = {"name": value.name, "type": value.data_type, "description": value.description}
    return {name: fact for name, fact in facts.items() if fact or name == "name"}


def _part_tags(excerpt: Excerpt, reference: Reference) -> Iterator[Json]:
    for part in excerpt.parts_of(reference):
        value = excerpt.graph.value(part)
        for tag in _tags(value.tags) if value is not None else ():
            yield {**tag, "field": field_name(part, reference)}


def _tags(tags: Iterable[Tag]) -> Iterator[Json]:
    """Write tags; one that nobody has confirmed says so in its source."""
    for tag in tags:
        source = "OPENMETADATA" if tag.is_confirmed else f"OPENMETADATA {tag.state}"
        yield {"key": tag.fqn, "value": "true", "source": source}


def _described(value: Entity, kind: str) -> Json:
    facets: Json = {}
    if value.owners:
        owners = [{"name": str(owner)} for owner in value.owners]
        facets["ownership"] = facet(f"Ownership{kind}Facet", {"owners": owners})
    if value.description:
        content: Json = {"description": value.description}
        facets["documentation"] = facet(f"Documentation{kind}Facet", content)
    return facets
