"""An apply that is killed, whenever, and gone on with ends as one that was not.

Most kills are hard stops inside this process: an exception that nothing catches comes from
the transport, before a request arrives or after it did, and from then on every request
meets it; then the last line of the journal may be cut in two. Six are real: a child
process is sent SIGKILL while the server answers it.
"""

import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest

from lineage.catalog.server import start
from lineage.catalog.wsgi import Catalog
from lineage.model.reference import Reference
from lineage.openmetadata.client import Client
from lineage.writes.apply import apply_plan
from lineage.writes.journal import Journal
from lineage.writes.journal_reader import read_journal
from lineage.writes.model_planner import model_steps
from lineage.writes.plan import Plan
from lineage.writes.plan_file import write_plan
from lineage.writes.undo import make_undo
from tests.examples import examples
from tests.fault_proxy import Asked, fault_proxy
from tests.writes.shop import FEATURES, Contents, contents, open_shop, shown, talking_to, whole_plan

HARD_STOPS = examples(150)
"""How many applies are stopped, some of them up to three times."""
TALLY: Counter[str] = Counter()

WRITES = {"PUT", "PATCH", "DELETE"}


class HardStop(BaseException):
    """Nothing catches this."""


@dataclass
class Mortal:
    """A catalog whose client dies at some request, before it arrives or after it did."""

    catalog: Catalog
    last: int = sys.maxsize
    arrives: bool = False
    count: int = 0
    died_at: str = ""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self.count += 1
        if self.count < self.last:
            return self.catalog(environ, start_response)
        if self.count == self.last:
            self.died_at = environ["REQUEST_METHOD"]
            if self.arrives:
                self.catalog(environ, start_response)
        raise HardStop


@pytest.fixture(scope="module", autouse=True)
def figures() -> Iterator[None]:
    """Say at the end, with `pytest -s`, how many kills there were."""
    yield
    sys.stdout.write(f"\nkills: {dict(sorted(TALLY.items()))}\n")


State = tuple[Contents, list[str]]
"""What the catalog holds of edges, and of models."""


def state(client: Client) -> State:
    models = (client.get(f"/mlmodels/name/m.{model}") for model in FEATURES)
    return contents(client), [f"{one.get('description')}, {one.get('target')}" for one in models]


def every_step(client: Client) -> Plan:
    """Plan every sort of step on edges, and a change of a model before them."""
    graph = shown(client)
    churn = graph.model(Reference("mlmodel", "m.churn"))
    wanted = replace(churn, description="Who leaves.", target="left")
    plan = whole_plan(graph)
    return replace(plan, steps=(*model_steps(graph, [wanted]), *plan.steps))


class Run(NamedTuple):
    """A plan, what the catalog holds before and after it, and the requests it takes."""

    plan: Plan
    before: State
    after: State
    requests: int


