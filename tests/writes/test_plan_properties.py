"""What every plan keeps to, on random catalogs: nothing wanted is lost, nothing weakened unsaid."""

from dataclasses import replace
from typing import Any

from hypothesis import event, given, settings
from hypothesis import strategies as st

from lineage.changes.desired import Desired
from lineage.changes.edge_facts import functions
from lineage.governance.audit.audit import Verdict, audit_sensitive
from lineage.governance.audit.sensitivity import Sensitive
from lineage.graph.build import build_graph
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.edges import ColumnEdge, Edge, Evidence, Origin
from lineage.model.entities import MlModel
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import GapKind, Snapshot
from lineage.writes.desired_plan import plan_desired
from lineage.writes.manifest_file import with_applied
from lineage.writes.merge import Merge, Policy
from lineage.writes.outcome import Applied, Outcome
from lineage.writes.ownership import Manifest, Ownership
from lineage.writes.plan import Plan, make_plan
from lineage.writes.pruning import find_undeclared
from lineage.writes.removal import Removal
from lineage.writes.step import Result
from tests.examples import examples
from tests.strategies import snapshots
from tests.writes.planning import after

FUNCTIONS = [None, "lower(x)", "md5(x)", "sha256(x)"]
POLICIES = st.sampled_from(Policy)
FIELDS = ("pipeline", "sql", "description", "recorded_as", "function")

_FOUND = (
    Verdict.REACHES,
    Verdict.REACHES_MASKED,
    Verdict.REACHES_BY_INFLUENCE,
    Verdict.REACHES_BY_TABLE,
)
_ANSWERED = {GapKind.NO_SOURCES, GapKind.SOURCE_NOT_RESOLVED}


@st.composite
def wishes(draw: st.DrawFn, snapshot: Snapshot) -> list[Edge]:
    """Draw edges that are wanted between the entities of a snapshot, joint mappings included."""
    entities = [entity.reference for entity in snapshot.entities]
    tables = [one for one in entities if one.kind == Kind.TABLE]
    pairs = st.tuples(st.sampled_from(tables), st.sampled_from(entities))
    if snapshot.edges:
        pairs |= st.sampled_from([(edge.upstream, edge.downstream) for edge in snapshot.edges])
    return [
        _wish(draw, *ends)
        for ends in draw(st.lists(pairs, max_size=3, unique=True))
        if ends[0] != ends[1]
    ]


def _wish(draw: st.DrawFn, upstream: Reference, downstream: Reference) -> Edge:
    targets = "fg" if downstream.kind == Kind.MLMODEL else "xyz"
    mapping = st.builds(
        lambda columns, target, function: ColumnEdge(
            upstream=tuple(f"{upstream.fqn}.{column}" for column in columns),
            downstream=f"{downstream.fqn}.{target}",
            function=function,
        ),
        st.lists(st.sampled_from("xyz"), min_size=1, max_size=2, unique=True),
        st.sampled_from(targets),
        st.sampled_from(FUNCTIONS),
    )
    sql = draw(st.sampled_from([None, None, "select 1"]))
    return Edge(
        upstream=upstream,
        downstream=downstream,
        column_edges=tuple(draw(st.lists(mapping, max_size=3))),
        evidence=Evidence(origin=Origin.DECLARED, sql=sql),
    )


@st.composite
def manifests(draw: st.DrawFn, snapshot: Snapshot) -> Manifest:
    """Draw which of the recorded mappings are ours."""
    entries = sorted(
        (edge.upstream, edge.downstream, *pair, function)
        for edge in snapshot.edges
        for pair, names in functions(edge).items()
        for function in names
    )
    return Manifest(mappings=frozenset(entry for entry in entries if draw(st.booleans())))


def merging(draw: Any, manifest: Manifest) -> Merge:
    policies = {name: draw(POLICIES) for name in FIELDS}
    return Merge(**policies, ownership=Ownership(manifest=manifest))


def as_applied(plan: Plan) -> Applied:
    return Applied(tuple(Outcome(step, Result.WRITTEN) for step in plan.steps))


