"""Systems on the command line: read alone, read beside a catalog, planned for."""

import json
from pathlib import Path

import pytest

from lineage.cli import main
from lineage.files.snapshot_file import read_snapshot, write_snapshot
from lineage.model.entities import Column, Entity, MlModel
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Snapshot
from tests.lifecycle.recordings import RECORDED, replayed

pytestmark = [pytest.mark.timeout(600), pytest.mark.usefixtures("no_server")]


def typed(*words: object, code: int = 0) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*map(str, words)])
    assert (ended.value.code or 0) == code


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    """Write a catalog that knows two tables and the model, and no edge."""
    entities = (
        table("wh.shop.main_raw.people", "id", "email", "born", "city"),
        table("wh.shop.main.spending", "id", "mail_key", "age", "spent"),
        MlModel(reference=Reference(Kind.MLMODEL, "ml.churn"), id="model"),
    )
    path = tmp_path / "catalog.json"
    write_snapshot(Snapshot(server="test", entities=entities), path)
    return path


def table(name: str, *columns: str) -> Entity:
    return Entity(
        reference=Reference(Kind.TABLE, name),
        id=name,
        columns=tuple(Column(name=column, fqn=f"{name}.{column}") for column in columns),
    )


def test_sources_are_listed_with_their_extras(capsys: pytest.CaptureFixture[str]) -> None:
    typed("sources", "-f", "json")
    records = json.loads(capsys.readouterr().out)["records"]
    assert {"system": "dbt:TARGET_FOLDER", "extra": None, "installed": True}.items() <= {
        key: value for key, value in records[0].items() if key != "holds"
    }.items()


def test_a_system_is_read_into_a_snapshot(dbt_target: Path, tmp_path: Path) -> None:
    drawn = tmp_path / "drawn.json"
    typed("read", "--from", f"dbt:{dbt_target}", "-o", drawn, code=2)
    snapshot = read_snapshot(drawn)
    assert Reference(Kind.MLMODEL, "dbt.churn") in {one.reference for one in snapshot.entities}
    unread = [gap for gap in snapshot.gaps if "is not in the catalog" not in gap.reason]
    assert [str(gap.subject) for gap in unread] == ["table:duckdb.shop.main.odd"]


def test_a_system_is_read_beside_a_catalog(dbt_target: Path, catalog: Path, tmp_path: Path) -> None:
    drawn = tmp_path / "drawn.json"
    typed("read", "-c", catalog, "--from", f"dbt:{dbt_target}", "-o", drawn, code=2)
    names = [str(entity.reference) for entity in read_snapshot(drawn).entities]
    assert names.count("mlmodel:ml.churn") == 1
    assert "table:wh.shop.main.spending" in names
    assert "table:duckdb.shop.main_raw.orders" in names


def test_what_a_system_knows_and_the_catalog_lacks_is_planned(
    dbt_target: Path, catalog: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    typed("plan", "-c", catalog, "--from", f"dbt:{dbt_target}", "-f", "json")
    printed = capsys.readouterr()
    ends = {
        (item["upstream"], item["downstream"])
        for item in json.loads(printed.out)["records"]
        if "upstream" in item
    }
    assert ("table:wh.shop.main_raw.people", "table:wh.shop.main.spending") in ends
    assert ("table:wh.shop.main.spending", "mlmodel:ml.churn") in ends
    assert "shop.main_raw.orders is not in the catalog" in printed.err


def test_a_model_that_the_catalog_lacks_is_left_out_with_the_nearest_name(
    dbt_target: Path, catalog: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    service = f"dbt:{dbt_target}=other"
    typed("plan", "-c", catalog, "--from", f"dbt:{dbt_target}", "--service", service)
    errors = capsys.readouterr().err
    assert "mlmodel:other.churn is not in the catalog; did you mean ml.churn?" in errors


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--from", "dtb:target"], "no system is called 'dtb'; did you mean dbt?"),
        (["--from", "https://x"], "no system is called 'https'; `lineage sources` lists them"),
        (["--from", "dbt:no/such"], "no/such/manifest.json: cannot be read"),
        (["--from", "dbt:x", "--resume"], "are for catalogs: leave out --from"),
        ([], "name a catalog by --catalog, or a system by --from"),
    ],
)
def test_what_cannot_be_read_is_one_line(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    typed("read", *words, code=2)
    errors = capsys.readouterr().err
    assert message in errors
    assert errors.count("\n") == 1


def test_what_mlflow_only_suggests_is_planned_when_it_is_accepted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = Reference(Kind.CONTAINER, 'lake.crm."people.csv"')
    columns = tuple(Column(name=one, fqn=f"{data.fqn}.{one}") for one in ("age", "city", "left"))
    entities = (
        Entity(reference=data, id="data", columns=columns),
        MlModel(reference=Reference(Kind.MLMODEL, "ml.churn"), id="model"),
    )
    catalog = tmp_path / "catalog.json"
    write_snapshot(Snapshot(server="test", entities=entities), catalog)
    with replayed("mlflow3") as server:
        words = ("plan", "-c", catalog, "--from", f"mlflow:{server.url}")
        typed(*words)
        cautious = capsys.readouterr()
        typed(*words, "--accept-inferred")
        accepted = capsys.readouterr()
    assert "1 edge to create" in cautious.out
    mapping = f"{data.fqn}.age → ml.churn.age"
    assert mapping not in cautious.out
    assert "feature 'age' is matched to" in cautious.err
    assert mapping in accepted.out
    assert "target: 'left'" in accepted.out
    assert "by name only" not in accepted.err


def test_several_systems_are_read_together(tmp_path: Path) -> None:
    drawn = tmp_path / "drawn.json"
    registry = RECORDED / "feast_registry.db"
    with replayed("mlflow2") as server:
        systems = ("--from", f"mlflow:{server.url}", "--from", f"feast:{registry}")
        typed("read", *systems, "-o", drawn, code=2)
    names = {str(one.reference) for one in read_snapshot(drawn).entities}
    assert {"mlmodel:mlflow.churn", "mlmodel:feast.churn"} <= names