@pytest.fixture(scope="module")
def uninterrupted(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    with open_shop(shop, tmp_path_factory.mktemp("whole")) as (_, client):
        plan, before = every_step(client), state(client)
        sent = client.requests_sent
        assert apply_plan(plan, client).succeeded
        requests = client.requests_sent - sent
        assert every_step(client).is_empty
        return Run(plan, before, state(client), requests)


@pytest.mark.parametrize("seed", range(HARD_STOPS))
def test_a_hard_stop_and_a_resume_end_as_if_nothing_had_been(
    shop: Path, tmp_path: Path, uninterrupted: Run, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - which request it dies at is no secret
    plan, path = uninterrupted.plan, tmp_path / "journal"
    Journal.start(path, plan).close()
    with open_shop(shop, tmp_path) as (catalog, client):
        for _ in range(chance.choice([1, 1, 2, 3])):
            workers = chance.choice([1, 1, 4])
            last = chance.randint(1, uninterrupted.requests)
            mortal = Mortal(catalog, last, arrives=chance.random() < 0.5)
            with (
                talking_to(mortal, catalog) as dying,
                Journal.resume(path) as kept,
                suppress(HardStop),
            ):
                apply_plan(plan, dying, journal=kept, workers=workers)
            TALLY["hard stops"] += bool(mortal.died_at)
            never_sent = workers == 1 and not mortal.arrives and mortal.died_at in WRITES
            tear(path, chance, even_a_beginning=never_sent)
        with Journal.resume(path) as kept:
            assert apply_plan(plan, client, journal=kept).succeeded
        assert state(client) == uninterrupted.after
        assert apply_plan(make_undo(read_journal(path)), client).succeeded
        assert state(client) == uninterrupted.before


def tear(path: Path, chance: random.Random, *, even_a_beginning: bool) -> None:
    """Cut the last line in two now and then, as a kill can that comes while it is written.

    A line that tells of a write to come is on the disk before that write is sent.
    """
    lines = path.read_bytes().splitlines(keepends=True)
    is_beginning = b'"state": "writing"' in lines[-1]
    if len(lines) > 1 and chance.random() < 0.4 and (even_a_beginning or not is_beginning):
        path.write_bytes(b"".join(lines[:-1]) + lines[-1][: chance.randrange(len(lines[-1]))])
        TALLY["torn lines"] += 1


@pytest.mark.slow
@pytest.mark.parametrize("turn", [2, 5, 8, 11, 17, 25])
def test_a_child_process_that_is_killed_leaves_what_can_be_gone_on_with(
    shop: Path, tmp_path: Path, uninterrupted: Run, turn: int
) -> None:
    plan_file, path = tmp_path / "plan.json", tmp_path / "journal"
    children: list[subprocess.Popen[bytes]] = []

    def kill(asked: Asked) -> None:
        if children and asked.ordinal - told == turn:
            children[0].send_signal(signal.SIGKILL)
            TALLY["SIGKILL"] += 1

    with (
        open_shop(shop, tmp_path) as (catalog, inside),
        start(catalog) as url,
        fault_proxy(url, lambda _asked: None, after=kill) as proxy,
        Client(proxy.url, catalog.token) as client,
    ):
        plan = every_step(client)
        write_plan(plan, plan_file)
        told = len(proxy.asked)
        command = [sys.executable, "-m", "lineage", "apply", plan_file, "--journal", path]
        environment = {**os.environ, "OPENMETADATA_JWT_TOKEN": catalog.token}
        words = [*map(str, command), "-c", proxy.url]
        children.append(subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL))
        assert children[0].wait(timeout=60) == -signal.SIGKILL
        assert catalog.token not in path.read_text()
        with Journal.resume(path) as kept:
            assert apply_plan(plan, client, journal=kept).succeeded
        assert state(inside) == uninterrupted.after


def test_a_command_that_is_interrupted_says_how_to_go_on(shop: Path, tmp_path: Path) -> None:
    plan_file, path = tmp_path / "plan.json", tmp_path / "journal"
    children: list[subprocess.Popen[str]] = []

    def interrupt(asked: Asked) -> None:
        if children and asked.method == "PATCH" and "/lineage/" in asked.path and not interrupted:
            interrupted.append(asked)
            children[0].send_signal(signal.SIGINT)

    interrupted: list[Asked] = []
    with (
        open_shop(shop, tmp_path) as (catalog, _),
        start(catalog) as url,
        fault_proxy(url, lambda _asked: None, after=interrupt) as proxy,
        Client(proxy.url, catalog.token) as client,
    ):
        plan = every_step(client)
        write_plan(plan, plan_file)
        command = [sys.executable, "-m", "lineage", "apply", plan_file, "--journal", path]
        environment = {**os.environ, "OPENMETADATA_JWT_TOKEN": catalog.token}
        words = [*map(str, command), "--workers", "1", "-c", proxy.url]
        children.append(subprocess.Popen(words, env=environment, stderr=subprocess.PIPE, text=True))
        _, said = children[0].communicate(timeout=60)
        assert children[0].returncode == 2
        assert f"stopped; go on with lineage apply --resume {path}" in said
        history = read_journal(path)
        assert len(history.stored) == len(history.outcomes) < len(plan.steps)
        with Journal.resume(path) as kept:
            assert apply_plan(plan, client, journal=kept).succeeded
