"""The graph formats, each read back by its own reader."""

import json
from io import BytesIO

import networkx as nx
import pytest
from hypothesis import given

from lineage import audit, export, resolve, upstream
from lineage.graph.build import build_graph
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Snapshot
from lineage.queries.completeness import Grain
from lineage.queries.multi import Traces
from lineage.text_escapes import unescape
from lineage.views.exports.excerpt import Answered, take_excerpt
from lineage.views.exports.network import flat_facts, listed_facts
from lineage.views.exports.rows import Rows
from tests.strategies import snapshots
from tests.views.exports.catalogs import full_snapshot, hostile_snapshots

MODEL = Reference(Kind.MLMODEL, "mlflow.churn")


@pytest.fixture(scope="module")
def graph() -> LineageGraph:
    return build_graph(full_snapshot())


def read_node_link(content: bytes) -> "nx.MultiDiGraph[str]":
    return nx.MultiDiGraph(nx.node_link_graph(json.loads(content), edges="edges"))


def read_graphml(content: bytes) -> "nx.MultiDiGraph[str]":
    return nx.MultiDiGraph(nx.read_graphml(BytesIO(content), force_multigraph=True))


def read_gexf(content: bytes) -> "nx.MultiDiGraph[str]":
    return nx.MultiDiGraph(nx.read_gexf(BytesIO(content)))


def nodes_of(network: "nx.MultiDiGraph[str]") -> dict[str, dict[str, object]]:
    return {name: dict(facts) for name, facts in network.nodes(data=True)}


def assert_holds(network: "nx.MultiDiGraph[str]", rows: Rows, *, flat: bool) -> None:
    facts_of = flat_facts if flat else listed_facts
    assert nodes_of(network) == {row.id: _without(facts_of(row), "id") for row in rows.nodes}
    found = {
        key: (tail, head, facts) for tail, head, key, facts in network.edges(keys=True, data=True)
    }
    assert found == {
        row.id: (
            row.upstream,
            row.downstream,
            _without(facts_of(row), "id", "upstream", "downstream"),
        )
        for row in rows.edges
    }


def _without(facts: dict[str, object], *names: str) -> dict[str, object]:
    return {name: value for name, value in facts.items() if name not in names}


def rows_of(
    graph: LineageGraph, answer: Answered | None = None, grain: Grain | None = None
) -> Rows:
    return Rows(take_excerpt(graph, answer, grain=grain))


@given(snapshots() | hostile_snapshots())
def test_node_link_json_is_read_by_networkx_with_every_fact(snapshot: Snapshot) -> None:
    graph = build_graph(snapshot)
    network = read_node_link(export(graph, "node-link").content)
    assert_holds(network, rows_of(graph), flat=False)


@given(snapshots() | hostile_snapshots())
def test_graphml_is_read_by_networkx_with_every_fact(snapshot: Snapshot) -> None:
    graph = build_graph(snapshot)
    network = read_graphml(export(graph, "graphml").content)
    rows = rows_of(graph)
    assert_holds(network, rows, flat=True)


@given(snapshots() | hostile_snapshots())
def test_gexf_is_read_by_networkx_with_every_fact(snapshot: Snapshot) -> None:
    graph = build_graph(snapshot)
    network = read_gexf(export(graph, "gexf").content)
    rows = rows_of(graph)
    ids = {row.id for row in rows.nodes}
    for row in rows.nodes:
        read = dict(network.nodes[row.id])
        assert read.pop("label") == row.name
        assert read.pop("pid", None) == (row.parent if row.parent in ids else None)
        assert read == _without(flat_facts(row), "id")
    found = {facts["id"]: (tail, head, facts) for tail, head, facts in network.edges(data=True)}
    assert set(found) == {row.id for row in rows.edges}
    for edge in rows.edges:
        tail, head, facts = found[edge.id]
        assert (tail, head) == (edge.upstream, edge.downstream)
        assert _without(facts, "id", "label", "kind") == _without(
            flat_facts(edge), "id", "upstream", "downstream", "kind"
        )


