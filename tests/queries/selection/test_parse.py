import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage import fqn as names
from lineage.errors import BadSelection
from lineage.queries.selection.expressions import Named, Selection, Walk
from lineage.queries.selection.parse import parse_selection
from lineage.queries.selection.pattern import Pattern
from lineage.views.terminal import point_at
from tests.examples import examples
from tests.queries.selection.strategies import selections

MISTAKES = json.loads(Path(__file__).with_name("mistakes.json").read_text(encoding="utf-8"))


@given(selections())
@settings(max_examples=examples(300))
def test_what_is_parsed_can_be_printed_back(selection: Selection) -> None:
    assert parse_selection(str(selection)) == selection


@given(st.text(max_size=40) | st.text(alphabet='ab+.@"()* :1,notrd', max_size=40))
@settings(max_examples=examples(300))
def test_any_text_is_parsed_and_printed_or_refused_at_a_position(text: str) -> None:
    refused, selection = None, None
    try:
        selection = parse_selection(text)
    except BadSelection as error:
        refused = error
    if refused is None:
        assert parse_selection(str(selection)) == selection
    else:
        assert 0 <= refused.position <= len(text)


@given(st.lists(st.text(min_size=1), min_size=1, max_size=4))
def test_any_fully_qualified_name_can_be_written(parts: list[str]) -> None:
    fqn = names.join(*parts)
    named = parse_selection(Pattern.literal(fqn).text)
    assert isinstance(named, Named)
    assert named.pattern.name == fqn
    assert named.pattern.is_plain


@pytest.mark.parametrize("case", MISTAKES, ids=lambda case: case["title"])
def test_a_mistake_is_refused_where_it_is(case: dict[str, str]) -> None:
    with pytest.raises(BadSelection) as refused:
        parse_selection(case["text"])
    assert refused.value.reason == case["reason"]
    assert " " * refused.value.position + "^" == case["mark"]


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("((a))", "a"),
        ("+(a)", "+a"),
        ('"a"."b"', "a.b"),
        ('kind:"mlmodel"', "kind:mlmodel"),
        ("a + 1", "a+1"),
        ("2", '"2"'),
        ("(a and b) or c", "a and b or c"),
        ("(a..b)+", "(a..b)+"),
        ("not (a or b)", "not (a or b)"),
    ],
)
def test_printing_leaves_out_what_is_not_needed(text: str, printed: str) -> None:
    assert str(parse_selection(text)) == printed


@pytest.mark.parametrize("text", ["(" * 60 + "a" + ")" * 60, "not " * 60 + "a", "roots(" * 60])
def test_what_is_nested_too_deep_is_refused(text: str) -> None:
    with pytest.raises(BadSelection, match="nested more than 50 deep"):
        parse_selection(text)


def test_a_long_chain_is_no_depth() -> None:
    text = " or ".join(["a"] * 5000)
    assert str(parse_selection(text)) == text


@pytest.mark.parametrize("hops", [(0, 0), (-1, 0), (1, -2)])
def test_a_walk_goes_somewhere(hops: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match=r"walk|negative"):
        Walk(Named(Pattern("a")), *hops)


def test_the_mark_stands_below_what_is_wide() -> None:
    assert point_at("表🙂x", 2) == "  表🙂x\n      ^"
    assert point_at("a\nb", 2) == "  a\\nb\n     ^"


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("shop.*", "shop.a.b", True),
        ("shop.*", "shop", False),
        ("s?op", "SHOP", True),
        ('"s?op"', "shop", False),
        ('shop."a.b"', 'shop."a.b"', True),
        ('shop."a b"', "shop.a b", True),
        ("shop.*", 'shop."a\nb"', True),
        ("a[b]", "a[b]", True),
    ],
)
def test_a_pattern_fits_or_not(pattern: str, text: str, fits: bool) -> None:  # noqa: FBT001  # a row
    assert Pattern(pattern).matches(text) is fits
