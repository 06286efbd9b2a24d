"""Two runs at once: of one plan, and with one journal."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier, BrokenBarrierError
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest

from lineage.catalog.wsgi import Catalog
from lineage.errors import BrokenFile, PlanRefused
from lineage.openmetadata.client import Client
from lineage.openmetadata.edge_details import patch_details
from lineage.writes.apply import apply_plan
from lineage.writes.journal import Journal
from lineage.writes.journal_reader import read_journal
from lineage.writes.plan import Plan
from lineage.writes.step import Result
from lineage.writes.undo import make_undo
from tests.writes.shop import (
    contents,
    edge_body,
    open_shop,
    put_edge,
    shown,
    talking_to,
    whole_plan,
)


class Meeting:
    """A catalog before which two runs wait for each other right before each of their writes."""

    def __init__(self, catalog: Catalog, barrier: Barrier) -> None:
        self.catalog, self.barrier = catalog, barrier

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] in {"PATCH", "PUT"}:
            try:
                self.barrier.wait(timeout=2)
            except BrokenBarrierError:
                self.barrier.reset()  # the other has nothing to write there
        return self.catalog(environ, start_response)


def test_two_applies_of_one_plan_store_no_mapping_twice(shop: Path, tmp_path: Path) -> None:
    with open_shop(shop, tmp_path) as (catalog, client):
        plan = whole_plan(shown(client))
        meeting = Meeting(catalog, Barrier(2))

        def run(_: int) -> set[Result]:
            with talking_to(meeting, catalog) as one:
                applied = apply_plan(plan, one, workers=1)
            return {outcome.result for outcome in applied.outcomes}

        with ThreadPoolExecutor(2) as pool:
            results = list(pool.map(run, range(2)))
        good = {Result.WRITTEN, Result.UNCHANGED, Result.CONFLICT}
        assert all(found <= good for found in results)
        for edge in contents(client).values():
            mappings = json.loads(edge)["columnsLineage"]
            assert len(mappings) == len(set(mappings))
        assert whole_plan(shown(client)).steps == ()


THEIRS = "w.d.s.orders.x → m.churn.f [log(x)]"


class Losing:
    """A catalog in which a second writer, who knows nothing of a mapping, writes after us."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer = self.catalog(environ, start_response)
        if environ["REQUEST_METHOD"] == "PATCH":
            _, upstream, _, downstream = environ["PATH_INFO"].split("/")[-4:]
            with talking_to(self.catalog, self.catalog) as other:
                found = other.get(f"/lineage/getLineageEdge/{upstream}/{downstream}")["edge"]
                left = [one for one in found["columnsLineage"] if one.get("function") != "log(x)"]
                kept = {key: found[key] for key in ("source", "sqlQuery", "description")}
                kept["pipeline"] = {key: found["pipeline"][key] for key in ("id", "type")}
                put_edge(other, edge_body(upstream, downstream, **kept, columnsLineage=left))
        return answer


def plan_beside_others(client: Client) -> Plan:
    """Plan the change of the edge on which others have a mapping with a function."""
    plan = whole_plan(shown(client))
    ends = ("orders", "churn")
    steps = [one for one in plan.edge_steps if (one.upstream.name, one.downstream.name) == ends]
    return replace(plan, steps=tuple(steps))


def test_what_others_had_and_a_second_writer_lost_is_named(shop: Path, tmp_path: Path) -> None:
    with open_shop(shop, tmp_path) as (catalog, client):
        plan = plan_beside_others(client)
        with talking_to(Losing(catalog), catalog) as busy:
            (outcome,) = apply_plan(plan, busy).outcomes
    assert outcome.result == Result.CONFLICT
    assert outcome.detail == f"{THEIRS} stood on the edge and went during the write: plan again"


def test_what_went_while_a_run_was_killed_is_named_by_the_next(shop: Path, tmp_path: Path) -> None:
    path = tmp_path / "journal"
    with open_shop(shop, tmp_path) as (catalog, client):
        plan = plan_beside_others(client)
        (step,) = plan.edge_steps
        with Journal.start(path, plan) as kept:
            kept.begin(0, step.read(client).document)
        with talking_to(Losing(catalog), catalog) as busy:
            step.write(busy, step.read(busy))
        with Journal.resume(path) as kept:
            (outcome,) = apply_plan(plan, client, journal=kept).outcomes
    assert outcome.result == Result.CONFLICT
    assert THEIRS in outcome.detail


