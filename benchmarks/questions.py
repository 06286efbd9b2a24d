"""Questions: how long reading, building, asking and writing take, beside plain networkx."""

from collections.abc import Callable, Sized
from pathlib import Path

import networkx as nx

from benchmarks.baseline import part_network, sensitive_paths
from benchmarks.report import Table
from benchmarks.serving import SlowTransport, served
from benchmarks.stopwatch import Stopwatch
from lineage.files.snapshot_file import read_snapshot, write_snapshot
from lineage.governance.audit.audit import audit
from lineage.governance.audit.sensitivity import find_sensitive
from lineage.graph.build import build_graph
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.reference import Kind
from lineage.model.snapshot import Snapshot
from lineage.openmetadata.client import Client
from lineage.openmetadata.reader import read
from lineage.queries.traversal import upstream
from lineage.writes.apply import apply_plan
from lineage.writes.plan import make_plan

__all__ = ["time_questions"]

Questions = dict[str, Callable[[], Sized]]

_DELAY = 0.02
_STEPS = (
    "read over HTTP",
    "read over HTTP, 20 ms a reply more",
    "write the snapshot, gzipped",
    "read the snapshot",
    "build the graph",
    "export it by `to_networkx`",
    "plan",
    "apply, each write read back",
)
_PAIRS = (
    ("trace a model to entities, first", "entity", "nx.ancestors, entities"),
    ("trace a model to entities, again", "entity again", "nx.ancestors, entities"),
    ("trace a model to columns, first", "part", "nx.ancestors, parts"),
    ("trace a model to columns, again", "part again", "nx.ancestors, parts"),
    ("audit all models, with evidence", "audit", "nx paths"),
)


def time_questions(file: Path, runs: int) -> tuple[Table, Table]:
    """Time the steps of a job, and the questions that networkx can be asked as well."""
    watch, found = Stopwatch(), dict[str, int]()
    for _ in range(runs):
        snapshot = _time_steps(file, watch)
        found |= _ask(_ours(build_graph(snapshot)), watch)
        found |= _ask(_theirs(build_graph(snapshot)), watch)
    return _steps(watch), _pairs(watch, found)


def _time_steps(file: Path, watch: Stopwatch) -> Snapshot:
    packed = file.with_name("snapshot.json.gz")
    with served(file) as server:
        snapshot = watch.time("read over HTTP", lambda: read(server.client))
        with Client(server.client.host, server.token, transport=SlowTransport(_DELAY)) as far:
            watch.time("read over HTTP, 20 ms a reply more", lambda: read(far))
        watch.time("write the snapshot, gzipped", lambda: write_snapshot(snapshot, packed))
        watch.time("read the snapshot", lambda: read_snapshot(packed))
        graph = watch.time("build the graph", lambda: build_graph(snapshot))
        plan = watch.time("plan", lambda: make_plan(graph))
        watch.time("apply, each write read back", lambda: apply_plan(plan, server.client))
    return snapshot


def _ask(questions: Questions, watch: Stopwatch) -> dict[str, int]:
    """Time each question once, and count what it found."""
    return {name: len(watch.time(name, ask)) for name, ask in questions.items()}


def _ours(graph: LineageGraph) -> Questions:
    """Ask a graph that was never asked, then again: what it compiles at first, it keeps."""
    model = graph.references(Kind.MLMODEL)[0]
    return {
        "entity": lambda: upstream(graph, model, grain="entity").reached,
        "entity again": lambda: upstream(graph, model, grain="entity").reached,
        "part": lambda: upstream(graph, model, grain="part").reached,
        "part again": lambda: upstream(graph, model, grain="part").reached,
        "audit": lambda: audit(graph).findings,
    }


def _theirs(graph: LineageGraph) -> Questions:
    """Ask networkx, in networks that are made ready before the watch runs."""
    models = graph.references(Kind.MLMODEL)
    sensitive = {item.reference for item in find_sensitive(graph)}
    entities, parts = graph.to_networkx(), part_network(graph)
    backwards = parts.reverse()
    return {
        "export it by `to_networkx`": lambda: graph.to_networkx(containment=True),
        "nx.ancestors, entities": lambda: nx.ancestors(entities, models[0]),
        "nx.ancestors, parts": lambda: nx.ancestors(parts, models[0]),
        "nx paths": lambda: sensitive_paths(backwards, models, sensitive),
    }


def _steps(watch: Stopwatch) -> Table:
    header = ("Steps", "median", "min to max", "of it in this process")
    rows = ((step, *watch.wall(step).cells, watch.own(step).cells[0]) for step in _STEPS)
    return Table(header, tuple(rows))


def _pairs(watch: Stopwatch, found: dict[str, int]) -> Table:
    header = ("Questions", "median", "min to max", "found", "networkx", "min to max", "found")
    rows = (
        (
            *(what, *watch.wall(ours).cells, f"{found[ours]:,}"),
            *(*watch.wall(theirs).cells, f"{found[theirs]:,}"),
            _ratio(watch.wall(ours).median / watch.wall(theirs).median),
        )
        for what, ours, theirs in _PAIRS
    )
    return Table((*header, "ratio"), tuple(rows))


def _ratio(ratio: float) -> str:
    return f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.1f}"
