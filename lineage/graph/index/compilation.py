"""Compile what a graph holds into the index of one grain."""

from collections.abc import Callable

import numpy as np

from lineage.graph.index.adjacency import Flags, Ints, Longs, Strengths
from lineage.graph.index.expansion import Containment, HopArrays, PipelineArcs, expand
from lineage.graph.index.index import Index
from lineage.graph.storage import HopFlag, Storage
from lineage.model.edges import ColumnEdge, Edge, Strength

__all__ = ["StrengthOf", "compile_entities", "compile_parts", "hop_strengths", "silent_edges"]

StrengthOf = Callable[[Edge, ColumnEdge], Strength]
"""Returns how much one mapping of an edge proves.

Asked of mappings that have a function or a statement about masking, and of those that influence;
any other carries the value. Without it, all but influences do.
"""


def compile_entities(storage: Storage) -> Index:
    """Compile the edges between entities, and which entities are in which."""
    numbers = _with_flag(storage, HopFlag.BARE)
    hops = _hops(storage, numbers, _own_strengths(storage)[numbers])
    containment = _containment(storage, of_parts=False)
    return _index(storage, containment, hops)


def compile_parts(storage: Storage, strength_of: StrengthOf | None) -> Index:
    """Compile the hops between columns and features, and what is between and within entities.

    Parameters
    ----------
    storage : Storage
    strength_of : callable, optional
        Returns how much each mapping proves.
    """
    numbers = _part_hops(storage)
    strengths = _asked(_part_strengths(storage), storage, strength_of)[numbers]
    hops = _hops(storage, numbers, strengths)
    return _index(storage, _containment(storage, of_parts=True), _with_any_column(hops, storage))


def _index(storage: Storage, containment: Containment, hops: HopArrays) -> Index:
    left_out = np.frombuffer(storage.left_out, dtype=np.bool_) if storage.left_out else None
    expansion = expand(containment, hops, _pipelines(storage, hops), left_out=left_out)
    return Index(expansion, storage)


def hop_strengths(storage: Storage, strength_of: StrengthOf | None) -> Strengths:
    """Return how much each hop proves, of entities and of parts."""
    return _asked(_own_strengths(storage), storage, strength_of)


def silent_edges(storage: Storage) -> tuple[Ints, Ints]:
    """Find the pairs of entities between which no edge reports which columns only influence.

    A pair is silent unless the influences of every edge the server recorded between its ends are
    known, or, where it recorded none, those of some other edge.

    Returns
    -------
    tails, heads : array of int32
        The ends of each pair, once; sorted.
    """
    flags = _flags(storage)
    bare = (flags & HopFlag.BARE) > 0
    ends = _ends(storage)
    known = (flags & HopFlag.INFLUENCES_KNOWN) > 0
    recorded = (flags & HopFlag.RECORDED) > 0
    silent = np.setdiff1d(ends[bare], ends[bare & known])
    silent = np.union1d(silent, ends[bare & recorded & ~known])
    return (silent >> 32).astype(np.int32), (silent & 0xFFFFFFFF).astype(np.int32)


def _flags(storage: Storage) -> Strengths:
    return np.frombuffer(storage.flags, dtype=np.uint8)


def _with_flag(storage: Storage, flag: HopFlag) -> Ints:
    return (_flags(storage) & flag).nonzero()[0].astype(np.int32)


def _ends(storage: Storage) -> Longs:
    """Return the ends of each hop as one number, the tail above the head."""
    tails, heads = (np.array(ends, dtype=np.int64) for ends in (storage.tails, storage.heads))
    return tails << 32 | heads


def _containment(storage: Storage, *, of_parts: bool) -> Containment:
    """Return what is in what: entities in entities, and where asked for parts in entities."""
    holders = np.array(storage.holders(), dtype=np.int32)
    parts = (holders >= 0).nonzero()[0].astype(np.int32) if of_parts else holders[:0]
    within = np.array(storage.within, dtype=np.int32).reshape(-1, 3)
    return Containment(
        np.append(parts, within[:, 0]),
        np.append(holders[parts], within[:, 1]),
        np.append(np.ones(len(parts), dtype=np.bool_), within[:, 2] > 0),
        storage.are_parts,
    )


