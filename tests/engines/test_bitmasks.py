from hypothesis import given
from hypothesis import strategies as st

from lineage.engines.bitmasks import WIDTH, allowed, layouts

strengths = st.sets(st.integers(1, 4))


@given(st.integers(0, 60), st.integers(0, 10), strengths)
def test_every_tag_has_a_bit_for_each_strength_and_every_gap_one(
    tags: int, gaps: int, present: set[int]
) -> None:
    passes = list(layouts(range(tags), range(tags, tags + gaps), present))
    levels = present | {4}
    found = [(bit.label, bit.strength) for bits in passes for bit in bits]
    expected = [(tag, level) for tag in range(tags) for level in levels]
    assert sorted(found) == sorted(expected + [(tags + gap, min(levels)) for gap in range(gaps)])


@given(st.integers(0, 60), strengths)
def test_bits_of_a_pass_are_apart_and_fit_into_one_number(tags: int, present: set[int]) -> None:
    for bits in layouts(range(tags), (), present):
        assert sum(bit.mask for bit in bits) == (1 << len(bits)) - 1
        assert len(bits) <= WIDTH


@given(st.integers(1, 60), strengths)
def test_all_bits_of_a_tag_are_in_one_pass(tags: int, present: set[int]) -> None:
    passes = [{bit.label for bit in bits} for bits in layouts(range(tags), (), present)]
    assert sum(map(len, passes)) == tags


@given(strengths, st.integers(1, 4))
def test_an_arc_lets_pass_what_asks_for_no_more_than_it_proves(
    present: set[int], strength: int
) -> None:
    (bits,) = layouts([0], [], present)
    for bit in bits:
        assert bool(allowed(bits, strength) & bit.mask) == (bit.strength <= strength)
