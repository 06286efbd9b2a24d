"""What holds of any evidence over any catalog."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lineage.evidence.event_evidence import find_evidence
from lineage.evidence.openlineage import read_events
from lineage.evidence.openlineage_event import Event
from lineage.evidence.overlay import Overlay, overlay
from lineage.evidence.sql_evidence import find_sql
from lineage.governance.audit.audit import Assessment, Verdict, audit
from lineage.graph.build import build_graph
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.edges import Edge, Hop, Origin
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Snapshot
from lineage.queries.traversal import downstream, upstream
from tests.evidence.event_notation import event_from, names_of
from tests.examples import examples
from tests.notation import snapshot_from

TABLES, COLUMNS, JOBS = "abcd", "xy", ("one", "one", "two")
HOWS = ["", "raw", "masked", "masked", "md5(x)", "join"]
FUNCTIONS = ["", "", ":lower(x)", ":md5(x)"]
ENTITIES = ["a(x:PII.Sensitive y)", "b(x y)", "c(x y)", "m(f=c.x; g=b.y)"]
"""Of the tables that events and SQL name one is not there."""

RANKS = {
    "no-path": 0,
    "unknown": 1,
    "reaches-by-table": 2,
    "reaches-by-influence": 3,
    "reaches-masked": 4,
    "reaches": 5,
}
"""From weak to strong, for one thing that is sensitive and one that it may reach."""

Short = dict[str, Any]

SOURCES = st.builds(
    lambda table, column, how: f"{table}.{column}{how and ':'}{how}",
    st.sampled_from(f"aaaa{TABLES}"),
    st.sampled_from(["x", "x", *COLUMNS, "gone"]),
    st.sampled_from(HOWS),
)
FIELDS = st.dictionaries(
    st.sampled_from([*COLUMNS, "gone", "*"]), st.lists(SOURCES, max_size=2), max_size=4
)
EVERY = st.fixed_dictionaries(dict.fromkeys(COLUMNS, st.lists(SOURCES, min_size=1, max_size=2)))
"""A facet that leaves out no column."""


@st.composite
def events(draw: st.DrawFn, *, runs: Sequence[str] = "12") -> Short:
    """Draw an event of a run: of what state, with and without facets, of tables there or not."""
    facets = st.none() | FIELDS | EVERY | EVERY
    usual = st.fixed_dictionaries({"b": facets})  # what feeds the model, so that it matters
    outputs = usual | usual | st.dictionaries(st.sampled_from("bcd"), facets, max_size=2)
    return {
        "job": draw(st.sampled_from(JOBS)),
        "run": draw(st.sampled_from(runs)),
        "state": draw(st.sampled_from(["COMPLETE", "COMPLETE", "COMPLETE", "START", "FAIL", None])),
        "time": draw(st.sampled_from([f"2026-01-01T0{hour}:00:00Z" for hour in range(3)])),
        "in": draw(st.lists(st.sampled_from(TABLES), max_size=2, unique=True)),
        "out": draw(outputs),
    }


@st.composite
def catalogs(
    draw: st.DrawFn, *, pipelines: Sequence[str] = (*JOBS, "third"), more: int = 3
) -> Snapshot:
    """Draw a catalog some of whose edges were made of events."""
    ends = draw(st.lists(st.sampled_from(["a>b", "b>c", "a>c", "b>b"]), max_size=more))
    usual = draw(
        st.sampled_from(["a>b: x>y", "a>b: x>y; y>x", "a>b: y>x", "a>b", "a>b: x>y:md5(x)"])
    )
    plain = snapshot_from([*ENTITIES, usual, *(draw(recorded(pair)) for pair in ends)])
    return replace(plain, edges=tuple(_with_job(draw, one, pipelines) for one in plain.edges))


EMPTY = st.just(snapshot_from(ENTITIES))
"""A catalog without edges, in which all is known from events."""


def recorded(ends: str) -> st.SearchStrategy[str]:
    """Draw an edge in the notation of the cases, with mappings or none."""
    mapping = st.builds(
        lambda source, target, how: f"{source}>{target}{how}",
        st.sampled_from(COLUMNS),
        st.sampled_from(COLUMNS),
        st.sampled_from(FUNCTIONS),
    )
    influence = st.sampled_from([f"{name}>:filter" for name in COLUMNS])
    mappings = st.lists(mapping | influence, max_size=3).map("; ".join)
    return mappings.map(lambda text: f"{ends}: {text}" if text else ends)


def _with_job(draw: st.DrawFn, edge: Edge, pipelines: Sequence[str]) -> Edge:
    name = draw(st.sampled_from(["", *pipelines]))
    pipeline = Reference("pipeline", f"airflow.{name}") if name else None
    recorded_as = draw(st.sampled_from(["OpenLineage", "Manual"]))
    evidence = replace(edge.evidence, pipeline=pipeline, recorded_as=recorded_as)
    return replace(edge, evidence=evidence)


@st.composite
def statements(draw: st.DrawFn, target: str, tables: Sequence[str] = TABLES) -> str:
    """Draw SQL that fills a table: read, not read, of columns and tables there or not."""
    table, other, third = (draw(st.sampled_from(tables)) for _ in range(3))
    outputs = draw(st.lists(st.sampled_from(COLUMNS), min_size=1, max_size=3, unique=True))
    givers = st.sampled_from(["t.x", "t.y", "lower(t.x)", "u.x", "count(*)"])
    values = [draw(givers) for _ in outputs]
    rows = draw(st.sampled_from(["", " where t.y > 1", f" where u.y in (select x from {third})"]))
    tail = draw(st.sampled_from(["", "", "", "; delete from t", " from"]))
    columns, items = ", ".join(outputs), ", ".join(values)
    return f"insert into {target} ({columns}) select {items} from {table} t, {other} u{rows}{tail}"


def laid(snapshot: Snapshot, *files: Sequence[Short], raw: Sequence[Any] = ()) -> Overlay:
    """Lay files of events over a catalog; `raw` are events spelled out, a file of their own."""
    contents = [[event_from(item) for item in file] for file in files]
    # The place of an event is no part of what is compared.
    found = [event for file in (*contents, raw) for event in events_in(file, "events")]
    return overlay(snapshot, [find_evidence(found, snapshot, names=names_of(snapshot))])


def events_in(content: Sequence[Any], file: str) -> list[Event]:
    """Write events that are spelled out to a file, and read it."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "events.json"
        path.write_text(json.dumps(content))
        return [replace(one, place="here", file=file) for one in read_events(path)]


