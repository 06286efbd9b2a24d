import json
from pathlib import Path
from typing import Any

import pytest

from lineage.evidence.openlineage import read_events
from lineage.evidence.openlineage_event import (
    UNNAMED_JOB,
    DatasetLineage,
    DatasetName,
    Event,
    FieldLineage,
    JobName,
    SqlText,
)
from lineage.model.edges import Influence

A, B = DatasetName("db", "s.a"), DatasetName("db", "s.b")


def step(subtype: str, kind: str = "INDIRECT", **more: Any) -> dict[str, Any]:
    return {"type": kind, "subtype": subtype, **more}


def source(field: str, *steps: dict[str, Any]) -> dict[str, Any]:
    more = {"transformations": list(steps)} if steps else {}
    return {"namespace": "db", "name": "s.a", "field": field, **more}


def event(fields: dict[str, Any], **facet: Any) -> dict[str, Any]:
    spelled = {
        name: {"inputFields": item} if isinstance(item, list) else item
        for name, item in fields.items()
    }
    return with_facets(columnLineage={"fields": spelled, **facet})


def with_facets(**facets: Any) -> dict[str, Any]:
    output = {"namespace": "db", "name": "s.b", "facets": facets}
    return {"run": {"runId": "1"}, "job": {"namespace": "j", "name": "n"}, "outputs": [output]}


def read(folder: Path, content: dict[str, Any]) -> Event:
    path = folder / "events.json"
    path.write_text(json.dumps(content))
    (found,) = read_events(path)
    return found


def lineage(folder: Path, content: dict[str, Any]) -> DatasetLineage:
    (found,) = read(folder, content).lineage
    return found


def test_a_direct_field_gives_its_value_and_an_indirect_one_influences(tmp_path: Path) -> None:
    fields = {"x": [source("p", step("IDENTITY", "DIRECT")), source("q", step("JOIN"))]}
    found = lineage(tmp_path, event(fields))
    assert found.fields == {
        FieldLineage("x", A, "p"),
        FieldLineage("x", A, "q", Influence.JOIN),
    }
    assert (found.dataset, found.is_output) == (B, True)
    assert found.described == {"x"}


@pytest.mark.parametrize(
    ("subtype", "influence"),
    [
        ("JOIN", "join"),
        ("GROUP_BY", "group-by"),
        ("FILTER", "filter"),
        ("SORT", "sort"),
        ("WINDOW", "window"),
        ("CONDITIONAL", "condition"),
        ("SOMETHING_NEW", "unspecified"),
    ],
)
def test_every_subtype_has_its_influence(tmp_path: Path, subtype: str, influence: str) -> None:
    (found,) = lineage(tmp_path, event({"x": [source("p", step(subtype))]})).fields
    assert found.influence == influence


def test_what_influences_every_field_is_one_influence_on_the_rows(tmp_path: Path) -> None:
    value, join = step("IDENTITY", "DIRECT"), step("JOIN")
    fields = {name: [source(name, value), source("k", join)] for name in ("x", "y", "z")}
    found = lineage(tmp_path, event(fields)).fields
    assert {item for item in found if item.influence} == {FieldLineage("", A, "k", Influence.JOIN)}
    assert len(found) == 4


def test_what_influences_some_fields_stays_with_them(tmp_path: Path) -> None:
    value, condition = step("IDENTITY", "DIRECT"), step("CONDITIONAL")
    fields = {"x": [source("k", condition)], "y": [source("q", value)]}
    found = lineage(tmp_path, event(fields)).fields
    assert FieldLineage("x", A, "k", Influence.CONDITION) in found


def test_the_dataset_list_decides_the_rows(tmp_path: Path) -> None:
    found = lineage(tmp_path, event({}, dataset=[source("k", step("FILTER")), source("q")]))
    assert found.fields == {
        FieldLineage("", A, "k", Influence.FILTER),
        FieldLineage("", A, "q", Influence.UNSPECIFIED),
    }


def test_a_value_in_the_dataset_list_may_go_to_any_field(tmp_path: Path) -> None:
    found = lineage(tmp_path, event({}, dataset=[source("k", step("IDENTITY", "DIRECT"))]))
    assert found.inputs == {A}


@pytest.mark.parametrize(
    ("facet", "reports"),
    [
        (event({"x": [source("p", step("IDENTITY", "DIRECT"))]}), False),
        (event({"x": [source("p")]}), False),
        (event({"x": [source("p", step("JOIN"))]}), True),
        (event({"x": [source("p")]}, dataset=[]), True),
        (event({"x": [source("p")]}, dataset=None), False),
    ],
    ids=["values alone", "no transformations", "an influence", "an empty list", "no list"],
)
def test_influences_are_reported_where_one_is_or_a_list_of_them(
    tmp_path: Path, facet: dict[str, Any], *, reports: bool
) -> None:
    assert lineage(tmp_path, facet).reports_influences is reports