def plan_of(
    graph: LineageGraph, wanted: list[Edge] | None, merge: Merge, *, is_pruned: bool
) -> Plan:
    remove = find_undeclared(graph, desired=wanted, ownership=merge.ownership) if is_pruned else ()
    return make_plan(graph, desired=wanted, remove=remove, merge=merge)


@settings(max_examples=examples(150))
@given(st.data(), snapshots(plain=True))
def test_the_plan_after_a_plan_is_empty(data: st.DataObject, snapshot: Snapshot) -> None:
    graph = build_graph(snapshot)
    wanted = data.draw(st.none() | wishes(snapshot))
    is_pruned = data.draw(st.booleans())
    merge = merging(data.draw, data.draw(manifests(snapshot)))
    plan = plan_of(graph, wanted, merge, is_pruned=is_pruned)
    assert merge.ownership.manifest is not None
    event(f"steps: {min(len(plan.steps), 2)}")
    ours = with_applied(merge.ownership.manifest, as_applied(plan))
    later = replace(merge, ownership=Ownership(manifest=ours))
    again = plan_of(after(graph, plan), wanted, later, is_pruned=is_pruned)
    assert again.steps == ()


@settings(max_examples=examples(150))
@given(st.data(), snapshots(plain=True))
def test_what_is_wanted_is_there_or_named(data: st.DataObject, snapshot: Snapshot) -> None:
    is_pruned = data.draw(st.booleans())
    graph, wanted = build_graph(snapshot), data.draw(wishes(snapshot))
    merge = merging(data.draw, data.draw(manifests(snapshot)))
    plan = plan_of(graph, wanted, merge, is_pruned=is_pruned)
    there = recorded(after(graph, plan))
    for edge in wanted:
        known = there.get((edge.upstream, edge.downstream), {})
        clashing = {
            clash.wanted
            for clash in plan.clashes
            if (clash.upstream, clash.downstream) == (edge.upstream, edge.downstream)
        }
        for pair, names in functions(edge).items():
            lacking = names - known.get(pair, frozenset())
            stated = {name for name in lacking if name or len(names) > 1}
            named = {name for name in stated if any(f"[{name}]" in text for text in clashing)}
            named |= {""} if clashing else set()
            assert pair in known
            assert stated <= named, (pair, stated, clashing)


@settings(max_examples=examples(150))
@given(st.data(), snapshots(plain=True))
def test_no_recorded_mapping_of_others_disappears(data: st.DataObject, snapshot: Snapshot) -> None:
    is_pruned = data.draw(st.booleans())
    graph, wanted = build_graph(snapshot), data.draw(wishes(snapshot))
    manifest = data.draw(manifests(snapshot))
    merge = merging(data.draw, manifest)
    plan = plan_of(graph, wanted, merge, is_pruned=is_pruned)
    then, now = recorded(graph), recorded(after(graph, plan))
    ours = {entry[:4] for entry in manifest.mappings}
    for ends, pairs in then.items():
        for pair, names in pairs.items():
            if (*ends, *pair) in ours:
                continue
            assert pair in now.get(ends, {})
            if merge.function != Policy.REPLACE and names != {""}:
                assert names <= now[ends][pair]


def recorded(graph: LineageGraph) -> dict[Any, dict[Any, frozenset[str]]]:
    """Give the pairs that are recorded between entities, by every edge between them."""
    found: dict[Any, dict[Any, frozenset[str]]] = {}
    for hop in graph.hops():
        if hop.column_edge is None and hop.edge.evidence.origin == Origin.RECORDED:
            pairs = found.setdefault((hop.edge.upstream, hop.edge.downstream), {})
            for pair, names in functions(hop.edge).items():
                pairs[pair] = pairs.get(pair, frozenset()) | names
    return found


