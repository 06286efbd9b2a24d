"""One odd value is one line, never a traceback."""

import json
from pathlib import Path

import pytest

from lineage.cli import main
from lineage.files.snapshot_file import write_snapshot
from tests.builders import snapshot_of, table

DEEP = "[" * 100_000


def complaint(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1
    return said


@pytest.mark.parametrize(
    "address",
    ["http://[::1", "http://a:b", f"http://{'a' * 64}.com", "http://x:99999", "x" * 5000, "a\0b"],
)
def test_an_address_that_is_none(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert complaint(capsys, "coverage", "-c", address)


@pytest.mark.parametrize("address", ["http://[", "http://a:b", "ftp://a", "http://"])
def test_an_address_of_another_system_that_is_none(
    address: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    said = complaint(capsys, "read", "--from", f"mlflow:{address}", "-o", tmp_path / "s.json")
    assert "is no address" in said


@pytest.mark.parametrize(
    ("variable", "value"),
    [("HTTP_PROXY", "ftp://a"), ("ALL_PROXY", "socks5://a:1")],
)
def test_a_proxy_that_is_none(
    variable: str, value: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    assert "proxy" in complaint(capsys, "coverage", "-c", "http://catalog.example.com").casefold()


def test_a_limit_beyond_all_paths(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    write_snapshot(snapshot_of(table("a", "x")), path)
    with pytest.raises(SystemExit) as ended:
        main(["paths", "a", "a", "--limit", "9" * 24, "-c", str(path)])
    assert ended.value.code == 0
    assert "0 paths" in capsys.readouterr().out


@pytest.mark.parametrize("seconds", ["nan", "inf", "-1", "0", "1e400", "9" * 5000])
def test_a_time_limit_that_is_none(
    seconds: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENMETADATA_CLIENT_TIMEOUT", seconds)
    said = complaint(capsys, "coverage", "-c", "http://127.0.0.1:1")
    assert "should be a number of seconds" in said


SPOILED = [
    ("read_at", "@number"),
    ("format", "@deep"),
    ("entities", 5),
    ("entities", [{"reference": [[5], "a"]}]),
    ("entities", [{"reference": ["table", "a"], "id": "\ud800"}]),
    ("gaps", "\ud800"),
]


@pytest.mark.parametrize(("key", "value"), SPOILED)
def test_a_snapshot_with_an_odd_value(
    key: str, value: object, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "s.json"
    write_snapshot(snapshot_of(table("a", "x")), path)
    text = json.dumps({**json.loads(path.read_text()), key: value})
    path.write_text(text.replace('"@number"', "9" * 5000).replace('"@deep"', DEEP))
    assert str(path) in complaint(capsys, "coverage", "-c", path)


def test_yaml_that_is_nested_too_deeply(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "workflow.yaml"
    path.write_text(DEEP)
    assert "nested too deeply" in complaint(capsys, "coverage", "-c", path)
