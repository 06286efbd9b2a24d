from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest

from lineage.catalog.wsgi import Catalog
from lineage.changes.desired import Desired, resolve_declaration
from lineage.graph.build import build_graph
from lineage.model.declaration import (
    Declaration,
    DeclaredFeature,
    DeclaredModel,
    DeclaredSource,
    Named,
)
from lineage.model.entities import Feature, FeatureSource, HyperParameter
from lineage.openmetadata.client import Client
from lineage.openmetadata.reader import read
from lineage.openmetadata.retry import Retry
from lineage.writes.apply import apply_plan
from lineage.writes.desired_plan import plan_desired
from lineage.writes.journal import Journal
from lineage.writes.journal_reader import read_journal
from lineage.writes.plan import Plan
from lineage.writes.plan_file import read_plan, write_plan
from lineage.writes.plan_text import describe
from lineage.writes.step import Result
from lineage.writes.undo import make_undo
from tests.builders import entity, snapshot_of, table
from tests.builders import model as model_of
from tests.writes.shop import edge_outcomes, model_outcomes

STREET = "shop_postgres.shop.public.customers.address.street"
PHONE = "shop_postgres.shop.public.customers.phone"
CHURN = DeclaredModel(
    name=Named("mlflow.churn", 1),
    description="Who leaves.",
    tags=("Tier.Tier1",),
    hyper_parameters=(HyperParameter(name="max_depth", value="9"),),
    features=(
        DeclaredFeature(
            name=Named("streets", 2),
            data_type="categorical",
            algorithm="hash",
            sources=(
                DeclaredSource(column=Named(PHONE, 3), data_type="string"),
                DeclaredSource(column=Named(STREET, 4)),
            ),
        ),
        DeclaredFeature(name=Named("value_band", 5), description="How much is bought."),
    ),
)


def desired(client: Client, *models: DeclaredModel) -> tuple[Plan, Desired]:
    snapshot = read(client)
    wanted = resolve_declaration(
        build_graph(snapshot), Declaration(path="models.toml", models=models)
    )
    return plan_desired(snapshot, wanted), wanted


