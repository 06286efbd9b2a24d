import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest

from lineage.errors import BrokenFile
from lineage.evidence.event_files import holds_events, read_raw_events


def event(name: str) -> dict[str, Any]:
    return {"eventType": "COMPLETE", "run": {"runId": "1"}, "job": {"namespace": "n", "name": name}}


EVENTS = [event(name) for name in "xyz"]
LINES = "\n".join(map(json.dumps, EVENTS))

SPELLINGS = {
    "a list": json.dumps(EVENTS).encode(),
    "one a line": LINES.encode(),
    "several a line": " ".join(map(json.dumps, EVENTS)).encode(),
    "nothing between": "".join(map(json.dumps, EVENTS)).encode(),
    "printed nicely": "\n\n".join(json.dumps(item, indent=2) for item in EVENTS).encode(),
    "packed": gzip.compress(LINES.encode()),
    "packed in two": gzip.compress(json.dumps(EVENTS[0]).encode())
    + gzip.compress(json.dumps(EVENTS[1:]).encode()),
    "with a mark in front": b"\xef\xbb\xbf" + json.dumps(EVENTS).encode(),
    "with a mark on every line": "\n".join(f"\ufeff{json.dumps(item)}" for item in EVENTS).encode(),
    "a JSON text sequence": "".join(f"\x1e{json.dumps(item)}\n" for item in EVENTS).encode(),
    "a server's answer": json.dumps({"events": EVENTS, "totalCount": 3}).encode(),
    "a batch and its rest": json.dumps([{"events": EVENTS[:2]}, EVENTS[2]]).encode(),
    "a message of a broker": "\n".join(
        json.dumps({"topic": "t", "value": item, "tags": []}) for item in EVENTS
    ).encode(),
    "a message as text": "\n".join(
        json.dumps({"value": json.dumps(item)}) for item in EVENTS
    ).encode(),
    "rows of a database": json.dumps([{"event": item, "job": None} for item in EVENTS]).encode(),
    "something around something": json.dumps({"data": {"batch": {"items": EVENTS}}}).encode(),
}


@pytest.mark.parametrize("content", SPELLINGS.values(), ids=SPELLINGS)
def test_events_are_found_in_whatever_is_around_them(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "events"
    path.write_bytes(content)
    assert [item.content for item in read_raw_events(path)] == EVENTS


@pytest.mark.parametrize("content", [b"", b"\n", b"[]", b'{"events": []}'])
def test_a_file_may_hold_no_event(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "events.json"
    path.write_bytes(content)
    assert list(read_raw_events(path)) == []


def test_each_event_has_its_place(tmp_path: Path) -> None:
    path = tmp_path / "events.json"
    path.write_text(f"{json.dumps(EVENTS[0])}\n\n{json.dumps(EVENTS[1:])}")
    places = [item.place for item in read_raw_events(path)]
    assert places == [f"{path}, line 1", f"{path}, line 3, event 1", f"{path}, line 3, event 2"]


def test_half_a_character_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "events.json"
    path.write_text('{"job": {"namespace": "n", "name": "\\ud800x"}}')
    (found,) = read_raw_events(path)
    assert found.content["job"]["name"] == "?x"


@pytest.mark.parametrize("content", ['{"run": 5}', '{"job": "x"}', '{"eventType": "START"}'])
def test_an_event_that_is_spelled_amiss_is_one_all_the_same(tmp_path: Path, content: str) -> None:
    path = tmp_path / "events.json"
    path.write_text(content)
    assert [item.content for item in read_raw_events(path)] == [json.loads(content)]


SOMETHING_ELSE = "is JSON, but holds something else than OpenLineage events"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'{"run": {}}\n{"run"', "line 2: is no JSON"),
        (b'{"run": {}}\n{"table": 1}', f"line 2: {SOMETHING_ELSE}"),
        (b"[1]", f"line 1: {SOMETHING_ELSE}"),
        (b"{}", f"line 1: {SOMETHING_ELSE}"),
        (b'{"events": [{"run": {}}, {"table": 1}]}', f"line 1: {SOMETHING_ELSE}"),
        (b'{"events": null}', f"line 1: {SOMETHING_ELSE}"),
        (b'{"value": "{\\"run\\""}', f"line 1: {SOMETHING_ELSE}"),
        (b'"text"', f"line 1: {SOMETHING_ELSE}"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"run": ' + b"9" * 5_000 + b"}", "cannot be read"),
        (b"\xff\xfe", "is no text"),
        (b"\x1f\x8bnothing", "cannot be unpacked"),
    ],
)
def test_a_file_that_holds_something_else_is_refused_with_its_line(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    path = tmp_path / "events.json"
    path.write_bytes(content)
    with pytest.raises(BrokenFile, match=re.escape(reason)):
        list(read_raw_events(path))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BrokenFile, match="cannot be read"):
        list(read_raw_events(tmp_path / "nowhere.json"))


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        (json.dumps(EVENTS), True),
        (json.dumps({"events": EVENTS}), True),
        ('[{"run": {}}, 5]', True),
        ('{"models": []}', False),
        ("{", False),
        ("[" * 100_000, False),
    ],
)
def test_a_text_is_known_for_events_by_what_it_begins_with(text: str, *, holds: bool) -> None:
    assert holds_events(text) is holds
