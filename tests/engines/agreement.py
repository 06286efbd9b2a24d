"""What every engine has to agree on with the audit in memory."""

from collections.abc import Callable
from pathlib import Path

from lineage.engines.edge_table import open_edge_table, write_edge_table
from lineage.engines.engine_audit import read_audit
from lineage.engines.results import open_results
from lineage.files.parquet_tables import Tables
from lineage.governance.audit.audit import Assessment, Audit, Finding, audit
from lineage.graph.lineage_graph import LineageGraph

__all__ = ["TAGS", "Finder", "assert_agreement", "audit_with"]

Finder = Callable[[Tables, Path], None]
TAGS = ("PII.*",)


def audit_with(find: Finder, graph: LineageGraph, folder: Path) -> Audit:
    folder.mkdir(exist_ok=True)
    write_edge_table(graph, folder / "table", tags=TAGS)
    table = open_edge_table(folder / "table")
    find(table, folder / "results")
    return read_audit(table, open_results(folder / "results"))


def assert_agreement(find: Finder, graph: LineageGraph, folder: Path) -> None:
    """Assert that verdicts, strengths and hops are those of the audit in memory, by tag."""
    found, expected = audit_with(find, graph, folder), audit(graph, tags=TAGS)
    assert found.sensitive == expected.sensitive
    items = zip(
        (*found.models, *found.features), (*expected.models, *expected.features), strict=True
    )
    for mine, theirs in items:
        assert (mine.target, mine.model, mine.verdict) == (
            theirs.target,
            theirs.model,
            theirs.verdict,
        )
        assert by_tag(mine) == by_tag(theirs)
        assert {gap.kind for gap in mine.gaps} == {gap.kind for gap in theirs.gaps}
        assert set(mine.gaps) <= set(theirs.gaps)
        for finding in mine.findings:
            assert_way(graph, finding)


def by_tag(assessment: Assessment) -> dict[str, tuple[int, int]]:
    """Tell of each tag the best strength and the fewest hops of that strength."""
    best: dict[str, tuple[int, int]] = {}
    for finding in assessment.findings:
        for tag in finding.sensitive.tags:
            now = (-finding.strength, len(finding.path))
            best[tag] = min(best.get(tag, now), now)
    return best


def assert_way(graph: LineageGraph, finding: Finding) -> None:
    """Assert that the evidence leads from what is sensitive to the target, hop by hop."""
    assert finding.path.strength >= finding.strength
    reached = finding.sensitive.reference
    for hop in finding.path.hops:
        assert graph.entity_of(hop.upstream) == graph.entity_of(reached)
        assert hop.edge in graph.edges_between(hop.edge.upstream, hop.edge.downstream)
        reached = hop.downstream
    assert graph.entity_of(reached) == finding.model
