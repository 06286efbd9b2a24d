"""What a manifest lists as ours: what we mapped, and nothing that somebody else did."""

from dataclasses import replace

from lineage.model.edges import Edge
from lineage.writes.edge_step import EdgeStep
from lineage.writes.manifest_file import with_applied
from lineage.writes.merge import Merge, Policy
from lineage.writes.outcome import Applied, Outcome
from lineage.writes.ownership import Manifest, Ownership
from lineage.writes.plan import Plan, make_plan
from lineage.writes.pruning import find_undeclared
from lineage.writes.removal import Removal
from lineage.writes.step import Result, State
from tests.builders import edge, graph_of, model, table
from tests.writes.planning import after, wished

ENTITIES = (table("a", "x y"), model("m", f="", g=""))


def listed(manifest: Manifest) -> set[tuple[str, str, str]]:
    return {entry[2:] for entry in manifest.mappings}


def applied(manifest: Manifest, *steps: EdgeStep) -> Manifest:
    return with_applied(manifest, Applied(tuple(Outcome(step, Result.WRITTEN) for step in steps)))


def plan_for(recorded: Edge | None, wanted: str, manifest: Manifest, **policy: Policy) -> Plan:
    graph = graph_of(*ENTITIES, *([] if recorded is None else [recorded]))
    owned = Ownership(manifest=manifest)
    return make_plan(graph, desired=[wished(wanted)], merge=Merge(ownership=owned, **policy))


def undone(step: EdgeStep) -> EdgeStep:
    return step.undone(State(step.before, None, ""))


def test_what_we_map_is_listed_with_its_function() -> None:
    plan = plan_for(edge("a>m", "x>f"), "a>m: y>g:log", Manifest())
    assert listed(applied(Manifest(), *plan.edge_steps)) == {("a.y", "m.g", "log")}


def test_a_mapping_of_others_that_takes_our_function_stays_theirs() -> None:
    for recorded, policy in (("x>f", Policy.KEEP), ("x>f:exp", Policy.REPLACE)):
        plan = plan_for(edge("a>m", recorded), "a>m: x>f:log", Manifest(), function=policy)
        assert len(plan.steps) == 1
        assert listed(applied(Manifest(), *plan.edge_steps)) == set()


def test_a_mapping_of_ours_that_takes_a_function_stays_ours_and_is_not_lost_by_an_undo() -> None:
    ours = applied(Manifest(), *plan_for(None, "a>m: x>f", Manifest()).edge_steps)
    plan = plan_for(edge("a>m", "x>f"), "a>m: x>f:log", ours)
    (step,) = plan.edge_steps
    later = applied(ours, step)
    assert later.lists(edge("a>m", "x>f:log"), ("a.x", "m.f"))
    assert applied(later, undone(step)).lists(edge("a>m", "x>f"), ("a.x", "m.f"))


def test_an_undo_lists_again_what_was_ours_and_nothing_else() -> None:
    recorded = edge("a>m", "x>f", "y>g")
    graph = graph_of(*ENTITIES, recorded)
    ours = applied(Manifest(), *plan_for(edge("a>m", "y>g"), "a>m: x>f", Manifest()).edge_steps)
    removal = Removal(edge=recorded, reason="asked for", is_named=True)
    plan = make_plan(
        graph, desired=(), remove=[removal], merge=Merge(ownership=Ownership(manifest=ours))
    )
    (step,) = plan.edge_steps
    assert listed(applied(ours, step)) == set()
    again = applied(applied(ours, step), undone(step))
    assert listed(again) == {("a.x", "m.f", "")}
    assert again.edges == frozenset()


def test_an_undo_of_an_undo_is_what_we_wrote() -> None:
    (step,) = plan_for(None, "a>m: x>f:log", Manifest()).edge_steps
    ours = applied(Manifest(), step)
    back = undone(step)
    forth = undone(back)
    assert applied(applied(ours, back), forth) == ours
    assert forth.after == step.after


def test_what_is_pruned_with_a_manifest_and_undone_can_be_pruned_again() -> None:
    ours = applied(Manifest(), *plan_for(edge("a>m", "y>g"), "a>m: x>f", Manifest()).edge_steps)
    graph = graph_of(*ENTITIES, edge("a>m", "y>g", "x>f"))
    owned = Ownership(manifest=ours)
    remove = find_undeclared(graph, ownership=owned)
    plan = make_plan(graph, remove=remove, merge=Merge(ownership=owned))
    (step,) = plan.edge_steps
    assert find_undeclared(after(graph, plan), ownership=owned) == ()
    again = replace(owned, manifest=applied(applied(ours, step), undone(step)))
    assert find_undeclared(graph, ownership=again) == remove
