import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings

from lineage.errors import BrokenFile
from lineage.files.parquet_tables import MANIFEST
from lineage.files.snapshot_file import read_snapshot, write_snapshot
from lineage.files.snapshot_folder import read_snapshot_folder, write_snapshot_folder
from lineage.model.entities import Column, Entity
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap, GapKind, Snapshot
from lineage.openmetadata.client import Client
from lineage.openmetadata.reader import read
from tests.builders import edge, snapshot_of, table
from tests.examples import examples
from tests.strategies import snapshots

SMALL = snapshot_of(table("a", "x y"), table("b", "x"), edge("a>b", "x>x:lower(x)"))


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@settings(max_examples=examples(25))
@given(snapshots())
def test_what_is_read_equals_what_was_written(snapshot: Snapshot) -> None:
    with TemporaryDirectory() as folder:
        write_snapshot_folder(snapshot, folder)
        assert read_snapshot_folder(folder) == snapshot


def test_the_sample_company_comes_back_whole(company: Client, tmp_path: Path) -> None:
    snapshot = read(company)
    write_snapshot(snapshot, tmp_path / "company.parquet")
    assert read_snapshot(tmp_path / "company.parquet") == snapshot


def test_the_head_and_gaps_come_back_too(tmp_path: Path) -> None:
    gaps = (
        Gap(GapKind.ENTITIES_NOT_READ, None, "a page failed"),
        Gap(GapKind.EDGES_NOT_READ, Reference("table", "a"), "403"),
    )
    snapshot = Snapshot(server="s", read_at="now", gaps=gaps, left_out=(("ChildAssets", 3),))
    write_snapshot_folder(snapshot, tmp_path)
    assert read_snapshot_folder(tmp_path) == snapshot


def test_columns_nested_to_any_depth_come_back(tmp_path: Path) -> None:
    column = Column(name="c", fqn="t.c")
    for _ in range(3000):
        column = Column(name="c", fqn="t.c", children=(Column(name="leaf", fqn="t.l"), column))
    whole = Entity(reference=Reference("table", "t"), columns=(column, Column(name="d", fqn="t.d")))
    write_snapshot_folder(Snapshot(entities=(whole,)), tmp_path)
    (found,) = read_snapshot_folder(tmp_path).entities
    assert [one.fqn for one in found.columns] == ["t.c", "t.d"]
    depth, (deepest, _) = 0, found.columns
    while deepest.children:
        assert len(deepest.children) == 2
        depth, deepest = depth + 1, deepest.children[1]
    assert depth == 3000


def test_the_same_snapshot_gives_the_same_bytes(tmp_path: Path) -> None:
    write_snapshot_folder(SMALL, tmp_path / "one")
    write_snapshot_folder(SMALL, tmp_path / "two")
    assert files(tmp_path / "one") == files(tmp_path / "two")


def test_a_new_snapshot_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    write_snapshot_folder(SMALL, tmp_path)
    write_snapshot_folder(Snapshot(server="new"), tmp_path)
    assert read_snapshot_folder(tmp_path) == Snapshot(server="new")
    assert len(files(tmp_path)) == 6


def test_what_a_killed_writer_left_is_not_seen_and_cleared_by_the_next(tmp_path: Path) -> None:
    write_snapshot_folder(SMALL, tmp_path)
    (tmp_path / ".edges.writing").write_bytes(b"PAR1")
    (tmp_path / "edges-0123456789abcdef.parquet").write_bytes(b"PAR1")
    assert read_snapshot_folder(tmp_path) == SMALL
    write_snapshot_folder(SMALL, tmp_path)
    assert len(files(tmp_path)) == 6


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(BrokenFile, match=r"other things in it, as 'thesis\.txt'"):
        write_snapshot_folder(SMALL, tmp_path)
    assert list(files(tmp_path)) == ["thesis.txt"]


def test_a_place_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    with pytest.raises(BrokenFile, match="cannot be written: No such file"):
        write_snapshot(SMALL, tmp_path / "nowhere" / "snapshot.parquet")


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [
        (None, "is a folder, but no snapshot"),
        ("[]", "names no tables"),
        ("{", "names no tables"),
        ({"format": "lineage-edge-table", "version": 1}, "is of the format lineage-edge-table"),
        ({"version": 7}, "version 7, not lineage-snapshot-tables version 2"),
        ({"left_out": None}, "holds no snapshot"),
        ({"tables": {}}, "has no table 'entities'"),
        ({"tables": {"entities": "entities-gone.parquet"}}, "is missing, though"),
    ],
)
def test_what_is_wrong_with_a_manifest_is_reported(
    tmp_path: Path, manifest: dict[str, object] | str | None, reason: str
) -> None:
    write_snapshot_folder(SMALL, tmp_path)
    path = tmp_path / MANIFEST
    head = json.loads(path.read_text())
    path.unlink()
    if isinstance(manifest, str):
        path.write_text(manifest)
    elif manifest is not None:
        path.write_text(json.dumps({**head, **manifest}))
    with pytest.raises(BrokenFile, match=reason):
        read_snapshot(tmp_path)


@pytest.mark.parametrize("cut", [0, 10, -1], ids=["empty", "its beginning", "a byte short"])
def test_a_table_that_is_cut_off_is_reported(tmp_path: Path, cut: int) -> None:
    write_snapshot_folder(SMALL, tmp_path)
    (path,) = tmp_path.glob("edges-*.parquet")
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(BrokenFile, match="is no whole Parquet table"):
        read_snapshot(tmp_path)


def test_a_table_of_something_else_is_reported(tmp_path: Path) -> None:
    write_snapshot_folder(SMALL, tmp_path)
    (edges,), (entities,) = tmp_path.glob("edges-*"), tmp_path.glob("entities-*")
    edges.write_bytes(entities.read_bytes())
    with pytest.raises(BrokenFile, match="holds no snapshot"):
        read_snapshot(tmp_path)
