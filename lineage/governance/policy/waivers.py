"""Waivers applied: which violations they let pass, and what is to be said of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from lineage.errors import LineageError
from lineage.governance.policy.check_report import RuleResult, Violation, WaiverNote
from lineage.governance.policy.rules import Waiver
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.reference import Reference
from lineage.queries.selection.expressions import Selection
from lineage.queries.selection.resolve import select

__all__ = ["Waiving"]


@dataclass(slots=True)
class _Scope:
    """What a waiver is about, and whether it was of use."""

    waiver: Waiver
    targets: frozenset[Reference]
    sources: frozenset[Reference] | None
    trouble: str = ""
    used: bool = False


@dataclass(slots=True)
class Waiving:
    """The waivers of a policy on one day; an expired one counts as none.

    A waiver for a model holds for its features, one for a table's data for its columns.
    """

    graph: LineageGraph
    today: date
    scopes: list[_Scope] = field(default_factory=list)

    def add(self, waiver: Waiver) -> None:
        """Take a waiver in; one that names what is not there waives nothing."""
        try:
            targets = self._selected(waiver.target)
            sources = None if waiver.source is None else self._selected(waiver.source)
        except LineageError as error:
            self.scopes.append(_Scope(waiver, frozenset(), None, str(error)))
        else:
            self.scopes.append(_Scope(waiver, targets, sources))

    def apply(self, result: RuleResult) -> RuleResult:
        """Give a rule's result with its violations waived."""
        return replace(result, violations=tuple(map(self._waived, result.violations)))

    def notes(self) -> tuple[WaiverNote, ...]:
        """Say what is to be said of the waivers, when everything was checked."""
        found = ((scope.waiver, self._note(scope)) for scope in self.scopes)
        return tuple(WaiverNote(waiver, text) for waiver, text in found if text)

    def _waived(self, violation: Violation) -> Violation:
        for scope in self.scopes:
            if self._covers(scope, violation):
                scope.used = True
                if not scope.waiver.has_expired(self.today):
                    return replace(violation, waiver=scope.waiver)
        return violation

    def _covers(self, scope: _Scope, violation: Violation) -> bool:
        if scope.waiver.rule != violation.rule.name:
            return False
        if scope.targets.isdisjoint(self._around(violation.target)):
            return False
        if scope.sources is None or violation.source is None:
            return scope.sources is None
        return not scope.sources.isdisjoint(self._around(violation.source))

    def _around(self, reference: Reference) -> Iterator[Reference]:
        """Go from a reference to all that it is in."""
        inside: Reference | None = reference
        while inside is not None:
            yield inside
            inside = self.graph.parent(inside)

    def _note(self, scope: _Scope) -> str:
        if scope.waiver.has_expired(self.today):
            was = "would waive something" if scope.used else "would waive nothing"
            return f"expired on {scope.waiver.expires} and counts no longer; it {was}"
        if scope.used:
            return ""
        return f"waives nothing: {scope.trouble}" if scope.trouble else "waives nothing"

    def _selected(self, selection: Selection) -> frozenset[Reference]:
        return frozenset(select(self.graph, selection))
