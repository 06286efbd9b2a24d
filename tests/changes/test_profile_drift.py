from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage.changes.profile_drift import (
    DriftLimits,
    jensen_shannon,
    profile_drift,
    stability_index,
)
from lineage.model.profile import Histogram, Profile

SHARES = st.lists(st.integers(0, 100), min_size=4, max_size=4).filter(any)


def shares(counts: list[int]) -> tuple[float, ...]:
    return tuple(count / sum(counts) for count in counts)


@given(SHARES, SHARES)
def test_distances_are_symmetric_and_nothing_from_a_thing_to_itself(
    left: list[int], right: list[int]
) -> None:
    one, other = shares(left), shares(right)
    for distance in (jensen_shannon, stability_index):
        assert distance(one, one) == 0
        assert isclose(distance(one, other), distance(other, one), abs_tol=1e-9)
    assert 0 <= jensen_shannon(one, other) <= 1 + 1e-9


@given(SHARES, SHARES)
def test_the_distance_is_that_of_scipy(left: list[int], right: list[int]) -> None:
    distance = pytest.importorskip("scipy.spatial.distance", reason="scipy is not installed")
    one, other = shares(left), shares(right)
    expected = distance.jensenshannon(one, other, 2)
    assert isclose(jensen_shannon(one, other), expected, abs_tol=1e-6)


def test_each_figure_is_compared_with_its_limit() -> None:
    then = Profile(measured_at=1, values=10, null_share=0.1, mean=5.0, deviation=2.0)
    now = Profile(measured_at=9, values=10, null_share=0.12, mean=7.0, deviation=2.5)
    found = {figure.name: figure for figure in profile_drift((now, then), 5).figures}
    assert isclose(found["null share"].value, 0.02)
    assert found["mean"].value == 1.0
    assert found["mean"].has_moved
    assert found["deviation"].value == 1.25
    assert not found["deviation"].has_moved
    assert not profile_drift((then, now), 5, DriftLimits(mean=1.0)).has_moved


def test_histograms_are_brought_to_common_bounds() -> None:
    coarse, fine = Histogram((0, 10), (8,)), Histogram((0, 5, 10), (4, 4))
    then, now = (
        Profile(measured_at=at, values=8, histogram=item) for at, item in ((1, coarse), (9, fine))
    )
    found = profile_drift((then, now), 5)
    assert [figure.value for figure in found.figures] == [0, 0]
    assert "brought to common ones" in str(found)
    moved = Profile(measured_at=9, values=3, histogram=Histogram((20, 30), (3,)))
    found = profile_drift((then, moved), 5)
    assert found.figures[1].value == 1
    assert found.has_moved
    assert "measured on 8 values then, on 3 now" in str(found)


@pytest.mark.parametrize(
    ("profiles", "reason"),
    [
        ((), "no profile from then"),
        ((Profile(measured_at=9),), "no profile from then"),
        ((Profile(measured_at=1),), "no profile since"),
        ((Profile(measured_at=1), Profile(measured_at=9)), "nothing to compare"),
    ],
)
def test_what_cannot_be_compared_is_not_known(profiles: tuple[Profile, ...], reason: str) -> None:
    found = profile_drift(profiles, 5)
    assert str(found) == f"not known: {reason}"
    assert not found.has_moved


def test_a_column_of_one_value_moves_with_that_value() -> None:
    then, other, wider = (
        Profile(measured_at=at, mean=mean, deviation=deviation)
        for at, mean, deviation in ((1, 5.0, 0.0), (9, 6.0, 0.0), (9, 5.0, 2.0))
    )
    moved = {figure.name: figure.has_moved for figure in profile_drift((then, other), 5).figures}
    assert moved == {"mean": True, "deviation": False}
    moved = {figure.name: figure.has_moved for figure in profile_drift((then, wider), 5).figures}
    assert moved == {"mean": False, "deviation": True}


def test_a_histogram_that_is_not_understood_is_said() -> None:
    then = Profile(measured_at=1, null_share=0.1)
    now = Profile(measured_at=9, null_share=0.1, is_partly_unread=True)
    assert "the histogram of now is not understood" in str(profile_drift((then, now), 5))
