"""Plans applied through a bad connection while somebody else writes: nothing foreign is lost.

The machine makes moves in any order: Alice maps columns, describes and removes edges, the
models change, we plan, apply, prune, go on and undo. While we apply, the network breaks
requests and answers, and Alice writes between two of our requests.

Two moments no server can guard: between our last look and the PUT that makes an edge, or
the DELETE that removes one. What Alice writes there is replaced. Where an edge was made,
that has to be reported as a conflict.
"""

import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from threading import Lock
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from lineage.catalog.server import start
from lineage.catalog.wsgi import Catalog
from lineage.changes.edge_facts import functions
from lineage.errors import RequestFailed, ServerError
from lineage.openmetadata.client import Client
from lineage.openmetadata.edge_api import EdgeEnds, read_edge
from lineage.openmetadata.retry import Retry
from lineage.writes.apply import apply_plan
from lineage.writes.edge_step import EdgeStep
from lineage.writes.journal import Journal
from lineage.writes.journal_reader import read_journal
from lineage.writes.manifest_file import with_applied
from lineage.writes.merge import Merge
from lineage.writes.outcome import Applied, Outcome
from lineage.writes.ownership import Manifest, Ownership
from lineage.writes.plan import Plan, make_plan
from lineage.writes.pruning import find_undeclared
from lineage.writes.step import Action, Result
from lineage.writes.undo import make_undo
from tests.examples import examples
from tests.fault_proxy import (
    Asked,
    Exchange,
    Fault,
    Sending,
    answered,
    cut_short,
    dropped,
    fault_proxy,
    reset,
)
from tests.writes.shop import (
    COLUMNS,
    FEATURES,
    TABLES,
    contents,
    edge_body,
    edge_step_of,
    mapping,
    put_edge,
    put_model,
    shown,
)

TALLY: Counter[str] = Counter()
WRITES = {"PUT", "PATCH", "DELETE"}

Ends = tuple[str, str]
"""A table and a model, by their short names."""

Deed = tuple[Ends | None, str]
"""Something Alice does, and to which edge; None is the one that we have just asked for."""

UUID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def swallowed(exchange: Exchange) -> Sending:
    """Let the request arrive, and lose the reply."""
    exchange.forward()
    return Sending(then="close")


BUSY = answered(503, b'{"code": 503, "message": "busy"}', "application/json")
FAULTS: tuple[Fault, ...] = (dropped, reset, cut_short, swallowed, BUSY)

ends = st.tuples(st.sampled_from(TABLES), st.sampled_from(sorted(FEATURES)))
variants = st.integers(0, 3)
deeds = st.sampled_from(["map", "map", "describe", "remove"])
faults: st.SearchStrategy[list[Fault | None]] = st.just([]) | st.lists(
    st.sampled_from([None, None, None, *FAULTS]), min_size=10, max_size=30
)
meddling: st.SearchStrategy[dict[int, Deed]] = st.just({}) | st.dictionaries(
    st.integers(1, 15), st.tuples(st.none() | ends, deeds), min_size=2, max_size=8
)


