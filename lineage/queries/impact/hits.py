"""Hits: what the impact of changes is on each thing, and who has to know."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, Protocol, overload

import numpy as np

from lineage.graph.index.adjacency import Longs
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.answer import Answer, Record, counted
from lineage.model.edges import Path, Strength
from lineage.model.entities import Entity, MlModel
from lineage.model.proposed_change import ProposedChange
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Gap
from lineage.queries.impact.renames import Rename
from lineage.queries.impact.verdicts import ImpactVerdict

__all__ = ["Audience", "Hit", "Hits", "Impact", "Judged", "Shown", "Totals"]

_TIER = "Tier."
_FOUND = tuple(
    verdict for verdict in ImpactVerdict if verdict.severity > ImpactVerdict.UNKNOWN.severity
)


class Shown(NamedTuple):
    """The change that does the worst to something, and the shortest path by which it does."""

    change: ProposedChange
    path: Path


class Audience(NamedTuple):
    """Who has to know of what happens to one thing.

    Attributes
    ----------
    owners, domains : tuple of Reference
        Of the entity, as the catalog has them.
    tier : str or None
        How important that is, as in `Tier.Tier1`.
    """

    owners: tuple[Reference, ...] = ()
    domains: tuple[Reference, ...] = ()
    tier: str | None = None


class Hit:
    """What happens to one thing: an entity, a column, a feature or a pipeline.

    Its path and its gaps are found when somebody asks for them.

    Attributes
    ----------
    reference : Reference
    verdict : ImpactVerdict
    strength : Strength or None
        How much the strongest path proves; None where there is no path.
    hops : int or None
        How far the nearest change is, by any path.
    """

    __slots__ = ("_doubts", "_shown", "hops", "reference", "strength", "verdict")

    def __init__(
        self,
        reference: Reference,
        verdict: ImpactVerdict,
        *,
        strength: Strength | None = None,
        hops: int | None = None,
        shown: Callable[[], Shown] | None = None,
        doubts: Callable[[], tuple[Gap, ...]] | None = None,
    ) -> None:
        self.reference, self.verdict = reference, verdict
        self.strength, self.hops = strength, hops
        self._shown, self._doubts = shown, doubts

    @property
    def shown(self) -> Shown | None:
        """The change that does it, and its evidence path; None where nothing was found."""
        return None if self._shown is None else self._shown()

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """Why it is unknown what happens; empty where it is known."""
        return () if self._doubts is None else self._doubts()

    def __repr__(self) -> str:
        return f"<Hit: {self.reference} {self.verdict}>"


class Hits(Sequence[Hit]):
    """Hits in order, each made when somebody looks at it; how many there are is known at once.

    Parameters
    ----------
    severities : array of int64
        Of each; the worst first.
    make : callable
        Makes the hit at a place.
    """

    def __init__(self, severities: Longs, make: Callable[[int], Hit]) -> None:
        self._severities, self._make = severities, make

    def __len__(self) -> int:
        return len(self._severities)

    @overload
    def __getitem__(self, place: int) -> Hit: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Hit, ...]: ...
    def __getitem__(self, place: int | slice) -> Hit | tuple[Hit, ...]:
        """Make a hit, or those of a slice."""
        places = range(len(self))[place]
        return self._make(places) if isinstance(places, int) else tuple(map(self._make, places))

    def of(self, *verdicts: ImpactVerdict) -> Iterator[Hit]:
        """Go through those of some verdicts."""
        wanted = [verdict.severity for verdict in verdicts]
        for place in np.isin(self._severities, wanted).nonzero()[0].tolist():
            yield self._make(place)

    def number_of(self, verdict: ImpactVerdict) -> int:
        """Count those of a verdict."""
        return int((self._severities == verdict.severity).sum())


class Totals(NamedTuple):
    """How many things are hit, as far as that was found.

    Attributes
    ----------
    by_hops : dict of int to int
        By how far away the change is.
    by_kind, by_owner : dict of str to int
        What has no owner counts for the empty text.
    """

    by_hops: dict[int, int]
    by_kind: dict[str, int]
    by_owner: dict[str, int]


class Judged(Protocol):
    """What has judged a graph, and can say more of it."""

    def hit(self, reference: Reference) -> Hit:
        """Say what happens to any reference of the graph."""

    def reaching(self, reference: Reference) -> list[tuple[ProposedChange, ImpactVerdict]]:
        """List the changes that reach something, and what each does to it."""


class Impact(Answer):
    """What some changes do.

    Attributes
    ----------
    changes : tuple of ProposedChange
        Sorted by what is changed.
    hits : sequence of Hit
        Each thing once, by its worst verdict; the worst first, then the nearest, then by reference.
    gaps : tuple of Gap
        What was not read or not understood: something else may be hit. Empty means: complete.
    renames : tuple of Rename
        Pairs of what goes and what is new that look like renames.
    unread : tuple of Gap
        The gaps that lie in the changes: there may be more of them.
    """

    def __init__(  # noqa: PLR0913  # what an answer says
        self,
        graph: LineageGraph,
        changes: tuple[ProposedChange, ...],
        hits: Hits,
        *,
        judged: Judged,
        gaps: tuple[Gap, ...] = (),
        unread: tuple[Gap, ...] = (),
        renames: tuple[Rename, ...] = (),
    ) -> None:
        self.changes, self.hits = changes, hits
        self.gaps, self.unread, self.renames = gaps, unread, renames
        self._graph, self._judged = graph, judged

    @property
    def complete(self) -> bool:
        """Whether all is known: what is not hit is safe."""
        return not self.gaps and not self.hits.number_of(ImpactVerdict.UNKNOWN)

    @property
    def worst(self) -> ImpactVerdict:
        """The worst verdict of all; what is not complete is no better than unknown."""
        least = ImpactVerdict.UNKNOWN if self.gaps else ImpactVerdict.SAFE
        verdicts = (least, *(hit.verdict for hit in self.hits[:1]))
        return max(verdicts, key=lambda verdict: verdict.severity)

    def verdict(self, reference: Reference) -> ImpactVerdict:
        """Return what happens to any entity, column, feature or pipeline of the graph.

        Raises
        ------
        UnknownEntity
            The graph does not have it.
        """
        return self.hit(reference).verdict

    def hit(self, reference: Reference) -> Hit:
        """Return all that is said of any reference of the graph, be it listed or not.

        Raises
        ------
        UnknownEntity
            The graph does not have it.
        """
        return self._judged.hit(reference)

    def changes_reaching(self, reference: Reference) -> list[tuple[ProposedChange, ImpactVerdict]]:
        """List the changes that arrive at something itself, and what each of them does to it.

        Of a pipeline that only carries what is hit, there are none.
        """
        return self._judged.reaching(reference)

    def of(self, *verdicts: ImpactVerdict) -> Iterator[Hit]:
        """Go through what is hit by some verdicts."""
        return self.hits.of(*verdicts)

    def audience(self, reference: Reference) -> Audience:
        """Return who has to know of what happens to something."""
        entity = self._entity(reference)
        if entity is None:
            return Audience()
        tiers = (tag.fqn for tag in entity.tags if tag.fqn.startswith(_TIER))
        return Audience(entity.owners, entity.domains, next(tiers, None))

    @property
    def owners(self) -> tuple[Reference, ...]:
        """Everybody who owns something that is hit; sorted."""
        found = (self.audience(hit.reference).owners for hit in self._found)
        return tuple(sorted({owner for owners in found for owner in owners}))

    @property
    def dashboards(self) -> tuple[Reference, ...]:
        """The dashboards that are hit, and those that show a model which is; sorted."""
        found = {hit.reference for hit in self._found if hit.reference.kind == Kind.DASHBOARD}
        models = (self._entity(hit.reference) for hit in self._found)
        found.update(
            model.dashboard
            for model in models
            if isinstance(model, MlModel) and model.dashboard is not None
        )
        return tuple(sorted(found))

    @property
    def totals(self) -> Totals:
        """Count what is hit, by hops, kind and owner."""
        hits = list(self._found)
        by_hops = Counter(hit.hops or 0 for hit in hits)
        by_kind = Counter(str(hit.reference.kind) for hit in hits)
        by_owner: Counter[str] = Counter()
        for hit in hits:
            names = [str(owner) for owner in self.audience(hit.reference).owners]
            by_owner.update(names or [""])
        return Totals(
            dict(sorted(by_hops.items())),
            dict(sorted(by_kind.items())),
            dict(sorted(by_owner.items())),
        )

    @property
    def _found(self) -> Iterator[Hit]:
        return self.of(*_FOUND)

    def _entity(self, reference: Reference) -> Entity | None:
        if reference not in self._graph:
            return None
        value = self._graph.value(self._graph.entity_of(reference))
        return value if isinstance(value, Entity) else None

    def summary(self) -> str:
        """Count what is hit, by verdict."""
        counts = {verdict: self.hits.number_of(verdict) for verdict in ImpactVerdict}
        found = [f"{number:,} {verdict}" for verdict, number in counts.items() if number]
        hit = f"{counted(len(self.changes), 'change')}: {', '.join(found) or 'nothing downstream'}"
        if self.gaps:
            return f"{hit}; {counted(len(self.gaps), 'gap')}: not complete"
        return f"{hit}; complete" if self.complete else hit

    def to_records(self) -> list[Record]:
        """Give one row for each thing there is a verdict on."""
        return [self._record(hit) for hit in self.hits]

    def _record(self, hit: Hit) -> Record:
        shown, audience = hit.shown, self.audience(hit.reference)
        return {
            "verdict": str(hit.verdict),
            "kind": str(hit.reference.kind),
            "fqn": hit.reference.fqn,
            "hops": hit.hops,
            "strength": None if hit.strength is None else hit.strength.label,
            "change": None if shown is None else str(shown.change),
            "path": [] if shown is None else [item.fqn for item in shown.path.references],
            "owners": [owner.fqn for owner in audience.owners],
            "domains": [domain.fqn for domain in audience.domains],
            "tier": audience.tier,
            "gaps": [str(gap) for gap in hit.gaps],
        }

    def __len__(self) -> int:
        return len(self.hits)