def assessments(snapshot: Snapshot) -> dict[Reference, Assessment]:
    answer = audit(build_graph(snapshot))
    return {item.target: item for item in (*answer.models, *answer.features)}


def ranks(item: Assessment, sensitive: list[Reference]) -> list[int]:
    found = {one.sensitive.reference: RANKS[str(one.verdict)] for one in item.findings}
    return [found.get(one, RANKS["unknown" if item.gaps else "no-path"]) for one in sensitive]


def sensitive_in(snapshot: Snapshot) -> list[Reference]:
    found = audit(build_graph(snapshot)).sensitive
    return [item.reference for item in found]


def assert_no_weaker(before: Snapshot, after: Snapshot) -> None:
    sensitive, now = sensitive_in(before), assessments(after)
    for target, item in assessments(before).items():
        pairs = zip(ranks(item, sensitive), ranks(now[target], sensitive), strict=True)
        assert all(one <= other for one, other in pairs), target


@settings(max_examples=examples(300))
@given(
    catalogs(pipelines=["third"], more=1),
    st.lists(events(runs="1"), max_size=2),
    st.lists(events(runs="2"), max_size=2),
)
def test_more_evidence_never_gives_a_weaker_verdict(
    snapshot: Snapshot, some: list[Short], more: list[Short]
) -> None:
    # No event is of the job of a recorded edge: that alone may mask or deny what is recorded.
    both = laid(snapshot, some, more).snapshot
    for fewer in (laid(snapshot, some).snapshot, laid(snapshot, more).snapshot):
        assert_no_weaker(snapshot, fewer)
        assert_no_weaker(fewer, both)


