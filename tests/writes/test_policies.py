"""Plans of every policy applied to the catalog: the next is empty, and others keep what is theirs.

Alice has written to some edges, we have applied one plan already, which our manifest lists; then
something else is wanted, with any policy, with pruning or without. What the catalog holds before
and after is read as from any server, and audited.
"""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from lineage.changes.copy_edges import copy_edges
from lineage.changes.snapshot_diff import diff
from lineage.graph.build import build_graph
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.edges import ColumnEdge, Edge, Evidence, Origin
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Snapshot
from lineage.openmetadata.client import Client
from lineage.openmetadata.reader import read
from lineage.writes.apply import apply_plan
from lineage.writes.desired_plan import plan_desired
from lineage.writes.manifest_file import with_applied
from lineage.writes.merge import Merge, Policy
from lineage.writes.ownership import Manifest, Ownership
from lineage.writes.plan import Plan, make_plan
from lineage.writes.pruning import find_undeclared
from tests.examples import examples
from tests.writes.shop import COLUMNS, FEATURES, TABLES, open_shop, put_edge
from tests.writes.test_plan_properties import recorded, weakened

SEARCHED = settings(
    max_examples=examples(30),
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # making a failure smaller takes minutes
)
FUNCTIONS = [None, None, "md5(x)", "lower(x)"]
POLICIES = st.sampled_from(Policy)

ends = st.tuples(st.sampled_from(TABLES), st.sampled_from(sorted(FEATURES)))


@st.composite
def mappings(draw: st.DrawFn, table: str, model: str) -> tuple[ColumnEdge, ...]:
    """Draw mappings from a table to a model, joint ones and several of one pair included."""
    one = st.builds(
        lambda columns, feature, function: ColumnEdge(
            upstream=tuple(f"w.d.s.{table}.{column}" for column in columns),
            downstream=f"m.{model}.{feature}",
            function=function,
        ),
        st.lists(st.sampled_from(COLUMNS), min_size=1, max_size=2, unique=True),
        st.sampled_from(FEATURES[model]),
        st.sampled_from(FUNCTIONS),
    )
    return tuple(draw(st.lists(one, min_size=1, max_size=3)))


@st.composite
def edges(draw: st.DrawFn, among: st.SearchStrategy[tuple[str, str]] = ends) -> list[Edge]:
    """Draw edges from tables to models."""
    return [
        Edge(
            upstream=Reference(Kind.TABLE, f"w.d.s.{table}"),
            downstream=Reference(Kind.MLMODEL, f"m.{model}"),
            column_edges=draw(mappings(table, model)),
            evidence=Evidence(
                origin=Origin.DECLARED,
                sql=draw(st.sampled_from([None, "select 1"])),
                description=draw(st.sampled_from([None, "why"])),
            ),
        )
        for table, model in draw(st.lists(among, max_size=3, unique=True))
    ]


def write(client: Client, wanted: list[Edge]) -> None:
    """Write edges as another client does: all of their details at once."""
    snapshot = read(client, truth="database")
    ids = {entity.reference: entity.id for entity in snapshot.entities}
    for edge in wanted:
        listed = [
            {
                "fromColumns": list(one.upstream),
                "toColumn": one.downstream,
                **({"function": one.function} if one.function else {}),
            }
            for one in edge.column_edges
        ]
        said = {"sqlQuery": edge.evidence.sql, "description": edge.evidence.description}
        details = {key: text for key, text in said.items() if text}
        put_edge(
            client,
            {
                "fromEntity": {"id": ids[edge.upstream], "type": "table"},
                "toEntity": {"id": ids[edge.downstream], "type": "mlmodel"},
                "lineageDetails": {**details, "columnsLineage": listed},
            },
        )


def shown(client: Client) -> tuple[Snapshot, LineageGraph]:
    snapshot = read(client, truth="database")
    return snapshot, build_graph(snapshot)


def planned(
    graph: LineageGraph, wanted: list[Edge] | None, merge: Merge, *, is_pruned: bool
) -> Plan:
    remove = find_undeclared(graph, desired=wanted, ownership=merge.ownership) if is_pruned else ()
    return make_plan(graph, desired=wanted, remove=remove, merge=merge)


def foreign(graph: LineageGraph, manifest: Manifest) -> Iterator[tuple[object, object, str]]:
    """Give what is recorded and not listed as ours."""
    ours = {entry[:4] for entry in manifest.mappings}
    for where, pairs in recorded(graph).items():
        for pair, names in pairs.items():
            if (*where, *pair) not in ours:
                yield from ((where, pair, name) for name in names)


