from hypothesis import given, settings

from lineage.governance.audit.audit import audit
from lineage.governance.audit.tag_matrix import screen
from lineage.governance.audit.verdicts import Verdict
from lineage.graph.build import build_graph
from lineage.model.reference import Kind
from lineage.model.snapshot import Gap, GapKind, Snapshot
from tests.builders import edge, entity, graph_of, model, table
from tests.strategies import snapshots


@given(snapshots())
@settings(max_examples=100)
def test_a_screening_says_what_the_audit_by_tag_says(snapshot: Snapshot) -> None:
    graph = build_graph(snapshot)
    audited = audit(graph, by="tag")
    for one, tag, verdict in screen(graph).verdicts:
        item = audited.assessment(one)
        found = [finding.verdict for finding in item.findings if finding.tag == tag]
        nothing_found = Verdict.UNKNOWN if item.gaps else Verdict.NO_PATH
        assert verdict == (found[0] if found else nothing_found)


def test_a_gap_anywhere_upstream_makes_what_is_not_found_unknown() -> None:
    parts = (table("a", "x:PII.Sensitive"), table("b", "y"), model("m", f="b.y"))
    assert screen(graph_of(*parts)).verdicts[0].verdict == Verdict.NO_PATH
    gap = Gap(GapKind.EDGES_NOT_READ, entity("b"), "502")
    assert screen(graph_of(*parts, gap)).verdicts[0].verdict == Verdict.UNKNOWN
    lost = Gap(GapKind.ENTITIES_NOT_READ, None, "502")
    assert screen(graph_of(*parts, lost)).verdicts[0].verdict == Verdict.UNKNOWN


def test_only_the_models_that_are_asked_for_are_screened() -> None:
    tagged = table("a", "x:PII.Sensitive y:PersonalData.Personal")
    graph = graph_of(tagged, model("m1", f="a.x"), model("m2", f="a.y"), edge("a>m2"))
    answer = screen(graph, models=[entity("m1")])
    assert [(tag, str(verdict)) for _, tag, verdict in answer.verdicts] == [
        ("PII.Sensitive", "reaches"),
        ("PersonalData.Personal", "no-path"),
    ]
    assert answer.verdicts[0].model.kind == Kind.MLMODEL
    assert answer.summary() == "1 model, 2 tags: 1 reaches, 1 no-path"
