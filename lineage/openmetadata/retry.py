"""When to ask again, and how long to wait before."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from lineage.errors import BrokenAnswer, RequestFailed, ServerError, ServerUnreachable

__all__ = ["RETRIED_STATUSES", "Retry", "is_absence", "may_pass"]

RETRIED_STATUSES = frozenset({429, 502, 503, 504})
"""Answers that may be better the next time: too many requests, and a server that is away."""

_IDEMPOTENT = frozenset({"GET", "PUT", "DELETE"})

_TRIES_FOR_JSON = 3
"""How often to ask at most for what comes as a success without JSON: the address may be wrong."""


def may_pass(error: ServerError, method: str) -> bool:
    """Whether what went wrong may be right the next time, and trying does no harm.

    A success without JSON says that a write was done, or that someone else answered: only
    what reads is sent again then.
    """
    if isinstance(error, BrokenAnswer):
        return method == "GET"
    if isinstance(error, RequestFailed):
        return method in _IDEMPOTENT and error.status in RETRIED_STATUSES
    return method in _IDEMPOTENT and isinstance(error, ServerUnreachable)


def is_absence(error: ServerError) -> bool:
    """Whether no server answered, or only a gateway before one that is away."""
    if isinstance(error, RequestFailed):
        return error.status in RETRIED_STATUSES - {429}
    return isinstance(error, ServerUnreachable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """How often a request is tried, and how long to wait between two tries.

    The wait before try `n + 1` is `first_wait * 2 ** (n - 1)` seconds, at most
    `longest_wait`, of which a random half is left out so that many clients do not return
    at the same moment. A `Retry-After` the server sends is kept to, up to `longest_wait`.

    Attributes
    ----------
    tries : int
        How often a request is sent at most.
    budget : int
        How often a client tries again in all, whatever the requests: a server that is down
        should be reported as a gap, not waited for a thousand times.
    first_wait, longest_wait : float
        Seconds.
    sleep, jitter, clock : callable
        What touches the world: wait some seconds, draw from [0, 1), give the time in seconds
        since 1970. Tests pass their own.

    Examples
    --------
    >>> retry = Retry(first_wait=1.0, jitter=lambda: 0.0)
    >>> [retry.wait(n) for n in (1, 2, 3)]
    [0.5, 1.0, 2.0]
    >>> retry.wait(1, retry_after="7")
    7.0
    """

    tries: int = 5
    budget: int = 100
    first_wait: float = 0.5
    longest_wait: float = 30.0
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)
    jitter: Callable[[], float] = field(default=random.random, repr=False)
    clock: Callable[[], float] = field(default=time.time, repr=False)

    def tries_for(self, error: ServerError) -> int:
        """How often to send a request at most that ends in such an error."""
        return min(self.tries, _TRIES_FOR_JSON) if isinstance(error, BrokenAnswer) else self.tries

    def wait(self, failures: int, *, retry_after: str | None = None) -> float:
        """Seconds to wait after so many failures, from 1."""
        asked = None if retry_after is None else self._seconds(retry_after)
        if asked is not None and asked > 0:  # a date that has passed may be a clock that is off
            return min(asked, self.longest_wait)
        backoff = min(self.first_wait * 2 ** (failures - 1), self.longest_wait)
        return float(backoff * (1 + self.jitter()) / 2)

    def _seconds(self, retry_after: str) -> float | None:
        """Read a `Retry-After` header: seconds, or a date (RFC 9110, section 10.2.3)."""
        if retry_after.isascii() and retry_after.strip().isdigit():
            return float(retry_after)
        try:
            moment = parsedate_to_datetime(retry_after)
        except ValueError:
            return None
        return moment.timestamp() - datetime.fromtimestamp(self.clock(), UTC).timestamp()
