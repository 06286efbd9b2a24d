"""Which columns feed which feature: read from fitted pipelines, and seen by changing columns."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import NMF, PCA, FastICA, SparsePCA, TruncatedSVD
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.feature_selection import SelectFromModel, SelectKBest, VarianceThreshold
from sklearn.impute import KNNImputer, MissingIndicator, SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    Normalizer,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    QuantileTransformer,
    SplineTransformer,
    StandardScaler,
    TargetEncoder,
)
from sklearn.random_projection import SparseRandomProjection

from lineage.errors import LineageError
from lineage.lifecycle.declare import declare
from lineage.lifecycle.estimators import FittedFeatures, Knowledge, from_estimator
from lineage.lifecycle.facts import DatasetName
from lineage.model.entities import Column, Entity, MlModel
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import GapKind, Snapshot

ROWS = 300
NUMBERS = ["age", "balance", "tenure", "income"]


def people() -> pd.DataFrame:
    random = np.random.default_rng(7)
    frame = pd.DataFrame(abs(random.normal(5, 2, size=(ROWS, 4))), columns=NUMBERS)
    frame.loc[random.choice(ROWS, 30), "income"] = np.nan
    frame["country"] = random.choice(["IT", "NO", "FR", "XX"], ROWS, p=[0.5, 0.3, 0.19, 0.01])
    frame["words"] = random.choice(["red car", "blue sea", "red sea", "old car"], ROWS)
    frame["unused"] = random.normal(size=ROWS)
    return frame


def target() -> npt.NDArray[np.int_]:
    return np.random.default_rng(8).integers(0, 3, ROWS)


def preprocessing() -> ColumnTransformer:
    return ColumnTransformer(
        [
            ("num", make_pipeline(SimpleImputer(add_indicator=True), StandardScaler()), ["income"]),
            ("pca", make_pipeline(StandardScaler(), PCA(2)), ["age", "balance", "tenure"]),
            ("poly", PolynomialFeatures(2, include_bias=False), ["age", "tenure"]),
            ("cat", OneHotEncoder(min_frequency=10, drop="first"), ["country"]),
            ("text", TfidfVectorizer(), "words"),
            ("bins", KBinsDiscretizer(3), [1]),
            ("log", FunctionTransformer(np.log1p, feature_names_out="one-to-one"), ["tenure"]),
        ],
        remainder="drop",
    )


def changed_by_columns(transformer: Any, frame: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Change one column after the other, and see which outputs change: the oracle."""

    def outputs(of: pd.DataFrame) -> npt.NDArray[np.float64]:
        made = transformer.transform(of)
        plain = made.toarray() if hasattr(made, "toarray") else made
        return np.nan_to_num(np.asarray(plain, dtype=np.float64), nan=-9)

    before, random = outputs(frame), np.random.default_rng(1)
    rows = []
    for column in frame.columns:
        changes = np.zeros(before.shape[1], dtype=bool)
        for _ in range(4):
            shuffled = frame[column].to_numpy()[random.permutation(len(frame))]
            changes |= ~np.isclose(before, outputs(frame.assign(**{column: shuffled}))).all(axis=0)
        rows.append(changes)
    return np.array(rows).T


def test_a_pipeline_gives_exactly_what_changing_its_columns_shows() -> None:
    frame = people()
    fitted = make_pipeline(preprocessing(), VarianceThreshold(0.01)).fit(frame, target())
    features = from_estimator(fitted)
    assert np.array_equal(features.matrix, changed_by_columns(fitted, frame))
    assert features.features == tuple(fitted.get_feature_names_out())
    assert set(features.known_by) == {Knowledge.RULE}
    assert not features.matrix[:, list(frame.columns).index("unused")].any()


def test_a_feature_names_its_columns_and_what_it_went_through() -> None:
    fitted = preprocessing().fit(people(), target())
    features = from_estimator(fitted)
    assert features.sources("pca__pca0") == ("age", "balance", "tenure")
    assert features.sources("poly__age tenure") == ("age", "tenure")
    assert features.sources("cat__country_infrequent_sklearn") == ("country",)
    at = features.features.index
    assert features.algorithms[at("pca__pca0")] == "StandardScaler > PCA"
    assert features.algorithms[at("num__income")] == "SimpleImputer > StandardScaler"


NUMERIC = [
    QuantileTransformer(n_quantiles=20),
    SplineTransformer(n_knots=4),
    TruncatedSVD(2),
    FastICA(2, random_state=0),
    SparsePCA(2, random_state=0, max_iter=20),
    NMF(2, random_state=0, max_iter=500),
    Normalizer(),
    KNNImputer(),
    SparseRandomProjection(3, random_state=1),
    KBinsDiscretizer(4, encode="ordinal"),
    PolynomialFeatures(2, interaction_only=True),
    FunctionTransformer(),
    FeatureUnion([("scaled", StandardScaler()), ("pca", PCA(1)), ("off", "drop")]),
    Pipeline([("nothing", "passthrough"), ("scaled", StandardScaler())]),
    SelectKBest(k=2),
    SelectFromModel(RandomForestClassifier(10, random_state=0), max_features=2),
    TargetEncoder(target_type="multiclass", random_state=0),
]


@pytest.mark.parametrize("transformer", NUMERIC, ids=lambda one: type(one).__name__)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_the_rule_of_a_transformer_hides_no_column(transformer: Any) -> None:
    frame = people()[NUMBERS].abs().fillna(1.0)
    if isinstance(transformer, TargetEncoder):
        frame = frame.round()
    fitted = transformer.fit(frame, target())
    features = from_estimator(fitted)
    seen = changed_by_columns(fitted, frame)
    assert set(features.known_by) == {Knowledge.RULE}
    assert features.matrix.shape == seen.shape
    assert not (seen & ~features.matrix).any()


