"""The formats that draw, each read back: DOT by pydot, Mermaid and D2 by what they may hold."""

import html
import re
from itertools import pairwise
from typing import NamedTuple

import pydot
import pytest
from hypothesis import given, settings

from lineage import audit, export, upstream
from lineage.graph.build import build_graph
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.edges import Edge
from lineage.model.entities import Column, Entity
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Snapshot
from lineage.views.exports.boxes import Box, make_arrows, make_boxes
from lineage.views.exports.excerpt import take_excerpt
from lineage.views.exports.network import flat_facts
from lineage.views.exports.rows import Rows
from tests.examples import examples
from tests.strategies import snapshots
from tests.views.exports.catalogs import MARKS, full_snapshot, hostile_snapshots

MODEL = Reference(Kind.MLMODEL, "mlflow.churn")
COLUMN = Reference(Kind.COLUMN, "pg.shop.mark_schema.people.email")


@pytest.fixture(scope="module")
def graph() -> LineageGraph:
    return build_graph(full_snapshot())


def boxes_of(graph: LineageGraph) -> tuple[Rows, list[Box]]:
    rows = Rows(take_excerpt(graph))
    return rows, make_boxes(rows)


def unquoted(text: str) -> str:
    """Read a quoted text of DOT."""
    return re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL)


def written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.filterwarnings("ignore::DeprecationWarning:pydot")  # of its parser
@given(snapshots() | hostile_snapshots())
@settings(max_examples=examples(30))
def test_dot_is_read_by_pydot_with_every_fact(snapshot: Snapshot) -> None:
    graph = build_graph(snapshot)
    rows, boxes = boxes_of(graph)
    networks = pydot.graph_from_dot_data(export(graph, "dot").content.decode())
    assert networks is not None
    (network,) = networks
    nodes = {item.get_name(): item.get_attributes() for item in network.get_nodes()}
    for box in boxes:
        facts = nodes[box.key]
        for prefix, row in (("", box.node), *((f"{key}_", row) for key, row in box.rows.items())):
            known = {f"{prefix}{name}": written(value) for name, value in flat_facts(row).items()}
            assert (
                not prefix
                or known.items()
                <= {
                    name: unquoted(value) for name, value in facts.items() if name != "label"
                }.items()
            )
        cells = re.findall(r"<td[^>]*>(.*?)</td>", facts["label"])
        assert list(map(html.unescape, cells)) == [
            f"<b>{html.escape(box.node.name)}</b>".replace(
                html.escape(box.node.name), box.node.name
            ),
            *map(box.label_of, box.rows.values()),
        ]
    arrows = list(make_arrows(boxes, rows.edges))
    assert sorted(
        (item.get_source(), item.get_destination(), unquoted(item.get_attributes()["id"]))
        for item in network.get_edges()
    ) == sorted(
        (
            f"{arrow.upstream}:{arrow.upstream_row or 'c0'}:e",
            f"{arrow.downstream}:{arrow.downstream_row or 'c0'}:w",
            arrow.edge.id,
        )
        for arrow in arrows
    )


def test_dot_shades_what_an_audit_found_sensitive(graph: LineageGraph) -> None:
    content = export(graph, "dot", audit(graph)).content.decode()
    assert 'bgcolor="#f8d7da">email</td>' in content


class Chart(NamedTuple):
    """A flowchart as Mermaid reads it: labels by keys, and pairs of keys."""

    labels: dict[str, str]
    groups: dict[str, list[str]]
    edges: list[tuple[str, str, str]]


_NODE = re.compile(r'\s+(n\d+(?:e|c\d+))(?:\["([^"]*)"\]|\(\["([^"]*)"\]\))')
_GROUP = re.compile(r'\s+subgraph (sn\d+)\["([^"]*)"\]')
_EDGE = re.compile(r"\s+(n\d+(?:e|c\d+)) (.+) (n\d+(?:e|c\d+))")


