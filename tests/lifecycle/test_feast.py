from contextlib import suppress
from pathlib import Path

import pytest

from lineage.errors import BrokenFile
from lineage.governance.audit.audit import Verdict, audit
from lineage.graph.build import build_graph
from lineage.lifecycle.declare import declare
from lineage.lifecycle.facts import DatasetName, Facts
from lineage.lifecycle.facts_snapshot import make_snapshot
from lineage.lifecycle.feast import feast_view, read_feast
from lineage.model.entities import Column, Entity, MlModel, Tag
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import GapKind, Snapshot
from tests.lifecycle.feast_backend import write_registry
from tests.lifecycle.recordings import RECORDED
from tests.lifecycle.wire import message, text

CHURN = Reference(Kind.MLMODEL, "feast.churn")
PEOPLE = "wh.shop.crm.people"

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="session", params=["recorded", "real"])
def facts(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Facts:
    """Read a registry that Feast writes now, or wrote before."""
    if request.param == "recorded":
        return read_feast(RECORDED / "feast_registry.db")
    return read_feast(write_registry(tmp_path_factory.mktemp("feast")))


def mapped(facts: Facts, view: str) -> set[tuple[DatasetName, str, str]]:
    return {
        (flow.upstream, column, mapping.column)
        for flow in facts.flows
        if flow.downstream == feast_view("shop", view)
        for mapping in flow.mappings
        for column in mapping.upstream
    }


def test_a_view_is_made_of_the_columns_of_its_source_renamed_as_it_says(facts: Facts) -> None:
    source = DatasetName("snowflake", "SHOP.CRM.PEOPLE")
    assert mapped(facts, "people") == {
        (source, "age_raw", "age"),
        (source, "city", "city"),
        (source, "person_id", "person_id"),
    }
    assert (DatasetName("s3://lake", "visits.parquet"), "age", "age") in mapped(facts, "visits")


def test_the_query_of_a_source_is_followed_to_its_table(facts: Facts) -> None:
    query = DatasetName("feast:shop", "orders_query")
    assert (query, "spent", "spent") in mapped(facts, "spending")
    (flow,) = [flow for flow in facts.flows if flow.downstream == query]
    assert flow.upstream == DatasetName("postgres", "crm.orders")
    assert (("amount",), "spent", "SUM(amount)") in {item[:3] for item in flow.mappings}


def test_a_view_that_a_function_computes_has_no_column_mappings(facts: Facts) -> None:
    (flow,) = [flow for flow in facts.flows if flow.downstream == feast_view("shop", "birth")]
    assert (flow.upstream, flow.mappings) == (feast_view("shop", "people"), ())
    (gap,) = facts.gaps
    assert (gap.about, gap.kind) == (feast_view("shop", "birth"), GapKind.ENTITY_NOT_FOUND)
    assert gap.reason == "what 'now' holds comes with the request"


def test_a_service_is_what_a_model_is_given(facts: Facts) -> None:
    (model,) = facts.models
    assert (model.name, model.description) == ("churn", "What the churn model is given.")
    assert [(item.name, item.data_type) for item in model.features] == [
        ("people__age", "numerical"),
        ("city", "categorical"),
        ("spent", "numerical"),
        ("visits__age", "numerical"),
        ("born", "numerical"),
    ]
    assert model.properties == (("team", "growth"),)


def test_views_say_who_owns_them_and_what_they_are(facts: Facts) -> None:
    (people,) = [item for item in facts.datasets if item.dataset.name == "people"]
    assert (people.description, people.owners) == ("Who buys.", ("crm-team",))
    assert people.columns[0].description == "In years."


def catalog() -> Snapshot:
    columns = tuple(
        Column(
            name=name,
            fqn=f"{PEOPLE}.{name}",
            tags=(Tag(fqn="PII.Sensitive"),) if name == "AGE_RAW" else (),
        )
        for name in ("PERSON_ID", "AGE_RAW", "CITY")
    )
    people = Entity(reference=Reference(Kind.TABLE, PEOPLE), columns=columns)
    return Snapshot(entities=(people, MlModel(reference=CHURN)))


def test_a_feature_leads_through_its_view_to_a_column_of_the_catalog(facts: Facts) -> None:
    declared = declare([facts], catalog())
    (churn,) = declared.declaration.models
    sources = {item.name.text: item.sources or () for item in churn.features}
    (age,) = sources["people__age"]
    assert (age.column.text, age.is_resolved) == (f"{PEOPLE}.AGE_RAW", True)
    (born,) = sources["born"]
    assert not born.is_resolved
    assert any("crm.orders is not in the catalog" in gap.reason for gap in declared.gaps)


def test_a_drawing_finds_what_reaches_the_features(facts: Facts) -> None:
    found = audit(build_graph(make_snapshot([facts], catalog())), models=[CHURN])
    verdicts = {finding.target.name: finding.verdict for finding in found.findings}
    assert verdicts["people__age"] == Verdict.REACHES
    assert verdicts["born"] == Verdict.REACHES_BY_TABLE


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is no registry of Feast"),
        (b"\x0a\xff", "is no registry of Feast"),
        (b"[project]\nname = 'x'\n", "is no registry of Feast"),
        (b"SQLite format 3\x00", "is an SQL registry"),
    ],
)
def test_another_file_is_refused(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "registry.db"
    path.write_bytes(content)
    with pytest.raises(BrokenFile, match=message):
        read_feast(path)


def test_a_registry_that_ends_too_early_is_refused_or_read(tmp_path: Path) -> None:
    content = (RECORDED / "feast_registry.db").read_bytes()
    path = tmp_path / "registry.db"
    for length in range(1, len(content), 97):
        path.write_bytes(content[:length])
        with suppress(BrokenFile):
            assert read_feast(path).system == f"feast:{path}"


def test_what_is_not_read_of_a_registry_is_a_gap(tmp_path: Path) -> None:
    path = tmp_path / "registry.db"
    path.write_bytes(b"\x1a\x011" + b"\x9a\x01\x02\x0a\x00")
    (gap,) = read_feast(path).gaps
    assert (gap.about, gap.reason) == (None, "a label view of the registry is not read")


def registry(tmp_path: Path, *parts: bytes) -> Facts:
    """Read a registry that is written by hand."""
    path = tmp_path / "registry.db"
    path.write_bytes(text(3, "1") + b"".join(parts))
    return read_feast(path)


def batch_view(*source: bytes) -> bytes:
    """Write a feature view with one feature, made of a source."""
    spec = (text(1, "v"), text(2, "shop"), message(4, text(1, "age")))
    return message(6, message(1, *spec, message(7, text(20, "origin"), *source)))


@pytest.mark.parametrize(
    ("source", "name"),
    [
        (message(12, text(1, "acme.crm.people")), ("bigquery", "acme.crm.people")),
        (message(15, text(1, "t"), text(3, "s"), text(4, "d")), ("redshift", "d.s.t")),
        (message(35, text(1, "t"), text(3, "d"), text(4, "c")), ("athena", "c.d.t")),
        (message(30, text(1, "c.s.t")), ("trino", "c.s.t")),
        (message(27, text(1, "crm.people")), ("spark", "crm.people")),
        (message(27, text(3, "s3://lake/p")), ("s3://lake", "p")),
        (message(26, message(11, text(2, "s3://lake/p"))), ("s3://lake", "p")),
        (message(16, text(1, '{"table": "crm.people"}')), ("custom", "crm.people")),
        (
            text(17, "x.MsSqlServerSource") + message(16, text(1, '{"table": "dbo.p"}')),
            ("tsql", "dbo.p"),
        ),
    ],
)
def test_a_source_is_named_as_its_store_names_it(
    source: bytes, name: tuple[str, str], tmp_path: Path
) -> None:
    facts = registry(tmp_path, batch_view(source))
    assert mapped(facts, "v") == {(DatasetName(*name), "age", "age")}
    assert facts.gaps == ()


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (b"", "source 'origin' does not say where its data lies"),
        (message(27), "source 'origin' does not say where its data lies"),
        (message(16, text(1, "no JSON")), "source 'origin' does not say where its data lies"),
        (message(16, text(1, "[1]")), "source 'origin' does not say where its data lies"),
        (message(16, text(1, "{}")), "source 'origin' does not say where its data lies"),
        (message(12, text(2, "select from where")), "the query of source 'origin' is not read"),
    ],
)
def test_a_source_that_is_not_known_is_a_gap(source: bytes, reason: str, tmp_path: Path) -> None:
    facts = registry(tmp_path, batch_view(source))
    (gap,) = facts.gaps
    assert reason in gap.reason
    assert gap.about == DatasetName("feast:shop", "origin")
    assert mapped(facts, "v") == {(DatasetName("feast:shop", "origin"), "age", "age")}


def test_what_a_function_computes_is_connected_without_columns(tmp_path: Path) -> None:
    file = message(11, text(2, "s3://lake/p"))
    stream = (text(1, "v"), text(2, "shop"), message(4, text(1, "age")), message(10, file))
    made = (text(1, "w"), text(2, "shop"), message(14, text(1, "v"), text(2, "shop")))
    facts = registry(
        tmp_path, message(14, message(1, *stream, message(13))), message(6, message(1, *made))
    )
    assert {(flow.upstream.name, flow.downstream.name, flow.mappings) for flow in facts.flows} == {
        ("p", "v", ()),
        ("v", "w", ()),
    }
