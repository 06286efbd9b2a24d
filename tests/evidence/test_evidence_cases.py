"""Situations a person can check by hand: a catalog, evidence, and what is so."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lineage.evidence.event_evidence import find_evidence
from lineage.evidence.openlineage import read_events
from lineage.evidence.overlay import Overlay, overlay
from lineage.evidence.sql_evidence import find_sql
from lineage.evidence.sql_facts import Statements
from lineage.governance.audit.audit import audit
from lineage.graph.build import build_graph
from lineage.model.edges import Edge
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap, Snapshot
from tests.evidence.event_notation import event_from, names_of
from tests.notation import named, snapshot_from

Case = dict[str, Any]
CASES: list[Case] = json.loads((Path(__file__).parent / "evidence_cases.json").read_text())


def test_there_are_many_cases_and_no_two_are_called_alike() -> None:
    titles = [case["title"] for case in CASES]
    assert len(set(titles)) == len(titles) >= 100


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_the_verdict_is_what_a_person_would_say(case: Case, tmp_path: Path) -> None:
    laid = laid_over(case, tmp_path)
    graph = build_graph(laid.snapshot)
    asked, target = case["ask"]
    assessment = audit(graph).assessment(named(graph, target))
    verdicts = [
        str(item.verdict) for item in assessment.findings if item.sensitive.reference.fqn == asked
    ]
    without = "unknown" if assessment.gaps else "no-path"
    if case["verdict"] == "no-value-path":  # the edges that say no more are part of the case
        without = str(assessment.verdict)
    assert (verdicts or [without])[0] == case["verdict"], laid.gaps
    assert sorted(map(shown, laid.gaps)) == sorted(case.get("gaps", map(shown, laid.gaps)))
    assert set(laid.gaps) <= set(laid.snapshot.gaps)
    assert known(laid.snapshot) == case.get("known", known(laid.snapshot))


def laid_over(case: Case, folder: Path) -> Overlay:
    snapshot = catalog_of(case)
    statements = Statements(snapshot)
    events = [event for path in written(case, folder) for event in read_events(path)]
    bodies = [find_evidence(events, snapshot, names=names_of(snapshot), statements=statements)]
    return overlay(snapshot, [*bodies, find_sql(snapshot)])


def catalog_of(case: Case) -> Snapshot:
    """Give the first edge between two tables the evidence that the case has for it."""
    snapshot = snapshot_from(case["catalog"])
    recorded = dict(case.get("recorded", {}))
    edges = [
        with_evidence(edge, recorded.pop(f"{edge.upstream.fqn}>{edge.downstream.fqn}", {}))
        for edge in snapshot.edges
    ]
    assert not recorded
    return replace(snapshot, edges=tuple(edges))


def with_evidence(edge: Edge, facts: dict[str, Any]) -> Edge:
    pipeline = facts.get("pipeline")
    named_by = Reference("pipeline", f"airflow.{pipeline}") if pipeline else None
    more: dict[str, Any] = {**facts, "pipeline": named_by}
    return replace(edge, evidence=replace(edge.evidence, **more))


def written(case: Case, folder: Path) -> Iterator[Path]:
    files = case.get("files") or {"events.jsonl": case.get("events", [])}
    for name, events in files.items():
        path = folder / name
        path.write_text("\n".join(json.dumps(event_from(event)) for event in events))
        yield path


def shown(gap: Gap) -> str:
    return f"{gap.kind} {gap.subject or 'everywhere'}"


def known(snapshot: Snapshot) -> list[str]:
    """Name the pairs of tables between which all influences are known."""
    pairs: dict[str, set[bool]] = {}
    for edge in snapshot.edges:
        ends = f"{edge.upstream.fqn}>{edge.downstream.fqn}"
        pairs.setdefault(ends, set()).add(edge.evidence.influences_known)
    assert all(len(said) == 1 for said in pairs.values())
    return sorted(ends for ends, said in pairs.items() if True in said)
