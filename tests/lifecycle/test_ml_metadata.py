import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from lineage.errors import BrokenFile
from lineage.graph.build import build_graph
from lineage.lifecycle.facts import DatasetName, Facts, ModelFact
from lineage.lifecycle.facts_snapshot import make_snapshot
from lineage.lifecycle.ml_metadata import read_ml_metadata
from lineage.model.entities import HyperParameter
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import GapKind
from tests.lifecycle.mlmd_backend import write_store
from tests.lifecycle.recordings import restored_mlmd

PEOPLE = DatasetName("s3://lake", "people")

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module", params=["recorded", "real"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a store that the engine of ML Metadata writes now, or wrote before."""
    folder = tmp_path_factory.mktemp("mlmd")
    return restored_mlmd(folder) if request.param == "recorded" else write_store(folder)


@pytest.fixture(scope="module")
def facts(store: Path) -> Facts:
    return read_ml_metadata(store)


@pytest.fixture
def churn(facts: Facts) -> ModelFact:
    return next(item for item in facts.models if item.name == "churn_tfx.Trainer")


@pytest.fixture
def changed(tmp_path: Path) -> sqlite3.Connection:
    """Open a copy of the recorded store, to be changed."""
    return sqlite3.connect(restored_mlmd(tmp_path))


def test_a_model_is_named_after_the_step_that_makes_it_or_as_it_is_itself(facts: Facts) -> None:
    assert [item.name for item in facts.models] == ["churn_tfx.Trainer", "lonely"]


def test_its_artifacts_are_versions_and_the_newest_describes_it(churn: ModelFact) -> None:
    assert [(item.run, item.status) for item in churn.versions] == [
        ("run-2", "live"),
        ("run-1", "live"),
    ]
    assert churn.version == churn.versions[0].version
    assert (churn.algorithm, churn.pipeline) == ("Trainer", "churn_tfx")
    assert churn.server == "/serving/churn"
    assert (churn.storage or "").endswith("/pipeline_root/model/2")


def test_settings_are_read_one_by_one(churn: ModelFact) -> None:
    assert churn.hyper_parameters == (
        HyperParameter(name="custom_config.layers", value="3"),
        HyperParameter(name="seed", value="7"),
        HyperParameter(name="train_args.num_steps", value="200"),
    )


def test_a_model_leads_back_to_what_its_run_began_with(facts: Facts, churn: ModelFact) -> None:
    query = DatasetName(facts.system, "churn_tfx.BigQueryExampleGen 0")
    assert {item.dataset for item in churn.inputs} == {
        PEOPLE,
        query,
        DatasetName("s3://lake", "regions.parquet"),
    }
    (flow,) = facts.flows
    assert (flow.upstream, flow.downstream) == (DatasetName("bigquery", "acme.crm.orders"), query)


def test_the_schema_of_a_run_names_the_columns_of_its_data(facts: Facts) -> None:
    (people,) = [item for item in facts.datasets if item.dataset == PEOPLE]
    assert people.columns[0][:2] == ("age", "INT")
    assert "city" not in {column.name for column in people.columns}


def test_what_the_store_does_not_hold_is_a_gap(facts: Facts) -> None:
    reasons = {(gap.about, gap.reason) for gap in facts.gaps}
    assert ("lonely", "no step of the store made it") in reasons
    assert ("churn_tfx.Trainer", "its features lie in its files, which are not read") in reasons
    assert {gap.kind for gap in facts.gaps} == {GapKind.NO_SOURCES}


def test_a_drawing_connects_the_data_with_the_model(facts: Facts) -> None:
    graph = build_graph(make_snapshot([facts]))
    model = Reference(Kind.MLMODEL, 'mlmd."churn_tfx.Trainer"')
    upstream = {hop.upstream.fqn for hop in graph.hops() if hop.downstream == model}
    assert "s3://lake.people" in upstream


def test_a_step_that_does_not_say_what_it_read_is_a_gap(changed: sqlite3.Connection) -> None:
    with closing(changed), changed:
        changed.execute("DELETE FROM ExecutionProperty WHERE name = 'input_base'")
        (path,) = changed.execute("SELECT file FROM pragma_database_list").fetchone()
    reasons = {gap.reason for gap in read_ml_metadata(path).gaps}
    assert "nothing says what step 'churn_tfx.CsvExampleGen' read" in reasons


def test_a_query_that_is_not_read_is_a_gap(changed: sqlite3.Connection) -> None:
    with closing(changed), changed:
        changed.execute(
            "UPDATE ExecutionProperty SET string_value = ? WHERE name = 'input_config'",
            ['{"splits": [{"pattern": "select from where"}]}'],
        )
        (path,) = changed.execute("SELECT file FROM pragma_database_list").fetchone()
    assert any("its query is not read" in gap.reason for gap in read_ml_metadata(path).gaps)


def test_a_version_that_is_no_longer_live_does_not_describe_its_model(
    changed: sqlite3.Connection,
) -> None:
    with closing(changed), changed:
        changed.execute(
            "UPDATE Artifact SET state = 4 WHERE id = "
            "(SELECT max(a.id) FROM Artifact a JOIN Event e ON e.artifact_id = a.id "
            "JOIN Type t ON t.id = a.type_id WHERE t.name = 'Model')"
        )
        (path,) = changed.execute("SELECT file FROM pragma_database_list").fetchone()
    churn = read_ml_metadata(path).models[0]
    assert [(item.version == churn.version, item.status) for item in churn.versions] == [
        (False, "deleted"),
        (True, "live"),
    ]


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("UPDATE MLMDEnv SET schema_version = 9", "has schema 9 of ML Metadata; schema 10 is read"),
        ("DROP TABLE Event", "is no store of ML Metadata: no such table: Event"),
        ("DROP TABLE MLMDEnv", "is no store of ML Metadata"),
    ],
)
def test_another_database_is_refused(
    changed: sqlite3.Connection, statement: str, message: str
) -> None:
    with closing(changed), changed:
        changed.execute(statement)
        (path,) = changed.execute("SELECT file FROM pragma_database_list").fetchone()
    with pytest.raises(BrokenFile, match=message):
        read_ml_metadata(path)


def test_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "metadata.sqlite"
    path.write_text("nothing of the kind")
    with pytest.raises(BrokenFile, match="is no store of ML Metadata"):
        read_ml_metadata(path)