@pytest.mark.parametrize(
    "transformer",
    [MissingIndicator(features="all"), SimpleImputer(strategy="constant"), OrdinalEncoder()],
    ids=lambda one: type(one).__name__,
)
def test_a_rule_for_missing_values_and_categories_is_exact(transformer: Any) -> None:
    frame = people()[NUMBERS].round()
    frame.iloc[:20] = np.nan
    fitted = transformer.fit(frame)
    assert np.array_equal(from_estimator(fitted).matrix, np.eye(4, dtype=bool))


def test_an_empty_column_is_left_out_by_an_imputer() -> None:
    frame = people()[NUMBERS].assign(balance=np.nan)
    features = from_estimator(SimpleImputer().fit(frame))
    assert np.array_equal(features.matrix, np.eye(4, dtype=bool)[[0, 2, 3]])
    assert features.features == ("age", "tenure", "income")


def test_words_all_come_from_the_text() -> None:
    fitted = ColumnTransformer([("words", CountVectorizer(), "words")]).fit(people())
    features = from_estimator(fitted)
    assert features.sources("words__sea") == ("words",)


class Halved(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # no types there
    """Uses the first column only, which nobody can see from outside."""

    def fit(self, frame: pd.DataFrame, _: object = None) -> "Halved":
        self.n_features_in_ = frame.shape[1]
        self.feature_names_in_ = np.array(frame.columns, dtype=object)
        return self

    def transform(self, frame: pd.DataFrame) -> npt.NDArray[np.float64]:
        return np.asarray(frame)[:, :1] / 2

    def get_feature_names_out(self, _: object = None) -> npt.NDArray[np.object_]:
        return np.array(["half"], dtype=object)


def custom() -> tuple[Any, pd.DataFrame]:
    frame = people()[["age", "balance"]]
    return Pipeline([("own", Halved()), ("clf", LogisticRegression())]).fit(frame, target()), frame


def test_a_custom_transformer_may_use_all_its_inputs() -> None:
    fitted, _ = custom()
    features = from_estimator(fitted)
    assert features.sources("half") == ("age", "balance")
    assert (features.known_by, features.algorithm) == ((Knowledge.ASSUMED,), "LogisticRegression")


def test_a_sample_narrows_a_custom_transformer_and_is_a_gap() -> None:
    fitted, frame = custom()
    features = from_estimator(fitted, sample=frame)
    assert features.sources("half") == ("age",)
    assert features.known_by == (Knowledge.SAMPLE,)
    (gap,) = features.facts("churn", PEOPLE).gaps
    assert (gap.kind, gap.about) == (GapKind.SOURCE_NOT_RESOLVED, "churn")
    assert np.array_equal(from_estimator(fitted, sample=frame).matrix, features.matrix)


def test_a_subclass_has_no_rule_of_its_parent() -> None:
    class Mixed(StandardScaler):  # type: ignore[misc]  # no types there
        """Overrides what nobody can see."""

    features = from_estimator(Mixed().fit(people()[["age", "balance"]]))
    assert set(features.known_by) == {Knowledge.ASSUMED}
    assert features.matrix.all()


def test_columns_of_an_array_are_numbered_or_given() -> None:
    fitted = StandardScaler().fit(people()[["age", "balance"]].to_numpy())
    assert from_estimator(fitted).columns == ("x0", "x1")
    assert from_estimator(fitted, columns=["age", "balance"]).sources("age") == ("age",)


def test_groups_are_named_numbered_masked_or_sliced() -> None:
    frame = people()[NUMBERS].fillna(0)
    groups: list[Any] = ["age", [1], [False, False, True, False], slice("income", "income")]
    scalers = [
        (f"g{at}", StandardScaler(), [one] if one == "age" else one)
        for at, one in enumerate(groups)
    ]
    features = from_estimator(ColumnTransformer(scalers).fit(frame))
    assert np.array_equal(features.matrix, np.eye(4, dtype=bool))
    rest = ColumnTransformer([("a", StandardScaler(), [2])], remainder="passthrough").fit(frame)
    assert np.array_equal(from_estimator(rest).matrix, np.eye(4, dtype=bool)[[2, 0, 1, 3]])


@pytest.mark.parametrize(
    ("estimator", "message"),
    [
        (StandardScaler(), "StandardScaler is not fitted"),
        (
            FunctionTransformer(lambda values: values).fit(people()[["age"]]),
            "FunctionTransformer does not say how many outputs it has",
        ),
    ],
)
def test_what_cannot_be_read_is_said(estimator: Any, message: str) -> None:
    with pytest.raises(LineageError, match=message):
        from_estimator(estimator)


PEOPLE = DatasetName("warehouse", "shop.crm.people")


def declared_features() -> FittedFeatures:
    return from_estimator(preprocessing().fit(people(), target()))


def test_fitted_features_are_declared_in_the_names_of_a_catalog() -> None:
    name = "wh.shop.crm.people"
    catalog = Snapshot(
        entities=(
            Entity(
                reference=Reference(Kind.TABLE, name),
                columns=tuple(Column(name=one, fqn=f"{name}.{one}") for one in people().columns),
            ),
            MlModel(reference=Reference(Kind.MLMODEL, "mlflow.churn")),
        )
    )
    facts = declared_features().facts("churn", PEOPLE, system="mlflow:http://127.0.0.1:5000")
    declared = declare([facts], catalog)
    assert declared.gaps == ()
    (model,) = declared.declaration.models
    sources = {one.name.text: one.sources or () for one in model.features}
    assert [one.column.text for one in sources["poly__age tenure"]] == [
        f"{name}.age",
        f"{name}.tenure",
    ]