@settings(max_examples=examples(250))
@given(st.data(), snapshots(plain=True))
def test_a_plan_says_weaker_exactly_where_a_verdict_becomes_weaker(
    data: st.DataObject, drawn: Snapshot
) -> None:
    snapshot = data.draw(st.just(drawn) | partly_bare(drawn) | st.just(with_ciphers(drawn)))
    is_pruned = data.draw(st.booleans())
    graph, wanted = build_graph(snapshot), data.draw(wishes(snapshot))
    merge = merging(data.draw, data.draw(manifests(snapshot)))
    remove = [*data.draw(st.just([]) | named_removals(snapshot))]
    if is_pruned:
        remove += find_undeclared(graph, desired=wanted, ownership=merge.ownership)
    models = data.draw(st.lists(changed_models(snapshot), max_size=1))
    plan = plan_desired(
        snapshot, Desired(edges=tuple(wanted), models=tuple(models)), remove=remove, merge=merge
    )
    says = any(step.weaker for step in plan.steps)
    is_weaker = bool(weakened(graph, after(graph, plan)))
    event(f"weaker: {is_weaker}")
    assert says == is_weaker


@st.composite
def partly_bare(draw: st.DrawFn, snapshot: Snapshot) -> Snapshot:
    """Take away all mappings of some edges, so that any column of theirs may be meant."""
    edges = (
        replace(edge, column_edges=()) if draw(st.booleans()) else edge for edge in snapshot.edges
    )
    return replace(snapshot, edges=tuple(edges))


def with_ciphers(snapshot: Snapshot) -> Snapshot:
    """Let what hashes encrypt, and what changes letters decrypt, wherever that is."""
    ciphers = {"md5(x)": "aes_encrypt(x, k)", "lower(x)": "aes_decrypt(x, k)"}
    edges = (
        replace(
            edge,
            column_edges=tuple(
                replace(one, function=ciphers.get(one.function or "", one.function))
                for one in edge.column_edges
            ),
        )
        for edge in snapshot.edges
    )
    return replace(snapshot, edges=tuple(edges))


@st.composite
def named_removals(draw: st.DrawFn, snapshot: Snapshot) -> list[Removal]:
    """Draw mappings and edges that somebody asks to go."""
    found = []
    for edge in snapshot.edges:
        mappings = tuple(one for one in edge.value_mappings if draw(st.integers(0, 3)) == 0)
        is_all = draw(st.integers(0, 7)) == 0
        if mappings or is_all:
            found.append(
                Removal(
                    edge=edge, mappings=None if is_all else mappings, reason="asked", is_named=True
                )
            )
    return found


@st.composite
def changed_models(draw: st.DrawFn, snapshot: Snapshot) -> MlModel:
    """Draw a model whose first feature has other sources."""
    models = [entity for entity in snapshot.entities if isinstance(entity, MlModel)]
    model = draw(st.sampled_from(models))
    first, *others = model.features
    sources = draw(st.sampled_from([(), first.sources[:1], others[0].sources]))
    return replace(model, features=(replace(first, sources=sources), *others))


def weakened(before: LineageGraph, there: LineageGraph) -> list[tuple[Reference, Reference]]:
    """Find the pairs whose verdict is weaker, by an audit of everything in both graphs.

    Nothing found where the answer was unknown is weaker too, unless it was unknown only since
    a feature had no source that resolves: then that is answered now.
    """
    parts = [one for one in before.references(Kind.COLUMN, Kind.FEATURE) if one in there]
    lost = [one for one in before.references(Kind.COLUMN, Kind.FEATURE) if one not in there]
    then, now = (
        audit_sensitive(graph, tuple(Sensitive(one, (), one) for one in known))
        for graph, known in ((before, parts + lost), (there, parts))
    )
    found = []
    for target in (item.target for item in (*then.models, *then.features)):
        gaps = {gap.kind for gap in then.assessment(target).gaps}
        for part in parts + lost:
            old, new = then.verdict(part, target), now.verdict(part, target)
            is_answered = old == Verdict.UNKNOWN and gaps <= _ANSWERED
            if rank(new) < rank(old) and not is_answered:
                found.append((part, target))
    return found


def rank(verdict: Verdict) -> int:
    """Order verdicts from the cleanest to the one that proves most."""
    if verdict in _FOUND:
        return 5 - _FOUND.index(verdict)
    return int(verdict == Verdict.UNKNOWN)
