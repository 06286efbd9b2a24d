"""What a rule selects, and what it cannot know of that."""

from collections.abc import Iterator

from lineage.governance.policy.check_report import Doubt
from lineage.governance.policy.rules import Rule
from lineage.graph.lineage_graph import LineageGraph
from lineage.queries.selection.expressions import Selection
from lineage.queries.selection.resolve import resolve
from lineage.queries.selection.selected import Selected

__all__ = ["doubts_about", "select_targets"]


def select_targets(
    graph: LineageGraph, rule: Rule, selection: Selection, *, may_be_empty: bool = False
) -> tuple[Selected, list[Doubt]]:
    """Select what a rule is asked of, with the doubts about that."""
    selected = resolve(graph, selection)
    doubts = list(doubts_about(selected, rule, may_be_empty=may_be_empty))
    doubts += [
        Doubt(rule=rule, target=item, reasons=(f"whether it is {selection} is not known",))
        for item in selected.doubtful
    ]
    return selected, doubts


def doubts_about(selected: Selected, rule: Rule, *, may_be_empty: bool) -> Iterator[Doubt]:
    """Doubt a rule that selects nothing, or may select more than was read."""
    # What may be selected, because it was not read, is no more checked than nothing at all.
    if not (selected.references or may_be_empty):
        because = "".join(f"; {item}" for item in selected.unmatched)
        reason = f"nothing was checked: {selected.selection} selects nothing{because}"
        yield Doubt(rule=rule, target=None, reasons=(reason,))
    hiding = [str(gap) for gap in selected.gaps if gap.hides_upstream]
    if hiding:
        yield Doubt(rule=rule, target=None, reasons=tuple(hiding))
