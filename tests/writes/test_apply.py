import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest

from lineage.catalog.wsgi import Catalog
from lineage.errors import PlanRefused
from lineage.graph.build import build_graph
from lineage.model.reference import Kind, Reference
from lineage.openmetadata.client import Client
from lineage.openmetadata.edge_api import StoredEdge, with_current_pipeline
from lineage.openmetadata.reader import read
from lineage.openmetadata.retry import Retry
from lineage.writes.apply import apply_plan
from lineage.writes.edge_step import EdgeStep
from lineage.writes.plan import Plan, make_plan
from lineage.writes.step import Result
from tests.writes.shop import edge_step_of, mapping, open_shop, shown, talking_to, whole_plan


def plan_for(client: Client) -> Plan:
    return make_plan(build_graph(read(client)))


def details(client: Client, step: EdgeStep) -> dict[str, Any]:
    path = f"/lineage/getLineageEdge/{step.upstream_id}/{step.downstream_id}"
    found: dict[str, Any] = client.get(path)["edge"]
    return found


def touched(plan: Plan) -> EdgeStep:
    """Find the step that changes an edge others have written."""
    return next(step for step in plan.edge_steps if step.before and step.before.column_edges)


def fed(plan: Plan) -> int:
    """Count what is fed: for each of them the index is asked once."""
    return len({step.downstream for step in plan.edge_steps})


def test_what_is_applied_is_recorded_and_the_second_plan_is_empty(company: Client) -> None:
    plan = plan_for(company)
    applied = apply_plan(plan, company)
    assert {outcome.result for outcome in applied.outcomes} == {Result.WRITTEN}
    assert applied.succeeded
    assert plan_for(company).steps == ()


CHECKS = 3
"""Requests before the first step, the version being known: permissions, tables, models."""


def test_each_step_costs_a_read_a_write_and_a_read_back_and_each_fed_entity_a_look(
    company: Client,
) -> None:
    plan = plan_for(company)
    before = company.requests_sent
    apply_plan(plan, company)
    assert company.requests_sent - before == CHECKS + 3 * len(plan.edge_steps) + fed(plan)


def test_applying_twice_writes_nothing_the_second_time(company: Client) -> None:
    plan = plan_for(company)
    apply_plan(plan, company)
    before = company.requests_sent
    again = apply_plan(plan, company)
    assert {outcome.result for outcome in again.outcomes} == {Result.UNCHANGED}
    assert company.requests_sent - before == CHECKS + len(plan.edge_steps) + fed(plan)


def test_what_others_wrote_survives(company: Client) -> None:
    step = touched(plan := plan_for(company))
    before = details(company, step)
    apply_plan(plan, company)
    after = details(company, step)
    for key in ("pipeline", "description", "source", "createdAt", "createdBy"):
        assert after.get(key) == before.get(key)
    assert after["columnsLineage"][: len(before["columnsLineage"])] == before["columnsLineage"]
    assert any(mapping.get("function") for mapping in before["columnsLineage"])


def test_an_edge_that_changed_meanwhile_is_a_conflict_and_left_alone(company: Client) -> None:
    step = touched(plan := plan_for(company))
    changed = {**details(company, step), "description": "somebody else's words"}
    put(company, step, changed)
    applied = apply_plan(plan, company)
    (conflict,) = [item for item in applied.outcomes if item.result == Result.CONFLICT]
    assert conflict.step == step
    assert not applied.succeeded
    assert details(company, step)["description"] == "somebody else's words"
    assert len(details(company, step)["columnsLineage"]) == len(changed["columnsLineage"])


def test_a_mapping_that_the_server_would_drop_is_refused_before_anything_is_sent(
    company: Client,
) -> None:
    plan = plan_for(company)
    step = plan.edge_steps[0]
    assert step.after is not None
    column = replace(step.added[0], upstream=("no.such.column",))
    after = replace(step.after, column_edges=(*step.after.column_edges, column))
    (outcome,) = apply_plan(replace(plan, steps=(replace(step, after=after),)), company).outcomes
    assert outcome.result == Result.REFUSED
    assert "would drop no.such.column" in outcome.detail
    assert plan_for(company).steps == plan.steps


def test_an_entity_that_is_gone_is_refused_and_the_others_are_written(company: Client) -> None:
    plan = plan_for(company)
    lost = plan.edge_steps[0]
    company.delete(f"/tables/{lost.upstream_id}", {"hardDelete": True, "recursive": True})
    applied = apply_plan(plan, company)
    assert applied.outcomes[0].result == Result.REFUSED
    assert "is gone from the server" in applied.outcomes[0].detail
    others = {
        item.result for item in applied.outcomes if edge_step_of(item).upstream != lost.upstream
    }
    assert others == {Result.WRITTEN}


