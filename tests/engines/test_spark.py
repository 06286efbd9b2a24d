"""Spark on this machine: two workers, each task tried up to four times."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lineage.engines.spark import find_with_spark, open_frames
from lineage.graph.build import build_graph
from lineage.openmetadata.client import Client
from lineage.openmetadata.reader import read
from lineage.sources.tables import Tables
from tests.engines.agreement import assert_agreement

sql = pytest.importorskip("pyspark.sql", reason="PySpark (490 MB) is in no extra of the tests")

pytestmark = [
    pytest.mark.skipif(shutil.which("java") is None, reason="Spark takes Java"),
    pytest.mark.timeout(300),
]


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    session = (
        sql.SparkSession.builder.master("local[2,4]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


@pytest.mark.parametrize("broadcast", [1 << 30, 0], ids=["state sent", "rows joined"])
def test_the_sample_company_gets_the_same_verdicts(
    session: Any, company: Client, tmp_path: Path, broadcast: int
) -> None:
    def find(table: Tables, results: Path) -> None:
        frames = open_frames(session, table)
        find_with_spark(frames, str(results), work=str(tmp_path / "work"), broadcast=broadcast)

    assert_agreement(find, build_graph(read(company)), tmp_path)
