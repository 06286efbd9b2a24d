"""History: what a journal tells of an apply that was killed, or came to its end."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lineage.errors import BrokenFile, NotOpenMetadata
from lineage.openmetadata.model_api import StoredModel, make_stored_model
from lineage.writes.outcome import ModelOutcome, Outcome, Result
from lineage.writes.plan import Plan
from lineage.writes.plan_file import plan_from_json

__all__ = ["FORMAT", "VERSION", "WRITING", "History", "read_journal"]

FORMAT = "lineage-journal"
VERSION = 1
WRITING = "writing"
"""The state of a step whose write is about to be sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What a journal tells.

    Attributes
    ----------
    plan : Plan
        What was applied.
    outcomes : dict of int to Outcome
        The latest of each step that came to an end, by its place in the plan.
    stored : dict of int to dict or None
        What the server held of each edge before the first write of that step; a step that
        is not here has sent no write.
    models : dict of int to ModelOutcome
        The latest of each change of a model, by its place among the plan's.
    stored_models : dict of int to StoredModel
        What the server held of each model before the first write of that change.
    size : int
        How many bytes of the file are whole lines.
    """

    plan: Plan
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    stored: dict[int, dict[str, Any] | None] = field(default_factory=dict)
    models: dict[int, ModelOutcome] = field(default_factory=dict)
    stored_models: dict[int, StoredModel] = field(default_factory=dict)
    size: int


def read_journal(path: str | os.PathLike[str]) -> History:
    """Read what a journal tells.

    Raises
    ------
    BrokenFile
        The file is missing, no journal, of an unknown version, or broken.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise BrokenFile(str(path), f"cannot be read: {error.strerror or error}") from None
    whole = content[: content.rfind(b"\n") + 1]
    if not whole:
        reason = "holds nothing: the run ended before it wrote anything; apply the plan anew"
        raise BrokenFile(str(path), reason)
    lines = _parsed(str(path), whole)
    head = next(lines, {})
    if head.get("format") != FORMAT:
        raise BrokenFile(str(path), "is no journal; `lineage apply` writes one")
    if head.get("version") != VERSION:
        reason = f"is a journal of version {head.get('version')!r}; this library reads {VERSION}"
        raise BrokenFile(str(path), reason)
    history = History(plan=plan_from_json(head.get("plan"), str(path)), size=len(whole))
    for number, line in enumerate(lines, start=2):
        _take(history, line, str(path), number)
    return history


def _parsed(path: str, whole: bytes) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(whole.splitlines(), start=1):
        try:
            item = json.loads(line)
        except ValueError:
            item = None
        if not isinstance(item, dict):
            raise BrokenFile(path, "is no line of a journal", line=number)
        yield item


def _take(history: History, line: dict[str, Any], path: str, number: int) -> None:
    """Take in one line after the first: of a change of a model, or of a step on an edge."""
    of_model = "model" in line
    place, state = line.get("model" if of_model else "step"), line.get("state")
    count = len(history.plan.models if of_model else history.plan.steps)
    known = state == WRITING or state in set(Result)
    if not isinstance(place, int) or not 0 <= place < count or not known:
        raise BrokenFile(path, "names no step of the plan, or no state", line=number)
    try:
        (_take_model if of_model else _take_step)(history, place, line)
    except NotOpenMetadata:
        raise BrokenFile(path, "holds a model that cannot be read", line=number) from None


def _take_step(history: History, place: int, line: dict[str, Any]) -> None:
    if line["state"] == WRITING:
        history.outcomes.pop(place, None)
        history.stored.setdefault(place, line.get("stored"))
        return
    texts = str(line.get("detail", "")), str(line.get("fingerprint", ""))
    step = history.plan.steps[place]
    history.outcomes[place] = Outcome(step, Result(line["state"]), *texts)


def _take_model(history: History, place: int, line: dict[str, Any]) -> None:
    if line["state"] == WRITING:
        history.models.pop(place, None)
        stored = make_stored_model(line.get("stored"), "the journal")
        history.stored_models.setdefault(place, stored)
        return
    step, detail = history.plan.models[place], str(line.get("detail", ""))
    history.models[place] = ModelOutcome(step, Result(line["state"]), detail)
