"""Patterns mean what `fnmatch` means by them, and take no longer for many stars."""

from fnmatch import fnmatchcase
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage.queries.selection.pattern import Pattern


@given(st.text("ab*?", min_size=1, max_size=8), st.text("ab", max_size=12))
def test_stars_mean_what_they_mean_in_names_of_files(pattern: str, text: str) -> None:
    assert Pattern(pattern).matches(text) is fnmatchcase(text, pattern)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("*a*a*a*a*a*a*b", "a" * 2_000),
        ("*a" * 200 + "*b", "a" * 5_000),
        ("*" * 300 + "b", "a" * 5_000),
        ("*?*?*?*?*?*?b", "a" * 2_000),
        ("*.a*.*a*.*.b", "a." * 2_000),
    ],
)
def test_many_stars_on_a_long_name_end_at_once(pattern: str, text: str) -> None:
    started = perf_counter()
    assert not Pattern(pattern).matches(text)
    assert perf_counter() - started < 5
