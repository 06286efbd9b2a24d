"""Masking in a graph: what a mapping hides may be brought back by another one downstream.

The rules, and what a mapping does by itself, are in `lineage.masking`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lineage.graph.index.index import Index
from lineage.graph.index.walk import Walk
from lineage.graph.storage import Storage
from lineage.masking.find_rule import mapping_rule, mapping_strength, undone_rules
from lineage.masking.rules import RULES, MaskingRule
from lineage.model.edges import ColumnEdge, Edge, Strength
from lineage.model.reference import Reference

__all__ = ["Masking", "find_masking"]

_Mapping = tuple[Edge, ColumnEdge]


@dataclass(frozen=True, slots=True)
class Masking:
    """What hides values in one graph. Called with a mapping, it returns the mapping's strength.

    `LineageGraph.masking` finds it.

    Attributes
    ----------
    rules : tuple of MaskingRule
        The rules that hold, in the order they are tried.
    undone : frozenset of (Edge, ColumnEdge)
        The mappings that hide a value which an inverse brings back further downstream.
    """

    rules: tuple[MaskingRule, ...] = RULES
    undone: frozenset[_Mapping] = frozenset()

    def rule(self, edge: Edge, column_edge: ColumnEdge | None) -> MaskingRule | None:
        """Find the rule by which a mapping hides the value; None where it gets through.

        Examples
        --------
        >>> edge = Edge(upstream=("table", "t"), downstream=("table", "u"))
        >>> hashed = ColumnEdge(upstream=("t.email",), downstream="u.id", function="md5(email)")
        >>> Masking().rule(edge, hashed).name
        'digest'
        """
        if column_edge is None or self._is_undone(edge, column_edge):
            return None
        return mapping_rule(column_edge, rules=self.rules)

    def __call__(self, edge: Edge, column_edge: ColumnEdge) -> Strength:
        """Say how much a mapping proves."""
        strength = mapping_strength(column_edge, rules=self.rules)
        if strength == Strength.MASKED and self._is_undone(edge, column_edge):
            return Strength.VALUE
        return strength

    def _is_undone(self, edge: Edge, column_edge: ColumnEdge) -> bool:
        # An edge has much to hash, and most graphs undo nothing.
        return bool(self.undone) and (edge, column_edge) in self.undone


def find_masking(
    storage: Storage, compiled: Callable[[], Index], *, rules: tuple[MaskingRule, ...]
) -> Masking:
    """Find what hides values in a graph.

    A mapping that encrypts hides nothing where a mapping downstream of it decrypts: what comes
    out of that one is the value again.

    Parameters
    ----------
    storage : Storage
        What the graph holds.
    compiled : callable
        Returns its index at the grain of parts, whatever the strengths in it; called where
        something is undone.
    rules : tuple of MaskingRule
        The rules that hold.
    """
    undoing = _undoing(storage, rules)
    undone = _undone(compiled(), undoing, rules) if undoing else ()
    return Masking(rules, frozenset(undone))


def _undone(
    index: Index,
    undoing: dict[MaskingRule, set[Reference]],
    rules: tuple[MaskingRule, ...],
) -> Iterator[_Mapping]:
    """Walk upstream from all that undoes a rule together, and list what the rule would hide."""
    for rule, given in undoing.items():
        walk = Walk(index, *(index.exit(item) for item in sorted(given)), direction="upstream")
        for hop in index.hops_at(*walk.hops()):
            if hop.column_edge is not None and mapping_rule(hop.column_edge, rules=rules) == rule:
                yield hop.edge, hop.column_edge


def _undoing(storage: Storage, rules: tuple[MaskingRule, ...]) -> dict[MaskingRule, set[Reference]]:
    """Find what is given to an inverse of each rule, where anything is."""
    found: dict[MaskingRule, set[Reference]] = {}
    read: dict[str, tuple[MaskingRule, ...]] = {}
    for tail, edge, mapping in zip(storage.tails, storage.edges, storage.mappings, strict=True):
        text = _what_is_done(edge, mapping)
        if text not in read:
            read[text] = tuple(undone_rules(text, rules=rules))
        for rule in read[text]:
            found.setdefault(rule, set()).add(storage.references[tail])
    return found


def _what_is_done(edge: Edge, mapping: ColumnEdge | None) -> str:
    """Return the function of a mapping; where none is recorded, it may be any in the edge's SQL."""
    if mapping is None and edge.value_mappings:
        return ""  # its mappings are hops of their own
    function = None if mapping is None else mapping.function
    return function or edge.evidence.sql or ""
