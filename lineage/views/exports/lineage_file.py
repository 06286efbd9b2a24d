"""Lineage files: what is recorded, as a file that `lineage plan --from` reads and git keeps.

Planned against the catalog that it was made of, it asks for no more than its models do.
"""

from collections.abc import Iterable, Iterator

from lineage import fqn
from lineage.errors import LineageError
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.answer import counted
from lineage.model.edges import Edge, Origin
from lineage.model.entities import Entity, Feature, FeatureSource, MlModel, Tag
from lineage.model.reference import Kind, Reference
from lineage.views.exports.excerpt import Excerpt
from lineage.views.exports.format import Fact, Format, Rendered, one_file
from lineage.views.exports.json_text import json_text
from lineage.views.exports.rows import Rows

__all__ = ["LINEAGE_FILE"]

_Json = dict[str, object]

_DATA_TYPES = frozenset({"numerical", "categorical"})
"""The types of features that there are; whatever else a catalog holds is not to be written."""


def _render(rows: Rows, _notes: tuple[str, ...]) -> Rendered:
    excerpt, graph = rows.excerpt, rows.excerpt.graph
    recorded = [item for item in excerpt.edges if item.edge.evidence.origin != Origin.DECLARED]
    pairs: dict[tuple[Reference, Reference], Edge] = {}
    for item in recorded:
        ends = item.edge.upstream, item.edge.downstream
        if all(_is_there(graph, end) for end in (*ends, item.edge.evidence.pipeline or ends[0])):
            pairs.setdefault(ends, item.edge)
    models = [
        value
        for reference in excerpt.entities
        if isinstance(value := graph.value(reference), MlModel) and not value.deleted
    ]
    content: _Json = {}
    if pairs:
        content["edges"] = [_edge(excerpt, edge) for edge in pairs.values()]
    if models:
        content["models"] = [_model(excerpt, model) for model in models]
    if not content:
        message = "what is exported holds neither edges nor models for a lineage file"
        raise LineageError(message)
    notes = _left_out(excerpt, models, len(recorded) - len(pairs))
    return one_file(json_text(content, exact=True), *notes)


def _is_there(graph: LineageGraph, reference: Reference) -> bool:
    """Say whether a lineage file can name something: it was read, and is not deleted."""
    value = graph.value(reference) if reference in graph else None
    return value is not None and not (isinstance(value, Entity) and value.deleted)


def _left_out(excerpt: Excerpt, models: Iterable[MlModel], edges: int) -> Iterator[str]:
    if edges:
        what = counted(edges, "edge")
        yield f"{what} left out: a lineage file has one for each pair of entities that were read"
    features = [item for model in models for item in model.features if item.sources]
    lost = sum(not _sources(excerpt.graph, item) for item in features)
    if lost and excerpt.grain == "part":
        what = counted(lost, "feature")
        yield f"{what} left without sources: a lineage file names columns that exist, as they are"


def _edge(excerpt: Excerpt, edge: Edge) -> _Json:
    evidence = edge.evidence
    facts: _Json = {"upstream": str(edge.upstream), "downstream": str(edge.downstream)}
    if evidence.pipeline is not None:
        facts["pipeline"] = str(evidence.pipeline)
    facts |= _known({"sql": evidence.sql, "description": evidence.description})
    if excerpt.grain == "part":
        facts |= _known({"columns": list(_mappings(excerpt.graph, edge))})
    return facts


def _mappings(graph: LineageGraph, edge: Edge) -> Iterator[_Json]:
    """Write what gives values; a column that does not exist is left out."""
    columns = {end: _columns(graph, end) for end in (edge.upstream, edge.downstream)}
    for mapping in edge.value_mappings:
        upstream = [name for name in mapping.upstream if name in columns[edge.upstream]]
        if upstream and mapping.downstream in columns[edge.downstream]:
            names: _Json = {"upstream": upstream, "downstream": mapping.downstream}
            yield {**names, **_known({"function": mapping.function})}


def _columns(graph: LineageGraph, entity: Reference) -> frozenset[str]:
    """Return the names of the columns or features of an entity that was read."""
    return frozenset(part.fqn for part in graph.nested_parts(entity) if _is_there(graph, part))


def _model(excerpt: Excerpt, model: MlModel) -> _Json:
    settings = {
        item.name: {"value": item.value, **_known({"description": item.description})}
        for item in model.hyper_parameters
        if item.value is not None
    }
    facts: _Json = {
        "algorithm": model.algorithm,
        "description": model.description,
        "display_name": model.display_name,
        "target": model.target,
        "server": model.server,
        "store": _known({"storage": model.storage, "image_repository": model.image_repository}),
        "source_url": model.source_url,
        "tags": _tags(model.tags),
        "hyper_parameters": settings,
    }
    if model.dashboard is not None and _is_there(excerpt.graph, model.dashboard):
        facts["dashboard"] = model.dashboard.fqn
    if excerpt.grain == "part":
        facts["features"] = [_feature(excerpt.graph, feature) for feature in model.features]
    return {"model": model.reference.fqn, **_known(facts)}


def _feature(graph: LineageGraph, feature: Feature) -> _Json:
    facts: _Json = {
        "data_type": feature.data_type if feature.data_type in _DATA_TYPES else None,
        "description": feature.description,
        "algorithm": feature.algorithm,
        "sources": _sources(graph, feature),
        "tags": _tags(feature.tags),
    }
    return {"name": feature.name, **_known(facts)}


def _sources(graph: LineageGraph, feature: Feature) -> list[str]:
    """Return the columns a feature comes from; none where one of them does not exist."""
    found = [_column(graph, source) for source in feature.sources]
    return [name for name in found if name] if all(found) else []


def _column(graph: LineageGraph, source: FeatureSource) -> str | None:
    """Return the name of the column that a source spells as it is; None where there is none."""
    if source.entity is None:
        return None
    for name in (source.name, fqn.quote(source.name)):
        column = Reference(Kind.COLUMN, f"{source.entity.fqn}.{name}")
        if _is_there(graph, column):
            return column.fqn
    return None


def _tags(tags: tuple[Tag, ...]) -> list[str]:
    """Return the tags that people gave; terms of glossaries are not for a lineage file."""
    return [tag.fqn for tag in tags if tag.scheme == "Classification" and tag.is_confirmed]


def _known(facts: _Json) -> _Json:
    return {name: fact for name, fact in facts.items() if fact}


LINEAGE_FILE = Format(
    name="lineage-file",
    title="a lineage file",
    suffix=".json",
    keeps=frozenset({Fact.FUNCTIONS, Fact.JOBS, Fact.MODELS, Fact.SQL}),
    render=_render,
    is_written_back=True,
)
