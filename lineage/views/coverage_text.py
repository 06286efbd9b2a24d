"""Coverage as text: a line a model, and under it what does not resolve."""

from collections.abc import Iterator

from lineage.queries.coverage import Coverage, ModelCoverage
from lineage.views.terminal import printable

__all__ = ["render_coverage"]


def render_coverage(answer: Coverage) -> str:
    """Write coverage as text.

    Examples
    --------
    >>> from lineage.model.reference import Reference
    >>> churn = Reference("mlmodel", "mlf.churn")
    >>> age = Reference("feature", "mlf.churn.age")
    >>> model = ModelCoverage(
    ...     model=churn,
    ...     features=1,
    ...     resolved=(),
    ...     dashboard=None,
    ...     owners=(),
    ...     unresolved=((age, "the feature declares no source"),),
    ... )
    >>> print(render_coverage(Coverage((model,))))
    mlf.churn  0 of 1 features resolve; no resolved sources, no dashboard, no owner
      age: the feature declares no source
    1 of 1 models lack something; 0 of 1 features resolve to columns
    """
    width = max((len(printable(item.model.fqn)) for item in answer.models), default=0)
    lines = [line for item in answer.models for line in _model_lines(item, width)]
    return "\n".join([*lines, answer.summary()])


def _model_lines(item: ModelCoverage, width: int) -> Iterator[str]:
    missing = ", ".join(f"no {what}" for what in item.missing) or "lacks nothing"
    resolved = f"{len(item.resolved)} of {item.features} features resolve"
    yield f"{printable(item.model.fqn):{width}}  {resolved}; {missing}"
    for feature, reason in item.unresolved:
        yield f"  {printable(feature.name)}: {printable(reason)}"
