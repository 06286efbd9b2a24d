from datetime import UTC, datetime
from itertools import permutations

import pytest

from lineage.evidence.job_pipelines import find_pipelines
from lineage.evidence.job_runs import join_runs
from lineage.evidence.openlineage_event import (
    DatasetLineage,
    DatasetName,
    Event,
    FieldLineage,
    JobName,
    Unread,
)
from lineage.model.edges import Edge, Evidence
from lineage.model.entities import Entity
from lineage.model.reference import Reference
from lineage.model.snapshot import Snapshot

A, B, C = (DatasetName("n", name) for name in "abc")
JOB, OTHER, THIRD = (JobName("n", name) for name in ("job", "other", "third"))


def event(state: str = "", *, hour: int | None = 0, **more: object) -> Event:
    facts: dict[str, object] = {"place": "f, line 1", "file": "f", "run": "1", "job": JOB}
    time = None if hour is None else datetime(2026, 1, 1, hour, tzinfo=UTC)
    return Event(**{**facts, "state": state, "time": time, **more})  # type: ignore[arg-type]


def output(dataset: DatasetName = B, **more: object) -> DatasetLineage:
    return DatasetLineage(dataset=dataset, **{"is_output": True, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("states", "finished", "failed"),
    [
        ([("START", 0)], False, False),
        ([("START", 0), ("COMPLETE", 1)], True, False),
        ([("START", 0), ("FAIL", 1)], False, True),
        ([("START", 0), ("ABORT", 1)], False, True),
        ([("FAIL", 1), ("COMPLETE", 2)], True, False),
        ([("COMPLETE", 1), ("FAIL", 2)], False, True),
        ([("COMPLETE", 1), ("FAIL", 1)], False, False),
        ([("COMPLETE", None), ("FAIL", 1)], False, False),
        ([("COMPLETE", None)], True, False),
        ([("FAIL", 1), ("OTHER", 2)], False, True),
        ([("", 0)], False, False),
    ],
)
def test_a_run_ends_as_its_last_event_says(
    states: list[tuple[str, int | None]], *, finished: bool, failed: bool
) -> None:
    events = [event(state, hour=hour) for state, hour in states]
    for order in permutations(events):
        (run,) = join_runs(order)
        assert (run.is_finished, run.has_failed) == (finished, failed)


@pytest.mark.parametrize(
    ("states", "finished"),
    [(["START"], False), (["START", "RUNNING"], True), (["RUNNING", "FAIL"], True)],
)
def test_a_stream_is_whole_as_long_as_it_runs(states: list[str], *, finished: bool) -> None:
    events = [event(state, hour=hour, is_continuous=hour == 0) for hour, state in enumerate(states)]
    (run,) = join_runs(events)
    assert (run.is_finished, run.has_failed) == (finished, False)


def test_what_events_of_a_run_report_adds_up() -> None:
    one, two = FieldLineage("x", A, "p"), FieldLineage("y", A, "q")
    start = event(
        "START",
        inputs=frozenset({A}),
        lineage=(output(fields=frozenset({one}), described=frozenset("x")),),
    )
    end = event(
        "COMPLETE",
        hour=1,
        inputs=frozenset({C}),
        lineage=(output(fields=frozenset({two}), described=frozenset("y")),),
    )
    (run,) = join_runs([end, start])
    (found,) = run.lineage
    assert found.fields == {one, two}
    assert found.described == {"x", "y"}
    assert found.inputs == {A, C}


def test_runs_that_report_the_same_are_one_with_all_their_files() -> None:
    found = [event("COMPLETE", run=str(number), file=f"{number % 2}") for number in range(9)]
    (run,) = join_runs(found)
    assert run.files == {"0", "1"}


def test_events_of_jobs_and_datasets_stand_for_themselves() -> None:
    one, two = (
        event(run="", is_of_run=False, place=place, inputs=frozenset({A}), lineage=(output(),))
        for place in "12"
    )
    (run,) = join_runs([one, two])
    assert run.is_finished


def test_what_was_not_understood_keeps_its_place() -> None:
    (run,) = join_runs([event(unread=frozenset({Unread(B, "x")}))])
    assert run.unread == {Unread(B, "f, line 1: x")}


def test_explicit_inputs_stand_in_for_those_of_the_event_once_it_is_complete() -> None:
    explicit = output(is_explicit=True, inputs=frozenset({C}))
    for state, fed in (("COMPLETE", {C}), ("START", {A, C})):
        (run,) = join_runs([event(state, inputs=frozenset({A}), lineage=(explicit,))])
        assert run.lineage[0].inputs == fed


def test_data_goes_from_job_to_job_in_circles_too() -> None:
    fed = output(jobs=frozenset({OTHER}), is_output=False)
    events = [
        event(run="1", job=JOB, lineage=(fed,)),
        event(run="2", job=OTHER, inputs=frozenset({A}), job_links=frozenset({(OTHER, THIRD)})),
        event(
            run="3",
            job=JOB,
            job_links=frozenset({(THIRD, OTHER)}),
            job_inputs=frozenset({(THIRD, C)}),
        ),
    ]
    runs = join_runs(events)
    (found,) = [item for run in runs for item in run.lineage]
    assert found.inputs == {A, C}
    assert not any(run.unknown_jobs for run in runs)


def test_a_job_of_which_nothing_is_reported_is_named() -> None:
    fed = output(jobs=frozenset({OTHER}), is_output=False)
    (run,) = join_runs([event(lineage=(fed,), job_links=frozenset({(OTHER, THIRD)}))])
    assert run.unknown_jobs == {(B, THIRD)}
    (run,) = join_runs([event(lineage=(output(),), job_links=frozenset({(JOB, THIRD)}))])
    assert run.unknown_jobs == {(B, THIRD)}


def test_a_job_that_failed_is_no_source_of_another() -> None:
    fed = output(jobs=frozenset({OTHER}), is_output=False)
    failed = event("FAIL", run="2", job=OTHER, inputs=frozenset({A}))
    found = [run for run in join_runs([event(lineage=(fed,)), failed]) if run.job == JOB]
    assert found[0].unknown_jobs == {(B, OTHER)}


@pytest.mark.parametrize(
    ("pipelines", "jobs", "found"),
    [
        (["a.job"], [JOB], ["a.job"]),
        (["a.n-job"], [JOB], ["a.n-job"]),
        (['a."n.job"'], [JOB], ['a."n.job"']),
        (["a.job", "b.job"], [JOB], []),
        (["a.job", "a.n-job"], [JOB], []),
        (["a.job"], [JOB, JobName("m", "job")], []),
        (["a.nightly"], [JobName("n", "nightly.load")], []),
        (["a.n-"], [JobName("n", "")], []),
    ],
)
def test_a_pipeline_is_a_job_where_that_is_certain(
    pipelines: list[str], jobs: list[JobName], found: list[str]
) -> None:
    first, *others = (Reference("pipeline", fqn) for fqn in pipelines)
    one, other = Reference("table", "a"), Reference("table", "b")
    edge = Edge(upstream=one, downstream=other, evidence=Evidence(pipeline=first))
    entities = tuple(Entity(reference=reference) for reference in others)
    answer = find_pipelines(Snapshot(entities=entities, edges=(edge,)), jobs)
    assert [pipeline.fqn for pipeline in answer.values()] == found
