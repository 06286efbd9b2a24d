"""Histories: what a journal holds of an apply that was killed, or came to its end."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lineage.errors import BrokenFile, NotOpenMetadata
from lineage.writes.outcome import Outcome
from lineage.writes.plan import Plan
from lineage.writes.plan_file import plan_from_json
from lineage.writes.step import Result, State

__all__ = ["FORMAT", "VERSION", "WRITING", "History", "parse_journal", "read_journal"]

FORMAT = "lineage-journal"
VERSION = 2
WRITING = "writing"
"""The state of a step whose write is about to be sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What a journal holds.

    Attributes
    ----------
    plan : Plan
        What was applied.
    outcomes : dict of int to Outcome
        The latest of each step that came to an end, by its place in the plan.
    stored : dict of int to State
        What the server held before the first write of each step; a step that is not here has
        sent no write.
    undone_by : str
        The journal of the run that began to undo this one; empty where none did.
    models_apart : int
        In a journal of version 1, how many changes of models are counted apart from the steps
        on edges; 0 in any other.
    size : int
        How many bytes of the file are complete lines.
    """

    plan: Plan
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    stored: dict[int, State[Any]] = field(default_factory=dict)
    undone_by: str = ""
    models_apart: int = 0
    size: int

    def place_in_file(self, place: int) -> dict[str, int]:
        """Write the place of a step as its journal counts."""
        if place < self.models_apart:
            return {"model": place}
        return {"step": place - self.models_apart}


def read_journal(path: str | os.PathLike[str]) -> History:
    """Read what a journal holds.

    Raises
    ------
    BrokenFile
        The file is missing, no journal, of an unknown version, or broken.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise BrokenFile(str(path), f"cannot be read: {error.strerror or error}") from None
    return parse_journal(content, str(path))


def parse_journal(content: bytes, path: str) -> History:
    """Read a journal from its bytes; a last line that a kill cut off is passed over.

    Parameters
    ----------
    path : str
        The file they are from, for messages.

    Raises
    ------
    BrokenFile
        They are no journal, of an unknown version, or broken.
    """
    complete = content[: content.rfind(b"\n") + 1]
    if not complete:
        reason = "holds nothing: the run ended before it wrote anything; apply the plan anew"
        raise BrokenFile(path, reason)
    lines = _parsed(path, complete)
    head = next(lines, {})
    if head.get("format") != FORMAT:
        raise BrokenFile(path, "is no journal; `lineage apply` writes one")
    version = head.get("version")
    if version not in (VERSION, 1):
        reason = f"is a journal of version {version!r}; this library reads 1 and {VERSION}"
        raise BrokenFile(path, reason)
    plan = plan_from_json(head.get("plan"), path)
    models = len(plan.model_steps) if version == 1 else 0
    history = History(plan=plan, models_apart=models, size=len(complete))
    for number, line in enumerate(lines, start=2):
        if isinstance(line.get("undone_by"), str):
            history = replace(history, undone_by=line["undone_by"])
        else:
            try:
                _take(history, line)
            except (LookupError, TypeError, ValueError, OverflowError):
                reason = "names no step of the plan, or no state"
                raise BrokenFile(path, reason, line=number) from None
            except NotOpenMetadata:
                reason = "holds a state that cannot be read"
                raise BrokenFile(path, reason, line=number) from None
    return history


def _parsed(path: str, complete: bytes) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(complete.splitlines(), start=1):
        try:
            item = json.loads(line)
        except (ValueError, RecursionError):
            item = None
        if not isinstance(item, dict):
            raise BrokenFile(path, "is no line of a journal", line=number)
        yield item


def _take(history: History, line: dict[str, Any]) -> None:
    """Take in one line after the first: what is about to be changed, or what became of it."""
    is_model = "model" in line
    place = int(line["model"]) if is_model else int(line["step"]) + history.models_apart
    if place < 0:
        raise IndexError(place)
    step = history.plan.steps[place]
    if line["state"] != WRITING:
        outcome = Outcome(step, Result(line["state"]), str(line.get("detail", "")))
        history.outcomes[place] = outcome
        return
    history.outcomes.pop(place, None)
    stored: State[Any] = step.state(line.get("stored"))
    history.stored.setdefault(place, stored)
