"""What `diff` shows, case by case, and that it shows the same the other way round."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage.changes.snapshot_diff import Change, ChangeKind, Detail, diff
from lineage.model.edges import ColumnEdge, Edge
from lineage.model.entities import Entity, Feature, FeatureSource, HyperParameter, MlModel, Tag
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap, Snapshot
from lineage.views.diff_text import render_diff
from tests.notation import item_from
from tests.strategies import snapshots

CASES: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("diff_cases.json").read_text(encoding="utf-8")
)

Line = str | dict[str, Any]


def read(lines: list[Line]) -> Snapshot:
    items = list(map(made, lines))
    return Snapshot(
        entities=tuple(item for item in items if isinstance(item, Entity)),
        edges=tuple(item for item in items if isinstance(item, Edge)),
    )


def made(line: Line) -> Entity | Edge:
    text, wanted = (line, {}) if isinstance(line, str) else (line["line"], dict(line["set"]))
    item = item_from(text)
    assert not isinstance(item, Gap)
    return with_facts(item, wanted) if isinstance(item, Edge) else with_fields(item, wanted)


def with_facts(edge: Edge, wanted: dict[str, Any]) -> Edge:
    names = {"masking", "evidence_source"} & wanted.keys()
    of_mappings = {name: wanted.pop(name) for name in names}
    if "pipeline" in wanted:
        wanted["pipeline"] = Reference.parse(wanted["pipeline"])
    return replace(
        edge,
        column_edges=tuple(replace(one, **of_mappings) for one in edge.column_edges),
        evidence=replace(edge.evidence, **wanted),
    )


def with_fields(entity: Entity, wanted: dict[str, Any]) -> Entity:
    if "tags" in wanted:
        wanted["tags"] = tuple(Tag(fqn=tag) for tag in wanted["tags"])
    if "owners" in wanted:
        wanted["owners"] = tuple(map(Reference.parse, wanted["owners"]))
    if "data_types" in wanted:
        type_ = wanted.pop("data_types")
        wanted["columns"] = tuple(replace(one, data_type=type_) for one in entity.columns)
    if isinstance(entity, MlModel):
        settings = wanted.pop("hyper_parameters", {})
        sources = {
            field: wanted.pop(name)
            for name, field in (
                ("source_ids", "entity_id"), ("source_entity", "entity"), ("source_name", "name")
            )
            if name in wanted
        }  # fmt: skip
        entity = replace(
            entity,
            features=tuple(with_sources(feature, sources) for feature in entity.features),
            hyper_parameters=tuple(HyperParameter(name=n, value=v) for n, v in settings.items()),
        )
    return replace(entity, **wanted)


def with_sources(feature: Feature, wanted: dict[str, str]) -> Feature:
    parsed: dict[str, Any] = dict(wanted)
    if "entity" in parsed:
        parsed["entity"] = Reference.parse(parsed["entity"])
    return replace(feature, sources=tuple(replace(one, **parsed) for one in feature.sources))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_what_a_diff_shows(case: dict[str, Any]) -> None:
    found = diff(read(case["before"]), read(case["after"]))
    assert render_diff(found).splitlines()[:-1] == case["shows"]
    assert bool(found.changes) == bool(case["shows"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_the_other_way_round_before_and_after_change_places(case: dict[str, Any]) -> None:
    before, after = read(case["before"]), read(case["after"])
    assert turned(diff(before, after).changes) == turned(diff(after, before).changes, back=True)


SWAPPED = {
    ChangeKind.ADDED: ChangeKind.REMOVED,
    ChangeKind.REMOVED: ChangeKind.ADDED,
    ChangeKind.CHANGED: ChangeKind.CHANGED,
}


def turned(changes: tuple[Change, ...], *, back: bool = False) -> list[Change]:
    """Give changes with their details in one order; the other way round where asked for."""
    return sorted(
        Change(
            change.subject,
            SWAPPED[change.kind] if back else change.kind,
            tuple(
                sorted(
                    Detail(one.field, one.after, one.before) if back else one
                    for one in change.details
                )
            ),
        )
        for change in changes
    )


@given(snapshots(), snapshots())
def test_a_diff_is_symmetric(before: Snapshot, after: Snapshot) -> None:
    assert turned(diff(before, after).changes) == turned(diff(after, before).changes, back=True)


@given(snapshots(), st.randoms(use_true_random=False))
def test_a_catalog_that_is_built_anew_with_other_ids_does_not_differ(
    snapshot: Snapshot, chance: Any
) -> None:
    entities = [rebuilt(entity, chance) for entity in snapshot.entities]
    edges = (replace(one, column_edges=mixed(one.column_edges, chance)) for one in snapshot.edges)
    again = Snapshot(entities=tuple(entities), edges=tuple(edges))
    assert diff(snapshot, again).changes == ()
    assert diff(again, snapshot).changes == ()


def rebuilt(entity: Entity, chance: Any) -> Entity:
    """Give an entity another id, and everything in it another order."""
    columns = mixed(entity.columns, chance)
    changed = replace(entity, id=f"new-{entity.id}", version=0.7, columns=columns)
    if not isinstance(changed, MlModel):
        return changed
    features = (
        replace(
            feature,
            sources=tuple(
                FeatureSource(name=one.name, entity=one.entity, entity_id=f"new-{one.entity_id}")
                for one in mixed(feature.sources, chance)
            ),
        )
        for feature in mixed(changed.features, chance)
    )
    return replace(changed, features=tuple(features))


def mixed(items: tuple[Any, ...], chance: Any) -> tuple[Any, ...]:
    shuffled = list(items)
    chance.shuffle(shuffled)
    return tuple(
        replace(one, upstream=mixed(one.upstream, chance)) if isinstance(one, ColumnEdge) else one
        for one in shuffled
    )


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 25
    assert len({case["title"] for case in CASES}) == len(CASES)
