import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lineage.errors import AccessRefused, LineageError, RequestFailed, ServerUnreachable
from lineage.governance.audit.audit import Verdict, audit
from lineage.graph.build import build_graph
from lineage.lifecycle.declare import declare
from lineage.lifecycle.facts import DatasetName, Facts, ModelFact
from lineage.lifecycle.facts_snapshot import make_snapshot
from lineage.lifecycle.feast import read_feast
from lineage.lifecycle.mlflow import read_mlflow
from lineage.lifecycle.web import Access
from lineage.model.declaration import FactOrigin
from lineage.model.entities import Column, Entity, HyperParameter, MlModel, Tag
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import GapKind, Snapshot
from tests.lifecycle.mlflow_backend import REQUIREMENTS, mlflow_backend
from tests.lifecycle.recordings import RECORDED, answers, replayed
from tests.scripted_server import Reply, json_reply, scripted_server

PEOPLE = DatasetName("s3://lake", "crm/people.csv")
CHURN = Reference(Kind.MLMODEL, "mlflow.churn")

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(
    scope="session",
    params=[(kind, major) for kind in ("recorded", "real") for major in REQUIREMENTS],
    ids=" ".join,
)
def facts(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Facts]:
    """Read what a server holds: one that runs, or the recorded answers of such a one."""
    kind, major = request.param
    if kind == "recorded":
        with replayed(f"mlflow{major}") as server:
            yield read_mlflow(server.url)
    else:
        with mlflow_backend(major, tmp_path_factory.mktemp("mlflow")) as address:
            yield read_mlflow(address)


def model(facts: Facts, name: str) -> ModelFact:
    (found,) = [item for item in facts.models if item.name == name]
    return found


def test_every_registered_model_is_read(facts: Facts) -> None:
    assert sorted(item.name for item in facts.models) == ["churn", "empty", "spending", "unsigned"]


def test_the_version_in_use_describes_a_model_and_all_are_listed(facts: Facts) -> None:
    churn = model(facts, "churn")
    assert (churn.version, churn.aliases) == ("1", ("champion",))
    assert [(item.version, item.aliases) for item in churn.versions] == [
        ("2", ()),
        ("1", ("champion",)),
    ]
    assert len({item.run for item in churn.versions}) == 2
    assert churn.hyper_parameters == (HyperParameter(name="rounds", value="10"),)


def test_what_a_run_noted_is_read(facts: Facts) -> None:
    churn = model(facts, "churn")
    assert (churn.algorithm, churn.description) == ("sklearn", "Who leaves.")
    assert churn.pipeline == "train.py"
    assert dict(churn.properties) == {
        "metric.auc": "0.9",
        "tag.team": "growth",
        "tag.tier": "gold",
    }
    assert churn.storage is not None
    assert churn.source_url is not None
    assert churn.source_url.endswith("/#/models/churn/versions/1")


def test_the_signature_names_features_matched_to_training_columns(facts: Facts) -> None:
    churn = model(facts, "churn")
    assert [(item.name, item.data_type) for item in churn.features] == [
        ("age", "numerical"),
        ("city", "categorical"),
    ]
    (source,) = churn.features[0].sources or ()
    assert (source.dataset, source.column, source.origin) == (PEOPLE, "age", FactOrigin.INFERRED)
    assert (churn.target, churn.target_origin) == ("left", FactOrigin.INFERRED)


def test_data_that_was_only_validated_on_is_left_out(facts: Facts) -> None:
    assert [item.dataset for item in model(facts, "churn").inputs] == [PEOPLE]


def test_a_query_leads_to_the_columns_of_its_tables(facts: Facts) -> None:
    joined = {
        (flow.upstream.name, column, mapping.column)
        for flow in facts.flows
        for mapping in flow.mappings
        if mapping.influence is None
        for column in mapping.upstream
    }
    assert joined == {("crm.people", "age", "age"), ("crm.orders", "amount", "spent")}


def test_what_is_not_known_is_a_gap(facts: Facts) -> None:
    reasons = {(str(gap.about), gap.kind): gap.reason for gap in facts.gaps}
    assert reasons["empty", GapKind.NO_SOURCES] == "it has no version"
    assert reasons["unsigned", GapKind.NO_SOURCES] == "no signature names its inputs"
    (loose,) = [gap for gap in facts.gaps if gap.kind == GapKind.ENTITY_NOT_FOUND]
    assert "'loose' was logged without a source" in loose.reason


