"""The formats that are tables, read back by the csv module and laid beside the rows."""

import csv
import io
import json
import re
from pathlib import Path

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage import audit, export
from lineage.catalog.wsgi import Catalog
from lineage.errors import LineageError
from lineage.governance.audit.audit import audit_sensitive
from lineage.governance.audit.sensitivity import Sensitive
from lineage.graph.build import build_graph
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.entities import Column, Entity, MlModel
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Snapshot
from lineage.openmetadata.reader import read
from lineage.text_escapes import escape, unescape
from lineage.views.exports.cells import harmless, unharmed
from lineage.views.exports.excerpt import take_excerpt
from lineage.views.exports.fact_rows import EdgeRow, NodeRow
from lineage.views.exports.rows import Rows
from lineage.views.exports.server_csv import HEADER
from tests.conftest import talking_to
from tests.examples import examples
from tests.strategies import snapshots
from tests.views.exports.catalogs import HOSTILE, full_snapshot, hostile_snapshots

CATALOGS = snapshots() | hostile_snapshots()
CELLS = st.sampled_from(HOSTILE) | st.text(
    st.sampled_from("=+-@'\"; \t\n\rax\u00a0\uff1d"), max_size=8
)


@pytest.fixture(scope="module")
def graph() -> LineageGraph:
    return build_graph(full_snapshot())


def table_of(content: bytes) -> list[dict[str, str]]:
    """Read a CSV file of ours, apostrophes taken away again."""
    text = io.StringIO(content.decode(), newline="")
    return [
        {unharmed(name): unharmed(cell) for name, cell in line.items()}
        for line in csv.DictReader(text)
    ]


def raw_table_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def is_run(cell: str) -> bool:
    """Say whether a spreadsheet takes a cell for a formula, wherever it finds its beginning."""
    cells = re.split(r"[;\t\r\n]", cell)
    return any(
        part.strip().strip('"').strip()[:1] in set("=+-@\uff1d\uff0b\uff0d\uff20") for part in cells
    )


@given(CELLS)
@settings(max_examples=examples(400))
def test_a_harmless_cell_begins_no_formula_and_is_read_back(cell: str) -> None:
    assert not is_run(harmless(cell))
    assert unharmed(harmless(cell)) == cell


@pytest.mark.parametrize("form", ["csv", "neo4j", "matrix"])
def test_no_cell_of_a_hostile_catalog_is_run(form: str) -> None:
    @given(hostile_snapshots())
    @settings(max_examples=examples(30))
    def holds(snapshot: Snapshot) -> None:
        for content in export(build_graph(snapshot), form).files.values():
            for line in csv.reader(io.StringIO(content.decode(), newline="")):
                assert not any(map(is_run, line))

    holds()


@given(CATALOGS)
@settings(max_examples=examples(50))
def test_csv_has_a_line_for_each_edge_under_the_servers_own_header(snapshot: Snapshot) -> None:
    graph = build_graph(snapshot)
    lines = table_of(export(graph, "csv").content)
    rows = Rows(take_excerpt(graph))
    fqns = {row.id: row.fqn for row in rows.nodes}
    edges = [row for row in rows.edges if row.kind == "entity"]
    assert [
        (line["fromFullyQualifiedName*"], line["toFullyQualifiedName*"], line["sqlQuery"])
        for line in lines
    ] == [(fqns[edge.upstream], fqns[edge.downstream], edge.sql or "") for edge in edges]
    for edge, line in zip(edges, lines, strict=True):
        pairs = [
            f"{fqns[row.upstream]}:{fqns[row.downstream]}"
            for row in rows.edges
            if row.edge == edge.id and row.kind == "column" and row.influence is None
        ]
        assert line["columnLineage"] == ";".join(pairs)
        assert tuple(line) == HEADER