@pytest.mark.parametrize(
    ("flags", "masking"),
    [
        ([True], True),
        ([False], False),
        ([None], None),
        ([True, False], False),
        ([True, None], None),
    ],
)
def test_a_value_is_masked_where_every_step_says_so(
    tmp_path: Path, flags: list[bool | None], *, masking: bool | None
) -> None:
    steps = [step("TRANSFORMATION", "DIRECT", masking=flag) for flag in flags]
    (found,) = lineage(tmp_path, event({"x": [source("p", *steps)]})).fields
    assert found.masking is masking


def test_facets_of_the_first_versions_are_read(tmp_path: Path) -> None:
    old = {"inputFields": [source("p")], "transformationType": "MASKED"}
    plain = {"inputFields": [source("q")], "transformationType": "IDENTITY"}
    assert lineage(tmp_path, event({"x": old, "y": plain})).fields == {
        FieldLineage("x", A, "p", None, masking=True),
        FieldLineage("y", A, "q"),
    }


def test_a_type_that_nobody_knows_is_taken_for_a_value(tmp_path: Path) -> None:
    (found,) = lineage(tmp_path, event({"x": [source("p", step("?", "SIDEWAYS"))]})).fields
    assert found == FieldLineage("x", A, "p")


def test_what_is_done_to_a_value_is_its_function(tmp_path: Path) -> None:
    steps = step("TRANSFORMATION", "DIRECT", description="sha256(p)", masking=True)
    (found,) = lineage(tmp_path, event({"x": [source("p", steps)]})).fields
    assert found.function == "sha256(p)"


def test_a_run_event_has_a_state_a_time_a_job_and_its_sql(tmp_path: Path) -> None:
    sql = {"query": "select 1", "dialect": "snowflake"}
    stream = {"processingType": "streaming"}
    job = {"namespace": "j", "name": "n", "facets": {"sql": sql, "jobType": stream}}
    content = {"eventType": "complete", "eventTime": "2026-01-01T00:00:00+02:00", "job": job}
    found = read(
        tmp_path,
        {**content, "run": {"runId": "7"}, "inputs": [dict(zip(A._fields, A, strict=True))]},
    )
    assert (found.state, found.run, found.job) == ("COMPLETE", "7", JobName("j", "n"))
    assert found.time is not None
    assert found.time.isoformat() == "2026-01-01T00:00:00+02:00"
    assert found.sql == {SqlText("select 1", "snowflake")}
    assert found.inputs == {A}
    assert found.is_continuous


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-01-01T00:00:00.123456789Z", "2026-01-01T00:00:00.123456+00:00"),
        ("2026-01-01T00:00:00", "2026-01-01T00:00:00+00:00"),
        ("{{RUN_START_TIME}}", None),
        (5, None),
        (None, None),
    ],
)
def test_a_time_is_read_where_it_is_one(tmp_path: Path, text: Any, time: str | None) -> None:
    found = read(tmp_path, {"job": {}, "eventTime": text}).time
    assert (found and found.isoformat()) == time


def test_a_job_without_names_is_called_so(tmp_path: Path) -> None:
    found = read(tmp_path, {"job": {}})
    assert found.job == UNNAMED_JOB
    assert str(found.job) == "a job without a name"


def test_a_dataset_event_and_other_names_are_read(tmp_path: Path) -> None:
    dataset = event({"x": [source("p")]})["outputs"][0]
    dataset["facets"]["symlinks"] = {"identifiers": [{"namespace": "hive", "name": "w.b"}]}
    found = read(tmp_path, {"dataset": dataset})
    assert found.aliases == {(B, DatasetName("hive", "w.b"))}
    (item,) = found.lineage
    assert item.described == {"x"}
    assert not item.is_output


@pytest.mark.parametrize("name", ["columnLineage", "lineage", "symlinks"])
def test_a_deleted_facet_is_none(tmp_path: Path, name: str) -> None:
    found = read(tmp_path, with_facets(**{name: {"_deleted": True, "fields": 5}}))
    assert not found.unread
    assert found.lineage == (DatasetLineage(dataset=B, is_output=True),)


NOT_AN_OBJECT: dict[str, Any] = {"run": {}, "outputs": []}


