"""Fitted estimators: which columns feed which feature, read from the pipeline itself.

Nothing is loaded from a file: pickles run code. Call `from_estimator` where the pipeline was
fitted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from typing import Any

import numpy as np

from lineage.errors import LineageError
from lineage.lifecycle.estimator_rules import Matrix, dense, rule_of
from lineage.lifecycle.facts import (
    DatasetName,
    FactGap,
    Facts,
    FeatureFact,
    InputFact,
    ModelFact,
    SourceFact,
)
from lineage.model.declaration import FactOrigin
from lineage.model.snapshot import GapKind

__all__ = ["FittedFeatures", "Knowledge", "from_estimator"]


class Knowledge(StrEnum):
    """How it is known which columns feed a feature."""

    RULE = "rule"
    """Every transformer on its route has a rule."""
    SAMPLE = "sample"
    """Other columns of a sample did not change it; other rows may show more."""
    ASSUMED = "assumed"
    """A transformer has no rule, so that all its inputs may feed all its outputs."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FittedFeatures:
    """What a fitted pipeline hands to its last step, and the columns that it is made of.

    Attributes
    ----------
    columns : tuple of str
        What the pipeline is given.
    features : tuple of str
        What its last step is given.
    matrix : array of bool
        Features by columns: whether the one depends on the other.
    algorithms : tuple of str
        For each feature, what it was put through: `StandardScaler > PCA`.
    known_by : tuple of Knowledge
        For each feature.
    algorithm : str
        The last step.
    """

    columns: tuple[str, ...]
    features: tuple[str, ...]
    matrix: Matrix
    algorithms: tuple[str, ...]
    known_by: tuple[Knowledge, ...]
    algorithm: str

    def sources(self, feature: str) -> tuple[str, ...]:
        """List the columns that feed a feature."""
        row = self.matrix[self.features.index(feature)]
        return tuple(column for column, feeds in zip(self.columns, row, strict=True) if feeds)

    def facts(self, model: str, dataset: DatasetName, *, system: str = "sklearn:") -> Facts:
        """Say it of a model that was trained on a data set.

        Parameters
        ----------
        model : str
            What its system calls it.
        dataset : DatasetName
            What holds the columns.
        system : str
            Where the model is registered, as in `mlflow:http://127.0.0.1:5000`.
        """
        fact = ModelFact(
            name=model,
            algorithm=self.algorithm,
            features=tuple(self._feature(name, dataset) for name in self.features),
            inputs=(InputFact(dataset, FactOrigin.COMPUTED),),
        )
        return Facts(system=system, models=(fact,), gaps=tuple(self._gaps(model)))

    def _feature(self, name: str, dataset: DatasetName) -> FeatureFact:
        sources = (
            SourceFact(dataset, column, FactOrigin.COMPUTED) for column in self.sources(name)
        )
        return FeatureFact(
            name=name,
            algorithm=self.algorithms[self.features.index(name)] or None,
            sources=tuple(sources),
        )

    def _gaps(self, model: str) -> Iterator[FactGap]:
        for name, known_by in zip(self.features, self.known_by, strict=True):
            if known_by == Knowledge.SAMPLE:
                reason = f"what feeds feature {name!r} was seen on a sample; more may feed it"
                yield FactGap(kind=GapKind.SOURCE_NOT_RESOLVED, about=model, reason=reason)