def read_mermaid(text: str) -> Chart:
    """Read a flowchart; anything that is none of its few lines is refused."""
    head, _, body = text.partition("flowchart LR\n")
    assert head.startswith("---\ntitle: ")
    chart, group = Chart({}, {}, []), ""
    for line in body.splitlines():
        if line.lstrip().startswith("%% "):
            continue
        if found := _GROUP.fullmatch(line):
            group = found[1]
            chart.labels[group], chart.groups[group] = _plain(found[2]), []
        elif found := _NODE.fullmatch(line):
            chart.labels[found[1]] = _plain(found[2] or found[3] or "")
            chart.groups.setdefault(group, []).append(found[1])
        elif found := _EDGE.fullmatch(line):
            chart.edges.append((found[1], found[2], found[3]))
        else:
            assert line == "  end", line
            group = ""
    return chart


def _plain(text: str) -> str:
    assert not re.search(r"""["'`<>&;\[\]{}|*#]""", re.sub(r"#\d+;", "", text))
    return re.sub(r"#(\d+);", lambda found: chr(int(found[1])), text)


@given(snapshots() | hostile_snapshots())
@settings(max_examples=examples(50))
def test_mermaid_is_read_back_with_every_arrow_between_what_it_joins(snapshot: Snapshot) -> None:
    graph = build_graph(snapshot)
    rows, boxes = boxes_of(graph)
    chart = read_mermaid(export(graph, "mermaid").content.decode())
    labels = {f"{box.key}e": f"{box.node.name} ({box.node.kind})" for box in boxes}
    labels |= {f"s{box.key}": box.node.name for box in boxes}
    labels |= {
        f"{box.key}{key}": box.label_of(row) for box in boxes for key, row in box.rows.items()
    }
    assert chart.labels.items() <= labels.items()
    assert sorted((tail, head) for tail, _, head in chart.edges) == sorted(
        (
            f"{arrow.upstream}{arrow.upstream_row or 'e'}",
            f"{arrow.downstream}{arrow.downstream_row or 'e'}",
        )
        for arrow in make_arrows(boxes, rows.edges)
    )


def _star(leaves: int) -> LineageGraph:
    """Make a table that others feed, and others these: the nearest half, the farthest half."""
    centre = Reference(Kind.TABLE, "s.centre")
    near = [Reference(Kind.TABLE, f"s.near_{number}") for number in range(leaves)]
    far = [Reference(Kind.TABLE, f"s.a_far_{number}") for number in range(leaves)]
    edges = [Edge(upstream=one, downstream=centre) for one in near]
    edges += [Edge(upstream=one, downstream=to) for one, to in zip(far, near, strict=True)]
    return build_graph(Snapshot(edges=tuple(edges)))


def test_mermaid_draws_the_nearest_500_edges_and_says_how_many_it_left_out() -> None:
    graph = _star(300)
    made = export(graph, "mermaid", upstream(graph, Reference(Kind.TABLE, "s.centre")))
    chart = read_mermaid(made.content.decode())
    assert len(chart.edges) == 500
    assert sum(label.startswith("near") for label in chart.labels.values()) == 300
    note = "Mermaid draws 500 edges at most: 100 edges left out, the farthest"
    assert note in made.notes
    assert note in made.content.decode()
    assert len(made.content.decode()) <= 50_000


def test_mermaid_leaves_out_what_makes_its_text_too_long() -> None:
    names = ["x" * 2_000 + str(number) for number in range(40)]
    tables = [Reference(Kind.TABLE, f"s.{name}") for name in names]
    edges = tuple(Edge(upstream=one, downstream=to) for one, to in pairwise(tables))
    made = export(build_graph(Snapshot(edges=edges)), "mermaid")
    assert len(made.content) <= 50_000
    assert any("left out" in note for note in made.notes)


class Sketch(NamedTuple):
    """A D2 file: shapes with their columns, and connections with their labels."""

    shapes: dict[str, tuple[str, dict[str, str]]]
    connections: list[tuple[str, str, str]]