@pytest.mark.parametrize(
    ("content", "dataset", "reason"),
    [
        (with_facets(columnLineage=5), B, "columnLineage.fields should be an object"),
        (with_facets(columnLineage={"fields": []}), B, "columnLineage.fields should be an object"),
        (event({"x": 5}), B, "columnLineage.fields.x.inputFields should be a list"),
        (event({"": []}), B, "columnLineage.fields..inputFields should be a list"),
        (event({"x": [5]}), B, "columnLineage.fields.x.inputFields: it: Input should be"),
        (event({"x": [source("")]}), B, "columnLineage.fields.x.inputFields: field: is missing"),
        (event({}, dataset=5), B, "columnLineage.dataset should be a list"),
        (event({}, dataset=[{}]), B, "columnLineage.dataset: namespace: Field required"),
        (
            event({"x": [{**source("p"), "transformations": 5}]}),
            B,
            "columnLineage.fields.x.inputFields.transformations should be a list",
        ),
        (
            event({"x": [source("p", {})]}),
            B,
            "columnLineage.fields.x.inputFields.transformations: type: Field required",
        ),
        (with_facets(lineage=5), B, "lineage should be an object"),
        (with_facets(lineage={"fields": 5}), B, "lineage.fields should be an object"),
        (with_facets(lineage={"inputs": 5}), B, "lineage.inputs should be a list"),
        (with_facets(lineage={"inputs": [{"type": "JOB", "name": 5}]}), B, "lineage.inputs: name"),
        (with_facets(lineage={"fields": {"x": 5}}), B, "lineage.fields.x.inputs should be a list"),
        (with_facets(symlinks=5), B, "symlinks.identifiers should be a list"),
        (with_facets(symlinks={"identifiers": [5]}), B, "symlinks.identifiers: it: Input should"),
        ({**NOT_AN_OBJECT, "run": 5, "job": {}}, None, "run should be an object"),
        ({**NOT_AN_OBJECT, "job": 5}, None, "job should be an object"),
        ({**NOT_AN_OBJECT, "job": {"name": 5}}, None, "job: name: Input should be"),
        ({**NOT_AN_OBJECT, "run": {"runId": 5}}, None, "run.runId should be a text"),
        ({**NOT_AN_OBJECT, "inputs": 5}, None, "inputs should be a list"),
        ({**NOT_AN_OBJECT, "inputs": [5]}, None, "inputs: it: Input should be"),
        ({**NOT_AN_OBJECT, "outputs": 5}, None, "outputs should be a list"),
        ({**NOT_AN_OBJECT, "outputs": [{"name": "x"}]}, None, "outputs: namespace: Field required"),
        ({"dataset": {}}, None, "dataset: namespace: Field required"),
        ({"job": {"facets": 5}}, None, "job.facets should be an object"),
        ({"job": {"facets": {"sql": {}}}}, None, "job.facets.sql.query should be a text"),
        (
            {"job": {"facets": {"lineage": {}}}},
            None,
            "job.facets.lineage.entries should be a list",
        ),
        (
            {"job": {"facets": {"lineage": {"entries": [{"name": "x"}]}}}},
            None,
            "job.facets.lineage.entries: namespace: Field required",
        ),
        (
            {"job": {"facets": {"lineage": {"entries": [{"type": "JOB", "inputs": [5]}]}}}},
            None,
            "job.facets.lineage.entries.inputs: it: Input should be",
        ),
    ],
)
def test_what_is_not_understood_is_named_with_its_place(
    tmp_path: Path, content: dict[str, Any], dataset: DatasetName | None, reason: str
) -> None:
    found = {(item.dataset, item.reason) for item in read(tmp_path, content).unread}
    assert [place for place, said in found if reason in said] == [dataset]


def test_one_bad_field_leaves_the_others(tmp_path: Path) -> None:
    found = lineage(tmp_path, event({"x": [source("p")], "y": [5], "z": [source("q")]}))
    assert found.described == {"x", "z"}
    assert {item.output_field for item in found.fields} == {"x", "z"}


def test_the_entries_of_a_job_name_datasets_and_jobs(tmp_path: Path) -> None:
    entries = [
        {"namespace": "db", "name": "s.b", "type": "DATASET", "inputs": [{"type": "JOB"}]},
        {"type": "JOB", "inputs": [{"namespace": "db", "name": "s.a", "type": "DATASET"}]},
        {
            "namespace": "j",
            "name": "other",
            "type": "JOB",
            "inputs": [{"namespace": "j", "name": "third", "type": "JOB"}],
        },
    ]
    job = {"namespace": "j", "name": "n", "facets": {"lineage": {"entries": entries}}}
    found = read(tmp_path, {"job": job})
    (item,) = found.lineage
    own = JobName("j", "n")
    assert (item.dataset, item.is_explicit, item.is_output) == (B, True, False)
    assert item.jobs == {own}
    assert found.job_inputs == {(own, A)}
    assert found.job_links == {(JobName("j", "other"), JobName("j", "third"))}


