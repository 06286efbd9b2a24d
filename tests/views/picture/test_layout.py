import random
from itertools import combinations, pairwise

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage.model.edges import Strength
from lineage.views.picture.crossing_reduction import count_crossings, order_layers
from lineage.views.picture.diagram import Arrow, Box, Diagram, Row
from lineage.views.picture.edge_routing import Slot, Wire, weave
from lineage.views.picture.layers import assign_layers
from lineage.views.picture.layout import Layout, Place, Point, lay_out


def box(key: str, rows: int = 0) -> Box:
    shown = tuple(Row(key=str(number), label="") for number in range(rows))
    return Box(key=key, title=key, subtitle="", kind="table", rows=shown)


def diagram(*pairs: str, alone: str = "", rows: int = 0) -> Diagram:
    """Make a diagram of pairs of one-letter boxes: `ab` is an arrow from a to b."""
    keys = sorted({key for pair in (*pairs, alone) for key in pair})
    arrows = (
        Arrow(upstream=pair[0], downstream=pair[1], strength=Strength.TABLE) for pair in pairs
    )
    boxes = (box(key, rows) for key in keys)
    return Diagram(boxes=tuple(boxes), arrows=tuple(arrows), title="")


def places(layout: Layout) -> dict[str, Place]:
    return {place.key: place for place in layout.places}


@st.composite
def diagrams(draw: st.DrawFn, *, is_acyclic: bool = False) -> Diagram:
    keys = "abcdefghijkl"[: draw(st.integers(1, 12))]
    boxes = tuple(box(key, draw(st.integers(0, 4))) for key in keys)
    ends = draw(st.lists(st.tuples(st.sampled_from(boxes), st.sampled_from(boxes)), max_size=25))
    if is_acyclic:
        ends = [(min(pair, key=key_of), max(pair, key=key_of)) for pair in ends]
        ends = [(first, second) for first, second in ends if first != second]
    arrows = tuple(
        Arrow(
            upstream=first.key,
            downstream=second.key,
            upstream_row=draw(some_row(first)),
            downstream_row=draw(some_row(second)),
            strength=draw(st.sampled_from(Strength)),
        )
        for first, second in ends
    )
    return Diagram(boxes=boxes, arrows=arrows, title="")


def key_of(box: Box) -> str:
    return box.key


def some_row(box: Box) -> st.SearchStrategy[str | None]:
    return st.sampled_from([None, *(row.key for row in box.rows)])


@given(diagrams())
def test_no_two_boxes_overlap_and_all_lie_inside(picture: Diagram) -> None:
    layout = lay_out(picture)
    for one, other in combinations(layout.places, 2):
        beside = one.right <= other.left or other.right <= one.left
        assert beside or one.bottom < other.top or other.bottom < one.top
    for place in layout.places:
        assert 0 <= place.left < place.right <= layout.width + 1e-6
        assert -1e-6 <= place.top < place.bottom <= layout.height + 1e-6


@given(diagrams(is_acyclic=True))
def test_without_cycles_upstream_boxes_lie_left_of_downstream_ones(picture: Diagram) -> None:
    layout = lay_out(picture)
    where = places(layout)
    for arrow, route in zip(picture.arrows, layout.routes, strict=True):
        assert where[arrow.upstream].right < where[arrow.downstream].left
        assert route.turns is None


@given(diagrams(), st.randoms())
def test_the_order_of_boxes_and_arrows_changes_nothing(
    picture: Diagram, chance: random.Random
) -> None:
    boxes, arrows = list(picture.boxes), list(picture.arrows)
    chance.shuffle(boxes)
    chance.shuffle(arrows)
    shuffled = Diagram(boxes=tuple(boxes), arrows=tuple(arrows), title="")
    first, second = lay_out(picture), lay_out(shuffled)
    assert places(first) == places(second)
    assert routed(picture, first) == routed(shuffled, second)


def routed(picture: Diagram, layout: Layout) -> list[str]:
    return sorted(
        f"{arrow} {route}" for arrow, route in zip(picture.arrows, layout.routes, strict=True)
    )


@given(diagrams())
def test_arrows_start_and_end_level_with_their_rows(picture: Diagram) -> None:
    layout = lay_out(picture)
    where = places(layout)
    for arrow, route in zip(picture.arrows, layout.routes, strict=True):
        start, end = where[arrow.upstream], where[arrow.downstream]
        assert route.points[0][0] == start.right
        assert route.points[-1][0] == end.left
        assert route.points[0][1] == pytest.approx(anchor(start, arrow.upstream_row), abs=4.1)
        assert route.points[-1][1] == pytest.approx(anchor(end, arrow.downstream_row), abs=4.1)


def anchor(place: Place, row: str | None) -> float:
    return place.top + 18 if row is None else place.rows[int(row)]


@given(diagrams())
def test_no_arrow_runs_through_a_box(picture: Diagram) -> None:
    layout = lay_out(picture)
    for route in layout.routes:
        for point in along(route.curve):
            for place in layout.places:
                assert not inside(point, place)


def along(curve: tuple[Point, ...]) -> list[Point]:
    points = []
    for start in range(0, len(curve) - 1, 3):
        for step in range(21):
            t = step / 20
            shares = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
            piece = list(zip(shares, curve[start : start + 4], strict=True))
            points.append((sum(s * x for s, (x, _) in piece), sum(s * y for s, (_, y) in piece)))
    return points


