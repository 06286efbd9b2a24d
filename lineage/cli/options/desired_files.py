"""Files that say what a server should say: lineage files, other catalogs, events."""

import json
import sys
from collections.abc import Iterable
from enum import Enum
from pathlib import Path

from lineage.changes.copy_edges import copy_edges
from lineage.changes.desired import Desired, join_desired, resolve_declaration, want_edges
from lineage.errors import LineageError
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.answer import counted
from lineage.model.snapshot import Gap, GapKind, Snapshot
from lineage.views.terminal import printable

__all__ = ["load_desired", "parse_services", "tell_gaps"]

_BEGINNING = 200  # characters within which a snapshot says what it is
_SHOWN = 20


class _Content(Enum):
    LINEAGE = "lineage"
    SNAPSHOT = "snapshot"
    EVENTS = "events"


def load_desired(
    graph: LineageGraph, snapshot: Snapshot, files: Iterable[Path], *, services: dict[str, str]
) -> Desired:
    """Read what all files want, each by what it is, and find it in a catalog and its graph."""
    return join_desired(_load(graph, snapshot, file, services) for file in files)


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


def tell_gaps(desired: Desired) -> None:
    """Say on stderr what was wanted and has no counterpart in the catalog."""
    for gap in desired.gaps[:_SHOWN]:
        subject = "" if gap.subject is None else f"{gap.subject}: "
        print(f"note: left out: {printable(subject + gap.reason)}", file=sys.stderr)
    if len(desired.gaps) > _SHOWN:
        left = counted(len(desired.gaps) - _SHOWN, "thing")
        print(f"note: {left} more left out; all of them are in the plan's gaps", file=sys.stderr)


def _load(graph: LineageGraph, snapshot: Snapshot, file: Path, services: dict[str, str]) -> Desired:
    content = _content(file)
    if content == _Content.SNAPSHOT:
        from lineage.files.snapshot_file import read_snapshot

        return copy_edges(graph, read_snapshot(file), services=services)
    if content == _Content.EVENTS:
        from lineage.evidence.dataset_mapping import DatasetNames, find_told
        from lineage.evidence.openlineage import read_events

        told = find_told(read_events(file), snapshot, names=DatasetNames(namespaces=services))
        unmatched = (
            Gap(GapKind.ENTITY_NOT_FOUND, None, f"{finding.subject} {finding.reason}")
            for finding in told.findings
        )
        gaps = (*told.gaps, *unmatched)
        return want_edges(graph, told.edges, recorded_as="OpenLineage", gaps=gaps)
    from lineage.files.lineage_file import read_lineage_file

    return resolve_declaration(graph, read_lineage_file(file))


def _content(file: Path) -> _Content:
    """Tell by its ending what a file is, a JSON file by what it begins with."""
    from lineage.files.snapshot_file import FORMAT
    from lineage.files.text_file import read_text

    if file.suffix not in {".json", ".jsonl", ".ndjson", ".gz"}:
        return _Content.LINEAGE
    text = read_text(file)
    if json.dumps(FORMAT) in text[:_BEGINNING]:
        return _Content.SNAPSHOT
    if file.suffix != ".json" or _is_event(text):
        return _Content.EVENTS
    return _Content.LINEAGE


def _is_event(text: str) -> bool:
    """Whether a JSON text begins with an OpenLineage event, or a list of them."""
    try:
        first, _ = json.JSONDecoder().raw_decode(text.lstrip())
    except (ValueError, RecursionError):
        return False  # whoever reads it says what is wrong with it
    item = first[0] if isinstance(first, list) and first else first
    return isinstance(item, dict) and not {"run", "job", "dataset"}.isdisjoint(item)