def test_lineage_that_a_run_observed_is_read_too(tmp_path: Path) -> None:
    entry = {
        "namespace": "db",
        "name": "s.b",
        "type": "DATASET",
        "fields": {"x": {"inputs": [source("p")]}},
    }
    run = {"runId": "1", "facets": {"lineage": {"entries": [entry]}}}
    assert lineage(tmp_path, {"run": run, "job": {}}).fields == {FieldLineage("x", A, "p")}


def test_the_examples_of_the_specification_are_read(real_data: Path, tmp_path: Path) -> None:
    found = {}
    for name in ("1.json", "2.json"):
        facets = spec_example(real_data, f"ColumnLineageDatasetFacet/{name}")
        output = {"namespace": "n", "name": "out", "facets": facets}
        event = read(tmp_path, {"run": {}, "outputs": [output]})
        assert not event.unread
        (item,) = event.lineage
        assert item.reports_influences
        found[name] = item.fields
    rows = {(item.input_field, item.influence) for item in found["1.json"] if item.influence}
    assert rows == {("ID", Influence.JOIN), ("CUSTOMERS_ID", Influence.JOIN)}
    assert {item.output_field for item in found["1.json"] if item.influence} == {""}
    rows = {(item.input_field, item.influence) for item in found["2.json"] if item.influence}
    assert rows == {
        ("last_name", Influence.SORT),
        ("first_name", Influence.SORT),
        ("age", Influence.FILTER),
    }


PG = "postgresql://warehouse:5432"
LINEAGE_EXAMPLES = {
    "dataset-to-dataset": "fields customer_id←id; inputs public.customers; explicit",
    "dataset-to-job": "job_inputs daily.load←public.staging_orders",
    "generator": "jobs own; explicit",
    "implicit-job": "job_inputs own←public.transactions",
    "job-to-dataset": "jobs daily.extract; explicit",
    "job-to-job": "job_links daily.load←daily.transform",
    "mixed-sources": "fields customer_segment←customer_id; inputs public.orders; "
    "jobs daily.enrichment; explicit",
}


@pytest.mark.parametrize(("name", "says"), LINEAGE_EXAMPLES.items())
def test_the_examples_of_explicit_lineage_are_read(
    real_data: Path, tmp_path: Path, name: str, says: str
) -> None:
    facets = spec_example(real_data, f"LineageFacet/{name}.json")
    content: dict[str, Any] = {"job": {"namespace": "jobs", "name": "own"}}
    if "entries" in facets["lineage"]:
        content["job"]["facets"] = facets
    else:
        content["dataset"] = {"namespace": PG, "name": "public.out", "facets": facets}
    found = read(tmp_path, content)
    assert not found.unread
    assert summary(found) == says


def summary(found: Event) -> str:
    parts = {
        "fields": [
            f"{one.output_field}←{one.input_field}" for item in found.lineage for one in item.fields
        ],
        "inputs": [one.name for item in found.lineage for one in item.inputs],
        "jobs": [one.name for item in found.lineage for one in item.jobs],
        "job_inputs": [f"{job.name}←{one.name}" for job, one in found.job_inputs],
        "job_links": [f"{job.name}←{one.name}" for job, one in found.job_links],
    }
    said = [f"{name} {', '.join(sorted(items))}" for name, items in parts.items() if items]
    return "; ".join(
        [*said, *(["explicit"] if any(item.is_explicit for item in found.lineage) else [])]
    )


def test_every_other_example_of_a_facet_is_passed_over_unharmed(
    real_data: Path, tmp_path: Path
) -> None:
    folder = real_data / "openlineage-spec" / "tests"
    for path in sorted(folder.glob("*/*.json")):
        facets = json.loads(path.read_text())
        if not {"columnLineage", "lineage"} & set(facets):
            content = with_facets(**facets)
            content["job"]["facets"] = facets
            content["run"]["facets"] = facets
            assert not read(tmp_path, content).unread, path
    (full,) = read_events(folder / "example_full_event.json")
    assert not full.unread


def test_the_events_of_marquez_are_read(real_data: Path) -> None:
    seed = real_data / "marquez-seed"
    events = read_events(seed / "metadata.template.json")
    fields = [item for event in events for found in event.lineage for item in found.fields]
    assert len(events) == 26
    assert len(fields) == 39
    assert {item.influence for item in fields} == {None}
    paths = [*seed.glob("open_lineage/**/*.json"), *seed.glob("apples/*.json")]
    assert len(paths) == 23
    for path in (seed / "metadata.template.json", *paths):
        assert not any(event.unread for event in read_events(path)), path


def spec_example(real_data: Path, name: str) -> dict[str, Any]:
    path = real_data / "openlineage-spec" / "tests" / name
    found: dict[str, Any] = json.loads(path.read_text())
    return found
