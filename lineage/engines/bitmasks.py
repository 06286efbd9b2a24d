"""Labels and strengths as the bits of one number.

Each tag has a bit for every strength there is among the arcs: it is set where the tag arrives by
paths at least so strong. An arc lets pass the bits of strengths it reaches, so one pass finds the
shortest paths of every strength at once. A gap needs no strength, and has one bit for the weakest.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from lineage.model.edges import Strength

__all__ = ["WIDTH", "Bit", "allowed", "layouts"]

WIDTH = 62
"""Bits in one pass: a signed 64-bit number has room for them in every engine."""


class Bit(NamedTuple):
    """What one bit stands for."""

    label: int
    strength: int
    mask: int


def layouts(
    tags: Iterable[int], gaps: Iterable[int], strengths: Iterable[int]
) -> Iterator[tuple[Bit, ...]]:
    """Lay out the bits of each pass; many labels take several.

    Parameters
    ----------
    tags, gaps : iterable of int
        The labels of tags and of gaps.
    strengths : iterable of int
        Those that arcs have.

    Examples
    --------
    >>> [len(bits) for bits in layouts(range(40), (40, 41), (4, 1))]
    [62, 20]
    """
    levels = sorted({*strengths, int(Strength.VALUE)}, reverse=True)
    weakest = levels[-1:]
    waiting = [*((tag, levels) for tag in sorted(tags)), *((gap, weakest) for gap in sorted(gaps))]
    bits: list[Bit] = []
    for label, own in waiting:
        if len(bits) + len(own) > WIDTH:
            yield tuple(bits)
            bits = []
        bits += [Bit(label, level, 1 << len(bits) + place) for place, level in enumerate(own)]
    if bits:
        yield tuple(bits)


def allowed(bits: Iterable[Bit], strength: int) -> int:
    """Return the bits that an arc of some strength lets pass.

    Examples
    --------
    >>> (bits,) = layouts([0], [], (4, 3, 1))
    >>> [bin(allowed(bits, strength)) for strength in (4, 3, 1)]
    ['0b111', '0b110', '0b100']
    """
    return sum(bit.mask for bit in bits if bit.strength <= strength)
