import re

import pytest

from lineage.model.edges import Strength
from lineage.views.picture.diagram import Arrow, Box, Diagram, Row


def box(key: str, *rows: str) -> Box:
    shown = tuple(Row(key=row, label=row) for row in rows)
    return Box(key=key, title=key, subtitle="", kind="table", rows=shown)


def arrow(
    upstream: str,
    downstream: str,
    *,
    upstream_row: str | None = None,
    downstream_row: str | None = None,
) -> Arrow:
    return Arrow(
        upstream=upstream,
        downstream=downstream,
        upstream_row=upstream_row,
        downstream_row=downstream_row,
        strength=Strength.VALUE,
    )


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (arrow("a", "z"), "the box 'z', which is not in the diagram"),
        (arrow("z", "a"), "the box 'z', which is not in the diagram"),
        (arrow("a", "b", upstream_row="y"), "the row 'y', which box 'a' does not show"),
        (arrow("a", "b", downstream_row="x"), "the row 'x', which box 'b' does not show"),
    ],
)
def test_an_arrow_to_what_is_not_there_is_refused(wrong: Arrow, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Diagram(boxes=(box("a", "x"), box("b", "y")), arrows=(wrong,), title="")


def test_two_boxes_with_one_key_are_refused() -> None:
    with pytest.raises(ValueError, match="more than one box has the key 'a'"):
        Diagram(boxes=(box("a"), box("a")), arrows=(), title="")


def test_two_rows_with_one_key_are_refused() -> None:
    with pytest.raises(ValueError, match="more than one row in box 'a' has the key 'x'"):
        box("a", "x", "x")


def test_less_than_nothing_cannot_be_hidden_or_left_out() -> None:
    with pytest.raises(ValueError, match=re.escape("hidden_rows of box 'a' is -1")):
        Box(key="a", title="", subtitle="", kind="table", hidden_rows=-1)
    with pytest.raises(ValueError, match="left_out is -2"):
        Diagram(boxes=(), arrows=(), title="", left_out=-2)


def test_a_diagram_is_highlighted_if_any_part_of_it_is() -> None:
    lit_row = Box(
        key="a",
        title="",
        subtitle="",
        kind="table",
        rows=(Row(key="x", label="x", highlighted=True),),
    )
    assert not Diagram(boxes=(box("a", "x"),), arrows=(), title="").is_highlighted
    assert Diagram(boxes=(lit_row,), arrows=(), title="").is_highlighted
