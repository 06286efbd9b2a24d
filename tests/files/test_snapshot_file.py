import gzip
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lineage.errors import BrokenFile
from lineage.files.snapshot_file import read_snapshot, write_snapshot
from lineage.model.entities import Dashboard, HyperParameter, MlModel, Pipeline, Task
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap, GapKind, Snapshot
from tests.builders import edge, model, snapshot_of, table
from tests.strategies import snapshots

SAMPLE = snapshot_of(
    table("a", "x:PII.Sensitive"),
    table('dim."api/client"\n😀'),
    model("m", f="a.x"),
    MlModel(
        reference=Reference("mlmodel", "m2"),
        hyper_parameters=(HyperParameter(name="depth", value="3"),),
        dashboard=Reference("dashboard", "bi.m2"),
    ),
    Pipeline(reference=Reference("pipeline", "p"), tasks=(Task(name="t", downstream=("u",)),)),
    Dashboard(reference=Reference("dashboard", "d"), charts=(Reference("chart", "c"),)),
    edge("a>m", "x>f:md5(x)", pipeline=Reference("pipeline", "p"), created_at=1),
    Gap(GapKind.EDGES_NOT_READ, None, "a page failed"),
)


@pytest.mark.parametrize("name", ["s.json", "s.json.gz"])
def test_what_is_written_is_read_again(tmp_path: Path, name: str) -> None:
    write_snapshot(SAMPLE, tmp_path / name)
    assert read_snapshot(tmp_path / name) == SAMPLE


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(snapshots())
def test_any_snapshot_survives_a_file(tmp_path: Path, snapshot: Snapshot) -> None:
    write_snapshot(snapshot, tmp_path / "s.json")
    assert read_snapshot(tmp_path / "s.json") == snapshot


def test_the_same_snapshot_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.json.gz", "b.json.gz"):
        write_snapshot(SAMPLE, tmp_path / name)
    assert (tmp_path / "a.json.gz").read_bytes() == (tmp_path / "b.json.gz").read_bytes()


def test_each_item_stands_on_a_line_of_its_own(tmp_path: Path) -> None:
    write_snapshot(SAMPLE, tmp_path / "s.json")
    lines = (tmp_path / "s.json").read_text().splitlines()
    assert sum('"reference":' in line for line in lines) == len(SAMPLE.entities)


@pytest.mark.parametrize("indent", [None, 0, 2])
def test_a_file_that_was_laid_out_anew_is_read_all_the_same(
    tmp_path: Path, indent: int | None
) -> None:
    path = tmp_path / "s.json"
    path.write_text(json.dumps(json.loads(written(tmp_path)), indent=indent), encoding="utf-8")
    assert read_snapshot(path) == SAMPLE


def test_a_line_that_belongs_to_no_list_is_refused(tmp_path: Path) -> None:
    text = written(tmp_path).replace("],\n", "],\n{},\n", 1)
    assert "is no JSON" in broken_line(tmp_path, text)[1]


def test_a_failed_write_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "s.json"
    target.mkdir()
    with pytest.raises(BrokenFile, match="is a folder, where a file is to be written"):
        write_snapshot(SAMPLE, target)
    assert target.is_dir()
    assert list(tmp_path.iterdir()) == [target]


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BrokenFile, match="No such file"):
        write_snapshot(SAMPLE, tmp_path / "no" / "s.json")


def broken_line(tmp_path: Path, text: str) -> tuple[int | None, str]:
    path = tmp_path / "broken.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BrokenFile) as caught:
        read_snapshot(path)
    assert str(path) in str(caught.value)
    return caught.value.line, str(caught.value)


def first_broken_line(text: str) -> int | None:
    """Tell where a text stops being JSON; None where it is."""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return error.lineno
    return None


def written(tmp_path: Path) -> str:
    write_snapshot(SAMPLE, tmp_path / "s.json")
    return (tmp_path / "s.json").read_text(encoding="utf-8")


