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
    contents = {file: _content(file) for file in files}
    parts = [
        _load(graph, file, content, services)
        for file, content in contents.items()
        if content != _Content.EVENTS
    ]
    events = [str(file) for file, content in contents.items() if content == _Content.EVENTS]
    if events:
        parts.append(_load_events(graph, snapshot, events, services))
    return join_desired(parts)


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


def _load(graph: LineageGraph, file: Path, content: _Content, services: dict[str, str]) -> Desired:
    if content == _Content.SNAPSHOT:
        from lineage.files.snapshot_file import read_snapshot

        return copy_edges(graph, read_snapshot(file), services=services)
    from lineage.files.lineage_file import read_lineage_file

    return resolve_declaration(graph, read_lineage_file(file))


def _load_events(
    graph: LineageGraph, snapshot: Snapshot, files: list[str], services: dict[str, str]
) -> Desired:
    """Want what all events together report, but nothing between entities they may not mean."""
    from lineage.evidence.dataset_mapping import DatasetNames
    from lineage.evidence.load_evidence import load_events

    body = load_events(snapshot, files, names=DatasetNames(namespaces=services))
    doubts = (
        Gap(
            GapKind.EVIDENCE_NOT_MATCHED,
            report.downstream,
            f"events may mean another edge than the one from {report.upstream.fqn}; say with "
            "--service what their namespace is called here",
        )
        for report in body.reports
        if not report.is_certain
    )
    gaps = (*body.gaps, *doubts)
    return want_edges(graph, body.edges(), recorded_as="OpenLineage", gaps=gaps)


def _content(file: Path) -> _Content:
    """Tell by its ending what a file is, a JSON file by what it begins with."""
    from lineage.evidence.event_files import holds_events
    from lineage.files.snapshot_file import FORMAT
    from lineage.files.text_file import read_text

    if file.suffix not in {".json", ".jsonl", ".ndjson", ".gz"}:
        return _Content.LINEAGE
    text = read_text(file)
    if json.dumps(FORMAT) in text[:_BEGINNING]:
        return _Content.SNAPSHOT
    if file.suffix != ".json" or holds_events(text):
        return _Content.EVENTS
    return _Content.LINEAGE