def test_a_plan_for_another_server_is_refused(company: Client) -> None:
    with pytest.raises(PlanRefused, match=r"made for https://elsewhere\.example\.com"):
        apply_plan(replace(plan_for(company), server="https://elsewhere.example.com"), company)


def test_progress_is_reported_step_by_step(company: Client) -> None:
    told: list[str] = []
    plan = plan_for(company)
    apply_plan(plan, company, progress=lambda outcome: told.append(outcome.result))
    assert len(told) == len(plan.edge_steps)


class Meddling:
    """A catalog in which somebody else writes right after each of our writes."""

    def __init__(self, catalog: Catalog, meddle: str) -> None:
        self.catalog, self.meddle, self.busy = catalog, meddle, False

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer = self.catalog(environ, start_response)
        if environ["REQUEST_METHOD"] in {"PATCH", "PUT"} and not self.busy:
            self.busy = True
            with Client.in_process(self, self.catalog.token, name="other") as other:
                for step in self.steps:
                    if self.meddle == "delete":
                        ends = f"table/{step.upstream_id}/mlmodel/{step.downstream_id}"
                        other.delete(f"/lineage/{ends}")
                    else:
                        put(other, step, {**details(other, step), "description": "mine now"})
            self.busy = False
        return answer

    steps: tuple[EdgeStep, ...] = ()


@pytest.mark.parametrize(
    ("meddle", "result"), [("change", Result.CONFLICT), ("delete", Result.DROPPED)]
)
def test_a_change_during_the_write_is_seen(company_file: Path, meddle: str, result: Result) -> None:
    with Catalog(company_file) as catalog:
        meddling = Meddling(catalog, meddle)
        with Client.in_process(meddling, catalog.token, name="catalog:test") as client:
            client.retry = Retry(tries=1)
            plan = plan_for(client)
            step = touched(plan)
            meddling.steps = (step,)
            (outcome,) = apply_plan(replace(plan, steps=(step,)), client).outcomes
    assert outcome.result == result


def test_rows_and_summary_show_what_became_of_each_step(company: Client) -> None:
    applied = apply_plan(plan_for(company), company)
    assert applied.summary() == f"{len(applied.outcomes)} written"
    assert {row["result"] for row in applied.to_records()} == {"written"}


def put(client: Client, step: EdgeStep, changed: dict[str, Any]) -> None:
    edge = {
        "fromEntity": {"id": step.upstream_id, "type": str(step.upstream.kind)},
        "toEntity": {"id": step.downstream_id, "type": str(step.downstream.kind)},
        "lineageDetails": changed,
    }
    client.put("/lineage", {"edge": edge})


def test_a_renamed_pipeline_is_no_conflict(company: Client) -> None:
    step = touched(plan_for(company))
    stored = details(company, step)
    assert step.before is not None
    evidence = replace(step.before.evidence, pipeline=Reference("pipeline", "airflow.old_name"))
    stale = StoredEdge(replace(step.before, evidence=evidence), stored)
    assert with_current_pipeline(company, stale).edge == step.before
    without = StoredEdge(replace(step.before, evidence=replace(evidence, pipeline=None)), {})
    assert with_current_pipeline(company, without) == without


def test_a_change_of_the_server_version_is_refused_as_a_whole(company: Client) -> None:
    plan = replace(plan_for(company), server_version="1.13.0")
    with pytest.raises(
        PlanRefused, match=r"made for version 1\.13\.0 of the server, which is 2\.0"
    ):
        apply_plan(plan, company)


def test_what_was_deleted_or_renamed_since_is_refused_by_name(company: Client) -> None:
    plan = plan_for(company)
    step = plan.edge_steps[0]
    renamed = Reference(step.downstream.kind, "mlflow.old_name")
    company.delete(f"/tables/{step.upstream_id}", {"hardDelete": False})
    others = [one for one in plan.edge_steps if one.upstream != step.upstream]
    steps = (step, replace(others[0], downstream=renamed))
    applied = apply_plan(replace(plan, steps=steps), company)
    assert [outcome.result for outcome in applied.outcomes] == [Result.REFUSED, Result.REFUSED]
    assert "is deleted; restore it" in applied.outcomes[0].detail
    assert "mlmodel:mlflow.old_name is called mlmodel:" in applied.outcomes[1].detail


def test_fail_fast_begins_nothing_where_something_is_refused(company: Client) -> None:
    plan = plan_for(company)
    company.delete(f"/tables/{plan.edge_steps[-1].upstream_id}", {"hardDelete": False})
    applied = apply_plan(plan, company, fail_fast=True)
    assert {outcome.result for outcome in applied.outcomes} == {Result.REFUSED, Result.SKIPPED}
    assert plan_for(company).steps


