import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest

from lineage.errors import BrokenFile
from lineage.evidence.openlineage import DatasetName, FieldLineage, read_events
from lineage.model.edges import Influence

A, B = DatasetName("db", "s.a"), DatasetName("db", "s.b")


def step(subtype: str, kind: str = "INDIRECT", **more: Any) -> dict[str, Any]:
    return {"type": kind, "subtype": subtype, **more}


def source(field: str, *steps: dict[str, Any]) -> dict[str, Any]:
    told = {"transformations": list(steps)} if steps else {}
    return {"namespace": "db", "name": "s.a", "field": field, **told}


def event(fields: dict[str, Any], **facet: Any) -> dict[str, Any]:
    spelled = {
        name: {"inputFields": told} if isinstance(told, list) else told
        for name, told in fields.items()
    }
    facets = {"columnLineage": {"fields": spelled, **facet}}
    output = {"namespace": "db", "name": "s.b", "facets": facets}
    return {"run": {"runId": "1"}, "job": {"namespace": "j", "name": "n"}, "outputs": [output]}


def fields_of(tmp_path: Path, *events: dict[str, Any]) -> tuple[FieldLineage, ...]:
    path = tmp_path / "events.json"
    path.write_text(json.dumps(list(events)))
    return read_events(path).fields


def test_a_direct_field_gives_its_value_and_an_indirect_one_influences(tmp_path: Path) -> None:
    told = event({"x": [source("p", step("IDENTITY", "DIRECT")), source("q", step("JOIN"))]})
    assert fields_of(tmp_path, told) == (
        FieldLineage(B, "x", A, "p"),
        FieldLineage(B, "x", A, "q", Influence.JOIN),
    )


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
    (told,) = fields_of(tmp_path, event({"x": [source("p", step(subtype))]}))
    assert told.influence == influence


def test_what_influences_every_field_decides_the_rows_and_is_told_once(tmp_path: Path) -> None:
    value, join = step("IDENTITY", "DIRECT"), step("JOIN")
    told = event({name: [source(name, value), source("k", join)] for name in ("x", "y", "z")})
    found = fields_of(tmp_path, told)
    assert [item for item in found if item.influence] == [
        FieldLineage(B, "", A, "k", Influence.JOIN)
    ]
    assert len(found) == 4


def test_what_influences_some_fields_stays_with_them(tmp_path: Path) -> None:
    value, join = step("IDENTITY", "DIRECT"), step("CONDITIONAL")
    told = event({"x": [source("k", join)], "y": [source("q", value)]})
    assert FieldLineage(B, "x", A, "k", Influence.CONDITION) in fields_of(tmp_path, told)


def test_the_dataset_list_decides_the_rows(tmp_path: Path) -> None:
    told = event({}, dataset=[source("k", step("FILTER")), source("q")])
    assert fields_of(tmp_path, told) == (
        FieldLineage(B, "", A, "k", Influence.FILTER),
        FieldLineage(B, "", A, "q", Influence.UNSPECIFIED),
    )


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
def test_a_value_is_masked_where_every_way_says_so(
    tmp_path: Path, flags: list[bool | None], *, masking: bool | None
) -> None:
    steps = [step("TRANSFORMATION", "DIRECT", masking=flag) for flag in flags]
    (told,) = fields_of(tmp_path, event({"x": [source("p", *steps)]}))
    assert told.masking is masking


def test_facets_of_the_first_versions_are_read(tmp_path: Path) -> None:
    old = {"inputFields": [source("p")], "transformationType": "MASKED"}
    plain = {"inputFields": [source("q")], "transformationType": "IDENTITY"}
    assert fields_of(tmp_path, event({"x": old, "y": plain})) == (
        FieldLineage(B, "x", A, "p", None, masking=True),
        FieldLineage(B, "y", A, "q"),
    )


def test_a_type_that_nobody_knows_is_taken_for_a_value(tmp_path: Path) -> None:
    (told,) = fields_of(tmp_path, event({"x": [source("p", step("?", "SIDEWAYS"))]}))
    assert told == FieldLineage(B, "x", A, "p")


def test_what_is_done_to_a_value_is_told(tmp_path: Path) -> None:
    steps = step("TRANSFORMATION", "DIRECT", description="sha256(p)", masking=True)
    (told,) = fields_of(tmp_path, event({"x": [source("p", steps)]}))
    assert told.function == "sha256(p)"