def _pipelines(storage: Storage, hops: HopArrays) -> PipelineArcs | None:
    """Find the edges that pipelines carry, of those pipelines that are ends of hops themselves."""
    if not storage.carried_by:
        return None
    carried = np.array(storage.carried_by, dtype=np.int32).reshape(-1, 2)
    is_end = np.isin(carried[:, 1], hops.tails) | np.isin(carried[:, 1], hops.heads)
    numbers, pipelines = carried[is_end].T
    tails, heads = (np.array(ends, dtype=np.int32) for ends in (storage.tails, storage.heads))
    tails, heads = tails[numbers], heads[numbers]
    # A pipeline that is an end of the edge it carries adds nothing to that edge.
    apart = (pipelines != tails) & (pipelines != heads)
    return PipelineArcs(pipelines[apart], tails[apart], heads[apart], numbers[apart])


def _part_hops(storage: Storage) -> Ints:
    """Choose the hops between parts, and the edges whose columns nobody knows.

    An influence says nothing of values. An edge without mappings of its own is spoken for by
    the model's declared sources.
    """
    flags, ends = _flags(storage), _ends(storage)
    is_bare, is_naming = (flags & HopFlag.BARE) > 0, (flags & HopFlag.NAMING) > 0
    declared = ends[(flags & HopFlag.DECLARED) > 0]
    chosen: Flags = ~is_bare | ~(is_naming | np.isin(ends, declared))
    return chosen.nonzero()[0].astype(np.int32)


def _own_strengths(storage: Storage) -> Strengths:
    """Return how much each hop proves, whatever hides the value; see `Storage.strength`."""
    strengths = _part_strengths(storage)
    naming = _with_flag(storage, HopFlag.NAMING)
    strengths[naming] = Strength.VALUE
    if storage.sources or _from_any(storage).any():  # then what is named may be no column
        strengths[naming] = [storage.strength(number) for number in naming.tolist()]
    return strengths


def _part_strengths(storage: Storage) -> Strengths:
    """Return how much each hop proves that has a mapping, or whose edge has none.

    A mapping that names an entity may come from any of its columns, where it has columns.
    """
    flags, tails = _flags(storage), np.array(storage.tails)
    is_known = ((flags & HopFlag.BARE) == 0) & ~np.isin(tails, _sources(storage))
    is_known &= ~_from_any(storage)
    strengths = np.where(is_known, np.uint8(Strength.VALUE), np.uint8(Strength.TABLE))
    strengths[(flags & HopFlag.INFLUENCE) > 0] = Strength.INFLUENCE
    return strengths


def _from_any(storage: Storage) -> Flags:
    """Whether each hop has a mapping that may come from any column of the entity it names."""
    divided = np.array([item for item in storage.parts if storage.is_divided(item)], dtype=np.int32)
    bare = (_flags(storage) & HopFlag.BARE) > 0
    return np.isin(np.array(storage.tails, dtype=np.int32), divided) & ~bare


def _sources(storage: Storage) -> Ints:
    return np.array(list(storage.sources.values()), dtype=np.int32)


def _asked(strengths: Strengths, storage: Storage, strength_of: StrengthOf | None) -> Strengths:
    """Lessen what hops prove by what masks them; asked of those that may be masked alone."""
    if strength_of is None:
        return strengths
    asked = _with_flag(storage, HopFlag.MORE)
    edges, mappings = storage.edges, storage.mappings
    says = [
        strength_of(edges[number], mapping)
        for number in asked.tolist()
        if (mapping := mappings[number]) is not None
    ]
    strengths[asked] = np.minimum(strengths[asked], np.array(says, dtype=np.uint8))
    return strengths


def _hops(storage: Storage, numbers: Ints, strengths: Strengths) -> HopArrays:
    return HopArrays(
        tails=np.array(storage.tails, dtype=np.int32)[numbers],
        heads=np.array(storage.heads, dtype=np.int32)[numbers],
        strengths=strengths,
        on_rows=(_flags(storage) & HopFlag.ON_ROWS)[numbers] > 0,
        numbers=numbers,
    )


def _with_any_column(hops: HopArrays, storage: Storage) -> HopArrays:
    """Add, for each source that names no column, a hop from its entity: any may be meant."""
    parents = np.array(storage.parents, dtype=np.int32)
    is_source = np.isin(hops.tails, _sources(storage))
    unresolved = (is_source & (parents[hops.tails] >= 0)).nonzero()[0]
    added = HopArrays(
        tails=parents[hops.tails[unresolved]],
        heads=hops.heads[unresolved],
        strengths=np.full(len(unresolved), Strength.TABLE, dtype=np.uint8),
        on_rows=hops.on_rows[unresolved],
        numbers=hops.numbers[unresolved],
    )
    return HopArrays(
        np.append(hops.tails, added.tails),
        np.append(hops.heads, added.heads),
        np.append(hops.strengths, added.strengths),
        np.append(hops.on_rows, added.on_rows),
        np.append(hops.numbers, added.numbers),
    )
