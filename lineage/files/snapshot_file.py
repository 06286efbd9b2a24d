"""Snapshot files: a snapshot as versioned JSON, packed by gzip where the name ends in `.gz`.

Where the name ends in `.parquet`, it is a folder of tables; a folder is read as one.

One entity, edge or gap stands on a line, so that two files can be compared line by line and
a broken one can be named by its line.
"""

import gzip
import hashlib
import json
import os
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Annotated, Any

from pydantic import BaseModel, ConfigDict, Discriminator, Tag, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from lineage.atomic_files import write_whole
from lineage.errors import BrokenFile, LineageError
from lineage.garbage_collection import rare_collection
from lineage.model.edges import Edge
from lineage.model.entities import Dashboard, Entity, MlModel, Pipeline
from lineage.model.reference import Kind
from lineage.model.snapshot import Disagreement, Gap, LabelState, Snapshot

__all__ = ["FORMAT", "VERSION", "digest", "read_snapshot", "write_snapshot"]

FORMAT = "lineage-snapshot"
VERSION = 2

_FORMER = {'"told_by":': '"evidence_source":', '"tells_influences":': '"influences_known":'}
"""Keys of version 1 and what they are called now. As they stand, quotes and colon included, they
can be nothing but keys: within a text the quotes would be escaped."""

_LISTS = ("entities", "edges", "gaps", "disagreements", "label_states")
_WHERE_ANY = frozenset({"disagreements", "label_states"})
"""Written only where there are any."""


def _entity_class(value: object) -> str:
    """Return by its kind which class an entity is of, be it read (a dict) or written."""
    if isinstance(value, Entity):
        return _class_of(value.reference.kind)
    reference = value.get("reference") if isinstance(value, dict) else None
    return _class_of(str(reference[0]) if isinstance(reference, list) and reference else "")


def _class_of(kind: str) -> str:
    special = {Kind.MLMODEL, Kind.PIPELINE, Kind.DASHBOARD}
    return kind if kind in special else "entity"


_AnyEntity = Annotated[
    Annotated[MlModel, Tag("mlmodel")]
    | Annotated[Pipeline, Tag("pipeline")]
    | Annotated[Dashboard, Tag("dashboard")]
    | Annotated[Entity, Tag("entity")],
    Discriminator(_entity_class),
]


class _Head(BaseModel):
    """What stands before the lists."""

    model_config = ConfigDict(extra="forbid")

    format: str
    version: int
    server: str
    server_version: str
    read_at: str
    left_out: tuple[tuple[str, int], ...]


_HEAD = TypeAdapter(_Head)
_ITEMS: dict[str, TypeAdapter[Any]] = {
    "entities": TypeAdapter(_AnyEntity),
    "edges": TypeAdapter(Edge),
    "gaps": TypeAdapter(Gap),
    "disagreements": TypeAdapter(Disagreement),
    "label_states": TypeAdapter(LabelState),
}
_CLOSINGS = ("],\n", "]}\n")


def write_snapshot(snapshot: Snapshot, path: str | os.PathLike[str]) -> None:
    """Write a snapshot to a file, whole or not at all.

    Parameters
    ----------
    snapshot : Snapshot
    path : path
        Packed by gzip where the name ends in `.gz`; a folder of Parquet tables where it ends in
        `.parquet`. The same snapshot gives the same bytes.

    Raises
    ------
    BrokenFile
        The file cannot be written there; what stood there before is left as it was.
    LineageError
        A folder of tables is asked for, and pyarrow is not installed.
    """
    target = Path(path)
    if target.suffix == ".parquet":
        from lineage.files.snapshot_folder import write_snapshot_folder  # noqa: PLC0415  # extra

        write_snapshot_folder(snapshot, target)
        return
    lines = (line.encode() for line in _lines(snapshot))
    write_whole(target, _packed(lines) if target.suffix == ".gz" else lines)


