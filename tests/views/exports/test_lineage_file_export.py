"""Lineage files: read back by their reader, and planned against the catalog they were made of."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings

from lineage import export, resolve, write_export
from lineage.changes.desired import Desired, resolve_declaration
from lineage.cli import main
from lineage.errors import LineageError
from lineage.files.lineage_file import read_lineage_file
from lineage.graph.build import build_graph
from lineage.model.edges import Edge, Origin
from lineage.model.entities import FeatureSource, MlModel
from lineage.model.reference import Kind
from lineage.model.snapshot import Snapshot
from lineage.queries.completeness import Grain
from tests.examples import examples
from tests.strategies import snapshots
from tests.views.exports.catalogs import full_snapshot, hostile_snapshots


def read_back(snapshot: Snapshot, folder: Path, grain: Grain | None = None) -> Desired:
    """Return what the lineage file of a catalog asks of the same catalog without its edges."""
    path = folder / "lineage.json"
    write_export(export(build_graph(snapshot), "lineage-file", grain=grain), path)
    bare = build_graph(replace(snapshot, edges=(), gaps=()))
    return resolve_declaration(bare, read_lineage_file(path))


def is_unicode(content: bytes) -> bool:
    """Say whether no text of a file is half of a surrogate pair, which no reader of it takes."""
    text = json.dumps(json.loads(content), ensure_ascii=False)
    return not re.search("[\ud800-\udfff]", text)


def facts_of(edge: Edge) -> tuple[object, ...]:
    evidence = edge.evidence
    mappings = {
        (pair, mapping.function or None)
        for mapping in edge.value_mappings
        for pair in mapping.pairs
    }
    ends = edge.upstream, edge.downstream
    return (*ends, evidence.pipeline, evidence.sql or None, evidence.description or None, mappings)


def test_the_file_of_a_catalog_asks_for_what_its_models_ask_for_and_no_more(
    company_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "lineage.json"
    shown = []
    for words in (
        ["export", "lineage-file", "-o", str(path)],
        ["plan"],
        ["plan", "--from", str(path)],
    ):
        with pytest.raises(SystemExit) as left:
            main([*words, "-c", str(company_file)])
        assert left.value.code == 0
        shown.append(_steps(capsys.readouterr().out))
    assert set(shown[2]) < set(shown[1])
    assert len(shown[2]) == len(shown[1]) - 1  # a source that is spelled in another case


def _steps(text: str) -> list[str]:
    """Collect the mappings that a plan adds."""
    return sorted(line for line in text.splitlines() if line.startswith("    + "))


@given(hostile_snapshots())
@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_edges_are_read_back_with_their_columns(tmp_path: Path, snapshot: Snapshot) -> None:
    assume(is_unicode(export(build_graph(snapshot), "lineage-file").content))
    wanted = read_back(snapshot, tmp_path).edges
    (recorded,) = (facts_of(edge) for edge in snapshot.edges)
    assert recorded in [facts_of(edge) for edge in wanted]


@given(snapshots())
@settings(max_examples=examples(40))
def test_every_recorded_edge_is_in_the_file_or_counted(snapshot: Snapshot) -> None:
    graph = build_graph(snapshot)
    if not any(item.kind == Kind.MLMODEL for item in graph):
        return
    made = export(graph, "lineage-file")
    left_out = [int(found[1]) for note in made.notes if (found := re.match(r"(\d+) edge", note))]
    recorded = [
        hop
        for hop in graph.hops()
        if hop.column_edge is None and hop.edge.evidence.origin != Origin.DECLARED
    ]
    kept = made.content.decode().count('\n   "downstream":')
    assert kept + sum(left_out) == len(recorded)


def test_a_feature_whose_source_is_no_column_is_left_without_sources_and_counted() -> None:
    made = export(build_graph(full_snapshot()), "lineage-file")
    note = "1 feature left without sources: a lineage file names columns that exist, as they are"
    assert note in made.notes
    (model,) = json.loads(made.content)["models"]
    assert {item["name"]: item.get("sources") for item in model["features"]} == {
        "mail": ["pg.shop.mark_schema.clean.mail"],
        "grown": ["pg.shop.mark_schema.clean.grown"],
        "lost": None,
    }


def test_models_are_read_back_with_all_that_is_said_of_them(tmp_path: Path) -> None:
    snapshot = full_snapshot()
    (model,) = read_back(snapshot, tmp_path).models
    (recorded,) = (item for item in snapshot.entities if item.reference == model.reference)
    assert isinstance(recorded, MlModel)
    features = tuple(
        replace(item, sources=tuple(map(_named, item.sources))) for item in model.features
    )
    assert replace(model, features=features) == recorded


def _named(source: FeatureSource) -> FeatureSource:
    """Leave out the id of the entity, which is looked up when a file is read."""
    return replace(source, entity_id=None)


def test_a_file_between_entities_has_neither_columns_nor_features(tmp_path: Path) -> None:
    read_back(full_snapshot(), tmp_path, "entity")
    text = (tmp_path / "lineage.json").read_text()
    assert '"columns"' not in text
    assert '"features"' not in text


def test_what_holds_neither_edges_nor_models_is_refused() -> None:
    graph = build_graph(full_snapshot())
    with pytest.raises(LineageError, match="neither edges nor models"):
        export(graph, "lineage-file", resolve(graph, "kind:pipeline"))
