"""Several requests at a time, in threads."""

from collections.abc import Callable, Iterable
from concurrent.futures import CancelledError, ThreadPoolExecutor
from threading import Event
from typing import TypeVar

__all__ = ["WORKERS", "in_parallel"]

WORKERS = 8
"""Requests under way at once; more of them make httpx slower, not faster."""

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def in_parallel(
    pool: ThreadPoolExecutor, work: Callable[[_Item], _Result], items: Iterable[_Item]
) -> list[_Result]:
    """Do some work for each item, several at a time; the first error stops what has not begun."""
    failed = Event()

    def run(item: _Item) -> _Result:
        if failed.is_set():
            raise CancelledError
        try:
            return work(item)
        except BaseException:
            failed.set()
            raise

    # What is cancelled comes after what failed, whose error is therefore met first.
    return [future.result() for future in [pool.submit(run, item) for item in items]]
