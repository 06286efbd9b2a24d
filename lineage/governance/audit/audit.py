"""The audit: which sensitive data reaches which features and models, and how sure that is.

All sensitive references are propagated through the graph at once, and so are all gaps; what was
found is held as bits, and a finding with its path is made when somebody looks at it. A `no-path`
is said only where everything upstream was read and understood.
"""

from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np

from lineage.governance.audit.assessments import Assessments
from lineage.governance.audit.audit_answer import Audit
from lineage.governance.audit.judging import Judging, Targets
from lineage.governance.audit.sensitivity import (
    SENSITIVE_TAGS,
    Sensitive,
    find_sensitive,
    unmatched_tags,
)
from lineage.governance.audit.verdicts import Assessment, Finding, Verdict
from lineage.graph.lineage_graph import LineageGraph
from lineage.masking.rules import RULES, MaskingRule
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Gap
from lineage.queries.lookup import Models, find_models

__all__ = [
    "Assessment",
    "Audit",
    "By",
    "Finding",
    "Verdict",
    "assess",
    "audit",
    "audit_sensitive",
    "judge",
]

By = Literal["reference", "tag"]
"""What there is a finding of for each target: each sensitive reference, or each tag."""


def audit(
    graph: LineageGraph,
    *,
    models: Models | None = None,
    tags: Sequence[str] | None = None,
    suggested: bool = False,
    rules: Sequence[MaskingRule] | None = None,
    by: By = "reference",
) -> Audit:
    """Find out which sensitive data reaches which features and models.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    models : Reference or str, or iterable of them, optional
        The models to audit; all of them unless given.
    tags : sequence of str, optional
        Patterns of the tags that make data sensitive, in which `*` stands for anything;
        `SENSITIVE_TAGS` unless given. A pattern that nothing in the catalog carries leaves every
        verdict that would be clean `unknown`.
    suggested : bool
        Whether suggested and automatic labels count.
    rules : sequence of MaskingRule, optional
        The rules by which functions hide values; those of the library unless given.
    by : {"reference", "tag"}
        Whether there is a finding for each sensitive column and target, or for each tag and
        target, shown by one of the columns that carry the tag. A large catalog has a few tags
        and ten thousands of such columns.

    Returns
    -------
    Audit
        Sorted by model and feature.

    Raises
    ------
    UnknownEntity
        The graph has no such model.
    BadSelection
        A pattern of tags is malformed.
    ValueError
        `tags` is a single text, or names none; or `by` is none of the two.

    Examples
    --------
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.entities import Column, Entity, Feature, FeatureSource, MlModel, Tag
    >>> from lineage.model.snapshot import Snapshot
    >>> people = Reference("table", "people")
    >>> age = Column(name="age", fqn="people.age", tags=(Tag(fqn="PII.Sensitive"),))
    >>> source = FeatureSource(name="age", entity=people)
    >>> feature = Feature(name="age", fqn="churn.age", sources=(source,))
    >>> model = MlModel(reference=Reference("mlmodel", "churn"), features=(feature,))
    >>> table = Entity(reference=people, columns=(age,))
    >>> answer = audit(build_graph(Snapshot(entities=(table, model))))
    >>> answer
    <Audit: 1 model, 1 sensitive column: 1 reaches>
    >>> str(answer.verdict(Reference("column", "people.age"), model.reference))
    'reaches'
    """
    return _audit(judge(graph, models=models, tags=tags, suggested=suggested, rules=rules, by=by))


def judge(
    graph: LineageGraph,
    *,
    models: Models | None = None,
    tags: Sequence[str] | None = None,
    suggested: bool = False,
    rules: Sequence[MaskingRule] | None = None,
    by: By = "reference",
) -> Judging:
    """Find out what an audit looks for, and where; nothing is propagated yet.

    Takes and raises what `audit` does.
    """
    if by not in {"reference", "tag"}:
        message = f"by is {by!r}, but has to be 'reference' or 'tag'"
        raise ValueError(message)
    gaps = () if tags is None else unmatched_tags(graph, tags, suggested=suggested)
    sensitive = find_sensitive(graph, tags=tags or SENSITIVE_TAGS, suggested=suggested)
    targets = _targets(graph, models)
    return _judging(graph, sensitive, targets, gaps=gaps, rules=rules, by_tag=by == "tag")


def audit_sensitive(
    graph: LineageGraph,
    sensitive: tuple[Sensitive, ...],
    *,
    models: Models | None = None,
    gaps: tuple[Gap, ...] = (),
    rules: Sequence[MaskingRule] | None = None,
) -> Audit:
    """Find out which features and models something reaches that was found before.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    sensitive : tuple of Sensitive
        What to look for.
    models : Reference or str, or iterable of them, optional
        The models to audit; all of them unless given.
    gaps : tuple of Gap
        What was not found of that which had to be looked for. It hides upstream of everything.
    rules : sequence of MaskingRule, optional
        The rules by which functions hide values; those of the library unless given.

    Returns
    -------
    Audit
        Sorted by model and feature.

    Raises
    ------
    UnknownEntity
        The graph has no such model.
    """
    judging = _judging(graph, sensitive, _targets(graph, models), gaps=gaps, rules=rules)
    return _audit(judging)


def assess(
    graph: LineageGraph,
    sensitive: tuple[Sensitive, ...],
    targets: Iterable[Reference],
    *,
    gaps: tuple[Gap, ...] = (),
    rules: Sequence[MaskingRule] | None = None,
) -> Assessments:
    """Say of some columns, features or entities what reaches them; in their order.

    Raises
    ------
    UnknownEntity
        The graph lacks one of them.
    """
    chosen = _numbered(graph, list(targets))
    return Assessments(_judging(graph, sensitive, chosen, gaps=gaps, rules=rules))


def _targets(graph: LineageGraph, models: Models | None) -> Targets:
    """List models, each followed by its features; sorted."""
    if models is None:  # asked for again and again
        return graph.keep(_targets, lambda: _with_features(graph, graph.references(Kind.MLMODEL)))
    return _with_features(graph, find_models(graph, models))


def _with_features(graph: LineageGraph, models: list[Reference]) -> Targets:
    targets: list[Reference] = []
    for model in models:
        # What another model's feature could not be resolved to is a part of this one, too.
        features = (part for part in graph.parts(model) if part.kind == Kind.FEATURE)
        targets += (model, *sorted(features))
    return _numbered(graph, targets)


def _numbered(graph: LineageGraph, targets: list[Reference]) -> Targets:
    return Targets(targets, np.array([graph.number(item) for item in targets], dtype=np.int64))


def _judging(
    graph: LineageGraph,
    sensitive: tuple[Sensitive, ...],
    targets: Targets,
    *,
    gaps: tuple[Gap, ...] = (),
    rules: Sequence[MaskingRule] | None = None,
    by_tag: bool = False,
) -> Judging:
    used = RULES if rules is None else tuple(rules)
    return Judging(graph, sensitive, targets, used, gaps=gaps, by_tag=by_tag)


def _audit(judging: Judging) -> Audit:
    return Audit(
        sensitive=judging.sensitive,
        assessments=Assessments(judging),
        by_tag=judging.by_tag,
        notes=tuple(gap for gap in judging.graph.gaps if not gap.hides_upstream),
    )