CATALOG = Snapshot(
    entities=(
        Entity(
            reference=Reference(Kind.CONTAINER, 'lake.crm."people.csv"'),
            columns=tuple(
                Column(
                    name=name,
                    fqn=f'lake.crm."people.csv".{name}',
                    tags=(Tag(fqn="PII.Sensitive"),) if name == "city" else (),
                )
                for name in ("age", "city", "left")
            ),
        ),
        MlModel(reference=CHURN),
    )
)


def test_a_match_by_name_needs_a_word(facts: Facts) -> None:
    declared = declare([facts], CATALOG)
    (churn,) = declared.declaration.models
    sources = [source for feature in churn.features for source in feature.sources or ()]
    assert [source.is_resolved for source in sources] == [False, False]
    assert sum("by name only" in gap.reason for gap in declared.gaps) == 2
    accepted = declare([facts], CATALOG, accept_inferred=True)
    (churn,) = accepted.declaration.models
    assert churn.target == "left"
    assert {item.column.text for one in churn.features for item in one.sources or ()} == {
        'lake.crm."people.csv".age',
        'lake.crm."people.csv".city',
    }


@pytest.mark.parametrize(
    ("word", "verdict"), [("", Verdict.REACHES_BY_TABLE), ("accepted", Verdict.REACHES)]
)
def test_a_match_by_name_is_table_strength_until_it_is_accepted(
    facts: Facts, word: str, verdict: Verdict
) -> None:
    graph = build_graph(make_snapshot([facts], CATALOG, accept_inferred=bool(word)))
    found = audit(graph, models=[CHURN])
    (answer,) = [item.verdict for item in found.models if item.model == CHURN]
    assert answer == verdict


def test_features_that_a_run_was_given_by_feast_lead_through_its_views() -> None:
    refs = "people:age,people:city,birth:born"
    tags = [
        {"key": "feast.project", "value": "shop"},
        {"key": "feast.feature_refs", "value": refs},
    ]

    def change(path: str, body: Any) -> Any:
        if path.endswith("runs/search"):
            for run in body["runs"]:
                run["data"]["tags"] += tags
        return body

    mlflow = read_changed(change)
    sources = [source for item in model(mlflow, "churn").features for source in item.sources or ()]
    assert {(str(one.dataset), one.column) for one in sources} == {
        ("feast:shop/people", "age"),
        ("feast:shop/people", "city"),
    }
    feast = read_feast(RECORDED / "feast_registry.db")
    snapshot = make_snapshot([feast, mlflow], accept_inferred=True)
    graph = build_graph(snapshot)
    raw = Reference(Kind.COLUMN, "snowflake.SHOP.CRM.PEOPLE.age_raw")
    age = Reference(Kind.COLUMN, "feast:shop.people.age")
    hops = {(hop.upstream, hop.downstream) for hop in graph.hops()}
    assert (raw, age) in hops
    assert (age, Reference(Kind.FEATURE, "mlflow.churn.age")) in hops


def test_requests_grow_with_models_and_pages_not_with_versions() -> None:
    with replayed("mlflow3") as server:
        read_mlflow(server.url)
    asked = [line.split("?")[0].rsplit("/", 1)[1] for line in server.requests]
    assert {name: asked.count(name) for name in set(asked) if name in {"search", "get"}} == {
        "search": 4
    }
    assert sum("get-artifact" in line for line in server.requests) == 3


def read_changed(change: Callable[[str, Any], Any]) -> Facts:
    """Read a recorded server with other answers in some places."""
    recorded = answers("mlflow3")

    def answer(method: str, path: str) -> Reply:
        reply = recorded[f"{method} {path}"]
        is_file = "get-artifact" in path
        changed = change(path, reply.body if is_file else json.loads(reply.body))
        if isinstance(changed, Reply):
            return changed
        return Reply(200, changed) if is_file else json_reply(changed)

    with scripted_server(answer) as server:
        return read_mlflow(server.url)


@pytest.mark.parametrize("content", [b"\x00: [", b"- a list", b"signature: 3", b"signature: {}"])
def test_a_signature_that_cannot_be_read_is_a_gap(content: bytes) -> None:
    facts = read_changed(lambda path, body: content if "get-artifact" in path else body)
    assert {gap.reason for gap in facts.gaps if gap.about == "churn"} == {
        "no signature names its inputs"
    }