@given(st.data(), catalogs(pipelines=["third"]))
def test_sql_that_masks_nothing_never_gives_a_weaker_verdict(
    data: st.DataObject, snapshot: Snapshot
) -> None:
    texts = [data.draw(statements(one.downstream.name)) for one in snapshot.edges]
    bare = with_sql(snapshot, texts)
    assert_no_weaker(bare, overlay(bare, [find_sql(bare)]).snapshot)


def with_sql(snapshot: Snapshot, texts: Sequence[str | None]) -> Snapshot:
    edges = (
        replace(edge, evidence=replace(edge.evidence, sql=text))
        for edge, text in zip(snapshot.edges, texts, strict=True)
    )
    return replace(snapshot, edges=tuple(edges))


@settings(max_examples=examples(200))
@given(st.data(), catalogs(pipelines=["one"], more=1))
def test_no_path_is_not_said_where_an_edge_upstream_lost_its_sql(
    data: st.DataObject, drawn: Snapshot
) -> None:
    snapshot = replace(drawn, edges=(*drawn.edges, *map(_of_another_job, drawn.edges)))
    texts = [data.draw(st.none() | statements(edge.downstream.name)) for edge in snapshot.edges]
    kept = with_sql(snapshot, texts)
    graph = build_graph(overlay(kept, [find_sql(kept)]).snapshot)
    answer = audit(graph)
    for item in answer.features:
        hops = upstream(graph, item.target, grain="part").hops
        if any(map(_may_influence, hops)):
            verdicts = {answer.verdict(one.reference, item.target) for one in answer.sensitive}
            assert Verdict.NO_PATH not in verdicts


def _of_another_job(edge: Edge) -> Edge:
    return replace(edge, evidence=replace(edge.evidence, pipeline=Reference("pipeline", "two")))


def _may_influence(hop: Hop) -> bool:
    """Whether the edge of a hop is recorded by column, and nothing says what it joins by."""
    edge = hop.edge
    is_mapped = bool(edge.value_mappings) and edge.upstream != edge.downstream
    return is_mapped and edge.evidence.origin == Origin.RECORDED and edge.evidence.sql is None


@given(catalogs(), st.lists(events(), max_size=5), st.randoms(use_true_random=False))
def test_the_order_of_files_and_of_events_changes_nothing(
    snapshot: Snapshot, drawn: list[Short], random: Random
) -> None:
    shuffled = random.sample(drawn, len(drawn))
    cut = random.randint(0, len(drawn))
    assert laid(snapshot, shuffled[:cut], shuffled[cut:]).snapshot == laid(snapshot, drawn).snapshot


@given(catalogs(), st.lists(events(), max_size=3), st.lists(events(), max_size=3))
def test_which_body_of_evidence_comes_first_changes_nothing(
    snapshot: Snapshot, some: list[Short], more: list[Short]
) -> None:
    names = names_of(snapshot)
    bodies = [
        find_evidence(events_in([event_from(item) for item in file], name), snapshot, names=names)
        for name, file in (("some", some), ("more", more))
    ]
    assert overlay(snapshot, bodies) == overlay(snapshot, reversed(bodies))


@settings(max_examples=examples(200))
@given(catalogs(), st.lists(events(runs="1"), max_size=3))
def test_laying_the_same_evidence_again_changes_nothing(
    snapshot: Snapshot, drawn: list[Short]
) -> None:
    once = laid(snapshot, drawn).snapshot
    again = laid(once, drawn).snapshot
    assert again.edges == once.edges
    assert set(once.gaps) >= {gap for gap in again.gaps if gap.hides_upstream}


@given(catalogs(), st.lists(events(), max_size=4))
def test_what_feeds_an_output_leaves_a_route_or_a_gap(
    snapshot: Snapshot, drawn: list[Short]
) -> None:
    graph = build_graph(laid(snapshot, drawn).snapshot)
    hops = {
        (graph.entity_of(hop.upstream), graph.entity_of(hop.downstream)) for hop in graph.hops()
    }
    hiding = {gap.subject for gap in graph.gaps if gap.hides_upstream}
    for source, output in fed(snapshot, drawn):
        parts = {output, *graph.nested_parts(output)}
        assert (source, output) in hops or parts & hiding