def test_raw_csv_is_what_the_catalog_exports_itself(company_file: Path) -> None:
    with Catalog(company_file) as catalog:
        transport = httpx.WSGITransport(app=catalog)
        headers = {"Authorization": f"Bearer {catalog.token}"}
        with httpx.Client(transport=transport, base_url="http://catalog/api/v1") as api:
            parameters: dict[str, str | int] = {"fqn": "mlflow.churn", "type": "mlmodel"}
            parameters |= {"upstreamDepth": 3, "downstreamDepth": 0}
            reply = api.get("/lineage/export", params=parameters, headers=headers)
        with talking_to(catalog) as client:
            graph = build_graph(read(client))
    exported = list(csv.reader(io.StringIO(reply.text, newline="")))
    made = export(graph, "csv", raw=True).content.decode()
    lines = list(csv.reader(io.StringIO(made, newline="")))
    assert [name.rstrip("*") for name in lines[0]] == exported[0]
    assert {_line(line) for line in exported[1:]} <= {_line(line) for line in lines[1:]}
    assert len(exported) > 5


def _line(cells: list[str]) -> tuple[object, ...]:
    """Leave the order of the pairs of columns out, which means nothing."""
    return (*cells[:10], frozenset(cells[10].split(";")), *cells[11:])


def test_raw_csv_has_texts_as_they_are(graph: LineageGraph) -> None:
    snapshot = full_snapshot()
    (first, *others) = snapshot.edges
    hostile = Snapshot(
        entities=snapshot.entities,
        edges=(
            type(first)(
                upstream=first.upstream,
                downstream=first.downstream,
                evidence=type(first.evidence)(description="=1+1 C:\\new\x07"),
            ),
            *others,
        ),
    )
    made = build_graph(hostile)
    descriptions = [line["description"] for line in raw_table_of(export(made, "csv").content)]
    assert "'=1+1 C:\\\\new\\x07" in descriptions
    raw = raw_table_of(export(made, "csv", raw=True).content)
    assert "=1+1 C:\\new\x07" in [line["description"] for line in raw]
    assert any("influence" in note for note in export(graph, "csv", raw=True).notes)


def test_raw_tables_have_names_as_they_are() -> None:
    people = Entity(
        reference=Reference(Kind.TABLE, "=pg.people"),
        columns=(Column(name="=a\x07", fqn="=pg.people.=a\x07"),),
    )
    model = MlModel(reference=Reference(Kind.MLMODEL, "=mlflow.churn"))
    graph = build_graph(Snapshot(entities=(people, model)))
    nodes = raw_table_of(export(graph, "neo4j", raw=True).files["nodes.csv"])
    assert "column:=pg.people.=a\x07" in [line["id:ID"] for line in nodes]
    (line,) = raw_table_of(export(graph, "matrix", raw=True).content)
    assert line == {"from": "column:=pg.people.=a\x07", "tags": "", "=mlflow.churn": "unknown"}
    (line,) = raw_table_of(export(graph, "matrix").content)
    assert "'=mlflow.churn" in line


def test_the_matrix_of_no_model_is_refused() -> None:
    table = Entity(reference=Reference(Kind.TABLE, "pg.people"))
    with pytest.raises(LineageError, match="there is no model in what is exported"):
        export(build_graph(Snapshot(entities=(table,))), "matrix")


def test_a_format_without_a_raw_form_says_so(graph: LineageGraph) -> None:
    with pytest.raises(LineageError, match="GraphML has no raw form"):
        export(graph, "graphml", raw=True)


_TYPED = re.compile(r"(\w*)(?::(\w+(?:\[\])?))?")


def facts_of(line: dict[str, str]) -> dict[str, object]:
    """Read a line as Neo4j's importer does: by the types in its header, empty cells as none."""
    facts: dict[str, object] = {}
    for title, cell in line.items():
        found = _TYPED.fullmatch(title)
        assert found
        name, kind = found[1] or title, found[2]
        if not cell:
            continue
        if kind == "boolean":
            facts[name] = {"true": True, "false": False}[cell]
        elif kind == "double":
            facts[name] = float(cell)
        else:
            facts[name] = tuple(cell.split("\t")) if kind == "string[]" else cell
    return facts


def known(row: NodeRow | EdgeRow) -> dict[str, object]:
    values = ((name, getattr(row, name)) for name in row.__dataclass_fields__)
    return {name: value for name, value in values if value not in (None, (), "")}


