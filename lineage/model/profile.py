"""Profiles: what was measured of a column at one time."""

from dataclasses import dataclass

__all__ = ["Histogram", "Profile"]


@dataclass(frozen=True, slots=True)
class Histogram:
    """How many values lie between bounds.

    Attributes
    ----------
    bounds : tuple of float
        Rising; one more than there are counts.
    counts : tuple of float
        Of each bin, with its lower bound and without its upper one.
    """

    bounds: tuple[float, ...]
    counts: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What was measured of a column; None is what was not.

    Attributes
    ----------
    measured_at : int
        In milliseconds since 1970.
    values : float or None
        How many values it was measured on.
    null_share, distinct_share : float or None
        Of all values, from 0 to 1.
    mean, deviation : float or None
        The deviation is the standard one.
    histogram : Histogram or None
    is_partly_unread : bool
        Whether something was measured that is not understood.
    """

    measured_at: int
    values: float | None = None
    null_share: float | None = None
    distinct_share: float | None = None
    mean: float | None = None
    deviation: float | None = None
    histogram: Histogram | None = None
    is_partly_unread: bool = False
