"""How `lineage audit --pack` writes the packs of what it audited."""

import sys
from datetime import date
from pathlib import Path

from lineage.governance.audit.audit import Audit
from lineage.governance.audit.protected_attributes import Protected
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
    protected: Protected | None = None,
) -> None:
    """Write the pack of each model that was audited, and the snapshot they all rest on.

    With a protected attribute, each pack answers the nine questions about it. The day on which
    its proxies are taken to have expired is that of the reading, so that the same snapshot gives
    the same bytes.
    """
    from lineage.files.snapshot_file import digest, write_snapshot
    from lineage.governance.bias.bias import bias
    from lineage.governance.pack.make import make_pack
    from lineage.governance.pack.values import Reading
    from lineage.views.pack.pack_files import write_pack

    reading = Reading(
        server=snapshot.server,
        server_version=snapshot.server_version,
        read_at=snapshot.read_at,
        digest=digest(snapshot),
    )
    on = _day(snapshot.read_at)
    for item in answer.models:
        asked = None if protected is None else bias(graph, item.model, protected, on=on)
        pack = make_pack(
            graph, answer, item.model, reading=reading, looked_for=looked_for, bias=asked
        )
        for path in write_pack(pack, graph, answer, folder):
            print(f"{path}: written", file=sys.stderr)
    write_snapshot(snapshot, folder / "snapshot.json.gz")


def _day(moment: str) -> date | None:
    """Take the day of a moment; a snapshot that was not read from a server may have none."""
    try:
        return date.fromisoformat(moment[:10])
    except ValueError:
        return None
