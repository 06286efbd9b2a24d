"""How long something takes: the median of several runs, with the fastest and the slowest."""

import gc
from collections import defaultdict
from collections.abc import Callable
from statistics import median
from time import perf_counter, process_time
from typing import NamedTuple, TypeVar

__all__ = ["Spread", "Stopwatch"]

T = TypeVar("T")


class Spread(NamedTuple):
    """Several runs of the same thing, in seconds."""

    median: float
    fastest: float
    slowest: float

    @classmethod
    def of(cls, seconds: list[float]) -> "Spread":
        return cls(median(seconds), min(seconds), max(seconds))

    @property
    def cells(self) -> tuple[str, str]:
        """The median, and from the fastest to the slowest."""
        return _shown(self.median), f"{_shown(self.fastest)} to {_shown(self.slowest)}"


class Stopwatch:
    """Times by name, one for each run: those on the wall, and those of this process alone."""

    def __init__(self) -> None:
        self._wall: dict[str, list[float]] = defaultdict(list)
        self._own: dict[str, list[float]] = defaultdict(list)

    def time(self, name: str, function: Callable[[], T], *, scale: float = 1.0) -> T:
        """Run a function once more under a name; garbage of what went before is not its fault.

        Where only a sample was asked, its time is scaled.
        """
        gc.collect()
        wall, own = perf_counter(), process_time()
        result = function()
        self._own[name].append((process_time() - own) * scale)
        self._wall[name].append((perf_counter() - wall) * scale)
        return result

    @property
    def names(self) -> list[str]:
        """What was timed, in the order of its first run."""
        return list(self._own)

    def runs(self, name: str) -> list[float]:
        """Return how long this process computed in each run; the rest was waiting for others."""
        return self._own[name]

    def wall(self, name: str) -> Spread:
        """Return how long something took."""
        return Spread.of(self._wall[name])

    def own(self, name: str) -> Spread:
        """Return how long this process computed for it."""
        return Spread.of(self._own[name])


def _shown(seconds: float) -> str:
    if seconds >= 1:
        return f"{seconds:.2f} s"
    return f"{seconds * 1000:.3g} ms" if seconds >= 1e-4 else f"{seconds * 1e6:.3g} µs"
