"""What is cut is never taken for what is not there, whatever is cut and however."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from lineage.governance.audit.audit import Audit, Verdict, audit
from lineage.governance.audit.protected_attributes import find_protected
from lineage.governance.bias.bias import bias
from lineage.governance.bias.questions import Question, Says
from lineage.graph.build import build_graph
from lineage.graph.without_deleted import deleted_entities, without_deleted
from lineage.model.entities import MlModel
from lineage.model.reference import Kind, Reference
from lineage.model.register import Attribute, Proxy, Register
from lineage.model.snapshot import Gap, GapKind, Snapshot
from lineage.queries.traversal import upstream
from tests.brute_force import strongest
from tests.examples import examples
from tests.strategies import CONTAINING, snapshots

TAG = "PII.Sensitive"
IT = Attribute(name="it", tags=(TAG,), columns=("a.x",), testing=("b",))
PROXY = Proxy(name="p", attribute="it", reason="r", reviewer="w", columns=("*.y",))
REGISTER = Register(attributes=(IT,), proxies=(PROXY,))
HIDING = [kind for kind in GapKind if Gap(kind, None, "").hides_upstream]


def assert_nothing_is_given_away(whole: Audit, cut: Audit) -> None:
    """Check that a verdict is no cleaner than it was before anything was cut."""
    for target in (*cut.models, *cut.features):
        is_no_cleaner(target.verdict, whole.assessment(target.target).verdict)
        for item in whole.sensitive:
            asked = item.reference, target.target
            is_no_cleaner(cut.verdict(*asked), whole.verdict(*asked))


def is_no_cleaner(verdict: Verdict, before: Verdict) -> None:
    if verdict == Verdict.NO_PATH:
        assert before == Verdict.NO_PATH
    if verdict == Verdict.NO_VALUE_PATH:
        assert before in {Verdict.NO_PATH, Verdict.NO_VALUE_PATH}


@settings(max_examples=examples(60))
@given(snapshots(), st.data())
def test_leaving_out_soft_deleted_entities_gives_nothing_away(
    snapshot: Snapshot, data: st.DataObject
) -> None:
    gone = data.draw(st.sets(st.sampled_from(snapshot.entities)))
    entities = tuple(replace(item, deleted=item in gone) for item in snapshot.entities)
    graph = build_graph(replace(snapshot, entities=entities))
    assert deleted_entities(graph) == tuple(sorted(item.reference for item in gone))
    left = without_deleted(graph)
    assert_nothing_is_given_away(audit(graph), audit(left))
    assert deleted_entities(left) == ()
    for finding in audit(left).findings:
        passed = {left.entity_of(item) for item in finding.path.references}
        assert not passed & {item.reference for item in gone}


@settings(max_examples=examples(60))
@given(snapshots(), st.data())
def test_losing_pages_of_entities_gives_nothing_away(
    snapshot: Snapshot, data: st.DataObject
) -> None:
    tables = [item for item in snapshot.entities if not isinstance(item, MlModel)]
    lost = data.draw(st.sets(st.sampled_from(tables)))
    kept = tuple(item for item in snapshot.entities if item not in lost)
    gap = Gap(GapKind.ENTITIES_NOT_READ, None, "a page failed")
    gaps = (gap,) if data.draw(st.booleans()) else ()  # without it, each is merely hidden
    cut = audit(build_graph(replace(snapshot, entities=kept, gaps=gaps)))
    assert_nothing_is_given_away(audit(build_graph(snapshot)), cut)


@settings(max_examples=examples(60))
@given(snapshots(), st.data())
def test_losing_pages_of_edges_gives_nothing_away(snapshot: Snapshot, data: st.DataObject) -> None:
    lost = data.draw(st.sets(st.sampled_from([item.reference for item in snapshot.entities])))
    kept = tuple(item for item in snapshot.edges if item.downstream not in lost)
    gaps = tuple(Gap(GapKind.EDGES_NOT_READ, item, "a page failed") for item in lost)
    cut = audit(build_graph(replace(snapshot, edges=kept, gaps=gaps)))
    assert_nothing_is_given_away(audit(build_graph(snapshot)), cut)


@settings(max_examples=examples(60))
@given(snapshots(), st.integers(1, 3))
def test_cutting_the_depth_gives_nothing_away(snapshot: Snapshot, depth: int) -> None:
    graph = build_graph(snapshot)
    for model in graph.references("mlmodel"):
        near = upstream(graph, model, depth=depth, grain="entity")
        groups = upstream(graph, model, depth=depth, grain="entity", kinds=CONTAINING)
        kept = {model, *near.references, *groups.references}
        walked = {hop.edge for hop in near.hops}
        cut = Snapshot(
            entities=tuple(item for item in snapshot.entities if item.reference in kept),
            edges=tuple(item for item in snapshot.edges if item in walked),
            gaps=near.gaps,
        )
        whole, shallow = audit(graph, models=[model]), audit(build_graph(cut), models=[model])
        assert_nothing_is_given_away(whole, shallow)


def replies(snapshot: Snapshot, model: Reference) -> dict[Question, Says]:
    graph = build_graph(snapshot)
    protected = find_protected(graph, REGISTER, "it")
    return {item.question: item.says for item in bias(graph, model, protected).replies}


@settings(max_examples=examples(60))
@given(snapshots(), st.data())
def test_no_reply_becomes_no_by_losing_edges_or_entities(
    snapshot: Snapshot, data: st.DataObject
) -> None:
    models = [item for item in snapshot.entities if isinstance(item, MlModel)]
    tables = [item for item in snapshot.entities if not isinstance(item, MlModel)]
    aimed = (*tables, *(replace(item, target="x") for item in models))
    hidden = data.draw(st.sets(st.sampled_from(tables)))
    lost = data.draw(st.sets(st.sampled_from([item.reference for item in snapshot.entities])))
    cut = replace(
        snapshot,
        entities=tuple(item for item in aimed if item not in hidden),
        edges=tuple(item for item in snapshot.edges if item.downstream not in lost),
        gaps=tuple(Gap(GapKind.EDGES_NOT_READ, item, "a page failed") for item in lost),
    )
    for model in models:
        before = replies(replace(snapshot, entities=aimed), model.reference)
        after = replies(cut, model.reference)
        turned = [item for item in Question if after[item] == Says.NO != before[item]]
        assert turned == []


@settings(max_examples=examples(60))
@given(snapshots(), st.data())
def test_any_gap_that_can_be_reached_makes_it_unknown_and_no_other_does(
    snapshot: Snapshot, data: st.DataObject
) -> None:
    graph = build_graph(snapshot)
    places = [item for item in graph.references() if item.kind != Kind.FEATURE_SOURCE]
    subject = data.draw(st.sampled_from([*places, Reference("table", "never-seen")]))
    gap = Gap(data.draw(st.sampled_from(HIDING)), subject, "drawn")
    answer = audit(build_graph(replace(snapshot, gaps=(gap,))))
    for item in answer.features:
        reaches = subject not in graph or strongest(graph, subject, item.target) is not None
        assert (gap in item.gaps) == reaches
