from pathlib import Path

import pytest

from lineage.errors import BrokenFile
from lineage.model.edges import Edge
from lineage.model.reference import Reference
from lineage.openmetadata.client import Client
from lineage.writes.apply import apply_plan
from lineage.writes.manifest_file import read_manifest, with_applied, write_manifest
from lineage.writes.merge import Merge
from lineage.writes.ownership import Manifest, Owner, Ownership
from lineage.writes.plan import Plan, make_plan
from lineage.writes.pruning import find_undeclared
from lineage.writes.removal import Removal
from lineage.writes.step import Action
from tests.builders import edge, entity, graph_of, model, table
from tests.writes.shop import contents, open_shop, put_model, shown

OURS = {"recorded_as": "PipelineLineage", "created_by": "bot", "updated_by": "bot"}
BOT = Ownership(user="bot")


def pruned(*edges: Edge, ownership: Ownership = BOT, named: tuple[Reference, ...] = ()) -> Plan:
    graph = graph_of(table("a", "x y"), table("b", "z"), model("m", f="a.x"), *edges)
    remove = find_undeclared(graph, ownership=ownership, named=named)
    return make_plan(graph, remove=remove, merge=Merge(ownership=ownership))


def actions(plan: Plan) -> list[tuple[Action, str]]:
    return [(step.action, step.upstream.name) for step in plan.edge_steps]


def test_what_we_wrote_and_nothing_declares_is_taken_away() -> None:
    plan = pruned(edge("a>m", "x>f", "y>f", **OURS), edge("b>m", "z>f", **OURS))
    assert actions(plan) == [(Action.REMOVE_MAPPINGS, "a"), (Action.REMOVE_EDGE, "b")]
    assert [step.owner for step in plan.edge_steps] == [Owner.OURS, Owner.OURS]
    assert [mapping.upstream for mapping in plan.edge_steps[0].removed] == [("a.y",)]
    assert plan.summary() == (
        "1 edge to change, 1 edge to remove, 2 mappings to remove, for 1 model; "
        "2 steps would make verdicts weaker"
    )


@pytest.mark.parametrize(
    "theirs",
    [
        {**OURS, "created_by": "al"},
        {**OURS, "updated_by": "al"},
        {**OURS, "recorded_as": "Manual"},
        {"recorded_as": "PipelineLineage"},
        {**OURS, "recorded_as": "ChildAssets"},
    ],
)
def test_what_is_not_provably_ours_is_left_alone(theirs: dict[str, str]) -> None:
    assert pruned(edge("a>m", "x>f"), edge("b>m", "z>f", **theirs)).steps == ()


def test_what_is_named_goes_whoever_wrote_it_but_for_what_the_server_derives() -> None:
    named = (entity("m"),)
    assert actions(pruned(edge("a>m", "x>f"), edge("b>m", "z>f"), named=named)) == [
        (Action.REMOVE_EDGE, "b")
    ]
    derived = edge("b>m", recorded_as="ChildAssets")
    assert pruned(edge("a>m", "x>f"), derived, named=named).steps == ()
    graph = graph_of(table("b"), model("m"), derived)
    plan = make_plan(graph, remove=[Removal(edge=derived, reason="old", is_named=True)])
    assert "derives this edge" in plan.refused[0].reason


def test_a_removal_that_is_neither_ours_nor_named_is_refused_with_the_writer() -> None:
    theirs = edge("b>m", "z>f", updated_by="al", recorded_as="DbtLineage")
    graph = graph_of(table("b", "z"), model("m"), theirs)
    plan = make_plan(graph, remove=[Removal(edge=theirs, reason="old")])
    assert plan.edge_steps == ()
    assert "written by al, recorded as DbtLineage; name it" in plan.refused[0].reason


def test_an_edge_declared_without_mappings_says_nothing_about_them() -> None:
    graph = graph_of(table("a", "x"), model("m", f="a.x"), edge("a>m", "x>f", **OURS))
    bare = Edge(upstream=entity("a"), downstream=entity("m"))
    assert find_undeclared(graph, desired=[bare], ownership=BOT) == ()


def test_what_was_not_read_is_never_pruned() -> None:
    graph = graph_of(model("m"), edge("hidden>m", **OURS))
    assert find_undeclared(graph, ownership=BOT, named=[entity("m")]) == ()


def manifested(client: Client, manifest: Manifest) -> Plan:
    owned = Ownership(manifest=manifest)
    graph = shown(client)
    remove = find_undeclared(graph, ownership=owned)
    return make_plan(graph, remove=remove, merge=Merge(ownership=owned))


def test_a_manifest_takes_back_what_we_wrote_and_no_more(shop: Path, tmp_path: Path) -> None:
    with open_shop(shop, tmp_path) as (_, client):
        ids = {
            table: client.get(f"/tables/name/w.d.s.{table}")["id"]
            for table in ("orders", "people", "visits")
        }
        before = contents(client)
        manifest = with_applied(Manifest(), apply_plan(make_plan(shown(client)), client))
        write_manifest(manifest, tmp_path / "ours.json", server="s")
        manifest = read_manifest(tmp_path / "ours.json", server="s")
        assert manifested(client, manifest).steps == ()
        put_model(client, "churn", {"f": (), "g": (), "h": ()}, ids)
        plan = manifested(client, manifest)
        assert actions(plan) == [
            (Action.REMOVE_MAPPINGS, "orders"),
            (Action.REMOVE_MAPPINGS, "people"),
            (Action.REMOVE_EDGE, "visits"),
        ]
        applied = apply_plan(plan, client)
        assert applied.succeeded
        after = contents(client)
        demand = client.get("/mlmodels/name/m.demand")["id"]
        assert {ends: edge for ends, edge in after.items() if ends[1] != demand} == {
            ends: edge for ends, edge in before.items() if ends[1] != demand
        }
        left = with_applied(manifest, applied)
        assert {entry[1].name for entry in left.mappings} == {"demand"}


def test_an_edge_we_made_and_somebody_described_stays(shop: Path, tmp_path: Path) -> None:
    with open_shop(shop, tmp_path) as (_, client):
        plan = make_plan(shown(client))
        manifest = with_applied(Manifest(), apply_plan(plan, client))
        (made,) = [step for step in plan.edge_steps if step.action == Action.CREATE_EDGE]
        path = f"/lineage/table/{made.upstream_id}/mlmodel/{made.downstream_id}"
        client.patch(path, [{"op": "add", "path": "/description", "value": "mine"}])
        ids = {"orders": client.get("/tables/name/w.d.s.orders")["id"]}
        put_model(client, "churn", {"f": ("orders.x",), "g": ("orders.y",)}, ids)
        steps = manifested(client, manifest).steps
        assert {step.action for step in steps} == {Action.REMOVE_MAPPINGS}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "is no manifest"),
        ('{"format": "x", "version": 1, "server": "s", "edges": []}', "is x 1"),
        ('{"format": "lineage-manifest", "version": 1, "server": "t", "edges": []}', "of t, not"),
        (
            """{"format": "lineage-manifest", "version": 1, "server": "s",
            "edges": [{"upstream": "a", "downstream": "b"}]}""",
            "not written as kind:",
        ),
    ],
)
def test_what_is_no_manifest_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "ours.json").write_text(text)
    with pytest.raises(BrokenFile, match=reason):
        read_manifest(tmp_path / "ours.json", server="s")
    with pytest.raises(BrokenFile, match="cannot be read"):
        read_manifest(tmp_path, server="s")


def test_no_manifest_yet_lists_nothing(tmp_path: Path) -> None:
    assert read_manifest(tmp_path / "none.json", server="s") == Manifest()
