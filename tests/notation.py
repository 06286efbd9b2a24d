"""A catalog in a few lines of text, for cases that are checked by hand.

==============================================  =============================================
`raw(email:PII.Sensitive other)`                a table with two columns, one of them tagged
`raw(email:PII.Sensitive?)`                     the label is suggested and not confirmed
`raw(address address.street)`                   a column in a column
`raw#PII.Sensitive(x)`                          the table is tagged as a whole
`~raw(x)`                                       it is soft-deleted
`m(f=clean.email raw.x; g=)`                    a model: `f` with two feature sources, `g` with none
`m(f:PII.Sensitive=clean.x)`                    the feature is tagged
`m -> label(f=clean.x)`                         the model's target is `label`
`raw>clean`                                     an edge of which no mapping is known
`raw>clean: a>b:md5(a); a>:filter`              mappings, the second an influence on all rows
`raw>clean: >b`                                 one from any column, nobody knows which
`raw>clean!: a>b`                               an edge of which every influence is known
`raw>clean@job: a>b`                            a pipeline carries it
`job()`                                         a pipeline, by the beginning of its name
`? edges-not-read table:clean`                  a gap; without a subject it is everywhere
==============================================  =============================================
"""

import re
from dataclasses import replace

from lineage.graph.build import build_graph
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.edges import Edge
from lineage.model.entities import Column, Entity, Feature, MlModel, Pipeline, Tag
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Gap, GapKind, Snapshot
from tests.builders import edge, entity, model, snapshot_of

__all__ = ["graph_from", "item_from", "named", "snapshot_from"]

_ENTITY = re.compile(r"(~?)(\w+)(?:#([\w.]+))?(?: -> (\w+))?\((.*)\)")
_EDGE = re.compile(r"(\w+>\w+)(!?)(?:@(\w+))?(?:: (.*))?")


def graph_from(lines: list[str]) -> LineageGraph:
    return build_graph(snapshot_from(lines))


def snapshot_from(lines: list[str]) -> Snapshot:
    return snapshot_of(*map(item_from, lines))


def named(graph: LineageGraph, name: str) -> Reference:
    """Find what is called so: kinds do not share names here."""
    return next(reference for reference in graph.references() if reference.fqn == name)


def item_from(line: str) -> Entity | Edge | Gap:
    if line.startswith("?"):
        _, kind, *subject = line.split()
        return Gap(
            GapKind(kind), Reference.parse(subject[0]) if subject else None, "a test says so"
        )
    ends = _EDGE.fullmatch(line)
    if ends:
        pair, known, job, mappings = ends.groups()
        pipeline = Reference(Kind.PIPELINE, job) if job else None
        facts = {"influences_known": bool(known), "pipeline": pipeline}
        return edge(pair, *(mappings.split("; ") if mappings else ()), **facts)
    found = _ENTITY.fullmatch(line)
    assert found, line
    deleted, name, tag, target, inside = found.groups()
    if name.startswith("job"):
        return Pipeline(reference=Reference(Kind.PIPELINE, name), id=f"id-{name}")
    made = _model(name, inside) if name.startswith("m") else _table(name, inside)
    if isinstance(made, MlModel):
        made = replace(made, target=target)
    return replace(made, deleted=bool(deleted), tags=_tags(tag))


def _table(name: str, inside: str) -> Entity:
    labels = dict(_labelled(item) for item in inside.split())
    columns = tuple(_column(name, path, labels) for path in labels if "." not in path)
    return Entity(reference=entity(name), id=f"id-{name}", columns=columns)


def _column(table: str, path: str, labels: dict[str, tuple[Tag, ...]]) -> Column:
    inner = [other for other in labels if other.rpartition(".")[0] == path]
    return Column(
        name=path.rpartition(".")[2],
        fqn=f"{table}.{path}",
        tags=labels[path],
        children=tuple(_column(table, other, labels) for other in inner),
    )


def _model(name: str, inside: str) -> MlModel:
    pairs = [item.split("=") for item in inside.split("; ") if item]
    labels = dict(_labelled(feature) for feature, _ in pairs)
    sources = {_labelled(feature)[0]: text for feature, text in pairs}
    made = model(name, **sources)
    features = tuple(_tagged(feature, labels[feature.name]) for feature in made.features)
    return replace(made, features=features)


def _tagged(feature: Feature, tags: tuple[Tag, ...]) -> Feature:
    return replace(feature, tags=tags)


def _labelled(text: str) -> tuple[str, tuple[Tag, ...]]:
    name, _, tag = text.partition(":")
    return name, _tags(tag)


def _tags(text: str | None) -> tuple[Tag, ...]:
    if not text:
        return ()
    state = "Suggested" if text.endswith("?") else "Confirmed"
    return (Tag(fqn=text.rstrip("?"), state=state),)
