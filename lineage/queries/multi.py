"""Traces of several starts, and paths between several ends, as one answer."""

from collections.abc import Iterable
from dataclasses import dataclass

from lineage.model.answer import Answer, Record, counted
from lineage.model.snapshot import Gap
from lineage.queries.paths import Paths
from lineage.queries.traversal import Trace

__all__ = ["PathsBetween", "Traces"]


@dataclass(frozen=True, slots=True, repr=False)
class Traces(Answer):
    """What is upstream, or downstream, of each of several starts.

    Attributes
    ----------
    traces : tuple of Trace
        One a start, in the order of the starts.
    """

    traces: tuple[Trace, ...]

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """The gaps of all of them, each once."""
        return _joined(self.traces)

    def summary(self) -> str:
        """Say how much was reached from how many starts, and whether that is all.

        Examples
        --------
        >>> Traces(())
        <Traces: nothing to trace>
        """
        if not self.traces:
            return "nothing to trace"
        reached = {reference for trace in self.traces for reference in trace.references}
        gaps = self.gaps
        whole = f"{counted(len(gaps), 'gap')}: not complete" if gaps else "complete"
        starts, direction = counted(len(self.traces), "start"), self.traces[0].direction
        return f"{len(reached):,} {direction} of {starts}; {whole}"

    def to_records(self) -> list[Record]:
        """Give one row for each thing reached from each start."""
        return [
            {"start": str(trace.start), **record}
            for trace in self.traces
            for record in trace.to_records()
        ]


@dataclass(frozen=True, slots=True, repr=False)
class PathsBetween(Answer):
    """The paths from each of several references to each of several others.

    Attributes
    ----------
    pairs : tuple of Paths
        One a pair that was asked about, with paths or without.
    """

    pairs: tuple[Paths, ...]

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """The gaps of all of them, each once."""
        return _joined(self.pairs)

    @property
    def connected(self) -> tuple[Paths, ...]:
        """The pairs that any path connects."""
        return tuple(pair for pair in self.pairs if pair.paths)

    def summary(self) -> str:
        """Say how many paths there are, and between how many pairs.

        Examples
        --------
        >>> PathsBetween(())
        <PathsBetween: 0 paths, 0 of 0 pairs connected>
        """
        first = "the first " if any(pair.is_cut for pair in self.connected) else ""
        gaps = self.gaps
        whole = f"; {counted(len(gaps), 'gap')}: not complete" if gaps else ""
        found = counted(sum(len(pair.paths) for pair in self.pairs), "path")
        among = counted(len(self.pairs), "pair")
        return f"{first}{found}, {len(self.connected):,} of {among} connected{whole}"

    def to_records(self) -> list[Record]:
        """Give one row for each hop of each path of each pair."""
        return [
            {"start": str(pair.upstream), "end": str(pair.downstream), **record}
            for pair in self.connected
            for record in pair.to_records()
        ]


def _joined(answers: Iterable[Trace | Paths]) -> tuple[Gap, ...]:
    return tuple(dict.fromkeys(gap for answer in answers for gap in answer.gaps))