@settings(max_examples=examples(200))
@given(catalogs(), st.lists(events(), max_size=4))
def test_each_field_of_an_event_is_a_route_to_its_column_or_a_gap(
    snapshot: Snapshot, drawn: list[Short]
) -> None:
    graph = build_graph(laid(snapshot, drawn).snapshot)
    hiding = {gap.subject for gap in graph.gaps if gap.hides_upstream}
    for entity, field, source in fields_of(snapshot, drawn):
        column = Reference(Kind.COLUMN, f"{entity.fqn}.{field}")
        targets = {column} if field != "*" else set(graph.parts(entity))
        assert {entity, column} & hiding or targets <= reached_from(graph, source), (field, source)


def reached_from(graph: LineageGraph, column: str) -> set[Reference]:
    """Give a column that is in the catalog, and what it reaches; nothing of another."""
    start = Reference(Kind.COLUMN, column)
    if start not in graph or graph.value(start) is None:
        return set()
    return {start, *downstream(graph, start, grain="part").references}


def fields_of(snapshot: Snapshot, drawn: list[Short]) -> list[tuple[Reference, str, str]]:
    """Give each output field with each of its sources, as a run reports it that did not fail."""
    there = {item.reference.fqn: item.reference for item in snapshot.entities}
    return [
        (there[output], field, source.partition(":")[0])
        for item in succeeding(drawn)
        for output, fields in item["out"].items()
        if output in there and fields is not None
        for field, sources in fields.items()
        for source in sources
    ]


def succeeding(drawn: list[Short]) -> list[Short]:
    """Leave out every event of a run that failed."""
    failed = {(item["job"], item["run"]) for item in drawn if item["state"] == "FAIL"}
    return [item for item in drawn if (item["job"], item["run"]) not in failed]


def fed(snapshot: Snapshot, drawn: list[Short]) -> list[tuple[Reference, Reference]]:
    """Pair each input with each output of one event, where both are there and no run failed."""
    there = {item.reference.fqn: item.reference for item in snapshot.entities}
    return [
        (there[upstream], there[downstream])
        for item in succeeding(drawn)
        for upstream in item["in"]
        for downstream in item["out"]
        if upstream in there and downstream in there
    ]


@st.composite
def corrupted(draw: st.DrawFn, event: dict[str, Any]) -> dict[str, Any]:
    """Break one thing in an event: a part of it, or something in a facet, however deep."""
    key = draw(st.sampled_from(["run", "job", "inputs", "outputs", "outputs"]))
    return {**event, key: _broken_within(draw, event[key]) if draw(st.booleans()) else 5}


def _broken_within(draw: st.DrawFn, value: Any) -> Any:
    """Go down to something, and put a number in its place."""
    if isinstance(value, dict) and value:
        key = draw(st.sampled_from(sorted(value)))
        return {**value, key: _broken_within(draw, value[key])}
    if isinstance(value, list) and value:
        place = draw(st.integers(0, len(value) - 1))
        return [*value[:place], _broken_within(draw, value[place]), *value[place + 1 :]]
    return 5


@settings(max_examples=examples(200))
@given(st.data(), EMPTY | catalogs(), st.lists(events(), min_size=1, max_size=3))
def test_an_event_that_cannot_be_read_gives_no_cleaner_verdict(
    data: st.DataObject, snapshot: Snapshot, drawn: list[Short]
) -> None:
    first, *others = drawn
    content = event_from(first)
    broken = data.draw(corrupted(content))
    before = laid(snapshot, others, raw=[content]).snapshot
    after = laid(snapshot, others, raw=[broken]).snapshot
    sensitive, now = sensitive_in(snapshot), assessments(after)
    for target, item in assessments(before).items():
        pairs = list(zip(ranks(item, sensitive), ranks(now[target], sensitive), strict=True))
        assert not any(one > 0 == other for one, other in pairs), broken
        assert now[target].gaps or all(one <= other for one, other in pairs), broken
