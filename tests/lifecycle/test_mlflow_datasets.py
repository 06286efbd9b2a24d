"""The sources that MLflow knows, as it writes them, and what they are called."""

import json
from typing import Any

import pytest

from lineage.lifecycle.facts import DatasetName
from lineage.lifecycle.mlflow_datasets import LoggedDataset, logged_datasets
from lineage.model.snapshot import GapKind

OWN = DatasetName("mlflow:x", "data@1")


def logged(
    kind: str, source: Any, *, context: str = "training", schema: Any = None
) -> LoggedDataset:
    dataset = {
        "name": "data",
        "digest": "1",
        "source_type": kind,
        "source": source if isinstance(source, str) else json.dumps(source),
        "schema": json.dumps(schema),
    }
    tags = [{"key": "mlflow.data.context", "value": context}]
    run = {"inputs": {"dataset_inputs": [{"dataset": dataset, "tags": tags}]}}
    return next(iter(logged_datasets(run, "mlflow:x")))


@pytest.mark.parametrize(
    ("kind", "source", "name"),
    [
        ("delta_table", {"delta_table_name": "main.crm.people"}, ("delta", "main.crm.people")),
        ("spark", {"table_name": "crm.people"}, ("spark", "crm.people")),
        ("spark", {"path": "s3://lake/people"}, ("s3://lake", "people")),
        ("s3", {"uri": "s3://lake/crm/a.csv"}, ("s3://lake", "crm/a.csv")),
        ("local", {"uri": "/data/a.csv"}, ("file", "/data/a.csv")),
        ("local", {"uri": "C:\\data\\a.csv"}, ("file", "\\data\\a.csv")),
        ("http", {"url": "https://x.org/a.csv"}, ("https://x.org", "a.csv")),
        ("uc_volume", {"path": "/Volumes/a/b/c"}, ("uc_volume", "/Volumes/a/b/c")),
        ("hugging_face", {"path": "squad"}, ("hugging_face", "squad")),
    ],
)
def test_a_source_is_named_as_its_store_names_it(
    kind: str, source: dict[str, str], name: tuple[str, str]
) -> None:
    found = logged(kind, source)
    assert (found.fact.dataset, found.gap) == (DatasetName(*name), None)


@pytest.mark.parametrize("source", [{"tags": {}}, "not JSON", [1]])
def test_data_without_a_source_is_a_gap(source: Any) -> None:
    found = logged("code", source)
    assert found.fact.dataset == OWN
    assert found.gap is not None
    assert found.gap.kind == GapKind.ENTITY_NOT_FOUND


def test_a_query_that_is_not_read_is_a_gap() -> None:
    found = logged("spark", {"sql": "select from where"})
    assert (found.fact.dataset, found.flows) == (OWN, ())
    assert found.gap is not None
    assert "its query is not read" in found.gap.reason


@pytest.mark.parametrize("schema", [None, {}, {"mlflow_tensorspec": {}}, {"mlflow_colspec": 3}])
def test_a_schema_without_columns_names_none(schema: Any) -> None:
    assert logged("s3", {"uri": "s3://lake/a"}, schema=schema).fact.columns == ()


@pytest.mark.parametrize("context", ["validation", "test", "Evaluation"])
def test_what_was_no_training_data_is_left_out(context: str) -> None:
    with pytest.raises(StopIteration):
        logged("s3", {"uri": "s3://lake/a"}, context=context)
