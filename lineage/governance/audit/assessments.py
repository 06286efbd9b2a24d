"""Assessments and findings in their order, each made when somebody looks at it."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, islice
from typing import Protocol, overload

import numpy as np

from lineage.governance.audit.verdicts import Assessment, Finding, Verdict
from lineage.graph.index.adjacency import Strengths
from lineage.model.answer import counted
from lineage.model.reference import Reference

__all__ = ["Assessed", "Assessments", "Findings", "Judged"]


class Judged(Protocol):
    """Targets that were assessed, each known by its place."""

    @property
    def targets(self) -> Sequence[Reference]:
        """What is judged."""

    def verdicts(self) -> Sequence[Verdict]:
        """Return the verdict of each."""

    def counts(self) -> Sequence[int]:
        """Count the findings of each."""

    def strengths(self) -> Strengths:
        """Return how much each finding proves, those of one target after those of another."""

    def assessment(self, place: int) -> Assessment:
        """Return all that is said of one."""


class Assessed:
    """Targets whose assessments are all there."""

    def __init__(self, assessments: Sequence[Assessment]) -> None:
        self._assessments = assessments
        self.targets = [item.target for item in assessments]

    def verdicts(self) -> list[Verdict]:
        """Return the verdict of each."""
        return [item.verdict for item in self._assessments]

    def counts(self) -> list[int]:
        """Count the findings of each."""
        return [len(item.findings) for item in self._assessments]

    def strengths(self) -> Strengths:
        """Return how much each finding proves, those of one target after those of another."""
        findings = (finding for item in self._assessments for finding in item.findings)
        return np.array([finding.strength for finding in findings], dtype=np.uint8)

    def assessment(self, place: int) -> Assessment:
        """Return all that is said of one."""
        return self._assessments[place]


class Assessments(Sequence[Assessment]):
    """Assessments of some targets; each is made when it is looked at.

    Parameters
    ----------
    judged : Judged
    places : sequence of int, optional
        Which of its targets; all unless given.
    """

    def __init__(self, judged: Judged, places: Sequence[int] | None = None) -> None:
        self._judged = judged
        self._places = range(len(judged.targets)) if places is None else places

    @property
    def targets(self) -> list[Reference]:
        """What is assessed."""
        return [self._judged.targets[place] for place in self._places]

    @property
    def verdicts(self) -> list[Verdict]:
        """The verdict about each."""
        verdicts = self._judged.verdicts()
        return [verdicts[place] for place in self._places]

    @property
    def counts(self) -> list[int]:
        """How many findings each has."""
        counts = self._judged.counts()
        return [counts[place] for place in self._places]

    @property
    def strengths(self) -> Strengths:
        """How much each finding proves, those of one target after those of another."""
        strengths = self._judged.strengths()
        if isinstance(self._places, range):  # these are all
            return strengths
        begins = [0, *accumulate(self._judged.counts())]
        chosen = [strengths[begins[place] : begins[place + 1]] for place in self._places]
        return np.concatenate([strengths[:0], *chosen])

    def choose(self, wanted: Callable[[Reference], bool]) -> "Assessments":
        """Keep those of some targets."""
        targets = self._judged.targets
        return Assessments(self._judged, [p for p in self._places if wanted(targets[p])])

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, place: int) -> Assessment: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Assessment, ...]: ...
    def __getitem__(self, place: int | slice) -> Assessment | tuple[Assessment, ...]:
        if isinstance(place, slice):
            return tuple(map(self._judged.assessment, self._places[place]))
        return self._judged.assessment(self._places[place])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Assessments | tuple) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self.targets))

    def __repr__(self) -> str:
        return repr(tuple(self))


class Findings(Sequence[Finding]):
    """The findings of several assessments, one after the other."""

    def __init__(self, assessments: Assessments) -> None:
        self._assessments = assessments
        self._begins = list(accumulate(assessments.counts, initial=0))

    @property
    def strengths(self) -> Strengths:
        """How much each proves, as numbers of `Strength`, in their order; none is made for it."""
        return self._assessments.strengths

    def __len__(self) -> int:
        return self._begins[-1]

    @overload
    def __getitem__(self, place: int) -> Finding: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Finding, ...]: ...
    def __getitem__(self, place: int | slice) -> Finding | tuple[Finding, ...]:
        if isinstance(place, slice):
            begin, stop, step = place.indices(len(self))
            if step == 1:
                return tuple(islice(self._from(begin), max(0, stop - begin)))
            return tuple(self[number] for number in range(begin, stop, step))
        number = range(len(self))[place]
        return next(self._from(number))

    def __iter__(self) -> Iterator[Finding]:
        return self._from(0)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Findings | tuple) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(len(self))

    def __repr__(self) -> str:
        return f"<{counted(len(self), 'finding')}>"

    def _from(self, number: int) -> Iterator[Finding]:
        for place in range(bisect_right(self._begins, number) - 1, len(self._assessments)):
            if self._begins[place] < self._begins[place + 1]:
                skipped = max(0, number - self._begins[place])
                yield from islice(self._assessments[place].findings, skipped, None)
