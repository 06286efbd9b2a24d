"""Merging: what an edge will say, of what it says and what is wanted of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeVar

from lineage.model.edges import ColumnEdge, Edge, Evidence, Origin
from lineage.model.reference import Reference
from lineage.writes.edge_steps import Owner
from lineage.writes.ownership import DRAWN, Ownership

__all__ = ["Clash", "Merge", "Policy", "merge_edge"]

_Said = TypeVar("_Said", str, Reference)


class Policy(StrEnum):
    """Whose word stands where the server says one thing and we another.

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
    """The policy of each field of an edge, and how to tell what is ours.

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
    """The server says one thing and we another, and only one of them can stand.

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
            f"{self.upstream} → {self.downstream}: {self.field} is {self.recorded!r} and stays; "
            f"{self.wanted!r} is wanted; {choice}"
        )


def merge_edge(
    wanted: Edge, recorded: Edge | None, *, merge: Merge
) -> tuple[Edge, tuple[Clash, ...]]:
    """Say what an edge will be, and where the wish and the record clash.

    Parameters
    ----------
    wanted : Edge
        What is stated; what it leaves empty is not stated.
    recorded : Edge or None
        What the server says.
    merge : Merge
        Whose word stands.
    """
    if recorded is None:
        evidence = replace(
            wanted.evidence,
            origin=Origin.RECORDED,
            recorded_as=wanted.evidence.recorded_as or DRAWN,
        )
        return replace(wanted, evidence=evidence), ()
    merging = _Merging(wanted, recorded, merge)
    evidence = merging.evidence()
    mappings = tuple(merging.mappings())
    after = replace(recorded, column_edges=mappings, evidence=evidence)
    return after, tuple(merging.clashes)


class _Merging:
    """One edge being merged, and the clashes met on the way."""

    def __init__(self, wanted: Edge, recorded: Edge, merge: Merge) -> None:
        self.wanted, self.recorded, self.merge = wanted, recorded, merge
        self.is_ours = merge.ownership.owner(recorded) == Owner.OURS
        self.clashes: list[Clash] = []

    def evidence(self) -> Evidence:
        """Merge what the edge says besides its mappings."""
        wanted, recorded = self.wanted.evidence, self.recorded.evidence
        return replace(
            recorded,
            pipeline=self._choose("pipeline", recorded.pipeline, wanted.pipeline),
            sql=self._choose("sql", recorded.sql, wanted.sql),
            description=self._choose("description", recorded.description, wanted.description),
            recorded_as=self._choose("recorded_as", recorded.recorded_as, wanted.recorded_as)
            or DRAWN,
        )

    def mappings(self) -> Iterator[ColumnEdge]:
        """Give the recorded mappings, with our functions where they may go, then ours."""
        stated = {
            pair: mapping.function for mapping in self.wanted.column_edges for pair in mapping.pairs
        }
        for mapping in self.recorded.column_edges:
            functions = {stated.get(pair) for pair in mapping.pairs}
            function = functions.pop() if len(functions) == 1 else None
            yield replace(mapping, function=self._choose("function", mapping.function, function))
        known = {pair for mapping in self.recorded.column_edges for pair in mapping.pairs}
        wanted = self.wanted.column_edges
        for mapping in sorted(wanted, key=lambda one: (one.downstream, one.upstream)):
            columns = tuple(
                column for column in mapping.upstream if (column, mapping.downstream) not in known
            )
            if columns:
                yield replace(mapping, upstream=columns)

    def _choose(self, name: str, recorded: _Said | None, wanted: _Said | None) -> _Said | None:
        if not wanted or recorded == wanted:
            return recorded
        policy = getattr(self.merge, name)
        if not recorded or policy == Policy.REPLACE or (policy == Policy.OURS and self.is_ours):
            return wanted
        self.clashes.append(
            Clash(
                upstream=self.recorded.upstream,
                downstream=self.recorded.downstream,
                field=name,
                recorded=str(recorded),
                wanted=str(wanted),
            )
        )
        return recorded