def test_broken_json_is_refused_with_its_line(tmp_path: Path) -> None:
    text = written(tmp_path)
    cut = text[: text.index('"edges"') + 20]
    line, message = broken_line(tmp_path, cut)
    assert line == cut.count("\n") + 1
    assert "is no JSON" in message


@pytest.mark.parametrize(
    ("found", "instead"),
    [
        ("},\n", "}\n"),  # no comma between two items
        ("}\n]", "},\n]"),  # one too many after the last
        ("},\n", "},,\n"),
        ("[\n", "[\n,\n"),
        ("[],\n", "[]\n"),  # none after what stands before the lists
        ("}\n],\n", "}\n]\n"),  # none between two lists
        ("}\n],\n", "}\n],\n],\n"),
        ("]}\n", "],\n"),  # the end is missing
        ("]}\n", "]}\n]}\n"),
        ("}\n],\n", "}\n]}\n"),  # an end amid the lists
    ],
)
def test_commas_and_brackets_that_make_no_json_are_refused_with_their_line(
    tmp_path: Path, found: str, instead: str
) -> None:
    text = written(tmp_path)
    broken = text.replace(found, instead, 1)
    assert broken != text
    line = first_broken_line(broken)
    assert line is not None
    assert broken_line(tmp_path, broken)[0] == line


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(snapshots(), st.data())
def test_a_file_with_a_character_less_or_more_is_read_only_if_it_is_json(
    tmp_path: Path, snapshot: Snapshot, data: st.DataObject
) -> None:
    write_snapshot(snapshot, tmp_path / "s.json")
    text = (tmp_path / "s.json").read_text(encoding="utf-8")
    places = [place for place, one in enumerate(text) if one in "[]{},\n"]
    place = data.draw(st.sampled_from(places))
    more = data.draw(st.sampled_from(["", "", ",", "]", "\n", "{}"]))
    broken = text[:place] + more + text[place + (not more) :]
    line = first_broken_line(broken)
    if line is not None:
        assert broken_line(tmp_path, broken)[0] == line


def test_a_broken_item_is_refused_with_its_line_and_place(tmp_path: Path) -> None:
    text = written(tmp_path).replace('"upstream":["table","a"]', '"upstream":"a"')
    line, message = broken_line(tmp_path, text)
    assert line == next(n for n, row in enumerate(text.splitlines(), 1) if '"upstream":"a"' in row)
    assert "edges.0.upstream" in message


def test_a_broken_head_is_refused(tmp_path: Path) -> None:
    line, message = broken_line(tmp_path, written(tmp_path).replace('"server": ', '"sever": '))
    assert line == 1
    assert "server" in message


@pytest.mark.parametrize("text", ["[]", "{}", '{"format": "something else"}', "42"])
def test_foreign_json_is_refused(tmp_path: Path, text: str) -> None:
    assert "no snapshot" in broken_line(tmp_path, text)[1]


def test_an_unknown_version_is_refused(tmp_path: Path) -> None:
    text = json.dumps({"format": "lineage-snapshot", "version": 99})
    assert "version 99" in broken_line(tmp_path, text)[1]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("s.json.gz", gzip.compress(b"{}", mtime=0)[:-9], "cut off or damaged"),
        ("s.json.gz", b"plain", "Not a gzipped file"),
        ("s.json", b"\xff\xfe\x00", "is no text"),
    ],
)
def test_bytes_that_are_no_snapshot_are_refused(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BrokenFile, match=reason):
        read_snapshot(tmp_path / name)


def test_a_folder_that_holds_no_snapshot_is_named_as_such(tmp_path: Path) -> None:
    write_snapshot(SAMPLE, tmp_path / "s.json")
    with pytest.raises(BrokenFile, match="is a folder, but no snapshot") as caught:
        read_snapshot(tmp_path)
    assert str(caught.value).startswith(f"{tmp_path}: ")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BrokenFile, match="cannot be read"):
        read_snapshot(tmp_path / "none.json")
