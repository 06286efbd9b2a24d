"""Propagation: which labels reach which targets, and how strong at best.

Every row of a schedule has a bit for each label and each strength: whether the label arrives there
by arcs of that strength at least. A row is all that comes to it by the rows that feed it, so one
pass over the levels fills them all; no label is looked at by itself. Strengths are planes of bits,
the strongest first: an arc lets pass the planes it is strong enough for, and clears those before.
What arrives in one plane arrives in all after it.

Labels go in blocks, so that the rows of one block fit into memory.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from lineage.graph.index.adjacency import Flags, Longs, Strengths
from lineage.graph.index.schedule import Level, Schedule

__all__ = ["Propagated", "Seeds", "propagate"]

_BITS = 64
_ROOM = 1 << 28
"""How many bytes the rows of a block of labels take at most, unless one word takes more."""

_COUNTED = 1024
"""For so many targets labels are counted at once."""

_ONES = np.array([number.bit_count() for number in range(256)], dtype=np.uint8)
"""How many bits each byte has."""

Words = NDArray[np.uint64]


class Seeds(NamedTuple):
    """Where each label begins, and how strong: arrays of equal length.

    Attributes
    ----------
    labels : array of int64
        Numbered from 0; one may begin at several nodes.
    nodes : array of int64
    strengths : array of uint8
    """

    labels: Longs
    nodes: Longs
    strengths: Strengths

    @classmethod
    def of(cls, pairs: Sequence[tuple[int, int]], strength: int) -> Self:
        """Make them of pairs of a label and a node, all of one strength.

        Examples
        --------
        >>> Seeds.of([(0, 7), (1, 7)], 4).nodes.tolist()
        [7, 7]
        """
        table = np.array(pairs, dtype=np.int64).reshape(-1, 2)
        return cls(table[:, 0], table[:, 1], np.full(len(table), strength, dtype=np.uint8))


@dataclass(frozen=True, slots=True)
class Propagated:
    """Which labels reach which targets.

    Attributes
    ----------
    strengths : tuple of int
        That of each plane, the strongest first.
    words : array of uint64, of shape (targets, planes, words)
        A bit for each label.
    """

    strengths: tuple[int, ...]
    words: Words

    def best(self, among: Flags | None = None) -> Strengths:
        """Return the strongest that reaches each target; 0 where nothing does.

        Parameters
        ----------
        among : array of bool, optional
            For each label whether it counts; all do unless given.
        """
        words = self.words if among is None else self.words & _words(among, self.words.shape[2])
        found = np.zeros(len(words), dtype=np.uint8)
        for plane in reversed(range(len(self.strengths))):
            found[words[:, plane].any(axis=1)] = self.strengths[plane]
        return found

    def of_target(self, target: int) -> tuple[Longs, Strengths]:
        """Return the labels that reach one target, sorted, and how strong each does."""
        _, labels, strengths = self._pairs(slice(target, target + 1))
        return labels, strengths

    def pairs(self) -> tuple[Longs, Longs, Strengths]:
        """Return the targets, labels and strengths of what reaches what, in this order."""
        return self._pairs(slice(None))

    def counts(self) -> Longs:
        """Count the labels that reach each target."""
        counts = np.empty(len(self.words), dtype=np.int64)
        # Block by block: numpy looks up bytes by numbers of eight bytes each.
        for begin in range(0, len(counts), _COUNTED):
            block = slice(begin, begin + _COUNTED)
            reached = np.ascontiguousarray(self.words[block, -1]).view(np.uint8)
            counts[block] = _ONES.take(reached).sum(axis=1, dtype=np.int64)
        return counts

    def _pairs(self, targets: slice) -> tuple[Longs, Longs, Strengths]:
        words = self.words[targets]
        # What reaches a target at all has its bit in the last plane, and most words there are 0.
        rows, places = words[:, -1].nonzero()
        planes = [_bits(words[rows, plane, places]) for plane in range(len(self.strengths))]
        found = planes[-1].nonzero()[0]
        which, bits = found // _BITS, found % _BITS
        # What arrives in one plane arrives in all after it, so their number names the first.
        missing = np.zeros(len(found), dtype=np.uint8)
        for plane in planes:
            missing += ~plane.take(found)
        strengths = np.array(self.strengths, dtype=np.uint8)[missing]
        return rows[which], places[which] * _BITS + bits, strengths


def propagate(schedule: Schedule, seeds: Seeds, targets: Longs) -> Propagated:
    """Find which labels reach which targets.

    Parameters
    ----------
    schedule : Schedule
        Made for these targets, or for more.
    seeds : Seeds
        Where each label begins.
    targets : array of int64
        The nodes that matter.

    Returns
    -------
    Propagated
        In the order of the targets.
    """
    labels = int(seeds.labels.max()) + 1 if len(seeds.labels) else 0
    strengths = _planes(schedule, seeds)
    rows = schedule.rows[targets]
    words = max(1, -(-labels // _BITS))
    result = np.empty((len(rows), len(strengths), words), dtype=np.uint64)
    step = max(1, _ROOM // (8 * max(1, schedule.many * len(strengths))))
    for begin in range(0, words, step):
        block = _Block(schedule, strengths, begin, min(step, words - begin))
        block.begin(seeds)
        block.fill()
        result[:, :, begin : begin + block.words] = block.rows(rows)
    return Propagated(strengths, result)


def _planes(schedule: Schedule, seeds: Seeds) -> tuple[int, ...]:
    """Return the strengths that anything can arrive with, the strongest first."""
    begun = {int(strength) for strength in np.unique(seeds.strengths)}
    most = max(begun, default=0)
    weaker = {strength for strength in schedule.strengths if strength < most}
    return tuple(sorted(begun | weaker, reverse=True)) or (1,)


class _Block:
    """The rows of one block of labels, as words of 64 of them."""

    def __init__(
        self, schedule: Schedule, strengths: tuple[int, ...], begin: int, words: int
    ) -> None:
        self.schedule, self.strengths, self.words = schedule, strengths, words
        self._first = begin * _BITS
        self._cells = np.zeros((schedule.many, len(strengths) * words), dtype=np.uint64)
        # How many cells of a row an arc of each strength clears: those of all planes above it.
        self._cleared = [
            sum(plane > strength for plane in strengths) * words
            for strength in range(max(strengths) + 1)
        ]

    def begin(self, seeds: Seeds) -> None:
        """Set the bits of labels where they begin."""
        rows, labels = self.schedule.rows[seeds.nodes], seeds.labels - self._first
        inside = (labels >= 0) & (labels < self.words * _BITS) & (rows >= 0)
        rows, labels, strengths = rows[inside], labels[inside], seeds.strengths[inside]
        bits = np.uint64(1) << (labels % _BITS).astype(np.uint64)
        for plane, strength in enumerate(self.strengths):
            counts = strengths >= strength
            cells = plane * self.words + labels[counts] // _BITS
            np.bitwise_or.at(self._cells, (rows[counts], cells), bits[counts])

    def fill(self) -> None:
        """Fill all rows from those that feed them."""
        levels, core = self.schedule.levels, self.schedule.core
        self._join(levels[: core.start])
        if core:
            inside = slice(levels[core.start].rows.start, levels[core.stop - 1].rows.stop)
            before: Words | None = None
            while before is None or not np.array_equal(before, self._cells[inside]):
                before = self._cells[inside].copy()
                self._join(levels[core.start : core.stop])
        self._join(levels[core.stop :])

    def _join(self, levels: tuple[Level, ...]) -> None:
        """Join what comes by the arcs of some levels to the rows where it arrives."""
        for segment in (segment for level in levels for segment in level.segments):
            coming = self._cells.take(segment.tails, axis=0)
            if segment.strengths is not None:
                self._clear(coming, segment.strengths)
            if segment.starts is not None:
                coming = np.bitwise_or.reduceat(coming, segment.starts, axis=0)
            self._cells[segment.rows] |= coming

    def _clear(self, coming: Words, strengths: Strengths) -> None:
        """Clear what arcs are too weak for."""
        for strength, cleared in enumerate(self._cleared):
            if cleared:
                coming[strengths == strength, :cleared] = 0

    def rows(self, rows: NDArray[np.int32]) -> Words:
        """Return some rows, in the shape (rows, planes, words)."""
        return self._cells[rows].reshape(len(rows), len(self.strengths), self.words)


def _words(flags: Flags, many: int) -> Words:
    """Pack flags into words, the reverse of `_bits`."""
    padded = np.zeros(many * _BITS, dtype=np.bool_)
    padded[: len(flags)] = flags
    words: Words = np.packbits(padded, bitorder="little").view("<u8").astype(np.uint64)
    return words


def _bits(words: Words) -> Flags:
    """Unpack words into their bits, one word after the other."""
    # Little-endian bytes and bits put label n at place n, whatever the machine.
    plain = np.ascontiguousarray(words.astype("<u8", copy=False)).view(np.uint8)
    found: Flags = np.unpackbits(plain, bitorder="little").view(np.bool_)
    return found
