from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest

from lineage.catalog.application import Catalog
from lineage.errors import PlanRefused
from lineage.graph.build import build_graph
from lineage.model.reference import Reference
from lineage.openmetadata.client import Client
from lineage.openmetadata.edges import StoredEdge, with_current_pipeline
from lineage.openmetadata.reader import read
from lineage.openmetadata.retry import Retry
from lineage.writes.apply import apply_plan
from lineage.writes.outcome import Result
from lineage.writes.plan import Plan, make_plan
from lineage.writes.steps import Step


def plan_for(client: Client) -> Plan:
    return make_plan(build_graph(read(client)))


def details(client: Client, step: Step) -> dict[str, Any]:
    path = f"/lineage/getLineageEdge/{step.upstream_id}/{step.downstream_id}"
    found: dict[str, Any] = client.get(path)["edge"]
    return found


def touched(plan: Plan) -> Step:
    """Find the step that changes an edge others have written."""
    return next(step for step in plan.steps if step.before and step.before.column_edges)


def test_what_is_applied_is_recorded_and_the_second_plan_is_empty(company: Client) -> None:
    plan = plan_for(company)
    applied = apply_plan(plan, company)
    assert {outcome.result for outcome in applied.outcomes} == {Result.WRITTEN}
    assert applied.succeeded
    assert plan_for(company).steps == ()


CHECKS = 3
"""Requests before the first step, the version being known: permissions, tables, models."""


def test_each_step_costs_a_read_a_write_and_a_read_back(company: Client) -> None:
    plan = plan_for(company)
    before = company.requests_sent
    apply_plan(plan, company)
    assert company.requests_sent - before == CHECKS + 3 * len(plan.steps)


def test_applying_twice_writes_nothing_the_second_time(company: Client) -> None:
    plan = plan_for(company)
    apply_plan(plan, company)
    before = company.requests_sent
    again = apply_plan(plan, company)
    assert {outcome.result for outcome in again.outcomes} == {Result.UNCHANGED}
    assert company.requests_sent - before == CHECKS + len(plan.steps)


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
    step = plan.steps[0]
    assert step.after is not None
    column = replace(step.added[0], upstream=("no.such.column",))
    after = replace(step.after, column_edges=(*step.after.column_edges, column))
    (outcome,) = apply_plan(replace(plan, steps=(replace(step, after=after),)), company).outcomes
    assert outcome.result == Result.REFUSED
    assert "would drop no.such.column" in outcome.detail
    assert plan_for(company).steps == plan.steps


def test_an_entity_that_is_gone_is_refused_and_the_others_are_written(company: Client) -> None:
    plan = plan_for(company)
    lost = plan.steps[0]
    company.delete(f"/tables/{lost.upstream_id}", {"hardDelete": True, "recursive": True})
    applied = apply_plan(plan, company)
    assert applied.outcomes[0].result == Result.REFUSED
    assert "is gone from the server" in applied.outcomes[0].detail
    others = {item.result for item in applied.outcomes if item.step.upstream != lost.upstream}
    assert others == {Result.WRITTEN}


def test_a_plan_for_another_server_is_refused(company: Client) -> None:
    with pytest.raises(PlanRefused, match=r"made for https://elsewhere\.example\.com"):
        apply_plan(replace(plan_for(company), server="https://elsewhere.example.com"), company)


def test_progress_is_told_step_by_step(company: Client) -> None:
    told: list[str] = []
    plan = plan_for(company)
    apply_plan(plan, company, progress=lambda outcome: told.append(outcome.result))
    assert len(told) == len(plan.steps)


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

    steps: tuple[Step, ...] = ()


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


def test_rows_and_summary_tell_what_became_of_each_step(company: Client) -> None:
    applied = apply_plan(plan_for(company), company)
    assert applied.summary() == f"{len(applied.outcomes)} written"
    assert {row["result"] for row in applied.to_records()} == {"written"}


def put(client: Client, step: Step, changed: dict[str, Any]) -> None:
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