def churn(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/mlmodels/name/mlflow.churn", {"fields": "tags,dashboard"})
    return found


def change(client: Client, path: str, value: object) -> None:
    operation = {"op": "add", "path": path, "value": value}
    client.patch(f"/mlmodels/{churn(client)['id']}", [operation])


def test_a_model_is_described_and_its_new_feature_mapped_in_one_apply(company: Client) -> None:
    plan, _ = desired(company, CHURN)
    applied = apply_plan(plan, company)
    assert applied.succeeded
    assert applied.summary() == "2 written"
    found = churn(company)
    assert found["description"] == "Who leaves."
    feature = found["mlFeatures"][-1]
    assert (feature["name"], feature["dataType"], feature["featureAlgorithm"]) == (
        "streets",
        "categorical",
        "hash",
    )
    assert feature["featureSources"][0]["fullyQualifiedName"] == PHONE
    (edge,) = [step for step in plan.edge_steps if step.downstream.fqn == "mlflow.churn"]
    assert edge.added[0].downstream == "mlflow.churn.streets"
    again, _ = desired(company, CHURN)
    assert again.is_empty


@pytest.mark.parametrize(
    ("model", "foreseen"),
    [
        (CHURN, "version 0.1 → 0.2, minor"),
        (replace(CHURN, target="gone", dashboard=None), "version 0.1 → 1.1, major"),
    ],
)
def test_the_version_is_foreseen_before_it_is_made(
    company: Client, model: DeclaredModel, foreseen: str
) -> None:
    plan, _ = desired(company, model)
    (step,) = plan.model_steps
    assert step.version == foreseen
    (outcome,) = model_outcomes(apply_plan(plan, company))
    assert outcome.detail == step.version.partition(",")[0]


def test_a_model_costs_a_read_a_write_and_a_read_back(company: Client) -> None:
    plan, _ = desired(company, replace(CHURN, features=()))
    _ = company.version
    before = company.requests_sent
    apply_plan(plan, company)
    assert company.requests_sent - before == 3
    before = company.requests_sent
    assert apply_plan(plan, company).summary() == "1 unchanged"
    assert company.requests_sent - before == 1


def test_what_the_file_does_not_say_and_the_library_does_not_know_stays(company: Client) -> None:
    before = churn(company)
    source = {**before["mlFeatures"][0]["featureSources"][0], "description": "from the app"}
    feature = {**before["mlFeatures"][0], "featureSources": [source]}
    change(company, "/mlFeatures", [feature, *before["mlFeatures"][1:]])
    before = churn(company)
    apply_plan(desired(company, CHURN)[0], company)
    after = churn(company)
    assert after["mlFeatures"][:-2] == before["mlFeatures"][:-1]
    assert after["mlHyperParameters"][1:] == before["mlHyperParameters"][1:]
    kept = ("algorithm", "dashboard", "mlStore", "server", "target", "owners")
    assert [after.get(key) for key in kept] == [before.get(key) for key in kept]


def test_a_fact_that_somebody_else_changed_is_a_conflict(company: Client) -> None:
    plan, _ = desired(company, CHURN)
    change(company, "/description", "theirs")
    (outcome,) = model_outcomes(apply_plan(plan, company))
    assert (outcome.result, outcome.detail) == (
        Result.CONFLICT,
        "description changed after the plan was made: plan again",
    )
    assert churn(company)["description"] == "theirs"


def test_another_fact_that_somebody_else_changed_stays(company: Client) -> None:
    plan, _ = desired(company, CHURN)
    change(company, "/displayName", "Churn!")
    assert apply_plan(plan, company).succeeded
    found = churn(company)
    assert (found["displayName"], found["description"]) == ("Churn!", "Who leaves.")


class Meddling:
    """A catalog in which somebody else changes the model between our read and our write."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.is_armed = False

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "PATCH" and self.is_armed:
            self.is_armed = False
            with Client.in_process(self.catalog, self.catalog.token, name="other") as other:
                change(other, "/displayName", "theirs")
        return self.catalog(environ, start_response)


def test_a_change_between_read_and_write_is_a_conflict_and_survives(company_file: Path) -> None:
    with Catalog(company_file) as catalog:
        meddling = Meddling(catalog)
        with Client.in_process(meddling, catalog.token, name="catalog:test") as client:
            plan, _ = desired(client, CHURN)
            meddling.is_armed = True
            (outcome,) = model_outcomes(apply_plan(plan, client))
            assert outcome.result == Result.CONFLICT
            assert "during the write" in outcome.detail
            assert churn(client)["displayName"] == "theirs"
            assert churn(client)["description"] != "Who leaves."
            assert apply_plan(plan, client).succeeded


def test_a_tag_the_server_does_not_have_fails_and_the_edges_that_need_it_are_refused(
    company: Client,
) -> None:
    plan, _ = desired(company, replace(CHURN, tags=("No.Such",)))
    applied = apply_plan(plan, company)
    assert model_outcomes(applied)[0].result == Result.FAILED
    assert [outcome.result for outcome in edge_outcomes(applied)] == [Result.REFUSED]
    assert "mlflow.churn.streets" in edge_outcomes(applied)[0].detail


def test_a_model_that_was_deleted_meanwhile_is_not_restored(company: Client) -> None:
    plan, _ = desired(company, CHURN)
    company.delete(f"/mlmodels/{churn(company)['id']}")
    (outcome,) = model_outcomes(apply_plan(plan, company))
    assert outcome.result == Result.FAILED
    assert "404" in outcome.detail


def test_a_plan_with_models_goes_through_its_file(company: Client, tmp_path: Path) -> None:
    plan, _ = desired(company, CHURN)
    write_plan(plan, tmp_path / "plan.json")
    assert read_plan(tmp_path / "plan.json") == plan


def test_rows_of_models_and_edges_have_the_same_keys(company: Client) -> None:
    plan, _ = desired(company, CHURN)
    first, *others = plan.to_records()
    assert first["action"] == "change-model"
    assert {tuple(record) for record in others} == {tuple(first)}
    rows = apply_plan(plan, company).to_records()
    assert len({tuple(row) for row in rows}) == 1


@pytest.mark.parametrize("version", ["1.12.6", "2.0.7"])
def test_a_change_that_the_server_acknowledges_and_loses_is_named(
    company_file: Path, version: str
) -> None:
    with (
        Catalog(company_file, server_version=version) as catalog,
        Client.in_process(catalog, catalog.token, name="catalog:test") as client,
    ):
        plan, _ = desired(client, replace(CHURN, features=()))
        catalog.faults.lost_patches = True
        (outcome,) = model_outcomes(apply_plan(plan, client))
    assert outcome.result == Result.DROPPED
    assert outcome.detail.startswith("the server does not have description")


@pytest.mark.parametrize("field", ["algorithm", "server", "target"])
def test_the_fields_that_make_a_major_version(company: Client, field: str) -> None:
    said = DeclaredModel(name=Named("mlflow.churn", 1), **{field: "other"})  # type: ignore[arg-type]
    plan, _ = desired(company, said)
    assert plan.model_steps[0].bump == "major"
    apply_plan(plan, company)
    assert churn(company)["version"] == 1.1


def test_a_change_is_undone_and_its_version_with_it(company: Client, tmp_path: Path) -> None:
    before = churn(company)
    model = replace(CHURN, storage="s3://elsewhere", display_name="Churn!", target="gone")
    plan, _ = desired(company, model)
    with Journal.start(tmp_path / "journal", plan) as journal:
        assert apply_plan(plan, company, journal=journal).succeeded
    undo = make_undo(read_journal(tmp_path / "journal"))
    assert apply_plan(undo, company).succeeded
    after = churn(company)
    assert after == before  # the server folds what is taken back within ten minutes
    assert model_outcomes(apply_plan(undo, company))[0].result == Result.UNCHANGED


def test_undoing_leaves_alone_what_was_changed_since(company: Client, tmp_path: Path) -> None:
    plan, _ = desired(company, CHURN)
    with Journal.start(tmp_path / "journal", plan) as journal:
        apply_plan(plan, company, journal=journal)
    change(company, "/description", "theirs")
    undo = make_undo(read_journal(tmp_path / "journal"))
    assert model_outcomes(apply_plan(undo, company))[0].result == Result.CONFLICT
    assert churn(company)["description"] == "theirs"


def test_undoing_takes_back_only_what_the_run_wrote(company: Client, tmp_path: Path) -> None:
    plan, _ = desired(company, replace(CHURN, features=()))
    change(company, "/description", "Who leaves.")  # somebody is faster, and says the same
    with Journal.start(tmp_path / "journal", plan) as journal:
        assert apply_plan(plan, company, journal=journal).succeeded
    undo = make_undo(read_journal(tmp_path / "journal"))
    assert ("description",) not in {fact.path for fact in undo.model_steps[0].facts}
    assert apply_plan(undo, company).succeeded
    found = churn(company)
    assert found["description"] == "Who leaves."
    assert "Tier.Tier1" not in str(found["tags"])


def test_undoing_a_run_that_wrote_nothing_writes_nothing(company: Client, tmp_path: Path) -> None:
    plan, _ = desired(company, replace(CHURN, features=()))
    assert apply_plan(plan, company).succeeded
    with Journal.start(tmp_path / "journal", plan) as journal:
        assert apply_plan(plan, company, journal=journal).summary() == "1 unchanged"
    history = read_journal(tmp_path / "journal")
    assert (len(history.outcomes), history.stored) == (1, {})
    assert make_undo(history).is_empty


def test_what_a_model_was_is_in_the_journal_before_it_is_changed(
    company: Client, tmp_path: Path
) -> None:
    before = churn(company)
    plan, _ = desired(company, CHURN)
    with Journal.start(tmp_path / "journal", plan) as journal:
        applied = apply_plan(plan, company, journal=journal)
    history = read_journal(tmp_path / "journal")
    assert history.outcomes == dict(enumerate(applied.outcomes))
    assert (history.stored[0].document or {})["mlFeatures"] == before["mlFeatures"]
    with Journal.resume(tmp_path / "journal") as journal:
        sent = company.requests_sent
        assert apply_plan(plan, company, journal=journal) == applied
        assert company.requests_sent - sent == 3  # the checks of its edge


class Killed(BaseException):
    """Stands for a kill: nothing catches it."""


class Deadly:
    """A catalog that takes a change of a model and is never heard of again."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer = self.catalog(environ, start_response)
        if environ["REQUEST_METHOD"] == "PATCH":
            raise Killed
        return answer


class Unreliable:
    """A catalog before which a gateway loses what it is told, or what is answered, at first."""

    def __init__(self, catalog: Catalog, losses: int, *, arrives: bool) -> None:
        self.catalog, self.losses, self.arrives = catalog, losses, arrives

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "PATCH" or self.losses == 0:
            return self.catalog(environ, start_response)
        self.losses -= 1
        if self.arrives:
            self.catalog(environ, lambda *_: lambda _: None)
        start_response("503 Away", [("Content-Type", "application/json")])
        return [b'{"code": 503, "message": "away"}']


@pytest.mark.parametrize(
    ("losses", "arrives", "result"),
    [(1, True, Result.WRITTEN), (2, False, Result.WRITTEN), (3, False, Result.FAILED)],
)
def test_a_change_of_a_model_is_looked_for_before_it_is_sent_again(
    company_file: Path, losses: int, result: Result, *, arrives: bool
) -> None:
    with Catalog(company_file) as catalog:
        gateway = Unreliable(catalog, losses, arrives=arrives)
        with Client.in_process(gateway, catalog.token, name="catalog:test") as client:
            client.retry = Retry(tries=3, sleep=lambda _seconds: None)
            plan, _ = desired(client, replace(CHURN, features=()))
            (outcome,) = model_outcomes(apply_plan(plan, client))
            assert outcome.result == result
            assert churn(client)["version"] == (0.2 if result == Result.WRITTEN else 0.1)


def test_what_is_known_to_be_refused_is_reported_before_a_model_is_changed(company: Client) -> None:
    plan, _ = desired(company, CHURN)
    (step,) = plan.edge_steps
    company.delete(f"/tables/{step.upstream_id}", {"hardDelete": False})
    applied = apply_plan(plan, company, fail_fast=True)
    assert model_outcomes(applied)[0].result == Result.SKIPPED
    assert edge_outcomes(applied)[0].result == Result.REFUSED
    assert churn(company)["version"] == 0.1


def test_a_run_that_was_killed_after_the_change_of_a_model_goes_on(
    company_file: Path, tmp_path: Path
) -> None:
    with Catalog(company_file) as catalog:
        name = "catalog:test"
        with Client.in_process(catalog, catalog.token, name=name) as client:
            plan, _ = desired(client, CHURN)
            with (
                Client.in_process(Deadly(catalog), catalog.token, name=name) as deadly,
                Journal.start(tmp_path / "journal", plan) as journal,
                pytest.raises(Killed),
            ):
                apply_plan(plan, deadly, journal=journal)
            with Journal.resume(tmp_path / "journal") as journal:
                applied = apply_plan(plan, client, journal=journal)
            assert [outcome.result for outcome in model_outcomes(applied)] == [Result.WRITTEN]
            assert applied.succeeded
            assert read_journal(tmp_path / "journal").outcomes == dict(enumerate(applied.outcomes))
            assert desired(client, CHURN)[0].is_empty


def test_fail_fast_changes_nothing_more_once_a_model_has_failed(company: Client) -> None:
    failing = DeclaredModel(name=Named("mlflow.churn", 1), tags=("No.Such",))
    other = DeclaredModel(name=Named("mlflow.credit_risk", 2), target="paid_back")
    plan, _ = desired(company, failing, other)
    applied = apply_plan(plan, company, fail_fast=True)
    assert [outcome.result for outcome in model_outcomes(applied)] == [
        Result.FAILED,
        Result.SKIPPED,
    ]
    assert company.get("/mlmodels/name/mlflow.credit_risk")["version"] == 0.1


def test_a_source_that_the_server_names_by_its_id_alone_is_shown_by_its_name() -> None:
    people = replace(table("people", "age born"), id="4711")
    known = FeatureSource(name="age", entity=entity("4711"), entity_id="4711")
    feature = Feature(name="f", fqn="m.f", sources=(known,))
    current = replace(model_of("m"), features=(feature,))
    wanted = DeclaredModel(
        name=Named("m", 1),
        features=(
            DeclaredFeature(
                name=Named("f", 1), sources=(DeclaredSource(column=Named("people.born", 1)),)
            ),
        ),
    )
    snapshot = snapshot_of(people, current)
    declaration = Declaration(path="models.toml", models=(wanted,))
    plan = plan_desired(snapshot, resolve_declaration(build_graph(snapshot), declaration))
    text = "\n".join(describe(plan))
    assert "  ~ feature f, sources: 'people.age' → 'people.born'" in text
    assert "4711" not in text
    assert plan.model_steps[0].to_record()["details"] == [
        "feature f, sources: people.age → people.born"
    ]
    assert "people.age → m.f: reaches → no-value-path" in str(plan.model_steps[0].weaker[0])
