"""Drift of profiles: how far a column moved in what was measured of it."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from math import inf, log, log2, sqrt
from typing import NamedTuple

from lineage.model.profile import Histogram, Profile

__all__ = [
    "DriftFigure",
    "DriftLimits",
    "ProfileDrift",
    "jensen_shannon",
    "profile_drift",
    "stability_index",
]

_LEAST = 1e-4
"""The share that an empty bin counts for in the stability index, which has no value for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftLimits:
    """From which figure on a column has moved.

    Attributes
    ----------
    share : float
        By so much a share of nulls, or of distinct values, may differ.
    mean : float
        By so many standard deviations of then the mean may differ.
    deviation : float
        The standard deviations may differ by this factor.
    stability : float
        Of the population stability index; above 0.2 is commonly read as a significant shift.
    divergence : float
        Of the Jensen-Shannon distance, from 0 to 1.
    """

    share: float = 0.05
    mean: float = 0.5
    deviation: float = 1.5
    stability: float = 0.2
    divergence: float = 0.2


class DriftFigure(NamedTuple):
    """One figure, and the limit that it is compared with."""

    name: str
    value: float
    limit: float

    @property
    def has_moved(self) -> bool:
        """Whether it is beyond its limit."""
        return self.value > self.limit

    def __str__(self) -> str:
        place = "over" if self.has_moved else "within"
        return f"{self.name} {self.value:.3g} ({place} {self.limit:g})"


class ProfileDrift(NamedTuple):
    """How far a column moved.

    Attributes
    ----------
    figures : tuple of DriftFigure
        Empty where there are no two profiles to compare.
    notes : tuple of str
        What to bear in mind, or why nothing is known.
    """

    figures: tuple[DriftFigure, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether there are two profiles to compare."""
        return bool(self.figures)

    @property
    def has_moved(self) -> bool:
        """Whether any figure is beyond its limit."""
        return any(figure.has_moved for figure in self.figures)

    def __str__(self) -> str:
        return "; ".join((*map(str, self.figures), *self.notes))


def profile_drift(
    profiles: tuple[Profile, ...], moment: int, limits: DriftLimits | None = None
) -> ProfileDrift:
    """Compare the last profile up to a moment with the last one of all.

    Parameters
    ----------
    profiles : tuple of Profile
        Of one column.
    moment : int
        In milliseconds since 1970.
    limits : DriftLimits, optional
        Those of the house unless given.

    Examples
    --------
    >>> then, now = (Profile(measured_at=at, null_share=share) for at, share in ((1, 0), (9, 0.4)))
    >>> print(profile_drift((then, now), 5))
    null share 0.4 (over 0.05)
    >>> print(profile_drift((now,), 5))
    not known: no profile from then
    """
    ordered = sorted(profiles, key=lambda profile: profile.measured_at)
    then = [profile for profile in ordered if profile.measured_at <= moment]
    if not then:
        return ProfileDrift(notes=("not known: no profile from then",))
    before, after = then[-1], ordered[-1]
    if after is before:
        return ProfileDrift(notes=("not known: no profile since",))
    figures = tuple(_figures(before, after, limits or DriftLimits()))
    notes = tuple(_notes(before, after))
    return ProfileDrift(figures, notes if figures else ("not known: nothing to compare", *notes))


def _figures(then: Profile, now: Profile, limits: DriftLimits) -> Iterator[DriftFigure]:
    for name, old, new in (
        ("null share", then.null_share, now.null_share),
        ("distinct share", then.distinct_share, now.distinct_share),
    ):
        if old is not None and new is not None:
            yield DriftFigure(name, abs(new - old), limits.share)
    if then.mean is not None and now.mean is not None and then.deviation is not None:
        # Glass's delta: the deviation is that of then, which a model was trained on.
        moved = _ratio(abs(now.mean - then.mean), then.deviation, same=0.0)
        yield DriftFigure("mean", moved, limits.mean)
    if then.deviation is not None and now.deviation is not None:
        larger, smaller = sorted((then.deviation, now.deviation), reverse=True)
        yield DriftFigure("deviation", _ratio(larger, smaller, same=1.0), limits.deviation)
    if then.histogram is not None and now.histogram is not None:
        shares = _on_common_bounds(then.histogram, now.histogram)
        yield DriftFigure("PSI", stability_index(*shares), limits.stability)
        yield DriftFigure("Jensen-Shannon", jensen_shannon(*shares), limits.divergence)


def _ratio(one: float, other: float, *, same: float) -> float:
    """Divide, where a column may have had one value only: whatever differs then is beyond all."""
    if other:
        return one / other
    return inf if one else same


def _notes(then: Profile, now: Profile) -> Iterator[str]:
    for profile, when in ((then, "then"), (now, "now")):
        if profile.is_partly_unread:
            yield f"the histogram of {when} is not understood"
    if then.values != now.values:
        counts = ("unknown" if one is None else f"{one:,.0f}" for one in (then.values, now.values))
        yield f"measured on {' values then, on '.join(counts)} now"
    if then.histogram and now.histogram and then.histogram.bounds != now.histogram.bounds:
        yield "the bounds of the histograms differ: brought to common ones, values spread evenly"


def stability_index(then: tuple[float, ...], now: tuple[float, ...]) -> float:
    """Return the population stability index of two shares.

    The sum of (q - p) ln(q / p) over all bins (Siddiqi, Credit Risk Scorecards, 2006); it is the
    sum of both Kullback-Leibler divergences. An empty bin counts for 0.0001.

    Examples
    --------
    >>> round(stability_index((0.5, 0.5), (0.25, 0.75)), 4)
    0.2747
    """
    pairs = ((max(p, _LEAST), max(q, _LEAST)) for p, q in zip(then, now, strict=True))
    return sum((q - p) * log(q / p) for p, q in pairs)


def jensen_shannon(then: tuple[float, ...], now: tuple[float, ...]) -> float:
    """Return the Jensen-Shannon distance of two shares: 0 where they are equal, 1 at most.

    The root of half the sum of the Kullback-Leibler divergences, base 2, of each from their mean
    (Lin 1991; Endres and Schindelin 2003); as `scipy.spatial.distance.jensenshannon(p, q, 2)`.

    Examples
    --------
    >>> round(jensen_shannon((0.5, 0.5), (0.25, 0.75)), 4), jensen_shannon((1, 0), (0, 1))
    (0.2209, 1.0)
    """
    middle = [(p + q) / 2 for p, q in zip(then, now, strict=True)]
    divergence = sum(
        share * log2(share / mean)
        for shares in (then, now)
        for share, mean in zip(shares, middle, strict=True)
        if share > 0
    )
    return sqrt(max(divergence, 0.0) / 2)


def _on_common_bounds(
    one: Histogram, other: Histogram
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    bounds = sorted({*one.bounds, *other.bounds})
    return _shares(one, bounds), _shares(other, bounds)


def _shares(histogram: Histogram, bounds: list[float]) -> tuple[float, ...]:
    """Spread each bin evenly over the finer ones that it consists of; the sum is 1."""
    counts = [0.0] * (len(bounds) - 1)
    places = [bisect_left(bounds, bound) for bound in histogram.bounds]
    for count, first, end in zip(histogram.counts, places, places[1:], strict=False):
        width = bounds[end] - bounds[first]
        for place in range(first, end):
            counts[place] += count * (bounds[place + 1] - bounds[place]) / width
    total = sum(counts)
    return tuple(count / total for count in counts)
