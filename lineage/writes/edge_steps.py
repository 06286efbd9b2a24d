"""Steps: one intended write each, as values."""

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum

from lineage.model.answer import Record
from lineage.model.edges import ColumnEdge, Edge, Evidence
from lineage.model.reference import Reference

__all__ = ["Action", "EdgeStep", "Owner", "Pair", "Step", "facts", "fingerprint", "functions"]

Pair = tuple[str, str]
"""A column, and the column or feature it is mapped to."""


class Action(StrEnum):
    """What a step does."""

    CREATE_EDGE = "create-edge"
    CHANGE_EDGE = "change-edge"
    REMOVE_MAPPINGS = "remove-mappings"
    REMOVE_EDGE = "remove-edge"


class Owner(StrEnum):
    """Whose an edge is, as far as that can be proved."""

    OURS = "ours"
    """Our user wrote it, or our manifest lists it."""
    OTHERS = "others"
    """Somebody else wrote it, or wrote to it."""
    UNKNOWN = "unknown"
    """Nobody is known to have written it, or nobody knows who we are."""
    NOBODY = "nobody"
    """It is not there yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeStep:
    """One intended write of one edge.

    Attributes
    ----------
    upstream, downstream : Reference
        The ends of the edge.
    upstream_id, downstream_id : str
        The server's ids of them.
    before, after : Edge or None
        What the server recorded when the plan was made, and what it will record.
    pipeline_id : str
        The server's id of the pipeline that `after` names, where that is a new one.
    fingerprint : str
        Of `before`; a write is refused where it no longer matches.
    owner : Owner
        Whose the edge is.
    reason : str
        Why the step is wanted.
    """

    action: Action
    upstream: Reference
    upstream_id: str
    downstream: Reference
    downstream_id: str
    before: Edge | None
    after: Edge | None
    pipeline_id: str = ""
    fingerprint: str
    owner: Owner
    reason: str

    @property
    def subject(self) -> str:
        """What the step writes, in words."""
        return f"{self.upstream} → {self.downstream}"

    def to_record(self) -> Record:
        """Give the step as a row."""
        kept = set() if self.before is None else set(self.before.column_edges)
        return {
            "action": str(self.action),
            "upstream": str(self.upstream),
            "downstream": str(self.downstream),
            "added": [_spelled(mapping) for mapping in self.added],
            "removed": [_spelled(mapping) for mapping in self.removed],
            "details": [f"{name}: {old} -> {new}" for name, old, new in self.details],
            "kept": len(kept.difference(self.removed)),
            "owner": str(self.owner),
            "reason": self.reason,
        }

    @property
    def added(self) -> tuple[ColumnEdge, ...]:
        """The mappings that will be there and are not yet."""
        return _only(self.after, self.before)

    @property
    def removed(self) -> tuple[ColumnEdge, ...]:
        """The mappings that are there and will not be."""
        return _only(self.before, self.after)

    @property
    def lost_pairs(self) -> frozenset[Pair]:
        """The pairs that are mapped, whatever the function, and will not be."""
        return frozenset(functions(self.before)) - frozenset(functions(self.after))

    @property
    def details(self) -> tuple[tuple[str, str, str], ...]:
        """The facts that will differ: what it is, how it is now, how it will be."""
        if self.after is None:
            return ()
        then, now = facts(self.before), facts(self.after)
        return tuple((name, then[name], now[name]) for name in now if then[name] != now[name])


Step = EdgeStep
"""Any step; `apply_plan` tells them apart by type."""


def fingerprint(edge: Edge | None) -> str:
    """Tell one state of a recorded edge from another: 16 hexadecimal digits of SHA-256.

    Who wrote the edge and when is left out. An edge without any details counts as none,
    since the server does not tell the two apart.

    Examples
    --------
    >>> fingerprint(None) == fingerprint(
    ...     Edge(upstream=Reference("table", "a"), downstream=Reference("mlmodel", "b"))
    ... )
    True
    """
    state: list[object] = []
    if edge is not None and (edge.column_edges or edge.evidence.recorded_as):
        mappings = sorted(
            [item.downstream, sorted(item.upstream), item.function or ""]
            for item in edge.column_edges
        )
        state = [*facts(edge).values(), mappings]
    return hashlib.sha256(json.dumps(state).encode()).hexdigest()[:16]


def facts(edge: Edge | None) -> dict[str, str]:
    """Spell what an edge says besides its mappings; empty where it says nothing."""
    evidence = Evidence() if edge is None else edge.evidence
    return {
        "pipeline": "" if evidence.pipeline is None else str(evidence.pipeline),
        "recorded as": evidence.recorded_as or "",
        "SQL": evidence.sql or "",
        "description": evidence.description or "",
    }


def functions(edge: Edge | None) -> dict[Pair, frozenset[str]]:
    """Give every pair that an edge maps, with the functions it is mapped by; "" for none."""
    found: dict[Pair, frozenset[str]] = {}
    for mapping in () if edge is None else edge.column_edges:
        for pair in mapping.pairs:
            found[pair] = found.get(pair, frozenset()) | {mapping.function or ""}
    return found


def _only(one: Edge | None, other: Edge | None) -> tuple[ColumnEdge, ...]:
    """Tell which mappings one edge has and the other has not."""
    there = () if one is None else one.column_edges
    known = frozenset(() if other is None else other.column_edges)
    return tuple(mapping for mapping in there if mapping not in known)


def _spelled(mapping: ColumnEdge) -> str:
    function = f" ({mapping.function})" if mapping.function else ""
    return f"{', '.join(mapping.upstream)} -> {mapping.downstream}{function}"
