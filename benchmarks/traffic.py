"""Traffic: the requests it takes to read a catalog and to write what its models declare."""

from pathlib import Path

from benchmarks.report import Row, Table
from benchmarks.serving import Served, served
from lineage.graph.build import build_graph
from lineage.model.entities import MlModel
from lineage.model.snapshot import Snapshot
from lineage.openmetadata.client import Client
from lineage.openmetadata.reader import read
from lineage.writes.apply import apply_plan
from lineage.writes.plan import Plan, make_plan

__all__ = ["count_requests"]

_WRITES = frozenset({"PUT", "POST", "PATCH", "DELETE"})


def count_requests(file: Path) -> Table:
    """Count requests over the wire, beside what OpenMetadata's own client would send."""
    with served(file) as server:
        counting = _Counting(server)
        snapshot = read(server.client)
        rows = [counting.row("read the whole catalog")]
        plan = make_plan(build_graph(snapshot))
        _apply(plan, server.client)
        rows.append(counting.row(f"apply the plan ({len(plan.steps):,} edges)"))
        _apply(plan, server.client)
        rows.append(counting.row("apply the same plan again"))
        _apply(make_plan(build_graph(read(server.client))), server.client)
        rows.append(counting.row("read, plan and apply again"))
    return Table(("Requests", "sent", "of them writes"), (*rows, _official(snapshot)))


def _apply(plan: Plan, client: Client) -> None:
    applied = apply_plan(plan, client)
    if not applied.succeeded:
        raise RuntimeError(applied.summary())


class _Counting:
    """What was sent since it was last asked."""

    def __init__(self, server: Served) -> None:
        self._server = server
        self._before = (0, 0)

    def row(self, what: str) -> Row:
        client, methods = self._server.client, self._server.methods
        now = (client.requests_sent, sum(method in _WRITES for method in methods))
        sent, writes = (after - before for after, before in zip(now, self._before, strict=True))
        self._before = now
        return (what, f"{sent:,}", f"{writes:,}")


def _official(snapshot: Snapshot) -> Row:
    """Reckon what `add_mlmodel_lineage` of OpenMetadata's Python client would send.

    For each feature source that names an entity it reads the model, writes the edge and
    reads lineage; for each model it reads lineage once more.
    """
    models = [entity for entity in snapshot.entities if isinstance(entity, MlModel)]
    sources = sum(
        source.entity is not None
        for model in models
        for feature in model.features
        for source in feature.sources
    )
    what = "OpenMetadata's `add_mlmodel_lineage`, each time (reckoned)"
    return (what, f"{3 * sources + len(models):,}", f"{sources:,}")