@given(CATALOGS)
@settings(max_examples=examples(50))
def test_the_importers_files_have_every_fact_of_nodes_and_edges(snapshot: Snapshot) -> None:
    graph = build_graph(snapshot)
    files = export(graph, "neo4j").files
    rows = Rows(take_excerpt(graph))
    nodes = [facts_of(line) for line in table_of(files["nodes.csv"])]
    for facts, row in zip(nodes, rows.nodes, strict=True):
        assert str(facts.pop(":LABEL")).lower() == row.kind.lower()
        assert facts == known(row)
    edges = [facts_of(line) for line in table_of(files["edges.csv"])]
    for facts, edge in zip(edges, rows.edges, strict=True):
        assert facts.pop(":TYPE") == "FEEDS"
        facts["upstream"], facts["downstream"] = facts.pop(":START_ID"), facts.pop(":END_ID")
        assert facts == known(edge)
    ids = {row.id for row in rows.nodes}
    contained = table_of(files["containment.csv"])
    assert {(line[":START_ID"], line[":END_ID"]) for line in contained} == {
        (row.id, row.parent) for row in rows.nodes if row.parent in ids
    }


@given(hostile_snapshots())
@settings(max_examples=examples(30))
def test_cypher_has_names_in_its_parameters_alone(snapshot: Snapshot) -> None:
    graph = build_graph(snapshot)
    files = export(graph, "cypher").files
    assert files["load.cypher"] == export(build_graph(Snapshot()), "cypher").files["load.cypher"]
    parameters = json.loads(files["parameters.json"])
    rows = Rows(take_excerpt(graph))
    found = [*parameters["nodes"], *parameters["edges"]]
    listed: list[NodeRow | EdgeRow] = [*rows.nodes, *rows.edges]
    for facts, row in zip(found, listed, strict=True):
        assert {key: _tuple(value) for key, value in facts.items()} == known(row)


def _tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def test_the_statements_of_cypher_use_the_lists_that_are_there(graph: LineageGraph) -> None:
    files = export(graph, "cypher").files
    named = set(re.findall(r"\$(\w+)", files["load.cypher"].decode()))
    assert named <= set(json.loads(files["parameters.json"]))


@given(CATALOGS)
@settings(max_examples=examples(50))
def test_the_matrix_has_the_verdict_of_an_audit_for_every_pair(snapshot: Snapshot) -> None:
    graph = build_graph(snapshot)
    models = [item for item in graph if item.kind == Kind.MLMODEL]
    columns = [item for item in graph if item.kind == Kind.COLUMN]
    if not models:
        with pytest.raises(LineageError, match="no model"):
            export(graph, "matrix")
        return
    answer = audit_sensitive(graph, tuple(Sensitive(item, (), item) for item in columns))
    expected = {
        (str(column), model.fqn): str(answer.verdict(column, model))
        for column in columns
        for model in models
    }
    found = {
        (unescape(line["from"]), unescape(name)): cell
        for line in table_of(export(graph, "matrix").content)
        for name, cell in line.items()
        if name not in {"from", "tags"}
    }
    assert found == expected


@given(CATALOGS)
@settings(max_examples=examples(50))
def test_the_matrix_of_an_audit_has_its_verdicts(snapshot: Snapshot) -> None:
    answer = audit(graph := build_graph(snapshot))
    if not answer.models:
        return
    lines = table_of(export(graph, "matrix", answer).content)
    assert {unescape(line["from"]) for line in lines} == {
        str(item.reference) for item in answer.sensitive
    }
    for line in lines:
        sensitive = Reference.parse(unescape(line["from"]))
        for model in answer.models.targets:
            assert line[escape(model.fqn)] == str(answer.verdict(sensitive, model))


def test_the_matrix_of_an_audit_has_what_it_looked_for(graph: LineageGraph) -> None:
    answer = audit(graph, tags=["PII.*"])
    lines = table_of(export(graph, "matrix", answer).content)
    assert lines == [
        {"from": "column:pg.shop.mark_schema.people.age", "tags": "PII.Sensitive",
         "mlflow.churn": "reaches-by-influence"},
        {"from": "column:pg.shop.mark_schema.people.email", "tags": "PII.Sensitive, Mark.Tag",
         "mlflow.churn": "reaches-masked"},
    ]  # fmt: skip


def test_the_matrix_of_entities_judges_each_by_its_columns(graph: LineageGraph) -> None:
    lines = table_of(export(graph, "matrix", grain="entity").content)
    verdicts = {line["from"]: line["mlflow.churn"] for line in lines}
    assert verdicts["table:pg.shop.mark_schema.clean"] == "reaches"
    assert not any(name.startswith("column:") for name in verdicts)
