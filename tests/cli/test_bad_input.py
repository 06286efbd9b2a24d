"""Each mistake gives one clear line on stderr, a proper exit code, and no traceback."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lineage.catalog.server import start
from lineage.catalog.wsgi import Catalog
from lineage.cli import main
from tests.scripted_server import Reply, json_reply, scripted_server


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENMETADATA_HOST", "OPENMETADATA_JWT_TOKEN", "OPENMETADATA_API_KEY"):
        monkeypatch.delenv(name, raising=False)


def complaint(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    assert ended.value.code == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert len(printed.err.splitlines()) == 1
    return printed.err


def test_a_wrong_address(capsys: pytest.CaptureFixture[str]) -> None:
    assert "is no server's address" in complaint(capsys, "coverage", "-c", "ftp://om.example.com")
    said = complaint(capsys, "coverage", "-c", "om.example.com")
    assert "a server begins with https://" in said


def test_no_server(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with Catalog(tmp_path / "c.db") as catalog, start(catalog) as url:
        pass
    assert "no server answers" in complaint(capsys, "coverage", "-c", url)


def test_no_token_and_a_wrong_one(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Catalog(tmp_path / "c.db") as catalog, start(catalog) as url:
        assert "set OPENMETADATA_JWT_TOKEN" in complaint(capsys, "coverage", "-c", url)
        monkeypatch.setenv("OPENMETADATA_JWT_TOKEN", "my-secret")
        said = complaint(capsys, "coverage", "-c", url)
    assert "the token was refused" in said
    assert "my-secret" not in said


def test_an_expired_token(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENMETADATA_JWT_TOKEN", "x.eyJleHAiOjE2MDAwMDAwMDB9.y")
    with Catalog(tmp_path / "c.db") as catalog, start(catalog) as url:
        assert "it expired on 2020-09-13" in complaint(capsys, "coverage", "-c", url)


def test_a_login_page(capsys: pytest.CaptureFixture[str]) -> None:
    page = Reply(200, b"<html>Sign in</html>", {"Content_Type": "text/html"})
    with scripted_server(lambda _method, _path: page) as server:
        assert "a login page" in complaint(capsys, "coverage", "-c", server.url)


def test_a_model_that_does_not_exist(
    capsys: pytest.CaptureFixture[str], company_file: Path
) -> None:
    said = complaint(capsys, "audit", "chrun", "-c", company_file)
    assert "did you mean" in said
    assert "churn" in said


def test_an_ambiguous_name(capsys: pytest.CaptureFixture[str], company_file: Path) -> None:
    said = complaint(capsys, "upstream", "orders", "-c", company_file)
    assert "table:shop_postgres.shop.public.orders" in said
    assert "name one of them" in said


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'{"format": "lineage-snapshot", "version": 1,\n"entities": [', "line 2"),
        (b'{"openapi": "3.0"}', "no snapshot"),
        (b"just text", "neither a catalog"),
        (b"", "neither a catalog"),
        (b"SQLite format 3\x00 and then nothing of the kind", "catalog.file"),
    ],
)
def test_a_broken_or_foreign_file(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, content: bytes, reason: str
) -> None:
    path = tmp_path / "catalog.file"
    path.write_bytes(content)
    assert reason in complaint(capsys, "coverage", "-c", path)


def test_a_folder_that_cannot_be_written(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, company_file: Path
) -> None:
    (tmp_path / "file").write_text("")
    inside = tmp_path / "file" / "out"
    assert "cannot be written" in complaint(capsys, "read", "-c", company_file, "-o", inside)
    said = complaint(capsys, "draw", "churn", "-c", company_file, "-o", f"{inside}.png")
    assert str(inside) in said
    assert "cannot be" in complaint(capsys, "demo", inside)


def test_a_picture_of_an_unknown_form(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, company_file: Path
) -> None:
    said = complaint(capsys, "draw", "churn", "-c", company_file, "-o", tmp_path / "x.bmp")
    assert ".png" in said


def test_a_demo_never_removes_a_file_that_is_no_catalog(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "company.db").write_text("precious")
    complaint(capsys, "demo", tmp_path)
    assert (tmp_path / "company.db").read_text() == "precious"


def test_a_plan_for_elsewhere_and_a_snapshot_to_write_to(
    capsys: pytest.CaptureFixture[str], company_file: Path, tmp_path: Path
) -> None:
    for words in (("plan", "-o", tmp_path / "p.json"), ("read", "-o", tmp_path / "s.json")):
        with pytest.raises(SystemExit):
            main([*map(str, words), "-c", str(company_file)])
    capsys.readouterr()
    said = complaint(capsys, "apply", tmp_path / "p.json", "-c", tmp_path / "s.json")
    assert "is a snapshot" in said
    other = tmp_path / "other.db"
    Catalog(other).close()
    said = complaint(capsys, "apply", tmp_path / "p.json", "-c", other)
    assert "plan again here" in said


def test_a_timeout_that_is_no_number(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENMETADATA_CLIENT_TIMEOUT", "soon")
    said = complaint(capsys, "coverage", "-c", "http://127.0.0.1:1")
    assert "should be a number of seconds" in said


def test_a_missing_option_is_recognised_by_the_command_line_itself(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["audit"])
    assert ended.value.code == 2
    assert "--catalog" in capsys.readouterr().err


def test_an_interrupted_run_leaves_nothing_half_written(tmp_path: Path) -> None:
    def slow(_method: str, path: str) -> Reply:
        if "version" in path:
            return json_reply({"version": "2.0.7"})
        time.sleep(2)
        return json_reply({"data": [], "paging": {}})

    target = tmp_path / "snapshot.json"
    target.write_text("what stood there before")
    with scripted_server(slow) as server:
        command = [sys.executable, "-m", "lineage", "read", "-c", server.url, "-o", str(target)]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ}
        )
        while len(server.requests) < 2:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert target.read_text() == "what stood there before"
    assert {path.name for path in tmp_path.iterdir()} == {target.name, f"{target.name}.crawl"}
