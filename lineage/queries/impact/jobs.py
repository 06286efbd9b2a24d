"""Jobs: pipelines and stored procedures, which are no nodes of the lineage they carry."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from lineage.graph.index.adjacency import Flags, Longs, Strengths
from lineage.graph.index.compilation import hop_strengths
from lineage.graph.lineage_graph import LineageGraph
from lineage.graph.storage import HopFlag
from lineage.masking.rules import MaskingRule
from lineage.model.edges import Hop, Strength
from lineage.model.reference import Reference
from lineage.queries.impact.first_hops import carried_hops
from lineage.queries.impact.spreading import Route, Spreading

__all__ = ["HitJob", "Jobs"]


class HitJob(NamedTuple):
    """A job that reads what a change reaches.

    Attributes
    ----------
    job : Reference
    severity, hops : int
        How bad it is, and how many hops away.
    strength : Strength
    spreading : Spreading
    number : int
        The hop by which it reads.
    """

    job: Reference
    severity: int
    hops: int
    strength: Strength
    spreading: Spreading
    number: int


class Jobs:
    """The jobs of a graph, and what each of them carries.

    Parameters
    ----------
    graph : LineageGraph
    rules : tuple of MaskingRule
        The rules by which functions hide values.
    """

    def __init__(self, graph: LineageGraph, rules: tuple[MaskingRule, ...]) -> None:
        self.graph, self.rules = graph, rules
        self._tails = np.array(graph.storage.tails, dtype=np.int64)
        self._heads = np.array(graph.storage.heads, dtype=np.int64)
        carried = graph.keep(carried_hops, lambda: carried_hops(graph))
        self._carried, self._jobs = carried, list(carried)
        self._owners = np.arange(len(carried)).repeat([len(hops) for hops in carried.values()])
        self._hops = np.array([hop for hops in carried.values() for hop in hops], dtype=np.int64)

    def __contains__(self, reference: Reference) -> bool:
        return reference in self._carried

    def ends(self, job: Reference) -> Longs:
        """Return the numbers of what a job fills; sorted."""
        return np.unique(self._heads[self._carried[job]])

    def among(self, entities: Flags) -> list[Reference]:
        """List the jobs that fill any of some entities."""
        filling = np.unique(self._owners[entities[self._heads[self._hops]]])
        return [self._jobs[number] for number in filling.tolist()]

    def hit(self, spreadings: list[Spreading]) -> list[HitJob]:
        """Find the jobs that read what changes reach, each by its worst and then nearest hop."""
        found = [hit for spreading in spreadings for hit in self._hit_by(spreading)]
        found.sort(key=lambda hit: (-hit.severity, hit.hops, hit.number))
        worst: dict[Reference, HitJob] = {}
        for hit in found:
            worst.setdefault(hit.job, hit)
        return list(worst.values())

    def _hit_by(self, spreading: Spreading) -> Iterator[HitJob]:
        tails, own = self._tails[self._hops], self._strengths[self._hops]
        held = spreading.held[tails]
        strengths = np.minimum(np.maximum(held, spreading.strengths[tails]), own)
        # A job that reads an entity which goes is known to, whichever columns it takes.
        strengths[np.isin(tails, spreading.departure.gone.nodes)] = Strength.VALUE
        severities = spreading.severity_of(strengths)
        depths = np.where(held > 0, 0, spreading.depths[tails]) + 1
        for place in severities.nonzero()[0].tolist():
            yield HitJob(
                self._jobs[self._owners[place]],
                int(severities[place]),
                int(depths[place]),
                Strength(int(strengths[place])),
                spreading,
                int(self._hops[place]),
            )

    def route(self, hit: HitJob) -> Route:
        """Find the path by which a change reaches a job."""
        storage, number = self.graph.storage, hit.number
        hop = Hop(
            upstream=storage.references[storage.tails[number]],
            downstream=storage.references[storage.heads[number]],
            strength=Strength(max(int(self._strengths[number]), Strength.TABLE)),
            edge=storage.edges[number],
            column_edge=storage.mappings[number],
        )
        return hit.spreading.route_by(storage.tails[number], hop)

    @property
    def _strengths(self) -> Strengths:
        """What each hop proves; an edge that names columns says no more than they do."""
        return self.graph.keep((_own_strengths, self.rules), lambda: _own_strengths(self))


def _own_strengths(jobs: Jobs) -> Strengths:
    storage = jobs.graph.storage
    strengths = hop_strengths(storage, jobs.graph.masking(jobs.rules)).copy()
    flags = np.frombuffer(storage.flags, dtype=np.uint8)
    strengths[((flags & HopFlag.BARE) > 0) & ((flags & HopFlag.NAMING) > 0)] = 0
    return strengths
