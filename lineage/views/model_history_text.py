"""The history of a model as text for a terminal."""

from collections.abc import Iterator

from lineage.changes.model_history import ModelHistory, ModelVersion
from lineage.model.answer import counted
from lineage.views.terminal import moment, printable

__all__ = ["render_model_history"]


def render_model_history(answer: ModelHistory) -> str:
    """Write each version of a model, oldest first, with what made it.

    Examples
    --------
    >>> from lineage.changes.model_history import model_history
    >>> from lineage.model.entities import MlModel
    >>> from lineage.model.reference import Reference
    >>> model = MlModel(
    ...     reference=Reference("mlmodel", "m"),
    ...     version=0.1,
    ...     updated_at=1764000000000,
    ...     updated_by="ann",
    ... )
    >>> print(render_model_history(model_history((model,))))
    mlmodel:m: 1 version
    <BLANKLINE>
    0.1 · 2025-11-24 16:00 UTC · ann
      0 features
    """
    blocks = ["\n".join(_lines(item)) for item in answer.versions]
    return "\n\n".join((printable(answer.summary()), *blocks))


def _lines(item: ModelVersion) -> Iterator[str]:
    model = item.model
    head = [str(model.version), moment(model.updated_at), model.updated_by or "unknown"]
    if item.bump is not None:
        head.append(str(item.bump) if item.follows_rule else f"{item.bump}, not by the rule")
    yield printable(" · ".join(head))
    facts = [("algorithm", model.algorithm), ("server", model.server), ("target", model.target)]
    said = [f"{name} {value}" for name, value in facts if value]
    yield printable(f"  {', '.join((counted(len(model.features), 'feature'), *said))}")
    yield from (printable(f"  {fact}") for fact in item.facts)
