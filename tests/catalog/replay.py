"""Recorded exchanges with a real server, sent to the catalog again, and what differs."""

import gzip
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from lineage.catalog.wsgi import Catalog

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TIMES = frozenset({"updatedAt", "createdAt", "changedAt", "timestamp", "appliedAt", "took"})
_ADDRESSES = frozenset({"href"})
_UNORDERED = ("data", "nodes", "Edges", "owners", "hits.hits", "_source.tags")


class Difference(NamedTuple):
    """A place in an answer where the recorded server and the catalog say something else.

    Attributes
    ----------
    exchange : str
        The file and the line of it.
    place : str
        Method and collection, and the path into the answer.
    """

    exchange: str
    place: str
    recorded: Any
    given: Any


@dataclass
class Replay:
    """The exchanges of a folder, sent to a catalog in their order.

    The ids that the server gave are replaced by those that the catalog gave in their place.
    """

    catalog: Catalog
    client: httpx.Client
    ids: dict[str, str] = field(default_factory=dict)

    def run(self, folder: Path) -> Iterator[tuple[str, list[Difference]]]:
        """Send everything; yield each exchange with its differences."""
        for path in sorted(folder.glob("*.jsonl.gz")):
            lines = gzip.decompress(path.read_bytes()).decode().splitlines()
            for number, line in enumerate(lines, 1):
                name = f"{path.name[:2]}:{number}"
                yield name, self._send(name, json.loads(line))

    def _send(self, name: str, recorded: dict[str, Any]) -> list[Difference]:
        collided = "version_conflict_engine_exception" in json.dumps(recorded["response"])
        self.catalog.faults.collisions = int(collided)
        reply = self.client.request(
            recorded["method"],
            self._translated(recorded["path"]),
            content=self._body(recorded),
            headers=_headers(recorded),
        )
        given = reply.json() if reply.content else None
        self._learn(recorded["response"], given)
        place = f"{recorded['method']} {_collection(recorded['path'])}"
        pairs = [
            ("status", recorded["status"], reply.status_code),
            ("ETag", recorded["etag"] is not None, "ETag" in reply.headers),
        ]
        found = [
            Difference(name, f"{place} {what}", *pair)
            for what, *pair in pairs
            if pair[0] != pair[1]
        ]
        if recorded["status"] == reply.status_code:
            found += _compare(
                name, f"{place} ", self._plain(recorded["response"]), self._plain(given)
            )
        return found

    def _body(self, recorded: dict[str, Any]) -> str | None:
        sent = recorded["request"]
        return None if sent is None else self._translated(json.dumps(sent))

    def _translated(self, text: str) -> str:
        return _ID.sub(lambda found: self.ids.get(found[0], found[0]), text)

    def _learn(self, recorded: Any, given: Any) -> None:
        if isinstance(recorded, dict) and isinstance(given, dict):
            for key in recorded.keys() & given.keys():
                self._learn(recorded[key], given[key])
        elif isinstance(recorded, list) and isinstance(given, list):
            for one, other in _paired(recorded, given):
                self._learn(one, other)
        elif _ID.fullmatch(str(recorded)) and _ID.fullmatch(str(given)):
            self.ids.setdefault(recorded, given)

    def _plain(self, value: Any) -> Any:
        """Take an answer apart, also the JSON texts in it, without times and addresses."""
        if isinstance(value, dict):
            kept = ((key, item) for key, item in value.items() if key not in _ADDRESSES)
            return {
                self._translated(key): "" if key in _TIMES else self._plain(item)
                for key, item in kept
            }
        if isinstance(value, list):
            return [self._plain(item) for item in value]
        if isinstance(value, str) and value[:1] in ("[", "{"):
            try:
                return self._plain(json.loads(value))
            except ValueError:
                pass
        return self._translated(value) if isinstance(value, str) else value


def _headers(recorded: dict[str, Any]) -> dict[str, str]:
    patch = recorded["method"] == "PATCH"
    media = "application/json-patch+json" if patch else "application/json"
    headers = {"Content-Type": media} if recorded["request"] is not None else {}
    if recorded["if_match"]:
        headers["If-Match"] = recorded["if_match"]
    if recorded["status"] == 401:
        absent = "not present" in recorded["response"]["message"]
        headers["Authorization"] = "" if absent else "Bearer another"
    return headers


def _collection(path: str) -> str:
    """Name what is asked for, without ids and names."""
    bare = _ID.sub("{id}", path.partition("?")[0].removeprefix("/api/v1/"))
    return re.sub(r"/name/.*", "/name/{name}", bare)


def _compare(exchange: str, place: str, recorded: Any, given: Any) -> Iterator[Difference]:
    if isinstance(recorded, dict) and isinstance(given, dict):
        for key in sorted(recorded.keys() | given.keys()):
            below = _below(place, key)
            if key in recorded and key in given:
                yield from _compare(exchange, below, recorded[key], given[key])
            else:
                yield Difference(exchange, below, recorded.get(key), given.get(key))
    elif isinstance(recorded, list) and isinstance(given, list):
        if len(recorded) != len(given):
            yield Difference(exchange, place, recorded, given)
        for one, other in _paired(*_ordered(place, recorded, given)):
            yield from _compare(exchange, f"{place}[]", one, other)
    elif recorded != given:
        yield Difference(exchange, place, recorded, given)


def _below(place: str, key: str) -> str:
    """Name what is under a key; nodes and edges have names for keys."""
    if place.endswith(" "):
        return f"{place}{key}"
    return f"{place}.*" if place.endswith(("nodes", "Edges")) else f"{place}.{key}"


def _ordered(place: str, *lists: list[Any]) -> Iterator[list[Any]]:
    return (sorted(some, key=_key) if place.endswith(_UNORDERED) else some for some in lists)


def _paired(recorded: list[Any], given: list[Any]) -> Iterable[tuple[Any, Any]]:
    """Pair items by name where they all have one, else by their places."""
    names = [
        {
            one["fullyQualifiedName"]: one
            for one in some
            if isinstance(one, dict) and "fullyQualifiedName" in one
        }
        for some in (recorded, given)
    ]
    if [len(found) for found in names] == [len(recorded), len(given)]:
        return [(item, names[1][name]) for name, item in names[0].items() if name in names[1]]
    if (
        len(recorded) != len(given)
        and recorded
        and isinstance(recorded[0], dict)
        and "_id" in recorded[0]
    ):
        by_id = {one["_id"]: one for one in given}
        return [(one, by_id[one["_id"]]) for one in recorded if one["_id"] in by_id]
    return zip(recorded, given, strict=False)


def _key(item: Any) -> str:
    """Sort items by what they are, not by what is said of them."""
    if not isinstance(item, dict):
        return json.dumps(item)
    marks = ("fullyQualifiedName", "_id", "id", "tagFQN", "docId", "resource", "name", "toColumn")
    ends = [item.get(end) for end in ("fromEntity", "toEntity") if isinstance(item.get(end), str)]
    return json.dumps([*(item.get(mark) for mark in marks), *ends])
