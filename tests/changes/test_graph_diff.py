from hypothesis import given

from lineage.changes.graph_diff import diff_hops
from lineage.changes.snapshot_diff import Change, ChangeKind, Detail
from lineage.graph.build import build_graph
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.snapshot import Gap, GapKind, Snapshot
from tests.builders import column, edge, entity, graph_of, model, table
from tests.strategies import snapshots

TABLES = (table("a", "x y"), table("b", "x"))


def strengths(*texts: str) -> tuple[Detail, ...]:
    return tuple(
        Detail("strength", text[2:], "") if text[0] == "-" else Detail("strength", "", text[2:])
        for text in texts
    )


def hops_of(graph: LineageGraph) -> set[tuple[str, str, str]]:
    return {(str(hop.upstream), str(hop.downstream), hop.strength.label) for hop in graph.hops()}


@given(snapshots(), snapshots())
def test_what_came_and_went_is_the_difference_of_sets(before: Snapshot, after: Snapshot) -> None:
    old, new = build_graph(before), build_graph(after)
    found = {
        (str(detail)[0], str(item.subject[0]), str(item.subject[1]), str(detail)[2:])
        for item in diff_hops(old, new).changes
        for detail in item.details
    }
    gone, come = hops_of(old) - hops_of(new), hops_of(new) - hops_of(old)
    assert found == {("-", *hop) for hop in gone} | {("+", *hop) for hop in come}
    assert diff_hops(old, old).changes == ()


def test_a_mapping_that_came_and_one_that_only_influences_now_are_reported() -> None:
    before = graph_of(*TABLES, edge("a>b", "x>x"))
    after = graph_of(*TABLES, edge("a>b", "x>x:filter", "y>x"))
    assert diff_hops(before, after).changes == (
        Change(
            (column("a.x"), column("b.x")), ChangeKind.CHANGED, strengths("- value", "+ influence")
        ),
        Change((column("a.y"), column("b.x")), ChangeKind.ADDED, strengths("+ value")),
    )


def test_a_hop_that_another_edge_still_makes_has_not_gone() -> None:
    one, both = edge("a>b", "x>x:filter"), edge("a>b", "x>x", "x>x:filter")
    ends = column("a.x"), column("b.x")
    for others in (), (edge("a>b", sql="of another job"),):
        less, more = graph_of(*TABLES, *others, one), graph_of(*TABLES, *others, both)
        there = [item for item in diff_hops(less, more).changes if item.subject == ends]
        assert there == [Change(ends, ChangeKind.CHANGED, strengths("+ value"))]
        back = [item for item in diff_hops(more, less).changes if item.subject == ends]
        assert back == [Change(ends, ChangeKind.CHANGED, strengths("- value"))]


@given(snapshots(), snapshots())
def test_only_what_one_graph_lacks_altogether_came_or_went(
    before: Snapshot, after: Snapshot
) -> None:
    old, new = build_graph(before), build_graph(after)
    there = [{(hop.upstream, hop.downstream) for hop in graph.hops()} for graph in (old, new)]
    for item in diff_hops(old, new).changes:
        kind = {
            (True, True): ChangeKind.CHANGED,
            (True, False): ChangeKind.REMOVED,
            (False, True): ChangeKind.ADDED,
        }[item.subject in there[0], item.subject in there[1]]
        assert item.kind == kind


def test_a_mapping_that_no_longer_masks_is_a_change_by_the_rules_that_say_so() -> None:
    before, after = (graph_of(*TABLES, edge("a>b", x)) for x in ("x>x:md5(x)", "x>x:lower(x)"))
    ends, details = (column("a.x"), column("b.x")), strengths("- masked", "+ value")
    found = diff_hops(before, after).changes
    assert found == (Change(ends, ChangeKind.CHANGED, details),)
    assert diff_hops(before, after, rules=()).changes == ()


@given(snapshots(), snapshots())
def test_what_masks_is_the_difference_of_sets_too(before: Snapshot, after: Snapshot) -> None:
    graphs = build_graph(before), build_graph(after)
    old, new = (
        {
            (hop.upstream, hop.downstream, hop.strength)
            for hop in graph.hops()
            if hop.column_edge is not None
        }
        for graph in graphs
    )
    found = {
        (*item.subject, str(detail))
        for item in diff_hops(*graphs).changes
        if any(end.is_part for end in item.subject)
        for detail in item.details
    }
    gone, come = ({(*ends, one.label) for *ends, one in side} for side in (old - new, new - old))
    assert found == {(*ends, f"- {one}") for *ends, one in gone} | {
        (*ends, f"+ {one}") for *ends, one in come
    }


def test_a_mapping_on_another_edge_is_no_difference() -> None:
    before = graph_of(*TABLES, edge("a>b", "x>x", sql="select 1"))
    after = graph_of(*TABLES, edge("a>b", "x>x", sql="select 2"))
    assert diff_hops(before, after).summary() == "no difference"


def test_a_feature_source_that_resolves_now_is_reported_with_its_column() -> None:
    before = graph_of(table("a", "x"), model("m", f="a.z"))
    after = graph_of(table("a", "x z"), model("m", f="a.z"))
    kinds = {str(item.subject[0]): item.kind for item in diff_hops(before, after).changes}
    assert kinds["column:a.z"] == ChangeKind.ADDED
    assert kinds["featureSource:a.z"] == ChangeKind.REMOVED


def test_what_either_graph_lacks_is_carried() -> None:
    gap = Gap(GapKind.EDGES_NOT_READ, entity("a"), "the server refused")
    found = diff_hops(graph_of(*TABLES), graph_of(*TABLES, gap))
    assert found.gaps == (gap,)
    assert found.summary() == "no difference; 1 gap: not complete"
