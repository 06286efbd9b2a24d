"""The matrix of models and columns: for each pair the verdict, as CSV."""

from collections.abc import Iterator

from lineage.errors import LineageError
from lineage.governance.audit.audit import audit_sensitive
from lineage.governance.audit.audit_answer import Audit
from lineage.governance.audit.sensitivity import Sensitive
from lineage.governance.audit.verdicts import VERDICTS, Assessment, Verdict
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.edges import Strength
from lineage.model.reference import GROUP_KINDS, Kind, Reference
from lineage.queries.traversal import Trace, upstream
from lineage.text_escapes import escape
from lineage.views.exports.cells import csv_table
from lineage.views.exports.excerpt import Excerpt
from lineage.views.exports.format import Fact, Format, Rendered, one_file
from lineage.views.exports.rows import Rows

__all__ = ["MATRIX"]


_Verdicts = dict[Reference, dict[Reference, Verdict]]
"""By what the data is in, then by model."""


def _render(rows: Rows, _notes: tuple[str, ...], *, raw: bool = False) -> Rendered:
    excerpt = rows.excerpt
    found = excerpt.audit
    if found is None or found.by_tag:
        models = [item for item in excerpt.references if item.kind == Kind.MLMODEL]
        verdicts = _traced(excerpt, models)
    else:
        models = found.models.targets
        verdicts = _audited(excerpt.graph, found, models)
    if not models:
        message = "there is no model in what is exported, so no matrix of models and columns"
        raise LineageError(message)
    lines = (
        [
            escape(str(reference)),
            _tags(excerpt.graph, reference),
            *(str(by_model[model]) for model in models),
        ]
        for reference, by_model in sorted(verdicts.items())
    )
    header = ["from", "tags", *(escape(model.fqn) for model in models)]
    return one_file(csv_table(header, lines, raw=raw))


def _render_raw(rows: Rows) -> Rendered:
    return _render(rows, (), raw=True)


def _audited(graph: LineageGraph, found: Audit, models: list[Reference]) -> _Verdicts:
    """Return what an audit says of each thing it looked for; what a column contains it holds."""
    verdicts: _Verdicts = {item.reference: {} for item in found.sensitive}
    for model in models:
        assessment = found.assessment(model)
        said: dict[Reference, Verdict] = {}
        for finding in assessment.findings:  # the strongest first
            holder: Reference | None = finding.sensitive.reference
            while holder is not None:
                said.setdefault(holder, finding.verdict)
                parent = graph.parent(holder)
                holder = parent if parent is not None and parent.is_part else None
        otherwise = _verdict_of_nothing(assessment)
        for item, by_model in verdicts.items():
            by_model[model] = said.get(item, otherwise)
    return verdicts


def _traced(excerpt: Excerpt, models: list[Reference]) -> _Verdicts:
    """Return what an audit would say of each column, or entity, there is.

    An audit proves each finding by a path; how strong the strongest is, a trace knows of all.
    """
    graph, sought = excerpt.graph, list(_sought(excerpt))
    found = audit_sensitive(
        graph, tuple(Sensitive(item, (), item) for item in sought), models=models
    )
    verdicts: _Verdicts = {item: {} for item in sought}
    for model in models:
        strengths = _strengths(graph, upstream(graph, model, grain="part"))
        otherwise = _verdict_of_nothing(found.assessment(model))
        for item in sought:
            is_reached = item in strengths
            verdicts[item][model] = VERDICTS[strengths[item]] if is_reached else otherwise
    return verdicts


def _sought(excerpt: Excerpt) -> Iterator[Reference]:
    """Iterate over the columns, or over the entities that hold data."""
    for item in excerpt.references:
        is_data = not item.is_part and item.kind not in {Kind.MLMODEL, *GROUP_KINDS}
        if is_data if excerpt.grain == "entity" else item.kind == Kind.COLUMN:
            yield item


def _strengths(graph: LineageGraph, trace: Trace) -> dict[Reference, Strength]:
    """Return how strongly each thing reaches a model; what a column or table contains it holds."""
    found: dict[Reference, Strength] = {}
    for item in trace.reached:
        holder: Reference | None = item.reference
        while holder is not None:
            found[holder] = max(item.strength, found.get(holder, item.strength))
            holder = graph.parent(holder)
    return found


def _verdict_of_nothing(assessment: Assessment) -> Verdict:
    """Say what holds of a column that was not found upstream."""
    if assessment.gaps:
        return Verdict.UNKNOWN
    return Verdict.NO_VALUE_PATH if assessment.silent else Verdict.NO_PATH


def _tags(graph: LineageGraph, reference: Reference) -> str:
    value = graph.value(reference)
    return escape(", ".join(dict.fromkeys(tag.fqn for tag in value.tags))) if value else ""


MATRIX = Format(
    name="matrix",
    title="the matrix of models and columns",
    suffix=".csv",
    keeps=frozenset({Fact.PARTS, Fact.TAGS, Fact.STRENGTH, Fact.VERDICTS}),
    render=_render,
    render_raw=_render_raw,
)
