"""Snapshot folders: a snapshot as Parquet tables, which open by memory map."""

import os
from typing import Any

from lineage.errors import BrokenFile
from lineage.files.arrow_extra import pa
from lineage.files.parquet_tables import open_tables, write_tables
from lineage.files.parquet_values import fields_of, from_row, to_row
from lineage.model.edges import Edge
from lineage.model.entities import Dashboard, Entity, MlModel, Pipeline
from lineage.model.snapshot import Disagreement, Gap, LabelState, Snapshot

__all__ = ["FORMAT", "VERSION", "read_snapshot_folder", "write_snapshot_folder"]

FORMAT = "lineage-snapshot-tables"
VERSION = 2

_CLASSES = {kind.__name__: kind for kind in (Entity, Pipeline, Dashboard, MlModel)}
_HEAD = ("server", "server_version", "read_at")


def write_snapshot_folder(snapshot: Snapshot, folder: str | os.PathLike[str]) -> None:
    """Write a snapshot into a folder of its own, whole or not at all.

    Raises
    ------
    BrokenFile
        The folder cannot be written; the snapshot that stood there is left as it was.
    """
    head = {name: getattr(snapshot, name) for name in _HEAD}
    entities = ({"class": type(item).__name__, **to_row(item)} for item in snapshot.entities)
    write_tables(
        folder,
        {"format": FORMAT, "version": VERSION, **head, "left_out": snapshot.left_out},
        {
            "entities": (_entity_schema(), entities),
            "edges": (pa.schema(fields_of(Edge)), map(to_row, snapshot.edges)),
            "gaps": (pa.schema(fields_of(Gap)), map(to_row, snapshot.gaps)),
            "disagreements": (
                pa.schema(fields_of(Disagreement)),
                map(to_row, snapshot.disagreements),
            ),
            "labels": (
                pa.schema(fields_of(LabelState)),
                map(to_row, snapshot.label_states),
            ),
        },
    )


def read_snapshot_folder(folder: str | os.PathLike[str]) -> Snapshot:
    """Read a snapshot from a folder that `write_snapshot_folder` wrote.

    Raises
    ------
    BrokenFile
        The folder holds no snapshot, one of an unknown version, or a broken one.
    """
    tables = open_tables(folder, FORMAT, VERSION)
    try:
        return Snapshot(
            server=str(tables.head["server"]),
            server_version=str(tables.head["server_version"]),
            read_at=str(tables.head["read_at"]),
            left_out=tuple((str(what), int(count)) for what, count in tables.head["left_out"]),
            entities=tuple(map(_entity, tables.rows("entities"))),
            edges=tuple(from_row(Edge, row) for row in tables.rows("edges")),
            gaps=tuple(from_row(Gap, row) for row in tables.rows("gaps")),
            disagreements=tuple(
                from_row(Disagreement, row) for row in tables.rows("disagreements")
            ),
            label_states=tuple(
                from_row(LabelState, row)
                for row in (tables.rows("labels") if "labels" in tables.paths else ())
            ),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BrokenFile(str(folder), f"holds no snapshot: {error!r}") from None


def _entity(row: dict[str, Any]) -> Entity:
    made: Entity = from_row(_CLASSES[row["class"]], row)
    return made


def _entity_schema() -> Any:
    """Give the fields of all classes of entities, each once."""
    unique = {field.name: field for kind in _CLASSES.values() for field in fields_of(kind)}
    return pa.schema([pa.field("class", pa.string()), *unique.values()])
