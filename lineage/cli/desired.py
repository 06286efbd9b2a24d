"""Files that say what a server should say: lineage files, snapshots of other catalogs."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from lineage.changes.copied import copy_edges
from lineage.changes.desired import Desired, join_desired, resolve_declaration
from lineage.errors import LineageError
from lineage.graph.lineage_graph import LineageGraph

__all__ = ["load_desired", "parse_services"]


def load_desired(
    graph: LineageGraph, files: Iterable[Path], *, services: Mapping[str, str]
) -> Desired:
    """Read what all files want, each by what it is, and find it in a graph."""
    return join_desired(_load(graph, file, services) for file in files)


def parse_services(texts: Iterable[str]) -> dict[str, str]:
    """Take `OLD=NEW` apart: what services are called elsewhere, and here."""
    services = {}
    for text in texts:
        old, sign, new = text.partition("=")
        if not (old and sign and new):
            message = f"{text!r} maps no service: write it as OLD=NEW"
            raise LineageError(message)
        services[old] = new
    return services


def _load(graph: LineageGraph, file: Path, services: Mapping[str, str]) -> Desired:
    if _is_snapshot(file):
        from lineage.sources.snapshot_file import read_snapshot

        return copy_edges(graph, read_snapshot(file), services=services)
    from lineage.sources.lineage_file import read_lineage_file

    return resolve_declaration(graph, read_lineage_file(file))


def _is_snapshot(file: Path) -> bool:
    """Tell a snapshot by its ending, or by what a JSON file begins with."""
    from lineage.sources.snapshot_file import FORMAT

    if file.suffix == ".gz":
        return True
    if file.suffix != ".json":
        return False
    try:
        with file.open("rb") as opened:
            beginning = opened.read(200)
    except OSError:
        return False  # whoever reads it says why it cannot be read
    return json.dumps(FORMAT).encode() in beginning
