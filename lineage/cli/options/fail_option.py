"""The option that says which verdict on a change fails, and the exit code that comes of it."""

from collections.abc import Collection
from enum import StrEnum
from typing import Annotated

import typer

from lineage.model.snapshot import Gap
from lineage.queries.impact.verdicts import ImpactVerdict

__all__ = ["FailOn", "FailOnOption", "exit_code"]


class FailOn(StrEnum):
    """The least verdict that fails: it, and all that is worse."""

    BROKEN = "broken"
    CHANGED = "changed"
    INFLUENCED = "influenced"
    POSSIBLE = "possible"
    UNKNOWN = "unknown"


FailOnOption = Annotated[
    FailOn, typer.Option(help="The least verdict to fail on: it, and all that is worse.")
]


def exit_code(worst: ImpactVerdict, fail_on: FailOn, *, unread: Collection[Gap]) -> int:
    """Return 1 for what was found, 2 for what is not known, 0 for what was asked to pass.

    Parameters
    ----------
    unread : collection of Gap
        Changes that were not understood or not read: they may do anything, so nothing passes.
    """
    is_failing = worst.severity >= ImpactVerdict(fail_on).severity
    if is_failing and worst != ImpactVerdict.UNKNOWN:
        return 1
    return 2 if unread or is_failing else 0