def inside(point: Point, place: Place) -> bool:
    edge = 1e-6
    x, y = point
    return place.left + edge < x < place.right - edge and place.top + edge < y < place.bottom - edge


def test_a_chain_runs_level_from_left_to_right() -> None:
    layout = lay_out(diagram("ab", "bc"))
    assert [place.layer for place in layout.places] == [0, 1, 2]
    assert {place.top for place in layout.places} == {0}


def test_a_long_arrow_runs_around_the_boxes_between() -> None:
    picture = diagram("ab", "bc", "ac", rows=3)
    layout = lay_out(picture)
    b = places(layout)["b"]
    (left, y), (right, same) = layout.routes[2].points[1:3]
    assert (left, right) == (b.left, b.right)
    assert y == same
    assert not b.top <= y <= b.bottom


def test_a_long_arrow_is_straight_over_all_layers_between() -> None:
    route = lay_out(diagram("ab", "bc", "cd", "de", "ae", rows=2)).routes[4]
    assert len({round(y, 6) for _, y in route.points[1:-1]}) == 1


def test_a_self_loop_runs_around_below_its_box() -> None:
    layout = lay_out(diagram("aa", rows=2))
    (place,), (route,) = layout.places, layout.routes
    assert route.turns is not None
    (_, low), (_, same) = route.points[1:3]
    assert place.bottom < low == same <= layout.height
    xs = [x for x, _ in along(route.curve)]
    assert 0 <= min(xs) < place.left < place.right < max(xs) <= layout.width


def test_of_a_2_cycle_one_arrow_flows_forward_and_the_other_turns_back_below() -> None:
    layout = lay_out(diagram("ab", "ba", rows=2))
    forward, back = layout.routes
    assert forward.turns is None
    assert back.turns is not None
    assert all(y > layout.places[0].bottom for _, y in back.points[1:-1])


def test_two_arrows_between_the_same_ends_are_drawn_apart() -> None:
    first, second = lay_out(diagram("ab", "ab")).routes
    assert first.points[0][1] != second.points[0][1]


def test_a_table_stands_next_to_its_only_consumer() -> None:
    where = places(lay_out(diagram("ab", "bc", "cd", "xd")))
    assert where["x"].layer == where["c"].layer


def test_boxes_without_arrows_are_spread_over_several_columns() -> None:
    layout = lay_out(diagram(alone="abcdefghi"))
    assert {place.layer for place in layout.places} == {0, 1, 2}


def test_an_empty_diagram_has_no_size() -> None:
    layout = lay_out(Diagram(boxes=(), arrows=(), title=""))
    assert (layout.places, layout.routes, layout.height) == ((), (), 0)


def test_a_layer_is_as_wide_as_its_widest_box() -> None:
    layout = lay_out(diagram("ac", "bc"), widths={"a": 100, "b": 140, "c": 90})
    assert [place.width for place in layout.places] == [140, 140, 90]


@pytest.mark.slow
def test_a_chain_of_50_000_boxes_can_be_laid_out() -> None:
    boxes = tuple(box(f"{number:05}") for number in range(50_000))
    keys = [box.key for box in boxes]
    arrows = (
        Arrow(upstream=upstream, downstream=downstream, strength=Strength.TABLE)
        for upstream, downstream in pairwise(keys)
    )
    layout = lay_out(Diagram(boxes=boxes, arrows=tuple(arrows), title=""))
    assert layout.places[-1].layer == 49_999


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef"))))
def test_only_arrows_of_cycles_flow_backward(pairs: list[tuple[str, str]]) -> None:
    layers, backward = assign_layers("abcdef", pairs)
    graph = nx.DiGraph(pairs)
    for upstream, downstream in set(pairs):
        if (upstream, downstream) in backward:
            assert layers[downstream] <= layers[upstream]
            assert nx.has_path(graph, downstream, upstream)
        else:
            assert layers[upstream] < layers[downstream]


@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.integers(5, 9), st.integers(1, 8), st.integers(1, 8)),
        max_size=30,
    )
)
def test_crossings_are_counted_as_by_comparing_every_two_links(
    ends: list[tuple[int, int, int, int]],
) -> None:
    boxes = [Slot(0, 9.0)] * 5 + [Slot(1, 9.0)] * 5
    fabric = weave(boxes, [Wire(*each) for each in ends])
    layers = [[2, 0, 4, 1, 3], [9, 5, 7, 6, 8]]
    rank = {slot: position for layer in layers for position, slot in enumerate(layer)}
    lines = [(rank[a] + x / 9, rank[b] + y / 9) for a, b, x, y in ends]
    crossing = sum((a - c) * (b - d) < 0 for (a, b), (c, d) in combinations(lines, 2))
    assert count_crossings(fabric, layers) == crossing


def test_what_can_be_drawn_without_crossings_is() -> None:
    pairs = [(0, 9), (1, 8), (2, 7), (3, 6), (4, 5), (0, 8), (2, 6)]
    fabric = weave([Slot(0, 9.0)] * 5 + [Slot(1, 9.0)] * 5, [Wire(*pair, 4, 4) for pair in pairs])
    assert count_crossings(fabric, order_layers(fabric)) == 0