_TEXT = r"'((?:[^']|'')*)'"
_SHAPE = re.compile(rf"(n\d+): {_TEXT} \{{")
_COLUMN = re.compile(rf"  {_TEXT}: {_TEXT}")
_END = rf"(n\d+)(?:\.{_TEXT})?"
_CONNECTION = re.compile(rf"{_END} -> {_END}: {_TEXT} \{{([a-z0-9.: -]*)\}}")


def read_d2(text: str) -> Sketch:
    """Read a sketch; anything that is none of its few lines is refused."""
    sketch, shape = Sketch({}, []), ""
    for line in text.split("\n"):
        if found := _SHAPE.fullmatch(line):
            shape = found[1]
            sketch.shapes[shape] = _single(found[2]), {}
        elif found := _COLUMN.fullmatch(line):
            sketch.shapes[shape][1][_single(found[1])] = _single(found[2])
        elif found := _CONNECTION.fullmatch(line):
            ends = [
                box if column is None else f"{box}.{_single(column)}"
                for box, column in ((found[1], found[2]), (found[3], found[4]))
            ]
            sketch.connections.append((ends[0], ends[1], _single(found[5])))
        else:
            assert re.match(r"# |direction: right$|  tooltip: '|  shape: sql_table$|\}$|$", line)
    return sketch


def _single(text: str) -> str:
    return text.replace("''", "'")


@given(snapshots() | hostile_snapshots())
@settings(max_examples=examples(50))
def test_d2_is_read_back_with_every_arrow_between_columns_of_tables(snapshot: Snapshot) -> None:
    graph = build_graph(snapshot)
    rows, boxes = boxes_of(graph)
    sketch = read_d2(export(graph, "d2").content.decode())
    assert {key: label for key, (label, _) in sketch.shapes.items()} == {
        box.key: box.node.name for box in boxes
    }
    names = {
        (box.key, key): name
        for box in boxes
        for key, name in zip(box.rows, sketch.shapes[box.key][1], strict=True)
    }
    for box in boxes:
        shown = [names[box.key, key] for key in box.rows]
        assert len({name.casefold() for name in shown}) == len(shown)
        for name, row in zip(shown, box.rows.values(), strict=True):
            assert re.sub(r" \(\d+\)$", "", name) == re.sub(r" \(\d+\)$", "", box.label_of(row))
    assert sorted((tail, head) for tail, head, _ in sketch.connections) == sorted(
        (
            arrow.upstream + _row(names, arrow.upstream, arrow.upstream_row),
            arrow.downstream + _row(names, arrow.downstream, arrow.downstream_row),
        )
        for arrow in make_arrows(boxes, rows.edges)
    )


def test_d2_numbers_columns_that_differ_in_case_alone() -> None:
    table = Reference(Kind.TABLE, "s.t")
    columns = tuple(Column(name=name, fqn=f"s.t.{name}") for name in ("a", "A"))
    graph = build_graph(Snapshot(entities=(Entity(reference=table, columns=columns),)))
    (shape,) = read_d2(export(graph, "d2").content.decode()).shapes.values()
    assert list(shape[1]) == ["A", "a (2)"]


def _row(names: dict[tuple[str, str], str], box: str, row: str | None) -> str:
    return "" if row is None else f".{names[box, row]}"


@pytest.mark.parametrize("form", ["dot", "mermaid", "d2"])
def test_what_a_drawing_keeps_is_in_it_and_what_it_loses_is_said(
    graph: LineageGraph, form: str
) -> None:
    made = export(graph, form)
    text = made.content.decode()
    for fact, mark in MARKS.items():
        is_lost = any(fact in note for note in made.notes)
        assert is_lost or mark in text, fact
    assert all(note in text for note in made.notes)


@pytest.mark.parametrize("form", ["dot", "mermaid", "d2"])
def test_a_drawing_of_a_trace_between_columns_has_boxes_for_parts_alone(
    graph: LineageGraph, form: str
) -> None:
    feature = Reference(Kind.FEATURE, "mlflow.churn.mail")
    text = export(graph, form, upstream(graph, feature)).content.decode()
    assert "email" in text
    assert "grown" not in text
