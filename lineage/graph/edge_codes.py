"""The hops of two graphs compared: those that only one of them has.

Each graph's hops are kept as codes, so that a graph is coded once however often it is compared.
Graphs that hold the same references in the same order compare at once; else the numbers of one
are translated into those of the other.
"""

from itertools import chain, compress
from typing import NamedTuple

import numpy as np

from lineage.graph.index.adjacency import Longs
from lineage.graph.index.compilation import StrengthOf, hop_strengths
from lineage.graph.index.hop_codes import compare_codes, have_ends, make_codes, read_codes
from lineage.graph.storage import Storage
from lineage.model.edges import Strength
from lineage.model.reference import Reference

__all__ = ["CodedHop", "CodedHops", "ComparedHops", "code_hops", "compare_hops"]

_STRENGTHS = {int(strength): strength for strength in Strength}


class CodedHop(NamedTuple):
    """A hop by its ends and its strength, whatever edge it is of."""

    upstream: Reference
    downstream: Reference
    strength: Strength


class CodedHops(NamedTuple):
    """The hops of a graph as codes, by the numbers of its references."""

    references: list[Reference]
    codes: Longs


class ComparedHops(NamedTuple):
    """How the hops of two graphs differ.

    Attributes
    ----------
    removed, added : list of CodedHop
        What only the one has, and what only the other.
    in_both : frozenset of pairs of Reference
        The ends of those between which both have a hop, whatever it proves.
    """

    removed: list[CodedHop]
    added: list[CodedHop]
    in_both: frozenset[tuple[Reference, Reference]]


def code_hops(storage: Storage, strength_of: StrengthOf | None) -> CodedHops:
    """Code all hops of a graph."""
    tails, heads = (np.array(ends, dtype=np.int32) for ends in (storage.tails, storage.heads))
    codes = make_codes(tails, heads, hop_strengths(storage, strength_of))
    return CodedHops(list(storage.references), codes)


def compare_hops(before: CodedHops, after: CodedHops) -> ComparedHops:
    """Find the hops that only the one and only the other graph has."""
    references, codes = before.references, after.codes
    if after.references != references:
        references, codes = _translated(before, after)
    found = compare_codes(before.codes, codes)
    removed, added = (_decoded(references, one) for one in found)
    others = have_ends(codes, found.removed), have_ends(before.codes, found.added)
    hops, flags = chain(removed, added), chain(*(one.tolist() for one in others))
    return ComparedHops(removed, added, frozenset(hop[:2] for hop in compress(hops, flags)))


def _translated(before: CodedHops, after: CodedHops) -> tuple[list[Reference], Longs]:
    """Give the numbers of the one to what the other holds; what is new comes after."""
    numbers = {reference: number for number, reference in enumerate(before.references)}
    own = [numbers.setdefault(one, len(numbers)) for one in after.references]
    tails, heads, strengths = read_codes(after.codes)
    new = np.array(own, dtype=np.int32)
    return list(numbers), make_codes(new.take(tails), new.take(heads), strengths)


def _decoded(references: list[Reference], codes: Longs) -> list[CodedHop]:
    tails, heads, strengths = (column.tolist() for column in read_codes(codes))
    ends = (map(references.__getitem__, numbers) for numbers in (tails, heads))
    return list(map(CodedHop, *ends, map(_STRENGTHS.__getitem__, strengths)))
