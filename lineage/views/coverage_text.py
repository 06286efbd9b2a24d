"""Coverage as text: a line a model, and under it what does not resolve."""

from collections.abc import Iterator

from lineage.model.answer import counted
from lineage.queries.coverage import RESOLVED_SOURCES, Coverage, ModelCoverage
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
    ...     declared=(),
    ...     recorded=(),
    ...     dashboard=None,
    ...     owners=(),
    ...     unresolved=((age, "the feature declares no source"),),
    ... )
    >>> print(render_coverage(Coverage((model,))))
    mlf.churn  0 of 1 feature resolves; no dashboard, no owner
      age: the feature declares no source
    1 of 1 model lacks something; 0 of 1 feature resolves to columns
    """
    width = max((len(printable(item.model.fqn)) for item in answer.models), default=0)
    lines = [line for item in answer.models for line in _model_lines(item, width)]
    return "\n".join([*lines, answer.summary()])


def _model_lines(item: ModelCoverage, width: int) -> Iterator[str]:
    # How many features resolve is said anyway.
    missing = [f"no {what}" for what in item.missing if what != RESOLVED_SOURCES]
    said = ", ".join(missing) if item.missing else "lacks nothing"
    verb = "resolves" if item.features == 1 else "resolve"
    resolved = f"{len(item.resolved)} of {counted(item.features, 'feature')} {verb}"
    if item.recorded:
        resolved += f" ({len(item.declared)} declared, {len(item.recorded)} recorded)"
    yield f"{printable(item.model.fqn):{width}}  {'; '.join(filter(None, (resolved, said)))}"
    for feature in item.recorded:
        yield f"  {printable(feature.name)}: declares no source; known by what is recorded"
    for feature, reason in item.unresolved:
        yield f"  {printable(feature.name)}: {printable(reason)}"
