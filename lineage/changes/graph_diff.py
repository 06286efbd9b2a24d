"""The difference between two graphs hop by hop, whatever edges the hops are on."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from lineage.changes.snapshot_diff import Change, ChangeKind, Detail
from lineage.graph.edge_codes import ComparedHops, compare_hops
from lineage.graph.lineage_graph import LineageGraph
from lineage.masking.rules import RULES, MaskingRule
from lineage.model.answer import Answer, Record, counted
from lineage.model.edges import Strength
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap

__all__ = ["HopDiff", "diff_hops"]

_Ends = tuple[Reference, Reference]
_GONE = {strength: Detail("strength", strength.label, "") for strength in Strength}
_COME = {strength: Detail("strength", "", strength.label) for strength in Strength}


@dataclass(frozen=True, slots=True, repr=False)
class HopDiff(Answer):
    """Which hops came, went, or prove more or less than before.

    Attributes
    ----------
    changes : tuple of Change
        In the order of their ends, each with the strengths before and after.
    gaps : tuple of Gap
        What either graph lacks: there, nothing can be said to have come or gone.
    """

    changes: tuple[Change, ...]
    gaps: tuple[Gap, ...] = ()

    def summary(self) -> str:
        """Count the changes by kind."""
        counts = Counter(item.kind for item in self.changes)
        said = [f"{counted(counts[kind], 'hop')} {kind}" for kind in ChangeKind if counts[kind]]
        lacking = f"; {counted(len(self.gaps), 'gap')}: not complete" if self.gaps else ""
        return (", ".join(said) or "no difference") + lacking

    def to_records(self) -> list[Record]:
        """Give one row for each hop."""
        return [
            {
                "change": str(item.kind),
                "upstream": str(item.subject[0]),
                "downstream": str(item.subject[1]),
                "strengths": [str(detail) for detail in item.details],
            }
            for item in self.changes
        ]


def diff_hops(
    before: LineageGraph,
    after: LineageGraph,
    *,
    rules: tuple[MaskingRule, ...] = RULES,
) -> HopDiff:
    """Compare what feeds what in two graphs, column by column where columns are known.

    A mapping that moved to another edge or another job is no difference here; a feature source
    that resolves now, a mapping that came, and one that only influences from now on are. What
    some edge still has is not gone: it has changed, by what is no longer proven. Use
    `diff` for what the snapshots say of it.

    Parameters
    ----------
    before, after : LineageGraph
        The graphs of two readings; they are not changed.
    rules : tuple of MaskingRule
        The rules by which functions hide values; those of the library by default.

    Returns
    -------
    HopDiff

    Examples
    --------
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.edges import Edge
    >>> from lineage.model.snapshot import Snapshot
    >>> a, b = Reference("table", "a"), Reference("table", "b")
    >>> nothing, known = Snapshot(), Snapshot(edges=(Edge(upstream=a, downstream=b),))
    >>> found = diff_hops(build_graph(nothing), build_graph(known))
    >>> found, len(found.gaps)
    (<HopDiff: 1 hop added; 2 gaps: not complete>, 2)
    """
    found = compare_hops(before.coded_hops(rules), after.coded_hops(rules))
    gaps = tuple(dict.fromkeys(before.gaps + after.gaps))
    return HopDiff(tuple(_changes(found)), gaps)


def _changes(found: ComparedHops) -> Iterator[Change]:
    """Give each pair of ends once, with the strengths that differ."""
    kinds: dict[_Ends, ChangeKind] = {}
    details: dict[_Ends, list[Detail]] = defaultdict(list)
    for upstream, downstream, strength in found.removed:
        kinds[upstream, downstream] = ChangeKind.REMOVED
        details[upstream, downstream].append(_GONE[strength])
    for upstream, downstream, strength in found.added:
        kinds.setdefault((upstream, downstream), ChangeKind.ADDED)
        details[upstream, downstream].append(_COME[strength])
    kinds |= dict.fromkeys(found.in_both, ChangeKind.CHANGED)
    for ends in sorted(kinds):
        yield Change(ends, kinds[ends], tuple(details[ends]))