def test_a_file_or_logged_model_that_is_gone_leaves_the_rest() -> None:
    gone = json_reply({"message": "gone"}, 404)
    facts = read_changed(
        lambda path, body: gone if "get-artifact" in path or "logged-models/" in path else body
    )
    churn = model(facts, "churn")
    assert (churn.version, churn.features) == ("1", ())
    assert churn.hyper_parameters == (HyperParameter(name="rounds", value="10"),)


@pytest.mark.parametrize("part", ["get-artifact", "logged-models/"])
def test_a_refusal_is_no_missing_file(part: str) -> None:
    refused = json_reply({"message": "not yours"}, 403)
    with pytest.raises(AccessRefused, match="not yours"):
        read_changed(lambda path, body: refused if part in path else body)


def test_a_run_that_is_gone_is_a_gap() -> None:
    facts = read_changed(lambda path, body: {} if path.endswith("runs/search") else body)
    assert any(gap.reason.startswith("the run ") for gap in facts.gaps if gap.about == "churn")


def test_prompts_are_no_models_and_a_version_in_production_is_the_one_in_use() -> None:
    def change(path: str, body: Any) -> Any:
        if "registered-models" in path:
            for item in body["registered_models"]:
                item.pop("aliases", None)
                if item["name"] == "empty":
                    item["tags"] = [{"key": "mlflow.prompt.is_prompt", "value": "true"}]
        if "model-versions/search" in path:
            for item in body["model_versions"]:
                item["current_stage"] = "Production" if item["version"] == "1" else "Staging"
        return body

    facts = read_changed(change)
    assert "empty" not in {item.name for item in facts.models}
    churn = model(facts, "churn")
    assert (churn.version, churn.versions[0].status) == ("1", "Staging")


def test_two_data_sets_with_a_column_of_one_name_are_a_gap() -> None:
    def change(path: str, body: Any) -> Any:
        if path.endswith("runs/search"):
            for run in body["runs"]:
                for item in run.get("inputs", {}).get("dataset_inputs", ()):
                    item["tags"] = [{"key": "mlflow.data.context", "value": "training"}]
        return body

    facts = read_changed(change)
    assert model(facts, "churn").features[0].sources is None
    assert any("feature 'age' may come from s3://lake" in gap.reason for gap in facts.gaps)


def test_pages_are_followed() -> None:
    def answer(_method: str, path: str) -> Reply:
        if "registered-models" not in path:
            return json_reply({})
        if "page_token=next" in path:
            return json_reply({"registered_models": [{"name": "second"}]})
        return json_reply({"registered_models": [{"name": "first"}], "next_page_token": "next"})

    with scripted_server(answer) as server:
        facts = read_mlflow(server.url)
    assert [item.name for item in facts.models] == ["first", "second"]


@pytest.mark.parametrize(
    ("access", "header"),
    [
        (Access(), None),
        (Access(token="t0ken"), "Bearer t0ken"),  # noqa: S106  # opens nothing
        (Access(user="ada", password="pw"), "Basic YWRhOnB3"),  # noqa: S106  # as above
    ],
)
def test_who_asks_is_said_by_token_or_by_name(access: Access, header: str | None) -> None:
    with scripted_server(lambda _method, _path: json_reply({})) as server:
        read_mlflow(server.url, access)
    assert {headers.get("Authorization") for headers in server.headers} == {header}
    assert "t0ken" not in repr(access)
    assert "pw" not in repr(access)


@pytest.mark.parametrize(
    ("reply", "error", "message"),
    [
        (json_reply({"message": "no"}, 401), AccessRefused, "401: no"),
        (json_reply({"message": "broken"}, 500), RequestFailed, "broken"),
        (Reply(200, b"<html>"), RequestFailed, "the answer is no JSON object"),
        (json_reply({"registered_models": [{}]}), RequestFailed, "not as MLflow gives it"),
        (json_reply({"registered_models": 3}), RequestFailed, "not as MLflow gives it"),
    ],
)
def test_an_answer_of_no_use_is_an_error(
    reply: Reply, error: type[LineageError], message: str
) -> None:
    with (
        scripted_server(lambda _method, _path: reply) as server,
        pytest.raises(error, match=message),
    ):
        read_mlflow(server.url)


def test_no_answer_is_an_error_and_names_no_password() -> None:
    with pytest.raises(ServerUnreachable) as failed:
        read_mlflow("http://ada:pw@127.0.0.1:9")
    assert "pw" not in str(failed.value)


def test_the_recordings_name_no_place_of_ours() -> None:
    for path in (Path(__file__).parent / "recorded").glob("mlflow*.json"):
        assert "/home/" not in path.read_text()
        assert json.loads(path.read_text())