def test_fail_fast_begins_no_step_after_a_conflict(company: Client) -> None:
    step = touched(plan := plan_for(company))
    put(company, step, {**details(company, step), "description": "somebody else's words"})
    applied = apply_plan(plan, company, fail_fast=True, workers=1)
    results = [outcome.result for outcome in applied.outcomes]
    after = results[results.index(Result.CONFLICT) + 1 :]
    assert set(after) <= {Result.SKIPPED}
    assert set(results) - {Result.CONFLICT, Result.WRITTEN} <= {Result.SKIPPED}


class Answering:
    """A catalog before which a gateway answers some requests itself."""

    def __init__(self, catalog: Catalog, method: str, place: str, status: str, body: str) -> None:
        self.catalog, self.method, self.place = catalog, method, place
        self.status, self.body, self.count = status, body.encode(), 0

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        asked = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        if asked[0] != self.method or self.place not in f"{asked[1]}?":
            return self.catalog(environ, start_response)
        self.count += 1
        start_response(self.status, [("Content-Type", "application/json")])
        return [self.body]


def answering(catalog: Catalog, *answer: str) -> tuple[Answering, Client]:
    gateway = Answering(catalog, *answer)
    client = Client.in_process(gateway, catalog.token, name="catalog:test")
    client.retry = Retry(tries=3, sleep=lambda _seconds: None)
    return gateway, client


def denying(kind: str) -> str:
    access = {one.value: "deny" if one == kind else "allow" for one in Kind}
    listed = [
        {"resource": name, "permissions": [{"operation": "EditLineage", "access": word}]}
        for name, word in access.items()
    ]
    return json.dumps({"data": listed})


def test_a_permission_that_is_lacking_is_reported_before_anything_is_sent(
    company_file: Path,
) -> None:
    with Catalog(company_file) as catalog:
        words = ("GET", "/permissions", "200 OK", denying("mlmodel"))
        gateway, client = answering(catalog, *words)
        with client:
            applied = apply_plan(plan_for(client), client)
    assert {outcome.result for outcome in applied.outcomes} == {Result.REFUSED}
    assert "may not edit the lineage of any mlmodel" in applied.outcomes[0].detail
    assert gateway.count == 1


@pytest.mark.parametrize(
    ("status", "tries", "result"),
    [
        ("403 Forbidden", 1, Result.REFUSED),
        ("500 Broken", 1, Result.FAILED),
        ("503 Away", 3, Result.FAILED),
    ],
)
def test_a_write_that_is_refused_is_reported_and_tried_again_only_where_that_may_help(
    company_file: Path, status: str, tries: int, result: Result
) -> None:
    with Catalog(company_file) as catalog:
        body = f'{{"code": {status[:3]}, "message": "no"}}'
        gateway, client = answering(catalog, "PATCH", "/lineage/", status, body)
        with client:
            plan = plan_for(client)
            one = replace(plan, steps=(touched(plan),))
            (outcome,) = apply_plan(one, client).outcomes
    assert (outcome.result, gateway.count) == (result, tries)
    assert "no" in outcome.detail


def test_an_earlier_server_is_written_whole_and_asked_for_each_entity(company_file: Path) -> None:
    for version in ("1.4.0", "1.13.0"):
        with Catalog(company_file, server_version=version) as catalog:
            gateway, client = answering(catalog, "POST", "/hydrate", "500 Broken", "")
            with client:
                assert apply_plan(plan_for(client), client).succeeded
                assert plan_for(client).steps == ()
        assert gateway.count == 0


