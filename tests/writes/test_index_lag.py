"""Applying at a server that loses what it should index: `written` is in the index, too."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Lock
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest

from lineage.catalog.wsgi import Catalog
from lineage.graph.build import build_graph
from lineage.model.edges import Edge
from lineage.openmetadata.client import Client
from lineage.openmetadata.reader import read
from lineage.writes.apply import apply_plan
from lineage.writes.journal import Journal
from lineage.writes.journal_reader import read_journal
from lineage.writes.plan import Plan, make_plan
from lineage.writes.plan_file import read_plan, write_plan
from lineage.writes.step import Action, Result
from tests.writes.shop import (
    FEATURES,
    TABLES,
    contents,
    copy_shop,
    edge_body,
    mapping,
    put_edge,
    shown,
    talking_to,
    whole_plan,
)


@pytest.fixture(params=["1.12.6", "2.0.7"])
def catalog(request: pytest.FixtureRequest, shop: Path, tmp_path: Path) -> Iterator[Catalog]:
    """Open the shop as a release whose index collides, and as one whose index should not."""
    with Catalog(copy_shop(shop, tmp_path), server_version=request.param) as opened:
        yield opened


@pytest.fixture
def client(catalog: Catalog) -> Iterator[Client]:
    with talking_to(catalog, catalog) as opened:
        yield opened


def disagreements(client: Client) -> int:
    return len(read(client, truth="both").disagreements)


def test_what_collides_in_the_index_is_written_until_the_index_shows_it(
    catalog: Catalog, client: Client
) -> None:
    plan = whole_plan(shown(client))
    catalog.faults.collisions = 3
    applied = apply_plan(plan, client)
    assert {outcome.result for outcome in applied.outcomes} == {Result.WRITTEN}
    assert disagreements(client) == 0
    assert make_plan(build_graph(read(client))).steps == ()


def test_a_removal_that_collides_goes_from_the_index_too(catalog: Catalog, client: Client) -> None:
    plan = whole_plan(shown(client))
    (step,) = [one for one in plan.edge_steps if one.after is None]
    catalog.faults.collisions = 1
    (outcome,) = apply_plan(replace(plan, steps=(step,)), client).outcomes
    assert outcome.result == Result.WRITTEN
    assert disagreements(client) == 0


def test_an_index_that_follows_no_more_is_a_named_outcome(catalog: Catalog, client: Client) -> None:
    plan = whole_plan(shown(client))
    catalog.faults.stale_index = True
    applied = apply_plan(plan, client)
    assert {outcome.result for outcome in applied.outcomes} == {Result.UNINDEXED}
    assert "search index" in applied.outcomes[0].detail
    assert not applied.succeeded
    catalog.faults.stale_index = False
    assert apply_plan(plan, client).succeeded
    assert disagreements(client) == 0


def test_what_the_index_lacks_is_settled_by_going_on(
    catalog: Catalog, client: Client, tmp_path: Path
) -> None:
    plan, path = whole_plan(shown(client)), tmp_path / "journal"
    catalog.faults.stale_index = True
    with Journal.start(path, plan) as kept:
        assert not apply_plan(plan, client, journal=kept).succeeded
    catalog.faults.stale_index = False
    with Journal.resume(path) as kept:
        applied = apply_plan(plan, client, journal=kept)
    assert {outcome.result for outcome in applied.outcomes} == {Result.WRITTEN}
    assert {one.result for one in read_journal(path).outcomes.values()} == {Result.WRITTEN}
    assert disagreements(client) == 0


def lose_by_others(catalog: Catalog, client: Client) -> None:
    """Let others make an edge and change one, of which the index learns nothing."""
    tables = {name: client.get(f"/tables/name/w.d.s.{name}")["id"] for name in TABLES}
    models = {name: client.get(f"/mlmodels/name/m.{name}")["id"] for name in FEATURES}
    theirs = mapping("visits.x", "demand.g", function="theirs(x)")
    catalog.faults.stale_index = True
    put_edge(client, edge_body(tables["stock"], models["churn"], description="theirs"))
    put_edge(client, edge_body(tables["visits"], models["demand"], columnsLineage=[theirs]))
    catalog.faults.stale_index = False


@pytest.mark.parametrize("wish", [None, ()])
def test_what_others_left_out_of_the_index_is_planned_and_applied_once(
    catalog: Catalog, client: Client, wish: tuple[Edge, ...] | None, tmp_path: Path
) -> None:
    apply_plan(make_plan(shown(client)), client)
    lose_by_others(catalog, client)
    held = contents(client)
    plan = plan_both(client, wish)
    assert [step.upstream.name for step in plan.edge_steps] == ["stock", "visits"]
    assert {step.action for step in plan.edge_steps} == {Action.WRITE_AGAIN}
    assert plan.summary() == "2 edges to write again, for 2 models"
    write_plan(plan, tmp_path / "plan.json")
    applied = apply_plan(read_plan(tmp_path / "plan.json"), client)
    assert {outcome.result for outcome in applied.outcomes} == {Result.WRITTEN}
    assert contents(client) == held
    assert disagreements(client) == 0
    assert plan_both(client, wish).steps == ()
    assert {one.result for one in apply_plan(plan, client).outcomes} == {Result.UNCHANGED}


def plan_both(client: Client, wish: tuple[Edge, ...] | None) -> Plan:
    snapshot = read(client, truth="both")
    return make_plan(build_graph(snapshot), desired=wish, disagreements=snapshot.disagreements)


def test_an_old_plan_mends_what_the_index_lost_of_it(catalog: Catalog, client: Client) -> None:
    plan = whole_plan(shown(client))
    catalog.faults.stale_index = True
    apply_plan(plan, client, wait=0)
    catalog.faults.stale_index = False
    stale = make_plan(build_graph(read(client)))
    assert stale.steps
    applied = apply_plan(stale, client)
    assert {outcome.result for outcome in applied.outcomes} == {Result.UNCHANGED}
    assert "does now" in applied.outcomes[0].detail
    assert make_plan(build_graph(read(client))).steps == ()


def test_writing_again_keeps_what_others_wrote(catalog: Catalog, client: Client) -> None:
    plan = whole_plan(shown(client))
    catalog.faults.collisions = len(plan.steps)
    apply_plan(plan, client)
    written = contents(client)
    catalog.faults.stale_index = True
    apply_plan(plan, client)
    assert contents(client) == written


def test_somebody_who_undoes_a_write_at_once_is_a_conflict(
    catalog: Catalog, client: Client
) -> None:
    plan = whole_plan(shown(client))
    step = next(one for one in plan.edge_steps if one.upstream.name == "orders")
    undoing = Undoing(catalog, f"/{step.upstream_id}/mlmodel/{step.downstream_id}")
    with talking_to(undoing, catalog) as watched:
        (outcome,) = apply_plan(replace(plan, steps=(step,)), watched).outcomes
    assert outcome.result == Result.CONFLICT
    assert "after it was written" in outcome.detail


class Undoing:
    """A catalog in which somebody removes an edge once our write was read back."""

    def __init__(self, catalog: Catalog, edge: str) -> None:
        self.catalog, self.edge, self.is_written = catalog, edge, False

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self.is_written |= environ["REQUEST_METHOD"] in {"PUT", "PATCH"}
        if self.is_written and environ["PATH_INFO"].endswith("/lineage/getLineage"):
            self.is_written = False
            with talking_to(self.catalog, self.catalog) as other:
                other.delete(f"/lineage/table{self.edge}")
        return self.catalog(environ, start_response)


class Counting:
    """A catalog that counts how many writes of edges are under way at once."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog, self.lock, self.under_way, self.most = catalog, Lock(), 0, 0

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        is_write = environ["REQUEST_METHOD"] in {"PUT", "PATCH", "DELETE"}
        with self.lock:
            self.under_way += is_write
            self.most = max(self.most, self.under_way)
        try:
            return self.catalog(environ, start_response)
        finally:
            with self.lock:
                self.under_way -= is_write


def test_edges_are_written_one_at_a_time_where_two_would_collide(
    catalog: Catalog, client: Client
) -> None:
    plan = whole_plan(shown(client))
    counting = Counting(catalog)
    with talking_to(counting, catalog) as counted:
        applied = apply_plan(plan, counted, workers=4)
    assert applied.succeeded
    if catalog.server_version == "1.12.6":
        assert counting.most == 1
        (note,) = applied.notes
        assert note.startswith("edges were written one at a time: on 1.12.6 two at once")
    else:
        assert applied.notes == ()
