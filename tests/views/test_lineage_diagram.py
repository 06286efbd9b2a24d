from lineage.model.edges import Strength
from lineage.views.lineage_diagram import BOXES, ROWS, draw, make_diagram
from tests.builders import column, edge, entity, graph_of, model, table

GRAPH = graph_of(
    table("raw", "email:PII.Sensitive phone:PII.Sensitive unused"),
    table("core", "email phone"),
    table("aside", "x"),
    model("m", f="core.email", g="core.phone"),
    edge("raw>core", "email>email:sha256(email)", "phone>phone:left(phone, 2)"),
    edge("aside>core", "x>unknown"),
)


def test_the_strongest_sensitive_path_is_highlighted_from_end_to_end() -> None:
    diagram = make_diagram(GRAPH, entity("m"))
    lit = [
        (arrow.upstream_row, arrow.downstream_row) for arrow in diagram.arrows if arrow.highlighted
    ]
    assert lit == [
        ("column:raw.phone", "column:core.phone"),
        ("column:core.phone", "feature:m.g"),
    ]
    assert {box.title for box in diagram.boxes if box.highlighted} == {"raw", "core", "m"}
    assert diagram.notes[0] == "Evidence path: raw.phone (PII.Sensitive) reaches"


def test_masked_mappings_are_drawn_as_masked() -> None:
    diagram = make_diagram(GRAPH, entity("m"))
    strengths = {arrow.upstream_row: arrow.strength for arrow in diagram.arrows}
    assert strengths["column:raw.email"] == Strength.MASKED
    assert strengths["column:raw.phone"] == Strength.VALUE


def test_sensitive_columns_are_marked_and_unused_ones_counted() -> None:
    diagram = make_diagram(GRAPH, entity("m"))
    raw = next(box for box in diagram.boxes if box.title == "raw")
    assert [(row.label, row.sensitive) for row in raw.rows] == [("email", True), ("phone", True)]
    assert raw.hidden_rows == 1


def test_what_shares_no_column_is_counted_and_not_drawn() -> None:
    diagram = make_diagram(GRAPH, entity("m"))
    assert "aside" not in {box.title for box in diagram.boxes}
    assert "1 other entity upstream, with no column in common: not drawn" in diagram.notes


def test_a_bare_edge_is_an_arrow_between_boxes() -> None:
    graph = graph_of(table("a", "x"), table("b", "y"), edge("a>b"))
    (arrow,) = make_diagram(graph, entity("b")).arrows
    assert (arrow.upstream_row, arrow.downstream_row) == (None, None)
    assert arrow.strength == Strength.TABLE


def test_an_unresolved_source_is_an_arrow_from_its_table() -> None:
    graph = graph_of(table("a", "x"), model("m", f="a.gone"))
    (arrow,) = make_diagram(graph, entity("m")).arrows
    assert (arrow.upstream, arrow.upstream_row) == ("table:a", None)
    assert arrow.downstream_row == "feature:m.f"


def test_a_wide_table_shows_the_rows_that_matter_most() -> None:
    names = " ".join(f"c{number}" for number in range(40))
    graph = graph_of(table("a", names), model("m", f=" ".join(f"a.c{n}" for n in range(30))))
    (wide,) = [box for box in make_diagram(graph, entity("m")).boxes if box.title == "a"]
    assert (len(wide.rows), wide.hidden_rows) == (ROWS, 40 - ROWS)


def test_more_boxes_than_can_be_read_are_left_out_and_counted() -> None:
    names = [f"t{number:03}" for number in range(BOXES + 20)]
    graph = graph_of(
        *(table(name, "x") for name in names), table("end", "x"),
        *(edge(f"{name}>end", "x>x") for name in names),
    )  # fmt: skip
    diagram = make_diagram(graph, entity("end"))
    assert (len(diagram.boxes), diagram.left_out) == (BOXES, 21)


def test_gaps_are_reported_in_the_picture() -> None:
    graph = graph_of(table("b", "y"), edge("hidden>b", "x>y"))
    (note,) = make_diagram(graph, entity("b")).notes
    assert note.startswith("Not complete, 1 gap; the first: entity-not-found at table:hidden")


def test_downstream_of_a_column_can_be_drawn() -> None:
    diagram = make_diagram(GRAPH, column("raw.email"), direction="downstream")
    assert diagram.title == "What is fed by raw.email"
    assert {box.title for box in diagram.boxes} == {"raw", "core", "m"}
    assert draw(GRAPH, column("raw.email"), direction="downstream").get_size_inches()[0] > 1


def test_a_cycle_and_a_self_loop_are_drawn() -> None:
    graph = graph_of(
        table("a", "x"), table("b", "x"),
        edge("a>b", "x>x"), edge("b>a", "x>x"), edge("a>a", "x>x"),
    )  # fmt: skip
    assert len(make_diagram(graph, entity("b")).arrows) == 3
    assert draw(graph, entity("b")).get_size_inches()[0] > 1


def test_a_column_named_by_a_mapping_alone_has_no_row_and_still_an_arrow() -> None:
    graph = graph_of(table("a", "x"), table("b"), edge("a>b", "x>ghost"))
    diagram = make_diagram(graph, entity("b"))
    assert len(diagram.arrows) == 1