class Recording:
    """A catalog that remembers what was asked of it."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.asked: list[tuple[str, str]] = []

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self.asked.append((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        return self.catalog(environ, start_response)


def test_two_hundred_features_of_five_tables_cost_five_reads_writes_and_read_backs(
    catalog: Catalog,
) -> None:
    recording = Recording(catalog)
    with Client.in_process(recording, catalog.token, name="catalog:test") as client:
        make_wide_model(client)
        plan = plan_for(client)
        assert sum(len(mapping.pairs) for step in plan.edge_steps for mapping in step.added) == 200
        recording.asked.clear()
        assert apply_plan(plan, client).succeeded
        methods = Counter(method for method, _ in recording.asked)
        edges = [path for _, path in recording.asked if "getLineageEdge" in path]
        assert (len(edges), methods["PUT"] + methods["PATCH"]) == (10, 5)
        assert len(recording.asked) == 15 + CHECKS + 1
        recording.asked.clear()
        assert apply_plan(plan, client).succeeded
        assert {method for method, _ in recording.asked} == {"GET", "POST"}
        assert len(recording.asked) == 5 + CHECKS + 1
        assert plan_for(client).steps == ()


def make_wide_model(client: Client) -> None:
    """Make a model with two hundred features from five tables."""
    client.put("/services/databaseServices", {"name": "w", "serviceType": "Postgres"})
    client.put("/databases", {"name": "d", "service": "w"})
    client.put("/databaseSchemas", {"name": "s", "database": "w.d"})
    client.put("/services/mlmodelServices", {"name": "m", "serviceType": "Mlflow"})
    columns = [{"name": f"c{number}", "dataType": "INT"} for number in range(40)]
    tables = [
        client.put("/tables", {"name": f"t{n}", "databaseSchema": "w.d.s", "columns": columns})
        for n in range(5)
    ]
    features = [
        {
            "name": f"f{n}",
            "dataType": "numerical",
            "featureSources": [
                {
                    "name": f"c{n // 5}",
                    "dataType": "integer",
                    "dataSource": {"id": tables[n % 5]["id"], "type": "table"},
                }
            ],
        }
        for n in range(200)
    ]
    body = {"name": "wide", "service": "m", "algorithm": "trees", "mlFeatures": features}
    client.put("/mlmodels", body)


def test_the_index_is_waited_for_and_what_lags_is_named(company_file: Path) -> None:
    with Catalog(company_file) as catalog:
        told = '{"upstreamEdges": {}}'
        gateway, behind = answering(catalog, "GET", "lineage/getLineage?", "200 OK", told)
        with behind:
            plan = plan_for(behind)
            now = iter(range(1000))
            behind.retry = replace(behind.retry, clock=lambda: float(next(now)))
            applied = apply_plan(plan, behind, wait=3)
        assert gateway.count > fed(plan)
    assert {outcome.result for outcome in applied.outcomes} == {Result.UNINDEXED}
    assert "does not show it yet" in applied.outcomes[0].detail


def test_an_index_that_cannot_be_asked_is_named(company_file: Path) -> None:
    with Catalog(company_file) as catalog:
        words = ("GET", "lineage/getLineage?", "500 Broken", '{"code": 500, "message": "no shard"}')
        _, client = answering(catalog, *words)
        with client:
            applied = apply_plan(plan_for(client), client, wait=0)
    assert {outcome.result for outcome in applied.outcomes} == {Result.UNINDEXED}
    assert "the search index could not be asked" in applied.outcomes[0].detail
    assert "no shard" in applied.outcomes[0].detail


class Early:
    """A catalog in which somebody maps a column right before each of our patches arrives."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog, self.count = catalog, 0

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "PATCH":
            self.count += 1
            theirs = mapping("stock.x", "demand.f", function=f"theirs{self.count}(x)")
            operation = {"op": "add", "path": "/columnsLineage/0", "value": theirs}
            with Client.in_process(self.catalog, self.catalog.token, name="other") as other:
                other.patch(environ["PATH_INFO"].removeprefix("/api/v1"), [operation])
        return self.catalog(environ, start_response)


def test_what_moves_between_our_look_and_our_patch_is_not_taken_for_ours(
    shop: Path, tmp_path: Path
) -> None:
    with open_shop(shop, tmp_path) as (catalog, client):
        plan = whole_plan(shown(client))
        (step,) = [one for one in plan.edge_steps if one.upstream.name == "stock"]
        assert step.removed
        with talking_to(Early(catalog), catalog) as busy:
            (outcome,) = apply_plan(replace(plan, steps=(step,)), busy).outcomes
        assert outcome.result == Result.CONFLICT
        assert [one.get("function") for one in details(client, step)["columnsLineage"]] == [
            "theirs1(x)",
            None,
            None,
        ]


@pytest.mark.parametrize("left", [26, 28])
def test_a_token_that_is_revoked_ends_an_apply_after_a_step(company_file: Path, left: int) -> None:
    with (
        Catalog(company_file, server_version="1.12.6") as catalog,
        Client.in_process(catalog, catalog.token, name="catalog:test") as client,
    ):
        plan = plan_for(client)
        catalog.faults.requests_left = left
        applied = apply_plan(plan, client, wait=0)
    results = Counter(outcome.result for outcome in applied.outcomes)
    assert results[Result.REFUSED] == 1
    assert results[Result.SKIPPED] > 1
    assert applied.notes[-1].endswith("go on with --resume JOURNAL")


def test_an_entity_that_is_hidden_from_the_token_is_one_refused_step(company_file: Path) -> None:
    with (
        Catalog(company_file, server_version="1.12.6") as catalog,
        Client.in_process(catalog, catalog.token, name="catalog:test") as client,
    ):
        plan = plan_for(client)
        hidden = plan.edge_steps[0].upstream
        catalog.faults.hidden = frozenset({hidden.fqn})
        applied = apply_plan(plan, client, wait=0)
    for outcome in applied.outcomes:
        is_hidden = edge_step_of(outcome).upstream == hidden
        assert outcome.result == (Result.REFUSED if is_hidden else Result.WRITTEN)
