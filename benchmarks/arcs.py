"""Seeded edge tables of any size: layered tables of columns, a few cycles, models at the end.

A domain holds 200 tables of 19 columns in eight layers; its last 40 tables are models, and
their columns features. Every column comes from two columns one layer up, every fifth table
has an upstream table of which no column is known. Two in a hundred columns carry one of
eight tags, one in a thousand has a gap.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["TAGS", "Arcs", "make_arcs"]

TAGS = 8

_WIDTH, _DOMAIN, _LAYERS, _MODELS = 20, 200, 8, 40
_VALUE, _MASKED, _INFLUENCE, _TABLE = 4, 3, 2, 1

Ints = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Arcs:
    """The columns of an edge table, as arrays.

    Attributes
    ----------
    nodes : int
        Of every twenty, the first is a table's entry, the second its exit, the others columns.
    """

    nodes: int
    tail: Ints
    head: Ints
    strength: npt.NDArray[np.uint8]
    hop: Ints
    seeds: Ints
    labels: Ints
    gaps: Ints
    targets: Ints


def make_arcs(count: int, seed: int = 7) -> Arcs:
    """Make about so many arcs."""
    generator = np.random.default_rng(seed)
    domains = max(1, round(count / 3.57 / (_WIDTH * _DOMAIN)))
    nodes = np.arange(domains * _DOMAIN * _WIDTH, dtype=np.int32)
    entries = nodes[::_WIDTH]
    columns = nodes[nodes % _WIDTH > 1]
    above = columns // _WIDTH * _WIDTH
    free = [
        (entries, entries + 1, _VALUE),
        (columns, above + 1, _VALUE),
        (above, columns, _TABLE),
    ]
    hops = [*_mappings(generator, columns), *_bare(generator, entries)]
    tagged = _some(generator, columns, 50)
    return Arcs(
        nodes=nodes.size,
        tail=np.concatenate([tail for tail, _, _ in (*free, *hops)]),
        head=np.concatenate([head for _, head, _ in (*free, *hops)]),
        strength=np.concatenate(
            [_strengths(strength, tail) for tail, _, strength in (*free, *hops)]
        ),
        hop=_hops(sum(tail.size for tail, _, _ in free), sum(tail.size for tail, _, _ in hops)),
        seeds=tagged,
        labels=generator.integers(0, TAGS, tagged.size, dtype=np.int32),
        gaps=_some(generator, columns, 1000),
        targets=entries[entries // _WIDTH % _DOMAIN >= _DOMAIN - _MODELS] + 1,
    )


def _mappings(generator, columns):
    """Let every column come from two of the layer above, a few also from one below."""
    place = columns // _WIDTH % _DOMAIN
    layer = _DOMAIN // _LAYERS
    below = columns[place >= layer]
    for _ in range(2):
        strength = generator.choice(
            np.array([_VALUE, _MASKED, _INFLUENCE], np.uint8), below.size, p=(0.9, 0.08, 0.02)
        )
        yield _one_layer_up(generator, below), below, strength
    back = _some(generator, below, 10_000)
    yield back, _one_layer_up(generator, back), _VALUE


def _one_layer_up(generator, below):
    """Choose columns of the layer above; low numbers are chosen far more often."""
    layer = _DOMAIN // _LAYERS
    table = below // _WIDTH
    first = table - table % _DOMAIN + (table % _DOMAIN // layer - 1) * layer
    chosen = (generator.random(below.size) ** 2 * layer).astype(np.int32)
    column = 2 + (generator.random(below.size) * (_WIDTH - 2)).astype(np.int32)
    return ((first + chosen) * _WIDTH + column).astype(np.int32)


def _bare(generator, tables):
    place = tables // _WIDTH % _DOMAIN
    below = _some(generator, tables[place >= _DOMAIN // _LAYERS], 5)
    upstream = _one_layer_up(generator, below) // _WIDTH * _WIDTH
    yield upstream + 1, below, _TABLE


def _some(generator, among, one_in):
    return among[generator.random(among.size) < 1 / one_in]


def _strengths(strength, tail):
    return np.broadcast_to(np.asarray(strength, np.uint8), tail.shape)


def _hops(free, hops):
    return np.concatenate([np.full(free, -1, np.int32), np.arange(hops, dtype=np.int32)])
