"""Model cards as Hugging Face keeps them: Markdown under a front matter, with the lineage.

What a card says of a model's performance is for people to add; this one has what a catalog knows.
"""

import json
from collections.abc import Iterator

from lineage.errors import LineageError
from lineage.governance.audit.audit import Assessment, audit
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.answer import counted
from lineage.model.entities import Entity, Feature, MlModel
from lineage.model.reference import Kind, Reference
from lineage.queries.traversal import Trace, upstream
from lineage.text_escapes import escape
from lineage.views.exports.excerpt import Excerpt
from lineage.views.exports.format import Fact, Format, Rendered, one_file
from lineage.views.exports.rows import Rows
from lineage.views.pack.document import Bullets, Code, Document, Section, Table
from lineage.views.pack.pack_markdown import render_markdown

__all__ = ["MODEL_CARD"]


def _render(rows: Rows, _notes: tuple[str, ...]) -> Rendered:
    excerpt = rows.excerpt
    model = _only_model(excerpt)
    return one_file(_front_matter(model) + render_markdown(_card(excerpt, model)))


def _only_model(excerpt: Excerpt) -> MlModel:
    """Find the model that was asked about; else the only one there is."""
    graph = excerpt.graph
    asked = dict.fromkeys(map(graph.entity_of, excerpt.starts))
    models = [item for item in asked if item.kind == Kind.MLMODEL]
    if not models:
        models = [item for item in excerpt.references if item.kind == Kind.MLMODEL]
    if len(models) != 1:
        message = f"a model card is about one model, and here are {len(models)}: name the one"
        raise LineageError(message)
    return graph.model(models[0])


def _front_matter(model: MlModel) -> str:
    """Write what the hub reads; a text of JSON that needs no escape is one of YAML."""
    tags = dict.fromkeys(("lineage", *(tag.fqn for tag in model.tags)))
    lines = [
        "---",
        f"model_name: {_quoted(model.display_name or model.reference.name)}",
        "tags:",
        *(f"- {_quoted(tag)}" for tag in tags),
        "---",
        "",
    ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(escape(text), ensure_ascii=False)


def _card(excerpt: Excerpt, model: MlModel) -> Document:
    graph, reference = excerpt.graph, model.reference
    assessment = _assess(excerpt, reference)
    trace = upstream(graph, reference, grain="entity")
    features = [_features(model)] if excerpt.grain == "part" and model.features else []
    gaps = dict.fromkeys(map(str, (*assessment.gaps, *assessment.silent, *trace.gaps)))
    found = counted(len(assessment.findings), "sensitive reference")
    return Document(
        title=model.display_name or reference.name,
        subtitle=model.description or "A machine-learning model.",
        verdict=assessment.verdict,
        lead=f"{found} upstream that may reach it, {counted(len(gaps), 'gap')}.",
        identity=tuple(_identity(excerpt, model)),
        sections=(
            *features,
            _hyper_parameters(model),
            _data(graph, trace),
            _sensitive(assessment),
            Section(
                "What is not known", "gaps", (Bullets(tuple(gaps) or ("Nothing is missing.",)),)
            ),
        ),
    )


def _assess(excerpt: Excerpt, model: Reference) -> Assessment:
    """Take what the exported audit says of a model, or audit it."""
    found = excerpt.audit
    if found is None or found.by_tag or model not in found.models.targets:
        found = audit(excerpt.graph, models=model)
    return found.assessment(model)


def _identity(excerpt: Excerpt, model: MlModel) -> Iterator[tuple[str, str]]:
    graph = excerpt.graph
    facts = {
        "Model": model.reference.fqn,
        "Version": None if model.version is None else str(model.version),
        "Algorithm": model.algorithm,
        "Target": model.target,
        "Owners": ", ".join(map(str, model.owners)),
        "Domains": ", ".join(map(str, model.domains)),
        "Serves at": model.server,
        "Storage": model.storage,
        "Source": model.source_url,
        "Catalog": " ".join(filter(None, (graph.server, graph.server_version))),
        "Read at": graph.read_at,
    }
    return ((name, fact) for name, fact in facts.items() if fact)


def _features(model: MlModel) -> Section:
    rows = tuple(
        (Code(item.name), item.data_type or "", item.description or "", _sources(item))
        for item in model.features
    )
    table = Table(("feature", "type", "description", "comes from"), rows)
    return Section("Features", "features", (table,))


def _sources(feature: Feature) -> tuple[Code, ...] | str:
    """Write what a feature declares to come from, resolved or not."""
    found = (
        Code(f"{source.entity.fqn}.{source.name}" if source.entity else source.name)
        for source in feature.sources
    )
    return tuple(found) or "not stated"


def _hyper_parameters(model: MlModel) -> Section:
    rows = tuple(
        (Code(item.name), item.value or "", item.description or "")
        for item in model.hyper_parameters
    )
    table = Table(("name", "value", "description"), rows)
    blocks = (table,) if rows else ("None are recorded.",)
    return Section("Hyper-parameters", "hyper-parameters", blocks)


def _data(graph: LineageGraph, trace: Trace) -> Section:
    """Write all that the model is made of, the nearest first."""
    rows = []
    for item in trace.reached:
        value = graph.value(item.reference)
        owners = value.owners if isinstance(value, Entity) else ()
        names = ", ".join(map(str, owners))
        rows.append((Code(str(item.reference)), item.depth, item.strength.label, names))
    table = Table(("entity", "hops away", "strength", "owners"), tuple(rows))
    return Section(
        "Training data and where it comes from",
        "data",
        (table,) if rows else ("Nothing is recorded.",),
    )


def _sensitive(assessment: Assessment) -> Section:
    rows = tuple(
        (
            Code(str(finding.sensitive.reference)),
            ", ".join(finding.sensitive.tags),
            finding.verdict,
            tuple(Code(str(step)) for step in finding.path.references),
        )
        for finding in assessment.findings
    )
    table = Table(("column", "tags", "verdict", "path"), rows)
    nothing = f"None was found; the verdict is {assessment.verdict}."
    return Section("Sensitive data", "sensitive", (table,) if rows else (nothing,))


MODEL_CARD = Format(
    name="model-card",
    title="a model card",
    suffix=".md",
    keeps=frozenset({Fact.OWNERS, Fact.MODELS, Fact.STRENGTH, Fact.GAPS, Fact.VERDICTS}),
    render=_render,
)
