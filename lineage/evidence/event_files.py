"""Files of OpenLineage events: JSON as producers, brokers and servers write it.

One event, a list, events one after the other with or without line breaks; inside whatever
object or text a server's answer, a topic's dump or a log puts around them; packed by gzip or
not. What holds no event is refused, so that nothing is passed over.
"""

import json
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from lineage.errors import BrokenFile
from lineage.files.text_file import read_text

__all__ = ["RawEvent", "holds_events", "read_raw_events"]

_PARTS = ("run", "job", "dataset")
"""What an event has one of, as an object."""

_WRAPPING = frozenset({"event", "events"})
"""What an event never has, and what is around events often does."""

_LONE = re.compile(r"\\u[dD][89a-fA-F]")
"""Half of a character: where it is not beside the other half, no text can be written of it."""

_SPACE = " \t\r\n\ufeff\x1e"  # with the marks that begin a file, and a text of a sequence


class RawEvent(NamedTuple):
    """An event as it stands in a file, and where.

    Attributes
    ----------
    place : str
        For instance `events.jsonl, line 3`.
    """

    place: str
    content: dict[str, Any]


class _NoEvent(Exception):  # noqa: N818  # it says what was found
    """Among events stands something that is none."""


def read_raw_events(path: Path) -> Iterator[RawEvent]:
    """Read the events of a file, in their order.

    Raises
    ------
    BrokenFile
        The file is missing or no JSON, or something in it holds no event; with the line.
    """
    name = str(path)
    for line, value in _values(name, read_text(path)):
        try:
            events = _events_in(value)
        except (_NoEvent, RecursionError):
            events = None
        if events is None:
            reason = "is JSON, but holds something else than OpenLineage events, or none"
            raise BrokenFile(name, reason, line=line)
        for number, event in enumerate(events, 1):
            place = f"{name}, line {line}"
            yield RawEvent(f"{place}, event {number}" if len(events) > 1 else place, event)


def holds_events(text: str) -> bool:
    """Whether a JSON text begins with an event, or with something around events.

    Examples
    --------
    >>> holds_events('{"events": [{"job": {"namespace": "n", "name": "load"}}]}')
    True
    >>> holds_events('{"models": []}')
    False
    """
    try:
        first, _ = json.JSONDecoder().raw_decode(text.lstrip(_SPACE))
        return bool(_events_in(first))
    except _NoEvent:
        return True
    except (ValueError, RecursionError):
        return False  # whoever reads it says what is wrong with it


def _values(name: str, text: str) -> Iterator[tuple[int, Any]]:
    """Go through the JSON values of a text, each with its line."""
    decoder, position, line, counted_to = json.JSONDecoder(), 0, 1, 0
    has_halves = _LONE.search(text) is not None
    while (position := _skip_space(text, position)) < len(text):
        line += text.count("\n", counted_to, position)
        counted_to = position
        try:
            value, position = decoder.raw_decode(text, position)
        except json.JSONDecodeError as error:
            raise BrokenFile(name, f"is no JSON: {error.msg}", line=error.lineno) from None
        except RecursionError:
            raise BrokenFile(name, "is nested too deeply", line=line) from None
        except ValueError as error:  # a number of thousands of digits
            raise BrokenFile(name, f"cannot be read: {error}", line=line) from None
        yield line, _without_halves(value) if has_halves else value


def _without_halves(value: Any) -> Any:
    return json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))


def _skip_space(text: str, position: int) -> int:
    while position < len(text) and text[position] in _SPACE:
        position += 1
    return position


def _events_in(value: Any) -> list[dict[str, Any]] | None:
    """Find the events in a value, however deep; None where it has nothing to do with events.

    Raises
    ------
    _NoEvent
        A list of events holds something else.
    """
    if isinstance(value, str):
        return _events_in_text(value)
    if isinstance(value, list):
        found = [_events_in(item) for item in value]
        if any(events is not None for events in found) and None in found:
            raise _NoEvent
        return list(chain.from_iterable(filter(None, found))) if found[:1] != [None] else None
    return _events_in_object(value) if isinstance(value, dict) else None


def _events_in_text(text: str) -> list[dict[str, Any]] | None:
    """Find the events in a text within JSON, as dumps of topics hold them."""
    if not text.lstrip(_SPACE).startswith(("{", "[")):
        return None
    try:
        return _events_in(json.loads(text.strip(_SPACE)))
    except ValueError:
        return None


def _events_in_object(item: dict[str, Any]) -> list[dict[str, Any]] | None:
    is_wrapping = not _WRAPPING.isdisjoint(item)
    if not is_wrapping and any(isinstance(item.get(part), dict) for part in _PARTS):
        return [item]
    found = [
        events
        for key, inner in item.items()
        if (inner or key in _WRAPPING) and (events := _events_in(inner)) is not None
    ]
    if found:
        return list(chain.from_iterable(found))
    # Spelled amiss, yet meant to be an event: whoever takes it apart says what is wrong.
    is_meant = not is_wrapping and not {*_PARTS, "eventType"}.isdisjoint(item)
    return [item] if is_meant else None
