import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage import fqn
from lineage.errors import MalformedName

part_names = st.text(min_size=1).filter(bool)
hostile = st.sampled_from(["a.b", 'say "hi"', '"', ".", "a/b", "a b", "line\nbreak", "😀", "::"])


@given(st.lists(part_names | hostile, min_size=1))
def test_any_names_can_be_joined_and_split_again(parts: list[str]) -> None:
    assert fqn.split(fqn.join(*parts)) == tuple(parts)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("svc", "db", "sch", "orders"), "svc.db.sch.orders"),
        (("svc", "dim.product"), 'svc."dim.product"'),
        (("svc", 'a"b'), 'svc."a""b"'),
        (("svc", "a b/c-D"), "svc.a b/c-D"),
    ],
)
def test_only_dots_and_quotes_are_quoted(parts: tuple[str, ...], expected: str) -> None:
    assert fqn.join(*parts) == expected


@pytest.mark.parametrize("text", ["", "a..b", ".a", "a.", 'a"b', '"a', '"a"b', 'a.""'])
def test_a_malformed_name_is_refused_and_named(text: str) -> None:
    with pytest.raises(MalformedName) as caught:
        fqn.split(text)
    assert caught.value.fqn == text
    assert repr(text) in str(caught.value)


def test_joining_nothing_is_refused() -> None:
    with pytest.raises(MalformedName):
        fqn.join()


def test_the_parent_of_a_single_part_is_none() -> None:
    assert fqn.parent("svc") is None
    assert fqn.parent('svc."a.b".c') == 'svc."a.b"'
