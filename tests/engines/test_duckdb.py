from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings

from lineage.engines.duckdb import find_with_duckdb
from lineage.graph.build import build_graph
from lineage.model.snapshot import Snapshot
from lineage.openmetadata.client import Client
from lineage.openmetadata.reader import read
from tests.engines.agreement import assert_agreement
from tests.engines.catalogs import tagged_snapshots


@settings(max_examples=40)
@given(tagged_snapshots())
def test_verdicts_strengths_and_hops_are_those_of_the_audit_in_memory(snapshot: Snapshot) -> None:
    with TemporaryDirectory() as folder:
        assert_agreement(find_with_duckdb, build_graph(snapshot), Path(folder))


def test_the_sample_company_gets_the_same_verdicts(company: Client, tmp_path: Path) -> None:
    assert_agreement(find_with_duckdb, build_graph(read(company)), tmp_path)
