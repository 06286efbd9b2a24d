"""A folder of Parquet tables, written whole or not at all.

Each table lies in a file named after its content, and `manifest.json` names the files. The
manifest is written last, in one go: whoever reads sees the tables of before or those of
now, never some of each. Files that no manifest names any longer are cleared away.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lineage.atomic_files import write_whole
from lineage.errors import BrokenFile
from lineage.files.arrow_extra import pa, pq

__all__ = ["MANIFEST", "Tables", "format_of", "open_tables", "write_tables"]

MANIFEST = "manifest.json"

_BATCH = 10_000  # rows that are values at one time
_OURS = re.compile(r"[a-z]+-[0-9a-f]{16}\.parquet|\..*\.writing")


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of a folder.

    Attributes
    ----------
    folder : str
        Where they lie.
    head : dict
        What is said of them all.
    paths : mapping of str to str
        The file, or the folder of files, that holds each table.
    """

    folder: str
    head: dict[str, Any]
    paths: Mapping[str, str] = field(repr=False)

    def path(self, name: str) -> str:
        """Return where a table lies.

        Raises
        ------
        BrokenFile
            There is no such table.

        Examples
        --------
        >>> Tables("edges", {}, {"arcs": "edges/arcs.parquet"}).path("arcs")
        'edges/arcs.parquet'
        """
        path = self.paths.get(name)
        if path is None:
            raise BrokenFile(self.folder, f"has no table {name!r}")
        return path

    def read(self, name: str) -> Any:
        """Open a table by memory map.

        Raises
        ------
        BrokenFile
            There is no such table, or it is cut off or damaged.
        """
        return self._opened(name, lambda path: pq.read_table(path, memory_map=True))

    def rows(self, name: str) -> Iterator[dict[str, Any]]:
        """Go through the rows of a table, some thousands at a time.

        Raises
        ------
        BrokenFile
            There is no such table, or it is cut off or damaged.
        """
        for batch in self.batches(name):
            yield from batch.to_pylist()

    def batches(self, name: str, *columns: str) -> Iterator[Any]:
        """Go through a table as Arrow batches of some thousand rows, with some of its columns.

        Raises
        ------
        BrokenFile
            There is no such table, or it is cut off or damaged.
        """
        batches = _read_batches(self.path(name), columns)
        while (batch := self._opened(name, lambda _path: next(batches, None))) is not None:
            yield batch

    def _opened(self, name: str, opening: Any) -> Any:
        path = self.path(name)
        try:
            return opening(path)
        except FileNotFoundError:
            raise BrokenFile(path, f"is missing, though {MANIFEST} names it") from None
        except (OSError, pa.ArrowException) as error:
            reason = str(error).splitlines()[0]
            raise BrokenFile(path, f"is no whole Parquet table: {reason}") from None


def write_tables(
    folder: str | os.PathLike[str],
    head: Mapping[str, object],
    tables: Mapping[str, tuple[Any, Iterable[Mapping[str, Any]]]],
) -> None:
    """Write tables into a folder of their own; the same rows give the same bytes.

    Parameters
    ----------
    head : mapping
        What is said of them all.
    tables : mapping of str to (schema, rows)
        The Arrow schema of each table, and its rows, gone through once.

    Raises
    ------
    BrokenFile
        They cannot be written there; what stood there before is left as it was.
    """
    place = Path(folder)
    try:
        is_new = not place.exists()
        place.mkdir(exist_ok=True)
        _check_ours(place)
        before = set(place.iterdir())
        try:
            files = {name: _write(place, name, *table) for name, table in tables.items()}
            text = json.dumps({**head, "tables": files}, ensure_ascii=False, indent=1)
            write_whole(place / MANIFEST, f"{text}\n".encode())
        except BaseException:
            _clear(place, kept=before)
            if is_new:
                place.rmdir()
            raise
        _clear(place, kept={place / file for file in files.values()})
    except OSError as error:
        raise BrokenFile(str(folder), f"cannot be written: {error.strerror or error}") from None
    except (ValueError, OverflowError, pa.ArrowException) as error:
        raise BrokenFile(str(folder), f"cannot hold a value: {error}") from None


def format_of(folder: str | os.PathLike[str]) -> str | None:
    """Return which format of tables a folder holds; None where it holds none."""
    try:
        head = json.loads((Path(folder) / MANIFEST).read_bytes())
        return str(head["format"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def open_tables(
    folder: str | os.PathLike[str], form: str, version: int, *, oldest: int = 1
) -> Tables:
    """Open a folder of tables of one format, of its version or one that is not too old.

    Raises
    ------
    BrokenFile
        It is no such folder, of another format or version, or broken.
    """
    path = Path(folder) / MANIFEST
    try:
        head = json.loads(path.read_bytes())
        files: dict[str, str] = head.pop("tables")
        paths = {name: _inside(path.parent, file) for name, file in files.items()}
    except OSError as error:
        raise BrokenFile(str(path), f"cannot be read: {error.strerror or error}") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise BrokenFile(str(path), "names no tables of this folder") from None
    found = (head.get("format"), head.get("version"))
    if found not in [(form, number) for number in range(oldest, version + 1)]:
        other = " version ".join(map(str, found))
        reason = f"is of the format {other}, not {form} version {version}"
        advice = ": write it anew with this release" if found[0] == form else ""
        raise BrokenFile(str(path), f"{reason}{advice}")
    return Tables(str(folder), head, paths)


def _inside(folder: Path, file: str) -> str:
    """Return the path of a file of a folder; a `ValueError` where it is none of its own."""
    if file in {"", ".."} or Path(file).name != file:
        raise ValueError(file)
    return str(folder / file)


def _read_batches(path: str, columns: Sequence[str]) -> Iterator[Any]:
    """Read the file of a table, or each in its folder; all columns unless some are named."""
    for file in sorted(Path(path).glob("*.parquet")) if Path(path).is_dir() else [path]:
        opened = pq.ParquetFile(file, memory_map=True)
        yield from opened.iter_batches(_BATCH, columns=columns or None)


def _check_ours(place: Path) -> None:
    foreign = sorted(
        item.name
        for item in place.iterdir()
        if item.name != MANIFEST and not _OURS.fullmatch(item.name)
    )
    if foreign:
        raise BrokenFile(str(place), f"is a folder with other things in it, as {foreign[0]!r}")


def _write(place: Path, name: str, schema: Any, rows: Iterable[Mapping[str, Any]]) -> str:
    """Write a table to a file that is named after its content."""
    writing = place / f".{name}.writing"
    with pq.ParquetWriter(writing, schema, compression="zstd") as writer:
        for batch in _batches(rows):
            writer.write_batch(pa.RecordBatch.from_pylist(batch, schema=schema))
    with writing.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()[:16]
        os.fsync(file.fileno())
    return writing.replace(place / f"{name}-{digest}.parquet").name


def _batches(rows: Iterable[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    batch: list[Mapping[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _clear(place: Path, *, kept: AbstractSet[Path]) -> None:
    """Remove tables that are not among those to keep."""
    for item in place.iterdir():
        if _OURS.fullmatch(item.name) and item not in kept:
            item.unlink(missing_ok=True)
