"""What every engine has to agree on with the audit in memory."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from lineage.engines.edge_table import open_edge_table, write_edge_table
from lineage.engines.engine_audit import read_audit
from lineage.engines.results import open_results
from lineage.files.parquet_tables import Tables
from lineage.governance.audit.audit import Audit, Finding, audit
from lineage.graph.index.index import Index
from lineage.graph.lineage_graph import LineageGraph
from lineage.masking.rules import RULES, MaskingRule
from lineage.model.edges import Hop
from lineage.model.entities import Entity
from lineage.model.reference import Kind
from lineage.queries.lookup import Models

__all__ = ["TAGS", "Finder", "assert_agreement", "audit_with"]

Finder = Callable[[Tables, Path], None]
TAGS = ("PII.*",)


def audit_with(
    find: Finder,
    graph: LineageGraph,
    folder: Path,
    *,
    models: Models | None = None,
    rules: tuple[MaskingRule, ...] = RULES,
) -> Audit:
    folder.mkdir(exist_ok=True)
    write_edge_table(graph, folder / "table", models=models, tags=TAGS, rules=rules)
    table = open_edge_table(folder / "table")
    find(table, folder / "results")
    return read_audit(table, open_results(folder / "results"))


def assert_agreement(
    find: Finder, graph: LineageGraph, folder: Path, *, rules: tuple[MaskingRule, ...] = RULES
) -> None:
    """Assert that the answer is that of the audit in memory, but for the choice among equal paths.

    Of several shortest paths, and of several starts that are as near, each may name another.
    """
    found = audit_with(find, graph, folder, rules=rules)
    assert_equal(graph, found, audit(graph, tags=TAGS, by="tag", rules=rules), rules)
    for chosen in graph.references(Kind.MLMODEL):
        one = audit(graph, models=chosen, tags=TAGS, by="tag", rules=rules)
        tables = open_edge_table(folder / "table"), open_results(folder / "results")
        assert_equal(graph, read_audit(*tables, models=[chosen]), one, rules)


def assert_equal(
    graph: LineageGraph, found: Audit, expected: Audit, rules: tuple[MaskingRule, ...]
) -> None:
    assert (found.sensitive, found.notes) == (expected.sensitive, expected.notes)
    assert found.by_tag == expected.by_tag
    for mine, theirs in zip(found.assessments, expected.assessments, strict=True):
        assert replace(mine, findings=()) == replace(theirs, findings=())
        assert bool(mine.behind) == bool(theirs.behind)
        assert [*map(claim, mine.findings)] == [*map(claim, theirs.findings)]
        for finding in mine.findings:
            assert finding.sensitive in found.sensitive
            assert finding.tag in finding.sensitive.tags
            assert_proof(graph, finding, rules)


def claim(finding: Finding) -> tuple[object, ...]:
    length, strength = len(finding.path), finding.path.strength
    return finding.target, finding.model, finding.tag, finding.verdict, strength, length


def assert_proof(graph: LineageGraph, finding: Finding, rules: tuple[MaskingRule, ...]) -> None:
    """Assert that the hops lead from what is sensitive to the target, and prove what they claim."""
    index = graph.part_index(rules)
    near = within(index, {index.origin(finding.sensitive.reference): 4})
    for hop in finding.path.hops:
        near = within(index, taken(index, near, hop))
    assert near[index.exit(finding.target)] == finding.strength
    masked_by, deleted = [], []
    for hop in finding.path.hops:
        rule = graph.masking(rules).rule(hop.edge, hop.column_edge)
        masked_by += [] if rule is None else [rule.name]
        for entity in map(graph.entity_of, (hop.upstream, hop.downstream)):
            value = graph.value(entity)
            deleted += [entity] if isinstance(value, Entity) and value.deleted else []
    assert finding.masked_by == tuple(dict.fromkeys(masked_by))
    assert finding.deleted == tuple(dict.fromkeys(deleted))


def within(index: Index, near: dict[int, int]) -> dict[int, int]:
    """Find what is reached without a hop, and how strong at best."""
    best: dict[int, int] = {}
    for node, strength in near.items():
        for other, proven in index.within(node, "downstream").items():
            best[other] = max(best.get(other, 0), min(strength, proven))
    return best


def taken(index: Index, near: dict[int, int], hop: Hop) -> dict[int, int]:
    """Find where a hop leads from some nodes."""
    arcs, best = index.adjacency("downstream"), dict[int, int]()
    for node, strength in near.items():
        for place, (end, proven, is_hop) in zip(arcs.row(node), arcs.arcs_from(node), strict=True):
            if is_hop and index.hop(node, place) == hop:
                best[end] = max(best.get(end, 0), min(strength, proven))
    return best