def digest(snapshot: Snapshot) -> str:
    """Return the SHA-256 of a snapshot's file, unpacked, in hexadecimal digits.

    Examples
    --------
    >>> digest(Snapshot()) == digest(Snapshot()), len(digest(Snapshot()))
    (True, 64)
    """
    state = hashlib.sha256()
    for line in _lines(snapshot):
        state.update(line.encode())
    return state.hexdigest()


def read_snapshot(path: str | os.PathLike[str]) -> Snapshot:
    """Read a snapshot from a file that `write_snapshot` wrote.

    Raises
    ------
    BrokenFile
        The file is missing, no snapshot, of an unknown version, or broken; with the line.
    """
    if Path(path).is_dir():
        from lineage.files.parquet_tables import MANIFEST  # noqa: PLC0415  # extra
        from lineage.files.snapshot_folder import read_snapshot_folder  # noqa: PLC0415  # extra

        if not (Path(path) / MANIFEST).exists():
            reason = "is a folder, but no snapshot; name the snapshot file or the catalog in it"
            raise BrokenFile(str(path), reason)
        return read_snapshot_folder(path)
    with rare_collection():
        return _read_by_line(Path(path)) or _read_whole(Path(path))


def _read_by_line(path: Path) -> Snapshot | None:
    """Read a file laid out as `write_snapshot` does; None where there is anything else in it.

    Read as a whole, the file then shows what is wrong with it, or is read in its own layout.
    """
    try:
        with _opened(path) as file:
            head = json.loads(file.readline().rpartition(",\n")[0] + "}")
            current = _current_keys(_check_format(str(path), head))
            lists = _items_by_line(map(current, file))
        return _snapshot(_HEAD.validate_python(head), lists)
    except (OSError, EOFError, zlib.error, LookupError, ValueError, BrokenFile):
        return None


