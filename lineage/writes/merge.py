"""Merging: what an edge will say, of what it says and what is wanted of it."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeVar

from lineage.changes.edge_facts import DRAWN, Pair, mapping_text
from lineage.model.edges import Edge, Evidence, Origin
from lineage.model.reference import Reference
from lineage.writes.merge_mappings import merge_mappings
from lineage.writes.ownership import Owner, Ownership

__all__ = ["Clash", "Merge", "Policy", "merge_edge"]

_Said = TypeVar("_Said", str, Reference)


class Policy(StrEnum):
    """Whose word prevails where the server says one thing and we another.

    Where we say nothing, what is there stays, whatever the policy.
    """

    KEEP = "keep"
    """What is there stays; ours goes where nothing is."""
    OURS = "ours"
    """Ours replaces what we wrote ourselves, and nothing of others."""
    REPLACE = "replace"
    """Ours replaces what is there, whoever wrote it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """The policy of each field of an edge, and what is ours.

    Examples
    --------
    >>> Merge(pipeline=Policy.REPLACE).pipeline
    <Policy.REPLACE: 'replace'>
    """

    pipeline: Policy = Policy.KEEP
    sql: Policy = Policy.KEEP
    description: Policy = Policy.KEEP
    recorded_as: Policy = Policy.KEEP
    function: Policy = Policy.KEEP
    ownership: Ownership = field(default_factory=Ownership)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """The server says one thing and we another, and only one of them can be kept.

    Attributes
    ----------
    upstream, downstream : Reference
        The edge.
    field : str
        One of the fields of `Merge`.
    recorded, wanted : str
        What the server says, which stays, and what we say.
    """

    upstream: Reference
    downstream: Reference
    field: str
    recorded: str
    wanted: str

    def __str__(self) -> str:
        choice = f"to write ours, plan with the policy {self.field}={Policy.REPLACE}"
        return (
            f"{self.upstream} → {self.downstream}: {self.field} {self.recorded!r} stays; "
            f"{self.wanted!r} is wanted; {choice}"
        )


def merge_edge(
    wanted: Edge, recorded: Edge | None, *, merge: Merge
) -> tuple[Edge, tuple[Clash, ...]]:
    """Give an edge as it will be, and where the wish and the record clash.

    Parameters
    ----------
    wanted : Edge
        What is stated; what it leaves empty is not stated. It has no influences.
    recorded : Edge or None
        What the server says.
    merge : Merge
        Whose word prevails.
    """
    if recorded is None:
        evidence = replace(
            wanted.evidence,
            origin=Origin.RECORDED,
            recorded_as=wanted.evidence.recorded_as or DRAWN,
        )
        empty = replace(wanted, column_edges=())
        merged = merge_mappings(wanted, empty, may_replace=lambda _: False)
        return replace(wanted, column_edges=merged.mappings, evidence=evidence), ()
    merging = _Merging(wanted, recorded, merge)
    evidence = merging.evidence()
    merged = merge_mappings(wanted, recorded, may_replace=merging.may_replace)
    clashes = tuple(
        merging.clash(
            "function",
            "; ".join(mapping_text(mapping) for mapping in one.recorded),
            mapping_text(one.wanted),
        )
        for one in merged.clashes
    )
    after = replace(recorded, column_edges=merged.mappings, evidence=evidence)
    if after != recorded and not evidence.recorded_as:  # whatever has details is recorded so
        after = replace(after, evidence=replace(evidence, recorded_as=DRAWN))
    return after, (*merging.clashes, *clashes)


class _Merging:
    """One edge being merged, and the clashes met."""

    def __init__(self, wanted: Edge, recorded: Edge, merge: Merge) -> None:
        self.wanted, self.recorded, self.merge = wanted, recorded, merge
        self.is_ours = merge.ownership.owner(recorded) == Owner.OURS
        self.clashes: list[Clash] = []

    def evidence(self) -> Evidence:
        """Merge what the edge says besides its mappings."""
        wanted, recorded = self.wanted.evidence, self.recorded.evidence
        recorded_as = wanted.recorded_as
        if recorded_as == DRAWN and recorded.recorded_as is None:
            recorded_as = None  # an edge without details says as much
        return replace(
            recorded,
            pipeline=self._choose("pipeline", recorded.pipeline, wanted.pipeline),
            sql=self._choose("sql", recorded.sql, wanted.sql),
            description=self._choose("description", recorded.description, wanted.description),
            recorded_as=self._choose("recorded_as", recorded.recorded_as, recorded_as),
        )

    def may_replace(self, pair: Pair) -> bool:
        """Whether our functions of a pair of columns replace those that are recorded."""
        if self.merge.function == Policy.OURS:
            return self.merge.ownership.owns(self.recorded, pair)
        return self.merge.function == Policy.REPLACE

    def clash(self, name: str, recorded: str, wanted: str) -> Clash:
        """Give the clash of two words about one field of the edge."""
        return Clash(
            upstream=self.recorded.upstream,
            downstream=self.recorded.downstream,
            field=name,
            recorded=recorded,
            wanted=wanted,
        )

    def _choose(self, name: str, recorded: _Said | None, wanted: _Said | None) -> _Said | None:
        if not wanted or recorded == wanted:
            return recorded
        policy = getattr(self.merge, name)
        if not recorded or policy == Policy.REPLACE or (policy == Policy.OURS and self.is_ours):
            return wanted
        self.clashes.append(self.clash(name, str(recorded), str(wanted)))
        return recorded