def test_a_field_that_nobody_here_knows_is_missed_too(shop: Path, tmp_path: Path) -> None:
    with open_shop(shop, tmp_path) as (_, client):
        (step,) = plan_beside_others(client).edge_steps
        before = step.read(client)
        assert before.document is not None
        known = replace(before, document={**before.document, "theirs": 1})
        step.write(client, before)
        result, reason = step.verify(client, known, step.read(client))
    assert result == Result.CONFLICT
    assert reason.startswith("theirs stood on the edge")


def test_whatever_mapping_comes_or_goes_all_of_them_are_tested_for() -> None:
    one, other = ({"fromColumns": [name], "toColumn": "m.f"} for name in ("a.x", "a.y"))
    before: dict[str, Any] = {"columnsLineage": [one], "updatedAt": 7}
    assert patch_details(before, {"columnsLineage": [one, other]}) == [
        {"op": "test", "path": "/columnsLineage", "value": [one]},
        {"op": "add", "path": "/columnsLineage/-", "value": other},
    ]
    assert patch_details(before, {"columnsLineage": []}) == [
        {"op": "test", "path": "/columnsLineage", "value": [one]},
        {"op": "remove", "path": "/columnsLineage/0"},
    ]
    assert patch_details(before, {"columnsLineage": [one]}) == []
    assert patch_details({"updatedAt": 7}, {"columnsLineage": [one]})[0] == {
        "op": "test",
        "path": "/updatedAt",
        "value": 7,
    }


EMPTY = Plan(server="s", steps=())


def test_a_journal_is_held_by_one_run_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "j"
    with Journal.start(path, EMPTY):
        with pytest.raises(BrokenFile, match="is in use: another run is writing with it"):
            Journal.resume(path)
        with pytest.raises(BrokenFile, match="is there already"):
            Journal.start(path, EMPTY)
        assert read_journal(path).plan == EMPTY
    with Journal.resume(path) as kept:
        assert kept.history.plan == EMPTY
        with pytest.raises(BrokenFile, match="is in use"):
            Journal.resume(path)


HOLD = """
import sys
from lineage.writes.journal import Journal
with Journal.resume(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_run_that_is_killed_lets_go_of_its_journal(tmp_path: Path) -> None:
    path = tmp_path / "j"
    Journal.start(path, EMPTY).close()
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"held\n"
        content = path.read_bytes()
        with pytest.raises(BrokenFile, match="is in use"):
            Journal.resume(path)
        assert path.read_bytes() == content
        child.send_signal(signal.SIGKILL)
        child.wait(timeout=60)
    Journal.resume(path).close()


def test_a_run_that_was_undone_is_not_gone_on_with(shop: Path, tmp_path: Path) -> None:
    path, back = tmp_path / "j", tmp_path / "back"
    with open_shop(shop, tmp_path) as (_, client):
        before = contents(client)
        plan = whole_plan(shown(client))
        with Journal.start(path, plan) as kept:
            assert apply_plan(plan, client, journal=kept).succeeded
        with Journal.resume(path) as kept:
            undo = make_undo(kept.history)
            with Journal.start(back, undo, undoes=kept) as undoing:
                assert read_journal(path).undone_by == ""
                assert apply_plan(undo, client, journal=undoing).succeeded
        assert read_journal(path).undone_by == str(back)
        with Journal.resume(path) as kept, pytest.raises(PlanRefused, match="was undone"):
            apply_plan(plan, client, journal=kept)
        assert contents(client) == before


def test_an_undo_that_writes_nothing_leaves_the_run_as_it_was(shop: Path, tmp_path: Path) -> None:
    path = tmp_path / "j"
    with open_shop(shop, tmp_path) as (_, client):
        plan = whole_plan(shown(client))
        with Journal.start(path, plan) as kept:
            apply_plan(plan, client, journal=kept)
        undo = make_undo(read_journal(path))
        assert apply_plan(undo, client).succeeded
        with Journal.resume(path) as kept, Journal.start(tmp_path / "k", undo, undoes=kept) as two:
            assert apply_plan(undo, client, journal=two).summary() == "7 unchanged"
            assert not two.has_writes
        assert read_journal(path).undone_by == ""
