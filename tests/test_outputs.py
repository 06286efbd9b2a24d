"""What an output may be written onto, and what is left of that."""

import os
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from lineage.atomic_files import write_folder, write_whole
from lineage.errors import BrokenFile
from lineage.files.parquet_tables import MANIFEST, open_tables, write_tables

SCHEMA = pa.schema([("name", pa.string())])


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_pipe_is_written_into_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write_whole(pipe, [b"one", b"two"])
    reader.join()
    assert read == [b"onetwo"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_device_is_written_into_and_stays_a_device(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("making a device takes root")
    null = tmp_path / "null"
    try:
        os.mknod(null, stat.S_IFCHR | 0o666, os.makedev(1, 3))
        null.write_bytes(b"")
    except PermissionError:
        pytest.skip("devices cannot be made here")
    write_whole(null, b"content")
    assert stat.S_ISCHR(null.stat().st_mode)


def test_a_full_device_is_one_line() -> None:
    with pytest.raises(BrokenFile, match="/dev/full: cannot be written: No space left"):
        write_whole("/dev/full", b"content" * 10_000)


def test_what_our_own_output_is_appended_to_is_not_replaced(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("before\n")
    code = "from lineage.atomic_files import write_whole; write_whole('/dev/stdout', b'content')"
    with log.open("a") as output:
        subprocess.run([sys.executable, "-c", code], stdout=output, check=True)
    assert log.read_text() == "before\ncontent"


def test_a_disk_is_refused(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    try:
        os.mknod(disk, stat.S_IFBLK | 0o666, os.makedev(7, 250))
    except PermissionError:
        pytest.skip("devices cannot be made here")
    with pytest.raises(BrokenFile, match="is a disk, where a file is to be written"):
        write_whole(disk, b"content")
    assert stat.S_ISBLK(disk.stat().st_mode)


def test_a_socket_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        with pytest.raises(BrokenFile, match="is a socket, where a file is to be written"):
            write_whole(path, b"content")
    assert stat.S_ISSOCK(path.stat().st_mode)


@pytest.mark.parametrize("folder", ["", ".", "/", "folder"])
def test_a_folder_is_refused(folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    with pytest.raises(BrokenFile, match="is a folder, where a file is to be written"):
        write_whole(Path(folder), b"content")
    assert [item.name for item in tmp_path.iterdir()] == ["folder"]


def test_a_link_is_followed_and_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    target, link = tmp_path / "elsewhere" / "plan.json", tmp_path / "link"
    link.symlink_to(target)
    for content in (b"made", b"replaced"):
        write_whole(link, content)
        assert link.is_symlink()
        assert target.read_bytes() == content
    assert contents(target.parent) == {"plan.json": b"replaced"}


def test_a_link_to_itself_is_one_line(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(link)
    with pytest.raises(BrokenFile, match="cannot be written: Too many levels"):
        write_whole(link, b"content")
    assert link.is_symlink()


def test_a_linked_folder_is_followed_and_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("folder")
    write_folder(tmp_path / "link", {"nodes.csv": b"a"})
    assert (tmp_path / "link").is_symlink()
    assert contents(tmp_path / "folder") == {"nodes.csv": b"a"}


def test_a_replaced_file_is_read_by_those_who_could_read_it(tmp_path: Path) -> None:
    target = tmp_path / "plan.json"
    target.touch(mode=0o600)
    write_whole(target, b"content")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_a_name_may_be_as_long_as_names_can_be(tmp_path: Path) -> None:
    target = tmp_path / ("n" * 255)
    write_whole(target, b"content")
    assert target.read_bytes() == b"content"


def test_a_name_with_a_nul_is_one_line() -> None:
    with pytest.raises(BrokenFile, match="cannot be the name of a file"):
        write_whole("plan\0.json", b"content")


MANIFESTS = {
    "the usual": b"",
    "no JSON": b"\xff{",
    "too deep": b"[" * 100_000,
    "another's": b'{"tables": {"a": ["x"]}}',
    "a list": b"[]",
}


def spoil_schema(folder: Path) -> None:
    write_tables(folder, {"format": "f", "version": 1}, {"a": (SCHEMA, [{"name": "\ud800"}])})


def spoil_rows(folder: Path) -> None:
    rows = ({"name": str(1 / number)} for number in (1, 0))
    write_tables(folder, {"format": "f", "version": 1}, {"a": (SCHEMA, rows)})


def spoil_foreign(folder: Path) -> None:
    (folder / "precious.txt").touch()
    write_tables(folder, {"format": "f", "version": 1}, {"a": (SCHEMA, [{"name": "new"}])})


@pytest.mark.parametrize("manifest", MANIFESTS)
@pytest.mark.parametrize("spoil", [spoil_schema, spoil_rows, spoil_foreign])
def test_a_refused_folder_of_tables_is_left_as_it_was(
    spoil: Callable[[Path], None], manifest: str, tmp_path: Path
) -> None:
    write_tables(tmp_path, {"format": "f", "version": 1}, {"a": (SCHEMA, [{"name": "old"}])})
    (tmp_path / MANIFEST).write_bytes(MANIFESTS[manifest] or (tmp_path / MANIFEST).read_bytes())
    before = contents(tmp_path)
    with pytest.raises((BrokenFile, ZeroDivisionError)):
        spoil(tmp_path)
    (tmp_path / "precious.txt").unlink(missing_ok=True)
    assert contents(tmp_path) == before


def test_a_folder_of_tables_that_cannot_be_written_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(BrokenFile, match="cannot hold a value"):
        spoil_schema(tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_any_manifest_gives_way_to_a_new_one(tmp_path: Path) -> None:
    for manifest in filter(None, MANIFESTS.values()):
        (tmp_path / MANIFEST).write_bytes(manifest)
        write_tables(tmp_path, {"format": "f", "version": 1}, {"a": (SCHEMA, [{"name": "new"}])})
        assert list(open_tables(tmp_path, "f", 1).rows("a")) == [{"name": "new"}]


@pytest.mark.parametrize("name", ["../a.parquet", "/etc/passwd", "", "."])
def test_a_manifest_names_nothing_outside_of_its_folder(name: str, tmp_path: Path) -> None:
    text = f'{{"format": "f", "version": 1, "tables": {{"a": "{name}"}}}}'
    (tmp_path / MANIFEST).write_text(text)
    with pytest.raises(BrokenFile, match="names no tables of this folder"):
        open_tables(tmp_path, "f", 1)
