"""Manifest files: what we wrote to one server, as versioned JSON that can stand in git."""

import json
import os
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from lineage.errors import BrokenFile
from lineage.files import write_whole
from lineage.model.reference import Reference
from lineage.writes.outcome import Applied, Result
from lineage.writes.ownership import Manifest
from lineage.writes.steps import Action, functions

__all__ = ["read_manifest", "with_applied", "write_manifest"]

_FORMAT = "lineage-manifest"
_VERSION = 1


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    upstream: str
    downstream: str
    made: bool = False
    mappings: list[tuple[str, str]] = []


class _Content(BaseModel):
    model_config = ConfigDict(extra="forbid")

    format: str
    version: int
    server: str
    edges: list[_Entry]


def read_manifest(path: str | os.PathLike[str], *, server: str) -> Manifest:
    """Read what we wrote to a server; nothing where there is no file yet.

    Parameters
    ----------
    server : str
        The server it has to be of, as a snapshot names it.

    Raises
    ------
    BrokenFile
        The file cannot be read, is no manifest, or is that of another server.
    """
    name = str(path)
    try:
        content = _Content.model_validate_json(Path(path).read_bytes())
    except FileNotFoundError:
        return Manifest()
    except OSError as error:
        raise BrokenFile(name, f"cannot be read: {error.strerror or error}") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        raise BrokenFile(name, f"is no manifest: {place}: {first['msg']}") from None
    if (content.format, content.version) != (_FORMAT, _VERSION):
        reason = f"is {content.format} {content.version}; this library reads {_FORMAT} {_VERSION}"
        raise BrokenFile(name, reason)
    if content.server != server:
        raise BrokenFile(name, f"is the manifest of {content.server}, not of {server}")
    try:
        return _manifest(content)
    except ValueError as error:
        raise BrokenFile(name, str(error)) from None


def write_manifest(manifest: Manifest, path: str | os.PathLike[str], *, server: str) -> None:
    """Write a manifest, sorted, whole or not at all.

    Raises
    ------
    BrokenFile
        The file cannot be written there.
    """
    ends = sorted(manifest.edges | {entry[:2] for entry in manifest.mappings})
    entries: list[dict[str, Any]] = [
        {
            "upstream": str(upstream),
            "downstream": str(downstream),
            "made": (upstream, downstream) in manifest.edges,
            "mappings": sorted(
                [*entry[2:]] for entry in manifest.mappings if entry[:2] == (upstream, downstream)
            ),
        }
        for upstream, downstream in ends
    ]
    content = {"format": _FORMAT, "version": _VERSION, "server": server, "edges": entries}
    write_whole(path, (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode())


def with_applied(manifest: Manifest, applied: Applied) -> Manifest:
    """Add what an apply wrote, and take out what it took away."""
    edges, mappings = set(manifest.edges), set(manifest.mappings)
    for outcome in applied.outcomes:
        step = outcome.step
        if outcome.result != Result.WRITTEN:
            continue
        ends = (step.upstream, step.downstream)
        if step.action == Action.CREATE_EDGE:
            edges.add(ends)
        if step.action == Action.REMOVE_EDGE:
            edges.discard(ends)
        new = functions(step.after).keys() - functions(step.before).keys()
        mappings |= {(*ends, *pair) for pair in new}
        mappings -= {(*ends, *pair) for pair in step.lost_pairs}
    return Manifest(frozenset(edges), frozenset(mappings))


def _manifest(content: _Content) -> Manifest:
    edges, mappings = set(), set()
    for entry in content.edges:
        ends = (Reference.parse(entry.upstream), Reference.parse(entry.downstream))
        if entry.made:
            edges.add(ends)
        mappings |= {(*ends, *pair) for pair in entry.mappings}
    return Manifest(frozenset(edges), frozenset(mappings))
