"""How `lineage audit --pack` writes the packs of what it audited."""

import sys
from pathlib import Path

from lineage.governance.audit import Audit
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.snapshot import Snapshot

__all__ = ["write_packs"]


def write_packs(
    folder: Path,
    snapshot: Snapshot,
    graph: LineageGraph,
    answer: Audit,
    *,
    looked_for: tuple[str, ...],
) -> None:
    """Write the pack of each model that was audited, and the snapshot they all rest on."""
    from lineage.governance.pack.make import make_pack
    from lineage.governance.pack.values import Reading
    from lineage.sources.snapshot_file import digest, write_snapshot
    from lineage.views.pack.files import write_pack

    reading = Reading(
        server=snapshot.server,
        server_version=snapshot.server_version,
        read_at=snapshot.read_at,
        digest=digest(snapshot),
    )
    for item in answer.models:
        pack = make_pack(graph, answer, item.model, reading=reading, looked_for=looked_for)
        for path in write_pack(pack, graph, answer, folder):
            print(f"{path}: written", file=sys.stderr)
    write_snapshot(snapshot, folder / "snapshot.json.gz")