@SEARCHED
@given(st.data())
def test_the_second_plan_is_empty_and_what_others_mapped_is_there(
    shop: Path, data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder, open_shop(shop, Path(folder)) as opened:
        catalog, client = opened
        catalog.user = "alice"
        write(client, data.draw(edges()))
        catalog.user = "bot"
        first = planned(shown(client)[1], data.draw(edges()), Merge(), is_pruned=False)
        ours = with_applied(Manifest(), apply_plan(first, client))
        policies = {name: data.draw(POLICIES) for name in ("sql", "description", "function")}
        merge = Merge(**policies, ownership=Ownership(manifest=ours))
        wanted, is_pruned = data.draw(st.none() | edges()), data.draw(st.booleans())

        _, before = shown(client)
        plan = planned(before, wanted, merge, is_pruned=is_pruned)
        event(f"steps: {min(len(plan.steps), 2)}")
        applied = apply_plan(plan, client)
        assert applied.succeeded
        _, after = shown(client)
        later = replace(merge, ownership=Ownership(manifest=with_applied(ours, applied)))
        assert planned(after, wanted, later, is_pruned=is_pruned).steps == ()

        there = recorded(after)
        for where, pair, name in foreign(before, ours):
            assert pair in there[where]
            if name and merge.function != Policy.REPLACE:
                assert name in there[where][pair]
        says = any(step.weaker for step in plan.steps)
        event(f"weaker: {says}")
        assert says == bool(weakened(before, after))


@SEARCHED
@given(st.data())
def test_by_our_user_alone_nothing_that_others_mapped_disappears(
    shop: Path, data: st.DataObject
) -> None:
    """We make edges, Alice adds to them, we write again: then nobody knows whose they are."""
    owned, one = Ownership(user="bot"), st.just(("visits", "demand"))
    with tempfile.TemporaryDirectory() as folder, open_shop(shop, Path(folder)) as opened:
        catalog, client = opened
        without_edges(client)
        catalog.user = "bot"
        marked = [
            replace(edge, evidence=replace(edge.evidence, recorded_as="PipelineLineage"))
            for edge in data.draw(edges(one))
        ]
        apply_plan(
            planned(shown(client)[1], marked, Merge(ownership=owned), is_pruned=False), client
        )
        catalog.user = "alice"
        ours = recorded(shown(client)[1])
        apply_plan(make_plan(shown(client)[1], desired=data.draw(edges(one))), client)
        hers = {
            where: pairs.keys() - ours.get(where, {}).keys()
            for where, pairs in recorded(shown(client)[1]).items()
        }
        event(f"hers: {any(hers.values())}")
        catalog.user = "bot"
        policy = data.draw(POLICIES)
        for _ in range(2):
            merge = Merge(function=policy, ownership=owned)
            plan = planned(shown(client)[1], data.draw(edges(one)), merge, is_pruned=True)
            assert apply_plan(plan, client).succeeded
        there = recorded(shown(client)[1])
        assert all(pairs <= there[where].keys() for where, pairs in hers.items() if pairs)


@SEARCHED
@given(st.data())
def test_a_catalog_that_is_copied_there_and_back_does_not_differ(
    shop: Path, data: st.DataObject
) -> None:
    with two_shops(shop) as (here, there):
        write(here, data.draw(edges()))
        without_edges(there)
        before, _ = shown(here)
        copied, graph = shown(there)
        plan = plan_desired(copied, copy_edges(graph, before))
        assert apply_plan(plan, there).succeeded
        again, _ = shown(there)
        _, graph = shown(here)
        back = plan_desired(before, copy_edges(graph, again))
        assert back.steps == ()
        assert back.clashes == ()
        changes = [change for change in diff(before, again).changes if change.what == "edge"]
        assert {str(detail) for change in changes for detail in change.details} <= {
            "recorded_as: none → Manual"
        }


@contextmanager
def two_shops(made: Path) -> Iterator[tuple[Client, Client]]:
    with ExitStack() as stack:
        folders = (stack.enter_context(tempfile.TemporaryDirectory()) for _ in range(2))
        opened = (stack.enter_context(open_shop(made, Path(folder))) for folder in folders)
        (_, here), (_, there) = opened
        yield here, there


def without_edges(client: Client) -> None:
    snapshot = read(client, truth="database")
    ids = {entity.reference: entity.id for entity in snapshot.entities}
    for edge in snapshot.edges:
        kinds = edge.upstream.kind, ids[edge.upstream], edge.downstream.kind, ids[edge.downstream]
        client.delete(f"/lineage/{'/'.join(kinds)}")
