"""Rules: which inputs each output of a fitted scikit-learn transformer depends on.

A rule is for one class of scikit-learn, and reads what fitting left on it. What a subclass
overrides nobody knows, so it has no rule.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Matrix", "dense", "rule_of"]

Matrix = npt.NDArray[np.bool_]
"""Outputs by inputs: whether the output depends on the input."""

Rule = Callable[[Any, int], Matrix]
"""Reads a fitted transformer, given how many inputs it has."""


def dense(outputs: int, inputs: int) -> Matrix:
    """Let every output depend on every input."""
    return np.ones((outputs, inputs), dtype=bool)


def rule_of(transformer: object) -> Rule | None:
    """Find the rule for a transformer; None where there is none.

    Examples
    --------
    >>> rule_of(object()) is None
    True
    """
    kind = type(transformer)
    if not kind.__module__.startswith("sklearn."):
        return None
    return _RULES.get(kind.__name__)


def _identity(_: Any, inputs: int) -> Matrix:
    return np.eye(inputs, dtype=bool)


def _chosen(places: npt.NDArray[Any], inputs: int) -> Matrix:
    """Keep some inputs as they are."""
    return np.asarray(np.eye(inputs, dtype=bool)[places])


def _blocks(sizes: Iterator[int], inputs: int) -> Matrix:
    """Give each input a run of outputs of its own."""
    return np.repeat(np.eye(inputs, dtype=bool), list(sizes), axis=0)


def _one_hot(fitted: Any, inputs: int) -> Matrix:
    # Only the private list counts what `drop` and rare categories leave.
    return _blocks(iter(fitted._n_features_outs), inputs)  # noqa: SLF001


def _bins(fitted: Any, inputs: int) -> Matrix:
    if fitted.encode == "ordinal":
        return _identity(fitted, inputs)
    return _blocks(map(int, fitted.n_bins_), inputs)


def _target(fitted: Any, inputs: int) -> Matrix:
    each = len(fitted.classes_) if fitted.target_type_ == "multiclass" else 1
    return _blocks(iter([each] * inputs), inputs)


def _spline(fitted: Any, inputs: int) -> Matrix:
    return _blocks(iter([fitted.n_features_out_ // inputs] * inputs), inputs)


def _imputer(fitted: Any, inputs: int) -> Matrix:
    """Keep the columns that had a value, and add those that say where none was."""
    # What differs from itself is no value, of any type.
    empty = np.array([value != value for value in fitted.statistics_])  # noqa: PLR0124
    is_kept = fitted.keep_empty_features or fitted.strategy == "constant"
    identity = np.eye(inputs, dtype=bool)
    kept = identity if is_kept else identity[~empty]
    if not fitted.add_indicator:
        return kept
    return np.vstack([kept, identity[fitted.indicator_.features_]])


def _missing(fitted: Any, inputs: int) -> Matrix:
    return _chosen(fitted.features_, inputs)


def _powers(fitted: Any, _: int) -> Matrix:
    return np.asarray(fitted.powers_ > 0)


def _loadings(fitted: Any, _: int) -> Matrix:
    """Follow a projection: an output depends on what its row weighs."""
    weights = fitted.components_
    weights = weights.toarray() if hasattr(weights, "toarray") else weights
    return np.asarray(weights != 0)


def _mixture(fitted: Any, inputs: int) -> Matrix:
    """Let all depend on all: rows are scaled, solved or compared with all their columns."""
    return dense(len(fitted.get_feature_names_out()), inputs)


def _support(fitted: Any, inputs: int) -> Matrix:
    return _chosen(fitted.get_support(), inputs)


def _words(fitted: Any, inputs: int) -> Matrix:
    return dense(len(fitted.vocabulary_), inputs)


_EACH_ALONE = (
    "Binarizer MaxAbsScaler MinMaxScaler OrdinalEncoder PowerTransformer QuantileTransformer "
    "RobustScaler StandardScaler"
)
_ALL_TOGETHER = (
    "FactorAnalysis IterativeImputer KMeans KNNImputer KernelPCA LatentDirichletAllocation "
    "LinearDiscriminantAnalysis MiniBatchKMeans MiniBatchNMF MiniBatchSparsePCA NMF Normalizer "
    "Nystroem RBFSampler SparsePCA TfidfTransformer"
)
_PROJECTIONS = (
    "FastICA GaussianRandomProjection IncrementalPCA PCA SparseRandomProjection TruncatedSVD"
)
_SELECTORS = (
    "GenericUnivariateSelect RFE RFECV SelectFdr SelectFpr SelectFromModel SelectFwe SelectKBest "
    "SelectPercentile SequentialFeatureSelector VarianceThreshold"
)
_RULES: dict[str, Rule] = {
    **dict.fromkeys(_EACH_ALONE.split(), _identity),
    **dict.fromkeys(_ALL_TOGETHER.split(), _mixture),
    **dict.fromkeys(_PROJECTIONS.split(), _loadings),
    **dict.fromkeys(_SELECTORS.split(), _support),
    "CountVectorizer": _words,
    "KBinsDiscretizer": _bins,
    "MissingIndicator": _missing,
    "OneHotEncoder": _one_hot,
    "PolynomialFeatures": _powers,
    "SimpleImputer": _imputer,
    "SplineTransformer": _spline,
    "TargetEncoder": _target,
    "TfidfVectorizer": _words,
}