def test_events_may_stand_alone_in_a_list_or_one_a_line_packed_or_not(tmp_path: Path) -> None:
    events = [event({name: [source(name)]}) for name in "xyz"]
    spellings = {
        "list.json": json.dumps(events).encode(),
        "lines.jsonl": "\n".join(map(json.dumps, events)).encode(),
        "pretty.json": "\n\n".join(json.dumps(item, indent=2) for item in events).encode(),
        "lines.jsonl.gz": gzip.compress("\n".join(map(json.dumps, events)).encode()),
        "bom.json": b"\xef\xbb\xbf" + json.dumps(events).encode(),
    }
    found = set()
    for name, content in spellings.items():
        (tmp_path / name).write_bytes(content)
        found.add(read_events(tmp_path / name).fields)
    assert len(found) == 1


def test_a_run_told_again_tells_nothing_new(tmp_path: Path) -> None:
    told = event({"x": [source("p")]})
    assert len(fields_of(tmp_path, told, told)) == 1


def test_dataset_events_and_other_names_are_read(tmp_path: Path) -> None:
    path = tmp_path / "event.json"
    dataset = event({"x": [source("p")]})["outputs"][0]
    dataset["facets"]["symlinks"] = {"identifiers": [{"namespace": "hive", "name": "w.b"}]}
    path.write_text(json.dumps({"dataset": dataset}))
    told = read_events(path)
    assert told.aliases == ((B, DatasetName("hive", "w.b")),)
    assert told.described == {(B, "x")}


def test_an_event_that_is_not_understood_is_left_out_and_named(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    broken = event({"x": {"inputFields": "nothing"}})
    path.write_text(f"{json.dumps(event({'x': [source('p')]}))}\n{json.dumps(broken)}\n")
    told = read_events(path)
    assert len(told.fields) == 1
    (finding,) = told.findings
    assert finding.subject.endswith("events.jsonl, line 2")
    assert "inputFields" in finding.reason


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'{"run": {}}\n{"run"', "line 2: is no JSON"),
        (b'{"run": {}}\n{"table": 1}', "line 2: is JSON, but no OpenLineage event"),
        (b"[1]", "line 1: is JSON, but no OpenLineage event"),
        (b"[" * 100_000, "nested too deeply"),
        (b"\xff\xfe", "is no text"),
        (b"\x1f\x8bnothing", "cannot be unpacked"),
    ],
)
def test_a_file_that_holds_no_events_is_refused_with_its_line(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    path = tmp_path / "events.json"
    path.write_bytes(content)
    with pytest.raises(BrokenFile, match=re.escape(reason)):
        read_events(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BrokenFile, match="cannot be read"):
        read_events(tmp_path / "nowhere.json")


def test_the_examples_of_the_specification_are_read(real_data: Path, tmp_path: Path) -> None:
    examples = real_data / "openlineage-spec" / "tests" / "ColumnLineageDatasetFacet"
    first, second = (json.loads((examples / name).read_text()) for name in ("1.json", "2.json"))
    found = {}
    for name, facets in (("first", first), ("second", second)):
        output = {"namespace": "n", "name": "out", "facets": facets}
        (tmp_path / name).write_text(json.dumps({"run": {}, "outputs": [output]}))
        told = read_events(tmp_path / name)
        assert not told.findings
        found[name] = told.fields
    rows = {(item.input_field, item.influence) for item in found["first"] if item.influence}
    assert rows == {("ID", Influence.JOIN), ("CUSTOMERS_ID", Influence.JOIN)}
    assert {item.output_field for item in found["first"] if item.influence} == {""}
    rows = {(item.input_field, item.influence) for item in found["second"] if item.influence}
    assert rows == {
        ("last_name", Influence.SORT),
        ("first_name", Influence.SORT),
        ("age", Influence.FILTER),
    }


def test_the_events_of_marquez_are_read(real_data: Path) -> None:
    seed = real_data / "marquez-seed"
    told = read_events(seed / "metadata.template.json")
    assert not told.findings
    assert len(told.fields) == 39
    assert {item.influence for item in told.fields} == {None}
    for path in sorted((seed / "open_lineage").glob("event_*.json")):
        assert not read_events(path).findings
