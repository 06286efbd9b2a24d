"""What says what a server should say: lineage files, other catalogs, events, SQL, systems."""

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from lineage.changes.copy_edges import copy_edges
from lineage.changes.desired import Desired, join_desired, resolve_declaration, want_edges
from lineage.cli.options.catalog_option import readings_file
from lineage.cli.options.lifecycle_systems import read_systems, split_places
from lineage.evidence.load_evidence import SQL
from lineage.evidence.recorded_mappings import unrecorded_values
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.answer import counted
from lineage.model.snapshot import Gap, GapKind, Snapshot
from lineage.views.terminal import printable

if TYPE_CHECKING:
    from lineage.lifecycle.facts import Facts

__all__ = ["load_desired", "show_gaps"]

_BEGINNING = 200  # characters within which a snapshot says what it is
_SHOWN = 20


class _Content(Enum):
    LINEAGE = "lineage"
    SNAPSHOT = "snapshot"
    EVENTS = "events"


def load_desired(
    graph: LineageGraph,
    snapshot: Snapshot,
    places: Sequence[str],
    *,
    services: dict[str, str],
    accept_inferred: bool,
) -> Desired:
    """Read what files and systems want, each by what it is, and find it in a catalog's graph."""
    systems, files = split_places(places)
    contents = {Path(file): _content(Path(file)) for file in files if file != SQL}
    parts = [
        _load(graph, file, content, services)
        for file, content in contents.items()
        if content != _Content.EVENTS
    ]
    events = [str(file) for file, content in contents.items() if content == _Content.EVENTS]
    if events:
        parts.append(_load_events(graph, snapshot, events, services))
    if SQL in files:
        parts.append(_load_sql(graph, snapshot))
    if systems:
        found = read_systems(systems)
        parts.append(_want_facts(graph, snapshot, found, services, accept_inferred=accept_inferred))
    return join_desired(parts)


def _want_facts(
    graph: LineageGraph,
    snapshot: Snapshot,
    systems: "list[Facts]",
    services: dict[str, str],
    *,
    accept_inferred: bool,
) -> Desired:
    """Want what systems know, in the names of the catalog."""
    from lineage.evidence.dataset_mapping import DatasetNames
    from lineage.lifecycle.declare import declare

    names = DatasetNames(namespaces=services)
    declared = declare(systems, snapshot, names=names, accept_inferred=accept_inferred)
    return replace(resolve_declaration(graph, declared.declaration), gaps=declared.gaps)


def show_gaps(desired: Desired) -> None:
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


def _load_sql(graph: LineageGraph, snapshot: Snapshot) -> Desired:
    """Want what the SQL on edges gives to columns and no mapping records, however it is spelled."""
    from lineage.evidence.load_evidence import load_sql

    body = load_sql(snapshot, cache=readings_file())
    edges = replace(body, reports=tuple(unrecorded_values(snapshot, body.reports))).edges()
    return want_edges(graph, edges, recorded_as="QueryLineage", gaps=body.gaps)


def _content(file: Path) -> _Content:
    """Return by its ending what a file is, a JSON file by what it begins with."""
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
