"""Attempts: trying a write again where it did not arrive, each time with a new look first."""

from collections.abc import Callable
from typing import TypeVar

from lineage.openmetadata.client import Client

__all__ = ["attempt_until"]

_Result = TypeVar("_Result")


def attempt_until(client: Client, attempt: Callable[[], _Result | None]) -> _Result | None:
    """Call `attempt` until it gives something, as often and as slowly as the client retries.

    Returns
    -------
    object or None
        What the attempt gave; None where it never gave anything.
    """
    outcome = attempt()
    for failures in range(1, client.retry.tries):
        if outcome is not None:
            break
        client.retry.sleep(client.retry.wait(failures))
        outcome = attempt()
    return outcome