class Histories(RuleBasedStateMachine):
    """A shop, ourselves, Alice, and the network between."""

    made: ClassVar[Path]

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        file = self.folder / "shop.db"
        file.write_bytes(self.made.read_bytes())
        catalog, hers = (self.stack.enter_context(Catalog(file)) for _ in range(2))
        hers.user = "alice"
        self.alice = self.stack.enter_context(
            Client.in_process(hers, hers.token, name="alice's way")
        )
        url = self.stack.enter_context(start(catalog))
        self.proxy = self.stack.enter_context(fault_proxy(url, self._fault, after=self._after))
        self.us = self.stack.enter_context(Client(self.proxy.url, catalog.token))
        self.us.retry = Retry(tries=3, budget=100_000, sleep=lambda _seconds: None)
        names = [("tables", table, f"w.d.s.{table}") for table in TABLES]
        names += [("mlmodels", model, f"m.{model}") for model in FEATURES]
        self.ids = {
            short: str(self.alice.get(f"/{many}/name/{name}")["id"]) for many, short, name in names
        }
        self.lock = Lock()
        self.serial = self.moves = 0
        self.hers: dict[Ends, set[str]] = {}
        self.meddled: set[Ends] = set()
        self.coming: list[Fault | None] = []
        self.planned_meddling: dict[int, Deed] = {}
        self.since = 0
        self.manifest = Manifest()
        self.plan: Plan | None = None
        self.journal: Path | None = None

    def teardown(self) -> None:
        TALLY.update({f"fault {name}": n for name, n in self.proxy.injected.items()})
        self.stack.close()

    # Alice

    @rule(deeds=st.lists(st.tuples(ends, deeds), min_size=1, max_size=3))
    def alice_acts(self, deeds: list[tuple[Ends, str]]) -> None:
        for deed in deeds:
            self._alice(*deed)

    # We

    @rule(variant=variants)
    def we_plan(self, variant: int) -> None:
        self.plan = self._plan(variant)

    @rule(faults=faults, meddling=meddling, variant=variants, workers=st.sampled_from([1, 1, 4]))
    def we_apply(
        self,
        faults: list[Fault | None],
        meddling: dict[int, Deed],
        variant: int,
        workers: int,
    ) -> None:
        plan, self.plan = self.plan or self._plan(variant), None
        self.moves += 1
        self.journal = self.folder / f"journal{self.moves}"
        with Journal.start(self.journal, plan) as kept:
            self._apply(plan, kept, faults, meddling, workers)

    @rule(faults=faults, meddling=meddling)
    def we_go_on(self, faults: list[Fault | None], meddling: dict[int, Deed]) -> None:
        if self.journal is not None:
            with Journal.resume(self.journal) as kept:
                self._apply(kept.history.plan, kept, faults, meddling, workers=1)

    @precondition(lambda self: self.moves % 3 == 1)
    @rule(variant=variants)
    def we_settle(self, variant: int) -> None:
        """Nobody disturbs us: what is applied is there, and the second time nothing is sent."""
        self.moves += 1
        self.plan = self.journal = None
        plan = self._plan(variant)
        applied = apply_plan(plan, self.us)
        assert applied.succeeded
        self.manifest = with_applied(self.manifest, applied)
        assert self._plan(variant).steps == ()
        sent = self._writes()
        assert {one.result for one in apply_plan(plan, self.us).outcomes} <= {Result.UNCHANGED}
        assert self._writes() == sent

    @precondition(lambda self: self.moves % 3 == 2)
    @rule(variant=variants)
    def we_go_there_and_back(self, variant: int) -> None:
        """Nobody disturbs us: what is undone is as it was."""
        self.moves += 1
        self.plan = self.journal = None
        before, plan = contents(self.alice), self._plan(variant)
        path = self.folder / f"journal{self.moves}"
        with Journal.start(path, plan) as kept:
            assert apply_plan(plan, self.us, journal=kept).succeeded
        undone = apply_plan(make_undo(read_journal(path)), self.us)
        assert undone.succeeded
        assert contents(self.alice) == before
        TALLY["undone"] += len(undone)

    @invariant()
    def nothing_of_alices_is_lost(self) -> None:
        for ends, words in self.hers.items():
            stored = self._stored(ends) or {}
            lost = {word for word in words if word not in str(stored)}
            assert not lost, (ends, lost, stored)

    # How

    def _plan(self, variant: int) -> Plan:
        """Plan for one of four variants of a model: with more or fewer sources."""
        people = ["people.x"] if variant & 1 else []
        visits = ["visits.x", "visits.y"] if variant & 2 else []
        sources = {"f": ("orders.x", *people), "g": ("orders.y",), "h": ("people.z", *visits)}
        put_model(self.alice, "churn", sources, self.ids)
        graph = shown(self.alice)
        graph.server = self.us.host
        owned = Ownership(manifest=self.manifest)
        remove = find_undeclared(graph, ownership=owned)
        return make_plan(graph, remove=remove, merge=Merge(ownership=owned))

    def _apply(
        self,
        plan: Plan,
        journal: Journal,
        faults: list[Fault | None],
        meddling: dict[int, Deed],
        workers: int,
    ) -> None:
        writes, self.meddled, self.since = self._writes(), set(), 0
        self.coming, self.planned_meddling = list(faults), dict(meddling)
        applied: Applied | None = None
        with suppress(ServerError):  # nothing is written where the checks cannot be made
            applied = apply_plan(plan, self.us, journal=journal, workers=workers)
        self.coming, self.planned_meddling = [], {}
        history = read_journal(journal.path)
        if applied is None:
            assert self._writes() == writes
            return
        self.manifest = with_applied(self.manifest, applied)
        for place, outcome in enumerate(applied.outcomes):
            TALLY[str(outcome.result)] += 1
            if outcome.result == Result.SKIPPED:  # the server seemed to be gone
                continue
            assert history.outcomes[place] == outcome
            assert outcome.result != Result.WRITTEN or place in history.stored
            self._forgive(edge_step_of(outcome), outcome.result)
            if journal.history.outcomes.get(place) != outcome:  # done by this run
                self._believe(outcome)
        if not any(faults) and not self.meddled:
            assert Result.FAILED not in {outcome.result for outcome in applied.outcomes}

    def _forgive(self, step: EdgeStep, result: Result) -> None:
        """Forget what Alice wrote in one of the two moments that no server can guard."""
        ends = (step.upstream.name, step.downstream.name)
        if ends not in self.meddled or not self.hers.get(ends):
            return
        stored = str(self._stored(ends) or {})
        lost = {word for word in self.hers[ends] if word not in stored}
        if lost and step.action in {Action.CREATE_EDGE, Action.REMOVE_EDGE, Action.CHANGE_EDGE}:
            is_put = step.before is None or not step.before.evidence.recorded_as
            assert is_put or step.action == Action.REMOVE_EDGE
            assert not is_put or result in {Result.CONFLICT, Result.FAILED}
            TALLY["lost and reported" if is_put else "lost to a removal"] += 1
            self.hers[ends] -= lost

    def _believe(self, outcome: Outcome) -> None:
        """Look whether what is said to be written is there, where Alice did not touch it since."""
        step = edge_step_of(outcome)
        names = (step.upstream.name, step.downstream.name)
        if not outcome.is_good or names in self.meddled:
            return
        ends = EdgeEnds(step.upstream, step.upstream_id, step.downstream, step.downstream_id)
        stored = read_edge(self.alice, ends)
        there = functions(None if stored is None else stored.edge).keys()
        then, now = functions(step.before).keys(), functions(step.after).keys()
        assert now <= there, (outcome, there)
        assert (then - now).isdisjoint(there), (outcome, there)

    def _alice(self, ends: Ends, deed: str) -> None:
        table, model = ends
        self.serial += 1
        word, stored = f"alice{self.serial}", self._stored(ends)
        path = f"/lineage/table/{self.ids[table]}/mlmodel/{self.ids[model]}"
        if deed == "remove":
            with suppress(RequestFailed):
                self.alice.delete(path)
            self.hers.pop(ends, None)
            return
        column, feature = COLUMNS[self.serial % 3], FEATURES[model][self.serial % 2]
        mapped = mapping(f"{table}.{column}", f"{model}.{feature}", function=f"{word}(x)")
        if deed == "describe":
            self.hers[ends] = {one for one in self.hers.get(ends, ()) if not one.endswith(".")}
            word += "."
        what: dict[str, Any] = (
            {"description": word} if deed == "describe" else {"columnsLineage": [mapped]}
        )
        with suppress(RequestFailed):  # where the edge is taken away under her hands
            if stored is None:
                put_edge(self.alice, edge_body(self.ids[table], self.ids[model], **what))
            elif deed == "describe":
                self.alice.patch(path, [{"op": "add", "path": "/description", "value": word}])
            else:
                # In front, so that what is ours no longer stands where it stood.
                added = {"op": "add", "path": "/columnsLineage/0", "value": mapped}
                self.alice.patch(path, [added])
            self.hers.setdefault(ends, set()).add(word)

    def _stored(self, ends: Ends) -> dict[str, Any] | None:
        table, model = ends
        try:
            path = f"/lineage/getLineageEdge/{self.ids[table]}/{self.ids[model]}"
            found: dict[str, Any] = self.alice.get(path)["edge"]
        except RequestFailed:
            return None
        return found

    def _writes(self) -> int:
        return sum(asked.method in WRITES for asked in self.proxy.asked)

    def _fault(self, _asked: Asked) -> Fault | None:
        return self.coming.pop(0) if self.coming else None

    def _after(self, asked: Asked) -> None:
        ids = UUID.findall(asked.path)
        if len(ids) != 2:
            return  # about no edge
        with self.lock:
            self.since += 1
            deed = self.planned_meddling.pop(self.since, None)
            if deed is not None:
                names = {identity: name for name, identity in self.ids.items()}
                ends = deed[0] or (names[ids[0]], names[ids[1]])
                self.meddled.add(ends)
                TALLY["meddlings"] += 1
                self._alice(ends, deed[1])


@pytest.fixture(scope="module", autouse=True)
def figures() -> Iterator[None]:
    """Say at the end, with `pytest -s`, what there was."""
    yield
    sys.stdout.write(f"\nhistories: {dict(sorted(TALLY.items()))}\n")


def test_nothing_foreign_is_lost_whatever_happens(shop: Path) -> None:
    class AtOurShop(Histories):
        made = shop

    run_state_machine_as_test(
        AtOurShop,
        settings=settings(
            max_examples=examples(20),
            stateful_step_count=20,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],  # making a failure smaller takes minutes
        ),
    )
