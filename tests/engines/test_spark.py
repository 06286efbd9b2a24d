"""Spark on this machine: two tasks at a time, each tried up to four times."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lineage.engines.edge_table import write_edge_table
from lineage.engines.spark import find_with_spark, open_frames
from lineage.errors import LineageError
from lineage.files.parquet_tables import Tables
from lineage.graph.lineage_graph import LineageGraph
from tests.builders import edge, graph_of, model, table
from tests.engines.agreement import assert_agreement

sql = pytest.importorskip("pyspark.sql", reason="PySpark (490 MB) is in no extra of the tests")

pytestmark = [
    pytest.mark.skipif(shutil.which("java") is None, reason="Spark takes Java"),
    pytest.mark.timeout(600),
]


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PYSPARK_PYTHON", sys.executable)
        session = (
            sql.SparkSession.builder.master("local[2,4]")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.ui.enabled", "false")
            .getOrCreate()
        )
        session.sparkContext.setLogLevel("OFF")
        yield session
        session.stop()


@pytest.fixture(scope="module")
def graph() -> LineageGraph:
    """Return two paths of unlike strength and length, one that ends, and a gap."""
    return graph_of(
        table("a", "x:PII.Sensitive y:PII.Health z"),
        table("b", "x y z"),
        table("c", "x y z"),
        edge("a>b", "x>x:md5(x)", "y>y"),
        edge("b>c", "x>x", "y>y"),
        edge("a>c", "x>z"),
        edge("c>c", "z>z"),
        model("m1", f="c.x", g="c.y b.nowhere"),
        model("m2", f="c.z", g="b.z"),
    )


@pytest.mark.parametrize("broadcast", [1 << 30, 0], ids=["state sent", "rows joined"])
def test_verdicts_strengths_and_hops_are_those_of_the_audit_in_memory(
    session: Any, graph: LineageGraph, tmp_path: Path, broadcast: int
) -> None:
    def find(table: Tables, results: Path) -> None:
        frames = open_frames(session, table)
        find_with_spark(frames, str(results), work=f"{tmp_path}/work", broadcast=broadcast)

    assert_agreement(find, graph, tmp_path)


def test_a_worker_that_is_killed_costs_nothing_but_time(
    session: Any, graph: LineageGraph, tmp_path: Path
) -> None:
    killed = tmp_path / "killed"

    def find(table: Tables, results: Path) -> None:
        frames = open_frames(session, table)
        arcs = frames["arcs"]
        frames["arcs"] = arcs.mapInArrow(dying_once(str(killed)), arcs.schema)
        find_with_spark(frames, str(results), work=f"{tmp_path}/work")

    assert_agreement(find, graph, tmp_path)
    assert killed.exists()


def dying_once(mark: str) -> Any:
    """Make what passes rows on, except that the first worker to get any is killed by a signal."""

    def over(batches: Iterator[Any]) -> Iterator[Any]:
        for batch in batches:
            if not os.path.exists(mark):  # noqa: PTH110  # sent to workers by value
                with open(mark, "w"):  # noqa: PTH123
                    os.kill(os.getpid(), signal.SIGKILL)
            yield batch

    return over


def test_a_table_that_is_not_there_is_reported(session: Any, tmp_path: Path) -> None:
    lost = Tables(str(tmp_path), {}, {"arcs": str(tmp_path / "arcs.parquet")})
    with pytest.raises(LineageError, match=r"Spark failed: .*arcs\.parquet"):
        open_frames(session, lost)


@pytest.mark.skipif(sys.platform != "linux", reason="children are listed in /proc")
def test_a_java_that_is_killed_is_reported_in_one_line(graph: LineageGraph, tmp_path: Path) -> None:
    write_edge_table(graph, tmp_path / "edges")
    asked = ("audit", "-c", tmp_path / "edges", "--engine", "spark")
    with subprocess.Popen(
        [sys.executable, "-m", "lineage", *map(str, asked)],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stderr=subprocess.PIPE,
        text=True,
    ) as auditing:
        while not list(tmp_path.glob("lineage-*/steps/*")):
            assert auditing.poll() is None
            time.sleep(0.1)
        for child in children_of(auditing.pid):
            os.kill(child, signal.SIGKILL)
        *before, told = auditing.communicate()[1].splitlines()
    assert auditing.returncode == 2
    assert told.startswith("lineage: Spark failed: ")
    assert not [line for line in before if "Traceback" in line]


def children_of(process: int) -> list[int]:
    listed = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii")
    return [int(child) for child in listed.split()]