def _opened(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", newline="\n")
    return path.open(encoding="utf-8", newline="\n")


def _items_by_line(lines: Iterator[str]) -> dict[str, list[Any]]:
    """Read the lists; a `LookupError` or `ValueError` where they are not laid out so."""
    openings = {f'"{key}": [\n': key for key in _LISTS}
    lists: dict[str, list[Any]] = {}
    closing = _CLOSINGS[0]
    while closing == _CLOSINGS[0]:
        key = openings.pop(next(lines, ""))
        lists[key], closing = _one_list(lines, _ITEMS[key].validate_json)
    if next(lines, ""):
        message = "it goes on after its end"
        raise ValueError(message)
    return lists


def _one_list(lines: Iterator[str], read: Callable[[str], Any]) -> tuple[list[Any], str]:
    """Read the items of a list, and the line that closes it."""
    items: list[Any] = []
    follows = False  # whether a comma says that there is another item
    for line in lines:
        if not follows and line in _CLOSINGS:
            return items, line
        if line != "\n":
            if items and not follows:
                break
            follows = line.endswith(",\n")
            items.append(read(line[:-2] if follows else line))
    message = "it is cut off, or lacks a comma"
    raise ValueError(message)


def _read_whole(path: Path) -> Snapshot:
    name = str(path)
    text = _text(path)
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        raise BrokenFile(name, f"is no JSON: {error.msg}", line=error.lineno) from None
    except (ValueError, RecursionError):
        reason = "is JSON that no snapshot has: too deep, or too large a number"
        raise BrokenFile(name, reason) from None
    version = _check_format(name, content)
    if version != VERSION:
        text = _current_keys(version)(text)
        content = json.loads(text)
    lists = {key: content.pop(key, []) for key in _LISTS}
    for key, items in lists.items():
        if not isinstance(items, list):
            raise BrokenFile(name, f"{key}: should be a list")
    head = _validated(name, text, _HEAD, content, place=("head", 0))
    parts = {
        key: tuple(
            _validated(name, text, _ITEMS[key], item, place=(key, number))
            for number, item in enumerate(items)
        )
        for key, items in lists.items()
    }
    return _snapshot(head, parts)


def _snapshot(head: _Head, lists: Mapping[str, Iterable[Any]]) -> Snapshot:
    return Snapshot(
        server=head.server,
        server_version=head.server_version,
        read_at=head.read_at,
        left_out=head.left_out,
        **{key: tuple(items) for key, items in lists.items()},
    )


def _lines(snapshot: Snapshot) -> Iterator[str]:
    head = {
        "format": FORMAT,
        "version": VERSION,
        "server": snapshot.server,
        "server_version": snapshot.server_version,
        "read_at": snapshot.read_at,
        "left_out": snapshot.left_out,
    }
    yield "{" + json.dumps(head, ensure_ascii=False)[1:-1]
    for key in _LISTS:
        values = getattr(snapshot, key)
        if key in _WHERE_ANY and not values:
            continue
        yield f',\n"{key}": ['
        for number, item in enumerate(values):
            text = _item_line(key, item)
            yield f",\n{text}" if number else f"\n{text}"
        yield "\n]" if values else "\n\n]"
    yield "}\n"


def _item_line(key: str, item: object) -> str:
    try:
        return _ITEMS[key].dump_json(item, exclude_defaults=True).decode()
    except PydanticSerializationError:
        subject = getattr(item, "reference", "")
        reason = f"{subject} is nested too deeply, or has half a character in it"
        message = f"a snapshot file cannot hold one of the {key}: {reason}"
        raise LineageError(message) from None


def _packed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    packing = zlib.compressobj(zlib.Z_BEST_COMPRESSION, wbits=16 + zlib.MAX_WBITS)  # 16: as gzip
    yield from map(packing.compress, pieces)
    yield packing.flush()


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
        if path.suffix == ".gz":
            content = gzip.decompress(content)
        return content.decode()
    except OSError as error:
        raise BrokenFile(str(path), f"cannot be read: {error.strerror or error}") from None
    except (EOFError, zlib.error):
        raise BrokenFile(str(path), "is cut off or damaged: it cannot be unpacked") from None
    except UnicodeDecodeError:
        raise BrokenFile(str(path), "is no text, so it is no snapshot") from None


def _current_keys(version: int) -> Callable[[str], str]:
    """Return what brings lines of an older version up to date."""
    if version == VERSION:
        return str

    def renamed(text: str) -> str:
        for former, key in _FORMER.items():
            text = text.replace(former, key)
        return text

    return renamed


def _check_format(name: str, content: object) -> int:
    """Return the version of a snapshot that can be read."""
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        reason = "is JSON, but no snapshot; `lineage read` writes one"
        raise BrokenFile(name, reason, line=1)
    found = content.get("version")
    if type(found) is not int or not 1 <= found <= VERSION:
        reason = f"is a snapshot of version {found!r}, but this library reads up to {VERSION}"
        raise BrokenFile(name, reason, line=1)
    return found


def _validated(
    name: str, text: str, adapter: TypeAdapter[Any], item: object, *, place: tuple[str, int]
) -> Any:
    try:
        json.dumps(item, ensure_ascii=False).encode()
        return adapter.validate_python(item, strict=False)
    except (UnicodeEncodeError, RecursionError):
        reason = f"{place[0]}, item {place[1]}: is nested too deeply, or has half a character in it"
        raise BrokenFile(name, reason) from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key, number = place
        steps = [key, str(number), *map(str, first["loc"])] if key != "head" else first["loc"]
        reason = f"{'.'.join(map(str, steps))}: {first['msg']}"
        raise BrokenFile(name, reason, line=_line_of(text, key, number)) from None


def _line_of(text: str, key: str, number: int) -> int | None:
    """Find the line an item of a list begins on; None where its key is written with escapes."""
    if key == "head":
        return 1
    decoder = json.JSONDecoder()
    found = re.search(rf'"{key}"\s*:\s*\[', text)
    if found is None:
        return None
    position = found.end()
    for _ in range(number):
        position = _next_item(text, position)
        _, position = decoder.raw_decode(text, position)
    return text.count("\n", 0, _next_item(text, position)) + 1


def _next_item(text: str, position: int) -> int:
    while text[position] in " \t\r\n,":
        position += 1
    return position
