"""Manifest files: what we wrote to one server, as versioned JSON that can be kept in git."""

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from lineage.atomic_files import write_whole
from lineage.changes.edge_facts import functions
from lineage.errors import BrokenFile
from lineage.model.reference import Reference
from lineage.text_escapes import as_json
from lineage.writes.edge_step import EdgeStep
from lineage.writes.outcome import Applied
from lineage.writes.ownership import Manifest, Owner, bare_fingerprint
from lineage.writes.step import Result

__all__ = ["read_manifest", "with_applied", "write_manifest"]

_FORMAT = "lineage-manifest"
_VERSION = 1


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    upstream: str
    downstream: str
    made: str = ""
    mappings: list[tuple[str, str, str]] = []


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
    """Write a manifest, sorted, all of it or nothing.

    Raises
    ------
    BrokenFile
        The file cannot be written there.
    """
    made = {entry[:2]: entry[2] for entry in manifest.edges}
    mapped: dict[tuple[Reference, Reference], list[list[str]]] = {}
    for upstream, downstream, *words in manifest.mappings:
        mapped.setdefault((upstream, downstream), []).append(words)
    entries = [
        {
            "upstream": str(ends[0]),
            "downstream": str(ends[1]),
            "made": made.get(ends, ""),
            "mappings": sorted(mapped.get(ends, [])),
        }
        for ends in sorted({*made, *mapped})
    ]
    content = {"format": _FORMAT, "version": _VERSION, "server": server, "edges": entries}
    write_whole(path, (as_json(content, indent=1) + "\n").encode())


def with_applied(manifest: Manifest, applied: Applied) -> Manifest:
    """Add what an apply wrote, and take out what it took away."""
    for outcome in applied.outcomes:
        if isinstance(outcome.step, EdgeStep) and outcome.result == Result.WRITTEN:
            manifest = _with_step(manifest, outcome.step)
    return manifest


def _with_step(manifest: Manifest, step: EdgeStep) -> Manifest:
    ends, before, after = (step.upstream, step.downstream), step.before, step.after
    if before is None:  # what an undo makes again was not ours for that
        was_ours = step.restores is None or step.owner == Owner.OURS
    else:
        was_ours = (*ends, bare_fingerprint(before)) in manifest.edges
    edges = {entry for entry in manifest.edges if entry[:2] != ends or not was_ours}
    if after is not None and was_ours:
        edges.add((*ends, bare_fingerprint(after)))
    then = functions(after)
    # A pair that somebody else mapped stays theirs, even if its function is ours now.
    known = {pair for pair in then if before is not None and manifest.lists(before, pair)}
    mappings = {entry for entry in manifest.mappings if entry[:2] != ends or entry[2:4] in then}
    mappings |= {
        (*ends, *pair, function)
        for pair in (step.claimed | known) & then.keys()
        for function in then[pair]
    }
    return Manifest(frozenset(edges), frozenset(mappings))


def _manifest(content: _Content) -> Manifest:
    edges, mappings = set(), set()
    for entry in content.edges:
        ends = (Reference.parse(entry.upstream), Reference.parse(entry.downstream))
        if entry.made:
            edges.add((*ends, entry.made))
        mappings |= {(*ends, *words) for words in entry.mappings}
    return Manifest(frozenset(edges), frozenset(mappings))
