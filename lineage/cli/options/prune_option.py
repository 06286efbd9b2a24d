"""What `lineage plan --prune` takes away, and what it leaves though nothing declares it."""

import sys
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from lineage.changes.desired import Desired
from lineage.errors import LineageError
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.answer import counted
from lineage.views.terminal import printable

if TYPE_CHECKING:
    from lineage.model.reference import Reference
    from lineage.writes.ownership import Ownership
    from lineage.writes.removal import Removal

__all__ = ["Prune", "Pruning"]

_SHOWN = 5

_PROVE = """\
  to prove what is ours, keep a list: lineage apply --manifest FILE, of an earlier run too with
  --resume JOURNAL --manifest FILE; then plan with --manifest FILE"""

_NAME = """\
  to take away all that is undeclared into an entity: lineage plan --prune named --scope NAME"""


class Prune(StrEnum):
    """What is taken away of what nothing declares any more."""

    OURS = "ours"
    NAMED = "named"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruning:
    """What is declared, what is ours, and to what the plan is narrowed."""

    graph: LineageGraph
    desired: Desired | None
    ownership: "Ownership"
    models: "Collection[Reference] | None"
    scope: "Collection[Reference] | None"

    def removals(self, prune: Prune | None) -> "tuple[Removal, ...]":
        """Find what is to go; of the models that are planned for, where those are named."""
        from lineage.writes.pruning import find_undeclared

        if prune is None:
            return ()
        if prune == Prune.NAMED and not self.scope:
            message = "--prune named takes away whatever --scope names: give it a --scope"
            raise LineageError(message)
        named = self._named() if prune == Prune.NAMED else frozenset()
        found = find_undeclared(
            self.graph,
            desired=None if self.desired is None else self.desired.edges,
            ownership=self.ownership,
            named=named,
        )
        return tuple(one for one in found if self._is_planned(one.edge.downstream))

    def report_left(self) -> None:
        """Say on stderr what nothing declares and stays, why, and what to do about it."""
        from lineage.writes.pruning import find_unproven

        desired = None if self.desired is None else self.desired.edges
        named = self._named()
        left = [
            one
            for one in find_unproven(self.graph, desired=desired, ownership=self.ownership)
            if self._is_planned(one.downstream)
            and (self.scope is None or not named.isdisjoint((one.upstream, one.downstream)))
        ]
        if not left:
            return
        what = counted(len(left), "edge")
        print(f"note: not pruned, though nothing declares all of it: {what}", file=sys.stderr)
        for one in left[:_SHOWN]:
            reason = one.reason.removesuffix("; name it to remove it")
            line = f"  {one.upstream} → {one.downstream}: {reason}"
            print(printable(line), file=sys.stderr)
        if len(left) > _SHOWN:
            print(f"  and {len(left) - _SHOWN} more", file=sys.stderr)
        if self.ownership.manifest is None:
            print(_PROVE, file=sys.stderr)
        print(_NAME, file=sys.stderr)

    def _named(self) -> "frozenset[Reference]":
        return frozenset(self.graph.entity_of(one) for one in self.scope or ())

    def _is_planned(self, downstream: "Reference") -> bool:
        return self.models is None or downstream in self.models