def from_estimator(
    estimator: Any, *, columns: Sequence[str] | None = None, sample: Any = None
) -> FittedFeatures:
    """Find out which columns feed what a fitted estimator hands to its last step.

    Parameters
    ----------
    estimator : Pipeline or transformer
        Of scikit-learn, fitted. A transformer without a rule, a custom one for instance, is taken
        to feed all its inputs into all its outputs.
    columns : sequence of str, optional
        The columns it was fitted on; needed where that was no data frame.
    sample : data frame or array, optional
        Some rows. Where a transformer has no rule, the columns that change nothing when their rows
        change places are left out, and what is left is known by this sample alone.

    Returns
    -------
    FittedFeatures

    Raises
    ------
    LineageError
        The estimator is not fitted, or its columns or outputs cannot be counted.

    Examples
    --------
    >>> from_estimator(object())
    Traceback (most recent call last):
    lineage.errors.LineageError: object is not fitted, or has no transformers
    """
    steps, last = _steps(estimator)
    names = _columns([estimator, *steps], columns)
    fitted = reduce(lambda part, step: part.through(step), steps, _Part.of(len(names)))
    features = _feature_names(steps, names, len(fitted.matrix))
    matrix, known_by = (
        fitted.matrix,
        [Knowledge.RULE if known else Knowledge.ASSUMED for known in fitted.is_known],
    )
    if sample is not None and not all(fitted.is_known):
        shown = _perturbed(steps, sample)
        unknown = ~np.array(fitted.is_known)
        matrix = np.where(unknown[:, None], matrix & shown, matrix)
        known_by = [Knowledge.RULE if known else Knowledge.SAMPLE for known in fitted.is_known]
    return FittedFeatures(
        columns=names,
        features=features,
        matrix=matrix,
        algorithms=tuple(" > ".join(chain) for chain in fitted.chains),
        known_by=tuple(known_by),
        algorithm=type(last).__name__,
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """Outputs so far: what columns feed each, what it went through, whether rules say so."""

    matrix: Matrix
    chains: tuple[tuple[str, ...], ...]
    is_known: tuple[bool, ...]

    @classmethod
    def of(cls, count: int) -> "_Part":
        """Begin with the columns themselves."""
        return cls(np.eye(count, dtype=bool), ((),) * count, (True,) * count)

    @classmethod
    def stacked(cls, parts: "Sequence[_Part]", inputs: int) -> "_Part":
        """Put outputs one after the other."""
        rows = [part.matrix for part in parts]
        return cls(
            np.vstack([np.zeros((0, inputs), dtype=bool), *rows]),
            tuple(chain for part in parts for chain in part.chains),
            tuple(known for part in parts for known in part.is_known),
        )

    def take(self, places: Sequence[int]) -> "_Part":
        """Choose outputs."""
        chosen = list(places)
        return _Part(
            self.matrix[chosen],
            tuple(self.chains[at] for at in chosen),
            tuple(self.is_known[at] for at in chosen),
        )

    def through(self, transformer: Any, outputs: int | None = None) -> "_Part":
        """Put the outputs through a transformer, which is known to make so many of them."""
        if transformer is None or transformer == "passthrough":
            return self
        kind = type(transformer).__name__
        composite = _COMPOSITES.get(kind) if _is_sklearn(transformer) else None
        if composite is not None:
            return composite(self, transformer)
        rule, inputs = rule_of(transformer), len(self.chains)
        is_known = True
        if rule is not None:
            step = rule(transformer, inputs)
        elif _is_elementwise(transformer):
            step = np.eye(inputs, dtype=bool)
        else:
            step, is_known = dense(_count(transformer, inputs, outputs), inputs), False
        return self._multiplied(step, kind, is_known=is_known)

    def _multiplied(self, step: Matrix, kind: str, *, is_known: bool) -> "_Part":
        chains, known = [], []
        for row in step:
            feeding = np.flatnonzero(row)
            before = dict.fromkeys(name for at in feeding for name in self.chains[at])
            chains.append((*before, kind))
            known.append(is_known and all(self.is_known[at] for at in feeding))
        return _Part((step.astype(int) @ self.matrix) > 0, tuple(chains), tuple(known))


def _pipeline(part: _Part, fitted: Any) -> _Part:
    return reduce(lambda made, step: made.through(step), _steps(fitted)[0], part)


def _column_transformer(part: _Part, fitted: Any) -> _Part:
    """Put each group of columns through its transformer, and place what comes out."""
    parts = []
    inputs = part.matrix.shape[1]
    for name, transformer, columns in fitted.transformers_:
        at = fitted.output_indices_[name]
        if at.start == at.stop or transformer == "drop":
            continue
        taken = part.take(_places(columns, fitted))
        parts.append((at.start, taken.through(transformer, at.stop - at.start)))
    return _Part.stacked([made for _, made in sorted(parts, key=lambda one: one[0])], inputs)


def _union(part: _Part, fitted: Any) -> _Part:
    made = [part.through(item) for _, item in fitted.transformer_list if item != "drop"]
    return _Part.stacked(made, part.matrix.shape[1])


_COMPOSITES = {
    "ColumnTransformer": _column_transformer,
    "FeatureUnion": _union,
    "Pipeline": _pipeline,
}


def _places(columns: Any, fitted: Any) -> list[int]:
    """Find where the columns of a group are: it names them, numbers or masks them, or slices."""
    names = list(getattr(fitted, "feature_names_in_", ()))
    count = fitted.n_features_in_
    if isinstance(columns, slice):
        start, stop = columns.start, columns.stop
        start = names.index(start) if isinstance(start, str) else start
        stop = names.index(stop) + 1 if isinstance(stop, str) else stop
        return list(range(count))[start : stop : columns.step]
    listed = [columns] if np.ndim(columns) == 0 else list(columns)
    if listed and all(isinstance(item, bool | np.bool_) for item in listed):
        return [at for at, chosen in enumerate(listed) if chosen]
    return [names.index(item) if isinstance(item, str) else range(count)[item] for item in listed]


def _steps(estimator: Any) -> tuple[list[Any], Any]:
    """Part the transformers of an estimator from its last step."""
    if _is_sklearn(estimator) and type(estimator).__name__ == "Pipeline":
        steps = [step for _, step in estimator.steps]
        transforming = []
        for step in steps:
            if step not in {None, "passthrough"} and not hasattr(step, "transform"):
                break
            transforming.append(step)
        return transforming, steps[-1]
    return ([estimator] if hasattr(estimator, "transform") else []), estimator


def _columns(fitted: Sequence[Any], columns: Sequence[str] | None) -> tuple[str, ...]:
    """Name what comes in; what passes it on unchanged does not say."""
    if columns is not None:
        return tuple(columns)
    for step in fitted:
        if hasattr(step, "feature_names_in_"):
            return tuple(map(str, step.feature_names_in_))
        if hasattr(step, "n_features_in_"):
            return tuple(f"x{at}" for at in range(step.n_features_in_))
    message = f"{type(fitted[0]).__name__} is not fitted, or has no transformers"
    raise LineageError(message)


def _feature_names(steps: list[Any], columns: tuple[str, ...], count: int) -> tuple[str, ...]:
    """Name the outputs as the transformers do; by their numbers where they cannot."""
    names: Any = np.array(columns, dtype=object)
    try:
        for step in steps:
            if step not in {None, "passthrough"}:
                names = step.get_feature_names_out(names)
    except (AttributeError, TypeError, ValueError):
        names = ()
    found = tuple(map(str, names))
    return found if len(found) == count else tuple(f"x{at}" for at in range(count))


def _is_sklearn(transformer: object) -> bool:
    return type(transformer).__module__.startswith("sklearn.")


def _is_elementwise(transformer: Any) -> bool:
    """Whether it applies a function of numpy to each value, or none."""
    if not _is_sklearn(transformer) or type(transformer).__name__ != "FunctionTransformer":
        return False
    function = transformer.func
    return function is None or (isinstance(function, np.ufunc) and function.nin == 1)


def _count(transformer: Any, inputs: int, outputs: int | None) -> int:
    """Count the outputs of a transformer without a rule."""
    if outputs is not None:
        return outputs
    names = np.array([f"x{at}" for at in range(inputs)], dtype=object)
    names = getattr(transformer, "feature_names_in_", names)
    try:
        return len(transformer.get_feature_names_out(names))
    except (AttributeError, TypeError, ValueError):
        message = (
            f"{type(transformer).__name__} does not say how many outputs it has: "
            "give it get_feature_names_out"
        )
        raise LineageError(message) from None


def _perturbed(steps: list[Any], sample: Any) -> Matrix:
    """See which outputs change when the rows of one column change places."""
    before = _transformed(steps, sample)
    changed = []
    for at in range(sample.shape[1]):
        other = sample.copy()
        if hasattr(other, "iloc"):
            other.isetitem(at, np.roll(other.iloc[:, at].to_numpy(), 1))
        else:
            other[:, at] = np.roll(other[:, at], 1)
        after = _transformed(steps, other)
        same = (before == after) | ((before != before) & (after != after))  # noqa: PLR0124
        changed.append(~same.all(axis=0))
    return np.array(changed).T


def _transformed(steps: list[Any], sample: Any) -> Any:
    for step in steps:
        if step not in {None, "passthrough"}:
            sample = step.transform(sample)
    return sample.toarray() if hasattr(sample, "toarray") else np.asarray(sample)
