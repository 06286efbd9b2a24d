"""The garbage collector while much is read or built: it looks less often for what may go.

Nearly all of that stays. By its usual thresholds the collector would go through it again and
again, which takes longer than the work itself.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

__all__ = ["rare_collection"]

_RARE = (500_000, 20, 100)


class _Collector:
    """Thresholds that are raised as long as anything is read, by however many threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._readings = 0
        self._usual = gc.get_threshold()

    def begin(self) -> None:
        with self._lock:
            self._readings += 1
            if self._readings == 1:
                self._usual = gc.get_threshold()
                if 0 < self._usual[0] < _RARE[0]:  # 0 is how it is switched off
                    gc.set_threshold(*_RARE)

    def end(self) -> None:
        with self._lock:
            self._readings -= 1
            if self._readings == 0:
                gc.set_threshold(*self._usual)


_COLLECTOR = _Collector()


@contextmanager
def rare_collection() -> Iterator[None]:
    """Let the garbage collector look less often for the length of a `with` block.

    Examples
    --------
    >>> usual = gc.get_threshold()
    >>> with rare_collection():
    ...     gc.get_threshold()
    (500000, 20, 100)
    >>> gc.get_threshold() == usual
    True
    """
    _COLLECTOR.begin()
    try:
        yield
    finally:
        _COLLECTOR.end()