@given(snapshots() | hostile_snapshots())
def test_cytoscape_json_is_read_by_networkx_with_every_fact(snapshot: Snapshot) -> None:
    graph = build_graph(snapshot)
    content = json.loads(export(graph, "cytoscape").content)
    network = nx.cytoscape_graph(content)
    rows = rows_of(graph)
    ids = {row.id for row in rows.nodes}
    for row in rows.nodes:
        read = dict(network.nodes[row.id])
        if row.parent is not None and row.parent not in ids:
            read["parent"] = read.pop("within")
        assert read == {**listed_facts(row), "value": row.id}
    typed: nx.MultiDiGraph[str] = nx.MultiDiGraph(network)
    found = {
        key: (tail, head, _without(facts, "source", "target", "key"))
        for tail, head, key, facts in typed.edges(keys=True, data=True)
    }
    assert found == {
        row.id: (row.upstream, row.downstream, listed_facts(row)) for row in rows.edges
    }


@given(hostile_snapshots())
def test_ids_are_read_back_as_the_references_they_stand_for(snapshot: Snapshot) -> None:
    graph = build_graph(snapshot)
    network = read_graphml(export(graph, "graphml").content)
    assert {unescape(name) for name in network} == {str(reference) for reference in graph}


@pytest.mark.parametrize("grain", ["entity", "part"])
def test_a_trace_is_exported_with_its_hops_and_nothing_else(
    graph: LineageGraph, grain: Grain
) -> None:
    trace = upstream(graph, MODEL, grain=grain)
    network = read_node_link(export(graph, "node-link", trace).content)
    facts = network.edges(data=True)
    edges = {(tail, head) for tail, head, fact in facts if fact["kind"] == "column"}
    hops = {(str(hop.upstream), str(hop.downstream)) for hop in trace.hops if hop.column_edge}
    assert edges == (hops if grain == "part" else set())
    assert {str(item) for item in trace.references} <= set(network)
    assert any("mark reason" in gap for gap in network.graph["gaps"])


def test_a_trace_between_entities_has_all_their_columns_where_parts_are_asked_for(
    graph: LineageGraph,
) -> None:
    trace = upstream(graph, MODEL, grain="entity")
    names = set(read_node_link(export(graph, "node-link", trace, grain="part").content))
    assert {f"column:pg.shop.mark_schema.people.{name}" for name in ("email", "age")} <= names


def test_traces_from_several_starts_are_exported_together(graph: LineageGraph) -> None:
    features = [Reference(Kind.FEATURE, f"mlflow.churn.{name}") for name in ("mail", "grown")]
    traces = tuple(upstream(graph, feature, grain="part") for feature in features)
    network = read_node_link(export(graph, "node-link", Traces(traces)).content)
    assert set(map(str, features)) <= set(network)
    hops = {(str(hop.upstream), str(hop.downstream)) for trace in traces for hop in trace.hops}
    assert hops <= set(network.edges())


def test_a_selection_is_exported_with_what_feeds_what_among_it(graph: LineageGraph) -> None:
    network = read_node_link(export(graph, "node-link", resolve(graph, "kind:table")).content)
    assert "mlmodel:mlflow.churn" not in network
    assert (
        network.number_of_edges(
            "table:pg.shop.mark_schema.people", "table:pg.shop.mark_schema.clean"
        )
        >= 1
    )


def test_an_audit_is_exported_with_its_paths_and_verdicts(graph: LineageGraph) -> None:
    answer = audit(graph)
    network = read_node_link(export(graph, "node-link", answer).content)
    assert network.nodes["mlmodel:mlflow.churn"]["verdict"] == str(answer.models[0].verdict)
    email = "column:pg.shop.mark_schema.people.email"
    assert network.nodes[email]["sensitive"] == ["PII.Sensitive"]
    assert len(network.graph["findings"]) == len(answer)
    path = answer.findings[0].path
    for hop in path.hops:
        assert network.has_edge(str(hop.upstream), str(hop.downstream))


def test_an_answer_about_another_graph_is_refused(graph: LineageGraph) -> None:
    other = build_graph(
        Snapshot(entities=full_snapshot().entities, edges=full_snapshot().edges[:1])
    )
    with pytest.raises(ValueError, match="another graph"):
        export(other, "node-link", upstream(graph, MODEL, grain="entity"))
