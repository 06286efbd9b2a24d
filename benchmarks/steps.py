"""Steps: how long reading, building, planning and writing take, over HTTP on loopback."""

from pathlib import Path

from benchmarks.report import Table
from benchmarks.serving import SlowTransport, served
from benchmarks.stopwatch import Stopwatch
from lineage.files.snapshot_file import read_snapshot, write_snapshot
from lineage.graph.build import build_graph
from lineage.openmetadata.client import Client
from lineage.openmetadata.reader import read
from lineage.writes.apply import apply_plan
from lineage.writes.plan import make_plan

__all__ = ["time_steps"]

_DELAY = 0.02
_STEPS = (
    "read over HTTP",
    "read over HTTP, 20 ms a reply more",
    "write the snapshot, gzipped",
    "read the snapshot",
    "build the graph",
    "plan",
    "apply, each write read back",
)


def time_steps(file: Path, runs: int) -> Table:
    """Time the steps of a job on a catalog that is served."""
    watch = Stopwatch()
    for _ in range(runs):
        _time_steps(file, watch)
    header = ("Steps", "median", "min to max", "of it in this process")
    rows = ((step, *watch.wall(step).cells, watch.own(step).cells[0]) for step in _STEPS)
    return Table(header, tuple(rows))


def _time_steps(file: Path, watch: Stopwatch) -> None:
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
